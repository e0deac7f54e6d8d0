#include "flow/deliver.h"

#include "base/hash.h"
#include "flow/quarantine.h"
#include "jira/children.h"
#include "text/date.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    BATCH_ISSUES = 2000,
    BATCH_BYTES  = 16 << 20,
    BATCH_MS     = 1000,
    JQL_MAX      = 1 << 20,
    SETTLED_MS =
        60000 /* a copy fetched this long after `updated` has no later change of that second */
};

typedef struct engine {
    jd_delivery *d;
    jd_cursor   *cursor; /* as committed */
    jd_cursor    next;   /* as it will be with the batch in hand */
    jd_walk      walk;
    unsigned     window;
    int64_t      last_updated; /* newest row kept, JD_PAST for none */
    bool         batch;        /* one is begun */
    uint64_t     batch_issues, batch_bytes;
    int64_t      batch_since; /* monotonic */
    jd_arena    *page;        /* rows, bodies, trees of the page in hand */
    jd_arena    *extra;       /* of one issue's completion */
} engine;

/* One row of the page, read as far as it goes. */
typedef struct parsed {
    jd_issue issue;
    jd_code  code;
    jd_err   why;
} parsed;

/* -- batches --------------------------------------------------------------------------------- */

static jd_code batch_begin(engine *g, jd_err *e)
{
    if (g->batch)
        return JD_OK;
    jd_code rc = g->d->sink->ops->begin(g->d->sink->self, e);
    if (rc)
        return rc;
    g->batch        = true;
    g->batch_issues = g->batch_bytes = 0;
    g->batch_since                   = jd_tick_ms(g->d->clock);
    return JD_OK;
}

static jd_code batch_commit(engine *g, jd_err *e)
{
    if (!g->batch)
        return JD_OK;
    jd_commit upto = {g->d->scope, &g->next};
    jd_code   rc   = g->d->sink->ops->commit(g->d->sink->self, &upto, 1, e);
    if (rc)
        return rc;
    g->batch   = false;
    *g->cursor = g->next;
    jd_event(g->d->log, JD_DEBUG, "commit", "%.*s: %" PRIu64 " issues, seq %" PRIu64,
             JD_FMT(g->d->scope->label), g->batch_issues, g->cursor->seq);
    return JD_OK;
}

static bool batch_full(const engine *g)
{
    return g->batch_issues >= BATCH_ISSUES || g->batch_bytes >= BATCH_BYTES ||
           jd_tick_ms(g->d->clock) - g->batch_since >= BATCH_MS;
}

/* -- one issue ------------------------------------------------------------------------------- */

static jd_code refuse(engine *g, const jd_issue *issue, const jd_err *why, jd_err *e)
{
    jd_delivery *d     = g->d;
    bool         fresh = false;
    jd_bad       bad   = {.scope   = d->scope->project.n ? d->scope->project : JD_STR("_"),
                          .id      = issue->id,
                          .key     = issue->key.n ? issue->key : JD_STR("?"),
                          .reason  = jd_str_of(why->msg),
                          .raw     = issue->raw,
                          .seen_ms = jd_now_ms(d->clock)};
    if (d->strict)
        return jd_fail(e, JD_E_DATA,
                       "%.*s: issue %.*s (id %" PRIu64 "): %s; without --strict it goes "
                       "to quarantine and the run goes on",
                       JD_FMT(d->scope->label), JD_FMT(jd_str_cut(bad.key, 0, 60)), bad.id,
                       why->msg);
    jd_code rc = jd_quarantine_add(d->quarantine_dir, &bad, &fresh, e);
    if (rc)
        return rc;
    d->out->quarantined_new += fresh;
    jd_event(d->log, fresh ? JD_WARN : JD_INFO, "quarantine",
             "%.*s: issue %.*s (id %" PRIu64 "): %s", JD_FMT(d->scope->label),
             JD_FMT(jd_str_cut(bad.key, 0, 60)), bad.id, why->msg);
    return JD_OK;
}

static void count_written(jd_scope_outcome *out, jd_written how)
{
    switch (how) {
    case JD_WROTE_NEW:
        out->fresh++;
        break;
    case JD_WROTE_CHANGED:
        out->changed++;
        break;
    case JD_WROTE_UNCHANGED:
    case JD_WROTE_OLDER:
        out->unchanged++;
        break;
    }
}

