/* facts.h: small things that the state remembers by name: which product the site is, who built the
 * mirror, when catalogues were last read. Rarely asked: each call makes its statement. */
#ifndef JD_SINK_FACTS_H
#define JD_SINK_FACTS_H

#include "sink/state.h"

#define JD_FACT_PRODUCT "product" /* "cloud" or "datacenter" */
#define JD_FACT_ACCOUNT "account" /* whose mirror it is: account id or name; "anonymous" */
/* When catalogues were last read, epoch ms: the site's, and of a project by its id behind it. */
#define JD_FACT_CATALOGUES "catalogues"
#define JD_FACT_PARTS      "parts" /* the same of a project's versions and components */
/* Attachments of all issues fetched before are listed; server clock, epoch ms. */
#define JD_FACT_ATTACHMENTS "attachments"
#define JD_FACT_USERS       "users" /* which rows users.json was made of */

/* Empty when nothing is known; lives in the arena. */
jd_code jd_fact_get(jd_state *s, jd_arena *a, const char *name, jd_str *out,
                    jd_err *e) JD_NODISCARD;
jd_code jd_fact_set(jd_state *s, const char *name, jd_str value, jd_err *e) JD_NODISCARD;

#endif
