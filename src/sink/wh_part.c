#include "sink/wh_part.h"

#include "db/postgres.h"
#include "sink/warehouse.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* -- addresses ------------------------------------------------------------------------------- */

/* The path of an sqlite: address; NULL for another kind. */
static const char *sqlite_path(const char *url)
{
    const char *at = strstr(url, "://");
    if (strncmp(url, "sqlite", 6) != 0 || !at || (url[6] != ':' && url[6] != '+') || at[3] != '/')
        return NULL;
    return at[4] ? at + 4 : NULL;
}

static bool is_postgres(const char *url)
{
    return strncmp(url, "postgres", 8) == 0;
}

static jd_code unknown_address(jd_err *e)
{
    return jd_fail(e, JD_E_CONFIG,
                   "the warehouse's address is none that is known: write sqlite:///file.db or "
                   "postgresql://user@host/database");
}

jd_code jd_wh_open(const char *url, const char *program, bool create, bool writer, jd_wh_db *out,
                   jd_err *e)
{
    const char *path = sqlite_path(url);
    if (path)
        return jd_wh_open_sqlite(path, program, create, writer, out, e);
    return is_postgres(url) ? jd_wh_open_postgres(url, program, out, e) : unknown_address(e);
}

jd_code jd_warehouse_check(const char *url, jd_err *e)
{
    char name[JD_PG_NAME_MAX];
    if (sqlite_path(url))
        return JD_OK;
    return is_postgres(url) ? jd_pg_address(url, name, e) : unknown_address(e);
}

jd_str jd_warehouse_name(jd_arena *a, const char *url)
{
    const char *path = sqlite_path(url), *at = strstr(url, "://");
    char        name[JD_PG_NAME_MAX];
    jd_err      e;
    if (path)
        return jd_arena_dup(a, jd_str_of(path));
    if (!at || jd_pg_address(url, name, &e)) /* nobody knows what is in it */
        return JD_STR("the database");
    at += 3;
    size_t user = strcspn(at, "@/"); /* as libpq has it: a '?' ends no password */
    if (at[user] == '@')
        at += user + 1;
    return jd_arena_fmt(a, "postgresql://%.*s", (int)strcspn(at, "?"), at);
}

/* -- transactions ---------------------------------------------------------------------------- */

static bool take_number(void *self, const jd_str *col)
{
    if (!jd_str_i64(col[0], self))
        *(int64_t *)self = 0;
    return false;
}

static jd_code txn_once(const jd_wh_db *db, jd_wh_txn_fn *fn, void *self, jd_err *e)
{
    jd_code rc = db->ops->script(db->self, db->ops->txn, e);
    if (!rc)
        rc = fn(db, self, e);
    if (!rc)
        rc = db->ops->script(db->self, "COMMIT", e);
    if (rc)
        db->ops->rollback(db->self);
    return rc;
}

jd_code jd_wh_txn(const jd_wh_db *db, jd_wh_txn_fn *fn, void *self, jd_err *e)
{
    jd_code rc = txn_once(db, fn, self, e);
    for (int n = 1; rc && db->ops->again(db->self, n); n++)
        rc = txn_once(db, fn, self, e);
    return rc;
}

/* -- site ------------------------------------------------------------------------------------ */

static jd_code find_site(const jd_wh_db *db, jd_str name, int64_t *out, jd_err *e)
{
    static const char sql[] = "SELECT id FROM site WHERE name = $1";
    *out                    = 0;
    return db->ops->each(db->self, sql, &name, 1, take_number, out, e);
}

static jd_code add_site(const jd_wh_db *db, void *self, jd_err *e)
{
    static const char *const sql[] = {
        [JD_SQL_POSTGRESQL] =
            "INSERT INTO site (id, name) SELECT 1 + coalesce(max(id), 0), $1::text FROM site",
        [JD_SQL_SQLITE] = "INSERT INTO site (id, name) SELECT 1 + coalesce(max(id), 0), $1 FROM "
                          "site"};
    const jd_str *name = self;
    int64_t       known;
    jd_code       rc = find_site(db, *name, &known, e);
    return rc || known ? rc : db->ops->run(db->self, sql[db->ops->dialect], name, 1, e);
}

