/* What is done to answers: exactly that, and nothing else. */
#include "made.h"
#include "sim/spoil.h"

#define PAGE                                                                                \
    "{\"total\":7,\"issues\":[{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"summary\":\"s\"," \
    "\"created\":\"c\"}},{\"id\":\"12\",\"key\":\"A-2\",\"fields\":{\"summary\":null,"      \
    "\"description\":\"d\"}}],\"names\":{}}"
#define FIRST  "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"summary\":\"s\",\"created\":\"c\"}}"
#define SECOND "{\"id\":\"12\",\"key\":\"A-2\",\"fields\":{\"summary\":null,\"description\":\"d\"}}"

static jd_buf out;

static void is(bool done, const char *want)
{
    assert_true(done);
    assert_true(jd_buf_ok(&out));
    assert_str(jd_buf_view(&out), want);
    jd_buf_reset(&out);
}

static void isnt(bool done)
{
    assert_false(done);
    jd_buf_reset(&out);
}

static void text_goes_into_the_issue_named(void **state)
{
    const jd_str x = JD_STR("\\u0000"), page = JD_STR(PAGE);
    (void)state;
    is(sim_spoil_text(&out, page, (sim_target){true, 1}, x, false),
       "{\"total\":7,\"issues\":[{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"summary\":"
       "\"\\u0000s\","
       "\"created\":\"c\"}}," SECOND "],\"names\":{}}");
    is(sim_spoil_text(&out, page, (sim_target){true, 12}, x, false),
       "{\"total\":7,\"issues\":[" FIRST ",{\"id\":\"12\",\"key\":\"A-2\",\"fields\":{\"summary\":"
       "null,\"description\":\"\\u0000d\"}}],\"names\":{}}");
    is(sim_spoil_text(&out, JD_STR(SECOND), (sim_target){false, 12}, x, true),
       "{\"id\":\"12\",\"key\":\"A-2\",\"fields\":{\"summary\":null,\"description\":\"\\u0000d\"}"
       "}");
    isnt(sim_spoil_text(&out, page, (sim_target){true, 2}, x, false));
    isnt(sim_spoil_text(&out, JD_STR(SECOND), (sim_target){false, 1}, x, false));
    isnt(sim_spoil_text(&out, JD_STR("{\"id\":\"1\"}"), (sim_target){false, 1}, x, false));
    isnt(sim_spoil_text(&out, JD_STR("{\"issues\":[{\"id\":\"1\",\"fields\":{}}]}"),
                        (sim_target){true, 1}, x, false));
}

static void shapes(void **state)
{
    static const char *const want[] = {
        "[1,2]",
        "42",
        "\"HADOOP-1\"",
        "null",
        "{\"key\":\"A-1\",\"fields\":{\"created\":\"c\",\"updated\":\"u\",\"project\":{}}}",
        "{\"id\":{\"is\":\"hidden\"},\"key\":\"A-1\",\"fields\":{\"created\":\"c\",\"updated\":"
        "\"u\","
        "\"project\":{}}}",
        "{\"id\":\"1\",\"fields\":{\"created\":\"c\",\"updated\":\"u\",\"project\":{}}}",
        "{\"id\":\"1\",\"key\":42,\"fields\":{\"created\":\"c\",\"updated\":\"u\",\"project\":{}}}",
        "{\"id\":\"1\",\"key\":\"../../../etc/passwd\",\"fields\":{\"created\":\"c\",\"updated\":"
        "\"u\",\"project\":{}}}",
        "{\"id\":\"1\",\"key\":\"A-1\"}",
        "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":[]}",
        "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":\"none\"}",
        "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"updated\":\"u\",\"project\":{}}}",
        "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"created\":\"the day before yesterday\","
        "\"updated\":\"u\",\"project\":{}}}",
        "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"created\":\"c\",\"project\":{}}}",
        "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"created\":\"c\",\"updated\":[2024,1,15],"
        "\"project\":{}}}",
        "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"created\":\"c\",\"updated\":\"u\",\"project\":"
        "\"none\"}}",
    };
    static const char issue[] = "{\"id\":\"1\",\"key\":\"A-1\",\"fields\":{\"created\":\"c\","
                                "\"updated\":\"u\",\"project\":{}}}";
    (void)state;
    assert_int_equal(sim_shape_count(), sizeof want / sizeof *want);
    for (size_t i = 0; i < sim_shape_count(); i++)
        is(sim_spoil_shape(&out, jd_str_of(issue), (sim_target){false, 1}, i), want[i]);
    is(sim_spoil_shape(&out, JD_STR(PAGE), (sim_target){true, 12}, 1),
       "{\"total\":7,\"issues\":[" FIRST ",42],\"names\":{}}");
    isnt(sim_spoil_shape(&out, JD_STR(SECOND), (sim_target){false, 12}, 12)); /* has no created */
}

static void the_page(void **state)
{
    const jd_str page = JD_STR(PAGE), none = JD_STR("{\"total\":0,\"issues\":[]}");
    (void)state;
    is(sim_spoil_total(&out, none, 3), "{\"total\":3,\"issues\":[]}");
    is(sim_spoil_total(&out, none, -3), "{\"total\":0,\"issues\":[]}");
    is(sim_spoil_total(&out, JD_STR("{\"total\":7}"), -3), "{\"total\":4}");
    isnt(sim_spoil_total(&out, JD_STR("{\"id\":\"1\"}"), 1));
    isnt(sim_spoil_total(&out, JD_STR("[7]"), 1));
    is(sim_spoil_empty(&out, page), "{\"total\":7,\"issues\":[],\"names\":{}}");
    isnt(sim_spoil_empty(&out, none));
    is(sim_spoil_duplicate(&out, page, 1, 1),
       "{\"total\":7,\"issues\":[" FIRST "," SECOND "," SECOND "],\"names\":{}}");
    is(sim_spoil_duplicate(&out, page, 0, 9),
       "{\"total\":7,\"issues\":[" FIRST "," FIRST "," SECOND "," SECOND "],\"names\":{}}");
    isnt(sim_spoil_duplicate(&out, none, 0, 1));
    isnt(sim_spoil_duplicate(&out, JD_STR("{}"), 0, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_goes_into_the_issue_named),
        cmocka_unit_test(shapes),
        cmocka_unit_test(the_page),
    };
    out     = (jd_buf)JD_BUF_INIT(1 << 20);
    int bad = cmocka_run_group_tests(tests, NULL, NULL);
    jd_buf_release(&out);
    return bad;
}
