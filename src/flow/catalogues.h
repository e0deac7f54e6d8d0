/* catalogues.h: what a site has beside its issues, kept below {raw}/_site/: fields, projects,
 * statuses, priorities, resolutions, issue types, link types and users of the site; versions,
 * components, boards and sprints of each project that is mirrored, as
 * [{"id":PROJECT,"key":KEY,"versions":[…]}, …].
 *
 * - Read once a day; what a run asks for anyway (the projects with their versions and components)
 *   is kept up to date by every run.
 * - A catalogue that cannot be had is a warning in the verdict and no failure; boards are not
 *   missed where there are none.
 * - Errors: JD_E_AUTH when the credentials are refused (401), JD_E_INTERRUPTED, those of files and
 *   of state.db. */
#ifndef JD_FLOW_CATALOGUES_H
#define JD_FLOW_CATALOGUES_H

#include "flow/outcome.h"
#include "jira/api.h"
#include "sink/state.h"

typedef struct jd_catalogues { /* borrowed */
    const char     *raw_dir;
    const jd_jira  *jira;
    jd_state       *state;
    const jd_scope *scope;
    size_t          n;
    int64_t         now_ms;
    bool            force; /* however new they are */
    const jd_log   *log;
} jd_catalogues;

/* Warnings, and how the fields changed, go to the outcome and live in the arena. */
jd_code jd_catalogues_read(const jd_catalogues *in, jd_arena *a, jd_outcome *out,
                           jd_err *e) JD_NODISCARD;

#endif
