#include "flow/scrape.h"

#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/etlconf.h"
#include "cli/paths.h"
#include "cli/scrape.h"
#include "flow/fetch.h"
#include "sys/file.h"
#include "text/date.h"

#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REPORT_MAX = 16 << 20 };

typedef jd_scrape_args scrape_args;

#define AT(member) .at = offsetof(scrape_args, member)

/* What is mirrored: of both commands. */
static const jd_opt scope_opts[] = {
    {.name   = "projects",
     .letter = 'p',
     .env    = "JIRA_PROJECTS",
     .key    = "jira.projects",
     .arg    = "KEY",
     .dflt   = "HADOOP SPARK KAFKA",
     .kind   = JD_OPT_LIST,
     AT(projects),
     .help = "Projects to mirror, by key."},
    {.name = "jql",
     .key  = "scrape.jql",
     .arg  = "JQL",
     .kind = JD_OPT_STR,
     AT(jql),
     .help = "Mirror what this query selects instead of projects; its ORDER BY does not count."},
    {0},
};

const jd_opt jd_scrape_opts[] = {
    {.name = "start-date",
     .key  = "scrape.start_date",
     .arg  = "DATE",
     .kind = JD_OPT_DATE,
     AT(start_date),
     .help = "Only issues updated on or after this day (UTC). What it leaves out, a later run "
             "without it still fetches."},
    {.name = "initial-window",
     .key  = "scrape.initial_window",
     .arg  = "TIME",
     .kind = JD_OPT_STR,
     AT(initial_window),
     .help = "Begin with the issues updated within this time before the first run: 90d, 12w, 36h, "
             "1y, or all. Later runs go on from there; a longer one fetches the rest."},
    {.name = "issue",
     .arg  = "KEY",
     .kind = JD_OPT_LIST,
     AT(issues),
     .help = "Fetch only these issues of the projects or the query, by key or id, as they are now, "
             "and remove those that are gone; what a webhook told of. The next run goes on where "
             "the last one stopped."},
    {.name = "max-issues",
     .key  = "scrape.max_issues",
     .arg  = "N",
     .dflt = "0",
     .kind = JD_OPT_COUNT,
     AT(max_issues),
     .help = "Deliver at most this many issues of each project in this run; 0: all."},
    {.name = "overlap",
     .key  = "scrape.overlap",
     .arg  = "SECONDS",
     .dflt = "300",
     .kind = JD_OPT_SECONDS,
     AT(overlap_ms),
     .help = "How far behind the last update seen a run looks again, for what the server indexed "
             "late."},
    {.name = "dry-run",
     .kind = JD_OPT_FLAG,
     AT(dry_run),
     .help = "Show the queries, and how many pages and how long they would take; fetch nothing."},
    {.name = "start-over",
     .kind = JD_OPT_FLAG,
     AT(start_over),
     .help = "Walk everything again, over the data held."},
    {.name = "with",
     .key  = "scrape.with",
     .arg  = "WHAT",
     .kind = JD_OPT_LIST,
     AT(with),
     .help = "Keep more beside each issue, as {KEY}.extra.json: remotelinks, watchers, votes. A "
             "request each, when an issue is new or changed."},
    {.name = "attachments",
     .key  = "scrape.attachments",
     .kind = JD_OPT_FLAG,
     AT(attachments),
     .help = "Fetch the bodies of attachments, too, of all issues held, each once."},
    JD_PATH_ROW(scrape_args, attachments_dir, "attachments-dir", "paths.attachments",
                "data/attachments", "Where they go, under their SHA-256."),
    {.name = "attachment-limit",
     .key  = "scrape.attachment_limit",
     .arg  = "BYTES",
     .dflt = "100M",
     .kind = JD_OPT_BYTES,
     AT(attachment_limit),
     .help = "Leave out what is larger; 0: nothing. A later run with a higher limit fetches it."},
    {.name = "refresh-catalogues",
     .kind = JD_OPT_FLAG,
     AT(refresh_catalogues),
     .help = "Read the site's fields, statuses, boards and other catalogues again, though they "
             "were read within the day."},
    {.name = "census",
     .key  = "scrape.census",
     .kind = JD_OPT_FLAG,
     AT(census),
     .help = "At the end, compare all ids with the server's, too: what was deleted or moved out is "
             "removed, what is lacking fetched (`jiraduct help census`)."},
    {0},
};

