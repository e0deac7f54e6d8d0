/* schema.h: the warehouse's tables: the one place that says which tables and columns there are, of
 * what type, and what they mean. sql/ is generated from it, rows are built by its names, loads go
 * by its kinds.
 *
 * - JD_TABLES names the tables, JD_COLS_x the columns of table x; a cell of a row is addressed as
 *   cell[JD_comment__body]. Every table but `site` and `schema_version` begins with site_id.
 * - A column once released is never renamed and never changes its type: sql/ gets a migration. */
#ifndef JD_DERIVE_SCHEMA_H
#define JD_DERIVE_SCHEMA_H

#include "base/str.h"

enum { JD_SCHEMA_VERSION = 3 };

typedef enum jd_col_type {
    JD_COL_INT,  /* bigint */
    JD_COL_NUM,  /* double precision */
    JD_COL_TEXT, /* text */
    JD_COL_NAME, /* text that stands in keys: at most JD_NAME_MAX bytes of it */
    JD_COL_BOOL, /* boolean; 0 and 1 in SQLite */
    JD_COL_TIME, /* timestamptz; "2024-01-15 10:30:00.123", UTC, in SQLite */
    JD_COL_DATE  /* date; "2024-01-15" in SQLite */
} jd_col_type;

/* An index entry has its limit (2,704 bytes in PostgreSQL). */
enum { JD_NAME_MAX = 500 };

enum jd_col_flags {
    JD_C__     = 0,
    JD_C_KEY   = 1 << 0, /* of the primary key: the first columns */
    JD_C_REQ   = 1 << 1, /* never null */
    JD_C_WHEN  = 1 << 2, /* when or how a row was loaded: alone it is no difference */
    JD_C_ISSUE = 1 << 3, /* issue_id: whose row it is */
    JD_C_GONE  = 1 << 4, /* gone: since when catalogues do not list it */
    JD_C_FULL  = 1 << 5  /* a catalogue that does not tell it says that there is none */
};

typedef enum jd_table_kind {
    JD_TAB_ISSUE, /* the issue itself */
    JD_TAB_CHILD, /* what an issue has: replaced with it as a set; has issue_id */
    JD_TAB_NAMED, /* what issues name: merged, later facts over earlier ones, null over nothing */
    JD_TAB_OWN    /* the warehouse's own: filled by the sink */
} jd_table_kind;

/* Instead of indexes: in SQLite the rows stand in the key's own. */
#define JD_IN_ORDER "*"

/* X(name, kind, indexes, comment); indexes: "column, column; name: column, column", without the
 * key's own */
