#include "flow/transform.h"

#include "cli/commands.h"
#include "cli/paths.h"
#include "cli/transform.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum { VERDICT_MAX = 1 << 20, THREADS_MAX = 256 };

typedef jd_transform_args transform_args;

#define AT(member) .at = offsetof(transform_args, member)

static const jd_opt transform_opts[] = {
    {.name   = "output",
     .letter = 'o',
     .key    = "transform.output",
     .arg    = "FILE",
     .kind   = JD_OPT_PATH,
     AT(output),
     .help = "Write the corpus here, replacing it as a whole at the end; - is standard output. "
             "Required."},
    {.name = "input-dir",
     .key  = "paths.raw",
     .arg  = "DIR",
     .dflt = "data/raw",
     .kind = JD_OPT_PATH,
     AT(input_dir),
     .help = "The raw store that scrape filled."},
    JD_OPT_STATE_DIR(transform_args,
                     "The folder with the state of that store; needed only where it is packed."),
    {.name = "projects",
     .arg  = "KEY",
     .kind = JD_OPT_LIST,
     AT(projects),
     .help = "Only these projects of the raw store."},
    {.name    = "text",
     .key     = "transform.text",
     .arg     = "FORM",
     .dflt    = "plain",
     .choices = "plain|markdown|wiki",
     .kind    = JD_OPT_CHOICE,
     AT(text),
     .help = "How descriptions and comments are written: plain text without markup; Markdown; or "
             "Jira's wiki markup as it is."},
    {.name = "environment",
     .key  = "transform.environment",
     .kind = JD_OPT_FLAG,
     AT(environment),
     .help = "Give each record a member \"environment\" behind the description."},
    {.name = "threads",
     .key  = "transform.threads",
     .arg  = "N",
     .kind = JD_OPT_COUNT,
     AT(threads),
     .least = 1,
     .most  = THREADS_MAX,
     .help  = "How many threads work; one a core when not given. The output is the same."},
    {.name    = "compress",
     .key     = "transform.compress",
     .arg     = "KIND",
     .choices = "zst|gz|none",
     .kind    = JD_OPT_CHOICE,
     AT(compress),
     .help = "Compress the corpus; when not given, as the end of the output's name says "
             "(.zst, .gz)."},
    {.name = "include-restricted",
     .key  = "transform.include_restricted",
     .kind = JD_OPT_FLAG,
     AT(include_restricted),
     .help = "Take in issues with a security level and comments with restricted visibility, too."},
    {.name = "strict",
     .env  = "VALIDATION_STRICT_MODE",
     .key  = "transform.strict",
     .kind = JD_OPT_FLAG,
     AT(strict),
     .help = "End at the first record that is no issue, without writing, instead of going on "
             "without it."},
    {.name = "stats",
     .key  = "transform.stats",
     .arg  = "FILE",
     .kind = JD_OPT_PATH,
     AT(stats),
     .help = "Write statistics as JSON here."},
    JD_OPT_QUARANTINE_DIR(transform_args, "Where it is noted which files are no issues, and why."),
    {0},
};

static void on_scope(void *self, const char *project, uint64_t issues)
{
    jd_progress_scope(self, project, issues);
}

static void on_step(void *self, uint64_t issues)
{
    jd_progress_add(self, issues);
}

static jd_zip zip_of(const transform_args *o)
{
    jd_str name = jd_str_of(o->output);
    if (o->compress ? strcmp(o->compress, "zst") == 0 : jd_str_ends(name, JD_STR(".zst")))
        return JD_ZIP_ZSTD;
    if (o->compress ? strcmp(o->compress, "gz") == 0 : jd_str_ends(name, JD_STR(".gz")))
        return JD_ZIP_GZIP;
    return JD_ZIP_NONE;
}

static jd_mk_form form_of(const transform_args *o)
{
    return strcmp(o->text, "markdown") == 0 ? JD_MK_MARKDOWN
           : strcmp(o->text, "wiki") == 0   ? JD_MK_WIKI
                                            : JD_MK_PLAIN;
}

