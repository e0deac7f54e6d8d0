/* The warehouse in SQLite: prepared statements, everything of a batch in one transaction. */
#include "base/map.h"
#include "db/sqlite.h"
#include "sink/wh_db.h"
#include "sys/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATEMENTS_MAX = 128, BUSY_MS = 10000, CAME_KEPT = 2000 };

typedef struct lite {
    jd_sqlite *db;
    char      *path;
    jd_lock    lock;
    jd_stmt   *put[JD_NTABLES];  /* insert or replace, or merge */
    jd_stmt   *list[JD_NTABLES]; /* merge what a catalogue lists */
    jd_stmt   *keys[JD_NTABLES]; /* of an issue's rows of a child table */
    jd_stmt   *drop[JD_NTABLES]; /* a row by its key */
    jd_stmt   *old_key;
    jd_stmt   *lift;
    struct {
        const char *sql;
        jd_stmt    *stmt;
    } kept[STATEMENTS_MAX];
    jd_buf    sql;
    int64_t   site;
    uint64_t  replaced; /* the issue whose rows follow is held: 0 for one that is not */
    jd_idmap *came;     /* hashes of table and key of those rows */
} lite;

static void lite_close(void *self)
{
    lite *l = self;
    jd_sqlite_close(l->db);
    jd_lock_drop(&l->lock);
    jd_buf_release(&l->sql);
    jd_idmap_free(l->came);
    free(l->path);
    free(l);
}

/* -- statements ------------------------------------------------------------------------------ */

/* "$1" becomes "?1"; texts of statements hold no other dollar. */
static jd_code prepare(lite *l, const char *sql, jd_stmt **out, jd_err *e)
{
    jd_buf_reset(&l->sql);
    jd_buf_addz(&l->sql, sql);
    for (size_t i = 0; i < l->sql.n; i++)
        if (l->sql.p[i] == '$')
            l->sql.p[i] = '?';
    return jd_stmt_prepare(l->db, jd_buf_cstr(&l->sql), out, e);
}

static jd_code statement(lite *l, const char *sql, jd_stmt **out, jd_err *e)
{
    size_t i = 0;
    while (i < STATEMENTS_MAX && l->kept[i].sql && l->kept[i].sql != sql)
        i++;
    if (i == STATEMENTS_MAX)
        return jd_fail(e, JD_E_INTERNAL, "%s: more statements than places for them", l->path);
    if (!l->kept[i].sql) {
        jd_code rc = prepare(l, sql, &l->kept[i].stmt, e);
        if (rc)
            return rc;
        l->kept[i].sql = sql;
    }
    *out = l->kept[i].stmt;
    return JD_OK;
}

static jd_code bind(lite *l, const char *sql, const jd_str *param, unsigned n, jd_stmt **out,
                    jd_err *e)
{
    jd_code rc = statement(l, sql, out, e);
    for (unsigned i = 0; i < n && !rc; i++)
        jd_stmt_text(*out, (int)i + 1, param[i]);
    return rc;
}

static jd_code lite_run(void *self, const char *sql, const jd_str *param, unsigned n, jd_err *e)
{
    jd_stmt *q;
    jd_code  rc = bind(self, sql, param, n, &q, e);
    return rc ? rc : jd_stmt_run(q, e);
}

static jd_code lite_each(void *self, const char *sql, const jd_str *param, unsigned n,
                         jd_wh_row_fn *row, void *row_self, jd_err *e)
{
    jd_stmt *q;
    bool     more = true;
    jd_str   col[JD_COLS_MAX];
    jd_code  rc = bind(self, sql, param, n, &q, e);
    if (rc)
        return rc;
    int columns = jd_stmt_columns(q);
    while (!rc && more) {
        rc = jd_stmt_step(q, &more, e);
        for (int i = 0; i < columns && !rc && more; i++)
            col[i] = jd_stmt_get_text(q, i);
        if (!rc && more)
            more = row(row_self, col);
    }
    jd_stmt_reset(q);
    return rc;
}

static jd_code lite_script(void *self, const char *sql, jd_err *e)
{
    return jd_sqlite_exec(((lite *)self)->db, sql, e);
}

