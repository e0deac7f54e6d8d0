#include "sim/meta.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/vec.h"
#include "sim/generate.h"
#include "sim/raw.h"
#include "text/jsonw.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct thing {
    jd_str id, name, json;
} thing;

typedef struct part {
    uint64_t project_id;
    jd_str   json;
} part;

typedef struct field {
    jd_str       id, name, json; /* json p NULL: made up when asked */
    bool         custom, seen;
    jd_json_type type; /* of the first value that was not null */
} field;

struct sim_meta {
    jd_str    base_url;
    jd_arena *arena;
    JD_VEC(thing) list[SIM_KINDS];
    JD_VEC(field) fields;
    jd_map   *field_at, *users;
    jd_idmap *shapes; /* sets of fields that were learnt already */
    JD_VEC(part) parts[SIM_PARTS];
    jd_idmap *part_at;         /* project and part: learnt already */
    JD_VEC(jd_str) user_texts; /* JSON */
};

static const size_t TEXT_MAX = 64u << 20;

static const jd_json *read_json(jd_arena *a, jd_str json)
{
    const jd_json *v = NULL;
    jd_err         e = JD_ERR_NONE;
    return jd_json_read(a, json, &v, &e) == JD_OK ? v : NULL;
}

static jd_str written(jd_arena *a, const jd_json *v)
{
    jd_buf b = JD_BUF_INIT(TEXT_MAX);
    jd_json_write(&b, v);
    jd_str s = jd_arena_dup(a, jd_buf_view(&b));
    jd_buf_release(&b);
    return s;
}

static field *field_put(sim_meta *m, jd_str id, bool *fresh)
{
    uint64_t *at = jd_map_put(m->field_at, id, fresh);
    if (*fresh) {
        *at                     = m->fields.n;
        *jd_vec_add(&m->fields) = (field){.id     = jd_arena_dup(m->arena, id),
                                          .custom = jd_str_starts(id, JD_STR("customfield_"))};
    }
    return &m->fields.v[*at];
}

static void catalogue_of_fields(sim_meta *m, jd_str base_url)
{
    jd_buf    text = JD_BUF_INIT(TEXT_MAX);
    jd_arena *a    = jd_arena_new(0);
    sim_gen_catalogue(&text, SIM_CAT_FIELD, base_url);
    for (jd_json_iter it = jd_json_walk(read_json(a, jd_buf_view(&text))); jd_json_next(&it);) {
        bool   fresh = false;
        field *f     = field_put(m, jd_json_str(jd_json_get(it.value, "id")), &fresh);
        f->name      = jd_arena_dup(m->arena, jd_json_str(jd_json_get(it.value, "name")));
        f->json      = written(m->arena, it.value);
        f->seen      = !f->custom;
    }
    jd_arena_free(a);
    jd_buf_release(&text);
}

sim_meta *sim_meta_new(jd_str base_url)
{
    sim_meta *m = jd_xcalloc(1, sizeof *m);
    m->base_url = base_url;
    m->arena    = jd_arena_new(0);
    m->field_at = jd_map_new();
    m->users    = jd_map_new();
    m->shapes   = jd_idmap_new();
    m->part_at  = jd_idmap_new();
    catalogue_of_fields(m, base_url);
    return m;
}

void sim_meta_free(sim_meta *m)
{
    if (!m)
        return;
    for (int k = 0; k < SIM_KINDS; k++)
        jd_vec_release(&m->list[k]);
    jd_vec_release(&m->fields);
    jd_map_free(m->field_at);
    jd_map_free(m->users);
    jd_idmap_free(m->shapes);
    for (int k = 0; k < SIM_PARTS; k++)
        jd_vec_release(&m->parts[k]);
    jd_vec_release(&m->user_texts);
    jd_idmap_free(m->part_at);
    jd_arena_free(m->arena);
    free(m);
}

/* -- learning ---------------------------------------------------------------------------------- */

