#include "base/err.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    bool        retry;
    int         exit;
    const char *text;
} codes[JD_NCODES] = {
#define X(name, retry, exit, text) {#name, retry, exit, text},
    JD_CODES(X)
#undef X
};

static size_t index_of(jd_code c)
{
    return (unsigned)c < JD_NCODES ? (size_t)c : (size_t)JD_E_INTERNAL;
}

bool jd_code_retryable(jd_code c)
{
    return codes[index_of(c)].retry;
}

int jd_code_exit(jd_code c)
{
    return codes[index_of(c)].exit;
}

const char *jd_code_name(jd_code c)
{
    return codes[index_of(c)].name;
}

const char *jd_code_text(jd_code c)
{
    return codes[index_of(c)].text;
}

jd_code jd_fail(jd_err *e, jd_code c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    e->code = c;
    e->sys  = 0;
    e->http = 0;
    (void)vsnprintf(e->msg, sizeof e->msg, fmt, ap);
    va_end(ap);
    return c;
}

jd_code jd_fail_sys(jd_err *e, jd_code c, int sys, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    e->code = c;
    e->sys  = sys;
    e->http = 0;
    int n   = vsnprintf(e->msg, sizeof e->msg, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof e->msg) {
        char        text[128];
        const char *why = strerror_r(sys, text, sizeof text);
        (void)snprintf(e->msg + n, sizeof e->msg - (size_t)n, ": %s", why);
    }
    return c;
}

jd_code jd_wrap(jd_err *e, const char *fmt, ...)
{
    char    old[JD_ERR_MAX];
    va_list ap;
    memcpy(old, e->msg, sizeof old);
    va_start(ap, fmt);
    int n = vsnprintf(e->msg, sizeof e->msg, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof e->msg)
        (void)snprintf(e->msg + n, sizeof e->msg - (size_t)n, ": %s", old);
    return e->code;
}
