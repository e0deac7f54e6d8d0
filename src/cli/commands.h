/* commands.h: every command, in the order in which the overview and the man page name them. To add
 * one: write its file, declare it here, and give it a row in commands.c and in meson.build. */
#ifndef JD_CLI_COMMANDS_H
#define JD_CLI_COMMANDS_H

#include "cli/cli.h"

extern const jd_cmd jd_cmd_scrape;
extern const jd_cmd jd_cmd_census;
extern const jd_cmd jd_cmd_transform;
extern const jd_cmd jd_cmd_stats;
extern const jd_cmd jd_cmd_convert;
extern const jd_cmd jd_cmd_show;
extern const jd_cmd jd_cmd_preview;
extern const jd_cmd jd_cmd_fields;
extern const jd_cmd jd_cmd_state_show;
extern const jd_cmd jd_cmd_state_reset;
extern const jd_cmd jd_cmd_state_verify;
extern const jd_cmd jd_cmd_state_export;
extern const jd_cmd jd_cmd_state_compact;
extern const jd_cmd jd_cmd_backfill;
extern const jd_cmd jd_cmd_sync;
extern const jd_cmd jd_cmd_warehouse_init;
extern const jd_cmd jd_cmd_warehouse_migrate;
extern const jd_cmd jd_cmd_warehouse_status;
extern const jd_cmd jd_cmd_warehouse_verify;
extern const jd_cmd jd_cmd_warehouse_rebuild;
extern const jd_cmd jd_cmd_warehouse_report;
extern const jd_cmd jd_cmd_auth_login;
extern const jd_cmd jd_cmd_auth_status;
extern const jd_cmd jd_cmd_auth_logout;
extern const jd_cmd jd_cmd_doctor;
extern const jd_cmd jd_cmd_config;
extern const jd_cmd jd_cmd_help;
extern const jd_cmd jd_cmd_version;

#endif
