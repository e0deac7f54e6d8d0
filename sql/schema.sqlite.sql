-- The whole schema of jiraduct's warehouse, version 3, for SQLite. Generated from
-- src/derive/schema.h by `make sql`. `jiraduct warehouse init` makes the same, and the
-- views of views.sqlite.sql, which by hand are applied after it.
BEGIN;

-- Migrations that were applied to this schema, in order.
CREATE TABLE schema_version (
    version INTEGER NOT NULL, -- Number of the migration.
    applied TEXT NOT NULL, -- When it was applied.
    program TEXT, -- Version of the program that applied it.
    PRIMARY KEY (version)
) STRICT;

-- Jira sites whose issues are held here.
CREATE TABLE site (
    id INTEGER NOT NULL, -- Number of the site in this warehouse.
    name TEXT NOT NULL, -- Host and path of the Jira, as issues.apache.org/jira.
    PRIMARY KEY (id)
) STRICT;

-- Issues as they are now, one row an issue.
CREATE TABLE issue (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Jira's numeric id; it stays when the issue moves.
    key TEXT NOT NULL, -- Key as it is now, as HADOOP-12; earlier ones are in issue_alias.
    project_id INTEGER, -- Project: project.id.
    issue_type_id INTEGER, -- Type: issue_type.id.
    status_id INTEGER, -- Status: status.id.
    priority_id INTEGER, -- Priority: priority.id.
    resolution_id INTEGER, -- Resolution: resolution.id; null while unresolved.
    parent_id INTEGER, -- Issue that this one is a part of: issue.id; may not be held.
    summary TEXT, -- Summary.
    description TEXT, -- Description: wiki markup as Jira keeps it; Markdown where Jira keeps a document (ADF).
    description_adf TEXT, -- Description as the document (ADF, JSON) that Jira keeps.
    environment TEXT, -- Environment, as the description.
    reporter_id TEXT, -- Reporter: jira_user.id.
    assignee_id TEXT, -- Assignee: jira_user.id; null for nobody.
    creator_id TEXT, -- Who created it: jira_user.id.
    created TEXT NOT NULL, -- When it was created.
    updated TEXT NOT NULL, -- When it was last changed.
    resolved TEXT, -- When its resolution was set; null while unresolved.
    due_date TEXT, -- Due date.
    status_category_changed TEXT, -- When its status category last changed (Cloud).
    original_estimate INTEGER, -- Original estimate, seconds.
    remaining_estimate INTEGER, -- Remaining estimate, seconds.
    time_spent INTEGER, -- Time spent, seconds.
    total_original_estimate INTEGER, -- Original estimate with sub-tasks, seconds.
    total_remaining_estimate INTEGER, -- Remaining estimate with sub-tasks, seconds.
    total_time_spent INTEGER, -- Time spent with sub-tasks, seconds.
    work_ratio INTEGER, -- Time spent as percentage of the original estimate; -1: none.
    votes INTEGER, -- Number of votes.
    watches INTEGER, -- Number of watchers.
    security_level TEXT, -- Name of the security level; null for none.
    fetched TEXT NOT NULL, -- When this state of the issue was read from Jira.
    content_hash INTEGER NOT NULL, -- Hash of the issue's meaning, to tell whether it changed.
    plan_hash INTEGER NOT NULL, -- Hash of what was asked for when it was read.
    PRIMARY KEY (site_id, id)
) STRICT;
CREATE INDEX issue_by_key ON issue (site_id, key);
CREATE INDEX issue_of_project ON issue (site_id, project_id, created, id, key, issue_type_id, status_id, resolved, updated, status_category_changed);
CREATE INDEX issue_by_updated ON issue (site_id, updated);

