#include "flow/scoperun.h"

#include "sink/follow.h"
#include "sink/raw.h"
#include "text/date.h"

#include <string.h>

jd_errand_base jd_scope_run_base(jd_scope_run *r,
                                 jd_code (*run)(jd_fetcher *, jd_errand *, jd_err *))
{
    return (jd_errand_base){.errand    = {.run = run},
                            .scope     = r->at.scope,
                            .zone_dir  = r->conf->zone_dir,
                            .signed_in = r->conf->signed_in,
                            .owner     = r};
}

void jd_scope_run_send(jd_scope_run *r, jd_errand_base *base)
{
    r->open++;
    jd_fetch_send(r->fetch, &base->errand);
}

/* -- begin ----------------------------------------------------------------------------------- */

jd_state *jd_scope_run_state(const jd_scope_run *r)
{
    return jd_raw_state(r->deliverer->sink);
}

/* A project that has another key now than when it was last walked is walked again. */
static jd_code follow(jd_scope_run *r, jd_err *e)
{
    const jd_scope *scope = r->at.scope;
    jd_str          was;
    if (r->conf->census_only || r->env->nnamed) /* it finds what has another key */
        return JD_OK;
    jd_code rc = jd_follow(jd_scope_run_state(r), r->arena, scope, &was, e);
    if (rc || !was.n)
        return rc;
    jd_event(r->env->log, JD_INFO, "note", "%.*s is called %.*s now: its issues are fetched again",
             JD_FMT(was), JD_FMT(scope->project));
    return jd_quarantine_follow(r->conf->quarantine_dir, was, scope, e);
}

static jd_code open_cursor(jd_scope_run *r, jd_err *e)
{
    const jd_scope *scope = r->at.scope;
    jd_cursor      *c     = &r->at.cursor;
    jd_sink        *sink  = r->deliverer->sink;
    jd_code         rc    = follow(r, e);
    if (!rc)
        rc = sink->ops->where(sink->self, scope, c, e);
    if (rc)
        return rc;
    if (r->conf->start_over) {
        uint64_t seq = c->seq;
        rc           = jd_state_reset(jd_scope_run_state(r), scope->name, e);
        jd_cursor_init(c, scope->name, scope->plan);
        c->seq = seq;
    }
    if (!rc)
        rc = jd_state_add_scope(jd_scope_run_state(r), scope, e);
    if (!rc && c->plan != scope->plan)
        return jd_fail(
            e, JD_E_STATE,
            "%.*s was mirrored with another choice of fields or query: what was not asked for then "
            "is not held; --start-over begins a new backfill over the data held",
            JD_FMT(scope->label));
    r->at.next = *c;
    return rc;
}

/* Whether the windows have to be walked from the start: never walked, or not as far back. */
static bool must_begin(const jd_scope_run *r)
{
    const jd_cursor *c = &r->at.cursor;
    if (r->conf->census_only)
        return false;
    return c->nwindow == 0 || r->start < c->since;
}

/* A window that moves is one only for the backfill: what it began with stays, unless it is wider
 * now. */
static int64_t start_of(const jd_scope_run *r)
{
    const jd_cursor *c = &r->at.cursor;
    if (!r->want->window_ms)
        return r->want->since;
    int64_t from = jd_now_ms(r->env->clock) - r->want->window_ms;
    return c->nwindow && c->since < from ? c->since : from;
}

/* A census by itself is of what was scraped whole. */
static jd_code may_count(const jd_scope_run *r, jd_err *e)
{
    if (jd_cursor_backfilled(&r->at.cursor))
        return JD_OK;
    return jd_fail(e, JD_E_NOTFOUND,
                   "%.*s was not mirrored to the end yet: `jiraduct scrape` comes first",
                   JD_FMT(r->at.scope->label));
}

static jd_code fail_as(const jd_err *why, jd_err *e)
{
    *e = *why;
    return e->code;
}

