#include "sys/pool.h"
#include "sys_test.h"

#include <stdatomic.h>

enum { NEVER = -1 };

typedef struct job {
    int number, squared;
} job;

typedef struct run {
    int        count, ahead;
    int        fail_make, fail_work, fail_take;
    int        made, taken, dropped;
    unsigned   threads;
    atomic_int working;
} run;

static jd_code make(void *self, void **out, jd_err *e)
{
    run *r = self;
    if (r->made == r->fail_make)
        return jd_fail(e, JD_E_IO, "make %d", r->made);
    if (r->made == r->count)
        return JD_OK;
    assert_true(r->made - r->dropped < r->ahead || r->threads <= 1);
    job *j    = calloc(1, sizeof *j);
    j->number = r->made++;
    *out      = j;
    return JD_OK;
}

static jd_code work(void *self, void *arg, unsigned worker, jd_err *e)
{
    run *r = self;
    job *j = arg;
    assert_true(worker < (r->threads ? r->threads : 1));
    if (j->number == r->fail_work)
        return jd_fail(e, JD_E_DATA, "work %d", j->number);
    j->squared = j->number * j->number;
    atomic_fetch_add(&r->working, 1);
    return JD_OK;
}

static jd_code take(void *self, void *arg, jd_err *e)
{
    run *r = self;
    job *j = arg;
    assert_int_equal(j->number, r->taken); /* in the order in which they were made */
    assert_int_equal(j->squared, j->number * j->number);
    if (j->number == r->fail_take)
        return jd_fail(e, JD_E_DB, "take %d", j->number);
    r->taken++;
    return JD_OK;
}

static void drop(void *self, void *arg)
{
    run *r = self;
    r->dropped++;
    free(arg);
}

static const jd_pool_job ops = {make, work, take, drop};

static run fresh(unsigned threads, int ahead)
{
    return (run){.count     = 2000,
                 .ahead     = ahead,
                 .threads   = threads,
                 .fail_make = NEVER,
                 .fail_work = NEVER,
                 .fail_take = NEVER};
}

static void results_come_in_order_with_any_number_of_threads(void **state)
{
    (void)state;
    for (unsigned threads = 0; threads <= 4; threads++)
        for (int ahead = 1; ahead <= 9; ahead += 4) {
            run    r = fresh(threads, ahead);
            jd_err e = JD_ERR_NONE;
            assert_int_equal(jd_pool_run(&ops, &r, threads, (unsigned)ahead, &e), JD_OK);
            assert_int_equal(r.taken, r.count);
            assert_int_equal(r.dropped, r.count);
        }
}

static void nothing_to_do_is_fine(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 3; threads++) {
        run    r = fresh(threads, 4);
        jd_err e = JD_ERR_NONE;
        r.count  = 0;
        assert_int_equal(jd_pool_run(&ops, &r, threads, 4, &e), JD_OK);
        assert_int_equal(r.dropped, 0);
    }
}

static void a_failure_stops_the_rest_and_drops_every_job(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads++) {
        run    r    = fresh(threads, 8);
        jd_err e    = JD_ERR_NONE;
        r.fail_make = 100;
        assert_int_equal(jd_pool_run(&ops, &r, threads, 8, &e), JD_E_IO);
        assert_string_equal(e.msg, "make 100");
        assert_int_equal(r.dropped, r.made);
        assert_true(r.taken <= 100);

        r           = fresh(threads, 8);
        r.fail_work = 100;
        assert_int_equal(jd_pool_run(&ops, &r, threads, 8, &e), JD_E_DATA);
        assert_string_equal(e.msg, "work 100");
        assert_int_equal(r.dropped, r.made);
        assert_true(r.taken <= 100);

        r           = fresh(threads, 8);
        r.fail_take = 100;
        assert_int_equal(jd_pool_run(&ops, &r, threads, 8, &e), JD_E_DB);
        assert_int_equal(r.taken, 100);
        assert_int_equal(r.dropped, r.made);
        assert_true(r.made <= 100 + 8 + 1);
    }
}

static void there_is_a_core(void **state)
{
    (void)state;
    assert_true(jd_cores() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_come_in_order_with_any_number_of_threads),
        cmocka_unit_test(nothing_to_do_is_fine),
        cmocka_unit_test(a_failure_stops_the_rest_and_drops_every_job),
        cmocka_unit_test(there_is_a_core),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
