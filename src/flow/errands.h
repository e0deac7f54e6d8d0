/* errands.h: what fetchers do for a scope: measure it before its windows are walked, walk a window
 * or the updates, ask again for what is in quarantine, count once more. Each has its struct (an
 * errand, filled by the sender, read by the fetcher) and its parcels.
 *
 * A walk that meets a page which always fails halves it down to one issue, learns that issue's id,
 * refuses it and goes on without it, or, where the id cannot be had, behind it; a list that is cut
 * short is completed before its issue is handed over, hashed. */
#ifndef JD_FLOW_ERRANDS_H
#define JD_FLOW_ERRANDS_H

#include "flow/fetch.h"
#include "flow/quarantine.h"
#include "jira/standing.h"

#include <stdatomic.h>

enum { JD_EXCLUDED_MAX = 100 };

typedef struct jd_errand_base { /* what all errands of a scope share; borrowed from the sender */
    jd_errand       errand;
    const jd_scope *scope;
    const char     *zone_dir;
    bool            signed_in;
    void           *owner; /* the sender's own */
} jd_errand_base;

/* -- measure --------------------------------------------------------------------------------- */

typedef struct jd_measure { /* one parcel, a jd_measured */
    jd_errand_base base;
    int64_t        since; /* the start date asked for; JD_PAST: none */
    bool           known; /* how bounds are written is known */
    jd_bounds      bounds;
    unsigned       windows; /* cut into at most so many; 0: no backfill ahead */
    uint64_t       page_size;
} jd_measure;
typedef struct jd_measured {
    jd_parcel parcel;
    jd_bounds bounds; /* its zone lives in the parcel: copied by the taker through zone_bytes */
    jd_str    zone_bytes;
    uint64_t  counted, wanted; /* all of the scope; with the start date */
    int64_t   clock_ms;        /* the server's */
    int64_t   edge[JD_WINDOWS_MAX];
    unsigned  edges; /* inner edges, rising, whole minutes */
} jd_measured;
jd_code jd_measure_run(jd_fetcher *f, jd_errand *self, jd_err *e);

/* -- walk ------------------------------------------------------------------------------------ */

typedef enum jd_what { JD_ROW_MEMBER, JD_ROW_ISSUE, JD_ROW_BAD } jd_what;
typedef struct jd_fetched { /* a row to deal with; rows already known are not handed over */
    jd_what             what;
    jd_issue            issue;  /* JD_ROW_ISSUE: whole and hashed, without its tree */
    int64_t             at_s;   /* its second on the walk's axis, in ms */
    const char         *reason; /* JD_ROW_BAD */
    jd_place            place;  /* of a bad row without an id */
    unsigned            short_lists;
    const jd_bad_entry *entry; /* of the quarantine errand: settled once this is delivered */
} jd_fetched;

typedef struct jd_walk_errand {
    jd_errand_base base;
    jd_axis        axis;
    unsigned       window;
    int64_t        from, to, since, horizon;
    bool      refresh_horizon; /* ask the server's clock first (JD_BY_UPDATED after a backfill) */
    bool      lean; /* a census: rows tell no more than id, key and dates, and are all members */
    jd_bounds bounds;
    uint64_t  page_size;
    uint64_t  limit;     /* rows to ask for at most beyond those held; 0: none */
    atomic_bool *enough; /* the taker needs no more */
} jd_walk_errand;
typedef struct jd_haul { /* one page */
    jd_parcel   parcel;
    jd_fetched *row;
    size_t      n;
    int64_t     before, after; /* the walk's position; the end of the window when done */
    bool        paging, done;
    bool        doubtful; /* the server counts rows that it would not send */
    int64_t     horizon;
} jd_haul;
jd_code jd_walk_run(jd_fetcher *f, jd_errand *self, jd_err *e);

/* -- quarantine ------------------------------------------------------------------------------ */

typedef struct jd_again_errand { /* hauls with entries */
    jd_errand_base      base;
    const jd_bad_entry *entry;
    size_t              n;
    uint64_t            page_size;
} jd_again_errand;
jd_code jd_again_run(jd_fetcher *f, jd_errand *self, jd_err *e);

/* -- census ---------------------------------------------------------------------------------- */

typedef struct jd_byid_errand { /* hauls with these issues, whole; what is not there is left out */
    jd_errand_base base;
    bool           anew; /* what is held counts for nothing */
    uint64_t       id[JD_STANDING_MOST];
    size_t         n;
    bool           fresh; /* by no search, whose index may be behind */
} jd_byid_errand;
jd_code jd_byid_run(jd_fetcher *f, jd_errand *self, jd_err *e);

typedef struct jd_stand_errand { /* one parcel, a jd_stood */
    jd_errand_base base;
    jd_str         account; /* who has to be asking, still at the end; empty: nobody */
    uint64_t       control; /* as for jd_jira_standing */
    uint64_t       id[JD_STANDING_MOST];
    size_t         n;
    atomic_bool   *enough; /* the taker needs no more */
} jd_stand_errand;
typedef struct jd_stood {
    jd_parcel    parcel;
    jd_standing *of;
    size_t       n;
    int64_t      at_ms;
} jd_stood;
jd_code jd_stand_run(jd_fetcher *f, jd_errand *self, jd_err *e);

/* -- count ----------------------------------------------------------------------------------- */

typedef struct jd_count_errand { /* one parcel, a jd_measured with `wanted` */
    jd_errand_base base;
    int64_t        since;
    jd_bounds      bounds;
} jd_count_errand;
jd_code jd_count_run(jd_fetcher *f, jd_errand *self, jd_err *e);

#endif
