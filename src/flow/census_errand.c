/* What a census asks for by id: issues that the mirror lacks, and how those stand that the server's
 * list lacks. */
#include "flow/walker.h"
#include "text/date.h"

#include <inttypes.h>

/* -- issues by id ---------------------------------------------------------------------------- */

/* Whether asking for less may help. */
static bool trouble(jd_code rc)
{
    return rc == JD_E_REMOTE || rc == JD_E_TOOBIG || rc == JD_E_DATA;
}

static void hand(jd_walker *w, jd_errand *self, jd_haul *h)
{
    h->parcel.errand = self; /* what w->er points to ends with the errand */
    h->before = h->after = JD_PAST;
    h->paging            = true;
    jd_walker_hand(w, h);
}

/* It was in the scope when it was listed; what left since is no more ours. */
static bool is_ours(const jd_walker *w, const jd_issue *issue)
{
    const jd_scope *scope = w->er->base.scope;
    return !scope->project.n || jd_str_eq(issue->project, scope->project);
}

/* One issue by its own call; one that cannot be had waits in quarantine. */
static jd_code fetch_one(jd_walker *w, jd_errand *self, uint64_t id, jd_err *e)
{
    jd_arena      *mem = jd_fetcher_arena(w->f);
    jd_haul       *h   = jd_walker_haul(w, mem, 1);
    jd_str         raw, name = jd_arena_fmt(mem, "%" PRIu64, id);
    const jd_json *doc;
    jd_seen        s = {0};
    jd_err         why;
    int64_t        date;
    jd_code        rc =
        jd_jira_issue(&w->f->jira, mem, name, w->er->base.scope->fields, &raw, &date, &why);
    if (!rc) {
        jd_arena_reset(w->extra);
        rc = jd_json_read(w->extra, raw, &doc, &why);
    }
    if (!rc)
        rc = jd_issue_view(doc, raw, &s.issue, &why);
    if (!rc) {
        s.issue.doc        = NULL;
        s.issue.key        = jd_arena_dup(mem, s.issue.key);
        s.issue.project    = jd_key_project(s.issue.key);
        s.issue.fetched_ms = date == JD_NO_TIME ? jd_now_ms(w->f->clock) : date;
        if (is_ours(w, &s.issue)) {
            rc = jd_walker_whole(w, mem, &s, NULL, &h->row[0], &why);
            h->n += !rc;
        }
    } else if (trouble(rc)) {
        h->row[h->n++] = (jd_fetched){.what   = JD_ROW_BAD,
                                      .issue  = {.id = id},
                                      .reason = jd_arena_cstr(mem, jd_str_of(why.msg))};
        rc             = JD_OK;
    } else if (rc == JD_E_NOTFOUND) { /* gone since */
        rc = JD_OK;
    }
    if (rc)
        *e = why;
    hand(w, self, h);
    return rc;
}

/* A page of them into hauls; `got` says which came. */
static jd_code take_page(jd_walker *w, jd_byid_errand *er, const jd_asked *q, bool *got, jd_err *e)
{
    const jd_page *page = &q->page;
    jd_haul       *h    = jd_walker_haul(w, q->mem, page->n);
    jd_seen       *s    = JD_NEW_ARRAY(q->mem, jd_seen, page->n);
    jd_row        *row  = JD_NEW_ARRAY(q->mem, jd_row, page->n);
    jd_code        rc   = JD_OK;
    jd_walker_read(w, q, s, row);
    for (size_t i = 0; i < page->n && !rc; i++) {
        for (size_t k = 0; k < er->n; k++)
            got[k] = got[k] || (s[i].issue.id && er->id[k] == s[i].issue.id);
        if (s[i].bad) {
            h->row[h->n] = jd_walker_bad(q, &s[i], i);
            h->n += s[i].issue.id != 0;
        } else if (row[i].held && !er->anew) {
            h->row[h->n++] = (jd_fetched){.what = JD_ROW_MEMBER, .issue = s[i].issue};
        } else if (is_ours(w, &s[i].issue)) {
            rc = jd_walker_whole(w, q->mem, &s[i], NULL, &h->row[h->n], e);
            h->n += !rc;
        }
    }
    hand(w, &er->base.errand, h);
    return rc;
}

/* One request for some of them, from `start_at` of the answer on; *more: there are further pages.
 */
