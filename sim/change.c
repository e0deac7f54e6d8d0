#include "sim/change.h"

#include "base/hash.h"
#include "base/vec.h"
#include "sim/feed.h"
#include "sim/generate.h"
#include "sim/hook.h"
#include "sim/meta.h"
#include "sim/raw.h"
#include "text/jsonw.h"

#include <stdlib.h>

/* A change being made: the version it starts from and the edits collected so far. */
typedef struct change {
    sim_server *s;
    jd_arena   *a;
    sim_text   *old;
    int64_t     at_ms;
    char        at[SIM_DATE_LEN];
    sim_edit    field[SIM_EDITS + 2], top[4];
    size_t      nfield, ntop;
    bool        quiet; /* `updated` stays */
    jd_str      by;    /* the author, raw */
    /* for webhooks */
    jd_str      history; /* the entry that was added; p NULL: none */
    const char *what;    /* "comment_created": happened to a child; NULL: to none */
    jd_str      child;   /* raw, as it is now or was last */
} change;

static jd_code begin(change *c, sim_server *s, jd_arena *a, jd_str id_or_key, jd_err *e)
{
    *c     = (change){.s = s, .a = a};
    c->old = sim_store_get(s->store, id_or_key);
    if (!c->old)
        return jd_fail(e, JD_E_NOTFOUND, "there is no issue %.*s", JD_FMT(id_or_key));
    c->at_ms = sim_now(s);
    if (c->at_ms <= c->old->issue.updated_ms)
        c->at_ms = c->old->issue.updated_ms + 1;
    sim_date_put(c->at, NULL, c->at_ms);
    c->by = jd_arena_fmt(a,
                         "{\"self\":\"%.*s/rest/api/2/user?username=jirasim\",\"name\":\"jirasim\","
                         "\"key\":\"jirasim\",\"displayName\":\"Jira Stand-In\",\"active\":true,"
                         "\"timeZone\":\"Etc/UTC\"}",
                         JD_FMT(s->conf->base_url));
    return JD_OK;
}

static jd_str at(const change *c)
{
    return (jd_str){c->at, SIM_DATE_LEN};
}

/* A finished writer's text, kept with the call. */
static jd_str kept(jd_arena *a, jd_buf *b)
{
    jd_str s = jd_arena_dup(a, jd_buf_view(b));
    jd_buf_release(b);
    return s;
}

static jd_str quoted(jd_arena *a, jd_str s)
{
    jd_buf b = JD_BUF_INIT(SIM_ISSUE_MAX);
    jd_json_quote(&b, s);
    return kept(a, &b);
}

static jd_str decimal(jd_arena *a, uint64_t v)
{
    return jd_arena_fmt(a, "%llu", (unsigned long long)v);
}

static jd_str next_id(change *c)
{
    return decimal(c->a, atomic_fetch_add(&c->s->next_id, 1));
}

/* -- history ------------------------------------------------------------------------------------
 */

void sim_change_item(jd_jsonw *w, bool custom, jd_str field, jd_str from, jd_str from_text,
                     jd_str to, jd_str to_text)
{
    jd_jsonw_object(w);
    jd_jsonw_kstr(w, "field", field);
    jd_jsonw_kstr(w, "fieldtype", custom ? JD_STR("custom") : JD_STR("jira"));
    jd_jsonw_name(w, "from");
    jd_jsonw_str_or_null(w, from);
    jd_jsonw_name(w, "fromString");
    jd_jsonw_str_or_null(w, from_text);
    jd_jsonw_name(w, "to");
    jd_jsonw_str_or_null(w, to);
    jd_jsonw_name(w, "toString");
    jd_jsonw_str_or_null(w, to_text);
    jd_jsonw_end(w);
}

static void item(jd_jsonw *w, const char *field, jd_str from, jd_str from_text, jd_str to,
                 jd_str to_text)
{
    sim_change_item(w, false, jd_str_of(field), from, from_text, to, to_text);
}

