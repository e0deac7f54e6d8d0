/* rate.h: a token bucket for each account, as Data Center has it: LIMIT tokens at most, FILL new
 * ones every INTERVAL seconds. Thread-safe. */
#ifndef SIM_RATE_H
#define SIM_RATE_H

#include "base/err.h"
#include "base/str.h"

typedef struct sim_rate_conf {
    uint64_t limit, fill, interval_s; /* limit 0: no limit */
    bool     silent;                  /* no header tells */
} sim_rate_conf;

/* "LIMIT:FILL:INTERVAL"; an empty text is no limit. JD_E_USAGE. */
jd_code sim_rate_read(jd_str text, sim_rate_conf *out, jd_err *e) JD_NODISCARD;

typedef struct sim_rate sim_rate;

sim_rate *sim_rate_new(size_t accounts);
void      sim_rate_free(sim_rate *r); /* NULL is fine */
/* All buckets are full again. */
void sim_rate_set(sim_rate *r, const sim_rate_conf *conf);
bool sim_rate_on(const sim_rate *r); /* NULL is fine */

typedef struct sim_rate_state {
    sim_rate_conf conf;
    bool          granted;
    uint64_t      remaining;
    uint64_t      retry_after_s; /* until new tokens come; 0 while there are some */
    int64_t       wait_ms;       /* the same, exactly */
} sim_rate_state;

/* Takes a token of account `who` when there is one. now_ms may be any clock, always the same. */
sim_rate_state sim_rate_take(sim_rate *r, size_t who, int64_t now_ms);

#endif
