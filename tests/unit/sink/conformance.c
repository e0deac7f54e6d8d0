#include "conformance.h"

#include "sys/file.h"
#include "text/date.h"
#include "unit/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* PLAIN: without the batches that remove, for a batch told again much later would bring back. */
enum { PLAIN = 5, BATCHES = 8, SNAPSHOT_MAX = 1 << 20, DIR_MAX = 200 };

typedef struct told { /* one issue of the story */
    unsigned    batch;
    uint64_t    id;
    const char *key;
    int64_t     updated_s; /* seconds after the story's beginning */
    const char *summary;   /* NULL: only a member, held unchanged */
    const char *removed;   /* the word of a cause: it goes; key is its new one then */
} told;

static const told story[] = {
    {0, 1, "A-1", 10, "one"},
    {0, 2, "A-2", 20, "two"},
    {0, 3, "A-3", 30, "three"},
    {1, 2, "A-2", 120, "two, changed"},
    {1, 4, "A-4", 130, "four"},
    {2, 3, "B-1", 210, "three, moved"},
    {2, 1, "A-1", 10, "one"},
    {2, 5, "A-5", 220, "five"},
    {3, 2, "A-2", 20, "two"},
    {3, 1, "A-1", 10, NULL},
    {4, 6, "A-6", 410, "six"},
    {4, 6, "B-2", 420, "six, moved at once"},
    {4, 4, "A-4", 430, "four, changed"},
    /* of those that were held, of what this batch brought, of nobody; and one comes after all */
    {5, 5, "", 0, NULL, "gone"},
    {5, 3, "C-9", 0, NULL, "moved"},
    {5, 7, "A-7", 510, "seven"},
    {5, 7, "", 0, NULL, "deleted"},
    {5, 99, "", 0, NULL, "gone"},
    {5, 1, "", 0, NULL, "gone"},
    {5, 1, "A-1", 520, "one, after all"},
    {5, 2, "", 0, NULL, "gone"},
    {5, 2, "A-2", 0, NULL},
    /* two come back, one of them elsewhere; nothing but removals would leave a project */
    {6, 5, "A-5", 220, "five"},
    {6, 3, "C-9", 610, "three, far away"},
    {6, 6, "", 0, NULL, "archived"},
    {7, 3, "", 0, NULL, "left"},
};

static jd_scope story_scope(void)
{
    return (jd_scope){.name      = JD_STR("site#project:1"),
                      .label     = JD_STR("A"),
                      .selection = JD_STR("project = 1"),
                      .project   = JD_STR("A"),
                      .plan      = 7};
}

static jd_issue make_issue(jd_arena *a, const told *t)
{
    char     time[JD_TIME_MAX];
    jd_issue issue;
    jd_err   e;
    jd_str   raw;
    (void)jd_time_jira(1700000000000 + t->updated_s * 1000, 0, time);
    raw = jd_arena_fmt(
        a,
        "{\"id\":\"%llu\",\"key\":\"%s\",\"fields\":{\"summary\":\"%s\",\"created\":\"%s\","
        "\"updated\":\"%s\"}}",
        (unsigned long long)t->id, t->key, t->summary, "2023-11-14T22:13:20.000+0000", time);
    const jd_json *doc;
    assert_int_equal(jd_json_read(a, raw, &doc, &e), JD_OK);
    assert_int_equal(jd_issue_view(doc, raw, &issue, &e), JD_OK);
    issue.hash       = jd_issue_hash(doc);
    issue.fetched_ms = 1800000000000;
    return issue;
}

static jd_cause cause_of(const char *word)
{
    int c = 0;
    while (strcmp(jd_cause_name((jd_cause)c), word) != 0)
        c++;
    return (jd_cause)c;
}

