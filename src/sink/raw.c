#include "sink/raw.h"

#include "sink/batch.h"
#include "sink/store.h"

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
static const char old_end[]   = ".old";

enum { MANIFEST_MAX = 64 << 20, OLD_MAX = 1 << 30 };

typedef struct raw_sink {
    jd_batch      b; /* first: sink/batch.h */
    const jd_log *log;
    char         *dir;
    int           dirfd, batchfd;
    bool          unsettled; /* the last batch is committed, and something of it still to do */
    bool          keep_old;  /* until the commit: see raw.h */
} raw_sink;

void jd_raw_path(jd_str key, char out[JD_RAW_PATH_MAX])
{
    jd_str project = jd_key_project(key);
    (void)snprintf(out, JD_RAW_PATH_MAX, "%.*s/%.*s.json", JD_FMT(project), JD_FMT(key));
}

/* What was asked for beside the issue. */
static void extra_path(jd_str key, char out[JD_RAW_PATH_MAX])
{
    jd_str project = jd_key_project(key);
    (void)snprintf(out, JD_RAW_PATH_MAX, "%.*s/%.*s.extra.json", JD_FMT(project), JD_FMT(key));
}

static jd_code io_error(const raw_sink *r, const char *what, const char *name, jd_err *e)
{
    const char *remedy = errno == ENOSPC || errno == EDQUOT
                             ? " (the disk is full: make room and run again; nothing is lost)"
                             : "";
    return jd_fail_sys(e, JD_E_IO, errno, "%s %s/%s%s", what, r->dir, name, remedy);
}

/* -- start and recovery ---------------------------------------------------------------------- */

static jd_code remove_file(raw_sink *r, const char *path, jd_err *e)
{
    if (unlinkat(r->dirfd, path, 0) && errno != ENOENT)
        return io_error(r, "cannot remove", path, e);
    return JD_OK;
}

/* The files of an issue that no row holds; the project's folder, too, when it was the last. */
static jd_code remove_issue(raw_sink *r, jd_str key, jd_err *e)
{
    char path[JD_RAW_PATH_MAX], extra[JD_RAW_PATH_MAX], folder[JD_RAW_PATH_MAX];
    jd_raw_path(key, path);
    extra_path(key, extra);
    jd_str project = jd_key_project(key);
    (void)snprintf(folder, sizeof folder, "%.*s", JD_FMT(project));
    jd_code rc = remove_file(r, path, e);
    if (!rc)
        rc = remove_file(r, extra, e);
    if (!rc)
        (void)unlinkat(r->dirfd, folder, AT_REMOVEDIR); /* stays when something is left in it */
    return rc;
}

/* The batch that a manifest tells of may be committed or not: files without a row go. */
static jd_code undo_manifest(raw_sink *r, jd_str names, jd_err *e)
{
    jd_str name;
    while (jd_str_split(&names, '\n', &name)) {
        uint64_t id;
        bool     found;
        if (!jd_is_issue_key(name))
            continue;
        jd_code rc = jd_state_by_key(r->b.state, name, &id, &found, e);
        if (!rc && !found)
            rc = remove_issue(r, name, e);
        if (rc)
            return rc;
    }
    return JD_OK;
}

static jd_code hash_of(jd_arena *a, jd_str raw, uint64_t *out, jd_err *e)
{
    const jd_json *doc;
    jd_code        rc = jd_json_read(a, raw, &doc, e);
    if (!rc)
        *out = jd_issue_hash(doc);
    return rc;
}

static void old_name(uint64_t id, char out[32])
{
    (void)snprintf(out, 32, "%" PRIu64 "%s", id, old_end);
}

