/* wh_held.h: what a warehouse holds of issues, asked by id: rows are read some hundred at a time,
 * in the order of their ids, as issues come, so that few questions reach the database.
 *
 * What is known stays true while nobody but the owner adds rows; a stretch that is wrong since is
 * for the database's own keys to find out. */
#ifndef JD_SINK_WH_HELD_H
#define JD_SINK_WH_HELD_H

#include "sink/wh_db.h"

typedef struct jd_wh_held {
    uint64_t id;
    uint64_t key; /* hash of it */
    jd_held  held;
} jd_wh_held;

typedef struct jd_wh_known jd_wh_known;

jd_wh_known *jd_wh_known_new(const jd_wh_db *db, int64_t site); /* db is borrowed */
void         jd_wh_known_free(jd_wh_known *k);
jd_code      jd_wh_known_get(jd_wh_known *k, uint64_t id, jd_wh_held *out, bool *found,
                             jd_err *e) JD_NODISCARD;
/* The row stands so from now on. */
void jd_wh_known_put(jd_wh_known *k, const jd_wh_held *row);
/* Nothing is known any more. */
void jd_wh_known_clear(jd_wh_known *k);

#endif
