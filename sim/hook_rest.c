/* Webhooks registered, listed and let go: by control, by an administrator, by an app of Cloud's. */
#include "sim/hook_list.h"
#include "sim/raw.h"
#include "sim/side.h"

#include <stdio.h>

enum { DAY_MS = 86400000, APP_DAYS = 30, CREATED = 201, ACCEPTED = 202, NO_CONTENT = 204 };

static jd_str text(const jd_json *body, const char *name)
{
    return jd_json_str(jd_json_get(body, name));
}

static void list(sim_hook *k, const jd_json *from, jd_str **out, size_t *n)
{
    *out = JD_NEW_ARRAY(k->arena, jd_str, jd_json_len(from) + 1);
    for (jd_json_iter it = jd_json_walk(from); jd_json_next(&it);)
        (*out)[(*n)++] = jd_arena_dup(k->arena, jd_json_str(it.value));
}

/* Why there can be no such webhook; NULL when there can. */
static const char *wrong(jd_str url, const jd_json *events)
{
    if (!jd_str_starts(url, JD_STR("http://")) && !jd_str_starts(url, JD_STR("https://")))
        return "The URL of a webhook begins with http:// or https://.";
    if (!jd_json_is_null(events) && jd_json_kind(events) != JD_JSON_ARRAY)
        return "The events of a webhook are a list.";
    return NULL;
}

static void fill(sim_hook *k, jd_str url, const jd_json *body, jd_str jql)
{
    k->url    = jd_arena_dup(k->arena, url);
    k->name   = jd_arena_dup(k->arena, text(body, "name"));
    k->secret = jd_arena_dup(k->arena, text(body, "secret"));
    k->jql    = jd_arena_dup(k->arena, jql);
    list(k, jd_json_get(body, "events"), &k->event, &k->nevent);
    list(k, jd_json_get(body, "fieldIdsFilter"), &k->field, &k->nfield);
}

static void strings(jd_jsonw *w, const char *name, const jd_str *v, size_t n)
{
    jd_jsonw_name(w, name);
    jd_jsonw_array(w);
    for (size_t i = 0; i < n; i++)
        jd_jsonw_str(w, v[i]);
    jd_jsonw_end(w);
}

/* -- control ----------------------------------------------------------------------------------- */

void sim_post_hook(sim_call *c, jd_str name)
{
    const jd_json *body;
    (void)name;
    if (!c->s->hooks || !sim_call_body(c, &body))
        return;
    jd_str      url = text(body, "url");
    const char *why = wrong(url, jd_json_get(body, "events"));
    uint64_t    id  = jd_json_id(jd_json_get(body, "remove"));
    jd_jsonw    w   = jd_jsonw_to(sim_reply_own(c->r));
    if (why && !id && !jd_json_bool(jd_json_get(body, "forget"))) {
        sim_reply_error(c->r, 400, jd_str_of(why));
        return;
    }
    sim_hooks_lock(c->s->hooks);
    if (jd_json_bool(jd_json_get(body, "forget")))
        sim_hooks_forget(c->s->hooks);
    sim_hook *k = id ? sim_hooks_find(c->s->hooks, id, false) : NULL;
    if (k)
        sim_hooks_drop(c->s->hooks, k);
    if (!why) {
        k = sim_hooks_add(c->s->hooks);
        fill(k, url, body, text(body, "jql"));
        id = k->id;
    }
    sim_hooks_unlock(c->s->hooks);
    jd_jsonw_object(&w);
    jd_jsonw_kint(&w, "id", (int64_t)id);
    jd_jsonw_end(&w);
}

void sim_get_hooks(sim_call *c, jd_str name)
{
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    (void)name;
    if (!c->s->hooks) {
        sim_reply_error(c->r, 403, JD_STR("This server knows no webhooks."));
        return;
    }
    jd_jsonw_object(&w);
    jd_jsonw_name(&w, "webhooks");
    jd_jsonw_array(&w);
    sim_hooks_lock(c->s->hooks);
    for (const sim_hook *k = sim_hooks_first(c->s->hooks); k; k = k->next) {
        jd_jsonw_object(&w);
        jd_jsonw_kint(&w, "id", (int64_t)k->id);
        jd_jsonw_kstr(&w, "url", k->url);
        jd_jsonw_kbool(&w, "app", k->app);
        jd_jsonw_kbool(&w, "signed", k->secret.n > 0);
        jd_jsonw_kstr(&w, "jql", k->jql);
        strings(&w, "events", k->event, k->nevent);
        jd_jsonw_end(&w);
    }
    jd_jsonw_end(&w);
    sim_hooks_write(c->s->hooks, &w);
    sim_hooks_unlock(c->s->hooks);
    jd_jsonw_end(&w);
}

/* -- an administrator's ------------------------------------------------------------------------ */

static bool may_administer(sim_call *c)
{
    if (sim_call_anonymous(c))
        return false;
    if (c->s->hooks && !c->oauth)
        return true;
    sim_reply_error(c->r, 403, JD_STR("You need to be a Jira administrator to do this."));
    return false;
}

