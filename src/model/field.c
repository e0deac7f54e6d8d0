#include "model/field.h"

#include "base/map.h"
#include "text/jsonw.h"
#include "text/utf8.h"

#include <stdlib.h>

enum { SLUG_MAX = 4096 };

/* -- types ----------------------------------------------------------------------------------- */

static const char *const type_names[JD_NFIELD_TYPE] = {
#define X(id, text) text,
    JD_FIELD_TYPES(X)
#undef X
};

const char *jd_field_type_name(jd_field_type t)
{
    return type_names[t];
}

jd_field_type jd_field_type_of(jd_str name)
{
    for (int i = 0; i < JD_NFIELD_TYPE; i++)
        if (jd_str_is(name, type_names[i]))
            return (jd_field_type)i;
    return JD_FIELD_ANY;
}

typedef struct word {
    const char   *text;
    jd_field_type type;
} word;

/* schema.custom, behind its colon */
static const word customs[] = {
    {"textfield", JD_FIELD_TEXT},
    {"url", JD_FIELD_TEXT},
    {"readonlyfield", JD_FIELD_TEXT},
    {"textarea", JD_FIELD_RICH_TEXT},
    {"float", JD_FIELD_NUMBER},
    {"datepicker", JD_FIELD_DATE},
    {"datetime", JD_FIELD_DATETIME},
    {"select", JD_FIELD_OPTION},
    {"radiobuttons", JD_FIELD_OPTION},
    {"multiselect", JD_FIELD_OPTIONS},
    {"multicheckboxes", JD_FIELD_OPTIONS},
    {"cascadingselect", JD_FIELD_CASCADE},
    {"userpicker", JD_FIELD_USER},
    {"multiuserpicker", JD_FIELD_USERS},
    {"grouppicker", JD_FIELD_GROUP},
    {"multigrouppicker", JD_FIELD_GROUPS},
    {"labels", JD_FIELD_TEXTS},
    {"version", JD_FIELD_VERSION},
    {"multiversion", JD_FIELD_VERSIONS},
    {"project", JD_FIELD_PROJECT},
    {"gh-sprint", JD_FIELD_SPRINTS},
    {"gh-epic-link", JD_FIELD_EPIC_LINK},
    {"gh-epic-label", JD_FIELD_TEXT},
    {"gh-epic-status", JD_FIELD_OPTION},
    {"gh-epic-color", JD_FIELD_TEXT},
    {"gh-lexo-rank", JD_FIELD_RANK},
    {"gh-global-rank", JD_FIELD_RANK},
    {"jsw-story-points", JD_FIELD_NUMBER},
    {"jpo-custom-field-parent", JD_FIELD_PARENT_LINK},
};

/* schema.type, and schema.items of an array */
static const word singles[] = {
    {"string", JD_FIELD_TEXT},     {"number", JD_FIELD_NUMBER},
    {"date", JD_FIELD_DATE},       {"datetime", JD_FIELD_DATETIME},
    {"option", JD_FIELD_OPTION},   {"option-with-child", JD_FIELD_CASCADE},
    {"user", JD_FIELD_USER},       {"group", JD_FIELD_GROUP},
    {"version", JD_FIELD_VERSION}, {"project", JD_FIELD_PROJECT},
};
static const word lists[] = {
    {"string", JD_FIELD_TEXTS}, {"option", JD_FIELD_OPTIONS},   {"user", JD_FIELD_USERS},
    {"group", JD_FIELD_GROUPS}, {"version", JD_FIELD_VERSIONS},
};

#define LOOK_UP(table, text) look_up(table, sizeof(table) / sizeof *(table), text)
static jd_field_type look_up(const word *w, size_t n, jd_str text)
{
    for (size_t i = 0; i < n; i++)
        if (jd_str_is(text, w[i].text))
            return w[i].type;
    return JD_FIELD_ANY;
}

