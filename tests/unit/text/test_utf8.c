#include "base/rng.h"
#include "text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

#define FFFD "\xef\xbf\xbd"

static void valid_prefix(void **state)
{
    (void)state;
    const struct {
        const char *text;
        size_t      valid;
    } cases[] = {
        {"", 0},
        {"plain ascii, longer than eight bytes", 36},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9},
        {"abc\xff", 3},
        {"0123456789\x80", 10},
        {"\xc3", 0},
        {"\xc0\x80", 0}, /* overlong */
        {"\xc1\xbf", 0},
        {"\xe0\x9f\xbf", 0},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xed\xa0\x80", 0}, /* surrogate */
        {"\xed\x9f\xbf", 3},
        {"\xee\x80\x80", 3},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\xf4\x90\x80\x80", 0}, /* beyond U+10FFFF */
        {"\xf5\x80\x80\x80", 0},
        {"a\xe2\x82", 1},
        {"a\xf0\x9f\x98", 1},
        {"\xef\xbf\xbf", 3}, /* a non-character is valid */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (jd_utf8_valid(jd_str_of(cases[i].text)) != cases[i].valid)
            fail_msg("case %zu: %zu", i, jd_utf8_valid(jd_str_of(cases[i].text)));
    assert_int_equal(jd_utf8_valid(JD_NOSTR), 0);
}

