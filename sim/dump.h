/* dump.h: every issue complete, one line each: what a client must hold once it has fetched all.
 * An issue stands as search serves it with all fields and the changelog, and each list that the
 * server cut is whole (startAt 0, maxResults the number of items, total as it is). */
#ifndef SIM_DUMP_H
#define SIM_DUMP_H

#include "sim/serve.h"

/* References to all issues, by project and number; the caller drops them and frees the list. */
size_t sim_dump_all(sim_store *s, sim_text ***all);
/* To a file, or to standard output for "-". zone as in sim_select. */
jd_code sim_dump_file(sim_store *s, const sim_zone *zone, const char *path, jd_err *e) JD_NODISCARD;

#endif
