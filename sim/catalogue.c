#include "sim/adf.h"
#include "sim/meta.h"
#include "sim/raw.h"
#include "sim/side.h"
#include "text/jsonw.h"

#include <stdlib.h>

enum { TEXT_MAX = 256 << 20 };

void sim_side_say(sim_call *c, jd_buf *out, jd_str json)
{
    const jd_json *tree = NULL;
    jd_err         none = JD_ERR_NONE;
    if (!c->s->conf->cloud || jd_json_read(c->a, json, &tree, &none) != JD_OK) {
        jd_buf_adds(out, json);
        return;
    }
    const sim_cloud cloud = {.base_url = c->s->conf->base_url};
    jd_jsonw        w     = jd_jsonw_to(out);
    sim_cloud_value(&w, &cloud, tree);
}

static void page(sim_call *c, jd_str array, size_t cap, bool counted)
{
    size_t   n     = sim_raw_count(array);
    uint64_t tuned = sim_tuned(&c->s->tuning, SIM_LIST_PAGE);
    cap            = tuned < cap ? (size_t)tuned : cap;
    int64_t start  = sim_call_number(c, "startAt", 0);
    int64_t asked  = sim_call_number(c, "maxResults", (int64_t)cap);
    size_t  max    = (uint64_t)asked < cap ? (size_t)asked : cap,
           from    = (uint64_t)start < n ? (size_t)start : n;
    size_t  to     = max < n - from ? from + max : n;
    jd_buf *out    = sim_reply_own(c->r);
    jd_buf  few    = JD_BUF_INIT(TEXT_MAX);
    sim_raw_slice(&few, array, from, to - from);
    jd_buf_addf(out, "{\"maxResults\":%zu,\"startAt\":%lld,", max, (long long)start);
    if (counted)
        jd_buf_addf(out, "\"total\":%zu,", n);
    jd_buf_addf(out, "\"isLast\":%s,\"values\":", to == n ? "true" : "false");
    jd_buf_adds(out, jd_buf_view(&few));
    jd_buf_addc(out, '}');
    sim_reply_rows(c->r, to - from);
    jd_buf_release(&few);
}

void sim_side_page(sim_call *c, jd_str array, size_t cap)
{
    page(c, array, cap, true);
}

void sim_side_page_uncounted(sim_call *c, jd_str array, size_t cap)
{
    page(c, array, cap, false);
}

static void list(sim_call *c, sim_kind kind)
{
    jd_buf all = JD_BUF_INIT(TEXT_MAX);
    sim_store_read_begin(c->s->store);
    sim_meta_write(sim_store_meta(c->s->store), kind, &all);
    sim_store_read_end(c->s->store);
    sim_side_say(c, sim_reply_own(c->r), jd_buf_view(&all));
    jd_buf_release(&all);
}

void sim_get_statuses(sim_call *c, jd_str name)
{
    (void)name;
    list(c, SIM_STATUSES);
}

void sim_get_priorities(sim_call *c, jd_str name)
{
    (void)name;
    list(c, SIM_PRIORITIES);
}

void sim_get_resolutions(sim_call *c, jd_str name)
{
    (void)name;
    list(c, SIM_RESOLUTIONS);
}

void sim_get_types(sim_call *c, jd_str name)
{
    (void)name;
    list(c, SIM_TYPES);
}

void sim_get_link_types(sim_call *c, jd_str name)
{
    (void)name;
    jd_buf_addz(sim_reply_own(c->r), "{\"issueLinkTypes\":");
    list(c, SIM_LINK_TYPES);
    jd_buf_addc(sim_reply_own(c->r), '}');
}

/* Cloud names each field's key, and its sprints are objects. */
static void cloud_field(jd_jsonw *w, const jd_json *field)
{
    const jd_json *schema = jd_json_get(field, "schema");
    bool sprint = jd_str_ends(jd_json_str(jd_json_get(schema, "custom")), JD_STR(":gh-sprint"));
    jd_jsonw_object(w);
    jd_jsonw_kstr(w, "key", jd_json_str(jd_json_get(field, "id")));
    for (jd_json_iter it = jd_json_walk(field); jd_json_next(&it);) {
        jd_jsonw_names(w, it.name);
        if (!sprint || !jd_str_is(it.name, "schema")) {
            jd_jsonw_value(w, it.value);
            continue;
        }
        jd_jsonw_object(w);
        for (jd_json_iter m = jd_json_walk(it.value); jd_json_next(&m);) {
            jd_jsonw_names(w, m.name);
            if (jd_str_is(m.name, "items"))
                jd_jsonw_str(w, JD_STR("json"));
            else
                jd_jsonw_value(w, m.value);
        }
        jd_jsonw_end(w);
    }
    jd_jsonw_end(w);
}

