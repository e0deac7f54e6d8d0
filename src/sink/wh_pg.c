/* The warehouse in PostgreSQL. The rows of a batch wait as COPY text, so that the whole transaction
 * can be done again after a deadlock, or when the connection was lost. What is new is copied
 * straight into the tables; what is held is copied into temporary ones and goes over as a set.
 * Should somebody else have written one of the new issues meanwhile, all of the batch goes the
 * second way. */
#include "base/hash.h"
#include "base/map.h"
#include "db/postgres.h"
#include "sink/wh_db.h"
#include "sink/wh_pg_lock.h"
#include "sys/file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BUFFER_MAX = 1 << 30, BUFFER_KEPT = 4 << 20, SQL_MAX = 1 << 16, TRIES = 6, LOCK_MS = 50 };

/* Where an issue's rows stand in the buffers. */
typedef struct span {
    uint64_t id;
    bool     fresh;
    size_t   from[JD_NTABLES], to[JD_NTABLES];
} span;

typedef struct pg {
    jd_pg    *db;
    char     *url, *program;
    jd_arena *arena; /* of statements */
    struct {
        const char *copy, *stage;  /* COPY into the table, into its temporary one */
        const char *clear, *merge; /* rows that are not there any more; the rest */
        const char *empty;         /* all rows of the staged issues */
        const char *list;          /* merge what a catalogue lists */
        bool        made;          /* the temporary table */
    } sql[JD_NTABLES];
    jd_buf    fresh[JD_NTABLES], staged[JD_NTABLES];
    jd_buf    list[3]; /* arrays as parameters */
    jd_idmap *place;   /* id -> place in span */
    JD_VEC(span) span;
    span *now;
    bool  careful;          /* nothing is taken for new */
    JD_VEC(int64_t) locked; /* taken again on a new connection */
} pg;

static bool has_issues(jd_table_kind k)
{
    return k == JD_TAB_ISSUE || k == JD_TAB_CHILD;
}

static void clear_batch(pg *p)
{
    for (int t = 0; t < JD_NTABLES; t++) {
        jd_buf *b[] = {&p->fresh[t], &p->staged[t]};
        for (int i = 0; i < 2; i++) {
            if (b[i]->cap > BUFFER_KEPT)
                jd_buf_release(b[i]);
            jd_buf_reset(b[i]);
        }
    }
    jd_idmap_clear(p->place);
    p->span.n  = 0;
    p->now     = NULL;
    p->careful = false;
}

static void pg_close(void *self)
{
    pg *p = self;
    jd_pg_close(p->db);
    for (int t = 0; t < JD_NTABLES; t++) {
        jd_buf_release(&p->fresh[t]);
        jd_buf_release(&p->staged[t]);
    }
    for (int i = 0; i < 3; i++)
        jd_buf_release(&p->list[i]);
    jd_vec_release(&p->span);
    jd_vec_release(&p->locked);
    jd_idmap_free(p->place);
    jd_arena_free(p->arena);
    if (p->url)
        explicit_bzero(p->url, strlen(p->url));
    free(p->url);
    free(p->program);
    free(p);
}

/* -- small statements ------------------------------------------------------------------------ */

static bool pg_again(void *self, int n);

/* Between transactions, a lost connection is made anew and the same asked again. */
static jd_code ask(pg *p, const char *sql, const jd_str *param, unsigned n, jd_pg_rows **out,
                   jd_err *e)
{
    bool    idle = jd_pg_idle(p->db);
    jd_code rc   = jd_pg_query(p->db, sql, param, n, out, e);
    for (int i = 1; rc && idle && jd_pg_why(p->db) == JD_PG_LOST && pg_again(p, i); i++)
        rc = jd_pg_query(p->db, sql, param, n, out, e);
    return rc;
}

static jd_code pg_run(void *self, const char *sql, const jd_str *param, unsigned n, jd_err *e)
{
    jd_pg_rows *r  = NULL;
    jd_code     rc = ask(self, sql, param, n, &r, e);
    if (!rc)
        jd_pg_rows_free(r);
    return rc;
}

