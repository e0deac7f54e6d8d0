#include "sink/wh_pg_lock.h"

#include <inttypes.h>
#include <stdio.h>

jd_code jd_wh_pg_try(jd_pg *db, int64_t key, bool *got, jd_err *e)
{
    char        text[24];
    jd_pg_rows *r;
    (void)snprintf(text, sizeof text, "%" PRId64, key);
    jd_code rc =
        jd_pg_query(db, "SELECT pg_try_advisory_lock($1)", (jd_str[]){jd_str_of(text)}, 1, &r, e);
    if (rc)
        return rc;
    *got = jd_pg_count(r) && jd_pg_get_bool(r, 0, 0);
    jd_pg_rows_free(r);
    return JD_OK;
}

jd_code jd_wh_pg_holder(jd_pg *db, int64_t key, const jd_scope *scope, jd_err *e)
{
    char        text[24];
    jd_pg_rows *r;
    (void)snprintf(text, sizeof text, "%" PRId64, key);
    jd_code rc = jd_pg_query(
        db,
        "SELECT a.application_name, a.pid, coalesce(host(a.client_addr), 'this machine'),"
        " to_char(a.backend_start, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM pg_locks AS l"
        " JOIN pg_stat_activity AS a ON a.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted"
        " AND l.objsubid = 1 AND ((l.classid::bigint << 32) | l.objid::bigint) = $1::bigint"
        " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        (jd_str[]){jd_str_of(text)}, 1, &r, e);
    if (rc)
        return rc;
    if (jd_pg_count(r))
        rc = jd_fail(e, JD_E_LOCKED,
                     "%s: %.*s is being loaded by \"%.*s\" (server process %.*s, from %.*s, since "
                     "%.*s): wait for it to end, or stop it, then run again",
                     jd_pg_name(db), JD_FMT(scope->label), JD_FMT(jd_pg_get(r, 0, 0)),
                     JD_FMT(jd_pg_get(r, 0, 1)), JD_FMT(jd_pg_get(r, 0, 2)),
                     JD_FMT(jd_pg_get(r, 0, 3)));
    else
        rc = jd_fail(e, JD_E_LOCKED, "%s: %.*s is being loaded by another run: run again",
                     jd_pg_name(db), JD_FMT(scope->label));
    jd_pg_rows_free(r);
    return rc;
}
