/* children.h: makes an issue whole. Jira cuts long comment, worklog and history lists that it
 * embeds; whatever has a total greater than what came is read to its end through its own endpoint.
 */
#ifndef JD_JIRA_CHILDREN_H
#define JD_JIRA_CHILDREN_H

#include "jira/api.h"

typedef struct jd_whole {
    bool     rewritten;   /* `out` holds the completed issue */
    unsigned short_lists; /* lists of which even their endpoint gives fewer than the total says */
} jd_whole;

/* issue->doc and raw are replaced when something was completed (living in the arena); the hash is
 * not touched. */
jd_code jd_jira_complete(jd_jira *j, jd_arena *a, jd_issue *issue, jd_whole *out,
                         jd_err *e) JD_NODISCARD;

#endif
