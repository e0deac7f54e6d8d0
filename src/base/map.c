#include "base/map.h"

#include "base/arena.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

/* Both maps: open addressing, linear probing, at most 3/4 full, nothing is ever removed. */

typedef struct slot {
    jd_str   key; /* p == NULL: free */
    uint64_t hash, value;
} slot;

struct jd_map {
    slot     *slots;
    size_t    cap, n;
    jd_arena *keys;
};

static bool crowded(size_t n, size_t cap)
{
    return (n + 1) * 4 > cap * 3;
}

jd_map *jd_map_new(void)
{
    jd_map *m = jd_xcalloc(1, sizeof *m);
    m->cap    = 16;
    m->slots  = jd_xcalloc(m->cap, sizeof *m->slots);
    m->keys   = jd_arena_new(0);
    return m;
}

void jd_map_free(jd_map *m)
{
    if (!m)
        return;
    free(m->slots);
    jd_arena_free(m->keys);
    free(m);
}

static slot *map_find(const jd_map *m, jd_str key, uint64_t hash)
{
    size_t at = (size_t)hash & (m->cap - 1);
    while (m->slots[at].key.p && (m->slots[at].hash != hash || !jd_str_eq(m->slots[at].key, key)))
        at = (at + 1) & (m->cap - 1);
    return &m->slots[at];
}

static void map_grow(jd_map *m)
{
    slot  *old = m->slots;
    size_t n   = m->cap;
    m->cap *= 2;
    m->slots = jd_xcalloc(m->cap, sizeof *m->slots);
    for (size_t i = 0; i < n; i++)
        if (old[i].key.p)
            *map_find(m, old[i].key, old[i].hash) = old[i];
    free(old);
}

uint64_t *jd_map_put(jd_map *m, jd_str key, bool *fresh)
{
    uint64_t hash = jd_hash64(key);
    slot    *s    = map_find(m, key, hash);
    bool     add  = !s->key.p;
    if (add) {
        if (crowded(m->n, m->cap)) {
            map_grow(m);
            s = map_find(m, key, hash);
        }
        *s = (slot){.key = jd_arena_dup(m->keys, key), .hash = hash};
        m->n++;
    }
    if (fresh)
        *fresh = add;
    return &s->value;
}

uint64_t *jd_map_get(const jd_map *m, jd_str key)
{
    slot *s = map_find(m, key, jd_hash64(key));
    return s->key.p ? &s->value : NULL;
}

size_t jd_map_count(const jd_map *m)
{
    return m->n;
}

bool jd_map_next(const jd_map *m, size_t *at, jd_str *key, uint64_t *value)
{
    for (; *at < m->cap; (*at)++) {
        const slot *s = &m->slots[*at];
        if (s->key.p) {
            *key   = s->key;
            *value = s->value;
            (*at)++;
            return true;
        }
    }
    return false;
}

typedef struct id_slot {
    uint64_t id;
    int64_t  value;
    bool     used;
} id_slot;

struct jd_idmap {
    id_slot *slots;
    size_t   cap, n;
};

jd_idmap *jd_idmap_new(void)
{
    jd_idmap *m = jd_xcalloc(1, sizeof *m);
    m->cap      = 16;
    m->slots    = jd_xcalloc(m->cap, sizeof *m->slots);
    return m;
}

void jd_idmap_free(jd_idmap *m)
{
    if (!m)
        return;
    free(m->slots);
    free(m);
}

static id_slot *id_find(const jd_idmap *m, uint64_t id)
{
    size_t at = (size_t)jd_mix64(id) & (m->cap - 1);
    while (m->slots[at].used && m->slots[at].id != id)
        at = (at + 1) & (m->cap - 1);
    return &m->slots[at];
}

static void id_grow(jd_idmap *m)
{
    id_slot *old = m->slots;
    size_t   n   = m->cap;
    m->cap *= 2;
    m->slots = jd_xcalloc(m->cap, sizeof *m->slots);
    for (size_t i = 0; i < n; i++)
        if (old[i].used)
            *id_find(m, old[i].id) = old[i];
    free(old);
}

int64_t *jd_idmap_put(jd_idmap *m, uint64_t id, bool *fresh)
{
    id_slot *s   = id_find(m, id);
    bool     add = !s->used;
    if (add) {
        if (crowded(m->n, m->cap)) {
            id_grow(m);
            s = id_find(m, id);
        }
        *s = (id_slot){.id = id, .used = true};
        m->n++;
    }
    if (fresh)
        *fresh = add;
    return &s->value;
}

int64_t *jd_idmap_get(const jd_idmap *m, uint64_t id)
{
    id_slot *s = id_find(m, id);
    return s->used ? &s->value : NULL;
}

size_t jd_idmap_count(const jd_idmap *m)
{
    return m->n;
}

void jd_idmap_clear(jd_idmap *m)
{
    memset(m->slots, 0, m->cap * sizeof *m->slots);
    m->n = 0;
}

bool jd_idmap_next(const jd_idmap *m, size_t *at, uint64_t *id, int64_t *value)
{
    for (; *at < m->cap; (*at)++) {
        const id_slot *s = &m->slots[*at];
        if (s->used) {
            *id    = s->id;
            *value = s->value;
            (*at)++;
            return true;
        }
    }
    return false;
}
