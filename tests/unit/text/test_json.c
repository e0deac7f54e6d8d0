#include "base/hash.h"
#include "base/rng.h"
#include "text/json.h"
#include "text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

static jd_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = jd_arena_new(0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    jd_arena_freep(&arena);
    return 0;
}

static const jd_json *read_str(jd_str s)
{
    const jd_json *v = NULL;
    jd_err         e = JD_ERR_NONE;
    if (jd_json_read(arena, s, &v, &e) != JD_OK)
        fail_msg("%s in %.*s", e.msg, JD_FMT(s));
    assert_int_equal(e.code, JD_OK);
    return v;
}

static const jd_json *read_ok(const char *text)
{
    return read_str(jd_str_of(text));
}

static void refused(const char *text, const char *why)
{
    const jd_json *v = NULL;
    jd_err         e = JD_ERR_NONE;
    assert_int_equal(jd_json_read(arena, jd_str_of(text), &v, &e), JD_E_DATA);
    assert_null(v);
    if (!strstr(e.msg, why))
        fail_msg("\"%s\" does not say \"%s\"", e.msg, why);
}

static void written(const jd_json *v, const char *expected)
{
    jd_buf b = JD_BUF_INIT(1 << 20);
    jd_json_write(&b, v);
    assert_string_equal(jd_buf_cstr(&b), expected);
    jd_buf_release(&b);
}

static void reads_every_kind(void **state)
{
    (void)state;
    const jd_json *v = read_ok("\xef\xbb\xbf {\"key\":\"A-1\",\"n\":12,\"none\":null,\"yes\":true,"
                               "\"no\":false,\"list\":[1,[2],{\"x\":3}],\"empty\":{},\"d\":2.5}\n");
    assert_int_equal(jd_json_kind(v), JD_JSON_OBJECT);
    assert_int_equal(jd_json_len(v), 8);
    assert_true(jd_str_is(jd_json_str(jd_json_get(v, "key")), "A-1"));
    assert_int_equal(jd_json_kind(jd_json_get(v, "n")), JD_JSON_NUMBER);
    assert_int_equal(jd_json_kind(jd_json_get(v, "none")), JD_JSON_NULL);
    assert_int_equal(jd_json_kind(jd_json_get(v, "yes")), JD_JSON_BOOL);
    assert_int_equal(jd_json_kind(jd_json_get(v, "key")), JD_JSON_STRING);
    assert_int_equal(jd_json_kind(jd_json_get(v, "list")), JD_JSON_ARRAY);
    assert_int_equal(jd_json_kind(jd_json_get(v, "absent")), JD_JSON_NONE);
    assert_true(jd_json_is_null(jd_json_get(v, "none")));
    assert_true(jd_json_is_null(NULL));
    assert_false(jd_json_is_null(jd_json_get(v, "no")));
    assert_true(jd_json_bool(jd_json_get(v, "yes")));
    assert_false(jd_json_bool(jd_json_get(v, "no")));
    assert_false(jd_json_bool(jd_json_get(v, "n")));
    const jd_json *list = jd_json_get(v, "list");
    assert_int_equal(jd_json_len(list), 3);
    int64_t x = 0;
    assert_true(jd_json_i64(jd_json_get(jd_json_at(list, 2), "x"), &x));
    assert_int_equal(x, 3);
    assert_null(jd_json_at(list, 3));
    assert_null(jd_json_at(v, 0));
    assert_int_equal(jd_json_len(jd_json_get(v, "empty")), 0);
}

static void nothing_gives_empty_answers(void **state)
{
    (void)state;
    int64_t i = 7;
    double  d = 7;
    assert_null(jd_json_get(NULL, "a"));
    assert_null(jd_json_path(NULL, "a.b"));
    assert_int_equal(jd_json_str(NULL).n, 0);
    assert_int_equal(jd_json_text(NULL).n, 0);
    assert_false(jd_json_is_str(NULL));
    assert_false(jd_json_bool(NULL));
    assert_false(jd_json_i64(NULL, &i));
    assert_false(jd_json_f64(NULL, &d));
    assert_int_equal(i, 7);
    assert_int_equal(jd_json_id(NULL), 0);
    assert_int_equal(jd_json_len(NULL), 0);
    assert_null(jd_json_at(NULL, 0));
    jd_json_iter it = jd_json_walk(NULL);
    assert_false(jd_json_next(&it));
    it = jd_json_walk(read_ok("3"));
    assert_false(jd_json_next(&it));
    assert_null(jd_json_get(read_ok("[1]"), "a"));
    written(NULL, "null");
    assert_true(jd_json_same(NULL, NULL));
    assert_false(jd_json_same(NULL, read_ok("null")));
    assert_int_equal(jd_json_hash(NULL, NULL), 0);
}

