/* attachlist.h: which attachments the issues of a mirror have, and what became of each one's body:
 * rows of state.db, made when bodies are asked for. A body is known by its SHA-256. */
#ifndef JD_SINK_ATTACHLIST_H
#define JD_SINK_ATTACHLIST_H

#include "sink/state.h"

typedef enum jd_attached { /* numbers in state.db */
                           JD_ATTACHED_WANTED,
                           JD_ATTACHED_HELD,
                           JD_ATTACHED_MISSING, /* the server has none */
                           JD_ATTACHED_FORBIDDEN
} jd_attached;

typedef struct jd_attachment {
    uint64_t id, issue, size;
    jd_str   name, key; /* as uploaded; of the issue */
} jd_attachment;

typedef struct jd_attachlist { /* the state's for its time */
    jd_state *s;
    jd_stmt  *pick, *put, *drop, *next, *set;
} jd_attachlist;
jd_code jd_attachlist_open(jd_state *s, jd_attachlist *out, jd_err *e) JD_NODISCARD;

/* Brings the list up to the issues that were fetched since it was last: `read` gives an issue's
 * JSON by its key (NULL when it cannot be read: passed over). What was missing or forbidden and is
 * spoken of again is wanted again. */
jd_code jd_attachlist_update(jd_attachlist *l,
                             const jd_json *(*read)(void *self, jd_arena *a, jd_str key),
                             void *self, jd_err *e) JD_NODISCARD;

/* The wanted one with the lowest id above `after` of at most `limit` bytes (0: any size); in the
 * arena. *found is false at the end. */
jd_code jd_attachlist_next(jd_attachlist *l, jd_arena *a, uint64_t after, uint64_t limit,
                           jd_attachment *out, bool *found, jd_err *e) JD_NODISCARD;
/* sha256 in hex; empty unless it is held. */
jd_code jd_attachlist_set(jd_attachlist *l, uint64_t id, jd_attached state, uint64_t size,
                          jd_str sha256, jd_err *e) JD_NODISCARD;

typedef struct jd_attach_sum {
    uint64_t n[JD_ATTACHED_FORBIDDEN + 1]; /* by jd_attached */
    uint64_t bytes;                        /* held */
    uint64_t over;                         /* of those wanted, larger than the limit */
} jd_attach_sum;
jd_code jd_attachlist_sum(jd_state *s, uint64_t limit, jd_attach_sum *out, jd_err *e) JD_NODISCARD;
/* Calls each for those missing and forbidden, in order of id, until it says false. */
jd_code jd_attachlist_lost(jd_state *s,
                           bool (*each)(void *self, const jd_attachment *at, jd_attached state),
                           void *self, jd_err *e) JD_NODISCARD;

#endif