#define JD_TABLES(X)                                                                              \
    X(schema_version, OWN, "", "Migrations that were applied to this schema, in order.")          \
    X(site, OWN, "", "Jira sites whose issues are held here.")                                    \
    X(issue, ISSUE,                                                                               \
      "site_id, key; of_project: site_id, project_id, created, id, key, issue_type_id, "          \
      "status_id, resolved, updated, status_category_changed; site_id, updated",                  \
      "Issues as they are now, one row an issue.")                                                \
    X(issue_label, CHILD, "site_id, label", "Labels of issues.")                                  \
    X(issue_component, CHILD, "site_id, component_id", "Components of issues.")                   \
    X(issue_fix_version, CHILD, "site_id, version_id", "Versions that issues are fixed in.")      \
    X(issue_affected_version, CHILD, "site_id, version_id", "Versions that issues affect.")       \
    X(comment, CHILD, "site_id, issue_id", "Comments on issues.")                                 \
    X(worklog, CHILD, "site_id, issue_id", "Work that was logged on issues.")                     \
    X(attachment, CHILD, "site_id, issue_id", "Files attached to issues; not their content.")     \
    X(changelog, CHILD, "site_id, issue_id",                                                      \
      "Changes of issues: one row for each time somebody changed something.")                     \
    X(changelog_item, CHILD, "site_id, issue_id, field, created, changelog_id, position",         \
      "What each change changed: one row a field, with its value before and after.")              \
    X(issue_link, CHILD, "site_id, related_issue_id",                                             \
      "Links between issues, as each of the two tells them; the other one may not be held.")      \
    X(remote_link, CHILD, "",                                                                     \
      "Links from issues to elsewhere, where they were asked for (--with remotelinks).")          \
    X(field_value, CHILD, "site_id, field_id",                                                    \
      "Values of custom fields, one row a value; an empty field has no row.")                     \
    X(issue_sprint, CHILD, "site_id, sprint_id",                                                  \
      "Stays of issues in sprints, past and present: one row for each time an issue was put in.") \
    X(issue_status, CHILD, JD_IN_ORDER,                                                           \
      "Stays of issues in statuses, past and present: one row for each time an issue came into "  \
      "one.")                                                                                     \
    X(issue_wide, OWN, "",                                                                        \
      "Custom fields as columns, as the configuration names them (columns:): one row an issue.")  \
    X(wide_column, OWN, "", "Which columns of issue_wide a site has, and what they are of.")      \
    X(issue_alias, NAMED, "site_id, issue_id",                                                    \
      "Keys that issues had before they moved or their project was renamed.")                     \
    X(project, NAMED, "site_id, key", "Projects.")                                                \
    X(jira_user, NAMED, "", "Users: everyone whom an issue names.")                               \
    X(status_category, NAMED, "", "Status categories: to do, in progress, done.")                 \
    X(status, NAMED, "", "Statuses.")                                                             \
    X(issue_type, NAMED, "", "Issue types.")                                                      \
    X(priority, NAMED, "", "Priorities.")                                                         \
    X(resolution, NAMED, "", "Resolutions.")                                                      \
    X(version, NAMED, "site_id, project_id", "Versions of projects.")                             \
    X(component, NAMED, "site_id, project_id", "Components of projects.")                         \
    X(sprint, NAMED, "", "Sprints.")                                                              \
    X(board, NAMED, "site_id, project_id", "Boards of projects (Jira Software).")                 \
    X(field, NAMED, "", "Fields of issues, as the site lists them.")                              \
    X(label, NAMED, "", "Labels that are, or were, in use.")                                      \
    X(link_type, NAMED, "", "Kinds of links between issues.")                                     \
    X(tombstone, OWN, "", "Issues that were held and are no longer, and why.")                    \
    X(sync_scope, OWN, "", "What is loaded, and how far: a project or a query, with its cursor.") \
    X(sync_member, OWN, "site_id, issue_id", "Which issues belong to which scope.")               \
    X(sync_fact, OWN, "", "Small things that are remembered of a site by name.")                  \
    X(sync_run, OWN, "", "Past runs and what they came to.")

#define JD_SITE_ID(X, t) X(t, site_id, INT, KEY, "Site: site.id.")
#define JD_SEEN(X, t)    X(t, seen, TIME, REQ | JD_C_WHEN, "When this was read from Jira.")
#define JD_GONE(X, t)      \
    X(t, gone, TIME, GONE, \
      "When Jira was found not to list it any more; null: it does, as far as is known.")
#define JD_ISSUE_ID(X, t) X(t, issue_id, INT, REQ | JD_C_ISSUE, "Issue: issue.id.")

#define JD_COLS_schema_version(X, t)                    \
    X(t, version, INT, KEY, "Number of the migration.") \
    X(t, applied, TIME, REQ, "When it was applied.")    \
    X(t, program, TEXT, _, "Version of the program that applied it.")

#define JD_COLS_site(X, t)                                      \
    X(t, id, INT, KEY, "Number of the site in this warehouse.") \
    X(t, name, TEXT, REQ, "Host and path of the Jira, as issues.apache.org/jira.")

