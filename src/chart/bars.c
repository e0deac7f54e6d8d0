/* Throughput by week, and open issues by age: bars. */
#include "chart/axes.h"
#include "chart/report.h"
#include "text/date.h"

#include <math.h>

enum { WEEK_DAYS = 7 };
#define DAY_MS  86400000
#define WEEK_MS (WEEK_DAYS * (int64_t)DAY_MS)
#define DAY     86400.0

static void bar(jd_buf *out, const char *css, double x, double w, double y, double bottom)
{
    jd_buf_addf(out, "<rect class=\"%s\" x=\"", css);
    jd_svg_num(out, x);
    jd_buf_addz(out, "\" y=\"");
    jd_svg_num(out, y);
    jd_buf_addz(out, "\" width=\"");
    jd_svg_num(out, w);
    jd_buf_addz(out, "\" height=\"");
    jd_svg_num(out, bottom - y);
    jd_buf_addz(out, "\">");
}

static uint64_t busiest_week(const jd_report *r)
{
    uint64_t most = 0;
    for (size_t i = 0; i < r->nweek; i++)
        most = r->week[i].n > most ? r->week[i].n : most;
    return most;
}

static void average_line(jd_buf *out, const jd_report *r, const jd_scale *y)
{
    JD_CLEANUP(jd_buf_release) jd_buf text = JD_BUF_INIT(64);
    double mean = (double)r->resolved / ((double)(r->to - r->from) / (double)WEEK_MS);
    double at   = jd_scale_at(y, mean);
    jd_buf_addf(&text, "%.1f a week", mean);
    jd_svg_line(out, "mean", JD_CHART_LEFT, at, JD_CHART_RIGHT, at);
    jd_svg_text(out, "said halo", "end", JD_CHART_RIGHT, at - 6, jd_buf_view(&text));
}

void jd_chart_throughput(jd_buf *out, const jd_report *r)
{
    uint64_t most = busiest_week(r);
    jd_scale x, y;
    jd_svg_open(out, "throughput");
    if (!most) {
        jd_svg_empty(out, "Nothing was resolved in this period.");
        jd_svg_close(out);
        return;
    }
    jd_axis_count(out, &y, (double)most);
    jd_axis_time(out, &x, r->from, r->to);
    double wide = (x.to - x.from) * (double)WEEK_MS / (double)(r->to - r->from);
    double gap  = wide > 6 ? 2 : wide > 3 ? 1 : 0;
    for (size_t i = 0; i < r->nweek; i++) {
        const jd_report_week *w = &r->week[i];
        char                  day[JD_TIME_MAX];
        if (!w->n)
            continue;
        double from = jd_scale_at(&x, (double)w->day),
               to   = jd_scale_at(&x, (double)(w->day + WEEK_MS));
        bar(out, "bar", from + gap / 2, fmax(to - from - gap, 0.5), jd_scale_at(&y, (double)w->n),
            JD_CHART_BOTTOM);
        jd_buf_addf(out, "<title>Week of %s: ", jd_time_day(w->day, day));
        jd_html_count(out, w->n);
        jd_buf_addz(out, " resolved</title></rect>\n");
    }
    average_line(out, r, &y);
    jd_axis_base(out);
    jd_svg_close(out);
}

/* -- ages ------------------------------------------------------------------------------------ */

const char *const jd_age_names[JD_AGES] = {"<1 wk",   "1–4 wk", "1–3 mo", "3–6 mo",
                                           "6–12 mo", "1–2 yr", "2–5 yr", ">5 yr"};

unsigned jd_age_class(double seconds)
{
    static const double ends[JD_AGES - 1] = {7, 28, 91, 182, 365, 730, 1826};
    unsigned            k                 = 0;
    while (k < JD_AGES - 1 && seconds >= ends[k] * DAY)
        k++;
    return k;
}

static void age_column(jd_buf *out, const uint64_t n[JD_NSTAND], unsigned k, const jd_scale *y)
{
    static const char *const css[] = {
#define X(id, css, name) css,
        JD_STANDS(X)
#undef X
    };
    static const char *const names[] = {
#define X(id, css, name) name,
        JD_STANDS(X)
#undef X
    };
    double   wide = (double)(JD_CHART_RIGHT - JD_CHART_LEFT) / JD_AGES;
    double   x    = JD_CHART_LEFT + wide * k;
    uint64_t sum  = 0;
    for (int s = 0; s < JD_NSTAND; s++) {
        if (!n[s])
            continue;
        bar(out, css[s], x + wide * 0.16, wide * 0.68, jd_scale_at(y, (double)(sum + n[s])),
            jd_scale_at(y, (double)sum));
        jd_buf_addz(out, "<title>");
        jd_html_text(out, jd_str_of(jd_age_names[k]));
        jd_buf_addf(out, ", %s: ", names[s]);
        jd_html_count(out, n[s]);
        jd_buf_addz(out, "</title></rect>\n");
        sum += n[s];
    }
    if (sum) {
        JD_CLEANUP(jd_buf_release) jd_buf text = JD_BUF_INIT(64);
        jd_html_count(&text, sum);
        jd_svg_text(out, "said", "middle", x + wide / 2, jd_scale_at(y, (double)sum) - 5,
                    jd_buf_view(&text));
    }
    jd_svg_text(out, k % 2 ? "tick other-one" : "tick", "middle", x + wide / 2,
                JD_CHART_BOTTOM + 22, jd_str_of(jd_age_names[k]));
}

void jd_chart_age(jd_buf *out, const jd_report *r)
{
    uint64_t n[JD_AGES][JD_NSTAND] = {{0}}, sum[JD_AGES] = {0}, most = 0;
    jd_scale y;
    jd_svg_open(out, "age");
    for (size_t i = 0; i < r->nopen; i++) {
        unsigned k = jd_age_class(r->open[i].seconds);
        n[k][r->open[i].stand]++;
        most = ++sum[k] > most ? sum[k] : most;
    }
    if (!most) {
        jd_svg_empty(out, "No issue is open.");
    } else {
        jd_axis_count(out, &y, (double)most * 1.04); /* room for the figures on top */
        for (unsigned k = 0; k < JD_AGES; k++)
            age_column(out, n[k], k, &y);
        jd_axis_base(out);
    }
    jd_svg_close(out);
}
