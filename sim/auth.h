/* auth.h: who asks, and what that account may. Basic, personal access tokens, API tokens with
 * scopes at the gateway, OAuth access tokens; expiry, and the captcha after failed logins. */
#ifndef SIM_AUTH_H
#define SIM_AUTH_H

#include "sim/serve.h"

sim_auth *sim_auth_new(const sim_conf *conf);
void      sim_auth_free(sim_auth *a); /* NULL is fine */

/* Fills who, viewer, reason and scopes; false when the request was refused, and answered. */
bool sim_auth_enter(sim_call *c);
/* False, and answered, when the credentials lack the scope. */
bool sim_auth_allows(sim_call *c, const char *scope);
/* Expiry (0: never) of the accounts of that name, and whether they must solve a captcha. False when
 * there is no such account. */
bool sim_auth_change(sim_auth *a, jd_str name, const int64_t *expires_ms, const bool *captcha);
/* Bits of viewers: "anonymous", an account's name, "all". 0 when there is no such account. */
uint64_t sim_auth_viewers(const sim_conf *conf, jd_str name);

jd_str sim_unbase64(jd_arena *a, jd_str s);

#endif
