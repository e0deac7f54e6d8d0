#include "text/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

static jd_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = jd_arena_new(0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    jd_arena_freep(&arena);
    return 0;
}

static jd_yaml read_yaml(const char *text)
{
    jd_yaml y;
    jd_err  e = JD_ERR_NONE;
    if (jd_yaml_read(arena, jd_str_of(text), "jiraduct.yml", &y, &e) != JD_OK)
        fail_msg("%s", e.msg);
    return y;
}

static void item_is(const jd_yaml_item *i, const char *path, const char *value, unsigned line)
{
    if (!jd_str_is(i->path, path))
        fail_msg("%.*s where %s should be", JD_FMT(i->path), path);
    if (value ? !i->value.p || !jd_str_is(i->value, value) : i->value.p != NULL)
        fail_msg("%s is \"%.*s\"", path, JD_FMT(i->value));
    assert_int_equal(i->line, line);
}

static void flattens(void **state)
{
    (void)state;
    jd_yaml y = read_yaml("\xef\xbb\xbf# settings\n"
                          "jira:\n"
                          "  base_url: https://issues.apache.org/jira  # the site\n"
                          "  pat:\n"
                          "  empty: ''\n"
                          "scrape:\n"
                          "  projects: [HADOOP, \"SPARK\"]\n"
                          "  more:\n"
                          "    - a: 1\n"
                          "      b: ~\n"
                          "    - - x\n"
                          "      - y: null\n"
                          "  none: []\n"
                          "  nothing: {}\n"
                          "text: |\n"
                          "  two\n"
                          "  lines\n"
                          "quoted: 'null'\n"
                          "dotted.name: yes\n");
    const struct {
        const char *path, *value;
        unsigned    line;
        bool        quoted;
    } want[]       = {{"jira.base_url", "https://issues.apache.org/jira", 3, false},
                      {"jira.pat", NULL, 4, false},
                      {"jira.empty", "", 5, true},
                      {"scrape.projects[0]", "HADOOP", 7, false},
                      {"scrape.projects[1]", "SPARK", 7, true},
                      {"scrape.more[0].a", "1", 9, false},
                      {"scrape.more[0].b", NULL, 10, false},
                      {"scrape.more[1][0]", "x", 11, false},
                      {"scrape.more[1][1].y", NULL, 12, false},
                      {"scrape.none", NULL, 13, false},
                      {"scrape.nothing", NULL, 14, false},
                      {"text", "two\nlines\n", 15, true},
                      {"quoted", "null", 18, true},
                      {"dotted.name", "yes", 19, false}};
    const size_t n = sizeof want / sizeof *want;
    assert_int_equal(y.n, n);
    for (size_t i = 0; i < n; i++) {
        item_is(&y.item[i], want[i].path, want[i].value, want[i].line);
        assert_int_equal(y.item[i].quoted, want[i].quoted);
    }
}

