/* markdown_scan.h: words go to the output many bytes at a time, and what Markdown may take for more
 * than itself is found on the way. Private to src/markup. */
#ifndef JD_MARKUP_MARKDOWN_SCAN_H
#define JD_MARKUP_MARKDOWN_SCAN_H

#include "markup/write.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* What bytes stand in. SPAN: code when `code` says so and words otherwise, without a branch. */
typedef enum jd_mks_kind { JD_MKS_WORDS, JD_MKS_CODE, JD_MKS_DEST, JD_MKS_SPAN } jd_mks_kind;

/* A place in the output for n bytes and for what may be written beyond them; NULL when the ceiling
 * is too near: then nothing may be written but what is meant. */
enum { JD_MKS_SPARE = 80 };
char *jd_mks_more_room(jd_buf *b, size_t n);

static inline char *jd_mks_room(jd_mkw *w, size_t n)
{
    jd_buf *b = w->out;
    if (!b->over && n + JD_MKS_SPARE < b->cap - b->n) {
        if (!b->p)
            __builtin_unreachable(); /* there is room */
        return b->p + b->n;
    }
    return jd_mks_more_room(b, n);
}

#ifdef __SSE2__
/* A bit for each of sixteen bytes that words may have to escape, and for few others. */
static inline unsigned jd_mks_odd_words(__m128i c)
{
    __m128i low  = _mm_sub_epi8(c, _mm_set1_epi8('['));
    __m128i high = _mm_sub_epi8(c, _mm_set1_epi8('|'));
    __m128i odd  = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(low, _mm_set1_epi8('`' - '[')), low),
                                _mm_cmpeq_epi8(_mm_min_epu8(high, _mm_set1_epi8('~' - '|')), high));
    /* "*", ":" and the newline differ in two bits, and no other byte that is let in */
    __m128i star = _mm_and_si128(c, _mm_set1_epi8((char)0xcf));
    odd          = _mm_or_si128(odd, _mm_cmpeq_epi8(star, _mm_set1_epi8('\n')));
    odd          = _mm_or_si128(odd, _mm_cmpeq_epi8(c, _mm_set1_epi8('!')));
    odd          = _mm_or_si128(odd, _mm_cmpeq_epi8(c, _mm_set1_epi8('&')));
    odd          = _mm_or_si128(odd, _mm_cmpeq_epi8(c, _mm_set1_epi8('<')));
    return (unsigned)_mm_movemask_epi8(odd);
}

static inline unsigned jd_mks_odd_code(__m128i c)
{
    __m128i odd =
        _mm_or_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8('`')), _mm_cmpeq_epi8(c, _mm_set1_epi8('\n')));
    odd = _mm_or_si128(odd, _mm_cmpeq_epi8(c, _mm_set1_epi8('|')));
    return (unsigned)_mm_movemask_epi8(odd);
}

/* Of a link's destination: all that is written otherwise there, or may not stand there. */
static inline unsigned jd_mks_odd_dest(__m128i c)
{
    __m128i round = _mm_or_si128(c, _mm_set1_epi8(1)), angle = _mm_or_si128(c, _mm_set1_epi8(2));
    __m128i bar = _mm_or_si128(c, _mm_set1_epi8(0x20)), blank = _mm_set1_epi8('\n');
    __m128i odd = _mm_cmpeq_epi8(_mm_min_epu8(c, blank), c);
    odd         = _mm_or_si128(odd, _mm_cmpeq_epi8(round, _mm_set1_epi8(')')));
    odd         = _mm_or_si128(odd, _mm_cmpeq_epi8(angle, _mm_set1_epi8('>')));
    odd         = _mm_or_si128(odd, _mm_cmpeq_epi8(angle, _mm_set1_epi8('"'))); /* blanks, too */
    odd         = _mm_or_si128(odd, _mm_cmpeq_epi8(bar, _mm_set1_epi8('|')));
    odd         = _mm_or_si128(odd, _mm_cmpeq_epi8(c, _mm_set1_epi8('&')));
    return (unsigned)_mm_movemask_epi8(odd);
}

static inline unsigned jd_mks_odd(__m128i c, jd_mks_kind kind, bool code)
{
    switch (kind) {
    case JD_MKS_CODE:
        return jd_mks_odd_code(c);
    case JD_MKS_DEST:
        return jd_mks_odd_dest(c);
    case JD_MKS_SPAN: /* what is odd in code is odd in words */
        return jd_mks_odd_words(c) & (jd_mks_odd_code(c) | ((unsigned)code - 1u));
    case JD_MKS_WORDS:
        break;
    }
    return jd_mks_odd_words(c);
}
#endif

