/* paging.h: page tokens, opaque to whoever holds them. Thread-safe.
 *
 * - A token is bound to the query it came from, remembers the last issue shown (as it was) or a
 *   number, and dies of age, on request, or when SIM_TOKENS younger ones came.
 * - It can be used any number of times. */
#ifndef SIM_PAGING_H
#define SIM_PAGING_H

#include "base/arena.h"
#include "sim/store.h"

enum { SIM_TOKENS = 65536 };

typedef struct sim_tokens sim_tokens;

sim_tokens *sim_tokens_new(uint64_t seed);
void        sim_tokens_free(sim_tokens *t); /* NULL is fine */
/* Takes the caller's reference on `last` (NULL for none). */
jd_str sim_tokens_give(sim_tokens *t, jd_arena *a, uint64_t bound_to, sim_text *last, uint64_t at,
                       int64_t now_ms);
/* False when it is unknown, of another query or too old. *last is a reference to drop. */
bool sim_tokens_read(sim_tokens *t, jd_str token, uint64_t bound_to, int64_t life_ms,
                     int64_t now_ms, sim_text **last, uint64_t *at);
void sim_tokens_expire(sim_tokens *t); /* all that there are */

#endif
