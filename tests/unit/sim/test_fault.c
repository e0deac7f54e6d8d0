/* Fault scripts and rate limits as a client meets them. */
#include "house.h"

#define ALL SEARCH "?jql=order+by+key&fields=*all"

static void script(const char *text)
{
    got g = post("/_sim/faults", text);
    if (g.status != 200)
        fail_msg("%s: %.*s", text, JD_FMT(g.body));
}

/* Number i of the log's rows. */
static const jd_json *logged(size_t i)
{
    const jd_json *all = NULL;
    jd_err         e   = JD_ERR_NONE;
    assert_int_equal(jd_json_read(arena, get("/_sim/log").body, &all, &e), JD_OK);
    return jd_json_at(all, i);
}

static int64_t logged_number(size_t i, const char *name)
{
    int64_t v = -1;
    (void)jd_json_i64(jd_json_get(logged(i), name), &v);
    return v;
}

/* The last row's fault. */
static jd_str last_fault(void)
{
    const jd_json *all = NULL;
    jd_err         e   = JD_ERR_NONE;
    assert_int_equal(jd_json_read(arena, get("/_sim/log").body, &all, &e), JD_OK);
    return jd_json_str(jd_json_get(jd_json_at(all, jd_json_len(all) - 1), "fault"));
}

static got search_with(const char *fault)
{
    script(fault);
    return get(ALL);
}

/* -- when ----------------------------------------------------------------------------------------
 */