static void learn_thing(sim_meta *m, sim_kind kind, const jd_json *v)
{
    jd_str id = jd_json_str(jd_json_get(v, "id")), name = jd_json_str(jd_json_get(v, "name"));
    if (id.n == 0 && name.n == 0)
        return;
    for (size_t i = 0; i < m->list[kind].n; i++) {
        const thing *t = &m->list[kind].v[i];
        if (jd_str_eq(t->id, id) && (id.n > 0 || jd_str_eq(t->name, name)))
            return;
    }
    *jd_vec_add(&m->list[kind]) =
        (thing){jd_arena_dup(m->arena, id), jd_arena_dup(m->arena, name), written(m->arena, v)};
}

static jd_str folded(jd_arena *a, jd_str s)
{
    char *p = jd_arena_bytes(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]);
    return (jd_str){p, s.n};
}

static void learn_user(sim_meta *m, const jd_json *user)
{
    jd_str name = jd_json_str(jd_json_get(user, "name"));
    if (name.n == 0)
        return;
    jd_mark mark = jd_arena_mark(m->arena);
    jd_str  low  = folded(m->arena, name);
    bool    had  = jd_map_get(m->users, low) != NULL;
    if (!had)
        *jd_map_put(m->users, low, NULL) = 1;
    jd_arena_rewind(m->arena, mark);
    if (!had)
        *jd_vec_add(&m->user_texts) = written(m->arena, user);
}

static void learn_parts(sim_meta *m, sim_part kind, const jd_json *list, uint64_t project_id)
{
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);) {
        bool     fresh = false;
        uint64_t id    = jd_json_id(jd_json_get(it.value, "id"));
        if (id == 0)
            continue;
        (void)jd_idmap_put(m->part_at, jd_mix64(jd_mix64(project_id) + id) ^ (uint64_t)kind,
                           &fresh);
        if (fresh)
            *jd_vec_add(&m->parts[kind]) = (part){project_id, written(m->arena, it.value)};
    }
}

static void learn_fields(sim_meta *m, const jd_json *fields)
{
    uint64_t shape = 1;
    for (jd_json_iter it = jd_json_walk(fields); jd_json_next(&it);)
        shape += jd_mix64(jd_hash64_seed(it.name, jd_json_kind(it.value)));
    bool fresh = false;
    (void)jd_idmap_put(m->shapes, shape, &fresh);
    if (!fresh)
        return;
    for (jd_json_iter it = jd_json_walk(fields); jd_json_next(&it);) {
        bool   is_new = false;
        field *f      = field_put(m, it.name, &is_new);
        f->seen       = true;
        if (f->type == JD_JSON_NONE && !jd_json_is_null(it.value))
            f->type = jd_json_kind(it.value);
    }
}

void sim_meta_learn(sim_meta *m, const jd_json *issue, uint64_t project_id)
{
    const jd_json *fields = jd_json_get(issue, "fields");
    for (jd_json_iter it = jd_json_walk(fields); jd_json_next(&it);) {
        if (jd_str_is(it.name, "status"))
            learn_thing(m, SIM_STATUSES, it.value);
        else if (jd_str_is(it.name, "issuetype"))
            learn_thing(m, SIM_TYPES, it.value);
        else if (jd_str_is(it.name, "priority"))
            learn_thing(m, SIM_PRIORITIES, it.value);
        else if (jd_str_is(it.name, "resolution"))
            learn_thing(m, SIM_RESOLUTIONS, it.value);
        else if (jd_str_is(it.name, "assignee") || jd_str_is(it.name, "reporter"))
            learn_user(m, it.value);
        else if (jd_str_is(it.name, "fixVersions") || jd_str_is(it.name, "versions"))
            learn_parts(m, SIM_VERSIONS, it.value, project_id);
        else if (jd_str_is(it.name, "components"))
            learn_parts(m, SIM_COMPONENTS, it.value, project_id);
        else if (jd_str_is(it.name, "issuelinks"))
            for (jd_json_iter l = jd_json_walk(it.value); jd_json_next(&l);)
                learn_thing(m, SIM_LINK_TYPES, jd_json_get(l.value, "type"));
    }
    learn_fields(m, fields);
}

