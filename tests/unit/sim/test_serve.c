/* The server as a client meets it: over a socket, request by request. */
#include "house.h"
#include "sim/raw.h"

/* -- search -------------------------------------------------------------------------------------
 */

static void search_pages_with_a_silent_cap(void **state)
{
    got g = get(SEARCH "?jql=project%20%3D%20AB%20order+by+created&maxResults=100&fields=*all");
    (void)state;
    assert_int_equal(g.status, 200);
    assert_int_equal(number(g, "startAt"), 0);
    assert_int_equal(number(g, "maxResults"), 4);
    assert_int_equal(number(g, "total"), 6);
    assert_int_equal(jd_json_len(at(g, "issues")), 4);
    assert_str(jd_json_str(row(g, 0, "key")), "AB-1");
    assert_null(row(g, 0, "changelog"));
    assert_non_null(row(g, 0, "fields.comment"));
    g = get(SEARCH "?jql=project=AB+order+by+created&startAt=4&maxResults=4");
    assert_int_equal(number(g, "startAt"), 4);
    assert_int_equal(jd_json_len(at(g, "issues")), 2);
    assert_str(jd_json_str(row(g, 1, "key")), "AB-6");
    assert_null(row(g, 0, "fields.comment")); /* not navigable */
    assert_null(row(g, 0, "fields.worklog"));
    assert_non_null(row(g, 0, "fields.summary"));
    g = get(SEARCH "?jql=project=AB&maxResults=0");
    assert_int_equal(number(g, "total"), 6);
    assert_int_equal(jd_json_len(at(g, "issues")), 0);
    g = get(SEARCH "?jql=");
    assert_int_equal(number(g, "total"), 7);
}

static void post_is_the_same_search(void **state)
{
    got g = post(SEARCH, "{\"jql\":\"project = AB ORDER BY created DESC\",\"startAt\":1,"
                         "\"maxResults\":2,\"fields\":[\"*all\"],\"expand\":[\"changelog\"]}");
    (void)state;
    assert_int_equal(g.status, 200);
    assert_int_equal(number(g, "maxResults"), 2);
    assert_str(jd_json_str(row(g, 0, "key")), "AB-5");
    assert_str(jd_json_str(row(g, 1, "key")), "AB-4");
    assert_int_equal(jd_json_len(row(g, 0, "changelog.histories")), 2); /* cut by the option */
    int64_t total = 0;
    assert_true(jd_json_i64(row(g, 0, "changelog.total"), &total));
    assert_int_equal(total, 5);
    assert_int_equal(post(SEARCH, "{\"jql\":\"\",\"fields\":\"*all\"}").status, 400);
    assert_int_equal(post(SEARCH, "{\"jql\":").status, 400);
    assert_int_equal(post(SEARCH, "[]").status, 400);
    assert_int_equal(talk("POST", SEARCH, "", "{}").status, 415);
}

static void a_bad_query_is_a_400_in_jiras_words(void **state)
{
    (void)state;
    expect(get(SEARCH "?jql=project=NOPE"), 400,
           "{\"errorMessages\":[\"The value 'NOPE' does not exist for the field "
           "'project'.\"],\"errors\":{}}");
    got g = get(SEARCH "?jql=project=NOPE&validateQuery=false");
    assert_int_equal(g.status, 200);
    assert_int_equal(number(g, "total"), 0);
    assert_int_equal(jd_json_len(at(g, "warningMessages")), 1);
    assert_int_equal(get(SEARCH "?jql=project=AB&startAt=x").status, 400);
    assert_int_equal(get(SEARCH "?jql=project+=&validateQuery=false").status, 400);
}

static void names_and_schema_stand_beside_the_issues(void **state)
{
    got g = get(SEARCH "?jql=key=AB-1&expand=names,schema");
    (void)state;
    assert_true(jd_json_is_str(at(g, "names.summary")));
    assert_true(jd_json_is_str(at(g, "names.customfield_10001")));
    assert_str(jd_json_str(at(g, "schema.customfield_10001.type")), "number");
    g = get(ISSUE "AB-1?expand=names");
    assert_true(jd_json_is_str(at(g, "names.summary")));
}

/* -- one issue ----------------------------------------------------------------------------------
 */

