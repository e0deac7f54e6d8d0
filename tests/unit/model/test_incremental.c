/* Whole runs of the incremental walk against a server in memory, over random schedules of updates
 * and a virtual clock: accounts from -11 to +14, clocks that are put forward and back while issues
 * change, servers that take epoch bounds, floor them to the minute, or want quoted minutes of a
 * zone that is known, known by its offset, or not known at all. No update may be lost.
 *
 * The server reads a quoted minute with arithmetic of its own, and where it can be read in two ways
 * it takes the one or the other. JD_SEED=N repeats one schedule, JD_SCHEDULES=N runs so many. */
#include "base/hash.h"
#include "base/rng.h"
#include "model/walk.h"
#include "text/date.h"
#include "unit/check.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    ISSUES  = 40,
    PAGE    = 16,
    RUNS    = 5,
    MINUTE  = 60000,
    HOUR    = 60 * MINUTE,
    OVERLAP = 300000,
    LAG     = 240000, /* of the index, at most; less than the overlap */
    SETTLED = 60000
};

/* -- the account's zone ----------------------------------------------------------------------- */

typedef struct zone {
    int64_t  at[4];     /* changes of the clocks, rising */
    int      offset[5]; /* minutes; before the first, behind each */
    unsigned n;
} zone;

static int offset_at(const zone *z, int64_t ms)
{
    unsigned i = 0;
    while (i < z->n && ms >= z->at[i])
        i++;
    return z->offset[i];
}

/* Every instant that shows this local time; where there is none, both readings of the gap. */
static unsigned readings(const zone *z, int64_t local, int64_t out[10])
{
    unsigned n = 0;
    for (unsigned i = 0; i <= z->n; i++) {
        int64_t ms = local - (int64_t)z->offset[i] * MINUTE;
        if (offset_at(z, ms) == z->offset[i])
            out[n++] = ms;
    }
    for (unsigned i = 0; n == 0 && i < z->n; i++) {
        int64_t before = z->at[i] + (int64_t)z->offset[i] * MINUTE;
        int64_t after  = z->at[i] + (int64_t)z->offset[i + 1] * MINUTE;
        if (local >= before && local < after) {
            out[n++] = local - (int64_t)z->offset[i] * MINUTE;
            out[n++] = local - (int64_t)z->offset[i + 1] * MINUTE;
        }
    }
    assert_true(n > 0);
    return n;
}

static void put_be(jd_buf *b, int64_t v, int bytes)
{
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        jd_buf_addc(b, (char)((uint64_t)v >> shift & 0xff));
}

static void put_head(jd_buf *b, unsigned n)
{
    static const char zeros[15];
    jd_buf_addz(b, "TZif2");
    jd_buf_add(b, zeros, sizeof zeros);
    put_be(b, 0, 4);
    put_be(b, 0, 4);
    put_be(b, 0, 4);
    put_be(b, n, 4);
    put_be(b, n + 1, 4);
    put_be(b, 4, 4);
}

/* As the system's zone files have it. */
static const jd_zone *as_file(jd_arena *a, const zone *z)
{
    jd_buf         b = JD_BUF_INIT(1 << 16);
    const jd_zone *out;
    jd_err         e;
    for (int wide = 4; wide <= 8; wide += 4) {
        put_head(&b, z->n);
        for (unsigned i = 0; i < z->n; i++)
            put_be(&b, z->at[i] / 1000, wide);
        for (unsigned i = 0; i < z->n; i++)
            jd_buf_addc(&b, (char)(i + 1));
        for (unsigned i = 0; i <= z->n; i++) {
            put_be(&b, (int64_t)z->offset[i] * 60, 4);
            jd_buf_add(&b, "\0\0", 2);
        }
        jd_buf_add(&b, "ABC", 4);
    }
    jd_buf_addz(&b, "\n\n");
    assert_int_equal(jd_zone_read(a, jd_buf_view(&b), &out, &e), JD_OK);
    jd_buf_release(&b);
    return out;
}

