/* quarantine.h: records that could not be used, kept with the reason: one JSON file each below
 * data/quarantine/{PROJECT}/, or {_HASH}/ for what a JQL selects. What is there is asked for again
 * by the next run, and goes when it reads: by its id, or, where none could be read, at the place
 * where it stood. */
#ifndef JD_FLOW_QUARANTINE_H
#define JD_FLOW_QUARANTINE_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/plan.h"

typedef struct jd_place { /* where a record stood that has no id */
    jd_str   jql;         /* with its order; empty: not known */
    uint64_t row;         /* of the answer, from 0 */
} jd_place;

typedef struct jd_bad { /* a refused record */
    const jd_scope *scope;
    uint64_t        id; /* 0: not known */
    jd_place        place;
    jd_str          key; /* as it came, may be anything */
    jd_str          reason;
    jd_str          raw; /* the bytes, cut at 1 MiB */
    int64_t         seen_ms;
} jd_bad;

/* *fresh: it was not there with this reason before. */
jd_code jd_quarantine_add(const char *dir, const jd_bad *bad, bool *fresh, jd_err *e) JD_NODISCARD;

typedef struct jd_bad_entry {
    char    *path;
    uint64_t id;
    jd_place place; /* read only when there is no id */
} jd_bad_entry;
/* What stands in quarantine for a scope, by name. Files of other tools are passed over. */
jd_code jd_quarantine_list(jd_arena *a, const char *dir, const jd_scope *scope, jd_bad_entry **out,
                           size_t *n, jd_err *e) JD_NODISCARD;
/* Whether a record without an id is told from others by its bytes; else it is by its place. */
bool jd_quarantine_told(jd_str raw);
/* Whether a record without an id may be the one of the entry. */
bool jd_quarantine_may_be(const jd_bad_entry *entry, jd_str raw);
/* The entries of a project that had another key go where they are looked for now. */
jd_code jd_quarantine_follow(const char *dir, jd_str was, const jd_scope *scope,
                             jd_err *e) JD_NODISCARD;
jd_code jd_quarantine_clear(const jd_bad_entry *entry, jd_err *e) JD_NODISCARD;

#endif
