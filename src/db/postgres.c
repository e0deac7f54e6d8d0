#include "db/postgres.h"

#include "db/pg_error.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMS_MAX = 16, COPY_CHUNK = 1 << 20, OLDEST_SERVER = 120000 };

struct jd_pg {
    PGconn       *conn;
    char         *url, *application;
    char          name[JD_PG_NAME_MAX];
    jd_pg_trouble why;
};

/* The rows are the result itself. */
static PGresult *result_of(const jd_pg_rows *r)
{
    return (PGresult *)(uintptr_t)r;
}

/* From a result, or from the connection when there is none. */
static jd_code fail(jd_pg *db, const PGresult *r, jd_err *e)
{
    const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    const char *text  = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    if (PQstatus(db->conn) == CONNECTION_BAD && !state)
        state = "08006";
    jd_pg_said said = {state, text ? text : PQerrorMessage(db->conn),
                       r ? PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL) : NULL};
    return jd_pg_fail(db->name, &said, &db->why, e);
}

/* -- the address ----------------------------------------------------------------------------- */

/* An address that is taken apart wrongly would show pieces of a password in libpq's messages. */
static jd_code check_url(const char *url, jd_err *e)
{
    const char *at = strstr(url, "://");
    size_t      n  = 0;
    if (!at || (strncmp(url, "postgresql", 10) != 0 && strncmp(url, "postgres:", 9) != 0))
        return jd_fail(e, JD_E_CONFIG,
                       "the database's address is not of the form "
                       "postgresql://user@host:port/database");
    for (const char *p = at + 3; *p && *p != '/' && *p != '?'; p++)
        n += *p == '@';
    if (n > 1 || strchr(at, '#'))
        return jd_fail(e, JD_E_CONFIG,
                       "the database's address: write @ as %%40 and # as %%23 in user and "
                       "password");
    return JD_OK;
}

/* As SQLAlchemy has it: postgresql+psycopg2://… */
static char *without_driver(const char *url)
{
    char *out  = jd_xstrdup(url);
    char *plus = strchr(out, '+');
    char *at   = strstr(out, "://");
    if (plus && at && plus < at)
        memmove(plus, at, strlen(at) + 1);
    return out;
}

static void forget(char *url) /* it may hold a password */
{
    if (url)
        explicit_bzero(url, strlen(url));
    free(url);
}

jd_code jd_pg_address(const char *url, char name[JD_PG_NAME_MAX], jd_err *e)
{
    jd_code rc = check_url(url, e);
    if (rc)
        return rc;
    char             *why = NULL, *own = without_driver(url);
    PQconninfoOption *options = PQconninfoParse(own, &why);
    const char       *host = "", *port = "", *database = "";
    PQfreemem(why);
    forget(own);
    for (const PQconninfoOption *o = options; o && o->keyword; o++) {
        const char *value = o->val ? o->val : "";
        host              = strcmp(o->keyword, "host") == 0 ? value : host;
        port              = strcmp(o->keyword, "port") == 0 ? value : port;
        database          = strcmp(o->keyword, "dbname") == 0 ? value : database;
    }
    /* what is no port, or no name of a database, may be a piece of a password */
    bool odd = port[strspn(port, "0123456789,")] || strchr(database, '@') || strchr(host, '@');
    if (!odd)
        (void)snprintf(name, JD_PG_NAME_MAX, "database %.80s%s%.80s%s%.8s", database,
                       *host ? " at " : "", host, *port ? ":" : "", port);
    PQconninfoFree(options);
    if (!options || odd)
        return jd_fail(e, JD_E_CONFIG,
                       "the database's address cannot be read: write it as "
                       "postgresql://user@host:port/database?sslmode=…, with / ? # @ : %% in user "
                       "and password as %%2F %%3F %%23 %%40 %%3A %%25");
    return JD_OK;
}

/* -- opening --------------------------------------------------------------------------------- */

static void no_notices(void *self, const char *text)
{
    (void)self;
    (void)text;
}

