#include "jira/standing.h"

#include "jira/bulk.h"
#include "text/date.h"

#include <inttypes.h>
#include <string.h>

enum { QUERY_MAX = 1 << 20, PAGES_MAX = 500 };

static const char fields[] = "created,updated";

jd_str jd_jira_id_query(jd_arena *a, jd_str selection, const uint64_t *id, size_t n)
{
    JD_CLEANUP(jd_buf_release) jd_buf q = JD_BUF_INIT(QUERY_MAX);
    jd_buf_adds(&q, selection);
    jd_buf_addz(&q, selection.n ? " AND id in (" : "id in (");
    for (size_t i = 0; i < n; i++) {
        if (i)
            jd_buf_addc(&q, ',');
        jd_buf_addu(&q, id[i]);
    }
    jd_buf_addc(&q, ')');
    return jd_arena_dup(a, jd_buf_view(&q));
}

/* Whether the server chokes on the question itself, and less of it may go better. */
static bool question_trouble(jd_code rc)
{
    return rc == JD_E_DATA || rc == JD_E_REMOTE || rc == JD_E_TOOBIG;
}

/* -- what answers say ------------------------------------------------------------------------ */

static jd_standing *of_id(jd_standing *s, size_t n, uint64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (s[i].id == id)
            return &s[i];
    return NULL;
}

static void take_issue(jd_standing *s, const jd_json *doc)
{
    const jd_json *f = jd_json_get(doc, "fields");
    s->is            = JD_STANDS_THERE;
    s->key           = jd_json_str(jd_json_get(doc, "key"));
    s->archived      = s->archived || !jd_json_is_null(jd_json_get(f, "archiveddate")) ||
                  !jd_json_is_null(jd_json_get(f, "archivedby")) ||
                  jd_json_bool(jd_json_get(doc, "archived"));
    if (!jd_time_parse(jd_json_str(jd_json_get(f, "updated")), &s->updated_ms, NULL))
        s->updated_ms = JD_NO_TIME;
}

typedef struct asking { /* a question about some ids, and what its answer means */
    jd_jira     *j;
    jd_arena    *a;
    jd_str       selection; /* empty: whether they are there at all */
    uint64_t     control;   /* comes in every answer that can be believed; 0: none */
    jd_standing *s;
    size_t       n;
} asking;

/* False unless the control was among them. */
static bool take_page(const asking *k, const jd_page *page)
{
    bool controlled = false;
    for (size_t i = 0; i < page->n; i++) {
        const jd_json *doc;
        jd_err         why;
        if (jd_json_read(k->a, page->row[i].raw, &doc, &why))
            continue;
        uint64_t     id  = jd_json_id(jd_json_get(doc, "id"));
        jd_standing *one = of_id(k->s, k->n, id);
        controlled       = controlled || (id && id == k->control);
        if (!one)
            continue;
        take_issue(one, doc);
        one->found    = true;
        one->selected = one->selected || k->selection.n > 0;
    }
    return controlled;
}

/* -- searches -------------------------------------------------------------------------------- */

/* All pages of one query; whoever comes in none of them is not in it. */
static jd_code search_all(const asking *k, const uint64_t *some, size_t n, jd_err *e)
{
    uint64_t id[JD_STANDING_MOST + 1];
    bool     controlled = !k->control;
    memcpy(id, some, n * sizeof *id);
    if (k->control)
        id[n++] = k->control;
    jd_query q = {.jql         = jd_jira_id_query(k->a, k->selection, id, n),
                  .max_results = n,
                  .field       = fields,
                  .lenient     = true};
    if (k->j->cloud) {
        q.reconcile  = id;
        q.nreconcile = n;
    }
    for (int pages = 0; pages < PAGES_MAX; pages++) {
        jd_page page;
        jd_code rc = jd_jira_search(k->j, k->a, &q, &page, e);
        if (rc)
            return rc;
        controlled = take_page(k, &page) || controlled;
        q.start_at += page.n;
        if (page.told.tokens ? page.told.last : q.start_at >= page.told.total)
            return controlled
                       ? JD_OK
                       : jd_fail(e, JD_E_REMOTE, "the answer to %.*s is not whole: run again",
                                 JD_FMT(jd_str_cut(q.jql, 0, 100)));
        if (page.told.tokens ? jd_str_eq(page.token, q.token) : page.n == 0)
            break;
        q.token = page.token;
    }
    return jd_fail(e, JD_E_REMOTE, "the answer to %.*s does not end: run again",
                   JD_FMT(jd_str_cut(q.jql, 0, 100)));
}

/* Halved where the server refuses the query for one of its ids; *told false: for this one it does.
 */
