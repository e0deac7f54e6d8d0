#include "base/rng.h"
#include "text/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

static void walks_an_object(void **state)
{
    (void)state;
    jd_str  page = JD_STR("\xef\xbb\xbf { \"startAt\" : 0 ,\"issues\":[{\"a\":\"]}\"},{}],"
                           "\"q\\\"x\":\"\\\\\" , \"n\":null}\r\n");
    jd_skim it   = jd_skim_open(page);
    assert_true(it.object);
    assert_true(jd_skim_next(&it));
    assert_true(jd_str_is(it.name, "startAt") && jd_str_is(it.value, "0"));
    assert_true(jd_skim_next(&it));
    assert_true(jd_str_is(it.name, "issues"));
    assert_true(jd_str_is(it.value, "[{\"a\":\"]}\"},{}]"));
    assert_true(jd_skim_next(&it));
    assert_true(jd_str_is(it.name, "q\\\"x") && jd_str_is(it.value, "\"\\\\\""));
    assert_true(jd_skim_next(&it));
    assert_true(jd_str_is(it.value, "null"));
    assert_false(jd_skim_next(&it));
    assert_false(it.bad);
    assert_int_equal(it.at, page.n);
    assert_false(jd_skim_next(&it)); /* and stays at its end */
    assert_false(it.bad);
}

static void walks_an_array(void **state)
{
    (void)state;
    jd_skim it = jd_skim_open(JD_STR("[ {\"id\":1} ,[[]],\"x\",-1.5e3,true]"));
    assert_false(it.object);
    const char *expected[] = {"{\"id\":1}", "[[]]", "\"x\"", "-1.5e3", "true"};
    for (size_t i = 0; i < 5; i++) {
        assert_true(jd_skim_next(&it));
        assert_true(jd_str_is(it.value, expected[i]));
        assert_int_equal(it.name.n, 0);
    }
    assert_false(jd_skim_next(&it));
    assert_false(it.bad);
    it = jd_skim_open(JD_STR("{}"));
    assert_false(jd_skim_next(&it));
    assert_false(it.bad);
}

static void walks_inside(void **state)
{
    (void)state;
    jd_skim it = jd_skim_open(JD_STR("{\"a\":1,\"list\":[{\"x\":[]} , 2] ,\"b\":{}}"));
    assert_true(jd_skim_next(&it));
    assert_true(jd_skim_name(&it));
    assert_true(jd_str_is(it.name, "list"));
    jd_skim in = jd_skim_inside(&it);
    assert_true(jd_skim_next(&in) && jd_str_is(in.value, "{\"x\":[]}"));
    assert_true(jd_skim_next(&in) && jd_str_is(in.value, "2"));
    assert_false(jd_skim_next(&in));
    assert_false(in.bad);
    jd_skim_behind(&it, &in);
    assert_true(jd_skim_next(&it) && jd_str_is(it.name, "b") && jd_str_is(it.value, "{}"));
    assert_false(jd_skim_next(&it));
    assert_false(it.bad);
    /* a list that does not end, and what is none */
    static const char *const bad[] = {"{\"a\":[1,2", "{\"a\":[1 2]}", "{\"a\":7}", "{\"a\":"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        it = jd_skim_open(jd_str_of(bad[i]));
        assert_true(jd_skim_name(&it));
        in = jd_skim_inside(&it);
        while (jd_skim_next(&in))
            ;
        jd_skim_behind(&it, &in);
        assert_true(it.bad);
        assert_false(jd_skim_next(&it));
    }
}

static void one_bad_issue_spoils_no_other(void **state)
{
    (void)state;
    jd_skim it = jd_skim_open(JD_STR("[{\"a\":1},{\"a\":nul,,\"b\" 7},{\"a\":3}]"));
    size_t  n  = 0;
    while (jd_skim_next(&it))
        n++;
    assert_int_equal(n, 3);
    assert_false(it.bad);
}

