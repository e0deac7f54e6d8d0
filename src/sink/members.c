#include "sink/members.h"

static jd_code each_id(jd_stmt *q, void (*each)(void *self, uint64_t id), void *self, jd_err *e)
{
    for (;;) {
        bool    row;
        jd_code rc = jd_stmt_step(q, &row, e);
        if (rc || !row)
            return rc;
        each(self, (uint64_t)jd_stmt_get_int(q, 0));
    }
}

jd_code jd_members_sum(jd_state *s, const jd_scope *scope, jd_arena *a, jd_str *out, jd_err *e)
{
    static const char sql[] =
        "SELECT " JD_MEMBERS_SUM("member.id") " FROM member JOIN issue USING (id) WHERE scope ="
                                              " (SELECT id FROM scope WHERE name = ?1)";
    jd_stmt *q;
    bool     row;
    jd_code  rc = jd_state_statement(s, sql, &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, scope->name);
    rc = jd_stmt_step(q, &row, e);
    if (!rc)
        *out = jd_arena_dup(a, jd_stmt_get_text(q, 0));
    jd_stmt_reset(q);
    return rc;
}

jd_code jd_members_each(jd_state *s, const jd_scope *scope, void (*each)(void *self, uint64_t id),
                        void *self, jd_err *e)
{
    jd_stmt *q;
    jd_code  rc = jd_stmt_prepare(jd_state_db(s),
                                  "SELECT member.id FROM member JOIN issue USING (id) WHERE scope ="
                                   " (SELECT id FROM scope WHERE name = ?1) ORDER BY member.id",
                                  &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, scope->name);
    return each_id(q, each, self, e);
}

jd_code jd_members_has(jd_state *s, const jd_scope *scope, uint64_t id, bool *has, jd_err *e)
{
    static const char sql[] = "SELECT 1 FROM member WHERE id = ?2 AND scope ="
                              " (SELECT id FROM scope WHERE name = ?1)";
    jd_stmt          *q;
    jd_code           rc = jd_state_statement(s, sql, &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, scope->name);
    jd_stmt_int(q, 2, (int64_t)id);
    rc = jd_stmt_step(q, has, e);
    jd_stmt_reset(q);
    return rc;
}

jd_code jd_members_orphans(jd_state *s, const jd_scope                 *scope,
                           void (*each)(void *self, uint64_t id), void *self, jd_err *e)
{
    jd_stmt *q;
    if (!scope->project.n)
        return JD_OK;
    /* '.' is the character behind '-' */
    jd_code rc = jd_stmt_prepare(jd_state_db(s),
                                 "SELECT id FROM issue WHERE key >= ?1 || '-' AND key < ?1 || '.'"
                                 " AND NOT EXISTS (SELECT 1 FROM scope CROSS JOIN member ON"
                                 " member.scope = scope.id AND member.id = issue.id) ORDER BY id",
                                 &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, scope->project);
    return each_id(q, each, self, e);
}
