#include "flow/warehouse.h"

#include "cli/commands.h"
#include "cli/database.h"
#include "cli/etlplan.h"
#include "cli/paths.h"
#include "sink/warehouse.h"
#include "sys/file.h"
#include "text/date.h"
#include "text/jsonw.h"
#include "text/utf8.h"

#include <inttypes.h>
#include <stddef.h>

enum { OUT_MAX = 16 << 20, LABEL_LEAST = 16, LABEL_MAX = 40 };

typedef struct warehouse_args {
    jd_database_args db;
    const char      *raw_dir, *state_dir, *site, *dbt_schema;
    bool             json;
} warehouse_args;

#define AT(member) .at = offsetof(warehouse_args, member)

static const jd_opt database_opts[] = {JD_OPT_DATABASE(warehouse_args, db), {0}};

static const jd_opt dbt_opts[] = {JD_OPT_DBT(warehouse_args, dbt_schema), {0}};

static const jd_opt json_opts[] = {
    {.name = "json", .kind = JD_OPT_FLAG, AT(json), .help = "Write JSON on a terminal, too."},
    {0},
};

static const jd_opt store_opts[] = {
    JD_OPT_RAW_DIR(warehouse_args, "The folder with the issues."),
    JD_OPT_STATE_DIR(warehouse_args, "The folder with the state of that store."),
    {.name = "site",
     .arg  = "HOST/PATH",
     .kind = JD_OPT_STR,
     AT(site),
     .help = "Which Jira the issues are of, where neither the state nor the issues tell."},
    {0},
};
#undef AT

static const char *program_of(const jd_cli *c)
{
    return jd_arena_fmt(c->arena, "jiraduct %s", c->cmd->name).p;
}

/* -- init, migrate --------------------------------------------------------------------------- */

static int migrate(const jd_cli *c, const warehouse_args *a, bool create)
{
    jd_err      e = JD_ERR_NONE;
    const char *url;
    jd_dbt_conf dbt;
    int64_t     from;
    jd_code     rc = jd_database_url(c, &a->db, &url, &e);
    if (!rc)
        rc = jd_dbt_of(c, a->dbt_schema, &dbt, &e);
    if (!rc)
        rc = jd_warehouse_migrate(url, program_of(c), create, &dbt, &from, &e);
    if (rc)
        return jd_cli_fail(c, &e);
    jd_str name = jd_warehouse_name(c->arena, url);
    if (from == JD_SCHEMA_VERSION)
        jd_event(c->log, JD_INFO, "warehouse", "%.*s: schema version %d: nothing to do",
                 JD_FMT(name), JD_SCHEMA_VERSION);
    else
        jd_event(c->log, JD_INFO, "warehouse", "%.*s: schema version %d (was %" PRId64 ")",
                 JD_FMT(name), JD_SCHEMA_VERSION, from);
    return 0;
}

static int init_run(void *ctx, const void *args, const jd_list *positional)
{
    (void)positional;
    return migrate(ctx, args, true);
}

static int migrate_run(void *ctx, const void *args, const jd_list *positional)
{
    (void)positional;
    return migrate(ctx, args, false);
}

const jd_cmd jd_cmd_warehouse_init = {
    .name      = "warehouse init",
    .brief     = "make the tables of the reporting warehouse",
    .detail    = "Makes the warehouse's tables in an SQLite file (data/warehouse.db unless told "
                 "otherwise) or in a PostgreSQL database, as sql/schema.sql has them; an older schema "
                 "is brought up. What is there already is left alone.",
    .example   = "jiraduct warehouse init\n"
                 "DATABASE_URL=postgresql://me@db.example.org/jira jiraduct warehouse init",
    .opts      = (const jd_opt *const[]){database_opts, dbt_opts, NULL},
    .args_size = sizeof(warehouse_args),
    .run       = init_run,
};

const jd_cmd jd_cmd_warehouse_migrate = {
    .name   = "warehouse migrate",
    .brief  = "bring the warehouse's schema up to this program's",
    .detail = "Applies the migrations that the warehouse lacks, in one transaction. A schema that "
              "is newer than the program is refused (exit code 78).",
    .opts   = (const jd_opt *const[]){database_opts, dbt_opts, NULL},
    .args_size = sizeof(warehouse_args),
    .run       = migrate_run,
};

/* -- status ---------------------------------------------------------------------------------- */

