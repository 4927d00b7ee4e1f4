// figure.h: figures as files: our own SVG, or what gnuplot and graphviz make where they are
// installed.
#ifndef NETC_DRIVER_FIGURE_H
#define NETC_DRIVER_FIGURE_H

#include "driver/command.h"
#include "teach/chart.h"

// Whether `path` ends in .svg or .png. False after saying so.
bool figure_check(const Command *command, const char *path);

// Writes the chart to `path`. PNG, and SVG if `with_gnuplot`, through gnuplot. Returns an exit
// code.
int figure_write(const Chart *c, const char *path, bool with_gnuplot);

// Runs `program` on the text `script`, put into a file whose name follows the arguments, and copies
// what it wrote into `output` of the same private folder to `path`. `package`: Debian's, named
// where the program is missing. Returns an exit code.
typedef struct FigureTool {
    const char *program, *package;
    const char *argument[5]; // NULL-terminated; "%" stands for the output
    const char *output;
} FigureTool;
int figure_tool_run(Arena *a, const FigureTool *tool, const char *folder, const char *script,
                    const char *path);

#endif
