/* file.h: files and folders, durable when they have to be.
 * Paths are C strings. Every failure names the path and says what to do about the common causes
 * (full disk, missing folder, no permission): JD_E_IO; a missing input is JD_E_NOTFOUND. */
#ifndef JD_SYS_FILE_H
#define JD_SYS_FILE_H

#include "base/arena.h"
#include "base/buf.h"

/* The error for a failed system call: "path: cannot <doing>: <remedy>"; doing is "read", "write", …
 */
jd_code jd_file_fail(jd_err *e, int sys, const char *doing, const char *path);

/* Whole file into out (whose ceiling applies: JD_E_TOOBIG). */
jd_code jd_file_read(const char *path, jd_buf *out, jd_err *e) JD_NODISCARD;
/* Below an open folder; dirfd AT_FDCWD for the current one. */
jd_code jd_file_read_at(int dirfd, const char *name, jd_buf *out, jd_err *e) JD_NODISCARD;
/* What is left in an open file or pipe; name is for the message. */
jd_code jd_file_read_fd(int fd, const char *name, jd_buf *out, jd_err *e) JD_NODISCARD;
/* Atomic and durable: temporary file beside it, fsync, rename, fsync of the folder. */
jd_code jd_file_replace(const char *path, jd_str data, jd_err *e) JD_NODISCARD;
/* All of data to fd; path is for the message. */
jd_code jd_file_write(int fd, jd_str data, const char *path, jd_err *e) JD_NODISCARD;
/* mkdir -p; an existing folder is fine. */
jd_code jd_dir_make(const char *path, jd_err *e) JD_NODISCARD;
jd_code jd_dir_sync(const char *path, jd_err *e) JD_NODISCARD;
/* Names of the entries of a folder, sorted bytewise, "." and ".." left out. A missing folder gives
 * n = 0 and JD_OK. */
typedef struct jd_names {
    char **name;
    size_t n;
} jd_names;
jd_code jd_dir_list(jd_arena *a, const char *path, jd_names *out, jd_err *e) JD_NODISCARD;
bool    jd_path_is_dir(const char *path);
bool    jd_path_exists(const char *path);
/* rm -rf for our own temporary folders; a missing one is fine. */
jd_code jd_dir_remove(const char *path, jd_err *e) JD_NODISCARD;

/* One holder at a time: flock on `path`, which is kept and holds who has it (pid, command, since).
 * Busy: JD_E_LOCKED, naming the holder. Released by the kernel however the process ends. */
typedef struct jd_lock {
    int fd; /* -1: not held */
} jd_lock;
#define JD_LOCK_NONE ((jd_lock){-1})
jd_code jd_lock_take(jd_lock *l, const char *path, const char *what, jd_err *e) JD_NODISCARD;
void    jd_lock_drop(jd_lock *l);

/* Where a crash test may end the process: when the environment variable JD_CRASH is "name:N", the
 * Nth passing of that point ends it at once with status 137, as kill -9 would. Nothing otherwise.
 */
void jd_crash_point(const char *name);

#endif
