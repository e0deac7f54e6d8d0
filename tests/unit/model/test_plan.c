#include "model/plan.h"
#include "unit/check.h"

static void test_a_project_is_named_by_its_id(void **unused)
{
    (void)unused;
    jd_arena *a = jd_arena_new(0);
    jd_scope  s = jd_scope_project(a, JD_STR("issues.apache.org/jira"), JD_STR("KAFKA"), 12311720);
    assert_true(jd_str_is(s.name, "issues.apache.org/jira#project:12311720"));
    assert_true(jd_str_is(s.selection, "project = 12311720"));
    assert_true(jd_str_is(s.label, "KAFKA"));
    jd_scope other = jd_scope_project(a, JD_STR("x"), JD_STR("KAFKA"), 1);
    assert_true(s.plan != other.plan);
    jd_arena_free(a);
}

static void test_a_type_of_a_project_is_a_query(void **unused)
{
    (void)unused;
    jd_arena *a   = jd_arena_new(0);
    jd_scope  bug = jd_scope_type(a, JD_STR("s"), JD_STR("ABC"), 7, JD_STR("Bug"));
    jd_scope  odd = jd_scope_type(a, JD_STR("s"), JD_STR("ABC"), 7, JD_STR("a \"b\" \\ OR 1"));
    jd_scope  now = jd_scope_type(a, JD_STR("s"), JD_STR("XYZ"), 7, JD_STR("Bug"));
    assert_true(jd_str_is(bug.selection, "project = 7 AND issuetype = \"Bug\""));
    assert_true(jd_str_is(bug.label, "ABC: Bug"));
    assert_int_equal(bug.project.n, 0);
    assert_true(jd_str_is(odd.selection, "project = 7 AND issuetype = \"a \\\"b\\\" \\\\ OR 1\""));
    assert_false(jd_str_eq(bug.name, odd.name));
    assert_true(jd_str_eq(bug.name, now.name) && bug.plan == now.plan);
    jd_arena_free(a);
}

static void test_a_choice_of_fields_is_a_plan(void **unused)
{
    (void)unused;
    jd_arena *a   = jd_arena_new(0);
    jd_scope  all = jd_scope_project(a, JD_STR("s"), JD_STR("ABC"), 7), some = all, more = all;
    jd_scope_choose(a, &some, JD_STR("created,summary"));
    jd_scope_choose(a, &more, JD_STR("created,status,summary"));
    assert_true(jd_str_eq(all.name, some.name) && jd_str_eq(all.selection, some.selection));
    assert_true(all.plan != some.plan && some.plan != more.plan && all.plan != more.plan);
    jd_scope_choose(a, &more, JD_NOSTR);
    assert_true(more.plan == all.plan);
    jd_arena_free(a);
}

static void test_jql_is_wrapped_and_unordered(void **unused)
{
    (void)unused;
    static const struct {
        const char *jql, *selection; /* NULL: refused */
    } rows[] = {
        {"project = A", "(project = A)"},
        {" project = A OR b = 2  order  BY created desc, key", "(project = A OR b = 2)"},
        {"summary ~ \"order by\"", "(summary ~ \"order by\")"},
        {"summary ~ 'it\\'s order by x' ORDER BY key", "(summary ~ 'it\\'s order by x')"},
        {"reorder by = 1", "(reorder by = 1)"},
        {"(a = 1 OR (b = 2))", "((a = 1 OR (b = 2)))"},
        {"a = 1) OR (b = 2", NULL},
        {"a = (1", NULL},
        {"a = \"1", NULL},
        {"a = '1\\'", NULL},
        {"", NULL},
        {"  ORDER BY key", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jd_arena *a = jd_arena_new(0);
        jd_err    e = JD_ERR_NONE;
        jd_scope  s;
        jd_code   rc = jd_scope_jql(a, JD_STR("site"), jd_str_of(rows[i].jql), &s, &e);
        assert_int_equal(rc, rows[i].selection ? JD_OK : JD_E_USAGE);
        if (rows[i].selection)
            assert_true(jd_str_is(s.selection, rows[i].selection));
        else
            assert_true(e.msg[0]);
        jd_arena_free(a);
    }
}

static void test_the_same_search_is_the_same_scope(void **unused)
{
    (void)unused;
    jd_arena *a = jd_arena_new(0);
    jd_err    e;
    jd_scope  one, two, three;
    assert_int_equal(jd_scope_jql(a, JD_STR("s"), JD_STR("a = 1"), &one, &e), JD_OK);
    assert_int_equal(jd_scope_jql(a, JD_STR("s"), JD_STR(" a = 1 ORDER BY x"), &two, &e), JD_OK);
    assert_int_equal(jd_scope_jql(a, JD_STR("s"), JD_STR("a = 2"), &three, &e), JD_OK);
    assert_true(jd_str_eq(one.name, two.name));
    assert_false(jd_str_eq(one.name, three.name));
    jd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_project_is_named_by_its_id),
        cmocka_unit_test(test_a_type_of_a_project_is_a_query),
        cmocka_unit_test(test_a_choice_of_fields_is_a_plan),
        cmocka_unit_test(test_jql_is_wrapped_and_unordered),
        cmocka_unit_test(test_the_same_search_is_the_same_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
