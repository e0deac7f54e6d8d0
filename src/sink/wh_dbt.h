/* wh_dbt.h: what packages for dbt read (sql/dbt.sql): in PostgreSQL a schema of views for each
 * site, made anew whenever the program's are not those of the database. Which it has, says a fact
 * of the site.
 *
 * - The first site's schema has the name that is asked for, the others' its number behind it: jira,
 *   jira_2.
 * - That they cannot be made (the role may not, the schema is somebody else's) is told to the log,
 *   and is no failure: nothing else in the warehouse needs them. */
#ifndef JD_SINK_WH_DBT_H
#define JD_SINK_WH_DBT_H

#include "sink/warehouse.h"
#include "sink/wh_db.h"
#include "sink/wh_views.h"

extern const jd_wh_view_sql jd_wh_dbt_sql; /* :"schema" and :site stand for both */

/* Outside of transactions. Nothing in SQLite, and without a schema. */
jd_code jd_wh_dbt_refresh(const jd_wh_db *db, int64_t site, const jd_dbt_conf *conf,
                          jd_err *e) JD_NODISCARD;
/* Of every site that there is; of the first one also before it is there. */
jd_code jd_wh_dbt_refresh_all(const jd_wh_db *db, const jd_dbt_conf *conf, jd_err *e) JD_NODISCARD;

#endif