static jd_code search_some(const asking *k, const uint64_t *id, size_t n, bool *told, jd_err *e)
{
    jd_err  why;
    jd_code rc = n ? search_all(k, id, n, &why) : JD_OK;
    for (size_t i = 0; i < n && !rc; i++)
        told[i] = true;
    if (!rc || (question_trouble(rc) && n == 1))
        return JD_OK;
    if (!question_trouble(rc)) {
        *e = why;
        return rc;
    }
    rc = search_some(k, id, n / 2, told, e);
    return rc ? rc : search_some(k, id + n / 2, n - n / 2, told + n / 2, e);
}

/* Who is in the selection, of those that are there and not told apart by their keys. */
static jd_code ask_selection(const asking *k, jd_str project, jd_err *e)
{
    uint64_t id[JD_STANDING_MOST];
    bool     told[JD_STANDING_MOST] = {0};
    size_t   n = 0, most = k->j->cloud ? JD_RECONCILED - 1 : JD_STANDING_MOST;
    jd_code  rc = JD_OK;
    for (size_t i = 0; i < k->n; i++) {
        const jd_standing *s     = &k->s[i];
        bool               other = project.n && !jd_str_eq(jd_key_project(s->key), project);
        if (s->is == JD_STANDS_THERE && !s->archived && !other)
            id[n++] = s->id;
    }
    for (size_t i = 0; i < n && !rc; i += most)
        rc = search_some(k, id + i, n - i < most ? n - i : most, told + i, e);
    for (size_t i = 0; i < n && !rc; i++)
        of_id(k->s, k->n, id[i])->asked = told[i];
    return rc;
}

/* Who is there: those that Cloud's bulk, or a search by id, finds. */
static jd_code ask_all(const asking *k, jd_err *e)
{
    uint64_t id[JD_STANDING_MOST];
    bool     told[JD_STANDING_MOST];
    jd_page  page;
    size_t   failed;
    for (size_t i = 0; i < k->n; i++)
        id[i] = k->s[i].id;
    if (!k->j->cloud)
        return search_some(k, id, k->n, told, e);
    jd_code rc =
        jd_jira_bulk_issues(k->j, k->a, id, k->n, &(jd_query){.field = fields}, &page, &failed, e);
    if (!rc)
        (void)take_page(k, &page);
    return rc;
}

/* -- one by one ------------------------------------------------------------------------------ */

/* Jira's own refusal has a list of messages; a proxy's, or an address that is none, has not. */
static bool said_by_jira(const jd_reply *r)
{
    return jd_str_search(r->body, JD_STR("\"errorMessages\"")) < r->body.n;
}

/* Data Centers that answer 401 or 403 for an issue which only others may see do so to a reader whom
 * they know; a login that failed says so in a header. */
static bool is_hidden(const jd_reply *r)
{
    jd_str login = jd_reply_header(r, "x-seraph-loginreason");
    return (r->status == 401 || r->status == 403) && said_by_jira(r) &&
           (login.n == 0 || jd_str_ieq(login, JD_STR("OK"))) &&
           !jd_reply_header(r, "x-authentication-denied-reason").p;
}

static jd_code ask_one(const asking *k, jd_standing *s, jd_err *e)
{
    const jd_json *doc;
    jd_reply       reply = {0};
    jd_err         why;
    jd_str         path =
        jd_arena_fmt(k->a, "%s/issue/%" PRIu64 "?fields=created,updated,archiveddate,archivedby",
                     jd_jira_root(k->j), s->id);
    jd_code rc = jd_jira_get(k->j, k->a, path, &doc, &reply, &why);
    if (!rc && jd_json_id(jd_json_get(doc, "id")) == s->id)
        take_issue(s, doc);
    bool hidden = rc == JD_E_AUTH && is_hidden(&reply);
    if (hidden || (rc == JD_E_NOTFOUND && reply.status == 404 && said_by_jira(&reply)))
        s->is = JD_STANDS_GONE;
    if (!rc || hidden || rc == JD_E_NOTFOUND || question_trouble(rc))
        return JD_OK;
    *e = why;
    return rc;
}

jd_code jd_jira_standing(jd_jira *j, jd_arena *a, jd_str selection, jd_str project,
                         uint64_t control, jd_standing *s, size_t n, bool (*halt)(void *self),
                         void *self, jd_err *e)
{
    asking k = {.j = j, .a = a, .s = s, .n = n};
    for (size_t i = 0; i < n; i++)
        s[i] = (jd_standing){.id = s[i].id};
    jd_code rc = ask_all(&k, e);
    for (size_t i = 0; i < n && !rc && !(halt && halt(self)); i++)
        if (s[i].is == JD_STANDS_UNTOLD)
            rc = ask_one(&k, &s[i], e);
    k.selection = selection;
    k.control   = control;
    return rc ? rc : ask_selection(&k, project, e);
}
