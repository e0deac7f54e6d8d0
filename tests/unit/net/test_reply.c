#include "base/buf.h"
#include "check.h"
#include "net/http.h"
#include "net/reply.h"
#include "text/date.h"

#define NOW ((int64_t)1705754645000) /* Sat, 20 Jan 2024 12:44:05 GMT */
#define DAY ((int64_t)86400000)

static void test_retry_after(void **state)
{
    (void)state;
    static const struct {
        const char *value, *date;
        int64_t     ms;
    } rows[] = {
        {NULL, NULL, -1},
        {"0", NULL, 0},
        {"120", NULL, 120000},
        {" 7 ", NULL, 7000},
        {"2.5", NULL, 3000},
        {"2.0", NULL, 2000},
        {"-5", NULL, -1},
        {"soon", NULL, -1},
        {"", NULL, -1},
        {"1e9", NULL, -1},
        {"5 minutes", NULL, -1},
        {"99999999", NULL, 30 * DAY},
        {"18446744073709551615", NULL, 30 * DAY},
        {"99999999999999999999999999", NULL, 30 * DAY},
        {"Sat, 20 Jan 2024 12:44:35 GMT", NULL, 30000},
        {"Sat, 20 Jan 2024 12:44:05 GMT", NULL, 0},
        {"Sat, 20 Jan 2024 11:00:00 GMT", NULL, 0},
        {"Fri, 20 Jan 2034 12:44:35 GMT", NULL, 30 * DAY},
        /* by the server's clock, which is a day ahead of ours */
        {"Sun, 21 Jan 2024 12:44:35 GMT", "Sun, 21 Jan 2024 12:44:05 GMT", 30000},
        {"10", "Sun, 21 Jan 2024 12:44:05 GMT", 10000},
        {"Sat, 20 Jan 2024 12:44:35 GMT", "yesterday", 30000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jd_header head[2];
        jd_reply  r = {.head = head};
        if (rows[i].value)
            head[r.nhead++] = (jd_header){JD_STR("retry-after"), jd_str_of(rows[i].value)};
        if (rows[i].date)
            head[r.nhead++] = (jd_header){JD_STR("date"), jd_str_of(rows[i].date)};
        jd_reply_read_head(&r, NOW);
        if (r.retry_after_ms != rows[i].ms)
            fail_msg("row %zu: \"%s\" gives %lld", i, rows[i].value ? rows[i].value : "nothing",
                     (long long)r.retry_after_ms);
    }
}

static void test_server_clock(void **state)
{
    (void)state;
    jd_header head[] = {{JD_STR("date"), JD_STR("Sat, 20 Jan 2024 12:44:05 GMT")}};
    jd_reply  r      = {.head = head, .nhead = 1};
    jd_reply_read_head(&r, 0);
    assert_true(r.date_ms == NOW);
    r.nhead = 0;
    jd_reply_read_head(&r, NOW);
    assert_true(r.date_ms == JD_NO_TIME);
}

static void test_shown_url(void **state)
{
    (void)state;
    static const struct {
        const char *url, *shown;
    } rows[] = {
        {"https://x/rest/api/2/search?jql=secret", "https://x/rest/api/2/search"},
        {"https://user:pass@x:8443/a#frag", "https://x:8443/a"},
        {"https://user:p@ss@x/a@b", "https://x/a@b"},
        {"http://x", "http://x"},
        {"/login.jsp?os=1", "/login.jsp"},
        {"http://x/\x1b[31m\n", "http://x/ [31m "},
        {"", ""},
    };
    char out[JD_SHOWN_URL];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(jd_url_shown(jd_str_of(rows[i].url), out), rows[i].shown);
    char longest[1000];
    memset(longest, 'a', sizeof longest);
    memcpy(longest, "http://", 7);
    assert_int_equal(strlen(jd_url_shown((jd_str){longest, sizeof longest}, out)),
                     JD_SHOWN_URL - 1);
}

static void test_words(void **state)
{
    (void)state;
    static const struct {
        const char *type, *body, *words;
    } rows[] = {
        {"application/json", "{\"errorMessages\":[\"No such issue.\"],\"errors\":{}}",
         "No such issue."},
        {"application/json", "{\"errorMessages\":[],\"errors\":{\"jql\":\"Bad field.\"}}",
         "Bad field."},
        {"application/json", "{\"message\":\"Rate limit exceeded.\"}", "Rate limit exceeded."},
        {"application/json", "{\"error\":\"invalid_grant\"}", "invalid_grant"},
        {"application/json", "{\"message\":\"a\\u001b[31m\\nb\"}", "a [31m b"},
        {"application/json", "{\"message\":7}", ""},
        {"application/json", "[]", ""},
        {"application/json", "{\"mess", ""},
        {"text/html", "<html><head><TITLE> Log in - Jira </TITLE></head>",
         "a web page, \"Log in - Jira\""},
        {"text/html;charset=utf-8", "<p>Oops", "a web page"},
        {"application/json", "  <!doctype html>", "a web page"},
        {"text/plain", "Too busy\n", "Too busy"},
        {NULL, "\x01\x02", ""},
        {"text/html", "", ""},
    };
    char out[JD_SHOWN_WORDS];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jd_header head[] = {{JD_STR("content-type"), jd_str_of(rows[i].type)}};
        jd_reply  r      = {.body = jd_str_of(rows[i].body), .head = head, .nhead = 1};
        assert_string_equal(jd_reply_words(&r, out), rows[i].words);
    }
}