/* -- the server ------------------------------------------------------------------------------- */

typedef struct issue {
    uint64_t id;
    int64_t  updated;           /* as the database has it */
    int64_t  indexed, index_at; /* as the index has it; from when on it has `updated` */
    int64_t  held, fetched;     /* in the mirror */
} issue;

typedef enum bounds_kind { EPOCH, EPOCH_FLOORED, QUOTED, QUOTED_NO_FILE } bounds_kind;

typedef struct world {
    jd_rng      rng;
    zone        zone;
    bounds_kind kind;
    jd_bounds   bounds;
    bool        later; /* of two readings of a minute it takes the later one */
    int64_t     now;
    issue       issue[ISSUES];
    size_t      cap;
    bool        tokens;
    size_t      token;
    uint64_t    busy;   /* one request in so many meets an update */
    uint64_t    racing; /* one row in so many is read newer than it stands in the index; 0: none */
} world;

static uint64_t below(world *w, uint64_t n)
{
    return jd_rng_below(&w->rng, n);
}

static void refresh_index(world *w)
{
    for (size_t i = 0; i < ISSUES; i++)
        if (w->issue[i].index_at <= w->now)
            w->issue[i].indexed = w->issue[i].updated;
}

static void touch(world *w, issue *x, int64_t lag)
{
    x->updated  = w->now;
    x->index_at = w->now + lag;
    refresh_index(w);
}

static int two(const char *p)
{
    return (p[0] - '0') * 10 + p[1] - '0';
}

/* The instant that the server takes a bound for. */
static int64_t read_bound(world *w, const char *text)
{
    int64_t out[10], ms;
    if (*text != '"') {
        ms = strtoll(text, NULL, 10);
        return w->kind == EPOCH_FLOORED ? jd_floor_ms(ms, MINUTE) : ms;
    }
    assert_true(strlen(text) > 17 && text[17] == '"');
    jd_civil c = {two(text + 1) * 100 + two(text + 3),
                  two(text + 6),
                  two(text + 9),
                  two(text + 12),
                  two(text + 15),
                  0,
                  0};
    unsigned n = readings(&w->zone, jd_civil_ms(c), out);
    return out[w->later ? n - 1 : 0];
}

static int by_index(const void *a, const void *b)
{
    const issue *x = *(issue *const *)a, *y = *(issue *const *)b;
    int64_t      p = jd_floor_ms(x->indexed, 1000), q = jd_floor_ms(y->indexed, 1000);
    if (p != q)
        return p < q ? -1 : 1;
    return jd_mix64(x->id) < jd_mix64(y->id) ? -1 : 1;
}

static size_t search(world *w, const char *jql, issue **found)
{
    static const char lower[] = "updated >= ", upper[] = "updated < ";
    const char       *at;
    int64_t           from = INT64_MIN, to = INT64_MAX;
    size_t            n = 0;
    refresh_index(w);
    if ((at = strstr(jql, lower)))
        from = read_bound(w, at + sizeof lower - 1);
    if ((at = strstr(jql, upper)))
        to = read_bound(w, at + sizeof upper - 1);
    for (size_t i = 0; i < ISSUES; i++) {
        int64_t place = jd_floor_ms(w->issue[i].indexed, 1000);
        if (place >= from && place < to)
            found[n++] = &w->issue[i];
    }
    qsort(found, n, sizeof *found, by_index);
    return n;
}

static size_t answer(world *w, const char *jql, const jd_ask *ask, jd_row *page, jd_told *told)
{
    issue *found[ISSUES];
    size_t total = search(w, jql, found), n = 0, at = ask->start_at;
    if (w->tokens)
        at = ask->go_on ? w->token : 0;
    for (; at < total && n < w->cap; at++, n++) {
        if (w->racing && below(w, w->racing) == 0)
            touch(w, found[at], 0); /* between the index's word and the database's */
        page[n] = (jd_row){.id = found[at]->id, .created_ms = 0, .updated_ms = found[at]->updated};
    }
    w->token = at;
    *told    = w->tokens ? (jd_told){.tokens = true, .last = at >= total}
                         : (jd_told){.total = total, .max_results = w->cap};
    return n;
}