static jd_code pg_each(void *self, const char *sql, const jd_str *param, unsigned n,
                       jd_wh_row_fn *row, void *row_self, jd_err *e)
{
    jd_pg_rows *r;
    jd_str      col[JD_COLS_MAX];
    jd_code     rc = ask(self, sql, param, n, &r, e);
    if (rc)
        return rc;
    unsigned columns = jd_pg_columns(r);
    for (size_t i = 0; i < jd_pg_count(r); i++) {
        for (unsigned c = 0; c < columns && c < JD_COLS_MAX; c++)
            col[c] = jd_pg_get(r, i, c);
        if (!row(row_self, col))
            break;
    }
    jd_pg_rows_free(r);
    return JD_OK;
}

static jd_code pg_script(void *self, const char *sql, jd_err *e)
{
    return jd_pg_exec(((pg *)self)->db, sql, e);
}

/* -- locks ----------------------------------------------------------------------------------- */

static void wait_ms(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&t, NULL);
}

/* A run that was killed holds its locks until the server notices. */
static jd_code pg_lock(void *self, const jd_scope *scope, int64_t wait, jd_err *e)
{
    pg     *p   = self;
    int64_t key = (int64_t)jd_hash64_seed(scope->name, 0x6a697261);
    bool    got = false;
    for (size_t i = 0; i < p->locked.n; i++)
        if (p->locked.v[i] == key)
            return JD_OK;
    for (int64_t waited = 0; waited <= wait && !got; waited += LOCK_MS) {
        if (waited)
            wait_ms(LOCK_MS);
        jd_code rc = jd_wh_pg_try(p->db, key, &got, e);
        if (rc && jd_pg_why(p->db) == JD_PG_LOST && pg_again(p, 1))
            rc = jd_wh_pg_try(p->db, key, &got, e);
        if (rc)
            return rc;
    }
    if (!got)
        return jd_wh_pg_holder(p->db, key, scope, e);
    *jd_vec_add(&p->locked) = key;
    return JD_OK;
}

/* -- rows ------------------------------------------------------------------------------------ */

