#include "flow/quarantine.h"

#include "base/hash.h"
#include "sys/file.h"
#include "text/date.h"
#include "text/json.h"
#include "text/jsonw.h"
#include "text/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RAW_MAX = 1 << 20, ENTRY_MAX = 8 << 20 };

static const char suffix[] = ".issue.json"; /* tells our entries from transform's */

/* A scope that is no project has the hash of its name. */
static jd_str folder_of(jd_arena *a, const char *dir, const jd_scope *scope)
{
    char hex[17];
    if (jd_is_project_key(scope->project))
        return jd_arena_fmt(a, "%s/%.*s", dir, JD_FMT(scope->project));
    jd_hash_hex(jd_hash64(scope->name), hex);
    return jd_arena_fmt(a, "%s/_%s", dir, hex);
}

bool jd_quarantine_told(jd_str raw)
{
    return jd_str_starts(raw, JD_STR("{"));
}

/* The name of a record without an id. */
static void nameless(jd_str raw, const jd_place *place, char out[18])
{
    bool told = jd_quarantine_told(raw);
    out[0]    = told ? 'x' : 'p';
    jd_hash_hex(told ? jd_hash64(raw) : jd_hash64_seed(place->jql, place->row), out + 1);
}

static jd_str path_of(jd_arena *a, const char *dir, const jd_bad *bad)
{
    jd_str folder = folder_of(a, dir, bad->scope);
    char   name[18];
    if (bad->id)
        return jd_arena_fmt(a, "%s/%" PRIu64 "%s", folder.p, bad->id, suffix);
    nameless(bad->raw, &bad->place, name);
    return jd_arena_fmt(a, "%s/%s%s", folder.p, name, suffix);
}

/* Whether the entry is there already with the same reason. */
static bool known(jd_arena *a, const char *path, jd_str reason)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(ENTRY_MAX);
    const jd_json                    *v;
    jd_err                            e;
    if (jd_file_read(path, &b, &e) || jd_json_read(a, jd_buf_view(&b), &v, &e))
        return false;
    return jd_str_eq(jd_json_str(jd_json_get(v, "reason")), reason);
}

jd_code jd_quarantine_add(const char *dir, const jd_bad *bad, bool *fresh, jd_err *e)
{
    char                                 time[JD_TIME_MAX];
    JD_CLEANUP(jd_arena_freep) jd_arena *a    = jd_arena_new(0);
    JD_CLEANUP(jd_buf_release) jd_buf    b    = JD_BUF_INIT(ENTRY_MAX);
    jd_str                               path = path_of(a, dir, bad);
    *fresh                                    = !known(a, path.p, bad->reason);
    if (!*fresh)
        return JD_OK;
    jd_jsonw w = jd_jsonw_pretty(&b);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "scope", bad->scope->label);
    jd_jsonw_name(&w, "id");
    if (bad->id)
        jd_jsonw_int(&w, (int64_t)bad->id);
    else
        jd_jsonw_null(&w);
    if (!bad->id && bad->place.jql.n) {
        jd_jsonw_kstr(&w, "jql", bad->place.jql);
        jd_jsonw_kint(&w, "row", (int64_t)bad->place.row);
    }
    jd_jsonw_kstr(&w, "key", bad->key);
    jd_jsonw_kstr(&w, "reason", bad->reason);
    jd_jsonw_kstr(&w, "seen", jd_str_of(jd_time_utc(bad->seen_ms, time)));
    jd_jsonw_kint(&w, "bytes", (int64_t)bad->raw.n);
    jd_jsonw_kstr(&w, "raw", jd_utf8_head(bad->raw, RAW_MAX));
    jd_jsonw_end(&w);
    jd_buf_addc(&b, '\n');
    jd_code rc = jd_dir_make(folder_of(a, dir, bad->scope).p, e);
    return rc ? rc : jd_file_replace(path.p, jd_buf_view(&b), e);
}

/* An entry that cannot be read has no place: it stays until it is removed by hand. */
static jd_place place_of(jd_arena *a, const char *path)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(ENTRY_MAX);
    const jd_json                    *v;
    int64_t                           row;
    jd_err                            e;
    if (jd_file_read(path, &b, &e) || jd_json_read(a, jd_buf_view(&b), &v, &e) ||
        !jd_json_i64(jd_json_get(v, "row"), &row) || row < 0)
        return (jd_place){0};
    return (jd_place){jd_arena_dup(a, jd_json_str(jd_json_get(v, "jql"))), (uint64_t)row};
}

jd_code jd_quarantine_list(jd_arena *a, const char *dir, const jd_scope *scope, jd_bad_entry **out,
                           size_t *n, jd_err *e)
{
    jd_names names;
    jd_str   folder = folder_of(a, dir, scope);
    jd_code  rc     = jd_dir_list(a, folder.p, &names, e);
    *n              = 0;
    if (rc)
        return rc;
    *out = JD_NEW_ARRAY(a, jd_bad_entry, names.n);
    for (size_t i = 0; i < names.n; i++) {
        jd_str name = jd_str_of(names.name[i]);
        if (!jd_str_ends(name, jd_str_of(suffix)))
            continue;
        jd_bad_entry *entry = &(*out)[(*n)++];
        *entry              = (jd_bad_entry){
                         .path = jd_arena_cstr(a, jd_arena_fmt(a, "%s/%s", folder.p, names.name[i]))};
        if (!jd_str_u64(jd_str_cut(name, 0, name.n - (sizeof suffix - 1)), &entry->id))
            entry->place = place_of(a, entry->path);
    }
    return JD_OK;
}

jd_code jd_quarantine_follow(const char *dir, jd_str was, const jd_scope *scope, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_names                             names;
    jd_str                               to = folder_of(a, dir, scope);
    if (!jd_is_project_key(was))
        return JD_OK;
    jd_str  from = jd_arena_fmt(a, "%s/%.*s", dir, JD_FMT(was));
    jd_code rc   = jd_dir_list(a, from.p, &names, e);
    if (!rc && names.n)
        rc = jd_dir_make(to.p, e);
    for (size_t i = 0; i < names.n && !rc; i++) {
        const char *old = jd_arena_fmt(a, "%s/%s", from.p, names.name[i]).p;
        if (jd_str_ends(jd_str_of(old), jd_str_of(suffix)) &&
            rename(old, jd_arena_fmt(a, "%s/%s", to.p, names.name[i]).p))
            rc = jd_file_fail(e, errno, "write", old);
    }
    if (!rc && names.n)
        (void)rmdir(from.p); /* stays when there is more in it */
    return rc;
}

bool jd_quarantine_may_be(const jd_bad_entry *entry, jd_str raw)
{
    char        mine[18];
    const char *slash = strrchr(entry->path, '/'), *name = slash ? slash + 1 : entry->path;
    nameless(raw, &entry->place, mine);
    return !entry->id && strncmp(name, mine, sizeof mine - 1) == 0;
}

jd_code jd_quarantine_clear(const jd_bad_entry *entry, jd_err *e)
{
    if (unlink(entry->path) && errno != ENOENT)
        return jd_fail_sys(e, JD_E_IO, errno, "cannot remove %s", entry->path);
    return JD_OK;
}
