#include "sys/pool.h"

#include "base/arena.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

enum { THREADS_MOST = 256 };

typedef enum stage { FREE, MADE, WORKING, DONE } stage;

typedef struct slot {
    void *job;
    stage stage;
} slot;

/* A ring of `ahead` slots: the caller makes at `made` and takes at `taken`, workers pick at
 * `picked`; taken <= picked <= made <= taken + ahead. Everything below the lock. */
typedef struct pool {
    const jd_pool_job *ops;
    void              *self;
    pthread_mutex_t    lock;
    pthread_cond_t     work, done;
    slot              *ring;
    size_t             ahead, made, picked, taken;
    bool               closed; /* workers shall end */
    jd_code            failed;
    jd_err             err;
} pool;

typedef struct worker {
    pool     *p;
    unsigned  number;
    pthread_t thread;
} worker;

unsigned jd_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? (unsigned)n : 1;
}

static jd_code run_here(const jd_pool_job *ops, void *self, jd_err *e)
{
    for (;;) {
        void   *job = NULL;
        jd_code rc  = ops->make(self, &job, e);
        if (!job)
            return rc;
        if (!rc)
            rc = ops->work(self, job, 0, e);
        if (!rc)
            rc = ops->take(self, job, e);
        ops->drop(self, job);
        if (rc)
            return rc;
    }
}

/* Of several failures the first one reported stays. */
static void note_failure(pool *p, jd_code rc, const jd_err *e)
{
    if (!p->failed) {
        p->failed = rc;
        p->err    = *e;
    }
}

static void *work(void *arg)
{
    worker *w = arg;
    pool   *p = w->p;
    (void)pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->picked == p->made && !p->closed)
            (void)pthread_cond_wait(&p->work, &p->lock);
        if (p->closed)
            break;
        slot *s  = &p->ring[p->picked++ % p->ahead];
        s->stage = WORKING;
        (void)pthread_mutex_unlock(&p->lock);
        jd_err  e  = JD_ERR_NONE;
        jd_code rc = p->ops->work(p->self, s->job, w->number, &e);
        (void)pthread_mutex_lock(&p->lock);
        s->stage = DONE;
        if (rc)
            note_failure(p, rc, &e);
        (void)pthread_cond_signal(&p->done);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* The caller's side, with the lock held on entry and on return; it is let go around the caller's
 * own functions. Ends when all is taken or something failed. */
static void conduct(pool *p)
{
    bool more = true;
    while (!p->failed) {
        slot *next = &p->ring[p->taken % p->ahead];
        bool  take = p->taken < p->made && next->stage == DONE;
        bool  make = more && p->made - p->taken < p->ahead;
        if (!take && !make) {
            if (!more && p->taken == p->made)
                return;
            (void)pthread_cond_wait(&p->done, &p->lock);
            continue;
        }
        jd_err  e   = JD_ERR_NONE;
        jd_code rc  = JD_OK;
        void   *job = take ? next->job : NULL;
        (void)pthread_mutex_unlock(&p->lock);
        if (take) {
            rc = p->ops->take(p->self, job, &e);
            p->ops->drop(p->self, job);
        } else {
            rc   = p->ops->make(p->self, &job, &e);
            more = job && !rc;
        }
        (void)pthread_mutex_lock(&p->lock);
        if (take) {
            *next = (slot){0};
            p->taken++;
        } else if (job) {
            p->ring[p->made++ % p->ahead] = (slot){job, MADE};
            (void)pthread_cond_signal(&p->work);
        }
        if (rc)
            note_failure(p, rc, &e);
    }
}

jd_code jd_pool_run(const jd_pool_job *ops, void *self, unsigned threads, unsigned ahead, jd_err *e)
{
    if (threads > THREADS_MOST)
        threads = THREADS_MOST;
    if (threads <= 1)
        return run_here(ops, self, e);
    pool p    = {.ops = ops, .self = self, .ahead = ahead ? ahead : 1};
    p.ring    = jd_xcalloc(p.ahead, sizeof *p.ring);
    worker *w = jd_xcalloc(threads, sizeof *w);
    (void)pthread_mutex_init(&p.lock, NULL);
    (void)pthread_cond_init(&p.work, NULL);
    (void)pthread_cond_init(&p.done, NULL);
    unsigned started = 0;
    for (; started < threads; started++) {
        w[started].p      = &p;
        w[started].number = started;
        if (pthread_create(&w[started].thread, NULL, work, &w[started]) != 0)
            break;
    }
    (void)pthread_mutex_lock(&p.lock);
    if (started)
        conduct(&p);
    p.closed = true;
    (void)pthread_cond_broadcast(&p.work);
    (void)pthread_mutex_unlock(&p.lock);
    for (unsigned i = 0; i < started; i++)
        (void)pthread_join(w[i].thread, NULL);
    for (; p.taken < p.made; p.taken++)
        ops->drop(self, p.ring[p.taken % p.ahead].job);
    jd_code rc = p.failed;
    if (rc)
        *e = p.err;
    (void)pthread_mutex_destroy(&p.lock);
    (void)pthread_cond_destroy(&p.work);
    (void)pthread_cond_destroy(&p.done);
    free(p.ring);
    free(w);
    return started ? rc : run_here(ops, self, e); /* the system gives no threads: alone, then */
}
