/* follow.h: projects whose key changes. The state knows a project by its id; its key is a label.
 *
 * When the server has another key for a project than the label says, each of its issues has a new
 * key, too, and the `updated` of none of them tells: the scope is walked again. The issues move to
 * their new keys as they come, and answer to the old ones. */
#ifndef JD_SINK_FOLLOW_H
#define JD_SINK_FOLLOW_H

#include "sink/state.h"

typedef struct jd_followed { /* a project that the state follows */
    uint64_t id;
    jd_str   key; /* that it has, or once had */
} jd_followed;

/* In the arena. */
jd_code jd_followed_list(jd_state *s, jd_arena *a, jd_followed **out, size_t *n,
                         jd_err *e) JD_NODISCARD;
/* Gives the scope's row the key that the project has now; if that is another one, forgets how far
 * the scope was walked, and *was is the old key, in the arena (else empty). */
jd_code jd_follow(jd_state *s, jd_arena *a, const jd_scope *scope, jd_str *was,
                  jd_err *e) JD_NODISCARD;

#endif
