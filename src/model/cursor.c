#include "model/cursor.h"

#include "base/hash.h"
#include "text/json.h"
#include "text/jsonw.h"

#include <string.h>

void jd_cursor_init(jd_cursor *c, jd_str scope, uint64_t plan)
{
    *c = (jd_cursor){.plan = plan, .t0 = JD_PAST, .since = JD_PAST, .updated = JD_PAST};
    if (scope.n)
        memcpy(c->scope, scope.p, scope.n < sizeof c->scope ? scope.n : sizeof c->scope - 1);
}

bool jd_cursor_backfilled(const jd_cursor *c)
{
    for (unsigned i = 0; i < c->nwindow; i++)
        if (c->window[i].at != c->window[i].to)
            return false;
    return c->nwindow > 0;
}

void jd_cursor_begin(jd_cursor *c, int64_t t0, int64_t since, const int64_t *edge, unsigned n)
{
    int64_t from = JD_PAST;
    c->t0        = t0;
    c->since     = since;
    c->nwindow   = n < JD_WINDOWS_MAX ? n + 1 : JD_WINDOWS_MAX;
    for (unsigned i = 0; i < c->nwindow; i++) {
        int64_t to   = i + 1 < c->nwindow ? edge[i] : JD_FUTURE;
        c->window[i] = (jd_window){from, to, from};
        from         = to;
    }
}

void jd_cursor_settle(jd_cursor *c)
{
    if (jd_cursor_backfilled(c) && c->updated < c->t0)
        c->updated = c->t0;
}

/* An instant, or null for an open edge. */
static void write_time(jd_jsonw *w, const char *name, int64_t ms)
{
    jd_jsonw_name(w, name);
    if (ms == JD_PAST || ms == JD_FUTURE)
        jd_jsonw_null(w);
    else
        jd_jsonw_int(w, ms);
}

void jd_cursor_write(const jd_cursor *c, jd_buf *out)
{
    char     plan[17];
    jd_jsonw w = jd_jsonw_to(out);
    jd_hash_hex(c->plan, plan);
    jd_jsonw_object(&w);
    jd_jsonw_kint(&w, "v", JD_CURSOR_VERSION);
    jd_jsonw_kstr(&w, "scope", jd_str_of(c->scope));
    jd_jsonw_kstr(&w, "plan", (jd_str){plan, 16});
    write_time(&w, "t0", c->t0);
    write_time(&w, "since", c->since);
    jd_jsonw_name(&w, "windows");
    jd_jsonw_array(&w);
    for (unsigned i = 0; i < c->nwindow; i++) {
        const jd_window *win = &c->window[i];
        jd_jsonw_object(&w);
        write_time(&w, "from", win->from);
        write_time(&w, "to", win->to);
        if (win->at == win->to)
            jd_jsonw_kstr(&w, "at", JD_STR("end"));
        else
            write_time(&w, "at", win->at);
        jd_jsonw_end(&w);
    }
    jd_jsonw_end(&w);
    write_time(&w, "updated", c->updated);
    jd_jsonw_kint(&w, "seq", (int64_t)c->seq);
    jd_jsonw_end(&w);
}

static bool read_time(const jd_json *v, int64_t open, int64_t *out)
{
    if (jd_json_kind(v) == JD_JSON_NULL) {
        *out = open;
        return true;
    }
    return jd_json_i64(v, out);
}

static bool read_plan(jd_str hex, uint64_t *out)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t          v        = 0;
    for (size_t i = 0; i < hex.n; i++) {
        const char *at = memchr(digits, hex.p[i], 16);
        if (!at)
            return false;
        v = v << 4 | (uint64_t)(at - digits);
    }
    *out = v;
    return hex.n == 16;
}

static bool read_windows(jd_cursor *c, const jd_json *list)
{
    if (jd_json_kind(list) != JD_JSON_ARRAY || jd_json_len(list) > JD_WINDOWS_MAX)
        return false;
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);) {
        jd_window     *w  = &c->window[c->nwindow++];
        const jd_json *at = jd_json_get(it.value, "at");
        if (!read_time(jd_json_get(it.value, "from"), JD_PAST, &w->from) ||
            !read_time(jd_json_get(it.value, "to"), JD_FUTURE, &w->to))
            return false;
        if (jd_str_is(jd_json_str(at), "end"))
            w->at = w->to;
        else if (!read_time(at, w->from, &w->at))
            return false;
    }
    return true;
}

jd_code jd_cursor_read(jd_cursor *c, jd_str line, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    const jd_json                       *v;
    int64_t                              version = 0, seq = 0;
    jd_code                              rc = jd_json_read(a, line, &v, e);
    if (rc)
        return jd_wrap(e, "cursor");
    if (jd_json_i64(jd_json_get(v, "v"), &version) && version > JD_CURSOR_VERSION)
        return jd_fail(e, JD_E_STATE,
                       "the cursor is of version %lld, newer than this program: update jiraduct",
                       (long long)version);
    jd_str scope = jd_json_str(jd_json_get(v, "scope"));
    jd_cursor_init(c, jd_str_cut(scope, 0, sizeof c->scope - 1), 0);
    if (version != JD_CURSOR_VERSION || scope.n == 0 || scope.n >= sizeof c->scope ||
        jd_str_find(scope, '\0') < scope.n ||
        !read_plan(jd_json_str(jd_json_get(v, "plan")), &c->plan) ||
        !read_time(jd_json_get(v, "t0"), JD_PAST, &c->t0) ||
        !read_time(jd_json_get(v, "since"), JD_PAST, &c->since) ||
        !read_windows(c, jd_json_get(v, "windows")) ||
        !read_time(jd_json_get(v, "updated"), JD_PAST, &c->updated) ||
        !jd_json_i64(jd_json_get(v, "seq"), &seq) || seq < 0)
        return jd_fail(e, JD_E_DATA, "not a cursor: %.*s", JD_FMT(jd_str_cut(line, 0, 120)));
    c->seq = (uint64_t)seq;
    return JD_OK;
}
