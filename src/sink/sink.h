/* sink.h: where issues go, and the cursor with them. The contract, the same for every sink and
 * checked by one conformance suite that crashes at every step:
 *
 *  1 begin..commit brackets a batch; nothing in between is promised to last.
 *  2 Once commit(c) returned JD_OK, a process that starts after a power cut reads a cursor >= c
 * from where(), and every issue written is there. 3 When commit did not return JD_OK, where() gives
 * the old cursor, and writing the batch again leaves the same end state. 4 abort never fails; close
 * without commit is abort. 5 write borrows the issue for the call only. 6 Writing an issue older
 * (by `updated`, then by fetch time) than what the sink holds for that id is a no-op that counts as
 * delivered.
 *
 * A sink belongs to one thread. */
#ifndef JD_SINK_SINK_H
#define JD_SINK_SINK_H

#include "model/cursor.h"
#include "model/issue.h"
#include "model/plan.h"

enum jd_sink_caps {
    JD_SINK_TXN    = 1 << 0, /* cursor and data are one transaction */
    JD_SINK_UPSERT = 1 << 1, /* writing again overwrites: a replay is harmless */
    JD_SINK_DELETE = 1 << 2  /* understands removal */
};

typedef struct jd_held { /* what a sink holds of an id */
    int64_t  updated_ms, fetched_ms;
    uint64_t hash, plan;
} jd_held;

typedef enum jd_written {
    JD_WROTE_NEW,       /* was not held */
    JD_WROTE_CHANGED,   /* took the place of an older state */
    JD_WROTE_UNCHANGED, /* the same content is held already */
    JD_WROTE_OLDER      /* what is held is newer */
} jd_written;

typedef struct jd_sink_ops {
    const char *name;
    unsigned    caps;
    /* The scope's cursor; a fresh one (no windows) when it has none. */
    jd_code (*where)(void *self, const jd_scope *scope, jd_cursor *out, jd_err *e);
    jd_code (*begin)(void *self, const jd_scope *scope, jd_err *e);
    /* What is held of an id under this key, the batch in hand included; false: nothing. */
    bool (*holds)(void *self, uint64_t id, jd_str key, jd_held *out);
    jd_code (*write)(void *self, const jd_issue *issue, jd_written *out, jd_err *e);
    /* An issue that is held unchanged belongs to the scope. */
    jd_code (*member)(void *self, uint64_t id, jd_err *e);
    /* Data durable, then the cursor. seq grows by one. */
    jd_code (*commit)(void *self, jd_cursor *upto, jd_err *e);
    void (*abort)(void *self);
    void (*close)(void *self);
    /* How many issues of the scope are held that were updated at or after `since` (JD_PAST: all).
     */
    jd_code (*count)(void *self, const jd_scope *scope, int64_t since, uint64_t *out, jd_err *e);
} jd_sink_ops;

typedef struct jd_sink {
    const jd_sink_ops *ops;
    void              *self;
} jd_sink;

#endif
