#include "sink/alias.h"
#include "sink/tomb.h"
#include "unit/check.h"

#include <stdio.h>
#include <unistd.h>

static char dir[200];

static int fresh(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/jd-state-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int drop(void **state)
{
    jd_err e;
    (void)state;
    return jd_dir_remove(dir, &e) ? -1 : 0;
}

static jd_code open_state(const char *site, jd_state **out, jd_err *e)
{
    bool fresh_db;
    return jd_state_open(dir, site, out, &fresh_db, e);
}

static void write_file(const char *name, const char *text)
{
    char   path[300];
    jd_err e;
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(jd_file_replace(path, jd_str_of(text), &e), JD_OK);
}

static jd_scope kafka(void)
{
    return (jd_scope){.name      = JD_STR("site#project:5"),
                      .label     = JD_STR("KAFKA"),
                      .selection = JD_STR("project = 5"),
                      .project   = JD_STR("KAFKA"),
                      .plan      = 3};
}

static void another_site_is_refused(void **state)
{
    (void)state;
    jd_state *s;
    jd_err    e;
    assert_int_equal(open_state("one", &s, &e), JD_OK);
    jd_state_close(s);
    assert_int_equal(open_state("two", &s, &e), JD_E_STATE);
    assert_true(strstr(e.msg, "one") && strstr(e.msg, "two") && strstr(e.msg, "--state-dir"));
    assert_int_equal(open_state("one", &s, &e), JD_OK);
    jd_state_close(s);
}

/* Makes the database what an older version, or a newer one, would have left. */
static void make_it(const char *sql)
{
    jd_sqlite *db;
    jd_err     e;
    char       path[300];
    (void)snprintf(path, sizeof path, "%s/state.db", dir);
    assert_int_equal(jd_sqlite_open(path, false, 0, &db, &e), JD_OK);
    assert_int_equal(jd_sqlite_exec(db, sql, &e), JD_OK);
    jd_sqlite_close(db);
}

static void a_newer_version_is_refused(void **state)
{
    (void)state;
    jd_state *s;
    jd_err    e;
    assert_int_equal(open_state("one", &s, &e), JD_OK);
    jd_state_close(s);
    make_it("PRAGMA user_version = 99");
    assert_int_equal(open_state("one", &s, &e), JD_E_STATE);
    assert_true(strstr(e.msg, "99") != NULL);
}

/* A database as version 1 left it: this one without what version 2 brought. */
static void version_1_is_brought_up(void **state)
{
    (void)state;
    jd_state      *s;
    jd_err         e;
    jd_state_issue row = {7, JD_STR("KAFKA-1"), {1, 2, 3, 4}}, back;
    bool           found, fresh_db;
    assert_int_equal(jd_state_open(dir, "one", &s, &fresh_db, &e), JD_OK);
    assert_true(fresh_db);
    assert_int_equal(jd_state_put(s, &row, &e), JD_OK);
    jd_state_close(s);
    make_it("DROP TABLE tombstone; DROP INDEX issue_key; CREATE INDEX issue_key ON issue (key);"
            "DROP TRIGGER pack_goes; DROP TABLE pack; DROP TABLE segment;"
            "DROP TABLE user; DROP TABLE attachment; DROP TABLE extra;"
            "DROP TABLE change; DROP TABLE worklog;"
            "PRAGMA user_version = 1");
    assert_int_equal(jd_state_open_read(dir, &s, &e), JD_OK); /* for looking, as it is */
    assert_int_equal(jd_state_layout(s), JD_LAYOUT_FILES);
    jd_state_close(s);
    assert_int_equal(jd_state_open(dir, "two", &s, &fresh_db, &e), JD_E_STATE);
    assert_int_equal(jd_state_open(dir, "one", &s, &fresh_db, &e), JD_OK);
    assert_false(fresh_db);
    assert_int_equal(jd_state_layout(s), JD_LAYOUT_FILES);
    assert_int_equal(jd_state_get(s, 7, &back, &found, &e), JD_OK);
    assert_true(found);
    assert_int_equal(
        jd_sqlite_exec(jd_state_db(s), "SELECT * FROM pack, segment, user, change, worklog", &e),
        JD_OK);
    jd_state_close(s);
}

/* What version 2 chose stays chosen; looked at as it is, nothing was ever removed. */
static void version_2_is_brought_up(void **state)
{
    (void)state;
    jd_state    *s;
    jd_tombstone t;
    jd_err       e;
    bool         found, fresh_db;
    jd_arena    *a = jd_arena_new(0);
    assert_int_equal(jd_state_open(dir, "one", &s, &fresh_db, &e), JD_OK);
    assert_int_equal(jd_state_set_layout(s, JD_LAYOUT_PACK, JD_STR("name"), &e), JD_OK);
    jd_state_close(s);
    make_it("DROP TABLE tombstone; DROP INDEX issue_key; CREATE INDEX issue_key ON issue (key);"
            "DROP TABLE user; DROP TABLE change; DROP TABLE worklog; DROP "
            "TABLE attachment; DROP TABLE extra;"
            "PRAGMA user_version = 2");
    for (int i = 0; i < 2; i++) {
        if (i)
            assert_int_equal(jd_state_open(dir, "one", &s, &fresh_db, &e), JD_OK);
        else
            assert_int_equal(jd_state_open_read(dir, &s, &e), JD_OK);
        assert_int_equal(jd_state_layout(s), JD_LAYOUT_PACK);
        assert_int_equal(jd_tomb_find(s, a, JD_STR("A-1"), &t, &found, &e), JD_OK);
        assert_false(found);
        jd_state_close(s);
    }
    jd_arena_free(a);
}

/* A database as version 7 left it: two rows may claim one key, and a tombstone is lifted by itself.
 */
static void version_7_is_brought_up(void **state)
{
    (void)state;
    jd_state      *s;
    jd_state_issue row = {9, JD_STR("A-9"), {1, 2, 3, 4}}, back;
    jd_tombstone   t;
    jd_err         e;
    bool           found, fresh_db;
    jd_arena      *a = jd_arena_new(0);
    assert_int_equal(jd_state_open(dir, "one", &s, &fresh_db, &e), JD_OK);
    assert_int_equal(jd_state_set_layout(s, JD_LAYOUT_FILES, JD_NOSTR, &e), JD_OK);
    jd_state_close(s);
    make_it("DROP INDEX issue_key; CREATE INDEX issue_key ON issue (key);"
            "CREATE TRIGGER tombstone_lifted AFTER INSERT ON issue BEGIN DELETE FROM"
            " tombstone WHERE id = new.id; END;"
            "INSERT INTO issue VALUES (1, 'A-1', 1, 2, 3, 4), (2, 'A-1', 1, 1, 3, 4),"
            " (3, 'A-2', 1, 1, 3, 4), (4, 'A-2', 1, 1, 3, 4), (5, 'A-3', 1, 1, 3, 4);"
            "INSERT INTO tombstone VALUES (9, 'A-9', 'deleted', NULL, 1, 1);"
            "PRAGMA user_version = 7");
    assert_int_equal(jd_state_open(dir, "one", &s, &fresh_db, &e), JD_OK);
    for (uint64_t id = 1; id <= 5; id++) { /* the later one, by id where nothing else tells */
        assert_int_equal(jd_state_get(s, id, &back, &found, &e), JD_OK);
        assert_int_equal(found, id != 2 && id != 3);
        jd_state_done(s);
    }
    assert_int_equal(jd_tomb_find(s, a, JD_STR("A-9"), &t, &found, &e), JD_OK);
    assert_true(found);
    assert_int_equal(jd_state_put(s, &row, &e), JD_OK);
    assert_int_equal(jd_tomb_find(s, a, JD_STR("A-9"), &t, &found, &e), JD_OK);
    assert_false(found);
    jd_state_close(s);
    jd_arena_free(a);
}

/* The one that comes last has the key, known before or not; who had it is forgotten. */
static void a_key_is_taken_over(void **state)
{
    (void)state;
    static const jd_state_issue row[] = {{1, JD_STR_INIT("A-1"), {1, 2, 3, 4}},
                                         {2, JD_STR_INIT("A-1"), {1, 2, 3, 4}},
                                         {3, JD_STR_INIT("A-3"), {1, 2, 3, 4}},
                                         {3, JD_STR_INIT("A-1"), {1, 2, 3, 4}}};
    static const uint64_t       has[] = {1, 2, 2, 3};
    jd_state                   *s;
    jd_state_issue              back;
    jd_err                      e;
    bool                        found;
    uint64_t                    id;
    assert_int_equal(open_state("one", &s, &e), JD_OK);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(jd_state_put(s, &row[i], &e), JD_OK);
        assert_int_equal(jd_state_by_key(s, JD_STR("A-1"), &id, &found, &e), JD_OK);
        assert_true(found && id == has[i]);
    }
    assert_int_equal(jd_state_get(s, 1, &back, &found, &e), JD_OK);
    assert_false(found);
    assert_int_equal(jd_state_get(s, 2, &back, &found, &e), JD_OK);
    assert_false(found);
    jd_state_close(s);
}

