#include "base/rng.h"
#include "chart/scale.h"
#include "text/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>
#include <math.h>

static void are(const jd_ticks *t, const char *want)
{
    jd_buf b = JD_BUF_INIT(1000);
    for (unsigned i = 0; i < t->n; i++)
        jd_buf_addf(&b, "%s%s", i ? ", " : "", t->text[i]);
    assert_string_equal(jd_buf_cstr(&b), want);
    jd_buf_release(&b);
}

static void counts_are_round(void **state)
{
    (void)state;
    static const struct {
        double      hi;
        const char *want;
    } table[] = {{0, "0, 1"},
                 {1, "0, 1"},
                 {3, "0, 1, 2, 3"},
                 {8, "0, 2, 4, 6, 8"},
                 {11, "0, 5, 10, 15"},
                 {272, "0, 100, 200, 300"},
                 {4999, "0, 1,000, 2,000, 3,000, 4,000, 5,000"},
                 {123456, "0, 50k, 100k, 150k"},
                 {9.9e6, "0, 2M, 4M, 6M, 8M, 10M"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        jd_ticks t;
        jd_ticks_count(&t, table[i].hi, 5);
        are(&t, table[i].want);
        assert_true(t.at[t.n - 1] >= table[i].hi);
    }
}

static void durations_hold_what_is_shown(void **state)
{
    (void)state;
    jd_ticks t;
    jd_ticks_duration(&t, 86400, 5 * 86400);
    are(&t, "1 d, 3 d, 1 wk");
    jd_ticks_duration(&t, 100, 100);
    are(&t, "1 min, 10 min");
    jd_ticks_duration(&t, 0, 1e12);
    assert_int_equal(t.n, 13);
    jd_rng r = jd_rng_seed(7);
    for (int i = 0; i < 1000; i++) {
        double lo = exp(jd_rng_unit(&r) * 16 + 4.2), hi = lo * exp(jd_rng_unit(&r) * 3);
        if (hi > 9e8)
            continue;
        jd_ticks_duration(&t, lo, hi);
        assert_true(t.n >= 2 && t.at[0] <= lo && t.at[t.n - 1] >= hi);
    }
}

static int64_t ms(const char *day)
{
    int64_t out;
    assert_true(jd_date_parse(jd_str_of(day), &out));
    return out;
}

static void times_begin_days_weeks_months_and_years(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *want;
    } table[] = {
        {"2024-01-30", "2024-02-02", "30 Jan, 31 Jan, 1 Feb, 2 Feb"},
        {"2024-02-27", "2024-03-31", "4 Mar, 11 Mar, 18 Mar, 25 Mar"}, /* Mondays */
        {"2024-01-15", "2024-07-15", "Feb 2024, Mar 2024, Apr 2024, May 2024, Jun 2024, Jul 2024"},
        {"2024-01-01", "2024-12-31", "Jan 2024, Mar 2024, May 2024, Jul 2024, Sep 2024, Nov 2024"},
        {"2019-06-01", "2024-06-01", "2020, 2021, 2022, 2023, 2024"},
        {"1900-01-01", "2024-06-01", "1900, 1920, 1940, 1960, 1980, 2000, 2020"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        jd_ticks t;
        jd_ticks_time(&t, ms(table[i].from), ms(table[i].to), 7);
        are(&t, table[i].want);
    }
}

static void any_period_has_few_ticks_within(void **state)
{
    (void)state;
    jd_rng r = jd_rng_seed(11);
    for (int i = 0; i < 2000; i++) {
        int64_t  from = (int64_t)jd_rng_below(&r, 4000000000000) - 1000000000000;
        int64_t  to   = from + 86400000 + (int64_t)exp(jd_rng_unit(&r) * 28.5);
        jd_ticks t;
        jd_ticks_time(&t, from, to, 7);
        assert_true(t.n >= 1 && t.n <= 7);
        for (unsigned k = 0; k < t.n; k++)
            assert_true(t.at[k] >= (double)from && t.at[k] <= (double)to);
    }
}

static void places(void **state)
{
    (void)state;
    jd_scale line = {.lo = 0, .hi = 10, .from = 300, .to = 100};
    jd_scale log  = {.lo = 1, .hi = 100, .from = 0, .to = 50, .log = true};
    jd_scale none = {.lo = 5, .hi = 5, .from = 7, .to = 9};
    assert_true(fabs(jd_scale_at(&line, 5) - 200) < 1e-9);
    assert_true(fabs(jd_scale_at(&line, 11) - 100) < 1e-9);
    assert_true(fabs(jd_scale_at(&line, -1) - 300) < 1e-9);
    assert_true(fabs(jd_scale_at(&log, 10) - 25) < 1e-9);
    assert_true(fabs(jd_scale_at(&none, 5) - 7) < 1e-9);
}

static void percentiles_are_continuous(void **state)
{
    (void)state;
    const double v[] = {1, 2, 3, 10};
    assert_true(fabs(jd_percentile(v, 4, 0.5) - 2.5) < 1e-9);
    assert_true(fabs(jd_percentile(v, 4, 0.85) - (3 + 0.55 * 7)) < 1e-9);
    assert_true(fabs(jd_percentile(v, 4, 1) - 10) < 1e-9);
    assert_true(fabs(jd_percentile(v, 1, 0.85) - 1) < 1e-9);
    assert_true(fabs(jd_percentile(v, 0, 0.5)) < 1e-9);
}

static void durations_in_words(void **state)
{
    (void)state;
    static const struct {
        double      seconds;
        const char *want;
    } table[] = {{0, "0 min"},
                 {90, "2 min"},
                 {5400, "1.5 h"},
                 {36 * 3600, "36.0 h"},
                 {3.25 * 86400, "3.2 d"},
                 {12.4 * 86400, "12 d"},
                 {400 * 86400.0, "400 d"},
                 {1826 * 86400.0, "5.0 yr"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        jd_buf b = JD_BUF_INIT(100);
        jd_put_duration(&b, table[i].seconds);
        assert_string_equal(jd_buf_cstr(&b), table[i].want);
        jd_buf_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_round),
        cmocka_unit_test(durations_hold_what_is_shown),
        cmocka_unit_test(times_begin_days_weeks_months_and_years),
        cmocka_unit_test(any_period_has_few_ticks_within),
        cmocka_unit_test(places),
        cmocka_unit_test(percentiles_are_continuous),
        cmocka_unit_test(durations_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
