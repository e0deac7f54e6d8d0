/* buf.h: growable bytes with a ceiling given at birth.
 *
 * - Sticky failure: after the first refusal every append is a no-op and jd_buf_ok() is false, so
 *   callers check once, at the end.
 * - The bytes are owned by the buffer until taken; a view of them dies with the next append. */
#ifndef JD_BASE_BUF_H
#define JD_BASE_BUF_H

#include "base/err.h"
#include "base/str.h"

typedef struct jd_buf {
    char  *p;
    size_t n, cap, max;
    bool   over;
} jd_buf;

#define JD_BUF_INIT(limit) \
    {                      \
        .max = (limit)     \
    }

void               jd_buf_add(jd_buf *b, const void *p, size_t n);
void               jd_buf_adds(jd_buf *b, jd_str s);
void               jd_buf_addz(jd_buf *b, const char *z); /* a C string */
void               jd_buf_addu(jd_buf *b, uint64_t v);    /* decimal */
void               jd_buf_addi(jd_buf *b, int64_t v);
void               jd_buf_addf(jd_buf *b, const char *fmt, ...) JD_PRINTF(2, 3);
static inline void jd_buf_addc(jd_buf *b, char c)
{
    if (!b->over && b->n + 1 < b->cap) /* cap is at most max + 1 */
        b->p[b->n++] = c;
    else
        jd_buf_add(b, &c, 1);
}
/* Room for n more bytes to be written at the returned place, then counted with jd_buf_wrote();
 * NULL when that would pass the ceiling. */
char  *jd_buf_room(jd_buf *b, size_t n);
void   jd_buf_wrote(jd_buf *b, size_t n);
bool   jd_buf_ok(const jd_buf *b);
jd_str jd_buf_view(const jd_buf *b);
void   jd_buf_reset(jd_buf *b);           /* empty, keeps the memory; clears the failure */
void   jd_buf_release(jd_buf *b);         /* drops the memory; the buffer may be used again */
char  *jd_buf_take(jd_buf *b, size_t *n); /* NUL-terminated; the caller frees it */
/* The buffer as a C string, for interfaces that want one. Valid until the next append. */
const char *jd_buf_cstr(jd_buf *b);

#endif
