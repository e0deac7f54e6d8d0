/* wh_pg_lock.h: PostgreSQL's advisory locks, one a scope, and who has one. They belong to the
 * connection and go with it. */
#ifndef JD_SINK_WH_PG_LOCK_H
#define JD_SINK_WH_PG_LOCK_H

#include "db/postgres.h"
#include "model/plan.h"

/* Does not wait: *got says whether it is ours. */
jd_code jd_wh_pg_try(jd_pg *db, int64_t key, bool *got, jd_err *e) JD_NODISCARD;
/* Always fails, with JD_E_LOCKED where the server answers: who loads the scope instead. */
jd_code jd_wh_pg_holder(jd_pg *db, int64_t key, const jd_scope *scope, jd_err *e) JD_NODISCARD;

#endif
