#include "flow/walker.h"
#include "text/date.h"

#include <inttypes.h>

/* Whether asking for the next entry makes no sense. */
static bool stops(jd_code rc)
{
    return rc == JD_E_INTERRUPTED || rc == JD_E_AUTH || rc == JD_E_BUSY;
}

/* One entry again. Gone from the server: nothing is left to keep. Still bad: it stays. */
static jd_code again(jd_walker *w, jd_errand *self, const jd_bad_entry *entry, jd_err *e)
{
    jd_arena      *mem = jd_arena_new(0);
    jd_haul       *h   = jd_walker_haul(w, mem, 1);
    jd_fetched    *row = &h->row[0];
    const jd_json *doc;
    jd_err         why;
    jd_seen        s  = {0};
    jd_str         id = jd_arena_fmt(mem, "%" PRIu64, entry->id);
    jd_code        rc = jd_jira_issue(&w->f->jira, mem, id, w->er->base.scope->fields, &s.issue.raw,
                                      &s.issue.fetched_ms, &why);
    h->parcel.errand  = self; /* what w->er points to ends with the errand */
    h->before = h->after = JD_PAST;
    h->paging            = true;
    if (rc)
        *e = why;
    if (rc == JD_E_NOTFOUND) {
        *row = (jd_fetched){.what = JD_ROW_MEMBER, .entry = entry};
        h->n = 1;
    } else if (!rc) {
        int64_t date = s.issue.fetched_ms;
        jd_str  raw  = s.issue.raw;
        jd_arena_reset(w->extra);
        if (!jd_json_read(w->extra, raw, &doc, &why) && !jd_issue_view(doc, raw, &s.issue, &why)) {
            const jd_scope *scope = w->er->base.scope;
            s.issue.key           = jd_arena_dup(mem, s.issue.key);
            s.issue.project       = jd_key_project(s.issue.key);
            if (scope->project.n && !jd_str_eq(s.issue.project, scope->project)) {
                *row = (jd_fetched){.what = JD_ROW_MEMBER, .entry = entry}; /* it moved away */
                h->n = 1;
                jd_walker_hand(w, h);
                return JD_OK;
            }
            s.issue.fetched_ms = date == JD_NO_TIME ? jd_now_ms(w->f->clock) : date;
            rc                 = jd_walker_whole(w, mem, &s, NULL, row, e);
            row->entry         = row->what == JD_ROW_ISSUE ? entry : NULL;
            h->n               = !rc && row->what == JD_ROW_ISSUE;
        }
    }
    jd_walker_hand(w, h);
    return rc;
}

static void hand_again(jd_walker *w, jd_errand *self, jd_haul *h)
{
    h->parcel.errand = self;
    h->before = h->after = JD_PAST;
    h->paging            = true;
    jd_walker_hand(w, h);
}

/* A page that entries without an id are from: what now reads goes to the sink, `met` says which of
 * the entries are still as they were. */
static jd_code read_again(jd_walker *w, jd_again_errand *er, const jd_asked *q, bool *met,
                          jd_err *e)
{
    const jd_page *page = &q->page;
    jd_haul       *h    = jd_walker_haul(w, q->mem, page->n);
    jd_seen       *s    = JD_NEW_ARRAY(q->mem, jd_seen, page->n);
    jd_row        *row  = JD_NEW_ARRAY(q->mem, jd_row, page->n);
    jd_code        rc   = JD_OK;
    jd_walker_read(w, q, s, row);
    for (size_t i = 0; i < page->n && !rc; i++) {
        bool nameless = s[i].bad && !s[i].issue.id;
        if (s[i].bad && (!nameless || jd_quarantine_told(s[i].issue.raw)))
            h->row[h->n++] = jd_walker_bad(q, &s[i], i);
        for (size_t k = 0; nameless && k < er->n; k++)
            met[k] = met[k] || jd_quarantine_may_be(&er->entry[k], s[i].issue.raw);
        if (s[i].bad || row[i].held)
            continue;
        rc = jd_walker_whole(w, q->mem, &s[i], NULL, &h->row[h->n], e);
        h->n += !rc;
    }
    hand_again(w, &er->base.errand, h);
    return rc;
}

static bool same_place(const jd_bad_entry *a, const jd_bad_entry *b)
{
    return !a->id && !b->id && jd_str_eq(a->place.jql, b->place.jql);
}

/* The entries that were met under one query: its answer again, up to behind the last of them. */
static jd_code again_there(jd_walker *w, jd_again_errand *er, const jd_bad_entry *first, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a    = jd_arena_new(0);
    bool                                *met  = JD_NEW_ARRAY(a, bool, er->n);
    uint64_t                             last = 0, n = er->page_size;
    jd_code                              rc = JD_OK;
    jd_err                               why;
    jd_ask                               ask = {0};
    for (size_t k = 0; k < er->n; k++)
        if (same_place(&er->entry[k], first) && er->entry[k].place.row > last)
            last = er->entry[k].place.row;
    for (w->jql = first->place.jql; ask.start_at <= last && n && !rc; ask.start_at += n) {
        jd_asked q = {0};
        rc         = jd_walker_try(w, &ask, er->page_size, &q, &why);
        n          = q.page.n;
        if (!rc)
            rc = read_again(w, er, &q, met, &why);
    }
    w->jql = JD_NOSTR;
    if (rc) { /* they stay, and the run goes on if it can */
        *e = why;
        return rc;
    }
    jd_haul *h = jd_walker_haul(w, jd_arena_new(0), er->n);
    for (size_t k = 0; k < er->n; k++)
        if (same_place(&er->entry[k], first) && !met[k])
            h->row[h->n++] = (jd_fetched){.what = JD_ROW_MEMBER, .entry = &er->entry[k]};
    hand_again(w, &er->base.errand, h);
    return JD_OK;
}

static bool first_of_place(const jd_again_errand *er, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (same_place(&er->entry[k], &er->entry[i]))
            return false;
    return er->entry[i].place.jql.n > 0;
}

jd_code jd_again_run(jd_fetcher *f, jd_errand *self, jd_err *e)
{
    jd_again_errand *er   = (jd_again_errand *)self;
    jd_walk_errand   face = {.base = er->base, .page_size = er->page_size};
    jd_walker        w    = {
                  .f = f, .er = &face, .extra = jd_arena_new(1 << 16), .per_issue = JD_WALKER_GUESS};
    jd_code rc = JD_OK;
    for (size_t i = 0; i < er->n && !stops(rc); i++) {
        if (er->entry[i].id)
            rc = again(&w, self, &er->entry[i], e);
        else if (first_of_place(er, i))
            rc = again_there(&w, er, &er->entry[i], e);
    }
    jd_arena_free(w.extra);
    return stops(rc) ? rc : JD_OK;
}
