/* backfill and sync: what a configuration's scopes select, into the mirror, and from there into
 * what its outputs name. */
#include "cli/commands.h"
#include "cli/database.h"
#include "cli/etlplan.h"
#include "cli/transform.h"
#include "flow/warehouse.h"
#include "sink/warehouse.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

typedef struct etl_args {
    jd_scrape_args   scrape; /* first: its tables fill it */
    jd_database_args db;
    const char      *dbt_schema;
    jd_list          outputs;
    jd_list          read; /* by jd_etl_read */
} etl_args;

#define AT(member) .at = offsetof(etl_args, member)
static const jd_opt etl_opts[] = {
    JD_OPT_DATABASE(etl_args, db),
    JD_OPT_DBT(etl_args, dbt_schema),
    {.name = "outputs",
     .key  = "outputs",
     .arg  = "LIST",
     .dflt = "warehouse",
     .kind = JD_OPT_LIST,
     AT(outputs),
     .help = "What comes of a run: warehouse, and corpus (as `jiraduct transform` makes it, with "
             "its settings), at the end of it. The mirror (raw) is always kept: it is what both "
             "are made of."},
    {.key  = "scopes[*]",
     .arg  = "LIST",
     .kind = JD_OPT_LIST,
     AT(read),
     .help =
         "What is loaded, each entry a scope: `project` with, if not all, its `issue_types` "
         "(names, or entries with name and fields), or `jql` (with a name). Each may have its own "
         "fields, columns, page_size, start_date, initial_window and overlap. Required, unless "
         "there are sites."},
    {.key  = "sites[*]",
     .arg  = "LIST",
     .kind = JD_OPT_LIST,
     AT(read),
     .help = "Several Jiras, each entry with base_url, scopes, and the names of the variables with "
             "its credentials (pat_env, or username_env and api_token_env; or oauth_file). Each is "
             "mirrored in a folder of its own (`folder`, else data/ and its name)."},
    {.key  = "fields[*]",
     .arg  = "LIST",
     .kind = JD_OPT_LIST,
     AT(read),
     .help = "Only these fields are asked for, by id or name. Those of the file, the site, the "
             "scope and the issue type add up; where none is listed, all are."},
    {.key  = "columns[*]",
     .arg  = "LIST",
     .kind = JD_OPT_LIST,
     AT(read),
     .help = "Columns of the table issue_wide, each a custom field: `name: field`, or name with "
             "field and kind (number, text, date, time, option, user, list)."},
    {0},
};
#undef AT

static const jd_opt *const etl_tables[] = {jd_connect_opts, jd_scrape_opts, jd_scrape_run_opts,
                                           etl_opts, NULL};

/* -- the run --------------------------------------------------------------------------------- */

typedef struct etl {
    jd_cli         *c;
    const etl_args *args;
    jd_etl_conf     conf;
    const char     *url; /* of the warehouse; NULL: it is none of the outputs */
    bool            corpus;
    jd_dbt_conf     dbt;
} etl;

/* Whether what came is worth loading, and the next step worth taking. */
static bool went_on(int status)
{
    return status == 0 || status == jd_code_exit(JD_E_QUARANTINED) ||
           status == jd_code_exit(JD_E_INCOMPLETE);
}

/* Of two, what is worse: a failure over what is merely not whole. */
static int worse(int a, int b)
{
    return went_on(a) && b ? b : a;
}

static void on_scope(void *self, const char *name, uint64_t issues)
{
    jd_progress_scope(self, name, issues);
}

static void on_step(void *self, uint64_t issues)
{
    jd_progress_add(self, issues);
}

/* "HADOOP, SPARK and 12 more": the scopes that failed, or those that did not. */
static jd_str names(jd_arena *a, const jd_outcome *o, bool failed, size_t *n)
{
    enum { SHOWN = 8 };
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(1 << 20);
    *n                                  = 0;
    for (size_t i = 0; i < o->n; i++)
        if ((o->scope[i].code != JD_OK) == failed && ++*n <= SHOWN)
            jd_buf_addf(&b, "%s%.200s", *n > 1 ? ", " : "", jd_arena_cstr(a, o->scope[i].label));
    if (*n > SHOWN)
        jd_buf_addf(&b, " and %zu more", *n - SHOWN);
    return jd_arena_dup(a, jd_buf_view(&b));
}

