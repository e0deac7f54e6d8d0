#include "text/json.h"

#include "text/base64.h"
#include "text/json_put.h"
#include "text/json_sum.h"
#include "text/utf8.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

/* A jd_json is a yyjson_val: 16 bytes, its children right behind it. Numbers that yyjson cannot
 * hold stay text (its type RAW). */

static_assert(sizeof(jd_json) == sizeof(yyjson_val) && alignof(jd_json) == alignof(yyjson_val) &&
                  offsetof(jd_json, tag) == offsetof(yyjson_val, tag) &&
                  offsetof(jd_json, uni) == offsetof(yyjson_val, uni),
              "a value has yyjson's layout");
static_assert(YYJSON_TYPE_MASK == 7 && YYJSON_TAG_BIT == 8 && YYJSON_TYPE_RAW == 1 &&
                  YYJSON_TYPE_NULL == JD_JSON_NULL && YYJSON_TYPE_BOOL == JD_JSON_BOOL &&
                  YYJSON_TYPE_NUM == JD_JSON_NUMBER && YYJSON_TYPE_STR == JD_JSON_STRING &&
                  YYJSON_TYPE_ARR == JD_JSON_ARRAY && YYJSON_TYPE_OBJ == JD_JSON_OBJECT,
              "and its types have yyjson's numbers");

static const jd_json *wrap(const yyjson_val *v)
{
    return (const jd_json *)v;
}

static const yyjson_val *val(const jd_json *v)
{
    return (const yyjson_val *)v;
}

static uint8_t type_of(const yyjson_val *v)
{
    return (uint8_t)(v->tag & YYJSON_TYPE_MASK);
}

static uint8_t subtype_of(const yyjson_val *v)
{
    return (uint8_t)(v->tag & YYJSON_SUBTYPE_MASK);
}

static size_t len_of(const yyjson_val *v)
{
    return (size_t)(v->tag >> YYJSON_TAG_BIT);
}

static bool holds_others(const yyjson_val *v)
{
    return (v->tag & YYJSON_TYPE_ARR) == YYJSON_TYPE_ARR; /* arrays and objects */
}

static const yyjson_val *next_of(const yyjson_val *v)
{
    return holds_others(v) ? (const yyjson_val *)(const void *)((const char *)v + v->uni.ofs)
                           : v + 1;
}

static jd_str text_of(const yyjson_val *v)
{
    return (jd_str){v->uni.str, len_of(v)};
}

/* The block that yyjson keeps its values in. It starts at the arena's tail and grows there; where
 * that is not possible it moves to the heap, so that growing leaves no dead copies in the arena. */
typedef struct pool {
    jd_arena *arena;
    jd_mark   before;
    char     *block;
    size_t    size;
    bool      heap;
} pool;

static void *pool_malloc(void *ctx, size_t n)
{
    pool *p = ctx;
    if (p->block)
        return NULL; /* the reader asks for one block only */
    p->before = jd_arena_mark(p->arena);
    p->block  = jd_arena_alloc(p->arena, n);
    p->size   = n;
    return p->block;
}

static void *pool_realloc(void *ctx, void *ptr, size_t old, size_t n)
{
    pool *p = ctx;
    if (ptr != p->block || n < old)
        return ptr == p->block ? ptr : NULL;
    if (p->heap) {
        p->block = jd_xrealloc(p->block, n);
    } else {
        jd_mark end  = jd_arena_mark(p->arena);
        char   *more = jd_arena_bytes(p->arena, n - old);
        if (more != p->block + old) {
            jd_arena_rewind(p->arena, end);
            char *moved = jd_xmalloc(n);
            memcpy(moved, p->block, old);
            jd_arena_rewind(p->arena, p->before);
            p->block = moved;
            p->heap  = true;
        }
    }
    p->size = n;
    return p->block;
}

static void pool_free(void *ctx, void *ptr)
{
    pool *p = ctx;
    if (p->heap)
        free(ptr);
    p->block = NULL;
    p->heap  = false;
}

