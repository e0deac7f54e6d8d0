/* progress.h: how far a run is, and the one way to stderr.
 *
 * - On a terminal one live line at the bottom (scope, issues done of total, issues/s, time left,
 *   what it waits for); otherwise a plain line every 10 s; or JSON lines.
 * - Log lines and errors go through the same lock, so that they never garble the live line.
 * - Thread-safe. Control bytes are escaped. A failing stderr is ignored: it must not stop a run. */
#ifndef JD_CLI_PROGRESS_H
#define JD_CLI_PROGRESS_H

#include "base/clock.h"
#include "base/event.h"

typedef struct jd_progress jd_progress;

typedef enum jd_progress_mode {
    JD_PROGRESS_AUTO, /* bar on a terminal, plain otherwise */
    JD_PROGRESS_BAR,
    JD_PROGRESS_PLAIN,
    JD_PROGRESS_JSON,
    JD_PROGRESS_NONE
} jd_progress_mode;

/* Writes to stderr. clock is borrowed. */
jd_progress *jd_progress_new(jd_progress_mode mode, const jd_clock *clock, bool err_tty);
/* The same on another descriptor, of that many columns, for tests. */
jd_progress *jd_progress_new_on(jd_progress_mode mode, const jd_clock *clock, bool tty, int fd,
                                int columns);
void         jd_progress_free(jd_progress *p); /* ends it; NULL is fine */

/* A scope begins (the one before ends). total 0: not known. */
void jd_progress_scope(jd_progress *p, const char *name, uint64_t total);
/* The total became known or changed. */
void jd_progress_total(jd_progress *p, uint64_t total);
void jd_progress_add(jd_progress *p, uint64_t n);
/* Nothing will happen for ms, and why ("rate limited"). The next add clears it. */
void jd_progress_wait(jd_progress *p, const char *why, int64_t ms);
/* The scope is over: the live line goes, a last plain or JSON line stays. */
void jd_progress_end(jd_progress *p);

/* Log target that writes between the progress lines; valid as long as p. */
jd_log jd_progress_log(jd_progress *p, jd_level least);
/* One line for people as it is ("jiraduct: …"), or a JSON line of that event in JSON mode. */
void jd_progress_say(jd_progress *p, jd_level level, const char *event, const char *human,
                     const char *text);

#endif
