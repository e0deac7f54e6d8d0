/* transform_test.h: a raw store in a folder of its own, and runs over it. */
#ifndef JD_TRANSFORM_TEST_H
#define JD_TRANSFORM_TEST_H

#include "flow/transform.h"
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
#include <sys/stat.h>
#include <unistd.h>

enum { MANY = 200 };

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

static inline void put(const char *path, const char *text)
{
    jd_err e = JD_ERR_NONE;
    char   dir[256];
    (void)snprintf(dir, sizeof dir, "%s", path);
    *strrchr(dir, '/') = '\0';
    assert_int_equal(jd_dir_make(dir, &e), JD_OK);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static inline void put_issue(const char *project, unsigned n, const char *text)
{
    char   path[128];
    jd_buf b = JD_BUF_INIT(1 << 26);
    jd_buf_addf(&b, "{\"key\":\"%s-%u\",\"fields\":{\"summary\":\"title %u\",\"description\":\"",
                project, n, n);
    jd_buf_addz(&b, text);
    jd_buf_addz(&b, "\"}}");
    (void)snprintf(path, sizeof path, "raw/%s/%s-%u.json", project, project, n);
    put(path, jd_buf_cstr(&b));
    jd_buf_release(&b);
}

/* A file as a C string, to be freed; NULL when it is not there. */
static inline char *get(const char *path, size_t *n)
{
    jd_buf b = JD_BUF_INIT(1 << 28);
    jd_err e = JD_ERR_NONE;
    if (jd_file_read(path, &b, &e)) {
        jd_buf_release(&b);
        return NULL;
    }
    return jd_buf_take(&b, n);
}

static inline jd_transform plain(void)
{
    return (jd_transform){.input_dir      = "raw",
                          .output         = "out.jsonl",
                          .quarantine_dir = "quarantine",
                          .state_dir      = "state",
                          .threads        = 1,
                          .log            = &jd_log_none};
}

static inline jd_code run(const jd_transform *in, jd_stats *keep, jd_err *e)
{
    jd_stats *s = jd_stats_new(true);
    *e          = JD_ERR_NONE;
    jd_code c   = jd_transform_run(in, s, e);
    if (keep)
        jd_stats_merge(keep, s);
    jd_stats_free(s);
    return c;
}

static inline void assert_same(const char *path, const char *want)
{
    char *got = get(path, NULL);
    assert_non_null(got);
    assert_string_equal(got, want);
    free(got);
}

static inline size_t lines_in(const char *path)
{
    jd_lines *l;
    jd_err    e = JD_ERR_NONE;
    jd_str    line;
    size_t    n = 0;
    assert_int_equal(jd_lines_open(path, 1 << 26, &l, &e), JD_OK);
    for (;;) {
        assert_int_equal(jd_lines_next(l, &line, &e), JD_OK);
        if (!line.p)
            break;
        assert_int_equal(line.p[0], '{');
        n++;
    }
    jd_lines_close(l);
    return n;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, in_temp, out_temp)

#endif
