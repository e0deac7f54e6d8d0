#include "check.h"
#include "net/script.h"

#define SECRET "s3cret-token"

/* A client that plays a scenario; what it said is kept. */
typedef struct stage {
    jd_script *script;
    jd_http   *http;
    jd_arena  *arena;
    jd_clock   clock;
    jd_stop   *stop;
    jd_log     log;
    char       said[8192];
    int64_t    stop_after_ms; /* a sleep that would pass this is cut short by a stop; -1: never */
    jd_reply   reply;
    jd_err     e;
} stage;

static void on_event(void *self, jd_level level, const char *event, const char *text)
{
    stage *s = self;
    size_t n = strlen(s->said);
    (void)snprintf(s->said + n, sizeof s->said - n, "%s%s: %s\n", level == JD_INFO ? "! " : "",
                   event, text);
}

static bool on_sleep(void *self, int64_t ms)
{
    stage *s = self;
    if (s->stop_after_ms >= 0 && jd_script_slept(s->script) + ms > s->stop_after_ms) {
        jd_stop_ask(s->stop);
        return false;
    }
    return jd_script_sleep(s->script, ms);
}

static jd_http_conf conf_of(stage *s, const char *scenario)
{
    *s       = (stage){.stop_after_ms = -1};
    s->arena = jd_arena_new(0);
    must(jd_script_read(jd_str_of(scenario), &s->script, &s->e), &s->e);
    s->clock = jd_script_clock(s->script);
    s->stop  = jd_stop_new();
    s->log   = (jd_log){JD_DEBUG, on_event, s};
    return (jd_http_conf){.transport  = jd_script_transport(s->script),
                          .auth       = jd_auth_none(),
                          .retry      = JD_RETRY_DEFAULT,
                          .clock      = &s->clock,
                          .log        = &s->log,
                          .stop       = s->stop,
                          .seed       = 7,
                          .sleep      = on_sleep,
                          .sleep_self = s};
}

static void open_stage(stage *s, const char *scenario)
{
    jd_http_conf conf = conf_of(s, scenario);
    s->http           = jd_http_new(&conf);
}

static void close_stage(stage *s)
{
    assert_string_equal(jd_script_complaint(s->script), "");
    assert_int_equal(jd_script_left(s->script), 0);
    assert_null(strstr(s->said, SECRET));
    assert_null(strstr(s->e.msg, SECRET));
    jd_http_free(s->http);
    jd_script_free(s->script);
    jd_stop_free(s->stop);
    jd_arena_free(s->arena);
}

static const jd_request search  = {.method = "GET",
                                   .url = JD_STR_INIT("https://jira.example.com/rest/s?q=" SECRET),
                                   .idempotent = true};
static const jd_request comment = {.method = "POST",
                                   .url    = JD_STR_INIT("https://jira.example.com/rest/c"),
                                   .body   = JD_STR_INIT("{}")};

static jd_code ask(stage *s, const jd_request *q)
{
    return jd_http_do(s->http, q, s->arena, &s->reply, &s->e);
}

static void test_first_answer(void **state)
{
    (void)state;
    stage s;
    open_stage(&s, "> GET /rest/s\n"
                   "+ Accept: application/json\n"
                   "+ Accept-Language: en\n"
                   "- Authorization\n"
                   "- Content-Type\n"
                   "< 200\n"
                   ": X-AUSERNAME: anonymous\n"
                   "| {}\n"
                   "~ 120\n");
    must(ask(&s, &search), &s.e);
    assert_int_equal(s.reply.status, 200);
    assert_str(s.reply.body, "{}");
    assert_int_equal(s.reply.body.p[2], 0);
    assert_str(jd_reply_header(&s.reply, "x-ausername"), "anonymous");
    assert_null(jd_reply_header(&s.reply, "x-none").p);
    assert_int_equal(s.reply.took_ms, 120);
    jd_http_stats st = jd_http_statistics(s.http);
    assert_int_equal(st.requests, 1);
    assert_int_equal(st.retries, 0);
    assert_int_equal(st.body_bytes, 2);
    assert_int_equal(st.waited_ms, 0);
    assert_string_equal(s.said,
                        "request: GET https://jira.example.com/rest/s 200 in 120 ms, 2 bytes\n");
    close_stage(&s);
}

