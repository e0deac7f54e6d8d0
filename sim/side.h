/* side.h: the rest of the REST API: Cloud's searches and issues, what hangs beside an issue, agile
 * boards, people, attachments. Routes, as in serve.h. */
#ifndef SIM_SIDE_H
#define SIM_SIDE_H

#include "sim/cloud.h"
#include "sim/page.h"
#include "sim/serve.h"

/* The account id of one who signs in by that name. */
jd_str sim_side_account_id(jd_arena *a, jd_str name);
/* A page's issues as selected, between the brackets; takes the texts over. */
void sim_rows(sim_call *c, const sim_select *s, sim_page *page);
/* A JSON text of Data Center's, as this flavour says it. */
void sim_side_say(sim_call *c, jd_buf *out, jd_str json);
/* {"startAt","maxResults","total","isLast","values":[those of the array]}; the query says which. */
void sim_side_page(sim_call *c, jd_str array, size_t cap);
/* The same without a total, as Data Center lists sprints. */
void sim_side_page_uncounted(sim_call *c, jd_str array, size_t cap);

/* cloud_search.c */
void sim_get_search_jql(sim_call *c, jd_str name);
void sim_post_search_jql(sim_call *c, jd_str name);
void sim_search_gone(sim_call *c, jd_str name);
void sim_post_count(sim_call *c, jd_str name);
void sim_post_jql_parse(sim_call *c, jd_str name);
void sim_post_bulk_fetch(sim_call *c, jd_str name);
void sim_post_page_tokens(sim_call *c, jd_str name); /* control: all expire */

/* cloud_issue.c */
void sim_get_cloud_issue(sim_call *c, jd_str name);
void sim_get_changelog(sim_call *c, jd_str name);
void sim_post_changelogs(sim_call *c, jd_str name);
void sim_get_cloud_comments(sim_call *c, jd_str name);
void sim_get_cloud_worklogs(sim_call *c, jd_str name);

/* beside.c */
void sim_get_remote_links(sim_call *c, jd_str name);
void sim_get_watchers(sim_call *c, jd_str name);
void sim_get_votes(sim_call *c, jd_str name);
void sim_get_users(sim_call *c, jd_str name);
void sim_get_tenant(sim_call *c, jd_str name);

/* agile.c */
void sim_get_boards(sim_call *c, jd_str name);
void sim_get_board(sim_call *c, jd_str name);
void sim_get_sprints(sim_call *c, jd_str name);
void sim_get_board_configuration(sim_call *c, jd_str name);
void sim_get_sprint(sim_call *c, jd_str name);

/* catalogue.c */
void sim_get_project_search(sim_call *c, jd_str name);
void sim_get_priority_search(sim_call *c, jd_str name);
void sim_get_resolution_search(sim_call *c, jd_str name);
void sim_get_versions(sim_call *c, jd_str name);
void sim_get_components(sim_call *c, jd_str name);

/* media.c */
void sim_get_attachment(sim_call *c, jd_str name);
void sim_get_attachment_meta(sim_call *c, jd_str name);
void sim_get_attachment_content(sim_call *c, jd_str name);
void sim_get_attachment_file(sim_call *c, jd_str path); /* "ID/NAME" */
/* The other host: a jd_httpd handler, self is the sim_server. */
void sim_serve_media(void *self, const jd_httpd_request *q, jd_arena *a, jd_httpd_reply *out);

/* write.c */
void sim_write_comment(sim_call *c, jd_str name);
void sim_write_fields(sim_call *c, jd_str name);
void sim_get_transitions(sim_call *c, jd_str name);
void sim_write_transition(sim_call *c, jd_str name);

/* link.c */
void sim_post_link(sim_call *c, jd_str name);   /* control */
void sim_post_unlink(sim_call *c, jd_str name); /* control */

/* control_more.c */
void sim_get_tune(sim_call *c, jd_str name);
void sim_post_tune(sim_call *c, jd_str name);
void sim_post_account(sim_call *c, jd_str name);
void sim_post_hide(sim_call *c, jd_str name);
void sim_post_archive(sim_call *c, jd_str name);

/* control_change.c */
void sim_post_edit_comment(sim_call *c, jd_str name);
void sim_post_delete_comment(sim_call *c, jd_str name);
void sim_post_worklog(sim_call *c, jd_str name);
void sim_post_delete_worklog(sim_call *c, jd_str name);
void sim_post_edit_worklog(sim_call *c, jd_str name);
void sim_post_set(sim_call *c, jd_str name);
void sim_post_field(sim_call *c, jd_str name);
void sim_post_rename_project(sim_call *c, jd_str name);
void sim_post_bulk(sim_call *c, jd_str name);

#endif
