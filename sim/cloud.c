#include "sim/cloud.h"

#include "sim/adf.h"
#include "sim/meta.h"
#include "sim/raw.h"
#include "sim/words.h"
#include "sim/zone.h"

#include <stdlib.h>

enum { DEPTH_MAX = 16 };

/* -- links ------------------------------------------------------------------------------------- */

/* The same address in the third version of the API. */
static void link_value(jd_jsonw *w, jd_str url)
{
    static const jd_str old = JD_STR_INIT("/rest/api/2/");
    size_t              at  = jd_str_search(url, old);
    if (at == url.n) {
        jd_jsonw_str(w, url);
        return;
    }
    jd_jsonw_open_str(w);
    jd_jsonw_more_str(w, jd_str_cut(url, 0, at));
    jd_jsonw_more_str(w, JD_STR("/rest/api/3/"));
    jd_jsonw_more_str(w, jd_str_cut(url, at + old.n, SIZE_MAX));
    jd_jsonw_close_str(w);
}

static void joined(jd_jsonw *w, const char *name, jd_str a, jd_str b, jd_str c)
{
    jd_jsonw_name(w, name);
    jd_jsonw_open_str(w);
    jd_jsonw_more_str(w, a);
    jd_jsonw_more_str(w, b);
    jd_jsonw_more_str(w, c);
    jd_jsonw_close_str(w);
}

/* -- users ------------------------------------------------------------------------------------- */

static bool is_user(const jd_json *v)
{
    return jd_json_get(v, "displayName") && !jd_json_get(v, "accountId") &&
           (jd_json_get(v, "name") || jd_json_get(v, "key"));
}

static bool is_bot(jd_str login)
{
    for (size_t i = SIM_PEOPLE; i < SIM_PEOPLE + SIM_BOTS; i++)
        if (jd_str_eq(sim_people[i].login, login))
            return true;
    return false;
}

static void user(jd_jsonw *w, const sim_cloud *c, const jd_json *v)
{
    char   id[SIM_ACCOUNT_ID];
    jd_str name = jd_json_str(jd_json_get(v, "name")), key = jd_json_str(jd_json_get(v, "key"));
    jd_str account = sim_account_id(id, key.n > 0 ? key : name);
    jd_jsonw_object(w);
    joined(w, "self", c->base_url, JD_STR("/rest/api/3/user?accountId="), account);
    jd_jsonw_kstr(w, "accountId", account);
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);) {
        if (jd_str_is(it.name, "self") || jd_str_is(it.name, "name") || jd_str_is(it.name, "key") ||
            jd_str_is(it.name, "emailAddress"))
            continue;
        jd_jsonw_names(w, it.name);
        jd_jsonw_value(w, it.value);
    }
    jd_jsonw_kstr(w, "accountType", is_bot(name) ? JD_STR("app") : JD_STR("atlassian"));
    jd_jsonw_end(w);
}

/* -- any value --------------------------------------------------------------------------------- */

static void value(jd_jsonw *w, const sim_cloud *c, const jd_json *v, int depth);

static void members(jd_jsonw *w, const sim_cloud *c, const jd_json *v, int depth)
{
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);) {
        jd_jsonw_names(w, it.name);
        if (jd_str_is(it.name, "self") && jd_json_is_str(it.value))
            link_value(w, jd_json_str(it.value));
        else
            value(w, c, it.value, depth);
    }
}

static void value(jd_jsonw *w, const sim_cloud *c, const jd_json *v, int depth)
{
    jd_json_type kind = jd_json_kind(v);
    if (depth >= DEPTH_MAX || (kind != JD_JSON_OBJECT && kind != JD_JSON_ARRAY)) {
        if (v)
            jd_jsonw_value(w, v);
        else
            jd_jsonw_null(w);
    } else if (kind == JD_JSON_ARRAY) {
        jd_jsonw_array(w);
        for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);)
            value(w, c, it.value, depth + 1);
        jd_jsonw_end(w);
    } else if (is_user(v)) {
        user(w, c, v);
    } else {
        const jd_json *subtask = jd_json_get(v, "subtask");
        jd_jsonw_object(w);
        members(w, c, v, depth + 1);
        if (subtask && !jd_json_get(v, "hierarchyLevel")) /* it is an issue type */
            jd_jsonw_kint(w, "hierarchyLevel", jd_json_bool(subtask) ? -1 : 0);
        jd_jsonw_end(w);
    }
}

void sim_cloud_value(jd_jsonw *w, const sim_cloud *c, const jd_json *v)
{
    value(w, c, v, 0);
}

