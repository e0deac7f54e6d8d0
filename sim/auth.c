#include "sim/auth.h"

#include "sim/oauth.h"

#include <stdlib.h>

typedef struct state {
    atomic_int_fast64_t  expires_ms;
    atomic_uint_fast64_t failures;
    atomic_bool          captcha;
} state;

struct sim_auth {
    const sim_conf *conf;
    state          *of; /* by account */
};

sim_auth *sim_auth_new(const sim_conf *conf)
{
    sim_auth *a = jd_xcalloc(1, sizeof *a);
    a->conf     = conf;
    a->of       = jd_xcalloc(conf->naccount + 1, sizeof *a->of);
    for (size_t i = 0; i < conf->naccount; i++)
        atomic_init(&a->of[i].expires_ms, conf->account[i].expires_ms);
    return a;
}

void sim_auth_free(sim_auth *a)
{
    if (!a)
        return;
    free(a->of);
    free(a);
}

bool sim_auth_change(sim_auth *a, jd_str name, const int64_t *expires_ms, const bool *captcha)
{
    bool found = false;
    for (size_t i = 0; i < a->conf->naccount; i++) {
        if (!jd_str_eq(a->conf->account[i].name, name))
            continue;
        found = true;
        if (expires_ms)
            atomic_store(&a->of[i].expires_ms, *expires_ms);
        if (captcha) {
            atomic_store(&a->of[i].captcha, *captcha);
            atomic_store(&a->of[i].failures, 0);
        }
    }
    return found;
}

uint64_t sim_auth_viewers(const sim_conf *conf, jd_str name)
{
    uint64_t bits = 0;
    if (jd_str_is(name, "all"))
        return (UINT64_C(1) << SIM_VIEWERS) - 1;
    if (jd_str_is(name, "anonymous"))
        return 1;
    for (size_t i = 0; i + 1 < SIM_VIEWERS && i < conf->naccount; i++)
        if (jd_str_eq(conf->account[i].name, name))
            bits |= UINT64_C(2) << i;
    return bits;
}

/* -- credentials ------------------------------------------------------------------------------- */

/* Takes the same time wherever the difference is. */
static bool same_secret(jd_str given, jd_str secret)
{
    unsigned char diff = given.n != secret.n;
    for (size_t i = 0; i < given.n; i++)
        diff |= (unsigned char)(given.p[i] ^ (secret.n > 0 ? secret.p[i % secret.n] : 0));
    return diff == 0;
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

jd_str sim_unbase64(jd_arena *a, jd_str s)
{
    char    *out  = jd_arena_bytes(a, s.n + 1);
    size_t   n    = 0;
    unsigned bits = 0, have = 0;
    for (size_t i = 0; i < s.n && base64_digit(s.p[i]) >= 0; i++) {
        bits = bits << 6 | (unsigned)base64_digit(s.p[i]);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[n++] = (char)(bits >> have & 0xFF);
        }
    }
    return (jd_str){out, n};
}

static const sim_account *account_of(const sim_conf *conf, bool pat, jd_str name, jd_str secret)
{
    const sim_account *found = NULL;
    for (size_t i = 0; i < conf->naccount; i++) {
        const sim_account *k = &conf->account[i];
        bool               good =
            same_secret(secret, k->secret) && k->pat == pat && (pat || jd_str_eq(name, k->name));
        if (good && !found)
            found = k;
    }
    return found;
}

static state *state_of(const sim_call *c, const sim_account *k)
{
    return c->s->auth && k ? &c->s->auth->of[k - c->s->conf->account] : NULL;
}

static bool expired(const sim_call *c, const sim_account *k)
{
    const state *s  = state_of(c, k);
    int64_t      at = s ? (int64_t)atomic_load(&s->expires_ms) : 0;
    return at != 0 && sim_now(c->s) >= at;
}

/* Somebody tries to log in as that user: true when a captcha bars the way. */
static bool barred(sim_call *c, jd_str name, bool failed)
{
    bool     captcha = false;
    uint64_t most    = c->s->auth ? sim_tuned(&c->s->tuning, SIM_CAPTCHA_AFTER) : 0;
    for (size_t i = 0; c->s->auth && i < c->s->conf->naccount; i++) {
        state *s = &c->s->auth->of[i];
        if (c->s->conf->account[i].pat || !jd_str_eq(c->s->conf->account[i].name, name))
            continue;
        if (failed && atomic_fetch_add(&s->failures, 1) + 1 >= most && most > 0)
            atomic_store(&s->captcha, true);
        captcha |= atomic_load(&s->captcha);
    }
    return captcha;
}

static const jd_str MUST_SIGN_IN =
    JD_STR_INIT("Client must be authenticated to access this resource.");

