#include "sim/paging.h"

#include "base/hash.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct entry {
    uint64_t  serial, bound_to, at;
    int64_t   given_ms;
    sim_text *last;
} entry;

struct sim_tokens {
    pthread_mutex_t lock;
    uint64_t        seed, serial;
    entry           ring[SIM_TOKENS];
};

sim_tokens *sim_tokens_new(uint64_t seed)
{
    sim_tokens *t = jd_xcalloc(1, sizeof *t);
    pthread_mutex_init(&t->lock, NULL);
    t->seed = jd_mix64(seed + 1);
    return t;
}

void sim_tokens_free(sim_tokens *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < SIM_TOKENS; i++)
        sim_text_drop(t->ring[i].last);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

/* Nothing can be read from it: the serial is mixed, and a second mix says that it is ours. */
static jd_str spelled(const sim_tokens *t, jd_arena *a, uint64_t serial)
{
    char     left[17], right[17];
    uint64_t hidden = jd_mix64(serial ^ t->seed);
    jd_hash_hex(hidden, left);
    jd_hash_hex(jd_mix64(hidden ^ t->seed), right);
    return jd_arena_fmt(a, "CAEaAggB%llu.%s%s==", (unsigned long long)serial, left, right);
}

jd_str sim_tokens_give(sim_tokens *t, jd_arena *a, uint64_t bound_to, sim_text *last, uint64_t at,
                       int64_t now_ms)
{
    pthread_mutex_lock(&t->lock);
    uint64_t serial = ++t->serial;
    entry   *e      = &t->ring[serial % SIM_TOKENS];
    sim_text_drop(e->last);
    *e = (entry){serial, bound_to, at, now_ms, last};
    pthread_mutex_unlock(&t->lock);
    return spelled(t, a, serial);
}

bool sim_tokens_read(sim_tokens *t, jd_str token, uint64_t bound_to, int64_t life_ms,
                     int64_t now_ms, sim_text **last, uint64_t *at)
{
    static const jd_str head   = JD_STR_INIT("CAEaAggB");
    uint64_t            serial = 0;
    size_t              dot    = jd_str_find(token, '.');
    if (!jd_str_starts(token, head) ||
        !jd_str_u64(jd_str_cut(token, head.n, dot < head.n ? 0 : dot - head.n), &serial))
        return false;
    jd_arena *a    = jd_arena_new(256);
    bool      good = jd_str_eq(spelled(t, a, serial), token);
    jd_arena_free(a);
    pthread_mutex_lock(&t->lock);
    const entry *e = &t->ring[serial % SIM_TOKENS];
    good =
        good && e->serial == serial && e->bound_to == bound_to && now_ms - e->given_ms <= life_ms;
    if (good) {
        *last = e->last ? sim_text_ref(e->last) : NULL;
        *at   = e->at;
    }
    pthread_mutex_unlock(&t->lock);
    return good;
}

void sim_tokens_expire(sim_tokens *t)
{
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < SIM_TOKENS; i++) {
        sim_text_drop(t->ring[i].last);
        t->ring[i] = (entry){0};
    }
    pthread_mutex_unlock(&t->lock);
}
