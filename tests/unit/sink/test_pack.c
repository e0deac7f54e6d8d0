#include "conformance.h"
#include "sink/pack.h"
#include "sink/packread.h"
#include "sink/store.h"
#include "sink_test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { SNAPSHOT_MAX = 64 << 20 };

static jd_raw_conf conf_of(jd_arena *a, const char *dir)
{
    return (jd_raw_conf){.raw_dir   = path_in(a, dir, "raw").p,
                         .state_dir = path_in(a, dir, "state").p,
                         .site      = "site",
                         .log       = &jd_log_none,
                         .layout    = JD_LAYOUT_PACK};
}

static jd_code open_pack(const char *dir, jd_sink *out, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a    = jd_arena_new(0);
    jd_raw_conf                          conf = conf_of(a, dir);
    return jd_store_sink(&conf, out, e);
}

/* Every issue that a reader of the store gets, projects and numbers in order. */
static void add_issues(const char *dir, jd_buf *out)
{
    jd_arena        *a = jd_arena_new(0);
    jd_store        *s;
    jd_store_reader *r;
    jd_names         projects;
    jd_err           e;
    assert_int_equal(jd_store_open(path_in(a, dir, "raw").p, path_in(a, dir, "state").p, &s, &e),
                     JD_OK);
    assert_int_equal(jd_store_layout(s), JD_LAYOUT_PACK);
    assert_int_equal(jd_store_projects(s, a, &projects, &e), JD_OK);
    assert_int_equal(jd_store_reader_open(s, 1 << 20, &r, &e), JD_OK);
    for (size_t i = 0; i < projects.n; i++) {
        jd_store_list l;
        if (jd_store_list_open(s, projects.name[i], &l, &e))
            fail_msg("%s", e.msg);
        for (size_t k = 0; k < l.n; k++) {
            jd_str raw, key = jd_arena_fmt(a, "%s-%d", projects.name[i], (int)l.number[k]);
            if (jd_store_read(r, key, &raw, &e))
                fail_msg("%s", e.msg);
            jd_buf_addf(out, "%.*s: %.*s\n", JD_FMT(key), JD_FMT(raw));
        }
        jd_store_list_close(&l);
    }
    jd_store_reader_close(r);
    jd_store_close(s);
    jd_arena_free(a);
}

/* Sizes, too: what a crash left behind neither stays nor counts. */
static void snapshot_pack(const char *dir, jd_buf *out)
{
    jd_arena *a  = jd_arena_new(0);
    jd_str    db = path_in(a, dir, "state/state.db");
    jd_names  projects, files;
    jd_err    e;
    add_issues(dir, out);
    add_state(out, db.p);
    add_rows(out, db.p,
             "SELECT 'segment ' || project || ' ' || number || ' ' || size || ' ' || bytes"
             " FROM segment ORDER BY id");
    assert_int_equal(jd_dir_list(a, path_in(a, dir, "raw").p, &projects, &e), JD_OK);
    for (size_t i = 0; i < projects.n; i++) {
        jd_str folder = path_in(a, path_in(a, dir, "raw").p, projects.name[i]);
        if (!jd_path_is_dir(folder.p))
            continue;
        assert_int_equal(jd_dir_list(a, folder.p, &files, &e), JD_OK);
        for (size_t k = 0; k < files.n; k++) {
            struct stat st;
            assert_int_equal(stat(path_in(a, folder.p, files.name[k]).p, &st), 0);
            jd_buf_addf(out, "file %s/%s %d\n", projects.name[i], files.name[k], (int)st.st_size);
        }
    }
    jd_arena_free(a);
}

static const char *const points[] = {"pack.written", "pack.frame", "pack.flushed",
                                     "pack.synced",  "pack.state", "pack.committed",
                                     "pack.rebuilt", NULL};

static sink_under_test sut  = {"pack", open_pack, snapshot_pack, points, false};
static sink_under_test late = {"pack, late", open_pack, snapshot_pack, points, true};

/* -- what is the packed sink's own ----------------------------------------------------------- */

typedef struct box { /* a store in a folder of its own */
    char      dir[200];
    jd_arena *a;
    jd_sink   sink;
} box;

