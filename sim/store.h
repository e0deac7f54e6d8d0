/* store.h: the issues that jirasim serves, complete, with the columns that JQL asks for.
 *
 * - One writer at a time (changes on request), many readers: the store locks itself.
 * - An issue's text is the complete issue as Jira's JSON: every comment, worklog and history. What
 *   the server cuts from it on the way out (sim_cuts) is made once, when the issue comes in.
 * - The complete text is Data Center's in both flavours; with `cloud`, what is served is Cloud's.
 * - Searches may lag behind (sim_store_lag), and may be kept from some viewers (veils).
 * - A version of an issue (sim_text) never changes and is counted: a reply in flight holds its
 *   texts while the store moves on. */
#ifndef SIM_STORE_H
#define SIM_STORE_H

#include "base/arena.h"
#include "base/buf.h"
#include "text/json.h"

#include <stdatomic.h>

typedef struct sim_named { /* status, type, priority, resolution: id and name; p NULL when unset */
    jd_str id, name;
} sim_named;

typedef struct sim_issue {
    uint64_t  id, number, project_id;
    jd_str    key, project; /* "HADOOP-12", "HADOOP" */
    int64_t   created_ms, updated_ms;
    int64_t   resolved_ms; /* INT64_MIN when unresolved */
    sim_named status, type, priority, resolution;
    unsigned  category;           /* of the status, as sim_jql_category; 0: unknown */
    jd_str    assignee, reporter; /* login names, p NULL when unset */
    jd_str    json;               /* the complete issue */
} sim_issue;

enum { SIM_ISSUE_MAX = 256 * 1024 * 1024 };

/* How many children an issue shows where it is embedded; SIZE_MAX shows all. */
typedef struct sim_cuts {
    size_t comments, worklogs, histories;
} sim_cuts;

typedef struct sim_text {
    atomic_uint refs;
    sim_issue   issue;
    uint64_t    tie;
    jd_str      served;  /* with all fields and the changelog, cut; a ',' stands right before it */
    jd_str      bare[2]; /* the same without the changelog, in two parts; ',' before the first */
} sim_text;

sim_text *sim_text_ref(sim_text *t);
void      sim_text_drop(sim_text *t); /* NULL is fine */

/* -- order: by whole second as in Jira's index, then by tie --------------------------------- */
typedef struct sim_entry {
    int64_t   second;
    uint64_t  tie;
    sim_text *text;
} sim_entry;
typedef struct sim_column { /* ascending */
    sim_entry *v;
    size_t     n, cap;
} sim_column;

typedef struct sim_project {
    uint64_t   id;
    jd_str     key, name, json; /* json as /project lists it */
    uint64_t   top;             /* highest issue number ever */
    uint64_t   veil;            /* as of issues, and for all of them */
    sim_column by[2];           /* by sim_index: created, updated */
} sim_project;

/* Veils: bit n hides from viewer n, and SIM_ARCHIVED keeps out of every search. */
enum { SIM_VIEWERS = 62, SIM_SEES_ALL = 62 };
#define SIM_ARCHIVED (UINT64_C(1) << 63)

typedef struct sim_store sim_store;
typedef struct sim_meta  sim_meta;

/* base_url is borrowed: for the links of what is made up. */
sim_store *sim_store_new(const sim_cuts *cuts, jd_str base_url);
/* Before the first issue: serve them as Cloud does. */
void sim_store_cloud(sim_store *s);
void sim_store_free(sim_store *s); /* NULL is fine */

/* Adds an issue, or puts a new version in the place of the one with the same id. It must be a JSON
 * object with id and key (JD_E_DATA says what is wrong, also when another issue has the key).
 * Before sim_store_settle, searches see nothing. */
jd_code sim_store_put(sim_store *s, jd_str json, jd_err *e) JD_NODISCARD;
void    sim_store_settle(sim_store *s);
/* Changes reach searches that much later by `now`; 0: at once. */
void sim_store_lag(sim_store *s, int64_t lag_ms, int64_t (*now)(void *self), void *self);
/* Before a search: what is due by now, and these issues in any case. */
void sim_store_catch_up(sim_store *s, const uint64_t *ids, size_t n);
/* Rises with every change. */
uint64_t sim_store_version(const sim_store *s);
/* Gone for ever, with all its keys; false when it was not there. */
bool sim_store_remove(sim_store *s, uint64_t id);
/* Makes a project known that may have no issue yet; json as /project lists it. */
jd_code sim_store_add_project(sim_store *s, jd_str json, jd_err *e) JD_NODISCARD;

/* Changes are made by reading a version, then putting the next: between these two calls no other
 * change comes in. Readers go on. */
void sim_store_change_begin(sim_store *s);
void sim_store_change_end(sim_store *s);

/* A field of the catalogue, new or changed; json as GET /field lists it. */
void sim_store_put_field(sim_store *s, jd_str id, jd_str name, jd_str json);

/* By id or key (any letter case, moved keys too): a reference to drop, or NULL. */
sim_text *sim_store_get(sim_store *s, jd_str id_or_key);
sim_text *sim_store_get_for(sim_store *s, jd_str id_or_key, unsigned viewer);
/* Veils of an issue or a project: these bits on or off. False when there is no such thing. */
bool sim_store_veil_issue(sim_store *s, jd_str id_or_key, uint64_t bits, bool on);
bool sim_store_veil_project(sim_store *s, jd_str project, uint64_t bits, bool on);
/* A new key, name and JSON for a project; the old key goes on leading to it, unless it is to be
 * forgotten. Its issues are the caller's business. JD_E_NOTFOUND, JD_E_USAGE when the key is no key
 * or taken. */
jd_code sim_store_rename_project(sim_store *s, jd_str project, jd_str key, jd_str name, jd_str json,
                                 bool forget, jd_err *e) JD_NODISCARD;
size_t  sim_store_count(sim_store *s);
/* Appends the issue as it is served, but with every list whole and oldest first. */
void sim_store_write(sim_store *s, const sim_text *t, jd_buf *out);

/* What is below may only be called, and what it gives only used, between these two. */
void               sim_store_read_begin(sim_store *s);
void               sim_store_read_end(sim_store *s);
const sim_text    *sim_store_peek(const sim_store *s, jd_str id_or_key);
bool               sim_store_veiled(const sim_store *s); /* something is hidden from someone */
bool               sim_store_sees(const sim_store *s, const sim_text *t, unsigned viewer);
bool               sim_store_finds(const sim_store *s, const sim_text *t, unsigned viewer);
bool               sim_store_archived(const sim_store *s, const sim_text *t);
const sim_project *sim_store_everything(const sim_store *s); /* one project of all issues */
const sim_project *sim_store_project(const sim_store *s, uint64_t id);
const sim_project *sim_store_project_named(const sim_store *s, jd_str key_or_id_or_name);
/* The same, not by name. */
const sim_project *sim_store_project_keyed(const sim_store *s, jd_str name);
/* The highest issue id ever. */
uint64_t sim_store_top_id(const sim_store *s);
/* By key; the caller frees the list. */
size_t    sim_store_projects(const sim_store *s, const sim_project ***all);
sim_meta *sim_store_meta(sim_store *s);

/* First entry not before the instant. */
size_t sim_column_from(const sim_column *c, int64_t ms);

#endif
