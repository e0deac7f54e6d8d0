#include "net/http.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { FULL_WAIT_MS = 20, HALVE_EVERY_MS = 1000 };

struct jd_gate {
    pthread_mutex_t lock;
    jd_pace         pace;
    unsigned        most, running, halvings;
    double          room; /* how many may run, 1 .. most */
    int64_t         halved_ms;
};

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

int64_t jd_gate_enter(jd_gate *g, int64_t tick_ms)
{
    (void)pthread_mutex_lock(&g->lock);
    int64_t wait = g->running >= (unsigned)g->room ? FULL_WAIT_MS : jd_pace_take(&g->pace, tick_ms);
    g->running += wait == 0;
    (void)pthread_mutex_unlock(&g->lock);
    return wait;
}

void jd_gate_leave(jd_gate *g, const jd_reply *r, int64_t tick_ms)
{
    (void)pthread_mutex_lock(&g->lock);
    g->running--;
    if (r) {
        jd_pace_learn(&g->pace, r, g->running, tick_ms);
        if (r->status == 429 || r->status == 503) {
            if (tick_ms - g->halved_ms >= HALVE_EVERY_MS) {
                g->room      = g->room / 2 < 1 ? 1 : g->room / 2;
                g->halved_ms = tick_ms;
                g->halvings++;
            }
        } else if (r->status > 0 && g->room < g->most) {
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