#define JD_COLS_issue(X, t)                                                                     \
    JD_SITE_ID(X, t)                                                                            \
    X(t, id, INT, KEY, "Jira's numeric id; it stays when the issue moves.")                     \
    X(t, key, NAME, REQ, "Key as it is now, as HADOOP-12; earlier ones are in issue_alias.")    \
    X(t, project_id, INT, _, "Project: project.id.")                                            \
    X(t, issue_type_id, INT, _, "Type: issue_type.id.")                                         \
    X(t, status_id, INT, _, "Status: status.id.")                                               \
    X(t, priority_id, INT, _, "Priority: priority.id.")                                         \
    X(t, resolution_id, INT, _, "Resolution: resolution.id; null while unresolved.")            \
    X(t, parent_id, INT, _, "Issue that this one is a part of: issue.id; may not be held.")     \
    X(t, summary, TEXT, _, "Summary.")                                                          \
    X(t, description, TEXT, _,                                                                  \
      "Description: wiki markup as Jira keeps it; Markdown where Jira keeps a document (ADF).") \
    X(t, description_adf, TEXT, _, "Description as the document (ADF, JSON) that Jira keeps.")  \
    X(t, environment, TEXT, _, "Environment, as the description.")                              \
    X(t, reporter_id, NAME, _, "Reporter: jira_user.id.")                                       \
    X(t, assignee_id, NAME, _, "Assignee: jira_user.id; null for nobody.")                      \
    X(t, creator_id, NAME, _, "Who created it: jira_user.id.")                                  \
    X(t, created, TIME, REQ, "When it was created.")                                            \
    X(t, updated, TIME, REQ, "When it was last changed.")                                       \
    X(t, resolved, TIME, _, "When its resolution was set; null while unresolved.")              \
    X(t, due_date, DATE, _, "Due date.")                                                        \
    X(t, status_category_changed, TIME, _, "When its status category last changed (Cloud).")    \
    X(t, original_estimate, INT, _, "Original estimate, seconds.")                              \
    X(t, remaining_estimate, INT, _, "Remaining estimate, seconds.")                            \
    X(t, time_spent, INT, _, "Time spent, seconds.")                                            \
    X(t, total_original_estimate, INT, _, "Original estimate with sub-tasks, seconds.")         \
    X(t, total_remaining_estimate, INT, _, "Remaining estimate with sub-tasks, seconds.")       \
    X(t, total_time_spent, INT, _, "Time spent with sub-tasks, seconds.")                       \
    X(t, work_ratio, INT, _, "Time spent as percentage of the original estimate; -1: none.")    \
    X(t, votes, INT, _, "Number of votes.")                                                     \
    X(t, watches, INT, _, "Number of watchers.")                                                \
    X(t, security_level, TEXT, _, "Name of the security level; null for none.")                 \
    X(t, fetched, TIME, REQ | JD_C_WHEN, "When this state of the issue was read from Jira.")    \
    X(t, content_hash, INT, REQ, "Hash of the issue's meaning, to tell whether it changed.")    \
    X(t, plan_hash, INT, REQ | JD_C_WHEN, "Hash of what was asked for when it was read.")

#define JD_COLS_issue_label(X, t)                             \
    JD_SITE_ID(X, t)                                          \
    X(t, issue_id, INT, KEY | JD_C_ISSUE, "Issue: issue.id.") \
    X(t, label, NAME, KEY, "Label: label.name.")

#define JD_COLS_issue_component(X, t)                         \
    JD_SITE_ID(X, t)                                          \
    X(t, issue_id, INT, KEY | JD_C_ISSUE, "Issue: issue.id.") \
    X(t, component_id, INT, KEY, "Component: component.id.")

#define JD_COLS_issue_fix_version(X, t)                       \
    JD_SITE_ID(X, t)                                          \
    X(t, issue_id, INT, KEY | JD_C_ISSUE, "Issue: issue.id.") \
    X(t, version_id, INT, KEY, "Version: version.id.")

#define JD_COLS_issue_affected_version(X, t)                  \
    JD_SITE_ID(X, t)                                          \
    X(t, issue_id, INT, KEY | JD_C_ISSUE, "Issue: issue.id.") \
    X(t, version_id, INT, KEY, "Version: version.id.")

