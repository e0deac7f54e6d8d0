#include "sim/serve.h"

#include "base/clock.h"
#include "sim/auth.h"
#include "sim/feed.h"
#include "sim/hook.h"
#include "sim/limit.h"
#include "sim/oauth.h"
#include "sim/side.h"

#include <stdio.h>

int64_t sim_now(const sim_server *s)
{
    return s->clock_stands ? (int64_t)atomic_load(&s->clock_ms) : jd_now_ms(&jd_clock_system);
}

const sim_zone *sim_call_zone(const sim_call *c)
{
    return c->who ? c->who->zone : c->s->conf->zone;
}

bool sim_call_wants_json(const sim_call *c)
{
    jd_str accept = jd_httpd_header(c->q, "Accept");
    return jd_str_search(accept, JD_STR("application/json")) < accept.n;
}

void sim_call_shows(sim_call *c, sim_text *const *text, size_t n)
{
    c->shown  = JD_NEW_ARRAY(c->a, uint64_t, n + 1);
    c->nshown = n;
    for (size_t i = 0; i < n; i++)
        c->shown[i] = text[i]->issue.id;
}

void sim_call_head(sim_call *c, const char *name, const char *value)
{
    if (c->nextra < SIM_EXTRA_HEADS)
        c->extra[c->nextra++] = (struct jd_httpd_head){name, value};
}

bool sim_call_body(sim_call *c, const jd_json **body)
{
    jd_err e    = JD_ERR_NONE;
    jd_str text = jd_str_trim(c->q->body);
    if (text.n == 0)
        text = JD_STR("{}");
    if (jd_json_read(c->a, text, body, &e) == JD_OK && jd_json_kind(*body) == JD_JSON_OBJECT)
        return true;
    sim_reply_error(c->r, 400, JD_STR("The request's body is not a JSON object."));
    return false;
}

int64_t sim_call_number(sim_call *c, const char *name, int64_t otherwise)
{
    int64_t v    = otherwise;
    jd_str  text = jd_httpd_param(c->q, c->a, name);
    return text.n > 0 && jd_str_i64(text, &v) && v >= 0 ? v : otherwise;
}

static bool is_there(sim_call *c, jd_str name)
{
    sim_text *t = sim_store_get(c->s->store, name);
    sim_text_drop(t);
    return t != NULL;
}

sim_text *sim_call_issue(sim_call *c, jd_str name)
{
    sim_text *t = sim_store_get_for(c->s->store, name, c->viewer);
    if (!t && sim_tuned(&c->s->tuning, SIM_HIDDEN) == 0 && is_there(c, name))
        sim_reply_error(c->r, c->who ? 403 : 401,
                        JD_STR("You do not have the permission to see the specified issue."));
    else if (!t)
        sim_reply_error(c->r, 404,
                        JD_STR("Issue does not exist or you do not have permission to see it."));
    else if (c->watched)
        sim_call_shows(c, &t, 1);
    return t;
}

static const jd_str MUST_SIGN_IN =
    JD_STR_INIT("Client must be authenticated to access this resource.");

bool sim_call_anonymous(sim_call *c)
{
    if (!c->who)
        sim_reply_plumbing(c->r, 401, MUST_SIGN_IN);
    return !c->who;
}

void sim_call_say(sim_call *c, jd_buf *body)
{
    if (sim_call_zone(c))
        sim_select_turn(sim_reply_own(c->r), sim_call_zone(c), jd_buf_view(body));
    else
        jd_buf_adds(sim_reply_own(c->r), jd_buf_view(body));
    if (!jd_buf_ok(body))
        sim_reply_error(c->r, 500, JD_STR("The answer is too long."));
    jd_buf_release(body);
}

/* -- what a server has ------------------------------------------------------------------------- */

void sim_server_furnish(sim_server *s)
{
    sim_tune_usual(&s->tuning);
    s->tokens = sim_tokens_new(s->conf->seed);
    s->auth   = sim_auth_new(s->conf);
    s->oauth  = sim_oauth_new(s->conf->seed);
    s->limit  = sim_limit_new();
    s->feed   = sim_feed_new();
    s->hooks  = sim_hooks_new(s);
}

void sim_server_strip(sim_server *s)
{
    sim_hooks_free(s->hooks);
    sim_tokens_free(s->tokens);
    sim_auth_free(s->auth);
    sim_oauth_free(s->oauth);
    sim_limit_free(s->limit);
    sim_feed_free(s->feed);
}

