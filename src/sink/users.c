#include "sink/users.h"

#include "base/hash.h"
#include "sink/facts.h"
#include "sink/site.h"
#include "text/jsonw.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* A user's object begins so: {"self":"https://…/rest/api/2/user?username=…" */
enum { USER_MAX = 8192, SELF_MAX = 1024, TEXT_MAX = 1 << 20 };
static const char opening[] = "{\"self\":\"", word[] = "/user?";

/* What is kept of one: without pictures, which are many and say little. */
static const char *const kept[] = {"accountId",   "accountType",  "key",    "name",
                                   "displayName", "emailAddress", "active", "timeZone"};

void jd_users_init(jd_users *u)
{
    *u = (jd_users){.by_name = jd_idmap_new(), .arena = jd_arena_new(0), .batch = 1};
}

void jd_users_release(jd_users *u)
{
    jd_idmap_free(u->by_name);
    jd_vec_release(&u->known);
    jd_arena_free(u->arena);
    jd_vec_release(&u->waiting);
}

void jd_users_settled(jd_users *u)
{
    u->waiting.n = 0;
    u->batch++;
    jd_arena_reset(u->arena);
}

void jd_users_move(jd_users *from, jd_users *to)
{
    jd_users all = *from;
    from->arena  = to->arena;
    to->arena    = all.arena;
    memcpy(&from->waiting, &to->waiting, sizeof from->waiting);
    memcpy(&to->waiting, &all.waiting, sizeof to->waiting);
    from->batch++;
}

void jd_users_forget(jd_users *u)
{
    jd_idmap_clear(u->by_name);
    u->known.n = 0;
    jd_users_settled(u);
}

/* -- finding --------------------------------------------------------------------------------- */

static jd_str id_of(const jd_json *user)
{
    static const char *const names[] = {"accountId", "key", "name"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        jd_str id = jd_json_str(jd_json_get(user, names[i]));
        if (id.n)
            return id;
    }
    return JD_NOSTR;
}

static void wait_for(jd_users *u, const jd_json *user, int64_t at)
{
    JD_CLEANUP(jd_buf_release) jd_buf b  = JD_BUF_INIT(TEXT_MAX);
    jd_jsonw                          w  = jd_jsonw_to(&b);
    jd_str                            id = id_of(user);
    if (!id.n)
        return;
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "id", id);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        const jd_json *v = jd_json_get(user, kept[i]);
        if (jd_json_is_null(v))
            continue;
        jd_jsonw_name(&w, kept[i]);
        jd_jsonw_value(&w, v);
    }
    jd_jsonw_end(&w);
    *jd_vec_add(&u->waiting) =
        (jd_user_seen){jd_arena_dup(u->arena, id), jd_arena_dup(u->arena, jd_buf_view(&b)), at};
}

/* The object whose address holds the place `at`; false when there is none. */
static bool object_around(jd_str raw, size_t at, jd_str *out)
{
    const size_t head = sizeof opening - 1;
    size_t       from = at;
    while (from > 0 && at - from < SELF_MAX && raw.p[from] != '"')
        from--;
    if (from + 1 < head || memcmp(raw.p + from + 1 - head, opening, head) != 0)
        return false;
    jd_str  rest = jd_str_cut(raw, from + 1 - head, USER_MAX);
    jd_skim it   = jd_skim_open(rest);
    it.inside    = true; /* more follows it */
    while (jd_skim_next(&it))
        ;
    *out = jd_str_cut(rest, 0, it.at);
    return !it.bad;
}

static jd_user_known *known_as(jd_users *u, jd_str name, bool *fresh)
{
    int64_t *place = jd_idmap_put(u->by_name, jd_hash64(name), fresh);
    if (*fresh) {
        *place                 = (int64_t)u->known.n;
        *jd_vec_add(&u->known) = (jd_user_known){0};
    }
    return &u->known.v[*place];
}

