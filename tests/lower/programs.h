// programs.h: small models built by hand, forward and backward, for the tests of lowering.
#ifndef NETC_TESTS_PROGRAMS_H
#define NETC_TESTS_PROGRAMS_H

#include "elaborate/elaborate.h"

typedef struct Sample {
    const char *name;
    Model *(*make)(Compile *c);
} Sample;

extern const Sample samples[];
extern const int sample_count;

#endif