/* -- routes ------------------------------------------------------------------------------------ */

typedef struct route {
    const char *method, *path; /* one '*' stands for one free segment */
    void (*run)(sim_call *c, jd_str name);
    bool     open; /* answers even where anonymous callers get nothing, and has no rate limit */
    sim_lane lane; /* none for control calls */
} route;

static const route REST[] = {
    {"GET", "search", sim_get_search, false, SIM_LANE_SEARCH},
    {"POST", "search", sim_post_search, false, SIM_LANE_SEARCH},
    {"GET", "issue/*", sim_get_issue, false, SIM_LANE_ISSUE},
    {"GET", "issue/*/comment", sim_get_comments, false, SIM_LANE_COMMENT},
    {"POST", "issue/*/comment", sim_write_comment, false, SIM_LANE_WRITE},
    {"PUT", "issue/*", sim_write_fields, false, SIM_LANE_WRITE},
    {"GET", "issue/*/transitions", sim_get_transitions, false, SIM_LANE_OTHER},
    {"POST", "issue/*/transitions", sim_write_transition, false, SIM_LANE_WRITE},
    {"GET", "issue/*/worklog", sim_get_worklogs, false, SIM_LANE_WORKLOG},
    {"GET", "worklog/updated", sim_get_worklogs_updated, false, SIM_LANE_WORKLOG},
    {"GET", "worklog/deleted", sim_get_worklogs_deleted, false, SIM_LANE_WORKLOG},
    {"POST", "worklog/list", sim_post_worklog_list, false, SIM_LANE_WORKLOG},
    {"GET", "myself", sim_get_myself, false, SIM_LANE_OTHER},
    {"GET", "serverInfo", sim_get_server_info, true, SIM_LANE_OTHER},
    {"GET", "project", sim_get_projects, false, SIM_LANE_OTHER},
    {"GET", "project/*", sim_get_project, false, SIM_LANE_OTHER},
    {"GET", "field", sim_get_fields, false, SIM_LANE_OTHER},
    {"GET", "status", sim_get_statuses, false, SIM_LANE_OTHER},
    {"GET", "priority", sim_get_priorities, false, SIM_LANE_OTHER},
    {"GET", "resolution", sim_get_resolutions, false, SIM_LANE_OTHER},
    {"GET", "issuetype", sim_get_types, false, SIM_LANE_OTHER},
    {"GET", "issueLinkType", sim_get_link_types, false, SIM_LANE_OTHER},
    {"GET", "issue/*/remotelink", sim_get_remote_links, false, SIM_LANE_OTHER},
    {"GET", "issue/*/watchers", sim_get_watchers, false, SIM_LANE_OTHER},
    {"GET", "issue/*/votes", sim_get_votes, false, SIM_LANE_OTHER},
    {"GET", "project/*/versions", sim_get_versions, false, SIM_LANE_OTHER},
    {"GET", "project/*/components", sim_get_components, false, SIM_LANE_OTHER},
    {"GET", "attachment/*", sim_get_attachment, false, SIM_LANE_OTHER},
    {0},
};

