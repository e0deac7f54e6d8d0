/* pack.h: the packed raw sink: few large files instead of one an issue; sink/packer.h says how they
 * are made, sink/packindex.h how an issue is found in them.
 *
 * A batch becomes durable in this order: its frames behind the end of their segments, fdatasync of
 * each (or one syncfs) and of the folders of new ones, then rows, places, ends and cursors in one
 * commit of state.db. A start cuts every segment to the end that state.db knows. A replaced issue's
 * old bytes stay, dead, until compaction. Where state.db is fresh it is rebuilt from the segments;
 * of several states of one issue the newest counts, by `updated`, then by place. */
#ifndef JD_SINK_PACK_H
#define JD_SINK_PACK_H

#include "sink/packindex.h"
#include "sink/raw.h"

jd_code jd_pack_open(const jd_raw_conf *conf, jd_sink *out, jd_err *e) JD_NODISCARD;

/* Makes fresh state's rows from the segments, and its layout pack, under this store name. */
jd_code jd_pack_rebuild(jd_state *state, jd_packindex *x, const char *raw_dir, jd_str store,
                        const jd_log *log, jd_err *e) JD_NODISCARD;

typedef struct jd_compaction {
    uint64_t segments, issues; /* rewritten */
    uint64_t before, after;    /* bytes of all segments */
} jd_compaction;
/* Rewrites each segment of which more than half is dead: its live issues go behind the project's
 * newest segment, its file goes. A crash at any step leaves the one or the other. */
jd_code jd_pack_compact(jd_state *state, const char *raw_dir, jd_compaction *out,
                        jd_err *e) JD_NODISCARD;

#endif
