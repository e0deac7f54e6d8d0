#include "cli/commands.h"
#include "cli/connect.h"
#include "jira/api.h"
#include "net/httpd.h"
#include "sys/file.h"
#include "text/jsonw.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { PATIENCE_MS = 600000, NAP_MS = 50, TEXT_MAX = 64 << 10, STATE_BYTES = 18 };

typedef struct auth_args {
    jd_connect  connect;
    const char *client_id, *client_secret, *scopes;
    const char *authorize_url, *token_url, *api_url;
    uint64_t    port;
    bool        paste;
} auth_args;

#define AT(member) .at = offsetof(auth_args, member)

static const jd_opt login_opts[] = {
    {.name = "client-id",
     .env  = "JIRA_OAUTH_CLIENT_ID",
     .key  = "oauth.client_id",
     .arg  = "ID",
     .kind = JD_OPT_STR,
     AT(client_id),
     .help = "The app's id, from developer.atlassian.com. Without it: what the bundle says."},
    {.env  = "JIRA_OAUTH_CLIENT_SECRET",
     .key  = "oauth.client_secret",
     .arg  = "SECRET",
     .kind = JD_OPT_SECRET,
     AT(client_secret),
     .help = "The app's secret. Without it: what the bundle says."},
    {.name = "scopes",
     .key  = "oauth.scopes",
     .arg  = "SCOPES",
     .dflt = "read:jira-work read:jira-user offline_access",
     .kind = JD_OPT_STR,
     AT(scopes),
     .help = "What to ask for, separated by blanks; offline_access is needed for renewal."},
    {.name = "port",
     .key  = "oauth.port",
     .arg  = "PORT",
     .dflt = "8976",
     .kind = JD_OPT_COUNT,
     .most = 65535,
     AT(port),
     .help = "Where the browser comes back to: the app's callback URL is "
             "http://127.0.0.1:PORT/callback."},
    {.name = "paste",
     .kind = JD_OPT_FLAG,
     AT(paste),
     .help = "No browser on this machine: paste the address it ends at on another one."},
    {.name = "authorize-url",
     .key  = "oauth.authorize_url",
     .arg  = "URL",
     .dflt = JD_OAUTH_AUTHORIZE,
     .kind = JD_OPT_STR,
     AT(authorize_url),
     .help = "Atlassian's page of consent."},
    {.name = "token-url",
     .key  = "oauth.token_url",
     .arg  = "URL",
     .dflt = JD_OAUTH_TOKEN,
     .kind = JD_OPT_STR,
     AT(token_url),
     .help = "Atlassian's token endpoint."},
    {.name = "api-url",
     .key  = "oauth.api_url",
     .arg  = "URL",
     .dflt = JD_OAUTH_API,
     .kind = JD_OPT_STR,
     AT(api_url),
     .help = "Atlassian's gateway to the sites."},
    {0},
};
#undef AT
static const jd_opt *const login_tables[]  = {login_opts, jd_connect_opts, NULL};
static const jd_opt *const status_tables[] = {jd_connect_opts, NULL};

static jd_code need_file(const auth_args *a, jd_err *e)
{
    return a->connect.oauth_file
               ? JD_OK
               : jd_fail(e, JD_E_USAGE,
                         "no bundle: name its file with --oauth-file or JIRA_OAUTH_FILE");
}

/* -- the way back from the browser ----------------------------------------------------------- */

typedef struct callback {
    pthread_mutex_t lock;
    jd_str          state;
    char            code[2048];
    char            refusal[200];
    bool            done;
} callback;

static void answer(void *self, const jd_httpd_request *q, jd_arena *a, jd_httpd_reply *out)
{
    static const jd_str good = JD_STR_INIT("Signed in. You can close this page.\n"),
                        bad =
                            JD_STR_INIT("This is not what jiraduct waits for; see its terminal.\n");
    callback *c    = self;
    jd_str    code = jd_httpd_param(q, a, "code"), error = jd_httpd_param(q, a, "error");
    bool      ours =
        jd_str_is(q->path, "/callback") && jd_str_eq(jd_httpd_param(q, a, "state"), c->state);
    (void)pthread_mutex_lock(&c->lock);
    if (ours && !c->done && (code.n || error.n) && code.n < sizeof c->code) {
        (void)snprintf(c->code, sizeof c->code, "%.*s", JD_FMT(code));
        (void)snprintf(c->refusal, sizeof c->refusal, "%.*s", JD_FMT(jd_str_cut(error, 0, 100)));
        c->done = true;
    }
    (void)pthread_mutex_unlock(&c->lock);
    jd_str *piece = JD_NEW(a, jd_str);
    *piece        = ours && code.n ? good : bad;
    *out          = (jd_httpd_reply){.status       = ours ? 200 : 404,
                                     .content_type = "text/plain; charset=utf-8",
                                     .piece        = piece,
                                     .npiece       = 1};
}

