#include "db/postgres.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMS_MAX = 16, COPY_CHUNK = 1 << 20, OLDEST_SERVER = 120000 };

struct jd_pg {
    PGconn       *conn;
    char         *url, *application;
    char          name[200];
    jd_pg_trouble why;
};

/* The rows are the result itself. */
static PGresult *result_of(const jd_pg_rows *r)
{
    return (PGresult *)(uintptr_t)r;
}

/* What a SQLSTATE (or its class) means here: the code, and what a person can do about it. */
static const struct {
    char          state[6];
    jd_code       code;
    jd_pg_trouble why;
    const char   *remedy;
} meanings[] = {
    {"40001", JD_E_BUSY, JD_PG_CONFLICT, "run again"},
    {"40P01", JD_E_BUSY, JD_PG_CONFLICT, "run again"},
    {"23505", JD_E_DB, JD_PG_TAKEN, NULL},
    {"55P03", JD_E_LOCKED, JD_PG_FATAL, "another session holds a lock: let it end, then run again"},
    {"57014", JD_E_BUSY, JD_PG_FATAL, "somebody cancelled it, or its time was up: run again"},
    {"57P", JD_E_NET, JD_PG_LOST, "the server ended the connection: run again"},
    {"08", JD_E_NET, JD_PG_LOST, "check that the server runs and can be reached"},
    {"28", JD_E_AUTH, JD_PG_FATAL, "check user and password (.pgpass, PGPASSWORD, DATABASE_URL)"},
    {"3D", JD_E_CONFIG, JD_PG_FATAL, "create the database first"},
    {"42501", JD_E_AUTH, JD_PG_FATAL, "grant this user what it needs"},
    {"42P01", JD_E_DB, JD_PG_FATAL, "`jiraduct warehouse status` tells what is there"},
    {"53100", JD_E_IO, JD_PG_FATAL, "the server's disk is full: make room and run again"},
    {"53", JD_E_BUSY, JD_PG_FATAL, "the server is short of resources: run again later"},
    {"3F000", JD_E_CONFIG, JD_PG_FATAL,
     "its search_path names no schema that is there: create it, or set another search_path"},
    {"25006", JD_E_CONFIG, JD_PG_FATAL, "the server is read-only: use the primary one"},
};

static jd_code fail_state(jd_pg *db, const char *state, const char *said, jd_err *e)
{
    jd_str text = jd_str_trim(jd_str_of(said));
    db->why     = JD_PG_FATAL;
    for (size_t i = 0; state && i < sizeof meanings / sizeof *meanings; i++) {
        if (strncmp(state, meanings[i].state, strlen(meanings[i].state)) != 0)
            continue;
        db->why = meanings[i].why;
        return jd_fail(e, meanings[i].code, "%s: %.*s (SQLSTATE %s)%s%s", db->name, JD_FMT(text),
                       state, meanings[i].remedy ? ": " : "",
                       meanings[i].remedy ? meanings[i].remedy : "");
    }
    return jd_fail(e, JD_E_DB, "%s: %.*s (SQLSTATE %s)", db->name, JD_FMT(text),
                   state ? state : "unknown");
}

/* From a result, or from the connection when there is none. Only the primary message is shown: the
 * detail may quote rows. */
