#include "base/rng.h"

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

/* splitmix64, the seeding that xoshiro's authors recommend */
static uint64_t split(uint64_t *x)
{
    uint64_t z = (*x += 0x9e3779b97f4a7c15u);
    z          = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z          = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

jd_rng jd_rng_seed(uint64_t seed)
{
    jd_rng r;
    for (int i = 0; i < 4; i++)
        r.s[i] = split(&seed);
    return r;
}

uint64_t jd_rng_next(jd_rng *r)
{
    uint64_t *s = r->s, out = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return out;
}

__extension__ typedef unsigned __int128 u128;

uint64_t jd_rng_below(jd_rng *r, uint64_t n)
{
    return n ? (uint64_t)(((u128)jd_rng_next(r) * n) >> 64) : 0;
}

double jd_rng_unit(jd_rng *r)
{
    return (double)(jd_rng_next(r) >> 11) * 0x1.0p-53;
}
