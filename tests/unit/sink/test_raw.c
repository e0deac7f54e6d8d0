#include "conformance.h"
#include "sink_test.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static jd_code open_raw(const char *dir, jd_sink *out, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_raw_conf conf = {path_in(a, dir, "raw").p, path_in(a, dir, "state").p, "site", &jd_log_none};
    return jd_raw_open(&conf, out, e);
}

static void add_tree(jd_arena *a, const char *dir, const char *below, jd_buf *out)
{
    jd_names names;
    jd_err   e;
    assert_int_equal(jd_dir_list(a, dir, &names, &e), JD_OK);
    for (size_t i = 0; i < names.n; i++) {
        jd_str path  = path_in(a, dir, names.name[i]);
        jd_str label = path_in(a, below, names.name[i]);
        if (jd_path_is_dir(path.p)) {
            add_tree(a, path.p, label.p, out);
            continue;
        }
        jd_buf_addf(out, "%s: ", label.p);
        assert_int_equal(jd_file_read(path.p, out, &e), JD_OK);
        jd_buf_addc(out, '\n');
    }
}

static void snapshot_raw(const char *dir, jd_buf *out)
{
    jd_arena *a  = jd_arena_new(0);
    jd_str    db = path_in(a, dir, "state/state.db");
    add_tree(a, path_in(a, dir, "raw").p, "raw", out);
    add_state(out, db.p);
    jd_arena_free(a);
}

static const char *const points[] = {"raw.written",  "raw.synced",  "raw.rename",  "raw.renamed",
                                     "raw.unlinked", "raw.placed",  "raw.state",   "raw.committed",
                                     "raw.remove",   "raw.removed", "raw.rebuilt", NULL};

static sink_under_test sut = {"raw", open_raw, snapshot_raw, points};

/* -- what is the raw sink's own -------------------------------------------------------------- */

static void lost_state_is_rebuilt_and_a_moved_issue_leaves_one_file(void **state)
{
    (void)state;
    char     dir[200];
    jd_sink  sink;
    jd_err   e;
    jd_names names;
    fresh(dir);
    jd_arena *a = jd_arena_new(0);
    assert_int_equal(open_raw(dir, &sink, &e), JD_OK);
    assert_int_equal(sink.ops->begin(sink.self, &e), JD_OK);
    put(&sink, 1, "A-1", 1);
    put(&sink, 2, "A-2", 1);
    commit(&sink);
    sink.ops->close(sink.self);
    assert_int_equal(jd_dir_remove(path_in(a, dir, "state").p, &e), JD_OK);
    /* the older state of issue 2 under another key, as a crash long ago may have left it */
    assert_int_equal(mkdir(path_in(a, dir, "raw/B").p, 0755), 0);
    assert_int_equal(jd_file_replace(path_in(a, dir, "raw/B/B-9.json").p,
                                     JD_STR("{\"id\":\"2\",\"key\":\"B-9\",\"fields\":{\"created\":"
                                            "\"2024-01-01\",\"updated\":\"2023-01-01\"}}"),
                                     &e),
                     JD_OK);
    assert_int_equal(open_raw(dir, &sink, &e), JD_OK);
    assert_false(jd_path_exists(path_in(a, dir, "raw/B/B-9.json").p));
    assert_int_equal(sink.ops->begin(sink.self, &e), JD_OK);
    put(&sink, 1, "C-5", 2);
    commit(&sink);
    sink.ops->close(sink.self);
    assert_int_equal(jd_dir_list(a, path_in(a, dir, "raw/A").p, &names, &e), JD_OK);
    assert_int_equal(names.n, 1);
    assert_string_equal(names.name[0], "A-2.json");
    assert_true(jd_path_exists(path_in(a, dir, "raw/C/C-5.json").p));
    assert_int_equal(jd_dir_remove(dir, &e), JD_OK);
    jd_arena_free(a);
}

static void verify_tells_what_differs(void **state)
{
    (void)state;
    char         dir[200];
    jd_sink      sink;
    jd_err       e;
    jd_raw_check sum;
    int          found = 0;
    fresh(dir);
    jd_arena *a = jd_arena_new(0);
    assert_int_equal(open_raw(dir, &sink, &e), JD_OK);
    assert_int_equal(sink.ops->begin(sink.self, &e), JD_OK);
    for (uint64_t i = 1; i <= 5; i++)
        put(&sink, i, jd_arena_fmt(a, "A-%d", (int)i).p, 1);
    commit(&sink);
    const char *raw = path_in(a, dir, "raw").p;
    assert_int_equal(jd_raw_verify(jd_raw_state(&sink), raw, count_found, &found, &sum, &e), JD_OK);
    assert_int_equal(sum.issues, 5);
    assert_int_equal(sum.files, 5);
    assert_int_equal(found, 0);
    assert_int_equal(unlink(path_in(a, raw, "A/A-1.json").p), 0);
    assert_int_equal(jd_file_replace(path_in(a, raw, "A/A-2.json").p, JD_STR("{"), &e), JD_OK);
    assert_int_equal(
        jd_file_replace(
            path_in(a, raw, "A/A-3.json").p,
            JD_STR("{\"id\":\"3\",\"key\":\"A-3\",\"fields\":{\"created\":\"2024-01-01\","
                   "\"updated\":\"2025-01-01\"}}"),
            &e),
        JD_OK);
    assert_int_equal(jd_file_replace(path_in(a, raw, "A/A-77.json").p, JD_STR("{}"), &e), JD_OK);
    assert_int_equal(jd_raw_verify(jd_raw_state(&sink), raw, count_found, &found, &sum, &e), JD_OK);
    assert_int_equal(sum.missing, 1);
    assert_int_equal(sum.wrong, 1);
    assert_int_equal(sum.pending, 1);
    assert_int_equal(sum.strays, 1);
    assert_int_equal(found, 4);
    sink.ops->close(sink.self);
    assert_int_equal(jd_dir_remove(dir, &e), JD_OK);
    jd_arena_free(a);
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
        cmocka_unit_test(lost_state_is_rebuilt_and_a_moved_issue_leaves_one_file),
        cmocka_unit_test(verify_tells_what_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
