/* A packed store's commits in two steps: what the next batch, and a failure, see of the one before.
 */
#include "sink/store.h"
#include "sink_test.h"

enum { TEXT_MAX = 1 << 20, REFUSED = 66 };

typedef struct box {
    char      dir[200];
    jd_arena *a;
    jd_sink   sink;
    jd_cursor cursor;
} box;

static const char *state_db(box *b)
{
    return path_in(b->a, b->dir, "state/state.db").p;
}

static void box_open(box *b)
{
    jd_err      e;
    jd_raw_conf conf = {.raw_dir   = path_in(b->a, b->dir, "raw").p,
                        .state_dir = path_in(b->a, b->dir, "state").p,
                        .site      = "site",
                        .log       = &jd_log_none,
                        .layout    = JD_LAYOUT_PACK};
    if (jd_store_sink(&conf, &b->sink, &e))
        fail_msg("%s", e.msg);
    assert_int_equal(b->sink.ops->where(b->sink.self, &scope, &b->cursor, &e), JD_OK);
}

static int set_up(void **state)
{
    box *b = jd_xcalloc(1, sizeof *b);
    fresh(b->dir);
    b->a   = jd_arena_new(0);
    *state = b;
    box_open(b);
    return 0;
}

static int tear_down(void **state)
{
    box   *b = *state;
    jd_err e;
    b->sink.ops->close(b->sink.self);
    int rc = jd_dir_remove(b->dir, &e) ? -1 : 0;
    jd_arena_free(b->a);
    free(b);
    return rc;
}

static void begin(box *b)
{
    jd_err e;
    assert_int_equal(b->sink.ops->begin(b->sink.self, &e), JD_OK);
}

static jd_code hand(box *b, jd_err *e)
{
    return b->sink.ops->hand(b->sink.self, &(jd_commit){&scope, &b->cursor}, 1, e);
}

static void put_many(box *b, int from, int to, int second)
{
    for (int i = from; i <= to; i++)
        put(&b->sink, (uint64_t)i, jd_arena_fmt(b->a, "A-%d", i).p, second);
}

static void hand_many(box *b, int from, int to, int second)
{
    jd_err e;
    begin(b);
    put_many(b, from, to, second);
    if (hand(b, &e))
        fail_msg("%s", e.msg);
}

static const char *rows(box *b, const char *query)
{
    jd_buf out = JD_BUF_INIT(TEXT_MAX);
    add_rows(&out, state_db(b), query);
    char *z = jd_arena_cstr(b->a, jd_buf_view(&out));
    jd_buf_release(&out);
    return z;
}

static uint64_t held(box *b)
{
    uint64_t n;
    jd_err   e;
    assert_int_equal(b->sink.ops->count(b->sink.self, &scope, JD_PAST, &n, &e), JD_OK);
    return n;
}

static uint64_t committed(box *b)
{
    jd_cursor c;
    jd_err    e;
    assert_int_equal(b->sink.ops->where(b->sink.self, &scope, &c, &e), JD_OK);
    return c.seq;
}

static void many_batches_follow_one_another(void **state)
{
    box   *b = *state;
    jd_err e;
    for (int i = 0; i < 40; i++)
        hand_many(b, i * 50 + 1, i * 50 + 60, i); /* ten of each come again in the next */
    assert_int_equal(b->sink.ops->settle(b->sink.self, &e), JD_OK);
    assert_int_equal(b->cursor.seq, 40);
    assert_int_equal(committed(b), 40);
    assert_int_equal(held(b), 2010);
    assert_string_equal(rows(b, "SELECT count(*) FROM pack JOIN issue USING (id)"), "2010\n");
    jd_raw_check sum;
    assert_int_equal(
        jd_raw_verify(jd_raw_state(&b->sink), path_in(b->a, b->dir, "raw").p, NULL, NULL, &sum, &e),
        JD_OK);
    assert_int_equal(sum.wrong + sum.missing, 0);
}

/* What was handed over counts as held, whether it is kept already or not. */
static void the_next_batch_sees_the_one_before(void **state)
{
    box   *b = *state;
    jd_err e;
    hand_many(b, 1, 100, 20);
    assert_int_equal(held(b), 100);
    assert_int_equal(committed(b), 1);
    hand_many(b, 50, 120, 10); /* older, but for the last 20 */
    assert_int_equal(b->sink.ops->settle(b->sink.self, &e), JD_OK);
    assert_string_equal(
        rows(b,
             "SELECT count(*) || ' ' || (updated % 60000) FROM issue GROUP BY updated ORDER BY 1"),
        "100 20000\n20 10000\n");
}

static void a_cursor_is_copied(void **state)
{
    box   *b = *state;
    jd_err e;
    begin(b);
    jd_cursor_begin(&b->cursor, 1000, JD_PAST, NULL, 0);
    b->cursor.window[0].at = 5000;
    assert_int_equal(hand(b, &e), JD_OK);
    b->cursor.window[0].at = 9000;
    assert_int_equal(b->sink.ops->settle(b->sink.self, &e), JD_OK);
    jd_cursor c;
    assert_int_equal(b->sink.ops->where(b->sink.self, &scope, &c, &e), JD_OK);
    assert_int_equal(c.window[0].at, 5000);
}

