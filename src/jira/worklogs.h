/* worklogs.h: the site's feeds of worklogs: which were deleted, and which were made or changed,
 * since some moment; and whose they are. What Jira tells is a minute old at least. Not for
 * anonymous readers; a site may have no feeds. */
#ifndef JD_JIRA_WORKLOGS_H
#define JD_JIRA_WORKLOGS_H

#include "jira/api.h"

typedef struct jd_worklog_event {
    uint64_t worklog, issue; /* issue 0: not known */
    int64_t  at_ms;
} jd_worklog_event;

typedef struct jd_worklog_feed {
    jd_worklog_event *v; /* in the arena */
    size_t            n;
    int64_t           next; /* ask from here the next time */
} jd_worklog_feed;

/* A feed that is too long is cut; `next` then is where it was cut. */
jd_code jd_jira_worklogs(jd_jira *j, jd_arena *a, bool deleted, int64_t since, jd_worklog_feed *out,
                         jd_err *e) JD_NODISCARD;
/* Fills in the issues of worklogs that are there. */
jd_code jd_jira_worklog_issues(jd_jira *j, jd_worklog_feed *f, jd_err *e) JD_NODISCARD;

#endif
