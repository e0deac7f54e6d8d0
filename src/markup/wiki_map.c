/* The map of a text: it is looked at once, sixty-four bytes at a time; who looks for a byte that
 * means something then asks the map. So does Markdown's writer for the bytes that it may escape. */
#include "markup/wiki.h"

#if defined(__SSE2__) && !defined(JD_WIKI_PORTABLE)
#include <immintrin.h>
#define SIMD 1
#else
#define SIMD 0
#endif

enum { BLOCK = WK_BLOCK_BYTES };

#if SIMD
static inline __m128i is(__m128i c, char x)
{
    return _mm_cmpeq_epi8(c, _mm_set1_epi8(x));
}

static inline uint64_t mask(__m128i v, unsigned at)
{
    return (uint64_t)(unsigned)_mm_movemask_epi8(v) << at;
}

static bool map_block(const char *p, wk_map *m, jd_mk_sight *sight)
{
    __m128i foul = _mm_setzero_si128();
    *m           = (wk_map){0};
    *sight       = (jd_mk_sight){0};
    for (unsigned i = 0; i < BLOCK; i += 16) {
        __m128i c     = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        __m128i small = _mm_or_si128(c, _mm_set1_epi8(0x20)), line = is(c, '\n');
        /* colons, semicolons, stars and plus signs differ in two bits */
        __m128i odd  = is(_mm_or_si128(c, _mm_set1_epi8(0x11)), ';');
        __m128i stop = _mm_or_si128(_mm_or_si128(is(small, '{'), is(c, '\\')), is(c, '!'));
        odd          = _mm_or_si128(odd, _mm_or_si128(is(small, '~'), stop));
        odd          = _mm_or_si128(odd, _mm_or_si128(is(c, '_'), is(c, '?')));
        odd          = _mm_or_si128(odd, _mm_or_si128(is(c, '&'), is(c, '(')));
        odd          = _mm_or_si128(odd, is(c, '-'));
        m->odd |= mask(odd, i);
        m->stop |= mask(_mm_or_si128(stop, is(c, '|')), i);
        m->brace |= mask(is(c, '{'), i);
        m->shut |= mask(is(c, '}'), i);
        m->line |= mask(line, i);
        __m128i code  = _mm_or_si128(_mm_or_si128(line, is(c, '|')), is(c, '`'));
        __m128i words = is(_mm_or_si128(c, _mm_set1_epi8(0x10)), ':'); /* stars, too */
        words         = _mm_or_si128(words, _mm_or_si128(is(c, '['), is(c, ']')));
        words         = _mm_or_si128(words, _mm_or_si128(is(c, '\\'), is(c, '!')));
        words         = _mm_or_si128(words, _mm_or_si128(is(c, '&'), is(c, '<')));
        words         = _mm_or_si128(words, _mm_or_si128(is(c, '~'), is(c, '_')));
        sight->odd[0] |= mask(_mm_or_si128(words, code), i);
        sight->odd[1] |= mask(code, i);
        __m128i low = _mm_cmplt_epi8(c, _mm_set1_epi8(' ')); /* signed: those beyond ASCII, too */
        low         = _mm_andnot_si128(_mm_or_si128(line, is(c, '\t')), low);
        foul        = _mm_or_si128(foul, _mm_or_si128(low, is(c, 0x7f)));
    }
    return _mm_movemask_epi8(foul) != 0;
}

static bool map_blocks(const char *p, uint32_t n, wk_map *m, jd_mk_sight *sight)
{
    bool foul = false;
    for (uint32_t i = 0; i < n; i++)
        foul |= map_block(p + (size_t)i * BLOCK, m + i, sight + i);
    return foul;
}

#define AVX2 __attribute__((target("avx2")))

/* What a byte is by its upper and by its lower half: it has the bits that both have. */
enum {
    SIGNS  = 1 << 0, /* & ( * + - */
    BANG   = 1 << 1, /* ! */
    COLONS = 1 << 2, /* : ; ? */
    SQUARE = 1 << 3, /* [ \ */
    UNDER  = 1 << 4, /* ^ _ */
    CURLY  = 1 << 5, /* { */
    TILDE  = 1 << 6, /* ~ */
    BAR    = 1 << 7, /* | */
};

