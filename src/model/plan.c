#include "model/plan.h"

#include "base/hash.h"

#include <inttypes.h>

/* The fields and the changelog are part of every plan: another choice of fields is another plan. */
static uint64_t plan_of(jd_arena *a, jd_str selection)
{
    return jd_hash64(jd_arena_fmt(a, "%.*s|*all|changelog", JD_FMT(selection)));
}

void jd_scope_choose(jd_arena *a, jd_scope *s, jd_str fields)
{
    s->fields = fields;
    s->plan   = fields.n ? jd_hash64(jd_arena_fmt(a, "%.*s|%.*s|changelog", JD_FMT(s->selection),
                                                  JD_FMT(fields)))
                         : plan_of(a, s->selection);
}

jd_scope jd_scope_project(jd_arena *a, jd_str site, jd_str key, uint64_t id)
{
    jd_scope s  = {.label = key, .project = key, .project_id = id};
    s.name      = jd_arena_fmt(a, "%.*s#project:%" PRIu64, JD_FMT(site), id);
    s.selection = jd_arena_fmt(a, "project = %" PRIu64, id);
    s.plan      = plan_of(a, s.selection);
    return s;
}

static void quote(jd_buf *b, jd_str text)
{
    jd_buf_addc(b, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\')
            jd_buf_addc(b, '\\');
        jd_buf_addc(b, text.p[i]);
    }
    jd_buf_addc(b, '"');
}

jd_scope jd_scope_type(jd_arena *a, jd_str site, jd_str key, uint64_t id, jd_str type)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(SIZE_MAX / 4);
    char                              hex[17];
    jd_scope s = {.label = jd_arena_fmt(a, "%.*s: %.*s", JD_FMT(key), JD_FMT(type))};
    jd_hash_hex(jd_hash64(type), hex);
    s.name = jd_arena_fmt(a, "%.*s#project:%" PRIu64 ":type:%s", JD_FMT(site), id, hex);
    jd_buf_addf(&b, "project = %" PRIu64 " AND issuetype = ", id);
    quote(&b, type);
    s.selection = jd_arena_dup(a, jd_buf_view(&b));
    s.plan      = plan_of(a, s.selection);
    return s;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Whether s at i begins "order by" as words of their own. */
static bool order_by_at(jd_str s, size_t i)
{
    if ((i > 0 && is_word(s.p[i - 1])) || !jd_str_ieq(jd_str_cut(s, i, 5), JD_STR("order")))
        return false;
    size_t j = i + 5;
    while (j < s.n && (s.p[j] == ' ' || (s.p[j] >= '\t' && s.p[j] <= '\r')))
        j++;
    return j > i + 5 && jd_str_ieq(jd_str_cut(s, j, 2), JD_STR("by")) &&
           (j + 2 == s.n || !is_word(s.p[j + 2]));
}

/* Length of the part before ORDER BY; n + 1 when quotes or parentheses do not balance. */
static size_t search_part(jd_str s)
{
    size_t depth = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '"' || c == '\'') {
            for (i++; i < s.n && s.p[i] != c; i++)
                if (s.p[i] == '\\')
                    i++;
            if (i >= s.n)
                return s.n + 1;
        } else if (c == '(') {
            depth++;
        } else if (c == ')') {
            if (depth-- == 0)
                return s.n + 1;
        } else if (depth == 0 && order_by_at(s, i)) {
            return i;
        }
    }
    return depth ? s.n + 1 : s.n;
}

jd_code jd_scope_jql(jd_arena *a, jd_str site, jd_str jql, jd_scope *out, jd_err *e)
{
    char   hex[17];
    size_t n = search_part(jql);
    if (n > jql.n)
        return jd_fail(e, JD_E_USAGE,
                       "a quote or parenthesis is not closed (or closed twice) in: %.*s",
                       JD_FMT(jd_str_cut(jql, 0, 200)));
    jd_str search = jd_str_trim((jd_str){jql.p, n});
    if (!search.n)
        return jd_fail(e, JD_E_USAGE,
                       "the query has no condition: give one, for example 'project = KAFKA'");
    jd_hash_hex(jd_hash64(search), hex);
    *out           = (jd_scope){.label = JD_STR("jql")};
    out->name      = jd_arena_fmt(a, "%.*s#jql:%s", JD_FMT(site), hex);
    out->selection = jd_arena_fmt(a, "(%.*s)", JD_FMT(search));
    out->plan      = plan_of(a, out->selection);
    return JD_OK;
}
