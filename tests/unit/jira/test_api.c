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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asked_again),
        cmocka_unit_test(test_given_up),
        cmocka_unit_test(test_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
