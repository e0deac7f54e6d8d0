/* warehouse.h: the reporting warehouse as a sink: issues as rows of tables (derive/schema.h) in
 * SQLite or PostgreSQL. Data and cursors are one transaction, a batch each.
 *
 * - The address: sqlite:///path (four slashes: from the root), or postgresql://user@host/database.
 * - One run at a time writes to a scope (in SQLite: to the file); another one is told who does.
 * - Times are kept to the millisecond, texts as they are but for U+0000, which becomes U+FFFD. */
#ifndef JD_SINK_WAREHOUSE_H
#define JD_SINK_WAREHOUSE_H

#include "base/event.h"
#include "base/idset.h"
#include "derive/schema.h"
#include "sink/sink.h"

/* What packages for dbt read, in PostgreSQL: views in a schema of their own (sql/dbt.sql). */
typedef struct jd_dbt_conf {
    const char   *schema; /* of the first site, an identifier; NULL: none are made */
    const jd_log *log;    /* told when they cannot be made, which is no failure; may be NULL */
} jd_dbt_conf;

typedef struct jd_warehouse_conf {
    const char *url;
    const char *site;    /* "issues.apache.org/jira" */
    const char *program; /* who holds its locks, for others: "jiraduct sync" */
    bool        create;  /* makes database file and tables where there are none */
    int64_t     wait_ms; /* for whoever loads the same scope, before JD_E_LOCKED */
    bool        anew;    /* what is held unchanged is derived again all the same */
    jd_dbt_conf dbt;
} jd_warehouse_conf;

/* JD_E_CONFIG: a bad address, or an older schema; JD_E_STATE: a newer one; JD_E_NOTFOUND: no
 * tables; JD_E_LOCKED. */
jd_code jd_warehouse_open(const jd_warehouse_conf *conf, jd_sink *out, jd_err *e) JD_NODISCARD;

/* The same content, fetched later and for the plan at hand, need not be asked for again. */
enum { JD_WAREHOUSE_SETTLED_MS = 60000 };

/* -- of the warehouse as a whole ------------------------------------------------------------- */

/* Brings the schema up to the program's version; creates what is missing when `create`. *from: the
 * version it had, 0 for none. */
jd_code jd_warehouse_migrate(const char *url, const char *program, bool create,
                             const jd_dbt_conf *dbt, int64_t *from, jd_err *e) JD_NODISCARD;

/* The same before a load, creating what is missing: what is as it should be, views too, is not
 * touched. */
jd_code jd_warehouse_prepare(const char *url, const char *program, jd_err *e) JD_NODISCARD;

/* What is in it, for people and programs. Strings live in the arena. */
typedef struct jd_warehouse_scope {
    jd_str    site, label, selection;
    uint64_t  issues;
    jd_cursor cursor;
} jd_warehouse_scope;
typedef struct jd_warehouse_count {
    const char *table;
    uint64_t    rows;
} jd_warehouse_count;
typedef struct jd_warehouse_status {
    int64_t             version; /* of the schema; 0: there are no tables, nor anything below */
    jd_warehouse_scope *scope;
    size_t              n;
    struct jd_warehouse_run *run; /* the last ones, the newest first */
    size_t                   nrun;
    jd_warehouse_count      *count; /* of the tables of issues; none of an older schema */
    size_t                   ncount;
} jd_warehouse_status;
jd_code jd_warehouse_look(const char *url, jd_arena *a, jd_warehouse_status *out,
                          jd_err *e) JD_NODISCARD;

/* What is held of an id, the batch in hand included; quick when ids rise. *same_key: under this
 * key.
 */
jd_code jd_warehouse_held(const jd_sink *sink, uint64_t id, jd_str key, jd_held *out, bool *found,
                          bool *same_key, jd_err *e) JD_NODISCARD;