void sim_meta_generated(sim_meta *m)
{
    static const struct {
        sim_catalogue from;
        sim_kind      to;
    } both[]       = {{SIM_CAT_STATUS, SIM_STATUSES},
                      {SIM_CAT_TYPE, SIM_TYPES},
                      {SIM_CAT_PRIORITY, SIM_PRIORITIES},
                      {SIM_CAT_RESOLUTION, SIM_RESOLUTIONS}};
    jd_buf    text = JD_BUF_INIT(TEXT_MAX);
    jd_arena *a    = jd_arena_new(0);
    for (size_t i = 0; i < sizeof both / sizeof *both; i++) {
        jd_buf_reset(&text);
        sim_gen_catalogue(&text, both[i].from, m->base_url);
        const jd_json *all = read_json(a, jd_buf_view(&text));
        for (jd_json_iter it = jd_json_walk(all); jd_json_next(&it);)
            learn_thing(m, both[i].to, it.value);
    }
    for (size_t i = 0; i < m->fields.n; i++)
        m->fields.v[i].seen = true;
    jd_arena_free(a);
    jd_buf_release(&text);
}

/* -- asking ------------------------------------------------------------------------------------ */

bool sim_meta_knows(const sim_meta *m, sim_kind kind, jd_str value)
{
    for (size_t i = 0; i < m->list[kind].n; i++)
        if (jd_str_ieq(m->list[kind].v[i].name, value) || jd_str_eq(m->list[kind].v[i].id, value))
            return true;
    return false;
}

bool sim_meta_knows_user(const sim_meta *m, jd_str name)
{
    jd_arena *a     = jd_arena_new(name.n + 64);
    bool      known = jd_map_get(m->users, folded(a, name)) != NULL;
    jd_arena_free(a);
    return known;
}

bool sim_meta_knows_part(const sim_meta *m, sim_part kind, jd_str value)
{
    bool      known = false;
    jd_arena *a     = jd_arena_new(0);
    for (size_t i = 0; i < m->parts[kind].n && !known; i++) {
        const jd_json *v = read_json(a, m->parts[kind].v[i].json);
        known            = jd_str_ieq(jd_json_str(jd_json_get(v, "name")), value) ||
                jd_str_eq(jd_json_str(jd_json_get(v, "id")), value);
    }
    jd_arena_free(a);
    return known;
}

static int by_number(const void *a, const void *b)
{
    const thing *x = *(const thing *const *)a, *y = *(const thing *const *)b;
    uint64_t     m = 0, n = 0;
    if (jd_str_u64(x->id, &m) && jd_str_u64(y->id, &n) && m != n)
        return m < n ? -1 : 1;
    int d = jd_str_cmp(x->id, y->id);
    return d ? d : jd_str_cmp(x->name, y->name);
}

void sim_meta_write(const sim_meta *m, sim_kind kind, jd_buf *out)
{
    size_t        n      = m->list[kind].n;
    const thing **sorted = jd_xcalloc(n + 1, sizeof *sorted);
    for (size_t i = 0; i < n; i++)
        sorted[i] = &m->list[kind].v[i];
    qsort(sorted, n, sizeof(thing *), by_number);
    jd_buf_addc(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            jd_buf_addc(out, ',');
        jd_buf_adds(out, sorted[i]->json);
    }
    jd_buf_addc(out, ']');
    free(sorted);
}

/* -- fields ------------------------------------------------------------------------------------ */

