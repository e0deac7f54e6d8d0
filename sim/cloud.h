/* cloud.h: an issue as Jira Cloud's REST v3 shows it, made of the Data Center issue that the store
 * keeps: users by account id, rich text as documents, sprints as objects, epics as parents, newest
 * histories first. The words are the same on both sides.
 *
 * Issues are JSON that was read (jd_json_read) and come out by a writer; nothing is kept. */
#ifndef SIM_CLOUD_H
#define SIM_CLOUD_H

#include "sim/store.h"
#include "text/jsonw.h"

typedef struct sim_cloud {
    jd_str           base_url;
    const sim_meta  *meta;  /* knows which custom fields are rich text or epics */
    const sim_store *store; /* where epics are looked up; locked for reading or writing */
} sim_cloud;

/* The whole issue. Lists longer than their cut are shown in part: the first comments and worklogs,
 * and the latest histories, newest first. A cut of SIZE_MAX shows the histories oldest first. */
void sim_cloud_issue(jd_jsonw *w, const sim_cloud *c, const jd_json *issue, const sim_cuts *cuts);

/* Any value: users and self links inside are turned. */
void sim_cloud_value(jd_jsonw *w, const sim_cloud *c, const jd_json *v);
void sim_cloud_comment(jd_jsonw *w, const sim_cloud *c, const jd_json *comment);
void sim_cloud_worklog(jd_jsonw *w, const sim_cloud *c, const jd_json *worklog);
/* created as a number of milliseconds when `numeric`; only items of these fields when nfield > 0.
 */
void sim_cloud_history(jd_jsonw *w, const sim_cloud *c, const jd_json *history, bool numeric,
                       const jd_str *field, size_t nfield);
/* "status" of "status", "fixVersions" of "Fix Version"; p NULL when there is no such field. */
jd_str sim_cloud_field_id(const sim_cloud *c, jd_str changelog_name);
/* A member of a sprint as Data Center spells it ("name", "startDate"); p NULL for none or <null>.
 */
jd_str sim_sprint_member(jd_str sprint, const char *name);

#endif
