#include "jira/children.h"

#include "base/vec.h"

#include <inttypes.h>

enum { TRIES = 3, CHILD_PAGE = 1000, CHILDREN_MAX = 1000000, ISSUE_MAX = 256 << 20 };

typedef JD_VEC(const jd_json *) items;

typedef struct endpoint { /* of one kind of child, below /issue/{id} */
    const char *path, *name, *list;
} endpoint;

/* Where a list is read to its end; false: only with the issue itself. */
static bool endpoint_of(const jd_jira *j, jd_child kind, endpoint *out)
{
    const jd_child_kind *k = &jd_children[kind];
    *out                   = (endpoint){k->path, k->name, k->list};
    if (kind == JD_HISTORIES && j->cloud)
        *out = (endpoint){"/changelog", k->name, "values"};
    return out->path;
}

static void add_all(items *to, const jd_json *list)
{
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);)
        *jd_vec_add(to) = it.value;
}

/* Comments and worklogs have an endpoint with offsets; it ends when the total is reached or a page
 * is empty, whatever the total says. */
/* An empty first page beside a total is believed only when it is said again, and when the issue
 * itself showed none either. */
static jd_code first_page(jd_jira *j, jd_arena *a, jd_str path, const endpoint *k, size_t have,
                          const jd_json **v, jd_err *e)
{
    for (int tries = 1;; tries++) {
        jd_reply r;
        int64_t  total = 0;
        jd_code  rc    = jd_jira_get(j, a, path, v, &r, e);
        if (rc || jd_json_len(jd_json_get(*v, k->list)) > 0)
            return rc;
        (void)jd_json_i64(jd_json_get(*v, "total"), &total);
        if (total == 0 || (tries == TRIES && have == 0))
            return JD_OK;
        if (tries == TRIES)
            return jd_fail(e, JD_E_REMOTE, "the server counts %lld %s and sends none of them",
                           (long long)total, k->name);
    }
}

static jd_code read_paged(jd_jira *j, jd_arena *a, uint64_t id, const endpoint *k, size_t have,
                          items *got, int64_t *total, jd_err *e)
{
    for (;;) {
        jd_reply       r;
        const jd_json *v;
        jd_str         path = jd_arena_fmt(a, "%s/issue/%" PRIu64 "%s?startAt=%zu&maxResults=%d",
                                           jd_jira_root(j), id, k->path, got->n, CHILD_PAGE);
        jd_code        rc   = got->n == 0 ? first_page(j, a, path, k, have, &v, e)
                                          : jd_jira_get(j, a, path, &v, &r, e);
        if (rc)
            return rc;
        const jd_json *list  = jd_json_get(v, k->list);
        int64_t        start = 0;
        (void)jd_json_i64(jd_json_get(v, "startAt"), &start);
        (void)jd_json_i64(jd_json_get(v, "total"), total);
        if (got->n > 0 && start != (int64_t)got->n)
            return JD_OK; /* a server that knows no offsets sent everything the first time */
        add_all(got, list);
        if (got->n > CHILDREN_MAX || jd_arena_size(a) > ISSUE_MAX)
            return jd_fail(e, JD_E_TOOBIG, "its %s do not end: over %d of them, or over %d MiB",
                           k->name, CHILDREN_MAX, ISSUE_MAX >> 20);
        if (jd_json_len(list) == 0 || (int64_t)got->n >= *total)
            return JD_OK;
    }
}

/* Data Center gives histories only with the issue itself, then all of them. */
static jd_code read_histories(jd_jira *j, jd_arena *a, uint64_t id, items *got, int64_t *total,
                              jd_err *e)
{
    jd_reply       r;
    const jd_json *v;
    jd_str  path = jd_arena_fmt(a, "/rest/api/2/issue/%" PRIu64 "?fields=id&expand=changelog", id);
    jd_code rc   = jd_jira_get(j, a, path, &v, &r, e);
    if (rc)
        return rc;
    add_all(got, jd_json_path(v, "changelog.histories"));
    (void)jd_json_i64(jd_json_path(v, "changelog.total"), total);
    return JD_OK;
}

static jd_code rewrite(jd_arena *a, jd_issue *issue, const jd_child_list lists[JD_NCHILD],
                       jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(ISSUE_MAX);
    jd_issue_complete(&b, issue->doc, lists);
    if (!jd_buf_ok(&b))
        return jd_fail(e, JD_E_TOOBIG, "the issue with all its comments and history is over %d MiB",
                       ISSUE_MAX >> 20);
    jd_str         raw = jd_arena_dup(a, jd_buf_view(&b));
    const jd_json *doc;
    jd_code        rc = jd_json_read(a, raw, &doc, e);
    if (rc)
        return rc;
    jd_issue whole;
    rc = jd_issue_view(doc, raw, &whole, e);
    if (rc)
        return rc;
    whole.fetched_ms = issue->fetched_ms;
    *issue           = whole;
    return JD_OK;
}

static jd_code read_list(jd_jira *j, jd_arena *a, uint64_t id, jd_child kind, size_t have,
                         const jd_ahead *ahead, items *got, int64_t *total, jd_err *e)
{
    endpoint       at;
    const int64_t *place = ahead && kind == JD_HISTORIES ? jd_idmap_get(ahead->at, id) : NULL;
    if (place) {
        add_all(got, ahead->list[*place]);
        if ((int64_t)got->n >= *total)
            return JD_OK;
        got->n = 0; /* more came meanwhile */
    }
    return endpoint_of(j, kind, &at) ? read_paged(j, a, id, &at, have, got, total, e)
                                     : read_histories(j, a, id, got, total, e);
}

jd_code jd_jira_complete(jd_jira *j, jd_arena *a, jd_issue *issue, const jd_ahead *ahead,
                         jd_whole *out, jd_err *e)
{
    items         got[JD_NCHILD]   = {0};
    jd_child_list lists[JD_NCHILD] = {0};
    jd_code       rc               = JD_OK;
    *out                           = (jd_whole){0};
    for (int k = 0; k < JD_NCHILD && !rc; k++) {
        jd_child_state is = jd_issue_children(issue->doc, (jd_child)k);
        if (!is.present || is.total <= (int64_t)is.have)
            continue;
        int64_t total = is.total;
        rc            = read_list(j, a, issue->id, (jd_child)k, is.have, ahead, &got[k], &total, e);
        if (rc == JD_E_NOTFOUND) { /* gone meanwhile, or a server without this endpoint */
            rc       = JD_OK;
            got[k].n = 0;
        } else if (rc) {
            (void)jd_wrap(e, "%.*s: %s", JD_FMT(issue->key), jd_children[k].name);
            break;
        }
        if ((int64_t)got[k].n < total)
            out->short_lists++;
        if (got[k].n > is.have) {
            lists[k]       = (jd_child_list){got[k].v, got[k].n, total};
            out->rewritten = true;
        }
    }
    if (!rc && out->rewritten)
        rc = rewrite(a, issue, lists, e);
    for (int k = 0; k < JD_NCHILD; k++)
        jd_vec_release(&got[k]);
    return rc;
}