static jd_code lite_lock(void *self, const jd_scope *scope, int64_t wait_ms, jd_err *e)
{
    (void)wait_ms;
    (void)self; /* the whole file is, from the start */
    (void)scope;
    (void)e;
    return JD_OK;
}

/* -- a batch --------------------------------------------------------------------------------- */

static jd_code lite_begin(void *self, jd_err *e)
{
    ((lite *)self)->replaced = 0;
    return jd_sqlite_begin(((lite *)self)->db, e);
}

static jd_code make_put(lite *l, jd_table_id id, bool listed, jd_stmt **out, jd_err *e)
{
    const jd_table *t   = &jd_tables[id];
    jd_buf          sql = JD_BUF_INIT(1 << 16);
    jd_buf_addf(&sql, "INSERT INTO %s AS t (", t->name);
    jd_sql_columns(&sql, t, 0, "");
    jd_buf_addz(&sql, ") VALUES (");
    for (unsigned i = 1; i <= t->ncol; i++)
        jd_buf_addf(&sql, "%s?%u", i > 1 ? ", " : "", i);
    jd_buf_addz(&sql, ")");
    if (t->kind == JD_TAB_NAMED)
        jd_wh_sql_merge(&sql, t, listed);
    else
        jd_wh_sql_replace(&sql, t);
    jd_code rc = jd_stmt_prepare(l->db, jd_buf_cstr(&sql), out, e);
    jd_buf_release(&sql);
    return rc;
}

/* time: where the text of a time may stand until the statement ran. */
static void bind_cell(jd_stmt *q, const jd_table *t, unsigned col, const jd_cell *c, char *time)
{
    int at = (int)col + 1;
    if (c->kind == JD_CELL_INT)
        jd_stmt_int(q, at, c->i);
    else if (c->kind == JD_CELL_NUM)
        jd_stmt_num(q, at, c->d);
    else if (c->kind == JD_CELL_TEXT)
        jd_stmt_text(q, at, c->s.p ? c->s : JD_STR(""));
    else if (c->kind == JD_CELL_TIME)
        jd_stmt_text(q, at,
                     (jd_str){time, jd_wh_time(c->i, t->col[col].type == JD_COL_DATE, time)});
}

static jd_code put_row(lite *l, jd_table_id id, const jd_cell *cell, bool listed, jd_err *e)
{
    char      time[JD_COLS_MAX][JD_WH_TIME_MAX];
    jd_stmt **made = listed ? &l->list[id] : &l->put[id];
    jd_code   rc   = *made ? JD_OK : make_put(l, id, listed, made, e);
    if (rc)
        return rc;
    jd_stmt        *q = *made;
    const jd_table *t = &jd_tables[id];
    for (unsigned i = 0; i < t->ncol; i++)
        bind_cell(q, t, i, &cell[i], time[i]);
    return jd_stmt_run(q, e);
}

static jd_code run_for_issue(lite *l, jd_stmt **q, const char *sql, uint64_t id, jd_err *e)
{
    jd_code rc = *q ? JD_OK : jd_stmt_prepare(l->db, sql, q, e);
    if (rc)
        return rc;
    jd_stmt_int(*q, 1, l->site);
    jd_stmt_int(*q, 2, (int64_t)id);
    return jd_stmt_run(*q, e);
}

/* -- rows that are not there any more ----------------------------------------------------------
 *
 * The rows of a held issue go over those that are there, which stay as they are where nothing
 * differs; when all came, what did not is removed. */

static uint64_t hash_of_key(const jd_table *t, const jd_cell *cell)
{
    return jd_cells_hash(cell, 0, t->nkey, (uint64_t)t->id);
}

