/* The warehouse brought up to what state.db says is held: only what differs is read and written. */
#include "base/vec.h"
#include "flow/whjob.h"
#include "sink/members.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { STEP = 1000, MUCH = 50 };

typedef struct load {
    jd_whjob        j;
    jd_scope       *scope; /* of the state */
    jd_state_scope *was;   /* the same, with their cursors */
    size_t          n;
    jd_stmt        *of; /* the scopes of an issue */
    jd_code         rc;
    jd_err         *err;
    uint64_t        compared;
    bool            derived; /* as this program would */
    uint64_t        here;    /* of the compared ones, how many the warehouse holds now */
} load;

/* -- scopes ---------------------------------------------------------------------------------- */

static jd_scope scope_of(jd_str name, jd_str label, jd_str selection, uint64_t plan)
{
    static const char by_id[] = "project = ";
    jd_scope          is = {.name = name, .label = label, .selection = selection, .plan = plan};
    if (jd_str_starts(selection, jd_str_of(by_id)) &&
        jd_str_u64(jd_str_cut(selection, strlen(by_id), selection.n), &is.project_id))
        is.project = label;
    return is;
}

static bool is_aside(const load *l, jd_str name)
{
    for (size_t i = 0; i < l->j.aside.n; i++)
        if (jd_str_eq(l->j.aside.v[i].name, name))
            return true;
    return false;
}

/* As the state names them; read before the issues, so that no cursor says more than is loaded. Not
 * those that are left alone. */
static jd_code read_scopes(load *l, jd_err *e)
{
    const jd_outcome *partly = l->j.in->partly;
    jd_state_scope   *was;
    size_t            n  = 0;
    jd_code           rc = jd_state_scopes(l->j.state, l->j.arena, true, &was, &n, e);
    if (rc)
        return rc;
    for (size_t i = 0; partly && i < partly->n; i++) {
        const jd_scope_outcome *o = &partly->scope[i];
        if (o->code)
            *jd_vec_add(&l->j.aside) = scope_of(o->name, o->label, o->jql, 0);
    }
    l->was   = was;
    l->scope = JD_NEW_ARRAY(l->j.arena, jd_scope, n);
    for (size_t i = 0; i < n; i++) {
        if (is_aside(l, was[i].name))
            continue;
        l->was[l->n] = was[i];
        l->scope[l->n++] =
            scope_of(was[i].name, was[i].label, was[i].selection, was[i].cursor.plan);
    }
    return JD_OK;
}

static jd_scope *scope_named(load *l, jd_str name)
{
    for (size_t i = 0; i < l->n; i++)
        if (jd_str_eq(l->scope[i].name, name))
            return &l->scope[i];
    return NULL;
}

/* Everything but `seq`, which counts commits. */
static bool same_place(const jd_cursor *a, const jd_cursor *b)
{
    bool same = a->plan == b->plan && a->t0 == b->t0 && a->since == b->since &&
                a->updated == b->updated && a->nwindow == b->nwindow;
    for (unsigned i = 0; same && i < a->nwindow; i++)
        same = a->window[i].from == b->window[i].from && a->window[i].to == b->window[i].to &&
               a->window[i].at == b->window[i].at;
    return same;
}

/* -- issues ---------------------------------------------------------------------------------- */

typedef JD_VEC(jd_scope *) scopes;

static jd_code scopes_of(load *l, uint64_t id, scopes *out, jd_err *e)
{
    bool    row = true;
    jd_code rc  = JD_OK;
    jd_stmt_int(l->of, 1, (int64_t)id);
    while (!rc && row) {
        rc              = jd_stmt_step(l->of, &row, e);
        jd_scope *scope = !rc && row ? scope_named(l, jd_stmt_get_text(l->of, 0)) : NULL;
        if (scope)
            *jd_vec_add(out) = scope;
    }
    return rc;
}

