#include "sink/export.h"
#include "sink/store.h"
#include "sink_test.h"

#include <sys/stat.h>
#include <sys/wait.h>

enum { TEXT_MAX = 1 << 20 };

typedef struct box {
    char      dir[200];
    jd_arena *a;
} box;

static int set_up(void **state)
{
    box *b = jd_xcalloc(1, sizeof *b);
    fresh(b->dir);
    b->a   = jd_arena_new(0);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    box   *b = *state;
    jd_err e;
    int    rc = jd_dir_remove(b->dir, &e) ? -1 : 0;
    jd_arena_free(b->a);
    free(b);
    return rc;
}

static const char *below(box *b, const char *name)
{
    return path_in(b->a, b->dir, name).p;
}

static void open_sink(box *b, const char *name, jd_layout layout, jd_sink *out)
{
    const char *dir  = below(b, name);
    jd_raw_conf conf = {.raw_dir   = path_in(b->a, dir, "raw").p,
                        .state_dir = path_in(b->a, dir, "state").p,
                        .site      = "site",
                        .log       = &jd_log_none,
                        .layout    = layout};
    jd_err      e;
    if (jd_store_sink(&conf, out, &e))
        fail_msg("%s", e.msg);
}

/* New, replaced and moved issues of two projects, a member, a cursor. */
static void scrape(box *b, const char *name, jd_layout layout)
{
    jd_sink sink;
    jd_err  e;
    open_sink(b, name, layout, &sink);
    for (int round = 1; round <= 2; round++) {
        assert_int_equal(sink.ops->begin(sink.self, &e), JD_OK);
        for (int i = 1; i <= 20 / round; i++)
            put(&sink, (uint64_t)i, jd_arena_fmt(b->a, "A-%d", i).p, round);
        put(&sink, 3, "B-1", 2 + round);
        commit(&sink);
    }
    sink.ops->close(sink.self);
}

static jd_export export_of(box *b, const char *from, const char *to, jd_layout layout)
{
    const char *dir = below(b, from);
    return (jd_export){.raw_dir   = path_in(b->a, dir, "raw").p,
                       .state_dir = path_in(b->a, dir, "state").p,
                       .output    = below(b, to),
                       .layout    = layout,
                       .log       = &jd_log_none};
}

static jd_code export_to(box *b, const char *from, const char *to, jd_layout layout, uint64_t *n,
                         jd_err *e)
{
    jd_export in = export_of(b, from, to, layout);
    return jd_store_export(&in, n, e);
}

/* What is held, in words that do not depend on the layout. */
static char *holdings(box *b, const char *name)
{
    const char      *dir = below(b, name);
    jd_buf           out = JD_BUF_INIT(TEXT_MAX);
    jd_store        *s;
    jd_store_reader *r;
    jd_names         projects;
    jd_err           e;
    add_state(&out, path_in(b->a, dir, "state/state.db").p);
    add_rows(&out, path_in(b->a, dir, "state/state.db").p,
             "SELECT group_concat(fetched) FROM issue");
    if (jd_store_open(path_in(b->a, dir, "raw").p, path_in(b->a, dir, "state").p, &s, &e))
        fail_msg("%s", e.msg);
    assert_int_equal(jd_store_reader_open(s, 1 << 20, &r, &e), JD_OK);
    assert_int_equal(jd_store_projects(s, b->a, &projects, &e), JD_OK);
    for (size_t i = 0; i < projects.n; i++) {
        jd_store_list l;
        assert_int_equal(jd_store_list_open(s, projects.name[i], &l, &e), JD_OK);
        for (size_t k = 0; k < l.n; k++) {
            jd_str raw, key = jd_arena_fmt(b->a, "%s-%d", projects.name[i], (int)l.number[k]);
            assert_int_equal(jd_store_read(r, key, &raw, &e), JD_OK);
            jd_buf_addf(&out, "%.*s\n", JD_FMT(raw));
        }
        jd_store_list_close(&l);
    }
    jd_store_reader_close(r);
    jd_store_close(s);
    char *z = jd_arena_cstr(b->a, jd_buf_view(&out));
    jd_buf_release(&out);
    return z;
}

