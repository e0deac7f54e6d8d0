/* cli.h: the frame around the commands. main.c finds the command, fills its options and calls its
 * `run` with a jd_cli as ctx; a command is one `const jd_cmd jd_cmd_name` in a file of its own and
 * one row of jd_commands[] in commands.c.
 *
 * - Only this floor prints: results on stdout, everything else on stderr through `log`, `progress`
 *   and jd_cli_fail, which share one lock and never garble one another.
 * - All members are borrowed and live until run returns; strings of `args` live in `arena`. */
#ifndef JD_CLI_CLI_H
#define JD_CLI_CLI_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/event.h"
#include "cli/progress.h"
#include "sys/opt.h"
#include "sys/signal.h"

typedef struct jd_cli {
    jd_stop              *stop;
    const jd_clock       *clock;
    const jd_log         *log;
    jd_arena             *arena;
    int                   columns; /* of the terminal, 80 when there is none; for running text */
    int                   width;   /* the same for tables: not less than so on a wide terminal */
    bool                  out_tty, err_tty;
    bool                  quiet;  /* --quiet: warnings and errors only */
    const jd_conf_values *values; /* every effective option, with its origin */
    jd_progress          *progress;
    const char           *program; /* "jiraduct" */
    const jd_cmd         *cmd;     /* the command that runs */
    const jd_conf_in     *conf;    /* what the values were read from */
} jd_cli;

/* Every command, NULL-terminated. */
extern const jd_cmd *const jd_commands[];

/* What every command takes beside its own options (the table and the struct that it fills). */
typedef struct jd_globals {
    const char *config, *env_file, *log_level, *progress;
    bool        quiet, help, version;
} jd_globals;
extern const jd_opt jd_global_opts[];

/* Prints "jiraduct: <message>" as one line on stderr, control bytes escaped, and returns the exit
 * status that belongs to the error's code. */
int jd_cli_fail(const jd_cli *c, const jd_err *e);

/* What stands in front of a message about an option's value, and tells where it came from:
 * "etl.yml:4: scrape.with", ".env:2: DATABASE_URL", "--with". */
const char *jd_cli_label(const jd_cli *c, const char *option);
/* A mistake in that value: JD_E_USAGE where the command line gave it, else JD_E_CONFIG. */
jd_code jd_cli_wrong(const jd_cli *c, const char *option, jd_err *e, const char *fmt, ...)
    JD_PRINTF(4, 5);

/* Writes all of out to stdout; 0, or the status of a failure, which was reported (a reader that
 * went away is none). */
int jd_cli_print(const jd_cli *c, jd_str out);

/* The command whose name begins the words, longest name first; *used gets how many words it took.
 * NULL when there is none. */
const jd_cmd *jd_command_find(int argc, char *const *argv, int *used);

/* "there is no command 'scarpe'; did you mean scrape?" */
jd_code jd_command_unknown(jd_arena *a, int argc, char *const *argv, jd_err *e);

/* Appends s as one line that is safe on a terminal: control characters and bad UTF-8 escaped. */
void jd_escape_line(jd_buf *out, jd_str s);

/* A copy of cmd, in the arena, that takes the global options too; they land in a jd_globals at
 * *globals_at bytes into the arguments. */
const jd_cmd *jd_command_with_globals(jd_arena *a, const jd_cmd *cmd, size_t *globals_at);

/* argv[0] is the program. Everything that main does; environ is passed in. Returns the status. */
int jd_cli_main(int argc, char **argv, const char *const *env);

#endif
