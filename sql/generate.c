/* Prints the warehouse's whole schema: generate postgresql|sqlite. `make sql` writes sql/schema.sql
 * and sql/schema.sqlite.sql with it; a test compares them. */
#include "derive/schema_sql.h"

#include <stdio.h>
#include <string.h>

static const char *const now[] = {
    [JD_SQL_POSTGRESQL] = "now()", [JD_SQL_SQLITE] = "strftime('%Y-%m-%d %H:%M:%f', 'now')"};

int main(int argc, char **argv)
{
    jd_buf b = JD_BUF_INIT(1 << 20);
    if (argc != 2 || (strcmp(argv[1], "postgresql") != 0 && strcmp(argv[1], "sqlite") != 0))
        return 64;
    jd_dialect d = strcmp(argv[1], "sqlite") == 0 ? JD_SQL_SQLITE : JD_SQL_POSTGRESQL;
    jd_buf_addf(
        &b,
        "-- The whole schema of jiraduct's warehouse, version %d, for %s. Generated from\n"
        "-- src/derive/schema.h by `make sql`. `jiraduct warehouse init` makes the same, and the\n"
        "-- views of %s, which by hand are applied after it.\n"
        "BEGIN;\n\n",
        JD_SCHEMA_VERSION, d == JD_SQL_SQLITE ? "SQLite" : "PostgreSQL",
        d == JD_SQL_SQLITE ? "views.sqlite.sql" : "views.sql");
    jd_schema_sql(&b, d);
    jd_buf_addz(&b, "\nINSERT INTO schema_version (version, applied, program) VALUES");
    for (int v = 1; v <= JD_SCHEMA_VERSION; v++)
        jd_buf_addf(&b, "%s\n    (%d, %s, 'schema.sql')", v > 1 ? "," : "", v, now[d]);
    jd_buf_addz(&b, ";\n\nCOMMIT;\n");
    return fwrite(b.p, 1, b.n, stdout) == b.n && fflush(stdout) == 0 ? 0 : 74;
}
