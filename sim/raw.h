/* raw.h: small edits on JSON kept as text. What is not edited keeps its bytes (spelling of numbers,
 * escapes, key order); only white space between the members of an edited object goes.
 *
 * - Views returned point into the text given. p NULL: not there.
 * - Texts are JSON that was read once already; a broken one gives what was read so far. */
#ifndef SIM_RAW_H
#define SIM_RAW_H

#include "base/buf.h"

typedef struct sim_edit {
    const char *name;
    jd_str      value; /* raw JSON; p NULL takes the member away */
} sim_edit;

jd_str sim_raw_get(jd_str object, const char *name);
/* Elements or members. */
size_t sim_raw_count(jd_str value);
/* The object with each edit done: in place when the member is there, at the end otherwise. */
void sim_raw_edit(jd_buf *out, jd_str object, const sim_edit *edit, size_t n);
/* Elements [from, from+n) of an array, as an array. */
void sim_raw_slice(jd_buf *out, jd_str array, size_t from, size_t n);
/* The array with one element more at its end; anything but an array counts as an empty one. */
void sim_raw_append(jd_buf *out, jd_str array, jd_str element);
/* A raw number, 0 when it is none. */
uint64_t sim_raw_u64(jd_str value);

#endif
