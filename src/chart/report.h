/* report.h: what a project's report shows, and the page that shows it: one HTML file with inline
 * SVG and CSS, without script, that asks nobody for anything. Pure.
 *
 * - Days are epoch ms of their beginning, UTC; [from, to) is the period, `to` a beginning of day.
 * - Everything is borrowed. Texts are Jira's own: they are escaped here, and here only. */
#ifndef JD_CHART_REPORT_H
#define JD_CHART_REPORT_H

#include "base/buf.h"

/* Kinds of statuses, and how a page calls and colours them (CSS classes). */
#define JD_STANDS(X)                 \
    X(DONE, "done", "Done")          \
    X(DOING, "doing", "In progress") \
    X(TODO, "todo", "To do")         \
    X(OTHER, "other", "Without category")

typedef enum jd_stand {
#define X(id, css, name) JD_STAND_##id,
    JD_STANDS(X)
#undef X
        JD_NSTAND
} jd_stand;

typedef struct jd_report_week {
    int64_t  day; /* its Monday */
    uint64_t n;   /* resolved in it */
} jd_report_week;

typedef struct jd_report_day {
    int64_t  day;
    uint64_t n[JD_NSTAND]; /* issues that stand so at its end */
} jd_report_day;

typedef struct jd_report_cycle { /* an issue that is done */
    int64_t finished;            /* ms */
    double  seconds;             /* since work on it began */
    jd_str  key, type;
} jd_report_cycle;

typedef struct jd_report_open {
    double   seconds; /* since it was created */
    jd_stand stand;
    jd_str   key, summary, status;
} jd_report_open;

enum { JD_REPORT_OLDEST = 15 }; /* open issues that are listed */

typedef struct jd_report {
    jd_str                 title; /* name and key of the project, or what is meant */
    jd_str                 site;
    int64_t                from, to, made;
    const jd_report_week  *week; /* in order; weeks without a row are 0 */
    size_t                 nweek;
    const jd_report_day   *day; /* in order */
    size_t                 nday;
    const jd_report_cycle *cycle; /* in order of `finished` */
    size_t                 ncycle;
    const jd_report_open  *open; /* oldest first; only the first JD_REPORT_OLDEST have texts */
    size_t                 nopen;
    uint64_t               issues, created, resolved, reopened; /* held; in the period */
    double                 lead; /* median from created to resolved, seconds; <0: none */
} jd_report;

/* Appends the page; JD_E_TOOBIG is out's to tell. */
void jd_report_page(jd_buf *out, const jd_report *r);

/* The charts alone, as <svg>. */
void jd_chart_throughput(jd_buf *out, const jd_report *r);
void jd_chart_flow(jd_buf *out, const jd_report *r);
void jd_chart_cycle(jd_buf *out, const jd_report *r);
void jd_chart_age(jd_buf *out, const jd_report *r);

/* Ages in classes, for the chart and its table. */
enum { JD_AGES = 8 };
extern const char *const jd_age_names[JD_AGES];
unsigned                 jd_age_class(double seconds);

/* What jd_chart_cycle's lines stand at, and the page says; 0 where there is no issue. */
typedef struct jd_cycle_sum {
    double median, most; /* most: 85 % are done within it */
} jd_cycle_sum;
jd_cycle_sum jd_report_cycles(const jd_report *r);

#endif
