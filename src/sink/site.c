#include "sink/site.h"

#include "base/idset.h"
#include "base/vec.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 512 << 20, PIECE = 1 << 16 };

static const char *path_of(jd_arena *a, const char *raw_dir, const char *name)
{
    return jd_arena_fmt(a, "%s/" JD_SITE_DIR "/%s.json", raw_dir, name).p;
}

static jd_code blame(const char *path, jd_err *e)
{
    return jd_wrap(e, "%s (remove it: it is made anew)", path);
}

jd_code jd_site_read(const char *raw_dir, const char *name, jd_arena *a, const jd_json **out,
                     jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b    = JD_BUF_INIT(FILE_MAX);
    const char                       *path = path_of(a, raw_dir, name);
    *out                                   = NULL;
    if (!jd_path_exists(path))
        return JD_OK;
    jd_code rc = jd_file_read(path, &b, e);
    if (!rc)
        rc = jd_json_read(a, jd_buf_view(&b), out, e);
    if (!rc && jd_json_kind(*out) != JD_JSON_ARRAY)
        rc = jd_fail(e, JD_E_DATA, "it is no list");
    return rc == JD_E_DATA ? blame(path, e) : rc;
}

/* What cannot be read is not the same. */
static bool is_same(const char *path, jd_str text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    char   *piece = jd_xmalloc(PIECE);
    ssize_t got;
    do {
        got = read(fd, piece, PIECE);
        if (got > 0 && ((size_t)got > text.n || memcmp(piece, text.p, (size_t)got) != 0))
            break;
        if (got > 0)
            text = jd_str_cut(text, (size_t)got, text.n);
    } while (got > 0 || (got < 0 && errno == EINTR));
    free(piece);
    (void)close(fd);
    return got == 0 && text.n == 0;
}

jd_code jd_site_put(const char *raw_dir, const char *name, jd_str text, bool *changed, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a    = jd_arena_new(0);
    const char                          *path = path_of(a, raw_dir, name);
    if (changed)
        *changed = false;
    if (is_same(path, text))
        return JD_OK;
    jd_code rc = jd_dir_make(jd_arena_fmt(a, "%s/" JD_SITE_DIR, raw_dir).p, e);
    if (!rc)
        rc = jd_file_replace(path, text, e);
    if (changed)
        *changed = !rc;
    return rc;
}

/* -- lists ----------------------------------------------------------------------------------- */

typedef struct line {
    jd_str         id;
    uint64_t       number;
    size_t         at;
    const jd_json *entry; /* NULL: it stands in the text */
    size_t         from, n;
} line;

static jd_str id_of(jd_arena *a, const jd_json *entry)
{
    const jd_json *id = jd_json_get(entry, "id");
    int64_t        n;
    if (jd_json_i64(id, &n))
        return jd_arena_fmt(a, "%lld", (long long)n);
    return jd_json_str(id);
}

/* Numbers first, by their value; then names. Entries without an id keep their order. */
static int by_id(const void *a, const void *b)
{
    const line *x = a, *y = b;
    if (x->number != y->number)
        return !y->number || (x->number && x->number < y->number) ? -1 : 1;
    int d = jd_str_cmp(x->id, y->id);
    return d ? d : x->at < y->at ? -1 : 1;
}

static void make_line(line *out, jd_arena *a, const jd_json *entry, size_t at)
{
    *out = (line){.id = id_of(a, entry), .at = at, .entry = entry};
    if (!jd_str_u64(out->id, &out->number))
        out->number = 0;
}

static jd_code write_lines(const char *raw_dir, const char *name, line *list, size_t n,
                           const jd_buf *text, bool *changed, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(FILE_MAX);
    if (n)
        qsort(list, n, sizeof *list, by_id);
    jd_buf_addc(&b, '[');
    for (size_t i = 0; i < n; i++) {
        jd_buf_addz(&b, i ? ",\n" : "\n");
        if (list[i].entry)
            jd_json_write(&b, list[i].entry);
        else
            jd_buf_add(&b, text->p + list[i].from, list[i].n);
    }
    jd_buf_addz(&b, "\n]\n");
    if (!jd_buf_ok(&b))
        return jd_fail(e, JD_E_TOOBIG, "the list of %s is over %d MiB", name, FILE_MAX >> 20);
    return jd_site_put(raw_dir, name, jd_buf_view(&b), changed, e);
}

jd_code jd_site_write(const char *raw_dir, const char *name, const jd_json *const *entry, size_t n,
                      bool *changed, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a    = jd_arena_new(0);
    line                                *list = JD_NEW_ARRAY(a, line, n + 1);
    for (size_t i = 0; i < n; i++)
        make_line(&list[i], a, entry[i], i);
    return write_lines(raw_dir, name, list, n, NULL, changed, e);
}

/* -- entry by entry -------------------------------------------------------------------------- */

