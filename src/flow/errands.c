#include "flow/errands.h"

#include "base/vec.h"
#include "sys/file.h"
#include "text/date.h"

#include <inttypes.h>

enum { JQL_MAX = 1 << 20, ZONE_MAX = 1 << 20, MINUTE_MS = 60000, PROBES = 4, SLICES = 24 };

static int64_t clock_of(const jd_fetcher *f, int64_t date_ms)
{
    return date_ms == JD_NO_TIME ? jd_now_ms(f->clock) : date_ms;
}

static jd_code count(jd_fetcher *f, jd_arena *a, const jd_scope *scope, int64_t since,
                     const jd_bounds *b, jd_counted *out, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf q = JD_BUF_INIT(JQL_MAX);
    jd_jql_count(&q, scope->selection, since, b);
    return jd_jira_count(&f->jira, a, jd_buf_view(&q), out, e);
}

/* -- measure --------------------------------------------------------------------------------- */

/* Whether `created >= 0` counts what the scope counts; a refusal says no. Issues come and go
 * between two requests, so fewer is believed only when it is said again and again. */
static jd_code probe(jd_fetcher *f, jd_arena *a, const jd_scope *scope, uint64_t counted,
                     bool *quoted, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf q      = JD_BUF_INIT(JQL_MAX);
    jd_bounds                         bounds = {0};
    jd_counted                        now;
    jd_jql_probe(&q, scope->selection);
    for (int tries = 1;; tries++) {
        jd_code rc = jd_jira_count(&f->jira, a, jd_buf_view(&q), &now, e);
        *quoted    = rc == JD_E_DATA || (!rc && now.n < counted);
        if (rc && rc != JD_E_DATA)
            return rc;
        if (!*quoted || rc == JD_E_DATA || tries == PROBES)
            return JD_OK;
        rc = count(f, a, scope, JD_PAST, &bounds, &now, e);
        if (rc)
            return rc;
        counted = now.n;
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

static void add_edge(jd_measured *m, int64_t at)
{
    at = jd_floor_ms(at, MINUTE_MS);
    if (at > 0 && (m->edges == 0 || at > m->edge[m->edges - 1]))
        m->edge[m->edges++] = at;
}

/* When the scope's row at an offset, oldest first, was created; JD_NO_TIME: it does not say. */
static jd_code created_at(jd_fetcher *f, const jd_measure *me, jd_measured *m, uint64_t offset,
                          int64_t *at, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf q = JD_BUF_INIT(JQL_MAX);
    jd_page                           page;
    const jd_json                    *doc;
    jd_err                            why;
    *at = JD_NO_TIME;
    jd_jql_walk(&q, me->base.scope->selection, JD_BY_CREATED, JD_PAST, JD_FUTURE, me->since,
                &m->bounds);
    jd_query query = {
        .jql = jd_buf_view(&q), .start_at = offset, .max_results = 1, .field = "created"};
    jd_code rc = jd_jira_search(&f->jira, m->parcel.mem, &query, &page, &why);
    if (rc == JD_E_REMOTE || rc == JD_E_TOOBIG || rc == JD_E_DATA)
        return JD_OK; /* the walk knows how to go round a bad issue */
    if (rc) {
        *e = why;
        return rc;
    }
    if (page.n > 0 && !jd_json_read(m->parcel.mem, page.row[0].raw, &doc, &why) &&
        !jd_time_parse(jd_json_str(jd_json_path(doc, "fields.created")), at, NULL))
        *at = JD_NO_TIME;
    return JD_OK;
}

/* Edges by count: the creation of every n/k-th issue, floored to its minute. */
static jd_code cut_by_offset(jd_fetcher *f, const jd_measure *me, jd_measured *m, uint64_t k,
                             jd_err *e)
{
    for (uint64_t i = 1; i < k; i++) {
        int64_t at;
        jd_code rc = created_at(f, me, m, i * m->wanted / k, &at, e);
        if (rc)
            return rc;
        if (at != JD_NO_TIME)
            add_edge(m, at);
    }
    return JD_OK;
}

/* Without offsets: what was created before each of a few evenly spaced moments, and between two of
 * them as if issues came evenly. The cut need not be exact, only useful. */
static jd_code cut_by_time(jd_fetcher *f, const jd_measure *me, jd_measured *m, uint64_t k,
                           jd_err *e)
{
    uint64_t before[SLICES + 1] = {0};
    int64_t  first;
    jd_code  rc = created_at(f, me, m, 0, &first, e);
    if (rc || first == JD_NO_TIME || first >= m->clock_ms)
        return rc;
    int64_t step   = (m->clock_ms - first) / SLICES + 1;
    before[SLICES] = m->wanted;
    for (int i = 1; i < SLICES; i++) {
        JD_CLEANUP(jd_buf_release) jd_buf q = JD_BUF_INIT(JQL_MAX);
        jd_counted                        now;
        jd_jql_created_before(&q, me->base.scope->selection, first + i * step, me->since,
                              &m->bounds);
        rc = jd_jira_count(&f->jira, m->parcel.mem, jd_buf_view(&q), &now, e);
        if (rc)
            return rc;
        before[i] = now.n > before[i - 1] ? now.n : before[i - 1];
    }
    int slice = 0;
    for (uint64_t i = 1; i < k; i++) {
        uint64_t want = i * m->wanted / k;
        while (slice < SLICES - 1 && before[slice + 1] < want)
            slice++;
        uint64_t in = before[slice + 1] - before[slice];
        if (in == 0 || want < before[slice])
            continue;
        add_edge(m, first + slice * step +
                        (int64_t)((double)step * (double)(want - before[slice]) / (double)in));
    }
    return JD_OK;
}

static jd_code cut(jd_fetcher *f, const jd_measure *me, jd_measured *m, jd_err *e)
{
    uint64_t k = m->wanted / (5 * me->page_size);
    if (k > me->windows)
        k = me->windows;
    if (k < 2)
        return JD_OK;
    return f->jira.cloud ? cut_by_time(f, me, m, k, e) : cut_by_offset(f, me, m, k, e);
}

static jd_code measure(jd_fetcher *f, const jd_measure *me, jd_measured *m, jd_err *e)
{
    jd_counted now;
    jd_code    rc = count(f, m->parcel.mem, me->base.scope, JD_PAST, &me->bounds, &now, e);
    if (rc)
        return rc;
    m->counted = m->wanted = now.n;
    m->clock_ms            = clock_of(f, now.date_ms);
    m->bounds              = me->bounds;
    if (!me->known)
        rc = probe(f, m->parcel.mem, me->base.scope, m->counted, &m->bounds.quoted, e);
    if (!rc && m->bounds.quoted)
        rc = find_zone(f, &me->base, m, e);
    if (!rc && me->since != JD_PAST) {
        rc        = count(f, m->parcel.mem, me->base.scope, me->since, &m->bounds, &now, e);
        m->wanted = now.n;
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
    const jd_count_errand *c   = (const jd_count_errand *)self;
    jd_measured           *m   = new_measured(f, self);
    jd_counted             now = {0};
    jd_code rc = count(f, m->parcel.mem, c->base.scope, c->since, &c->bounds, &now, e);
    m->wanted  = now.n;
    if (rc)
        jd_arena_free(m->parcel.mem);
    else
        jd_fetcher_hand(f, &m->parcel);
    return rc;
}
