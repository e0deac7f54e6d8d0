/* oauth.h: OAuth 2.0 (3LO) as Atlassian does it: codes, rotating refresh tokens with a leeway,
 * access tokens that live shortly. Thread-safe; every answer is one step, so that no two callers
 * ever get the same token. */
#ifndef SIM_OAUTH_H
#define SIM_OAUTH_H

#include "sim/serve.h"

sim_oauth *sim_oauth_new(uint64_t seed);
void       sim_oauth_free(sim_oauth *o); /* NULL is fine */

/* Is that a live access token? *scopes lives in the arena. */
bool sim_oauth_knows(sim_oauth *o, jd_arena *a, jd_str access, int64_t now_ms, jd_str *scopes);
/* A refresh token made up by the caller, as if a user had consented. */
void sim_oauth_plant(sim_oauth *o, jd_str refresh, jd_str scopes, int64_t now_ms);

void sim_get_authorize(sim_call *c, jd_str name);
void sim_post_token(sim_call *c, jd_str name);
void sim_get_resources(sim_call *c, jd_str name);
void sim_get_oauth(sim_call *c, jd_str name);  /* counts */
void sim_post_oauth(sim_call *c, jd_str name); /* {"check"}, {"plant"}, {"revoke"} */

#endif
