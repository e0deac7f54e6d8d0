#include "base/rng.h"
#include "text/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* cmocka wants those four first */
#include <cmocka.h>

static const int64_t jan15 = 1705314600000; /* 2024-01-15T10:30:00Z */

static void parses_what_jira_writes(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int64_t     ms;
        int         offset;
    } cases[] = {
        {"2024-01-15T10:30:00.000+0000", jan15, 0},
        {"2024-01-15T10:30:00.123-0800", jan15 + 123 + 8 * 3600000, -480},
        {"2024-01-15T16:00:00.000+0530", jan15, 330},
        {"2024-01-15T16:00:00.000+05:30", jan15, 330},
        {"2024-01-15T10:30:00.000Z", jan15, 0},
        {"2024-01-15t10:30:00z", jan15, 0},
        {"2024-01-15T10:30:00Z", jan15, 0},
        {"2024-01-15T12:30:00+02", jan15, 120},
        {"2024-01-15T10:30:00", jan15, 0},
        {"2024-01-15T10:30", jan15, 0},
        {"2024-01-15 10:30", jan15, 0},
        {"2024-01-15T10:30+0000", jan15, 0},
        {"2024-01-15 10:30:00.439", jan15 + 439, 0},
        {"2024-01-15T10:30:00.5Z", jan15 + 500, 0},
        {"2024-01-15T10:30:00.123456789Z", jan15 + 123, 0},
        {"2024-01-15", jan15 - 37800000, 0},
        {"1970-01-01T00:00:00.000+0000", 0, 0},
        {"1969-12-31T23:59:59.999+0000", -1, 0},
        {"2000-02-29", 951782400000, 0},
        {"0001-01-01", -62135596800000, 0},
        {"9999-12-31T23:59:59.999Z", 253402300799999, 0},
        {"2016-12-31T23:59:60Z", 1483228799000, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ms     = 7;
        int     offset = 7;
        if (!jd_time_parse(jd_str_of(cases[i].text), &ms, &offset) || ms != cases[i].ms ||
            offset != cases[i].offset)
            fail_msg("%s: %lld, offset %d", cases[i].text, (long long)ms, offset);
        assert_true(jd_time_parse(jd_str_of(cases[i].text), &ms, NULL));
    }
}

static void refuses_what_is_no_date(void **state)
{
    (void)state;
    const char *cases[] = {"",
                           " ",
                           "yesterday",
                           "2024",
                           "2024-01",
                           "2024-1-5",
                           "24-01-15",
                           "2024-13-01",
                           "2024-00-10",
                           "2024-01-00",
                           "2024-01-32",
                           "2023-02-29",
                           "1900-02-29",
                           "2024-04-31",
                           "0000-01-01",
                           "-001-01-01",
                           "12024-01-01",
                           "2024-01-15T",
                           "2024-01-15T10",
                           "2024-01-15T1030",
                           "2024-01-15T24:00:00Z",
                           "2024-01-15T10:60:00Z",
                           "2024-01-15T10:30:61Z",
                           "2024-01-15T10:30:",
                           "2024-01-15T10:30:00.",
                           "2024-01-15T10:30:00.Z",
                           "2024-01-15T10:30.5Z",
                           "2024-01-15T10:30:00+",
                           "2024-01-15T10:30:00+1",
                           "2024-01-15T10:30:00+00:",
                           "2024-01-15T10:30:00+0060",
                           "2024-01-15T10:30:00+1801",
                           "2024-01-15T10:30:00+00000",
                           "2024-01-15T10:30:00Zx",
                           "2024-01-15T10:30:00 Z",
                           "2024-01-15 ",
                           " 2024-01-15",
                           "2024-01-15x10:30:00",
                           "2024/01/15",
                           "2024-01-15Z",
                           "0001-01-01T00:00:00+0100",
                           "9999-12-31T23:59:59-0001",
                           "2024-01-1\xd9\xa5"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ms     = 7;
        int     offset = 7;
        if (jd_time_parse(jd_str_of(cases[i]), &ms, &offset))
            fail_msg("%s was taken", cases[i]);
        assert_true(ms == 7 && offset == 7);
    }
    int64_t ms = 7;
    assert_false(jd_time_parse(JD_NOSTR, &ms, NULL));
    assert_false(jd_time_parse((jd_str){"2024-01-15\0", 11}, &ms, NULL));
}