static void empty_is_empty(void **state)
{
    (void)state;
    const char *cases[] = {"",     "\n\n", "# only a comment\n", "---\n", "---\n...\n", "~",
                           "null", "{}",   "\xef\xbb\xbf"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(read_yaml(cases[i]).n, 0);
    jd_yaml y;
    jd_err  e;
    assert_int_equal(jd_yaml_read(arena, JD_NOSTR, "x", &y, &e), JD_OK);
    assert_int_equal(y.n, 0);
}

static void yaml_refused(const char *text, const char *where, const char *why)
{
    jd_yaml y = {.n = 77};
    jd_err  e = JD_ERR_NONE;
    if (jd_yaml_read(arena, jd_str_of(text), "jiraduct.yml", &y, &e) != JD_E_CONFIG || y.n != 77)
        fail_msg("%s was taken", text);
    if (strncmp(e.msg, where, strlen(where)) != 0 || !strstr(e.msg, why))
        fail_msg("\"%s\" is not \"%s … %s\"", e.msg, where, why);
}

static void refuses_what_it_does_not_speak(void **state)
{
    (void)state;
    yaml_refused("a: &x 1\n", "jiraduct.yml:1:4: ", "anchors");
    yaml_refused("a: &x [1]\n", "jiraduct.yml:1:4: ", "anchors");
    yaml_refused("a: &x\n  b: 1\n", "jiraduct.yml:1:4: ", "anchors");
    yaml_refused("a: *x\n", "jiraduct.yml:1:4: ", "aliases");
    yaml_refused("a: !!str 1\n", "jiraduct.yml:1:4: ", "tags");
    yaml_refused("a: !x [1]\n", "jiraduct.yml:1:4: ", "tags");
    yaml_refused("a: ! 1\n", "jiraduct.yml:1:4: ", "tags");
    yaml_refused("a: 1\n---\nb: 2\n", "jiraduct.yml:2:1: ", "second document");
    yaml_refused("a: 1\nb: 2\na: 3\n", "jiraduct.yml:3:1: ", "on line 1");
    yaml_refused("a:\n  b: 1\n  b: 2\n", "jiraduct.yml:3:3: ", "\"a.b\"");
    yaml_refused("a:\n  b: 1\na.b: 2\n", "jiraduct.yml:3:1: ", "on line 2");
    yaml_refused("? [x]\n: 1\n", "jiraduct.yml:1:3: ", "must be plain text");
    yaml_refused("{a: 1}: 2\n", "jiraduct.yml:1:1: ", "must be plain text");
    yaml_refused("'': 2\n", "jiraduct.yml:1:1: ", "empty");
    yaml_refused("- a\n- b\n", "jiraduct.yml:1:1: ", "name: value");
    yaml_refused("just words\n", "jiraduct.yml:1:1: ", "name: value");
    yaml_refused("''\n", "jiraduct.yml:1:1: ", "name: value");
    yaml_refused("a: [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]\n", "jiraduct.yml:1:19: ", "deeper than 16");
}

static void refuses_what_is_no_yaml(void **state)
{
    (void)state;
    yaml_refused("a: [1\n", "jiraduct.yml:2:1: ", "expected ',' or ']'");
    yaml_refused("a:\n\t- b\n", "jiraduct.yml:2:1: ", "token");
    yaml_refused("a: \"x\n", "jiraduct.yml:2:1: ", "end of stream");
    yaml_refused("a: b: c\n", "jiraduct.yml:1:5: ", "mapping values");
    yaml_refused("a: 1\nb: \xff\n", "jiraduct.yml:2:4: ", "UTF-8");
    yaml_refused("a: 1\nb: \x01\n", "jiraduct.yml:2:4: ", "");
}

static void deepest_allowed_nesting(void **state)
{
    (void)state;
    jd_yaml y = read_yaml("a: [[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]\n");
    assert_int_equal(y.n, 1);
    assert_true(jd_str_starts(y.item[0].path, JD_STR("a[0][0]")));
}

static jd_env read_env(const char *text)
{
    jd_env v;
    jd_err e = JD_ERR_NONE;
    if (jd_env_read(arena, jd_str_of(text), ".env", &v, &e) != JD_OK)
        fail_msg("%s", e.msg);
    return v;
}

static void reads_env(void **state)
{
    (void)state;
    jd_env v = read_env("\xef\xbb\xbf# comment\n"
                        "JIRA_PAT=abc123\r\n"
                        "\n"
                        "   export A = some words  # a comment\n"
                        "B=x#y\n"
                        "C=\n"
                        "D= # nothing\n"
                        "E=#all of it\n"
                        "F='a \"b\" $c \\n # d'  # after\n"
                        "G=\"a\\tb\\nc\\\"d\\\\e\\$f\\qg # h\"\n"
                        "H=\"\"\n"
                        "I=a=b==\n"
                        "export=1\n"
                        "exported=2\n"
                        "_9=\xc3\xa9\n"
                        "JIRA_PAT=again");
    const struct {
        const char *name, *value;
        unsigned    line;
    } want[] = {{"JIRA_PAT", "abc123", 2},
                {"A", "some words", 4},
                {"B", "x#y", 5},
                {"C", "", 6},
                {"D", "", 7},
                {"E", "#all of it", 8},
                {"F", "a \"b\" $c \\n # d", 9},
                {"G", "a\tb\nc\"d\\e$f\\qg # h", 10},
                {"H", "", 11},
                {"I", "a=b==", 12},
                {"export", "1", 13},
                {"exported", "2", 14},
                {"_9", "\xc3\xa9", 15},
                {"JIRA_PAT", "again", 16}};
    assert_int_equal(v.n, sizeof want / sizeof *want);
    for (size_t i = 0; i < v.n; i++) {
        assert_true(jd_str_is(v.item[i].name, want[i].name));
        if (!jd_str_is(v.item[i].value, want[i].value))
            fail_msg("%s is \"%.*s\"", want[i].name, JD_FMT(v.item[i].value));
        assert_non_null(v.item[i].value.p);
        assert_int_equal(v.item[i].line, want[i].line);
    }
    assert_int_equal(read_env("").n, 0);
    assert_int_equal(read_env("\n # x\n").n, 0);
    jd_err e;
    assert_int_equal(jd_env_read(arena, JD_NOSTR, ".env", &v, &e), JD_OK);
    assert_int_equal(v.n, 0);
}

static void refuses_env_without_showing_secrets(void **state)
{
    (void)state;
    const char *cases[][2] = {
        {"\nhunter2\n", ".env:2: expected NAME=value"},
        {"A=1\n1A=hunter2\n", ".env:2: what stands before"},
        {"=hunter2\n", ".env:1: what stands before"},
        {"hunter2/=x\n", ".env:1: what stands before"},
        {"export =hunter2 x\n\nhunter2", ".env:3: "},
        {"A=\"hunter2\n", ".env:1: the value of A opens"},
        {"A=\"hunter2\\\"\n", ".env:1: the value of A opens"},
        {"A='hunter2\n", ".env:1: the value of A opens"},
        {"A='x'hunter2\n", ".env:1: something follows the closing quote of A"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_env v = {.n = 77};
        jd_err e = JD_ERR_NONE;
        if (jd_env_read(arena, jd_str_of(cases[i][0]), ".env", &v, &e) != JD_E_CONFIG || v.n != 77)
            fail_msg("%s was taken", cases[i][0]);
        if (strncmp(e.msg, cases[i][1], strlen(cases[i][1])) != 0)
            fail_msg("\"%s\" is not \"%s …\"", e.msg, cases[i][1]);
        assert_null(strstr(e.msg, "hunter2"));
    }
    jd_env v;
    jd_err e;
    assert_int_equal(jd_env_read(arena, (jd_str){"A=x\0y", 5}, ".env", &v, &e), JD_E_CONFIG);
    assert_non_null(strstr(e.msg, "NUL"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(flattens, set_up, tear_down),
        cmocka_unit_test_setup_teardown(empty_is_empty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_it_does_not_speak, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_yaml, set_up, tear_down),
        cmocka_unit_test_setup_teardown(deepest_allowed_nesting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_env, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_env_without_showing_secrets, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
