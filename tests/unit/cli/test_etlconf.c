#include "base/buf.h"
#include "cli/etlconf.h"
#include "cli_test.h"
#include "text/date.h"

static jd_arena   *arena;
static jd_etl_conf conf;
static jd_err      why;

static jd_code read_text(const char *text)
{
    why  = JD_ERR_NONE;
    conf = (jd_etl_conf){0};
    return jd_etl_parse(arena, jd_str_of(text), "etl.yml", &conf, &why);
}

static int setup(void **unused)
{
    (void)unused;
    arena = jd_arena_new(0);
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    jd_arena_free(arena);
    return 0;
}

static void test_scopes_with_settings_of_their_own(void **unused)
{
    (void)unused;
    assert_int_equal(read_text("scrape:\n  page_size: 7\n"
                               "fields: [summary]\n"
                               "scopes:\n"
                               "  - project: ABC\n"
                               "    page_size: 50\n"
                               "    overlap: 1.5\n"
                               "    initial_window: 2w\n"
                               "    fields: status, Story Points\n"
                               "    issue_types:\n"
                               "      - Bug\n"
                               "      - name: Task\n"
                               "        fields: [priority]\n"
                               "  - name: exes\n"
                               "    jql: labels = x\n"
                               "    start_date: 2024-01-02\n"),
                     JD_OK);
    assert_int_equal(conf.sites, 1);
    assert_false(conf.listed);
    assert_int_equal(conf.set.fields.n, 1);
    const jd_etl_site *site = &conf.site[0];
    assert_int_equal(site->scopes, 2);
    const jd_etl_scope *s = &site->scope[0];
    assert_string_equal(s->project, "ABC");
    assert_true(s->set.has_page_size && s->set.page_size == 50);
    assert_true(s->set.has_overlap && s->set.overlap_ms == 1500);
    assert_true(s->set.has_start && s->set.since == JD_NO_TIME);
    assert_int_equal(s->set.window_ms, 14LL * 86400 * 1000);
    assert_int_equal(s->set.fields.n, 2);
    assert_string_equal(s->set.fields.v[1].text, "Story Points");
    assert_int_equal(s->set.fields.v[1].line, 9);
    assert_int_equal(s->types, 2);
    assert_string_equal(s->type[0].name, "Bug");
    assert_int_equal(s->type[0].fields.n, 0);
    assert_string_equal(s->type[1].name, "Task");
    assert_string_equal(s->type[1].fields.v[0].text, "priority");
    assert_true(s->what_line == 5 && s->type[0].line == 11 && s->type[1].line == 12);
    s = &site->scope[1];
    assert_string_equal(s->jql, "labels = x");
    assert_string_equal(s->name, "exes");
    assert_true(s->line == 14 && s->what_line == 15);
    assert_int_equal(s->set.since, 1704153600000);
    assert_false(s->set.has_page_size);
}

static void test_sites(void **unused)
{
    (void)unused;
    assert_int_equal(read_text("sites:\n"
                               "  - base_url: https://issues.apache.org/jira/\n"
                               "    scopes: [{project: KAFKA}]\n"
                               "  - name: acme\n"
                               "    base_url: https://acme.atlassian.net\n"
                               "    username_env: ACME_USER\n"
                               "    api_token_env: ACME_TOKEN\n"
                               "    folder: elsewhere\n"
                               "    columns: {points: Story Points}\n"
                               "    scopes: [{project: APP}]\n"),
                     JD_OK);
    assert_true(conf.listed);
    assert_int_equal(conf.sites, 2);
    assert_string_equal(conf.site[0].base_url, "https://issues.apache.org/jira");
    assert_string_equal(conf.site[0].name, "issues.apache.org_jira");
    assert_string_equal(conf.site[0].folder, "data/issues.apache.org_jira");
    assert_null(conf.site[0].pat_env);
    assert_string_equal(conf.site[1].folder, "elsewhere");
    assert_string_equal(conf.site[1].api_token_env, "ACME_TOKEN");
    assert_string_equal(conf.site[1].set.columns.v[0].field, "Story Points");
}

