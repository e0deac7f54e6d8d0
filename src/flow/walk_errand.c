#include "base/hash.h"
#include "base/vec.h"
#include "flow/walker.h"
#include "text/date.h"
#include "text/utf8.h"

#include <inttypes.h>

enum {
    JQL_MAX      = 1 << 20,
    SETTLED_MS   = 60000, /* a copy fetched this long after `updated` has no later change of then */
    HOLLOW_TRIES = 6,
    ASTRAY_MAX   = 50,
    AHEAD_ROWS   = 5000, /* histories read ahead for a page */
    TOKEN_MAX    = 1 << 20,
    TRIES        = 3, /* for a page that may be halved, and for a single row */
    LEAN_GUESS   = 512,
    STEPS_MAX    = 20 /* rows in a row that may be stepped over */
};

/* -- rows ------------------------------------------------------------------------------------ */

static bool is_held(jd_walker *w, const jd_issue *issue)
{
    jd_held held;
    if (!w->f->reader.holds(w->f->reader.self, issue->id, issue->key, &held))
        return false;
    if (w->er->lean)
        return held.updated_ms >= issue->updated_ms;
    return held.updated_ms == issue->updated_ms && held.plan == w->er->base.scope->plan &&
           held.fetched_ms > held.updated_ms + SETTLED_MS;
}

/* Stands in for a row without an id. Its own is made so that the same row gets the same one when it
 * is met again under another query of this walk: from where it is on the axis, and how many such
 * rows came before it there. */
static jd_row step(jd_walker *w, const jd_place *place, int64_t at)
{
    uint64_t jql   = jd_hash64(place->jql);
    bool     on    = w->stepped.jql == jql && w->stepped.row < place->row && w->stepped.at == at;
    w->stepped.nth = on ? w->stepped.nth + 1 : 1;
    w->stepped.jql = jql;
    w->stepped.row = place->row;
    w->stepped.at  = at;
    return (jd_row){.id         = jd_mix64((uint64_t)at ^ jd_mix64(w->stepped.nth)) | 1ull << 63,
                    .created_ms = at,
                    .updated_ms = at};
}

/* A row that cannot be read still has a place in the order: that of its neighbour. */
static jd_row stand_in(const jd_walker *w, const jd_row *neighbour, const jd_seen *s)
{
    int64_t at = !neighbour                      ? w->walk.anchor
                 : w->walk.axis == JD_BY_CREATED ? neighbour->created_ms
                                                 : neighbour->updated_ms;
    if (at == JD_PAST)
        at = 0;
    return (jd_row){.id         = s->issue.id ? s->issue.id : jd_hash64(s->issue.raw) | 1ull << 63,
                    .created_ms = at,
                    .updated_ms = at};
}

/* What is kept is UTF-8, whatever a proxy made of it. */
static jd_str clean(jd_arena *mem, jd_str raw)
{
    if (jd_utf8_valid(raw) == raw.n)
        return raw;
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(SIZE_MAX / 4);
    (void)jd_utf8_fix(&b, raw);
    return jd_arena_dup(mem, jd_buf_view(&b));
}

/* The full story of a row that a glance did not tell; hashed only when it is whole. */
static jd_code read_row(jd_walker *w, jd_arena *mem, jd_str raw, jd_seen *s, jd_err *why)
{
    const jd_json *doc       = NULL;
    jd_issue      *issue     = &s->issue;
    bool           cut_short = false;
    jd_arena_reset(w->extra);
    raw        = clean(mem, raw);
    *issue     = (jd_issue){.raw = raw};
    jd_code rc = jd_json_read(w->extra, raw, &doc, why);
    if (!rc)
        rc = jd_issue_view(doc, raw, issue, why);
    issue->doc     = NULL;
    issue->key     = jd_arena_dup(mem, issue->key);
    issue->project = jd_key_project(issue->key);
    for (int k = 0; k < JD_NCHILD && !rc; k++) {
        jd_child_state is  = jd_issue_children(doc, (jd_child)k);
        bool           cut = is.present && is.total > (int64_t)is.have;
        cut_short          = cut_short || cut;
        if (cut && k == JD_HISTORIES)
            s->histories = is.total;
    }
    if (!rc && !cut_short)
        issue->hash = jd_issue_hash(doc);
    return rc;
}

