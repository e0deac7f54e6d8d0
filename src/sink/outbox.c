#include "sink/outbox.h"

#include "sink/facts.h"
#include "text/jsonw.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* {"file":"/where/changes.jsonl","size":1234}: how much of which file is known to be right. */
#define FACT "changes"

enum { LINE_MAX_BYTES = 512 << 20, MARK_MAX = 1 << 16, PIECE = 1 << 20 };

struct jd_outbox {
    jd_state *state;
    char     *path; /* without symbolic links */
    int64_t   size; /* of it, as the state knows */
    int       fd;
};

jd_code jd_outbox_line(jd_arena *a, const jd_change *c, jd_str *out, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf line = JD_BUF_INIT(LINE_MAX_BYTES);
    jd_change_write(&line, c);
    if (!jd_buf_ok(&line))
        return jd_fail(e, JD_E_TOOBIG, "%.*s: a change of more than %d MiB", JD_FMT(c->key),
                       LINE_MAX_BYTES >> 20);
    *out = jd_arena_dup(a, jd_buf_view(&line));
    return JD_OK;
}

jd_code jd_outbox_put(jd_state *s, jd_str line, jd_err *e)
{
    jd_stmt *q;
    jd_code  rc = jd_state_statement(s, "INSERT INTO change (line) VALUES (?1)", &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, line);
    return jd_stmt_run(q, e);
}

/* -- the mark -------------------------------------------------------------------------------- */

static jd_code read_mark(jd_outbox *o, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_str                               text;
    const jd_json                       *v  = NULL;
    jd_code                              rc = jd_fact_get(o->state, a, FACT, &text, e);
    if (!rc && text.n)
        rc = jd_json_read(a, text, &v, e);
    if (rc || !v)
        return rc;
    jd_str path = jd_json_str(jd_json_get(v, "file"));
    o->path     = path.n ? jd_xstrdup(jd_arena_cstr(a, path)) : NULL;
    if (!jd_json_i64(jd_json_get(v, "size"), &o->size) || o->size < 0)
        o->size = 0;
    return JD_OK;
}

/* The lines up to `last` stand in the file, which is `size` long. */
static jd_code set_mark(jd_outbox *o, int64_t size, int64_t last, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b  = JD_BUF_INIT(MARK_MAX);
    jd_stmt                          *q  = NULL;
    jd_code                           rc = jd_state_begin(o->state, e);
    jd_jsonw                          w  = jd_jsonw_to(&b);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "file", jd_str_of(o->path));
    jd_jsonw_kint(&w, "size", size);
    jd_jsonw_end(&w);
    if (!rc)
        rc = jd_fact_set(o->state, FACT, jd_buf_view(&b), e);
    if (!rc)
        rc = jd_state_statement(o->state, "DELETE FROM change WHERE seq <= ?1", &q, e);
    if (!rc) {
        jd_stmt_int(q, 1, last);
        rc = jd_stmt_run(q, e);
    }
    if (!rc)
        rc = jd_state_commit(o->state, e);
    if (rc)
        jd_state_rollback(o->state);
    else
        o->size = size;
    return rc;
}

/* -- the file -------------------------------------------------------------------------------- */

/* Bytes of all lines that wait; -1: none do. */
static jd_code waiting(jd_outbox *o, int64_t *bytes, jd_err *e)
{
    jd_stmt *q;
    bool     row = false;
    jd_code  rc =
        jd_state_statement(o->state, "SELECT sum(length(CAST(line AS BLOB))) FROM change", &q, e);
    if (rc)
        return rc;
    rc     = jd_stmt_step(q, &row, e);
    *bytes = !rc && row && !jd_stmt_is_null(q, 0) ? jd_stmt_get_int(q, 0) : -1;
    jd_stmt_reset(q);
    return rc;
}

