/* sink_test.h: what the tests of the raw sinks share: a folder with raw/ and state/ in it, issues
 * put into a sink, the rows of a state as text. */
#ifndef TESTS_SINK_TEST_H
#define TESTS_SINK_TEST_H

#include "sink/raw.h"
#include "unit/check.h"

#include <stdio.h>
#include <unistd.h>

static inline jd_str path_in(jd_arena *a, const char *dir, const char *name)
{
    return jd_arena_fmt(a, "%s/%s", dir, name);
}

static inline void add_rows(jd_buf *out, const char *db, const char *query)
{
    jd_sqlite *s;
    jd_stmt   *q;
    jd_err     e;
    bool       row = true;
    assert_int_equal(jd_sqlite_open(db, true, 0, &s, &e), JD_OK);
    assert_int_equal(jd_stmt_prepare(s, query, &q, &e), JD_OK);
    for (;;) {
        assert_int_equal(jd_stmt_step(q, &row, &e), JD_OK);
        if (!row)
            break;
        jd_buf_adds(out, jd_stmt_get_text(q, 0));
        jd_buf_addc(out, '\n');
    }
    jd_sqlite_close(s);
}

static inline void add_state(jd_buf *out, const char *db)
{
    add_rows(out, db,
             "SELECT 'issue ' || id || ' ' || key || ' ' || updated || ' ' || hash || ' ' ||"
             " plan FROM issue ORDER BY id");
    add_rows(out, db,
             "SELECT 'member ' || name || ' ' || member.id FROM member JOIN scope ON"
             " scope.id = member.scope ORDER BY 1");
    add_rows(out, db, "SELECT 'alias ' || key || ' ' || id FROM alias ORDER BY key");
    add_rows(out, db,
             "SELECT 'tombstone ' || id || ' ' || key || ' ' || cause || ' ' || ifnull(now, '-') ||"
             " ' ' || updated || ' ' || made FROM tombstone ORDER BY id");
    add_rows(out, db, "SELECT 'cursor ' || name || ' ' || cursor FROM scope ORDER BY name");
}

static inline void fresh(char dir[200])
{
    (void)snprintf(dir, 200, "/tmp/jd-raw-XXXXXX");
    assert_non_null(mkdtemp(dir));
}

static const jd_scope scope = {
    .name = JD_STR_INIT("s"), .label = JD_STR_INIT("A"), .selection = JD_STR_INIT("x"), .plan = 1};

static inline void put(jd_sink *sink, uint64_t id, const char *key, int second)
{
    jd_arena      *a = jd_arena_new(0);
    jd_err         e;
    jd_issue       issue;
    jd_written     how;
    const jd_json *doc;
    jd_str         raw =
        jd_arena_fmt(a,
                     "{\"id\":\"%llu\",\"key\":\"%s\",\"fields\":{\"created\":\"2024-01-01\","
                     "\"updated\":\"2024-01-01T00:00:%02d.000+0000\"}}",
                     (unsigned long long)id, key, second);
    assert_int_equal(jd_json_read(a, raw, &doc, &e), JD_OK);
    assert_int_equal(jd_issue_view(doc, raw, &issue, &e), JD_OK);
    issue.hash = jd_issue_hash(doc);
    assert_int_equal(sink->ops->write(sink->self, &scope, &issue, &how, &e), JD_OK);
    jd_arena_free(a);
}

static inline void commit(jd_sink *sink)
{
    jd_cursor c;
    jd_err    e;
    jd_cursor_init(&c, JD_STR("s"), 1);
    assert_int_equal(sink->ops->commit(sink->self, &(jd_commit){&scope, &c}, 1, &e), JD_OK);
}

static inline void count_found(void *self, const char *path, const char *what)
{
    (void)path;
    (void)what;
    ++*(int *)self;
}

#endif