/* Whole, hashed and written. */
static jd_code keep(engine *g, jd_issue *issue, jd_err *e)
{
    jd_whole   whole;
    jd_written how;
    jd_err     why;
    jd_arena_reset(g->extra);
    jd_code rc = jd_jira_complete(g->d->jira, g->extra, issue, &whole, &why);
    if (rc == JD_E_DATA || rc == JD_E_TOOBIG)
        return refuse(g, issue, &why, e);
    if (rc) {
        *e = why;
        return rc;
    }
    issue->hash = jd_issue_hash(issue->doc);
    rc          = g->d->sink->ops->write(g->d->sink->self, g->d->scope, issue, &how, e);
    if (rc)
        return rc;
    g->d->out->short_lists += whole.short_lists;
    g->batch_issues++;
    g->batch_bytes += issue->raw.n;
    count_written(g->d->out, how);
    return JD_OK;
}

static bool limit_reached(const engine *g)
{
    const jd_scope_outcome *o = g->d->out;
    return g->d->limit && o->fresh + o->changed >= g->d->limit;
}

/* -- one page -------------------------------------------------------------------------------- */

static bool is_held(engine *g, const jd_issue *issue)
{
    jd_held held;
    return g->d->reader->holds(g->d->reader->self, issue->id, issue->key, &held) &&
           held.updated_ms == issue->updated_ms && held.plan == g->d->scope->plan &&
           held.fetched_ms > held.updated_ms + SETTLED_MS;
}

/* A row that cannot be read still has a place in the order: that of its neighbour. */
static void stand_in(engine *g, const jd_row *neighbour, parsed *p, jd_row *row)
{
    int64_t at =
        neighbour ? (g->walk.axis == JD_BY_CREATED ? neighbour->created_ms : neighbour->updated_ms)
                  : g->walk.anchor;
    *row = (jd_row){.id         = p->issue.id ? p->issue.id : jd_hash64(p->issue.raw) | 1ull << 63,
                    .created_ms = at == JD_PAST ? 0 : at,
                    .updated_ms = at == JD_PAST ? 0 : at};
}

static void read_rows(engine *g, const jd_page *page, parsed *p, jd_row *row)
{
    for (size_t i = 0; i < page->n; i++) {
        const jd_json *doc = NULL;
        p[i]               = (parsed){.issue = {.raw = page->raw[i]}};
        p[i].code          = jd_json_read(g->page, page->raw[i], &doc, &p[i].why);
        if (!p[i].code)
            p[i].code = jd_issue_view(doc, page->raw[i], &p[i].issue, &p[i].why);
        if (p[i].code) {
            stand_in(g, i ? &row[i - 1] : NULL, &p[i], &row[i]);
            continue;
        }
        p[i].issue.fetched_ms = page->date_ms;
        row[i]                = (jd_row){.id         = p[i].issue.id,
                                         .created_ms = p[i].issue.created_ms,
                                         .updated_ms = p[i].issue.updated_ms,
                                         .held       = is_held(g, &p[i].issue)};
    }
}

/* Quoted bounds are read in the account's zone; where only rows tell of it, the last one does. */
static void learn_offset(engine *g, const parsed *p, size_t n)
{
    jd_bounds *b = &g->d->bounds;
    if (!b->quoted || b->zone || n == 0 || p[n - 1].code)
        return;
    b->offset_known = true;
    b->offset_min   = g->walk.axis == JD_BY_CREATED ? p[n - 1].issue.offset_min
                                                    : p[n - 1].issue.updated_offset_min;
}

static jd_code deliver_row(engine *g, parsed *p, const jd_row *row, jd_err *e)
{
    if (row->known)
        return JD_OK;
    if (p->code)
        return refuse(g, &p->issue, &p->why, e);
    if (row->held) {
        g->d->out->unchanged++;
        return g->d->sink->ops->member(g->d->sink->self, g->d->scope, row->id, e);
    }
    return keep(g, &p->issue, e);
}

/* How far the cursor may go once `row` is the last one kept of a page that began at `before`. */
static int64_t reached(const engine *g, int64_t before, bool paging, const jd_row *row)
{
    int64_t at =
        jd_floor_ms(g->walk.axis == JD_BY_CREATED ? row->created_ms : row->updated_ms, 1000);
    return paging || at < before ? before : at;
}

