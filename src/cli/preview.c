/* preview and fields: a look at what a Jira has, as tables, JSON lines or CSV. */
#include "flow/preview.h"

#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/etlplan.h"
#include "cli/grid.h"
#include "flow/show_value.h"
#include "sys/file.h"
#include "text/csv.h"
#include "text/date.h"
#include "text/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <unistd.h>

enum { OUT_MAX = 256 << 20, CELL_MAX = 64 << 20 };

typedef struct preview_args {
    jd_connect  connect;
    const char *jql;
    jd_list     fields;
    uint64_t    limit;
    bool        json, csv, guard;
} preview_args;

#define AT(member) .at = offsetof(preview_args, member)

static const jd_opt preview_opts[] = {
    {.name = "jql",
     .arg  = "JQL",
     .kind = JD_OPT_STR,
     AT(jql),
     .help = "What to look at, in Jira's query language, ORDER BY and all. Required."},
    {.name = "fields",
     .arg  = "FIELD",
     .dflt = "summary,status,assignee,updated",
     .kind = JD_OPT_LIST,
     AT(fields),
     .help = "Which fields, by id, by Jira's name or by ours: summary, 'Story Points', "
             "customfield_10001. `jiraduct fields` lists them."},
    {.name = "limit",
     .arg  = "N",
     .dflt = "50",
     .kind = JD_OPT_COUNT,
     AT(limit),
     .help = "At most so many issues; 0: all that the query selects."},
    {.name = "json", .kind = JD_OPT_FLAG, AT(json), .help = "One object of JSON a line."},
    {.name = "csv", .kind = JD_OPT_FLAG, AT(csv), .help = "Comma-separated values (RFC 4180)."},
    {.name = "guard",
     .kind = JD_OPT_FLAG,
     .dflt = "true",
     AT(guard),
     .help = "With --csv, leave texts as they are that a spreadsheet would run as a formula. "
             "Without it they get an apostrophe in front."},
    {0},
};
#undef AT

/* What is printed, row by row. */
typedef struct sheet {
    const jd_cli *c;
    jd_str       *head;
    size_t        n; /* columns */
    bool          json, csv, guard;
    jd_grid       grid;
    bool          begun;
    bool          gone; /* the reader went away: no more is wanted */
    jd_buf        out;
} sheet;

static void sheet_begin(sheet *s)
{
    if (s->begun)
        return;
    s->begun = true;
    if (s->csv) {
        for (size_t i = 0; i < s->n; i++)
            jd_csv_cell(&s->out, s->head[i], i == 0, s->guard);
        jd_csv_end(&s->out);
    } else if (!s->json) {
        jd_grid_settle(&s->grid);
        jd_grid_head(&s->grid, &s->out);
    }
}

static jd_code sheet_send(sheet *s, jd_err *e)
{
    if (!jd_buf_ok(&s->out))
        return jd_fail(e, JD_E_TOOBIG, "a page is larger than the %d MiB that are shown",
                       OUT_MAX >> 20);
    jd_code rc = jd_file_write(STDOUT_FILENO, jd_buf_view(&s->out), "standard output", e);
    s->gone    = rc && e->sys == EPIPE;
    jd_buf_reset(&s->out);
    return rc;
}

static void sheet_open(sheet *s, const jd_cli *c, jd_str *head, size_t n)
{
    s->c    = c;
    s->head = head;
    s->n    = n;
    s->out  = (jd_buf)JD_BUF_INIT(OUT_MAX);
    for (size_t i = 0; i < n && !s->json && !s->csv; i++) {
        JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(1 << 16);
        jd_grid_clean(&b, head[i]);
        head[i] = jd_arena_dup(c->arena, jd_buf_view(&b));
    }
    jd_grid_init(&s->grid, c->arena, head, n, (size_t)c->width);
}

/* -- preview --------------------------------------------------------------------------------- */

