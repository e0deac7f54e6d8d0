/* worklogs.h: which issue a worklog is of, in state.db: of one that was deleted the server tells no
 * more than its id. Known of what came since somebody who signs in scrapes. */
#ifndef JD_SINK_WORKLOGS_H
#define JD_SINK_WORKLOGS_H

#include "base/vec.h"
#include "sink/state.h"

typedef struct jd_work {
    uint64_t worklog, issue;
} jd_work;
typedef JD_VEC(jd_work) jd_works;

/* Finds them in the issue's bytes. */
void jd_worklogs_take(jd_works *w, const jd_issue *issue);
/* Inside a transaction. */
jd_code jd_worklogs_put(jd_state *s, const jd_works *w, jd_err *e) JD_NODISCARD;
/* 0: not known. */
jd_code jd_worklogs_issue(jd_state *s, uint64_t worklog, uint64_t *issue, jd_err *e) JD_NODISCARD;

#endif
