-- Views on jiraduct's warehouse, for PostgreSQL. `jiraduct warehouse init` and `migrate` make them;
-- by hand: first schema.sql, then this. Views of one's own on top of them stay: a column keeps its
-- name, its place and its type.
--
-- Each row tells its project, so that a condition on project_id or project_key reaches the tables.
-- Days and weeks are those of UTC; a week is named by its Monday. What lasts, lasts until now().

CREATE OR REPLACE VIEW status_interval AS
SELECT i.site_id, i.project_id, p.key AS project_key, i.id AS issue_id, i.key AS issue_key, i.issue_type_id,
       coalesce(t.status_id, n.id) AS status_id, coalesce(s.name, t.status) AS status, coalesce(c.key, n.category) AS status_category,
       t.began, t.ended, greatest(0, date_part('epoch', coalesce(t.ended, now()) - t.began)) AS seconds, t.changelog_id
  FROM issue AS i
  JOIN project AS p ON p.site_id = i.site_id AND p.id = i.project_id
  JOIN issue_status AS t ON t.site_id = i.site_id AND t.issue_id = i.id
  LEFT JOIN status AS s ON s.site_id = t.site_id AND s.id = t.status_id
  LEFT JOIN status_category AS c ON c.site_id = s.site_id AND c.id = s.category_id
  -- a changelog that has names only, or a status that was deleted and made anew
  LEFT JOIN (SELECT DISTINCT ON (x.site_id, x.name) x.site_id, x.name, x.id, y.key AS category
               FROM status AS x
               LEFT JOIN status_category AS y ON y.site_id = x.site_id AND y.id = x.category_id
              ORDER BY x.site_id, x.name, x.id) AS n ON n.site_id = t.site_id AND n.name = t.status;
COMMENT ON VIEW status_interval IS 'Which status each issue had, from when to when: the changelog and the current state together, so that an issue that never changed has one row. A status that the changelog does not lead to begins when the issue was last changed.';
COMMENT ON COLUMN status_interval.site_id IS 'Site: site.id.';
COMMENT ON COLUMN status_interval.project_id IS 'Project that the issue is in now: project.id.';
COMMENT ON COLUMN status_interval.project_key IS 'Key of that project.';
COMMENT ON COLUMN status_interval.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN status_interval.issue_key IS 'Key of the issue as it is now.';
COMMENT ON COLUMN status_interval.issue_type_id IS 'Type: issue_type.id.';
COMMENT ON COLUMN status_interval.status_id IS 'Status: status.id, also of one that was deleted; null where only a name is known.';
COMMENT ON COLUMN status_interval.status IS 'Name of the status: as it is now, or as the changelog tells where there is none any more.';
COMMENT ON COLUMN status_interval.status_category IS 'new, indeterminate or done; null where nobody knows (a status that was deleted).';
COMMENT ON COLUMN status_interval.began IS 'From when.';
COMMENT ON COLUMN status_interval.ended IS 'Until when; null: it has it still.';
COMMENT ON COLUMN status_interval.seconds IS 'How long, so far where it lasts.';
COMMENT ON COLUMN status_interval.changelog_id IS 'Change that brought it: changelog.id; null where there is none.';

CREATE OR REPLACE VIEW time_in_status AS
SELECT site_id, project_id, project_key, issue_id, issue_key, issue_type_id, status_id, status, status_category,
       round(sum(seconds) * 1000) / 1000 AS seconds, count(*) AS visits,
       min(began) AS first_entered, max(began) AS last_entered, bool_or(ended IS NULL) AS is_current
  FROM status_interval
 -- the id of the issue first: what is sorted differs there
 GROUP BY issue_id, status_id, site_id, project_id, project_key, issue_key, issue_type_id, status, status_category;
COMMENT ON VIEW time_in_status IS 'How long each issue was in each status, all visits together.';
COMMENT ON COLUMN time_in_status.site_id IS 'Site: site.id.';
COMMENT ON COLUMN time_in_status.project_id IS 'Project that the issue is in now: project.id.';
COMMENT ON COLUMN time_in_status.project_key IS 'Key of that project.';
COMMENT ON COLUMN time_in_status.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN time_in_status.issue_key IS 'Key of the issue as it is now.';
COMMENT ON COLUMN time_in_status.issue_type_id IS 'Type: issue_type.id.';
COMMENT ON COLUMN time_in_status.status_id IS 'Status: status.id, also of one that was deleted; null where only a name is known.';
COMMENT ON COLUMN time_in_status.status IS 'Name of the status: as it is now, or as the changelog tells where there is none any more.';
COMMENT ON COLUMN time_in_status.status_category IS 'new, indeterminate or done; null where nobody knows (a status that was deleted).';
COMMENT ON COLUMN time_in_status.seconds IS 'How long altogether, so far where it lasts.';
COMMENT ON COLUMN time_in_status.visits IS 'How often it came into this status.';
COMMENT ON COLUMN time_in_status.first_entered IS 'When it first came into it.';
COMMENT ON COLUMN time_in_status.last_entered IS 'When it last came into it.';
COMMENT ON COLUMN time_in_status.is_current IS 'Whether it is in this status now.';

