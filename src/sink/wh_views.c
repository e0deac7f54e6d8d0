#include "sink/wh_views.h"

#include "sink/wh_part.h"

static const char fact_name[] = "views";

static const jd_wh_view_sql *sql_of(const jd_wh_db *db)
{
    return &jd_wh_view_sqls[db->ops->dialect];
}

/* What fails is undone, and the transaction goes on. */
static jd_code attempt(const jd_wh_db *db, const char *sql, jd_err *e)
{
    jd_err  after;
    jd_code rc = db->ops->script(db->self, "SAVEPOINT jd_views", e);
    if (rc)
        return rc;
    rc = db->ops->script(db->self, sql, e);
    if (!rc)
        return db->ops->script(db->self, "RELEASE SAVEPOINT jd_views", e);
    if (db->ops->script(db->self, "ROLLBACK TO SAVEPOINT jd_views", &after))
        *e = after;
    return rc;
}

jd_code jd_wh_views_drop(const jd_wh_db *db, jd_err *e)
{
    jd_err kept;
    (void)attempt(db, sql_of(db)->drop, &kept);
    return db->ops->script(db->self, "SELECT 1", e); /* whether the transaction stands */
}

static jd_code note(const jd_wh_db *db, jd_err *e)
{
    static const char sql[] = "INSERT INTO sync_fact (site_id, name, value) VALUES (0, $1, $2)"
                              " ON CONFLICT (site_id, name) DO UPDATE SET value = excluded.value"
                              " WHERE sync_fact.value <> excluded.value";
    return db->ops->run(db->self, sql,
                        (jd_str[]){jd_str_of(fact_name), jd_str_of(sql_of(db)->hash)}, 2, e);
}

/* Replaced where that can be, for the sake of what stands on top of them. */
jd_code jd_wh_views_make(const jd_wh_db *db, jd_err *e)
{
    jd_err  kept;
    bool    lite = db->ops->dialect == JD_SQL_SQLITE;
    jd_code rc   = JD_OK;
    if (lite || attempt(db, sql_of(db)->make, &kept)) {
        rc = db->ops->script(db->self, sql_of(db)->drop, e);
        if (!rc)
            rc = db->ops->script(db->self, sql_of(db)->make, e);
    }
    if (!rc)
        rc = note(db, e);
    return rc ? jd_wrap(e, "the warehouse's views cannot be made anew") : JD_OK;
}

static bool take_same(void *self, const jd_str *col)
{
    const char **hash = self;
    if (col[0].p && jd_str_is(col[0], *hash))
        *hash = NULL;
    return false;
}

static jd_code make(const jd_wh_db *db, void *self, jd_err *e)
{
    (void)self;
    return jd_wh_views_make(db, e);
}

jd_code jd_wh_views_refresh(const jd_wh_db *db, jd_err *e)
{
    static const char sql[] = "SELECT value FROM sync_fact WHERE site_id = 0 AND name = $1";
    const char       *hash  = sql_of(db)->hash; /* NULL: they are the same */
    jd_code           rc =
        db->ops->each(db->self, sql, (jd_str[]){jd_str_of(fact_name)}, 1, take_same, &hash, e);
    if (rc || !hash)
        return rc;
    return jd_wh_txn(db, make, NULL, e);
}
