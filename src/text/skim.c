#include "text/json.h"

#include <string.h>
#if defined(__SSE2__) && !defined(JD_SKIM_PORTABLE)
#include <immintrin.h>
#define SKIM_SSE2 1
#define SKIM_AVX2 1
#else
#define SKIM_SSE2 0
#define SKIM_AVX2 0
#endif

/* Containers are skipped in blocks of 64 bytes, one bit a byte: find the quotes that are not
 * escaped, from them the bytes inside strings, and count the brackets outside. */
enum { BLOCK = 64 };

typedef struct marks {
    uint64_t quote, backslash, open, close;
} marks;

/* What one block hands to the next. */
typedef struct scan {
    uint64_t in_string; /* all ones inside a string */
    uint64_t escaped;   /* bit 0: the next block's first byte is escaped */
    size_t   depth;
} scan;

/* Which bytes are escaped by a backslash before them: runs are rare, so they are walked. */
static inline uint64_t escaped_bytes(scan *s, uint64_t backslash)
{
    uint64_t escaped = s->escaped;
    backslash &= ~s->escaped;
    s->escaped = 0;
    while (backslash) {
        unsigned i = (unsigned)__builtin_ctzll(backslash);
        backslash &= backslash - 1;
        if (i == BLOCK - 1) {
            s->escaped = 1;
        } else {
            escaped |= 2ull << i;
            backslash &= ~(2ull << i);
        }
    }
    return escaped;
}

/* Bit i is the parity of the bits up to and with i: set from an opening quote to its closing one.
 */
static inline uint64_t parity_before(uint64_t v)
{
    v ^= v << 1;
    v ^= v << 2;
    v ^= v << 4;
    v ^= v << 8;
    v ^= v << 16;
    return v ^ v << 32;
}

/* Counts one block's brackets. The offset after the one that closes the container, or 0. */
static inline unsigned count_block(scan *s, marks m)
{
    uint64_t quote  = m.quote & ~(m.backslash | s->escaped ? escaped_bytes(s, m.backslash) : 0);
    uint64_t inside = parity_before(quote) ^ s->in_string;
    uint64_t open = m.open & ~inside, close = m.close & ~inside;
    s->in_string  = (uint64_t)0 - (inside >> (BLOCK - 1));
    size_t closed = (size_t)__builtin_popcountll(close);
    if (s->depth > closed) { /* it cannot end here */
        s->depth += (size_t)__builtin_popcountll(open) - closed;
        return 0;
    }
    for (uint64_t brackets = open | close; brackets; brackets &= brackets - 1) {
        unsigned i = (unsigned)__builtin_ctzll(brackets);
        if (open >> i & 1)
            s->depth++;
        else if (--s->depth == 0)
            return i + 1;
    }
    return 0;
}

static inline marks mark_block(const char *p)
{
    marks m = {0};
#if SKIM_SSE2
    const __m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\');
    const __m128i open = _mm_set1_epi8('{'), close = _mm_set1_epi8('}');
    const __m128i fold = _mm_set1_epi8(0x20); /* '[' and ']' differ from braces in this bit only */
    for (unsigned i = 0; i < BLOCK; i += 16) {
        __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        __m128i f = _mm_or_si128(c, fold);
        m.quote |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(c, quote)) << i;
        m.backslash |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(c, back)) << i;
        m.open |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(f, open)) << i;
        m.close |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(f, close)) << i;
    }
#else
    for (unsigned i = 0; i < BLOCK; i++) {
        m.quote |= (uint64_t)(p[i] == '"') << i;
        m.backslash |= (uint64_t)(p[i] == '\\') << i;
        m.open |= (uint64_t)(p[i] == '{' || p[i] == '[') << i;
        m.close |= (uint64_t)(p[i] == '}' || p[i] == ']') << i;
    }
#endif
    return m;
}

/* Whole blocks from *at on; the offset after the end, or 0 with *at behind the last of them. */
static size_t skip_blocks(scan *s, jd_str b, size_t *at)
{
    for (; b.n - *at >= BLOCK; *at += BLOCK) {
        unsigned end = count_block(s, mark_block(b.p + *at));
        if (end)
            return *at + end;
    }
    return 0;
}

#if SKIM_AVX2
#define AVX2 __attribute__((target("avx2,popcnt,bmi")))

static inline AVX2 uint64_t equal64(__m256i low, __m256i high, char c)
{
    __m256i  v  = _mm256_set1_epi8(c);
    uint32_t lo = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, v));
    uint32_t hi = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, v));
    return (uint64_t)hi << 32 | lo;
}

/* The same with twice the width. */
static AVX2 size_t skip_blocks_avx2(scan *s, jd_str b, size_t *at)
{
    const __m256i fold = _mm256_set1_epi8(0x20);
    for (; b.n - *at >= BLOCK; *at += BLOCK) {
        const char *p    = b.p + *at;
        __m256i     low  = _mm256_loadu_si256((const __m256i *)(const void *)p);
        __m256i     high = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
        marks       m = {.quote = equal64(low, high, '"'), .backslash = equal64(low, high, '\\')};
        low           = _mm256_or_si256(low, fold);
        high          = _mm256_or_si256(high, fold);
        m.open        = equal64(low, high, '{');
        m.close       = equal64(low, high, '}');
        unsigned end  = count_block(s, m);
        if (end)
            return *at + end;
    }
    return 0;
}
#endif

