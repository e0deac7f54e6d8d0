#include "cli/cli.h"
#include "cli/render.h"
#include "cli_test.h"

/* Two-word commands and every kind, beside what the program has. */
static const jd_opt odd_opts[] = {
    {.name = "raw-dir",
     .kind = JD_OPT_PATH,
     .arg  = "DIR",
     .key  = "a.b",
     .help = "Don't [touch]: \\x."},
    {.name    = "compress",
     .kind    = JD_OPT_CHOICE,
     .choices = "zst|gz",
     .env     = "Z_A|Z_B",
     .help    = "How."},
    {.name = "history", .kind = JD_OPT_FLAG, .dflt = "true", .help = ".Starts with a dot."},
    {.name = "projects", .kind = JD_OPT_LIST, .arg = "KEY", .help = "Which."},
    {.name = "threads", .letter = 'j', .kind = JD_OPT_COUNT, .arg = "N", .help = "How many."},
    {.env = "JIRA_PAT", .key = "jira.pat", .kind = JD_OPT_SECRET, .help = "A token."},
    {0},
};
static const jd_opt *const odd_tables[] = {odd_opts, NULL};
static const jd_cmd        show         = {.name    = "state show",
                                           .brief   = "Show it",
                                           .opts    = odd_tables,
                                           .detail  = "One.\n\n  as it is\n  and this\n\nLast.",
                                           .example = "jiraduct state show | cat"},
                    reset = {.name = "state reset", .brief = "Forget 'it'", .usage = "SCOPE"};
static const jd_cmd *const odd[] = {&show, &reset, NULL};

typedef void render(jd_buf *, const char *, const jd_cmd *const *, const jd_opt *);

static char *rendered(render *f, const jd_cmd *const *commands)
{
    jd_buf b = JD_BUF_INIT(4 << 20);
    f(&b, "jiraduct", commands, jd_global_opts);
    assert_true(jd_buf_ok(&b));
    return jd_buf_take(&b, NULL);
}

static void each_rendering_holds_every_command_and_option(void **state)
{
    (void)state;
    static render *const all[] = {jd_render_man, jd_render_bash, jd_render_zsh};
    for (size_t r = 0; r < 3; r++)
        for (int which = 0; which < 2; which++) {
            const jd_cmd *const *commands = which ? odd : jd_commands;
            char                *text     = rendered(all[r], commands);
            for (size_t i = 0; commands[i]; i++) {
                assert_has(text, commands[i]->name);
                for (size_t t = 0; commands[i]->opts && commands[i]->opts[t]; t++)
                    for (const jd_opt *o = commands[i]->opts[t]; o->help; o++) {
                        char flag[80];
                        if (!o->name)
                            continue;
                        (void)snprintf(flag, sizeof flag, "-%s", o->name);
                        if (r == 0) { /* roff spells a dash \- */
                            char roff[120], *p = roff;
                            for (const char *q = o->name; *q; q++) {
                                if (*q == '-')
                                    *p++ = '\\';
                                *p++ = *q;
                            }
                            *p = '\0';
                            assert_has(text, roff);
                        } else {
                            assert_has(text, flag);
                        }
                    }
            }
            free(text);
        }
}

static void the_manual_page_says_it_all(void **state)
{
    (void)state;
    char                    *text   = rendered(jd_render_man, odd);
    static const char *const want[] = {
        ".Sh NAME",
        ".Sh SYNOPSIS",
        ".Sh DESCRIPTION",
        ".Sh COMMANDS",
        ".Sh ENVIRONMENT",
        ".Sh FILES",
        ".Sh EXIT STATUS",
        ".Sh EXAMPLES",
        ".Ss state show",
        ".It Ev JIRA_PAT",
        ".It Ev Z_A , Z_B",
        "\n\\&.Starts with a dot.",
        "[touch]: \\ex.",
        "\\&jiraduct state show",
        ".Bd -literal -offset indent\n\\&as it is\n\\&and this\n.Ed\n",
        ".It Fl j , Fl -threads"};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_has(text, want[i]);
    char row[40];
#define X(name, retry, exit, words)                    \
    (void)snprintf(row, sizeof row, ".It %d\n", exit); \
    assert_has(text, row);                             \
    assert_has(text, words);
    JD_CODES(X)
#undef X
    assert_lacks(text, "\n\n");
    free(text);
}

static void completions_know_values_and_keep_secrets_out(void **state)
{
    (void)state;
    char *bash = rendered(jd_render_bash, odd), *zsh = rendered(jd_render_zsh, odd);
    assert_has(bash, "--compress) values=\"zst gz\"");
    assert_has(bash, "--raw-dir) files=1");
    assert_has(bash, "--threads | -j) return");
    assert_has(bash, "--no-history");
    assert_has(bash, "words=\"show reset\"");
    assert_has(bash, "topics=\"state\"");
    assert_has(zsh, "(zst gz)");
    assert_has(zsh, "_files");
    assert_has(zsh, "'(-j --threads)'{-j+,--threads=}'[How many.]:N:'");
    assert_has(zsh, "'--raw-dir=[Don'\\''t \\[touch\\]\\: \\\\x.]:DIR:_files'");
    assert_has(zsh, "'show:Show it'");
    assert_has(zsh, "'reset:Forget '\\''it'\\'''");
    assert_lacks(bash, "PAT");
    assert_lacks(zsh, "PAT");
    free(bash);
    free(zsh);
}

