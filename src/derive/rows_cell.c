#include "base/hash.h"
#include "derive/rows_part.h"
#include "text/utf8.h"

#include <string.h>

void jd_row_begin(const jd_rows *r, jd_table_id t, jd_cell *cell)
{
    const jd_table *table = &jd_tables[t];
    memset(cell, 0, table->ncol * sizeof *cell);
    cell[0] = jd_cell_int(r->site_id);
    if (table->seen >= 0)
        cell[table->seen] = (jd_cell){.kind = JD_CELL_TIME, .i = r->issue->fetched_ms};
    if (table->issue >= 0)
        cell[table->issue] = jd_cell_int((int64_t)r->issue->id);
}

void jd_row_end(jd_rows *r, jd_table_id t, const jd_cell *cell)
{
    if (!r->rc)
        r->rc = r->row(r->self, t, cell, r->err);
}

/* -- cells ----------------------------------------------------------------------------------- */

static const jd_cell null_cell;

jd_cell jd_cell_int(int64_t v)
{
    return (jd_cell){.kind = JD_CELL_INT, .i = v};
}

jd_cell jd_cell_time(int64_t ms)
{
    return ms == JD_NO_TIME ? null_cell : (jd_cell){.kind = JD_CELL_TIME, .i = ms};
}

static jd_str without_nul(const jd_rows *r, jd_str s)
{
    static const char instead[] = "\xEF\xBF\xBD";
    size_t            nuls      = 0;
    for (size_t i = 0; i < s.n; i++)
        nuls += s.p[i] == '\0';
    char *out = jd_arena_bytes(r->arena, s.n + 2 * nuls), *at = out;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i]) {
            *at++ = s.p[i];
        } else {
            memcpy(at, instead, 3);
            at += 3;
        }
    }
    return (jd_str){out, (size_t)(at - out)};
}

jd_cell jd_cell_text(const jd_rows *r, jd_str s)
{
    if (!s.p)
        return null_cell;
    if (memchr(s.p, '\0', s.n))
        s = without_nul(r, s);
    return (jd_cell){.kind = JD_CELL_TEXT, .s = s};
}

jd_cell jd_cell_name(const jd_rows *r, jd_str s)
{
    jd_cell c = jd_cell_text(r, s);
    if (c.kind && !c.s.n)
        return null_cell;
    if (c.kind && c.s.n > JD_NAME_MAX)
        c.s = jd_utf8_head(c.s, JD_NAME_MAX);
    return c;
}

jd_cell jd_cell_of_text(const jd_rows *r, const jd_json *v)
{
    return jd_json_is_str(v) ? jd_cell_text(r, jd_json_str(v)) : null_cell;
}

jd_cell jd_cell_of_int(const jd_json *v)
{
    int64_t i;
    double  d;
    if (jd_json_i64(v, &i) || (jd_json_is_str(v) && jd_str_i64(jd_json_str(v), &i)))
        return jd_cell_int(i);
    if (jd_json_f64(v, &d) && d > -9e15 && d < 9e15)
        return jd_cell_int((int64_t)d);
    return null_cell;
}

jd_cell jd_cell_of_bool(const jd_json *v)
{
    return jd_json_kind(v) == JD_JSON_BOOL ? jd_cell_int(jd_json_bool(v)) : null_cell;
}

jd_cell jd_cell_of_time(const jd_json *v)
{
    jd_cell c = {.kind = JD_CELL_TIME};
    return jd_json_is_str(v) && jd_time_parse(jd_json_str(v), &c.i, NULL) ? c : null_cell;
}

jd_cell jd_cell_of_date(const jd_json *v)
{
    enum { DAY_LENGTH = 10 }; /* "2024-01-15"; of an instant the day as written */
    jd_cell c = {.kind = JD_CELL_TIME};
    return jd_json_is_str(v) && jd_date_parse(jd_str_cut(jd_json_str(v), 0, DAY_LENGTH), &c.i)
               ? c
               : null_cell;
}

jd_cell jd_cell_of_id(const jd_json *v)
{
    uint64_t id = jd_json_id(v);
    return id && id <= INT64_MAX ? jd_cell_int((int64_t)id) : null_cell;
}

jd_cell jd_cell_child_id(const jd_rows *r, jd_table_id t, const jd_json *child, size_t place)
{
    jd_cell c = jd_cell_of_id(jd_json_get(child, "id"));
    if (c.kind)
        return c;
    uint64_t made = jd_mix64(jd_mix64(r->issue->id ^ ((uint64_t)t << 56)) + place);
    return jd_cell_int(-(int64_t)(made >> 1) - 1);
}

jd_cell jd_cell_json(jd_rows *r, const jd_json *v)
{
    jd_buf_reset(&r->scratch);
    jd_json_write(&r->scratch, v);
    return jd_cell_text(r, jd_arena_dup(r->arena, jd_buf_view(&r->scratch)));
}

void jd_cell_body(jd_rows *r, const jd_json *v, jd_cell *text, jd_cell *adf)
{
    *text = jd_cell_of_text(r, v);
    if (jd_json_kind(v) != JD_JSON_OBJECT)
        return;
    *text = jd_cell_text(r, jd_body(&r->bodies, v, NULL));
    if (adf)
        *adf = jd_cell_json(r, v);
}

uint64_t jd_cells_hash(const jd_cell *cell, unsigned from, unsigned to, uint64_t seed)
{
    for (unsigned i = from; i < to; i++) {
        const jd_cell *c = &cell[i];
        if (c->kind == JD_CELL_TEXT)
            seed = jd_hash64_seed(c->s, seed + i);
        else if (c->kind != JD_CELL_NULL)
            seed = jd_mix64(seed ^ (uint64_t)c->i) + i;
    }
    return seed;
}