static void rich(jd_jsonw *w, const jd_json *v)
{
    if (jd_json_is_str(v))
        sim_adf_write(w, jd_json_str(v));
    else if (v)
        jd_jsonw_value(w, v);
    else
        jd_jsonw_null(w);
}

/* -- sprints, epics ---------------------------------------------------------------------------- */

jd_str sim_sprint_member(jd_str sprint, const char *name)
{
    static const char *const keys[] = {"id",        "rapidViewId", "state",        "name",
                                       "startDate", "endDate",     "completeDate", "activatedDate",
                                       "sequence",  "goal",        "autoStartStop"};
    size_t                   open = jd_str_find(sprint, '['), end = sprint.n;
    while (end > 0 && sprint.p[end - 1] != ']')
        end--;
    if (open >= sprint.n || end <= open + 1)
        return JD_NOSTR;
    jd_str all = jd_str_cut(sprint, open + 1, end - open - 2), found = JD_NOSTR;
    size_t from = 0;
    bool   mine = false;
    for (size_t at = 0; at <= all.n; at++) {
        bool stop = at == all.n, key = false;
        if (!stop && (at == 0 || all.p[at] == ',')) {
            jd_str rest = jd_str_cut(all, at + (at > 0), SIZE_MAX);
            size_t eq   = jd_str_find(rest, '=');
            for (size_t i = 0; eq < rest.n && i < sizeof keys / sizeof *keys; i++)
                key |= jd_str_is(jd_str_cut(rest, 0, eq), keys[i]);
            if (key && mine)
                stop = true;
            if (key && !stop) {
                mine = jd_str_is(jd_str_cut(rest, 0, eq), name);
                from = at + (at > 0) + eq + 1;
            }
        }
        if (stop && mine) {
            found = jd_str_cut(all, from, at - from);
            break;
        }
    }
    return jd_str_is(found, "<null>") ? JD_NOSTR : found;
}

static void sprint_date(jd_jsonw *w, const char *name, jd_str text)
{
    char    out[SIM_DATE_LEN];
    int64_t ms = 0;
    if (!text.p || !sim_date_read(text, &ms))
        return;
    sim_date_put(out, NULL, ms); /* 2024-01-08T08:00:00.000+0000 becomes …000Z */
    joined(w, name, (jd_str){out, SIM_DATE_LEN - 5}, JD_STR("Z"), JD_NOSTR);
}

static void sprint(jd_jsonw *w, jd_str text)
{
    uint64_t id    = sim_raw_u64(sim_sprint_member(text, "id"));
    jd_str   state = sim_sprint_member(text, "state"), goal = sim_sprint_member(text, "goal");
    jd_jsonw_object(w);
    jd_jsonw_kint(w, "id", (int64_t)id);
    jd_jsonw_kstr(w, "name", sim_sprint_member(text, "name"));
    jd_jsonw_kstr(w, "state",
                  jd_str_is(state, "ACTIVE")   ? JD_STR("active")
                  : jd_str_is(state, "FUTURE") ? JD_STR("future")
                                               : JD_STR("closed"));
    jd_jsonw_kint(w, "boardId", (int64_t)sim_raw_u64(sim_sprint_member(text, "rapidViewId")));
    jd_jsonw_kstr(w, "goal", goal);
    sprint_date(w, "startDate", sim_sprint_member(text, "startDate"));
    sprint_date(w, "endDate", sim_sprint_member(text, "endDate"));
    sprint_date(w, "completeDate", sim_sprint_member(text, "completeDate"));
    jd_jsonw_end(w);
}

static bool is_sprint(const jd_json *v)
{
    return jd_json_is_str(v) &&
           jd_str_starts(jd_json_str(v),
                         JD_STR("com.atlassian.greenhopper.service.sprint.Sprint@"));
}

static void sprints(jd_jsonw *w, const jd_json *list)
{
    jd_jsonw_array(w);
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);)
        if (is_sprint(it.value))
            sprint(w, jd_json_str(it.value));
        else
            jd_jsonw_value(w, it.value);
    jd_jsonw_end(w);
}

static void raw_member(jd_jsonw *w, const char *name, jd_str json)
{
    if (!json.p)
        return;
    jd_jsonw_name(w, name);
    jd_jsonw_raw(w, json);
}

