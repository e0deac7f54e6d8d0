#include "cli/commands.h"
#include "cli/render.h"
#include "sys/file.h"
#include "text/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    COLUMNS       = 80,
    COLUMNS_LEAST = 40,
    COLUMNS_MOST  = 120, /* of running text */
    WIDTH_MOST    = 1000,
    RENDER_MAX    = 4 << 20
};

static const char program[] = "jiraduct";

void jd_escape_line(jd_buf *out, jd_str s)
{
    while (s.n) {
        jd_str   rest = s;
        uint32_t cp   = 0;
        size_t   good = jd_utf8_valid(jd_str_cut(s, 0, 4));
        (void)jd_utf8_next(&rest, &cp);
        size_t used = good ? s.n - rest.n : 1;
        bool   bidi = (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
        if (good && cp >= 0x20 && (cp < 0x7f || cp > 0x9f) && !bidi)
            jd_buf_add(out, s.p, used);
        else if (cp == '\n' || cp == '\t' || cp == '\r')
            jd_buf_addf(out, "\\%c", cp == '\n' ? 'n' : cp == '\t' ? 't' : 'r');
        else
            for (size_t i = 0; i < used; i++)
                jd_buf_addf(out, "\\x%02x", (unsigned char)s.p[i]);
        s = jd_str_cut(s, used, s.n);
    }
}

int jd_cli_fail(const jd_cli *c, const jd_err *e)
{
    const char *what = *e->msg ? e->msg : jd_code_text(e->code);
    char        line[JD_ERR_MAX + 32];
    (void)snprintf(line, sizeof line, "%s: %s", c->program, what);
    jd_progress_say(c->progress, JD_ERROR, "fail", line, what);
    return jd_code_exit(e->code);
}

int jd_cli_print(const jd_cli *c, jd_str out)
{
    jd_err e = JD_ERR_NONE;
    if (jd_file_write(STDOUT_FILENO, out, "standard output", &e) && e.sys != EPIPE)
        return jd_cli_fail(c, &e);
    return 0;
}

static int terminal_width(const char *const *env)
{
    struct winsize size;
    uint64_t       n = COLUMNS;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        n = size.ws_col;
    for (; env && *env; env++)
        if (jd_str_starts(jd_str_of(*env), JD_STR("COLUMNS=")))
            (void)jd_str_u64(jd_str_of(*env + 8), &n);
    return (int)(n < COLUMNS_LEAST ? COLUMNS_LEAST : n > WIDTH_MOST ? WIDTH_MOST : n);
}

static jd_progress_mode progress_mode(const char *name)
{
    static const char *const names[] = {
        [JD_PROGRESS_AUTO] = "auto", [JD_PROGRESS_BAR] = "bar",   [JD_PROGRESS_PLAIN] = "plain",
        [JD_PROGRESS_JSON] = "json", [JD_PROGRESS_NONE] = "none",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return (jd_progress_mode)i;
    return JD_PROGRESS_AUTO;
}

static jd_level log_level(const jd_globals *g, const jd_conf_values *values)
{
    const jd_conf_value *v     = jd_conf_find(values, "log-level");
    jd_level             level = g->log_level[0] == 'd'   ? JD_DEBUG
                                 : g->log_level[0] == 'i' ? JD_INFO
                                 : g->log_level[0] == 'w' ? JD_WARN
                                                          : JD_ERROR;
    bool                 asked = v && v->origin == JD_FROM_FLAG;
    return g->quiet && !asked && level < JD_WARN ? JD_WARN : level;
}

/* Global options may stand in front of the command: how many words of argv they take. */
static int leading_options(int argc, char **argv)
{
    int n = 0;
    while (n < argc && argv[n][0] == '-' && argv[n][1]) {
        const char *name  = argv[n] + strspn(argv[n], "-");
        bool        value = false;
        for (const jd_opt *o = jd_global_opts; o->help; o++)
            value = value || (o->kind != JD_OPT_FLAG && strcmp(o->name, name) == 0);
        n += value && n + 1 < argc ? 2 : 1;
    }
    return n;
}

/* The words that belong to the command's options: what stood before and what stands behind it. */
static char **join_words(jd_arena *a, char **before, int n, char **behind, int m)
{
    char **all = JD_NEW_ARRAY(a, char *, (size_t)(n + m) + 1);
    for (int i = 0; i < n; i++)
        all[i] = before[i];
    for (int i = 0; i < m; i++)
        all[n + i] = behind[i];
    return all;
}

static int show(jd_cli *c, const jd_cmd *cmd)
{
    jd_buf out = JD_BUF_INIT(RENDER_MAX);
    if (cmd)
        jd_render_help(&out, program, cmd, jd_global_opts, (size_t)c->columns);
    else
        jd_render_overview(&out, program, jd_commands, (size_t)c->columns);
    int status = jd_cli_print(c, jd_buf_view(&out));
    jd_buf_release(&out);
    return status;
}

static int show_version(const jd_cli *c)
{
    return jd_cli_print(c, JD_STR("jiraduct " JD_VERSION "\n"));
}

/* A file that was named must be there; .env and jiraduct.yml may be missing. */
static jd_code find_files(const jd_cmd *cmd, int argc, char **argv, jd_conf_in *in, jd_err *e)
{
    const char *path;
    if (jd_opt_peek(cmd, argc, argv, "config", &path))
        in->yaml_path = path;
    if (!jd_opt_peek(cmd, argc, argv, "env-file", &path))
        return JD_OK;
    in->dotenv_path = path;
    if (jd_path_is_dir(path) || !jd_path_exists(path))
        return jd_fail(e, JD_E_CONFIG, "--env-file: %s: there is no such file; check the path",
                       path);
    return JD_OK;
}

/* The command runs: options, surroundings, signals, then its own code. */
static int run_command(jd_cli *c, const jd_cmd *cmd, int argc, char **argv, const char *const *env)
{
    size_t        globals_at;
    const jd_cmd *full = jd_command_with_globals(c->arena, cmd, &globals_at);
    if (jd_opt_peek(full, argc, argv, "help", NULL))
        return show(c, cmd);
    if (jd_opt_peek(full, argc, argv, "version", NULL))
        return show_version(c);
    jd_conf_in in = {.environ = env, .dotenv_path = ".env", .commands = jd_commands};
    if (cmd == &jd_cmd_help || cmd == &jd_cmd_version) /* broken settings must not hide the help */
        in = (jd_conf_in){.yaml_path = ""};
    jd_conf_values values = {0};
    jd_list        positional;
    jd_err         e    = JD_ERR_NONE;
    char          *args = jd_arena_alloc(c->arena, full->args_size);
    if (find_files(full, argc, argv, &in, &e) ||
        jd_opt_parse(full, argc, argv, &in, c->arena, args, &positional, &values, &e))
        return jd_cli_fail(c, &e);
    jd_globals g;
    memcpy(&g, args + globals_at, sizeof g);
    jd_progress *early = c->progress;
    c->progress        = jd_progress_new(
               g.quiet && strcmp(g.progress, "json") != 0 ? JD_PROGRESS_NONE : progress_mode(g.progress),
        c->clock, c->err_tty);
    jd_log log = jd_progress_log(c->progress, log_level(&g, &values));
    c->log     = &log;
    c->quiet   = g.quiet;
    c->values  = &values;
    c->conf    = &in;
    c->cmd     = cmd;
    c->stop    = jd_stop_install();
    int status = cmd->run(c, args, &positional);
    jd_progress_free(c->progress);
    jd_stop_free(c->stop);
    c->progress = early;
    return status;
}

static int dispatch(jd_cli *c, int argc, char **argv, const char *const *env)
{
    int lead = leading_options(argc, argv), used = 0;
    if (lead == argc) {
        size_t        at;
        const jd_cmd *bare = &(jd_cmd){.name = "help"};
        const jd_cmd *full = jd_command_with_globals(c->arena, bare, &at);
        jd_conf_in    in   = {.yaml_path = ""};
        jd_err        e    = JD_ERR_NONE;
        void         *args = jd_arena_alloc(c->arena, full->args_size);
        if (jd_opt_parse(full, argc, argv, &in, c->arena, args, NULL, NULL, &e))
            return jd_cli_fail(c, &e);
        return jd_opt_peek(full, argc, argv, "version", NULL) ? show_version(c) : show(c, NULL);
    }
    const jd_cmd *cmd = jd_command_find(argc - lead, argv + lead, &used);
    if (!cmd) {
        jd_err e = JD_ERR_NONE;
        (void)jd_command_unknown(c->arena, argc - lead, argv + lead, &e);
        return jd_cli_fail(c, &e);
    }
    int    behind = argc - lead - used;
    char **words  = join_words(c->arena, argv, lead, argv + lead + used, behind);
    return run_command(c, cmd, lead + behind, words, env);
}

int jd_cli_main(int argc, char **argv, const char *const *env)
{
    jd_arena *a     = jd_arena_new(0);
    int       width = terminal_width(env);
    jd_cli    c     = {
               .clock   = &jd_clock_system,
               .log     = &jd_log_none,
               .arena   = a,
               .columns = width < COLUMNS_MOST ? width : COLUMNS_MOST,
               .width   = width,
               .out_tty = isatty(STDOUT_FILENO) == 1,
               .err_tty = isatty(STDERR_FILENO) == 1,
               .program = program,
    };
    c.progress = jd_progress_new(JD_PROGRESS_NONE, c.clock, c.err_tty);
    int status = dispatch(&c, argc > 0 ? argc - 1 : 0, argv + (argc > 0), env);
    jd_progress_free(c.progress);
    jd_arena_free(a);
    return status;
}
