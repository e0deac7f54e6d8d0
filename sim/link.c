/* Issue links made and undone by control. */
#include "sim/change.h"
#include "sim/side.h"
#include "sim/words.h"

static jd_str spoken(sim_call *c, jd_str raw)
{
    const jd_json *v    = NULL;
    jd_err         none = JD_ERR_NONE;
    return raw.p && jd_json_read(c->a, raw, &v, &none) == JD_OK ? jd_json_str(v) : JD_NOSTR;
}

typedef struct linking {
    sim_call *c;
    jd_str    id, other, other_raw, link; /* link: for webhooks; p NULL: said once already */
    size_t    type;
    bool      outward, remove, found;
} linking;

static void stub(sim_call *c, jd_jsonw *w, jd_str issue)
{
    static const char *const shown[] = {"summary", "status", "priority", "issuetype"};
    jd_str                   fields  = sim_raw_get(issue, "fields");
    (void)c;
    jd_jsonw_object(w);
    jd_jsonw_name(w, "id");
    jd_jsonw_raw(w, sim_raw_get(issue, "id"));
    jd_jsonw_name(w, "key");
    jd_jsonw_raw(w, sim_raw_get(issue, "key"));
    jd_jsonw_name(w, "self");
    jd_jsonw_raw(w, sim_raw_get(issue, "self"));
    jd_jsonw_name(w, "fields");
    jd_jsonw_object(w);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        jd_str v = sim_raw_get(fields, shown[i]);
        if (!v.p)
            continue;
        jd_jsonw_name(w, shown[i]);
        jd_jsonw_raw(w, v);
    }
    jd_jsonw_end(w);
    jd_jsonw_end(w);
}

static void write_link(const linking *k, jd_jsonw *w)
{
    const sim_link_type *t = &sim_link_types[k->type];
    jd_jsonw_object(w);
    jd_jsonw_kstr(w, "id", k->id);
    jd_jsonw_kstr(w, "self",
                  jd_arena_fmt(k->c->a, "%.*s/rest/api/2/issueLink/%.*s",
                               JD_FMT(k->c->s->conf->base_url), JD_FMT(k->id)));
    jd_jsonw_name(w, "type");
    jd_jsonw_object(w);
    jd_jsonw_kstr(w, "id", t->id);
    jd_jsonw_kstr(w, "name", t->name);
    jd_jsonw_kstr(w, "inward", t->inward);
    jd_jsonw_kstr(w, "outward", t->outward);
    jd_jsonw_end(w);
    jd_jsonw_name(w, k->outward ? "outwardIssue" : "inwardIssue");
    stub(k->c, w, k->other_raw);
    jd_jsonw_end(w);
}

static jd_code link_fields(void *self, sim_edits *edits, jd_err *e)
{
    linking             *k   = self;
    const sim_link_type *t   = &sim_link_types[k->type];
    jd_str               old = sim_raw_get(sim_raw_get(edits->issue, "fields"), "issuelinks");
    jd_buf               b   = JD_BUF_INIT(SIM_ISSUE_MAX);
    jd_jsonw             w   = jd_jsonw_to(&b);
    (void)e;
    jd_jsonw_array(&w);
    for (jd_skim it = jd_skim_open(old.p ? old : JD_STR("[]")); jd_skim_next(&it);) {
        if (k->remove && jd_str_eq(spoken(k->c, sim_raw_get(it.value, "id")), k->id))
            k->found = true;
        else
            jd_jsonw_raw(&w, it.value);
    }
    if (!k->remove)
        write_link(k, &w);
    jd_jsonw_end(&w);
    if (!k->remove || k->found)
        edits->field[edits->n++] = (sim_edit){"issuelinks", jd_arena_dup(k->c->a, jd_buf_view(&b))};
    jd_buf_release(&b);
    jd_str words = jd_arena_fmt(k->c->a, "This issue %.*s %.*s",
                                JD_FMT(k->outward ? t->outward : t->inward), JD_FMT(k->other));
    if (k->remove)
        sim_change_item(&edits->items, false, JD_STR("Link"), k->other, words, JD_NOSTR, JD_NOSTR);
    else
        sim_change_item(&edits->items, false, JD_STR("Link"), JD_NOSTR, JD_NOSTR, k->other, words);
    if (k->link.p && edits->n > 0) {
        edits->what  = k->remove ? "issuelink_deleted" : "issuelink_created";
        edits->child = k->link;
    }
    return JD_OK;
}