/* Every issue that is held of a site, in order of id. */
typedef struct jd_warehouse_issue {
    uint64_t id;
    jd_str   key; /* for the call */
    jd_held  held;
} jd_warehouse_issue;
jd_code jd_warehouse_each(const jd_sink *sink,
                          bool (*each)(void *self, const jd_warehouse_issue *issue), void *self,
                          jd_err *e) JD_NODISCARD;
/* JD_MEMBERS_SUM (members.h) of the issues that belong to a scope; the text lives in the arena. */
jd_code jd_warehouse_members_sum(const jd_sink *sink, const jd_scope *scope, jd_arena *a,
                                 jd_str *out, jd_err *e) JD_NODISCARD;
/* Those that are not among these belong to the scope no longer; they stay issues all the same. */
jd_code jd_warehouse_keep_members(const jd_sink *sink, const jd_scope *scope, const jd_idset *these,
                                  jd_err *e) JD_NODISCARD;
/* Which schema the rows of all issues were derived for. Where it is not the program's (*same
 * false), as after a migration, what is held unchanged is derived again from now on; `note` says
 * that this was done. */
jd_code jd_warehouse_derived(const jd_sink *sink, bool *same, jd_err *e) JD_NODISCARD;
jd_code jd_warehouse_note_derived(const jd_sink *sink, jd_err *e) JD_NODISCARD;
/* How many rows of the sink's site a table of issues or their children has. */
jd_code jd_warehouse_rows(const jd_sink *sink, jd_table_id table, uint64_t *out,
                          jd_err *e) JD_NODISCARD;

/* After much was loaded: the server learns what its tables hold, as it would by itself some time
 * later; until then it plans badly, for us and for whoever asks. Nothing to do in SQLite. */
jd_code jd_warehouse_analyze(const jd_sink *sink, jd_err *e) JD_NODISCARD;

/* What a catalogue of the site lists (jd_rows_listed has the members' meaning). Its facts go over
 * what issues told earlier; what it does not tell where it tells it of others is null. What is held
 * of the table (of the project; of sprints: of the boards that are listed in `boards`), was not
 * told of since, and is not listed, gets `gone`: an empty list of the site's own says nothing. */
typedef struct jd_warehouse_list {
    jd_table_id    table;
    uint64_t       project;
    int64_t        seen_ms;
    const jd_json *list, *names, *boards;
} jd_warehouse_list;
typedef jd_code jd_warehouse_take(void *to, const jd_warehouse_list *list, jd_err *e);
/* Hands over lists that belong together, one after the other: the same each time it is called. What
 * several of them list is the first one's. */
typedef jd_code jd_warehouse_lists(void *self, jd_warehouse_take *take, void *to, jd_err *e);
/* In one transaction, which begins behind the first time; nothing where that fails. */
jd_code jd_warehouse_listed(const jd_sink *sink, jd_warehouse_lists *lists, void *self,
                            jd_err *e) JD_NODISCARD;

/* Of a run that ended; verdict: JSON. */
typedef struct jd_warehouse_run {
    jd_str  site; /* of what jd_warehouse_look gives */
    jd_str  command, verdict;
    int64_t began_ms, ended_ms;
} jd_warehouse_run;
/* The last one of the sink's site; its texts live in the arena. */
jd_code jd_warehouse_last(const jd_sink *sink, jd_arena *a, jd_warehouse_run *out, bool *found,
                          jd_err *e) JD_NODISCARD;
jd_code jd_warehouse_note(const jd_sink *sink, const jd_warehouse_run *run, jd_err *e) JD_NODISCARD;

/* Removes issues from every scope: all that is held of them goes, and `why` stays. */
jd_code jd_warehouse_drop(const jd_sink *sink, const jd_tombstone *why, size_t n,
                          jd_err *e) JD_NODISCARD;

/* Whether it is an address at all: JD_E_CONFIG, without showing it, for it may hold a password. */
jd_code jd_warehouse_check(const char *url, jd_err *e) JD_NODISCARD;
/* The name of an address without what is secret: for messages. */
jd_str jd_warehouse_name(jd_arena *a, const char *url);

#endif