static jd_code connected(jd_pg *db, jd_err *e)
{
    if (PQstatus(db->conn) != CONNECTION_OK)
        return jd_pg_fail_connect(db->name, PQerrorMessage(db->conn), &db->why, e);
    (void)PQsetErrorVerbosity(db->conn, PQERRORS_DEFAULT);
    (void)PQsetNoticeProcessor(db->conn, no_notices, NULL);
    if (PQserverVersion(db->conn) < OLDEST_SERVER)
        return jd_fail(e, JD_E_CONFIG, "%s: PostgreSQL 12 or newer is needed, this is %d", db->name,
                       PQserverVersion(db->conn) / 10000);
    /* A server may be set up to forget its last commits when it crashes; we go on from them. */
    return jd_pg_exec(db,
                      "SELECT set_config('synchronous_commit', 'local', false) WHERE "
                      "current_setting('synchronous_commit') = 'off'; "
                      "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET client_min_messages = "
                      "'warning'; SET standard_conforming_strings = on",
                      e);
}

jd_code jd_pg_open(const char *url, const char *application, jd_pg **out, jd_err *e)
{
    jd_pg *db       = jd_xcalloc(1, sizeof *db);
    db->url         = without_driver(url);
    db->application = jd_xstrdup(application);
    jd_code rc      = jd_pg_address(url, db->name, e);
    if (!rc)
        rc = jd_pg_reopen(db, e);
    if (rc)
        jd_pg_close(db);
    else
        *out = db;
    return rc;
}

jd_code jd_pg_reopen(jd_pg *db, jd_err *e)
{
    /* What stands in the address comes later, and wins over what stands before it. */
    const char *const names[]  = {"connect_timeout",
                                  "keepalives_idle",
                                  "tcp_user_timeout",
                                  "application_name",
                                  "dbname",
                                  "client_encoding",
                                  NULL};
    const char *const values[] = {"15", "30", "60000", db->application, db->url, "UTF8", NULL};
    PQfinish(db->conn);
    /* Of a refusal libpq tells the SQLSTATE when it is told so before it asks the server: hence
     * begun, told, and begun again, with libpq's own waiting. */
    db->conn = PQconnectStartParams(names, values, 1);
    if (db->conn && PQstatus(db->conn) != CONNECTION_BAD) {
        (void)PQsetErrorVerbosity(db->conn, PQERRORS_VERBOSE);
        PQreset(db->conn);
    }
    return connected(db, e);
}

void jd_pg_close(jd_pg *db)
{
    if (!db)
        return;
    PQfinish(db->conn);
    forget(db->url);
    free(db->application);
    free(db);
}

const char *jd_pg_name(const jd_pg *db)
{
    return db->name;
}

int jd_pg_server(const jd_pg *db)
{
    return PQserverVersion(db->conn);
}

jd_pg_trouble jd_pg_why(const jd_pg *db)
{
    return db->why;
}

bool jd_pg_idle(const jd_pg *db)
{
    PGTransactionStatusType now = PQtransactionStatus(db->conn);
    return now == PQTRANS_IDLE || now == PQTRANS_UNKNOWN;
}

/* -- statements ------------------------------------------------------------------------------ */

jd_code jd_pg_exec(jd_pg *db, const char *sql, jd_err *e)
{
    PGresult      *r      = PQexec(db->conn, sql);
    ExecStatusType status = PQresultStatus(r);
    jd_code        rc     = JD_OK;
    db->why               = JD_PG_FATAL;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
        rc = fail(db, r, e);
    PQclear(r);
    return rc;
}

jd_code jd_pg_query(jd_pg *db, const char *sql, const jd_str *param, unsigned n, jd_pg_rows **out,
                    jd_err *e)
{
    const char *value[PARAMS_MAX];
    char       *copy[PARAMS_MAX] = {0};
    if (n > PARAMS_MAX)
        return jd_fail(e, JD_E_INTERNAL, "%s: too many parameters", db->name);
    for (unsigned i = 0; i < n; i++) {
        if (param[i].p) {
            copy[i] = jd_xmalloc(param[i].n + 1);
            memcpy(copy[i], param[i].p, param[i].n);
            copy[i][param[i].n] = '\0';
        }
        value[i] = copy[i];
    }
    PGresult *r = PQexecParams(db->conn, sql, (int)n, NULL, n ? value : NULL, NULL, NULL, 0);
    db->why     = JD_PG_FATAL;
    for (unsigned i = 0; i < n; i++)
        free(copy[i]);
    ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        *out = (jd_pg_rows *)r;
        return JD_OK;
    }
    jd_code rc = fail(db, r, e);
    PQclear(r);
    return rc;
}