static const route CLOUD[] = {
    {"GET", "search/jql", sim_get_search_jql, false, SIM_LANE_SEARCH},
    {"POST", "search/jql", sim_post_search_jql, false, SIM_LANE_SEARCH},
    {"GET", "search", sim_search_gone, false, SIM_LANE_OTHER},
    {"POST", "search", sim_search_gone, false, SIM_LANE_OTHER},
    {"POST", "search/approximate-count", sim_post_count, false, SIM_LANE_OTHER},
    {"POST", "jql/parse", sim_post_jql_parse, false, SIM_LANE_OTHER},
    {"POST", "issue/bulkfetch", sim_post_bulk_fetch, false, SIM_LANE_SEARCH},
    {"GET", "issue/*", sim_get_cloud_issue, false, SIM_LANE_ISSUE},
    {"GET", "issue/*/changelog", sim_get_changelog, false, SIM_LANE_OTHER},
    {"POST", "changelog/bulkfetch", sim_post_changelogs, false, SIM_LANE_OTHER},
    {"GET", "issue/*/comment", sim_get_cloud_comments, false, SIM_LANE_COMMENT},
    {"POST", "issue/*/comment", sim_write_comment, false, SIM_LANE_WRITE},
    {"PUT", "issue/*", sim_write_fields, false, SIM_LANE_WRITE},
    {"GET", "issue/*/transitions", sim_get_transitions, false, SIM_LANE_OTHER},
    {"POST", "issue/*/transitions", sim_write_transition, false, SIM_LANE_WRITE},
    {"GET", "webhook", sim_get_app_hooks, false, SIM_LANE_OTHER},
    {"POST", "webhook", sim_post_app_hooks, false, SIM_LANE_OTHER},
    {"DELETE", "webhook", sim_delete_app_hooks, false, SIM_LANE_OTHER},
    {"PUT", "webhook/refresh", sim_put_app_hooks_refresh, false, SIM_LANE_OTHER},
    {"GET", "issue/*/worklog", sim_get_cloud_worklogs, false, SIM_LANE_WORKLOG},
    {"GET", "worklog/updated", sim_get_worklogs_updated, false, SIM_LANE_WORKLOG},
    {"GET", "worklog/deleted", sim_get_worklogs_deleted, false, SIM_LANE_WORKLOG},
    {"POST", "worklog/list", sim_post_worklog_list, false, SIM_LANE_WORKLOG},
    {"GET", "issue/*/remotelink", sim_get_remote_links, false, SIM_LANE_OTHER},
    {"GET", "issue/*/watchers", sim_get_watchers, false, SIM_LANE_OTHER},
    {"GET", "issue/*/votes", sim_get_votes, false, SIM_LANE_OTHER},
    {"GET", "myself", sim_get_myself, false, SIM_LANE_OTHER},
    {"GET", "serverInfo", sim_get_server_info, true, SIM_LANE_OTHER},
    {"GET", "project/search", sim_get_project_search, false, SIM_LANE_OTHER},
    {"GET", "project", sim_get_projects, false, SIM_LANE_OTHER},
    {"GET", "project/*", sim_get_project, false, SIM_LANE_OTHER},
    {"GET", "project/*/versions", sim_get_versions, false, SIM_LANE_OTHER},
    {"GET", "project/*/components", sim_get_components, false, SIM_LANE_OTHER},
    {"GET", "field", sim_get_fields, false, SIM_LANE_OTHER},
    {"GET", "status", sim_get_statuses, false, SIM_LANE_OTHER},
    {"GET", "priority", sim_get_priorities, false, SIM_LANE_OTHER},
    {"GET", "resolution", sim_get_resolutions, false, SIM_LANE_OTHER},
    {"GET", "priority/search", sim_get_priority_search, false, SIM_LANE_OTHER},
    {"GET", "resolution/search", sim_get_resolution_search, false, SIM_LANE_OTHER},
    {"GET", "issuetype", sim_get_types, false, SIM_LANE_OTHER},
    {"GET", "issueLinkType", sim_get_link_types, false, SIM_LANE_OTHER},
    {"GET", "users/search", sim_get_users, false, SIM_LANE_OTHER},
    {"GET", "attachment/meta", sim_get_attachment_meta, false, SIM_LANE_OTHER},
    {"GET", "attachment/content/*", sim_get_attachment_content, false, SIM_LANE_OTHER},
    {"GET", "attachment/*", sim_get_attachment, false, SIM_LANE_OTHER},
    {0},
};

/* What is left of the second version there, as far as it is played. */
static const route CLOUD_V2[] = {
    {"GET", "serverInfo", sim_get_server_info, true, SIM_LANE_OTHER},
    {"GET", "myself", sim_get_myself, false, SIM_LANE_OTHER},
    {"GET", "search", sim_search_gone, false, SIM_LANE_OTHER},
    {"POST", "search", sim_search_gone, false, SIM_LANE_OTHER},
    {0},
};

static const route AGILE[] = {
    {"GET", "board", sim_get_boards, false, SIM_LANE_OTHER},
    {"GET", "board/*", sim_get_board, false, SIM_LANE_OTHER},
    {"GET", "board/*/sprint", sim_get_sprints, false, SIM_LANE_OTHER},
    {"GET", "board/*/configuration", sim_get_board_configuration, false, SIM_LANE_OTHER},
    {"GET", "sprint/*", sim_get_sprint, false, SIM_LANE_OTHER},
    {0},
};

