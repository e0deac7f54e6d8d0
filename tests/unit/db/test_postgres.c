/* Against a real server: JD_TEST_PG is its address (tests/e2e/pg.py). */
#include "base/buf.h"
#include "db/postgres.h"
#include "unit/check.h"

#include <stdio.h>

static jd_pg *open_server(void)
{
    jd_pg      *db;
    jd_err      e;
    const char *url = getenv("JD_TEST_PG");
    assert_non_null(url);
    if (jd_pg_open(url, "test", &db, &e))
        fail_msg("%s", e.msg);
    return db;
}

static void need(jd_pg *db, const char *sql)
{
    jd_err e;
    if (jd_pg_exec(db, sql, &e))
        fail_msg("%s", e.msg);
}

static void an_address_that_is_none_shows_no_password(void **state)
{
    (void)state;
    static const char *const bad[] = {"postgresql://me:hidden/word@127.0.0.1:1/w",
                                      "postgresql://me:hid@den@127.0.0.1:1/w",
                                      "postgresql://me:hid#den@127.0.0.1:1/w",
                                      "postgresql://me:hidden@h/w?sslmod=require",
                                      "mysql://me:hidden@h/w",
                                      "me:hidden",
                                      "postgresql://me:hid%zzden@h/w",
                                      "postgresql:me:hidden@h/w",
                                      "postgresql://me:12/hid@h/w"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        jd_pg *db;
        jd_err e;
        assert_int_equal(jd_pg_open(bad[i], "test", &db, &e), JD_E_CONFIG);
        assert_null(strstr(e.msg, "hid"));
        assert_null(strstr(e.msg, "den"));
    }
}

static void who_does_not_answer_is_named_without_the_password(void **state)
{
    (void)state;
    jd_pg *db;
    jd_err e;
    assert_int_equal(jd_pg_open("postgresql://me:hidden@127.0.0.1:1/w", "test", &db, &e), JD_E_NET);
    assert_non_null(strstr(e.msg, "database w at 127.0.0.1:1: "));
    assert_null(strstr(e.msg, "hidden"));
}

static void sslmode_is_honoured(void **state)
{
    (void)state;
    char   url[300];
    jd_pg *db;
    jd_err e;
    (void)snprintf(url, sizeof url, "%s?sslmode=require", getenv("JD_TEST_PG"));
    assert_int_equal(jd_pg_open(url, "test", &db, &e), JD_E_CONFIG);
    assert_non_null(strstr(e.msg, "does not offer TLS"));
}

static void a_database_that_is_not_there(void **state)
{
    (void)state;
    char   url[300];
    jd_pg *db;
    jd_err e;
    (void)snprintf(url, sizeof url, "%s_no", getenv("JD_TEST_PG"));
    assert_int_equal(jd_pg_open(url, "test", &db, &e), JD_E_CONFIG);
    assert_non_null(strstr(e.msg, "create the database first"));
}

static void drivers_of_other_tools_are_passed_over(void **state)
{
    (void)state;
    char   url[300];
    jd_pg *db;
    jd_err e;
    (void)snprintf(url, sizeof url, "postgresql+psycopg2%s", strstr(getenv("JD_TEST_PG"), "://"));
    assert_int_equal(jd_pg_open(url, "test", &db, &e), JD_OK);
    assert_true(jd_pg_server(db) >= 120000);
    jd_pg_close(db);
}

static void parameters_and_rows(void **state)
{
    (void)state;
    jd_pg      *db = open_server();
    jd_pg_rows *r;
    uint64_t    n;
    jd_err      e;
    jd_str      param[] = {JD_STR("7"), JD_STR("it's"), JD_NOSTR};
    assert_int_equal(
        jd_pg_query(db, "SELECT $1::bigint + 1, $2::text, $3::text, true, now()", param, 3, &r, &e),
        JD_OK);
    assert_int_equal(jd_pg_count(r), 1);
    assert_int_equal(jd_pg_get_int(r, 0, 0), 8);
    assert_true(jd_str_is(jd_pg_get(r, 0, 1), "it's"));
    assert_null(jd_pg_get(r, 0, 2).p);
    assert_true(jd_pg_get_bool(r, 0, 3));
    assert_true(jd_str_ends(jd_pg_get(r, 0, 4), JD_STR("+00")));
    jd_pg_rows_free(r);
    need(db, "CREATE TEMP TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)");
    assert_int_equal(
        jd_pg_run(db, "DELETE FROM t WHERE a >= $1", (jd_str[]){JD_STR("2")}, 1, &n, &e), JD_OK);
    assert_int_equal(n, 2);
    assert_int_equal(jd_pg_run(db, "INSERT INTO t VALUES (1)", NULL, 0, &n, &e), JD_E_DB);
    assert_int_equal(jd_pg_why(db), JD_PG_TAKEN);
    assert_non_null(strstr(e.msg, "SQLSTATE 23505"));
    jd_pg_close(db);
}

static void copy_takes_any_text(void **state)
{
    (void)state;
    jd_pg      *db = open_server();
    jd_pg_rows *r;
    jd_err      e;
    need(db, "CREATE TEMP TABLE t (a int, b text)");
    jd_buf big = {.max = 8 << 20};
    for (int i = 0; i < 300000; i++)
        jd_buf_addf(&big, "%d\tx\\ty\\\\\\n\xC3\xA9\n", i);
    jd_buf_addz(&big, "-1\t\\N\n");
    assert_int_equal(jd_pg_copy(db, "COPY t (a, b) FROM STDIN", jd_buf_view(&big), &e), JD_OK);
    assert_int_equal(jd_pg_query(db, "SELECT count(*), count(b), max(b) FROM t", NULL, 0, &r, &e),
                     JD_OK);
    assert_int_equal(jd_pg_get_int(r, 0, 0), 300001);
    assert_int_equal(jd_pg_get_int(r, 0, 1), 300000);
    assert_true(jd_str_is(jd_pg_get(r, 0, 2), "x\ty\\\n\xC3\xA9"));
    jd_pg_rows_free(r);
    assert_int_equal(jd_pg_copy(db, "COPY t (a, b) FROM STDIN", JD_STR("word\tx\n"), &e), JD_E_DB);
    assert_int_equal(jd_pg_copy(db, "COPY no (a) FROM STDIN", JD_STR("1\n"), &e), JD_E_DB);
    assert_int_equal(jd_pg_copy(db, "COPY t (a) FROM STDIN", JD_STR(""), &e), JD_OK);
    jd_buf_release(&big);
    jd_pg_close(db);
}

