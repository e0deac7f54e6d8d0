#include "base/clock.h"
#include "base/rng.h"
#include "net/http.h"
#include "sim/hook_body.h"
#include "sim/hook_list.h"
#include "sim/page.h"
#include "sys/crypto.h"
#include "text/jsonw.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BODY_MAX = 25 << 20, LOG_MAX = 64 << 20, CONNECT_MS = 5000, IDENTIFIER = 40 };

typedef struct delivery {
    struct delivery *next;
    uint64_t         hook;
    char            *url, *secret; /* secret NULL: not signed */
    const char      *event;
    char            *issue;
    char             identifier[IDENTIFIER];
    jd_buf           body;
    unsigned         attempt; /* from 0 */
    int64_t          due_ms;  /* monotonic */
} delivery;

struct sim_hooks {
    sim_server     *s;
    pthread_mutex_t lock;
    pthread_cond_t  stir;
    pthread_t       thread;
    bool            ending;
    jd_stop        *halt;
    sim_hook       *first;
    uint64_t        last_id;
    atomic_uint     count; /* of the list: nobody listens, nothing is done */
    delivery       *queue; /* in no order */
    uint64_t        waiting, events, dropped;
    jd_rng          rng;
    jd_buf          log;
};

/* -- the list ---------------------------------------------------------------------------------- */

void sim_hooks_lock(sim_hooks *h)
{
    pthread_mutex_lock(&h->lock);
}

void sim_hooks_unlock(sim_hooks *h)
{
    pthread_mutex_unlock(&h->lock);
}

sim_hook *sim_hooks_first(const sim_hooks *h)
{
    return h->first;
}

sim_hook *sim_hooks_add(sim_hooks *h)
{
    jd_arena *a   = jd_arena_new(0);
    sim_hook *new = JD_NEW(a, sim_hook);
    sim_hook **at = &h->first;
    new->arena    = a;
    new->id       = ++h->last_id;
    while (*at)
        at = &(*at)->next;
    *at = new;
    atomic_fetch_add(&h->count, 1);
    return new;
}

sim_hook *sim_hooks_find(const sim_hooks *h, uint64_t id, bool app)
{
    for (sim_hook *k = h->first; k; k = k->next)
        if (k->id == id && k->app == app)
            return k;
    return NULL;
}

void sim_hooks_drop(sim_hooks *h, sim_hook *hook)
{
    sim_hook **at = &h->first;
    while (*at && *at != hook)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = hook->next;
    atomic_fetch_sub(&h->count, 1);
    jd_arena_free(hook->arena);
}

/* -- who wants it ------------------------------------------------------------------------------ */

static bool listed(const jd_str *v, size_t n, jd_str s)
{
    for (size_t i = 0; i < n; i++)
        if (jd_str_eq(v[i], s))
            return true;
    return n == 0;
}

static bool matches(const sim_hooks *h, const sim_hook *hook, const sim_issue *issue)
{
    sim_view    view = {h->s->store, SIM_SEES_ALL, h->s->conf->cloud};
    sim_jql_env env  = {
         .now_ms = sim_now(h->s), .find = sim_page_knows, .custom = sim_page_custom, .self = &view};
    sim_jql_errors errs;
    if (hook->jql.n == 0)
        return true;
    jd_arena *a = jd_arena_new(0);
    sim_store_read_begin(h->s->store);
    sim_jql *q    = sim_jql_parse(a, hook->jql, &env, &errs);
    bool     good = q && errs.n == 0 && sim_jql_match(q, issue);
    sim_store_read_end(h->s->store);
    jd_arena_free(a);
    return good;
}

typedef struct field_search {
    const sim_hook *hook;
    bool            found;
} field_search;

static void look(void *self, jd_str id)
{
    field_search *f = self;
    f->found        = f->found || (id.n > 0 && listed(f->hook->field, f->hook->nfield, id));
}

static bool wants(const sim_hooks *h, const sim_hook *hook, const sim_happening *what)
{
    field_search f = {hook, hook->nfield == 0 ||
                                !jd_str_is(jd_str_of(what->event), "jira:issue_updated")};
    if (!listed(hook->event, hook->nevent, jd_str_of(what->event)))
        return false;
    if (hook->expires_ms != 0 && sim_now(h->s) >= hook->expires_ms)
        return false;
    if (!f.found)
        sim_hook_fields(h->s, what->history, look, &f);
    return f.found && matches(h, hook, what->about);
}

/* -- the queue --------------------------------------------------------------------------------- */

