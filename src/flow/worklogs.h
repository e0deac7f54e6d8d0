/* worklogs.h: work that was deleted or edited without its issue saying so. The site's feeds of
 * worklogs tell of it; issues that are held as they were before are fetched anew, behind the walk
 * of updates, which brings most of them anyway.
 *
 * - Only for who signs in; a site without feeds is left alone, and no failure of theirs ends a run.
 * - What was deleted is asked for in each run. What was edited is asked for once a day: nearly all
 * of it touches its issue, and is brought by the walk.
 * - Each scope remembers how far it was told; a scope that was never told begins now. */
#ifndef JD_FLOW_WORKLOGS_H
#define JD_FLOW_WORKLOGS_H

#include "base/clock.h"
#include "base/event.h"
#include "jira/worklogs.h"
#include "sink/state.h"

typedef struct jd_worklog_news { /* of a run; in its arena */
    bool            told;        /* the feeds were asked, and answered */
    bool            edits;       /* that of edits, too */
    int64_t         asked_ms;    /* by our own clock */
    jd_worklog_feed deleted, updated;
} jd_worklog_news;

/* One request for each feed, and one for each thousand worklogs that changed. */
jd_code jd_worklogs_ask(jd_jira *j, jd_state *s, const jd_scope *scope, size_t n, jd_arena *a,
                        const jd_clock *clock, const jd_log *log, jd_worklog_news *out,
                        jd_err *e) JD_NODISCARD;
/* The issues of the scope to be fetched anew, in the arena. What was delivered must be committed.
 */
jd_code jd_worklogs_stale(const jd_worklog_news *news, jd_state *s, const jd_scope *scope,
                          jd_arena *a, uint64_t **id, size_t *n, jd_err *e) JD_NODISCARD;
/* The scope was told all of it; else, that it is from now_ms on. */
jd_code jd_worklogs_done(const jd_worklog_news *news, jd_state *s, const jd_scope *scope,
                         int64_t now_ms, jd_err *e) JD_NODISCARD;

#endif
