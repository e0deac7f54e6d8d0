/* event.h: what happens during a run, as events with a fixed name and one line of text. The one who
 * runs the program decides where they go (a person's terminal, JSON lines, nowhere); the floors
 * below only report. Emitting is thread-safe if the target says so; the command line's is.
 * Event names in use: request, wait, page, commit, quarantine, window, scope, note, state. */
#ifndef JD_BASE_EVENT_H
#define JD_BASE_EVENT_H

#include "base/err.h"

typedef enum jd_level { JD_DEBUG, JD_INFO, JD_WARN, JD_ERROR } jd_level;

typedef struct jd_log {
    jd_level least; /* events below this are not formatted at all */
    void (*emit)(void *self, jd_level level, const char *event, const char *text);
    void *self;
} jd_log;

extern const jd_log jd_log_none;

/* The text is cut at 1,000 bytes; control characters are the target's to escape. No secrets. */
void jd_event(const jd_log *log, jd_level level, const char *event, const char *fmt, ...)
    JD_PRINTF(4, 5);

#endif
