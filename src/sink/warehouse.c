#include "sink/warehouse.h"

#include "base/hash.h"
#include "base/map.h"
#include "sink/wh_dbt.h"
#include "sink/wh_held.h"
#include "sink/wh_migrate.h"
#include "sink/wh_own.h"
#include "sink/wh_part.h"
#include "sink/wh_views.h"
#include "sys/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CURSOR_MAX = 4096, SENT_MAX = 1 << 18, ARENA_KEPT = 4 << 20 };

/* -- the sink -------------------------------------------------------------------------------- */

/* An issue of the batch in hand. */
typedef struct row {
    jd_wh_held      is;
    jd_wh_held      was; /* before the batch; id 0: not held */
    const jd_scope *scope;
} row;

typedef struct gone {
    const jd_scope *scope;
    jd_tombstone    why;
} gone;

typedef struct join {
    const jd_scope *scope;
    uint64_t        id;
} join;

typedef struct known_scope {
    uint64_t name; /* hash */
    int64_t  id;
} known_scope;

typedef struct warehouse {
    jd_wh_db     db;
    int64_t      site;
    jd_wh_known *known;
    jd_rows      rows;
    jd_arena    *page;  /* of one issue */
    jd_arena    *arena; /* of the batch */
    bool         open, anew;
    int64_t      wait_ms;
    JD_VEC(row) row;
    JD_VEC(join) joined;
    JD_VEC(gone) gone;
    jd_idmap   *by_id; /* id -> place in row */
    jd_idmap   *named; /* hash of table and key -> place in batch.named */
    jd_idmap   *sent;  /* the same -> hash of what was sent last */
    jd_wh_batch batch;
    JD_VEC(known_scope) scopes;
    const char *wide; /* fills issue_wide; NULL: there is nothing to fill */
    jd_arena   *lasting;
} warehouse;

static void clear_batch(warehouse *w)
{
    w->open          = false;
    w->row.n         = 0;
    w->joined.n      = 0;
    w->gone.n        = 0;
    w->batch.named.n = w->batch.member.n = w->batch.touch.n = 0;
    jd_idmap_clear(w->by_id);
    jd_idmap_clear(w->named);
    if (jd_arena_size(w->arena) > ARENA_KEPT)
        jd_arena_reset(w->arena);
    else
        jd_arena_recycle(w->arena);
}

/* -- scopes ---------------------------------------------------------------------------------- */

static jd_str number(jd_arena *a, int64_t v)
{
    return jd_arena_fmt(a, "%" PRId64, v);
}

typedef struct scope_row {
    jd_arena *arena;
    int64_t   id; /* 0: none */
    jd_str    cursor;
} scope_row;

static bool take_scope(void *self, const jd_str *col)
{
    scope_row *s = self;
    s->cursor    = col[1].p ? jd_arena_dup(s->arena, col[1]) : JD_NOSTR;
    if (!jd_str_i64(col[0], &s->id))
        s->id = 0;
    return false;
}

static jd_code find_scope(warehouse *w, jd_arena *a, const jd_scope *scope, scope_row *out,
                          jd_err *e)
{
    static const char sql[] =
        "SELECT id, cursor FROM sync_scope WHERE site_id = $1 AND name = $2 ORDER BY id";
    *out = (scope_row){.arena = a};
    return w->db.ops->each(w->db.self, sql, (jd_str[]){number(a, w->site), scope->name}, 2,
                           take_scope, out, e);
}

static jd_code add_scope(warehouse *w, jd_arena *a, const jd_scope *scope, jd_err *e)
{
    static const char sql[] =
        "INSERT INTO sync_scope (site_id, id, name, label, selection, project, project_id)"
        " SELECT $1, 1 + coalesce(max(id), 0), $2, $3, $4, $5, $6 FROM sync_scope WHERE site_id = "
        "$7";
    static const char sql_pg[] =
        "INSERT INTO sync_scope (site_id, id, name, label, selection, project, project_id)"
        " SELECT $1::bigint, 1 + coalesce(max(id), 0), $2::text, $3::text, $4::text, $5::text,"
        " $6::bigint FROM sync_scope WHERE site_id = $7";
    jd_str site    = number(a, w->site);
    jd_str param[] = {site,
                      scope->name,
                      scope->label,
                      scope->selection,
                      scope->project.n ? scope->project : JD_NOSTR,
                      scope->project_id ? number(a, (int64_t)scope->project_id) : JD_NOSTR,
                      site};
    return w->db.ops->run(w->db.self, w->db.ops->dialect == JD_SQL_SQLITE ? sql : sql_pg, param, 7,
                          e);
}

