#include "sim/rate.h"

#include "base/arena.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef struct bucket {
    uint64_t tokens;
    int64_t  since_ms; /* when the last tokens came */
    bool     begun;
} bucket;

struct sim_rate {
    pthread_mutex_t lock;
    atomic_bool     on;
    sim_rate_conf   conf;
    bucket         *bucket;
    size_t          n;
};

jd_code sim_rate_read(jd_str text, sim_rate_conf *out, jd_err *e)
{
    enum { MOST = 1000000 };
    uint64_t v[3] = {0};
    jd_str   rest = text, piece;
    size_t   n    = 0;
    bool     good = true;
    while (good && jd_str_split(&rest, ':', &piece)) {
        good = n < 3 && jd_str_u64(piece, &v[n]) && v[n] >= 1 && v[n] <= MOST;
        n++;
    }
    if (text.n > 0 && (!good || n != 3))
        return jd_fail(e, JD_E_USAGE,
                       "a rate limit is LIMIT:FILL:INTERVAL, each from 1 to %d, such as 70:5:1",
                       MOST);
    out->limit      = v[0];
    out->fill       = v[1];
    out->interval_s = v[2];
    return JD_OK;
}

sim_rate *sim_rate_new(size_t accounts)
{
    sim_rate *r = jd_xcalloc(1, sizeof *r);
    pthread_mutex_init(&r->lock, NULL);
    r->n      = accounts;
    r->bucket = jd_xcalloc(accounts + 1, sizeof *r->bucket);
    return r;
}

void sim_rate_free(sim_rate *r)
{
    if (!r)
        return;
    pthread_mutex_destroy(&r->lock);
    free(r->bucket);
    free(r);
}

void sim_rate_set(sim_rate *r, const sim_rate_conf *conf)
{
    pthread_mutex_lock(&r->lock);
    r->conf = *conf;
    for (size_t i = 0; i < r->n; i++)
        r->bucket[i] = (bucket){0};
    atomic_store(&r->on, conf->limit > 0);
    pthread_mutex_unlock(&r->lock);
}

bool sim_rate_on(const sim_rate *r)
{
    return r && atomic_load_explicit(&r->on, memory_order_relaxed);
}

static void refill(bucket *b, const sim_rate_conf *k, int64_t now_ms)
{
    int64_t interval = (int64_t)k->interval_s * 1000;
    if (!b->begun || now_ms < b->since_ms) /* the first, or a clock that was set back */
        *b = (bucket){b->begun ? b->tokens : k->limit, now_ms, true};
    uint64_t times = (uint64_t)((now_ms - b->since_ms) / interval);
    b->since_ms += (int64_t)times * interval;
    if (times > 0)
        b->tokens = times >= k->limit || b->tokens + times * k->fill >= k->limit
                        ? k->limit
                        : b->tokens + times * k->fill;
}

sim_rate_state sim_rate_take(sim_rate *r, size_t who, int64_t now_ms)
{
    sim_rate_state s = {0};
    pthread_mutex_lock(&r->lock);
    bucket *b = &r->bucket[who < r->n ? who : 0];
    s.conf    = r->conf;
    if (r->conf.limit == 0) { /* lifted a moment ago */
        pthread_mutex_unlock(&r->lock);
        s.granted = true;
        return s;
    }
    refill(b, &r->conf, now_ms);
    s.granted = b->tokens > 0;
    b->tokens -= s.granted;
    s.remaining = b->tokens;
    if (!s.granted) {
        s.wait_ms       = b->since_ms + (int64_t)r->conf.interval_s * 1000 - now_ms;
        s.retry_after_s = (uint64_t)(s.wait_ms + 999) / 1000;
    }
    pthread_mutex_unlock(&r->lock);
    return s;
}
