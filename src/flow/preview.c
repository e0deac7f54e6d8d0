#include "flow/preview.h"

#include "base/idset.h"
#include "jira/catalogue.h"
#include "sys/opt.h"

#include <inttypes.h>
#include <string.h>

enum { ROWS = 50, ASTRAY_MAX = 100, FIELDS_MAX = 1 << 20 };

/* -- fields ---------------------------------------------------------------------------------- */

jd_code jd_preview_fields(jd_jira *j, jd_arena *a, jd_fields *out, jd_err *e)
{
    static const jd_fields none;
    jd_entries             all;
    jd_drifts              drift;
    jd_code                rc = jd_jira_catalogue(j, a, JD_CAT_FIELDS, &all, e);
    if (!rc)
        jd_fields_name(a, &none, all.v, all.n, out, &drift);
    return rc;
}

static bool is_system(const char *word)
{
    static const char *const names[] = {
        "key",          "id",          "summary",     "status",
        "assignee",     "reporter",    "creator",     "created",
        "updated",      "resolution",  "priority",    "issuetype",
        "project",      "labels",      "components",  "fixVersions",
        "versions",     "description", "environment", "duedate",
        "parent",       "votes",       "watches",     "timespent",
        "timeestimate", "issuelinks",  "attachment",  "subtasks",
        "comment",      "worklog",     "security",    "resolutiondate"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(word, names[i]) == 0)
            return true;
    return false;
}

static jd_code several(jd_str word, const jd_field *one, const jd_field *two, jd_err *e)
{
    return jd_fail(e, JD_E_USAGE,
                   "--fields: several fields are called '%.*s', as %.*s and %.*s: name one by id",
                   JD_FMT(word), JD_FMT(one->id), JD_FMT(two->id));
}

static jd_code unknown(jd_arena *a, jd_str word, const jd_fields *all, jd_err *e)
{
    const char **name = JD_NEW_ARRAY(a, const char *, 2 * all->n + 1);
    for (size_t i = 0; i < all->n; i++) {
        name[2 * i]     = jd_arena_cstr(a, all->v[i].id);
        name[2 * i + 1] = jd_arena_cstr(a, all->v[i].title);
    }
    const char *near = jd_did_you_mean(jd_arena_cstr(a, word), name, 2 * all->n);
    return jd_fail(e, JD_E_USAGE,
                   "--fields: this Jira has no field '%.*s'%s%s%s; `jiraduct fields` lists them",
                   JD_FMT(word), near ? ": did you mean '" : "", near ? near : "",
                   near ? "'?" : "");
}

static jd_code find(jd_arena *a, jd_str word, const jd_fields *all, jd_str *id, jd_err *e)
{
    const jd_field *meant[2];
    size_t          n = jd_field_mean(all, word, meant);
    if (n > 1)
        return several(word, meant[0], meant[1], e);
    if (!n)
        return unknown(a, word, all, e);
    *id = meant[0]->id;
    return JD_OK;
}

static bool is_asked(const jd_picked *p, jd_str name)
{
    for (size_t i = 0; i < p->n; i++)
        if (jd_str_eq(p->name[i], name))
            return true;
    return false;
}

jd_code jd_preview_pick(jd_jira *j, jd_arena *a, const char *const *word, size_t n, jd_picked *out,
                        jd_err *e)
{
    jd_fields all  = {0};
    bool      read = false;
    jd_code   rc   = JD_OK;
    *out =
        (jd_picked){.id = JD_NEW_ARRAY(a, jd_str, n + 1), .name = JD_NEW_ARRAY(a, jd_str, n + 1)};
    for (size_t i = 0; i < n && !rc; i++) {
        jd_str name = jd_str_of(word[i]), id = name;
        if (!name.n || is_asked(out, name))
            continue;
        if (!is_system(word[i]) && !read) {
            rc   = jd_preview_fields(j, a, &all, e);
            read = true;
        }
        if (!rc && !is_system(word[i]))
            rc = find(a, name, &all, &id, e);
        out->id[out->n]     = id;
        out->name[out->n++] = name;
    }
    return rc;
}

/* -- issues ---------------------------------------------------------------------------------- */

typedef struct job {
    const jd_preview *p;
    jd_preview_sum   *sum;
    jd_idset         *seen;
    const char       *fields;
    jd_arena         *arena; /* of the page */
    uint64_t          at;
    jd_buf            token;
    unsigned          astray; /* pages in a row that brought nothing */
    bool              last;
} job;