static void paths_follow_members(void **state)
{
    (void)state;
    const jd_json *v =
        read_ok("{\"fields\":{\"status\":{\"name\":\"Open\"},\"list\":[{\"a\":1}]}}");
    assert_true(jd_str_is(jd_json_str(jd_json_path(v, "fields.status.name")), "Open"));
    assert_null(jd_json_path(v, "fields.status.name.more"));
    assert_null(jd_json_path(v, "fields.list.a"));
    assert_null(jd_json_path(v, "fields.none.name"));
    assert_ptr_equal(jd_json_path(v, "fields"), jd_json_get(v, "fields"));
}

static void numbers_keep_their_range(void **state)
{
    (void)state;
    int64_t i = 0;
    double  d = 0;
    assert_true(jd_json_i64(read_ok("-9223372036854775808"), &i));
    assert_true(i == INT64_MIN);
    assert_true(jd_json_i64(read_ok("9223372036854775807"), &i));
    assert_true(i == INT64_MAX);
    assert_false(jd_json_i64(read_ok("9223372036854775808"), &i));
    assert_false(jd_json_i64(read_ok("18446744073709551616"), &i));
    assert_false(jd_json_i64(read_ok("1.5"), &i));
    assert_false(jd_json_i64(read_ok("1e300"), &i));
    assert_false(jd_json_i64(read_ok("9223372036854775808.0"), &i));
    assert_true(jd_json_i64(read_ok("13.0"), &i));
    assert_int_equal(i, 13);
    assert_true(jd_json_i64(read_ok("-2e3"), &i));
    assert_int_equal(i, -2000);
    assert_true(jd_json_f64(read_ok("18446744073709551615"), &d) && d == 0x1p64);
    assert_true(jd_json_f64(read_ok("-3"), &d) && d == -3);
    assert_true(jd_json_f64(read_ok("0.25"), &d) && d == 0.25);
    assert_false(jd_json_f64(read_ok("\"1\""), &d));
    assert_false(jd_json_f64(read_ok("1e400"), &d));
    assert_true(jd_str_is(jd_json_text(read_ok(" 1e400 ")), "1e400"));
    assert_int_equal(jd_json_text(read_ok("1")).n, 0);
    assert_int_equal(jd_json_kind(read_ok("1e400")), JD_JSON_NUMBER);
}

static void ids_are_digits_or_numbers(void **state)
{
    (void)state;
    assert_true(jd_json_id(read_ok("\"12\"")) == 12);
    assert_true(jd_json_id(read_ok("18446744073709551615")) == UINT64_MAX);
    assert_true(jd_json_id(read_ok("13.0")) == 13);
    assert_true(jd_json_id(read_ok("-1")) == 0);
    assert_true(jd_json_id(read_ok("\"-1\"")) == 0);
    assert_true(jd_json_id(read_ok("\"12x\"")) == 0);
    assert_true(jd_json_id(read_ok("\"\"")) == 0);
    assert_true(jd_json_id(read_ok("\"99999999999999999999\"")) == 0);
    assert_true(jd_json_id(read_ok("null")) == 0);
    assert_true(jd_json_id(read_ok("true")) == 0);
}

static void says_what_is_wrong_and_where(void **state)
{
    (void)state;
    refused("", "empty");
    refused("  \n ", "empty");
    refused("{\"a\":1,}", "byte 6");
    refused("{\"a\":1}\n\n{\"b\"", "line 3");
    refused("{\"a\":tru}", "byte 5");
    refused("[1", "byte 2");
    refused("[01]", "byte");
    refused("\xef\xbb\xbf[,]", "byte 4");
    refused("\"a\x01\"", "byte 2");
    refused("<html>", "byte 0");
    /* the offset counts in the input, not in its repaired copy */
    refused("[\"\xff\xff\xff\xff\",}", "byte 8");
    refused("{\"a\":\"\\ud800\",\"b\":\"\\q\"}", "byte 21");
}