/* Most issues tell nothing new of anybody, only later. */
static void look_at(jd_users *u, const jd_issue *issue, size_t at, size_t end)
{
    bool           fresh;
    jd_str         text, name = jd_str_cut(issue->raw, at, end - at);
    const jd_json *user;
    jd_err         ignored;
    jd_user_known *k = known_as(u, name, &fresh);
    if (!fresh && k->newest >= issue->updated_ms)
        return;
    k->newest = issue->updated_ms;
    if (!object_around(issue->raw, at, &text))
        return;
    uint64_t hash = jd_hash64(text);
    if (!fresh && k->text == hash && k->batch == u->batch) {
        u->waiting.v[k->place].at = issue->updated_ms;
        return;
    }
    JD_CLEANUP(jd_arena_freep) jd_arena *a      = jd_arena_new(0);
    size_t                               before = u->waiting.n;
    if (!jd_json_read(a, text, &user, &ignored))
        wait_for(u, user, issue->updated_ms);
    k->text  = hash;
    k->batch = u->waiting.n > before ? u->batch : 0;
    k->place = before;
}

/* Every user below v. Where their objects have no address they are not found by it. */
static void walk(jd_users *u, const jd_json *v, int64_t at)
{
    if (jd_json_is_str(jd_json_get(v, "displayName")))
        wait_for(u, v, at);
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);)
        if (jd_json_kind(it.value) >= JD_JSON_ARRAY)
            walk(u, it.value, at);
}

/* Question marks are rarer than letters, so they lead the way. */
/* The next place from p on where the word may end: an 'e' and, two further, a '?'. Issues are full
 * of question marks (pictures' addresses), and every byte of every issue is looked at. */
static const char *word_end(const char *p, const char *end)
{
#ifdef __SSE2__
    const __m128i e = _mm_set1_epi8('e'), mark = _mm_set1_epi8('?');
    for (; end - p >= 18; p += 16) {
        __m128i  is_e    = _mm_cmpeq_epi8(_mm_loadu_si128((const void *)p), e);
        __m128i  is_mark = _mm_cmpeq_epi8(_mm_loadu_si128((const void *)(p + 2)), mark);
        unsigned both    = (unsigned)_mm_movemask_epi8(_mm_and_si128(is_e, is_mark));
        if (both)
            return p + __builtin_ctz(both) + 3;
    }
#endif
    for (; end - p >= 3; p++)
        if (p[0] == 'e' && p[2] == '?')
            return p + 3;
    return NULL;
}

void jd_users_take(jd_users *u, const jd_issue *issue)
{
    const size_t length = sizeof word - 1;
    const char  *p = issue->raw.p, *end = p + issue->raw.n, *q = p;
    bool         any = false;
    while ((q = word_end(q, end))) {
        if ((size_t)(q - p) < length || memcmp(q - length, word, length) != 0)
            continue;
        const char *quote = memchr(q, '"', (size_t)(end - q));
        if (quote && quote - q < SELF_MAX) {
            look_at(u, issue, (size_t)(q - p), (size_t)(quote - p));
            any = true;
        }
    }
    JD_CLEANUP(jd_arena_freep) jd_arena *a = any ? NULL : jd_arena_new(0);
    const jd_json                       *doc;
    jd_err                               ignored;
    if (!any && !jd_json_read(a, issue->raw, &doc, &ignored))
        walk(u, doc, issue->updated_ms);
}

/* -- keeping --------------------------------------------------------------------------------- */

jd_code jd_users_put(jd_users *u, jd_state *s, jd_err *e)
{
    jd_code rc = u->waiting.n == 0 || u->put
                     ? JD_OK
                     : jd_stmt_prepare(jd_state_db(s),
                                       "INSERT INTO user (id, seen, json) VALUES (?1, ?2, ?3)"
                                       " ON CONFLICT (id) DO UPDATE SET seen = excluded.seen,"
                                       " json = excluded.json WHERE excluded.seen > seen",
                                       &u->put, e);
    for (size_t i = 0; i < u->waiting.n && !rc; i++) {
        jd_stmt_text(u->put, 1, u->waiting.v[i].id);
        jd_stmt_int(u->put, 2, u->waiting.v[i].at);
        jd_stmt_text(u->put, 3, u->waiting.v[i].json);
        rc = jd_stmt_run(u->put, e);
    }
    return rc;
}