CREATE OR REPLACE VIEW cycle_time AS
SELECT s.site_id, s.project_id, s.project_key, s.issue_id, s.issue_key, s.issue_type_id, t.name AS issue_type, s.started, s.finished,
       CASE WHEN s.started <= s.finished
            THEN date_part('epoch', s.finished - s.started) END AS seconds,
       s.is_done
  FROM (SELECT site_id, project_id, project_key, issue_id, issue_key, issue_type_id,
               min(began) FILTER (WHERE status_category = 'indeterminate') AS started,
               -- the last entry into done: where the last time that it was not done ended
               CASE WHEN bool_or(ended IS NULL AND status_category = 'done')
                    THEN coalesce(max(ended) FILTER (WHERE status_category IS DISTINCT FROM 'done'), min(began)) END AS finished,
               coalesce(bool_or(ended IS NULL AND status_category = 'done'), false) AS is_done
          FROM status_interval
         GROUP BY issue_id, site_id, project_id, project_key, issue_key, issue_type_id) AS s
  LEFT JOIN issue_type AS t ON t.site_id = s.site_id AND t.id = s.issue_type_id;
COMMENT ON VIEW cycle_time IS 'From the first time that work began on an issue (a status in progress) to the last time that it was done. Null while it is not, as after it was reopened.';
COMMENT ON COLUMN cycle_time.site_id IS 'Site: site.id.';
COMMENT ON COLUMN cycle_time.project_id IS 'Project that the issue is in now: project.id.';
COMMENT ON COLUMN cycle_time.project_key IS 'Key of that project.';
COMMENT ON COLUMN cycle_time.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN cycle_time.issue_key IS 'Key of the issue as it is now.';
COMMENT ON COLUMN cycle_time.issue_type_id IS 'Type: issue_type.id.';
COMMENT ON COLUMN cycle_time.issue_type IS 'Name of the type.';
COMMENT ON COLUMN cycle_time.started IS 'When it first came into a status in progress; null: never.';
COMMENT ON COLUMN cycle_time.finished IS 'When it last came into a status that is done, from one that is not; null while it is not done.';
COMMENT ON COLUMN cycle_time.seconds IS 'From started to finished; null where one of them is.';
COMMENT ON COLUMN cycle_time.is_done IS 'Whether its status is a done one now.';

CREATE OR REPLACE VIEW lead_time AS
SELECT i.site_id, i.project_id, p.key AS project_key, i.id AS issue_id, i.key AS issue_key, i.issue_type_id, t.name AS issue_type,
       i.created, i.resolved, r.name AS resolution,
       greatest(0, date_part('epoch', i.resolved - i.created)) AS seconds
  FROM issue AS i
  JOIN project AS p ON p.site_id = i.site_id AND p.id = i.project_id
  LEFT JOIN issue_type AS t ON t.site_id = i.site_id AND t.id = i.issue_type_id
  LEFT JOIN resolution AS r ON r.site_id = i.site_id AND r.id = i.resolution_id
 WHERE i.resolved IS NOT NULL;
COMMENT ON VIEW lead_time IS 'From creation to resolution: issues that have one.';
COMMENT ON COLUMN lead_time.site_id IS 'Site: site.id.';
COMMENT ON COLUMN lead_time.project_id IS 'Project that the issue is in now: project.id.';
COMMENT ON COLUMN lead_time.project_key IS 'Key of that project.';
COMMENT ON COLUMN lead_time.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN lead_time.issue_key IS 'Key of the issue as it is now.';
COMMENT ON COLUMN lead_time.issue_type_id IS 'Type: issue_type.id.';
COMMENT ON COLUMN lead_time.issue_type IS 'Name of the type.';
COMMENT ON COLUMN lead_time.created IS 'When the issue was created.';
COMMENT ON COLUMN lead_time.resolved IS 'When its resolution was set.';
COMMENT ON COLUMN lead_time.resolution IS 'Name of the resolution.';
COMMENT ON COLUMN lead_time.seconds IS 'From created to resolved.';

