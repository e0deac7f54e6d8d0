#include "model/cursor.h"
#include "unit/check.h"

static jd_str line_of(const jd_cursor *c, jd_buf *b)
{
    jd_cursor_write(c, b);
    assert_true(jd_buf_ok(b));
    return jd_buf_view(b);
}

static void test_what_is_written_reads_the_same(void **unused)
{
    (void)unused;
    jd_cursor c, back;
    jd_err    e;
    jd_buf    b = JD_BUF_INIT(JD_CURSOR_MAX);
    jd_cursor_init(&c, JD_STR("issues.apache.org/jira#project:1"), 0xfedcba9876543210u);
    jd_cursor_begin(&c, 1700000000000, 1600000000000, NULL, 0);
    c.window[0].at = 1650000000000;
    c.seq          = 42;
    assert_int_equal(jd_cursor_read(&back, line_of(&c, &b), &e), JD_OK);
    assert_memory_equal(&c, &back, sizeof c);
    jd_buf_release(&b);
}

static void test_the_line_is_as_documented(void **unused)
{
    (void)unused;
    jd_cursor c;
    jd_buf    b = JD_BUF_INIT(JD_CURSOR_MAX);
    jd_cursor_init(&c, JD_STR("s"), 1);
    jd_cursor_begin(&c, 5, JD_PAST, NULL, 0);
    c.window[0].at = c.window[0].to;
    jd_cursor_settle(&c);
    assert_true(jd_str_is(
        line_of(&c, &b),
        "{\"v\":1,\"scope\":\"s\",\"plan\":\"0000000000000001\",\"t0\":5,\"since\":null,"
        "\"windows\":[{\"from\":null,\"to\":null,\"at\":\"end\"}],\"updated\":5,\"seq\":0}"));
    jd_buf_release(&b);
}

static void test_sixteen_windows_fit(void **unused)
{
    (void)unused;
    jd_cursor c, back;
    jd_err    e;
    char      scope[256];
    jd_buf    b = JD_BUF_INIT(JD_CURSOR_MAX);
    memset(scope, 'x', sizeof scope);
    jd_cursor_init(&c, (jd_str){scope, 255}, UINT64_MAX);
    jd_cursor_begin(&c, -62135596800000, 253402300799999, NULL, 0);
    c.nwindow = JD_WINDOWS_MAX;
    for (int i = 0; i < JD_WINDOWS_MAX; i++)
        c.window[i] = (jd_window){1700000000000 + i, 1700000000001 + i, 1700000000000 + i};
    c.window[0].from = JD_PAST;
    c.window[15].to  = JD_FUTURE;
    c.seq            = INT64_MAX;
    c.updated        = 1700000000000;
    assert_int_equal(jd_cursor_read(&back, line_of(&c, &b), &e), JD_OK);
    assert_memory_equal(&c, &back, sizeof c);
    jd_buf_release(&b);
}

static void test_updated_begins_at_t0_and_never_goes_back(void **unused)
{
    (void)unused;
    jd_cursor c;
    jd_cursor_init(&c, JD_STR("s"), 1);
    assert_false(jd_cursor_backfilled(&c));
    jd_cursor_begin(&c, 1000, JD_PAST, NULL, 0);
    jd_cursor_settle(&c);
    assert_int_equal(c.updated, JD_PAST);
    c.window[0].at = c.window[0].to;
    assert_true(jd_cursor_backfilled(&c));
    c.updated = 2000;
    jd_cursor_settle(&c);
    assert_int_equal(c.updated, 2000);
}

static void test_what_is_no_cursor_is_refused(void **unused)
{
    (void)unused;
    static const struct {
        const char *line;
        jd_code     code;
    } rows[] = {
        {"", JD_E_DATA},
        {"{}", JD_E_DATA},
        {"[1]", JD_E_DATA},
        {"{\"v\":2}", JD_E_STATE},
        {"{\"v\":1,\"scope\":\"\",\"plan\":\"0000000000000001\",\"t0\":null,\"since\":null,"
         "\"windows\":[],"
         "\"updated\":null,\"seq\":0}",
         JD_E_DATA},
        {"{\"v\":1,\"scope\":\"s\",\"plan\":\"zz00000000000001\",\"t0\":null,\"since\":null,"
         "\"windows\":[],"
         "\"updated\":null,\"seq\":0}",
         JD_E_DATA},
        {"{\"v\":1,\"scope\":\"s\",\"plan\":\"0000000000000001\",\"t0\":null,\"since\":null,"
         "\"windows\":[],"
         "\"updated\":null,\"seq\":-1}",
         JD_E_DATA},
        {"{\"v\":1,\"scope\":\"s\",\"plan\":\"0000000000000001\",\"t0\":\"x\",\"since\":null,"
         "\"windows\":[],"
         "\"updated\":null,\"seq\":1}",
         JD_E_DATA},
        {"{\"v\":1,\"scope\":\"s\",\"plan\":\"0000000000000001\",\"t0\":1,\"since\":null,"
         "\"windows\":[1],"
         "\"updated\":null,\"seq\":1}",
         JD_E_DATA},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jd_cursor c;
        jd_err    e = JD_ERR_NONE;
        assert_int_equal(jd_cursor_read(&c, jd_str_of(rows[i].line), &e), rows[i].code);
        assert_true(e.msg[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_reads_the_same),
        cmocka_unit_test(test_the_line_is_as_documented),
        cmocka_unit_test(test_sixteen_windows_fit),
        cmocka_unit_test(test_updated_begins_at_t0_and_never_goes_back),
        cmocka_unit_test(test_what_is_no_cursor_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