static void test_own_headers_win(void **state)
{
    (void)state;
    stage           s;
    const jd_header head[] = {{JD_STR("accept"), JD_STR("text/plain")},
                              {JD_STR("content-type"), JD_STR("text/css")}};
    jd_request      q      = comment;
    q.head                 = head;
    q.nhead                = 2;
    open_stage(&s, "> POST /rest/c\n+ accept: text/plain\n+ content-type: text/css\n< 201\n"
                   "> POST /rest/c\n+ content-type: application/json\n< 201\n");
    must(ask(&s, &q), &s.e);
    must(ask(&s, &comment), &s.e);
    close_stage(&s);
}

static void test_credentials_stay_at_home(void **state)
{
    (void)state;
    stage        s;
    jd_http_conf conf = conf_of(&s, "> GET https://jira.example.com/rest/s\n"
                                    "+ Authorization: Bearer " SECRET "\n"
                                    "< 200\n"
                                    "> GET https://evil.example.net/rest\n"
                                    "- Authorization\n"
                                    "< 200\n"
                                    "> GET http://jira.example.com/rest\n"
                                    "- Authorization\n"
                                    "< 200\n");
    conf.auth = jd_auth_bearer(s.arena, JD_STR("https://jira.example.com/jira"), JD_STR(SECRET));
    s.http    = jd_http_new(&conf);
    must(ask(&s, &search), &s.e);
    jd_request q = search;
    q.url        = JD_STR("https://evil.example.net/rest");
    must(ask(&s, &q), &s.e);
    q.url = JD_STR("http://jira.example.com/rest");
    must(ask(&s, &q), &s.e);
    close_stage(&s);
}

static void test_retries_until_it_works(void **state)
{
    (void)state;
    stage s;
    open_stage(&s, "> GET /rest/s\n< 503\n"
                   "> GET /rest/s\n! reset\n"
                   "> GET /rest/s\n! refuse\n"
                   "> GET /rest/s\n< 500\n| <html>\n"
                   "> GET /rest/s\n! partial\n< 200\n"
                   "> GET /rest/s\n< 200\n| [1]\n");
    must(ask(&s, &search), &s.e);
    assert_str(s.reply.body, "[1]");
    jd_http_stats st = jd_http_statistics(s.http);
    assert_int_equal(st.requests, 6);
    assert_int_equal(st.retries, 5);
    assert_int_equal(st.waited_ms, jd_script_slept(s.script));
    assert_true(st.waited_ms < 1000 + 2000 + 4000 + 8000 + 16000);
    assert_says(s.said, "! wait: GET https://jira.example.com/rest/s: 503 Service Unavailable; "
                        "trying again in ");
    assert_says(s.said, "(attempt 6 of 6)");
    close_stage(&s);
}

static void test_memory_of_failed_attempts_goes(void **state)
{
    (void)state;
    char  scenario[4096];
    stage s;
    char  page[1500];
    memset(page, 'x', sizeof page - 1);
    page[sizeof page - 1] = '\0';
    (void)snprintf(scenario, sizeof scenario,
                   "> GET /rest/s\n< 503\n| %s\n* 500\n> GET /rest/s\n< 200\n| %s\n", page, page);
    jd_http_conf conf = conf_of(&s, scenario);
    conf.retry        = (jd_retry){500, 1, 10, 1000000};
    s.http            = jd_http_new(&conf);
    must(ask(&s, &search), &s.e);
    assert_int_equal(s.reply.body.n, sizeof page - 1);
    assert_true(jd_arena_size(s.arena) < 100000);
    close_stage(&s);
}

static void test_gives_up_in_the_end(void **state)
{
    (void)state;
    stage s;
    open_stage(&s, "> GET /rest/s\n"
                   "< 503\n"
                   ": Content-Type: application/json\n"
                   "| {\"errorMessages\":[\"The index is being rebuilt.\"]}\n"
                   "* 6\n");
    assert_int_equal(ask(&s, &search), JD_E_REMOTE);
    assert_int_equal(s.e.code, JD_E_REMOTE);
    assert_int_equal(s.e.http, 503);
    assert_string_equal(s.e.msg,
                        "GET https://jira.example.com/rest/s: 503 Service Unavailable after "
                        "6 attempts; the server is failing, run again later: The index is "
                        "being rebuilt.");
    close_stage(&s);

    open_stage(&s, "> GET /rest/s\n! refuse\n* 6\n");
    assert_int_equal(ask(&s, &search), JD_E_NET);
    assert_says(s.e.msg, "cannot connect");
    assert_says(s.e.msg, "after 6 attempts");
    close_stage(&s);
}