static void an_issue_by_key_id_and_old_key(void **state)
{
    got g = get(ISSUE "AB-5?expand=changelog");
    (void)state;
    assert_int_equal(jd_json_len(at(g, "changelog.histories")), 5); /* whole in its own call */
    assert_int_equal(jd_json_len(at(g, "fields.comment.comments")), 3);
    assert_str(jd_json_str(at(get(ISSUE "5"), "key")), "AB-5");
    assert_null(at(get(ISSUE "5"), "changelog"));
    assert_int_equal(post("/_sim/move", "{\"key\":\"AB-5\",\"project\":\"CD\"}").status, 200);
    assert_str(jd_json_str(at(get(ISSUE "ab-5?fields=project"), "key")), "CD-8");
    expect(get(ISSUE "AB-99"), 404,
           "{\"errorMessages\":[\"Issue does not exist or you do not have permission to see "
           "it.\"],\"errors\":{}}");
}

static void children_come_whole_from_their_own_calls(void **state)
{
    got g = get(ISSUE "AB-6/comment");
    (void)state;
    assert_int_equal(number(g, "maxResults"), 1048576);
    assert_int_equal(number(g, "total"), 6);
    assert_int_equal(jd_json_len(at(g, "comments")), 6);
    g = get(ISSUE "AB-6/comment?startAt=4&maxResults=1");
    assert_int_equal(number(g, "startAt"), 4);
    assert_int_equal(jd_json_len(at(g, "comments")), 1);
    assert_str(jd_json_str(jd_json_get(jd_json_at(at(g, "comments"), 0), "id")), "5");
    g = get(ISSUE "AB-6/comment?orderBy=-created&maxResults=2");
    assert_str(jd_json_str(jd_json_get(jd_json_at(at(g, "comments"), 0), "id")), "6");
    assert_int_equal(get(ISSUE "AB-6/comment?orderBy=author").status, 400);
    g = get(ISSUE "AB-1/worklog");
    assert_int_equal(number(g, "total"), 25);
    assert_int_equal(jd_json_len(at(g, "worklogs")), 25);
    g = get(ISSUE "AB-1?fields=worklog");
    assert_int_equal(jd_json_len(at(g, "fields.worklog.worklogs")), 20);
    assert_int_equal(number(g, "fields.worklog.total"), 25);
    assert_int_equal(get(ISSUE "AB-1/changelog").status, 404); /* Cloud has it */
    assert_int_equal(get(ISSUE "AB-99/comment").status, 404);
}

/* -- who asks -----------------------------------------------------------------------------------
 */

#define MYSELF      "/jira/rest/api/2/myself"
#define BASIC_ANN   "Authorization: Basic YW5uOnB3\r\n"     /* ann:pw */
#define BASIC_WRONG "Authorization: Basic YW5uOnB4\r\n"     /* ann:px */
#define BASIC_NY    "Authorization: Basic eW9ya2VyOnB3\r\n" /* yorker:pw */

static void credentials_are_checked(void **state)
{
    got g = talk("GET", MYSELF, BASIC_ANN, "");
    (void)state;
    assert_int_equal(g.status, 200);
    assert_str(jd_json_str(at(g, "name")), "ann");
    assert_str(jd_json_str(at(g, "timeZone")), "Etc/UTC");
    assert_true(has(g.head, "X-AUSERNAME: ann"));
    assert_true(has(g.head, "X-Seraph-LoginReason: OK"));
    g = talk("GET", MYSELF, "Authorization: Bearer token\r\n", "");
    assert_str(jd_json_str(at(g, "name")), "bot");
    static const char *const wrong[] = {
        BASIC_WRONG,
        "Authorization: Bearer tokem\r\n",
        "Authorization: Bearer \r\n",
        "Authorization: Basic !\r\n",
        "Authorization: Digest x\r\n",
        "Authorization: Basic Ym90OnRva2Vu\r\n" /* bot:token, which is no password */};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        g = talk("GET", SEARCH "?jql=", wrong[i], "");
        assert_int_equal(g.status, 401);
        assert_true(has(g.head, "X-Seraph-LoginReason: AUTHENTICATED_FAILED"));
        assert_true(has(g.head, "X-AUSERNAME: anonymous"));
    }
    assert_int_equal(get(MYSELF).status, 401);
}

static void anonymous_callers_can_be_shut_out(void **state)
{
    (void)state;
    conf.require_auth = true;
    assert_int_equal(get(SEARCH "?jql=").status, 401);
    assert_int_equal(get("/jira/rest/api/2/serverInfo").status, 200);
    assert_int_equal(talk("GET", SEARCH "?jql=", BASIC_ANN, "").status, 200);
    conf.require_auth = false;
    conf.forbid       = true;
    assert_int_equal(talk("GET", SEARCH "?jql=", BASIC_ANN, "").status, 403);
}

