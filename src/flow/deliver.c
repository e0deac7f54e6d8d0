#include "flow/deliver.h"

#include <inttypes.h>

enum { BATCH_ISSUES = 2000, BATCH_BYTES = 16 << 20, BATCH_MS = 1000 };

/* -- batches --------------------------------------------------------------------------------- */

static jd_code open_batch(jd_deliverer *d, jd_following *f, jd_err *e)
{
    if (!d->open) {
        jd_code rc = d->sink->ops->begin(d->sink->self, e);
        if (rc)
            return rc;
        d->open   = true;
        d->issues = d->bytes = 0;
        d->since             = jd_tick_ms(d->clock);
    }
    if (!f->in_batch) {
        f->in_batch               = true;
        *jd_vec_add(&d->in_batch) = f;
    }
    return JD_OK;
}

int64_t jd_deliver_due(const jd_deliverer *d)
{
    if (!d->open)
        return -1;
    int64_t left = BATCH_MS - (jd_tick_ms(d->clock) - d->since);
    return left > 0 ? left : 0;
}

/* The late batch is kept: what quarantine held of it, the sink now has. */
static jd_code kept(jd_deliverer *d, jd_err *e)
{
    jd_code rc        = JD_OK;
    d->late.under_way = false;
    jd_event(d->log, JD_DEBUG, "commit", "%" PRIu64 " issues of %zu scopes", d->late.issues,
             d->late.scopes);
    for (size_t i = 0; i < d->late.settled.n && !rc; i++)
        rc = jd_quarantine_clear(d->late.settled.v[i], e);
    d->late.settled.n = 0;
    return rc || !d->recorder ? rc : jd_recorder_flush(d->recorder, e);
}

static jd_code settle(jd_deliverer *d, jd_err *e)
{
    if (!d->late.under_way)
        return JD_OK;
    jd_code rc = d->sink->ops->settle(d->sink->self, e);
    return rc ? rc : kept(d, e);
}

/* The batch in hand becomes the late one, and is kept unless the sink sees to that meanwhile. What
 * changed is told between batches, and takes the state for itself. */
static jd_code commit(jd_deliverer *d, jd_err *e)
{
    const jd_sink_ops *ops  = d->sink->ops;
    bool               late = ops->hand && !d->recorder;
    JD_VEC(jd_commit) upto  = {0};
    for (size_t i = 0; i < d->in_batch.n; i++)
        *jd_vec_add(&upto) = (jd_commit){d->in_batch.v[i]->scope, &d->in_batch.v[i]->next};
    jd_code rc = (late ? ops->hand : ops->commit)(d->sink->self, upto.v, upto.n, e);
    jd_vec_release(&upto);
    if (rc)
        return rc;
    jd_bad_entries spare = d->late.settled;
    d->open              = false;
    d->late.under_way    = late;
    d->late.issues       = d->issues;
    d->late.scopes       = d->in_batch.n;
    d->late.settled      = d->settled;
    d->settled           = spare;
    for (size_t i = 0; i < d->in_batch.n; i++) {
        jd_following *f = d->in_batch.v[i];
        f->cursor       = f->next;
        f->in_batch     = false;
    }
    d->in_batch.n = 0;
    return late ? JD_OK : kept(d, e);
}

jd_code jd_deliver_commit(jd_deliverer *d, bool all, jd_err *e)
{
    bool    due = d->open && (all || d->issues >= BATCH_ISSUES || d->bytes >= BATCH_BYTES ||
                           jd_deliver_due(d) == 0);
    jd_code rc  = due || all ? settle(d, e) : JD_OK;
    if (!rc && due)
        rc = commit(d, e);
    return !rc && all ? settle(d, e) : rc;
}

void jd_deliverer_release(jd_deliverer *d)
{
    if (d->open)
        d->sink->ops->abort(d->sink->self);
    if (d->recorder)
        jd_recorder_forget(d->recorder);
    d->open = false;
    jd_vec_release(&d->in_batch);
    jd_vec_release(&d->settled);
    jd_vec_release(&d->late.settled);
}

jd_code jd_deliver_cursor(jd_deliverer *d, jd_following *f, jd_err *e)
{
    return open_batch(d, f, e);
}

jd_code jd_deliver_remove(jd_deliverer *d, jd_following *f, const jd_tombstone *why, jd_err *e)
{
    jd_code rc = open_batch(d, f, e);
    d->issues++;
    return rc ? rc : d->sink->ops->remove(d->sink->self, f->scope, why, e);
}

jd_code jd_deliver_join(jd_deliverer *d, jd_following *f, uint64_t id, jd_err *e)
{
    jd_code rc = jd_deliver_commit(d, false, e);
    if (!rc)
        rc = open_batch(d, f, e);
    d->issues++;
    return rc ? rc : d->sink->ops->member(d->sink->self, f->scope, id, e);
}

/* -- rows ------------------------------------------------------------------------------------ */

