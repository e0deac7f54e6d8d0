/* store.h: the issues that jirasim serves, complete, with the columns that JQL asks for.
 *
 * - One writer at a time (changes on request), many readers: the store locks itself.
 * - An issue's text is the complete issue as Jira's JSON: every comment, worklog and history. What
 *   the server cuts from it on the way out is serve.c's business. */
#ifndef SIM_STORE_H
#define SIM_STORE_H

#include "base/arena.h"
#include "base/buf.h"

typedef struct sim_named { /* status, type, priority, resolution: id and name; p NULL when unset */
    jd_str id, name;
} sim_named;

typedef struct sim_issue {
    uint64_t  id, number, project_id;
    jd_str    key, project; /* "HADOOP-12", "HADOOP" */
    int64_t   created_ms, updated_ms;
    int64_t   resolved_ms; /* INT64_MIN when unresolved */
    sim_named status, type, priority, resolution;
    jd_str    assignee, reporter; /* login names, p NULL when unset */
    jd_str    json;               /* the complete issue */
} sim_issue;

#endif
