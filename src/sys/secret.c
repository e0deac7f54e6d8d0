#include "sys/secret.h"

#include "base/hash.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { POLL_MS = 5 };

typedef struct file { /* a secret in a file */
    char           *path, *lock_path;
    pthread_mutex_t threads; /* flock tells processes apart, not the threads of one */
    jd_lock         lock;
} file;

static jd_code check_private(const char *path, jd_err *e)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return jd_file_fail(e, errno, "read", path);
    if (st.st_mode & 077)
        return jd_fail(e, JD_E_CONFIG,
                       "%s holds a secret and others can read it: chmod 600 %s, and change the "
                       "secret if they may have",
                       path, path);
    return JD_OK;
}

static jd_code file_lock(void *self, int64_t wait_ms, jd_err *e)
{
    file           *f    = self;
    struct timespec nap  = {.tv_nsec = POLL_MS * 1000000L};
    int64_t         left = wait_ms;
    (void)pthread_mutex_lock(&f->threads);
    for (;;) {
        jd_code rc = jd_lock_take(&f->lock, f->lock_path, "secret", e);
        if (rc != JD_E_LOCKED || left <= 0) {
            if (rc)
                (void)pthread_mutex_unlock(&f->threads);
            return rc;
        }
        (void)nanosleep(&nap, NULL);
        left -= POLL_MS;
    }
}

static void file_unlock(void *self)
{
    file *f = self;
    jd_lock_drop(&f->lock);
    (void)pthread_mutex_unlock(&f->threads);
}

static jd_code file_read(void *self, jd_buf *out, uint64_t *version, jd_err *e)
{
    file   *f  = self;
    jd_code rc = check_private(f->path, e);
    jd_buf_reset(out);
    if (!rc)
        rc = jd_file_read(f->path, out, e);
    *version = jd_hash64(jd_buf_view(out));
    return rc;
}

static jd_code file_swap(void *self, uint64_t *version, jd_str value, jd_err *e)
{
    file                             *f   = self;
    JD_CLEANUP(jd_buf_release) jd_buf now = JD_BUF_INIT(JD_SECRET_MAX);
    uint64_t                          is;
    jd_code                           rc = file_read(f, &now, &is, e);
    if (!rc && is != *version)
        rc = jd_fail(e, JD_E_STALE, "%s was changed by another process: run again", f->path);
    if (!rc)
        rc = jd_file_replace(f->path, value, e);
    if (!rc)
        *version = jd_hash64(value);
    return rc;
}

static void file_close(void *self)
{
    file *f = self;
    if (!f)
        return;
    (void)pthread_mutex_destroy(&f->threads);
    free(f->path);
    free(f->lock_path);
    free(f);
}

jd_code jd_secret_file(const char *path, jd_secret *out, jd_err *e)
{
    static const jd_secret_ops ops = {file_lock, file_unlock, file_read, file_swap, file_close};
    jd_code                    rc  = check_private(path, e);
    if (rc)
        return rc;
    file       *f    = jd_xcalloc(1, sizeof *f);
    jd_arena   *a    = jd_arena_new(0);
    const char *lock = jd_arena_fmt(a, "%s.lock", path).p;
    f->path          = jd_xstrdup(path);
    f->lock_path     = jd_xstrdup(lock);
    f->lock          = JD_LOCK_NONE;
    jd_arena_free(a);
    (void)pthread_mutex_init(&f->threads, NULL);
    *out = (jd_secret){&ops, f};
    return JD_OK;
}

jd_code jd_secret_file_make(const char *path, jd_str value, jd_err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? JD_OK : jd_file_fail(e, errno, "write", path);
    (void)close(fd);
    return jd_file_replace(path, value, e);
}