/* Two issues change keys, in either order; the keys are of those that have them, not of the past.
 */
static void two_issues_swap_their_keys(void **state)
{
    (void)state;
    static const jd_state_issue row[] = {
        {1, JD_STR_INIT("A-1"), {1, 2, 3, 4}}, {2, JD_STR_INIT("A-2"), {1, 2, 3, 4}},
        {1, JD_STR_INIT("A-2"), {1, 2, 3, 4}}, {2, JD_STR_INIT("A-1"), {1, 2, 3, 4}},
        {2, JD_STR_INIT("A-2"), {1, 2, 3, 4}}, {1, JD_STR_INIT("A-1"), {1, 2, 3, 4}},
        {1, JD_STR_INIT("B-1"), {1, 2, 3, 4}}, {1, JD_STR_INIT("A-1"), {1, 2, 3, 4}}};
    static const char *const keys[]     = {"A-1", "A-2", "B-1"};
    static const uint64_t    after[][3] = {{2, 1, 0}, {1, 2, 0}, {1, 2, 1}};
    jd_state                *s;
    jd_err                   e;
    bool                     found;
    uint64_t                 id;
    jd_str                   now;
    jd_arena                *a = jd_arena_new(0);
    assert_int_equal(open_state("one", &s, &e), JD_OK);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        assert_int_equal(jd_state_put(s, &row[i], &e), JD_OK);
        for (size_t k = 0; i > 1 && i % 2 && k < 3; k++) {
            assert_int_equal(jd_state_by_key(s, jd_str_of(keys[k]), &id, &found, &e), JD_OK);
            assert_int_equal(found, k < 2);
            assert_true(!found || id == after[i / 2 - 1][k]);
            assert_int_equal(jd_alias_find(s, a, jd_str_of(keys[k]), &id, &now, &e), JD_OK);
            assert_int_equal(id, k == 2 ? after[i / 2 - 1][k] : 0);
            assert_int_equal(jd_str_is(now, "A-1"), k == 2 && i == 7);
        }
    }
    jd_state_close(s);
    jd_arena_free(a);
}