/* items: what item() wrote into an array. */
static void add_history(change *c, jd_str items)
{
    jd_buf   entry = JD_BUF_INIT(SIM_ISSUE_MAX), list = entry, whole = entry;
    jd_str   old   = sim_raw_get(c->old->issue.json, "changelog");
    uint64_t n     = sim_raw_count(sim_raw_get(old, "histories"));
    uint64_t total = sim_raw_u64(sim_raw_get(old, "total"));
    jd_jsonw w     = jd_jsonw_to(&entry);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "id", next_id(c));
    jd_jsonw_name(&w, "author");
    jd_jsonw_raw(&w, c->by);
    jd_jsonw_kstr(&w, "created", at(c));
    jd_jsonw_name(&w, "items");
    jd_jsonw_raw(&w, items);
    jd_jsonw_end(&w);
    c->history = jd_arena_dup(c->a, jd_buf_view(&entry));
    sim_raw_append(&list, sim_raw_get(old, "histories"), c->history);
    const sim_edit edit[] = {{"startAt", JD_STR("0")},
                             {"maxResults", decimal(c->a, n + 1)},
                             {"total", decimal(c->a, (total > n ? total : n) + 1)},
                             {"histories", jd_buf_view(&list)}};
    sim_raw_edit(&whole, old, edit, sizeof edit / sizeof *edit);
    c->top[c->ntop++] = (sim_edit){"changelog", kept(c->a, &whole)};
    jd_buf_release(&entry);
    jd_buf_release(&list);
}

/* Webhooks hear of it: of the issue, and of the child that made it change. */
static void tell(const change *c, const sim_text *t)
{
    sim_happening h = {.event   = "jira:issue_updated",
                       .type    = c->what && !c->history.p ? "issue_commented" : "issue_updated",
                       .issue   = t->issue.json,
                       .about   = &t->issue,
                       .user    = c->by,
                       .history = c->history,
                       .child   = c->child,
                       .at_ms   = c->at_ms};
    if (!c->quiet)
        sim_hooks_tell(c->s->hooks, &h);
    h.event = c->what;
    h.type  = NULL;
    if (c->what)
        sim_hooks_tell(c->s->hooks, &h);
}

/* Puts the new version; the change is over in any case. */
static jd_code finish(change *c, sim_changed *out, jd_err *e)
{
    jd_buf fields = JD_BUF_INIT(SIM_ISSUE_MAX), issue = fields;
    if (!c->quiet)
        c->field[c->nfield++] = (sim_edit){"updated", quoted(c->a, at(c))};
    sim_raw_edit(&fields, sim_raw_get(c->old->issue.json, "fields"), c->field, c->nfield);
    c->top[c->ntop++] = (sim_edit){"fields", jd_buf_view(&fields)};
    sim_raw_edit(&issue, c->old->issue.json, c->top, c->ntop);
    jd_code rc =
        jd_buf_ok(&issue) && jd_buf_ok(&fields)
            ? sim_store_put(c->s->store, jd_buf_view(&issue), e)
            : jd_fail(e, JD_E_TOOBIG, "the issue has grown over %d MiB", SIM_ISSUE_MAX >> 20);
    if (rc == JD_OK) {
        sim_text *t = sim_store_get(c->s->store, decimal(c->a, c->old->issue.id));
        if (t) {
            *out = (sim_changed){jd_arena_dup(c->a, t->issue.key), t->issue.id, t->issue.updated_ms,
                                 JD_NOSTR};
            tell(c, t);
        }
        sim_text_drop(t);
    }
    jd_buf_release(&fields);
    jd_buf_release(&issue);
    sim_text_drop(c->old);
    return rc;
}

/* -- touch --------------------------------------------------------------------------------------
 */

static const jd_str TOUCHED = JD_STR_INIT("touched-");

/* The issue's labels without an earlier touch's, plus one; joined with blanks in the history. */
static void new_labels(change *c, jd_str *array, jd_str *before, jd_str *after)
{
    const jd_json *labels = NULL;
    jd_err         none   = JD_ERR_NONE;
    jd_buf         was = JD_BUF_INIT(1 << 20), is = was, json = was;
    jd_str         old  = sim_raw_get(sim_raw_get(c->old->issue.json, "fields"), "labels");
    jd_str         mine = jd_arena_fmt(c->a, "%.*s%lld", JD_FMT(TOUCHED), (long long)c->at_ms);
    jd_jsonw       w    = jd_jsonw_to(&json);
    if (old.n == 0 || jd_json_read(c->a, old, &labels, &none) != JD_OK)
        labels = NULL;
    jd_jsonw_array(&w);
    for (jd_json_iter it = jd_json_walk(labels); jd_json_next(&it);) {
        jd_str label = jd_json_str(it.value);
        jd_buf_addf(&was, "%s%.*s", was.n > 0 ? " " : "", JD_FMT(label));
        if (jd_str_starts(label, TOUCHED))
            continue;
        jd_buf_addf(&is, "%.*s ", JD_FMT(label));
        jd_jsonw_str(&w, label);
    }
    jd_buf_adds(&is, mine);
    jd_jsonw_str(&w, mine);
    jd_jsonw_end(&w);
    *array  = kept(c->a, &json);
    *before = kept(c->a, &was);
    *after  = kept(c->a, &is);
}

