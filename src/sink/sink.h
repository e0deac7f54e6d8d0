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
 *  7 A commit may be made in two steps, where the sink has them: `hand` ends the batch, so that the
 * next may begin, and `settle` waits until it is kept: only that returning JD_OK is what point 2
 * says. One batch at a time is under way. When it fails, settle says so until abort, and nothing
 * that came after it is kept.
 *
 * A batch may hold issues of several scopes; each brings its cursor to the commit. A sink belongs
 * to one thread; readers, which may belong to others, see what is committed. */
#ifndef JD_SINK_SINK_H
#define JD_SINK_SINK_H

#include "model/change.h"
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

/* Why an issue is held no longer: name, word, what it means. */
#define JD_CAUSES(X)                                                \
    X(GONE, "gone", "deleted, or not visible to the account")       \
    X(MOVED, "moved", "in a project now that is not mirrored")      \
    X(ARCHIVED, "archived", "archived")                             \
    X(LEFT, "left", "no longer among those that the query selects") \
    X(DELETED, "deleted", "deleted")
typedef enum jd_cause {
#define X(name, word, text) JD_CAUSE_##name,
    JD_CAUSES(X)
#undef X
        JD_CAUSES_N
} jd_cause;
const char *jd_cause_name(jd_cause c); /* "gone" */
const char *jd_cause_text(jd_cause c); /* the table's words */

typedef struct jd_tombstone { /* what is known of an issue that was removed */
    uint64_t id;
    jd_str   key; /* that it was held under */
    jd_cause cause;
    jd_str   now;        /* its key elsewhere; empty: not known */
    int64_t  updated_ms; /* of the last state that was held */
    int64_t  made_ms;    /* when it was found out */
} jd_tombstone;

typedef struct jd_commit { /* how far a scope is once the batch is kept; seq grows by one */
    const jd_scope *scope;
    jd_cursor      *cursor;
} jd_commit;

/* What is held, asked from another thread than the sink's. */
typedef struct jd_reader {
    /* What is held of an id under this key; false: nothing, or nothing but what came since the
     * reader was opened. */
    bool (*holds)(void *self, uint64_t id, jd_str key, jd_held *out);
    void (*close)(void *self);
    void *self;
} jd_reader;

typedef struct jd_sink_ops {
    const char *name;
    unsigned    caps;
    /* The scope's cursor; a fresh one (no windows) when it has none. */
    jd_code (*where)(void *self, const jd_scope *scope, jd_cursor *out, jd_err *e);
    jd_code (*begin)(void *self, jd_err *e);
    /* Scopes are borrowed until the batch ends. */
    jd_code (*write)(void *self, const jd_scope *scope, const jd_issue *issue, jd_written *out,
                     jd_err *e);
    /* An issue that is held unchanged belongs to the scope. */
    jd_code (*member)(void *self, const jd_scope *scope, uint64_t id, jd_err *e);
    /* An issue belongs to the scope no longer. Where it belongs to no other one, all that is held
     * of it goes with the commit and `why` stays, until the issue is written again; in the same
     * batch, too. Key and date are the sink's to fill in; what is not held is a no-op. Only with
     * JD_SINK_DELETE. */
    jd_code (*remove)(void *self, const jd_scope *scope, const jd_tombstone *why, jd_err *e);
    /* What changed in an issue of the batch, as part of it; `change` is borrowed for the call.
     * NULL: the sink has no use for changes. */
    jd_code (*change)(void *self, const jd_scope *scope, const jd_change *change, jd_err *e);
    /* Data durable, then the cursors. */
    jd_code (*commit)(void *self, const jd_commit *upto, size_t n, jd_err *e);
    /* NULL where commit is all there is. Cursors are copied; their seq grows at once. */
    jd_code (*hand)(void *self, const jd_commit *upto, size_t n, jd_err *e);
    /* JD_OK also when nothing is under way. */
    jd_code (*settle)(void *self, jd_err *e);
    void (*abort)(void *self);
    void (*close)(void *self);
    /* How many issues of the scope are held that were updated at or after `since` (JD_PAST: all).
     */
    jd_code (*count)(void *self, const jd_scope *scope, int64_t since, uint64_t *out, jd_err *e);
    jd_code (*reader)(void *self, jd_reader *out, jd_err *e);
} jd_sink_ops;

typedef struct jd_sink {
    const jd_sink_ops *ops;
    void              *self;
} jd_sink;

#endif