/* As we wrote it; a text where somebody else did. */
static void run_verdict(jd_jsonw *w, jd_arena *a, jd_str text)
{
    const jd_json *v;
    jd_err         ignored;
    if (jd_json_read(a, text, &v, &ignored))
        jd_jsonw_str(w, text);
    else
        jd_jsonw_value(w, v);
}

static void status_json(jd_buf *b, jd_arena *a, jd_str name, const jd_warehouse_status *s)
{
    jd_jsonw w = jd_jsonw_pretty(b);
    char     time[JD_TIME_MAX];
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "warehouse", name);
    jd_jsonw_kint(&w, "version", s->version);
    jd_jsonw_kint(&w, "program_version", JD_SCHEMA_VERSION);
    jd_jsonw_name(&w, "scopes");
    jd_jsonw_array(&w);
    for (size_t i = 0; i < s->n; i++) {
        const jd_warehouse_scope *sc = &s->scope[i];
        jd_jsonw_object(&w);
        jd_jsonw_kstr(&w, "site", sc->site);
        jd_jsonw_kstr(&w, "scope", sc->label);
        jd_jsonw_kstr(&w, "jql", sc->selection);
        jd_jsonw_kint(&w, "issues", (int64_t)sc->issues);
        jd_jsonw_kbool(&w, "backfilled", jd_cursor_backfilled(&sc->cursor));
        jd_jsonw_name(&w, "updated");
        if (sc->cursor.updated == JD_PAST)
            jd_jsonw_null(&w);
        else
            jd_jsonw_str(&w, jd_str_of(jd_time_utc(sc->cursor.updated, time)));
        jd_jsonw_end(&w);
    }
    jd_jsonw_end(&w);
    jd_jsonw_name(&w, "runs");
    jd_jsonw_array(&w);
    for (size_t i = 0; i < s->nrun; i++) {
        const jd_warehouse_run *r = &s->run[i];
        jd_jsonw_object(&w);
        jd_jsonw_kstr(&w, "site", r->site);
        jd_jsonw_kstr(&w, "command", r->command);
        jd_jsonw_kstr(&w, "began", jd_str_of(jd_time_utc(r->began_ms, time)));
        jd_jsonw_kstr(&w, "ended", jd_str_of(jd_time_utc(r->ended_ms, time)));
        jd_jsonw_name(&w, "verdict");
        run_verdict(&w, a, r->verdict);
        jd_jsonw_end(&w);
    }
    jd_jsonw_end(&w);
    jd_jsonw_name(&w, "rows");
    jd_jsonw_object(&w);
    for (size_t i = 0; i < s->ncount; i++)
        jd_jsonw_kint(&w, s->count[i].table, (int64_t)s->count[i].rows);
    jd_jsonw_end(&w);
    jd_jsonw_end(&w);
    jd_buf_addc(b, '\n');
}

static void status_table(jd_buf *b, jd_arena *a, jd_str name, const jd_warehouse_status *s)
{
    char   time[JD_TIME_MAX];
    size_t wide = LABEL_LEAST;
    jd_buf_addf(b, "%.*s: schema version %" PRId64 " (this program's: %d%s)\n", JD_FMT(name),
                s->version, JD_SCHEMA_VERSION,
                s->version < JD_SCHEMA_VERSION ? "; `jiraduct warehouse migrate` brings it up"
                                               : "");
    for (size_t i = 0; i < s->n; i++)
        wide = jd_utf8_widest(s->scope[i].label, wide, LABEL_MAX);
    for (size_t i = 0; i < s->n; i++) {
        const jd_warehouse_scope *sc = &s->scope[i];
        jd_buf_adds(b, JD_STR("  "));
        jd_utf8_pad(b, sc->label, wide);
        jd_buf_addf(b, " %9" PRIu64 " issue%-2s  %-22s %.*s\n", sc->issues, jd_s(sc->issues),
                    sc->cursor.updated == JD_PAST       ? "no cursor"
                    : jd_cursor_backfilled(&sc->cursor) ? jd_time_utc(sc->cursor.updated, time)
                                                        : "in backfill",
                    JD_FMT(sc->site));
    }
    for (size_t i = 0; i < s->nrun; i++) {
        const jd_warehouse_run *r = &s->run[i];
        const jd_json          *v = NULL;
        jd_err                  ignored;
        int64_t                 written = 0;
        if (!jd_json_read(a, r->verdict, &v, &ignored))
            (void)jd_json_i64(jd_json_get(v, "written"), &written);
        jd_buf_addf(b, "  %s  %-18.*s %-11.*s %9" PRId64 " written  %.*s\n",
                    jd_time_utc(r->ended_ms, time), JD_FMT(r->command),
                    JD_FMT(jd_json_str(jd_json_get(v, "verdict"))), written, JD_FMT(r->site));
    }
    for (size_t i = 0; i < s->ncount; i++)
        jd_buf_addf(b, "  %-24s %12" PRIu64 " rows\n", s->count[i].table, s->count[i].rows);
}