static void nth_every_times_and_kinds(void **state)
{
    static const struct {
        const char *script, *hits; /* of six searches, an issue call among them */
    } rows[] = {
        {"search nth 2: 500", ".x...."},    {"search every 2: 500", ".x.x.x"},
        {"search from 3: 500", "..xxxx"},   {"search times 2: 500", "xx...."},
        {"every 3 times 1: 500", ".x...."}, /* the issue call is the second of all */
        {"issue: 500", "......"},           {"search from 2 every 2 times 2: 500", ".x.x.."},
        {"chance 0%: 500", "......"},       {"chance 100%: 500", "xxxxxx"},
        {"path /search: 500", "xxxxxx"},    {"path /issue: 500", "......"},
        {"other: 500", "......"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char hits[8] = "";
        script(rows[i].script);
        for (size_t k = 0; k < 6; k++) {
            hits[k] = get(ALL).status == 500 ? 'x' : '.';
            if (k == 0)
                (void)get(ISSUE "AB-1");
        }
        if (strcmp(hits, rows[i].hits) != 0)
            fail_msg("%s: %s", rows[i].script, hits);
    }
}

static void chance_follows_the_seed(void **state)
{
    char run[3][65] = {{0}};
    (void)state;
    for (int k = 0; k < 3; k++) {
        script(k < 2 ? "seed 3\nchance 50%: 500\n" : "seed 4\nchance 50%: 500\n");
        for (int i = 0; i < 64; i++)
            run[k][i] = get("/jira/rest/api/2/field").status == 500 ? 'x' : '.';
    }
    assert_string_equal(run[0], run[1]);
    assert_string_not_equal(run[0], run[2]);
    size_t n = 0;
    for (int i = 0; i < 64; i++)
        n += run[0][i] == 'x';
    assert_true(n > 10 && n < 54);
}

static void whenever_an_issue_is_shown(void **state)
{
    (void)state;
    script("has AB-5: 500");
    assert_int_equal(get(SEARCH "?jql=key+in+(AB-4,AB-5)").status, 500);
    assert_int_equal(get(SEARCH "?jql=key=AB-4").status, 200);
    assert_int_equal(get(SEARCH "?jql=id=5&fields=id").status, 500);
    assert_int_equal(get(ISSUE "5").status, 500);
    assert_int_equal(get(ISSUE "AB-5/comment").status, 500);
    assert_int_equal(get(ISSUE "AB-6/comment").status, 200);
    got g = get("/_sim/faults");
    expect(g, 200, "{\"seed\":0,\"rules\":[{\"rule\":\"has AB-5: 500\",\"met\":4,\"fired\":4}]}");
    script("search has 20: 500");
    assert_int_equal(get(SEARCH "?jql=key=CD-7").status, 500);
    assert_int_equal(get(ISSUE "CD-7").status, 200);
}

static void a_script_can_be_changed_and_ended(void **state)
{
    (void)state;
    assert_int_equal(search_with(": 500").status, 500);
    got g = post("/_sim/faults", "\n: nonsense");
    assert_int_equal(g.status, 400);
    assert_true(has(g.body, "line 2: unknown fault: 'nonsense'"));
    assert_int_equal(get(ALL).status, 500); /* the old one stays */
    assert_int_equal(search_with("").status, 200);
    assert_int_equal(last_fault().n, 0);
}

/* -- other answers -------------------------------------------------------------------------------
 */

static void refusals_and_their_promises(void **state)
{
    got g = search_with(": 429 retry 7 json");
    (void)state;
    assert_int_equal(g.status, 429);
    assert_true(has(g.head, "Retry-After: 7\r\n"));
    assert_str(g.body, "{\"message\":\"Rate limit exceeded.\"}");
    assert_str(last_fault(), "429-seconds");
    assert_int_equal(logged_number(0, "retryAfterMs"), 7000);
    assert_int_equal(logged_number(0, "status"), 429);
    assert_true(logged_number(0, "tick") > 0);
    assert_true(logged_number(0, "sent") >= logged_number(0, "tick"));

    g = search_with(": 429 date 90 html");
    assert_true(has(g.head, "Retry-After: Mon, 01 Jun 2026 12:01:30 GMT\r\n"));
    assert_true(has(g.head, "text/html"));
    assert_true(has(g.body, "HTTP Status 429 \xe2\x80\x93 Too Many Requests"));
    assert_int_equal(logged_number(1, "retryAfterMs"), 90000);
    assert_str(last_fault(), "429-date");
    server.clock_ms += 400;
    g = search_with(": 429 date 90\n: stall 0.05");
    assert_true(has(g.head, "12:01:30 GMT")); /* whole seconds: from now it is less */
    assert_int_equal(logged_number(2, "retryAfterMs"), 89550);

    g = search_with(": 429");
    assert_false(has(g.head, "etry-"));
    assert_true(has(g.head, "text/html")); /* nobody said he takes JSON */
    assert_int_equal(logged_number(3, "retryAfterMs"), -1);
    g = talk("GET", ALL, "Accept: application/json\r\n", "");
    assert_str(g.body, "{\"message\":\"Rate limit exceeded.\"}");

    g = search_with(": 503 retry 3");
    assert_int_equal(g.status, 503);
    assert_true(has(g.head, "text/html") && has(g.head, "Retry-After: 3\r\n"));
    g = search_with(": 503 empty");
    assert_int_equal(g.body.n, 0);
    assert_false(has(g.head, "Content-Type"));
    g = search_with(": 500");
    assert_true(has(g.body, "{\"errorMessages\":[\"Internal server error\"]"));
    g = search_with(": login");
    assert_int_equal(g.status, 200);
    assert_true(has(g.head, "text/html") && has(g.body, "name=\"os_password\""));
}

/* The log tells promises that arrive: the answer whole, at the time that it says. */
static void promises_that_arrive(void **state)
{
    (void)state;
    script(": 429 retry 7\n: reset\n");
    (void)get(ALL);
    assert_str(last_fault(), "429-seconds+reset");
    assert_int_equal(logged_number(0, "retryAfterMs"), -1);
    (void)search_with(": 429 retry 7\n: cut");
    assert_int_equal(logged_number(1, "retryAfterMs"), -1);
    assert_int_equal(number(post("/_sim/latency", "{\"ms\":30}"), "ms"), 30);
    (void)search_with(": 429 retry 7\n: stall 0.02");
    assert_int_equal(logged_number(2, "retryAfterMs"), 7000);
    assert_true(logged_number(2, "sent") - logged_number(2, "tick") >= 50);
}

static void connections_that_end(void **state)
{
    got whole = get(ALL), g = search_with(": reset");
    (void)state;
    assert_true(g.reset && g.status == 0);
    assert_str(last_fault(), "reset");
    g = search_with(": drop");
    assert_true(!g.reset && g.status == 0);
    g = search_with(": reset-body 25%");
    assert_true(g.reset && g.status == 200);
    assert_int_equal(g.body.n, whole.body.n / 4);
    g = search_with(": cut 100");
    assert_true(!g.reset && g.status == 200);
    assert_int_equal(g.body.n, 100);
    g = search_with(": longer 9");
    assert_int_equal(g.body.n, whole.body.n);
    assert_true(has(g.head, jd_arena_fmt(arena, "Content-Length: %zu\r\n", whole.body.n + 9).p));
    g = search_with(": truncate 90%");
    assert_true(has(g.head, jd_arena_fmt(arena, "Content-Length: %zu\r\n", g.body.n).p));
    assert_int_equal(g.body.n, whole.body.n * 9 / 10);
    assert_true(jd_str_starts(whole.body, g.body));
}

static void slow_and_packed_answers(void **state)
{
    static const char *const slow[] = {": stall 0.05", ": hang 0.05", ": hang 0.05 10",
                                       ": drip 100000"};
    got                      whole  = get(ALL);
    (void)state;
    for (size_t i = 0; i < sizeof slow / sizeof *slow; i++)
        assert_true(jd_str_eq(search_with(slow[i]).body, whole.body));
    got g = search_with(": chunked");
    assert_true(has(g.head, "Transfer-Encoding: chunked"));
    assert_false(has(g.head, "Content-Length"));
    assert_true(jd_str_ends(g.body, JD_STR("\r\n0\r\n\r\n")));
    g = search_with(": gzip"); /* which nobody asked for */
    assert_true(jd_str_eq(g.body, whole.body));
    assert_int_equal(last_fault().n, 0);
    g = talk("GET", ALL, "Accept-Encoding: deflate, gzip\r\n", "");
    assert_true(has(g.head, "Content-Encoding: gzip"));
    assert_true(g.body.n < whole.body.n && jd_str_starts(g.body, JD_STR("\x1f\x8b")));
    assert_str(last_fault(), "gzip");
}

/* -- spoilt answers ------------------------------------------------------------------------------
 */

static void bytes_that_are_wrong(void **state)
{
    (void)state;
    assert_true(jd_str_starts(search_with(": bom").body, JD_STR("\xef\xbb\xbf{")));
    assert_true(has(search_with("has AB-2: surrogate").body, "\"summary\":\"\\ud83d about AB-2\""));
    assert_true(has(search_with("has AB-2: nul").body, "\"summary\":\"\\u0000 about AB-2\""));
    assert_true(has(search_with("has AB-2: bad-utf8").body, "\"\xc3\x28 \xff about AB-2\""));
    assert_true(has(get(ISSUE "AB-2").body, "\"\xc3\x28 \xff about AB-2\""));
    assert_false(has(get(SEARCH "?jql=key=AB-2&fields=id").body, "\xff"));
    assert_int_equal(last_fault().n, 0); /* there was no text: it has not fired */
    got g = search_with("search: big 1");
    assert_true(g.body.n > 1 << 20);
    assert_int_equal(jd_json_len(at(g, "issues")), 4);
    g = search_with("has AB-3: shape no-fields");
    assert_null(row(g, 2, "fields"));
    assert_non_null(row(g, 1, "fields"));
    g = get(ISSUE "AB-3");
    assert_null(at(g, "fields"));
    assert_str(last_fault(), "shape");
}

static void pages_that_lie(void **state)
{
    (void)state;
    assert_int_equal(number(search_with(": total +5"), "total"), 12);
    assert_int_equal(number(search_with(": total -5"), "total"), 2);
    assert_int_equal(number(get(ISSUE "AB-1/comment"), "total"), 0);
    got g = search_with(": empty");
    assert_int_equal(number(g, "total"), 7);
    assert_int_equal(jd_json_len(at(g, "issues")), 0);
    assert_int_equal(jd_json_len(at(search_with(": duplicate"), "issues")), 5);
    assert_int_equal(get(SEARCH "?jql=project=NOPE").status, 400); /* has nothing to spoil */
    assert_int_equal(last_fault().n, 0);
    assert_int_equal(jd_json_len(at(get(SEARCH "?jql=&maxResults=0"), "issues")), 0);
    assert_int_equal(last_fault().n, 0);
}

static void faults_add_up(void **state)
{
    got g = search_with("search: duplicate\nsearch: total +1\nsearch: chunked\nsearch: stall 0.01");
    (void)state;
    assert_true(has(g.head, "chunked") && has(g.body, "\"total\":8"));
    assert_str(last_fault(), "duplicate+total+chunked+stall");
    g = search_with(": 503\n: empty\n: total +1"); /* of the page nothing is left to spoil */
    assert_int_equal(g.status, 503);
    assert_str(last_fault(), "503");
}

/* -- changes -------------------------------------------------------------------------------------
 */

static void changes_between_requests(void **state)
{
    (void)state;
    script("search from 2: touch seen\n");
    (void)get(SEARCH "?jql=key=AB-3");
    (void)get(SEARCH "?jql=key=AB-1");
    assert_str(jd_json_str(jd_json_get(logged(1), "changed")), "touch AB-3");
    assert_str(jd_json_str(jd_json_get(logged(1), "fault")), "touch");
    assert_str(jd_json_str(at(get(ISSUE "AB-3"), "fields.updated")),
               "2026-06-01T12:00:00.000+0000");

    script("search: delete unseen 2 in AB\n");
    (void)get(SEARCH "?jql=key=CD-7");
    assert_true(has(get("/_sim/count").body, "\"AB\":4"));
    assert_int_equal(number(search_with("search: delete AB-3"), "total"), 4);
    assert_int_equal(get(ISSUE "AB-3").status, 404);

    script("search: create 2 in CD");
    assert_int_equal(number(get(SEARCH "?jql=project=CD"), "total"), 3);
    script("search: comment CD-7");
    (void)get(ALL);
    assert_int_equal(number(get(ISSUE "CD-7/comment"), "total"), 1);
    script("search times 1: move CD-7");
    (void)get(ALL);
    assert_str(jd_json_str(at(get(ISSUE "CD-7"), "fields.project.key")), "AB");
    script("search: move CD-7 to AB\n"); /* it is there: nothing happens */
    (void)get(ALL);
    assert_int_equal(last_fault().n, 0);
}

/* Where nothing was shown yet, nothing shown can change. */
static void seen_and_unseen(void **state)
{
    (void)state;
    script("search: touch seen");
    (void)get(ISSUE "AB-1");
    (void)get(SEARCH "?jql=key=AB-1");
    assert_int_equal(last_fault().n, 0);
    (void)get(SEARCH "?jql=key=AB-1");
    assert_str(last_fault(), "touch");
    script("search: touch unseen 7");
    (void)get(SEARCH "?jql=order+by+key&startAt=0");
    (void)get(SEARCH "?jql=order+by+key&startAt=4"); /* the first showed four */
    (void)get(SEARCH "?jql=");
    assert_int_equal(last_fault().n, 0);
    const jd_json *changed = jd_json_get(logged(4), "changed");
    assert_true(has(jd_json_str(changed), "AB-5") || has(jd_json_str(changed), "AB-6") ||
                has(jd_json_str(changed), "CD-7"));
    assert_false(has(jd_json_str(changed), "AB-1") || has(jd_json_str(changed), "AB-4"));
}

/* -- rate limits
 * -----------------------------------------------------------------------------------
 */

#define BASIC_ANN "Authorization: Basic YW5uOnB3\r\n" /* ann:pw */

static void the_rate_is_limited(void **state)
{
    (void)state;
    assert_int_equal(number(post("/_sim/rate", "{\"rate\":\"2:1:10\"}"), "limit"), 2);
    got g = get(ALL);
    assert_true(has(g.head, "X-RateLimit-Limit: 2\r\n") &&
                has(g.head, "X-RateLimit-Remaining: 1\r\n") &&
                has(g.head, "X-RateLimit-FillRate: 1\r\n") &&
                has(g.head, "X-RateLimit-Interval-Seconds: 10\r\n"));
    assert_true(has(g.head, "retry-after: 0\r\n"));
    assert_int_equal(get(ALL).status, 200);
    server.clock_ms += 2500;
    g = get(ALL);
    assert_int_equal(g.status, 429);
    assert_true(has(g.head, "text/html"));
    assert_true(has(g.head, "retry-after: 8\r\n"));
    assert_int_equal(logged_number(2, "retryAfterMs"), 8000);
    assert_str(last_fault(), "rate");
    g = talk("GET", ALL, "Accept: application/json\r\n", "");
    assert_str(g.body, "{\"message\":\"Rate limit exceeded.\"}");
    assert_int_equal(talk("GET", ALL, BASIC_ANN, "").status, 200); /* has its own */
    g = get("/jira/rest/api/2/serverInfo");
    assert_int_equal(g.status, 200);
    assert_false(has(g.head, "RateLimit"));
    server.clock_ms += 7500;
    assert_int_equal(get(ALL).status, 200);
    assert_int_equal(get(ALL).status, 429);

    (void)post("/_sim/rate", "{\"rate\":\"1:1:10\",\"silent\":true}");
    assert_false(has(get(ALL).head, "RateLimit"));
    g = get(ALL);
    assert_int_equal(g.status, 429);
    assert_false(has(g.head, "RateLimit") || has(g.head, "etry-"));
    (void)post("/_sim/rate", "{\"rate\":null}");
    assert_int_equal(get(ALL).status, 200);
    assert_int_equal(post("/_sim/rate", "{\"rate\":\"1:1\"}").status, 400);
    assert_int_equal(post("/_sim/rate", "{\"rate\":7}").status, 400);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nth_every_times_and_kinds),
        TEST(chance_follows_the_seed),
        TEST(whenever_an_issue_is_shown),
        TEST(a_script_can_be_changed_and_ended),
        TEST(refusals_and_their_promises),
        TEST(promises_that_arrive),
        TEST(connections_that_end),
        TEST(slow_and_packed_answers),
        TEST(bytes_that_are_wrong),
        TEST(pages_that_lie),
        TEST(faults_add_up),
        TEST(changes_between_requests),
        TEST(seen_and_unseen),
        TEST(the_rate_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
