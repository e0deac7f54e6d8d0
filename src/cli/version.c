#include "cli/commands.h"

static int run(void *ctx, const void *args, const jd_list *positional)
{
    (void)args;
    (void)positional;
    return jd_cli_print(ctx, JD_STR("jiraduct " JD_VERSION "\n"));
}

const jd_cmd jd_cmd_version = {
    .name  = "version",
    .brief = "show the version",
    .run   = run,
};
