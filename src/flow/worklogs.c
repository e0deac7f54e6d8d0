#include "flow/worklogs.h"

#include "base/map.h"
#include "sink/facts.h"
#include "sink/members.h"
#include "sink/worklogs.h"

#include <inttypes.h>

enum { DELETED, EDITED, ASKED, NMARKS, DAY_MS = 24 * 3600 * 1000 };

/* How far a scope was told: of deletions, of edits, and when it last asked for those; ms. */
static jd_str fact_name(jd_arena *a, const jd_scope *scope)
{
    return jd_arena_fmt(a, "worklogs:%.*s", JD_FMT(scope->name));
}

static jd_code read_mark(jd_state *s, const jd_scope *scope, int64_t mark[NMARKS], bool *found,
                         jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_str                               text, piece;
    jd_code                              rc = jd_fact_get(s, a, fact_name(a, scope).p, &text, e);
    *found                                  = !rc && text.n > 0;
    for (int i = 0; *found && i < NMARKS; i++)
        *found = jd_str_split(&text, ' ', &piece) && jd_str_i64(piece, &mark[i]);
    return rc;
}

/* Whether the run is better off without the feeds than ended by them. */
static bool is_theirs(jd_code rc)
{
    return rc == JD_E_NOTFOUND || rc == JD_E_AUTH || rc == JD_E_DATA || rc == JD_E_REMOTE ||
           rc == JD_E_TOOBIG;
}

jd_code jd_worklogs_ask(jd_jira *j, jd_state *s, const jd_scope *scope, size_t n, jd_arena *a,
                        const jd_clock *clock, const jd_log *log, jd_worklog_news *out, jd_err *e)
{
    int64_t since[NMARKS] = {INT64_MAX, INT64_MAX, INT64_MAX}, mark[NMARKS];
    jd_code rc            = JD_OK;
    jd_err  why;
    bool    any = false, found;
    *out        = (jd_worklog_news){.asked_ms = jd_now_ms(clock)};
    for (size_t i = 0; i < n && !rc; i++) {
        rc  = read_mark(s, &scope[i], mark, &found, e);
        any = any || (!rc && found);
        for (int k = 0; k < NMARKS && !rc && found; k++)
            since[k] = mark[k] < since[k] ? mark[k] : since[k];
    }
    if (rc || !any)
        return rc;
    out->edits = out->asked_ms - since[ASKED] >= DAY_MS;
    rc         = jd_jira_worklogs(j, a, true, since[DELETED], &out->deleted, &why);
    if (!rc && out->edits)
        rc = jd_jira_worklogs(j, a, false, since[EDITED], &out->updated, &why);
    if (!rc)
        rc = jd_jira_worklog_issues(j, &out->updated, &why);
    out->told = !rc;
    if (rc && !is_theirs(rc)) {
        *e = why;
        return rc;
    }
    if (rc)
        jd_event(log, JD_INFO, "note", "this site's feeds of worklogs cannot be had: %s", why.msg);
    for (size_t i = 0; out->told && i < out->deleted.n; i++)
        if (jd_worklogs_issue(s, out->deleted.v[i].worklog, &out->deleted.v[i].issue, e))
            return e->code;
    return JD_OK;
}

/* Whether the scope has the issue, in a state of before `at`. */
static jd_code is_stale(jd_state *s, const jd_scope *scope, const jd_worklog_event *event,
                        bool *out, jd_err *e)
{
    jd_state_issue row;
    bool           held = false;
    *out                = false;
    jd_code rc          = jd_state_get(s, event->issue, &row, &held, e);
    bool    stale       = !rc && held && row.held.fetched_ms <= event->at_ms;
    jd_state_done(s);
    return rc || !stale ? rc : jd_members_has(s, scope, event->issue, out, e);
}

jd_code jd_worklogs_stale(const jd_worklog_news *news, jd_state *s, const jd_scope *scope,
                          jd_arena *a, uint64_t **id, size_t *n, jd_err *e)
{
    const jd_worklog_feed *const feed[] = {&news->deleted, &news->updated};
    jd_idmap                    *met    = jd_idmap_new();
    jd_code                      rc     = JD_OK;
    *n                                  = 0;
    *id = JD_NEW_ARRAY(a, uint64_t, news->deleted.n + news->updated.n + 1);
    for (int k = 0; k < 2 && news->told; k++)
        for (size_t i = 0; i < feed[k]->n && !rc; i++) {
            const jd_worklog_event *event = &feed[k]->v[i];
            bool                    stale = false;
            if (!event->issue || jd_idmap_get(met, event->issue))
                continue;
            rc = is_stale(s, scope, event, &stale, e);
            if (!stale)
                continue;
            *jd_idmap_put(met, event->issue, NULL) = 1;
            (*id)[(*n)++]                          = event->issue;
        }
    jd_idmap_free(met);
    return rc;
}

jd_code jd_worklogs_done(const jd_worklog_news *news, jd_state *s, const jd_scope *scope,
                         int64_t now_ms, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    int64_t                              mark[NMARKS];
    bool                                 found;
    jd_code                              rc = read_mark(s, scope, mark, &found, e);
    if (rc || (found && !news->told))
        return rc;
    mark[DELETED] = found ? news->deleted.next : now_ms;
    if (!found || news->edits) {
        mark[EDITED] = found ? news->updated.next : now_ms;
        mark[ASKED]  = news->asked_ms;
    }
    return jd_fact_set(s, fact_name(a, scope).p,
                       jd_arena_fmt(a, "%" PRId64 " %" PRId64 " %" PRId64, mark[DELETED],
                                    mark[EDITED], mark[ASKED]),
                       e);
}
