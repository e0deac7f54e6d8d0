/* sprint.h: a sprint as an issue's sprint field gives it: an object on Cloud, and on Data Center
 * mostly a text as Java prints it:
 *   com.atlassian.greenhopper.service.sprint.Sprint@1f[id=7,state=CLOSED,name=A, b,goal=<null>]
 * Names and goals may hold commas, '=' and ']': they end where a comma and the name of a member
 * that was not yet met begin another, or at the last ']'. */
#ifndef JD_MODEL_SPRINT_H
#define JD_MODEL_SPRINT_H

#include "text/json.h"

typedef enum jd_sprint_state { /* JD_SPRINT_UNKNOWN: none of Jira's three */
                               JD_SPRINT_UNKNOWN,
                               JD_SPRINT_FUTURE,
                               JD_SPRINT_ACTIVE,
                               JD_SPRINT_CLOSED
} jd_sprint_state;

typedef struct jd_sprint {     /* texts are borrowed, dates as written; empty for none */
    uint64_t        id, board; /* board 0: not said */
    jd_sprint_state state;
    jd_str          name, goal, start, end, complete, activated;
} jd_sprint;

const char *jd_sprint_state_name(jd_sprint_state s); /* "closed"; "" when unknown */
/* False, and *out zeroed, for what is no sprint: it has no id. */
bool jd_sprint_read(const jd_json *v, jd_sprint *out);
bool jd_sprint_parse(jd_str text, jd_sprint *out);

#endif