/* -- publishing ------------------------------------------------------------------------------ */

static jd_code take_file(jd_state *s, const char *raw_dir, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    const jd_json                       *list;
    jd_stmt                             *q;
    jd_code                              rc = jd_site_read(raw_dir, "users", a, &list, e);
    if (rc || !list)
        return rc;
    rc = jd_state_begin(s, e);
    if (!rc)
        rc = jd_stmt_prepare(
            jd_state_db(s),
            "INSERT INTO user (id, seen, json) VALUES (?1, 0, ?2) ON CONFLICT DO NOTHING", &q, e);
    for (jd_json_iter it = jd_json_walk(list); !rc && jd_json_next(&it);) {
        JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(TEXT_MAX);
        jd_json_write(&b, it.value);
        jd_stmt_text(q, 1, jd_json_str(jd_json_get(it.value, "id")));
        jd_stmt_text(q, 2, jd_buf_view(&b));
        rc = jd_stmt_run(q, e);
    }
    if (!rc)
        rc = jd_state_commit(s, e);
    if (rc)
        jd_state_rollback(s);
    return rc;
}

static jd_code write_file(jd_state *s, const char *raw_dir, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(512 << 20);
    jd_stmt                          *q;
    bool                              row = true;
    uint64_t                          n   = 0;
    jd_code rc = jd_stmt_prepare(jd_state_db(s), "SELECT json FROM user ORDER BY id", &q, e);
    jd_buf_addc(&b, '[');
    while (!rc) {
        rc = jd_stmt_step(q, &row, e);
        if (rc || !row)
            break;
        jd_buf_addz(&b, n++ ? ",\n" : "\n");
        jd_buf_adds(&b, jd_stmt_get_text(q, 0));
    }
    jd_buf_addz(&b, "\n]\n");
    if (!rc && !jd_buf_ok(&b))
        rc = jd_fail(e, JD_E_TOOBIG, "the list of users is over 512 MiB");
    return rc ? rc : jd_site_put(raw_dir, "users", jd_buf_view(&b), NULL, e);
}

/* What tells whether the file is that of the rows as they are. */
static jd_code sum_of(jd_state *s, jd_arena *a, jd_str *out, jd_err *e)
{
    jd_stmt *q;
    bool     row;
    jd_code  rc = jd_stmt_prepare(jd_state_db(s),
                                  "SELECT count(*) || ' ' || total(seen / 1000) FROM user", &q, e);
    if (rc)
        return rc;
    rc   = jd_stmt_step(q, &row, e);
    *out = !rc && row ? jd_arena_dup(a, jd_stmt_get_text(q, 0)) : JD_NOSTR;
    jd_stmt_reset(q);
    return rc;
}

jd_code jd_users_publish(jd_state *s, const char *raw_dir, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a   = jd_arena_new(0);
    jd_str                               sum = JD_NOSTR, was;
    const char *path = jd_arena_fmt(a, "%s/" JD_SITE_DIR "/users.json", raw_dir).p;
    jd_code     rc   = jd_fact_get(s, a, JD_FACT_USERS, &was, e);
    if (!rc && !was.n)
        rc = take_file(s, raw_dir, e);
    if (!rc)
        rc = sum_of(s, a, &sum, e);
    if (rc || (jd_str_eq(sum, was) && jd_path_exists(path)))
        return rc;
    rc = write_file(s, raw_dir, e);
    return rc ? rc : jd_fact_set(s, JD_FACT_USERS, sum, e);
}
