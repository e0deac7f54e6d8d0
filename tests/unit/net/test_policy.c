#include "check.h"
#include "net/http.h"

#define HOUR ((int64_t)3600000)

/* How one attempt ended. */
typedef struct outcome {
    int     status; /* 0: err */
    jd_code err;
    bool    reached;
    int64_t retry_after_ms;
} outcome;

typedef struct row {
    const char *name;
    bool        idempotent;
    unsigned    attempt;
    int64_t     waited_ms;
    outcome     o;
    jd_verdict  what;
    jd_code     why;
    int64_t     least, below; /* the wait is in [least, below) */
} row;

#define REPLY(status)           \
    {                           \
        status, JD_OK, true, -1 \
    }
#define AFTER(status, ms)       \
    {                           \
        status, JD_OK, true, ms \
    }
#define BROKEN(code)      \
    {                     \
        0, code, true, -1 \
    }
#define UNREACHED(code)    \
    {                      \
        0, code, false, -1 \
    }
#define WAIT(least, below)  JD_RETRY, JD_E_REMOTE, least, below
#define PAUSE(least, below) JD_RETRY, JD_E_BUSY, least, below
#define NET(least, below)   JD_RETRY, JD_E_NET, least, below
#define ENDS(why)           JD_GIVE_UP, why, 0, 1
#define FINE                JD_ACCEPT, JD_OK, 0, 1

static const row rows[] = {
    {"200", true, 1, 0, REPLY(200), FINE},
    {"204", true, 1, 0, REPLY(204), FINE},
    {"302 is the caller's", true, 1, 0, REPLY(302), FINE},
    {"400", true, 1, 0, REPLY(400), FINE},
    {"403 is the caller's", true, 1, 0, REPLY(403), FINE},
    {"404", true, 1, 0, REPLY(404), FINE},
    {"410", true, 1, 0, REPLY(410), FINE},
    {"409", false, 1, 0, REPLY(409), FINE},
    {"200 with a Retry-After", true, 1, 0, AFTER(200, 5000), FINE},

    {"first 401", true, 1, 0, REPLY(401), JD_REAUTH, JD_E_AUTH, 0, 1},
    {"401 of a post", false, 1, 0, REPLY(401), JD_REAUTH, JD_E_AUTH, 0, 1},
    {"second 401", true, 2, 0, REPLY(401), ENDS(JD_E_AUTH)},
    {"401 with a Retry-After", true, 2, 0, AFTER(401, 1000), ENDS(JD_E_AUTH)},

    {"503, first", true, 1, 0, REPLY(503), WAIT(0, 1000)},
    {"500, first", true, 1, 0, REPLY(500), WAIT(0, 1000)},
    {"502, second", true, 2, 0, REPLY(502), WAIT(0, 2000)},
    {"504, third", true, 3, 0, REPLY(504), WAIT(0, 4000)},
    {"599, fourth", true, 4, 0, REPLY(599), WAIT(0, 8000)},
    {"503, fifth", true, 5, 0, REPLY(503), WAIT(0, 16000)},
    {"503, sixth is the last", true, 6, 0, REPLY(503), ENDS(JD_E_REMOTE)},
    {"503, far beyond", true, 4000000000U, 0, REPLY(503), ENDS(JD_E_REMOTE)},
    {"408", true, 1, 0, REPLY(408), WAIT(0, 1000)},
    {"503 of a post", false, 1, 0, REPLY(503), ENDS(JD_E_REMOTE)},
    {"503 of a post, asked to wait", false, 1, 0, AFTER(503, 1000), ENDS(JD_E_REMOTE)},
    {"408 of a post", false, 1, 0, REPLY(408), ENDS(JD_E_REMOTE)},

    {"429", true, 1, 0, REPLY(429), PAUSE(0, 1000)},
    {"429 of a post was refused, not done", false, 1, 0, REPLY(429), PAUSE(0, 1000)},
    {"429, sixth", true, 6, 0, REPLY(429), ENDS(JD_E_BUSY)},
    {"429 with a pause", true, 1, 0, AFTER(429, 30000), PAUSE(30000, 31000)},
    {"a pause beats the cap", true, 1, 0, AFTER(429, 900000), PAUSE(900000, 901000)},
    {"503 with a pause", true, 2, 0, AFTER(503, 7000), WAIT(7000, 8000)},
    {"a pause of 0 is no promise", true, 3, 0, AFTER(429, 0), PAUSE(0, 4000)},
    {"a negative pause is nothing", true, 1, 0, AFTER(429, INT64_MIN), PAUSE(0, 1000)},
    {"an absurd pause", true, 1, 0, AFTER(429, INT64_MAX), ENDS(JD_E_BUSY)},
    {"a pause over the budget", true, 1, 0, AFTER(429, HOUR + 1), ENDS(JD_E_BUSY)},
    {"a pause over what is left", true, 1, HOUR - 5000, AFTER(429, 6000), ENDS(JD_E_BUSY)},
    {"the budget is used up", true, 1, HOUR + 1, REPLY(503), ENDS(JD_E_REMOTE)},

    {"reset", true, 1, 0, BROKEN(JD_E_NET), NET(0, 1000)},
    {"reset of a post", false, 1, 0, BROKEN(JD_E_NET), ENDS(JD_E_NET)},
    {"a post that never left", false, 1, 0, UNREACHED(JD_E_NET), NET(0, 1000)},
    {"a post that never left, again", false, 5, 0, UNREACHED(JD_E_NET), NET(0, 16000)},
    {"and no more", false, 6, 0, UNREACHED(JD_E_NET), ENDS(JD_E_NET)},
    {"damaged compression", true, 1, 0, BROKEN(JD_E_REMOTE), WAIT(0, 1000)},
    {"too big stays too big", true, 1, 0, BROKEN(JD_E_TOOBIG), ENDS(JD_E_TOOBIG)},
    {"a bad certificate stays bad", true, 1, 0, UNREACHED(JD_E_CONFIG), ENDS(JD_E_CONFIG)},
    {"our own mistake", true, 1, 0, BROKEN(JD_E_INTERNAL), ENDS(JD_E_INTERNAL)},
    {"a failed login below HTTP", true, 1, 0, UNREACHED(JD_E_AUTH), ENDS(JD_E_AUTH)},
};

