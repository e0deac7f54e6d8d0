#include "cli/render.h"

#include "text/utf8.h"

void jd_render_overview(jd_buf *out, const char *program, const jd_cmd *const *commands,
                        size_t columns)
{
    size_t wide = 0;
    for (size_t i = 0; commands[i]; i++) {
        size_t n = jd_utf8_width(jd_str_of(commands[i]->name));
        wide     = n > wide ? n : wide;
    }
    jd_buf_addf(out,
                "%s carries Jira issues, whole and once, to where people use them.\n\n"
                "Usage: %s COMMAND [OPTION...]\n\nCommands:\n",
                program, program);
    for (size_t i = 0; commands[i]; i++)
        jd_buf_addf(out, "  %-*s  %s\n", (int)wide, commands[i]->name, commands[i]->brief);
    jd_buf_addc(out, '\n');
    jd_opt_fill(out,
                "'jiraduct help COMMAND' shows what a command does and takes, 'jiraduct config' "
                "every setting and where it comes from.",
                0, columns);
}

void jd_render_help(jd_buf *out, const char *program, const jd_cmd *cmd, const jd_opt *globals,
                    size_t columns)
{
    jd_opt_help(out, program, cmd, columns);
    jd_buf_addz(out, "\nOptions of every command:\n");
    jd_opt_help_table(out, globals, columns);
}