/* Line by line, so that each goes through the lock of the progress display. */
static void say_verdict(const jd_cli *c, const transform_args *o, const jd_stats *stats)
{
    jd_buf text = JD_BUF_INIT(VERDICT_MAX);
    jd_buf_addf(&text, "transform: %llu records in %s\n", (unsigned long long)stats->records,
                strcmp(o->output, "-") == 0 ? "standard output" : o->output);
    jd_stats_verdict(&text, stats);
    jd_str rest = jd_buf_view(&text), line;
    while (jd_str_split(&rest, '\n', &line))
        if (line.n)
            jd_progress_say(c->progress, JD_INFO, "verdict", jd_arena_cstr(c->arena, line),
                            jd_arena_cstr(c->arena, jd_str_trim(line)));
    jd_buf_release(&text);
}

int jd_transform_command(const jd_cli *c, const jd_transform_args *o)
{
    jd_err e = JD_ERR_NONE;
    if (!o->output) {
        (void)jd_fail(&e, JD_E_USAGE,
                      "--output is missing: say where the corpus goes, as in --output "
                      "data/corpus/jira_corpus.jsonl (- is standard output)");
        return jd_cli_fail(c, &e);
    }
    if (strcmp(o->output, "-") == 0 && zip_of(o) != JD_ZIP_NONE && c->out_tty) {
        (void)jd_fail(&e, JD_E_USAGE,
                      "compressed output is not for a terminal: give --output a file, or "
                      "--compress none");
        return jd_cli_fail(c, &e);
    }
    if (o->stats && strcmp(o->stats, o->output) == 0) {
        (void)jd_fail(&e, JD_E_USAGE, "--stats and --output name the same file: choose two");
        return jd_cli_fail(c, &e);
    }
    jd_stats    *stats = jd_stats_new(true);
    jd_transform in    = {.input_dir          = o->input_dir,
                          .state_dir          = o->state_dir,
                          .output             = o->output,
                          .quarantine_dir     = o->quarantine_dir,
                          .stats_path         = o->stats,
                          .project            = o->projects.v,
                          .n_projects         = o->projects.n,
                          .threads            = (unsigned)o->threads,
                          .zip                = zip_of(o),
                          .text               = form_of(o),
                          .environment        = o->environment,
                          .include_restricted = o->include_restricted,
                          .strict             = o->strict,
                          .stop               = c->stop,
                          .log                = c->log,
                          .scope              = on_scope,
                          .step               = on_step,
                          .self               = c->progress};
    jd_code      code  = jd_transform_run(&in, stats, &e);
    jd_progress_end(c->progress);
    if (code == JD_OK || code == JD_E_QUARANTINED)
        say_verdict(c, o, stats);
    jd_stats_free(stats);
    /* a reader that has seen enough is no failure */
    if (code == JD_OK || (code == JD_E_IO && e.sys == EPIPE && strcmp(o->output, "-") == 0))
        return 0;
    return jd_cli_fail(c, &e);
}

static int run_transform(void *ctx, const void *args, const jd_list *positional)
{
    (void)positional;
    return jd_transform_command(ctx, args);
}

const jd_cmd jd_cmd_transform = {
    .name  = "transform",
    .brief = "turn the raw store into a JSONL corpus with derived tasks",
    .detail =
        "Writes one line of JSON for each issue of the raw store: metadata, description, comments "
        "and the tasks summarization, classification and qa, each null where the issue does not "
        "give it. The same store gives the same bytes, whatever the number of threads. The output "
        "is replaced as a whole at the end; a run that fails or is interrupted leaves the old "
        "one.\n"
        "\n"
        "Descriptions and comments, wiki markup on Data Center and documents on Cloud, become "
        "plain "
        "text, or Markdown with --text markdown: headings, lists, tables and quotes keep their "
        "shape, code, stack traces and logs stay as they are, mentions become @ and the display "
        "name, files are named.\n"
        "\n"
        "Comments that are restricted to a role or group and issues with a security level stay out "
        "unless --include-restricted is given. Comments of bots stand in the record, but feed no "
        "task.\n"
        "\n"
        "A file that is no issue is noted in the quarantine folder with the reason, and the run "
        "goes on; it ends with status 2 when such a file is new.",
    .example   = "jiraduct transform --output data/corpus/jira_corpus.jsonl\n"
                 "jiraduct transform --output hadoop.jsonl.zst --projects HADOOP --stats stats.json",
    .opts      = (const jd_opt *const[]){transform_opts, NULL},
    .args_size = sizeof(transform_args),
    .run       = run_transform,
};
