#include "sim/change.h"
#include "sim/jql.h"
#include "sim/meta.h"
#include "sim/side.h"
#include "text/jsonw.h"

typedef struct ask {
    jd_str     jql;
    int64_t    start, max;
    bool       lenient; /* validateQuery=false */
    sim_select select;
} ask;

enum { DEFAULT_PAGE = 50 };

/* -- what is asked ----------------------------------------------------------------------------- */

static bool number(sim_call *c, const char *name, jd_str text, int64_t *out)
{
    if (jd_str_i64(text, out))
        return true;
    sim_reply_error(
        c->r, 400,
        jd_arena_fmt(c->a, "The value '%.*s' of '%s' is not a number.", JD_FMT(text), name));
    return false;
}

static bool ask_query(sim_call *c, ask *k)
{
    jd_buf fields = JD_BUF_INIT(1 << 20), expand = fields;
    bool   good = true;
    for (jd_httpd_params it = jd_httpd_walk(c->q->query); jd_httpd_next(&it, c->a);) {
        if (jd_str_is(it.name, "jql"))
            k->jql = it.value;
        else if (jd_str_is(it.name, "startAt"))
            good = good && number(c, "startAt", it.value, &k->start);
        else if (jd_str_is(it.name, "maxResults"))
            good = good && number(c, "maxResults", it.value, &k->max);
        else if (jd_str_is(it.name, "validateQuery"))
            k->lenient = jd_str_ieq(it.value, JD_STR("false")) ||
                         jd_str_ieq(it.value, JD_STR("none")) ||
                         jd_str_ieq(it.value, JD_STR("warn"));
        else if (jd_str_is(it.name, "fields")) {
            sim_select_fields(&k->select, it.value);
            jd_buf_addf(&fields, "%s%.*s", fields.n > 0 ? "," : "", JD_FMT(it.value));
        } else if (jd_str_is(it.name, "expand")) {
            sim_select_expands(&k->select, it.value);
            jd_buf_addf(&expand, "%s%.*s", expand.n > 0 ? "," : "", JD_FMT(it.value));
        }
    }
    if (fields.n > 0)
        c->row.fields = jd_arena_dup(c->a, jd_buf_view(&fields));
    if (expand.n > 0)
        c->row.expand = jd_arena_dup(c->a, jd_buf_view(&expand));
    jd_buf_release(&fields);
    jd_buf_release(&expand);
    return good;
}

/* An array of strings, strictly, as the newer servers are. */
static bool names(sim_call *c, const char *member, const jd_json *v, sim_select *s,
                  void (*add)(sim_select *, jd_str), jd_str *said)
{
    jd_buf all = JD_BUF_INIT(1 << 20);
    if (jd_json_is_null(v))
        return true;
    if (jd_json_kind(v) != JD_JSON_ARRAY) {
        sim_reply_error(c->r, 400,
                        jd_arena_fmt(c->a,
                                     "Can not deserialize instance of java.util.ArrayList "
                                     "out of this token (through reference chain: "
                                     "SearchRequestBean[\"%s\"])",
                                     member));
        return false;
    }
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);) {
        add(s, jd_json_str(it.value));
        jd_buf_addf(&all, "%s%.*s", all.n > 0 ? "," : "", JD_FMT(jd_json_str(it.value)));
    }
    *said = jd_arena_dup(c->a, jd_buf_view(&all));
    jd_buf_release(&all);
    return true;
}

static bool member_number(sim_call *c, const jd_json *body, const char *name, int64_t *out)
{
    const jd_json *v = jd_json_get(body, name);
    if (jd_json_is_null(v) || jd_json_i64(v, out))
        return true;
    return number(c, name, jd_json_is_str(v) ? jd_json_str(v) : JD_STR("?"), out);
}

static bool ask_body(sim_call *c, ask *k)
{
    const jd_json *body = NULL;
    jd_err         e    = JD_ERR_NONE;
    jd_str         type = jd_httpd_header(c->q, "Content-Type");
    if (!jd_str_ieq(jd_str_cut(type, 0, 16), JD_STR("application/json"))) {
        sim_reply_plumbing(c->r, 415, JD_STR("HTTP 415 Unsupported Media Type"));
        return false;
    }
    if (jd_json_read(c->a, c->q->body, &body, &e) != JD_OK ||
        jd_json_kind(body) != JD_JSON_OBJECT) {
        sim_reply_error(c->r, 400, JD_STR("The request's body is not a JSON object."));
        return false;
    }
    const jd_json *validate = jd_json_get(body, "validateQuery");
    k->jql                  = jd_json_str(jd_json_get(body, "jql"));
    k->lenient              = jd_json_kind(validate) == JD_JSON_BOOL ? !jd_json_bool(validate)
                                                                     : jd_str_is(jd_json_str(validate), "false");
    return member_number(c, body, "startAt", &k->start) &&
           member_number(c, body, "maxResults", &k->max) &&
           names(c, "fields", jd_json_get(body, "fields"), &k->select, sim_select_field,
                 &c->row.fields) &&
           names(c, "expand", jd_json_get(body, "expand"), &k->select, sim_select_expand,
                 &c->row.expand);
}