static jd_code remove_one(jd_sink *sink, const jd_scope *scope, const told *t, jd_err *e)
{
    jd_tombstone why = {.id      = t->id,
                        .cause   = cause_of(t->removed),
                        .now     = jd_str_of(t->key),
                        .made_ms = 1800000000000};
    return sink->ops->remove(sink->self, scope, &why, e);
}

static jd_code write_batch(jd_sink *sink, const jd_scope *scope, unsigned batch, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a  = jd_arena_new(0);
    jd_code                              rc = sink->ops->begin(sink->self, e);
    for (size_t i = 0; i < sizeof story / sizeof *story && !rc; i++) {
        jd_written how;
        if (story[i].batch != batch)
            continue;
        if (story[i].removed) {
            rc = remove_one(sink, scope, &story[i], e);
            continue;
        }
        if (!story[i].summary) {
            rc = sink->ops->member(sink->self, scope, story[i].id, e);
            continue;
        }
        jd_issue issue = make_issue(a, &story[i]);
        rc             = sink->ops->write(sink->self, scope, &issue, &how, e);
    }
    return rc;
}

/* How many batches the sink's cursor stands for. */
static unsigned where(jd_sink *sink, jd_cursor *cursor)
{
    jd_scope scope = story_scope();
    jd_err   e;
    assert_int_equal(sink->ops->where(sink->self, &scope, cursor, &e), JD_OK);
    return cursor->nwindow == 0 ? 0 : (unsigned)(cursor->window[0].at / 1000);
}

static void acknowledge(int ack)
{
    if (ack >= 0)
        assert_int_equal(write(ack, "+", 1), 1);
}

/* Tells the story from where the sink stands up to `until`; each commit that is kept is noted. */
static jd_code tell(const sink_under_test *sut, const char *dir, unsigned until, int ack, jd_err *e)
{
    jd_scope  scope = story_scope();
    bool      owed  = false;
    jd_sink   sink;
    jd_cursor cursor;
    jd_code   rc = sut->open(dir, &sink, e);
    if (rc)
        return rc;
    unsigned at = where(&sink, &cursor);
    if (cursor.nwindow == 0)
        jd_cursor_begin(&cursor, 1700000000000, JD_PAST, NULL, 0);
    for (; at < until && !rc; at++) {
        rc                  = write_batch(&sink, &scope, at, e);
        cursor.window[0].at = (int64_t)(at + 1) * 1000;
        if (!rc && owed)
            rc = sink.ops->settle(sink.self, e);
        if (!rc && owed)
            acknowledge(ack);
        owed = sut->late;
        if (!rc)
            rc = (owed ? sink.ops->hand : sink.ops->commit)(sink.self,
                                                            &(jd_commit){&scope, &cursor}, 1, e);
        if (!rc && !owed)
            acknowledge(ack);
    }
    if (!rc && owed)
        rc = sink.ops->settle(sink.self, e);
    if (!rc && owed)
        acknowledge(ack);
    sink.ops->close(sink.self);
    return rc;
}

bool conformance_child(const sink_under_test *sut, int argc, char **argv, int *status)
{
    jd_err          e   = JD_ERR_NONE;
    sink_under_test own = *sut;
    if (argc != 5 || strcmp(argv[1], "--tell") != 0)
        return false;
    own.late = argv[4][0] == '1';
    *status  = tell(&own, argv[2], BATCHES, argv[3][0] - '0', &e) ? 1 : 0;
    if (*status)
        (void)fprintf(stderr, "%s\n", e.msg);
    return true;
}

/* A child tells the whole story and dies at the Nth passing of a point. Returns its exit status and
 * how many commits returned before. */