static void box_open(box *b)
{
    jd_err e;
    if (open_pack(b->dir, &b->sink, &e))
        fail_msg("%s", e.msg);
}

static void box_close(box *b)
{
    b->sink.ops->close(b->sink.self);
}

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

static void begin(box *b)
{
    jd_err e;
    assert_int_equal(b->sink.ops->begin(b->sink.self, &e), JD_OK);
}

/* Issues A-from to A-to, updated at this second, in one batch. */
static void batch(box *b, int from, int to, int second)
{
    begin(b);
    for (int i = from; i <= to; i++)
        put(&b->sink, (uint64_t)i, jd_arena_fmt(b->a, "A-%d", i).p, second);
    commit(&b->sink);
}

static const char *below(box *b, const char *name)
{
    return path_in(b->a, b->dir, name).p;
}

static off_t size_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

static void append(const char *path, const char *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    assert_int_equal(close(fd), 0);
}

static void flip(const char *path, off_t at)
{
    int  fd = open(path, O_RDWR | O_CLOEXEC);
    char c;
    assert_int_equal(pread(fd, &c, 1, at), 1);
    c = (char)~c;
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    assert_int_equal(close(fd), 0);
}

static char *text_of(void (*add)(const char *dir, jd_buf *out), box *b)
{
    jd_buf out = JD_BUF_INIT(SNAPSHOT_MAX);
    add(b->dir, &out);
    char *z = jd_arena_cstr(b->a, jd_buf_view(&out));
    jd_buf_release(&out);
    return z;
}

static void what_was_not_committed_is_cut_off(void **state)
{
    box *b = *state;
    box_open(b);
    batch(b, 1, 20, 1);
    box_close(b);
    char       *before = text_of(snapshot_pack, b);
    const char *seg    = below(b, "raw/A/seg-000001.pack");
    off_t       size   = size_of(seg);
    append(seg, "\x28\xb5\x2f\xfd torn", 9);
    jd_err e;
    assert_int_equal(jd_file_replace(below(b, "raw/A/seg-000002.pack"), JD_STR("torn"), &e), JD_OK);
    box_open(b);
    assert_int_equal(size_of(seg), size);
    assert_false(jd_path_exists(below(b, "raw/A/seg-000002.pack")));
    box_close(b);
    assert_string_equal(text_of(snapshot_pack, b), before);
}

static void a_segment_cut_short_is_refused(void **state)
{
    box   *b = *state;
    jd_err e;
    box_open(b);
    batch(b, 1, 20, 1);
    box_close(b);
    const char *seg = below(b, "raw/A/seg-000001.pack");
    assert_int_equal(truncate(seg, size_of(seg) - 1), 0);
    assert_int_equal(open_pack(b->dir, &b->sink, &e), JD_E_STATE);
    assert_non_null(strstr(e.msg, "seg-000001.pack"));
    assert_int_equal(unlink(seg), 0);
    assert_int_equal(open_pack(b->dir, &b->sink, &e), JD_E_STATE);
    assert_non_null(strstr(e.msg, "missing"));
}

/* id, key, updated and hash; times of fetching and plans cannot be known again */
static void add_known(const char *dir, jd_buf *out)
{
    jd_arena *a = jd_arena_new(0);
    add_rows(out, path_in(a, dir, "state/state.db").p,
             "SELECT id || ' ' || key || ' ' || updated || ' ' || hash FROM issue ORDER BY id");
    jd_arena_free(a);
    add_issues(dir, out);
}

static void lost_state_is_rebuilt_from_the_segments(void **state)
{
    box   *b = *state;
    jd_err e;
    box_open(b);
    batch(b, 1, 20, 1);
    batch(b, 5, 9, 2);
    begin(b);
    put(&b->sink, 7, "B-1", 3); /* moved */
    commit(&b->sink);
    batch(b, 8, 8, 4);
    box_close(b);
    char *before = text_of(add_known, b);
    assert_int_equal(jd_dir_remove(below(b, "state"), &e), JD_OK);
    append(below(b, "raw/A/seg-000001.pack"), "\x28\xb5\x2f\xfd torn", 9);
    box_open(b);
    box_close(b);
    assert_string_equal(text_of(add_known, b), before);
    box_open(b); /* and goes on */
    batch(b, 30, 31, 5);
    box_close(b);
    assert_non_null(strstr(text_of(add_issues, b), "A-31: {"));
    assert_non_null(strstr(text_of(add_issues, b), "B-1: {"));
}