static void transactions_end_as_they_should(void **state)
{
    (void)state;
    jd_pg      *db = open_server();
    jd_pg_rows *r;
    jd_err      e;
    need(db, "CREATE TEMP TABLE t (a int)");
    assert_int_equal(jd_pg_begin(db, &e), JD_OK);
    need(db, "INSERT INTO t VALUES (1)");
    jd_pg_rollback(db);
    jd_pg_rollback(db);
    assert_int_equal(jd_pg_begin(db, &e), JD_OK);
    need(db, "INSERT INTO t VALUES (2)");
    assert_int_equal(jd_pg_commit(db, &e), JD_OK);
    assert_int_equal(jd_pg_begin(db, &e), JD_OK);
    need(db, "INSERT INTO t VALUES (3)");
    assert_int_not_equal(jd_pg_exec(db, "SELECT 1/0", &e), JD_OK);
    assert_int_not_equal(jd_pg_commit(db, &e), JD_OK); /* not a silent ROLLBACK */
    jd_pg_rollback(db);
    assert_int_equal(jd_pg_query(db, "SELECT a FROM t", NULL, 0, &r, &e), JD_OK);
    assert_int_equal(jd_pg_count(r), 1);
    assert_int_equal(jd_pg_get_int(r, 0, 0), 2);
    jd_pg_rows_free(r);
    jd_pg_close(db);
}

static void a_serialization_failure_may_be_tried_again(void **state)
{
    (void)state;
    jd_pg *a = open_server(), *b = open_server();
    jd_err e;
    need(a, "CREATE TABLE s (v int); INSERT INTO s VALUES (1)");
    need(a, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM s");
    need(b, "UPDATE s SET v = 2");
    assert_int_equal(jd_pg_exec(a, "UPDATE s SET v = 3", &e), JD_E_BUSY);
    assert_int_equal(jd_pg_why(a), JD_PG_CONFLICT);
    jd_pg_rollback(a);
    assert_int_equal(jd_pg_why(a), JD_PG_CONFLICT);
    need(a, "DROP TABLE s");
    jd_pg_close(a);
    jd_pg_close(b);
}

/* Also where the server, the role or the address says that commits may be forgotten. */
static void what_was_committed_is_kept(void **state)
{
    static const struct {
        const char *said, *is;
    } cases[] = {
        {"off", "local"}, {"local", "local"}, {"on", "on"}, {"remote_apply", "remote_apply"}};
    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        char        url[300];
        jd_pg      *db;
        jd_pg_rows *r;
        jd_err      e;
        (void)snprintf(url, sizeof url, "%s?options=-csynchronous_commit%%3D%s",
                       getenv("JD_TEST_PG"), cases[i / 2].said);
        assert_int_equal(jd_pg_open(url, "test", &db, &e), JD_OK);
        if (i % 2)
            assert_int_equal(jd_pg_reopen(db, &e), JD_OK);
        assert_int_equal(jd_pg_query(db, "SHOW synchronous_commit", NULL, 0, &r, &e), JD_OK);
        assert_true(jd_str_is(jd_pg_get(r, 0, 0), cases[i / 2].is));
        jd_pg_rows_free(r);
        jd_pg_close(db);
    }
}

static void a_lost_connection_comes_back(void **state)
{
    (void)state;
    jd_pg      *a = open_server(), *b = open_server();
    jd_pg_rows *r;
    jd_err      e;
    char        pid[24];
    assert_int_equal(jd_pg_query(a, "SELECT pg_backend_pid()", NULL, 0, &r, &e), JD_OK);
    (void)snprintf(pid, sizeof pid, "%lld", (long long)jd_pg_get_int(r, 0, 0));
    jd_pg_rows_free(r);
    assert_int_equal(jd_pg_run(b, "SELECT pg_terminate_backend($1::int, 5000)",
                               (jd_str[]){jd_str_of(pid)}, 1, NULL, &e),
                     JD_OK);
    assert_int_equal(jd_pg_exec(a, "SELECT 1", &e), JD_E_NET);
    assert_int_equal(jd_pg_why(a), JD_PG_LOST);
    jd_pg_rollback(a);
    assert_int_equal(jd_pg_reopen(a, &e), JD_OK);
    need(a, "SELECT 1");
    jd_pg_close(a);
    jd_pg_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_that_is_none_shows_no_password),
        cmocka_unit_test(who_does_not_answer_is_named_without_the_password),
        cmocka_unit_test(sslmode_is_honoured),
        cmocka_unit_test(a_database_that_is_not_there),
        cmocka_unit_test(drivers_of_other_tools_are_passed_over),
        cmocka_unit_test(parameters_and_rows),
        cmocka_unit_test(copy_takes_any_text),
        cmocka_unit_test(transactions_end_as_they_should),
        cmocka_unit_test(a_serialization_failure_may_be_tried_again),
        cmocka_unit_test(what_was_committed_is_kept),
        cmocka_unit_test(a_lost_connection_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
