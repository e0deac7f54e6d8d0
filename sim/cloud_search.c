#include "base/hash.h"
#include "sim/change.h"
#include "sim/jql.h"
#include "sim/meta.h"
#include "sim/side.h"
#include "text/jsonw.h"

#include <stdlib.h>

enum { DEFAULT_PAGE = 50, MOST_ROWS = 5000, RECONCILED = 50, SORTS = 7, BULK = 100 };

typedef struct ask {
    jd_str     jql, token; /* token p NULL: the first page */
    int64_t    max;
    sim_select select;
    bool       lean, ids_only; /* no more than id and key; than id */
    uint64_t   reconcile[RECONCILED];
    size_t     nreconcile;
} ask;

static bool refuse(sim_call *c, const char *why)
{
    sim_reply_error(c->r, 400, jd_str_of(why));
    return false;
}

/* -- what is asked ----------------------------------------------------------------------------- */

static bool reconcile(sim_call *c, ask *k, jd_str list)
{
    jd_str one;
    while (jd_str_split(&list, ',', &one)) {
        if (k->nreconcile == RECONCILED ||
            !jd_str_u64(jd_str_trim(one), &k->reconcile[k->nreconcile]))
            return refuse(c, "reconcileIssues takes 50 numeric issue ids at most.");
        k->nreconcile++;
    }
    return true;
}

static bool page_size(sim_call *c, ask *k, jd_str text)
{
    return jd_str_i64(text, &k->max) || refuse(c, "The value of 'maxResults' is not a number.");
}

static bool ask_query(sim_call *c, ask *k)
{
    bool good = true;
    for (jd_httpd_params it = jd_httpd_walk(c->q->query); good && jd_httpd_next(&it, c->a);) {
        if (jd_str_is(it.name, "jql"))
            k->jql = it.value;
        else if (jd_str_is(it.name, "nextPageToken"))
            k->token = it.value.n > 0 ? it.value : JD_NOSTR;
        else if (jd_str_is(it.name, "maxResults"))
            good = page_size(c, k, it.value);
        else if (jd_str_is(it.name, "reconcileIssues"))
            good = reconcile(c, k, it.value);
        else if (jd_str_is(it.name, "fields")) {
            sim_select_fields(&k->select, it.value);
            c->row.fields = it.value;
        } else if (jd_str_is(it.name, "expand")) {
            sim_select_expands(&k->select, it.value);
            c->row.expand = it.value;
        }
    }
    return good;
}

static bool names(sim_call *c, const jd_json *list, const char *member, sim_select *s,
                  void (*add)(sim_select *, jd_str), jd_str *said)
{
    jd_buf all = JD_BUF_INIT(1 << 20);
    if (jd_json_is_null(list))
        return true;
    if (jd_json_kind(list) != JD_JSON_ARRAY)
        return refuse(c, jd_arena_fmt(c->a, "Invalid request payload: %s is no array.", member).p);
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);) {
        add(s, jd_json_str(it.value));
        jd_buf_addf(&all, "%s%.*s", all.n > 0 ? "," : "", JD_FMT(jd_json_str(it.value)));
    }
    *said = jd_arena_dup(c->a, jd_buf_view(&all));
    jd_buf_release(&all);
    return true;
}

static bool read_body(sim_call *c, const jd_json **body)
{
    jd_str type = jd_httpd_header(c->q, "Content-Type");
    if (jd_str_ieq(jd_str_cut(type, 0, 16), JD_STR("application/json")))
        return sim_call_body(c, body);
    sim_reply_plumbing(c->r, 415, JD_STR("HTTP 415 Unsupported Media Type"));
    return false;
}

static bool ask_body(sim_call *c, ask *k)
{
    const jd_json *body, *expand, *max;
    if (!read_body(c, &body))
        return false;
    k->jql   = jd_json_str(jd_json_get(body, "jql"));
    k->token = jd_json_str(jd_json_get(body, "nextPageToken"));
    k->token = k->token.n > 0 ? k->token : JD_NOSTR;
    max      = jd_json_get(body, "maxResults");
    if (!jd_json_is_null(max) && !jd_json_i64(max, &k->max))
        return refuse(c, "Invalid request payload: maxResults is no number.");
    expand = jd_json_get(body, "expand"); /* a string here, unlike in bulkfetch */
    if (!jd_json_is_null(expand) && !jd_json_is_str(expand))
        return refuse(c, "Invalid request payload: expand is no string.");
    sim_select_expands(&k->select, jd_json_str(expand));
    c->row.expand = jd_json_str(expand);
    for (jd_json_iter it = jd_json_walk(jd_json_get(body, "reconcileIssues")); jd_json_next(&it);) {
        uint64_t id = jd_json_id(it.value);
        if (id == 0 || k->nreconcile == RECONCILED)
            return refuse(c, "reconcileIssues takes 50 numeric issue ids at most.");
        k->reconcile[k->nreconcile++] = id;
    }
    return names(c, jd_json_get(body, "fields"), "fields", &k->select, sim_select_field,
                 &c->row.fields);
}