static jd_code make_stale(lite *l, const jd_table *t, jd_err *e)
{
    jd_buf sql = JD_BUF_INIT(1 << 12);
    jd_buf_addz(&sql, "SELECT ");
    for (unsigned i = 0; i < t->nkey; i++)
        jd_buf_addf(&sql, "%s%s", i ? ", " : "", t->col[i].name);
    jd_buf_addf(&sql, " FROM %s WHERE site_id = ?1 AND issue_id = ?2", t->name);
    jd_code rc = jd_stmt_prepare(l->db, jd_buf_cstr(&sql), &l->keys[t->id], e);
    jd_buf_reset(&sql);
    jd_buf_addf(&sql, "DELETE FROM %s WHERE ", t->name);
    for (unsigned i = 0; i < t->nkey; i++)
        jd_buf_addf(&sql, "%s%s = ?%u", i ? " AND " : "", t->col[i].name, i + 1);
    if (!rc)
        rc = jd_stmt_prepare(l->db, jd_buf_cstr(&sql), &l->drop[t->id], e);
    jd_buf_release(&sql);
    return rc;
}

static void read_key(jd_stmt *q, const jd_table *t, jd_cell *out)
{
    for (unsigned i = 0; i < t->nkey; i++)
        if (t->col[i].type == JD_COL_INT || t->col[i].type == JD_COL_BOOL)
            out[i] = (jd_cell){.kind = JD_CELL_INT, .i = jd_stmt_get_int(q, (int)i)};
        else
            out[i] = (jd_cell){.kind = JD_CELL_TEXT, .s = jd_stmt_get_text(q, (int)i)};
}

static jd_code drop_row(lite *l, const jd_table *t, const jd_cell *key, jd_err *e)
{
    for (unsigned i = 0; i < t->nkey; i++)
        bind_cell(l->drop[t->id], t, i, &key[i], NULL);
    return jd_stmt_run(l->drop[t->id], e);
}

/* What is to go is collected first: a table is not changed while it is read. */
static jd_code drop_stale(lite *l, const jd_table *t, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = NULL;
    JD_VEC(jd_cell *) stale                = {0};
    jd_cell key[JD_COLS_MAX];
    bool    more = true;
    jd_code rc   = l->keys[t->id] ? JD_OK : make_stale(l, t, e);
    if (rc)
        return rc;
    jd_stmt *q = l->keys[t->id];
    jd_stmt_int(q, 1, l->site);
    jd_stmt_int(q, 2, (int64_t)l->replaced);
    while (!rc && more) {
        rc = jd_stmt_step(q, &more, e);
        if (rc || !more)
            break;
        read_key(q, t, key);
        if (jd_idmap_get(l->came, hash_of_key(t, key)))
            continue;
        a             = a ? a : jd_arena_new(0);
        jd_cell *mine = JD_NEW_ARRAY(a, jd_cell, t->nkey);
        for (unsigned i = 0; i < t->nkey; i++) {
            mine[i] = key[i];
            if (key[i].kind == JD_CELL_TEXT)
                mine[i].s = jd_arena_dup(a, key[i].s);
        }
        *jd_vec_add(&stale) = mine;
    }
    for (size_t i = 0; i < stale.n && !rc; i++)
        rc = drop_row(l, t, stale.v[i], e);
    jd_vec_release(&stale);
    return rc;
}

/* All rows of the issue in hand came. */
static jd_code finish_issue(lite *l, jd_err *e)
{
    jd_code rc = JD_OK;
    for (int t = 0; t < JD_NTABLES && !rc && l->replaced; t++)
        if (jd_tables[t].kind == JD_TAB_CHILD)
            rc = drop_stale(l, &jd_tables[t], e);
    l->replaced = 0;
    return rc;
}

static jd_code lite_issue(void *self, int64_t site, uint64_t id, bool fresh, jd_err *e)
{
    lite   *l  = self;
    jd_code rc = finish_issue(l, e);
    l->site    = site;
    if (rc)
        return rc;
    if (fresh)
        return run_for_issue(l, &l->lift,
                             "DELETE FROM tombstone WHERE site_id = ?1 AND issue_id = ?2", id, e);
    l->replaced = id;
    if (jd_idmap_count(l->came) > CAME_KEPT) { /* clearing takes as long as it ever was large */
        jd_idmap_free(l->came);
        l->came = jd_idmap_new();
    }
    jd_idmap_clear(l->came);
    return JD_OK;
}