/* -- the answer -------------------------------------------------------------------------------- */

static void page_head(sim_call *c, const ask *k, const sim_page *page)
{
    jd_buf *out = sim_reply_own(c->r);
    jd_buf_addf(out, "{\"expand\":\"schema,names\",\"startAt\":%lld,\"maxResults\":%lld,",
                (long long)k->start, (long long)k->max);
    jd_buf_addf(out, "\"total\":%llu,\"issues\":[", (unsigned long long)page->total);
}

static void page_tail(sim_call *c, const ask *k, const sim_jql_errors *warnings)
{
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    jd_buf_addc(w.out, ']');
    if (warnings->n > 0) {
        jd_buf_addz(w.out, ",\"warningMessages\":");
        jd_jsonw_array(&w);
        for (size_t i = 0; i < warnings->n; i++)
            jd_jsonw_str(&w, warnings->v[i]);
        jd_jsonw_end(&w);
    }
    sim_store_read_begin(c->s->store);
    if (k->select.names) {
        jd_buf_addz(w.out, ",\"names\":");
        sim_meta_names(sim_store_meta(c->s->store), w.out);
    }
    if (k->select.schema) {
        jd_buf_addz(w.out, ",\"schema\":");
        sim_meta_schema(sim_store_meta(c->s->store), w.out);
    }
    sim_store_read_end(c->s->store);
    jd_buf_addc(w.out, '}');
}

/* The comma that stands before a text in the store. */
static jd_str with_comma(jd_str s)
{
    return (jd_str){s.p - 1, s.n + 1};
}

void sim_rows(sim_call *c, const sim_select *s, sim_page *page)
{
    bool whole = sim_select_whole(s);
    for (size_t i = 0; i < page->n; i++) {
        sim_text *t = page->text[i];
        if (!whole) {
            if (i > 0)
                jd_buf_addc(sim_reply_own(c->r), ',');
            sim_select_write(sim_reply_own(c->r), s, t->served);
            continue;
        }
        jd_str first = s->changelog ? t->served : t->bare[0];
        sim_reply_view(c->r, i > 0 ? with_comma(first) : first);
        if (!s->changelog)
            sim_reply_view(c->r, t->bare[1]);
        sim_reply_hold(c->r, t);
        page->text[i] = NULL;
    }
}

static void answer(sim_call *c, ask *k)
{
    sim_server    *s    = c->s;
    sim_page       page = {0};
    sim_jql_errors errs = {0};
    sim_view       view = {s->store, c->viewer, false};
    sim_jql_env    env  = {.now_ms      = sim_now(s),
                           .zone        = sim_call_zone(c),
                           .user        = c->who ? c->who->name : JD_NOSTR,
                           .no_epoch    = s->conf->no_epoch,
                           .floor_epoch = s->conf->floor_epoch,
                           .find        = sim_page_knows,
                           .custom      = sim_page_custom,
                           .self        = &view};
    uint64_t       id   = atomic_load(&s->every);
    if (id > 0)
        sim_change_touch_quietly(s, id);
    k->select.zone = sim_call_zone(c);
    sim_select_done(&k->select, false);
    c->row.jql         = k->jql;
    c->row.start_at    = k->start;
    c->row.max_results = k->max;
    if (k->start < 0)
        k->start = 0;
    if (k->max < 0 || (uint64_t)k->max > s->conf->page_cap)
        k->max = (int64_t)s->conf->page_cap;
    sim_store_catch_up(s->store, NULL, 0);
    sim_store_read_begin(s->store);
    sim_jql *q    = sim_jql_parse(c->a, k->jql, &env, &errs);
    bool     good = q && (errs.n == 0 || k->lenient);
    if (good)
        sim_page_find(&view, q, (uint64_t)k->start, (uint64_t)k->max, &page);
    sim_store_read_end(s->store);
    if (good) {
        if (c->watched)
            sim_call_shows(c, page.text, page.n);
        page_head(c, k, &page);
        sim_rows(c, &k->select, &page);
        page_tail(c, k, &errs);
        sim_reply_rows(c->r, page.n);
    } else {
        sim_reply_errors(c->r, 400, errs.v, errs.n);
    }
    sim_page_release(&page);
}

void sim_get_search(sim_call *c, jd_str name)
{
    ask k = {.max = DEFAULT_PAGE};
    (void)name;
    if (ask_query(c, &k))
        answer(c, &k);
}

void sim_post_search(sim_call *c, jd_str name)
{
    ask k = {.max = DEFAULT_PAGE};
    (void)name;
    if (ask_body(c, &k))
        answer(c, &k);
}
