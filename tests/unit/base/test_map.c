#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

enum { MANY = 20000 };

static jd_str key_of(char out[32], int i)
{
    (void)snprintf(out, 32, "KEY-%d", i);
    return jd_str_of(out);
}

static void text_to_number(void **state)
{
    (void)state;
    jd_map *m = jd_map_new();
    char    key[32];
    bool    fresh;
    assert_null(jd_map_get(m, JD_STR("KEY-1")));
    for (int i = 0; i < MANY; i++) {
        uint64_t *v = jd_map_put(m, key_of(key, i), &fresh);
        assert_true(fresh);
        assert_true(*v == 0);
        *v = (uint64_t)i * 3;
    }
    assert_int_equal(jd_map_count(m), MANY);
    for (int i = 0; i < MANY; i++) {
        uint64_t *v = jd_map_get(m, key_of(key, i));
        assert_non_null(v);
        assert_true(*v == (uint64_t)i * 3);
        assert_ptr_equal(jd_map_put(m, key_of(key, i), &fresh), v);
        assert_false(fresh);
    }
    assert_null(jd_map_get(m, JD_STR("KEY-20000")));
    assert_int_equal(jd_map_count(m), MANY);
    jd_map_free(m);
    jd_map_free(NULL);
}

static void keys_are_copied(void **state)
{
    (void)state;
    jd_map *m                             = jd_map_new();
    char    text[]                        = "abc";
    *jd_map_put(m, jd_str_of(text), NULL) = 1;
    text[0]                               = 'x';
    assert_non_null(jd_map_get(m, JD_STR("abc")));
    assert_null(jd_map_get(m, JD_STR("xbc")));
    *jd_map_put(m, JD_NOSTR, NULL) = 2; /* the empty key is a key */
    assert_true(*jd_map_get(m, JD_STR("")) == 2);
    *jd_map_put(m, JD_STR("a\0b"), NULL) = 3;
    assert_null(jd_map_get(m, JD_STR("a")));
    assert_int_equal(jd_map_count(m), 3);
    jd_map_free(m);
}

static void walks_every_key_once(void **state)
{
    (void)state;
    jd_map  *m   = jd_map_new();
    uint64_t sum = 0, value;
    size_t   at = 0, n = 0;
    char     text[32];
    jd_str   key;
    assert_false(jd_map_next(m, &at, &key, &value));
    for (int i = 0; i < 1000; i++)
        *jd_map_put(m, key_of(text, i), NULL) = (uint64_t)i;
    for (at = 0; jd_map_next(m, &at, &key, &value); n++) {
        assert_true(jd_str_eq(key, key_of(text, (int)value)));
        sum += value;
    }
    assert_int_equal(n, 1000);
    assert_true(sum == 999 * 500);
    jd_map_free(m);
}

static void id_to_number(void **state)
{
    (void)state;
    jd_idmap *m = jd_idmap_new();
    bool      fresh;
    assert_null(jd_idmap_get(m, 0));
    for (uint64_t i = 0; i < MANY; i++) {
        int64_t *v = jd_idmap_put(m, i << 20, &fresh); /* ids with equal low bits */
        assert_true(fresh && *v == 0);
        *v = -(int64_t)i;
    }
    *jd_idmap_put(m, UINT64_MAX, NULL) = 77;
    assert_int_equal(jd_idmap_count(m), MANY + 1);
    for (uint64_t i = 0; i < MANY; i++) {
        assert_true(*jd_idmap_get(m, i << 20) == -(int64_t)i);
        (void)jd_idmap_put(m, i << 20, &fresh);
        assert_false(fresh);
    }
    assert_true(*jd_idmap_get(m, UINT64_MAX) == 77);
    assert_null(jd_idmap_get(m, 1));

    uint64_t id;
    int64_t  value;
    size_t   n = 0;
    for (size_t at = 0; jd_idmap_next(m, &at, &id, &value); n++)
        assert_true(id == UINT64_MAX ? value == 77 : value == -(int64_t)(id >> 20));
    assert_int_equal(n, MANY + 1);

    jd_idmap_clear(m);
    assert_int_equal(jd_idmap_count(m), 0);
    assert_null(jd_idmap_get(m, UINT64_MAX));
    *jd_idmap_put(m, 5, &fresh) = 1;
    assert_true(fresh);
    assert_int_equal(jd_idmap_count(m), 1);
    jd_idmap_free(m);
    jd_idmap_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_to_number),
        cmocka_unit_test(keys_are_copied),
        cmocka_unit_test(walks_every_key_once),
        cmocka_unit_test(id_to_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