/* The epic as the issue's parent; false when it is not here, or the issue itself. */
static bool parent_of_epic(jd_jsonw *w, const sim_cloud *c, jd_str epic, jd_str own_key)
{
    const sim_text *t = c->store ? sim_store_peek(c->store, epic) : NULL;
    if (!t || jd_str_eq(t->issue.key, own_key))
        return false;
    jd_str fields = sim_raw_get(t->served, "fields");
    jd_jsonw_name(w, "parent");
    jd_jsonw_object(w);
    raw_member(w, "id", sim_raw_get(t->served, "id"));
    raw_member(w, "key", sim_raw_get(t->served, "key"));
    raw_member(w, "self", sim_raw_get(t->served, "self"));
    jd_jsonw_name(w, "fields");
    jd_jsonw_object(w);
    raw_member(w, "summary", sim_raw_get(fields, "summary"));
    raw_member(w, "status", sim_raw_get(fields, "status"));
    raw_member(w, "priority", sim_raw_get(fields, "priority"));
    raw_member(w, "issuetype", sim_raw_get(fields, "issuetype"));
    jd_jsonw_end(w);
    jd_jsonw_end(w);
    return true;
}

/* -- children ---------------------------------------------------------------------------------- */

void sim_cloud_comment(jd_jsonw *w, const sim_cloud *c, const jd_json *comment)
{
    jd_jsonw_object(w);
    for (jd_json_iter it = jd_json_walk(comment); jd_json_next(&it);) {
        jd_jsonw_names(w, it.name);
        if (jd_str_is(it.name, "body")) {
            rich(w, it.value);
        } else if (jd_str_is(it.name, "self") && jd_json_is_str(it.value)) {
            link_value(w, jd_json_str(it.value));
        } else if (jd_str_is(it.name, "visibility")) {
            jd_jsonw_object(w);
            members(w, c, it.value, 0);
            jd_jsonw_kstr(w, "identifier", JD_STR("10002"));
            jd_jsonw_end(w);
        } else {
            value(w, c, it.value, 0);
        }
    }
    jd_jsonw_kbool(w, "jsdPublic", true);
    jd_jsonw_end(w);
}

void sim_cloud_worklog(jd_jsonw *w, const sim_cloud *c, const jd_json *worklog)
{
    jd_jsonw_object(w);
    for (jd_json_iter it = jd_json_walk(worklog); jd_json_next(&it);) {
        jd_jsonw_names(w, it.name);
        if (jd_str_is(it.name, "comment"))
            rich(w, it.value);
        else if (jd_str_is(it.name, "self") && jd_json_is_str(it.value))
            link_value(w, jd_json_str(it.value));
        else
            value(w, c, it.value, 0);
    }
    jd_jsonw_end(w);
}

/* A list of children, its first `keep`. */
static void child_list(jd_jsonw *w, const sim_cloud *c, const jd_json *list, const char *items,
                       size_t keep, size_t page,
                       void (*one)(jd_jsonw *, const sim_cloud *, const jd_json *))
{
    const jd_json *array = jd_json_get(list, items);
    size_t         n = jd_json_len(array), done = 0;
    int64_t        total = 0;
    if (!jd_json_i64(jd_json_get(list, "total"), &total) || total < (int64_t)n)
        total = (int64_t)n;
    if (keep > n)
        keep = n;
    jd_jsonw_object(w);
    jd_jsonw_kint(w, "startAt", 0);
    jd_jsonw_kint(w, "maxResults", (int64_t)(page > keep ? page : keep));
    jd_jsonw_kint(w, "total", total);
    jd_jsonw_name(w, items);
    jd_jsonw_array(w);
    for (jd_json_iter it = jd_json_walk(array); done < keep && jd_json_next(&it); done++)
        one(w, c, it.value);
    jd_jsonw_end(w);
    jd_jsonw_end(w);
}

/* -- histories --------------------------------------------------------------------------------- */