/* -- what is named --------------------------------------------------------------------------- */

/* The account id, the key or the name, in this order: the first two stay when a name changes. */
static jd_cell user_id(const jd_rows *r, const jd_json *user)
{
    static const char *const names[] = {"accountId", "key", "name", "emailAddress", "displayName"};
    jd_cell                  c       = null_cell;
    for (size_t i = 0; !c.kind && i < sizeof names / sizeof *names; i++)
        c = jd_cell_name(r, jd_json_str(jd_json_get(user, names[i])));
    return c;
}

jd_cell jd_named_user(jd_rows *r, const jd_json *user)
{
    jd_cell c[JD_jira_user__N];
    if (jd_json_kind(user) != JD_JSON_OBJECT)
        return null_cell;
    jd_cell id = user_id(r, user);
    if (!id.kind)
        return id;
    jd_row_begin(r, JD_T_jira_user, c);
    c[JD_jira_user__id] = id;
    for (jd_json_iter it = jd_json_walk(user); jd_json_next(&it);) {
        static const struct {
            jd_str   name;
            unsigned col;
        } texts[] = {{JD_STR_INIT("name"), JD_jira_user__name},
                     {JD_STR_INIT("displayName"), JD_jira_user__display_name},
                     {JD_STR_INIT("emailAddress"), JD_jira_user__email},
                     {JD_STR_INIT("timeZone"), JD_jira_user__time_zone},
                     {JD_STR_INIT("accountType"), JD_jira_user__account_type}};
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
            if (jd_str_eq(it.name, texts[i].name))
                c[texts[i].col] = jd_cell_of_text(r, it.value);
        if (jd_str_is(it.name, "active"))
            c[JD_jira_user__active] = jd_cell_of_bool(it.value);
    }
    jd_row_end(r, JD_T_jira_user, c);
    return id;
}

/* What more there is to tell, by table. */
static void more_of(jd_rows *r, jd_table_id t, const jd_json *v, jd_cell *c)
{
    const jd_json *category;
    switch (t) {
    case JD_T_project:
        category                     = jd_json_get(v, "projectCategory");
        c[JD_project__key]           = jd_cell_name(r, jd_json_str(jd_json_get(v, "key")));
        c[JD_project__project_type]  = jd_cell_of_text(r, jd_json_get(v, "projectTypeKey"));
        c[JD_project__category_id]   = jd_cell_of_id(jd_json_get(category, "id"));
        c[JD_project__category_name] = jd_cell_of_text(r, jd_json_get(category, "name"));
        c[JD_project__lead_id]       = jd_named_user(r, jd_json_get(v, "lead"));
        break;
    case JD_T_status:
        c[JD_status__category_id] =
            jd_named_entity(r, JD_T_status_category, jd_json_get(v, "statusCategory"));
        break;
    case JD_T_status_category:
        c[JD_status_category__key] = jd_cell_of_text(r, jd_json_get(v, "key"));
        break;
    case JD_T_issue_type:
        c[JD_issue_type__subtask]         = jd_cell_of_bool(jd_json_get(v, "subtask"));
        c[JD_issue_type__hierarchy_level] = jd_cell_of_int(jd_json_get(v, "hierarchyLevel"));
        break;
    case JD_T_version:
        c[JD_version__project_id]   = jd_cell_int(r->project_id);
        c[JD_version__archived]     = jd_cell_of_bool(jd_json_get(v, "archived"));
        c[JD_version__released]     = jd_cell_of_bool(jd_json_get(v, "released"));
        c[JD_version__start_date]   = jd_cell_of_date(jd_json_get(v, "startDate"));
        c[JD_version__release_date] = jd_cell_of_date(jd_json_get(v, "releaseDate"));
        break;
    case JD_T_component:
        c[JD_component__project_id] = jd_cell_int(r->project_id);
        c[JD_component__lead_id]    = jd_named_user(r, jd_json_get(v, "lead"));
        break;
    case JD_T_link_type:
        c[JD_link_type__inward]  = jd_cell_of_text(r, jd_json_get(v, "inward"));
        c[JD_link_type__outward] = jd_cell_of_text(r, jd_json_get(v, "outward"));
        break;
    default:
        break;
    }
    if (!r->project_id && (t == JD_T_version || t == JD_T_component))
        c[t == JD_T_version ? (int)JD_version__project_id : (int)JD_component__project_id] =
            null_cell;
}

jd_cell jd_named_entity(jd_rows *r, jd_table_id t, const jd_json *v)
{
    static const struct {
        jd_table_id table;
        unsigned    name, description; /* 0: has none */
    } columns[] = {
        {JD_T_project, JD_project__name, 0},
        {JD_T_status_category, JD_status_category__name, 0},
        {JD_T_status, JD_status__name, JD_status__description},
        {JD_T_issue_type, JD_issue_type__name, JD_issue_type__description},
        {JD_T_priority, JD_priority__name, JD_priority__description},
        {JD_T_resolution, JD_resolution__name, JD_resolution__description},
        {JD_T_version, JD_version__name, JD_version__description},
        {JD_T_component, JD_component__name, JD_component__description},
        {JD_T_link_type, JD_link_type__name, 0},
    };
    jd_cell c[JD_COLS_MAX], id = jd_cell_of_id(jd_json_get(v, "id"));
    if (!id.kind)
        return id;
    jd_row_begin(r, t, c);
    c[1] = id;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (columns[i].table != t)
            continue;
        c[columns[i].name] = jd_cell_of_text(r, jd_json_get(v, "name"));
        if (columns[i].description)
            c[columns[i].description] = jd_cell_of_text(r, jd_json_get(v, "description"));
    }
    more_of(r, t, v, c);
    jd_row_end(r, t, c);
    return id;
}