/* Nothing named is id alone; only exclusions are of the navigable fields. */
static void settle(ask *k)
{
    sim_select *s = &k->select;
    if (!s->all && !s->navigable && s->nin == 0)
        s->navigable = s->nout > 0;
    k->lean = k->ids_only = !s->all && !s->navigable;
    for (size_t i = 0; i < s->nin; i++) {
        k->ids_only = k->ids_only && jd_str_is(s->in[i], "id");
        k->lean     = k->lean && (jd_str_is(s->in[i], "id") || jd_str_is(s->in[i], "key"));
    }
    if (s->changelog || s->names || s->schema)
        k->lean = k->ids_only = false;
}

/* -- the query --------------------------------------------------------------------------------- */

typedef struct query {
    sim_view       view;
    sim_jql       *q;
    sim_jql_errors errs;
    bool           nothing; /* unknown names, asked by nobody in particular: no issues */
} query;

/* Between sim_store_read_begin and _end. False when it was refused. */
static bool parse(sim_call *c, jd_str jql, query *out)
{
    sim_server *s   = c->s;
    *out            = (query){.view = {s->store, c->viewer, true}};
    sim_jql_env env = {.now_ms      = sim_now(s),
                       .zone        = sim_call_zone(c),
                       .user        = c->who ? sim_side_account_id(c->a, c->who->name) : JD_NOSTR,
                       .no_epoch    = s->conf->no_epoch,
                       .floor_epoch = s->conf->floor_epoch,
                       .find        = sim_page_knows,
                       .custom      = sim_page_custom,
                       .self        = &out->view};
    size_t      norder;
    out->q = sim_jql_parse(c->a, jql, &env, &out->errs);
    if (out->q && !sim_jql_bounded(out->q))
        return refuse(c, "Unbounded JQL queries are not allowed here. Please add a search "
                         "restriction to your query.");
    if (!out->q || (out->errs.n > 0 && c->who)) {
        sim_reply_errors(c->r, 400, out->errs.v, out->errs.n);
        return false;
    }
    (void)sim_jql_order(out->q, &norder);
    if (norder > SORTS)
        return refuse(c, "The query is sorted by more than 7 fields.");
    out->nothing = out->errs.n > 0;
    return true;
}

/* -- the answer -------------------------------------------------------------------------------- */

static bool every(const sim_server *s, sim_tune what, uint64_t n)
{
    uint64_t v = sim_tuned(&s->tuning, what);
    return v > 0 && n % v == 0;
}

static void ids(sim_call *c, const sim_page *page)
{
    jd_buf *out = sim_reply_own(c->r);
    for (size_t i = 0; i < page->n; i++) {
        jd_buf_addz(out, i > 0 ? ",{\"id\":\"" : "{\"id\":\"");
        jd_buf_addu(out, page->text[i]->issue.id);
        jd_buf_addz(out, "\"}");
    }
}

static void meta(sim_call *c, const sim_select *s)
{
    jd_buf *out = sim_reply_own(c->r);
    sim_store_read_begin(c->s->store);
    if (s->names) {
        jd_buf_addz(out, ",\"names\":");
        sim_meta_names(sim_store_meta(c->s->store), out);
    }
    if (s->schema) {
        jd_buf_addz(out, ",\"schema\":");
        sim_meta_schema(sim_store_meta(c->s->store), out);
    }
    sim_store_read_end(c->s->store);
}

static void say(sim_call *c, const ask *k, sim_page *page, jd_str token)
{
    jd_buf *out = sim_reply_own(c->r);
    if (c->watched)
        sim_call_shows(c, page->text, page->n);
    sim_reply_rows(c->r, page->n);
    jd_buf_addz(out, "{\"issues\":[");
    if (k->ids_only)
        ids(c, page);
    else
        sim_rows(c, &k->select, page);
    jd_buf_addz(out, "],");
    if (token.p)
        jd_buf_addf(out, "\"nextPageToken\":\"%.*s\",", JD_FMT(token));
    jd_buf_addz(out, token.p ? "\"isLast\":false" : "\"isLast\":true");
    if (k->select.names || k->select.schema)
        meta(c, &k->select);
    jd_buf_addc(out, '}');
}

