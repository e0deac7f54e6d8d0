/* sqlite.h: a thin SQLite connection: prepared statements, transactions, errors with the file's
 * name. WAL with synchronous=FULL: a commit that returned is on disk. One connection belongs to one
 * thread. A full disk is JD_E_IO, a file that is no database or of a newer schema is the caller's
 * to judge. */
#ifndef JD_DB_SQLITE_H
#define JD_DB_SQLITE_H

#include "base/arena.h"

typedef struct jd_sqlite jd_sqlite;
typedef struct jd_stmt   jd_stmt;

/* Makes the file when it is missing, unless read_only (then JD_E_NOTFOUND). busy_ms: how long to
 * wait for another process's lock before JD_E_LOCKED. */
jd_code jd_sqlite_open(const char *path, bool read_only, int busy_ms, jd_sqlite **out,
                       jd_err *e) JD_NODISCARD;
void    jd_sqlite_close(jd_sqlite *db); /* finalizes its statements; NULL is fine */
/* Statements without results, several separated by ';'. */
jd_code jd_sqlite_exec(jd_sqlite *db, const char *sql, jd_err *e) JD_NODISCARD;
jd_code jd_sqlite_begin(jd_sqlite *db, jd_err *e) JD_NODISCARD; /* BEGIN IMMEDIATE */
jd_code jd_sqlite_commit(jd_sqlite *db, jd_err *e) JD_NODISCARD;
void    jd_sqlite_rollback(jd_sqlite *db); /* never fails; fine outside a transaction */

/* Owned by the connection. */
jd_code jd_stmt_prepare(jd_sqlite *db, const char *sql, jd_stmt **out, jd_err *e) JD_NODISCARD;
/* Parameters count from 1. Text is borrowed until the next reset. A jd_str with p NULL binds NULL.
 */
void jd_stmt_text(jd_stmt *s, int i, jd_str v);
void jd_stmt_int(jd_stmt *s, int i, int64_t v);
void jd_stmt_num(jd_stmt *s, int i, double v);
void jd_stmt_null(jd_stmt *s, int i);
/* One step: *row says whether there is a row to read. At the end, and after an error, the statement
 * is reset and its bindings are cleared. */
jd_code jd_stmt_step(jd_stmt *s, bool *row, jd_err *e) JD_NODISCARD;
/* A statement that gives no rows. */
jd_code jd_stmt_run(jd_stmt *s, jd_err *e) JD_NODISCARD;
void    jd_stmt_reset(jd_stmt *s);
int     jd_stmt_columns(jd_stmt *s);
/* Columns count from 0; views are valid until the next step. */
jd_str  jd_stmt_get_text(jd_stmt *s, int col); /* p NULL for NULL */
int64_t jd_stmt_get_int(jd_stmt *s, int col);  /* 0 for NULL */
bool    jd_stmt_is_null(jd_stmt *s, int col);
int64_t jd_sqlite_changes(jd_sqlite *db); /* rows of the last statement */
jd_code jd_sqlite_user_version(jd_sqlite *db, int64_t *out, jd_err *e) JD_NODISCARD;

#endif