jd_code jd_scope_run_begin(jd_scope_run *r, jd_err *e)
{
    if (r->lost)
        return fail_as(r->lost, e);
    if (r->conf->census_only && r->env->no_census)
        return fail_as(r->env->no_census, e);
    jd_code rc = open_cursor(r, e);
    if (!rc && r->conf->census_only)
        rc = may_count(r, e);
    if (!rc)
        rc = jd_state_quoted(jd_scope_run_state(r), r->at.scope, &r->bounds_known,
                             &r->bounds.quoted, e);
    if (rc)
        return rc;
    r->at.last_updated = JD_PAST;
    if (r->env->nnamed) {
        r->since = JD_PAST;
        r->phase = JD_CENSUS;
        return jd_census_named(r, e);
    }
    r->at.limit = r->conf->max_issues;
    r->start    = start_of(r);
    r->since    = r->conf->census_only ? r->at.cursor.since : r->start;
    r->measure  = (jd_measure){.base      = jd_scope_run_base(r, jd_measure_run),
                               .since     = r->since,
                               .known     = r->bounds_known,
                               .bounds    = r->bounds,
                               .page_size = r->want->page_size};
    if (must_begin(r) && r->conf->concurrency > 1)
        r->measure.windows = JD_WINDOWS_MAX;
    jd_scope_run_send(r, &r->measure.base);
    return JD_OK;
}

/* -- phases ---------------------------------------------------------------------------------- */

static jd_code ask_quarantine(jd_scope_run *r, jd_err *e)
{
    jd_bad_entry *entry;
    size_t        n;
    jd_code rc = jd_quarantine_list(r->arena, r->conf->quarantine_dir, r->at.scope, &entry, &n, e);
    if (rc || n == 0)
        return rc;
    r->again = (jd_again_errand){.base      = jd_scope_run_base(r, jd_again_run),
                                 .entry     = entry,
                                 .n         = n,
                                 .page_size = r->want->page_size};
    jd_scope_run_send(r, &r->again.base);
    return JD_OK;
}

static void walk_windows(jd_scope_run *r)
{
    const jd_cursor *c = &r->at.next;
    for (unsigned i = 0; i < c->nwindow; i++) {
        if (c->window[i].at == c->window[i].to)
            continue;
        r->window[i] = (jd_walk_errand){.base      = jd_scope_run_base(r, jd_walk_run),
                                        .axis      = JD_BY_CREATED,
                                        .window    = i,
                                        .from      = c->window[i].at,
                                        .to        = c->window[i].to,
                                        .since     = c->since,
                                        .horizon   = r->clock_ms,
                                        .bounds    = r->bounds,
                                        .page_size = r->want->page_size,
                                        .limit     = r->at.limit ? r->at.limit + 10 : 0,
                                        .enough    = &r->at.enough};
        r->walked    = true;
        jd_scope_run_send(r, &r->window[i].base);
    }
}

/* What changed since t0 is followed in the same run, up to the server's clock as it is then. */
static void walk_updates(jd_scope_run *r, bool after_backfill)
{
    const jd_cursor *c    = &r->at.next;
    int64_t          from = c->updated - r->want->overlap_ms;
    r->at.keep_updated    = r->start != JD_PAST && r->start > c->updated;
    if (r->at.keep_updated)
        from = r->start;
    r->updates = (jd_walk_errand){.base            = jd_scope_run_base(r, jd_walk_run),
                                  .axis            = JD_BY_UPDATED,
                                  .from            = from,
                                  .to              = JD_FUTURE,
                                  .since           = JD_PAST,
                                  .horizon         = r->clock_ms,
                                  .refresh_horizon = after_backfill,
                                  .bounds          = r->bounds,
                                  .page_size       = r->want->page_size,
                                  .limit           = r->at.limit ? r->at.limit + 10 : 0,
                                  .enough          = &r->at.enough};
    jd_scope_run_send(r, &r->updates.base);
}

static jd_code measured(jd_scope_run *r, const jd_measured *m, jd_err *e)
{
    jd_scope_outcome *o  = r->at.out;
    jd_code           rc = JD_OK;
    r->bounds            = m->bounds;
    r->clock_ms          = m->clock_ms;
    r->counted           = m->wanted;
    o->server            = (int64_t)m->wanted;
    if (m->zone_bytes.n)
        rc = jd_zone_read(r->arena, m->zone_bytes, &r->bounds.zone, e);
    if (!rc && !r->bounds_known) {
        rc = jd_state_set_quoted(jd_scope_run_state(r), r->at.scope, r->bounds.quoted, e);
        if (r->bounds.quoted)
            jd_event(r->env->log, JD_INFO, "note",
                     "%.*s: this server does not take epoch bounds; using minutes in the account's "
                     "zone",
                     JD_FMT(r->at.scope->label));
    }
    if (!rc && must_begin(r)) {
        jd_cursor_begin(&r->at.next, m->clock_ms, r->start, m->edge, m->edges);
        rc = jd_deliver_cursor(r->deliverer, &r->at, e);
    }
    if (r->env->watch->begin)
        r->env->watch->begin(r->env->watch->self, jd_arena_cstr(r->arena, r->at.scope->label),
                             r->at.limit && r->at.limit < m->wanted ? r->at.limit : m->wanted);
    return rc;
}

