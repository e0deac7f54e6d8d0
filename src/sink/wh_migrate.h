/* wh_migrate.h: which version of the schema a warehouse has, and how it gets the program's:
 * numbered migrations (sql/migrations/), one after another, in one transaction. */
#ifndef JD_SINK_WH_MIGRATE_H
#define JD_SINK_WH_MIGRATE_H

#include "sink/wh_db.h"

extern const char *const jd_migrations_postgresql[JD_SCHEMA_VERSION];
extern const char *const jd_migrations_sqlite[JD_SCHEMA_VERSION];

/* 0: there are no tables. */
jd_code jd_wh_version(const jd_wh_db *db, int64_t *out, jd_err *e) JD_NODISCARD;
/* Up to the program's version, the views with it; *from is what it was. JD_E_STATE when it is a
 * newer one. */
jd_code jd_wh_migrate(const jd_wh_db *db, int64_t *from, jd_err *e) JD_NODISCARD;
/* JD_E_NOTFOUND: no tables; JD_E_CONFIG: older; JD_E_STATE: newer. The message tells what to do. */
jd_code jd_wh_check(const jd_wh_db *db, jd_err *e) JD_NODISCARD;

#endif