CREATE OR REPLACE VIEW throughput AS
SELECT i.site_id, i.project_id, p.key AS project_key, (i.resolved AT TIME ZONE 'UTC')::date AS day,
       date_trunc('week', i.resolved AT TIME ZONE 'UTC')::date AS week,
       i.issue_type_id, t.name AS issue_type, count(*) AS resolved
  FROM issue AS i
  JOIN project AS p ON p.site_id = i.site_id AND p.id = i.project_id
  LEFT JOIN issue_type AS t ON t.site_id = i.site_id AND t.id = i.issue_type_id
 WHERE i.resolved IS NOT NULL
 GROUP BY 1, 2, 3, 4, 5, 6, 7;
COMMENT ON VIEW throughput IS 'How many issues were resolved, by project, day and type; days without any have no row.';
COMMENT ON COLUMN throughput.site_id IS 'Site: site.id.';
COMMENT ON COLUMN throughput.project_id IS 'Project that the issues are in now: project.id.';
COMMENT ON COLUMN throughput.project_key IS 'Key of that project.';
COMMENT ON COLUMN throughput.day IS 'Day (UTC).';
COMMENT ON COLUMN throughput.week IS 'Monday of the week (UTC).';
COMMENT ON COLUMN throughput.issue_type_id IS 'Type: issue_type.id.';
COMMENT ON COLUMN throughput.issue_type IS 'Name of the type.';
COMMENT ON COLUMN throughput.resolved IS 'How many issues.';

CREATE OR REPLACE VIEW cumulative_flow AS
SELECT r.site_id, r.project_id, r.project_key, r.day + n.nth::integer - 1 AS day, r.status_id, r.status, r.status_category, r.issues
  FROM (SELECT e.site_id, e.project_id, e.project_key, e.status_id, e.status, e.status_category, e.day,
               (sum(e.delta) OVER w)::bigint AS issues, lead(e.day) OVER w AS next_day
          FROM (SELECT s.site_id, s.project_id, s.project_key, d.status_ref,
                       min(s.status_id) AS status_id, min(s.status) AS status, min(s.status_category) AS status_category,
                       d.day, sum(v.delta) AS delta
                  FROM status_interval AS s CROSS JOIN (VALUES (1), (-1)) AS v (delta)
                 -- OFFSET 0: the planner is to expect few groups, which fit into a hash, as it knows nothing of what they are made of
                 CROSS JOIN LATERAL (SELECT (CASE v.delta WHEN 1 THEN s.began ELSE s.ended END AT TIME ZONE 'UTC')::date AS day,
                                            coalesce(s.status_id::text, '?' || s.status) AS status_ref OFFSET 0) AS d
                 WHERE v.delta = 1 OR s.ended IS NOT NULL
                 GROUP BY d.day, d.status_ref, s.site_id, s.project_id, s.project_key) AS e
        WINDOW w AS (PARTITION BY e.site_id, e.project_id, e.project_key, e.status_ref ORDER BY e.day)) AS r
 -- a row for each day until the next change, today at most; of generate_series the planner expects too much
 CROSS JOIN LATERAL unnest(array_fill(0, ARRAY[greatest(0, least(r.next_day, (now() AT TIME ZONE 'UTC')::date + 1) - r.day)]))
       WITH ORDINALITY AS n (nothing, nth);
COMMENT ON VIEW cumulative_flow IS 'How many issues were in each status at the end of each day, from the first time that the project had one in it until today.';
COMMENT ON COLUMN cumulative_flow.site_id IS 'Site: site.id.';
COMMENT ON COLUMN cumulative_flow.project_id IS 'Project that the issues are in now: project.id.';
COMMENT ON COLUMN cumulative_flow.project_key IS 'Key of that project.';
COMMENT ON COLUMN cumulative_flow.day IS 'Day (UTC).';
COMMENT ON COLUMN cumulative_flow.status_id IS 'Status: status.id, also of one that was deleted; null where only a name is known.';
COMMENT ON COLUMN cumulative_flow.status IS 'Name of the status: as it is now, or as the changelog tells where there is none any more.';
COMMENT ON COLUMN cumulative_flow.status_category IS 'new, indeterminate or done; null where nobody knows (a status that was deleted).';
COMMENT ON COLUMN cumulative_flow.issues IS 'How many issues; today: so far.';