static jd_code fail(jd_pg *db, const PGresult *r, jd_err *e)
{
    const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    const char *said  = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    if (PQstatus(db->conn) == CONNECTION_BAD && !state)
        state = "08006";
    return fail_state(db, state, said ? said : PQerrorMessage(db->conn), e);
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

static jd_code set_name(jd_pg *db, jd_err *e)
{
    char             *why     = NULL;
    PQconninfoOption *options = PQconninfoParse(db->url, &why);
    const char       *host = "", *port = "", *database = "";
    PQfreemem(why);
    for (const PQconninfoOption *o = options; o && o->keyword; o++) {
        const char *value = o->val ? o->val : "";
        host              = strcmp(o->keyword, "host") == 0 ? value : host;
        port              = strcmp(o->keyword, "port") == 0 ? value : port;
        database          = strcmp(o->keyword, "dbname") == 0 ? value : database;
    }
    /* what is no port, or no name of a database, may be a piece of a password */
    bool odd = port[strspn(port, "0123456789,")] || strchr(database, '@') || strchr(host, '@');
    if (!odd)
        (void)snprintf(db->name, sizeof db->name, "database %.80s%s%.80s%s%.8s", database,
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

/* libpq gives no SQLSTATE for a connection that failed; its words tell. The first that fits. */
static const struct {
    const char *word, *too; /* both stand in it */
    const char *state;      /* NULL: what follows */
    jd_code     code;
    const char *remedy;
} refusals[] = {
    {"certificate verify failed", "", NULL, JD_E_CONFIG,
     "the server's certificate is of an authority that is not trusted: name its file with "
     "sslrootcert=… in the address, or in PGSSLROOTCERT"},
    {"server certificate for", "does not match host name", NULL, JD_E_CONFIG,
     "the certificate is another host's: connect under a name that it holds, or let "
     "sslmode=verify-ca do"},
    {"root certificate file", "", NULL, JD_E_CONFIG,
     "name the file of the authority that signed the server's certificate with sslrootcert=… in "
     "the address, or in PGSSLROOTCERT"},
    {"does not support SSL", "", NULL, JD_E_CONFIG,
     "the server does not offer TLS: switch it on there, or do without (sslmode=disable)"},
    {"pg_hba.conf", "no encryption", NULL, JD_E_AUTH,
     "the server lets nobody in so without TLS: say sslmode=require, or have it allowed in its "
     "pg_hba.conf"},
    {"pg_hba.conf", "", NULL, JD_E_AUTH,
     "the server does not let this user in from here: have it allowed in its pg_hba.conf"},
    {"invalid ", " value: ", NULL, JD_E_CONFIG,
     "the address, or a PG… variable of the environment, says something that is not known"},
    {"authentication", "", "28000", JD_OK, NULL},
    {"password", "", "28000", JD_OK, NULL},
    {"role \"", "", "28000", JD_OK, NULL},
    {"database \"", "does not exist", "3D000", JD_OK, NULL},
    {"permission denied for database", "", "42501", JD_OK, NULL},
    {"too many c", "", "53300", JD_OK, NULL},
    {"remaining connection slots", "", "53300", JD_OK, NULL},
    {"", "", "08001", JD_OK, NULL},
};

static jd_code fail_refused(jd_pg *db, const char *said, jd_err *e)
{
    size_t i = 0;
    while (!strstr(said, refusals[i].word) || !strstr(said, refusals[i].too))
        i++;
    if (refusals[i].state)
        return fail_state(db, refusals[i].state, said, e);
    db->why = JD_PG_FATAL;
    return jd_fail(e, refusals[i].code, "%s: %.*s: %s", db->name,
                   JD_FMT(jd_str_trim(jd_str_of(said))), refusals[i].remedy);
}

static jd_code connected(jd_pg *db, jd_err *e)
{
    if (PQstatus(db->conn) != CONNECTION_OK)
        return fail_refused(db, PQerrorMessage(db->conn), e);
    (void)PQsetNoticeProcessor(db->conn, no_notices, NULL);
    if (PQserverVersion(db->conn) < OLDEST_SERVER)
        return jd_fail(e, JD_E_CONFIG, "%s: PostgreSQL 12 or newer is needed, this is %d", db->name,
                       PQserverVersion(db->conn) / 10000);
    return jd_pg_exec(db,
                      "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET client_min_messages = "
                      "'warning'; SET standard_conforming_strings = on",
                      e);
}

jd_code jd_pg_open(const char *url, const char *application, jd_pg **out, jd_err *e)
{
    jd_code rc = check_url(url, e);
    if (rc)
        return rc;
    jd_pg *db       = jd_xcalloc(1, sizeof *db);
    db->url         = without_driver(url);
    db->application = jd_xstrdup(application);
    rc              = set_name(db, e);
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
    db->conn = PQconnectdbParams(names, values, 1);
    return connected(db, e);
}

void jd_pg_close(jd_pg *db)
{
    if (!db)
        return;
    PQfinish(db->conn);
    if (db->url) /* it may hold a password */
        explicit_bzero(db->url, strlen(db->url));
    free(db->url);
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
