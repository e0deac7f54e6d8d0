/* deliver.h: the engine: pages of one walk, in order, into a sink in batches, the cursor with them.
 *
 * - A batch is up to 2,000 issues, 16 MiB or one second of consecutive pages; the cursor that is
 *   committed with it never says more than what the batch and those before it hold.
 * - When a page cannot be had (a stop, a failing server), the pages in hand are committed first.
 * - A bad issue goes to quarantine with its reason and the walk goes on (strict: JD_E_DATA). */
#ifndef JD_FLOW_DELIVER_H
#define JD_FLOW_DELIVER_H

#include "flow/outcome.h"
#include "jira/api.h"
#include "sink/sink.h"

/* Who looks on: the progress display, or nobody (NULL functions). */
typedef struct jd_watch {
    void (*scope)(void *self, const char *label, uint64_t total); /* a walk begins */
    void (*moved)(void *self, uint64_t n);                        /* n more issues dealt with */
    void *self;
} jd_watch;

typedef struct jd_delivery { /* what one scope's run works with; all borrowed */
    jd_jira          *jira;
    jd_sink          *sink;
    jd_reader        *reader;
    jd_stop          *stop;
    const jd_clock   *clock;
    const jd_log     *log;
    const jd_watch   *watch;
    const char       *quarantine_dir;
    const jd_scope   *scope;
    jd_bounds         bounds;
    uint64_t          page_size;
    uint64_t          limit; /* issues to deliver at most in this run; 0: no limit */
    int64_t           since; /* start date in the query; JD_PAST: none */
    int64_t           horizon;
    bool              strict;
    bool              keep_updated; /* incremental that must not move the `updated` cursor */
    jd_scope_outcome *out;
} jd_delivery;

/* Walks window `window` of the cursor by `created`, from where it stands. */
jd_code jd_deliver_window(jd_delivery *d, jd_cursor *cursor, unsigned window,
                          jd_err *e) JD_NODISCARD;
/* Walks by `updated` from `from`, and moves cursor->updated unless keep_updated. */
jd_code jd_deliver_updates(jd_delivery *d, jd_cursor *cursor, int64_t from, jd_err *e) JD_NODISCARD;
/* Asks again for what is in quarantine; what now reads is delivered and leaves it. */
jd_code jd_deliver_quarantine(jd_delivery *d, jd_cursor *cursor, jd_err *e) JD_NODISCARD;

#endif