static bool untold(const jd_seen *s)
{
    return s->bad && !s->issue.id && !jd_quarantine_told(s->issue.raw);
}

/* Rows that nothing tells apart: their place is that of the next one which can be read. */
static void place_untold(jd_walker *w, const jd_asked *q, const jd_seen *s, jd_row *row)
{
    for (size_t i = 0; i < q->page.n; i++) {
        size_t next = i;
        while (next < q->page.n && untold(&s[next]))
            next++;
        const jd_row *like = next < q->page.n ? &row[next] : &row[i];
        int64_t       at   = w->walk.axis == JD_BY_CREATED ? like->created_ms : like->updated_ms;
        if (next > i)
            row[i] = step(w, &(jd_place){q->place.jql, q->place.row + i}, jd_floor_ms(at, 1000));
    }
}

/* Reads what the walk needs of every row, and its hash (0: cut short). */
void jd_walker_read(jd_walker *w, const jd_asked *q, jd_seen *s, jd_row *row)
{
    jd_arena      *mem  = q->mem;
    const jd_page *page = &q->page;
    for (size_t i = 0; i < page->n; i++) {
        const jd_page_row *from  = &page->row[i];
        jd_issue          *issue = &s[i].issue;
        jd_err             why;
        s[i] = (jd_seen){.issue = from->seen};
        jd_code rc =
            from->seen.id && !from->cut_short ? JD_OK : read_row(w, mem, from->raw, &s[i], &why);
        if (rc) {
            s[i].bad = true;
            s[i].why = jd_arena_cstr(mem, jd_str_of(why.msg));
            row[i]   = stand_in(w, i ? &row[i - 1] : NULL, &s[i]);
            continue;
        }
        issue->fetched_ms = page->date_ms;
        row[i]            = (jd_row){.id         = issue->id,
                                     .created_ms = issue->created_ms,
                                     .updated_ms = issue->updated_ms,
                                     .held       = is_held(w, issue)};
        if (row[i].held)
            s[i].histories = 0;
    }
    place_untold(w, q, s, row);
}

/* Makes one issue whole. Its tree was let go; only those that were cut short are read again. */
jd_code jd_walker_whole(jd_walker *w, jd_arena *mem, const jd_seen *s, const jd_ahead *ahead,
                        jd_fetched *out, jd_err *e)
{
    jd_whole       done;
    jd_err         why;
    const jd_json *doc;
    *out = (jd_fetched){.what = JD_ROW_ISSUE, .issue = s->issue};
    if (s->issue.hash)
        return JD_OK;
    jd_arena_reset(w->extra);
    jd_code rc = jd_json_read(w->extra, s->issue.raw, &doc, &why);
    if (!rc) {
        out->issue.doc = doc;
        rc             = jd_jira_complete(&w->f->jira, w->extra, &out->issue, ahead, &done, &why);
    }
    if (rc == JD_E_INTERRUPTED || rc == JD_E_AUTH || rc == JD_E_BUSY || rc == JD_E_NET) {
        *e = why;
        return rc;
    }
    if (rc) { /* this issue's lists cannot be had: it waits in quarantine, the walk goes on */
        *out = (jd_fetched){.what   = JD_ROW_BAD,
                            .issue  = s->issue,
                            .reason = jd_arena_cstr(mem, jd_str_of(why.msg))};
        return JD_OK;
    }
    out->issue.hash    = jd_issue_hash(out->issue.doc);
    out->issue.key     = s->issue.key;
    out->issue.project = s->issue.project;
    out->short_lists   = done.short_lists;
    if (done.rewritten)
        out->issue.raw = jd_arena_dup(mem, out->issue.raw);
    out->issue.doc = NULL;
    return JD_OK;
}

/* The histories that a page of Cloud's was cut short of, in one go; those too long for that, and
 * all of them where the bulk fails, are read issue by issue. */
