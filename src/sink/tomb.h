/* tomb.h: what is left in the state of an issue that was removed: its tombstone, until the issue is
 * held again (jd_state_put lifts it with the row that comes), and its keys as aliases, so that it
 * answers to them if it does.
 *
 * Changes belong into the state's transactions. */
#ifndef JD_SINK_TOMB_H
#define JD_SINK_TOMB_H

#include "sink/state.h"

/* Zeroed: its statements are made when they are first needed, and are the connection's. */
typedef struct jd_tombs {
    jd_stmt *stmt[6];
} jd_tombs;

/* The issue is no member of the scope any more. Where no other scope has it, its row goes and the
 * tombstone stays, with the key and the date that were held: *removed. */
jd_code jd_tomb_bury(jd_tombs *t, jd_state *s, const jd_scope *scope, const jd_tombstone *why,
                     bool *removed, jd_err *e) JD_NODISCARD;

/* By any key that it was held under. Rarely asked: each call makes its statement. */
jd_code jd_tomb_find(jd_state *s, jd_arena *a, jd_str key, jd_tombstone *out, bool *found,
                     jd_err *e) JD_NODISCARD;
/* How many there are of each cause. */
jd_code jd_tomb_count(jd_state *s, uint64_t out[JD_CAUSES_N], jd_err *e) JD_NODISCARD;
/* In order of id; returns JD_OK and stops when each gives false. The texts last for the call. */
jd_code jd_tomb_each(jd_state *s, bool (*each)(void *self, const jd_tombstone *t), void *self,
                     jd_err *e) JD_NODISCARD;

#endif
