#include "sink/raw.h"

#include "base/map.h"
#include "base/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char batch_dir[] = ".batch";
static const char manifest[]  = "manifest";

enum { MANIFEST_MAX = 64 << 20 };

typedef struct pending { /* one file of the batch in hand */
    const jd_scope *scope;
    jd_state_issue  row;  /* key in the batch's arena */
    jd_str          old;  /* the key it is held under now, empty when the same or none */
    bool            file; /* false: the content is held already, only the row changes */
    bool            moved;
} pending;

typedef struct joined { /* an issue that is held, and belongs to the scope */
    const jd_scope *scope;
    uint64_t        id;
} joined;

typedef struct raw_sink {
    jd_state     *state;
    const jd_log *log;
    char         *dir;
    int           dirfd, batchfd;
    jd_scope      scope;
    jd_arena     *arena; /* of the batch */
    JD_VEC(pending) batch;
    jd_idmap *by_id; /* id -> place in batch */
    JD_VEC(joined) members;
    bool open;
} raw_sink;

void jd_raw_path(jd_str key, char out[JD_RAW_PATH_MAX])
{
    jd_str project = jd_key_project(key);
    (void)snprintf(out, JD_RAW_PATH_MAX, "%.*s/%.*s.json", JD_FMT(project), JD_FMT(key));
}

static jd_code io_error(const raw_sink *r, const char *what, const char *name, jd_err *e)
{
    const char *remedy = errno == ENOSPC || errno == EDQUOT
                             ? " (the disk is full: make room and run again; nothing is lost)"
                             : "";
    return jd_fail_sys(e, JD_E_IO, errno, "%s %s/%s%s", what, r->dir, name, remedy);
}

/* -- start and recovery ---------------------------------------------------------------------- */

/* The batch that a manifest tells of was not committed for sure: files without a row go. */
static jd_code undo_manifest(raw_sink *r, jd_str names, jd_err *e)
{
    jd_str name;
    while (jd_str_split(&names, '\n', &name)) {
        uint64_t id;
        bool     found;
        char     path[JD_RAW_PATH_MAX];
        if (!jd_is_issue_key(name))
            continue;
        jd_code rc = jd_state_by_key(r->state, name, &id, &found, e);
        if (rc)
            return rc;
        jd_raw_path(name, path);
        if (!found && unlinkat(r->dirfd, path, 0) && errno != ENOENT)
            return io_error(r, "cannot remove", path, e);
    }
    return JD_OK;
}

static jd_code recover(raw_sink *r, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    JD_CLEANUP(jd_buf_release) jd_buf    b = JD_BUF_INIT(MANIFEST_MAX);
    jd_names                             left;
    jd_str                               path = jd_arena_fmt(a, "%s/%s", r->dir, batch_dir);
    jd_code                              rc   = jd_file_read_at(r->batchfd, manifest, &b, e);
    if (rc == JD_E_NOTFOUND)
        rc = JD_OK;
    else if (!rc)
        rc = undo_manifest(r, jd_buf_view(&b), e);
    if (!rc)
        rc = jd_dir_list(a, path.p, &left, e);
    for (size_t i = 0; !rc && i < left.n; i++)
        if (strcmp(left.name[i], manifest) != 0)
            (void)unlinkat(r->batchfd, left.name[i], 0);
    if (!rc && unlinkat(r->batchfd, manifest, 0) && errno != ENOENT)
        rc = io_error(r, "cannot remove", manifest, e);
    return rc;
}

