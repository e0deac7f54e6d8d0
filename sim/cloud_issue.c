#include "base/hash.h"
#include "base/vec.h"
#include "sim/meta.h"
#include "sim/raw.h"
#include "sim/side.h"
#include "text/jsonw.h"

#include <stdlib.h>

/* The issue as a tree, in the call's arena. */
static const jd_json *tree_of(sim_call *c, const sim_text *t)
{
    const jd_json *tree = NULL;
    jd_err         none = JD_ERR_NONE;
    return jd_json_read(c->a, t->issue.json, &tree, &none) == JD_OK ? tree : NULL;
}

static sim_cloud cloud_of(sim_call *c)
{
    return (sim_cloud){c->s->conf->base_url, sim_store_meta(c->s->store), c->s->store};
}

/* -- one issue --------------------------------------------------------------------------------- */

static void put_meta(sim_call *c, const sim_select *s, jd_buf *issue)
{
    jd_buf   names = JD_BUF_INIT(64 << 20), schema = names, out = JD_BUF_INIT(SIM_ISSUE_MAX);
    sim_edit edit[2];
    size_t   n = 0;
    sim_store_read_begin(c->s->store);
    if (s->names) {
        sim_meta_names(sim_store_meta(c->s->store), &names);
        edit[n++] = (sim_edit){"names", jd_buf_view(&names)};
    }
    if (s->schema) {
        sim_meta_schema(sim_store_meta(c->s->store), &schema);
        edit[n++] = (sim_edit){"schema", jd_buf_view(&schema)};
    }
    sim_store_read_end(c->s->store);
    sim_raw_edit(&out, jd_buf_view(issue), edit, n);
    jd_buf_release(issue);
    jd_buf_release(&names);
    jd_buf_release(&schema);
    *issue = out;
}

void sim_get_cloud_issue(sim_call *c, jd_str name)
{
    enum { WORKLOGS = 20 };
    sim_select s     = {.zone = sim_call_zone(c)};
    jd_buf     whole = JD_BUF_INIT(SIM_ISSUE_MAX), shown = whole;
    sim_text  *t = sim_call_issue(c, name);
    if (!t)
        return;
    for (jd_httpd_params it = jd_httpd_walk(c->q->query); jd_httpd_next(&it, c->a);) {
        if (jd_str_is(it.name, "fields"))
            sim_select_fields(&s, it.value);
        else if (jd_str_is(it.name, "expand"))
            sim_select_expands(&s, it.value);
    }
    sim_select_done(&s, true);
    const sim_cuts cuts = {SIZE_MAX, WORKLOGS,
                           (size_t)sim_tuned(&c->s->tuning, SIM_ISSUE_CHANGELOG)};
    jd_jsonw       w    = jd_jsonw_to(&whole);
    sim_store_read_begin(c->s->store);
    sim_cloud cloud = cloud_of(c);
    sim_cloud_issue(&w, &cloud, tree_of(c, t), &cuts);
    sim_store_read_end(c->s->store);
    sim_select_write(&shown, &s, jd_buf_view(&whole));
    if (s.names || s.schema)
        put_meta(c, &s, &shown);
    jd_buf_adds(sim_reply_own(c->r), jd_buf_view(&shown));
    sim_reply_rows(c->r, 1);
    jd_buf_release(&whole);
    jd_buf_release(&shown);
    sim_text_drop(t);
}

/* -- pages of children ------------------------------------------------------------------------- */

typedef void (*writer)(jd_jsonw *w, const sim_cloud *c, const jd_json *v);

static void one_history(jd_jsonw *w, const sim_cloud *c, const jd_json *v)
{
    sim_cloud_history(w, c, v, false, NULL, 0);
}

/* The elements of an array as a list that can be counted. */
typedef struct list {
    const jd_json **v;
    size_t          n;
} list;

static list list_of(sim_call *c, const jd_json *array)
{
    list l = {JD_NEW_ARRAY(c->a, const jd_json *, jd_json_len(array) + 1), 0};
    for (jd_json_iter it = jd_json_walk(array); jd_json_next(&it);)
        l.v[l.n++] = it.value;
    return l;
}

