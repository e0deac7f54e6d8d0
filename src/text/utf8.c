#include "text/utf8.h"

#include <string.h>
#include <utf8proc.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static const uint32_t replacement = 0xfffd;

/* Reads one code point at p (n > 0). True: *len bytes are *cp. False: *len bytes are the longest
 * piece that could have begun a character (Unicode 3.9, "maximal subpart"), at least one. */
static bool decode(const unsigned char *p, size_t n, uint32_t *cp, size_t *len)
{
    unsigned char c = p[0], low = 0x80, high = 0xbf;
    size_t        need;
    *len = 1;
    if (c < 0x80) {
        *cp = c;
        return true;
    }
    if (c < 0xc2 || c > 0xf4)
        return false;
    if (c < 0xe0) {
        need = 2;
        *cp  = c & 0x1fu;
    } else if (c < 0xf0) {
        need = 3;
        *cp  = c & 0x0fu;
        low  = c == 0xe0 ? 0xa0 : 0x80; /* no overlong forms */
        high = c == 0xed ? 0x9f : 0xbf; /* no surrogates */
    } else {
        need = 4;
        *cp  = c & 0x07u;
        low  = c == 0xf0 ? 0x90 : 0x80;
        high = c == 0xf4 ? 0x8f : 0xbf; /* U+10FFFF is the last */
    }
    for (; *len < need; (*len)++) {
        if (*len >= n || p[*len] < low || p[*len] > high)
            return false;
        *cp  = *cp << 6 | (p[*len] & 0x3fu);
        low  = 0x80;
        high = 0xbf;
    }
    return true;
}

/* How many bytes at the front of s are ASCII, counted in eights; the rest is for the caller. */
static size_t ascii_run(jd_str s)
{
    size_t i = 0;
#ifdef __SSE2__
    for (; i + 16 <= s.n; i += 16)
        if (_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(const void *)(s.p + i))))
            break;
#endif
    for (uint64_t word; i + sizeof word <= s.n; i += sizeof word) {
        memcpy(&word, s.p + i, sizeof word);
        if (word & 0x8080808080808080u)
            break;
    }
    return i;
}

size_t jd_utf8_valid(jd_str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t i = ascii_run(s); i < s.n;) {
        uint32_t cp;
        size_t   len;
        if (!decode(p + i, s.n - i, &cp, &len))
            return i;
        i += len;
        if (len == 1) {
            i += ascii_run((jd_str){s.p + i, s.n - i});
            while (i < s.n && p[i] < 0x80)
                i++;
        }
    }
    return s.n;
}

bool jd_utf8_next(jd_str *s, uint32_t *cp)
{
    size_t len;
    if (s->n == 0)
        return false;
    if (!decode((const unsigned char *)s->p, s->n, cp, &len))
        *cp = replacement;
    *s = (jd_str){s->p + len, s->n - len};
    return true;
}

void jd_utf8_put(jd_buf *out, uint32_t cp)
{
    char   b[4];
    size_t n = 0;
    if (cp > 0x10ffff || (cp & ~0x7ffu) == 0xd800)
        cp = replacement;
    if (cp < 0x80) {
        b[n++] = (char)cp;
    } else if (cp < 0x800) {
        b[n++] = (char)(0xc0 | cp >> 6);
        b[n++] = (char)(0x80 | (cp & 0x3f));
    } else if (cp < 0x10000) {
        b[n++] = (char)(0xe0 | cp >> 12);
        b[n++] = (char)(0x80 | (cp >> 6 & 0x3f));
        b[n++] = (char)(0x80 | (cp & 0x3f));
    } else {
        b[n++] = (char)(0xf0 | cp >> 18);
        b[n++] = (char)(0x80 | (cp >> 12 & 0x3f));
        b[n++] = (char)(0x80 | (cp >> 6 & 0x3f));
        b[n++] = (char)(0x80 | (cp & 0x3f));
    }
    jd_buf_add(out, b, n);
}