static void test_columns(void **unused)
{
    (void)unused;
    assert_int_equal(read_text("columns:\n"
                               "  points: Story Points\n"
                               "  due:\n"
                               "    field: customfield_1\n"
                               "    kind: date\n"),
                     JD_OK);
    assert_int_equal(conf.sites, 0);
    assert_int_equal(conf.set.columns.n, 2);
    assert_string_equal(conf.set.columns.v[0].name, "points");
    assert_null(conf.set.columns.v[0].kind);
    assert_string_equal(conf.set.columns.v[1].field, "customfield_1");
    assert_string_equal(conf.set.columns.v[1].kind, "date");
}

/* Each names the line, and what to do. */
static void test_mistakes(void **unused)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"scopes:\n  - projekt: A\n", "etl.yml:2: 'scopes[0].projekt' is not a setting of a scope"},
        {"scopes:\n  - project: a b\n", "etl.yml:2: 'a b' is no project key"},
        {"scopes:\n  - project: A\n    issue_types: Bug\n", "etl.yml:3: scopes[0].issue_types: "},
        {"scopes:\n  - project: A\n    issue_types: [{nam: x}]\n",
         "not a setting of an issue type"},
        {"scopes:\n  - project: A\n    issue_types: [{fields: [x]}]\n", "an entry has no name"},
        {"scopes:\n  - project: A\n    fields: []\n", "etl.yml:3: scopes[0].fields: list fields"},
        {"scopes:\n  - project: A\n    fields: ['']\n", "list fields"},
        {"scopes:\n  - project: A\n    fields: {a: b}\n", "scopes[0].fields.a: write one value"},
        {"scopes:\n  - project: A\n    page_size: 0\n",
         "etl.yml:3: scopes[0].page_size: '0' is out of range; give 1 to 1000"},
        {"scopes:\n  - project: A\n    overlap: soon\n", "'soon' is not a number of seconds"},
        {"scopes:\n  - project: A\n    start_date: May\n", "'May' is not a date"},
        {"scopes:\n  - project: A\n    initial_window: 90 days\n", "'90 days' is no window"},
        {"scopes:\n  - project: A\n    initial_window: 1d\n    start_date: 2024-01-01\n",
         "etl.yml:4: scopes[0].start_date: start_date and initial_window say the same"},
        {"scopes:\n  - project: A\n    name: x\n", "name goes with jql"},
        {"scopes:\n  - project: A\n  - project: A\n", "etl.yml:3: scopes: A stands on line 2, too"},
        {"scopes:\n  - project: A\n  - project: A\n    issue_types: [B]\n", "one is the whole"},
        {"scopes:\n  - project: A\n    issue_types: [B, C, B]\n", "type B of A stands on line 3"},
        {"scopes:\n  - jql: x = 1\n  - jql: x = 1\n", "this jql stands on line 2, too"},
        {"scopes:\n  - {}\n", "give each a project, or jql"},
        {"scopes:\n  project: A\n", "write a list of at most 1000 scopes"},
        {"\"scopes[4000]\":\n  project: A\n", "write a list of at most 1000 scopes"},
        {"columns: [a, b]\n", "write each column as name: field"},
        {"columns: x\n", "write each column as name: field"},
        {"columns: {Points: a}\n", "'Points' cannot name a column"},
        {"columns: {'a\"; DROP TABLE issue; --': b}\n", "cannot name a column"},
        {"columns: {site_id: b}\n", "cannot name a column"},
        {"columns: {xmin: b}\n", "cannot name a column"},
        {"columns: {a: {kind: number}}\n", "a has no field"},
        {"columns: {a: {field: b, kind: money}}\n", "'money' is no kind"},
        {"columns: {a: {field: b, type: text}}\n", "'columns.a.type' is not a setting of a column"},
        {"sites:\n  - scopes: [{project: A}]\n", "etl.yml:2: sites: an entry has no base_url"},
        {"sites: []\n", "write a list of at most 100 sites"},
        {"sites:\n  - base_url: ftp://x\n    scopes: [{project: A}]\n", "sites: base_url: "},
        {"sites:\n  - base_url: https://x\n", "an entry has no scopes"},
        {"sites:\n  - base_url: https://x\n    name: ../x\n    scopes: [{project: A}]\n",
         "sites[0].name: letters, digits"},
        {"sites:\n  - base_url: https://x\n    name: ..\n    scopes: [{project: A}]\n",
         "sites[0].name: letters, digits"},
        {"sites:\n  - base_url: https://x\n    username: u\n    scopes: [{project: A}]\n",
         "a username signs in with api_token_env"},
        {"sites:\n  - base_url: https://x\n    pat_env: P\n    oauth_file: f\n"
         "    scopes: [{project: A}]\n",
         "three ways to sign in"},
        {"sites:\n  - base_url: https://x\n    scopes: [{project: A}]\n"
         "  - base_url: https://x/\n    scopes: [{project: B}]\n",
         "https://x stands on line 2, too"},
        {"sites:\n  - base_url: https://x\n    name: n\n    scopes: [{project: A}]\n"
         "  - base_url: https://y\n    name: n\n    scopes: [{project: B}]\n",
         "would share name or folder"},
        {"scopes: [{project: A}]\nsites:\n  - base_url: https://x\n", "below their site"},
        {"sites:\n  - base_url: https://x\n    scopes: [{project: A}]\nscopes: [{project: B}]\n",
         "write the scopes of each below it"},
        {"scopes: &x [1]\n", "anchors"},
        {"scopes: [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]\n", "nested deeper"},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jd_code rc = read_text(rows[i].text);
        if (rc != JD_E_CONFIG)
            fail_msg("%s: %d", rows[i].text, rc);
        assert_has(why.msg, rows[i].says);
        assert_has(why.msg, "etl.yml:");
    }
}