static jd_code open_file(jd_outbox *o, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a     = jd_arena_new(0);
    const char                          *slash = strrchr(o->path, '/');
    jd_str  folder = jd_arena_dup(a, (jd_str){o->path, (size_t)(slash - o->path)});
    jd_code rc     = folder.n ? jd_dir_make(folder.p, e) : JD_OK;
    if (rc)
        return rc;
    o->fd = open(o->path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (o->fd < 0)
        return jd_file_fail(e, errno, "write", o->path);
    return jd_dir_sync(folder.n ? folder.p : "/", e);
}

static jd_code write_at(jd_outbox *o, jd_str data, int64_t at, jd_err *e)
{
    while (data.n) {
        ssize_t put = pwrite(o->fd, data.p, data.n, (off_t)at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return jd_file_fail(e, errno, "write", o->path);
        data.p += put;
        data.n -= (size_t)put;
        at += put;
    }
    return JD_OK;
}

/* Where the waiting lines begin. More behind the mark than waits is not ours: they go behind it, on
 * a line of their own. So they do where the file is shorter than it was. */
static jd_code find_end(jd_outbox *o, int64_t bytes, int64_t *at, jd_err *e)
{
    struct stat st;
    char        last = '\n';
    if (fstat(o->fd, &st))
        return jd_file_fail(e, errno, "read", o->path);
    *at = o->size;
    if (st.st_size >= o->size && st.st_size - o->size <= (bytes < 0 ? 0 : bytes))
        return JD_OK;
    *at = st.st_size;
    if (st.st_size && pread(o->fd, &last, 1, st.st_size - 1) != 1)
        return jd_file_fail(e, errno, "read", o->path);
    if (last == '\n')
        return JD_OK;
    jd_code rc = write_at(o, JD_STR("\n"), *at, e);
    *at += 1;
    return rc;
}

static jd_code write_lines(jd_outbox *o, int64_t *at, int64_t *last, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf piece = JD_BUF_INIT(LINE_MAX_BYTES + PIECE);
    jd_stmt                          *q;
    bool                              row = true;
    jd_code rc = jd_state_statement(o->state, "SELECT seq, line FROM change ORDER BY seq", &q, e);
    if (rc)
        return rc;
    while (!rc && row) {
        rc = jd_stmt_step(q, &row, e);
        if (!rc && row) {
            *last = jd_stmt_get_int(q, 0);
            jd_buf_adds(&piece, jd_stmt_get_text(q, 1));
        }
        if (rc || (row && piece.n < PIECE))
            continue;
        rc = write_at(o, jd_buf_view(&piece), *at, e);
        *at += (int64_t)piece.n;
        jd_buf_reset(&piece);
        jd_crash_point("changes.piece");
    }
    jd_stmt_reset(q);
    if (!rc && ftruncate(o->fd, (off_t)*at)) /* a torn write of a machine that lost its power */
        rc = jd_file_fail(e, errno, "write", o->path);
    if (!rc && fdatasync(o->fd))
        rc = jd_file_fail(e, errno, "write", o->path);
    return rc;
}

jd_code jd_outbox_flush(jd_outbox *o, jd_err *e)
{
    int64_t bytes = 0, at = 0, last = 0;
    if (!o->path)
        return JD_OK;
    jd_code rc = waiting(o, &bytes, e);
    if (rc || bytes < 0)
        return rc;
    rc = o->fd < 0 ? open_file(o, e) : JD_OK;
    if (!rc)
        rc = find_end(o, bytes, &at, e);
    if (!rc)
        rc = write_lines(o, &at, &last, e);
    jd_crash_point("changes.written");
    if (!rc)
        rc = set_mark(o, at, last, e);
    jd_crash_point("changes.marked");
    return rc;
}

/* -- opening --------------------------------------------------------------------------------- */

/* The path without symbolic links; of a file that is not there yet, its folder's. To be freed. */
static jd_code true_path(const char *path, char **out, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a      = jd_arena_new(0);
    const char                          *slash  = strrchr(path, '/');
    jd_str                               folder = JD_STR(".");
    char                                 there[PATH_MAX];
    *out = realpath(path, NULL);
    if (*out)
        return JD_OK;
    if (slash)
        folder = slash == path ? JD_STR("/") : (jd_str){path, (size_t)(slash - path)};
    const char *name = jd_arena_cstr(a, folder);
    jd_code     rc   = jd_dir_make(name, e);
    if (rc)
        return rc;
    if (!realpath(name, there))
        return jd_file_fail(e, errno, "write", path);
    *out = jd_xstrdup(
        jd_arena_fmt(a, "%s/%s", strcmp(there, "/") ? there : "", slash ? slash + 1 : path).p);
    return JD_OK;
}

/* Lines go to `path` from now on, behind what stands there. */
static jd_code use_file(jd_outbox *o, const char *path, jd_err *e)
{
    int64_t at   = 0;
    bool    same = o->path && strcmp(o->path, path) == 0;
    if (!same) {
        if (o->fd >= 0)
            (void)close(o->fd);
        free(o->path);
        o->fd   = -1;
        o->path = jd_xstrdup(path);
        o->size = 0;
    }
    jd_code rc = o->fd < 0 ? open_file(o, e) : JD_OK;
    if (!rc)
        rc = find_end(o, -1, &at, e);
    return rc || (same && at == o->size) ? rc : set_mark(o, at, 0, e);
}

jd_code jd_outbox_open(jd_state *s, const char *path, jd_outbox **out, jd_err *e)
{
    jd_outbox *o    = jd_xcalloc(1, sizeof *o);
    char      *want = NULL;
    o->state        = s;
    o->fd           = -1;
    jd_code rc      = read_mark(o, e);
    if (!rc)
        rc = jd_outbox_flush(o, e);
    if (!rc && path)
        rc = true_path(path, &want, e);
    if (!rc && want)
        rc = use_file(o, want, e);
    free(want);
    if (rc)
        jd_outbox_close(o);
    else
        *out = o;
    return rc;
}

void jd_outbox_close(jd_outbox *o)
{
    if (!o)
        return;
    if (o->fd >= 0)
        (void)close(o->fd);
    free(o->path);
    free(o);
}