jd_code sim_change_touch(sim_server *s, jd_arena *a, jd_str id_or_key, sim_changed *out, jd_err *e)
{
    return sim_change_touch_at(s, a, id_or_key, INT64_MIN, out, e);
}

jd_code sim_change_touch_at(sim_server *s, jd_arena *a, jd_str id_or_key, int64_t at_ms,
                            sim_changed *out, jd_err *e)
{
    change c;
    jd_str array, before, after;
    jd_buf items = JD_BUF_INIT(SIM_ISSUE_MAX);
    sim_store_change_begin(s->store);
    jd_code rc = begin(&c, s, a, id_or_key, e);
    if (rc != JD_OK)
        goto out;
    if (at_ms > c.old->issue.updated_ms) {
        c.at_ms = at_ms;
        sim_date_put(c.at, NULL, at_ms);
    }
    new_labels(&c, &array, &before, &after);
    c.field[c.nfield++] = (sim_edit){"labels", array};
    jd_jsonw w          = jd_jsonw_to(&items);
    jd_jsonw_array(&w);
    item(&w, "labels", JD_NOSTR, before, JD_NOSTR, after);
    jd_jsonw_end(&w);
    add_history(&c, jd_buf_view(&items));
    rc = finish(&c, out, e);
out:
    sim_store_change_end(s->store);
    jd_buf_release(&items);
    return rc;
}

void sim_change_touch_quietly(sim_server *s, uint64_t id)
{
    jd_arena   *a    = jd_arena_new(0);
    sim_changed done = {0};
    jd_err      none = JD_ERR_NONE;
    (void)!sim_change_touch(s, a, decimal(a, id), &done, &none);
    jd_arena_free(a);
}

/* -- comment ------------------------------------------------------------------------------------
 */

static jd_str new_comment(change *c, jd_str body)
{
    jd_buf   b  = JD_BUF_INIT(SIM_ISSUE_MAX);
    jd_jsonw w  = jd_jsonw_to(&b);
    jd_str   id = next_id(c);
    jd_str   self =
        jd_arena_fmt(c->a, "%.*s/rest/api/2/issue/%llu/comment/%.*s", JD_FMT(c->s->conf->base_url),
                     (unsigned long long)c->old->issue.id, JD_FMT(id));
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "self", self);
    jd_jsonw_kstr(&w, "id", id);
    jd_jsonw_name(&w, "author");
    jd_jsonw_raw(&w, c->by);
    jd_jsonw_kstr(&w, "body", body);
    jd_jsonw_name(&w, "updateAuthor");
    jd_jsonw_raw(&w, c->by);
    jd_jsonw_kstr(&w, "created", at(c));
    jd_jsonw_kstr(&w, "updated", at(c));
    jd_jsonw_end(&w);
    return kept(c->a, &b);
}

jd_code sim_change_comment(sim_server *s, jd_arena *a, jd_str id_or_key, jd_str body,
                           sim_changed *out, jd_err *e)
{
    return sim_change_comment_by(s, a, JD_NOSTR, id_or_key, body, out, e);
}