static jd_field_type type_of(const jd_json *schema)
{
    jd_str        custom = jd_json_str(jd_json_get(schema, "custom"));
    jd_str        type   = jd_json_str(jd_json_get(schema, "type"));
    jd_str        system = jd_json_str(jd_json_get(schema, "system"));
    size_t        colon  = jd_str_find(custom, ':');
    jd_field_type t      = LOOK_UP(customs, jd_str_cut(custom, colon + 1, custom.n));
    if (t != JD_FIELD_ANY)
        return t;
    if (jd_str_is(system, "description") || jd_str_is(system, "environment"))
        return JD_FIELD_RICH_TEXT;
    if (jd_str_is(type, "array"))
        return LOOK_UP(lists, jd_json_str(jd_json_get(schema, "items")));
    return LOOK_UP(singles, type);
}

/* -- names ----------------------------------------------------------------------------------- */

void jd_field_slug(jd_buf *out, jd_str title)
{
    JD_CLEANUP(jd_buf_release) jd_buf plain = JD_BUF_INIT(SLUG_MAX);
    size_t                            from  = out->n;
    bool                              gap   = false;
    jd_utf8_fold(&plain, jd_utf8_head(title, SLUG_MAX / 32));
    jd_str   s = jd_buf_view(&plain);
    uint32_t cp;
    while (jd_utf8_next(&s, &cp)) {
        bool used = jd_utf8_is_alnum(cp) || jd_utf8_class(cp) == JD_CP_WORD;
        if (used && out->n - from + 5 > JD_FIELD_NAME_MAX)
            break;
        if (used && gap && out->n > from)
            jd_buf_addc(out, '_');
        if (used)
            jd_utf8_put(out, cp);
        gap = !used;
    }
}

static jd_str slug_of(jd_arena *a, const jd_field *f)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(SLUG_MAX);
    jd_field_slug(&b, f->title);
    jd_str s = jd_buf_view(&b);
    if (!s.n)
        return JD_STR("field");
    return s.p[0] >= '0' && s.p[0] <= '9' ? jd_arena_fmt(a, "f_%.*s", JD_FMT(s))
                                          : jd_arena_dup(a, s);
}

/* What tells one field from others of its name: its number, or its whole id. */
static jd_str tail_of(jd_arena *a, const jd_field *f)
{
    JD_CLEANUP(jd_buf_release) jd_buf b      = JD_BUF_INIT(SLUG_MAX);
    jd_str                            prefix = JD_STR("customfield_");
    jd_field_slug(&b, jd_str_starts(f->id, prefix) ? jd_str_cut(f->id, prefix.n, f->id.n) : f->id);
    return jd_arena_dup(a, jd_buf_view(&b));
}

static bool claim(jd_map *taken, jd_str name)
{
    bool fresh;
    (void)jd_map_put(taken, name, &fresh);
    return fresh;
}

/* Fields that are new together and would be called the same all get their number. */
static void name_new(jd_arena *a, jd_map *taken, jd_field *const *fresh, size_t n)
{
    jd_map *wanted = jd_map_new();
    jd_str *slug   = JD_NEW_ARRAY(a, jd_str, n + 1);
    for (size_t i = 0; i < n; i++) {
        slug[i] = slug_of(a, fresh[i]);
        ++*jd_map_put(wanted, slug[i], NULL);
    }
    for (size_t i = 0; i < n; i++) {
        jd_str name = slug[i];
        if (*jd_map_get(wanted, name) > 1 || !claim(taken, name)) {
            name = jd_arena_fmt(a, "%.*s_%.*s", JD_FMT(slug[i]), JD_FMT(tail_of(a, fresh[i])));
            for (unsigned again = 2; !claim(taken, name); again++)
                name = jd_arena_fmt(a, "%.*s_%.*s_%u", JD_FMT(slug[i]),
                                    JD_FMT(tail_of(a, fresh[i])), again);
        }
        fresh[i]->name = name;
    }
    jd_map_free(wanted);
}

