// process.h: running another program, always by its argument list, never through a shell.
#ifndef NETC_DRIVER_PROCESS_H
#define NETC_DRIVER_PROCESS_H

#include "support/text.h"

typedef struct Words {
    LIST(const char *) word;
} Words;

// Splits at spaces: "-O2 -g" becomes two words.
void words_add_text(Arena *a, Words *w, const char *text);
void words_add(Arena *a, Words *w, const char *word);

// Runs words[0] with the rest as arguments and waits. Its stdout and stderr are added to `output`
// if that is not NULL, else they go where ours go. Returns its exit status; 127 if it cannot be
// started; 128 + n if a signal n ended it.
int process_run(Arena *a, const Words *words, Text *output);

#endif
