#include "jira/oauth.h"

#include "sys/file.h"
#include "text/jsonw.h"
#include "text/url.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

enum {
    LOCK_WAIT_MS   = 120000,
    MARGIN_MS      = 60000, /* a token is renewed this long before it expires … */
    MARGIN_PART    = 4,     /* … or a quarter of its life, when that is less */
    UNKNOWN_LIFE_S = 3600,
    LIFE_MAX_S     = 366 * 86400,
    BROKEN_TRIES   = 3,
    REPLY_MAX      = 1 << 20
};

struct jd_oauth {
    pthread_mutex_t lock;
    jd_secret       store;
    jd_http        *http;
    const jd_clock *clock;
    const jd_log   *log;
    jd_arena       *fixed; /* site, api */
    jd_str          site, api;
    jd_arena       *mem; /* of the bundle as last read */
    const jd_json  *bundle;
    uint64_t        version;
    jd_str          access;
    int64_t         fresh_until; /* epoch ms: to be used without asking until then */
};

static jd_str member(const jd_json *bundle, const char *name)
{
    return jd_json_str(jd_json_get(bundle, name));
}

static jd_str member_or(const jd_json *bundle, const char *name, const char *dflt)
{
    jd_str s = member(bundle, name);
    return s.n ? s : jd_str_of(dflt);
}

/* -- the bundle ------------------------------------------------------------------------------ */

static jd_code check(const jd_json *bundle, jd_err *e)
{
    static const char *const needed[] = {"client_id", "client_secret", "refresh_token", "base_url"};
    if (jd_json_kind(bundle) != JD_JSON_OBJECT)
        return jd_fail(e, JD_E_CONFIG, "the OAuth bundle is no JSON object");
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (member(bundle, needed[i]).n == 0)
            return jd_fail(e, JD_E_CONFIG,
                           "the OAuth bundle has no %s: `jiraduct auth login` makes a whole one",
                           needed[i]);
    return JD_OK;
}

/* Seconds and milliseconds are both in use for instants; what is before 1973 as the one is the
 * other. */
static int64_t as_ms(int64_t instant)
{
    if (instant < 0)
        return 0;
    return instant < 100000000000 ? instant * 1000 : instant;
}

int64_t jd_oauth_life_ms(const jd_json *tokens)
{
    int64_t life = UNKNOWN_LIFE_S;
    if (!jd_json_i64(jd_json_get(tokens, "expires_in"), &life))
        life = UNKNOWN_LIFE_S;
    if (life < 0)
        life = 0;
    return 1000 * (life < LIFE_MAX_S ? life : LIFE_MAX_S);
}

static int64_t margin(int64_t life_ms)
{
    int64_t part = life_ms / MARGIN_PART;
    return part < MARGIN_MS ? part : MARGIN_MS;
}

/* What the store holds now. */
static jd_code load(jd_oauth *o, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf text = JD_BUF_INIT(JD_SECRET_MAX);
    jd_arena                         *mem  = jd_arena_new(0);
    const jd_json                    *bundle;
    uint64_t                          version;
    int64_t                           expires = 0;
    jd_code                           rc = o->store.ops->read(o->store.self, &text, &version, e);
    if (!rc &&
        jd_json_read(mem, jd_buf_view(&text), &bundle, e)) /* its words may quote the secret */
        rc = jd_fail(e, JD_E_CONFIG, "the OAuth bundle is no JSON");
    if (!rc)
        rc = check(bundle, e);
    if (rc) {
        jd_arena_free(mem);
        return rc;
    }
    jd_arena_free(o->mem);
    o->mem         = mem;
    o->bundle      = bundle;
    o->version     = version;
    o->access      = member(bundle, "access_token");
    o->fresh_until = 0;
    if (o->access.n && jd_json_i64(jd_json_get(bundle, "expires_at"), &expires))
        o->fresh_until = as_ms(expires) - margin(jd_oauth_life_ms(bundle));
    return JD_OK;
}

