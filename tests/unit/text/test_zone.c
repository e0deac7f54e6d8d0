#include "base/buf.h"
#include "base/rng.h"
#include "text/date.h"
#include "text/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* cmocka wants those four first */
#include <cmocka.h>

static const int64_t from_1900 = -2208988800, to_2100 = 4102444800;

/* The C library's zones are the judge. */
static void judge_by(const char *tz)
{
    assert_int_equal(setenv("TZ", tz, 1), 0);
    tzset();
}

static int judged(int64_t s)
{
    time_t    t = (time_t)s;
    struct tm tm;
    assert_non_null(localtime_r(&t, &tm));
    return (int)tm.tm_gmtoff;
}

static void agree_at(const jd_zone *z, const char *name, int64_t s)
{
    int ours = jd_zone_offset(z, s * 1000), theirs = judged(s);
    if (ours != theirs) {
        char text[JD_TIME_MAX];
        fail_msg("%s at %s: %d, but %d is right", name, jd_time_utc(s * 1000, text), ours, theirs);
    }
}

/* In steps over the span, and on both sides of each change that lies between two steps. */
static void agree_over(const jd_zone *z, const char *name, int64_t from, int64_t to, int64_t step)
{
    for (int64_t s = from; s < to; s += step) {
        agree_at(z, name, s);
        int64_t low = s, high = s + step;
        if (judged(low) == judged(high))
            continue;
        int before = judged(low);
        while (high - low > 1) {
            int64_t mid = low + (high - low) / 2;
            if (judged(mid) == before)
                low = mid;
            else
                high = mid;
        }
        agree_at(z, name, low);
        agree_at(z, name, high);
        assert_int_equal(jd_zone_offset(z, high * 1000 - 1), jd_zone_offset(z, low * 1000));
        int64_t size =
            1000 * (int64_t)abs(jd_zone_offset(z, high * 1000) - jd_zone_offset(z, low * 1000));
        assert_true(jd_zone_doubt(z, high * 1000) >= size);
        assert_true(jd_zone_doubt(z, high * 1000 - 2 * size) >= size);
        assert_true(jd_zone_doubt(z, high * 1000 + 2 * size) >= size);
    }
}

static bool read_file(const char *name, jd_buf *out)
{
    char path[200], chunk[4096];
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        jd_buf_add(out, chunk, n);
    (void)fclose(f);
    return true;
}

static void agrees_with_the_system(void **state)
{
    (void)state;
    const char *names[] = {"Europe/Berlin",
                           "America/New_York",
                           "Pacific/Apia",
                           "America/St_Johns",
                           "Asia/Tehran",
                           "Europe/Dublin",
                           "Africa/Casablanca",
                           "Etc/GMT+12",
                           "Australia/Lord_Howe",
                           "Asia/Kathmandu",
                           "America/Sao_Paulo",
                           "Antarctica/Troll",
                           "UTC",
                           "Asia/Gaza"};
    size_t      seen    = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        jd_arena *a = jd_arena_new(0);
        jd_buf    b = JD_BUF_INIT(1 << 20);
        if (read_file(names[i], &b)) {
            const jd_zone *z;
            jd_err         e = JD_ERR_NONE;
            if (jd_zone_read(a, jd_buf_view(&b), &z, &e) != JD_OK)
                fail_msg("%s: %s", names[i], e.msg);
            judge_by(names[i]);
            agree_over(z, names[i], from_1900, to_2100, 86400 * 3 + 4321);
            seen++;
        }
        jd_buf_release(&b);
        jd_arena_free(a);
    }
    if (seen == 0)
        skip(); /* no zone files on this machine */
}

static void add_be(jd_buf *b, int64_t v, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        jd_buf_addc(b, (char)((uint64_t)v >> (i * 8)));
}

static void add_header(jd_buf *b, char version, int times, int types, int chars)
{
    jd_buf_add(b, "TZif", 4);
    jd_buf_addc(b, version);
    jd_buf_add(b, (const char[27]){0}, 27); /* reserved; no UT, standard or leap second marks */
    add_be(b, times, 4);
    add_be(b, types, 4);
    add_be(b, chars, 4);
}

/* A file with one offset and the footer given. */
static jd_str footer_file(jd_buf *b, const char *footer)
{
    jd_buf_reset(b);
    add_header(b, '3', 0, 1, 4);
    jd_buf_add(b, "\0\0\0\0\0\0UTC\0", 10);
    add_header(b, '3', 0, 1, 4);
    jd_buf_add(b, "\0\0\0\0\0\0UTC\0", 10);
    jd_buf_addf(b, "\n%s\n", footer);
    return jd_buf_view(b);
}