static bool is_done(callback *c)
{
    (void)pthread_mutex_lock(&c->lock);
    bool done = c->done;
    (void)pthread_mutex_unlock(&c->lock);
    return done;
}

static jd_code wait_for_browser(const jd_cli *c, callback *cb, jd_err *e)
{
    for (int64_t left = PATIENCE_MS; left > 0 && !is_done(cb); left -= NAP_MS)
        if (!jd_stop_sleep(c->stop, NAP_MS))
            return jd_fail(e, JD_E_INTERRUPTED, "interrupted before the browser came back");
    if (!is_done(cb))
        return jd_fail(e, JD_E_BUSY, "nobody came back from the browser within ten minutes");
    if (cb->refusal[0])
        return jd_fail(e, JD_E_AUTH, "consent was not given: %s", cb->refusal);
    return JD_OK;
}

/* What a person pastes: the whole address that the browser ended at, or the code alone. */
static jd_code read_pasted(const jd_cli *c, callback *cb, jd_err *e)
{
    char line[4096];
    if (!fgets(line, sizeof line, stdin))
        return jd_fail(e, JD_E_USAGE, "nothing was pasted");
    jd_str text = jd_str_trim(jd_str_of(line));
    size_t mark = jd_str_find(text, '?');
    jd_str code = mark == text.n ? text : JD_NOSTR, state = cb->state;
    if (mark < text.n) {
        jd_httpd_params it = jd_httpd_walk(jd_str_cut(text, mark + 1, text.n));
        while (jd_httpd_next(&it, c->arena)) {
            if (jd_str_is(it.name, "code"))
                code = it.value;
            else if (jd_str_is(it.name, "state"))
                state = it.value;
        }
    }
    if (code.n == 0 || code.n >= sizeof cb->code || !jd_str_eq(state, cb->state))
        return jd_fail(
            e, JD_E_AUTH,
            "that is not the address this sign-in leads to: begin again, and paste all of it");
    (void)snprintf(cb->code, sizeof cb->code, "%.*s", JD_FMT(code));
    return JD_OK;
}

static void say(jd_str url, bool paste)
{
    (void)fprintf(stderr, "Open this address in a browser and allow the app:\n\n  %.*s\n\n%s\n",
                  JD_FMT(url),
                  paste ? "Then paste the address that the browser ends at, and press Enter:"
                        : "Waiting for the browser to come back …");
}

static jd_code get_code(const jd_cli *c, const auth_args *a, jd_oauth_app *app, callback *cb,
                        jd_err *e)
{
    jd_httpd     *server = NULL;
    jd_httpd_conf conf   = {.address  = "127.0.0.1",
                            .port     = (uint16_t)a->port,
                            .threads  = 1,
                            .max_body = TEXT_MAX,
                            .handle   = answer,
                            .self     = cb};
    uint16_t      port   = conf.port;
    if (!a->paste) {
        jd_code rc = jd_httpd_start(&conf, &server, e);
        if (rc)
            return jd_wrap(e, "waiting for the browser (--port, or --paste)");
        port = jd_httpd_port(server);
    }
    app->redirect_uri = jd_arena_fmt(c->arena, "http://127.0.0.1:%u/callback", (unsigned)port);
    say(jd_oauth_consent(c->arena, jd_str_of(a->authorize_url), app, cb->state), a->paste);
    jd_code rc = a->paste ? read_pasted(c, cb, e) : wait_for_browser(c, cb, e);
    jd_httpd_stop(server);
    return rc;
}

/* -- login ----------------------------------------------------------------------------------- */

static jd_code new_state(const jd_cli *c, callback *cb, jd_err *e)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char     raw[STATE_BYTES];
    if (getrandom(raw, sizeof raw, 0) != (ssize_t)sizeof raw)
        return jd_fail(e, JD_E_INTERNAL, "the system gives no random bytes");
    char *text = jd_arena_bytes(c->arena, 2 * sizeof raw);
    for (size_t i = 0; i < sizeof raw; i++) {
        text[2 * i]     = hex[raw[i] >> 4];
        text[2 * i + 1] = hex[raw[i] & 15];
    }
    cb->state = (jd_str){text, 2 * sizeof raw};
    return JD_OK;
}

