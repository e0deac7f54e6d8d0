/* rows_part.h: what the makers of rows share: cells from JSON, and the rows of what an issue names.
 */
#ifndef JD_DERIVE_ROWS_PART_H
#define JD_DERIVE_ROWS_PART_H

#include "derive/rows.h"

/* A new row of the table: all null but the site and, where the table has it, the issue. */
void jd_row_begin(const jd_rows *r, jd_table_id t, jd_cell *cell);
void jd_row_end(jd_rows *r, jd_table_id t, const jd_cell *cell);

/* Each gives a null cell when v is of another type. */
jd_cell jd_cell_int(int64_t v);
jd_cell jd_cell_time(int64_t ms);                 /* null for JD_NO_TIME */
jd_cell jd_cell_text(const jd_rows *r, jd_str s); /* null when s.p is NULL */
jd_cell jd_cell_name(const jd_rows *r, jd_str s); /* cut to JD_NAME_MAX; null when empty */
jd_cell jd_cell_of_text(const jd_rows *r, const jd_json *v);
jd_cell jd_cell_of_int(const jd_json *v); /* also a string of digits */
jd_cell jd_cell_of_bool(const jd_json *v);
jd_cell jd_cell_of_time(const jd_json *v);
jd_cell jd_cell_of_date(const jd_json *v);
jd_cell jd_cell_of_id(const jd_json *v); /* a Jira id */
/* The id of a child, or one made of its place. */
jd_cell jd_cell_child_id(const jd_rows *r, jd_table_id t, const jd_json *child, size_t place);
jd_cell jd_cell_json(jd_rows *r, const jd_json *v); /* as JSON */
/* A rich text: the text, and the document where it is one. */
void jd_cell_body(jd_rows *r, const jd_json *v, jd_cell *text, jd_cell *adf);

/* The row of what is named, and its id (null when it has none). */
jd_cell jd_named_user(jd_rows *r, const jd_json *user);
jd_cell jd_named_entity(jd_rows *r, jd_table_id t, const jd_json *v); /* with a numeric id */

/* rows_list.c: lists below an issue. */
void jd_rows_labels(jd_rows *r, const jd_json *v, unsigned unused);
void jd_rows_bridge(jd_rows *r, const jd_json *v, unsigned table); /* components, versions */
void jd_rows_comments(jd_rows *r, const jd_json *v, unsigned unused);
void jd_rows_worklogs(jd_rows *r, const jd_json *v, unsigned unused);
void jd_rows_attachments(jd_rows *r, const jd_json *v, unsigned unused);
void jd_rows_links(jd_rows *r, const jd_json *v, unsigned unused);
void jd_rows_remote_links(jd_rows *r, const jd_json *v);
void jd_rows_changelog(jd_rows *r, const jd_json *changelog);

/* rows_sprint.c: the sprints that fields name, and, once all fields and the changelog were seen,
 * the stays in them. */
bool jd_named_sprint(jd_rows *r, const jd_json *v, uint64_t *id); /* its row; false: no sprint */
void jd_rows_sprint_begin(jd_rows *r);
void jd_rows_sprint_field(jd_rows *r, jd_str field, const jd_json *v); /* any field's value */
void jd_rows_sprint_item(jd_rows *r, const jd_json *item, jd_cell change, jd_cell created);
void jd_rows_sprint_end(jd_rows *r);
void jd_rows_sprint_release(jd_rows *r);

/* rows_status.c: once all fields and the changelog were seen, the stays in its statuses. */
void jd_rows_status_begin(jd_rows *r);
void jd_rows_status_item(jd_rows *r, const jd_cell *item); /* a row of changelog_item */
void jd_rows_status_end(jd_rows *r);
void jd_rows_status_release(jd_rows *r);

/* rows_custom.c: the values of a custom field. */
void jd_rows_custom(jd_rows *r, jd_str field, const jd_json *v);

#endif