static void a_rebuild_passes_over_what_is_damaged(void **state)
{
    box   *b = *state;
    jd_err e;
    box_open(b);
    batch(b, 1, 3, 1);
    const char *seg   = below(b, "raw/A/seg-000001.pack");
    off_t       first = size_of(seg);
    batch(b, 4, 6, 1);
    off_t second = size_of(seg);
    batch(b, 7, 9, 1);
    box_close(b);
    assert_int_equal(jd_dir_remove(below(b, "state"), &e), JD_OK);
    flip(seg, first);      /* no frame begins here any more */
    flip(seg, second + 6); /* and this one is damaged inside */
    box_open(b);
    batch(b, 10, 10, 1);
    box_close(b);
    char *have = text_of(add_issues, b);
    assert_non_null(strstr(have, "A-3: {"));
    assert_null(strstr(have, "A-5: {"));
    assert_null(strstr(have, "A-8: {"));
    assert_non_null(strstr(have, "A-10: {"));
}

static void what_is_damaged_is_stored_again(void **state)
{
    box         *b = *state;
    jd_err       e;
    jd_raw_check sum;
    box_open(b);
    batch(b, 1, 3, 1);
    off_t first = size_of(below(b, "raw/A/seg-000001.pack"));
    batch(b, 4, 6, 1);
    box_close(b);
    flip(below(b, "raw/A/seg-000001.pack"), first + 20);
    box_open(b);
    batch(b, 1, 6, 1); /* the same content */
    assert_int_equal(jd_raw_verify(jd_raw_state(&b->sink), below(b, "raw"), NULL, NULL, &sum, &e),
                     JD_OK);
    assert_int_equal(sum.wrong + sum.missing, 0);
    box_close(b);
    jd_buf out = JD_BUF_INIT(1000);
    add_rows(&out, below(b, "state/state.db"), "SELECT group_concat(id) FROM pack WHERE frame > 0");
    assert_string_equal(jd_buf_cstr(&out), "4,5,6\n");
    jd_buf_release(&out);
}

static void an_issue_put_out_of_its_key_leaves_no_place(void **state)
{
    box *b = *state;
    box_open(b);
    batch(b, 1, 3, 1);
    begin(b);
    put(&b->sink, 9, "A-2", 2);
    put(&b->sink, 10, "A-3", 2);
    put(&b->sink, 11, "A-3", 3);
    commit(&b->sink);
    box_close(b);
    jd_buf out = JD_BUF_INIT(1000);
    add_rows(&out, below(b, "state/state.db"), "SELECT group_concat(id) FROM pack");
    assert_string_equal(jd_buf_cstr(&out), "1,9,11\n");
    jd_buf_release(&out);
    assert_non_null(strstr(text_of(add_issues, b), "A-3: {\"id\":\"11\""));
}

static void an_issue_twice_in_a_batch_is_the_later_one(void **state)
{
    box *b = *state;
    box_open(b);
    begin(b);
    put(&b->sink, 1, "A-1", 1);
    put(&b->sink, 1, "A-1", 2);
    put(&b->sink, 1, "A-1", 2);
    commit(&b->sink);
    box_close(b);
    assert_non_null(strstr(text_of(add_issues, b), "00:00:02"));
}

static void full_segments_are_followed_by_new_ones(void **state)
{
    box        *b    = *state;
    jd_raw_conf conf = conf_of(b->a, b->dir);
    jd_err      e;
    jd_names    files;
    conf.segment = 200;
    assert_int_equal(jd_store_sink(&conf, &b->sink, &e), JD_OK);
    for (int i = 0; i < 10; i++)
        batch(b, i * 10 + 1, i * 10 + 10, 1);
    box_close(b);
    assert_int_equal(jd_dir_list(b->a, below(b, "raw/A"), &files, &e), JD_OK);
    assert_true(files.n >= 5);
    char *before = text_of(add_known, b);
    assert_non_null(strstr(before, "A-100: {"));
    assert_int_equal(jd_dir_remove(below(b, "state"), &e), JD_OK);
    box_open(b);
    box_close(b);
    assert_string_equal(text_of(add_known, b), before);
}

