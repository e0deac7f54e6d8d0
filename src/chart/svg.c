#include "chart/svg.h"

#include "text/utf8.h"

#include <inttypes.h>
#include <math.h>

enum { TEXT_MAX = 1 << 16 };

void jd_html_text(jd_buf *out, jd_str s)
{
    JD_CLEANUP(jd_buf_release) jd_buf clean = JD_BUF_INIT(TEXT_MAX);
    (void)jd_utf8_clean(&clean, jd_utf8_head(s, TEXT_MAX / 4), JD_CLEAN_LINES);
    for (size_t i = 0; i < clean.n; i++) {
        char c = clean.p[i];
        if (c == '<')
            jd_buf_addz(out, "&lt;");
        else if (c == '>')
            jd_buf_addz(out, "&gt;");
        else if (c == '&')
            jd_buf_addz(out, "&amp;");
        else if (c == '"')
            jd_buf_addz(out, "&quot;");
        else if (c == '\'')
            jd_buf_addz(out, "&#39;");
        else
            jd_buf_addc(out, c);
    }
}

void jd_html_bdi(jd_buf *out, jd_str s)
{
    jd_buf_addz(out, "<bdi>");
    jd_html_text(out, s);
    jd_buf_addz(out, "</bdi>");
}

void jd_svg_isolate(jd_buf *out, jd_str s)
{
    jd_buf_addz(out, "\xe2\x81\xa8"); /* first strong isolate … */
    jd_html_text(out, s);
    jd_buf_addz(out, "\xe2\x81\xa9"); /* … and its end */
}

void jd_svg_num(jd_buf *out, double v)
{
    int64_t cents = llround(v * 100);
    if (cents < 0) {
        jd_buf_addc(out, '-');
        cents = -cents;
    }
    jd_buf_addi(out, cents / 100);
    if (cents % 10)
        jd_buf_addf(out, ".%02d", (int)(cents % 100));
    else if (cents % 100)
        jd_buf_addf(out, ".%d", (int)(cents % 100 / 10));
}

void jd_html_count(jd_buf *out, uint64_t n)
{
    if (n >= 1000) {
        jd_html_count(out, n / 1000);
        jd_buf_addf(out, ",%03d", (int)(n % 1000));
    } else {
        jd_buf_addu(out, n);
    }
}

void jd_svg_open(jd_buf *out, const char *id)
{
    jd_buf_addf(out,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"h-%s p-%s\" "
                "data-chart=\"%s\">\n",
                JD_CHART_W, JD_CHART_H, id, id, id);
}

void jd_svg_close(jd_buf *out)
{
    jd_buf_addz(out, "</svg>\n");
}

static void attribute(jd_buf *out, const char *name, double v)
{
    jd_buf_addf(out, " %s=\"", name);
    jd_svg_num(out, v);
    jd_buf_addc(out, '"');
}

void jd_svg_line(jd_buf *out, const char *css, double x1, double y1, double x2, double y2)
{
    jd_buf_addf(out, "<line class=\"%s\"", css);
    attribute(out, "x1", x1);
    attribute(out, "y1", y1);
    attribute(out, "x2", x2);
    attribute(out, "y2", y2);
    jd_buf_addz(out, "/>\n");
}

void jd_svg_text(jd_buf *out, const char *css, const char *anchor, double x, double y, jd_str s)
{
    jd_buf_addf(out, "<text class=\"%s\" text-anchor=\"%s\"", css, anchor);
    attribute(out, "x", x);
    attribute(out, "y", y);
    jd_buf_addc(out, '>');
    jd_html_text(out, s);
    jd_buf_addz(out, "</text>\n");
}

void jd_svg_empty(jd_buf *out, const char *words)
{
    jd_svg_line(out, "axis", JD_CHART_LEFT, JD_CHART_BOTTOM, JD_CHART_RIGHT, JD_CHART_BOTTOM);
    jd_svg_text(out, "none", "middle", (JD_CHART_LEFT + JD_CHART_RIGHT) / 2.0,
                (JD_CHART_TOP + JD_CHART_BOTTOM) / 2.0, jd_str_of(words));
}
