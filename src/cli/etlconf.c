#include "cli/etlconf.h"

#include "cli/scrape.h"
#include "derive/wide.h"
#include "text/date.h"
#include "text/url.h"
#include "text/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    SITES_MAX   = 100,
    SCOPES_MAX  = 1000,
    TYPES_MAX   = 100,
    FIELDS_MAX  = 1000,
    COLUMNS_MAX = 200,
    NAME_MAX    = 100
};

/* One item of the file on its way to its place. */
typedef struct item {
    jd_arena   *a;
    const char *file;
    jd_str      path, rest; /* the whole, and what is not looked at yet */
    jd_str      value;      /* p NULL: none */
    unsigned    line;
} item;

static jd_code wrong(const item *it, jd_err *e, const char *fmt, ...) JD_PRINTF(3, 4);
static jd_code wrong(const item *it, jd_err *e, const char *fmt, ...)
{
    char    why[JD_ERR_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    return jd_fail(e, JD_E_CONFIG, "%s:%u: %.*s: %s", it->file, it->line,
                   (int)(it->path.n < 200 ? it->path.n : 200), it->path.p, why);
}

static jd_code unknown(const item *it, const char *of, const char *there, jd_err *e)
{
    return jd_fail(e, JD_E_CONFIG, "%s:%u: '%.*s' is not a setting of %s: %s are", it->file,
                   it->line, (int)(it->path.n < 200 ? it->path.n : 200), it->path.p, of, there);
}

/* -- paths ----------------------------------------------------------------------------------- */

/* "name" at the front of the rest, with or without the dot before it. */
static bool take_key(item *it, const char *name)
{
    jd_str s = it->rest, key = jd_str_of(name);
    if (s.n && s.p[0] == '.')
        s = jd_str_cut(s, 1, s.n);
    if (!jd_str_starts(s, key) || (s.n > key.n && s.p[key.n] != '.' && s.p[key.n] != '['))
        return false;
    it->rest = jd_str_cut(s, key.n, s.n);
    return true;
}

/* "[12]" at the front of the rest. */
static bool take_index(item *it, uint64_t *out)
{
    size_t end = jd_str_find(it->rest, ']');
    if (it->rest.n < 3 || it->rest.p[0] != '[' || end == it->rest.n ||
        !jd_str_u64(jd_str_cut(it->rest, 1, end - 1), out))
        return false;
    it->rest = jd_str_cut(it->rest, end + 1, it->rest.n);
    return true;
}

/* One more place at the end of an array in the arena. */
static void *grow(jd_arena *a, void *v, size_t n, size_t size)
{
    if (n & (n - 1) || (n && n < 8))
        return v;
    char *more = jd_arena_zarray(a, n ? 2 * n : 8, size);
    if (n)
        memcpy(more, v, n * size);
    return more;
}
#define ADD(arena, v, n) ((v) = grow(arena, v, n, sizeof *(v)), &(v)[(n)++])

/* -- values ---------------------------------------------------------------------------------- */

static jd_code text_of(const item *it, const char **out, jd_err *e)
{
    if (!it->value.p || it->rest.n)
        return wrong(it, e, "write one value");
    if (memchr(it->value.p, '\0', it->value.n))
        return wrong(it, e, "holds a control character");
    *out = jd_arena_cstr(it->a, it->value);
    return JD_OK;
}

/* As the option of that key takes it. */
static jd_code like_option(const item *it, const jd_opt *table, const char *key, void *out,
                           jd_err *e)
{
    const char *text  = "";
    jd_code     rc    = text_of(it, &text, e);
    const char *label = jd_arena_fmt(it->a, "%s:%u: %.*s", it->file, it->line, JD_FMT(it->path)).p;
    for (const jd_opt *o = table; !rc && o->help; o++)
        if (o->key && strcmp(o->key, key) == 0)
            return jd_opt_value(o, label, text, it->a, out, JD_E_CONFIG, e);
    return rc;
}

bool jd_window_parse(jd_str text, int64_t *ms)
{
    static const struct {
        char    letter;
        int64_t hours;
    } units[]     = {{'h', 1}, {'d', 24}, {'w', 168}, {'y', 8760}};
    int64_t  unit = 24;
    uint64_t n;
    *ms = 0;
    if (jd_str_ieq(text, JD_STR("all")))
        return true;
    for (size_t i = 0; text.n && i < sizeof units / sizeof *units; i++)
        if (text.p[text.n - 1] == units[i].letter) {
            unit   = units[i].hours;
            text.n = text.n - 1;
            break;
        }
    if (!jd_str_u64(text, &n) || n == 0 || n > 1000000)
        return false;
    *ms = (int64_t)n * unit * 3600 * 1000;
    return true;
}

static jd_code add_word(item *it, jd_etl_words *to, jd_str word, jd_err *e)
{
    word = jd_str_trim(word);
    if (!word.n)
        return wrong(it, e, "list fields by id or name, or leave it out for all");
    if (to->n == FIELDS_MAX)
        return wrong(it, e, "more than %d fields", FIELDS_MAX);
    *ADD(it->a, to->v, to->n) = (jd_etl_word){jd_arena_cstr(it->a, word), it->line};
    return JD_OK;
}

/* A list, or one text with commas. */
static jd_code take_fields(item *it, jd_etl_words *to, jd_err *e)
{
    uint64_t    at;
    jd_str      one, rest;
    const char *text;
    bool        listed = take_index(it, &at);
    if (!it->value.p && !it->rest.n)
        return wrong(it, e, "list fields by id or name, or leave it out for all");
    jd_code rc = text_of(it, &text, e);
    if (rc || listed)
        return rc ? rc : add_word(it, to, it->value, e);
    for (rest = it->value; !rc && jd_str_split(&rest, ',', &one);)
        rc = add_word(it, to, one, e);
    return rc;
}

/* -- columns --------------------------------------------------------------------------------- */

/* The column of that name, or a new one; NULL: *e says why. */
static jd_etl_column *column_of(item *it, jd_etl_columns *to, jd_str name, jd_err *e)
{
    for (size_t i = 0; i < to->n; i++)
        if (jd_str_is(name, to->v[i].name))
            return &to->v[i];
    if (!jd_wide_name_ok(name)) {
        (void)wrong(it, e,
                    "'%.*s' cannot name a column: small letters, digits and _, at most 48, "
                    "beginning with a letter; not site_id or issue_id",
                    (int)(name.n < 60 ? name.n : 60), name.p);
        return NULL;
    }
    if (to->n == COLUMNS_MAX) {
        (void)wrong(it, e, "more than %d columns", COLUMNS_MAX);
        return NULL;
    }
    jd_etl_column *c = ADD(it->a, to->v, to->n);
    *c               = (jd_etl_column){.name = jd_arena_cstr(it->a, name), .line = it->line};
    return c;
}

static jd_code take_kind(const item *it, const char **out, jd_err *e)
{
    const char *text = NULL;
    jd_code     rc   = text_of(it, &text, e);
    if (!rc && jd_wide_kind_of(jd_str_of(text)) == JD_NWIDE)
        rc = wrong(it, e, "'%.40s' is no kind: number, text, date, time, option, user and list are",
                   text);
    *out = text;
    return rc;
}

/* name: field, or name: {field:, kind:} */
static jd_code take_columns(item *it, jd_etl_columns *to, jd_err *e)
{
    if (it->rest.n < 2 || it->rest.p[0] != '.')
        return wrong(it, e, "write each column as name: field, as in story_points: Story Points");
    jd_str name           = jd_str_cut(it->rest, 1, it->rest.n);
    name.n                = jd_str_find(name, '.') < jd_str_find(name, '[') ? jd_str_find(name, '.')
                                                                            : jd_str_find(name, '[');
    jd_etl_column *column = column_of(it, to, name, e);
    if (!column)
        return e->code;
    it->rest = jd_str_cut(it->rest, 1 + name.n, it->rest.n);
    if (take_key(it, "kind"))
        return take_kind(it, &column->kind, e);
    if (it->rest.n && !take_key(it, "field"))
        return unknown(it, "a column", "field and kind", e);
    return text_of(it, &column->field, e);
}

/* -- settings that a site and a scope may have ----------------------------------------------- */

/* *taken: it was one of them. */
static jd_code take_setting(item *it, jd_etl_set *to, bool *taken, jd_err *e)
{
    *taken = true;
    if (take_key(it, "fields"))
        return take_fields(it, &to->fields, e);
    if (take_key(it, "columns"))
        return take_columns(it, &to->columns, e);
    if (take_key(it, "page_size")) {
        to->has_page_size = true;
        return like_option(it, jd_scrape_run_opts, "scrape.page_size", &to->page_size, e);
    }
    if (take_key(it, "overlap")) {
        to->has_overlap = true;
        return like_option(it, jd_scrape_opts, "scrape.overlap", &to->overlap_ms, e);
    }
    bool date = take_key(it, "start_date");
    if (!date && !take_key(it, "initial_window")) {
        *taken = false;
        return JD_OK;
    }
    if (to->has_start)
        return wrong(it, e, "start_date and initial_window say the same in two ways: write one");
    to->has_start = true;
    to->since     = JD_NO_TIME;
    if (date)
        return like_option(it, jd_scrape_opts, "scrape.start_date", &to->since, e);
    const char *text = "";
    jd_code     rc   = text_of(it, &text, e);
    if (!rc && !jd_window_parse(it->value, &to->window_ms))
        rc = wrong(it, e, "'%.40s' is no window; write as in 90d, 12w, 1y, or all", text);
    return rc;
}

/* -- scopes ---------------------------------------------------------------------------------- */

static jd_code take_type(item *it, jd_etl_scope *s, jd_err *e)
{
    static const char how[] = "write issue types as a list of names, or of entries with a name";
    uint64_t          at;
    jd_etl_type      *type;
    if (!take_index(it, &at))
        return wrong(it, e, "%s", how);
    if (at >= TYPES_MAX)
        return wrong(it, e, "more than %d issue types in one scope", TYPES_MAX);
    while (at >= s->types)
        ADD(it->a, s->type, s->types)->line = it->line;
    type = &s->type[at];
    if (!it->rest.n && !it->value.p)
        return wrong(it, e, "%s", how);
    if (take_key(it, "fields"))
        return take_fields(it, &type->fields, e);
    if (it->rest.n && !take_key(it, "name"))
        return unknown(it, "an issue type", "name and fields", e);
    type->line = it->line;
    return text_of(it, &type->name, e);
}

static jd_code take_project(item *it, jd_etl_scope *s, jd_err *e)
{
    jd_code rc   = text_of(it, &s->project, e);
    s->what_line = it->line;
    if (!rc && !jd_is_project_key(it->value))
        rc = jd_fail(e, JD_E_CONFIG,
                     "%s:%u: '%.100s' is no project key: capital letters, digits and _ only, as in "
                     "HADOOP",
                     it->file, it->line, s->project);
    return rc;
}

static jd_code take_scope(item *it, jd_etl_site *site, jd_err *e)
{
    uint64_t at;
    bool     taken;
    if (!it->rest.n && !it->value.p) /* scopes: with nothing below */
        return JD_OK;
    if (!take_index(it, &at) || at >= SCOPES_MAX)
        return wrong(it, e, "write a list of at most %d scopes", SCOPES_MAX);
    while (at >= site->scopes)
        ADD(it->a, site->scope, site->scopes)->line = it->line;
    jd_etl_scope *s = &site->scope[at];
    if (!it->rest.n && !it->value.p)
        return JD_OK;
    if (take_key(it, "project"))
        return take_project(it, s, e);
    if (take_key(it, "jql")) {
        s->what_line = it->line;
        return text_of(it, &s->jql, e);
    }
    if (take_key(it, "name"))
        return text_of(it, &s->name, e);
    if (take_key(it, "issue_types"))
        return take_type(it, s, e);
    jd_code rc = take_setting(it, &s->set, &taken, e);
    if (rc || taken)
        return rc;
    return unknown(it, "a scope",
                   "project, issue_types, jql, name, fields, columns, page_size, start_date, "
                   "initial_window and overlap",
                   e);
}

static jd_code at_line(const char *file, unsigned line, jd_err *e, const char *fmt, ...)
    JD_PRINTF(4, 5);
static jd_code at_line(const char *file, unsigned line, jd_err *e, const char *fmt, ...)
{
    char    why[JD_ERR_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    return jd_fail(e, JD_E_CONFIG, "%s:%u: %s", file, line, why);
}

static jd_code check_columns(const char *file, const jd_etl_columns *all, jd_err *e)
{
    for (size_t i = 0; i < all->n; i++)
        if (!all->v[i].field)
            return at_line(file, all->v[i].line, e,
                           "columns: %s has no field: name the field that it is of",
                           all->v[i].name);
    return JD_OK;
}

static jd_code check_scope(const char *file, const jd_etl_scope *s, jd_err *e)
{
    if (!s->project == !s->jql)
        return at_line(file, s->line, e, "scopes: give each a project, or jql");
    if (s->jql && s->types)
        return at_line(file, s->line, e,
                       "scopes: issue_types go with a project; write them into the jql");
    if (s->project && s->name)
        return at_line(file, s->line, e,
                       "scopes: name goes with jql; a project is called by its key");
    for (size_t i = 0; i < s->types; i++)
        if (!s->type[i].name)
            return at_line(file, s->type[i].line, e, "issue_types: an entry has no name");
    return check_columns(file, &s->set.columns, e);
}

/* Two scopes that select the same would each ask for it, with fields of their own. */
static jd_code check_twice(const char *file, const jd_etl_scope *a, const jd_etl_scope *b,
                           jd_err *e)
{
    if (a->jql && b->jql && strcmp(a->jql, b->jql) == 0)
        return at_line(file, b->line, e, "scopes: this jql stands on line %u, too: write it once",
                       a->line);
    if (!a->project || !b->project || strcmp(a->project, b->project) != 0)
        return JD_OK;
    if (!a->types || !b->types)
        return at_line(file, b->line, e,
                       "scopes: %s stands on line %u, too%s: write it once, or give both different "
                       "issue_types",
                       b->project, a->line, a->types || b->types ? ", and one is the whole" : "");
    for (size_t i = 0; i < a->types; i++)
        for (size_t k = 0; k < b->types; k++)
            if ((a != b || i < k) && strcmp(a->type[i].name, b->type[k].name) == 0)
                return at_line(file, b->type[k].line, e,
                               "scopes: type %s of %s stands on line %u, too: write it once",
                               b->type[k].name, b->project, a->type[i].line);
    return JD_OK;
}

static jd_code check_scopes(const char *file, const jd_etl_site *site, jd_err *e)
{
    jd_code rc = JD_OK;
    for (size_t i = 0; i < site->scopes && !rc; i++)
        rc = check_scope(file, &site->scope[i], e);
    for (size_t i = 0; i < site->scopes && !rc; i++)
        for (size_t k = 0; k <= i && !rc; k++)
            if (k < i || site->scope[i].types)
                rc = check_twice(file, &site->scope[k], &site->scope[i], e);
    return rc;
}

/* -- sites ----------------------------------------------------------------------------------- */

/* A secret that was written where its variable's name belongs must not be shown. */
static jd_code take_variable(item *it, const char **out, unsigned *line, jd_err *e)
{
    jd_code rc = text_of(it, out, e);
    *line      = it->line;
    for (size_t i = 0; !rc && i < it->value.n; i++) {
        char c      = it->value.p[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
        if ((!letter && !(i && c >= '0' && c <= '9')) || it->value.n > NAME_MAX)
            rc = wrong(it, e,
                       "write the name of an environment variable, as in ACME_PAT, and the secret "
                       "itself into the environment or .env");
    }
    return rc;
}

static jd_code take_name(item *it, const char **out, jd_err *e)
{
    jd_code rc = text_of(it, out, e);
    bool    ok = it->value.n <= NAME_MAX;
    for (size_t i = 0; !rc && i < it->value.n; i++) {
        char c = it->value.p[i];
        ok = ok && ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    (i && (c == '.' || c == '_' || c == '-')));
    }
    if (!rc && !ok)
        rc = wrong(it, e, "letters, digits, '.', '_' and '-' only, for it names a folder");
    return rc;
}

static jd_code take_site(item *it, jd_etl_conf *out, jd_err *e)
{
    uint64_t at;
    bool     taken;
    if (!take_index(it, &at) || at >= SITES_MAX)
        return wrong(it, e, "write a list of at most %d sites", SITES_MAX);
    while (at >= out->sites)
        ADD(it->a, out->site, out->sites)->line = it->line;
    jd_etl_site *s = &out->site[at];
    if (!it->rest.n && !it->value.p)
        return JD_OK;
    if (take_key(it, "name"))
        return take_name(it, &s->name, e);
    if (take_key(it, "base_url"))
        return text_of(it, &s->base_url, e);
    if (take_key(it, "folder"))
        return text_of(it, &s->folder, e);
    if (take_key(it, "username"))
        return text_of(it, &s->username, e);
    if (take_key(it, "oauth_file")) {
        s->secret_line = it->line;
        return text_of(it, &s->oauth_file, e);
    }
    if (take_key(it, "pat_env"))
        return take_variable(it, &s->pat_env, &s->secret_line, e);
    if (take_key(it, "username_env"))
        return take_variable(it, &s->username_env, &s->secret_line, e);
    if (take_key(it, "api_token_env"))
        return take_variable(it, &s->api_token_env, &s->secret_line, e);
    if (take_key(it, "scopes"))
        return take_scope(it, s, e);
    jd_code rc = take_setting(it, &s->set, &taken, e);
    if (rc || taken)
        return rc;
    return unknown(it, "a site",
                   "name, base_url, folder, pat_env, username, username_env, api_token_env, "
                   "oauth_file, scopes, fields, columns, page_size, start_date, initial_window and "
                   "overlap",
                   e);
}

/* Host and path as one name: "issues.apache.org_jira". */
static const char *name_of_url(jd_arena *a, jd_str base)
{
    jd_str site = jd_url_site(base);
    char  *name = jd_arena_alloc(a, site.n + 1);
    for (size_t i = 0; i < site.n; i++) {
        char c  = site.p[i];
        bool ok = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '-' || (i && c == '.');
        name[i] = '_';
        if (ok)
            name[i] = c;
    }
    name[site.n] = '\0';
    return name;
}

static jd_code check_site(jd_arena *a, const char *file, jd_etl_site *s, jd_err *e)
{
    jd_str base;
    jd_err why;
    if (!s->base_url)
        return at_line(file, s->line, e,
                       "sites: an entry has no base_url: give the Jira's address");
    if (jd_url_base(a, jd_str_of(s->base_url), &base, &why))
        return at_line(file, s->line, e, "sites: base_url: %s", why.msg);
    s->base_url = base.p;
    if (s->username && s->username_env)
        return at_line(file, s->line, e, "sites: username and username_env: write one");
    if ((s->username || s->username_env) && !s->api_token_env)
        return at_line(file, s->line, e,
                       "sites: a username signs in with api_token_env: write it, too");
    if (s->api_token_env && !s->username && !s->username_env)
        return at_line(
            file, s->line, e,
            "sites: api_token_env signs in with username or username_env: write it, too");
    if (!!s->pat_env + !!s->api_token_env + !!s->oauth_file > 1)
        return at_line(file, s->line, e,
                       "sites: pat_env, api_token_env and oauth_file are three ways to sign in: "
                       "write one");
    if (!s->scopes)
        return at_line(file, s->line, e,
                       "sites: an entry has no scopes: write what is to be loaded of it");
    if (!s->name)
        s->name = name_of_url(a, base);
    if (!s->folder)
        s->folder = jd_arena_fmt(a, "data/%s", s->name).p;
    return check_columns(file, &s->set.columns, e);
}

static jd_code check_sites(jd_arena *a, jd_etl_conf *out, jd_err *e)
{
    jd_code rc = check_columns(out->file, &out->set.columns, e);
    for (size_t i = 0; i < out->sites && !rc; i++) {
        jd_etl_site *s = &out->site[i];
        if (out->listed)
            rc = check_site(a, out->file, s, e);
        for (size_t k = 0; k < i && !rc; k++) {
            const jd_etl_site *other = &out->site[k];
            if (strcmp(s->base_url, other->base_url) == 0)
                rc = at_line(out->file, s->line, e,
                             "sites: %s stands on line %u, too: write its scopes there",
                             s->base_url, other->line);
            else if (strcmp(s->folder, other->folder) == 0 || strcmp(s->name, other->name) == 0)
                rc = at_line(out->file, s->line, e,
                             "sites: this one and the one on line %u would share name or folder "
                             "(%s): give each its own name",
                             other->line, s->folder);
        }
        if (!rc)
            rc = check_scopes(out->file, s, e);
    }
    return rc;
}

/* -- the file -------------------------------------------------------------------------------- */

static jd_code take_item(item *it, jd_etl_conf *out, jd_err *e)
{
    if (take_key(it, "scopes")) {
        if (out->listed)
            return wrong(it, e, "there are sites: write the scopes of each below it");
        if (!out->sites)
            ADD(it->a, out->site, out->sites)->line = it->line;
        return take_scope(it, &out->site[0], e);
    }
    if (take_key(it, "sites")) {
        if (!out->listed && out->sites)
            return wrong(it, e, "there are scopes beside it: write them below their site");
        out->listed = true;
        return take_site(it, out, e);
    }
    if (take_key(it, "fields"))
        return take_fields(it, &out->set.fields, e);
    if (take_key(it, "columns"))
        return take_columns(it, &out->set.columns, e);
    return JD_OK; /* an option's */
}

jd_code jd_etl_parse(jd_arena *a, jd_str bytes, const char *file, jd_etl_conf *out, jd_err *e)
{
    jd_yaml doc = {0};
    *out        = (jd_etl_conf){.file = file};
    jd_code rc  = jd_yaml_read(a, bytes, file, &doc, e);
    for (size_t i = 0; i < doc.n && !rc; i++) {
        const jd_yaml_item *y = &doc.item[i];
        rc = take_item(&(item){a, file, y->path, y->path, y->value, y->line}, out, e);
    }
    if (!rc && out->listed && !out->sites)
        rc = at_line(file, 1, e, "sites: the list is empty");
    return rc ? rc : check_sites(a, out, e);
}