/* An administrator's webhooks, below /rest/webhooks/1.0/. */
static const route HOOKS[] = {
    {"GET", "webhook", sim_get_admin_hooks, false, SIM_LANE_OTHER},
    {"POST", "webhook", sim_post_admin_hook, false, SIM_LANE_OTHER},
    {"GET", "webhook/*", sim_get_admin_hook, false, SIM_LANE_OTHER},
    {"DELETE", "webhook/*", sim_delete_admin_hook, false, SIM_LANE_OTHER},
    {0},
};

/* Beside the REST API, at the root of a Cloud site. */
static const route ROOT[] = {
    {"GET", "_edge/tenant_info", sim_get_tenant, true, SIM_LANE_NONE},
    {"GET", "authorize", sim_get_authorize, true, SIM_LANE_NONE},
    {"POST", "oauth/token", sim_post_token, true, SIM_LANE_TOKEN},
    {"GET", "oauth/token/accessible-resources", sim_get_resources, true, SIM_LANE_TOKEN},
    {0},
};

static const route CONTROL[] = {
    {"POST", "touch", sim_post_touch, true, SIM_LANE_NONE},
    {"POST", "comment", sim_post_comment, true, SIM_LANE_NONE},
    {"POST", "move", sim_post_move, true, SIM_LANE_NONE},
    {"POST", "delete", sim_post_delete, true, SIM_LANE_NONE},
    {"POST", "create", sim_post_create, true, SIM_LANE_NONE},
    {"POST", "clock", sim_post_clock, true, SIM_LANE_NONE},
    {"POST", "every-request", sim_post_every_request, true, SIM_LANE_NONE},
    {"POST", "latency", sim_post_latency, true, SIM_LANE_NONE},
    {"POST", "faults", sim_post_faults, true, SIM_LANE_NONE},
    {"GET", "faults", sim_get_faults, true, SIM_LANE_NONE},
    {"POST", "rate", sim_post_rate, true, SIM_LANE_NONE},
    {"POST", "quit", sim_post_quit, true, SIM_LANE_NONE},
    {"GET", "dump", sim_get_dump, true, SIM_LANE_NONE},
    {"GET", "log", sim_get_log, true, SIM_LANE_NONE},
    {"POST", "log", sim_post_log, true, SIM_LANE_NONE},
    {"GET", "count", sim_get_count, true, SIM_LANE_NONE},
    {"GET", "tune", sim_get_tune, true, SIM_LANE_NONE},
    {"POST", "tune", sim_post_tune, true, SIM_LANE_NONE},
    {"GET", "oauth", sim_get_oauth, true, SIM_LANE_NONE},
    {"POST", "oauth", sim_post_oauth, true, SIM_LANE_NONE},
    {"POST", "account", sim_post_account, true, SIM_LANE_NONE},
    {"POST", "page-tokens", sim_post_page_tokens, true, SIM_LANE_NONE},
    {"POST", "hide", sim_post_hide, true, SIM_LANE_NONE},
    {"POST", "archive", sim_post_archive, true, SIM_LANE_NONE},
    {"POST", "edit-comment", sim_post_edit_comment, true, SIM_LANE_NONE},
    {"POST", "delete-comment", sim_post_delete_comment, true, SIM_LANE_NONE},
    {"POST", "worklog", sim_post_worklog, true, SIM_LANE_NONE},
    {"POST", "delete-worklog", sim_post_delete_worklog, true, SIM_LANE_NONE},
    {"POST", "edit-worklog", sim_post_edit_worklog, true, SIM_LANE_NONE},
    {"POST", "set", sim_post_set, true, SIM_LANE_NONE},
    {"POST", "field", sim_post_field, true, SIM_LANE_NONE},
    {"POST", "rename-project", sim_post_rename_project, true, SIM_LANE_NONE},
    {"POST", "bulk", sim_post_bulk, true, SIM_LANE_NONE},
    {"POST", "link", sim_post_link, true, SIM_LANE_NONE},
    {"POST", "unlink", sim_post_unlink, true, SIM_LANE_NONE},
    {"POST", "hook", sim_post_hook, true, SIM_LANE_NONE},
    {"GET", "hooks", sim_get_hooks, true, SIM_LANE_NONE},
    {0},
};

static bool fits(const char *pattern, jd_str path, jd_str *name)
{
    jd_str want = jd_str_of(pattern), w, p;
    *name       = JD_NOSTR;
    for (;;) {
        bool more = jd_str_split(&want, '/', &w), given = jd_str_split(&path, '/', &p);
        if (!more || !given)
            return more == given;
        if (jd_str_is(w, "*") && p.n > 0)
            *name = p;
        else if (!jd_str_eq(w, p))
            return false;
    }
}

