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

/* A server may take a while to notice that a run was killed; nobody else has the lock. */
enum { KILLED_MS = 60000 };

static jd_code open_waiting(const char *dir, int64_t wait_ms, jd_sink *out, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a    = jd_arena_new(0);
    jd_warehouse_conf                    conf = {.url     = url_of(a, dir),
                                                 .site    = "jira.example.org",
                                                 .program = "jiraduct test",
                                                 .wait_ms = wait_ms,
                                                 .create  = true};
    return jd_warehouse_open(&conf, out, e);
}

static jd_code open_warehouse(const char *dir, jd_sink *out, jd_err *e)
{
    return open_waiting(dir, KILLED_MS, out, e);
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

/* -- what is the warehouse's own -------------------------------------------------------------- */

typedef struct box {
    char      dir[200];
    jd_arena *arena;
    jd_sink   sink;
} box;

static const jd_scope scope = {.name      = JD_STR_INIT("s"),
                               .label     = JD_STR_INIT("A"),
                               .selection = JD_STR_INIT("x"),
                               .project   = JD_STR_INIT("A"),
                               .plan      = 1};

static int box_in(void **state)
{
    box   *b = calloc(1, sizeof *b);
    jd_err e;
    (void)snprintf(b->dir, sizeof b->dir, "/tmp/jd-wh-XXXXXX");
    assert_non_null(mkdtemp(b->dir));
    b->arena = jd_arena_new(0);
    if (open_warehouse(b->dir, &b->sink, &e))
        fail_msg("%s", e.msg);
    *state = b;
    return 0;
}

static int box_out(void **state)
{
    box   *b = *state;
    jd_err e;
    b->sink.ops->close(b->sink.self);
    assert_int_equal(jd_dir_remove(b->dir, &e), JD_OK);
    jd_arena_free(b->arena);
    free(b);
    return 0;
}

/* An issue with these fields (single quotes), updated and fetched so many seconds after the start.
 */
static jd_written put_issue(box *b, uint64_t id, const char *key, int updated, int fetched,
                            const char *more)
{
    jd_err         e;
    jd_issue       issue;
    jd_written     how;
    const jd_json *doc;
    char          *text = jd_arena_cstr(
                 b->arena, jd_arena_fmt(b->arena,
                                        "{'id':'%llu','key':'%s','fields':{'created':'2024-01-01','updated':"
                                                 "'2024-01-01T00:%02d:%02d.000+0000'%s}}",
                                        (unsigned long long)id, key, updated / 60, updated % 60, more));
    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    if (jd_json_read(b->arena, jd_str_of(text), &doc, &e) ||
        jd_issue_view(doc, jd_str_of(text), &issue, &e))
        fail_msg("%s: %s", e.msg, text);
    issue.hash       = jd_issue_hash(doc);
    issue.fetched_ms = 1704067200000 + fetched * 1000;
    if (b->sink.ops->write(b->sink.self, &scope, &issue, &how, &e))
        fail_msg("%s", e.msg);
    return how;
}

static void begin(box *b)
{
    jd_err e;
    assert_int_equal(b->sink.ops->begin(b->sink.self, &e), JD_OK);
}

static void commit(box *b)
{
    jd_cursor c;
    jd_err    e;
    jd_cursor_init(&c, scope.name, 1);
    if (b->sink.ops->commit(b->sink.self, &(jd_commit){&scope, &c}, 1, &e))
        fail_msg("%s", e.msg);
}

static void same(box *b, const char *sql, const char *want)
{
    jd_buf   got = JD_BUF_INIT(1 << 20);
    jd_wh_db db  = look(b->dir);
    add_rows(&db, &got, sql);
    db.ops->close(db.self);
    assert_string_equal(jd_buf_cstr(&got), want);
    jd_buf_release(&got);
}

static void children_are_replaced_as_a_set(void **state)
{
    box *b = *state;
    begin(b);
    assert_int_equal(
        put_issue(b, 1, "A-1", 1, 1,
                  ",'labels':['a','b'],'comment':{'comments':[{'id':'5','body':'five'},"
                  "{'id':'6','body':'six'}]}"),
        JD_WROTE_NEW);
    assert_int_equal(put_issue(b, 2, "A-2", 1, 1,
                               ",'labels':['a'],'comment':{'comments':[{'id':'7','body':'x'}]}"),
                     JD_WROTE_NEW);
    commit(b);
    begin(b);
    assert_int_equal(put_issue(b, 1, "A-1", 2, 2,
                               ",'labels':['b','c'],'comment':{'comments':[{'id':'6','body':'six, "
                               "edited'},{'id':'8'}]}"),
                     JD_WROTE_CHANGED);
    commit(b);
    same(b, "SELECT issue_id || label FROM issue_label ORDER BY 1", "1b\n1c\n2a\n");
    same(b, "SELECT issue_id || ' ' || id || ' ' || coalesce(body, '-') FROM comment ORDER BY id",
         "1 6 six, edited\n2 7 x\n1 8 -\n");
    begin(b); /* nothing is left of what is taken away */
    assert_int_equal(put_issue(b, 1, "A-1", 3, 3, ""), JD_WROTE_CHANGED);
    commit(b);
    same(b, "SELECT issue_id || label FROM issue_label ORDER BY 1", "2a\n");
    same(b, "SELECT id || '' FROM comment ORDER BY id", "7\n");
}

static void an_issue_twice_in_a_batch_is_there_once(void **state)
{
    box *b = *state;
    begin(b);
    put_issue(b, 1, "A-1", 1, 1, ",'labels':['a'],'summary':'first'");
    put_issue(b, 2, "A-2", 1, 1, ",'labels':['a','z'],'summary':'other'");
    assert_int_equal(put_issue(b, 1, "A-1", 2, 2, ",'labels':['b'],'summary':'second'"),
                     JD_WROTE_CHANGED);
    put_issue(b, 3, "A-3", 1, 1, ",'labels':['a']");
    assert_int_equal(put_issue(b, 1, "A-1", 3, 3, ",'labels':['c'],'summary':'third'"),
                     JD_WROTE_CHANGED);
    commit(b);
    same(b, "SELECT issue_id || label FROM issue_label ORDER BY 1", "1c\n2a\n2z\n3a\n");
    same(b, "SELECT id || coalesce(summary, '-') FROM issue ORDER BY id", "1third\n2other\n3-\n");
    begin(b);
    put_issue(b, 1, "A-1", 4, 4, ",'labels':['d']");
    put_issue(b, 2, "A-2", 2, 2, ",'labels':['y']");
    put_issue(b, 1, "A-1", 5, 5, ",'labels':['e']");
    commit(b);
    same(b, "SELECT issue_id || label FROM issue_label ORDER BY 1", "1e\n2y\n3a\n");
}

static void what_jira_tells_twice_is_there_once(void **state)
{
    box *b = *state;
    begin(b);
    put_issue(b, 1, "A-1", 1, 1, ",'labels':['a','a'],'issuelinks':[{'id':'9'},{'id':'9'}]");
    put_issue(b, 2, "A-2", 1, 1, ",'comment':{'comments':[{'id':'5'}]}");
    put_issue(b, 3, "A-3", 1, 1, ",'comment':{'comments':[{'id':'5'}]}"); /* cannot be, is no end */
    commit(b);
    same(b, "SELECT issue_id || label FROM issue_label", "1a\n");
    same(b, "SELECT id || '' FROM issue_link", "9\n");
    same(b, "SELECT id || '' FROM comment", "5\n");
    same(b, "SELECT id || '' FROM issue ORDER BY id", "1\n2\n3\n");
}

static void named_things_keep_the_latest_facts(void **state)
{
    static const char all[] =
        "SELECT id || ' ' || coalesce(name, '-') || ' ' || coalesce(email, '-') || ' ' ||"
        " coalesce(display_name, '-') FROM jira_user ORDER BY id";
    box *b = *state;
    begin(b);
    put_issue(b, 1, "A-1", 1, 10, ",'reporter':{'key':'u','name':'jo','emailAddress':'j@x.org'}");
    put_issue(b, 2, "A-2", 1, 20, ",'reporter':{'key':'u','displayName':'Jo'}");
    put_issue(b, 3, "A-3", 1, 5, ",'reporter':{'key':'u','displayName':'Old','name':'oldest'}");
    commit(b);
    same(b, all, "u jo j@x.org Jo\n");
    begin(b);
    put_issue(b, 4, "A-4", 1, 30, ",'reporter':{'key':'u','displayName':'Jo Newest'}");
    commit(b);
    same(b, all, "u jo j@x.org Jo Newest\n");
    begin(b);
    put_issue(b, 5, "A-5", 1, 25, ",'reporter':{'key':'u','displayName':'Late Page'}");
    commit(b);
    same(b, all, "u jo j@x.org Jo Newest\n");
}

static void any_text_comes_back_as_it_was(void **state)
{
    box *b = *state;
    begin(b);
    put_issue(b, 1, "A-1", 1, 1, ",'summary':'t\\tn\\nr\\rb\\\\N u\\u0000 \\ud83d.'");
    put_issue(b, 2, "A-2", 1, 1, ",'summary':''");
    commit(b);
    same(b, "SELECT summary FROM issue ORDER BY id",
         "t\tn\nr\rb\\N u\xEF\xBF\xBD \xEF\xBF\xBD.\n\n");
}

static void an_old_key_is_an_alias_until_it_is_the_key_again(void **state)
{
    static const char aliases[] = "SELECT key || issue_id FROM issue_alias ORDER BY key";
    box              *b         = *state;
    begin(b);
    put_issue(b, 1, "A-1", 1, 1, "");
    commit(b);
    begin(b);
    put_issue(b, 1, "B-7", 2, 2, "");
    commit(b);
    same(b, aliases, "A-11\n");
    begin(b);
    put_issue(b, 1, "A-1", 3, 3, "");
    commit(b);
    same(b, aliases, "B-71\n");
}

static void a_newer_schema_is_refused(void **state)
{
    box     *b = *state;
    jd_wh_db db;
    jd_sink  other;
    jd_err   e;
    int64_t  from;
    b->sink.ops->close(b->sink.self);
    assert_int_equal(jd_wh_open(url_of(b->arena, b->dir), "t", false, true, &db, &e), JD_OK);
    assert_int_equal(db.ops->script(db.self,
                                    "INSERT INTO schema_version (version, applied, program) VALUES"
                                    " (99, '2030-01-01', 'x')",
                                    &e),
                     JD_OK);
    db.ops->close(db.self);
    assert_int_equal(open_warehouse(b->dir, &other, &e), JD_E_STATE);
    assert_int_equal(jd_code_exit(e.code), 78);
    assert_non_null(strstr(e.msg, "version 99"));
    assert_int_equal(
        jd_warehouse_migrate(url_of(b->arena, b->dir), "t", true, &(jd_dbt_conf){0}, &from, &e),
        JD_E_STATE);
    assert_int_equal(jd_wh_open(url_of(b->arena, b->dir), "t", false, true, &db, &e), JD_OK);
    assert_int_equal(db.ops->script(db.self, "DELETE FROM schema_version WHERE version = 99", &e),
                     JD_OK);
    db.ops->close(db.self);
    assert_int_equal(open_warehouse(b->dir, &b->sink, &e), JD_OK);
}

/* What the migrations made has the columns that the program knows, in their order. */
static void the_migrations_make_what_the_schema_says(void **state)
{
    box     *b  = *state;
    jd_wh_db db = look(b->dir);
    for (int t = 0; t < JD_NTABLES; t++) {
        jd_buf got = JD_BUF_INIT(1 << 16), want = JD_BUF_INIT(1 << 16), sql = JD_BUF_INIT(1 << 10);
#ifdef WITH_PG
        jd_buf_addf(&sql,
                    "SELECT a.attname || CASE WHEN col_description(a.attrelid, a.attnum) IS NULL"
                    " THEN ' (no comment)' ELSE '' END FROM pg_attribute AS a WHERE a.attrelid ="
                    " '%s'::regclass AND a.attnum > 0 ORDER BY a.attnum",
                    jd_tables[t].name);
#else
        jd_buf_addf(&sql, "SELECT name FROM pragma_table_info('%s') ORDER BY cid",
                    jd_tables[t].name);
#endif
        add_rows(&db, &got, jd_arena_cstr(b->arena, jd_buf_view(&sql)));
        for (unsigned c = 0; c < jd_tables[t].ncol; c++)
            jd_buf_addf(&want, "%s\n", jd_tables[t].col[c].name);
        assert_string_equal(jd_buf_cstr(&got), jd_buf_cstr(&want));
        jd_buf_release(&got);
        jd_buf_release(&want);
        jd_buf_release(&sql);
    }
    db.ops->close(db.self);
}

static void two_runs_do_not_load_the_same(void **state)
{
    box      *b = *state;
    jd_cursor c;
    jd_sink   other = {0};
    jd_err    e;
    assert_int_equal(b->sink.ops->where(b->sink.self, &scope, &c, &e), JD_OK);
    jd_code rc = open_waiting(b->dir, 0, &other, &e);
    if (!rc) { /* PostgreSQL: only the scope is taken */
        rc = other.ops->where(other.self, &scope, &c, &e);
        other.ops->close(other.self);
    }
    assert_int_equal(rc, JD_E_LOCKED);
    assert_non_null(strstr(e.msg, "jiraduct test"));
}

static void every_issue_can_be_walked_and_dropped(void **state)
{
    box         *b = *state;
    uint64_t     n;
    jd_tombstone why = {.id = 2, .cause = JD_CAUSE_LEFT, .made_ms = 1704067200000};
    jd_err       e;
    begin(b);
    put_issue(b, 1, "A-1", 1, 1, ",'labels':['a']");
    put_issue(b, 2, "A-2", 1, 1, ",'labels':['a']");
    commit(b);
    assert_int_equal(jd_warehouse_drop(&b->sink, &why, 1, &e), JD_OK);
    assert_int_equal(jd_warehouse_rows(&b->sink, JD_T_issue_label, &n, &e), JD_OK);
    assert_int_equal(n, 1);
    same(b, "SELECT issue_id || key || cause FROM tombstone", "2A-2left\n");
    same(b, "SELECT issue_id || '' FROM sync_member", "1\n");
}

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
#define T(name) cmocka_unit_test_setup_teardown(name, box_in, box_out)
        T(children_are_replaced_as_a_set),
        T(an_issue_twice_in_a_batch_is_there_once),
        T(what_jira_tells_twice_is_there_once),
        T(named_things_keep_the_latest_facts),
        T(any_text_comes_back_as_it_was),
        T(an_old_key_is_an_alias_until_it_is_the_key_again),
        T(a_newer_schema_is_refused),
        T(the_migrations_make_what_the_schema_says),
        T(two_runs_do_not_load_the_same),
        T(every_issue_can_be_walked_and_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
