/* walker.h: what a walk and the quarantine's errand share: a page asked for, its rows read, an
 * issue made whole, a haul handed over. walk_errand.c has them; again_errand.c borrows them.
 * Private to src/flow. */
#ifndef JD_FLOW_WALKER_H
#define JD_FLOW_WALKER_H

#include "flow/errands.h"
#include "jira/bulk.h"

enum { JD_WALKER_GUESS = 8192 }; /* bytes an issue, before any is seen */

typedef struct jd_walker {
    jd_fetcher     *f;
    jd_walk_errand *er;
    jd_walk         walk;
    jd_bounds       bounds;
    jd_arena       *extra;     /* of one issue: its tree, its completion */
    uint64_t        per_issue; /* bytes, as learned */
    uint64_t        ceiling;   /* issues a page, after failures; grows back */
    bool            doubtful;  /* pages came empty and are taken for what they say */
    jd_buf          token;     /* of the last page, where the server pages by tokens */
    unsigned        astray;    /* empty pages, or refused tokens, in a row */
    uint64_t        excluded[JD_EXCLUDED_MAX];
    size_t          nexcluded;
    jd_str          jql; /* asked as it stands, whatever the walk says */
    struct {
        uint64_t jql, row, nth;
        int64_t  at;
    } stepped; /* the last row that was: under which query, the nth one at this place */
} jd_walker;

typedef struct jd_seen { /* a row as read for the walk, before it is made whole */
    jd_issue issue;
    bool     bad;
    char    *why;
    int64_t  histories; /* that its list was cut short of; 0: it is whole */
} jd_seen;

typedef struct jd_asked {
    jd_page   page;
    jd_arena *mem;
    jd_place  place;  /* of its first row */
    uint64_t  poison; /* an issue left out, with why */
    uint64_t  steps;  /* or so many rows stepped over, with why */
    int64_t   beyond; /* where the row behind them is on the axis; JD_FUTURE when there is none */
    bool      hollow; /* no rows, though the server counts some */
    jd_err    why;
} jd_asked;

/* One try for n rows, into a fresh arena, out->mem: the caller's when this returns JD_OK, freed
 * otherwise. */
jd_code jd_walker_try(jd_walker *w, const jd_ask *ask, uint64_t n, jd_asked *out, jd_err *e);
/* What the walk needs of every row of q's page, and its hash (0: cut short). s and row have room
 * for the page. */
void jd_walker_read(jd_walker *w, const jd_asked *q, jd_seen *s, jd_row *row);
/* Makes one issue whole; `ahead` may be NULL. A row for quarantine when its lists cannot be had:
 * only what stops the run is an error. */
jd_code jd_walker_whole(jd_walker *w, jd_arena *mem, const jd_seen *s, const jd_ahead *ahead,
                        jd_fetched *out, jd_err *e);
/* Row i of q's page, which cannot be read, as quarantine takes it. */
jd_fetched jd_walker_bad(const jd_asked *q, const jd_seen *s, size_t i);
/* A parcel with room for so many rows; it takes mem along, and jd_walker_hand gives it to the
 * taker. */
jd_haul *jd_walker_haul(jd_walker *w, jd_arena *mem, size_t rows);
void     jd_walker_hand(jd_walker *w, jd_haul *h);

#endif
