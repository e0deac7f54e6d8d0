#include "flow/scrape.h"

#include "flow/quarantine.h"
#include "flow/scopes.h"
#include "sink/raw.h"
#include "text/date.h"
#include "text/url.h"

#include <inttypes.h>
#include <stdio.h>

enum { JQL_MAX = 1 << 20, REPORT_MAX = 16 << 20 };

typedef struct job { /* one run */
    const jd_scrape_conf *conf;
    const jd_scrape_env  *env;
    jd_arena             *arena;
    jd_jira               jira;
    jd_sink               sink;
    jd_reader             reader;
    jd_outcome           *out;
} job;

static jd_code count(job *b, const jd_scope *scope, int64_t since, const jd_bounds *bounds,
                     jd_page *page, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf q = JD_BUF_INIT(JQL_MAX);
    jd_jql_count(&q, scope->selection, since, bounds);
    jd_code rc = jd_jira_search(&b->jira, b->arena, jd_buf_view(&q), 0, 0, page, e);
    if (!rc && page->date_ms == JD_NO_TIME)
        page->date_ms = jd_now_ms(b->env->clock);
    return rc;
}

/* -- how bounds are written ------------------------------------------------------------------ */

static jd_code find_bounds(job *b, jd_delivery *d, const jd_page *all, jd_err *e)
{
    jd_state *state = jd_raw_state(&b->sink);
    bool      known = false;
    jd_code   rc    = jd_state_quoted(state, d->scope, &known, &d->bounds.quoted, e);
    if (!rc && !known) {
        rc = jd_bounds_probe(&b->jira, b->arena, d->scope, all->total, &d->bounds.quoted, e);
        if (!rc)
            rc = jd_state_set_quoted(state, d->scope, d->bounds.quoted, e);
        if (!rc && d->bounds.quoted)
            jd_event(
                b->env->log, JD_INFO, "note",
                "%.*s: this server does not take epoch bounds; using minutes in the account's zone",
                JD_FMT(d->scope->label));
    }
    if (!rc && d->bounds.quoted)
        rc = jd_bounds_zone(b->conf, &b->jira, b->arena, b->env->log, &d->bounds, e);
    return rc;
}

/* -- one scope ------------------------------------------------------------------------------- */

static jd_code open_cursor(job *b, const jd_scope *scope, jd_cursor *cursor, jd_err *e)
{
    jd_code rc = b->sink.ops->where(b->sink.self, scope, cursor, e);
    if (rc)
        return rc;
    if (b->conf->start_over) {
        uint64_t seq = cursor->seq;
        jd_cursor_init(cursor, scope->name, scope->plan);
        cursor->seq = seq;
    }
    if (cursor->plan != scope->plan)
        return jd_fail(
            e, JD_E_STATE,
            "%.*s was mirrored with another choice of fields or query; --start-over begins "
            "a new backfill over the data held",
            JD_FMT(scope->label));
    return JD_OK;
}

/* Whether what is asked reaches further back than what the windows were walked with. */
static bool reaches_back(const jd_cursor *c, int64_t since)
{
    return c->nwindow > 0 && since < c->since;
}

static jd_code backfill(jd_delivery *d, jd_cursor *cursor, jd_err *e)
{
    jd_code rc = JD_OK;
    d->since   = cursor->since;
    for (unsigned i = 0; i < cursor->nwindow && !rc && !d->out->limited; i++)
        if (cursor->window[i].at != cursor->window[i].to)
            rc = jd_deliver_window(d, cursor, i, e);
    return rc;
}

/* What changed since t0 is followed in the same run, up to the server's clock as it is then. */
static jd_code backfill_and_horizon(job *b, jd_delivery *d, jd_cursor *cursor, jd_err *e)
{
    jd_page page;
    jd_code rc = backfill(d, cursor, e);
    if (rc || d->out->limited)
        return rc;
    rc = count(b, d->scope, JD_PAST, &d->bounds, &page, e);
    if (!rc)
        d->horizon = page.date_ms;
    return rc;
}

static jd_code follow(job *b, jd_delivery *d, jd_cursor *cursor, jd_err *e)
{
    int64_t from    = cursor->updated - b->conf->overlap_ms;
    d->since        = JD_PAST;
    d->keep_updated = b->conf->since != JD_PAST && b->conf->since > cursor->updated;
    if (d->keep_updated)
        from = b->conf->since;
    return jd_deliver_updates(d, cursor, from, e);
}

