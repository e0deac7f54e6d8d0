#include "flow/fetch.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { PARKED_MAX = 4, PARKED_LEAST = 64 << 10, PARKED_MOST = 2 << 20, PAGE_CHUNK = 64 << 10 };

typedef struct worker {
    jd_fetcher face;
    pthread_t  thread;
    bool       running;
} worker;

struct jd_fetch {
    pthread_mutex_t lock;
    pthread_cond_t  work; /* an errand came, room was given back, or a halt */
    jd_errand      *first, **last;
    jd_parcel      *out, **out_last;
    size_t          used; /* bytes reserved or waiting */
    bool            closing;
    jd_stop        *halt, *user;
    int             news;               /* eventfd: one count a parcel */
    jd_arena       *parked[PARKED_MAX]; /* memory of pages delivered, for the next ones */
    size_t          nparked;
    size_t          n;
    worker          workers[JD_FETCHERS_MAX];
};

/* -- fetchers -------------------------------------------------------------------------------- */

static jd_errand *next_errand(jd_fetch *f)
{
    (void)pthread_mutex_lock(&f->lock);
    while (!f->first && !f->closing)
        (void)pthread_cond_wait(&f->work, &f->lock);
    jd_errand *errand = f->first;
    if (errand) {
        f->first = errand->next;
        if (!f->first)
            f->last = &f->first;
    }
    (void)pthread_mutex_unlock(&f->lock);
    return errand;
}

static void *work(void *arg)
{
    worker    *w = arg;
    jd_errand *errand;
    while ((errand = next_errand(w->face.fetch))) {
        jd_err     e    = JD_ERR_NONE;
        jd_code    code = jd_stop_wanted(w->face.halt)
                              ? jd_fail(&e, JD_E_INTERRUPTED, "interrupted: run again to go on")
                              : errand->run(&w->face, errand, &e);
        jd_parcel *p    = jd_fetcher_parcel(&w->face, errand, sizeof *p, NULL);
        p->last         = true;
        p->code         = code;
        p->err          = e;
        jd_fetcher_hand(&w->face, p);
    }
    return NULL;
}

jd_code jd_fetcher_reserve(jd_fetcher *w, size_t bytes, jd_err *e)
{
    jd_fetch *f = w->fetch;
    (void)pthread_mutex_lock(&f->lock);
    f->used -= w->reserved;
    w->reserved = 0;
    while (f->used > 0 && f->used + bytes > JD_FETCH_BYTES && !jd_stop_wanted(f->halt))
        (void)pthread_cond_wait(&f->work, &f->lock);
    f->used += bytes;
    w->reserved = bytes;
    (void)pthread_mutex_unlock(&f->lock);
    if (jd_stop_wanted(f->halt))
        return jd_fail(e, JD_E_INTERRUPTED, "interrupted: run again to go on where it stopped");
    return JD_OK;
}

jd_arena *jd_fetcher_arena(jd_fetcher *w)
{
    jd_fetch *f = w->fetch;
    jd_arena *a = NULL;
    (void)pthread_mutex_lock(&f->lock);
    if (f->nparked > 0)
        a = f->parked[--f->nparked];
    (void)pthread_mutex_unlock(&f->lock);
    return a ? a : jd_arena_new(PAGE_CHUNK);
}

jd_parcel *jd_fetcher_parcel(jd_fetcher *f, jd_errand *errand, size_t size, jd_arena *mem)
{
    (void)f;
    jd_arena  *a = mem ? mem : jd_arena_new(size); /* many of them wait that hold no more */
    jd_parcel *p = jd_arena_zarray(a, 1, size);
    p->errand    = errand;
    p->mem       = a;
    return p;
}

void jd_fetcher_hand(jd_fetcher *w, jd_parcel *p)
{
    jd_fetch *f   = w->fetch;
    uint64_t  one = 1;
    (void)pthread_mutex_lock(&f->lock);
    f->used      = f->used - w->reserved + p->bytes;
    w->reserved  = 0;
    *f->out_last = p;
    f->out_last  = &p->next;
    (void)pthread_cond_broadcast(&f->work);
    (void)pthread_mutex_unlock(&f->lock);
    while (write(f->news, &one, sizeof one) < 0 && !jd_stop_wanted(f->halt))
        ;
}

bool jd_fetcher_halted(const jd_fetcher *f)
{
    return jd_stop_wanted(f->halt);
}

unsigned jd_fetch_size(const jd_fetch *f)
{
    return (unsigned)f->n;
}

/* -- the taker ------------------------------------------------------------------------------- */

void jd_fetch_send(jd_fetch *f, jd_errand *errand)
{
    (void)pthread_mutex_lock(&f->lock);
    errand->next = NULL;
    *f->last     = errand;
    f->last      = &errand->next;
    (void)pthread_cond_broadcast(&f->work);
    (void)pthread_mutex_unlock(&f->lock);
}

static jd_parcel *pop(jd_fetch *f)
{
    (void)pthread_mutex_lock(&f->lock);
    jd_parcel *p = f->out;
    if (p) {
        f->out = p->next;
        if (!f->out)
            f->out_last = &f->out;
    }
    (void)pthread_mutex_unlock(&f->lock);
    return p;
}

