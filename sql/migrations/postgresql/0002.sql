-- What views look up: the changes of an issue's field in order, those of its status whole, and the issues of a project.
CREATE INDEX changelog_item_by_issue_id_field_created_changelog_id_position ON changelog_item (site_id, issue_id, field, created, changelog_id, position);
DROP INDEX changelog_item_by_issue_id;
CREATE INDEX issue_of_project ON issue (site_id, project_id, created, id, key, issue_type_id, status_id, resolved, updated, status_category_changed);
DROP INDEX issue_by_project_id_created;
CREATE INDEX changelog_item_of_status ON changelog_item (site_id, issue_id, created, changelog_id, position, from_value, from_text, to_value, to_text) WHERE field = 'status';

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

ALTER TABLE project ADD COLUMN lead_id text;
COMMENT ON COLUMN project.lead_id IS 'Who leads it: jira_user.id.';
ALTER TABLE project ADD COLUMN gone timestamptz;
COMMENT ON COLUMN project.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';
ALTER TABLE status ADD COLUMN gone timestamptz;
COMMENT ON COLUMN status.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';
ALTER TABLE issue_type ADD COLUMN gone timestamptz;
COMMENT ON COLUMN issue_type.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';
ALTER TABLE priority ADD COLUMN gone timestamptz;
COMMENT ON COLUMN priority.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';
ALTER TABLE resolution ADD COLUMN gone timestamptz;
COMMENT ON COLUMN resolution.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';
ALTER TABLE version ADD COLUMN gone timestamptz;
COMMENT ON COLUMN version.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';
ALTER TABLE component ADD COLUMN lead_id text;
COMMENT ON COLUMN component.lead_id IS 'Who leads it: jira_user.id.';
ALTER TABLE component ADD COLUMN gone timestamptz;
COMMENT ON COLUMN component.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';
ALTER TABLE link_type ADD COLUMN gone timestamptz;
COMMENT ON COLUMN link_type.gone IS 'When Jira was found not to list it any more; null: it does, as far as is known.';

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

