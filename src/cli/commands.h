/* commands.h: every command, in the order in which the overview and the man page name them. To add
 * one: write its file, declare it here, and give it a row in commands.c and in meson.build. */
#ifndef JD_CLI_COMMANDS_H
#define JD_CLI_COMMANDS_H

#include "cli/cli.h"

extern const jd_cmd jd_cmd_config;
extern const jd_cmd jd_cmd_help;
extern const jd_cmd jd_cmd_version;

#endif