CREATE OR REPLACE VIEW open_age AS
SELECT i.site_id, i.project_id, p.key AS project_key, i.id AS issue_id, i.key AS issue_key, i.issue_type_id, t.name AS issue_type,
       i.status_id, s.name AS status, c.key AS status_category, y.name AS priority, i.assignee_id, i.created, i.updated,
       greatest(0, date_part('epoch', now() - i.created)) AS seconds
  FROM issue AS i
  JOIN project AS p ON p.site_id = i.site_id AND p.id = i.project_id
  LEFT JOIN issue_type AS t ON t.site_id = i.site_id AND t.id = i.issue_type_id
  LEFT JOIN priority AS y ON y.site_id = i.site_id AND y.id = i.priority_id
  LEFT JOIN status AS s ON s.site_id = i.site_id AND s.id = i.status_id
  LEFT JOIN status_category AS c ON c.site_id = s.site_id AND c.id = s.category_id
 WHERE i.resolved IS NULL AND c.key IS DISTINCT FROM 'done';
COMMENT ON VIEW open_age IS 'Issues that are neither resolved nor in a done status, and how old they are.';
COMMENT ON COLUMN open_age.site_id IS 'Site: site.id.';
COMMENT ON COLUMN open_age.project_id IS 'Project that the issue is in now: project.id.';
COMMENT ON COLUMN open_age.project_key IS 'Key of that project.';
COMMENT ON COLUMN open_age.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN open_age.issue_key IS 'Key of the issue as it is now.';
COMMENT ON COLUMN open_age.issue_type_id IS 'Type: issue_type.id.';
COMMENT ON COLUMN open_age.issue_type IS 'Name of the type.';
COMMENT ON COLUMN open_age.status_id IS 'Status: status.id.';
COMMENT ON COLUMN open_age.status IS 'Name of the status.';
COMMENT ON COLUMN open_age.status_category IS 'new, indeterminate or done; null where nobody knows (a status that was deleted).';
COMMENT ON COLUMN open_age.priority IS 'Name of the priority.';
COMMENT ON COLUMN open_age.assignee_id IS 'Assignee: jira_user.id; null for nobody.';
COMMENT ON COLUMN open_age.created IS 'When the issue was created.';
COMMENT ON COLUMN open_age.updated IS 'When it was last changed.';
COMMENT ON COLUMN open_age.seconds IS 'Since it was created.';

CREATE OR REPLACE VIEW reopened AS
SELECT i.site_id, i.project_id, p.key AS project_key, i.id AS issue_id, i.key AS issue_key, i.issue_type_id, t.created AS reopened,
       coalesce(f.name, t.from_text) AS from_status, coalesce(s.name, t.to_text) AS to_status, l.author_id, t.changelog_id
  FROM issue AS i
  JOIN project AS p ON p.site_id = i.site_id AND p.id = i.project_id
  JOIN changelog_item AS t ON t.site_id = i.site_id AND t.issue_id = i.id AND t.field = 'status'
  LEFT JOIN changelog AS l ON l.site_id = t.site_id AND l.id = t.changelog_id
  LEFT JOIN status AS f ON f.site_id = i.site_id AND f.id::text = t.from_value
  LEFT JOIN status_category AS fc ON fc.site_id = f.site_id AND fc.id = f.category_id
  LEFT JOIN status AS s ON s.site_id = i.site_id AND s.id::text = t.to_value
  LEFT JOIN status_category AS sc ON sc.site_id = s.site_id AND sc.id = s.category_id
  LEFT JOIN (SELECT DISTINCT ON (x.site_id, x.name) x.site_id, x.name, y.key AS category
               FROM status AS x
               LEFT JOIN status_category AS y ON y.site_id = x.site_id AND y.id = x.category_id
              ORDER BY x.site_id, x.name, x.id) AS fn ON fn.site_id = i.site_id AND fn.name = t.from_text
  LEFT JOIN (SELECT DISTINCT ON (x.site_id, x.name) x.site_id, x.name, y.key AS category
               FROM status AS x
               LEFT JOIN status_category AS y ON y.site_id = x.site_id AND y.id = x.category_id
              ORDER BY x.site_id, x.name, x.id) AS sn ON sn.site_id = i.site_id AND sn.name = t.to_text
 WHERE t.created IS NOT NULL AND coalesce(fc.key, fn.category) = 'done' AND coalesce(sc.key, sn.category) IS DISTINCT FROM 'done';
COMMENT ON VIEW reopened IS 'Each time that an issue left the done statuses for another one.';
COMMENT ON COLUMN reopened.site_id IS 'Site: site.id.';
COMMENT ON COLUMN reopened.project_id IS 'Project that the issue is in now: project.id.';
COMMENT ON COLUMN reopened.project_key IS 'Key of that project.';
COMMENT ON COLUMN reopened.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN reopened.issue_key IS 'Key of the issue as it is now.';
COMMENT ON COLUMN reopened.issue_type_id IS 'Type: issue_type.id.';
COMMENT ON COLUMN reopened.reopened IS 'When.';
COMMENT ON COLUMN reopened.from_status IS 'Name of the done status that it left.';
COMMENT ON COLUMN reopened.to_status IS 'Name of the status that it came into.';
COMMENT ON COLUMN reopened.author_id IS 'Who did it: jira_user.id; null for Jira itself.';
COMMENT ON COLUMN reopened.changelog_id IS 'Change: changelog.id.';

