#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

static void appends(void **state)
{
    (void)state;
    jd_buf b = JD_BUF_INIT(1000);
    assert_string_equal(jd_buf_cstr(&b), "");
    jd_buf_add(&b, "abc", 2);
    jd_buf_adds(&b, JD_STR("-"));
    jd_buf_adds(&b, JD_NOSTR);
    jd_buf_addc(&b, 'c');
    jd_buf_addz(&b, " z ");
    jd_buf_addu(&b, UINT64_MAX);
    jd_buf_addc(&b, ' ');
    jd_buf_addi(&b, INT64_MIN);
    jd_buf_addc(&b, ' ');
    jd_buf_addu(&b, 0);
    jd_buf_addi(&b, 7);
    jd_buf_addf(&b, " %d%%%s", 5, "");
    jd_buf_addf(&b, "%s", "");
    assert_true(jd_buf_ok(&b));
    assert_string_equal(jd_buf_cstr(&b), "ab-c z 18446744073709551615 -9223372036854775808 07 5%");
    assert_int_equal(jd_buf_view(&b).n, strlen(jd_buf_cstr(&b)));
    jd_buf_release(&b);
    assert_null(b.p);
    assert_int_equal(b.max, 1000);
}

static void the_ceiling_holds(void **state)
{
    (void)state;
    jd_buf b = JD_BUF_INIT(4);
    jd_buf_addz(&b, "1234"); /* exactly full is fine */
    assert_true(jd_buf_ok(&b));
    assert_string_equal(jd_buf_cstr(&b), "1234");
    jd_buf_addc(&b, '5');
    assert_false(jd_buf_ok(&b));
    assert_int_equal(b.n, 4);
    jd_buf_reset(&b);
    assert_true(jd_buf_ok(&b));
    jd_buf_addz(&b, "12345");
    assert_false(jd_buf_ok(&b));
    jd_buf_addz(&b, "1"); /* sticky: nothing gets in after the first refusal */
    assert_int_equal(b.n, 0);
    jd_buf_addf(&b, "%d", 1);
    assert_null(jd_buf_room(&b, 1));
    assert_int_equal(b.n, 0);
    jd_buf_release(&b);
    jd_buf_addf(&b, "%05d", 1);
    assert_false(jd_buf_ok(&b));
    jd_buf_release(&b);
    jd_buf c = JD_BUF_INIT(SIZE_MAX - 1);
    assert_null(jd_buf_room(&c, SIZE_MAX)); /* no overflow on the way */
    jd_buf_release(&c);
    jd_buf none = JD_BUF_INIT(0);
    jd_buf_addc(&none, 'x');
    assert_false(jd_buf_ok(&none));
    jd_buf_release(&none);
}

static void grows_by_steps(void **state)
{
    (void)state;
    jd_buf b = JD_BUF_INIT(100000);
    for (int i = 0; i < 100000; i++)
        jd_buf_addc(&b, (char)('a' + i % 26));
    assert_true(jd_buf_ok(&b));
    assert_int_equal(b.n, 100000);
    assert_true(b.cap <= 100001);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(b.p[i], 'a' + i % 26);
    size_t cap = b.cap;
    jd_buf_reset(&b);
    assert_int_equal(b.n, 0);
    assert_int_equal(b.cap, cap); /* keeps the memory */
    jd_buf_release(&b);
}

static void room_is_written_to(void **state)
{
    (void)state;
    jd_buf b  = JD_BUF_INIT(100);
    char  *at = jd_buf_room(&b, 10);
    assert_non_null(at);
    memcpy(at, "0123456789", 10);
    jd_buf_wrote(&b, 3);
    jd_buf_addc(&b, 'x');
    assert_string_equal(jd_buf_cstr(&b), "012x");
    jd_buf_release(&b);
}

static void taken_bytes_are_the_callers(void **state)
{
    (void)state;
    jd_buf b = JD_BUF_INIT(100);
    size_t n = 7;
    char  *p = jd_buf_take(&b, &n);
    assert_string_equal(p, "");
    assert_int_equal(n, 0);
    free(p);
    jd_buf_addz(&b, "mine");
    p = jd_buf_take(&b, NULL);
    assert_string_equal(p, "mine");
    assert_int_equal(b.n, 0);
    assert_int_equal(b.max, 100);
    jd_buf_addz(&b, "other");
    assert_string_equal(p, "mine");
    free(p);
    jd_buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends),
        cmocka_unit_test(the_ceiling_holds),
        cmocka_unit_test(grows_by_steps),
        cmocka_unit_test(room_is_written_to),
        cmocka_unit_test(taken_bytes_are_the_callers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
