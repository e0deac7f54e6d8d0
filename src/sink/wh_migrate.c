#include "sink/wh_migrate.h"

#include "sink/warehouse.h"
#include "sink/wh_dbt.h"
#include "sink/wh_part.h"
#include "sink/wh_views.h"

#include <inttypes.h>
#include <stdio.h>

static bool take_number(void *self, const jd_str *col)
{
    if (col[0].p && !jd_str_i64(col[0], self))
        *(int64_t *)self = -1;
    return false;
}

jd_code jd_wh_version(const jd_wh_db *db, int64_t *out, jd_err *e)
{
    static const char *const there[] = {
        [JD_SQL_POSTGRESQL] = "SELECT (to_regclass('schema_version') IS NOT NULL)::int",
        [JD_SQL_SQLITE]     = "SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'"};
    static const char newest[] = "SELECT max(version) FROM schema_version";
    int64_t           tables   = 0;
    *out                       = 0;
    jd_code rc = db->ops->each(db->self, there[db->ops->dialect], NULL, 0, take_number, &tables, e);
    if (!rc && tables)
        rc = db->ops->each(db->self, newest, NULL, 0, take_number, out, e);
    return rc;
}

static jd_code newer(int64_t version, jd_err *e)
{
    return jd_fail(e, JD_E_STATE,
                   "the warehouse's schema is version %" PRId64
                   ", this program knows up to %d: use a newer jiraduct",
                   version, JD_SCHEMA_VERSION);
}

jd_code jd_wh_check(const jd_wh_db *db, jd_err *e)
{
    int64_t version;
    jd_code rc = jd_wh_version(db, &version, e);
    if (rc || version == JD_SCHEMA_VERSION)
        return rc;
    if (version > JD_SCHEMA_VERSION)
        return newer(version, e);
    if (version == 0)
        return jd_fail(e, JD_E_NOTFOUND,
                       "there is no warehouse in this database yet: `jiraduct warehouse init` "
                       "makes one");
    return jd_fail(e, JD_E_CONFIG,
                   "the warehouse's schema is version %" PRId64
                   ", this program needs %d: run `jiraduct warehouse migrate`",
                   version, JD_SCHEMA_VERSION);
}

static jd_code step(const jd_wh_db *db, int64_t version, jd_err *e)
{
    static const char *const note[] = {
        [JD_SQL_POSTGRESQL] =
            "INSERT INTO schema_version (version, applied, program) VALUES ($1, now(), $2)",
        [JD_SQL_SQLITE] = "INSERT INTO schema_version (version, applied, program) VALUES ($1,"
                          " strftime('%Y-%m-%d %H:%M:%f', 'now'), $2)"};
    const char *const *all =
        db->ops->dialect == JD_SQL_SQLITE ? jd_migrations_sqlite : jd_migrations_postgresql;
    char number[24];
    (void)snprintf(number, sizeof number, "%" PRId64, version);
    jd_code rc = db->ops->script(db->self, all[version - 1], e);
    if (!rc)
        rc = db->ops->run(db->self, note[db->ops->dialect],
                          (jd_str[]){jd_str_of(number), JD_STR("jiraduct " JD_VERSION)}, 2, e);
    return rc ? jd_wrap(e, "migration %" PRId64, version) : JD_OK;
}

static jd_code migrate(const jd_wh_db *db, void *self, jd_err *e)
{
    int64_t *from = self;
    jd_code  rc   = jd_wh_version(db, from, e);
    if (!rc && *from > JD_SCHEMA_VERSION)
        rc = newer(*from, e);
    if (!rc && *from > 0 && *from < JD_SCHEMA_VERSION)
        rc = jd_wh_views_drop(db, e);
    for (int64_t v = rc ? 0 : *from + 1; !rc && v <= JD_SCHEMA_VERSION; v++)
        rc = step(db, v, e);
    if (!rc)
        rc = jd_wh_views_make(db, e);
    return rc;
}

jd_code jd_wh_migrate(const jd_wh_db *db, int64_t *from, jd_err *e)
{
    return jd_wh_txn(db, migrate, from, e);
}

/* -- a whole database ------------------------------------------------------------------------ */

jd_code jd_warehouse_migrate(const char *url, const char *program, bool create,
                             const jd_dbt_conf *dbt, int64_t *from, jd_err *e)
{
    jd_wh_db db;
    jd_code  rc = jd_wh_open(url, program, create, true, &db, e);
    if (rc)
        return rc;
    if (!create)
        rc = jd_wh_version(&db, from, e);
    if (!rc && !create && *from == 0)
        rc = jd_wh_check(&db, e);
    if (!rc)
        rc = jd_wh_migrate(&db, from, e);
    if (!rc)
        rc = jd_wh_dbt_refresh_all(&db, dbt, e);
    db.ops->close(db.self);
    return rc;
}

/* A database that is up to date is left as it is. */
static jd_code bring_up(const jd_wh_db *db, jd_err *e)
{
    int64_t version, from;
    jd_code rc = jd_wh_version(db, &version, e);
    if (rc)
        return rc;
    return version == JD_SCHEMA_VERSION ? jd_wh_views_refresh(db, e) : jd_wh_migrate(db, &from, e);
}

jd_code jd_warehouse_prepare(const char *url, const char *program, jd_err *e)
{
    jd_wh_db db;
    jd_code  rc = jd_wh_open(url, program, true, true, &db, e);
    if (rc)
        return rc;
    rc = bring_up(&db, e);
    db.ops->close(db.self);
    return rc;
}
