#include "base/hash.h"
#include "base/rng.h"
#include "model/walk.h"
#include "text/date.h"
#include "unit/check.h"

/* A server in memory: second-grained order with arbitrary but stable ties, bounds that may be as
 * coarse as a minute and as wide as an hour, pages cut at a cap, rows that change between requests.
 */

enum { MAX_ISSUES = 3000, MAX_PAGE = 64 };

typedef struct row {
    uint64_t id;
    int64_t  created, updated;
    bool     gone;
    int64_t  delivered; /* the updated it was last delivered with; JD_PAST for never */
    bool     settled;   /* there and unmoved since the walk began */
} row;

typedef struct server {
    row     issue[MAX_ISSUES];
    size_t  n;
    int64_t now;
    int64_t grain, slack; /* how bounds are read: floored to grain, slack outward */
    bool    early;        /* slack only before the lower one */
    size_t  cap;
    bool tokens; /* pages by token (an offset, as bad as one), some short, some empty; no totals */
    size_t   token;
    bool     doubled; /* some rows stand twice on their page */
    jd_rng   rng;
    unsigned requests; /* for what happens after a certain one */
} server;

static jd_axis sort_axis;

static int64_t place(const row *r, jd_axis axis)
{
    return jd_floor_ms(axis == JD_BY_CREATED ? r->created : r->updated, 1000);
}

static int by_place(const void *a, const void *b)
{
    const row *x = *(row *const *)a, *y = *(row *const *)b;
    int64_t    p = place(x, sort_axis), q = place(y, sort_axis);
    if (p != q)
        return p < q ? -1 : 1;
    uint64_t h = jd_mix64(x->id), k = jd_mix64(y->id);
    return (h > k) - (h < k);
}

static size_t query(server *s, const jd_ask *ask, row **found)
{
    size_t  n    = 0;
    int64_t from = ask->from < 0 ? JD_PAST : jd_floor_ms(ask->from, s->grain) - s->slack;
    int64_t to   = ask->to == JD_FUTURE
                       ? JD_FUTURE
                       : jd_floor_ms(ask->to + s->grain - 1, s->grain) + (s->early ? 0 : s->slack);
    for (size_t i = 0; i < s->n; i++) {
        int64_t at = place(&s->issue[i], ask->axis);
        if (!s->issue[i].gone && at >= from && at < to)
            found[n++] = &s->issue[i];
    }
    sort_axis = ask->axis;
    qsort(found, n, sizeof *found, by_place);
    return n;
}

/* One page; returns its rows. */
static size_t answer(server *s, const jd_ask *ask, jd_row *page, jd_told *told)
{
    static row *found[MAX_ISSUES];
    size_t      total = query(s, ask, found), n = 0, cap = s->cap, at = ask->start_at;
    if (s->tokens) {
        at  = ask->go_on ? s->token : 0;
        cap = jd_rng_below(&s->rng, 5) ? cap : (size_t)jd_rng_below(&s->rng, cap);
    }
    for (; at < total && n < cap; at++, n++)
        page[n] = (jd_row){.id         = found[at]->id,
                           .created_ms = found[at]->created,
                           .updated_ms = found[at]->updated};
    for (size_t i = 0, once = n; s->doubled && i < once; i++)
        if (jd_rng_below(&s->rng, 3) == 0)
            page[n++] = page[i];
    s->token = at;
    *told    = s->tokens ? (jd_told){.tokens = true, .last = at >= total}
                         : (jd_told){.total = total, .max_results = s->cap};
    return n;
}

typedef void (*between)(server *s); /* what happens between two requests */

/* Walks to the end; returns the number of requests. */
static unsigned run(server *s, jd_axis axis, int64_t from, int64_t to, int64_t horizon, between act,
                    int64_t *last_updated)
{
    jd_row   page[2 * MAX_PAGE];
    jd_walk  w;
    jd_ask   ask;
    jd_told  told;
    unsigned requests = 0;
    *last_updated     = JD_PAST;
    for (size_t i = 0; i < s->n; i++) {
        s->issue[i].delivered = JD_PAST;
        s->issue[i].settled   = true;
    }
    jd_walk_open(&w, axis, from, to, horizon);
    while (jd_walk_next(&w, &ask)) {
        assert_true(++requests < 100000);
        if (ask.go_on && jd_rng_below(&s->rng, 500) == 0) {
            jd_walk_drop_token(&w);
            continue;
        }
        size_t n = answer(s, &ask, page, &told);
        jd_walk_feed(&w, page, n, &told);
        for (size_t i = 0; i < n; i++) {
            if (page[i].known)
                continue;
            s->issue[page[i].id - 1].delivered = page[i].updated_ms;
            if (page[i].updated_ms > *last_updated)
                *last_updated = page[i].updated_ms;
        }
        if (act)
            act(s);
    }
    if (to != JD_FUTURE)
        assert_int_equal(w.anchor, to);
    jd_walk_close(&w);
    return requests;
}

