#include "base/arena.h"
#include "base/idset.h"
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

enum { RANGE = 400000 };

/* The same ids as one byte each, from `base` on. */
static void agrees(const jd_idset *s, const uint8_t *in, uint64_t base)
{
    uint64_t n = 0, at = 0, id;
    for (uint64_t i = 0; i < RANGE; i++) {
        assert_true(jd_idset_has(s, base + i) == (in[i] != 0));
        if (!in[i])
            continue;
        assert_true(jd_idset_next(s, at, &id));
        assert_true(id == base + i);
        at = id + 1;
        n++;
    }
    assert_false(jd_idset_next(s, at, &id));
    assert_true(jd_idset_count(s) == n);
}

/* From thin (one in 4,000) to full, so that blocks are arrays, bitmaps and in between. */
static void holds_what_was_added(void **state)
{
    static const int one_in[] = {4000, 100, 16, 15, 2, 1};
    (void)state;
    for (size_t k = 0; k < sizeof one_in / sizeof *one_in; k++) {
        uint8_t  *in   = jd_xcalloc(RANGE, 1);
        jd_idset *s    = jd_idset_new();
        jd_rng    r    = jd_rng_seed(k);
        uint64_t  base = UINT64_C(1) << (k * 9 + 1);
        for (int i = 0; i < RANGE / one_in[k]; i++) { /* in any order, some twice */
            uint64_t id = jd_rng_below(&r, RANGE);
            assert_true(jd_idset_add(s, base + id) == !in[id]);
            in[id] = 1;
        }
        agrees(s, in, base);
        jd_idset_free(s);
        free(in);
    }
}

static void the_ends_of_the_range(void **state)
{
    (void)state;
    static const uint64_t ids[] = {0, 1, 0xffff, 0x10000, UINT64_MAX - 1, UINT64_MAX};
    jd_idset             *s     = jd_idset_new();
    uint64_t              id;
    assert_false(jd_idset_next(s, 0, &id));
    assert_false(jd_idset_has(s, 0));
    for (size_t i = sizeof ids / sizeof *ids; i-- > 0;) {
        assert_true(jd_idset_add(s, ids[i]));
        assert_false(jd_idset_add(s, ids[i]));
    }
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        assert_true(jd_idset_has(s, ids[i]));
    assert_false(jd_idset_has(s, 2));
    assert_true(jd_idset_next(s, 2, &id) && id == 0xffff);
    assert_true(jd_idset_next(s, 0x10001, &id) && id == UINT64_MAX - 1);
    jd_idset_free(s);
    jd_idset_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_what_was_added),
        cmocka_unit_test(the_ends_of_the_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
