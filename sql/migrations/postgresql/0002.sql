-- The changes of a field of an issue, in order: what views look up.
CREATE INDEX changelog_item_by_issue_id_field_created_changelog_id_position ON changelog_item (site_id, issue_id, field, created, changelog_id, position);
DROP INDEX changelog_item_by_issue_id;
