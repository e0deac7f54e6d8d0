#include "sink/facts.h"

jd_code jd_fact_get(jd_state *s, jd_arena *a, const char *name, jd_str *out, jd_err *e)
{
    jd_stmt *q;
    bool     row;
    *out       = JD_NOSTR;
    jd_code rc = jd_stmt_prepare(jd_state_db(s), "SELECT value FROM meta WHERE name = ?1", &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, jd_str_of(name));
    rc = jd_stmt_step(q, &row, e);
    if (!rc && row)
        *out = jd_arena_dup(a, jd_stmt_get_text(q, 0));
    jd_stmt_reset(q);
    return rc;
}

jd_code jd_fact_set(jd_state *s, const char *name, jd_str value, jd_err *e)
{
    jd_stmt *q;
    jd_code  rc = jd_stmt_prepare(jd_state_db(s),
                                  "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name)"
                                   " DO UPDATE SET value = excluded.value",
                                  &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, jd_str_of(name));
    jd_stmt_text(q, 2, value.p ? value : JD_STR(""));
    return jd_stmt_run(q, e);
}