void sim_get_fields(sim_call *c, jd_str name)
{
    jd_buf         all  = JD_BUF_INIT(TEXT_MAX);
    const jd_json *tree = NULL;
    jd_err         none = JD_ERR_NONE;
    (void)name;
    sim_store_read_begin(c->s->store);
    sim_meta_fields(sim_store_meta(c->s->store), &all);
    sim_store_read_end(c->s->store);
    if (c->s->conf->cloud && jd_json_read(c->a, jd_buf_view(&all), &tree, &none) == JD_OK) {
        jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
        jd_jsonw_array(&w);
        for (jd_json_iter it = jd_json_walk(tree); jd_json_next(&it);)
            cloud_field(&w, it.value);
        jd_jsonw_end(&w);
    } else {
        jd_buf_adds(sim_reply_own(c->r), jd_buf_view(&all));
    }
    jd_buf_release(&all);
}

/* What took the place of the whole lists on Cloud. */
static void search(sim_call *c, sim_kind kind)
{
    enum { MOST = 50 };
    jd_buf all = JD_BUF_INIT(TEXT_MAX), said = all;
    sim_store_read_begin(c->s->store);
    sim_meta_write(sim_store_meta(c->s->store), kind, &all);
    sim_store_read_end(c->s->store);
    sim_side_say(c, &said, jd_buf_view(&all));
    sim_side_page(c, jd_buf_view(&said), MOST);
    jd_buf_release(&all);
    jd_buf_release(&said);
}

void sim_get_priority_search(sim_call *c, jd_str name)
{
    (void)name;
    search(c, SIM_PRIORITIES);
}

void sim_get_resolution_search(sim_call *c, jd_str name)
{
    (void)name;
    search(c, SIM_RESOLUTIONS);
}

/* -- projects ---------------------------------------------------------------------------------- */

static bool listed(const sim_call *c, const sim_project *p, bool archived)
{
    return !(p->veil >> c->viewer & 1) && archived == ((p->veil & SIM_ARCHIVED) != 0);
}

static bool among(sim_call *c, const char *param, jd_str value)
{
    bool any = false, hit = false;
    for (jd_httpd_params it = jd_httpd_walk(c->q->query); jd_httpd_next(&it, c->a);) {
        if (!jd_str_is(it.name, param))
            continue;
        any = true;
        hit |= jd_str_ieq(it.value, value);
    }
    return hit || !any;
}

/* Those that the caller sees, as an array; how many. */
static size_t projects(sim_call *c, jd_buf *out)
{
    const sim_project **all      = NULL;
    size_t              shown    = 0;
    bool                archived = jd_str_is(jd_httpd_param(c->q, c->a, "status"), "archived");
    sim_store_read_begin(c->s->store);
    size_t n = sim_store_projects(c->s->store, &all);
    jd_buf_addc(out, '[');
    for (size_t i = 0; i < n; i++) {
        jd_str id = jd_arena_fmt(c->a, "%llu", (unsigned long long)all[i]->id);
        if (!listed(c, all[i], archived) || !among(c, "keys", all[i]->key) || !among(c, "id", id))
            continue;
        if (shown++ > 0)
            jd_buf_addc(out, ',');
        jd_buf_adds(out, all[i]->json);
    }
    jd_buf_addc(out, ']');
    sim_store_read_end(c->s->store);
    free(all);
    return shown;
}

void sim_get_projects(sim_call *c, jd_str name)
{
    jd_buf all = JD_BUF_INIT(TEXT_MAX);
    (void)name;
    size_t n = projects(c, &all);
    sim_side_say(c, sim_reply_own(c->r), jd_buf_view(&all));
    sim_reply_rows(c->r, n);
    jd_buf_release(&all);
}

