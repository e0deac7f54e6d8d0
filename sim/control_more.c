/* Control calls about who sees what, and how the server behaves. */
#include "sim/auth.h"
#include "sim/side.h"
#include "text/jsonw.h"

static int64_t clock_now(void *self)
{
    return sim_now(self);
}

void sim_server_tuned(sim_server *s)
{
    sim_store_lag(s->store, (int64_t)sim_tuned(&s->tuning, SIM_INDEX_LAG_MS), clock_now, s);
}

void sim_get_tune(sim_call *c, jd_str name)
{
    (void)name;
    sim_tune_write(&c->s->tuning, sim_reply_own(c->r));
}

void sim_post_tune(sim_call *c, jd_str name)
{
    const jd_json *body;
    jd_err         e = JD_ERR_NONE;
    if (!sim_call_body(c, &body))
        return;
    for (jd_json_iter it = jd_json_walk(body); jd_json_next(&it);) {
        int64_t v = -1;
        if (!jd_json_i64(it.value, &v) || v < 0)
            (void)!jd_fail(&e, JD_E_USAGE, "%s is not a number", jd_arena_cstr(c->a, it.name));
        else
            (void)!sim_tune_set(&c->s->tuning, it.name, (uint64_t)v, &e);
    }
    sim_server_tuned(c->s);
    if (e.code != JD_OK)
        sim_reply_error(c->r, 400, jd_str_of(e.msg));
    else
        sim_get_tune(c, name);
}

void sim_post_account(sim_call *c, jd_str name)
{
    const jd_json *body;
    int64_t        expires = 0;
    (void)name;
    if (!sim_call_body(c, &body))
        return;
    const jd_json *when = jd_json_get(body, "expires"), *captcha = jd_json_get(body, "captcha");
    bool           barred = jd_json_bool(captcha);
    jd_str         who    = jd_json_str(jd_json_get(body, "name"));
    if (when && !jd_json_is_null(when) && !jd_json_i64(when, &expires))
        sim_reply_error(c->r, 400, JD_STR("expires is a number of milliseconds, or null."));
    else if (!sim_auth_change(c->s->auth, who, when ? &expires : NULL, captcha ? &barred : NULL))
        sim_reply_error(c->r, 404, jd_arena_fmt(c->a, "there is no account %.*s", JD_FMT(who)));
    else
        jd_buf_addz(sim_reply_own(c->r), "{}");
}

/* Whom "from" names, a text or a list of them. */
static uint64_t viewers(sim_call *c, const jd_json *from, const char *otherwise)
{
    uint64_t bits = 0;
    if (jd_json_is_null(from))
        return sim_auth_viewers(c->s->conf, jd_str_of(otherwise));
    if (jd_json_is_str(from))
        return sim_auth_viewers(c->s->conf, jd_json_str(from));
    for (jd_json_iter it = jd_json_walk(from); jd_json_next(&it);)
        bits |= sim_auth_viewers(c->s->conf, jd_json_str(it.value));
    return bits;
}

static void veil(sim_call *c, const jd_json *body, uint64_t bits)
{
    const jd_json *keys = jd_json_get(body, "keys"), *on = jd_json_get(body, "on");
    jd_str         project = jd_json_str(jd_json_get(body, "project"));
    bool           put = !on || jd_json_bool(on), good = true;
    if (bits == 0) {
        sim_reply_error(c->r, 400, JD_STR("\"from\" names accounts, \"anonymous\" or \"all\"."));
        return;
    }
    if (project.n > 0)
        good = sim_store_veil_project(c->s->store, project, bits, put);
    else if (keys)
        for (jd_json_iter it = jd_json_walk(keys); jd_json_next(&it);)
            good = sim_store_veil_issue(c->s->store, jd_json_str(it.value), bits, put) && good;
    else
        good = sim_store_veil_issue(c->s->store, jd_json_str(jd_json_get(body, "key")), bits, put);
    if (good)
        jd_buf_addz(sim_reply_own(c->r), "{}");
    else
        sim_reply_error(c->r, 404, JD_STR("there is no such issue or project"));
}

void sim_post_hide(sim_call *c, jd_str name)
{
    const jd_json *body;
    (void)name;
    if (!sim_call_body(c, &body))
        return;
    bool project = jd_json_get(body, "project") != NULL;
    veil(c, body, viewers(c, jd_json_get(body, "from"), project ? "anonymous" : "all"));
}

void sim_post_archive(sim_call *c, jd_str name)
{
    const jd_json *body;
    (void)name;
    if (sim_call_body(c, &body))
        veil(c, body, SIM_ARCHIVED);
}
