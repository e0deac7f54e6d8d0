/* transform.h: the transform command's options and work, for commands that end with it. */
#ifndef JD_CLI_TRANSFORM_H
#define JD_CLI_TRANSFORM_H

#include "cli/cli.h"

typedef struct jd_transform_args {
    const char *output, *input_dir, *state_dir, *stats, *quarantine_dir, *compress, *text;
    jd_list     projects;
    uint64_t    threads;
    bool        include_restricted, strict, environment;
} jd_transform_args;

/* The exit status; everything was told. */
int jd_transform_command(const jd_cli *c, const jd_transform_args *o);

#endif
