#include "db/sqlite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* clang-format off: needs the standard headers above */
#include <cmocka.h>
/* clang-format on */

static char folder[] = "/tmp/jd-sqlite-XXXXXX";
static char path[128];

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static int fresh(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "%s/state.db", folder);
    return 0;
}

static int drop(void **state)
{
    static const char *const tails[] = {"", "-wal", "-shm", "-journal"};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char file[160];
        (void)snprintf(file, sizeof file, "%s%s", path, tails[i]);
        (void)unlink(file);
    }
    return 0;
}

static jd_sqlite *open_db(bool read_only)
{
    jd_err     e  = JD_ERR_NONE;
    jd_sqlite *db = NULL;
    if (jd_sqlite_open(path, read_only, 0, &db, &e) != JD_OK)
        fail_msg("%s", e.msg);
    return db;
}

static void must(jd_code code, const jd_err *e)
{
    if (code != JD_OK)
        fail_msg("%s: %s", jd_code_name(code), e->msg);
}

static int64_t number(jd_sqlite *db, const char *sql)
{
    jd_err   e = JD_ERR_NONE;
    jd_stmt *s;
    bool     row;
    must(jd_stmt_prepare(db, sql, &s, &e), &e);
    must(jd_stmt_step(s, &row, &e), &e);
    assert_true(row);
    int64_t n = jd_stmt_get_int(s, 0);
    jd_stmt_reset(s);
    return n;
}

static void test_values_come_back(void **state)
{
    (void)state;
    jd_err     e  = JD_ERR_NONE;
    jd_sqlite *db = open_db(false);
    jd_stmt   *put, *get;
    bool       row;
    must(jd_sqlite_exec(db, "CREATE TABLE t(a INTEGER, b TEXT); CREATE TABLE u(c)", &e), &e);
    must(jd_stmt_prepare(db, "INSERT INTO t VALUES(?, ?)", &put, &e), &e);
    static const jd_str texts[] = {
        JD_STR_INIT("plain"), JD_STR_INIT(""), JD_STR_INIT("a\0b \xc3\xa9"), {NULL, 0}};
    static const int64_t numbers[] = {0, INT64_MAX, INT64_MIN, -1};
    for (int i = 0; i < 4; i++) {
        jd_stmt_int(put, 1, numbers[i]);
        jd_stmt_text(put, 2, texts[i]);
        must(jd_stmt_run(put, &e), &e);
        assert_int_equal(jd_sqlite_changes(db), 1);
    }
    must(jd_stmt_prepare(db, "SELECT a, b FROM t ORDER BY rowid", &get, &e), &e);
    for (int i = 0; i < 4; i++) {
        must(jd_stmt_step(get, &row, &e), &e);
        assert_true(row);
        assert_true(jd_stmt_get_int(get, 0) == numbers[i]);
        jd_str text = jd_stmt_get_text(get, 1);
        assert_true(jd_str_eq(text, texts[i]));
        assert_int_equal(text.p == NULL, texts[i].p == NULL);
        assert_int_equal(jd_stmt_is_null(get, 1), texts[i].p == NULL);
    }
    must(jd_stmt_step(get, &row, &e), &e);
    assert_false(row);
    must(jd_stmt_step(get, &row, &e), &e); /* reset at the end: it starts over */
    assert_true(row);
    jd_sqlite_close(db); /* with statements alive and one of them running */
}

static void test_bindings_do_not_linger(void **state)
{
    (void)state;
    jd_err     e  = JD_ERR_NONE;
    jd_sqlite *db = open_db(false);
    jd_stmt   *put;
    must(jd_sqlite_exec(db, "CREATE TABLE t(a)", &e), &e);
    must(jd_stmt_prepare(db, "INSERT INTO t VALUES(?)", &put, &e), &e);
    jd_stmt_int(put, 1, 7);
    must(jd_stmt_run(put, &e), &e);
    must(jd_stmt_run(put, &e), &e);
    assert_int_equal(number(db, "SELECT count(*) FROM t WHERE a IS NULL"), 1);
    jd_stmt_int(put, 2, 7); /* there is no second parameter */
    assert_int_equal(jd_stmt_run(put, &e), JD_E_DB);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 2);
    jd_stmt_null(put, 1);
    must(jd_stmt_run(put, &e), &e);
    jd_sqlite_close(db);
}

