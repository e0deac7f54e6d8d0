-- Views on jiraduct's warehouse, for SQLite: the same as in views.sql, which says what they mean.
-- `jiraduct warehouse init` and `migrate` make them; by hand: first schema.sqlite.sql, then this.

-- CROSS JOIN: SQLite, which may know nothing of the tables, is to go from the issues to what they have. json_each: what a
-- correlated subquery finds is found once, and named.
CREATE VIEW status_interval AS
SELECT i.site_id, i.project_id, p.key AS project_key, i.id AS issue_id, i.key AS issue_key, i.issue_type_id,
       coalesce(t.status_id, (SELECT min(n.id) FROM status AS n WHERE n.site_id = t.site_id AND n.name = t.status)) AS status_id,
       coalesce(s.name, t.status) AS status,
       coalesce(c.key, (SELECT nc.key FROM status AS ns
                          JOIN status_category AS nc ON nc.site_id = ns.site_id AND nc.id = ns.category_id
                         WHERE ns.site_id = t.site_id AND ns.name = t.status ORDER BY ns.id LIMIT 1)) AS status_category,
       t.began, t.ended,
       CAST(max(0, julianday(coalesce(t.ended, 'now')) - julianday(t.began)) * 86400000 + 0.5 AS INTEGER) / 1000.0 AS seconds,
       t.changelog_id
  FROM project AS p
  CROSS JOIN issue AS i ON i.site_id = p.site_id AND i.project_id = p.id
  CROSS JOIN issue_status AS t ON t.site_id = i.site_id AND t.issue_id = i.id
  LEFT JOIN status AS s ON s.site_id = t.site_id AND s.id = t.status_id
  LEFT JOIN status_category AS c ON c.site_id = s.site_id AND c.id = s.category_id;

CREATE VIEW time_in_status AS
SELECT site_id, project_id, project_key, issue_id, issue_key, issue_type_id, status_id, status, status_category,
       CAST(sum(seconds) * 1000 + 0.5 AS INTEGER) / 1000.0 AS seconds, count(*) AS visits,
       min(began) AS first_entered, max(began) AS last_entered, max(ended IS NULL) AS is_current
  FROM status_interval
 -- the id of the issue first: what is sorted differs there
 GROUP BY issue_id, status_id, status, status_category, site_id, project_id, project_key, issue_key, issue_type_id;

CREATE VIEW cycle_time AS
SELECT s.site_id, s.project_id, s.project_key, s.issue_id, s.issue_key, s.issue_type_id, t.name AS issue_type, s.started, s.finished,
       CASE WHEN s.started <= s.finished THEN round((julianday(s.finished) - julianday(s.started)) * 86400, 3) END AS seconds,
       s.is_done
  FROM (SELECT site_id, project_id, project_key, issue_id, issue_key, issue_type_id,
               min(began) FILTER (WHERE status_category = 'indeterminate') AS started,
               -- the last entry into done: where the last time that it was not done ended
               CASE WHEN max(ended IS NULL AND status_category = 'done')
                    THEN coalesce(max(ended) FILTER (WHERE status_category IS NOT 'done'), min(began)) END AS finished,
               coalesce(max(ended IS NULL AND status_category = 'done'), 0) AS is_done
          FROM status_interval
         GROUP BY issue_id, site_id, project_id, project_key, issue_key, issue_type_id) AS s
  LEFT JOIN issue_type AS t ON t.site_id = s.site_id AND t.id = s.issue_type_id;

CREATE VIEW lead_time AS
SELECT i.site_id, i.project_id, p.key AS project_key, i.id AS issue_id, i.key AS issue_key, i.issue_type_id, t.name AS issue_type,
       i.created, i.resolved, r.name AS resolution,
       round(max(0, (julianday(i.resolved) - julianday(i.created)) * 86400), 3) AS seconds
  FROM project AS p
  CROSS JOIN issue AS i ON i.site_id = p.site_id AND i.project_id = p.id
  LEFT JOIN issue_type AS t ON t.site_id = i.site_id AND t.id = i.issue_type_id
  LEFT JOIN resolution AS r ON r.site_id = i.site_id AND r.id = i.resolution_id
 WHERE i.resolved IS NOT NULL;

