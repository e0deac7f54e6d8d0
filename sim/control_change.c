/* Control calls that change more than one touch does. */
#include "sim/change.h"
#include "sim/side.h"
#include "text/jsonw.h"

static void failed(sim_call *c, jd_code rc, const jd_err *e)
{
    int status = rc == JD_E_NOTFOUND ? 404 : rc == JD_E_USAGE || rc == JD_E_DATA ? 400 : 500;
    sim_reply_error(c->r, status, jd_str_of(e->msg));
}

static void answer(sim_call *c, jd_code rc, const sim_changed *k, const jd_err *e)
{
    char updated[SIM_DATE_LEN];
    if (rc != JD_OK) {
        failed(c, rc, e);
        return;
    }
    jd_jsonw w = jd_jsonw_to(sim_reply_own(c->r));
    sim_date_put(updated, NULL, k->updated_ms);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "key", k->key);
    jd_jsonw_kstr(&w, "id", jd_arena_fmt(c->a, "%llu", (unsigned long long)k->id));
    jd_jsonw_kstr(&w, "updated", (jd_str){updated, SIM_DATE_LEN});
    jd_jsonw_end(&w);
}

static jd_str text(const jd_json *body, const char *name)
{
    return jd_json_str(jd_json_get(body, name));
}

static uint64_t child(const jd_json *body)
{
    return jd_json_id(jd_json_get(body, "id"));
}

static void edit(sim_call *c, bool worklog)
{
    const jd_json *body;
    sim_changed    k = {0};
    jd_err         e = JD_ERR_NONE;
    if (!sim_call_body(c, &body))
        return;
    sim_child_edit how = {.worklog = worklog,
                          .quiet   = jd_json_bool(jd_json_get(body, "quiet")),
                          .child   = child(body),
                          .body    = text(body, "body"),
                          .seconds = -1};
    (void)jd_json_i64(jd_json_get(body, "seconds"), &how.seconds);
    answer(c, sim_change_child(c->s, c->a, text(body, "key"), &how, &k, &e), &k, &e);
}

void sim_post_edit_comment(sim_call *c, jd_str name)
{
    (void)name;
    edit(c, false);
}

void sim_post_edit_worklog(sim_call *c, jd_str name)
{
    (void)name;
    edit(c, true);
}

static void drop(sim_call *c, bool worklog)
{
    const jd_json *body;
    sim_changed    k = {0};
    jd_err         e = JD_ERR_NONE;
    if (sim_call_body(c, &body))
        answer(c,
               sim_change_drop(c->s, c->a, text(body, "key"), worklog, child(body),
                               jd_json_bool(jd_json_get(body, "quiet")), &k, &e),
               &k, &e);
}

void sim_post_delete_comment(sim_call *c, jd_str name)
{
    (void)name;
    drop(c, false);
}

void sim_post_delete_worklog(sim_call *c, jd_str name)
{
    (void)name;
    drop(c, true);
}

void sim_post_worklog(sim_call *c, jd_str name)
{
    enum { USUAL_S = 600 };
    const jd_json *body;
    int64_t        seconds = USUAL_S;
    sim_changed    k       = {0};
    jd_err         e       = JD_ERR_NONE;
    (void)name;
    if (!sim_call_body(c, &body))
        return;
    if (jd_json_i64(jd_json_get(body, "seconds"), &seconds) && seconds < 0)
        seconds = USUAL_S;
    answer(c, sim_change_worklog(c->s, c->a, text(body, "key"), (uint64_t)seconds, &k, &e), &k, &e);
}

void sim_post_set(sim_call *c, jd_str name)
{
    const jd_json *body;
    jd_buf         value = JD_BUF_INIT(SIM_ISSUE_MAX);
    sim_changed    k     = {0};
    jd_err         e     = JD_ERR_NONE;
    (void)name;
    if (!sim_call_body(c, &body))
        return;
    if (text(body, "field").n == 0 || !jd_json_get(body, "value")) {
        sim_reply_error(c->r, 400, JD_STR("Say {\"key\":KEY,\"field\":ID,\"value\":ANYTHING}."));
        return;
    }
    jd_json_write(&value, jd_json_get(body, "value"));
    answer(c,
           sim_change_field(c->s, c->a, text(body, "key"), text(body, "field"), jd_buf_view(&value),
                            &k, &e),
           &k, &e);
    jd_buf_release(&value);
}