/* Keeps the values in the arena and gives the unused rest back. */
static const yyjson_val *pool_keep(pool *p, const yyjson_doc *doc)
{
    size_t root = (size_t)((const char *)doc->root - p->block);
    size_t used = root + doc->val_read * sizeof(yyjson_val);
    if (p->heap) {
        char *kept = jd_arena_alloc(p->arena, used);
        memcpy(kept, p->block, used);
        free(p->block);
        p->block = kept;
    } else {
        jd_mark end = jd_arena_mark(p->arena);
        end.used -= p->size - used;
        jd_arena_rewind(p->arena, end);
    }
    return (const yyjson_val *)(const void *)(p->block + root);
}

/* What has fewer values in it than there are levels left cannot pass the limit, and is passed over:
 * most documents are read off their outermost lists. */
static bool too_deep(const yyjson_val *v, size_t n)
{
    const yyjson_val *end[JD_JSON_DEPTH];
    size_t            depth = 0;
    for (const yyjson_val *stop = v + n; v < stop;) {
        const yyjson_val *next = next_of(v);
        while (depth && v >= end[depth - 1])
            depth--;
        if (!holds_others(v) || (size_t)(next - v) <= JD_JSON_DEPTH - depth) {
            v = next;
            continue;
        }
        if (depth == JD_JSON_DEPTH)
            return true;
        end[depth++] = next;
        v++;
    }
    return false;
}

/* Where in s, which is valid JSON, the nesting first passes the limit. */
static size_t deep_offset(jd_str s)
{
    size_t depth = 0, i = 0;
    bool   in_string = false;
    for (; i < s.n; i++) {
        char c = s.p[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > JD_JSON_DEPTH)
                break;
        } else if (c == ']' || c == '}') {
            depth--;
        }
    }
    return i;
}

typedef struct fault {
    yyjson_read_code code; /* 0 with a message: refused by us */
    const char      *what;
    size_t           at;
} fault;

/* One strict read of s, which is copied first. NULL and *f when it is refused. */
static const yyjson_val *read_strict(jd_arena *a, jd_str s, fault *f)
{
    jd_mark start = jd_arena_mark(a);
    char   *copy  = jd_arena_bytes(a, s.n + YYJSON_PADDING_SIZE);
    memcpy(copy, s.p, s.n);
    memset(copy + s.n, 0, YYJSON_PADDING_SIZE);

    pool              p   = {.arena = a};
    yyjson_alc        alc = {pool_malloc, pool_realloc, pool_free, &p};
    yyjson_read_err   err = {0};
    const yyjson_doc *doc =
        yyjson_read_opts(copy, s.n, YYJSON_READ_INSITU | YYJSON_READ_BIGNUM_AS_RAW, &alc, &err);
    if (!doc) {
        jd_arena_rewind(a, start);
        *f = (fault){err.code, err.msg, err.pos};
        return NULL;
    }
    size_t            n    = doc->val_read;
    const yyjson_val *root = pool_keep(&p, doc);
    if (too_deep(root, n)) {
        jd_arena_rewind(a, start);
        *f = (fault){0, "nested too deep", deep_offset(s)};
        return NULL;
    }
    return root;
}

/* The code unit of a \uXXXX escape at s, or -1. */
static int code_unit(jd_str s)
{
    return s.n < 6 || s.p[0] != '\\' || s.p[1] != 'u' ? -1 : jd_hex4(s.p + 2);
}

/* Appends s with invalid UTF-8 and lone surrogate escapes as U+FFFD, until out holds `stop` bytes;
 * gives the offset reached in s. */
static size_t repair(jd_buf *out, jd_str s, size_t stop)
{
    jd_str rest = s;
    while (rest.n && out->n < stop && jd_buf_ok(out)) {
        unsigned char c = (unsigned char)rest.p[0];
        if (c >= 0x80) {
            uint32_t cp;
            (void)jd_utf8_next(&rest, &cp);
            jd_utf8_put(out, cp);
            continue;
        }
        size_t n = 1;
        if (c == '\\') {
            int  first = code_unit(rest), second = code_unit(jd_str_cut(rest, 6, 6));
            bool high = (first & ~0x3ff) == 0xd800, low = (second & ~0x3ff) == 0xdc00;
            if (high ? !low : (first & ~0x3ff) == 0xdc00) {
                jd_buf_addz(out, "\\ufffd");
                rest = jd_str_cut(rest, 6, rest.n);
                continue;
            }
            if (first >= 0)
                n = high ? 12 : 6;
            else if (rest.n > 1 && (unsigned char)rest.p[1] < 0x80)
                n = 2;
        }
        jd_buf_add(out, rest.p, n);
        rest = (jd_str){rest.p + n, rest.n - n};
    }
    return s.n - rest.n;
}

