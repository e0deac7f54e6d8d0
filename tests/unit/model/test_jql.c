#include "model/cursor.h"
#include "model/jql.h"
#include "unit/check.h"

#include <stdio.h>

static void expect(int64_t from, int64_t to, int64_t since, jd_bounds b, const char *want)
{
    jd_buf out = JD_BUF_INIT(10000);
    jd_jql_walk(&out, JD_STR("p"), JD_BY_UPDATED, from, to, since, &b);
    assert_string_equal(jd_buf_cstr(&out), want);
    jd_buf_release(&out);
}

static void test_epoch_bounds(void **unused)
{
    (void)unused;
    jd_bounds b = {0};
    expect(JD_PAST, JD_FUTURE, JD_PAST, b, "p ORDER BY updated ASC");
    expect(1000, JD_FUTURE, JD_PAST, b, "p AND updated >= 1000 ORDER BY updated ASC");
    expect(1000, 61000, 5, b,
           "p AND updated >= 5 AND updated >= 1000 AND updated < 61000 ORDER BY updated ASC");
    expect(-5, 0, JD_PAST, b, "p AND updated < 0 ORDER BY updated ASC");
}

static void test_quoted_bounds_only_move_outward(void **unused)
{
    (void)unused;
    jd_bounds offset  = {.quoted = true, .offset_known = true, .offset_min = -300};
    jd_bounds unknown = {.quoted = true};
    /* 2024-01-15T10:30:45Z is 05:30:45 at -0500; three hours of slack while only an offset is known
     */
    int64_t at = 1705314645000;
    expect(
        at, at, JD_PAST, offset,
        "p AND updated >= \"2024-01-15 02:30\" AND updated < \"2024-01-15 08:31\" ORDER BY updated "
        "ASC");
    expect(at, JD_FUTURE, JD_PAST, unknown,
           "p AND updated >= \"2024-01-14 10:30\" ORDER BY updated ASC");
}

static const jd_zone *load(jd_arena *a, const char *name)
{
    static char    bytes[1 << 16];
    char           path[300];
    const jd_zone *z;
    jd_err         e;
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    size_t n = fread(bytes, 1, sizeof bytes, f);
    (void)fclose(f);
    assert_int_equal(jd_zone_read(a, (jd_str){bytes, n}, &z, &e), JD_OK);
    return z;
}

static void test_quoted_bounds_in_a_zone(void **unused)
{
    (void)unused;
    jd_arena      *a = jd_arena_new(0);
    const jd_zone *z = load(a, "Europe/Berlin");
    if (!z)
        skip();
    jd_bounds b = {.quoted = true, .zone = z};
    expect(
        1705314645000, 1705314645000, JD_PAST, b,
        "p AND updated >= \"2024-01-15 11:30\" AND updated < \"2024-01-15 11:31\" ORDER BY updated "
        "ASC");
    /* 2023-10-29T01:30Z: 02:30 local comes twice that night, so an hour more */
    expect(1698543000000, JD_FUTURE, JD_PAST, b,
           "p AND updated >= \"2023-10-29 02:30\" ORDER BY updated ASC");
    jd_arena_free(a);
}

static void test_probe_and_count(void **unused)
{
    (void)unused;
    jd_bounds b   = {0};
    jd_buf    out = JD_BUF_INIT(1000);
    jd_jql_probe(&out, JD_STR("p"));
    assert_string_equal(jd_buf_cstr(&out), "p AND created >= 0");
    jd_buf_reset(&out);
    jd_jql_count(&out, JD_STR("p"), JD_PAST, &b);
    assert_string_equal(jd_buf_cstr(&out), "p");
    jd_buf_reset(&out);
    jd_jql_count(&out, JD_STR("p"), 7, &b);
    assert_string_equal(jd_buf_cstr(&out), "p AND updated >= 7");
    jd_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_epoch_bounds),
        cmocka_unit_test(test_quoted_bounds_only_move_outward),
        cmocka_unit_test(test_quoted_bounds_in_a_zone),
        cmocka_unit_test(test_probe_and_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
