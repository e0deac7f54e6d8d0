#include "db/sqlite.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct jd_stmt {
    jd_sqlite    *db;
    sqlite3_stmt *stmt;
    int           failed; /* first refusal of a binding or a read, told by the next step */
    jd_stmt      *next;
};

struct jd_sqlite {
    sqlite3 *db;
    char    *path;
    jd_stmt *stmts;
};

/* What a result means here: the code, and what a person can do about it. */
static const struct {
    int         result; /* primary */
    jd_code     code;
    const char *text;
} meanings[] = {
    {SQLITE_FULL, JD_E_IO, "the disk is full: free some space and run again"},
    {SQLITE_IOERR, JD_E_IO, "cannot be read or written: check the disk and its free space"},
    {SQLITE_READONLY, JD_E_IO, "is not writable: check the permissions of the file and its folder"},
    {SQLITE_PERM, JD_E_IO, "is not accessible: check the permissions of the file and its folder"},
    {SQLITE_CANTOPEN, JD_E_IO,
     "cannot be opened: check that its folder exists and is writable, and that it is a file"},
    {SQLITE_BUSY, JD_E_LOCKED, "is in use by another run: let it end, then run again"},
    {SQLITE_LOCKED, JD_E_LOCKED, "is in use by another run: let it end, then run again"},
    {SQLITE_PROTOCOL, JD_E_LOCKED, "is in use by another run: let it end, then run again"},
    {SQLITE_CORRUPT, JD_E_STATE, "is no database or damaged; restore it, or move it away"},
    {SQLITE_NOTADB, JD_E_STATE, "is no database or damaged; restore it, or move it away"},
    {SQLITE_TOOBIG, JD_E_TOOBIG, "a value is over the database's limit"},
};

/* The connection's own words are read at once: any further call would change them. */
static jd_code fail(const jd_sqlite *db, int result, jd_err *e)
{
    const char *said = sqlite3_errstr(result);
    if (db->db && sqlite3_errcode(db->db) != SQLITE_OK)
        said = sqlite3_errmsg(db->db);
    int sys = db->db ? sqlite3_system_errno(db->db) : 0;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        if ((result & 0xff) != meanings[i].result)
            continue;
        const char *text = meanings[i].text;
        if (meanings[i].result == SQLITE_IOERR && (sys == ENOSPC || sys == EDQUOT))
            text = meanings[0].text;
        jd_fail(e, meanings[i].code, "%s: %s (%s)", db->path, text, said);
        if (meanings[i].code == JD_E_IO)
            e->sys = sys;
        return e->code;
    }
    /* ALTER TABLE reads anew what is made of tables: a person's own view may not go with it */
    if (strncmp(said, "error in ", 9) == 0)
        return jd_fail(e, JD_E_CONFIG, "%s: %s: drop that, run again, and make it anew behind that",
                       db->path, said);
    return jd_fail(e, JD_E_DB, "%s: %s (SQLite result %d)", db->path, said, result);
}

/* First column of the first row as text, for pragmas that answer. */
static jd_code ask(jd_sqlite *db, const char *sql, char *out, size_t size, jd_err *e)
{
    sqlite3_stmt *stmt = NULL;
    jd_code       code = JD_OK;
    int           rc   = sqlite3_prepare_v2(db->db, sql, -1, &stmt, NULL);
    out[0]             = '\0';
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        size_t      n    = text ? strlen(text) : 0;
        if (n >= size)
            n = size - 1;
        if (text)
            memcpy(out, text, n);
        out[n] = '\0';
    } else if (rc != SQLITE_DONE) {
        code = fail(db, rc, e);
    }
    (void)sqlite3_finalize(stmt);
    return code;
}