static void unknown_path(sim_call *c)
{
    jd_str host = jd_httpd_header(c->q, "Host");
    jd_str text =
        jd_arena_fmt(c->a, "null for uri: http://%.*s%.*s", JD_FMT(host), JD_FMT(c->q->path));
    sim_reply_plumbing(c->r, 404, text);
}

/* The account's bucket; the first is everybody's who is anonymous. */
static bool limited(sim_call *c)
{
    const sim_server *s   = c->s;
    size_t            who = c->who ? (size_t)(c->who - s->conf->account) + 1 : 0;
    int64_t           now = s->clock_stands ? sim_now(s) : jd_tick_ms(&jd_clock_system);
    c->rate               = sim_rate_take(s->rate, who, now);
    if (c->rate.granted)
        return false;
    if (sim_call_wants_json(c))
        sim_reply_limited(c->r);
    else
        sim_reply_html(c->r, 429);
    c->row.fault    = JD_STR("rate");
    c->row.retry_ms = c->rate.conf.silent ? -1 : (int64_t)c->rate.retry_after_s * 1000;
    return true;
}

static void run(sim_call *c, const route *r, jd_str name)
{
    c->lane = r->lane;
    if (c->lane && !r->open && sim_rate_on(c->s->rate) && limited(c))
        return;
    bool metered = c->s->conf->cloud && c->lane && !r->open;
    if (metered && !sim_limit_take(c, r->path))
        return;
    c->watched = c->lane && sim_faults_on(c->s->faults);
    if (c->watched)
        sim_fault_before(c);
    r->run(c, name);
    if (metered)
        sim_limit_charge(c);
    if (c->watched)
        sim_fault_after(c);
}

static void dispatch(sim_call *c, const route *table, jd_str path)
{
    bool   known = false;
    jd_str name  = JD_NOSTR;
    for (const route *r = table; r->path; r++) {
        if (!fits(r->path, path, &name))
            continue;
        known = true;
        if (!jd_str_is(c->q->method, r->method))
            continue;
        if (!c->who && c->s->conf->require_auth && !r->open)
            sim_reply_plumbing(c->r, 401, MUST_SIGN_IN);
        else
            run(c, r, name);
        return;
    }
    if (known)
        sim_reply_plumbing(c->r, 405, JD_STR("HTTP 405 Method Not Allowed"));
    else
        unknown_path(c);
}

/* A path past one of these, or p NULL. */
static jd_str past(jd_str path, const char *const *prefix)
{
    for (size_t i = 0; prefix[i]; i++)
        if (jd_str_starts(path, jd_str_of(prefix[i])))
            return jd_str_cut(path, jd_str_of(prefix[i]).n, SIZE_MAX);
    return JD_NOSTR;
}

static const char *const AGILE_PATHS[] = {"/rest/agile/1.0/", "/rest/agile/latest/", NULL};
static const char *const HOOK_PATHS[]  = {"/rest/webhooks/1.0/", "/rest/webhooks/latest/", NULL};

static void answer_data_center(sim_call *c, jd_str path)
{
    static const char *const paths[] = {"/rest/api/2/", "/rest/api/latest/", NULL};
    static const char *const files[] = {"/secure/attachment/", NULL};
    jd_str                   rest = past(path, paths), agile = past(path, AGILE_PATHS);
    jd_str                   file = past(path, files), hook = past(path, HOOK_PATHS);
    static const char *const strange[] = {"/rest/api/3/", NULL};
    if (rest.p) {
        dispatch(c, REST, rest);
    } else if (agile.p) {
        dispatch(c, AGILE, agile);
    } else if (hook.p) {
        dispatch(c, HOOKS, hook);
    } else if (file.p) {
        const route r = {"GET", "attachment", sim_get_attachment_file, false, SIM_LANE_OTHER};
        run(c, &r, file);
    } else if (past(path, strange).p) {
        sim_reply_status(c->r, 302); /* to the login page, as it treats all it does not know */
        sim_reply_type(c->r, "text/html;charset=UTF-8");
        sim_call_head(c, "Location",
                      jd_arena_fmt(c->a, "%.*s/login.jsp?permissionViolation=true",
                                   JD_FMT(c->s->conf->context))
                          .p);
    } else {
        unknown_path(c);
    }
}