jd_str sim_cloud_field_id(const sim_cloud *c, jd_str name)
{
    static const struct {
        const char *name, *id;
    } known[] = {{"status", "status"},
                 {"resolution", "resolution"},
                 {"assignee", "assignee"},
                 {"reporter", "reporter"},
                 {"priority", "priority"},
                 {"issuetype", "issuetype"},
                 {"project", "project"},
                 {"summary", "summary"},
                 {"description", "description"},
                 {"environment", "environment"},
                 {"labels", "labels"},
                 {"duedate", "duedate"},
                 {"Fix Version", "fixVersions"},
                 {"Version", "versions"},
                 {"Component", "components"},
                 {"Link", "issuelinks"},
                 {"Attachment", "attachment"},
                 {"Comment", "comment"},
                 {"timespent", "timespent"},
                 {"timeestimate", "timeestimate"},
                 {"timeoriginalestimate", "timeoriginalestimate"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (jd_str_is(name, known[i].name))
            return jd_str_of(known[i].id);
    return c->meta ? sim_meta_field_named(c->meta, name) : JD_NOSTR;
}

static bool listed(const jd_str *list, size_t n, jd_str s)
{
    for (size_t i = 0; i < n; i++)
        if (jd_str_eq(list[i], s))
            return true;
    return false;
}

static void item(jd_jsonw *w, const sim_cloud *c, const jd_json *v)
{
    jd_str field = jd_json_str(jd_json_get(v, "field")), id = sim_cloud_field_id(c, field);
    bool   person = jd_str_is(field, "assignee") || jd_str_is(field, "reporter");
    char   account[SIM_ACCOUNT_ID];
    jd_jsonw_object(w);
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);) {
        bool side = jd_str_is(it.name, "from") || jd_str_is(it.name, "to");
        jd_jsonw_names(w, it.name);
        if (person && side && jd_json_is_str(it.value))
            jd_jsonw_str(w, sim_account_id(account, jd_json_str(it.value)));
        else
            jd_jsonw_value(w, it.value);
        if (id.p && jd_str_is(it.name, "fieldtype"))
            jd_jsonw_kstr(w, "fieldId", id);
    }
    for (int i = 0; person && i < 2; i++) {
        jd_str key = jd_json_str(jd_json_get(v, i == 0 ? "from" : "to"));
        jd_jsonw_name(w, i == 0 ? "tmpFromAccountId" : "tmpToAccountId");
        if (key.n > 0)
            jd_jsonw_str(w, sim_account_id(account, key));
        else
            jd_jsonw_null(w);
    }
    jd_jsonw_end(w);
}

void sim_cloud_history(jd_jsonw *w, const sim_cloud *c, const jd_json *history, bool numeric,
                       const jd_str *field, size_t nfield)
{
    int64_t ms = 0;
    jd_jsonw_object(w);
    for (jd_json_iter it = jd_json_walk(history); jd_json_next(&it);) {
        jd_jsonw_names(w, it.name);
        if (numeric && jd_str_is(it.name, "created") && sim_date_read(jd_json_str(it.value), &ms)) {
            jd_jsonw_int(w, ms);
        } else if (jd_str_is(it.name, "items")) {
            jd_jsonw_array(w);
            for (jd_json_iter i = jd_json_walk(it.value); jd_json_next(&i);)
                if (nfield == 0 ||
                    listed(field, nfield,
                           sim_cloud_field_id(c, jd_json_str(jd_json_get(i.value, "field")))))
                    item(w, c, i.value);
            jd_jsonw_end(w);
        } else {
            value(w, c, it.value, 0);
        }
    }
    jd_jsonw_end(w);
}

static void changelog(jd_jsonw *w, const sim_cloud *c, const jd_json *v, size_t keep)
{
    const jd_json *array = jd_json_get(v, "histories");
    size_t         n = jd_json_len(array), i = 0;
    int64_t        total = 0;
    bool           whole = keep == SIZE_MAX;
    if (!jd_json_i64(jd_json_get(v, "total"), &total) || total < (int64_t)n)
        total = (int64_t)n;
    const jd_json **at = jd_xcalloc(n + 1, sizeof *at);
    for (jd_json_iter it = jd_json_walk(array); i < n && jd_json_next(&it);)
        at[i++] = it.value;
    if (keep > n)
        keep = n;
    jd_jsonw_object(w);
    jd_jsonw_kint(w, "startAt", 0);
    jd_jsonw_kint(w, "maxResults", (int64_t)keep);
    jd_jsonw_kint(w, "total", total);
    jd_jsonw_name(w, "histories");
    jd_jsonw_array(w);
    for (i = 0; i < keep; i++)
        sim_cloud_history(w, c, at[whole ? i : n - 1 - i], false, NULL, 0);
    jd_jsonw_end(w);
    jd_jsonw_end(w);
    free(at);
}

/* -- the issue --------------------------------------------------------------------------------- */

static void attachments(jd_jsonw *w, const sim_cloud *c, const jd_json *list)
{
    jd_jsonw_array(w);
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);) {
        jd_str id = jd_json_str(jd_json_get(it.value, "id"));
        jd_jsonw_object(w);
        for (jd_json_iter m = jd_json_walk(it.value); jd_json_next(&m);) {
            if (jd_str_is(m.name, "content")) {
                joined(w, "content", c->base_url, JD_STR("/rest/api/3/attachment/content/"), id);
                continue;
            }
            jd_jsonw_names(w, m.name);
            if (jd_str_is(m.name, "self") && jd_json_is_str(m.value))
                link_value(w, jd_json_str(m.value));
            else
                value(w, c, m.value, 0);
        }
        jd_jsonw_end(w);
    }
    jd_jsonw_end(w);
}