jd_code jd_wh_site(const jd_wh_db *db, jd_str name, int64_t *out, jd_err *e)
{
    jd_code rc = find_site(db, name, out, e);
    if (!rc && !*out) {
        rc = jd_wh_txn(db, add_site, &name, e);
        if (!rc)
            rc = find_site(db, name, out, e);
    }
    return rc;
}

/* -- removal --------------------------------------------------------------------------------- */

#define ONE_ISSUE                       " WHERE site_id = $1 AND issue_id = $2"
#define X(name, kind, indexes, comment) [JD_T_##name] = "DELETE FROM " #name ONE_ISSUE,
static const char *const clear[JD_NTABLES] = {JD_TABLES(X)};
#undef X

jd_code jd_wh_bury(const jd_wh_db *db, int64_t site, int64_t scope, const jd_tombstone *why,
                   jd_err *e)
{
    static const char leave[] =
        "DELETE FROM sync_member WHERE site_id = $1 AND issue_id = $2 AND scope_id = $3";
    static const char others[] =
        "SELECT count(*) FROM sync_member WHERE site_id = $1 AND issue_id = $2";
    static const char *const keep[] = {
        [JD_SQL_POSTGRESQL] =
            "INSERT INTO tombstone (site_id, issue_id, key, cause, key_elsewhere, updated, made)"
            " SELECT site_id, id, key, $3::text, $4::text, updated, $5::timestamptz FROM issue "
            "WHERE"
            " site_id = $1 AND id = $2 ON CONFLICT (site_id, issue_id) DO NOTHING",
        [JD_SQL_SQLITE] =
            "INSERT INTO tombstone (site_id, issue_id, key, cause, key_elsewhere, updated, made)"
            " SELECT site_id, id, key, $3, $4, updated, $5 FROM issue WHERE site_id = $1 AND id = "
            "$2"
            " ON CONFLICT (site_id, issue_id) DO NOTHING"};
    static const char alias[] =
        "INSERT INTO issue_alias (site_id, key, issue_id) SELECT site_id, key, id FROM issue WHERE"
        " site_id = $1 AND id = $2 AND NOT EXISTS (SELECT 1 FROM issue AS o WHERE o.site_id ="
        " issue.site_id AND o.key = issue.key AND o.id <> issue.id) ON CONFLICT (site_id, key) DO "
        "UPDATE SET issue_id ="
        " excluded.issue_id";
    static const char forget[] = "DELETE FROM issue WHERE site_id = $1 AND id = $2";
    char              number[3][24], time[JD_WH_TIME_MAX];
    int64_t           more = 0;
    (void)snprintf(number[0], sizeof number[0], "%" PRId64, site);
    (void)snprintf(number[1], sizeof number[1], "%" PRId64, (int64_t)why->id);
    (void)snprintf(number[2], sizeof number[2], "%" PRId64, scope);
    jd_str  one[] = {jd_str_of(number[0]), jd_str_of(number[1]), jd_str_of(number[2])};
    jd_str  all[] = {one[0],
                     one[1],
                     jd_str_of(jd_cause_name(why->cause)),
                    why->now.n ? why->now : JD_NOSTR,
                     {time, jd_wh_time(why->made_ms, false, time)}};
    jd_code rc    = db->ops->run(db->self, leave, one, 3, e);
    if (!rc)
        rc = db->ops->each(db->self, others, one, 2, take_number, &more, e);
    if (rc || more)
        return rc;
    rc = db->ops->run(db->self, keep[db->ops->dialect], all, 5, e);
    if (!rc)
        rc = db->ops->run(db->self, alias, one, 2, e);
    for (int t = 0; t < JD_NTABLES && !rc; t++)
        if (jd_tables[t].kind == JD_TAB_CHILD)
            rc = db->ops->run(db->self, clear[t], one, 2, e);
    if (!rc)
        rc = db->ops->run(db->self, clear[JD_T_issue_wide], one, 2, e);
    return rc ? rc : db->ops->run(db->self, forget, one, 2, e);
}