/* -- a schedule ------------------------------------------------------------------------------- */

static const int shifts[] = {60, 60, 60, 30, 120, 180};

/* From -11 to +14, in quarters of an hour; the clocks change in the middle of the schedule. */
static void make_zone(world *w, int64_t middle)
{
    zone *z      = &w->zone;
    int   first  = -11 * 60 + 15 * (int)below(w, 101);
    z->offset[0] = first;
    if (below(w, 4) == 0)
        return;
    int shift = shifts[below(w, sizeof shifts / sizeof *shifts)];
    if (below(w, 2) ? first + shift > 14 * 60 : first - shift >= -11 * 60)
        shift = -shift;
    z->at[z->n++]   = jd_floor_ms(middle, HOUR) + (below(w, 4) ? 0 : HOUR / 2);
    z->offset[z->n] = first + shift;
    if (below(w, 3) == 0) { /* and back */
        z->at[1]          = z->at[0] + (int64_t)(1 + below(w, 60)) * 12 * HOUR;
        z->offset[++z->n] = first;
    }
}

static void make_world(world *w, jd_arena *a, uint64_t seed)
{
    *w             = (world){.rng = jd_rng_seed(seed)};
    int64_t middle = 1600000000000 + (int64_t)below(w, 100000) * HOUR;
    make_zone(w, middle);
    w->kind          = (bounds_kind)below(w, 4);
    w->bounds.quoted = w->kind >= QUOTED;
    if (w->kind == QUOTED)
        w->bounds.zone = as_file(a, &w->zone);
    w->later  = below(w, 2);
    w->now    = middle - (int64_t)below(w, 5 * HOUR);
    w->cap    = 1 + (size_t)below(w, PAGE - 1);
    w->tokens = below(w, 3) == 0;
    w->busy   = 1 + below(w, 20);
    w->racing = below(w, 3) ? 0 : 20 + below(w, 60);
    for (size_t i = 0; i < ISSUES; i++) {
        issue *x   = &w->issue[i];
        x->id      = i + 1;
        x->updated = w->now - (int64_t)below(w, below(w, 2) ? HOUR : 72 * HOUR);
        x->indexed = x->index_at = x->held = x->updated;
        x->fetched                         = w->now;
    }
}

static issue *any(world *w)
{
    return &w->issue[below(w, ISSUES)];
}

/* Time goes by, now and then with many changes in one second or minute. */
static void live(world *w)
{
    for (uint64_t k = below(w, 40); k > 0; k--) {
        uint64_t pace = below(w, 4);
        w->now += (int64_t)below(w, pace == 0   ? 300
                                    : pace == 1 ? 20000
                                    : pace == 2 ? 600000
                                                : HOUR);
        touch(w, any(w), below(w, 3) ? 0 : (int64_t)below(w, LAG));
    }
    w->now += (int64_t)below(w, 90 * MINUTE);
}

static bool is_held(const issue *x)
{
    return x->held == x->updated && x->fetched > x->updated + SETTLED;
}

