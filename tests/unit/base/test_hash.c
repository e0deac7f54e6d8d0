#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

/* XXH3's published value for no input: a hash is kept on disk, so it may never change. */
static void hashes_are_fixed(void **state)
{
    (void)state;
    assert_true(jd_hash64(JD_NOSTR) == 0x2d06800538d394c2u);
    assert_true(jd_hash64(JD_STR("")) == jd_hash64(JD_NOSTR));
    assert_true(jd_hash64(JD_STR("a")) == jd_hash64_seed(JD_STR("a"), 0));
    assert_true(jd_hash64(JD_STR("a")) != jd_hash64_seed(JD_STR("a"), 1));
    assert_true(jd_hash64(JD_STR("a")) != jd_hash64(JD_STR("a\0")));
}

static void mixing_spreads(void **state)
{
    (void)state;
    for (int bit = 0; bit < 64; bit++) {
        uint64_t flipped = jd_mix64(12345) ^ jd_mix64(12345 ^ 1ull << bit);
        assert_in_range(__builtin_popcountll(flipped), 10, 54);
    }
    assert_true(jd_mix64(0) == 0); /* a bijection that keeps zero */
}

static void hex_is_padded(void **state)
{
    (void)state;
    char out[17];
    jd_hash_hex(0, out);
    assert_string_equal(out, "0000000000000000");
    jd_hash_hex(0x0123456789abcdefu, out);
    assert_string_equal(out, "0123456789abcdef");
    jd_hash_hex(UINT64_MAX, out);
    assert_string_equal(out, "ffffffffffffffff");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_fixed),
        cmocka_unit_test(mixing_spreads),
        cmocka_unit_test(hex_is_padded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