/* What people see of a scope may have changed: a project's key, above all. */
static jd_code refresh_scope(warehouse *w, jd_arena *a, const jd_scope *scope, int64_t id,
                             jd_err *e)
{
    static const char sql[] =
        "UPDATE sync_scope SET label = $1, selection = $2, project = $3 WHERE site_id = $4 AND id ="
        " $5 AND (label <> $6 OR selection <> $7)";
    jd_str param[] = {
        scope->label,       scope->selection, scope->project.n ? scope->project : JD_NOSTR,
        number(a, w->site), number(a, id),    scope->label,
        scope->selection};
    return w->db.ops->run(w->db.self, sql, param, 7, e);
}

typedef struct new_scope {
    warehouse      *w;
    jd_arena       *arena;
    const jd_scope *scope;
} new_scope;

static jd_code make_scope(const jd_wh_db *db, void *self, jd_err *e)
{
    const new_scope *n = self;
    scope_row        is;
    jd_code          rc = find_scope(n->w, n->arena, n->scope, &is, e);
    (void)db;
    return !rc && !is.id ? add_scope(n->w, n->arena, n->scope, e) : rc;
}

static jd_code open_scope(warehouse *w, jd_arena *a, const jd_scope *scope, scope_row *out,
                          jd_err *e)
{
    jd_code rc = w->db.ops->lock(w->db.self, scope, w->wait_ms, e);
    if (!rc)
        rc = find_scope(w, a, scope, out, e);
    if (!rc && !out->id) {
        if (w->open && w->db.ops->dialect == JD_SQL_SQLITE) /* within its transaction */
            rc = add_scope(w, a, scope, e);
        else
            rc = jd_wh_txn(&w->db, make_scope, &(new_scope){w, a, scope}, e);
        if (!rc)
            rc = find_scope(w, a, scope, out, e);
    } else if (!rc) {
        rc = refresh_scope(w, a, scope, out->id, e);
    }
    if (!rc && !out->id)
        rc = jd_fail(e, JD_E_INTERNAL, "the warehouse does not keep its scopes");
    return rc;
}

/* The scope's number, known since it was asked for first. */
static jd_code scope_id(warehouse *w, const jd_scope *scope, int64_t *out, jd_err *e)
{
    uint64_t name = jd_hash64(scope->name);
    for (size_t i = 0; i < w->scopes.n; i++)
        if (w->scopes.v[i].name == name) {
            *out = w->scopes.v[i].id;
            return JD_OK;
        }
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    scope_row                            is;
    jd_code                              rc = open_scope(w, a, scope, &is, e);
    if (rc)
        return rc;
    *out                    = is.id;
    *jd_vec_add(&w->scopes) = (known_scope){name, is.id};
    return JD_OK;
}

static jd_code wh_where(void *self, const jd_scope *scope, jd_cursor *out, jd_err *e)
{
    warehouse                           *w = self;
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    scope_row                            is;
    int64_t                              id;
    jd_code                              rc = open_scope(w, a, scope, &is, e);
    jd_cursor_init(out, scope->name, scope->plan);
    if (!rc)
        rc = scope_id(w, scope, &id, e);
    if (!rc && is.cursor.n)
        rc = jd_cursor_read(out, is.cursor, e);
    return rc;
}

/* -- what comes in --------------------------------------------------------------------------- */

static jd_written judge(const jd_issue *issue, const jd_held *held)
{
    if (issue->updated_ms < held->updated_ms ||
        (issue->updated_ms == held->updated_ms && issue->fetched_ms < held->fetched_ms))
        return JD_WROTE_OLDER;
    return issue->hash == held->hash ? JD_WROTE_UNCHANGED : JD_WROTE_CHANGED;
}

