/* What a warehouse holds, as people ask for it. */
#include "sink/members.h"
#include "sink/warehouse.h"
#include "sink/wh_migrate.h"
#include "sink/wh_own.h"
#include "sink/wh_part.h"

#include <inttypes.h>
#include <stdio.h>

typedef struct scopes {
    jd_arena *arena;
    jd_code   rc;
    jd_err   *err;
    JD_VEC(jd_warehouse_scope) of;
} scopes;

static bool take_scope(void *self, const jd_str *col)
{
    scopes             *s = self;
    jd_warehouse_scope *w = jd_vec_add(&s->of);
    *w                    = (jd_warehouse_scope){.site      = jd_arena_dup(s->arena, col[0]),
                                                 .label     = jd_arena_dup(s->arena, col[1]),
                                                 .selection = jd_arena_dup(s->arena, col[2])};
    jd_cursor_init(&w->cursor, col[5], 0);
    if (!jd_str_u64(col[3], &w->issues))
        w->issues = 0;
    if (col[4].p)
        s->rc = jd_cursor_read(&w->cursor, col[4], s->err);
    return !s->rc;
}

static bool take_count(void *self, const jd_str *col)
{
    if (!jd_str_u64(col[0], self))
        *(uint64_t *)self = 0;
    return false;
}

static bool is_counted(const jd_table *t)
{
    return t->kind == JD_TAB_ISSUE || t->kind == JD_TAB_CHILD;
}

