#include "sim/change.h"
#include "sim/dump.h"
#include "sim/serve.h"
#include "text/jsonw.h"

#include <stdio.h>
#include <stdlib.h>

/* -- bodies --------------------------------------------------------------------------------------
 */

static bool wanted(sim_call *c, const jd_json *body, const char *name, jd_str *out)
{
    const jd_json *v = jd_json_get(body, name);
    uint64_t       n = jd_json_id(v);
    *out             = jd_json_is_str(v) ? jd_json_str(v)
                       : n > 0           ? jd_arena_fmt(c->a, "%llu", (unsigned long long)n)
                                         : JD_NOSTR;
    return out->n > 0;
}

/* "key" or "id". */
static bool issue_named(sim_call *c, const jd_json *body, jd_str *out)
{
    if (wanted(c, body, "key", out) || wanted(c, body, "id", out))
        return true;
    sim_reply_error(c->r, 400, JD_STR("The body names no issue: {\"key\":\"HADOOP-12\"}."));
    return false;
}

static void failed(sim_call *c, jd_code rc, const jd_err *e)
{
    int status = rc == JD_E_NOTFOUND ? 404 : rc == JD_E_USAGE || rc == JD_E_DATA ? 400 : 500;
    sim_reply_error(c->r, status, jd_str_of(e->msg));
}

static void changed_write(jd_jsonw *w, const sim_changed *k)
{
    char updated[SIM_DATE_LEN], id[24];
    sim_date_put(updated, NULL, k->updated_ms);
    snprintf(id, sizeof id, "%llu", (unsigned long long)k->id);
    jd_jsonw_kstr(w, "key", k->key);
    jd_jsonw_kstr(w, "id", jd_str_of(id));
    jd_jsonw_kstr(w, "updated", (jd_str){updated, SIM_DATE_LEN});
}

static void answer(sim_call *c, jd_code rc, const sim_changed *k, const jd_err *e)
{
    if (rc != JD_OK) {
        failed(c, rc, e);
        return;
    }
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    jd_jsonw_object(&w);
    changed_write(&w, k);
    jd_jsonw_end(&w);
}

/* -- changes ------------------------------------------------------------------------------------
 */

void sim_post_touch(sim_call *c, jd_str name)
{
    const jd_json *body;
    jd_str         issue;
    sim_changed    k = {0};
    jd_err         e = JD_ERR_NONE;
    (void)name;
    if (sim_call_body(c, &body) && issue_named(c, body, &issue))
        answer(c, sim_change_touch(c->s, c->a, issue, &k, &e), &k, &e);
}

void sim_post_comment(sim_call *c, jd_str name)
{
    const jd_json *body;
    jd_str         issue;
    sim_changed    k = {0};
    jd_err         e = JD_ERR_NONE;
    (void)name;
    if (sim_call_body(c, &body) && issue_named(c, body, &issue))
        answer(
            c,
            sim_change_comment(c->s, c->a, issue, jd_json_str(jd_json_get(body, "body")), &k, &e),
            &k, &e);
}

void sim_post_move(sim_call *c, jd_str name)
{
    const jd_json *body;
    jd_str         issue, project;
    sim_changed    k = {0};
    jd_err         e = JD_ERR_NONE;
    (void)name;
    if (!sim_call_body(c, &body) || !issue_named(c, body, &issue))
        return;
    if (wanted(c, body, "project", &project))
        answer(c, sim_change_move(c->s, c->a, issue, project, &k, &e), &k, &e);
    else
        sim_reply_error(c->r, 400, JD_STR("The body names no project to move to."));
}

void sim_post_delete(sim_call *c, jd_str name)
{
    const jd_json *body;
    jd_str         issue;
    sim_changed    k = {0};
    jd_err         e = JD_ERR_NONE;
    (void)name;
    if (sim_call_body(c, &body) && issue_named(c, body, &issue))
        answer(c, sim_change_delete(c->s, c->a, issue, &k, &e), &k, &e);
}

