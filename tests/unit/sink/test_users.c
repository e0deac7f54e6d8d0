/* Who is found in issues' bytes, whose newest state is kept, and what of a site is written again.
 */
#include "sink/site.h"
#include "sink/users.h"
#include "unit/sink/sink_test.h"

#include <inttypes.h>

#define SELF(who) "{\"self\":\"https://x/rest/api/2/user?username=" who "\""

typedef struct stage {
    char      dir[200];
    jd_state *state;
    jd_users  users;
    jd_arena *a;
    jd_err    e;
} stage;

static void open_stage(stage *s)
{
    bool is_new;
    s->a = jd_arena_new(0);
    fresh(s->dir);
    jd_users_init(&s->users);
    assert_int_equal(
        jd_state_open(path_in(s->a, s->dir, "state").p, "x", &s->state, &is_new, &s->e), JD_OK);
}

static void close_stage(stage *s)
{
    jd_users_release(&s->users);
    jd_state_close(s->state);
    assert_int_equal(jd_dir_remove(s->dir, &s->e), JD_OK);
    jd_arena_free(s->a);
}

static void take(stage *s, const char *raw, int64_t updated)
{
    jd_issue issue = {.raw = jd_str_of(raw), .updated_ms = updated};
    jd_users_take(&s->users, &issue);
}

static void keep(stage *s)
{
    assert_int_equal(jd_state_begin(s->state, &s->e), JD_OK);
    assert_int_equal(jd_users_put(&s->users, s->state, &s->e), JD_OK);
    assert_int_equal(jd_state_commit(s->state, &s->e), JD_OK);
    jd_users_settled(&s->users);
}

/* The file, in one line. */
static const char *file(stage *s)
{
    jd_buf b = JD_BUF_INIT(1 << 20);
    assert_int_equal(jd_users_publish(s->state, path_in(s->a, s->dir, "raw").p, &s->e), JD_OK);
    assert_int_equal(jd_file_read(path_in(s->a, s->dir, "raw/_site/users.json").p, &b, &s->e),
                     JD_OK);
    const char *out = jd_arena_cstr(s->a, jd_buf_view(&b));
    jd_buf_release(&b);
    return out;
}

static void test_both_flavours_are_found(void **state)
{
    (void)state;
    stage s;
    open_stage(&s);
    take(&s,
         "{\"fields\":{\"assignee\":" SELF(
             "a%40b") ",\"name\":\"a@b\",\"key\":\"JIRAUSER1\","
                      "\"avatarUrls\":{\"48x48\":\"https://x/secure/"
                      "useravatar?size=1&name=}{\\\"\"},"
                      "\"displayName\":\"A {\\\"b\\\"} "
                      "]\",\"active\":true},\"comment\":[{\"author\":"
                      "{\"self\":\"https://x/rest/api/3/user?accountId=7:8\",\"accountId\":\"7:8\","
                      "\"displayName\":\"Seven\",\"accountType\":\"app\"}}]}}",
         5);
    keep(&s);
    assert_string_equal(
        file(&s),
        "[\n{\"id\":\"7:8\",\"accountId\":\"7:8\",\"accountType\":\"app\",\"displayName\":"
        "\"Seven\"},\n{\"id\":\"JIRAUSER1\",\"key\":\"JIRAUSER1\",\"name\":\"a@b\","
        "\"displayName\":\"A {\\\"b\\\"} ]\",\"active\":true}\n]\n");
    close_stage(&s);
}

static void test_what_is_no_user_is_passed_over(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "?",
        "/user?",
        "\"/user?",
        "{\"self\":\"/user?",
        SELF("x"),
        SELF("x") ",\"name\":\"x\"",
        SELF("x") ",\"name\":",
        SELF("x") "}",
        SELF("x") ",\"name\":7}",
        "{\"body\":\"{\\\"self\\\":\\\"https://x/user?username=u\\\",\\\"name\\\":\\\"u\\\"}\"}",
        "{\"url\":\"https://x/rest/api/2/user?username=u\",\"name\":\"u\"}"};
    stage s;
    open_stage(&s);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        take(&s, texts[i], 1);
    keep(&s);
    assert_string_equal(file(&s), "[\n]\n");
    close_stage(&s);
}