/* The app as given, or as an earlier bundle has it. */
static jd_code find_app(const jd_cli *c, const auth_args *a, const jd_json **old, jd_oauth_app *app,
                        jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf text = JD_BUF_INIT(JD_SECRET_MAX);
    jd_err                            why;
    *old = NULL;
    if (jd_path_exists(a->connect.oauth_file)) {
        jd_code rc = jd_file_read(a->connect.oauth_file, &text, e);
        if (rc)
            return rc;
        if (text.n && jd_json_read(c->arena, jd_buf_view(&text), old, &why))
            return jd_fail(e, JD_E_CONFIG, "%s is no JSON: name another file, or remove it",
                           a->connect.oauth_file);
    }
    *app = (jd_oauth_app){.client_id     = jd_str_of(a->client_id),
                          .client_secret = jd_str_of(a->client_secret),
                          .scopes        = jd_str_of(a->scopes),
                          .token_url     = jd_str_of(a->token_url)};
    if (!app->client_id.n)
        app->client_id = jd_json_str(jd_json_get(*old, "client_id"));
    if (!app->client_secret.n)
        app->client_secret = jd_json_str(jd_json_get(*old, "client_secret"));
    if (!app->client_id.n || !app->client_secret.n)
        return jd_fail(e, JD_E_CONFIG,
                       "which app signs in? Give --client-id and JIRA_OAUTH_CLIENT_SECRET, from "
                       "developer.atlassian.com");
    return JD_OK;
}

static jd_code write_bundle(const jd_cli *c, const auth_args *a, const jd_oauth_app *app,
                            const jd_json *tokens, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b    = JD_BUF_INIT(JD_SECRET_MAX);
    jd_jsonw                          w    = jd_jsonw_pretty(&b);
    const char                       *path = a->connect.oauth_file;
    jd_secret                         store;
    jd_buf                            was = JD_BUF_INIT(JD_SECRET_MAX);
    uint64_t                          version;
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "client_id", app->client_id);
    jd_jsonw_kstr(&w, "client_secret", app->client_secret);
    jd_jsonw_kstr(&w, "base_url", jd_str_of(a->connect.base_url));
    jd_jsonw_kstr(&w, "token_url", app->token_url);
    jd_jsonw_kstr(&w, "api_url", jd_str_of(a->api_url));
    for (jd_json_iter it = jd_json_walk(tokens); jd_json_next(&it);) {
        jd_jsonw_names(&w, it.name);
        jd_jsonw_value(&w, it.value);
    }
    jd_jsonw_kint(&w, "expires_at", jd_now_ms(c->clock) + jd_oauth_life_ms(tokens));
    jd_jsonw_end(&w);
    jd_buf_addc(&b, '\n');
    jd_code rc = jd_secret_file_make(path, JD_STR("{}\n"), e);
    if (!rc)
        rc = jd_secret_file(path, &store, e);
    if (rc)
        return rc;
    rc = store.ops->lock(store.self, 60000, e);
    if (!rc) {
        rc = store.ops->read(store.self, &was, &version, e);
        if (!rc)
            rc = store.ops->swap(store.self, &version, jd_buf_view(&b), e);
        store.ops->unlock(store.self);
    }
    jd_buf_release(&was);
    store.ops->close(store.self);
    return rc;
}

static jd_code login(const jd_cli *c, const auth_args *a, jd_err *e)
{
    callback       cb        = {.lock = PTHREAD_MUTEX_INITIALIZER};
    jd_connect     anonymous = a->connect;
    jd_connector   made_from;
    jd_http       *http = NULL;
    jd_oauth_app   app;
    const jd_json *tokens, *old;
    anonymous.pat = anonymous.api_token = anonymous.oauth_file = NULL;
    jd_code rc                                                 = need_file(a, e);
    if (!rc)
        rc = find_app(c, a, &old, &app, e);
    if (!rc)
        rc = new_state(c, &cb, e);
    if (!rc)
        rc = get_code(c, a, &app, &cb, e);
    if (rc)
        return rc;
    rc = jd_connector_open(c, &anonymous, 1, &made_from, e);
    if (rc)
        return rc;
    rc = jd_connector_client(&made_from, c->stop, &http, e);
    if (!rc)
        rc = jd_oauth_exchange(http, c->arena, &app, jd_str_of(cb.code), &tokens, e);
    if (!rc)
        rc = write_bundle(c, a, &app, tokens, e);
    jd_http_free(http);
    jd_connector_close(&made_from);
    return rc;
}