size_t jd_utf8_fix(jd_buf *out, jd_str s)
{
    size_t replaced = 0;
    while (s.n && jd_buf_ok(out)) {
        size_t good = jd_utf8_valid(s);
        jd_buf_add(out, s.p, good);
        s = jd_str_cut(s, good, s.n);
        if (s.n) {
            uint32_t cp;
            (void)jd_utf8_next(&s, &cp);
            jd_utf8_put(out, replacement);
            replaced++;
        }
    }
    return replaced;
}

/* Length of an ANSI colour sequence (ESC [ parameters m) at the front of s, or 0. */
static size_t colour(jd_str s)
{
    size_t i = 2;
    if (s.n < 3 || s.p[0] != '\x1b' || s.p[1] != '[')
        return 0;
    while (i < s.n && ((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == ';' || s.p[i] == ':'))
        i++;
    return i < s.n && s.p[i] == 'm' ? i + 1 : 0;
}

#ifdef __SSE2__
/* Those of the sixteen bytes at p that are no printable ASCII, tab or newline. */
static inline __m128i odd_bytes(const char *p)
{
    __m128i c    = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i low  = _mm_cmplt_epi8(c, _mm_set1_epi8(' ')); /* signed: those beyond ASCII, too */
    __m128i fine = _mm_or_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8('\t')),
                                _mm_cmpeq_epi8(c, _mm_set1_epi8('\n')));
    __m128i del  = _mm_cmpeq_epi8(c, _mm_set1_epi8(0x7f));
    return _mm_or_si128(_mm_andnot_si128(fine, low), del);
}

/* A bit for each. */
static inline unsigned bits(__m128i bytes)
{
    return (unsigned)_mm_movemask_epi8(bytes);
}
#endif

/* How many bytes at the front of s are printable ASCII, tabs and newlines. */
static size_t plain_run(jd_str s)
{
    size_t i = 0;
#ifdef __SSE2__
    enum { WIDTH = 16 };
    for (; i + 4 * WIDTH <= s.n; i += 4 * WIDTH) {
        const char *p     = s.p + i;
        __m128i     left  = _mm_or_si128(odd_bytes(p), odd_bytes(p + WIDTH));
        __m128i     right = _mm_or_si128(odd_bytes(p + 2 * WIDTH), odd_bytes(p + 3 * WIDTH));
        if (bits(_mm_or_si128(left, right)))
            break;
    }
    for (; i + WIDTH <= s.n; i += WIDTH) {
        unsigned odd = bits(odd_bytes(s.p + i));
        if (odd)
            return i + (unsigned)__builtin_ctz(odd);
    }
    if (i && i < s.n) { /* the rest, with some bytes before it again */
        unsigned odd = bits(odd_bytes(s.p + s.n - WIDTH));
        return odd ? s.n - WIDTH + (unsigned)__builtin_ctz(odd) : s.n;
    }
#endif
    for (; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x7f || (c < 0x20 && c != '\t' && c != '\n'))
            break;
    }
    return i;
}

size_t jd_utf8_clean_prefix(jd_str s)
{
    size_t i = 0;
    while (i < s.n) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x80) {
            size_t n = plain_run((jd_str){s.p + i, s.n - i});
            if (n == 0)
                break;
            i += n;
            continue;
        }
        uint32_t cp;
        size_t   len;
        bool     ok = decode((const unsigned char *)s.p + i, s.n - i, &cp, &len);
        if (!ok || cp < 0xa0 || cp == 0xfeff)
            break;
        i += len;
    }
    return i;
}

size_t jd_utf8_clean(jd_buf *out, jd_str s, unsigned flags)
{
    size_t changed = 0;
    while (s.n && jd_buf_ok(out)) {
        size_t good = jd_utf8_clean_prefix(s), drop = 0;
        jd_buf_add(out, s.p, good);
        s = (jd_str){s.p + good, s.n - good};
        if (s.n == 0)
            break;
        changed++;
        if (s.p[0] == '\r' && (flags & JD_CLEAN_LINES)) {
            jd_buf_addc(out, '\n');
            drop = s.n > 1 && s.p[1] == '\n' ? 2 : 1;
        } else {
            drop = colour(s);
        }
        if (drop) {
            s = (jd_str){s.p + drop, s.n - drop};
        } else {
            uint32_t cp;
            (void)jd_utf8_next(&s, &cp);
            if (cp == replacement)
                jd_utf8_put(out, cp); /* a bad byte; anything else here is dropped */
        }
    }
    return changed;
}