static void bury(jd_state *s, uint64_t id, jd_cause cause, jd_str now, bool removed)
{
    static jd_tombs tombs;
    jd_scope        scope = {.name = JD_STR("s"), .label = JD_STR("s"), .selection = JD_STR("x")};
    jd_tombstone    why   = {.id = id, .cause = cause, .now = now, .made_ms = 77};
    bool            did;
    jd_err          e;
    tombs = (jd_tombs){0}; /* each state has its own */
    assert_int_equal(jd_tomb_bury(&tombs, s, &scope, &why, &did, &e), JD_OK);
    assert_int_equal(did, removed);
}

static void a_tombstone_answers_to_every_key_until_the_issue_is_back(void **state)
{
    (void)state;
    static const jd_state_issue row[] = {{7, JD_STR_INIT("A-1"), {1, 2, 3, 4}},
                                         {7, JD_STR_INIT("A-9"), {5, 2, 3, 4}},
                                         {8, JD_STR_INIT("A-2"), {6, 2, 3, 4}},
                                         {7, JD_STR_INIT("B-1"), {9, 2, 3, 4}}};
    jd_state                   *s;
    jd_tombstone                t;
    jd_err                      e;
    bool                        found;
    uint64_t                    n[JD_CAUSES_N], id;
    jd_str                      now;
    jd_arena                   *a = jd_arena_new(0);
    assert_int_equal(jd_state_open(dir, "one", &s, &found, &e), JD_OK);
    for (int i = 0; i < 3; i++) /* known as A-1, then as A-9 */
        assert_int_equal(jd_state_put(s, &row[i], &e), JD_OK);
    bury(s, 7, JD_CAUSE_MOVED, JD_STR("B-1"), true);
    bury(s, 7, JD_CAUSE_GONE, JD_NOSTR, false); /* it is no more there */
    bury(s, 8, JD_CAUSE_ARCHIVED, JD_NOSTR, true);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(jd_tomb_find(s, a, row[i].key, &t, &found, &e), JD_OK);
        assert_true(found && t.id == 7 && t.cause == JD_CAUSE_MOVED);
        assert_true(jd_str_is(t.key, "A-9") && jd_str_is(t.now, "B-1"));
        assert_true(t.updated_ms == 5 && t.made_ms == 77);
    }
    assert_int_equal(jd_tomb_count(s, n, &e), JD_OK);
    assert_true(n[JD_CAUSE_MOVED] == 1 && n[JD_CAUSE_ARCHIVED] == 1 && n[JD_CAUSE_GONE] == 0);
    assert_int_equal(jd_state_put(s, &row[3], &e), JD_OK); /* held again, under another key */
    assert_int_equal(jd_tomb_find(s, a, JD_STR("A-9"), &t, &found, &e), JD_OK);
    assert_false(found);
    assert_int_equal(jd_alias_find(s, a, JD_STR("A-9"), &id, &now, &e), JD_OK);
    assert_true(id == 7 && jd_str_is(now, "B-1"));
    assert_int_equal(jd_tomb_find(s, a, JD_STR("A-2"), &t, &found, &e), JD_OK);
    assert_true(found && t.cause == JD_CAUSE_ARCHIVED && t.now.n == 0);
    jd_state_close(s);
    jd_arena_free(a);
}

