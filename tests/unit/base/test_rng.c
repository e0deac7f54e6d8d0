#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

/* The authors' reference output for the state 1, 2, 3, 4. */
static void is_xoshiro256starstar(void **state)
{
    (void)state;
    jd_rng         r      = {{1, 2, 3, 4}};
    const uint64_t want[] = {11520u, 0u, 1509978240u, 1215971899390074240u};
    for (size_t i = 0; i < 4; i++)
        assert_true(jd_rng_next(&r) == want[i]);
}

/* And of splitmix64 from 0, which fills the state. */
static void is_seeded_by_splitmix64(void **state)
{
    (void)state;
    jd_rng r = jd_rng_seed(0);
    assert_true(r.s[0] == 0xe220a8397b1dcdafu);
    assert_true(r.s[1] == 0x6e789e6aa1b965f4u);
    assert_true(r.s[2] == 0x06c45d188009454fu);
    assert_true(r.s[3] == 0xf88bb8a8724c81ecu);
}

static void a_seed_repeats_a_run(void **state)
{
    (void)state;
    jd_rng a = jd_rng_seed(7), b = jd_rng_seed(7), c = jd_rng_seed(8);
    int    differ = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t x = jd_rng_next(&a);
        assert_true(x == jd_rng_next(&b));
        differ += x != jd_rng_next(&c);
    }
    assert_int_equal(differ, 100);
}

static void stays_below(void **state)
{
    (void)state;
    jd_rng r         = jd_rng_seed(1);
    int    count[10] = {0};
    for (int i = 0; i < 100000; i++) {
        uint64_t v = jd_rng_below(&r, 10);
        assert_true(v < 10);
        count[v]++;
    }
    for (int i = 0; i < 10; i++) /* each near 10,000: six sigmas */
        assert_in_range(count[i], 9400, 10600);
    assert_true(jd_rng_below(&r, 0) == 0);
    assert_true(jd_rng_below(&r, 1) == 0);
    for (int i = 0; i < 1000; i++) {
        double d = jd_rng_unit(&r);
        assert_true(d >= 0 && d < 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_xoshiro256starstar),
        cmocka_unit_test(is_seeded_by_splitmix64),
        cmocka_unit_test(a_seed_repeats_a_run),
        cmocka_unit_test(stays_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
