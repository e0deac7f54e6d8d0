/* recorder.h: what changed in each issue that is delivered: compared with the copy that is held,
 * told to the sink as part of the batch, and brought into the file behind its commit.
 *
 * - The copy that is held is read only for issues that took its place.
 * - An issue that comes twice in a batch would be compared with a copy that is not committed:
 *   jd_recorder_met says so, and the batch has to end first. */
#ifndef JD_FLOW_RECORDER_H
#define JD_FLOW_RECORDER_H

#include "base/clock.h"
#include "base/event.h"
#include "sink/sink.h"
#include "sink/state.h"

typedef struct jd_recorder jd_recorder;

typedef struct jd_recorder_conf { /* borrowed */
    jd_sink        *sink;         /* of a raw store, or one beside it, over `state` */
    jd_state       *state;
    const char     *raw_dir, *state_dir;
    const char     *file;  /* where the lines go */
    const jd_json  *names; /* GET /field; NULL: unknown */
    const jd_clock *clock;
    const jd_log   *log;
} jd_recorder_conf;

/* Brings what an earlier run left over into its file. JD_E_IO. */
jd_code jd_recorder_open(const jd_recorder_conf *conf, jd_recorder **out, jd_err *e) JD_NODISCARD;
void    jd_recorder_close(jd_recorder *r); /* NULL is fine; before the sink */

/* Whether the batch in hand has this issue. */
bool jd_recorder_met(const jd_recorder *r, uint64_t id);
/* Behind the sink's write of the issue. `appeared`: an issue that was not held is news; in a
 * backfill it is not. */
jd_code jd_recorder_note(jd_recorder *r, const jd_scope *scope, const jd_issue *issue,
                         jd_written how, bool appeared, jd_err *e) JD_NODISCARD;
/* Behind the commit. */
jd_code jd_recorder_flush(jd_recorder *r, jd_err *e) JD_NODISCARD;
/* The batch was given up. */
void jd_recorder_forget(jd_recorder *r);

#endif
