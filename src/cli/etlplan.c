#include "cli/etlplan.h"

#include "base/vec.h"
#include "jira/catalogue.h"
#include "sink/site.h"
#include "sys/file.h"
#include "text/date.h"

#include <stdlib.h>
#include <string.h>

enum { CONF_MAX = 1 << 20, FIELDS_MAX = 1 << 16, SHOWN = 60 };

/* Without these an issue has no place, neither in the mirror nor in a table. */
static const char *const always[] = {"created", "issuetype", "project", "updated"};

jd_code jd_etl_read(const jd_cli *c, bool may_lack, jd_etl_conf *out, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(CONF_MAX);
    const char *file                    = c->conf->yaml_path ? c->conf->yaml_path : "jiraduct.yml";
    *out                                = (jd_etl_conf){.file = file};
    if (*file && !jd_path_is_dir(file) && !jd_file_read(file, &b, e)) {
        jd_code rc = jd_etl_parse(c->arena, jd_arena_dup(c->arena, jd_buf_view(&b)), file, out, e);
        if (rc || may_lack || (out->sites && out->site[0].scopes))
            return rc;
        return jd_fail(e, JD_E_CONFIG, "%s: no scopes: write what is to be loaded, as in %s", file,
                       "`scopes: [{project: ABC, issue_types: [Bug, Story]}]`");
    }
    if (may_lack)
        return JD_OK;
    return jd_fail(e, JD_E_CONFIG,
                   "%s cannot be read: name the file with the scopes, as in --config "
                   "config/etl.yml",
                   file);
}

/* -- options --------------------------------------------------------------------------------- */

static bool is_flag(const jd_cli *c, const char *name)
{
    const jd_conf_value *v = jd_conf_find(c->values, name);
    return v && v->origin == JD_FROM_FLAG;
}

/* What each site has for itself has no place beside a list of sites. */
static jd_code check_alone(const jd_cli *c, const jd_etl_conf *conf, jd_err *e)
{
    static const struct {
        const char *option, *instead;
    } own[] = {{"base-url", "base_url"},     {"username", "username"}, {"oauth-file", "oauth_file"},
               {"raw-dir", "folder"},        {"state-dir", "folder"},  {"quarantine-dir", "folder"},
               {"attachments-dir", "folder"}};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        const jd_conf_value *v = jd_conf_find(c->values, own[i].option);
        if (!v || (v->origin != JD_FROM_FLAG && v->origin != JD_FROM_YAML))
            continue;
        return jd_fail(e, v->origin == JD_FROM_FLAG ? JD_E_USAGE : JD_E_CONFIG,
                       "%s: %s lists sites, each with its own %s: leave this out", v->label,
                       conf->file, own[i].instead);
    }
    return JD_OK;
}

