#include "derive/rows_part.h"

void jd_rows_labels(jd_rows *r, const jd_json *v, unsigned unused)
{
    (void)unused;
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);) {
        jd_cell c[JD_issue_label__N], named[JD_label__N];
        jd_row_begin(r, JD_T_label, named);
        named[JD_label__name] = jd_cell_name(r, jd_json_str(it.value));
        if (!named[JD_label__name].kind)
            continue;
        jd_row_end(r, JD_T_label, named);
        jd_row_begin(r, JD_T_issue_label, c);
        c[JD_issue_label__label] = named[JD_label__name];
        jd_row_end(r, JD_T_issue_label, c);
    }
}

/* The bridges have the same columns: site, issue, what it is to. */
void jd_rows_bridge(jd_rows *r, const jd_json *v, unsigned table)
{
    jd_table_id named = table == JD_T_issue_component ? JD_T_component : JD_T_version;
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);) {
        jd_cell c[JD_COLS_MAX];
        jd_cell id = jd_named_entity(r, named, it.value);
        if (!id.kind)
            continue;
        jd_row_begin(r, (jd_table_id)table, c);
        c[2] = id;
        jd_row_end(r, (jd_table_id)table, c);
    }
}

/* The list within a page-like object, or the list itself. */
static const jd_json *list_of(const jd_json *v, const char *name)
{
    return jd_json_kind(v) == JD_JSON_ARRAY ? v : jd_json_get(v, name);
}

/* "role:Developers", as Jira names who may see it. */
static jd_cell visible_to(jd_rows *r, const jd_json *visibility)
{
    jd_cell c = jd_cell_of_text(r, jd_json_get(visibility, "value"));
    return c.kind ? c : jd_cell_of_text(r, jd_json_get(visibility, "identifier"));
}

void jd_rows_comments(jd_rows *r, const jd_json *v, unsigned unused)
{
    size_t place = 0;
    (void)unused;
    for (jd_json_iter it = jd_json_walk(list_of(v, "comments")); jd_json_next(&it);) {
        jd_cell c[JD_comment__N];
        if (jd_json_kind(it.value) != JD_JSON_OBJECT)
            continue;
        jd_row_begin(r, JD_T_comment, c);
        c[JD_comment__id]               = jd_cell_child_id(r, JD_T_comment, it.value, place++);
        c[JD_comment__author_id]        = jd_named_user(r, jd_json_get(it.value, "author"));
        c[JD_comment__update_author_id] = jd_named_user(r, jd_json_get(it.value, "updateAuthor"));
        c[JD_comment__created]          = jd_cell_of_time(jd_json_get(it.value, "created"));
        c[JD_comment__updated]          = jd_cell_of_time(jd_json_get(it.value, "updated"));
        c[JD_comment__visible_to]       = visible_to(r, jd_json_get(it.value, "visibility"));
        c[JD_comment__is_public]        = jd_cell_of_bool(jd_json_get(it.value, "jsdPublic"));
        jd_cell_body(r, jd_json_get(it.value, "body"), &c[JD_comment__body],
                     &c[JD_comment__body_adf]);
        jd_row_end(r, JD_T_comment, c);
    }
}

void jd_rows_worklogs(jd_rows *r, const jd_json *v, unsigned unused)
{
    size_t place = 0;
    (void)unused;
    for (jd_json_iter it = jd_json_walk(list_of(v, "worklogs")); jd_json_next(&it);) {
        jd_cell c[JD_worklog__N];
        if (jd_json_kind(it.value) != JD_JSON_OBJECT)
            continue;
        jd_row_begin(r, JD_T_worklog, c);
        c[JD_worklog__id]               = jd_cell_child_id(r, JD_T_worklog, it.value, place++);
        c[JD_worklog__author_id]        = jd_named_user(r, jd_json_get(it.value, "author"));
        c[JD_worklog__update_author_id] = jd_named_user(r, jd_json_get(it.value, "updateAuthor"));
        c[JD_worklog__started]          = jd_cell_of_time(jd_json_get(it.value, "started"));
        c[JD_worklog__created]          = jd_cell_of_time(jd_json_get(it.value, "created"));
        c[JD_worklog__updated]          = jd_cell_of_time(jd_json_get(it.value, "updated"));
        c[JD_worklog__seconds]          = jd_cell_of_int(jd_json_get(it.value, "timeSpentSeconds"));
        c[JD_worklog__visible_to]       = visible_to(r, jd_json_get(it.value, "visibility"));
        jd_cell_body(r, jd_json_get(it.value, "comment"), &c[JD_worklog__body],
                     &c[JD_worklog__body_adf]);
        jd_row_end(r, JD_T_worklog, c);
    }
}

