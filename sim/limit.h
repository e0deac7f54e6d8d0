/* limit.h: Cloud's rate limits: a burst a second for each endpoint and method, and points an hour.
 * What they are is tuned (tune.h); 0 is no limit. Thread-safe. */
#ifndef SIM_LIMIT_H
#define SIM_LIMIT_H

#include "sim/serve.h"

sim_limit *sim_limit_new(void);
void       sim_limit_free(sim_limit *l); /* NULL is fine */

/* Before the request is answered. False, and 429 is answered, when it is one too many; `endpoint`
 * is its route. */
bool sim_limit_take(sim_call *c, const char *endpoint);
/* Once it is answered: a point for the request and one for each object shown. */
void sim_limit_charge(sim_call *c);

/* Before a write to that issue: 20 in 2 s and 100 in 30 s. False, and 429 is answered, when it is
 * one too many. */
bool sim_limit_write(sim_call *c, uint64_t issue);

typedef enum sim_limit_kind { SIM_LIMIT_BURST, SIM_LIMIT_QUOTA, SIM_LIMIT_WRITE } sim_limit_kind;
/* The answer 429 itself; wait_ms: until the limit is lifted. */
void sim_limit_refuse(sim_call *c, sim_limit_kind kind, uint64_t limit, int64_t wait_ms);

#endif