static jd_code find_held(warehouse *w, uint64_t id, jd_wh_held *out, bool *found, jd_err *e)
{
    const int64_t *place = jd_idmap_get(w->by_id, id);
    if (place) {
        *out   = w->row.v[*place].is;
        *found = true;
        return JD_OK;
    }
    return jd_wh_known_get(w->known, id, out, found, e);
}

jd_code jd_warehouse_held(const jd_sink *sink, uint64_t id, jd_str key, jd_held *out, bool *found,
                          bool *same_key, jd_err *e)
{
    jd_wh_held is;
    jd_code    rc = find_held(sink->self, id, &is, found, e);
    *same_key     = !rc && *found && is.key == jd_hash64(key);
    if (!rc && *found)
        *out = is.held;
    return rc;
}

static void not_gone(warehouse *w, const jd_scope *only, uint64_t id)
{
    for (size_t i = w->gone.n; i-- > 0;)
        if (w->gone.v[i].why.id == id && (!only || w->gone.v[i].scope == only))
            w->gone.v[i] = w->gone.v[--w->gone.n];
}

static void join_later(warehouse *w, const jd_scope *scope, uint64_t id)
{
    *jd_vec_add(&w->joined) = (join){scope, id};
}

static bool same_cells(const jd_table *t, const jd_cell *a, const jd_cell *b)
{
    for (unsigned i = 0; i < t->nkey; i++)
        if (a[i].kind != b[i].kind ||
            (a[i].kind == JD_CELL_TEXT ? !jd_str_eq(a[i].s, b[i].s) : a[i].i != b[i].i))
            return false;
    return true;
}

/* Later facts over earlier ones, null over nothing: as the database does it (jd_wh_sql_merge). */
static void merge_named(warehouse *w, const jd_table *t, jd_cell *is, const jd_cell *more)
{
    bool later = t->seen < 0 || more[t->seen].i >= is[t->seen].i;
    for (unsigned i = t->nkey; i < t->ncol; i++) {
        if (more[i].kind == JD_CELL_NULL || (!later && is[i].kind != JD_CELL_NULL))
            continue;
        is[i] = more[i];
        if (is[i].kind == JD_CELL_TEXT)
            is[i].s = jd_arena_dup(w->arena, is[i].s);
    }
}

/* What was sent before, and is the same, need not go again. */
static void take_named(warehouse *w, jd_table_id id, const jd_cell *cell)
{
    const jd_table *t   = &jd_tables[id];
    unsigned        n   = t->seen >= 0 ? (unsigned)t->seen : t->ncol;
    uint64_t        key = jd_cells_hash(cell, 0, t->nkey, (uint64_t)id + 1);
    bool            fresh;
    const int64_t  *sent = jd_idmap_get(w->sent, key);
    const int64_t  *at   = jd_idmap_get(w->named, key);
    if (at && same_cells(t, w->batch.named.v[*at].cell, cell)) {
        merge_named(w, t, w->batch.named.v[*at].cell, cell);
        return;
    }
    if (!at && sent && *sent == (int64_t)jd_cells_hash(cell, t->nkey, n, key))
        return;
    *jd_idmap_put(w->named, key, &fresh) = (int64_t)w->batch.named.n;
    jd_cell *own                         = jd_arena_zarray(w->arena, t->ncol, sizeof *own);
    for (unsigned i = 0; i < t->ncol; i++) {
        own[i] = cell[i];
        if (own[i].kind == JD_CELL_TEXT)
            own[i].s = jd_arena_dup(w->arena, own[i].s);
    }
    *jd_vec_add(&w->batch.named) = (jd_wh_named){id, own};
}

static void remember_sent(warehouse *w)
{
    if (jd_idmap_count(w->sent) > SENT_MAX)
        jd_idmap_clear(w->sent);
    for (size_t i = 0; i < w->batch.named.n; i++) {
        const jd_wh_named *named = &w->batch.named.v[i];
        const jd_table    *t     = &jd_tables[named->table];
        unsigned           n     = t->seen >= 0 ? (unsigned)t->seen : t->ncol;
        uint64_t           key = jd_cells_hash(named->cell, 0, t->nkey, (uint64_t)named->table + 1);
        *jd_idmap_put(w->sent, key, NULL) = (int64_t)jd_cells_hash(named->cell, t->nkey, n, key);
    }
}

