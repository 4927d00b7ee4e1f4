// command_explain.c: what the code of a diagnostic means.
#include "driver/command.h"

static int list_codes(void) {
#define CODE(name, number, title, explanation) printf("E%04d  %s\n", number, title);
#include "support/codes.def"
#undef CODE
    return EXIT_FINE;
}

static int run(const Arguments *arguments) {
    if (!arguments->positional.count) return list_codes();
    const char *text = arguments->positional.item[0];
    Code code = code_parse(text);
    if (code == CODE_NONE)
        return usage_error(&command_explain, "there is no code %s; `netc explain` lists them",
                           text);
    printf("E%04d: %s\n\n%s\n", (int)code, code_title(code), code_explanation(code));
    return EXIT_FINE;
}

const Command command_explain = {
    .name = "explain",
    .arguments = "[CODE]",
    .summary = "Say what the code of an error means, for example E0204",
    .least = 0,
    .most = 1,
    .run = run,
};
