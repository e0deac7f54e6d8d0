#include "corpus/stats.h"
#include "corpus_test.h"

static void whole(void **state)
{
    world *w = *state;
    (void)record_of(
        w, "{'expand':'x','id':'1','key':'HADOOP-1234','fields':{"
           "'customfield_1':null,'summary':'Issue summary','status':{'name':'Resolved'},"
           "'priority':{'name':'High'},'reporter':{'name':'username','displayName':'U'},"
           "'assignee':{'name':'developer'},'created':'2024-01-15T11:30:00.000+0100',"
           "'updated':'2024-01-20T15:45:00.999+0000','resolution':{'name':'Fixed'},"
           "'project':{'key':'HADOOP'},'issuetype':{'name':'Bug'},"
           "'description':'Full issue description as plain text',"
           "'comment':{'comments':[{'author':{'name':'developer'},'body':'Comment text \\u20ac',"
           "'created':'2024-01-16T12:00:00.000+0000'}]}}}");
    assert_string_equal(
        jd_buf_cstr(&w->line),
        "{\"metadata\":{\"issue_key\":\"HADOOP-1234\",\"project\":\"HADOOP\",\"title\":\"Issue "
        "summary\",\"status\":\"Resolved\",\"priority\":\"High\",\"reporter\":\"username\","
        "\"assignee\":\"developer\",\"created\":\"2024-01-15T10:30:00Z\",\"updated\":"
        "\"2024-01-20T15:45:00Z\",\"resolution\":\"Fixed\"},\"description\":\"Full issue "
        "description as plain text\",\"comments\":[{\"author\":\"developer\",\"body\":\"Comment "
        "text \xe2\x82\xac\",\"created\":\"2024-01-16T12:00:00Z\"}],\"tasks\":{\"summarization\":"
        "{\"task\":\"summarization\",\"input\":\"Full issue description as plain text\\n\\nComment "
        "text \xe2\x82\xac\",\"output\":\"Issue summary - Resolved: Fixed\"},\"classification\":"
        "{\"task\":\"classification\",\"input\":\"Issue summary\\n\\nFull issue description as "
        "plain text\",\"output\":\"Type: Bug | Priority: High | Status: Resolved | Resolution: "
        "Fixed\"},\"qa\":null}}\n");
}

static const char empty[] =
    "{\"metadata\":{\"issue_key\":\"A-1\",\"project\":\"A\",\"title\":null,\"status\":null,"
    "\"priority\":null,\"reporter\":null,\"assignee\":null,\"created\":null,\"updated\":null,"
    "\"resolution\":null},\"description\":null,\"comments\":[],\"tasks\":{\"summarization\":null,"
    "\"classification\":null,\"qa\":null}}\n";

static void nothing_there(void **state)
{
    world *w = *state;
    (void)record_of(w, "{'key':'A-1','fields':{}}");
    assert_string_equal(jd_buf_cstr(&w->line), empty);
    assert_int_equal(w->view.bad_dates, 0);
}

/* Every field with every type of value that it should not have: the record has null there. */
static void wrong_types(void **state)
{
    static const char *const fields[] = {"assignee",       "comment", "created",  "description",
                                         "priority",       "project", "reporter", "resolution",
                                         "resolutiondate", "status",  "summary",  "issuetype",
                                         "updated"};
    static const char *const values[] = {"null",
                                         "7",
                                         "-1.5e300",
                                         "true",
                                         "[]",
                                         "[[{}]]",
                                         "[null,1,'x']",
                                         "{'name':7,'key':[],'displayName':{},'comments':3}",
                                         "{'name':null,'key':'','comments':[1,'x',null,[],true]}",
                                         "{'comments':{'a':1}}"};
    world                   *w        = *state;
    for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            jd_arena_reset(w->arena);
            jd_str t =
                jd_arena_fmt(w->arena, "{'key':'A-1','fields':{'%s':%s}}", fields[f], values[v]);
            (void)record_of(w, t.p);
            jd_str got = jd_buf_view(&w->line);
            /* an object without text nodes is an empty document of Cloud */
            if (strcmp(fields[f], "description") == 0 && values[v][0] == '{')
                continue;
            if (!jd_str_is(got, empty))
                fail_msg("%s: %.*s", t.p, JD_FMT(got));
        }
}

static void odd_comments(void **state)
{
    world         *w = *state;
    const jd_json *r = record_of(
        w, "{'key':'A-1','fields':{'comment':{'comments':[{},{'author':null,'body':null,"
           "'created':null},{'author':'bob','body':5,'created':'yesterday'},{'author':{'name':"
           "'ann'},'body':'','created':1705312200000}]}}}");
    const jd_json *list = jd_json_get(r, "comments");
    assert_int_equal(jd_json_len(list), 4);
    for (size_t i = 0; i < 3; i++) {
        const jd_json *c = jd_json_at(list, i);
        assert_int_equal(jd_json_len(c), 3);
        assert_true(jd_json_kind(jd_json_get(c, "author")) == JD_JSON_NULL);
        assert_true(jd_json_kind(jd_json_get(c, "body")) == JD_JSON_NULL);
        assert_true(jd_json_kind(jd_json_get(c, "created")) == JD_JSON_NULL);
    }
    assert_text(w, jd_json_at(list, 3), "author", "ann");
    assert_text(w, jd_json_at(list, 3), "body", "");
    assert_int_equal(w->view.bad_dates, 2);
}