#define JD_COLS_comment(X, t)                                                                     \
    JD_SITE_ID(X, t)                                                                              \
    X(t, id, INT, KEY, "Jira's id; a negative number where Jira gave none.")                      \
    JD_ISSUE_ID(X, t)                                                                             \
    X(t, author_id, NAME, _, "Who wrote it: jira_user.id.")                                       \
    X(t, update_author_id, NAME, _, "Who changed it last: jira_user.id.")                         \
    X(t, created, TIME, _, "When it was written.")                                                \
    X(t, updated, TIME, _, "When it was last changed.")                                           \
    X(t, body, TEXT, _, "Text: wiki markup as Jira keeps it; Markdown made of a document (ADF).") \
    X(t, body_adf, TEXT, _, "Text as the document (ADF, JSON) that Jira keeps.")                  \
    X(t, visible_to, TEXT, _, "Role or group that it is restricted to; null for none.")           \
    X(t, is_public, BOOL, _, "False for a service desk's internal note; null where not said.")

#define JD_COLS_worklog(X, t)                                                                     \
    JD_SITE_ID(X, t)                                                                              \
    X(t, id, INT, KEY, "Jira's id; a negative number where Jira gave none.")                      \
    JD_ISSUE_ID(X, t)                                                                             \
    X(t, author_id, NAME, _, "Who logged it: jira_user.id.")                                      \
    X(t, update_author_id, NAME, _, "Who changed it last: jira_user.id.")                         \
    X(t, started, TIME, _, "When the work began.")                                                \
    X(t, created, TIME, _, "When it was logged.")                                                 \
    X(t, updated, TIME, _, "When it was last changed.")                                           \
    X(t, seconds, INT, _, "How long it took.")                                                    \
    X(t, body, TEXT, _, "Text: wiki markup as Jira keeps it; Markdown made of a document (ADF).") \
    X(t, body_adf, TEXT, _, "Text as the document (ADF, JSON) that Jira keeps.")                  \
    X(t, visible_to, TEXT, _, "Role or group that it is restricted to; null for none.")

#define JD_COLS_attachment(X, t)                                             \
    JD_SITE_ID(X, t)                                                         \
    X(t, id, INT, KEY, "Jira's id; a negative number where Jira gave none.") \
    JD_ISSUE_ID(X, t)                                                        \
    X(t, filename, TEXT, _, "Name of the file.")                             \
    X(t, author_id, NAME, _, "Who attached it: jira_user.id.")               \
    X(t, created, TIME, _, "When it was attached.")                          \
    X(t, size, INT, _, "Size in bytes.")                                     \
    X(t, mime_type, TEXT, _, "Media type.")                                  \
    X(t, content_url, TEXT, _, "Where Jira serves it.")

#define JD_COLS_changelog(X, t)                                                     \
    JD_SITE_ID(X, t)                                                                \
    X(t, id, INT, KEY, "Jira's id; a negative number where Jira gave none.")        \
    JD_ISSUE_ID(X, t)                                                               \
    X(t, author_id, NAME, _, "Who changed it: jira_user.id; null for Jira itself.") \
    X(t, created, TIME, _, "When it was changed.")

#define JD_COLS_changelog_item(X, t)                                                              \
    JD_SITE_ID(X, t)                                                                              \
    X(t, changelog_id, INT, KEY, "Change: changelog.id.")                                         \
    X(t, position, INT, KEY, "Place within the change, from 0.")                                  \
    JD_ISSUE_ID(X, t)                                                                             \
    X(t, created, TIME, _, "When it was changed, as changelog.created.")                          \
    X(t, field, NAME, _, "Field as Jira names it in changelogs: status, Fix Version.")            \
    X(t, field_id, TEXT, _, "Id of the field where Jira gives it (Cloud), as customfield_10001.") \
    X(t, field_type, TEXT, _, "jira for built-in fields, custom for others.")                     \
    X(t, from_value, TEXT, _, "Value before, as an id where the field has ids.")                  \
    X(t, from_text, TEXT, _, "Value before, for people.")                                         \
    X(t, to_value, TEXT, _, "Value after, as an id where the field has ids.")                     \
    X(t, to_text, TEXT, _, "Value after, for people.")

