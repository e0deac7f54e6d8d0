/* scopes.h: from what the user named to scopes that can be walked. */
#ifndef JD_FLOW_SCOPES_H
#define JD_FLOW_SCOPES_H

#include "flow/scrape.h"
#include "jira/api.h"
#include "model/plan.h"

/* Names that become folders and requests are checked before the network is touched. */
jd_code jd_scopes_check(const jd_scrape_conf *conf, jd_err *e) JD_NODISCARD;
/* Every project is looked up before anything is fetched, so that a wrong name costs nothing. */
jd_code jd_scopes_resolve(const jd_scrape_conf *conf, jd_jira *j, jd_str site, jd_arena *a,
                          jd_scope **out, size_t *n, jd_err *e) JD_NODISCARD;

#endif
