// svg.c: see svg.h.
#include "teach/svg.h"

#include <string.h>

// Blue, vermilion, green, purple, orange, sky, and the colour of the text; on dark paper the same
// hues, lighter.
static const char *const light[SVG_SERIES] = {"#0072B2", "#D55E00", "#009E73", "#B0548A",
                                              "#C98500", "#2E93CF", "#222222"};
static const char *const dark[SVG_SERIES] = {"#4DA9E0", "#F5803E", "#2CC79A", "#E59BC4",
                                             "#F2B53A", "#8CCBF2", "#EEEEEE"};

static void add_colours(Text *out, const char *const colour[SVG_SERIES], const char *paper,
                        const char *ink, const char *faint) {
    text_printf(out, ".text,.small,.title,.strong{fill:%s}\n", ink);
    text_printf(out, ".axis,.edge{stroke:%s}.grid{stroke:%s}.head{fill:%s}\n", ink, faint, ink);
    text_printf(out, ".node{stroke:%s}.frame{stroke:%s}.halo{stroke:%s}\n", ink, faint, paper);
    for (int i = 0; i < SVG_SERIES; i++)
        text_printf(out, ".c%d{stroke:%s}.f%d{fill:%s}\n", i, colour[i], i, colour[i]);
}

void svg_open(Text *out, double width, double height, const char *title, const char *about) {
    text_printf(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                "viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n<title>",
                width, height, width, height);
    xml_add(out, title);
    text_add(out, "</title>\n<desc>");
    xml_add(out, about);
    text_add(out, "</desc>\n<style>\n"
                  "svg:root{color-scheme:light dark}\n"
                  "text{font-family:Helvetica,Arial,sans-serif;font-size:13px;stroke:none}\n"
                  ".title{font-size:17px;font-weight:bold}.strong{font-weight:bold}"
                  ".small{font-size:11px}"
                  "text.halo{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}\n"
                  ".axis,.node,.edge{stroke-width:1.2;fill:none}.grid{stroke-width:1}\n"
                  ".frame{stroke-width:1.2;fill:none}.edge{opacity:.75}\n"
                  ".curve{stroke-width:2;fill:none;stroke-linejoin:round}"
                  ".mark{stroke-width:1.6}.hollow{fill:none}\n");
    add_colours(out, light, "#ffffff", "#222222", "#d0d0d0");
    text_add(out, "@media (prefers-color-scheme:dark){\n");
    add_colours(out, dark, "#161616", "#eeeeee", "#555555");
    text_add(out, "}\n</style>\n");
}

void svg_close(Text *out) {
    text_add(out, "</svg>\n");
}

void svg_text(Text *out, double x, double y, const char *class, const char *anchor,
              const char *text) {
    text_printf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\" text-anchor=\"%s\">", x, y, class,
                anchor);
    xml_add(out, text);
    text_add(out, "</text>\n");
}

void svg_line(Text *out, double x1, double y1, double x2, double y2, const char *class) {
    text_printf(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n", x1,
                y1, x2, y2, class);
}

const char *svg_colour(int series) {
    static const char *const name[SVG_SERIES] = {"c0", "c1", "c2", "c3", "c4", "c5", "c6"};
    return name[series % SVG_SERIES];
}

const char *svg_dashes(int series) {
    static const char *const dashes[] = {"none", "8 3", "2 3", "10 3 2 3", "5 2", "12 3 2 3 2 3"};
    return dashes[series % 6];
}

// Circle, square, triangle, diamond, cross, point-down triangle, plus: around (0, 0).
void svg_marker(Text *out, double x, double y, int series, bool is_filled) {
    static const char *const shape[SVG_SERIES] = {"M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
                                                  "M-3.6 -3.6h7.2v7.2h-7.2z",
                                                  "M0 -4.8L4.4 3.2H-4.4z",
                                                  "M0 -5L4.4 0L0 5L-4.4 0z",
                                                  "M-3.8 -3.8L3.8 3.8M-3.8 3.8L3.8 -3.8",
                                                  "M0 4.8L4.4 -3.2H-4.4z",
                                                  "M0 -4.8V4.8M-4.8 0H4.8"};
    int k = series % SVG_SERIES, form = (series + 2 * (series / SVG_SERIES)) % SVG_SERIES;
    text_printf(out, "<path d=\"%s\" transform=\"translate(%.1f %.1f)\" class=\"mark c%d ",
                shape[form], x, y, k);
    if (is_filled)
        text_printf(out, "f%d\"/>\n", k);
    else
        text_add(out, "hollow\"/>\n");
}

double svg_text_width(const char *text, double size) {
    int count = 0;
    for (; *text; text++) count += ((unsigned char)*text & 0xc0) != 0x80;
    return 0.56 * size * count;
}
