/* named.h: issues that somebody names, by key or id: what a webhook told of, to be fetched now. */
#ifndef JD_FLOW_NAMED_H
#define JD_FLOW_NAMED_H

#include "flow/scrape.h"
#include "jira/api.h"
#include "model/plan.h"

/* Digits, or a key. JD_E_USAGE. */
jd_code jd_named_check(const char *const *name, size_t n, jd_err *e) JD_NODISCARD;
/* Their ids, each once, into the arena: as the server knows them, else as the mirror remembers them
 * (an issue that is gone; a key of before a move). JD_E_NOTFOUND for one that neither knows, and
 * for one of a project that is none of the scopes'. */
jd_code jd_named_resolve(jd_jira *j, jd_state *state, const jd_scope *scope, size_t nscope,
                         const char *const *name, size_t n, jd_arena *a, uint64_t **out,
                         size_t *nout, jd_err *e) JD_NODISCARD;

#endif