static int status_run(void *ctx, const void *args, const jd_list *positional)
{
    const jd_cli                     *c = ctx;
    const warehouse_args             *a = args;
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(OUT_MAX);
    jd_err                            e = JD_ERR_NONE;
    jd_warehouse_status               s;
    const char                       *url;
    (void)positional;
    jd_code rc = jd_database_url(c, &a->db, &url, &e);
    if (!rc)
        rc = jd_warehouse_look(url, c->arena, &s, &e);
    if (rc)
        return jd_cli_fail(c, &e);
    (a->json || !c->out_tty ? status_json : status_table)(&b, c->arena,
                                                          jd_warehouse_name(c->arena, url), &s);
    return jd_cli_print(c, jd_buf_view(&b));
}

const jd_cmd jd_cmd_warehouse_status = {
    .name   = "warehouse status",
    .brief  = "what the warehouse holds, and how far each scope is",
    .detail = "Shows the schema's version, for each scope how many issues are held and how far it "
              "is loaded, the last runs, and the rows of each table. A table on a terminal, JSON "
              "otherwise.",
    .opts   = (const jd_opt *const[]){database_opts, json_opts, NULL},
    .args_size = sizeof(warehouse_args),
    .run       = status_run,
};

/* -- rebuild, verify ------------------------------------------------------------------------- */

static void on_scope(void *self, const char *project, uint64_t issues)
{
    jd_progress_scope(self, project, issues);
}

static void on_step(void *self, uint64_t issues)
{
    jd_progress_add(self, issues);
}

static bool was_told(const jd_cli *c, const char *option)
{
    const jd_conf_value *v = jd_conf_find(c->values, option);
    return v && v->origin != JD_FROM_DEFAULT;
}

/* The stores that are meant: those of the configuration's sites, if it lists some and no folder is
 * given; else one. */
static jd_code read_sites(const jd_cli *c, jd_etl_conf *out, jd_err *e)
{
    static jd_etl_site none;
    jd_code            rc = jd_etl_read(c, true, out, e);
    if (rc || (out->listed && !was_told(c, "raw-dir") && !was_told(c, "state-dir")))
        return rc;
    if (out->listed || !out->sites)
        out->site = &none;
    out->listed = false;
    out->sites  = 1;
    return JD_OK;
}

static jd_code job_of(const jd_cli *c, const warehouse_args *a, const jd_etl_conf *conf,
                      const jd_etl_site *site, bool create, jd_warehouse_job *out, jd_err *e)
{
    jd_etl_plan plan;
    *out       = (jd_warehouse_job){.program   = program_of(c),
                                    .raw_dir   = a->raw_dir,
                                    .state_dir = a->state_dir,
                                    .site      = a->site,
                                    .create    = create,
                                    .now_ms    = jd_now_ms(c->clock),
                                    .clock     = c->clock,
                                    .stop      = c->stop,
                                    .log       = c->log,
                                    .scope     = on_scope,
                                    .step      = on_step,
                                    .self      = c->progress};
    jd_code rc = jd_database_url(c, &a->db, &out->url, e);
    if (conf->listed) {
        out->raw_dir   = jd_arena_fmt(c->arena, "%s/raw", site->folder).p;
        out->state_dir = jd_arena_fmt(c->arena, "%s/state", site->folder).p;
    }
    /* A configuration without scopes says nothing of columns, either. */
    if (rc || !create || !site->scopes || !jd_path_is_dir(out->raw_dir))
        return rc;
    rc               = jd_etl_plan_columns(c, conf, site, out->raw_dir, &plan, e);
    out->set_columns = !rc;
    out->column      = plan.column;
    out->ncolumn     = plan.ncolumn;
    return rc;
}

