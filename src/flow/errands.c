#include "flow/errands.h"

#include "base/vec.h"
#include "sys/file.h"
#include "text/date.h"

#include <inttypes.h>

enum { JQL_MAX = 1 << 20, ZONE_MAX = 1 << 20, MINUTE_MS = 60000, PROBES = 4 };

static int64_t clock_of(const jd_fetcher *f, const jd_page *page)
{
    return page->date_ms == JD_NO_TIME ? jd_now_ms(f->clock) : page->date_ms;
}

static jd_code count(jd_fetcher *f, jd_arena *a, const jd_scope *scope, int64_t since,
                     const jd_bounds *b, jd_page *page, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf q = JD_BUF_INIT(JQL_MAX);
    jd_jql_count(&q, scope->selection, since, b);
    return jd_jira_search(&f->jira, a, jd_buf_view(&q), 0, 0, NULL, page, e);
}

/* -- measure --------------------------------------------------------------------------------- */

/* Whether `created >= 0` counts what the scope counts; a refusal says no. Issues come and go
 * between two requests, so fewer is believed only when it is said again and again. */
static jd_code probe(jd_fetcher *f, jd_arena *a, const jd_scope *scope, uint64_t counted,
                     bool *quoted, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf q      = JD_BUF_INIT(JQL_MAX);
    jd_bounds                         bounds = {0};
    jd_page                           page;
    jd_jql_probe(&q, scope->selection);
    for (int tries = 1;; tries++) {
        jd_code rc = jd_jira_search(&f->jira, a, jd_buf_view(&q), 0, 0, NULL, &page, e);
        *quoted    = rc == JD_E_DATA || (!rc && page.total < counted);
        if (rc && rc != JD_E_DATA)
            return rc;
        if (!*quoted || rc == JD_E_DATA || tries == PROBES)
            return JD_OK;
        rc      = count(f, a, scope, JD_PAST, &bounds, &page, e);
        counted = page.total;
        if (rc)
            return rc;
    }
}

/* The account's zone, for quoted minutes; unknown is fine. */
static jd_code find_zone(jd_fetcher *f, const jd_errand_base *base, jd_measured *m, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf bytes = JD_BUF_INIT(ZONE_MAX);
    jd_arena                         *a     = m->parcel.mem;
    jd_account                        me;
    jd_err                            why;
    jd_code                           rc = jd_jira_myself(&f->jira, a, base->signed_in, &me, e);
    if (rc || me.anonymous || !jd_zone_name_ok(me.time_zone))
        return rc;
    jd_str path = jd_arena_fmt(a, "%s/%.*s", base->zone_dir, JD_FMT(me.time_zone));
    if (jd_file_read(path.p, &bytes, &why)) {
        jd_event(f->log, JD_WARN, "note",
                 "the account's time zone %.*s is not known here (%s): wider bounds are used; "
                 "install tzdata",
                 JD_FMT(me.time_zone), why.msg);
        return JD_OK;
    }
    m->zone_bytes = jd_arena_dup(a, jd_buf_view(&bytes));
    return JD_OK;
}

/* Edges by count: the creation of every n/k-th issue, floored to its minute. */
static jd_code cut(jd_fetcher *f, const jd_measure *me, jd_measured *m, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf q = JD_BUF_INIT(JQL_MAX);
    uint64_t                          k = m->wanted / (5 * me->page_size);
    if (k > me->windows)
        k = me->windows;
    jd_jql_walk(&q, me->base.scope->selection, JD_BY_CREATED, JD_PAST, JD_FUTURE, me->since,
                &m->bounds);
    for (uint64_t i = 1; i < k; i++) {
        jd_page        page;
        const jd_json *doc;
        int64_t        at;
        jd_err         why;
        jd_arena      *a = m->parcel.mem;
        jd_code rc = jd_jira_search(&f->jira, a, jd_buf_view(&q), i * m->wanted / k, 1, "created",
                                    &page, &why);
        if (rc == JD_E_REMOTE || rc == JD_E_TOOBIG || rc == JD_E_DATA)
            continue; /* one window fewer: the walk knows how to go round a bad issue */
        if (rc) {
            *e = why;
            return rc;
        }
        if (page.n == 0 || jd_json_read(a, page.raw[0], &doc, &why) ||
            !jd_time_parse(jd_json_str(jd_json_path(doc, "fields.created")), &at, NULL))
            continue;
        at = jd_floor_ms(at, MINUTE_MS);
        if (at > 0 && (m->edges == 0 || at > m->edge[m->edges - 1]))
            m->edge[m->edges++] = at;
    }
    return JD_OK;
}

static jd_code measure(jd_fetcher *f, const jd_measure *me, jd_measured *m, jd_err *e)
{
    jd_page page;
    jd_code rc = count(f, m->parcel.mem, me->base.scope, JD_PAST, &me->bounds, &page, e);
    if (rc)
        return rc;
    m->counted = m->wanted = page.total;
    m->clock_ms            = clock_of(f, &page);
    m->bounds              = me->bounds;
    if (!me->known)
        rc = probe(f, m->parcel.mem, me->base.scope, m->counted, &m->bounds.quoted, e);
    if (!rc && m->bounds.quoted)
        rc = find_zone(f, &me->base, m, e);
    if (!rc && me->since != JD_PAST) {
        rc        = count(f, m->parcel.mem, me->base.scope, me->since, &m->bounds, &page, e);
        m->wanted = page.total;
    }
    return rc || me->windows < 2 ? rc : cut(f, me, m, e);
}

static jd_measured *new_measured(jd_fetcher *f, jd_errand *self)
{
    return (jd_measured *)jd_fetcher_parcel(f, self, sizeof(jd_measured), NULL);
}

jd_code jd_measure_run(jd_fetcher *f, jd_errand *self, jd_err *e)
{
    jd_measured *m  = new_measured(f, self);
    jd_code      rc = measure(f, (const jd_measure *)self, m, e);
    if (rc)
        jd_arena_free(m->parcel.mem);
    else
        jd_fetcher_hand(f, &m->parcel);
    return rc;
}

jd_code jd_count_run(jd_fetcher *f, jd_errand *self, jd_err *e)
{
    const jd_count_errand *c = (const jd_count_errand *)self;
    jd_measured           *m = new_measured(f, self);
    jd_page                page;
    jd_code rc = count(f, m->parcel.mem, c->base.scope, c->since, &c->bounds, &page, e);
    m->wanted  = page.total;
    if (rc)
        jd_arena_free(m->parcel.mem);
    else
        jd_fetcher_hand(f, &m->parcel);
    return rc;
}
