#include "chart/report.h"
#include "chart/scale.h"
#include "chart/style.h"
#include "chart/svg.h"
#include "chart/tables.h"
#include "text/date.h"

#include <math.h>

#define DAY_MS  86400000
#define WEEK_MS (7.0 * DAY_MS)

/* Nothing may be loaded, nothing run, wherever the page is opened. */
static const char head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n<title>";

static void put_period(jd_buf *out, const jd_report *r)
{
    char from[JD_TIME_MAX], to[JD_TIME_MAX];
    jd_buf_addf(out, "%s to %s", jd_time_day(r->from, from), jd_time_day(r->to - DAY_MS, to));
}

static void put_header(jd_buf *out, const jd_report *r)
{
    char made[JD_TIME_MAX];
    jd_buf_addz(out, head);
    jd_html_text(out, r->title);
    jd_buf_addz(out, ", ");
    put_period(out, r);
    jd_buf_addf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<header>\n<h1>",
                jd_report_style);
    jd_html_bdi(out, r->title);
    jd_buf_addz(out, "</h1>\n<p>");
    put_period(out, r);
    jd_buf_addz(out, " · ");
    jd_html_count(out, r->issues);
    jd_buf_addf(out, " issue%s", jd_s(r->issues));
    if (r->site.n) {
        jd_buf_addz(out, " of ");
        jd_html_bdi(out, r->site);
    }
    jd_buf_addf(out, " · made %s UTC</p>\n</header>\n", jd_time_minute(r->made, 0, made));
}

/* -- headline figures ------------------------------------------------------------------------ */

static void tile_open(jd_buf *out, const char *name)
{
    jd_buf_addf(out, "<div><dt>%s</dt><dd class=\"figure\">", name);
}

static void tile_note(jd_buf *out)
{
    jd_buf_addz(out, "</dd><dd class=\"note\">");
}

static void tile_close(jd_buf *out)
{
    jd_buf_addz(out, "</dd></div>\n");
}

static void tile_duration(jd_buf *out, double seconds, bool any)
{
    if (any)
        jd_put_duration(out, seconds);
    else
        jd_buf_addz(out, "–");
}

static void tile_cycle(jd_buf *out, const jd_report *r)
{
    jd_cycle_sum sum = jd_report_cycles(r);
    tile_open(out, "Cycle time, median");
    tile_duration(out, sum.median, r->ncycle > 0);
    tile_note(out);
    if (r->ncycle) {
        jd_buf_addz(out, "85 % within ");
        jd_put_duration(out, sum.most);
    } else {
        jd_buf_addz(out, "nothing was in progress and finished");
    }
    tile_close(out);
}

static void put_tiles(jd_buf *out, const jd_report *r)
{
    double weeks = (double)(r->to - r->from) / WEEK_MS;
    jd_buf_addz(out, "<dl class=\"tiles\">\n");
    tile_open(out, "Resolved");
    jd_html_count(out, r->resolved);
    tile_note(out);
    jd_buf_addf(out, "%.1f a week", (double)r->resolved / weeks);
    tile_close(out);
    tile_open(out, "Created");
    jd_html_count(out, r->created);
    tile_note(out);
    jd_buf_addf(out, "%.1f a week", (double)r->created / weeks);
    tile_close(out);
    tile_open(out, "Open now");
    jd_html_count(out, r->nopen);
    tile_note(out);
    if (r->nopen) {
        jd_buf_addz(out, "half for ");
        jd_put_duration(out, r->open[r->nopen / 2].seconds);
        jd_buf_addz(out, " or more");
    } else {
        jd_buf_addz(out, "nothing is left to do");
    }
    tile_close(out);
    tile_cycle(out, r);
    tile_open(out, "Lead time, median");
    tile_duration(out, r->lead, r->lead >= 0);
    tile_note(out);
    jd_buf_addz(out, "from created to resolved");
    tile_close(out);
    tile_open(out, "Reopened");
    jd_html_count(out, r->reopened);
    tile_note(out);
    jd_buf_addz(out, "times, from done to not done");
    tile_close(out);
    jd_buf_addz(out, "</dl>\n");
}

/* -- figures --------------------------------------------------------------------------------- */

typedef void drawing(jd_buf *out, const jd_report *r);

/* Which kinds of statuses a figure has anything of: those get an entry. */
static bool in_flow(const jd_report *r, jd_stand s)
{
    bool any = false;
    for (size_t i = 0; i < r->nday && !any; i++)
        any = r->day[i].n[s] > 0;
    return any;
}

static bool in_ages(const jd_report *r, jd_stand s)
{
    bool any = false;
    for (size_t i = 0; i < r->nopen && !any; i++)
        any = r->open[i].stand == s;
    return any;
}

typedef bool has_stand(const jd_report *r, jd_stand s);

static void put_legend(jd_buf *out, const jd_report *r, has_stand *has)
{
    jd_buf_addz(out, "<ul class=\"legend\">");
#define X(id, css, name)       \
    if (has(r, JD_STAND_##id)) \
        jd_buf_addz(out, "<li><i class=\"" css "\"></i>" name "</li>");
    JD_STANDS(X)
#undef X
    jd_buf_addz(out, "</ul>\n");
}

static void put_figure(jd_buf *out, const jd_report *r, const char *id, const char *title,
                       const char *about, has_stand *legend, drawing *draw, drawing *table)
{
    jd_buf_addf(out,
                "<figure id=\"%s\">\n<figcaption><h2 id=\"h-%s\">%s</h2>\n"
                "<p class=\"about\" id=\"p-%s\">%s</p></figcaption>\n",
                id, id, title, id, about);
    if (legend)
        put_legend(out, r, legend);
    draw(out, r);
    jd_buf_addz(out, "<details><summary>As a table</summary><div class=\"scroll\">\n");
    table(out, r);
    jd_buf_addz(out, "</div></details>\n</figure>\n");
}

static void put_figures(jd_buf *out, const jd_report *r)
{
    jd_buf_addz(out, "<main>\n");
    put_figure(out, r, "throughput", "Throughput",
               "Issues resolved in each week; the dashed line is their mean.", NULL,
               jd_chart_throughput, jd_table_throughput);
    put_figure(out, r, "flow", "Cumulative flow",
               "How many issues stood where at the end of each day; done ones as they were added "
               "in the period.",
               in_flow, jd_chart_flow, jd_table_flow);
    put_figure(out, r, "cycle", "Cycle time",
               "From the first time in progress until done, each issue a dot where it was "
               "finished; the scale is logarithmic.",
               NULL, jd_chart_cycle, jd_table_cycle);
    put_figure(out, r, "age", "Age of open issues",
               "How long ago the issues were created that are open now.", in_ages, jd_chart_age,
               jd_table_age);
    jd_buf_addz(out, "</main>\n");
}

void jd_report_page(jd_buf *out, const jd_report *r)
{
    put_header(out, r);
    put_tiles(out, r);
    put_figures(out, r);
    if (r->nopen) {
        jd_buf_addz(out, "<section>\n<h2>Open the longest</h2>\n"
                         "<div class=\"scroll\">\n");
        jd_table_open(out, r);
        jd_buf_addz(out, "</div>\n</section>\n");
    }
    jd_buf_addz(out, "<footer>Weeks begin on Monday, days and times are UTC. Made by jiraduct "
                     "from the warehouse's views.</footer>\n</body>\n</html>\n");
}