/* The page behind `last`, and the token that leads on; p NULL at the end. */
static jd_str find(sim_call *c, const ask *k, const query *q, sim_text *last, uint64_t bound_to,
                   sim_page *page)
{
    sim_server *s   = c->s;
    uint64_t    max = (uint64_t)k->max,
             cap    = k->lean ? MOST_ROWS : sim_tuned(&s->tuning, SIM_RICH_CAP);
    uint64_t number = atomic_fetch_add(&s->pages, 1) + 1;
    if (max > cap)
        max = cap > 0 ? cap : 1;
    if (every(s, SIM_SHORT_PAGES, number) && max > 1)
        max /= 2;
    if (every(s, SIM_EMPTY_PAGES, number))
        max = 0;
    sim_page_after(&q->view, q->q, last ? &last->issue : NULL, max, page);
    if (!page->more)
        return JD_NOSTR;
    if (k->token.p && every(s, SIM_REPEAT_TOKENS, number))
        return k->token;
    sim_text *end = page->n > 0 ? page->text[page->n - 1] : last;
    return sim_tokens_give(s->tokens, c->a, bound_to, end ? sim_text_ref(end) : NULL, 0,
                           sim_now(s));
}

static void answer(sim_call *c, ask *k)
{
    sim_server *s      = c->s;
    sim_page    page   = {0};
    sim_text   *last   = NULL;
    jd_str      token  = JD_NOSTR;
    uint64_t    unused = 0, id = atomic_load(&s->every);
    uint64_t    bound_to = jd_hash64_seed(k->jql, c->viewer + 1);
    query       q;
    if (id > 0)
        sim_change_touch_quietly(s, id);
    settle(k);
    k->select.zone     = sim_call_zone(c);
    c->row.jql         = k->jql;
    c->row.max_results = k->max;
    if (k->max < 1 || k->max > MOST_ROWS) {
        (void)refuse(c, "The value of 'maxResults' must be between 1 and 5000.");
        return;
    }
    if (k->token.p && !sim_tokens_read(s->tokens, k->token, bound_to,
                                       (int64_t)sim_tuned(&s->tuning, SIM_PAGE_TOKEN_S) * 1000,
                                       sim_now(s), &last, &unused)) {
        (void)refuse(c, "The provided next page token is invalid or expired.");
        return;
    }
    sim_store_catch_up(s->store, k->reconcile, k->nreconcile);
    sim_store_read_begin(s->store);
    bool good = parse(c, k->jql, &q);
    if (good && !q.nothing)
        token = find(c, k, &q, last, bound_to, &page);
    sim_store_read_end(s->store);
    if (good)
        say(c, k, &page, token);
    sim_page_release(&page);
    sim_text_drop(last);
}

void sim_get_search_jql(sim_call *c, jd_str name)
{
    ask k = {.max = DEFAULT_PAGE};
    (void)name;
    if (ask_query(c, &k))
        answer(c, &k);
}

void sim_post_search_jql(sim_call *c, jd_str name)
{
    ask k = {.max = DEFAULT_PAGE};
    (void)name;
    if (ask_body(c, &k))
        answer(c, &k);
}

void sim_search_gone(sim_call *c, jd_str name)
{
    enum { GONE = 410 };
    (void)name;
    sim_reply_error(c->r, GONE,
                    JD_STR("The requested API has been removed. Please migrate to the "
                           "/rest/api/3/search/jql API. A full migration guideline is available at "
                           "https://developer.atlassian.com/changelog/#CHANGE-2046"));
}

void sim_post_count(sim_call *c, jd_str name)
{
    const jd_json *body;
    sim_page       page = {0};
    query          q;
    (void)name;
    if (!read_body(c, &body))
        return;
    jd_str jql = jd_json_str(jd_json_get(body, "jql"));
    c->row.jql = jql;
    sim_store_catch_up(c->s->store, NULL, 0);
    sim_store_read_begin(c->s->store);
    bool good = parse(c, jql, &q);
    if (good && !q.nothing)
        sim_page_find(&q.view, q.q, 0, 0, &page);
    sim_store_read_end(c->s->store);
    if (good)
        jd_buf_addf(sim_reply_own(c->r), "{\"count\":%llu}", (unsigned long long)page.total);
    sim_page_release(&page);
}