static row *add(server *s, int64_t created)
{
    row *r = &s->issue[s->n];
    *r     = (row){.id = s->n + 1, .created = created, .updated = created, .delivered = JD_PAST};
    s->n++;
    return r;
}

static void touch(server *s, row *r)
{
    s->now += 1 + (int64_t)jd_rng_below(&s->rng, 1500);
    r->updated = s->now;
    r->settled = false;
}

static server *fresh(uint64_t seed)
{
    static server s;
    memset(&s, 0, sizeof s);
    s.rng   = jd_rng_seed(seed);
    s.now   = 1700000000000;
    s.grain = 1;
    s.cap   = 1 + (size_t)jd_rng_below(&s.rng, 20);
    if (jd_rng_below(&s.rng, 2))
        s.grain = 60000;
    if (jd_rng_below(&s.rng, 4) == 0)
        s.slack = 3600000;
    s.early  = jd_rng_below(&s.rng, 2);
    s.tokens = jd_rng_below(&s.rng, 2);
    return &s;
}

/* Bursts within one second, quiet days, some before 1970. */
static void fill(server *s, size_t n)
{
    int64_t at = jd_rng_below(&s->rng, 5) ? 1600000000000 : -90000000000;
    while (s->n < n) {
        size_t burst = jd_rng_below(&s->rng, 6) ? 1 : 1 + (size_t)jd_rng_below(&s->rng, 60);
        at += (int64_t)jd_rng_below(&s->rng, jd_rng_below(&s->rng, 2) ? 900 : 90000000);
        for (size_t i = 0; i < burst && s->n < n; i++) {
            row *r = add(s, at + (int64_t)jd_rng_below(&s->rng, 3));
            if (jd_rng_below(&s->rng, 2))
                r->updated = r->created + (int64_t)jd_rng_below(&s->rng, 100000000000);
            if (r->updated > s->now - 1000)
                r->updated = s->now - 1000;
        }
    }
}

static row *any(server *s)
{
    return &s->issue[jd_rng_below(&s->rng, s->n)];
}

static void drift(server *s)
{
    for (uint64_t k = jd_rng_below(&s->rng, 4); k > 0; k--) {
        row *r = any(s);
        switch (jd_rng_below(&s->rng, 4)) {
        case 0:
            r->gone = true;
            break;
        case 1:
            if (s->n < MAX_ISSUES)
                touch(s, add(s, s->now));
            break;
        default:
            touch(s, r);
        }
    }
}

static void test_still_data_is_whole(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        server *s = fresh(seed);
        int64_t last;
        fill(s, 1 + (size_t)jd_rng_below(&s->rng, 400));
        (void)run(s, JD_BY_CREATED, JD_PAST, JD_FUTURE, s->now, NULL, &last);
        for (size_t i = 0; i < s->n; i++)
            assert_int_equal(s->issue[i].delivered, s->issue[i].updated);
    }
}

static void test_rows_that_stand_twice_hide_no_others(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        server *s = fresh(seed);
        int64_t last;
        s->doubled = true;
        fill(s, 1 + (size_t)jd_rng_below(&s->rng, 400));
        (void)run(s, JD_BY_CREATED, JD_PAST, JD_FUTURE, s->now, NULL, &last);
        for (size_t i = 0; i < s->n; i++)
            assert_int_equal(s->issue[i].delivered, s->issue[i].updated);
    }
}

static void test_created_loses_nothing_while_rows_change(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        server *s = fresh(seed);
        int64_t last;
        fill(s, 1 + (size_t)jd_rng_below(&s->rng, 300));
        size_t before = s->n;
        (void)run(s, JD_BY_CREATED, JD_PAST, JD_FUTURE, s->now, drift, &last);
        for (size_t i = 0; i < before; i++)
            if (!s->issue[i].gone)
                assert_true(s->issue[i].delivered != JD_PAST);
    }
}