static void say_admin(sim_call *c, jd_jsonw *w, const sim_hook *k)
{
    jd_jsonw_object(w);
    jd_jsonw_kstr(w, "name", k->name);
    jd_jsonw_kstr(w, "url", k->url);
    jd_jsonw_kbool(w, "excludeBody", false);
    jd_jsonw_name(w, "filters");
    jd_jsonw_object(w);
    jd_jsonw_kstr(w, "issue-related-events-section", k->jql);
    jd_jsonw_end(w);
    strings(w, "events", k->event, k->nevent);
    jd_jsonw_kbool(w, "enabled", true);
    jd_jsonw_kbool(w, "isSigned", k->secret.n > 0);
    jd_jsonw_kstr(w, "self",
                  jd_arena_fmt(c->a, "%.*s/rest/webhooks/1.0/webhook/%llu",
                               JD_FMT(c->s->conf->base_url), (unsigned long long)k->id));
    jd_jsonw_end(w);
}

void sim_post_admin_hook(sim_call *c, jd_str name)
{
    const jd_json *body;
    (void)name;
    if (!may_administer(c) || !sim_call_body(c, &body))
        return;
    jd_str      url = text(body, "url"), jql = text(body, "jqlFilter");
    const char *why = wrong(url, jd_json_get(body, "events"));
    jd_jsonw    w   = jd_jsonw_to(sim_reply_own(c->r));
    if (jql.n == 0)
        jql = text(jd_json_get(body, "filters"), "issue-related-events-section");
    if (why) {
        sim_reply_error(c->r, 400, jd_str_of(why));
        return;
    }
    sim_hooks_lock(c->s->hooks);
    sim_hook *k = sim_hooks_add(c->s->hooks);
    fill(k, url, body, jql);
    say_admin(c, &w, k);
    sim_hooks_unlock(c->s->hooks);
    sim_reply_status(c->r, CREATED);
}

void sim_get_admin_hooks(sim_call *c, jd_str name)
{
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    (void)name;
    if (!may_administer(c))
        return;
    jd_jsonw_array(&w);
    sim_hooks_lock(c->s->hooks);
    for (const sim_hook *k = sim_hooks_first(c->s->hooks); k; k = k->next)
        if (!k->app)
            say_admin(c, &w, k);
    sim_hooks_unlock(c->s->hooks);
    jd_jsonw_end(&w);
}

/* The one of the path, locked; or NULL, unlocked, after a 404. */
static sim_hook *named(sim_call *c, jd_str name)
{
    uint64_t id = 0;
    sim_hooks_lock(c->s->hooks);
    sim_hook *k = jd_str_u64(name, &id) ? sim_hooks_find(c->s->hooks, id, false) : NULL;
    if (k)
        return k;
    sim_hooks_unlock(c->s->hooks);
    sim_reply_error(c->r, 404, JD_STR("There is no such webhook."));
    return NULL;
}

void sim_get_admin_hook(sim_call *c, jd_str name)
{
    jd_jsonw  w = jd_jsonw_to(sim_reply_own(c->r));
    sim_hook *k = may_administer(c) ? named(c, name) : NULL;
    if (!k)
        return;
    say_admin(c, &w, k);
    sim_hooks_unlock(c->s->hooks);
}

void sim_delete_admin_hook(sim_call *c, jd_str name)
{
    sim_hook *k = may_administer(c) ? named(c, name) : NULL;
    if (!k)
        return;
    sim_hooks_drop(c->s->hooks, k);
    sim_hooks_unlock(c->s->hooks);
    sim_reply_status(c->r, NO_CONTENT);
    sim_reply_type(c->r, NULL);
}

/* -- an app's ---------------------------------------------------------------------------------- */

static bool is_app(sim_call *c)
{
    if (c->oauth && c->s->hooks)
        return true;
    sim_reply_error(c->r, 403,
                    JD_STR("The caller of this resource is not a Connect or OAuth 2.0 app."));
    return false;
}

/* The first clause that such a filter may not have; p NULL when there is none. */
static jd_str unsupported(jd_str jql)
{
    static const char *const known[] = {"issuekey", "key",      "project",  "issuetype",
                                        "status",   "priority", "assignee", "reporter",
                                        "and",      "or",       "in",       "not"};
    bool                     quoted = false, value = false;
    size_t                   from = 0;
    for (size_t i = 0; i <= jql.n; i++) {
        char ch   = i < jql.n ? jql.p[i] : ' ';
        bool word = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_';
        if (ch == '"')
            quoted = !quoted;
        if (ch == '(' || ch == '=')
            value = true; /* what follows is what is compared with */
        if (word && !quoted)
            continue;
        jd_str one = jd_str_cut(jql, from, i - from);
        bool   ok  = one.n == 0 || quoted || value;
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            ok = ok || jd_str_ieq(one, jd_str_of(known[k]));
        if (!ok)
            return one;
        if (jd_str_ieq(one, JD_STR("and")) || jd_str_ieq(one, JD_STR("or")) || ch == ')')
            value = false;
        from = i + 1;
    }
    return JD_NOSTR;
}