CREATE OR REPLACE VIEW resolved_by_version AS
SELECT i.site_id, i.project_id, p.key AS project_key, v.id AS version_id, v.name AS version, v.released, v.release_date,
       i.issue_type_id, t.name AS issue_type, count(*) AS issues, count(i.resolved) AS resolved
  FROM issue AS i
  JOIN project AS p ON p.site_id = i.site_id AND p.id = i.project_id
  LEFT JOIN issue_type AS t ON t.site_id = i.site_id AND t.id = i.issue_type_id
  JOIN issue_fix_version AS f ON f.site_id = i.site_id AND f.issue_id = i.id
  JOIN version AS v ON v.site_id = f.site_id AND v.id = f.version_id
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
COMMENT ON VIEW resolved_by_version IS 'How many issues are to be fixed in each version, and how many of them are resolved, by type.';
COMMENT ON COLUMN resolved_by_version.site_id IS 'Site: site.id.';
COMMENT ON COLUMN resolved_by_version.project_id IS 'Project that the issues are in now: project.id.';
COMMENT ON COLUMN resolved_by_version.project_key IS 'Key of that project.';
COMMENT ON COLUMN resolved_by_version.version_id IS 'Version: version.id.';
COMMENT ON COLUMN resolved_by_version.version IS 'Name of the version.';
COMMENT ON COLUMN resolved_by_version.released IS 'Whether it is released.';
COMMENT ON COLUMN resolved_by_version.release_date IS 'Release date.';
COMMENT ON COLUMN resolved_by_version.issue_type_id IS 'Type: issue_type.id.';
COMMENT ON COLUMN resolved_by_version.issue_type IS 'Name of the type.';
COMMENT ON COLUMN resolved_by_version.issues IS 'How many issues.';
COMMENT ON COLUMN resolved_by_version.resolved IS 'How many of them are resolved.';