/* "at": in the past, as an import does. Answers the first one, and all of them as "keys". */
void sim_post_create(sim_call *c, jd_str name)
{
    enum { MOST = 100000 };
    const jd_json *body;
    jd_str         project;
    int64_t        count = 1, at = sim_now(c->s);
    jd_err         e = JD_ERR_NONE;
    (void)name;
    if (!sim_call_body(c, &body))
        return;
    const jd_json *v = jd_json_get(body, "count"), *when = jd_json_get(body, "at");
    if (!wanted(c, body, "project", &project) || (v && !jd_json_i64(v, &count)) || count < 1 ||
        count > MOST || (when && (!jd_json_i64(when, &at) || at < 0))) {
        sim_reply_error(c->r, 400,
                        JD_STR("Say {\"project\":\"HADOOP\",\"count\":3}, 100000 at most."));
        return;
    }
    sim_changed *k  = JD_NEW_ARRAY(c->a, sim_changed, (size_t)count);
    jd_code      rc = sim_change_create(c->s, c->a, project, (uint64_t)count, at, k, &e);
    if (rc != JD_OK) {
        failed(c, rc, &e);
        return;
    }
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    jd_jsonw_object(&w);
    changed_write(&w, &k[0]);
    jd_jsonw_name(&w, "keys");
    jd_jsonw_array(&w);
    for (int64_t i = 0; i < count; i++)
        jd_jsonw_str(&w, k[i].key);
    jd_jsonw_end(&w);
    jd_jsonw_end(&w);
}

/* -- the server itself ---------------------------------------------------------------------------
 */

static void say_number(sim_call *c, const char *name, int64_t v)
{
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    jd_jsonw_object(&w);
    jd_jsonw_kint(&w, name, v);
    jd_jsonw_end(&w);
}

void sim_post_clock(sim_call *c, jd_str name)
{
    const jd_json *body;
    int64_t        ms;
    (void)name;
    if (!sim_call_body(c, &body))
        return;
    if (!c->s->clock_stands) {
        sim_reply_error(c->r, 400, JD_STR("The clock is the real one: start with --clock DATE."));
        return;
    }
    if (jd_json_i64(jd_json_get(body, "now"), &ms))
        atomic_store(&c->s->clock_ms, ms);
    else if (jd_json_i64(jd_json_get(body, "advance"), &ms))
        atomic_fetch_add(&c->s->clock_ms, ms);
    else
        sim_reply_error(c->r, 400, JD_STR("Say {\"now\":MS} or {\"advance\":MS}."));
    if (sim_reply_status_of(c->r) == 200)
        say_number(c, "now", sim_now(c->s));
}

void sim_post_every_request(sim_call *c, jd_str name)
{
    const jd_json *body;
    jd_str         issue;
    uint64_t       id = 0;
    (void)name;
    if (!sim_call_body(c, &body))
        return;
    if (wanted(c, body, "touch", &issue)) {
        sim_text *t = sim_store_get(c->s->store, issue);
        if (!t) {
            sim_reply_error(c->r, 404, jd_arena_fmt(c->a, "there is no issue %.*s", JD_FMT(issue)));
            return;
        }
        id = t->issue.id;
        sim_text_drop(t);
    }
    atomic_store(&c->s->every, id);
    say_number(c, "touch", (int64_t)id);
}

void sim_post_latency(sim_call *c, jd_str name)
{
    enum { MOST_MS = 600000 };
    const jd_json *body;
    int64_t        ms;
    (void)name;
    if (!sim_call_body(c, &body))
        return;
    if (!jd_json_i64(jd_json_get(body, "ms"), &ms) || ms < 0 || ms > MOST_MS) {
        sim_reply_error(c->r, 400, JD_STR("Say {\"ms\":N}, 600000 at most."));
        return;
    }
    atomic_store(&c->s->latency_ms, ms);
    say_number(c, "ms", ms);
}

