#include "sim/page.h"

#include "sim/meta.h"

#include <stdlib.h>
#include <string.h>

bool sim_page_knows(void *self, sim_jql_what what, jd_str value, sim_jql_ref *ref)
{
    static const sim_kind kind[] = {[SIM_JQL_STATUS]     = SIM_STATUSES,
                                    [SIM_JQL_TYPE]       = SIM_TYPES,
                                    [SIM_JQL_PRIORITY]   = SIM_PRIORITIES,
                                    [SIM_JQL_RESOLUTION] = SIM_RESOLUTIONS};
    const sim_view       *v      = self;
    sim_store            *s      = (sim_store *)(uintptr_t)v->store; /* its meta is only read */
    const sim_project    *p;
    const sim_text       *t;
    switch (what) {
    case SIM_JQL_PROJECT:
        p = sim_store_project_named(s, value);
        if (p && p->veil >> v->viewer & 1)
            p = NULL;
        if (p)
            *ref = (sim_jql_ref){.id = p->id, .project_id = p->id};
        return p != NULL;
    case SIM_JQL_ISSUE:
        t = sim_store_peek(s, value);
        if (t && !sim_store_sees(s, t, v->viewer))
            t = NULL;
        if (t)
            *ref = (sim_jql_ref){t->issue.id, t->issue.project_id, t->issue.number};
        return t != NULL;
    case SIM_JQL_STATUS:
    case SIM_JQL_TYPE:
    case SIM_JQL_PRIORITY:
    case SIM_JQL_RESOLUTION:
        return sim_meta_knows(sim_store_meta(s), kind[what], value);
    case SIM_JQL_USER:
        return v->any_user || sim_meta_knows_user(sim_store_meta(s), value);
    case SIM_JQL_COMPONENT:
        return sim_meta_knows_part(sim_store_meta(s), SIM_COMPONENTS, value);
    case SIM_JQL_VERSION:
        return sim_meta_knows_part(sim_store_meta(s), SIM_VERSIONS, value);
    case SIM_JQL_WORD:
        return true;
    }
    return false;
}

jd_str sim_page_custom(void *self, jd_str name, sim_jql_kind *kind)
{
    static const struct {
        const char  *type;
        sim_jql_kind kind;
    } kinds[]            = {{"textfield", SIM_JQL_TEXT},  {"textarea", SIM_JQL_TEXT},
                            {"url", SIM_JQL_TEXT},        {"float", SIM_JQL_NUMBER},
                            {"datepicker", SIM_JQL_DATE}, {"datetime", SIM_JQL_DATE}};
    const sim_view *v    = self;
    const sim_meta *meta = sim_store_meta((sim_store *)(uintptr_t)v->store);
    jd_str          id   = sim_meta_field_clause(meta, name);
    jd_str          type = sim_meta_custom_type(meta, id);
    type                 = jd_str_cut(type, jd_str_find(type, ':') + 1, type.n);
    *kind                = SIM_JQL_VALUES;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (jd_str_is(type, kinds[i].type))
            *kind = kinds[i].kind;
    return id;
}

/* The issues that match, as places in a column, or as a list of texts. */
typedef struct found {
    const sim_column *column; /* in its order; NULL: list holds them all */
    size_t            lo;     /* column: from here */
    sim_text        **list;   /* those that matched, when not all of the column's range did */
    size_t            n;
    bool              desc;
} found;

static sim_text *found_at(const found *f, size_t i)
{
    if (f->desc)
        i = f->n - 1 - i;
    return f->list ? f->list[i] : f->column->v[f->lo + i].text;
}

static bool range_open(const sim_jql_shape *s, int by)
{
    return s->lo[by] == INT64_MIN && s->hi[by] == INT64_MAX;
}

/* [lo, hi) of a column's places that the shape leaves. */
static void places(const sim_project *p, const sim_jql_shape *shape, int by, size_t *lo, size_t *hi)
{
    const sim_column *c = &p->by[by];
    *lo                 = shape->lo[by] == INT64_MIN ? 0 : sim_column_from(c, shape->lo[by]);
    *hi                 = shape->hi[by] == INT64_MAX ? c->n : sim_column_from(c, shape->hi[by]);
    if (*hi < *lo)
        *hi = *lo;
}

/* Which column the first sort wants; -1 when none. */
static int sorted_by(const sim_order *order)
{
    return order->by == SIM_ORDER_CREATED   ? SIM_BY_CREATED
           : order->by == SIM_ORDER_UPDATED ? SIM_BY_UPDATED
                                            : -1;
}

static int compare(const void *a, const void *b, void *q)
{
    return sim_jql_compare(*(const sim_jql *const *)q, &(*(sim_text *const *)a)->issue,
                           &(*(sim_text *const *)b)->issue);
}

static void sort(sim_text **list, size_t n, const sim_jql *q)
{
    if (n > 1)
        qsort_r(list, n, sizeof *list, compare, &q);
}

