#include "sink/batch.h"

#include "sink/outbox.h"

#include <stdlib.h>

void jd_batch_init(jd_batch *b, bool (*there)(void *self, jd_str key))
{
    *b = (jd_batch){.arena = jd_arena_new(0), .by_id = jd_idmap_new(), .there = there};
    jd_users_init(&b->users);
}

void jd_batch_release(jd_batch *b)
{
    jd_state_close(b->state);
    jd_vec_release(&b->row);
    jd_vec_release(&b->joined);
    jd_vec_release(&b->gone);
    jd_vec_release(&b->change);
    jd_vec_release(&b->work);
    jd_idmap_free(b->by_id);
    jd_users_release(&b->users);
    jd_arena_free(b->arena);
}

void jd_batch_clear(jd_batch *b)
{
    if (b->users.waiting.n) /* not committed */
        jd_users_forget(&b->users);
    b->row.n    = 0;
    b->joined.n = 0;
    b->gone.n   = 0;
    b->change.n = 0;
    b->work.n   = 0;
    b->open     = false;
    jd_idmap_clear(b->by_id);
    jd_arena_reset(b->arena);
}

#define SWAP(what)                               \
    do {                                         \
        __typeof__(from->what) own = from->what; \
        from->what                 = to->what;   \
        to->what                   = own;        \
    } while (0)

/* Statements stay where they are, and so do the ranges known to be empty, which learn of the rows
 * here. */
void jd_batch_move(jd_batch *from, jd_batch *to)
{
    for (size_t i = 0; i < from->row.n; i++)
        jd_gaps_put(&from->gaps, from->row.v[i].row.id);
    to->state = from->state;
    to->tell  = from->tell;
    to->open  = true;
    SWAP(arena);
    SWAP(by_id);
    SWAP(row);
    SWAP(joined);
    SWAP(gone);
    SWAP(change);
    SWAP(work);
    jd_users_move(&from->users, &to->users);
    jd_batch_clear(from);
}

static void ready(jd_batch *b)
{
    if (b->ready)
        b->ready(b);
}

/* -- what comes in --------------------------------------------------------------------------- */

/* What to do with an issue, given what is held of it. */
static jd_written judge(const jd_issue *issue, const jd_held *held)
{
    if (issue->updated_ms < held->updated_ms ||
        (issue->updated_ms == held->updated_ms && issue->fetched_ms < held->fetched_ms))
        return JD_WROTE_OLDER;
    return issue->hash == held->hash ? JD_WROTE_UNCHANGED : JD_WROTE_CHANGED;
}

/* Key and held state of an id, from the batch in hand or from the state. The key is copied. */
static jd_code find_held(jd_batch *b, uint64_t id, jd_state_issue *out, bool *found, jd_err *e)
{
    const int64_t *place = jd_idmap_get(b->by_id, id);
    if (place) {
        *out   = b->row.v[*place].row;
        *found = true;
        return JD_OK;
    }
    *found = false;
    if (jd_gaps_has(&b->gaps, id))
        return JD_OK;
    ready(b);
    jd_code rc = jd_state_get(b->state, id, out, found, e);
    if (!rc && *found)
        out->key = jd_arena_dup(b->arena, out->key);
    else if (!rc)
        rc = jd_gaps_learn(&b->gaps, jd_state_db(b->state), id, e);
    return rc;
}

/* It comes, or stays, after all: the later word counts. */
static void not_gone(jd_batch *b, const jd_scope *only, uint64_t id)
{
    for (size_t i = b->gone.n; i-- > 0;)
        if (b->gone.v[i].why.id == id && (!only || b->gone.v[i].scope == only))
            b->gone.v[i] = b->gone.v[--b->gone.n];
}

/* The issue belongs to the scope too, unless it turns out to have moved to another project. */
static void join_later(jd_batch *b, const jd_scope *scope, uint64_t id)
{
    *jd_vec_add(&b->joined) = (jd_batch_join){scope, id};
}