size_t jd_utf8_width(jd_str s)
{
    size_t   width = 0;
    uint32_t cp;
    while (jd_utf8_next(&s, &cp)) {
        int w = utf8proc_charwidth((utf8proc_int32_t)cp);
        width += w > 0 ? (size_t)w : 0;
    }
    return width;
}

jd_str jd_utf8_fit(jd_str s, size_t width)
{
    jd_str   rest = s;
    uint32_t cp;
    for (jd_str next = s; jd_utf8_next(&next, &cp); rest = next) {
        int    w = utf8proc_charwidth((utf8proc_int32_t)cp);
        size_t n = w > 0 ? (size_t)w : 0;
        if (n > width)
            break;
        width -= n;
    }
    return (jd_str){s.p, s.n - rest.n};
}

void jd_utf8_pad(jd_buf *out, jd_str s, size_t width)
{
    size_t w   = jd_utf8_width(s);
    bool   cut = w > width;
    if (cut) {
        s = jd_utf8_fit(s, width - (width > 0));
        w = jd_utf8_width(s) + 1;
    }
    jd_buf_adds(out, s);
    if (cut)
        jd_buf_addz(out, "…");
    for (; w < width; w++)
        jd_buf_addc(out, ' ');
}

size_t jd_utf8_widest(jd_str s, size_t width, size_t most)
{
    size_t w = jd_utf8_width(s);
    w        = w < most ? w : most;
    return w > width ? w : width;
}

jd_cp_class jd_utf8_class(uint32_t cp)
{
    if (cp < 0x80) {
        if ((cp | 0x20) - 'a' < 26 || cp - '0' < 10)
            return JD_CP_WORD;
        if (cp == ' ' || cp - '\t' < 5)
            return JD_CP_SPACE;
        return cp > ' ' && cp < 0x7f ? JD_CP_PUNCT : JD_CP_OTHER;
    }
    if (cp > 0x10ffff)
        return JD_CP_OTHER;
    utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
    if (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_NO)
        return JD_CP_WORD;
    if (c >= UTF8PROC_CATEGORY_PC && c <= UTF8PROC_CATEGORY_PO)
        return JD_CP_PUNCT;
    if (c >= UTF8PROC_CATEGORY_SM && c <= UTF8PROC_CATEGORY_SO)
        return JD_CP_SYMBOL;
    return c >= UTF8PROC_CATEGORY_ZS && c <= UTF8PROC_CATEGORY_ZP ? JD_CP_SPACE : JD_CP_OTHER;
}

bool jd_utf8_is_alnum(uint32_t cp)
{
    if (cp < 0x80)
        return (cp | 0x20) - 'a' < 26 || cp - '0' < 10;
    if (cp > 0x10ffff)
        return false;
    utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
    return (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO) || c == UTF8PROC_CATEGORY_ND;
}

void jd_utf8_fold(jd_buf *out, jd_str s)
{
    enum { PARTS = 64 };
    uint32_t cp;
    while (jd_utf8_next(&s, &cp)) {
        utf8proc_int32_t part[PARTS];
        int              boundary = 0;
        utf8proc_ssize_t n        = utf8proc_decompose_char(
                   (utf8proc_int32_t)cp, part, PARTS,
                   (utf8proc_option_t)(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
                                UTF8PROC_STRIPMARK | UTF8PROC_IGNORE),
                   &boundary);
        for (utf8proc_ssize_t i = 0; i < n && i < PARTS; i++)
            jd_utf8_put(out, (uint32_t)part[i]);
    }
}

jd_str jd_utf8_head(jd_str s, size_t n)
{
    if (n >= s.n)
        return s;
    size_t cut = n;
    while (cut && n - cut < 3 && ((unsigned char)s.p[cut] & 0xc0) == 0x80)
        cut--;
    /* bytes that are no UTF-8 at all are cut where asked */
    if (((unsigned char)s.p[cut] & 0xc0) == 0x80)
        cut = n;
    return (jd_str){s.p, cut};
}