/* One incremental run as flow/ makes it; *whole: it was not killed. Returns the cursor. */
static int64_t run(world *w, int64_t cursor, bool *whole)
{
    jd_row    page[PAGE];
    jd_walk   walk;
    jd_ask    ask;
    jd_told   told;
    jd_bounds bounds  = w->bounds; /* what is learnt is learnt for this run */
    int64_t   horizon = w->now, newest = INT64_MIN;
    unsigned  left = below(w, 6) ? 100000 : 1 + (unsigned)below(w, 8), requests = 0;
    jd_walk_open(&walk, JD_BY_UPDATED, cursor - OVERLAP, JD_FUTURE, horizon);
    while (jd_walk_next(&walk, &ask) && left-- > 0) {
        jd_buf jql = JD_BUF_INIT(10000);
        assert_true(++requests < 20000);
        jd_jql_walk(&jql, JD_STR("p"), JD_BY_UPDATED, ask.from, ask.to, JD_PAST, &bounds);
        size_t n = answer(w, jd_buf_cstr(&jql), &ask, page, &told);
        jd_buf_release(&jql);
        for (size_t i = 0; i < n; i++)
            page[i].held = is_held(&w->issue[page[i].id - 1]);
        jd_walk_feed(&walk, page, n, &told);
        if (n && !jd_walk_amid(&walk))
            jd_bounds_learn(&bounds, offset_at(&w->zone, page[n - 1].updated_ms));
        for (size_t i = 0; i < n; i++) {
            issue *x = &w->issue[page[i].id - 1];
            if (page[i].known)
                continue;
            x->held    = page[i].updated_ms;
            x->fetched = w->now;
            if (x->held > newest)
                newest = x->held;
        }
        int64_t at = walk.anchor < horizon ? walk.anchor : horizon;
        if (at > cursor)
            cursor = at;
        w->now += (int64_t)below(w, 2000);
        if (below(w, w->busy) == 0)
            touch(w, any(w), below(w, 3) ? 0 : (int64_t)below(w, LAG));
    }
    *whole = walk.done;
    if (walk.done) {
        int64_t at = newest < horizon ? newest : horizon;
        if (at > cursor)
            cursor = at;
    }
    jd_walk_close(&walk);
    return cursor;
}

static const char *const kind_name[] = {"epoch", "floored", "quoted", "quoted, no zone file"};

/* Whatever changed up to the cursor is held, but for what the index could not know when the run
 * looked, and what a killed run was yet to find again behind the cursor: that is the next run's. */
static void nothing_is_lost(const world *w, int64_t cursor, int64_t began, bool whole,
                            uint64_t seed)
{
    for (size_t i = 0; i < ISSUES; i++) {
        const issue *x = &w->issue[i];
        if (!whole && x->index_at > x->updated && x->updated > cursor - OVERLAP)
            continue;
        if (x->updated < cursor && x->index_at <= began && x->held != x->updated)
            fail_msg(
                "JD_SEED=%llu: %s, offset %d: issue %zu of %lld is held as of %lld, cursor %lld",
                (unsigned long long)seed, kind_name[w->kind], w->zone.offset[0], i + 1,
                (long long)x->updated, (long long)x->held, (long long)cursor);
    }
}

static void schedule(uint64_t seed)
{
    static world w;
    jd_arena    *a = jd_arena_new(0);
    make_world(&w, a, seed);
    int64_t cursor = w.now;
    bool    whole;
    for (int i = 0; i < RUNS; i++) {
        live(&w);
        int64_t began = w.now;
        cursor        = run(&w, cursor, &whole);
        nothing_is_lost(&w, cursor, began, whole, seed);
    }
    /* once all is quiet, a few runs hold everything */
    w.now += HOUR;
    w.busy   = UINT64_MAX;
    w.racing = 0;
    for (int i = 0; i < 40; i++)
        cursor = run(&w, cursor, &whole);
    for (size_t i = 0; i < ISSUES; i++)
        if (w.issue[i].held != w.issue[i].updated)
            fail_msg("JD_SEED=%llu: %s, offset %d: issue %zu of %lld is never fetched",
                     (unsigned long long)seed, kind_name[w.kind], w.zone.offset[0], i + 1,
                     (long long)w.issue[i].updated);
    jd_arena_free(a);
}

static uint64_t from_env(const char *name, uint64_t otherwise)
{
    const char *v = getenv(name);
    return v ? strtoull(v, NULL, 10) : otherwise;
}

static void no_update_is_lost(void **unused)
{
    (void)unused;
    uint64_t one  = from_env("JD_SEED", 0);
    uint64_t many = from_env("JD_SCHEDULES", getenv("JD_LONG") ? 200000 : 3000);
    if (one)
        schedule(one);
    for (uint64_t seed = 1; !one && seed <= many; seed++)
        schedule(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_update_is_lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
