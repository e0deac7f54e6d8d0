#include "sink/site.h"

#include "sys/file.h"

#include <stdlib.h>

enum { FILE_MAX = 512 << 20 };

static const char *path_of(jd_arena *a, const char *raw_dir, const char *name)
{
    return jd_arena_fmt(a, "%s/" JD_SITE_DIR "/%s.json", raw_dir, name).p;
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
    return rc == JD_E_DATA ? jd_wrap(e, "%s (remove it: it is made anew)", path) : rc;
}

static bool is_same(const char *path, jd_str text, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(FILE_MAX);
    return jd_path_exists(path) && !jd_file_read(path, &b, e) && jd_str_eq(jd_buf_view(&b), text);
}

jd_code jd_site_put(const char *raw_dir, const char *name, jd_str text, bool *changed, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a    = jd_arena_new(0);
    const char                          *path = path_of(a, raw_dir, name);
    jd_err                               ignored;
    if (changed)
        *changed = false;
    if (is_same(path, text, &ignored))
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
    const jd_json *entry;
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

jd_code jd_site_write(const char *raw_dir, const char *name, const jd_json *const *entry, size_t n,
                      bool *changed, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a    = jd_arena_new(0);
    JD_CLEANUP(jd_buf_release) jd_buf    b    = JD_BUF_INIT(FILE_MAX);
    line                                *list = JD_NEW_ARRAY(a, line, n + 1);
    for (size_t i = 0; i < n; i++) {
        list[i] = (line){.id = id_of(a, entry[i]), .at = i, .entry = entry[i]};
        if (!jd_str_u64(list[i].id, &list[i].number))
            list[i].number = 0;
    }
    if (n)
        qsort(list, n, sizeof *list, by_id);
    jd_buf_addc(&b, '[');
    for (size_t i = 0; i < n; i++) {
        jd_buf_addz(&b, i ? ",\n" : "\n");
        jd_json_write(&b, list[i].entry);
    }
    jd_buf_addz(&b, "\n]\n");
    if (!jd_buf_ok(&b))
        return jd_fail(e, JD_E_TOOBIG, "the list of %s is over %d MiB", name, FILE_MAX >> 20);
    return jd_site_put(raw_dir, name, jd_buf_view(&b), changed, e);
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