static void read_ahead(jd_walker *w, jd_arena *mem, const jd_seen *s, const jd_row *row, size_t n,
                       jd_ahead *out)
{
    uint64_t id[JD_BULK_HISTORIES];
    size_t   some = 0;
    int64_t  rows = 0;
    jd_err   why;
    if (!w->f->jira.cloud)
        return;
    for (size_t i = 0; i < n && some < JD_BULK_HISTORIES; i++) {
        if (row[i].known || s[i].bad || !s[i].histories || rows + s[i].histories > AHEAD_ROWS)
            continue;
        rows += s[i].histories;
        id[some++] = s[i].issue.id;
    }
    if (some < 2 || !jd_jira_bulk_histories(&w->f->jira, mem, id, some, out, &why))
        return;
    jd_idmap_free(out->at);
    out->at = NULL;
    jd_event(w->f->log, JD_INFO, "page", "histories in bulk: %s; asking for each issue", why.msg);
}

/* -- asking ---------------------------------------------------------------------------------- */

static jd_query query(jd_walker *w, jd_arena *a, const jd_ask *ask)
{
    JD_CLEANUP(jd_buf_release) jd_buf sel = JD_BUF_INIT(JQL_MAX);
    JD_CLEANUP(jd_buf_release) jd_buf q   = JD_BUF_INIT(JQL_MAX);
    if (w->jql.n)
        return (jd_query){
            .jql = w->jql, .start_at = ask->start_at, .fields = w->er->base.scope->fields};
    jd_buf_adds(&sel, w->er->base.scope->selection);
    for (size_t i = 0; i < w->nexcluded; i++)
        jd_buf_addf(&sel, " AND id != %" PRIu64, w->excluded[i]);
    jd_jql_walk(&q, jd_buf_view(&sel), ask->axis, ask->from, ask->to, w->er->since, &w->bounds);
    return (jd_query){.jql      = jd_arena_dup(a, jd_buf_view(&q)),
                      .start_at = ask->start_at,
                      .field    = w->er->lean ? "created,updated" : NULL,
                      .fields   = w->er->base.scope->fields,
                      .token    = ask->go_on ? jd_buf_view(&w->token) : JD_NOSTR};
}

static uint64_t rows_to_ask(const jd_walker *w, unsigned fetchers)
{
    uint64_t share = JD_FETCH_BYTES / fetchers, n = share / (w->per_issue ? w->per_issue : 1);
    if (n > w->ceiling)
        n = w->ceiling;
    if (w->er->limit && n > w->er->limit)
        n = w->er->limit;
    return n ? n : 1;
}

/* Whether asking for less may help: the server, or the way to it, chokes on the page itself. */
static bool page_trouble(jd_code rc)
{
    return rc == JD_E_REMOTE || rc == JD_E_NET || rc == JD_E_TOOBIG;
}

/* The page's one issue cannot be had: learn its id, so that the walk can go on without it. */
static jd_code learn_poison(jd_walker *w, jd_arena *a, jd_query q, uint64_t *id, jd_err *e)
{
    jd_page        page;
    const jd_json *doc;
    *id           = 0;
    q.max_results = 1;
    q.field       = "id";
    jd_code rc    = jd_jira_search(&w->f->jira, a, &q, &page, e);
    if (!rc && page.n > 0 && !jd_json_read(a, page.row[0].raw, &doc, e))
        *id = jd_json_id(jd_json_get(doc, "id"));
    return rc;
}

