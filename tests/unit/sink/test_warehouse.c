/* The warehouse sink against either database: "sqlite" or "postgresql" as first argument of the
 * program's name (two executables of one source). PostgreSQL's address is in JD_TEST_PG; each
 * folder of a test has its own schema there. */
#include "conformance.h"
#include "db/postgres.h"
#include "db/sqlite.h"
#include "sink/warehouse.h"
#include "sink/wh_migrate.h"
#include "sink/wh_part.h"
#include "sys/file.h"
#include "unit/check.h"

#include <stdio.h>
#include <unistd.h>

#ifdef WITH_PG
/* Each folder has its schema. */
static const char *url_of(jd_arena *a, const char *dir)
{
    const char *name = strrchr(dir, '/') + 1;
    jd_pg      *db;
    jd_err      e;
    assert_non_null(getenv("JD_TEST_PG"));
    if (jd_pg_open(getenv("JD_TEST_PG"), "test", &db, &e) ||
        jd_pg_exec(db, jd_arena_fmt(a, "CREATE SCHEMA IF NOT EXISTS \"%s\"", name).p, &e))
        fail_msg("%s", e.msg);
    jd_pg_close(db);
    return jd_arena_fmt(a, "%s?options=-csearch_path%%3D%%22%s%%22", getenv("JD_TEST_PG"), name).p;
}
#else
static const char *url_of(jd_arena *a, const char *dir)
{
    return jd_arena_fmt(a, "sqlite:///%s/w.db", dir).p;
}
#endif

static jd_code open_warehouse(const char *dir, jd_sink *out, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_warehouse_conf conf = {url_of(a, dir), "jira.example.org", "jiraduct test", true};
    return jd_warehouse_open(&conf, out, e);
}

static bool add_row(void *self, const jd_str *col)
{
    jd_buf_adds(self, col[0]);
    jd_buf_addc(self, '\n');
    return true;
}

static void add_rows(jd_wh_db *db, jd_buf *out, const char *sql)
{
    jd_err e;
    if (db->ops->each(db->self, sql, NULL, 0, add_row, out, &e))
        fail_msg("%s", e.msg);
}

static jd_wh_db look(const char *dir)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_wh_db                             db;
    jd_err                               e;
    if (jd_wh_open(url_of(a, dir), "look", false, false, &db, &e))
        fail_msg("%s", e.msg);
    return db;
}

static void snapshot(const char *dir, jd_buf *out)
{
    jd_wh_db db = look(dir);
    add_rows(&db, out,
             "SELECT 'issue ' || id || ' ' || key || ' ' || summary || ' ' || updated || ' ' ||"
             " content_hash || ' ' || plan_hash FROM issue ORDER BY id");
    add_rows(&db, out,
             "SELECT 'member ' || s.name || ' ' || m.issue_id FROM sync_member AS m JOIN sync_scope"
             " AS s ON s.id = m.scope_id ORDER BY m.scope_id, m.issue_id");
    add_rows(&db, out,
             "SELECT 'alias ' || key || ' ' || issue_id FROM issue_alias ORDER BY issue_id, key");
    add_rows(
        &db, out,
        "SELECT 'tombstone ' || issue_id || ' ' || key || ' ' || cause || ' ' ||"
        " coalesce(key_elsewhere, '-') || ' ' || updated || ' ' || made FROM tombstone ORDER BY"
        " issue_id");
    add_rows(&db, out, "SELECT 'cursor ' || name || ' ' || cursor FROM sync_scope ORDER BY name");
    db.ops->close(db.self);
}

static const char *const points[] = {"warehouse.written", "warehouse.rows", "warehouse.cursor",
                                     "warehouse.committed", NULL};

static sink_under_test sut = {"warehouse", open_warehouse, snapshot, points};

int main(int argc, char **argv)
{
    int status;
    if (conformance_child(&sut, argc, argv, &status))
        return status;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(conformance_abort_leaves_nothing, &sut),
        cmocka_unit_test_prestate(conformance_close_is_abort, &sut),
        cmocka_unit_test_prestate(conformance_replay_is_harmless, &sut),
        cmocka_unit_test_prestate(conformance_older_never_overwrites, &sut),
        cmocka_unit_test_prestate(conformance_write_borrows, &sut),
        cmocka_unit_test_prestate(conformance_holds_what_was_written, &sut),
        cmocka_unit_test_prestate(conformance_a_late_page_does_not_bring_a_moved_issue_back, &sut),
        cmocka_unit_test_prestate(conformance_only_the_last_scope_removes, &sut),
        cmocka_unit_test_prestate(conformance_crash_everywhere, &sut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
