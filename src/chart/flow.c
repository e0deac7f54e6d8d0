/* Cumulative flow: how many issues stand where, day by day, as areas on top of each other. */
#include "chart/axes.h"
#include "chart/report.h"

#define DAY_MS 86400000

enum { DAYS_MAX = 400 }; /* as many as can be told apart */

typedef struct plot {
    const jd_report *r;
    uint64_t         base; /* done before the period: left out */
    size_t           step;
    jd_scale         x, y;
} plot;

static uint64_t at(const plot *p, size_t i, int stand)
{
    uint64_t n = p->r->day[i].n[stand];
    return stand == JD_STAND_DONE ? n - p->base : n;
}

static uint64_t below(const plot *p, size_t i, int stand)
{
    uint64_t sum = 0;
    for (int s = 0; s < stand; s++)
        sum += at(p, i, s);
    return sum;
}

static void point(jd_buf *out, const plot *p, size_t i, uint64_t n, char how)
{
    jd_buf_addc(out, how);
    jd_svg_num(out, jd_scale_at(&p->x, (double)p->r->day[i].day + DAY_MS));
    jd_buf_addc(out, ' ');
    jd_svg_num(out, jd_scale_at(&p->y, (double)n));
}

/* The last day is drawn whatever the step. */
static size_t after(const plot *p, size_t i)
{
    size_t last = p->r->nday - 1;
    return i < last && i + p->step > last ? last : i + p->step;
}

static void area(jd_buf *out, const plot *p, int stand, const char *css, const char *name)
{
    size_t   n   = p->r->nday;
    uint64_t any = 0;
    for (size_t i = 0; i < n; i++)
        any += at(p, i, stand);
    if (!any)
        return;
    jd_buf_addf(out, "<path class=\"%s band\" d=\"", css);
    for (size_t i = 0; i < n; i = after(p, i))
        point(out, p, i, below(p, i, stand + 1), i ? 'L' : 'M');
    for (size_t i = n - 1;; i = i > p->step ? i - p->step : 0) {
        point(out, p, i, below(p, i, stand), 'L');
        if (!i)
            break;
    }
    jd_buf_addf(out, "Z\"><title>%s: ", name);
    jd_html_count(out, at(p, 0, stand));
    jd_buf_addz(out, " at the beginning, ");
    jd_html_count(out, at(p, n - 1, stand));
    jd_buf_addz(out, " at the end</title></path>\n");
}

void jd_chart_flow(jd_buf *out, const jd_report *r)
{
    plot     p    = {.r = r, .base = UINT64_MAX, .step = r->nday / DAYS_MAX + 1};
    uint64_t most = 0;
    for (size_t i = 0; i < r->nday; i++)
        if (r->day[i].n[JD_STAND_DONE] < p.base)
            p.base = r->day[i].n[JD_STAND_DONE];
    for (size_t i = 0; i < r->nday; i++) {
        uint64_t all = below(&p, i, JD_NSTAND);
        most         = all > most ? all : most;
    }
    jd_svg_open(out, "flow");
    if (!most) {
        jd_svg_empty(out, "No issue stood anywhere in this period.");
        jd_svg_close(out);
        return;
    }
    jd_axis_count(out, &p.y, (double)most);
    jd_axis_time(out, &p.x, r->from, r->to);
#define X(id, css, name) area(out, &p, JD_STAND_##id, css, name);
    JD_STANDS(X)
#undef X
    jd_axis_base(out);
    jd_svg_close(out);
}
