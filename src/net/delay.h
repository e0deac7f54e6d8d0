/* delay.h: calls somebody later: one thread with an alarm for each thing that waits. Private to the
 * HTTP server. */
#ifndef JD_NET_DELAY_H
#define JD_NET_DELAY_H

#include "base/err.h"

/* Lies in the thing that waits, which must stay where it is until `wake` was called. */
typedef struct jd_alarm {
    struct jd_alarm *before, *after; /* internal */
    int64_t          due_ms;         /* monotonic */
    void (*wake)(void *self);        /* on the alarms' thread: short, and never waits */
    void *self;
} jd_alarm;

typedef struct jd_delay jd_delay;

/* NULL when there is no thread to be had. */
jd_delay *jd_delay_new(void);
/* Wakes whoever waits still. NULL is fine. */
void jd_delay_free(jd_delay *d);
/* Alarms at rising times cost nothing to speak of; others walk past those that are due later. */
void jd_delay_set(jd_delay *d, jd_alarm *a);
/* Wakes everybody at once; what is set from then on is woken at once, too. */
void jd_delay_flush(jd_delay *d);

#endif
