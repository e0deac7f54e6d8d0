#include "check.h"
#include "net/http.h"

static const jd_reply good = {.status = 200}, refused = {.status = 429};

static void enter(jd_gate *g, int n, int64_t tick)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(jd_gate_enter(g, 1, tick), 0);
}

static void test_no_more_than_the_most(void **state)
{
    (void)state;
    jd_gate *g = jd_gate_new(0, 3);
    enter(g, 3, 0);
    assert_true(jd_gate_enter(g, 1, 0) > 0);
    jd_gate_leave(g, 1, &good, 1);
    enter(g, 1, 1);
    assert_true(jd_gate_enter(g, 1, 1) > 0);
    jd_gate_leave(g, 1, NULL, 2); /* nothing came: its place is free all the same */
    enter(g, 1, 2);
    jd_gate_free(g);
}

static void test_halves_once_a_second_and_grows_back(void **state)
{
    (void)state;
    jd_gate *g = jd_gate_new(0, 8);
    enter(g, 8, 0);
    for (int i = 0; i < 8; i++)
        jd_gate_leave(g, 1, &refused, 10); /* one burst is one reason */
    enter(g, 4, 20);
    assert_true(jd_gate_enter(g, 1, 20) > 0);
    for (int i = 0; i < 4; i++)
        jd_gate_leave(g, 1, &refused, 2000);
    enter(g, 2, 2000);
    assert_true(jd_gate_enter(g, 1, 2000) > 0);
    jd_gate_leave(g, 1, &good, 2000);
    jd_gate_leave(g, 1, &good, 2000);
    enter(g, 2, 2001); /* two good answers at two at a time: not yet three whole */
    for (int round = 0; round < 40; round++) {
        jd_gate_leave(g, 1, &good, 2001);
        enter(g, 1, 2001);
    }
    enter(g, 6, 2001);
    assert_true(jd_gate_enter(g, 1, 2001) > 0);
    jd_gate_free(g);
}

static void test_a_pause_holds_for_all(void **state)
{
    (void)state;
    jd_gate *g     = jd_gate_new(0, 4);
    jd_reply later = {.status = 503, .retry_after_ms = 5000};
    enter(g, 1, 100);
    jd_gate_leave(g, 1, &later, 200);
    assert_int_equal(jd_gate_enter(g, 1, 200), 5000);
    assert_int_equal(jd_gate_enter(g, 1, 5199), 1);
    enter(g, 1, 5200);
    jd_gate_free(g);
}

static void test_a_bucket_is_shared(void **state)
{
    (void)state;
    jd_header head[] = {{JD_STR("x-ratelimit-remaining"), JD_STR("3")},
                        {JD_STR("x-ratelimit-limit"), JD_STR("5")},
                        {JD_STR("x-ratelimit-fillrate"), JD_STR("10")},
                        {JD_STR("x-ratelimit-interval-seconds"), JD_STR("1")}};
    jd_reply  told   = {.status = 200, .head = head, .nhead = 4};
    jd_gate  *g      = jd_gate_new(0, 8);
    char      text[300];
    enter(g, 2, 1000);
    jd_gate_leave(g, 1, &told, 1000); /* three left, of which the one still running takes one */
    enter(g, 2, 1000);
    assert_int_equal(jd_gate_enter(g, 1, 1000), 100);
    enter(g, 1, 1100);
    assert_int_equal(jd_gate_enter(g, 1, 1150), 50);
    jd_gate_explain(g, text, sizeof text);
    assert_non_null(strstr(text, "10.0 requests/s, bursts of 5"));
    jd_gate_free(g);
}

static void test_a_burst_closes_its_endpoint_alone(void **state)
{
    (void)state;
    jd_header  head[] = {{JD_STR("ratelimit-reason"), JD_STR("jira-burst-based")}};
    jd_reply   burst  = {.status = 429, .retry_after_ms = 3000, .head = head, .nhead = 1};
    jd_request one = {.method = "GET", .url = JD_STR("https://x/rest/api/3/issue/10001?fields=id")};
    jd_request two = {.method = "GET", .url = JD_STR("https://x/rest/api/3/issue/KEY-7")};
    jd_request search = {.method = "POST", .url = JD_STR("https://x/rest/api/3/search/jql")};
    jd_gate   *g      = jd_gate_new(0, 8);
    uint64_t   issue = jd_gate_endpoint(&one), other = jd_gate_endpoint(&search);
    assert_true(jd_gate_endpoint(&two) == issue);
    assert_true(other != issue);
    assert_int_equal(jd_gate_enter(g, issue, 100), 0);
    jd_gate_leave(g, issue, &burst, 100);
    assert_int_equal(jd_gate_enter(g, issue, 100), 3000);
    assert_int_equal(jd_gate_enter(g, other, 100), 0);
    head[0].value = JD_STR("jira-quota-tenant-based");
    jd_gate_leave(g, other, &burst, 200);
    assert_int_equal(jd_gate_enter(g, other, 200), 3000);
    jd_gate_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_more_than_the_most),
        cmocka_unit_test(test_halves_once_a_second_and_grows_back),
        cmocka_unit_test(test_a_pause_holds_for_all),
        cmocka_unit_test(test_a_bucket_is_shared),
        cmocka_unit_test(test_a_burst_closes_its_endpoint_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
