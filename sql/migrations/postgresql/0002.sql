-- The changes of a field of an issue, in order: what views look up.
CREATE INDEX changelog_item_by_issue_id_field_created_changelog_id_position ON changelog_item (site_id, issue_id, field, created, changelog_id, position);
DROP INDEX changelog_item_by_issue_id;

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

