/* The stays of an issue in its sprints. The sprint field holds all sprints that an issue is in; an
 * item of the changelog has the ids before and after, as "3, 4". Replayed in order of time they
 * give the stays. Where they do not fit together, or do not lead to what the field holds now,
 * something is missing between them: a stay that begins there has no time, one that ends there the
 * time at which it was over at the latest. */
#include "base/vec.h"
#include "derive/rows_part.h"
#include "model/sprint.h"

#include <stdlib.h>
#include <string.h>

typedef struct ids { /* in the issue's arena; rising, each once */
    uint64_t *v;
    size_t    n;
} ids;

typedef struct event {
    int64_t        at, change; /* when; the change's id */
    size_t         order;
    const jd_json *item;
} event;

typedef struct stay {
    uint64_t sprint;
    int64_t  from, to; /* JD_NO_TIME: not known; it lasts */
    size_t   order;
} stay;

typedef JD_VEC(size_t) places;

struct jd_sprint_part {
    jd_str field;    /* the custom field that holds sprints; p NULL: none was met */
    bool   is_known; /* whether the fields tell which sprints the issue is in */
    JD_VEC(uint64_t) now;
    JD_VEC(event) event;
    JD_VEC(stay) stay;
    places open, next; /* stays that last, by sprint */
};

void jd_rows_sprint_begin(jd_rows *r)
{
    if (!r->sprints)
        r->sprints = jd_xcalloc(1, sizeof *r->sprints);
    jd_sprint_part *p = r->sprints;
    p->field          = JD_NOSTR;
    p->is_known       = false;
    p->now.n = p->event.n = p->stay.n = p->open.n = 0;
}

void jd_rows_sprint_release(jd_rows *r)
{
    jd_sprint_part *p = r->sprints;
    if (!p)
        return;
    jd_vec_release(&p->now);
    jd_vec_release(&p->event);
    jd_vec_release(&p->stay);
    jd_vec_release(&p->open);
    jd_vec_release(&p->next);
    free(p);
    r->sprints = NULL;
}

/* -- sprints --------------------------------------------------------------------------------- */

static jd_cell text_or_null(const jd_rows *r, jd_str s)
{
    return s.n ? jd_cell_text(r, s) : (jd_cell){0};
}

static jd_cell time_or_null(jd_str s)
{
    jd_cell c = {.kind = JD_CELL_TIME};
    return jd_time_parse(s, &c.i, NULL) ? c : (jd_cell){0};
}

bool jd_named_sprint(jd_rows *r, const jd_json *v, uint64_t *id)
{
    jd_sprint s;
    jd_cell   c[JD_sprint__N];
    if (!jd_sprint_read(v, &s) || s.id > INT64_MAX)
        return false;
    jd_row_begin(r, JD_T_sprint, c);
    c[JD_sprint__id]             = jd_cell_int((int64_t)s.id);
    c[JD_sprint__name]           = text_or_null(r, s.name);
    c[JD_sprint__goal]           = text_or_null(r, s.goal);
    c[JD_sprint__state]          = text_or_null(r, jd_str_of(jd_sprint_state_name(s.state)));
    c[JD_sprint__start_date]     = time_or_null(s.start);
    c[JD_sprint__end_date]       = time_or_null(s.end);
    c[JD_sprint__activated_date] = time_or_null(s.activated);
    c[JD_sprint__complete_date]  = time_or_null(s.complete);
    if (s.board && s.board <= INT64_MAX)
        c[JD_sprint__board_id] = jd_cell_int((int64_t)s.board);
    jd_row_end(r, JD_T_sprint, c);
    *id = s.id;
    return true;
}

static void take_sprint(jd_rows *r, jd_str field, const jd_json *v)
{
    uint64_t        id;
    jd_sprint_part *p = r->sprints;
    if (!jd_named_sprint(r, v, &id))
        return;
    *jd_vec_add(&p->now) = id;
    p->is_known          = true;
    if (field.n)
        p->field = field;
}