static jd_code set_up(jd_sqlite *db, bool read_only, jd_err *e)
{
    char    mode[16];
    jd_code code = jd_sqlite_exec(db, "PRAGMA foreign_keys=ON", e);
    if (code == JD_OK) /* half a MiB a connection: the system's cache holds the rest */
        code = jd_sqlite_exec(db, "PRAGMA cache_size=-512", e);
    if (code != JD_OK)
        return code;
    if (read_only) /* the first read tells whether the file is a database at all */
        return ask(db, "PRAGMA schema_version", mode, sizeof mode, e);
    code = ask(db, "PRAGMA journal_mode=WAL", mode, sizeof mode, e);
    if (code != JD_OK)
        return code;
    /* Where there can be no WAL, only EXTRA also makes the journal's removal last. */
    return jd_sqlite_exec(
        db, strcmp(mode, "wal") == 0 ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=EXTRA", e);
}

/* Counting its memory takes a lock at every allocation. */
static void configure(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static jd_code open_once(const char *path, bool read_only, int busy_ms, jd_sqlite **out, bool *torn,
                         jd_err *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, configure);
    jd_sqlite *db = jd_xcalloc(1, sizeof *db);
    db->path      = jd_xstrdup(path);
    int flags     = SQLITE_OPEN_NOMUTEX |
                (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    int     rc   = sqlite3_open_v2(path, &db->db, flags, NULL);
    jd_code code = rc == SQLITE_OK ? JD_OK : fail(db, rc, e);
    if (code == JD_OK) {
        (void)sqlite3_extended_result_codes(db->db, 1);
        (void)sqlite3_busy_timeout(db->db, busy_ms);
        code = set_up(db, read_only, e);
        rc   = sqlite3_extended_errcode(db->db);
    }
    *torn = code && (rc == SQLITE_READONLY_ROLLBACK || rc == SQLITE_READONLY_RECOVERY);
    if (code != JD_OK) {
        jd_sqlite_close(db);
        return code;
    }
    *out = db;
    return JD_OK;
}

jd_code jd_sqlite_open(const char *path, bool read_only, int busy_ms, jd_sqlite **out, jd_err *e)
{
    bool       torn;
    jd_sqlite *mender;
    jd_err     ignored;
    if (read_only && access(path, F_OK) != 0 && errno == ENOENT)
        return jd_fail(e, JD_E_NOTFOUND, "%s: there is no such file", path);
    jd_code code = open_once(path, read_only, busy_ms, out, &torn, e);
    if (!torn)
        return code;
    /* A writer was killed before it had made the file's log: who only reads may not tidy up. Where
     * that does not come about, another may just have done it. */
    if (open_once(path, false, busy_ms, &mender, &torn, &ignored) == JD_OK)
        jd_sqlite_close(mender);
    return open_once(path, true, busy_ms, out, &torn, e);
}

void jd_sqlite_close(jd_sqlite *db)
{
    if (!db)
        return;
    while (db->stmts) {
        jd_stmt *s = db->stmts;
        db->stmts  = s->next;
        (void)sqlite3_finalize(s->stmt);
        free(s);
    }
    (void)sqlite3_close(db->db); /* an open transaction is rolled back */
    free(db->path);
    free(db);
}

jd_code jd_sqlite_exec(jd_sqlite *db, const char *sql, jd_err *e)
{
    int rc = sqlite3_exec(db->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? JD_OK : fail(db, rc, e);
}

jd_code jd_sqlite_begin(jd_sqlite *db, jd_err *e)
{
    return jd_sqlite_exec(db, "BEGIN IMMEDIATE", e);
}

jd_code jd_sqlite_commit(jd_sqlite *db, jd_err *e)
{
    return jd_sqlite_exec(db, "COMMIT", e);
}

void jd_sqlite_rollback(jd_sqlite *db)
{
    if (!sqlite3_get_autocommit(db->db))
        (void)sqlite3_exec(db->db, "ROLLBACK", NULL, NULL, NULL);
}

jd_code jd_stmt_prepare(jd_sqlite *db, const char *sql, jd_stmt **out, jd_err *e)
{
    sqlite3_stmt *stmt = NULL;
    int           rc = sqlite3_prepare_v3(db->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
    if (rc != SQLITE_OK)
        return fail(db, rc, e);
    if (!stmt)
        return jd_fail(e, JD_E_INTERNAL, "%s: an empty statement was prepared", db->path);
    jd_stmt *s = jd_xcalloc(1, sizeof *s);
    *s         = (jd_stmt){.db = db, .stmt = stmt, .next = db->stmts};
    db->stmts  = s;
    *out       = s;
    return JD_OK;
}

static void keep_failure(jd_stmt *s, int rc)
{
    if (rc != SQLITE_OK && s->failed == SQLITE_OK)
        s->failed = rc;
}

void jd_stmt_text(jd_stmt *s, int i, jd_str v)
{
    keep_failure(s, v.p ? sqlite3_bind_text64(s->stmt, i, v.p, v.n, SQLITE_STATIC, SQLITE_UTF8)
                        : sqlite3_bind_null(s->stmt, i));
}

void jd_stmt_int(jd_stmt *s, int i, int64_t v)
{
    keep_failure(s, sqlite3_bind_int64(s->stmt, i, v));
}

void jd_stmt_num(jd_stmt *s, int i, double v)
{
    keep_failure(s, sqlite3_bind_double(s->stmt, i, v));
}

void jd_stmt_null(jd_stmt *s, int i)
{
    keep_failure(s, sqlite3_bind_null(s->stmt, i));
}

jd_code jd_stmt_step(jd_stmt *s, bool *row, jd_err *e)
{
    int     rc   = s->failed != SQLITE_OK ? s->failed : sqlite3_step(s->stmt);
    jd_code code = JD_OK;
    *row         = rc == SQLITE_ROW;
    if (*row)
        return JD_OK;
    if (rc != SQLITE_DONE)
        code = fail(s->db, rc, e);
    jd_stmt_reset(s);
    return code;
}

jd_code jd_stmt_run(jd_stmt *s, jd_err *e)
{
    bool    row;
    jd_code code = jd_stmt_step(s, &row, e);
    if (code == JD_OK && row) {
        code = jd_fail(e, JD_E_INTERNAL, "%s: rows from a statement that has none: %s", s->db->path,
                       sqlite3_sql(s->stmt));
        jd_stmt_reset(s);
    }
    return code;
}

void jd_stmt_reset(jd_stmt *s)
{
    (void)sqlite3_reset(s->stmt);
    (void)sqlite3_clear_bindings(s->stmt);
    s->failed = SQLITE_OK;
}

int jd_stmt_columns(jd_stmt *s)
{
    return sqlite3_column_count(s->stmt);
}

jd_str jd_stmt_get_text(jd_stmt *s, int col)
{
    if (jd_stmt_is_null(s, col))
        return JD_NOSTR;
    const char *p = (const char *)sqlite3_column_text(s->stmt, col);
    if (!p) { /* out of memory while converting */
        keep_failure(s, SQLITE_NOMEM);
        return JD_STR("");
    }
    return (jd_str){p, (size_t)sqlite3_column_bytes(s->stmt, col)};
}

int64_t jd_stmt_get_int(jd_stmt *s, int col)
{
    return sqlite3_column_int64(s->stmt, col);
}

bool jd_stmt_is_null(jd_stmt *s, int col)
{
    return sqlite3_column_type(s->stmt, col) == SQLITE_NULL;
}

int64_t jd_sqlite_changes(jd_sqlite *db)
{
    return sqlite3_changes64(db->db);
}

jd_code jd_sqlite_user_version(jd_sqlite *db, int64_t *out, jd_err *e)
{
    char    text[24];
    int64_t version;
    jd_code code = ask(db, "PRAGMA user_version", text, sizeof text, e);
    if (code != JD_OK)
        return code;
    if (!jd_str_i64(jd_str_of(text), &version))
        return jd_fail(e, JD_E_DB, "%s: PRAGMA user_version gave \"%s\"", db->path, text);
    *out = version;
    return JD_OK;
}