static jd_code ask_page(jd_walker *w, const uint64_t *id, size_t n, uint64_t start_at, jd_asked *q,
                        bool *more, jd_err *e)
{
    jd_jira *j      = &w->f->jira;
    size_t   failed = 0;
    jd_code  rc     = jd_fetcher_reserve(w->f, (size_t)(n * w->per_issue), e);
    if (rc)
        return rc;
    *q           = (jd_asked){.mem = jd_fetcher_arena(w->f)};
    *more        = false;
    jd_query ask = {.fields      = w->er->base.scope->fields,
                    .start_at    = start_at,
                    .max_results = n,
                    .lenient     = true};
    if (j->cloud) {
        rc = jd_jira_bulk_issues(j, q->mem, id, n, &ask, &q->page, &failed, e);
    } else {
        ask.jql  = jd_jira_id_query(q->mem, w->er->base.scope->selection, id, n);
        rc       = jd_jira_search(j, q->mem, &ask, &q->page, e);
        *more    = !rc && q->page.n && start_at + q->page.n < q->page.told.total;
        q->place = (jd_place){ask.jql, start_at};
    }
    if (rc) {
        jd_arena_free(q->mem);
    } else if (q->page.date_ms == JD_NO_TIME) {
        q->page.date_ms = jd_now_ms(w->f->clock);
    }
    return rc;
}

/* Halved while the server chokes on them. */
static jd_code fetch_some(jd_walker *w, jd_byid_errand *er, const uint64_t *id, size_t n, bool *got,
                          jd_err *e)
{
    uint64_t at = 0;
    jd_err   why;
    for (bool more = true; more;) {
        jd_asked q;
        jd_code  rc = ask_page(w, id, n, at, &q, &more, &why);
        if (!rc) {
            at += q.page.n;
            rc = take_page(w, er, &q, got, e);
            if (rc)
                return rc;
            continue;
        }
        if (!trouble(rc)) {
            *e = why;
            return rc;
        }
        if (n == 1) /* its own call says what is the matter */
            return JD_OK;
        rc = fetch_some(w, er, id, n / 2, got, e);
        return rc ? rc : fetch_some(w, er, id + n / 2, n - n / 2, got, e);
    }
    return JD_OK;
}

jd_code jd_byid_run(jd_fetcher *f, jd_errand *self, jd_err *e)
{
    jd_byid_errand *er                    = (jd_byid_errand *)self;
    bool            got[JD_STANDING_MOST] = {0};
    jd_walk_errand  face                  = {.base = er->base, .page_size = er->n};
    jd_walker       w                     = {
                                  .f = f, .er = &face, .extra = jd_arena_new(1 << 16), .per_issue = JD_WALKER_GUESS};
    bool    search = !f->jira.cloud; /* Cloud's bulk is none */
    jd_code rc     = er->fresh && search ? JD_OK : fetch_some(&w, er, er->id, er->n, got, e);
    for (size_t i = 0; i < er->n && !rc; i++)
        if (!got[i])
            rc = fetch_one(&w, self, er->id[i], e);
    jd_arena_free(w.extra);
    return rc;
}

/* -- how issues stand ------------------------------------------------------------------------ */

static bool is_enough(void *self)
{
    const jd_stand_errand *er = self;
    return *er->enough;
}

/* To an account that is another one, or that expired while it asked, all may look gone. */
static jd_code still_us(jd_fetcher *f, jd_arena *a, jd_str account, jd_err *e)
{
    jd_account me;
    if (!account.n)
        return JD_OK;
    jd_code rc = jd_jira_myself(&f->jira, a, true, &me, e);
    if (!rc && !jd_str_eq(me.name, account))
        rc = jd_fail(e, JD_E_REFUSED,
                     "census: the server now takes the credentials for those of %.*s, not of %.*s, "
                     "who built the mirror: nothing is removed",
                     JD_FMT(me.name), JD_FMT(account));
    return rc;
}

jd_code jd_stand_run(jd_fetcher *f, jd_errand *self, jd_err *e)
{
    jd_stand_errand *er = (jd_stand_errand *)self;
    jd_stood        *st = (jd_stood *)jd_fetcher_parcel(f, self, sizeof *st, NULL);
    jd_arena        *a  = st->parcel.mem;
    st->n               = er->n;
    st->of              = JD_NEW_ARRAY(a, jd_standing, er->n);
    for (size_t i = 0; i < er->n; i++)
        st->of[i].id = er->id[i];
    jd_code rc = jd_jira_standing(&f->jira, a, er->base.scope->selection, er->base.scope->project,
                                  er->control, st->of, st->n, is_enough, er, e);
    if (!rc)
        rc = still_us(f, a, er->account, e);
    if (rc) {
        jd_arena_free(a);
        return rc;
    }
    st->at_ms        = jd_now_ms(f->clock);
    st->parcel.bytes = jd_arena_size(a);
    jd_fetcher_hand(f, &st->parcel);
    return JD_OK;
}
