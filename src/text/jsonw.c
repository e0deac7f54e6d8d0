#include "text/jsonw.h"

#include "text/json_put.h"
#include "text/utf8.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { LEVELS_MAX = 64 };

/* The most bytes that n bytes become, and room for a whole register behind them. */
#define ESCAPED_MOST(n) ((n)*6 + 16)

/* What c becomes; copies eight bytes. */
static char *put_escape(char *to, unsigned char c)
{
    /* clang-format off */
    static const char forms['\\' + 1][8] = {
        "\\u0000", "\\u0001", "\\u0002", "\\u0003", "\\u0004", "\\u0005", "\\u0006", "\\u0007",
        "\\b", "\\t", "\\n", "\\u000b", "\\f", "\\r", "\\u000e", "\\u000f",
        "\\u0010", "\\u0011", "\\u0012", "\\u0013", "\\u0014", "\\u0015", "\\u0016", "\\u0017",
        "\\u0018", "\\u0019", "\\u001a", "\\u001b", "\\u001c", "\\u001d", "\\u001e", "\\u001f",
        ['"'] = "\\\"", ['\\'] = "\\\\",
    };
    /* clang-format on */
    memcpy(to, forms[c], sizeof forms[c]);
    return to + (forms[c][1] == 'u' ? 6 : 2);
}

#ifdef __SSE2__
/* A register, or the half or quarter of one, of what is left; *width of its bytes count. */
static __m128i load_some(const char *p, size_t left, size_t *width)
{
    if (left >= 16) {
        *width = 16;
        return _mm_loadu_si128((const __m128i *)(const void *)p);
    }
    if (left >= 8) {
        *width = 8;
        return _mm_loadl_epi64((const __m128i *)(const void *)p);
    }
    int32_t four;
    *width = sizeof four;
    memcpy(&four, p, sizeof four);
    return _mm_cvtsi32_si128(four);
}
#endif

/* Writes s to where there is room for ESCAPED_MOST(s.n) bytes; gives the end of what was written.
 * *beyond is set when not all is ASCII. */
static char *escape(char *to, jd_str s, bool *beyond)
{
    size_t        i    = 0;
    unsigned char seen = 0;
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\');
    const __m128i last_control = _mm_set1_epi8(0x1f);
    __m128i       all          = _mm_setzero_si128();
    for (size_t width; i + sizeof(int32_t) <= s.n;) {
        __m128i  c    = load_some(s.p + i, s.n - i, &width);
        __m128i  bad  = _mm_or_si128(_mm_cmpeq_epi8(c, quote), _mm_cmpeq_epi8(c, back));
        __m128i  ctl  = _mm_cmpeq_epi8(_mm_min_epu8(c, last_control), c);
        unsigned mask = (unsigned)_mm_movemask_epi8(_mm_or_si128(bad, ctl));
        size_t   n    = (size_t)__builtin_ctz(mask | 1U << width);
        _mm_storeu_si128((__m128i *)(void *)to, c);
        all = _mm_or_si128(all, c);
        i += n;
        to += n;
        if (n < width)
            to = put_escape(to, (unsigned char)s.p[i++]);
    }
    seen = _mm_movemask_epi8(all) ? 0x80 : 0;
#endif
    for (; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        seen |= c;
        if (c < 0x20 || c == '"' || c == '\\')
            to = put_escape(to, c);
        else
            *to++ = (char)c;
    }
    *beyond |= seen >= 0x80;
    return to;
}

/* Near the ceiling of the buffer, where there may be no room for more than is needed. */
static void put_tightly(jd_buf *out, jd_str s, bool *beyond)
{
    for (size_t i = 0; i < s.n && jd_buf_ok(out); i++) {
        char form[ESCAPED_MOST(1)];
        jd_buf_add(out, form, (size_t)(escape(form, (jd_str){s.p + i, 1}, beyond) - form));
    }
}

static void put_escaped(jd_buf *out, jd_str s, bool *beyond)
{
    enum { PIECE = 2048 };
    while (s.n && jd_buf_ok(out)) {
        jd_str piece = {s.p, s.n < PIECE ? s.n : PIECE};
        size_t most  = ESCAPED_MOST(piece.n);
        char  *to    = out->max - out->n < most ? NULL : jd_buf_room(out, most);
        if (!to) {
            put_tightly(out, s, beyond);
            return;
        }
        jd_buf_wrote(out, (size_t)(escape(to, piece, beyond) - to));
        s = (jd_str){s.p + piece.n, s.n - piece.n};
    }
}

/* Short strings, and names above all, are written at once. */
static bool put_short(jd_buf *out, jd_str s, bool *beyond)
{
    enum { SHORT = 256 };
    size_t most = ESCAPED_MOST(s.n) + 2;
    char  *to   = s.n <= SHORT && out->max - out->n >= most ? jd_buf_room(out, most) : NULL;
    if (!to)
        return false;
    char *at = to;
    *at++    = '"';
    at       = escape(at, s, beyond);
    *at++    = '"';
    jd_buf_wrote(out, (size_t)(at - to));
    return true;
}

void jd_json_put_str(jd_buf *out, jd_str s)
{
    bool beyond = false;
    if (put_short(out, s, &beyond))
        return;
    jd_buf_addc(out, '"');
    put_escaped(out, s, &beyond);
    jd_buf_addc(out, '"');
}

/* Escaped, and with U+FFFD in place of what is no UTF-8. Most text is ASCII, so it is written first
 * and looked at when that shows that it is not. */
