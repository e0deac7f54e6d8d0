-- The warehouse as packages for dbt know Jira (fivetran/dbt_jira): views on its tables, one schema a
-- site. jiraduct makes them; by hand, in a schema that is there:
--     psql -v schema=jira -v site=1 -f dbt.sql
-- A view keeps its columns, so that what is built on it stays. Times are UTC, without a zone. Views
-- whose names begin with '_' are what others share.

-- -- fields ---------------------------------------------------------------------------------------

-- What the catalogue lists, the system's own where it does not, and custom ones that issues have.
CREATE OR REPLACE VIEW :"schema"._field AS
WITH RECURSIVE used (id) AS (
    (SELECT field_id FROM field_value WHERE site_id = :site ORDER BY field_id LIMIT 1)
    UNION ALL
    SELECT (SELECT v.field_id FROM field_value AS v WHERE v.site_id = :site AND v.field_id > used.id ORDER BY v.field_id LIMIT 1)
      FROM used WHERE used.id IS NOT NULL
), own (id, name) AS (
    VALUES ('assignee', 'Assignee'), ('components', 'Components'), ('created', 'Created'), ('creator', 'Creator'),
           ('description', 'Description'), ('duedate', 'Due date'), ('environment', 'Environment'), ('fixVersions', 'Fix versions'),
           ('issuekey', 'Key'), ('issuetype', 'Issue Type'), ('labels', 'Labels'), ('parent', 'Parent'), ('priority', 'Priority'),
           ('project', 'Project'), ('reporter', 'Reporter'), ('resolution', 'Resolution'), ('resolutiondate', 'Resolved'),
           ('security', 'Security Level'), ('status', 'Status'), ('summary', 'Summary'), ('timeestimate', 'Remaining Estimate'),
           ('timeoriginalestimate', 'Original Estimate'), ('timespent', 'Time Spent'), ('versions', 'Affects versions')
), listed AS (
    SELECT f.id, f.name, coalesce(f.changelog_name, f.name) AS said, f.custom AS is_custom, f.kind AS type, f.seen,
           f.kind IN ('texts', 'options', 'users', 'groups', 'versions', 'sprints')
               OR f.id IN ('attachment', 'components', 'fixVersions', 'issuelinks', 'labels', 'subtasks', 'versions') AS is_array
      FROM field AS f
     WHERE f.site_id = :site
)
SELECT l.id, l.name, l.is_array, l.is_custom, l.type, l.said, l.seen FROM listed AS l
UNION ALL
SELECT o.id, o.name, o.id IN ('components', 'fixVersions', 'labels', 'versions'), false, NULL, NULL, NULL
  FROM own AS o
 WHERE NOT EXISTS (SELECT FROM listed AS l WHERE l.id = o.id)
UNION ALL
-- what was read through Jira's agile side has its sprints in a field of that name
SELECT 'sprint', 'Sprint', true, true, 'sprints', 'Sprint', NULL
 WHERE NOT EXISTS (SELECT FROM listed AS l WHERE l.type = 'sprints' OR l.id = 'sprint')
   AND EXISTS (SELECT FROM issue_sprint AS s WHERE s.site_id = :site)
UNION ALL
SELECT u.id, u.id, (SELECT v.is_list FROM field_value AS v WHERE v.site_id = :site AND v.field_id = u.id LIMIT 1), true, NULL, NULL, NULL
  FROM used AS u
 WHERE u.id IS NOT NULL AND NOT EXISTS (SELECT FROM listed AS l WHERE l.id = u.id);
COMMENT ON VIEW :"schema"._field IS 'What the other views know of a field.';
COMMENT ON COLUMN :"schema"._field.id IS 'Id of the field.';
COMMENT ON COLUMN :"schema"._field.name IS 'Its name.';
COMMENT ON COLUMN :"schema"._field.is_array IS 'It may have several values.';
COMMENT ON COLUMN :"schema"._field.is_custom IS 'It is a custom field.';
COMMENT ON COLUMN :"schema"._field.type IS 'Kind of its values; null where nobody tells.';
COMMENT ON COLUMN :"schema"._field.said IS 'Its name in the changelog.';
COMMENT ON COLUMN :"schema"._field.seen IS 'When it was last read; null where the site does not list it.';