typedef struct window {
    size_t start, max, to;
} window;

static window window_of(sim_call *c, size_t n, uint64_t cap)
{
    int64_t start = sim_call_number(c, "startAt", 0);
    int64_t max   = sim_call_number(c, "maxResults", (int64_t)cap);
    window  w     = {(size_t)start, (uint64_t)max < cap ? (size_t)max : (size_t)cap, 0};
    size_t  from  = w.start < n ? w.start : n;
    w.to          = w.max < n - from ? from + w.max : n;
    return w;
}

static void elements(sim_call *c, jd_jsonw *w, const char *name, const list *l, const window *p,
                     writer one)
{
    sim_cloud cloud = cloud_of(c);
    size_t    rows  = 0;
    jd_jsonw_name(w, name);
    jd_jsonw_array(w);
    sim_store_read_begin(c->s->store);
    for (size_t i = p->start; i < p->to; i++, rows++)
        one(w, &cloud, l->v[i]);
    sim_store_read_end(c->s->store);
    jd_jsonw_end(w);
    sim_reply_rows(c->r, rows);
}

void sim_get_changelog(sim_call *c, jd_str name)
{
    jd_buf    body = JD_BUF_INIT(SIM_ISSUE_MAX);
    sim_text *t    = sim_call_issue(c, name);
    if (!t)
        return;
    list     l    = list_of(c, jd_json_path(tree_of(c, t), "changelog.histories"));
    window   p    = window_of(c, l.n, sim_tuned(&c->s->tuning, SIM_CHILD_PAGE));
    jd_jsonw w    = jd_jsonw_to(&body);
    jd_str   self = jd_arena_fmt(c->a, "%.*s/rest/api/3/issue/%llu/changelog",
                                 JD_FMT(c->s->conf->base_url), (unsigned long long)t->issue.id);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(
        &w, "self",
        jd_arena_fmt(c->a, "%.*s?maxResults=%zu&startAt=%zu", JD_FMT(self), p.max, p.start));
    if (p.to < l.n)
        jd_jsonw_kstr(
            &w, "nextPage",
            jd_arena_fmt(c->a, "%.*s?maxResults=%zu&startAt=%zu", JD_FMT(self), p.max, p.to));
    jd_jsonw_kint(&w, "maxResults", (int64_t)p.max);
    jd_jsonw_kint(&w, "startAt", (int64_t)p.start);
    jd_jsonw_kint(&w, "total", (int64_t)l.n);
    jd_jsonw_kbool(&w, "isLast", p.to == l.n);
    elements(c, &w, "values", &l, &p, one_history);
    jd_jsonw_end(&w);
    sim_call_say(c, &body);
    sim_text_drop(t);
}

static void say_children(sim_call *c, const list *l, const window *p, const char *name, writer one)
{
    jd_buf   body = JD_BUF_INIT(SIM_ISSUE_MAX);
    jd_jsonw w    = jd_jsonw_to(&body);
    jd_jsonw_object(&w);
    jd_jsonw_kint(&w, "startAt", (int64_t)p->start);
    jd_jsonw_kint(&w, "maxResults", (int64_t)p->max);
    jd_jsonw_kint(&w, "total", (int64_t)l->n);
    elements(c, &w, name, l, p, one);
    jd_jsonw_end(&w);
    sim_call_say(c, &body);
}

void sim_get_cloud_comments(sim_call *c, jd_str name)
{
    jd_str    order = jd_httpd_param(c->q, c->a, "orderBy");
    bool      back  = jd_str_is(order, "-created");
    sim_text *t     = sim_call_issue(c, name);
    if (!t)
        return;
    if (order.n > 0 && !back && !jd_str_is(order, "created") && !jd_str_is(order, "+created")) {
        sim_reply_error(c->r, 400, JD_STR("Comments can be ordered by 'created' only."));
        sim_text_drop(t);
        return;
    }
    list l = list_of(c, jd_json_path(tree_of(c, t), "fields.comment.comments"));
    for (size_t i = 0; back && i < l.n / 2; i++) {
        const jd_json *v = l.v[i];
        l.v[i]           = l.v[l.n - 1 - i];
        l.v[l.n - 1 - i] = v;
    }
    window p = window_of(c, l.n, sim_tuned(&c->s->tuning, SIM_CHILD_PAGE));
    say_children(c, &l, &p, "comments", sim_cloud_comment);
    sim_text_drop(t);
}

