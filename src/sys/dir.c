#include "base/vec.h"
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

jd_code jd_dir_sync(const char *path, jd_err *e)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return jd_file_fail(e, errno, "open", path);
    jd_code rc = JD_OK;
    if (fsync(fd) != 0 && errno != EINVAL) /* some file systems have no folders to sync */
        rc = jd_file_fail(e, errno, "write", path);
    (void)close(fd);
    return rc;
}

bool jd_path_is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool jd_path_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

/* Makes one folder whose parent is there, and makes that last. */
static jd_code make_one(char *path, jd_err *e)
{
    if (mkdir(path, 0777) != 0) {
        int sys = errno;
        if (jd_path_is_dir(path))
            return JD_OK;
        if (sys == EEXIST)
            return jd_fail(e, JD_E_IO, "%s: cannot create the folder: a file is in its place",
                           path);
        return jd_file_fail(e, sys, "create", path);
    }
    char   *slash = strrchr(path, '/');
    jd_code rc;
    if (!slash || slash == path) {
        rc = jd_dir_sync(slash ? "/" : ".", e);
    } else {
        *slash = '\0';
        rc     = jd_dir_sync(path, e);
        *slash = '/';
    }
    return rc;
}

jd_code jd_dir_make(const char *path, jd_err *e)
{
    if (jd_path_is_dir(path))
        return JD_OK;
    if (!*path)
        return jd_fail(e, JD_E_IO, "a folder has an empty name: give its path");
    char   *copy = jd_xstrdup(path);
    size_t  n    = strlen(copy);
    jd_code rc   = JD_OK;
    while (n > 1 && copy[n - 1] == '/')
        copy[--n] = '\0';
    for (size_t i = 1; i <= n && !rc; i++) {
        if (copy[i] != '/' && copy[i] != '\0')
            continue;
        char was = copy[i];
        copy[i]  = '\0';
        if (copy[i - 1] != '/' && !jd_path_is_dir(copy))
            rc = make_one(copy, e);
        copy[i] = was;
    }
    free(copy);
    return rc;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_dot(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

jd_code jd_dir_list(jd_arena *a, const char *path, jd_names *out, jd_err *e)
{
    *out   = (jd_names){0};
    DIR *d = opendir(path);
    if (!d)
        return errno == ENOENT ? JD_OK : jd_file_fail(e, errno, "read", path);
    JD_VEC(char *) names = {0};
    jd_code rc           = JD_OK;
    for (;;) {
        errno                = 0;
        struct dirent *entry = readdir(d);
        if (!entry) {
            if (errno)
                rc = jd_file_fail(e, errno, "read", path);
            break;
        }
        if (!is_dot(entry->d_name))
            *jd_vec_add(&names) = jd_arena_cstr(a, jd_str_of(entry->d_name));
    }
    (void)closedir(d);
    if (!rc && names.n) {
        qsort(names.v, names.n, sizeof *names.v, by_name);
        out->name = JD_NEW_ARRAY(a, char *, names.n);
        out->n    = names.n;
        memcpy(out->name, names.v, names.n * sizeof *names.v);
    }
    jd_vec_release(&names);
    return rc;
}

/* Removes what name (below dirfd) is; a folder with all that is in it. Links are not followed. */
static int remove_at(int dirfd, const char *name)
{
    if (unlinkat(dirfd, name, 0) == 0)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -1;
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    DIR *d = fdopendir(fd);
    if (!d) {
        (void)close(fd);
        return -1;
    }
    int            failed = 0;
    struct dirent *entry;
    while ((entry = readdir(d)))
        if (!is_dot(entry->d_name) && remove_at(fd, entry->d_name) != 0)
            failed = errno;
    (void)closedir(d);
    if (failed) {
        errno = failed;
        return -1;
    }
    return unlinkat(dirfd, name, AT_REMOVEDIR);
}

jd_code jd_dir_remove(const char *path, jd_err *e)
{
    if (remove_at(AT_FDCWD, path) == 0 || errno == ENOENT)
        return JD_OK;
    return jd_file_fail(e, errno, "remove", path);
}
