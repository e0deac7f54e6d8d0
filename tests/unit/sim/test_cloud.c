/* A Data Center issue as Cloud shows it. */
#include "made.h"
#include "sim/adf.h"
#include "sim/cloud.h"

static void a_sprint_is_split_at_known_names(void **state)
{
    static const jd_str s = JD_STR_INIT(
        "com.atlassian.greenhopper.service.sprint.Sprint@1f[id=7,rapidViewId=3,state=ACTIVE,name=A,"
        " b=c "
        "[x],startDate=2017-03-10T11:17:23.728-05:00,endDate=<null>,sequence=7,goal=do=it, now]");
    (void)state;
    assert_str(sim_sprint_member(s, "id"), "7");
    assert_str(sim_sprint_member(s, "name"), "A, b=c [x]");
    assert_str(sim_sprint_member(s, "goal"), "do=it, now");
    assert_str(sim_sprint_member(s, "state"), "ACTIVE");
    assert_null(sim_sprint_member(s, "endDate").p);
    assert_null(sim_sprint_member(s, "completeDate").p);
    assert_null(sim_sprint_member(JD_STR("no sprint"), "id").p);
    assert_null(sim_sprint_member(JD_STR("]["), "id").p);
}

static const char ISSUE[] =
    "{\"id\":\"5\",\"self\":\"https://x/rest/api/2/issue/5\",\"key\":\"AB-5\",\"fields\":{"
    "\"description\":\"one\",\"environment\":null,\"assignee\":{\"self\":\"https://x/rest/api/2/"
    "user?username=a\",\"name\":\"a\",\"key\":\"k\",\"emailAddress\":\"e\",\"displayName\":\"A\"},"
    "\"issuetype\":{\"name\":\"Sub-task\",\"subtask\":true},\"created\":\"c\","
    "\"comment\":{\"comments\":[{\"id\":\"1\",\"body\":\"x\"},{\"id\":\"2\",\"body\":\"y\"}],"
    "\"total\":2}},"
    "\"changelog\":{\"histories\":[{\"id\":\"8\",\"items\":[]},{\"id\":\"9\",\"items\":[{\"field\":"
    "\"assignee\","
    "\"fieldtype\":\"jira\",\"from\":null,\"to\":\"k\"}]}],\"total\":2}}";

static void an_issue_is_turned(void **state)
{
    jd_arena       *a = jd_arena_new(0);
    const jd_json  *v = NULL, *out = NULL;
    jd_err          e    = JD_ERR_NONE;
    jd_buf          b    = JD_BUF_INIT(1 << 20);
    jd_jsonw        w    = jd_jsonw_to(&b);
    const sim_cloud c    = {.base_url = JD_STR("https://x")};
    const sim_cuts  cuts = {1, 1, 1};
    char            id[SIM_ACCOUNT_ID];
    jd_str          account = sim_account_id(id, JD_STR("k"));
    (void)state;
    assert_int_equal(jd_json_read(a, jd_str_of(ISSUE), &v, &e), JD_OK);
    sim_cloud_issue(&w, &c, v, &cuts);
    assert_int_equal(jd_json_read(a, jd_buf_view(&b), &out, &e), JD_OK);
    assert_str(jd_json_str(jd_json_get(out, "self")), "https://x/rest/api/3/issue/5");
    assert_str(jd_json_str(jd_json_path(out, "fields.description.type")), "doc");
    assert_true(jd_json_is_null(jd_json_path(out, "fields.environment")));
    const jd_json *who = jd_json_path(out, "fields.assignee");
    assert_true(jd_str_eq(jd_json_str(jd_json_get(who, "accountId")), account));
    assert_null(jd_json_get(who, "name"));
    assert_null(jd_json_get(who, "key"));
    assert_null(jd_json_get(who, "emailAddress"));
    int64_t n = 0;
    assert_true(jd_json_i64(jd_json_path(out, "fields.issuetype.hierarchyLevel"), &n) && n == -1);
    const jd_json *comments = jd_json_path(out, "fields.comment.comments");
    assert_int_equal(jd_json_len(comments), 1);
    assert_str(jd_json_str(jd_json_get(jd_json_at(comments, 0), "id")), "1"); /* the first */
    assert_true(jd_json_i64(jd_json_path(out, "fields.comment.total"), &n) && n == 2);
    const jd_json *histories = jd_json_path(out, "changelog.histories");
    assert_int_equal(jd_json_len(histories), 1);
    assert_str(jd_json_str(jd_json_get(jd_json_at(histories, 0), "id")), "9"); /* the latest */
    const jd_json *item = jd_json_at(jd_json_get(jd_json_at(histories, 0), "items"), 0);
    assert_str(jd_json_str(jd_json_get(item, "fieldId")), "assignee");
    assert_true(jd_str_eq(jd_json_str(jd_json_get(item, "to")), account));
    assert_true(jd_str_eq(jd_json_str(jd_json_get(item, "tmpToAccountId")), account));
    jd_buf_release(&b);
    jd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sprint_is_split_at_known_names),
        cmocka_unit_test(an_issue_is_turned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
