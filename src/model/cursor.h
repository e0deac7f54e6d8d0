/* cursor.h: where a scope stands. Plain data, one JSON line of at most 2 KiB on disk.
 *
 * - The cursor is committed after (or with) the data it speaks of, never before.
 * - Backfill walks `created` in windows; when every window has ended, `updated` starts at t0, and
 *   from then on the incremental walk follows `updated`.
 * - Times are epoch ms. An open edge is JD_PAST or JD_FUTURE; a window has ended when at == to. */
#ifndef JD_MODEL_CURSOR_H
#define JD_MODEL_CURSOR_H

#include "base/arena.h"
#include "base/buf.h"

#define JD_PAST   INT64_MIN
#define JD_FUTURE INT64_MAX

enum { JD_WINDOWS_MAX = 16, JD_CURSOR_MAX = 2048, JD_CURSOR_VERSION = 1 };

typedef struct jd_window {
    int64_t from, to; /* created in [from, to) */
    int64_t at;       /* everything created before this whole second is delivered */
} jd_window;

typedef struct jd_cursor {
    char      scope[256];
    uint64_t  plan;  /* what is asked for: JQL and fields (see plan.h) */
    int64_t   t0;    /* the server's clock when the backfill began; JD_PAST before that */
    int64_t   since; /* the start date the windows are walked with; JD_PAST for none */
    jd_window window[JD_WINDOWS_MAX];
    unsigned  nwindow;
    int64_t   updated; /* every change up to here is delivered; JD_PAST before the backfill's end */
    uint64_t  seq;     /* +1 for every commit */
} jd_cursor;

/* A scope that was never walked. */
void jd_cursor_init(jd_cursor *c, jd_str scope, uint64_t plan);
bool jd_cursor_backfilled(const jd_cursor *c); /* every window has ended, and there was one */
/* Begin (or begin again) the backfill over [past, future), cut at n rising inner edges (whole
 * minutes, at most JD_WINDOWS_MAX - 1; NULL and 0: one window). `updated` stays. */
void jd_cursor_begin(jd_cursor *c, int64_t t0, int64_t since, const int64_t *edge, unsigned n);
/* After the last window: `updated` becomes t0 unless it was later. */
void jd_cursor_settle(jd_cursor *c);

void jd_cursor_write(const jd_cursor *c, jd_buf *out);
/* JD_E_STATE for a newer version, JD_E_DATA for anything that is no cursor. */
jd_code jd_cursor_read(jd_cursor *c, jd_str line, jd_err *e) JD_NODISCARD;

#endif
