/* schema_sql.h: the tables of derive/schema.h as SQL. */
#ifndef JD_DERIVE_SCHEMA_SQL_H
#define JD_DERIVE_SCHEMA_SQL_H

#include "base/buf.h"
#include "derive/schema.h"

typedef enum jd_dialect { JD_SQL_POSTGRESQL, JD_SQL_SQLITE } jd_dialect;

/* All tables, indexes and comments, in the order of JD_TABLES. */
void jd_schema_sql(jd_buf *out, jd_dialect d);

/* "a, b, c" of the columns from `from` on, each with `before` in front ("excluded."). */
void jd_sql_columns(jd_buf *out, const jd_table *t, unsigned from, const char *before);

#endif