static jd_code open_folders(raw_sink *r, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a    = jd_arena_new(0);
    jd_str                               path = jd_arena_fmt(a, "%s/%s", r->dir, batch_dir);
    jd_code                              rc   = jd_dir_make(path.p, e);
    if (rc)
        return rc;
    r->dirfd   = open(r->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    r->batchfd = open(path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (r->dirfd < 0 || r->batchfd < 0)
        return io_error(r, "cannot open", "", e);
    return JD_OK;
}

static void raw_close(void *self);

static const jd_sink_ops raw_ops;

jd_code jd_raw_open(const jd_raw_conf *conf, jd_sink *out, jd_err *e)
{
    bool      fresh = false;
    raw_sink *r     = jd_xcalloc(1, sizeof *r);
    r->dirfd = r->batchfd = -1;
    r->log                = conf->log;
    r->dir                = jd_xstrdup(conf->raw_dir);
    r->arena              = jd_arena_new(0);
    r->by_id              = jd_idmap_new();
    jd_code rc            = jd_state_open(conf->state_dir, conf->site, &r->state, &fresh, e);
    if (!rc)
        rc = open_folders(r, e);
    if (!rc)
        rc = recover(r, e);
    if (!rc && fresh)
        rc = jd_raw_rebuild(r->state, r->dir, r->log, e);
    if (rc)
        raw_close(r);
    else
        *out = (jd_sink){&raw_ops, r};
    return rc;
}

jd_state *jd_raw_state(const jd_sink *sink)
{
    return ((raw_sink *)sink->self)->state;
}

/* -- a batch --------------------------------------------------------------------------------- */

static jd_code raw_where(void *self, const jd_scope *scope, jd_cursor *out, jd_err *e)
{
    raw_sink *r = self;
    return jd_state_cursor(r->state, scope, out, e);
}

static jd_code raw_count(void *self, const jd_scope *scope, int64_t since, uint64_t *out, jd_err *e)
{
    raw_sink *r = self;
    return jd_state_count(r->state, scope, since, out, e);
}

static void empty_batch(raw_sink *r)
{
    r->batch.n   = 0;
    r->members.n = 0;
    r->open      = false;
    jd_idmap_clear(r->by_id);
    jd_arena_reset(r->arena);
}

static jd_code raw_begin(void *self, jd_err *e)
{
    raw_sink *r = self;
    (void)e;
    empty_batch(r);
    r->open = true;
    return JD_OK;
}

static void temp_name(size_t place, char out[32])
{
    (void)snprintf(out, 32, "%zu.json", place);
}

static jd_code write_temp(raw_sink *r, size_t place, jd_str raw, jd_err *e)
{
    char name[32];
    temp_name(place, name);
    int fd = openat(r->batchfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return io_error(r, "cannot write", name, e);
    jd_code rc = jd_file_write(fd, raw, r->dir, e);
    if (close(fd) && !rc)
        rc = io_error(r, "cannot write", name, e);
    return rc;
}

/* What to do with an issue, given what is held of it. */
static jd_written judge(const jd_issue *issue, const jd_held *held)
{
    if (issue->updated_ms < held->updated_ms ||
        (issue->updated_ms == held->updated_ms && issue->fetched_ms < held->fetched_ms))
        return JD_WROTE_OLDER;
    return issue->hash == held->hash ? JD_WROTE_UNCHANGED : JD_WROTE_CHANGED;
}

/* Key and held state of an id, from the batch in hand or from the state. The key is copied. */
static jd_code find_held(raw_sink *r, uint64_t id, jd_state_issue *out, bool *found, jd_err *e)
{
    const int64_t *place = jd_idmap_get(r->by_id, id);
    if (place) {
        *out   = r->batch.v[*place].row;
        *found = true;
        return JD_OK;
    }
    jd_code rc = jd_state_get(r->state, id, out, found, e);
    if (!rc && *found)
        out->key = jd_arena_dup(r->arena, out->key);
    return rc;
}

/* The issue belongs to the scope too, unless it has moved on to another project since. */
static void join_later(raw_sink *r, const jd_scope *scope, jd_str key, uint64_t id)
{
    if (!scope->project.n || jd_str_eq(jd_key_project(key), scope->project))
        *jd_vec_add(&r->members) = (joined){scope, id};
}

/* Whether the file of a held issue is there: somebody may have removed it. */
static bool file_there(const raw_sink *r, jd_str key)
{
    char path[JD_RAW_PATH_MAX];
    jd_raw_path(key, path);
    return faccessat(r->dirfd, path, F_OK, 0) == 0;
}

static jd_code raw_write(void *self, const jd_scope *scope, const jd_issue *issue, jd_written *out,
                         jd_err *e)
{
    raw_sink      *r = self;
    jd_state_issue is;
    bool           found = false;
    jd_code        rc    = find_held(r, issue->id, &is, &found, e);
    if (rc)
        return rc;
    *out = found ? judge(issue, &is.held) : JD_WROTE_NEW;
    if (*out == JD_WROTE_OLDER) {
        join_later(r, scope, is.key, issue->id);
        return JD_OK;
    }
    bool     same_key = found && jd_str_eq(is.key, issue->key);
    bool     fresh;
    int64_t *place = jd_idmap_put(r->by_id, issue->id, &fresh);
    pending  p     = {.scope = scope,
                      .row   = {.id   = issue->id,
                                .key  = same_key ? is.key : jd_arena_dup(r->arena, issue->key),
                                .held = {issue->updated_ms, issue->fetched_ms, issue->hash, scope->plan}},
                      .old   = found && !same_key ? is.key : JD_NOSTR,
                      .file  = *out != JD_WROTE_UNCHANGED || !same_key || !file_there(r, issue->key),
                      .moved = found && !same_key};
    if (fresh) {
        *place                 = (int64_t)r->batch.n;
        *jd_vec_add(&r->batch) = p;
    } else { /* twice in one batch: the later state, and the first one's old key */
        pending *was = &r->batch.v[*place];
        p.file       = p.file || was->file;
        p.moved      = p.moved || was->moved;
        if (was->old.n)
            p.old = was->old;
        if (was->scope != scope)
            join_later(r, was->scope, p.row.key, issue->id);
        *was = p;
    }
    return p.file ? write_temp(r, (size_t)*place, issue->raw, e) : JD_OK;
}

static jd_code raw_member(void *self, const jd_scope *scope, uint64_t id, jd_err *e)
{
    raw_sink *r = self;
    (void)e;
    *jd_vec_add(&r->members) = (joined){scope, id};
    return JD_OK;
}

/* -- commit ---------------------------------------------------------------------------------- */

static jd_code write_manifest(raw_sink *r, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(MANIFEST_MAX);
    for (size_t i = 0; i < r->batch.n; i++)
        if (r->batch.v[i].file) {
            jd_buf_adds(&b, r->batch.v[i].row.key);
            jd_buf_addc(&b, '\n');
        }
    int fd = openat(r->batchfd, manifest, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return io_error(r, "cannot write", manifest, e);
    jd_code rc = jd_file_write(fd, jd_buf_view(&b), r->dir, e);
    if (!rc && syncfs(fd))
        rc = io_error(r, "cannot sync", manifest, e);
    if (close(fd) && !rc)
        rc = io_error(r, "cannot write", manifest, e);
    return rc;
}

static jd_code rename_one(raw_sink *r, size_t i, jd_map *folders, jd_err *e)
{
    pending *p = &r->batch.v[i];
    char     name[32], path[JD_RAW_PATH_MAX], folder[JD_RAW_PATH_MAX];
    bool     fresh;
    temp_name(i, name);
    jd_raw_path(p->row.key, path);
    jd_str project = jd_key_project(p->row.key);
    (void)snprintf(folder, sizeof folder, "%.*s", JD_FMT(project));
    (void)jd_map_put(folders, project, &fresh);
    if (fresh && mkdirat(r->dirfd, folder, 0755) && errno != EEXIST)
        return io_error(r, "cannot make", folder, e);
    if (renameat(r->batchfd, name, r->dirfd, path))
        return io_error(r, "cannot write", path, e);
    return JD_OK;
}

static bool key_in_batch(const raw_sink *r, jd_str key)
{
    for (size_t i = 0; i < r->batch.n; i++)
        if (jd_str_eq(r->batch.v[i].row.key, key))
            return true;
    return false;
}

static jd_code sync_folders(raw_sink *r, const jd_map *folders, jd_err *e)
{
    jd_str   project;
    uint64_t unused;
    if (fsync(r->dirfd))
        return io_error(r, "cannot sync", "", e);
    for (size_t at = 0; jd_map_next(folders, &at, &project, &unused);) {
        char folder[JD_RAW_PATH_MAX];
        (void)snprintf(folder, sizeof folder, "%.*s", JD_FMT(project));
        int fd = openat(r->dirfd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT)
            continue;
        if (fd < 0 || fsync(fd)) {
            jd_code rc = io_error(r, "cannot sync", folder, e);
            if (fd >= 0)
                close(fd);
            return rc;
        }
        close(fd);
    }
    return JD_OK;
}

/* The files of the batch take their places, those of old keys go, and the folders remember it. */
static jd_code place_files(raw_sink *r, jd_err *e)
{
    jd_map *folders = jd_map_new();
    jd_code rc      = JD_OK;
    for (size_t i = 0; i < r->batch.n && !rc; i++) {
        if (!r->batch.v[i].file)
            continue;
        rc = rename_one(r, i, folders, e);
        if (i == 0)
            jd_crash_point("raw.rename");
    }
    jd_crash_point("raw.renamed");
    for (size_t i = 0; i < r->batch.n && !rc; i++) {
        jd_str old = r->batch.v[i].old;
        char   path[JD_RAW_PATH_MAX];
        if (!old.n || !jd_is_issue_key(old) || key_in_batch(r, old))
            continue;
        jd_raw_path(old, path);
        (void)jd_map_put(folders, jd_key_project(old), NULL);
        if (unlinkat(r->dirfd, path, 0) && errno != ENOENT)
            rc = io_error(r, "cannot remove", path, e);
    }
    jd_crash_point("raw.unlinked");
    if (!rc)
        rc = sync_folders(r, folders, e);
    jd_map_free(folders);
    return rc;
}

static jd_code commit_rows(raw_sink *r, jd_err *e)
{
    jd_code rc = JD_OK;
    for (size_t i = 0; i < r->batch.n && !rc; i++) {
        const pending *p = &r->batch.v[i];
        rc               = jd_state_put(r->state, &p->row, e);
        if (!rc)
            rc = jd_state_member(r->state, p->scope, p->row.id, p->moved, e);
    }
    for (size_t i = 0; i < r->members.n && !rc; i++)
        rc = jd_state_member(r->state, r->members.v[i].scope, r->members.v[i].id, false, e);
    return rc;
}

static jd_code commit_state(raw_sink *r, const jd_commit *upto, size_t n, jd_err *e)
{
    jd_code rc = jd_state_begin(r->state, e);
    if (!rc)
        rc = commit_rows(r, e);
    for (size_t i = 0; i < n && !rc; i++) {
        jd_cursor next = *upto[i].cursor;
        next.seq++;
        rc = jd_state_set_cursor(r->state, upto[i].scope, &next, e);
    }
    jd_crash_point("raw.state");
    if (!rc)
        rc = jd_state_commit(r->state, e);
    if (rc)
        jd_state_rollback(r->state);
    return rc;
}

static bool has_files(const raw_sink *r)
{
    for (size_t i = 0; i < r->batch.n; i++)
        if (r->batch.v[i].file)
            return true;
    return false;
}

static jd_code raw_commit(void *self, const jd_commit *upto, size_t n, jd_err *e)
{
    raw_sink *r     = self;
    bool      files = has_files(r);
    jd_code   rc    = JD_OK;
    jd_crash_point("raw.written");
    if (files) {
        rc = write_manifest(r, e);
        jd_crash_point("raw.synced");
        if (!rc)
            rc = place_files(r, e);
        jd_crash_point("raw.placed");
    }
    if (!rc)
        rc = commit_state(r, upto, n, e);
    if (rc)
        return rc;
    jd_crash_point("raw.committed");
    /* The batch stands; a manifest that stays behind is harmless, since every file has its row. */
    if (files)
        (void)unlinkat(r->batchfd, manifest, 0);
    for (size_t i = 0; i < n; i++)
        upto[i].cursor->seq++;
    empty_batch(r);
    return JD_OK;
}

/* -- readers --------------------------------------------------------------------------------- */

static bool reader_holds(void *self, uint64_t id, jd_str key, jd_held *out)
{
    jd_state_issue row;
    jd_err         ignored;
    bool           found;
    if (jd_state_get(self, id, &row, &found, &ignored) || !found || !jd_str_eq(row.key, key))
        return false;
    *out = row.held;
    return true;
}

static void reader_close(void *self)
{
    jd_state_close(self);
}

static jd_code raw_reader(void *self, jd_reader *out, jd_err *e)
{
    raw_sink *r = self;
    jd_state *s;
    jd_code   rc = jd_state_open_read(jd_state_dir(r->state), &s, e);
    if (!rc)
        *out = (jd_reader){reader_holds, reader_close, s};
    return rc;
}

/* Also undoes a commit that failed between its renames and the state. */
static void raw_abort(void *self)
{
    raw_sink *r = self;
    jd_err    ignored;
    (void)recover(r, &ignored);
    empty_batch(r);
}

static void raw_close(void *self)
{
    raw_sink *r = self;
    if (r->open)
        raw_abort(r);
    if (r->batchfd >= 0)
        close(r->batchfd);
    if (r->dirfd >= 0) {
        (void)unlinkat(r->dirfd, batch_dir, AT_REMOVEDIR); /* stays when something is left in it */
        close(r->dirfd);
    }
    jd_state_close(r->state);
    jd_vec_release(&r->batch);
    jd_vec_release(&r->members);
    jd_idmap_free(r->by_id);
    jd_arena_free(r->arena);
    free(r->dir);
    free(r);
}

static const jd_sink_ops raw_ops = {
    .name   = "raw",
    .caps   = JD_SINK_UPSERT,
    .where  = raw_where,
    .begin  = raw_begin,
    .write  = raw_write,
    .member = raw_member,
    .commit = raw_commit,
    .abort  = raw_abort,
    .close  = raw_close,
    .count  = raw_count,
    .reader = raw_reader,
};