jd_code sim_change_comment_by(sim_server *s, jd_arena *a, jd_str author, jd_str id_or_key,
                              jd_str body, sim_changed *out, jd_err *e)
{
    change c;
    jd_buf all = JD_BUF_INIT(SIM_ISSUE_MAX), whole = all;
    sim_store_change_begin(s->store);
    jd_code rc = begin(&c, s, a, id_or_key, e);
    if (rc != JD_OK)
        goto out;
    jd_str   list  = sim_raw_get(sim_raw_get(c.old->issue.json, "fields"), "comment");
    jd_str   array = sim_raw_get(list, "comments");
    uint64_t n     = sim_raw_count(array);
    uint64_t total = sim_raw_u64(sim_raw_get(list, "total"));
    c.by           = author.p ? author : c.by;
    c.child        = new_comment(&c, body);
    c.what         = "comment_created";
    sim_raw_append(&all, array, c.child);
    const sim_edit edit[] = {{"comments", jd_buf_view(&all)},
                             {"maxResults", decimal(a, n + 1)},
                             {"total", decimal(a, (total > n ? total : n) + 1)},
                             {"startAt", JD_STR("0")}};
    sim_raw_edit(&whole, list, edit, sizeof edit / sizeof *edit);
    c.field[c.nfield++] = (sim_edit){"comment", jd_buf_view(&whole)};
    rc                  = finish(&c, out, e);
    if (rc == JD_OK)
        out->child = c.child;
out:
    sim_store_change_end(s->store);
    jd_buf_release(&all);
    jd_buf_release(&whole);
    return rc;
}

/* A list of children with other elements than before; total moves by as many. */
static void put_list(change *c, const char *field, const char *items, jd_str array, uint64_t before,
                     uint64_t after)
{
    jd_buf         whole  = JD_BUF_INIT(SIM_ISSUE_MAX);
    jd_str         list   = sim_raw_get(sim_raw_get(c->old->issue.json, "fields"), field);
    uint64_t       total  = sim_raw_u64(sim_raw_get(list, "total"));
    const sim_edit edit[] = {
        {items, array},
        {"maxResults", decimal(c->a, after)},
        {"total", decimal(c->a, (total > before ? total : before) + after - before)},
        {"startAt", JD_STR("0")}};
    sim_raw_edit(&whole, list, edit, sizeof edit / sizeof *edit);
    c->field[c->nfield++] = (sim_edit){field, kept(c->a, &whole)};
}

static jd_str children(const change *c, const char *field, const char *items)
{
    return sim_raw_get(sim_raw_get(sim_raw_get(c->old->issue.json, "fields"), field), items);
}

static uint64_t id_of(jd_str child)
{
    jd_str id = sim_raw_get(child, "id");
    return id.n > 2 ? sim_raw_u64(jd_str_cut(id, 1, id.n - 2)) : 0;
}

/* The array with `with` in the place of the child (p NULL: without it); what it was. */
static jd_str replaced(change *c, jd_str array, uint64_t id, jd_str with, jd_str *was)
{
    jd_buf out = JD_BUF_INIT(SIM_ISSUE_MAX);
    bool   any = false;
    *was       = JD_NOSTR;
    jd_buf_addc(&out, '[');
    for (jd_skim it = jd_skim_open(array.p ? array : JD_STR("[]")); jd_skim_next(&it);) {
        bool hit = id_of(it.value) == id;
        if (hit)
            *was = it.value;
        if (hit && !with.p)
            continue;
        if (any)
            jd_buf_addc(&out, ',');
        jd_buf_adds(&out, hit ? with : it.value);
        any = true;
    }
    jd_buf_addc(&out, ']');
    return kept(c->a, &out);
}

/* A raw string's text. */
static jd_str spoken(jd_arena *a, jd_str raw)
{
    const jd_json *v    = NULL;
    jd_err         none = JD_ERR_NONE;
    return raw.p && jd_json_read(a, raw, &v, &none) == JD_OK ? jd_json_str(v) : JD_NOSTR;
}

