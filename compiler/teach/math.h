// math.h: equations as mathematics: MathML for pages, LaTeX for print and for Markdown.
//
// The printer goes once over an expression and knows both notations at the leaves only. A tensor
// `a_h1` is printed a with the subscript h1; the gradient of w5 as a partial derivative of the
// loss; with `numbers` set every read is replaced by its value and short sums are written out.
#ifndef NETC_TEACH_MATH_H
#define NETC_TEACH_MATH_H

#include "teach/numbers.h"

typedef enum MathStyle { MATH_ML, MATH_LATEX } MathStyle;

typedef struct MathName {
    const Index *index;
    const char *name;
} MathName;

// The names of the indices of one derivation step: two indices of one name are told apart by
// primes.
typedef struct MathNames {
    LIST(MathName) name;
} MathNames;

typedef struct Math {
    MathStyle style;
    const Program *program;
    Text text;
    MathNames *names;
    Numbers *numbers; // NULL: letters
    // Of numbers that change under the reader's eyes: by tensor id the tensor's number on the page, or
    // -1. Then `numbers` has indices but no values: a read becomes an empty <mn data-t data-e> that a
    // script fills, and what depends on values stays open. NULL: the numbers are those of `numbers`.
    const int *live;
    bool in_rows;       // for page_formulas: a long sum may go on in further rows
    const Expr *broken; // the sum that does, MATH_BREAK before each term but the first
} Math;

#define MATH_BREAK '\036'

Math math_new(MathStyle style, const Program *p, MathNames *names);
// The formula as markup, without delimiters.
const char *math_done(Math *m);

void math_expr(Math *m, const Expr *e);
void math_operator(Math *m, const char *sign); // "=", "+", "*", "->"; others as they are
void math_number(Math *m, double value);       // six significant digits
void math_words(Math *m, const char *words);   // upright
// A tensor with its subscripts; NULL: without.
void math_tensor(Math *m, const Tensor *t, const Expr *const *subscript);
// The partial derivative of `of` with respect to `by`, each a read or a tensor's name.
void math_partial(Math *m, const Tensor *of, const Expr *const *of_subscript, const Tensor *by,
                  const Expr *const *by_subscript);
// The same of two expressions.
void math_derivative(Math *m, const Expr *of, const Expr *by);
// d loss / d t[subscript].
void math_gradient(Math *m, const Tensor *t, const Expr *const *subscript);
// The left side of an equation; the right side with its sign, `value` for the equation's own, and
// how far indices run whose range no axis tells.
void math_left(Math *m, const Equation *q);
void math_right(Math *m, const Equation *q, const Expr *value);
void math_equals(Math *m, const Expr *e); // "= e"

// What a person calls the loss: "E_total", also where the program keeps its mean under a name of
// its own.
const Tensor *math_loss(const Program *p);

// %.6g, and 0 for what rounding left of it.
const char *math_digits(Arena *a, double value);

// Text safe in HTML, in LaTeX.
const char *html_text(Arena *a, const char *text);
const char *latex_text(Arena *a, const char *text);

#endif
