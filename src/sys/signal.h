/* signal.h: a wish to stop that wakes every wait. SIGINT, SIGTERM and SIGHUP set it; a second one
 * of them ends the process at once with 75 (what was committed is safe). SIGPIPE is ignored. Signal
 * handlers are process-wide, so there is one jd_stop a process, made by main. */
#ifndef JD_SYS_SIGNAL_H
#define JD_SYS_SIGNAL_H

#include "base/err.h"

typedef struct jd_stop jd_stop;

jd_stop *jd_stop_install(void);
jd_stop *jd_stop_new(void); /* no handlers: for tests and inner use */
void     jd_stop_free(jd_stop *s);
bool     jd_stop_wanted(const jd_stop *s);
int      jd_stop_signal(const jd_stop *s); /* 0 when asked by jd_stop_ask */
void     jd_stop_ask(jd_stop *s);          /* thread-safe */
int      jd_stop_fd(const jd_stop *s);     /* readable for ever once a stop is wanted */
/* Sleeps; false when a stop cut it short. */
bool jd_stop_sleep(jd_stop *s, int64_t ms);

#endif
