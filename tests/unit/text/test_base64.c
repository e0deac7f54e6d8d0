#include "base/rng.h"
#include "text/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

static void rfc_4648_vectors(void **state)
{
    (void)state;
    const char *pairs[][2] = {{"", ""},
                              {"f", "Zg=="},
                              {"fo", "Zm8="},
                              {"foo", "Zm9v"},
                              {"foob", "Zm9vYg=="},
                              {"fooba", "Zm9vYmE="},
                              {"foobar", "Zm9vYmFy"},
                              {"\xfb\xff\xfe", "+//+"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        jd_buf b = JD_BUF_INIT(100), back = JD_BUF_INIT(100);
        jd_base64(&b, jd_str_of(pairs[i][0]));
        assert_string_equal(jd_buf_cstr(&b), pairs[i][1]);
        assert_true(jd_unbase64(&back, jd_buf_view(&b)));
        assert_string_equal(jd_buf_cstr(&back), pairs[i][0]);
        jd_buf_release(&b);
        jd_buf_release(&back);
    }
}

static void decoding_is_strict(void **state)
{
    (void)state;
    const char *bad[] = {
        "Z",    "Zg",   "Zg=",  "Zg===",    "Z===", "====", "=",    "Zm9v\n",
        "Zm 9", "Zm9-", "Zm_v", "Zg==Zg==", "Z=g=", "Zh==", "Zm9=", "\xff\xff\xff\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        jd_buf b = JD_BUF_INIT(100);
        jd_buf_addz(&b, "kept");
        if (jd_unbase64(&b, jd_str_of(bad[i])))
            fail_msg("%s was taken", bad[i]);
        assert_string_equal(jd_buf_cstr(&b), "kept");
        jd_buf_release(&b);
    }
}

static void hex_both_ways(void **state)
{
    (void)state;
    jd_buf b = JD_BUF_INIT(100);
    jd_hex(&b, JD_STR("\x00\x7f\xff\x1a"));
    assert_string_equal(jd_buf_cstr(&b), "007fff1a");
    jd_buf_reset(&b);
    assert_true(jd_unhex(&b, JD_STR("007FfF1a")));
    assert_true(jd_str_eq(jd_buf_view(&b), JD_STR("\x00\x7f\xff\x1a")));
    const char *bad[] = {"0", "0g", "g0", "00 0", "001"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(jd_unhex(&b, jd_str_of(bad[i])));
        assert_int_equal(b.n, 4);
    }
    jd_buf_release(&b);
}

static void random_bytes_survive(void **state)
{
    (void)state;
    jd_rng r = jd_rng_seed(1);
    for (size_t n = 0; n < 300; n++) {
        jd_buf in = JD_BUF_INIT(1000), text = JD_BUF_INIT(1000), back = JD_BUF_INIT(1000);
        for (size_t i = 0; i < n; i++)
            jd_buf_addc(&in, (char)jd_rng_below(&r, 256));
        jd_base64(&text, jd_buf_view(&in));
        assert_true(jd_unbase64(&back, jd_buf_view(&text)));
        assert_true(jd_str_eq(jd_buf_view(&in), jd_buf_view(&back)));
        jd_buf_release(&in);
        jd_buf_release(&text);
        jd_buf_release(&back);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_4648_vectors),
        cmocka_unit_test(decoding_is_strict),
        cmocka_unit_test(hex_both_ways),
        cmocka_unit_test(random_bytes_survive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
