/* rawlist.h: which projects of a raw store a job takes. */
#ifndef JD_FLOW_RAWLIST_H
#define JD_FLOW_RAWLIST_H

#include "sink/store.h"

/* Sorted, in the arena. JD_E_NOTFOUND says what to do when the folder or one of the `want`ed
 * projects is missing; no `want` means all there are. */
jd_code jd_rawlist_projects(jd_arena *a, jd_store *store, const char *raw_dir,
                            const char *const *want, size_t n_want, jd_names *out,
                            jd_err *e) JD_NODISCARD;

#endif