typedef struct look {
    sheet            s;
    const jd_picked *fields;
    jd_bodies        bodies;
    jd_arena        *arena;
    jd_buf           scratch;
} look;

static const jd_json *field_of(const jd_json *issue, jd_str id)
{
    bool own = jd_str_is(id, "key") || jd_str_is(id, "id");
    return jd_json_getn(own ? issue : jd_json_get(issue, "fields"), id);
}

static void json_row(look *k, const jd_json *issue)
{
    jd_jsonw w = jd_jsonw_to(&k->s.out);
    jd_jsonw_object(&w);
    for (size_t i = 0; i < k->fields->n; i++) {
        jd_jsonw_names(&w, k->fields->name[i]);
        jd_show_json(&w, &k->bodies, field_of(issue, k->fields->id[i]));
    }
    jd_jsonw_end(&w);
    jd_buf_addc(&k->s.out, '\n');
}

/* The value as text; *number: it is one, and needs no guard. */
static jd_str text_of(look *k, const jd_json *v, bool *number)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(CELL_MAX);
    *number                             = jd_json_kind(v) == JD_JSON_NUMBER;
    if (jd_show_is_set(v))
        jd_show_value(&b, &k->bodies, v);
    return jd_arena_dup(k->arena, jd_buf_view(&b));
}

static void csv_row(look *k, const jd_json *issue)
{
    for (size_t i = 0; i < k->fields->n; i++) {
        bool   number;
        jd_str text = text_of(k, field_of(issue, k->fields->id[i]), &number);
        jd_csv_cell(&k->s.out, text, i == 0, k->s.guard && !number);
    }
    jd_csv_end(&k->s.out);
}

/* An instant as people write it, UTC. */
static jd_str minute_of(jd_arena *a, jd_str s)
{
    char    time[JD_TIME_MAX];
    int64_t ms;
    if (s.n < 20 || s.n > JD_TIME_MAX || s.p[10] != 'T' || !jd_time_parse(s, &ms, NULL))
        return s;
    return jd_arena_dup(a, jd_str_of(jd_time_minute(ms, 0, time)));
}

static const jd_str *cells(look *k, const jd_json *issue)
{
    jd_str *cell = JD_NEW_ARRAY(k->arena, jd_str, k->fields->n + 1);
    for (size_t i = 0; i < k->fields->n; i++) {
        JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(1 << 16);
        bool                              number;
        jd_str text = text_of(k, field_of(issue, k->fields->id[i]), &number);
        jd_grid_clean(&b, minute_of(k->arena, text));
        cell[i] = jd_arena_dup(k->arena, jd_buf_view(&b));
    }
    return cell;
}

static jd_code on_page(void *self, const jd_json *const *issue, size_t n, jd_err *e)
{
    look          *k   = self;
    const jd_str **row = JD_NEW_ARRAY(k->arena, const jd_str *, n + 1);
    bool           csv = k->s.csv, json = k->s.json;
    if (csv || json)
        sheet_begin(&k->s);
    for (size_t i = 0; i < n; i++) {
        jd_bodies_of(&k->bodies, k->arena, &k->scratch, issue[i]);
        if (json)
            json_row(k, issue[i]);
        else if (csv)
            csv_row(k, issue[i]);
        else
            row[i] = cells(k, issue[i]);
        if (row[i] && !k->s.begun)
            jd_grid_measure(&k->s.grid, row[i]);
    }
    sheet_begin(&k->s);
    for (size_t i = 0; i < n && row[0]; i++)
        jd_grid_row(&k->s.grid, &k->s.out, row[i]);
    jd_arena_recycle(k->arena);
    return sheet_send(&k->s, e);
}

