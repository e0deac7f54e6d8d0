#include "cli/connect.h"

#include "text/url.h"

#include <stddef.h>

enum { POLITE_GAP_MS = 3600, DEFAULT_CONCURRENCY = 4 };

#define AT(member) .at = offsetof(jd_connect, member)

const jd_opt jd_connect_opts[] = {
    {.name   = "base-url",
     .letter = 'u',
     .env    = "JIRA_BASE_URL",
     .key    = "jira.base_url",
     .arg    = "URL",
     .dflt   = "https://issues.apache.org/jira",
     .kind   = JD_OPT_STR,
     AT(base_url),
     .help = "Address of the Jira, with its context path if it has one."},
    {.env  = "JIRA_PAT",
     .key  = "jira.pat",
     .arg  = "TOKEN",
     .kind = JD_OPT_SECRET,
     AT(pat),
     .help =
         "Personal access token (Data Center), sent as Bearer. Comes before user and password."},
    {.env  = "JIRA_USERNAME",
     .key  = "jira.username",
     .name = "username",
     .arg  = "NAME",
     .kind = JD_OPT_STR,
     AT(username),
     .help = "User name or e-mail for Basic sign-in, with JIRA_API_TOKEN."},
    {.env  = "JIRA_API_TOKEN",
     .key  = "jira.api_token",
     .arg  = "SECRET",
     .kind = JD_OPT_SECRET,
     AT(api_token),
     .help = "API token or password for Basic sign-in, with JIRA_USERNAME."},
    {.name = "oauth-file",
     .env  = "JIRA_OAUTH_FILE",
     .key  = "jira.oauth_file",
     .arg  = "FILE",
     .kind = JD_OPT_PATH,
     AT(oauth_file),
     .help =
         "Sign in to Jira Cloud by OAuth 2.0 with this bundle, which `jiraduct auth login` makes "
         "and which also says the site. Its tokens are renewed in place."},
    {.name = "delay",
     .env  = "SCRAPY_DOWNLOAD_DELAY",
     .key  = "http.delay",
     .arg  = "SECONDS",
     .kind = JD_OPT_SECONDS,
     AT(delay_ms),
     .help = "Least time between two requests. Without it: 3.6 for an anonymous reader of a server "
             "that is not on this machine, else 0."},
    {.name  = "connect-timeout",
     .key   = "http.connect_timeout",
     .arg   = "SECONDS",
     .dflt  = "10",
     .kind  = JD_OPT_SECONDS,
     .least = 1,
     AT(connect_timeout_ms),
     .help = "Give up a connection that is not made within this time."},
    {.name  = "timeout",
     .key   = "http.timeout",
     .arg   = "SECONDS",
     .dflt  = "120",
     .kind  = JD_OPT_SECONDS,
     .least = 1,
     AT(timeout_ms),
     .help = "Give up a request that is not answered whole within this time."},
    {.name = "retries",
     .env  = "RETRY_MAX_TIMES",
     .key  = "http.retries",
     .arg  = "N",
     .dflt = "5",
     .kind = JD_OPT_COUNT,
     .most = 100,
     AT(retries),
     .help = "How often a failed request is sent again."},
    {.name = "retry-start",
     .env  = "RETRY_START_DELAY",
     .key  = "http.retry_start",
     .arg  = "SECONDS",
     .dflt = "1",
     .kind = JD_OPT_SECONDS,
     AT(retry_start_ms),
     .help = "Longest wait before the first retry; it doubles with each."},
    {.name = "retry-cap",
     .env  = "RETRY_MAX_DELAY",
     .key  = "http.retry_cap",
     .arg  = "SECONDS",
     .dflt = "300",
     .kind = JD_OPT_SECONDS,
     AT(retry_cap_ms),
     .help = "No wait of our own is longer. The server's Retry-After is kept all the same."},
    {.name = "max-wait",
     .key  = "http.max_wait",
     .arg  = "SECONDS",
     .dflt = "3600",
     .kind = JD_OPT_SECONDS,
     AT(max_wait_ms),
     .help = "Stop with exit code 75 rather than wait longer than this for one request."},
    {.name = "ca-file",
     .key  = "http.ca_file",
     .arg  = "FILE",
     .kind = JD_OPT_PATH,
     AT(ca_file),
     .help = "Trust the certificate authorities in this PEM file instead of the system's."},
    {0},
};

/* -- whose credentials ----------------------------------------------------------------------- */

/* A credential from a file that also sets the base address belongs to that address only. */
static bool belongs(const jd_cli *c, const jd_connect *conf, jd_str base, const char *env)
{
    jd_str      theirs;
    jd_err      e;
    const char *set = jd_conf_beside(c->values, env, "base-url");
    if (conf->given || !set || jd_url_base(c->arena, jd_str_of(set), &theirs, &e) ||
        jd_str_eq(theirs, base))
        return true;
    jd_event(c->log, JD_WARN, "note",
             "%s comes from a file that sets the base address %.*s; it is not sent to %.*s", env,
             JD_FMT(theirs), JD_FMT(base));
    return false;
}

static const char *from_where(const jd_cli *c, const jd_connect *conf, const char *option)
{
    return conf->from ? conf->from : jd_cli_label(c, option);
}

jd_code jd_connector_blame(const jd_connector *k, jd_err *e)
{
    return e->code == JD_E_AUTH && k->credential ? jd_wrap(e, "%s", k->credential) : e->code;
}