static jd_str nested(jd_buf *b, size_t depth)
{
    jd_buf_reset(b);
    for (size_t i = 0; i < depth; i++)
        jd_buf_addz(b, i % 2 ? "{\"]\":" : "[");
    jd_buf_addz(b, "1");
    for (size_t i = depth; i-- > 0;)
        jd_buf_addz(b, i % 2 ? "}" : "]");
    return jd_buf_view(b);
}

static void depth_is_limited(void **state)
{
    (void)state;
    jd_buf         b = JD_BUF_INIT(1 << 24), out = JD_BUF_INIT(1 << 24);
    const jd_json *v = read_str(nested(&b, JD_JSON_DEPTH));
    jd_json_write(&out, v);
    assert_true(jd_str_eq(jd_buf_view(&out), jd_buf_view(&b)));
    (void)jd_json_hash(v, NULL);
    assert_true(jd_json_same(v, v));

    jd_err e = JD_ERR_NONE;
    v        = NULL;
    assert_int_equal(jd_json_read(arena, nested(&b, JD_JSON_DEPTH + 1), &v, &e), JD_E_DATA);
    assert_null(v);
    assert_non_null(strstr(e.msg, "512 levels at byte 1536"));

    jd_buf_reset(&b);
    jd_buf_addz(&b, "[\"\\\"[\",[[]],");
    for (int i = 0; i < JD_JSON_DEPTH; i++)
        jd_buf_addc(&b, '[');
    for (int i = 0; i < JD_JSON_DEPTH + 1; i++)
        jd_buf_addc(&b, ']');
    assert_int_equal(jd_json_read(arena, jd_buf_view(&b), &v, &e), JD_E_DATA);
    assert_non_null(strstr(e.msg, "at byte 523"));

    size_t before = jd_arena_size(arena);
    assert_int_equal(jd_json_read(arena, nested(&b, 1000000), &v, &e), JD_E_DATA);
    assert_true(jd_arena_size(arena) <= before + (1 << 20)); /* a refusal keeps nothing */
    /* siblings do not add up */
    (void)read_ok("[[],[],[[]],[{\"a\":[]},[]]]");
    jd_buf_release(&b);
    jd_buf_release(&out);
}

static void broken_unicode_is_mended(void **state)
{
    (void)state;
    const struct {
        const char *in, *out;
    } cases[] = {
        {"\"\\ud83d\"", "\xef\xbf\xbd"},
        {"\"\\ud83dx\"", "\xef\xbf\xbdx"},
        {"\"\\udc00\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80"},
        {"\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80"},
        {"\"\\ud83d\\n\"", "\xef\xbf\xbd\n"},
        {"\"\\\\ud83d \\uDFFF\"", "\\ud83d \xef\xbf\xbd"},
        {"\"a\xff\xc3\xa9\"", "a\xef\xbf\xbd\xc3\xa9"},
        {"\"\xed\xa0\x80\"", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\"\xe2\x82\"", "\xef\xbf\xbd"},
        {"\"\\u00e9\xff\"", "\xc3\xa9\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_str s = jd_json_str(read_ok(cases[i].in));
        if (!jd_str_is(s, cases[i].out))
            fail_msg("%s reads as %.*s", cases[i].in, JD_FMT(s));
        assert_int_equal(jd_utf8_valid(s), s.n);
    }
    const jd_json *v  = read_ok("{\"\xff\":\"\\udead\"}");
    jd_json_iter   it = jd_json_walk(v);
    assert_true(jd_json_next(&it));
    assert_true(jd_str_is(it.name, "\xef\xbf\xbd"));
    written(v, "{\"\xef\xbf\xbd\":\"\xef\xbf\xbd\"}");
    refused("\xff", "byte 0");
    refused("[\"\\ud83d\" \xff]", "byte 10");
}

static void walks_in_order(void **state)
{
    (void)state;
    const jd_json *v      = read_ok("{\"b\":[1,{\"x\":[]}],\"a\":{\"y\":2},\"c\":\"z\"}");
    const char    *name[] = {"b", "a", "c"};
    size_t         n      = 0;
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it); n++) {
        assert_true(jd_str_is(it.name, name[n]));
        assert_ptr_equal(it.value, jd_json_get(v, name[n]));
    }
    assert_int_equal(n, 3);
    n = 0;
    for (jd_json_iter it = jd_json_walk(jd_json_get(v, "b")); jd_json_next(&it); n++)
        assert_ptr_equal(it.value, jd_json_at(jd_json_get(v, "b"), n));
    assert_int_equal(n, 2);
}