/* -- the list -------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    const jd_field *x = a, *y = b;
    return jd_str_cmp(x->id, y->id);
}

const jd_field *jd_field_find(const jd_fields *f, jd_str id)
{
    jd_field want = {.id = id};
    return f && f->n ? bsearch(&want, f->v, f->n, sizeof *f->v, by_id) : NULL;
}

static bool is_called(const jd_field *f, jd_str text)
{
    if (jd_str_ieq(f->title, text))
        return true;
    for (jd_json_iter it = jd_json_walk(f->clauses); jd_json_next(&it);)
        if (jd_str_ieq(jd_json_str(it.value), text))
            return true;
    return false;
}

size_t jd_field_mean(const jd_fields *f, jd_str text, const jd_field *out[2])
{
    size_t n = 0;
    out[0]   = jd_field_find(f, text);
    for (size_t i = 0; i < f->n && !out[0]; i++)
        if (jd_str_eq(f->v[i].name, text))
            out[0] = &f->v[i];
    if (out[0] && !out[0]->gone)
        return 1;
    for (size_t i = 0; i < f->n; i++)
        if (!f->v[i].gone && is_called(&f->v[i], text) && n++ < 2)
            out[n - 1] = &f->v[i];
    return n;
}

static void add_drift(jd_drifts *d, jd_drift_kind kind, const jd_field *f, jd_str was)
{
    d->v[d->n++] = (jd_drift){kind, f, was};
}

/* Entries of one id, of which there should be one, count once. */
static void sort(jd_fields *f)
{
    size_t n = 0;
    if (f->n)
        qsort(f->v, f->n, sizeof *f->v, by_id);
    for (size_t i = 0; i < f->n; i++)
        if (!n || !jd_str_eq(f->v[n - 1].id, f->v[i].id))
            f->v[n++] = f->v[i];
    f->n = n;
}

static void compare(const jd_field *was, const jd_field *now, jd_drifts *drift)
{
    if (was->gone)
        add_drift(drift, JD_DRIFT_RETURNED, now, JD_NOSTR);
    if (!jd_str_eq(was->title, now->title))
        add_drift(drift, JD_DRIFT_RENAMED, now, was->title);
    if (was->type != now->type)
        add_drift(drift, JD_DRIFT_RETYPED, now, jd_str_of(type_names[was->type]));
}

static jd_field field_of(const jd_json *entry)
{
    const jd_json *custom = jd_json_get(entry, "custom");
    jd_field       f      = {.id      = jd_json_str(jd_json_get(entry, "id")),
                             .title   = jd_json_str(jd_json_get(entry, "name")),
                             .type    = type_of(jd_json_get(entry, "schema")),
                             .clauses = jd_json_get(entry, "clauseNames")};
    f.custom = custom ? jd_json_bool(custom) : jd_str_starts(f.id, JD_STR("customfield_"));
    return f;
}

static jd_str lower(jd_arena *a, jd_str s)
{
    char *p = jd_arena_cstr(a, s);
    for (size_t i = 0; i < s.n; i++)
        if (p[i] >= 'A' && p[i] <= 'Z')
            p[i] = (char)(p[i] - 'A' + 'a');
    return (jd_str){p, s.n};
}

/* Every field that has a name keeps it; the rest get theirs. */
static void give_names(jd_arena *a, const jd_fields *before, jd_fields *f)
{
    jd_map    *taken = jd_map_new();
    jd_field **fresh = JD_NEW_ARRAY(a, jd_field *, f->n + 1);
    size_t     n     = 0;
    for (size_t i = 0; i < before->n; i++)
        (void)claim(taken, before->v[i].name);
    for (size_t i = 0; i < f->n; i++) {
        const jd_field *was = jd_field_find(before, f->v[i].id);
        if (was)
            f->v[i].name = was->name;
        else if (f->v[i].custom)
            fresh[n++] = &f->v[i];
        else
            f->v[i].name = f->v[i].id;
        if (!f->v[i].custom)
            (void)claim(taken, lower(a, f->v[i].id));
    }
    name_new(a, taken, fresh, n);
    jd_map_free(taken);
}

