/* What comes with status 200 and is not the answer: a login page, a body that broke off. */
#include "../check.h"
#include "jira/api.h"
#include "net/script.h"

#define LOGIN "< 200\n: Content-Type: text/html\n| <!DOCTYPE html><title>Log in</title>\n"
#define JSON  "< 200\n: Content-Type: application/json\n"

typedef struct stage {
    jd_script *script;
    jd_clock   clock;
    jd_arena  *a;
    jd_jira    jira;
    jd_err     e;
} stage;

static void open_stage(stage *s, const char *scenario)
{
    *s = (stage){.a = jd_arena_new(0)};
    assert_int_equal(jd_script_read(jd_str_of(scenario), &s->script, &s->e), JD_OK);
    s->clock          = jd_script_clock(s->script);
    jd_http_conf conf = {.transport  = jd_script_transport(s->script),
                         .auth       = jd_auth_none(),
                         .retry      = JD_RETRY_DEFAULT,
                         .clock      = &s->clock,
                         .sleep      = jd_script_sleep,
                         .sleep_self = s->script};
    s->jira           = (jd_jira){.http = jd_http_new(&conf), .base = JD_STR("http://x/jira")};
}

static void close_stage(stage *s)
{
    assert_string_equal(jd_script_complaint(s->script), "");
    assert_int_equal(jd_script_left(s->script), 0);
    jd_http_free(s->jira.http);
    jd_script_free(s->script);
    jd_arena_free(s->a);
}

static void test_asked_again(void **state)
{
    (void)state;
    stage      s;
    jd_project project;
    jd_page    page;
    jd_str     raw;
    int64_t    date;
    open_stage(&s,
               "> GET /project/TIE\n" LOGIN "> GET /project/TIE\n" JSON "| {\"id\":\"7\",\"key\n"
               "> GET /project/TIE\n" JSON "| {\"id\":\"7\",\"key\":\"TIE\"}\n"
               "> POST /search\n" LOGIN "> POST /search\n? \"maxResults\":0\n" JSON
               "| {\"issues\":[],\"total\":9}\n"
               "> GET /issue/8\n" LOGIN "> GET /issue/8\n" JSON "| {\"id\":\"8\"}\n");
    assert_int_equal(jd_jira_project(&s.jira, s.a, JD_STR("TIE"), &project, &s.e), JD_OK);
    assert_int_equal(project.id, 7);
    assert_int_equal(
        jd_jira_search(&s.jira, s.a, &(jd_query){.jql = JD_STR("project = TIE")}, &page, &s.e),
        JD_OK);
    assert_int_equal(page.told.total, 9);
    assert_int_equal(jd_jira_issue(&s.jira, s.a, JD_STR("8"), JD_NOSTR, &raw, &date, &s.e), JD_OK);
    assert_true(jd_str_is(raw, "{\"id\":\"8\"}"));
    close_stage(&s);
}

static void test_given_up(void **state)
{
    (void)state;
    stage      s;
    jd_project project;
    open_stage(&s, "> GET /project/TIE\n" LOGIN "* 3\n");
    assert_int_equal(jd_jira_project(&s.jira, s.a, JD_STR("TIE"), &project, &s.e), JD_E_REMOTE);
    assert_non_null(strstr(s.e.msg, "web page"));
    close_stage(&s);
}

/* A page is the walk's to ask again, for fewer issues; what the policy gave up on is given up. */
static void test_once(void **state)
{
    (void)state;
    stage      s;
    jd_page    page;
    jd_project project;
    open_stage(&s, "> POST /search\n? \"maxResults\":50\n" LOGIN
                   "> GET /project/TIE\n< 404\n: Content-Type: application/json\n| {}\n"
                   "> GET /project/TIE\n< 503\n* 6\n");
    assert_int_equal(jd_jira_search(&s.jira, s.a,
                                    &(jd_query){.jql = JD_STR("project = TIE"), .max_results = 50},
                                    &page, &s.e),
                     JD_E_REMOTE);
    assert_int_equal(jd_jira_project(&s.jira, s.a, JD_STR("TIE"), &project, &s.e), JD_E_NOTFOUND);
    assert_int_equal(jd_jira_project(&s.jira, s.a, JD_STR("TIE"), &project, &s.e), JD_E_REMOTE);
    close_stage(&s);
}

#define ISSUE(id, more)                                                \
    "{\"id\":\"" id "\",\"key\":\"A-" id "\",\"fields\":{\"created\":" \
    "\"2024-01-02T03:04:05.000+0000\",\"updated\":\"2024-01-02T03:04:06.000+0000\"" more "}}"