/* The bundle again with some members set; others keep their place. */
static void rewrite(jd_buf *out, const jd_json *bundle, const char *const *name,
                    const jd_str *value, size_t n, const jd_json *tokens, int64_t expires_at)
{
    jd_jsonw w = jd_jsonw_pretty(out);
    jd_jsonw_object(&w);
    for (jd_json_iter it = jd_json_walk(bundle); jd_json_next(&it);) {
        bool set = tokens && (jd_str_is(it.name, "expires_at") || jd_json_getn(tokens, it.name));
        for (size_t i = 0; i < n; i++)
            set = set || jd_str_is(it.name, name[i]);
        if (set)
            continue;
        jd_jsonw_names(&w, it.name);
        jd_jsonw_value(&w, it.value);
    }
    for (size_t i = 0; i < n; i++)
        jd_jsonw_kstr(&w, name[i], value[i]);
    for (jd_json_iter it = jd_json_walk(tokens); jd_json_next(&it);) {
        jd_jsonw_names(&w, it.name);
        jd_jsonw_value(&w, it.value);
    }
    if (tokens)
        jd_jsonw_kint(&w, "expires_at", expires_at);
    jd_jsonw_end(&w);
    jd_buf_addc(out, '\n');
}

static jd_code keep(jd_oauth *o, jd_str text, jd_err *e)
{
    jd_code rc = o->store.ops->swap(o->store.self, &o->version, text, e);
    return rc ? rc : load(o, e);
}

/* -- the token endpoint ---------------------------------------------------------------------- */

static jd_code post_token(jd_http *http, jd_arena *a, jd_str url, jd_str body, jd_reply *reply,
                          jd_err *e)
{
    static const jd_header head[] = {
        {JD_STR_INIT("Content-Type"), JD_STR_INIT("application/json")}};
    jd_request q = {.method     = "POST",
                    .url        = url,
                    .head       = head,
                    .nhead      = 1,
                    .body       = body,
                    .max_body   = REPLY_MAX,
                    .idempotent = true}; /* the old token is taken again for a while */
    return jd_http_do(http, &q, a, reply, e);
}

static jd_code refused(const jd_reply *r, const char *remedy, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    const jd_json                       *v = NULL;
    jd_err                               why;
    jd_str                               error = JD_NOSTR;
    if (!jd_json_read(a, r->body, &v, &why))
        error = member(v, "error");
    jd_code rc = r->status == 401 || r->status == 403 || r->status == 400 ? JD_E_AUTH : JD_E_REMOTE;
    jd_fail(e, rc, "the token endpoint refuses (%d%s%.*s): %s", r->status, error.n ? ", " : "",
            JD_FMT(jd_str_cut(error, 0, 60)), remedy);
    e->http = r->status;
    return rc;
}

static jd_code read_tokens(jd_arena *a, const jd_reply *r, const jd_json **out, jd_err *e)
{
    jd_err why;
    if (r->status != 200)
        return refused(r, "sign in again with `jiraduct auth login`", e);
    if (jd_json_read(a, r->body, out, &why) || member(*out, "access_token").n == 0)
        return jd_fail(e, JD_E_REMOTE,
                       "the token endpoint's answer has no access_token: run again");
    return JD_OK;
}

static jd_code ask_refresh(jd_oauth *o, jd_arena *a, const jd_json **tokens, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf body = JD_BUF_INIT(JD_SECRET_MAX);
    jd_jsonw                          w    = jd_jsonw_to(&body);
    jd_reply                          reply;
    jd_code                           rc;
    int                               tries = 0;
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "grant_type", JD_STR("refresh_token"));
    jd_jsonw_kstr(&w, "client_id", member(o->bundle, "client_id"));
    jd_jsonw_kstr(&w, "client_secret", member(o->bundle, "client_secret"));
    jd_jsonw_kstr(&w, "refresh_token", member(o->bundle, "refresh_token"));
    jd_jsonw_end(&w);
    do { /* an answer that broke on the way may be the only word of the new token: ask at once */
        rc = post_token(o->http, a, member_or(o->bundle, "token_url", JD_OAUTH_TOKEN),
                        jd_buf_view(&body), &reply, e);
        if (rc)
            return rc;
        rc = read_tokens(a, &reply, tokens, e);
    } while (rc == JD_E_REMOTE && reply.status == 200 && ++tries < BROKEN_TRIES);
    return rc;
}

/* With the store's lock held, and the bundle just read. */
static jd_code refresh(jd_oauth *o, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a      = jd_arena_new(0);
    JD_CLEANUP(jd_buf_release) jd_buf    text   = JD_BUF_INIT(JD_SECRET_MAX);
    const jd_json                       *tokens = NULL;
    int64_t                              life   = 0;
    jd_code                              rc     = ask_refresh(o, a, &tokens, e);
    if (rc)
        return rc;
    jd_crash_point("oauth.answered");
    life = jd_oauth_life_ms(tokens);
    rewrite(&text, o->bundle, NULL, NULL, 0, tokens, jd_now_ms(o->clock) + life);
    rc = keep(o, jd_buf_view(&text), e);
    if (!rc)
        jd_event(o->log, JD_DEBUG, "note", "the OAuth token was renewed, for %" PRId64 " s",
                 life / 1000);
    return rc;
}

