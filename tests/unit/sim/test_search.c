/* Pages against the plain truth: every issue asked and sorted one by one. */
#include "base/rng.h"
#include "made.h"
#include "sim/page.h"

enum { ISSUES = 400 };

static const sim_cuts ALL = {SIZE_MAX, SIZE_MAX, SIZE_MAX};
static sim_store     *store;
static jd_arena      *arena;

/* Few seconds for many issues, so that ties are the rule. */
static void put_random(unsigned id, jd_rng *rng)
{
    static const char *const status[] = {"Open", "Closed", "Resolved"};
    char                     key[32], created[40], updated[40];
    unsigned second = (unsigned)jd_rng_below(rng, 6), ms = (unsigned)jd_rng_below(rng, 1000);
    snprintf(key, sizeof key, "%s-%u", id % 3 ? "AB" : "CD", id);
    snprintf(created, sizeof created, "2024-01-15T10:30:%02u.%03u+0000", second, ms);
    snprintf(updated, sizeof updated, "2024-02-0%uT10:30:%02u.%03u+0000",
             1 + (unsigned)jd_rng_below(rng, 2), (unsigned)jd_rng_below(rng, 4), ms);
    made_put(store, &(made){.id      = id,
                            .key     = key,
                            .created = created,
                            .updated = updated,
                            .status  = status[jd_rng_below(rng, 3)]});
}

static int set_up(void **state)
{
    jd_rng rng = jd_rng_seed(4);
    (void)state;
    arena = jd_arena_new(0);
    store = sim_store_new(&ALL, JD_STR("https://x"));
    for (unsigned id = 1; id <= ISSUES; id++)
        put_random(id, &rng);
    sim_store_settle(store);
    for (unsigned id = 10; id <= ISSUES; id += 7) /* changes keep the columns in order */
        put_random(id, &rng);
    for (uint64_t id = 5; id <= ISSUES; id += 50)
        assert_true(sim_store_remove(store, id));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sim_store_free(store);
    jd_arena_free(arena);
    return 0;
}

static sim_view view = {.viewer = SIM_SEES_ALL};

static sim_jql *parse(const char *text)
{
    view.store          = store;
    sim_jql_errors errs = {0};
    sim_jql_env    env  = {
            .now_ms = 1800000000000, .find = sim_page_knows, .custom = sim_page_custom, .self = &view};
    sim_jql *q = sim_jql_parse(arena, jd_str_of(text), &env, &errs);
    if (!q || errs.n > 0)
        fail_msg("%s: %.*s", text, JD_FMT(errs.n ? errs.v[0] : JD_STR("refused")));
    return q;
}

static const sim_jql *sorting;

static int by_query(const void *a, const void *b)
{
    return sim_jql_compare(sorting, *(const sim_issue *const *)a, *(const sim_issue *const *)b);
}

static size_t truth(const sim_jql *q, const sim_issue **out)
{
    const sim_column *all = &sim_store_everything(store)->by[0];
    size_t            n   = 0;
    for (size_t i = 0; i < all->n; i++)
        if (sim_jql_match(q, &all->v[i].text->issue))
            out[n++] = &all->v[i].text->issue;
    sorting = q;
    qsort(out, n, sizeof *out, by_query);
    return n;
}

static void check(const char *text, size_t page_size)
{
    const sim_issue *want[ISSUES];
    sim_jql         *q = parse(text);
    sim_store_read_begin(store);
    size_t n = truth(q, want), at = 0;
    for (;;) {
        sim_page page;
        sim_page_find(&view, q, at, page_size, &page);
        assert_int_equal(page.total, n);
        assert_int_equal(page.n, n - at < page_size ? n - at : page_size);
        for (size_t i = 0; i < page.n; i++)
            if (page.text[i]->issue.id != want[at + i]->id)
                fail_msg("%s: row %zu is %d, not %d", text, at + i, (int)page.text[i]->issue.id,
                         (int)want[at + i]->id);
        at += page.n;
        bool end = page.n == 0;
        sim_page_release(&page);
        if (end)
            break;
    }
    sim_store_read_end(store);
}

static void pages_agree_with_the_truth(void **state)
{
    static const char *const queries[] = {
        "",
        "project = AB ORDER BY created ASC",
        "project = AB ORDER BY created DESC",
        "project = AB AND created >= 1705314602000 ORDER BY created ASC",
        "project = AB AND created >= 1705314602000 AND created < 1705314604000 ORDER BY created",
        "project = AB AND updated >= 1706783401000 ORDER BY created ASC",
        "project in (AB, CD) ORDER BY updated DESC, key ASC",
        "created >= 1705314602000 ORDER BY updated ASC, created DESC",
        "project = CD ORDER BY created ASC, key DESC",
        "status = Open ORDER BY updated ASC",
        "labels = a AND status != Open ORDER BY created ASC",
        "project != AB ORDER BY key ASC",
        "status = Open AND updated > 1706783400000 ORDER BY status, key DESC",
        "project = AB AND key > AB-100 AND key <= AB-200 ORDER BY key",
        "created > 1905314602000 ORDER BY created",
    };
    (void)state;
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        check(queries[i], 7);
        check(queries[i], 1000);
    }
}

/* Ties must not come in the order of ids, or a client could lean on it. */
static void what_is_in_the_json_only_is_found(void **state)
{
    static const struct {
        const char *text;
        bool        all;
    } queries[] = {{"labels = B", true},
                   {"labels in (c, d)", false},
                   {"cf[10001] = '2.5'", true},
                   {"summary ~ about", true},
                   {"text ~ 'about nothing'", false}};
    const sim_issue *found[ISSUES];
    (void)state;
    size_t all = truth(parse(""), found);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        assert_int_equal(truth(parse(queries[i].text), found), queries[i].all ? all : 0);
}

static void ties_stand_in_no_order_of_ids(void **state)
{
    const sim_issue *rows[ISSUES];
    sim_jql         *q     = parse("ORDER BY created ASC");
    size_t           falls = 0;
    (void)state;
    sim_store_read_begin(store);
    size_t n = truth(q, rows);
    for (size_t i = 1; i < n; i++)
        if (rows[i - 1]->created_ms / 1000 == rows[i]->created_ms / 1000 &&
            rows[i - 1]->id > rows[i]->id)
            falls++;
    sim_store_read_end(store);
    assert_true(falls > n / 4);
}

static void a_start_beyond_the_end_is_empty(void **state)
{
    sim_page page;
    sim_jql *q = parse("project = AB ORDER BY created");
    (void)state;
    sim_store_read_begin(store);
    sim_page_find(&view, q, UINT64_MAX, UINT64_MAX, &page);
    assert_int_equal(page.n, 0);
    assert_true(page.total > 0);
    sim_page_release(&page);
    sim_page_find(&view, q, 0, 0, &page); /* only counted */
    assert_int_equal(page.n, 0);
    assert_true(page.total > 0);
    sim_page_release(&page);
    sim_store_read_end(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pages_agree_with_the_truth),
                                       cmocka_unit_test(what_is_in_the_json_only_is_found),
                                       cmocka_unit_test(ties_stand_in_no_order_of_ids),
                                       cmocka_unit_test(a_start_beyond_the_end_is_empty)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