static void search(const sim_view *v, const sim_jql *q, found *f)
{
    const sim_store     *s     = v->store;
    bool                 veils = sim_store_veiled(s);
    const sim_jql_shape *shape = sim_jql_shape_of(q);
    size_t               norder, hi;
    const sim_order     *order = sim_jql_order(q, &norder);
    bool                 one   = !shape->all_projects && shape->nprojects == 1;
    const sim_project *p = one ? sim_store_project(s, shape->projects[0]) : sim_store_everything(s);
    int                by = sorted_by(order);
    *f                    = (found){0};
    if (!p || (!shape->all_projects && shape->nprojects == 0))
        return;
    int column = by;
    if (column < 0) { /* no order to keep: the shorter range */
        size_t lo[2], up[2];
        places(p, shape, 0, &lo[0], &up[0]);
        places(p, shape, 1, &lo[1], &up[1]);
        column = up[1] - lo[1] < up[0] - lo[0] ? 1 : 0;
    }
    f->column = &p->by[column];
    f->desc   = by >= 0 && order[0].desc;
    places(p, shape, column, &f->lo, &hi);
    f->n       = hi - f->lo;
    bool exact = shape->pure && (one || shape->all_projects) && range_open(shape, 1 - column);
    if (exact && by >= 0 && !veils)
        return;
    size_t n = 0;
    f->list  = jd_xcalloc(f->n + 1, sizeof *f->list);
    for (size_t i = f->lo; i < hi; i++)
        if ((exact || sim_jql_match(q, &f->column->v[i].text->issue)) &&
            sim_store_finds(s, f->column->v[i].text, v->viewer))
            f->list[n++] = f->column->v[i].text;
    f->n = n;
    if (by < 0)
        sort(f->list, n, q);
}

static int64_t second_of(const sim_issue *i, int by)
{
    int64_t ms = by == SIM_BY_CREATED ? i->created_ms : i->updated_ms;
    return ms / 1000 - (ms % 1000 < 0);
}

static int64_t second_at(const found *f, int by, size_t i)
{
    return second_of(&found_at(f, i)->issue, by);
}

/* Numbers from .. from+max of what was found. */
static void take(const found *f, const sim_jql *q, uint64_t start, uint64_t max, sim_page *out)
{
    *out        = (sim_page){.total = f->n};
    size_t from = start < f->n ? (size_t)start : f->n;
    size_t to   = max < f->n - from ? from + (size_t)max : f->n;
    out->more   = to < f->n;
    if (from == to)
        return;
    size_t           norder, first = from, last = to;
    const sim_order *order = sim_jql_order(q, &norder);
    int              by    = sorted_by(order);
    if (by >= 0 && norder > 1) { /* the further sorts matter within a second: whole seconds */
        while (first > 0 && second_at(f, by, first - 1) == second_at(f, by, from))
            first--;
        while (last < f->n && second_at(f, by, last) == second_at(f, by, to - 1))
            last++;
    }
    sim_text **run = jd_xcalloc(last - first, sizeof *run);
    for (size_t i = first; i < last; i++)
        run[i - first] = found_at(f, i);
    if (by >= 0 && norder > 1)
        sort(run, last - first, q);
    out->n = to - from;
    memmove(run, run + (from - first), out->n * sizeof *run);
    for (size_t i = 0; i < out->n; i++)
        sim_text_ref(run[i]);
    out->text = run;
}

void sim_page_find(const sim_view *v, const sim_jql *q, uint64_t start, uint64_t max, sim_page *out)
{
    found f;
    search(v, q, &f);
    take(&f, q, start, max, out);
    free(f.list);
}

/* Is number i before `last`, as far as the columns are in order? */
static bool before(const found *f, const sim_jql *q, int by, const sim_issue *last, size_t i)
{
    int64_t mine = by >= 0 ? second_at(f, by, i) : 0, its = by >= 0 ? second_of(last, by) : 0;
    if (by < 0)
        return sim_jql_compare(q, &found_at(f, i)->issue, last) <= 0;
    return f->desc ? mine > its : mine < its;
}

void sim_page_after(const sim_view *v, const sim_jql *q, const sim_issue *last, uint64_t max,
                    sim_page *out)
{
    found            f;
    size_t           norder, lo = 0;
    const sim_order *order = sim_jql_order(q, &norder);
    int              by    = sorted_by(order);
    search(v, q, &f);
    size_t hi = last ? f.n : 0;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (before(&f, q, by, last, mid))
            lo = mid + 1;
        else
            hi = mid;
    }
    if (last && by >= 0) { /* those of its second that come before it, in whichever order */
        size_t at = lo;
        for (; at < f.n && second_at(&f, by, at) == second_of(last, by); at++)
            lo += sim_jql_compare(q, &found_at(&f, at)->issue, last) <= 0;
    }
    take(&f, q, lo, max, out);
    free(f.list);
}

void sim_page_release(sim_page *p)
{
    for (size_t i = 0; i < p->n; i++)
        sim_text_drop(p->text[i]);
    free(p->text);
    *p = (sim_page){0};
}