static jd_code refuse(jd_deliverer *d, jd_following *f, const jd_fetched *row, jd_err *e)
{
    const jd_issue *issue = &row->issue;
    bool            fresh = false;
    jd_bad          bad   = {.scope   = f->scope,
                             .id      = issue->id,
                             .place   = row->place,
                             .key     = issue->key.n ? issue->key : JD_STR("?"),
                             .reason  = jd_str_of(row->reason),
                             .raw     = issue->raw,
                             .seen_ms = jd_now_ms(d->clock)};
    jd_str          key   = jd_str_cut(bad.key, 0, 60);
    if (d->strict)
        return jd_fail(e, JD_E_DATA,
                       "%.*s: issue %.*s (id %" PRIu64
                       "): %s; without --strict it goes to quarantine "
                       "and the run goes on",
                       JD_FMT(f->scope->label), JD_FMT(key), bad.id, row->reason);
    jd_code rc = jd_quarantine_add(d->quarantine_dir, &bad, &fresh, e);
    if (rc)
        return rc;
    f->out->quarantined_new += fresh;
    jd_event(d->log, fresh ? JD_WARN : JD_INFO, "quarantine",
             "%.*s: issue %.*s (id %" PRIu64 "): %s", JD_FMT(f->scope->label), JD_FMT(key), bad.id,
             row->reason);
    return JD_OK;
}

/* The copy that an issue is compared with is a committed one. */
static jd_code end_before(jd_deliverer *d, jd_following *f, uint64_t id, jd_err *e)
{
    if (!d->recorder || !jd_recorder_met(d->recorder, id))
        return JD_OK;
    jd_code rc = commit(d, e);
    return rc ? rc : open_batch(d, f, e);
}

/* appeared: an issue that is not held came into being, rather than into a backfill. */
static jd_code keep(jd_deliverer *d, jd_following *f, const jd_fetched *row, bool appeared,
                    jd_err *e)
{
    jd_written how;
    jd_code    rc = end_before(d, f, row->issue.id, e);
    if (!rc)
        rc = d->sink->ops->write(d->sink->self, f->scope, &row->issue, &how, e);
    if (!rc && d->recorder)
        rc = jd_recorder_note(d->recorder, f->scope, &row->issue, how, appeared, e);
    if (rc)
        return rc;
    d->issues++;
    d->bytes += row->issue.raw.n;
    f->out->short_lists += row->short_lists;
    f->out->fresh += how == JD_WROTE_NEW;
    f->out->changed += how == JD_WROTE_CHANGED;
    f->out->unchanged += how == JD_WROTE_UNCHANGED || how == JD_WROTE_OLDER;
    return JD_OK;
}

static jd_code deliver_row(jd_deliverer *d, jd_following *f, const jd_fetched *row, bool appeared,
                           jd_err *e)
{
    jd_code rc = JD_OK;
    if (row->what == JD_ROW_BAD)
        return refuse(d, f, row, e);
    if (row->what == JD_ROW_ISSUE) {
        rc = keep(d, f, row, appeared, e);
    } else if (row->issue.id) {
        f->out->unchanged++;
        rc = d->sink->ops->member(d->sink->self, f->scope, row->issue.id, e);
    }
    if (!rc && row->entry)
        *jd_vec_add(&d->settled) = row->entry;
    if (row->issue.updated_ms > f->last_updated)
        f->last_updated = row->issue.updated_ms;
    return rc;
}

/* -- positions ------------------------------------------------------------------------------- */

static void move_updated(jd_following *f, int64_t at, int64_t horizon)
{
    if (at > horizon)
        at = horizon;
    if (!f->keep_updated && at != JD_PAST && at > f->next.updated)
        f->next.updated = at;
}

/* How far a page that was delivered up to (not including) row `n` lets the cursor go. */
static int64_t reached(const jd_haul *h, size_t n)
{
    int64_t at = n ? h->row[n - 1].at_s : h->before;
    return h->paging || at < h->before ? h->before : at;
}

static void move(jd_following *f, const jd_haul *h, size_t n)
{
    if (h->parcel.errand->run != jd_walk_run)
        return;
    const jd_walk_errand *w   = (const jd_walk_errand *)h->parcel.errand;
    bool                  all = n == h->n;
    int64_t               at  = all ? h->after : reached(h, n);
    if (w->axis == JD_BY_CREATED) {
        f->next.window[w->window].at = at;
        jd_cursor_settle(&f->next);
        return;
    }
    move_updated(f, at, h->horizon);
    if (all && h->done)
        move_updated(f, f->last_updated, h->horizon);
}

/* Whether these rows are later than the backfill: from the walk of updates, or what a census found
 * to be lacking. */
static bool is_later(const jd_haul *h)
{
    return h->parcel.errand->run == jd_byid_run ||
           (h->parcel.errand->run == jd_walk_run &&
            ((const jd_walk_errand *)h->parcel.errand)->axis == JD_BY_UPDATED);
}

static bool limit_reached(const jd_following *f)
{
    return f->limit && f->out->fresh + f->out->changed >= f->limit;
}

jd_code jd_deliver_haul(jd_deliverer *d, jd_following *f, const jd_haul *h, jd_err *e)
{
    size_t  i   = 0;
    jd_code rc  = f->enough ? JD_OK : open_batch(d, f, e);
    f->doubtful = f->doubtful || h->doubtful;
    for (; i < h->n && !rc && !f->enough; i++) {
        if (h->row[i].what == JD_ROW_ISSUE && limit_reached(f)) {
            f->enough       = true;
            f->out->limited = true;
            move(f, h, i);
            return JD_OK;
        }
        rc = deliver_row(d, f, &h->row[i], is_later(h), e);
    }
    if (!rc && !f->enough)
        move(f, h, h->n);
    return rc;
}