void sim_post_app_hooks(sim_call *c, jd_str name)
{
    const jd_json *body;
    (void)name;
    if (!is_app(c) || !sim_call_body(c, &body))
        return;
    jd_str   url = text(body, "url");
    jd_jsonw w   = jd_jsonw_to(sim_reply_own(c->r));
    if (wrong(url, NULL) || jd_json_len(jd_json_get(body, "webhooks")) == 0) {
        sim_reply_error(c->r, 400, JD_STR("A url and a list of webhooks must be given."));
        return;
    }
    jd_jsonw_object(&w);
    jd_jsonw_name(&w, "webhookRegistrationResult");
    jd_jsonw_array(&w);
    sim_hooks_lock(c->s->hooks);
    for (jd_json_iter it = jd_json_walk(jd_json_get(body, "webhooks")); jd_json_next(&it);) {
        jd_str jql = text(it.value, "jqlFilter"), bad = unsupported(jql);
        jd_jsonw_object(&w);
        if (bad.p) {
            jd_str why = jd_arena_fmt(c->a, "The clause %.*s is unsupported", JD_FMT(bad));
            strings(&w, "errors", &why, 1);
        } else {
            sim_hook *k   = sim_hooks_add(c->s->hooks);
            k->app        = true;
            k->owner      = c->viewer;
            k->expires_ms = sim_now(c->s) + (int64_t)APP_DAYS * DAY_MS;
            fill(k, url, it.value, jql);
            /* What an app is sent is signed with its own secret. */
            k->secret = jd_arena_dup(k->arena, c->s->conf->client_secret);
            jd_jsonw_kint(&w, "createdWebhookId", (int64_t)k->id);
        }
        jd_jsonw_end(&w);
    }
    sim_hooks_unlock(c->s->hooks);
    jd_jsonw_end(&w);
    jd_jsonw_end(&w);
}

static void date(sim_call *c, jd_jsonw *w, int64_t ms)
{
    char out[SIM_DATE_LEN];
    sim_date_put(out, sim_call_zone(c), ms);
    jd_jsonw_kstr(w, "expirationDate", (jd_str){out, SIM_DATE_LEN});
}

void sim_get_app_hooks(sim_call *c, jd_str name)
{
    enum { PAGE = 100 };
    jd_buf   all = JD_BUF_INIT(16 << 20);
    jd_jsonw w   = jd_jsonw_to(&all);
    (void)name;
    if (!is_app(c))
        return;
    jd_jsonw_array(&w);
    sim_hooks_lock(c->s->hooks);
    for (const sim_hook *k = sim_hooks_first(c->s->hooks); k; k = k->next) {
        if (!k->app)
            continue;
        jd_jsonw_object(&w);
        jd_jsonw_kint(&w, "id", (int64_t)k->id);
        jd_jsonw_kstr(&w, "jqlFilter", k->jql);
        strings(&w, "events", k->event, k->nevent);
        if (k->nfield > 0)
            strings(&w, "fieldIdsFilter", k->field, k->nfield);
        date(c, &w, k->expires_ms);
        jd_jsonw_end(&w);
    }
    sim_hooks_unlock(c->s->hooks);
    jd_jsonw_end(&w);
    sim_side_page(c, jd_buf_view(&all), PAGE);
    jd_buf_release(&all);
}

void sim_delete_app_hooks(sim_call *c, jd_str name)
{
    const jd_json *body;
    (void)name;
    if (!is_app(c) || !sim_call_body(c, &body))
        return;
    sim_hooks_lock(c->s->hooks);
    for (jd_json_iter it = jd_json_walk(jd_json_get(body, "webhookIds")); jd_json_next(&it);) {
        sim_hook *k = sim_hooks_find(c->s->hooks, jd_json_id(it.value), true);
        if (k)
            sim_hooks_drop(c->s->hooks, k);
    }
    sim_hooks_unlock(c->s->hooks);
    sim_reply_status(c->r, ACCEPTED);
    sim_reply_type(c->r, NULL);
}

void sim_put_app_hooks_refresh(sim_call *c, jd_str name)
{
    const jd_json *body;
    int64_t        until = sim_now(c->s) + (int64_t)APP_DAYS * DAY_MS;
    (void)name;
    if (!is_app(c) || !sim_call_body(c, &body))
        return;
    sim_hooks_lock(c->s->hooks);
    for (jd_json_iter it = jd_json_walk(jd_json_get(body, "webhookIds")); jd_json_next(&it);) {
        sim_hook *k = sim_hooks_find(c->s->hooks, jd_json_id(it.value), true);
        if (k)
            k->expires_ms = until;
    }
    sim_hooks_unlock(c->s->hooks);
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    jd_jsonw_object(&w);
    date(c, &w, until);
    jd_jsonw_end(&w);
}