static void there_and_back_is_the_same(void **state)
{
    box     *b = *state;
    jd_err   e;
    uint64_t n;
    scrape(b, "one", JD_LAYOUT_FILES);
    char *want = holdings(b, "one");
    assert_non_null(strstr(want, "\"B-1\""));
    if (export_to(b, "one", "two", JD_LAYOUT_PACK, &n, &e))
        fail_msg("%s", e.msg);
    assert_int_equal(n, 20);
    assert_true(jd_path_exists(below(b, "two/raw/A/seg-000001.pack")));
    assert_false(jd_path_exists(below(b, "two/raw/A/A-1.json")));
    assert_string_equal(holdings(b, "two"), want);
    assert_int_equal(export_to(b, "two", "three", JD_LAYOUT_FILES, &n, &e), JD_OK);
    assert_true(jd_path_exists(below(b, "three/raw/B/B-1.json")));
    assert_false(jd_path_exists(below(b, "three/raw/.pack")));
    assert_string_equal(holdings(b, "three"), want);
    /* packed again is another store: their states must not be taken for each other */
    assert_int_equal(export_to(b, "two", "four", JD_LAYOUT_PACK, &n, &e), JD_OK);
    assert_string_equal(holdings(b, "four"), want);
    jd_store *s;
    assert_int_equal(jd_store_open(below(b, "two/raw"), below(b, "four/state"), &s, &e),
                     JD_E_STATE);
    assert_string_equal(holdings(b, "one"), want);
}

static void a_scrape_goes_on_with_it(void **state)
{
    box      *b = *state;
    jd_err    e;
    uint64_t  n;
    jd_sink   sink;
    jd_cursor cursor;
    scrape(b, "one", JD_LAYOUT_PACK);
    assert_int_equal(export_to(b, "one", "two", JD_LAYOUT_FILES, &n, &e), JD_OK);
    assert_int_equal(export_to(b, "two", "three", JD_LAYOUT_PACK, &n, &e), JD_OK);
    for (int i = 0; i < 2; i++) {
        jd_raw_check sum;
        const char  *name = i ? "three" : "two";
        open_sink(b, name, JD_LAYOUT_ANY, &sink);
        assert_string_equal(sink.ops->name, i ? "pack" : "raw");
        assert_int_equal(sink.ops->where(sink.self, &scope, &cursor, &e), JD_OK);
        assert_int_equal(cursor.seq, 1);
        assert_int_equal(sink.ops->begin(sink.self, &e), JD_OK);
        put(&sink, 21, "A-21", 9);
        put(&sink, 3, "A-3", 9); /* moved back */
        commit(&sink);
        const char *raw = path_in(b->a, below(b, name), "raw").p;
        assert_int_equal(jd_raw_verify(jd_raw_state(&sink), raw, NULL, NULL, &sum, &e), JD_OK);
        assert_int_equal(sum.issues, 21);
        assert_int_equal(sum.missing + sum.wrong + sum.strays + sum.pending, 0);
        sink.ops->close(sink.self);
    }
    assert_string_equal(holdings(b, "two"), holdings(b, "three"));
}

