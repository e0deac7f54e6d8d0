/* database.h: how commands are told which warehouse is meant: --database, DATABASE_URL,
 * warehouse.url. */
#ifndef JD_CLI_DATABASE_H
#define JD_CLI_DATABASE_H

#include "cli/cli.h"
#include "sink/warehouse.h"

typedef struct jd_database_args { /* a member of the arguments, filled by JD_OPT_DATABASE */
    const char *database;         /* from the command line */
    const char *url;              /* from the surroundings: may hold a password */
} jd_database_args;

/* clang-format off */
#define JD_OPT_DATABASE(args, member)                                                              \
    {.name = "database", .key = "warehouse.database", .arg = "FILE|URL", .dflt = "data/warehouse.db", \
     .kind = JD_OPT_STR, .at = offsetof(args, member.database),                                    \
     .help = "The warehouse: an SQLite file, or postgresql://user@host/database. A password has no " \
             "place here: put it into DATABASE_URL, PGPASSWORD or .pgpass."},                      \
    {.env = "DATABASE_URL", .key = "warehouse.url", .arg = "URL", .kind = JD_OPT_SECRET,           \
     .at = offsetof(args, member.url),                                                             \
     .help = "The warehouse's address: sqlite:///file.db (four slashes: from the root) or "        \
             "postgresql://user:password@host/database?sslmode=require; --database wins."}
/* clang-format on */

/* clang-format off */
#define JD_OPT_DBT(args, member)                                                                  \
    {.name = "dbt-schema", .env = "JIRADUCT_DBT_SCHEMA", .key = "warehouse.dbt_schema", .arg = "NAME", .dflt = "jira", \
     .kind = JD_OPT_STR, .at = offsetof(args, member),                                             \
     .help = "PostgreSQL: the schema of the views that packages for dbt read, NAME_2 for a second site; none: " \
             "they are left out."}
/* clang-format on */

/* Of that option's value. JD_E_USAGE, JD_E_CONFIG: it is no name. */
jd_code jd_dbt_of(const jd_cli *c, const char *schema, jd_dbt_conf *out, jd_err *e) JD_NODISCARD;

/* The address; --database wins over DATABASE_URL, which wins over the default. JD_E_USAGE when a
 * password stands in the command line, JD_E_CONFIG when it is none. */
jd_code jd_database_url(const jd_cli *c, const jd_database_args *a, const char **out,
                        jd_err *e) JD_NODISCARD;
/* A database that does not take the address as it is: tells where that came from. Returns the
 * error's code. */
jd_code jd_database_wrong(const jd_cli *c, const jd_database_args *a, jd_err *e);

#endif
