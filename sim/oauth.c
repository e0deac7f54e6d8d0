#include "sim/oauth.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/vec.h"
#include "text/jsonw.h"

#include <pthread.h>
#include <stdlib.h>

typedef enum kind { CODE, ACCESS, REFRESH } kind;

typedef struct token {
    kind     kind;
    bool     used, revoked;
    uint64_t family;
    int64_t  given_ms, used_ms, until_ms;
    jd_str   scopes, redirect; /* in the arena; redirect: of a code */
} token;

typedef struct counts {
    uint64_t codes, issued, refreshed, reused, refused;
} counts;

struct sim_oauth {
    pthread_mutex_t lock;
    uint64_t        seed, serial, families;
    jd_arena       *arena;
    jd_map         *at; /* a token's text -> its place */
    JD_VEC(token) tokens;
    jd_map *scopes; /* texts kept once; value: place in scope_texts */
    JD_VEC(jd_str) scope_texts;
    counts count;
};

static const jd_str USUAL_SCOPES =
    JD_STR_INIT("read:jira-work read:jira-user offline_access read:board-scope:jira-software "
                "read:sprint:jira-software write:jira-work manage:jira-webhook");

sim_oauth *sim_oauth_new(uint64_t seed)
{
    sim_oauth *o = jd_xcalloc(1, sizeof *o);
    pthread_mutex_init(&o->lock, NULL);
    o->seed   = jd_mix64(seed + 77);
    o->arena  = jd_arena_new(0);
    o->at     = jd_map_new();
    o->scopes = jd_map_new();
    return o;
}

void sim_oauth_free(sim_oauth *o)
{
    if (!o)
        return;
    jd_map_free(o->at);
    jd_map_free(o->scopes);
    jd_vec_release(&o->tokens);
    jd_vec_release(&o->scope_texts);
    jd_arena_free(o->arena);
    pthread_mutex_destroy(&o->lock);
    free(o);
}

/* -- the table; under the lock ------------------------------------------------------------------
 */

static jd_str scopes_kept(sim_oauth *o, jd_str scopes)
{
    bool      fresh = false;
    uint64_t *at    = jd_map_put(o->scopes, scopes, &fresh);
    if (fresh) {
        *at                          = o->scope_texts.n;
        *jd_vec_add(&o->scope_texts) = jd_arena_dup(o->arena, scopes);
    }
    return o->scope_texts.v[*at];
}

static token *find(sim_oauth *o, jd_str text, kind want)
{
    const uint64_t *at = jd_map_get(o->at, text);
    return at && o->tokens.v[*at].kind == want ? &o->tokens.v[*at] : NULL;
}

static void add(sim_oauth *o, jd_str text, const token *t)
{
    *jd_map_put(o->at, text, NULL) = o->tokens.n;
    *jd_vec_add(&o->tokens)        = *t;
}

/* A new token's text, in the caller's arena. */
static jd_str give(sim_oauth *o, jd_arena *a, const token *t)
{
    static const char *const head[] = {"code.", "eyJraWQiOiJhY2Nlc3Mi", "eyJraWQiOiJyZWZyZXNo"};
    char                     one[17], two[17];
    uint64_t                 v = jd_mix64(o->seed ^ ++o->serial);
    jd_hash_hex(v, one);
    jd_hash_hex(jd_mix64(v + o->seed), two);
    jd_str text = jd_arena_fmt(a, "%s%s.%s", head[t->kind], one, two);
    add(o, text, t);
    return text;
}

bool sim_oauth_knows(sim_oauth *o, jd_arena *a, jd_str access, int64_t now_ms, jd_str *scopes)
{
    pthread_mutex_lock(&o->lock);
    const token *t    = find(o, access, ACCESS);
    bool         good = t && !t->revoked && now_ms < t->until_ms;
    if (good)
        *scopes = jd_arena_dup(a, t->scopes);
    pthread_mutex_unlock(&o->lock);
    return good;
}

void sim_oauth_plant(sim_oauth *o, jd_str refresh, jd_str scopes, int64_t now_ms)
{
    pthread_mutex_lock(&o->lock);
    token t = {.kind     = REFRESH,
               .family   = ++o->families,
               .given_ms = now_ms,
               .scopes   = scopes_kept(o, scopes.n > 0 ? scopes : USUAL_SCOPES)};
    add(o, refresh, &t);
    pthread_mutex_unlock(&o->lock);
}