static void rules_agree_with_the_system(void **state)
{
    (void)state;
    const char *rules[] = {
        "CET-1CEST,M3.5.0,M10.5.0/3",
        "EST5EDT,M3.2.0,M11.1.0",
        "IST-1GMT0,M10.5.0,M3.5.0/1",
        "<+03>-3",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
        "AEST-10AEDT,M10.1.0,M4.1.0/3",
        "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
        "NST3:30NDT,M3.2.0/0:01,M11.1.0/0:01:30",
        "AAA3BBB,J60/1,J300",
        "AAA3BBB,J59,J365/3",
        "AAA-3BBB,59,300/4:30",
        "AAA-3BBB,9/0,100",
        "XXX5YYY4:30,M2.1.1,M12.4.6",
    };
    jd_arena *a = jd_arena_new(0);
    jd_buf    b = JD_BUF_INIT(1 << 16);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const jd_zone *z;
        jd_err         e = JD_ERR_NONE;
        if (jd_zone_read(a, footer_file(&b, rules[i]), &z, &e) != JD_OK)
            fail_msg("%s: %s", rules[i], e.msg);
        judge_by(rules[i]);
        agree_over(z, rules[i], 946684800, to_2100, 86400 * 5 + 4321);
    }
    jd_buf_release(&b);
    jd_arena_free(a);
}

static void daylight_all_year(void **state)
{
    (void)state;
    jd_arena      *a = jd_arena_new(0);
    jd_buf         b = JD_BUF_INIT(1 << 16);
    const jd_zone *z;
    jd_err         e;
    /* RFC 8536 3.3.1: ends where it begins again */
    assert_int_equal(jd_zone_read(a, footer_file(&b, "XXX3EDT4,0/0,J365/23"), &z, &e), JD_OK);
    for (int64_t s = 1577836800 - 5 * 86400; s < 1577836800 + 5 * 86400; s += 1800) {
        assert_int_equal(jd_zone_offset(z, s * 1000), -4 * 3600);
        assert_int_equal(jd_zone_doubt(z, s * 1000), 0);
    }
    assert_int_equal(jd_zone_read(a, footer_file(&b, ""), &z, &e), JD_OK);
    assert_int_equal(jd_zone_offset(z, 0), 0);
    assert_int_equal(jd_zone_doubt(z, 0), 0);
    assert_int_equal(jd_zone_read(a, footer_file(&b, "CET-1CEST,M3.5.0,M10.5.0/3"), &z, &e), JD_OK);
    /* 2024-03-31T01:00Z */
    assert_int_equal(jd_zone_doubt(z, 1711846800000), 3600000);
    assert_int_equal(jd_zone_doubt(z, 1711846800000 - 7200000), 3600000);
    assert_int_equal(jd_zone_doubt(z, 1711846800000 - 7200001), 0);
    assert_int_equal(jd_zone_doubt(z, 1711846800000 + 7200000), 3600000);
    assert_int_equal(jd_zone_doubt(z, 1711846800000 + 7200001), 0);
    (void)jd_zone_doubt(z, INT64_MIN);
    (void)jd_zone_doubt(z, INT64_MAX);
    (void)jd_zone_offset(z, INT64_MIN);
    (void)jd_zone_offset(z, INT64_MAX);
    jd_buf_release(&b);
    jd_arena_free(a);
}

static void old_files_have_32_bits(void **state)
{
    (void)state;
    jd_arena      *a = jd_arena_new(0);
    jd_buf         b = JD_BUF_INIT(1 << 16);
    const jd_zone *z;
    jd_err         e;
    add_header(&b, '\0', 2, 2, 8);
    add_be(&b, -1000, 4);
    add_be(&b, 1000, 4);
    jd_buf_add(&b, "\1\0", 2);
    add_be(&b, 3600, 4);
    jd_buf_add(&b, "\0\0", 2);
    add_be(&b, -7200, 4);
    jd_buf_add(&b, "\1\4AAA\0BBB\0", 10);
    assert_int_equal(jd_zone_read(a, jd_buf_view(&b), &z, &e), JD_OK);
    assert_int_equal(jd_zone_offset(z, -1000001), 3600);
    assert_int_equal(jd_zone_offset(z, -1000000), -7200);
    assert_int_equal(jd_zone_offset(z, 999999), -7200);
    assert_int_equal(jd_zone_offset(z, 1000000), 3600);
    assert_int_equal(jd_zone_doubt(z, 0), 10800000); /* three hours at once */
    assert_int_equal(jd_zone_doubt(z, 1000000 + 2 * 10800000), 10800000);
    assert_int_equal(jd_zone_doubt(z, 1000000 + 2 * 10800000 + 1), 0);
    jd_buf_release(&b);
    jd_arena_free(a);
}