void sim_get_cloud_worklogs(sim_call *c, jd_str name)
{
    int64_t   after  = sim_call_number(c, "startedAfter", INT64_MIN);
    int64_t   before = sim_call_number(c, "startedBefore", INT64_MAX);
    sim_text *t      = sim_call_issue(c, name);
    size_t    kept   = 0;
    if (!t)
        return;
    list l = list_of(c, jd_json_path(tree_of(c, t), "fields.worklog.worklogs"));
    for (size_t i = 0; i < l.n; i++) {
        int64_t ms = 0;
        if (sim_date_read(jd_json_str(jd_json_get(l.v[i], "started")), &ms) &&
            (ms < after || ms > before))
            continue;
        l.v[kept++] = l.v[i];
    }
    l.n      = kept;
    window p = window_of(c, l.n, sim_tuned(&c->s->tuning, SIM_WORKLOG_PAGE));
    say_children(c, &l, &p, "worklogs", sim_cloud_worklog);
    sim_text_drop(t);
}

/* -- histories of many ------------------------------------------------------------------------- */

typedef struct entry {
    int64_t        ms;
    uint64_t       issue, order;
    const jd_json *v;
} entry;

typedef JD_VEC(entry) entries;

static int by_date(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->ms != y->ms)
        return x->ms < y->ms ? -1 : 1;
    if (x->issue != y->issue)
        return x->issue < y->issue ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

enum { IN_BULK = 1000, FIELDS = 10, MOST = 10000 };

typedef struct bulk {
    jd_str  field[FIELDS], token;
    size_t  nfield;
    int64_t max;
    entries all;
} bulk;

static bool touches(const sim_cloud *cloud, const bulk *b, const jd_json *history)
{
    for (jd_json_iter it = jd_json_walk(jd_json_get(history, "items")); jd_json_next(&it);) {
        jd_str id = sim_cloud_field_id(cloud, jd_json_str(jd_json_get(it.value, "field")));
        for (size_t i = 0; i < b->nfield; i++)
            if (jd_str_eq(b->field[i], id))
                return true;
    }
    return b->nfield == 0;
}

static void collect(sim_call *c, bulk *b, jd_str issue)
{
    sim_text *t = sim_store_get_for(c->s->store, issue, c->viewer);
    if (!t) /* silently left out */
        return;
    sim_store_read_begin(c->s->store);
    sim_cloud cloud = cloud_of(c);
    for (jd_json_iter it = jd_json_walk(jd_json_path(tree_of(c, t), "changelog.histories"));
         jd_json_next(&it);) {
        entry e = {.issue = t->issue.id, .order = b->all.n, .v = it.value};
        if (touches(&cloud, b, it.value) &&
            sim_date_read(jd_json_str(jd_json_get(it.value, "created")), &e.ms))
            *jd_vec_add(&b->all) = e;
    }
    sim_store_read_end(c->s->store);
    sim_text_drop(t);
}

/* Entries [from, to), each issue's together, issues in the order in which they come up. */
static void groups(sim_call *c, const bulk *b, jd_jsonw *w, size_t from, size_t to)
{
    bool     *done  = JD_NEW_ARRAY(c->a, bool, to - from + 1);
    sim_cloud cloud = cloud_of(c);
    for (size_t i = from; i < to; i++) {
        if (done[i - from])
            continue;
        jd_jsonw_object(w);
        jd_jsonw_kstr(w, "issueId",
                      jd_arena_fmt(c->a, "%llu", (unsigned long long)b->all.v[i].issue));
        jd_jsonw_name(w, "changeHistories");
        jd_jsonw_array(w);
        for (size_t j = i; j < to; j++) {
            if (b->all.v[j].issue != b->all.v[i].issue)
                continue;
            done[j - from] = true;
            sim_cloud_history(w, &cloud, b->all.v[j].v, true, b->field, b->nfield);
        }
        jd_jsonw_end(w);
        jd_jsonw_end(w);
    }
}