static jd_code take_row(void *self, jd_table_id table, const jd_cell *cell, jd_err *e)
{
    warehouse *w = self;
    if (jd_tables[table].kind != JD_TAB_NAMED)
        return w->db.ops->row(w->db.self, table, cell, e);
    take_named(w, table, cell);
    return JD_OK;
}

static jd_code put_rows(warehouse *w, const jd_scope *scope, const jd_issue *issue, bool fresh,
                        jd_err *e)
{
    jd_issue with = *issue;
    jd_code  rc   = JD_OK;
    if (!with.doc)
        rc = jd_json_read(w->page, issue->raw, &with.doc, e);
    if (!rc)
        rc = w->db.ops->issue(w->db.self, w->site, issue->id, fresh, e);
    if (!rc)
        rc = jd_rows_issue(&w->rows, w->page, &with, scope->plan, e);
    jd_arena_recycle(w->page);
    return rc;
}

/* The same content need not be written; that it was read again counts where the run after next
 * would otherwise ask for it once more. */
static bool worth_a_touch(const jd_scope *scope, const jd_issue *issue, const jd_held *held)
{
    return held->plan != scope->plan ||
           (issue->fetched_ms > held->fetched_ms &&
            held->fetched_ms <= held->updated_ms + JD_WAREHOUSE_SETTLED_MS);
}

static void note_row(warehouse *w, const jd_scope *scope, const row *r)
{
    bool     fresh;
    int64_t *at = jd_idmap_put(w->by_id, r->is.id, &fresh);
    if (fresh) {
        *at                  = (int64_t)w->row.n;
        *jd_vec_add(&w->row) = *r;
        return;
    }
    row *was = &w->row.v[*at]; /* twice in one batch: the later state */
    if (was->scope != scope)
        join_later(w, was->scope, r->is.id);
    was->is    = r->is;
    was->scope = scope;
}

static jd_code wh_write(void *self, const jd_scope *scope, const jd_issue *issue, jd_written *out,
                        jd_err *e)
{
    warehouse *w = self;
    row        r = {.scope = scope,
                    .is    = {.id  = issue->id,
                              .key = jd_hash64(issue->key),
                              .held = {issue->updated_ms, issue->fetched_ms, issue->hash, scope->plan}}};
    jd_wh_held held;
    bool       found;
    jd_code    rc = find_held(w, issue->id, &held, &found, e);
    if (rc)
        return rc;
    if (found)
        r.was = held;
    not_gone(w, NULL, issue->id);
    *out = found ? judge(issue, &held.held) : JD_WROTE_NEW;
    if (*out == JD_WROTE_OLDER) {
        join_later(w, scope, issue->id);
        return JD_OK;
    }
    if (*out != JD_WROTE_UNCHANGED || w->anew) {
        rc = put_rows(w, scope, issue, !found, e);
    } else if (worth_a_touch(scope, issue, &held.held)) {
        *jd_vec_add(&w->batch.touch) = (jd_wh_touch){issue->id, scope->plan, issue->fetched_ms};
    } else {
        r.is.held = held.held;
    }
    if (!rc)
        note_row(w, scope, &r);
    return rc;
}

static jd_code wh_member(void *self, const jd_scope *scope, uint64_t id, jd_err *e)
{
    (void)e;
    not_gone(self, scope, id);
    join_later(self, scope, id);
    return JD_OK;
}

static jd_code wh_remove(void *self, const jd_scope *scope, const jd_tombstone *why, jd_err *e)
{
    warehouse *w = self;
    jd_wh_held held;
    bool       found;
    jd_code    rc = find_held(w, why->id, &held, &found, e);
    if (rc || !found)
        return rc;
    not_gone(w, scope, why->id);
    for (size_t i = w->joined.n; i-- > 0;)
        if (w->joined.v[i].id == why->id && w->joined.v[i].scope == scope)
            w->joined.v[i] = w->joined.v[--w->joined.n];
    gone *g    = jd_vec_add(&w->gone);
    *g         = (gone){scope, *why};
    g->why.now = jd_arena_dup(w->arena, why->now);
    return JD_OK;
}