static void says_when_the_end_is_bad(void **state)
{
    (void)state;
    const struct {
        const char *text;
        size_t      good; /* members before */
    } cases[] = {
        {"", 0},           {"  ", 0},
        {"7", 0},          {"\"x\"", 0},
        {"<html>", 0},     {"{", 0},
        {"[", 0},          {"[1", 1},
        {"[1,", 1},        {"[1,]", 1},
        {"[,1]", 0},       {"[1 2]", 1},
        {"[1}", 1},        {"[1]x", 1},
        {"[1][2]", 1},     {"{\"a\"}", 0},
        {"{\"a\":}", 0},   {"{\"a\" 1}", 0},
        {"{a:1}", 0},      {"{\"a\":1,}", 1},
        {"{\"a:1}", 0},    {"{\"a\":\"x}", 0},
        {"[{\"a\":1]", 1}, {"[\"\\\"]", 0},
        {"[[1,2]", 1},     {"{\"a\":1 \"b\":2}", 1},
        {"[1:2]", 1},      {"[\"\\", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_str  s  = jd_str_of(cases[i].text);
        jd_skim it = jd_skim_open(s);
        size_t  n  = 0;
        while (jd_skim_next(&it))
            n++;
        if (!it.bad || n != cases[i].good || it.at > s.n)
            fail_msg("%s: bad %d after %zu members, offset %zu", cases[i].text, it.bad, n, it.at);
        assert_false(jd_skim_next(&it));
    }
}

/* Every place of a block of 64 bytes gets its turn for quotes, backslashes and brackets. */
static void blocks_have_no_seams(void **state)
{
    (void)state;
    static const char *const inner[] = {"\"\\\\\\\"]\"",   "\"\\\\\"", "\"]\\\\\\\\\"",
                                        "{\"}\":[\"[\"]}", "\"\\\"\"", "[[],{}]"};
    jd_buf                   b       = JD_BUF_INIT(1 << 20);
    for (size_t pad = 0; pad < 200; pad++) {
        for (size_t k = 0; k < sizeof inner / sizeof *inner; k++) {
            jd_buf_reset(&b);
            jd_buf_addz(&b, "[[\"");
            for (size_t i = 0; i < pad; i++)
                jd_buf_addz(&b, "x");
            jd_buf_addf(&b, "\",%s,\"", inner[k]);
            size_t wanted_from = 1;
            for (size_t i = 0; i < pad % 70; i++)
                jd_buf_addz(&b, "y");
            jd_buf_addz(&b, "\"],7]");
            jd_skim it = jd_skim_open(jd_buf_view(&b));
            assert_true(jd_skim_next(&it));
            assert_ptr_equal(it.value.p, b.p + wanted_from);
            assert_int_equal(it.value.n, b.n - 4);
            assert_true(jd_skim_next(&it));
            assert_true(jd_str_is(it.value, "7"));
            assert_false(jd_skim_next(&it));
            assert_false(it.bad);
        }
    }
    jd_buf_release(&b);
}

static void random_value(jd_buf *b, jd_rng *r, unsigned depth)
{
    static const char *const scalars[] = {
        "null",        "-12",
        "3.5",         "\"\"",
        "\"\\\"\"",    "\"\\\\\"",
        "\"{[\"",      "\"]}\\\\\\\"\"",
        "\"\\u00e9\"", "\"much longer, so that a block ends in it\""};
    static const char *const blanks[] = {"", "", "", " ", "\n\t "};
    const size_t             nblanks  = sizeof blanks / sizeof *blanks;
    uint64_t                 pick     = jd_rng_below(r, depth > 6 ? 10 : 16);
    if (pick < 10) {
        jd_buf_addz(b, scalars[pick]);
        return;
    }
    bool object = pick < 13;
    jd_buf_addz(b, object ? "{" : "[");
    for (uint64_t i = 0, n = jd_rng_below(r, 7); i < n; i++) {
        jd_buf_addf(b, "%s%s", i ? "," : "", blanks[jd_rng_below(r, nblanks)]);
        if (object)
            jd_buf_addf(b, "%s%s:", jd_rng_below(r, 2) ? "\"name\"" : "\"\\\\\"",
                        blanks[jd_rng_below(r, nblanks)]);
        random_value(b, r, depth + 1);
        jd_buf_addz(b, blanks[jd_rng_below(r, nblanks)]);
    }
    jd_buf_addz(b, object ? "}" : "]");
}

/* What the tree holds is what the slices hold. */
static void agree(jd_arena *a, jd_str bytes, const jd_json *tree)
{
    jd_err       e;
    jd_skim      it   = jd_skim_open(bytes);
    jd_json_iter want = jd_json_walk(tree);
    assert_int_equal(it.object, jd_json_kind(tree) == JD_JSON_OBJECT);
    while (jd_skim_next(&it)) {
        const jd_json *value;
        assert_true(jd_json_next(&want));
        assert_int_equal(jd_json_read(a, it.value, &value, &e), JD_OK);
        assert_true(jd_json_same(value, want.value));
        if (it.object) {
            const jd_json *name;
            jd_str         quoted = {it.name.p - 1, it.name.n + 2};
            assert_int_equal(jd_json_read(a, quoted, &name, &e), JD_OK);
            assert_true(jd_str_eq(jd_json_str(name), want.name));
        }
        if (jd_json_kind(value) == JD_JSON_ARRAY || jd_json_kind(value) == JD_JSON_OBJECT)
            agree(a, it.value, value);
    }
    assert_false(it.bad);
    assert_false(jd_json_next(&want));
}

static void agrees_with_the_reader(void **state)
{
    (void)state;
    jd_rng    r = jd_rng_seed(11);
    jd_arena *a = jd_arena_new(0);
    jd_buf    b = JD_BUF_INIT(1 << 24);
    for (int i = 0; i < 1500; i++) {
        jd_arena_reset(a);
        jd_buf_reset(&b);
        jd_buf_addz(&b, "[");
        random_value(&b, &r, 0);
        jd_buf_addz(&b, "]");
        const jd_json *tree;
        jd_err         e;
        assert_int_equal(jd_json_read(a, jd_buf_view(&b), &tree, &e), JD_OK);
        agree(a, jd_buf_view(&b), tree);
        /* cut anywhere, it must say that the end is bad */
        jd_skim it = jd_skim_open(jd_str_cut(jd_buf_view(&b), 0, jd_rng_below(&r, b.n)));
        while (jd_skim_next(&it))
            ;
        assert_true(it.bad);
    }
    jd_buf_release(&b);
    jd_arena_free(a);
}

static void deep_nesting_needs_no_stack(void **state)
{
    (void)state;
    enum { DEEP = 3000000 };
    char *p = jd_xmalloc(DEEP);
    memset(p, '[', DEEP);
    jd_skim it = jd_skim_open((jd_str){p, DEEP});
    assert_false(jd_skim_next(&it));
    assert_true(it.bad);
    memset(p + DEEP / 2, ']', DEEP / 2);
    it = jd_skim_open((jd_str){p, DEEP});
    assert_true(jd_skim_next(&it));
    assert_int_equal(it.value.n, DEEP - 2);
    assert_false(jd_skim_next(&it));
    assert_false(it.bad);
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_an_object),
        cmocka_unit_test(walks_an_array),
        cmocka_unit_test(walks_inside),
        cmocka_unit_test(one_bad_issue_spoils_no_other),
        cmocka_unit_test(says_when_the_end_is_bad),
        cmocka_unit_test(blocks_have_no_seams),
        cmocka_unit_test(agrees_with_the_reader),
        cmocka_unit_test(deep_nesting_needs_no_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
