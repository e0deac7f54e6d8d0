/* rng.h: chance is passed in, so that a seed repeats a run (xoshiro256**, not for secrets). */
#ifndef JD_BASE_RNG_H
#define JD_BASE_RNG_H

#include <stdint.h>

typedef struct jd_rng {
    uint64_t s[4];
} jd_rng;

jd_rng   jd_rng_seed(uint64_t seed);
uint64_t jd_rng_next(jd_rng *r);
uint64_t jd_rng_below(jd_rng *r, uint64_t n); /* 0 .. n-1; 0 when n is 0 */
double   jd_rng_unit(jd_rng *r);              /* [0, 1) */

#endif