/* One try for n rows, into a fresh arena: a broken body may be large. */
jd_code jd_walker_try(jd_walker *w, const jd_ask *ask, uint64_t n, jd_asked *out, jd_err *e)
{
    jd_code rc = jd_fetcher_reserve(w->f, (size_t)(n * w->per_issue), e);
    if (rc)
        return rc;
    out->mem         = jd_fetcher_arena(w->f);
    jd_query q       = query(w, out->mem, ask);
    q.max_results    = n;
    out->place       = (jd_place){q.jql, ask->start_at};
    w->f->jira.tries = n > 1 ? TRIES : 0;
    jd_event(w->f->log, JD_DEBUG, "page", "%.*s from %" PRIu64 "%s, %" PRIu64 " rows",
             JD_FMT(q.jql), ask->start_at, ask->go_on ? " by token" : "", n);
    rc               = jd_jira_search(&w->f->jira, out->mem, &q, &out->page, e);
    w->f->jira.tries = 0;
    out->hollow      = !rc && out->page.n == 0 && out->page.told.total > ask->start_at;
    if (out->hollow && !w->doubtful)
        rc = jd_fail(e, JD_E_REMOTE,
                     "the server counts %" PRIu64 " issues and sends none of them: run again",
                     out->page.told.total);
    if (rc) {
        jd_arena_free(out->mem);
        out->mem = NULL;
    } else if (out->page.date_ms == JD_NO_TIME) {
        out->page.date_ms = jd_now_ms(w->f->clock);
    }
    return rc;
}

/* Where one row is on the axis; JD_E_REMOTE when that cannot be told. */
static jd_code learn_place(jd_walker *w, const jd_asked *q, uint64_t row, int64_t *at, jd_err *e)
{
    const char    *axis = w->walk.axis == JD_BY_CREATED ? "created" : "updated";
    const jd_json *doc;
    jd_page        page;
    jd_query       one = {.jql = q->place.jql, .start_at = row, .max_results = 1, .field = axis};
    jd_code        rc  = jd_jira_search(&w->f->jira, q->mem, &one, &page, e);
    if (rc)
        return rc;
    if (page.n == 0 || jd_json_read(q->mem, page.row[0].raw, &doc, e) ||
        !jd_time_parse(jd_json_str(jd_json_get(jd_json_get(doc, "fields"), axis)), at, NULL))
        return jd_fail(e, JD_E_REMOTE, "row %" PRIu64 " has no %s", row, axis);
    return JD_OK;
}

/* Behind rows of which not even an id can be had the walk goes on at the next one; in a minute that
 * is paged by offset that is simply the next offset. */
static jd_code step_over(jd_walker *w, jd_asked *q, jd_err *e)
{
    jd_page page;
    if (w->f->jira.cloud)
        return jd_fail(e, JD_E_REMOTE, "tokens cannot be stepped over");
    jd_code rc = jd_jira_search(&w->f->jira, q->mem, &(jd_query){.jql = q->place.jql}, &page, e);
    q->page    = page;
    q->beyond  = JD_FUTURE;
    for (q->steps = 1; !rc && q->place.row + q->steps < page.told.total; q->steps++) {
        rc = learn_place(w, q, q->place.row + q->steps, &q->beyond, e);
        if (!page_trouble(rc) || q->steps == STEPS_MAX)
            break;
        rc = JD_OK;
    }
    if (w->walk.paging)
        q->steps = 1;
    return rc;
}

/* The one issue that the page cannot be had for: its id, or else its place. */
static jd_code find_poison(jd_walker *w, const jd_ask *ask, jd_asked *out, jd_err *e)
{
    jd_err probe;
    out->mem         = jd_arena_new(0);
    out->page        = (jd_page){0};
    out->why         = *e;
    jd_query q       = query(w, out->mem, ask);
    out->place       = (jd_place){q.jql, ask->start_at};
    w->f->jira.tries = TRIES;
    jd_code rc       = learn_poison(w, out->mem, q, &out->poison, &probe);
    if (rc || w->nexcluded == JD_EXCLUDED_MAX)
        out->poison = 0;
    if (out->poison)
        w->excluded[w->nexcluded++] = out->poison;
    else
        rc = step_over(w, out, &probe);
    w->f->jira.tries = 0;
    if (!rc)
        return JD_OK;
    jd_arena_free(out->mem);
    return e->code;
}