static jd_code wh_begin(void *self, jd_err *e)
{
    warehouse *w = self;
    clear_batch(w);
    jd_code rc = w->db.ops->begin(w->db.self, e);
    w->open    = !rc;
    return rc;
}

/* -- commit ---------------------------------------------------------------------------------- */

static jd_code add_member(warehouse *w, const jd_scope *scope, uint64_t id, jd_wh_how how,
                          jd_err *e)
{
    int64_t in;
    jd_code rc = scope_id(w, scope, &in, e);
    if (!rc)
        *jd_vec_add(&w->batch.member) = (jd_wh_member){in, id, how};
    return rc;
}

static jd_code list_members(warehouse *w, jd_err *e)
{
    jd_code rc = JD_OK;
    for (size_t i = 0; i < w->row.n && !rc; i++) {
        const row *r     = &w->row.v[i];
        bool       moved = r->was.id && r->was.key != r->is.key;
        rc = add_member(w, r->scope, r->is.id, moved ? JD_WH_MOVED : JD_WH_WRITTEN, e);
    }
    for (size_t i = 0; i < w->joined.n && !rc; i++)
        rc = add_member(w, w->joined.v[i].scope, w->joined.v[i].id, JD_WH_JOINED, e);
    return rc;
}

static jd_code bury_all(warehouse *w, jd_err *e)
{
    jd_code rc = JD_OK;
    for (size_t i = 0; i < w->gone.n && !rc; i++) {
        int64_t in;
        rc = scope_id(w, w->gone.v[i].scope, &in, e);
        if (!rc)
            rc = jd_wh_bury(&w->db, w->site, in, &w->gone.v[i].why, e);
    }
    return rc;
}

static jd_code put_cursors(warehouse *w, const jd_commit *upto, size_t n, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a  = jd_arena_new(0);
    JD_CLEANUP(jd_buf_release) jd_buf    b  = JD_BUF_INIT(CURSOR_MAX);
    jd_code                              rc = JD_OK;
    for (size_t i = 0; i < n && !rc; i++) {
        jd_cursor next = *upto[i].cursor;
        int64_t   id;
        next.seq++;
        jd_buf_reset(&b);
        jd_cursor_write(&next, &b);
        rc = scope_id(w, upto[i].scope, &id, e);
        if (!rc)
            rc = w->db.ops->run(w->db.self, jd_wh_sql_cursor,
                                (jd_str[]){jd_buf_view(&b), number(a, w->site), number(a, id)}, 3,
                                e);
    }
    return rc;
}

static jd_code commit_once(warehouse *w, const jd_commit *upto, size_t n, jd_err *e)
{
    jd_code rc = w->db.ops->put(w->db.self, &w->batch, e);
    jd_crash_point("warehouse.rows");
    if (!rc)
        rc = jd_wh_wide_put(&w->db, w->wide, &w->batch, e);
    if (!rc)
        rc = bury_all(w, e);
    if (!rc)
        rc = put_cursors(w, upto, n, e);
    jd_crash_point("warehouse.cursor");
    if (!rc)
        rc = w->db.ops->end(w->db.self, e);
    if (rc)
        w->db.ops->rollback(w->db.self);
    return rc;
}

/* From now on the database holds what the batch brought. */
static void batch_stands(warehouse *w)
{
    for (size_t i = 0; i < w->row.n; i++)
        jd_wh_known_put(w->known, &w->row.v[i].is);
    if (w->gone.n)
        jd_wh_known_clear(w->known);
    remember_sent(w);
}