static inline AVX2 uint64_t join(__m256i low, __m256i high)
{
    uint32_t a = (uint32_t)_mm256_movemask_epi8(low), b = (uint32_t)_mm256_movemask_epi8(high);
    return (uint64_t)b << 32 | a;
}

typedef struct halves {
    __m256i upper, lower;
} halves;

static inline AVX2 halves halves_of(__m256i c)
{
    const __m256i half = _mm256_set1_epi8(0x0f);
    return (halves){_mm256_and_si256(_mm256_srli_epi16(c, 4), half), _mm256_and_si256(c, half)};
}

static inline AVX2 __m256i both(halves h, __m128i upper, __m128i lower)
{
    return _mm256_and_si256(_mm256_shuffle_epi8(_mm256_broadcastsi128_si256(upper), h.upper),
                            _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(lower), h.lower));
}

static inline AVX2 __m256i kind_of(halves h)
{
    const __m128i upper = _mm_setr_epi8(0, 0, SIGNS | BANG, COLONS, 0, SQUARE | UNDER, 0,
                                        (char)(CURLY | TILDE | BAR), 0, 0, 0, 0, 0, 0, 0, 0);
    const __m128i lower = _mm_setr_epi8(0, BANG, 0, 0, 0, 0, SIGNS, 0, SIGNS, 0, SIGNS | COLONS,
                                        SIGNS | COLONS | SQUARE | CURLY, (char)(SQUARE | BAR),
                                        SIGNS, UNDER | TILDE, COLONS | UNDER);
    return both(h, upper, lower);
}

/* The same for Markdown. */
enum {
    M_LINE   = 1 << 0,
    M_TICK   = 1 << 1,
    M_BAR    = 1 << 2,
    M_SIGNS  = 1 << 3, /* ! & * */
    M_COLON  = 1 << 4, /* : < */
    M_SQUARE = 1 << 5, /* [ \ ] _ */
    M_TILDE  = 1 << 6
};