/* -- status ---------------------------------------------------------------------------------- */

static jd_code who(const jd_cli *c, const auth_args *a, jd_buf *out, jd_err *e)
{
    jd_connector k;
    jd_jira      jira = {.signed_in = true};
    jd_server    server;
    jd_account   me;
    jd_code      rc = jd_connector_open(c, &a->connect, 1, &k, e);
    if (rc)
        return rc;
    jd_buf_addf(out, "site       %s\nsigned in  %s\n", k.site, k.auth.name);
    if (strcmp(k.site, k.base) != 0)
        jd_buf_addf(out, "by way of  %s\n", k.base);
    jira.base      = jd_str_of(k.base);
    jira.signed_in = k.signed_in;
    rc             = jd_connector_client(&k, c->stop, &jira.http, e);
    if (!rc)
        rc = jd_jira_server(&jira, c->arena, &server, e);
    if (!rc) {
        jira.cloud = server.cloud;
        rc         = jd_jira_myself(&jira, c->arena, k.signed_in, &me, e);
    }
    if (!rc && me.anonymous)
        jd_buf_addz(out, "account    nobody: what is public can be read\n");
    else if (!rc)
        jd_buf_addf(out, "account    %.*s (%.*s)\n", JD_FMT(me.name), JD_FMT(me.display));
    jd_http_free(jira.http);
    jd_connector_close(&k);
    return rc;
}

static int status_run(void *ctx, const void *args, const jd_list *positional)
{
    jd_cli                           *c = ctx;
    jd_err                            e = JD_ERR_NONE;
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(TEXT_MAX);
    (void)positional;
    jd_code rc     = who(c, args, &b, &e);
    int     status = jd_cli_print(c, jd_buf_view(&b));
    return rc ? jd_cli_fail(c, &e) : status;
}

static int login_run(void *ctx, const void *args, const jd_list *positional)
{
    jd_cli *c = ctx;
    jd_err  e = JD_ERR_NONE;
    if (login(c, args, &e))
        return jd_cli_fail(c, &e);
    return status_run(ctx, args, positional);
}

/* Atlassian has no endpoint that revokes a 3LO grant: what can be done here is to forget it. */
static int logout_run(void *ctx, const void *args, const jd_list *positional)
{
    jd_cli          *c = ctx;
    const auth_args *a = args;
    jd_err           e = JD_ERR_NONE;
    (void)positional;
    if (need_file(a, &e))
        return jd_cli_fail(c, &e);
    if (unlink(a->connect.oauth_file) != 0) {
        (void)jd_fail(&e, JD_E_NOTFOUND, "%s is not there, or cannot be removed",
                      a->connect.oauth_file);
        return jd_cli_fail(c, &e);
    }
    return jd_cli_print(c, JD_STR("Forgotten here. To take the grant back, open "
                                  "https://id.atlassian.com/manage-profile/apps\n"));
}

const jd_cmd jd_cmd_auth_login = {
    .name  = "auth login",
    .brief = "sign in to Jira Cloud by OAuth 2.0",
    .detail =
        "Opens a page of consent and keeps the tokens in the bundle named by --oauth-file, mode "
        "0600. Every command that talks to Jira takes the same option and renews them in time.",
    .example =
        "jiraduct auth login --base-url https://acme.atlassian.net --oauth-file jira-oauth.json",
    .opts      = login_tables,
    .args_size = sizeof(auth_args),
    .run       = login_run,
};

const jd_cmd jd_cmd_auth_status = {
    .name      = "auth status",
    .brief     = "say who one is to Jira, and by which credentials",
    .detail    = "Asks the server; prints no secret.",
    .opts      = status_tables,
    .args_size = sizeof(auth_args),
    .run       = status_run,
};

const jd_cmd jd_cmd_auth_logout = {
    .name  = "auth logout",
    .brief = "forget the tokens of an OAuth sign-in",
    .detail =
        "Removes the bundle. Atlassian lists, and takes back, grants in the account's profile.",
    .opts      = status_tables,
    .args_size = sizeof(auth_args),
    .run       = logout_run,
};