/* The key stands in front unless it was asked for elsewhere. */
static jd_code pick(const jd_cli *c, const preview_args *a, jd_jira *j, jd_picked *out, jd_err *e)
{
    const char **word = JD_NEW_ARRAY(c->arena, const char *, a->fields.n + 1);
    size_t       n    = 0;
    bool         key  = false;
    for (size_t i = 0; i < a->fields.n; i++)
        key = key || jd_str_is(jd_str_of(a->fields.v[i]), "key");
    if (!key)
        word[n++] = "key";
    for (size_t i = 0; i < a->fields.n; i++)
        word[n++] = a->fields.v[i];
    return jd_preview_pick(j, c->arena, word, n, out, e);
}

static void tell(const jd_cli *c, const jd_preview_sum *s)
{
    if (!s->more)
        jd_event(c->log, JD_INFO, "preview", "%" PRIu64 " issues", s->given);
    else if (s->total)
        jd_event(c->log, JD_INFO, "preview",
                 "%" PRIu64 " of %" PRIu64 " issues; --limit 0 gives all", s->given, s->total);
    else
        jd_event(c->log, JD_INFO, "preview",
                 "%" PRIu64 " issues, and there are more; --limit 0 gives all", s->given);
}

static jd_code preview(const jd_cli *c, const preview_args *a, jd_jira *j, jd_err *e)
{
    jd_picked      fields = {0};
    jd_preview_sum sum    = {0};
    look    k  = {.s = {.json = a->json, .csv = a->csv, .guard = a->guard}, .fields = &fields};
    jd_code rc = pick(c, a, j, &fields, e);
    if (rc)
        return rc;
    k.arena       = jd_arena_new(0);
    k.scratch     = (jd_buf)JD_BUF_INIT(CELL_MAX);
    k.bodies.form = JD_MK_MARKDOWN;
    sheet_open(&k.s, c, fields.name, fields.n);
    jd_preview p = {.jira   = j,
                    .jql    = jd_str_of(a->jql),
                    .fields = &fields,
                    .limit  = a->limit,
                    .stop   = c->stop,
                    .log    = c->log,
                    .page   = on_page,
                    .self   = &k};
    rc           = jd_preview_run(&p, &sum, e);
    if (!rc && !k.s.begun) { /* the head alone */
        sheet_begin(&k.s);
        rc = sheet_send(&k.s, e);
    }
    if (k.s.gone)
        rc = JD_OK;
    else if (!rc)
        tell(c, &sum);
    if (!rc && sum.bad)
        rc = jd_fail(e, JD_E_DATA, "%" PRIu64 " issues cannot be read", sum.bad);
    jd_bodies_release(&k.bodies);
    jd_buf_release(&k.scratch);
    jd_buf_release(&k.s.out);
    jd_arena_free(k.arena);
    return rc;
}

/* -- the server ------------------------------------------------------------------------------ */

typedef struct reached {
    jd_connector made_from;
    jd_jira      jira;
} reached;

/* Where the configuration lists sites, none of them is meant before one is named, and the default
 * never is. */
static jd_code check_site(const jd_cli *c, const jd_connect *conf, jd_err *e)
{
    const jd_conf_value *url = jd_conf_find(c->values, "base-url");
    jd_etl_conf          etl;
    if (conf->oauth_file || (url && url->origin != JD_FROM_DEFAULT))
        return JD_OK;
    jd_code rc = jd_etl_read(c, true, &etl, e);
    if (rc || !etl.listed || !etl.sites)
        return rc;
    return jd_fail(e, JD_E_USAGE,
                   "%s lists sites: say which is meant, as in --base-url %s; its credentials come "
                   "from JIRA_PAT, or JIRA_USERNAME and JIRA_API_TOKEN, here",
                   etl.file, etl.site[0].base_url);
}

static jd_code reach(jd_cli *c, const jd_connect *conf, reached *r, jd_err *e)
{
    jd_server server;
    *r         = (reached){0};
    jd_code rc = check_site(c, conf, e);
    if (!rc)
        rc = jd_connector_open(c, conf, 1, &r->made_from, e);
    if (!rc)
        rc = jd_connector_client(&r->made_from, c->stop, &r->jira.http, e);
    if (rc)
        return rc;
    r->jira.base      = jd_str_of(r->made_from.base);
    r->jira.signed_in = r->made_from.signed_in;
    rc                = jd_jira_server(&r->jira, c->arena, &server, e);
    r->jira.cloud     = !rc && server.cloud;
    return rc;
}

