#include "sink/squeeze.h"

#include "base/arena.h"
#include "sys/zip.h"

#include <pthread.h>
#include <stdlib.h>

enum { KEPT = 4 << 20 }; /* a larger buffer is not kept for the next frame */

typedef struct slot {
    jd_buf  text, frame;
    bool    done;
    jd_code code;
    jd_err  why;
} slot;

struct jd_squeezer {
    jd_zipper      *zipper, *own; /* the thread's, the caller's */
    pthread_t       thread;
    bool            running;
    pthread_mutex_t lock;
    pthread_cond_t  given, done;
    slot            slot[JD_SQUEEZE_AHEAD];
    uint64_t        in, at, out; /* texts given, squeezed, taken */
    bool            closing;
};

jd_squeezer *jd_squeezer_new(int level)
{
    jd_squeezer *s = jd_xcalloc(1, sizeof *s);
    s->zipper      = jd_zipper_new(JD_ZIP_ZSTD, level);
    s->own         = jd_zipper_new(JD_ZIP_ZSTD, level);
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->given, NULL);
    (void)pthread_cond_init(&s->done, NULL);
    for (unsigned i = 0; i < JD_SQUEEZE_AHEAD; i++)
        s->slot[i].text = s->slot[i].frame = (jd_buf)JD_BUF_INIT(SIZE_MAX / 2);
    return s;
}

void jd_squeezer_free(jd_squeezer *s)
{
    if (!s)
        return;
    (void)pthread_mutex_lock(&s->lock);
    s->closing = true;
    (void)pthread_cond_signal(&s->given);
    (void)pthread_mutex_unlock(&s->lock);
    if (s->running)
        (void)pthread_join(s->thread, NULL);
    for (unsigned i = 0; i < JD_SQUEEZE_AHEAD; i++) {
        jd_buf_release(&s->slot[i].text);
        jd_buf_release(&s->slot[i].frame);
    }
    (void)pthread_cond_destroy(&s->done);
    (void)pthread_cond_destroy(&s->given);
    (void)pthread_mutex_destroy(&s->lock);
    jd_zipper_free(s->zipper);
    jd_zipper_free(s->own);
    free(s);
}

static void shrink(jd_buf *b)
{
    jd_buf_reset(b);
    if (b->cap > KEPT)
        jd_buf_release(b);
}

/* The next text that nobody has begun. Called with the lock, which it lets go of meanwhile. */
static void squeeze_next(jd_squeezer *s, jd_zipper *z)
{
    slot *t = &s->slot[s->at++ % JD_SQUEEZE_AHEAD];
    (void)pthread_mutex_unlock(&s->lock);
    shrink(&t->frame);
    t->code = jd_zipper_frame(z, jd_buf_view(&t->text), &t->frame, &t->why);
    shrink(&t->text);
    (void)pthread_mutex_lock(&s->lock);
    t->done = true;
}

static void *work(void *arg)
{
    jd_squeezer *s = arg;
    (void)pthread_mutex_lock(&s->lock);
    for (;;) {
        while (s->at == s->in && !s->closing)
            (void)pthread_cond_wait(&s->given, &s->lock);
        if (s->closing)
            break;
        squeeze_next(s, s->zipper);
        (void)pthread_cond_signal(&s->done);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return NULL;
}

unsigned jd_squeezer_ahead(const jd_squeezer *s)
{
    return (unsigned)(s->in - s->out);
}

jd_code jd_squeezer_give(jd_squeezer *s, jd_buf *text, jd_err *e)
{
    if (jd_squeezer_ahead(s) == JD_SQUEEZE_AHEAD)
        return jd_fail(e, JD_E_INTERNAL, "more frames in hand than there is room for");
    int err = s->running ? 0 : pthread_create(&s->thread, NULL, work, s);
    if (err)
        return jd_fail_sys(e, JD_E_INTERNAL, err, "cannot start a thread");
    s->running   = true;
    slot  *t     = &s->slot[s->in % JD_SQUEEZE_AHEAD];
    jd_buf empty = t->text;
    empty.max    = text->max;
    t->text      = *text;
    *text        = empty;
    (void)pthread_mutex_lock(&s->lock);
    t->done = false;
    s->in++;
    (void)pthread_cond_signal(&s->given);
    (void)pthread_mutex_unlock(&s->lock);
    return JD_OK;
}

bool jd_squeezer_ready(jd_squeezer *s)
{
    (void)pthread_mutex_lock(&s->lock);
    bool ready = s->out < s->in && s->slot[s->out % JD_SQUEEZE_AHEAD].done;
    (void)pthread_mutex_unlock(&s->lock);
    return ready;
}

jd_code jd_squeezer_take(jd_squeezer *s, jd_str *frame, jd_err *e)
{
    if (s->out == s->in)
        return jd_fail(e, JD_E_INTERNAL, "no frame is in hand");
    slot *t = &s->slot[s->out++ % JD_SQUEEZE_AHEAD];
    (void)pthread_mutex_lock(&s->lock);
    while (!t->done)
        if (s->at < s->in) /* better to help than to wait */
            squeeze_next(s, s->own);
        else
            (void)pthread_cond_wait(&s->done, &s->lock);
    (void)pthread_mutex_unlock(&s->lock);
    if (t->code)
        *e = t->why;
    *frame = jd_buf_view(&t->frame);
    return t->code;
}