static bool refuse_captcha(sim_call *c)
{
    sim_reply_clear(c->r);
    sim_reply_status(c->r, 403);
    sim_reply_type(c->r, NULL);
    c->reason = "AUTHENTICATION_DENIED";
    sim_call_head(c, "X-Authentication-Denied-Reason",
                  jd_arena_fmt(c->a, "CAPTCHA_CHALLENGE; login-url=%.*s/login.jsp",
                               JD_FMT(c->s->conf->base_url))
                      .p);
    return false;
}

static void is(sim_call *c, const sim_account *k)
{
    c->who    = k;
    c->viewer = (unsigned)(k - c->s->conf->account) + 1;
    if (c->viewer >= SIM_VIEWERS)
        c->viewer = SIM_VIEWERS - 1;
    c->reason = "OK";
}

/* Wrong or worn-out credentials: Cloud reads on as anonymous, Data Center refuses. */
static bool refuse(sim_call *c, bool read_on)
{
    c->who    = NULL;
    c->reason = "AUTHENTICATED_FAILED";
    if (!read_on)
        sim_reply_plumbing(c->r, 401, MUST_SIGN_IN);
    return read_on;
}

static bool reads_on(const sim_call *c, bool is_expired)
{
    return is_expired ? c->s->auth && sim_tuned(&c->s->tuning, SIM_EXPIRED) == 0
                      : c->s->conf->cloud;
}

static bool enter_basic(sim_call *c, jd_str value)
{
    jd_str             pair  = sim_unbase64(c->a, value);
    size_t             colon = jd_str_find(pair, ':');
    jd_str             name  = jd_str_cut(pair, 0, colon);
    const sim_account *k =
        account_of(c->s->conf, false, name, jd_str_cut(pair, colon + 1, SIZE_MAX));
    if (barred(c, name, !k))
        return refuse_captcha(c);
    if (!k)
        return refuse(c, reads_on(c, false));
    if (expired(c, k))
        return refuse(c, reads_on(c, true));
    if (k->scoped && !c->gateway) {
        sim_reply_plumbing(c->r, 401, MUST_SIGN_IN);
        return false;
    }
    is(c, k);
    c->scopes = k->scoped ? k->scopes : JD_NOSTR;
    return true;
}

static bool gateway_refuses(sim_call *c)
{
    sim_reply_clear(c->r);
    sim_reply_status(c->r, 401);
    jd_buf_addz(sim_reply_own(c->r), "{\"code\":401,\"message\":\"Unauthorized\"}");
    return false;
}

static bool enter_oauth(sim_call *c, jd_str token)
{
    c->oauth = true;
    if (!sim_oauth_knows(c->s->oauth, c->a, token, sim_now(c->s), &c->scopes))
        return gateway_refuses(c);
    if (c->s->conf->naccount > 0)
        is(c, &c->s->conf->account[0]);
    return true;
}

static bool enter_bearer(sim_call *c, jd_str value)
{
    if (c->gateway)
        return enter_oauth(c, value);
    if (c->s->conf->cloud) {
        sim_reply_clear(c->r);
        sim_reply_status(c->r, 403);
        jd_buf_addz(sim_reply_own(c->r),
                    "{\"error\":\"Failed to parse Connect Session Auth Token\"}");
        return false;
    }
    const sim_account *k = account_of(c->s->conf, true, JD_NOSTR, value);
    if (!k || expired(c, k))
        return refuse(c, reads_on(c, k != NULL));
    is(c, k);
    return true;
}

bool sim_auth_enter(sim_call *c)
{
    jd_str head = jd_httpd_header(c->q, "Authorization");
    size_t gap  = jd_str_find(head, ' ');
    jd_str kind = jd_str_cut(head, 0, gap), value = jd_str_trim(jd_str_cut(head, gap, SIZE_MAX));
    if (head.n == 0)
        return !c->gateway || gateway_refuses(c);
    if (jd_str_ieq(kind, JD_STR("bearer")))
        return enter_bearer(c, value);
    if (jd_str_ieq(kind, JD_STR("basic"))) {
        bool in = enter_basic(c, value);
        return in && c->gateway && !c->who ? gateway_refuses(c) : in;
    }
    return refuse(c, reads_on(c, false));
}

static bool has_scope(jd_str scopes, const char *scope)
{
    jd_str one;
    while (jd_str_split(&scopes, ' ', &one))
        if (jd_str_is(one, scope))
            return true;
    return false;
}

bool sim_auth_allows(sim_call *c, const char *scope)
{
    if (!c->scopes.p || has_scope(c->scopes, scope))
        return true;
    sim_reply_clear(c->r);
    sim_reply_status(c->r, 401);
    jd_buf_addz(sim_reply_own(c->r),
                "{\"code\":401,\"message\":\"Unauthorized; scope does not match\"}");
    return false;
}
