#include "jira/api.h"

#include "text/date.h"
#include "text/jsonw.h"
#include "text/url.h"

#include <inttypes.h>
#include <string.h>

enum { SPOILT_TRIES = 3, REPLY_MAX = 256 << 20, JQL_MAX = 1 << 20 };

/* One request whose answer has to be JSON; a byte order mark in front of it is passed over. */
static jd_code ask(jd_jira *j, jd_arena *a, const jd_request *q, jd_reply *reply, jd_err *e)
{
    jd_code rc = jd_http_do(j->http, q, a, reply, e);
    if (rc)
        return rc;
    if (jd_str_starts(reply->body, JD_STR("\xEF\xBB\xBF")))
        reply->body = jd_str_cut(reply->body, 3, reply->body.n);
    rc = jd_http_expect_json(q, reply, e);
    if (!rc && j->signed_in &&
        jd_str_ieq(jd_reply_header(reply, "x-ausername"), JD_STR("anonymous")))
        rc = jd_fail(
            e, JD_E_AUTH,
            "%.*s took the credentials for nobody's and answered as to an anonymous reader: "
            "check that they are for this site and have not expired",
            JD_FMT(j->base));
    return rc;
}

/* Whether an answer that came with success is not the one hoped for (a login page, a body that
 * broke off on the way), so that the next may be: what the retry policy, which reads no bodies,
 * lets through. */
static bool spoilt(jd_code rc, const jd_err *e, int tries)
{
    return rc == JD_E_REMOTE && (e->http == 0 || (e->http >= 200 && e->http <= 299)) &&
           tries < SPOILT_TRIES;
}

static const jd_header json_body[] = {
    {JD_STR_INIT("Content-Type"), JD_STR_INIT("application/json")}};

static jd_request post(const jd_jira *j, jd_arena *a, jd_str path, jd_str body)
{
    return (jd_request){.method     = "POST",
                        .url        = jd_arena_fmt(a, "%.*s%.*s", JD_FMT(j->base), JD_FMT(path)),
                        .head       = json_body,
                        .nhead      = 1,
                        .body       = body,
                        .max_body   = REPLY_MAX,
                        .idempotent = true};
}

static jd_request get(const jd_jira *j, jd_arena *a, jd_str path)
{
    return (jd_request){.method     = "GET",
                        .url        = jd_arena_fmt(a, "%.*s%.*s", JD_FMT(j->base), JD_FMT(path)),
                        .max_body   = REPLY_MAX,
                        .idempotent = true,
                        .tries      = j->tries};
}

static jd_code ask_tree(jd_jira *j, jd_arena *a, const jd_request *q, const jd_json **out,
                        jd_reply *reply, jd_err *e)
{
    jd_err  why;
    jd_code rc;
    int     tries = 0;
    do {
        rc = ask(j, a, q, reply, e);
        if (!rc && jd_json_read(a, reply->body, out, &why))
            rc = jd_fail(e, JD_E_REMOTE, "%.*s: the server's answer is broken: %s; run again",
                         JD_FMT(q->url), why.msg);
    } while (spoilt(rc, e, ++tries));
    return rc;
}

jd_code jd_jira_get(jd_jira *j, jd_arena *a, jd_str path, const jd_json **out, jd_reply *reply,
                    jd_err *e)
{
    jd_request q = get(j, a, path);
    return ask_tree(j, a, &q, out, reply, e);
}

jd_code jd_jira_post(jd_jira *j, jd_arena *a, jd_str path, jd_str body, const jd_json **out,
                     jd_reply *reply, jd_err *e)
{
    jd_request q = post(j, a, path, body);
    return ask_tree(j, a, &q, out, reply, e);
}

const char *jd_jira_root(const jd_jira *j)
{
    return j->cloud ? "/rest/api/3" : "/rest/api/2";
}

