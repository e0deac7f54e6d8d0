/* report.h: what a report shows (chart/report.h), read from a warehouse's views in one transaction,
 * so that all its parts tell of the same state. Changes nothing. */
#ifndef JD_FLOW_REPORT_H
#define JD_FLOW_REPORT_H

#include "base/arena.h"
#include "chart/report.h"

typedef struct jd_report_ask {
    const char *url, *program; /* of the warehouse; who asks */
    const char *project;       /* key; NULL: all */
    const char *site;          /* as the warehouse names it; NULL: any */
    int64_t     from, to;      /* days of its beginning and end; JD_NO_TIME: the year until the */
                               /* last change that is held */
    int64_t now_ms;
} jd_report_ask;

/* Everything in the arena. JD_E_NOTFOUND: no such project, or no warehouse; JD_E_USAGE: the key is
 * that of several sites, or the period has no days. */
jd_code jd_report_read(const jd_report_ask *ask, jd_arena *a, jd_report *out,
                       jd_err *e) JD_NODISCARD;

#endif