static void large_batches_are_cut_into_frames(void **state)
{
    box *b = *state;
    box_open(b);
    begin(b);
    for (int i = 1; i <= 30000; i++)
        put(&b->sink, (uint64_t)i, jd_arena_fmt(b->a, "A-%d", i).p, 1);
    commit(&b->sink);
    box_close(b);
    jd_buf out = JD_BUF_INIT(1000);
    add_rows(&out, below(b, "state/state.db"), "SELECT count(DISTINCT frame) FROM pack");
    uint64_t frames;
    assert_true(jd_str_u64(jd_str_trim(jd_buf_view(&out)), &frames));
    assert_true(frames >= 3);
    jd_buf_release(&out);
    assert_non_null(strstr(text_of(add_issues, b), "A-30000: {\"id\":\"30000\""));
}

/* -- compaction ------------------------------------------------------------------------------ */

static jd_code compact(box *b, jd_compaction *done, jd_err *e)
{
    jd_state *s;
    bool      is_fresh;
    jd_code   rc = jd_state_open(below(b, "state"), NULL, &s, &is_fresh, e);
    if (rc)
        return rc;
    rc = jd_pack_compact(s, below(b, "raw"), done, e);
    jd_state_close(s);
    return rc;
}

static int compact_child(const char *dir)
{
    box           b = {.a = jd_arena_new(0)};
    jd_compaction done;
    jd_err        e;
    (void)snprintf(b.dir, sizeof b.dir, "%s", dir);
    return compact(&b, &done, &e) ? 1 : 0;
}

static void fill_with_dead(box *b)
{
    box_open(b);
    batch(b, 1, 100, 1);
    batch(b, 1, 60, 2);
    batch(b, 1, 60, 3);
    begin(b);
    put(&b->sink, 500, "B-1", 1);
    commit(&b->sink);
    box_close(b);
}

static void compaction_frees_what_is_dead(void **state)
{
    box          *b = *state;
    jd_err        e;
    jd_compaction done;
    fill_with_dead(b);
    char *before = text_of(add_known, b);
    if (compact(b, &done, &e))
        fail_msg("%s", e.msg);
    assert_int_equal(done.segments, 1);
    assert_int_equal(done.issues, 100);
    assert_true(done.after < done.before);
    assert_string_equal(text_of(add_known, b), before);
    assert_false(jd_path_exists(below(b, "raw/A/seg-000001.pack")));
    assert_true(jd_path_exists(below(b, "raw/B/seg-000002.pack")));
    assert_int_equal(compact(b, &done, &e), JD_OK);
    assert_int_equal(done.segments, 0); /* less than half of each is dead now */
    batch((box_open(b), b), 200, 210, 5);
    box_close(b);
    assert_non_null(strstr(text_of(add_issues, b), "A-210: {"));
    assert_int_equal(jd_dir_remove(below(b, "state"), &e), JD_OK);
    box_open(b);
    box_close(b);
    assert_non_null(strstr(text_of(add_issues, b), "A-100: {"));
}

static void a_reader_lives_through_compaction(void **state)
{
    box             *b = *state;
    jd_err           e;
    jd_compaction    done;
    jd_store        *s;
    jd_store_reader *r;
    jd_str           raw;
    fill_with_dead(b);
    assert_int_equal(jd_store_open(below(b, "raw"), below(b, "state"), &s, &e), JD_OK);
    assert_int_equal(jd_store_reader_open(s, 1 << 20, &r, &e), JD_OK);
    assert_int_equal(jd_store_read(r, JD_STR("A-1"), &raw, &e), JD_OK);
    assert_int_equal(compact(b, &done, &e), JD_OK);
    assert_int_equal(jd_store_read(r, JD_STR("A-99"), &raw, &e), JD_OK);
    assert_true(jd_str_starts(raw, JD_STR("{\"id\":\"99\"")));
    assert_int_equal(jd_store_read(r, JD_STR("A-101"), &raw, &e), JD_E_NOTFOUND);
    jd_store_reader_close(r);
    jd_store_close(s);
}