jd_parcel *jd_fetch_take(jd_fetch *f, int64_t wait_ms)
{
    jd_parcel *p = pop(f);
    if (p)
        return p;
    /* Once a halt was asked for, the user's wish is known and only parcels count. */
    nfds_t        n     = jd_stop_wanted(f->halt) ? 1 : 2;
    struct pollfd fd[2] = {{.fd = f->news, .events = POLLIN},
                           {.fd = f->user ? jd_stop_fd(f->user) : -1, .events = POLLIN}};
    if (poll(fd, n, (int)wait_ms) > 0 && (fd[0].revents & POLLIN)) {
        uint64_t count;
        (void)!read(f->news, &count, sizeof count);
    }
    return pop(f);
}

/* Small arenas cost nothing to make, and large ones are not worth keeping. */
static bool worth_parking(const jd_arena *a)
{
    return jd_arena_size(a) > PARKED_LEAST && jd_arena_size(a) <= PARKED_MOST;
}

void jd_fetch_drop(jd_fetch *f, jd_parcel *p)
{
    jd_arena *a = p->mem;
    (void)pthread_mutex_lock(&f->lock);
    f->used -= p->bytes;
    if (f->nparked < PARKED_MAX && worth_parking(a)) {
        jd_arena_recycle(a);
        f->parked[f->nparked++] = a;
        a                       = NULL;
    }
    (void)pthread_cond_broadcast(&f->work);
    (void)pthread_mutex_unlock(&f->lock);
    jd_arena_free(a);
}

/* -- life ------------------------------------------------------------------------------------ */

static jd_code add_worker(jd_fetch *f, const jd_fetch_conf *conf, jd_err *e)
{
    worker *w = &f->workers[f->n];
    w->face   = (jd_fetcher){
          .jira  = {.base = conf->base, .cloud = conf->cloud, .signed_in = conf->signed_in},
          .clock = conf->clock,
          .log   = conf->log,
          .halt  = f->halt,
          .fetch = f};
    jd_code rc = conf->client(conf->client_self, f->halt, &w->face.jira.http, e);
    if (rc)
        return rc;
    f->n++;
    rc = conf->sink->ops->reader(conf->sink->self, &w->face.reader, e);
    if (rc)
        return rc;
    int err = pthread_create(&w->thread, NULL, work, w);
    if (err)
        return jd_fail_sys(e, JD_E_INTERNAL, err, "cannot start a thread");
    w->running = true;
    return JD_OK;
}

jd_code jd_fetch_start(const jd_fetch_conf *conf, jd_fetch **out, jd_err *e)
{
    jd_code   rc = JD_OK;
    jd_fetch *f  = jd_xcalloc(1, sizeof *f);
    (void)pthread_mutex_init(&f->lock, NULL);
    (void)pthread_cond_init(&f->work, NULL);
    f->last     = &f->first;
    f->out_last = &f->out;
    f->halt     = jd_stop_new();
    f->user     = conf->stop;
    f->news     = eventfd(0, EFD_CLOEXEC);
    if (f->news < 0)
        rc = jd_fail(e, JD_E_INTERNAL, "no file descriptor left for the network side");
    for (unsigned i = 0; i < conf->fetchers && i < JD_FETCHERS_MAX && !rc; i++)
        rc = add_worker(f, conf, e);
    if (rc) {
        jd_http_stats ignored = {0};
        jd_fetch_stop(f, &ignored);
    } else {
        *out = f;
    }
    return rc;
}

void jd_fetch_halt(jd_fetch *f)
{
    (void)pthread_mutex_lock(&f->lock);
    jd_stop_ask(f->halt);
    (void)pthread_cond_broadcast(&f->work);
    (void)pthread_mutex_unlock(&f->lock);
}

void jd_fetch_stop(jd_fetch *f, jd_http_stats *stats)
{
    if (!f)
        return;
    jd_fetch_halt(f);
    (void)pthread_mutex_lock(&f->lock);
    f->closing = true;
    (void)pthread_cond_broadcast(&f->work);
    (void)pthread_mutex_unlock(&f->lock);
    for (size_t i = 0; i < f->n; i++) {
        worker *w = &f->workers[i];
        if (w->running)
            (void)pthread_join(w->thread, NULL);
        jd_http_stats one = jd_http_statistics(w->face.jira.http);
        jd_http_stats_add(stats, &one);
        jd_http_free(w->face.jira.http);
        if (w->face.reader.close)
            w->face.reader.close(w->face.reader.self);
    }
    for (jd_parcel *p = f->out, *next; p; p = next) {
        next = p->next;
        jd_arena_free(p->mem);
    }
    while (f->nparked > 0)
        jd_arena_free(f->parked[--f->nparked]);
    if (f->news >= 0)
        (void)close(f->news);
    jd_stop_free(f->halt);
    (void)pthread_cond_destroy(&f->work);
    (void)pthread_mutex_destroy(&f->lock);
    free(f);
}