/* Offset after the container that starts at `from`, or 0 when it does not end. */
static size_t container_end(jd_str b, size_t from)
{
    scan   s  = {0};
    size_t at = from;
#if SKIM_AVX2
    size_t whole = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") &&
                           __builtin_cpu_supports("bmi")
                       ? skip_blocks_avx2(&s, b, &at)
                       : skip_blocks(&s, b, &at);
#else
    size_t whole = skip_blocks(&s, b, &at);
#endif
    if (whole)
        return whole;
    char tail[BLOCK];
    memset(tail, ' ', sizeof tail);
    memcpy(tail, b.p + at, b.n - at);
    unsigned end = count_block(&s, mark_block(tail));
    return end ? at + end : 0;
}

/* Offset after the string whose opening quote is at `from`, or 0 when it does not end. */
static size_t string_end(jd_str b, size_t from)
{
    size_t at = from + 1;
    while (at < b.n) {
#if SKIM_SSE2
        if (b.n - at >= 16) {
            __m128i  c    = _mm_loadu_si128((const __m128i *)(const void *)(b.p + at));
            __m128i  stop = _mm_or_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8('"')),
                                         _mm_cmpeq_epi8(c, _mm_set1_epi8('\\')));
            unsigned mask = (unsigned)_mm_movemask_epi8(stop);
            if (!mask) {
                at += 16;
                continue;
            }
            at += (unsigned)__builtin_ctz(mask);
        }
#endif
        if (b.p[at] == '"')
            return at + 1;
        at += b.p[at] == '\\' ? 2 : 1;
    }
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static size_t blanks_end(jd_str b, size_t at)
{
    while (at < b.n && is_blank(b.p[at]))
        at++;
    return at;
}

static size_t value_end(jd_str b, size_t from)
{
    if (b.p[from] == '{' || b.p[from] == '[')
        return container_end(b, from);
    if (b.p[from] == '"')
        return string_end(b, from);
    size_t at = from;
    while (at < b.n && !is_blank(b.p[at]) && !strchr(",:\"{}[]", b.p[at]))
        at++;
    return at > from ? at : 0;
}

jd_skim jd_skim_open(jd_str bytes)
{
    jd_skim it   = {.bytes = bytes};
    size_t  skip = jd_str_starts(bytes, JD_STR("\xef\xbb\xbf")) ? 3 : 0;
    it.at        = blanks_end(bytes, skip);
    if (it.at < bytes.n && (bytes.p[it.at] == '{' || bytes.p[it.at] == '['))
        it.object = bytes.p[it.at++] == '{';
    else
        it.bad = true;
    return it;
}

static bool stop_bad(jd_skim *it, size_t at)
{
    it->bad  = true;
    it->at   = at;
    it->name = it->value = JD_NOSTR;
    return false;
}

/* After the closing bracket only blanks may follow, unless it is inside of another. */
static bool stop_good(jd_skim *it, size_t at)
{
    size_t end = it->inside ? at + 1 : blanks_end(it->bytes, at + 1);
    if (!it->inside && end < it->bytes.n)
        return stop_bad(it, end);
    it->at   = end;
    it->name = it->value = JD_NOSTR;
    it->bytes.n          = 0; /* and stays there */
    return false;
}

bool jd_skim_name(jd_skim *it)
{
    jd_str b = it->bytes;
    if (it->bad || b.n == 0)
        return false;
    char   closing = it->object ? '}' : ']';
    size_t at      = blanks_end(b, it->at);
    if (at < b.n && b.p[at] == closing)
        return stop_good(it, at);
    if (it->begun) {
        if (at >= b.n || b.p[at] != ',')
            return stop_bad(it, at);
        at = blanks_end(b, at + 1);
    }
    it->begun = true;
    if (it->object) {
        size_t end = at < b.n && b.p[at] == '"' ? string_end(b, at) : 0;
        if (!end)
            return stop_bad(it, at);
        it->name = (jd_str){b.p + at + 1, end - at - 2};
        at       = blanks_end(b, end);
        if (at >= b.n || b.p[at] != ':')
            return stop_bad(it, at);
        at = blanks_end(b, at + 1);
    }
    it->at = at;
    return true;
}

bool jd_skim_value(jd_skim *it)
{
    size_t at  = it->at;
    size_t end = at < it->bytes.n ? value_end(it->bytes, at) : 0;
    if (!end)
        return stop_bad(it, at);
    it->value = (jd_str){it->bytes.p + at, end - at};
    it->at    = end;
    return true;
}

void jd_skim_over(jd_skim *it, size_t n)
{
    it->value = jd_str_cut(it->bytes, it->at, n);
    it->at += it->value.n;
}

bool jd_skim_next(jd_skim *it)
{
    return jd_skim_name(it) && jd_skim_value(it);
}

jd_skim jd_skim_inside(const jd_skim *it)
{
    jd_skim in = {.bytes = it->bytes, .at = it->at, .inside = true};
    if (in.at < in.bytes.n && (in.bytes.p[in.at] == '{' || in.bytes.p[in.at] == '['))
        in.object = in.bytes.p[in.at++] == '{';
    else
        in.bad = true;
    return in;
}

void jd_skim_behind(jd_skim *it, const jd_skim *in)
{
    it->at = in->at;
    if (in->bad)
        (void)stop_bad(it, in->at);
}