static void an_account_sees_its_own_zone(void **state)
{
    (void)state;
    if (!new_york)
        skip(); /* no zone files here */
    got g = talk("GET", SEARCH "?jql=key=CD-7&fields=*all", BASIC_NY, "");
    assert_str(jd_json_str(row(g, 0, "fields.created")), "2024-02-29T19:00:00.000-0500");
    g = talk("GET", ISSUE "AB-1/comment", BASIC_NY, "");
    assert_str(jd_json_str(jd_json_get(jd_json_at(at(g, "comments"), 0), "created")),
               "2024-01-15T05:30:00.000-0500");
    /* JQL's minutes are of that zone, too: 19:00 there is midnight in UTC. */
    static const char jql[] = SEARCH "?jql=created>=\"2024-02-29+18:59\"&maxResults=0";
    assert_int_equal(number(talk("GET", jql, BASIC_NY, ""), "total"), 1);
    assert_int_equal(
        number(talk("GET", SEARCH "?jql=created>\"2024-02-29+19:00\"&maxResults=0", BASIC_NY, ""),
               "total"),
        0);
    assert_int_equal(number(get(SEARCH "?jql=created>\"2024-02-29+19:00\"&maxResults=0"), "total"),
                     1);
    assert_str(jd_json_str(at(talk("GET", MYSELF, BASIC_NY, ""), "timeZone")), "America/New_York");
}

/* -- catalogues and strangers ---------------------------------------------------------------------
 */

static void catalogues_come_from_the_issues(void **state)
{
    got g = get("/jira/rest/api/2/project");
    (void)state;
    const jd_json *all = NULL;
    jd_err         e   = JD_ERR_NONE;
    assert_int_equal(jd_json_read(arena, g.body, &all, &e), JD_OK);
    assert_int_equal(jd_json_kind(all), JD_JSON_ARRAY); /* bare, no envelope */
    assert_int_equal(jd_json_len(all), 2);
    assert_str(jd_json_str(at(get("/jira/rest/api/2/project/CD"), "key")), "CD");
    assert_str(jd_json_str(at(get("/jira/rest/api/2/project/650"), "key")), "AB");
    expect(get("/jira/rest/api/2/project/ZZ"), 404,
           "{\"errorMessages\":[\"No project could be found with key 'ZZ'.\"],\"errors\":{}}");
    expect(get("/jira/rest/api/2/status"), 200, "[{\"id\":\"79\",\"name\":\"Open\"}]");
    expect(get("/jira/rest/api/2/priority"), 200, "[]");
    assert_true(has(get("/jira/rest/api/2/field").body, "\"cf[10001]\""));
    assert_true(has(get("/jira/rest/api/latest/issueLinkType").body, "\"issueLinkTypes\":["));
    g = get("/jira/rest/api/2/serverInfo");
    assert_str(jd_json_str(at(g, "deploymentType")), "Server");
    assert_str(jd_json_str(at(g, "serverTime")), "2026-06-01T12:00:00.000+0000");
    assert_true(has(g.head, "Date: Mon, 01 Jun 2026 12:00:00 GMT"));
    assert_true(has(g.head, "X-ANODEID: "));
}

static void unknown_paths_and_methods(void **state)
{
    got g = get("/jira/rest/api/2/nothing");
    (void)state;
    expect(g, 404,
           "{\"message\":\"null for uri: http://here/jira/rest/api/2/nothing\","
           "\"status-code\":404}");
    assert_int_equal(get("/rest/api/2/serverInfo").status, 404); /* the context is missing */
    g = get("/jira/rest/api/3/myself");
    assert_int_equal(g.status, 302);
    assert_true(has(g.head, "Location: /jira/login.jsp"));
    assert_int_equal(talk("DELETE", ISSUE "AB-1", "", "").status, 405);
    assert_int_equal(get("/jira/rest/api/2/search/jql").status, 404);
}

/* -- changes ------------------------------------------------------------------------------------
 */

