/* deliver.h: the engine's taking side: what fetchers bring, in the order of arrival, into a sink in
 * batches, the cursors with them. One thread.
 *
 * - A batch is up to 2,000 issues, 16 MiB or one second of pages, of any scopes; a cursor that is
 *   committed with it never says more than what it and those before it hold. Where the sink can, a
 *   batch is made durable while the next one is taken.
 * - A bad issue goes to quarantine with its reason and the run goes on (strict: JD_E_DATA).
 * - A limit cuts a page where it is reached; what comes after is left for the next run. */
#ifndef JD_FLOW_DELIVER_H
#define JD_FLOW_DELIVER_H

#include "base/vec.h"
#include "flow/errands.h"
#include "flow/outcome.h"
#include "flow/recorder.h"

#include <stdatomic.h>

typedef struct jd_following { /* one scope's run, as far as delivery knows it */
    const jd_scope   *scope;
    jd_scope_outcome *out;
    jd_cursor         cursor; /* as committed */
    jd_cursor         next;   /* as it will be with the batch in hand */
    bool              in_batch;
    uint64_t          limit;        /* issues to deliver at most in this run; 0: no limit */
    atomic_bool       enough;       /* nothing more is wanted: a limit, or an error */
    bool              doubtful;     /* the walk ended on the server's word against its own count */
    bool              keep_updated; /* the walk by `updated` must not move the cursor */
    int64_t           last_updated; /* newest row of that walk, JD_PAST for none */
} jd_following;

typedef JD_VEC(const jd_bad_entry *) jd_bad_entries;

typedef struct jd_deliverer {
    jd_sink        *sink;
    const jd_clock *clock;
    const jd_log   *log;
    const char     *quarantine_dir;
    jd_recorder    *recorder; /* NULL: nobody asks what changed */
    bool            strict;
    bool            open; /* a batch is begun */
    uint64_t        issues, bytes;
    int64_t         since; /* monotonic: when it began */
    JD_VEC(jd_following *) in_batch;
    jd_bad_entries settled; /* leave quarantine once the batch is kept */
    struct {                /* handed to the sink, and not known to be kept */
        bool           under_way;
        uint64_t       issues;
        size_t         scopes;
        jd_bad_entries settled;
    } late;
} jd_deliverer;

void jd_deliverer_release(jd_deliverer *d); /* aborts a batch in hand */

/* One page of a walk, or what quarantine gave. An error leaves the batch as it can be committed. */
jd_code jd_deliver_haul(jd_deliverer *d, jd_following *f, const jd_haul *h, jd_err *e) JD_NODISCARD;
/* The scope has this issue no longer, or has it, too, though it need not come. */
jd_code jd_deliver_remove(jd_deliverer *d, jd_following *f, const jd_tombstone *why,
                          jd_err *e) JD_NODISCARD;
jd_code jd_deliver_join(jd_deliverer *d, jd_following *f, uint64_t id, jd_err *e) JD_NODISCARD;
/* Commits when a batch is full or old enough; `all`: whatever is in hand, and returns when it is
 * kept. */
jd_code jd_deliver_commit(jd_deliverer *d, bool all, jd_err *e) JD_NODISCARD;
/* How long the batch in hand may still wait, in ms; -1 when there is none. */
int64_t jd_deliver_due(const jd_deliverer *d);
/* The scope's cursor moved without a page (a new backfill): it goes with the next batch. */
jd_code jd_deliver_cursor(jd_deliverer *d, jd_following *f, jd_err *e) JD_NODISCARD;

#endif