static char *text_of(jd_str s)
{
    char *out = jd_xcalloc(s.n + 1, 1);
    for (size_t i = 0; i < s.n; i++)
        out[i] = s.p[i];
    return out;
}

static void delivery_free(delivery *d)
{
    free(d->url);
    free(d->secret);
    free(d->issue);
    jd_buf_release(&d->body);
    free(d);
}

static void put(sim_hooks *h, delivery *d)
{
    d->next  = h->queue;
    h->queue = d;
    h->waiting++;
    pthread_cond_signal(&h->stir);
}

static uint64_t tuned(const sim_hooks *h, sim_tune what)
{
    return sim_tuned(&h->s->tuning, what);
}

/* One more in every so many; never when the tune is 0. */
static bool each(const sim_hooks *h, sim_tune what)
{
    uint64_t n = tuned(h, what);
    return n > 0 && h->events % n == 0;
}

static bool is_old(const sim_hooks *h)
{
    return !h->s->conf->cloud && tuned(h, SIM_HOOK_OLD) > 0;
}

static delivery *make(sim_hooks *h, const sim_hook *hook, const sim_happening *what)
{
    delivery *d = jd_xcalloc(1, sizeof *d);
    d->hook     = hook->id;
    d->url      = text_of(hook->url);
    d->secret   = hook->secret.n > 0 && !is_old(h) ? text_of(hook->secret) : NULL;
    d->event    = what->event;
    d->issue    = text_of(what->about->key);
    d->body     = (jd_buf)JD_BUF_INIT(BODY_MAX);
    d->due_ms   = jd_tick_ms(&jd_clock_system) + (int64_t)tuned(h, SIM_HOOK_DELAY_MS);
    uint64_t a = jd_rng_next(&h->rng), b = jd_rng_next(&h->rng);
    (void)snprintf(d->identifier, sizeof d->identifier, "%08x-%04x-4%03x-a%03x-%012llx",
                   (unsigned)(a >> 32), (unsigned)(a >> 16 & 0xffff), (unsigned)(a >> 4 & 0xfff),
                   (unsigned)(b >> 48 & 0xfff), (unsigned long long)(b & 0xffffffffffff));
    sim_hook_body(h->s, what, &hook->id, hook->app, &d->body);
    return d;
}

static delivery *twin(const delivery *d)
{
    delivery *t = jd_xcalloc(1, sizeof *t);
    *t          = *d;
    t->url      = jd_xstrdup(d->url);
    t->secret   = d->secret ? jd_xstrdup(d->secret) : NULL;
    t->issue    = jd_xstrdup(d->issue);
    t->body     = (jd_buf)JD_BUF_INIT(BODY_MAX);
    jd_buf_adds(&t->body, jd_buf_view(&d->body));
    return t;
}

void sim_hooks_tell(sim_hooks *h, const sim_happening *what)
{
    if (!h || atomic_load(&h->count) == 0)
        return;
    pthread_mutex_lock(&h->lock);
    for (const sim_hook *k = h->first; k; k = k->next) {
        if (!wants(h, k, what))
            continue;
        h->events++;
        if (each(h, SIM_HOOK_DROP)) {
            h->dropped++;
            continue;
        }
        delivery *d = make(h, k, what);
        if (!jd_buf_ok(&d->body)) { /* over 25 MB: Jira drops it */
            h->dropped++;
            delivery_free(d);
            continue;
        }
        if (each(h, SIM_HOOK_DOUBLE))
            put(h, twin(d));
        put(h, d);
    }
    pthread_mutex_unlock(&h->lock);
}

/* -- delivery ---------------------------------------------------------------------------------- */

typedef struct attempt {
    int  status; /* 0: none came */
    char why[JD_ERR_MAX];
} attempt;

static bool again(const attempt *t)
{
    return t->status == 0 || t->status == 408 || t->status == 409 || t->status == 425 ||
           t->status == 429 || t->status >= 500;
}

static void log_attempt(sim_hooks *h, const delivery *d, const attempt *t, bool last)
{
    jd_buf   row = JD_BUF_INIT(1 << 16);
    jd_jsonw w   = jd_jsonw_to(&row);
    jd_jsonw_object(&w);
    jd_jsonw_kint(&w, "webhook", (int64_t)d->hook);
    jd_jsonw_kstr(&w, "event", jd_str_of(d->event));
    jd_jsonw_kstr(&w, "issue", jd_str_of(d->issue));
    jd_jsonw_kstr(&w, "identifier", jd_str_of(d->identifier));
    jd_jsonw_kint(&w, "attempt", d->attempt);
    jd_jsonw_kint(&w, "status", t->status);
    jd_jsonw_kint(&w, "tick", jd_tick_ms(&jd_clock_system));
    jd_jsonw_kbool(&w, "last", last);
    if (t->status == 0)
        jd_jsonw_kstr(&w, "error", jd_str_of(t->why));
    jd_jsonw_end(&w);
    if (h->log.n + row.n < LOG_MAX) {
        if (h->log.n > 0)
            jd_buf_addc(&h->log, ',');
        jd_buf_adds(&h->log, jd_buf_view(&row));
    }
    jd_buf_release(&row);
}