static void put_valid(jd_buf *out, jd_str s)
{
    size_t begin  = out->n;
    bool   beyond = false;
    put_escaped(out, s, &beyond);
    size_t good = beyond ? jd_utf8_valid(s) : s.n;
    if (good == s.n || !jd_buf_ok(out))
        return;
    for (out->n = begin; s.n && jd_buf_ok(out); good = jd_utf8_valid(s)) {
        put_escaped(out, (jd_str){s.p, good}, &beyond);
        s = jd_str_cut(s, good, s.n);
        if (s.n) {
            uint32_t cp;
            (void)jd_utf8_next(&s, &cp);
            jd_utf8_put(out, cp);
        }
    }
}

void jd_json_quote(jd_buf *out, jd_str s)
{
    size_t begin  = out->n;
    bool   beyond = false;
    if (put_short(out, s, &beyond)) {
        if (!beyond || jd_utf8_valid(s) == s.n)
            return;
        out->n = begin;
    }
    jd_buf_addc(out, '"');
    put_valid(out, s);
    jd_buf_addc(out, '"');
}

jd_jsonw jd_jsonw_to(jd_buf *out)
{
    return (jd_jsonw){.out = out};
}

jd_jsonw jd_jsonw_pretty(jd_buf *out)
{
    return (jd_jsonw){.out = out, .pretty = true};
}

static uint64_t level_bit(const jd_jsonw *w)
{
    return 1ull << (w->depth - 1);
}

/* Puts the comma and the line break that stand in front of an element or a name. */
static void separate(jd_jsonw *w)
{
    if (w->depth == 0)
        return;
    if (w->filled & level_bit(w))
        jd_buf_addc(w->out, ',');
    w->filled |= level_bit(w);
    if (w->pretty)
        jd_json_put_line(w->out, w->depth);
}

static void before_value(jd_jsonw *w)
{
    if (w->named) {
        w->named = false;
        return;
    }
    assert(w->depth == 0 || !(w->object & level_bit(w))); /* a member needs its name first */
    separate(w);
}

static void open_level(jd_jsonw *w, bool object)
{
    before_value(w);
    assert(w->depth < LEVELS_MAX);
    w->depth++;
    w->filled &= ~level_bit(w);
    w->object = object ? w->object | level_bit(w) : w->object & ~level_bit(w);
    jd_buf_addc(w->out, object ? '{' : '[');
}

void jd_jsonw_object(jd_jsonw *w)
{
    open_level(w, true);
}

void jd_jsonw_array(jd_jsonw *w)
{
    open_level(w, false);
}

void jd_jsonw_end(jd_jsonw *w)
{
    assert(w->depth > 0 && !w->named);
    bool object = w->object & level_bit(w), filled = w->filled & level_bit(w);
    w->depth--;
    if (w->pretty && filled)
        jd_json_put_line(w->out, w->depth);
    jd_buf_addc(w->out, object ? '}' : ']');
}

void jd_jsonw_names(jd_jsonw *w, jd_str name)
{
    assert(w->depth > 0 && (w->object & level_bit(w)) && !w->named);
    separate(w);
    jd_json_quote(w->out, name);
    jd_buf_addc(w->out, ':');
    if (w->pretty)
        jd_buf_addc(w->out, ' ');
    w->named = true;
}

void jd_jsonw_name(jd_jsonw *w, const char *name)
{
    jd_jsonw_names(w, jd_str_of(name));
}

void jd_jsonw_str(jd_jsonw *w, jd_str s)
{
    before_value(w);
    jd_json_quote(w->out, s);
}

void jd_jsonw_open_str(jd_jsonw *w)
{
    before_value(w);
    jd_buf_addc(w->out, '"');
}

void jd_jsonw_more_str(jd_jsonw *w, jd_str s)
{
    put_valid(w->out, s);
}

void jd_jsonw_again(jd_jsonw *w, size_t at, size_t n)
{
    char *to = jd_buf_room(w->out, n);
    if (!to)
        return;
    memcpy(to, w->out->p + at, n);
    jd_buf_wrote(w->out, n);
}

void jd_jsonw_close_str(jd_jsonw *w)
{
    jd_buf_addc(w->out, '"');
}

void jd_jsonw_str_or_null(jd_jsonw *w, jd_str s)
{
    if (s.p)
        jd_jsonw_str(w, s);
    else
        jd_jsonw_null(w);
}

void jd_jsonw_int(jd_jsonw *w, int64_t v)
{
    before_value(w);
    jd_buf_addi(w->out, v);
}

void jd_jsonw_num(jd_jsonw *w, double v)
{
    if (!isfinite(v)) {
        jd_jsonw_null(w);
        return;
    }
    before_value(w);
    jd_json_put_f64(w->out, v);
}

void jd_jsonw_bool(jd_jsonw *w, bool v)
{
    before_value(w);
    jd_buf_addz(w->out, v ? "true" : "false");
}

void jd_jsonw_null(jd_jsonw *w)
{
    before_value(w);
    jd_buf_addz(w->out, "null");
}

void jd_jsonw_raw(jd_jsonw *w, jd_str json)
{
    before_value(w);
    jd_buf_adds(w->out, json);
}

void jd_jsonw_value(jd_jsonw *w, const jd_json *v)
{
    before_value(w);
    jd_json_put_value(w->out, v, w->pretty ? (int)w->depth : JD_JSON_COMPACT);
}

void jd_jsonw_kstr(jd_jsonw *w, const char *name, jd_str s)
{
    jd_jsonw_name(w, name);
    jd_jsonw_str(w, s);
}

void jd_jsonw_kint(jd_jsonw *w, const char *name, int64_t v)
{
    jd_jsonw_name(w, name);
    jd_jsonw_int(w, v);
}

void jd_jsonw_kbool(jd_jsonw *w, const char *name, bool v)
{
    jd_jsonw_name(w, name);
    jd_jsonw_bool(w, v);
}