/* How, and into what: of both commands. */
const jd_opt jd_scrape_run_opts[] = {
    {.name = "accept-deletions",
     .kind = JD_OPT_FLAG,
     AT(accept_deletions),
     .help =
         "A census may remove more than 20 issues that are more than 5 % of a project or query. "
         "Without it that is refused (exit code 75), and nothing is removed."},
    {.name  = "page-size",
     .key   = "scrape.page_size",
     .arg   = "N",
     .dflt  = "100",
     .kind  = JD_OPT_COUNT,
     .least = 1,
     .most  = 1000,
     AT(page_size),
     .help = "Issues to ask for at a time. The server may send fewer."},
    {.name = "concurrency",
     .env  = "CONCURRENT_REQUESTS",
     .key  = "http.concurrency",
     .arg  = "N",
     .dflt = "0",
     .kind = JD_OPT_COUNT,
     .most = JD_FETCHERS_MAX,
     AT(concurrency),
     .help =
         "Requests in flight at most; 0: 4, or 1 where there is a pause between requests. Halves "
         "when the server says 429, and grows back."},
    {.name = "explain-pace",
     .kind = JD_OPT_FLAG,
     AT(explain_pace),
     .help = "Say at the end what was learned of the server's limits, and how it was kept."},
    JD_OPT_RAW_DIR(scrape_args, "Where the issues go, as {PROJECT}/{KEY}.json."),
    {.name    = "raw-layout",
     .key     = "scrape.raw_layout",
     .arg     = "LAYOUT",
     .choices = "files|pack",
     .kind    = JD_OPT_CHOICE,
     AT(raw_layout),
     .help = "How: files, one an issue, or pack, few large compressed ones, which is faster and "
             "far smaller; when not given, as it was begun, files at first. `state export` "
             "converts."},
    JD_OPT_STATE_DIR(scrape_args,
                     "Where a run keeps what the next one goes on from. Delete it to start fresh."),
    JD_OPT_QUARANTINE_DIR(scrape_args, "Where records go that cannot be used, with the reason."),
    {.name = "changes",
     .key  = "scrape.changes",
     .arg  = "FILE",
     .kind = JD_OPT_PATH,
     AT(changes),
     .help =
         "Append a line of JSON for each thing that changed in an issue held: fields, comments, "
         "worklogs, moves, issues that came up. Each is told once, however runs end."},
    {.name = "strict",
     .env  = "VALIDATION_STRICT_MODE",
     .key  = "scrape.strict",
     .kind = JD_OPT_FLAG,
     AT(strict),
     .help = "Stop at the first record that cannot be used (exit code 65)."},
    {.name = "report",
     .key  = "scrape.report",
     .arg  = "FILE",
     .kind = JD_OPT_PATH,
     AT(report),
     .help = "Write the verdict as JSON."},
    {.name = "metrics",
     .key  = "scrape.metrics",
     .arg  = "FILE",
     .kind = JD_OPT_PATH,
     AT(metrics),
     .help = "Write the verdict as Prometheus text, for node-exporter's textfile collector."},
    {.name = "on-finish",
     .key  = "scrape.on_finish",
     .arg  = "CMD",
     .kind = JD_OPT_STR,
     AT(on_finish),
     .help = "Run this shell command at the end, with the report's path as its last argument."},
    {0},
};

static const jd_opt *const scrape_tables[] = {jd_connect_opts, scope_opts, jd_scrape_opts,
                                              jd_scrape_run_opts, NULL};
static const jd_opt *const census_tables[] = {jd_connect_opts, scope_opts, jd_scrape_run_opts,
                                              NULL};

/* Scopes run side by side, so the line shows them as one. */
typedef struct looker {
    jd_progress *progress;
    size_t       wanted; /* scopes in all: what is shown counts the issues of them together */
    unsigned     scopes;
    uint64_t     total;
} looker;