jd_code jd_jira_server(jd_jira *j, jd_arena *a, jd_server *out, jd_err *e)
{
    jd_reply       r;
    const jd_json *v;
    jd_code        rc = jd_jira_get(j, a, JD_STR("/rest/api/2/serverInfo"), &v, &r, e);
    if (rc)
        return rc;
    *out       = (jd_server){.version    = jd_json_str(jd_json_get(v, "version")),
                             .title      = jd_json_str(jd_json_get(v, "serverTitle")),
                             .deployment = jd_json_str(jd_json_get(v, "deploymentType")),
                             .time_zone  = jd_json_str(jd_json_get(v, "serverTimeZone")),
                             .date_ms    = r.date_ms,
                             .took_ms    = r.took_ms};
    out->cloud = jd_str_ieq(out->deployment, JD_STR("Cloud"));
    if (!out->version.n)
        return jd_fail(e, JD_E_REMOTE, "%.*s answers, but not as a Jira does: check --base-url",
                       JD_FMT(j->base));
    return JD_OK;
}

jd_code jd_jira_myself(jd_jira *j, jd_arena *a, bool signed_in, jd_account *out, jd_err *e)
{
    jd_reply       r = {0};
    const jd_json *v;
    jd_code        rc = jd_jira_get(j, a, jd_arena_fmt(a, "%s/myself", jd_jira_root(j)), &v, &r, e);
    if (rc == JD_E_AUTH && !signed_in) {
        *out = (jd_account){.anonymous = true};
        return JD_OK;
    }
    if (rc)
        return rc;
    jd_str account = jd_json_str(jd_json_get(v, "accountId")); /* Cloud's users have no name */
    *out           = (jd_account){.name      = account.n ? account : jd_json_str(jd_json_get(v, "name")),
                                  .display   = jd_json_str(jd_json_get(v, "displayName")),
                                  .time_zone = jd_json_str(jd_json_get(v, "timeZone"))};
    return JD_OK;
}

jd_code jd_jira_project(jd_jira *j, jd_arena *a, jd_str key, jd_project *out, jd_err *e)
{
    jd_reply       r;
    const jd_json *v;
    jd_str         path = jd_arena_fmt(a, "%s/project/%.*s", jd_jira_root(j), JD_FMT(key));
    jd_code        rc   = jd_jira_get(j, a, path, &v, &r, e);
    if (rc == JD_E_NOTFOUND)
        return jd_fail(
            e, JD_E_NOTFOUND,
            "unknown project '%.*s' (404): it is not at %.*s, or not visible to this account, "
            "or that is no Jira; %.*s/rest/api/2/project lists what is there",
            JD_FMT(key), JD_FMT(j->base), JD_FMT(j->base));
    if (rc)
        return rc;
    *out = (jd_project){.id   = jd_json_id(jd_json_get(v, "id")),
                        .key  = jd_json_str(jd_json_get(v, "key")),
                        .name = jd_json_str(jd_json_get(v, "name")),
                        .doc  = v};
    if (!out->id || !jd_is_project_key(out->key))
        return jd_fail(e, JD_E_REMOTE, "project '%.*s': the server's answer has no id or key",
                       JD_FMT(key));
    return JD_OK;
}

static void write_fields(jd_jsonw *w, jd_str list)
{
    jd_str one;
    jd_jsonw_name(w, "fields");
    jd_jsonw_array(w);
    while (jd_str_split(&list, ',', &one))
        jd_jsonw_str(w, one);
    jd_jsonw_end(w);
}

static void write_ids(jd_jsonw *w, const char *name, const uint64_t *id, size_t n)
{
    jd_jsonw_name(w, name);
    jd_jsonw_array(w);
    for (size_t i = 0; i < n; i++)
        jd_jsonw_int(w, (int64_t)id[i]);
    jd_jsonw_end(w);
}

