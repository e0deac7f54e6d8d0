-- Stays in statuses as rows of their own, which the load keeps: views found them anew each time, by an index that held the changes once more.

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

INSERT INTO issue_status (site_id, issue_id, position, status_id, status, began, ended, changelog_id)
SELECT h.site_id, h.issue_id, h.position,
       CASE WHEN h.ref ~ '^[0-9]{1,18}$' THEN h.ref::bigint END, nullif(h.status, ''), h.began, h.ended,
       CASE h.part WHEN 1 THEN h.changelog_id END
  FROM (SELECT w.site_id, w.issue_id, w.changelog_id, k.part, CASE k.part WHEN 0 THEN 0 WHEN 1 THEN w.nth ELSE w.nth + 1 END AS position,
               CASE WHEN k.part = 2 OR w.at IS NULL THEN w.status_id::text WHEN k.part = 0 THEN w.from_value ELSE w.to_value END AS ref,
               CASE WHEN k.part = 2 OR w.at IS NULL THEN w.status WHEN k.part = 0 THEN w.from_text ELSE w.to_text END AS status,
               CASE k.part WHEN 0 THEN least(w.created, w.at) WHEN 1 THEN w.at ELSE w.since END AS began,
               CASE k.part WHEN 0 THEN w.at WHEN 1 THEN coalesce(w.next_at, w.since) END AS ended
          FROM (SELECT l.*,
                       CASE WHEN l.at IS NULL OR l.next_at IS NOT NULL OR l.status_id IS NULL
                              OR coalesce(nullif(l.to_value, '') = l.status_id::text, l.to_text = l.status) THEN NULL
                            WHEN l.status_category_changed > l.at THEN l.status_category_changed
                            ELSE greatest(l.at, l.updated) END AS since
                  FROM (SELECT i.site_id, i.id AS issue_id, i.status_id, a.name AS status, i.created, i.updated, i.status_category_changed,
                               t.created AS at, t.changelog_id, t.from_value, t.from_text, t.to_value, t.to_text,
                               lead(t.created) OVER w AS next_at, row_number() OVER w AS nth
                          FROM issue AS i
                          LEFT JOIN status AS a ON a.site_id = i.site_id AND a.id = i.status_id
                          LEFT JOIN changelog_item AS t ON t.site_id = i.site_id AND t.issue_id = i.id AND t.field = 'status' AND t.created IS NOT NULL
                        WINDOW w AS (PARTITION BY i.site_id, i.id ORDER BY t.created, t.changelog_id, t.position)) AS l) AS w
         -- 0: what it was created with, 1: a change, 2: what it is now, where the changes lead elsewhere
         CROSS JOIN (VALUES (0), (1), (2)) AS k (part)
         WHERE CASE k.part WHEN 0 THEN w.nth = 1 AND (w.at IS NOT NULL OR w.status_id IS NOT NULL)
                           WHEN 1 THEN w.at IS NOT NULL
                           ELSE w.since IS NOT NULL END) AS h;

DROP INDEX changelog_item_of_status;
