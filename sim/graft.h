/* graft.h: gives an issue that came without a changelog one that agrees with its fields. */
#ifndef SIM_GRAFT_H
#define SIM_GRAFT_H

#include "base/buf.h"

/* Appends the issue to out. Without a "changelog" member one is put right after "fields" (at the
 * end when there is none): status from where issues start to where this one is, the resolution at
 * resolutiondate by the assignee, some edits between created and updated; every other byte stays.
 * An issue that has one, or that is no JSON object, is appended as it is. The same issue and seed
 * give the same bytes. */
void sim_graft(jd_buf *out, jd_str issue_json, uint64_t seed);

#endif
