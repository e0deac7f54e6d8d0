#include "base/rng.h"
#include "text/glance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

static const char *const none[] = {NULL};

/* What a glance takes is JSON, and its hash the tree's. */
static bool takes(const char *json, const char *const *skip)
{
    jd_arena      *a = jd_arena_new(0);
    const jd_json *doc;
    jd_err         e;
    uint64_t       hash;
    size_t         n    = jd_glance(jd_str_of(json), skip, NULL, NULL, 0, NULL, &hash);
    bool           took = n && strspn(json + n, " \t\r\n") == strlen(json + n);
    jd_code        rc   = jd_json_read(a, jd_str_of(json), &doc, &e);
    if (took) {
        assert_int_equal(rc, JD_OK);
        assert_true(hash == jd_json_hash(doc, skip));
    }
    jd_arena_free(a);
    return took;
}

static void test_the_hash_is_the_trees(void **unused)
{
    (void)unused;
    static const char *const rows[] = {
        "{}",
        "{ \"a\" : [ ] , \"b\":{}\n}\r\n",
        "{\"a\":[1,-2,0,-0,3.0,3e2,-1.5E-3,12345678901234567890,1e400]}",
        "{\"a\":[123456789012345678,1234567890123456789,123456789012345678901234567890]}",
        "{\"a\":\"\",\"\":\"x\",\"\\u0041\\n\":true,\"b\":false,\"c\":null}",
        "{\"t\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00 Nguyễn \\u0000.\"}",
        "{\"long\":\"0123456789012345678901234567890123456789\\n0123456789012345678901234567\"}",
        "{\"a\":{\"a\":{\"a\":[[[{\"a\":[null,true]}]]]}},\"a\":2}",
        "{\"keep\":1,\"lastViewed\":{\"x\":[1,2]},\"in\":[{\"lastViewed\":3}]}",
    };
    static const char *const skip[] = {"lastViewed", "x", NULL};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(takes(rows[i], none));
        assert_true(takes(rows[i], skip));
    }
}

static void test_what_is_no_json_is_not_taken(void **unused)
{
    (void)unused;
    static const char *const rows[] = {
        "",
        "[]",
        "1",
        "{",
        "}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":1e}",
        "{\"a\":+1}",
        "{\"a\":1-2}",
        "{\"a\":tru}",
        "{\"a\":truex}",
        "{\"a\":nul}",
        "{\"a\":NaN}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\",
        "{\"a\":\"\\ud83d\"}",
        "{\"a\":\"\\ude00\"}",
        "{\"a\":\"\\ud83d\\u0041\"}",
        "{\"a\":\"x}",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":1}x",
        "{\"a\":1}{}",
        "{'a':1}",
        "{\"a\" 1}",
        "{a:1}",
        "{\"a\":[1}}",
        "{\"a\":{\"b\":1]}",
        "\xef\xbb\xbf{}",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_false(takes(rows[i], none));
}

static void test_deep_ones_are_left_to_others(void **unused)
{
    (void)unused;
    char deep[4096] = "{\"a\":";
    memset(deep + 5, '[', 1000);
    memset(deep + 1005, ']', 1000);
    deep[2005] = '}';
    assert_false(takes(deep, none));
}

static void test_members_are_picked(void **unused)
{
    (void)unused;
    static const jd_pick_path path[] = {
        {{JD_STR_INIT("id")}},
        {{JD_STR_INIT("f"), JD_STR_INIT("n")}},
        {{JD_STR_INIT("f"), JD_STR_INIT("c"), JD_STR_INIT("list")}},
        {{JD_STR_INIT("f"), JD_STR_INIT("c"), JD_STR_INIT("none")}},
        {{JD_STR_INIT("f")}},
    };
    enum { N = sizeof path / sizeof *path };
    jd_pick  got[N];
    uint64_t hash;
    jd_str json = JD_STR("{\"x\":{\"id\":1,\"f\":{\"n\":2}},\"f\":{\"id\":9,\"\":0,\"c\":{\"n\":8,"
                         "\"list\":[{\"list\":1},[2,3],4]},\"n\":-17},\"id\":\"a b\"}");
    assert_true(jd_glance(json, none, path, got, N, NULL, &hash));
    assert_int_equal(got[0].kind, JD_JSON_STRING);
    assert_true(jd_str_is(got[0].text, "a b"));
    assert_int_equal(got[1].kind, JD_JSON_NUMBER);
    assert_true(jd_str_is(got[1].text, "-17"));
    assert_int_equal(got[2].kind, JD_JSON_ARRAY);
    assert_int_equal(got[2].n, 3);
    assert_int_equal(got[3].kind, JD_JSON_NONE);
    assert_int_equal(got[4].kind, JD_JSON_OBJECT);
    /* twice the same name, or an escape in what is picked: somebody else's business */
    assert_false(jd_glance(JD_STR("{\"id\":1,\"id\":2}"), none, path, got, N, NULL, &hash));
    assert_false(jd_glance(JD_STR("{\"f\":{\"n\":1},\"f\":{}}"), none, path, got, N, NULL, &hash));
    assert_false(jd_glance(JD_STR("{\"id\":\"a\\u0062\"}"), none, path, got, N, NULL, &hash));
    assert_true(jd_glance(JD_STR("{\"z\":1,\"z\":2}"), none, path, got, N, NULL, &hash));
}

