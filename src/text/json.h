/* json.h: reading JSON, in two ways. `jd_json_read` builds a tree (yyjson behind this facade, the
 * only place that includes it); `jd_skim` walks raw bytes without building anything, to cut a page
 * into its issues so that one bad issue spoils no other.
 *
 * - Trees live in the caller's arena and borrow nothing from the input bytes.
 * - Every accessor takes NULL and gives the empty answer, so lookups chain:
 *   jd_json_str(jd_json_get(jd_json_get(issue, "fields"), "summary")).
 * - Nesting deeper than JD_JSON_DEPTH is refused (JD_E_DATA) before anything recurses on it.
 * - Object lookup is linear: walk an object once when you need many members. */
#ifndef JD_TEXT_JSON_H
#define JD_TEXT_JSON_H

#include "base/arena.h"
#include "base/buf.h"

enum { JD_JSON_DEPTH = 512 };

/* A value inside a tree; its members are for the functions below, which are inline because
 * converters ask them of every value. (It is yyjson's own; json.c holds the two together.) */
typedef struct jd_json {
    uint64_t tag; /* type in the low three bits; length or number of elements from bit eight on */
    union {
        uint64_t    u64;
        const char *str;
        size_t      ofs; /* bytes from here to the value behind this array or object */
    } uni;
} jd_json;

typedef enum jd_json_type {
    JD_JSON_NONE, /* NULL was asked */
    JD_JSON_NULL = 2,
    JD_JSON_BOOL,
    JD_JSON_NUMBER,
    JD_JSON_STRING,
    JD_JSON_ARRAY,
    JD_JSON_OBJECT
} jd_json_type;

/* Strict JSON; a UTF-8 BOM at the front is passed over. A lone surrogate escape (\ud83d) and
 * invalid UTF-8 inside strings are tolerated: such a text reads with U+FFFD in their place. Numbers
 * beyond int64/uint64/double keep their text (see jd_json_text). JD_E_DATA says where (byte offset)
 * and what. */
jd_code jd_json_read(jd_arena *a, jd_str bytes, const jd_json **root, jd_err *e) JD_NODISCARD;

static inline jd_json_type jd_json_kind(const jd_json *v)
{
    enum { TYPE = 7, RAW = 1 }; /* a number that is kept as text */
    unsigned type = v ? (unsigned)(v->tag & TYPE) : 0;
    return type == RAW ? JD_JSON_NUMBER : (jd_json_type)type;
}
bool           jd_json_is_null(const jd_json *v); /* absent or null */
const jd_json *jd_json_get(const jd_json *object, const char *name);
const jd_json *jd_json_getn(const jd_json *object, jd_str name);
/* "fields.status.name": members only. */
const jd_json     *jd_json_path(const jd_json *object, const char *dotted);
size_t             jd_json_len(const jd_json *v); /* elements or members, 0 otherwise */
const jd_json     *jd_json_at(const jd_json *array, size_t i); /* linear: prefer the iterator */
static inline bool jd_json_is_str(const jd_json *v)
{
    return jd_json_kind(v) == JD_JSON_STRING;
}
static inline jd_str jd_json_str(const jd_json *v) /* empty unless a string */
{
    return jd_json_is_str(v) ? (jd_str){v->uni.str, (size_t)(v->tag >> 8)} : JD_NOSTR;
}
bool   jd_json_bool(const jd_json *v);              /* false unless true */
bool   jd_json_i64(const jd_json *v, int64_t *out); /* integral number within range */
bool   jd_json_f64(const jd_json *v, double *out);
jd_str jd_json_text(const jd_json *v); /* a number beyond those two, as written; else empty */
/* A Jira id: a string of digits or a non-negative integer; 0 when it is neither. */
uint64_t jd_json_id(const jd_json *v);

/* for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);) use it.name (objects), it.value */
typedef struct jd_json_iter {
    jd_str         name;
    const jd_json *value;
    const jd_json *at; /* internal */
    size_t         left;
    bool           object;
} jd_json_iter;
static inline jd_json_iter jd_json_walk(const jd_json *v) /* nothing for scalars and NULL */
{
    jd_json_iter it = {.at = v};
    if (v && jd_json_kind(v) >= JD_JSON_ARRAY) {
        it.at     = v + 1;
        it.left   = (size_t)(v->tag >> 8);
        it.object = jd_json_kind(v) == JD_JSON_OBJECT;
    }
    return it;
}
static inline bool jd_json_next(jd_json_iter *it)
{
    const jd_json *at = it->at;
    if (it->left == 0)
        return false;
    it->left--;
    if (it->object) {
        it->name = (jd_str){at->uni.str, (size_t)(at->tag >> 8)};
        at++;
    }
    it->value = at;
    it->at    = jd_json_kind(at) >= JD_JSON_ARRAY
                    ? (const jd_json *)(const void *)((const char *)at + at->uni.ofs)
                    : at + 1;
    return true;
}

/* Appends v as compact JSON (key order kept, UTF-8 unescaped except control characters, quote and
 * backslash). Numbers are written so that they read back the same. */
void jd_json_write(jd_buf *out, const jd_json *v);
/* The same with two-space indentation, for people. */
void jd_json_write_pretty(jd_buf *out, const jd_json *v);
/* A hash of the meaning: member order, white space and number spelling do not count. Members named
 * in `skip` (NULL-terminated list, may be NULL) are left out at any depth. */
uint64_t jd_json_hash(const jd_json *v, const char *const *skip);
/* Equal in meaning and in key order. */
bool jd_json_same(const jd_json *a, const jd_json *b);

/* jd_skim: walk one object or array of raw bytes; values come as raw slices of the input, names as
 * raw text between the quotes (escapes not resolved). Strings are followed and brackets counted,
 * whichever their kind; no more is checked, so a slice may still fail jd_json_read. After the last
 * member `jd_skim_next` is false and `bad` says whether the bytes ended well; `at` is the offset
 * reached. for (jd_skim it = jd_skim_open(page); jd_skim_next(&it);) if (jd_str_is(it.name,
 * "issues")) …
 */
typedef struct jd_skim {
    jd_str name, value;
    bool   object, bad;
    size_t at; /* offset in the bytes given to open */
    jd_str bytes;
    bool   begun, inside;
} jd_skim;
jd_skim jd_skim_open(jd_str bytes); /* bad at once when bytes hold neither '{' nor '[' first */
bool    jd_skim_next(jd_skim *it);
/* jd_skim_next in two steps: up to the value, and over it. Instead of the second, the value's own
 * members may be walked, so that a large one is not passed over twice: to their end with
 * jd_skim_next on what jd_skim_inside gives, then jd_skim_behind. */
bool    jd_skim_name(jd_skim *it);
bool    jd_skim_value(jd_skim *it);
void    jd_skim_over(jd_skim *it, size_t n); /* the same, by who knows that it has n bytes */
jd_skim jd_skim_inside(const jd_skim *it);
void    jd_skim_behind(jd_skim *it, const jd_skim *in);

#endif