void jd_rows_attachments(jd_rows *r, const jd_json *v, unsigned unused)
{
    size_t place = 0;
    (void)unused;
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);) {
        jd_cell c[JD_attachment__N];
        if (jd_json_kind(it.value) != JD_JSON_OBJECT)
            continue;
        jd_row_begin(r, JD_T_attachment, c);
        c[JD_attachment__id]          = jd_cell_child_id(r, JD_T_attachment, it.value, place++);
        c[JD_attachment__filename]    = jd_cell_of_text(r, jd_json_get(it.value, "filename"));
        c[JD_attachment__author_id]   = jd_named_user(r, jd_json_get(it.value, "author"));
        c[JD_attachment__created]     = jd_cell_of_time(jd_json_get(it.value, "created"));
        c[JD_attachment__size]        = jd_cell_of_int(jd_json_get(it.value, "size"));
        c[JD_attachment__mime_type]   = jd_cell_of_text(r, jd_json_get(it.value, "mimeType"));
        c[JD_attachment__content_url] = jd_cell_of_text(r, jd_json_get(it.value, "content"));
        jd_row_end(r, JD_T_attachment, c);
    }
}

void jd_rows_links(jd_rows *r, const jd_json *v, unsigned unused)
{
    size_t place = 0;
    (void)unused;
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);) {
        jd_cell        c[JD_issue_link__N];
        const jd_json *out  = jd_json_get(it.value, "outwardIssue");
        const jd_json *type = jd_json_get(it.value, "type");
        const jd_json *to   = jd_json_is_null(out) ? jd_json_get(it.value, "inwardIssue") : out;
        if (jd_json_kind(it.value) != JD_JSON_OBJECT)
            continue;
        jd_row_begin(r, JD_T_issue_link, c);
        c[JD_issue_link__id]           = jd_cell_child_id(r, JD_T_issue_link, it.value, place++);
        c[JD_issue_link__outward]      = jd_cell_int(!jd_json_is_null(out));
        c[JD_issue_link__link_type_id] = jd_named_entity(r, JD_T_link_type, type);
        c[JD_issue_link__relationship] =
            jd_cell_of_text(r, jd_json_get(type, jd_json_is_null(out) ? "inward" : "outward"));
        c[JD_issue_link__related_issue_id] = jd_cell_of_id(jd_json_get(to, "id"));
        c[JD_issue_link__related_key]      = jd_cell_name(r, jd_json_str(jd_json_get(to, "key")));
        jd_row_end(r, JD_T_issue_link, c);
    }
}

void jd_rows_remote_links(jd_rows *r, const jd_json *v)
{
    size_t place = 0;
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);) {
        jd_cell        c[JD_remote_link__N];
        const jd_json *to = jd_json_get(it.value, "object"),
                      *by = jd_json_get(it.value, "application");
        if (jd_json_kind(it.value) != JD_JSON_OBJECT)
            continue;
        jd_row_begin(r, JD_T_remote_link, c);
        c[JD_remote_link__id]           = jd_cell_child_id(r, JD_T_remote_link, it.value, place++);
        c[JD_remote_link__global_id]    = jd_cell_of_text(r, jd_json_get(it.value, "globalId"));
        c[JD_remote_link__relationship] = jd_cell_of_text(r, jd_json_get(it.value, "relationship"));
        c[JD_remote_link__url]          = jd_cell_of_text(r, jd_json_get(to, "url"));
        c[JD_remote_link__title]        = jd_cell_of_text(r, jd_json_get(to, "title"));
        c[JD_remote_link__summary]      = jd_cell_of_text(r, jd_json_get(to, "summary"));
        c[JD_remote_link__resolved]     = jd_cell_of_bool(jd_json_path(to, "status.resolved"));
        c[JD_remote_link__application_type] = jd_cell_of_text(r, jd_json_get(by, "type"));
        c[JD_remote_link__application_name] = jd_cell_of_text(r, jd_json_get(by, "name"));
        jd_row_end(r, JD_T_remote_link, c);
    }
}