/* Held against counted. Issues that came up since the first count are not missing, nor are those
 * that went since; so the lesser of two counts decides. */
static jd_code judge(job *b, jd_delivery *d, uint64_t counted, jd_err *e)
{
    jd_scope_outcome *o = d->out;
    uint64_t          held;
    jd_bad_entry     *bad;
    size_t            nbad;
    jd_page           again;
    jd_code           rc     = b->sink.ops->count(b->sink.self, d->scope, b->conf->since, &held, e);
    jd_str            folder = d->scope->project.n ? d->scope->project : JD_STR("_");
    if (!rc)
        rc = jd_quarantine_list(b->arena, b->conf->quarantine_dir, folder, &bad, &nbad, e);
    if (rc)
        return rc;
    o->held        = held;
    o->quarantined = nbad;
    if (!o->complete)
        return JD_OK;
    if (counted > held + nbad) {
        rc = count(b, d->scope, b->conf->since, &d->bounds, &again, e);
        if (rc)
            return rc;
        counted   = again.total < counted ? again.total : counted;
        o->server = (int64_t)counted;
    }
    /* Quoted minutes count from further back than they say, so there the start date tells nothing.
     */
    if (d->bounds.quoted && b->conf->since != JD_PAST)
        return JD_OK;
    o->missing = counted > held + nbad ? counted - held - nbad : 0;
    o->extra   = held > counted ? held - counted : 0;
    return JD_OK;
}

static jd_code run_scope(job *b, const jd_scope *scope, jd_scope_outcome *o, jd_err *e)
{
    jd_cursor   cursor;
    jd_page     all, wanted;
    jd_delivery d  = {.jira           = &b->jira,
                      .sink           = &b->sink,
                      .reader         = &b->reader,
                      .stop           = b->env->stop,
                      .clock          = b->env->clock,
                      .log            = b->env->log,
                      .watch          = b->env->watch,
                      .quarantine_dir = b->conf->quarantine_dir,
                      .scope          = scope,
                      .page_size      = b->conf->page_size,
                      .limit          = b->conf->max_issues,
                      .since          = JD_PAST,
                      .strict         = b->conf->strict,
                      .out            = o};
    jd_code     rc = open_cursor(b, scope, &cursor, e);
    if (!rc)
        rc = count(b, scope, JD_PAST, &d.bounds, &all, e);
    if (!rc)
        rc = find_bounds(b, &d, &all, e);
    wanted = all;
    if (!rc && b->conf->since != JD_PAST)
        rc = count(b, scope, b->conf->since, &d.bounds, &wanted, e);
    if (rc)
        return rc;
    o->server = (int64_t)wanted.total;
    d.horizon = all.date_ms;
    if (b->env->watch->scope)
        b->env->watch->scope(b->env->watch->self, jd_arena_cstr(b->arena, scope->label),
                             b->conf->max_issues && b->conf->max_issues < wanted.total
                                 ? b->conf->max_issues
                                 : wanted.total);
    rc = jd_deliver_quarantine(&d, &cursor, e);
    if (!rc && (cursor.nwindow == 0 || reaches_back(&cursor, b->conf->since)))
        jd_cursor_begin(&cursor, d.horizon, b->conf->since);
    if (!rc && !jd_cursor_backfilled(&cursor))
        rc = backfill_and_horizon(b, &d, &cursor, e);
    if (!rc && !o->limited)
        rc = follow(b, &d, &cursor, e);
    o->complete = !rc && !o->limited;
    if (rc == JD_OK || rc == JD_E_INTERRUPTED) {
        jd_err  second;
        jd_code judged = judge(b, &d, wanted.total, &second);
        if (judged && !rc) {
            *e = second;
            rc = judged;
        }
    }
    return rc;
}

/* -- the run --------------------------------------------------------------------------------- */

/* Whether a failure is the scope's own, so that the others may still be tried. */
static bool scope_only(jd_code rc)
{
    return rc == JD_E_DATA || rc == JD_E_NOTFOUND || rc == JD_E_TOOBIG;
}

