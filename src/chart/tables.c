#include "chart/tables.h"

#include "base/arena.h"
#include "chart/scale.h"
#include "chart/svg.h"
#include "text/date.h"

#include <stdlib.h>

#define DAY_MS 86400000

enum { LONGEST = 20 };

static const char *const stands[] = {
#define X(id, css, name) name,
    JD_STANDS(X)
#undef X
};

static void head(jd_buf *out, const char *first)
{
    jd_buf_addf(out, "<table><thead><tr><th scope=\"col\">%s</th>", first);
}

static void column(jd_buf *out, const char *name, bool number)
{
    jd_buf_addf(out, "<th scope=\"col\"%s>%s</th>", number ? " class=\"number\"" : "", name);
}

static void body(jd_buf *out)
{
    jd_buf_addz(out, "</tr></thead><tbody>\n");
}

static void tail(jd_buf *out)
{
    jd_buf_addz(out, "</tbody></table>\n");
}

static void day(jd_buf *out, int64_t ms)
{
    char text[JD_TIME_MAX];
    jd_buf_addf(out, "<tr><td class=\"key\">%s</td>", jd_time_day(ms, text));
}

static void number(jd_buf *out, uint64_t n)
{
    jd_buf_addz(out, "<td class=\"number\">");
    jd_html_count(out, n);
    jd_buf_addz(out, "</td>");
}

static void duration(jd_buf *out, double seconds)
{
    jd_buf_addz(out, "<td class=\"number\">");
    jd_put_duration(out, seconds);
    jd_buf_addz(out, "</td>");
}

static void words(jd_buf *out, const char *css, jd_str s)
{
    jd_buf_addf(out, "<td class=\"%s\">", css);
    jd_html_bdi(out, s);
    jd_buf_addz(out, "</td>");
}

static void end(jd_buf *out)
{
    jd_buf_addz(out, "</tr>\n");
}

void jd_table_throughput(jd_buf *out, const jd_report *r)
{
    head(out, "Week of");
    column(out, "Resolved", true);
    body(out);
    for (size_t i = 0; i < r->nweek; i++) {
        day(out, r->week[i].day);
        number(out, r->week[i].n);
        end(out);
    }
    tail(out);
}

void jd_table_flow(jd_buf *out, const jd_report *r)
{
    head(out, "Day");
    for (int s = 0; s < JD_NSTAND; s++)
        column(out, stands[s], true);
    body(out);
    for (size_t i = 0; i < r->nday; i++) {
        bool sunday = (r->day[i].day / DAY_MS) % 7 == 3; /* 1970-01-04 was one */
        if (!sunday && i + 1 < r->nday)
            continue;
        day(out, r->day[i].day);
        for (int s = 0; s < JD_NSTAND; s++)
            number(out, r->day[i].n[s]);
        end(out);
    }
    tail(out);
}

static int longest_first(const void *a, const void *b)
{
    const jd_report_cycle *x = *(const jd_report_cycle *const *)a,
                          *y = *(const jd_report_cycle *const *)b;
    if (x->seconds != y->seconds)
        return x->seconds < y->seconds ? 1 : -1;
    return jd_str_cmp(x->key, y->key);
}

void jd_table_cycle(jd_buf *out, const jd_report *r)
{
    const jd_report_cycle **all = jd_xcalloc(r->ncycle + 1, sizeof *all);
    for (size_t i = 0; i < r->ncycle; i++)
        all[i] = &r->cycle[i];
    qsort(all, r->ncycle, sizeof *all, longest_first);
    head(out, "Issue");
    column(out, "Type", false);
    column(out, "Finished", false);
    column(out, "Took", true);
    body(out);
    for (size_t i = 0; i < r->ncycle && i < LONGEST; i++) {
        char text[JD_TIME_MAX];
        jd_buf_addz(out, "<tr>");
        words(out, "key", all[i]->key);
        words(out, "type", all[i]->type);
        jd_buf_addf(out, "<td class=\"key\">%s</td>", jd_time_day(all[i]->finished, text));
        duration(out, all[i]->seconds);
        end(out);
    }
    tail(out);
    if (r->ncycle > LONGEST)
        jd_buf_addf(out, "<p class=\"note\">The %d that took longest.</p>\n", LONGEST);
    free(all);
}

void jd_table_age(jd_buf *out, const jd_report *r)
{
    uint64_t n[JD_AGES][JD_NSTAND] = {{0}};
    for (size_t i = 0; i < r->nopen; i++)
        n[jd_age_class(r->open[i].seconds)][r->open[i].stand]++;
    head(out, "Age");
    for (int s = 0; s < JD_NSTAND; s++)
        column(out, stands[s], true);
    body(out);
    for (unsigned k = 0; k < JD_AGES; k++) {
        jd_buf_addz(out, "<tr><td class=\"key\">");
        jd_html_text(out, jd_str_of(jd_age_names[k]));
        jd_buf_addz(out, "</td>");
        for (int s = 0; s < JD_NSTAND; s++)
            number(out, n[k][s]);
        end(out);
    }
    tail(out);
}

void jd_table_open(jd_buf *out, const jd_report *r)
{
    head(out, "Issue");
    column(out, "Summary", false);
    column(out, "Status", false);
    column(out, "Open for", true);
    body(out);
    for (size_t i = 0; i < r->nopen && i < JD_REPORT_OLDEST; i++) {
        const jd_report_open *o = &r->open[i];
        jd_buf_addz(out, "<tr>");
        words(out, "key", o->key);
        words(out, "words", o->summary);
        words(out, "status", o->status);
        duration(out, o->seconds);
        end(out);
    }
    tail(out);
}
