/* What a site's catalogues list, as rows: the same as issues make of what they name, and more. */
#include "derive/rows_part.h"

static jd_cell text_of(const jd_rows *r, const jd_json *v, const char *name)
{
    return jd_cell_of_text(r, jd_json_get(v, name));
}

/* Changelogs call custom fields by their names, most others by their ids. */
static jd_cell changelog_name(const jd_rows *r, const jd_json *field, bool custom)
{
    static const struct {
        jd_str id;
        jd_str name;
    } other[] = {{JD_STR_INIT("fixVersions"), JD_STR_INIT("Fix Version")},
                 {JD_STR_INIT("versions"), JD_STR_INIT("Version")},
                 {JD_STR_INIT("components"), JD_STR_INIT("Component")},
                 {JD_STR_INIT("issuelinks"), JD_STR_INIT("Link")},
                 {JD_STR_INIT("attachment"), JD_STR_INIT("Attachment")},
                 {JD_STR_INIT("comment"), JD_STR_INIT("Comment")},
                 {JD_STR_INIT("parent"), JD_STR_INIT("Parent")},
                 {JD_STR_INIT("security"), JD_STR_INIT("security")},
                 {JD_STR_INIT("issuekey"), JD_STR_INIT("Key")}};
    jd_str id = jd_json_str(jd_json_get(field, "id"));
    if (custom)
        return jd_cell_name(r, jd_json_str(jd_json_get(field, "name")));
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (jd_str_eq(id, other[i].id))
            return jd_cell_name(r, other[i].name);
    return jd_cell_name(r, id);
}

static void field_row(jd_rows *r, const jd_json *v, const jd_json *ours)
{
    jd_cell        c[JD_field__N];
    const jd_json *schema = jd_json_get(v, "schema");
    bool           custom = jd_json_bool(jd_json_get(v, "custom"));
    jd_row_begin(r, JD_T_field, c);
    c[JD_field__id] = jd_cell_name(r, jd_json_str(jd_json_get(v, "id")));
    if (!c[JD_field__id].kind)
        return;
    c[JD_field__name]           = text_of(r, v, "name");
    c[JD_field__changelog_name] = changelog_name(r, v, custom);
    c[JD_field__slug]           = text_of(r, ours, "name");
    c[JD_field__custom]         = jd_cell_int(custom);
    c[JD_field__kind]           = text_of(r, ours, "type");
    c[JD_field__value_type]     = text_of(r, schema, "type");
    c[JD_field__item_type]      = text_of(r, schema, "items");
    c[JD_field__custom_type]    = text_of(r, schema, "custom");
    jd_row_end(r, JD_T_field, c);
}

/* Both lists are in order of id, ours may have more. */
static void field_rows(jd_rows *r, const jd_json *list, const jd_json *names)
{
    jd_json_iter ours = jd_json_walk(names);
    bool         more = jd_json_next(&ours);
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it) && !r->rc;) {
        jd_str id = jd_json_str(jd_json_get(it.value, "id"));
        while (more && jd_str_cmp(jd_json_str(jd_json_get(ours.value, "id")), id) < 0)
            more = jd_json_next(&ours);
        bool same = more && jd_str_eq(jd_json_str(jd_json_get(ours.value, "id")), id);
        field_row(r, it.value, same ? ours.value : NULL);
    }
}

static void board_row(jd_rows *r, const jd_json *v)
{
    jd_cell c[JD_board__N];
    jd_row_begin(r, JD_T_board, c);
    c[JD_board__id] = jd_cell_of_id(jd_json_get(v, "id"));
    if (!c[JD_board__id].kind)
        return;
    if (r->project_id)
        c[JD_board__project_id] = jd_cell_int(r->project_id);
    c[JD_board__name] = text_of(r, v, "name");
    c[JD_board__kind] = text_of(r, v, "type");
    jd_row_end(r, JD_T_board, c);
}

jd_code jd_rows_listed(jd_rows *r, jd_arena *a, jd_table_id t, const jd_json *list,
                       const jd_json *names, uint64_t project, int64_t seen_ms, jd_err *e)
{
    const jd_issue none = {.fetched_ms = seen_ms};
    uint64_t       id;
    r->arena      = a;
    r->issue      = &none;
    r->rc         = JD_OK;
    r->err        = e;
    r->project_id = project <= INT64_MAX ? (int64_t)project : 0;
    if (t == JD_T_field) {
        field_rows(r, list, names);
    } else {
        for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it) && !r->rc;) {
            if (t == JD_T_board)
                board_row(r, it.value);
            else if (t == JD_T_sprint)
                (void)jd_named_sprint(r, it.value, &id);
            else
                (void)jd_named_entity(r, t, it.value);
        }
    }
    r->issue = NULL;
    return r->rc;
}