static void leave(reached *r)
{
    jd_http_free(r->jira.http);
    jd_connector_close(&r->made_from);
}

static jd_code check_args(const preview_args *a, jd_err *e)
{
    if (!a->jql)
        return jd_fail(e, JD_E_USAGE,
                       "say what to look at, as in --jql 'project = ABC ORDER BY updated DESC'");
    return a->json && a->csv ? jd_fail(e, JD_E_USAGE, "--json and --csv: choose one") : JD_OK;
}

static int preview_run(void *ctx, const void *args, const jd_list *positional)
{
    const preview_args *a = args;
    jd_cli             *c = ctx;
    jd_err              e = JD_ERR_NONE;
    reached             r = {0};
    (void)positional;
    jd_code rc = check_args(a, &e);
    if (!rc)
        rc = reach(c, &a->connect, &r, &e);
    if (!rc)
        rc = preview(c, a, &r.jira, &e);
    leave(&r);
    return rc ? jd_cli_fail(c, &e) : 0;
}

const jd_cmd jd_cmd_preview = {
    .name  = "preview",
    .brief = "look at what a query selects",
    .detail =
        "Asks Jira for the issues of a query and prints the fields that are named, page by page, "
        "as a table that fits the terminal, as JSON lines or as CSV. Options, people, versions "
        "and the like are shown by their names, Cloud's documents as Markdown. Nothing is kept "
        "on disk.\n"
        "\n"
        "In a table long values are cut, control characters escaped and times UTC; where there are "
        "more "
        "columns than fit, each issue becomes a block of lines. CSV is UTF-8 with a line of "
        "names, made for spreadsheets: a text that one would run as a formula (it begins with "
        "=, +, -, @) gets an apostrophe in front, unless --no-guard; control characters are left "
        "out.",
    .example   = "jiraduct preview --jql 'project = ABC' --fields summary,status\n"
                 "jiraduct preview --jql 'assignee = jdoe' --limit 0 --csv > mine.csv\n"
                 "jiraduct preview --jql 'key = ABC-1' --fields 'Story Points' --json",
    .opts      = (const jd_opt *const[]){jd_connect_opts, preview_opts, NULL},
    .args_size = sizeof(preview_args),
    .run       = preview_run,
};

/* -- fields ---------------------------------------------------------------------------------- */

typedef struct fields_args {
    jd_connect connect;
    bool       json;
} fields_args;

static const jd_opt fields_opts[] = {
    {.name = "json",
     .kind = JD_OPT_FLAG,
     .at   = offsetof(fields_args, json),
     .help = "One object of JSON a line."},
    {0},
};

enum { COLUMNS = 5 };

static jd_str clauses_of(jd_arena *a, const jd_field *f)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(1 << 20);
    for (jd_json_iter it = jd_json_walk(f->clauses); jd_json_next(&it);) {
        if (b.n)
            jd_buf_addz(&b, ", ");
        jd_buf_adds(&b, jd_json_str(it.value));
    }
    return jd_arena_dup(a, jd_buf_view(&b));
}

static bool holds(jd_str text, const char *word)
{
    JD_CLEANUP(jd_buf_release) jd_buf in = JD_BUF_INIT(1 << 20), what = JD_BUF_INIT(1 << 20);
    jd_utf8_fold(&in, text);
    jd_utf8_fold(&what, jd_str_of(word));
    jd_str view = jd_buf_view(&in);
    return jd_buf_ok(&what) && jd_str_search(view, jd_buf_view(&what)) < view.n;
}

static bool is_wanted(const jd_field *f, const jd_list *words)
{
    bool wanted = words->n == 0;
    for (size_t i = 0; i < words->n && !wanted; i++)
        wanted = holds(f->id, words->v[i]) || holds(f->title, words->v[i]) ||
                 holds(f->name, words->v[i]);
    return wanted;
}