static void parses_days_alone(void **state)
{
    (void)state;
    int64_t ms = 7;
    assert_true(jd_date_parse(JD_STR("2024-01-15"), &ms));
    assert_true(ms == jan15 - 37800000);
    ms = 7;
    assert_false(jd_date_parse(JD_STR("2024-01-15T00:00"), &ms));
    assert_false(jd_date_parse(JD_STR("2024-02-30"), &ms));
    assert_true(ms == 7);
}

static void parses_http_dates(void **state)
{
    (void)state;
    const char *same[] = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                          "Sun Nov  6 08:49:37 1994"};
    for (size_t i = 0; i < 3; i++) {
        int64_t ms = 0;
        assert_true(jd_httpdate_parse(jd_str_of(same[i]), &ms));
        assert_true(ms == 784111777000);
    }
    int64_t ms = 0;
    assert_true(jd_httpdate_parse(JD_STR("Wednesday, 15-Jan-25 00:00:00 GMT"), &ms));
    assert_true(ms == 1736899200000);
    assert_true(jd_httpdate_parse(JD_STR("Wed Jan 15 00:00:00 2025"), &ms));
    assert_true(ms == 1736899200000);
    const char *bad[] = {"",
                         "Sun",
                         "Sun, 06 Nov 1994 08:49:37",
                         "Sun, 06 Nov 1994 08:49:37 CET",
                         "Sun, 6 Nov 1994 08:49:37 GMT",
                         "Sun, 31 Nov 1994 08:49:37 GMT",
                         "Sun, 06 Nox 1994 08:49:37 GMT",
                         "Son, 06 Nov 1994 08:49:37 GMT",
                         "Sunday, 06-Nov-1994 08:49:37 GMT",
                         "Sun, 06 Nov 1994 25:49:37 GMT",
                         "Sun, 06 Nov 1994 08:49:37 GMT ",
                         "Sun Nov 06 08:49:37 94",
                         "120"};
    ms                = 7;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (jd_httpdate_parse(jd_str_of(bad[i]), &ms))
            fail_msg("%s was taken", bad[i]);
    assert_true(ms == 7);
}

