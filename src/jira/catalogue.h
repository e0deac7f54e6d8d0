/* catalogue.h: what a Jira knows beside its issues: fields, projects, statuses and the like, boards
 * and sprints. Each list is read to its end, whatever the paging, and given as Jira's own entries.
 *
 * Errors as in jira/api.h; JD_E_NOTFOUND and JD_E_AUTH with e->http 403 mean that this account, or
 * this Jira, has no such list. */
#ifndef JD_JIRA_CATALOGUE_H
#define JD_JIRA_CATALOGUE_H

#include "jira/api.h"

/* name, Data Center's path, Cloud's path, paged on Cloud, member that holds the list (NULL: the
 * answer is the list; of a page, "values") */
#define JD_CATALOGUES(X)                                                                       \
    X(FIELDS, "fields", "/field", "/field", false, NULL)                                       \
    X(PROJECTS, "projects", "/project?expand=lead", "/project/search?expand=lead", true, NULL) \
    X(STATUSES, "statuses", "/status", "/status", false, NULL)                                 \
    X(PRIORITIES, "priorities", "/priority", "/priority/search", true, NULL)                   \
    X(RESOLUTIONS, "resolutions", "/resolution", "/resolution/search", true, NULL)             \
    X(ISSUE_TYPES, "issuetypes", "/issuetype", "/issuetype", false, NULL)                      \
    X(LINK_TYPES, "linktypes", "/issueLinkType", "/issueLinkType", false, "issueLinkTypes")

typedef enum jd_catalogue {
#define X(id, name, center, cloud, paged, member) JD_CAT_##id,
    JD_CATALOGUES(X)
#undef X
        JD_NCATALOGUE
} jd_catalogue;

typedef struct jd_entries { /* in the arena of the call */
    const jd_json **v;
    size_t          n;
} jd_entries;

const char *jd_catalogue_name(jd_catalogue which); /* "fields" */
jd_code     jd_jira_catalogue(jd_jira *j, jd_arena *a, jd_catalogue which, jd_entries *out,
                              jd_err *e) JD_NODISCARD;
/* Of one project, by id; part is "versions" or "components". */
jd_code jd_jira_project_part(jd_jira *j, jd_arena *a, uint64_t project, const char *part,
                             jd_entries *out, jd_err *e) JD_NODISCARD;
/* The Agile API: JD_E_NOTFOUND or 403 where there is none. */
jd_code jd_jira_boards(jd_jira *j, jd_arena *a, jd_str project, jd_entries *out,
                       jd_err *e) JD_NODISCARD;
/* JD_E_DATA: a board without sprints. */
jd_code jd_jira_sprints(jd_jira *j, jd_arena *a, uint64_t board, jd_entries *out,
                        jd_err *e) JD_NODISCARD;

#endif
