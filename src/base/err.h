/* err.h: errors as values. A function returns what to do (jd_code); jd_err says what to print.
 *
 * - `jd_err *e` is the last parameter, never NULL, and untouched on success, so calls chain.
 * - The one who can act on an error handles it; everyone else adds context and returns.
 * - Only the command line prints errors and exits; the exit status comes from the table below.
 * - Out of memory for small things ends the process: what is on disk is safe at any instant.
 *   Anything a peer sizes goes through jd_buf, whose ceiling gives JD_E_TOOBIG instead. */
#ifndef JD_BASE_ERR_H
#define JD_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JD_NODISCARD    __attribute__((warn_unused_result))
#define JD_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define JD_CLEANUP(fn)  __attribute__((cleanup(fn)))

/* One table: the enum, the names, whether trying again can help, the exit status. */
#define JD_CODES(X)                                                          \
    X(OK, 0, 0, "complete")                                                  \
    X(E_INTERNAL, 0, 1, "internal error")                                    \
    X(E_QUARANTINED, 0, 2, "finished; something new went to quarantine")     \
    X(E_INCOMPLETE, 0, 3, "finished; the server has more than we could get") \
    X(E_USAGE, 0, 64, "bad command line")                                    \
    X(E_DATA, 0, 65, "bad data")                                             \
    X(E_TOOBIG, 0, 65, "input over its limit")                               \
    X(E_NOTFOUND, 0, 66, "not found")                                        \
    X(E_NET, 1, 69, "service unreachable")                                   \
    X(E_REMOTE, 1, 69, "service failing")                                    \
    X(E_IO, 0, 74, "disk or file failure")                                   \
    X(E_DB, 0, 74, "database failure")                                       \
    X(E_INTERRUPTED, 0, 75, "interrupted: run again")                        \
    X(E_LOCKED, 0, 75, "in use by another run: run again")                   \
    X(E_BUSY, 1, 75, "rate limited, or waiting too long: run again")         \
    X(E_STALE, 0, 75, "changed by another writer: run again")                \
    X(E_REFUSED, 0, 75, "refused without a person's word")                   \
    X(E_AUTH, 0, 77, "not authorized")                                       \
    X(E_CONFIG, 0, 78, "bad configuration")                                  \
    X(E_STATE, 0, 78, "state of a newer version or another site")

typedef enum jd_code {
#define X(name, retry, exit, text) JD_##name,
    JD_CODES(X)
#undef X
        JD_NCODES
} jd_code;

bool        jd_code_retryable(jd_code c);
int         jd_code_exit(jd_code c);
const char *jd_code_name(jd_code c); /* "E_NET" */
const char *jd_code_text(jd_code c); /* the table's words */

enum { JD_ERR_MAX = 512 };

typedef struct jd_err {
    jd_code code;
    int     sys;             /* errno or CURLcode, 0 if none */
    int     http;            /* HTTP status, 0 if none */
    char    msg[JD_ERR_MAX]; /* outermost context first: "project KAFKA: page 7: …" */
} jd_err;

#define JD_ERR_NONE ((jd_err){0})

/* Set the error and return its code. The message names the thing and the remedy. */
jd_code jd_fail(jd_err *e, jd_code c, const char *fmt, ...) JD_PRINTF(3, 4);
/* The same with ": " and strerror(sys) appended. */
jd_code jd_fail_sys(jd_err *e, jd_code c, int sys, const char *fmt, ...) JD_PRINTF(4, 5);
/* Put context in front ("context: old message"), keep the code and return it. */
jd_code jd_wrap(jd_err *e, const char *fmt, ...) JD_PRINTF(2, 3);

#endif