static void control_characters(void **state)
{
    world         *w = *state;
    const jd_json *r = record_of(
        w, "{'key':'A-1','fields':{'summary':'a\\u0000b','status':{'name':'Op\\u0007en'},"
           "'reporter':{'name':'x\\u0000y'},'description':'one\\r\\ntwo\\u0000\\u001b[31m!\\ud83d',"
           "'comment':{'comments':[{'body':'\\u0000'}]}}}");
    assert_text(w, r, "metadata.title", "ab");
    assert_text(w, r, "metadata.status", "Open");
    assert_text(w, r, "metadata.reporter", "xy");
    assert_text(w, r, "description", "one\ntwo!\xef\xbf\xbd");
    assert_text(w, jd_json_at(jd_json_get(r, "comments"), 0), "body", "");
    for (size_t i = 0; i + 1 < w->line.n; i++)
        assert_true((unsigned char)w->line.p[i] >= 0x20);
}

static void restricted(void **state)
{
    static const char json[] =
        "{'key':'A-1','fields':{'comment':{'comments':["
        "{'author':{'name':'a'},'body':'open','visibility':null},"
        "{'author':{'name':'a'},'body':'roles','visibility':{'type':'role','value':'Admins'}},"
        "{'author':{'name':'a'},'body':'odd','visibility':7},"
        "{'author':{'name':'a'},'body':'desk','jsdPublic':false},"
        "{'author':{'name':'a'},'body':'public','jsdPublic':true}]}}}";
    world         *w = *state;
    const jd_json *r = record_of(w, json);
    assert_int_equal(jd_json_len(jd_json_get(r, "comments")), 2);
    assert_int_equal(w->view.restricted, 3);
    r = record_with(w, json, true);
    assert_int_equal(jd_json_len(jd_json_get(r, "comments")), 5);
    assert_int_equal(w->view.restricted, 0);
}

static void security(void **state)
{
    jd_err e;
    world *w = *state;
    assert_int_equal(view_of(w, "{'key':'A-1','fields':{'security':null}}", false, &e), JD_OK);
    assert_false(w->view.secured);
    assert_int_equal(view_of(w, "{'key':'A-1','fields':{'security':{'name':'x'}}}", false, &e),
                     JD_OK);
    assert_true(w->view.secured);
}

static void order_of_comments(void **state)
{
    static const char *const want[] = {"1", "2", "2b", "3", "4"};
    world                   *w      = *state;
    const jd_json           *r      = record_of(w, "{'key':'A-1','fields':{'comment':{'comments':["
                                                                  "{'body':'4','created':'2024-01-04T00:00:00.000+0000'},"
                                                                  "{'body':'2','created':'2024-01-02T00:00:00.000+0000'},"
                                                                  "{'body':'2b'},"
                                                                  "{'body':'1','created':'2024-01-02T00:30:00.000+0100'},"
                                                                  "{'body':'3','created':'2024-01-02T00:00:00.000-0100'}]}}}");
    for (size_t i = 0; i < 5; i++)
        assert_text(w, jd_json_at(jd_json_get(r, "comments"), i), "body", want[i]);
}

static void cloud(void **state)
{
    world         *w = *state;
    const jd_json *r = record_of(
        w, "{'key':'C-1','fields':{'reporter':{'accountId':'5b','displayName':'Mia Krystof'},"
           "'description':{'type':'doc','version':1,'content':[{'type':'paragraph','content':"
           "[{'type':'text','text':'Hello'}]}]},'comment':{'comments':[{'author':{'accountId':'5b',"
           "'displayName':'Mia Krystof'},'body':{'type':'doc','content':[{'type':'paragraph',"
           "'content':[{'type':'text','text':'Hi'}]}]}}]}}}");
    assert_text(w, r, "metadata.reporter", "Mia Krystof");
    assert_text(w, r, "metadata.project", "C");
    assert_text(w, r, "description", "Hello");
    assert_text(w, jd_json_at(jd_json_get(r, "comments"), 0), "body", "Hi");
}

static void no_issue(void **state)
{
    static const char *const cases[] = {"[]",
                                        "null",
                                        "7",
                                        "'x'",
                                        "{}",
                                        "{'key':'A-1'}",
                                        "{'fields':{}}",
                                        "{'key':7,'fields':{}}",
                                        "{'key':'../x','fields':{}}",
                                        "{'key':'A-1','fields':[]}",
                                        "{'key':'A-1','fields':null}"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_err e;
        assert_int_equal(view_of(*state, cases[i], false, &e), JD_E_DATA);
        assert_non_null(strstr(e.msg, "not an issue"));
    }
}

static void over_the_ceiling(void **state)
{
    world *w    = *state;
    jd_err e    = JD_ERR_NONE;
    jd_buf tiny = JD_BUF_INIT(64);
    assert_int_equal(view_of(w, "{'key':'A-1','fields':{'summary':'x'}}", false, &e), JD_OK);
    jd_record_write(&tiny, &w->view, &w->room, w->made);
    assert_false(jd_buf_ok(&tiny));
    jd_buf_release(&tiny);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole, world_in, world_out),
        cmocka_unit_test_setup_teardown(nothing_there, world_in, world_out),
        cmocka_unit_test_setup_teardown(wrong_types, world_in, world_out),
        cmocka_unit_test_setup_teardown(odd_comments, world_in, world_out),
        cmocka_unit_test_setup_teardown(control_characters, world_in, world_out),
        cmocka_unit_test_setup_teardown(restricted, world_in, world_out),
        cmocka_unit_test_setup_teardown(security, world_in, world_out),
        cmocka_unit_test_setup_teardown(order_of_comments, world_in, world_out),
        cmocka_unit_test_setup_teardown(cloud, world_in, world_out),
        cmocka_unit_test_setup_teardown(no_issue, world_in, world_out),
        cmocka_unit_test_setup_teardown(over_the_ceiling, world_in, world_out),
    };
    return cmocka_run_group_tests_name("corpus/record", tests, NULL, NULL);
}