static void a_touch_raises_updated_and_tells(void **state)
{
    got g = post("/_sim/touch", "{\"key\":\"AB-2\"}");
    (void)state;
    assert_str(jd_json_str(at(g, "updated")), "2026-06-01T12:00:00.000+0000");
    g = post("/_sim/touch", "{\"id\":2}");
    assert_str(jd_json_str(at(g, "updated")), "2026-06-01T12:00:00.001+0000");
    g = get(ISSUE "AB-2?expand=changelog");
    assert_str(jd_json_str(at(g, "fields.updated")), "2026-06-01T12:00:00.001+0000");
    assert_int_equal(number(g, "changelog.total"), 4);
    const jd_json *last = jd_json_at(at(g, "changelog.histories"), 3);
    const jd_json *item = jd_json_at(jd_json_get(last, "items"), 0);
    assert_str(jd_json_str(jd_json_get(last, "created")), "2026-06-01T12:00:00.001+0000");
    assert_str(jd_json_str(jd_json_get(item, "field")), "labels");
    assert_int_equal(jd_json_len(at(g, "fields.labels")), 3); /* a, b and the latest touch */
    assert_true(has(g.body, "\"customfield_10001\":2.50"));   /* the rest keeps its bytes */
    g = get(SEARCH "?jql=order+by+updated+desc&maxResults=1");
    assert_str(jd_json_str(row(g, 0, "key")), "AB-2");
}

static void a_comment_arrives(void **state)
{
    got g = post("/_sim/comment", "{\"key\":\"CD-7\",\"body\":\"so \\\"be\\\" it\"}");
    (void)state;
    assert_int_equal(g.status, 200);
    g = get(ISSUE "CD-7/comment");
    assert_int_equal(number(g, "total"), 1);
    assert_str(jd_json_str(jd_json_get(jd_json_at(at(g, "comments"), 0), "body")), "so \"be\" it");
    assert_str(jd_json_str(at(get(ISSUE "CD-7"), "fields.updated")),
               "2026-06-01T12:00:00.000+0000");
}

static void a_move_changes_key_and_project(void **state)
{
    got g = post("/_sim/move", "{\"key\":\"AB-3\",\"project\":\"CD\"}");
    (void)state;
    assert_str(jd_json_str(at(g, "key")), "CD-8");
    assert_str(jd_json_str(at(g, "id")), "3");
    g = get(ISSUE "3?expand=changelog");
    assert_str(jd_json_str(at(g, "fields.project.key")), "CD");
    const jd_json *items = jd_json_get(jd_json_at(at(g, "changelog.histories"), 3), "items");
    assert_str(jd_json_str(jd_json_get(jd_json_at(items, 0), "field")), "Key");
    assert_str(jd_json_str(jd_json_get(jd_json_at(items, 0), "fromString")), "AB-3");
    assert_str(jd_json_str(jd_json_get(jd_json_at(items, 0), "toString")), "CD-8");
    assert_str(jd_json_str(jd_json_get(jd_json_at(items, 1), "field")), "project");
    expect(get("/_sim/count"), 200, "{\"AB\":5,\"CD\":2}");
    assert_int_equal(number(get(SEARCH "?jql=project=CD&maxResults=0"), "total"), 2);
    assert_str(jd_json_str(row(get(SEARCH "?jql=key=AB-3"), 0, "key")), "CD-8");
    assert_int_equal(post("/_sim/move", "{\"key\":\"3\",\"project\":\"CD\"}").status, 400);
    assert_int_equal(post("/_sim/move", "{\"key\":\"3\",\"project\":\"ZZ\"}").status, 404);
    assert_int_equal(post("/_sim/move", "{\"key\":\"3\"}").status, 400);
}

static void deleted_and_created(void **state)
{
    (void)state;
    assert_int_equal(post("/_sim/delete", "{\"key\":\"AB-4\"}").status, 200);
    assert_int_equal(get(ISSUE "AB-4").status, 404);
    assert_int_equal(get(ISSUE "4").status, 404);
    assert_int_equal(post("/_sim/delete", "{\"key\":\"AB-4\"}").status, 404);
    got g = post("/_sim/create", "{\"project\":\"AB\",\"count\":3}");
    assert_int_equal(jd_json_len(at(g, "keys")), 3);
    assert_str(jd_json_str(at(g, "key")), "AB-7");
    g = get(ISSUE "AB-9");
    assert_str(jd_json_str(at(g, "id")), "23");
    assert_str(jd_json_str(at(g, "fields.created")), "2026-06-01T12:00:00.000+0000");
    assert_int_equal(number(get(SEARCH "?jql=project=AB&maxResults=0"), "total"), 8);
    assert_int_equal(post("/_sim/create", "{\"project\":\"ZZ\"}").status, 404);
    assert_int_equal(post("/_sim/create", "{\"count\":3}").status, 400);
}