/* The type decides what kind of field it is where "custom" does not say. */
static const char *custom_of(jd_str type)
{
    static const struct {
        const char *type, *custom;
    } known[] = {{"number", "float"},      {"option", "select"},
                 {"array", "labels"},      {"user", "userpicker"},
                 {"date", "datepicker"},   {"datetime", "datetime"},
                 {"version", "version"},   {"project", "project"},
                 {"group", "grouppicker"}, {"option-with-child", "cascadingselect"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (jd_str_is(type, known[i].type))
            return known[i].custom;
    return "textfield";
}

void sim_post_field(sim_call *c, jd_str name)
{
    static const jd_str head = JD_STR_INIT("customfield_");
    const jd_json      *body;
    uint64_t            number = 0;
    jd_buf              json   = JD_BUF_INIT(1 << 20);
    (void)name;
    if (!sim_call_body(c, &body))
        return;
    jd_str id = text(body, "id"), shown = text(body, "name"), type = text(body, "type");
    jd_str custom = text(body, "custom"), items = text(body, "items");
    if (jd_json_bool(jd_json_get(body, "gone"))) {
        sim_store_put_field(c->s->store, id, id, JD_NOSTR);
        jd_buf_addz(sim_reply_own(c->r), "{}");
        return;
    }
    if (!jd_str_starts(id, head) || !jd_str_u64(jd_str_cut(id, head.n, SIZE_MAX), &number) ||
        shown.n == 0 || type.n == 0) {
        sim_reply_error(c->r, 400,
                        JD_STR("Say {\"id\":\"customfield_1\",\"name\":NAME,\"type\":TYPE}."));
        return;
    }
    jd_jsonw w = jd_jsonw_to(&json);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "id", id);
    jd_jsonw_kstr(&w, "name", shown);
    jd_jsonw_kbool(&w, "custom", true);
    jd_jsonw_kbool(&w, "orderable", true);
    jd_jsonw_kbool(&w, "navigable", true);
    jd_jsonw_kbool(&w, "searchable", true);
    jd_jsonw_name(&w, "clauseNames");
    jd_jsonw_array(&w);
    jd_jsonw_str(&w, jd_arena_fmt(c->a, "cf[%llu]", (unsigned long long)number));
    jd_jsonw_str(&w, shown);
    jd_jsonw_end(&w);
    jd_jsonw_name(&w, "schema");
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "type", type);
    if (items.n > 0)
        jd_jsonw_kstr(&w, "items", items);
    jd_jsonw_kstr(&w, "custom",
                  custom.n > 0
                      ? custom
                      : jd_arena_fmt(c->a, "com.atlassian.jira.plugin.system.customfieldtypes:%s",
                                     custom_of(type)));
    jd_jsonw_kint(&w, "customId", (int64_t)number);
    jd_jsonw_end(&w);
    jd_jsonw_end(&w);
    sim_store_put_field(c->s->store, id, shown, jd_buf_view(&json));
    jd_buf_adds(sim_reply_own(c->r), jd_buf_view(&json));
    jd_buf_release(&json);
}

static void say_count(sim_call *c, uint64_t n)
{
    jd_buf_addf(sim_reply_own(c->r), "{\"count\":%llu}", (unsigned long long)n);
}

void sim_post_rename_project(sim_call *c, jd_str name)
{
    const jd_json *body;
    uint64_t       n = 0;
    jd_err         e = JD_ERR_NONE;
    (void)name;
    if (!sim_call_body(c, &body))
        return;
    jd_code rc = sim_change_rename_project(c->s, c->a, text(body, "project"), text(body, "key"),
                                           jd_json_bool(jd_json_get(body, "forget")), &n, &e);
    if (rc == JD_OK)
        say_count(c, n);
    else
        failed(c, rc, &e);
}

/* The first `count` issues of a project by their creation; how many there are. */
static size_t some(sim_call *c, jd_str project, uint64_t count, uint64_t **ids)
{
    size_t n = 0;
    sim_store_read_begin(c->s->store);
    const sim_project *p = sim_store_project_named(c->s->store, project);
    *ids                 = JD_NEW_ARRAY(c->a, uint64_t, (p ? p->by[0].n : 0) + 1);
    for (; p && n < p->by[0].n && n < count; n++)
        (*ids)[n] = p->by[0].v[n].text->issue.id;
    sim_store_read_end(c->s->store);
    return n;
}

/* Many at one moment, or spread evenly over some time from it. */
void sim_post_bulk(sim_call *c, jd_str name)
{
    const jd_json *body;
    int64_t        count = INT64_MAX, at = sim_now(c->s), spread = 0;
    uint64_t      *ids, done = 0;
    jd_err         e  = JD_ERR_NONE;
    jd_code        rc = JD_OK;
    (void)name;
    if (!sim_call_body(c, &body))
        return;
    (void)jd_json_i64(jd_json_get(body, "count"), &count);
    (void)jd_json_i64(jd_json_get(body, "at"), &at);
    (void)jd_json_i64(jd_json_get(body, "spread_ms"), &spread);
    size_t    n    = some(c, text(body, "project"), count > 0 ? (uint64_t)count : 0, &ids);
    jd_arena *each = jd_arena_new(0);
    for (size_t i = 0; rc == JD_OK && i < n; i++, done++) {
        sim_changed k;
        jd_str      id = jd_arena_fmt(each, "%llu", (unsigned long long)ids[i]);
        rc = sim_change_touch_at(c->s, each, id, at + spread * (int64_t)i / (int64_t)n, &k, &e);
        jd_arena_reset(each);
    }
    jd_arena_free(each);
    if (rc != JD_OK)
        failed(c, rc, &e);
    else if (n == 0)
        sim_reply_error(c->r, 404, JD_STR("no issue of such a project"));
    else
        say_count(c, done);
}