static void watch_begin(void *self, const char *label, uint64_t total)
{
    looker *l = self;
    l->total += total;
    if (l->scopes++ == 0)
        jd_progress_scope(l->progress, l->wanted > 1 ? "all" : label, l->total);
    else
        jd_progress_total(l->progress, l->total);
}

static void watch_moved(void *self, uint64_t n)
{
    jd_progress_add(((looker *)self)->progress, n);
}

/* The report's path as the last word of the command's line, through the shell. Its exit status does
 * not change ours: the mirror is what it is. */
static void run_hook(const jd_cli *c, const char *command, const char *report)
{
    int    status = 0;
    jd_str line   = jd_arena_fmt(c->arena, "%s \"$1\"", command);
    pid_t  pid    = fork();
    if (pid == 0) {
        (void)execl("/bin/sh", "sh", "-c", line.p, "jiraduct", report, (char *)NULL);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        jd_event(c->log, JD_WARN, "note", "--on-finish: the command failed (status %d): %s",
                 pid < 0 ? -1 : WEXITSTATUS(status), command);
}

/* One rendering of the outcome into a file, if one was asked for. */
static jd_code write_out(const char *path, const jd_outcome                       *o,
                         void (*render)(jd_buf *out, const jd_outcome *o), jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(REPORT_MAX);
    if (!path)
        return JD_OK;
    render(&b, o);
    return jd_file_replace(path, jd_buf_view(&b), e);
}

static void say_verdict(const jd_cli *c, const jd_outcome *o)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(REPORT_MAX);
    if (c->quiet || o->n == 0)
        return;
    jd_outcome_table(&b, o);
    jd_str rest = jd_buf_view(&b), line;
    while (jd_str_split(&rest, '\n', &line))
        if (line.n) {
            const char *z = jd_arena_cstr(c->arena, line);
            jd_progress_say(c->progress, JD_INFO, "verdict", z, z);
        }
}

static void say_pace(const jd_cli *c, jd_gate *gate)
{
    char text[300];
    jd_gate_explain(gate, text, sizeof text);
    jd_progress_say(c->progress, JD_INFO, "pace", text, text);
}

/* Table, report, metrics, hook; the exit status is the outcome's unless writing these failed. */
static int finish(const jd_cli *c, const scrape_args *a, const jd_outcome *o,
                  const jd_connector *by)
{
    jd_err      e      = JD_ERR_NONE;
    const char *report = a->report;
    jd_code     code   = jd_outcome_code(o);
    if (!report && a->on_finish)
        report = jd_arena_fmt(c->arena, "%s/last_report.json", a->state_dir).p;
    jd_progress_end(c->progress);
    say_verdict(c, o);
    if (a->explain_pace)
        say_pace(c, by->gate);
    jd_code rc = write_out(report, o, jd_outcome_json, &e);
    if (!rc)
        rc = write_out(a->metrics, o, jd_outcome_metrics, &e);
    if (a->on_finish && report && jd_path_exists(report))
        run_hook(c, a->on_finish, report);
    if (o->error[0]) {
        jd_err why = {.code = code};
        memcpy(why.msg, o->error, sizeof why.msg);
        (void)jd_connector_blame(by, &why);
        return jd_cli_fail(c, &why);
    }
    for (size_t i = 0; c->quiet && i < o->n; i++)
        if (o->scope[i].code) { /* the table that would say it is not shown */
            jd_err why = {.code = o->scope[i].code};
            memcpy(why.msg, o->scope[i].error, sizeof why.msg);
            return jd_cli_fail(c, &why);
        }
    return rc ? jd_cli_fail(c, &e) : jd_code_exit(code);
}

static int show_plan(const jd_cli *c, const jd_scrape_conf *conf, const jd_scrape_env *env)
{
    jd_err                            e;
    JD_CLEANUP(jd_buf_release) jd_buf b  = JD_BUF_INIT(REPORT_MAX);
    jd_code                           rc = jd_scrape_plan(conf, env, &b, &e);
    return rc ? jd_cli_fail(c, &e) : jd_cli_print(c, jd_buf_view(&b));
}

/* Pages go back to the system once they are delivered: left to itself, the allocator keeps them for
 * the next, and what one fetcher kept another cannot use. */