static void test_transactions(void **state)
{
    (void)state;
    jd_err     e  = JD_ERR_NONE;
    jd_sqlite *db = open_db(false);
    must(jd_sqlite_exec(db, "CREATE TABLE t(a)", &e), &e);
    must(jd_sqlite_begin(db, &e), &e);
    must(jd_sqlite_exec(db, "INSERT INTO t VALUES(1)", &e), &e);
    jd_sqlite_rollback(db);
    jd_sqlite_rollback(db); /* outside a transaction */
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
    must(jd_sqlite_begin(db, &e), &e);
    must(jd_sqlite_exec(db, "INSERT INTO t VALUES(1)", &e), &e);
    must(jd_sqlite_commit(db, &e), &e);
    must(jd_sqlite_begin(db, &e), &e);
    must(jd_sqlite_exec(db, "INSERT INTO t VALUES(2)", &e), &e);
    jd_sqlite_close(db); /* the open one is gone */

    db = open_db(true);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 1);
    jd_sqlite_close(db);
}

static void test_safe_settings(void **state)
{
    (void)state;
    jd_err     e  = JD_ERR_NONE;
    jd_sqlite *db = open_db(false);
    int64_t    version;
    assert_int_equal(number(db, "PRAGMA synchronous"), 2);
    assert_int_equal(number(db, "PRAGMA foreign_keys"), 1);
    assert_int_equal(number(db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
    must(jd_sqlite_user_version(db, &version, &e), &e);
    assert_int_equal(version, 0);
    must(jd_sqlite_exec(db, "PRAGMA user_version=42", &e), &e);
    must(jd_sqlite_user_version(db, &version, &e), &e);
    assert_int_equal(version, 42);
    must(jd_sqlite_exec(db,
                        "CREATE TABLE a(i INTEGER PRIMARY KEY);"
                        "CREATE TABLE b(i REFERENCES a(i))",
                        &e),
         &e);
    assert_int_equal(jd_sqlite_exec(db, "INSERT INTO b VALUES(9)", &e), JD_E_DB);
    jd_sqlite_close(db);
}

/* Ends in the middle of a transaction whose journal is on disk, before there was a write-ahead log.
 */
static void be_killed(void)
{
    jd_err     e  = JD_ERR_NONE;
    jd_sqlite *db = open_db(false);
    must(jd_sqlite_exec(
             db,
             "PRAGMA journal_mode=DELETE; CREATE TABLE t(a); INSERT INTO t VALUES ('x');"
             "PRAGMA cache_size=2; BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT"
             " i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT randomblob(900) FROM n",
             &e),
         &e);
    _exit(0);
}

static void test_a_reader_behind_a_writer_that_was_killed(void **state)
{
    (void)state;
    int   status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        be_killed();
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    jd_sqlite *db = open_db(true);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 1);
    jd_sqlite_close(db);
}

static void test_locked_by_another(void **state)
{
    (void)state;
    jd_err     e   = JD_ERR_NONE;
    jd_sqlite *one = open_db(false), *two;
    must(jd_sqlite_exec(one, "CREATE TABLE t(a)", &e), &e);
    two = open_db(false);
    must(jd_sqlite_begin(one, &e), &e);
    assert_int_equal(jd_sqlite_begin(two, &e), JD_E_LOCKED);
    assert_non_null(strstr(e.msg, path));
    assert_int_equal(number(two, "SELECT count(*) FROM t"), 0); /* readers go on */
    must(jd_sqlite_commit(one, &e), &e);
    must(jd_sqlite_begin(two, &e), &e);
    jd_sqlite_rollback(two);
    jd_sqlite_close(two);
    jd_sqlite_close(one);
}

static void test_a_full_disk(void **state)
{
    (void)state;
    jd_err     e  = JD_ERR_NONE;
    jd_sqlite *db = open_db(false);
    jd_stmt   *put;
    must(jd_sqlite_exec(db, "CREATE TABLE t(a)", &e), &e);
    must(jd_sqlite_exec(db, "PRAGMA max_page_count=8", &e), &e);
    must(jd_stmt_prepare(db, "INSERT INTO t VALUES(zeroblob(?))", &put, &e), &e);
    must(jd_sqlite_begin(db, &e), &e);
    jd_stmt_int(put, 1, 1 << 20);
    assert_int_equal(jd_stmt_run(put, &e), JD_E_IO);
    assert_non_null(strstr(e.msg, path));
    assert_non_null(strstr(e.msg, "free some space"));
    jd_sqlite_rollback(db);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
    jd_sqlite_close(db);
}

static void test_what_is_no_database(void **state)
{
    (void)state;
    jd_err     e  = JD_ERR_NONE;
    jd_sqlite *db = NULL;
    assert_int_equal(jd_sqlite_open(path, true, 0, &db, &e), JD_E_NOTFOUND);
    assert_int_equal(access(path, F_OK), -1);

    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 500; i++)
        (void)fputs("this is no database\n", f);
    (void)fclose(f);
    assert_int_equal(jd_sqlite_open(path, false, 0, &db, &e), JD_E_STATE);
    assert_non_null(strstr(e.msg, path));
    assert_int_equal(jd_sqlite_open(path, true, 0, &db, &e), JD_E_STATE);

    assert_int_equal(jd_sqlite_open(folder, false, 0, &db, &e), JD_E_IO);
    char deep[160];
    (void)snprintf(deep, sizeof deep, "%s/none/state.db", folder);
    assert_int_equal(jd_sqlite_open(deep, false, 0, &db, &e), JD_E_IO);
    assert_non_null(strstr(e.msg, deep));
    assert_null(db);
    jd_sqlite_close(NULL);
}

