#include "sink/export.h"

#include "base/vec.h"
#include "sink/extras.h"
#include "sink/packer.h"
#include "sink/site.h"
#include "sink/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ISSUE_MAX = 256 << 20, BATCH = 2000, STEP = 64 };

typedef struct copied { /* an issue whose place is not yet in the new index */
    uint64_t id;
    size_t   ticket;
} copied;

typedef struct job {
    const jd_export *in;
    jd_arena        *arena, *scratch; /* of the run, of one issue */
    const char      *target, *parent, *temp, *raw, *state_dir;
    jd_state        *from, *to;
    jd_store        *store;
    jd_store_reader *reader;
    jd_packindex    *index; /* of the new state */
    jd_packer       *packer;
    jd_str           name; /* of the new packed store */
    JD_VEC(copied) batch;
    uint64_t issues;
} job;

/* -- where it goes --------------------------------------------------------------------------- */

static jd_code find_folders(job *j, jd_err *e)
{
    jd_str out = jd_str_of(j->in->output);
    while (out.n > 1 && out.p[out.n - 1] == '/')
        out.n--;
    size_t slash = out.n;
    while (slash && out.p[slash - 1] != '/')
        slash--;
    jd_str base = jd_str_cut(out, slash, out.n);
    if (!base.n || jd_str_is(base, ".") || jd_str_is(base, ".."))
        return jd_fail(e, JD_E_USAGE, "'%s' cannot be made: name a new folder", j->in->output);
    j->target    = jd_arena_cstr(j->arena, out);
    j->parent    = slash ? jd_arena_cstr(j->arena, jd_str_cut(out, 0, slash)) : ".";
    j->temp      = jd_arena_fmt(j->arena, "%s/.%.*s.export", j->parent, JD_FMT(base)).p;
    j->raw       = jd_arena_fmt(j->arena, "%s/raw", j->temp).p;
    j->state_dir = jd_arena_fmt(j->arena, "%s/state", j->temp).p;
    return JD_OK;
}

static jd_code check_output(job *j, jd_err *e)
{
    jd_names there = {0};
    jd_code  rc    = JD_OK;
    if (jd_path_exists(j->in->output) && !jd_path_is_dir(j->in->output))
        return jd_fail(e, JD_E_USAGE, "%s is a file: name a new folder", j->in->output);
    rc = jd_dir_list(j->arena, j->in->output, &there, e);
    if (!rc && there.n)
        rc = jd_fail(e, JD_E_USAGE, "%s is not empty: name a new folder", j->in->output);
    return rc;
}

static jd_code open_source(job *j, jd_err *e)
{
    bool        fresh;
    const char *db = jd_arena_fmt(j->arena, "%s/state.db", j->in->state_dir).p;
    if (!jd_path_exists(db))
        return jd_fail(e, JD_E_NOTFOUND, "there is no state in %s: nothing was scraped yet",
                       j->in->state_dir);
    jd_code rc = jd_state_open(j->in->state_dir, NULL, &j->from, &fresh, e);
    if (!rc && fresh)
        rc = jd_fail(e, JD_E_NOTFOUND, "%s/state.db holds nothing: nothing was scraped yet",
                     j->in->state_dir);
    if (!rc)
        rc = jd_store_fits(j->from, j->in->raw_dir, jd_state_layout(j->from), e);
    if (!rc)
        rc = jd_store_open(j->in->raw_dir, j->in->state_dir, &j->store, e);
    return rc ? rc : jd_store_reader_open(j->store, ISSUE_MAX, &j->reader, e);
}

/* The new state is the old one but for where the issues are. */
static jd_code open_target(job *j, jd_err *e)
{
    bool    fresh;
    jd_code rc = jd_dir_remove(j->temp, e);
    if (!rc)
        rc = jd_dir_make(j->raw, e);
    if (!rc)
        rc = jd_dir_make(j->state_dir, e);
    if (!rc)
        rc = jd_state_copy(j->from, jd_arena_fmt(j->arena, "%s/state.db", j->state_dir).p, e);
    if (!rc)
        rc = jd_state_open(j->state_dir, NULL, &j->to, &fresh, e);
    if (!rc)
        rc = jd_packindex_open(j->to, &j->index, e);
    if (!rc)
        rc = jd_packindex_clear(j->index, e);
    if (rc || j->in->layout != JD_LAYOUT_PACK)
        return rc;
    rc = jd_state_new_store(j->to, j->arena, &j->name, e);
    if (!rc)
        rc = jd_store_set_mark(j->raw, j->name, e);
    return rc ? rc : jd_packer_open(j->raw, j->index, 0, &j->packer, e);
}