static inline AVX2 __m256i markdown_kind_of(halves h)
{
    const __m128i upper = _mm_setr_epi8(M_LINE, 0, M_SIGNS, M_COLON, 0, M_SQUARE, M_TICK,
                                        M_BAR | M_TILDE, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m128i lower =
        _mm_setr_epi8(M_TICK, M_SIGNS, 0, 0, 0, 0, M_SIGNS, 0, 0, 0, M_LINE | M_SIGNS | M_COLON,
                      M_SQUARE, M_SQUARE | M_BAR | M_COLON, M_SQUARE, M_TILDE, M_SQUARE);
    return both(h, upper, lower);
}

static inline AVX2 __m256i foul_of(__m256i c, __m256i line)
{
    __m256i low  = _mm256_cmpgt_epi8(_mm256_set1_epi8(' '), c);
    __m256i fine = _mm256_or_si256(line, _mm256_cmpeq_epi8(c, _mm256_set1_epi8('\t')));
    return _mm256_or_si256(_mm256_andnot_si256(fine, low),
                           _mm256_cmpeq_epi8(c, _mm256_set1_epi8(0x7f)));
}

static inline AVX2 __m256i no_stop(__m256i kind)
{
    const __m256i stops = _mm256_set1_epi8((char)(BANG | SQUARE | CURLY | BAR));
    return _mm256_cmpeq_epi8(_mm256_and_si256(kind, stops), _mm256_setzero_si256());
}

/* A byte's uppermost bit: whether it has any of these, of which BAR is none. */
static inline AVX2 __m256i any_of(__m256i kind, char which)
{
    return _mm256_add_epi8(_mm256_and_si256(kind, _mm256_set1_epi8(which)), _mm256_set1_epi8(0x7f));
}

static AVX2 bool map_blocks_avx2(const char *p, uint32_t n, wk_map *m, jd_mk_sight *sight)
{
    enum { CODE = M_LINE | M_TICK | M_BAR, ALL = 0x7f };
    __m256i       foul = _mm256_setzero_si256();
    const __m256i nl = _mm256_set1_epi8('\n'), shut = _mm256_set1_epi8('}');
    for (uint32_t i = 0; i < n; i++, p += BLOCK) {
        __m256i a  = _mm256_loadu_si256((const __m256i *)(const void *)p);
        __m256i b  = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
        halves  ha = halves_of(a), hb = halves_of(b);
        __m256i ka = kind_of(ha), kb = kind_of(hb);
        __m256i ma = markdown_kind_of(ha), mb = markdown_kind_of(hb);
        __m256i la = _mm256_cmpeq_epi8(a, nl), lb = _mm256_cmpeq_epi8(b, nl);
        foul            = _mm256_or_si256(foul, _mm256_or_si256(foul_of(a, la), foul_of(b, lb)));
        m[i]            = (wk_map){.odd  = join(any_of(ka, ALL), any_of(kb, ALL)),
                                   .line = join(la, lb),
                                   /* CURLY becomes the uppermost bit */
                                   .brace = join(_mm256_slli_epi16(ka, 2), _mm256_slli_epi16(kb, 2)),
                                   .shut  = join(_mm256_cmpeq_epi8(a, shut), _mm256_cmpeq_epi8(b, shut)),
                                   .stop  = ~join(no_stop(ka), no_stop(kb))};
        sight[i].odd[0] = join(any_of(ma, ALL), any_of(mb, ALL));
        sight[i].odd[1] = join(any_of(ma, CODE), any_of(mb, CODE));
    }
    return _mm256_movemask_epi8(foul) != 0;
}
#else
static bool map_blocks(const char *p, uint32_t n, wk_map *m, jd_mk_sight *sight)
{
    static const char odd[] = "*_-+^~?{[!(&:;\\", stop[] = "|\\[!{";
    static const char words[] = "\\&<`*~_[]:!|\n", code[] = "`|\n";
    bool              foul = false;
    for (uint32_t i = 0; i < n; i++, m++, sight++, p += BLOCK) {
        *m     = (wk_map){0};
        *sight = (jd_mk_sight){0};
        for (unsigned k = 0; k < BLOCK; k++) {
            unsigned char c = (unsigned char)p[k];
            m->odd |= (uint64_t)(c && strchr(odd, c)) << k;
            m->stop |= (uint64_t)(c && strchr(stop, c)) << k;
            m->brace |= (uint64_t)(c == '{') << k;
            m->shut |= (uint64_t)(c == '}') << k;
            m->line |= (uint64_t)(c == '\n') << k;
            sight->odd[0] |= (uint64_t)(c && strchr(words, c)) << k;
            sight->odd[1] |= (uint64_t)(c && strchr(code, c)) << k;
            foul |= c >= 0x7f || (c < ' ' && c != '\t' && c != '\n');
        }
    }
    return foul;
}
#endif

bool wk_map_text(wk_map *m, jd_mk_sight *sight, jd_str s)
{
    uint32_t whole = (uint32_t)(s.n / BLOCK), left = (uint32_t)(s.n % BLOCK);
    char     tail[2 * BLOCK];
#if SIMD
    bool (*map)(const char *, uint32_t, wk_map *, jd_mk_sight *) =
        __builtin_cpu_supports("avx2") ? map_blocks_avx2 : map_blocks;
#else
    bool (*map)(const char *, uint32_t, wk_map *, jd_mk_sight *) = map_blocks;
#endif
    bool foul = map(s.p, whole, m, sight);
    /* a block more than there are bytes: whoever is behind the last finds nothing */
    memset(tail, ' ', sizeof tail);
    if (left)
        memcpy(tail, s.p + (size_t)whole * BLOCK, left);
    return map(tail, 2, m + whole, sight + whole) || foul;
}
