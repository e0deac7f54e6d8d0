#include "sink/outbox.h"
#include "sink/pack.h"
#include "sink_test.h"

#include <fcntl.h>
#include <sys/stat.h>

static char dir[200];

static int make_dir(void **state)
{
    (void)state;
    fresh(dir);
    return 0;
}

static int drop_dir(void **state)
{
    jd_err e;
    (void)state;
    return jd_dir_remove(dir, &e) ? -1 : 0;
}

static const char *in_dir(const char *name)
{
    static char path[2][400];
    static int  turn;
    turn = !turn;
    (void)snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

static jd_state *open_state(void)
{
    jd_state *s;
    bool      fresh_db;
    jd_err    e;
    assert_int_equal(jd_state_open(in_dir("state"), "site", &s, &fresh_db, &e), JD_OK);
    return s;
}

static void put_line(jd_state *s, const char *text)
{
    jd_err e;
    assert_int_equal(jd_outbox_put(s, jd_str_of(text), &e), JD_OK);
}

static void expect_file(const char *name, const char *want)
{
    jd_buf b = JD_BUF_INIT(1 << 20);
    jd_err e;
    assert_int_equal(jd_file_read(in_dir(name), &b, &e), JD_OK);
    assert_string_equal(jd_buf_cstr(&b), want);
    jd_buf_release(&b);
}

static void overwrite(const char *name, const char *text, size_t n)
{
    int fd = open(in_dir(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, n), (ssize_t)n);
    assert_int_equal(close(fd), 0);
}

static jd_outbox *open_box(jd_state *s, const char *name)
{
    jd_outbox *o;
    jd_err     e;
    assert_int_equal(jd_outbox_open(s, name ? in_dir(name) : NULL, &o, &e), JD_OK);
    return o;
}

static void flush(jd_outbox *o)
{
    jd_err e;
    assert_int_equal(jd_outbox_flush(o, &e), JD_OK);
}

/* Lines that wait in a state whose process ended, with `there` in the file behind "one\n". */
static void left_over(const char *there, size_t n, const char *want)
{
    char       text[100] = "one\n";
    jd_state  *s         = open_state();
    jd_outbox *o         = open_box(s, "c.jsonl");
    put_line(s, "one\n");
    flush(o);
    put_line(s, "two\n");
    put_line(s, "three\n");
    jd_outbox_close(o);
    jd_state_close(s);
    memcpy(text + 4, there, n);
    overwrite("c.jsonl", text, 4 + n);
    s = open_state();
    jd_outbox_close(open_box(s, NULL));
    expect_file("c.jsonl", want);
    jd_outbox_close(open_box(s, "c.jsonl"));
    expect_file("c.jsonl", want);
    jd_state_close(s);
}

static void each_line_once(void **state)
{
    (void)state;
    jd_state  *s = open_state();
    jd_outbox *o = open_box(s, "deep/er/c.jsonl");
    expect_file("deep/er/c.jsonl", "");
    flush(o);
    put_line(s, "one\n");
    put_line(s, "two\n");
    flush(o);
    flush(o);
    expect_file("deep/er/c.jsonl", "one\ntwo\n");
    jd_outbox_close(o);
    jd_state_close(s);
}

static void nothing_written_yet(void **state)
{
    (void)state;
    left_over("", 0, "one\ntwo\nthree\n");
}

static void half_a_line(void **state)
{
    (void)state;
    left_over("tw", 2, "one\ntwo\nthree\n");
}

static void all_written_and_not_marked(void **state)
{
    (void)state;
    left_over("two\nthree\n", 10, "one\ntwo\nthree\n");
}

static void zeros_after_a_power_cut(void **state)
{
    (void)state;
    left_over("two\n\0\0\0\0\0\0", 10, "one\ntwo\nthree\n");
}

static void what_is_not_ours_stays(void **state)
{
    (void)state;
    left_over("somebody else's", 15, "one\nsomebody else's\ntwo\nthree\n");
}

static void a_file_that_was_emptied_begins_anew(void **state)
{
    (void)state;
    jd_state  *s = open_state();
    jd_outbox *o = open_box(s, "c.jsonl");
    put_line(s, "one\n");
    flush(o);
    overwrite("c.jsonl", "", 0);
    put_line(s, "two\n");
    flush(o);
    expect_file("c.jsonl", "two\n");
    jd_outbox_close(o);
    /* and one that others wrote to goes on behind that, whatever waits */
    overwrite("c.jsonl", "two\nx\n", 6);
    o = open_box(s, "c.jsonl");
    put_line(s, "a line longer than what was added\n");
    flush(o);
    expect_file("c.jsonl", "two\nx\na line longer than what was added\n");
    jd_outbox_close(o);
    jd_state_close(s);
}

static void what_waits_goes_where_it_was_meant_to(void **state)
{
    (void)state;
    jd_state  *s = open_state();
    jd_outbox *o = open_box(s, "a.jsonl");
    put_line(s, "one\n");
    jd_outbox_close(o);
    o = open_box(s, "b.jsonl");
    put_line(s, "two\n");
    flush(o);
    jd_outbox_close(o);
    jd_state_close(s);
    expect_file("a.jsonl", "one\n");
    expect_file("b.jsonl", "two\n");
}

static int64_t waiting(const char *db)
{
    jd_buf  b = JD_BUF_INIT(1000);
    int64_t n;
    add_rows(&b, db, "SELECT count(*) FROM change");
    assert_true(jd_str_i64(jd_str_trim(jd_buf_view(&b)), &n));
    jd_buf_release(&b);
    return n;
}

/* A change comes with its batch or not at all, in either layout. */
static void changes_are_part_of_the_batch(void **state)
{
    (void)state;
    static jd_code (*const open_sink[])(const jd_raw_conf *, jd_sink *, jd_err *) = {jd_raw_open,
                                                                                     jd_pack_open};
    for (int i = 0; i < 2; i++) {
        jd_sink   sink;
        jd_err    e;
        char      raw[400], where[400], db[420];
        jd_change c = jd_change_removed(7, JD_STR("A-1"), JD_STR("gone"), 1700000000000);
        (void)snprintf(raw, sizeof raw, "%s/raw%d", dir, i);
        (void)snprintf(where, sizeof where, "%s/state%d", dir, i);
        (void)snprintf(db, sizeof db, "%s/state.db", where);
        jd_raw_conf conf = {.raw_dir = raw, .state_dir = where, .site = "site", .changes = true};
        assert_int_equal(open_sink[i](&conf, &sink, &e), JD_OK);
        for (int kept = 0; kept < 2; kept++) {
            assert_int_equal(sink.ops->begin(sink.self, &e), JD_OK);
            put(&sink, 7, "A-1", kept);
            assert_int_equal(sink.ops->change(sink.self, &scope, &c, &e), JD_OK);
            if (kept)
                commit(&sink);
            else
                sink.ops->abort(sink.self);
            assert_int_equal(waiting(db), kept);
        }
        /* so is a removal, once */
        for (int turn = 0; turn < 2; turn++) {
            jd_tombstone why = {.id = 7, .cause = JD_CAUSE_GONE, .made_ms = 1700000000000};
            assert_int_equal(sink.ops->begin(sink.self, &e), JD_OK);
            assert_int_equal(sink.ops->remove(sink.self, &scope, &why, &e), JD_OK);
            commit(&sink);
            assert_int_equal(waiting(db), 2);
        }
        sink.ops->close(sink.self);
    }
}

static jd_str held_text(jd_arena *a)
{
    jd_buf b = JD_BUF_INIT(1 << 20);
    jd_err e;
    assert_int_equal(jd_file_read(in_dir("raw/A/A-1.json"), &b, &e), JD_OK);
    jd_str out = jd_arena_dup(a, jd_buf_view(&b));
    jd_buf_release(&b);
    return out;
}

/* A copy that was about to be replaced is what the state knows until the state knows better. */
static void the_older_copy_comes_back(void **state)
{
    (void)state;
    jd_arena *a = jd_arena_new(0);
    jd_sink   sink;
    jd_err    e;
    char      raw[400], where[400];
    (void)snprintf(raw, sizeof raw, "%s/raw", dir);
    (void)snprintf(where, sizeof where, "%s/state", dir);
    jd_raw_conf conf = {.raw_dir = raw, .state_dir = where, .site = "site", .changes = true};
    assert_int_equal(jd_raw_open(&conf, &sink, &e), JD_OK);
    assert_int_equal(sink.ops->begin(sink.self, &e), JD_OK);
    put(&sink, 7, "A-1", 1);
    commit(&sink);
    jd_str old = held_text(a);
    sink.ops->close(sink.self);
    for (int known = 0; known < 2; known++) { /* as a process killed before or behind the commit */
        assert_int_equal(jd_dir_make(in_dir("raw/.batch"), &e), JD_OK);
        assert_int_equal(jd_file_replace(in_dir("raw/.batch/7.old"), old, &e), JD_OK);
        if (known) {
            assert_int_equal(jd_raw_open(&conf, &sink, &e), JD_OK);
            assert_int_equal(sink.ops->begin(sink.self, &e), JD_OK);
            put(&sink, 7, "A-1", 2);
            commit(&sink);
            assert_false(jd_path_exists(in_dir("raw/.batch/7.old")));
            assert_int_equal(jd_file_replace(in_dir("raw/.batch/7.old"), old, &e), JD_OK);
            sink.ops->close(sink.self);
        } else {
            assert_int_equal(
                jd_file_replace(in_dir("raw/A/A-1.json"), JD_STR("{\"id\":\"7\"}"), &e), JD_OK);
        }
        assert_int_equal(jd_raw_open(&conf, &sink, &e), JD_OK);
        assert_int_equal(jd_str_eq(held_text(a), old), !known);
        assert_false(jd_path_exists(in_dir("raw/.batch/7.old")));
        sink.ops->close(sink.self);
    }
    jd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_line_once, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(nothing_written_yet, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(half_a_line, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(all_written_and_not_marked, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(zeros_after_a_power_cut, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(what_is_not_ours_stays, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(a_file_that_was_emptied_begins_anew, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(what_waits_goes_where_it_was_meant_to, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(changes_are_part_of_the_batch, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(the_older_copy_comes_back, make_dir, drop_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
