/* site.h: what is kept of a site beside its issues: {raw}/_site/{NAME}.json, a list of Jira's own
 * JSON, one entry a line, in order of the entries' ids. A file is replaced whole, and only when its
 * content differs. */
#ifndef JD_SINK_SITE_H
#define JD_SINK_SITE_H

#include "text/json.h"

#define JD_SITE_DIR "_site" /* below the raw folder; no project is called so */

#define JD_SITE_NAMES "names" /* the fields as we name them (model/field.h) */

/* The file as it stands, in the arena; *out is NULL when there is none. JD_E_DATA: it is no list;
 * the message says to remove it. */
jd_code jd_site_read(const char *raw_dir, const char *name, jd_arena *a, const jd_json **out,
                     jd_err *e) JD_NODISCARD;
/* The same entry by entry, in order, none of which outlives its call; nothing where there is no
 * file. Its text is in memory as a whole, and what it says is not: where somebody else laid it out
 * in lines, that too. */
typedef jd_code jd_site_take(void *self, const jd_json *entry, jd_err *e);
jd_code         jd_site_each(const char *raw_dir, const char *name, jd_site_take *take, void *self,
                             jd_err *e) JD_NODISCARD;
/* JD_E_IO. *changed may be NULL. */
jd_code jd_site_write(const char *raw_dir, const char *name, const jd_json *const *entry, size_t n,
                      bool *changed, jd_err *e) JD_NODISCARD;
/* The entries take the places of those with their ids (numbers); the others stay. */
jd_code jd_site_merge(const char *raw_dir, const char *name, const jd_json *const *entry, size_t n,
                      jd_err *e) JD_NODISCARD;
/* The whole file, as text that is made already; ends with a newline. */
jd_code jd_site_put(const char *raw_dir, const char *name, jd_str text, bool *changed,
                    jd_err *e) JD_NODISCARD;
/* Copies all of it into another raw folder; nothing when there is nothing. */
jd_code jd_site_copy(const char *raw_dir, const char *to, jd_err *e) JD_NODISCARD;

#endif
