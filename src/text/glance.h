/* glance.h: reads a JSON object once, from its bytes, without a tree: its hash, and a few members.
 *
 * - What it takes is strict JSON and valid UTF-8, and the hash is that of jd_json_hash.
 * - It gives up (false) on whatever is out of the ordinary, sound or not: jd_json_read then says
 *   what it is. */
#ifndef JD_TEXT_GLANCE_H
#define JD_TEXT_GLANCE_H

#include "text/json.h"

enum { JD_PICKS_MAX = 32, JD_PICK_NAMES = 3 };

/* Member names from the root on; an empty one ends it. */
typedef struct jd_pick_path {
    jd_str name[JD_PICK_NAMES];
} jd_pick_path;

typedef struct jd_pick {
    jd_json_type kind; /* JD_JSON_NONE: not there */
    jd_str       text; /* of a string, without quotes; of a number, as written; borrowed */
    size_t       n;    /* items of an array */
} jd_pick;

/* `skip` as for jd_json_hash; at most JD_PICKS_MAX paths. Undefined picks when false. */
bool jd_glance(jd_str bytes, const char *const *skip, const jd_pick_path *path, jd_pick *pick,
               size_t n, uint64_t *hash);

#endif
