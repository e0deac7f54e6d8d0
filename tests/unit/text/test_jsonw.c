#include "base/rng.h"
#include "text/jsonw.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

static void everything(jd_jsonw *w, const jd_json *tree)
{
    jd_jsonw_object(w);
    jd_jsonw_kstr(w, "s", JD_STR("a\"b"));
    jd_jsonw_kint(w, "i", -3);
    jd_jsonw_kbool(w, "t", true);
    jd_jsonw_kbool(w, "f", false);
    jd_jsonw_name(w, "n");
    jd_jsonw_null(w);
    jd_jsonw_names(w, JD_STR("l\nx"));
    jd_jsonw_array(w);
    jd_jsonw_int(w, INT64_MIN);
    jd_jsonw_num(w, 13);
    jd_jsonw_num(w, NAN);
    jd_jsonw_num(w, HUGE_VAL);
    jd_jsonw_str_or_null(w, JD_NOSTR);
    jd_jsonw_str_or_null(w, JD_STR(""));
    jd_jsonw_array(w);
    jd_jsonw_end(w);
    jd_jsonw_object(w);
    jd_jsonw_end(w);
    jd_jsonw_raw(w, JD_STR("{\"raw\":1}"));
    jd_jsonw_value(w, tree);
    jd_jsonw_end(w);
    jd_jsonw_name(w, "o");
    jd_jsonw_object(w);
    jd_jsonw_kint(w, "x", 1);
    jd_jsonw_end(w);
    jd_jsonw_end(w);
}

static void writes_commas_and_colons(void **state)
{
    (void)state;
    jd_arena      *a = jd_arena_new(0);
    jd_buf         b = JD_BUF_INIT(10000);
    const jd_json *tree;
    jd_err         e;
    assert_int_equal(jd_json_read(a, JD_STR("[1,{\"y\":2}]"), &tree, &e), JD_OK);
    jd_jsonw w = jd_jsonw_to(&b);
    everything(&w, tree);
    assert_int_equal(w.depth, 0);
    assert_string_equal(
        jd_buf_cstr(&b),
        "{\"s\":\"a\\\"b\",\"i\":-3,\"t\":true,\"f\":false,\"n\":null,\"l\\nx\":"
        "[-9223372036854775808,13.0,null,null,null,\"\",[],{},{\"raw\":1},[1,{\"y\":2}]],"
        "\"o\":{\"x\":1}}");

    /* the same with line breaks holds the same */
    const jd_json *compact, *pretty;
    assert_int_equal(jd_json_read(a, jd_buf_view(&b), &compact, &e), JD_OK);
    jd_buf_reset(&b);
    w = jd_jsonw_pretty(&b);
    everything(&w, tree);
    assert_int_equal(jd_json_read(a, jd_buf_view(&b), &pretty, &e), JD_OK);
    assert_true(jd_json_same(compact, pretty));
    /* and looks as the reader's own pretty print, but for the raw piece */
    assert_non_null(strstr(jd_buf_cstr(&b), "{\n  \"s\": \"a\\\"b\",\n  \"i\": -3,"));
    assert_non_null(
        strstr(jd_buf_cstr(&b), "\n    [\n      1,\n      {\n        \"y\": 2\n      }"));
    assert_non_null(strstr(jd_buf_cstr(&b), "    [],\n    {},\n"));
    assert_true(jd_str_ends(jd_buf_view(&b), JD_STR("\n  \"o\": {\n    \"x\": 1\n  }\n}")));
    jd_buf_release(&b);
    jd_arena_free(a);
}

static void strings_in_pieces(void **state)
{
    (void)state;
    jd_buf   b = JD_BUF_INIT(10000);
    jd_jsonw w = jd_jsonw_to(&b);
    jd_jsonw_array(&w);
    jd_jsonw_str(&w, JD_STR("say \"it\"\n"));
    jd_jsonw_open_str(&w);
    jd_jsonw_more_str(&w, JD_STR("I \xff\t"));
    jd_jsonw_again(&w, strlen("[\""), strlen("say \\\"it\\\"")); /* without its line feed */
    jd_jsonw_more_str(&w, JD_NOSTR);
    jd_jsonw_close_str(&w);
    jd_jsonw_open_str(&w);
    jd_jsonw_close_str(&w);
    jd_jsonw_end(&w);
    assert_string_equal(jd_buf_cstr(&b),
                        "[\"say \\\"it\\\"\\n\",\"I \xef\xbf\xbd\\tsay \\\"it\\\"\",\"\"]");
    jd_buf_release(&b);
}

static void several_documents_in_a_row(void **state)
{
    (void)state;
    jd_buf   b = JD_BUF_INIT(100);
    jd_jsonw w = jd_jsonw_to(&b);
    for (int i = 0; i < 2; i++) {
        jd_jsonw_array(&w);
        jd_jsonw_int(&w, i);
        jd_jsonw_end(&w);
        jd_buf_addc(&b, '\n');
    }
    assert_string_equal(jd_buf_cstr(&b), "[0]\n[1]\n");
    jd_buf_release(&b);
}