/* "id" alone where nothing else is wanted: an empty list would mean all. */
static const char *field_list(jd_arena *a, const jd_picked *f)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(FIELDS_MAX);
    for (size_t i = 0; i < f->n; i++) {
        if (jd_str_is(f->id[i], "key") || jd_str_is(f->id[i], "id"))
            continue;
        if (b.n)
            jd_buf_addc(&b, ',');
        jd_buf_adds(&b, f->id[i]);
    }
    return b.n ? jd_arena_cstr(a, jd_buf_view(&b)) : "id";
}

static jd_code give(job *w, const jd_page *page, jd_err *e)
{
    const jd_json **issue = JD_NEW_ARRAY(w->arena, const jd_json *, page->n + 1);
    size_t          n     = 0;
    jd_err          why;
    for (size_t i = 0; i < page->n; i++) {
        const jd_json *doc;
        if (w->p->limit && w->sum->given + n == w->p->limit) {
            w->sum->more = true;
            break;
        }
        if (jd_json_read(w->arena, page->row[i].raw, &doc, &why)) {
            jd_event(w->p->log, JD_WARN, "page", "an issue cannot be read: %s", why.msg);
            w->sum->bad++;
            continue;
        }
        uint64_t id = jd_json_id(jd_json_get(doc, "id"));
        if (!id || jd_idset_add(w->seen, id))
            issue[n++] = doc;
    }
    w->sum->given += n;
    w->astray = n ? 0 : w->astray + 1;
    return n ? w->p->page(w->p->self, issue, n, e) : JD_OK;
}

static jd_code move_on(job *w, const jd_page *page, jd_err *e)
{
    w->sum->total = page->told.total;
    if (!page->told.tokens) {
        w->at += page->n;
        w->last = page->n == 0 || w->at >= page->told.total;
        return JD_OK;
    }
    w->last = page->token.n == 0;
    if (!w->last && jd_str_eq(page->token, jd_buf_view(&w->token)))
        return jd_fail(e, JD_E_REMOTE, "the server's page tokens lead nowhere: run again");
    jd_buf_reset(&w->token);
    jd_buf_adds(&w->token, page->token);
    return jd_buf_ok(&w->token) ? JD_OK
                                : jd_fail(e, JD_E_REMOTE, "the server's page token is too long");
}

static jd_code one_page(job *w, jd_err *e)
{
    uint64_t left = w->p->limit ? w->p->limit - w->sum->given : ROWS;
    jd_query q    = {.jql         = w->p->jql,
                     .start_at    = w->at,
                     .token       = jd_buf_view(&w->token),
                     .max_results = left < ROWS ? left : ROWS,
                     .field       = w->fields};
    jd_page  page;
    jd_arena_recycle(w->arena);
    jd_code rc = jd_jira_search(w->p->jira, w->arena, &q, &page, e);
    if (rc)
        return rc;
    rc = move_on(w, &page, e);
    if (!rc)
        rc = give(w, &page, e);
    if (!rc && !w->last && w->p->limit && w->sum->given >= w->p->limit) {
        w->sum->more = true;
        w->last      = true;
    }
    if (!rc && !w->last && w->astray > ASTRAY_MAX)
        rc = jd_fail(e, JD_E_REMOTE, "%d pages in a row brought no issue: run again", ASTRAY_MAX);
    return rc;
}

jd_code jd_preview_run(const jd_preview *p, jd_preview_sum *sum, jd_err *e)
{
    job w                                     = {.p     = p,
                                                 .sum   = sum,
                                                 .seen  = jd_idset_new(),
                                                 .arena = jd_arena_new(0),
                                                 .token = JD_BUF_INIT(1 << 16)};
    *sum                                      = (jd_preview_sum){0};
    JD_CLEANUP(jd_arena_freep) jd_arena *kept = jd_arena_new(0);
    w.fields                                  = field_list(kept, p->fields);
    jd_code rc                                = JD_OK;
    while (!rc && !w.last)
        rc =
            jd_stop_wanted(p->stop) ? jd_fail(e, JD_E_INTERRUPTED, "interrupted") : one_page(&w, e);
    jd_buf_release(&w.token);
    jd_idset_free(w.seen);
    jd_arena_free(w.arena);
    return rc;
}
