#include "corpus/stats.h"

#include "cli/commands.h"
#include "sys/zip.h"

#include <stddef.h>

enum { RECORD_MAX = 1 << 30, OUT_MAX = 64 << 20 };

static const char default_corpus[] = "data/corpus/jira_corpus.jsonl";

typedef struct stats_args {
    bool json;
} stats_args;

static const jd_opt stats_opts[] = {
    {.name = "json",
     .kind = JD_OPT_FLAG,
     .at   = offsetof(stats_args, json),
     .help = "Print JSON, also on a terminal."},
    {0},
};

static jd_code read_corpus(const jd_cli *c, const char *path, jd_stats *stats, jd_err *e)
{
    jd_lines *lines;
    uint64_t  number = 0;
    jd_code   code   = jd_lines_open(path, RECORD_MAX, &lines, e);
    if (code == JD_E_NOTFOUND)
        return jd_fail(e, code,
                       "%s: there is no such corpus: run `jiraduct transform --output %s` first, "
                       "or name one",
                       path, path);
    if (code)
        return code;
    jd_arena *a = jd_arena_new(0);
    while (!code) {
        jd_str line;
        code = jd_lines_next(lines, &line, e);
        if (code || !line.p)
            break;
        number++;
        if (jd_stop_wanted(c->stop))
            code = jd_fail(e, JD_E_INTERRUPTED, "interrupted");
        else if (jd_str_trim(line).n)
            code = jd_stats_line(stats, a, line, e);
        if (code == JD_E_DATA)
            code = jd_wrap(e, "%s:%llu: is it a corpus of `jiraduct transform`?", path,
                           (unsigned long long)number);
        jd_arena_reset(a);
    }
    jd_arena_free(a);
    jd_lines_close(lines);
    return code;
}

static int run_stats(void *ctx, const void *args, const jd_list *positional)
{
    const jd_cli     *c     = ctx;
    const stats_args *o     = args;
    const char       *path  = positional->n ? positional->v[0] : default_corpus;
    jd_err            e     = JD_ERR_NONE;
    jd_stats         *stats = jd_stats_new(false);
    jd_buf            out   = JD_BUF_INIT(OUT_MAX);
    int               status;
    if (read_corpus(c, path, stats, &e)) {
        status = jd_cli_fail(c, &e);
    } else {
        if (o->json || !c->out_tty)
            jd_stats_json(&out, stats);
        else
            jd_stats_text(&out, stats, (size_t)c->columns);
        status = jd_cli_print(c, jd_buf_view(&out));
    }
    jd_buf_release(&out);
    jd_stats_free(stats);
    return status;
}

const jd_cmd jd_cmd_stats = {
    .name  = "stats",
    .brief = "count what is in a corpus",
    .usage = "[FILE]",
    .detail =
        "Reads a corpus (data/corpus/jira_corpus.jsonl when none is named; plain, gzip or zstd) "
        "and counts its records per project, status, type, priority, resolution and year, the "
        "lengths of texts and the tasks: as tables on a terminal, as JSON otherwise. Why a task "
        "could not be made is known to the run that made the corpus: see transform --stats.",
    .example   = "jiraduct stats\n"
                 "jiraduct stats --json corpus.jsonl.zst | jq .tasks",
    .opts      = (const jd_opt *const[]){stats_opts, NULL},
    .args_size = sizeof(stats_args),
    .pos_most  = 1,
    .run       = run_stats,
};
