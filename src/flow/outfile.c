#include "flow/outfile.h"

#include "base/arena.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Declared here: <sys/file.h> would find our own sys/file.h. */
int flock(int fd, int operation);

/* The folder's part of a path, to be freed. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return jd_xstrdup(".");
    size_t n   = slash == path ? 1 : (size_t)(slash - path);
    char  *dir = jd_xmalloc(n + 1);
    memcpy(dir, path, n);
    dir[n] = '\0';
    return dir;
}

static char *temp_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base  = slash ? slash + 1 : path;
    size_t      room  = strlen(path) + sizeof "..part";
    char       *temp  = jd_xmalloc(room);
    (void)snprintf(temp, room, "%.*s.%.240s.part", (int)(base - path), path, base);
    return temp;
}

static jd_code open_direct(jd_outfile *o, const char *path, jd_err *e)
{
    o->path = jd_xstrdup(path);
    o->fd   = open(path, O_WRONLY | O_CLOEXEC);
    return o->fd >= 0 ? JD_OK : jd_file_fail(e, errno, "write", path);
}

/* The file that we locked may have been published or removed by its owner in between. */
static bool still_named(int fd, const char *temp)
{
    struct stat mine, named;
    return fstat(fd, &mine) == 0 && stat(temp, &named) == 0 && mine.st_ino == named.st_ino &&
           mine.st_dev == named.st_dev;
}

static jd_code open_temp(jd_outfile *o, jd_err *e)
{
    for (;;) {
        o->fd = open(o->temp, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (o->fd < 0)
            return jd_file_fail(e, errno, "write", o->path);
        if (flock(o->fd, LOCK_EX | LOCK_NB) != 0) {
            int why = errno;
            (void)close(o->fd);
            o->fd = -1;
            return why == EWOULDBLOCK
                       ? jd_fail(e, JD_E_LOCKED,
                                 "%s: another run is writing it: wait for its end, or choose "
                                 "another output",
                                 o->path)
                       : jd_file_fail(e, why, "lock", o->temp);
        }
        if (still_named(o->fd, o->temp))
            break;
        (void)close(o->fd);
        o->fd = -1;
    }
    return ftruncate(o->fd, 0) == 0 ? JD_OK : jd_file_fail(e, errno, "write", o->path);
}

jd_code jd_outfile_open(jd_outfile *o, const char *path, jd_err *e)
{
    struct stat st;
    *o = JD_OUTFILE_NONE;
    if (strcmp(path, "-") == 0) {
        o->path = jd_xstrdup("standard output");
        o->fd   = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
        return o->fd >= 0 ? JD_OK : jd_file_fail(e, errno, "write", o->path);
    }
    if (stat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            return jd_file_fail(e, EISDIR, "write", path);
        if (!S_ISREG(st.st_mode))
            return open_direct(o, path, e);
        o->path = realpath(path, NULL);
    } else {
        char   *dir = folder_of(path);
        jd_code c   = jd_dir_make(dir, e);
        free(dir);
        if (c)
            return c;
    }
    if (!o->path)
        o->path = jd_xstrdup(path);
    o->temp = temp_of(o->path);
    return open_temp(o, e);
}

jd_code jd_outfile_write(jd_outfile *o, jd_str data, jd_err *e)
{
    return jd_file_write(o->fd, data, o->path, e);
}

jd_code jd_outfile_sync(jd_outfile *o, jd_err *e)
{
    if (!o->temp)
        return JD_OK;
    return fsync(o->fd) == 0 ? JD_OK : jd_file_fail(e, errno, "write", o->path);
}

jd_code jd_outfile_publish(jd_outfile *o, jd_err *e)
{
    if (!o->temp)
        return JD_OK;
    if (rename(o->temp, o->path) != 0)
        return jd_file_fail(e, errno, "replace", o->path);
    free(o->temp);
    o->temp     = NULL;
    char   *dir = folder_of(o->path);
    jd_code c   = jd_dir_sync(dir, e);
    free(dir);
    return c;
}

void jd_outfile_close(jd_outfile *o)
{
    if (o->temp && o->fd >= 0)
        (void)unlink(o->temp);
    if (o->fd >= 0)
        (void)close(o->fd);
    free(o->temp);
    free(o->path);
    *o = JD_OUTFILE_NONE;
}
