#include "base/idset.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

/* Ids that share all but their low 16 bits are one block: a sorted array of these bits, or, from
 * where that would be larger, a bitmap of all 65,536. */
enum { WORDS = 1024, MOST = 4 * WORDS };

typedef struct block {
    uint64_t high;
    uint32_t n, cap; /* cap 0: a bitmap */
    union {
        uint16_t *low;
        uint64_t *bits;
    };
} block;

struct jd_idset {
    block   *v; /* by high */
    size_t   n, cap;
    uint64_t count;
};

jd_idset *jd_idset_new(void)
{
    return jd_xcalloc(1, sizeof(jd_idset));
}

void jd_idset_free(jd_idset *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        free(s->v[i].low);
    free(s->v);
    free(s);
}

/* The first block that is not before `high`. */
static size_t block_at(const jd_idset *s, uint64_t high)
{
    size_t lo = 0, hi = s->n;
    if (hi > 0 && s->v[hi - 1].high < high) /* mostly they come rising */
        return hi;
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        if (s->v[middle].high < high)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo;
}

/* The first place that is not before `low`. */
static uint32_t place_of(const block *b, uint16_t low)
{
    uint32_t lo = 0, hi = b->n;
    if (hi > 0 && b->low[hi - 1] < low)
        return hi;
    while (lo < hi) {
        uint32_t middle = lo + (hi - lo) / 2;
        if (b->low[middle] < low)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo;
}

static block *need_block(jd_idset *s, uint64_t high)
{
    size_t i = block_at(s, high);
    if (i < s->n && s->v[i].high == high)
        return &s->v[i];
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 8;
        s->v   = jd_xrealloc(s->v, s->cap * sizeof *s->v);
    }
    memmove(&s->v[i + 1], &s->v[i], (s->n - i) * sizeof *s->v);
    s->n++;
    s->v[i]     = (block){.high = high, .cap = 8};
    s->v[i].low = jd_xcalloc(s->v[i].cap, sizeof(uint16_t));
    return &s->v[i];
}

static void to_bitmap(block *b)
{
    uint64_t *bits = jd_xcalloc(WORDS, sizeof *bits);
    for (uint32_t i = 0; i < b->n; i++)
        bits[b->low[i] / 64] |= UINT64_C(1) << b->low[i] % 64;
    free(b->low);
    b->bits = bits;
    b->cap  = 0;
}

static bool add_low(block *b, uint16_t low)
{
    if (b->cap && b->n == MOST)
        to_bitmap(b);
    if (!b->cap) {
        uint64_t bit = UINT64_C(1) << low % 64;
        if (b->bits[low / 64] & bit)
            return false;
        b->bits[low / 64] |= bit;
        b->n++;
        return true;
    }
    uint32_t at = place_of(b, low);
    if (at < b->n && b->low[at] == low)
        return false;
    if (b->n == b->cap) {
        b->cap = b->cap * 2 > MOST ? MOST : b->cap * 2;
        b->low = jd_xrealloc(b->low, b->cap * sizeof *b->low);
    }
    memmove(&b->low[at + 1], &b->low[at], (b->n - at) * sizeof *b->low);
    b->low[at] = low;
    b->n++;
    return true;
}

bool jd_idset_add(jd_idset *s, uint64_t id)
{
    bool fresh = add_low(need_block(s, id >> 16), (uint16_t)(id & 0xffff));
    s->count += fresh;
    return fresh;
}

bool jd_idset_has(const jd_idset *s, uint64_t id)
{
    uint64_t found;
    return jd_idset_next(s, id, &found) && found == id;
}

uint64_t jd_idset_count(const jd_idset *s)
{
    return s->count;
}

static bool next_low(const block *b, uint16_t from, uint16_t *low)
{
    if (b->cap) {
        uint32_t at = place_of(b, from);
        if (at < b->n)
            *low = b->low[at];
        return at < b->n;
    }
    uint64_t word = b->bits[from / 64] & (UINT64_MAX << from % 64);
    for (uint32_t w = from / 64;; word = b->bits[w]) {
        if (word) {
            *low = (uint16_t)(w * 64 + (unsigned)__builtin_ctzll(word));
            return true;
        }
        if (++w == WORDS)
            return false;
    }
}

bool jd_idset_next(const jd_idset *s, uint64_t from, uint64_t *id)
{
    uint16_t low;
    for (size_t i = block_at(s, from >> 16); i < s->n; i++) {
        const block *b     = &s->v[i];
        uint16_t     start = b->high == from >> 16 ? (uint16_t)(from & 0xffff) : 0;
        if (next_low(b, start, &low)) {
            *id = b->high << 16 | low;
            return true;
        }
    }
    return false;
}
