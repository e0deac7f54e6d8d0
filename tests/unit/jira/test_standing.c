/* How issues stand: what is said in bulk, what only an issue's own call says, and what is no word
 * at all. */
#include "../check.h"
#include "jira/standing.h"
#include "net/script.h"

#include <stdio.h>

#define JSON    "< 200\n: Content-Type: application/json\n"
#define REFUSED ": Content-Type: application/json\n| {\"errorMessages\":[\"no\"],\"errors\":{}}\n"
#define ROW(id, key)                    \
    "{\"id\":\"" id "\",\"key\":\"" key \
    "\",\"fields\":{\"updated\":\"2024-01-15T10:30:00.000+0000\"}}"
#define FOUND(rows, total) JSON "| {\"issues\":[" rows "],\"startAt\":0,\"total\":" total "}\n"

typedef struct stage {
    jd_script *script;
    jd_clock   clock;
    jd_arena  *a;
    jd_jira    jira;
    jd_err     e;
} stage;

static void open_stage(stage *s, const char *scenario, bool cloud)
{
    *s = (stage){.a = jd_arena_new(0)};
    if (jd_script_read(jd_str_of(scenario), &s->script, &s->e))
        fail_msg("%s", s->e.msg);
    s->clock          = jd_script_clock(s->script);
    jd_http_conf conf = {.transport  = jd_script_transport(s->script),
                         .auth       = jd_auth_none(),
                         .retry      = JD_RETRY_DEFAULT,
                         .clock      = &s->clock,
                         .sleep      = jd_script_sleep,
                         .sleep_self = s->script};
    s->jira =
        (jd_jira){.http = jd_http_new(&conf), .base = JD_STR("http://x/jira"), .cloud = cloud};
}

static void close_stage(stage *s)
{
    assert_string_equal(jd_script_complaint(s->script), "");
    assert_int_equal(jd_script_left(s->script), 0);
    jd_http_free(s->jira.http);
    jd_script_free(s->script);
    jd_arena_free(s->a);
}

static jd_code stand(stage *s, const char *selection, const char *project, jd_standing *of,
                     size_t n)
{
    return jd_jira_standing(&s->jira, s->a, jd_str_of(selection), jd_str_of(project), 0, of, n,
                            NULL, NULL, &s->e);
}

/* Of a project the keys tell; what no search finds is asked for by itself. */
static void a_project_of_data_center(void **state)
{
    (void)state;
    stage       s;
    jd_standing of[] = {{.id = 1}, {.id = 2}, {.id = 3}, {.id = 4}};
    open_stage(&s,
               "> POST /search\n? id in (1,2,3,4)\n? \"validateQuery\":false\n" FOUND(
                   ROW("1", "A-1") "," ROW("2", "B-9"),
                   "2") "> GET /issue/3\n< 404\n" REFUSED "> GET /issue/4\n" JSON
                        "| {\"id\":\"4\",\"key\":\"A-4\",\"fields\":{\"updated\":"
                        "\"2024-01-15T10:30:00.000+0000\",\"archiveddate\":\"2024-02-15\"}}\n"
                        "> POST /search\n? project = A AND id in (1)\n" FOUND(ROW("1", "A-1"), "1"),
               false);
    assert_int_equal(stand(&s, "project = A", "A", of, 4), JD_OK);
    assert_true(of[0].is == JD_STANDS_THERE && of[0].found && of[0].asked && of[0].selected);
    assert_int_equal(of[0].updated_ms, 1705314600000);
    assert_true(of[1].is == JD_STANDS_THERE && jd_str_is(of[1].key, "B-9") && !of[1].selected);
    assert_int_equal(of[2].is, JD_STANDS_GONE);
    assert_true(of[3].is == JD_STANDS_THERE && of[3].archived && !of[3].found);
    close_stage(&s);
}

/* A query is refused for an id: halved, until that one is told apart; what cannot be asked is not
 * taken for an answer. */
static void a_refused_query_is_halved(void **state)
{
    (void)state;
    stage       s;
    jd_standing of[] = {{.id = 1}, {.id = 2}};
    open_stage(&s,
               "> POST /search\n? id in (1,2)\n< 400\n" REFUSED
               "> POST /search\n? id in (1)\n< 400\n" REFUSED "> POST /search\n? id in (2)\n" FOUND(
                   ROW("2", "A-2"), "1") "> GET /issue/1\n< 404\n" REFUSED
                                         "> POST /search\n? (x = y) AND id in (2)\n< 400\n" REFUSED,
               false);
    assert_int_equal(stand(&s, "(x = y)", "", of, 2), JD_OK);
    assert_int_equal(of[0].is, JD_STANDS_GONE);
    assert_true(of[1].is == JD_STANDS_THERE && !of[1].asked && !of[1].selected);
    close_stage(&s);
}

