#include "flow/scrape.h"

#include "flow/scoperun.h"
#include "flow/scopes.h"
#include "sink/store.h"
#include "text/date.h"
#include "text/url.h"

#include <inttypes.h>
#include <stdio.h>

enum { JQL_MAX = 1 << 20, REPORT_MAX = 16 << 20, IDLE_MS = 60000 };

typedef struct job { /* one run */
    const jd_scrape_conf *conf;
    const jd_scrape_env  *env;
    jd_arena             *arena;
    jd_jira               jira; /* for what comes before the fetchers */
    jd_sink               sink;
    jd_outcome           *out;
    jd_scope             *scope;
    size_t                n;
    jd_scope_run         *run;
    jd_fetch             *fetch;
    jd_deliverer          deliverer;
    jd_code               fatal; /* ends the run for all scopes */
    jd_err                why;
} job;

/* -- failures -------------------------------------------------------------------------------- */

/* Whether a failure is the scope's own, so that the others go on. */
static bool scope_only(jd_code rc)
{
    return rc == JD_E_DATA || rc == JD_E_NOTFOUND || rc == JD_E_TOOBIG;
}

/* Whether what the sink took of the batch is sound, so that it may be committed in spite of it. */
static bool sink_sound(jd_code rc)
{
    return rc != JD_E_IO && rc != JD_E_DB && rc != JD_E_LOCKED && rc != JD_E_STALE &&
           rc != JD_E_STATE && rc != JD_E_INTERNAL;
}

static void end_all(job *b, jd_code rc, const jd_err *e)
{
    if (b->fatal)
        return;
    b->fatal = rc;
    b->why   = *e;
    for (size_t i = 0; i < b->n; i++)
        b->run[i].at.enough = true;
    jd_fetch_halt(b->fetch);
}

static void scope_failed(job *b, jd_scope_run *r, jd_code rc, const jd_err *e)
{
    jd_scope_outcome *o = r->at.out;
    r->at.enough        = true;
    if (!o->code) {
        o->code = rc;
        (void)snprintf(o->error, sizeof o->error, "%s", e->msg);
    }
    if (!scope_only(rc))
        end_all(b, rc, e);
}

/* -- the loop -------------------------------------------------------------------------------- */

static unsigned open_errands(const job *b)
{
    unsigned n = 0;
    for (size_t i = 0; i < b->n; i++)
        n += b->run[i].open;
    return n;
}

static void take_one(job *b)
{
    jd_err     e   = JD_ERR_NONE;
    int64_t    due = jd_deliver_due(&b->deliverer);
    jd_parcel *p   = jd_fetch_take(b->fetch, due < 0 ? IDLE_MS : due);
    jd_code    rc;
    if (p) {
        jd_scope_run *r = ((const jd_errand_base *)p->errand)->owner;
        rc              = jd_scope_run_take(r, p, &e);
        jd_fetch_drop(b->fetch, p);
        if (rc)
            scope_failed(b, r, rc, &e);
    }
    if (!b->fatal && jd_stop_wanted(b->env->stop))
        end_all(b,
                jd_fail(&e, JD_E_INTERRUPTED, "interrupted: run again to go on where it stopped"),
                &e);
    if (sink_sound(b->fatal)) {
        rc = jd_deliver_commit(&b->deliverer, false, &e);
        if (rc)
            end_all(b, rc, &e);
    }
}

static jd_code start(job *b, jd_err *e)
{
    jd_fetch_conf conf = {.fetchers    = b->conf->concurrency,
                          .base        = b->jira.base,
                          .client      = b->env->client,
                          .client_self = b->env->client_self,
                          .sink        = &b->sink,
                          .stop        = b->env->stop,
                          .clock       = b->env->clock,
                          .log         = b->env->log};
    b->deliverer       = (jd_deliverer){.sink           = &b->sink,
                                        .clock          = b->env->clock,
                                        .log            = b->env->log,
                                        .quarantine_dir = b->conf->quarantine_dir,
                                        .strict         = b->conf->strict};
    return jd_fetch_start(&conf, &b->fetch, e);
}

static void begin_scopes(job *b)
{
    b->run        = JD_NEW_ARRAY(b->arena, jd_scope_run, b->n);
    b->out->scope = JD_NEW_ARRAY(b->arena, jd_scope_outcome, b->n);
    b->out->n     = b->n;
    for (size_t i = 0; i < b->n; i++) {
        jd_err            e = JD_ERR_NONE;
        jd_scope_run     *r = &b->run[i];
        jd_scope_outcome *o = &b->out->scope[i];
        *o                  = (jd_scope_outcome){
                             .label = b->scope[i].label, .jql = b->scope[i].selection, .server = -1};
        r->at        = (jd_following){.scope = &b->scope[i], .out = o};
        r->conf      = b->conf;
        r->env       = b->env;
        r->fetch     = b->fetch;
        r->deliverer = &b->deliverer;
        r->state     = jd_raw_state(&b->sink);
        r->arena     = b->arena;
        jd_code rc   = b->fatal ? JD_OK : jd_scope_run_begin(r, &e);
        if (rc)
            scope_failed(b, r, rc, &e);
    }
}

/* What is in hand is kept whatever ended the run, unless the sink itself failed. */
static void finish(job *b)
{
    jd_err e = JD_ERR_NONE;
    if (sink_sound(b->fatal)) {
        jd_code rc = jd_deliver_commit(&b->deliverer, true, &e);
        if (rc)
            end_all(b, rc, &e);
    }
    for (size_t i = 0; i < b->n; i++) {
        jd_scope_outcome *o  = &b->out->scope[i];
        jd_code           rc = jd_scope_run_judge(&b->run[i], sink_sound(b->fatal), &e);
        if (rc && sink_sound(b->fatal))
            end_all(b, rc, &e);
        if (b->fatal && !o->complete && !o->limited && !o->code)
            o->code = JD_E_INTERRUPTED;
    }
}

