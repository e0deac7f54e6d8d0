#include "sink/packindex.h"
#include "sink/store.h"
#include "sink/tomb.h"

#include <stdio.h>
#include <sys/stat.h>

enum { ISSUE_MAX = 256 << 20 };

typedef struct verify {
    jd_state        *state;
    const char      *raw_dir;
    jd_store        *store;
    jd_store_reader *reader;
    jd_arena        *arena; /* of one issue */
    jd_raw_check    *sum;
    void (*found)(void *self, const char *path, const char *what);
    void *self;
} verify;

static void report(verify *v, uint64_t *counter, const char *path, const char *what)
{
    (*counter)++;
    if (v->found)
        v->found(v->self, path, what);
}

static jd_code read_issue(verify *v, jd_str key, jd_issue *out, jd_err *e)
{
    const jd_json *doc;
    jd_str         raw;
    jd_arena_reset(v->arena);
    jd_code rc = jd_store_read(v->reader, key, &raw, e);
    if (!rc)
        rc = jd_json_read(v->arena, raw, &doc, e);
    if (!rc)
        rc = jd_issue_view(doc, raw, out, e);
    if (!rc)
        out->hash = jd_issue_hash(doc);
    return rc;
}

static bool check_row(void *self, const jd_state_issue *row)
{
    verify  *v = self;
    jd_issue issue;
    jd_err   bad;
    bool     packed = jd_store_layout(v->store) == JD_LAYOUT_PACK;
    v->sum->issues++;
    jd_code     rc   = read_issue(v, row->key, &issue, &bad);
    const char *path = jd_store_where(v->store, v->arena, row->key).p;
    if (rc == JD_E_NOTFOUND)
        report(v, &v->sum->missing, path, "missing");
    else if (rc)
        report(v, &v->sum->wrong, path, bad.msg);
    else if (issue.id != row->id || !jd_str_eq(issue.key, row->key))
        report(v, &v->sum->wrong, path, "holds another issue");
    else if (!packed && issue.updated_ms > row->held.updated_ms)
        report(v, &v->sum->pending, path, "newer than the state (the next run settles it)");
    else if (issue.hash != row->held.hash)
        report(v, &v->sum->wrong, path, "is not what was delivered");
    return true;
}

/* What was removed is neither held nor to be read. */
static bool check_tombstone(void *self, const jd_tombstone *t)
{
    verify  *v = self;
    jd_issue issue;
    jd_err   bad;
    v->sum->removed++;
    if (!read_issue(v, t->key, &issue, &bad) && issue.id == t->id)
        report(v, &v->sum->wrong, jd_store_where(v->store, v->arena, t->key).p,
               "was removed, and is there");
    return true;
}

/* -- what lies in the folder ----------------------------------------------------------------- */

static jd_code check_files(verify *v, const char *project, jd_err *e)
{
    jd_store_list list;
    jd_code       rc = jd_store_list_open(v->store, project, &list, e);
    if (rc)
        return rc;
    for (size_t i = 0; i < list.n && !rc; i++) {
        char     key[300], path[4096];
        uint64_t id;
        bool     found;
        (void)snprintf(key, sizeof key, "%s-%llu", project, (unsigned long long)list.number[i]);
        v->sum->files++;
        rc = jd_state_by_key(v->state, jd_str_of(key), &id, &found, e);
        if (!rc && !found) {
            (void)snprintf(path, sizeof path, "%s/%s/%s.json", v->raw_dir, project, key);
            report(v, &v->sum->strays, path, "the state knows no such issue");
        }
    }
    jd_store_list_close(&list);
    return rc;
}

static void check_segment(verify *v, jd_str project, const char *name, const jd_segment *s,
                          size_t n)
{
    char        path[4096];
    struct stat st;
    uint64_t    number = jd_segment_number(jd_str_of(name));
    size_t      i      = 0;
    while (i < n && (s[i].number != number || !jd_str_eq(s[i].project, project)))
        i++;
    v->sum->files++;
    (void)snprintf(path, sizeof path, "%s/%.*s/%s", v->raw_dir, JD_FMT(project), name);
    if (i == n)
        report(v, &v->sum->pending, path,
               "the state knows no such segment (the next run settles it)");
    else if (stat(path, &st) == 0 && (uint64_t)st.st_size > s[i].size)
        report(v, &v->sum->pending, path, "longer than the state says (the next run settles it)");
}

static jd_code check_segments(verify *v, jd_arena *a, const jd_names *projects, jd_err *e)
{
    jd_packindex *x  = NULL;
    jd_segment   *s  = NULL;
    size_t        n  = 0;
    jd_code       rc = jd_packindex_open(v->state, &x, e);
    if (!rc)
        rc = jd_packindex_segments(x, a, false, &s, &n, e);
    for (size_t i = 0; i < projects->n && !rc; i++) {
        jd_names files;
        rc = jd_dir_list(a, jd_arena_fmt(a, "%s/%s", v->raw_dir, projects->name[i]).p, &files, e);
        for (size_t k = 0; !rc && k < files.n; k++)
            if (jd_segment_number(jd_str_of(files.name[k])))
                check_segment(v, jd_str_of(projects->name[i]), files.name[k], s, n);
    }
    jd_packindex_close(x);
    return rc;
}

jd_code jd_raw_verify(jd_state *state, const char                                         *raw_dir,
                      void (*found)(void *self, const char *path, const char *what), void *self,
                      jd_raw_check *out, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_names                             projects;
    jd_layout                            layout = jd_state_layout(state);
    verify v = {.state = state, .raw_dir = raw_dir, .sum = out, .found = found, .self = self};
    *out     = (jd_raw_check){0};
    v.arena  = jd_arena_new(0);
    if (layout == JD_LAYOUT_ANY)
        layout = JD_LAYOUT_FILES;
    jd_code rc = jd_store_fits(state, raw_dir, layout, e);
    if (!rc)
        rc = jd_store_open(raw_dir, jd_state_dir(state), &v.store, e);
    if (!rc)
        rc = jd_store_reader_open(v.store, ISSUE_MAX, &v.reader, e);
    if (!rc)
        rc = jd_state_each(state, check_row, &v, e);
    if (!rc)
        rc = jd_tomb_each(state, check_tombstone, &v, e);
    if (!rc)
        rc = jd_store_projects(v.store, a, &projects, e);
    if (!rc && jd_store_layout(v.store) == JD_LAYOUT_PACK)
        rc = check_segments(&v, a, &projects, e);
    else
        for (size_t i = 0; !rc && i < projects.n; i++)
            rc = check_files(&v, projects.name[i], e);
    jd_store_reader_close(v.reader);
    jd_store_close(v.store);
    jd_arena_free(v.arena);
    return rc;
}
