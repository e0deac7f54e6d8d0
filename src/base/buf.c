#include "base/buf.h"

#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One byte beyond n is always kept free for the NUL that jd_buf_cstr() puts there. */
static bool grow(jd_buf *b, size_t n)
{
    if (b->over || n > b->max || b->n > b->max - n) {
        b->over = true;
        return false;
    }
    size_t need = b->n + n + 1;
    if (need <= b->cap)
        return true;
    size_t cap = b->cap < 64 ? 64 : b->cap;
    while (cap < need)
        cap += cap / 2;
    if (b->max < SIZE_MAX && cap > b->max + 1)
        cap = b->max + 1;
    b->p   = jd_xrealloc(b->p, cap);
    b->cap = cap;
    return true;
}

void jd_buf_add(jd_buf *b, const void *p, size_t n)
{
    if (n == 0 || !grow(b, n))
        return;
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

void jd_buf_adds(jd_buf *b, jd_str s)
{
    jd_buf_add(b, s.p, s.n);
}

void jd_buf_addz(jd_buf *b, const char *z)
{
    jd_buf_adds(b, jd_str_of(z));
}

void jd_buf_addu(jd_buf *b, uint64_t v)
{
    char   digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    jd_buf_add(b, digits + at, sizeof digits - at);
}

void jd_buf_addi(jd_buf *b, int64_t v)
{
    if (v < 0)
        jd_buf_addc(b, '-');
    jd_buf_addu(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void jd_buf_addf(jd_buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n > 0 && grow(b, (size_t)n)) {
        (void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

char *jd_buf_room(jd_buf *b, size_t n)
{
    return grow(b, n) ? b->p + b->n : NULL;
}

void jd_buf_wrote(jd_buf *b, size_t n)
{
    b->n += n;
}

bool jd_buf_ok(const jd_buf *b)
{
    return !b->over;
}

jd_str jd_buf_view(const jd_buf *b)
{
    return (jd_str){b->p, b->n};
}

void jd_buf_reset(jd_buf *b)
{
    b->n    = 0;
    b->over = false;
}

void jd_buf_release(jd_buf *b)
{
    free(b->p);
    *b = (jd_buf){.max = b->max};
}

char *jd_buf_take(jd_buf *b, size_t *n)
{
    char *p = b->p ? b->p : jd_xmalloc(1);
    p[b->n] = '\0';
    if (n)
        *n = b->n;
    *b = (jd_buf){.max = b->max};
    return p;
}

const char *jd_buf_cstr(jd_buf *b)
{
    if (!b->p)
        return "";
    b->p[b->n] = '\0';
    return b->p;
}
