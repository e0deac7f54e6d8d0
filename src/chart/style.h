/* style.h: the report's style sheet: light and dark, wide and narrow. Its colours stay apart for
 * the colour-blind (blue, orange, grey, purple), and from their ground by 3:1 at least. */
#ifndef JD_CHART_STYLE_H
#define JD_CHART_STYLE_H

extern const char jd_report_style[];

#endif