CREATE OR REPLACE VIEW field_interval AS
SELECT w.site_id, w.project_id, w.project_key, w.issue_id, w.issue_key, w.field,
       CASE WHEN v.now THEN w.value_id WHEN w.has_id THEN nullif(v.id, '') END AS value_id,
       CASE WHEN v.now THEN coalesce(n.name, w.value_text) WHEN w.has_id THEN nullif(v.text, '')
            ELSE coalesce(nullif(v.id, ''), nullif(v.text, '')) END AS value_text,
       CASE k.part WHEN 0 THEN least(w.created, w.at) ELSE w.at END AS began,
       CASE k.part WHEN 0 THEN w.at ELSE w.next_at END AS ended,
       CASE k.part WHEN 1 THEN w.changelog_id END AS changelog_id
  FROM (-- what every issue has, with the changes of it or one row without any
        SELECT i.site_id, i.project_id, p.key AS project_key, i.id AS issue_id, i.key AS issue_key, b.field, b.names, b.names <> '' AS has_id,
               CASE b.field WHEN 'status' THEN i.status_id::text WHEN 'assignee' THEN i.assignee_id WHEN 'reporter' THEN i.reporter_id
                            WHEN 'priority' THEN i.priority_id::text WHEN 'resolution' THEN i.resolution_id::text
                            WHEN 'issuetype' THEN i.issue_type_id::text WHEN 'project' THEN i.project_id::text END AS value_id,
               CASE b.field WHEN 'summary' THEN i.summary WHEN 'duedate' THEN i.due_date::text
                            WHEN 'timeoriginalestimate' THEN i.original_estimate::text
                            WHEN 'timeestimate' THEN i.remaining_estimate::text WHEN 'timespent' THEN i.time_spent::text
                            WHEN 'security' THEN i.security_level END AS value_text,
               i.created, t.created AS at, t.changelog_id, t.from_value, t.from_text, t.to_value, t.to_text,
               lead(t.created) OVER w AS next_at, row_number() OVER w AS nth
          FROM issue AS i
          JOIN project AS p ON p.site_id = i.site_id AND p.id = i.project_id
         CROSS JOIN (VALUES ('status', 'status'), ('assignee', 'user'), ('reporter', 'user'), ('priority', 'priority'),
                            ('resolution', 'resolution'), ('issuetype', 'issue_type'), ('project', 'project'), ('summary', ''),
                            ('duedate', ''), ('timeoriginalestimate', ''), ('timeestimate', ''), ('timespent', ''), ('security', 'security')
                    ) AS b (field, names)
          -- LIMIT, which is none: the planner takes issue and field for independent, and would expect ten times as many
          LEFT JOIN LATERAL (SELECT * FROM changelog_item AS c
                              WHERE c.site_id = i.site_id AND c.issue_id = i.id AND c.field = b.field
                                AND c.created IS NOT NULL LIMIT (SELECT NULL::bigint)) AS t ON true
        WINDOW w AS (PARTITION BY i.id, b.field, i.site_id, i.project_id, p.key, i.key
                         ORDER BY t.created, t.changelog_id, t.position)
        UNION ALL
        -- custom fields that have a value
        SELECT i.site_id, i.project_id, p.key, i.id, i.key, v.field_id, '', v.kind IN ('option', 'user'), v.value_id,
               coalesce(v.text_value, v.number_value::text), i.created, t.created, t.changelog_id, t.from_value, t.from_text,
               t.to_value, t.to_text, lead(t.created) OVER w, row_number() OVER w
          FROM issue AS i
          JOIN project AS p ON p.site_id = i.site_id AND p.id = i.project_id
          JOIN field_value AS v ON v.site_id = i.site_id AND v.issue_id = i.id AND v.position = 0 AND NOT v.is_list
          LEFT JOIN (SELECT f.site_id, f.id, f.changelog_name, count(*) OVER (PARTITION BY f.site_id, f.changelog_name) = 1 AS alone
                       FROM field AS f WHERE f.custom) AS f ON f.site_id = v.site_id AND f.id = v.field_id
          LEFT JOIN LATERAL (SELECT * FROM changelog_item AS c
                              WHERE c.site_id = i.site_id AND c.issue_id = i.id AND c.field = f.changelog_name AND c.created IS NOT NULL
                                AND c.field_type IS DISTINCT FROM 'jira' AND (c.field_id = f.id OR c.field_id IS NULL AND f.alone)
                              LIMIT (SELECT NULL::bigint)) AS t ON true
        WINDOW w AS (PARTITION BY i.id, v.field_id, i.site_id, i.project_id, p.key, i.key
                         ORDER BY t.created, t.changelog_id, t.position)
        UNION ALL
        -- custom fields that had one
        SELECT i.site_id, i.project_id, p.key, i.id, i.key, f.id, '', f.kind IN ('option', 'user'), NULL, NULL,
               i.created, t.created, t.changelog_id, t.from_value, t.from_text, t.to_value, t.to_text,
               lead(t.created) OVER w, row_number() OVER w
          FROM issue AS i
          JOIN project AS p ON p.site_id = i.site_id AND p.id = i.project_id
         -- from the index alone which fields were changed
         CROSS JOIN LATERAL (SELECT c.field, c.changelog_id, c.position FROM changelog_item AS c
                              WHERE c.site_id = i.site_id AND c.issue_id = i.id AND c.created IS NOT NULL LIMIT (SELECT NULL::bigint)) AS c
          JOIN (SELECT f.site_id, f.id, f.changelog_name, f.kind, count(*) OVER (PARTITION BY f.site_id, f.changelog_name) = 1 AS alone,
                       f.value_type = 'array' AS is_list
                  FROM field AS f WHERE f.custom) AS f ON f.site_id = i.site_id AND f.changelog_name = c.field
          JOIN changelog_item AS t ON t.site_id = i.site_id AND t.changelog_id = c.changelog_id AND t.position = c.position
                                  AND t.field_type IS DISTINCT FROM 'jira' AND (t.field_id = f.id OR t.field_id IS NULL AND f.alone)
         WHERE f.is_list IS NOT TRUE
           AND NOT EXISTS (SELECT FROM field_value AS v WHERE v.site_id = i.site_id AND v.issue_id = i.id AND v.field_id = f.id)
        WINDOW w AS (PARTITION BY i.id, f.id, i.site_id, i.project_id, p.key, i.key
                         ORDER BY t.created, t.changelog_id, t.position)) AS w
 CROSS JOIN (VALUES (0), (1)) AS k (part)
 CROSS JOIN LATERAL (SELECT CASE k.part WHEN 0 THEN w.from_value ELSE w.to_value END AS id,
                            CASE k.part WHEN 0 THEN w.from_text ELSE w.to_text END AS text,
                            CASE k.part WHEN 0 THEN w.at IS NULL ELSE w.next_at IS NULL END AS now) AS v
  LEFT JOIN (SELECT site_id, 'status' AS names, id::text, name FROM status
             UNION ALL SELECT site_id, 'user', id, display_name FROM jira_user
             UNION ALL SELECT site_id, 'priority', id::text, name FROM priority
             UNION ALL SELECT site_id, 'resolution', id::text, name FROM resolution
             UNION ALL SELECT site_id, 'issue_type', id::text, name FROM issue_type
             UNION ALL SELECT site_id, 'project', id::text, name FROM project
            ) AS n ON n.site_id = w.site_id AND n.names = w.names AND n.id = w.value_id
 WHERE CASE k.part WHEN 0 THEN w.nth = 1 ELSE w.at IS NOT NULL END;