void sim_get_project_search(sim_call *c, jd_str name)
{
    enum { USUAL = 50, MOST = 100 };
    jd_buf all = JD_BUF_INIT(TEXT_MAX), said = all;
    (void)name;
    (void)projects(c, &all);
    sim_side_say(c, &said, jd_buf_view(&all));
    sim_side_page(c, jd_buf_view(&said),
                  jd_httpd_param(c->q, c->a, "maxResults").n > 0 ? MOST : USUAL);
    jd_buf_release(&all);
    jd_buf_release(&said);
}

static const sim_project *find_project(sim_call *c, jd_str name)
{
    const sim_project *p = sim_store_project_keyed(c->s->store, name);
    return p && p->veil >> c->viewer & 1 ? NULL : p;
}

static void no_project(sim_call *c, jd_str name)
{
    uint64_t id;
    sim_reply_error(c->r, 404,
                    jd_arena_fmt(c->a, "No project could be found with %s '%.*s'.",
                                 jd_str_u64(name, &id) ? "id" : "key", JD_FMT(name)));
}

void sim_get_project(sim_call *c, jd_str name)
{
    jd_buf versions = JD_BUF_INIT(TEXT_MAX), components = versions, types = versions,
           whole = versions;
    sim_store_read_begin(c->s->store);
    sim_meta          *m = sim_store_meta(c->s->store);
    const sim_project *p = find_project(c, name);
    if (p) {
        sim_meta_parts(m, SIM_VERSIONS, p->id, &versions);
        sim_meta_parts(m, SIM_COMPONENTS, p->id, &components);
        sim_meta_write(m, SIM_TYPES, &types);
        const sim_edit edit[] = {{"components", jd_buf_view(&components)},
                                 {"versions", jd_buf_view(&versions)},
                                 {"issueTypes", jd_buf_view(&types)}};
        sim_raw_edit(&whole, p->json, edit, sizeof edit / sizeof *edit);
        sim_side_say(c, sim_reply_own(c->r), jd_buf_view(&whole));
    } else {
        no_project(c, name);
    }
    sim_store_read_end(c->s->store);
    jd_buf_release(&versions);
    jd_buf_release(&components);
    jd_buf_release(&types);
    jd_buf_release(&whole);
}

static void parts(sim_call *c, jd_str name, sim_part kind)
{
    jd_buf all = JD_BUF_INIT(TEXT_MAX);
    sim_store_read_begin(c->s->store);
    const sim_project *p = find_project(c, name);
    if (p)
        sim_meta_parts(sim_store_meta(c->s->store), kind, p->id, &all);
    sim_store_read_end(c->s->store);
    if (p)
        sim_side_say(c, sim_reply_own(c->r), jd_buf_view(&all));
    else
        no_project(c, name);
    jd_buf_release(&all);
}

void sim_get_versions(sim_call *c, jd_str name)
{
    parts(c, name, SIM_VERSIONS);
}

void sim_get_components(sim_call *c, jd_str name)
{
    parts(c, name, SIM_COMPONENTS);
}

/* -- who, and what ----------------------------------------------------------------------------- */

static jd_str zone_name(const sim_zone *z)
{
    return z ? sim_zone_name(z) : JD_STR("Etc/UTC");
}

static void cloud_myself(sim_call *c, jd_str who)
{
    jd_str   id    = sim_side_account_id(c->a, who);
    bool     email = jd_str_find(who, '@') < who.n;
    jd_jsonw w     = jd_jsonw_to(sim_reply_own(c->r));
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "self",
                  jd_arena_fmt(c->a, "%.*s/rest/api/3/user?accountId=%.*s",
                               JD_FMT(c->s->conf->base_url), JD_FMT(id)));
    jd_jsonw_kstr(&w, "accountId", id);
    jd_jsonw_kstr(&w, "accountType", JD_STR("atlassian"));
    jd_jsonw_kstr(&w, "emailAddress",
                  email ? who : jd_arena_fmt(c->a, "%.*s@example.org", JD_FMT(who)));
    jd_jsonw_name(&w, "avatarUrls");
    jd_jsonw_raw(&w, JD_STR("{}"));
    jd_jsonw_kstr(&w, "displayName", jd_str_cut(who, 0, jd_str_find(who, '@')));
    jd_jsonw_kbool(&w, "active", true);
    jd_jsonw_kstr(&w, "timeZone", zone_name(sim_call_zone(c)));
    jd_jsonw_kstr(&w, "locale", JD_STR("en_US"));
    jd_jsonw_name(&w, "groups");
    jd_jsonw_raw(&w, JD_STR("{\"size\":1,\"items\":[]}"));
    jd_jsonw_name(&w, "applicationRoles");
    jd_jsonw_raw(&w, JD_STR("{\"size\":1,\"items\":[]}"));
    jd_jsonw_kstr(&w, "expand", JD_STR("groups,applicationRoles"));
    jd_jsonw_end(&w);
}

