#include "sys/signal.h"
#include "sys_test.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

static bool readable(const jd_stop *s)
{
    struct pollfd p = {.fd = jd_stop_fd(s), .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

static void *ask(void *stop)
{
    jd_stop_ask(stop);
    return NULL;
}

static void a_stop_cuts_a_sleep_short_and_stays(void **state)
{
    (void)state;
    jd_stop *s = jd_stop_new();
    assert_false(jd_stop_wanted(s));
    assert_false(readable(s));
    assert_true(jd_stop_sleep(s, 1));
    assert_true(jd_stop_sleep(s, -5));
    pthread_t t;
    assert_int_equal(pthread_create(&t, NULL, ask, s), 0);
    assert_false(jd_stop_sleep(s, INT64_MAX)); /* ends only because of the stop */
    assert_int_equal(pthread_join(t, NULL), 0);
    assert_true(jd_stop_wanted(s));
    assert_int_equal(jd_stop_signal(s), 0);
    assert_true(readable(s));
    assert_true(readable(s));
    assert_false(jd_stop_sleep(s, 1));
    jd_stop_free(s);
}

/* Child: a first signal is a wish, the second one ends it. Returns the exit status. */
static int signalled(int sig, int times)
{
    pid_t pid = fork();
    if (pid == 0) {
        jd_stop *s = jd_stop_install();
        for (int i = 0; i < times; i++)
            (void)raise(sig);
        bool right = jd_stop_wanted(s) && jd_stop_signal(s) == sig && readable(s) &&
                     !jd_stop_sleep(s, INT64_MAX);
        jd_stop_free(s);
        _exit(right ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void signals_ask_once_and_end_at_the_second(void **state)
{
    (void)state;
    static const int caught[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(signalled(caught[i], 1), 0);
        assert_int_equal(signalled(caught[i], 2), 75);
    }
}

static void a_wish_of_our_own_does_not_count_as_a_signal(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        jd_stop *s = jd_stop_install();
        jd_stop_ask(s);
        (void)raise(SIGTERM);
        (void)raise(SIGPIPE);
        _exit(jd_stop_signal(s) == SIGTERM ? 7 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_cuts_a_sleep_short_and_stays),
        cmocka_unit_test(signals_ask_once_and_end_at_the_second),
        cmocka_unit_test(a_wish_of_our_own_does_not_count_as_a_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
