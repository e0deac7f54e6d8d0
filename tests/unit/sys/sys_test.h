/* sys_test.h: cmocka, and a folder of its own for each test. */
#ifndef JD_SYS_TEST_H
#define JD_SYS_TEST_H

#include "sys/file.h"

/* cmocka.h wants the others before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Makes a folder and goes there; the test's state is its path. */
static inline int in_temp(void **state)
{
    char path[] = "/tmp/jd-unit.XXXXXX";
    if (!mkdtemp(path) || chdir(path) != 0)
        return -1;
    *state = strdup(path);
    return *state ? 0 : -1;
}

static inline int out_temp(void **state)
{
    jd_err e  = JD_ERR_NONE;
    int    rc = chdir("/") != 0 || jd_dir_remove(*state, &e) ? -1 : 0;
    free(*state);
    return rc;
}

static inline void put_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

static inline void assert_has(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("no \"%s\" in \"%s\"", part, text ? text : "");
}

static inline void assert_lacks(const char *text, const char *part)
{
    if (text && strstr(text, part))
        fail_msg("\"%s\" in \"%s\"", part, text);
}

#define IN_TEMP(test) cmocka_unit_test_setup_teardown(test, in_temp, out_temp)

#endif