/* -- answers ----------------------------------------------------------------------------------- */

static void refuse(sim_call *c, int status, const char *error, const char *why)
{
    sim_reply_clear(c->r);
    sim_reply_status(c->r, status);
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "error", jd_str_of(error));
    jd_jsonw_kstr(&w, "error_description", jd_str_of(why));
    jd_jsonw_end(&w);
}

typedef struct pair {
    jd_str access, refresh, scopes; /* refresh p NULL: none is given */
} pair;

static bool offline(jd_str scopes)
{
    return jd_str_search(scopes, JD_STR("offline_access")) < scopes.n;
}

/* Under the lock. */
static pair give_pair(sim_call *c, jd_str scopes, uint64_t family, bool rotate, int64_t now)
{
    sim_oauth *o      = c->s->oauth;
    int64_t    life   = (int64_t)sim_tuned(&c->s->tuning, SIM_ACCESS_S) * 1000;
    token      access = {.kind     = ACCESS,
                         .family   = family,
                         .given_ms = now,
                         .until_ms = now + life,
                         .scopes   = scopes};
    token      next   = {.kind = REFRESH, .family = family, .given_ms = now, .scopes = scopes};
    pair       p      = {.scopes = jd_arena_dup(c->a, scopes)};
    p.access          = give(o, c->a, &access);
    if (rotate && offline(scopes))
        p.refresh = give(o, c->a, &next);
    o->count.issued++;
    return p;
}

static void say_pair(sim_call *c, const pair *p)
{
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "access_token", p->access);
    if (p->refresh.p)
        jd_jsonw_kstr(&w, "refresh_token", p->refresh);
    jd_jsonw_kint(&w, "expires_in", (int64_t)sim_tuned(&c->s->tuning, SIM_ACCESS_S));
    jd_jsonw_kstr(&w, "scope", p->scopes);
    jd_jsonw_kstr(&w, "token_type", JD_STR("Bearer"));
    jd_jsonw_end(&w);
}

static bool by_code(sim_call *c, const jd_json *body, pair *out)
{
    enum { CODE_MS = 300000 };
    sim_oauth *o   = c->s->oauth;
    int64_t    now = sim_now(c->s);
    pthread_mutex_lock(&o->lock);
    token *t    = find(o, jd_json_str(jd_json_get(body, "code")), CODE);
    bool   good = t && !t->used && now - t->given_ms <= CODE_MS &&
                jd_str_eq(t->redirect, jd_json_str(jd_json_get(body, "redirect_uri")));
    if (good) {
        t->used = true;
        *out    = give_pair(c, t->scopes, ++o->families, true, now);
    } else {
        o->count.refused++;
    }
    pthread_mutex_unlock(&o->lock);
    return good;
}

static void revoke_family(sim_oauth *o, uint64_t family)
{
    for (size_t i = 0; i < o->tokens.n; i++)
        if (o->tokens.v[i].family == family)
            o->tokens.v[i].revoked = true;
}

static bool by_refresh(sim_call *c, jd_str text, pair *out)
{
    sim_oauth *o      = c->s->oauth;
    int64_t    now    = sim_now(c->s);
    int64_t    leeway = (int64_t)sim_tuned(&c->s->tuning, SIM_LEEWAY_MS);
    int64_t    life   = (int64_t)sim_tuned(&c->s->tuning, SIM_REFRESH_S) * 1000;
    bool       keep   = sim_tuned(&c->s->tuning, SIM_KEEP_REFRESH) > 0;
    pthread_mutex_lock(&o->lock);
    token *t    = find(o, text, REFRESH);
    bool   late = t && t->used && now - t->used_ms > leeway;
    bool   good = t && !t->revoked && !late && now - t->given_ms <= life;
    if (good) {
        o->count.refreshed++;
        o->count.reused += t->used;
        if (!t->used && !keep) {
            t->used    = true;
            t->used_ms = now;
        }
        *out = give_pair(c, t->scopes, t->family, !keep, now);
    } else {
        o->count.refused++;
        if (late && sim_tuned(&c->s->tuning, SIM_REUSE_REVOKES) > 0)
            revoke_family(o, t->family);
    }
    pthread_mutex_unlock(&o->lock);
    return good;
}

