#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

static int64_t scripted(void *self)
{
    int64_t *at = self;
    return (*at)++;
}

static void a_test_owns_the_time(void **state)
{
    (void)state;
    int64_t  at = 1000;
    jd_clock c  = {scripted, scripted, &at};
    assert_true(jd_now_ms(&c) == 1000);
    assert_true(jd_tick_ms(&c) == 1001);
}

static void the_system_has_one(void **state)
{
    (void)state;
    int64_t now = jd_now_ms(&jd_clock_system), tick = jd_tick_ms(&jd_clock_system);
    assert_true(now > 1700000000000 && now < 4102444800000); /* milliseconds, not seconds */
    assert_true(jd_tick_ms(&jd_clock_system) >= tick);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_test_owns_the_time),
        cmocka_unit_test(the_system_has_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
