#include "base/err.h"
#include "base/event.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

static void the_table_is_whole(void **state)
{
    (void)state;
    for (jd_code c = JD_OK; c < JD_NCODES; c++) {
        assert_true(strlen(jd_code_name(c)) > 0);
        assert_true(strlen(jd_code_text(c)) > 0);
        assert_in_range(jd_code_exit(c), 0, 98); /* 99 is Airflow's "skipped" */
        assert_int_equal(jd_code_exit(c) == 0, c == JD_OK);
        for (jd_code d = JD_OK; d < c; d++)
            assert_string_not_equal(jd_code_name(c), jd_code_name(d));
    }
    assert_string_equal(jd_code_name(JD_E_NET), "E_NET");
    assert_string_equal(jd_code_text(JD_E_AUTH), "not authorized");
}

/* The contract with whoever starts the program. */
static void exit_statuses(void **state)
{
    (void)state;
    const struct {
        jd_code code;
        int     exit;
    } want[] = {{JD_OK, 0},        {JD_E_INTERNAL, 1}, {JD_E_QUARANTINED, 2},  {JD_E_INCOMPLETE, 3},
                {JD_E_USAGE, 64},  {JD_E_DATA, 65},    {JD_E_NOTFOUND, 66},    {JD_E_NET, 69},
                {JD_E_REMOTE, 69}, {JD_E_IO, 74},      {JD_E_INTERRUPTED, 75}, {JD_E_LOCKED, 75},
                {JD_E_BUSY, 75},   {JD_E_REFUSED, 75}, {JD_E_AUTH, 77},        {JD_E_CONFIG, 78},
                {JD_E_STATE, 78}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_int_equal(jd_code_exit(want[i].code), want[i].exit);
    assert_true(jd_code_retryable(JD_E_NET) && jd_code_retryable(JD_E_BUSY));
    assert_false(jd_code_retryable(JD_OK) || jd_code_retryable(JD_E_AUTH));
}

static void a_code_from_nowhere_is_internal(void **state)
{
    (void)state;
    jd_code odd = (jd_code)JD_NCODES;
    assert_int_equal(jd_code_exit(odd), 1);
    assert_string_equal(jd_code_name(odd), jd_code_name(JD_E_INTERNAL));
    assert_false(jd_code_retryable(odd));
}

static void fail_sets_everything(void **state)
{
    (void)state;
    jd_err e = {.code = JD_E_NET, .sys = 5, .http = 503};
    assert_int_equal(jd_fail(&e, JD_E_DATA, "page %d", 7), JD_E_DATA);
    assert_int_equal(e.code, JD_E_DATA);
    assert_int_equal(e.sys, 0);
    assert_int_equal(e.http, 0);
    assert_string_equal(e.msg, "page 7");
}

static void fail_sys_says_why(void **state)
{
    (void)state;
    jd_err e = JD_ERR_NONE;
    assert_int_equal(jd_fail_sys(&e, JD_E_IO, ENOSPC, "cannot write %s", "x"), JD_E_IO);
    assert_int_equal(e.sys, ENOSPC);
    assert_string_equal(e.msg, "cannot write x: No space left on device");
}

static void wrap_puts_context_in_front(void **state)
{
    (void)state;
    jd_err e = JD_ERR_NONE;
    (void)jd_fail_sys(&e, JD_E_IO, ENOENT, "file");
    e.http = 404;
    assert_int_equal(jd_wrap(&e, "page %d", 7), JD_E_IO);
    assert_int_equal(jd_wrap(&e, "project %s", "KAFKA"), JD_E_IO);
    assert_string_equal(e.msg, "project KAFKA: page 7: file: No such file or directory");
    assert_true(e.sys == ENOENT && e.http == 404);
}

static void messages_are_cut_not_overrun(void **state)
{
    (void)state;
    struct {
        jd_err e;
        char   guard[8];
    } box = {.guard = "guarded"};
    char longer[JD_ERR_MAX * 2];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    (void)jd_fail(&box.e, JD_E_DATA, "%s", longer);
    assert_int_equal(strlen(box.e.msg), JD_ERR_MAX - 1);
    (void)jd_wrap(&box.e, "context");
    assert_int_equal(strlen(box.e.msg), JD_ERR_MAX - 1);
    assert_memory_equal(box.e.msg, "context: xxx", 12);
    (void)jd_wrap(&box.e, "%s", longer);
    (void)jd_fail_sys(&box.e, JD_E_IO, EIO, "%s", longer);
    assert_int_equal(strlen(box.e.msg), JD_ERR_MAX - 1);
    assert_string_equal(box.guard, "guarded");
}

typedef struct heard {
    int      n;
    jd_level level;
    char     event[20], text[1200];
} heard;

static void hear(void *self, jd_level level, const char *event, const char *text)
{
    heard *h = self;
    h->n++;
    h->level = level;
    (void)snprintf(h->event, sizeof h->event, "%s", event);
    (void)snprintf(h->text, sizeof h->text, "%s", text);
}

static void events_reach_the_target(void **state)
{
    (void)state;
    heard  h   = {0};
    jd_log log = {.least = JD_INFO, .emit = hear, .self = &h};
    jd_event(&log, JD_DEBUG, "page", "not heard");
    assert_int_equal(h.n, 0);
    jd_event(&log, JD_WARN, "wait", "%d s", 4);
    assert_int_equal(h.n, 1);
    assert_int_equal(h.level, JD_WARN);
    assert_string_equal(h.event, "wait");
    assert_string_equal(h.text, "4 s");
    jd_event(&log, JD_ERROR, "note", "%1200d", 1);
    assert_int_equal(strlen(h.text), 999);
    jd_event(&jd_log_none, JD_ERROR, "note", "nobody listens");
    jd_log mute = {.least = JD_DEBUG};
    jd_event(&mute, JD_ERROR, "note", "nobody listens");
    assert_int_equal(h.n, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_whole),
        cmocka_unit_test(exit_statuses),
        cmocka_unit_test(a_code_from_nowhere_is_internal),
        cmocka_unit_test(fail_sets_everything),
        cmocka_unit_test(fail_sys_says_why),
        cmocka_unit_test(wrap_puts_context_in_front),
        cmocka_unit_test(messages_are_cut_not_overrun),
        cmocka_unit_test(events_reach_the_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
