#include "flow/census.h"

#include "flow/scoperun.h"
#include "sink/members.h"
#include "sink/sink.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    PAGE_DC     = 1000, /* servers send fewer if they like */
    PAGE_CLOUD  = 5000,
    BRAKE_LEAST = 20,
    BRAKE_PART  = 20, /* one in so many */
    NAMED       = 5
};

/* -- what follows from how an issue stands ---------------------------------------------------- */

bool jd_census_cause(const jd_scope *scope, bool cloud, const jd_standing *s, jd_cause *out)
{
    if (s->is == JD_STANDS_GONE) {
        *out = JD_CAUSE_GONE;
        return true;
    }
    if (s->is != JD_STANDS_THERE || s->selected)
        return false;
    if (scope->project.n && !jd_str_eq(jd_key_project(s->key), scope->project)) {
        *out = JD_CAUSE_MOVED;
        return true;
    }
    if (s->archived) {
        *out = JD_CAUSE_ARCHIVED;
        return true;
    }
    if (!s->asked)
        return false;
    if (!scope->project.n) {
        *out = JD_CAUSE_LEFT;
        return true;
    }
    /* In the project, and in no search: Cloud, which was told to look closely, does that to
     * archived issues alone. A Data Center says so in a field, or its index is behind. */
    *out = JD_CAUSE_ARCHIVED;
    return cloud;
}

bool jd_census_brake(uint64_t leaving, uint64_t held)
{
    return leaving > BRAKE_LEAST && leaving * BRAKE_PART > held;
}

/* -- listing ---------------------------------------------------------------------------------- */

void jd_census_release(jd_census *c)
{
    jd_idset_free(c->seen);
    jd_idset_free(c->want);
    jd_idset_free(c->doubt);
    jd_vec_release(&c->doomed);
    c->seen = c->want = c->doubt = NULL;
}

/* The windows of the backfill cut the scope evenly, so they are walked side by side again. */
jd_code jd_census_begin(jd_scope_run *r, jd_err *e)
{
    jd_census       *c   = &r->census;
    const jd_cursor *cur = &r->at.cursor;
    jd_code          rc =
        r->deliverer->sink->ops->count(r->deliverer->sink->self, r->at.scope, JD_PAST, &c->held, e);
    if (rc)
        return rc;
    c->step                 = JD_CENSUS_LISTING;
    c->seen                 = jd_idset_new();
    c->want                 = jd_idset_new();
    c->doubt                = jd_idset_new();
    r->at.out->census.asked = true;
    for (unsigned i = 0; i < cur->nwindow; i++) {
        c->list[i] = (jd_walk_errand){.base            = jd_scope_run_base(r, jd_walk_run),
                                      .axis            = JD_BY_CREATED,
                                      .window          = i,
                                      .from            = cur->window[i].from,
                                      .to              = cur->window[i].to,
                                      .since           = cur->since,
                                      .horizon         = r->clock_ms,
                                      .refresh_horizon = cur->window[i].to == JD_FUTURE,
                                      .lean            = true,
                                      .bounds          = r->bounds,
                                      .page_size       = r->env->cloud ? PAGE_CLOUD : PAGE_DC,
                                      .enough          = &r->at.enough};
        jd_scope_run_send(r, &c->list[i].base);
    }
    return JD_OK;
}

/* Whether the mirror has this state of it, or a newer one, under this key. */
static jd_code has(jd_scope_run *r, uint64_t id, jd_str key, int64_t updated_ms, bool *held,
                   bool *current, jd_err *e)
{
    jd_state_issue is;
    jd_code        rc = jd_state_get(jd_scope_run_state(r), id, &is, held, e);
    *current          = !rc && *held &&
               (is.held.updated_ms > updated_ms ||
                (is.held.updated_ms == updated_ms && jd_str_eq(is.key, key)));
    if (!rc && *held)
        jd_state_done(jd_scope_run_state(r));
    return rc;
}

