-- What views look up: the changes of an issue's field in order, those of its status whole, and the issues of a project.
CREATE INDEX changelog_item_by_issue_id_field_created_changelog_id_position ON changelog_item (site_id, issue_id, field, created, changelog_id, position);
DROP INDEX changelog_item_by_issue_id;
CREATE INDEX issue_of_project ON issue (site_id, project_id, created, id, key, issue_type_id, status_id, resolved, updated, status_category_changed);
DROP INDEX issue_by_project_id_created;
CREATE INDEX changelog_item_of_status ON changelog_item (site_id, issue_id, created, changelog_id, position, from_value, from_text, to_value, to_text) WHERE field = 'status';

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

ALTER TABLE project ADD COLUMN lead_id TEXT; -- Who leads it: jira_user.id.
ALTER TABLE project ADD COLUMN gone TEXT; -- When Jira was found not to list it any more; null: it does, as far as is known.
ALTER TABLE status ADD COLUMN gone TEXT; -- When Jira was found not to list it any more; null: it does, as far as is known.
ALTER TABLE issue_type ADD COLUMN gone TEXT; -- When Jira was found not to list it any more; null: it does, as far as is known.
ALTER TABLE priority ADD COLUMN gone TEXT; -- When Jira was found not to list it any more; null: it does, as far as is known.
ALTER TABLE resolution ADD COLUMN gone TEXT; -- When Jira was found not to list it any more; null: it does, as far as is known.
ALTER TABLE version ADD COLUMN gone TEXT; -- When Jira was found not to list it any more; null: it does, as far as is known.
ALTER TABLE component ADD COLUMN lead_id TEXT; -- Who leads it: jira_user.id.
ALTER TABLE component ADD COLUMN gone TEXT; -- When Jira was found not to list it any more; null: it does, as far as is known.
ALTER TABLE link_type ADD COLUMN gone TEXT; -- When Jira was found not to list it any more; null: it does, as far as is known.

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

