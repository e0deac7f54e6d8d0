#include "chart/axes.h"

enum { COUNTS = 5, TIMES = 7, EDGE = 24 };

static void across(jd_buf *out, const jd_ticks *t, jd_scale *y, bool log)
{
    *y = (jd_scale){.lo   = t->at[0],
                    .hi   = t->at[t->n - 1],
                    .from = JD_CHART_BOTTOM,
                    .to   = JD_CHART_TOP,
                    .log  = log};
    for (unsigned i = 0; i < t->n; i++) {
        double at = jd_scale_at(y, t->at[i]);
        jd_svg_line(out, "grid", JD_CHART_LEFT, at, JD_CHART_RIGHT, at);
        jd_svg_text(out, log && i % 2 ? "tick odd" : "tick", "end", JD_CHART_LEFT - 8, at + 4,
                    jd_str_of(t->text[i]));
    }
}

void jd_axis_count(jd_buf *out, jd_scale *y, double most)
{
    jd_ticks t;
    jd_ticks_count(&t, most, COUNTS);
    across(out, &t, y, false);
}

void jd_axis_duration(jd_buf *out, jd_scale *y, double least, double most)
{
    jd_ticks t;
    jd_ticks_duration(&t, least, most);
    across(out, &t, y, true);
}

void jd_axis_time(jd_buf *out, jd_scale *x, int64_t from, int64_t to)
{
    jd_ticks t;
    *x = (jd_scale){
        .lo = (double)from, .hi = (double)to, .from = JD_CHART_LEFT, .to = JD_CHART_RIGHT};
    jd_ticks_time(&t, from, to, TIMES);
    for (unsigned i = 0; i < t.n; i++) {
        double at = jd_scale_at(x, t.at[i]);
        jd_svg_line(out, "axis", at, JD_CHART_BOTTOM, at, JD_CHART_BOTTOM + 5);
        if (at < JD_CHART_RIGHT - EDGE) /* where its label would stick out */
            jd_svg_text(out, i % 2 ? "tick odd" : "tick", "middle", at, JD_CHART_BOTTOM + 22,
                        jd_str_of(t.text[i]));
    }
}

void jd_axis_base(jd_buf *out)
{
    jd_svg_line(out, "axis", JD_CHART_LEFT, JD_CHART_BOTTOM, JD_CHART_RIGHT, JD_CHART_BOTTOM);
}