static jd_code after_measure(jd_scope_run *r, jd_err *e)
{
    jd_code rc = ask_quarantine(r, e);
    r->phase   = JD_BACKFILLING;
    if (!rc && !jd_cursor_backfilled(&r->at.next))
        walk_windows(r);
    return rc;
}

static jd_code held_now(jd_scope_run *r, uint64_t *held, uint64_t *bad, jd_err *e)
{
    jd_bad_entry *entry;
    size_t        n;
    jd_sink      *sink = r->deliverer->sink;
    jd_code       rc   = sink->ops->count(sink->self, r->at.scope, r->since, held, e);
    if (!rc)
        rc = jd_quarantine_list(r->arena, r->conf->quarantine_dir, r->at.scope, &entry, &n, e);
    *bad = rc ? 0 : n;
    return rc;
}

static void count_again(jd_scope_run *r)
{
    r->phase = JD_COUNTING;
    r->count = (jd_count_errand){
        .base = jd_scope_run_base(r, jd_count_run), .since = r->since, .bounds = r->bounds};
    jd_scope_run_send(r, &r->count.base);
}

/* What the feeds of worklogs tell, and the walk did not bring. */
static jd_code refetch(jd_scope_run *r, jd_err *e)
{
    uint64_t *id;
    size_t    n  = 0;
    jd_code   rc = jd_deliver_commit(r->deliverer, true, e);
    r->refetched = true;
    if (!rc)
        rc = jd_worklogs_stale(r->news, jd_scope_run_state(r), r->at.scope, r->arena, &id, &n, e);
    for (size_t at = 0; at < n && !rc; at += JD_STANDING_MOST) {
        jd_byid_errand *er = JD_NEW(r->arena, jd_byid_errand);
        er->base           = jd_scope_run_base(r, jd_byid_run);
        er->anew           = true;
        er->n              = n - at < JD_STANDING_MOST ? n - at : JD_STANDING_MOST;
        memcpy(er->id, id + at, er->n * sizeof *id);
        jd_scope_run_send(r, &er->base);
    }
    return rc;
}

/* Issues that came up since the first count are not missing, nor are those that went since: where
 * something seems missing, the lesser of two counts decides. */
static jd_code after_updates(jd_scope_run *r, jd_err *e)
{
    uint64_t held, bad;
    jd_code  rc = jd_deliver_commit(r->deliverer, true, e);
    if (!rc)
        rc = held_now(r, &held, &bad, e);
    r->at.out->complete = !rc;
    r->phase            = JD_OVER;
    if (!rc && r->counted > held + bad)
        count_again(r);
    return rc;
}

/* Complete as far as a scrape goes, whatever ends the run before the census. */
static jd_code after_walk(jd_scope_run *r, jd_err *e)
{
    jd_code rc          = jd_deliver_commit(r->deliverer, true, e);
    r->at.out->complete = !rc;
    r->phase            = JD_WALKED;
    return rc;
}

/* What the walks beside it brought is in the state by then. */
static jd_code begin_census(jd_scope_run *r, jd_err *e)
{
    jd_code rc = jd_deliver_commit(r->deliverer, true, e);
    if (rc)
        return rc;
    r->phase = JD_CENSUS;
    return r->env->no_census ? fail_as(r->env->no_census, e) : jd_census_begin(r, e);
}

jd_code jd_scope_run_census(jd_scope_run *r, jd_err *e)
{
    return r->phase == JD_WALKED ? begin_census(r, e) : JD_OK;
}

/* The count is anew, for the list is. */
static jd_code after_census(jd_scope_run *r, jd_err *e)
{
    jd_code rc          = jd_deliver_commit(r->deliverer, true, e);
    r->at.out->complete = !rc;
    r->phase            = JD_OVER;
    if (!rc && !r->env->nnamed)
        count_again(r);
    return rc;
}