void sim_post_token(sim_call *c, jd_str name)
{
    const jd_json *body;
    pair           p;
    (void)name;
    if (!sim_call_body(c, &body))
        return;
    jd_str grant = jd_json_str(jd_json_get(body, "grant_type"));
    if (!jd_str_eq(jd_json_str(jd_json_get(body, "client_id")), c->s->conf->client_id) ||
        !jd_str_eq(jd_json_str(jd_json_get(body, "client_secret")), c->s->conf->client_secret)) {
        refuse(c, 401, "access_denied", "Unauthorized");
    } else if (jd_str_is(grant, "authorization_code")) {
        if (by_code(c, body, &p))
            say_pair(c, &p);
        else
            refuse(c, 403, "invalid_grant", "Invalid authorization code");
    } else if (jd_str_is(grant, "refresh_token")) {
        if (by_refresh(c, jd_json_str(jd_json_get(body, "refresh_token")), &p))
            say_pair(c, &p);
        else
            refuse(c, 403, "invalid_grant", "Unknown or invalid refresh token.");
    } else {
        refuse(c, 403, "unsupported_grant_type", "Unsupported grant type");
    }
}

/* -- consent ----------------------------------------------------------------------------------- */

static void escape(jd_buf *out, jd_str s)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        if ((ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') ||
            ch == '-' || ch == '.' || ch == '_' || ch == '~') {
            jd_buf_addc(out, ch);
        } else {
            jd_buf_addc(out, '%');
            jd_buf_addc(out, hex[ch >> 4 & 15]);
            jd_buf_addc(out, hex[ch & 15]);
        }
    }
}

static bool loopback(jd_str uri)
{
    return jd_str_starts(uri, JD_STR("http://127.0.0.1")) ||
           jd_str_starts(uri, JD_STR("http://localhost")) ||
           jd_str_starts(uri, JD_STR("http://[::1]")) || jd_str_starts(uri, JD_STR("https://"));
}

static jd_str new_code(sim_call *c, jd_str scopes, jd_str redirect)
{
    sim_oauth *o = c->s->oauth;
    pthread_mutex_lock(&o->lock);
    token  t    = {.kind     = CODE,
                   .given_ms = sim_now(c->s),
                   .scopes   = scopes_kept(o, scopes.n > 0 ? scopes : USUAL_SCOPES),
                   .redirect = jd_arena_dup(o->arena, redirect)};
    jd_str code = give(o, c->a, &t);
    o->count.codes++;
    pthread_mutex_unlock(&o->lock);
    return code;
}

/* The user consents at once. */
void sim_get_authorize(sim_call *c, jd_str name)
{
    jd_str redirect = jd_httpd_param(c->q, c->a, "redirect_uri");
    jd_str state    = jd_httpd_param(c->q, c->a, "state");
    jd_buf to       = JD_BUF_INIT(65536);
    (void)name;
    if (!jd_str_eq(jd_httpd_param(c->q, c->a, "client_id"), c->s->conf->client_id) ||
        !jd_str_is(jd_httpd_param(c->q, c->a, "response_type"), "code") || !loopback(redirect)) {
        sim_reply_html(c->r, 400);
        return;
    }
    jd_buf_adds(&to, redirect);
    jd_buf_addc(&to, jd_str_find(redirect, '?') < redirect.n ? '&' : '?');
    if (sim_tuned(&c->s->tuning, SIM_DENY) > 0) {
        jd_buf_addz(&to, "error=access_denied&error_description=User%20did%20not%20authorize");
    } else {
        jd_buf_addz(&to, "code=");
        escape(&to, new_code(c, jd_httpd_param(c->q, c->a, "scope"), redirect));
    }
    if (state.n > 0) {
        jd_buf_addz(&to, "&state=");
        escape(&to, state);
    }
    sim_reply_status(c->r, 302);
    sim_reply_type(c->r, NULL);
    sim_call_head(c, "Location", jd_arena_cstr(c->a, jd_buf_view(&to)));
    jd_buf_release(&to);
}