/* All of Cloud: in bulk, and then what it has to look at closely. */
static void a_query_of_cloud(void **state)
{
    (void)state;
    stage       s;
    jd_standing of[] = {{.id = 1}, {.id = 2}, {.id = 3}};
    open_stage(&s,
               "> POST /issue/bulkfetch\n" JSON "| {\"issues\":[" ROW("1", "A-1") "," ROW(
                   "2", "A-2") "],\"issueErrors\":[]}\n"
                               "> GET /issue/3\n< 404\n" REFUSED
                               "> POST /search/jql\n? (x = y) AND id in (1,2)\n? "
                               "\"reconcileIssues\":[1,2]\n" JSON
                               "| {\"issues\":[" ROW("2", "A-2") "],\"isLast\":true}\n",
               true);
    assert_int_equal(stand(&s, "(x = y)", "", of, 3), JD_OK);
    assert_true(of[0].is == JD_STANDS_THERE && of[0].asked && !of[0].selected);
    assert_true(of[1].is == JD_STANDS_THERE && of[1].asked && of[1].selected);
    assert_int_equal(of[2].is, JD_STANDS_GONE);
    close_stage(&s);
}

/* An answer without what has to be in it tells nothing of what it lacks. */
static void a_search_that_lacks_the_control(void **state)
{
    (void)state;
    static const char *const answers[] = {FOUND("", "0"), FOUND(ROW("1", "A-1"), "1"),
                                          FOUND(ROW("9", "A-9"), "1"),
                                          FOUND(ROW("9", "A-9") "," ROW("1", "A-1"), "2")};
    for (int i = 0; i < 4; i++) {
        char        scenario[1000];
        stage       s;
        jd_standing of = {.id = 1};
        (void)snprintf(
            scenario, sizeof scenario,
            "> POST /search\n? id in (1)\n%s> POST /search\n? (x = y) AND id in (1,9)\n%s",
            FOUND(ROW("1", "A-1"), "1"), answers[i]);
        open_stage(&s, scenario, false);
        assert_int_equal(jd_jira_standing(&s.jira, s.a, JD_STR("(x = y)"), JD_STR(""), 9, &of, 1,
                                          NULL, NULL, &s.e),
                         JD_OK);
        assert_int_equal(of.asked, i >= 2);
        assert_int_equal(of.selected, i % 2 == 1);
        close_stage(&s);
    }
}

/* Only Jira's own refusal, and of this issue, says that it is gone. */
static void what_is_no_word_of_jiras(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        jd_code     rc;
        jd_stands   is;
    } cases[] = {
        {"< 404\n" REFUSED, JD_OK, JD_STANDS_GONE},
        {"< 401\n" REFUSED, JD_OK, JD_STANDS_GONE},
        {"< 403\n: X-Seraph-LoginReason: OK\n" REFUSED, JD_OK, JD_STANDS_GONE},
        {"< 404\n: Content-Type: text/html\n| <p>Not here</p>\n", JD_OK, JD_STANDS_UNTOLD},
        {"< 410\n" REFUSED, JD_OK, JD_STANDS_UNTOLD},
        {"< 500\n* 6\n", JD_OK, JD_STANDS_UNTOLD},
        {"< 401\n: X-Seraph-LoginReason: AUTHENTICATED_FAILED\n" REFUSED, JD_E_AUTH, 0},
        {"< 401\n: Content-Type: application/json\n| {\"message\":\"who?\"}\n", JD_E_AUTH, 0},
        {"< 403\n: X-Authentication-Denied-Reason: CAPTCHA_CHALLENGE\n" REFUSED, JD_E_AUTH, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char        scenario[500];
        stage       s;
        jd_standing of = {.id = 7};
        (void)snprintf(scenario, sizeof scenario, "> POST /search\n%s> GET /issue/7\n%s",
                       FOUND("", "0"), cases[i].answer);
        open_stage(&s, scenario, false);
        if (stand(&s, "project = A", "A", &of, 1) != cases[i].rc || of.is != cases[i].is)
            fail_msg("case %zu: %s", i, s.e.msg);
        close_stage(&s);
    }
}

static bool always(void *self)
{
    return ++*(int *)self > 1;
}

static void what_nobody_waits_for_is_not_asked(void **state)
{
    (void)state;
    stage       s;
    int         calls = 0;
    jd_standing of[]  = {{.id = 7}, {.id = 8}};
    open_stage(&s, "> POST /search\n" FOUND("", "0") "> GET /issue/7\n< 404\n" REFUSED, false);
    assert_int_equal(jd_jira_standing(&s.jira, s.a, JD_STR("project = A"), JD_STR("A"), 0, of, 2,
                                      always, &calls, &s.e),
                     JD_OK);
    assert_int_equal(of[0].is, JD_STANDS_GONE);
    assert_int_equal(of[1].is, JD_STANDS_UNTOLD);
    close_stage(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_project_of_data_center),
        cmocka_unit_test(a_refused_query_is_halved),
        cmocka_unit_test(a_query_of_cloud),
        cmocka_unit_test(a_search_that_lacks_the_control),
        cmocka_unit_test(what_is_no_word_of_jiras),
        cmocka_unit_test(what_nobody_waits_for_is_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
