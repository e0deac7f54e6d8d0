/* text.h: from an issue's JSON to one version of it in the store. */
#ifndef SIM_TEXT_H
#define SIM_TEXT_H

#include "sim/cloud.h"
#include "sim/store.h"

/* A name kept once for all issues that use it; the view lives as long as the store. p NULL gives
 * p NULL. */
typedef struct sim_names sim_names;
sim_names               *sim_names_new(void);
void                     sim_names_free(sim_names *n);
jd_str                   sim_names_keep(sim_names *n, jd_str s);

/* A new version with one reference. `tree` is what jd_json_read made of `json` (both may go
 * afterwards). project_id and project are left for the store to fill. JD_E_DATA without id or key.
 * Lists over their cut are normalized in the complete text (startAt 0, maxResults the number of
 * items, total as it is), and an issue without changelog gets an empty one. With `cloud` (NULL:
 * Data Center) what is served is Cloud's, and users are known by account id. */
jd_code sim_text_make(const sim_cuts *cuts, sim_names *names, const sim_cloud *cloud, jd_str json,
                      const jd_json *tree, sim_text **out, jd_err *e) JD_NODISCARD;

#endif