CREATE VIEW throughput AS
SELECT i.site_id, i.project_id, p.key AS project_key, date(i.resolved) AS day, date(i.resolved, 'weekday 0', '-6 days') AS week,
       i.issue_type_id, t.name AS issue_type, count(*) AS resolved
  FROM project AS p
  CROSS JOIN issue AS i ON i.site_id = p.site_id AND i.project_id = p.id
  LEFT JOIN issue_type AS t ON t.site_id = i.site_id AND t.id = i.issue_type_id
 WHERE i.resolved IS NOT NULL
 GROUP BY 1, 2, 3, 4, 5, 6, 7;

-- Project by project, so that little has to be sorted: each one's days as JSON. Days are Julian ones until they are shown.
CREATE VIEW cumulative_flow AS
SELECT p.site_id, p.id AS project_id, p.key AS project_key, date((r.value ->> 0) + n.key) AS day,
       r.value ->> 2 AS status_id, r.value ->> 3 AS status, r.value ->> 4 AS status_category, r.value ->> 5 AS issues
  FROM project AS p
  CROSS JOIN json_each((
       SELECT json_group_array(json_array(f.day, f.next_day, f.status_id, f.status, f.status_category, f.issues))
         FROM (SELECT e.*, sum(e.delta) OVER w AS issues, lead(e.day) OVER w AS next_day
                 FROM (SELECT CAST(julianday(CASE d.delta WHEN 1 THEN s.began ELSE s.ended END) + 0.5 AS INTEGER) AS day, s.status_id,
                              min(s.status) AS status, min(s.status_category) AS status_category, sum(d.delta) AS delta
                         FROM status_interval AS s CROSS JOIN (SELECT 1 AS delta UNION ALL SELECT -1) AS d
                        WHERE s.site_id = p.site_id AND s.project_id = p.id AND (d.delta = 1 OR s.ended IS NOT NULL)
                        GROUP BY 1, s.status_id, CASE WHEN s.status_id IS NULL THEN s.status END) AS e
               WINDOW w AS (PARTITION BY coalesce(e.status_id, '?' || e.status) ORDER BY e.day)) AS f)) AS r
  -- as many entries as there are days until the next change, today at most: "[0,0,0]"
  CROSS JOIN json_each('[' || substr(replace(hex(zeroblob(max(0,
       min(coalesce(r.value ->> 1, 9999999), CAST(julianday('now') + 1.5 AS INTEGER)) - (r.value ->> 0)))), '00', ',0'), 2) || ']') AS n;

CREATE VIEW open_age AS
SELECT i.site_id, i.project_id, p.key AS project_key, i.id AS issue_id, i.key AS issue_key, i.issue_type_id, t.name AS issue_type,
       i.status_id, s.name AS status, c.key AS status_category, y.name AS priority, i.assignee_id, i.created, i.updated,
       round(max(0, (julianday('now') - julianday(i.created)) * 86400), 3) AS seconds
  FROM project AS p
  CROSS JOIN issue AS i ON i.site_id = p.site_id AND i.project_id = p.id
  LEFT JOIN issue_type AS t ON t.site_id = i.site_id AND t.id = i.issue_type_id
  LEFT JOIN priority AS y ON y.site_id = i.site_id AND y.id = i.priority_id
  LEFT JOIN status AS s ON s.site_id = i.site_id AND s.id = i.status_id
  LEFT JOIN status_category AS c ON c.site_id = s.site_id AND c.id = s.category_id
 WHERE i.resolved IS NULL AND c.key IS NOT 'done';

