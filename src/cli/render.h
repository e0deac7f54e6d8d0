/* render.h: the option tables for readers and shells: overview, help, man page, completions. Pure:
 * tables in, text out. A command's brief is a phrase: small first letter, no full stop. */
#ifndef JD_CLI_RENDER_H
#define JD_CLI_RENDER_H

#include "base/buf.h"
#include "sys/opt.h"

/* `jiraduct` alone: what it is, and the commands. */
void jd_render_overview(jd_buf *out, const char *program, const jd_cmd *const *commands,
                        size_t columns);
/* One command's help, the options that all commands take behind its own. */
void jd_render_help(jd_buf *out, const char *program, const jd_cmd *cmd, const jd_opt *globals,
                    size_t columns);
/* jiraduct(1) in mdoc. */
void jd_render_man(jd_buf *out, const char *program, const jd_cmd *const *commands,
                   const jd_opt *globals);
void jd_render_bash(jd_buf *out, const char *program, const jd_cmd *const *commands,
                    const jd_opt *globals);
void jd_render_zsh(jd_buf *out, const char *program, const jd_cmd *const *commands,
                   const jd_opt *globals);

#endif
