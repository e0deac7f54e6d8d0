/* secret.h: where a secret that changes is kept: read, and replaced only by who still holds the
 * newest.
 *
 * - One holder of the lock at a time, among the threads and processes that use the same place; the
 *   kernel lets go of it however its holder ends.
 * - A swap that returned JD_OK is durable. JD_E_STALE: somebody put in another value since it was
 * read.
 * - Values are never logged; messages name the place, not what is in it. */
#ifndef JD_SYS_SECRET_H
#define JD_SYS_SECRET_H

#include "base/arena.h"
#include "base/buf.h"

enum { JD_SECRET_MAX = 64 << 10 };

typedef struct jd_secret_ops {
    /* Waits at most wait_ms, then JD_E_LOCKED. */
    jd_code (*lock)(void *self, int64_t wait_ms, jd_err *e);
    void (*unlock)(void *self);
    /* Replaces what is in out. *version tells this value from any other. */
    jd_code (*read)(void *self, jd_buf *out, uint64_t *version, jd_err *e);
    /* *version: of the value to be replaced; of the new one afterwards. */
    jd_code (*swap)(void *self, uint64_t *version, jd_str value, jd_err *e);
    void (*close)(void *self);
} jd_secret_ops;

typedef struct jd_secret {
    const jd_secret_ops *ops;
    void                *self;
} jd_secret;

/* A file that only its owner can read (JD_E_CONFIG when others can), with PATH.lock beside it. */
jd_code jd_secret_file(const char *path, jd_secret *out, jd_err *e) JD_NODISCARD;
/* Makes the file, mode 0600, when it is missing; an existing one is left alone. */
jd_code jd_secret_file_make(const char *path, jd_str value, jd_err *e) JD_NODISCARD;

#endif
