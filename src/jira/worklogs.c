#include "jira/worklogs.h"

#include "base/map.h"
#include "base/vec.h"
#include "text/jsonw.h"

#include <inttypes.h>
#include <string.h>

enum { PAGES_MAX = 50, LIST = 1000, BODY_MAX = 1 << 16 };

typedef JD_VEC(jd_worklog_event) events;

/* One page; the newest time in it, or `since`. */
static int64_t take(events *all, const jd_json *page, int64_t since)
{
    int64_t newest = since;
    for (jd_json_iter it = jd_json_walk(jd_json_get(page, "values")); jd_json_next(&it);) {
        jd_worklog_event event = {.worklog = jd_json_id(jd_json_get(it.value, "worklogId"))};
        if (!event.worklog || !jd_json_i64(jd_json_get(it.value, "updatedTime"), &event.at_ms))
            continue;
        *jd_vec_add(all) = event;
        newest           = event.at_ms > newest ? event.at_ms : newest;
    }
    return newest;
}

jd_code jd_jira_worklogs(jd_jira *j, jd_arena *a, bool deleted, int64_t since, jd_worklog_feed *out,
                         jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *each = jd_arena_new(0);
    events                               all  = {0};
    bool                                 last = false;
    jd_code                              rc   = JD_OK;
    *out                                      = (jd_worklog_feed){.next = since};
    for (int pages = 0; !rc && !last && pages < PAGES_MAX; pages++) {
        const jd_json *page;
        jd_reply       reply;
        jd_arena_reset(each);
        jd_str path = jd_arena_fmt(each, "%s/worklog/%s?since=%" PRId64, jd_jira_root(j),
                                   deleted ? "deleted" : "updated", out->next);
        rc          = jd_jira_get(j, each, path, &page, &reply, e);
        if (rc)
            break;
        int64_t newest = take(&all, page, out->next);
        last = !jd_json_get(page, "lastPage") || jd_json_bool(jd_json_get(page, "lastPage"));
        /* a page of one single moment leads to itself; behind the last one all of its moment came
         */
        out->next = newest > out->next && !last ? newest : newest + (all.n > 0);
    }
    if (!rc && all.n) {
        out->v = JD_NEW_ARRAY(a, jd_worklog_event, all.n);
        out->n = all.n;
        memcpy(out->v, all.v, all.n * sizeof *all.v);
    }
    jd_vec_release(&all);
    return rc;
}

static jd_code ask_list(jd_jira *j, jd_arena *each, const jd_worklog_event *v, size_t n,
                        jd_idmap *issue_of, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf body = JD_BUF_INIT(BODY_MAX);
    const jd_json                    *list;
    jd_reply                          reply;
    jd_jsonw                          w = jd_jsonw_to(&body);
    jd_jsonw_object(&w);
    jd_jsonw_name(&w, "ids");
    jd_jsonw_array(&w);
    for (size_t i = 0; i < n; i++)
        jd_jsonw_int(&w, (int64_t)v[i].worklog);
    jd_jsonw_end(&w);
    jd_jsonw_end(&w);
    jd_str  path = jd_arena_fmt(each, "%s/worklog/list", jd_jira_root(j));
    jd_code rc   = jd_jira_post(j, each, path, jd_buf_view(&body), &list, &reply, e);
    for (jd_json_iter it = jd_json_walk(rc ? NULL : list); jd_json_next(&it);) {
        uint64_t id = jd_json_id(jd_json_get(it.value, "id"));
        if (id)
            *jd_idmap_put(issue_of, id, NULL) =
                (int64_t)jd_json_id(jd_json_get(it.value, "issueId"));
    }
    return rc;
}

jd_code jd_jira_worklog_issues(jd_jira *j, jd_worklog_feed *f, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *each     = jd_arena_new(0);
    jd_idmap                            *issue_of = jd_idmap_new();
    jd_code                              rc       = JD_OK;
    for (size_t at = 0; at < f->n && !rc; at += LIST) {
        jd_arena_reset(each);
        rc = ask_list(j, each, f->v + at, f->n - at < LIST ? f->n - at : LIST, issue_of, e);
    }
    for (size_t i = 0; i < f->n && !rc; i++) {
        const int64_t *issue = jd_idmap_get(issue_of, f->v[i].worklog);
        f->v[i].issue        = issue ? (uint64_t)*issue : f->v[i].issue;
    }
    jd_idmap_free(issue_of);
    return rc;
}
