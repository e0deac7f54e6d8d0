#include "sim/hook_body.h"

#include "sim/cloud.h"
#include "sim/meta.h"
#include "sim/raw.h"
#include "text/jsonw.h"

typedef struct maker {
    const sim_server *s;
    jd_arena         *a;
    jd_jsonw          w;
} maker;

static sim_cloud cloud_of(const sim_server *s)
{
    return (sim_cloud){s->conf->base_url, sim_store_meta(s->store), s->store};
}

/* Links lead to the second version here, whoever wrote them. */
static void relink(jd_jsonw *w, jd_str json)
{
    static const jd_str third = JD_STR_INIT("/rest/api/3/"), second = JD_STR_INIT("/rest/api/2/");
    jd_buf              b = JD_BUF_INIT(SIM_ISSUE_MAX);
    while (json.n > 0) {
        size_t at = jd_str_search(json, third);
        jd_buf_adds(&b, jd_str_cut(json, 0, at));
        if (at < json.n)
            jd_buf_adds(&b, second);
        json = jd_str_cut(json, at + third.n, SIZE_MAX);
    }
    jd_jsonw_raw(w, jd_buf_view(&b));
    jd_buf_release(&b);
}

/* A value of the store's; a history when `history`. */
static void value(maker *m, jd_str raw, bool history)
{
    const jd_json *tree = NULL;
    jd_err         none = JD_ERR_NONE;
    jd_buf         b    = JD_BUF_INIT(SIM_ISSUE_MAX);
    if (!m->s->conf->cloud || jd_json_read(m->a, raw, &tree, &none) != JD_OK) {
        jd_jsonw_raw(&m->w, raw);
        return;
    }
    jd_jsonw w = jd_jsonw_to(&b);
    sim_store_read_begin(m->s->store);
    sim_cloud cloud = cloud_of(m->s);
    if (history)
        sim_cloud_history(&w, &cloud, tree, false, NULL, 0);
    else
        sim_cloud_value(&w, &cloud, tree);
    sim_store_read_end(m->s->store);
    relink(&m->w, jd_buf_view(&b));
    jd_buf_release(&b);
}

static void member(maker *m, const char *name, jd_str raw)
{
    if (!raw.p)
        return;
    jd_jsonw_name(&m->w, name);
    value(m, raw, false);
}

/* "Get issue" without any expansion. */
static void whole_issue(maker *m, jd_str issue)
{
    jd_buf         b    = JD_BUF_INIT(SIM_ISSUE_MAX);
    const sim_edit bare = {"changelog", JD_NOSTR};
    sim_raw_edit(&b, issue, &bare, 1);
    member(m, "issue", jd_arena_dup(m->a, jd_buf_view(&b)));
    jd_buf_release(&b);
}

/* What stands beside a comment. */
static void brief_issue(maker *m, jd_str issue)
{
    static const char *const shown[] = {"summary",  "issuetype", "project",
                                        "assignee", "priority",  "status"};
    jd_str                   fields  = sim_raw_get(issue, "fields");
    jd_jsonw_name(&m->w, "issue");
    jd_jsonw_object(&m->w);
    member(m, "id", sim_raw_get(issue, "id"));
    member(m, "self", sim_raw_get(issue, "self"));
    member(m, "key", sim_raw_get(issue, "key"));
    jd_jsonw_name(&m->w, "fields");
    jd_jsonw_object(&m->w);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        member(m, shown[i], sim_raw_get(fields, shown[i]));
    jd_jsonw_end(&m->w);
    jd_jsonw_end(&m->w);
}

static void changelog(maker *m, jd_str history)
{
    jd_buf b = JD_BUF_INIT(SIM_ISSUE_MAX);
    if (!history.p)
        return;
    jd_str id = sim_raw_get(history, "id"), items = sim_raw_get(history, "items");
    jd_buf_addf(&b, "{\"id\":%.*s,\"items\":", JD_FMT(id));
    jd_buf_adds(&b, items);
    jd_buf_addc(&b, '}');
    jd_jsonw_name(&m->w, "changelog");
    value(m, jd_arena_dup(m->a, jd_buf_view(&b)), true);
    jd_buf_release(&b);
}

static const char *child_name(const char *event)
{
    jd_str e = jd_str_of(event);
    return jd_str_starts(e, JD_STR("worklog_"))     ? "worklog"
           : jd_str_starts(e, JD_STR("issuelink_")) ? "issueLink"
                                                    : "comment";
}

void sim_hook_body(const sim_server *s, const sim_happening *h, const uint64_t *matched,
                   size_t nmatched, jd_buf *out)
{
    jd_str event    = jd_str_of(h->event);
    bool   of_issue = jd_str_starts(event, JD_STR("jira:"));
    bool   comment  = jd_str_starts(event, JD_STR("comment_"));
    maker  m        = {s, jd_arena_new(0), jd_jsonw_to(out)};
    jd_jsonw_object(&m.w);
    jd_jsonw_kint(&m.w, "timestamp", h->at_ms);
    jd_jsonw_kstr(&m.w, "webhookEvent", event);
    if (h->type)
        jd_jsonw_kstr(&m.w, "issue_event_type_name", jd_str_of(h->type));
    if (of_issue) {
        member(&m, "user", h->user);
        whole_issue(&m, h->issue);
        changelog(&m, h->history);
        if (h->child.p && jd_str_is(jd_str_of(h->type), "issue_commented"))
            member(&m, "comment", h->child);
    } else {
        member(&m, child_name(h->event), h->child);
        if (comment) {
            brief_issue(&m, h->issue);
            jd_jsonw_kstr(&m.w, "eventType", JD_STR("primaryAction"));
        }
    }
    if (nmatched > 0) {
        jd_jsonw_name(&m.w, "matchedWebhookIds");
        jd_jsonw_array(&m.w);
        for (size_t i = 0; i < nmatched; i++)
            jd_jsonw_int(&m.w, (int64_t)matched[i]);
        jd_jsonw_end(&m.w);
    }
    jd_jsonw_end(&m.w);
    jd_arena_free(m.a);
}

void sim_hook_fields(const sim_server *s, jd_str history, void (*add)(void *self, jd_str id),
                     void *self)
{
    jd_arena      *a    = jd_arena_new(0);
    const jd_json *tree = NULL;
    jd_err         none = JD_ERR_NONE;
    if (history.p && jd_json_read(a, history, &tree, &none) == JD_OK) {
        sim_store_read_begin(s->store);
        sim_cloud cloud = cloud_of(s);
        for (jd_json_iter it = jd_json_walk(jd_json_get(tree, "items")); jd_json_next(&it);)
            add(self, sim_cloud_field_id(&cloud, jd_json_str(jd_json_get(it.value, "field"))));
        sim_store_read_end(s->store);
    }
    jd_arena_free(a);
}