static const yyjson_val *read_repaired(jd_arena *a, jd_str s, fault *f)
{
    jd_buf            fixed = JD_BUF_INIT(s.n > SIZE_MAX / 3 - 1 ? SIZE_MAX - 1 : s.n * 3);
    const yyjson_val *root  = NULL;
    (void)repair(&fixed, s, SIZE_MAX);
    if (jd_buf_ok(&fixed))
        root = read_strict(a, jd_buf_view(&fixed), f);
    if (!root) {
        jd_buf_reset(&fixed);
        f->at = repair(&fixed, s, f->at);
    }
    jd_buf_release(&fixed);
    return root;
}

jd_code jd_json_read(jd_arena *a, jd_str bytes, const jd_json **root, jd_err *e)
{
    static const char bom[] = "\xef\xbb\xbf";
    size_t            skip  = jd_str_starts(bytes, JD_STR("\xef\xbb\xbf")) ? sizeof bom - 1 : 0;
    jd_str            s     = {bytes.p ? bytes.p + skip : "", bytes.n - skip};
    fault             f     = {0};
    if (s.n == 0)
        return jd_fail(e, JD_E_DATA, "not JSON: the input is empty");
    const yyjson_val *v = read_strict(a, s, &f);
    if (!v && f.code == YYJSON_READ_ERROR_INVALID_STRING)
        v = read_repaired(a, s, &f);
    if (!v) {
        size_t line = 1;
        for (size_t i = 0; i < f.at && i < s.n; i++)
            line += s.p[i] == '\n';
        if (f.code == 0)
            return jd_fail(e, JD_E_DATA, "JSON nested deeper than %d levels at byte %zu (line %zu)",
                           JD_JSON_DEPTH, skip + f.at, line);
        return jd_fail(e, JD_E_DATA, "not JSON at byte %zu (line %zu): %s", skip + f.at, line,
                       f.what);
    }
    *root = wrap(v);
    return JD_OK;
}

bool jd_json_is_null(const jd_json *v)
{
    return !v || type_of(val(v)) == YYJSON_TYPE_NULL;
}

const jd_json *jd_json_get(const jd_json *object, const char *name)
{
    return jd_json_getn(object, jd_str_of(name));
}

const jd_json *jd_json_getn(const jd_json *object, jd_str name)
{
    if (!object || type_of(val(object)) != YYJSON_TYPE_OBJ)
        return NULL;
    const yyjson_val *at = val(object) + 1;
    for (size_t left = len_of(val(object)); left; left--, at = next_of(at + 1))
        if (len_of(at) == name.n && (name.n == 0 || memcmp(at->uni.str, name.p, name.n) == 0))
            return wrap(at + 1);
    return NULL;
}

const jd_json *jd_json_path(const jd_json *object, const char *dotted)
{
    jd_str rest = jd_str_of(dotted), name;
    while (object && jd_str_split(&rest, '.', &name))
        object = jd_json_getn(object, name);
    return object;
}

size_t jd_json_len(const jd_json *v)
{
    return v && holds_others(val(v)) ? len_of(val(v)) : 0;
}

const jd_json *jd_json_at(const jd_json *array, size_t i)
{
    if (!array || type_of(val(array)) != YYJSON_TYPE_ARR || i >= len_of(val(array)))
        return NULL;
    const yyjson_val *at = val(array) + 1;
    while (i--)
        at = next_of(at);
    return wrap(at);
}

jd_str jd_json_text(const jd_json *v)
{
    return v && type_of(val(v)) == YYJSON_TYPE_RAW ? text_of(val(v)) : JD_NOSTR;
}

