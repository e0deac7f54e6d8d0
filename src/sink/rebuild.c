#include "sink/raw.h"
#include "sink/users.h"
#include "text/date.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { ISSUE_FILE_MAX = 256 << 20 };

typedef struct reader { /* what reading one raw file after another needs */
    const char *raw_dir;
    jd_arena   *arena;
    jd_buf      bytes;
} reader;

static void full_path(const reader *r, jd_str key, char *out, size_t size)
{
    char below[JD_RAW_PATH_MAX];
    jd_raw_path(key, below);
    (void)snprintf(out, size, "%s/%s", r->raw_dir, below);
}

/* The issue of one file; lives until the next call. */
static jd_code read_issue(reader *r, const char *path, jd_issue *out, jd_err *e)
{
    const jd_json *doc;
    jd_arena_reset(r->arena);
    jd_buf_reset(&r->bytes);
    jd_code rc = jd_file_read(path, &r->bytes, e);
    if (!rc)
        rc = jd_json_read(r->arena, jd_buf_view(&r->bytes), &doc, e);
    if (!rc)
        rc = jd_issue_view(doc, jd_buf_view(&r->bytes), out, e);
    if (!rc)
        out->hash = jd_issue_hash(doc);
    return rc;
}

/* "KEY.json" of a raw folder -> KEY; empty for anything else that may lie there. */
static jd_str key_of_name(const char *name)
{
    jd_str s = jd_str_of(name);
    if (!jd_str_ends(s, JD_STR(".json")))
        return JD_NOSTR;
    s.n -= 5;
    return jd_is_issue_key(s) ? s : JD_NOSTR;
}

/* Calls each for every issue file below the raw folder, projects and names in order. */
static jd_code each_file(reader *r,
                         jd_code (*each)(void *self, reader *r, const char *path, jd_str key,
                                         jd_err *e),
                         void *self, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_names                             projects;
    jd_code                              rc = jd_dir_list(a, r->raw_dir, &projects, e);
    for (size_t i = 0; i < projects.n && !rc; i++) {
        if (!jd_is_project_key(jd_str_of(projects.name[i])))
            continue;
        jd_mark  mark = jd_arena_mark(a);
        jd_names files;
        jd_str   folder = jd_arena_fmt(a, "%s/%s", r->raw_dir, projects.name[i]);
        if (jd_path_is_dir(folder.p))
            rc = jd_dir_list(a, folder.p, &files, e);
        else
            files = (jd_names){0};
        for (size_t k = 0; !rc && k < files.n; k++) {
            char   path[4096];
            jd_str key = key_of_name(files.name[k]);
            (void)snprintf(path, sizeof path, "%s/%s", folder.p, files.name[k]);
            if (key.n)
                rc = each(self, r, path, key, e);
        }
        jd_arena_rewind(a, mark);
    }
    return rc;
}

/* -- rebuild --------------------------------------------------------------------------------- */

typedef struct rebuild {
    jd_state     *state;
    const jd_log *log;
    uint64_t      n;
    jd_users      users;
} rebuild;

static jd_code remove_file(const char *path, jd_err *e)
{
    if (unlink(path) && errno != ENOENT)
        return jd_fail_sys(e, JD_E_IO, errno, "cannot remove %s", path);
    return JD_OK;
}

static jd_code add_row(void *self, reader *r, const char *path, jd_str key, jd_err *e)
{
    rebuild       *b = self;
    jd_issue       issue;
    jd_state_issue was;
    bool           found;
    jd_err         bad;
    if (read_issue(r, path, &issue, &bad) || !jd_str_eq(issue.key, key)) {
        jd_event(b->log, JD_WARN, "state", "%s is no issue file that can be used: fetched again",
                 path);
        return JD_OK;
    }
    jd_code rc = jd_state_get(b->state, issue.id, &was, &found, e);
    if (rc)
        return rc;
    if (found) { /* two files of one issue: it moved, and the older one stayed behind */
        char other[4096];
        if (issue.updated_ms < was.held.updated_ms)
            return remove_file(path, e);
        full_path(r, was.key, other, sizeof other);
        rc = remove_file(other, e);
    }
    jd_state_issue row = {issue.id, issue.key, {issue.updated_ms, 0, issue.hash, 0}};
    b->n++;
    jd_users_take(&b->users, &issue);
    return rc ? rc : jd_state_put(b->state, &row, e);
}

jd_code jd_raw_rebuild(jd_state *state, const char *raw_dir, const jd_log *log, jd_err *e)
{
    rebuild b = {.state = state, .log = log};
    reader  r = {raw_dir, jd_arena_new(0), JD_BUF_INIT(ISSUE_FILE_MAX)};
    jd_users_init(&b.users);
    jd_code rc = jd_state_begin(state, e);
    if (!rc)
        rc = each_file(&r, add_row, &b, e);
    if (!rc)
        rc = jd_users_put(&b.users, state, e);
    if (!rc)
        rc = jd_state_set_layout(state, JD_LAYOUT_FILES, JD_NOSTR, e);
    jd_crash_point("raw.rebuilt");
    if (!rc)
        rc = jd_state_commit(state, e);
    if (rc)
        jd_state_rollback(state);
    else if (b.n)
        jd_event(log, JD_INFO, "state", "state rebuilt from %llu raw files in %s",
                 (unsigned long long)b.n, raw_dir);
    jd_users_release(&b.users);
    jd_arena_free(r.arena);
    jd_buf_release(&r.bytes);
    return rc;
}
