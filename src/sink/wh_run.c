/* What a warehouse remembers of past runs. */
#include "sink/warehouse.h"
#include "sink/wh_own.h"
#include "sink/wh_part.h"

#include <inttypes.h>
#include <stdio.h>

typedef struct noted {
    int64_t                 site;
    const jd_warehouse_run *run;
} noted;

static jd_code add_run(const jd_wh_db *db, void *self, jd_err *e)
{
    static const char *const sql[] = {
        [JD_SQL_POSTGRESQL] =
            "INSERT INTO sync_run (site_id, id, command, began, ended, verdict) SELECT $1::bigint,"
            " 1 + coalesce(max(id), 0), $2::text, $3::timestamptz, $4::timestamptz, $5::text"
            " FROM sync_run WHERE site_id = $6",
        [JD_SQL_SQLITE] =
            "INSERT INTO sync_run (site_id, id, command, began, ended, verdict) SELECT $1, 1 +"
            " coalesce(max(id), 0), $2, $3, $4, $5 FROM sync_run WHERE site_id = $6"};
    const noted            *n   = self;
    const jd_warehouse_run *run = n->run;
    char                    site[24], time[2][JD_WH_TIME_MAX];
    (void)snprintf(site, sizeof site, "%" PRId64, n->site);
    jd_str param[] = {jd_str_of(site),
                      run->command,
                      {time[0], jd_wh_time(run->began_ms, false, time[0])},
                      {time[1], jd_wh_time(run->ended_ms, false, time[1])},
                      run->verdict,
                      jd_str_of(site)};
    return db->ops->run(db->self, sql[db->ops->dialect], param, 6, e);
}

jd_code jd_warehouse_note(const jd_sink *sink, const jd_warehouse_run *run, jd_err *e)
{
    jd_wh_db db = jd_warehouse_db(sink);
    noted    n  = {jd_warehouse_site(sink), run};
    return jd_wh_txn(&db, add_run, &n, e);
}