static void field_json(jd_buf *out, const jd_field *f)
{
    jd_jsonw w = jd_jsonw_to(out);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "id", f->id);
    jd_jsonw_kstr(&w, "name", f->title);
    jd_jsonw_kstr(&w, "called", f->name);
    jd_jsonw_kstr(&w, "type", jd_str_of(jd_field_type_name(f->type)));
    jd_jsonw_kbool(&w, "custom", f->custom);
    jd_jsonw_name(&w, "clauses");
    if (f->clauses)
        jd_jsonw_value(&w, f->clauses);
    else
        jd_jsonw_raw(&w, JD_STR("[]"));
    jd_jsonw_end(&w);
    jd_buf_addc(out, '\n');
}

static const jd_str *field_cells(jd_arena *a, const jd_field *f)
{
    const jd_str text[COLUMNS] = {f->id, f->title, jd_str_of(jd_field_type_name(f->type)),
                                  f->custom ? JD_STR("yes") : JD_STR("no"), clauses_of(a, f)};
    jd_str      *cell          = JD_NEW_ARRAY(a, jd_str, COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++) {
        JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(1 << 16);
        jd_grid_clean(&b, text[i]);
        cell[i] = jd_arena_dup(a, jd_buf_view(&b));
    }
    return cell;
}

static jd_code list_fields(const jd_cli *c, const fields_args *a, jd_jira *j, const jd_list *words,
                           jd_err *e)
{
    jd_str    head[COLUMNS] = {JD_STR("id"), JD_STR("name"), JD_STR("type"), JD_STR("custom"),
                               JD_STR("clauses")};
    sheet     s             = {.json = a->json};
    jd_fields all;
    jd_code   rc = jd_preview_fields(j, c->arena, &all, e);
    if (rc)
        return rc;
    const jd_str **row = JD_NEW_ARRAY(c->arena, const jd_str *, all.n + 1);
    size_t         n   = 0;
    sheet_open(&s, c, head, COLUMNS);
    for (size_t i = 0; i < all.n; i++) {
        if (!is_wanted(&all.v[i], words))
            continue;
        if (a->json) {
            field_json(&s.out, &all.v[i]);
            continue;
        }
        row[n] = field_cells(c->arena, &all.v[i]);
        jd_grid_measure(&s.grid, row[n++]);
    }
    sheet_begin(&s);
    for (size_t i = 0; i < n; i++)
        jd_grid_row(&s.grid, &s.out, row[i]);
    rc = sheet_send(&s, e);
    jd_buf_release(&s.out);
    return s.gone ? JD_OK : rc;
}

static int fields_run(void *ctx, const void *args, const jd_list *positional)
{
    const fields_args *a = args;
    jd_cli            *c = ctx;
    jd_err             e = JD_ERR_NONE;
    reached            r;
    jd_code            rc = reach(c, &a->connect, &r, &e);
    if (!rc)
        rc = list_fields(c, a, &r.jira, positional, &e);
    leave(&r);
    return rc ? jd_cli_fail(c, &e) : 0;
}

const jd_cmd jd_cmd_fields = {
    .name  = "fields",
    .brief = "list the fields that a Jira has",
    .usage = "[WORD]...",
    .detail =
        "Lists each field's id, name, what its values are, whether it is a custom field, and its "
        "names in JQL: those whose id or name has one of the words in it, or all. A table, or "
        "with --json one object a line, which also has the name that jiraduct calls it by.",
    .example   = "jiraduct fields points sprint\n"
                 "jiraduct fields --json | jq -r 'select(.custom) | .id'",
    .opts      = (const jd_opt *const[]){jd_connect_opts, fields_opts, NULL},
    .args_size = sizeof(fields_args),
    .pos_most  = SIZE_MAX,
    .run       = fields_run,
};