/* As COPY has it: what is special goes behind a backslash; the rest in runs. */
static void add_text(jd_buf *b, jd_str s)
{
    static const char letter[256] = {['\\'] = '\\', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    size_t            from        = 0;
    for (size_t i = 0; i < s.n; i++) {
        char as = letter[(unsigned char)s.p[i]];
        if (!as)
            continue;
        jd_buf_add(b, s.p + from, i - from);
        jd_buf_add(b, (char[]){'\\', as}, 2);
        from = i + 1;
    }
    jd_buf_add(b, s.p + from, s.n - from);
}

static void add_cell(jd_buf *b, const jd_cell *c, jd_col_type type)
{
    char text[40];
    switch (c->kind) {
    case JD_CELL_NULL:
        jd_buf_add(b, "\\N", 2);
        break;
    case JD_CELL_INT:
        if (type == JD_COL_BOOL)
            jd_buf_addc(b, c->i ? 't' : 'f');
        else
            jd_buf_addi(b, c->i);
        break;
    case JD_CELL_NUM:
        jd_buf_addf(b, "%.17g", c->d);
        break;
    case JD_CELL_TEXT:
        add_text(b, c->s);
        break;
    case JD_CELL_TIME:
        jd_buf_add(b, text, jd_wh_time(c->i, type == JD_COL_DATE, text));
        break;
    }
}

static jd_code add_row(pg *p, jd_buf *b, jd_table_id id, const jd_cell *cell, jd_err *e)
{
    const jd_table *t = &jd_tables[id];
    for (unsigned i = 0; i < t->ncol; i++) {
        if (i)
            jd_buf_addc(b, '\t');
        add_cell(b, &cell[i], t->col[i].type);
    }
    jd_buf_addc(b, '\n');
    if (!jd_buf_ok(b))
        return jd_fail(e, JD_E_TOOBIG, "%s: the rows of a batch for %s are over %d MiB",
                       jd_pg_name(p->db), t->name, BUFFER_MAX >> 20);
    return JD_OK;
}

static jd_code pg_row(void *self, jd_table_id table, const jd_cell *cell, jd_err *e)
{
    pg     *p         = self;
    jd_buf *b         = p->now->fresh ? &p->fresh[table] : &p->staged[table];
    jd_code rc        = add_row(p, b, table, cell, e);
    p->now->to[table] = b->n;
    return rc;
}

static jd_code pg_begin(void *self, jd_err *e)
{
    (void)e;
    clear_batch(self);
    return JD_OK;
}

/* The rows that an issue had in this batch. */
static void take_out(pg *p, size_t place)
{
    span old = p->span.v[place];
    for (int t = 0; t < JD_NTABLES; t++) {
        jd_buf *b = old.fresh ? &p->fresh[t] : &p->staged[t];
        size_t  n = old.to[t] - old.from[t];
        if (!n)
            continue;
        memmove(b->p + old.from[t], b->p + old.to[t], b->n - old.to[t]);
        b->n -= n;
        for (size_t i = 0; i < p->span.n; i++) {
            span *s = &p->span.v[i];
            if (s->fresh != old.fresh || s->from[t] < old.to[t])
                continue;
            s->from[t] -= n;
            s->to[t] -= n;
        }
        p->span.v[place].to[t] = old.from[t];
    }
}

static jd_code pg_issue(void *self, int64_t site, uint64_t id, bool fresh, jd_err *e)
{
    pg  *p = self;
    bool first;
    (void)site;
    (void)e;
    int64_t *place = jd_idmap_put(p->place, id, &first);
    if (!first) {
        take_out(p, (size_t)*place);
        fresh = p->span.v[*place].fresh; /* the table still holds what it held */
    }
    *place  = (int64_t)p->span.n;
    p->now  = jd_vec_add(&p->span);
    *p->now = (span){.id = id, .fresh = fresh};
    for (int t = 0; t < JD_NTABLES; t++)
        p->now->from[t] = p->now->to[t] = fresh ? p->fresh[t].n : p->staged[t].n;
    return JD_OK;
}

/* -- statements about tables ------------------------------------------------------------------ */

static const char *keep(pg *p, jd_buf *b)
{
    const char *text = jd_arena_cstr(p->arena, jd_buf_view(b));
    jd_buf_reset(b);
    return text;
}

/* "t.a = n.a AND t.b = n.b", over the key. */
static void same_key(jd_buf *b, const jd_table *t)
{
    for (unsigned i = 0; i < t->nkey; i++)
        jd_buf_addf(b, "%st.%s = n.%s", i ? " AND " : "", t->col[i].name, t->col[i].name);
}

static void keys_of(jd_buf *b, const jd_table *t)
{
    for (unsigned i = 0; i < t->nkey; i++)
        jd_buf_addf(b, "%s%s", i ? ", " : "", t->col[i].name);
}

static void insert_into(jd_buf *b, const jd_table *t)
{
    jd_buf_addf(b, "INSERT INTO %s AS t (", t->name);
    jd_sql_columns(b, t, 0, "");
    jd_buf_addz(b, ") SELECT ");
    jd_sql_columns(b, t, 0, "");
}

static void insert_from_stage(jd_buf *b, const jd_table *t)
{
    insert_into(b, t);
    jd_buf_addf(b, " FROM stage_%s AS n", t->name);
}

/* Each key once, of issues that are still staged. What is there as it is stays away: ON CONFLICT DO
 * UPDATE would leave it alone, too, but lock and so write each row. */
static void insert_children(jd_buf *b, const jd_table *t)
{
    insert_into(b, t);
    jd_buf_addz(b, " FROM (SELECT DISTINCT ON (");
    keys_of(b, t);
    jd_buf_addz(b, ") ");
    jd_sql_columns(b, t, 0, "");
    jd_buf_addf(b,
                " FROM stage_%s AS n WHERE EXISTS (SELECT FROM stage_issue AS s WHERE"
                " s.id = n.issue_id)) AS n",
                t->name);
    if (t->nkey == t->ncol)
        return;
    jd_buf_addf(b, " WHERE NOT EXISTS (SELECT FROM %s AS t WHERE ", t->name);
    same_key(b, t);
    jd_buf_addz(b, " AND (");
    jd_sql_columns(b, t, t->nkey, "t.");
    jd_buf_addz(b, ") IS NOT DISTINCT FROM (");
    jd_sql_columns(b, t, t->nkey, "n.");
    jd_buf_addz(b, "))");
}

static void order_by_key(jd_buf *b, const jd_table *t)
{
    jd_buf_addz(b, " ORDER BY ");
    keys_of(b, t);
}

/* Of an issue that did not change its own row, the children may have: both go over by themselves.
 */
static void issue_sql(pg *p, jd_buf *b, const jd_table *t)
{
    insert_from_stage(b, t);
    order_by_key(b, t);
    jd_wh_sql_replace(b, t);
    jd_buf_addz(b, " AND (t.updated, t.fetched) <= (excluded.updated, excluded.fetched)");
    p->sql[t->id].merge = keep(p, b);
}

static void child_sql(pg *p, jd_buf *b, const jd_table *t)
{
    jd_buf_addf(b,
                "DELETE FROM %s AS t USING stage_issue AS s WHERE t.site_id = s.site_id AND"
                " t.issue_id = s.id AND NOT EXISTS (SELECT FROM stage_%s AS n WHERE ",
                t->name, t->name);
    same_key(b, t);
    jd_buf_addz(b, ")");
    p->sql[t->id].clear = keep(p, b);
    jd_buf_addf(b,
                "DELETE FROM %s AS t USING stage_issue AS s WHERE t.site_id = s.site_id AND"
                " t.issue_id = s.id",
                t->name);
    p->sql[t->id].empty = keep(p, b);
    insert_children(b, t);
    order_by_key(b, t);
    jd_wh_sql_replace(b, t);
    p->sql[t->id].merge = keep(p, b);
}

static void table_sql(pg *p, jd_buf *b, const jd_table *t)
{
    jd_buf_addf(b, "COPY %s (", t->name);
    jd_sql_columns(b, t, 0, "");
    jd_buf_addz(b, ") FROM STDIN");
    p->sql[t->id].copy = keep(p, b);
    jd_buf_addf(b, "COPY stage_%s (", t->name);
    jd_sql_columns(b, t, 0, "");
    jd_buf_addz(b, ") FROM STDIN");
    p->sql[t->id].stage = keep(p, b);
    if (t->kind == JD_TAB_ISSUE) {
        issue_sql(p, b, t);
    } else if (t->kind == JD_TAB_CHILD) {
        child_sql(p, b, t);
    } else {
        insert_from_stage(b, t);
        order_by_key(b, t);
        jd_wh_sql_merge(b, t, false);
        p->sql[t->id].merge = keep(p, b);
        insert_from_stage(b, t);
        order_by_key(b, t);
        jd_wh_sql_merge(b, t, true);
        p->sql[t->id].list = keep(p, b);
    }
}

/* Whether rows of this table go through its temporary one. */
static bool has_staged(const pg *p, jd_table_id t)
{
    return p->staged[t].n || (p->careful && p->fresh[t].n);
}

/* Outside of the transaction, which may have to be undone: the statements of all tables, and the
 * temporary ones that are needed, in one go. */
static jd_code make_all_ready(pg *p, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(SQL_MAX), make = JD_BUF_INIT(SQL_MAX);
    bool                              stage[JD_NTABLES] = {0};
    for (int t = 0; t < JD_NTABLES; t++) {
        if (jd_tables[t].kind == JD_TAB_OWN)
            continue;
        if (!p->sql[t].copy)
            table_sql(p, &b, &jd_tables[t]);
        stage[t] = has_staged(p, (jd_table_id)t) && !p->sql[t].made;
        if (stage[t])
            jd_buf_addf(&make,
                        "CREATE TEMP TABLE IF NOT EXISTS stage_%s (LIKE %s) ON COMMIT DELETE"
                        " ROWS;",
                        jd_tables[t].name, jd_tables[t].name);
    }
    jd_code rc = make.n ? jd_pg_exec(p->db, jd_buf_cstr(&make), e) : JD_OK;
    for (int t = 0; t < JD_NTABLES && !rc; t++)
        p->sql[t].made = p->sql[t].made || stage[t];
    return rc;
}

/* -- the transaction ------------------------------------------------------------------------- */

static jd_code copy(pg *p, const char *sql, const jd_buf *b, jd_err *e)
{
    return b->n ? jd_pg_copy(p->db, sql, jd_buf_view(b), e) : JD_OK;
}

static jd_code stage_named(pg *p, const jd_wh_batch *batch, jd_err *e)
{
    jd_code rc = JD_OK;
    for (int t = 0; t < JD_NTABLES; t++)
        if (jd_tables[t].kind == JD_TAB_NAMED)
            jd_buf_reset(&p->staged[t]);
    for (size_t i = 0; i < batch->named.n && !rc; i++) {
        const jd_wh_named *n = &batch->named.v[i];
        rc                   = add_row(p, &p->staged[n->table], n->table, n->cell, e);
    }
    return rc;
}

static jd_code put_named(pg *p, bool listed, jd_err *e)
{
    jd_code rc = JD_OK;
    for (int t = 0; t < JD_NTABLES && !rc; t++) {
        if (jd_tables[t].kind != JD_TAB_NAMED || !p->staged[t].n)
            continue;
        rc = copy(p, p->sql[t].stage, &p->staged[t], e);
        if (!rc)
            rc = jd_pg_exec(p->db, listed ? p->sql[t].list : p->sql[t].merge, e);
    }
    return rc;
}

static jd_code put_staged(pg *p, jd_err *e)
{
    /* What is older than what is held goes from the stage, and its children with it. */
    static const char before[] =
        "DELETE FROM stage_issue AS s USING issue AS t WHERE t.site_id = s.site_id AND t.id = s.id"
        " AND (t.updated, t.fetched) > (s.updated, s.fetched);"
        "INSERT INTO issue_alias AS a (site_id, key, issue_id) SELECT t.site_id, t.key, t.id"
        " FROM issue AS t JOIN stage_issue AS s ON s.site_id = t.site_id AND s.id = t.id"
        " WHERE t.key <> s.key ORDER BY t.key"
        " ON CONFLICT (site_id, key) DO UPDATE SET issue_id = excluded.issue_id"
        " WHERE a.issue_id <> excluded.issue_id";
    jd_code rc = JD_OK;
    for (int t = 0; t < JD_NTABLES && !rc; t++) {
        if (!has_issues(jd_tables[t].kind))
            continue;
        rc = copy(p, p->sql[t].stage, &p->staged[t], e);
        if (!rc && p->careful)
            rc = copy(p, p->sql[t].stage, &p->fresh[t], e);
    }
    if (!rc)
        rc = jd_pg_exec(p->db, before, e);
    if (!rc)
        rc = jd_pg_exec(p->db, p->sql[JD_T_issue].merge, e);
    for (int t = 0; t < JD_NTABLES && !rc; t++) {
        if (jd_tables[t].kind != JD_TAB_CHILD)
            continue;
        bool rows = has_staged(p, (jd_table_id)t);
        rc        = jd_pg_exec(p->db, rows ? p->sql[t].clear : p->sql[t].empty, e);
        if (!rc && rows)
            rc = jd_pg_exec(p->db, p->sql[t].merge, e);
    }
    return rc;
}

static jd_code put_issues(pg *p, jd_err *e)
{
    jd_code rc = JD_OK;
    for (int t = 0; t < JD_NTABLES && !rc && !p->careful; t++)
        if (has_issues(jd_tables[t].kind))
            rc = copy(p, p->sql[t].copy, &p->fresh[t], e);
    if (!rc && has_staged(p, JD_T_issue))
        rc = put_staged(p, e);
    return rc;
}

/* "{1,2,3}" */
static void begin_list(jd_buf *b)
{
    jd_buf_reset(b);
    jd_buf_addc(b, '{');
}

static void add_to_list(jd_buf *b, int64_t v)
{
    if (b->n > 1)
        jd_buf_addc(b, ',');
    jd_buf_addi(b, v);
}

static jd_code run_lists(pg *p, const char *sql, int64_t site, unsigned n, jd_err *e)
{
    char   text[24];
    jd_str param[4];
    (void)snprintf(text, sizeof text, "%" PRId64, site);
    param[0] = jd_str_of(text);
    for (unsigned i = 0; i < n; i++) {
        jd_buf_addc(&p->list[i], '}');
        if (!jd_buf_ok(&p->list[i]))
            return jd_fail(e, JD_E_TOOBIG, "%s: a batch of too many issues", jd_pg_name(p->db));
        param[i + 1] = jd_buf_view(&p->list[i]);
    }
    return jd_pg_run(p->db, sql, param, n + 1, NULL, e);
}

/* With the batch's issues as the list. */
static jd_code run_for_issues(pg *p, const char *sql, int64_t site, jd_err *e)
{
    begin_list(&p->list[0]);
    for (size_t i = 0; i < p->span.n; i++)
        add_to_list(&p->list[0], (int64_t)p->span.v[i].id);
    return p->span.n ? run_lists(p, sql, site, 1, e) : JD_OK;
}

static jd_code lift_tombstones(pg *p, int64_t site, jd_err *e)
{
    return run_for_issues(
        p, "DELETE FROM tombstone WHERE site_id = $1 AND issue_id = ANY($2::bigint[])", site, e);
}

/* A key that an issue has is nobody's alias: neither one that an issue of the batch has now, nor
 * one that it had and another has. */
static jd_code tidy_aliases(pg *p, int64_t site, jd_err *e)
{
    jd_code rc = run_for_issues(
        p,
        "DELETE FROM issue_alias AS a USING issue AS i WHERE i.site_id = $1 AND i.id ="
        " ANY($2::bigint[]) AND a.site_id = i.site_id AND a.key = i.key AND EXISTS (SELECT FROM"
        " issue_alias)",
        site, e);
    return rc ? rc
              : run_for_issues(
                    p,
                    "DELETE FROM issue_alias AS a WHERE a.site_id = $1 AND a.issue_id ="
                    " ANY($2::bigint[]) AND EXISTS (SELECT FROM issue AS i WHERE i.site_id ="
                    " a.site_id AND i.key = a.key)",
                    site, e);
}

static jd_code put_touches(pg *p, const jd_wh_batch *batch, jd_err *e)
{
    for (int i = 0; i < 3; i++)
        begin_list(&p->list[i]);
    for (size_t i = 0; i < batch->touch.n; i++) {
        const jd_wh_touch *t = &batch->touch.v[i];
        add_to_list(&p->list[0], (int64_t)t->id);
        add_to_list(&p->list[1], t->fetched_ms);
        add_to_list(&p->list[2], (int64_t)t->plan);
    }
    if (!batch->touch.n)
        return JD_OK;
    return run_lists(p,
                     "UPDATE issue AS t SET fetched = to_timestamp(n.ms / 1000) + (n.ms % 1000) *"
                     " interval '1 millisecond', plan_hash = n.plan"
                     " FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS n (id, ms, plan)"
                     " WHERE t.site_id = $1 AND t.id = n.id",
                     batch->site, 3, e);
}

static jd_code put_members(pg *p, const jd_wh_batch *batch, unsigned hows, const char *sql,
                           jd_err *e)
{
    size_t n = 0;
    begin_list(&p->list[0]);
    begin_list(&p->list[1]);
    for (size_t i = 0; i < batch->member.n; i++) {
        const jd_wh_member *m = &batch->member.v[i];
        if (!(hows & 1u << m->how))
            continue;
        add_to_list(&p->list[0], m->scope);
        add_to_list(&p->list[1], (int64_t)m->id);
        n++;
    }
    return n ? run_lists(p, sql, batch->site, 2, e) : JD_OK;
}

#define MEMBERS "unnest($2::bigint[], $3::bigint[]) AS n (scope, id)"

static jd_code put_all_members(pg *p, const jd_wh_batch *b, jd_err *e)
{
    jd_code rc =
        put_members(p, b, 1u << JD_WH_MOVED,
                    "DELETE FROM sync_member AS m USING sync_scope AS c, " MEMBERS
                    " WHERE m.site_id = $1 AND m.issue_id = n.id AND m.scope_id <> n.scope AND"
                    " c.site_id = m.site_id AND c.id = m.scope_id AND c.project IS NOT NULL",
                    e);
    if (!rc)
        rc = put_members(
            p, b, 1u << JD_WH_MOVED | 1u << JD_WH_WRITTEN,
            "INSERT INTO sync_member (site_id, scope_id, issue_id) SELECT $1::bigint, n.scope,"
            " n.id FROM " MEMBERS " ORDER BY 2, 3 ON CONFLICT DO NOTHING",
            e);
    if (!rc)
        rc = put_members(p, b, 1u << JD_WH_JOINED,
                         "INSERT INTO sync_member (site_id, scope_id, issue_id) SELECT i.site_id,"
                         " c.id, i.id FROM " MEMBERS " JOIN issue AS i ON i.id = n.id AND"
                         " i.site_id = $1 JOIN sync_scope AS c ON c.site_id = $1 AND c.id = n.scope"
                         " WHERE c.project IS NULL OR substr(i.key, 1, length(c.project) + 1) ="
                         " c.project || '-' ORDER BY 2, 3 ON CONFLICT DO NOTHING",
                         e);
    return rc;
}

/* A batch is small beside what is held: whatever the server knows of the tables, it is to look up
 * what the batch names, and to read no table as a whole. */
static const char by_index[] = "SET LOCAL random_page_cost = 0.1; SET LOCAL jit = off";

static jd_code pg_put(void *self, const jd_wh_batch *batch, jd_err *e)
{
    pg     *p  = self;
    jd_code rc = stage_named(p, batch, e);
    if (!rc)
        rc = make_all_ready(p, e);
    if (!rc)
        rc = jd_pg_begin(p->db, e);
    if (!rc)
        rc = jd_pg_exec(p->db, by_index, e);
    if (!rc) /* batches of other scopes come one after another */
        rc = run_lists(p, "SELECT pg_advisory_xact_lock(1784835169, $1::int)", batch->site, 0, e);
    if (!rc)
        rc = put_named(p, batch->listed, e);
    if (!rc)
        rc = put_issues(p, e);
    if (!rc)
        rc = tidy_aliases(p, batch->site, e);
    if (!rc)
        rc = lift_tombstones(p, batch->site, e);
    if (!rc)
        rc = put_touches(p, batch, e);
    if (!rc)
        rc = put_all_members(p, batch, e);
    return rc;
}

static jd_code pg_end(void *self, jd_err *e)
{
    pg     *p  = self;
    jd_code rc = jd_pg_commit(p->db, e);
    if (!rc)
        clear_batch(p);
    return rc;
}

static void pg_rollback(void *self)
{
    jd_pg_rollback(((pg *)self)->db);
}

/* Rows are looked up in the order of their ids, some hundred at a time. Where the server knows
 * nothing of a table yet (a backfill that just ended), it would read and sort the rest of it. */
static const char in_order[] = "SET enable_bitmapscan = off";

/* The session again, with the locks it had; somebody else may have them by now. */
static bool come_back(pg *p)
{
    jd_err e;
    bool   got = true;
    for (int t = 0; t < JD_NTABLES; t++)
        p->sql[t].made = false;
    if (jd_pg_reopen(p->db, &e) || jd_pg_exec(p->db, in_order, &e))
        return false;
    for (size_t i = 0; i < p->locked.n && got; i++)
        if (jd_wh_pg_try(p->db, p->locked.v[i], &got, &e))
            got = false;
    return got;
}

static bool pg_again(void *self, int n)
{
    pg           *p   = self;
    jd_pg_trouble why = jd_pg_why(p->db);
    if (why == JD_PG_TAKEN && !p->careful) {
        p->careful = true;
        return true;
    }
    if (why == JD_PG_CONFLICT && n < TRIES) {
        wait_ms(20L << n);
        return true;
    }
    for (; why == JD_PG_LOST && n < TRIES; n++) {
        wait_ms(100L << n);
        if (come_back(p))
            return true;
    }
    return false;
}

static jd_code pg_another(void *self, void **out, jd_err *e);

static const jd_wh_ops pg_ops = {
    .dialect  = JD_SQL_POSTGRESQL,
    .txn      = "BEGIN; SELECT pg_advisory_xact_lock(7235427610482951937)",
    .close    = pg_close,
    .another  = pg_another,
    .run      = pg_run,
    .each     = pg_each,
    .script   = pg_script,
    .lock     = pg_lock,
    .begin    = pg_begin,
    .issue    = pg_issue,
    .row      = pg_row,
    .put      = pg_put,
    .end      = pg_end,
    .rollback = pg_rollback,
    .again    = pg_again,
};

jd_code jd_wh_open_postgres(const char *url, const char *program, jd_wh_db *out, jd_err *e)
{
    pg *p      = jd_xcalloc(1, sizeof *p);
    p->url     = jd_xstrdup(url);
    p->program = jd_xstrdup(program);
    p->arena   = jd_arena_new(0);
    p->place   = jd_idmap_new();
    for (int t = 0; t < JD_NTABLES; t++)
        p->fresh[t].max = p->staged[t].max = BUFFER_MAX;
    for (int i = 0; i < 3; i++)
        p->list[i].max = BUFFER_MAX;
    jd_code rc = jd_pg_open(url, program, &p->db, e);
    if (!rc)
        rc = jd_pg_exec(p->db, in_order, e);
    if (rc)
        pg_close(p);
    else
        *out = (jd_wh_db){&pg_ops, p};
    return rc;
}

static jd_code pg_another(void *self, void **out, jd_err *e)
{
    const pg *p = self;
    jd_wh_db  db;
    jd_code   rc = jd_wh_open_postgres(p->url, p->program, &db, e);
    if (!rc)
        *out = db.self;
    return rc;
}
