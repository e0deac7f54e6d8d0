/* attachments.h: the bodies of attachments, each fetched once and kept under its SHA-256, as
 * {dir}/ab/cdef…; which attachment has which stands in state.db (sink/attachlist.h).
 *
 * - What breaks off goes on where it ended: a part stays in {dir}/.part/{id}, and the server is
 *   asked for the rest.
 * - Cloud redirects to a host for media, which gets no credentials; only https, or the host that
 *   was asked, is followed.
 * - What the server does not have, or not for us, is counted and told, and no failure. A body whose
 *   size is not what Jira said is not taken. */
#ifndef JD_FLOW_ATTACHMENTS_H
#define JD_FLOW_ATTACHMENTS_H

#include "flow/outcome.h"
#include "jira/api.h"
#include "sink/state.h"

typedef struct jd_attachments { /* borrowed */
    const char   *raw_dir, *state_dir, *dir;
    uint64_t      limit; /* bytes of one; 0: any */
    jd_jira      *jira;
    jd_state     *state;
    const jd_log *log;
} jd_attachments;

/* JD_E_AUTH, JD_E_NET, JD_E_BUSY, JD_E_INTERRUPTED, JD_E_IO, JD_E_DB end it: run again. */
jd_code jd_attachments_fetch(const jd_attachments *in, jd_arena *a, jd_outcome *out,
                             jd_err *e) JD_NODISCARD;

#endif
