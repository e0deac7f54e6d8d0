/* export.h: a raw store once more, in another folder and either layout, with its state: the same
 * issues, cursors, members, aliases and runs, so that a scrape goes on with it.
 *
 * - {output}/raw and {output}/state appear whole or not at all: they are made in a hidden folder
 *   beside, synced and renamed. What a killed export left there goes with the next.
 * - The source's state is locked meanwhile, and nothing of the source changes. */
#ifndef JD_SINK_EXPORT_H
#define JD_SINK_EXPORT_H

#include "base/event.h"
#include "sink/state.h"
#include "sys/signal.h"

typedef struct jd_export {
    const char    *raw_dir, *state_dir;
    const char    *output; /* no such folder, or an empty one */
    jd_layout      layout;
    const jd_log  *log;
    const jd_stop *stop; /* may be NULL */
    /* So many more issues are done; may be NULL. */
    void (*step)(void *self, uint64_t issues);
    void *self;
} jd_export;

/* *issues: how many. JD_E_USAGE: the output is in use; JD_E_NOTFOUND: nothing was scraped;
 * JD_E_DATA: an issue is missing or cannot be read; JD_E_STATE, JD_E_LOCKED, JD_E_INTERRUPTED,
 * JD_E_IO. */
jd_code jd_store_export(const jd_export *in, uint64_t *issues, jd_err *e) JD_NODISCARD;

#endif