static jd_code run_all(job *b, jd_err *e)
{
    jd_code rc = start(b, e);
    if (rc)
        return rc;
    begin_scopes(b);
    while (open_errands(b) > 0)
        take_one(b);
    finish(b);
    jd_deliverer_release(&b->deliverer);
    jd_fetch_stop(b->fetch, &b->out->http);
    if (b->fatal)
        *e = b->why;
    return b->fatal;
}

/* -- the run --------------------------------------------------------------------------------- */

/* The verdict into the state, and last_updates.json beside it. */
static jd_code record(job *b, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf text  = JD_BUF_INIT(REPORT_MAX);
    jd_state                         *state = jd_raw_state(&b->sink);
    jd_outcome_json(&text, b->out);
    jd_code rc = jd_state_add_run(state, b->out->began_ms, b->out->ended_ms, "scrape",
                                  jd_buf_view(&text), e);
    return rc ? rc : jd_state_write_updates(state, e);
}

static jd_code open_job(job *b, jd_err *e)
{
    jd_code rc = jd_scopes_check(b->conf, e);
    if (!rc)
        rc = jd_url_base(b->arena, jd_str_of(b->conf->base_url), &b->jira.base, e);
    if (!rc)
        rc = b->env->client(b->env->client_self, b->env->stop, &b->jira.http, e);
    if (!rc)
        rc = jd_scopes_resolve(b->conf, &b->jira, b->arena, &b->scope, &b->n, e);
    return rc;
}

static void set_error(jd_outcome *out, jd_code rc, const jd_err *e)
{
    out->code = rc;
    if (rc)
        (void)snprintf(out->error, sizeof out->error, "%s", e->msg);
}

void jd_scrape(const jd_scrape_conf *conf, const jd_scrape_env *env, jd_arena *a, jd_outcome *out)
{
    job    b   = {.conf = conf, .env = env, .arena = a, .out = out};
    jd_err e   = JD_ERR_NONE;
    *out       = (jd_outcome){.began_ms = jd_now_ms(env->clock)};
    jd_code rc = open_job(&b, &e);
    if (b.jira.base.n)
        out->site = jd_url_site(b.jira.base);
    if (!rc) {
        jd_raw_conf raw = {.raw_dir   = conf->raw_dir,
                           .state_dir = conf->state_dir,
                           .site      = jd_arena_cstr(a, out->site),
                           .log       = env->log,
                           .layout    = conf->layout};
        rc              = jd_store_sink(&raw, &b.sink, &e);
    }
    if (!rc)
        rc = run_all(&b, &e);
    set_error(out, rc, &e);
    out->ended_ms = jd_now_ms(env->clock);
    if (b.jira.http) {
        jd_http_stats first = jd_http_statistics(b.jira.http);
        jd_http_stats_add(&out->http, &first);
        jd_http_free(b.jira.http);
    }
    if (!b.sink.ops)
        return;
    if (sink_sound(rc) && record(&b, &e) && !rc)
        set_error(out, e.code, &e);
    b.sink.ops->close(b.sink.self);
}

/* -- dry run --------------------------------------------------------------------------------- */

static jd_code plan_scope(job *b, const jd_scope *scope, jd_buf *out, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf q      = JD_BUF_INIT(JQL_MAX);
    JD_CLEANUP(jd_buf_release) jd_buf counts = JD_BUF_INIT(JQL_MAX);
    jd_bounds                         bounds = {0};
    jd_page                           page;
    char                              time[JD_TIME_MAX];
    jd_jql_walk(&q, scope->selection, JD_BY_CREATED, JD_PAST, JD_FUTURE, b->conf->since, &bounds);
    jd_jql_count(&counts, scope->selection, b->conf->since, &bounds);
    int64_t tick = jd_tick_ms(b->env->clock);
    jd_code rc   = jd_jira_search(&b->jira, b->arena, jd_buf_view(&counts), 0, 0, NULL, &page, e);
    if (rc)
        return rc;
    uint64_t issues =
        b->conf->max_issues && b->conf->max_issues < page.total ? b->conf->max_issues : page.total;
    uint64_t pages = (issues + b->conf->page_size - 1) / b->conf->page_size;
    int64_t  took  = jd_tick_ms(b->env->clock) - tick;
    int64_t  each  = took > b->conf->gap_ms ? took : b->conf->gap_ms;
    if (b->conf->gap_ms == 0)
        each /= b->conf->concurrency;
    jd_buf_addf(out,
                "%.*s: %" PRIu64 " issues, %" PRIu64 " pages of %" PRIu64 ", about %s\n  %.*s\n",
                JD_FMT(scope->label), issues, pages, b->conf->page_size,
                jd_duration((int64_t)pages * each, time), JD_FMT(jd_buf_view(&q)));
    return JD_OK;
}

jd_code jd_scrape_plan(const jd_scrape_conf *conf, const jd_scrape_env *env, jd_buf *out, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a  = jd_arena_new(0);
    job                                  b  = {.conf = conf, .env = env, .arena = a};
    jd_code                              rc = open_job(&b, e);
    for (size_t i = 0; !rc && i < b.n; i++)
        rc = plan_scope(&b, &b.scope[i], out, e);
    jd_http_free(b.jira.http);
    return rc;
}
