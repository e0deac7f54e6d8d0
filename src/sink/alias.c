#include "sink/alias.h"

jd_code jd_alias_find(jd_state *s, jd_arena *a, jd_str old, uint64_t *id, jd_str *now, jd_err *e)
{
    jd_stmt *q;
    bool     row;
    *id        = 0;
    *now       = JD_NOSTR;
    jd_code rc = jd_stmt_prepare(jd_state_db(s),
                                 "SELECT issue.id, issue.key FROM alias JOIN issue ON"
                                 " issue.id = alias.id WHERE alias.key = ?1",
                                 &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, old);
    rc = jd_stmt_step(q, &row, e);
    if (!rc && row) {
        *id  = (uint64_t)jd_stmt_get_int(q, 0);
        *now = jd_arena_dup(a, jd_stmt_get_text(q, 1));
    }
    jd_stmt_reset(q);
    return rc;
}
