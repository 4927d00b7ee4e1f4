// prelude.h: the helper functions of generated C.
//
// The folder loop/prelude/ holds C that the interpreter compiles and the emitter prints. A text is
// cut at empty lines; each piece defines one name and is printed, in the order of the files, if the
// functions need it or if a printed piece does. So a helper is added by writing it, and nowhere
// else.
#ifndef NETC_EMIT_PRELUDE_H
#define NETC_EMIT_PRELUDE_H

#include "emit/writer.h"

// All files of loop/prelude/, one after the other; embedded by CMake.
extern const char emit_prelude_text[];

typedef LIST(const char *) NameList;

// Prints the pieces that define `needed`, and those that they use.
void prelude_print(Writer *w, const NameList *needed);

#endif
