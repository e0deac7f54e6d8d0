/* scopes.h: from what the user named to scopes that can be walked. */
#ifndef JD_FLOW_SCOPES_H
#define JD_FLOW_SCOPES_H

#include "flow/scrape.h"
#include "jira/api.h"
#include "model/plan.h"
#include "sink/follow.h"

/* Names that become folders and requests are checked before the network is touched. */
jd_code jd_scopes_check(const jd_scrape_conf *conf, jd_err *e) JD_NODISCARD;
/* What the state remembers of the projects it follows: a key that is not found, or is another
 * project's now, is looked up there. */
typedef struct jd_known {
    const jd_followed *v;
    size_t             n;
} jd_known;

typedef struct jd_resolved {
    jd_scope         *scope;
    const jd_wanted **want; /* of each scope */
    const jd_err    **lost; /* of each scope: why its project is not there any more; NULL: it is */
    size_t            n;
    jd_scope         *project; /* that the scopes name, each once */
    size_t            nproject;
} jd_resolved;

/* Every project is looked up before anything is fetched, so that a wrong name costs nothing. One
 * that was mirrored and is not there any more is no wrong name: it ends its own scopes alone. */
jd_code jd_scopes_resolve(const jd_scrape_conf *conf, jd_jira *j, jd_str site,
                          const jd_known *known, jd_arena *a, jd_notes *warning, jd_resolved *out,
                          jd_err *e) JD_NODISCARD;

/* A mistake in what was wished for: tells where that was written. Returns the error's code. */
jd_code jd_wanted_wrong(const jd_wanted *want, jd_err *e);
/* The same, where the server does not take the query that was made of it. */
jd_code jd_wanted_refused(const jd_wanted *want, jd_err *e);

#endif
