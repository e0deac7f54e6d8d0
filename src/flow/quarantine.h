/* quarantine.h: records that could not be used, kept with the reason: one JSON file each below
 * data/quarantine/{PROJECT}/. What is there is asked for again by the next run, and goes when it
 * reads. A project that has no usable name is "_". */
#ifndef JD_FLOW_QUARANTINE_H
#define JD_FLOW_QUARANTINE_H

#include "base/arena.h"
#include "base/buf.h"

typedef struct jd_bad { /* a refused record */
    jd_str   scope;     /* label: becomes the folder when it is a project key */
    uint64_t id;        /* 0: not known */
    jd_str   key;       /* as it came, may be anything */
    jd_str   reason;
    jd_str   raw; /* the bytes, cut at 1 MiB */
    int64_t  seen_ms;
} jd_bad;

/* *fresh: it was not there with this reason before. */
jd_code jd_quarantine_add(const char *dir, const jd_bad *bad, bool *fresh, jd_err *e) JD_NODISCARD;

typedef struct jd_bad_entry {
    char    *path;
    uint64_t id;
} jd_bad_entry;
/* What stands in quarantine for a scope, by name. Files of other tools are passed over. */
jd_code jd_quarantine_list(jd_arena *a, const char *dir, jd_str scope, jd_bad_entry **out,
                           size_t *n, jd_err *e) JD_NODISCARD;
jd_code jd_quarantine_clear(const jd_bad_entry *entry, jd_err *e) JD_NODISCARD;

#endif
