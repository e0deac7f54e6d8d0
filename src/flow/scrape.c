#include "flow/scrape.h"

#include "flow/attachments.h"
#include "flow/catalogues.h"
#include "flow/extras.h"
#include "flow/named.h"
#include "flow/scoperun.h"
#include "flow/scopes.h"
#include "sink/facts.h"
#include "sink/outbox.h"
#include "sink/store.h"
#include "text/date.h"
#include "text/url.h"

#include <inttypes.h>
#include <stdio.h>

#define CLOUD       "cloud" /* JD_FACT_PRODUCT */
#define DATA_CENTER "datacenter"

enum { JQL_MAX = 1 << 20, REPORT_MAX = 16 << 20, IDLE_MS = 60000 };

typedef struct job { /* one run */
    const jd_scrape_conf *conf;
    const jd_scrape_env  *env;
    jd_scrape_env         found; /* env, and what was found out */
    jd_arena             *arena;
    jd_jira               jira; /* for what comes before the fetchers */
    jd_str                site; /* as the state names it */
    jd_sink               sink;
    jd_outcome           *out;
    jd_scope             *scope;
    size_t                n;
    jd_resolved           is; /* they, and whose wish each is */
    jd_scope_run         *run;
    jd_fetch             *fetch;
    jd_deliverer          deliverer;
    jd_worklog_news       news;
    jd_code               fatal; /* ends the run for all scopes */
    jd_err                why;
    jd_err                no_census;
} job;

/* -- failures -------------------------------------------------------------------------------- */

/* Whether a failure is the scope's own, so that the others go on. */
static bool scope_only(jd_code rc)
{
    return rc == JD_E_DATA || rc == JD_E_NOTFOUND || rc == JD_E_TOOBIG || rc == JD_E_REFUSED;
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
        jd_err why = *e;
        if (e->http == 400) /* the server does not take the query as it was written */
            (void)jd_wanted_refused(r->want, &why);
        o->code = rc;
        (void)snprintf(o->error, sizeof o->error, "%s", why.msg);
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
    if (jd_outcome_sound(b->fatal)) {
        rc = jd_deliver_commit(&b->deliverer, false, &e);
        if (rc)
            end_all(b, rc, &e);
    }
}

/* What the site calls its fields: a Data Center's changelog knows custom ones by name only. */
static jd_code learn_names(job *b, const jd_json **out, jd_err *e)
{
    jd_reply reply;
    jd_err   why;
    jd_str   path = jd_arena_fmt(b->arena, "%s/field", jd_jira_root(&b->jira));
    jd_code  rc   = jd_jira_get(&b->jira, b->arena, path, out, &reply, &why);
    if (rc == JD_E_INTERRUPTED || rc == JD_E_AUTH || rc == JD_E_BUSY || rc == JD_E_NET) {
        *e = why;
        return rc;
    }
    if (rc) {
        *out = NULL;
        jd_event(b->env->log, JD_WARN, "note",
                 "the names of fields cannot be had (%s): changes of custom fields are told by "
                 "their values",
                 why.msg);
    }
    return JD_OK;
}

/* What a killed run left over is brought into its file even when nobody asks for changes now. */
static jd_code open_recorder(job *b, jd_err *e)
{
    jd_outbox       *outbox;
    jd_recorder_conf conf = {.sink      = &b->sink,
                             .state     = jd_raw_state(&b->sink),
                             .raw_dir   = b->conf->raw_dir,
                             .state_dir = b->conf->state_dir,
                             .file      = b->conf->changes,
                             .clock     = b->env->clock,
                             .log       = b->env->log};
    if (!b->conf->changes) {
        jd_code rc = jd_outbox_open(conf.state, NULL, &outbox, e);
        if (!rc)
            jd_outbox_close(outbox);
        return rc;
    }
    jd_code rc = learn_names(b, &conf.names, e);
    return rc ? rc : jd_recorder_open(&conf, &b->deliverer.recorder, e);
}