static jd_code secret_of(const jd_cli *c, const jd_etl_conf *conf, const jd_etl_site *site,
                         const char *key, const char *name, const char **out, jd_err *e)
{
    *out = NULL;
    if (!name)
        return JD_OK;
    jd_code rc = jd_conf_variable(c->conf, name, c->arena, out, e);
    if (!rc && !*out)
        rc = jd_fail(e, JD_E_CONFIG,
                     "%s:%u: sites: %s: %s is not set: put it into the environment or .env",
                     conf->file, site->secret_line, key, name);
    for (const char *p = rc ? "" : *out; *p && !rc; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            rc = jd_fail(e, JD_E_CONFIG,
                         "%s:%u: sites: %s: %s holds a control character; write it again on one "
                         "line",
                         conf->file, site->secret_line, key, name);
    return rc;
}

/* A variable of our own name in a file that says whose it is goes there only, as ever. */
static bool is_ours(const char *name)
{
    return name && (strcmp(name, "JIRA_PAT") == 0 || strcmp(name, "JIRA_API_TOKEN") == 0);
}

const char *jd_etl_path(jd_arena *a, const jd_etl_conf *conf, const jd_etl_site *site,
                        const char *path)
{
    if (!path || !conf->listed)
        return path;
    const char *file = strrchr(path, '/'), *dot = strchr(file ? file : path, '.');
    size_t      stem = dot && dot != (file ? file + 1 : path) ? (size_t)(dot - path) : strlen(path);
    return jd_arena_fmt(a, "%.*s.%s%s", (int)stem, path, site->name, path + stem).p;
}

jd_code jd_etl_site_args(const jd_cli *c, const jd_etl_conf *conf, const jd_etl_site *site,
                         const jd_scrape_args *like, jd_scrape_args *out, jd_err *e)
{
    *out = *like;
    if (!conf->listed)
        return JD_OK;
    jd_connect *to = &out->connect;
    to->base_url   = site->base_url;
    to->oauth_file = site->oauth_file;
    to->username   = site->username;
    to->given      = !is_ours(site->pat_env) && !is_ours(site->api_token_env);
    to->from       = jd_arena_fmt(c->arena, "%s:%u: sites: %s", conf->file, site->secret_line,
                            site->oauth_file ? "oauth_file"
                                  : site->pat_env  ? "pat_env"
                                                   : "api_token_env")
                   .p;
    jd_code rc = check_alone(c, conf, e);
    if (!rc)
        rc = secret_of(c, conf, site, "pat_env", site->pat_env, &to->pat, e);
    if (!rc)
        rc = secret_of(c, conf, site, "api_token_env", site->api_token_env, &to->api_token, e);
    if (!rc && site->username_env)
        rc = secret_of(c, conf, site, "username_env", site->username_env, &to->username, e);
    out->raw_dir         = jd_arena_fmt(c->arena, "%s/raw", site->folder).p;
    out->state_dir       = jd_arena_fmt(c->arena, "%s/state", site->folder).p;
    out->quarantine_dir  = jd_arena_fmt(c->arena, "%s/quarantine", site->folder).p;
    out->attachments_dir = jd_arena_fmt(c->arena, "%s/attachments", site->folder).p;
    out->report          = jd_etl_path(c->arena, conf, site, like->report);
    out->metrics         = jd_etl_path(c->arena, conf, site, like->metrics);
    out->changes         = jd_etl_path(c->arena, conf, site, like->changes);
    return rc;
}

/* -- fields ---------------------------------------------------------------------------------- */

/* Its entries as fields, with the names that the mirror gave them. */
static jd_code fields_of(const jd_cli *c, const char *raw_dir, const jd_json *const *entry,
                         size_t n, jd_fields *out, jd_err *e)
{
    const jd_json *named = NULL;
    jd_fields      before;
    jd_drifts      drift;
    jd_code        rc = JD_OK;
    if (jd_path_is_dir(raw_dir))
        rc = jd_site_read(raw_dir, JD_SITE_NAMES, c->arena, &named, e);
    if (rc)
        return rc;
    jd_fields_read(c->arena, named, &before);
    jd_fields_name(c->arena, &before, entry, n, out, &drift);
    return JD_OK;
}

static jd_code ask_fields(const jd_cli *c, const jd_scrape_args *args, jd_fields *out, jd_err *e)
{
    jd_connector k;
    jd_http     *http = NULL;
    jd_entries   list;
    jd_code      rc = jd_connector_open(c, &args->connect, 1, &k, e);
    if (rc)
        return rc;
    rc = jd_connector_client(&k, c->stop, &http, e);
    if (!rc) {
        jd_jira   j = {.http = http, .base = jd_str_of(k.base), .signed_in = k.signed_in};
        jd_server server;
        rc      = jd_jira_server(&j, c->arena, &server, e);
        j.cloud = !rc && server.cloud;
        if (!rc || rc == JD_E_NOTFOUND) /* no Jira at all: its fields say it best */
            rc = jd_jira_catalogue(&j, c->arena, JD_CAT_FIELDS, &list, e);
    }
    if (!rc)
        rc = fields_of(c, args->raw_dir, list.v, list.n, out, e);
    else if (jd_connector_blame(&k, e))
        rc = jd_wrap(e, "asking for the site's fields");
    jd_http_free(http);
    jd_connector_close(&k);
    return rc;
}

/* As they were when the mirror looked last. */
static jd_code held_fields(const jd_cli *c, const char *raw_dir, jd_fields *out, jd_err *e)
{
    const jd_json *all;
    jd_code        rc = jd_site_read(raw_dir, jd_catalogue_name(JD_CAT_FIELDS), c->arena, &all, e);
    if (!rc && !all)
        rc = jd_fail(e, JD_E_NOTFOUND,
                     "%s holds no catalogue of fields, which columns are looked up in: `jiraduct "
                     "sync` reads it",
                     raw_dir);
    if (rc)
        return rc;
    size_t          n     = 0;
    const jd_json **entry = JD_NEW_ARRAY(c->arena, const jd_json *, jd_json_len(all) + 1);
    for (jd_json_iter it = jd_json_walk(all); jd_json_next(&it);)
        entry[n++] = it.value;
    return fields_of(c, raw_dir, entry, n, out, e);
}

static jd_code find_field(const jd_cli *c, const jd_etl_conf *conf, const jd_fields *known,
                          const char *word, unsigned line, const char *key, const jd_field **out,
                          jd_err *e)
{
    const jd_field *both[2];
    size_t          n = jd_field_mean(known, jd_str_of(word), both);
    *out              = n ? both[0] : NULL;
    if (n == 1)
        return JD_OK;
    if (n > 1)
        return jd_fail(
            e, JD_E_CONFIG,
            "%s:%u: %s: %zu fields are called '%.*s', %.*s and %.*s among them: write the "
            "id",
            conf->file, line, key, n, SHOWN, word, JD_FMT(both[0]->id), JD_FMT(both[1]->id));
    const char **all = JD_NEW_ARRAY(c->arena, const char *, 2 * known->n + 1);
    for (size_t i = 0; i < known->n; i++) {
        all[2 * i]     = jd_arena_cstr(c->arena, known->v[i].id);
        all[2 * i + 1] = jd_arena_cstr(c->arena, known->v[i].title);
    }
    const char *near = jd_did_you_mean(word, all, 2 * known->n);
    return jd_fail(e, JD_E_CONFIG, "%s:%u: %s: the site has no field '%.*s'%s%s%s", conf->file,
                   line, key, SHOWN, word, near ? "; did you mean " : " for this account",
                   near ? near : "", near ? "?" : "");
}

/* -- scopes ---------------------------------------------------------------------------------- */

typedef struct ids {
    JD_VEC(jd_str) of;
} ids;

static int by_name(const void *a, const void *b)
{
    return jd_str_cmp(*(const jd_str *)a, *(const jd_str *)b);
}

static jd_code add_words(const jd_cli *c, const jd_etl_conf *conf, const jd_fields *known,
                         const jd_etl_words *words, ids *to, jd_err *e)
{
    jd_code rc = JD_OK;
    for (size_t i = 0; i < words->n && !rc; i++) {
        const jd_etl_word *w = &words->v[i];
        const jd_field    *f;
        rc = find_field(c, conf, known, w->text, w->line, "fields", &f, e);
        if (!rc && (jd_str_find(f->id, ',') < f->id.n || jd_str_find(f->id, '&') < f->id.n))
            rc = jd_fail(e, JD_E_CONFIG, "%s:%u: fields: the id of '%.*s' cannot be asked for",
                         conf->file, w->line, SHOWN, w->text);
        if (!rc)
            *jd_vec_add(&to->of) = f->id;
    }
    return rc;
}

/* What columns are made of is asked for without being listed. */
static jd_code add_of_columns(const jd_cli *c, const jd_etl_conf *conf, const jd_fields *known,
                              const jd_etl_columns *columns, ids *to, jd_err *e)
{
    jd_code rc = JD_OK;
    for (size_t i = 0; i < columns->n && !rc; i++) {
        const jd_etl_column *col = &columns->v[i];
        rc = add_words(c, conf, known, &(jd_etl_words){&(jd_etl_word){col->field, col->line}, 1},
                       to, e);
    }
    return rc;
}

/* All lists together, each once, rising; empty where there are none. */
static jd_code join_fields(const jd_cli *c, const jd_etl_conf *conf, const jd_fields *known,
                           const jd_etl_words *const   lists[4],
                           const jd_etl_columns *const columns[3], jd_str *out, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b   = JD_BUF_INIT(FIELDS_MAX);
    ids                               all = {0};
    jd_code                           rc  = JD_OK;
    *out                                  = JD_NOSTR;
    for (size_t i = 0; i < 4 && !rc; i++)
        if (lists[i])
            rc = add_words(c, conf, known, lists[i], &all, e);
    bool any = all.of.n > 0;
    for (size_t i = 0; i < 3 && any && !rc; i++)
        rc = add_of_columns(c, conf, known, columns[i], &all, e);
    for (size_t i = 0; i < sizeof always / sizeof *always && any; i++)
        *jd_vec_add(&all.of) = jd_str_of(always[i]);
    if (!rc && all.of.n) {
        qsort(all.of.v, all.of.n, sizeof *all.of.v, by_name);
        for (size_t i = 0; i < all.of.n; i++)
            if (!i || !jd_str_eq(all.of.v[i], all.of.v[i - 1]))
                jd_buf_addf(&b, "%s%.*s", i ? "," : "", JD_FMT(all.of.v[i]));
        *out = jd_arena_dup(c->arena, jd_buf_view(&b));
    }
    jd_vec_release(&all.of);
    return rc;
}

/* A flag counts for all scopes; then the innermost. */
static jd_code settings_of(const jd_cli *c, const jd_etl_site *site, const jd_etl_scope *s,
                           const jd_scrape_args *args, jd_wanted *out, jd_err *e)
{
    const jd_etl_set *own[] = {&s->set, &site->set};
    jd_code           rc    = jd_scrape_start(c, args, &out->since, &out->window_ms, e);
    bool              start = is_flag(c, "start-date") || is_flag(c, "initial-window");
    bool              page = is_flag(c, "page-size"), overlap = is_flag(c, "overlap");
    out->page_size  = args->page_size;
    out->overlap_ms = args->overlap_ms;
    for (size_t i = 0; i < 2; i++) {
        if (own[i]->has_page_size && !page) {
            out->page_size = own[i]->page_size;
            page           = true;
        }
        if (own[i]->has_overlap && !overlap) {
            out->overlap_ms = own[i]->overlap_ms;
            overlap         = true;
        }
        if (own[i]->has_start && !start) {
            out->since     = own[i]->since == JD_NO_TIME ? JD_PAST : own[i]->since;
            out->window_ms = own[i]->window_ms;
            start          = true;
        }
    }
    return rc;
}

/* A query's name. Those of none are told apart by their order, where there are several. */
static const char *label_of(const jd_cli *c, const jd_etl_site *site, const jd_etl_scope *s)
{
    size_t n = 0, at = 0;
    if (!s->jql || s->name)
        return s->name;
    for (size_t i = 0; i < site->scopes; i++) {
        n += site->scope[i].jql && !site->scope[i].name;
        if (&site->scope[i] == s)
            at = n;
    }
    return n > 1 ? jd_arena_fmt(c->arena, "jql %zu", at).p : NULL;
}

static jd_code want_scope(const jd_cli *c, const jd_etl_conf *conf, const jd_etl_site *site,
                          const jd_etl_scope *s, const jd_scrape_args *args, const jd_fields *known,
                          jd_etl_plan *out, jd_err *e)
{
    jd_wanted like = {
        .project = s->project, .jql = s->jql, .label = label_of(c, site, s), .in_file = true};
    jd_code rc = settings_of(c, site, s, args, &like, e);
    for (size_t i = 0; i < (s->types ? s->types : 1) && !rc; i++) {
        const jd_etl_type    *type       = s->types ? &s->type[i] : NULL;
        const jd_etl_words   *lists[4]   = {&conf->set.fields, &site->set.fields, &s->set.fields,
                                        type ? &type->fields : NULL};
        const jd_etl_columns *columns[3] = {&conf->set.columns, &site->set.columns,
                                            &s->set.columns};
        jd_wanted            *w          = &out->want[out->n++];
        *w                               = like;
        w->type                          = type ? type->name : NULL;
        w->where = jd_arena_fmt(c->arena, "%s:%u: %s", conf->file, s->what_line,
                                s->jql ? "jql" : "project")
                       .p;
        if (type)
            w->type_where = jd_arena_fmt(c->arena, "%s:%u: issue_types", conf->file, type->line).p;
        for (size_t k = 0; k < 4; k++)
            if (lists[k] && lists[k]->n)
                out->fields_line[out->n - 1] = lists[k]->v[0].line;
        rc = join_fields(c, conf, known, lists, columns, &w->fields, e);
    }
    return rc;
}

static bool is_listed(jd_str fields, const char *id)
{
    jd_str one;
    while (jd_str_split(&fields, ',', &one))
        if (jd_str_is(one, id))
            return true;
    return false;
}

/* They are not added: a scope that was loaded without them would be another choice of fields. */
void jd_etl_warn_fields(const jd_cli *c, const jd_etl_conf *conf, const jd_scrape_args *args,
                        const jd_etl_plan *plan)
{
    const char *state = jd_arena_fmt(c->arena, "%s/state.db", args->state_dir).p;
    if (strcmp(c->cmd->name, "backfill") != 0 && jd_path_exists(state))
        return;
    for (size_t i = 0; i < plan->n; i++) {
        const jd_wanted *w        = &plan->want[i];
        bool             status   = !w->fields.n || is_listed(w->fields, "status");
        bool             resolved = !w->fields.n || is_listed(w->fields, "resolutiondate");
        if (status && resolved)
            continue;
        bool both = !status && !resolved;
        jd_event(c->log, JD_WARN, "fields",
                 "%s:%u: fields: %s%s%s comes without %s%s%s: views made of %s (%s%s%s) lack its "
                 "issues%s; list %s, too, unless that is meant",
                 conf->file, plan->fields_line[i], w->project ? w->project : "",
                 w->project && w->type ? ": " : "",
                 w->type      ? w->type
                 : w->project ? ""
                 : w->label   ? w->label
                              : "jql",
                 status ? "" : "status", both ? " and " : "", resolved ? "" : "resolutiondate",
                 both ? "them" : "it", status ? "" : "time in status, cycle time, flow",
                 both ? ", " : "", resolved ? "" : "lead time, throughput",
                 both ? ", or take them for open" : "", both ? "them" : "it");
    }
}

/* -- columns --------------------------------------------------------------------------------- */

static jd_code add_column(const jd_cli *c, const jd_etl_conf *conf, const jd_fields *known,
                          const jd_etl_column *col, jd_etl_plan *out, jd_err *e)
{
    const jd_field *f;
    jd_code         rc = find_field(c, conf, known, col->field, col->line, "columns", &f, e);
    if (rc)
        return rc;
    if (!jd_str_starts(f->id, JD_STR("customfield_")))
        return jd_fail(e, JD_E_CONFIG,
                       "%s:%u: columns: %s is a field of every Jira and has its place in the "
                       "warehouse's tables: columns are for custom fields",
                       conf->file, col->line, col->field);
    jd_wide_column is = {.name  = jd_str_of(col->name),
                         .field = f->id,
                         .title = f->title,
                         .where = jd_arena_fmt(c->arena, "%s:%u: columns", conf->file, col->line).p,
                         .kind  = col->kind ? jd_wide_kind_of(jd_str_of(col->kind))
                                            : jd_wide_kind_for(f->type)};
    for (size_t i = 0; i < out->ncolumn; i++) {
        const jd_wide_column *other = &out->column[i];
        if (!jd_str_eq(other->name, is.name))
            continue;
        if (jd_str_eq(other->field, is.field) && other->kind == is.kind)
            return JD_OK;
        return jd_fail(e, JD_E_CONFIG,
                       "%s:%u: columns: %s is of %.*s elsewhere in this file, or of another kind: "
                       "give it another name",
                       conf->file, col->line, col->name, JD_FMT(other->field));
    }
    out->column[out->ncolumn++] = is;
    return JD_OK;
}

static jd_code add_columns(const jd_cli *c, const jd_etl_conf *conf, const jd_etl_site *site,
                           const jd_fields *known, jd_etl_plan *out, jd_err *e)
{
    size_t  n  = conf->set.columns.n + site->set.columns.n;
    jd_code rc = JD_OK;
    for (size_t i = 0; i < site->scopes; i++)
        n += site->scope[i].set.columns.n;
    out->column = JD_NEW_ARRAY(c->arena, jd_wide_column, n + 1);
    for (size_t i = 0; i < site->scopes + 2 && !rc; i++) {
        const jd_etl_columns *of = i == 0   ? &conf->set.columns
                                   : i == 1 ? &site->set.columns
                                            : &site->scope[i - 2].set.columns;
        for (size_t k = 0; k < of->n && !rc; k++)
            rc = add_column(c, conf, known, &of->v[k], out, e);
    }
    return rc;
}

static bool names_columns(const jd_etl_conf *conf, const jd_etl_site *site)
{
    bool any = conf->set.columns.n || site->set.columns.n;
    for (size_t i = 0; i < site->scopes; i++)
        any = any || site->scope[i].set.columns.n;
    return any;
}

static bool names_fields(const jd_etl_conf *conf, const jd_etl_site *site)
{
    bool any = conf->set.fields.n || site->set.fields.n || names_columns(conf, site);
    for (size_t i = 0; i < site->scopes && !any; i++) {
        const jd_etl_scope *s = &site->scope[i];
        any                   = s->set.fields.n > 0;
        for (size_t k = 0; k < s->types; k++)
            any = any || s->type[k].fields.n;
    }
    return any;
}

jd_code jd_etl_plan_site(const jd_cli *c, const jd_etl_conf *conf, const jd_etl_site *site,
                         const jd_scrape_args *args, jd_etl_plan *out, jd_err *e)
{
    jd_fields known = {0};
    jd_code   rc    = JD_OK;
    size_t    n     = 0;
    for (size_t i = 0; i < site->scopes; i++)
        n += site->scope[i].types ? site->scope[i].types : 1;
    *out = (jd_etl_plan){.want        = JD_NEW_ARRAY(c->arena, jd_wanted, n),
                         .fields_line = JD_NEW_ARRAY(c->arena, unsigned, n)};
    if (names_fields(conf, site))
        rc = ask_fields(c, args, &known, e);
    for (size_t i = 0; i < site->scopes && !rc; i++)
        rc = want_scope(c, conf, site, &site->scope[i], args, &known, out, e);
    return rc ? rc : add_columns(c, conf, site, &known, out, e);
}

jd_code jd_etl_plan_columns(const jd_cli *c, const jd_etl_conf *conf, const jd_etl_site *site,
                            const char *raw_dir, jd_etl_plan *out, jd_err *e)
{
    jd_fields known = {0};
    *out            = (jd_etl_plan){0};
    jd_code rc      = names_columns(conf, site) ? held_fields(c, raw_dir, &known, e) : JD_OK;
    return rc ? rc : add_columns(c, conf, site, &known, out, e);
}
