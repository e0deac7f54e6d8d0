/* What hangs beside an issue, and people. */
#include "sim/gen.h"
#include "sim/meta.h"
#include "sim/raw.h"
#include "sim/side.h"
#include "text/jsonw.h"

enum { LIST_MAX = 64 << 20 };

static jd_str api_of(sim_call *c)
{
    return jd_arena_fmt(c->a, "%.*s/rest/api/%s", JD_FMT(c->s->conf->base_url),
                        c->s->conf->cloud ? "3" : "2");
}

/* The title inside of `This issue links to "TITLE (Web Link)"`. */
static jd_str title_of(jd_str said)
{
    size_t open = jd_str_find(said, '"'), end = said.n;
    while (end > open + 1 && said.p[end - 1] != '"')
        end--;
    jd_str title = end > open + 1 ? jd_str_cut(said, open + 1, end - open - 2) : said;
    size_t tail  = jd_str_search(title, JD_STR(" (Web Link)"));
    return jd_str_cut(title, 0, tail);
}

static void remote_link(sim_call *c, jd_jsonw *w, const sim_text *t, const jd_json *item)
{
    jd_str   title  = title_of(jd_json_str(jd_json_get(item, "toString")));
    uint64_t id     = jd_json_id(jd_json_get(item, "to"));
    jd_str   number = jd_str_cut(title, jd_str_find(title, '#') + 1, SIZE_MAX);
    jd_str   url    = jd_arena_fmt(c->a, "https://github.com/example/%.*s/pull/%.*s",
                                   JD_FMT(t->issue.project), JD_FMT(number));
    jd_jsonw_object(w);
    jd_jsonw_kint(w, "id", (int64_t)id);
    jd_jsonw_kstr(w, "self",
                  jd_arena_fmt(c->a, "%.*s/issue/%.*s/remotelink/%llu", JD_FMT(api_of(c)),
                               JD_FMT(t->issue.key), (unsigned long long)id));
    jd_jsonw_kstr(w, "globalId", jd_arena_fmt(c->a, "github=%.*s", JD_FMT(url)));
    jd_jsonw_name(w, "application");
    jd_jsonw_raw(w, JD_STR("{}"));
    jd_jsonw_kstr(w, "relationship", JD_STR("links to"));
    jd_jsonw_name(w, "object");
    jd_jsonw_object(w);
    jd_jsonw_kstr(w, "url", url);
    jd_jsonw_kstr(w, "title", title);
    jd_jsonw_name(w, "icon");
    jd_jsonw_raw(w, JD_STR("{\"url16x16\":\"https://github.com/favicon.ico\"}"));
    jd_jsonw_name(w, "status");
    jd_jsonw_raw(w, JD_STR("{\"icon\":{}}"));
    jd_jsonw_end(w);
    jd_jsonw_end(w);
}

/* They are what the history says was linked. */
void sim_get_remote_links(sim_call *c, jd_str name)
{
    const jd_json *tree = NULL;
    jd_err         none = JD_ERR_NONE;
    uint64_t       rows = 0;
    sim_text      *t    = sim_call_issue(c, name);
    if (!t)
        return;
    if (jd_json_read(c->a, t->issue.json, &tree, &none) != JD_OK)
        tree = NULL;
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    jd_jsonw_array(&w);
    for (jd_json_iter h = jd_json_walk(jd_json_path(tree, "changelog.histories"));
         jd_json_next(&h);)
        for (jd_json_iter i = jd_json_walk(jd_json_get(h.value, "items")); jd_json_next(&i);)
            if (jd_str_is(jd_json_str(jd_json_get(i.value, "field")), "RemoteIssueLink") &&
                jd_json_id(jd_json_get(i.value, "to")) > 0) {
                remote_link(c, &w, t, i.value);
                rows++;
            }
    jd_jsonw_end(&w);
    sim_reply_rows(c->r, rows);
    sim_text_drop(t);
}

/* So many of the people, which ones depends on the issue. */
static void people(sim_call *c, const sim_text *t, uint64_t n)
{
    jd_buf one = JD_BUF_INIT(LIST_MAX);
    jd_buf_addc(sim_reply_own(c->r), '[');
    for (uint64_t i = 0; i < n && i < SIM_PEOPLE; i++) {
        if (i > 0)
            jd_buf_addc(sim_reply_own(c->r), ',');
        jd_buf_reset(&one);
        gen_person(&one, &sim_people[(t->issue.id + i) % SIM_PEOPLE], c->s->conf->base_url);
        sim_side_say(c, sim_reply_own(c->r), jd_buf_view(&one));
    }
    jd_buf_addc(sim_reply_own(c->r), ']');
    jd_buf_release(&one);
}

static void crowd(sim_call *c, jd_str name, const char *field, const char *count, const char *path,
                  const char *mine, const char *list)
{
    sim_text *t = sim_call_issue(c, name);
    if (!t)
        return;
    jd_str   fields = sim_raw_get(t->issue.json, "fields");
    uint64_t n      = sim_raw_u64(sim_raw_get(sim_raw_get(fields, field), count));
    jd_buf  *out    = sim_reply_own(c->r);
    jd_buf_addf(
        out, "{\"self\":\"%.*s/issue/%.*s/%s\",\"%s\":false,\"%s\":%llu,\"%s\":", JD_FMT(api_of(c)),
        JD_FMT(t->issue.key), path, mine, count, (unsigned long long)n, list);
    people(c, t, n);
    jd_buf_addc(out, '}');
    sim_reply_rows(c->r, n);
    sim_text_drop(t);
}

void sim_get_watchers(sim_call *c, jd_str name)
{
    crowd(c, name, "watches", "watchCount", "watchers", "isWatching", "watchers");
}

void sim_get_votes(sim_call *c, jd_str name)
{
    crowd(c, name, "votes", "votes", "votes", "hasVoted", "voters");
}

void sim_get_users(sim_call *c, jd_str name)
{
    enum { USUAL = 50, MOST = 1000 };
    jd_buf all = JD_BUF_INIT(LIST_MAX), said = all;
    (void)name;
    if (sim_call_anonymous(c))
        return;
    sim_store_read_begin(c->s->store);
    sim_meta_users(sim_store_meta(c->s->store), &all);
    sim_store_read_end(c->s->store);
    sim_side_say(c, &said, jd_buf_view(&all));
    int64_t max = sim_call_number(c, "maxResults", USUAL);
    sim_raw_slice(sim_reply_own(c->r), jd_buf_view(&said), (size_t)sim_call_number(c, "startAt", 0),
                  (size_t)(max < MOST ? max : MOST));
    jd_buf_release(&all);
    jd_buf_release(&said);
}

void sim_get_tenant(sim_call *c, jd_str name)
{
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    (void)name;
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "cloudId", c->s->conf->cloud_id);
    jd_jsonw_end(&w);
}
