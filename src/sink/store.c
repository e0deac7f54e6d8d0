#include "sink/store.h"

#include "base/vec.h"
#include "sink/pack.h"
#include "sink/packread.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The system declares it in <sys/file.h>, a name that our own header takes. */
int flock(int fd, int operation);

enum { MARK_MAX = 4096, KEPT = 16 << 20 };

static const char mark_name[] = ".pack";

/* -- which layout ---------------------------------------------------------------------------- */

static const char *const layouts[] = {
    [JD_LAYOUT_ANY] = "", [JD_LAYOUT_FILES] = "files", [JD_LAYOUT_PACK] = "pack"};

const char *jd_layout_name(jd_layout l)
{
    return layouts[l];
}

jd_layout jd_layout_of(jd_str name)
{
    for (int i = JD_LAYOUT_FILES; i <= JD_LAYOUT_PACK; i++)
        if (jd_str_is(name, layouts[i]))
            return (jd_layout)i;
    return JD_LAYOUT_ANY;
}

jd_code jd_store_mark(jd_arena *a, const char *raw_dir, jd_str *out, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b    = JD_BUF_INIT(MARK_MAX);
    jd_str                            path = jd_arena_fmt(a, "%s/%s", raw_dir, mark_name);
    *out                                   = JD_NOSTR;
    if (!jd_path_exists(path.p))
        return JD_OK;
    jd_code rc = jd_file_read(path.p, &b, e);
    if (rc)
        return rc;
    *out = jd_arena_dup(a, jd_str_trim(jd_buf_view(&b)));
    return out->n ? JD_OK : jd_fail(e, JD_E_STATE, "%s names no store: bring it back", path.p);
}

jd_code jd_store_set_mark(const char *raw_dir, jd_str name, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a    = jd_arena_new(0);
    jd_str                               path = jd_arena_fmt(a, "%s/%s", raw_dir, mark_name);
    return jd_file_replace(path.p, jd_arena_fmt(a, "%.*s\n", JD_FMT(name)), e);
}

static bool is_issue_file(const char *name)
{
    jd_str s = jd_str_of(name);
    return jd_str_ends(s, JD_STR(".json")) && jd_is_issue_key(jd_str_cut(s, 0, s.n - 5));
}

/* Whether a project's folder holds a file of the kind asked for. */
static bool holds(const char *folder, bool (*kind)(const char *name))
{
    DIR                 *d     = opendir(folder);
    bool                 found = false;
    const struct dirent *entry;
    while (d && !found && (entry = readdir(d)))
        found = kind(entry->d_name);
    if (d)
        (void)closedir(d);
    return found;
}

static jd_code has_issue_files(const char *raw_dir, bool *out, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_names                             names;
    *out       = false;
    jd_code rc = jd_dir_list(a, raw_dir, &names, e);
    for (size_t i = 0; !rc && !*out && i < names.n; i++)
        *out = jd_is_project_key(jd_str_of(names.name[i])) &&
               holds(jd_arena_fmt(a, "%s/%s", raw_dir, names.name[i]).p, is_issue_file);
    return rc;
}

static jd_code other_layout(const char *where, jd_layout is, jd_layout wanted, jd_err *e)
{
    return jd_fail(e, JD_E_STATE,
                   "%s is of the layout %s, not %s: leave --raw-layout out to go on with it, or "
                   "convert it with `jiraduct state export --layout %s --output DIR`",
                   where, jd_layout_name(is), jd_layout_name(wanted), jd_layout_name(wanted));
}

jd_code jd_store_lock(const char *raw_dir, int *fd, jd_err *e)
{
    jd_code rc = jd_dir_make(raw_dir, e);
    if (rc)
        return rc;
    *fd = open(raw_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0)
        return jd_fail_sys(e, JD_E_IO, errno, "cannot open %s", raw_dir);
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return JD_OK;
    int why = errno;
    (void)close(*fd);
    *fd = -1;
    if (why == EWOULDBLOCK)
        return jd_fail(e, JD_E_LOCKED,
                       "%s is in use by another run: wait for it, or use another --raw-dir",
                       raw_dir);
    return jd_fail_sys(e, JD_E_IO, why, "cannot lock %s", raw_dir);
}