jd_code jd_batch_add(jd_batch *b, const jd_scope *scope, const jd_issue *issue, jd_written *out,
                     bool *store, size_t *place, jd_err *e)
{
    jd_state_issue is;
    bool           found = false;
    jd_code        rc    = find_held(b, issue->id, &is, &found, e);
    *store               = false;
    if (rc)
        return rc;
    not_gone(b, NULL, issue->id);
    *out = found ? judge(issue, &is.held) : JD_WROTE_NEW;
    if (*out == JD_WROTE_OLDER) {
        join_later(b, scope, issue->id);
        return JD_OK;
    }
    bool         same_key = found && jd_str_eq(is.key, issue->key);
    bool         fresh;
    int64_t     *at = jd_idmap_put(b->by_id, issue->id, &fresh);
    jd_batch_row p  = {
         .scope = scope,
         .row   = {.id   = issue->id,
                   .key  = same_key ? is.key : jd_arena_dup(b->arena, issue->key),
                   .held = {issue->updated_ms, issue->fetched_ms, issue->hash, scope->plan}},
         .old   = found && !same_key ? is.key : JD_NOSTR,
         .store = *out != JD_WROTE_UNCHANGED || !same_key || (fresh && !b->there(b, issue->key)),
         .moved = found && !same_key};
    *store = p.store;
    if (p.store)
        jd_users_take(&b->users, issue);
    if (b->index_work)
        jd_worklogs_take(&b->work, issue);
    if (fresh) {
        *at                  = (int64_t)b->row.n;
        *jd_vec_add(&b->row) = p;
    } else { /* twice in one batch: the later state, and the first one's old key */
        jd_batch_row *was = &b->row.v[*at];
        p.store           = p.store || was->store;
        p.moved           = p.moved || was->moved;
        if (was->old.n)
            p.old = was->old;
        if (was->scope != scope)
            join_later(b, was->scope, issue->id);
        *was = p;
    }
    *place = (size_t)*at;
    return JD_OK;
}

jd_code jd_batch_begin(void *self, jd_err *e)
{
    jd_batch *b = self;
    (void)e;
    jd_batch_clear(b);
    b->open = true;
    return JD_OK;
}

jd_code jd_batch_member(void *self, const jd_scope *scope, uint64_t id, jd_err *e)
{
    jd_batch *b = self;
    (void)e;
    not_gone(b, scope, id);
    join_later(b, scope, id);
    return JD_OK;
}

static void not_joined(jd_batch *b, const jd_scope *scope, uint64_t id)
{
    for (size_t i = b->joined.n; i-- > 0;)
        if (b->joined.v[i].id == id && b->joined.v[i].scope == scope)
            b->joined.v[i] = b->joined.v[--b->joined.n];
}

jd_code jd_batch_remove(void *self, const jd_scope *scope, const jd_tombstone *why, jd_err *e)
{
    jd_batch      *b = self;
    jd_state_issue is;
    bool           found;
    jd_code        rc = find_held(b, why->id, &is, &found, e);
    if (rc || !found)
        return rc;
    not_gone(b, scope, why->id);
    not_joined(b, scope, why->id);
    jd_batch_gone *g = jd_vec_add(&b->gone);
    *g               = (jd_batch_gone){.scope = scope, .why = *why};
    g->why.key       = is.key;
    g->why.now       = jd_arena_dup(b->arena, why->now);
    return JD_OK;
}

jd_code jd_batch_change(void *self, const jd_scope *scope, const jd_change *change, jd_err *e)
{
    jd_batch *b = self;
    jd_str    line;
    (void)scope;
    jd_code rc = jd_outbox_line(b->arena, change, &line, e);
    if (!rc)
        *jd_vec_add(&b->change) = line;
    return rc;
}

/* -- commit ---------------------------------------------------------------------------------- */

/* Pages of several walks come in any order: one that was asked before an issue moved may be
 * delivered after its move. What is held by now says where it is. */
static jd_code join(jd_batch *b, const jd_batch_join *j, jd_err *e)
{
    jd_state_issue is;
    bool           found = true;
    if (j->scope->project.n) {
        jd_code rc = jd_state_get(b->state, j->id, &is, &found, e);
        if (rc)
            return rc;
        if (found && !jd_str_eq(jd_key_project(is.key), j->scope->project))
            return JD_OK;
    }
    return jd_state_member(b->state, j->scope, j->id, false, e);
}

static jd_code tell_removed(jd_batch *b, const jd_tombstone *t, jd_err *e)
{
    jd_str    line;
    jd_change c = jd_change_removed(t->id, t->key, jd_str_of(jd_cause_name(t->cause)), t->made_ms);
    if (t->now.n)
        c.to = t->now;
    jd_code rc = jd_outbox_line(b->arena, &c, &line, e);
    return rc ? rc : jd_outbox_put(b->state, line, e);
}

