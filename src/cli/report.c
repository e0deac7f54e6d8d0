/* warehouse report: a page that shows how the work of a project goes. */
#include "flow/report.h"

#include "cli/commands.h"
#include "cli/database.h"
#include "flow/outfile.h"
#include "sink/warehouse.h"
#include "text/date.h"

#include <stddef.h>
#include <string.h>

enum { PAGE_MAX = 512 << 20 };

typedef struct report_args {
    jd_database_args db;
    const char      *output, *project, *site;
    int64_t          from, to;
} report_args;

#define AT(member) .at = offsetof(report_args, member)

static const jd_opt report_opts[] = {
    JD_OPT_DATABASE(report_args, db),
    {.name   = "output",
     .letter = 'o',
     .arg    = "FILE",
     .dflt   = "report.html",
     .kind   = JD_OPT_PATH,
     AT(output),
     .help = "Where the page goes; - is standard output."},
    {.name = "project",
     .arg  = "KEY",
     .kind = JD_OPT_STR,
     AT(project),
     .help = "Which project. Without it: all that the warehouse holds."},
    {.name = "site",
     .arg  = "HOST/PATH",
     .kind = JD_OPT_STR,
     AT(site),
     .help = "Of which Jira, where several have a project of that key."},
    {.name = "from",
     .arg  = "DATE",
     .kind = JD_OPT_DATE,
     AT(from),
     .help = "First day of the period. Without it: 52 weeks before its end."},
    {.name = "to",
     .arg  = "DATE",
     .kind = JD_OPT_DATE,
     AT(to),
     .help = "Last day of the period. Without it: the day of the newest change that is held."},
    {0},
};
#undef AT

static jd_code write_page(const char *path, jd_str page, jd_err *e)
{
    jd_outfile o;
    jd_code    rc = jd_outfile_open(&o, path, e);
    if (!rc)
        rc = jd_outfile_write(&o, page, e);
    if (!rc)
        rc = jd_outfile_sync(&o, e);
    if (!rc)
        rc = jd_outfile_publish(&o, e);
    jd_outfile_close(&o);
    return rc;
}

static jd_code report(const jd_cli *c, const report_args *a, jd_buf *page, jd_report *r, jd_err *e)
{
    const char   *url;
    jd_report_ask ask = {.program = jd_arena_fmt(c->arena, "jiraduct %s", c->cmd->name).p,
                         .project = a->project,
                         .site    = a->site,
                         .from    = a->from,
                         .to      = a->to,
                         .now_ms  = jd_now_ms(c->clock)};
    if (a->site && !a->project)
        return jd_fail(e, JD_E_USAGE, "--site goes with --project");
    jd_code rc = jd_database_url(c, &a->db, &url, e);
    ask.url    = url;
    if (!rc)
        rc = jd_report_read(&ask, c->arena, r, e);
    if (rc)
        return rc;
    jd_report_page(page, r);
    if (!jd_buf_ok(page))
        return jd_fail(e, JD_E_TOOBIG,
                       "the page would be larger than %d MiB: choose a shorter period",
                       PAGE_MAX >> 20);
    return write_page(a->output, jd_buf_view(page), e);
}

static int report_run(void *ctx, const void *args, const jd_list *positional)
{
    const jd_cli                     *c    = ctx;
    const report_args                *a    = args;
    JD_CLEANUP(jd_buf_release) jd_buf page = JD_BUF_INIT(PAGE_MAX);
    jd_err                            e    = JD_ERR_NONE;
    jd_report                         r;
    char                              from[JD_TIME_MAX], to[JD_TIME_MAX];
    (void)positional;
    if (report(c, a, &page, &r, &e))
        return jd_cli_fail(c, &e);
    if (strcmp(a->output, "-") != 0)
        jd_event(c->log, JD_INFO, "report", "%s: %.*s, %s to %s", a->output, JD_FMT(r.title),
                 jd_time_day(r.from, from), jd_time_day(r.to - 1, to));
    return 0;
}

const jd_cmd jd_cmd_warehouse_report = {
    .name  = "warehouse report",
    .brief = "a page that shows how the work of a project goes",
    .detail =
        "Writes one HTML file, complete in itself: no script, and nothing is loaded from anywhere. "
        "It shows throughput by week, cumulative flow, cycle times with their median and 85th "
        "percentile, and the age of open issues, each as a chart and as a table, light or dark as "
        "the reader's browser is. The figures are those of the warehouse's views (throughput, "
        "cumulative_flow, cycle_time, open_age, lead_time, reopened). The file is replaced as a "
        "whole.",
    .example   = "jiraduct warehouse report --project HADOOP --output hadoop.html\n"
                 "jiraduct warehouse report --from 2024-01-01 --to 2024-06-30",
    .opts      = (const jd_opt *const[]){report_opts, NULL},
    .args_size = sizeof(report_args),
    .run       = report_run,
};
