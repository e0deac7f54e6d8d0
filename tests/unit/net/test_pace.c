#include "check.h"
#include "net/http.h"

static void test_gap(void **state)
{
    (void)state;
    jd_pace p = {.gap_ms = 3600};
    assert_int_equal(jd_pace_take(&p, 5000), 0);
    assert_int_equal(jd_pace_take(&p, 5000), 3600);
    assert_int_equal(jd_pace_take(&p, 8000), 600);
    assert_int_equal(jd_pace_take(&p, 8600), 0);
    assert_int_equal(jd_pace_take(&p, 20000), 0); /* time that passed unused is not saved up */
    assert_int_equal(jd_pace_take(&p, 20001), 3599);
    jd_pace none = {0};
    for (int i = 0; i < 5; i++)
        assert_int_equal(jd_pace_take(&none, 7), 0);
}

typedef struct row {
    const char *name;
    int         status;
    int64_t     retry_after_ms;
    const char *left, *fill, *interval; /* Data Center's headers, NULL when absent */
    int64_t     closed_ms;
} row;

static const row rows[] = {
    {"nothing said", 200, -1, NULL, NULL, NULL, 0},
    {"429 with a pause", 429, 2000, NULL, NULL, NULL, 2000},
    {"503 with a pause", 503, 7000, NULL, NULL, NULL, 7000},
    {"a pause on a 200 is for later", 200, 2000, NULL, NULL, NULL, 0},
    {"429 without", 429, -1, NULL, NULL, NULL, 0},
    {"tokens left", 200, 0, "69", "5", "1", 0},
    {"two left", 200, 0, "2", "5", "1", 0},
    {"the last token may be used", 200, 0, "1", "5", "1", 0},
    {"none left", 200, 0, "0", "5", "1", 200},
    {"one a minute", 200, 0, "0", "1", "60", 60000},
    {"rounded up", 200, 0, "0", "3", "1", 334},
    {"blanks around", 200, 0, " 0 ", " 2 ", " 1 ", 500},
    {"no fill rate", 200, 0, "0", NULL, "1", 0},
    {"fill rate 0", 200, 0, "0", "0", "1", 0},
    {"no interval", 200, 0, "0", "5", NULL, 0},
    {"interval 0", 200, 0, "0", "5", "0", 0},
    {"not numbers", 200, 0, "few", "5", "1", 0},
    {"negative", 200, 0, "-1", "5", "1", 0},
    {"absurd interval", 200, 0, "0", "1", "18446744073709551615", 3600000},
    {"absurd fill rate", 200, 0, "0", "18446744073709551615", "1", 1},
    {"429: the longer one", 429, 9000, "0", "5", "1", 9000},
    {"429: the pause comes first", 429, 100, "0", "1", "1", 100},
};

static void test_learning(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const row *r      = &rows[i];
        jd_header  head[] = {{JD_STR("x-ratelimit-remaining"), jd_str_of(r->left)},
                             {JD_STR("x-ratelimit-fillrate"), jd_str_of(r->fill)},
                             {JD_STR("x-ratelimit-interval-seconds"), jd_str_of(r->interval)}};
        jd_reply   reply  = {
               .status = r->status, .retry_after_ms = r->retry_after_ms, .head = head, .nhead = 3};
        jd_pace p = {0};
        jd_pace_learn(&p, &reply, 0, 100000);
        int64_t wait = jd_pace_take(&p, 100000);
        if (wait != r->closed_ms)
            fail_msg("%s: waits %lld", r->name, (long long)wait);
    }
}

static void test_a_pause_is_never_shortened(void **state)
{
    (void)state;
    jd_pace  p     = {.gap_ms = 100};
    jd_reply first = {.status = 429, .retry_after_ms = 5000},
             later = {.status = 429, .retry_after_ms = 1000};
    assert_int_equal(jd_pace_take(&p, 1000), 0);
    jd_pace_learn(&p, &first, 0, 1000);
    jd_pace_learn(&p, &later, 0, 1000);
    assert_int_equal(jd_pace_take(&p, 1000), 5000);
    assert_int_equal(jd_pace_take(&p, 6000), 0);
    assert_int_equal(jd_pace_take(&p, 6000), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gap),
        cmocka_unit_test(test_learning),
        cmocka_unit_test(test_a_pause_is_never_shortened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
