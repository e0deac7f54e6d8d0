/* oauth.h: signing in to Jira Cloud by OAuth 2.0 (3LO) with refresh tokens that rotate.
 *
 * The bundle is a JSON object in a secret store: client_id, client_secret, refresh_token, base_url
 * (the site); optional token_url, api_url, cloud_id, access_token, expires_at (epoch ms). Members
 * that we do not know stay.
 *
 * - A token is renewed before it expires, and once more when the server refuses it; by one thread
 * of one process at a time (the store's lock). Who finds a newer one in the store takes that.
 * - What came is durable in the store before it is used. Who is killed between the answer and the
 * store loses nothing: Atlassian takes the old refresh token for ten more minutes (jira-api
 * section 4.3).
 * - Errors: JD_E_AUTH when a person has to sign in again (`jiraduct auth login`), JD_E_CONFIG for a
 * bundle that lacks something; and those of the store and of HTTP. */
#ifndef JD_JIRA_OAUTH_H
#define JD_JIRA_OAUTH_H

#include "net/http.h"
#include "sys/secret.h"
#include "text/json.h"

#define JD_OAUTH_AUTHORIZE "https://auth.atlassian.com/authorize"
#define JD_OAUTH_TOKEN     "https://auth.atlassian.com/oauth/token"
#define JD_OAUTH_API       "https://api.atlassian.com"

typedef struct jd_oauth jd_oauth;

/* Takes the store and the client (anonymous, for the token endpoint) over. Reads the bundle. */
jd_code jd_oauth_open(const jd_secret *store, jd_http *http, const jd_clock *clock,
                      const jd_log *log, jd_oauth **out, jd_err *e) JD_NODISCARD;
void    jd_oauth_close(jd_oauth *o);

/* The site as people know it ("https://acme.atlassian.net"), and where its API is asked
 * ("https://api.atlassian.com/ex/jira/{cloudId}"; finds the cloud id out when the bundle does not
 * say, and keeps it). Both live as long as the jd_oauth. */
jd_code jd_oauth_site(jd_oauth *o, jd_str *site, jd_str *api, jd_err *e) JD_NODISCARD;

/* For jd_auth: thread-safe. */
jd_auth_source jd_oauth_source(jd_oauth *o);

/* -- signing in for the first time ------------------------------------------------------------ */

typedef struct jd_oauth_app {
    jd_str client_id, client_secret, redirect_uri, scopes, token_url;
} jd_oauth_app;
/* The address to open in a browser. */
jd_str jd_oauth_consent(jd_arena *a, jd_str authorize_url, const jd_oauth_app *app, jd_str state);
/* The code that came back, for tokens: the members of the bundle that they are, as JSON. */
jd_code jd_oauth_exchange(jd_http *http, jd_arena *a, const jd_oauth_app *app, jd_str code,
                          const jd_json **tokens, jd_err *e) JD_NODISCARD;
/* How long they live: an hour when they do not say, a year when they say more. */
int64_t jd_oauth_life_ms(const jd_json *tokens);

#endif
