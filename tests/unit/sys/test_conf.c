#include "sys/opt.h"
#include "sys_test.h"

typedef struct args {
    bool        strict;
    const char *url, *pat, *zip;
    jd_list     projects;
    uint64_t    page, size;
    int64_t     delay, start;
} args;

#define AT(m) .at = offsetof(args, m)

static const jd_opt opts[] = {
    {.name = "strict",
     .env  = "STRICT",
     .key  = "scrape.strict",
     .kind = JD_OPT_FLAG,
     AT(strict),
     .help = "Be strict."},
    {.name = "base-url",
     .env  = "JIRA_BASE_URL|JIRA_URL",
     .key  = "jira.base_url",
     .dflt = "http://default",
     .kind = JD_OPT_STR,
     AT(url),
     .help = "The site."},
    {.env = "JIRA_PAT", .key = "jira.pat", .kind = JD_OPT_SECRET, AT(pat), .help = "A token."},
    {.name = "projects",
     .env  = "JIRA_PROJECTS",
     .key  = "scrape.projects",
     .dflt = "HADOOP",
     .kind = JD_OPT_LIST,
     AT(projects),
     .help = "Which."},
    {.name  = "page-size",
     .env   = "PAGE_SIZE",
     .key   = "scrape.page_size",
     .dflt  = "50",
     .kind  = JD_OPT_COUNT,
     .least = 1,
     .most  = 1000,
     AT(page),
     .help = "Rows."},
    {.name = "max-bytes",
     .env  = "MAX_BYTES",
     .key  = "max_bytes",
     .kind = JD_OPT_BYTES,
     AT(size),
     .help = "At most."},
    {.name = "delay",
     .env  = "SCRAPY_DOWNLOAD_DELAY",
     .key  = "scrape.delay",
     .dflt = "3.6",
     .kind = JD_OPT_SECONDS,
     AT(delay),
     .help = "Pause."},
    {.name = "start-date",
     .env  = "START_DATE",
     .key  = "scrape.start_date",
     .kind = JD_OPT_DATE,
     AT(start),
     .help = "From."},
    {.name    = "compress",
     .env     = "COMPRESS",
     .key     = "compress",
     .choices = "zst|gz|none",
     .kind    = JD_OPT_CHOICE,
     AT(zip),
     .help = "How."},
    {0},
};
static const jd_opt other_opts[] = {
    {.name = "output", .key = "transform.output", .kind = JD_OPT_PATH, .help = "Where to."}, {0}};
static const jd_opt *const tables[] = {opts, NULL}, *const others[] = {other_opts, NULL};
static const jd_cmd cmd = {
    .name = "scrape", .brief = "Mirror", .opts = tables, .args_size = sizeof(args)};
static const jd_cmd        other = {.name = "transform", .brief = "Derive", .opts = others};
static const jd_cmd *const all[] = {&cmd, &other, NULL};

typedef struct got {
    jd_arena      *a;
    args           args;
    jd_conf_values values;
    jd_err         e;
    jd_code        rc;
} got;

static got parse(const char *flag, const char *const *env)
{
    got        g      = {.a = jd_arena_new(0)};
    char      *argv[] = {jd_arena_cstr(g.a, jd_str_of(flag)), NULL};
    jd_conf_in in     = {.environ = env, .dotenv_path = ".env", .commands = all};
    g.rc = jd_opt_parse(&cmd, flag ? 1 : 0, argv, &in, g.a, &g.args, NULL, &g.values, &g.e);
    return g;
}

static got good(const char *flag, const char *const *env)
{
    got g = parse(flag, env);
    if (g.rc)
        fail_msg("%s", g.e.msg);
    return g;
}

static const jd_conf_value *value(const got *g, const char *name)
{
    const jd_conf_value *v = jd_conf_find(&g->values, name);
    assert_non_null(v);
    return v;
}

