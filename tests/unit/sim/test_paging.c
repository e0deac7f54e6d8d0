/* Page tokens, and pages behind an issue while issues change. */
#include "made.h"
#include "sim/page.h"
#include "sim/paging.h"

enum { ISSUES = 300 };

static sim_store *store;
static jd_arena  *arena;
static sim_view   view;

static void put(unsigned id, unsigned minute)
{
    char key[16], updated[40];
    snprintf(key, sizeof key, "AB-%u", id);
    snprintf(updated, sizeof updated, "2024-01-15T10:%02u:%02u.000+0000", minute % 60, id % 3);
    made_put(store, &(made){.id = id, .key = key, .created = updated, .updated = updated});
}

static int set_up(void **state)
{
    static const sim_cuts cuts = {3, 3, 3};
    (void)state;
    arena = jd_arena_new(0);
    store = sim_store_new(&cuts, JD_STR("https://x"));
    for (unsigned id = 1; id <= ISSUES; id++)
        put(id, id % 7);
    sim_store_settle(store);
    view = (sim_view){store, SIM_SEES_ALL, false};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sim_store_free(store);
    jd_arena_free(arena);
    return 0;
}

static sim_jql *parse(const char *text)
{
    sim_jql_errors errs = {0};
    sim_jql_env    env  = {.now_ms = 1800000000000, .find = sim_page_knows, .self = &view};
    sim_jql       *q    = sim_jql_parse(arena, jd_str_of(text), &env, &errs);
    assert_non_null(q);
    assert_int_equal(errs.n, 0);
    return q;
}

/* Page by page behind the last one gives the order that offsets give. */
static void pages_follow_one_another(void **state)
{
    static const char *const queries[] = {
        "project = AB ORDER BY updated ASC", "project = AB ORDER BY updated DESC, key ASC",
        "project = AB ORDER BY created ASC, key DESC", "project = AB ORDER BY key DESC",
        "status = Open ORDER BY status ASC"};
    (void)state;
    for (size_t k = 0; k < sizeof queries / sizeof *queries; k++) {
        sim_jql  *q = parse(queries[k]);
        sim_page  all, page;
        sim_text *last = NULL;
        size_t    at   = 0;
        sim_page_find(&view, q, 0, UINT64_MAX, &all);
        assert_int_equal(all.n, ISSUES);
        do {
            sim_page_after(&view, q, last ? &last->issue : NULL, 7, &page);
            assert_int_equal(page.total, ISSUES);
            for (size_t i = 0; i < page.n; i++, at++)
                assert_int_equal(page.text[i]->issue.id, all.text[at]->issue.id);
            sim_text_drop(last);
            last      = page.n > 0 ? sim_text_ref(page.text[page.n - 1]) : NULL;
            bool more = page.more;
            sim_page_release(&page);
            if (!more)
                break;
        } while (last);
        assert_int_equal(at, ISSUES);
        sim_text_drop(last);
        sim_page_release(&all);
    }
}

/* The last issue seen moves away: those that stood behind it still come, once. */
static void a_page_goes_on_from_where_the_last_issue_was(void **state)
{
    sim_jql *q = parse("project = AB ORDER BY updated ASC");
    sim_page page, rest;
    (void)state;
    sim_page_after(&view, q, NULL, 100, &page);
    sim_text *last = sim_text_ref(page.text[99]);
    put((unsigned)last->issue.id, 59);
    sim_page_after(&view, q, &last->issue, UINT64_MAX, &rest);
    assert_int_equal(rest.n, ISSUES - 100 + 1); /* and itself again, at the end */
    assert_int_equal(rest.text[rest.n - 1]->issue.id, last->issue.id);
    assert_true(sim_store_remove(store, last->issue.id));
    sim_page_release(&rest);
    sim_page_after(&view, q, &last->issue, UINT64_MAX, &rest);
    assert_int_equal(rest.n, ISSUES - 100);
    sim_page_release(&rest);
    sim_page_release(&page);
    sim_text_drop(last);
}