CREATE VIEW reopened AS
SELECT i.site_id, i.project_id, p.key AS project_key, i.id AS issue_id, i.key AS issue_key, i.issue_type_id, t.created AS reopened,
       coalesce(f.name, t.from_text) AS from_status, coalesce(s.name, t.to_text) AS to_status, l.author_id, t.changelog_id
  FROM project AS p
  CROSS JOIN issue AS i ON i.site_id = p.site_id AND i.project_id = p.id
  CROSS JOIN changelog_item AS t ON t.site_id = i.site_id AND t.issue_id = i.id AND t.field = 'status'
  LEFT JOIN changelog AS l ON l.site_id = t.site_id AND l.id = t.changelog_id
  LEFT JOIN status AS f ON f.site_id = i.site_id AND f.id = CAST(t.from_value AS INTEGER)
  LEFT JOIN status_category AS fc ON fc.site_id = f.site_id AND fc.id = f.category_id
  LEFT JOIN status AS s ON s.site_id = i.site_id AND s.id = CAST(t.to_value AS INTEGER)
  LEFT JOIN status_category AS sc ON sc.site_id = s.site_id AND sc.id = s.category_id
 WHERE t.created IS NOT NULL
   AND coalesce(fc.key, (SELECT nc.key FROM status AS ns
                          JOIN status_category AS nc ON nc.site_id = ns.site_id AND nc.id = ns.category_id
                         WHERE ns.site_id = i.site_id AND ns.name = t.from_text ORDER BY ns.id LIMIT 1)) = 'done'
   AND coalesce(sc.key, (SELECT nc.key FROM status AS ns
                          JOIN status_category AS nc ON nc.site_id = ns.site_id AND nc.id = ns.category_id
                         WHERE ns.site_id = i.site_id AND ns.name = t.to_text ORDER BY ns.id LIMIT 1)) IS NOT 'done';

CREATE VIEW resolved_by_version AS
SELECT i.site_id, i.project_id, p.key AS project_key, v.id AS version_id, v.name AS version, v.released, v.release_date,
       i.issue_type_id, t.name AS issue_type, count(*) AS issues, count(i.resolved) AS resolved
  FROM project AS p
  CROSS JOIN issue AS i ON i.site_id = p.site_id AND i.project_id = p.id
  LEFT JOIN issue_type AS t ON t.site_id = i.site_id AND t.id = i.issue_type_id
  CROSS JOIN issue_fix_version AS f ON f.site_id = i.site_id AND f.issue_id = i.id
  CROSS JOIN version AS v ON v.site_id = f.site_id AND v.id = f.version_id
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;

