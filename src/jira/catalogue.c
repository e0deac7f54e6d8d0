#include "jira/catalogue.h"

#include "base/vec.h"

#include <inttypes.h>

enum { ROWS = 100, BOARD_ROWS = 50, ENTRIES_MAX = 200000 };

static const struct kind {
    const char *name, *center, *cloud;
    bool        paged; /* on Cloud */
    const char *member;
} kinds[JD_NCATALOGUE] = {
#define X(id, name, center, cloud, paged, member) {name, center, cloud, paged, member},
    JD_CATALOGUES(X)
#undef X
};

const char *jd_catalogue_name(jd_catalogue which)
{
    return kinds[which].name;
}

typedef struct pile {
    JD_VEC(const jd_json *) row;
} pile;

static jd_code no_list(jd_str path, jd_err *e)
{
    return jd_fail(e, JD_E_REMOTE, "%.*s: the server's answer is no list of such things",
                   JD_FMT(path));
}

static jd_code add(pile *p, const jd_json *list, jd_str path, jd_err *e)
{
    if (jd_json_kind(list) != JD_JSON_ARRAY)
        return no_list(path, e);
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);)
        if (jd_json_kind(it.value) == JD_JSON_OBJECT)
            *jd_vec_add(&p->row) = it.value;
    return p->row.n > ENTRIES_MAX
               ? jd_fail(e, JD_E_TOOBIG, "%.*s: more than %d entries", JD_FMT(path), ENTRIES_MAX)
               : JD_OK;
}

static jd_code whole(jd_jira *j, jd_arena *a, jd_str path, const char *member, pile *p, jd_err *e)
{
    const jd_json *v;
    jd_reply       reply;
    jd_code        rc = jd_jira_get(j, a, path, &v, &reply, e);
    return rc ? rc : add(p, member ? jd_json_get(v, member) : v, path, e);
}

/* Whether a page is the last one. Data Center's lists of sprints have no total, other lists no
 * isLast; where there is neither, a page that is not full ends the list. */
static bool is_last(const jd_json *page, uint64_t at, uint64_t rows)
{
    const jd_json *last = jd_json_get(page, "isLast");
    int64_t        total, most;
    if (rows == 0 || jd_json_bool(last))
        return true;
    if (jd_json_kind(last) == JD_JSON_BOOL)
        return false;
    if (jd_json_i64(jd_json_get(page, "total"), &total))
        return total <= 0 || at + rows >= (uint64_t)total;
    return !jd_json_i64(jd_json_get(page, "maxResults"), &most) || rows < (uint64_t)most;
}

/* Advances by what came: a server lowers maxResults without a word. */
static jd_code pages(jd_jira *j, jd_arena *a, jd_str path, unsigned rows, pile *p, jd_err *e)
{
    bool     query = jd_str_find(path, '?') < path.n, last = false;
    uint64_t at = 0;
    jd_code  rc = JD_OK;
    while (!rc && !last) {
        const jd_json *v;
        jd_reply       reply;
        jd_str url = jd_arena_fmt(a, "%.*s%cstartAt=%" PRIu64 "&maxResults=%u", JD_FMT(path),
                                  query ? '&' : '?', at, rows);
        rc         = jd_jira_get(j, a, url, &v, &reply, e);
        if (rc)
            return rc;
        const jd_json *list = jd_json_get(v, "values");
        rc                  = add(p, list, path, e);
        last                = is_last(v, at, jd_json_len(list));
        at += jd_json_len(list);
    }
    return rc;
}

static jd_code give(jd_arena *a, pile *p, jd_code rc, jd_entries *out)
{
    *out = (jd_entries){JD_NEW_ARRAY(a, const jd_json *, p->row.n + 1), rc ? 0 : p->row.n};
    for (size_t i = 0; p->row.v && i < out->n; i++)
        out->v[i] = p->row.v[i];
    jd_vec_release(&p->row);
    return rc;
}

jd_code jd_jira_catalogue(jd_jira *j, jd_arena *a, jd_catalogue which, jd_entries *out, jd_err *e)
{
    const struct kind *k = &kinds[which];
    pile               p = {0};
    jd_str  path = jd_arena_fmt(a, "%s%s", jd_jira_root(j), j->cloud ? k->cloud : k->center);
    jd_code rc =
        j->cloud && k->paged ? pages(j, a, path, ROWS, &p, e) : whole(j, a, path, k->member, &p, e);
    return give(a, &p, rc, out);
}

jd_code jd_jira_project_part(jd_jira *j, jd_arena *a, uint64_t project, const char *part,
                             jd_entries *out, jd_err *e)
{
    pile    p    = {0};
    jd_str  path = jd_arena_fmt(a, "%s/project/%" PRIu64 "/%s", jd_jira_root(j), project, part);
    jd_code rc   = whole(j, a, path, NULL, &p, e);
    return give(a, &p, rc, out);
}

jd_code jd_jira_boards(jd_jira *j, jd_arena *a, jd_str project, jd_entries *out, jd_err *e)
{
    pile    p    = {0};
    jd_str  path = jd_arena_fmt(a, "/rest/agile/1.0/board?projectKeyOrId=%.*s", JD_FMT(project));
    jd_code rc   = pages(j, a, path, BOARD_ROWS, &p, e);
    return give(a, &p, rc, out);
}

jd_code jd_jira_sprints(jd_jira *j, jd_arena *a, uint64_t board, jd_entries *out, jd_err *e)
{
    pile    p    = {0};
    jd_str  path = jd_arena_fmt(a, "/rest/agile/1.0/board/%" PRIu64 "/sprint", board);
    jd_code rc   = pages(j, a, path, BOARD_ROWS, &p, e);
    return give(a, &p, rc, out);
}