static void escaping_leaves_one_safe_line(void **state)
{
    (void)state;
    static const struct {
        jd_str      in;
        const char *out;
    } cases[] = {
        {JD_STR_INIT("plain"), "plain"},
        {JD_STR_INIT("a\nb\tc\rd"), "a\\nb\\tc\\rd"},
        {JD_STR_INIT("\x1b[31mred\x7f"), "\\x1b[31mred\\x7f"},
        {JD_STR_INIT("nul\0."), "nul\\x00."},
        {JD_STR_INIT("gr\xc3\xbc\xc3\x9f \xe2\x9c\x93 \xf0\x9f\x98\x80"),
         "gr\xc3\xbc\xc3\x9f \xe2\x9c\x93 \xf0\x9f\x98\x80"},
        {JD_STR_INIT("c1 \xc2\x9b bidi \xe2\x80\xae."), "c1 \\xc2\\x9b bidi \\xe2\\x80\\xae."},
        {JD_STR_INIT("bad \xff\xc3(\xe2\x82"), "bad \\xff\\xc3(\\xe2\\x82"},
        {JD_STR_INIT("mark \xef\xbf\xbd"), "mark \xef\xbf\xbd"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_buf b = JD_BUF_INIT(1000);
        jd_escape_line(&b, cases[i].in);
        assert_string_equal(jd_buf_cstr(&b), cases[i].out);
        jd_buf_release(&b);
    }
}

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* What every command's tables must keep to. */
static void the_tables_are_sound(void **state)
{
    (void)state;
    jd_arena *a = jd_arena_new(0);
    for (size_t i = 0; jd_commands[i]; i++) {
        const jd_cmd *c = jd_commands[i];
        size_t        at;
        assert_non_null(c->run);
        assert_true(c->brief && c->brief[strlen(c->brief) - 1] != '.');
        assert_true(c->pos_most >= c->pos_least);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(c->name, jd_commands[k]->name);
        const jd_cmd *full = jd_command_with_globals(a, c, &at);
        assert_true(at >= c->args_size);
        size_t        n = 0;
        const jd_opt *all[400];
        for (size_t t = 0; full->opts[t]; t++)
            for (const jd_opt *o = full->opts[t]; o->help; o++) {
                assert_true(n < 400);
                assert_true(o->name || o->env || o->key);
                assert_true(o->at < full->args_size);
                assert_true(o->kind != JD_OPT_CHOICE || o->choices);
                assert_true(o->kind == JD_OPT_CHOICE || !o->choices);
                assert_true(o->kind != JD_OPT_SECRET || (!o->dflt && (o->env || o->key)));
                assert_true(o->help[strlen(o->help) - 1] == '.');
                for (size_t k = 0; k < n; k++) {
                    assert_false(same(o->name, all[k]->name));
                    assert_false(same(o->key, all[k]->key));
                    assert_false(o->letter && o->letter == all[k]->letter);
                }
                all[n++] = o;
            }
        /* the defaults themselves can be read */
        jd_conf_in in   = {.yaml_path = ""};
        jd_err     e    = JD_ERR_NONE;
        jd_cmd     bare = *full;
        bare.pos_least  = 0;
        if (jd_opt_parse(&bare, 0, NULL, &in, a, jd_arena_alloc(a, full->args_size), NULL, NULL,
                         &e))
            fail_msg("%s: %s", c->name, e.msg);
    }
    jd_arena_free(a);
}

static void commands_are_found_longest_name_first(void **state)
{
    (void)state;
    int         used;
    char *const config[]  = {(char[]){"config"}, (char[]){"help"}};
    char *const unknown[] = {(char[]){"confgi"}};
    assert_string_equal(jd_command_find(2, config, &used)->name, "config");
    assert_int_equal(used, 1);
    assert_null(jd_command_find(1, unknown, &used));
    assert_null(jd_command_find(0, NULL, &used));
    jd_arena *a = jd_arena_new(0);
    jd_err    e = JD_ERR_NONE;
    assert_int_equal(jd_command_unknown(a, 1, unknown, &e), JD_E_USAGE);
    assert_has(e.msg, "'confgi'");
    assert_has(e.msg, "did you mean config?");
    jd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rendering_holds_every_command_and_option),
        cmocka_unit_test(the_manual_page_says_it_all),
        cmocka_unit_test(completions_know_values_and_keep_secrets_out),
        cmocka_unit_test(escaping_leaves_one_safe_line),
        cmocka_unit_test(the_tables_are_sound),
        cmocka_unit_test(commands_are_found_longest_name_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
