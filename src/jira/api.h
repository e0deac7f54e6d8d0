/* api.h: Jira's REST API in its own words, Data Center's (v2) and Cloud's (v3): what can be asked,
 * and what comes back. Where the two differ, what is above this floor sees one of them.
 *
 * - A jd_jira borrows its HTTP client and base address; answers live in the arena of the call.
 * - Errors carry Jira's own words. JD_E_NOTFOUND, JD_E_AUTH, JD_E_DATA (Jira refused the request),
 *   JD_E_NET, JD_E_REMOTE and JD_E_BUSY mean what base/err.h says. */
#ifndef JD_JIRA_API_H
#define JD_JIRA_API_H

#include "model/issue.h"
#include "model/walk.h"
#include "net/http.h"

typedef struct jd_jira {
    jd_http *http;
    jd_str   base;  /* "https://issues.apache.org/jira", no slash at the end; Cloud: the site, or
                     * https://api.atlassian.com/ex/jira/{cloudId} */
    bool     cloud; /* speaks v3, as jd_jira_server found out */
    bool     signed_in; /* credentials are sent: an answer to nobody is an error */
    unsigned tries;     /* attempts a search or a GET gets at most; 0: the policy's */
} jd_jira;

typedef struct jd_server {
    jd_str  version, title, deployment; /* "9.12.2", "ASF JIRA", "Server" or "Cloud" */
    jd_str  time_zone;                  /* empty when the server does not say */
    int64_t date_ms;                    /* its clock; JD_NO_TIME when it does not say */
    int64_t took_ms;
    bool    cloud;
} jd_server;
jd_code jd_jira_server(jd_jira *j, jd_arena *a, jd_server *out, jd_err *e) JD_NODISCARD;

typedef struct jd_account {
    bool   anonymous; /* no account: Jira answers 401 */
    jd_str name, display, time_zone;
} jd_account;
/* `signed_in`: credentials were sent, so a 401 is an error and not an anonymous reader. */
jd_code jd_jira_myself(jd_jira *j, jd_arena *a, bool signed_in, jd_account *out,
                       jd_err *e) JD_NODISCARD;

typedef struct jd_project {
    uint64_t       id;
    jd_str         key, name;
    const jd_json *doc; /* all that the server says of it */
} jd_project;
/* JD_E_NOTFOUND: unknown, or not visible to this account. */
jd_code jd_jira_project(jd_jira *j, jd_arena *a, jd_str key, jd_project *out,
                        jd_err *e) JD_NODISCARD;

/* Pages of search results go by offset on Data Center, by token on Cloud. */
typedef struct jd_query {
    jd_str      jql; /* Cloud refuses one without a restriction */
    uint64_t    start_at;
    jd_str      token; /* of the page before; empty: the first one */
    uint64_t    max_results;
    const char *field;   /* these alone, with commas; NULL: whole issues, with their changelog, */
    jd_str      fields;  /* of these fields; empty: all */
    bool        lenient; /* Data Center: ids that the query names and nobody may see are no error */
    const uint64_t
          *reconcile; /* Cloud: of these, at most JD_RECONCILED, it has to know the latest */
    size_t nreconcile;
} jd_query;
enum { JD_RECONCILED = 50 };

typedef struct jd_page_row {
    jd_str   raw;
    jd_issue seen; /* at a glance (model/issue.h); id 0: it takes a closer look */
    bool     cut_short;
} jd_page_row;

/* A page of search results, cut into its issues. */
typedef struct jd_page {
    jd_page_row *row; /* in the server's order */
    size_t       n;
    uint64_t     start_at; /* as the server said */
    jd_told      told;
    jd_str       token;   /* told.tokens: of the next page; empty on the last one */
    int64_t      date_ms; /* the server's clock when it answered */
} jd_page;
jd_code jd_jira_search(jd_jira *j, jd_arena *a, const jd_query *q, jd_page *out,
                       jd_err *e) JD_NODISCARD;
/* A POST whose answer has `issues`, as a page without a total or tokens. */
jd_code jd_jira_issues(jd_jira *j, jd_arena *a, jd_str path, jd_str body, jd_page *out,
                       jd_err *e) JD_NODISCARD;
/* How many issues a query has; on Cloud an estimate that may lag behind. */
typedef struct jd_counted {
    uint64_t n;
    int64_t  date_ms;
} jd_counted;
jd_code jd_jira_count(jd_jira *j, jd_arena *a, jd_str jql, jd_counted *out, jd_err *e) JD_NODISCARD;
/* One issue, by id or key, with its changelog and these fields (empty: all); raw JSON. */
jd_code jd_jira_issue(jd_jira *j, jd_arena *a, jd_str id_or_key, jd_str fields, jd_str *raw,
                      int64_t *date_ms, jd_err *e) JD_NODISCARD;
/* "/rest/api/3" on Cloud, "/rest/api/2" on Data Center. */
const char *jd_jira_root(const jd_jira *j);
/* GET of any path below the base, as a tree. */
jd_code jd_jira_get(jd_jira *j, jd_arena *a, jd_str path, const jd_json **out, jd_reply *reply,
                    jd_err *e) JD_NODISCARD;
/* The same by POST, for questions (safe to be sent twice). */
jd_code jd_jira_post(jd_jira *j, jd_arena *a, jd_str path, jd_str body, const jd_json **out,
                     jd_reply *reply, jd_err *e) JD_NODISCARD;

#endif
