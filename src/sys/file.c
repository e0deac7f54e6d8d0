#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The system declares it in <sys/file.h>, a name that our own header takes. */
int flock(int fd, int operation);

static const char *remedy(int sys, bool reading)
{
    switch (sys) {
    case ENOSPC:
    case EDQUOT:
        return "the disk is full: free some space, then run again";
    case EROFS:
        return "the file system is read-only: choose another folder";
    case EACCES:
    case EPERM:
        return reading ? "no permission: make it readable for this user"
                       : "no permission: make it writable for this user, or choose another folder";
    case ENOENT:
        return reading ? "there is no such file: check the path"
                       : "the folder is missing: create it first";
    case ENOTDIR:
        return "a part of the path is not a folder: check the path";
    case EISDIR:
        return "this is a folder: give a file";
    case EMFILE:
    case ENFILE:
        return "too many open files: raise the limit (ulimit -n)";
    case EFBIG:
        return "over the file size limit (ulimit -f)";
    default:
        return NULL;
    }
}

jd_code jd_file_fail(jd_err *e, int sys, const char *doing, const char *path)
{
    bool        reading = strcmp(doing, "read") == 0;
    const char *what    = remedy(sys, reading);
    jd_code     code    = reading && sys == ENOENT ? JD_E_NOTFOUND : JD_E_IO;
    if (what)
        (void)jd_fail(e, code, "%s: cannot %s: %s", path, doing, what);
    else
        (void)jd_fail_sys(e, code, sys, "%s: cannot %s", path, doing);
    e->sys = sys;
    return code;
}

jd_code jd_file_read_fd(int fd, const char *path, jd_buf *out, jd_err *e)
{
    for (;;) {
        size_t left = out->max - out->n;
        size_t want = left < 65536 ? left : 65536;
        char   over, *to = want ? jd_buf_room(out, want) : &over;
        if (!to)
            break;
        ssize_t got = read(fd, to, want ? want : 1);
        if (got == 0)
            return JD_OK;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return jd_file_fail(e, errno, "read", path);
        if (!want)
            break;
        jd_buf_wrote(out, (size_t)got);
    }
    return jd_fail(e, JD_E_TOOBIG, "%s: larger than the %zu bytes that are read", path, out->max);
}

jd_code jd_file_read_at(int dirfd, const char *name, jd_buf *out, jd_err *e)
{
    int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return jd_file_fail(e, errno, "read", name);
    jd_code rc = jd_file_read_fd(fd, name, out, e);
    (void)close(fd);
    return rc;
}

jd_code jd_file_read(const char *path, jd_buf *out, jd_err *e)
{
    return jd_file_read_at(AT_FDCWD, path, out, e);
}

jd_code jd_file_write(int fd, jd_str data, const char *path, jd_err *e)
{
    while (data.n) {
        ssize_t put = write(fd, data.p, data.n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return jd_file_fail(e, errno, "write", path);
        data.p += put;
        data.n -= (size_t)put;
    }
    return JD_OK;
}

/* The folder of path, as a C string to be freed. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return jd_xstrdup(".");
    if (slash == path)
        return jd_xstrdup("/");
    char *dir         = jd_xstrdup(path);
    dir[slash - path] = '\0';
    return dir;
}

/* Whether nobody writes to this temporary file any more: a writer holds its lock. */
static bool is_stale(const char *temp)
{
    int  fd    = open(temp, O_WRONLY | O_CLOEXEC);
    bool stale = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (fd >= 0)
        (void)close(fd);
    return stale;
}

/* A temporary file beside path; its name, to be freed, or NULL with errno. The name is the same
 * each time, so that what a killed process leaves is used up by the next; only who meets another
 * writer takes a name of its own. A long name is cut so that the temporary one is still valid. */
static char *temp_beside(const char *path, int *fd)
{
    const char *slash = strrchr(path, '/');
    const char *base  = slash ? slash + 1 : path;
    size_t      room  = strlen(path) + 64;
    char       *temp  = jd_xmalloc(room);
    for (unsigned tries = 0; tries < 1000; tries++) {
        int dir = (int)(base - path);
        if (tries < 2)
            (void)snprintf(temp, room, "%.*s.%.180s.tmp", dir, path, base);
        else
            (void)snprintf(temp, room, "%.*s.%.180s.tmp.%ld.%u", dir, path, base, (long)getpid(),
                           tries);
        *fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (*fd >= 0) {
            (void)flock(*fd, LOCK_EX | LOCK_NB);
            return temp;
        }
        if (errno != EEXIST)
            break;
        if (is_stale(temp))
            (void)unlink(temp);
    }
    int saved = errno;
    free(temp);
    errno = saved;
    return NULL;
}

jd_code jd_file_replace(const char *path, jd_str data, jd_err *e)
{
    int     fd   = -1;
    char   *dir  = folder_of(path);
    char   *temp = temp_beside(path, &fd);
    jd_code rc   = JD_OK;
    if (!temp) {
        rc = jd_file_fail(e, errno, "write", path);
        goto out;
    }
    struct stat old;
    if (stat(path, &old) == 0 && S_ISREG(old.st_mode))
        (void)fchmod(fd, old.st_mode & 07777); /* a file keeps its permissions */
    if ((rc = jd_file_write(fd, data, path, e)))
        goto out;
    jd_crash_point("replace.written");
    if (fsync(fd) != 0) {
        rc = jd_file_fail(e, errno, "write", path);
        goto out;
    }
    if (rename(temp, path) != 0) {
        rc = jd_file_fail(e, errno, "replace", path);
        goto out;
    }
    free(temp);
    temp = NULL;
    jd_crash_point("replace.renamed");
    rc = jd_dir_sync(dir, e);
out:
    if (fd >= 0)
        (void)close(fd);
    if (temp)
        (void)unlink(temp);
    free(temp);
    free(dir);
    return rc;
}