static void refused(const char *const *env, const char *where, const char *remedy)
{
    got g = parse(NULL, env);
    if (g.rc != JD_E_CONFIG)
        fail_msg("%d %s", g.rc, g.rc ? g.e.msg : "taken");
    assert_has(g.e.msg, where);
    assert_has(g.e.msg, remedy);
    jd_arena_free(g.a);
}

static const char *const all_env[] = {"STRICT=1",
                                      "JIRA_BASE_URL=http://env",
                                      "JIRA_PAT=hunter2",
                                      "JIRA_PROJECTS=A,B C",
                                      "PAGE_SIZE=9",
                                      "MAX_BYTES=2M",
                                      "SCRAPY_DOWNLOAD_DELAY=1.5",
                                      "START_DATE=1970-01-02",
                                      "COMPRESS=GZ",
                                      NULL};

static void check_all(const got *g, jd_origin origin)
{
    assert_true(g->args.strict);
    assert_string_equal(g->args.pat, "hunter2");
    assert_int_equal(g->args.projects.n, 3);
    assert_string_equal(g->args.projects.v[2], "C");
    assert_int_equal(g->args.page, 9);
    assert_int_equal(g->args.size, 2 << 20);
    assert_int_equal(g->args.delay, 1500);
    assert_int_equal(g->args.start, 86400000);
    assert_string_equal(g->args.zip, "gz");
    for (size_t i = 0; i < g->values.n; i++) {
        assert_int_equal(g->values.v[i].origin, origin);
        assert_non_null(g->values.v[i].where);
        assert_true(!strstr(g->values.v[i].text, "hunter"));
    }
    assert_string_equal(value(g, "JIRA_PAT")->text, "****");
}

static void every_kind_from_the_environment(void **state)
{
    (void)state;
    got g = good(NULL, all_env);
    check_all(&g, JD_FROM_ENV);
    assert_string_equal(value(&g, "PAGE_SIZE")->where, "PAGE_SIZE");
    assert_null(value(&g, "PAGE_SIZE")->file);
    jd_arena_free(g.a);
}

static void every_kind_from_dotenv(void **state)
{
    (void)state;
    put_file(".env",
             "# ours\nSTRICT=yes\nJIRA_BASE_URL=http://dotenv\nJIRA_PAT='hunter2'\n"
             "JIRA_PROJECTS=A,B C\nPAGE_SIZE=9\nMAX_BYTES=2M\nexport SCRAPY_DOWNLOAD_DELAY=1.5\n"
             "START_DATE=1970-01-02\nCOMPRESS=GZ\nOF_ANOTHER_TOOL=x\n");
    got g = good(NULL, NULL);
    check_all(&g, JD_FROM_DOTENV);
    assert_string_equal(value(&g, "page-size")->where, ".env:6");
    assert_string_equal(value(&g, "page-size")->file, ".env");
    jd_arena_free(g.a);
}

static void every_kind_from_yaml(void **state)
{
    (void)state;
    put_file("jiraduct.yml", "jira:\n  base_url: http://yaml\n  pat: hunter2\n"
                             "scrape:\n  strict: true\n  projects: [A, B, C]\n  page_size: 9\n"
                             "  delay: 1.5\n  start_date: 1970-01-02\n"
                             "max_bytes: 2M\ncompress: gz\ntransform:\n  output: x\n");
    got g = good(NULL, NULL);
    check_all(&g, JD_FROM_YAML);
    assert_string_equal(value(&g, "scrape.page_size")->where, "jiraduct.yml:7");
    jd_arena_free(g.a);
    put_file("jiraduct.yml", "scrape:\n  projects: A, B C\njira:\n  base_url:\n  pat: ~\n");
    g = good(NULL, NULL);
    assert_int_equal(g.args.projects.n, 3);
    assert_string_equal(g.args.url, "http://default"); /* nothing there is nothing set */
    jd_arena_free(g.a);
    put_file("jiraduct.yml", "scrape:\n  projects:\n    - A B\n    - C,D\n");
    g = good(NULL, NULL);
    assert_int_equal(g.args.projects.n, 2); /* elements of a list stay whole */
    assert_string_equal(g.args.projects.v[1], "C,D");
    jd_arena_free(g.a);
}

