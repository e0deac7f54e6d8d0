#include "sim/meta.h"
#include "sim/serve.h"
#include "text/jsonw.h"

#include <stdlib.h>

static void list(sim_call *c, sim_kind kind)
{
    sim_store_read_begin(c->s->store);
    sim_meta_write(sim_store_meta(c->s->store), kind, sim_reply_own(c->r));
    sim_store_read_end(c->s->store);
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

void sim_get_fields(sim_call *c, jd_str name)
{
    (void)name;
    sim_store_read_begin(c->s->store);
    sim_meta_fields(sim_store_meta(c->s->store), sim_reply_own(c->r));
    sim_store_read_end(c->s->store);
}

void sim_get_projects(sim_call *c, jd_str name)
{
    (void)name;
    jd_buf             *out = sim_reply_own(c->r);
    const sim_project **all = NULL;
    sim_store_read_begin(c->s->store);
    size_t n = sim_store_projects(c->s->store, &all);
    jd_buf_addc(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            jd_buf_addc(out, ',');
        jd_buf_adds(out, all[i]->json);
    }
    jd_buf_addc(out, ']');
    sim_store_read_end(c->s->store);
    sim_reply_rows(c->r, n);
    free(all);
}

void sim_get_project(sim_call *c, jd_str name)
{
    uint64_t id;
    bool     by_id = jd_str_u64(name, &id);
    sim_store_read_begin(c->s->store);
    const sim_project *p = sim_store_project_named(c->s->store, name);
    if (p && (by_id || jd_str_ieq(p->key, name)))
        jd_buf_adds(sim_reply_own(c->r), p->json);
    else
        sim_reply_error(c->r, 404,
                        jd_arena_fmt(c->a, "No project could be found with %s '%.*s'.",
                                     by_id ? "id" : "key", JD_FMT(name)));
    sim_store_read_end(c->s->store);
}

static jd_str zone_name(const sim_zone *z)
{
    return z ? sim_zone_name(z) : JD_STR("Etc/UTC");
}

void sim_get_myself(sim_call *c, jd_str name)
{
    (void)name;
    if (!c->who) {
        sim_reply_plumbing(c->r, 401,
                           JD_STR("Client must be authenticated to access this resource."));
        return;
    }
    jd_str   who = c->who->name;
    jd_jsonw w   = jd_jsonw_to(sim_reply_own(c->r));
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
    jd_jsonw_kstr(&w, "baseUrl", c->s->conf->base_url);
    jd_jsonw_kstr(&w, "version", JD_STR("9.12.2"));
    jd_jsonw_name(&w, "versionNumbers");
    jd_jsonw_raw(&w, JD_STR("[9,12,2]"));
    jd_jsonw_kstr(&w, "deploymentType", JD_STR("Server"));
    jd_jsonw_kint(&w, "buildNumber", 9120002);
    jd_jsonw_kstr(&w, "buildDate", JD_STR("2024-01-08T00:00:00.000+0000"));
    jd_jsonw_kint(&w, "databaseBuildNumber", 9120002);
    jd_jsonw_kstr(&w, "serverTime", (jd_str){now, SIM_DATE_LEN});
    jd_jsonw_kstr(&w, "scmInfo", JD_STR("jirasim"));
    jd_jsonw_kstr(&w, "serverTitle", JD_STR("jirasim"));
    jd_jsonw_end(&w);
}