static jd_code note(jd_scope_run *r, uint64_t id, jd_str key, int64_t updated_ms, jd_err *e)
{
    jd_census *c     = &r->census;
    int64_t    since = r->at.cursor.since;
    bool       held, current;
    jd_code    rc = has(r, id, key, updated_ms, &held, &current, e);
    if (rc)
        return rc;
    (void)jd_idset_add(c->seen, id);
    if ((r->env->nnamed || !current) && (held || since == JD_PAST || updated_ms >= since))
        (void)jd_idset_add(c->want, id);
    return JD_OK;
}

static jd_code take_list(jd_scope_run *r, const jd_haul *h, jd_err *e)
{
    jd_code rc = JD_OK;
    for (size_t i = 0; i < h->n && !rc; i++) {
        const jd_issue *issue = &h->row[i].issue;
        if (h->row[i].what == JD_ROW_MEMBER && issue->id)
            rc = note(r, issue->id, issue->key, issue->updated_ms, e);
        else if (issue->id) /* what cannot be read is there all the same */
            (void)jd_idset_add(r->census.seen, issue->id);
    }
    if (r->conf->census_only && r->env->watch->moved)
        r->env->watch->moved(r->env->watch->self, h->n);
    return rc;
}

/* -- chunks ----------------------------------------------------------------------------------- */

static size_t chunk(jd_census *c, const jd_idset *of, size_t most, uint64_t *id)
{
    size_t n = 0;
    while (n < most && jd_idset_next(of, c->next, &id[n]))
        c->next = id[n++] + 1;
    return n;
}

/* An id that the server listed; 0 when it listed none. */
static uint64_t listed_near(const jd_census *c, uint64_t id)
{
    uint64_t near = 0;
    if (!jd_idset_next(c->seen, id, &near))
        (void)jd_idset_next(c->seen, 0, &near);
    return near;
}

/* The next ids of the step's set to one errand; none when all are given out. */
static void refill(jd_scope_run *r, size_t i)
{
    jd_census *c    = &r->census;
    size_t     page = r->want->page_size < JD_STANDING_MOST ? r->want->page_size : JD_STANDING_MOST;
    if (r->at.enough || c->enough)
        return;
    if (c->step == JD_CENSUS_ASKING) {
        jd_stand_errand *er = &c->slot[i].stand;
        *er                 = (jd_stand_errand){.base    = jd_scope_run_base(r, jd_stand_run),
                                                .account = r->env->account,
                                                .enough  = &c->enough};
        er->n               = chunk(c, c->doubt, JD_STANDING_MOST, er->id);
        er->control         = listed_near(c, er->id[0]);
        if (er->n)
            jd_scope_run_send(r, &er->base);
    } else if (c->step == JD_CENSUS_FETCHING) {
        jd_byid_errand *er = &c->slot[i].byid;
        *er                = (jd_byid_errand){.base  = jd_scope_run_base(r, jd_byid_run),
                                              .fresh = r->env->nnamed > 0};
        er->n              = chunk(c, c->want, page, er->id);
        if (er->n)
            jd_scope_run_send(r, &er->base);
    }
}

static void begin_step(jd_scope_run *r, jd_census_step step)
{
    size_t n       = jd_fetch_size(r->fetch);
    r->census.step = step;
    r->census.next = 0;
    for (size_t i = 0; i < n && i < JD_CENSUS_SLOTS; i++)
        refill(r, i);
}

jd_code jd_census_named(jd_scope_run *r, jd_err *e)
{
    jd_census *c = &r->census;
    jd_code    rc =
        r->deliverer->sink->ops->count(r->deliverer->sink->self, r->at.scope, JD_PAST, &c->held, e);
    if (rc)
        return rc;
    c->seen  = jd_idset_new();
    c->want  = jd_idset_new();
    c->doubt = jd_idset_new();
    for (size_t i = 0; i < r->env->nnamed; i++)
        (void)jd_idset_add(c->doubt, r->env->named[i]);
    r->at.out->census.listed = r->env->nnamed;
    begin_step(r, JD_CENSUS_ASKING);
    return JD_OK;
}

/* -- asking ----------------------------------------------------------------------------------- */

typedef struct compare { /* what is listed against what is held; both rise */
    jd_scope_run *r;
    uint64_t      next; /* of what was seen */
    jd_idset     *join; /* held, seen, and no member yet */
} compare;