CREATE OR REPLACE VIEW :"schema".field AS
SELECT f.id, f.name, f.is_array, f.is_custom, (f.seen AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced
  FROM :"schema"._field AS f;
COMMENT ON VIEW :"schema".field IS 'Fields that the site lists, those of every Jira, and custom ones that issues have.';
COMMENT ON COLUMN :"schema".field.id IS 'Id of the field: summary, customfield_10001.';
COMMENT ON COLUMN :"schema".field.name IS 'Its name.';
COMMENT ON COLUMN :"schema".field.is_array IS 'It may have several values.';
COMMENT ON COLUMN :"schema".field.is_custom IS 'It is a custom field.';
COMMENT ON COLUMN :"schema".field._fivetran_synced IS 'When the row was last loaded (UTC).';

-- The choices that issues have made; of a cascading one the second knows the first.
CREATE OR REPLACE VIEW :"schema".field_option AS
SELECT DISTINCT ON (1)
       v.value_id::bigint AS id, CASE WHEN p.value_id ~ '^[0-9]{1,18}$' THEN p.value_id::bigint END AS parent_id, v.text_value AS name,
       (i.fetched AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced
  FROM field_value AS v
  JOIN issue AS i ON i.site_id = v.site_id AND i.id = v.issue_id
  JOIN :"schema"._field AS f ON f.id = v.field_id AND coalesce(f.type, 'option') IN ('option', 'options', 'cascade')
  LEFT JOIN field_value AS p ON p.site_id = v.site_id AND p.issue_id = v.issue_id AND p.field_id = v.field_id
                            AND v.position = 1 AND p.position = 0 AND NOT v.is_list
 WHERE v.site_id = :site AND v.kind = 'option' AND v.value_id ~ '^[0-9]{1,18}$'
 ORDER BY 1, p.value_id IS NULL, i.fetched DESC;
COMMENT ON VIEW :"schema".field_option IS 'Options of custom fields that issues have.';
COMMENT ON COLUMN :"schema".field_option.id IS 'Id of the option.';
COMMENT ON COLUMN :"schema".field_option.parent_id IS 'Option above it, of a cascading field: field_option.id.';
COMMENT ON COLUMN :"schema".field_option.name IS 'Its words.';
COMMENT ON COLUMN :"schema".field_option._fivetran_synced IS 'When the row was last loaded (UTC).';

-- -- issues ---------------------------------------------------------------------------------------

CREATE OR REPLACE VIEW :"schema".issue AS
SELECT i.id, i.key, i.summary, i.description, i.environment, i.project_id AS project, i.issue_type_id AS issue_type,
       i.issue_type_id AS work_type, i.status_id AS status, i.priority_id AS priority, i.resolution_id AS resolution, i.parent_id,
       i.assignee_id AS assignee, i.reporter_id AS reporter, i.creator_id AS creator,
       (i.created AT TIME ZONE 'UTC')::timestamp AS created, (i.updated AT TIME ZONE 'UTC')::timestamp AS updated,
       (i.resolved AT TIME ZONE 'UTC')::timestamp AS resolved,
       -- Data Center does not tell: its last change to a status of another category, else the creation
       (coalesce(i.status_category_changed,
                 (SELECT max(t.created) FROM changelog_item AS t
                    LEFT JOIN status AS f ON f.site_id = t.site_id AND f.id::text = t.from_value
                    LEFT JOIN status AS n ON n.site_id = t.site_id AND n.id::text = t.to_value
                   WHERE t.site_id = i.site_id AND t.issue_id = i.id AND t.field = 'status' AND f.category_id IS DISTINCT FROM n.category_id),
                 i.created) AT TIME ZONE 'UTC')::timestamp AS status_category_changed,
       NULL::timestamp AS last_viewed, i.due_date,
       i.original_estimate::double precision AS original_estimate, i.remaining_estimate::double precision AS remaining_estimate,
       i.time_spent::double precision AS time_spent, i.total_original_estimate::double precision AS _original_estimate,
       i.total_remaining_estimate::double precision AS _remaining_estimate, i.total_time_spent::double precision AS _time_spent,
       i.work_ratio::double precision AS work_ratio, false AS _fivetran_deleted,
       (i.fetched AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced
  FROM issue AS i
 WHERE i.site_id = :site
UNION ALL
-- what was removed: of it no more is known
SELECT t.issue_id, t.key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, (t.updated AT TIME ZONE 'UTC')::timestamp, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       true, (t.made AT TIME ZONE 'UTC')::timestamp
  FROM tombstone AS t
 WHERE t.site_id = :site AND NOT EXISTS (SELECT FROM issue AS i WHERE i.site_id = t.site_id AND i.id = t.issue_id);
COMMENT ON VIEW :"schema".issue IS 'Issues; of removed ones only what was kept.';
COMMENT ON COLUMN :"schema".issue.id IS 'Numeric id: stays when the issue moves.';
COMMENT ON COLUMN :"schema".issue.key IS 'Key as it is now, as in ABC-12.';
COMMENT ON COLUMN :"schema".issue.summary IS 'Title.';
COMMENT ON COLUMN :"schema".issue.description IS 'Description: wiki markup, of Cloud Markdown.';
COMMENT ON COLUMN :"schema".issue.environment IS 'Environment: wiki markup, of Cloud Markdown.';
COMMENT ON COLUMN :"schema".issue.project IS 'Project: project.id.';
COMMENT ON COLUMN :"schema".issue.issue_type IS 'Type: issue_type.id.';
COMMENT ON COLUMN :"schema".issue.work_type IS 'The same as issue_type.';
COMMENT ON COLUMN :"schema".issue.status IS 'Status: status.id.';
COMMENT ON COLUMN :"schema".issue.priority IS 'Priority: priority.id.';
COMMENT ON COLUMN :"schema".issue.resolution IS 'Resolution: resolution.id; null while unresolved.';
COMMENT ON COLUMN :"schema".issue.parent_id IS 'Issue above it: issue.id.';
COMMENT ON COLUMN :"schema".issue.assignee IS 'Who is at it: user.id; null for nobody.';
COMMENT ON COLUMN :"schema".issue.reporter IS 'Who reported it: user.id.';
COMMENT ON COLUMN :"schema".issue.creator IS 'Who created it: user.id.';
COMMENT ON COLUMN :"schema".issue.created IS 'When it was created (UTC).';
COMMENT ON COLUMN :"schema".issue.updated IS 'When it was last changed (UTC).';
COMMENT ON COLUMN :"schema".issue.resolved IS 'When it was resolved (UTC).';
COMMENT ON COLUMN :"schema".issue.status_category_changed IS 'When it last came into a status of another category, else its creation (UTC).';
COMMENT ON COLUMN :"schema".issue.last_viewed IS 'Always null: it would be the reader''s own.';
COMMENT ON COLUMN :"schema".issue.due_date IS 'Day on which it is due.';
COMMENT ON COLUMN :"schema".issue.original_estimate IS 'Estimate at first, in seconds.';
COMMENT ON COLUMN :"schema".issue.remaining_estimate IS 'Estimate of what remains, in seconds.';
COMMENT ON COLUMN :"schema".issue.time_spent IS 'Work logged, in seconds.';
COMMENT ON COLUMN :"schema".issue._original_estimate IS 'The same of it and its sub-tasks: estimate at first, in seconds.';
COMMENT ON COLUMN :"schema".issue._remaining_estimate IS 'Of it and its sub-tasks: what remains, in seconds.';
COMMENT ON COLUMN :"schema".issue._time_spent IS 'Of it and its sub-tasks: work logged, in seconds.';
COMMENT ON COLUMN :"schema".issue.work_ratio IS 'Time spent in percent of the estimate at first; -1 without one.';
COMMENT ON COLUMN :"schema".issue._fivetran_deleted IS 'It was removed: deleted, moved away, or not visible any more.';
COMMENT ON COLUMN :"schema".issue._fivetran_synced IS 'When the row was last loaded (UTC).';

CREATE OR REPLACE VIEW :"schema".comment AS
SELECT c.id, c.issue_id, c.body, c.author_id, c.update_author_id, (c.created AT TIME ZONE 'UTC')::timestamp AS created,
       (c.updated AT TIME ZONE 'UTC')::timestamp AS updated, c.visible_to IS NULL AND coalesce(c.is_public, true) AS is_public,
       (i.fetched AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced
  FROM comment AS c
  JOIN issue AS i ON i.site_id = c.site_id AND i.id = c.issue_id
 WHERE c.site_id = :site;
COMMENT ON VIEW :"schema".comment IS 'Comments.';
COMMENT ON COLUMN :"schema".comment.id IS 'Numeric id.';
COMMENT ON COLUMN :"schema".comment.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN :"schema".comment.body IS 'Text: wiki markup, of Cloud Markdown.';
COMMENT ON COLUMN :"schema".comment.author_id IS 'Who wrote it: user.id.';
COMMENT ON COLUMN :"schema".comment.update_author_id IS 'Who last changed it: user.id.';
COMMENT ON COLUMN :"schema".comment.created IS 'When it was written (UTC).';
COMMENT ON COLUMN :"schema".comment.updated IS 'When it was last changed (UTC).';
COMMENT ON COLUMN :"schema".comment.is_public IS 'It is not restricted to a group or role, nor internal.';
COMMENT ON COLUMN :"schema".comment._fivetran_synced IS 'When the row was last loaded (UTC).';

CREATE OR REPLACE VIEW :"schema".issue_link AS
SELECT DISTINCT l.issue_id, l.related_issue_id, l.relationship, (i.fetched AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced
  FROM issue_link AS l
  JOIN issue AS i ON i.site_id = l.site_id AND i.id = l.issue_id
 WHERE l.site_id = :site AND l.related_issue_id IS NOT NULL;
COMMENT ON VIEW :"schema".issue_link IS 'Links between issues, as each side sees them.';
COMMENT ON COLUMN :"schema".issue_link.issue_id IS 'Issue that has the link: issue.id.';
COMMENT ON COLUMN :"schema".issue_link.related_issue_id IS 'The other one: issue.id, which need not be there.';
COMMENT ON COLUMN :"schema".issue_link.relationship IS 'Words of the direction, as in: is blocked by.';
COMMENT ON COLUMN :"schema".issue_link._fivetran_synced IS 'When the row was last loaded (UTC).';

-- -- history --------------------------------------------------------------------------------------

-- Changes of fields, by the ids of fields. kind: one value; a list as a whole; an element that came
-- to a set or went. (Ask for it by what it is not: of an equality the planner would expect hardly any
-- row.) A change counts as later than the creation; what was changed at one instant has one author,
-- the last.
CREATE OR REPLACE VIEW :"schema"._change AS
SELECT t.issue_id, t.field, t.field_type, coalesce(k.id, t.field_id, f.id, t.field) AS field_id,
       coalesce(k.kind, CASE WHEN coalesce(g.is_array, f.is_array) THEN 'list' ELSE 'one' END) AS kind,
       h.time, h.author_id, t.changelog_id, t.position,
       CASE WHEN k.id = 'security' THEN nullif(t.from_text, '') ELSE coalesce(nullif(t.from_value, ''), nullif(t.from_text, '')) END AS was,
       CASE WHEN k.id = 'security' THEN nullif(t.to_text, '') ELSE coalesce(nullif(t.to_value, ''), nullif(t.to_text, '')) END AS value,
       coalesce(k.id = 'labels' OR coalesce(g.type, f.type) = 'texts', false) AS words
  FROM changelog_item AS t
  JOIN (SELECT c.id, d.time,
               last_value(c.author_id) OVER (PARTITION BY c.issue_id, d.time ORDER BY c.id
                                             ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS author_id
          FROM changelog AS c
          JOIN issue AS i ON i.site_id = c.site_id AND i.id = c.issue_id
         CROSS JOIN LATERAL (SELECT greatest(c.created, i.created + interval '1 ms') AS time) AS d
         WHERE c.site_id = :site) AS h ON h.id = t.changelog_id
  LEFT JOIN (VALUES ('Fix Version', 'fixVersions', 'element'), ('Version', 'versions', 'element'), ('Component', 'components', 'element'),
                    ('labels', 'labels', 'list'), ('Parent', 'parent', 'one'), ('Parent Issue', 'parent', 'one'),
                    ('IssueParentAssociation', 'parent', 'one'), ('Security', 'security', 'one'), ('Key', 'issuekey', 'one'))
         AS k (name, id, kind) ON k.name = t.field AND t.field_type IS DISTINCT FROM 'custom'
  LEFT JOIN :"schema"._field AS g ON g.id = t.field_id
  -- Data Center names a custom field, which may be one of several of that name
  LEFT JOIN (SELECT min(n.id) AS id, bool_or(n.is_array) AS is_array, min(n.type) AS type, n.said
               FROM :"schema"._field AS n WHERE n.is_custom GROUP BY n.said HAVING count(*) = 1) AS f
         ON f.said = t.field AND t.field_type = 'custom' AND t.field_id IS NULL
 WHERE t.site_id = :site
   AND (t.field_type = 'custom' OR t.field NOT IN ('Attachment', 'Comment', 'Epic Child', 'Link', 'RemoteIssueLink', 'RemoteWorkItemLink',
                                                   'Sub-Task', 'Workflow', 'WorklogId', 'WorklogTimeSpent'));
COMMENT ON VIEW :"schema"._change IS 'Changes of fields, by the ids of fields.';
COMMENT ON COLUMN :"schema"._change.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN :"schema"._change.field IS 'Name of the field in the changelog.';
COMMENT ON COLUMN :"schema"._change.field_type IS 'jira or custom.';
COMMENT ON COLUMN :"schema"._change.field_id IS 'Field: field.id; its name where no field is known by it.';
COMMENT ON COLUMN :"schema"._change.kind IS 'one: a value; list: a list as a whole; element: one that came to a set or went.';
COMMENT ON COLUMN :"schema"._change.time IS 'When; after the creation at the least.';
COMMENT ON COLUMN :"schema"._change.author_id IS 'Who changed it: user.id.';
COMMENT ON COLUMN :"schema"._change.changelog_id IS 'Change in the changelog.';
COMMENT ON COLUMN :"schema"._change.position IS 'Place within that change.';
COMMENT ON COLUMN :"schema"._change.was IS 'Value before it.';
COMMENT ON COLUMN :"schema"._change.value IS 'Value after it.';
COMMENT ON COLUMN :"schema"._change.words IS 'It is a list of words, separated by blanks.';

CREATE OR REPLACE VIEW :"schema".issue_field_history AS
WITH change AS MATERIALIZED (
    SELECT c.field_id, c.issue_id, c.time, c.was, c.value, c.author_id, row_number() OVER w AS nth, lead(c.time) OVER w AS next
      FROM :"schema"._change AS c
     WHERE c.kind NOT IN ('element', 'list')
    WINDOW w AS (PARTITION BY c.issue_id, c.field_id ORDER BY c.time, c.changelog_id, c.position)
), own AS (
    SELECT i.id AS issue_id, x.field_id, x.value
      FROM issue AS i
     CROSS JOIN LATERAL (VALUES
           ('assignee', i.assignee_id), ('created', to_char(i.created AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
           ('creator', i.creator_id), ('description', i.description), ('duedate', i.due_date::text), ('environment', i.environment),
           ('issuekey', i.key), ('issuetype', i.issue_type_id::text), ('parent', i.parent_id::text), ('priority', i.priority_id::text),
           ('project', i.project_id::text), ('reporter', i.reporter_id), ('resolution', i.resolution_id::text),
           ('security', i.security_level), ('status', i.status_id::text), ('summary', i.summary),
           ('timeestimate', i.remaining_estimate::text), ('timeoriginalestimate', i.original_estimate::text),
           ('timespent', i.time_spent::text)) AS x (field_id, value)
     WHERE i.site_id = :site
    UNION ALL
    SELECT v.issue_id, v.field_id, CASE WHEN f.type = 'epic_link' THEN coalesce(e.id::text, v.text_value)
                                        ELSE coalesce(c.value_id, v.value_id, v.text_value, v.number_value::text) END
      FROM field_value AS v
      JOIN :"schema"._field AS f ON f.id = v.field_id AND NOT f.is_array
      LEFT JOIN field_value AS c ON c.site_id = v.site_id AND c.issue_id = v.issue_id AND c.field_id = v.field_id AND c.position = 1
      LEFT JOIN issue AS e ON f.type = 'epic_link' AND e.site_id = :site AND e.key = v.text_value
     WHERE v.site_id = :site AND v.position = 0
)
SELECT h.field_id, h.issue_id, (h.time AT TIME ZONE 'UTC')::timestamp AS time, h.value, h.author_id, h.is_active,
       (h.fetched AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced
  FROM (
    -- as created: what the first change tells that it was, else what it is now
    SELECT x.field_id, i.id AS issue_id, i.created AS time, x.value, i.creator_id AS author_id, x.is_active, i.fetched
      FROM (SELECT coalesce(o.issue_id, f.issue_id) AS issue_id, coalesce(o.field_id, f.field_id) AS field_id,
                   CASE WHEN f.issue_id IS NULL THEN o.value ELSE f.was END AS value, f.issue_id IS NULL AS is_active
              FROM own AS o
              FULL JOIN (SELECT f.issue_id, f.field_id, f.was FROM change AS f WHERE f.nth < 2) AS f
                     ON f.issue_id = o.issue_id AND f.field_id = o.field_id) AS x
      JOIN issue AS i ON i.site_id = :site AND i.id = x.issue_id
    UNION ALL
    -- each change, of those at one instant the last
    SELECT c.field_id, c.issue_id, c.time, c.value, c.author_id, c.next IS NULL AND coalesce(n.value = c.value, true), i.fetched
      FROM change AS c
      JOIN issue AS i ON i.site_id = :site AND i.id = c.issue_id
     CROSS JOIN LATERAL (SELECT CASE c.field_id WHEN 'status' THEN i.status_id WHEN 'priority' THEN i.priority_id
                                                WHEN 'issuetype' THEN i.issue_type_id WHEN 'project' THEN i.project_id END::text AS value) AS n
     WHERE c.next IS DISTINCT FROM c.time
    UNION ALL
    -- what it is now, where the last change told of another one
    SELECT c.field_id, c.issue_id, d.since, n.value,
           (SELECT l.author_id FROM changelog AS l
             WHERE l.site_id = :site AND l.issue_id = c.issue_id AND l.created = d.since ORDER BY l.id DESC LIMIT 1), true, i.fetched
      FROM change AS c
      JOIN issue AS i ON i.site_id = :site AND i.id = c.issue_id
     CROSS JOIN LATERAL (SELECT CASE c.field_id WHEN 'status' THEN i.status_id WHEN 'priority' THEN i.priority_id
                                                WHEN 'issuetype' THEN i.issue_type_id WHEN 'project' THEN i.project_id END::text AS value) AS n
     CROSS JOIN LATERAL (SELECT CASE WHEN c.field_id = 'status' AND i.status_category_changed > c.time THEN i.status_category_changed
                                     ELSE greatest(c.time + interval '1 ms', i.updated) END AS since) AS d
     WHERE c.next IS NULL AND n.value <> c.value
    UNION ALL
    -- the date of a resolution comes and goes with it; where no change tells of it, it stands by itself
    SELECT 'resolutiondate', c.issue_id, c.time,
           CASE WHEN c.value IS NOT NULL THEN to_char(c.time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END,
           c.author_id, c.next IS NULL, i.fetched
      FROM change AS c
      JOIN issue AS i ON i.site_id = :site AND i.id = c.issue_id
     WHERE c.field_id = 'resolution' AND c.next IS DISTINCT FROM c.time
    UNION ALL
    SELECT 'resolutiondate', i.id, x.time, x.value, x.author_id, x.is_active AND c.issue_id IS NULL, i.fetched
      FROM issue AS i
      LEFT JOIN (SELECT c.issue_id FROM change AS c WHERE c.field_id = 'resolution' AND c.nth < 2) AS c ON c.issue_id = i.id
     CROSS JOIN LATERAL (
           SELECT i.created AS time, NULL AS value, i.creator_id AS author_id, i.resolved IS NULL AS is_active
           UNION ALL
           SELECT greatest(i.resolved, i.created + interval '1 ms'),
                  to_char(i.resolved AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                  (SELECT l.author_id FROM changelog AS l
                    WHERE l.site_id = :site AND l.issue_id = i.id AND l.created = i.resolved ORDER BY l.id DESC LIMIT 1), true
            WHERE i.resolved IS NOT NULL AND c.issue_id IS NULL) AS x
     WHERE i.site_id = :site
 ) AS h;
COMMENT ON VIEW :"schema".issue_field_history IS 'Every value that a field of a single value has had, the first one at the creation of the issue.';
COMMENT ON COLUMN :"schema".issue_field_history.field_id IS 'Field: field.id.';
COMMENT ON COLUMN :"schema".issue_field_history.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN :"schema".issue_field_history.time IS 'From when (UTC).';
COMMENT ON COLUMN :"schema".issue_field_history.value IS 'Value, by its id where it has one; null: none.';
COMMENT ON COLUMN :"schema".issue_field_history.author_id IS 'Who set it: user.id.';
COMMENT ON COLUMN :"schema".issue_field_history.is_active IS 'It is the value now.';
COMMENT ON COLUMN :"schema".issue_field_history._fivetran_synced IS 'When the row was last loaded (UTC).';

-- Sets are put together from when to when each element was in them; lists come as a whole.
CREATE OR REPLACE VIEW :"schema".issue_multiselect_history AS
WITH change AS MATERIALIZED (
    SELECT c.issue_id, c.field_id, c.kind, c.time, c.author_id, c.changelog_id, c.position, c.was, c.value, c.words
      FROM :"schema"._change AS c
     WHERE (c.field_type = 'custom' OR c.field IN ('Component', 'Fix Version', 'Version', 'labels')) AND c.kind <> 'one'
), changed AS MATERIALIZED (
    SELECT c.issue_id, c.field_id, c.time, max(c.author_id) AS author_id,
           row_number() OVER w AS nth, lead(c.time) OVER w IS NULL AS is_last
      FROM change AS c
     WHERE c.kind <> 'list'
     GROUP BY c.issue_id, c.field_id, c.time
    WINDOW w AS (PARTITION BY c.issue_id, c.field_id ORDER BY c.time)
), told AS MATERIALIZED (
    SELECT e.issue_id, e.field_id, e.value, e.nth, CASE WHEN e.came THEN e.time ELSE '-infinity' END AS from_time,
           CASE WHEN e.came THEN coalesce(e.next, 'infinity') ELSE e.time END AS to_time
      FROM (SELECT c.issue_id, c.field_id, c.time, x.value, x.came, row_number() OVER w AS nth, lead(c.time) OVER w AS next
              FROM change AS c
             CROSS JOIN LATERAL (VALUES (c.was, false), (c.value, true)) AS x (value, came)
             WHERE c.kind <> 'list' AND x.value IS NOT NULL
            WINDOW w AS (PARTITION BY c.issue_id, c.field_id, x.value ORDER BY c.time, c.changelog_id, c.position, x.came)) AS e
     WHERE e.came OR e.nth < 2
), stay AS MATERIALIZED (
    SELECT t.issue_id, t.field_id, t.value, t.from_time, t.to_time FROM told AS t
    UNION ALL
    -- no change tells of it: it was in from the first
    SELECT b.issue_id, b.field_id, b.value, '-infinity', 'infinity'
      FROM (SELECT issue_id, 'components' AS field_id, component_id::text AS value FROM issue_component WHERE site_id = :site
            UNION ALL
            SELECT issue_id, 'fixVersions', version_id::text FROM issue_fix_version WHERE site_id = :site
            UNION ALL
            SELECT issue_id, 'versions', version_id::text FROM issue_affected_version WHERE site_id = :site) AS b
      LEFT JOIN (SELECT t.issue_id, t.field_id, t.value FROM told AS t GROUP BY 1, 2, 3) AS t
             ON t.issue_id = b.issue_id AND t.field_id = b.field_id AND t.value = b.value
     WHERE t.issue_id IS NULL
), list AS MATERIALIZED (
    SELECT c.issue_id, c.field_id, c.time, c.author_id, c.was, c.value, CASE WHEN c.words THEN '\s+' ELSE '\s*,\s*' END AS mark,
           row_number() OVER w AS nth, lead(c.time) OVER w AS next
      FROM change AS c
     WHERE c.kind <> 'element'
    WINDOW w AS (PARTITION BY c.issue_id, c.field_id ORDER BY c.time, c.changelog_id, c.position)
)
SELECT md5(concat_ws(':', h.issue_id, h.field_id, (extract(epoch FROM h.time) * 1000)::bigint, h.value)) AS _fivetran_id,
       h.field_id, h.issue_id, (h.time AT TIME ZONE 'UTC')::timestamp AS time, h.value, h.author_id, h.is_active,
       (h.fetched AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced
  FROM (
    -- sets: as created, and after each change
    SELECT x.field_id, i.id AS issue_id, i.created AS time, s.value, i.creator_id AS author_id, c.issue_id IS NULL AS is_active, i.fetched
      FROM issue AS i
     CROSS JOIN (VALUES ('components'), ('fixVersions'), ('versions')) AS x (field_id)
      LEFT JOIN (SELECT s.issue_id, s.field_id, s.value FROM stay AS s WHERE s.from_time <= '-infinity') AS s
             ON s.issue_id = i.id AND s.field_id = x.field_id
      LEFT JOIN (SELECT c.issue_id, c.field_id FROM changed AS c WHERE c.nth < 2) AS c ON c.issue_id = i.id AND c.field_id = x.field_id
     WHERE i.site_id = :site
    UNION ALL
    SELECT c.field_id, c.issue_id, c.time, s.value, c.author_id, c.is_last, i.fetched
      FROM changed AS c
      JOIN issue AS i ON i.site_id = :site AND i.id = c.issue_id
      LEFT JOIN stay AS s ON s.issue_id = c.issue_id AND s.field_id = c.field_id AND s.from_time <= c.time AND c.time < s.to_time
    UNION ALL
    -- lists: as created, where a change tells, and after each change
    SELECT l.field_id, l.issue_id, i.created, v.value, i.creator_id, false, i.fetched
      FROM list AS l
      JOIN issue AS i ON i.site_id = :site AND i.id = l.issue_id
      LEFT JOIN LATERAL (SELECT DISTINCT x AS value FROM regexp_split_to_table(btrim(l.was, '[] '), l.mark) AS x WHERE x <> '') AS v ON true
     WHERE l.nth < 2
    UNION ALL
    SELECT l.field_id, l.issue_id, l.time, v.value, l.author_id, l.next IS NULL, i.fetched
      FROM list AS l
      JOIN issue AS i ON i.site_id = :site AND i.id = l.issue_id
      LEFT JOIN LATERAL (SELECT DISTINCT x AS value FROM regexp_split_to_table(btrim(l.value, '[] '), l.mark) AS x WHERE x <> '') AS v ON true
     WHERE l.next IS DISTINCT FROM l.time
    UNION ALL
    -- lists that never changed
    SELECT v.field_id, v.issue_id, i.created, v.value, i.creator_id, true, i.fetched
      FROM (SELECT 'labels' AS field_id, i.id AS issue_id, b.label AS value
              FROM issue AS i
              LEFT JOIN issue_label AS b ON b.site_id = i.site_id AND b.issue_id = i.id
             WHERE i.site_id = :site
            UNION ALL
            SELECT DISTINCT v.field_id, v.issue_id, coalesce(v.value_id, v.text_value, v.number_value::text)
              FROM field_value AS v
              JOIN :"schema"._field AS f ON f.id = v.field_id AND f.is_array AND f.type IS DISTINCT FROM 'sprints'
             WHERE v.site_id = :site
            UNION ALL
            SELECT f.id, s.issue_id, s.sprint_id::text
              FROM issue_sprint AS s
              JOIN (SELECT min(f.id) AS id FROM :"schema"._field AS f WHERE f.type = 'sprints') AS f ON f.id IS NOT NULL
             WHERE s.site_id = :site AND s.to_time IS NULL) AS v
      JOIN issue AS i ON i.site_id = :site AND i.id = v.issue_id
      LEFT JOIN (SELECT l.issue_id, l.field_id FROM list AS l WHERE l.nth < 2) AS l ON l.issue_id = v.issue_id AND l.field_id = v.field_id
     WHERE l.issue_id IS NULL
 ) AS h;
COMMENT ON VIEW :"schema".issue_multiselect_history IS 'The same of fields with several values: each change writes all that are then held.';
COMMENT ON COLUMN :"schema".issue_multiselect_history._fivetran_id IS 'Hash of issue, field, time and value.';
COMMENT ON COLUMN :"schema".issue_multiselect_history.field_id IS 'Field: field.id.';
COMMENT ON COLUMN :"schema".issue_multiselect_history.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN :"schema".issue_multiselect_history.time IS 'From when (UTC).';
COMMENT ON COLUMN :"schema".issue_multiselect_history.value IS 'One of the values, by its id where it has one; null: none.';
COMMENT ON COLUMN :"schema".issue_multiselect_history.author_id IS 'Who set it: user.id.';
COMMENT ON COLUMN :"schema".issue_multiselect_history.is_active IS 'It is one of the values now.';
COMMENT ON COLUMN :"schema".issue_multiselect_history._fivetran_synced IS 'When the row was last loaded (UTC).';

-- -- what issues name -----------------------------------------------------------------------------

CREATE OR REPLACE VIEW :"schema".component AS
SELECT id, name, description, project_id, (seen AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced FROM component WHERE site_id = :site;
COMMENT ON VIEW :"schema".component IS 'Components of projects.';
COMMENT ON COLUMN :"schema".component.id IS 'Numeric id.';
COMMENT ON COLUMN :"schema".component.name IS 'Its name.';
COMMENT ON COLUMN :"schema".component.description IS 'What it is for.';
COMMENT ON COLUMN :"schema".component.project_id IS 'Project: project.id.';
COMMENT ON COLUMN :"schema".component._fivetran_synced IS 'When the row was last loaded (UTC).';

CREATE OR REPLACE VIEW :"schema".issue_type AS
SELECT id, name, description, subtask, (seen AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced FROM issue_type WHERE site_id = :site;
COMMENT ON VIEW :"schema".issue_type IS 'Types of issues.';
COMMENT ON COLUMN :"schema".issue_type.id IS 'Numeric id.';
COMMENT ON COLUMN :"schema".issue_type.name IS 'Its name.';
COMMENT ON COLUMN :"schema".issue_type.description IS 'What it is for.';
COMMENT ON COLUMN :"schema".issue_type.subtask IS 'Issues of it are sub-tasks.';
COMMENT ON COLUMN :"schema".issue_type._fivetran_synced IS 'When the row was last loaded (UTC).';

CREATE OR REPLACE VIEW :"schema".priority AS
SELECT id, name, description, (seen AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced FROM priority WHERE site_id = :site;
COMMENT ON VIEW :"schema".priority IS 'Priorities.';
COMMENT ON COLUMN :"schema".priority.id IS 'Numeric id.';
COMMENT ON COLUMN :"schema".priority.name IS 'Its name.';
COMMENT ON COLUMN :"schema".priority.description IS 'What it means.';
COMMENT ON COLUMN :"schema".priority._fivetran_synced IS 'When the row was last loaded (UTC).';

CREATE OR REPLACE VIEW :"schema".resolution AS
SELECT id, name, description, (seen AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced FROM resolution WHERE site_id = :site;
COMMENT ON VIEW :"schema".resolution IS 'Resolutions.';
COMMENT ON COLUMN :"schema".resolution.id IS 'Numeric id.';
COMMENT ON COLUMN :"schema".resolution.name IS 'Its name.';
COMMENT ON COLUMN :"schema".resolution.description IS 'What it means.';
COMMENT ON COLUMN :"schema".resolution._fivetran_synced IS 'When the row was last loaded (UTC).';

CREATE OR REPLACE VIEW :"schema".project AS
SELECT id, key, name, NULL::text AS description, lead_id, NULL::bigint AS permission_scheme_id,
       category_id AS project_category_id, project_type AS project_type_key, (seen AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced
  FROM project WHERE site_id = :site;
COMMENT ON VIEW :"schema".project IS 'Projects.';
COMMENT ON COLUMN :"schema".project.id IS 'Numeric id: stays when the key changes.';
COMMENT ON COLUMN :"schema".project.key IS 'Key as it is now.';
COMMENT ON COLUMN :"schema".project.name IS 'Its name.';
COMMENT ON COLUMN :"schema".project.description IS 'Always null: the warehouse does not hold it.';
COMMENT ON COLUMN :"schema".project.lead_id IS 'Who leads it: user.id.';
COMMENT ON COLUMN :"schema".project.permission_scheme_id IS 'Always null: the warehouse does not hold it.';
COMMENT ON COLUMN :"schema".project.project_category_id IS 'Id of its category.';
COMMENT ON COLUMN :"schema".project.project_type_key IS 'software, business, service_desk.';
COMMENT ON COLUMN :"schema".project._fivetran_synced IS 'When the row was last loaded (UTC).';

CREATE OR REPLACE VIEW :"schema".sprint AS
SELECT id, name, board_id, (coalesce(activated_date, start_date) AT TIME ZONE 'UTC')::timestamp AS start_date,
       (end_date AT TIME ZONE 'UTC')::timestamp AS end_date, (complete_date AT TIME ZONE 'UTC')::timestamp AS complete_date,
       gone IS NOT NULL AS _fivetran_deleted, (seen AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced
  FROM sprint WHERE site_id = :site;
COMMENT ON VIEW :"schema".sprint IS 'Sprints.';
COMMENT ON COLUMN :"schema".sprint.id IS 'Numeric id.';
COMMENT ON COLUMN :"schema".sprint.name IS 'Its name.';
COMMENT ON COLUMN :"schema".sprint.board_id IS 'Board that it was made on.';
COMMENT ON COLUMN :"schema".sprint.start_date IS 'When it was started, else when it is planned to (UTC).';
COMMENT ON COLUMN :"schema".sprint.end_date IS 'When it is planned to end (UTC).';
COMMENT ON COLUMN :"schema".sprint.complete_date IS 'When it was closed (UTC).';
COMMENT ON COLUMN :"schema".sprint._fivetran_deleted IS 'Jira does not list it any more.';
COMMENT ON COLUMN :"schema".sprint._fivetran_synced IS 'When the row was last loaded (UTC).';

CREATE OR REPLACE VIEW :"schema".status AS
SELECT id, name, description, category_id AS status_category_id, (seen AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced
  FROM status WHERE site_id = :site;
COMMENT ON VIEW :"schema".status IS 'Statuses.';
COMMENT ON COLUMN :"schema".status.id IS 'Numeric id.';
COMMENT ON COLUMN :"schema".status.name IS 'Its name.';
COMMENT ON COLUMN :"schema".status.description IS 'What it means.';
COMMENT ON COLUMN :"schema".status.status_category_id IS 'Category: status_category.id.';
COMMENT ON COLUMN :"schema".status._fivetran_synced IS 'When the row was last loaded (UTC).';

CREATE OR REPLACE VIEW :"schema".status_category AS
SELECT id, name, (seen AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced FROM status_category WHERE site_id = :site;
COMMENT ON VIEW :"schema".status_category IS 'Categories of statuses.';
COMMENT ON COLUMN :"schema".status_category.id IS 'Numeric id.';
COMMENT ON COLUMN :"schema".status_category.name IS 'Its name.';
COMMENT ON COLUMN :"schema".status_category._fivetran_synced IS 'When the row was last loaded (UTC).';

-- Teams that issues have had in a field of that name.
CREATE OR REPLACE VIEW :"schema".team AS
SELECT DISTINCT ON (1) v.value_id AS id, v.text_value AS name, v.text_value AS title, NULL::boolean AS is_shared,
       NULL::boolean AS is_visible, (i.fetched AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced
  FROM field_value AS v
  JOIN issue AS i ON i.site_id = v.site_id AND i.id = v.issue_id
  JOIN :"schema"._field AS f ON f.id = v.field_id AND f.is_custom AND lower(f.name) = 'team'
 WHERE v.site_id = :site AND v.kind = 'option' AND v.value_id IS NOT NULL
 ORDER BY 1, i.fetched DESC;
COMMENT ON VIEW :"schema".team IS 'Teams that issues have had in a field of that name.';
COMMENT ON COLUMN :"schema".team.id IS 'Id of the team.';
COMMENT ON COLUMN :"schema".team.name IS 'Its name.';
COMMENT ON COLUMN :"schema".team.title IS 'The same as name.';
COMMENT ON COLUMN :"schema".team.is_shared IS 'Always null: Jira does not tell.';
COMMENT ON COLUMN :"schema".team.is_visible IS 'Always null: Jira does not tell.';
COMMENT ON COLUMN :"schema".team._fivetran_synced IS 'When the row was last loaded (UTC).';

CREATE OR REPLACE VIEW :"schema"."user" AS
SELECT id, display_name AS name, name AS username, email, NULL::text AS locale, time_zone, active AS is_active,
       (seen AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced
  FROM jira_user WHERE site_id = :site;
COMMENT ON VIEW :"schema"."user" IS 'People.';
COMMENT ON COLUMN :"schema"."user".id IS 'Account id (Cloud), key or name (Data Center).';
COMMENT ON COLUMN :"schema"."user".name IS 'Name for people.';
COMMENT ON COLUMN :"schema"."user".username IS 'Login (Data Center).';
COMMENT ON COLUMN :"schema"."user".email IS 'E-mail address where Jira shows it.';
COMMENT ON COLUMN :"schema"."user".locale IS 'Always null: Jira does not tell.';
COMMENT ON COLUMN :"schema"."user".time_zone IS 'Time zone, as in Europe/Dublin.';
COMMENT ON COLUMN :"schema"."user".is_active IS 'The account is active.';
COMMENT ON COLUMN :"schema"."user"._fivetran_synced IS 'When the row was last loaded (UTC).';

CREATE OR REPLACE VIEW :"schema".version AS
SELECT id, name, description, project_id, start_date, release_date, released, archived,
       release_date < (now() AT TIME ZONE 'UTC')::date AND NOT coalesce(released, false) AS overdue,
       (seen AT TIME ZONE 'UTC')::timestamp AS _fivetran_synced
  FROM version WHERE site_id = :site;
COMMENT ON VIEW :"schema".version IS 'Versions of projects.';
COMMENT ON COLUMN :"schema".version.id IS 'Numeric id.';
COMMENT ON COLUMN :"schema".version.name IS 'Its name.';
COMMENT ON COLUMN :"schema".version.description IS 'What it is.';
COMMENT ON COLUMN :"schema".version.project_id IS 'Project: project.id.';
COMMENT ON COLUMN :"schema".version.start_date IS 'Day on which work on it began.';
COMMENT ON COLUMN :"schema".version.release_date IS 'Day of the release, also one to come.';
COMMENT ON COLUMN :"schema".version.released IS 'It is released.';
COMMENT ON COLUMN :"schema".version.archived IS 'It is archived.';
COMMENT ON COLUMN :"schema".version.overdue IS 'Its day has passed and it is not released.';
COMMENT ON COLUMN :"schema".version._fivetran_synced IS 'When the row was last loaded (UTC).';