jd_code jd_store_fits(const jd_state *s, const char *raw_dir, jd_layout layout, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a  = jd_arena_new(0);
    jd_layout                            is = jd_state_layout(s);
    jd_str                               mark;
    bool                                 files = false;
    if (is != JD_LAYOUT_ANY && is != layout)
        return other_layout(jd_state_dir(s), is, layout, e);
    jd_code rc = jd_store_mark(a, raw_dir, &mark, e);
    if (!rc && mark.n && layout == JD_LAYOUT_FILES)
        return other_layout(raw_dir, JD_LAYOUT_PACK, layout, e);
    if (!rc && is == JD_LAYOUT_ANY && !mark.n && layout == JD_LAYOUT_PACK)
        rc = has_issue_files(raw_dir, &files, e);
    if (files)
        return other_layout(raw_dir, JD_LAYOUT_FILES, layout, e);
    if (!rc && mark.n && is == JD_LAYOUT_PACK && !jd_str_eq(mark, jd_state_store(s)))
        rc = jd_fail(e, JD_E_STATE,
                     "%s is no index of the issues in %s: give --raw-dir and --state-dir that "
                     "belong together",
                     jd_state_dir(s), raw_dir);
    return rc;
}

static jd_code layout_there(const jd_raw_conf *conf, jd_layout *out, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_state                            *s;
    jd_err                               why;
    jd_str                               mark;
    *out       = JD_LAYOUT_ANY;
    jd_code rc = jd_state_open_read(conf->state_dir, &s, &why);
    if (!rc) {
        *out = jd_state_layout(s);
        jd_state_close(s);
    } else if (rc != JD_E_NOTFOUND) {
        *e = why;
        return rc;
    }
    if (*out != JD_LAYOUT_ANY)
        return JD_OK;
    rc   = jd_store_mark(a, conf->raw_dir, &mark, e);
    *out = mark.n ? JD_LAYOUT_PACK : JD_LAYOUT_FILES;
    return rc;
}

jd_code jd_store_sink(const jd_raw_conf *conf, jd_sink *out, jd_err *e)
{
    jd_layout layout = conf->layout;
    jd_code   rc     = layout == JD_LAYOUT_ANY ? layout_there(conf, &layout, e) : JD_OK;
    if (rc)
        return rc;
    return layout == JD_LAYOUT_PACK ? jd_pack_open(conf, out, e) : jd_raw_open(conf, out, e);
}

/* -- an open store --------------------------------------------------------------------------- */

struct jd_store {
    char         *raw_dir, *state_dir;
    jd_state     *state; /* of a packed one */
    jd_packindex *index;
};

jd_code jd_store_open(const char *raw_dir, const char *state_dir, jd_store **out, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_str                               mark;
    jd_store                            *s = jd_xcalloc(1, sizeof *s);
    *s         = (jd_store){.raw_dir = jd_xstrdup(raw_dir), .state_dir = jd_xstrdup(state_dir)};
    jd_code rc = jd_store_mark(a, raw_dir, &mark, e);
    if (!rc && mark.n) {
        rc = jd_state_open_read(state_dir, &s->state, e);
        if (rc == JD_E_NOTFOUND || (!rc && jd_state_layout(s->state) == JD_LAYOUT_ANY))
            rc = jd_fail(e, JD_E_NOTFOUND,
                         "%s is a packed store, and its index is not in %s: name the folder of its "
                         "state.db with --state-dir, or let `jiraduct scrape` make it anew",
                         raw_dir, state_dir);
        if (!rc && !jd_str_eq(mark, jd_state_store(s->state)))
            rc = jd_fail(e, JD_E_STATE,
                         "%s is no index of the issues in %s: name the folder of its state.db with "
                         "--state-dir",
                         state_dir, raw_dir);
        if (!rc)
            rc = jd_packindex_open(s->state, &s->index, e);
    }
    if (rc)
        jd_store_close(s);
    else
        *out = s;
    return rc;
}

void jd_store_close(jd_store *s)
{
    if (!s)
        return;
    jd_packindex_close(s->index);
    jd_state_close(s->state);
    free(s->raw_dir);
    free(s->state_dir);
    free(s);
}

jd_layout jd_store_layout(const jd_store *s)
{
    return s->index ? JD_LAYOUT_PACK : JD_LAYOUT_FILES;
}

