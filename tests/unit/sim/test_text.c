#include "made.h"
#include "sim/raw.h"
#include "sim/text.h"

static jd_arena  *arena;
static sim_names *names;

static int set_up(void **state)
{
    (void)state;
    arena = jd_arena_new(0);
    names = sim_names_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    jd_arena_free(arena);
    sim_names_free(names);
    return 0;
}

static jd_code make(jd_str json, sim_cuts cuts, sim_text **out, jd_err *e)
{
    const jd_json *tree = NULL;
    if (jd_json_read(arena, json, &tree, e) != JD_OK)
        return e->code;
    return sim_text_make(&cuts, names, NULL, json, tree, out, e);
}

static sim_text *made_text(const made *m, sim_cuts cuts)
{
    jd_buf    b = JD_BUF_INIT(1 << 20);
    jd_err    e = JD_ERR_NONE;
    sim_text *t = NULL;
    made_write(&b, m);
    if (make(jd_buf_view(&b), cuts, &t, &e) != JD_OK)
        fail_msg("%s", e.msg);
    jd_buf_release(&b);
    return t;
}

static const sim_cuts ALL = {SIZE_MAX, SIZE_MAX, SIZE_MAX};

static void columns_come_from_the_fields(void **state)
{
    static const jd_str JSON = JD_STR_INIT(
        "{\"id\":\"7\",\"key\":\"AB-12\",\"fields\":{\"created\":\"2024-01-15T10:30:00.123+0100\","
        "\"updated\":\"2024-01-15T10:30:00.999+0000\",\"resolutiondate\":null,"
        "\"status\":{\"id\":\"5\",\"name\":\"Done\"},\"priority\":null,"
        "\"assignee\":{\"name\":\"ann\",\"displayName\":\"Ann\"}}}");
    sim_text *t = NULL;
    jd_err    e = JD_ERR_NONE;
    (void)state;
    assert_int_equal(make(JSON, ALL, &t, &e), JD_OK);
    assert_int_equal(t->issue.id, 7);
    assert_int_equal(t->issue.number, 12);
    assert_str(t->issue.key, "AB-12");
    assert_true(t->issue.created_ms == INT64_C(1705311000123));
    assert_true(t->issue.updated_ms == INT64_C(1705314600999));
    assert_true(t->issue.resolved_ms == INT64_MIN);
    assert_str(t->issue.status.id, "5");
    assert_str(t->issue.status.name, "Done");
    assert_null(t->issue.priority.name.p);
    assert_str(t->issue.assignee, "ann");
    assert_null(t->issue.reporter.p);
    /* Jira always has a changelog to expand. */
    assert_str(sim_raw_get(t->issue.json, "changelog"),
               "{\"startAt\":0,\"maxResults\":0,\"total\":0,\"histories\":[]}");
    sim_text_drop(t);
}

static void refuses_what_is_no_issue(void **state)
{
    static const char *const bad[] = {"{\"key\":\"AB-1\"}",
                                      "{\"id\":\"7\"}",
                                      "{\"id\":\"x\",\"key\":\"AB-1\"}",
                                      "{\"id\":\"7\",\"key\":\"../etc\"}",
                                      "[]",
                                      "17"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        sim_text *t = NULL;
        jd_err    e = JD_ERR_NONE;
        assert_int_equal(make(jd_str_of(bad[i]), ALL, &t, &e), JD_E_DATA);
        assert_null(t);
        assert_true(e.msg[0] != '\0');
    }
}

static void nothing_cut_means_nothing_copied(void **state)
{
    const made m = {.id        = 1,
                    .key       = "AB-1",
                    .created   = "2024-01-15T10:30:00.000+0000",
                    .comments  = 3,
                    .worklogs  = 2,
                    .histories = 4};
    jd_buf     b = JD_BUF_INIT(1 << 20);
    sim_text  *t = made_text(&m, (sim_cuts){3, 2, 4});
    (void)state;
    made_write(&b, &m);
    assert_true(t->served.p == t->issue.json.p);
    assert_true(jd_str_eq(t->served, jd_buf_view(&b)));
    assert_int_equal(t->served.p[-1], ',');
    jd_buf_release(&b);
    sim_text_drop(t);
}