static void test_objects_without_an_address(void **state)
{
    (void)state;
    stage s;
    open_stage(&s);
    take(&s,
         "{\"fields\":{\"creator\":{\"name\":\"a\",\"displayName\":\"A\"},\"status\":{\"name\":"
         "\"Open\"},\"c\":[[{\"author\":{\"key\":\"k\",\"displayName\":\"K\"}}]]}}",
         1);
    keep(&s);
    assert_string_equal(file(&s), "[\n{\"id\":\"a\",\"name\":\"a\",\"displayName\":\"A\"},\n"
                                  "{\"id\":\"k\",\"key\":\"k\",\"displayName\":\"K\"}\n]\n");
    close_stage(&s);
}

static void test_the_newest_issue_says_how_somebody_is_called(void **state)
{
    (void)state;
    static const int order[][3] = {{1, 2, 3}, {3, 2, 1}, {2, 3, 1}};
    for (int batches = 0; batches < 2; batches++)
        for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
            stage s;
            open_stage(&s);
            for (int n = 0; n < 3; n++) {
                int at = order[i][n];
                take(&s,
                     jd_arena_fmt(s.a, SELF("u") ",\"name\":\"u\",\"displayName\":\"N%d\"}", at).p,
                     at);
                if (batches)
                    keep(&s);
                if (batches && n == 1)
                    jd_users_forget(&s.users); /* another run */
            }
            keep(&s);
            assert_string_equal(file(&s),
                                "[\n{\"id\":\"u\",\"name\":\"u\",\"displayName\":\"N3\"}\n]\n");
            close_stage(&s);
        }
}

static void test_the_same_said_later_counts_as_later(void **state)
{
    (void)state;
    for (int batches = 0; batches < 2; batches++) {
        stage s;
        open_stage(&s);
        take(&s, SELF("u") ",\"name\":\"u\",\"displayName\":\"Old\"}", 3);
        if (batches)
            keep(&s);
        take(&s, SELF("u") ",\"name\":\"u\",\"displayName\":\"Old\"}", 5);
        keep(&s);
        jd_users_forget(&s.users); /* another run */
        take(&s, SELF("u") ",\"name\":\"u\",\"displayName\":\"Between\"}", 4);
        keep(&s);
        assert_string_equal(file(&s),
                            "[\n{\"id\":\"u\",\"name\":\"u\",\"displayName\":\"Old\"}\n]\n");
        close_stage(&s);
    }
}

static void test_what_was_not_committed_comes_again(void **state)
{
    (void)state;
    stage s;
    open_stage(&s);
    take(&s, SELF("u") ",\"name\":\"u\"}", 9);
    jd_users_forget(&s.users);
    keep(&s);
    assert_string_equal(file(&s), "[\n]\n");
    take(&s, SELF("u") ",\"name\":\"u\"}", 9);
    keep(&s);
    assert_string_equal(file(&s), "[\n{\"id\":\"u\",\"name\":\"u\"}\n]\n");
    close_stage(&s);
}

static void write_list(stage *s, const char *json, bool want)
{
    const jd_json *list, *v[8];
    size_t         n       = 0;
    bool           changed = !want;
    assert_int_equal(jd_json_read(s->a, jd_str_of(json), &list, &s->e), JD_OK);
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);)
        v[n++] = it.value;
    assert_int_equal(jd_site_write(path_in(s->a, s->dir, "raw").p, "things", v, n, &changed, &s->e),
                     JD_OK);
    assert_int_equal(changed, want);
}

static void test_lists_are_written_when_they_differ(void **state)
{
    (void)state;
    stage          s;
    const jd_json *back;
    jd_buf         b = JD_BUF_INIT(1 << 20);
    open_stage(&s);
    const char *raw = path_in(s.a, s.dir, "raw").p;
    assert_int_equal(jd_site_read(raw, "things", s.a, &back, &s.e), JD_OK);
    assert_null(back);
    write_list(&s, "[{\"id\":\"b\"},{\"id\":10},{\"id\":\"9\"},{\"id\":\"a\"}]", true);
    write_list(&s, "[{\"id\":\"9\"},{\"id\":\"a\"},{\"id\":\"b\"},{\"id\":10}]", false);
    assert_int_equal(jd_file_read(path_in(s.a, raw, "_site/things.json").p, &b, &s.e), JD_OK);
    assert_true(jd_str_is(
        jd_buf_view(&b), "[\n{\"id\":\"9\"},\n{\"id\":10},\n{\"id\":\"a\"},\n{\"id\":\"b\"}\n]\n"));
    write_list(&s, "[{\"id\":\"9\"}]", true);
    assert_int_equal(jd_site_read(raw, "things", s.a, &back, &s.e), JD_OK);
    assert_int_equal(jd_json_len(back), 1);
    assert_int_equal(jd_site_put(raw, "things", JD_STR("{"), NULL, &s.e), JD_OK);
    assert_int_equal(jd_site_read(raw, "things", s.a, &back, &s.e), JD_E_DATA);
    assert_true(jd_str_search(jd_str_of(s.e.msg), JD_STR("things.json")) < jd_str_of(s.e.msg).n);
    jd_buf_release(&b);
    close_stage(&s);
}