static void a_layout_once_set_stays(void **state)
{
    (void)state;
    jd_state *s;
    jd_err    e;
    bool      fresh_db;
    for (int i = 0; i < 2; i++) { /* not yet rebuilt: fresh again */
        assert_int_equal(jd_state_open(dir, "one", &s, &fresh_db, &e), JD_OK);
        assert_true(fresh_db);
        assert_int_equal(jd_state_layout(s), JD_LAYOUT_ANY);
        if (i)
            assert_int_equal(jd_state_set_layout(s, JD_LAYOUT_PACK, JD_STR("name"), &e), JD_OK);
        jd_state_close(s);
    }
    assert_int_equal(jd_state_open(dir, "one", &s, &fresh_db, &e), JD_OK);
    assert_false(fresh_db);
    assert_int_equal(jd_state_layout(s), JD_LAYOUT_PACK);
    assert_true(jd_str_is(jd_state_store(s), "name"));
    jd_state_close(s);
}

static void a_second_holder_is_told_who_has_it(void **state)
{
    (void)state;
    jd_state *s, *t;
    jd_err    e;
    assert_int_equal(open_state("one", &s, &e), JD_OK);
    assert_int_equal(open_state("one", &t, &e), JD_E_LOCKED);
    char pid[20];
    (void)snprintf(pid, sizeof pid, "%d", (int)getpid());
    assert_true(strstr(e.msg, pid) != NULL);
    jd_state_close(s);
    assert_int_equal(open_state("one", &s, &e), JD_OK);
    jd_state_close(s);
}

static void an_older_tools_dates_are_taken_over_once(void **state)
{
    (void)state;
    jd_state *s;
    jd_err    e;
    jd_cursor c;
    jd_scope  scope = kafka();
    write_file("last_updates.json", "{\"KAFKA\":\"2024-01-20T15:45:00Z\",\"SPARK\":\"nonsense\"}");
    assert_int_equal(open_state("one", &s, &e), JD_OK);
    assert_int_equal(jd_state_cursor(s, &scope, &c, &e), JD_OK);
    assert_true(jd_cursor_backfilled(&c));
    assert_int_equal(c.updated, 1705765500000);
    assert_int_equal(jd_state_set_cursor(s, &scope, &c, &e), JD_OK);
    assert_int_equal(jd_state_write_updates(s, &e), JD_OK);
    jd_state_close(s);
    char   path[300];
    jd_buf b = JD_BUF_INIT(1000);
    (void)snprintf(path, sizeof path, "%s/last_updates.json", dir);
    assert_int_equal(jd_file_read(path, &b, &e), JD_OK);
    assert_true(strstr(jd_buf_cstr(&b), "\"KAFKA\": \"2024-01-20T15:45:00Z\"") != NULL);
    jd_buf_release(&b);
}

static void a_broken_last_updates_is_named(void **state)
{
    (void)state;
    jd_state *s;
    jd_err    e;
    write_file("last_updates.json", "{\"KAFKA\":");
    assert_int_equal(open_state("one", &s, &e), JD_E_DATA);
    assert_true(strstr(e.msg, "last_updates.json") != NULL);
}

