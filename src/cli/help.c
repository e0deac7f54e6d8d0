#include "cli/commands.h"
#include "cli/render.h"

#include <stddef.h>
#include <string.h>

enum { RENDER_MAX = 4 << 20 };

typedef struct help_args {
    const char *format;
} help_args;

static const jd_opt help_opts[] = {
    {.name    = "format",
     .arg     = "KIND",
     .dflt    = "text",
     .choices = "text|man|bash|zsh",
     .kind    = JD_OPT_CHOICE,
     .at      = offsetof(help_args, format),
     .help    = "text for people; man prints the manual page, bash and zsh print the completion "
                "for that shell."},
    {0},
};

static jd_code find_topic(jd_cli *c, const jd_list *words, const jd_cmd **cmd, jd_err *e)
{
    int          used;
    char *const *argv = (char *const *)(uintptr_t)words->v;
    *cmd              = jd_command_find((int)words->n, argv, &used);
    if (*cmd && (size_t)used == words->n)
        return JD_OK;
    return jd_command_unknown(c->arena, (int)words->n, argv, e);
}

static int run(void *ctx, const void *args, const jd_list *positional)
{
    jd_cli          *c      = ctx;
    const help_args *h      = args;
    jd_buf           out    = JD_BUF_INIT(RENDER_MAX);
    size_t           width  = (size_t)c->columns;
    int              status = 0;
    jd_err           e      = JD_ERR_NONE;
    const jd_cmd    *cmd    = NULL;
    if (positional->n && find_topic(c, positional, &cmd, &e)) {
        status = jd_cli_fail(c, &e);
        goto out;
    }
    if (strcmp(h->format, "man") == 0)
        jd_render_man(&out, c->program, jd_commands, jd_global_opts);
    else if (strcmp(h->format, "bash") == 0)
        jd_render_bash(&out, c->program, jd_commands, jd_global_opts);
    else if (strcmp(h->format, "zsh") == 0)
        jd_render_zsh(&out, c->program, jd_commands, jd_global_opts);
    else if (cmd)
        jd_render_help(&out, c->program, cmd, jd_global_opts, width);
    else
        jd_render_overview(&out, c->program, jd_commands, width);
    status = jd_cli_print(c, jd_buf_view(&out));
out:
    jd_buf_release(&out);
    return status;
}

static const jd_opt *const tables[] = {help_opts, NULL};

const jd_cmd jd_cmd_help = {
    .name      = "help",
    .brief     = "show what jiraduct or one of its commands does and takes",
    .usage     = "[COMMAND]",
    .example   = "jiraduct help config\n"
                 "jiraduct help --format man | man -l -\n"
                 "source <(jiraduct help --format bash)",
    .opts      = tables,
    .args_size = sizeof(help_args),
    .pos_most  = 3,
    .run       = run,
};