static void a_crash_while_compacting_loses_nothing(void **state)
{
    static const char *const at[] = {"pack.frame",    "pack.flushed",      "compact.synced",
                                     "compact.state", "compact.committed", "compact.removed"};
    box                     *b    = *state;
    jd_err                   e;
    jd_compaction            done;
    fill_with_dead(b);
    char *before = text_of(add_known, b);
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        pid_t pid = fork();
        int   status;
        if (pid == 0) {
            (void)setenv("JD_CRASH", jd_arena_fmt(b->a, "%s:1", at[i]).p, 1);
            (void)execl("/proc/self/exe", "test", "--compact", b->dir, (char *)NULL);
            _exit(99);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (WEXITSTATUS(status) != 137)
            fail_msg("%s was not passed", at[i]);
        assert_string_equal(text_of(add_known, b), before);
        box_open(b);
        box_close(b);
        assert_string_equal(text_of(add_known, b), before);
        if (i >= 4) { /* it had taken place: make dead bytes again */
            box_open(b);
            batch(b, 1, 100, 10 + (int)i);
            batch(b, 1, 100, 20 + (int)i);
            box_close(b);
            before = text_of(add_known, b);
        }
    }
    assert_int_equal(compact(b, &done, &e), JD_OK);
    assert_string_equal(text_of(add_known, b), before);
}

/* -- what does not belong together ----------------------------------------------------------- */

static void another_layout_is_refused(void **state)
{
    box        *b    = *state;
    jd_raw_conf conf = conf_of(b->a, b->dir);
    jd_err      e;
    box_open(b);
    batch(b, 1, 3, 1);
    box_close(b);
    conf.layout = JD_LAYOUT_FILES;
    assert_int_equal(jd_store_sink(&conf, &b->sink, &e), JD_E_STATE);
    assert_non_null(strstr(e.msg, "jiraduct state export --layout files"));
    conf.layout = JD_LAYOUT_ANY;
    assert_int_equal(jd_store_sink(&conf, &b->sink, &e), JD_OK);
    assert_string_equal(b->sink.ops->name, "pack");
    box_close(b);
    /* nor when the state is lost: the folder says what it is */
    assert_int_equal(jd_dir_remove(below(b, "state"), &e), JD_OK);
    conf.layout = JD_LAYOUT_FILES;
    assert_int_equal(jd_store_sink(&conf, &b->sink, &e), JD_E_STATE);
    conf.layout = JD_LAYOUT_ANY;
    assert_int_equal(jd_store_sink(&conf, &b->sink, &e), JD_OK);
    assert_string_equal(b->sink.ops->name, "pack");
    box_close(b);
}

static void files_are_not_packed_over(void **state)
{
    box        *b    = *state;
    jd_raw_conf conf = conf_of(b->a, b->dir);
    jd_err      e;
    conf.layout = JD_LAYOUT_ANY;
    assert_int_equal(jd_store_sink(&conf, &b->sink, &e), JD_OK);
    assert_string_equal(b->sink.ops->name, "raw");
    batch(b, 1, 3, 1);
    box_close(b);
    conf.layout = JD_LAYOUT_PACK;
    assert_int_equal(jd_store_sink(&conf, &b->sink, &e), JD_E_STATE);
    assert_non_null(strstr(e.msg, "jiraduct state export --layout pack"));
    assert_int_equal(jd_dir_remove(below(b, "state"), &e), JD_OK);
    assert_int_equal(jd_store_sink(&conf, &b->sink, &e), JD_E_STATE);
    assert_true(jd_path_exists(below(b, "raw/A/A-1.json")));
}

static void the_state_of_another_folder_removes_nothing(void **state)
{
    box        *b     = *state;
    jd_raw_conf conf  = conf_of(b->a, b->dir);
    jd_raw_conf other = conf;
    jd_err      e;
    jd_store   *s;
    box_open(b);
    batch(b, 1, 3, 1);
    box_close(b);
    other.raw_dir   = below(b, "raw2");
    other.state_dir = below(b, "state2");
    assert_int_equal(jd_store_sink(&other, &b->sink, &e), JD_OK);
    box_close(b);
    other.raw_dir = conf.raw_dir;
    assert_int_equal(jd_store_sink(&other, &b->sink, &e), JD_E_STATE);
    assert_non_null(strstr(e.msg, "--state-dir"));
    assert_true(jd_path_exists(below(b, "raw/A/seg-000001.pack")));
    assert_int_equal(jd_store_open(conf.raw_dir, other.state_dir, &s, &e), JD_E_STATE);
    assert_int_equal(jd_store_open(conf.raw_dir, below(b, "nowhere"), &s, &e), JD_E_NOTFOUND);
    /* a copy that left the mark behind gets it again, and nothing else is touched */
    assert_int_equal(unlink(below(b, "raw/.pack")), 0);
    box_open(b);
    box_close(b);
    assert_non_null(strstr(text_of(add_issues, b), "A-3: {"));
}