jd_code sim_change_drop(sim_server *s, jd_arena *a, jd_str id_or_key, bool worklog, uint64_t child,
                        bool quiet, sim_changed *out, jd_err *e)
{
    const char *field = worklog ? "worklog" : "comment", *items = worklog ? "worklogs" : "comments";
    change      c;
    jd_str      was;
    jd_buf      said = JD_BUF_INIT(SIM_ISSUE_MAX);
    sim_store_change_begin(s->store);
    jd_code rc = begin(&c, s, a, id_or_key, e);
    if (rc != JD_OK)
        goto out;
    jd_str   array = children(&c, field, items), left = replaced(&c, array, child, JD_NOSTR, &was);
    uint64_t n = sim_raw_count(array);
    if (!was.p) {
        rc = jd_fail(e, JD_E_NOTFOUND, "issue %.*s has no %s %llu", JD_FMT(c.old->issue.key), field,
                     (unsigned long long)child);
        sim_text_drop(c.old);
        goto out;
    }
    c.quiet = quiet;
    c.what  = worklog ? "worklog_deleted" : "comment_deleted";
    c.child = was;
    put_list(&c, field, items, left, n, n - 1);
    jd_jsonw w = jd_jsonw_to(&said);
    jd_jsonw_array(&w);
    if (worklog)
        item(&w, "WorklogId", decimal(a, child), decimal(a, child), JD_NOSTR, JD_NOSTR);
    else
        item(&w, "Comment", decimal(a, child), spoken(a, sim_raw_get(was, "body")), JD_NOSTR,
             JD_NOSTR);
    jd_jsonw_end(&w);
    if (!quiet)
        add_history(&c, jd_buf_view(&said));
    int64_t at_ms = c.at_ms;
    rc            = finish(&c, out, e);
    if (rc == JD_OK && worklog && s->feed)
        sim_feed_deleted(s->feed, child, at_ms);
out:
    sim_store_change_end(s->store);
    jd_buf_release(&said);
    return rc;
}

/* The child's text with the edit in it. */
static jd_str edited(change *c, jd_str was, const sim_child_edit *how)
{
    jd_buf      next = JD_BUF_INIT(SIM_ISSUE_MAX);
    sim_edit    edit[4];
    size_t      n       = 0;
    const char *said    = how->worklog ? "comment" : "body";
    uint64_t    seconds = (uint64_t)how->seconds;
    if (how->body.p)
        edit[n++] = (sim_edit){said, quoted(c->a, how->body)};
    edit[n++] = (sim_edit){"updated", quoted(c->a, at(c))};
    if (how->worklog && how->seconds >= 0) {
        edit[n++] =
            (sim_edit){"timeSpent",
                       quoted(c->a, jd_arena_fmt(c->a, "%llum", (unsigned long long)seconds / 60))};
        edit[n++] = (sim_edit){"timeSpentSeconds", decimal(c->a, seconds)};
    }
    sim_raw_edit(&next, was, edit, n);
    return kept(c->a, &next);
}

jd_code sim_change_child(sim_server *s, jd_arena *a, jd_str id_or_key, const sim_child_edit *how,
                         sim_changed *out, jd_err *e)
{
    const char *field = how->worklog ? "worklog" : "comment";
    const char *items = how->worklog ? "worklogs" : "comments";
    change      c;
    jd_str      was;
    jd_buf      said = JD_BUF_INIT(1 << 16);
    sim_store_change_begin(s->store);
    jd_code rc = begin(&c, s, a, id_or_key, e);
    if (rc != JD_OK)
        goto out;
    jd_str array = children(&c, field, items);
    (void)replaced(&c, array, how->child, JD_NOSTR, &was);
    if (!was.p) {
        rc = jd_fail(e, JD_E_NOTFOUND, "issue %.*s has no %s %llu", JD_FMT(c.old->issue.key), field,
                     (unsigned long long)how->child);
        sim_text_drop(c.old);
        goto out;
    }
    uint64_t n = sim_raw_count(array);
    c.quiet    = how->quiet;
    c.what     = how->worklog ? "worklog_updated" : "comment_updated";
    c.child    = edited(&c, was, how);
    put_list(&c, field, items, replaced(&c, array, how->child, c.child, &was), n, n);
    if (how->worklog && !how->quiet) { /* of an edit, too, it only says which */
        jd_str   id = decimal(a, how->child);
        jd_jsonw w  = jd_jsonw_to(&said);
        jd_jsonw_array(&w);
        item(&w, "WorklogId", id, id, JD_NOSTR, JD_NOSTR);
        jd_jsonw_end(&w);
        add_history(&c, jd_buf_view(&said));
    }
    rc = finish(&c, out, e);
out:
    sim_store_change_end(s->store);
    jd_buf_release(&said);
    return rc;
}

