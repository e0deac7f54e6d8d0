#include "sink/follow.h"

#include "sink/facts.h"

#include <inttypes.h>

enum { OLD_KEYS_MAX = 1000 };

/* "…#project:12310240", or that and ":type:…" */
static uint64_t id_of(jd_str scope)
{
    static const jd_str mark = JD_STR_INIT("#project:");
    size_t              at   = jd_str_search(scope, mark);
    uint64_t            id   = 0;
    jd_str              rest = jd_str_cut(scope, at + mark.n, scope.n), digits;
    return at < scope.n && jd_str_split(&rest, ':', &digits) && jd_str_u64(digits, &id) ? id : 0;
}

/* Keys of before, as facts: "was:APP" and the id. */
static const jd_str fact = JD_STR_INIT("was:");

static jd_code old_keys(jd_state *s, jd_arena *a, jd_followed *out, size_t room, size_t *n,
                        jd_err *e)
{
    jd_stmt *q;
    bool     row = true;
    jd_code  rc  = jd_stmt_prepare(jd_state_db(s),
                                   "SELECT substr(name, 5), value FROM meta WHERE name >= 'was:'"
                                     " AND name < 'was;' ORDER BY name",
                                   &q, e);
    while (!rc && *n < room) {
        jd_followed *f = &out[*n];
        rc             = jd_stmt_step(q, &row, e);
        if (rc || !row)
            break;
        f->key = jd_arena_dup(a, jd_stmt_get_text(q, 0));
        if (jd_str_u64(jd_stmt_get_text(q, 1), &f->id))
            ++*n;
    }
    if (!rc)
        jd_stmt_reset(q);
    return rc;
}

jd_code jd_followed_list(jd_state *s, jd_arena *a, jd_followed **out, size_t *n, jd_err *e)
{
    jd_state_scope *scope;
    size_t          nscope;
    *n         = 0;
    jd_code rc = jd_state_scopes(s, a, false, &scope, &nscope, e);
    if (rc)
        return rc;
    *out = JD_NEW_ARRAY(a, jd_followed, nscope + OLD_KEYS_MAX);
    for (size_t i = 0; i < nscope; i++) {
        uint64_t id    = id_of(scope[i].name);
        jd_str   label = scope[i].label, key; /* "HADOOP", "HADOOP: Bug" */
        if (id && jd_str_split(&label, ':', &key))
            (*out)[(*n)++] = (jd_followed){id, key};
    }
    return old_keys(s, a, *out, nscope + OLD_KEYS_MAX, n, e);
}

static jd_code label_of(jd_state *s, jd_arena *a, jd_str name, jd_str *out, jd_err *e)
{
    jd_stmt *q;
    bool     row;
    *out       = JD_NOSTR;
    jd_code rc = jd_stmt_prepare(jd_state_db(s), "SELECT label FROM scope WHERE name = ?1", &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, name);
    rc = jd_stmt_step(q, &row, e);
    if (!rc && row)
        *out = jd_arena_dup(a, jd_stmt_get_text(q, 0));
    jd_stmt_reset(q);
    return rc;
}

jd_code jd_follow(jd_state *s, jd_arena *a, const jd_scope *scope, jd_str *was, jd_err *e)
{
    jd_stmt *q;
    jd_str   label;
    *was       = JD_NOSTR;
    jd_code rc = label_of(s, a, scope->name, &label, e);
    if (rc || !label.n || !scope->project_id || jd_str_eq(label, scope->project))
        return rc;
    rc = jd_fact_set(s, jd_arena_fmt(a, "%.*s%.*s", JD_FMT(fact), JD_FMT(label)).p,
                     jd_arena_fmt(a, "%" PRIu64, scope->project_id), e);
    if (!rc)
        rc = jd_state_reset(s, scope->name, e);
    jd_crash_point("follow.reset");
    if (!rc)
        rc = jd_stmt_prepare(jd_state_db(s),
                             "UPDATE scope SET label = ?2, project = ?2 WHERE name = ?1", &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, scope->name);
    jd_stmt_text(q, 2, scope->project);
    *was = label;
    return jd_stmt_run(q, e);
}
