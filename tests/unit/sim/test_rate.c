/* The token bucket, by a clock of its own. */
#include "made.h"
#include "sim/rate.h"

static sim_rate *with(uint64_t limit, uint64_t fill, uint64_t interval_s)
{
    sim_rate     *r    = sim_rate_new(2);
    sim_rate_conf conf = {limit, fill, interval_s, false};
    sim_rate_set(r, &conf);
    return r;
}

static void a_full_bucket_then_batches(void **state)
{
    sim_rate *r = with(3, 2, 5);
    (void)state;
    for (uint64_t left = 3; left-- > 0;) {
        sim_rate_state s = sim_rate_take(r, 0, 1000);
        assert_true(s.granted);
        assert_int_equal(s.remaining, left);
        assert_int_equal(s.retry_after_s, 0);
    }
    sim_rate_state s = sim_rate_take(r, 0, 2200);
    assert_false(s.granted);
    assert_int_equal(s.wait_ms, 3800);
    assert_int_equal(s.retry_after_s, 4); /* never less than it takes */
    assert_false(sim_rate_take(r, 0, 5999).granted);
    assert_true(sim_rate_take(r, 0, 6000).granted); /* two came */
    assert_true(sim_rate_take(r, 0, 6000).granted);
    assert_false(sim_rate_take(r, 0, 6000).granted);
    s = sim_rate_take(r, 0, 1000000); /* never more than the limit */
    assert_int_equal(s.remaining, 2);
    sim_rate_free(r);
}

static void each_account_has_its_own(void **state)
{
    sim_rate *r = with(1, 1, 1);
    (void)state;
    assert_true(sim_rate_take(r, 0, 0).granted);
    assert_false(sim_rate_take(r, 0, 0).granted);
    assert_true(sim_rate_take(r, 1, 0).granted);
    sim_rate_free(r);
}

static void a_clock_set_back_gives_nothing(void **state)
{
    sim_rate *r = with(1, 1, 10);
    (void)state;
    assert_true(sim_rate_take(r, 0, 100000).granted);
    assert_false(sim_rate_take(r, 0, 5000).granted);
    assert_false(sim_rate_take(r, 0, 14999).granted);
    assert_true(sim_rate_take(r, 0, 15000).granted);
    sim_rate_free(r);
}

static void how_it_is_written(void **state)
{
    sim_rate_conf c = {0};
    jd_err        e = JD_ERR_NONE;
    (void)state;
    assert_int_equal(sim_rate_read(JD_STR("70:5:1"), &c, &e), JD_OK);
    assert_true(c.limit == 70 && c.fill == 5 && c.interval_s == 1);
    assert_int_equal(sim_rate_read(JD_STR(""), &c, &e), JD_OK);
    assert_int_equal(c.limit, 0);
    static const char *const bad[] = {"70",    "70:5",  "70:5:1:1",   "0:5:1",
                                      "70:5:", "a:b:c", "1:1:1000001"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(sim_rate_read(jd_str_of(bad[i]), &c, &e), JD_E_USAGE);
    assert_false(sim_rate_on(NULL));
    sim_rate *r = sim_rate_new(1);
    assert_false(sim_rate_on(r));
    sim_rate_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_bucket_then_batches),
        cmocka_unit_test(each_account_has_its_own),
        cmocka_unit_test(a_clock_set_back_gives_nothing),
        cmocka_unit_test(how_it_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