jd_code jd_pg_run(jd_pg *db, const char *sql, const jd_str *param, unsigned n, uint64_t *changed,
                  jd_err *e)
{
    jd_pg_rows *r  = NULL;
    jd_code     rc = jd_pg_query(db, sql, param, n, &r, e);
    if (rc || !r)
        return rc;
    if (changed && !jd_str_u64(jd_str_of(PQcmdTuples(result_of(r))), changed))
        *changed = 0;
    jd_pg_rows_free(r);
    return JD_OK;
}

size_t jd_pg_count(const jd_pg_rows *r)
{
    return (size_t)PQntuples(result_of(r));
}

unsigned jd_pg_columns(const jd_pg_rows *r)
{
    return (unsigned)PQnfields(result_of(r));
}

jd_str jd_pg_get(const jd_pg_rows *r, size_t row, unsigned col)
{
    PGresult *res = result_of(r);
    if (PQgetisnull(res, (int)row, (int)col))
        return JD_NOSTR;
    return (jd_str){PQgetvalue(res, (int)row, (int)col),
                    (size_t)PQgetlength(res, (int)row, (int)col)};
}

int64_t jd_pg_get_int(const jd_pg_rows *r, size_t row, unsigned col)
{
    int64_t v;
    return jd_str_i64(jd_pg_get(r, row, col), &v) ? v : 0;
}

bool jd_pg_get_bool(const jd_pg_rows *r, size_t row, unsigned col)
{
    return jd_str_is(jd_pg_get(r, row, col), "t");
}

void jd_pg_rows_free(jd_pg_rows *r)
{
    PQclear(result_of(r));
}

/* -- transactions, COPY ---------------------------------------------------------------------- */

jd_code jd_pg_begin(jd_pg *db, jd_err *e)
{
    return jd_pg_exec(db, "BEGIN", e);
}

/* COMMIT of a transaction that failed is answered with ROLLBACK, and no error. */
jd_code jd_pg_commit(jd_pg *db, jd_err *e)
{
    if (PQtransactionStatus(db->conn) == PQTRANS_INERROR)
        return jd_fail(e, JD_E_INTERNAL, "%s: the transaction had failed", db->name);
    return jd_pg_exec(db, "COMMIT", e);
}

void jd_pg_rollback(jd_pg *db)
{
    jd_pg_trouble why = db->why;
    jd_err        ignored;
    if (PQstatus(db->conn) == CONNECTION_OK && PQtransactionStatus(db->conn) != PQTRANS_IDLE)
        (void)!jd_pg_exec(db, "ROLLBACK", &ignored);
    db->why = why;
}

jd_code jd_pg_copy(jd_pg *db, const char *sql, jd_str data, jd_err *e)
{
    jd_code   rc = JD_OK;
    bool      ok = true;
    PGresult *r  = PQexec(db->conn, sql);
    if (PQresultStatus(r) != PGRES_COPY_IN) {
        rc = fail(db, r, e);
        PQclear(r);
        return rc;
    }
    PQclear(r);
    for (size_t at = 0; ok && at < data.n; at += COPY_CHUNK) {
        size_t n = data.n - at < COPY_CHUNK ? data.n - at : COPY_CHUNK;
        ok       = PQputCopyData(db->conn, data.p + at, (int)n) == 1;
    }
    ok = PQputCopyEnd(db->conn, ok ? NULL : "the data could not be sent") == 1 && ok;
    while ((r = PQgetResult(db->conn))) {
        if (!rc && PQresultStatus(r) != PGRES_COMMAND_OK)
            rc = fail(db, r, e);
        PQclear(r);
    }
    return !rc && !ok ? fail(db, NULL, e) : rc;
}
