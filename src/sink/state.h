/* state.h: data/state/state.db, the raw sink's memory: which site, where each scope stands, what is
 * held of each issue, under which keys it was known, and what past runs came to.
 *
 * - One writer: the folder's lock is held from open to close.
 * - Everything a batch changes is in one transaction (begin … commit).
 * - Errors: JD_E_LOCKED, JD_E_STATE (newer version, another site), JD_E_IO, JD_E_DB. */
#ifndef JD_SINK_STATE_H
#define JD_SINK_STATE_H

#include "db/sqlite.h"
#include "sink/sink.h"
#include "sys/file.h"

enum { JD_STATE_VERSION = 8 };

typedef struct jd_state jd_state;

/* How the raw store beside it is laid out (sink/store.h). */
typedef enum jd_layout {
    JD_LAYOUT_ANY, /* not said */
    JD_LAYOUT_FILES,
    JD_LAYOUT_PACK
} jd_layout;
const char *jd_layout_name(jd_layout l); /* "files" */
jd_layout   jd_layout_of(jd_str name);   /* JD_LAYOUT_ANY when it is none */

typedef struct jd_state_issue { /* a row of what is held */
    uint64_t id;
    jd_str   key; /* valid until the next call */
    jd_held  held;
} jd_state_issue;

/* Makes the folder and the database when missing. *fresh: its rows do not yet say what the raw
 * store holds (it is new, or a rebuild was cut short); jd_state_set_layout ends that. site NULL:
 * whatever it is for. */
jd_code jd_state_open(const char *dir, const char *site, jd_state **out, bool *fresh,
                      jd_err *e) JD_NODISCARD;
/* For looking only: no lock, nothing is made; JD_E_NOTFOUND when there is none. */
jd_code     jd_state_open_read(const char *dir, jd_state **out, jd_err *e) JD_NODISCARD;
void        jd_state_close(jd_state *s);
jd_str      jd_state_site(const jd_state *s);
const char *jd_state_dir(const jd_state *s);
jd_layout   jd_state_layout(const jd_state *s); /* JD_LAYOUT_ANY while it is fresh */
/* The packed raw folder it belongs to, by the name that stands in that folder; empty for none. */
jd_str jd_state_store(const jd_state *s);
/* Inside the transaction that brings the rows; store is empty for files. */
jd_code jd_state_set_layout(jd_state *s, jd_layout layout, jd_str store, jd_err *e) JD_NODISCARD;
/* A name that no other store has; lives in the arena. */
jd_code jd_state_new_store(jd_state *s, jd_arena *a, jd_str *out, jd_err *e) JD_NODISCARD;
/* The connection, for the other tables of state.db (sink/packindex.h). */
jd_sqlite *jd_state_db(jd_state *s);
/* A statement of theirs that is asked again and again, prepared at its first use; told from others
 * by the literal's address. There are places for a few. */
jd_code jd_state_statement(jd_state *s, const char *literal, jd_stmt **out, jd_err *e) JD_NODISCARD;
/* A copy of the whole into a new file; no transaction may be open. Not synced. */
jd_code jd_state_copy(jd_state *s, const char *path, jd_err *e) JD_NODISCARD;

jd_code jd_state_begin(jd_state *s, jd_err *e) JD_NODISCARD;
jd_code jd_state_commit(jd_state *s, jd_err *e) JD_NODISCARD;
void    jd_state_rollback(jd_state *s);

jd_code jd_state_get(jd_state *s, uint64_t id, jd_state_issue *out, bool *found,
                     jd_err *e) JD_NODISCARD;
/* After a row that was found: lets go of the moment of the database that it was read at. */
void    jd_state_done(jd_state *s);
jd_code jd_state_by_key(jd_state *s, jd_str key, uint64_t *id, bool *found, jd_err *e) JD_NODISCARD;
/* Upsert; an older key becomes an alias, another id's claim to the key ends. */
jd_code jd_state_put(jd_state *s, const jd_state_issue *row, jd_err *e) JD_NODISCARD;
jd_code jd_state_forget(jd_state *s, uint64_t id, jd_err *e) JD_NODISCARD;
/* The issue belongs to the scope; when it moved, to no other project's scope any more. */
jd_code jd_state_member(jd_state *s, const jd_scope *scope, uint64_t id, bool moved,
                        jd_err *e) JD_NODISCARD;
/* Aliases and tombstones were added by others than jd_state_put (sink/tomb.h). */
void jd_state_buried(jd_state *s);
/* Whether it is of an older version than this, opened for looking only. */
bool jd_state_before(const jd_state *s, int64_t version);
/* Members of the scope updated at or after `since` (JD_PAST: all of them). */
jd_code jd_state_count(jd_state *s, const jd_scope *scope, int64_t since, uint64_t *out,
                       jd_err *e) JD_NODISCARD;
/* In order of id; returns JD_OK and stops when each gives false. */
jd_code jd_state_each(jd_state *s, bool (*each)(void *self, const jd_state_issue *row), void *self,
                      jd_err *e) JD_NODISCARD;

/* The scope's row, made when missing: in the order in which a run names its scopes; a query's with
 * the label it has now. */
jd_code jd_state_add_scope(jd_state *s, const jd_scope *scope, jd_err *e) JD_NODISCARD;
jd_code jd_state_cursor(jd_state *s, const jd_scope *scope, jd_cursor *out, jd_err *e) JD_NODISCARD;
jd_code jd_state_set_cursor(jd_state *s, const jd_scope *scope, const jd_cursor *c,
                            jd_err *e) JD_NODISCARD;
/* How the server takes bounds: true once it was found to need quoted minutes. */
jd_code jd_state_quoted(jd_state *s, const jd_scope *scope, bool *known, bool *quoted,
                        jd_err *e) JD_NODISCARD;
jd_code jd_state_set_quoted(jd_state *s, const jd_scope *scope, bool quoted,
                            jd_err *e) JD_NODISCARD;

typedef struct jd_state_scope { /* for people: `state show` */
    jd_str    name, label, selection;
    jd_cursor cursor;
    uint64_t  members; /* 0 unless counted, which takes a while */
} jd_state_scope;
jd_code jd_state_scopes(jd_state *s, jd_arena *a, bool count, jd_state_scope **out, size_t *n,
                        jd_err *e) JD_NODISCARD;
/* Forgets a scope's cursor, so that its next run is a backfill, and takes nothing of it for
 * unchanged before its content, and the file, were compared. */
jd_code jd_state_reset(jd_state *s, jd_str name, jd_err *e) JD_NODISCARD;

/* A run, for the record: its verdict as JSON. */
jd_code jd_state_add_run(jd_state *s, int64_t began_ms, int64_t ended_ms, const char *command,
                         jd_str verdict, jd_err *e) JD_NODISCARD;
/* last_updates.json, for people (and for tools that read it): project -> date. */
jd_code jd_state_write_updates(jd_state *s, jd_err *e) JD_NODISCARD;

#endif
