/* backfill and sync: what a configuration's scopes select, into the mirror and from there into the
 * warehouse. */
#include "cli/commands.h"
#include "cli/database.h"
#include "cli/scrape.h"
#include "flow/warehouse.h"
#include "sink/warehouse.h"
#include "sys/file.h"
#include "text/yaml.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

enum { CONF_MAX = 1 << 20, SCOPES_MAX = 1000, TYPES_MAX = 100, JQL_MAX = 1 << 16 };

typedef struct etl_args {
    jd_scrape_args   scrape; /* first: its tables fill it */
    jd_database_args db;
    const char      *dbt_schema;
    jd_list          scopes;
} etl_args;

static const jd_opt etl_opts[] = {
    JD_OPT_DATABASE(etl_args, db),
    JD_OPT_DBT(etl_args, dbt_schema),
    {.key  = "scopes[*]",
     .arg  = "LIST",
     .kind = JD_OPT_LIST,
     .at   = offsetof(etl_args, scopes),
     .help = "What is loaded, each entry a scope: `project` with, if not all, its `issue_types` "
             "(names, "
             "or entries with a name), or `jql`. Required."},
    {0},
};

static const jd_opt *const etl_tables[] = {jd_connect_opts, jd_scrape_opts, jd_scrape_run_opts,
                                           etl_opts, NULL};

/* -- scopes ---------------------------------------------------------------------------------- */

typedef struct scope {
    const char *project, *jql;
    const char *type[TYPES_MAX];
    size_t      types;
    unsigned    line;
} scope;

typedef struct scopes {
    const char *file;
    scope      *v;
    size_t      n;
} scopes;

/* "[12]" at the front of *path. */
static bool take_index(jd_str *path, uint64_t *out)
{
    size_t end = jd_str_find(*path, ']');
    if (path->n < 3 || path->p[0] != '[' || end == path->n ||
        !jd_str_u64(jd_str_cut(*path, 1, end - 1), out))
        return false;
    *path = jd_str_cut(*path, end + 1, path->n);
    return true;
}

static jd_code add_type(scope *s, const char *name, const char *where, jd_err *e)
{
    if (s->types == TYPES_MAX)
        return jd_fail(e, JD_E_CONFIG, "%s: more than %d issue types in one scope", where,
                       TYPES_MAX);
    s->type[s->types++] = name;
    return JD_OK;
}

/* What stands in one scope: `rest` is the path behind "scopes[N]". */
static jd_code take_member(scope *s, jd_str rest, const jd_yaml_item *item, const char *where,
                           jd_arena *a, jd_err *e)
{
    static const jd_str types = JD_STR_INIT(".issue_types");
    const char         *value = item->value.p ? jd_arena_cstr(a, item->value) : NULL;
    uint64_t            which;
    if (jd_str_is(rest, ".project") && value) {
        if (!jd_is_project_key(item->value))
            return jd_fail(e, JD_E_CONFIG,
                           "%s: '%s' is no project key: capital letters, digits and _ only, as in "
                           "HADOOP",
                           where, value);
        s->project = value;
        return JD_OK;
    }
    if (jd_str_is(rest, ".jql") && value) {
        s->jql = value;
        return JD_OK;
    }
    if (jd_str_starts(rest, types)) {
        jd_str deep = jd_str_cut(rest, types.n, rest.n);
        if (take_index(&deep, &which) && value && (!deep.n || jd_str_is(deep, ".name")))
            return add_type(s, value, where, e);
        if (jd_str_starts(deep, JD_STR(".fields")) || !value)
            return JD_OK;
    }
    if (jd_str_starts(rest, JD_STR(".fields")))
        return JD_OK; /* all fields come, whatever is listed */
    return jd_fail(
        e, JD_E_CONFIG,
        "%s: '%.*s' is not a setting of a scope: project, issue_types, fields and jql are", where,
        JD_FMT(item->path));
}