static void refuses_what_is_no_zone(void **state)
{
    (void)state;
    jd_arena      *a = jd_arena_new(0);
    jd_buf         b = JD_BUF_INIT(1 << 16);
    const jd_zone *z = NULL;
    jd_err         e = JD_ERR_NONE;
    assert_int_equal(jd_zone_read(a, JD_NOSTR, &z, &e), JD_E_DATA);
    assert_int_equal(jd_zone_read(a, JD_STR("<html>"), &z, &e), JD_E_DATA);
    const char *bad[] = {"C-1",
                         "CET",
                         "CET-25",
                         "CET-1CEST",
                         "CET-1CEST,M3.5.0",
                         "CET-1CEST,M13.5.0,M10.5.0",
                         "CET-1CEST,M3.6.0,M10.5.0",
                         "CET-1CEST,M3.5.7,M10.5.0",
                         "CET-1CEST,M0.5.0,M10.5.0",
                         "CET-1CEST,M3.5.0,M10.5.0/168",
                         "CET-1CEST,M3.5.0,M10.5.0x",
                         "CET-1CEST,J0,J5",
                         "CET-1CEST,366,J5",
                         "CET-1:60",
                         "<+03-3",
                         "<>3",
                         "CET-1C,M3.5.0,M10.5.0",
                         "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (jd_zone_read(a, footer_file(&b, bad[i]), &z, &e) != JD_E_DATA)
            fail_msg("%s was taken", bad[i]);
    assert_null(z);
    assert_non_null(strstr(e.msg, "time zone file"));
    jd_buf_release(&b);
    jd_arena_free(a);
}

/* Cut anywhere or with any byte changed, a file is refused or read, and nothing else happens. */
static void damaged_files_do_no_harm(void **state)
{
    (void)state;
    jd_arena *a = jd_arena_new(0);
    jd_buf    b = JD_BUF_INIT(1 << 20);
    jd_rng    r = jd_rng_seed(9);
    if (!read_file("Europe/Berlin", &b))
        (void)footer_file(&b, "CET-1CEST,M3.5.0,M10.5.0/3");
    for (size_t n = 0; n < b.n; n++) {
        const jd_zone *z;
        jd_err         e;
        jd_arena_reset(a);
        /* a copy of its own, so that a read past its end is seen */
        char *copy = jd_xmalloc(n);
        memcpy(copy, b.p, n);
        if (jd_zone_read(a, (jd_str){copy, n}, &z, &e) == JD_OK)
            fail_msg("cut to %zu of %zu bytes it was taken", n, b.n);
        free(copy);
    }
    for (int i = 0; i < 5000; i++) {
        const jd_zone *z;
        jd_err         e;
        char          *copy = jd_xmalloc(b.n);
        jd_arena_reset(a);
        memcpy(copy, b.p, b.n);
        for (uint64_t k = jd_rng_below(&r, 3) + 1; k; k--)
            copy[jd_rng_below(&r, b.n)] = (char)jd_rng_below(&r, 256);
        if (jd_zone_read(a, (jd_str){copy, b.n}, &z, &e) == JD_OK) {
            (void)jd_zone_offset(z, (int64_t)jd_rng_next(&r));
            (void)jd_zone_doubt(z, 1705314600000);
        }
        free(copy);
    }
    jd_buf_release(&b);
    jd_arena_free(a);
}

static void names_are_safe_as_paths(void **state)
{
    (void)state;
    const char *good[] = {"Europe/Berlin", "Etc/GMT+5", "America/Argentina/Buenos_Aires",
                          "UTC",           "EST5EDT",   "America/Port-au-Prince"};
    const char *bad[]  = {"",
                          "/etc/passwd",
                          "..",
                          "../x",
                          "Europe/../x",
                          "Europe//Berlin",
                          "Europe/",
                          "a b",
                          "a\\b",
                          "tzdata.zi",
                          "-x",
                          "Europe/\xc3\xa9",
                          "a:b",
                          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(jd_zone_name_ok(jd_str_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (jd_zone_name_ok(jd_str_of(bad[i])))
            fail_msg("%s was taken", bad[i]);
    assert_false(jd_zone_name_ok((jd_str){"a\0b", 3}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_system),  cmocka_unit_test(rules_agree_with_the_system),
        cmocka_unit_test(daylight_all_year),       cmocka_unit_test(old_files_have_32_bits),
        cmocka_unit_test(refuses_what_is_no_zone), cmocka_unit_test(damaged_files_do_no_harm),
        cmocka_unit_test(names_are_safe_as_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
