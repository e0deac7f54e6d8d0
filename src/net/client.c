#include "net/http.h"
#include "net/reply.h"
#include "text/date.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { POLL_MS = 1000, SAID_MS = 5000 };

struct jd_http {
    jd_http_conf  conf;
    jd_gate      *gate;
    bool          own_gate;
    jd_rng        rng;
    jd_http_stats stats;
};

/* What became of one attempt. */
typedef struct outcome {
    bool     done, failed;
    jd_reply reply;
    jd_err   err;
} outcome;

jd_http *jd_http_new(const jd_http_conf *conf)
{
    jd_http *h  = jd_xcalloc(1, sizeof *h);
    h->conf     = *conf;
    h->gate     = conf->gate ? conf->gate : jd_gate_new(0, 1);
    h->own_gate = !conf->gate;
    h->rng      = jd_rng_seed(conf->seed);
    if (!h->conf.clock)
        h->conf.clock = &jd_clock_system;
    if (!h->conf.log)
        h->conf.log = &jd_log_none;
    return h;
}

void jd_http_free(jd_http *h)
{
    if (!h)
        return;
    h->conf.transport.ops->close(h->conf.transport.self);
    if (h->own_gate)
        jd_gate_free(h->gate);
    free(h);
}

void jd_http_stats_add(jd_http_stats *sum, const jd_http_stats *s)
{
    sum->requests += s->requests;
    sum->retries += s->retries;
    sum->wire_bytes += s->wire_bytes;
    sum->body_bytes += s->body_bytes;
    sum->waited_ms += s->waited_ms;
}

jd_http_stats jd_http_statistics(const jd_http *h)
{
    return h->stats;
}

/* -- waiting ------------------------------------------------------------------------------------
 */

static bool stop_wanted(const jd_http *h)
{
    return h->conf.stop && jd_stop_wanted(h->conf.stop);
}

static jd_code interrupted(const char *what, jd_err *e)
{
    return jd_fail(e, JD_E_INTERRUPTED, "%s: interrupted", what);
}

static bool sleep_whole(int64_t ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
        ;
    return true;
}

static bool sleep_for(const jd_http *h, int64_t ms)
{
    if (h->conf.sleep)
        return h->conf.sleep(h->conf.sleep_self, ms);
    return h->conf.stop ? jd_stop_sleep(h->conf.stop, ms) : sleep_whole(ms);
}

static jd_code wait_ms(jd_http *h, int64_t ms, const char *what, jd_err *e)
{
    int64_t from  = jd_tick_ms(h->conf.clock);
    bool    whole = sleep_for(h, ms);
    h->stats.waited_ms += jd_tick_ms(h->conf.clock) - from;
    return whole && !stop_wanted(h) ? JD_OK : interrupted(what, e);
}

/* Until the gate lets one request go. */
static jd_code wait_turn(jd_http *h, uint64_t endpoint, const char *what, jd_err *e)
{
    char    duration[JD_TIME_MAX];
    int64_t ms;
    while ((ms = jd_gate_enter(h->gate, endpoint, jd_tick_ms(h->conf.clock))) > 0) {
        (void)jd_duration(ms, duration);
        if (ms > h->conf.retry.budget_ms)
            return jd_fail(e, JD_E_BUSY,
                           "%s: the server asked for a pause that has %s to go; run again later",
                           what, duration);
        jd_event(h->conf.log, ms >= SAID_MS ? JD_INFO : JD_DEBUG, "wait",
                 "%s: waits its turn for %s", what, duration);
        jd_code code = wait_ms(h, ms, what, e);
        if (code != JD_OK)
            return code;
    }
    return JD_OK;
}

/* -- one attempt --------------------------------------------------------------------------------
 */

static void on_done(void *user, const jd_reply *r, const jd_err *err)
{
    outcome *o = user;
    o->done    = true;
    o->reply   = *r;
    o->failed  = err != NULL;
    if (err)
        o->err = *err;
}

static bool has_head(const jd_request *q, const char *name)
{
    for (size_t i = 0; i < q->nhead; i++)
        if (jd_str_ieq(q->head[i].name, jd_str_of(name)))
            return true;
    return false;
}