static jd_code check_scope(const scopes *all, const scope *s, jd_err *e)
{
    if (!s->project == !s->jql)
        return jd_fail(e, JD_E_CONFIG, "%s:%u: scopes: give each a project, or jql", all->file,
                       s->line);
    if (s->jql && s->types)
        return jd_fail(e, JD_E_CONFIG,
                       "%s:%u: scopes: issue_types go with a project; write them into the jql",
                       all->file, s->line);
    return JD_OK;
}

static jd_code read_scopes(const jd_cli *c, scopes *out, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b     = JD_BUF_INIT(CONF_MAX);
    static const jd_str               front = JD_STR_INIT("scopes");
    jd_yaml                           doc;
    *out       = (scopes){.file = c->conf->yaml_path ? c->conf->yaml_path : "jiraduct.yml",
                          .v    = JD_NEW_ARRAY(c->arena, scope, SCOPES_MAX)};
    jd_code rc = *out->file ? jd_file_read(out->file, &b, e) : JD_OK;
    if (rc)
        return jd_fail(e, JD_E_CONFIG,
                       "%s cannot be read: name the file with the scopes, as in --config "
                       "config/etl.yml",
                       out->file);
    rc = jd_yaml_read(c->arena, jd_buf_view(&b), out->file, &doc, e);
    for (size_t i = 0; i < doc.n && !rc; i++) {
        const jd_yaml_item *item  = &doc.item[i];
        jd_str              rest  = item->path;
        const char         *where = jd_arena_fmt(c->arena, "%s:%u", out->file, item->line).p;
        uint64_t            at;
        if (!jd_str_starts(rest, front))
            continue;
        rest = jd_str_cut(rest, front.n, rest.n);
        if (!rest.n && !item->value.p)
            continue;
        if (!take_index(&rest, &at) || at >= SCOPES_MAX)
            rc = jd_fail(e, JD_E_CONFIG, "%s: scopes: write a list of at most %d scopes", where,
                         SCOPES_MAX);
        if (rc)
            break;
        if (at >= out->n)
            out->n = (size_t)at + 1;
        if (!out->v[at].line)
            out->v[at].line = item->line;
        rc = take_member(&out->v[at], rest, item, where, c->arena, e);
    }
    for (size_t i = 0; i < out->n && !rc; i++)
        rc = check_scope(out, &out->v[i], e);
    if (!rc && !out->n)
        rc = jd_fail(e, JD_E_CONFIG, "%s: no scopes: write what is to be loaded, as in\n%s",
                     out->file, "scopes:\n  - project: ABC\n    issue_types: [Bug, Story]");
    return rc;
}

static void quote(jd_buf *b, const char *text)
{
    jd_buf_addc(b, '"');
    for (const char *p = text; *p; p++) {
        if (*p == '"' || *p == '\\')
            jd_buf_addc(b, '\\');
        jd_buf_addc(b, *p);
    }
    jd_buf_addc(b, '"');
}

static const char *jql_of(jd_arena *a, const scope *s)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(JQL_MAX);
    if (s->jql)
        return s->jql;
    jd_buf_addz(&b, "project = ");
    quote(&b, s->project);
    jd_buf_addz(&b, " AND issuetype in (");
    for (size_t i = 0; i < s->types; i++) {
        if (i)
            jd_buf_addz(&b, ", ");
        quote(&b, s->type[i]);
    }
    jd_buf_addz(&b, ")");
    return jd_arena_cstr(a, jd_buf_view(&b));
}

/* -- the run --------------------------------------------------------------------------------- */

/* Whether what came is worth loading, and the next scope worth asking for. */
static bool went_on(int status)
{
    return status == 0 || status == jd_code_exit(JD_E_QUARANTINED) ||
           status == jd_code_exit(JD_E_INCOMPLETE);
}

static int scrape_one(jd_cli *c, const jd_scrape_args *like, const char **project, size_t n,
                      const char *jql, int before)
{
    jd_scrape_args one = *like;
    one.projects       = (jd_list){project, n};
    one.jql            = jql;
    int status         = jd_scrape_command(c, &one, false);
    return status ? status : before;
}