void jd_fields_name(jd_arena *a, const jd_fields *before, const jd_json *const *entry, size_t n,
                    jd_fields *out, jd_drifts *drift)
{
    size_t    most = n + before->n;
    jd_fields now  = {.v = JD_NEW_ARRAY(a, jd_field, n + 1)};
    *out           = (jd_fields){.v = JD_NEW_ARRAY(a, jd_field, most + 1)};
    *drift         = (jd_drifts){.v = JD_NEW_ARRAY(a, jd_drift, 3 * most + 1)};
    for (size_t i = 0; i < n; i++) {
        now.v[now.n] = field_of(entry[i]);
        now.n += now.v[now.n].id.n > 0;
    }
    sort(&now);
    for (size_t i = 0; i < now.n; i++)
        out->v[out->n++] = now.v[i];
    for (size_t i = 0; i < before->n; i++)
        if (!jd_field_find(&now, before->v[i].id)) {
            out->v[out->n]        = before->v[i];
            out->v[out->n++].gone = true;
        }
    sort(out);
    give_names(a, before, out);
    for (size_t i = 0; i < out->n && before->n; i++) {
        const jd_field *is = &out->v[i], *was = jd_field_find(before, is->id);
        if (!was)
            add_drift(drift, JD_DRIFT_ADDED, is, JD_NOSTR);
        else if (!is->gone)
            compare(was, is, drift);
        else if (!was->gone)
            add_drift(drift, JD_DRIFT_REMOVED, is, JD_NOSTR);
    }
}

void jd_drift_text(jd_buf *out, const jd_drift *d)
{
    const jd_field *f = d->field;
    jd_buf_addf(out, "%.*s (%.*s): ", JD_FMT(f->id), JD_FMT(f->name));
    switch (d->kind) {
    case JD_DRIFT_ADDED:
        jd_buf_addf(out, "new, '%.*s', %s", JD_FMT(f->title), type_names[f->type]);
        break;
    case JD_DRIFT_RENAMED:
        jd_buf_addf(out, "renamed from '%.*s' to '%.*s'", JD_FMT(d->was), JD_FMT(f->title));
        break;
    case JD_DRIFT_RETYPED:
        jd_buf_addf(out, "its type was %.*s, and is %s", JD_FMT(d->was), type_names[f->type]);
        break;
    case JD_DRIFT_REMOVED:
        jd_buf_addf(out, "'%.*s' is listed no more", JD_FMT(f->title));
        break;
    case JD_DRIFT_RETURNED:
        jd_buf_addf(out, "'%.*s' is listed again", JD_FMT(f->title));
        break;
    }
}

/* -- kept ------------------------------------------------------------------------------------ */

void jd_field_write(jd_buf *out, const jd_field *f)
{
    jd_jsonw w = jd_jsonw_to(out);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "id", f->id);
    jd_jsonw_kstr(&w, "name", f->name);
    jd_jsonw_kstr(&w, "title", f->title);
    jd_jsonw_kstr(&w, "type", jd_str_of(type_names[f->type]));
    jd_jsonw_kbool(&w, "custom", f->custom);
    jd_jsonw_name(&w, "clauses");
    jd_jsonw_array(&w);
    for (jd_json_iter it = jd_json_walk(f->clauses); jd_json_next(&it);)
        jd_jsonw_value(&w, it.value);
    jd_jsonw_end(&w);
    if (f->gone)
        jd_jsonw_kbool(&w, "gone", true);
    jd_jsonw_end(&w);
}

void jd_fields_read(jd_arena *a, const jd_json *list, jd_fields *out)
{
    *out = (jd_fields){.v = JD_NEW_ARRAY(a, jd_field, jd_json_len(list) + 1)};
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);) {
        jd_field f = {.id      = jd_json_str(jd_json_get(it.value, "id")),
                      .title   = jd_json_str(jd_json_get(it.value, "title")),
                      .name    = jd_json_str(jd_json_get(it.value, "name")),
                      .type    = jd_field_type_of(jd_json_str(jd_json_get(it.value, "type"))),
                      .custom  = jd_json_bool(jd_json_get(it.value, "custom")),
                      .gone    = jd_json_bool(jd_json_get(it.value, "gone")),
                      .clauses = jd_json_get(it.value, "clauses")};
        if (f.id.n && f.name.n)
            out->v[out->n++] = f;
    }
    sort(out);
}