/* The body is the script itself. */
void sim_post_faults(sim_call *c, jd_str name)
{
    jd_err e = JD_ERR_NONE;
    (void)name;
    if (!c->s->faults)
        sim_reply_error(c->r, 403, JD_STR("This server knows no faults."));
    else if (sim_faults_set(c->s->faults, c->q->body, &e) != JD_OK)
        sim_reply_error(c->r, 400, jd_str_of(e.msg));
    else
        sim_faults_write(c->s->faults, sim_reply_own(c->r));
}

void sim_get_faults(sim_call *c, jd_str name)
{
    (void)name;
    if (c->s->faults)
        sim_faults_write(c->s->faults, sim_reply_own(c->r));
    else
        sim_reply_error(c->r, 403, JD_STR("This server knows no faults."));
}

void sim_post_rate(sim_call *c, jd_str name)
{
    const jd_json *body;
    sim_rate_conf  conf = {0};
    jd_err         e    = JD_ERR_NONE;
    (void)name;
    if (!sim_call_body(c, &body))
        return;
    const jd_json *rate = jd_json_get(body, "rate");
    if (!c->s->rate || (rate && !jd_json_is_null(rate) && !jd_json_is_str(rate))) {
        sim_reply_error(c->r, 400, JD_STR("Say {\"rate\":\"70:5:1\",\"silent\":false}."));
        return;
    }
    if (sim_rate_read(jd_json_str(rate), &conf, &e) != JD_OK) {
        failed(c, e.code, &e);
        return;
    }
    conf.silent = jd_json_bool(jd_json_get(body, "silent"));
    sim_rate_set(c->s->rate, &conf);
    say_number(c, "limit", (int64_t)conf.limit);
}

void sim_post_quit(sim_call *c, jd_str name)
{
    (void)name;
    jd_buf_addz(sim_reply_own(c->r), "{\"quit\":true}");
    jd_stop_ask(c->s->stop);
}

/* As the asking account would be served them. */
void sim_get_dump(sim_call *c, jd_str name)
{
    sim_text      **all  = NULL;
    const sim_zone *zone = sim_call_zone(c);
    sim_store_catch_up(c->s->store, NULL, 0); /* as a search would see it */
    size_t n = sim_dump_all(c->s->store, &all);
    (void)name;
    sim_reply_type(c->r, "application/x-ndjson");
    for (size_t i = 0; i < n; i++) {
        jd_buf one = JD_BUF_INIT(SIM_ISSUE_MAX);
        if (!zone && !c->s->conf->cloud) {
            sim_reply_view(c->r, all[i]->issue.json);
        } else {
            sim_store_write(c->s->store, all[i], &one);
            sim_call_say(c, &one);
        }
        jd_buf_addc(sim_reply_own(c->r), '\n');
        sim_reply_hold(c->r, all[i]);
    }
    sim_reply_rows(c->r, n);
    free(all);
}

void sim_get_log(sim_call *c, jd_str name)
{
    (void)name;
    sim_log_write(c->s->log, sim_reply_own(c->r));
}

void sim_post_log(sim_call *c, jd_str name)
{
    (void)name;
    sim_log_forget(c->s->log);
    jd_buf_addz(sim_reply_own(c->r), "{}");
}

void sim_get_count(sim_call *c, jd_str name)
{
    const sim_project **all = NULL;
    jd_jsonw            w   = jd_jsonw_to(sim_reply_own(c->r));
    (void)name;
    sim_store_read_begin(c->s->store);
    size_t n = sim_store_projects(c->s->store, &all);
    jd_jsonw_object(&w);
    for (size_t i = 0; i < n; i++) {
        jd_jsonw_names(&w, all[i]->key);
        jd_jsonw_int(&w, (int64_t)all[i]->by[0].n);
    }
    jd_jsonw_end(&w);
    sim_store_read_end(c->s->store);
    free(all);
}
