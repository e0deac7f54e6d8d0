#include "text/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

static void is_cell(jd_str text, bool guard, const char *want)
{
    jd_buf b = JD_BUF_INIT(1 << 20);
    jd_csv_cell(&b, text, true, guard);
    assert_string_equal(jd_buf_cstr(&b), want);
    jd_buf_release(&b);
}

static void rfc_4180(void **state)
{
    (void)state;
    jd_buf b = JD_BUF_INIT(1000);
    jd_csv_cell(&b, JD_STR("plain"), true, true);
    jd_csv_cell(&b, JD_STR("a,b"), false, true);
    jd_csv_cell(&b, JD_STR("say \"hi\""), false, true);
    jd_csv_cell(&b, JD_STR("two\nlines"), false, true);
    jd_csv_cell(&b, JD_STR(""), false, true);
    jd_csv_cell(&b, JD_STR("\"\""), false, true);
    jd_csv_end(&b);
    assert_string_equal(jd_buf_cstr(&b),
                        "plain,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",,\"\"\"\"\"\"\r\n");
    jd_buf_release(&b);
}

static void formulas_are_disarmed(void **state)
{
    (void)state;
    is_cell(JD_STR("=1+1"), true, "'=1+1");
    is_cell(JD_STR("=HYPERLINK(\"http://x\",1)"), true, "\"'=HYPERLINK(\"\"http://x\"\",1)\"");
    is_cell(JD_STR("+1"), true, "'+1");
    is_cell(JD_STR("-1"), true, "'-1");
    is_cell(JD_STR("@SUM(A1)"), true, "'@SUM(A1)");
    is_cell(JD_STR("\t=1"), true, "'\t=1");
    is_cell(JD_STR("\r=1"), true, "\"'\n=1\"");
    is_cell(JD_STR("＝1"), true, "'＝1");
    is_cell(JD_STR("a=1"), true, "a=1");
    is_cell(JD_STR("-1"), false, "-1");
}

/* What is left out must not hide what a spreadsheet then sees first. */
static void controls_are_left_out(void **state)
{
    (void)state;
    is_cell(JD_STR("\x01=1"), true, "'=1");
    is_cell(JD_STR("\xef\xbb\xbf=1"), true, "'=1");
    is_cell(JD_STR("a\x1b[31mb\x07"
                   "c\r\nd"),
            true, "\"abc\nd\"");
    is_cell((jd_str){"a\0b", 3}, true, "ab");
    is_cell(JD_STR("\xff!"), true, "\xef\xbf\xbd!");
}

static void a_ceiling_is_kept(void **state)
{
    (void)state;
    for (size_t max = 1; max < 20; max++) {
        jd_buf b = JD_BUF_INIT(max);
        jd_csv_cell(&b, JD_STR("\"a\",\"b\",\"c\""), true, true);
        jd_csv_cell(&b, JD_STR("more, and more"), false, true);
        assert_false(jd_buf_ok(&b));
        assert_true(b.n <= max);
        jd_buf_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_4180),
        cmocka_unit_test(formulas_are_disarmed),
        cmocka_unit_test(controls_are_left_out),
        cmocka_unit_test(a_ceiling_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