/* One page, halved until it can be had. */
static jd_code ask_page(jd_walker *w, const jd_ask *ask, jd_asked *out, jd_err *e)
{
    uint64_t n     = rows_to_ask(w, jd_fetch_size(w->f->fetch));
    unsigned alone = 0; /* tries for a single row */
    for (;;) {
        jd_code rc = jd_walker_try(w, ask, n, out, e);
        if (!rc) {
            w->ceiling = w->ceiling * 2 < w->er->page_size ? w->ceiling * 2 : w->er->page_size;
            return JD_OK;
        }
        if (!page_trouble(rc) || jd_fetcher_halted(w->f))
            return rc;
        if (n == 1 && ++alone >= TRIES) {
            /* What is counted and never sent may be all there is: the verdict judges by the count.
             */
            if (!out->hollow)
                return find_poison(w, ask, out, e);
            w->doubtful = alone >= HOLLOW_TRIES;
        }
        n          = n > 1 ? n / 2 : 1;
        w->ceiling = n;
        jd_event(w->f->log, JD_WARN, "page", "%.*s: %s; asking for %" PRIu64 " at a time",
                 JD_FMT(w->er->base.scope->label), e->msg, n);
    }
}

/* -- pages into hauls ------------------------------------------------------------------------ */

jd_haul *jd_walker_haul(jd_walker *w, jd_arena *mem, size_t rows)
{
    jd_haul *h  = (jd_haul *)jd_fetcher_parcel(w->f, &w->er->base.errand, sizeof *h, mem);
    h->row      = JD_NEW_ARRAY(mem, jd_fetched, rows);
    h->horizon  = w->walk.horizon;
    h->doubtful = w->doubtful;
    return h;
}

void jd_walker_hand(jd_walker *w, jd_haul *h)
{
    h->parcel.bytes = jd_arena_size(h->parcel.mem);
    jd_fetcher_hand(w->f, &h->parcel);
}

/* Quoted bounds are read in the account's zone; where only rows tell of it, the last one does. */
static void learn_offset(jd_walker *w, const jd_seen *s, size_t n)
{
    if (n > 0 && !s[n - 1].bad && !jd_walk_amid(&w->walk))
        jd_bounds_learn(&w->bounds, w->walk.axis == JD_BY_CREATED
                                        ? s[n - 1].issue.offset_min
                                        : s[n - 1].issue.updated_offset_min);
}

static void learn_size(jd_walker *w, const jd_page *page)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < page->n; i++)
        bytes += page->row[i].raw.n;
    if (page->n)
        w->per_issue = (3 * w->per_issue + bytes / page->n) / 4 + 1;
}

/* The poisoned issue as a row of its own; the walk has not moved. */
static void hand_poison(jd_walker *w, const jd_asked *q)
{
    jd_haul *h = jd_walker_haul(w, q->mem, 1);
    h->before = h->after = w->walk.anchor;
    h->paging            = w->walk.paging;
    h->row[h->n++]       = (jd_fetched){
              .what  = JD_ROW_BAD,
              .issue = {.id = q->poison},
              .reason =
                  jd_arena_fmt(q->mem, "the server cannot answer with this issue: %s", q->why.msg).p};
    jd_walker_hand(w, h);
}

/* `raw` is what came of the first, if anything did. */
static void hand_stepped(jd_walker *w, const jd_asked *q, jd_str raw)
{
    jd_row   row[STEPS_MAX];
    bool     last = q->beyond == JD_FUTURE;
    int64_t  at   = last ? w->walk.anchor : q->beyond;
    jd_haul *h    = jd_walker_haul(w, q->mem, q->steps);
    h->before     = w->walk.anchor;
    h->paging     = w->walk.paging;
    at            = at == JD_PAST ? 0 : jd_floor_ms(at, 1000);
    for (uint64_t i = 0; i < q->steps; i++)
        row[i] = step(w, &(jd_place){q->place.jql, q->place.row + i}, at);
    jd_walk_feed(&w->walk, row, q->steps,
                 &(jd_told){.total = q->page.told.total, .max_results = q->steps + last});
    for (uint64_t i = 0; i < q->steps; i++)
        if (!row[i].known)
            h->row[h->n++] = (jd_fetched){.what   = JD_ROW_BAD,
                                          .issue  = {.raw = i == 0 ? raw : JD_NOSTR},
                                          .at_s   = h->before,
                                          .place  = {q->place.jql, q->place.row + i},
                                          .reason = jd_arena_cstr(q->mem, jd_str_of(q->why.msg))};
    h->done  = w->walk.done;
    h->after = h->done && w->walk.axis == JD_BY_CREATED ? w->walk.to : w->walk.anchor;
    jd_walker_hand(w, h);
}