/* One byte changed, taken out or doubled: never taken as what it is not. */
static void test_spoiled_json(void **unused)
{
    (void)unused;
    static const char sound[] =
        "{\"id\":\"1\",\"n\":[1,-20,3.5e1,true,false,null],\"s\":\"a\\\\b\\u00e9\\ud83d\\ude00 "
        "Nguyễn\",\"o\":{\"a\":{},\"b\":[[],[{}]]}}";
    jd_rng   r     = jd_rng_seed(7);
    unsigned taken = 0;
    for (int i = 0; i < 20000; i++) {
        char   bad[sizeof sound + 1];
        size_t n = sizeof sound, at = jd_rng_below(&r, sizeof sound - 1);
        memcpy(bad, sound, sizeof sound);
        switch (jd_rng_below(&r, 3)) {
        case 0:
            bad[at] = "{}[]\",:\\ 0-etfnu\x01\xc3\xff"[jd_rng_below(&r, 19)];
            break;
        case 1:
            memmove(bad + at, bad + at + 1, n - at - 1);
            break;
        default:
            memmove(bad + at + 1, bad + at, n - at);
        }
        taken += takes(bad, none);
    }
    assert_true(taken > 100 && taken < 19000);
}

static void test_what_follows_is_left(void **unused)
{
    (void)unused;
    uint64_t hash;
    jd_str   two = JD_STR("{\"a\":[{}]} ,\xff{\"a\":1");
    assert_int_equal(jd_glance(two, none, NULL, NULL, 0, NULL, &hash), 10);
    assert_int_equal(jd_glance(jd_str_cut(two, 13, two.n), none, NULL, NULL, 0, NULL, &hash), 0);
}

/* One of a few people, whose objects differ in one place or another, or end early. */
static void put_person(jd_buf *b, jd_rng *r, unsigned depth)
{
    static const char *const last[] = {"1",
                                       "2",
                                       "[1]",
                                       "\"\\u00e9\"",
                                       "{\"lastViewed\":1}",
                                       "{\"lastViewed\":2}",
                                       "[[[[[[[[0]]]]]]]]"};
    jd_buf_addf(b, "{\"self\":\"https://jira.example.org/rest/api/2/user?name=%u\",\"avatar\":\"",
                (unsigned)jd_rng_below(r, 3));
    for (unsigned i = 0; i < 60 + 20 * jd_rng_below(r, 3); i++)
        jd_buf_addc(b, 'x');
    jd_buf_addz(b, "\",\"of\":");
    if (depth && jd_rng_below(r, 3) == 0)
        put_person(b, r, depth - 1);
    else
        jd_buf_addz(b, last[jd_rng_below(r, sizeof last / sizeof *last)]);
    jd_buf_addz(b, jd_rng_below(r, 40) ? "}" : ",}");
}

static void test_objects_met_before(void **unused)
{
    (void)unused;
    static const char *const skip[] = {"lastViewed", NULL};
    jd_arena                *a      = jd_arena_new(0);
    jd_rng                   r      = jd_rng_seed(11);
    jd_met                   met    = {0};
    unsigned                 same   = 0;
    for (int i = 0; i < 3000; i++) {
        jd_buf   b    = JD_BUF_INIT(1 << 20);
        uint64_t with = 0, without = 0;
        jd_buf_addz(&b, "{\"all\":[0");
        for (unsigned k = 0; k < 5; k++) {
            jd_buf_addc(&b, ',');
            put_person(&b, &r, 3);
        }
        jd_buf_addz(&b, "]}");
        jd_str bytes = jd_arena_dup(a, jd_buf_view(&b)); /* it stays as long as what was met */
        size_t n     = jd_glance(bytes, skip, NULL, NULL, 0, NULL, &without);
        assert_int_equal(jd_glance(bytes, skip, NULL, NULL, 0, &met, &with), n);
        assert_true(n == 0 || (n == bytes.n && with == without));
        same += n != 0;
        jd_buf_release(&b);
    }
    assert_true(same > 1000 && same < 2990);
    jd_arena_free(a);
}

/* What could be read where it stood first is too deep where it stands next. */
static void test_an_object_met_before_may_be_too_deep_now(void **unused)
{
    (void)unused;
    char tower[400] = "{\"self\":\"", flat[600], tall[600];
    memset(tower + 9, 'x', 200);
    memcpy(tower + 209, "\",\"a\":", 6);
    memset(tower + 215, '[', 40);
    memset(tower + 255, ']', 40);
    tower[295] = '}';
    (void)snprintf(flat, sizeof flat, "{\"a\":%s}", tower);
    (void)snprintf(tall, sizeof tall,
                   "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[%s]]]]]]]]]]]]]]]]]]]]]]]]]]}", tower);
    jd_met   met = {0};
    uint64_t hash;
    assert_int_equal(jd_glance(jd_str_of(tall), none, NULL, NULL, 0, NULL, &hash), 0);
    assert_true(jd_glance(jd_str_of(flat), none, NULL, NULL, 0, &met, &hash) > 0);
    assert_int_equal(jd_glance(jd_str_of(tall), none, NULL, NULL, 0, &met, &hash), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_hash_is_the_trees),
        cmocka_unit_test(test_what_is_no_json_is_not_taken),
        cmocka_unit_test(test_deep_ones_are_left_to_others),
        cmocka_unit_test(test_members_are_picked),
        cmocka_unit_test(test_spoiled_json),
        cmocka_unit_test(test_what_follows_is_left),
        cmocka_unit_test(test_objects_met_before),
        cmocka_unit_test(test_an_object_met_before_may_be_too_deep_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