static void keep_memory_small(void)
{
#ifdef M_MMAP_THRESHOLD
    (void)mallopt(M_MMAP_THRESHOLD, 128 << 10);
    (void)mallopt(M_TRIM_THRESHOLD, 128 << 10);
#endif
}

static jd_code read_with(const jd_cli *c, const jd_list *words, jd_extra_set *out, jd_err *e)
{
    for (size_t i = 0; i < words->n; i++) {
        jd_extra which = jd_extra_of(jd_str_of(words->v[i]));
        if (which == JD_NEXTRA)
            return jd_cli_wrong(c, "with", e, "'%s' is none of remotelinks, watchers and votes",
                                words->v[i]);
        *out |= 1u << which;
    }
    return JD_OK;
}

/* Both say the same in two ways: of a flag and a file the flag counts. */
static jd_code choose_start(const jd_cli *c, bool *date, bool *window, jd_err *e)
{
    const jd_conf_value *d = jd_conf_find(c->values, "start-date");
    const jd_conf_value *w = jd_conf_find(c->values, "initial-window");
    *date                  = d && d->text;
    *window                = w && w->text;
    if (!*date || !*window)
        return JD_OK;
    if (d->origin == w->origin)
        return jd_fail(e, d->origin == JD_FROM_FLAG ? JD_E_USAGE : JD_E_CONFIG,
                       "%s and %s: start date and initial window say the same in two ways: give "
                       "one",
                       d->label, w->label);
    *date   = d->origin > w->origin;
    *window = !*date;
    return JD_OK;
}

jd_code jd_scrape_start(const jd_cli *c, const jd_scrape_args *a, int64_t *since,
                        int64_t *window_ms, jd_err *e)
{
    bool    date, window;
    jd_code rc = choose_start(c, &date, &window, e);
    *since     = !rc && date ? a->start_date : JD_PAST;
    *window_ms = 0;
    if (rc || !window || jd_window_parse(jd_str_of(a->initial_window), window_ms))
        return rc;
    return jd_cli_wrong(c, "initial-window", e,
                        "'%.40s' is no window; write as in 90d, 12w, 1y, or all",
                        a->initial_window);
}

/* Projects, or a query, all with the same settings. */
static jd_code want_of(const jd_cli *c, const scrape_args *a, bool census_only,
                       jd_scrape_conf *conf, jd_err *e)
{
    const char          *option = a->jql ? "jql" : "projects";
    const jd_conf_value *v      = jd_conf_find(c->values, option);
    jd_wanted            like   = {.since      = JD_PAST,
                                   .overlap_ms = a->overlap_ms,
                                   .page_size  = a->page_size,
                                   .where      = jd_cli_label(c, option),
                                   .in_file    = v && v->origin != JD_FROM_FLAG};
    jd_code              rc     = JD_OK;
    if (!census_only)
        rc = jd_scrape_start(c, a, &like.since, &like.window_ms, e);
    if (rc)
        return rc;
    size_t     n   = a->jql ? 1 : a->projects.n;
    jd_wanted *all = JD_NEW_ARRAY(c->arena, jd_wanted, n);
    for (size_t i = 0; i < n; i++) {
        all[i] = like;
        if (a->jql)
            all[i].jql = a->jql;
        else
            all[i].project = a->projects.v[i];
    }
    conf->want  = all;
    conf->nwant = n;
    return JD_OK;
}