/* -- issue by issue -------------------------------------------------------------------------- */

static jd_code put_file(job *j, jd_str key, jd_str raw, jd_err *e)
{
    char below[JD_RAW_PATH_MAX];
    jd_raw_path(key, below);
    const char *path = jd_arena_fmt(j->scratch, "%s/%s", j->raw, below).p;
    int         fd   = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return jd_file_fail(e, errno, "write", path);
    jd_code rc = jd_file_write(fd, raw, path, e);
    if (close(fd) && !rc)
        rc = jd_file_fail(e, errno, "write", path);
    return rc;
}

static jd_code end_batch(job *j, jd_err *e)
{
    jd_packed *d = NULL;
    if (!j->packer)
        return JD_OK;
    jd_code rc = jd_packer_end(j->packer, &d, e);
    if (!rc)
        rc = jd_packed_sync(d, e);
    if (!rc)
        rc = jd_state_begin(j->to, e);
    for (size_t i = 0; i < j->batch.n && !rc; i++)
        rc = jd_packed_put(d, j->index, j->batch.v[i].id, j->batch.v[i].ticket, e);
    if (!rc)
        rc = jd_packed_put_segments(d, j->index, e);
    if (!rc)
        rc = jd_state_commit(j->to, e);
    jd_packed_free(d);
    if (!rc)
        j->batch.n = 0;
    return rc;
}

/* What is put into frames must come out of them again, so it is read once. */
static jd_code check(job *j, uint64_t id, jd_str key, jd_str raw, jd_err *e)
{
    const jd_json *doc;
    jd_issue       issue;
    jd_code        rc = jd_json_read(j->scratch, raw, &doc, e);
    if (!rc)
        rc = jd_issue_view(doc, raw, &issue, e);
    if (!rc && (issue.id != id || !jd_str_eq(issue.key, key)))
        rc = jd_fail(e, JD_E_DATA, "it holds another issue");
    return rc;
}

static jd_code copy_issue(job *j, jd_str key, jd_err *e)
{
    uint64_t id;
    bool     found;
    jd_str   raw;
    jd_arena_reset(j->scratch);
    jd_code rc = jd_state_by_key(j->from, key, &id, &found, e);
    if (rc || !found) /* of no issue: a run would remove it, or leave it alone */
        return rc;
    rc = jd_store_read(j->reader, key, &raw, e);
    if (!rc)
        rc = check(j, id, key, raw, e);
    if (rc)
        return jd_wrap(e, "%s (run `jiraduct state verify`)",
                       jd_store_where(j->store, j->scratch, key).p);
    rc = jd_extras_copy(j->in->raw_dir, j->raw, key, e);
    if (rc)
        return rc;
    j->issues++;
    if (!j->packer)
        return put_file(j, key, raw, e);
    copied c               = {.id = id};
    rc                     = jd_packer_add(j->packer, key, raw, &c.ticket, e);
    *jd_vec_add(&j->batch) = c;
    return !rc && j->batch.n >= BATCH ? end_batch(j, e) : rc;
}

static jd_code copy_project(job *j, const char *project, jd_err *e)
{
    jd_store_list list;
    jd_code       rc = jd_store_list_open(j->store, project, &list, e);
    if (!rc && !j->packer && list.n)
        rc = jd_dir_make(jd_arena_fmt(j->arena, "%s/%s", j->raw, project).p, e);
    for (size_t i = 0; i < list.n && !rc; i++) {
        char key[320];
        (void)snprintf(key, sizeof key, "%s-%llu", project, (unsigned long long)list.number[i]);
        rc = copy_issue(j, jd_str_of(key), e);
        if (!rc && j->in->stop && jd_stop_wanted(j->in->stop))
            rc = jd_fail(e, JD_E_INTERRUPTED, "interrupted: nothing was exported");
        if (j->in->step && i % STEP == 0)
            j->in->step(j->in->self, list.n - i < STEP ? list.n - i : STEP);
        if (i == 0)
            jd_crash_point("export.issue");
    }
    jd_store_list_close(&list);
    return rc ? rc : end_batch(j, e);
}

