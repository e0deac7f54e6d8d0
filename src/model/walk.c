#include "model/walk.h"

#include "text/date.h"

enum {
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    WIDEST = 24 * 60 * MINUTE,
    QUIET  = 5,  /* passes without anything new that outweigh a total which never stands still */
    LATE   = 50, /* rows in a row past the horizon behind which there is nothing else */
    LAG    = 5 * MINUTE /* of the index behind the rows, at most */
};

static int64_t place(const jd_walk *w, const jd_row *r)
{
    int64_t ms = w->axis == JD_BY_CREATED ? r->created_ms : r->updated_ms;
    return jd_floor_ms(ms, SECOND);
}

/* Whether a row stands in the index where its date says: one that changed lately may be read anew
 * and stand where it stood. Nobody changes when an issue was created. */
static bool is_settled(const jd_walk *w, int64_t at)
{
    return w->axis == JD_BY_CREATED || at <= w->horizon - LAG;
}

/* How far a page surely goes; JD_PAST when nothing in it tells. */
static int64_t settled_end(const jd_walk *w, const jd_row *row, size_t n)
{
    while (n > 0 && !is_settled(w, place(w, &row[n - 1])))
        n--;
    return n ? place(w, &row[n - 1]) : JD_PAST;
}

void jd_walk_open(jd_walk *w, jd_axis axis, int64_t from, int64_t to, int64_t horizon)
{
    *w = (jd_walk){.axis    = axis,
                   .to      = to,
                   .horizon = horizon,
                   .width   = MINUTE,
                   .anchor  = from == JD_PAST ? from : jd_floor_ms(from, SECOND),
                   .seen    = jd_idmap_new()};
}

void jd_walk_close(jd_walk *w)
{
    jd_idmap_free(w->seen);
    w->seen = NULL;
}

bool jd_walk_next(const jd_walk *w, jd_ask *ask)
{
    if (w->done)
        return false;
    *ask = (jd_ask){.axis = w->axis, .from = w->anchor, .to = w->to, .go_on = w->go_on};
    if (w->paging)
        *ask = (jd_ask){w->axis, w->slot_lo, w->slot_hi, w->start_at, w->go_on};
    return true;
}

bool jd_walk_amid(const jd_walk *w)
{
    return w->go_on || (w->paging && w->start_at > 0);
}

static void finish(jd_walk *w)
{
    w->done = true;
    if (w->to != JD_FUTURE)
        w->anchor = w->to;
}

/* Move the anchor on and forget what now lies before it. Only this page's rows can lie at or after
 * it; one of an earlier page that does (wide bounds) comes once more, which harms nothing. */
static void move_anchor(jd_walk *w, int64_t anchor, const jd_row *row, size_t n)
{
    w->anchor = anchor;
    w->paging = w->go_on = false;
    jd_idmap_clear(w->seen);
    for (size_t i = 0; i < n; i++)
        if (place(w, &row[i]) >= anchor)
            *jd_idmap_put(w->seen, row[i].id, NULL) = row[i].updated_ms;
    if (anchor >= w->to)
        finish(w);
}

/* The slot that ends where rows are no longer settled, or behind the horizon. */
static int64_t unsettled_edge(const jd_walk *w, int64_t lo)
{
    int64_t edge = jd_floor_ms(w->horizon - LAG, MINUTE);
    return lo < edge ? edge : jd_floor_ms(w->horizon, MINUTE) + MINUTE;
}

/* `unsettled`: the rows at hand do not tell how far the page goes. */
static void begin_paging(jd_walk *w, bool unsettled)
{
    w->paging   = true;
    w->go_on    = false;
    w->start_at = w->pass_total = 0;
    w->pass_fresh = w->pass_moved = false;
    w->quiet = w->late = 0;
    w->slot_last       = w->anchor;
    w->slot_old        = 0;
    if (w->anchor < 0) { /* no server takes a bound before 1970: all of that is one slot */
        w->slot_lo = JD_PAST;
        w->slot_hi = 0;
    } else {
        w->slot_lo = jd_floor_ms(w->anchor, MINUTE);
        w->slot_hi = w->slot_lo + w->width;
        /* not into a future of which nothing can be known yet */
        if (w->width > MINUTE && w->slot_hi > w->horizon)
            w->slot_hi = jd_floor_ms(w->horizon, MINUTE) + MINUTE;
    }
    if (unsettled && w->slot_hi < unsettled_edge(w, w->slot_lo))
        w->slot_hi = unsettled_edge(w, w->slot_lo);
    if (w->slot_lo >= 0 && w->slot_hi < w->slot_lo + MINUTE)
        w->slot_hi = w->slot_lo + MINUTE;
    if (w->slot_hi > w->to)
        w->slot_hi = w->to;
}

typedef struct found {
    bool     fresh; /* something neither seen in this walk nor held */
    bool     late;  /* the first such row is newer than the horizon */
    uint64_t old;   /* rows before the anchor */
    bool disturbed; /* rows may have shifted under an offset: something up to the horizon is new */
    bool stirred;   /* the same, by rows past the horizon that were not there before */
} found;

/* Marks the rows. A row that was past the horizon when last seen disturbs nothing by moving again:
 * it was, and stays, behind everything that matters. */
