/* The phrases of a usual line, told as they are found: marks that nest, code, links, mentions, bare
 * addresses. It gives up on whatever else may stand in a line, and on delimiters that turn out to
 * be text; wiki_inline.c then reads the line. */
#include "markup/doc_put.h"
#include "markup/wiki.h"

/* What may begin at a byte. Of a mark's delimiter: MARK and the mark's number. */
enum { TEXT, TAG, BRACKET, BANG, SLASH, FACE, COLON, ENTITY, CITE, MARK = 16 };
static const uint8_t what[256] = {
    ['*'] = MARK | 2, ['_'] = MARK | 3, ['-'] = MARK | 1, ['+'] = MARK | 0, ['^'] = MARK | 5,
    ['~'] = MARK | 4, ['{'] = TAG,      ['['] = BRACKET,  ['!'] = BANG,     ['\\'] = SLASH,
    ['('] = FACE,     [';'] = FACE,     [':'] = COLON,    ['&'] = ENTITY,   ['?'] = CITE};

typedef struct usual {
    wk_reader *r;
    jd_mk_doc *d;
    uint32_t   from, to;
    uint32_t   past;    /* past the last phrase: what is not told begins here */
    uint32_t   outside; /* what is before here is no letter to a delimiter */
    uint32_t   begun;   /* where the words of the innermost mark begin, 0 when there are some */
    unsigned   marks, depth;
    uint8_t    open[JD_MK_MARKS]; /* bits, innermost last */
} usual;

enum { GIVE_UP = 0 }; /* instead of where a phrase ends */

static inline void tell_text(usual *u, uint32_t p)
{
    if (p > u->past)
        jd_mkd_more_text(u->d, wk_str(u->r, u->past, p), u->marks, 0);
}

/* A delimiter of one byte at p. */
static inline uint32_t delimiter(usual *u, uint32_t p, unsigned bit)
{
    const wk_reader *r = u->r;
    const char      *s = r->s;
    char             c = s[p], before = p > u->from ? s[p - 1] : '\n';
    uint32_t         end = p + 1;
    if (c == '-' && end < u->to && s[end] == '-') /* a dash, maybe */
        return GIVE_UP;
    if (u->marks & bit) {
        if (before == c || before == '\\' || wk_blank(before) || wk_word_at(r, end, u->to))
            return end;
        if (u->open[u->depth - 1] != bit) /* what is open within is no mark */
            return GIVE_UP;
        if (u->begun == p)
            return end;
        tell_text(u, p);
        u->marks &= ~bit;
        u->depth--;
        u->begun = 0;
    } else {
        if (end >= u->to || wk_blank(s[end]) || s[end] == c || before == '\\' ||
            wk_word_before(r, p, u->outside))
            return end;
        tell_text(u, p);
        u->open[u->depth++] = (uint8_t)bit;
        u->marks |= bit;
        u->begun = end;
    }
    u->past = end;
    return end;
}

static inline uint32_t brace(usual *u, uint32_t p)
{
    wk_reader *r = u->r;
    while (r->tags[r->ti].from < p)
        r->ti++;
    const wk_tag *t = &r->tags[r->ti];
    if (t->from == p && t->to <= u->to) {
        if (t->role != WK_RUN)
            return GIVE_UP;
        tell_text(u, p);
        jd_mkd_more_text(u->d, wk_verbatim(r, t), u->marks | JD_MK_MONO, 0);
        u->past = t->to;
        return t->to;
    }
    return p + 2 < u->to && (r->s[p + 2] == '}' || r->s[p + 1] == '?') ? GIVE_UP : p + 1;
}

static uint32_t tell_link(usual *u, uint32_t p, uint32_t end, jd_str dest, jd_str title,
                          jd_str words)
{
    jd_mk_doc *d = u->d;
    if (words.n == 0 || !jd_mk_safe(dest))
        return GIVE_UP;
    uint32_t link = jd_mk_link(d, dest, title);
    if (link == 0)
        return GIVE_UP;
    tell_text(u, p);
    jd_mkd_more_text(d, words, u->marks, link);
    u->past = end;
    return end;
}

