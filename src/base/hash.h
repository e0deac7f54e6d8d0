/* hash.h: non-cryptographic hashes (xxHash), the same on every machine. Never for secrets. */
#ifndef JD_BASE_HASH_H
#define JD_BASE_HASH_H

#include "base/str.h"

uint64_t               jd_hash64(jd_str s);
uint64_t               jd_hash64_seed(jd_str s, uint64_t seed);
static inline uint64_t jd_mix64(uint64_t v) /* a bijection that spreads the bits of v */
{
    v ^= v >> 32;
    v *= 0xd6e8feb86659fd93u;
    v ^= v >> 32;
    v *= 0xd6e8feb86659fd93u;
    return v ^ (v >> 32);
}
/* v as 16 lower-case hex digits and a NUL. */
void jd_hash_hex(uint64_t v, char out[17]);

#endif