-- Labels of issues.
CREATE TABLE issue_label (
    site_id INTEGER NOT NULL, -- Site: site.id.
    issue_id INTEGER NOT NULL, -- Issue: issue.id.
    label TEXT NOT NULL, -- Label: label.name.
    PRIMARY KEY (site_id, issue_id, label)
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_label_by_label ON issue_label (site_id, label);

-- Components of issues.
CREATE TABLE issue_component (
    site_id INTEGER NOT NULL, -- Site: site.id.
    issue_id INTEGER NOT NULL, -- Issue: issue.id.
    component_id INTEGER NOT NULL, -- Component: component.id.
    PRIMARY KEY (site_id, issue_id, component_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_component_by_component_id ON issue_component (site_id, component_id);

-- Versions that issues are fixed in.
CREATE TABLE issue_fix_version (
    site_id INTEGER NOT NULL, -- Site: site.id.
    issue_id INTEGER NOT NULL, -- Issue: issue.id.
    version_id INTEGER NOT NULL, -- Version: version.id.
    PRIMARY KEY (site_id, issue_id, version_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_fix_version_by_version_id ON issue_fix_version (site_id, version_id);

-- Versions that issues affect.
CREATE TABLE issue_affected_version (
    site_id INTEGER NOT NULL, -- Site: site.id.
    issue_id INTEGER NOT NULL, -- Issue: issue.id.
    version_id INTEGER NOT NULL, -- Version: version.id.
    PRIMARY KEY (site_id, issue_id, version_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_affected_version_by_version_id ON issue_affected_version (site_id, version_id);

-- Comments on issues.
CREATE TABLE comment (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Jira's id; a negative number where Jira gave none.
    issue_id INTEGER NOT NULL, -- Issue: issue.id.
    author_id TEXT, -- Who wrote it: jira_user.id.
    update_author_id TEXT, -- Who changed it last: jira_user.id.
    created TEXT, -- When it was written.
    updated TEXT, -- When it was last changed.
    body TEXT, -- Text: wiki markup as Jira keeps it; Markdown made of a document (ADF).
    body_adf TEXT, -- Text as the document (ADF, JSON) that Jira keeps.
    visible_to TEXT, -- Role or group that it is restricted to; null for none.
    is_public INTEGER, -- False for a service desk's internal note; null where not said.
    PRIMARY KEY (site_id, id)
) STRICT;
CREATE INDEX comment_by_issue_id ON comment (site_id, issue_id);

-- Work that was logged on issues.
CREATE TABLE worklog (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Jira's id; a negative number where Jira gave none.
    issue_id INTEGER NOT NULL, -- Issue: issue.id.
    author_id TEXT, -- Who logged it: jira_user.id.
    update_author_id TEXT, -- Who changed it last: jira_user.id.
    started TEXT, -- When the work began.
    created TEXT, -- When it was logged.
    updated TEXT, -- When it was last changed.
    seconds INTEGER, -- How long it took.
    body TEXT, -- Text: wiki markup as Jira keeps it; Markdown made of a document (ADF).
    body_adf TEXT, -- Text as the document (ADF, JSON) that Jira keeps.
    visible_to TEXT, -- Role or group that it is restricted to; null for none.
    PRIMARY KEY (site_id, id)
) STRICT;
CREATE INDEX worklog_by_issue_id ON worklog (site_id, issue_id);

-- Files attached to issues; not their content.
CREATE TABLE attachment (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Jira's id; a negative number where Jira gave none.
    issue_id INTEGER NOT NULL, -- Issue: issue.id.
    filename TEXT, -- Name of the file.
    author_id TEXT, -- Who attached it: jira_user.id.
    created TEXT, -- When it was attached.
    size INTEGER, -- Size in bytes.
    mime_type TEXT, -- Media type.
    content_url TEXT, -- Where Jira serves it.
    PRIMARY KEY (site_id, id)
) STRICT;
CREATE INDEX attachment_by_issue_id ON attachment (site_id, issue_id);

-- Changes of issues: one row for each time somebody changed something.
CREATE TABLE changelog (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Jira's id; a negative number where Jira gave none.
    issue_id INTEGER NOT NULL, -- Issue: issue.id.
    author_id TEXT, -- Who changed it: jira_user.id; null for Jira itself.
    created TEXT, -- When it was changed.
    PRIMARY KEY (site_id, id)
) STRICT;
CREATE INDEX changelog_by_issue_id ON changelog (site_id, issue_id);

-- What each change changed: one row a field, with its value before and after.
CREATE TABLE changelog_item (
    site_id INTEGER NOT NULL, -- Site: site.id.
    changelog_id INTEGER NOT NULL, -- Change: changelog.id.
    position INTEGER NOT NULL, -- Place within the change, from 0.
    issue_id INTEGER NOT NULL, -- Issue: issue.id.
    created TEXT, -- When it was changed, as changelog.created.
    field TEXT, -- Field as Jira names it in changelogs: status, Fix Version.
    field_id TEXT, -- Id of the field where Jira gives it (Cloud), as customfield_10001.
    field_type TEXT, -- jira for built-in fields, custom for others.
    from_value TEXT, -- Value before, as an id where the field has ids.
    from_text TEXT, -- Value before, for people.
    to_value TEXT, -- Value after, as an id where the field has ids.
    to_text TEXT, -- Value after, for people.
    PRIMARY KEY (site_id, changelog_id, position)
) STRICT;
CREATE INDEX changelog_item_by_issue_id_field_created_changelog_id_position ON changelog_item (site_id, issue_id, field, created, changelog_id, position);

-- Links between issues, as each of the two tells them; the other one may not be held.
CREATE TABLE issue_link (
    site_id INTEGER NOT NULL, -- Site: site.id.
    issue_id INTEGER NOT NULL, -- Issue that tells of the link: issue.id.
    id INTEGER NOT NULL, -- Jira's id, the same on both sides; negative where Jira gave none.
    outward INTEGER NOT NULL, -- True when the link goes out from this issue.
    link_type_id INTEGER, -- Kind: link_type.id.
    relationship TEXT, -- Words of this direction: blocks, is blocked by.
    related_issue_id INTEGER, -- The other issue: issue.id; may not be held, null: not said.
    related_key TEXT, -- Key of the other issue when this one was read.
    PRIMARY KEY (site_id, issue_id, id, outward)
) STRICT;
CREATE INDEX issue_link_by_related_issue_id ON issue_link (site_id, related_issue_id);

-- Links from issues to elsewhere, where they were asked for (--with remotelinks).
CREATE TABLE remote_link (
    site_id INTEGER NOT NULL, -- Site: site.id.
    issue_id INTEGER NOT NULL, -- Issue: issue.id.
    id INTEGER NOT NULL, -- Jira's id; a negative number where Jira gave none.
    global_id TEXT, -- Id that the other application gave it.
    relationship TEXT, -- What it is to the issue: mentioned in.
    url TEXT, -- Where it leads.
    title TEXT, -- Title.
    summary TEXT, -- What is said of it.
    application_type TEXT, -- Kind of the other application, by its reverse name.
    application_name TEXT, -- Name of the other application.
    resolved INTEGER, -- Whether it is said to be done there; null where not said.
    PRIMARY KEY (site_id, issue_id, id)
) STRICT;

-- Values of custom fields, one row a value; an empty field has no row.
CREATE TABLE field_value (
    site_id INTEGER NOT NULL, -- Site: site.id.
    issue_id INTEGER NOT NULL, -- Issue: issue.id.
    field_id TEXT NOT NULL, -- Field, as customfield_10001.
    position INTEGER NOT NULL, -- Place within the value: from 0; 1: the child of a cascading choice.
    kind TEXT NOT NULL, -- number, text, date, option, user, list (of lists) or other.
    is_list INTEGER NOT NULL, -- Whether the field holds a list, of which this is one value.
    number_value REAL, -- Value of a number; of a text that is written as one, too.
    text_value TEXT, -- Value as text: of an option and a user its name; other: JSON.
    time_value TEXT, -- Value of a date or an instant.
    value_id TEXT, -- Id of an option; jira_user.id of a user.
    PRIMARY KEY (site_id, issue_id, field_id, position)
) STRICT;
CREATE INDEX field_value_by_field_id ON field_value (site_id, field_id);

-- Stays of issues in sprints, past and present: one row for each time an issue was put in.
CREATE TABLE issue_sprint (
    site_id INTEGER NOT NULL, -- Site: site.id.
    issue_id INTEGER NOT NULL, -- Issue: issue.id.
    sprint_id INTEGER NOT NULL, -- Sprint: sprint.id.
    position INTEGER NOT NULL, -- Which stay of the issue in this sprint, from 0.
    from_time TEXT, -- When it was put in; issue.created for one that was created in it; null: not known, as the changelog was not read or does not tell.
    to_time TEXT, -- When it was taken out, or was found to be out; null: it is in it. An issue that is not done when its sprint is closed stays in it, and is put into the next.
    PRIMARY KEY (site_id, issue_id, sprint_id, position)
) STRICT;
CREATE INDEX issue_sprint_by_sprint_id ON issue_sprint (site_id, sprint_id);

-- Stays of issues in statuses, past and present: one row for each time an issue came into one.
CREATE TABLE issue_status (
    site_id INTEGER NOT NULL, -- Site: site.id.
    issue_id INTEGER NOT NULL, -- Issue: issue.id.
    position INTEGER NOT NULL, -- Which stay of the issue, from 0: they are in order of time.
    status_id INTEGER, -- Status: status.id, also of one that was deleted; null where the changelog has a name only.
    status TEXT, -- Name of the status at that time, as the changelog tells.
    began TEXT NOT NULL, -- When it came into it; of one that no change tells of: when it was last changed.
    ended TEXT, -- When it came out of it; null: it is in it.
    changelog_id INTEGER, -- Change that brought it: changelog.id; null for what it was created with and for what no change tells of.
    PRIMARY KEY (site_id, issue_id, position)
) STRICT, WITHOUT ROWID;

-- Custom fields as columns, as the configuration names them (columns:): one row an issue.
CREATE TABLE issue_wide (
    site_id INTEGER NOT NULL, -- Site: site.id.
    issue_id INTEGER NOT NULL, -- Issue: issue.id.
    PRIMARY KEY (site_id, issue_id)
) STRICT, WITHOUT ROWID;

-- Which columns of issue_wide a site has, and what they are of.
CREATE TABLE wide_column (
    site_id INTEGER NOT NULL, -- Site: site.id.
    name TEXT NOT NULL, -- Name of the column.
    field_id TEXT NOT NULL, -- Field, as customfield_10001.
    kind TEXT NOT NULL, -- number, text, date, time, option, user or list.
    title TEXT, -- Name of the field in Jira when the column was made.
    PRIMARY KEY (site_id, name)
) STRICT;

-- Keys that issues had before they moved or their project was renamed.
CREATE TABLE issue_alias (
    site_id INTEGER NOT NULL, -- Site: site.id.
    key TEXT NOT NULL, -- Key that an issue had.
    issue_id INTEGER NOT NULL, -- Issue: issue.id.
    PRIMARY KEY (site_id, key)
) STRICT;
CREATE INDEX issue_alias_by_issue_id ON issue_alias (site_id, issue_id);

-- Projects.
CREATE TABLE project (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Jira's id.
    key TEXT, -- Key, as HADOOP.
    name TEXT, -- Name.
    project_type TEXT, -- software, business, service_desk.
    category_id INTEGER, -- Id of its category.
    category_name TEXT, -- Name of its category.
    seen TEXT NOT NULL, -- When this was read from Jira.
    lead_id TEXT, -- Who leads it: jira_user.id.
    gone TEXT, -- When Jira was found not to list it any more; null: it does, as far as is known.
    PRIMARY KEY (site_id, id)
) STRICT;
CREATE INDEX project_by_key ON project (site_id, key);

-- Users: everyone whom an issue names.
CREATE TABLE jira_user (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id TEXT NOT NULL, -- Account id (Cloud), key or name (Data Center).
    name TEXT, -- Login (Data Center).
    display_name TEXT, -- Name for people.
    email TEXT, -- E-mail address where Jira shows it.
    active INTEGER, -- Whether the account is active.
    time_zone TEXT, -- Time zone.
    account_type TEXT, -- atlassian, app or customer (Cloud).
    seen TEXT NOT NULL, -- When this was read from Jira.
    PRIMARY KEY (site_id, id)
) STRICT;

-- Status categories: to do, in progress, done.
CREATE TABLE status_category (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Jira's id.
    key TEXT, -- new, indeterminate or done.
    name TEXT, -- Name.
    seen TEXT NOT NULL, -- When this was read from Jira.
    PRIMARY KEY (site_id, id)
) STRICT;

-- Statuses.
CREATE TABLE status (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Jira's id.
    name TEXT, -- Name.
    description TEXT, -- Description.
    category_id INTEGER, -- Category: status_category.id.
    seen TEXT NOT NULL, -- When this was read from Jira.
    gone TEXT, -- When Jira was found not to list it any more; null: it does, as far as is known.
    PRIMARY KEY (site_id, id)
) STRICT;

-- Issue types.
CREATE TABLE issue_type (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Jira's id.
    name TEXT, -- Name.
    description TEXT, -- Description.
    subtask INTEGER, -- Whether issues of it are parts of others.
    hierarchy_level INTEGER, -- Level (Cloud): 1 epic, 0 standard, -1 sub-task.
    seen TEXT NOT NULL, -- When this was read from Jira.
    gone TEXT, -- When Jira was found not to list it any more; null: it does, as far as is known.
    PRIMARY KEY (site_id, id)
) STRICT;

-- Priorities.
CREATE TABLE priority (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Jira's id.
    name TEXT, -- Name.
    description TEXT, -- Description.
    seen TEXT NOT NULL, -- When this was read from Jira.
    gone TEXT, -- When Jira was found not to list it any more; null: it does, as far as is known.
    PRIMARY KEY (site_id, id)
) STRICT;

-- Resolutions.
CREATE TABLE resolution (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Jira's id.
    name TEXT, -- Name.
    description TEXT, -- Description.
    seen TEXT NOT NULL, -- When this was read from Jira.
    gone TEXT, -- When Jira was found not to list it any more; null: it does, as far as is known.
    PRIMARY KEY (site_id, id)
) STRICT;

-- Versions of projects.
CREATE TABLE version (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Jira's id.
    project_id INTEGER, -- Project: project.id.
    name TEXT, -- Name.
    description TEXT, -- Description.
    archived INTEGER, -- Whether it is archived.
    released INTEGER, -- Whether it is released.
    start_date TEXT, -- Start date.
    release_date TEXT, -- Release date.
    seen TEXT NOT NULL, -- When this was read from Jira.
    gone TEXT, -- When Jira was found not to list it any more; null: it does, as far as is known.
    PRIMARY KEY (site_id, id)
) STRICT;
CREATE INDEX version_by_project_id ON version (site_id, project_id);

-- Components of projects.
CREATE TABLE component (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Jira's id.
    project_id INTEGER, -- Project: project.id.
    name TEXT, -- Name.
    description TEXT, -- Description.
    seen TEXT NOT NULL, -- When this was read from Jira.
    lead_id TEXT, -- Who leads it: jira_user.id.
    gone TEXT, -- When Jira was found not to list it any more; null: it does, as far as is known.
    PRIMARY KEY (site_id, id)
) STRICT;
CREATE INDEX component_by_project_id ON component (site_id, project_id);

-- Sprints.
CREATE TABLE sprint (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Jira's id.
    board_id INTEGER, -- Id of the board that it was made on.
    name TEXT, -- Name.
    goal TEXT, -- Goal.
    state TEXT, -- future, active or closed.
    start_date TEXT, -- When it starts, or started, as planned.
    end_date TEXT, -- When it is to end, as planned.
    activated_date TEXT, -- When it was started, where Jira tells.
    complete_date TEXT, -- When it was closed; null while it is open.
    seen TEXT NOT NULL, -- When this was read from Jira.
    gone TEXT, -- When Jira was found not to list it any more; null: it does, as far as is known.
    PRIMARY KEY (site_id, id)
) STRICT;

-- Boards of projects (Jira Software).
CREATE TABLE board (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Jira's id.
    project_id INTEGER, -- Project that lists it: project.id.
    name TEXT, -- Name.
    kind TEXT, -- scrum, kanban or simple.
    seen TEXT NOT NULL, -- When this was read from Jira.
    gone TEXT, -- When Jira was found not to list it any more; null: it does, as far as is known.
    PRIMARY KEY (site_id, id)
) STRICT;
CREATE INDEX board_by_project_id ON board (site_id, project_id);

-- Fields of issues, as the site lists them.
CREATE TABLE field (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id TEXT NOT NULL, -- Id, as summary or customfield_10001: field_value.field_id.
    name TEXT, -- Name for people.
    changelog_name TEXT, -- What changelogs call it, which is not unique: changelog_item.field.
    slug TEXT, -- Name of ours that is unique and stays: story_points, team_10050.
    custom INTEGER, -- Whether it is a custom field.
    kind TEXT, -- What values are: text, number, date, option, options, user, sprints …
    value_type TEXT, -- Type as Jira has it: string, number, array.
    item_type TEXT, -- Type of the elements of an array.
    custom_type TEXT, -- Kind of the custom field, as the app that made it calls it.
    seen TEXT NOT NULL, -- When this was read from Jira.
    gone TEXT, -- When Jira was found not to list it any more; null: it does, as far as is known.
    PRIMARY KEY (site_id, id)
) STRICT;

-- Labels that are, or were, in use.
CREATE TABLE label (
    site_id INTEGER NOT NULL, -- Site: site.id.
    name TEXT NOT NULL, -- Label.
    PRIMARY KEY (site_id, name)
) STRICT, WITHOUT ROWID;

-- Kinds of links between issues.
CREATE TABLE link_type (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Jira's id.
    name TEXT, -- Name.
    inward TEXT, -- Words of the inward direction: is blocked by.
    outward TEXT, -- Words of the outward direction: blocks.
    seen TEXT NOT NULL, -- When this was read from Jira.
    gone TEXT, -- When Jira was found not to list it any more; null: it does, as far as is known.
    PRIMARY KEY (site_id, id)
) STRICT;

-- Issues that were held and are no longer, and why.
CREATE TABLE tombstone (
    site_id INTEGER NOT NULL, -- Site: site.id.
    issue_id INTEGER NOT NULL, -- Jira's numeric id.
    key TEXT NOT NULL, -- Key that it was held under.
    cause TEXT NOT NULL, -- gone, moved, archived, left or deleted.
    key_elsewhere TEXT, -- Its key now, where it is known.
    updated TEXT NOT NULL, -- When the last state that was held was changed.
    made TEXT NOT NULL, -- When it was found out.
    PRIMARY KEY (site_id, issue_id)
) STRICT;

-- What is loaded, and how far: a project or a query, with its cursor.
CREATE TABLE sync_scope (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Number of the scope in this warehouse.
    name TEXT NOT NULL, -- Stable name: site and what is selected.
    label TEXT NOT NULL, -- Name for people: the project's key, or jql.
    selection TEXT NOT NULL, -- JQL of what is selected.
    project TEXT, -- Project key; null for a query.
    project_id INTEGER, -- Project: project.id; null for a query.
    quoted INTEGER, -- How the server takes time bounds: true for quoted minutes.
    cursor TEXT, -- How far it is loaded: the cursor as JSON.
    PRIMARY KEY (site_id, id)
) STRICT;

-- Which issues belong to which scope.
CREATE TABLE sync_member (
    site_id INTEGER NOT NULL, -- Site: site.id.
    scope_id INTEGER NOT NULL, -- Scope: sync_scope.id.
    issue_id INTEGER NOT NULL, -- Issue: issue.id.
    PRIMARY KEY (site_id, scope_id, issue_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sync_member_by_issue_id ON sync_member (site_id, issue_id);

-- Small things that are remembered of a site by name.
CREATE TABLE sync_fact (
    site_id INTEGER NOT NULL, -- Site: site.id.
    name TEXT NOT NULL, -- What it is.
    value TEXT NOT NULL, -- What is known.
    PRIMARY KEY (site_id, name)
) STRICT;

-- Past runs and what they came to.
CREATE TABLE sync_run (
    site_id INTEGER NOT NULL, -- Site: site.id.
    id INTEGER NOT NULL, -- Number of the run.
    command TEXT NOT NULL, -- Command.
    began TEXT NOT NULL, -- When it began.
    ended TEXT NOT NULL, -- When it ended.
    verdict TEXT NOT NULL, -- What it came to, as JSON.
    PRIMARY KEY (site_id, id)
) STRICT;

INSERT INTO schema_version (version, applied, program) VALUES
    (1, strftime('%Y-%m-%d %H:%M:%f', 'now'), 'schema.sql'),
    (2, strftime('%Y-%m-%d %H:%M:%f', 'now'), 'schema.sql'),
    (3, strftime('%Y-%m-%d %H:%M:%f', 'now'), 'schema.sql');

COMMIT;