/* No errand is open: on to the next phase. */
static jd_code advance(jd_scope_run *r, jd_err *e)
{
    if (r->at.enough) {
        r->phase = JD_OVER;
        return JD_OK;
    }
    jd_code rc = JD_OK;
    if (r->phase == JD_MEASURING)
        rc = after_measure(r, e);
    if (!rc && r->open == 0 && r->phase == JD_BACKFILLING && r->conf->census_only)
        return begin_census(r, e);
    if (!rc && r->open == 0 && r->phase == JD_BACKFILLING) {
        r->phase = JD_UPDATING;
        walk_updates(r, r->walked);
        return JD_OK;
    }
    if (!rc && r->open == 0 && r->phase == JD_UPDATING && !r->refetched)
        rc = refetch(r, e);
    if (!rc && r->open == 0 && r->phase == JD_UPDATING)
        return r->conf->census ? after_walk(r, e) : after_updates(r, e);
    if (!rc && r->open == 0 && r->phase == JD_CENSUS)
        return after_census(r, e);
    if (!rc && r->open == 0 && r->phase == JD_COUNTING)
        r->phase = JD_OVER;
    return rc;
}

/* -- parcels --------------------------------------------------------------------------------- */

static jd_code take_haul(jd_scope_run *r, const jd_haul *h, jd_err *e)
{
    const jd_scope_outcome *o      = r->at.out;
    uint64_t                before = o->fresh + o->changed + o->unchanged;
    jd_code                 rc     = jd_deliver_haul(r->deliverer, &r->at, h, e);
    if (r->env->watch->moved)
        r->env->watch->moved(r->env->watch->self, o->fresh + o->changed + o->unchanged - before);
    return rc;
}

jd_code jd_scope_run_take(jd_scope_run *r, const jd_parcel *p, jd_err *e)
{
    if (p->last) {
        r->open--;
        if (p->code) {
            *e = p->err;
            return p->code;
        }
        if (r->phase == JD_CENSUS) {
            jd_code rc = jd_census_go_on(r, p->errand, e);
            if (rc || r->census.step != JD_CENSUS_DONE)
                return rc;
        }
        return r->open || r->phase == JD_OVER ? JD_OK : advance(r, e);
    }
    if (p->errand->run == jd_measure_run)
        return measured(r, (const jd_measured *)p, e);
    if (p->errand->run == jd_count_run) {
        uint64_t again = ((const jd_measured *)p)->wanted;
        if (again < r->counted || r->census.seen) /* the list is newer than the first count */
            r->counted = again;
        r->at.out->server = (int64_t)r->counted;
        return JD_OK;
    }
    if (r->phase == JD_CENSUS)
        return jd_census_take(r, p, e);
    return take_haul(r, (const jd_haul *)p, e);
}

jd_code jd_scope_run_judge(jd_scope_run *r, bool sound, jd_err *e)
{
    jd_scope_outcome *o = r->at.out;
    uint64_t          bad;
    jd_code           rc = held_now(r, &o->held, &bad, e);
    if (rc)
        return rc;
    o->quarantined = bad;
    if (r->env->nnamed) /* nothing was counted */
        return JD_OK;
    if (o->complete && !o->code && sound && r->conf->signed_in && !r->conf->census_only)
        rc = jd_worklogs_done(r->news, jd_scope_run_state(r), r->at.scope, r->clock_ms, e);
    if (rc)
        return rc;
    /* Quoted minutes count from further back than they say, so there a start date tells nothing. */
    if (!o->complete || (r->bounds.quoted && r->since != JD_PAST))
        return JD_OK;
    o->missing = r->counted > o->held + bad ? r->counted - o->held - bad : 0;
    o->extra   = o->held > r->counted ? o->held - r->counted : 0;
    if (o->missing)
        rc = jd_census_name_missing(r, e);
    if (rc)
        return rc;
    if (!o->missing || !r->at.doubtful || !sound)
        return JD_OK;
    /* What is missing was never sent: the next run walks again, over what is held. */
    jd_cursor_begin(&r->at.next, r->at.next.t0, r->at.next.since, NULL, 0);
    rc = jd_deliver_cursor(r->deliverer, &r->at, e);
    return rc ? rc : jd_deliver_commit(r->deliverer, true, e);
}
