#include "sink/gaps.h"

enum { PATIENCE = 64 };

bool jd_gaps_has(jd_gaps *g, uint64_t id)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->gap[i].after < id && id < g->gap[i].before) {
            g->idle = 0;
            return true;
        }
    return false;
}

jd_code jd_gaps_learn(jd_gaps *g, jd_sqlite *db, uint64_t id, jd_err *e)
{
    bool row;
    g->idle++;
    if (g->idle > PATIENCE && g->idle % PATIENCE)
        return JD_OK;
    jd_code rc = g->stmt ? JD_OK
                         : jd_stmt_prepare(db,
                                           "SELECT (SELECT max(id) FROM issue WHERE id < ?1),"
                                           " (SELECT min(id) FROM issue WHERE id > ?1)",
                                           &g->stmt, e);
    if (rc)
        return rc;
    jd_stmt_int(g->stmt, 1, (int64_t)id);
    rc = jd_stmt_step(g->stmt, &row, e);
    if (!rc && row) {
        bool   last       = jd_stmt_is_null(g->stmt, 1);
        size_t at         = g->n < JD_GAPS ? g->n++ : g->next++ % JD_GAPS;
        g->gap[at].after  = (uint64_t)jd_stmt_get_int(g->stmt, 0); /* 0 for none */
        g->gap[at].before = last ? UINT64_MAX : (uint64_t)jd_stmt_get_int(g->stmt, 1);
    }
    jd_stmt_reset(g->stmt); /* pins no old state of the database */
    return rc;
}

void jd_gaps_put(jd_gaps *g, uint64_t id)
{
    /* ids rise: what lies above is asked for next; ranges may lie over one another */
    for (size_t i = 0; i < g->n; i++)
        if (g->gap[i].after < id && id < g->gap[i].before)
            g->gap[i].after = id;
}
