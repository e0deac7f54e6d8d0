#include "model/sprint.h"
#include "unit/check.h"

#include <stdio.h>

#define JAVA "com.atlassian.greenhopper.service.sprint.Sprint@1fdd4900"

static jd_sprint parsed(const char *text)
{
    jd_sprint s;
    assert_true(jd_sprint_parse(jd_str_of(text), &s));
    return s;
}

static void is(jd_str got, const char *want)
{
    if (!jd_str_is(got, want))
        fail_msg("'%.*s' is not '%s'", JD_FMT(got), want);
}

static void test_a_printed_sprint(void **state)
{
    (void)state;
    jd_sprint s =
        parsed(JAVA "[id=5820,rapidViewId=3504,state=CLOSED,name=IR301 - Monorail!,startDate="
                    "2017-03-10T11:17:23.728-05:00,endDate=2017-03-24T10:17:00.000-04:00,"
                    "completeDate=2017-03-24T12:15:14.526-04:00,sequence=5820]");
    assert_int_equal(s.id, 5820);
    assert_int_equal(s.board, 3504);
    assert_int_equal(s.state, JD_SPRINT_CLOSED);
    assert_string_equal(jd_sprint_state_name(s.state), "closed");
    is(s.name, "IR301 - Monorail!");
    is(s.start, "2017-03-10T11:17:23.728-05:00");
    is(s.end, "2017-03-24T10:17:00.000-04:00");
    is(s.complete, "2017-03-24T12:15:14.526-04:00");
    is(s.goal, "");
}

/* Order varies, null is spelled, and names hold what separates. */
static void test_values_with_everything_in_them(void **state)
{
    (void)state;
    static const struct {
        const char *inside, *name, *goal;
        uint64_t    id;
    } rows[] = {
        {"name=A, b=c],goal=x,y=[z],state=ACTIVE,id=7", "A, b=c]", "x,y=[z]", 7},
        {"rapidViewId=<null>,state=FUTURE,name=N,goal=<null>,startDate=<null>,id=8", "N", "", 8},
        {"id=9,state=ACTIVE,name=,goal=", "", "", 9},
        {"id=10,name=a,id=3,state=b,goal=g", "a,id=3", "g", 10},
        {"id=11,unknown=7,name=a", "a", "", 11},
        {"unknown,id=12,name=a,color=red", "a,color=red", "", 12},
        {"id=13,autoStartStop=false,synced=false,name=Sprint, the \"long\" one",
         "Sprint, the \"long\" one", "", 13},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[400];
        (void)snprintf(text, sizeof text, JAVA "[%s]", rows[i].inside);
        jd_sprint s = parsed(text);
        assert_int_equal(s.id, rows[i].id);
        is(s.name, rows[i].name);
        is(s.goal, rows[i].goal);
    }
    assert_int_equal(parsed(JAVA "[id=8,rapidViewId=<null>]").board, 0);
    assert_int_equal(parsed(JAVA "[id=8,state=DREAMT]").state, JD_SPRINT_UNKNOWN);
    assert_int_equal(parsed(JAVA "[id=8,state=ACTIVE]").state, JD_SPRINT_ACTIVE);
}

static void test_what_is_no_sprint(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "Sprint 7",
                                        JAVA,
                                        JAVA "[",
                                        JAVA "[]",
                                        JAVA "[id=]",
                                        JAVA "[id=0]",
                                        JAVA "[id=x,name=a]",
                                        JAVA "[id=99999999999999999999]",
                                        JAVA "[name=a]",
                                        JAVA "[id=7",
                                        "[id=7]Sprint@1",
                                        "Board@1[id=7]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        jd_sprint s = {.id = 3};
        assert_false(jd_sprint_parse(jd_str_of(texts[i]), &s));
        assert_int_equal(s.id, 0);
    }
}

static void test_objects_and_texts_are_one(void **state)
{
    (void)state;
    static const char list[] =
        "[{\"id\":7,\"name\":\"S, 7\",\"state\":\"closed\",\"boardId\":4,\"goal\":\"Ship\","
        "\"startDate\":\"2024-01-08T08:00:00.000Z\",\"endDate\":\"2024-01-21T18:00:00.000Z\","
        "\"completeDate\":\"2024-01-22T09:00:00.000Z\"},\"" JAVA
        "[id=7,rapidViewId=4,state=CLOSED,name=S, 7,startDate=2024-01-08T08:00:00.000Z,endDate="
        "2024-01-21T18:00:00.000Z,completeDate=2024-01-22T09:00:00.000Z,goal=Ship]\","
        "{\"id\":7,\"name\":\"S, 7\",\"state\":\"closed\",\"originBoardId\":4,\"goal\":\"Ship\","
        "\"startDate\":\"2024-01-08T08:00:00.000Z\",\"endDate\":\"2024-01-21T18:00:00.000Z\","
        "\"completeDate\":\"2024-01-22T09:00:00.000Z\"}]";
    jd_arena      *a = jd_arena_new(0);
    const jd_json *v;
    jd_err         e;
    jd_sprint      s;
    assert_int_equal(jd_json_read(a, jd_str_of(list), &v, &e), JD_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_true(jd_sprint_read(jd_json_at(v, i), &s));
        assert_int_equal(s.id, 7);
        assert_int_equal(s.board, 4);
        assert_int_equal(s.state, JD_SPRINT_CLOSED);
        is(s.name, "S, 7");
        is(s.goal, "Ship");
        is(s.start, "2024-01-08T08:00:00.000Z");
        is(s.end, "2024-01-21T18:00:00.000Z");
        is(s.complete, "2024-01-22T09:00:00.000Z");
    }
    assert_int_equal(
        jd_json_read(a, JD_STR("[{\"id\":\"3\",\"name\":\"Version\"},null,7,[],{}]"), &v, &e),
        JD_OK);
    for (size_t i = 0; i < 5; i++)
        assert_false(jd_sprint_read(jd_json_at(v, i), &s));
    assert_false(jd_sprint_read(NULL, &s));
    jd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_printed_sprint),
        cmocka_unit_test(test_values_with_everything_in_them),
        cmocka_unit_test(test_what_is_no_sprint),
        cmocka_unit_test(test_objects_and_texts_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