/* The issue belongs to each of its scopes; it is written under the first. */
static jd_code put_under(load *l, const scopes *in, const jd_issue *issue, uint64_t plan, jd_err *e)
{
    uint64_t its   = in->v[0]->plan;
    in->v[0]->plan = plan;
    jd_code rc     = jd_whjob_put(&l->j, in->v[0], issue, e);
    in->v[0]->plan = its;
    for (size_t i = 1; i < in->n && !rc; i++) {
        rc = jd_whjob_begin(&l->j, e);
        if (!rc)
            rc = l->j.sink.ops->member(l->j.sink.self, in->v[i], issue->id, e);
    }
    return rc;
}

static jd_code load_under(load *l, const scopes *in, const jd_state_issue *row, uint64_t hash,
                          bool fresh, jd_err *e)
{
    jd_issue issue;
    bool     good;
    jd_code  rc = jd_whjob_read(&l->j, row->key, &issue, &good, e);
    if (rc || !good)
        return rc;
    issue.fetched_ms = row->held.fetched_ms;
    issue.hash       = hash;
    rc               = put_under(l, in, &issue, row->held.plan, e);
    if (!rc) {
        l->j.sum->written++;
        l->here += fresh;
    }
    return rc;
}

/* What belongs to none but scopes that are left alone stays as it is. */
static jd_code load_issue(load *l, const jd_state_issue *row, uint64_t hash, bool fresh, jd_err *e)
{
    scopes         in = {0};
    jd_state_issue is = *row;
    is.key            = jd_arena_dup(l->j.page, row->key);
    jd_code rc        = scopes_of(l, is.id, &in, e);
    if (!rc && in.n)
        rc = load_under(l, &in, &is, hash, fresh, e);
    if (!rc && !in.n && l->j.aside.n) {
        l->j.spared += !fresh;
        l->j.sum->issues -= fresh;
    }
    jd_vec_release(&in);
    return rc;
}

static bool compare(void *self, const jd_state_issue *row)
{
    load    *l = self;
    jd_held  held;
    bool     found = false, same_key;
    uint64_t hash  = row->held.hash;
    (void)jd_idset_add(l->j.seen, row->id);
    l->j.sum->issues++;
    if (jd_stop_wanted(l->j.in->stop))
        l->rc = jd_fail(l->err, JD_E_INTERRUPTED, "interrupted: run again");
    else
        l->rc = jd_warehouse_held(&l->j.sink, row->id, row->key, &held, &found, &same_key, l->err);
    l->here += found;
    if (!l->rc)
        l->rc = jd_whjob_hash(&l->j, row->id, &hash, l->err);
    if (!l->rc &&
        (!same_key || !l->derived || held.hash != hash || held.updated_ms != row->held.updated_ms))
        l->rc = load_issue(l, row, hash, !found, l->err);
    jd_arena_recycle(l->j.page);
    if (l->j.in->step && ++l->compared % STEP == 0)
        l->j.in->step(l->j.in->self, STEP);
    return !l->rc;
}

/* -- what else differs ----------------------------------------------------------------------- */

static void take_id(void *self, uint64_t id)
{
    (void)jd_idset_add(self, id);
}

static jd_code put_members(load *l, const jd_scope *scope, const jd_idset *these, jd_err *e)
{
    uint64_t n  = 0;
    jd_code  rc = JD_OK;
    for (uint64_t id = 0; !rc && jd_idset_next(these, id, &id); id++) {
        rc = jd_whjob_begin(&l->j, e);
        if (!rc)
            rc = l->j.sink.ops->member(l->j.sink.self, scope, id, e);
        if (!rc && ++n % 10000 == 0)
            rc = jd_whjob_commit(&l->j, NULL, 0, e);
    }
    return rc ? rc : jd_whjob_commit(&l->j, NULL, 0, e);
}

/* An issue that is held as it should be may belong to a scope since, or no longer. */
static jd_code load_members(load *l, const jd_scope *scope, jd_err *e)
{
    jd_str  want = JD_NOSTR, has = JD_NOSTR;
    jd_code rc = jd_members_sum(l->j.state, scope, l->j.arena, &want, e);
    if (!rc)
        rc = jd_warehouse_members_sum(&l->j.sink, scope, l->j.arena, &has, e);
    if (rc || jd_str_eq(want, has))
        return rc;
    jd_idset *these = jd_idset_new();
    rc              = jd_members_each(l->j.state, scope, take_id, these, e);
    if (!rc)
        rc = put_members(l, scope, these, e);
    if (!rc)
        rc = jd_warehouse_keep_members(&l->j.sink, scope, these, e);
    jd_idset_free(these);
    return rc;
}

