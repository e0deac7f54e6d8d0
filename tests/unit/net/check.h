/* check.h: cmocka with what it needs before it, and two helpers of the net tests. */
#ifndef JD_TEST_NET_CHECK_H
#define JD_TEST_NET_CHECK_H

#include "base/err.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* clang-format off: needs the standard headers above */
#include <cmocka.h>
/* clang-format on */

static inline void must(jd_code code, const jd_err *e)
{
    if (code != JD_OK)
        fail_msg("%s: %s", jd_code_name(code), e->msg);
}

static inline void assert_str(jd_str got, const char *want)
{
    if (!jd_str_is(got, want))
        fail_msg("\"%.*s\" is not \"%s\"", JD_FMT(got), want);
}

static inline void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" does not say \"%s\"", text, part);
}

#endif
