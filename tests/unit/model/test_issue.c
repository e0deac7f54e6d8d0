#include "model/issue.h"
#include "unit/check.h"

static jd_code view(jd_arena *a, const char *json, jd_issue *out, jd_err *e)
{
    const jd_json *doc;
    jd_err         bad;
    assert_int_equal(jd_json_read(a, jd_str_of(json), &doc, &bad), JD_OK);
    return jd_issue_view(doc, jd_str_of(json), out, e);
}

#define DATES \
    "\"created\":\"2024-01-15T10:30:00.000+0000\",\"updated\":\"2024-01-20T10:45:00.500-0500\""

static void test_identity_and_clocks(void **unused)
{
    (void)unused;
    jd_arena *a = jd_arena_new(0);
    jd_issue  i;
    jd_err    e;
    assert_int_equal(view(a, "{\"id\":\"12\",\"key\":\"AB_1-7\",\"fields\":{" DATES "}}", &i, &e),
                     JD_OK);
    assert_int_equal(i.id, 12);
    assert_true(jd_str_is(i.key, "AB_1-7"));
    assert_true(jd_str_is(i.project, "AB_1"));
    assert_int_equal(i.created_ms, 1705314600000);
    assert_int_equal(i.updated_ms, 1705765500500);
    assert_int_equal(i.updated_offset_min, -300);
    jd_arena_free(a);
}

