/* json_sum.h: how the hash of a JSON value is put together, for the two readers that make it
 * (json.c from a tree, glance.c from the bytes). Private to src/text. */
#ifndef JD_TEXT_JSON_SUM_H
#define JD_TEXT_JSON_SUM_H

#include "base/hash.h"
#include "text/json.h"

#include <string.h>

enum {
    JD_SALT_NULL   = 0x11,
    JD_SALT_BOOL   = 0x22,
    JD_SALT_NUMBER = 0x33,
    JD_SALT_ARRAY  = 0x66,
    JD_SALT_OBJECT = 0x77
};

/* Numbers by meaning: a whole number is one whether it was written 13, 13.0 or 1.3e1. */
enum jd_number_kind { JD_NUM_PLUS, JD_NUM_MINUS, JD_NUM_REAL, JD_NUM_TEXT };

static inline uint64_t jd_sum_number(enum jd_number_kind kind, uint64_t bits)
{
    return jd_mix64(bits + JD_SALT_NUMBER + ((uint64_t)kind << 56));
}

static inline uint64_t jd_sum_bool(bool v)
{
    return jd_mix64(JD_SALT_BOOL + ((uint64_t)v << 8));
}

static inline uint64_t jd_sum_null(void)
{
    return jd_mix64(JD_SALT_NULL);
}

/* An array: from JD_SALT_ARRAY on, item by item, then the end. */
static inline uint64_t jd_sum_item(uint64_t h, uint64_t item)
{
    return jd_mix64(h * 31 + item);
}

static inline uint64_t jd_sum_array(uint64_t h)
{
    return jd_mix64(h + JD_SALT_ARRAY);
}

/* An object: from JD_SALT_OBJECT on, the sum of its members, then the end. */
static inline uint64_t jd_sum_name(jd_str name)
{
    return jd_hash64_seed(name, JD_SALT_OBJECT);
}

static inline uint64_t jd_sum_named(uint64_t name, uint64_t value)
{
    return jd_mix64(name * 3 + value);
}

static inline uint64_t jd_sum_object(uint64_t h)
{
    return jd_mix64(h);
}

/* The hash of a number as written, NUL-terminated; false when it is none. */
bool jd_sum_written_number(const char *z, uint64_t *out);

/* What to leave out, with a quick first look by length. */
typedef struct jd_skips {
    const char *const *names;
    uint64_t           lengths; /* bit n % 64 for a name of n bytes */
} jd_skips;

static inline jd_skips jd_skips_of(const char *const *names)
{
    jd_skips s = {.names = names};
    for (const char *const *n = names; n && *n; n++)
        s.lengths |= 1ull << (strlen(*n) & 63);
    return s;
}

static inline bool jd_skipped(const jd_skips *s, jd_str name)
{
    if (!(s->lengths >> (name.n & 63) & 1))
        return false;
    for (const char *const *n = s->names; *n; n++)
        if (name.n && **n == *name.p && jd_str_is(name, *n))
            return true;
    return false;
}

#endif