#define JD_COLS_issue_link(X, t)                                                                  \
    JD_SITE_ID(X, t)                                                                              \
    X(t, issue_id, INT, KEY | JD_C_ISSUE, "Issue that tells of the link: issue.id.")              \
    X(t, id, INT, KEY, "Jira's id, the same on both sides; negative where Jira gave none.")       \
    X(t, outward, BOOL, KEY, "True when the link goes out from this issue.")                      \
    X(t, link_type_id, INT, _, "Kind: link_type.id.")                                             \
    X(t, relationship, TEXT, _, "Words of this direction: blocks, is blocked by.")                \
    X(t, related_issue_id, INT, _, "The other issue: issue.id; may not be held, null: not said.") \
    X(t, related_key, NAME, _, "Key of the other issue when this one was read.")

#define JD_COLS_remote_link(X, t)                                                          \
    JD_SITE_ID(X, t)                                                                       \
    X(t, issue_id, INT, KEY | JD_C_ISSUE, "Issue: issue.id.")                              \
    X(t, id, INT, KEY, "Jira's id; a negative number where Jira gave none.")               \
    X(t, global_id, TEXT, _, "Id that the other application gave it.")                     \
    X(t, relationship, TEXT, _, "What it is to the issue: mentioned in.")                  \
    X(t, url, TEXT, _, "Where it leads.")                                                  \
    X(t, title, TEXT, _, "Title.")                                                         \
    X(t, summary, TEXT, _, "What is said of it.")                                          \
    X(t, application_type, TEXT, _, "Kind of the other application, by its reverse name.") \
    X(t, application_name, TEXT, _, "Name of the other application.")                      \
    X(t, resolved, BOOL, _, "Whether it is said to be done there; null where not said.")

#define JD_COLS_field_value(X, t)                                                              \
    JD_SITE_ID(X, t)                                                                           \
    X(t, issue_id, INT, KEY | JD_C_ISSUE, "Issue: issue.id.")                                  \
    X(t, field_id, NAME, KEY, "Field, as customfield_10001.")                                  \
    X(t, position, INT, KEY,                                                                   \
      "Place within the value: from 0; 1: the child of a cascading choice.")                   \
    X(t, kind, TEXT, REQ, "number, text, date, option, user, list (of lists) or other.")       \
    X(t, is_list, BOOL, REQ, "Whether the field holds a list, of which this is one value.")    \
    X(t, number_value, NUM, _, "Value of a number; of a text that is written as one, too.")    \
    X(t, text_value, TEXT, _, "Value as text: of an option and a user its name; other: JSON.") \
    X(t, time_value, TIME, _, "Value of a date or an instant.")                                \
    X(t, value_id, NAME, _, "Id of an option; jira_user.id of a user.")

#define JD_COLS_issue_sprint(X, t)                                                              \
    JD_SITE_ID(X, t)                                                                            \
    X(t, issue_id, INT, KEY | JD_C_ISSUE, "Issue: issue.id.")                                   \
    X(t, sprint_id, INT, KEY, "Sprint: sprint.id.")                                             \
    X(t, position, INT, KEY, "Which stay of the issue in this sprint, from 0.")                 \
    X(t, from_time, TIME, _,                                                                    \
      "When it was put in; issue.created for one that was created in it; null: not known, as "  \
      "the changelog was not read or does not tell.")                                           \
    X(t, to_time, TIME, _,                                                                      \
      "When it was taken out, or was found to be out; null: it is in it. An issue that is not " \
      "done when its sprint is closed stays in it, and is put into the next.")

#define JD_COLS_issue_status(X, t)                                                            \
    JD_SITE_ID(X, t)                                                                          \
    X(t, issue_id, INT, KEY | JD_C_ISSUE, "Issue: issue.id.")                                 \
    X(t, position, INT, KEY, "Which stay of the issue, from 0: they are in order of time.")   \
    X(t, status_id, INT, _,                                                                   \
      "Status: status.id, also of one that was deleted; null where the changelog has a name " \
      "only.")                                                                                \
    X(t, status, TEXT, _, "Name of the status at that time, as the changelog tells.")         \
    X(t, began, TIME, REQ,                                                                    \
      "When it came into it; of one that no change tells of: when it was last changed.")      \
    X(t, ended, TIME, _, "When it came out of it; null: it is in it.")                        \
    X(t, changelog_id, INT, _,                                                                \
      "Change that brought it: changelog.id; null for what it was created with and for what " \
      "no change tells of.")