static void writes_what_it_read(void **state)
{
    (void)state;
    const char *same[] = {
        "{\"b\":1,\"a\":[true,false,null,\"x\"],\"o\":{},\"l\":[]}",
        "[13.0,-0.5,1e-7,1e21,123456789012345680.0,0,-1]",
        "[9223372036854775808,18446744073709551615,18446744073709551616,1e400,-1E+999]",
        "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f/\x7f\xc3\xa9\xf0\x9f\x98\x80\"",
        "{\"a\\nb\":1,\"\":2,\"c\\\"\":\"long enough to pass sixteen bytes\\tand once more\"}",
        "[[],[[]],{\"a\":{}}]",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        written(read_ok(same[i]), same[i]);
    written(read_ok(" { \"a\" : [ 1 , 2 ] } "), "{\"a\":[1,2]}");
    written(read_ok("\"\\u00e9\\/\\u0000\\ud83d\\ude00\""), "\"\xc3\xa9/\\u0000\xf0\x9f\x98\x80\"");
    written(read_ok("-0"), "0");
}

static void writes_for_people(void **state)
{
    (void)state;
    jd_buf b = JD_BUF_INIT(1 << 12);
    jd_json_write_pretty(&b, read_ok("{\"a\":[1,{\"b\":null}],\"e\":[],\"o\":{}}"));
    assert_string_equal(jd_buf_cstr(&b), "{\n"
                                         "  \"a\": [\n"
                                         "    1,\n"
                                         "    {\n"
                                         "      \"b\": null\n"
                                         "    }\n"
                                         "  ],\n"
                                         "  \"e\": [],\n"
                                         "  \"o\": {}\n"
                                         "}");
    jd_buf_release(&b);
}

static void writing_stops_at_the_ceiling(void **state)
{
    (void)state;
    jd_buf b = JD_BUF_INIT(10);
    jd_json_write(&b, read_ok("[\"0123456789\",{\"name\":[1,2,3]}]"));
    assert_false(jd_buf_ok(&b));
    assert_true(b.n <= 10);
    jd_buf_release(&b);
}

static uint64_t hash_of(const char *text, const char *const *skip)
{
    return jd_json_hash(read_ok(text), skip);
}

static void hash_is_of_the_meaning(void **state)
{
    (void)state;
    const char *equal[][2] = {
        {"{\"a\":1,\"b\":[1,2]}", " {\"b\" : [1,2] ,\"a\":1}"},
        {"13", "13.0"},
        {"13", "1.3e1"},
        {"-2", "-2.0"},
        {"0", "-0.0"},
        {"18446744073709551615", "18446744073709551615"},
        {"9223372036854775808", "9223372036854775808.0"},
        {"1e400", "10e399"},
        {"-1.50E+400", "-15e399"},
        {"18446744073709551616", "18446744073709551616"},
        {"\"\\u00e9\"", "\"\xc3\xa9\""},
        {"{\"o\":{\"x\":1,\"y\":2}}", "{\"o\":{\"y\":2,\"x\":1}}"},
    };
    const char *different[][2] = {
        {"{\"a\":1}", "{\"a\":2}"},
        {"{\"a\":1}", "{\"b\":1}"},
        {"[1,2]", "[2,1]"},
        {"[1,2]", "[1,2,3]"},
        {"[]", "{}"},
        {"[]", "null"},
        {"true", "false"},
        {"1", "\"1\""},
        {"1", "-1"},
        {"18446744073709551615", "-1"},
        {"\"\"", "null"},
        {"[[1],2]", "[1,[2]]"},
        {"{\"a\":\"b\",\"c\":\"d\"}", "{\"a\":\"d\",\"c\":\"b\"}"},
        {"{\"a\":{\"x\":1},\"b\":{}}", "{\"a\":{},\"b\":{\"x\":1}}"},
        {"0.1", "0.2"},
        {"1e400", "1e401"},
        {"1e400", "-1e400"},
        {"18446744073709551616", "18446744073709551617"},
        {"1e99999999999999999999", "1e99999999999999999998"},
        {"[\"a\",\"b\"]", "[\"ab\"]"},
    };
    for (size_t i = 0; i < sizeof equal / sizeof *equal; i++)
        if (hash_of(equal[i][0], NULL) != hash_of(equal[i][1], NULL))
            fail_msg("%s and %s should hash the same", equal[i][0], equal[i][1]);
    for (size_t i = 0; i < sizeof different / sizeof *different; i++) {
        if (hash_of(different[i][0], NULL) == hash_of(different[i][1], NULL))
            fail_msg("%s and %s should differ", different[i][0], different[i][1]);
        assert_false(jd_json_same(read_ok(different[i][0]), read_ok(different[i][1])));
    }
}

static void hash_leaves_names_out(void **state)
{
    (void)state;
    const char *const skip[] = {"lastViewed", "self", NULL};
    const char *const none[] = {NULL};
    assert_true(hash_of("{\"a\":[{\"self\":1,\"x\":2}],\"lastViewed\":\"now\"}", skip) ==
                hash_of("{\"a\":[{\"x\":2,\"self\":null}]}", skip));
    assert_true(hash_of("{\"a\":1,\"self\":2}", skip) == hash_of("{\"a\":1}", NULL));
    assert_true(hash_of("{\"a\":1,\"self\":2}", none) != hash_of("{\"a\":1}", NULL));
    assert_true(hash_of("{\"sell\":2}", skip) != hash_of("{}", skip));
    assert_true(hash_of("{\"a\":\"self\"}", skip) != hash_of("{}", skip)); /* names, not values */
}

static void same_minds_the_order(void **state)
{
    (void)state;
    assert_true(jd_json_same(read_ok("{\"a\":1,\"b\":[2.0]}"), read_ok("{\"a\":1.0,\"b\":[2]}")));
    assert_false(jd_json_same(read_ok("{\"a\":1,\"b\":2}"), read_ok("{\"b\":2,\"a\":1}")));
    assert_false(jd_json_same(read_ok("{\"a\":1}"), read_ok("{\"a\":1,\"b\":2}")));
    assert_false(jd_json_same(read_ok("\"a\""), read_ok("\"b\"")));
    assert_true(jd_json_same(read_ok("[null,true,\"a\"]"), read_ok("[null,true,\"a\"]")));
}

/* A random document that is valid; every kind of value, names that need escapes too. */
static void random_value(jd_buf *b, jd_rng *r, unsigned depth)
{
    static const char *const scalars[] = {
        "null",         "true",
        "false",        "0",
        "-12",          "3.25",
        "1e9",          "\"\"",
        "\"a\\\"b\"",   "\"\\\\\"",
        "\"{[}]\"",     "\"\xc3\xa9\\u00e9\"",
        "\"\\\\\\\"\"", "\"a somewhat longer text, so that blocks of sixteen bytes count\""};
    static const char *const names[] = {"a", "key", "fields", "x\\\"y", "\\\\", "\xe2\x82\xac"};
    uint64_t                 pick    = jd_rng_below(r, depth > 8 ? 10 : 16);
    if (pick < 10) {
        jd_buf_addz(b, scalars[jd_rng_below(r, sizeof scalars / sizeof *scalars)]);
        return;
    }
    bool object = pick < 13;
    jd_buf_addc(b, object ? '{' : '[');
    for (uint64_t i = 0, n = jd_rng_below(r, 6); i < n; i++) {
        if (i)
            jd_buf_addz(b, ",");
        if (object)
            jd_buf_addf(b, "\"%s\":", names[jd_rng_below(r, sizeof names / sizeof *names)]);
        random_value(b, r, depth + 1);
    }
    jd_buf_addc(b, object ? '}' : ']');
}

static void random_documents_survive(void **state)
{
    (void)state;
    jd_rng r  = jd_rng_seed(7);
    jd_buf in = JD_BUF_INIT(1 << 24), out = JD_BUF_INIT(1 << 24);
    for (int i = 0; i < 2000; i++) {
        jd_arena_reset(arena);
        jd_buf_reset(&in);
        jd_buf_reset(&out);
        random_value(&in, &r, 0);
        const jd_json *first = read_str(jd_buf_view(&in));
        i % 2 ? jd_json_write(&out, first) : jd_json_write_pretty(&out, first);
        const jd_json *second = read_str(jd_buf_view(&out));
        assert_true(jd_json_same(first, second));
        assert_true(jd_json_hash(first, NULL) == jd_json_hash(second, NULL));
    }
    jd_buf_release(&in);
    jd_buf_release(&out);
}

/* Trees share an arena; none may reach into another's memory, also when one outgrew its block. */
static void trees_live_side_by_side(void **state)
{
    (void)state;
    enum { TREES = 40 };
    const jd_json *tree[TREES];
    jd_buf         text[TREES];
    jd_rng         r = jd_rng_seed(3);
    for (size_t i = 0; i < TREES; i++) {
        text[i] = (jd_buf)JD_BUF_INIT(1 << 24);
        jd_buf_addc(&text[i], '[');
        for (uint64_t n = jd_rng_below(&r, 20000), k = 0; k < n; k++)
            jd_buf_addz(&text[i], i % 3 ? "1," : "\"some words and more\",");
        random_value(&text[i], &r, 0);
        jd_buf_addc(&text[i], ']');
        tree[i] = read_str(jd_buf_view(&text[i]));
        (void)memset(jd_arena_bytes(arena, 100), 'x', 100);
    }
    for (size_t i = 0; i < TREES; i++) {
        jd_buf out = JD_BUF_INIT(1 << 24);
        jd_json_write(&out, tree[i]);
        const jd_json *again = read_str(jd_buf_view(&text[i]));
        assert_true(jd_json_same(tree[i], again));
        assert_true(jd_json_same(tree[i], read_str(jd_buf_view(&out))));
        jd_buf_release(&out);
        jd_buf_release(&text[i]);
    }
}

/* The values outgrow their block, and only then the text turns out to be broken. */
static void a_late_refusal_keeps_nothing(void **state)
{
    (void)state;
    jd_buf b = JD_BUF_INIT(1 << 24);
    jd_buf_addz(&b, "[");
    for (int i = 0; i < 500000; i++)
        jd_buf_addz(&b, "1,");
    jd_buf_addz(&b, "}");
    const jd_json *v      = NULL;
    jd_err         e      = JD_ERR_NONE;
    size_t         before = jd_arena_size(arena);
    assert_int_equal(jd_json_read(arena, jd_buf_view(&b), &v, &e), JD_E_DATA);
    assert_non_null(strstr(e.msg, "byte 1000001"));
    assert_int_equal(jd_arena_size(arena), before);
    jd_buf_release(&b);
}

static void trees_are_small(void **state)
{
    (void)state;
    jd_arena *a = jd_arena_new(1 << 16);
    jd_buf    b = JD_BUF_INIT(1 << 24);
    jd_buf_addz(&b, "{\"key\":\"A-1\",\"text\":\"");
    for (int i = 0; i < 1000; i++)
        jd_buf_addz(&b, "words ");
    jd_buf_addz(&b, "\"}");
    for (int i = 0; i < 100; i++) {
        const jd_json *v;
        jd_err         e;
        assert_int_equal(jd_json_read(a, jd_buf_view(&b), &v, &e), JD_OK);
    }
    /* text and values, not thirteen times the text */
    assert_true(jd_arena_size(a) < 100 * b.n * 2 + (1 << 20));
    jd_arena_free(a);
    jd_buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_every_kind, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_gives_empty_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(paths_follow_members, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_keep_their_range, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ids_are_digits_or_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_what_is_wrong_and_where, set_up, tear_down),
        cmocka_unit_test_setup_teardown(depth_is_limited, set_up, tear_down),
        cmocka_unit_test_setup_teardown(broken_unicode_is_mended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(walks_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_what_it_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_for_people, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writing_stops_at_the_ceiling, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hash_is_of_the_meaning, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hash_leaves_names_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(same_minds_the_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(random_documents_survive, set_up, tear_down),
        cmocka_unit_test_setup_teardown(trees_live_side_by_side, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_late_refusal_keeps_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(trees_are_small, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
