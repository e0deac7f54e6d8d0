/* bulk.h: what Jira Cloud gives for many issues at once. Data Center has nothing of the kind.
 *
 * Ids that cannot be seen (deleted, hidden) are missing from the answers, which is how one learns
 * of it. */
#ifndef JD_JIRA_BULK_H
#define JD_JIRA_BULK_H

#include "jira/children.h"

enum { JD_BULK_ISSUES = 100, JD_BULK_HISTORIES = 1000 };

/* At most JD_BULK_ISSUES issues with everything, in order of id; told and token stay empty. A batch
 * that fails as a whole is halved; an id that fails alone is left out and counted in *failed. Of
 * `like` count field and fields. */
jd_code jd_jira_bulk_issues(jd_jira *j, jd_arena *a, const uint64_t *id, size_t n,
                            const jd_query *like, jd_page *out, size_t *failed,
                            jd_err *e) JD_NODISCARD;

/* The whole histories of at most JD_BULK_HISTORIES issues, oldest first, with dates as texts. The
 * map is the caller's to free. */
jd_code jd_jira_bulk_histories(jd_jira *j, jd_arena *a, const uint64_t *id, size_t n, jd_ahead *out,
                               jd_err *e) JD_NODISCARD;

#endif