static void test_a_post_is_not_sent_twice(void **state)
{
    (void)state;
    static const struct {
        const char *scenario;
        jd_code     code;
    } rows[] = {
        {"> POST /rest/c\n< 503\n", JD_E_REMOTE},
        {"> POST /rest/c\n! reset\n", JD_E_NET},
        {"> POST /rest/c\n! timeout\n", JD_E_NET},
        {"> POST /rest/c\n! refuse\n> POST /rest/c\n< 201\n", JD_OK},
        {"> POST /rest/c\n< 429\n> POST /rest/c\n< 201\n", JD_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        stage s;
        open_stage(&s, rows[i].scenario);
        assert_int_equal(ask(&s, &comment), rows[i].code);
        assert_null(strstr(s.e.msg, "attempts"));
        close_stage(&s);
    }
}

static void test_the_server_sets_the_pause(void **state)
{
    (void)state;
    stage s;
    open_stage(&s, "> GET /rest/s\n< 429\n: Retry-After: 600\n"
                   "> GET /rest/s\n< 503\n: Retry-After: Sat, 20 Jan 2024 00:50:00 GMT\n"
                   "> GET /rest/s\n< 200\n");
    must(ask(&s, &search), &s.e);
    /* from midnight: 600 s, then until ten to one, each with less than a second of jitter */
    int64_t slept = jd_script_slept(s.script);
    assert_true(slept >= 3000000 && slept < 3001000);
    assert_says(s.said, "429 Too Many Requests; trying again in 10 min");
    close_stage(&s);
}

static void test_a_pause_that_is_too_long(void **state)
{
    (void)state;
    stage s;
    open_stage(&s, "> GET /rest/s\n< 429\n: Retry-After: 7200\n");
    assert_int_equal(ask(&s, &search), JD_E_BUSY);
    assert_int_equal(s.e.http, 429);
    assert_says(s.e.msg, "run again later");
    assert_int_equal(jd_script_slept(s.script), 0);
    assert_int_equal(ask(&s, &comment), JD_E_BUSY); /* the door is still shut, and nobody knocks */
    assert_says(s.e.msg, "run again later");
    assert_int_equal(jd_script_slept(s.script), 0);
    close_stage(&s);
}

static void test_data_centers_bucket(void **state)
{
    (void)state;
    stage s;
    open_stage(&s, "> GET /rest/s\n< 200\n"
                   ": X-RateLimit-Remaining: 0\n"
                   ": X-RateLimit-FillRate: 2\n"
                   ": X-RateLimit-Interval-Seconds: 10\n"
                   ": Retry-After: 0\n"
                   "> GET /rest/s\n< 200\n");
    must(ask(&s, &search), &s.e);
    assert_int_equal(jd_script_slept(s.script), 0);
    must(ask(&s, &search), &s.e);
    assert_int_equal(jd_script_slept(s.script), 5000);
    assert_says(s.said, "! wait: ");
    close_stage(&s);
}

static void test_gap_between_requests(void **state)
{
    (void)state;
    stage        s;
    jd_http_conf conf = conf_of(&s, "> GET /rest/s\n< 200\n~ 1000\n* 3\n");
    conf.gate         = jd_gate_new(3600, 1);
    s.http            = jd_http_new(&conf);
    for (int i = 0; i < 3; i++)
        must(ask(&s, &search), &s.e);
    assert_int_equal(jd_script_slept(s.script), 2 * 2600);
    assert_int_equal(jd_http_statistics(s.http).waited_ms, 2 * 2600);
    close_stage(&s);
    jd_gate_free(conf.gate);
}

static void test_refused_credentials(void **state)
{
    (void)state;
    stage s;
    open_stage(&s, "> GET /rest/s\n< 401\n");
    assert_int_equal(ask(&s, &search), JD_E_AUTH);
    assert_int_equal(s.e.http, 401);
    assert_int_equal(s.reply.status, 401);
    assert_says(s.e.msg, "JIRA_PAT");
    close_stage(&s);

    jd_http_conf conf = conf_of(&s, "> GET /rest/s\n+ Authorization: Bearer " SECRET "\n< 401\n");
    conf.auth         = jd_auth_bearer(s.arena, JD_STR("https://jira.example.com"), JD_STR(SECRET));
    s.http            = jd_http_new(&conf);
    assert_int_equal(ask(&s, &search), JD_E_AUTH); /* once: a second one may lock the account */
    assert_says(s.e.msg, "the credentials (bearer) were refused");
    close_stage(&s);

    open_stage(&s, "> GET /rest/s\n< 401\n"
                   ": X-Authentication-Denied-Reason: CAPTCHA_CHALLENGE; login-url=https://x/l\n");
    assert_int_equal(ask(&s, &search), JD_E_AUTH);
    assert_says(s.e.msg, "CAPTCHA");
    close_stage(&s);
}

static void test_other_statuses_are_the_callers(void **state)
{
    (void)state;
    stage s;
    open_stage(&s, "> GET /rest/s\n< 404\n> GET /rest/s\n< 302\n> GET /rest/s\n< 400\n");
    static const int statuses[] = {404, 302, 400};
    for (size_t i = 0; i < 3; i++) {
        must(ask(&s, &search), &s.e);
        assert_int_equal(s.reply.status, statuses[i]);
    }
    close_stage(&s);
}

static void test_a_stop_ends_the_wait(void **state)
{
    (void)state;
    stage s;
    open_stage(&s, "> GET /rest/s\n< 503\n: Retry-After: 60\n");
    s.stop_after_ms = 1000;
    assert_int_equal(ask(&s, &search), JD_E_INTERRUPTED);
    assert_int_equal(ask(&s, &search), JD_E_INTERRUPTED); /* nothing is sent any more */
    assert_int_equal(jd_http_statistics(s.http).requests, 1);
    close_stage(&s);

    open_stage(&s, "");
    jd_stop_ask(s.stop);
    assert_int_equal(ask(&s, &search), JD_E_INTERRUPTED);
    assert_int_equal(jd_http_statistics(s.http).requests, 0);
    close_stage(&s);
}

static void test_what_is_too_big_is_not_asked_again(void **state)
{
    (void)state;
    stage      s;
    jd_request q = search;
    q.max_body   = 4;
    open_stage(&s, "> GET /rest/s\n< 200\n| 12345\n");
    assert_int_equal(ask(&s, &q), JD_E_TOOBIG);
    close_stage(&s);
}

static void test_waiting_in_all_is_bounded(void **state)
{
    (void)state;
    stage        s;
    jd_http_conf conf = conf_of(&s, "> GET /rest/s\n< 503\n: Retry-After: 40\n* 3\n");
    conf.retry        = (jd_retry){1000, 1000, 300000, 100000};
    s.http            = jd_http_new(&conf);
    assert_int_equal(ask(&s, &search), JD_E_REMOTE);
    assert_says(s.e.msg, "after 3 attempts; the server asks for a pause of 40 s");
    close_stage(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_answer),
        cmocka_unit_test(test_own_headers_win),
        cmocka_unit_test(test_credentials_stay_at_home),
        cmocka_unit_test(test_retries_until_it_works),
        cmocka_unit_test(test_memory_of_failed_attempts_goes),
        cmocka_unit_test(test_gives_up_in_the_end),
        cmocka_unit_test(test_a_post_is_not_sent_twice),
        cmocka_unit_test(test_the_server_sets_the_pause),
        cmocka_unit_test(test_a_pause_that_is_too_long),
        cmocka_unit_test(test_data_centers_bucket),
        cmocka_unit_test(test_gap_between_requests),
        cmocka_unit_test(test_refused_credentials),
        cmocka_unit_test(test_other_statuses_are_the_callers),
        cmocka_unit_test(test_a_stop_ends_the_wait),
        cmocka_unit_test(test_what_is_too_big_is_not_asked_again),
        cmocka_unit_test(test_waiting_in_all_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