/* Several at a time are a mistake, except that a PAT comes before user and password. */
static jd_code choose_auth(const jd_cli *c, const jd_connect *conf, jd_str base, jd_auth *out,
                           const char **from, jd_err *e)
{
    *out  = jd_auth_none();
    *from = NULL;
    if (conf->pat && belongs(c, conf, base, "JIRA_PAT")) {
        *out  = jd_auth_bearer(c->arena, base, jd_str_of(conf->pat));
        *from = from_where(c, conf, "JIRA_PAT");
        return JD_OK;
    }
    if (!conf->api_token || !belongs(c, conf, base, "JIRA_API_TOKEN"))
        return JD_OK;
    if (!conf->username)
        return jd_fail(e, JD_E_CONFIG,
                       "%s is set but JIRA_USERNAME is not: Basic sign-in needs both",
                       from_where(c, conf, "JIRA_API_TOKEN"));
    *from = from_where(c, conf, "JIRA_API_TOKEN");
    *out  = jd_auth_basic(c->arena, base, jd_str_of(conf->username), jd_str_of(conf->api_token));
    return JD_OK;
}

/* A client of its own, without credentials or gate, for the token endpoint. */
static jd_code plain_client(jd_connector *k, jd_http **out, jd_err *e)
{
    jd_http_conf http = {.auth  = jd_auth_none(),
                         .retry = k->retry,
                         .clock = k->cli->clock,
                         .log   = k->cli->log,
                         .stop  = k->cli->stop,
                         .seed  = (uint64_t)jd_now_ms(k->cli->clock)};
    jd_code      rc   = jd_transport_curl(&k->curl, &http.transport, e);
    if (!rc)
        *out = jd_http_new(&http);
    return rc;
}

static jd_code open_oauth(const char *path, jd_connector *k, jd_err *e)
{
    jd_secret store;
    jd_http  *http;
    jd_str    site, api;
    jd_code   rc = jd_secret_file(path, &store, e);
    if (rc)
        return jd_wrap(e, "%s", k->credential);
    rc = plain_client(k, &http, e);
    if (rc) {
        store.ops->close(store.self);
        return rc;
    }
    rc = jd_oauth_open(&store, http, k->cli->clock, k->cli->log, &k->oauth, e);
    if (rc == JD_E_CONFIG) /* what is in that file */
        return jd_wrap(e, "%s", k->credential);
    if (!rc)
        rc = jd_oauth_site(k->oauth, &site, &api, e);
    if (rc)
        return jd_connector_blame(k, e);
    k->base = jd_arena_cstr(k->cli->arena, api);
    k->site = jd_arena_cstr(k->cli->arena, site);
    k->auth = jd_auth_changing(k->cli->arena, api, jd_oauth_source(k->oauth));
    return JD_OK;
}

/* -- clients --------------------------------------------------------------------------------- */

static jd_code pace_of(const jd_cli *c, const jd_connect *conf, jd_str base, jd_connector *k,
                       jd_err *e)
{
    jd_url               url;
    const jd_conf_value *delay = jd_conf_find(c->values, "delay");
    jd_code              rc    = jd_url_parse(base, &url, e);
    if (rc)
        return rc;
    if (delay && delay->text)
        k->gap_ms = conf->delay_ms;
    else
        k->gap_ms = k->signed_in || jd_url_is_loopback(url.host) ? 0 : POLITE_GAP_MS;
    return JD_OK;
}

jd_code jd_connector_open(const jd_cli *c, const jd_connect *conf, unsigned concurrency,
                          jd_connector *out, jd_err *e)
{
    jd_str  base;
    jd_code rc = jd_url_base(c->arena, jd_str_of(conf->base_url), &base, e);
    *out       = (jd_connector){.cli = c};
    if (rc)
        return jd_wrap(e, "%s", jd_cli_label(c, "base-url"));
    *out = (jd_connector){.cli   = c,
                          .base  = base.p,
                          .site  = base.p,
                          .curl  = {.user_agent         = "jiraduct/" JD_VERSION,
                                    .connect_timeout_ms = conf->connect_timeout_ms,
                                    .timeout_ms         = conf->timeout_ms,
                                    .ca_file            = conf->ca_file,
                                    .connections        = 1},
                          .retry = {.retries   = (unsigned)conf->retries,
                                    .start_ms  = conf->retry_start_ms,
                                    .cap_ms    = conf->retry_cap_ms,
                                    .budget_ms = conf->max_wait_ms}};
    if (conf->oauth_file) {
        out->credential = from_where(c, conf, "oauth-file");
        rc              = open_oauth(conf->oauth_file, out, e);
    } else {
        rc = choose_auth(c, conf, base, &out->auth, &out->credential, e);
    }
    out->signed_in = out->auth.header.n > 0 || out->auth.source.current;
    if (!rc)
        rc = pace_of(c, conf, jd_str_of(out->base), out, e);
    if (rc) {
        jd_connector_close(out);
        return rc;
    }
    out->concurrency = concurrency ? concurrency : out->gap_ms > 0 ? 1 : DEFAULT_CONCURRENCY;
    out->gate        = jd_gate_new(out->gap_ms, out->concurrency);
    return JD_OK;
}

void jd_connector_close(jd_connector *k)
{
    jd_gate_free(k->gate);
    jd_oauth_close(k->oauth);
    k->gate  = NULL;
    k->oauth = NULL;
}

jd_code jd_connector_client(void *self, jd_stop *stop, jd_http **out, jd_err *e)
{
    jd_connector *k    = self;
    jd_http_conf  http = {.auth  = k->auth,
                          .retry = k->retry,
                          .gate  = k->gate,
                          .clock = k->cli->clock,
                          .log   = k->cli->log,
                          .stop  = stop,
                          .seed  = (uint64_t)jd_now_ms(k->cli->clock) + k->made++};
    jd_code       rc   = jd_transport_curl(&k->curl, &http.transport, e);
    if (!rc)
        *out = jd_http_new(&http);
    return rc;
}