static jd_code start(job *b, jd_err *e)
{
    jd_fetch_conf conf = {.fetchers    = b->conf->concurrency,
                          .base        = b->jira.base,
                          .cloud       = b->jira.cloud,
                          .signed_in   = b->conf->signed_in,
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
    jd_code rc         = open_recorder(b, e);
    if (!rc && b->conf->signed_in && !b->conf->census_only && !b->found.nnamed)
        rc = jd_worklogs_ask(&b->jira, jd_raw_state(&b->sink), b->scope, b->n, b->arena,
                             b->env->clock, b->env->log, &b->news, e);
    return rc ? rc : jd_fetch_start(&conf, &b->fetch, e);
}

static void prepare_scopes(job *b)
{
    b->run        = JD_NEW_ARRAY(b->arena, jd_scope_run, b->n);
    b->out->scope = JD_NEW_ARRAY(b->arena, jd_scope_outcome, b->n);
    b->out->n     = b->n;
    for (size_t i = 0; i < b->n; i++) {
        jd_scope_run     *r = &b->run[i];
        jd_scope_outcome *o = &b->out->scope[i];
        *o                  = (jd_scope_outcome){.name   = b->scope[i].name,
                                                 .label  = b->scope[i].label,
                                                 .jql    = b->scope[i].selection,
                                                 .server = -1};
        r->at               = (jd_following){.scope = &b->scope[i], .out = o};
        r->conf             = b->conf;
        r->want             = b->is.want[i];
        r->lost             = b->is.lost[i];
        r->since            = JD_PAST;
        r->env              = &b->found;
        r->fetch            = b->fetch;
        r->deliverer        = &b->deliverer;
        r->arena            = b->arena;
        r->news             = &b->news;
    }
}

/* Whether a later scope asks for the same fields. */
static bool has_follower(const job *b, size_t i)
{
    for (size_t k = i + 1; k < b->n; k++)
        if (jd_str_eq(b->scope[k].fields, b->scope[i].fields))
            return true;
    return false;
}

/* Begins something for the scopes that ask for the same fields as that one, up to it, side by side,
 * and sees it through. */
static void run_scopes(job *b, size_t last, jd_code (*begin)(jd_scope_run *r, jd_err *e))
{
    for (size_t i = 0; i <= last && !b->fatal; i++) {
        jd_err e = JD_ERR_NONE;
        if (!jd_str_eq(b->scope[i].fields, b->scope[last].fields))
            continue;
        jd_code rc = begin(&b->run[i], &e);
        if (rc)
            scope_failed(b, &b->run[i], rc, &e);
    }
    while (open_errands(b) > 0)
        take_one(b);
}

/* Scopes of the same fields side by side, then those of the next choice: of an issue that is in
 * scopes of several, the copy of the choice that stands last is held, always. Censuses come when
 * all of them were walked: what moved from one to another is no removal. */
static void walk_scopes(job *b)
{
    for (size_t last = 0; last < b->n && !b->fatal; last++) {
        if (has_follower(b, last))
            continue;
        run_scopes(b, last, jd_scope_run_begin);
        run_scopes(b, last, jd_scope_run_census);
    }
}

/* What is in hand is kept whatever ended the run, unless the sink itself failed. */
static void finish(job *b)
{
    jd_err e = JD_ERR_NONE;
    if (jd_outcome_sound(b->fatal)) {
        jd_code rc = jd_deliver_commit(&b->deliverer, true, &e);
        if (rc)
            end_all(b, rc, &e);
    }
    for (size_t i = 0; i < b->n; i++) {
        jd_scope_outcome *o  = &b->out->scope[i];
        jd_code           rc = jd_scope_run_judge(&b->run[i], jd_outcome_sound(b->fatal), &e);
        if (rc && jd_outcome_sound(b->fatal))
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
    prepare_scopes(b);
    walk_scopes(b);
    finish(b);
    for (size_t i = 0; i < b->n; i++)
        jd_census_release(&b->run[i].census);
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
    jd_code rc =
        jd_state_add_run(state, b->out->began_ms, b->out->ended_ms,
                         b->conf->census_only ? "census" : "scrape", jd_buf_view(&text), e);
    return rc ? rc : jd_state_write_updates(state, e);
}

/* What the mirror remembers of this site, if there is one: nothing is missed when it cannot be read
 * here, for the run opens it again. */
static void remember(job *b, jd_str *product, jd_known *known)
{
    jd_state    *state;
    jd_followed *followed;
    jd_err       why;
    *product = JD_NOSTR;
    *known   = (jd_known){0};
    if (jd_state_open_read(b->conf->state_dir, &state, &why))
        return;
    if (jd_str_eq(jd_state_site(state), b->site)) {
        if (jd_fact_get(state, b->arena, JD_FACT_PRODUCT, product, &why))
            *product = JD_NOSTR;
        if (!jd_followed_list(state, b->arena, &followed, &known->n, &why))
            known->v = followed;
        else
            known->n = 0;
    }
    jd_state_close(state);
}

/* Which product it is: as the mirror remembers, or as the server says. Both answer that in v2, and
 * nothing is probed in v3. */
static jd_code learn_product(job *b, jd_str known, jd_err *e)
{
    jd_server server;
    b->jira.cloud = jd_str_is(known, CLOUD);
    if (known.n)
        return JD_OK;
    jd_code rc    = jd_jira_server(&b->jira, b->arena, &server, e);
    b->jira.cloud = !rc && server.cloud;
    if (rc == JD_E_NOTFOUND) /* no Jira at all: the first project's answer says it best */
        rc = JD_OK;
    return rc;
}

static jd_code open_job(job *b, jd_err *e)
{
    jd_str   site, product = JD_NOSTR;
    jd_known known    = {0};
    jd_code  rc       = jd_scopes_check(b->conf, e);
    b->jira.signed_in = b->conf->signed_in;
    if (!rc)
        rc = jd_url_base(b->arena, jd_str_of(b->conf->base_url), &b->jira.base, e);
    if (!rc)
        rc = jd_url_base(b->arena, jd_str_of(b->conf->site_url), &site, e);
    if (!rc)
        b->site = jd_url_site(site);
    if (!rc)
        rc = b->env->client(b->env->client_self, b->env->stop, &b->jira.http, e);
    if (!rc)
        remember(b, &product, &known);
    if (!rc)
        rc = learn_product(b, product, e);
    if (!rc)
        rc = jd_scopes_resolve(b->conf, &b->jira, b->site, &known, b->arena, &b->out->warning,
                               &b->is, e);
    b->scope = b->is.scope;
    b->n     = rc ? 0 : b->is.n;
    return rc;
}

/* Only who built the mirror sees what it would have to lose. */
static void check_builder(job *b, jd_str me, jd_str known)
{
    if (!known.n || jd_str_eq(me, known))
        return;
    (void)jd_fail(
        &b->no_census, JD_E_REFUSED,
        "census: this mirror was built by %.*s, and this run is %s%.*s, to whom issues may "
        "look gone that are not: nothing is removed; sign in as %.*s, or give the other "
        "account a mirror of its own",
        JD_FMT(known), me.n ? "by " : "anonymous", JD_FMT(me), JD_FMT(known));
    b->found.no_census = &b->no_census;
}

/* Credentials that no longer hold read as an anonymous account on some servers, to which much of
 * the mirror would look gone: whoever signs in is asked for by name. */
static jd_code check_account(job *b, jd_err *e)
{
    jd_account me = {0};
    jd_str     known;
    jd_state  *state = jd_raw_state(&b->sink);
    jd_code    rc    = JD_OK;
    if (b->conf->signed_in)
        rc = jd_jira_myself(&b->jira, b->arena, true, &me, e);
    if (rc)
        return jd_wrap(e, "signing in");
    b->found.account = me.name;
    rc               = jd_fact_get(state, b->arena, JD_FACT_ACCOUNT, &known, e);
    if (!rc)
        check_builder(b, me.name, known);
    return rc || known.n || !me.name.n ? rc : jd_fact_set(state, JD_FACT_ACCOUNT, me.name, e);
}

/* A census by itself makes no mirror. */
static jd_code check_mirror(const job *b, jd_err *e)
{
    if (!b->conf->census_only ||
        jd_path_exists(jd_arena_fmt(b->arena, "%s/state.db", b->conf->state_dir).p))
        return JD_OK;
    return jd_fail(
        e, JD_E_NOTFOUND,
        "there is no state in %s: nothing was scraped yet; `jiraduct scrape` comes first",
        b->conf->state_dir);
}

static jd_code read_catalogues(job *b, jd_err *e)
{
    jd_catalogues in = {.raw_dir = b->conf->raw_dir,
                        .jira    = &b->jira,
                        .state   = jd_raw_state(&b->sink),
                        .scope   = b->is.project,
                        .n       = b->is.nproject,
                        .now_ms  = jd_now_ms(b->env->clock),
                        .force   = b->conf->refresh_catalogues,
                        .log     = b->env->log};
    return jd_catalogues_read(&in, b->arena, b->out, e);
}

static jd_code fetch_attachments(job *b, jd_err *e)
{
    jd_attachments in = {.raw_dir   = b->conf->raw_dir,
                         .state_dir = b->conf->state_dir,
                         .dir       = b->conf->attachments_dir,
                         .limit     = b->conf->attachment_limit,
                         .jira      = &b->jira,
                         .state     = jd_raw_state(&b->sink),
                         .log       = b->env->log};
    return jd_attachments_fetch(&in, b->arena, b->out, e);
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
    jd_code rc = check_mirror(&b, &e);
    if (!rc)
        rc = open_job(&b, &e);
    out->site = b.site;
    if (!rc) {
        jd_raw_conf raw = {.raw_dir   = conf->raw_dir,
                           .state_dir = conf->state_dir,
                           .site      = jd_arena_cstr(a, out->site),
                           .log       = env->log,
                           .layout    = conf->layout,
                           .changes   = conf->changes != NULL,
                           .worklogs  = conf->signed_in};
        rc              = jd_store_sink(&raw, &b.sink, &e);
    }
    if (!rc)
        rc = jd_fact_set(jd_raw_state(&b.sink), JD_FACT_PRODUCT,
                         b.jira.cloud ? JD_STR(CLOUD) : JD_STR(DATA_CENTER), &e);
    b.found       = *env;
    b.found.cloud = b.jira.cloud;
    if (!rc)
        rc = check_account(&b, &e);
    if (!rc && conf->nissue)
        rc = jd_named_resolve(&b.jira, jd_raw_state(&b.sink), b.scope, b.n, conf->issue,
                              conf->nissue, a, &b.found.named, &b.found.nnamed, &e);
    if (!rc)
        rc = run_all(&b, &e);
    if (!rc && !conf->census_only && !conf->nissue)
        rc = read_catalogues(&b, &e);
    if (!rc && conf->extras && !conf->census_only)
        rc = jd_extras_read(
            &(jd_extras_conf){conf->raw_dir, conf->extras, &b.jira, jd_raw_state(&b.sink)}, a, out,
            &e);
    if (!rc && conf->attachments_dir && !conf->census_only)
        rc = fetch_attachments(&b, &e);
    set_error(out, rc, &e);
    out->ended_ms = jd_now_ms(env->clock);
    if (b.jira.http) {
        jd_http_stats first = jd_http_statistics(b.jira.http);
        jd_http_stats_add(&out->http, &first);
        jd_http_free(b.jira.http);
    }
    if (!b.sink.ops)
        return;
    if (jd_outcome_sound(rc) && record(&b, &e) && !rc)
        set_error(out, e.code, &e);
    jd_recorder_close(b.deliverer.recorder);
    b.sink.ops->close(b.sink.self);
}

/* -- dry run --------------------------------------------------------------------------------- */

enum { LEGS_MAX = JD_WINDOWS_MAX + 1 };

/* The walks that a run would make, given where the scope stands. What the walk of a whole backfill
 * would find updated afterwards nobody knows yet. */
static size_t legs_of(const job *b, const jd_wanted *want, const jd_cursor *c,
                      jd_walk_errand leg[LEGS_MAX])
{
    size_t  n     = 0;
    int64_t since = want->since;
    if (want->window_ms)
        since = jd_now_ms(b->env->clock) - want->window_ms;
    if (want->window_ms && c->nwindow && c->since < since)
        since = c->since;
    if (c->nwindow == 0 || since < c->since || b->conf->start_over) {
        leg[0] = (jd_walk_errand){
            .axis = JD_BY_CREATED, .from = JD_PAST, .to = JD_FUTURE, .since = since};
        return 1;
    }
    for (unsigned i = 0; i < c->nwindow; i++)
        if (c->window[i].at != c->window[i].to)
            leg[n++] = (jd_walk_errand){.axis  = JD_BY_CREATED,
                                        .from  = c->window[i].at,
                                        .to    = c->window[i].to,
                                        .since = c->since};
    if (c->updated != JD_PAST) {
        int64_t from = c->updated - want->overlap_ms;
        leg[n++]     = (jd_walk_errand){.axis  = JD_BY_UPDATED,
                                        .from  = since > c->updated ? since : from,
                                        .to    = JD_FUTURE,
                                        .since = JD_PAST};
    }
    return n;
}

static jd_code plan_scope(job *b, jd_state *state, const jd_scope *scope, const jd_wanted *want,
                          jd_buf *out, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf queries = JD_BUF_INIT(LEGS_MAX * JQL_MAX);
    jd_walk_errand                    leg[LEGS_MAX];
    jd_cursor                         cursor;
    jd_bounds                         bounds = {0};
    char                              time[JD_TIME_MAX];
    uint64_t                          issues = 0, pages = 0;
    int64_t                           slowest = b->conf->gap_ms;
    bool                              known;
    jd_code                           rc = JD_OK;
    jd_cursor_init(&cursor, scope->name, scope->plan);
    if (state)
        rc = jd_state_cursor(state, scope, &cursor, e);
    if (!rc && state)
        rc = jd_state_quoted(state, scope, &known, &bounds.quoted, e);
    size_t n = rc ? 0 : legs_of(b, want, &cursor, leg);
    for (size_t i = 0; i < n && !rc; i++) {
        JD_CLEANUP(jd_buf_release) jd_buf q = JD_BUF_INIT(JQL_MAX);
        jd_counted                        now;
        int64_t                           tick = jd_tick_ms(b->env->clock);
        jd_jql_walk(&q, scope->selection, leg[i].axis, leg[i].from, leg[i].to, leg[i].since,
                    &bounds);
        rc           = jd_jira_count(&b->jira, b->arena, jd_buf_view(&q), &now, e);
        int64_t took = jd_tick_ms(b->env->clock) - tick;
        slowest      = took > slowest ? took : slowest;
        issues += now.n;
        jd_buf_addf(&queries, "  %.*s\n", JD_FMT(jd_buf_view(&q)));
    }
    if (rc)
        return rc;
    if (b->conf->max_issues && b->conf->max_issues < issues)
        issues = b->conf->max_issues;
    pages = (issues + want->page_size - 1) / want->page_size;
    if (b->conf->gap_ms == 0)
        slowest /= b->conf->concurrency;
    jd_buf_addf(out, "%.*s: %" PRIu64 " issues%s, %" PRIu64 " pages of %" PRIu64 ", about %s\n",
                JD_FMT(scope->label), issues,
                leg[0].axis == JD_BY_UPDATED ? " updated since the last run (some are held)" : "",
                pages, want->page_size, jd_duration((int64_t)pages * slowest, time));
    jd_buf_adds(out, jd_buf_view(&queries));
    return JD_OK;
}

/* What the last run left; NULL when there was none. */
static jd_code look_back(const job *b, jd_state **out, jd_err *e)
{
    jd_err  why;
    jd_str  path = jd_arena_fmt(b->arena, "%s/state.db", b->conf->state_dir);
    jd_str  site = b->site;
    jd_code rc;
    *out = NULL;
    if (!jd_path_exists(path.p))
        return JD_OK;
    rc = jd_state_open_read(b->conf->state_dir, out, &why);
    if (rc == JD_E_NOTFOUND)
        return JD_OK;
    if (!rc && !jd_str_eq(jd_state_site(*out), site))
        rc = jd_fail(&why, JD_E_STATE,
                     "%s is the state of %.*s, not of %.*s: give it its own folder",
                     b->conf->state_dir, JD_FMT(jd_state_site(*out)), JD_FMT(site));
    if (rc)
        *e = why;
    return rc;
}

jd_code jd_scrape_plan(const jd_scrape_conf *conf, const jd_scrape_env *env, jd_buf *out, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a    = jd_arena_new(0);
    jd_outcome                           told = {0};
    job                                  b = {.conf = conf, .env = env, .arena = a, .out = &told};
    jd_state                            *state = NULL;
    jd_code                              rc    = open_job(&b, e);
    if (!rc)
        rc = look_back(&b, &state, e);
    for (size_t i = 0; !rc && i < b.n; i++)
        if (b.is.lost[i])
            rc = (*e = *b.is.lost[i]).code;
        else
            rc = plan_scope(&b, state, &b.scope[i], b.is.want[i], out, e);
    jd_state_close(state);
    jd_http_free(b.jira.http);
    return rc;
}