static jd_decision decide(const jd_retry *p, const row *r, jd_rng *rng)
{
    jd_request q     = {.method = r->idempotent ? "GET" : "POST", .idempotent = r->idempotent};
    jd_reply   reply = {
          .status = r->o.status, .retry_after_ms = r->o.retry_after_ms, .reached = r->o.reached};
    jd_err err = {.code = r->o.err};
    return jd_retry_decide(p, &q, r->attempt, r->waited_ms, &reply, r->o.err != JD_OK ? &err : NULL,
                           rng);
}

static void test_table(void **state)
{
    (void)state;
    jd_retry p   = JD_RETRY_DEFAULT;
    jd_rng   rng = jd_rng_seed(1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const row *r = &rows[i];
        for (int k = 0; k < 200; k++) {
            jd_decision d = decide(&p, r, &rng);
            if (d.what != r->what || d.why != r->why || d.wait_ms < r->least ||
                d.wait_ms >= r->below)
                fail_msg("%s: verdict %d, %s, wait %lld", r->name, (int)d.what, jd_code_name(d.why),
                         (long long)d.wait_ms);
        }
    }
}

/* Waits fill their whole range: clients that failed together do not come back together. */
static void test_full_jitter(void **state)
{
    (void)state;
    jd_retry p      = {30, 1000, 300000, 100 * HOUR};
    jd_rng   rng    = jd_rng_seed(2);
    row      r      = {"", true, 1, 0, REPLY(503), FINE};
    int64_t  caps[] = {1000, 2000, 4000, 8000, 16000, 32000, 64000, 128000, 256000, 300000, 300000};
    for (unsigned i = 0; i < sizeof caps / sizeof *caps; i++) {
        int64_t low = INT64_MAX, high = -1;
        r.attempt = i + 1;
        for (int k = 0; k < 2000; k++) {
            int64_t ms = decide(&p, &r, &rng).wait_ms;
            low        = ms < low ? ms : low;
            high       = ms > high ? ms : high;
        }
        assert_true(low >= 0 && low < caps[i] / 50);
        assert_true(high < caps[i] && high > caps[i] - caps[i] / 50);
    }
}

static void test_odd_settings(void **state)
{
    (void)state;
    jd_rng   rng  = jd_rng_seed(3);
    row      r    = {"", true, 1, 0, REPLY(503), FINE};
    jd_retry none = {0, 1000, 300000, HOUR};
    assert_int_equal(decide(&none, &r, &rng).what, JD_GIVE_UP);
    jd_retry eager = {5, 0, 0, HOUR};
    assert_int_equal(decide(&eager, &r, &rng).what, JD_RETRY);
    assert_int_equal(decide(&eager, &r, &rng).wait_ms, 0);
    jd_retry huge = {UINT32_MAX, INT64_MAX / 2, INT64_MAX, INT64_MAX};
    r.attempt     = 4000000000U;
    assert_true(decide(&huge, &r, &rng).wait_ms >= 0);
    jd_retry start_over_cap = {5, 10000, 500, HOUR};
    r.attempt               = 1;
    for (int k = 0; k < 200; k++)
        assert_true(decide(&start_over_cap, &r, &rng).wait_ms < 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_full_jitter),
        cmocka_unit_test(test_odd_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
