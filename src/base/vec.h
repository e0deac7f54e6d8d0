/* vec.h: a typed growable array. `JD_VEC(int) v = {0}; *jd_vec_add(&v) = 7; jd_vec_release(&v);`
 * The elements are v.v[0 .. v.n-1]; a pointer to one dies with the next add. */
#ifndef JD_BASE_VEC_H
#define JD_BASE_VEC_H

#include "base/arena.h"

#include <stdlib.h>

#define JD_VEC(type)   \
    struct {           \
        type  *v;      \
        size_t n, cap; \
    }

/* Address of a new element at the end; its bytes are undefined. */
#define jd_vec_add(vec)                                                            \
    ((vec)->n == (vec)->cap                                                        \
         ? (void)((vec)->v = jd_vec_grow((vec)->v, &(vec)->cap, sizeof *(vec)->v)) \
         : (void)0,                                                                \
     &(vec)->v[(vec)->n++])
#define jd_vec_release(vec) (free((vec)->v), (vec)->v = NULL, (vec)->n = (vec)->cap = 0)

static inline void *jd_vec_grow(void *v, size_t *cap, size_t size)
{
    size_t more = *cap ? *cap * 2 : 8, bytes;
    if (__builtin_mul_overflow(more, size, &bytes))
        bytes = SIZE_MAX; /* ends the process below */
    *cap = more;
    return jd_xrealloc(v, bytes);
}

#endif
