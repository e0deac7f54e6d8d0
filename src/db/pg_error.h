/* pg_error.h: what errors of PostgreSQL mean here. They are told apart by their SQLSTATE: a server
 * speaks the language that it was set up with. Pure. */
#ifndef JD_DB_PG_ERROR_H
#define JD_DB_PG_ERROR_H

#include "db/postgres.h"

typedef struct jd_pg_said {
    const char *state;  /* NULL: unknown */
    const char *text;   /* the primary message */
    const char *detail; /* or NULL; shown only where it names objects, for it may quote rows */
} jd_pg_said;

/* name: of the database. Returns the code of what was said. */
jd_code jd_pg_fail(const char *name, const jd_pg_said *said, jd_pg_trouble *why, jd_err *e);
/* Of a connection that did not come about. text: libpq's, as PQERRORS_VERBOSE has it (the only way
 * in which it tells a SQLSTATE here). What libpq itself says is English. */
jd_code jd_pg_fail_connect(const char *name, const char *text, jd_pg_trouble *why, jd_err *e);

#endif
