#include "sink/extras.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { PATH_MAX_BYTES = 4096, FILE_MAX = 256 << 20 };

static const struct {
    const char *name, *path;
} kinds[JD_NEXTRA] = {
#define X(id, name, path) {name, path},
    JD_EXTRAS(X)
#undef X
};

const char *jd_extra_name(jd_extra which)
{
    return kinds[which].name;
}

const char *jd_extra_path(jd_extra which)
{
    return kinds[which].path;
}

jd_extra jd_extra_of(jd_str name)
{
    int i = 0;
    while (i < JD_NEXTRA && !jd_str_is(name, kinds[i].name))
        i++;
    return (jd_extra)i;
}

static void path_of(const char *raw_dir, jd_str key, char out[PATH_MAX_BYTES])
{
    jd_str project = jd_key_project(key);
    (void)snprintf(out, PATH_MAX_BYTES, "%s/%.*s/%.*s.extra.json", raw_dir, JD_FMT(project),
                   JD_FMT(key));
}

jd_code jd_extras_open(jd_state *s, const char *raw_dir, jd_extras *x, jd_err *e)
{
    *x = (jd_extras){.s = s, .raw_dir = raw_dir};
    jd_code rc =
        jd_stmt_prepare(jd_state_db(s),
                        "SELECT issue.id, issue.hash, issue.key FROM issue LEFT JOIN extra ON"
                        " extra.id = issue.id WHERE issue.id > ?1 AND (extra.id IS NULL OR"
                        " extra.hash <> issue.hash OR extra.key <> issue.key OR"
                        " (extra.kinds & ?2) <> ?2) ORDER BY issue.id LIMIT 1",
                        &x->next, e);
    if (!rc)
        rc = jd_stmt_prepare(jd_state_db(s),
                             "INSERT INTO extra (id, key, hash, kinds) VALUES (?1, ?2, ?3, ?4) ON"
                             " CONFLICT (id) DO UPDATE SET key = excluded.key,"
                             " hash = excluded.hash, kinds = excluded.kinds",
                             &x->set, e);
    if (!rc)
        rc = jd_stmt_prepare(jd_state_db(s), "SELECT key FROM extra WHERE id = ?1", &x->key, e);
    return rc;
}

jd_code jd_extras_next(jd_extras *x, jd_arena *a, uint64_t after, jd_extra_set want,
                       jd_extra_due *out, bool *found, jd_err *e)
{
    jd_stmt_int(x->next, 1, (int64_t)after);
    jd_stmt_int(x->next, 2, want);
    *found     = false;
    jd_code rc = jd_stmt_step(x->next, found, e);
    if (!rc && *found)
        *out = (jd_extra_due){.id   = (uint64_t)jd_stmt_get_int(x->next, 0),
                              .hash = (uint64_t)jd_stmt_get_int(x->next, 1),
                              .key  = jd_arena_dup(a, jd_stmt_get_text(x->next, 2))};
    jd_stmt_reset(x->next);
    return rc;
}

static jd_code remove_file(const char *raw_dir, jd_str key, jd_err *e)
{
    char path[PATH_MAX_BYTES];
    if (!jd_is_issue_key(key))
        return JD_OK;
    path_of(raw_dir, key, path);
    if (unlink(path) && errno != ENOENT && errno != ENOTDIR)
        return jd_file_fail(e, errno, "write", path);
    return JD_OK;
}

/* The key that the file of this issue lies under; empty when it has none. */
static jd_code key_of(const jd_extras *x, jd_arena *a, uint64_t id, jd_str *out, jd_err *e)
{
    bool row;
    *out = JD_NOSTR;
    jd_stmt_int(x->key, 1, (int64_t)id);
    jd_code rc = jd_stmt_step(x->key, &row, e);
    if (!rc && row)
        *out = jd_arena_dup(a, jd_stmt_get_text(x->key, 0));
    jd_stmt_reset(x->key);
    return rc;
}

jd_code jd_extras_put(jd_extras *x, const jd_extra_due *of, jd_extra_set have, jd_str json,
                      jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    char                                 path[PATH_MAX_BYTES];
    jd_str                               was;
    if (!jd_is_issue_key(of->key))
        return jd_fail(e, JD_E_INTERNAL, "'%.*s' is no issue key", JD_FMT(of->key));
    path_of(x->raw_dir, of->key, path);
    jd_str  project = jd_key_project(of->key);
    jd_code rc      = jd_dir_make(jd_arena_fmt(a, "%s/%.*s", x->raw_dir, JD_FMT(project)).p, e);
    if (!rc)
        rc = jd_file_replace(path, json, e);
    jd_crash_point("extra.written");
    if (!rc)
        rc = key_of(x, a, of->id, &was, e);
    if (!rc && was.n && !jd_str_eq(was, of->key))
        rc = remove_file(x->raw_dir, was, e);
    if (rc)
        return rc;
    jd_stmt_int(x->set, 1, (int64_t)of->id);
    jd_stmt_text(x->set, 2, of->key);
    jd_stmt_int(x->set, 3, (int64_t)of->hash);
    jd_stmt_int(x->set, 4, have);
    return jd_stmt_run(x->set, e);
}

jd_code jd_extras_prune(jd_extras *x, jd_err *e)
{
    jd_stmt *gone;
    bool     row = true;
    jd_code  rc  = jd_stmt_prepare(jd_state_db(x->s),
                                   "SELECT key FROM extra WHERE id NOT IN (SELECT id FROM issue)"
                                     " AND key NOT IN (SELECT key FROM issue)",
                                   &gone, e);
    while (!rc && !(rc = jd_stmt_step(gone, &row, e)) && row)
        rc = remove_file(x->raw_dir, jd_stmt_get_text(gone, 0), e);
    return rc ? rc
              : jd_sqlite_exec(jd_state_db(x->s),
                               "DELETE FROM extra WHERE id NOT IN (SELECT id FROM issue)", e);
}

jd_code jd_extras_get(const char *raw_dir, jd_arena *a, jd_str key, const jd_json **out, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(FILE_MAX);
    char                              path[PATH_MAX_BYTES];
    path_of(raw_dir, key, path);
    *out = NULL;
    if (!jd_path_exists(path))
        return JD_OK;
    jd_code rc = jd_file_read(path, &b, e);
    if (!rc)
        rc = jd_json_read(a, jd_arena_dup(a, jd_buf_view(&b)), out, e);
    return rc == JD_E_DATA ? jd_wrap(e, "%s", path) : rc;
}

jd_code jd_extras_copy(const char *raw_dir, const char *to, jd_str key, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(FILE_MAX);
    char                              path[PATH_MAX_BYTES];
    path_of(raw_dir, key, path);
    if (!jd_path_exists(path))
        return JD_OK;
    jd_code rc      = jd_file_read(path, &b, e);
    jd_str  project = jd_key_project(key);
    (void)snprintf(path, sizeof path, "%s/%.*s", to, JD_FMT(project));
    if (!rc)
        rc = jd_dir_make(path, e);
    path_of(to, key, path);
    return rc ? rc : jd_file_replace(path, jd_buf_view(&b), e);
}
