/* glance.h: reads a JSON object once, from its bytes, without a tree: its hash, and a few members.
 *
 * - What it takes is strict JSON and valid UTF-8, and the hash is that of jd_json_hash.
 * - It gives up on whatever is out of the ordinary, sound or not: jd_json_read then says
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

/* Objects met before, so that the same bytes are not read twice: the same people, states and
 * projects stand in issue after issue. Zero to begin with; it borrows of all bytes it was given
 * with, and goes with one `skip`. */
enum { JD_MET_OBJECTS = 256 };
typedef struct jd_met {
    struct jd_met_object {
        const char *p;
        uint64_t    sum;
        uint32_t    n, height; /* bytes, and levels below */
    } object[JD_MET_OBJECTS];
} jd_met;

/* The object that the bytes begin with: its length, 0 when it gave up (picks and hash are undefined
 * then). `skip` as for jd_json_hash; at most JD_PICKS_MAX paths; met NULL: none. */
size_t jd_glance(jd_str bytes, const char *const *skip, const jd_pick_path *path, jd_pick *pick,
                 size_t n, jd_met *met, uint64_t *hash);

#endif
