#include "sink/worklogs.h"

static bool member(jd_str object, const char *name, jd_str *out)
{
    for (jd_skim it = jd_skim_open(object); jd_skim_next(&it);)
        if (jd_str_is(it.name, name)) {
            *out = it.value;
            return true;
        }
    return false;
}

void jd_worklogs_take(jd_works *w, const jd_issue *issue)
{
    jd_str list, id;
    if (!member(issue->raw, "fields", &list) || !member(list, "worklog", &list) ||
        !member(list, "worklogs", &list))
        return;
    for (jd_skim it = jd_skim_open(list); jd_skim_next(&it);) {
        uint64_t number;
        if (it.object || !member(it.value, "id", &id))
            continue;
        if (id.n > 2 && id.p[0] == '"')
            id = jd_str_cut(id, 1, id.n - 2);
        if (jd_str_u64(id, &number) && number && number <= INT64_MAX)
            *jd_vec_add(w) = (jd_work){number, issue->id};
    }
}

jd_code jd_worklogs_put(jd_state *s, const jd_works *w, jd_err *e)
{
    jd_stmt *q  = NULL;
    jd_code  rc = JD_OK;
    if (w->n)
        rc = jd_state_statement(s,
                                "INSERT INTO worklog (id, issue) VALUES (?1, ?2) ON CONFLICT (id)"
                                " DO UPDATE SET issue = excluded.issue",
                                &q, e);
    for (size_t i = 0; i < w->n && !rc; i++) {
        jd_stmt_int(q, 1, (int64_t)w->v[i].worklog);
        jd_stmt_int(q, 2, (int64_t)w->v[i].issue);
        rc = jd_stmt_run(q, e);
    }
    return rc;
}

jd_code jd_worklogs_issue(jd_state *s, uint64_t worklog, uint64_t *issue, jd_err *e)
{
    jd_stmt *q;
    bool     row = false;
    *issue       = 0;
    jd_code rc   = jd_state_statement(s, "SELECT issue FROM worklog WHERE id = ?1", &q, e);
    if (rc)
        return rc;
    jd_stmt_int(q, 1, (int64_t)worklog);
    rc = jd_stmt_step(q, &row, e);
    if (!rc && row)
        *issue = (uint64_t)jd_stmt_get_int(q, 0);
    jd_stmt_reset(q);
    return rc;
}
