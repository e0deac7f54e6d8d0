/* Asking a compiled query: does an issue match, what may an index skip, which issue comes first. */
#include "base/hash.h"
#include "sim/jql_ast.h"

#include <string.h>

static const int64_t no_second = INT64_MIN;

/* The index keeps whole seconds. */
static int64_t second_of(int64_t ms)
{
    return ms / 1000 - (ms % 1000 < 0);
}

static int64_t date_of(const sim_issue *i, sim_order_by field)
{
    switch (field) {
    case SIM_ORDER_CREATED:
        return second_of(i->created_ms);
    case SIM_ORDER_UPDATED:
        return second_of(i->updated_ms);
    default:
        return i->resolved_ms == INT64_MIN ? no_second : second_of(i->resolved_ms);
    }
}

static int64_t second_in(const sim_node *c, const sim_issue *i)
{
    int64_t second;
    if (!c->member.p)
        return date_of(i, c->field);
    return sim_json_second(c, i, &second) ? second : no_second;
}

static const sim_named *named_of(const sim_issue *i, sim_order_by field)
{
    switch (field) {
    case SIM_ORDER_STATUS:
        return &i->status;
    case SIM_ORDER_TYPE:
        return &i->type;
    case SIM_ORDER_PRIORITY:
        return &i->priority;
    default:
        return &i->resolution;
    }
}

static jd_str user_of(const sim_issue *i, sim_order_by field)
{
    return field == SIM_ORDER_ASSIGNEE ? i->assignee : i->reporter;
}

static bool named_is_empty(const sim_named *v)
{
    return !v->id.p && !v->name.p;
}

/* ---- matching */

static bool has_id(const sim_node *c, uint64_t id)
{
    size_t lo = 0, hi = c->n;
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        if (c->ids[middle] == id)
            return true;
        if (c->ids[middle] < id)
            lo = middle + 1;
        else
            hi = middle;
    }
    return false;
}

static bool has_second(const sim_node *c, int64_t second)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->seconds[i] == second)
            return true;
    return false;
}

static bool has_text(const sim_node *c, jd_str a, jd_str b)
{
    for (size_t i = 0; i < c->n; i++)
        if (jd_str_ieq(c->texts[i], a) || (b.p && jd_str_eq(c->texts[i], b)))
            return true;
    return false;
}

static bool relates(int64_t a, sim_op op, int64_t b)
{
    switch (op) {
    case SIM_OP_LT:
        return a < b;
    case SIM_OP_LE:
        return a <= b;
    case SIM_OP_GT:
        return a > b;
    default:
        return a >= b;
    }
}

bool sim_in_set(const sim_node *c, bool is_empty, bool hit)
{
    return is_empty ? c->empty && !c->negated : hit != c->negated;
}

/* The smaller a priority's number, the higher it ranks. */
static bool match_rank(const sim_node *c, const sim_issue *i)
{
    uint64_t rank;
    return jd_str_u64(i->priority.id, &rank) &&
           relates(-(int64_t)(rank & INT32_MAX), c->op, -(int64_t)(c->ref.id & INT32_MAX));
}

static bool match_leaf(const sim_node *c, const sim_issue *i)
{
    switch (c->kind) {
    case SIM_N_PROJECT:
        return sim_in_set(c, false, has_id(c, i->project_id));
    case SIM_N_ISSUE:
        return sim_in_set(c, false, has_id(c, i->id));
    case SIM_N_KEY_REL:
        return i->project_id == c->ref.project_id &&
               relates((int64_t)i->number, c->op, (int64_t)c->ref.number);
    case SIM_N_DATE: {
        int64_t second = second_in(c, i);
        return sim_in_set(c, second == no_second, has_second(c, second));
    }
    case SIM_N_DATE_REL: {
        int64_t second = second_in(c, i);
        return second != no_second && relates(second, c->op, c->seconds[0]);
    }
    case SIM_N_NAMED: {
        const sim_named *v = named_of(i, c->field);
        return sim_in_set(c, named_is_empty(v), has_text(c, v->name, v->id));
    }
    case SIM_N_RANK_REL:
        return match_rank(c, i);
    case SIM_N_USER: {
        jd_str user = user_of(i, c->field);
        return sim_in_set(c, !user.p, has_text(c, user, JD_NOSTR));
    }
    case SIM_N_CATEGORY:
        return sim_in_set(c, !i->category, has_id(c, i->category));
    case SIM_N_VALUES:
    case SIM_N_TEXT:
    case SIM_N_NUMBER:
        return sim_match_json(c, i);
    default:
        return false;
    }
}

/* As deep as the parser let it become. */
static bool match(const sim_node *c, const sim_issue *i)
{
    if (c->kind != SIM_N_AND && c->kind != SIM_N_OR)
        return match_leaf(c, i);
    bool any = c->kind == SIM_N_OR;
    for (const sim_node *k = c->child; k; k = k->next)
        if (match(k, i) == any)
            return any;
    return !any;
}

bool sim_jql_match(const sim_jql *q, const sim_issue *issue)
{
    return !q->where || match(q->where, issue);
}

/* ---- shape */

static void narrow_dates(sim_jql_shape *s, const sim_node *c)
{
    sim_index which = c->field == SIM_ORDER_CREATED ? SIM_BY_CREATED : SIM_BY_UPDATED;
    int64_t   from = c->seconds[0] * 1000, next = from + 1000;
    int64_t   lo = INT64_MIN, hi = INT64_MAX;
    if (c->kind == SIM_N_DATE || c->op == SIM_OP_GE)
        lo = from;
    else if (c->op == SIM_OP_GT)
        lo = next;
    if (c->kind == SIM_N_DATE || c->op == SIM_OP_LE)
        hi = next;
    else if (c->op == SIM_OP_LT)
        hi = from;
    if (lo > s->lo[which])
        s->lo[which] = lo;
    if (hi < s->hi[which])
        s->hi[which] = hi;
}