static jd_str signature(jd_arena *a, const delivery *d)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char     mac[JD_SHA256_BYTES];
    jd_err            none = JD_ERR_NONE;
    char             *text = jd_arena_bytes(a, 7 + 2 * JD_SHA256_BYTES);
    size_t            n    = 0;
    if (jd_hmac_sha256(jd_str_of(d->secret), jd_buf_view(&d->body), mac, &none) != JD_OK)
        return JD_STR("sha256=");
    for (const char *p = "sha256="; *p; p++)
        text[n++] = *p;
    for (size_t i = 0; i < sizeof mac; i++) {
        text[n++] = hex[mac[i] >> 4];
        text[n++] = hex[mac[i] & 15];
    }
    return (jd_str){text, n};
}

static size_t heads(const sim_hooks *h, const delivery *d, jd_arena *a, jd_header *out)
{
    size_t n = 0;
    out[n++] = (jd_header){JD_STR("Content-Type"), JD_STR("application/json; charset=utf-8")};
    if (is_old(h))
        return n;
    out[n++] = (jd_header){JD_STR("X-Atlassian-Webhook-Identifier"), jd_str_of(d->identifier)};
    if (h->s->conf->cloud)
        out[n++] = (jd_header){JD_STR("X-Atlassian-Webhook-Flow"), JD_STR("Primary")};
    if (d->attempt > 0)
        out[n++] =
            (jd_header){JD_STR("X-Atlassian-Webhook-Retry"), jd_arena_fmt(a, "%u", d->attempt)};
    if (d->secret)
        out[n++] = (jd_header){JD_STR("X-Hub-Signature"), signature(a, d)};
    return n;
}

static void post(const sim_hooks *h, jd_http *http, const delivery *d, attempt *t)
{
    enum { HEADS = 8, ANSWER_MAX = 1 << 20 };
    jd_arena  *a = jd_arena_new(0);
    jd_header  head[HEADS];
    jd_reply   reply = {0};
    jd_err     e     = JD_ERR_NONE;
    jd_request q     = {.method   = "POST",
                        .url      = jd_str_of(d->url),
                        .head     = head,
                        .nhead    = heads(h, d, a, head),
                        .body     = jd_buf_view(&d->body),
                        .max_body = ANSWER_MAX};
    jd_code    rc    = jd_http_do(http, &q, a, &reply, &e);
    *t               = (attempt){.status = rc == JD_OK ? reply.status : e.http};
    if (rc != JD_OK)
        (void)snprintf(t->why, sizeof t->why, "%s", e.msg);
    jd_arena_free(a);
}

static jd_http *client(sim_hooks *h, int64_t timeout_ms)
{
    jd_err       none = JD_ERR_NONE;
    jd_curl_conf curl = {.user_agent         = "Atlassian Webhook HTTP Client",
                         .connect_timeout_ms = CONNECT_MS,
                         .timeout_ms         = timeout_ms,
                         .connections        = 1};
    jd_http_conf conf = {
        .auth = jd_auth_none(), .clock = &jd_clock_system, .log = &jd_log_none, .stop = h->halt};
    return jd_transport_curl(&curl, &conf.transport, &none) == JD_OK ? jd_http_new(&conf) : NULL;
}

/* One that is due, taken out of the queue: any of them, for order is not kept. NULL, and when the
 * next one will be. */
static delivery *take(sim_hooks *h, int64_t *next_ms)
{
    int64_t    now    = jd_tick_ms(&jd_clock_system);
    delivery **chosen = NULL;
    uint64_t   due    = 0;
    bool       mixed  = tuned(h, SIM_HOOK_SHUFFLE) > 0;
    *next_ms          = INT64_MAX;
    for (delivery **at = &h->queue; *at; at = &(*at)->next) {
        if ((*at)->due_ms < *next_ms)
            *next_ms = (*at)->due_ms;
        if ((*at)->due_ms > now)
            continue;
        due++; /* the oldest stand last */
        if (!mixed || jd_rng_below(&h->rng, due) == 0)
            chosen = at;
    }
    delivery *d = chosen ? *chosen : NULL;
    if (d)
        *chosen = d->next;
    return d;
}