static bool bulk_of(sim_call *c, const jd_json *body, bulk *b)
{
    const jd_json *issues = jd_json_get(body, "issueIdsOrKeys"),
                  *max    = jd_json_get(body, "maxResults");
    const jd_json *fields = jd_json_get(body, "fieldIds");
    *b                    = (bulk){.max = IN_BULK};
    if (jd_json_len(issues) == 0 || jd_json_len(issues) > IN_BULK || jd_json_len(fields) > FIELDS ||
        (!jd_json_is_null(max) && !jd_json_i64(max, &b->max)) || b->max < 1 || b->max > MOST) {
        sim_reply_error(c->r, 400,
                        JD_STR("Between 1 and 1000 issue IDs or keys, at most 10 field IDs, and "
                               "maxResults from 1 to 10000."));
        return false;
    }
    b->token = jd_json_str(jd_json_get(body, "nextPageToken"));
    for (jd_json_iter it = jd_json_walk(fields); jd_json_next(&it);)
        b->field[b->nfield++] = jd_json_str(it.value);
    return true;
}

static void say_bulk(sim_call *c, bulk *b, uint64_t bound_to, size_t from)
{
    size_t to   = (uint64_t)b->max < b->all.n - from ? from + (size_t)b->max : b->all.n;
    jd_buf body = JD_BUF_INIT(SIM_ISSUE_MAX);
    if (b->all.n > 1)
        qsort(b->all.v, b->all.n, sizeof *b->all.v, by_date);
    jd_jsonw w = jd_jsonw_to(&body);
    jd_jsonw_object(&w);
    jd_jsonw_name(&w, "issueChangeLogs");
    jd_jsonw_array(&w);
    sim_store_read_begin(c->s->store);
    groups(c, b, &w, from, to);
    sim_store_read_end(c->s->store);
    jd_jsonw_end(&w);
    jd_jsonw_name(&w, "nextPageToken");
    if (to < b->all.n)
        jd_jsonw_str(&w, sim_tokens_give(c->s->tokens, c->a, bound_to, NULL, to, sim_now(c->s)));
    else
        jd_jsonw_null(&w);
    jd_jsonw_end(&w);
    sim_reply_rows(c->r, to - from);
    sim_call_say(c, &body);
}

void sim_post_changelogs(sim_call *c, jd_str name)
{
    const jd_json *body;
    bulk           b;
    uint64_t       from = 0, bound_to = c->viewer + 1;
    sim_text      *none = NULL;
    (void)name;
    if (sim_call_anonymous(c) || !sim_call_body(c, &body) || !bulk_of(c, body, &b))
        return;
    for (jd_json_iter it = jd_json_walk(jd_json_get(body, "issueIdsOrKeys")); jd_json_next(&it);) {
        jd_str issue = jd_json_is_str(it.value)
                           ? jd_json_str(it.value)
                           : jd_arena_fmt(c->a, "%llu", (unsigned long long)jd_json_id(it.value));
        bound_to     = jd_hash64_seed(issue, bound_to);
        collect(c, &b, issue);
    }
    int64_t life = (int64_t)sim_tuned(&c->s->tuning, SIM_PAGE_TOKEN_S) * 1000;
    if (b.token.n > 0 &&
        !sim_tokens_read(c->s->tokens, b.token, bound_to, life, sim_now(c->s), &none, &from))
        sim_reply_error(c->r, 400, JD_STR("The provided next page token is invalid or expired."));
    else
        say_bulk(c, &b, bound_to, from < b.all.n ? (size_t)from : b.all.n);
    jd_vec_release(&b.all);
}