#define X(name, kind, indexes, comment) [JD_T_##name] = "SELECT count(*) FROM " #name,
static const char *const count_all[JD_NTABLES] = {JD_TABLES(X)};
#undef X
#define X(name, kind, indexes, comment) \
    [JD_T_##name] = "SELECT count(*) FROM " #name " WHERE site_id = $1",
static const char *const count_site[JD_NTABLES] = {JD_TABLES(X)};
#undef X

static jd_code look_scopes(const jd_wh_db *db, jd_arena *a, jd_warehouse_status *out, jd_err *e)
{
    static const char sql[] =
        "SELECT w.name, s.label, s.selection, (SELECT count(*) FROM sync_member AS m WHERE"
        " m.site_id = s.site_id AND m.scope_id = s.id), s.cursor, s.name FROM sync_scope AS s"
        " JOIN site AS w ON w.id = s.site_id ORDER BY w.name, s.label, s.name";
    scopes  all = {.arena = a, .err = e};
    jd_code rc  = db->ops->each(db->self, sql, NULL, 0, take_scope, &all, e);
    if (!rc)
        rc = all.rc;
    out->scope = JD_NEW_ARRAY(a, jd_warehouse_scope, all.of.n);
    for (size_t i = 0; i < all.of.n; i++)
        out->scope[out->n++] = all.of.v[i];
    jd_vec_release(&all.of);
    return rc;
}

typedef struct runs {
    jd_arena         *arena;
    jd_warehouse_run *run;
    size_t            n;
} runs;

enum { RUNS = 10 };

static bool take_run(void *self, const jd_str *col)
{
    runs *r        = self;
    r->run[r->n++] = (jd_warehouse_run){.site     = jd_arena_dup(r->arena, col[0]),
                                        .command  = jd_arena_dup(r->arena, col[1]),
                                        .began_ms = jd_wh_time_of(col[2]),
                                        .ended_ms = jd_wh_time_of(col[3]),
                                        .verdict  = jd_arena_dup(r->arena, col[4])};
    return r->n < RUNS;
}

static jd_code look_runs(const jd_wh_db *db, jd_arena *a, jd_warehouse_status *out, jd_err *e)
{
    static const char sql[] =
        "SELECT w.name, r.command, r.began, r.ended, r.verdict FROM sync_run AS r JOIN site AS w ON"
        " w.id = r.site_id ORDER BY r.ended DESC, r.site_id, r.id DESC LIMIT 10";
    _Static_assert(RUNS == 10, "as in the query");
    runs    all = {.arena = a, .run = JD_NEW_ARRAY(a, jd_warehouse_run, RUNS)};
    jd_code rc  = db->ops->each(db->self, sql, NULL, 0, take_run, &all, e);
    out->run    = all.run;
    out->nrun   = all.n;
    return rc;
}

jd_code jd_warehouse_look(const char *url, jd_arena *a, jd_warehouse_status *out, jd_err *e)
{
    jd_wh_db db;
    *out       = (jd_warehouse_status){0};
    jd_code rc = jd_wh_open(url, "jiraduct warehouse status", false, false, &db, e);
    if (rc)
        return rc;
    rc = jd_wh_version(&db, &out->version, e);
    if (!rc && out->version > 0)
        rc = look_scopes(&db, a, out, e);
    if (!rc && out->version == JD_SCHEMA_VERSION)
        rc = look_runs(&db, a, out, e);
    out->count = JD_NEW_ARRAY(a, jd_warehouse_count, JD_NTABLES);
    for (int t = 0; t < JD_NTABLES && !rc && out->version >= JD_SCHEMA_VERSION; t++) {
        if (!is_counted(&jd_tables[t]))
            continue;
        jd_warehouse_count *c = &out->count[out->ncount++];
        c->table              = jd_tables[t].name;
        rc = db.ops->each(db.self, count_all[t], NULL, 0, take_count, &c->rows, e);
    }
    db.ops->close(db.self);
    return rc;
}

static bool take_last(void *self, const jd_str *col)
{
    runs *r = self;
    *r->run = (jd_warehouse_run){.command  = jd_arena_dup(r->arena, col[0]),
                                 .began_ms = jd_wh_time_of(col[1]),
                                 .ended_ms = jd_wh_time_of(col[2]),
                                 .verdict  = jd_arena_dup(r->arena, col[3])};
    r->n    = 1;
    return false;
}

jd_code jd_warehouse_last(const jd_sink *sink, jd_arena *a, jd_warehouse_run *out, bool *found,
                          jd_err *e)
{
    static const char sql[] = "SELECT command, began, ended, verdict FROM sync_run"
                              " WHERE site_id = $1 ORDER BY ended DESC, id DESC LIMIT 1";
    char              site[24];
    jd_wh_db          db   = jd_warehouse_db(sink);
    runs              last = {.arena = a, .run = out};
    (void)snprintf(site, sizeof site, "%" PRId64, jd_warehouse_site(sink));
    jd_code rc = db.ops->each(db.self, sql, (jd_str[]){jd_str_of(site)}, 1, take_last, &last, e);
    *found     = !rc && last.n;
    return rc;
}

jd_code jd_warehouse_rows(const jd_sink *sink, jd_table_id table, uint64_t *out, jd_err *e)
{
    char     site[24];
    jd_wh_db db = jd_warehouse_db(sink);
    (void)snprintf(site, sizeof site, "%" PRId64, jd_warehouse_site(sink));
    *out = 0;
    return db.ops->each(db.self, count_site[table], (jd_str[]){jd_str_of(site)}, 1, take_count, out,
                        e);
}

/* -- all issues ------------------------------------------------------------------------------ */

typedef struct page {
    bool (*each)(void *self, const jd_warehouse_issue *issue);
    void    *self;
    uint64_t last;
    size_t   n;
    bool     more;
} page;

static bool take_issue(void *self, const jd_str *col)
{
    page              *p = self;
    jd_warehouse_issue i = {.key = col[1]};
    int64_t            hash, plan;
    p->n++;
    if (!jd_str_u64(col[0], &i.id))
        return true;
    i.held.updated_ms = jd_wh_time_of(col[2]);
    i.held.fetched_ms = jd_wh_time_of(col[3]);
    i.held.hash       = jd_str_i64(col[4], &hash) ? (uint64_t)hash : 0;
    i.held.plan       = jd_str_i64(col[5], &plan) ? (uint64_t)plan : 0;
    p->last           = i.id;
    p->more           = p->each(p->self, &i);
    return p->more;
}

jd_code jd_warehouse_each(const jd_sink *sink,
                          bool (*each)(void *self, const jd_warehouse_issue *issue), void *self,
                          jd_err *e)
{
    enum { PAGE = 2000 };
    static const char sql[] =
        "SELECT id, key, updated, fetched, content_hash, plan_hash FROM issue WHERE site_id = $1"
        " AND id > $2 ORDER BY site_id, id LIMIT 2000";
    char     site[24], from[24];
    jd_wh_db db = jd_warehouse_db(sink);
    page     p  = {.each = each, .self = self, .more = true};
    jd_code  rc = JD_OK;
    (void)snprintf(site, sizeof site, "%" PRId64, jd_warehouse_site(sink));
    do {
        p.n = 0;
        (void)snprintf(from, sizeof from, "%" PRIu64, p.last);
        rc = db.ops->each(db.self, sql, (jd_str[]){jd_str_of(site), jd_str_of(from)}, 2, take_issue,
                          &p, e);
    } while (!rc && p.more && p.n == PAGE);
    return rc;
}

/* -- statistics ------------------------------------------------------------------------------ */

jd_code jd_warehouse_analyze(const jd_sink *sink, jd_err *e)
{
    jd_wh_db                          db = jd_warehouse_db(sink);
    JD_CLEANUP(jd_buf_release) jd_buf b  = JD_BUF_INIT(1 << 12);
    if (db.ops->dialect == JD_SQL_SQLITE)
        return JD_OK;
    jd_buf_addz(&b, "ANALYZE ");
    for (int t = 0; t < JD_NTABLES; t++)
        jd_buf_addf(&b, "%s%s", t ? ", " : "", jd_tables[t].name);
    return db.ops->script(db.self, jd_buf_cstr(&b), e);
}

/* -- members --------------------------------------------------------------------------------- */

#define OF_SCOPE                                                                     \
    " FROM sync_member AS m WHERE m.site_id = $1 AND m.scope_id = (SELECT c.id FROM" \
    " sync_scope AS c WHERE c.site_id = $1 AND c.name = $2)"

typedef struct sum {
    jd_arena *arena;
    jd_str   *out;
} sum;

static bool take_sum(void *self, const jd_str *col)
{
    sum *s  = self;
    *s->out = jd_arena_dup(s->arena, col[0]);
    return false;
}

jd_code jd_warehouse_members_sum(const jd_sink *sink, const jd_scope *scope, jd_arena *a,
                                 jd_str *out, jd_err *e)
{
    static const char sql[] = "SELECT " JD_MEMBERS_SUM("m.issue_id") OF_SCOPE;
    char              site[24];
    sum               s  = {a, out};
    jd_wh_db          db = jd_warehouse_db(sink);
    (void)snprintf(site, sizeof site, "%" PRId64, jd_warehouse_site(sink));
    *out = JD_NOSTR;
    return db.ops->each(db.self, sql, (jd_str[]){jd_str_of(site), scope->name}, 2, take_sum, &s, e);
}

typedef struct leaving {
    const jd_idset *these;
    jd_str          param[3]; /* site, scope, issue */
    uint64_t        last;
    bool            more;
    JD_VEC(uint64_t) id;
} leaving;

static bool take_member(void *self, const jd_str *col)
{
    leaving *l = self;
    l->more    = jd_str_u64(col[0], &l->last);
    if (l->more && !jd_idset_has(l->these, l->last))
        *jd_vec_add(&l->id) = l->last;
    return l->more;
}

static jd_code find_leaving(const jd_wh_db *db, leaving *l, jd_err *e)
{
    static const char sql[] =
        "SELECT m.issue_id" OF_SCOPE " AND m.issue_id > $3 ORDER BY m.issue_id LIMIT 10000";
    jd_code rc = JD_OK;
    for (l->more = true; l->more && !rc;) {
        char after[24];
        (void)snprintf(after, sizeof after, "%" PRIu64, l->last);
        l->param[2] = jd_str_of(after);
        l->more     = false;
        rc          = db->ops->each(db->self, sql, l->param, 3, take_member, l, e);
    }
    return rc;
}

static jd_code leave_scope(const jd_wh_db *db, void *self, jd_err *e)
{
    static const char sql[] = "DELETE FROM sync_member WHERE site_id = $1 AND scope_id = (SELECT"
                              " c.id FROM sync_scope AS c WHERE c.site_id = $1 AND c.name = $2)"
                              " AND issue_id = $3";
    leaving          *l     = self;
    jd_code           rc    = JD_OK;
    for (size_t i = 0; i < l->id.n && !rc; i++) {
        char id[24];
        (void)snprintf(id, sizeof id, "%" PRIu64, l->id.v[i]);
        l->param[2] = jd_str_of(id);
        rc          = db->ops->run(db->self, sql, l->param, 3, e);
    }
    return rc;
}

jd_code jd_warehouse_keep_members(const jd_sink *sink, const jd_scope *scope, const jd_idset *these,
                                  jd_err *e)
{
    char     site[24];
    jd_wh_db db = jd_warehouse_db(sink);
    leaving  l  = {.these = these};
    (void)snprintf(site, sizeof site, "%" PRId64, jd_warehouse_site(sink));
    l.param[0] = jd_str_of(site);
    l.param[1] = scope->name;
    jd_code rc = find_leaving(&db, &l, e);
    if (!rc && l.id.n)
        rc = jd_wh_txn(&db, leave_scope, &l, e);
    jd_vec_release(&l.id);
    return rc;
}

/* -- removal --------------------------------------------------------------------------------- */

typedef struct drop {
    int64_t             site;
    const jd_tombstone *why;
    size_t              n;
} drop;

static jd_code drop_some(const jd_wh_db *db, void *self, jd_err *e)
{
    static const char leave[] = "DELETE FROM sync_member WHERE site_id = $1 AND issue_id = $2";
    const drop       *d       = self;
    char              number[2][24];
    jd_code           rc = JD_OK;
    (void)snprintf(number[0], sizeof number[0], "%" PRId64, d->site);
    for (size_t i = 0; i < d->n && !rc; i++) {
        (void)snprintf(number[1], sizeof number[1], "%" PRIu64, d->why[i].id);
        rc = db->ops->run(db->self, leave, (jd_str[]){jd_str_of(number[0]), jd_str_of(number[1])},
                          2, e);
        if (!rc)
            rc = jd_wh_bury(db, d->site, 0, &d->why[i], e);
    }
    return rc;
}

jd_code jd_warehouse_drop(const jd_sink *sink, const jd_tombstone *why, size_t n, jd_err *e)
{
    enum { SOME = 500 };
    jd_wh_db db = jd_warehouse_db(sink);
    jd_code  rc = JD_OK;
    for (size_t at = 0; at < n && !rc; at += SOME) {
        drop d = {jd_warehouse_site(sink), why + at, n - at < SOME ? n - at : SOME};
        rc     = jd_wh_txn(&db, drop_some, &d, e);
    }
    return rc;
}