static uint32_t bracket(usual *u, uint32_t p)
{
    wk_reader *r = u->r;
    wk_found   f;
    if (!wk_link(r, p, u->to, &f))
        return p + 1;
    if (f.leaf == JD_MK_MENTION) {
        tell_text(u, p);
        jd_mk_leaf(u->d, JD_MK_MENTION, f.text, u->marks, 0, jd_mk_more(u->d, f.dest, JD_NOSTR));
        u->past = f.end;
        return f.end;
    }
    if (f.leaf != JD_MK_TEXT)
        return GIVE_UP;
    if (f.alias >= f.alias_end) {
        u->outside = f.end;
        return tell_link(u, p, f.end, wk_address(r, f.dest), f.title, wk_address(r, f.text));
    }
    if (wk_next_odd(r, f.alias, f.alias_end) < f.alias_end)
        return GIVE_UP;
    return tell_link(u, p, f.end, wk_address(r, f.dest), f.title, wk_str(r, f.alias, f.alias_end));
}

/* The colon of an address, or of a face. */
static uint32_t colon(usual *u, uint32_t p, char next)
{
    wk_reader *r = u->r;
    uint32_t   from, end;
    bool       may = next == '/' || (p > u->past && (r->s[p - 1] | 0x20) == 'o'); /* mailto */
    if (!may || !wk_url(r, u->past, p, u->to, &from, &end))
        return memchr("-)(PpD", next, 6) ? GIVE_UP : p + 1;
    if (u->marks && what[(unsigned char)r->s[end - 1]] >= MARK)
        return GIVE_UP;
    jd_str dest = wk_address(r, wk_str(r, from, end));
    bool   mail = jd_str_starts(dest, JD_STR("mailto:"));
    u->outside  = end;
    return tell_link(u, from, end, dest, JD_NOSTR, mail ? jd_str_cut(dest, 7, dest.n) : dest);
}

/* What may begin at p and is no delimiter; past it, or past p when there is nothing. */
static uint32_t phrase(usual *u, uint32_t p, unsigned kind)
{
    wk_reader *r    = u->r;
    char       next = p + 1 < u->to ? r->s[p + 1] : '\n';
    bool       odd  = false;
    switch (kind) {
    case TAG:
        return brace(u, p);
    case BRACKET:
        return bracket(u, p);
    case COLON:
        return colon(u, p, next);
    case FACE:
        odd = r->s[p] == ';' ? memchr("-)(PpD", next, 6) != NULL
                             : memchr("/x!+-?yniof*", next, 12) != NULL;
        break;
    case BANG:
        odd = next != '!' && next != '\n' && !wk_blank(next) && !wk_word_before(r, p, u->outside);
        break;
    case SLASH:
        odd = next == '\\' || wk_escapable(next);
        break;
    case ENTITY:
        odd = next == '#' || wk_alnum((unsigned char)next);
        break;
    case CITE:
        odd = next == '?';
        break;
    default:
        break;
    }
    return odd ? GIVE_UP : p + 1;
}

static bool tell_line(usual *u, uint32_t p)
{
    while (p < u->to) {
        unsigned kind = what[(unsigned char)u->r->s[p]];
        p             = kind >= MARK ? delimiter(u, p, 1U << (kind - MARK)) : phrase(u, p, kind);
        if (p == GIVE_UP)
            return false;
        p = wk_next_odd(u->r, p, u->to);
    }
    if (u->marks)
        return false;
    tell_text(u, u->to);
    return true;
}

bool wk_usual(wk_reader *r, uint32_t from, uint32_t to, uint32_t p)
{
    jd_mk_doc *d = r->d;
    if (!d->holds[d->depth] || d->full)
        return false;
    uint32_t n = d->n, nlinks = d->nlinks, nextra = d->nextra, ti = r->ti;
    uint32_t too_long = d->warned[JD_MK_W_TOO_LONG];
    size_t   last     = d->ev[n - 1].text.n; /* it may be made longer */
    usual    u        = {.r = r, .d = d, .from = from, .to = to, .past = from, .outside = from};
    if (tell_line(&u, p))
        return true;
    d->n                        = n;
    d->nlinks                   = nlinks;
    d->nextra                   = nextra;
    d->full                     = false;
    d->warned[JD_MK_W_TOO_LONG] = too_long;
    d->ev[n - 1].text.n         = last;
    r->ti                       = ti;
    return false;
}
