#include "check.h"
#include "net/script.h"

typedef struct seen {
    int     calls, status;
    jd_code code;
    bool    reached;
    char    body[64], text[JD_ERR_MAX];
    int64_t took_ms, retry_after_ms;
} seen;

static void on_done(void *user, const jd_reply *r, const jd_err *err)
{
    seen *s = user;
    s->calls++;
    s->status         = r->status;
    s->code           = err ? err->code : JD_OK;
    s->reached        = r->reached;
    s->took_ms        = r->took_ms;
    s->retry_after_ms = r->retry_after_ms;
    memset(s->body, 0, sizeof s->body);
    memset(s->text, 0, sizeof s->text);
    if (err)
        memcpy(s->text, err->msg, sizeof s->text);
    else
        memcpy(s->body, r->body.p, r->body.n < sizeof s->body ? r->body.n : sizeof s->body - 1);
}

static jd_script *play(const char *scenario)
{
    jd_err     e = JD_ERR_NONE;
    jd_script *s = NULL;
    must(jd_script_read(jd_str_of(scenario), &s, &e), &e);
    return s;
}

static seen ask(jd_script *s, const jd_request *q)
{
    jd_err       e        = JD_ERR_NONE;
    jd_transport t        = jd_script_transport(s);
    jd_arena    *a        = jd_arena_new(0);
    seen         got      = {0};
    jd_transfer *transfer = NULL;
    must(t.ops->start(t.self, q, a, on_done, &got, &transfer, &e), &e);
    for (int i = 0; i < 100 && got.calls == 0; i++)
        must(t.ops->poll(t.self, 1000, NULL, &e), &e);
    assert_int_equal(got.calls, 1);
    jd_arena_free(a);
    return got;
}

static const jd_request get  = {.method = "GET", .url = JD_STR_INIT("http://x/rest/a?startAt=7")};
static const jd_request post = {
    .method = "POST", .url = JD_STR_INIT("http://x/rest/b"), .body = JD_STR_INIT("{\"n\":1}")};

static void test_a_conversation(void **state)
{
    (void)state;
    jd_script *s     = play("# two pages\n"
                                "> GET /rest/a\n"
                                "? startAt=7\n"
                                "- Authorization\n"
                                "< 200 OK\n"
                                ": Content-Type: application/json\n"
                                "| {\n"
                                "|   }\n"
                                "~ 2500\n"
                                "\n"
                                "> POST /b\n"
                                "? \"n\":1\n"
                                "< 429\n"
                                ": Retry-After: Sat, 20 Jan 2024 00:01:02 GMT\n"
                                "* 2\n"
                                "> GET /\n"
                                "! reset\n");
    jd_clock   clock = jd_script_clock(s);
    int64_t    from  = jd_tick_ms(&clock);
    assert_int_equal(jd_script_left(s), 4);
    seen got = ask(s, &get);
    assert_int_equal(got.status, 200);
    assert_string_equal(got.body, "{\n  }");
    assert_int_equal(got.took_ms, 2500);
    assert_int_equal(jd_tick_ms(&clock) - from, 2500);
    for (int i = 0; i < 2; i++) {
        got = ask(s, &post);
        assert_int_equal(got.status, 429);
        assert_int_equal(got.retry_after_ms, 62000 - 2500);
    }
    got = ask(s, &get);
    assert_int_equal(got.code, JD_E_NET);
    assert_true(got.reached);
    assert_int_equal(jd_script_left(s), 0);
    assert_string_equal(jd_script_complaint(s), "");
    assert_int_equal(jd_script_slept(s), 0);
    assert_true(jd_script_sleep(s, 40));
    assert_int_equal(jd_script_slept(s), 40);
    jd_script_free(s);
}

static void test_the_unexpected(void **state)
{
    (void)state;
    static const char *const scenarios[] = {
        "",
        "> GET /rest/other\n< 200\n",
        "> POST /rest/a\n< 200\n",
        "> GET /rest/a\n? startAt=8\n< 200\n",
        "> GET /rest/a\n+ Accept: text/plain\n< 200\n",
        "> GET /rest/a\n- X-Mark\n< 200\n",
    };
    const jd_header head[] = {{JD_STR("x-mark"), JD_STR("1")}};
    jd_request      q      = get;
    q.head                 = head;
    q.nhead                = 1;
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        jd_script *s   = play(scenarios[i]);
        seen       got = ask(s, &q);
        if (got.code != JD_E_INTERNAL)
            fail_msg("\"%s\" was played", scenarios[i]);
        assert_says(jd_script_complaint(s), "http://x/rest/a");
        assert_string_equal(got.text, jd_script_complaint(s));
        jd_script_free(s);
    }
}

static void test_faults(void **state)
{
    (void)state;
    static const struct {
        const char *fault;
        bool        reached;
    } rows[] = {{"refuse", false}, {"reset", true}, {"timeout", true}, {"partial", true}};
    for (size_t i = 0; i < 4; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "> GET /\n! %s\n", rows[i].fault);
        jd_script *s   = play(text);
        seen       got = ask(s, &get);
        assert_int_equal(got.code, JD_E_NET);
        assert_int_equal(got.reached, rows[i].reached);
        jd_script_free(s);
    }
    jd_script *s = play("> GET /\n< 200\n| 0123456789\n");
    jd_request q = get;
    q.max_body   = 9;
    assert_int_equal(ask(s, &q).code, JD_E_TOOBIG);
    jd_script_free(s);
}

static void test_cancelled_and_closed(void **state)
{
    (void)state;
    jd_err       e   = JD_ERR_NONE;
    jd_script   *s   = play("> GET /\n< 200\n* 3\n");
    jd_transport t   = jd_script_transport(s);
    jd_arena    *a   = jd_arena_new(0);
    seen         got = {0};
    jd_transfer *one, *two;
    must(t.ops->start(t.self, &get, a, on_done, &got, &one, &e), &e);
    must(t.ops->start(t.self, &get, a, on_done, &got, &two, &e), &e);
    t.ops->cancel(t.self, two);
    t.ops->close(t.self);
    assert_int_equal(got.calls, 0);
    jd_arena_free(a);
    jd_script_free(s);
}

static void test_what_cannot_be_read(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "< 200\n",
        "> GET\n< 200\n",
        "> GET /\n",
        "> GET /\n< OK\n",
        "> GET /\n< 99\n",
        "> GET /\n< 200\nx\n",
        "> GET /\n< 200\n! explode\n",
        "> GET /\n< 200\n~ -1\n",
        "> GET /\n< 200\n* 0\n",
        "> GET /\n< 200\n: nothing\n",
        "> GET /\n< 200\n? \n",
        "> GET /\n> GET /\n< 200\n",
        "> GET /\n< 200\n! reset\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        jd_err     e = JD_ERR_NONE;
        jd_script *s = NULL;
        if (jd_script_read(jd_str_of(bad[i]), &s, &e) != JD_E_DATA)
            fail_msg("\"%s\" was read", bad[i]);
        assert_says(e.msg, "line ");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_conversation),
        cmocka_unit_test(test_the_unexpected),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_cancelled_and_closed),
        cmocka_unit_test(test_what_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
