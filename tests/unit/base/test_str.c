#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

static void views(void **state)
{
    (void)state;
    assert_int_equal(jd_str_of("abc").n, 3);
    assert_null(jd_str_of(NULL).p);
    assert_int_equal(jd_str_of(NULL).n, 0);
    assert_int_equal(JD_STR("a\0b").n, 3);
    static const jd_str table[] = {JD_STR_INIT("x"), JD_STR_INIT("")};
    assert_int_equal(table[0].n, 1);
    assert_int_equal(table[1].n, 0);
}

static void compares(void **state)
{
    (void)state;
    assert_true(jd_str_eq(JD_STR("a"), JD_STR("a")));
    assert_true(jd_str_eq(JD_NOSTR, JD_STR("")));
    assert_false(jd_str_eq(JD_STR("a"), JD_STR("b")));
    assert_false(jd_str_eq(JD_STR("a"), JD_STR("ab")));
    assert_true(jd_str_is(JD_STR("a\0"), "a") == false);
    assert_true(jd_str_is(JD_STR("abc"), "abc"));
    assert_true(jd_str_ieq(JD_STR("HeLLo-9"), JD_STR("hEllO-9")));
    assert_false(jd_str_ieq(JD_STR("a"), JD_STR("ab")));
    assert_false(jd_str_ieq(JD_STR("@"), JD_STR("`"))); /* only letters fold */
    assert_false(jd_str_ieq(JD_STR("["), JD_STR("{")));
    assert_true(jd_str_cmp(JD_STR("a"), JD_STR("b")) < 0);
    assert_true(jd_str_cmp(JD_STR("ab"), JD_STR("a")) > 0);
    assert_true(jd_str_cmp(JD_NOSTR, JD_STR("")) == 0);
    assert_true(jd_str_cmp(JD_STR("\xff"), JD_STR("a")) > 0); /* bytes are not signed */
    assert_true(jd_str_starts(JD_STR("abc"), JD_STR("ab")));
    assert_true(jd_str_starts(JD_STR("abc"), JD_NOSTR));
    assert_false(jd_str_starts(JD_STR("ab"), JD_STR("abc")));
    assert_true(jd_str_ends(JD_STR("abc"), JD_STR("bc")));
    assert_true(jd_str_ends(JD_STR("abc"), JD_STR("")));
    assert_false(jd_str_ends(JD_STR("abc"), JD_STR("ab")));
    assert_false(jd_str_ends(JD_STR("c"), JD_STR("bc")));
}

static void cuts(void **state)
{
    (void)state;
    jd_str s = JD_STR("abcdef");
    assert_true(jd_str_is(jd_str_cut(s, 2, 3), "cde"));
    assert_true(jd_str_is(jd_str_cut(s, 4, SIZE_MAX), "ef"));
    assert_int_equal(jd_str_cut(s, 6, 1).n, 0);
    assert_int_equal(jd_str_cut(s, SIZE_MAX, 1).n, 0);
    assert_true(jd_str_is(jd_str_trim(JD_STR(" \t\r\n\v\fa b \n")), "a b"));
    assert_int_equal(jd_str_trim(JD_STR(" \n ")).n, 0);
    assert_int_equal(jd_str_trim(JD_NOSTR).n, 0);
}

static void finds(void **state)
{
    (void)state;
    jd_str s = JD_STR("a,b,c");
    assert_int_equal(jd_str_find(s, ','), 1);
    assert_int_equal(jd_str_find(s, 'x'), 5);
    assert_int_equal(jd_str_find(JD_NOSTR, 'x'), 0);
    assert_int_equal(jd_str_search(s, JD_STR("b,c")), 2);
    assert_int_equal(jd_str_search(s, JD_STR("b,d")), 5);
    assert_int_equal(jd_str_search(s, JD_NOSTR), 0);
    assert_int_equal(jd_str_search(JD_NOSTR, JD_STR("x")), 0);
}