static jd_code add_id(void *self, const jd_json *entry, jd_err *e)
{
    (void)e;
    jd_buf_addf(self, "%" PRIu64 " ", jd_json_id(jd_json_get(entry, "id")));
    return JD_OK;
}

static jd_code stop_there(void *self, const jd_json *entry, jd_err *e)
{
    (void)entry;
    ++*(int *)self;
    return jd_fail(e, JD_E_INTERRUPTED, "enough");
}

/* However somebody laid the file out. */
static void test_lists_are_merged_and_read_entry_by_entry(void **state)
{
    static const char *const was[] = {
        "[\n{\"id\":\"2\",\"a\":\"\\n\"},\n{\"id\":\"7\",\"a\":1}\n]\n",
        "[{\"id\":\"7\",\"a\":1},{\"id\":\"2\",\"a\":\"\\n\"}]",
        "[\n  {\n    \"id\": \"2\",\n    \"a\": \"\\n\"\n  },\n  {\"id\": \"7\"}\n]\n"};
    (void)state;
    stage          s;
    const jd_json *list, *v[2];
    size_t         n     = 0;
    int            calls = 0;
    jd_buf         b = JD_BUF_INIT(1 << 20), ids = JD_BUF_INIT(1 << 10);
    open_stage(&s);
    const char *raw = path_in(s.a, s.dir, "raw").p;
    assert_int_equal(jd_site_each(raw, "things", stop_there, &calls, &s.e), JD_OK);
    assert_int_equal(calls, 0);
    assert_int_equal(
        jd_json_read(s.a, JD_STR("[{\"id\":\"7\",\"a\":2},{\"id\":\"3\"}]"), &list, &s.e), JD_OK);
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);)
        v[n++] = it.value;
    for (size_t i = 0; i < sizeof was / sizeof *was; i++) {
        jd_buf_reset(&b);
        jd_buf_reset(&ids);
        assert_int_equal(jd_site_put(raw, "things", jd_str_of(was[i]), NULL, &s.e), JD_OK);
        assert_int_equal(jd_site_merge(raw, "things", v, n, &s.e), JD_OK);
        assert_int_equal(jd_file_read(path_in(s.a, raw, "_site/things.json").p, &b, &s.e), JD_OK);
        assert_string_equal(
            jd_buf_cstr(&b),
            "[\n{\"id\":\"2\",\"a\":\"\\n\"},\n{\"id\":\"3\"},\n{\"id\":\"7\",\"a\":2}\n]\n");
        assert_int_equal(jd_site_each(raw, "things", add_id, &ids, &s.e), JD_OK);
        assert_string_equal(jd_buf_cstr(&ids), "2 3 7 ");
    }
    assert_int_equal(jd_site_each(raw, "things", stop_there, &calls, &s.e), JD_E_INTERRUPTED);
    assert_int_equal(calls, 1);
    assert_int_equal(
        jd_site_put(raw, "things", JD_STR("[\n{\"id\":\"2\"},\n{\"id\"}\n]\n"), NULL, &s.e), JD_OK);
    assert_int_equal(jd_site_merge(raw, "things", v, n, &s.e), JD_E_DATA);
    assert_true(jd_str_search(jd_str_of(s.e.msg), JD_STR("things.json (remove it")) <
                jd_str_of(s.e.msg).n);
    jd_buf_release(&b);
    jd_buf_release(&ids);
    close_stage(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_flavours_are_found),
        cmocka_unit_test(test_what_is_no_user_is_passed_over),
        cmocka_unit_test(test_objects_without_an_address),
        cmocka_unit_test(test_the_newest_issue_says_how_somebody_is_called),
        cmocka_unit_test(test_the_same_said_later_counts_as_later),
        cmocka_unit_test(test_what_was_not_committed_comes_again),
        cmocka_unit_test(test_lists_are_written_when_they_differ),
        cmocka_unit_test(test_lists_are_merged_and_read_entry_by_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