/* Keeps of the projects so far only those in the clause. */
static void narrow_projects(jd_arena *a, sim_jql_shape *s, const sim_node *c)
{
    if (s->all_projects) {
        s->all_projects = false;
        s->projects     = c->ids;
        s->nprojects    = c->n;
        return;
    }
    uint64_t *both = s->nprojects ? JD_NEW_ARRAY(a, uint64_t, s->nprojects) : NULL;
    size_t    n    = 0;
    for (size_t i = 0; i < s->nprojects; i++)
        if (has_id(c, s->projects[i]))
            both[n++] = s->projects[i];
    s->projects  = both;
    s->nprojects = n;
}

static void narrow(jd_arena *a, sim_jql_shape *s, const sim_node *c)
{
    bool index = c->field == SIM_ORDER_CREATED || c->field == SIM_ORDER_UPDATED;
    if (c->kind == SIM_N_AND) {
        for (const sim_node *k = c->child; k; k = k->next)
            narrow(a, s, k);
    } else if (c->kind == SIM_N_DATE_REL && index) {
        narrow_dates(s, c);
    } else if (c->kind == SIM_N_DATE && index && !c->negated && c->n == 1) {
        narrow_dates(s, c);
    } else if (c->kind == SIM_N_PROJECT && !c->negated) {
        narrow_projects(a, s, c);
    } else if (c->kind == SIM_N_NEVER) {
        s->all_projects = false;
        s->projects     = NULL;
        s->nprojects    = 0;
    } else {
        s->pure = false;
    }
}

void sim_jql_find_shape(jd_arena *a, sim_jql *q)
{
    q->shape = (sim_jql_shape){.pure         = true,
                               .all_projects = true,
                               .lo           = {INT64_MIN, INT64_MIN},
                               .hi           = {INT64_MAX, INT64_MAX}};
    if (q->where)
        narrow(a, &q->shape, q->where);
}

const sim_jql_shape *sim_jql_shape_of(const sim_jql *q)
{
    return &q->shape;
}

bool sim_jql_range(const sim_jql *q, sim_index which, int64_t *lo_ms, int64_t *hi_ms)
{
    *lo_ms = q->shape.lo[which];
    *hi_ms = q->shape.hi[which];
    return *lo_ms != INT64_MIN || *hi_ms != INT64_MAX;
}

/* ---- order */

uint64_t sim_jql_tie(uint64_t issue_id)
{
    return jd_mix64(issue_id ^ UINT64_C(0x6a697261));
}

static int sign_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int sign_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Empty comes last, whichever way the sort runs. 0 when both or neither are. */
static int empty_last(bool a, bool b)
{
    return (int)a - (int)b;
}

static int compare_named(const sim_named *a, const sim_named *b)
{
    uint64_t x = 0, y = 0;
    if (jd_str_u64(a->id, &x) && jd_str_u64(b->id, &y))
        return sign_u64(x, y);
    return jd_str_cmp(a->name, b->name);
}

static int compare_by(const sim_order *o, const sim_issue *a, const sim_issue *b)
{
    int last = 0, by = 0;
    switch (o->by) {
    case SIM_ORDER_KEY:
    case SIM_ORDER_PROJECT:
        by = jd_str_cmp(a->project, b->project);
        if (by == 0 && o->by == SIM_ORDER_KEY)
            by = sign_u64(a->number, b->number);
        break;
    case SIM_ORDER_CREATED:
    case SIM_ORDER_UPDATED:
    case SIM_ORDER_RESOLVED: {
        int64_t x = date_of(a, o->by), y = date_of(b, o->by);
        last = empty_last(x == no_second, y == no_second);
        by   = sign_i64(x, y);
        break;
    }
    case SIM_ORDER_STATUS:
    case SIM_ORDER_TYPE:
    case SIM_ORDER_PRIORITY:
    case SIM_ORDER_RESOLUTION: {
        const sim_named *x = named_of(a, o->by), *y = named_of(b, o->by);
        last = empty_last(named_is_empty(x), named_is_empty(y));
        by   = compare_named(x, y);
        break;
    }
    case SIM_ORDER_ASSIGNEE:
    case SIM_ORDER_REPORTER: {
        jd_str x = user_of(a, o->by), y = user_of(b, o->by);
        last = empty_last(!x.p, !y.p);
        by   = jd_str_cmp(x, y);
        break;
    }
    case SIM_ORDER_CATEGORY:
        last = empty_last(!a->category, !b->category);
        by   = sign_u64(a->category, b->category);
        break;
    case SIM_ORDER_NONE:
        break;
    }
    if (last)
        return last;
    return o->desc ? -by : by;
}

int sim_jql_compare(const sim_jql *q, const sim_issue *a, const sim_issue *b)
{
    for (size_t i = 0; i < q->norder; i++) {
        int by = compare_by(&q->order[i], a, b);
        if (by)
            return by;
    }
    int tie = sign_u64(sim_jql_tie(a->id), sim_jql_tie(b->id));
    return q->order[0].desc ? -tie : tie;
}

bool sim_jql_bounded(const sim_jql *q)
{
    return q->where != NULL;
}