static void test_words_are_cut_between_characters(void **state)
{
    (void)state;
    char   out[JD_SHOWN_WORDS];
    jd_buf body = JD_BUF_INIT(1024);
    jd_buf_addz(&body, "{\"message\":\"x");
    for (int i = 0; i < 300; i++)
        jd_buf_addz(&body, "\xc3\xa9");
    jd_buf_addz(&body, "\"}");
    jd_reply r = {.body = jd_buf_view(&body)};
    (void)jd_reply_words(&r, out);
    assert_int_equal(strlen(out), 199); /* x and 99 of two bytes each */
    assert_int_equal((unsigned char)out[198], 0xa9);
    jd_buf_release(&body);
}

static void test_a_quota_says_when_it_is_whole(void **state)
{
    (void)state;
    static const struct {
        int         status;
        const char *reset;
        int64_t     wait;
    } rows[] = {
        {429, "2024-01-20T00:10:00Z", 600000},
        {429, "2024-01-20T00:10Z", 600000},
        {429, "2024-01-19T23:00:00Z", 0},
        {429, "soon", -1},
        {429, NULL, -1},
        {200, "2024-01-20T00:10:00Z", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jd_header head[] = {{JD_STR("x-ratelimit-reset"), jd_str_of(rows[i].reset)}};
        jd_reply  r      = {.status = rows[i].status, .head = head, .nhead = 1};
        jd_reply_read_head(&r, 1705708800000);
        assert_int_equal(r.retry_after_ms, rows[i].wait);
    }
}

typedef struct expect_row {
    int         status;
    const char *type, *body;
    const char *name, *value; /* one more header */
    jd_code     code;
    const char *says;
} expect_row;

static const expect_row expected[] = {
    {200, "application/json", "{}", NULL, NULL, JD_OK, ""},
    {200, "application/json;charset=UTF-8", " \n[1]", NULL, NULL, JD_OK, ""},
    {200, "Application/JSON", "\xef\xbb\xbf{}", NULL, NULL, JD_OK, ""},
    {201, "application/json", "{}", NULL, NULL, JD_OK, ""},
    {200, "application/json", "{}", "x-seraph-loginreason", "OK", JD_OK, ""},
    {200, "text/html", "<html>", NULL, NULL, JD_E_REMOTE, "a web page, not JSON"},
    {200, "text/html", "{}", NULL, NULL, JD_E_REMOTE, "a web page, not JSON"},
    {200, "application/json", "<html>", NULL, NULL, JD_E_REMOTE, "a web page, not JSON"},
    {200, NULL, "{}", NULL, NULL, JD_E_REMOTE, "is the address right"},
    {200, "application/json", "", NULL, NULL, JD_E_REMOTE, "nothing, not JSON"},
    {200, "application/json", "{}", "x-seraph-loginreason", "AUTHENTICATED_FAILED", JD_E_AUTH,
     "wrong or expired"},
    {200, "application/json", "{}", "x-seraph-loginreason", "OUT, AUTHENTICATION_DENIED", JD_E_AUTH,
     "browser"},
    {302, NULL, "", "location", "https://x/login.jsp?os_destination=%2Frest", JD_E_REMOTE,
     "302 Found to https://x/login.jsp:"},
    {400, "application/json", "{\"errorMessages\":[\"The value 'X' does not exist.\"]}", NULL, NULL,
     JD_E_DATA, "400 Bad Request: The value 'X' does not exist."},
    {401, "text/html", "<title>Unauthorized (401)</title>", NULL, NULL, JD_E_AUTH,
     "401 Unauthorized: a web page"},
    {403, NULL, "", "x-authentication-denied-reason",
     "CAPTCHA_CHALLENGE; login-url=https://x/login.jsp", JD_E_AUTH, "CAPTCHA"},
    {403, NULL, "", NULL, NULL, JD_E_AUTH, "403 Forbidden"},
    {404, "application/json", "{\"errorMessages\":[\"Issue Does Not Exist\"]}", NULL, NULL,
     JD_E_NOTFOUND, "404 Not Found: Issue Does Not Exist"},
    {410, NULL, "", NULL, NULL, JD_E_NOTFOUND, "410 Gone"},
    {409, NULL, "", NULL, NULL, JD_E_REMOTE, "409 Conflict"},
    {418, NULL, "", NULL, NULL, JD_E_REMOTE, "418"},
    {503, NULL, "", NULL, NULL, JD_E_REMOTE, "503 Service Unavailable"},
};

static void test_expectation(void **state)
{
    (void)state;
    jd_request q = {.method = "GET", .url = JD_STR("https://x/rest/api/2/search?jql=a")};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const expect_row *x      = &expected[i];
        jd_header         head[] = {{JD_STR("content-type"), jd_str_of(x->type)},
                                    {jd_str_of(x->name), jd_str_of(x->value)}};
        jd_reply r    = {.status = x->status, .body = jd_str_of(x->body), .head = head, .nhead = 2};
        jd_err   e    = JD_ERR_NONE;
        jd_code  code = jd_http_expect_json(&q, &r, &e);
        if (code != x->code)
            fail_msg("row %zu: %s: %s", i, jd_code_name(code), e.msg);
        assert_says(e.msg, x->says);
        if (code == JD_OK)
            continue;
        assert_int_equal(e.http, x->status);
        assert_says(e.msg, "GET https://x/rest/api/2/search: ");
        assert_null(strstr(e.msg, "jql"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_server_clock),
        cmocka_unit_test(test_shown_url),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_a_quota_says_when_it_is_whole),
        cmocka_unit_test(test_words_are_cut_between_characters),
        cmocka_unit_test(test_expectation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
