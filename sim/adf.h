/* adf.h: wiki markup as Jira Cloud keeps it, in the Atlassian Document Format. Pure; jirasim's own
 * converter, shared with nothing.
 *
 * - Known: paragraphs, line breaks, headings, nested lists, {code}, {noformat}, {quote}, {panel},
 *   bq., rules, tables; {{code}}, *strong*, _em_, {color}, links, mentions. Anything else stays as
 *   the text it is, so that nothing is lost.
 * - Never an empty text node, and never more than SIM_ADF_DEPTH lists in one another. */
#ifndef SIM_ADF_H
#define SIM_ADF_H

#include "text/jsonw.h"

enum { SIM_ADF_DEPTH = 6, SIM_ACCOUNT_ID = 48 };

/* The account id that stands for a Data Center user, by the user's key; NUL-terminated. */
jd_str sim_account_id(char out[SIM_ACCOUNT_ID], jd_str user_key);
/* The key and name of a user with that login, the login itself when nobody is known by it. */
void sim_user_named(jd_str login, jd_str *key, jd_str *name);

/* A whole document: {"type":"doc",…}. */
void sim_adf_write(jd_jsonw *w, jd_str wiki);

#endif