static void what_is_in_use_is_refused(void **state)
{
    box     *b = *state;
    jd_err   e;
    uint64_t n;
    assert_int_equal(export_to(b, "one", "two", JD_LAYOUT_PACK, &n, &e), JD_E_NOTFOUND);
    scrape(b, "one", JD_LAYOUT_FILES);
    assert_int_equal(export_to(b, "one", "one", JD_LAYOUT_PACK, &n, &e), JD_E_USAGE);
    assert_non_null(strstr(e.msg, "not empty"));
    assert_int_equal(export_to(b, "one", "..", JD_LAYOUT_PACK, &n, &e), JD_E_USAGE);
    assert_int_equal(jd_file_replace(below(b, "file"), JD_STR("x"), &e), JD_OK);
    assert_int_equal(export_to(b, "one", "file", JD_LAYOUT_PACK, &n, &e), JD_E_USAGE);
    assert_int_equal(mkdir(below(b, "empty"), 0755), 0);
    assert_int_equal(export_to(b, "one", "empty/", JD_LAYOUT_PACK, &n, &e), JD_OK);
    assert_true(jd_path_exists(below(b, "empty/raw/.pack")));
}

static void nothing_is_left_of_one_that_failed(void **state)
{
    box     *b = *state;
    jd_err   e;
    uint64_t n;
    jd_names names;
    jd_stop *stop = jd_stop_new();
    scrape(b, "one", JD_LAYOUT_FILES);
    jd_export in = export_of(b, "one", "two", JD_LAYOUT_PACK);
    in.stop      = stop;
    jd_stop_ask(stop);
    assert_int_equal(jd_store_export(&in, &n, &e), JD_E_INTERRUPTED);
    jd_stop_free(stop);
    assert_int_equal(jd_file_replace(below(b, "one/raw/A/A-5.json"), JD_STR("{\"id\":\"6\"}"), &e),
                     JD_OK);
    assert_int_equal(export_to(b, "one", "two", JD_LAYOUT_PACK, &n, &e), JD_E_DATA);
    assert_non_null(strstr(e.msg, "A-5.json"));
    assert_int_equal(unlink(below(b, "one/raw/A/A-5.json")), 0);
    assert_int_equal(export_to(b, "one", "two", JD_LAYOUT_PACK, &n, &e), JD_E_DATA);
    assert_non_null(strstr(e.msg, "1 issues are missing"));
    assert_int_equal(jd_dir_list(b->a, b->dir, &names, &e), JD_OK);
    assert_int_equal(names.n, 1);
    assert_string_equal(names.name[0], "one");
}

static int export_child(const char *dir)
{
    box      b = {.a = jd_arena_new(0)};
    jd_err   e;
    uint64_t n;
    (void)snprintf(b.dir, sizeof b.dir, "%s", dir);
    return export_to(&b, "one", "two", JD_LAYOUT_PACK, &n, &e) ? 1 : 0;
}

static void a_crash_leaves_all_or_nothing(void **state)
{
    static const struct {
        const char *point;
        bool        there;
    } at[]     = {{"export.issue:1", false},
                  {"export.issue:2", false},
                  {"export.synced:1", false},
                  {"export.renamed:1", true}};
    box     *b = *state;
    jd_err   e;
    uint64_t n;
    scrape(b, "one", JD_LAYOUT_FILES);
    char *want = holdings(b, "one");
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        int   status;
        pid_t pid = fork();
        if (pid == 0) {
            (void)setenv("JD_CRASH", at[i].point, 1);
            (void)execl("/proc/self/exe", "test", "--export", b->dir, (char *)NULL);
            _exit(99);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(WEXITSTATUS(status), 137);
        assert_int_equal(jd_path_exists(below(b, "two")), at[i].there);
        if (!at[i].there)
            assert_int_equal(export_to(b, "one", "two", JD_LAYOUT_PACK, &n, &e), JD_OK);
        assert_string_equal(holdings(b, "two"), want);
        assert_false(jd_path_exists(below(b, ".two.export")));
        assert_int_equal(jd_dir_remove(below(b, "two"), &e), JD_OK);
    }
}

#define OWN(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--export") == 0)
        return export_child(argv[2]);
    const struct CMUnitTest tests[] = {
        OWN(there_and_back_is_the_same),    OWN(a_scrape_goes_on_with_it),
        OWN(what_is_in_use_is_refused),     OWN(nothing_is_left_of_one_that_failed),
        OWN(a_crash_leaves_all_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