#ifndef __SSE2__
/* How many bytes at the front of s are none of those. */
size_t jd_mks_plain(jd_str s, jd_mks_kind kind);
#endif

/* What jd_mks_copy does for texts from elsewhere. */
static inline __attribute__((always_inline)) size_t jd_mks_copy_any(char *to, jd_str s,
                                                                    jd_mks_kind kind, bool code)
{
#ifdef __SSE2__
    enum { WIDTH = 16 };
    __m128i  c;
    unsigned odd;
    size_t   i = 0;
    if (s.n < WIDTH) {
        if (s.n)
            memcpy(to, s.p, s.n);
        c   = _mm_loadu_si128((const __m128i *)(const void *)to);
        odd = jd_mks_odd(c, kind, code) | 1u << s.n;
        return (size_t)(unsigned)__builtin_ctz(odd);
    }
    for (; i + WIDTH <= s.n; i += WIDTH) {
        c = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
        _mm_storeu_si128((__m128i *)(void *)(to + i), c);
        odd = jd_mks_odd(c, kind, code);
        if (odd)
            return i + (unsigned)__builtin_ctz(odd);
    }
    if (i == s.n)
        return i;
    i = s.n - WIDTH; /* the last sixteen reach back */
    c = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
    _mm_storeu_si128((__m128i *)(void *)(to + i), c);
    odd = jd_mks_odd(c, kind, code);
    return odd ? i + (unsigned)__builtin_ctz(odd) : s.n;
#else
    size_t n = jd_mks_plain(s, kind == JD_MKS_SPAN ? (code ? JD_MKS_CODE : JD_MKS_WORDS) : kind);
    if (n)
        memcpy(to, s.p, n);
    return n;
#endif
}

/* A text of a source that goes on for sixty-four bytes behind it, and of which there is a sight:
 * most texts take one round, whatever their length. */
static inline __attribute__((always_inline)) size_t
jd_mks_copy_seen(const jd_mk_sight *sight, char *to, jd_str s, size_t at, bool code)
{
    enum { BLOCK = 64 };
    for (size_t i = 0;; i += BLOCK) {
        size_t   block = (at + i) / BLOCK, left = s.n - i;
        unsigned first = (at + i) % BLOCK;
        uint64_t odd   = sight[block].odd[code] >> first | sight[block + 1].odd[code]
                                                             << 1 << (BLOCK - 1 - first);
        memcpy(to + i, s.p + i, BLOCK);
        if (left < BLOCK)
            return i + (unsigned)__builtin_ctzll(odd | (uint64_t)1 << left);
        if (odd || left == BLOCK)
            return odd ? i + (unsigned)__builtin_ctzll(odd) : s.n;
    }
}

/* Copies s to `to`, for which there is room, and answers how many bytes at its front are none of
 * those; what comes behind them may be left out. */
static inline __attribute__((always_inline)) size_t jd_mks_copy(const jd_mkw *w, char *to, jd_str s,
                                                                jd_mks_kind kind, bool code)
{
    size_t at = (size_t)((uintptr_t)s.p - (uintptr_t)w->d->source.p);
    if (kind != JD_MKS_DEST && at < w->wide && at + s.n < w->wide)
        return jd_mks_copy_seen(w->d->sight, to, s, at, code);
    return jd_mks_copy_any(to, s, kind, code);
}

/* Before these a bare address would take what follows for a part of itself. */
static inline bool jd_mks_runs_on(const jd_mkw *w, char after)
{
    return (after == JD_MKW_BREAK && !w->in_cell) || after == '[' || after == '`';
}

/* Words of which the first `at` bytes need no escape. */
void jd_mks_put_rest(jd_mkw *w, jd_str s, size_t at, char before, char after, bool in_link);

/* jd_mkw_escape, for those who write many. */
static inline void jd_mks_put_words(jd_mkw *w, jd_str s, char before, char after, bool in_link)
{
    char  *to = jd_mks_room(w, s.n);
    size_t at = to ? jd_mks_copy(w, to, s, JD_MKS_WORDS, false) : 0;
    w->d->steps += s.n;
    if (to && at == s.n && (in_link || !jd_mks_runs_on(w, after)))
        w->out->n += s.n;
    else
        jd_mks_put_rest(w, s, at, before, after, in_link);
}

#endif
