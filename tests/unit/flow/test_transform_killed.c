#include "transform_test.h"

#include <sys/wait.h>

/* The points are read once a process, so each run has one of its own. */
static int run_apart(const jd_transform *in, const char *point)
{
    jd_err e;
    int    status;
    pid_t  child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (point)
            (void)setenv("JD_CRASH", point, 1);
        _exit(jd_code_exit(run(in, NULL, &e)));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A process that dies at any of the points leaves the old file or the new one, and nothing that
 * hinders the next run. */
static void killed(void **state)
{
    static const struct {
        const char *point;
        bool        published;
    } cases[]       = {{"transform-write:1", false},
                       {"transform-write:3", false},
                       {"transform-publish:1", false},
                       {"transform-clear:1", true}};
    jd_transform in = plain();
    (void)state;
    for (unsigned i = 1; i <= MANY; i++)
        put_issue("A", i, "x");
    in.stats_path = "stats.json";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put("./out.jsonl", "old");
        assert_int_equal(run_apart(&in, cases[i].point), 137);
        if (cases[i].published)
            assert_int_equal(lines_in("out.jsonl"), MANY);
        else
            assert_same("out.jsonl", "old");
        assert_int_equal(run_apart(&in, NULL), 0);
        assert_int_equal(lines_in("out.jsonl"), MANY);
        assert_false(jd_path_exists(".out.jsonl.part"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(killed)};
    return cmocka_run_group_tests_name("flow/transform_killed", tests, NULL, NULL);
}
