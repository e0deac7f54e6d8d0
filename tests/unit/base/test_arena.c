#include "base/arena.h"
#include "base/vec.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

static void allocations_are_aligned_and_apart(void **state)
{
    (void)state;
    jd_arena *a = jd_arena_new(0);
    char     *at[500];
    for (size_t i = 0; i < 500; i++) {
        size_t n = i * 7 % 300;
        at[i]    = i % 3 ? jd_arena_alloc(a, n) : jd_arena_bytes(a, n);
        if (i % 3)
            assert_int_equal((uintptr_t)at[i] % alignof(max_align_t), 0);
        memset(at[i], (int)(i & 127), n);
    }
    for (size_t i = 0; i < 500; i++)
        for (size_t k = 0; k < i * 7 % 300; k++)
            assert_int_equal(at[i][k], i & 127);
    jd_arena_freep(&a);
    assert_null(a);
    jd_arena_free(NULL);
}

static void big_ones_get_a_chunk(void **state)
{
    (void)state;
    jd_arena *a = jd_arena_new(1);
    char     *p = jd_arena_alloc(a, 5 << 20);
    memset(p, 1, 5 << 20);
    assert_true(jd_arena_size(a) >= 5 << 20);
    assert_true(jd_arena_size(a) < 6 << 20);
    jd_arena_free(a);
}

static void zarrays_are_zero(void **state)
{
    (void)state;
    jd_arena *a = jd_arena_new(0);
    memset(jd_arena_alloc(a, 1000), 0xff, 1000);
    jd_arena_reset(a);
    int *v = JD_NEW_ARRAY(a, int, 200);
    for (size_t i = 0; i < 200; i++)
        assert_int_equal(v[i], 0);
    assert_non_null(JD_NEW_ARRAY(a, int, 0));
    jd_err *e = JD_NEW(a, jd_err);
    assert_int_equal(e->code, JD_OK);
    jd_arena_free(a);
}

static void copies_end_in_nul(void **state)
{
    (void)state;
    jd_arena *a   = jd_arena_new(0);
    char      c[] = "hello";
    jd_str    s   = jd_arena_dup(a, (jd_str){c, 3});
    memset(c, 'x', 5);
    assert_int_equal(s.n, 3);
    assert_string_equal(s.p, "hel");
    assert_string_equal(jd_arena_cstr(a, JD_NOSTR), "");
    s = jd_arena_fmt(a, "%s-%d", "A", 12);
    assert_int_equal(s.n, 4);
    assert_string_equal(s.p, "A-12");
    s = jd_arena_fmt(a, "%100000d", 1);
    assert_int_equal(s.n, 100000);
    assert_int_equal(jd_arena_fmt(a, "%s", "").n, 0);
    jd_arena_free(a);
}

static void reset_keeps_one_chunk(void **state)
{
    (void)state;
    jd_arena *a     = jd_arena_new(4096);
    size_t    first = jd_arena_size(a);
    for (int i = 0; i < 100; i++)
        (void)jd_arena_alloc(a, 4000);
    assert_true(jd_arena_size(a) > 100 * 4000);
    jd_arena_reset(a);
    assert_int_equal(jd_arena_size(a), first);
    /* used again and again it does not grow */
    for (int i = 0; i < 100; i++) {
        (void)jd_arena_alloc(a, 4000);
        jd_arena_reset(a);
    }
    assert_int_equal(jd_arena_size(a), first);
    jd_arena_free(a);
}

static void rewind_gives_back(void **state)
{
    (void)state;
    jd_arena *a    = jd_arena_new(4096);
    jd_str    kept = jd_arena_dup(a, JD_STR("kept"));
    jd_mark   mark = jd_arena_mark(a);
    char     *next = jd_arena_bytes(a, 1);
    size_t    size = jd_arena_size(a);
    for (int i = 0; i < 10; i++)
        (void)jd_arena_alloc(a, 10000);
    jd_arena_rewind(a, mark);
    assert_int_equal(jd_arena_size(a), size);
    assert_ptr_equal(jd_arena_bytes(a, 1), next); /* the same place again */
    assert_string_equal(kept.p, "kept");
    jd_arena_free(a);
}

static void the_malloc_family(void **state)
{
    (void)state;
    char *p = jd_xmalloc(0);
    assert_non_null(p);
    p = jd_xrealloc(p, 100);
    memset(p, 'x', 100);
    p = jd_xrealloc(p, 0);
    assert_non_null(p);
    free(p);
    int *z = jd_xcalloc(10, sizeof *z);
    for (int i = 0; i < 10; i++)
        assert_int_equal(z[i], 0);
    free(z);
    free(jd_xcalloc(0, 0));
    p = jd_xstrdup("text");
    assert_string_equal(p, "text");
    free(p);
}

static void vectors_grow(void **state)
{
    (void)state;
    JD_VEC(uint64_t) v = {0};
    for (uint64_t i = 0; i < 1000; i++)
        *jd_vec_add(&v) = i * i;
    assert_int_equal(v.n, 1000);
    assert_true(v.cap >= 1000);
    for (uint64_t i = 0; i < 1000; i++)
        assert_true(v.v[i] == i * i);
    jd_vec_release(&v);
    assert_null(v.v);
    assert_int_equal(v.n, 0);
    *jd_vec_add(&v) = 5; /* and may be used again */
    assert_true(v.v[0] == 5);
    jd_vec_release(&v);
}

static void test_recycle_keeps_the_largest(void **state)
{
    (void)state;
    jd_arena *a = jd_arena_new(4096);
    (void)jd_arena_alloc(a, 1 << 20);
    (void)jd_arena_alloc(a, 100 << 10);
    jd_arena_recycle(a);
    size_t kept = jd_arena_size(a);
    assert_in_range(kept, 1 << 20, 2 << 20);
    char *p = jd_arena_bytes(a, 1 << 20); /* finds room there */
    memset(p, 7, 1 << 20);
    assert_int_equal(jd_arena_size(a), kept);
    jd_arena_recycle(a);
    assert_int_equal(jd_arena_size(a), kept);
    jd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_aligned_and_apart),
        cmocka_unit_test(big_ones_get_a_chunk),
        cmocka_unit_test(zarrays_are_zero),
        cmocka_unit_test(copies_end_in_nul),
        cmocka_unit_test(reset_keeps_one_chunk),
        cmocka_unit_test(rewind_gives_back),
        cmocka_unit_test(the_malloc_family),
        cmocka_unit_test(vectors_grow),
        cmocka_unit_test(test_recycle_keeps_the_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
