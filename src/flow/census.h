/* census.h: one scope's ids as the server has them against what is held, and what follows from it.
 *
 *   list (walks by `created`, small rows) ──► ask how those stand that the list lacks ──► remove
 *        └──► fetch what the mirror lacks, or holds in an older state
 *
 * - Nothing is removed that was not asked for by id, by the account that built the mirror.
 * - The brake: more than 20 issues and more than 5 % of a scope are removed only where that was
 *   accepted; else nothing of the scope is, and the scope ends with JD_E_REFUSED.
 * - What is known of the ids takes two bytes each at most. A census that was cut short left nothing
 *   behind but what it delivered; the next one begins anew. */
#ifndef JD_FLOW_CENSUS_H
#define JD_FLOW_CENSUS_H

#include "base/idset.h"
#include "base/vec.h"
#include "flow/errands.h"
#include "flow/outcome.h"

enum { JD_CENSUS_SLOTS = 8 };

typedef enum jd_census_step {
    JD_CENSUS_LISTING,
    JD_CENSUS_ASKING,
    JD_CENSUS_FETCHING,
    JD_CENSUS_DONE
} jd_census_step;

typedef struct jd_census {
    jd_census_step step;
    jd_idset      *seen;  /* at the server */
    jd_idset      *want;  /* to be fetched */
    jd_idset      *doubt; /* held, and not seen */
    uint64_t       next;  /* of the set that is being gone through */
    uint64_t       held;  /* members before */
    atomic_bool    enough;
    JD_VEC(jd_tombstone) doomed; /* until the brake has been looked at */
    uint64_t       leaving;      /* how many, in all */
    uint64_t       before;       /* delivered before the first was fetched */
    jd_walk_errand list[JD_WINDOWS_MAX];
    union {
        jd_errand_base  base; /* of either */
        jd_stand_errand stand;
        jd_byid_errand  byid;
    } slot[JD_CENSUS_SLOTS];
} jd_census;

struct jd_scope_run;

void jd_census_release(jd_census *c);
/* Everything delivered so far must be committed. Sends the first errands. */
jd_code jd_census_begin(struct jd_scope_run *r, jd_err *e) JD_NODISCARD;
/* The same of the run's named issues alone: how they stand, then as there. */
jd_code jd_census_named(struct jd_scope_run *r, jd_err *e) JD_NODISCARD;
/* A parcel of its errands that is no last one. */
jd_code jd_census_take(struct jd_scope_run *r, const jd_parcel *p, jd_err *e) JD_NODISCARD;
/* An errand has ended; sends what is next. At the end step is JD_CENSUS_DONE. */
jd_code jd_census_go_on(struct jd_scope_run *r, jd_errand *ended, jd_err *e) JD_NODISCARD;
/* Into the outcome, after the last commit: some of what the server has and we do not. */
jd_code jd_census_name_missing(struct jd_scope_run *r, jd_err *e) JD_NODISCARD;

/* Pure: why an issue that stands so is no longer of the scope; false: it is, or nobody knows. */
bool jd_census_cause(const jd_scope *scope, bool cloud, const jd_standing *s, jd_cause *out);
/* Pure: whether so many of so many are too many without a person's word. */
bool jd_census_brake(uint64_t leaving, uint64_t held);

#endif
