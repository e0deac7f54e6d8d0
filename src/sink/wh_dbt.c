#include "sink/wh_dbt.h"

#include "base/buf.h"

#include <inttypes.h>
#include <string.h>

enum { SCRIPT_MAX = 1 << 20 };

typedef struct job {
    const jd_wh_db *db;
    jd_arena       *arena;
    jd_str          site, schema, fact; /* fact: "hash schema" */
} job;

/* -- the script ------------------------------------------------------------------------------ */

static void fill(jd_buf *out, const char *sql, const job *j)
{
    static const char schema[] = ":\"schema\"", site[] = ":site";
    for (const char *p = sql; *p;) {
        if (strncmp(p, schema, sizeof schema - 1) == 0) {
            jd_buf_addf(out, "\"%.*s\"", JD_FMT(j->schema));
            p += sizeof schema - 1;
        } else if (strncmp(p, site, sizeof site - 1) == 0) {
            jd_buf_add(out, j->site.p, j->site.n);
            p += sizeof site - 1;
        } else {
            jd_buf_addc(out, *p++);
        }
    }
}

static jd_code run(const job *j, const char *sql, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(SCRIPT_MAX);
    fill(&b, sql, j);
    jd_buf_addc(&b, '\0');
    return j->db->ops->script(j->db->self, b.p, e);
}

/* What fails is undone, and the transaction goes on. */
static jd_code attempt(const job *j, const char *sql, jd_err *e)
{
    jd_err  after;
    jd_code rc = run(j, "SAVEPOINT jd_dbt", e);
    if (!rc)
        rc = run(j, sql, e);
    if (!rc)
        return run(j, "RELEASE SAVEPOINT jd_dbt", e);
    return run(j, "ROLLBACK TO SAVEPOINT jd_dbt", &after) ? jd_fail(e, after.code, "%s", after.msg)
                                                          : rc;
}

/* -- what is there --------------------------------------------------------------------------- */

typedef struct look {
    const job *j;
    bool       in_path;                   /* the schema would stand between us and our tables */
    bool       there, filled, ours, same; /* ours: it has a view that nobody else would name so */
} look;

static bool is_true(jd_str s)
{
    return jd_str_is(s, "t");
}

static bool take_look(void *self, const jd_str *col)
{
    look      *l = self;
    const job *j = l->j;
    l->in_path   = is_true(col[0]);
    l->there     = is_true(col[1]);
    l->filled    = is_true(col[2]);
    l->ours      = is_true(col[3]);
    l->same      = l->ours && jd_str_eq(col[4], j->fact);
    return false;
}

static jd_code take_in(const job *j, look *out, jd_err *e)
{
    static const char sql[] =
        "SELECT EXISTS (SELECT FROM regexp_split_to_table(current_setting('search_path'), ',') AS p"
        "  WHERE btrim(p, ' \"') = $1::text OR (btrim(p, ' \"') = '$user' AND current_user = $1)),"
        " EXISTS (SELECT FROM pg_namespace WHERE nspname = $1),"
        " EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        "  WHERE n.nspname = $1),"
        " EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        "  WHERE n.nspname = $1 AND c.relname = '_change' AND c.relkind = 'v'),"
        " (SELECT value FROM sync_fact WHERE site_id = $2::bigint AND name = 'dbt')";
    *out = (look){.j = j};
    return j->db->ops->each(j->db->self, sql, (jd_str[]){j->schema, j->site}, 2, take_look, out, e);
}

/* -- making them ----------------------------------------------------------------------------- */

static jd_code note(const job *j, jd_err *e)
{
    static const char sql[] = "INSERT INTO sync_fact (site_id, name, value) VALUES ($1, 'dbt', $2)"
                              " ON CONFLICT (site_id, name) DO UPDATE SET value = excluded.value";
    return j->db->ops->run(j->db->self, sql, (jd_str[]){j->site, j->fact}, 2, e);
}

/* Replaced where that can be, for the sake of what stands on top of them. */
static jd_code make(const job *j, bool there, jd_err *e)
{
    jd_code rc = j->db->ops->script(j->db->self, j->db->ops->txn, e);
    if (!rc && !there)
        rc = run(j, "CREATE SCHEMA :\"schema\"", e);
    if (!rc && attempt(j, jd_wh_dbt_sql.make, e)) {
        rc = run(j, jd_wh_dbt_sql.drop, e);
        if (!rc)
            rc = run(j, jd_wh_dbt_sql.make, e);
    }
    if (!rc)
        rc = note(j, e);
    if (!rc)
        rc = run(j, "COMMIT", e);
    if (rc)
        j->db->ops->rollback(j->db->self);
    return rc;
}

static void left_out(const job *j, const jd_dbt_conf *conf, const char *why)
{
    jd_event(conf->log ? conf->log : &jd_log_none, JD_WARN, "warehouse",
             "the views for dbt in schema %.*s are left out: %s; --dbt-schema NAME puts them "
             "elsewhere, --dbt-schema none makes none",
             JD_FMT(j->schema), why);
}

jd_code jd_wh_dbt_refresh(const jd_wh_db *db, int64_t site, const jd_dbt_conf *conf, jd_err *e)
{
    if (db->ops->dialect != JD_SQL_POSTGRESQL || !conf->schema)
        return JD_OK;
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    job                                  j = {.db     = db,
                                              .arena  = a,
                                              .site   = jd_arena_fmt(a, "%" PRId64, site),
                                              .schema = jd_str_of(conf->schema)};
    look                                 l;
    jd_err                               why;
    if (site > 1)
        j.schema = jd_arena_fmt(a, "%s_%" PRId64, conf->schema, site);
    j.fact     = jd_arena_fmt(a, "%s %.*s", jd_wh_dbt_sql.hash, JD_FMT(j.schema));
    jd_code rc = take_in(&j, &l, e);
    if (rc || l.same)
        return rc;
    if (l.in_path)
        left_out(&j, conf, "this role looks for the warehouse's own tables there");
    else if (l.filled && !l.ours)
        left_out(&j, conf, "there is something else in it");
    else
        rc = make(&j, l.there, &why);
    if (!rc)
        return JD_OK;
    if (jd_code_retryable(rc)) {
        *e = why;
        return rc;
    }
    left_out(&j, conf, why.msg);
    return JD_OK;
}

typedef struct sites {
    JD_VEC(int64_t) id;
} sites;

static bool take_site(void *self, const jd_str *col)
{
    sites  *s = self;
    int64_t id;
    if (jd_str_i64(col[0], &id))
        *jd_vec_add(&s->id) = id;
    return true;
}

jd_code jd_wh_dbt_refresh_all(const jd_wh_db *db, const jd_dbt_conf *conf, jd_err *e)
{
    static const char sql[] = "SELECT id FROM site ORDER BY id";
    sites             s     = {0};
    jd_code           rc    = db->ops->each(db->self, sql, NULL, 0, take_site, &s, e);
    if (!rc && s.id.n == 0)
        *jd_vec_add(&s.id) = 1;
    for (size_t i = 0; !rc && i < s.id.n; i++)
        rc = jd_wh_dbt_refresh(db, s.id.v[i], conf, e);
    jd_vec_release(&s.id);
    return rc;
}
