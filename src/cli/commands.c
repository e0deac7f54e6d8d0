#include "cli/commands.h"

const jd_cmd *const jd_commands[] = {
    &jd_cmd_config,
    &jd_cmd_help,
    &jd_cmd_version,
    NULL,
};