static void reset_walks_again_and_keeps_the_issues(void **state)
{
    (void)state;
    jd_state      *s;
    jd_err         e;
    jd_cursor      c;
    jd_scope       scope = kafka();
    jd_state_issue row   = {7, JD_STR("KAFKA-1"), {1, 2, 3, 4}}, back;
    bool           found;
    uint64_t       n;
    assert_int_equal(open_state("one", &s, &e), JD_OK);
    jd_cursor_init(&c, scope.name, scope.plan);
    jd_cursor_begin(&c, 100, JD_PAST, NULL, 0);
    assert_int_equal(jd_state_put(s, &row, &e), JD_OK);
    assert_int_equal(jd_state_member(s, &scope, 7, false, &e), JD_OK);
    assert_int_equal(jd_state_set_cursor(s, &scope, &c, &e), JD_OK);
    assert_int_equal(jd_state_reset(s, scope.name, &e), JD_OK);
    assert_int_equal(jd_state_cursor(s, &scope, &c, &e), JD_OK);
    assert_int_equal(c.nwindow, 0);
    assert_int_equal(jd_state_get(s, 7, &back, &found, &e), JD_OK);
    assert_true(found);
    row.held.plan = 0; /* not taken for unchanged before it was compared */
    assert_memory_equal(&back.held, &row.held, sizeof row.held);
    assert_int_equal(jd_state_count(s, &scope, JD_PAST, &n, &e), JD_OK);
    assert_int_equal(n, 1);
    jd_state_close(s);
}

static void a_moved_issue_leaves_the_other_projects_scope(void **state)
{
    (void)state;
    jd_state      *s;
    jd_err         e;
    jd_scope       a = kafka(), b = kafka(), jql = kafka();
    jd_state_issue row = {7, JD_STR("KAFKA-1"), {1, 2, 3, 4}};
    uint64_t       n;
    b.name      = JD_STR("site#project:6");
    b.project   = JD_STR("SPARK");
    jql.name    = JD_STR("site#jql:1");
    jql.project = JD_NOSTR;
    assert_int_equal(open_state("one", &s, &e), JD_OK);
    assert_int_equal(jd_state_put(s, &row, &e), JD_OK);
    assert_int_equal(jd_state_member(s, &a, 7, false, &e), JD_OK);
    assert_int_equal(jd_state_member(s, &jql, 7, false, &e), JD_OK);
    row.key = JD_STR("SPARK-1");
    assert_int_equal(jd_state_put(s, &row, &e), JD_OK);
    assert_int_equal(jd_state_member(s, &b, 7, true, &e), JD_OK);
    assert_int_equal(jd_state_count(s, &a, JD_PAST, &n, &e), JD_OK);
    assert_int_equal(n, 0);
    assert_int_equal(jd_state_count(s, &b, JD_PAST, &n, &e), JD_OK);
    assert_int_equal(n, 1);
    assert_int_equal(jd_state_count(s, &jql, JD_PAST, &n, &e), JD_OK);
    assert_int_equal(n, 1);
    jd_state_close(s);
}

static void nothing_to_read_is_said(void **state)
{
    (void)state;
    jd_state *s;
    jd_err    e;
    assert_int_equal(jd_state_open_read(dir, &s, &e), JD_E_NOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(another_site_is_refused, fresh, drop),
        cmocka_unit_test_setup_teardown(a_newer_version_is_refused, fresh, drop),
        cmocka_unit_test_setup_teardown(version_1_is_brought_up, fresh, drop),
        cmocka_unit_test_setup_teardown(version_2_is_brought_up, fresh, drop),
        cmocka_unit_test_setup_teardown(version_7_is_brought_up, fresh, drop),
        cmocka_unit_test_setup_teardown(a_key_is_taken_over, fresh, drop),
        cmocka_unit_test_setup_teardown(two_issues_swap_their_keys, fresh, drop),
        cmocka_unit_test_setup_teardown(a_tombstone_answers_to_every_key_until_the_issue_is_back,
                                        fresh, drop),
        cmocka_unit_test_setup_teardown(a_layout_once_set_stays, fresh, drop),
        cmocka_unit_test_setup_teardown(a_second_holder_is_told_who_has_it, fresh, drop),
        cmocka_unit_test_setup_teardown(an_older_tools_dates_are_taken_over_once, fresh, drop),
        cmocka_unit_test_setup_teardown(a_broken_last_updates_is_named, fresh, drop),
        cmocka_unit_test_setup_teardown(reset_walks_again_and_keeps_the_issues, fresh, drop),
        cmocka_unit_test_setup_teardown(a_moved_issue_leaves_the_other_projects_scope, fresh, drop),
        cmocka_unit_test_setup_teardown(nothing_to_read_is_said, fresh, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