COMMENT ON VIEW field_interval IS 'Which value each of an issue''s fields had, from when to when: the changelog and the current state together, so that a field that never changed has one row. Fields with one value: status, assignee, reporter, priority, resolution, issuetype, project, summary, duedate, timeoriginalestimate, timeestimate, timespent, security, and custom fields that are no lists.';
COMMENT ON COLUMN field_interval.site_id IS 'Site: site.id.';
COMMENT ON COLUMN field_interval.project_id IS 'Project that the issue is in now: project.id.';
COMMENT ON COLUMN field_interval.project_key IS 'Key of that project.';
COMMENT ON COLUMN field_interval.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN field_interval.issue_key IS 'Key of the issue as it is now.';
COMMENT ON COLUMN field_interval.field IS 'Id of the field, as Jira calls it: status, customfield_10001.';
COMMENT ON COLUMN field_interval.value_id IS 'Id of the value: of a status, a user and the like; null for none.';
COMMENT ON COLUMN field_interval.value_text IS 'Name of that, or the value itself; null for none.';
COMMENT ON COLUMN field_interval.began IS 'From when.';
COMMENT ON COLUMN field_interval.ended IS 'Until when; null: it is so still.';
COMMENT ON COLUMN field_interval.changelog_id IS 'Change that brought it: changelog.id; null where there is none.';

CREATE OR REPLACE VIEW sprint_issue AS
SELECT g.site_id, g.project_id, g.project_key, g.sprint_id, g.sprint, g.started, g.closed, g.issue_id, g.issue_key, g.issue_type_id,
       g.at_start, CASE WHEN NOT g.at_start THEN g.added END AS added, CASE WHEN NOT g.at_end THEN g.removed END AS removed,
       g.at_end AND coalesce(c.key, n.category) IS NOT DISTINCT FROM 'done' AS completed,
       g.at_end AND g.closed IS NOT NULL AND coalesce(c.key, n.category) IS DISTINCT FROM 'done' AS carried_over
  FROM (SELECT i.site_id, i.project_id, p.key AS project_key, s.id AS sprint_id, s.name AS sprint,
               coalesce(s.activated_date, s.start_date) AS started, s.complete_date AS closed,
               i.id AS issue_id, i.key AS issue_key, i.issue_type_id, i.status_id,
               bool_or((x.from_time IS NULL OR x.from_time <= coalesce(s.activated_date, s.start_date))
                       AND (x.to_time IS NULL OR x.to_time > coalesce(s.activated_date, s.start_date))) AS at_start,
               min(x.from_time) FILTER (WHERE x.from_time > coalesce(s.activated_date, s.start_date)
                                          AND (s.complete_date IS NULL OR x.from_time <= s.complete_date)) AS added,
               max(x.to_time) FILTER (WHERE x.to_time > coalesce(s.activated_date, s.start_date)) AS removed,
               bool_or((x.from_time IS NULL OR s.complete_date IS NULL OR x.from_time <= s.complete_date)
                       AND (x.to_time IS NULL OR coalesce(x.to_time >= s.complete_date, false))) AS at_end
          FROM issue AS i
          JOIN project AS p ON p.site_id = i.site_id AND p.id = i.project_id
          JOIN issue_sprint AS x ON x.site_id = i.site_id AND x.issue_id = i.id
          JOIN sprint AS s ON s.site_id = x.site_id AND s.id = x.sprint_id
         WHERE coalesce(s.activated_date, s.start_date) IS NOT NULL AND coalesce(s.state, '') <> 'future'
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) AS g
  -- the status that it had when the sprint was closed; OFFSET 0: looked up once, not for each status that it may be
 CROSS JOIN LATERAL (SELECT CASE WHEN g.closed IS NULL THEN g.status_id::text ELSE coalesce(
       (SELECT coalesce(nullif(t.to_value, ''), t.to_text) FROM changelog_item AS t
         WHERE t.site_id = g.site_id AND t.issue_id = g.issue_id AND t.field = 'status' AND t.created <= g.closed
         ORDER BY t.created DESC, t.changelog_id DESC, t.position DESC LIMIT 1),
       (SELECT coalesce(nullif(t.from_value, ''), t.from_text) FROM changelog_item AS t
         WHERE t.site_id = g.site_id AND t.issue_id = g.issue_id AND t.field = 'status' AND t.created > g.closed
         ORDER BY t.created, t.changelog_id, t.position LIMIT 1),
       g.status_id::text) END AS status OFFSET 0) AS h
  LEFT JOIN status AS s ON s.site_id = g.site_id AND s.id::text = h.status
  LEFT JOIN status_category AS c ON c.site_id = s.site_id AND c.id = s.category_id
  LEFT JOIN (SELECT DISTINCT ON (x.site_id, x.name) x.site_id, x.name, y.key AS category
               FROM status AS x
               LEFT JOIN status_category AS y ON y.site_id = x.site_id AND y.id = x.category_id
              ORDER BY x.site_id, x.name, x.id) AS n ON n.site_id = g.site_id AND n.name = h.status
 WHERE g.at_start OR g.added IS NOT NULL;
