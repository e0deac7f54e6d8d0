#include "base/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_MIN = 4096, CHUNK_DEFAULT = 16384, CHUNK_MAX = 1 << 20 };

typedef struct chunk {
    struct chunk *prev;
    size_t        cap, used;
    alignas(max_align_t) char data[];
} chunk;

struct jd_arena {
    chunk *top;
    size_t next_cap, total;
};

static void out_of_memory(void)
{
    (void)fputs("jiraduct: out of memory; what was delivered is safe, run again\n", stderr);
    abort();
}

void *jd_xmalloc(size_t n)
{
    void *p = malloc(n ? n : 1);
    if (!p)
        out_of_memory();
    return p;
}

void *jd_xcalloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);
    if (!p)
        out_of_memory();
    return p;
}

void *jd_xrealloc(void *p, size_t n)
{
    p = realloc(p, n ? n : 1);
    if (!p)
        out_of_memory();
    return p;
}

char *jd_xstrdup(const char *s)
{
    size_t n = strlen(s) + 1;
    return memcpy(jd_xmalloc(n), s, n);
}

static void push_chunk(jd_arena *a, size_t need)
{
    size_t cap = a->next_cap;
    if (cap < need) /* a page hardly larger finds room there when it is used again */
        cap = need < SIZE_MAX / 2 ? need + need / 8 : need;
    if (cap > SIZE_MAX - sizeof(chunk))
        out_of_memory();
    chunk *c = jd_xmalloc(sizeof *c + cap);
    *c       = (chunk){.prev = a->top, .cap = cap};
    a->top   = c;
    a->total += cap;
    if (a->next_cap < CHUNK_MAX)
        a->next_cap *= 2;
}

static void pop_chunk(jd_arena *a)
{
    chunk *c = a->top;
    a->top   = c->prev;
    a->total -= c->cap;
    free(c);
}

jd_arena *jd_arena_new(size_t first_chunk)
{
    jd_arena *a = jd_xcalloc(1, sizeof *a);
    a->next_cap = first_chunk == 0          ? CHUNK_DEFAULT
                  : first_chunk < CHUNK_MIN ? CHUNK_MIN
                                            : first_chunk;
    push_chunk(a, 0);
    return a;
}

void jd_arena_free(jd_arena *a)
{
    if (!a)
        return;
    while (a->top)
        pop_chunk(a);
    free(a);
}

void jd_arena_freep(jd_arena **a)
{
    jd_arena_free(*a);
    *a = NULL;
}

void jd_arena_reset(jd_arena *a)
{
    while (a->top->prev)
        pop_chunk(a);
    a->top->used = 0;
}

void jd_arena_recycle(jd_arena *a)
{
    chunk *best = a->top; /* there always is one */
    for (chunk *c = best->prev, *prev; c; c = prev) {
        prev          = c->prev;
        chunk *lesser = c->cap > best->cap ? best : c;
        best          = c->cap > best->cap ? c : best;
        free(lesser);
    }
    best->prev = NULL;
    best->used = 0;
    a->top     = best;
    a->total   = best->cap;
}

size_t jd_arena_size(const jd_arena *a)
{
    return a->total;
}

static void *take(jd_arena *a, size_t n, size_t align)
{
    size_t at = (a->top->used + align - 1) & ~(align - 1);
    if (at > a->top->cap || n > a->top->cap - at) {
        push_chunk(a, n);
        at = 0;
    }
    a->top->used = at + n;
    return a->top->data + at;
}

void *jd_arena_alloc(jd_arena *a, size_t n)
{
    return take(a, n, alignof(max_align_t));
}

char *jd_arena_bytes(jd_arena *a, size_t n)
{
    return take(a, n, 1);
}

void *jd_arena_zarray(jd_arena *a, size_t count, size_t size)
{
    size_t n;
    if (__builtin_mul_overflow(count, size, &n))
        out_of_memory();
    return memset(jd_arena_alloc(a, n), 0, n);
}

jd_str jd_arena_dup(jd_arena *a, jd_str s)
{
    return (jd_str){jd_arena_cstr(a, s), s.n};
}

char *jd_arena_cstr(jd_arena *a, jd_str s)
{
    char *p = jd_arena_bytes(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return p;
}

jd_str jd_arena_fmt(jd_arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    size_t len = n > 0 ? (size_t)n : 0;
    char  *p   = jd_arena_bytes(a, len + 1);
    (void)vsnprintf(p, len + 1, fmt, again);
    va_end(again);
    p[len] = '\0';
    return (jd_str){p, len};
}

jd_mark jd_arena_mark(const jd_arena *a)
{
    return (jd_mark){a->top, a->top->used};
}

void jd_arena_rewind(jd_arena *a, jd_mark m)
{
    while (a->top != m.chunk)
        pop_chunk(a);
    a->top->used = m.used;
}