static void answer_cloud(sim_call *c, jd_str path)
{
    static const char *const v3[] = {"/rest/api/3/", "/rest/api/latest/", NULL};
    static const char *const v2[] = {"/rest/api/2/", NULL};
    jd_str                   rest = past(path, v3), old = past(path, v2);
    jd_str                   agile = past(path, AGILE_PATHS), hook = past(path, HOOK_PATHS);
    bool                     people = jd_str_is(rest, "myself") || jd_str_is(old, "myself") ||
                  jd_str_starts(rest, JD_STR("user"));
    bool dynamic = jd_str_starts(rest, JD_STR("webhook"));
    bool write   = jd_str_is(c->q->method, "PUT") ||
                 (jd_str_is(c->q->method, "POST") && jd_str_starts(rest, JD_STR("issue/")) &&
                  !jd_str_is(rest, "issue/bulkfetch"));
    const char *scope = agile.p   ? "read:board-scope:jira-software"
                        : dynamic ? "manage:jira-webhook"
                        : people  ? "read:jira-user"
                        : write   ? "write:jira-work"
                                  : "read:jira-work";
    if (hook.p)
        dispatch(c, HOOKS, hook);
    else if (!rest.p && !old.p && !agile.p)
        unknown_path(c);
    else if (sim_auth_allows(c, scope))
        dispatch(c, rest.p ? CLOUD : old.p ? CLOUD_V2 : AGILE, rest.p ? rest : old.p ? old : agile);
}

static void answer_rest(sim_call *c, jd_str path)
{
    if (!sim_auth_enter(c))
        return;
    if (c->s->conf->forbid)
        sim_reply_error(c->r, 403, JD_STR("You do not have permission to use this resource."));
    else if (c->s->conf->cloud)
        answer_cloud(c, path);
    else
        answer_data_center(c, path);
}

/* What stands at the root of a Cloud site, wherever the REST API is; false when it is not that. */
static bool answer_root(sim_call *c, jd_str path)
{
    static const char *const gate[] = {"/ex/jira/", NULL};
    jd_str                   name, in = past(path, gate);
    if (in.p) {
        size_t slash = jd_str_find(in, '/');
        c->gateway   = true;
        if (jd_str_eq(jd_str_cut(in, 0, slash), c->s->conf->cloud_id)) {
            answer_rest(c, jd_str_cut(in, slash, SIZE_MAX));
        } else {
            sim_reply_status(c->r, 404);
            jd_buf_addz(sim_reply_own(c->r), "{\"code\":404,\"message\":\"Not Found\"}");
        }
        return true;
    }
    for (const route *r = ROOT; r->path; r++)
        if (fits(r->path, jd_str_cut(path, 1, SIZE_MAX), &name)) {
            dispatch(c, ROOT, jd_str_cut(path, 1, SIZE_MAX));
            return true;
        }
    return false;
}

/* -- one request --------------------------------------------------------------------------------
 */

