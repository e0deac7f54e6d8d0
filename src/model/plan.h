/* plan.h: what a run asks for: scopes (what is selected) and their plan (a fingerprint of JQL and
 * fields). Start date, limits, page size and concurrency are not in the plan. */
#ifndef JD_MODEL_PLAN_H
#define JD_MODEL_PLAN_H

#include "text/json.h"

typedef struct jd_scope {
    jd_str name; /* stable: "issues.apache.org/jira#project:12310240", "…#jql:0123456789abcdef" */
    jd_str label;              /* for people: "HADOOP", "jql" */
    jd_str selection;          /* JQL that stands alone and may be joined with AND */
    jd_str project;            /* key, empty for a JQL scope */
    uint64_t       project_id; /* 0 for a JQL scope */
    uint64_t       plan;
    const jd_json *about;  /* what the server says of the project; NULL when it was not asked */
    jd_str         fields; /* ids with commas between them, rising: what is asked for; empty: all */
} jd_scope;

/* The functions leave `fields` empty; jd_scope_choose gives a scope others, and the plan with them.
 */
jd_scope jd_scope_project(jd_arena *a, jd_str site, jd_str key, uint64_t id);
/* Of a project the issues of one type: a query, whose name stays when the key changes. */
jd_scope jd_scope_type(jd_arena *a, jd_str site, jd_str key, uint64_t id, jd_str type);
void     jd_scope_choose(jd_arena *a, jd_scope *s, jd_str fields);
/* The user's JQL, in parentheses, its ORDER BY dropped. JD_E_USAGE when quotes or parentheses do
 * not balance or nothing is left. */
jd_code jd_scope_jql(jd_arena *a, jd_str site, jd_str jql, jd_scope *out, jd_err *e) JD_NODISCARD;

#endif
