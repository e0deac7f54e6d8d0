/* scoperun.h: one scope from its measure to its verdict: which errands it needs next, given what
 * the last ones brought.
 *
 *   measure ──► windows (and quarantine) ──► updates ──► census ──► count again, if something seems
 *                                                                     missing
 *
 * A scope is over when no errand of it is open and none is needed. */
#ifndef JD_FLOW_SCOPERUN_H
#define JD_FLOW_SCOPERUN_H

#include "flow/census.h"
#include "flow/deliver.h"
#include "flow/scrape.h"
#include "flow/worklogs.h"
#include "sink/state.h"

typedef enum jd_phase {
    JD_MEASURING,
    JD_BACKFILLING,
    JD_UPDATING,
    JD_WALKED, /* its census waits for jd_scope_run_census */
    JD_CENSUS,
    JD_COUNTING,
    JD_OVER
} jd_phase;

typedef struct jd_scope_run {
    jd_following           at;
    const jd_scrape_conf  *conf;
    const jd_wanted       *want;
    const jd_err          *lost; /* as in jd_resolved */
    const jd_scrape_env   *env;
    jd_fetch              *fetch;
    jd_deliverer          *deliverer;
    jd_arena              *arena;
    jd_phase               phase;
    unsigned               open;   /* errands sent and not ended */
    bool                   walked; /* windows were walked in this run */
    int64_t                start;  /* the start date, JD_PAST for none */
    int64_t                since;  /* what is counted is updated at or after this */
    jd_bounds              bounds;
    bool                   bounds_known;
    uint64_t               counted; /* what the server should have given us */
    int64_t                clock_ms;
    jd_measure             measure;
    jd_walk_errand         window[JD_WINDOWS_MAX];
    jd_walk_errand         updates;
    jd_again_errand        again;
    jd_count_errand        count;
    jd_census              census;
    const jd_worklog_news *news; /* of the run */
    bool                   refetched;
} jd_scope_run;

/* Reads the cursor and sends the first errand. */
jd_code jd_scope_run_begin(jd_scope_run *r, jd_err *e) JD_NODISCARD;
/* One parcel of this scope's; sends what is needed next. The error is the scope's end. */
jd_code jd_scope_run_take(jd_scope_run *r, const jd_parcel *p, jd_err *e) JD_NODISCARD;
/* Begins the census of one that was walked, where one is wanted: after the walks of those that an
 * issue may have moved to. */
jd_code jd_scope_run_census(jd_scope_run *r, jd_err *e) JD_NODISCARD;
/* Fills what the outcome says of the state: held, quarantined, missing. After the last commit;
 * `sound`: the sink still works. */
jd_code jd_scope_run_judge(jd_scope_run *r, bool sound, jd_err *e) JD_NODISCARD;

/* For the parts of a scope's run (flow/census.h). The state is the sink's, with all that was
 * committed in it; it is asked for anew behind each delivery. */
jd_state      *jd_scope_run_state(const jd_scope_run *r);
jd_errand_base jd_scope_run_base(jd_scope_run *r,
                                 jd_code (*run)(jd_fetcher *, jd_errand *, jd_err *));
void           jd_scope_run_send(jd_scope_run *r, jd_errand_base *base);

#endif
