/* svg.h: pieces of SVG and HTML, and the frame that every chart stands in.
 *
 * - Text is cleaned (no control characters, no bad UTF-8) and escaped for elements and attributes
 *   alike; nothing else of what comes from Jira reaches a page.
 * - Charts have fixed units and no colours of their own: the page's style sheet says how large and
 *   in which colours they are shown. */
#ifndef JD_CHART_SVG_H
#define JD_CHART_SVG_H

#include "base/buf.h"

/* The room of a chart, and what is left of it for the drawing. */
enum {
    JD_CHART_W      = 640,
    JD_CHART_H      = 320,
    JD_CHART_LEFT   = 52,
    JD_CHART_RIGHT  = JD_CHART_W - 14,
    JD_CHART_TOP    = 16,
    JD_CHART_BOTTOM = JD_CHART_H - 38
};

void jd_html_text(jd_buf *out, jd_str s);
/* Text that may run from right to left, kept apart from what stands around it. */
void jd_html_bdi(jd_buf *out, jd_str s);
/* The same within a <title>, where there are no elements. */
void jd_svg_isolate(jd_buf *out, jd_str s);

/* At most two decimals, none of them a 0 at the end. */
void jd_svg_num(jd_buf *out, double v);
/* "12,345" */
void jd_html_count(jd_buf *out, uint64_t n);

/* <svg>, named by the elements "h-ID" and "p-ID" of the page. */
void jd_svg_open(jd_buf *out, const char *id);
void jd_svg_close(jd_buf *out);
void jd_svg_line(jd_buf *out, const char *css, double x1, double y1, double x2, double y2);
/* anchor: "start", "middle" or "end". */
void jd_svg_text(jd_buf *out, const char *css, const char *anchor, double x, double y, jd_str s);
/* Where there is nothing to be drawn. */
void jd_svg_empty(jd_buf *out, const char *words);

#endif
