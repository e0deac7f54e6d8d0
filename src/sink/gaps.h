/* gaps.h: ranges of ids that a state is known not to hold, so that most new issues need no look:
 * they come in rising order, from a few windows at a time.
 *
 * A range stays true while nobody but the owner adds rows: the one writer tells of each
 * (jd_gaps_put); a reader may miss what was added since, and takes it for new. */
#ifndef JD_SINK_GAPS_H
#define JD_SINK_GAPS_H

#include "db/sqlite.h"

enum { JD_GAPS = 32 };

typedef struct jd_gaps { /* zeroed: nothing is known */
    struct {
        uint64_t after, before; /* no id in between is held */
    } gap[JD_GAPS];
    size_t   n, next; /* next: to be given up for a new one */
    unsigned idle;    /* looked for since one was of use */
    jd_stmt *stmt;    /* the connection's */
} jd_gaps;

bool jd_gaps_has(jd_gaps *g, uint64_t id);
/* The id is not held: learns what lies around it. Where ranges are too small to be of use, that is
 * left out mostly. */
jd_code jd_gaps_learn(jd_gaps *g, jd_sqlite *db, uint64_t id, jd_err *e) JD_NODISCARD;
/* The id is held from now on. */
void jd_gaps_put(jd_gaps *g, uint64_t id);

#endif
