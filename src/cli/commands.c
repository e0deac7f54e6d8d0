#include "cli/commands.h"

const jd_cmd *const jd_commands[] = {
    &jd_cmd_scrape,
    &jd_cmd_census,
    &jd_cmd_transform,
    &jd_cmd_stats,
    &jd_cmd_convert,
    &jd_cmd_show,
    &jd_cmd_state_show,
    &jd_cmd_state_reset,
    &jd_cmd_state_verify,
    &jd_cmd_state_export,
    &jd_cmd_state_compact,
    &jd_cmd_auth_login,
    &jd_cmd_auth_status,
    &jd_cmd_auth_logout,
    &jd_cmd_doctor,
    &jd_cmd_config,
    &jd_cmd_help,
    &jd_cmd_version,
    NULL,
};