static void writes_every_form(void **state)
{
    (void)state;
    char out[JD_TIME_MAX];
    assert_string_equal(jd_time_utc(jan15 + 999, out), "2024-01-15T10:30:00Z");
    assert_string_equal(jd_time_utc(-1, out), "1969-12-31T23:59:59Z");
    assert_string_equal(jd_time_jira(jan15 + 7, 0, out), "2024-01-15T10:30:00.007+0000");
    assert_string_equal(jd_time_jira(jan15, 330, out), "2024-01-15T16:00:00.000+0530");
    assert_string_equal(jd_time_jira(jan15, -480, out), "2024-01-15T02:30:00.000-0800");
    assert_string_equal(jd_time_http(jan15, out), "Mon, 15 Jan 2024 10:30:00 GMT");
    assert_string_equal(jd_time_http(-1, out), "Wed, 31 Dec 1969 23:59:59 GMT");
    assert_string_equal(jd_time_http(784111777000, out), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_string_equal(jd_time_minute(jan15, 120, out), "2024-01-15 12:30");
    assert_string_equal(jd_time_minute(jan15 + 59999, 0, out), "2024-01-15 10:30");
    assert_string_equal(jd_time_day(jan15, out), "2024-01-15");
    assert_string_equal(jd_time_utc(INT64_MIN, out), "0001-01-01T00:00:00Z");
    assert_string_equal(jd_time_utc(INT64_MAX, out), "9999-12-31T23:59:59Z");
    assert_string_equal(jd_time_minute(INT64_MAX, 60, out), "9999-12-31 23:59");
}

static void writes_durations(void **state)
{
    (void)state;
    const struct {
        int64_t     ms;
        const char *text;
    } cases[] = {{-5, "0 s"},
                 {0, "0 s"},
                 {4999, "4 s"},
                 {59999, "59 s"},
                 {60000, "1 min 00 s"},
                 {125000, "2 min 05 s"},
                 {3600000, "1 h 00 min"},
                 {12000000, "3 h 20 min"},
                 {360000000, "100 h 00 min"}};
    char out[JD_TIME_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(jd_duration(cases[i].ms, out), cases[i].text);
    assert_true(strlen(jd_duration(INT64_MAX, out)) < JD_TIME_MAX);
}

static void writing_and_parsing_undo_each_other(void **state)
{
    (void)state;
    jd_rng r = jd_rng_seed(5);
    for (int i = 0; i < 20000; i++) {
        int64_t ms     = (int64_t)jd_rng_below(&r, 315537897599000) - 62135596800000 + 86400000;
        int     offset = (int)jd_rng_below(&r, 2161) - 1080, got;
        int64_t back;
        char    out[JD_TIME_MAX];
        ms = ms > 253402200000000 ? 253402200000000 : ms;
        assert_true(jd_time_parse(jd_str_of(jd_time_jira(ms, offset, out)), &back, &got));
        assert_true(back == ms);
        assert_int_equal(got, offset);
        assert_true(jd_time_parse(jd_str_of(jd_time_utc(ms, out)), &back, NULL));
        assert_true(back == jd_floor_ms(ms, 1000));
        assert_true(jd_httpdate_parse(jd_str_of(jd_time_http(ms, out)), &back));
        assert_true(back == jd_floor_ms(ms, 1000));
        assert_true(jd_time_parse(jd_str_of(jd_time_minute(ms, 0, out)), &back, NULL));
        assert_true(back == jd_floor_ms(ms, 60000));
        assert_true(jd_civil_ms(jd_civil_of(ms)) == ms);
    }
}

/* The C library's calendar is the judge. */
static void agrees_with_gmtime(void **state)
{
    (void)state;
    for (int64_t s = -62135596800; s < 253402300799; s += 86400 * 13 + 4242) {
        time_t    t = (time_t)s;
        struct tm tm;
        assert_non_null(gmtime_r(&t, &tm));
        jd_civil c = jd_civil_of(s * 1000 + 5);
        assert_true(c.year == tm.tm_year + 1900 && c.month == tm.tm_mon + 1 && c.day == tm.tm_mday);
        assert_true(c.hour == tm.tm_hour && c.minute == tm.tm_min && c.second == tm.tm_sec);
        assert_int_equal(c.ms, 5);
        char http[JD_TIME_MAX], want[JD_TIME_MAX];
        (void)strftime(want, sizeof want, "%a, %d %b %Y", &tm);
        (void)jd_time_http(s * 1000, http);
        if (tm.tm_year + 1900 >= 1000)
            assert_memory_equal(http, want, strlen(want));
    }
}

static void civil_fields_carry_over(void **state)
{
    (void)state;
    jd_civil a = {.year = 2023, .month = 14, .day = 1}, b = {.year = 2024, .month = 2, .day = 1};
    assert_true(jd_civil_ms(a) == jd_civil_ms(b));
    jd_civil c = {.year = 2024, .month = -1, .day = 30}, d = {.year = 2023, .month = 11, .day = 30};
    assert_true(jd_civil_ms(c) == jd_civil_ms(d));
    jd_civil x = {.year = 2024, .month = 3, .day = 0, .hour = 24};
    jd_civil y = {.year = 2024, .month = 3, .day = 1};
    assert_true(jd_civil_ms(x) == jd_civil_ms(y));
}

static void floors_before_1970_too(void **state)
{
    (void)state;
    assert_true(jd_floor_ms(1999, 1000) == 1000);
    assert_true(jd_floor_ms(-1, 1000) == -1000);
    assert_true(jd_floor_ms(-60000, 60000) == -60000);
    assert_true(jd_floor_ms(-60001, 60000) == -120000);
    assert_true(jd_floor_ms(INT64_MIN, 60000) == INT64_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_what_jira_writes),
        cmocka_unit_test(refuses_what_is_no_date),
        cmocka_unit_test(parses_days_alone),
        cmocka_unit_test(parses_http_dates),
        cmocka_unit_test(writes_every_form),
        cmocka_unit_test(writes_durations),
        cmocka_unit_test(writing_and_parsing_undo_each_other),
        cmocka_unit_test(agrees_with_gmtime),
        cmocka_unit_test(civil_fields_carry_over),
        cmocka_unit_test(floors_before_1970_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
