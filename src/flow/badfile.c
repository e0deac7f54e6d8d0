#include "flow/badfile.h"

#include "base/map.h"
#include "sys/file.h"
#include "text/jsonw.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define SUFFIX ".transform.json"

/* What the map says of an entry, by its path. */
enum { KNOWN, STILL };

struct jd_badfiles {
    const char     *dir;
    const jd_store *store;
    const jd_log   *log;
    jd_arena       *scratch;
    jd_map         *entries;
    uint64_t        fresh;
};

jd_badfiles *jd_badfiles_new(const char *dir, const jd_store *store, const jd_log *log)
{
    jd_badfiles *b = jd_xcalloc(1, sizeof *b);
    *b             = (jd_badfiles){dir, store, log, jd_arena_new(0), jd_map_new(), 0};
    return b;
}

void jd_badfiles_free(jd_badfiles *b)
{
    if (!b)
        return;
    jd_arena_free(b->scratch);
    jd_map_free(b->entries);
    free(b);
}

jd_code jd_badfiles_project(jd_badfiles *b, const char *project, jd_err *e)
{
    jd_names names;
    jd_str   folder = jd_arena_fmt(b->scratch, "%s/%s", b->dir, project);
    jd_code  c      = jd_dir_list(b->scratch, folder.p, &names, e);
    for (size_t i = 0; !c && i < names.n; i++)
        if (jd_str_ends(jd_str_of(names.name[i]), JD_STR(SUFFIX)))
            *jd_map_put(b->entries, jd_arena_fmt(b->scratch, "%s/%s", folder.p, names.name[i]),
                        NULL) = KNOWN;
    jd_arena_reset(b->scratch);
    return c;
}

static void write_entry(jd_buf *out, jd_str key, jd_str where, const char *why)
{
    jd_jsonw w = jd_jsonw_pretty(out);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "what", key);
    jd_jsonw_kstr(&w, "where", where);
    jd_jsonw_kstr(&w, "why", jd_str_of(why));
    jd_jsonw_end(&w);
    jd_buf_addc(out, '\n');
}

/* An entry that says the same already is left alone, and not fresh. */
static jd_code put_entry(const char *folder, const char *path, jd_str text, bool *fresh, jd_err *e)
{
    jd_buf  old  = JD_BUF_INIT(65536);
    jd_err  none = JD_ERR_NONE;
    jd_code c    = jd_file_read(path, &old, &none);
    *fresh       = c != JD_OK || !jd_str_eq(jd_buf_view(&old), text);
    jd_buf_release(&old);
    if (!*fresh)
        return JD_OK;
    c = jd_dir_make(folder, e);
    return c ? c : jd_file_replace(path, text, e);
}

jd_code jd_badfiles_add(jd_badfiles *b, const char *project, uint64_t number, const char *why,
                        jd_err *e)
{
    jd_arena *a      = b->scratch;
    jd_buf    text   = JD_BUF_INIT(65536);
    jd_str    folder = jd_arena_fmt(a, "%s/%s", b->dir, project);
    jd_str    key    = jd_arena_fmt(a, "%s-%llu", project, (unsigned long long)number);
    jd_str    where  = jd_store_where(b->store, a, key);
    jd_str    path   = jd_arena_fmt(a, "%s/%s" SUFFIX, folder.p, key.p);
    write_entry(&text, key, where, why);
    bool    fresh;
    jd_code c = put_entry(folder.p, path.p, jd_buf_view(&text), &fresh, e);
    if (!c) {
        *jd_map_put(b->entries, path, NULL) = STILL;
        b->fresh += fresh;
        jd_event(b->log, fresh ? JD_WARN : JD_INFO, "quarantine", "%s: %s", where.p, why);
    }
    jd_buf_release(&text);
    jd_arena_reset(a);
    return c;
}

uint64_t jd_badfiles_fresh(const jd_badfiles *b)
{
    return b->fresh;
}

jd_code jd_badfiles_clear(jd_badfiles *b, jd_err *e)
{
    size_t   at = 0;
    jd_str   path;
    uint64_t state;
    while (jd_map_next(b->entries, &at, &path, &state)) {
        if (state == STILL)
            continue;
        const char *name = jd_arena_cstr(b->scratch, path);
        if (unlink(name) != 0 && errno != ENOENT)
            return jd_file_fail(e, errno, "remove", name);
        jd_event(b->log, JD_INFO, "quarantine", "%s: its file reads now: removed", name);
    }
    return JD_OK;
}