COMMENT ON VIEW sprint_issue IS 'Issues of sprints that have started: whether they were in from the start, came later, were taken out, were done or not when the sprint was closed; of an active one, as it is now.';
COMMENT ON COLUMN sprint_issue.site_id IS 'Site: site.id.';
COMMENT ON COLUMN sprint_issue.project_id IS 'Project that the issue is in now: project.id.';
COMMENT ON COLUMN sprint_issue.project_key IS 'Key of that project.';
COMMENT ON COLUMN sprint_issue.sprint_id IS 'Sprint: sprint.id.';
COMMENT ON COLUMN sprint_issue.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_issue.started IS 'When the sprint was started.';
COMMENT ON COLUMN sprint_issue.closed IS 'When it was closed; null while it is active.';
COMMENT ON COLUMN sprint_issue.issue_id IS 'Issue: issue.id.';
COMMENT ON COLUMN sprint_issue.issue_key IS 'Key of the issue as it is now.';
COMMENT ON COLUMN sprint_issue.issue_type_id IS 'Type: issue_type.id.';
COMMENT ON COLUMN sprint_issue.at_start IS 'Whether the issue was in it when it was started.';
COMMENT ON COLUMN sprint_issue.added IS 'When it was put in, where that was after the start.';
COMMENT ON COLUMN sprint_issue.removed IS 'When it was taken out, where that was before the end.';
COMMENT ON COLUMN sprint_issue.completed IS 'Whether it was in it, and its status a done one, when the sprint was closed; of an active one: now.';
COMMENT ON COLUMN sprint_issue.carried_over IS 'Whether it was in it, and not done, when the sprint was closed.';

CREATE OR REPLACE VIEW sprint_scope AS
SELECT site_id, project_id, project_key, sprint_id, sprint, started, closed,
       count(*) FILTER (WHERE at_start) AS at_start, count(added) AS added, count(removed) AS removed,
       count(*) FILTER (WHERE completed) AS completed, count(*) FILTER (WHERE carried_over) AS carried_over,
       count(*) - count(removed) AS at_close
  FROM sprint_issue
 GROUP BY 1, 2, 3, 4, 5, 6, 7;
COMMENT ON VIEW sprint_scope IS 'How many issues of each project each sprint had when it was started, and what became of them.';
COMMENT ON COLUMN sprint_scope.site_id IS 'Site: site.id.';
COMMENT ON COLUMN sprint_scope.project_id IS 'Project that the issues are in now: project.id.';
COMMENT ON COLUMN sprint_scope.project_key IS 'Key of that project.';
COMMENT ON COLUMN sprint_scope.sprint_id IS 'Sprint: sprint.id.';
COMMENT ON COLUMN sprint_scope.sprint IS 'Name of the sprint.';
COMMENT ON COLUMN sprint_scope.started IS 'When the sprint was started.';
COMMENT ON COLUMN sprint_scope.closed IS 'When it was closed; null while it is active.';
COMMENT ON COLUMN sprint_scope.at_start IS 'How many issues were in it when it was started.';
COMMENT ON COLUMN sprint_scope.added IS 'How many were put in after that.';
COMMENT ON COLUMN sprint_scope.removed IS 'How many were taken out before the end.';
COMMENT ON COLUMN sprint_scope.completed IS 'How many of those in it were done when it was closed; of an active one: are done.';
COMMENT ON COLUMN sprint_scope.carried_over IS 'How many were in it, and not done, when it was closed.';
COMMENT ON COLUMN sprint_scope.at_close IS 'How many were in it when it was closed; of an active one: are in it.';
