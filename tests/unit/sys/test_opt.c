#include "sys/opt.h"
#include "sys_test.h"
#include "text/date.h"

typedef struct args {
    bool        strict, history;
    const char *url, *dir, *pat, *zip;
    jd_list     projects;
    uint64_t    page, size;
    int64_t     delay, start;
} args;

#define AT(m) .at = offsetof(args, m)

static const jd_opt main_opts[] = {
    {.name   = "strict",
     .env    = "STRICT",
     .key    = "scrape.strict",
     .letter = 's',
     .kind   = JD_OPT_FLAG,
     AT(strict),
     .help = "Be strict."},
    {.name = "history",
     .env  = "HISTORY",
     .dflt = "true",
     .kind = JD_OPT_FLAG,
     AT(history),
     .help = "Take histories."},
    {.name = "base-url",
     .env  = "JIRA_BASE_URL|JIRA_URL",
     .key  = "jira.base_url",
     .arg  = "URL",
     .kind = JD_OPT_STR,
     AT(url),
     .help = "The site."},
    {.name = "raw-dir",
     .arg  = "DIR",
     .key  = "scrape.raw_dir",
     .dflt = "data/raw",
     .kind = JD_OPT_PATH,
     AT(dir),
     .help = "Where to."},
    {.env = "JIRA_PAT", .key = "jira.pat", .kind = JD_OPT_SECRET, AT(pat), .help = "A token."},
    {.name = "projects",
     .env  = "JIRA_PROJECTS",
     .key  = "scrape.projects",
     .arg  = "KEY",
     .dflt = "HADOOP SPARK",
     .kind = JD_OPT_LIST,
     AT(projects),
     .help = "Which."},
    {.name   = "page-size",
     .env    = "PAGE_SIZE",
     .key    = "scrape.page_size",
     .arg    = "N",
     .dflt   = "50",
     .letter = 'n',
     .kind   = JD_OPT_COUNT,
     .least  = 1,
     .most   = 1000,
     AT(page),
     .help = "Rows."},
    {0},
};
static const jd_opt more_opts[] = {
    {.name  = "max-bytes",
     .env   = "MAX_BYTES",
     .key   = "max_bytes",
     .arg   = "SIZE",
     .kind  = JD_OPT_BYTES,
     .least = 1024,
     AT(size),
     .help = "At most."},
    {.name = "delay",
     .env  = "SCRAPY_DOWNLOAD_DELAY",
     .key  = "scrape.delay",
     .arg  = "SECONDS",
     .dflt = "3.6",
     .kind = JD_OPT_SECONDS,
     .most = 300000,
     AT(delay),
     .help = "Pause."},
    {.name = "start-date",
     .env  = "START_DATE",
     .key  = "scrape.start_date",
     .arg  = "DATE",
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
static const jd_opt *const tables[] = {main_opts, more_opts, NULL};
static const jd_cmd        cmd      = {.name      = "scrape",
                                       .brief     = "Mirror projects",
                                       .usage     = "[SCOPE]",
                                       .detail    = "First paragraph of\nsome words.\n\n  kept as it is",
                                       .example   = "jiraduct scrape --strict",
                                       .opts      = tables,
                                       .args_size = sizeof(args),
                                       .pos_most  = 1};

typedef struct got {
    jd_arena      *a;
    args           args;
    jd_list        words;
    jd_conf_values values;
    jd_err         e;
    jd_code        rc;
} got;

/* Words of the command line are separated by blanks. */
static got parse_in(const char *line, const jd_conf_in *in)
{
    char *argv[32];
    int   argc = 0;
    got   g    = {.a = jd_arena_new(0)};
    char *copy = jd_arena_cstr(g.a, jd_str_of(line));
    for (char *p = copy; *p;) {
        argv[argc++] = p;
        p += strcspn(p, " ");
        if (*p)
            *p++ = '\0';
    }
    argv[argc] = NULL;
    memset(&g.args, 0xab, sizeof g.args);
    g.rc = jd_opt_parse(&cmd, argc, argv, in, g.a, &g.args, &g.words, &g.values, &g.e);
    return g;
}

static const jd_conf_in nothing = {.yaml_path = ""};

static got parse(const char *line)
{
    got g = parse_in(line, &nothing);
    if (g.rc)
        fail_msg("%s", g.e.msg);
    return g;
}

static void refused_as(const char *line, jd_code code, const char *part, const char *remedy)
{
    got g = parse_in(line, &nothing);
    if (g.rc != code)
        fail_msg("'%s' gives %d (%s)", line, g.rc, g.rc ? g.e.msg : "");
    assert_has(g.e.msg, part);
    assert_has(g.e.msg, remedy);
    jd_arena_free(g.a);
}

static void refused(const char *line, const char *part, const char *remedy)
{
    refused_as(line, JD_E_USAGE, part, remedy);
}

static void defaults_fill_the_struct(void **state)
{
    (void)state;
    got g = parse("");
    assert_false(g.args.strict);
    assert_true(g.args.history);
    assert_null(g.args.url);
    assert_null(g.args.pat);
    assert_null(g.args.zip);
    assert_string_equal(g.args.dir, "data/raw");
    assert_int_equal(g.args.projects.n, 2);
    assert_string_equal(g.args.projects.v[1], "SPARK");
    assert_int_equal(g.args.page, 50);
    assert_int_equal(g.args.size, 0);
    assert_int_equal(g.args.delay, 3600);
    assert_true(g.args.start == JD_NO_TIME);
    assert_int_equal(g.words.n, 0);
    assert_int_equal(g.values.n, 11);
    jd_arena_free(g.a);
}

static void every_kind_from_a_flag(void **state)
{
    (void)state;
    got g = parse("--strict --no-history --base-url http://x --raw-dir=d --projects A B,C D "
                  "--page-size 7 --max-bytes 4K --delay 0.25 --start-date 2024-01-15 "
                  "--compress GZ SCOPE");
    /* the list takes what stands behind it, not what stands behind the next option */
    assert_int_equal(g.args.projects.n, 4);
    assert_string_equal(g.args.projects.v[2], "C");
    assert_true(g.args.strict);
    assert_false(g.args.history);
    assert_string_equal(g.args.url, "http://x");
    assert_string_equal(g.args.dir, "d");
    assert_int_equal(g.args.page, 7);
    assert_int_equal(g.args.size, 4096);
    assert_int_equal(g.args.delay, 250);
    assert_int_equal(g.args.start, 1705276800000);
    assert_string_equal(g.args.zip, "gz");
    assert_int_equal(g.words.n, 1);
    assert_string_equal(g.words.v[0], "SCOPE");
    jd_arena_free(g.a);
}

static void spellings(void **state)
{
    (void)state;
    got g = parse("-sn9 --projects=A --projects B --base-url=--odd=1 -- --scope");
    assert_true(g.args.strict);
    assert_int_equal(g.args.page, 9);
    assert_int_equal(g.args.projects.n, 2);
    assert_string_equal(g.args.projects.v[1], "B");
    assert_string_equal(g.args.url, "--odd=1");
    assert_string_equal(g.words.v[0], "--scope");
    jd_arena_free(g.a);
    g = parse("--strict=no --base-url - -n 8 --base-url last");
    assert_false(g.args.strict);
    assert_int_equal(g.args.page, 8);
    assert_string_equal(g.args.url, "last");
    jd_arena_free(g.a);
}

static void bad_flags_say_what_to_give(void **state)
{
    (void)state;
    refused("--page-size abc", "--page-size: 'abc' is not a whole number", "give 1 to 1000");
    refused("--page-size 0", "--page-size: '0'", "give 1 to 1000");
    refused("--page-size 1001", "--page-size: '1001'", "give 1 to 1000");
    refused("-n x", "-n: 'x'", "give 1 to 1000");
    refused("--page-size -5", "--page-size: '-5'", "give 1 to 1000");
    refused("--max-bytes 4X", "--max-bytes: '4X' is not a size", "1K or more");
    refused("--max-bytes 99999999999999999999", "is not a size", "1K or more");
    refused("--max-bytes 18446744073709551615G", "is not a size", "1K or more");
    refused("--delay 1,5", "--delay: '1,5' is not a number of seconds", "give 0 to 300");
    refused("--delay 300.001", "out of range", "give 0 to 300");
    refused("--delay 1.", "not a number of seconds", "give 0 to 300");
    refused("--start-date 2024-13-01", "--start-date: '2024-13-01' is not a date", "YYYY-MM-DD");
    refused("--compress zts", "--compress: 'zts' is not one of zst, gz, none", "did you mean zst?");
    refused("--strict=perhaps", "--strict: 'perhaps'", "true or false");
    refused("--base-url", "--base-url: a value is missing", "write --base-url URL");
    refused("--base-url --strict", "--base-url: a value is missing", "write --base-url URL");
    refused("--projects --strict", "--projects: a value is missing", "KEY");
    refused("--page-sise 3", "--page-sise: there is no such option", "did you mean --page-size?");
    refused("--no-histroy", "there is no such option", "did you mean --no-history?");
    refused("--no-page-size", "--no-page-size: there is no such option", "--");
    refused("--completely-else", "there is no such option", "scrape --help");
    refused("-x", "-x: there is no such option", "--help");
    refused("A B", "'B' is one argument too many", "jiraduct scrape [SCOPE]");
}

static void a_secret_is_refused_in_argv_and_not_repeated(void **state)
{
    (void)state;
    static const char *const lines[] = {"--pat=hunter2", "--jira-pat hunter2",
                                        "--JIRA_PAT=hunter2"};
    for (size_t i = 0; i < 3; i++) {
        got g = parse_in(lines[i], &nothing);
        assert_int_equal(g.rc, JD_E_USAGE);
        assert_has(g.e.msg, "JIRA_PAT=");
        assert_has(g.e.msg, ".env");
        assert_lacks(g.e.msg, "hunter2");
        jd_arena_free(g.a);
    }
}

static void peeking_passes_mistakes_over(void **state)
{
    (void)state;
    char       *argv[] = {(char[]){"--nonsense"}, (char[]){"--projects"}, (char[]){"A"},
                          (char[]){"--base-url=u"}, (char[]){"-s"}};
    const char *value  = NULL;
    assert_true(jd_opt_peek(&cmd, 5, argv, "strict", &value));
    assert_true(jd_opt_peek(&cmd, 5, argv, "base-url", &value));
    assert_string_equal(value, "u");
    assert_false(jd_opt_peek(&cmd, 5, argv, "delay", &value));
    char *quoted[] = {(char[]){"--"}, (char[]){"--strict"}};
    assert_false(jd_opt_peek(&cmd, 2, quoted, "strict", NULL));
}

static void near_names_are_found(void **state)
{
    (void)state;
    static const char *const names[] = {"scrape", "transform", "state show", "doctor"};
    assert_string_equal(jd_did_you_mean("scarpe", names, 4), "scrape");
    assert_string_equal(jd_did_you_mean("tranform", names, 4), "transform");
    assert_string_equal(jd_did_you_mean("trans", names, 4), "transform");
    assert_string_equal(jd_did_you_mean("dcotor", names, 4), "doctor");
    assert_null(jd_did_you_mean("backfill", names, 4));
    assert_null(jd_did_you_mean("", names, 4));
    char long_word[300];
    memset(long_word, 'a', 299);
    long_word[299] = '\0';
    assert_null(jd_did_you_mean(long_word, names, 4));
}

static void help_holds_every_option(void **state)
{
    (void)state;
    for (size_t columns = 0; columns <= 120; columns += 40) {
        jd_buf out = JD_BUF_INIT(1 << 20);
        jd_opt_help(&out, "jiraduct", &cmd, columns);
        const char *text = jd_buf_cstr(&out);
        assert_has(text, "Usage: jiraduct scrape [OPTION...] [SCOPE]\n");
        assert_has(text, "\n  kept as it is\n");
        assert_has(text, "\n  jiraduct scrape --strict\n");
        assert_has(text, "--[no-]history");
        assert_has(text, "-n, --page-size N");
        assert_has(text, "\n  JIRA_PAT ");
        for (size_t t = 0; tables[t]; t++)
            for (const jd_opt *o = tables[t]; o->help; o++) {
                assert_has(text, o->name ? o->name : o->env);
                if (o->key)
                    assert_has(text, o->key);
            }
        for (const char *line = text; columns && *line; line = strchr(line, '\n') + 1)
            if (strcspn(line, "\n") > columns && !strstr(line, "--"))
                assert_true(strcspn(line, " ") > columns - 26); /* one word may be too long */
        jd_buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_fill_the_struct),
        cmocka_unit_test(every_kind_from_a_flag),
        cmocka_unit_test(spellings),
        cmocka_unit_test(bad_flags_say_what_to_give),
        cmocka_unit_test(a_secret_is_refused_in_argv_and_not_repeated),
        cmocka_unit_test(peeking_passes_mistakes_over),
        cmocka_unit_test(near_names_are_found),
        cmocka_unit_test(help_holds_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
