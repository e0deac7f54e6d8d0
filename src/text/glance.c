#include "text/glance.h"

#include "text/base64.h"
#include "text/json_sum.h"
#include "text/utf8.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* LEAD: what an object that may be met again begins with is told apart by so many bytes. */
enum { DEPTH_MAX = 64, NUMBER_MAX = 64, INT_DIGITS = 18, LEAD = 128 };

typedef struct look {
    const char         *p, *end;
    jd_skips            skip;
    const jd_pick_path *path;
    jd_pick            *pick;
    jd_met             *met;
    unsigned            deepest;                /* level reached */
    uint32_t            named[JD_PICK_NAMES];   /* picks whose name at that level was met */
    uint64_t            lengths[JD_PICK_NAMES]; /* bit n % 64: one of n bytes is wanted there */
    jd_buf              scratch;                /* a string without its escapes */
} look;

static bool value(look *l, uint32_t wanted, unsigned depth, uint64_t *sum);

static char here(const look *l)
{
    return l->p < l->end ? *l->p : '\0';
}

static inline char past_blanks(look *l)
{
    char c;
    while ((c = here(l)) <= ' ' && (c == ' ' || c == '\n' || c == '\r' || c == '\t'))
        l->p++;
    return c;
}

/* -- picks ----------------------------------------------------------------------------------- */

/* Which of the wanted picks go on below this name. A name met twice is left to others. */
static bool follow(look *l, uint32_t wanted, unsigned depth, jd_str name, uint32_t *out)
{
    *out = 0;
    if (depth == JD_PICK_NAMES || !name.n || !(l->lengths[depth] >> (name.n & 63) & 1))
        return true;
    for (uint32_t left = wanted; left; left &= left - 1) {
        unsigned i    = (unsigned)__builtin_ctz(left);
        jd_str   next = l->path[i].name[depth];
        if (next.n == name.n && memcmp(next.p, name.p, name.n) == 0)
            *out |= 1u << i;
    }
    if (!*out)
        return true;
    if (l->named[depth] & *out)
        return false;
    l->named[depth] |= *out;
    return true;
}

/* The picks that end at this value. */
static void keep(look *l, uint32_t wanted, unsigned depth, jd_pick found)
{
    for (; wanted; wanted &= wanted - 1) {
        unsigned i = (unsigned)__builtin_ctz(wanted);
        if (depth == JD_PICK_NAMES || !l->path[i].name[depth].n)
            l->pick[i] = found;
    }
}

/* -- strings --------------------------------------------------------------------------------- */

static bool stops(char c)
{
    return c == '"' || c == '\\' || (unsigned char)c < 0x20;
}

/* To the next quote, backslash or control character. */
static inline const char *run_end(const char *p, const char *end)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\'), last = _mm_set1_epi8(31);
    for (; end - p >= 16; p += 16) {
        __m128i  c    = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i  stop = _mm_or_si128(_mm_cmpeq_epi8(c, quote), _mm_cmpeq_epi8(c, back));
        unsigned mask = (unsigned)_mm_movemask_epi8(
            _mm_or_si128(stop, _mm_cmpeq_epi8(_mm_min_epu8(c, last), c)));
        if (mask)
            return p + __builtin_ctz(mask);
    }
#endif
    while (p < end && !stops(*p))
        p++;
    return p;
}

/* \uXXXX, or two of them; l->p stands behind the u. */
static bool code_point(look *l)
{
    int first = l->end - l->p >= 4 ? jd_hex4(l->p) : -1;
    if (first < 0 || (first & ~0x3ff) == 0xdc00)
        return false;
    l->p += 4;
    if ((first & ~0x3ff) != 0xd800) {
        jd_utf8_put(&l->scratch, (uint32_t)first);
        return true;
    }
    int second = l->end - l->p >= 6 && l->p[0] == '\\' && l->p[1] == 'u' ? jd_hex4(l->p + 2) : -1;
    if ((second & ~0x3ff) != 0xdc00)
        return false;
    l->p += 6;
    jd_utf8_put(&l->scratch,
                0x10000 + ((uint32_t)(first & 0x3ff) << 10) + (uint32_t)(second & 0x3ff));
    return true;
}

static bool escape(look *l)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (l->end - l->p < 2)
        return false;
    char c = l->p[1];
    l->p += 2;
    if (c == 'u')
        return code_point(l);
    const char *at = c ? strchr(from, c) : NULL;
    if (at)
        jd_buf_addc(&l->scratch, to[at - from]);
    return at != NULL;
}