bool jd_store_has_project(jd_store *s, const char *project)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    return jd_path_is_dir(jd_arena_fmt(a, "%s/%s", s->raw_dir, project).p);
}

jd_code jd_store_projects(jd_store *s, jd_arena *a, jd_names *out, jd_err *e)
{
    jd_names all;
    jd_code  rc = jd_dir_list(a, s->raw_dir, &all, e);
    *out        = (jd_names){0};
    if (rc)
        return rc;
    out->name = JD_NEW_ARRAY(a, char *, all.n + 1);
    for (size_t i = 0; i < all.n; i++)
        if (jd_is_project_key(jd_str_of(all.name[i])) && jd_store_has_project(s, all.name[i]))
            out->name[out->n++] = all.name[i];
    return JD_OK;
}

jd_str jd_store_where(const jd_store *s, jd_arena *a, jd_str key)
{
    jd_str project = jd_key_project(key);
    if (s->index)
        return jd_arena_fmt(a, "%.*s in %s/%.*s/seg-*.pack", JD_FMT(key), s->raw_dir,
                            JD_FMT(project));
    return jd_arena_fmt(a, "%s/%.*s/%.*s.json", s->raw_dir, JD_FMT(project), JD_FMT(key));
}

/* -- the issues of a project ----------------------------------------------------------------- */

typedef enum entry { OF_OTHERS, ISSUE, SEGMENT, STRANGE } entry;

static entry entry_of(jd_str name, jd_str project, uint64_t *number)
{
    static const jd_str json = JD_STR_INIT(".json"), extra = JD_STR_INIT(".extra.json");
    if (jd_segment_number(name))
        return SEGMENT;
    if (jd_str_starts(name, JD_STR(".")) || jd_str_ends(name, extra) || !jd_str_ends(name, json))
        return OF_OTHERS;
    if (name.n <= project.n + 1 + json.n || !jd_str_starts(name, project) ||
        name.p[project.n] != '-')
        return STRANGE;
    jd_str digits = jd_str_cut(name, project.n + 1, name.n - project.n - 1 - json.n);
    return digits.p[0] != '0' && jd_str_u64(digits, number) ? ISSUE : STRANGE;
}