static void schema_made_up(jd_jsonw *w, const field *f)
{
    static const char TYPES[] = "com.atlassian.jira.plugin.system.customfieldtypes:";
    static const struct {
        const char *type, *items, *custom;
    } known[] = {
        [JD_JSON_NONE]   = {"string", NULL, "textfield"},
        [JD_JSON_NULL]   = {"string", NULL, "textfield"},
        [JD_JSON_BOOL]   = {"string", NULL, "textfield"},
        [JD_JSON_NUMBER] = {"number", NULL, "float"},
        [JD_JSON_STRING] = {"string", NULL, "textfield"},
        [JD_JSON_ARRAY]  = {"array", "string", "labels"},
        [JD_JSON_OBJECT] = {"option", NULL, "select"},
    };
    jd_jsonw_object(w);
    jd_jsonw_kstr(w, "type", jd_str_of(known[f->type].type));
    if (known[f->type].items)
        jd_jsonw_kstr(w, "items", jd_str_of(known[f->type].items));
    if (f->custom) {
        char     name[96];
        uint64_t id = 0;
        snprintf(name, sizeof name, "%s%s", TYPES, known[f->type].custom);
        jd_jsonw_kstr(w, "custom", jd_str_of(name));
        if (jd_str_u64(jd_str_cut(f->id, 12, SIZE_MAX), &id) && id <= INT64_MAX)
            jd_jsonw_kint(w, "customId", (int64_t)id);
    } else {
        jd_jsonw_kstr(w, "system", f->id);
    }
    jd_jsonw_end(w);
}

static void field_name(jd_buf *out, const field *f)
{
    jd_buf_reset(out);
    if (f->name.n > 0) {
        jd_buf_adds(out, f->name);
    } else if (f->custom) {
        jd_buf_addz(out, "Custom field ");
        jd_buf_adds(out, jd_str_cut(f->id, 12, SIZE_MAX));
    } else {
        jd_buf_adds(out, f->id);
    }
}

static void field_made_up(jd_jsonw *w, const field *f)
{
    jd_buf name = JD_BUF_INIT(TEXT_MAX), clause = JD_BUF_INIT(TEXT_MAX);
    field_name(&name, f);
    jd_jsonw_object(w);
    jd_jsonw_kstr(w, "id", f->id);
    jd_jsonw_kstr(w, "name", jd_buf_view(&name));
    jd_jsonw_kbool(w, "custom", f->custom);
    jd_jsonw_kbool(w, "orderable", true);
    jd_jsonw_kbool(w, "navigable", true);
    jd_jsonw_kbool(w, "searchable", true);
    jd_jsonw_name(w, "clauseNames");
    jd_jsonw_array(w);
    if (f->custom) {
        jd_buf_addz(&clause, "cf[");
        jd_buf_adds(&clause, jd_str_cut(f->id, 12, SIZE_MAX));
        jd_buf_addc(&clause, ']');
        jd_jsonw_str(w, jd_buf_view(&clause));
    }
    jd_jsonw_str(w, jd_buf_view(&name));
    jd_jsonw_end(w);
    jd_jsonw_name(w, "schema");
    schema_made_up(w, f);
    jd_jsonw_end(w);
    jd_buf_release(&name);
    jd_buf_release(&clause);
}

void sim_meta_fields(const sim_meta *m, jd_buf *out)
{
    jd_jsonw w = jd_jsonw_to(out);
    jd_jsonw_array(&w);
    for (size_t i = 0; i < m->fields.n; i++) {
        const field *f = &m->fields.v[i];
        if (!f->seen)
            continue;
        if (f->json.p)
            jd_jsonw_raw(&w, f->json);
        else
            field_made_up(&w, f);
    }
    jd_jsonw_end(&w);
}

