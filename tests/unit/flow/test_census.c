/* What a census makes of how an issue stands, and when it stops. */
#include "../check.h"
#include "flow/census.h"

static const jd_scope project = {.project = JD_STR_INIT("A")}, query = {.project = JD_STR_INIT("")};

static void causes(void **state)
{
    (void)state;
    enum { NONE = -1 };
    static const struct {
        jd_standing     s;
        const jd_scope *scope;
        int             datacenter, cloud; /* NONE: it stays */
    } cases[] = {
        {{.is = JD_STANDS_UNTOLD}, &project, NONE, NONE},
        {{.is = JD_STANDS_GONE}, &project, JD_CAUSE_GONE, JD_CAUSE_GONE},
        {{.is = JD_STANDS_GONE}, &query, JD_CAUSE_GONE, JD_CAUSE_GONE},
        {{.is = JD_STANDS_THERE, .key = JD_STR_INIT("A-1"), .asked = true, .selected = true},
         &project,
         NONE,
         NONE},
        {{.is = JD_STANDS_THERE, .key = JD_STR_INIT("B-1")},
         &project,
         JD_CAUSE_MOVED,
         JD_CAUSE_MOVED},
        /* moved by a renamed project's name only */
        {{.is = JD_STANDS_THERE, .key = JD_STR_INIT("AB-1")},
         &project,
         JD_CAUSE_MOVED,
         JD_CAUSE_MOVED},
        {{.is = JD_STANDS_THERE, .key = JD_STR_INIT("A-1"), .archived = true},
         &project,
         JD_CAUSE_ARCHIVED,
         JD_CAUSE_ARCHIVED},
        /* in no search, though it is there */
        {{.is = JD_STANDS_THERE, .key = JD_STR_INIT("A-1"), .asked = true},
         &project,
         NONE,
         JD_CAUSE_ARCHIVED},
        {{.is = JD_STANDS_THERE, .key = JD_STR_INIT("A-1")}, &project, NONE, NONE},
        {{.is = JD_STANDS_THERE, .key = JD_STR_INIT("B-1"), .asked = true},
         &query,
         JD_CAUSE_LEFT,
         JD_CAUSE_LEFT},
        {{.is = JD_STANDS_THERE, .key = JD_STR_INIT("B-1")}, &query, NONE, NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int cloud = 0; cloud < 2; cloud++) {
            jd_cause cause = JD_CAUSES_N;
            int      want  = cloud ? cases[i].cloud : cases[i].datacenter;
            bool     goes  = jd_census_cause(cases[i].scope, cloud, &cases[i].s, &cause);
            if (goes != (want != NONE) || (goes && (int)cause != want))
                fail_msg("case %zu, cloud %d", i, cloud);
        }
}

static void the_brake(void **state)
{
    (void)state;
    static const struct {
        uint64_t leaving, held;
        bool     refused;
    } cases[] = {{0, 0, false},    {20, 20, false},   {21, 21, true},        {20, 100, false},
                 {21, 419, true},  {21, 420, false},  {50, 1000, false},     {51, 1000, true},
                 {51, 1019, true}, {51, 1020, false}, {5000, 100000, false}, {5001, 100000, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (jd_census_brake(cases[i].leaving, cases[i].held) != cases[i].refused)
            fail_msg("%d of %d", (int)cases[i].leaving, (int)cases[i].held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(causes), cmocka_unit_test(the_brake)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
