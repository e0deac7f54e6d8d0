/* members.h: which issues that are held belong to a scope, asked in order of id. */
#ifndef JD_SINK_MEMBERS_H
#define JD_SINK_MEMBERS_H

#include "sink/state.h"

/* What tells lists of members apart, as SQL over their ids: how many, and a sum of what is made of
 * each, so that one that took another's place is seen. */
#define JD_MEMBERS_SUM(id) \
    "count(*) || ' ' || coalesce(sum(" id " % 1000003 * (" id " % 1000033) % 2147483647), 0)"

/* JD_MEMBERS_SUM of those that are held; the text lives in the arena. */
jd_code jd_members_sum(jd_state *s, const jd_scope *scope, jd_arena *a, jd_str *out,
                       jd_err *e) JD_NODISCARD;
/* Each member that is held; the callback must not change the state. */
jd_code jd_members_each(jd_state *s, const jd_scope *scope, void (*each)(void *self, uint64_t id),
                        void *self, jd_err *e) JD_NODISCARD;
/* Whether the scope has it. */
jd_code jd_members_has(jd_state *s, const jd_scope *scope, uint64_t id, bool *has,
                       jd_err *e) JD_NODISCARD;
/* Issues held under keys of the scope's project that belong to no scope at all: a state that was
 * made anew from the raw store has not seen them at the server since. None for a JQL. */
jd_code jd_members_orphans(jd_state *s, const jd_scope                 *scope,
                           void (*each)(void *self, uint64_t id), void *self,
                           jd_err *e) JD_NODISCARD;

#endif