char *sim_http_date(char out[SIM_HTTP_DATE], int64_t ms)
{
    static const char *const day[]   = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const month[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    sim_civil                t       = sim_civil_of(NULL, ms);
    int64_t                  days    = (ms - (((ms % 86400000) + 86400000) % 86400000)) / 86400000;
    snprintf(out, SIM_HTTP_DATE, "%s, %02d %s %04d %02d:%02d:%02d GMT", day[((days % 7) + 7) % 7],
             t.day, month[t.month - 1], (int)t.year, t.hour, t.minute, t.second);
    return out;
}

typedef struct heads {
    struct jd_httpd_head *v;
    size_t                n;
} heads;

static void add_head(heads *h, const char *name, const char *value)
{
    h->v[h->n++] = (struct jd_httpd_head){name, value};
}

static void add_number(sim_call *c, heads *h, const char *name, uint64_t v)
{
    add_head(h, name, jd_arena_fmt(c->a, "%llu", (unsigned long long)v).p);
}

static void rate_heads(sim_call *c, heads *h)
{
    const sim_rate_conf *k = &c->rate.conf;
    if (k->limit == 0 || k->silent)
        return;
    add_number(c, h, "X-RateLimit-Limit", k->limit);
    add_number(c, h, "X-RateLimit-Remaining", c->rate.remaining);
    add_number(c, h, "X-RateLimit-FillRate", k->fill);
    add_number(c, h, "X-RateLimit-Interval-Seconds", k->interval_s);
    if (!c->retry_after)
        add_number(c, h, "retry-after", c->rate.retry_after_s);
}

static void write_heads(sim_call *c, jd_httpd_reply *out, uint64_t number)
{
    enum { MOST = 20 + SIM_EXTRA_HEADS };
    heads   h   = {.v = JD_NEW_ARRAY(c->a, struct jd_httpd_head, MOST)};
    int64_t now = sim_now(c->s), minute = now / 60000 % 1440;
    int     status = sim_reply_status_of(c->r);
    add_head(&h, "Date", sim_http_date(jd_arena_bytes(c->a, SIM_HTTP_DATE), now));
    add_head(&h, "X-AREQUESTID",
             jd_arena_fmt(c->a, "%lldx%llux1", (long long)minute, (unsigned long long)number).p);
    if (!c->s->conf->cloud)
        add_head(&h, "X-ANODEID", "node1");
    if (c->s->conf->cloud && c->who)
        add_head(&h, "X-AACCOUNTID", sim_side_account_id(c->a, c->who->name).p);
    else if (!c->s->conf->cloud)
        add_head(&h, "X-AUSERNAME", c->who ? jd_arena_cstr(c->a, c->who->name) : "anonymous");
    add_head(&h, "Cache-Control", "no-cache, no-store, no-transform");
    if (c->reason)
        add_head(&h, "X-Seraph-LoginReason", c->reason);
    if (status == 401)
        add_head(&h, "WWW-Authenticate", "OAuth realm=\"jirasim\"");
    if (c->encoding)
        add_head(&h, "Content-Encoding", c->encoding);
    if (c->retry_after)
        add_head(&h, "Retry-After", c->retry_after);
    for (size_t i = 0; i < c->nextra; i++)
        h.v[h.n++] = c->extra[i];
    rate_heads(c, &h);
    out->head  = h.v;
    out->nhead = h.n;
}

void sim_serve(void *self, const jd_httpd_request *q, jd_arena *a, jd_httpd_reply *out)
{
    sim_server *s = self;
    if (!atomic_load(&s->ready)) {
        out->status = 503;
        return;
    }
    int64_t  begun  = jd_tick_ms(&jd_clock_system);
    sim_call c      = {.s = s, .q = q, .a = a, .r = sim_reply_new()};
    uint64_t number = sim_log_next(s->log);
    jd_str   path   = q->path;
    c.row           = (sim_log_row){.time_ms     = sim_now(s),
                                    .method      = q->method,
                                    .path        = q->path,
                                    .query       = q->query,
                                    .tick_ms     = begun,
                                    .retry_ms    = -1,
                                    .start_at    = -1,
                                    .max_results = -1};
    if (jd_str_starts(path, JD_STR("/_sim/"))) {
        if (!sim_auth_enter(&c)) /* for the zone of what is shown */
            sim_reply_clear(c.r);
        sim_reply_status(c.r, 200);
        if (s->conf->control)
            dispatch(&c, CONTROL, jd_str_cut(path, 6, SIZE_MAX));
        else
            sim_reply_error(c.r, 403, JD_STR("/_sim/ answers on a loopback address only."));
        write_heads(&c, out, number);
        sim_reply_send(c.r, out);
        return;
    }
    if (s->conf->cloud && answer_root(&c, path))
        ;
    else if (jd_str_starts(path, s->conf->context) && s->conf->context.n < path.n)
        answer_rest(&c, jd_str_cut(path, s->conf->context.n, SIZE_MAX));
    else
        unknown_path(&c);
    write_heads(&c, out, number);
    c.row.user   = c.who ? c.who->name : JD_NOSTR;
    c.row.status = sim_reply_status_of(c.r);
    c.row.rows   = sim_reply_rows_of(c.r);
    c.row.bytes  = sim_reply_bytes(c.r);
    c.way.wait_ms += (uint64_t)atomic_load(&s->latency_ms);
    if (c.retry_is_date) /* which does not move while the answer waits */
        c.row.retry_ms -=
            c.row.retry_ms < (int64_t)c.way.wait_ms ? c.row.retry_ms : (int64_t)c.way.wait_ms;
    c.row.took_ms = jd_tick_ms(&jd_clock_system) - begun;
    c.row.sent_ms = begun + c.row.took_ms + (int64_t)c.way.wait_ms;
    sim_log_add(s->log, &c.row);
    out->way = c.way;
    sim_reply_send(c.r, out);
}
