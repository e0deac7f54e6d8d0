#include "derive/rows.h"

#include "derive/rows_part.h"

/* -- fields ---------------------------------------------------------------------------------- */

static void take_text(jd_rows *r, const jd_json *v, unsigned col)
{
    r->cell[col] = jd_cell_of_text(r, v);
}

static void take_description(jd_rows *r, const jd_json *v, unsigned col)
{
    jd_cell_body(r, v, &r->cell[col], &r->cell[JD_issue__description_adf]);
}

static void take_body(jd_rows *r, const jd_json *v, unsigned col)
{
    jd_cell_body(r, v, &r->cell[col], NULL);
}

static void take_int(jd_rows *r, const jd_json *v, unsigned col)
{
    r->cell[col] = jd_cell_of_int(v);
}

static void take_time(jd_rows *r, const jd_json *v, unsigned col)
{
    r->cell[col] = jd_cell_of_time(v);
}

static void take_date(jd_rows *r, const jd_json *v, unsigned col)
{
    r->cell[col] = jd_cell_of_date(v);
}

static void take_user(jd_rows *r, const jd_json *v, unsigned col)
{
    r->cell[col] = jd_named_user(r, v);
}

static void take_named(jd_rows *r, const jd_json *v, unsigned col)
{
    static const struct {
        unsigned    col;
        jd_table_id table;
    } named[] = {{JD_issue__project_id, JD_T_project},
                 {JD_issue__issue_type_id, JD_T_issue_type},
                 {JD_issue__status_id, JD_T_status},
                 {JD_issue__priority_id, JD_T_priority},
                 {JD_issue__resolution_id, JD_T_resolution}};
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (named[i].col == col)
            r->cell[col] = jd_named_entity(r, named[i].table, v);
}

static void take_parent(jd_rows *r, const jd_json *v, unsigned col)
{
    r->cell[col] = jd_cell_of_id(jd_json_get(v, "id"));
}

static void take_votes(jd_rows *r, const jd_json *v, unsigned col)
{
    r->cell[col] = jd_cell_of_int(jd_json_get(v, "votes"));
}

static void take_watches(jd_rows *r, const jd_json *v, unsigned col)
{
    r->cell[col] = jd_cell_of_int(jd_json_get(v, "watchCount"));
}

static void take_name(jd_rows *r, const jd_json *v, unsigned col)
{
    r->cell[col] = jd_cell_of_text(r, jd_json_get(v, "name"));
}

/* Jira Software's own API has sprints as fields with names. */
static void take_sprint(jd_rows *r, const jd_json *v, unsigned unused)
{
    (void)unused;
    jd_rows_sprint_field(r, JD_NOSTR, v);
}