static void test_damage_inside(void **state)
{
    (void)state;
    jd_err     e  = JD_ERR_NONE;
    jd_sqlite *db = open_db(false);
    must(jd_sqlite_exec(db,
                        "CREATE TABLE t(a);"
                        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 5000)"
                        "INSERT INTO t SELECT hex(zeroblob(50)) FROM n",
                        &e),
         &e);
    jd_sqlite_close(db);
    FILE *f = fopen(path, "r+");
    assert_non_null(f);
    assert_int_equal(fseek(f, 4096, SEEK_SET), 0);
    for (int i = 0; i < 4096 * 20; i++)
        (void)fputc(0xA5, f);
    (void)fclose(f);
    db = open_db(false);
    jd_stmt *s;
    bool     row  = true;
    jd_code  code = jd_stmt_prepare(db, "SELECT count(a) FROM t", &s, &e);
    if (code == JD_OK)
        code = jd_stmt_step(s, &row, &e);
    assert_int_equal(code, JD_E_STATE);
    jd_sqlite_close(db);
}

static void test_mistakes_are_errors(void **state)
{
    (void)state;
    jd_err     e  = JD_ERR_NONE;
    jd_sqlite *db = open_db(false), *reader;
    jd_stmt   *s;
    assert_int_equal(jd_sqlite_exec(db, "FLY TO moon", &e), JD_E_DB);
    assert_int_equal(jd_stmt_prepare(db, "SELECT a FROM nowhere", &s, &e), JD_E_DB);
    assert_non_null(strstr(e.msg, "nowhere"));
    assert_int_equal(jd_stmt_prepare(db, "  ", &s, &e), JD_E_INTERNAL);
    must(jd_stmt_prepare(db, "SELECT 1", &s, &e), &e);
    assert_int_equal(jd_stmt_run(s, &e), JD_E_INTERNAL);
    must(jd_sqlite_exec(db, "CREATE TABLE t(a)", &e), &e);
    reader = open_db(true);
    assert_int_equal(jd_sqlite_exec(reader, "INSERT INTO t VALUES(1)", &e), JD_E_IO);
    jd_sqlite_close(reader);
    jd_sqlite_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values_come_back, fresh, drop),
        cmocka_unit_test_setup_teardown(test_bindings_do_not_linger, fresh, drop),
        cmocka_unit_test_setup_teardown(test_transactions, fresh, drop),
        cmocka_unit_test_setup_teardown(test_safe_settings, fresh, drop),
        cmocka_unit_test_setup_teardown(test_a_reader_behind_a_writer_that_was_killed, fresh, drop),
        cmocka_unit_test_setup_teardown(test_locked_by_another, fresh, drop),
        cmocka_unit_test_setup_teardown(test_a_full_disk, fresh, drop),
        cmocka_unit_test_setup_teardown(test_what_is_no_database, fresh, drop),
        cmocka_unit_test_setup_teardown(test_damage_inside, fresh, drop),
        cmocka_unit_test_setup_teardown(test_mistakes_are_errors, fresh, drop),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