static bool count_one(void *self, const jd_state_issue *row)
{
    (void)row;
    ++*(uint64_t *)self;
    return true;
}

static jd_code copy_all(job *j, jd_err *e)
{
    jd_names projects;
    uint64_t want = 0;
    jd_code  rc   = jd_store_projects(j->store, j->arena, &projects, e);
    for (size_t i = 0; !rc && i < projects.n; i++)
        rc = copy_project(j, projects.name[i], e);
    if (!rc)
        rc = jd_state_each(j->from, count_one, &want, e);
    if (!rc && j->issues != want)
        rc = jd_fail(e, JD_E_DATA,
                     "%llu issues are missing in %s: run `jiraduct state verify`, or `jiraduct "
                     "scrape` to fetch them",
                     (unsigned long long)(want - j->issues), j->in->raw_dir);
    return rc;
}

/* -- in its place ---------------------------------------------------------------------------- */

static jd_code sync_all(const job *j, jd_err *e)
{
    int fd = open(j->temp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || syncfs(fd)) {
        jd_code rc = jd_file_fail(e, errno, "write", j->temp);
        if (fd >= 0)
            (void)close(fd);
        return rc;
    }
    (void)close(fd);
    return JD_OK;
}

static jd_code finish(job *j, jd_err *e)
{
    jd_code rc = jd_state_begin(j->to, e);
    if (!rc)
        rc = jd_state_set_layout(j->to, j->in->layout, j->name, e);
    if (!rc) /* what waits to be told is told by the store it happened in */
        rc = jd_sqlite_exec(jd_state_db(j->to),
                            "DELETE FROM change; DELETE FROM meta WHERE name = 'changes'", e);
    if (!rc)
        rc = jd_state_commit(j->to, e);
    if (!rc)
        rc = jd_state_write_updates(j->to, e);
    jd_packer_close(j->packer);
    jd_packindex_close(j->index);
    jd_state_close(j->to); /* with its log written into it */
    j->packer = NULL;
    j->index  = NULL;
    j->to     = NULL;
    if (!rc)
        rc = sync_all(j, e);
    jd_crash_point("export.synced");
    if (!rc && rename(j->temp, j->target))
        rc = jd_file_fail(e, errno, "write", j->target);
    jd_crash_point("export.renamed");
    return rc ? rc : jd_dir_sync(j->parent, e);
}

jd_code jd_store_export(const jd_export *in, uint64_t *issues, jd_err *e)
{
    job     j = {.in = in, .arena = jd_arena_new(0), .scratch = jd_arena_new(0)};
    jd_err  ignored;
    jd_code rc = find_folders(&j, e);
    if (!rc)
        rc = check_output(&j, e);
    if (!rc)
        rc = open_source(&j, e);
    bool began = !rc;
    if (!rc)
        rc = open_target(&j, e);
    if (!rc)
        rc = copy_all(&j, e);
    if (!rc)
        rc = jd_site_copy(in->raw_dir, j.raw, e);
    if (!rc)
        rc = finish(&j, e);
    jd_packer_close(j.packer);
    jd_packindex_close(j.index);
    jd_state_close(j.to);
    jd_store_reader_close(j.reader);
    jd_store_close(j.store);
    jd_state_close(j.from);
    if (rc && began && jd_dir_remove(j.temp, &ignored))
        jd_event(in->log, JD_WARN, "note", "%s is left behind: remove it", j.temp);
    *issues = j.issues;
    jd_vec_release(&j.batch);
    jd_arena_free(j.scratch);
    jd_arena_free(j.arena);
    return rc;
}
