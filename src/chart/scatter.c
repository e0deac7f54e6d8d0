/* Cycle times: each issue that was finished, by when, and how long it took. */
#include "base/arena.h"
#include "chart/axes.h"
#include "chart/report.h"
#include "text/date.h"

#include <math.h>
#include <stdlib.h>

enum { TITLES_MAX = 4000, CLOSE = 16 };

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

jd_cycle_sum jd_report_cycles(const jd_report *r)
{
    double *all = jd_xcalloc(r->ncycle + 1, sizeof *all);
    for (size_t i = 0; i < r->ncycle; i++)
        all[i] = r->cycle[i].seconds;
    qsort(all, r->ncycle, sizeof *all, by_size);
    jd_cycle_sum out = {jd_percentile(all, r->ncycle, 0.5), jd_percentile(all, r->ncycle, 0.85)};
    free(all);
    return out;
}

static void dot(jd_buf *out, const jd_report_cycle *c, double x, double y, bool titled)
{
    char day[JD_TIME_MAX];
    jd_buf_addz(out, "<circle class=\"dot\" r=\"3.5\" cx=\"");
    jd_svg_num(out, x);
    jd_buf_addz(out, "\" cy=\"");
    jd_svg_num(out, y);
    if (!titled) {
        jd_buf_addz(out, "\"/>\n");
        return;
    }
    jd_buf_addz(out, "\"><title>");
    jd_svg_isolate(out, c->key);
    if (c->type.n) {
        jd_buf_addz(out, " (");
        jd_svg_isolate(out, c->type);
        jd_buf_addc(out, ')');
    }
    jd_buf_addf(out, ": finished %s, took ", jd_time_day(c->finished, day));
    jd_put_duration(out, c->seconds);
    jd_buf_addz(out, "</title></circle>\n");
}

static void mark(jd_buf *out, const char *css, const char *words, double seconds, double y,
                 double text_y)
{
    JD_CLEANUP(jd_buf_release) jd_buf text = JD_BUF_INIT(128);
    jd_buf_addz(&text, words);
    jd_put_duration(&text, seconds);
    jd_svg_line(out, css, JD_CHART_LEFT, y, JD_CHART_RIGHT, y);
    jd_svg_text(out, "said halo", "end", JD_CHART_RIGHT, text_y, jd_buf_view(&text));
}

void jd_chart_cycle(jd_buf *out, const jd_report *r)
{
    double       least = INFINITY, most = 0;
    jd_cycle_sum sum = jd_report_cycles(r);
    jd_scale     x, y;
    jd_svg_open(out, "cycle");
    if (!r->ncycle) {
        jd_svg_empty(out, "No issue that was in progress was finished in this period.");
        jd_svg_close(out);
        return;
    }
    for (size_t i = 0; i < r->ncycle; i++) {
        least = fmin(least, r->cycle[i].seconds);
        most  = fmax(most, r->cycle[i].seconds);
    }
    jd_axis_duration(out, &y, least, most);
    jd_axis_time(out, &x, r->from, r->to);
    jd_axis_base(out);
    for (size_t i = 0; i < r->ncycle; i++)
        dot(out, &r->cycle[i], jd_scale_at(&x, (double)r->cycle[i].finished),
            jd_scale_at(&y, r->cycle[i].seconds), r->ncycle <= TITLES_MAX);
    double high = jd_scale_at(&y, sum.most), low = jd_scale_at(&y, sum.median);
    mark(out, "most", "85 % within ", sum.most, high, high - 5);
    mark(out, "median", "half within ", sum.median, low, low - high < CLOSE ? low + 15 : low - 5);
    jd_svg_close(out);
}
