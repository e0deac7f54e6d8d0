#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t jd_hash64(jd_str s)
{
    return jd_hash64_seed(s, 0);
}

uint64_t jd_hash64_seed(jd_str s, uint64_t seed)
{
    return XXH3_64bits_withSeed(s.n ? s.p : "", s.n, seed);
}

void jd_hash_hex(uint64_t v, char out[17])
{
    for (int i = 15; i >= 0; i--, v >>= 4)
        out[i] = "0123456789abcdef"[v & 15];
    out[16] = '\0';
}