static jd_code list_files(const jd_store *s, const char *project, jd_store_list *l, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a    = jd_arena_new(0);
    jd_str                               path = jd_arena_fmt(a, "%s/%s", s->raw_dir, project);
    JD_VEC(uint64_t) numbers                  = {0};
    jd_code rc                                = JD_OK;
    DIR    *dir                               = opendir(path.p);
    if (!dir)
        return jd_file_fail(e, errno, "read", path.p);
    while (!rc) {
        errno                  = 0;
        const struct dirent *d = readdir(dir);
        uint64_t             number;
        if (!d)
            break;
        entry kind = entry_of(jd_str_of(d->d_name), jd_str_of(project), &number);
        if (kind == ISSUE)
            *jd_vec_add(&numbers) = number;
        l->ignored += kind == STRANGE;
        if (kind == SEGMENT)
            rc = jd_fail(e, JD_E_STATE,
                         "%s/%s is of a packed store, but %s/%s is missing: bring it back, or let "
                         "`jiraduct scrape` make it anew",
                         path.p, d->d_name, s->raw_dir, mark_name);
    }
    if (!rc && errno)
        rc = jd_file_fail(e, errno, "read", path.p);
    (void)closedir(dir);
    l->number = numbers.v;
    l->n      = numbers.n;
    return rc;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

jd_code jd_store_list_open(jd_store *s, const char *project, jd_store_list *out, jd_err *e)
{
    *out       = (jd_store_list){0};
    jd_code rc = s->index
                     ? jd_packindex_numbers(s->index, jd_str_of(project), &out->number, &out->n, e)
                     : list_files(s, project, out, e);
    if (rc)
        jd_store_list_close(out);
    else if (out->n)
        qsort(out->number, out->n, sizeof *out->number, by_number);
    return rc;
}

void jd_store_list_close(jd_store_list *l)
{
    free(l->number);
    *l = (jd_store_list){0};
}

/* -- one issue after another ----------------------------------------------------------------- */

struct jd_store_reader {
    char          *raw_dir;
    jd_buf         file;
    char           project[256]; /* whose folder is open */
    int            fd;           /* of that folder, -1: none */
    jd_state      *state;        /* of a packed one */
    jd_packindex  *index;
    jd_packreader *pack;
    bool           held;
};

jd_code jd_store_reader_open(const jd_store *s, size_t max, jd_store_reader **out, jd_err *e)
{
    jd_store_reader *r  = jd_xcalloc(1, sizeof *r);
    jd_code          rc = JD_OK;
    *r = (jd_store_reader){.raw_dir = jd_xstrdup(s->raw_dir), .file = JD_BUF_INIT(max), .fd = -1};
    if (s->index) {
        rc = jd_state_open_read(s->state_dir, &r->state, e);
        if (!rc)
            rc = jd_packindex_open(r->state, &r->index, e);
        r->pack = jd_packreader_new(s->raw_dir);
    }
    if (rc)
        jd_store_reader_close(r);
    else
        *out = r;
    return rc;
}

void jd_store_reader_close(jd_store_reader *r)
{
    if (!r)
        return;
    if (r->fd >= 0)
        (void)close(r->fd);
    jd_packreader_free(r->pack);
    jd_packindex_close(r->index);
    jd_state_close(r->state);
    jd_buf_release(&r->file);
    free(r->raw_dir);
    free(r);
}

static jd_code open_folder(jd_store_reader *r, jd_str project, jd_err *e)
{
    char path[4096];
    if (r->fd >= 0 && jd_str_is(project, r->project))
        return JD_OK;
    if (r->fd >= 0)
        (void)close(r->fd);
    (void)snprintf(r->project, sizeof r->project, "%.*s", JD_FMT(project));
    (void)snprintf(path, sizeof path, "%s/%s", r->raw_dir, r->project);
    r->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return r->fd < 0 ? jd_file_fail(e, errno, "read", path) : JD_OK;
}

static jd_code read_file(jd_store_reader *r, jd_str key, jd_str *out, jd_err *e)
{
    char    name[300];
    jd_code rc = open_folder(r, jd_key_project(key), e);
    if (rc)
        return rc;
    jd_buf_reset(&r->file);
    if (r->file.cap > KEPT) /* one huge issue must not leave the buffer huge for the rest */
        jd_buf_release(&r->file);
    (void)snprintf(name, sizeof name, "%.*s.json", JD_FMT(key));
    rc   = jd_file_read_at(r->fd, name, &r->file, e);
    *out = jd_buf_view(&r->file);
    return rc;
}

void jd_store_hold(jd_store_reader *r)
{
    jd_err ignored; /* without it each read looks for itself */
    if (r->state && !r->held)
        r->held = !jd_sqlite_exec(jd_state_db(r->state), "BEGIN", &ignored);
}

void jd_store_let_go(jd_store_reader *r)
{
    if (r->held)
        jd_sqlite_rollback(jd_state_db(r->state));
    r->held = false;
}

static jd_code read_packed(jd_store_reader *r, jd_str key, jd_str *out, jd_err *e)
{
    jd_pack_place at, before = {0};
    for (;;) {
        jd_segment segment;
        bool       found;
        jd_code    rc = jd_packindex_find(r->index, key, &at, &segment, &found, e);
        if (rc)
            return rc;
        if (!found)
            return jd_fail(e, JD_E_NOTFOUND, "%.*s is not in the store", JD_FMT(key));
        if (at.length > r->file.max)
            return jd_fail(e, JD_E_TOOBIG, "%.*s: larger than the %zu bytes that are read",
                           JD_FMT(key), r->file.max);
        rc = jd_packreader_get(r->pack, &segment, &at, out, e);
        /* compacted between the two: once more, as long as it keeps moving */
        if (rc != JD_E_IO || e->sys != ENOENT || (!r->held && at.segment == before.segment))
            return rc;
        jd_store_let_go(r);
        before = at;
    }
}

jd_code jd_store_read(jd_store_reader *r, jd_str key, jd_str *out, jd_err *e)
{
    *out = JD_NOSTR;
    if (!jd_is_issue_key(key))
        return jd_fail(e, JD_E_NOTFOUND, "no issue key: %.*s", JD_FMT(jd_str_cut(key, 0, 100)));
    return r->pack ? read_packed(r, key, out, e) : read_file(r, key, out, e);
}