#define JD_COLS_issue_wide(X, t) \
    JD_SITE_ID(X, t)             \
    X(t, issue_id, INT, KEY | JD_C_ISSUE, "Issue: issue.id.")

#define JD_COLS_wide_column(X, t)                                            \
    JD_SITE_ID(X, t)                                                         \
    X(t, name, NAME, KEY, "Name of the column.")                             \
    X(t, field_id, NAME, REQ, "Field, as customfield_10001.")                \
    X(t, kind, TEXT, REQ, "number, text, date, time, option, user or list.") \
    X(t, title, TEXT, _, "Name of the field in Jira when the column was made.")

#define JD_COLS_issue_alias(X, t)                  \
    JD_SITE_ID(X, t)                               \
    X(t, key, NAME, KEY, "Key that an issue had.") \
    X(t, issue_id, INT, REQ | JD_C_ISSUE, "Issue: issue.id.")

#define JD_COLS_project(X, t)                                        \
    JD_SITE_ID(X, t)                                                 \
    X(t, id, INT, KEY, "Jira's id.")                                 \
    X(t, key, NAME, _, "Key, as HADOOP.")                            \
    X(t, name, TEXT, _, "Name.")                                     \
    X(t, project_type, TEXT, _, "software, business, service_desk.") \
    X(t, category_id, INT, FULL, "Id of its category.")              \
    X(t, category_name, TEXT, FULL, "Name of its category.")         \
    JD_SEEN(X, t)                                                    \
    X(t, lead_id, NAME, _, "Who leads it: jira_user.id.")            \
    JD_GONE(X, t)

#define JD_COLS_jira_user(X, t)                                           \
    JD_SITE_ID(X, t)                                                      \
    X(t, id, NAME, KEY, "Account id (Cloud), key or name (Data Center).") \
    X(t, name, TEXT, _, "Login (Data Center).")                           \
    X(t, display_name, TEXT, _, "Name for people.")                       \
    X(t, email, TEXT, _, "E-mail address where Jira shows it.")           \
    X(t, active, BOOL, _, "Whether the account is active.")               \
    X(t, time_zone, TEXT, _, "Time zone.")                                \
    X(t, account_type, TEXT, _, "atlassian, app or customer (Cloud).")    \
    JD_SEEN(X, t)

#define JD_COLS_status_category(X, t)                 \
    JD_SITE_ID(X, t)                                  \
    X(t, id, INT, KEY, "Jira's id.")                  \
    X(t, key, TEXT, _, "new, indeterminate or done.") \
    X(t, name, TEXT, _, "Name.")                      \
    JD_SEEN(X, t)

#define JD_COLS_status(X, t)                                   \
    JD_SITE_ID(X, t)                                           \
    X(t, id, INT, KEY, "Jira's id.")                           \
    X(t, name, TEXT, _, "Name.")                               \
    X(t, description, TEXT, FULL, "Description.")              \
    X(t, category_id, INT, _, "Category: status_category.id.") \
    JD_SEEN(X, t)                                              \
    JD_GONE(X, t)

#define JD_COLS_issue_type(X, t)                                                     \
    JD_SITE_ID(X, t)                                                                 \
    X(t, id, INT, KEY, "Jira's id.")                                                 \
    X(t, name, TEXT, _, "Name.")                                                     \
    X(t, description, TEXT, FULL, "Description.")                                    \
    X(t, subtask, BOOL, _, "Whether issues of it are parts of others.")              \
    X(t, hierarchy_level, INT, _, "Level (Cloud): 1 epic, 0 standard, -1 sub-task.") \
    JD_SEEN(X, t)                                                                    \
    JD_GONE(X, t)

#define JD_COLS_priority(X, t)                    \
    JD_SITE_ID(X, t)                              \
    X(t, id, INT, KEY, "Jira's id.")              \
    X(t, name, TEXT, _, "Name.")                  \
    X(t, description, TEXT, FULL, "Description.") \
    JD_SEEN(X, t)                                 \
    JD_GONE(X, t)