/* The lines with entries, where it is written as we do: one a line. */
static bool lines_of(jd_str text, jd_str *out)
{
    jd_str head = JD_STR("[\n"), end = JD_STR("\n]\n"), one;
    if (!jd_str_starts(text, head) || !jd_str_ends(text, end) || text.n < head.n + end.n)
        return false;
    *out = text = jd_str_cut(text, head.n, text.n - head.n - end.n);
    while (jd_str_split(&text, '\n', &one))
        if (one.n < 3 || one.p[0] != '{' || !jd_str_ends(one, text.n ? JD_STR("},") : JD_STR("}")))
            return false;
    return true;
}

static jd_code each_line(jd_str lines, const char *path, jd_site_take *take, void *self, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a  = jd_arena_new(0);
    jd_code                              rc = JD_OK;
    jd_str                               one;
    while (!rc && jd_str_split(&lines, '\n', &one)) {
        const jd_json *entry;
        jd_arena_recycle(a);
        rc = jd_json_read(a, jd_str_cut(one, 0, one.n - (lines.n > 0)), &entry, e);
        rc = rc == JD_E_DATA ? blame(path, e) : rc;
        if (!rc)
            rc = take(self, entry, e);
    }
    return rc;
}

static jd_code each_of_all(const char *raw_dir, const char *name, jd_site_take *take, void *self,
                           jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    const jd_json                       *all;
    jd_code                              rc = jd_site_read(raw_dir, name, a, &all, e);
    for (jd_json_iter it = jd_json_walk(rc ? NULL : all); !rc && jd_json_next(&it);)
        rc = take(self, it.value, e);
    return rc;
}

jd_code jd_site_each(const char *raw_dir, const char *name, jd_site_take *take, void *self,
                     jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf    b    = JD_BUF_INIT(FILE_MAX);
    JD_CLEANUP(jd_arena_freep) jd_arena *a    = jd_arena_new(0);
    const char                          *path = path_of(a, raw_dir, name);
    jd_str                               lines;
    if (!jd_path_exists(path))
        return JD_OK;
    jd_code rc = jd_file_read(path, &b, e);
    if (rc)
        return rc;
    if (lines_of(jd_buf_view(&b), &lines))
        return each_line(lines, path, take, self, e);
    jd_buf_release(&b);
    return each_of_all(raw_dir, name, take, self, e);
}

typedef struct merge {
    jd_arena *a; /* of ids */
    jd_idset *anew;
    jd_buf    text; /* of entries that stay */
    JD_VEC(line) line;
} merge;

static jd_code keep(void *self, const jd_json *entry, jd_err *e)
{
    merge *m = self;
    (void)e;
    if (jd_idset_has(m->anew, jd_json_id(jd_json_get(entry, "id"))))
        return JD_OK;
    line *l = jd_vec_add(&m->line);
    make_line(l, m->a, entry, m->line.n);
    l->id    = jd_arena_dup(m->a, l->id);
    l->entry = NULL;
    l->from  = m->text.n;
    jd_json_write(&m->text, entry);
    l->n = m->text.n - l->from;
    return JD_OK;
}

jd_code jd_site_merge(const char *raw_dir, const char *name, const jd_json *const *entry, size_t n,
                      jd_err *e)
{
    merge m = {.a = jd_arena_new(0), .anew = jd_idset_new(), .text = JD_BUF_INIT(FILE_MAX)};
    for (size_t i = 0; i < n; i++)
        (void)jd_idset_add(m.anew, jd_json_id(jd_json_get(entry[i], "id")));
    jd_code rc = jd_site_each(raw_dir, name, keep, &m, e);
    for (size_t i = 0; i < n && !rc; i++) {
        line *l = jd_vec_add(&m.line);
        make_line(l, m.a, entry[i], m.line.n);
    }
    if (!rc && !jd_buf_ok(&m.text))
        rc = jd_fail(e, JD_E_TOOBIG, "the list of %s is over %d MiB", name, FILE_MAX >> 20);
    if (!rc)
        rc = write_lines(raw_dir, name, m.line.v, m.line.n, &m.text, NULL, e);
    jd_vec_release(&m.line);
    jd_buf_release(&m.text);
    jd_idset_free(m.anew);
    jd_arena_free(m.a);
    return rc;
}

jd_code jd_site_copy(const char *raw_dir, const char *to, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    JD_CLEANUP(jd_buf_release) jd_buf    b = JD_BUF_INIT(FILE_MAX);
    jd_names                             names;
    jd_code rc = jd_dir_list(a, jd_arena_fmt(a, "%s/" JD_SITE_DIR, raw_dir).p, &names, e);
    for (size_t i = 0; !rc && i < names.n; i++) {
        jd_str file = jd_str_of(names.name[i]);
        if (!jd_str_ends(file, JD_STR(".json")) || file.p[0] == '.')
            continue;
        const char *name = jd_arena_cstr(a, jd_str_cut(file, 0, file.n - 5));
        jd_buf_reset(&b);
        rc = jd_file_read(path_of(a, raw_dir, name), &b, e);
        if (!rc)
            rc = jd_site_put(to, name, jd_buf_view(&b), NULL, e);
    }
    return rc;
}
