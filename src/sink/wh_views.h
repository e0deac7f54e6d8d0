/* wh_views.h: the views that analysts ask for (sql/views.sql, sql/views.sqlite.sql), made anew
 * whenever the program's are not those of the database. Which it has, says a fact of site 0. */
#ifndef JD_SINK_WH_VIEWS_H
#define JD_SINK_WH_VIEWS_H

#include "sink/wh_db.h"

typedef struct jd_wh_view_sql {
    const char *hash, *drop, *make;
} jd_wh_view_sql;
extern const jd_wh_view_sql jd_wh_view_sqls[]; /* by jd_dialect */

/* Within a transaction. Drops them before migrations touch their tables; views that somebody made
 * on top of them keep them where they are, which is no failure. */
jd_code jd_wh_views_drop(const jd_wh_db *db, jd_err *e) JD_NODISCARD;
/* Within a transaction. */
jd_code jd_wh_views_make(const jd_wh_db *db, jd_err *e) JD_NODISCARD;
/* Makes them in a transaction of its own, unless they are the program's. */
jd_code jd_wh_views_refresh(const jd_wh_db *db, jd_err *e) JD_NODISCARD;

#endif
