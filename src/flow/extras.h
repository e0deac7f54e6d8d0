/* extras.h: remote links, watchers and votes, read for each issue that is new, changed or lacks
 * them, into files beside the issues (sink/extras.h). What Jira does not give for an issue (a
 * feature that is off, a right that is missing) is null there. */
#ifndef JD_FLOW_EXTRAS_H
#define JD_FLOW_EXTRAS_H

#include "flow/outcome.h"
#include "jira/api.h"
#include "sink/extras.h"

typedef struct jd_extras_conf { /* borrowed */
    const char  *raw_dir;
    jd_extra_set want;
    jd_jira     *jira;
    jd_state    *state;
} jd_extras_conf;

/* A failure of one issue is told and left to the next run; JD_E_AUTH, JD_E_NET, JD_E_BUSY,
 * JD_E_INTERRUPTED and those of files and state.db end it. */
jd_code jd_extras_read(const jd_extras_conf *in, jd_arena *a, jd_outcome *out,
                       jd_err *e) JD_NODISCARD;

#endif
