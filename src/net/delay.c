#include "net/delay.h"

#include "base/arena.h"
#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct jd_delay {
    pthread_mutex_t lock;
    pthread_cond_t  changed;
    pthread_t       thread;
    jd_alarm       *first, *last; /* by due_ms */
    bool            flush, over;
};

/* Takes the first alarm out when it is due. */
static jd_alarm *due(jd_delay *d)
{
    jd_alarm *a = d->first;
    if (!a || (!d->flush && a->due_ms > jd_tick_ms(&jd_clock_system)))
        return NULL;
    d->first = a->after;
    if (d->first)
        d->first->before = NULL;
    else
        d->last = NULL;
    return a;
}

static void wait_for_change(jd_delay *d)
{
    if (!d->first) {
        (void)pthread_cond_wait(&d->changed, &d->lock);
        return;
    }
    struct timespec until = {(time_t)(d->first->due_ms / 1000),
                             (long)(d->first->due_ms % 1000) * 1000000};
    (void)pthread_cond_timedwait(&d->changed, &d->lock, &until);
}

static void *run(void *self)
{
    jd_delay *d = self;
    (void)pthread_mutex_lock(&d->lock);
    for (;;) {
        jd_alarm *a = due(d);
        if (a) {
            (void)pthread_mutex_unlock(&d->lock);
            a->wake(a->self);
            (void)pthread_mutex_lock(&d->lock);
        } else if (d->over) {
            break;
        } else {
            wait_for_change(d);
        }
    }
    (void)pthread_mutex_unlock(&d->lock);
    return NULL;
}

static void destroy(jd_delay *d)
{
    (void)pthread_cond_destroy(&d->changed);
    (void)pthread_mutex_destroy(&d->lock);
    free(d);
}

jd_delay *jd_delay_new(void)
{
    jd_delay *d = jd_xcalloc(1, sizeof *d);
    (void)pthread_mutex_init(&d->lock, NULL);
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&d->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    if (pthread_create(&d->thread, NULL, run, d) != 0) {
        destroy(d);
        return NULL;
    }
    return d;
}

void jd_delay_free(jd_delay *d)
{
    if (!d)
        return;
    (void)pthread_mutex_lock(&d->lock);
    d->flush = d->over = true;
    (void)pthread_cond_signal(&d->changed);
    (void)pthread_mutex_unlock(&d->lock);
    (void)pthread_join(d->thread, NULL);
    destroy(d);
}

void jd_delay_set(jd_delay *d, jd_alarm *a)
{
    (void)pthread_mutex_lock(&d->lock);
    jd_alarm *place = d->last;
    while (place && place->due_ms > a->due_ms)
        place = place->before;
    a->before                                    = place;
    a->after                                     = place ? place->after : d->first;
    *(a->before ? &a->before->after : &d->first) = a;
    *(a->after ? &a->after->before : &d->last)   = a;
    (void)pthread_cond_signal(&d->changed);
    (void)pthread_mutex_unlock(&d->lock);
}

void jd_delay_flush(jd_delay *d)
{
    (void)pthread_mutex_lock(&d->lock);
    d->flush = true;
    (void)pthread_cond_signal(&d->changed);
    (void)pthread_mutex_unlock(&d->lock);
}