static const struct field {
    jd_str name;
    void (*take)(jd_rows *r, const jd_json *v, unsigned col);
    unsigned col; /* of the issue's row, or what `take` makes of it */
} fields[] = {
    {JD_STR_INIT("summary"), take_text, JD_issue__summary},
    {JD_STR_INIT("description"), take_description, JD_issue__description},
    {JD_STR_INIT("environment"), take_body, JD_issue__environment},
    {JD_STR_INIT("project"), take_named, JD_issue__project_id},
    {JD_STR_INIT("issuetype"), take_named, JD_issue__issue_type_id},
    {JD_STR_INIT("status"), take_named, JD_issue__status_id},
    {JD_STR_INIT("priority"), take_named, JD_issue__priority_id},
    {JD_STR_INIT("resolution"), take_named, JD_issue__resolution_id},
    {JD_STR_INIT("parent"), take_parent, JD_issue__parent_id},
    {JD_STR_INIT("reporter"), take_user, JD_issue__reporter_id},
    {JD_STR_INIT("assignee"), take_user, JD_issue__assignee_id},
    {JD_STR_INIT("creator"), take_user, JD_issue__creator_id},
    {JD_STR_INIT("resolutiondate"), take_time, JD_issue__resolved},
    {JD_STR_INIT("duedate"), take_date, JD_issue__due_date},
    {JD_STR_INIT("statuscategorychangedate"), take_time, JD_issue__status_category_changed},
    {JD_STR_INIT("timeoriginalestimate"), take_int, JD_issue__original_estimate},
    {JD_STR_INIT("timeestimate"), take_int, JD_issue__remaining_estimate},
    {JD_STR_INIT("timespent"), take_int, JD_issue__time_spent},
    {JD_STR_INIT("aggregatetimeoriginalestimate"), take_int, JD_issue__total_original_estimate},
    {JD_STR_INIT("aggregatetimeestimate"), take_int, JD_issue__total_remaining_estimate},
    {JD_STR_INIT("aggregatetimespent"), take_int, JD_issue__total_time_spent},
    {JD_STR_INIT("workratio"), take_int, JD_issue__work_ratio},
    {JD_STR_INIT("votes"), take_votes, JD_issue__votes},
    {JD_STR_INIT("watches"), take_watches, JD_issue__watches},
    {JD_STR_INIT("security"), take_name, JD_issue__security_level},
    {JD_STR_INIT("labels"), jd_rows_labels, 0},
    {JD_STR_INIT("components"), jd_rows_bridge, JD_T_issue_component},
    {JD_STR_INIT("fixVersions"), jd_rows_bridge, JD_T_issue_fix_version},
    {JD_STR_INIT("versions"), jd_rows_bridge, JD_T_issue_affected_version},
    {JD_STR_INIT("comment"), jd_rows_comments, 0},
    {JD_STR_INIT("worklog"), jd_rows_worklogs, 0},
    {JD_STR_INIT("attachment"), jd_rows_attachments, 0},
    {JD_STR_INIT("issuelinks"), jd_rows_links, 0},
    {JD_STR_INIT("sprint"), take_sprint, 0},
    {JD_STR_INIT("closedSprints"), take_sprint, 0},
};

static void take_field(jd_rows *r, jd_str name, const jd_json *v)
{
    if (jd_str_starts(name, JD_STR("customfield_"))) {
        jd_rows_custom(r, name, v);
        return;
    }
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (jd_str_eq(name, fields[i].name)) {
            fields[i].take(r, v, fields[i].col);
            return;
        }
}

/* -- the issue ------------------------------------------------------------------------------- */

jd_code jd_rows_issue(jd_rows *r, jd_arena *a, const jd_issue *issue, uint64_t plan, jd_err *e)
{
    const jd_json *in = jd_json_get(issue->doc, "fields");
    jd_cell        id = jd_cell_of_id(jd_json_path(in, "project.id"));
    jd_cell       *c  = r->cell;
    r->arena          = a;
    r->issue          = issue;
    r->rc             = JD_OK;
    r->err            = e;
    r->project_id     = id.kind ? id.i : 0;
    if (!r->scratch.max)
        r->scratch.max = SIZE_MAX / 2; /* what it holds came out of a bounded page */
    r->bodies.form               = JD_MK_MARKDOWN;
    r->bodies.include_restricted = true;
    jd_bodies_of(&r->bodies, a, &r->scratch, issue->doc);
    jd_row_begin(r, JD_T_issue, c);
    c[JD_issue__id]           = jd_cell_int((int64_t)issue->id);
    c[JD_issue__key]          = jd_cell_name(r, issue->key);
    c[JD_issue__created]      = jd_cell_time(issue->created_ms);
    c[JD_issue__updated]      = jd_cell_time(issue->updated_ms);
    c[JD_issue__fetched]      = jd_cell_time(issue->fetched_ms);
    c[JD_issue__content_hash] = jd_cell_int((int64_t)issue->hash);
    c[JD_issue__plan_hash]    = jd_cell_int((int64_t)plan);
    jd_rows_sprint_begin(r);
    jd_rows_status_begin(r);
    for (jd_json_iter it = jd_json_walk(in); jd_json_next(&it) && !r->rc;)
        take_field(r, it.name, it.value);
    jd_rows_changelog(r, jd_json_get(issue->doc, "changelog"));
    jd_rows_sprint_end(r);
    jd_rows_status_end(r);
    jd_rows_remote_links(r, jd_json_get(issue->beside, "remotelinks"));
    jd_row_end(r, JD_T_issue, c);
    jd_bodies_tidy(&r->bodies);
    return r->rc;
}

void jd_rows_release(jd_rows *r)
{
    jd_bodies_release(&r->bodies);
    jd_buf_release(&r->scratch);
    jd_rows_sprint_release(r);
    jd_rows_status_release(r);
}