#define JD_COLS_resolution(X, t)                  \
    JD_SITE_ID(X, t)                              \
    X(t, id, INT, KEY, "Jira's id.")              \
    X(t, name, TEXT, _, "Name.")                  \
    X(t, description, TEXT, FULL, "Description.") \
    JD_SEEN(X, t)                                 \
    JD_GONE(X, t)

#define JD_COLS_version(X, t)                          \
    JD_SITE_ID(X, t)                                   \
    X(t, id, INT, KEY, "Jira's id.")                   \
    X(t, project_id, INT, _, "Project: project.id.")   \
    X(t, name, TEXT, _, "Name.")                       \
    X(t, description, TEXT, FULL, "Description.")      \
    X(t, archived, BOOL, _, "Whether it is archived.") \
    X(t, released, BOOL, _, "Whether it is released.") \
    X(t, start_date, DATE, FULL, "Start date.")        \
    X(t, release_date, DATE, FULL, "Release date.")    \
    JD_SEEN(X, t)                                      \
    JD_GONE(X, t)

#define JD_COLS_component(X, t)                              \
    JD_SITE_ID(X, t)                                         \
    X(t, id, INT, KEY, "Jira's id.")                         \
    X(t, project_id, INT, _, "Project: project.id.")         \
    X(t, name, TEXT, _, "Name.")                             \
    X(t, description, TEXT, FULL, "Description.")            \
    JD_SEEN(X, t)                                            \
    X(t, lead_id, NAME, FULL, "Who leads it: jira_user.id.") \
    JD_GONE(X, t)

#define JD_COLS_sprint(X, t)                                                      \
    JD_SITE_ID(X, t)                                                              \
    X(t, id, INT, KEY, "Jira's id.")                                              \
    X(t, board_id, INT, _, "Id of the board that it was made on.")                \
    X(t, name, TEXT, _, "Name.")                                                  \
    X(t, goal, TEXT, FULL, "Goal.")                                               \
    X(t, state, TEXT, _, "future, active or closed.")                             \
    X(t, start_date, TIME, FULL, "When it starts, or started, as planned.")       \
    X(t, end_date, TIME, FULL, "When it is to end, as planned.")                  \
    X(t, activated_date, TIME, _, "When it was started, where Jira tells.")       \
    X(t, complete_date, TIME, FULL, "When it was closed; null while it is open.") \
    JD_SEEN(X, t)                                                                 \
    JD_GONE(X, t)

#define JD_COLS_board(X, t)                                        \
    JD_SITE_ID(X, t)                                               \
    X(t, id, INT, KEY, "Jira's id.")                               \
    X(t, project_id, INT, _, "Project that lists it: project.id.") \
    X(t, name, TEXT, _, "Name.")                                   \
    X(t, kind, TEXT, _, "scrum, kanban or simple.")                \
    JD_SEEN(X, t)                                                  \
    JD_GONE(X, t)

#define JD_COLS_field(X, t)                                                                      \
    JD_SITE_ID(X, t)                                                                             \
    X(t, id, NAME, KEY, "Id, as summary or customfield_10001: field_value.field_id.")            \
    X(t, name, TEXT, _, "Name for people.")                                                      \
    X(t, changelog_name, NAME, _,                                                                \
      "What changelogs call it, which is not unique: changelog_item.field.")                     \
    X(t, slug, TEXT, _, "Name of ours that is unique and stays: story_points, team_10050.")      \
    X(t, custom, BOOL, _, "Whether it is a custom field.")                                       \
    X(t, kind, TEXT, _, "What values are: text, number, date, option, options, user, sprints …") \
    X(t, value_type, TEXT, FULL, "Type as Jira has it: string, number, array.")                  \
    X(t, item_type, TEXT, FULL, "Type of the elements of an array.")                             \
    X(t, custom_type, TEXT, FULL, "Kind of the custom field, as the app that made it calls it.") \
    JD_SEEN(X, t)                                                                                \
    JD_GONE(X, t)

#define JD_COLS_label(X, t) \
    JD_SITE_ID(X, t)        \
    X(t, name, NAME, KEY, "Label.")

