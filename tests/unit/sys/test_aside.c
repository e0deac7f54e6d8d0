#include "sys/aside.h"
#include "sys_test.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { PIECES = 1000 };

typedef struct piece {
    atomic_bool go;
    int         done; /* plain on purpose: waiting must make it seen */
    pthread_t   by;
} piece;

static void work(void *self)
{
    piece *p = self;
    while (!atomic_load(&p->go))
        (void)sched_yield();
    p->done++;
    p->by = pthread_self();
}

static void the_owner_goes_on_meanwhile(void **state)
{
    (void)state;
    piece     p = {0};
    jd_aside *s = jd_aside_new();
    jd_aside_start(s, work, &p); /* returns before the piece could have been done */
    atomic_store(&p.go, true);
    jd_aside_wait(s);
    assert_int_equal(p.done, 1);
    assert_false(pthread_equal(p.by, pthread_self()));
    jd_aside_free(s);
}

static void pieces_are_done_one_after_another(void **state)
{
    (void)state;
    piece     p = {.go = true};
    jd_aside *s = jd_aside_new();
    for (int i = 0; i < PIECES; i++)
        jd_aside_start(s, work, &p);
    jd_aside_wait(s);
    assert_int_equal(p.done, PIECES);
    jd_aside_wait(s); /* nothing to wait for */
    jd_aside_free(s);
}

static void the_last_piece_is_done_before_the_end(void **state)
{
    (void)state;
    piece     p = {.go = true};
    jd_aside *s = jd_aside_new();
    jd_aside_start(s, work, &p);
    jd_aside_free(s);
    assert_int_equal(p.done, 1);
    jd_aside_free(jd_aside_new()); /* none was ever started */
    jd_aside_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_owner_goes_on_meanwhile),
        cmocka_unit_test(pieces_are_done_one_after_another),
        cmocka_unit_test(the_last_piece_is_done_before_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