/* -- changelog ------------------------------------------------------------------------------- */

/* The key that the issue had before it moved. */
static void alias(jd_rows *r, const jd_json *item)
{
    jd_cell c[JD_issue_alias__N];
    jd_str  key = jd_json_str(jd_json_get(item, "fromString"));
    if (!jd_is_issue_key(key) || jd_str_eq(key, r->issue->key))
        return;
    jd_row_begin(r, JD_T_issue_alias, c);
    c[JD_issue_alias__key] = jd_cell_name(r, key);
    jd_row_end(r, JD_T_issue_alias, c);
}

static void change_items(jd_rows *r, const jd_json *items, jd_cell id, jd_cell created)
{
    static const struct {
        jd_str   name;
        unsigned col;
    } texts[]     = {{JD_STR_INIT("field"), JD_changelog_item__field},
                     {JD_STR_INIT("fieldId"), JD_changelog_item__field_id},
                     {JD_STR_INIT("fieldtype"), JD_changelog_item__field_type},
                     {JD_STR_INIT("from"), JD_changelog_item__from_value},
                     {JD_STR_INIT("fromString"), JD_changelog_item__from_text},
                     {JD_STR_INIT("to"), JD_changelog_item__to_value},
                     {JD_STR_INIT("toString"), JD_changelog_item__to_text}};
    int64_t place = 0;
    for (jd_json_iter it = jd_json_walk(items); jd_json_next(&it);) {
        jd_cell c[JD_changelog_item__N], *field = &c[JD_changelog_item__field];
        if (jd_json_kind(it.value) != JD_JSON_OBJECT)
            continue;
        jd_row_begin(r, JD_T_changelog_item, c);
        c[JD_changelog_item__changelog_id] = id;
        c[JD_changelog_item__position]     = jd_cell_int(place++);
        c[JD_changelog_item__created]      = created;
        for (jd_json_iter m = jd_json_walk(it.value); jd_json_next(&m);)
            for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
                if (jd_str_eq(m.name, texts[i].name))
                    c[texts[i].col] = jd_cell_of_text(r, m.value);
        if (field->kind)
            *field = jd_cell_name(r, field->s);
        jd_row_end(r, JD_T_changelog_item, c);
        if (field->kind && jd_str_is(field->s, "Key"))
            alias(r, it.value);
        jd_rows_sprint_item(r, it.value, id, created);
        jd_rows_status_item(r, c);
    }
}

void jd_rows_changelog(jd_rows *r, const jd_json *changelog)
{
    size_t place = 0;
    for (jd_json_iter it = jd_json_walk(list_of(changelog, "histories")); jd_json_next(&it);) {
        jd_cell c[JD_changelog__N];
        if (jd_json_kind(it.value) != JD_JSON_OBJECT)
            continue;
        jd_row_begin(r, JD_T_changelog, c);
        c[JD_changelog__id]        = jd_cell_child_id(r, JD_T_changelog, it.value, place++);
        c[JD_changelog__author_id] = jd_named_user(r, jd_json_get(it.value, "author"));
        c[JD_changelog__created]   = jd_cell_of_time(jd_json_get(it.value, "created"));
        jd_row_end(r, JD_T_changelog, c);
        change_items(r, jd_json_get(it.value, "items"), c[JD_changelog__id],
                     c[JD_changelog__created]);
    }
}