#define PERSON                                                                                 \
    "{\"self\":\"http://x/jira/rest/api/2/user?username=somebody-with-a-long-name\",\"name\":" \
    "\"somebody-with-a-long-name\",\"active\":true,\"avatarUrls\":{\"16x16\":\"http://x/"      \
    "16.png\"}}"

/* What a page may hold, and whether a glance tells all of it. */
static const struct {
    const char *raw;
    bool        seen, cut_short;
} page_rows[] = {
    {ISSUE("1", ",\"assignee\":" PERSON), true, false},
    {"null", false, false},
    {"{}", false, false},
    {"\"a \\\"string], with }\"", false, false},
    {ISSUE("2", ",\"assignee\":" PERSON ",\"reporter\":" PERSON), true, false},
    {"{ \"key\" : \"A-3\", \"id\":3 }", false, false},
    {"[" ISSUE("4", "") "]", false, false},
    {ISSUE("5", ",\"worklog\":{\"total\":2,\"worklogs\":[{}]}"), true, true},
    {ISSUE("6", ",\"x\":\"\xff\""), false, false}, /* no UTF-8 */
    {ISSUE("7", ",\"x\":01"), false, false},       /* no JSON either */
    {ISSUE("8", ",\"updated\":\"yesterday\""), false, false},
    {"-1.5e3", false, false},
    {ISSUE("9", ",\"reporter\":" PERSON ",\"x\":[" PERSON "," PERSON "]"), true, false},
};
enum { PAGE_ROWS = sizeof page_rows / sizeof *page_rows };

static void is_as_it_was_sent(const jd_page *page)
{
    jd_arena *a = jd_arena_new(0);
    assert_int_equal(page->n, PAGE_ROWS);
    for (size_t i = 0; i < PAGE_ROWS; i++) {
        const jd_page_row *row = &page->row[i];
        const jd_json     *doc;
        jd_issue           issue;
        jd_err             e;
        assert_true(jd_str_is(row->raw, page_rows[i].raw));
        assert_int_equal(row->seen.id != 0, page_rows[i].seen);
        if (!row->seen.id)
            continue;
        assert_int_equal(row->cut_short, page_rows[i].cut_short);
        assert_true(row->seen.raw.p == row->raw.p && row->seen.raw.n == row->raw.n);
        assert_int_equal(jd_json_read(a, row->raw, &doc, &e), JD_OK);
        assert_int_equal(jd_issue_view(doc, row->raw, &issue, &e), JD_OK);
        assert_int_equal(row->seen.id, issue.id);
        assert_true(jd_str_eq(row->seen.key, issue.key));
        assert_int_equal(row->seen.updated_ms, issue.updated_ms);
        assert_true(row->seen.hash == jd_issue_hash(doc));
    }
    jd_arena_free(a);
}

static jd_code search(const char *body, size_t n, const char *behind, stage *s, jd_page *page)
{
    jd_buf b = JD_BUF_INIT(1 << 20);
    jd_buf_addf(&b, "> POST /search\n" JSON "| %.*s%s\n", (int)n, body, behind);
    open_stage(s, jd_buf_cstr(&b));
    jd_buf_release(&b);
    return jd_jira_search(&s->jira, s->a, &(jd_query){.jql = JD_STR("x"), .max_results = 50}, page,
                          &s->e);
}

/* Whatever stands in the list: each row is cut where it ends, by a glance or without. */
static void test_rows_of_any_kind(void **state)
{
    (void)state;
    static const char *const between[] = {",", " ,\t", "\r,  "};
    jd_buf                   b         = JD_BUF_INIT(1 << 20);
    stage                    s;
    jd_page                  page;
    jd_buf_addz(&b, "\xEF\xBB\xBF {\"total\":13,\"issues\": [ ");
    for (size_t i = 0; i < PAGE_ROWS; i++)
        jd_buf_addf(&b, "%s%s", i ? between[i % 3] : "", page_rows[i].raw);
    jd_buf_addz(&b, "\t] , \"startAt\":7}  ");
    jd_str whole = jd_buf_view(&b);
    assert_int_equal(search(whole.p, whole.n, "", &s, &page), JD_OK);
    is_as_it_was_sent(&page);
    assert_int_equal(page.told.total, 13);
    assert_int_equal(page.start_at, 7);
    close_stage(&s);
    for (size_t n = 4; n < whole.n - 2; n += 7) { /* it breaks off */
        assert_int_equal(search(whole.p, n, "", &s, &page), JD_E_REMOTE);
        close_stage(&s);
    }
    static const char *const behind[] = {"}", "x", "{}", ","};
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        assert_int_equal(search(whole.p, whole.n, behind[i], &s, &page), JD_E_REMOTE);
        close_stage(&s);
    }
    jd_buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asked_again),
        cmocka_unit_test(test_given_up),
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_rows_of_any_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