static void test_what_cannot_be_used_says_why(void **unused)
{
    (void)unused;
    static const struct {
        const char *json, *why;
    } rows[] = {
        {"[]", "object"},
        {"{\"key\":\"A-1\",\"fields\":{" DATES "}}", "id"},
        {"{\"id\":\"x\",\"key\":\"A-1\",\"fields\":{" DATES "}}", "id"},
        {"{\"id\":\"99999999999999999999\",\"key\":\"A-1\",\"fields\":{" DATES "}}", "id"},
        {"{\"id\":\"1\",\"key\":\"../x-1\",\"fields\":{" DATES "}}", "'../x-1'"},
        {"{\"id\":\"1\",\"key\":\"a-1\",\"fields\":{" DATES "}}", "'a-1'"},
        {"{\"id\":\"1\",\"key\":\"A-1\"}", "fields"},
        {"{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"created\":\"2024-01-15\",\"updated\":3}}",
         "updated"},
        {"{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"updated\":\"2024-01-15\"}}", "created"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jd_arena *a = jd_arena_new(0);
        jd_issue  issue;
        jd_err    e = JD_ERR_NONE;
        assert_int_equal(view(a, rows[i].json, &issue, &e), JD_E_DATA);
        assert_true(jd_str_search(jd_str_of(e.msg), jd_str_of(rows[i].why)) < jd_str_of(e.msg).n);
        jd_arena_free(a);
    }
}

/* A glance says what the tree says, or nothing. */
static void test_a_glance_says_the_same(void **unused)
{
    (void)unused;
    static const struct {
        const char *json;
        bool        tells, cut_short;
    } rows[] = {
        {"{\"id\":\"12\",\"key\":\"AB-7\",\"fields\":{" DATES ",\"lastViewed\":3}}", true, false},
        {"{\"fields\":{\"comment\":{\"comments\":[{},{}],\"total\":2}," DATES
         "},\"key\":\"AB-7\",\"id\":\"12\"}",
         true, false},
        {"{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{" DATES
         ",\"comment\":{\"comments\":[{},{}],\"total\":3}}}",
         true, true},
        {"{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{" DATES
         ",\"worklog\":{\"total\":1,\"worklogs\":[]}}}",
         true, true},
        {"{\"id\":\"1\",\"key\":\"A-1\",\"changelog\":{\"total\":9,\"histories\":[{}]},"
         "\"fields\":{" DATES "}}",
         true, true},
        {"{\"id\":\"1\",\"key\":\"A-1\",\"changelog\":{\"total\":9,\"histories\":null},"
         "\"fields\":{" DATES "}}",
         true, false},
        {"{\"id\":7,\"key\":\"A-1\",\"fields\":{" DATES "}}", false, false},
        {"{\"id\":\"0\",\"key\":\"A-1\",\"fields\":{" DATES "}}", false, false},
        {"{\"id\":\"1\",\"key\":\"../x-1\",\"fields\":{" DATES "}}", false, false},
        {"{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"created\":\"x\",\"updated\":3}}", false,
         false},
        {"{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{" DATES
         ",\"worklog\":{\"total\":1.5,\"worklogs\":[]}}}",
         false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jd_arena      *a = jd_arena_new(0);
        jd_issue       glance, is;
        jd_err         e;
        const jd_json *doc;
        bool           cut_short;
        assert_int_equal(jd_issue_glance(jd_str_of(rows[i].json), NULL, &glance, &cut_short),
                         rows[i].tells ? strlen(rows[i].json) : 0);
        if (rows[i].tells) {
            assert_int_equal(jd_json_read(a, jd_str_of(rows[i].json), &doc, &e), JD_OK);
            assert_int_equal(jd_issue_view(doc, jd_str_of(rows[i].json), &is, &e), JD_OK);
            assert_int_equal(cut_short, rows[i].cut_short);
            assert_true(glance.id == is.id && jd_str_eq(glance.key, is.key) &&
                        jd_str_eq(glance.project, is.project));
            assert_true(glance.created_ms == is.created_ms && glance.updated_ms == is.updated_ms);
            assert_true(glance.offset_min == is.offset_min &&
                        glance.updated_offset_min == is.updated_offset_min);
            assert_true(glance.hash == jd_issue_hash(doc));
            assert_true(jd_str_is(glance.raw, rows[i].json));
        }
        jd_arena_free(a);
    }
}

static void test_the_hash_passes_over_what_is_personal(void **unused)
{
    (void)unused;
    static const char *const rows[] = {
        "{\"id\":\"1\",\"fields\":{\"lastViewed\":null,\"a\":1,\"watches\":{\"n\":2,\"isWatching\":"
        "false}}}",
        "{\"fields\":{\"a\":1,\"watches\":{\"isWatching\":true,\"n\":2},\"lastViewed\":\"2024\"},"
        "\"id\":\"1\"}",
        "{\"id\":\"1\",\"fields\":{\"a\":2,\"watches\":{\"n\":2}}}",
    };
    jd_arena *a = jd_arena_new(0);
    uint64_t  hash[3];
    for (int i = 0; i < 3; i++) {
        const jd_json *doc;
        jd_err         e;
        assert_int_equal(jd_json_read(a, jd_str_of(rows[i]), &doc, &e), JD_OK);
        hash[i] = jd_issue_hash(doc);
    }
    assert_true(hash[0] == hash[1]);
    assert_true(hash[0] != hash[2]);
    jd_arena_free(a);
}

static void test_completion_keeps_everything_else(void **unused)
{
    (void)unused;
    static const char json[] =
        "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"z\":13.0,\"comment\":{\"comments\":[{\"n\":1}]"
        ","
        "\"maxResults\":1,\"total\":3,\"startAt\":0,\"self\":\"x\"},\"worklog\":{\"startAt\":0,"
        "\"maxResults\":20,\"total\":1,\"worklogs\":[7]},\"a\":null},\"changelog\":{\"total\":1,"
        "\"histories\":[1]}}";
    static const char want[] =
        "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"z\":13.0,\"comment\":{\"comments\":[{\"n\":1},"
        "2,3],"
        "\"maxResults\":3,\"total\":3,\"startAt\":0,\"self\":\"x\"},\"worklog\":{\"startAt\":0,"
        "\"maxResults\":20,\"total\":1,\"worklogs\":[7]},\"a\":null},\"changelog\":{\"total\":1,"
        "\"histories\":[1]}}";
    jd_arena      *a = jd_arena_new(0);
    const jd_json *doc, *items;
    jd_err         e;
    jd_buf         out = JD_BUF_INIT(10000);
    assert_int_equal(jd_json_read(a, jd_str_of(json), &doc, &e), JD_OK);
    assert_int_equal(jd_json_read(a, JD_STR("[{\"n\":1},2,3]"), &items, &e), JD_OK);
    jd_child_state is = jd_issue_children(doc, JD_COMMENTS);
    assert_true(is.present);
    assert_int_equal(is.have, 1);
    assert_int_equal(is.total, 3);
    is = jd_issue_children(doc, JD_WORKLOGS);
    assert_int_equal(is.have, is.total);
    const jd_json *item[3] = {jd_json_at(items, 0), jd_json_at(items, 1), jd_json_at(items, 2)};
    jd_child_list  lists[JD_NCHILD] = {[JD_COMMENTS] = {item, 3, 3}};
    jd_issue_complete(&out, doc, lists);
    assert_string_equal(jd_buf_cstr(&out), want);
    jd_buf_release(&out);
    jd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_and_clocks),
        cmocka_unit_test(test_what_cannot_be_used_says_why),
        cmocka_unit_test(test_a_glance_says_the_same),
        cmocka_unit_test(test_the_hash_passes_over_what_is_personal),
        cmocka_unit_test(test_completion_keeps_everything_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