static void move_cursor(engine *g, int64_t anchor)
{
    jd_cursor *c = &g->next;
    if (g->walk.axis == JD_BY_CREATED) {
        c->window[g->window].at = anchor;
        jd_cursor_settle(c);
    } else if (!g->d->keep_updated && anchor != JD_PAST) {
        int64_t at = anchor < g->d->horizon ? anchor : g->d->horizon;
        if (at > c->updated)
            c->updated = at;
    }
}

/* Where the walk stands after whole pages. */
static int64_t position(const engine *g)
{
    return g->walk.done && g->walk.axis == JD_BY_CREATED ? g->walk.to : g->walk.anchor;
}

/* All rows of a page into the batch; *cut says that a limit ended it early. */
static jd_code deliver_page(engine *g, const jd_page *page, bool *cut, jd_err *e)
{
    parsed *p      = JD_NEW_ARRAY(g->page, parsed, page->n);
    jd_row *row    = JD_NEW_ARRAY(g->page, jd_row, page->n);
    int64_t before = g->walk.anchor;
    bool    paging = g->walk.paging;
    read_rows(g, page, p, row);
    learn_offset(g, p, page->n);
    jd_walk_feed(&g->walk, row, page->n, page->total, page->max_results);
    jd_code rc = batch_begin(g, e);
    for (size_t i = 0; i < page->n && !rc; i++) {
        rc = deliver_row(g, &p[i], &row[i], e);
        if (rc)
            break;
        if (!p[i].code && row[i].updated_ms > g->last_updated)
            g->last_updated = row[i].updated_ms;
        if (limit_reached(g)) {
            *cut = !g->walk.done || i + 1 < page->n;
            if (*cut)
                move_cursor(g, reached(g, before, paging, &row[i]));
            break;
        }
    }
    if (!rc && !*cut)
        move_cursor(g, position(g));
    return rc;
}

static uint64_t rows_to_ask(const engine *g)
{
    const jd_scope_outcome *o    = g->d->out;
    uint64_t                size = g->d->page_size, left;
    if (!g->d->limit)
        return size;
    left = g->d->limit - (o->fresh + o->changed) + 10; /* a few more: some may be held already */
    return left < size ? left : size;
}

static jd_code ask_page(engine *g, const jd_ask *ask, jd_page *page, jd_err *e)
{
    jd_delivery                      *d = g->d;
    JD_CLEANUP(jd_buf_release) jd_buf q = JD_BUF_INIT(JQL_MAX);
    jd_jql_walk(&q, d->scope->selection, ask->axis, ask->from, ask->to, d->since, &d->bounds);
    jd_event(d->log, JD_DEBUG, "page", "%.*s from %" PRIu64, JD_FMT(jd_buf_view(&q)),
             ask->start_at);
    jd_code rc =
        jd_jira_search(d->jira, g->page, jd_buf_view(&q), ask->start_at, rows_to_ask(g), page, e);
    if (!rc && page->date_ms == JD_NO_TIME)
        page->date_ms = jd_now_ms(d->clock);
    return rc;
}

/* -- a walk ---------------------------------------------------------------------------------- */

static jd_code walk_pages(engine *g, jd_err *e)
{
    jd_ask ask;
    bool   cut = false;
    while (!cut && jd_walk_next(&g->walk, &ask)) {
        jd_page page;
        if (jd_stop_wanted(g->d->stop))
            return jd_fail(e, JD_E_INTERRUPTED, "interrupted: run again to go on where it stopped");
        jd_arena_reset(g->page);
        uint64_t before = g->d->out->fresh + g->d->out->changed + g->d->out->unchanged;
        jd_code  rc     = ask_page(g, &ask, &page, e);
        if (!rc)
            rc = deliver_page(g, &page, &cut, e);
        if (rc)
            return rc;
        if (g->d->watch->moved)
            g->d->watch->moved(g->d->watch->self, g->d->out->fresh + g->d->out->changed +
                                                      g->d->out->unchanged - before);
        if (batch_full(g)) {
            rc = batch_commit(g, e);
            if (rc)
                return rc;
        }
    }
    g->d->out->limited = g->d->out->limited || cut;
    return JD_OK;
}

/* Whether what the sink took of the batch is sound, so that it may be committed in spite of `rc`.
 */
static bool sound(jd_code rc)
{
    return rc != JD_E_IO && rc != JD_E_DB && rc != JD_E_LOCKED && rc != JD_E_STALE &&
           rc != JD_E_STATE && rc != JD_E_INTERNAL;
}