static void join_until(compare *k, uint64_t id, bool all)
{
    const jd_census *c = &k->r->census;
    for (uint64_t seen; jd_idset_next(c->seen, k->next, &seen) && (all || seen < id);
         k->next = seen + 1)
        if (!jd_idset_has(c->want, seen))
            (void)jd_idset_add(k->join, seen);
}

static void compare_member(void *self, uint64_t id)
{
    compare   *k = self;
    jd_census *c = &k->r->census;
    join_until(k, id, false);
    if (jd_idset_has(c->seen, id))
        k->next = id + 1;
    else
        (void)jd_idset_add(c->doubt, id);
}

static void compare_orphan(void *self, uint64_t id)
{
    compare   *k = self;
    jd_census *c = &k->r->census;
    if (!jd_idset_has(c->seen, id))
        (void)jd_idset_add(c->doubt, id);
}

/* Also joins what the server lists, another scope holds and this one did not know of. */
static jd_code compare_all(jd_scope_run *r, jd_err *e)
{
    compare k  = {.r = r, .join = jd_idset_new()};
    jd_code rc = jd_members_each(jd_scope_run_state(r), r->at.scope, compare_member, &k, e);
    if (!rc) {
        join_until(&k, 0, true);
        rc = jd_members_orphans(jd_scope_run_state(r), r->at.scope, compare_orphan, &k, e);
    }
    uint64_t id;
    for (uint64_t from = 0; !rc && jd_idset_next(k.join, from, &id); from = id + 1) {
        bool           held;
        jd_state_issue is;
        /* one that could not be read is not */
        rc = jd_state_get(jd_scope_run_state(r), id, &is, &held, e);
        if (!rc && held) {
            jd_state_done(jd_scope_run_state(r));
            rc = jd_deliver_join(r->deliverer, &r->at, id, e);
        }
    }
    jd_idset_free(k.join);
    r->at.out->census.listed = jd_idset_count(r->census.seen);
    return rc;
}

static jd_code let_go(jd_scope_run *r, const jd_tombstone *why, jd_err *e)
{
    r->at.out->census.asked = true;
    r->at.out->census.removed[why->cause]++;
    return jd_deliver_remove(r->deliverer, &r->at, why, e);
}

/* With a person's word, at once; else when all have been asked for, and are few enough. */
static jd_code doom(jd_scope_run *r, const jd_standing *s, jd_cause cause, int64_t at_ms, jd_err *e)
{
    jd_census   *c   = &r->census;
    jd_tombstone why = {.id      = s->id,
                        .cause   = cause,
                        .now     = cause == JD_CAUSE_MOVED ? s->key : JD_NOSTR,
                        .made_ms = at_ms};
    c->leaving++;
    if (r->conf->accept_deletions)
        return let_go(r, &why, e);
    if (jd_census_brake(c->leaving, c->held)) {
        c->enough = true;
        return JD_OK;
    }
    why.now                 = jd_arena_dup(r->arena, why.now);
    *jd_vec_add(&c->doomed) = why;
    return JD_OK;
}

/* Of a project the key tells, too: the index of a Data Center may not know yet of what is named. */
static bool is_here(const jd_scope_run *r, const jd_standing *s)
{
    jd_str project = r->at.scope->project;
    return s->selected ||
           (r->env->nnamed && s->is == JD_STANDS_THERE && !s->archived && project.n &&
            !r->env->cloud && jd_str_eq(jd_key_project(s->key), project));
}

/* One that is named may never have been of this scope. */
static jd_code is_member(jd_scope_run *r, uint64_t id, bool *yes, jd_err *e)
{
    *yes = true;
    return r->env->nnamed ? jd_members_has(jd_scope_run_state(r), r->at.scope, id, yes, e) : JD_OK;
}