/* The rest of a string whose first escape is at l->p. */
static __attribute__((noinline)) bool string_rest(look *l, const char *begin, jd_str *out)
{
    jd_buf_reset(&l->scratch);
    jd_buf_add(&l->scratch, begin, (size_t)(l->p - begin));
    while (here(l) == '\\') {
        if (!escape(l))
            return false;
        const char *run = l->p;
        l->p            = run_end(run, l->end);
        jd_buf_add(&l->scratch, run, (size_t)(l->p - run));
    }
    *out = jd_buf_view(&l->scratch);
    return here(l) == '"';
}

/* The string whose opening quote is at l->p; valid until the next one. */
static inline bool string(look *l, jd_str *out, bool *escaped)
{
    const char *begin = ++l->p;
    l->p              = run_end(begin, l->end);
    *escaped          = here(l) == '\\';
    *out              = (jd_str){begin, (size_t)(l->p - begin)};
    if (here(l) != '"' && !(*escaped && string_rest(l, begin, out)))
        return false;
    l->p++;
    return true;
}

/* -- values ---------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool odd_number(jd_str s, uint64_t *sum)
{
    char z[NUMBER_MAX];
    if (s.n >= sizeof z)
        return false;
    memcpy(z, s.p, s.n);
    z[s.n] = '\0';
    return jd_sum_written_number(z, sum);
}

static bool number(look *l, jd_str *text, uint64_t *sum)
{
    const char *begin = l->p;
    bool        minus = *begin == '-';
    uint64_t    v     = 0;
    l->p += minus;
    const char *digits = l->p;
    for (; l->p < l->end && is_digit(*l->p) && l->p - digits <= INT_DIGITS; l->p++)
        v = v * 10 + (uint64_t)(*l->p - '0');
    bool plain =
        l->p > digits && l->p - digits <= INT_DIGITS && (*digits != '0' || l->p - digits == 1);
    char after = here(l);
    if (plain && after != '.' && after != 'e' && after != 'E') {
        *text = (jd_str){begin, (size_t)(l->p - begin)};
        *sum  = jd_sum_number(minus && v ? JD_NUM_MINUS : JD_NUM_PLUS, minus ? 0 - v : v);
        return true;
    }
    while (l->p < l->end && (is_digit(*l->p) || (*l->p && strchr("+-.eE", *l->p))))
        l->p++;
    *text = (jd_str){begin, (size_t)(l->p - begin)};
    return odd_number(*text, sum);
}

static bool literal(look *l, jd_str word)
{
    if ((size_t)(l->end - l->p) < word.n || memcmp(l->p, word.p, word.n) != 0)
        return false;
    l->p += word.n;
    return true;
}

static bool array(look *l, unsigned depth, size_t *n, uint64_t *sum)
{
    uint64_t h = JD_SALT_ARRAY, item;
    l->p++;
    *n = 0;
    if (past_blanks(l) == ']') {
        l->p++;
        *sum = jd_sum_array(h);
        return true;
    }
    for (;;) {
        if (!value(l, 0, depth + 1, &item))
            return false;
        h = jd_sum_item(h, item);
        ++*n;
        char c = past_blanks(l);
        l->p++;
        if (c == ']') {
            *sum = jd_sum_array(h);
            return true;
        }
        if (c != ',')
            return false;
        (void)past_blanks(l);
    }
}

static bool member(look *l, uint32_t wanted, unsigned depth, uint64_t *sum)
{
    jd_str   name;
    bool     escaped;
    uint32_t below = 0;
    uint64_t v;
    if (here(l) != '"' || !string(l, &name, &escaped))
        return false;
    bool skipped = jd_skipped(&l->skip, name);
    if (wanted && !follow(l, wanted, depth, name, &below))
        return false;
    uint64_t named = jd_sum_name(name); /* before the value takes the scratch */
    if (past_blanks(l) != ':')
        return false;
    l->p++;
    (void)past_blanks(l);
    if (!value(l, below, depth + 1, &v))
        return false;
    *sum = skipped ? 0 : jd_sum_named(named, v);
    return true;
}

static bool object(look *l, uint32_t wanted, unsigned depth, uint64_t *sum)
{
    uint64_t h = JD_SALT_OBJECT, one;
    l->p++;
    if (past_blanks(l) == '}') {
        l->p++;
        *sum = jd_sum_object(h);
        return true;
    }
    for (;;) {
        if (!member(l, wanted, depth, &one))
            return false;
        h += one;
        char c = past_blanks(l);
        l->p++;
        if (c == '}') {
            *sum = jd_sum_object(h);
            return true;
        }
        if (c != ',')
            return false;
        (void)past_blanks(l);
    }
}