static void sleep_until(sim_hooks *h, int64_t tick_ms)
{
    struct timespec t = {.tv_sec  = (time_t)(tick_ms / 1000),
                         .tv_nsec = (long)(tick_ms % 1000 * 1000000)};
    if (tick_ms == INT64_MAX)
        pthread_cond_wait(&h->stir, &h->lock);
    else
        (void)pthread_cond_timedwait(&h->stir, &h->lock, &t);
}

/* Told, or to be told again later. */
static void settle(sim_hooks *h, delivery *d, const attempt *t)
{
    uint64_t most = is_old(h) ? 0 : tuned(h, SIM_HOOK_RETRIES);
    bool     last = !again(t) || d->attempt >= most;
    log_attempt(h, d, t, last);
    h->waiting--;
    if (last || h->ending) {
        delivery_free(d);
        return;
    }
    int64_t pause = (int64_t)tuned(h, SIM_HOOK_PAUSE_MS); /* half to one and a half of it */
    d->due_ms     = jd_tick_ms(&jd_clock_system) + pause / 2 +
                (int64_t)jd_rng_below(&h->rng, (uint64_t)pause + 1);
    d->attempt++;
    put(h, d);
}

static void *deliver(void *self)
{
    sim_hooks *h       = self;
    jd_http   *http    = NULL;
    uint64_t   timeout = 0;
    int64_t    next_ms = 0;
    pthread_mutex_lock(&h->lock);
    while (!h->ending) {
        delivery *d = take(h, &next_ms);
        if (!d) {
            sleep_until(h, next_ms);
            continue;
        }
        pthread_mutex_unlock(&h->lock);
        if (!http || timeout != tuned(h, SIM_HOOK_TIMEOUT_MS)) {
            jd_http_free(http);
            timeout = tuned(h, SIM_HOOK_TIMEOUT_MS);
            http    = client(h, (int64_t)timeout);
        }
        attempt t = {.why = "there is no HTTP client"};
        if (http)
            post(h, http, d, &t);
        pthread_mutex_lock(&h->lock);
        settle(h, d, &t);
    }
    pthread_mutex_unlock(&h->lock);
    jd_http_free(http);
    return NULL;
}

void sim_hooks_write(sim_hooks *h, jd_jsonw *w)
{
    jd_jsonw_kint(w, "pending", (int64_t)h->waiting);
    jd_jsonw_kint(w, "events", (int64_t)h->events);
    jd_jsonw_kint(w, "dropped", (int64_t)h->dropped);
    jd_jsonw_name(w, "deliveries");
    jd_buf all = JD_BUF_INIT(LOG_MAX + 2);
    jd_buf_addc(&all, '[');
    jd_buf_adds(&all, jd_buf_view(&h->log));
    jd_buf_addc(&all, ']');
    jd_jsonw_raw(w, jd_buf_view(&all));
    jd_buf_release(&all);
}

void sim_hooks_forget(sim_hooks *h)
{
    jd_buf_reset(&h->log);
    h->events = h->dropped = 0;
}

/* -- life -------------------------------------------------------------------------------------- */

sim_hooks *sim_hooks_new(sim_server *s)
{
    sim_hooks         *h = jd_xcalloc(1, sizeof *h);
    pthread_condattr_t attr;
    h->s       = s;
    h->halt    = jd_stop_new();
    h->rng     = jd_rng_seed(s->conf->seed);
    h->last_id = 999;
    h->log     = (jd_buf)JD_BUF_INIT(LOG_MAX);
    pthread_mutex_init(&h->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&h->stir, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&h->thread, NULL, deliver, h) != 0) {
        jd_stop_free(h->halt);
        pthread_cond_destroy(&h->stir);
        pthread_mutex_destroy(&h->lock);
        free(h);
        return NULL;
    }
    return h;
}

void sim_hooks_free(sim_hooks *h)
{
    if (!h)
        return;
    pthread_mutex_lock(&h->lock);
    h->ending = true;
    pthread_cond_signal(&h->stir);
    pthread_mutex_unlock(&h->lock);
    jd_stop_ask(h->halt);
    pthread_join(h->thread, NULL);
    while (h->first)
        sim_hooks_drop(h, h->first);
    for (delivery *d = h->queue, *next; d; d = next) {
        next = d->next;
        delivery_free(d);
    }
    jd_buf_release(&h->log);
    jd_stop_free(h->halt);
    pthread_cond_destroy(&h->stir);
    pthread_mutex_destroy(&h->lock);
    free(h);
}