/* A token to use now; not the one that was refused. */
static jd_code renew(jd_oauth *o, jd_str bad, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a   = jd_arena_new(0);
    jd_str                               was = jd_arena_dup(a, bad);
    jd_code                              rc  = o->store.ops->lock(o->store.self, LOCK_WAIT_MS, e);
    if (rc)
        return jd_wrap(e, "the OAuth bundle");
    rc = load(o, e);
    if (!rc && (o->fresh_until <= jd_now_ms(o->clock) || jd_str_eq(o->access, was)))
        rc = refresh(o, e);
    o->store.ops->unlock(o->store.self);
    return rc;
}

/* -- as a source of credentials -------------------------------------------------------------- */

static jd_code current(void *self, jd_arena *a, jd_str *header, jd_err *e)
{
    jd_oauth *o  = self;
    jd_code   rc = JD_OK;
    (void)pthread_mutex_lock(&o->lock);
    if (o->fresh_until <= jd_now_ms(o->clock))
        rc = renew(o, JD_NOSTR, e);
    if (!rc)
        *header = jd_arena_fmt(a, "Bearer %.*s", JD_FMT(o->access));
    (void)pthread_mutex_unlock(&o->lock);
    return rc;
}

static jd_code another(void *self, jd_str header, jd_err *e)
{
    static const jd_str scheme = JD_STR_INIT("Bearer ");
    jd_oauth           *o      = self;
    jd_str              bad    = jd_str_cut(header, scheme.n, header.n);
    jd_code             rc     = JD_OK;
    (void)pthread_mutex_lock(&o->lock);
    if (jd_str_eq(o->access, bad)) /* else another thread has renewed it meanwhile */
        rc = renew(o, bad, e);
    (void)pthread_mutex_unlock(&o->lock);
    return rc;
}

jd_auth_source jd_oauth_source(jd_oauth *o)
{
    return (jd_auth_source){.current = current, .another = another, .self = o};
}

/* -- the site -------------------------------------------------------------------------------- */

/* The entry of this site that Jira was granted for; the same site may come once a product. */
static jd_str pick(const jd_json *sites, jd_str base_url)
{
    jd_err e;
    jd_str id = JD_NOSTR;
    for (jd_json_iter it = jd_json_walk(sites); jd_json_next(&it);) {
        JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
        jd_str                               url;
        bool                                 jira = false;
        if (jd_url_base(a, member(it.value, "url"), &url, &e) || !jd_str_ieq(url, base_url))
            continue;
        for (jd_json_iter s = jd_json_walk(jd_json_get(it.value, "scopes")); jd_json_next(&s);)
            jira = jira ||
                   jd_str_search(jd_json_str(s.value), JD_STR("jira")) < jd_json_str(s.value).n;
        if (jira || id.n == 0)
            id = member(it.value, "id");
        if (jira)
            break;
    }
    return id;
}

static jd_code find_cloud_id(jd_oauth *o, jd_arena *a, jd_str *out, jd_err *e)
{
    jd_header      auth = {.name = JD_STR("Authorization")};
    jd_reply       reply;
    const jd_json *sites;
    jd_err         why;
    jd_code        rc = current(o, a, &auth.value, e);
    if (rc)
        return rc;
    jd_str     api = member_or(o->bundle, "api_url", JD_OAUTH_API);
    jd_request q   = {.method = "GET", .max_body = REPLY_MAX, .idempotent = true, .head = &auth};
    q.nhead        = 1;
    q.url          = jd_arena_fmt(a, "%.*s/oauth/token/accessible-resources", JD_FMT(api));
    rc             = jd_http_do(o->http, &q, a, &reply, e);
    if (!rc)
        rc = jd_http_expect_json(&q, &reply, e);
    if (rc)
        return jd_wrap(e, "the sites of this OAuth grant");
    if (jd_json_read(a, reply.body, &sites, &why))
        return jd_fail(e, JD_E_REMOTE,
                       "the list of sites of this OAuth grant is broken: run again");
    *out = pick(sites, o->site);
    if (out->n == 0)
        return jd_fail(
            e, JD_E_CONFIG,
            "the OAuth grant does not cover %.*s: check base_url in the bundle, or sign in "
            "again and choose that site",
            JD_FMT(o->site));
    return JD_OK;
}