/* Whole projects side by side, then query by query. */
static int scrape_all(jd_cli *c, const jd_scrape_args *like, const scopes *all)
{
    const char **project = JD_NEW_ARRAY(c->arena, const char *, all->n);
    size_t       n       = 0;
    int          status  = 0;
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].project && !all->v[i].types)
            project[n++] = all->v[i].project;
    if (n)
        status = scrape_one(c, like, project, n, NULL, status);
    for (size_t i = 0; i < all->n && went_on(status); i++)
        if (all->v[i].jql || all->v[i].types)
            status = scrape_one(c, like, NULL, 0, jql_of(c->arena, &all->v[i]), status);
    return status;
}

static void on_scope(void *self, const char *name, uint64_t issues)
{
    jd_progress_scope(self, name, issues);
}

static void on_step(void *self, uint64_t issues)
{
    jd_progress_add(self, issues);
}

/* failed: the exit status of a run that brought nothing to load, which is only noted. */
static jd_code load(const jd_cli *c, const etl_args *a, const char *url, const jd_dbt_conf *dbt,
                    int64_t began, int failed, jd_err *e)
{
    jd_warehouse_sum sum = {0};
    jd_warehouse_job in  = {.url       = url,
                            .program   = jd_arena_fmt(c->arena, "jiraduct %s", c->cmd->name).p,
                            .raw_dir   = a->scrape.raw_dir,
                            .state_dir = a->scrape.state_dir,
                            .create    = true,
                            .dbt       = *dbt,
                            .now_ms    = jd_now_ms(c->clock),
                            .clock     = c->clock,
                            .began_ms  = began,
                            .stop      = c->stop,
                            .log       = c->log,
                            .scope     = on_scope,
                            .step      = on_step,
                            .self      = c->progress};
    if (failed) {
        jd_warehouse_failed(&in, failed);
        return JD_OK;
    }
    jd_code rc = jd_warehouse_load(&in, &sum, e);
    jd_progress_end(c->progress);
    if (!rc)
        jd_event(c->log, JD_INFO, "warehouse",
                 "%.*s: %" PRIu64 " issues held, %" PRIu64 " written, %" PRIu64 " removed",
                 JD_FMT(jd_warehouse_name(c->arena, url)), sum.issues, sum.written, sum.removed);
    return rc;
}

static int etl_run(void *ctx, const void *args, const jd_list *positional)
{
    jd_cli         *c = ctx;
    const etl_args *a = args;
    jd_err          e = JD_ERR_NONE;
    scopes          all;
    const char     *url;
    jd_dbt_conf     dbt;
    (void)positional;
    jd_code rc = read_scopes(c, &all, &e);
    if (!rc)
        rc = jd_database_url(c, &a->db, &url, &e);
    if (!rc)
        rc = jd_dbt_of(c, a->dbt_schema, &dbt, &e);
    if (!rc) /* what is wrong with the warehouse is told before Jira is asked for anything */
        rc = jd_warehouse_prepare(url, c->program, &e);
    if (rc)
        return jd_cli_fail(c, &e);
    int64_t began  = jd_now_ms(c->clock);
    int     status = scrape_all(c, &a->scrape, &all);
    if (a->scrape.dry_run)
        return status;
    rc = load(c, a, url, &dbt, began, went_on(status) ? 0 : status, &e);
    return rc ? jd_cli_fail(c, &e) : status;
}

#define ETL_DETAIL                                                                                \
    "The scopes stand in the configuration (--config config/etl.yml): projects, some with the "   \
    "issue "                                                                                      \
    "types that are wanted, or queries. Their issues come into the mirror (data/raw), whole and " \
    "once, and from there into the warehouse: only what differs is written, what was removed "    \
    "goes, "                                                                                      \
    "and how far each scope is stands in the warehouse, too. It may be killed at any time; run "  \
    "it "                                                                                         \
    "again.\n\n"

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