/* Row by row with what belongs to it: a later row may put an earlier one out of its key, and what
 * belongs to that one with it. */
static jd_code put_rows(jd_batch *b, jd_code (*more)(void *self, size_t place, jd_err *e),
                        void *self, jd_err *e)
{
    jd_code rc = JD_OK;
    for (size_t i = 0; i < b->row.n && !rc; i++) {
        const jd_batch_row *p = &b->row.v[i];
        jd_gaps_put(&b->gaps, p->row.id);
        rc = jd_state_put(b->state, &p->row, e);
        if (!rc)
            rc = jd_state_member(b->state, p->scope, p->row.id, p->moved, e);
        if (!rc && more)
            rc = more(self, i, e);
    }
    for (size_t i = 0; i < b->joined.n && !rc; i++)
        rc = join(b, &b->joined.v[i], e);
    for (size_t i = 0; i < b->gone.n && !rc; i++) {
        jd_batch_gone *g = &b->gone.v[i];
        rc               = jd_tomb_bury(&b->tombs, b->state, g->scope, &g->why, &g->removed, e);
        if (!rc && b->tell && g->removed)
            rc = tell_removed(b, &g->why, e);
    }
    if (!rc)
        rc = jd_worklogs_put(b->state, &b->work, e);
    for (size_t i = 0; i < b->change.n && !rc; i++)
        rc = jd_outbox_put(b->state, b->change.v[i], e);
    return rc;
}

jd_code jd_batch_commit(jd_batch *b, const jd_commit *upto, size_t n, const char *point,
                        jd_code (*more)(void *self, size_t place, jd_err *e), void *self, jd_err *e)
{
    jd_code rc = jd_state_begin(b->state, e);
    if (!rc)
        rc = put_rows(b, more, self, e);
    if (!rc && more)
        rc = more(self, JD_BATCH_END, e);
    if (!rc)
        rc = jd_users_put(&b->users, b->state, e);
    for (size_t i = 0; i < n && !rc; i++) {
        jd_cursor next = *upto[i].cursor;
        next.seq++;
        rc = jd_state_set_cursor(b->state, upto[i].scope, &next, e);
    }
    jd_crash_point(point);
    if (!rc)
        rc = jd_state_commit(b->state, e);
    if (rc)
        jd_state_rollback(b->state);
    else
        jd_users_settled(&b->users);
    for (size_t i = 0; i < n && !rc; i++)
        upto[i].cursor->seq++;
    return rc;
}

/* -- what is held ---------------------------------------------------------------------------- */

jd_code jd_batch_where(void *self, const jd_scope *scope, jd_cursor *out, jd_err *e)
{
    jd_batch *b = self;
    ready(b);
    return jd_state_cursor(b->state, scope, out, e);
}

jd_code jd_batch_count(void *self, const jd_scope *scope, int64_t since, uint64_t *out, jd_err *e)
{
    jd_batch *b = self;
    ready(b);
    return jd_state_count(b->state, scope, since, out, e);
}

typedef struct reader {
    jd_state *state;
    jd_gaps   gaps;
} reader;

static bool reader_holds(void *self, uint64_t id, jd_str key, jd_held *out)
{
    reader        *r = self;
    jd_state_issue row;
    jd_err         ignored;
    bool           found;
    if (jd_gaps_has(&r->gaps, id) || jd_state_get(r->state, id, &row, &found, &ignored))
        return false;
    if (!found) {
        (void)!jd_gaps_learn(&r->gaps, jd_state_db(r->state), id, &ignored);
        return false;
    }
    bool same = jd_str_eq(row.key, key);
    *out      = row.held;
    jd_state_done(r->state);
    return same;
}

static void reader_close(void *self)
{
    reader *r = self;
    jd_state_close(r->state);
    free(r);
}

jd_code jd_batch_reader(void *self, jd_reader *out, jd_err *e)
{
    jd_batch *b  = self;
    reader   *r  = jd_xcalloc(1, sizeof *r);
    jd_code   rc = jd_state_open_read(jd_state_dir(b->state), &r->state, e);
    if (rc)
        free(r);
    else
        *out = (jd_reader){reader_holds, reader_close, r};
    return rc;
}