static void splits(void **state)
{
    (void)state;
    jd_str      rest   = JD_STR("a,,b,"), piece;
    const char *want[] = {"a", "", "b", ""};
    size_t      n      = 0;
    for (; jd_str_split(&rest, ',', &piece); n++)
        assert_true(n < 4 && jd_str_is(piece, want[n]));
    assert_int_equal(n, 4);
    rest = JD_NOSTR;
    assert_false(jd_str_split(&rest, ',', &piece));
    rest = JD_STR("");
    assert_true(jd_str_split(&rest, ',', &piece)); /* one piece, and it is empty */
    assert_int_equal(piece.n, 0);
    assert_false(jd_str_split(&rest, ',', &piece));
}

static void numbers(void **state)
{
    (void)state;
    assert_string_equal(jd_s(1), "");
    assert_string_equal(jd_s(0), "s");
    assert_string_equal(jd_s(2), "s");
    uint64_t    u     = 7;
    int64_t     i     = 7;
    const char *bad[] = {"", " 1", "1 ", "+1", "0x1", "1.0", "18446744073709551616", "a"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        assert_false(jd_str_u64(jd_str_of(bad[k]), &u));
        assert_false(jd_str_i64(jd_str_of(bad[k]), &i));
    }
    assert_false(jd_str_u64(JD_STR("-1"), &u));
    assert_false(jd_str_i64(JD_STR("-"), &i));
    assert_false(jd_str_i64(JD_STR("--1"), &i));
    assert_false(jd_str_i64(JD_STR("9223372036854775808"), &i));
    assert_false(jd_str_i64(JD_STR("-9223372036854775809"), &i));
    assert_true(u == 7 && i == 7);
    assert_true(jd_str_u64(JD_STR("18446744073709551615"), &u) && u == UINT64_MAX);
    assert_true(jd_str_u64(JD_STR("007"), &u) && u == 7);
    assert_true(jd_str_i64(JD_STR("9223372036854775807"), &i) && i == INT64_MAX);
    assert_true(jd_str_i64(JD_STR("-9223372036854775808"), &i) && i == INT64_MIN);
    assert_true(jd_str_i64(JD_STR("-0"), &i) && i == 0);
}

/* What becomes a path: nothing may leave the folder. */
static void jira_keys(void **state)
{
    (void)state;
    const char *projects[] = {"A", "HADOOP", "A1_B"};
    const char *others[]   = {"", "a", "1A", "_A", "A-B", "../A", "A/B", "A.B", "A B", "\xc3\x84"};
    for (size_t i = 0; i < sizeof projects / sizeof *projects; i++)
        assert_true(jd_is_project_key(jd_str_of(projects[i])));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(jd_is_project_key(jd_str_of(others[i])));
    assert_false(jd_is_project_key((jd_str){"A\0", 2}));

    assert_true(jd_is_issue_key(JD_STR("HADOOP-12")));
    assert_true(jd_str_is(jd_key_project(JD_STR("HADOOP-12")), "HADOOP"));
    assert_true(jd_key_number(JD_STR("HADOOP-12")) == 12);
    const char *bad[] = {"",
                         "HADOOP",
                         "HADOOP-",
                         "-12",
                         "HADOOP-1a",
                         "HADOOP-1-2",
                         "h-1",
                         "HADOOP-+1",
                         "../../X-1",
                         "A-1/../B",
                         "A-1.json",
                         "A--1",
                         "A-99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(jd_is_issue_key(jd_str_of(bad[i])));
        assert_int_equal(jd_key_project(jd_str_of(bad[i])).n, 0);
        assert_true(jd_key_number(jd_str_of(bad[i])) == 0);
    }
    char longest[300];
    memset(longest, 'A', sizeof longest);
    assert_true(jd_is_project_key((jd_str){longest, 255}));
    assert_false(jd_is_project_key((jd_str){longest, 256}));
    memcpy(longest + 228, "-1", 2);
    assert_true(jd_is_issue_key((jd_str){longest, 230}));
    memcpy(longest + 229, "-1", 2);
    longest[228] = 'A';
    assert_false(jd_is_issue_key((jd_str){longest, 231})); /* no file name has room for it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views),     cmocka_unit_test(compares), cmocka_unit_test(cuts),
        cmocka_unit_test(finds),     cmocka_unit_test(splits),   cmocka_unit_test(numbers),
        cmocka_unit_test(jira_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
