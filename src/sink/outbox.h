/* outbox.h: an append-only file of changes, one line each (model/change.h), that says exactly what
 * was committed.
 *
 * - Lines come into state.db with the batch they belong to, in its transaction. What is there
 *   stands in the file or is about to: jd_outbox_flush writes it behind what the file is known to
 *   hold, makes it durable, and only then forgets it. A process that is killed in between leaves
 *   the same bytes to the next one, for the same place.
 * - Nobody else writes to the file. It may be moved away or emptied between runs; it then begins
 *   anew. What an earlier run left over goes into the file it was meant for. */
#ifndef JD_SINK_OUTBOX_H
#define JD_SINK_OUTBOX_H

#include "model/change.h"
#include "sink/state.h"

/* A change as its line, in the arena. */
jd_code jd_outbox_line(jd_arena *a, const jd_change *c, jd_str *out, jd_err *e) JD_NODISCARD;
/* Inside a transaction. */
jd_code jd_outbox_put(jd_state *s, jd_str line, jd_err *e) JD_NODISCARD;

typedef struct jd_outbox jd_outbox;
/* path NULL: only what is left over. Makes the file and its folder when missing. JD_E_IO. */
jd_code jd_outbox_open(jd_state *s, const char *path, jd_outbox **out, jd_err *e) JD_NODISCARD;
/* Outside a transaction; JD_E_IO keeps the lines for the next time. */
jd_code jd_outbox_flush(jd_outbox *o, jd_err *e) JD_NODISCARD;
void    jd_outbox_close(jd_outbox *o); /* NULL is fine; before the state */

#endif