static jd_code run_walk(engine *g, jd_err *e)
{
    jd_delivery *d = g->d;
    jd_err       second;
    g->page    = jd_arena_new(1 << 20);
    g->extra   = jd_arena_new(1 << 16);
    jd_code rc = walk_pages(g, e);
    /* An error inside a page leaves the cursor before that page; what came of it comes again. */
    if (!rc && g->walk.axis == JD_BY_UPDATED && g->walk.done) {
        move_cursor(g, g->last_updated);
        if (g->next.updated != g->cursor->updated)
            rc = batch_begin(g, e);
    }
    if (!rc)
        rc = batch_commit(g, e);
    else if (sound(rc) && batch_commit(g, &second)) {
        *e = second;
        rc = second.code;
    }
    if (g->batch)
        d->sink->ops->abort(d->sink->self);
    jd_arena_free(g->page);
    jd_arena_free(g->extra);
    return rc;
}

jd_code jd_deliver_window(jd_delivery *d, jd_cursor *cursor, unsigned window, jd_err *e)
{
    engine g = {
        .d = d, .cursor = cursor, .next = *cursor, .window = window, .last_updated = JD_PAST};
    jd_window *w = &cursor->window[window];
    jd_walk_open(&g.walk, JD_BY_CREATED, w->at, w->to, d->horizon);
    jd_code rc = run_walk(&g, e);
    jd_walk_close(&g.walk);
    return rc;
}

jd_code jd_deliver_updates(jd_delivery *d, jd_cursor *cursor, int64_t from, jd_err *e)
{
    engine g = {.d = d, .cursor = cursor, .next = *cursor, .last_updated = JD_PAST};
    jd_walk_open(&g.walk, JD_BY_UPDATED, from, JD_FUTURE, d->horizon);
    jd_code rc = run_walk(&g, e);
    jd_walk_close(&g.walk);
    return rc;
}

/* -- quarantine ------------------------------------------------------------------------------ */

/* One entry again; *settled: it need not stay. */
static jd_code ask_again(engine *g, const jd_bad_entry *entry, bool *settled, jd_err *e)
{
    jd_issue       issue;
    const jd_json *doc;
    jd_str         raw;
    int64_t        date;
    jd_err         why;
    jd_arena_reset(g->page);
    jd_str  id = jd_arena_fmt(g->page, "%" PRIu64, entry->id);
    jd_code rc = jd_jira_issue(g->d->jira, g->page, id, &raw, &date, e);
    *settled   = rc == JD_E_NOTFOUND;
    if (rc == JD_E_NOTFOUND || rc == JD_E_REMOTE || rc == JD_E_DATA)
        return JD_OK;
    if (rc)
        return rc;
    if (jd_json_read(g->page, raw, &doc, &why) || jd_issue_view(doc, raw, &issue, &why))
        return JD_OK;
    issue.fetched_ms = date == JD_NO_TIME ? jd_now_ms(g->d->clock) : date;
    uint64_t before  = g->d->out->quarantined_new;
    rc               = batch_begin(g, e);
    if (!rc)
        rc = keep(g, &issue, e);
    *settled = !rc && g->d->out->quarantined_new == before;
    return rc;
}

jd_code jd_deliver_quarantine(jd_delivery *d, jd_cursor *cursor, jd_err *e)
{
    engine                               g = {.d = d, .cursor = cursor, .next = *cursor};
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_bad_entry                        *entry;
    size_t                               n;
    jd_str  folder = d->scope->project.n ? d->scope->project : JD_STR("_");
    jd_code rc     = jd_quarantine_list(a, d->quarantine_dir, folder, &entry, &n, e);
    g.page         = jd_arena_new(0);
    g.extra        = jd_arena_new(0);
    for (size_t i = 0; i < n && !rc; i++) {
        bool settled = false;
        if (!entry[i].id)
            continue;
        rc = ask_again(&g, &entry[i], &settled, e);
        if (!rc)
            rc = batch_commit(&g, e);
        if (!rc && settled)
            rc = jd_quarantine_clear(&entry[i], e);
    }
    if (g.batch)
        d->sink->ops->abort(d->sink->self);
    jd_arena_free(g.page);
    jd_arena_free(g.extra);
    return rc;
}