static jd_code wh_commit(void *self, const jd_commit *upto, size_t n, jd_err *e)
{
    warehouse *w = self;
    jd_crash_point("warehouse.written");
    /* whatever makes a scope's row comes before the transaction */
    int64_t id;
    jd_code rc = list_members(w, e);
    for (size_t i = 0; i < n && !rc; i++)
        rc = scope_id(w, upto[i].scope, &id, e);
    for (size_t i = 0; i < w->gone.n && !rc; i++)
        rc = scope_id(w, w->gone.v[i].scope, &id, e);
    if (rc)
        return rc;
    rc = commit_once(w, upto, n, e);
    for (int again = 1; rc && w->db.ops->again(w->db.self, again); again++)
        rc = commit_once(w, upto, n, e);
    if (rc)
        return rc;
    jd_crash_point("warehouse.committed");
    for (size_t i = 0; i < n; i++)
        upto[i].cursor->seq++;
    batch_stands(w);
    clear_batch(w);
    return JD_OK;
}

static void wh_abort(void *self)
{
    warehouse *w = self;
    w->db.ops->rollback(w->db.self);
    w->scopes.n = 0; /* one that the batch made is gone with it */
    clear_batch(w);
}

/* -- what is held ---------------------------------------------------------------------------- */

static bool take_count(void *self, const jd_str *col)
{
    if (!jd_str_u64(col[0], self))
        *(uint64_t *)self = 0;
    return false;
}

static jd_code wh_count(void *self, const jd_scope *scope, int64_t since, uint64_t *out, jd_err *e)
{
    static const char all[] =
        "SELECT count(*) FROM sync_member WHERE site_id = $1 AND scope_id = $2";
    static const char late[] =
        "SELECT count(*) FROM sync_member AS m JOIN issue AS i ON i.site_id = m.site_id AND i.id ="
        " m.issue_id WHERE m.site_id = $1 AND m.scope_id = $2 AND i.updated >= $3";
    warehouse *w = self;
    char       time[JD_WH_TIME_MAX];
    int64_t    id;
    *out                                    = 0;
    JD_CLEANUP(jd_arena_freep) jd_arena *a  = jd_arena_new(0);
    jd_code                              rc = scope_id(w, scope, &id, e);
    if (rc)
        return rc;
    bool   whole   = since == JD_PAST;
    jd_str param[] = {number(a, w->site), number(a, id),
                      whole ? JD_NOSTR : (jd_str){time, jd_wh_time(since, false, time)}};
    return w->db.ops->each(w->db.self, whole ? all : late, param, whole ? 2 : 3, take_count, out,
                           e);
}

typedef struct reader {
    jd_wh_db     db;
    jd_wh_known *known;
} reader;

static bool reader_holds(void *self, uint64_t id, jd_str key, jd_held *out)
{
    reader    *r = self;
    jd_wh_held held;
    bool       found;
    jd_err     ignored;
    if (jd_wh_known_get(r->known, id, &held, &found, &ignored) || !found)
        return false;
    *out = held.held;
    return held.key == jd_hash64(key);
}

static void reader_close(void *self)
{
    reader *r = self;
    r->db.ops->close(r->db.self);
    jd_wh_known_free(r->known);
    free(r);
}

static jd_code wh_reader(void *self, jd_reader *out, jd_err *e)
{
    warehouse *w = self;
    reader    *r = jd_xcalloc(1, sizeof *r);
    r->db.ops    = w->db.ops;
    jd_code rc   = w->db.ops->another(w->db.self, &r->db.self, e);
    if (rc) {
        free(r);
        return rc;
    }
    r->known = jd_wh_known_new(&r->db, w->site);
    *out     = (jd_reader){reader_holds, reader_close, r};
    return JD_OK;
}

/* -- opening --------------------------------------------------------------------------------- */

static void wh_close(void *self)
{
    warehouse *w = self;
    if (w->db.ops) {
        if (w->open)
            wh_abort(w);
        w->db.ops->close(w->db.self);
    }
    jd_wh_known_free(w->known);
    jd_rows_release(&w->rows);
    jd_arena_free(w->page);
    jd_arena_free(w->arena);
    jd_arena_free(w->lasting);
    jd_vec_release(&w->row);
    jd_vec_release(&w->joined);
    jd_vec_release(&w->gone);
    jd_vec_release(&w->batch.named);
    jd_vec_release(&w->batch.member);
    jd_vec_release(&w->batch.touch);
    jd_vec_release(&w->scopes);
    jd_idmap_free(w->by_id);
    jd_idmap_free(w->named);
    jd_idmap_free(w->sent);
    free(w);
}