static void say_partly(const jd_cli *c, jd_str name, const jd_outcome *o)
{
    size_t held, failed;
    jd_str in = names(c->arena, o, false, &held), out = names(c->arena, o, true, &failed);
    if (failed)
        jd_event(c->log, JD_WARN, "warehouse",
                 "%.*s: %zu of %zu scopes are loaded (%.*s); as it was stays what failed: %.*s; "
                 "when that is mended, the next run brings it in",
                 JD_FMT(name), held, o->n, JD_FMT(in), JD_FMT(out));
    else
        jd_event(c->log, JD_WARN, "warehouse",
                 "%.*s: all scopes are loaded, though the run failed behind them; run it again",
                 JD_FMT(name));
}

/* What of a run that ended so can be loaded: all, what came of some scopes, or nothing. */
typedef enum extent { ALL, SOME, NOTHING } extent;

static extent extent_of(const jd_outcome *o, int status)
{
    if (went_on(status))
        return ALL;
    if (!jd_outcome_partly(o))
        return NOTHING;
    return went_on(jd_code_exit(jd_outcome_code(o))) ? ALL : SOME; /* no report could be written */
}

static jd_code load(const etl *t, const jd_scrape_args *a, const jd_etl_plan *plan, int64_t began,
                    const jd_outcome *told, int status, jd_err *e)
{
    const jd_cli    *c    = t->c;
    extent           much = extent_of(told, status);
    jd_str           name = jd_warehouse_name(c->arena, t->url);
    jd_warehouse_sum sum  = {0};
    jd_warehouse_job in   = {.url         = t->url,
                             .program     = jd_arena_fmt(c->arena, "jiraduct %s", c->cmd->name).p,
                             .raw_dir     = a->raw_dir,
                             .state_dir   = a->state_dir,
                             .create      = true,
                             .dbt         = t->dbt,
                             .set_columns = much != NOTHING,
                             .column      = plan->column,
                             .ncolumn     = plan->ncolumn,
                             .partly      = much == SOME ? told : NULL,
                             .now_ms      = jd_now_ms(c->clock),
                             .clock       = c->clock,
                             .began_ms    = began,
                             .stop        = c->stop,
                             .log         = c->log,
                             .scope       = on_scope,
                             .step        = on_step,
                             .self        = c->progress};
    if (much == NOTHING) {
        jd_event(c->log, JD_WARN, "warehouse",
                 "%.*s is left as it was: what came stays in the mirror until a run goes through",
                 JD_FMT(name));
        jd_warehouse_failed(&in, status);
        return JD_OK;
    }
    jd_code rc = jd_warehouse_load(&in, &sum, e);
    jd_progress_end(c->progress);
    if (rc)
        return rc;
    jd_event(c->log, JD_INFO, "warehouse",
             "%.*s: %" PRIu64 " issue%s held, %" PRIu64 " written, %" PRIu64 " removed",
             JD_FMT(name), sum.issues, jd_s(sum.issues), sum.written, sum.removed);
    if (much == SOME)
        say_partly(c, name, told);
    return JD_OK;
}

static jd_code read_transform(const etl *t, jd_transform_args *out, jd_err *e)
{
    return jd_opt_parse(&jd_cmd_transform, 0, NULL, t->c->conf, t->c->arena, out, NULL, NULL, e);
}

/* As the transform command would, with what the configuration says of it. */
static int derive_corpus(const etl *t, const jd_etl_site *site, const jd_scrape_args *a)
{
    const jd_cli     *c = t->c;
    jd_err            e = JD_ERR_NONE;
    jd_transform_args like;
    if (read_transform(t, &like, &e))
        return jd_cli_fail(c, &e);
    if (!like.output)
        like.output = t->conf.listed
                          ? jd_arena_fmt(c->arena, "%s/corpus/jira_corpus.jsonl", site->folder).p
                          : "data/corpus/jira_corpus.jsonl";
    else
        like.output = jd_etl_path(c->arena, &t->conf, site, like.output);
    like.stats          = jd_etl_path(c->arena, &t->conf, site, like.stats);
    like.input_dir      = a->raw_dir;
    like.state_dir      = a->state_dir;
    like.quarantine_dir = a->quarantine_dir;
    return jd_transform_command(c, &like);
}

static int one_site(const etl *t, const jd_etl_site *site)
{
    jd_err         e = JD_ERR_NONE;
    jd_scrape_args args;
    jd_etl_plan    plan;
    jd_code        rc = jd_etl_site_args(t->c, &t->conf, site, &t->args->scrape, &args, &e);
    if (!rc)
        rc = jd_etl_plan_site(t->c, &t->conf, site, &args, &plan, &e);
    if (rc)
        return jd_cli_fail(t->c, &e);
    if (t->url)
        jd_etl_warn_fields(t->c, &t->conf, &args, &plan);
    if (t->conf.listed)
        jd_event(t->c->log, JD_INFO, "site", "%s: %s", site->name, site->base_url);
    jd_outcome told;
    int64_t    began  = jd_now_ms(t->c->clock);
    int        status = jd_scrape_command(t->c, &args, plan.want, plan.n, false, &told);
    if (args.dry_run)
        return status;
    if (t->url)
        rc = load(t, &args, &plan, began, &told, status, &e);
    if (rc)
        return worse(status, jd_cli_fail(t->c, &e));
    return t->corpus && went_on(status) ? worse(status, derive_corpus(t, site, &args)) : status;
}

