/* walk.h: how one window of one axis is walked so that no row is lost, whatever moves meanwhile.
 * A pure state machine: it says what to ask next and, fed with a page's rows, which of them are
 * new.
 *
 * Jira's index is second-grained and orders rows of one second arbitrarily, so a walk anchors on
 * whole seconds: it asks `axis >= anchor`, and re-anchors on the last row's second instead of
 * growing an offset (offsets lose rows while issues change). A page that gets no further means more
 * rows in one second (or in what the server's bounds can tell apart) than fit on a page: then the
 * anchor's minute is paged by offset, from 0 again until a whole pass, in which the total did not
 * change, brings nothing new (or, where it never stands still, a few passes in a row that brought
 * nothing up to the horizon). The seen-set holds only what lies at or after the anchor. Where the
 * bounds let through more of what lies before the anchor than what lies after it, the next slot is
 * twice as wide: read minute by minute, each minute would cost the hour before it once more.
 *
 * A server with page tokens (Jira Cloud) is walked in the same way: each page that gets further is
 * asked afresh from the new anchor, for a token may stand for an offset. Only where a page gets no
 * further, or is empty and not the last, its token takes the offset's place; a token that is
 * refused costs no more than the pass.
 *
 * A row tells what its issue is now, and may stand where the index last saw it: a row that changed
 * less than five minutes before the run, or since, proves nothing of how far a page goes by
 * `updated`. Where only such rows are left, they are paged by offset: up to five minutes before the
 * server's clock at the start of the run (`horizon`), then up to the horizon.
 *
 * The walk ends after a page that is the last, or behind the horizon: an issue touched at every
 * request ends no other way. A pass by offset ends where rows past the horizon follow each other.
 */
#ifndef JD_MODEL_WALK_H
#define JD_MODEL_WALK_H

#include "base/map.h"
#include "model/cursor.h"
#include "model/jql.h"

typedef struct jd_row { /* one row of a page */
    uint64_t id;
    int64_t  created_ms, updated_ms;
    bool     held;  /* in: the sink holds this very state */
    bool     known; /* out: seen in this walk, or before the anchor: nothing to do with it */
} jd_row;

typedef struct jd_ask { /* the next request */
    jd_axis  axis;
    int64_t  from, to; /* JD_PAST, JD_FUTURE: open */
    uint64_t start_at;
    bool     go_on; /* by the token of the last answer, where there are tokens */
} jd_ask;

typedef struct jd_told {         /* what the server said of a page */
    bool     tokens;             /* it pages by tokens, and knows no total: */
    bool     last;               /* no token came with this page */
    uint64_t total, max_results; /* else */
} jd_told;

typedef struct jd_walk {
    jd_axis   axis;
    int64_t   to;      /* end of the window */
    int64_t   horizon; /* the server's clock when the run began */
    int64_t   anchor;  /* rows before this second are known */
    jd_idmap *seen;    /* id -> updated, for rows at or after the anchor */
    bool      paging;  /* inside the anchor's minute, by offset or token */
    bool      go_on;   /* the next page is that of the last token */
    bool      done;
    /* one pass of paging: */
    int64_t  slot_lo, slot_hi, slot_last;
    int64_t  width;                /* of the next slot: see the text above */
    uint64_t slot_old;             /* rows of this pass that lie before the anchor */
    uint64_t start_at, pass_total; /* with tokens: the rows of the last whole pass */
    bool     pass_fresh;           /* something new came, which may have shifted other rows */
    bool     pass_moved;           /* the total changed, or new rows came past the horizon */
    unsigned quiet;                /* passes in a row that brought nothing new */
    unsigned late;                 /* rows in a row past the horizon */
} jd_walk;

/* from: everything before it is known. The walk owns its seen-set. */
void jd_walk_open(jd_walk *w, jd_axis axis, int64_t from, int64_t to, int64_t horizon);
void jd_walk_close(jd_walk *w);
/* False when the walk has ended. */
bool jd_walk_next(const jd_walk *w, jd_ask *ask);
/* The answer to the last ask: its rows in order, and what the server said of them. Sets `known` of
 * each row and moves the walk. w->anchor is then how far the axis is delivered once the page is
 * kept; after the end it is w->to for a window with an end. */
void jd_walk_feed(jd_walk *w, jd_row *row, size_t n, const jd_told *told);
/* Whether the next request goes on with the answer to the last one: its query must be the same. */
bool jd_walk_amid(const jd_walk *w);
/* The token was refused, or comes round again: the page, or the pass, begins anew without it. */
void jd_walk_drop_token(jd_walk *w);

#endif