/* The key that the issue has in the database becomes an alias where it is to have another one. */
static jd_code keep_old_key(lite *l, const jd_cell *cell, jd_err *e)
{
    jd_code rc = JD_OK;
    if (!l->old_key)
        rc = jd_stmt_prepare(l->db,
                             "INSERT INTO issue_alias (site_id, key, issue_id) SELECT site_id, key,"
                             " id FROM issue WHERE site_id = ?1 AND id = ?2 AND key <> ?3 AND NOT"
                             " EXISTS (SELECT 1 FROM issue AS o WHERE o.site_id = issue.site_id AND"
                             " o.key = issue.key AND o.id <> issue.id)"
                             " ON CONFLICT (site_id, key) DO UPDATE SET issue_id = "
                             "excluded.issue_id",
                             &l->old_key, e);
    if (rc)
        return rc;
    jd_stmt_int(l->old_key, 1, cell[JD_issue__site_id].i);
    jd_stmt_int(l->old_key, 2, cell[JD_issue__id].i);
    jd_stmt_text(l->old_key, 3, cell[JD_issue__key].s);
    return jd_stmt_run(l->old_key, e);
}

static jd_code forget_alias(lite *l, const jd_cell *cell, jd_err *e)
{
    static const char sql[] = "DELETE FROM issue_alias WHERE site_id = $1 AND key = $2";
    jd_stmt          *q;
    jd_code           rc = statement(l, sql, &q, e);
    if (rc)
        return rc;
    jd_stmt_int(q, 1, cell[JD_issue__site_id].i);
    jd_stmt_text(q, 2, cell[JD_issue__key].s);
    return jd_stmt_run(q, e);
}

static jd_code lite_row(void *self, jd_table_id table, const jd_cell *cell, jd_err *e)
{
    lite   *l  = self;
    jd_code rc = JD_OK;
    if (table == JD_T_issue && l->replaced)
        rc = keep_old_key(l, cell, e);
    if (table == JD_T_issue && !rc)
        rc = forget_alias(l, cell, e);
    if (jd_tables[table].kind == JD_TAB_CHILD && l->replaced)
        (void)jd_idmap_put(l->came, hash_of_key(&jd_tables[table], cell), NULL);
    return rc ? rc : put_row(l, table, cell, false, e);
}

static jd_code put_member(lite *l, int64_t site, const jd_wh_member *m, jd_err *e)
{
    static const char *const sql[] = {[JD_WH_JOINED]  = jd_wh_sql_join,
                                      [JD_WH_WRITTEN] = jd_wh_sql_member,
                                      [JD_WH_MOVED]   = jd_wh_sql_member};
    jd_stmt                 *q[2]  = {0};
    jd_code                  rc    = statement(l, sql[m->how], &q[1], e);
    if (!rc && m->how == JD_WH_MOVED)
        rc = statement(l, jd_wh_sql_leave, &q[0], e);
    for (int i = 0; i < 2 && !rc; i++) {
        if (!q[i])
            continue;
        jd_stmt_int(q[i], 1, site);
        jd_stmt_int(q[i], 2, m->scope);
        jd_stmt_int(q[i], 3, (int64_t)m->id);
        rc = jd_stmt_run(q[i], e);
    }
    return rc;
}

static jd_code put_touch(lite *l, int64_t site, const jd_wh_touch *t, jd_err *e)
{
    static const char sql[] =
        "UPDATE issue SET fetched = $1, plan_hash = $2 WHERE site_id = $3 AND id = $4";
    char     time[JD_WH_TIME_MAX];
    jd_stmt *q;
    jd_code  rc = statement(l, sql, &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, (jd_str){time, jd_wh_time(t->fetched_ms, false, time)});
    jd_stmt_int(q, 2, (int64_t)t->plan);
    jd_stmt_int(q, 3, site);
    jd_stmt_int(q, 4, (int64_t)t->id);
    return jd_stmt_run(q, e);
}