static void sixty_four_levels(void **state)
{
    (void)state;
    jd_buf   b = JD_BUF_INIT(10000);
    jd_jsonw w = jd_jsonw_to(&b);
    for (int i = 0; i < 64; i++) {
        if (i % 2)
            jd_jsonw_name(&w, "a");
        i % 2 ? jd_jsonw_array(&w) : jd_jsonw_object(&w);
        if (i % 2)
            jd_jsonw_int(&w, i);
    }
    for (int i = 0; i < 64; i++)
        jd_jsonw_end(&w);
    assert_int_equal(w.depth, 0);
    jd_buf_release(&b);
    (void)state;
}

static void quotes_any_bytes(void **state)
{
    (void)state;
    const char *cases[][2] = {
        {"", "\"\""},
        {"plain", "\"plain\""},
        {"\"\\/\b\f\n\r\t\x01\x1f\x7f", "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\""},
        {"0123456789abcdef\n0123456789abcdef\"", "\"0123456789abcdef\\n0123456789abcdef\\\"\""},
        {"\xc3\xa9\xff\n\xe2\x82", "\"\xc3\xa9\xef\xbf\xbd\\n\xef\xbf\xbd\""},
        {"\xe2\x80\xa8", "\"\xe2\x80\xa8\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_buf b = JD_BUF_INIT(1000);
        jd_json_quote(&b, jd_str_of(cases[i][0]));
        assert_string_equal(jd_buf_cstr(&b), cases[i][1]);
        jd_buf_release(&b);
    }
    jd_buf b = JD_BUF_INIT(1000);
    jd_json_quote(&b, JD_STR("a\0b"));
    assert_string_equal(jd_buf_cstr(&b), "\"a\\u0000b\"");
    jd_buf_release(&b);
}

static void quoted_text_reads_back(void **state)
{
    (void)state;
    jd_rng    r = jd_rng_seed(4);
    jd_arena *a = jd_arena_new(0);
    for (int i = 0; i < 2000; i++) {
        jd_buf         in = JD_BUF_INIT(1000), out = JD_BUF_INIT(10000);
        const jd_json *v;
        jd_err         e;
        for (uint64_t n = jd_rng_below(&r, 100); n; n--)
            jd_buf_addc(&in, (char)(jd_rng_below(&r, 8) ? 'x' : jd_rng_below(&r, 128)));
        jd_json_quote(&out, jd_buf_view(&in));
        assert_int_equal(jd_json_read(a, jd_buf_view(&out), &v, &e), JD_OK);
        assert_true(jd_str_eq(jd_json_str(v), jd_buf_view(&in)));
        jd_buf_release(&in);
        jd_buf_release(&out);
    }
    jd_arena_free(a);
}

/* Every length, so that each way of writing is taken, into a buffer that holds exactly the result,
 * and into one that is a byte too small. */
static void quotes_up_to_the_ceiling(void **state)
{
    (void)state;
    jd_rng r = jd_rng_seed(8);
    for (size_t n = 0; n < 5000; n += n < 600 ? 1 : 97) {
        jd_buf in = JD_BUF_INIT(10000), plain = JD_BUF_INIT(100000);
        jd_buf_addc(&plain, '"');
        for (size_t i = 0; i < n; i++) {
            char c = jd_rng_below(&r, 20) ? 'x' : '\n';
            jd_buf_addc(&in, c);
            jd_buf_addz(&plain, c == 'x' ? "x" : "\\n");
        }
        jd_buf_addc(&plain, '"');
        jd_buf exact = JD_BUF_INIT(plain.n), wide = JD_BUF_INIT(100000),
               small = {.max = plain.n - 1};
        jd_json_quote(&exact, jd_buf_view(&in));
        assert_true(jd_buf_ok(&exact));
        assert_true(jd_str_eq(jd_buf_view(&exact), jd_buf_view(&plain)));
        jd_json_quote(&wide, jd_buf_view(&in));
        assert_true(jd_str_eq(jd_buf_view(&wide), jd_buf_view(&plain)));
        jd_json_quote(&small, jd_buf_view(&in));
        assert_false(jd_buf_ok(&small));
        jd_buf_release(&in);
        jd_buf_release(&plain);
        jd_buf_release(&exact);
        jd_buf_release(&wide);
        jd_buf_release(&small);
    }
}

static void numbers_read_back(void **state)
{
    (void)state;
    jd_rng    r = jd_rng_seed(6);
    jd_arena *a = jd_arena_new(0);
    for (int i = 0; i < 5000; i++) {
        jd_buf         b = JD_BUF_INIT(100);
        jd_jsonw       w = jd_jsonw_to(&b);
        const jd_json *v;
        jd_err         e;
        uint64_t       bits = jd_rng_next(&r);
        double         d, back = 0;
        memcpy(&d, &bits, sizeof d);
        if (!isfinite(d))
            d = 0.1;
        jd_jsonw_num(&w, d);
        assert_int_equal(jd_json_read(a, jd_buf_view(&b), &v, &e), JD_OK);
        assert_true(jd_json_f64(v, &back));
        assert_memory_equal(&d, &back, sizeof d);
        jd_buf_release(&b);
    }
    jd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_commas_and_colons),   cmocka_unit_test(strings_in_pieces),
        cmocka_unit_test(several_documents_in_a_row), cmocka_unit_test(sixty_four_levels),
        cmocka_unit_test(quotes_any_bytes),           cmocka_unit_test(quoted_text_reads_back),
        cmocka_unit_test(quotes_up_to_the_ceiling),   cmocka_unit_test(numbers_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
