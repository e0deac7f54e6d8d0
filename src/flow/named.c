#include "flow/named.h"

#include "sink/alias.h"

#include <inttypes.h>

static bool is_number(jd_str s)
{
    uint64_t id;
    return jd_str_u64(s, &id) && id > 0;
}

static bool is_key(jd_str s)
{
    uint64_t number;
    jd_str   project = jd_key_project(s);
    return jd_is_project_key(project) && jd_str_u64(jd_str_cut(s, project.n + 1, s.n), &number);
}

jd_code jd_named_check(const char *const *name, size_t n, jd_err *e)
{
    for (size_t i = 0; i < n; i++)
        if (!is_number(jd_str_of(name[i])) && !is_key(jd_str_of(name[i])))
            return jd_fail(e, JD_E_USAGE, "--issue: '%s' is no issue's key or id, as HADOOP-12 is",
                           name[i]);
    return JD_OK;
}

typedef struct found {
    uint64_t id;
    jd_str   project; /* at the server; empty: it is not there */
    bool     held;
} found;

static jd_code at_the_server(jd_jira *j, jd_arena *a, jd_str name, found *out, jd_err *e)
{
    jd_reply       reply;
    const jd_json *doc;
    jd_str  path = jd_arena_fmt(a, "%s/issue/%.*s?fields=updated", jd_jira_root(j), JD_FMT(name));
    jd_code rc   = jd_jira_get(j, a, path, &doc, &reply, e);
    if (rc == JD_E_NOTFOUND)
        return JD_OK;
    if (rc)
        return rc;
    out->id      = jd_json_id(jd_json_get(doc, "id"));
    out->project = jd_key_project(jd_json_str(jd_json_get(doc, "key")));
    if (!out->id || !out->project.n)
        return jd_fail(e, JD_E_REMOTE, "issue %.*s: the server's answer has no id or key",
                       JD_FMT(name));
    return JD_OK;
}

static jd_code in_the_mirror(jd_state *state, jd_arena *a, jd_str name, found *out, jd_err *e)
{
    jd_state_issue row;
    jd_str         now;
    jd_code        rc = JD_OK;
    if (!out->id && !jd_str_u64(name, &out->id)) {
        bool known;
        rc = jd_state_by_key(state, name, &out->id, &known, e);
        if (!rc && !known)
            rc = jd_alias_find(state, a, name, &out->id, &now, e);
    }
    if (!rc && out->id)
        rc = jd_state_get(state, out->id, &row, &out->held, e);
    if (!rc && out->held)
        jd_state_done(state);
    return rc;
}

static bool of_a_scope(const jd_scope *scope, size_t n, jd_str project)
{
    for (size_t i = 0; i < n; i++)
        if (!scope[i].project.n || jd_str_eq(scope[i].project, project))
            return true;
    return false;
}

static jd_code resolve_one(jd_jira *j, jd_state *state, const jd_scope *scope, size_t nscope,
                           jd_arena *a, jd_str name, found *out, jd_err *e)
{
    *out       = (found){0};
    jd_code rc = at_the_server(j, a, name, out, e);
    if (!rc)
        rc = in_the_mirror(state, a, name, out, e);
    if (rc || out->held)
        return rc;
    if (!out->project.n)
        return jd_fail(e, JD_E_NOTFOUND,
                       "unknown issue '%.*s': it is not at the server, or not visible to this "
                       "account, and the mirror has none of it",
                       JD_FMT(name));
    if (!of_a_scope(scope, nscope, out->project))
        return jd_fail(e, JD_E_NOTFOUND,
                       "issue %.*s is of project %.*s, which is not among those of this run: name "
                       "it with --projects",
                       JD_FMT(name), JD_FMT(out->project));
    return JD_OK;
}

jd_code jd_named_resolve(jd_jira *j, jd_state *state, const jd_scope *scope, size_t nscope,
                         const char *const *name, size_t n, jd_arena *a, uint64_t **out,
                         size_t *nout, jd_err *e)
{
    *out  = JD_NEW_ARRAY(a, uint64_t, n + 1);
    *nout = 0;
    for (size_t i = 0; i < n; i++) {
        found   f;
        size_t  k  = 0;
        jd_code rc = resolve_one(j, state, scope, nscope, a, jd_str_of(name[i]), &f, e);
        if (rc)
            return rc;
        while (k < *nout && (*out)[k] != f.id)
            k++;
        if (k == *nout)
            (*out)[(*nout)++] = f.id;
    }
    return JD_OK;
}
