#include "base/rng.h"
#include "sink/gaps.h"
#include "unit/check.h"

#include <stdio.h>

static jd_sqlite *with_ids(const char *rows)
{
    jd_sqlite *db;
    jd_err     e;
    char       sql[256];
    (void)snprintf(sql, sizeof sql,
                   "CREATE TABLE issue (id INTEGER PRIMARY KEY); INSERT INTO issue VALUES %s",
                   rows);
    assert_int_equal(jd_sqlite_open(":memory:", false, 0, &db, &e), JD_OK);
    assert_int_equal(jd_sqlite_exec(db, sql, &e), JD_OK);
    return db;
}

static void test_what_lies_around_a_missing_id(void **unused)
{
    (void)unused;
    jd_sqlite *db = with_ids("(10), (20)");
    jd_gaps    g  = {0};
    jd_err     e;
    assert_false(jd_gaps_has(&g, 15));
    assert_int_equal(jd_gaps_learn(&g, db, 15, &e), JD_OK);
    assert_true(jd_gaps_has(&g, 11) && jd_gaps_has(&g, 19));
    assert_false(jd_gaps_has(&g, 10) || jd_gaps_has(&g, 20) || jd_gaps_has(&g, 9));
    assert_int_equal(jd_gaps_learn(&g, db, 5, &e), JD_OK);
    assert_int_equal(jd_gaps_learn(&g, db, 21, &e), JD_OK);
    assert_true(jd_gaps_has(&g, 1) && jd_gaps_has(&g, INT64_MAX));
    /* what is put is held from now on, whichever range it lay in */
    jd_gaps_put(&g, 15);
    assert_false(jd_gaps_has(&g, 15));
    assert_true(jd_gaps_has(&g, 16));
    jd_gaps_put(&g, 30);
    assert_false(jd_gaps_has(&g, 30));
    jd_sqlite_close(db);
}

/* However ids are put and asked for, one that is held is never said to be missing. */
static void test_never_wrong(void **unused)
{
    (void)unused;
    jd_sqlite *db = with_ids("(500)");
    jd_gaps    g  = {0};
    jd_rng     r  = jd_rng_seed(3);
    jd_err     e;
    bool       held[1001] = {[500] = true};
    unsigned   spared     = 0;
    for (int i = 0; i < 5000; i++) {
        uint64_t id = 1 + jd_rng_below(&r, 1000);
        if (jd_gaps_has(&g, id)) {
            assert_false(held[id]);
            spared++;
        } else if (!held[id]) {
            assert_int_equal(jd_gaps_learn(&g, db, id, &e), JD_OK);
        }
        if (!held[id] && jd_rng_below(&r, 10) == 0) {
            char sql[64];
            jd_gaps_put(&g, id);
            held[id] = true;
            (void)snprintf(sql, sizeof sql, "INSERT INTO issue VALUES (%d)", (int)id);
            assert_int_equal(jd_sqlite_exec(db, sql, &e), JD_OK);
        }
    }
    assert_true(spared > 0);
    jd_sqlite_close(db);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_lies_around_a_missing_id),
        cmocka_unit_test(test_never_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
