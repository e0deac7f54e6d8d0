/* badfile.h: the quarantine of files of the raw store that are no issues:
 * {dir}/{PROJECT}/{KEY}.transform.json says what, where and why.
 *
 * An entry is known when it was there before the run and said the same. Entries of the projects
 * seen whose file was not found bad again go at the end. */
#ifndef JD_FLOW_BADFILE_H
#define JD_FLOW_BADFILE_H

#include "base/event.h"
#include "sink/store.h"

typedef struct jd_badfiles jd_badfiles;

/* All is borrowed. */
jd_badfiles *jd_badfiles_new(const char *dir, const jd_store *store, const jd_log *log);
void         jd_badfiles_free(jd_badfiles *b);
/* A project is about to be read. */
jd_code jd_badfiles_project(jd_badfiles *b, const char *project, jd_err *e) JD_NODISCARD;
jd_code jd_badfiles_add(jd_badfiles *b, const char *project, uint64_t number, const char *why,
                        jd_err *e) JD_NODISCARD;
/* How many entries are new. */
uint64_t jd_badfiles_fresh(const jd_badfiles *b);
/* At the end of a whole run: removes the entries that no longer hold. */
jd_code jd_badfiles_clear(jd_badfiles *b, jd_err *e) JD_NODISCARD;

#endif
