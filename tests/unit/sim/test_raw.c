#include "made.h"
#include "sim/raw.h"

static const jd_str OBJECT =
    JD_STR_INIT("{ \"a\": 1.50, \"b\":\"x\\u0000\" ,\"c\":[1, {\"d\":2}]}");

static void finds_members(void **state)
{
    (void)state;
    assert_str(sim_raw_get(OBJECT, "a"), "1.50");
    assert_str(sim_raw_get(OBJECT, "b"), "\"x\\u0000\"");
    assert_null(sim_raw_get(OBJECT, "d").p);
    assert_null(sim_raw_get(JD_NOSTR, "a").p);
    assert_int_equal(sim_raw_count(sim_raw_get(OBJECT, "c")), 2);
    assert_int_equal(sim_raw_count(OBJECT), 3);
    assert_int_equal(sim_raw_count(JD_NOSTR), 0);
}

static void edits_in_place_and_keeps_the_rest(void **state)
{
    jd_buf         out    = JD_BUF_INIT(4096);
    const sim_edit edit[] = {{"b", JD_STR("2")}, {"new", JD_STR("[]")}, {"gone", JD_NOSTR}};
    (void)state;
    sim_raw_edit(&out, OBJECT, edit, 3);
    assert_str(jd_buf_view(&out), "{\"a\":1.50,\"b\":2,\"c\":[1, {\"d\":2}],\"new\":[]}");
    jd_buf_reset(&out);
    sim_raw_edit(&out, OBJECT, &(sim_edit){"a", JD_NOSTR}, 1);
    assert_str(jd_buf_view(&out), "{\"b\":\"x\\u0000\",\"c\":[1, {\"d\":2}]}");
    jd_buf_reset(&out);
    sim_raw_edit(&out, JD_NOSTR, edit, 1);
    assert_str(jd_buf_view(&out), "{\"b\":2}");
    jd_buf_release(&out);
}

static void cuts_and_grows_arrays(void **state)
{
    static const jd_str ARRAY = JD_STR_INIT("[1,\"two\",{\"n\":3},4]");
    jd_buf              out   = JD_BUF_INIT(4096);
    (void)state;
    sim_raw_slice(&out, ARRAY, 1, 2);
    assert_str(jd_buf_view(&out), "[\"two\",{\"n\":3}]");
    jd_buf_reset(&out);
    sim_raw_slice(&out, ARRAY, 3, 100);
    assert_str(jd_buf_view(&out), "[4]");
    jd_buf_reset(&out);
    sim_raw_slice(&out, ARRAY, 4, 1);
    assert_str(jd_buf_view(&out), "[]");
    jd_buf_reset(&out);
    sim_raw_append(&out, JD_STR("[1]"), JD_STR("2"));
    sim_raw_append(&out, JD_STR("[]"), JD_STR("2"));
    sim_raw_append(&out, JD_NOSTR, JD_STR("2"));
    sim_raw_append(&out, JD_STR("null"), JD_STR("2"));
    assert_str(jd_buf_view(&out), "[1,2][2][2][2]");
    jd_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_members),
                                       cmocka_unit_test(edits_in_place_and_keeps_the_rest),
                                       cmocka_unit_test(cuts_and_grows_arrays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
