// svg.h: pictures that are read on paper, on a light and on a dark screen, and by people who do not
// see colours.
//
// A picture has no background; what it draws follows the reader's colour scheme through the classes
// of its style sheet. Series have the colours of Okabe and Ito ("Color Universal Design", 2008) and
// differ in dashes and markers as well. The bytes are a function of what is drawn: no dates, no
// random identifiers.
#ifndef NETC_TEACH_SVG_H
#define NETC_TEACH_SVG_H

#include "teach/table.h"

enum { SVG_SERIES = 7 }; // colours; the eighth series has the first again, with another marker

// Opens a picture of width x height pixels; `about` is what it shows, for those who cannot see it.
void svg_open(Text *out, double width, double height, const char *title, const char *about);
void svg_close(Text *out);

// class: "text", "small", "title" ...; anchor: "start", "middle" or "end".
void svg_text(Text *out, double x, double y, const char *class, const char *anchor,
              const char *text);
void svg_line(Text *out, double x1, double y1, double x2, double y2, const char *class);
// The colour of a series, "c0" .. "c6".
const char *svg_colour(int series);
// Its dashes, as the value of stroke-dasharray; "none" for a full line.
const char *svg_dashes(int series);
// Its marker, about 9 pixels wide; hollow or filled.
void svg_marker(Text *out, double x, double y, int series, bool is_filled);

// About the width of a text in pixels at a font size: 0.56 em a character.
double svg_text_width(const char *text, double size);

#endif