/* The request as it is sent: with the usual headers, where the caller gave none, and signed. */
static jd_code dress(const jd_http *h, const jd_request *q, jd_arena *a, jd_request *dressed,
                     jd_str *credentials, jd_err *e)
{
    static const jd_header usual[] = {
        {JD_STR_INIT("Accept"), JD_STR_INIT("application/json")},
        {JD_STR_INIT("Accept-Language"), JD_STR_INIT("en")},
        {JD_STR_INIT("Content-Type"), JD_STR_INIT("application/json")}, /* the last: with a body */
    };
    enum { USUAL = sizeof usual / sizeof *usual };
    jd_request out  = *q;
    jd_header *head = JD_NEW_ARRAY(a, jd_header, q->nhead + USUAL + 1);
    size_t     n    = q->nhead;
    if (n)
        memcpy(head, q->head, n * sizeof *head);
    for (size_t i = 0; i < USUAL; i++)
        if (!has_head(q, usual[i].name.p) && (i + 1 < USUAL || q->body.n > 0))
            head[n++] = usual[i];
    *credentials = h->conf.auth.header;
    if (jd_auth_covers(&h->conf.auth, q->url)) {
        const jd_auth_source *source = &h->conf.auth.source;
        jd_code rc = source->current ? source->current(source->self, a, credentials, e) : JD_OK;
        if (rc)
            return rc;
        head[n++] = (jd_header){JD_STR("Authorization"), *credentials};
    }
    out.head  = head;
    out.nhead = n;
    *dressed  = out;
    return JD_OK;
}

/* A 401 that new credentials may mend; a missing scope they do not. */
static bool may_renew(const jd_http *h, const jd_request *q, const jd_decision *d, const outcome *o)
{
    static const jd_str scope = JD_STR_INIT("scope does not match");
    return d->why == JD_E_AUTH && !o->failed && h->conf.auth.source.another &&
           jd_auth_covers(&h->conf.auth, q->url) &&
           jd_str_search(o->reply.body, scope) == o->reply.body.n;
}

static jd_code attempt_once(jd_http *h, const jd_request *q, jd_arena *a, const char *what,
                            outcome *o, jd_err *e)
{
    const jd_transport *t        = &h->conf.transport;
    jd_transfer        *transfer = NULL;
    *o                           = (outcome){0};
    jd_code code                 = t->ops->start(t->self, q, a, on_done, o, &transfer, e);
    if (code != JD_OK)
        return jd_wrap(e, "%s", what);
    while (!o->done) {
        code = t->ops->poll(t->self, POLL_MS, h->conf.stop, e);
        if (o->done)
            break;
        if (code == JD_OK && stop_wanted(h))
            code = interrupted(what, e);
        if (code != JD_OK) {
            t->ops->cancel(t->self, transfer);
            return code;
        }
    }
    return code;
}

static void account(jd_http *h, const outcome *o, unsigned attempt, const char *what)
{
    h->stats.requests++;
    h->stats.retries += attempt > 1;
    h->stats.wire_bytes += o->reply.wire_bytes;
    if (!o->failed)
        h->stats.body_bytes += o->reply.body.n;
    if (o->failed)
        jd_event(h->conf.log, JD_DEBUG, "request", "%s failed in %lld ms: %s", what,
                 (long long)o->reply.took_ms, o->err.msg);
    else
        jd_event(h->conf.log, JD_DEBUG, "request", "%s %d in %lld ms, %zu bytes", what,
                 o->reply.status, (long long)o->reply.took_ms, o->reply.body.n);
}

/* -- giving up ----------------------------------------------------------------------------------
 */

static void unauthorized(const jd_http *h, const outcome *o, char *out, size_t size)
{
    const char *login = jd_login_words(&o->reply);
    if (login[0])
        (void)snprintf(out, size, "%s", login);
    else if (h->conf.auth.header.n == 0 && !h->conf.auth.source.current)
        (void)snprintf(out, size,
                       "the server wants to know who asks; give JIRA_PAT, or "
                       "JIRA_USERNAME and JIRA_API_TOKEN");
    else
        (void)snprintf(out, size,
                       "the credentials (%s) were refused; check them, and that they "
                       "are for this site",
                       h->conf.auth.name);
}

static const char *remedy(const jd_http *h, const outcome *o, char *out, size_t size)
{
    char duration[JD_TIME_MAX];
    if (o->reply.status == 401)
        unauthorized(h, o, out, size);
    else if (o->reply.retry_after_ms > 0)
        (void)snprintf(out, size, "the server asks for a pause of %s; run again later",
                       jd_duration(o->reply.retry_after_ms, duration));
    else if (o->reply.status == 429)
        (void)snprintf(out, size,
                       "the server limits the rate; run again later, or slower (--delay)");
    else
        (void)snprintf(out, size, "the server is failing, run again later");
    return out;
}

