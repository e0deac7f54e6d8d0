/* arena.h: the owner of everything that lives as long as one page, one record or one run.
 *
 * - Memory from an arena is freed with the arena (or by a rewind), never alone.
 * - Small allocations never return NULL: out of memory ends the process with a message.
 * - Peer-sized data does not belong here unless its size was checked: use jd_buf. */
#ifndef JD_BASE_ARENA_H
#define JD_BASE_ARENA_H

#include "base/err.h"
#include "base/str.h"

typedef struct jd_arena jd_arena;

jd_arena *jd_arena_new(size_t first_chunk); /* 0: a sensible size */
void      jd_arena_free(jd_arena *a);       /* NULL is fine */
void      jd_arena_freep(jd_arena **a);     /* for JD_CLEANUP */
/* Drop everything but keep one chunk of memory, for the next page. */
void jd_arena_reset(jd_arena *a);
/* Drop everything but keep the largest chunk: for the next page of the same size. */
void jd_arena_recycle(jd_arena *a);
/* Bytes held from the system, for ceilings and tests. */
size_t jd_arena_size(const jd_arena *a);

void  *jd_arena_alloc(jd_arena *a, size_t n);                   /* aligned for any type */
void  *jd_arena_zarray(jd_arena *a, size_t count, size_t size); /* zeroed; checks overflow */
char  *jd_arena_bytes(jd_arena *a, size_t n);                   /* unaligned */
jd_str jd_arena_dup(jd_arena *a, jd_str s);                     /* NUL follows the copy */
char  *jd_arena_cstr(jd_arena *a, jd_str s);
jd_str jd_arena_fmt(jd_arena *a, const char *fmt, ...) JD_PRINTF(2, 3); /* NUL follows */
#define JD_NEW(arena, type)              ((type *)jd_arena_zarray((arena), 1, sizeof(type)))
#define JD_NEW_ARRAY(arena, type, count) ((type *)jd_arena_zarray((arena), (count), sizeof(type)))

/* Scratch: mark, work, rewind. */
typedef struct jd_mark {
    void  *chunk;
    size_t used;
} jd_mark;
jd_mark jd_arena_mark(const jd_arena *a);
void    jd_arena_rewind(jd_arena *a, jd_mark m);

/* malloc family that ends the process when memory is out; for what outlives an arena. */
void *jd_xmalloc(size_t n);
void *jd_xcalloc(size_t count, size_t size);
void *jd_xrealloc(void *p, size_t n);
char *jd_xstrdup(const char *s);

#endif