static jd_str link_event(sim_call *c, jd_str id, uint64_t from, uint64_t to, size_t type)
{
    const sim_link_type *t = &sim_link_types[type];
    jd_buf               b = JD_BUF_INIT(1 << 16);
    jd_jsonw             w = jd_jsonw_to(&b);
    uint64_t             number;
    jd_jsonw_object(&w);
    jd_jsonw_kint(&w, "id", jd_str_u64(id, &number) ? (int64_t)number : 0);
    jd_jsonw_kint(&w, "sourceIssueId", (int64_t)from);
    jd_jsonw_kint(&w, "destinationIssueId", (int64_t)to);
    jd_jsonw_name(&w, "issueLinkType");
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "id", t->id);
    jd_jsonw_kstr(&w, "name", t->name);
    jd_jsonw_kstr(&w, "outwardName", t->outward);
    jd_jsonw_kstr(&w, "inwardName", t->inward);
    jd_jsonw_end(&w);
    jd_jsonw_end(&w);
    jd_str s = jd_arena_dup(c->a, jd_buf_view(&b));
    jd_buf_release(&b);
    return s;
}

static void link_two(sim_call *c, bool remove)
{
    const jd_json *body;
    sim_changed    unused;
    jd_err         e = JD_ERR_NONE;
    if (!sim_call_body(c, &body))
        return;
    jd_str from = jd_json_str(jd_json_get(body, "key")), to = jd_json_str(jd_json_get(body, "to"));
    uint64_t  id = remove ? jd_json_id(jd_json_get(body, "id"))
                          : (uint64_t)atomic_fetch_add(&c->s->next_id, 1);
    sim_text *a = sim_store_get(c->s->store, from), *b = sim_store_get(c->s->store, to);
    if (!a || !b || id == 0) {
        sim_reply_error(c->r, 400, JD_STR("Say {\"key\":KEY,\"to\":KEY}, unlink with its \"id\"."));
    } else {
        linking k   = {.c         = c,
                       .id        = jd_arena_fmt(c->a, "%llu", (unsigned long long)id),
                       .other     = b->issue.key,
                       .other_raw = b->issue.json,
                       .outward   = true,
                       .remove    = remove};
        k.link      = link_event(c, k.id, a->issue.id, b->issue.id, k.type);
        jd_code rc  = sim_change_edit(c->s, c->a, JD_NOSTR, from, link_fields, &k, &unused, &e);
        k.link      = JD_NOSTR;
        k.other     = a->issue.key;
        k.other_raw = a->issue.json;
        k.outward   = false;
        if (rc == JD_OK)
            rc = sim_change_edit(c->s, c->a, JD_NOSTR, to, link_fields, &k, &unused, &e);
        if (rc != JD_OK)
            sim_reply_error(c->r, rc == JD_E_NOTFOUND ? 404 : 400, jd_str_of(e.msg));
        else
            jd_buf_addf(sim_reply_own(c->r), "{\"id\":\"%.*s\"}", JD_FMT(k.id));
    }
    sim_text_drop(a);
    sim_text_drop(b);
}

void sim_post_link(sim_call *c, jd_str name)
{
    (void)name;
    link_two(c, false);
}

void sim_post_unlink(sim_call *c, jd_str name)
{
    (void)name;
    link_two(c, true);
}