static jd_code give_up(const jd_http *h, const outcome *o, unsigned attempt, jd_code why,
                       const char *what, jd_err *e)
{
    char times[32] = "", text[256], words[JD_SHOWN_WORDS];
    if (attempt > 1)
        (void)snprintf(times, sizeof times, " after %u attempts", attempt);
    if (o->failed) {
        *e         = o->err; /* its message names the address already */
        size_t end = strlen(e->msg);
        (void)snprintf(e->msg + end, sizeof e->msg - end, "%s%s", attempt > 1 ? "," : "", times);
        return e->code;
    }
    (void)jd_reply_words(&o->reply, words);
    jd_fail(e, why, "%s: %d %s%s; %s%s%s", what, o->reply.status, jd_status_words(o->reply.status),
            times, remedy(h, o, text, sizeof text), words[0] ? ": " : "", words);
    e->http = o->reply.status;
    return why;
}

static jd_code wait_to_retry(jd_http *h, const outcome *o, int64_t ms, unsigned attempt,
                             const char *what, jd_err *e)
{
    char duration[JD_TIME_MAX], why[JD_ERR_MAX];
    if (o->failed)
        (void)snprintf(why, sizeof why, "%s", o->err.msg);
    else
        (void)snprintf(why, sizeof why, "%d %s", o->reply.status, jd_status_words(o->reply.status));
    jd_event(h->conf.log, JD_INFO, "wait", "%s: %s; trying again in %s (attempt %u of %u)", what,
             why, jd_duration(ms, duration), attempt + 1, h->conf.retry.retries + 1);
    return wait_ms(h, ms, what, e);
}

jd_code jd_http_do(jd_http *h, const jd_request *q, jd_arena *a, jd_reply *out, jd_err *e)
{
    char    url[JD_SHOWN_URL], what[JD_SHOWN_URL + 16];
    int64_t waited = 0;
    (void)snprintf(what, sizeof what, "%s %s", q->method, jd_url_shown(q->url, url));
    jd_mark  mark     = jd_arena_mark(a);
    jd_retry retry    = h->conf.retry;
    bool     renewed  = false;
    uint64_t endpoint = jd_gate_endpoint(q);
    if (q->tries && q->tries - 1 < retry.retries)
        retry.retries = q->tries - 1;
    for (unsigned attempt = 1;; attempt++) {
        outcome    o;
        jd_request signed_q;
        jd_str     credentials;
        jd_code    code = stop_wanted(h) ? interrupted(what, e) : JD_OK;
        if (code == JD_OK)
            code = dress(h, q, a, &signed_q, &credentials, e);
        if (code == JD_OK)
            code = wait_turn(h, endpoint, what, e);
        if (code == JD_OK) {
            code = attempt_once(h, &signed_q, a, what, &o, e);
            jd_gate_leave(h->gate, endpoint, code == JD_OK ? &o.reply : NULL,
                          jd_tick_ms(h->conf.clock));
        }
        if (code != JD_OK)
            return code;
        account(h, &o, attempt, what);
        jd_decision d = jd_retry_decide(&retry, q, attempt, waited, &o.reply,
                                        o.failed ? &o.err : NULL, &h->rng);
        if (d.what == JD_ACCEPT) {
            *out = o.reply;
            return JD_OK;
        }
        if (!renewed && may_renew(h, q, &d, &o)) {
            renewed = true;
            code    = h->conf.auth.source.another(h->conf.auth.source.self, credentials, e);
            if (code != JD_OK)
                return jd_wrap(e, "%s", what);
            jd_arena_rewind(a, mark);
            continue;
        }
        if (d.what != JD_RETRY && !o.failed)
            *out = o.reply;
        if (d.what != JD_RETRY) /* the same credentials are never sent again */
            return give_up(h, &o, attempt, d.why, what, e);
        int64_t from = jd_tick_ms(h->conf.clock);
        code         = wait_to_retry(h, &o, d.wait_ms, attempt, what, e);
        if (code != JD_OK)
            return code;
        waited += jd_tick_ms(h->conf.clock) - from;
        jd_arena_rewind(a, mark);
    }
}
