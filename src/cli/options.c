#include "cli/cli.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) .at = offsetof(jd_globals, member)

const jd_opt jd_global_opts[] = {
    {.name = "config",
     .arg  = "FILE",
     .kind = JD_OPT_PATH,
     AT(config),
     .help = "Read settings from this YAML file instead of jiraduct.yml."},
    {.name = "env-file",
     .arg  = "FILE",
     .kind = JD_OPT_PATH,
     AT(env_file),
     .help = "Read NAME=value lines from this file instead of .env."},
    {.name    = "log-level",
     .env     = "LOG_LEVEL",
     .key     = "log_level",
     .arg     = "LEVEL",
     .dflt    = "info",
     .choices = "debug|info|warn|warning|error",
     .kind    = JD_OPT_CHOICE,
     AT(log_level),
     .help = "Report what is of this weight or more on standard error."},
    {.name    = "progress",
     .key     = "progress",
     .arg     = "KIND",
     .dflt    = "auto",
     .choices = "auto|bar|plain|json|none",
     .kind    = JD_OPT_CHOICE,
     AT(progress),
     .help = "How to show progress on standard error: a live line, plain lines every 10 s, JSON "
             "lines, or nothing."},
    {.name   = "quiet",
     .letter = 'q',
     .kind   = JD_OPT_FLAG,
     AT(quiet),
     .help = "Only warnings and errors, no progress."},
    {.name   = "help",
     .letter = 'h',
     .kind   = JD_OPT_FLAG,
     AT(help),
     .help = "Show what the command does and takes, and end."},
    {.name   = "version",
     .letter = 'V',
     .kind   = JD_OPT_FLAG,
     AT(version),
     .help = "Show the version, and end."},
    {0},
};

const jd_cmd *jd_command_with_globals(jd_arena *a, const jd_cmd *cmd, size_t *globals_at)
{
    size_t align = _Alignof(jd_globals);
    size_t at    = (cmd->args_size + align - 1) / align * align;
    size_t n = 0, rows = sizeof jd_global_opts / sizeof *jd_global_opts;
    while (cmd->opts && cmd->opts[n])
        n++;
    jd_opt *moved = JD_NEW_ARRAY(a, jd_opt, rows);
    memcpy(moved, jd_global_opts, sizeof jd_global_opts);
    for (size_t i = 0; i + 1 < rows; i++)
        moved[i].at += at;
    const jd_opt **tables = JD_NEW_ARRAY(a, const jd_opt *, n + 2);
    for (size_t i = 0; i < n; i++)
        tables[i] = cmd->opts[i];
    tables[n]       = moved;
    jd_cmd *copy    = JD_NEW(a, jd_cmd);
    *copy           = *cmd;
    copy->opts      = tables;
    copy->args_size = at + sizeof(jd_globals);
    *globals_at     = at;
    return copy;
}

/* How many words of argv the name takes, 0 when it is not that command. */
static int match(const char *name, int argc, char *const *argv)
{
    jd_str rest = jd_str_of(name), word;
    int    n    = 0;
    while (jd_str_split(&rest, ' ', &word)) {
        if (n == argc || !jd_str_is(word, argv[n]))
            return 0;
        n++;
    }
    return n;
}

const jd_cmd *jd_command_find(int argc, char *const *argv, int *used)
{
    const jd_cmd *best = NULL;
    *used              = 0;
    for (size_t i = 0; jd_commands[i]; i++) {
        int n = match(jd_commands[i]->name, argc, argv);
        if (n > *used) {
            *used = n;
            best  = jd_commands[i];
        }
    }
    return best;
}

jd_code jd_command_unknown(jd_arena *a, int argc, char *const *argv, jd_err *e)
{
    size_t n = 0;
    while (jd_commands[n])
        n++;
    const char **names = JD_NEW_ARRAY(a, const char *, n + 1);
    for (size_t i = 0; i < n; i++)
        names[i] = jd_commands[i]->name;
    const char *one    = argc > 0 ? argv[0] : "";
    const char *two    = argc > 1 ? jd_arena_fmt(a, "%s %s", argv[0], argv[1]).p : NULL;
    jd_buf      family = JD_BUF_INIT(300); /* the commands that begin with that word */
    for (size_t i = 0; i < n; i++) {
        jd_str name = jd_str_of(names[i]), first = jd_str_cut(name, 0, jd_str_find(name, ' '));
        if (first.n < name.n && jd_str_is(first, one))
            jd_buf_addf(&family, "%s%s", family.n ? ", " : "", names[i]);
    }
    const char *near = two ? jd_did_you_mean(two, names, n) : NULL;
    if (!near && !family.n)
        near = jd_did_you_mean(one, names, n);
    if (near)
        (void)jd_fail(e, JD_E_USAGE, "there is no command '%s'; did you mean %s?",
                      two && strchr(near, ' ') ? two : one, near);
    else if (family.n)
        (void)jd_fail(e, JD_E_USAGE, "there is no command '%s'; there are %s", two ? two : one,
                      jd_buf_cstr(&family));
    else
        (void)jd_fail(e, JD_E_USAGE,
                      "there is no command '%s'; 'jiraduct help' lists those there are", one);
    jd_buf_release(&family);
    return JD_E_USAGE;
}

static bool is_given(const jd_conf_value *v)
{
    return v && v->origin != JD_FROM_DEFAULT && v->label;
}

const char *jd_cli_label(const jd_cli *c, const char *option)
{
    const jd_conf_value *v = jd_conf_find(c->values, option);
    if (is_given(v))
        return v->label;
    return v && v->opt->name ? jd_arena_fmt(c->arena, "--%s", v->opt->name).p : option;
}

jd_code jd_cli_wrong(const jd_cli *c, const char *option, jd_err *e, const char *fmt, ...)
{
    const jd_conf_value *v = jd_conf_find(c->values, option);
    char                 why[JD_ERR_MAX];
    va_list              args;
    va_start(args, fmt);
    (void)vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    return jd_fail(e, is_given(v) && v->origin != JD_FROM_FLAG ? JD_E_CONFIG : JD_E_USAGE, "%s: %s",
                   jd_cli_label(c, option), why);
}
