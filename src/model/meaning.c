#include "model/meaning.h"

#include "base/buf.h"
#include "base/hash.h"
#include "text/date.h"

#include <inttypes.h>

enum { TEXT_MAX = 256 << 20, DATE_LEAST = 19 };

/* Seeds: the same bytes as another kind of thing mean something else. */
enum { TEXT = 1, TIME, PERSON, ENTITY, SPRINT, LIST, BAG, MEMBER, OBJECT };

static uint64_t mixed(uint64_t kind, uint64_t v)
{
    uint64_t h = jd_mix64(v ^ jd_mix64(kind));
    return h ? h : 1;
}

/* -- texts ----------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

/* The id in "…Sprint@1f2e[id=12,rapidViewId=3,…]"; p NULL when it is no such text. */
static jd_str sprint_id(jd_str s)
{
    static const jd_str head = JD_STR_INIT("com.atlassian.greenhopper.service.sprint.Sprint@");
    size_t              open = jd_str_find(s, '[');
    if (!jd_str_starts(s, head) || open == s.n)
        return JD_NOSTR;
    jd_str rest = jd_str_cut(s, open + 1, s.n);
    size_t at   = jd_str_starts(rest, JD_STR("id=")) ? 3 : jd_str_search(rest, JD_STR(",id=")) + 4;
    if (at >= rest.n)
        return JD_NOSTR;
    size_t n = 0;
    while (at + n < rest.n && is_digit(rest.p[at + n]))
        n++;
    return n ? jd_str_cut(rest, at, n) : JD_NOSTR;
}

/* Where a Java object's own number ends that begins behind the '@' at `at`; 0 when it is none. */
static size_t java_number(jd_str s, size_t at)
{
    size_t i = at + 1;
    while (i < s.n && i - at <= 8 && is_hex(s.p[i]))
        i++;
    return i > at + 1 && i < s.n && s.p[i] == '[' ? i : 0;
}

static uint64_t text_meaning(jd_str s)
{
    int64_t ms;
    if (s.n == 0)
        return 0;
    if (s.n >= DATE_LEAST && is_digit(s.p[0]) && jd_time_parse(s, &ms, NULL))
        return mixed(TIME, (uint64_t)ms);
    jd_str id = sprint_id(s);
    if (id.p)
        return mixed(SPRINT, jd_hash64(id));
    uint64_t h    = TEXT;
    size_t   from = 0;
    for (size_t i = 0; i < s.n; i++) {
        size_t end = s.p[i] == '@' ? java_number(s, i) : 0;
        if (!end)
            continue;
        h    = jd_hash64_seed(jd_str_cut(s, from, i - from), h);
        from = i = end;
    }
    return mixed(TEXT, jd_hash64_seed(jd_str_cut(s, from, s.n), h));
}

bool jd_meaning_is_rank(const jd_json *v)
{
    jd_str s = jd_json_str(v);
    if (s.n < 4 || !is_digit(s.p[0]) || s.p[1] != '|')
        return false;
    size_t colon = jd_str_find(s, ':');
    for (size_t i = 2; i < s.n; i++)
        if (i != colon && !is_digit(s.p[i]) && !(s.p[i] >= 'a' && s.p[i] <= 'z'))
            return false;
    return colon > 2 && colon < s.n;
}

/* -- objects --------------------------------------------------------------------------------- */

static bool is_person(const jd_json *v)
{
    return jd_json_is_str(jd_json_get(v, "accountId")) ||
           (jd_json_is_str(jd_json_get(v, "displayName")) &&
            (jd_json_is_str(jd_json_get(v, "key")) || jd_json_is_str(jd_json_get(v, "name"))));
}

jd_str jd_meaning_person(const jd_json *v)
{
    static const char *const member[] = {"accountId", "key", "name"};
    for (size_t i = 0; i < sizeof member / sizeof *member; i++) {
        jd_str s = jd_json_str(jd_json_get(v, member[i]));
        if (s.n)
            return s;
    }
    return JD_NOSTR;
}

static bool has_id(const jd_json *v)
{
    return jd_json_id(jd_json_get(v, "id")) || jd_json_str(jd_json_get(v, "id")).n;
}

static uint64_t id_meaning(const jd_json *id)
{
    return jd_json_is_str(id) && !jd_json_id(id) ? jd_hash64(jd_json_str(id)) : jd_json_id(id);
}

static bool is_noise(jd_str name)
{
    static const char *const noise[] = {"self",       "avatarUrls", "iconUrl",
                                        "lastViewed", "isWatching", "hasVoted"};
    for (size_t i = 0; i < sizeof noise / sizeof *noise; i++)
        if (jd_str_is(name, noise[i]))
            return true;
    return false;
}

static uint64_t object_meaning(const jd_json *v)
{
    uint64_t sum = 0;
    if (is_person(v) && jd_meaning_person(v).n)
        return mixed(PERSON, jd_hash64(jd_meaning_person(v)));
    if (has_id(v) && jd_json_get(v, "state") && jd_json_get(v, "boardId"))
        return mixed(SPRINT, id_meaning(jd_json_get(v, "id")));
    if (has_id(v) && jd_json_is_str(jd_json_get(v, "self")))
        return mixed(ENTITY, id_meaning(jd_json_get(v, "id")) ^
                                 jd_mix64(jd_meaning_of(jd_json_get(v, "child"))));
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);) {
        uint64_t of = is_noise(it.name) ? 0 : jd_meaning_of(it.value);
        if (of)
            sum += mixed(MEMBER, of ^ jd_hash64(it.name));
    }
    return sum ? mixed(OBJECT, sum) : 0;
}