/* Taking away the highest origin brings out the next one, down to the default. */
static void precedence(void **state)
{
    (void)state;
    static const char *const env[] = {"JIRA_URL=http://env", NULL}, *const empty[] = {
                                                                        "JIRA_BASE_URL=", NULL};
    put_file(".env", "JIRA_BASE_URL=http://dotenv\n");
    put_file("jiraduct.yml", "jira:\n  base_url: http://yaml\n");
    static const struct {
        const char *url;
        jd_origin   origin;
    } want[] = {{"http://flag", JD_FROM_FLAG},
                {"http://env", JD_FROM_ENV},
                {"http://dotenv", JD_FROM_DOTENV},
                {"http://yaml", JD_FROM_YAML},
                {"http://default", JD_FROM_DEFAULT}};
    for (int level = 0; level < 5; level++) {
        if (level == 3)
            assert_int_equal(unlink(".env"), 0);
        if (level == 4)
            assert_int_equal(unlink("jiraduct.yml"), 0);
        got g = good(level < 1 ? "--base-url=http://flag" : NULL, level < 2 ? env : empty);
        const jd_conf_value *v = value(&g, "base-url");
        assert_string_equal(g.args.url, want[level].url);
        for (int k = level; k < 5; k++, v = v->hides) {
            assert_non_null(v);
            assert_string_equal(v->text, want[k].url);
            assert_int_equal(v->origin, want[k].origin);
        }
        assert_null(v);
        jd_arena_free(g.a);
    }
}

static void the_first_of_several_names_wins(void **state)
{
    (void)state;
    static const char *const env[] = {"JIRA_URL=http://second", "JIRA_BASE_URL=http://first", NULL};
    got                      g     = good(NULL, env);
    assert_string_equal(g.args.url, "http://first");
    assert_string_equal(value(&g, "JIRA_URL")->where, "JIRA_BASE_URL");
    jd_arena_free(g.a);
}

static void a_credential_is_tied_to_the_host_of_its_file(void **state)
{
    (void)state;
    put_file(".env", "JIRA_BASE_URL=https://mine\nJIRA_PAT=x\n");
    got g = good("--base-url=https://evil", NULL);
    assert_string_equal(jd_conf_beside(&g.values, "JIRA_PAT", "base-url"), "https://mine");
    jd_arena_free(g.a);
    static const char *const env[] = {"JIRA_PAT=y", NULL};
    g                              = good(NULL, env);
    assert_null(jd_conf_beside(&g.values, "JIRA_PAT", "base-url"));
    jd_arena_free(g.a);
    put_file(".env", "JIRA_PAT=x\n");
    put_file("jiraduct.yml", "jira:\n  base_url: https://other\n");
    g = good(NULL, NULL);
    assert_null(jd_conf_beside(&g.values, "JIRA_PAT", "base-url"));
    jd_arena_free(g.a);
}

static void a_password_in_a_url_is_masked(void **state)
{
    (void)state;
    got g = good("--base-url=https://me:hunter2@host/a@b", NULL);
    assert_string_equal(g.args.url, "https://me:hunter2@host/a@b");
    assert_string_equal(value(&g, "base-url")->text, "https://****@host/a@b");
    jd_arena_free(g.a);
}