static jd_code load_scopes(load *l, jd_err *e)
{
    jd_code rc = JD_OK;
    for (size_t i = 0; i < l->n && !rc; i++) {
        jd_cursor at;
        jd_sink  *sink = &l->j.sink;
        rc             = sink->ops->where(sink->self, &l->scope[i], &at, e);
        if (!rc)
            rc = load_members(l, &l->scope[i], e);
        if (rc || same_place(&at, &l->was[i].cursor))
            continue;
        rc = jd_whjob_begin(&l->j, e);
        if (!rc)
            rc = jd_whjob_commit(&l->j, &(jd_commit){&l->scope[i], &l->was[i].cursor}, 1, e);
    }
    return rc;
}

static jd_code open_load(load *l, const jd_warehouse_job *in, jd_warehouse_sum *sum, jd_err *e)
{
    jd_code rc = jd_whjob_open(&l->j, in, sum, false, e);
    if (!rc && !l->j.state)
        rc = jd_fail(e, JD_E_NOTFOUND, "there is no state in %s: nothing was scraped yet",
                     in->state_dir);
    if (!rc)
        rc = read_scopes(l, e);
    if (!rc)
        rc = jd_whjob_need_sink(&l->j, NULL, e);
    for (size_t i = 0; i < l->n && !rc; i++) { /* nobody else loads them meanwhile */
        jd_cursor at;
        rc = l->j.sink.ops->where(l->j.sink.self, &l->scope[i], &at, e);
    }
    if (!rc)
        rc = jd_warehouse_derived(&l->j.sink, &l->derived, e);
    if (!rc)
        rc = jd_stmt_prepare(jd_state_db(l->j.state),
                             "SELECT scope.name FROM scope CROSS JOIN member ON member.scope ="
                             " scope.id AND member.id = ?1 ORDER BY scope.id",
                             &l->of, e);
    return rc;
}

/* How many there are to compare: an issue of two scopes is one. */
static jd_code begin_progress(const load *l, jd_err *e)
{
    jd_stmt *q;
    bool     row = false;
    if (!l->j.in->scope)
        return JD_OK;
    jd_code rc = jd_stmt_prepare(jd_state_db(l->j.state), "SELECT count(*) FROM issue", &q, e);
    if (!rc)
        rc = jd_stmt_step(q, &row, e);
    if (rc)
        return rc;
    l->j.in->scope(l->j.in->self, "warehouse", (uint64_t)jd_stmt_get_int(q, 0));
    jd_stmt_reset(q);
    return JD_OK;
}

jd_code jd_warehouse_load(const jd_warehouse_job *in, jd_warehouse_sum *sum, jd_err *e)
{
    load    l  = {.err = e};
    jd_code rc = open_load(&l, in, sum, e);
    if (!rc)
        rc = begin_progress(&l, e);
    if (!rc)
        rc = jd_state_each(l.j.state, compare, &l, e);
    if (!rc)
        rc = l.rc;
    if (!rc)
        rc = jd_whjob_commit(&l.j, NULL, 0, e);
    if (!rc)
        rc = jd_whjob_remove_left(&l.j, l.here, e);
    if (!rc)
        rc = load_scopes(&l, e);
    if (!rc)
        rc = jd_whjob_site(&l.j, e);
    if (!rc && sum->written > MUCH + sum->issues / 10)
        rc = jd_warehouse_analyze(&l.j.sink, e);
    if (!rc && !l.derived && !l.j.spared)
        rc = jd_warehouse_note_derived(&l.j.sink, e);
    if (!rc && in->step)
        in->step(in->self, l.compared % STEP);
    jd_whjob_note(&l.j, rc, e);
    jd_whjob_close(&l.j);
    if (!rc && sum->bad)
        rc = jd_fail(e, JD_E_DATA,
                     "%" PRIu64 " issues of %s cannot be read; the rest is in the warehouse",
                     sum->bad, in->raw_dir);
    return rc;
}