CREATE VIEW field_interval AS
SELECT w.site_id, w.project_id, w.project_key, w.issue_id, w.issue_key, w.field,
       CASE WHEN w.part = 0 AND w.at IS NOT NULL THEN CASE WHEN w.has_id THEN nullif(w.from_value, '') END
            WHEN w.part = 1 AND w.next_at IS NOT NULL THEN CASE WHEN w.has_id THEN nullif(w.to_value, '') END
            ELSE w.value_id END AS value_id,
       CASE WHEN w.part = 0 AND w.at IS NOT NULL
            THEN coalesce(CASE WHEN NOT w.has_id THEN nullif(w.from_value, '') END, nullif(w.from_text, ''))
            WHEN w.part = 1 AND w.next_at IS NOT NULL
            THEN coalesce(CASE WHEN NOT w.has_id THEN nullif(w.to_value, '') END, nullif(w.to_text, ''))
            ELSE coalesce(CASE w.names
                 WHEN 'status' THEN (SELECT n.name FROM status AS n WHERE n.site_id = w.site_id AND n.id = w.value_id)
                 WHEN 'user' THEN (SELECT n.display_name FROM jira_user AS n WHERE n.site_id = w.site_id AND n.id = w.value_id)
                 WHEN 'priority' THEN (SELECT n.name FROM priority AS n WHERE n.site_id = w.site_id AND n.id = w.value_id)
                 WHEN 'resolution' THEN (SELECT n.name FROM resolution AS n WHERE n.site_id = w.site_id AND n.id = w.value_id)
                 WHEN 'issue_type' THEN (SELECT n.name FROM issue_type AS n WHERE n.site_id = w.site_id AND n.id = w.value_id)
                 WHEN 'project' THEN (SELECT n.name FROM project AS n WHERE n.site_id = w.site_id AND n.id = w.value_id)
                 END, w.value_text) END AS value_text,
       CASE w.part WHEN 0 THEN min(w.created, coalesce(w.at, w.created)) ELSE w.at END AS began,
       CASE w.part WHEN 0 THEN w.at ELSE w.next_at END AS ended,
       CASE w.part WHEN 1 THEN w.changelog_id END AS changelog_id
  FROM (-- what every issue has, with the changes of it or one row without any
        SELECT i.site_id, i.project_id, p.key AS project_key, i.id AS issue_id, i.key AS issue_key, b.field, b.names, k.part, b.names <> '' AS has_id,
               CASE b.field WHEN 'status' THEN CAST(i.status_id AS TEXT) WHEN 'assignee' THEN i.assignee_id
                            WHEN 'reporter' THEN i.reporter_id WHEN 'priority' THEN CAST(i.priority_id AS TEXT)
                            WHEN 'resolution' THEN CAST(i.resolution_id AS TEXT) WHEN 'issuetype' THEN CAST(i.issue_type_id AS TEXT)
                            WHEN 'project' THEN CAST(i.project_id AS TEXT) END AS value_id,
               CASE b.field WHEN 'summary' THEN i.summary WHEN 'duedate' THEN i.due_date
                            WHEN 'timeoriginalestimate' THEN CAST(i.original_estimate AS TEXT)
                            WHEN 'timeestimate' THEN CAST(i.remaining_estimate AS TEXT)
                            WHEN 'timespent' THEN CAST(i.time_spent AS TEXT) WHEN 'security' THEN i.security_level END AS value_text,
               i.created, t.created AS at, t.changelog_id, t.from_value, t.from_text, t.to_value, t.to_text, n.value AS next_at
          FROM project AS p
          CROSS JOIN (SELECT 'status' AS field, 'status' AS names UNION ALL SELECT 'assignee', 'user' UNION ALL SELECT 'reporter', 'user'
                UNION ALL SELECT 'priority', 'priority' UNION ALL SELECT 'resolution', 'resolution'
                UNION ALL SELECT 'issuetype', 'issue_type' UNION ALL SELECT 'project', 'project' UNION ALL SELECT 'summary', ''
                UNION ALL SELECT 'duedate', '' UNION ALL SELECT 'timeoriginalestimate', '' UNION ALL SELECT 'timeestimate', ''
                UNION ALL SELECT 'timespent', '' UNION ALL SELECT 'security', 'security') AS b
          CROSS JOIN issue AS i ON i.site_id = p.site_id AND i.project_id = p.id
          -- the first change, and when the next one was
          CROSS JOIN json_each(json_array((SELECT n.rowid FROM changelog_item AS n
                                            WHERE n.site_id = i.site_id AND n.issue_id = i.id AND n.field = b.field AND n.created IS NOT NULL
                                            ORDER BY n.created, n.changelog_id, n.position LIMIT 1))) AS first
          LEFT JOIN changelog_item AS t ON t.site_id = i.site_id AND t.issue_id = i.id AND t.field = b.field AND t.created IS NOT NULL
          CROSS JOIN json_each(json_array((SELECT n.created FROM changelog_item AS n
                                            WHERE n.site_id = t.site_id AND n.issue_id = t.issue_id AND n.field = t.field
                                              AND n.created >= t.created
                                              AND (n.created, n.changelog_id, n.position) > (t.created, t.changelog_id, t.position)
                                            ORDER BY n.created, n.changelog_id, n.position LIMIT 1))) AS n
          CROSS JOIN (SELECT 0 AS part UNION ALL SELECT 1) AS k
             ON CASE k.part WHEN 0 THEN t.rowid IS first.value ELSE t.created IS NOT NULL END
        UNION ALL
        -- custom fields that have a value
        SELECT i.site_id, i.project_id, p.key, i.id, i.key, v.field_id, '', k.part, v.kind IN ('option', 'user'), v.value_id,
               coalesce(v.text_value, printf('%.15g', v.number_value)), i.created, t.created, t.changelog_id, t.from_value, t.from_text,
               t.to_value, t.to_text,
               CASE k.part WHEN 1 THEN (SELECT n.created FROM changelog_item AS n
                                         WHERE n.site_id = t.site_id AND n.issue_id = t.issue_id AND n.field = t.field
                                           AND n.field_type IS NOT 'jira' AND n.field_id IS t.field_id AND n.created >= t.created
                                           AND (n.created, n.changelog_id, n.position) > (t.created, t.changelog_id, t.position)
                                         ORDER BY n.created, n.changelog_id, n.position LIMIT 1) END
          FROM project AS p
          CROSS JOIN issue AS i ON i.site_id = p.site_id AND i.project_id = p.id
          CROSS JOIN field_value AS v ON v.site_id = i.site_id AND v.issue_id = i.id AND v.position = 0 AND NOT v.is_list
          LEFT JOIN field AS f ON f.site_id = v.site_id AND f.id = v.field_id AND f.custom
          LEFT JOIN changelog_item AS t ON t.site_id = i.site_id AND t.issue_id = i.id AND t.field = f.changelog_name AND t.created IS NOT NULL
                AND t.field_type IS NOT 'jira' AND (t.field_id = f.id OR t.field_id IS NULL AND
                (SELECT count(*) FROM field AS o WHERE o.site_id = f.site_id AND o.changelog_name = f.changelog_name AND o.custom) = 1)
          CROSS JOIN (SELECT 0 AS part UNION ALL SELECT 1) AS k
         WHERE CASE k.part WHEN 1 THEN t.created IS NOT NULL
                    ELSE NOT EXISTS (SELECT 1 FROM changelog_item AS n
                                      WHERE n.site_id = t.site_id AND n.issue_id = t.issue_id AND n.field = t.field
                                        AND n.field_type IS NOT 'jira' AND n.field_id IS t.field_id AND n.created <= t.created
                                        AND (n.created, n.changelog_id, n.position) < (t.created, t.changelog_id, t.position)) END
        UNION ALL
        -- custom fields that had one; "OR f.id IS NULL", which it never is: what stands in no index is looked at last
        SELECT i.site_id, i.project_id, p.key, i.id, i.key, f.id, '', k.part, f.kind IN ('option', 'user'), NULL, NULL,
               i.created, t.created, t.changelog_id, t.from_value, t.from_text, t.to_value, t.to_text,
               CASE k.part WHEN 1 THEN (SELECT n.created FROM changelog_item AS n
                                         WHERE n.site_id = t.site_id AND n.issue_id = t.issue_id AND n.field = t.field
                                           AND n.field_type IS NOT 'jira' AND n.field_id IS t.field_id AND n.created >= t.created
                                           AND (n.created, n.changelog_id, n.position) > (t.created, t.changelog_id, t.position)
                                         ORDER BY n.created, n.changelog_id, n.position LIMIT 1) END
          FROM project AS p
          CROSS JOIN issue AS i ON i.site_id = p.site_id AND i.project_id = p.id
          CROSS JOIN changelog_item AS t ON t.site_id = i.site_id AND t.issue_id = i.id AND t.created IS NOT NULL
          CROSS JOIN field AS f ON f.site_id = i.site_id AND f.changelog_name = t.field AND f.custom AND f.value_type IS NOT 'array'
                AND (t.field_type IS NOT 'jira' OR f.id IS NULL) AND (t.field_id = f.id OR t.field_id IS NULL AND
                (SELECT count(*) FROM field AS o WHERE o.site_id = f.site_id AND o.changelog_name = f.changelog_name AND o.custom) = 1)
          CROSS JOIN (SELECT 0 AS part UNION ALL SELECT 1) AS k
         WHERE CASE k.part WHEN 1 THEN t.created IS NOT NULL
                    ELSE NOT EXISTS (SELECT 1 FROM changelog_item AS n
                                      WHERE n.site_id = t.site_id AND n.issue_id = t.issue_id AND n.field = t.field
                                        AND n.field_type IS NOT 'jira' AND n.field_id IS t.field_id AND n.created <= t.created
                                        AND (n.created, n.changelog_id, n.position) < (t.created, t.changelog_id, t.position)) END
           AND NOT EXISTS (SELECT 1 FROM field_value AS v WHERE v.site_id = i.site_id AND v.issue_id = i.id AND v.field_id = f.id)) AS w;