static void bad_values_name_their_place(void **state)
{
    (void)state;
    static const char *const env[] = {"PAGE_SIZE=many", NULL};
    refused(env, "PAGE_SIZE (environment): 'many'", "give 1 to 1000");
    put_file(".env", "A=1\n\nSCRAPY_DOWNLOAD_DELAY=soon\n");
    refused(NULL, ".env:3: SCRAPY_DOWNLOAD_DELAY: 'soon'", "give 0 or more");
    put_file(".env", "JIRA_PAT=\"hunter2\\nX: y\"\n");
    refused(NULL, ".env:1: JIRA_PAT: holds a control character", "on one line");
    got g = parse(NULL, NULL);
    assert_lacks(g.e.msg, "hunter2");
    jd_arena_free(g.a);
    assert_int_equal(unlink(".env"), 0);
    put_file("jiraduct.yml", "scrape:\n  page_size: 0\n");
    refused(NULL, "jiraduct.yml:2: scrape.page_size: '0'", "give 1 to 1000");
    put_file("jiraduct.yml", "scrape:\n  page_sise: 5\n");
    refused(NULL, "jiraduct.yml:2: 'scrape.page_sise' is not a setting", "scrape.page_size?");
    put_file("jiraduct.yml", "page_size: 5\n");
    refused(NULL, "jiraduct.yml:1: 'page_size'", "did you mean scrape.page_size?");
    put_file("jiraduct.yml", "zebra: 5\n");
    refused(NULL, "jiraduct.yml:1: 'zebra' is not a setting", "jiraduct config");
    put_file("jiraduct.yml", "scrape:\n  page_size: [5]\n");
    refused(NULL, "jiraduct.yml:2: scrape.page_size", "takes one value");
    put_file("jiraduct.yml", "scrape: 5\n");
    refused(NULL, "jiraduct.yml:1: 'scrape' is not a setting", "");
    put_file("jiraduct.yml", "scrape:\n");
    g = good(NULL, NULL);
    jd_arena_free(g.a);
    put_file("jiraduct.yml", "a: [\n");
    refused(NULL, "jiraduct.yml:", "");
}

static void files_that_must_be_there(void **state)
{
    (void)state;
    args       x;
    jd_err     e  = JD_ERR_NONE;
    jd_arena  *a  = jd_arena_new(0);
    jd_conf_in in = {.yaml_path = "other.yml"};
    assert_int_equal(jd_opt_parse(&cmd, 0, NULL, &in, a, &x, NULL, NULL, &e), JD_E_CONFIG);
    assert_has(e.msg, "other.yml");
    put_file("other.yml", "max_bytes: 7\n");
    assert_int_equal(jd_opt_parse(&cmd, 0, NULL, &in, a, &x, NULL, NULL, &e), JD_OK);
    assert_int_equal(x.size, 7);
    assert_int_equal(jd_dir_make(".env", &e), JD_OK); /* a folder of that name is no file */
    in = (jd_conf_in){.dotenv_path = ".env"};
    assert_int_equal(jd_opt_parse(&cmd, 0, NULL, &in, a, &x, NULL, NULL, &e), JD_OK);
    jd_arena_free(a);
}

static void a_variable_of_any_name(void **state)
{
    (void)state;
    static const char *const env[] = {"ACME_PAT=outside", "EMPTY=", NULL};
    static const struct {
        const char *name, *value;
    } want[]      = {{"ACME_PAT", "outside"},
                     {"OTHER", "of the file"},
                     {"EMPTY", NULL},
                     {"ACME", NULL},
                     {"NONE", NULL}};
    jd_conf_in in = {.environ = env, .dotenv_path = ".env"};
    jd_arena  *a  = jd_arena_new(0);
    jd_err     e  = JD_ERR_NONE;
    put_file(".env", "ACME_PAT=inside\nOTHER=old\nOTHER='of the file'\nNONE=\n");
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const char *text;
        assert_int_equal(jd_conf_variable(&in, want[i].name, a, &text, &e), JD_OK);
        if (!text != !want[i].value || (text && strcmp(text, want[i].value) != 0))
            fail_msg("%s is '%s'", want[i].name, text ? text : "");
    }
    jd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TEMP(every_kind_from_the_environment),
        IN_TEMP(every_kind_from_dotenv),
        IN_TEMP(every_kind_from_yaml),
        IN_TEMP(precedence),
        IN_TEMP(the_first_of_several_names_wins),
        IN_TEMP(a_credential_is_tied_to_the_host_of_its_file),
        IN_TEMP(a_password_in_a_url_is_masked),
        IN_TEMP(bad_values_name_their_place),
        IN_TEMP(files_that_must_be_there),
        IN_TEMP(a_variable_of_any_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