/* A key that an issue has is nobody's alias. */
static jd_code put_named(lite *l, const jd_wh_named *n, bool listed, jd_err *e)
{
    static const char sql[] = "SELECT 1 FROM issue WHERE site_id = $1 AND key = $2";
    jd_stmt          *q;
    bool              taken = false;
    if (n->table != JD_T_issue_alias)
        return put_row(l, n->table, n->cell, listed, e);
    jd_code rc = statement(l, sql, &q, e);
    if (rc)
        return rc;
    jd_stmt_int(q, 1, n->cell[JD_issue_alias__site_id].i);
    jd_stmt_text(q, 2, n->cell[JD_issue_alias__key].s);
    rc = jd_stmt_step(q, &taken, e);
    jd_stmt_reset(q);
    return rc || taken ? rc : put_row(l, n->table, n->cell, listed, e);
}

static jd_code lite_put(void *self, const jd_wh_batch *b, jd_err *e)
{
    lite   *l  = self;
    jd_code rc = finish_issue(l, e);
    for (size_t i = 0; i < b->named.n && !rc; i++)
        rc = put_named(l, &b->named.v[i], b->listed, e);
    for (size_t i = 0; i < b->touch.n && !rc; i++)
        rc = put_touch(l, b->site, &b->touch.v[i], e);
    for (size_t i = 0; i < b->member.n && !rc; i++)
        rc = put_member(l, b->site, &b->member.v[i], e);
    return rc;
}

static jd_code lite_end(void *self, jd_err *e)
{
    return jd_sqlite_commit(((lite *)self)->db, e);
}

static void lite_rollback(void *self)
{
    lite *l     = self;
    l->replaced = 0;
    jd_sqlite_rollback(l->db);
}

static bool lite_again(void *self, int n)
{
    (void)self; /* the rows were in the transaction that is gone */
    (void)n;
    return false;
}

static jd_code lite_another(void *self, void **out, jd_err *e);

static const jd_wh_ops lite_ops = {
    .dialect  = JD_SQL_SQLITE,
    .txn      = "BEGIN IMMEDIATE",
    .close    = lite_close,
    .another  = lite_another,
    .run      = lite_run,
    .each     = lite_each,
    .script   = lite_script,
    .lock     = lite_lock,
    .begin    = lite_begin,
    .issue    = lite_issue,
    .row      = lite_row,
    .put      = lite_put,
    .end      = lite_end,
    .rollback = lite_rollback,
    .again    = lite_again,
};

/* -- opening --------------------------------------------------------------------------------- */

static jd_code take_lock(lite *l, const char *program, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    return jd_lock_take(&l->lock, jd_arena_fmt(a, "%s.lock", l->path).p, program, e);
}

/* The default cache is for small stores; here each table's indexes want a place. */
static const char settings[] = "PRAGMA cache_size = -16384";

static jd_code make_folder(const char *path, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a     = jd_arena_new(0);
    const char                          *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return JD_OK;
    return jd_dir_make(jd_arena_cstr(a, (jd_str){path, (size_t)(slash - path)}), e);
}

jd_code jd_wh_open_sqlite(const char *path, const char *program, bool create, bool writer,
                          jd_wh_db *out, jd_err *e)
{
    lite   *l = jd_xcalloc(1, sizeof *l);
    jd_code rc;
    l->path    = jd_xstrdup(path);
    l->lock    = JD_LOCK_NONE;
    l->sql.max = 1 << 16;
    l->came    = jd_idmap_new();
    if (!create && !jd_path_exists(path))
        rc = jd_fail(e, JD_E_NOTFOUND,
                     "%s: there is no such warehouse: `jiraduct warehouse init` makes one", path);
    else
        rc = create ? make_folder(path, e) : JD_OK;
    if (!rc && writer)
        rc = take_lock(l, program, e);
    if (!rc)
        rc = jd_sqlite_open(path, !writer, BUSY_MS, &l->db, e);
    if (!rc)
        rc = jd_sqlite_exec(l->db, settings, e);
    if (rc)
        lite_close(l);
    else
        *out = (jd_wh_db){&lite_ops, l};
    return rc;
}

static jd_code lite_another(void *self, void **out, jd_err *e)
{
    const lite *l = self;
    jd_wh_db    db;
    jd_code     rc = jd_wh_open_sqlite(l->path, "", false, false, &db, e);
    if (!rc)
        *out = db.self;
    return rc;
}