bool jd_json_bool(const jd_json *v)
{
    return v && val(v)->tag == (YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_TRUE);
}

bool jd_json_i64(const jd_json *v, int64_t *out)
{
    if (!v || type_of(val(v)) != YYJSON_TYPE_NUM)
        return false;
    double d;
    switch (subtype_of(val(v))) {
    case YYJSON_SUBTYPE_UINT:
        if (val(v)->uni.u64 > INT64_MAX)
            return false;
        *out = (int64_t)val(v)->uni.u64;
        return true;
    case YYJSON_SUBTYPE_SINT:
        *out = val(v)->uni.i64;
        return true;
    default:
        d = val(v)->uni.f64;
        if (!(d >= -0x1p63 && d < 0x1p63) || (double)(int64_t)d != d)
            return false;
        *out = (int64_t)d;
        return true;
    }
}

bool jd_json_f64(const jd_json *v, double *out)
{
    if (!v || type_of(val(v)) != YYJSON_TYPE_NUM)
        return false;
    switch (subtype_of(val(v))) {
    case YYJSON_SUBTYPE_UINT:
        *out = (double)val(v)->uni.u64;
        break;
    case YYJSON_SUBTYPE_SINT:
        *out = (double)val(v)->uni.i64;
        break;
    default:
        *out = val(v)->uni.f64;
    }
    return true;
}

uint64_t jd_json_id(const jd_json *v)
{
    uint64_t id = 0;
    int64_t  number;
    if (jd_json_is_str(v))
        (void)jd_str_u64(text_of(val(v)), &id);
    else if (v && val(v)->tag == (YYJSON_TYPE_NUM | YYJSON_SUBTYPE_UINT))
        id = val(v)->uni.u64;
    else if (jd_json_i64(v, &number) && number > 0)
        id = (uint64_t)number;
    return id;
}

void jd_json_put_f64(jd_buf *out, double v)
{
    yyjson_val number = {.tag = YYJSON_TYPE_NUM | YYJSON_SUBTYPE_REAL, .uni = {.f64 = v}};
    char       memory[512];
    size_t     n = 0;
    yyjson_alc alc;
    (void)yyjson_alc_pool_init(&alc, memory, sizeof memory);
    const char *text = yyjson_val_write_opts(&number, YYJSON_WRITE_NOFLAG, &alc, &n, NULL);
    if (text)
        jd_buf_add(out, text, n);
    else
        jd_buf_addz(out, "null"); /* not finite, which JSON cannot say */
}

static void put_number(jd_buf *out, const yyjson_val *v)
{
    switch (subtype_of(v)) {
    case YYJSON_SUBTYPE_UINT:
        jd_buf_addu(out, v->uni.u64);
        break;
    case YYJSON_SUBTYPE_SINT:
        jd_buf_addi(out, v->uni.i64);
        break;
    default:
        jd_json_put_f64(out, v->uni.f64);
    }
}

/* A string between two optional bytes (0: none). Most strings and all usual names hold nothing to
 * escape, and the reader has marked them. */
static void put_string(jd_buf *out, char before, const yyjson_val *v, char after)
{
    size_t n     = len_of(v);
    bool   plain = subtype_of(v) == YYJSON_SUBTYPE_NOESC;
    char  *to    = plain ? jd_buf_room(out, n + 4) : NULL;
    if (to) {
        size_t at = 0;
        if (before)
            to[at++] = before;
        to[at++] = '"';
        memcpy(to + at, v->uni.str, n);
        at += n;
        to[at++] = '"';
        if (after)
            to[at++] = after;
        jd_buf_wrote(out, at);
        return;
    }
    if (before)
        jd_buf_addc(out, before);
    jd_json_put_str(out, text_of(v));
    if (after)
        jd_buf_addc(out, after);
}

void jd_json_put_line(jd_buf *out, unsigned level)
{
    jd_buf_addc(out, '\n');
    for (; level; level--)
        jd_buf_addz(out, "  ");
}

/* Recursion is bounded by JD_JSON_DEPTH. */
static void put_value(jd_buf *out, const yyjson_val *v, int level);