static const jd_sink_ops wh_ops = {
    .name   = "warehouse",
    .caps   = JD_SINK_TXN | JD_SINK_UPSERT | JD_SINK_DELETE,
    .where  = wh_where,
    .begin  = wh_begin,
    .write  = wh_write,
    .member = wh_member,
    .remove = wh_remove,
    .commit = wh_commit,
    .abort  = wh_abort,
    .close  = wh_close,
    .count  = wh_count,
    .reader = wh_reader,
};

static jd_code open_schema(warehouse *w, bool create, jd_err *e)
{
    int64_t version, from;
    jd_code rc = jd_wh_version(&w->db, &version, e);
    if (!rc && version == 0 && create)
        rc = jd_wh_migrate(&w->db, &from, e);
    if (!rc)
        rc = jd_wh_check(&w->db, e);
    return rc ? rc : jd_wh_views_refresh(&w->db, e);
}

jd_code jd_warehouse_open(const jd_warehouse_conf *conf, jd_sink *out, jd_err *e)
{
    warehouse *w = jd_xcalloc(1, sizeof *w);
    w->page      = jd_arena_new(0);
    w->arena     = jd_arena_new(0);
    w->lasting   = jd_arena_new(0);
    w->by_id     = jd_idmap_new();
    w->named     = jd_idmap_new();
    w->sent      = jd_idmap_new();
    jd_code rc   = jd_wh_open(conf->url, conf->program, conf->create, true, &w->db, e);
    if (!rc)
        rc = open_schema(w, conf->create, e);
    if (!rc)
        rc = jd_wh_site(&w->db, jd_str_of(conf->site), &w->site, e);
    if (!rc)
        rc = jd_wh_dbt_refresh(&w->db, w->site, &conf->dbt, e);
    if (!rc)
        rc = jd_wh_wide_sql(&w->db, w->site, w->lasting, &w->wide, e);
    if (rc) {
        wh_close(w);
        return rc;
    }
    w->anew       = conf->anew;
    w->wait_ms    = conf->wait_ms;
    w->batch.site = w->site;
    w->known      = jd_wh_known_new(&w->db, w->site);
    w->rows       = (jd_rows){.site_id = w->site, .row = take_row, .self = w};
    *out          = (jd_sink){&wh_ops, w};
    return JD_OK;
}

jd_wh_db jd_warehouse_db(const jd_sink *sink)
{
    return ((const warehouse *)sink->self)->db;
}

jd_code jd_warehouse_wide(const jd_sink *sink, jd_err *e)
{
    warehouse *w = sink->self;
    return jd_wh_wide_sql(&w->db, w->site, w->lasting, &w->wide, e);
}

int64_t jd_warehouse_site(const jd_sink *sink)
{
    return ((const warehouse *)sink->self)->site;
}

static const char derived_fact[] = "derived";

static bool take_derived(void *self, const jd_str *col)
{
    int64_t version;
    *(bool *)self = jd_str_i64(col[0], &version) && version == JD_SCHEMA_VERSION;
    return false;
}

jd_code jd_warehouse_derived(const jd_sink *sink, bool *same, jd_err *e)
{
    static const char sql[] = "SELECT value FROM sync_fact WHERE site_id = $1 AND name = $2";
    warehouse        *w     = sink->self;
    *same                   = false;
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_code                              rc =
        w->db.ops->each(w->db.self, sql, (jd_str[]){number(a, w->site), jd_str_of(derived_fact)}, 2,
                        take_derived, same, e);
    w->anew = w->anew || !*same;
    return rc;
}

jd_code jd_warehouse_note_derived(const jd_sink *sink, jd_err *e)
{
    static const char sql[] =
        "INSERT INTO sync_fact (site_id, name, value) VALUES ($1, $2, $3) ON CONFLICT (site_id, "
        "name)"
        " DO UPDATE SET value = excluded.value WHERE sync_fact.value <> excluded.value";
    const warehouse                     *w = sink->self;
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    return w->db.ops->run(
        w->db.self, sql,
        (jd_str[]){number(a, w->site), jd_str_of(derived_fact), number(a, JD_SCHEMA_VERSION)}, 3,
        e);
}