static jd_code take_stood(jd_scope_run *r, const jd_stood *st, jd_err *e)
{
    jd_code rc = JD_OK;
    for (size_t i = 0; i < st->n && !rc && !r->at.enough; i++) {
        const jd_standing *s = &st->of[i];
        jd_cause           cause;
        bool               member;
        rc = is_member(r, s->id, &member, e);
        if (!rc && is_here(r, s))
            rc = note(r, s->id, s->key, s->updated_ms, e);
        else if (rc || !member)
            continue;
        else if (r->env->no_census)
            r->at.out->census.kept++;
        else if (jd_census_cause(r->at.scope, r->env->cloud, s, &cause))
            rc = doom(r, s, cause, st->at_ms, e);
        else if (!r->census.enough)
            r->at.out->census.kept++;
    }
    return rc;
}

/* -- the steps -------------------------------------------------------------------------------- */

static jd_code after_asking(jd_scope_run *r, jd_err *e)
{
    jd_census *c  = &r->census;
    jd_code    rc = JD_OK;
    for (size_t i = 0; i < c->doomed.n && !rc && !c->enough; i++) {
        rc = let_go(r, &c->doomed.v[i], e);
        if (!rc)
            rc = jd_deliver_commit(r->deliverer, false, e);
    }
    return rc;
}

static uint64_t delivered(const jd_scope_run *r)
{
    return r->at.out->fresh + r->at.out->changed;
}

/* The brake ends the scope only now: what is lacking was fetched all the same. */
static jd_code after_fetching(jd_scope_run *r, jd_err *e)
{
    jd_census *c              = &r->census;
    r->at.out->census.fetched = delivered(r) - c->before;
    c->step                   = JD_CENSUS_DONE;
    if (!jd_census_brake(c->leaving, c->held) || r->conf->accept_deletions)
        return JD_OK;
    return jd_fail(
        e, JD_E_REFUSED,
        "census: %" PRIu64 " or more of %" PRIu64
        " issues are no longer there, over 5 %% at once: nothing was removed; look whether "
        "that can be, then run it with --accept-deletions",
        c->leaving, c->held);
}

jd_code jd_census_go_on(jd_scope_run *r, jd_errand *ended, jd_err *e)
{
    jd_census *c  = &r->census;
    jd_code    rc = JD_OK;
    for (size_t i = 0; i < JD_CENSUS_SLOTS; i++)
        if (ended == &c->slot[i].base.errand)
            refill(r, i);
    if (r->open)
        return JD_OK;
    if (r->at.enough) {
        c->step = JD_CENSUS_DONE;
        return JD_OK;
    }
    if (c->step == JD_CENSUS_LISTING) {
        rc = compare_all(r, e);
        if (!rc)
            begin_step(r, JD_CENSUS_ASKING);
        if (rc || r->open)
            return rc;
    }
    if (c->step == JD_CENSUS_ASKING) {
        rc        = after_asking(r, e);
        c->enough = false;
        c->before = delivered(r);
        if (!rc)
            begin_step(r, JD_CENSUS_FETCHING);
        if (rc || r->open)
            return rc;
    }
    return c->step == JD_CENSUS_FETCHING ? after_fetching(r, e) : JD_OK;
}

jd_code jd_census_take(jd_scope_run *r, const jd_parcel *p, jd_err *e)
{
    if (p->errand->run == jd_stand_run)
        return take_stood(r, (const jd_stood *)p, e);
    if (p->errand->run == jd_byid_run)
        return jd_deliver_haul(r->deliverer, &r->at, (const jd_haul *)p, e);
    return take_list(r, (const jd_haul *)p, e);
}

jd_code jd_census_name_missing(jd_scope_run *r, jd_err *e)
{
    jd_scope_outcome *o    = r->at.out;
    size_t            used = 0, n = 0;
    uint64_t          id;
    jd_code           rc = JD_OK;
    if (!r->census.want)
        return JD_OK;
    for (uint64_t from = 0; n < NAMED && !rc && jd_idset_next(r->census.want, from, &id);
         from          = id + 1) {
        jd_state_issue is;
        bool           held;
        rc = jd_state_get(jd_scope_run_state(r), id, &is, &held, e);
        if (rc)
            break;
        if (held) {
            jd_state_done(jd_scope_run_state(r));
            continue;
        }
        used += (size_t)snprintf(o->lacking + used, sizeof o->lacking - used, "%s%" PRIu64,
                                 n++ ? ", " : "", id);
    }
    return rc;
}
