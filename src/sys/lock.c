#include "base/clock.h"
#include "sys/file.h"
#include "text/date.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The system declares it in <sys/file.h>, a name that our own header takes. */
int flock(int fd, int operation);

enum { LOCK_TEXT_MAX = 400, CRASH_STATUS = 137 };

/* "pid what since" as the holder wrote it; the file is small and may be half-written. */
static jd_code busy(int fd, const char *path, jd_err *e)
{
    char    text[LOCK_TEXT_MAX];
    ssize_t n = pread(fd, text, sizeof text, 0);
    jd_str  who, what, rest = jd_str_trim((jd_str){text, n > 0 ? (size_t)n : 0});
    if (jd_str_split(&rest, ' ', &who) && jd_str_split(&rest, '\t', &what) && rest.n)
        return jd_fail(e, JD_E_LOCKED,
                       "%s: in use by process %.*s (%.*s, since %.*s): wait for it to end, or stop "
                       "it, then run again",
                       path, JD_FMT(who), JD_FMT(what), JD_FMT(rest));
    return jd_fail(e, JD_E_LOCKED,
                   "%s: in use by another process: wait for it to end, then run again", path);
}

/* Someone may have removed the file between our open and our lock. */
static bool still_there(int fd, const char *path)
{
    struct stat ours, theirs;
    return fstat(fd, &ours) == 0 && stat(path, &theirs) == 0 && ours.st_ino == theirs.st_ino &&
           ours.st_dev == theirs.st_dev;
}

static jd_code sign(int fd, const char *path, const char *what, jd_err *e)
{
    char since[JD_TIME_MAX], text[LOCK_TEXT_MAX];
    int  n = snprintf(text, sizeof text, "%ld %.200s\t%s\n", (long)getpid(), what,
                      jd_time_utc(jd_now_ms(&jd_clock_system), since));
    if (ftruncate(fd, 0) != 0)
        return jd_file_fail(e, errno, "write", path);
    return jd_file_write(fd, (jd_str){text, (size_t)n}, path, e);
}

jd_code jd_lock_take(jd_lock *l, const char *path, const char *what, jd_err *e)
{
    *l = JD_LOCK_NONE;
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0)
            return jd_file_fail(e, errno, "write", path);
        jd_code rc = JD_OK;
        if (flock(fd, LOCK_EX | LOCK_NB) != 0)
            rc = errno == EWOULDBLOCK ? busy(fd, path, e) : jd_file_fail(e, errno, "lock", path);
        else if (still_there(fd, path))
            rc = sign(fd, path, what, e);
        else {
            (void)close(fd);
            continue;
        }
        if (rc)
            (void)close(fd);
        else
            l->fd = fd;
        return rc;
    }
}

void jd_lock_drop(jd_lock *l)
{
    if (l->fd < 0)
        return;
    (void)!ftruncate(l->fd, 0);
    (void)close(l->fd);
    *l = JD_LOCK_NONE;
}

static pthread_once_t crash_once = PTHREAD_ONCE_INIT;
static char           crash_name[64];
static atomic_long    crash_left; /* 0: never */

static void crash_read(void)
{
    const char *want  = secure_getenv("JD_CRASH");
    const char *colon = want ? strrchr(want, ':') : NULL;
    uint64_t    n;
    if (!colon || (size_t)(colon - want) >= sizeof crash_name ||
        !jd_str_u64(jd_str_of(colon + 1), &n) || n == 0 || n > INT32_MAX)
        return;
    memcpy(crash_name, want, (size_t)(colon - want));
    atomic_store(&crash_left, (long)n);
}

void jd_crash_point(const char *name)
{
    (void)pthread_once(&crash_once, crash_read);
    if (atomic_load(&crash_left) <= 0 || strcmp(name, crash_name) != 0)
        return;
    if (atomic_fetch_sub(&crash_left, 1) == 1)
        _exit(CRASH_STATUS);
}