#define JD_COLS_link_type(X, t)                                            \
    JD_SITE_ID(X, t)                                                       \
    X(t, id, INT, KEY, "Jira's id.")                                       \
    X(t, name, TEXT, _, "Name.")                                           \
    X(t, inward, TEXT, _, "Words of the inward direction: is blocked by.") \
    X(t, outward, TEXT, _, "Words of the outward direction: blocks.")      \
    JD_SEEN(X, t)                                                          \
    JD_GONE(X, t)

#define JD_COLS_tombstone(X, t)                                                \
    JD_SITE_ID(X, t)                                                           \
    X(t, issue_id, INT, KEY, "Jira's numeric id.")                             \
    X(t, key, TEXT, REQ, "Key that it was held under.")                        \
    X(t, cause, TEXT, REQ, "gone, moved, archived, left or deleted.")          \
    X(t, key_elsewhere, TEXT, _, "Its key now, where it is known.")            \
    X(t, updated, TIME, REQ, "When the last state that was held was changed.") \
    X(t, made, TIME, REQ, "When it was found out.")

#define JD_COLS_sync_scope(X, t)                                                        \
    JD_SITE_ID(X, t)                                                                    \
    X(t, id, INT, KEY, "Number of the scope in this warehouse.")                        \
    X(t, name, TEXT, REQ, "Stable name: site and what is selected.")                    \
    X(t, label, TEXT, REQ, "Name for people: the project's key, or jql.")               \
    X(t, selection, TEXT, REQ, "JQL of what is selected.")                              \
    X(t, project, TEXT, _, "Project key; null for a query.")                            \
    X(t, project_id, INT, _, "Project: project.id; null for a query.")                  \
    X(t, quoted, BOOL, _, "How the server takes time bounds: true for quoted minutes.") \
    X(t, cursor, TEXT, _, "How far it is loaded: the cursor as JSON.")

#define JD_COLS_sync_member(X, t)                     \
    JD_SITE_ID(X, t)                                  \
    X(t, scope_id, INT, KEY, "Scope: sync_scope.id.") \
    X(t, issue_id, INT, KEY | JD_C_ISSUE, "Issue: issue.id.")

#define JD_COLS_sync_fact(X, t)          \
    JD_SITE_ID(X, t)                     \
    X(t, name, TEXT, KEY, "What it is.") \
    X(t, value, TEXT, REQ, "What is known.")

#define JD_COLS_sync_run(X, t)               \
    JD_SITE_ID(X, t)                         \
    X(t, id, INT, KEY, "Number of the run.") \
    X(t, command, TEXT, REQ, "Command.")     \
    X(t, began, TIME, REQ, "When it began.") \
    X(t, ended, TIME, REQ, "When it ended.") \
    X(t, verdict, TEXT, REQ, "What it came to, as JSON.")

typedef enum jd_table_id {
#define X(name, kind, indexes, comment) JD_T_##name,
    JD_TABLES(X)
#undef X
        JD_NTABLES
} jd_table_id;

/* JD_comment__body: the place of a column within its table. */
#define JD_COLUMN_ENUM(t, name, type, flags, comment) JD_##t##__##name,
#define X(name, kind, indexes, comment) \
    enum { JD_COLS_##name(JD_COLUMN_ENUM, name) JD_##name##__N };
JD_TABLES(X)
#undef X

enum { JD_COLS_MAX = 40 };

typedef struct jd_column {
    const char *name;
    jd_col_type type;
    unsigned    flags;
    const char *comment;
} jd_column;

typedef struct jd_table {
    jd_table_id      id;
    const char      *name;
    jd_table_kind    kind;
    const jd_column *col;
    unsigned         ncol;
    unsigned         nkey;  /* columns of the primary key */
    int              issue; /* place of issue_id, -1 for none */
    int              seen;  /* place of `seen`, -1 for none; behind it is what issues never tell */
    int              gone;  /* place of `gone`, -1 for none */
    const char      *indexes; /* as above */
    const char      *comment;
} jd_table;

extern const jd_table jd_tables[JD_NTABLES];

#endif
