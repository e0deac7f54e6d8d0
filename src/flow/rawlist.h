/* rawlist.h: what a raw store holds: its projects, and the issues of one by number.
 *
 * - A project is a folder whose name is a project key; an issue of it is a file KEY.json in it.
 *   KEY.extra.json, dot files and temporary files belong to others and do not count.
 * - An issue costs eight bytes, however long its name is. */
#ifndef JD_FLOW_RAWLIST_H
#define JD_FLOW_RAWLIST_H

#include "base/arena.h"
#include "sys/file.h"

/* The projects of a raw folder, sorted, in the arena. JD_E_NOTFOUND says what to do when the folder
 * or one of the `want`ed projects is missing; no `want` means all there are. */
jd_code jd_rawlist_projects(jd_arena *a, const char *raw_dir, const char *const *want,
                            size_t n_want, jd_names *out, jd_err *e) JD_NODISCARD;

typedef struct jd_rawlist {
    int       fd; /* of the project's folder; -1: not open */
    uint64_t *number;
    size_t    n;
    uint64_t  ignored; /* files whose name is no key of this project */
} jd_rawlist;

/* The numbers are sorted. Released with jd_rawlist_close, also after a failure. */
jd_code jd_rawlist_open(jd_rawlist *l, const char *raw_dir, const char *project,
                        jd_err *e) JD_NODISCARD;
void    jd_rawlist_close(jd_rawlist *l);

#endif
