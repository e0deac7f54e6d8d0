#include "cli/progress.h"
#include "cli_test.h"
#include "text/json.h"

#include <pthread.h>

static int64_t now; /* both clocks, ms */

static int64_t read_now(void *self)
{
    (void)self;
    return now;
}

static const jd_clock fake = {read_now, read_now, NULL};

/* All that was written, as a C string of the file's whole content. */
typedef struct sink {
    FILE *f;
    char  text[200000];
} sink;

static sink out;

static jd_progress *begin(jd_progress_mode mode, bool tty)
{
    now   = 1705314600000; /* 2024-01-15T10:30:00Z */
    out.f = tmpfile();
    assert_non_null(out.f);
    return jd_progress_new_on(mode, &fake, tty, fileno(out.f), 60);
}

static const char *written(void)
{
    ssize_t n = pread(fileno(out.f), out.text, sizeof out.text - 1, 0);
    assert_true(n >= 0);
    out.text[n] = '\0';
    return out.text;
}

static void finish(jd_progress *p)
{
    jd_progress_free(p);
    (void)fclose(out.f);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
        n++;
    return n;
}

static void plain_lines_come_every_ten_seconds(void **state)
{
    (void)state;
    jd_progress *p = begin(JD_PROGRESS_AUTO, false);
    jd_progress_scope(p, "HADOOP", 4000);
    for (int i = 0; i < 30; i++) {
        now += 1000;
        jd_progress_add(p, 100);
    }
    assert_int_equal(count(written(), "\n"), 3);
    assert_has(written(), "HADOOP: 1,000 of 4,000 issues, 100/s, ");
    jd_progress_end(p);
    assert_has(written(), "HADOOP: 3,000 of 4,000 issues");
    assert_int_equal(count(written(), "\n"), 4);
    assert_lacks(written(), "\r");
    finish(p);
}

static void a_long_wait_is_told_at_once(void **state)
{
    (void)state;
    jd_progress *p = begin(JD_PROGRESS_PLAIN, false);
    jd_progress_scope(p, "K", 0);
    jd_progress_wait(p, "rate limited", 60000);
    assert_has(written(), "K: 0 issues, waiting ");
    assert_has(written(), ": rate limited\n");
    finish(p);
}

static void the_bar_stays_on_one_line_within_the_terminal(void **state)
{
    (void)state;
    jd_progress *p = begin(JD_PROGRESS_AUTO, true);
    jd_progress_scope(p, "A_RATHER_LONG_SCOPE_NAME", 10);
    now += 1000;
    jd_progress_add(p, 5);
    jd_progress_wait(p, "the server asks for a pause that is long to describe", 5000);
    jd_progress_total(p, 12);
    const char *text = written();
    assert_has(text, "[##########----------] A_RATHER_LONG_SCOPE_NAME: 5 of 10");
    assert_lacks(text, "\n");
    for (const char *at = text; *at;) { /* between two erasures */
        const char *end = strchr(at + 1, '\r');
        size_t      n   = end ? (size_t)(end - at) : strlen(at);
        assert_true(n - (count(at, "\033[K") ? 4 : 0) <= 60);
        at += n;
    }
    jd_progress_end(p);
    text = written();
    assert_string_equal(text + strlen(text) - 4, "\r\033[K"); /* the line is gone */
    finish(p);
}

static void log_lines_do_not_garble_the_bar(void **state)
{
    (void)state;
    jd_progress *p   = begin(JD_PROGRESS_BAR, true);
    jd_log       log = jd_progress_log(p, JD_INFO);
    jd_progress_scope(p, "K", 10);
    jd_event(&log, JD_DEBUG, "request", "not shown");
    jd_event(&log, JD_WARN, "quarantine", "bad\x1b[2J\nissue");
    assert_has(written(), "\r\033[Kwarning: bad\\x1b[2J\\nissue\n[----");
    assert_lacks(written(), "not shown");
    finish(p);
}

static void a_log_file_gets_times(void **state)
{
    (void)state;
    jd_progress *p   = begin(JD_PROGRESS_NONE, false);
    jd_log       log = jd_progress_log(p, JD_DEBUG);
    jd_event(&log, JD_INFO, "note", "begun");
    jd_event(&log, JD_DEBUG, "request", "GET x");
    jd_event(&log, JD_ERROR, "note", "lost");
    jd_progress_scope(p, "K", 10);
    jd_progress_add(p, 10);
    assert_string_equal(written(), "2024-01-15T10:30:00Z begun\n"
                                   "2024-01-15T10:30:00Z debug: request: GET x\n"
                                   "2024-01-15T10:30:00Z error: lost\n");
    finish(p);
}

static void json_mode_is_one_object_a_line(void **state)
{
    (void)state;
    jd_progress *p   = begin(JD_PROGRESS_JSON, true);
    jd_log       log = jd_progress_log(p, JD_INFO);
    jd_event(&log, JD_WARN, "quarantine", "a \"quoted\"\nline \xff");
    jd_progress_scope(p, "K", 10);
    now += 1000;
    jd_progress_add(p, 5);
    jd_progress_wait(p, "rate limited", 30000);
    jd_progress_say(p, JD_ERROR, "fail", "jiraduct: no", "no");
    jd_progress_end(p);
    jd_arena *a    = jd_arena_new(0);
    jd_str    rest = jd_str_of(written()), line;
    int       n    = 0;
    bool      fail = false, waits = false;
    while (jd_str_split(&rest, '\n', &line)) {
        const jd_json *v;
        jd_err         e = JD_ERR_NONE;
        if (!line.n)
            continue;
        n++;
        assert_int_equal(jd_json_read(a, line, &v, &e), JD_OK);
        assert_true(
            jd_str_starts(jd_json_str(jd_json_get(v, "time")), JD_STR("2024-01-15T10:30:0")));
        assert_true(jd_json_str(jd_json_get(v, "level")).n > 0);
        assert_true(jd_json_str(jd_json_get(v, "text")).n > 0);
        fail = fail || jd_str_is(jd_json_str(jd_json_get(v, "event")), "fail");
        int64_t ms;
        if (jd_json_i64(jd_json_get(v, "wait_ms"), &ms)) {
            waits = true;
            assert_int_equal(ms, 30000);
            assert_true(jd_json_i64(jd_json_get(v, "done"), &ms) && ms == 5);
        }
    }
    assert_int_equal(n, 5);
    assert_true(fail && waits);
    jd_arena_free(a);
    finish(p);
}

static void *chatter(void *arg)
{
    jd_log log = jd_progress_log(arg, JD_INFO);
    for (int i = 0; i < 200; i++) {
        jd_event(&log, JD_INFO, "note", "whole line");
        jd_progress_add(arg, 1);
    }
    return NULL;
}

static void threads_may_talk_at_once(void **state)
{
    (void)state;
    jd_progress *p = begin(JD_PROGRESS_PLAIN, true);
    jd_progress_scope(p, "K", 0);
    pthread_t t[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&t[i], NULL, chatter, p), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(t[i], NULL), 0);
    jd_progress_end(p);
    assert_int_equal(count(written(), "whole line\n"), 800);
    assert_has(written(), "K: 800 issues");
    finish(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_lines_come_every_ten_seconds),
        cmocka_unit_test(a_long_wait_is_told_at_once),
        cmocka_unit_test(the_bar_stays_on_one_line_within_the_terminal),
        cmocka_unit_test(log_lines_do_not_garble_the_bar),
        cmocka_unit_test(a_log_file_gets_times),
        cmocka_unit_test(json_mode_is_one_object_a_line),
        cmocka_unit_test(threads_may_talk_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