void sim_post_jql_parse(sim_call *c, jd_str name)
{
    const jd_json *body;
    (void)name;
    if (!read_body(c, &body))
        return;
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    jd_jsonw_object(&w);
    jd_jsonw_name(&w, "queries");
    jd_jsonw_array(&w);
    for (jd_json_iter it = jd_json_walk(jd_json_get(body, "queries")); jd_json_next(&it);) {
        sim_view       view = {c->s->store, c->viewer, true};
        sim_jql_env    env  = {.now_ms = sim_now(c->s),
                               .zone   = sim_call_zone(c),
                               .find   = sim_page_knows,
                               .custom = sim_page_custom,
                               .self   = &view};
        sim_jql_errors errs = {0};
        sim_store_read_begin(c->s->store);
        (void)sim_jql_parse(c->a, jd_json_str(it.value), &env, &errs);
        sim_store_read_end(c->s->store);
        jd_jsonw_object(&w);
        jd_jsonw_kstr(&w, "query", jd_json_str(it.value));
        if (errs.n > 0) {
            jd_jsonw_name(&w, "errors");
            jd_jsonw_array(&w);
            for (size_t i = 0; i < errs.n; i++)
                jd_jsonw_str(&w, errs.v[i]);
            jd_jsonw_end(&w);
        } else {
            jd_jsonw_name(&w, "structure");
            jd_jsonw_raw(&w, JD_STR("{}"));
        }
        jd_jsonw_end(&w);
    }
    jd_jsonw_end(&w);
    jd_jsonw_end(&w);
}

/* -- in bulk ----------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    uint64_t x = (*(sim_text *const *)a)->issue.id, y = (*(sim_text *const *)b)->issue.id;
    return x < y ? -1 : x > y;
}

static jd_str name_of(sim_call *c, const jd_json *v)
{
    return jd_json_is_str(v) ? jd_json_str(v)
                             : jd_arena_fmt(c->a, "%llu", (unsigned long long)jd_json_id(v));
}

/* Those that are there and may be seen, each once, by rising id. */
static size_t gather(sim_call *c, const jd_json *list, sim_text **out)
{
    size_t n = 0, kept = 0;
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);) {
        sim_text *t = sim_store_get_for(c->s->store, name_of(c, it.value), c->viewer);
        if (t)
            out[n++] = t;
    }
    if (n > 1)
        qsort(out, n, sizeof *out, by_id);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && out[kept - 1]->issue.id == out[i]->issue.id)
            sim_text_drop(out[i]);
        else
            out[kept++] = out[i];
    }
    return kept;
}

/* Moves those that fail on request behind the others; how many do not. */
static size_t failing(const sim_server *s, sim_text **text, size_t n)
{
    sim_text *bad[BULK];
    size_t    good = 0, nbad = 0;
    for (size_t i = 0; i < n; i++) {
        if (every(s, SIM_ISSUE_ERRORS, i + 1))
            bad[nbad++] = text[i];
        else
            text[good++] = text[i];
    }
    for (size_t i = 0; i < nbad; i++)
        text[good + i] = bad[i];
    return good;
}

void sim_post_bulk_fetch(sim_call *c, jd_str name)
{
    const jd_json *body;
    sim_select     s = {.zone = sim_call_zone(c)};
    (void)name;
    if (!read_body(c, &body) ||
        !names(c, jd_json_get(body, "fields"), "fields", &s, sim_select_field, &c->row.fields) ||
        !names(c, jd_json_get(body, "expand"), "expand", &s, sim_select_expand, &c->row.expand))
        return;
    const jd_json *list = jd_json_get(body, "issueIdsOrKeys");
    if (jd_json_len(list) == 0 || jd_json_len(list) > BULK) {
        (void)refuse(c, "Between 1 and 100 issue IDs or keys must be given.");
        return;
    }
    sim_select_done(&s, false);
    sim_text **text = JD_NEW_ARRAY(c->a, sim_text *, BULK);
    size_t     n = gather(c, list, text), good = failing(c->s, text, n);
    sim_page   page = {.text = jd_xcalloc(good + 1, sizeof *page.text), .n = good};
    for (size_t i = 0; i < good; i++)
        page.text[i] = text[i];
    jd_buf *out = sim_reply_own(c->r);
    if (c->watched)
        sim_call_shows(c, page.text, page.n);
    sim_reply_rows(c->r, good);
    jd_buf_addz(out, "{\"expand\":\"schema,names\",\"issues\":[");
    sim_rows(c, &s, &page);
    jd_buf_addz(out, "],\"issueErrors\":[");
    for (size_t i = good; i < n; i++) {
        jd_buf_addf(out, "%s{\"id\":\"%llu\",\"errorMessage\":\"The issue could not be loaded.\"}",
                    i > good ? "," : "", (unsigned long long)text[i]->issue.id);
        sim_text_drop(text[i]);
    }
    jd_buf_addc(out, ']');
    meta(c, &s);
    jd_buf_addc(out, '}');
    sim_page_release(&page);
}

void sim_post_page_tokens(sim_call *c, jd_str name)
{
    (void)name;
    sim_tokens_expire(c->s->tokens);
    jd_buf_addz(sim_reply_own(c->r), "{}");
}
