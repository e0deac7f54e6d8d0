/* batch.h: what the raw sinks have in common, whatever the layout: what a batch holds and how each
 * issue of it is judged, its rows and cursors in one transaction of state.db, and readers.
 *
 * A sink embeds a jd_batch as its first member, so that the functions of sink.h below can stand in
 * its table. Errors as in sink/state.h. */
#ifndef JD_SINK_BATCH_H
#define JD_SINK_BATCH_H

#include "base/map.h"
#include "base/vec.h"
#include "sink/gaps.h"
#include "sink/tomb.h"
#include "sink/users.h"
#include "sink/worklogs.h"

typedef struct jd_batch_row { /* one issue of the batch in hand */
    const jd_scope *scope;
    jd_state_issue  row;   /* key in the batch's arena */
    jd_str          old;   /* the key it is held under now, empty when the same or none */
    bool            store; /* false: the content is held already, only the row changes */
    bool            moved;
} jd_batch_row;

typedef struct jd_batch_join { /* an issue that is held, and belongs to the scope */
    const jd_scope *scope;
    uint64_t        id;
} jd_batch_join;

typedef struct jd_batch_gone { /* an issue that belongs to the scope no longer */
    const jd_scope *scope;
    jd_tombstone    why;     /* its key in the batch's arena */
    bool            removed; /* by the commit: no other scope has it */
} jd_batch_gone;

typedef struct jd_batch {
    jd_state *state; /* owned */
    jd_arena *arena; /* of the batch */
    JD_VEC(jd_batch_row) row;
    JD_VEC(jd_batch_join) joined;
    JD_VEC(jd_batch_gone) gone;
    jd_tombs tombs;
    bool     index_work; /* which issue a worklog is of will be asked */
    jd_works work;
    bool     tell;         /* what is removed is a change, too */
    JD_VEC(jd_str) change; /* lines for the outbox, in the batch's arena */
    jd_idmap *by_id;       /* id -> place in row */
    jd_gaps   gaps;
    jd_users  users;
    bool      open; /* begun */
    /* Whether the bytes held of an issue can still be read: somebody may have removed them. Asked
     * before what comes is taken for unchanged; self is the sink. */
    bool (*there)(void *self, jd_str key);
    /* Before the state is looked at: it may be in use (NULL: it is not). */
    void (*ready)(void *self);
} jd_batch;

void jd_batch_init(jd_batch *b, bool (*there)(void *self, jd_str key));
void jd_batch_release(jd_batch *b); /* closes the state, too */
void jd_batch_clear(jd_batch *b);
/* `to`, which is empty, has what `from` held, and its state, which stays `from`'s. When it is not
 * committed, `from`'s users have to be forgotten. */
void jd_batch_move(jd_batch *from, jd_batch *to);

/* Takes an issue in. *store says that its bytes have to be stored, as those of b->row.v[*place]; an
 * issue that comes again takes its first place. */
jd_code jd_batch_add(jd_batch *b, const jd_scope *scope, const jd_issue *issue, jd_written *out,
                     bool *store, size_t *place, jd_err *e) JD_NODISCARD;

/* Rows, members and cursors as one transaction. The data must be durable. `more` (may be NULL) adds
 * to it: called behind each row with its place, at the end once more with JD_BATCH_END. `point` is
 * the crash point before the transaction ends. */
#define JD_BATCH_END SIZE_MAX
jd_code jd_batch_commit(jd_batch *b, const jd_commit *upto, size_t n, const char *point,
                        jd_code (*more)(void *self, size_t place, jd_err *e), void *self,
                        jd_err *e) JD_NODISCARD;

/* For a sink's table; self is the sink. */
jd_code jd_batch_where(void *self, const jd_scope *scope, jd_cursor *out, jd_err *e) JD_NODISCARD;
jd_code jd_batch_count(void *self, const jd_scope *scope, int64_t since, uint64_t *out,
                       jd_err *e) JD_NODISCARD;
jd_code jd_batch_begin(void *self, jd_err *e) JD_NODISCARD;
jd_code jd_batch_member(void *self, const jd_scope *scope, uint64_t id, jd_err *e) JD_NODISCARD;
jd_code jd_batch_remove(void *self, const jd_scope *scope, const jd_tombstone *why,
                        jd_err *e) JD_NODISCARD;
jd_code jd_batch_change(void *self, const jd_scope *scope, const jd_change *change,
                        jd_err *e) JD_NODISCARD;
jd_code jd_batch_reader(void *self, jd_reader *out, jd_err *e) JD_NODISCARD;

#endif