/* A copy that a batch was to replace: back to its place if state.db still means it. */
static jd_code put_back(raw_sink *r, const char *name, bool *any, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    JD_CLEANUP(jd_buf_release) jd_buf    b = JD_BUF_INIT(OLD_MAX);
    jd_state_issue                       row;
    jd_err                               why;
    uint64_t                             id, hash;
    bool                                 found = false;
    jd_str number = jd_str_cut(jd_str_of(name), 0, strlen(name) - strlen(old_end));
    if (!jd_str_u64(number, &id))
        return JD_OK;
    jd_code rc = jd_state_get(r->b.state, id, &row, &found, e);
    if (rc || !found || !jd_is_issue_key(row.key))
        return rc;
    jd_str key = jd_arena_dup(a, row.key);
    if (jd_file_read_at(r->batchfd, name, &b, &why) || hash_of(a, jd_buf_view(&b), &hash, &why) ||
        hash != row.held.hash)
        return JD_OK; /* the batch was committed: state.db knows the newer copy */
    char path[JD_RAW_PATH_MAX];
    jd_raw_path(key, path);
    if (renameat(r->batchfd, name, r->dirfd, path))
        return io_error(r, "cannot write", path, e);
    *any = true;
    return JD_OK;
}

static jd_code recover(raw_sink *r, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    JD_CLEANUP(jd_buf_release) jd_buf    b = JD_BUF_INIT(MANIFEST_MAX);
    jd_names                             left;
    bool                                 any  = false; /* put back */
    jd_str                               path = jd_arena_fmt(a, "%s/%s", r->dir, batch_dir);
    jd_code                              rc   = jd_file_read_at(r->batchfd, manifest, &b, e);
    if (rc == JD_E_NOTFOUND)
        rc = JD_OK;
    else if (!rc)
        rc = undo_manifest(r, jd_buf_view(&b), e);
    if (!rc)
        rc = jd_dir_list(a, path.p, &left, e);
    for (size_t i = 0; !rc && i < left.n; i++)
        if (jd_str_ends(jd_str_of(left.name[i]), jd_str_of(old_end)))
            rc = put_back(r, left.name[i], &any, e);
    if (!rc && any && syncfs(r->dirfd))
        rc = io_error(r, "cannot sync", "", e);
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
    jd_code                              rc   = jd_store_lock(r->dir, &r->dirfd, e);
    if (!rc)
        rc = jd_dir_make(path.p, e);
    if (rc)
        return rc;
    r->batchfd = open(path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (r->batchfd < 0)
        return io_error(r, "cannot open", "", e);
    return JD_OK;
}

static bool file_there(void *self, jd_str key)
{
    const raw_sink *r = self;
    char            path[JD_RAW_PATH_MAX];
    jd_raw_path(key, path);
    return faccessat(r->dirfd, path, F_OK, 0) == 0;
}

static void raw_close(void *self);

static const jd_sink_ops raw_ops;

jd_code jd_raw_open(const jd_raw_conf *conf, jd_sink *out, jd_err *e)
{
    bool      fresh = false;
    raw_sink *r     = jd_xcalloc(1, sizeof *r);
    r->dirfd = r->batchfd = -1;
    r->log                = conf->log;
    r->keep_old           = conf->changes;
    r->dir                = jd_xstrdup(conf->raw_dir);
    jd_batch_init(&r->b, file_there);
    r->b.tell       = conf->changes;
    r->b.index_work = conf->worklogs;
    jd_code rc      = jd_state_open(conf->state_dir, conf->site, &r->b.state, &fresh, e);
    if (!rc)
        rc = jd_store_fits(r->b.state, conf->raw_dir, JD_LAYOUT_FILES, e);
    if (!rc)
        rc = open_folders(r, e);
    if (!rc)
        rc = recover(r, e);
    if (!rc && fresh)
        rc = jd_raw_rebuild(r->b.state, r->dir, r->log, e);
    if (rc)
        raw_close(r);
    else
        *out = (jd_sink){&raw_ops, r};
    return rc;
}

jd_state *jd_raw_state(const jd_sink *sink)
{
    jd_batch *b = sink->self;
    if (b->ready)
        b->ready(b);
    return b->state;
}

/* -- a batch --------------------------------------------------------------------------------- */

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

static jd_code raw_write(void *self, const jd_scope *scope, const jd_issue *issue, jd_written *out,
                         jd_err *e)
{
    raw_sink *r = self;
    bool      store;
    size_t    place;
    jd_code   rc = jd_batch_add(&r->b, scope, issue, out, &store, &place, e);
    return !rc && store ? write_temp(r, place, issue->raw, e) : rc;
}

static jd_code raw_begin(void *self, jd_err *e)
{
    raw_sink *r  = self;
    jd_code   rc = r->unsettled ? recover(r, e) : JD_OK;
    if (rc)
        return rc;
    r->unsettled = false;
    return jd_batch_begin(&r->b, e);
}

/* -- commit ---------------------------------------------------------------------------------- */

/* Where the file system knows no hard links. */
static jd_code copy_old(raw_sink *r, const char *path, const char *name, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b  = JD_BUF_INIT(OLD_MAX);
    jd_code                           rc = jd_file_read_at(r->dirfd, path, &b, e);
    if (rc)
        return rc;
    int fd = openat(r->batchfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return io_error(r, "cannot write", name, e);
    rc = jd_file_write(fd, jd_buf_view(&b), r->dir, e);
    if (close(fd) && !rc)
        rc = io_error(r, "cannot write", name, e);
    return rc;
}

static jd_code keep_old(raw_sink *r, const jd_batch_row *p, jd_err *e)
{
    char   path[JD_RAW_PATH_MAX], name[32];
    jd_str key = p->old.n ? p->old : p->row.key;
    if (!jd_is_issue_key(key))
        return JD_OK;
    jd_raw_path(key, path);
    old_name(p->row.id, name);
    (void)unlinkat(r->batchfd, name, 0);
    if (!linkat(r->dirfd, path, r->batchfd, name, 0) || errno == ENOENT)
        return JD_OK;
    return copy_old(r, path, name, e);
}

static jd_code keep_olds(raw_sink *r, jd_err *e)
{
    jd_code rc = JD_OK;
    for (size_t i = 0; r->keep_old && !rc && i < r->b.row.n; i++)
        if (r->b.row.v[i].store)
            rc = keep_old(r, &r->b.row.v[i], e);
    return rc;
}

static void drop_olds(raw_sink *r)
{
    for (size_t i = 0; r->keep_old && i < r->b.row.n; i++) {
        char name[32];
        old_name(r->b.row.v[i].row.id, name);
        (void)unlinkat(r->batchfd, name, 0);
    }
}

static jd_code write_manifest(raw_sink *r, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(MANIFEST_MAX);
    for (size_t i = 0; i < r->b.row.n; i++)
        if (r->b.row.v[i].store) {
            jd_buf_adds(&b, r->b.row.v[i].row.key);
            jd_buf_addc(&b, '\n');
        }
    for (size_t i = 0; i < r->b.gone.n; i++) {
        jd_buf_adds(&b, r->b.gone.v[i].why.key);
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
    jd_batch_row *p = &r->b.row.v[i];
    char          name[32], path[JD_RAW_PATH_MAX], folder[JD_RAW_PATH_MAX];
    bool          fresh;
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
    for (size_t i = 0; i < r->b.row.n; i++)
        if (jd_str_eq(r->b.row.v[i].row.key, key))
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

/* A project that the last issue left, as all of a renamed one do, leaves no folder. */
static void drop_empty(raw_sink *r, const jd_map *folders)
{
    jd_str   project;
    uint64_t unused;
    for (size_t at = 0; jd_map_next(folders, &at, &project, &unused);) {
        char folder[JD_RAW_PATH_MAX];
        (void)snprintf(folder, sizeof folder, "%.*s", JD_FMT(project));
        (void)unlinkat(r->dirfd, folder, AT_REMOVEDIR); /* stays when something is in it */
    }
}

/* The files of the batch take their places, those of old keys go, and the folders remember it. */
static jd_code place_files(raw_sink *r, jd_err *e)
{
    jd_map *folders = jd_map_new();
    jd_code rc      = JD_OK;
    for (size_t i = 0; i < r->b.row.n && !rc; i++) {
        if (!r->b.row.v[i].store)
            continue;
        rc = rename_one(r, i, folders, e);
        if (i == 0)
            jd_crash_point("raw.rename");
    }
    jd_crash_point("raw.renamed");
    for (size_t i = 0; i < r->b.row.n && !rc; i++) {
        jd_str old = r->b.row.v[i].old;
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
        drop_empty(r, folders);
    if (!rc)
        rc = sync_folders(r, folders, e);
    jd_map_free(folders);
    return rc;
}

/* What the commit removed goes from the folders; what they remember of it is on disk before the
 * manifest goes. */
static jd_code remove_gone(raw_sink *r, jd_err *e)
{
    jd_map *folders = jd_map_new();
    jd_code rc      = JD_OK;
    for (size_t i = 0; i < r->b.gone.n && !rc; i++) {
        jd_str   key = r->b.gone.v[i].why.key;
        uint64_t id;
        bool     other; /* has its key now */
        if (!r->b.gone.v[i].removed || !jd_is_issue_key(key))
            continue;
        rc = jd_state_by_key(r->b.state, key, &id, &other, e);
        if (!rc && !other)
            rc = remove_issue(r, key, e);
        (void)jd_map_put(folders, jd_key_project(key), NULL);
        if (i == 0)
            jd_crash_point("raw.remove");
    }
    jd_crash_point("raw.removed");
    if (!rc)
        rc = sync_folders(r, folders, e);
    jd_map_free(folders);
    return rc;
}

static bool has_files(const raw_sink *r)
{
    for (size_t i = 0; i < r->b.row.n; i++)
        if (r->b.row.v[i].store)
            return true;
    return false;
}

static jd_code raw_commit(void *self, const jd_commit *upto, size_t n, jd_err *e)
{
    raw_sink *r     = self;
    bool      files = has_files(r), gone = r->b.gone.n > 0;
    jd_code   rc = JD_OK;
    jd_crash_point("raw.written");
    if (files)
        rc = keep_olds(r, e);
    if ((files || gone) && !rc) {
        rc = write_manifest(r, e);
        jd_crash_point("raw.synced");
    }
    if (files && !rc) {
        rc = place_files(r, e);
        jd_crash_point("raw.placed");
    }
    if (!rc)
        rc = jd_batch_commit(&r->b, upto, n, "raw.state", NULL, NULL, e);
    if (rc)
        return rc;
    jd_crash_point("raw.committed");
    /* The batch stands, whatever happens now; a manifest that stays behind only names files that
     * have their row, or that a start has to remove. */
    jd_err why;
    drop_olds(r);
    r->unsettled = gone && remove_gone(r, &why);
    if (r->unsettled)
        jd_event(r->log, JD_WARN, "state", "%s (the next batch, or run, does)", why.msg);
    else if (files || gone)
        (void)unlinkat(r->batchfd, manifest, 0);
    jd_batch_clear(&r->b);
    return JD_OK;
}

/* -- the end --------------------------------------------------------------------------------- */

/* Also undoes a commit that failed between its renames and the state. */
static void raw_abort(void *self)
{
    raw_sink *r = self;
    jd_err    ignored;
    (void)recover(r, &ignored);
    jd_batch_clear(&r->b);
}

static void raw_close(void *self)
{
    raw_sink *r = self;
    if (r->b.open)
        raw_abort(r);
    if (r->batchfd >= 0)
        close(r->batchfd);
    if (r->dirfd >= 0) {
        (void)unlinkat(r->dirfd, batch_dir, AT_REMOVEDIR); /* stays when something is left in it */
        close(r->dirfd);
    }
    jd_batch_release(&r->b);
    free(r->dir);
    free(r);
}

static const jd_sink_ops raw_ops = {
    .name   = "raw",
    .caps   = JD_SINK_UPSERT | JD_SINK_DELETE,
    .where  = jd_batch_where,
    .begin  = raw_begin,
    .write  = raw_write,
    .member = jd_batch_member,
    .remove = jd_batch_remove,
    .change = jd_batch_change,
    .commit = raw_commit,
    .abort  = raw_abort,
    .close  = raw_close,
    .count  = jd_batch_count,
    .reader = jd_batch_reader,
};