jd_code sim_change_worklog(sim_server *s, jd_arena *a, jd_str id_or_key, uint64_t seconds,
                           sim_changed *out, jd_err *e)
{
    change c;
    jd_buf one = JD_BUF_INIT(SIM_ISSUE_MAX), all = one, said = one;
    sim_store_change_begin(s->store);
    jd_code rc = begin(&c, s, a, id_or_key, e);
    if (rc != JD_OK)
        goto out;
    jd_str   id = next_id(&c), array = children(&c, "worklog", "worklogs");
    uint64_t n = sim_raw_count(array);
    jd_buf_addf(&one,
                "{\"self\":\"%.*s/rest/api/2/issue/%llu/worklog/%.*s\",\"author\":%.*s,"
                "\"updateAuthor\":%.*s,\"comment\":\"work\",\"created\":\"%.*s\",\"updated\":"
                "\"%.*s\",\"started\":\"%.*s\",\"timeSpent\":\"%llum\",\"timeSpentSeconds\":%llu,"
                "\"id\":\"%.*s\",\"issueId\":\"%llu\"}",
                JD_FMT(s->conf->base_url), (unsigned long long)c.old->issue.id, JD_FMT(id),
                JD_FMT(c.by), JD_FMT(c.by), JD_FMT(at(&c)), JD_FMT(at(&c)), JD_FMT(at(&c)),
                (unsigned long long)seconds / 60, (unsigned long long)seconds, JD_FMT(id),
                (unsigned long long)c.old->issue.id);
    c.child = jd_arena_dup(a, jd_buf_view(&one));
    c.what  = "worklog_created";
    sim_raw_append(&all, array, c.child);
    put_list(&c, "worklog", "worklogs", jd_buf_view(&all), n, n + 1);
    jd_jsonw w = jd_jsonw_to(&said);
    jd_jsonw_array(&w);
    item(&w, "WorklogId", JD_NOSTR, JD_NOSTR, id, id);
    jd_jsonw_end(&w);
    add_history(&c, jd_buf_view(&said));
    rc = finish(&c, out, e);
out:
    sim_store_change_end(s->store);
    jd_buf_release(&one);
    jd_buf_release(&all);
    jd_buf_release(&said);
    return rc;
}

/* -- any field --------------------------------------------------------------------------------- */

jd_code sim_change_field(sim_server *s, jd_arena *a, jd_str id_or_key, jd_str field, jd_str value,
                         sim_changed *out, jd_err *e)
{
    change c;
    bool   custom = jd_str_starts(field, JD_STR("customfield_"));
    jd_buf said   = JD_BUF_INIT(SIM_ISSUE_MAX);
    sim_store_change_begin(s->store);
    jd_code rc = begin(&c, s, a, id_or_key, e);
    if (rc != JD_OK)
        goto out;
    const char *name = jd_arena_cstr(a, field);
    jd_str      old  = sim_raw_get(sim_raw_get(c.old->issue.json, "fields"), name);
    sim_store_read_begin(s->store);
    jd_str shown = jd_arena_dup(a, sim_meta_field_name(sim_store_meta(s->store), field));
    sim_store_read_end(s->store);
    jd_str before = spoken(a, old), after = spoken(a, value);
    c.field[c.nfield++] = (sim_edit){name, value};
    jd_jsonw w          = jd_jsonw_to(&said);
    jd_jsonw_array(&w);
    sim_change_item(&w, custom, custom && shown.n > 0 ? shown : field, JD_NOSTR,
                    before.p ? before : old, JD_NOSTR, after.p ? after : value);
    jd_jsonw_end(&w);
    add_history(&c, jd_buf_view(&said));
    rc = finish(&c, out, e);
out:
    sim_store_change_end(s->store);
    jd_buf_release(&said);
    return rc;
}

jd_code sim_change_edit(sim_server *s, jd_arena *a, jd_str author, jd_str id_or_key,
                        jd_code (*fn)(void *self, sim_edits *edits, jd_err *e), void *self,
                        sim_changed *out, jd_err *e)
{
    change    c;
    jd_buf    said  = JD_BUF_INIT(SIM_ISSUE_MAX);
    sim_edits edits = {.a = a, .items = jd_jsonw_to(&said)};
    sim_store_change_begin(s->store);
    jd_code rc = begin(&c, s, a, id_or_key, e);
    if (rc != JD_OK)
        goto out;
    c.by        = author.p ? author : c.by;
    edits.issue = c.old->issue.json;
    edits.at    = at(&c);
    jd_jsonw_array(&edits.items);
    rc = fn(self, &edits, e);
    jd_jsonw_end(&edits.items);
    if (rc != JD_OK || edits.n == 0) {
        *out = (sim_changed){jd_arena_dup(a, c.old->issue.key), c.old->issue.id,
                             c.old->issue.updated_ms, JD_NOSTR};
        sim_text_drop(c.old);
        goto out;
    }
    for (size_t i = 0; i < edits.n; i++)
        c.field[c.nfield++] = edits.field[i];
    c.what  = edits.what;
    c.child = edits.child;
    add_history(&c, jd_buf_view(&said));
    rc = finish(&c, out, e);
out:
    sim_store_change_end(s->store);
    jd_buf_release(&said);
    return rc;
}

