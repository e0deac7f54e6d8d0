#include "base/hash.h"
#include "net/http.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { FULL_WAIT_MS = 20, HALVE_EVERY_MS = 1000, ENDPOINTS = 32 };

struct jd_gate {
    pthread_mutex_t lock;
    jd_pace         pace;
    unsigned        most, running, halvings;
    double          room; /* how many may run, 1 .. most */
    int64_t         halved_ms;
    int64_t         closed[ENDPOINTS]; /* until when, by the endpoint's hash: what shares a place
                                          waits, too */
};

/* A path's part that is an id or a key has a digit; the version of the API is none of those. */
uint64_t jd_gate_endpoint(const jd_request *q)
{
    uint64_t hash = jd_hash64(jd_str_of(q->method));
    jd_str   rest = jd_str_cut(q->url, 0, jd_str_find(q->url, '?')), part;
    while (jd_str_split(&rest, '/', &part)) {
        bool named = false;
        for (size_t i = 0; part.n > 1 && i < part.n; i++)
            named = named || (part.p[i] >= '0' && part.p[i] <= '9');
        hash = jd_hash64_seed(named ? JD_STR("*") : part, hash);
    }
    return hash;
}

static bool is_burst(const jd_reply *r)
{
    jd_str why = jd_reply_header(r, "ratelimit-reason");
    return r->status == 429 && jd_str_search(why, JD_STR("burst")) < why.n;
}

jd_gate *jd_gate_new(int64_t gap_ms, unsigned most)
{
    jd_gate *g = jd_xcalloc(1, sizeof *g);
    (void)pthread_mutex_init(&g->lock, NULL);
    g->pace      = (jd_pace){.gap_ms = gap_ms};
    g->most      = most ? most : 1;
    g->room      = g->most;
    g->halved_ms = INT64_MIN / 2;
    return g;
}

void jd_gate_free(jd_gate *g)
{
    if (!g)
        return;
    (void)pthread_mutex_destroy(&g->lock);
    free(g);
}

int64_t jd_gate_enter(jd_gate *g, uint64_t endpoint, int64_t tick_ms)
{
    (void)pthread_mutex_lock(&g->lock);
    int64_t until = g->closed[endpoint % ENDPOINTS], wait = 0;
    if (tick_ms < until)
        wait = until - tick_ms;
    else if (g->running >= (unsigned)g->room)
        wait = FULL_WAIT_MS;
    else
        wait = jd_pace_take(&g->pace, tick_ms);
    g->running += wait == 0;
    (void)pthread_mutex_unlock(&g->lock);
    return wait;
}

static void learn(jd_gate *g, uint64_t endpoint, const jd_reply *r, int64_t tick_ms)
{
    jd_reply said = *r;
    if (is_burst(r)) {
        int64_t *until = &g->closed[endpoint % ENDPOINTS];
        if (tick_ms + r->retry_after_ms > *until)
            *until = tick_ms + r->retry_after_ms;
        said.retry_after_ms = -1;
    }
    jd_pace_learn(&g->pace, &said, g->running, tick_ms);
}

static bool near_limit(const jd_reply *r)
{
    return jd_str_ieq(jd_reply_header(r, "x-ratelimit-nearlimit"), JD_STR("true"));
}

void jd_gate_leave(jd_gate *g, uint64_t endpoint, const jd_reply *r, int64_t tick_ms)
{
    (void)pthread_mutex_lock(&g->lock);
    g->running--;
    if (r) {
        learn(g, endpoint, r, tick_ms);
        if (r->status == 429 || r->status == 503) {
            if (tick_ms - g->halved_ms >= HALVE_EVERY_MS) {
                g->room      = g->room / 2 < 1 ? 1 : g->room / 2;
                g->halved_ms = tick_ms;
                g->halvings++;
            }
        } else if (r->status > 0 && g->room < g->most && !near_limit(r)) {
            g->room += 1 / g->room;
            if (g->room > g->most)
                g->room = g->most;
        }
    }
    (void)pthread_mutex_unlock(&g->lock);
}

void jd_gate_explain(jd_gate *g, char *out, size_t n)
{
    char meter[80] = "no rate told by the server";
    (void)pthread_mutex_lock(&g->lock);
    if (g->pace.metered)
        (void)snprintf(meter, sizeof meter, "the server allows %.1f requests/s, bursts of %.0f",
                       g->pace.per_ms * 1000, g->pace.cap);
    (void)snprintf(out, n, "pace: %s; %.1f s between requests; %u of %u at a time, halved %u times",
                   meter, (double)g->pace.gap_ms / 1000, (unsigned)g->room, g->most, g->halvings);
    (void)pthread_mutex_unlock(&g->lock);
}
