-- Views on jiraduct's warehouse, for PostgreSQL. `jiraduct warehouse init` and `migrate` make them;
-- by hand: first schema.sql, then this. Views of one's own on top of them stay: a column keeps its
-- name, its place and its type.
--
-- Each row tells its project, so that a condition on project_id or project_key reaches the tables.
-- Days and weeks are those of UTC; a week is named by its Monday. What lasts, lasts until now().

CREATE OR REPLACE VIEW status_interval AS
SELECT h.site_id, h.project_id, h.project_key, h.issue_id, h.issue_key, h.issue_type_id, h.status_id,
       coalesce(s.name, h.status) AS status,
       coalesce(c.key, (SELECT nc.key FROM status AS ns
                          JOIN status_category AS nc ON nc.site_id = ns.site_id AND nc.id = ns.category_id
                         WHERE ns.site_id = h.site_id AND ns.name = h.status ORDER BY ns.id LIMIT 1)) AS status_category,
       h.began, h.ended,
       round(greatest(0, extract(epoch FROM coalesce(h.ended, now()) - h.began))::numeric, 3)::double precision AS seconds,
       h.changelog_id
  FROM (SELECT w.site_id, w.project_id, w.project_key, w.issue_id, w.issue_key, w.issue_type_id,
               CASE WHEN k.part = 2 OR w.at IS NULL THEN w.status_id
                    ELSE coalesce(CASE WHEN v.id ~ '^[0-9]{1,18}$' THEN v.id::bigint END,
                                  (SELECT min(n.id) FROM status AS n WHERE n.site_id = w.site_id AND n.name = v.name))
               END AS status_id,
               v.name AS status,
               CASE k.part WHEN 0 THEN least(w.created, w.at) WHEN 1 THEN w.at ELSE w.since END AS began,
               CASE k.part WHEN 0 THEN w.at WHEN 1 THEN coalesce(w.next_at, w.since) END AS ended,
               CASE k.part WHEN 1 THEN w.changelog_id END AS changelog_id
          FROM (SELECT l.*,
                       -- where the last change leads to another status than the one it has: since when, nobody knows better
                       CASE WHEN l.at IS NULL OR l.next_at IS NOT NULL OR l.status_id IS NULL
                              OR coalesce(l.to_value = l.status_id::text, l.to_text = (
                                   SELECT n.name FROM status AS n WHERE n.site_id = l.site_id AND n.id = l.status_id)) THEN NULL
                            WHEN l.status_category_changed > l.at THEN l.status_category_changed
                            ELSE greatest(l.at, l.updated) END AS since
                  FROM (SELECT i.site_id, i.project_id, p.key AS project_key, i.id AS issue_id, i.key AS issue_key, i.issue_type_id,
                               i.status_id, i.created, i.updated, i.status_category_changed,
                               t.created AS at, t.changelog_id, t.from_value, t.from_text, t.to_value, t.to_text,
                               lead(t.created) OVER w AS next_at, row_number() OVER w AS nth
                          FROM issue AS i
                          JOIN project AS p ON p.site_id = i.site_id AND p.id = i.project_id
                          LEFT JOIN changelog_item AS t ON t.site_id = i.site_id AND t.issue_id = i.id AND t.field = 'status'
                                                       AND t.created IS NOT NULL
                        WINDOW w AS (PARTITION BY i.site_id, i.project_id, p.key, i.id, i.key
                                         ORDER BY t.created, t.changelog_id, t.position)) AS l) AS w
         -- 0: what it was created with, 1: a change, 2: what it is now, where the changes lead elsewhere
         CROSS JOIN (VALUES (0), (1), (2)) AS k (part)
         CROSS JOIN LATERAL (SELECT CASE k.part WHEN 0 THEN w.from_value WHEN 1 THEN w.to_value END AS id,
                                    CASE k.part WHEN 0 THEN w.from_text WHEN 1 THEN w.to_text END AS name) AS v
         WHERE CASE k.part WHEN 0 THEN w.nth = 1 AND (w.at IS NOT NULL OR w.status_id IS NOT NULL)
                           WHEN 1 THEN w.at IS NOT NULL
                           ELSE w.since IS NOT NULL END) AS h
  LEFT JOIN status AS s ON s.site_id = h.site_id AND s.id = h.status_id
  LEFT JOIN status_category AS c ON c.site_id = s.site_id AND c.id = s.category_id;
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
       round(sum(seconds)::numeric, 3)::double precision AS seconds, count(*) AS visits,
       min(began) AS first_entered, max(began) AS last_entered, bool_or(ended IS NULL) AS is_current
  FROM status_interval
 GROUP BY site_id, project_id, project_key, issue_id, issue_key, issue_type_id, status_id, status, status_category;
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
            THEN round(extract(epoch FROM s.finished - s.started)::numeric, 3)::double precision END AS seconds,
       s.is_done
  FROM (SELECT site_id, project_id, project_key, issue_id, issue_key, issue_type_id,
               min(began) FILTER (WHERE status_category = 'indeterminate') AS started,
               -- the last entry into done: where the last time that it was not done ended
               CASE WHEN bool_or(ended IS NULL AND status_category = 'done')
                    THEN coalesce(max(ended) FILTER (WHERE status_category IS DISTINCT FROM 'done'), min(began)) END AS finished,
               coalesce(bool_or(ended IS NULL AND status_category = 'done'), false) AS is_done
          FROM status_interval
         GROUP BY site_id, project_id, project_key, issue_id, issue_key, issue_type_id) AS s
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
       round(greatest(0, extract(epoch FROM i.resolved - i.created))::numeric, 3)::double precision AS seconds
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
SELECT p.site_id, p.id AS project_id, p.key AS project_key, r.day + n.more AS day, r.status_id, r.status, r.status_category, r.issues
  FROM project AS p
 CROSS JOIN LATERAL (
    SELECT e.status_id, e.status, e.status_category, e.day, (sum(sum(e.delta)) OVER w)::bigint AS issues, lead(e.day) OVER w AS next_day
      FROM (SELECT s.status_id, s.status, s.status_category, (v.at AT TIME ZONE 'UTC')::date AS day, v.delta
              FROM status_interval AS s
             CROSS JOIN LATERAL (VALUES (s.began, 1), (s.ended, -1)) AS v (at, delta)
             WHERE s.site_id = p.site_id AND s.project_id = p.id AND v.at IS NOT NULL) AS e
     GROUP BY e.status_id, e.status, e.status_category, e.day
    WINDOW w AS (PARTITION BY e.status_id, e.status, e.status_category ORDER BY e.day)
 ) AS r
 CROSS JOIN LATERAL generate_series(0, least(r.next_day, (now() AT TIME ZONE 'UTC')::date + 1) - r.day - 1) AS n (more);
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
       round(greatest(0, extract(epoch FROM now() - i.created))::numeric, 3)::double precision AS seconds
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
 WHERE t.created IS NOT NULL
   AND coalesce(fc.key, (SELECT nc.key FROM status AS ns
                           JOIN status_category AS nc ON nc.site_id = ns.site_id AND nc.id = ns.category_id
                          WHERE ns.site_id = i.site_id AND ns.name = t.from_text ORDER BY ns.id LIMIT 1)) = 'done'
   AND coalesce(sc.key, (SELECT nc.key FROM status AS ns
                           JOIN status_category AS nc ON nc.site_id = ns.site_id AND nc.id = ns.category_id
                          WHERE ns.site_id = i.site_id AND ns.name = t.to_text ORDER BY ns.id LIMIT 1)) IS DISTINCT FROM 'done';
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