static found mark(jd_walk *w, jd_row *row, size_t n)
{
    found f = {0};
    for (size_t i = 0; i < n; i++) {
        jd_row *r     = &row[i];
        int64_t at    = place(w, r);
        bool    first = false;
        if (w->anchor != JD_PAST && at < w->anchor) {
            r->known = true;
            f.old++;
            continue;
        }
        int64_t *seen = jd_idmap_put(w->seen, r->id, &first);
        r->known      = !first && *seen == r->updated_ms;
        if (!r->known && !r->held) {
            bool past = at > w->horizon;
            if (!f.fresh)
                f.late = past;
            f.fresh     = true;
            f.disturbed = f.disturbed || (!past && (first || w->axis == JD_BY_UPDATED));
            f.stirred   = f.stirred || (past && (first || *seen <= w->horizon));
        }
        *seen = r->updated_ms;
    }
    return f;
}

/* A row that stands twice on a page counts once for the offset. */
static uint64_t distinct(const jd_row *row, size_t n)
{
    jd_idmap *ids = jd_idmap_new();
    for (size_t i = 0; i < n; i++)
        (void)jd_idmap_put(ids, row[i].id, NULL);
    uint64_t count = jd_idmap_count(ids);
    jd_idmap_free(ids);
    return count;
}

static bool is_last(const jd_told *t, size_t n)
{
    return t->tokens ? t->last : n == 0 || (n >= t->total && n < t->max_results);
}

static void feed_forward(jd_walk *w, jd_row *row, size_t n, const jd_told *told)
{
    found f = mark(w, row, n);
    if (is_last(told, n) || (f.late && w->axis == JD_BY_CREATED)) {
        finish(w);
        return;
    }
    w->go_on = n == 0;
    if (n == 0)
        return;
    int64_t last = settled_end(w, row, n);
    if (last > w->anchor)
        move_anchor(w, last, row, n);
    else
        begin_paging(w, last != place(w, &row[n - 1]));
}

/* Whether all that is behind these rows is past the horizon. Of `updated`, the first such row
 * proves nothing: it may stand where it stood before it was touched. */
static bool is_past(jd_walk *w, const jd_row *row, size_t n)
{
    if (w->axis == JD_BY_CREATED)
        return n > 0 && place(w, &row[0]) > w->horizon;
    for (size_t i = 0; i < n; i++)
        w->late = place(w, &row[i]) > w->horizon ? w->late + 1 : 0;
    return w->late >= LATE;
}

static void feed_paging(jd_walk *w, jd_row *row, size_t n, const jd_told *told)
{
    found f = mark(w, row, n);
    if (f.stirred || (!told->tokens && w->start_at > 0 && told->total != w->pass_total))
        w->pass_moved = true;
    if (!told->tokens)
        w->pass_total = told->total;
    w->pass_fresh = w->pass_fresh || f.disturbed;
    if (settled_end(w, row, n) > w->slot_last)
        w->slot_last = settled_end(w, row, n);
    w->start_at += distinct(row, n);
    w->slot_old += f.old;
    /* There the pass ends, or it might run after a server where more changes than a page holds. */
    bool past = is_past(w, row, n);
    bool more = told->tokens ? !told->last : n > 0 && w->start_at < told->total;
    w->go_on  = told->tokens && more && !past;
    if (more && !past)
        return;
    /* What went from before the horizon to behind this page, and drew rows over the offset, is not
     * seen, nor told by a total that counts both: only quiet passes tell that nothing did. */
    w->pass_moved = w->pass_moved || more;
    if (told->tokens) { /* nobody tells a total: two passes have to bring as many rows */
        w->pass_moved = w->pass_moved || w->start_at != w->pass_total;
        w->pass_total = w->start_at;
    }
    w->quiet = w->pass_fresh ? 0 : w->quiet + 1;
    if (w->pass_fresh || (w->pass_moved && w->quiet < QUIET)) {
        w->start_at = w->slot_old = 0;
        w->pass_fresh = w->pass_moved = false;
        w->slot_last                  = w->anchor;
        w->late                       = 0;
        return;
    }
    if (past) {
        finish(w);
        return;
    }
    if (2 * w->slot_old > w->start_at && w->width < WIDEST)
        w->width *= 2;
    else if (8 * w->slot_old < w->start_at && w->width > MINUTE)
        w->width /= 2;
    /* All of the slot is seen; where the bounds are wide, so is what they let through after it. */
    int64_t next = w->slot_hi > w->slot_last ? w->slot_hi : w->slot_last;
    move_anchor(w, next, row, n);
    if (w->axis == JD_BY_UPDATED && next > w->horizon)
        finish(w);
}

void jd_walk_feed(jd_walk *w, jd_row *row, size_t n, const jd_told *told)
{
    if (w->paging)
        feed_paging(w, row, n, told);
    else
        feed_forward(w, row, n, told);
}

void jd_walk_drop_token(jd_walk *w)
{
    w->go_on = false;
    if (w->paging) {
        w->start_at = w->slot_old = 0;
        w->late                   = 0;
        w->slot_last              = w->anchor;
        w->pass_fresh             = true; /* this pass saw not all: one more has to */
    }
}