static void put_children(jd_buf *out, const yyjson_val *v, int level)
{
    bool              object = type_of(v) == YYJSON_TYPE_OBJ;
    const yyjson_val *at     = v + 1;
    size_t            n      = len_of(v);
    int               inner  = level < 0 ? level : level + 1;
    jd_buf_addc(out, object ? '{' : '[');
    for (size_t i = 0; i < n && jd_buf_ok(out); i++) {
        char comma = i ? ',' : 0;
        if (level >= 0) {
            if (comma)
                jd_buf_addc(out, comma);
            jd_json_put_line(out, (unsigned)inner);
            comma = 0;
        }
        if (object) {
            put_string(out, comma, at++, ':');
            if (level >= 0)
                jd_buf_addc(out, ' ');
        } else if (comma) {
            jd_buf_addc(out, comma);
        }
        put_value(out, at, inner);
        at = next_of(at);
    }
    if (level >= 0 && n)
        jd_json_put_line(out, (unsigned)level);
    jd_buf_addc(out, object ? '}' : ']');
}

static void put_value(jd_buf *out, const yyjson_val *v, int level)
{
    switch (type_of(v)) {
    case YYJSON_TYPE_STR:
        put_string(out, 0, v, 0);
        break;
    case YYJSON_TYPE_NUM:
        put_number(out, v);
        break;
    case YYJSON_TYPE_RAW:
        jd_buf_adds(out, text_of(v));
        break;
    case YYJSON_TYPE_BOOL:
        jd_buf_addz(out, subtype_of(v) == YYJSON_SUBTYPE_TRUE ? "true" : "false");
        break;
    case YYJSON_TYPE_ARR:
    case YYJSON_TYPE_OBJ:
        put_children(out, v, level);
        break;
    default:
        jd_buf_addz(out, "null");
    }
}

void jd_json_put_value(jd_buf *out, const jd_json *v, int level)
{
    if (v)
        put_value(out, val(v), level);
    else
        jd_buf_addz(out, "null");
}

void jd_json_write(jd_buf *out, const jd_json *v)
{
    jd_json_put_value(out, v, JD_JSON_COMPACT);
}

void jd_json_write_pretty(jd_buf *out, const jd_json *v)
{
    jd_json_put_value(out, v, 0);
}

/* A number beyond every machine type: its digits without zeros at the ends, and its exponent. */
static uint64_t raw_number(jd_str s)
{
    jd_str   mantissa = jd_str_cut(s, 0, jd_str_find(s, 'e'));
    uint64_t h = 0, zeros = 0;
    int64_t  exponent = 0;
    bool     minus = s.p[0] == '-', point = false, begun = false;
    mantissa        = jd_str_cut(mantissa, 0, jd_str_find(mantissa, 'E'));
    jd_str tail     = jd_str_cut(s, mantissa.n + 1, s.n);
    bool   odd_tail = false;
    if (tail.n) {
        jd_str digits = tail.p[0] == '+' ? jd_str_cut(tail, 1, tail.n) : tail;
        odd_tail = !jd_str_i64(digits, &exponent) || exponent > INT32_MAX || exponent < INT32_MIN;
        if (odd_tail)
            return jd_hash64(s); /* an exponent of more than nine digits is its own spelling */
    }
    for (size_t i = minus; i < mantissa.n; i++) {
        char c = mantissa.p[i];
        if (c == '.') {
            point = true;
            continue;
        }
        if (point)
            exponent--;
        if (c == '0') {
            zeros += begun;
            continue;
        }
        for (begun = true; zeros; zeros--)
            h = jd_mix64(h + 1);
        h = jd_mix64(h + (uint64_t)(c - '0') + 1);
    }
    /* zeros at the end move into the exponent */
    exponent += (int64_t)zeros;
    return jd_mix64(h ^ (uint64_t)exponent << 1 ^ minus);
}

typedef struct number {
    enum jd_number_kind kind;
    uint64_t            bits;
} number;