int jd_scrape_command(jd_cli *c, const scrape_args *a, const jd_wanted *want, size_t n,
                      bool census_only, jd_outcome *out)
{
    jd_err         e = JD_ERR_NONE;
    jd_connector   made_from;
    looker         look  = {.progress = c->progress};
    jd_watch       watch = {watch_begin, watch_moved, &look};
    jd_scrape_conf conf  = {.want               = want,
                            .nwant              = n,
                            .issue              = a->issues.v,
                            .nissue             = a->issues.n,
                            .max_issues         = a->max_issues,
                            .raw_dir            = a->raw_dir,
                            .layout             = jd_layout_of(jd_str_of(a->raw_layout)),
                            .state_dir          = a->state_dir,
                            .quarantine_dir     = a->quarantine_dir,
                            .changes            = a->changes,
                            .zone_dir           = "/usr/share/zoneinfo",
                            .strict             = a->strict,
                            .start_over         = a->start_over,
                            .refresh_catalogues = a->refresh_catalogues,
                            .attachments_dir    = a->attachments ? a->attachments_dir : NULL,
                            .attachment_limit   = a->attachment_limit,
                            .census             = a->census,
                            .census_only        = census_only,
                            .accept_deletions   = a->accept_deletions};
    *out                 = (jd_outcome){0};
    keep_memory_small();
    if (!want && want_of(c, a, census_only, &conf, &e))
        return jd_cli_fail(c, &e);
    look.wanted = conf.nwant;
    if (read_with(c, &a->with, &conf.extras, &e))
        return jd_cli_fail(c, &e);
    if (jd_connector_open(c, &a->connect, (unsigned)a->concurrency, &made_from, &e))
        return jd_cli_fail(c, &e);
    conf.base_url     = made_from.base;
    conf.site_url     = made_from.site;
    conf.concurrency  = made_from.concurrency;
    conf.gap_ms       = made_from.gap_ms;
    conf.signed_in    = made_from.signed_in;
    jd_scrape_env env = {.client      = jd_connector_client,
                         .client_self = &made_from,
                         .stop        = c->stop,
                         .clock       = c->clock,
                         .log         = c->log,
                         .watch       = &watch};
    int           status;
    if (a->dry_run) {
        status = show_plan(c, &conf, &env);
    } else {
        jd_scrape(&conf, &env, c->arena, out);
        status = finish(c, a, out, &made_from);
    }
    jd_connector_close(&made_from);
    return status;
}

static int scrape_run(void *ctx, const void *args, const jd_list *positional)
{
    jd_outcome told;
    (void)positional;
    return jd_scrape_command(ctx, args, NULL, 0, false, &told);
}

static int census_run(void *ctx, const void *args, const jd_list *positional)
{
    jd_outcome told;
    (void)positional;
    return jd_scrape_command(ctx, args, NULL, 0, true, &told);
}

const jd_cmd jd_cmd_scrape = {
    .name  = "scrape",
    .brief = "mirror Jira projects into a folder of raw JSON",
    .detail =
        "Fetches every issue of the projects, with all fields, comments, worklogs and history, "
        "into one JSON file each. A run goes on where the last one stopped, however it "
        "stopped; once everything is there, a run fetches only what changed.\n\n"
        "At the end a table says what the server counts, what came and what is missing, and "
        "the exit code says the same.",
    .example   = "jiraduct scrape --projects HADOOP --max-issues 2\n"
                 "jiraduct scrape --projects KAFKA --start-date 2024-01-01\n"
                 "jiraduct scrape --base-url https://jira.example.org --jql 'labels = docs'",
    .opts      = scrape_tables,
    .args_size = sizeof(scrape_args),
    .run       = scrape_run,
};

const jd_cmd jd_cmd_census = {
    .name  = "census",
    .brief = "remove what is gone from the server, fetch what is lacking",
    .detail =
        "A scrape sees what is new and changed, not what is gone. A census walks all ids of each "
        "project or query, with their dates alone, and compares them with the mirror: what it "
        "lacks, or holds in an older state, is fetched. What the server's list lacks is asked for "
        "by id, and removed with its cause: gone (deleted, or not visible to the account), moved "
        "(to a project that is not mirrored), archived, left (no longer selected by the query). "
        "What another project or query of the mirror has stays. `jiraduct show` tells of an issue "
        "that was removed when and why; one that comes back is fetched again.\n\n"
        "More than 20 issues and more than 5 % of a project or query are removed only with "
        "--accept-deletions (else exit code 75), and nothing at all unless the account is the one "
        "that built the mirror, so that an expired token cannot empty it. What was never scraped "
        "to the end has to be first.",
    .example   = "jiraduct census --projects HADOOP KAFKA\n"
                 "jiraduct scrape --projects HADOOP --census",
    .opts      = census_tables,
    .args_size = sizeof(scrape_args),
    .run       = census_run,
};
