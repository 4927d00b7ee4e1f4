// golden.h: compares a text with a file of the folder GOLDEN, or rewrites the file when the test
// runs with --bless.
#ifndef NETC_TESTS_LOOP_GOLDEN_H
#define NETC_TESTS_LOOP_GOLDEN_H

#include "support/text.h"

extern bool golden_bless;
// Fails the running test if they differ.
void golden_compare(const char *folder, const char *file, const Text *text);

#endif
