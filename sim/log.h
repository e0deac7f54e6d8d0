/* log.h: which requests came, for tests and people: JSON Lines to a file, and kept to be asked for.
 * Thread-safe. What is kept stops at 256 MiB; the file goes on. Long texts are cut at 64 KiB. */
#ifndef SIM_LOG_H
#define SIM_LOG_H

#include "base/buf.h"

typedef struct sim_log sim_log;

typedef struct sim_log_row {
    int64_t time_ms, took_ms;
    int64_t tick_ms, sent_ms; /* monotonic: when it came, when its answer may leave */
    int64_t retry_ms; /* what Retry-After in a whole answer promised from then on; -1: nothing
                       */
    jd_str   method, path, query, jql, fields, expand, user; /* p NULL: not said */
    jd_str   fault, changed;        /* what went wrong ("503+gzip"), and what changed before */
    int64_t  start_at, max_results; /* -1: not said */
    int      status;
    uint64_t rows, bytes;
} sim_log_row;

/* path NULL: only kept. Truncates the file. */
jd_code sim_log_open(const char *path, sim_log **out, jd_err *e) JD_NODISCARD;
/* JD_E_IO when the file could not take every row. NULL is fine. */
jd_code  sim_log_close(sim_log *l, jd_err *e);
void     sim_log_add(sim_log *l, const sim_log_row *row);
void     sim_log_write(sim_log *l, jd_buf *out); /* a JSON array of all rows kept */
void     sim_log_forget(sim_log *l);             /* those kept */
uint64_t sim_log_next(sim_log *l);               /* numbers requests from 1 */

#endif
