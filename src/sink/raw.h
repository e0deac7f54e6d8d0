/* raw.h: the raw sink: one file an issue below data/raw/{PROJECT}/{KEY}.json, Jira's own JSON, with
 * state.db beside it.
 *
 * A batch becomes durable in this order: temporary files and a manifest of their final names, one
 * syncfs, renames, unlink of old keys, fsync of the folders, then the commit of state.db, then
 * unlink of what was removed, whose names are in the manifest too, then the manifest goes. A start
 * that finds a manifest unlinks each file it names that no row of state.db holds: that batch comes
 * again, or that issue was removed. Where state.db is new and files are there, it is rebuilt from
 * them, so that a moved issue never leaves two.
 *
 * Where it is asked what changes, each file that a batch replaces stays as .batch/{id}.old until
 * the commit, and takes its place again when there was none: what comes again is compared with the
 * copy that state.db knows. */
#ifndef JD_SINK_RAW_H
#define JD_SINK_RAW_H

#include "base/event.h"
#include "sink/state.h"

typedef struct jd_raw_conf {
    const char   *raw_dir, *state_dir;
    const char   *site;
    const jd_log *log;
    jd_layout     layout;   /* for jd_store_sink */
    bool          worklogs; /* sink/worklogs.h is kept */
    bool          changes;  /* the older copies are needed: files keep one until the commit */
    uint64_t      segment;  /* packed: bytes from which on a segment is full; 0: 256 MiB */
} jd_raw_conf;

/* The sink owns the state it opens; jd_raw_state lends it, that of a packed store's sink, too,
 * until the next batch is handed over (`hand` in sink/sink.h). It waits for what is under way. */
jd_code   jd_raw_open(const jd_raw_conf *conf, jd_sink *out, jd_err *e) JD_NODISCARD;
jd_state *jd_raw_state(const jd_sink *sink);

/* Makes fresh state's rows from the raw files and its layout files; of two files of one issue the
 * older goes. */
jd_code jd_raw_rebuild(jd_state *state, const char *raw_dir, const jd_log *log,
                       jd_err *e) JD_NODISCARD;

/* What `state verify` found, in either layout. A file newer than its row is pending, not wrong: a
 * later run settles it. So is what stands behind a segment's end. `files` are issues or segments.
 */
typedef struct jd_raw_check {
    uint64_t issues, files, missing, pending, wrong, strays;
    uint64_t removed; /* tombstones */
} jd_raw_check;
jd_code jd_raw_verify(jd_state *state, const char                                         *raw_dir,
                      void (*found)(void *self, const char *path, const char *what), void *self,
                      jd_raw_check *out, jd_err *e) JD_NODISCARD;

/* "{PROJECT}/{KEY}.json" of an issue key; the key must have been checked. */
enum { JD_RAW_PATH_MAX = 600 };
void jd_raw_path(jd_str key, char out[JD_RAW_PATH_MAX]);

#endif