/* Another process may have put in new tokens since: only the id is added to what is there. */
static jd_code keep_cloud_id(jd_oauth *o, jd_str id, jd_err *e)
{
    static const char *const          name[] = {"cloud_id"};
    JD_CLEANUP(jd_buf_release) jd_buf text   = JD_BUF_INIT(JD_SECRET_MAX);
    jd_code                           rc     = o->store.ops->lock(o->store.self, LOCK_WAIT_MS, e);
    if (rc)
        return rc;
    rc = load(o, e);
    if (!rc) {
        rewrite(&text, o->bundle, name, &id, 1, NULL, 0);
        rc = keep(o, jd_buf_view(&text), e);
    }
    o->store.ops->unlock(o->store.self);
    return rc;
}

jd_code jd_oauth_site(jd_oauth *o, jd_str *site, jd_str *api, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a  = jd_arena_new(0);
    jd_code                              rc = JD_OK;
    if (o->api.n == 0) {
        jd_str id = jd_arena_dup(a, member(o->bundle, "cloud_id"));
        if (id.n == 0) {
            rc = find_cloud_id(o, a, &id, e);
            if (!rc)
                rc = keep_cloud_id(o, id, e);
        }
        if (rc)
            return rc;
        o->api = jd_arena_fmt(o->fixed, "%.*s/ex/jira/%.*s",
                              JD_FMT(member_or(o->bundle, "api_url", JD_OAUTH_API)), JD_FMT(id));
    }
    *site = o->site;
    *api  = o->api;
    return JD_OK;
}

jd_code jd_oauth_open(const jd_secret *store, jd_http *http, const jd_clock *clock,
                      const jd_log *log, jd_oauth **out, jd_err *e)
{
    jd_oauth *o = jd_xcalloc(1, sizeof *o);
    (void)pthread_mutex_init(&o->lock, NULL);
    o->store   = *store;
    o->http    = http;
    o->clock   = clock;
    o->log     = log;
    o->fixed   = jd_arena_new(0);
    jd_code rc = load(o, e);
    if (!rc)
        rc = jd_url_base(o->fixed, member(o->bundle, "base_url"), &o->site, e);
    if (rc) {
        jd_oauth_close(o);
        return jd_wrap(e, "JIRA_OAUTH_FILE");
    }
    *out = o;
    return JD_OK;
}

void jd_oauth_close(jd_oauth *o)
{
    if (!o)
        return;
    o->store.ops->close(o->store.self);
    jd_http_free(o->http);
    (void)pthread_mutex_destroy(&o->lock);
    jd_arena_free(o->mem);
    jd_arena_free(o->fixed);
    free(o);
}

/* -- signing in ------------------------------------------------------------------------------ */

static void add_part(jd_buf *b, const char *name, jd_str value)
{
    jd_buf_addf(b, "&%s=", name);
    jd_url_escape(b, value);
}

jd_str jd_oauth_consent(jd_arena *a, jd_str authorize_url, const jd_oauth_app *app, jd_str state)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(JD_SECRET_MAX);
    jd_buf_adds(&b, authorize_url);
    jd_buf_addz(&b, "?audience=api.atlassian.com&response_type=code&prompt=consent");
    add_part(&b, "client_id", app->client_id);
    add_part(&b, "scope", app->scopes);
    add_part(&b, "redirect_uri", app->redirect_uri);
    add_part(&b, "state", state);
    return jd_arena_dup(a, jd_buf_view(&b));
}

jd_code jd_oauth_exchange(jd_http *http, jd_arena *a, const jd_oauth_app *app, jd_str code,
                          const jd_json **tokens, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf body = JD_BUF_INIT(JD_SECRET_MAX);
    jd_jsonw                          w    = jd_jsonw_to(&body);
    jd_reply                          reply;
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "grant_type", JD_STR("authorization_code"));
    jd_jsonw_kstr(&w, "client_id", app->client_id);
    jd_jsonw_kstr(&w, "client_secret", app->client_secret);
    jd_jsonw_kstr(&w, "code", code);
    jd_jsonw_kstr(&w, "redirect_uri", app->redirect_uri);
    jd_jsonw_end(&w);
    jd_code rc = post_token(http, a, app->token_url, jd_buf_view(&body), &reply, e);
    if (!rc)
        rc = read_tokens(a, &reply, tokens, e);
    if (!rc && member(*tokens, "refresh_token").n == 0)
        rc = jd_fail(e, JD_E_AUTH,
                     "the grant has no refresh token: the app needs the scope offline_access");
    return rc;
}