/* Names and entities may come in any order; of others the order is part of what is said. */
static bool is_bag(const jd_json *list)
{
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);)
        if (!jd_json_is_str(it.value) && !(jd_json_kind(it.value) == JD_JSON_OBJECT &&
                                           (has_id(it.value) || is_person(it.value))))
            return false;
    return true;
}

static uint64_t list_meaning(const jd_json *v)
{
    bool     bag = is_bag(v);
    uint64_t h   = 0;
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);) {
        uint64_t of = mixed(LIST, jd_meaning_of(it.value));
        h           = bag ? h + of : jd_mix64(h ^ of);
    }
    return jd_json_len(v) ? mixed(bag ? BAG : LIST, h) : 0;
}

uint64_t jd_meaning_of(const jd_json *v)
{
    switch (jd_json_kind(v)) {
    case JD_JSON_NONE:
    case JD_JSON_NULL:
        return 0;
    case JD_JSON_STRING:
        return text_meaning(jd_json_str(v));
    case JD_JSON_ARRAY:
        return list_meaning(v);
    case JD_JSON_OBJECT:
        return object_meaning(v);
    default:
        return mixed(MEMBER, jd_json_hash(v, NULL));
    }
}

/* -- in words -------------------------------------------------------------------------------- */

jd_str jd_meaning_id(jd_arena *a, const jd_json *v)
{
    if (jd_json_kind(v) != JD_JSON_OBJECT)
        return jd_json_is_str(v) ? sprint_id(jd_json_str(v)) : JD_NOSTR;
    if (is_person(v))
        return jd_meaning_person(v);
    const jd_json *id = jd_json_get(v, "id");
    if (jd_json_str(id).n)
        return jd_json_str(id);
    return jd_json_id(id) ? jd_arena_fmt(a, "%" PRIu64, jd_json_id(id)) : JD_NOSTR;
}

static bool add_name(jd_buf *out, const jd_json *v)
{
    static const char *const member[] = {"displayName", "value", "name", "key", "filename"};
    for (size_t i = 0; i < sizeof member / sizeof *member; i++) {
        jd_str s = jd_json_str(jd_json_get(v, member[i]));
        if (!s.n)
            continue;
        jd_buf_adds(out, s);
        const jd_json *child = jd_json_get(v, "child");
        if (jd_json_str(jd_json_get(child, "value")).n)
            jd_buf_addf(out, " - %.*s", JD_FMT(jd_json_str(jd_json_get(child, "value"))));
        return true;
    }
    return false;
}

/* The name in "…Sprint@1f2e[…,name=Sprint 7,startDate=…]", which may hold commas itself. */
static void add_sprint(jd_buf *out, jd_str s)
{
    size_t at   = jd_str_search(s, JD_STR(",name=")) + 6;
    jd_str name = jd_str_cut(s, at, s.n);
    size_t end  = 0;
    for (; end < name.n && name.p[end] != ']'; end++) {
        if (name.p[end] != ',')
            continue;
        size_t i = end + 1;
        while (i < name.n && ((name.p[i] | 32) >= 'a' && (name.p[i] | 32) <= 'z'))
            i++;
        if (i > end + 1 && i < name.n && name.p[i] == '=')
            break;
    }
    jd_buf_adds(out, at <= s.n ? jd_str_cut(name, 0, end) : sprint_id(s));
}

/* 5.0 is 5, as the changelog has it. */
static bool add_whole(jd_buf *out, const jd_json *v)
{
    double f;
    if (!jd_json_f64(v, &f) || !(f > -1e15 && f < 1e15) || (double)(int64_t)f != f)
        return false;
    jd_buf_addi(out, (int64_t)f);
    return true;
}

static void add_text(jd_buf *out, const jd_json *v)
{
    if (jd_json_is_str(v) && sprint_id(jd_json_str(v)).p)
        add_sprint(out, jd_json_str(v));
    else if (jd_json_is_str(v))
        jd_buf_adds(out, jd_json_str(v));
    else if (!add_name(out, v) && !add_whole(out, v))
        jd_json_write(out, v);
}

jd_str jd_meaning_text(jd_arena *a, const jd_json *v)
{
    JD_CLEANUP(jd_buf_release) jd_buf b     = JD_BUF_INIT(TEXT_MAX);
    bool                              words = true;
    if (jd_json_kind(v) <= JD_JSON_NULL)
        return JD_NOSTR;
    if (jd_json_is_str(v) && !sprint_id(jd_json_str(v)).p)
        return jd_json_str(v);
    if (jd_json_kind(v) == JD_JSON_ARRAY) {
        for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);)
            words = words && jd_json_is_str(it.value) && !sprint_id(jd_json_str(it.value)).p;
        for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);) {
            if (b.n)
                jd_buf_addz(&b, words ? " " : ", ");
            add_text(&b, it.value);
        }
    } else {
        add_text(&b, v);
    }
    return jd_arena_dup(a, jd_buf_view(&b));
}