static void check_list(jd_str issue, const char *path, const char *items, size_t n, size_t max,
                       size_t total)
{
    jd_str list = strcmp(path, "changelog") == 0 ? sim_raw_get(issue, path)
                                                 : sim_raw_get(sim_raw_get(issue, "fields"), path);
    assert_int_equal(sim_raw_count(sim_raw_get(list, items)), n);
    assert_int_equal(sim_raw_u64(sim_raw_get(list, "maxResults")), max);
    assert_int_equal(sim_raw_u64(sim_raw_get(list, "total")), total);
    assert_str(sim_raw_get(list, "startAt"), "0");
}

static void long_lists_are_cut_on_the_way_out_only(void **state)
{
    const made m = {.id        = 1,
                    .key       = "AB-1",
                    .created   = "2024-01-15T10:30:00.000+0000",
                    .comments  = 5,
                    .worklogs  = 25,
                    .histories = 7};
    sim_text  *t = made_text(&m, (sim_cuts){SIZE_MAX, 20, 3});
    (void)state;
    check_list(t->issue.json, "comment", "comments", 5, 5, 5);
    check_list(t->issue.json, "worklog", "worklogs", 25, 25, 25);
    check_list(t->issue.json, "changelog", "histories", 7, 7, 7);
    check_list(t->served, "comment", "comments", 5, 5, 5);
    check_list(t->served, "worklog", "worklogs", 20, 20, 25);
    check_list(t->served, "changelog", "histories", 3, 3, 7);
    sim_text_drop(t);
}

/* Real data can promise comments that are nowhere: such a list is served as it is. */
static void a_total_beyond_what_is_there_stays(void **state)
{
    static const jd_str JSON = JD_STR_INIT(
        "{\"id\":\"7\",\"key\":\"AB-12\",\"fields\":{\"comment\":{\"comments\":[{},{}],"
        "\"maxResults\":9,\"total\":9,\"startAt\":0}},\"changelog\":{\"histories\":[]}}");
    sim_text *t = NULL, *u = NULL;
    jd_err    e = JD_ERR_NONE;
    (void)state;
    assert_int_equal(make(JSON, ALL, &t, &e), JD_OK);
    assert_true(jd_str_eq(t->served, JSON));
    sim_text_drop(t);
    assert_int_equal(make(JSON, (sim_cuts){1, 1, 1}, &u, &e), JD_OK);
    check_list(u->served, "comment", "comments", 1, 1, 9);
    check_list(u->issue.json, "comment", "comments", 2, 2, 9);
    sim_text_drop(u);
}

static void the_changelog_can_be_left_out(void **state)
{
    static const char *const with[] = {
        "{\"id\":\"7\",\"key\":\"A-1\",\"changelog\":{\"n\":1},\"fields\":{}}",
        "{\"changelog\":{\"n\":1},\"id\":\"7\",\"key\":\"A-1\",\"fields\":{}}",
        "{\"id\":\"7\",\"key\":\"A-1\",\"fields\":{} , \"changelog\" : {\"n\":1} }"};
    static const char *const without[] = {"{\"id\":\"7\",\"key\":\"A-1\",\"fields\":{}}",
                                          "{\"id\":\"7\",\"key\":\"A-1\",\"fields\":{}}",
                                          "{\"id\":\"7\",\"key\":\"A-1\",\"fields\":{} }"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        sim_text *t = NULL;
        jd_err    e = JD_ERR_NONE;
        jd_buf    b = JD_BUF_INIT(4096);
        assert_int_equal(make(jd_str_of(with[i]), ALL, &t, &e), JD_OK);
        jd_buf_adds(&b, t->bare[0]);
        jd_buf_adds(&b, t->bare[1]);
        assert_str(jd_buf_view(&b), without[i]);
        assert_int_equal(t->bare[0].p[-1], ',');
        jd_buf_release(&b);
        sim_text_drop(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(columns_come_from_the_fields),
                                       cmocka_unit_test(refuses_what_is_no_issue),
                                       cmocka_unit_test(nothing_cut_means_nothing_copied),
                                       cmocka_unit_test(long_lists_are_cut_on_the_way_out_only),
                                       cmocka_unit_test(a_total_beyond_what_is_there_stays),
                                       cmocka_unit_test(the_changelog_can_be_left_out)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
