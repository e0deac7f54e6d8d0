#include "made.h"
#include "sim/store.h"

static const sim_cuts ALL = {SIZE_MAX, SIZE_MAX, SIZE_MAX};
#define DAY1 "2024-01-15T10:30:00.500+0000"
#define DAY2 "2024-01-16T10:30:00.000+0000"

static sim_store *filled(void)
{
    sim_store *s = sim_store_new(&ALL, JD_STR("https://x"));
    made_put(s, &(made){.id = 1, .key = "AB-1", .created = DAY2});
    made_put(s, &(made){.id = 2, .key = "AB-2", .created = DAY1});
    made_put(s, &(made){.id = 3, .key = "CD-9", .created = DAY1});
    sim_store_settle(s);
    return s;
}

static uint64_t id_of(sim_store *s, const char *name)
{
    sim_text *t  = sim_store_get(s, jd_str_of(name));
    uint64_t  id = t ? t->issue.id : 0;
    sim_text_drop(t);
    return id;
}

static void finds_by_key_and_id(void **state)
{
    sim_store *s = filled();
    (void)state;
    assert_int_equal(id_of(s, "AB-2"), 2);
    assert_int_equal(id_of(s, "ab-2"), 2);
    assert_int_equal(id_of(s, "3"), 3);
    assert_int_equal(id_of(s, "AB-3"), 0);
    assert_int_equal(id_of(s, "99"), 0);
    assert_int_equal(id_of(s, ""), 0);
    assert_int_equal(sim_store_count(s), 3);
    assert_int_equal(sim_store_top_id(s), 3);
    sim_store_free(s);
}

static void a_moved_key_goes_on_leading_there(void **state)
{
    sim_store *s = filled();
    (void)state;
    made_put(s, &(made){.id = 2, .key = "CD-10", .created = DAY1});
    assert_int_equal(id_of(s, "CD-10"), 2);
    assert_int_equal(id_of(s, "AB-2"), 2);
    assert_int_equal(sim_store_count(s), 3);
    sim_store_read_begin(s);
    assert_int_equal(sim_store_project_named(s, JD_STR("AB"))->by[0].n, 1);
    assert_int_equal(sim_store_project_named(s, JD_STR("The CD"))->by[1].n, 2);
    assert_int_equal(sim_store_project_named(s, JD_STR("cd"))->top, 10);
    sim_store_read_end(s);
    sim_store_free(s);
}

static void two_issues_cannot_share_a_key(void **state)
{
    sim_store *s = filled();
    jd_buf     b = JD_BUF_INIT(1 << 20);
    jd_err     e = JD_ERR_NONE;
    (void)state;
    made_write(&b, &(made){.id = 8, .key = "AB-2", .created = DAY1});
    assert_int_equal(sim_store_put(s, jd_buf_view(&b), &e), JD_E_DATA);
    assert_non_null(strstr(e.msg, "AB-2"));
    assert_int_equal(id_of(s, "AB-2"), 2);
    assert_int_equal(id_of(s, "8"), 0);
    jd_buf_release(&b);
    sim_store_free(s);
}

static void removed_is_gone_with_all_keys(void **state)
{
    sim_store *s = filled();
    (void)state;
    made_put(s, &(made){.id = 2, .key = "CD-10", .created = DAY1});
    assert_true(sim_store_remove(s, 2));
    assert_false(sim_store_remove(s, 2));
    assert_int_equal(id_of(s, "AB-2"), 0);
    assert_int_equal(id_of(s, "CD-10"), 0);
    assert_int_equal(sim_store_count(s), 2);
    sim_store_read_begin(s);
    assert_int_equal(sim_store_everything(s)->by[0].n, 2);
    assert_int_equal(sim_store_everything(s)->by[1].n, 2);
    sim_store_read_end(s);
    sim_store_free(s);
}

/* A reply in flight keeps its version while the store has the next. */
static void a_version_outlives_its_place(void **state)
{
    sim_store *s = filled();
    sim_text  *t = sim_store_get(s, JD_STR("AB-1"));
    (void)state;
    made_put(s, &(made){.id = 1, .key = "AB-1", .created = DAY2, .status = "Closed"});
    assert_true(jd_str_search(t->issue.json, JD_STR("\"Open\"")) < t->issue.json.n);
    sim_store_free(s);
    assert_str(t->issue.key, "AB-1");
    assert_true(jd_str_search(t->served, JD_STR("\"Open\"")) < t->served.n);
    sim_text_drop(t);
}

static void columns_are_second_grained(void **state)
{
    sim_store *s = filled();
    (void)state;
    sim_store_read_begin(s);
    const sim_column *c = &sim_store_everything(s)->by[0];
    assert_int_equal(c->n, 3);
    assert_int_equal(c->v[2].text->issue.id, 1);
    /* 10:30:00.500 stands as 10:30:00 */
    assert_int_equal(sim_column_from(c, INT64_C(1705314600000)), 0);
    assert_int_equal(sim_column_from(c, INT64_C(1705314600001)), 2);
    assert_int_equal(sim_column_from(c, INT64_C(1705401000000)), 2);
    assert_int_equal(sim_column_from(c, INT64_C(1705401000001)), 3);
    assert_int_equal(sim_column_from(c, -1), 0);
    sim_store_read_end(s);
    sim_store_free(s);
}

static void projects_come_from_issues_or_their_keys(void **state)
{
    sim_store          *s   = filled();
    const sim_project **all = NULL;
    jd_err              e   = JD_ERR_NONE;
    (void)state;
    assert_int_equal(sim_store_put(s, JD_STR("{\"id\":\"50\",\"key\":\"BARE-4\"}"), &e), JD_OK);
    assert_int_equal(sim_store_put(s, JD_STR("{\"id\":\"51\",\"key\":\"BARE-5\"}"), &e), JD_OK);
    sim_store_read_begin(s);
    assert_int_equal(sim_store_projects(s, &all), 3);
    assert_str(all[0]->key, "AB");
    assert_str(all[1]->key, "BARE");
    assert_str(all[2]->key, "CD");
    assert_int_equal(all[1]->by[0].n, 2);
    assert_true(sim_store_project(s, all[1]->id) == all[1]);
    assert_true(jd_str_search(all[1]->json, JD_STR("\"BARE\"")) < all[1]->json.n);
    sim_store_read_end(s);
    free(all);
    assert_int_equal(sim_store_add_project(s, JD_STR("{\"id\":\"9\",\"key\":\"NEW\"}"), &e), JD_OK);
    assert_int_equal(sim_store_add_project(s, JD_STR("{\"id\":\"9\"}"), &e), JD_E_DATA);
    sim_store_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_by_key_and_id),
                                       cmocka_unit_test(a_moved_key_goes_on_leading_there),
                                       cmocka_unit_test(two_issues_cannot_share_a_key),
                                       cmocka_unit_test(removed_is_gone_with_all_keys),
                                       cmocka_unit_test(a_version_outlives_its_place),
                                       cmocka_unit_test(columns_are_second_grained),
                                       cmocka_unit_test(projects_come_from_issues_or_their_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
