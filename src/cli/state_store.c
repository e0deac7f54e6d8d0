#include "cli/commands.h"
#include "cli/paths.h"
#include "sink/export.h"
#include "sink/pack.h"
#include "sink/raw.h"

#include <inttypes.h>
#include <stddef.h>

/* -- export ---------------------------------------------------------------------------------- */

typedef struct export_args {
    const char *raw_dir, *state_dir, *output, *layout;
} export_args;

#define AT(member) .at = offsetof(export_args, member)

static const jd_opt export_opts[] = {
    {.name    = "layout",
     .arg     = "LAYOUT",
     .choices = "files|pack",
     .kind    = JD_OPT_CHOICE,
     AT(layout),
     .help = "files, one an issue, or pack, few large compressed ones. Required."},
    {.name   = "output",
     .letter = 'o',
     .arg    = "DIR",
     .kind   = JD_OPT_PATH,
     AT(output),
     .help = "The new folder, with raw/ and state/ in it. Required."},
    JD_OPT_STATE_DIR(export_args, "The folder with the state."),
    JD_OPT_RAW_DIR(export_args, "The folder with the issues."),
    {0},
};
#undef AT

static void on_step(void *self, uint64_t issues)
{
    jd_progress_add(self, issues);
}

static int export_run(void *ctx, const void *args, const jd_list *positional)
{
    const jd_cli      *c      = ctx;
    const export_args *a      = args;
    jd_err             e      = JD_ERR_NONE;
    uint64_t           issues = 0;
    (void)positional;
    if (!a->layout || !a->output) {
        (void)jd_fail(&e, JD_E_USAGE, "--%s is missing: as in --layout pack --output data/packed",
                      a->layout ? "output" : "layout");
        return jd_cli_fail(c, &e);
    }
    jd_export in = {.raw_dir   = a->raw_dir,
                    .state_dir = a->state_dir,
                    .output    = a->output,
                    .layout    = jd_layout_of(jd_str_of(a->layout)),
                    .log       = c->log,
                    .stop      = c->stop,
                    .step      = on_step,
                    .self      = c->progress};
    jd_progress_scope(c->progress, "export", 0);
    jd_code rc = jd_store_export(&in, &issues, &e);
    jd_progress_end(c->progress);
    if (rc)
        return jd_cli_fail(c, &e);
    jd_event(c->log, JD_INFO, "state",
             "%" PRIu64 " issues: go on with --raw-dir %s/raw --state-dir %s/state", issues,
             a->output, a->output);
    return 0;
}

const jd_cmd jd_cmd_state_export = {
    .name  = "state export",
    .brief = "copy the raw store and its state into either layout",
    .detail =
        "Writes every issue held, and the whole state with it, into a new folder: as files or "
        "packed. A scrape with --raw-dir and --state-dir of that folder goes on where the "
        "last one stopped. The folder appears whole or not at all; nothing changes in the "
        "old one.",
    .example   = "jiraduct state export --layout pack --output data/packed",
    .opts      = (const jd_opt *const[]){export_opts, NULL},
    .args_size = sizeof(export_args),
    .run       = export_run,
};

/* -- compact --------------------------------------------------------------------------------- */

typedef struct compact_args {
    const char *raw_dir, *state_dir;
} compact_args;

static const jd_opt compact_opts[] = {
    JD_OPT_STATE_DIR(compact_args, "The folder with the state."),
    JD_OPT_RAW_DIR(compact_args, "The folder with the issues."),
    {0},
};

static int compact_run(void *ctx, const void *args, const jd_list *positional)
{
    const jd_cli       *c = ctx;
    const compact_args *a = args;
    jd_err              e = JD_ERR_NONE;
    jd_state           *state;
    jd_compaction       done;
    bool                fresh;
    (void)positional;
    if (!jd_path_exists(jd_arena_fmt(c->arena, "%s/state.db", a->state_dir).p)) {
        (void)jd_fail(&e, JD_E_NOTFOUND, "there is no state in %s: nothing was scraped yet",
                      a->state_dir);
        return jd_cli_fail(c, &e);
    }
    if (jd_state_open(a->state_dir, NULL, &state, &fresh, &e))
        return jd_cli_fail(c, &e);
    jd_code rc = jd_pack_compact(state, a->raw_dir, &done, &e);
    jd_state_close(state);
    if (rc)
        return jd_cli_fail(c, &e);
    return jd_cli_print(c,
                        jd_arena_fmt(c->arena,
                                     "%" PRIu64 " segments rewritten, %" PRIu64
                                     " issues moved; %" PRIu64 " bytes before, %" PRIu64 " after\n",
                                     done.segments, done.issues, done.before, done.after));
}

const jd_cmd jd_cmd_state_compact = {
    .name   = "state compact",
    .brief  = "give back what replaced issues take up in a packed store",
    .detail = "A packed store keeps the old bytes of an issue when a newer state of it comes. This "
              "rewrites each segment of which more than half is such bytes. It may be interrupted, "
              "killed too, at any time, and nothing is lost; readers go on meanwhile.",
    .opts   = (const jd_opt *const[]){compact_opts, NULL},
    .args_size = sizeof(compact_args),
    .run       = compact_run,
};