static void tokens_are_bound_and_die(void **state)
{
    sim_tokens *t    = sim_tokens_new(7);
    sim_text   *last = sim_store_get(store, JD_STR("AB-5")), *got = NULL;
    uint64_t    at = 0;
    (void)state;
    jd_str token = sim_tokens_give(t, arena, 42, last, 9, 1000);
    assert_true(sim_tokens_read(t, token, 42, 500, 1500, &got, &at));
    assert_int_equal(got->issue.id, 5);
    assert_int_equal(at, 9);
    sim_text_drop(got);
    assert_false(sim_tokens_read(t, token, 43, 500, 1500, &got, &at));
    assert_false(sim_tokens_read(t, token, 42, 500, 1501, &got, &at));
    assert_false(sim_tokens_read(t, JD_STR(""), 42, 500, 1000, &got, &at));
    assert_false(sim_tokens_read(t, JD_STR("CAEaAggB1.0000"), 42, 500, 1000, &got, &at));
    assert_false(sim_tokens_read(t, jd_str_cut(token, 0, token.n - 1), 42, 500, 1000, &got, &at));
    sim_tokens_expire(t);
    assert_false(sim_tokens_read(t, token, 42, 500, 1000, &got, &at));
    token = sim_tokens_give(t, arena, 42, NULL, 1, 0);
    for (unsigned i = 0; i < SIM_TOKENS; i++) /* younger ones push it out */
        (void)sim_tokens_give(t, arena, 42, NULL, 1, 0);
    assert_false(sim_tokens_read(t, token, 42, 500, 0, &got, &at));
    sim_tokens_free(t);
}

/* -- what searches know ------------------------------------------------------------------------ */

static int64_t now_ms;

static int64_t clock_now(void *self)
{
    (void)self;
    return now_ms;
}

static uint64_t count(const char *jql)
{
    sim_page page;
    sim_store_catch_up(store, NULL, 0);
    sim_page_find(&view, parse(jql), 0, 0, &page);
    return page.total;
}

static void searches_lag_behind(void **state)
{
    (void)state;
    now_ms = 1000;
    sim_store_lag(store, 500, clock_now, NULL);
    put(1, 59);
    put(2, 59);
    assert_true(sim_store_remove(store, 3));
    assert_null(sim_store_get(store, JD_STR("AB-3"))); /* by its key it is gone at once */
    assert_int_equal(count("updated >= '2024-01-15 10:59'"), 0);
    assert_int_equal(count("project = AB"), ISSUES);
    const uint64_t two = 2;
    sim_store_catch_up(store, &two, 1);
    assert_int_equal(count("updated >= '2024-01-15 10:59'"), 1);
    now_ms = 1499;
    assert_int_equal(count("updated >= '2024-01-15 10:59'"), 1);
    now_ms = 1500;
    assert_int_equal(count("updated >= '2024-01-15 10:59'"), 2);
    assert_int_equal(count("project = AB"), ISSUES - 1);
}

static void veils_hide_from_some(void **state)
{
    (void)state;
    assert_true(sim_store_veil_issue(store, JD_STR("AB-1"), 1, true));
    view.viewer = 0;
    assert_int_equal(count("project = AB"), ISSUES - 1);
    assert_null(sim_store_get_for(store, JD_STR("AB-1"), 0));
    view.viewer = 1;
    assert_int_equal(count("project = AB"), ISSUES);
    sim_text *t = sim_store_get_for(store, JD_STR("AB-1"), 1);
    assert_non_null(t);
    sim_text_drop(t);
    put(1, 59); /* a new version is as hidden as the one before */
    assert_null(sim_store_get_for(store, JD_STR("1"), 0));
    assert_true(sim_store_veil_issue(store, JD_STR("AB-2"), SIM_ARCHIVED, true));
    assert_int_equal(count("project = AB"), ISSUES - 1);
    t = sim_store_get_for(store, JD_STR("AB-2"), 1); /* archived, but there */
    assert_non_null(t);
    sim_text_drop(t);
    assert_true(sim_store_veil_project(store, JD_STR("AB"), 2, true));
    assert_null(sim_store_get_for(store, JD_STR("AB-9"), 1));
    assert_true(sim_store_veil_project(store, JD_STR("AB"), 2, false));
    assert_true(sim_store_veil_issue(store, JD_STR("AB-1"), 1, false));
    assert_true(sim_store_veil_issue(store, JD_STR("AB-2"), SIM_ARCHIVED, false));
    assert_false(sim_store_veil_issue(store, JD_STR("AB-999"), 1, true));
    assert_false(sim_store_veiled(store));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pages_follow_one_another), TEST(a_page_goes_on_from_where_the_last_issue_was),
        TEST(tokens_are_bound_and_die), TEST(searches_lag_behind),
        TEST(veils_hide_from_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