/* -- a project's new key ----------------------------------------------------------------------- */

static jd_code rename_issue(sim_server *s, jd_arena *a, uint64_t id, jd_str key, jd_str project,
                            jd_err *e)
{
    change      c;
    sim_changed unused;
    jd_code     rc = begin(&c, s, a, decimal(a, id), e);
    if (rc != JD_OK)
        return rc;
    jd_str name =
        jd_arena_fmt(a, "%.*s-%llu", JD_FMT(key), (unsigned long long)c.old->issue.number);
    c.quiet             = true;
    c.top[c.ntop++]     = (sim_edit){"key", quoted(a, name)};
    c.field[c.nfield++] = (sim_edit){"project", project};
    return finish(&c, &unused, e);
}

jd_code sim_change_rename_project(sim_server *s, jd_arena *a, jd_str project, jd_str key,
                                  bool forget, uint64_t *n, jd_err *e)
{
    jd_buf    json = JD_BUF_INIT(SIM_ISSUE_MAX);
    uint64_t *ids  = NULL;
    size_t    nids = 0;
    sim_store_change_begin(s->store);
    sim_store_read_begin(s->store);
    const sim_project *p = sim_store_project_named(s->store, project);
    if (p) {
        const sim_edit edit = {"key", quoted(a, key)};
        sim_raw_edit(&json, p->json, &edit, 1);
        project = jd_arena_dup(a, p->key);
        ids     = JD_NEW_ARRAY(a, uint64_t, p->by[0].n + 1);
        for (; nids < p->by[0].n; nids++)
            ids[nids] = p->by[0].v[nids].text->issue.id;
    }
    jd_str name = p ? jd_arena_dup(a, p->name) : JD_NOSTR;
    sim_store_read_end(s->store);
    jd_code rc =
        sim_store_rename_project(s->store, project, key, name, jd_buf_view(&json), forget, e);
    for (*n = 0; rc == JD_OK && *n < nids; ++*n)
        rc = rename_issue(s, a, ids[*n], key, jd_buf_view(&json), e);
    sim_store_change_end(s->store);
    jd_buf_release(&json);
    return rc;
}

/* -- move ---------------------------------------------------------------------------------------
 */

typedef struct target {
    jd_str   key, name, json, old_name; /* copies */
    uint64_t id, next;
} target;

static jd_code find_target(change *c, jd_str project, target *t, jd_err *e)
{
    const sim_store *store = c->s->store;
    jd_code          rc    = JD_OK;
    sim_store_read_begin(c->s->store);
    const sim_project *p = sim_store_project_named(store, project);
    const sim_project *q = sim_store_project(store, c->old->issue.project_id);
    if (!p)
        rc = jd_fail(e, JD_E_NOTFOUND, "there is no project %.*s", JD_FMT(project));
    else if (p == q)
        rc = jd_fail(e, JD_E_USAGE, "issue %.*s is in project %.*s already",
                     JD_FMT(c->old->issue.key), JD_FMT(p->key));
    else
        *t = (target){jd_arena_dup(c->a, p->key),
                      jd_arena_dup(c->a, p->name),
                      jd_arena_dup(c->a, p->json),
                      q ? jd_arena_dup(c->a, q->name) : JD_NOSTR,
                      p->id,
                      p->top + 1};
    sim_store_read_end(c->s->store);
    return rc;
}

