#include "sim/tune.h"

#include "text/jsonw.h"

static const struct row {
    const char *name;
    uint64_t    usual, most;
    const char *help;
} ROWS[] = {
#define ROW(name, text, usual, most, help) {text, usual, most, help},
    SIM_TUNES(ROW)
#undef ROW
};

void sim_tune_usual(sim_tuning *t)
{
    for (size_t i = 0; i < SIM_TUNE_COUNT; i++)
        atomic_init(&t->v[i], ROWS[i].usual);
}

uint64_t sim_tuned(const sim_tuning *t, sim_tune what)
{
    return atomic_load_explicit(&t->v[what], memory_order_relaxed);
}

jd_code sim_tune_set(sim_tuning *t, jd_str name, uint64_t value, jd_err *e)
{
    for (size_t i = 0; i < SIM_TUNE_COUNT; i++) {
        if (!jd_str_is(name, ROWS[i].name))
            continue;
        if (value > ROWS[i].most)
            return jd_fail(e, JD_E_USAGE, "%s is %llu at most", ROWS[i].name,
                           (unsigned long long)ROWS[i].most);
        atomic_store(&t->v[i], value);
        return JD_OK;
    }
    return jd_fail(e, JD_E_USAGE, "there is nothing to tune named %.*s (see jirasim --help)",
                   JD_FMT(name));
}

bool sim_tune_spend(sim_tuning *t, sim_tune what)
{
    uint_fast64_t v = atomic_load(&t->v[what]);
    while (v > 0)
        if (atomic_compare_exchange_weak(&t->v[what], &v, v - 1))
            return true;
    return false;
}

jd_code sim_tune_read(sim_tuning *t, jd_str text, jd_err *e)
{
    size_t   eq    = jd_str_find(text, '=');
    uint64_t value = 0;
    if (!jd_str_u64(jd_str_cut(text, eq + 1, SIZE_MAX), &value))
        return jd_fail(e, JD_E_USAGE, "--tune %.*s: write NAME=N, such as rich_cap=50",
                       JD_FMT(text));
    return sim_tune_set(t, jd_str_cut(text, 0, eq), value, e);
}

void sim_tune_write(const sim_tuning *t, jd_buf *out)
{
    jd_jsonw w = jd_jsonw_to(out);
    jd_jsonw_object(&w);
    for (size_t i = 0; i < SIM_TUNE_COUNT; i++)
        jd_jsonw_kint(&w, ROWS[i].name, (int64_t)sim_tuned(t, (sim_tune)i));
    jd_jsonw_end(&w);
}

void sim_tune_help(jd_buf *out)
{
    jd_buf_addz(out, "What can be tuned (--tune NAME=N, POST /_sim/tune {\"NAME\":N})\n");
    for (size_t i = 0; i < SIM_TUNE_COUNT; i++)
        jd_buf_addf(out, "  %-16s %-9llu %s\n", ROWS[i].name, (unsigned long long)ROWS[i].usual,
                    ROWS[i].help);
}