static void an_abort_leaves_what_was_handed_over(void **state)
{
    box *b = *state;
    hand_many(b, 1, 10, 1);
    begin(b);
    put_many(b, 11, 20, 1);
    b->sink.ops->abort(b->sink.self);
    assert_int_equal(held(b), 10);
    b->sink.ops->close(b->sink.self);
    box_open(b);
    hand_many(b, 21, 25, 1);
    assert_int_equal(held(b), 15);
}

static void close_waits_for_what_was_handed_over(void **state)
{
    box *b = *state;
    hand_many(b, 1, 500, 1);
    b->sink.ops->close(b->sink.self);
    box_open(b);
    assert_int_equal(held(b), 500);
}

/* From now on the state takes no issue of this number. */
static void refuse(box *b)
{
    jd_sqlite *db;
    jd_err     e;
    assert_int_equal(jd_sqlite_open(state_db(b), false, 5000, &db, &e), JD_OK);
    assert_int_equal(jd_sqlite_exec(db,
                                    "CREATE TRIGGER refuse BEFORE INSERT ON issue WHEN new.id = 66 "
                                    "BEGIN SELECT RAISE(ABORT, 'not this one'); END",
                                    &e),
                     JD_OK);
    jd_sqlite_close(db);
}

static void nothing_is_kept_behind_a_failure(void **state)
{
    box   *b = *state;
    jd_err e;
    hand_many(b, 1, 10, 1);
    assert_int_equal(b->sink.ops->settle(b->sink.self, &e), JD_OK);
    refuse(b);
    hand_many(b, 60, REFUSED, 1);
    begin(b);
    put_many(b, 70, 80, 1);
    assert_int_equal(hand(b, &e), JD_E_DB);
    assert_non_null(strstr(e.msg, "not this one"));
    assert_int_equal(b->sink.ops->settle(b->sink.self, &e), JD_E_DB);
    assert_int_equal(b->sink.ops->commit(b->sink.self, &(jd_commit){&scope, &b->cursor}, 1, &e),
                     JD_E_DB);
    assert_int_equal(committed(b), 1);
    b->sink.ops->abort(b->sink.self);
    assert_int_equal(b->sink.ops->settle(b->sink.self, &e), JD_OK);
    assert_int_equal(b->sink.ops->where(b->sink.self, &scope, &b->cursor, &e), JD_OK);
    hand_many(b, 60, 65, 1);
    hand_many(b, 70, 80, 1);
    assert_int_equal(b->sink.ops->settle(b->sink.self, &e), JD_OK);
    assert_int_equal(held(b), 10 + 6 + 11);
    assert_int_equal(committed(b), 3);
    jd_raw_check sum;
    assert_int_equal(
        jd_raw_verify(jd_raw_state(&b->sink), path_in(b->a, b->dir, "raw").p, NULL, NULL, &sum, &e),
        JD_OK);
    assert_int_equal(sum.wrong + sum.missing, 0);
}

/* An issue that somebody made. */
static void put_of(box *b, uint64_t id, const char *who)
{
    jd_issue   issue = {.id         = id,
                        .key        = jd_arena_fmt(b->a, "A-%d", (int)id),
                        .updated_ms = 1,
                        .fetched_ms = 2,
                        .hash       = id};
    jd_written how;
    jd_err     e;
    issue.project = jd_key_project(issue.key);
    issue.raw     = jd_arena_fmt(b->a,
                                 "{\"id\":\"%d\",\"fields\":{\"creator\":{\"self\":"
                                     "\"https://j/rest/api/2/user?username=%s\",\"name\":\"%s\"}}}",
                                 (int)id, who, who);
    assert_int_equal(b->sink.ops->write(b->sink.self, &scope, &issue, &how, &e), JD_OK);
}

static void people_come_with_their_batch(void **state)
{
    box   *b = *state;
    jd_err e;
    begin(b);
    put_of(b, 1, "ann");
    assert_int_equal(hand(b, &e), JD_OK);
    assert_int_equal(b->sink.ops->settle(b->sink.self, &e), JD_OK);
    refuse(b);
    begin(b);
    put_of(b, 2, "bob");
    put_of(b, REFUSED, "cyd");
    assert_int_equal(hand(b, &e), JD_OK);
    assert_int_equal(b->sink.ops->settle(b->sink.self, &e), JD_E_DB);
    b->sink.ops->abort(b->sink.self);
    assert_string_equal(rows(b, "SELECT id FROM user ORDER BY id"), "ann\n");
    begin(b); /* they are not taken for known */
    put_of(b, 2, "bob");
    put_of(b, 3, "dan");
    assert_int_equal(hand(b, &e), JD_OK);
    assert_int_equal(b->sink.ops->settle(b->sink.self, &e), JD_OK);
    assert_string_equal(rows(b, "SELECT id FROM user ORDER BY id"), "ann\nbob\ndan\n");
}

#define OWN(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OWN(many_batches_follow_one_another),
        OWN(the_next_batch_sees_the_one_before),
        OWN(a_cursor_is_copied),
        OWN(an_abort_leaves_what_was_handed_over),
        OWN(close_waits_for_what_was_handed_over),
        OWN(nothing_is_kept_behind_a_failure),
        OWN(people_come_with_their_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