static void test_updated_loses_nothing_while_rows_change(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        server *s = fresh(seed);
        int64_t last, horizon = s->now, from;
        fill(s, 1 + (size_t)jd_rng_below(&s->rng, 300));
        from = any(s)->updated;
        if (from < 0)
            from = 0;
        (void)run(s, JD_BY_UPDATED, from, JD_FUTURE, horizon, drift, &last);
        int64_t cursor = last < horizon ? last : horizon;
        for (size_t i = 0; i < s->n; i++) {
            const row *r = &s->issue[i];
            if (!r->gone && r->updated >= from && r->updated <= cursor)
                assert_int_equal(r->delivered, r->updated);
        }
    }
}

static void test_a_window_is_its_own(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        server *s = fresh(seed);
        int64_t last, from, to;
        fill(s, 200);
        s->grain = 1;
        s->slack = 0;
        from     = jd_floor_ms(any(s)->created, 60000);
        to       = from + 86400000 * (int64_t)(1 + jd_rng_below(&s->rng, 1000));
        if (from < 0)
            continue;
        (void)run(s, JD_BY_CREATED, from, to, s->now, NULL, &last);
        for (size_t i = 0; i < s->n; i++) {
            const row *r = &s->issue[i];
            assert_int_equal(r->delivered != JD_PAST, r->created >= from && r->created < to);
        }
    }
}

static void test_thousands_in_one_second(void **unused)
{
    (void)unused;
    server *s = fresh(3);
    int64_t last;
    s->tokens = false;
    s->cap    = 50;
    s->grain  = 1;
    s->slack  = 0;
    (void)add(s, 1500000000000);
    for (int i = 0; i < 2500; i++)
        (void)add(s, 1600000000000 + i % 1000);
    (void)add(s, 1650000000000);
    unsigned requests = run(s, JD_BY_CREATED, JD_PAST, JD_FUTURE, s->now, NULL, &last);
    for (size_t i = 0; i < s->n; i++)
        assert_true(s->issue[i].delivered != JD_PAST);
    /* two passes of 50 pages, and a few requests around them */
    assert_in_range(requests, 100, 110);
}

static void touch_first(server *s)
{
    touch(s, &s->issue[0]);
}

static void test_an_issue_touched_at_every_request_ends(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        server *s = fresh(seed);
        int64_t last, horizon = s->now;
        s->cap += 5;
        fill(s, 100);
        unsigned requests = run(s, JD_BY_UPDATED, 0, JD_FUTURE, horizon, touch_first, &last);
        assert_in_range(requests, 1, 2000);
        for (size_t i = 1; i < s->n; i++)
            if (s->issue[i].updated >= 0)
                assert_int_equal(s->issue[i].delivered, s->issue[i].updated);
        if (requests > 1) /* else it was never touched while the walk went on */
            assert_true(s->issue[0].delivered != JD_PAST);
    }
}

/* More new rows a request than a page holds, all within the bounds of one slot. */
static void crowd(server *s)
{
    for (size_t i = 0; i < s->cap + 2 && s->n < MAX_ISSUES; i++)
        touch(s, add(s, s->now));
}

static void test_a_server_that_grows_faster_than_it_is_read_ends(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        server *s = fresh(seed);
        int64_t last, horizon = s->now;
        s->cap   = 4;
        s->slack = 3600000;
        for (int i = 0; i < 40; i++)
            (void)add(s, horizon - 2000 - i % 7);
        unsigned requests = run(s, JD_BY_UPDATED, 0, JD_FUTURE, horizon, crowd, &last);
        assert_in_range(requests, 10, 400); /* the crowd would last for 500 */
        assert_in_range(s->n, 80, MAX_ISSUES - 1);
        for (size_t i = 0; i < 40; i++)
            assert_int_equal(s->issue[i].delivered, s->issue[i].updated);
    }
}

/* Lower bounds that reach back an hour, and a row every four seconds for nearly three. */
static void test_an_hour_too_early_costs_little(void **unused)
{
    (void)unused;
    server *s = fresh(1);
    int64_t last;
    s->tokens = false;
    s->cap    = 50;
    s->grain  = 60000;
    s->slack  = 3600000;
    s->early  = true;
    for (int64_t i = 0; i < 2500; i++)
        (void)add(s, 1600000000000 + i * 4000);
    s->now            = s->issue[s->n - 1].created + 1000;
    unsigned requests = run(s, JD_BY_CREATED, JD_PAST, JD_FUTURE, s->now, NULL, &last);
    for (size_t i = 0; i < s->n; i++)
        assert_true(s->issue[i].delivered != JD_PAST);
    /* each minute by itself would be 36 pages, more than 150 times */
    assert_in_range(requests, 50, 1500);
}