static void an_issue_can_be_touched_at_every_search(void **state)
{
    (void)state;
    assert_int_equal(post("/_sim/every-request", "{\"touch\":\"AB-1\"}").status, 200);
    for (int i = 0; i < 3; i++)
        assert_int_equal(get(SEARCH "?jql=").status, 200);
    assert_int_equal(post("/_sim/every-request", "{\"touch\":null}").status, 200);
    assert_int_equal(get(SEARCH "?jql=").status, 200);
    assert_int_equal(number(get(ISSUE "AB-1?expand=changelog"), "changelog.total"), 4);
    assert_int_equal(post("/_sim/every-request", "{\"touch\":\"AB-99\"}").status, 404);
}

static void the_clock_stands_until_it_is_moved(void **state)
{
    (void)state;
    expect(post("/_sim/clock", "{\"advance\":1500}"), 200, "{\"now\":1780315201500}");
    expect(post("/_sim/clock", "{\"now\":1780315200000}"), 200, "{\"now\":1780315200000}");
    assert_int_equal(post("/_sim/clock", "{}").status, 400);
    assert_int_equal(post("/_sim/clock", "[]").status, 400);
}

static void the_log_tells_what_was_asked(void **state)
{
    (void)state;
    (void)get(SEARCH "?jql=project=AB&maxResults=3&startAt=1");
    (void)get("/jira/rest/api/2/nothing");
    got            g   = get("/_sim/log");
    const jd_json *all = NULL;
    jd_err         e   = JD_ERR_NONE;
    assert_int_equal(jd_json_read(arena, g.body, &all, &e), JD_OK);
    assert_int_equal(jd_json_len(all), 2); /* control requests are not in it */
    const jd_json *one = jd_json_at(all, 0);
    int64_t        v   = 0;
    assert_str(jd_json_str(jd_json_get(one, "jql")), "project=AB");
    assert_true(jd_json_i64(jd_json_get(one, "rows"), &v) && v == 3);
    assert_true(jd_json_i64(jd_json_get(one, "startAt"), &v) && v == 1);
    assert_true(jd_json_i64(jd_json_get(jd_json_at(all, 1), "status"), &v) && v == 404);
    assert_int_equal(post("/_sim/log", "").status, 200);
    expect(get("/_sim/log"), 200, "[]");
}

/* The dump is what a client has once it completed every list. */
static void the_dump_is_every_issue_complete(void **state)
{
    got    g    = get("/_sim/dump");
    jd_str rest = g.body, line;
    size_t n    = 0;
    (void)state;
    while (jd_str_split(&rest, '\n', &line) && line.n > 0) {
        n++;
        assert_true(jd_str_starts(line, JD_STR("{\"expand\":\"changelog\",\"id\":")));
    }
    assert_int_equal(n, 7);
    rest = g.body;
    assert_true(jd_str_split(&rest, '\n', &line));
    assert_str(sim_raw_get(line, "key"), "\"AB-1\"");
    jd_str log = sim_raw_get(sim_raw_get(line, "fields"), "worklog");
    assert_int_equal(sim_raw_count(sim_raw_get(log, "worklogs")), 25);
    assert_str(sim_raw_get(log, "maxResults"), "25");
}

static void control_can_be_closed(void **state)
{
    (void)state;
    conf.control = false;
    assert_int_equal(post("/_sim/quit", "").status, 403);
    assert_false(jd_stop_wanted(server.stop));
    conf.control = true;
    assert_int_equal(post("/_sim/nothing", "").status, 404);
    assert_int_equal(post("/_sim/quit", "").status, 200);
    assert_true(jd_stop_wanted(server.stop));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(search_pages_with_a_silent_cap),
        TEST(post_is_the_same_search),
        TEST(a_bad_query_is_a_400_in_jiras_words),
        TEST(names_and_schema_stand_beside_the_issues),
        TEST(an_issue_by_key_id_and_old_key),
        TEST(children_come_whole_from_their_own_calls),
        TEST(credentials_are_checked),
        TEST(anonymous_callers_can_be_shut_out),
        TEST(an_account_sees_its_own_zone),
        TEST(catalogues_come_from_the_issues),
        TEST(unknown_paths_and_methods),
        TEST(a_touch_raises_updated_and_tells),
        TEST(a_comment_arrives),
        TEST(a_move_changes_key_and_project),
        TEST(deleted_and_created),
        TEST(an_issue_can_be_touched_at_every_search),
        TEST(the_clock_stands_until_it_is_moved),
        TEST(the_log_tells_what_was_asked),
        TEST(the_dump_is_every_issue_complete),
        TEST(control_can_be_closed),
    };
    new_york = sim_zone_open(JD_STR("America/New_York"));
    int bad  = cmocka_run_group_tests(tests, NULL, NULL);
    sim_zone_free(new_york);
    return bad;
}
