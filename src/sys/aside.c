#include "sys/aside.h"

#include "base/arena.h"

#include <pthread.h>
#include <stdlib.h>

struct jd_aside {
    pthread_t       thread;
    bool            running;
    pthread_mutex_t lock;
    pthread_cond_t  given, done;
    void (*work)(void *self); /* NULL: nothing to do */
    void *self;
    bool  closing;
};

jd_aside *jd_aside_new(void)
{
    jd_aside *s = jd_xcalloc(1, sizeof *s);
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->given, NULL);
    (void)pthread_cond_init(&s->done, NULL);
    return s;
}

static void *run(void *arg)
{
    jd_aside *s = arg;
    (void)pthread_mutex_lock(&s->lock);
    for (;;) {
        while (!s->work && !s->closing)
            (void)pthread_cond_wait(&s->given, &s->lock);
        if (!s->work)
            break;
        (void)pthread_mutex_unlock(&s->lock);
        s->work(s->self);
        (void)pthread_mutex_lock(&s->lock);
        s->work = NULL;
        (void)pthread_cond_signal(&s->done);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return NULL;
}

void jd_aside_wait(jd_aside *s)
{
    (void)pthread_mutex_lock(&s->lock);
    while (s->work)
        (void)pthread_cond_wait(&s->done, &s->lock);
    (void)pthread_mutex_unlock(&s->lock);
}

void jd_aside_start(jd_aside *s, void (*work)(void *self), void *self)
{
    jd_aside_wait(s);
    if (!s->running && pthread_create(&s->thread, NULL, run, s)) {
        work(self);
        return;
    }
    s->running = true;
    (void)pthread_mutex_lock(&s->lock);
    s->work = work;
    s->self = self;
    (void)pthread_cond_signal(&s->given);
    (void)pthread_mutex_unlock(&s->lock);
}

void jd_aside_free(jd_aside *s)
{
    if (!s)
        return;
    (void)pthread_mutex_lock(&s->lock);
    s->closing = true;
    (void)pthread_cond_signal(&s->given);
    (void)pthread_mutex_unlock(&s->lock);
    if (s->running)
        (void)pthread_join(s->thread, NULL);
    (void)pthread_cond_destroy(&s->done);
    (void)pthread_cond_destroy(&s->given);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}