jd_code sim_change_move(sim_server *s, jd_arena *a, jd_str id_or_key, jd_str project,
                        sim_changed *out, jd_err *e)
{
    change c;
    target t     = {0};
    jd_buf items = JD_BUF_INIT(SIM_ISSUE_MAX);
    sim_store_change_begin(s->store);
    jd_code rc = begin(&c, s, a, id_or_key, e);
    if (rc != JD_OK)
        goto out;
    rc = find_target(&c, project, &t, e);
    if (rc != JD_OK) {
        sim_text_drop(c.old);
        goto out;
    }
    jd_str   key = jd_arena_fmt(a, "%.*s-%llu", JD_FMT(t.key), (unsigned long long)t.next);
    jd_jsonw w   = jd_jsonw_to(&items);
    jd_jsonw_array(&w);
    item(&w, "Key", JD_NOSTR, c.old->issue.key, JD_NOSTR, key);
    item(&w, "project", decimal(a, c.old->issue.project_id), t.old_name, decimal(a, t.id), t.name);
    jd_jsonw_end(&w);
    c.top[c.ntop++]     = (sim_edit){"key", quoted(a, key)};
    c.field[c.nfield++] = (sim_edit){"project", t.json};
    add_history(&c, jd_buf_view(&items));
    rc = finish(&c, out, e);
out:
    sim_store_change_end(s->store);
    jd_buf_release(&items);
    return rc;
}

/* -- delete, create ------------------------------------------------------------------------------
 */

jd_code sim_change_delete(sim_server *s, jd_arena *a, jd_str id_or_key, sim_changed *out, jd_err *e)
{
    change c;
    sim_store_change_begin(s->store);
    jd_code rc = begin(&c, s, a, id_or_key, e);
    if (rc == JD_OK) {
        *out = (sim_changed){jd_arena_dup(a, c.old->issue.key), c.old->issue.id,
                             c.old->issue.updated_ms, JD_NOSTR};
        (void)sim_store_remove(s->store, c.old->issue.id);
        sim_hooks_tell(s->hooks, &(sim_happening){.event = "jira:issue_deleted",
                                                  .issue = c.old->issue.json,
                                                  .about = &c.old->issue,
                                                  .user  = c.by,
                                                  .at_ms = c.at_ms});
        sim_text_drop(c.old);
    }
    sim_store_change_end(s->store);
    return rc;
}

typedef struct creation {
    sim_server  *s;
    jd_arena    *a;
    sim_changed *out;
    uint64_t     first_id, n;
    jd_code      rc;
    jd_err      *e;
} creation;

static void put_created(void *self, jd_str json)
{
    creation *k = self;
    if (k->rc != JD_OK)
        return;
    k->rc = sim_store_put(k->s->store, json, k->e);
    if (k->rc != JD_OK)
        return;
    sim_text *t = sim_store_get(k->s->store, decimal(k->a, k->first_id + k->n));
    if (t) {
        k->out[k->n] = (sim_changed){jd_arena_dup(k->a, t->issue.key), t->issue.id,
                                     t->issue.updated_ms, JD_NOSTR};
        sim_hooks_tell(
            k->s->hooks,
            &(sim_happening){.event = "jira:issue_created",
                             .type  = "issue_created",
                             .issue = t->issue.json,
                             .about = &t->issue,
                             .user  = sim_raw_get(sim_raw_get(t->issue.json, "fields"), "creator"),
                             .at_ms = sim_now(k->s)});
    }
    sim_text_drop(t);
    k->n++;
}

jd_code sim_change_create(sim_server *s, jd_arena *a, jd_str project, uint64_t count, int64_t at_ms,
                          sim_changed *out, jd_err *e)
{
    sim_gen_conf conf = {.count = count, .base_url = s->conf->base_url, .calm = s->conf->calm};
    creation     k    = {.s = s, .a = a, .out = out, .e = e};
    sim_store_change_begin(s->store);
    sim_store_read_begin(s->store);
    const sim_project *p = sim_store_project_named(s->store, project);
    if (p) {
        conf.key          = jd_arena_dup(a, p->key);
        conf.name         = jd_arena_dup(a, p->name);
        conf.project_id   = p->id;
        conf.first_number = p->top + 1;
        conf.first_id     = sim_store_top_id(s->store) + 1;
    } else {
        k.rc = jd_fail(e, JD_E_NOTFOUND, "there is no project %.*s", JD_FMT(project));
    }
    sim_store_read_end(s->store);
    if (k.rc == JD_OK) {
        conf.created_from_ms = conf.created_to_ms = at_ms;
        conf.seed  = jd_mix64(s->conf->seed + conf.first_id); /* others than those made before */
        k.first_id = conf.first_id;
        sim_generate(&conf, put_created, &k);
    }
    sim_store_change_end(s->store);
    return k.rc;
}