/* The table of Unicode 15, section 3.9, "U+FFFD substitution of maximal subparts". */
static void fixes_by_maximal_subparts(void **state)
{
    (void)state;
    const struct {
        const char *in, *out;
        size_t      n;
    } cases[] = {
        {"good \xc3\xa9", "good \xc3\xa9", 0},
        {"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A", 8},
        {"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A", 8},
        {"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", FFFD FFFD FFFD FFFD FFFD "A" FFFD FFFD "B", 7},
        {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", FFFD FFFD FFFD FFFD "A", 4},
        {"x\xf0\x9f\x98", "x" FFFD, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_buf b = JD_BUF_INIT(1000);
        assert_int_equal(jd_utf8_fix(&b, jd_str_of(cases[i].in)), cases[i].n);
        assert_string_equal(jd_buf_cstr(&b), cases[i].out);
        jd_buf_release(&b);
    }
}

static void cleans(void **state)
{
    (void)state;
    const struct {
        const char *in, *out;
        unsigned    flags;
        size_t      changed;
    } cases[] = {
        {"plain\ttext\nwith \xc3\xa9", "plain\ttext\nwith \xc3\xa9", 0, 0},
        {"a\x01"
         "b\x7f"
         "c\x1f",
         "abc", 0, 3},
        {"a\r\nb\rc\n", "a\nbc\n", 0, 2},
        {"a\r\nb\rc\n\r", "a\nb\nc\n\n", JD_CLEAN_LINES, 3},
        {"\xef\xbb\xbfx\xef\xbb\xbf", "x", 0, 2},
        {"a\xc2\x85\xc2\x9f"
         "b\xc2\xa0",
         "ab\xc2\xa0", 0, 2},
        {"\x1b[1;31mred\x1b[0m \x1b[m", "red ", 0, 3},
        {"\x1b[38:5:1mx", "x", 0, 1},
        {"\x1b[2Kx\x1b", "[2Kx", 0, 2},
        {"\x1b[31", "[31", 0, 1},
        {"a\xff\xe2\x82"
         "b",
         "a" FFFD FFFD "b", 0, 2},
        {"kept " FFFD " \xef\xbf\xbe", "kept " FFFD " \xef\xbf\xbe", 0, 0},
        {"", "", JD_CLEAN_LINES, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_buf b       = JD_BUF_INIT(1000);
        size_t changed = jd_utf8_clean(&b, jd_str_of(cases[i].in), cases[i].flags);
        if (changed != cases[i].changed || strcmp(jd_buf_cstr(&b), cases[i].out) != 0)
            fail_msg("case %zu: \"%s\", %zu changed", i, jd_buf_cstr(&b), changed);
        jd_buf_release(&b);
    }
    jd_buf b = JD_BUF_INIT(1000);
    assert_int_equal(jd_utf8_clean(&b, JD_STR("a\0b"), 0), 1);
    assert_string_equal(jd_buf_cstr(&b), "ab");
    jd_buf_release(&b);
}

static void any_bytes_come_out_valid_and_clean(void **state)
{
    (void)state;
    static const unsigned char spice[] = {0x1b, '[',  'm',  0xc2, 0x85, 0xe2, 0x82,
                                          0xac, 0xf0, 0x9f, 0x98, 0x80, 0xef, 0xbb,
                                          0xbf, '\r', '\n', 'a',  0xed, 0xa0};
    jd_rng                     r       = jd_rng_seed(2);
    for (int i = 0; i < 3000; i++) {
        char     bytes[80];
        size_t   n     = (size_t)jd_rng_below(&r, sizeof bytes);
        jd_buf   fixed = JD_BUF_INIT(1000), clean = JD_BUF_INIT(1000), again = JD_BUF_INIT(1000);
        uint32_t cp;
        for (size_t k = 0; k < n; k++)
            bytes[k] = (char)(jd_rng_below(&r, 4) ? spice[jd_rng_below(&r, sizeof spice)]
                                                  : jd_rng_below(&r, 256));
        jd_str s = {bytes, n};
        (void)jd_utf8_fix(&fixed, s);
        assert_int_equal(jd_utf8_valid(jd_buf_view(&fixed)), fixed.n);
        /* the same, one code point at a time */
        jd_str rest = s;
        while (jd_utf8_next(&rest, &cp))
            jd_utf8_put(&again, cp);
        assert_true(jd_str_eq(jd_buf_view(&fixed), jd_buf_view(&again)));
        (void)jd_utf8_clean(&clean, s, JD_CLEAN_LINES);
        /* the prefix is the longest that stays, character by character */
        size_t as_is = jd_utf8_clean_prefix(s);
        assert_true(as_is <= s.n && clean.n >= as_is && (!as_is || !memcmp(clean.p, s.p, as_is)));
        assert_int_equal(jd_utf8_clean_prefix((jd_str){s.p, as_is}), as_is);
        jd_str tail = {s.p + as_is, s.n - as_is};
        if (jd_utf8_next(&tail, &cp)) {
            jd_buf one = JD_BUF_INIT(100);
            jd_str bad = {s.p + as_is, (size_t)(tail.p - s.p) - as_is};
            assert_int_equal(jd_utf8_clean(&one, bad, 0), 1);
            jd_buf_release(&one);
        }
        for (jd_str left = jd_buf_view(&clean); jd_utf8_next(&left, &cp);)
            assert_true((cp >= 0x20 && cp != 0x7f && !(cp >= 0x80 && cp < 0xa0) && cp != 0xfeff) ||
                        cp == '\t' || cp == '\n');
        jd_buf_release(&fixed);
        jd_buf_release(&clean);
        jd_buf_release(&again);
    }
}

static void puts_and_reads_code_points(void **state)
{
    (void)state;
    const uint32_t cps[] = {0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};
    for (size_t i = 0; i < sizeof cps / sizeof *cps; i++) {
        jd_buf   b = JD_BUF_INIT(10);
        uint32_t cp;
        jd_utf8_put(&b, cps[i]);
        assert_int_equal(jd_utf8_valid(jd_buf_view(&b)), b.n);
        jd_str s = jd_buf_view(&b);
        assert_true(jd_utf8_next(&s, &cp));
        assert_int_equal(cp, cps[i]);
        assert_false(jd_utf8_next(&s, &cp));
        jd_buf_release(&b);
    }
    const uint32_t bad[] = {0xd800, 0xdfff, 0x110000, UINT32_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        jd_buf b = JD_BUF_INIT(10);
        jd_utf8_put(&b, bad[i]);
        assert_string_equal(jd_buf_cstr(&b), FFFD);
        jd_buf_release(&b);
    }
}

static void classes(void **state)
{
    (void)state;
    static const struct {
        uint32_t    cp;
        jd_cp_class is;
    } table[] = {
        {'a', JD_CP_WORD},       {'Z', JD_CP_WORD},     {'7', JD_CP_WORD},
        {'_', JD_CP_PUNCT},      {'$', JD_CP_PUNCT},    {'~', JD_CP_PUNCT},
        {'@', JD_CP_PUNCT},      {'[', JD_CP_PUNCT},    {'`', JD_CP_PUNCT},
        {'{', JD_CP_PUNCT},      {'/', JD_CP_PUNCT},    {':', JD_CP_PUNCT},
        {' ', JD_CP_SPACE},      {'\t', JD_CP_SPACE},   {'\n', JD_CP_SPACE},
        {0xa0, JD_CP_SPACE},     {0x3000, JD_CP_SPACE}, {0x2028, JD_CP_SPACE},
        {0x430, JD_CP_WORD},     {0x301, JD_CP_WORD},   {0x660, JD_CP_WORD},
        {0x3002, JD_CP_PUNCT},   {0x2014, JD_CP_PUNCT}, {0x20ac, JD_CP_SYMBOL},
        {0x2705, JD_CP_SYMBOL},  {0x7f, JD_CP_OTHER},   {1, JD_CP_OTHER},
        {0x110000, JD_CP_OTHER}, {0xad, JD_CP_OTHER},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(jd_utf8_class(table[i].cp), table[i].is);
}

static void widths(void **state)
{
    (void)state;
    assert_int_equal(jd_utf8_width(JD_STR("plain")), 5);
    assert_int_equal(jd_utf8_width(JD_STR("\xe6\x97\xa5\xe6\x9c\xac")), 4); /* wide */
    assert_int_equal(jd_utf8_width(JD_STR("e\xcc\x81")), 1);                /* combining */
    assert_int_equal(jd_utf8_width(JD_STR("")), 0);
    assert_int_equal(jd_utf8_width(JD_STR("\t")), 0);
}

static void fits(void **state)
{
    (void)state;
    jd_str s      = JD_STR("a\xe6\x97\xa5"
                                "e\xcc\x81z"); /* one, two, one with its accent, one */
    size_t want[] = {0, 1, 1, 4, 7, 8, 8};
    for (size_t w = 0; w < sizeof want / sizeof *want; w++)
        assert_int_equal(jd_utf8_fit(s, w).n, want[w]);
    assert_int_equal(jd_utf8_fit(JD_NOSTR, 3).n, 0);
}

/* Cells of one width, however wide their characters are. */
static void pads(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
        size_t      width;
    } rows[] = {
        {"ab", "ab  ", 4},
        {"abcd", "abcd", 4},
        {"abcde", "abc\xe2\x80\xa6", 4},
        {"\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac", 4},
        {"\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5", "\xe6\x97\xa5\xe2\x80\xa6 ", 4},
        {"e\xcc\x81", "e\xcc\x81 ", 2},
        {"", "  ", 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jd_buf b = JD_BUF_INIT(100);
        jd_utf8_pad(&b, jd_str_of(rows[i].in), rows[i].width);
        assert_string_equal(jd_buf_cstr(&b), rows[i].out);
        jd_buf_release(&b);
    }
    assert_int_equal(jd_utf8_widest(JD_STR("abc"), 2, 10), 3);
    assert_int_equal(jd_utf8_widest(JD_STR("abc"), 5, 10), 5);
    assert_int_equal(jd_utf8_widest(JD_STR("\xe6\x97\xa5\xe6\x9c\xac"), 2, 3), 3);
}

static void heads(void **state)
{
    (void)state;
    jd_str s      = JD_STR("a\xc3\xa9\xf0\x9f\x98\x80z");
    size_t want[] = {0, 1, 1, 3, 3, 3, 3, 7, 8, 8};
    for (size_t n = 0; n < sizeof want / sizeof *want; n++)
        assert_int_equal(jd_utf8_head(s, n).n, want[n]);
    assert_int_equal(jd_utf8_head(JD_STR("\x80\x80\x80\x80\x80\x80"), 5).n, 5);
    assert_int_equal(jd_utf8_head(JD_NOSTR, 5).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_prefix),
        cmocka_unit_test(fixes_by_maximal_subparts),
        cmocka_unit_test(cleans),
        cmocka_unit_test(any_bytes_come_out_valid_and_clean),
        cmocka_unit_test(puts_and_reads_code_points),
        cmocka_unit_test(classes),
        cmocka_unit_test(widths),
        cmocka_unit_test(fits),
        cmocka_unit_test(pads),
        cmocka_unit_test(heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
