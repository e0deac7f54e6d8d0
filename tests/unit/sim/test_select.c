#include "made.h"
#include "sim/select.h"

static const jd_str ISSUE = JD_STR_INIT(
    "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"summary\":\"s\",\"comment\":{\"total\":0},"
    "\"attachment\":[],\"worklog\":{},\"customfield_1\":null,\"labels\":[\"x\"]},"
    "\"changelog\":{\"total\":0}}");

static void check(const char *fields, const char *expand, const char *want)
{
    sim_select s = {0};
    jd_buf     b = JD_BUF_INIT(4096);
    sim_select_fields(&s, jd_str_of(fields));
    sim_select_expands(&s, jd_str_of(expand));
    sim_select_done(&s, false);
    sim_select_write(&b, &s, ISSUE);
    assert_str(jd_buf_view(&b), want);
    jd_buf_release(&b);
}

static void the_default_is_navigable(void **state)
{
    static const char want[] = "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"summary\":\"s\","
                               "\"customfield_1\":null,\"labels\":[\"x\"]}}";
    (void)state;
    check("", "", want);
    check("*navigable", "names", want);
}

static void names_choose_and_minus_takes_away(void **state)
{
    (void)state;
    check(
        "summary,comment", "",
        "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"summary\":\"s\",\"comment\":{\"total\":0}}}");
    check("-labels", "",
          "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"summary\":\"s\",\"customfield_1\":null}}");
    check("*all,-comment,-customfield_1", "changelog",
          "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"summary\":\"s\",\"attachment\":[],"
          "\"worklog\":{},\"labels\":[\"x\"]},\"changelog\":{\"total\":0}}");
    check("*navigable,worklog,-summary", "",
          "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"worklog\":{},\"customfield_1\":null,"
          "\"labels\":[\"x\"]}}");
    check("id,key", "", "{\"id\":\"1\",\"key\":\"A-1\"}");
}

static void whole_means_nothing_to_do(void **state)
{
    sim_select all = {0}, some = {0}, fallback = {0};
    (void)state;
    sim_select_fields(&all, JD_STR("*all"));
    sim_select_done(&all, false);
    sim_select_fields(&some, JD_STR("*all,-comment"));
    sim_select_done(&some, false);
    sim_select_done(&fallback, true);
    assert_true(sim_select_whole(&all));
    assert_false(sim_select_whole(&some));
    assert_true(sim_select_whole(&fallback));
}

static void dates_turn_into_a_zone_and_nothing_else_does(void **state)
{
    static const jd_str text = JD_STR_INIT(
        "{\"a\":\"2024-01-15T10:30:00.123+0000\",\"b\":[\"2024-07-15T00:10:00.000+0200\"],"
        "\"c\":\"2024-01-15\",\"d\":\"say \\\"2024-01-15T10:30:00.123+0000\\\" aloud\","
        "\"e\":\"at 2024-01-15T10:30:00.123+0000\",\"f\":\"2024-13-45T10:30:00.123+0000\"}");
    sim_zone *zone = sim_zone_open(JD_STR("America/New_York"));
    jd_buf    b    = JD_BUF_INIT(4096);
    (void)state;
    if (!zone)
        skip(); /* no zone files here */
    sim_select_turn(&b, zone, text);
    assert_str(jd_buf_view(&b),
               "{\"a\":\"2024-01-15T05:30:00.123-0500\",\"b\":[\"2024-07-14T18:10:00.000-0400\"],"
               "\"c\":\"2024-01-15\",\"d\":\"say \\\"2024-01-15T10:30:00.123+0000\\\" aloud\","
               "\"e\":\"at 2024-01-15T10:30:00.123+0000\",\"f\":\"2024-13-45T10:30:00.123+0000\"}");
    jd_buf_release(&b);
    sim_zone_free(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_is_navigable),
        cmocka_unit_test(names_choose_and_minus_takes_away),
        cmocka_unit_test(whole_means_nothing_to_do),
        cmocka_unit_test(dates_turn_into_a_zone_and_nothing_else_does)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
