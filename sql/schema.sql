-- The whole schema of jiraduct's warehouse, version 3, for PostgreSQL. Generated from
-- src/derive/schema.h by `make sql`. `jiraduct warehouse init` makes the same, and the
-- views of views.sql, which by hand are applied after it.
BEGIN;

CREATE TABLE schema_version (
    version bigint NOT NULL,
    applied timestamptz NOT NULL,
    program text,
    PRIMARY KEY (version)
);
COMMENT ON TABLE schema_version IS 'Migrations that were applied to this schema, in order.';
COMMENT ON COLUMN schema_version.version IS 'Number of the migration.';
COMMENT ON COLUMN schema_version.applied IS 'When it was applied.';
COMMENT ON COLUMN schema_version.program IS 'Version of the program that applied it.';

CREATE TABLE site (
    id bigint NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON TABLE site IS 'Jira sites whose issues are held here.';
COMMENT ON COLUMN site.id IS 'Number of the site in this warehouse.';
COMMENT ON COLUMN site.name IS 'Host and path of the Jira, as issues.apache.org/jira.';

CREATE TABLE issue (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    key text NOT NULL,
    project_id bigint,
    issue_type_id bigint,
    status_id bigint,
    priority_id bigint,
    resolution_id bigint,
    parent_id bigint,
    summary text,
    description text,
    description_adf text,
    environment text,
    reporter_id text,
    assignee_id text,
    creator_id text,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    resolved timestamptz,
    due_date date,
    status_category_changed timestamptz,
    original_estimate bigint,
    remaining_estimate bigint,
    time_spent bigint,
    total_original_estimate bigint,
    total_remaining_estimate bigint,
    total_time_spent bigint,
    work_ratio bigint,
    votes bigint,
    watches bigint,
    security_level text,
    fetched timestamptz NOT NULL,
    content_hash bigint NOT NULL,
    plan_hash bigint NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX issue_by_key ON issue (site_id, key);
CREATE INDEX issue_of_project ON issue (site_id, project_id, created, id, key, issue_type_id, status_id, resolved, updated, status_category_changed);
CREATE INDEX issue_by_updated ON issue (site_id, updated);
COMMENT ON TABLE issue IS 'Issues as they are now, one row an issue.';
COMMENT ON COLUMN issue.site_id IS 'Site: site.id.';
COMMENT ON COLUMN issue.id IS 'Jira''s numeric id; it stays when the issue moves.';
COMMENT ON COLUMN issue.key IS 'Key as it is now, as HADOOP-12; earlier ones are in issue_alias.';
COMMENT ON COLUMN issue.project_id IS 'Project: project.id.';
COMMENT ON COLUMN issue.issue_type_id IS 'Type: issue_type.id.';
COMMENT ON COLUMN issue.status_id IS 'Status: status.id.';
COMMENT ON COLUMN issue.priority_id IS 'Priority: priority.id.';
COMMENT ON COLUMN issue.resolution_id IS 'Resolution: resolution.id; null while unresolved.';
COMMENT ON COLUMN issue.parent_id IS 'Issue that this one is a part of: issue.id; may not be held.';
COMMENT ON COLUMN issue.summary IS 'Summary.';
COMMENT ON COLUMN issue.description IS 'Description: wiki markup as Jira keeps it; Markdown where Jira keeps a document (ADF).';
COMMENT ON COLUMN issue.description_adf IS 'Description as the document (ADF, JSON) that Jira keeps.';
COMMENT ON COLUMN issue.environment IS 'Environment, as the description.';
COMMENT ON COLUMN issue.reporter_id IS 'Reporter: jira_user.id.';
COMMENT ON COLUMN issue.assignee_id IS 'Assignee: jira_user.id; null for nobody.';
COMMENT ON COLUMN issue.creator_id IS 'Who created it: jira_user.id.';
COMMENT ON COLUMN issue.created IS 'When it was created.';
COMMENT ON COLUMN issue.updated IS 'When it was last changed.';
COMMENT ON COLUMN issue.resolved IS 'When its resolution was set; null while unresolved.';
COMMENT ON COLUMN issue.due_date IS 'Due date.';
COMMENT ON COLUMN issue.status_category_changed IS 'When its status category last changed (Cloud).';
COMMENT ON COLUMN issue.original_estimate IS 'Original estimate, seconds.';
COMMENT ON COLUMN issue.remaining_estimate IS 'Remaining estimate, seconds.';
COMMENT ON COLUMN issue.time_spent IS 'Time spent, seconds.';
COMMENT ON COLUMN issue.total_original_estimate IS 'Original estimate with sub-tasks, seconds.';
COMMENT ON COLUMN issue.total_remaining_estimate IS 'Remaining estimate with sub-tasks, seconds.';
COMMENT ON COLUMN issue.total_time_spent IS 'Time spent with sub-tasks, seconds.';
COMMENT ON COLUMN issue.work_ratio IS 'Time spent as percentage of the original estimate; -1: none.';
COMMENT ON COLUMN issue.votes IS 'Number of votes.';
COMMENT ON COLUMN issue.watches IS 'Number of watchers.';
COMMENT ON COLUMN issue.security_level IS 'Name of the security level; null for none.';
COMMENT ON COLUMN issue.fetched IS 'When this state of the issue was read from Jira.';
COMMENT ON COLUMN issue.content_hash IS 'Hash of the issue''s meaning, to tell whether it changed.';
COMMENT ON COLUMN issue.plan_hash IS 'Hash of what was asked for when it was read.';

CREATE TABLE issue_label (
    site_id bigint NOT NULL,
    issue_id bigint NOT NULL,
    label text NOT NULL,
    PRIMARY KEY (site_id, issue_id, label)
);
CREATE INDEX issue_label_by_label ON issue_label (site_id, label);
COMMENT ON TABLE issue_label IS 'Labels of issues.';
COMMENT ON COLUMN issue_label.site_id IS 'Site: site.id.';
COMMENT ON COLUMN issue_label.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN issue_label.label IS 'Label: label.name.';

CREATE TABLE issue_component (
    site_id bigint NOT NULL,
    issue_id bigint NOT NULL,
    component_id bigint NOT NULL,
    PRIMARY KEY (site_id, issue_id, component_id)
);
CREATE INDEX issue_component_by_component_id ON issue_component (site_id, component_id);
COMMENT ON TABLE issue_component IS 'Components of issues.';
COMMENT ON COLUMN issue_component.site_id IS 'Site: site.id.';
COMMENT ON COLUMN issue_component.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN issue_component.component_id IS 'Component: component.id.';

CREATE TABLE issue_fix_version (
    site_id bigint NOT NULL,
    issue_id bigint NOT NULL,
    version_id bigint NOT NULL,
    PRIMARY KEY (site_id, issue_id, version_id)
);
CREATE INDEX issue_fix_version_by_version_id ON issue_fix_version (site_id, version_id);
COMMENT ON TABLE issue_fix_version IS 'Versions that issues are fixed in.';
COMMENT ON COLUMN issue_fix_version.site_id IS 'Site: site.id.';
COMMENT ON COLUMN issue_fix_version.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN issue_fix_version.version_id IS 'Version: version.id.';

CREATE TABLE issue_affected_version (
    site_id bigint NOT NULL,
    issue_id bigint NOT NULL,
    version_id bigint NOT NULL,
    PRIMARY KEY (site_id, issue_id, version_id)
);
CREATE INDEX issue_affected_version_by_version_id ON issue_affected_version (site_id, version_id);
COMMENT ON TABLE issue_affected_version IS 'Versions that issues affect.';
COMMENT ON COLUMN issue_affected_version.site_id IS 'Site: site.id.';
COMMENT ON COLUMN issue_affected_version.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN issue_affected_version.version_id IS 'Version: version.id.';

CREATE TABLE comment (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    issue_id bigint NOT NULL,
    author_id text,
    update_author_id text,
    created timestamptz,
    updated timestamptz,
    body text,
    body_adf text,
    visible_to text,
    is_public boolean,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX comment_by_issue_id ON comment (site_id, issue_id);
COMMENT ON TABLE comment IS 'Comments on issues.';
COMMENT ON COLUMN comment.site_id IS 'Site: site.id.';
COMMENT ON COLUMN comment.id IS 'Jira''s id; a negative number where Jira gave none.';
COMMENT ON COLUMN comment.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN comment.author_id IS 'Who wrote it: jira_user.id.';
COMMENT ON COLUMN comment.update_author_id IS 'Who changed it last: jira_user.id.';
COMMENT ON COLUMN comment.created IS 'When it was written.';
COMMENT ON COLUMN comment.updated IS 'When it was last changed.';
COMMENT ON COLUMN comment.body IS 'Text: wiki markup as Jira keeps it; Markdown made of a document (ADF).';
COMMENT ON COLUMN comment.body_adf IS 'Text as the document (ADF, JSON) that Jira keeps.';
COMMENT ON COLUMN comment.visible_to IS 'Role or group that it is restricted to; null for none.';
COMMENT ON COLUMN comment.is_public IS 'False for a service desk''s internal note; null where not said.';

CREATE TABLE worklog (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    issue_id bigint NOT NULL,
    author_id text,
    update_author_id text,
    started timestamptz,
    created timestamptz,
    updated timestamptz,
    seconds bigint,
    body text,
    body_adf text,
    visible_to text,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX worklog_by_issue_id ON worklog (site_id, issue_id);
COMMENT ON TABLE worklog IS 'Work that was logged on issues.';
COMMENT ON COLUMN worklog.site_id IS 'Site: site.id.';
COMMENT ON COLUMN worklog.id IS 'Jira''s id; a negative number where Jira gave none.';
COMMENT ON COLUMN worklog.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN worklog.author_id IS 'Who logged it: jira_user.id.';
COMMENT ON COLUMN worklog.update_author_id IS 'Who changed it last: jira_user.id.';
COMMENT ON COLUMN worklog.started IS 'When the work began.';
COMMENT ON COLUMN worklog.created IS 'When it was logged.';
COMMENT ON COLUMN worklog.updated IS 'When it was last changed.';
COMMENT ON COLUMN worklog.seconds IS 'How long it took.';
COMMENT ON COLUMN worklog.body IS 'Text: wiki markup as Jira keeps it; Markdown made of a document (ADF).';
COMMENT ON COLUMN worklog.body_adf IS 'Text as the document (ADF, JSON) that Jira keeps.';
COMMENT ON COLUMN worklog.visible_to IS 'Role or group that it is restricted to; null for none.';

CREATE TABLE attachment (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    issue_id bigint NOT NULL,
    filename text,
    author_id text,
    created timestamptz,
    size bigint,
    mime_type text,
    content_url text,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX attachment_by_issue_id ON attachment (site_id, issue_id);
COMMENT ON TABLE attachment IS 'Files attached to issues; not their content.';
COMMENT ON COLUMN attachment.site_id IS 'Site: site.id.';
COMMENT ON COLUMN attachment.id IS 'Jira''s id; a negative number where Jira gave none.';
COMMENT ON COLUMN attachment.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN attachment.filename IS 'Name of the file.';
COMMENT ON COLUMN attachment.author_id IS 'Who attached it: jira_user.id.';
COMMENT ON COLUMN attachment.created IS 'When it was attached.';
COMMENT ON COLUMN attachment.size IS 'Size in bytes.';
COMMENT ON COLUMN attachment.mime_type IS 'Media type.';
COMMENT ON COLUMN attachment.content_url IS 'Where Jira serves it.';

CREATE TABLE changelog (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    issue_id bigint NOT NULL,
    author_id text,
    created timestamptz,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX changelog_by_issue_id ON changelog (site_id, issue_id);
COMMENT ON TABLE changelog IS 'Changes of issues: one row for each time somebody changed something.';
COMMENT ON COLUMN changelog.site_id IS 'Site: site.id.';
COMMENT ON COLUMN changelog.id IS 'Jira''s id; a negative number where Jira gave none.';
COMMENT ON COLUMN changelog.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN changelog.author_id IS 'Who changed it: jira_user.id; null for Jira itself.';
COMMENT ON COLUMN changelog.created IS 'When it was changed.';

CREATE TABLE changelog_item (
    site_id bigint NOT NULL,
    changelog_id bigint NOT NULL,
    position bigint NOT NULL,
    issue_id bigint NOT NULL,
    created timestamptz,
    field text,
    field_id text,
    field_type text,
    from_value text,
    from_text text,
    to_value text,
    to_text text,
    PRIMARY KEY (site_id, changelog_id, position)
);
CREATE INDEX changelog_item_by_issue_id_field_created_changelog_id_position ON changelog_item (site_id, issue_id, field, created, changelog_id, position);
COMMENT ON TABLE changelog_item IS 'What each change changed: one row a field, with its value before and after.';
COMMENT ON COLUMN changelog_item.site_id IS 'Site: site.id.';
COMMENT ON COLUMN changelog_item.changelog_id IS 'Change: changelog.id.';
COMMENT ON COLUMN changelog_item.position IS 'Place within the change, from 0.';
COMMENT ON COLUMN changelog_item.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN changelog_item.created IS 'When it was changed, as changelog.created.';
COMMENT ON COLUMN changelog_item.field IS 'Field as Jira names it in changelogs: status, Fix Version.';
COMMENT ON COLUMN changelog_item.field_id IS 'Id of the field where Jira gives it (Cloud), as customfield_10001.';
COMMENT ON COLUMN changelog_item.field_type IS 'jira for built-in fields, custom for others.';
COMMENT ON COLUMN changelog_item.from_value IS 'Value before, as an id where the field has ids.';
COMMENT ON COLUMN changelog_item.from_text IS 'Value before, for people.';
COMMENT ON COLUMN changelog_item.to_value IS 'Value after, as an id where the field has ids.';
COMMENT ON COLUMN changelog_item.to_text IS 'Value after, for people.';

CREATE TABLE issue_link (
    site_id bigint NOT NULL,
    issue_id bigint NOT NULL,
    id bigint NOT NULL,
    outward boolean NOT NULL,
    link_type_id bigint,
    relationship text,
    related_issue_id bigint,
    related_key text,
    PRIMARY KEY (site_id, issue_id, id, outward)
);
CREATE INDEX issue_link_by_related_issue_id ON issue_link (site_id, related_issue_id);
COMMENT ON TABLE issue_link IS 'Links between issues, as each of the two tells them; the other one may not be held.';
COMMENT ON COLUMN issue_link.site_id IS 'Site: site.id.';
COMMENT ON COLUMN issue_link.issue_id IS 'Issue that tells of the link: issue.id.';
COMMENT ON COLUMN issue_link.id IS 'Jira''s id, the same on both sides; negative where Jira gave none.';
COMMENT ON COLUMN issue_link.outward IS 'True when the link goes out from this issue.';
COMMENT ON COLUMN issue_link.link_type_id IS 'Kind: link_type.id.';
COMMENT ON COLUMN issue_link.relationship IS 'Words of this direction: blocks, is blocked by.';
COMMENT ON COLUMN issue_link.related_issue_id IS 'The other issue: issue.id; may not be held, null: not said.';
COMMENT ON COLUMN issue_link.related_key IS 'Key of the other issue when this one was read.';

CREATE TABLE remote_link (
    site_id bigint NOT NULL,
    issue_id bigint NOT NULL,
    id bigint NOT NULL,
    global_id text,
    relationship text,
    url text,
    title text,
    summary text,
    application_type text,
    application_name text,
    resolved boolean,
    PRIMARY KEY (site_id, issue_id, id)
);
COMMENT ON TABLE remote_link IS 'Links from issues to elsewhere, where they were asked for (--with remotelinks).';
COMMENT ON COLUMN remote_link.site_id IS 'Site: site.id.';
COMMENT ON COLUMN remote_link.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN remote_link.id IS 'Jira''s id; a negative number where Jira gave none.';
COMMENT ON COLUMN remote_link.global_id IS 'Id that the other application gave it.';
COMMENT ON COLUMN remote_link.relationship IS 'What it is to the issue: mentioned in.';
COMMENT ON COLUMN remote_link.url IS 'Where it leads.';
COMMENT ON COLUMN remote_link.title IS 'Title.';
COMMENT ON COLUMN remote_link.summary IS 'What is said of it.';
COMMENT ON COLUMN remote_link.application_type IS 'Kind of the other application, by its reverse name.';
COMMENT ON COLUMN remote_link.application_name IS 'Name of the other application.';
COMMENT ON COLUMN remote_link.resolved IS 'Whether it is said to be done there; null where not said.';

CREATE TABLE field_value (
    site_id bigint NOT NULL,
    issue_id bigint NOT NULL,
    field_id text NOT NULL,
    position bigint NOT NULL,
    kind text NOT NULL,
    is_list boolean NOT NULL,
    number_value double precision,
    text_value text,
    time_value timestamptz,
    value_id text,
    PRIMARY KEY (site_id, issue_id, field_id, position)
);
CREATE INDEX field_value_by_field_id ON field_value (site_id, field_id);
COMMENT ON TABLE field_value IS 'Values of custom fields, one row a value; an empty field has no row.';
COMMENT ON COLUMN field_value.site_id IS 'Site: site.id.';
COMMENT ON COLUMN field_value.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN field_value.field_id IS 'Field, as customfield_10001.';
COMMENT ON COLUMN field_value.position IS 'Place within the value: from 0; 1: the child of a cascading choice.';
COMMENT ON COLUMN field_value.kind IS 'number, text, date, option, user, list (of lists) or other.';
COMMENT ON COLUMN field_value.is_list IS 'Whether the field holds a list, of which this is one value.';
COMMENT ON COLUMN field_value.number_value IS 'Value of a number; of a text that is written as one, too.';
COMMENT ON COLUMN field_value.text_value IS 'Value as text: of an option and a user its name; other: JSON.';
COMMENT ON COLUMN field_value.time_value IS 'Value of a date or an instant.';
COMMENT ON COLUMN field_value.value_id IS 'Id of an option; jira_user.id of a user.';

CREATE TABLE issue_sprint (
    site_id bigint NOT NULL,
    issue_id bigint NOT NULL,
    sprint_id bigint NOT NULL,
    position bigint NOT NULL,
    from_time timestamptz,
    to_time timestamptz,
    PRIMARY KEY (site_id, issue_id, sprint_id, position)
);
CREATE INDEX issue_sprint_by_sprint_id ON issue_sprint (site_id, sprint_id);
COMMENT ON TABLE issue_sprint IS 'Stays of issues in sprints, past and present: one row for each time an issue was put in.';
COMMENT ON COLUMN issue_sprint.site_id IS 'Site: site.id.';
COMMENT ON COLUMN issue_sprint.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN issue_sprint.sprint_id IS 'Sprint: sprint.id.';
COMMENT ON COLUMN issue_sprint.position IS 'Which stay of the issue in this sprint, from 0.';
COMMENT ON COLUMN issue_sprint.from_time IS 'When it was put in; issue.created for one that was created in it; null: not known, as the changelog was not read or does not tell.';
COMMENT ON COLUMN issue_sprint.to_time IS 'When it was taken out, or was found to be out; null: it is in it. An issue that is not done when its sprint is closed stays in it, and is put into the next.';

CREATE TABLE issue_status (
    site_id bigint NOT NULL,
    issue_id bigint NOT NULL,
    position bigint NOT NULL,
    status_id bigint,
    status text,
    began timestamptz NOT NULL,
    ended timestamptz,
    changelog_id bigint,
    PRIMARY KEY (site_id, issue_id, position)
);
COMMENT ON TABLE issue_status IS 'Stays of issues in statuses, past and present: one row for each time an issue came into one.';
COMMENT ON COLUMN issue_status.site_id IS 'Site: site.id.';
COMMENT ON COLUMN issue_status.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN issue_status.position IS 'Which stay of the issue, from 0: they are in order of time.';
COMMENT ON COLUMN issue_status.status_id IS 'Status: status.id, also of one that was deleted; null where the changelog has a name only.';
COMMENT ON COLUMN issue_status.status IS 'Name of the status at that time, as the changelog tells.';
COMMENT ON COLUMN issue_status.began IS 'When it came into it; of one that no change tells of: when it was last changed.';
COMMENT ON COLUMN issue_status.ended IS 'When it came out of it; null: it is in it.';
COMMENT ON COLUMN issue_status.changelog_id IS 'Change that brought it: changelog.id; null for what it was created with and for what no change tells of.';

CREATE TABLE issue_wide (
    site_id bigint NOT NULL,
    issue_id bigint NOT NULL,
    PRIMARY KEY (site_id, issue_id)
);
COMMENT ON TABLE issue_wide IS 'Custom fields as columns, as the configuration names them (columns:): one row an issue.';
COMMENT ON COLUMN issue_wide.site_id IS 'Site: site.id.';
COMMENT ON COLUMN issue_wide.issue_id IS 'Issue: issue.id.';

CREATE TABLE wide_column (
    site_id bigint NOT NULL,
    name text NOT NULL,
    field_id text NOT NULL,
    kind text NOT NULL,
    title text,
    PRIMARY KEY (site_id, name)
);
COMMENT ON TABLE wide_column IS 'Which columns of issue_wide a site has, and what they are of.';
COMMENT ON COLUMN wide_column.site_id IS 'Site: site.id.';
COMMENT ON COLUMN wide_column.name IS 'Name of the column.';
COMMENT ON COLUMN wide_column.field_id IS 'Field, as customfield_10001.';
COMMENT ON COLUMN wide_column.kind IS 'number, text, date, time, option, user or list.';
COMMENT ON COLUMN wide_column.title IS 'Name of the field in Jira when the column was made.';

CREATE TABLE issue_alias (
    site_id bigint NOT NULL,
    key text NOT NULL,
    issue_id bigint NOT NULL,
    PRIMARY KEY (site_id, key)
);
CREATE INDEX issue_alias_by_issue_id ON issue_alias (site_id, issue_id);
COMMENT ON TABLE issue_alias IS 'Keys that issues had before they moved or their project was renamed.';
COMMENT ON COLUMN issue_alias.site_id IS 'Site: site.id.';
COMMENT ON COLUMN issue_alias.key IS 'Key that an issue had.';
COMMENT ON COLUMN issue_alias.issue_id IS 'Issue: issue.id.';

CREATE TABLE project (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    key text,
    name text,
    project_type text,
    category_id bigint,
    category_name text,
    seen timestamptz NOT NULL,
    lead_id text,
    gone timestamptz,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX project_by_key ON project (site_id, key);
COMMENT ON TABLE project IS 'Projects.';
COMMENT ON COLUMN project.site_id IS 'Site: site.id.';
COMMENT ON COLUMN project.id IS 'Jira''s id.';
COMMENT ON COLUMN project.key IS 'Key, as HADOOP.';
COMMENT ON COLUMN project.name IS 'Name.';
COMMENT ON COLUMN project.project_type IS 'software, business, service_desk.';
COMMENT ON COLUMN project.category_id IS 'Id of its category.';
COMMENT ON COLUMN project.category_name IS 'Name of its category.';
COMMENT ON COLUMN project.seen IS 'When this was read from Jira.';
COMMENT ON COLUMN project.lead_id IS 'Who leads it: jira_user.id.';
COMMENT ON COLUMN project.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';

CREATE TABLE jira_user (
    site_id bigint NOT NULL,
    id text NOT NULL,
    name text,
    display_name text,
    email text,
    active boolean,
    time_zone text,
    account_type text,
    seen timestamptz NOT NULL,
    PRIMARY KEY (site_id, id)
);
COMMENT ON TABLE jira_user IS 'Users: everyone whom an issue names.';
COMMENT ON COLUMN jira_user.site_id IS 'Site: site.id.';
COMMENT ON COLUMN jira_user.id IS 'Account id (Cloud), key or name (Data Center).';
COMMENT ON COLUMN jira_user.name IS 'Login (Data Center).';
COMMENT ON COLUMN jira_user.display_name IS 'Name for people.';
COMMENT ON COLUMN jira_user.email IS 'E-mail address where Jira shows it.';
COMMENT ON COLUMN jira_user.active IS 'Whether the account is active.';
COMMENT ON COLUMN jira_user.time_zone IS 'Time zone.';
COMMENT ON COLUMN jira_user.account_type IS 'atlassian, app or customer (Cloud).';
COMMENT ON COLUMN jira_user.seen IS 'When this was read from Jira.';

CREATE TABLE status_category (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    key text,
    name text,
    seen timestamptz NOT NULL,
    PRIMARY KEY (site_id, id)
);
COMMENT ON TABLE status_category IS 'Status categories: to do, in progress, done.';
COMMENT ON COLUMN status_category.site_id IS 'Site: site.id.';
COMMENT ON COLUMN status_category.id IS 'Jira''s id.';
COMMENT ON COLUMN status_category.key IS 'new, indeterminate or done.';
COMMENT ON COLUMN status_category.name IS 'Name.';
COMMENT ON COLUMN status_category.seen IS 'When this was read from Jira.';

CREATE TABLE status (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    name text,
    description text,
    category_id bigint,
    seen timestamptz NOT NULL,
    gone timestamptz,
    PRIMARY KEY (site_id, id)
);
COMMENT ON TABLE status IS 'Statuses.';
COMMENT ON COLUMN status.site_id IS 'Site: site.id.';
COMMENT ON COLUMN status.id IS 'Jira''s id.';
COMMENT ON COLUMN status.name IS 'Name.';
COMMENT ON COLUMN status.description IS 'Description.';
COMMENT ON COLUMN status.category_id IS 'Category: status_category.id.';
COMMENT ON COLUMN status.seen IS 'When this was read from Jira.';
COMMENT ON COLUMN status.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';

CREATE TABLE issue_type (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    name text,
    description text,
    subtask boolean,
    hierarchy_level bigint,
    seen timestamptz NOT NULL,
    gone timestamptz,
    PRIMARY KEY (site_id, id)
);
COMMENT ON TABLE issue_type IS 'Issue types.';
COMMENT ON COLUMN issue_type.site_id IS 'Site: site.id.';
COMMENT ON COLUMN issue_type.id IS 'Jira''s id.';
COMMENT ON COLUMN issue_type.name IS 'Name.';
COMMENT ON COLUMN issue_type.description IS 'Description.';
COMMENT ON COLUMN issue_type.subtask IS 'Whether issues of it are parts of others.';
COMMENT ON COLUMN issue_type.hierarchy_level IS 'Level (Cloud): 1 epic, 0 standard, -1 sub-task.';
COMMENT ON COLUMN issue_type.seen IS 'When this was read from Jira.';
COMMENT ON COLUMN issue_type.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';

CREATE TABLE priority (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    name text,
    description text,
    seen timestamptz NOT NULL,
    gone timestamptz,
    PRIMARY KEY (site_id, id)
);
COMMENT ON TABLE priority IS 'Priorities.';
COMMENT ON COLUMN priority.site_id IS 'Site: site.id.';
COMMENT ON COLUMN priority.id IS 'Jira''s id.';
COMMENT ON COLUMN priority.name IS 'Name.';
COMMENT ON COLUMN priority.description IS 'Description.';
COMMENT ON COLUMN priority.seen IS 'When this was read from Jira.';
COMMENT ON COLUMN priority.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';

CREATE TABLE resolution (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    name text,
    description text,
    seen timestamptz NOT NULL,
    gone timestamptz,
    PRIMARY KEY (site_id, id)
);
COMMENT ON TABLE resolution IS 'Resolutions.';
COMMENT ON COLUMN resolution.site_id IS 'Site: site.id.';
COMMENT ON COLUMN resolution.id IS 'Jira''s id.';
COMMENT ON COLUMN resolution.name IS 'Name.';
COMMENT ON COLUMN resolution.description IS 'Description.';
COMMENT ON COLUMN resolution.seen IS 'When this was read from Jira.';
COMMENT ON COLUMN resolution.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';

CREATE TABLE version (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    project_id bigint,
    name text,
    description text,
    archived boolean,
    released boolean,
    start_date date,
    release_date date,
    seen timestamptz NOT NULL,
    gone timestamptz,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX version_by_project_id ON version (site_id, project_id);
COMMENT ON TABLE version IS 'Versions of projects.';
COMMENT ON COLUMN version.site_id IS 'Site: site.id.';
COMMENT ON COLUMN version.id IS 'Jira''s id.';
COMMENT ON COLUMN version.project_id IS 'Project: project.id.';
COMMENT ON COLUMN version.name IS 'Name.';
COMMENT ON COLUMN version.description IS 'Description.';
COMMENT ON COLUMN version.archived IS 'Whether it is archived.';
COMMENT ON COLUMN version.released IS 'Whether it is released.';
COMMENT ON COLUMN version.start_date IS 'Start date.';
COMMENT ON COLUMN version.release_date IS 'Release date.';
COMMENT ON COLUMN version.seen IS 'When this was read from Jira.';
COMMENT ON COLUMN version.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';

CREATE TABLE component (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    project_id bigint,
    name text,
    description text,
    seen timestamptz NOT NULL,
    lead_id text,
    gone timestamptz,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX component_by_project_id ON component (site_id, project_id);
COMMENT ON TABLE component IS 'Components of projects.';
COMMENT ON COLUMN component.site_id IS 'Site: site.id.';
COMMENT ON COLUMN component.id IS 'Jira''s id.';
COMMENT ON COLUMN component.project_id IS 'Project: project.id.';
COMMENT ON COLUMN component.name IS 'Name.';
COMMENT ON COLUMN component.description IS 'Description.';
COMMENT ON COLUMN component.seen IS 'When this was read from Jira.';
COMMENT ON COLUMN component.lead_id IS 'Who leads it: jira_user.id.';
COMMENT ON COLUMN component.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';

CREATE TABLE sprint (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    board_id bigint,
    name text,
    goal text,
    state text,
    start_date timestamptz,
    end_date timestamptz,
    activated_date timestamptz,
    complete_date timestamptz,
    seen timestamptz NOT NULL,
    gone timestamptz,
    PRIMARY KEY (site_id, id)
);
COMMENT ON TABLE sprint IS 'Sprints.';
COMMENT ON COLUMN sprint.site_id IS 'Site: site.id.';
COMMENT ON COLUMN sprint.id IS 'Jira''s id.';
COMMENT ON COLUMN sprint.board_id IS 'Id of the board that it was made on.';
COMMENT ON COLUMN sprint.name IS 'Name.';
COMMENT ON COLUMN sprint.goal IS 'Goal.';
COMMENT ON COLUMN sprint.state IS 'future, active or closed.';
COMMENT ON COLUMN sprint.start_date IS 'When it starts, or started, as planned.';
COMMENT ON COLUMN sprint.end_date IS 'When it is to end, as planned.';
COMMENT ON COLUMN sprint.activated_date IS 'When it was started, where Jira tells.';
COMMENT ON COLUMN sprint.complete_date IS 'When it was closed; null while it is open.';
COMMENT ON COLUMN sprint.seen IS 'When this was read from Jira.';
COMMENT ON COLUMN sprint.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';

CREATE TABLE board (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    project_id bigint,
    name text,
    kind text,
    seen timestamptz NOT NULL,
    gone timestamptz,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX board_by_project_id ON board (site_id, project_id);
COMMENT ON TABLE board IS 'Boards of projects (Jira Software).';
COMMENT ON COLUMN board.site_id IS 'Site: site.id.';
COMMENT ON COLUMN board.id IS 'Jira''s id.';
COMMENT ON COLUMN board.project_id IS 'Project that lists it: project.id.';
COMMENT ON COLUMN board.name IS 'Name.';
COMMENT ON COLUMN board.kind IS 'scrum, kanban or simple.';
COMMENT ON COLUMN board.seen IS 'When this was read from Jira.';
COMMENT ON COLUMN board.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';

CREATE TABLE field (
    site_id bigint NOT NULL,
    id text NOT NULL,
    name text,
    changelog_name text,
    slug text,
    custom boolean,
    kind text,
    value_type text,
    item_type text,
    custom_type text,
    seen timestamptz NOT NULL,
    gone timestamptz,
    PRIMARY KEY (site_id, id)
);
COMMENT ON TABLE field IS 'Fields of issues, as the site lists them.';
COMMENT ON COLUMN field.site_id IS 'Site: site.id.';
COMMENT ON COLUMN field.id IS 'Id, as summary or customfield_10001: field_value.field_id.';
COMMENT ON COLUMN field.name IS 'Name for people.';
COMMENT ON COLUMN field.changelog_name IS 'What changelogs call it, which is not unique: changelog_item.field.';
COMMENT ON COLUMN field.slug IS 'Name of ours that is unique and stays: story_points, team_10050.';
COMMENT ON COLUMN field.custom IS 'Whether it is a custom field.';
COMMENT ON COLUMN field.kind IS 'What values are: text, number, date, option, options, user, sprints …';
COMMENT ON COLUMN field.value_type IS 'Type as Jira has it: string, number, array.';
COMMENT ON COLUMN field.item_type IS 'Type of the elements of an array.';
COMMENT ON COLUMN field.custom_type IS 'Kind of the custom field, as the app that made it calls it.';
COMMENT ON COLUMN field.seen IS 'When this was read from Jira.';
COMMENT ON COLUMN field.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';

CREATE TABLE label (
    site_id bigint NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (site_id, name)
);
COMMENT ON TABLE label IS 'Labels that are, or were, in use.';
COMMENT ON COLUMN label.site_id IS 'Site: site.id.';
COMMENT ON COLUMN label.name IS 'Label.';

CREATE TABLE link_type (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    name text,
    inward text,
    outward text,
    seen timestamptz NOT NULL,
    gone timestamptz,
    PRIMARY KEY (site_id, id)
);
COMMENT ON TABLE link_type IS 'Kinds of links between issues.';
COMMENT ON COLUMN link_type.site_id IS 'Site: site.id.';
COMMENT ON COLUMN link_type.id IS 'Jira''s id.';
COMMENT ON COLUMN link_type.name IS 'Name.';
COMMENT ON COLUMN link_type.inward IS 'Words of the inward direction: is blocked by.';
COMMENT ON COLUMN link_type.outward IS 'Words of the outward direction: blocks.';
COMMENT ON COLUMN link_type.seen IS 'When this was read from Jira.';
COMMENT ON COLUMN link_type.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';

CREATE TABLE tombstone (
    site_id bigint NOT NULL,
    issue_id bigint NOT NULL,
    key text NOT NULL,
    cause text NOT NULL,
    key_elsewhere text,
    updated timestamptz NOT NULL,
    made timestamptz NOT NULL,
    PRIMARY KEY (site_id, issue_id)
);
COMMENT ON TABLE tombstone IS 'Issues that were held and are no longer, and why.';
COMMENT ON COLUMN tombstone.site_id IS 'Site: site.id.';
COMMENT ON COLUMN tombstone.issue_id IS 'Jira''s numeric id.';
COMMENT ON COLUMN tombstone.key IS 'Key that it was held under.';
COMMENT ON COLUMN tombstone.cause IS 'gone, moved, archived, left or deleted.';
COMMENT ON COLUMN tombstone.key_elsewhere IS 'Its key now, where it is known.';
COMMENT ON COLUMN tombstone.updated IS 'When the last state that was held was changed.';
COMMENT ON COLUMN tombstone.made IS 'When it was found out.';

CREATE TABLE sync_scope (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    label text NOT NULL,
    selection text NOT NULL,
    project text,
    project_id bigint,
    quoted boolean,
    cursor text,
    PRIMARY KEY (site_id, id)
);
COMMENT ON TABLE sync_scope IS 'What is loaded, and how far: a project or a query, with its cursor.';
COMMENT ON COLUMN sync_scope.site_id IS 'Site: site.id.';
COMMENT ON COLUMN sync_scope.id IS 'Number of the scope in this warehouse.';
COMMENT ON COLUMN sync_scope.name IS 'Stable name: site and what is selected.';
COMMENT ON COLUMN sync_scope.label IS 'Name for people: the project''s key, or jql.';
COMMENT ON COLUMN sync_scope.selection IS 'JQL of what is selected.';
COMMENT ON COLUMN sync_scope.project IS 'Project key; null for a query.';
COMMENT ON COLUMN sync_scope.project_id IS 'Project: project.id; null for a query.';
COMMENT ON COLUMN sync_scope.quoted IS 'How the server takes time bounds: true for quoted minutes.';
COMMENT ON COLUMN sync_scope.cursor IS 'How far it is loaded: the cursor as JSON.';

CREATE TABLE sync_member (
    site_id bigint NOT NULL,
    scope_id bigint NOT NULL,
    issue_id bigint NOT NULL,
    PRIMARY KEY (site_id, scope_id, issue_id)
);
CREATE INDEX sync_member_by_issue_id ON sync_member (site_id, issue_id);
COMMENT ON TABLE sync_member IS 'Which issues belong to which scope.';
COMMENT ON COLUMN sync_member.site_id IS 'Site: site.id.';
COMMENT ON COLUMN sync_member.scope_id IS 'Scope: sync_scope.id.';
COMMENT ON COLUMN sync_member.issue_id IS 'Issue: issue.id.';

CREATE TABLE sync_fact (
    site_id bigint NOT NULL,
    name text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (site_id, name)
);
COMMENT ON TABLE sync_fact IS 'Small things that are remembered of a site by name.';
COMMENT ON COLUMN sync_fact.site_id IS 'Site: site.id.';
COMMENT ON COLUMN sync_fact.name IS 'What it is.';
COMMENT ON COLUMN sync_fact.value IS 'What is known.';

CREATE TABLE sync_run (
    site_id bigint NOT NULL,
    id bigint NOT NULL,
    command text NOT NULL,
    began timestamptz NOT NULL,
    ended timestamptz NOT NULL,
    verdict text NOT NULL,
    PRIMARY KEY (site_id, id)
);
COMMENT ON TABLE sync_run IS 'Past runs and what they came to.';
COMMENT ON COLUMN sync_run.site_id IS 'Site: site.id.';
COMMENT ON COLUMN sync_run.id IS 'Number of the run.';
COMMENT ON COLUMN sync_run.command IS 'Command.';
COMMENT ON COLUMN sync_run.began IS 'When it began.';
COMMENT ON COLUMN sync_run.ended IS 'When it ended.';
COMMENT ON COLUMN sync_run.verdict IS 'What it came to, as JSON.';

INSERT INTO schema_version (version, applied, program) VALUES
    (1, now(), 'schema.sql'),
    (2, now(), 'schema.sql'),
    (3, now(), 'schema.sql');

COMMIT;