/* Data Center wants lists, Cloud a list of fields and a string of expansions. */
static jd_str search_body(const jd_jira *j, jd_arena *a, const jd_query *q)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(JQL_MAX);
    jd_jsonw                          w = jd_jsonw_to(&b);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "jql", q->jql);
    if (!j->cloud)
        jd_jsonw_kint(&w, "startAt", (int64_t)q->start_at);
    else if (q->token.n)
        jd_jsonw_kstr(&w, "nextPageToken", q->token);
    jd_jsonw_kint(&w, "maxResults", (int64_t)q->max_results);
    write_fields(&w, q->field ? jd_str_of(q->field) : q->fields.n ? q->fields : JD_STR("*all"));
    if (q->lenient && !j->cloud)
        jd_jsonw_kbool(&w, "validateQuery", false);
    if (q->nreconcile && j->cloud)
        write_ids(&w, "reconcileIssues", q->reconcile, q->nreconcile);
    if (!q->field && j->cloud) {
        jd_jsonw_kstr(&w, "expand", JD_STR("changelog"));
    } else if (!q->field) {
        jd_jsonw_name(&w, "expand");
        jd_jsonw_array(&w);
        jd_jsonw_str(&w, JD_STR("changelog"));
        jd_jsonw_end(&w);
    }
    jd_jsonw_end(&w);
    return jd_arena_dup(a, jd_buf_view(&b));
}

/* What an issue says of itself at a glance tells where it ends, too. */
static bool cut_issue(jd_skim *list, jd_met *met, jd_page_row *out)
{
    jd_str rest = jd_str_cut(list->bytes, list->at, list->bytes.n);
    size_t n    = jd_issue_glance(rest, met, &out->seen, &out->cut_short);
    if (n)
        jd_skim_over(list, n);
    else if (jd_skim_value(list))
        out->seen = (jd_issue){0};
    out->raw = list->value;
    return !list->bad;
}

/* The issues; `top` stands before their list. */
static void cut_issues(jd_arena *a, jd_skim *top, jd_page *out)
{
    size_t  cap  = 128;
    jd_skim list = jd_skim_inside(top);
    jd_met  met  = {0};
    out->n       = 0;
    out->row     = JD_NEW_ARRAY(a, jd_page_row, cap);
    while (jd_skim_name(&list)) {
        if (out->n == cap) {
            jd_page_row *more = JD_NEW_ARRAY(a, jd_page_row, cap * 2);
            memcpy(more, out->row, cap * sizeof *more);
            out->row = more;
            cap *= 2;
        }
        out->n += cut_issue(&list, &met, &out->row[out->n]);
    }
    jd_skim_behind(top, &list);
}

/* The members of a search answer. */
static jd_code cut_page(const jd_jira *j, jd_arena *a, jd_str body, jd_page *out, jd_err *e)
{
    bool    have_total = false, is_last = false;
    jd_skim top = jd_skim_open(body);
    while (jd_skim_name(&top)) {
        if (jd_str_is(top.name, "issues"))
            cut_issues(a, &top, out);
        else if (!jd_skim_value(&top))
            break;
        else if (jd_str_is(top.name, "startAt"))
            (void)jd_str_u64(top.value, &out->start_at);
        else if (jd_str_is(top.name, "maxResults"))
            (void)jd_str_u64(top.value, &out->told.max_results);
        else if (jd_str_is(top.name, "total"))
            have_total = jd_str_u64(top.value, &out->told.total);
        else if (jd_str_is(top.name, "isLast"))
            is_last = jd_str_is(top.value, "true");
        else if (jd_str_is(top.name, "nextPageToken")) {
            const jd_json *token;
            jd_err         why;
            if (!jd_json_read(a, top.value, &token, &why))
                out->token = jd_json_str(token);
        }
    }
    if (top.bad)
        return jd_fail(e, JD_E_REMOTE,
                       "the server's answer is broken JSON near byte %zu of %zu: run again", top.at,
                       body.n);
    if (!out->row || (!have_total && !j->cloud))
        return jd_fail(e, JD_E_REMOTE,
                       "the server's answer is no search result (no issues%s): is this a Jira "
                       "address?",
                       j->cloud ? "" : ", or no total");
    out->told.tokens = j->cloud;
    if (is_last)
        out->token = JD_NOSTR;
    out->told.last = out->token.n == 0;
    return JD_OK;
}