/* A page of one row that has no id. */
static jd_code hand_nameless(jd_walker *w, jd_asked *q, const jd_seen *s, jd_err *e)
{
    q->why     = JD_ERR_NONE;
    jd_code rc = jd_fail(&q->why, JD_E_DATA, "%s", s->why);
    rc         = step_over(w, q, e);
    if (rc)
        jd_arena_free(q->mem);
    else
        hand_stepped(w, q, s->issue.raw);
    return rc;
}

static bool none_read(const jd_seen *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!s[i].bad)
            return false;
    return true;
}

/* Nothing tells where such a page stands: the walk goes on without its issues. */
static jd_code hand_unread(jd_walker *w, jd_haul *h, const jd_seen *s, size_t n, jd_err *e)
{
    jd_code rc = JD_OK;
    for (size_t i = 0; i < n && !rc; i++) {
        if (s[i].issue.id && w->nexcluded < JD_EXCLUDED_MAX)
            w->excluded[w->nexcluded++] = s[i].issue.id;
        else
            rc = jd_fail(e, JD_E_DATA,
                         "none of the %zu issues of a page can be read (%s): is this a Jira Data "
                         "Center address?",
                         n, s[i].why);
        h->row[h->n++] = (jd_fetched){
            .what = JD_ROW_BAD, .issue = s[i].issue, .at_s = h->before, .reason = s[i].why};
    }
    h->after = h->before;
    jd_walker_hand(w, h);
    return rc;
}

jd_fetched jd_walker_bad(const jd_asked *q, const jd_seen *s, size_t i)
{
    return (jd_fetched){.what   = JD_ROW_BAD,
                        .issue  = s->issue,
                        .reason = s->why,
                        .place  = {q->place.jql, q->place.row + i}};
}

static jd_code hand_page(jd_walker *w, jd_asked *q, jd_err *e)
{
    const jd_page                       *page      = &q->page;
    jd_haul                             *h         = jd_walker_haul(w, q->mem, page->n);
    jd_seen                             *s         = JD_NEW_ARRAY(q->mem, jd_seen, page->n);
    jd_row                              *row       = JD_NEW_ARRAY(q->mem, jd_row, page->n);
    jd_code                              rc        = JD_OK;
    jd_ahead                             ahead     = {0};
    JD_CLEANUP(jd_arena_freep) jd_arena *ahead_mem = jd_arena_new(0);
    h->before                                      = w->walk.anchor;
    h->paging                                      = w->walk.paging;
    jd_walker_read(w, q, s, row);
    if (page->n == 1 && s[0].bad && !s[0].issue.id)
        return hand_nameless(w, q, &s[0], e);
    if (page->n && none_read(s, page->n))
        return hand_unread(w, h, s, page->n, e);
    learn_size(w, page);
    jd_walk_feed(&w->walk, row, page->n, &page->told);
    learn_offset(w, s, page->n);
    if (!w->er->lean)
        read_ahead(w, ahead_mem, s, row, page->n, &ahead);
    for (size_t i = 0; i < page->n && !rc; i++) {
        jd_fetched *out = &h->row[h->n];
        if (row[i].known)
            continue;
        if (s[i].bad)
            *out = jd_walker_bad(q, &s[i], i);
        else if (row[i].held || w->er->lean)
            *out = (jd_fetched){.what = JD_ROW_MEMBER, .issue = s[i].issue};
        else
            rc = jd_walker_whole(w, q->mem, &s[i], ahead.at ? &ahead : NULL, out, e);
        out->at_s = jd_floor_ms(
            w->walk.axis == JD_BY_CREATED ? row[i].created_ms : row[i].updated_ms, 1000);
        h->n += !rc;
    }
    if (rc) { /* what is whole already is kept; the position stays before this page */
        h->after = h->before;
    } else {
        h->done  = w->walk.done;
        h->after = w->walk.done && w->walk.axis == JD_BY_CREATED ? w->walk.to : w->walk.anchor;
    }
    jd_idmap_free(ahead.at);
    jd_walker_hand(w, h);
    return rc;
}