static number number_of(const yyjson_val *v)
{
    if (type_of(v) == YYJSON_TYPE_RAW)
        return (number){JD_NUM_TEXT, raw_number(text_of(v))};
    if (subtype_of(v) == YYJSON_SUBTYPE_UINT)
        return (number){JD_NUM_PLUS, v->uni.u64};
    if (subtype_of(v) == YYJSON_SUBTYPE_SINT)
        return (number){v->uni.i64 < 0 ? JD_NUM_MINUS : JD_NUM_PLUS, v->uni.u64};
    double d = v->uni.f64;
    if (d >= 0 && d < 0x1p64 && (double)(uint64_t)d == d)
        return (number){JD_NUM_PLUS, (uint64_t)d};
    if (d < 0 && d >= -0x1p63 && (double)(int64_t)d == d)
        return (number){JD_NUM_MINUS, (uint64_t)(int64_t)d};
    return (number){JD_NUM_REAL, v->uni.u64};
}

bool jd_sum_written_number(const char *z, uint64_t *out)
{
    yyjson_val  v   = {0};
    const char *end = yyjson_read_number(z, &v, YYJSON_READ_BIGNUM_AS_RAW, NULL, NULL);
    if (!end || *end)
        return false;
    number num = number_of(&v);
    *out       = jd_sum_number(num.kind, num.bits);
    return true;
}

/* Recursion is bounded by JD_JSON_DEPTH. */
static uint64_t hash_value(const yyjson_val *v, const jd_skips *skip)
{
    const yyjson_val *at = v + 1;
    uint64_t          h;
    number            num;
    switch (type_of(v)) {
    case YYJSON_TYPE_STR:
        return jd_hash64(text_of(v));
    case YYJSON_TYPE_NUM:
    case YYJSON_TYPE_RAW:
        num = number_of(v);
        return jd_sum_number(num.kind, num.bits);
    case YYJSON_TYPE_BOOL:
        return jd_sum_bool(subtype_of(v) == YYJSON_SUBTYPE_TRUE);
    case YYJSON_TYPE_ARR:
        h = JD_SALT_ARRAY;
        for (size_t left = len_of(v); left; left--, at = next_of(at))
            h = jd_sum_item(h, hash_value(at, skip));
        return jd_sum_array(h);
    case YYJSON_TYPE_OBJ:
        h = JD_SALT_OBJECT;
        for (size_t left = len_of(v); left; left--, at = next_of(at + 1))
            if (!jd_skipped(skip, text_of(at)))
                h += jd_sum_named(jd_sum_name(text_of(at)), hash_value(at + 1, skip));
        return jd_sum_object(h);
    default:
        return jd_sum_null();
    }
}

uint64_t jd_json_hash(const jd_json *v, const char *const *skip)
{
    jd_skips s = jd_skips_of(skip);
    return v ? hash_value(val(v), &s) : 0;
}

static bool same_value(const yyjson_val *a, const yyjson_val *b)
{
    bool num_a = type_of(a) == YYJSON_TYPE_NUM || type_of(a) == YYJSON_TYPE_RAW;
    bool num_b = type_of(b) == YYJSON_TYPE_NUM || type_of(b) == YYJSON_TYPE_RAW;
    if (num_a && num_b) {
        number x = number_of(a), y = number_of(b);
        return x.kind == y.kind && x.bits == y.bits;
    }
    if (type_of(a) != type_of(b))
        return false;
    if (type_of(a) == YYJSON_TYPE_STR)
        return jd_str_eq(text_of(a), text_of(b));
    if (!holds_others(a))
        return a->tag == b->tag;
    if (len_of(a) != len_of(b))
        return false;
    bool              object = type_of(a) == YYJSON_TYPE_OBJ;
    const yyjson_val *x = a + 1, *y = b + 1;
    for (size_t left = len_of(a); left; left--, x = next_of(x), y = next_of(y)) {
        if (object && !jd_str_eq(text_of(x++), text_of(y++)))
            return false;
        if (!same_value(x, y))
            return false;
    }
    return true;
}

bool jd_json_same(const jd_json *a, const jd_json *b)
{
    return a && b ? same_value(val(a), val(b)) : a == b;
}
