/* wh_db.h: what the warehouse sink asks of its database, SQLite or PostgreSQL, and the SQL that
 * both have in common.
 *
 * - One object belongs to one thread. A batch stands between begin and commit or rollback; nothing
 *   of it is seen by others before commit returned JD_OK.
 * - SQL for `run` and `each` has $1… in order of appearance; parameters and results are texts, p
 * NULL is null. Its texts must be literals: statements are kept by their address. */
#ifndef JD_SINK_WH_DB_H
#define JD_SINK_WH_DB_H

#include "base/event.h"
#include "base/vec.h"
#include "derive/rows.h"
#include "derive/schema_sql.h"
#include "sink/sink.h"

enum { JD_WH_PARAMS = 12 };

typedef struct jd_wh_named { /* a row of a JD_TAB_NAMED table */
    jd_table_id table;
    jd_cell    *cell;
} jd_wh_named;

typedef enum jd_wh_how {
    JD_WH_JOINED,  /* held unchanged: belongs to the scope unless it moved to another project */
    JD_WH_WRITTEN, /* written by the scope */
    JD_WH_MOVED    /* written, with another key than before: of no other project's scope any more */
} jd_wh_how;

typedef struct jd_wh_member {
    int64_t   scope;
    uint64_t  id;
    jd_wh_how how;
} jd_wh_member;

typedef struct jd_wh_touch { /* the same content, read again */
    uint64_t id, plan;
    int64_t  fetched_ms;
} jd_wh_touch;

typedef struct jd_wh_batch { /* what a commit brings beside the rows of issues */
    int64_t site;
    bool    listed;            /* `named` are a catalogue's */
    JD_VEC(jd_wh_named) named; /* each key once */
    JD_VEC(jd_wh_member) member;
    JD_VEC(jd_wh_touch) touch;
} jd_wh_batch;

typedef bool jd_wh_row_fn(void *self, const jd_str *col); /* false: no more */

typedef struct jd_wh_ops {
    jd_dialect  dialect;
    const char *txn; /* begins a transaction that nobody else writes in */
    void (*close)(void *self);
    /* Another connection to the same database, for looking only. */
    jd_code (*another)(void *self, void **out, jd_err *e);
    jd_code (*run)(void *self, const char *sql, const jd_str *param, unsigned n, jd_err *e);
    jd_code (*each)(void *self, const char *sql, const jd_str *param, unsigned n, jd_wh_row_fn *row,
                    void *row_self, jd_err *e);
    /* Several statements, without parameters; also BEGIN and COMMIT. */
    jd_code (*script)(void *self, const char *sql, jd_err *e);
    /* One run at a time writes to a scope: JD_E_LOCKED says who does. Held until close. */
    jd_code (*lock)(void *self, const jd_scope *scope, int64_t wait_ms, jd_err *e);
    /* A batch: begin, for each issue `issue` and its rows, then put, whatever `run` brings, and
     * end; rollback undoes it. fresh: nothing of the issue is held. One that comes again in the
     * same batch takes the place of its first rows. */
    jd_code (*begin)(void *self, jd_err *e);
    jd_code (*issue)(void *self, int64_t site, uint64_t id, bool fresh, jd_err *e);
    jd_code (*row)(void *self, jd_table_id table, const jd_cell *cell, jd_err *e);
    jd_code (*put)(void *self, const jd_wh_batch *batch, jd_err *e);
    jd_code (*end)(void *self, jd_err *e);
    void (*rollback)(void *self);
    /* After put, run or end failed and rollback: whether the same, from put on, may succeed the
     * n-th time (from 1). May wait a little. */
    bool (*again)(void *self, int n);
} jd_wh_ops;

typedef struct jd_wh_db {
    const jd_wh_ops *ops;
    void            *self;
} jd_wh_db;

/* program: who holds a lock, for others. */
jd_code jd_wh_open_postgres(const char *url, const char *program, jd_wh_db *out,
                            jd_err *e) JD_NODISCARD;
/* create: makes the file when it is missing. writer: takes its lock. */
jd_code jd_wh_open_sqlite(const char *path, const char *program, bool create, bool writer,
                          jd_wh_db *out, jd_err *e) JD_NODISCARD;

/* -- SQL in common (wh_sql.c) ---------------------------------------------------------------- */

/* "ON CONFLICT (key) DO UPDATE SET …", of a child or the issue: all columns are taken over, where
 * any differs. `t` is what the target is called. */
void jd_wh_sql_replace(jd_buf *out, const jd_table *t);
/* The same of a named thing: later facts over earlier ones, null over nothing; but where a
 * catalogue listed it, what that does not tell is null (JD_C_FULL). What is told of later than it
 * was found gone is there again. */
void jd_wh_sql_merge(jd_buf *out, const jd_table *t, bool listed);

extern const char jd_wh_sql_join[];   /* $1 site, $2 scope, $3 issue: as JD_WH_JOINED */
extern const char jd_wh_sql_member[]; /* the same: as JD_WH_WRITTEN */
extern const char jd_wh_sql_leave[];  /* the same: of no other project's scope */
extern const char jd_wh_sql_cursor[]; /* $1 cursor, $2 site, $3 scope */
/* What fills issue_wide (wide.c); *out, in the arena, is NULL where the site has no columns. */
jd_code jd_wh_wide_sql(const jd_wh_db *db, int64_t site, jd_arena *a, const char **out,
                       jd_err *e) JD_NODISCARD;
/* Fills it for the issues that the batch wrote, as their values are now. */
jd_code jd_wh_wide_put(const jd_wh_db *db, const char *sql, const jd_wh_batch *batch,
                       jd_err *e) JD_NODISCARD;

/* "2024-01-15 10:30:00.123", the day alone of a JD_COL_DATE; returns its length. */
enum { JD_WH_TIME_MAX = 32 };
size_t jd_wh_time(int64_t ms, bool day, char out[JD_WH_TIME_MAX]);
/* JD_NO_TIME when it is none. */
int64_t jd_wh_time_of(jd_str text);

#endif
