/* alias.h: the keys that an issue had before it moved. */
#ifndef JD_SINK_ALIAS_H
#define JD_SINK_ALIAS_H

#include "sink/state.h"

/* The issue that was known as `old`: its id, and its key now, in the arena. *now is empty, and *id
 * 0, when no issue that is held had that key. */
jd_code jd_alias_find(jd_state *s, jd_arena *a, jd_str old, uint64_t *id, jd_str *now,
                      jd_err *e) JD_NODISCARD;

#endif