static jd_code run_all(job *b, const jd_scope *scope, size_t n, jd_err *e)
{
    jd_outcome *o = b->out;
    o->scope      = JD_NEW_ARRAY(b->arena, jd_scope_outcome, n);
    o->n          = n;
    jd_code worst = JD_OK;
    for (size_t i = 0; i < n; i++)
        o->scope[i] =
            (jd_scope_outcome){.label = scope[i].label, .jql = scope[i].selection, .server = -1};
    for (size_t i = 0; i < n; i++) {
        jd_scope_outcome *s = &o->scope[i];
        s->code             = run_scope(b, &scope[i], s, e);
        if (!s->code)
            continue;
        (void)snprintf(s->error, sizeof s->error, "%s", e->msg);
        worst = s->code;
        if (!scope_only(s->code))
            break;
    }
    return worst;
}

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
    b->jira.http = b->env->http;
    return rc;
}

void jd_scrape(const jd_scrape_conf *conf, const jd_scrape_env *env, jd_arena *a, jd_outcome *out)
{
    job       b = {.conf = conf, .env = env, .arena = a, .out = out};
    jd_err    e = JD_ERR_NONE;
    jd_scope *scope;
    size_t    n;
    *out       = (jd_outcome){.began_ms = jd_now_ms(env->clock)};
    jd_code rc = open_job(&b, &e);
    if (!rc) {
        out->site = jd_url_site(b.jira.base);
        rc        = jd_scopes_resolve(conf, &b.jira, a, &scope, &n, &e);
    }
    if (!rc) {
        jd_raw_conf raw = {conf->raw_dir, conf->state_dir, jd_arena_cstr(a, out->site), env->log};
        rc              = jd_raw_open(&raw, &b.sink, &e);
    }
    if (!rc)
        rc = b.sink.ops->reader(b.sink.self, &b.reader, &e);
    if (!rc)
        rc = run_all(&b, scope, n, &e);
    out->code     = rc;
    out->ended_ms = jd_now_ms(env->clock);
    out->http     = jd_http_statistics(env->http);
    if (rc)
        (void)snprintf(out->error, sizeof out->error, "%s", e.msg);
    if (!b.sink.ops)
        return;
    jd_err second;
    if (record(&b, &second) && !rc) {
        out->code = second.code;
        (void)snprintf(out->error, sizeof out->error, "%s", second.msg);
    }
    if (b.reader.close)
        b.reader.close(b.reader.self);
    b.sink.ops->close(b.sink.self);
}

/* -- dry run --------------------------------------------------------------------------------- */

static jd_code plan_scope(job *b, const jd_scope *scope, jd_buf *out, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf q      = JD_BUF_INIT(JQL_MAX);
    jd_bounds                         bounds = {0};
    jd_page                           page;
    char                              time[JD_TIME_MAX];
    jd_jql_walk(&q, scope->selection, JD_BY_CREATED, JD_PAST, JD_FUTURE, b->conf->since, &bounds);
    int64_t tick = jd_tick_ms(b->env->clock);
    jd_code rc   = count(b, scope, b->conf->since, &bounds, &page, e);
    if (rc)
        return rc;
    uint64_t issues =
        b->conf->max_issues && b->conf->max_issues < page.total ? b->conf->max_issues : page.total;
    uint64_t pages = (issues + b->conf->page_size - 1) / b->conf->page_size;
    int64_t  took  = jd_tick_ms(b->env->clock) - tick;
    int64_t  each  = took > b->conf->gap_ms ? took : b->conf->gap_ms;
    jd_buf_addf(out,
                "%.*s: %" PRIu64 " issues, %" PRIu64 " pages of %" PRIu64 ", about %s\n  %.*s\n",
                JD_FMT(scope->label), issues, pages, b->conf->page_size,
                jd_duration((int64_t)pages * each, time), JD_FMT(jd_buf_view(&q)));
    return JD_OK;
}

jd_code jd_scrape_plan(const jd_scrape_conf *conf, const jd_scrape_env *env, jd_buf *out, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    job                                  b = {.conf = conf, .env = env, .arena = a};
    jd_scope                            *scope;
    size_t                               n;
    jd_code                              rc = open_job(&b, e);
    if (!rc)
        rc = jd_scopes_resolve(conf, &b.jira, a, &scope, &n, e);
    for (size_t i = 0; !rc && i < n; i++)
        rc = plan_scope(&b, &scope[i], out, e);
    return rc;
}
