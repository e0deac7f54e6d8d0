#include "sim/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* cmocka wants those first */
#include <cmocka.h>

static int64_t utc(int64_t y, int mo, int d, int h, int mi, int s)
{
    return sim_civil_utc(
        &(sim_civil){.year = y, .month = mo, .day = d, .hour = h, .minute = mi, .second = s});
}

static void assert_date(const sim_zone *z, int64_t ms, const char *text)
{
    char out[SIM_DATE_LEN + 1] = {0};
    sim_date_put(out, z, ms);
    assert_string_equal(out, text);
}

static void civil_agrees_with_libc(void **state)
{
    (void)state;
    for (int64_t second = -70000000000; second < 200000000000; second += 86400 * 41 + 4321) {
        struct tm tm;
        time_t    t = (time_t)second;
        assert_non_null(gmtime_r(&t, &tm));
        sim_civil c = sim_civil_of(NULL, second * 1000 + 7);
        assert_int_equal(c.year, tm.tm_year + 1900);
        assert_int_equal(c.month, tm.tm_mon + 1);
        assert_int_equal(c.day, tm.tm_mday);
        assert_int_equal(c.hour, tm.tm_hour);
        assert_int_equal(c.minute, tm.tm_min);
        assert_int_equal(c.second, tm.tm_sec);
        assert_int_equal(c.ms, 7);
        assert_true(sim_civil_utc(&c) == second * 1000 + 7);
    }
}

static void dates_that_do_not_exist(void **state)
{
    (void)state;
    assert_true(sim_civil_ok(&(sim_civil){.year = 2024, .month = 2, .day = 29}));
    assert_false(sim_civil_ok(&(sim_civil){.year = 2023, .month = 2, .day = 29}));
    assert_false(sim_civil_ok(&(sim_civil){.year = 1900, .month = 2, .day = 29}));
    assert_true(sim_civil_ok(&(sim_civil){.year = 2000, .month = 2, .day = 29}));
    assert_false(sim_civil_ok(&(sim_civil){.year = 2023, .month = 13, .day = 1}));
    assert_false(sim_civil_ok(&(sim_civil){.year = 2023, .month = 4, .day = 31}));
    assert_false(sim_civil_ok(&(sim_civil){.year = 2023, .month = 4, .day = 1, .hour = 24}));
}

static void offsets_change_at_the_second(void **state)
{
    (void)state;
    sim_zone *z = sim_zone_open(JD_STR("Europe/Berlin"));
    assert_non_null(z);
    assert_string_equal(sim_zone_name(z).p, "Europe/Berlin");
    int64_t spring = utc(2024, 3, 31, 1, 0, 0), autumn = utc(2024, 10, 27, 1, 0, 0);
    assert_int_equal(sim_zone_offset(z, spring - 1), 3600);
    assert_int_equal(sim_zone_offset(z, spring), 7200);
    assert_int_equal(sim_zone_offset(z, autumn - 1), 7200);
    assert_int_equal(sim_zone_offset(z, autumn), 3600);
    assert_int_equal(sim_zone_offset(NULL, autumn), 0);
    sim_zone_free(z);
}

static void wall_clocks_in_fold_and_gap(void **state)
{
    (void)state;
    sim_zone *z = sim_zone_open(JD_STR("America/New_York"));
    assert_non_null(z);
    sim_civil twice = {.year = 2024, .month = 11, .day = 3, .hour = 1, .minute = 30};
    assert_true(sim_civil_instant(z, &twice) == utc(2024, 11, 3, 6, 30, 0)); /* the later one */
    sim_civil never = {.year = 2024, .month = 3, .day = 10, .hour = 2, .minute = 30};
    assert_true(sim_civil_instant(z, &never) == utc(2024, 3, 10, 7, 30, 0)); /* 03:30 EDT */
    sim_civil just_before = {.year = 2024, .month = 3, .day = 10, .hour = 1, .minute = 59};
    assert_true(sim_civil_instant(z, &just_before) == utc(2024, 3, 10, 6, 59, 0));
    sim_civil noon_before = {.year = 2024, .month = 3, .day = 9, .hour = 12};
    assert_true(sim_civil_instant(z, &noon_before) == utc(2024, 3, 9, 17, 0, 0));
    sim_zone_free(z);
}

/* Every wall clock of a year comes back from its own instant. */
static void instants_round_trip(void **state)
{
    (void)state;
    static const char *const names[] = {"Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo",
                                        "Africa/Casablanca", "Pacific/Apia"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        sim_zone *z = sim_zone_open(jd_str_of(names[i]));
        assert_non_null(z);
        for (int64_t ms = utc(2011, 1, 1, 0, 0, 0); ms < utc(2012, 2, 1, 0, 0, 0);
             ms += 17 * 60000) {
            sim_civil c    = sim_civil_of(z, ms);
            int64_t   back = sim_civil_instant(z, &c);
            sim_civil same = sim_civil_of(z, back);
            assert_memory_equal(&c, &same, sizeof c);
            assert_true(back >= ms); /* equal, or the later one of a fold */
        }
        sim_zone_free(z);
    }
}

static void unknown_names(void **state)
{
    (void)state;
    assert_null(sim_zone_open(JD_STR("Middle/Earth")));
    assert_null(sim_zone_open(JD_STR("../../etc/passwd")));
    assert_null(sim_zone_open(JD_STR("/etc/passwd")));
    assert_null(sim_zone_open(JD_STR("Europe")));
    assert_null(sim_zone_open(JD_STR("")));
    sim_zone *z = sim_zone_open(JD_STR("Etc/UTC"));
    assert_non_null(z);
    assert_int_equal(sim_zone_offset(z, 0), 0);
    sim_zone_free(z);
}

static void jira_dates(void **state)
{
    (void)state;
    sim_zone *kolkata = sim_zone_open(JD_STR("Asia/Kolkata"));
    sim_zone *york    = sim_zone_open(JD_STR("America/New_York"));
    int64_t   ms      = utc(2024, 1, 15, 10, 30, 0) + 123;
    assert_date(NULL, ms, "2024-01-15T10:30:00.123+0000");
    assert_date(kolkata, ms, "2024-01-15T16:00:00.123+0530");
    assert_date(york, ms, "2024-01-15T05:30:00.123-0500");
    assert_date(NULL, -1, "1969-12-31T23:59:59.999+0000");
    sim_zone_free(kolkata);
    sim_zone_free(york);

    static const char *const good[] = {"2024-01-15T10:30:00.123+0000",
                                       "2024-01-15T16:00:00.123+0530",
                                       "2024-01-15T05:30:00.123-05:00", "2024-01-15T10:30:00.123Z"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t back = 0;
        assert_true(sim_date_read(jd_str_of(good[i]), &back));
        assert_true(back == ms);
    }
    static const char *const wrong[] = {"",
                                        "2024-01-15",
                                        "2024-01-15T10:30:00.123",
                                        "2024-02-30T10:30:00.123+0000",
                                        "2024-01-15T10:30:00.123+0000x",
                                        "2024-01-15T10:30:00.1+0000"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int64_t back = 42;
        assert_false(sim_date_read(jd_str_of(wrong[i]), &back));
        assert_true(back == 42);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(civil_agrees_with_libc),
        cmocka_unit_test(dates_that_do_not_exist),
        cmocka_unit_test(offsets_change_at_the_second),
        cmocka_unit_test(wall_clocks_in_fold_and_gap),
        cmocka_unit_test(instants_round_trip),
        cmocka_unit_test(unknown_names),
        cmocka_unit_test(jira_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
