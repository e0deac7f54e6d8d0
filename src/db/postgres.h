/* postgres.h: a thin PostgreSQL connection (libpq behind this facade): statements with parameters,
 * transactions, COPY into tables, errors by SQLSTATE with the database's name.
 *
 * - One connection belongs to one thread. Times are UTC, texts UTF-8.
 * - The address may carry a password, sslmode and whatever libpq knows; libpq also reads
 * PGPASSWORD, PGSSLMODE, .pgpass and the like. No message shows any of the address but host and
 * database.
 * - Parameters and results are texts; p NULL is null. */
#ifndef JD_DB_POSTGRES_H
#define JD_DB_POSTGRES_H

#include "base/arena.h"

typedef struct jd_pg      jd_pg;
typedef struct jd_pg_rows jd_pg_rows;

/* What messages call the database of an address: nothing of a password is in it, nor in the error
 * (JD_E_CONFIG: it is none, or may be read in two ways). */
enum { JD_PG_NAME_MAX = 200 };
jd_code jd_pg_address(const char *url, char name[JD_PG_NAME_MAX], jd_err *e) JD_NODISCARD;

/* url: postgresql://user@host:port/database?sslmode=…; application: as pg_stat_activity shows it.
 * JD_E_CONFIG: the address is none, or there is no such database; JD_E_AUTH; JD_E_NET. */
jd_code jd_pg_open(const char *url, const char *application, jd_pg **out, jd_err *e) JD_NODISCARD;
void    jd_pg_close(jd_pg *db); /* NULL is fine */
/* The connection again, after it was lost; session state (locks, temporary tables) is gone. */
jd_code     jd_pg_reopen(jd_pg *db, jd_err *e) JD_NODISCARD;
const char *jd_pg_name(const jd_pg *db);   /* "database w at 127.0.0.1:5432" */
int         jd_pg_server(const jd_pg *db); /* 150004 */

/* Why the last call failed, as far as trying again goes. */
typedef enum jd_pg_trouble {
    JD_PG_FATAL,    /* again would fail again; or it did not fail */
    JD_PG_CONFLICT, /* deadlock or serialization: the transaction may succeed if done again */
    JD_PG_TAKEN,    /* a unique key is held already */
    JD_PG_LOST      /* the connection is gone: jd_pg_reopen */
} jd_pg_trouble;
jd_pg_trouble jd_pg_why(const jd_pg *db);
/* Between transactions, or without a connection. */
bool jd_pg_idle(const jd_pg *db);

/* Statements without results, several separated by ';'. */
jd_code jd_pg_exec(jd_pg *db, const char *sql, jd_err *e) JD_NODISCARD;
/* One statement with $1…; *changed (may be NULL): rows inserted, updated or deleted. */
jd_code jd_pg_run(jd_pg *db, const char *sql, const jd_str *param, unsigned n, uint64_t *changed,
                  jd_err *e) JD_NODISCARD;
/* One that gives rows, freed with jd_pg_rows_free. */
jd_code  jd_pg_query(jd_pg *db, const char *sql, const jd_str *param, unsigned n, jd_pg_rows **out,
                     jd_err *e) JD_NODISCARD;
size_t   jd_pg_count(const jd_pg_rows *r);
unsigned jd_pg_columns(const jd_pg_rows *r);
jd_str   jd_pg_get(const jd_pg_rows *r, size_t row, unsigned col);
int64_t  jd_pg_get_int(const jd_pg_rows *r, size_t row, unsigned col); /* 0 for null */
bool     jd_pg_get_bool(const jd_pg_rows *r, size_t row, unsigned col);
void     jd_pg_rows_free(jd_pg_rows *r); /* NULL is fine */

jd_code jd_pg_begin(jd_pg *db, jd_err *e) JD_NODISCARD;
jd_code jd_pg_commit(jd_pg *db, jd_err *e) JD_NODISCARD;
void    jd_pg_rollback(jd_pg *db); /* never fails; fine outside a transaction */

/* data: COPY's text format; sql: "COPY t (a, b) FROM STDIN". */
jd_code jd_pg_copy(jd_pg *db, const char *sql, jd_str data, jd_err *e) JD_NODISCARD;

#endif