static jd_code issues(jd_jira *j, jd_arena *a, jd_str path, jd_str body, int tries, jd_page *out,
                      jd_err *e)
{
    jd_request r     = post(j, a, path, body);
    jd_reply   reply = {0};
    jd_code    rc;
    r.tries = j->tries;
    do {
        *out = (jd_page){0};
        rc   = ask(j, a, &r, &reply, e);
        if (!rc)
            rc = cut_page(j, a, reply.body, out, e);
    } while (spoilt(rc, e, ++tries));
    out->date_ms = reply.date_ms;
    return rc;
}

jd_code jd_jira_search(jd_jira *j, jd_arena *a, const jd_query *q, jd_page *out, jd_err *e)
{
    jd_str path = j->cloud ? JD_STR("/rest/api/3/search/jql") : JD_STR("/rest/api/2/search");
    bool   walk = !q->field && q->max_results; /* a walk asks for less then, instead of again */
    return issues(j, a, path, search_body(j, a, q), walk ? SPOILT_TRIES : 0, out, e);
}

jd_code jd_jira_issues(jd_jira *j, jd_arena *a, jd_str path, jd_str body, jd_page *out, jd_err *e)
{
    return issues(j, a, path, body, SPOILT_TRIES, out, e); /* halves are asked for, as in a walk */
}

static jd_code count(jd_jira *j, jd_arena *a, jd_str jql, jd_counted *out, jd_err *e)
{
    if (!j->cloud) {
        jd_page page;
        jd_code rc = jd_jira_search(j, a, &(jd_query){.jql = jql}, &page, e);
        *out       = (jd_counted){page.told.total, page.date_ms};
        return rc;
    }
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(JQL_MAX);
    jd_jsonw                          w = jd_jsonw_to(&b);
    const jd_json                    *v;
    jd_reply                          reply;
    int64_t                           n;
    size_t order = jd_str_search(jql, JD_STR(" ORDER BY ")); /* nothing to be counted by */
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "jql", jd_str_cut(jql, 0, order));
    jd_jsonw_end(&w);
    jd_code rc = jd_jira_post(j, a, JD_STR("/rest/api/3/search/approximate-count"),
                              jd_arena_dup(a, jd_buf_view(&b)), &v, &reply, e);
    if (rc)
        return rc;
    if (!jd_json_i64(jd_json_get(v, "count"), &n) || n < 0)
        return jd_fail(e, JD_E_REMOTE, "the server's count is none: is this a Jira Cloud address?");
    *out = (jd_counted){(uint64_t)n, reply.date_ms};
    return JD_OK;
}

/* A number outlives it, and nothing else: who counts many scopes keeps no answer of them. */
jd_code jd_jira_count(jd_jira *j, jd_arena *a, jd_str jql, jd_counted *out, jd_err *e)
{
    jd_mark mark = jd_arena_mark(a);
    jd_code rc   = count(j, a, jql, out, e);
    jd_arena_rewind(a, mark);
    return rc;
}

jd_code jd_jira_issue(jd_jira *j, jd_arena *a, jd_str id_or_key, jd_str fields, jd_str *raw,
                      int64_t *date_ms, jd_err *e)
{
    jd_reply   r;
    jd_str     all  = fields.n ? fields : JD_STR("*all");
    jd_str     path = jd_arena_fmt(a, "%s/issue/%.*s?fields=%.*s&expand=changelog", jd_jira_root(j),
                                   JD_FMT(id_or_key), JD_FMT(all));
    jd_request q    = get(j, a, path);
    int        tries = 0;
    jd_code    rc;
    do
        rc = ask(j, a, &q, &r, e);
    while (spoilt(rc, e, ++tries));
    if (rc)
        return rc;
    *raw     = jd_str_trim(r.body);
    *date_ms = r.date_ms;
    return JD_OK;
}