static jd_str custom_type(const sim_cloud *c, const jd_json_iter *it)
{
    return c->meta && jd_json_is_str(it->value) && jd_str_starts(it->name, JD_STR("customfield_"))
               ? sim_meta_custom_type(c->meta, it->name)
               : JD_NOSTR;
}

typedef struct issue {
    const jd_json *root, *fields;
    jd_str         key, epic;
} issue;

static void field(jd_jsonw *w, const sim_cloud *c, const jd_json_iter *it, const sim_cuts *cuts,
                  issue *i)
{
    enum { WORKLOGS = 20 };
    if (jd_str_is(it->name, "archiveddate") || jd_str_is(it->name, "archivedby"))
        return;
    jd_str custom = custom_type(c, it);
    jd_jsonw_names(w, it->name);
    if (jd_str_is(it->name, "description") || jd_str_is(it->name, "environment") ||
        jd_str_ends(custom, JD_STR(":textarea"))) {
        rich(w, it->value);
    } else if (jd_str_is(it->name, "comment")) {
        child_list(w, c, it->value, "comments", cuts->comments, 0, sim_cloud_comment);
    } else if (jd_str_is(it->name, "worklog")) {
        child_list(w, c, it->value, "worklogs", cuts->worklogs, WORKLOGS, sim_cloud_worklog);
    } else if (jd_str_is(it->name, "attachment")) {
        attachments(w, c, it->value);
    } else if (jd_str_is(it->name, "project") && jd_json_kind(it->value) == JD_JSON_OBJECT) {
        jd_jsonw_object(w);
        members(w, c, it->value, 0);
        jd_jsonw_kbool(w, "simplified", false);
        jd_jsonw_end(w);
    } else if (jd_str_ends(custom, JD_STR(":gh-epic-link"))) {
        i->epic = jd_json_str(it->value);
        jd_jsonw_null(w);
    } else if (is_sprint(jd_json_at(it->value, 0))) {
        sprints(w, it->value);
    } else {
        value(w, c, it->value, 0);
    }
}

/* The last time that the status changed. */
static jd_str status_changed(const issue *i)
{
    jd_str when = jd_json_str(jd_json_get(i->fields, "created"));
    for (jd_json_iter h = jd_json_walk(jd_json_path(i->root, "changelog.histories"));
         jd_json_next(&h);)
        for (jd_json_iter it = jd_json_walk(jd_json_get(h.value, "items")); jd_json_next(&it);)
            if (jd_str_is(jd_json_str(jd_json_get(it.value, "field")), "status"))
                when = jd_json_str(jd_json_get(h.value, "created"));
    return when;
}

static void fields(jd_jsonw *w, const sim_cloud *c, issue *i, const sim_cuts *cuts)
{
    const jd_json *category = jd_json_path(i->fields, "status.statusCategory");
    jd_jsonw_object(w);
    for (jd_json_iter it = jd_json_walk(i->fields); jd_json_next(&it);)
        field(w, c, &it, cuts, i);
    if (i->epic.n > 0 && !jd_json_get(i->fields, "parent"))
        (void)parent_of_epic(w, c, i->epic, i->key);
    jd_jsonw_kstr(w, "statuscategorychangedate", status_changed(i));
    if (category) {
        jd_jsonw_name(w, "statusCategory");
        value(w, c, category, 0);
    }
    jd_jsonw_name(w, "issuerestriction");
    jd_jsonw_raw(w, JD_STR("{\"issuerestrictions\":{},\"shouldDisplay\":false}"));
    jd_jsonw_end(w);
}

void sim_cloud_issue(jd_jsonw *w, const sim_cloud *c, const jd_json *root, const sim_cuts *cuts)
{
    issue i = {.root   = root,
               .fields = jd_json_get(root, "fields"),
               .key    = jd_json_str(jd_json_get(root, "key"))};
    jd_jsonw_object(w);
    for (jd_json_iter it = jd_json_walk(root); jd_json_next(&it);) {
        jd_jsonw_names(w, it.name);
        if (jd_str_is(it.name, "self") && jd_json_is_str(it.value))
            link_value(w, jd_json_str(it.value));
        else if (jd_str_is(it.name, "fields") && jd_json_kind(it.value) == JD_JSON_OBJECT)
            fields(w, c, &i, cuts);
        else if (jd_str_is(it.name, "changelog"))
            changelog(w, c, it.value, cuts->histories);
        else
            value(w, c, it.value, 0);
    }
    if (!jd_json_get(root, "changelog")) {
        jd_jsonw_name(w, "changelog");
        changelog(w, c, NULL, 0);
    }
    jd_jsonw_end(w);
}