static int child(const sink_under_test *sut, const char *dir, const char *point, int nth,
                 unsigned *acked)
{
    char text[100], self[DIR_MAX], fd[2] = {0};
    int  pipes[2], status;
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    if (pid == 0) {
        (void)snprintf(text, sizeof text, "%s:%d", point, nth);
        (void)setenv("JD_CRASH", text, 1);
        ssize_t n           = readlink("/proc/self/exe", self, sizeof self - 1);
        self[n > 0 ? n : 0] = '\0';
        fd[0]               = (char)('0' + pipes[1]);
        (void)close(pipes[0]);
        (void)execl(self, self, "--tell", dir, fd, sut->late ? "1" : "0", (char *)NULL);
        _exit(99);
    }
    (void)close(pipes[1]);
    *acked = 0;
    while (read(pipes[0], text, 1) == 1)
        ++*acked;
    (void)close(pipes[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void fresh_dir(char dir[DIR_MAX])
{
    (void)snprintf(dir, DIR_MAX, "%s/jd-sink-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    assert_non_null(mkdtemp(dir));
}

static void drop_dir(const char *dir)
{
    jd_err e;
    assert_int_equal(jd_dir_remove(dir, &e), JD_OK);
}

static void tell_whole(const sink_under_test *sut, const char *dir, unsigned until)
{
    jd_err e = JD_ERR_NONE;
    if (tell(sut, dir, until, -1, &e))
        fail_msg("%s", e.msg);
}

static void undisturbed(const sink_under_test *sut, unsigned until, jd_buf *out)
{
    char dir[DIR_MAX];
    fresh_dir(dir);
    tell_whole(sut, dir, until);
    sut->snapshot(dir, out);
    drop_dir(dir);
}

static void same_text(jd_buf *a, jd_buf *b)
{
    assert_string_equal(jd_buf_cstr(a), jd_buf_cstr(b));
}

void conformance_crash_everywhere(void **state)
{
    const sink_under_test *sut  = *state;
    jd_buf                 want = JD_BUF_INIT(SNAPSHOT_MAX), got = JD_BUF_INIT(SNAPSHOT_MAX);
    undisturbed(sut, BATCHES, &want);
    for (size_t p = 0; sut->points[p]; p++) {
        int crashes = 0;
        for (int nth = 1;; nth++) {
            char      dir[DIR_MAX];
            unsigned  acked;
            jd_sink   sink;
            jd_cursor cursor;
            jd_err    e;
            fresh_dir(dir);
            int status = child(sut, dir, sut->points[p], nth, &acked);
            assert_true(status == 137 || status == 0);
            assert_int_equal(sut->open(dir, &sink, &e), JD_OK);
            unsigned at = where(&sink, &cursor);
            assert_in_range(at, acked, acked + 1);
            sink.ops->close(sink.self);
            tell_whole(sut, dir, BATCHES);
            jd_buf_reset(&got);
            sut->snapshot(dir, &got);
            if (strcmp(jd_buf_cstr(&got), jd_buf_cstr(&want)) != 0) {
                (void)fprintf(stderr, "got:\n%s\ninstead of:\n%s\n", jd_buf_cstr(&got),
                              jd_buf_cstr(&want));
                fail_msg("after a crash at %s, passing %d", sut->points[p], nth);
            }
            drop_dir(dir);
            if (status == 0) {
                assert_int_equal(acked, BATCHES);
                break;
            }
            crashes++;
        }
        assert_true(crashes > 0); /* a point that is never passed tests nothing */
    }
    jd_buf_release(&want);
    jd_buf_release(&got);
}

/* Three batches, then a fourth that is begun and not committed. */
static void half_batch(const sink_under_test *sut, bool abort_it)
{
    jd_buf   want = JD_BUF_INIT(SNAPSHOT_MAX), got = JD_BUF_INIT(SNAPSHOT_MAX);
    jd_scope scope = story_scope();
    char     dir[DIR_MAX];
    jd_sink  sink;
    jd_err   e;
    undisturbed(sut, 2, &want);
    fresh_dir(dir);
    tell_whole(sut, dir, 2);
    assert_int_equal(sut->open(dir, &sink, &e), JD_OK);
    assert_int_equal(write_batch(&sink, &scope, 2, &e), JD_OK);
    if (abort_it) {
        jd_cursor cursor;
        sink.ops->abort(sink.self);
        assert_int_equal(where(&sink, &cursor), 2);
    }
    sink.ops->close(sink.self);
    sut->snapshot(dir, &got);
    same_text(&got, &want);
    drop_dir(dir);
    jd_buf_release(&want);
    jd_buf_release(&got);
}

void conformance_abort_leaves_nothing(void **state)
{
    half_batch(*state, true);
}

void conformance_close_is_abort(void **state)
{
    half_batch(*state, false);
}

void conformance_replay_is_harmless(void **state)
{
    const sink_under_test *sut  = *state;
    jd_buf                 want = JD_BUF_INIT(SNAPSHOT_MAX), got = JD_BUF_INIT(SNAPSHOT_MAX);
    jd_scope               scope = story_scope();
    char                   dir[DIR_MAX];
    jd_sink                sink;
    jd_cursor              cursor;
    jd_err                 e;
    fresh_dir(dir);
    tell_whole(sut, dir, PLAIN);
    sut->snapshot(dir, &want);
    assert_int_equal(sut->open(dir, &sink, &e), JD_OK);
    (void)where(&sink, &cursor);
    uint64_t seq = cursor.seq;
    for (unsigned b = 0; b < PLAIN; b++) {
        assert_int_equal(write_batch(&sink, &scope, b, &e), JD_OK);
        cursor.seq = seq - 1; /* the snapshot shows it */
        assert_int_equal(sink.ops->commit(sink.self, &(jd_commit){&scope, &cursor}, 1, &e), JD_OK);
    }
    sink.ops->close(sink.self);
    sut->snapshot(dir, &got);
    same_text(&got, &want);
    drop_dir(dir);
    jd_buf_release(&want);
    jd_buf_release(&got);
}

void conformance_older_never_overwrites(void **state)
{
    static const told      old   = {0, 2, "A-2", 20, "two"};
    const sink_under_test *sut   = *state;
    jd_arena              *a     = jd_arena_new(0);
    jd_scope               scope = story_scope();
    char                   dir[DIR_MAX];
    jd_sink                sink;
    jd_err                 e;
    jd_written             how;
    jd_held                held;
    jd_reader              reader;
    fresh_dir(dir);
    tell_whole(sut, dir, 2);
    assert_int_equal(sut->open(dir, &sink, &e), JD_OK);
    assert_int_equal(sink.ops->begin(sink.self, &e), JD_OK);
    jd_issue issue = make_issue(a, &old);
    assert_int_equal(sink.ops->write(sink.self, &scope, &issue, &how, &e), JD_OK);
    assert_int_equal(how, JD_WROTE_OLDER);
    /* the same state, fetched earlier, is older too */
    issue = make_issue(a, &story[3]);
    issue.fetched_ms -= 1000;
    assert_int_equal(sink.ops->write(sink.self, &scope, &issue, &how, &e), JD_OK);
    assert_int_equal(how, JD_WROTE_OLDER);
    issue.fetched_ms += 5000;
    assert_int_equal(sink.ops->write(sink.self, &scope, &issue, &how, &e), JD_OK);
    assert_int_equal(how, JD_WROTE_UNCHANGED);
    sink.ops->close(sink.self);
    assert_int_equal(sut->open(dir, &sink, &e), JD_OK);
    assert_int_equal(sink.ops->reader(sink.self, &reader, &e), JD_OK);
    assert_true(reader.holds(reader.self, 2, JD_STR("A-2"), &held));
    assert_int_equal(held.updated_ms, 1700000120000);
    reader.close(reader.self);
    sink.ops->close(sink.self);
    drop_dir(dir);
    jd_arena_free(a);
}

void conformance_write_borrows(void **state)
{
    const sink_under_test *sut  = *state;
    jd_buf                 want = JD_BUF_INIT(SNAPSHOT_MAX), got = JD_BUF_INIT(SNAPSHOT_MAX);
    jd_scope               scope = story_scope();
    char                   dir[DIR_MAX];
    jd_sink                sink;
    jd_cursor              cursor;
    jd_err                 e;
    undisturbed(sut, 1, &want);
    fresh_dir(dir);
    assert_int_equal(sut->open(dir, &sink, &e), JD_OK);
    (void)where(&sink, &cursor);
    jd_cursor_begin(&cursor, 1700000000000, JD_PAST, NULL, 0);
    cursor.window[0].at = 1000;
    assert_int_equal(sink.ops->begin(sink.self, &e), JD_OK);
    for (size_t i = 0; story[i].batch == 0; i++) {
        jd_written how;
        jd_arena  *a     = jd_arena_new(0);
        jd_issue   issue = make_issue(a, &story[i]);
        assert_int_equal(sink.ops->write(sink.self, &scope, &issue, &how, &e), JD_OK);
        assert_int_equal(how, JD_WROTE_NEW);
        jd_arena_free(a); /* what was borrowed is gone */
    }
    assert_int_equal(sink.ops->commit(sink.self, &(jd_commit){&scope, &cursor}, 1, &e), JD_OK);
    sink.ops->close(sink.self);
    sut->snapshot(dir, &got);
    same_text(&got, &want);
    drop_dir(dir);
    jd_buf_release(&want);
    jd_buf_release(&got);
}

void conformance_holds_what_was_written(void **state)
{
    const sink_under_test *sut   = *state;
    jd_scope               scope = story_scope();
    char                   dir[DIR_MAX];
    jd_sink                sink;
    jd_held                held;
    jd_reader              reader;
    uint64_t               n;
    jd_err                 e;
    fresh_dir(dir);
    tell_whole(sut, dir, 3);
    assert_int_equal(sut->open(dir, &sink, &e), JD_OK);
    assert_int_equal(sink.ops->reader(sink.self, &reader, &e), JD_OK);
    assert_true(reader.holds(reader.self, 3, JD_STR("B-1"), &held));
    assert_int_equal(held.updated_ms, 1700000210000);
    assert_int_equal(held.plan, 7);
    assert_false(reader.holds(reader.self, 3, JD_STR("A-3"), &held)); /* it moved */
    assert_false(reader.holds(reader.self, 99, JD_STR("A-99"), &held));
    assert_int_equal(sink.ops->count(sink.self, &scope, JD_PAST, &n, &e), JD_OK);
    assert_int_equal(n, 5);
    assert_int_equal(sink.ops->count(sink.self, &scope, 1700000120000, &n, &e), JD_OK);
    assert_int_equal(n, 4);
    reader.close(reader.self);
    sink.ops->close(sink.self);
    drop_dir(dir);
}

static void write_told(jd_sink *sink, const jd_scope *scope, const told *t)
{
    jd_arena  *a     = jd_arena_new(0);
    jd_issue   issue = make_issue(a, t);
    jd_written how;
    jd_err     e;
    assert_int_equal(sink->ops->write(sink->self, scope, &issue, &how, &e), JD_OK);
    jd_arena_free(a);
}

/* Walks bring their pages in any order: one asked before an issue moved may come after its move. */
void conformance_a_late_page_does_not_bring_a_moved_issue_back(void **state)
{
    static const told      before = {0, 3, "A-3", 30, "three"}, after = {0, 3, "B-1", 210, "three"};
    const sink_under_test *sut  = *state;
    jd_scope               from = story_scope(), to = story_scope(), other = story_scope();
    char                   dir[DIR_MAX];
    uint64_t               n;
    jd_err                 e;
    to.name       = JD_STR("site#project:2");
    to.project    = JD_STR("B");
    other.name    = JD_STR("site#jql:3");
    other.project = JD_NOSTR;
    for (int order = 0; order < 3; order++) {
        jd_sink   sink;
        jd_cursor cursor;
        fresh_dir(dir);
        assert_int_equal(sut->open(dir, &sink, &e), JD_OK);
        (void)where(&sink, &cursor);
        jd_cursor_begin(&cursor, 1700000000000, JD_PAST, NULL, 0);
        assert_int_equal(sink.ops->begin(sink.self, &e), JD_OK);
        write_told(&sink, &from, &before);
        for (int batch = 0; batch < 2; batch++) {
            assert_int_equal(sink.ops->commit(sink.self, &(jd_commit){&from, &cursor}, 1, &e),
                             JD_OK);
            assert_int_equal(sink.ops->begin(sink.self, &e), JD_OK);
            if (batch == 0 && order == 0)
                assert_int_equal(sink.ops->member(sink.self, &from, 3, &e), JD_OK);
            if (batch == 0)
                write_told(&sink, &to, &after);
            if (order == batch + 1) {
                assert_int_equal(sink.ops->member(sink.self, &from, 3, &e), JD_OK);
                write_told(&sink, &from, &before);
            }
            assert_int_equal(sink.ops->member(sink.self, &other, 3, &e), JD_OK);
        }
        assert_int_equal(sink.ops->commit(sink.self, &(jd_commit){&from, &cursor}, 1, &e), JD_OK);
        assert_int_equal(sink.ops->count(sink.self, &from, JD_PAST, &n, &e), JD_OK);
        assert_int_equal(n, 0);
        assert_int_equal(sink.ops->count(sink.self, &to, JD_PAST, &n, &e), JD_OK);
        assert_int_equal(n, 1);
        assert_int_equal(sink.ops->count(sink.self, &other, JD_PAST, &n, &e), JD_OK);
        assert_int_equal(n, 1);
        sink.ops->close(sink.self);
        drop_dir(dir);
    }
}

/* What another scope has stays, until that one lets it go, too. */
void conformance_only_the_last_scope_removes(void **state)
{
    static const told      one = {0, 1, "A-1", 10, "one"}, bye = {0, 1, "", 0, NULL, "gone"};
    const sink_under_test *sut = *state;
    jd_scope               a = story_scope(), b = story_scope();
    char                   dir[DIR_MAX];
    jd_sink                sink;
    jd_cursor              cursor;
    jd_held                held;
    uint64_t               n;
    jd_err                 e;
    b.name    = JD_STR("site#jql:3");
    b.project = JD_NOSTR;
    fresh_dir(dir);
    assert_int_equal(sut->open(dir, &sink, &e), JD_OK);
    assert_true(sink.ops->caps & JD_SINK_DELETE);
    (void)where(&sink, &cursor);
    jd_cursor_begin(&cursor, 1700000000000, JD_PAST, NULL, 0);
    for (int batch = 0; batch < 3; batch++) {
        jd_reader reader;
        assert_int_equal(sink.ops->begin(sink.self, &e), JD_OK);
        if (batch == 0) {
            write_told(&sink, &a, &one);
            assert_int_equal(sink.ops->member(sink.self, &b, 1, &e), JD_OK);
        } else {
            assert_int_equal(remove_one(&sink, batch == 1 ? &a : &b, &bye, &e), JD_OK);
        }
        assert_int_equal(sink.ops->commit(sink.self, &(jd_commit){&a, &cursor}, 1, &e), JD_OK);
        assert_int_equal(sink.ops->count(sink.self, &a, JD_PAST, &n, &e), JD_OK);
        assert_int_equal(n, batch == 0);
        assert_int_equal(sink.ops->count(sink.self, &b, JD_PAST, &n, &e), JD_OK);
        assert_int_equal(n, batch < 2);
        assert_int_equal(sink.ops->reader(sink.self, &reader, &e), JD_OK);
        assert_int_equal(reader.holds(reader.self, 1, JD_STR("A-1"), &held), batch < 2);
        reader.close(reader.self);
    }
    sink.ops->close(sink.self);
    drop_dir(dir);
}
