#include "corpus/person.h"
#include "corpus_test.h"

static void shown_names(void **state)
{
    static const struct {
        const char *json, *shown;
    } cases[] = {
        {"{'name':'jdoe','displayName':'Jane Doe','key':'JIRAUSER1'}", "jdoe"},
        {"{'accountId':'5b10','displayName':'Jane Doe'}", "Jane Doe"},
        {"{'key':'JIRAUSER1'}", "JIRAUSER1"},
        {"{'accountId':'5b10'}", "5b10"},
        {"{'name':'','displayName':'Jane'}", "Jane"},
        {"{'name':7,'displayName':['x']}", NULL},
        {"{}", NULL},
        {"null", NULL},
        {"'jdoe'", NULL},
        {"[{'name':'x'}]", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_person p = jd_person_of(json_of(*state, cases[i].json));
        jd_str    s = jd_person_shown(&p);
        if (!cases[i].shown)
            assert_null(s.p);
        else
            assert_true(jd_str_is(s, cases[i].shown));
    }
}

static void sameness(void **state)
{
    world    *w = *state;
    jd_person a = jd_person_of(json_of(w, "{'name':'a','key':'K1'}"));
    jd_person b = jd_person_of(json_of(w, "{'name':'a2','key':'K1'}")); /* was renamed */
    jd_person c = jd_person_of(json_of(w, "{'name':'c','key':'K3'}"));
    jd_person x = jd_person_of(json_of(w, "{'accountId':'1','name':'a'}"));
    jd_person y = jd_person_of(json_of(w, "{'accountId':'2','name':'a'}"));
    jd_person n = {0};
    assert_true(jd_person_same(&a, &b));
    assert_false(jd_person_same(&a, &c));
    assert_false(jd_person_same(&x, &y));
    assert_true(jd_person_same(&x, &a));
    assert_false(jd_person_same(&n, &n));
}

static void bots(void **state)
{
    static const struct {
        const char *json;
        bool        bot;
    } cases[] = {
        {"{'name':'hadoopqa','displayName':'Hadoop QA'}", true},
        {"{'name':'githubbot','displayName':'ASF GitHub Bot'}", true},
        {"{'name':'jira-bot','displayName':'ASF subversion and git services'}", true},
        {"{'name':'someone','displayName':'Hadoop QA'}", true},
        {"{'name':'dependabot[bot]'}", true},
        {"{'name':'release-bot'}", true},
        {"{'accountId':'1','displayName':'Deployer','accountType':'app'}", true},
        {"{'accountId':'1','displayName':'Renovate [bot]'}", true},
        {"{'accountId':'1','displayName':'Jane','accountType':'atlassian'}", false},
        {"{'name':'lchabot','displayName':'Laurent Chabot'}", false},
        {"{'name':'rbotzer','displayName':'Ronen Botzer'}", false},
        {"{'name':'jbot','displayName':'Jan Bot'}", false},
        {"{'name':'-bot'}", false},
        {"{'name':'a very long name that does not fit into any table of bots'}", false},
        {"{}", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_person p = jd_person_of(json_of(*state, cases[i].json));
        if (jd_person_is_bot(&p) != cases[i].bot)
            fail_msg("%s", cases[i].json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shown_names, world_in, world_out),
        cmocka_unit_test_setup_teardown(sameness, world_in, world_out),
        cmocka_unit_test_setup_teardown(bots, world_in, world_out),
    };
    return cmocka_run_group_tests_name("corpus/person", tests, NULL, NULL);
}