static jd_code fresh_horizon(jd_walker *w, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    JD_CLEANUP(jd_buf_release) jd_buf    q = JD_BUF_INIT(JQL_MAX);
    jd_counted                           now;
    jd_jql_count(&q, w->er->base.scope->selection, JD_PAST, &w->bounds);
    jd_code rc = jd_jira_count(&w->f->jira, a, jd_buf_view(&q), &now, e);
    if (!rc)
        w->walk.horizon = now.date_ms == JD_NO_TIME ? jd_now_ms(w->f->clock) : now.date_ms;
    return rc;
}

/* A token leads on, unless it is the one that led here (*same), or leads through nothing for too
 * long. */
static jd_code keep_token(jd_walker *w, const jd_page *page, bool *same, jd_err *e)
{
    *same     = page->token.n > 0 && jd_str_eq(page->token, jd_buf_view(&w->token));
    w->astray = page->n == 0 || *same ? w->astray + 1 : 0;
    jd_buf_reset(&w->token);
    jd_buf_adds(&w->token, page->token);
    if (!jd_buf_ok(&w->token) || w->astray > ASTRAY_MAX)
        return jd_fail(e, JD_E_REMOTE,
                       "the server's page tokens lead nowhere (%u pages in a row without an issue, "
                       "or the same token again): run again",
                       w->astray);
    return JD_OK;
}

static jd_code one_page(jd_walker *w, const jd_ask *ask, jd_err *e)
{
    jd_asked q  = {0};
    jd_code  rc = ask_page(w, ask, &q, e);
    if (rc == JD_E_DATA && ask->go_on && ++w->astray <= ASTRAY_MAX) { /* a token that is no more */
        jd_event(w->f->log, JD_INFO, "page", "%.*s: %s; asking anew",
                 JD_FMT(w->er->base.scope->label), e->msg);
        jd_walk_drop_token(&w->walk);
        return JD_OK;
    }
    if (rc)
        return rc;
    if (q.poison || q.steps) {
        if (q.poison)
            hand_poison(w, &q);
        else
            hand_stepped(w, &q, JD_NOSTR);
        return JD_OK;
    }
    bool same = false;
    /* Tokens lead on behind an empty page, whether or not there was something to be on it: should
     * issues be missing in the end, it may have been that. */
    w->doubtful =
        w->doubtful || (q.page.told.tokens && q.page.n == 0 && w->walk.axis == JD_BY_CREATED);
    if (q.page.told.tokens)
        rc = keep_token(w, &q.page, &same, e);
    if (!rc)
        rc = hand_page(w, &q, e);
    else
        jd_arena_free(q.mem);
    if (same)
        jd_walk_drop_token(&w->walk);
    return rc;
}

jd_code jd_walk_run(jd_fetcher *f, jd_errand *self, jd_err *e)
{
    jd_walk_errand *er = (jd_walk_errand *)self;
    jd_walker       w  = {.f         = f,
                          .er        = er,
                          .bounds    = er->bounds,
                          .extra     = jd_arena_new(1 << 16),
                          .per_issue = er->lean ? LEAN_GUESS : JD_WALKER_GUESS,
                          .ceiling   = er->page_size,
                          .token     = JD_BUF_INIT(TOKEN_MAX)};
    jd_ask          ask;
    jd_code         rc = JD_OK;
    jd_walk_open(&w.walk, er->axis, er->from, er->to, er->horizon);
    if (er->refresh_horizon)
        rc = fresh_horizon(&w, e);
    while (!rc && !*er->enough && jd_walk_next(&w.walk, &ask))
        rc = one_page(&w, &ask, e);
    jd_walk_close(&w.walk);
    jd_buf_release(&w.token);
    jd_arena_free(w.extra);
    return rc;
}