void sim_get_myself(sim_call *c, jd_str name)
{
    (void)name;
    if (sim_call_anonymous(c))
        return;
    jd_str who = c->who->name;
    if (c->s->conf->cloud) {
        cloud_myself(c, who);
        return;
    }
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "self",
                  jd_arena_fmt(c->a, "%.*s/rest/api/2/user?username=%.*s",
                               JD_FMT(c->s->conf->base_url), JD_FMT(who)));
    jd_jsonw_kstr(&w, "key", who);
    jd_jsonw_kstr(&w, "name", who);
    jd_jsonw_kstr(&w, "emailAddress", jd_arena_fmt(c->a, "%.*s@example.org", JD_FMT(who)));
    jd_jsonw_name(&w, "avatarUrls");
    jd_jsonw_object(&w);
    jd_jsonw_kstr(
        &w, "48x48",
        jd_arena_fmt(c->a, "%.*s/secure/useravatar?avatarId=10122", JD_FMT(c->s->conf->base_url)));
    jd_jsonw_end(&w);
    jd_jsonw_kstr(&w, "displayName", who);
    jd_jsonw_kbool(&w, "active", true);
    jd_jsonw_kbool(&w, "deleted", false);
    jd_jsonw_kstr(&w, "timeZone", zone_name(sim_call_zone(c)));
    jd_jsonw_kstr(&w, "locale", JD_STR("en_US"));
    jd_jsonw_name(&w, "groups");
    jd_jsonw_raw(&w, JD_STR("{\"size\":1,\"items\":[]}"));
    jd_jsonw_name(&w, "applicationRoles");
    jd_jsonw_raw(&w, JD_STR("{\"size\":1,\"items\":[]}"));
    jd_jsonw_kstr(&w, "expand", JD_STR("groups,applicationRoles"));
    jd_jsonw_end(&w);
}

void sim_get_server_info(sim_call *c, jd_str name)
{
    char now[SIM_DATE_LEN];
    (void)name;
    sim_date_put(now, sim_call_zone(c), sim_now(c->s));
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    jd_jsonw_object(&w);
    bool cloud = c->s->conf->cloud;
    jd_jsonw_kstr(&w, "baseUrl", c->s->conf->base_url);
    jd_jsonw_kstr(&w, "version", cloud ? JD_STR("1001.0.0-SNAPSHOT") : JD_STR("9.12.2"));
    jd_jsonw_name(&w, "versionNumbers");
    jd_jsonw_raw(&w, cloud ? JD_STR("[1001,0,0]") : JD_STR("[9,12,2]"));
    jd_jsonw_kstr(&w, "deploymentType", cloud ? JD_STR("Cloud") : JD_STR("Server"));
    jd_jsonw_kint(&w, "buildNumber", cloud ? 100297 : 9120002);
    jd_jsonw_kstr(&w, "buildDate", JD_STR("2024-01-08T00:00:00.000+0000"));
    if (cloud)
        jd_jsonw_kstr(&w, "serverTimeZone", zone_name(c->s->conf->zone));
    else
        jd_jsonw_kint(&w, "databaseBuildNumber", 9120002);
    jd_jsonw_kstr(&w, "serverTime", (jd_str){now, SIM_DATE_LEN});
    jd_jsonw_kstr(&w, "scmInfo", JD_STR("jirasim"));
    jd_jsonw_kstr(&w, "serverTitle", JD_STR("jirasim"));
    jd_jsonw_end(&w);
}

jd_str sim_side_account_id(jd_arena *a, jd_str name)
{
    char   id[SIM_ACCOUNT_ID];
    jd_str key, display;
    sim_user_named(name, &key, &display);
    return jd_arena_dup(a, sim_account_id(id, key));
}