static int rebuild_one(const jd_cli *c, const warehouse_args *a, const jd_etl_conf *conf,
                       const jd_etl_site *site)
{
    jd_err           e = JD_ERR_NONE;
    jd_warehouse_job in;
    jd_warehouse_sum sum = {0};
    jd_code          rc  = job_of(c, a, conf, site, true, &in, &e);
    if (!rc)
        rc = jd_dbt_of(c, a->dbt_schema, &in.dbt, &e);
    if (!rc)
        rc = jd_warehouse_rebuild(&in, &sum, &e);
    jd_progress_end(c->progress);
    if (rc)
        return jd_cli_fail(c, &e);
    jd_event(c->log, JD_INFO, "warehouse",
             "%.*s: %" PRIu64 " issue%s of %s, %" PRIu64 " removed that it does not hold",
             JD_FMT(jd_warehouse_name(c->arena, in.url)), sum.issues, jd_s(sum.issues), in.raw_dir,
             sum.removed);
    return 0;
}

/* Site by site; the first failure's status. */
static int each_site(const jd_cli *c, const warehouse_args *a,
                     int (*one)(const jd_cli *, const warehouse_args *, const jd_etl_conf *,
                                const jd_etl_site *))
{
    jd_err      e = JD_ERR_NONE;
    jd_etl_conf conf;
    int         status = 0;
    if (read_sites(c, &conf, &e))
        return jd_cli_fail(c, &e);
    for (size_t i = 0; i < conf.sites && !jd_stop_wanted(c->stop); i++) {
        int its = one(c, a, &conf, &conf.site[i]);
        status  = status ? status : its;
    }
    return status;
}

static int rebuild_run(void *ctx, const void *args, const jd_list *positional)
{
    (void)positional;
    return each_site(ctx, args, rebuild_one);
}

const jd_cmd jd_cmd_warehouse_rebuild = {
    .name  = "warehouse rebuild",
    .brief = "fill the warehouse from the raw store",
    .detail =
        "Derives every issue of the raw store anew and loads it into the warehouse, whose tables "
        "are "
        "made when they are missing; what the store does not hold is removed. Jira is not asked. "
        "Rows that are as they should be are left alone. It may be interrupted: run it again. With "
        "a "
        "configuration that lists sites, each of them; the columns of issue_wide become those that "
        "it names.",
    .example   = "jiraduct warehouse rebuild --raw-dir data/raw",
    .opts      = (const jd_opt *const[]){database_opts, dbt_opts, store_opts, NULL},
    .args_size = sizeof(warehouse_args),
    .run       = rebuild_run,
};

static void on_found(void *self, const char *line)
{
    jd_event(self, JD_WARN, "warehouse", "%s", line);
}

static int verify_one(const jd_cli *c, const warehouse_args *a, const jd_etl_conf *conf,
                      const jd_etl_site *site)
{
    jd_err           e   = JD_ERR_NONE;
    jd_log           log = *c->log;
    jd_warehouse_job in;
    jd_warehouse_sum s  = {0};
    jd_code          rc = job_of(c, a, conf, site, false, &in, &e);
    if (!rc)
        rc = jd_warehouse_verify(&in, on_found, &log, &s, &e);
    jd_progress_end(c->progress);
    if (rc)
        return jd_cli_fail(c, &e);
    int status = jd_cli_print(c, jd_arena_fmt(c->arena,
                                              "%" PRIu64 " issue%s in the store: %" PRIu64
                                              " missing, %" PRIu64 " differ, %" PRIu64
                                              " stray%s, %" PRIu64 " table%s with other counts\n",
                                              s.issues, jd_s(s.issues), s.missing, s.differ,
                                              s.strays, jd_s(s.strays), s.counts, jd_s(s.counts)));
    if (status == 0 && (s.missing || s.differ || s.strays || s.counts || s.bad)) {
        (void)jd_fail(
            &e, JD_E_DATA,
            s.partial
                ? "the warehouse is not what the store says; the last run was partial, and the "
                  "next one that can read what failed brings that in; `jiraduct warehouse rebuild` "
                  "makes it what the store says now"
                : "the warehouse is not what the store says; `jiraduct warehouse rebuild` makes "
                  "it so");
        return jd_cli_fail(c, &e);
    }
    return status;
}

static int verify_run(void *ctx, const void *args, const jd_list *positional)
{
    (void)positional;
    return each_site(ctx, args, verify_one);
}

const jd_cmd jd_cmd_warehouse_verify = {
    .name      = "warehouse verify",
    .brief     = "compare the warehouse with the raw store",
    .detail    = "Says which issues of the raw store the warehouse does not hold, holds in another "
                 "state, or holds beyond them, and which tables have another number of rows than the "
                 "store gives. Exit code 65 when something differs; behind a partial run, which "
                 "leaves scopes as they were, it says so.",
    .opts      = (const jd_opt *const[]){database_opts, store_opts, NULL},
    .args_size = sizeof(warehouse_args),
    .run       = verify_run,
};
