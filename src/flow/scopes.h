/* scopes.h: from what the user named to scopes that can be walked. */
#ifndef JD_FLOW_SCOPES_H
#define JD_FLOW_SCOPES_H

#include "flow/scrape.h"

/* Every project is looked up before anything is fetched, so that a wrong name costs nothing. */
jd_code jd_scopes_resolve(const jd_scrape_conf *conf, jd_jira *j, jd_arena *a, jd_scope **out,
                          size_t *n, jd_err *e) JD_NODISCARD;
/* Names that become folders and requests are checked before the network is touched. */
jd_code jd_scopes_check(const jd_scrape_conf *conf, jd_err *e) JD_NODISCARD;

/* How bounds are written for this server and account. `counted` is what the bare selection counts.
 */
jd_code jd_bounds_probe(jd_jira *j, jd_arena *a, const jd_scope *scope, uint64_t counted,
                        bool *quoted, jd_err *e) JD_NODISCARD;
/* The account's zone, for quoted minutes; unknown is fine. */
jd_code jd_bounds_zone(const jd_scrape_conf *conf, jd_jira *j, jd_arena *a, const jd_log *log,
                       jd_bounds *b, jd_err *e) JD_NODISCARD;

#endif