void sim_meta_names(const sim_meta *m, jd_buf *out)
{
    jd_buf   name = JD_BUF_INIT(TEXT_MAX);
    jd_jsonw w    = jd_jsonw_to(out);
    jd_jsonw_object(&w);
    for (size_t i = 0; i < m->fields.n; i++) {
        if (!m->fields.v[i].seen)
            continue;
        field_name(&name, &m->fields.v[i]);
        jd_jsonw_names(&w, m->fields.v[i].id);
        jd_jsonw_str(&w, jd_buf_view(&name));
    }
    jd_jsonw_end(&w);
    jd_buf_release(&name);
}

void sim_meta_schema(const sim_meta *m, jd_buf *out)
{
    jd_jsonw w = jd_jsonw_to(out);
    jd_jsonw_object(&w);
    for (size_t i = 0; i < m->fields.n; i++) {
        const field *f = &m->fields.v[i];
        if (!f->seen)
            continue;
        jd_str known = sim_raw_get(f->json, "schema");
        if (f->json.p && !known.p)
            continue;
        jd_jsonw_names(&w, f->id);
        if (known.p)
            jd_jsonw_raw(&w, known);
        else
            schema_made_up(&w, f);
    }
    jd_jsonw_end(&w);
}

jd_str sim_meta_custom_type(const sim_meta *m, jd_str id)
{
    const uint64_t *at     = jd_map_get(m->field_at, id);
    jd_str          schema = at ? sim_raw_get(m->fields.v[*at].json, "schema") : JD_NOSTR;
    jd_str          custom = sim_raw_get(schema, "custom");
    return custom.n >= 2 ? jd_str_cut(custom, 1, custom.n - 2) : JD_NOSTR;
}

jd_str sim_meta_field_named(const sim_meta *m, jd_str name)
{
    for (size_t i = 0; i < m->fields.n; i++)
        if (m->fields.v[i].custom && jd_str_eq(m->fields.v[i].name, name))
            return m->fields.v[i].id;
    return JD_NOSTR;
}

jd_str sim_meta_field_clause(const sim_meta *m, jd_str clause)
{
    bool id =
        jd_str_ieq(jd_str_cut(clause, 0, 3), JD_STR("cf[")) && jd_str_ends(clause, JD_STR("]"));
    jd_str number = jd_str_cut(clause, 3, clause.n - 4);
    for (size_t i = 0; i < m->fields.n; i++) {
        const field *f = &m->fields.v[i];
        if (f->custom && f->seen &&
            (id ? jd_str_eq(jd_str_cut(f->id, 12, SIZE_MAX), number) : jd_str_ieq(f->name, clause)))
            return f->id;
    }
    return JD_NOSTR;
}

void sim_meta_put_field(sim_meta *m, jd_str id, jd_str name, jd_str json)
{
    bool   fresh = false;
    field *f     = field_put(m, id, &fresh);
    if (json.n == 0) {
        f->seen = false;
        return;
    }
    f->name = jd_arena_dup(m->arena, name);
    f->json = jd_arena_dup(m->arena, json);
    f->seen = true;
}

void sim_meta_parts(const sim_meta *m, sim_part kind, uint64_t project_id, jd_buf *out)
{
    bool first = true;
    jd_buf_addc(out, '[');
    for (size_t i = 0; i < m->parts[kind].n; i++) {
        if (m->parts[kind].v[i].project_id != project_id)
            continue;
        if (!first)
            jd_buf_addc(out, ',');
        first = false;
        jd_buf_adds(out, m->parts[kind].v[i].json);
    }
    jd_buf_addc(out, ']');
}

void sim_meta_users(const sim_meta *m, jd_buf *out)
{
    jd_buf_addc(out, '[');
    for (size_t i = 0; i < m->user_texts.n; i++) {
        if (i > 0)
            jd_buf_addc(out, ',');
        jd_buf_adds(out, m->user_texts.v[i]);
    }
    jd_buf_addc(out, ']');
}

jd_str sim_meta_field_name(const sim_meta *m, jd_str id)
{
    const uint64_t *at = jd_map_get(m->field_at, id);
    return at ? m->fields.v[*at].name : JD_NOSTR;
}