void sim_get_resources(sim_call *c, jd_str name)
{
    jd_str   head = jd_httpd_header(c->q, "Authorization"), scopes;
    uint64_t n    = sim_tuned(&c->s->tuning, SIM_RESOURCES);
    (void)name;
    if (!jd_str_ieq(jd_str_cut(head, 0, 7), JD_STR("bearer ")) ||
        !sim_oauth_knows(c->s->oauth, c->a, jd_str_cut(head, 7, SIZE_MAX), sim_now(c->s),
                         &scopes)) {
        sim_reply_clear(c->r);
        sim_reply_status(c->r, 401);
        jd_buf_addz(sim_reply_own(c->r), "{\"code\":401,\"message\":\"Unauthorized\"}");
        return;
    }
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    jd_jsonw_array(&w);
    for (uint64_t i = 0; i < n; i++) {
        jd_str one, rest = scopes;
        jd_jsonw_object(&w);
        jd_jsonw_kstr(&w, "id",
                      i == 0 ? c->s->conf->cloud_id
                             : JD_STR("11111111-2222-3333-4444-555555555555"));
        jd_jsonw_kstr(&w, "name", i == 0 ? JD_STR("jirasim") : JD_STR("another"));
        jd_jsonw_kstr(&w, "url",
                      i == 0 ? c->s->conf->base_url : JD_STR("https://another.example.org"));
        jd_jsonw_name(&w, "scopes");
        jd_jsonw_array(&w);
        while (jd_str_split(&rest, ' ', &one))
            if (!jd_str_is(one, "offline_access"))
                jd_jsonw_str(&w, one);
        jd_jsonw_end(&w);
        jd_jsonw_kstr(&w, "avatarUrl",
                      JD_STR("https://site-admin-avatar-cdn.example.org/avatar.png"));
        jd_jsonw_end(&w);
    }
    jd_jsonw_end(&w);
}

/* -- control ----------------------------------------------------------------------------------- */

void sim_get_oauth(sim_call *c, jd_str name)
{
    sim_oauth *o = c->s->oauth;
    (void)name;
    pthread_mutex_lock(&o->lock);
    counts k = o->count;
    pthread_mutex_unlock(&o->lock);
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    jd_jsonw_object(&w);
    jd_jsonw_kint(&w, "codes", (int64_t)k.codes);
    jd_jsonw_kint(&w, "issued", (int64_t)k.issued);
    jd_jsonw_kint(&w, "refreshed", (int64_t)k.refreshed);
    jd_jsonw_kint(&w, "reused", (int64_t)k.reused);
    jd_jsonw_kint(&w, "refused", (int64_t)k.refused);
    jd_jsonw_end(&w);
}

static const char *condition(sim_call *c, jd_str text)
{
    sim_oauth  *o    = c->s->oauth;
    int64_t     now  = sim_now(c->s);
    const char *said = "unknown";
    pthread_mutex_lock(&o->lock);
    const token *t = find(o, text, REFRESH), *access = find(o, text, ACCESS);
    if (access)
        said = access->revoked ? "revoked" : now < access->until_ms ? "live" : "expired";
    else if (t && t->revoked)
        said = "revoked";
    else if (t && now - t->given_ms > (int64_t)sim_tuned(&c->s->tuning, SIM_REFRESH_S) * 1000)
        said = "expired";
    else if (t && t->used)
        said =
            now - t->used_ms > (int64_t)sim_tuned(&c->s->tuning, SIM_LEEWAY_MS) ? "used" : "leeway";
    else if (t)
        said = "live";
    pthread_mutex_unlock(&o->lock);
    return said;
}

void sim_post_oauth(sim_call *c, jd_str name)
{
    const jd_json *body;
    (void)name;
    if (!sim_call_body(c, &body))
        return;
    jd_str      check = jd_json_str(jd_json_get(body, "check"));
    jd_str      plant = jd_json_str(jd_json_get(body, "plant"));
    const char *said  = "done";
    if (plant.n > 0) {
        sim_oauth_plant(c->s->oauth, plant, jd_json_str(jd_json_get(body, "scope")), sim_now(c->s));
    } else if (jd_json_bool(jd_json_get(body, "revoke"))) {
        pthread_mutex_lock(&c->s->oauth->lock);
        for (size_t i = 0; i < c->s->oauth->tokens.n; i++)
            c->s->oauth->tokens.v[i].revoked = true;
        pthread_mutex_unlock(&c->s->oauth->lock);
    } else if (check.n > 0) {
        said = condition(c, check);
    } else {
        sim_reply_error(c->r, 400,
                        JD_STR("Say {\"check\":TOKEN}, {\"plant\":TOKEN} or {\"revoke\":true}."));
        return;
    }
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "state", jd_str_of(said));
    jd_jsonw_end(&w);
}