/* -- objects met before ---------------------------------------------------------------------- */

/* Where an object like this one would stand; NULL: it is none of those that come again, which tell
 * their own address first. */
static struct jd_met_object *place_of(const look *l)
{
    static const char head[] = "{\"self\":\"";
    if (!l->met || l->end - l->p < LEAD || memcmp(l->p, head, sizeof head - 1) != 0)
        return NULL;
    return &l->met->object[jd_hash64((jd_str){l->p, LEAD}) % JD_MET_OBJECTS];
}

static bool is_known(const look *l, const struct jd_met_object *o, unsigned depth)
{
    return o->n && o->n <= (size_t)(l->end - l->p) && memcmp(o->p, l->p, o->n) == 0 &&
           depth + o->height < DEPTH_MAX;
}

/* An object that nothing below is wanted of. */
static bool plain_object(look *l, unsigned depth, uint64_t *sum)
{
    struct jd_met_object *o     = place_of(l);
    const char           *begin = l->p;
    unsigned              above = l->deepest;
    if (!o)
        return object(l, 0, depth, sum);
    if (is_known(l, o, depth)) {
        l->p += o->n;
        *sum       = o->sum;
        l->deepest = above > depth + o->height ? above : depth + o->height;
        return true;
    }
    l->deepest = depth;
    if (!object(l, 0, depth, sum))
        return false;
    size_t n = (size_t)(l->p - begin);
    if (n >= LEAD && n <= UINT32_MAX)
        *o = (struct jd_met_object){begin, *sum, (uint32_t)n, l->deepest - depth};
    l->deepest = above > l->deepest ? above : l->deepest;
    return true;
}

/* Recursion is bounded by DEPTH_MAX. */
static bool value(look *l, uint32_t wanted, unsigned depth, uint64_t *sum)
{
    jd_pick found = {0};
    bool    ok, escaped;
    if (depth > l->deepest)
        l->deepest = depth;
    switch (here(l)) {
    case '"':
        found.kind = JD_JSON_STRING;
        ok         = string(l, &found.text, &escaped) && !(escaped && wanted);
        if (ok)
            *sum = jd_hash64(found.text);
        break;
    case '{':
        found.kind = JD_JSON_OBJECT;
        ok         = depth < DEPTH_MAX &&
             (wanted ? object(l, wanted, depth, sum) : plain_object(l, depth, sum));
        break;
    case '[':
        found.kind = JD_JSON_ARRAY;
        ok         = depth < DEPTH_MAX && array(l, depth, &found.n, sum);
        break;
    case 't':
    case 'f':
        found.kind = JD_JSON_BOOL;
        *sum       = jd_sum_bool(here(l) == 't');
        ok         = literal(l, here(l) == 't' ? JD_STR("true") : JD_STR("false"));
        break;
    case 'n':
        found.kind = JD_JSON_NULL;
        *sum       = jd_sum_null();
        ok         = literal(l, JD_STR("null"));
        break;
    default:
        found.kind = JD_JSON_NUMBER;
        ok         = (here(l) == '-' || is_digit(here(l))) && number(l, &found.text, sum);
    }
    if (ok && wanted)
        keep(l, wanted, depth, found);
    return ok;
}

size_t jd_glance(jd_str bytes, const char *const *skip, const jd_pick_path *path, jd_pick *pick,
                 size_t n, jd_met *met, uint64_t *hash)
{
    look l = {.p       = bytes.p,
              .end     = bytes.p + bytes.n,
              .skip    = jd_skips_of(skip),
              .path    = path,
              .pick    = pick,
              .met     = met,
              .scratch = JD_BUF_INIT(SIZE_MAX / 2)};
    for (size_t i = 0; i < n; i++) {
        pick[i] = (jd_pick){0};
        for (unsigned k = 0; k < JD_PICK_NAMES; k++)
            l.lengths[k] |= 1ull << (path[i].name[k].n & 63);
    }
    if (here(&l) != '{')
        return 0;
    uint32_t all = n < JD_PICKS_MAX ? (1u << n) - 1 : UINT32_MAX;
    bool     ok  = value(&l, all, 0, hash);
    jd_str   got = {bytes.p, (size_t)(l.p - bytes.p)};
    jd_buf_release(&l.scratch);
    return ok && jd_utf8_valid(got) == got.n ? got.n : 0;
}
