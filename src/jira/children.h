/* children.h: makes an issue whole. Jira cuts long comment, worklog and history lists that it
 * embeds; whatever has a total greater than what came is read to its end through its own endpoint.
 */
#ifndef JD_JIRA_CHILDREN_H
#define JD_JIRA_CHILDREN_H

#include "base/map.h"
#include "jira/api.h"

typedef struct jd_whole {
    bool     rewritten;   /* `out` holds the completed issue */
    unsigned short_lists; /* lists of which even their endpoint gives fewer than the total says */
} jd_whole;

/* What was read of histories ahead of time, for many issues at once (jira/bulk.h): kept by id. */
typedef struct jd_ahead {
    jd_idmap       *at;   /* id -> place in list */
    const jd_json **list; /* arrays of histories, whole, oldest first */
} jd_ahead;

/* issue->doc and raw are replaced when something was completed (living in the arena); the hash is
 * not touched. `ahead` may be NULL. */
jd_code jd_jira_complete(jd_jira *j, jd_arena *a, jd_issue *issue, const jd_ahead *ahead,
                         jd_whole *out, jd_err *e) JD_NODISCARD;

#endif