void jd_rows_sprint_field(jd_rows *r, jd_str field, const jd_json *v)
{
    if (!field.n) /* it is said to be sprints */
        r->sprints->is_known = true;
    if (jd_json_kind(v) != JD_JSON_ARRAY)
        take_sprint(r, field, v);
    else
        for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);)
            take_sprint(r, field, it.value);
}

/* -- the changelog --------------------------------------------------------------------------- */

static bool is_sprint_item(const jd_sprint_part *p, const jd_json *item)
{
    jd_str id = jd_json_str(jd_json_get(item, "fieldId"));
    if (id.n && p->field.n)
        return jd_str_eq(id, p->field);
    return jd_str_ieq(jd_json_str(jd_json_get(item, "field")), JD_STR("sprint"));
}

static void add_event(jd_sprint_part *p, const event *ev)
{
    *jd_vec_add(&p->event) = *ev;
}

void jd_rows_sprint_item(jd_rows *r, const jd_json *item, jd_cell change, jd_cell created)
{
    jd_sprint_part *p = r->sprints;
    if (created.kind && is_sprint_item(p, item))
        add_event(p, &(event){created.i, change.i, p->event.n, item});
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static ids sorted(ids s)
{
    size_t n = 0;
    if (s.n)
        qsort(s.v, s.n, sizeof *s.v, by_number);
    for (size_t i = 0; i < s.n; i++)
        if (n == 0 || s.v[n - 1] != s.v[i])
            s.v[n++] = s.v[i];
    s.n = n;
    return s;
}

/* "3, 4"; what is no number is passed over. */
static ids ids_of(const jd_rows *r, const jd_json *v)
{
    ids    out  = {0};
    jd_str rest = jd_json_str(v), one;
    size_t most = 1;
    for (size_t i = 0; i < rest.n; i++)
        most += rest.p[i] == ',';
    if (!rest.n)
        return out;
    out.v = JD_NEW_ARRAY(r->arena, uint64_t, most);
    while (jd_str_split(&rest, ',', &one)) {
        uint64_t id;
        if (jd_str_u64(jd_str_trim(one), &id) && id && id <= INT64_MAX)
            out.v[out.n++] = id;
    }
    return sorted(out);
}

static bool has(ids s, uint64_t id)
{
    return s.n && bsearch(&id, s.v, s.n, sizeof *s.v, by_number);
}

/* A sprint that the field does not hold now is known by what the changelog calls it; where there
 * are several, by no name, as names may hold commas. */
static void name_sprints(jd_rows *r, const event *ev, ids now, const char *id, const char *text)
{
    ids of = ids_of(r, jd_json_get(ev->item, id));
    for (size_t i = 0; i < of.n; i++) {
        jd_cell c[JD_sprint__N];
        if (has(now, of.v[i]))
            continue;
        jd_row_begin(r, JD_T_sprint, c);
        c[JD_sprint__id]   = jd_cell_int((int64_t)of.v[i]);
        c[JD_sprint__seen] = (jd_cell){.kind = JD_CELL_TIME, .i = ev->at};
        if (of.n == 1)
            c[JD_sprint__name] = text_or_null(r, jd_json_str(jd_json_get(ev->item, text)));
        jd_row_end(r, JD_T_sprint, c);
    }
}

/* -- stays ----------------------------------------------------------------------------------- */

static size_t begin_stay(jd_sprint_part *p, uint64_t sprint, int64_t from)
{
    stay  now = {.sprint = sprint, .from = from, .to = JD_NO_TIME, .order = p->stay.n};
    stay *s   = jd_vec_add(&p->stay);
    *s        = now;
    return now.order;
}

/* The issue is in these sprints from now on: others end, new ones begin. */
static void become(jd_sprint_part *p, ids in, int64_t from, int64_t to)
{
    size_t at = 0;
    p->next.n = 0;
    for (size_t i = 0; i < in.n; i++) {
        for (; at < p->open.n && p->stay.v[p->open.v[at]].sprint < in.v[i]; at++)
            p->stay.v[p->open.v[at]].to = to;
        bool   lasts          = at < p->open.n && p->stay.v[p->open.v[at]].sprint == in.v[i];
        size_t place          = lasts ? p->open.v[at++] : begin_stay(p, in.v[i], from);
        *jd_vec_add(&p->next) = place;
    }
    for (; at < p->open.n; at++)
        p->stay.v[p->open.v[at]].to = to;
    places swap = p->open;
    p->open     = p->next;
    p->next     = swap;
}

static int by_time(const void *a, const void *b)
{
    const event *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    if (x->change != y->change)
        return x->change < y->change ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static int by_sprint(const void *a, const void *b)
{
    const stay *x = a, *y = b;
    if (x->sprint != y->sprint)
        return x->sprint < y->sprint ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* Since when an issue is in what it was in before its first change: Jira writes no change for what
 * it was created with. A changelog that is not whole may lack the first one. */
static int64_t beginning(const jd_rows *r)
{
    const jd_json *log = jd_json_get(r->issue->doc, "changelog");
    const jd_json *all = jd_json_get(log, "histories");
    int64_t        total;
    if (jd_json_kind(all) != JD_JSON_ARRAY)
        return JD_NO_TIME;
    bool cut = jd_json_i64(jd_json_get(log, "total"), &total) && total > (int64_t)jd_json_len(all);
    return cut ? JD_NO_TIME : r->issue->created_ms;
}

/* Whether the field is there and empty, which a change by its id tells. */
static bool is_known_empty(const jd_rows *r, const event *ev)
{
    jd_str         id = jd_json_str(jd_json_get(ev->item, "fieldId"));
    const jd_json *in = jd_json_get(r->issue->doc, "fields");
    for (jd_json_iter it = jd_json_walk(id.n ? in : NULL); jd_json_next(&it);)
        if (jd_str_eq(it.name, id))
            return true;
    return false;
}

static void replay(jd_rows *r, ids now)
{
    jd_sprint_part *p    = r->sprints;
    int64_t         from = beginning(r);
    if (p->event.n)
        qsort(p->event.v, p->event.n, sizeof *p->event.v, by_time);
    for (size_t i = 0; i < p->event.n; i++) {
        const event *ev     = &p->event.v[i];
        ids          before = ids_of(r, jd_json_get(ev->item, "from"));
        ids          after  = ids_of(r, jd_json_get(ev->item, "to"));
        if (!before.n && !after.n)
            continue;
        name_sprints(r, ev, now, "from", "fromString");
        name_sprints(r, ev, now, "to", "toString");
        become(p, before, from, ev->at);
        become(p, after, ev->at, ev->at);
        from = JD_NO_TIME;
    }
    if (p->is_known || (p->event.n && is_known_empty(r, &p->event.v[p->event.n - 1])))
        become(p, now, from, r->issue->updated_ms);
}

void jd_rows_sprint_end(jd_rows *r)
{
    jd_sprint_part *p = r->sprints;
    if (!p->now.n && !p->event.n)
        return;
    replay(r, sorted((ids){p->now.v, p->now.n}));
    if (p->stay.n)
        qsort(p->stay.v, p->stay.n, sizeof *p->stay.v, by_sprint);
    for (size_t i = 0, first = 0; i < p->stay.n; i++) {
        const stay *s = &p->stay.v[i];
        jd_cell     c[JD_issue_sprint__N];
        if (s->sprint != p->stay.v[first].sprint)
            first = i;
        jd_row_begin(r, JD_T_issue_sprint, c);
        c[JD_issue_sprint__sprint_id] = jd_cell_int((int64_t)s->sprint);
        c[JD_issue_sprint__position]  = jd_cell_int((int64_t)(i - first));
        c[JD_issue_sprint__from_time] = jd_cell_time(s->from);
        c[JD_issue_sprint__to_time]   = jd_cell_time(s->to);
        jd_row_end(r, JD_T_issue_sprint, c);
    }
}