/* Who writes the secret itself where its name belongs does not find it in a log. */
static void test_a_secret_is_not_told(void **unused)
{
    (void)unused;
    assert_int_equal(read_text("sites:\n  - base_url: https://x\n    pat_env: NjM4-secret/token=\n"
                               "    scopes: [{project: A}]\n"),
                     JD_E_CONFIG);
    assert_has(why.msg, "etl.yml:3: sites[0].pat_env: write the name of an environment variable");
    assert_lacks(why.msg, "secret/");
}

static void test_many(void **unused)
{
    jd_buf b = JD_BUF_INIT(1 << 20);
    (void)unused;
    jd_buf_addz(&b, "scopes:\n  - project: A\n    issue_types:\n");
    for (int i = 0; i < 101; i++)
        jd_buf_addf(&b, "      - T%d\n", i);
    assert_int_equal(read_text(jd_buf_cstr(&b)), JD_E_CONFIG);
    assert_has(why.msg, "more than 100 issue types");
    jd_buf_reset(&b);
    jd_buf_addz(&b, "scopes:\n");
    for (int i = 0; i < 999; i++)
        jd_buf_addf(&b, "  - project: P%d\n", i);
    assert_int_equal(read_text(jd_buf_cstr(&b)), JD_OK);
    assert_int_equal(conf.site[0].scopes, 999);
    assert_string_equal(conf.site[0].scope[998].project, "P998");
    jd_buf_release(&b);
}

static void test_windows(void **unused)
{
    static const struct {
        const char *text;
        int64_t     hours; /* -1: none */
    } rows[] = {{"90d", 2160}, {"90", 2160}, {"1w", 168}, {"36h", 36},
                {"1y", 8760},  {"all", 0},   {"ALL", 0},  {"", -1},
                {"d", -1},     {"0d", -1},   {"-1d", -1}, {"1m", -1},
                {"1.5d", -1},  {" 1d", -1},  {"1dd", -1}, {"9999999999999999999d", -1}};
    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms;
        bool    ok = jd_window_parse(jd_str_of(rows[i].text), &ms);
        assert_int_equal(ok, rows[i].hours >= 0);
        if (ok)
            assert_int_equal(ms, rows[i].hours * 3600 * 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_scopes_with_settings_of_their_own, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sites, setup, teardown),
        cmocka_unit_test_setup_teardown(test_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mistakes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_secret_is_not_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many, setup, teardown),
        cmocka_unit_test(test_windows),
    };
    return cmocka_run_group_tests_name("cli/etlconf", tests, NULL, NULL);
}
