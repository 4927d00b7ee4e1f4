// math_marks.h: what math.c and math_expr.c share: marks of the notation that is being written.
#ifndef NETC_TEACH_MATH_MARKS_H
#define NETC_TEACH_MATH_MARKS_H

#include "teach/math.h"

typedef enum Strength { WEAKEST, CHOICE, LOGIC, COMPARISON, SUM, PRODUCT, FACTOR, POWER } Strength;

bool math_is_ml(const Math *m);
void math_add(Math *m, const char *ml, const char *latex);    // one or the other
void math_identifier(Math *m, const char *word, size_t size); // a letter or a word
void math_plain_number(Math *m, const char *digits);          // "-1.5e-05"
void math_open_row(Math *m);
void math_close_row(Math *m);
void math_fraction(Math *m); // then the numerator, math_over, the denominator, math_fraction_end
void math_over(Math *m);
void math_fraction_end(Math *m);
void math_index(Math *m, const Index *index);
void math_affine(Math *m, Affine a);
// Whether the index stands alone on an axis of its length, so that the shapes say how far it runs.
bool math_range_shows(const Expr *e, const Index *index);
void math_limit(Math *m, const Index *index); // "< 3"
// In brackets where it binds less than `outer`.
void math_walk(Math *m, const Expr *e, Strength outer);

#endif