static jd_code read_outputs(etl *t, bool *warehouse, jd_err *e)
{
    const jd_list *all = &t->args->outputs;
    for (size_t i = 0; i < all->n; i++) {
        if (strcmp(all->v[i], "warehouse") == 0)
            *warehouse = true;
        else if (strcmp(all->v[i], "corpus") == 0)
            t->corpus = true;
        else if (strcmp(all->v[i], "raw") != 0)
            return jd_cli_wrong(t->c, "outputs", e, "'%.40s' is none of raw, warehouse and corpus",
                                all->v[i]);
    }
    return JD_OK;
}

/* What is wrong here or with the warehouse is told before any Jira is asked for anything. */
static jd_code prepare(etl *t, jd_err *e)
{
    bool              warehouse = false;
    jd_scrape_args    unused;
    jd_transform_args like;
    jd_code           rc = jd_etl_read(t->c, false, &t->conf, e);
    if (!rc)
        rc = read_outputs(t, &warehouse, e);
    for (size_t i = 0; i < t->conf.sites && !rc; i++)
        rc = jd_etl_site_args(t->c, &t->conf, &t->conf.site[i], &t->args->scrape, &unused, e);
    if (!rc && warehouse)
        rc = jd_database_url(t->c, &t->args->db, &t->url, e);
    if (!rc)
        rc = jd_dbt_of(t->c, t->args->dbt_schema, &t->dbt, e);
    if (!rc && t->corpus)
        rc = read_transform(t, &like, e);
    if (rc || !warehouse)
        return rc;
    rc = jd_warehouse_prepare(t->url, t->c->program, e);
    return rc ? jd_database_wrong(t->c, &t->args->db, e) : JD_OK;
}

static int etl_run(void *ctx, const void *args, const jd_list *positional)
{
    etl    t      = {.c = ctx, .args = args};
    jd_err e      = JD_ERR_NONE;
    int    status = 0;
    (void)positional;
    if (prepare(&t, &e))
        return jd_cli_fail(t.c, &e);
    for (size_t i = 0; i < t.conf.sites && !jd_stop_wanted(t.c->stop); i++)
        status = worse(status, one_site(&t, &t.conf.site[i])); /* one that is down stops no other */
    return status;
}

#define ETL_DETAIL                                                                                 \
    "The scopes stand in the configuration (--config config/etl.yml): projects, some with the "    \
    "issue types that are wanted and the fields of each, or queries; of one site, or of several. " \
    "Their issues come into the mirror (data/raw; with several sites data/NAME/raw), whole and "   \
    "once, and from there into the warehouse: only what differs is written, what was removed "     \
    "goes, and how far each scope is stands in the warehouse, too. With `outputs: [warehouse, "    \
    "corpus]` the corpus is derived anew at the end. It may be killed at any time; run it "        \
    "again.\n\n"                                                                                   \
    "A scope that cannot be read ends the run with its exit code, and what is held of it stays "   \
    "as it was; the other scopes of its site are loaded all the same.\n\n"                         \
    "A scope whose choice of fields is another one than it was loaded with is refused (exit code " \
    "78) until --start-over. With several sites --report, --metrics and --changes get the site's " \
    "name before their extension, and one that fails stops no other.\n\n"

const jd_cmd jd_cmd_backfill = {
    .name  = "backfill",
    .brief = "load what the configuration's scopes select into the warehouse",
    .detail =
        ETL_DETAIL "The account is checked first. A backfill that was cut short goes on where "
                   "it stopped; --start-over walks everything again.",
    .example =
        "jiraduct backfill --config config/etl.yml\n"
        "DATABASE_URL=postgresql://me@db.example.org/jira jiraduct backfill --config etl.yml",
    .opts      = etl_tables,
    .args_size = sizeof(etl_args),
    .run       = etl_run,
};

const jd_cmd jd_cmd_sync = {
    .name      = "sync",
    .brief     = "bring the warehouse up to date",
    .detail    = ETL_DETAIL "Asks Jira for what changed since the last run; a scope that was never "
                            "loaded is loaded whole. With --census, deleted issues are found, too.",
    .example   = "jiraduct sync --config config/etl.yml",
    .opts      = etl_tables,
    .args_size = sizeof(etl_args),
    .run       = etl_run,
};