/* Touched rows go behind all others, and those after them move up, past the offset asked next:
 * between the second and the third page of the first pass, and between the first two of the next.
 */
static void pull_up(server *s)
{
    static const struct {
        unsigned after, first, last;
    } touched[] = {{4, 0, 0}, {6, 1, 2}};
    s->requests++;
    for (size_t i = 0; i < 2; i++)
        for (unsigned k = touched[i].first; s->requests == touched[i].after && k <= touched[i].last;
             k++)
            touch(s, &s->issue[k]);
}

static void test_a_row_that_moves_up_twice_while_the_total_stands_still(void **unused)
{
    (void)unused;
    server *s = fresh(1);
    int64_t last, horizon = s->now;
    s->tokens = false;
    s->cap    = 2;
    s->slack  = 3600000;
    s->early  = false;
    for (int i = 1; i <= 5; i++)
        (void)add(s, horizon - 6000 + i * 1000);
    for (int i = 1; i <= 4; i++)
        touch(s, add(s, s->now + 1000));
    (void)run(s, JD_BY_UPDATED, 0, JD_FUTURE, horizon, pull_up, &last);
    assert_true(s->requests >= 7);
    for (size_t i = 3; i < 5; i++) /* those that were never touched */
        assert_int_equal(s->issue[i].delivered, s->issue[i].updated);
}

static void test_nothing_new_is_one_request(void **unused)
{
    (void)unused;
    server *s = fresh(9);
    int64_t last;
    s->tokens = false;
    s->cap    = 50;
    (void)add(s, 1600000000000);
    assert_int_equal(run(s, JD_BY_UPDATED, 1600000300000, JD_FUTURE, s->now, NULL, &last), 1);
    assert_int_equal(last, JD_PAST);
}

static void test_held_rows_need_no_second_pass(void **unused)
{
    (void)unused;
    jd_walk w;
    jd_ask  ask;
    jd_row  page[2] = {{.id = 1, .created_ms = 5000, .held = true},
                       {.id = 2, .created_ms = 5000, .held = true}};
    jd_walk_open(&w, JD_BY_CREATED, 5000, JD_FUTURE, 1700000000000);
    assert_true(jd_walk_next(&w, &ask));
    jd_walk_feed(
        &w, page, 2,
        &(jd_told){.total       = 4,
                   .max_results = 2}); /* no further than the anchor: by offset from here */
    assert_true(jd_walk_next(&w, &ask));
    assert_int_equal(ask.from, 0);
    assert_int_equal(ask.to, 60000);
    assert_int_equal(ask.start_at, 0);
    jd_walk_feed(&w, page, 2, &(jd_told){.total = 4, .max_results = 2});
    assert_true(jd_walk_next(&w, &ask));
    assert_int_equal(ask.start_at, 2);
    jd_row rest[2] = {{.id = 3, .created_ms = 5000, .held = true},
                      {.id = 4, .created_ms = 5000, .held = true}};
    jd_walk_feed(&w, rest, 2, &(jd_told){.total = 4, .max_results = 2});
    assert_true(jd_walk_next(&w, &ask)); /* a quiet pass: on to the next minute */
    assert_int_equal(ask.from, 60000);
    assert_int_equal(ask.to, JD_FUTURE);
    jd_walk_feed(&w, page, 0, &(jd_told){.total = 0, .max_results = 2});
    assert_false(jd_walk_next(&w, &ask));
    jd_walk_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_still_data_is_whole),
        cmocka_unit_test(test_rows_that_stand_twice_hide_no_others),
        cmocka_unit_test(test_created_loses_nothing_while_rows_change),
        cmocka_unit_test(test_updated_loses_nothing_while_rows_change),
        cmocka_unit_test(test_a_window_is_its_own),
        cmocka_unit_test(test_thousands_in_one_second),
        cmocka_unit_test(test_an_issue_touched_at_every_request_ends),
        cmocka_unit_test(test_a_server_that_grows_faster_than_it_is_read_ends),
        cmocka_unit_test(test_an_hour_too_early_costs_little),
        cmocka_unit_test(test_a_row_that_moves_up_twice_while_the_total_stands_still),
        cmocka_unit_test(test_nothing_new_is_one_request),
        cmocka_unit_test(test_held_rows_need_no_second_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