CREATE VIEW sprint_issue AS
SELECT h.site_id, h.project_id, h.project_key, h.sprint_id, h.sprint, h.started, h.closed, h.issue_id, h.issue_key, h.issue_type_id,
       h.at_start, CASE WHEN NOT h.at_start THEN h.added END AS added, CASE WHEN NOT h.at_end THEN h.removed END AS removed,
       h.at_end AND coalesce(c.key, (SELECT nc.key FROM status AS ns
                          JOIN status_category AS nc ON nc.site_id = ns.site_id AND nc.id = ns.category_id
                         WHERE ns.site_id = h.site_id AND ns.name = h.status_then ORDER BY ns.id LIMIT 1)) IS 'done' AS completed,
       h.at_end AND h.closed IS NOT NULL AND coalesce(c.key, (SELECT nc.key FROM status AS ns
                          JOIN status_category AS nc ON nc.site_id = ns.site_id AND nc.id = ns.category_id
                         WHERE ns.site_id = h.site_id AND ns.name = h.status_then ORDER BY ns.id LIMIT 1)) IS NOT 'done' AS carried_over
  FROM (SELECT g.*,
               -- the status that it had when the sprint was closed
               CASE WHEN g.closed IS NULL THEN CAST(g.status_id AS TEXT) ELSE coalesce(
                    (SELECT coalesce(nullif(t.to_value, ''), t.to_text) FROM changelog_item AS t
                      WHERE t.site_id = g.site_id AND t.issue_id = g.issue_id AND t.field = 'status' AND t.created <= g.closed
                      ORDER BY t.created DESC, t.changelog_id DESC, t.position DESC LIMIT 1),
                    (SELECT coalesce(nullif(t.from_value, ''), t.from_text) FROM changelog_item AS t
                      WHERE t.site_id = g.site_id AND t.issue_id = g.issue_id AND t.field = 'status' AND t.created > g.closed
                      ORDER BY t.created, t.changelog_id, t.position LIMIT 1),
                    CAST(g.status_id AS TEXT)) END AS status_then
          FROM (SELECT i.site_id, i.project_id, p.key AS project_key, s.id AS sprint_id, s.name AS sprint,
                       coalesce(s.activated_date, s.start_date) AS started, s.complete_date AS closed,
                       i.id AS issue_id, i.key AS issue_key, i.issue_type_id, i.status_id,
                       max((x.from_time IS NULL OR x.from_time <= coalesce(s.activated_date, s.start_date))
                               AND (x.to_time IS NULL OR x.to_time > coalesce(s.activated_date, s.start_date))) AS at_start,
                       min(x.from_time) FILTER (WHERE x.from_time > coalesce(s.activated_date, s.start_date)
                                                  AND (s.complete_date IS NULL OR x.from_time <= s.complete_date)) AS added,
                       max(x.to_time) FILTER (WHERE x.to_time > coalesce(s.activated_date, s.start_date)) AS removed,
                       max((x.from_time IS NULL OR s.complete_date IS NULL OR x.from_time <= s.complete_date)
                               AND (x.to_time IS NULL OR coalesce(x.to_time >= s.complete_date, false))) AS at_end
                  FROM project AS p
                  CROSS JOIN issue AS i ON i.site_id = p.site_id AND i.project_id = p.id
                  CROSS JOIN issue_sprint AS x ON x.site_id = i.site_id AND x.issue_id = i.id
                  CROSS JOIN sprint AS s ON s.site_id = x.site_id AND s.id = x.sprint_id
                 WHERE coalesce(s.activated_date, s.start_date) IS NOT NULL AND coalesce(s.state, '') <> 'future'
                 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) AS g
         WHERE g.at_start OR g.added IS NOT NULL) AS h
  LEFT JOIN status AS s ON s.site_id = h.site_id AND s.id = h.status_then
  LEFT JOIN status_category AS c ON c.site_id = s.site_id AND c.id = s.category_id;

CREATE VIEW sprint_scope AS
SELECT site_id, project_id, project_key, sprint_id, sprint, started, closed, at_start, added, removed, completed, carried_over, at_close
  FROM (SELECT site_id, project_id, project_key, sprint_id, sprint, started, closed,
               count(*) FILTER (WHERE at_start) OVER w AS at_start, count(added) OVER w AS added, count(removed) OVER w AS removed,
               count(*) FILTER (WHERE completed) OVER w AS completed, count(*) FILTER (WHERE carried_over) OVER w AS carried_over,
               count(*) OVER w - count(removed) OVER w AS at_close, row_number() OVER w AS nth
          FROM sprint_issue
        WINDOW w AS (PARTITION BY site_id, project_id, project_key, sprint_id))
 WHERE nth = 1;