static void verify_tells_what_differs(void **state)
{
    box         *b = *state;
    jd_err       e;
    jd_raw_check sum;
    int          found = 0;
    box_open(b);
    batch(b, 1, 5, 1);
    off_t first = size_of(below(b, "raw/A/seg-000001.pack"));
    batch(b, 6, 10, 1);
    jd_state *s = jd_raw_state(&b->sink);
    assert_int_equal(jd_raw_verify(s, below(b, "raw"), count_found, &found, &sum, &e), JD_OK);
    assert_int_equal(sum.issues, 10);
    assert_int_equal(sum.files, 1);
    assert_int_equal(found, 0);
    flip(below(b, "raw/A/seg-000001.pack"), first + 20);
    append(below(b, "raw/A/seg-000001.pack"), "x", 1);
    assert_int_equal(jd_file_replace(below(b, "raw/A/seg-000009.pack"), JD_STR("x"), &e), JD_OK);
    assert_int_equal(jd_raw_verify(s, below(b, "raw"), count_found, &found, &sum, &e), JD_OK);
    assert_int_equal(sum.wrong, 5);
    assert_int_equal(sum.pending, 2);
    assert_int_equal(found, 7);
    assert_int_equal(unlink(below(b, "raw/A/seg-000001.pack")), 0);
    assert_int_equal(jd_raw_verify(s, below(b, "raw"), NULL, NULL, &sum, &e), JD_OK);
    assert_int_equal(sum.wrong, 10);
    box_close(b);
}

static void a_frames_text_is_cut_into_issues(void **state)
{
    (void)state;
    jd_str rest = JD_STR("{\"a\":\"}\\n\"}\n{\"b\":[\n{}]\n}\nnonsense\n{\"c\":1\n{\"d\":2}\n"), is;
    assert_true(jd_pack_cut(&rest, &is));
    assert_true(jd_str_is(is, "{\"a\":\"}\\n\"}"));
    assert_true(jd_pack_cut(&rest, &is));
    assert_true(jd_str_is(is, "{\"b\":[\n{}]\n}"));
    assert_true(jd_pack_cut(&rest, &is));
    assert_null(is.p);
    assert_false(jd_pack_cut(&rest, &is));
}

#define OWN(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(int argc, char **argv)
{
    int status;
    if (conformance_child(&sut, argc, argv, &status))
        return status;
    if (argc == 3 && strcmp(argv[1], "--compact") == 0)
        return compact_child(argv[2]);
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
        cmocka_unit_test_prestate(conformance_abort_leaves_nothing, &late),
        cmocka_unit_test_prestate(conformance_crash_everywhere, &late),
        OWN(what_was_not_committed_is_cut_off),
        OWN(a_segment_cut_short_is_refused),
        OWN(lost_state_is_rebuilt_from_the_segments),
        OWN(a_rebuild_passes_over_what_is_damaged),
        OWN(what_is_damaged_is_stored_again),
        OWN(an_issue_put_out_of_its_key_leaves_no_place),
        OWN(an_issue_twice_in_a_batch_is_the_later_one),
        OWN(full_segments_are_followed_by_new_ones),
        OWN(large_batches_are_cut_into_frames),
        OWN(compaction_frees_what_is_dead),
        OWN(a_reader_lives_through_compaction),
        OWN(a_crash_while_compacting_loses_nothing),
        OWN(another_layout_is_refused),
        OWN(files_are_not_packed_over),
        OWN(the_state_of_another_folder_removes_nothing),
        OWN(verify_tells_what_differs),
        cmocka_unit_test(a_frames_text_is_cut_into_issues),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
