/* The phrases of a line: one pass makes tokens and pairs the marks' delimiters, one pass tells
 * them.
 *
 * A mark goes from its first delimiter that may open to the next one that may close; what opened
 * between the two is then text. Delimiters inside a link's words or a colour find only each other.
 */
#include "markup/adf.h"
#include "markup/doc_put.h"
#include "markup/wiki.h"

#include <stddef.h>

typedef struct line {
    wk_reader *r;
    uint32_t   from, to; /* of the line, or of a link's words */
    uint32_t   line_to,
        link_end;     /* where the line goes on after a link's words; link_end 0: no link */
    uint32_t past;    /* past the last token */
    uint32_t outside; /* what is before here is no letter to a delimiter */
    unsigned depth, beyond;
    int32_t  open[WK_DELIMS]; /* token + 1; signed, as vectors compare */
    int32_t  saved[WK_SCOPES][WK_DELIMS];
} line;

__attribute__((cold, noinline)) static void more_tokens(wk_reader *r)
{
    wk_token *old = r->tokens == r->near_tokens ? NULL : r->tokens;
    r->tokens_cap *= 2;
    r->tokens = jd_xrealloc(old, r->tokens_cap * sizeof *r->tokens);
    if (!old)
        memcpy(r->tokens, r->near_tokens, WK_NEAR * sizeof *r->tokens);
}

/* A token; what its kind needs besides is the caller's to set. */
static inline wk_token *add(line *l, uint32_t from, uint32_t to, wk_kind kind)
{
    wk_reader *r = l->r;
    if (r->ntokens == r->tokens_cap)
        more_tokens(r);
    wk_token *t = &r->tokens[r->ntokens++];
    t->from     = from;
    t->to       = to;
    t->kind     = (uint8_t)kind;
    t->on = t->off = false;
    l->past        = to;
    return t;
}

static void add_leaf(line *l, uint32_t from, uint32_t to, jd_mk_kind leaf, jd_str text,
                     uint32_t more)
{
    wk_token *t = add(l, from, to, WK_LEAF);
    t->leaf     = (uint8_t)leaf;
    t->text     = text;
    t->more     = more;
}

static void add_link(line *l, uint32_t from, uint32_t to, uint32_t link)
{
    add(l, from, to, WK_LINK)->more = link;
}

static void enter(line *l)
{
    if (l->depth == WK_SCOPES) {
        l->beyond++;
        return;
    }
    memcpy(l->saved[l->depth++], l->open, sizeof l->open);
    memset(l->open, 0, sizeof l->open);
}

static void leave(line *l)
{
    if (l->beyond) {
        l->beyond--;
        return;
    }
    memset(l->open, 0, sizeof l->open);
    if (l->depth)
        memcpy(l->open, l->saved[--l->depth], sizeof l->open);
}

/* A delimiter of n bytes at p; wrapped is {*}, which may stand inside a word. Returns past it. */
static inline __attribute__((always_inline)) uint32_t delimiter(line *l, uint32_t p, uint32_t n,
                                                                unsigned mark, bool wrapped)
{
    wk_reader *r = l->r;
    char       c = r->s[wrapped ? p + 1 : p], before = p > l->from ? r->s[p - 1] : '\n';
    uint32_t   end = p + n;
    /* an escaped one before it is content */
    if (l->past == p - 1 && p > l->from + 1 && r->tokens[r->ntokens - 1].kind == WK_SKIP &&
        r->s[p - 2] == '\\')
        before = 'x';
    if (l->open[mark] && before != c && before != '\\' && !wk_blank(before) &&
        r->tokens[l->open[mark] - 1].to < p && (wrapped || !wk_word_at(r, end, l->line_to))) {
        int32_t begun           = l->open[mark];
        r->tokens[begun - 1].on = true;
        wk_token *t             = add(l, p, end, WK_DELIM);
        t->mark                 = (uint8_t)mark;
        t->off                  = true;
        for (unsigned i = 0; i < WK_DELIMS; i++)
            l->open[i] = l->open[i] < begun ? l->open[i] : 0;
        return end;
    }
    if (l->open[mark] == 0 && end < l->to && !wk_blank(r->s[end]) && r->s[end] != c &&
        (wrapped || (before != '\\' && !wk_word_before(r, p, l->outside)))) {
        add(l, p, end, WK_DELIM)->mark = (uint8_t)mark;
        l->open[mark]                  = (int32_t)r->ntokens;
    }
    return end;
}

/* The same for those of several bytes, which are few. */
static uint32_t long_delimiter(line *l, uint32_t p, uint32_t n, unsigned mark, bool wrapped)
{
    return delimiter(l, p, n, mark, wrapped);
}

static unsigned mark_of(char c)
{
    static const uint8_t marks[256] = {
        ['*'] = 3, ['_'] = 4, ['-'] = 2, ['+'] = 1, ['^'] = 6, ['~'] = 5, ['?'] = WK_CITE + 1};
    unsigned mark = marks[(unsigned char)c];
    return mark ? mark - 1 : WK_DELIMS;
}

static uint32_t words(line *l, uint32_t p, uint32_t end, jd_str text)
{
    add(l, p, end, WK_WORDS)->text = text;
    l->outside                     = end;
    return end;
}

/* Two dashes or more. */
static uint32_t dashes(line *l, uint32_t p)
{
    const char *s   = l->r->s;
    uint32_t    end = p;
    while (end < l->to && s[end] == '-')
        end++;
    bool apart = (p == l->from || wk_blank(s[p - 1])) && (end == l->to || wk_blank(s[end]));
    if (!apart || end > p + 3)
        return end;
    return words(l, p, end, end == p + 2 ? JD_STR("\xe2\x80\x93") : JD_STR("\xe2\x80\x94"));
}

static uint32_t backslash(line *l, uint32_t p)
{
    wk_reader *r   = l->r;
    uint32_t   end = p;
    while (end < l->to && r->s[end] == '\\')
        end++;
    if (end == p + 1) {
        if (end == l->to || !wk_escapable(r->s[end]))
            return end;
        (void)add(l, p, end, WK_SKIP);
        return end + 1;
    }
    if (end > p + 2)
        return end;
    /* \\server\share is no line break */
    uint32_t q = end;
    while (q < l->to && !wk_blank(r->s[q]) && r->s[q] != '\\')
        q++;
    r->d->steps += q - end;
    if (q < l->to && r->s[q] == '\\')
        return end;
    while (p > l->past && p > l->from && wk_blank(r->s[p - 1]))
        p--;
    while (end < l->to && wk_blank(r->s[end]))
        end++;
    /* the newline behind it is the same break */
    (void)add(l, p, end, end == l->line_to ? WK_SKIP : WK_HARD_BREAK);
    return end;
}

/* What the editor would draw; the words are the short names ADF knows. */
static const struct {
    const char *sign, *glyph, *name;
} faces[] = {{":)", "🙂", ":slight_smile:"},
             {":-)", "🙂", ":slight_smile:"},
             {":(", "🙁", ":slight_frown:"},
             {":-(", "🙁", ":slight_frown:"},
             {":P", "😛", ":stuck_out_tongue:"},
             {":p", "😛", ":stuck_out_tongue:"},
             {":-P", "😛", ":stuck_out_tongue:"},
             {":-p", "😛", ":stuck_out_tongue:"},
             {":D", "😃", ":smiley:"},
             {":-D", "😃", ":smiley:"},
             {";)", "😉", ":wink:"},
             {";-)", "😉", ":wink:"},
             {"(y)", "👍", ":thumbsup:"},
             {"(n)", "👎", ":thumbsdown:"},
             {"(i)", "ℹ️", ":info:"},
             {"(/)", "✅", ":check_mark:"},
             {"(x)", "❌", ":cross_mark:"},
             {"(!)", "⚠️", ":warning:"},
             {"(+)", "➕", ":plus:"},
             {"(-)", "➖", ":minus:"},
             {"(?)", "❓", ":question:"},
             {"(on)", "💡", ":light_bulb_on:"},
             {"(off)", "🌙", ":light_bulb_off:"},
             {"(*)", "⭐", ":yellow_star:"},
             {"(*y)", "⭐", ":yellow_star:"},
             {"(*r)", "⭐", ":red_star:"},
             {"(*g)", "⭐", ":green_star:"},
             {"(*b)", "⭐", ":blue_star:"},
             {"(flag)", "🚩", ":flag_on:"},
             {"(flagoff)", "🏳️", ":flag_off:"}};

/* An emoticon at p: past it, or p. */
static uint32_t face(line *l, uint32_t p)
{
    wk_reader *r = l->r;
    char       c = r->s[p];
    if (p + 1 >= l->to || !strchr(c == '(' ? "/x!+-?yniof*" : "-)(PpD", r->s[p + 1]) ||
        (c == ';' && wk_in_entity(r, p, l->from)))
        return p;
    for (size_t i = 0; i < sizeof faces / sizeof *faces; i++) {
        uint32_t n = (uint32_t)strlen(faces[i].sign), end = p + n;
        if (end > l->to || memcmp(r->s + p, faces[i].sign, n) != 0)
            continue;
        char after = end < l->line_to ? (char)(r->s[end] | 0x20) : ' ';
        if (after >= 'a' && after <= 'z')
            continue;
        add_leaf(l, p, end, JD_MK_EMOJI, jd_str_of(faces[i].glyph),
                 jd_mk_more(r->d, jd_str_of(faces[i].name), JD_NOSTR));
        l->outside = end;
        return end;
    }
    return p;
}

/* &amp; in an address is an ampersand. */
jd_str wk_address(wk_reader *r, jd_str s)
{
    if (jd_str_find(s, '&') == s.n || jd_str_search(s, JD_STR("&amp;")) == s.n)
        return s;
    char  *out = jd_arena_bytes(r->d->arena, s.n);
    size_t n   = 0;
    for (size_t i = 0; i < s.n; i++) {
        out[n++] = s.p[i];
        if (s.n - i >= 5 && memcmp(s.p + i, "&amp;", 5) == 0)
            i += 4;
    }
    return (jd_str){out, n};
}

static void link_words(line *l, uint32_t p, uint32_t end, jd_str text, uint32_t link)
{
    add_link(l, p, p, link);
    (void)words(l, p, end, text);
    add_link(l, end, end, 0);
}

/* A mark that goes around an address ends before it. */
static bool goes_around(const line *l, char c)
{
    unsigned mark = mark_of(c);
    return mark < WK_CITE && l->open[mark];
}

static uint32_t bare_url(line *l, uint32_t p)
{
    wk_reader *r = l->r;
    uint32_t   from, end;
    if (l->link_end || !wk_url(r, l->past > l->from ? l->past : l->from, p, l->to, &from, &end))
        return p;
    while (end > p + 3 && goes_around(l, r->s[end - 1]))
        for (end--; end > p + 3 && strchr(".,>)];}\"'!", r->s[end - 1]);)
            end--;
    jd_str dest = wk_address(r, wk_str(r, from, end));
    bool   mail = jd_str_starts(dest, JD_STR("mailto:"));
    link_words(l, from, end, mail ? jd_str_cut(dest, 7, dest.n) : dest,
               jd_mk_link(r->d, dest, JD_NOSTR));
    return end;
}

static uint32_t bracket(line *l, uint32_t p)
{
    wk_reader *r = l->r;
    wk_found   f;
    if (l->link_end || !wk_link(r, p, l->to, &f))
        return p + 1;
    if (f.leaf == JD_MK_MENTION) {
        add_leaf(l, p, f.end, JD_MK_MENTION, f.text, jd_mk_more(r->d, f.dest, JD_NOSTR));
        return f.end;
    }
    uint32_t link = jd_mk_link(r->d, wk_address(r, f.dest), f.title);
    if (f.leaf == JD_MK_INLINE_CARD && link) {
        add_leaf(l, p, f.end, JD_MK_INLINE_CARD, JD_NOSTR, link);
        return f.end;
    }
    if (f.alias >= f.alias_end) {
        link_words(l, p, f.end, wk_address(r, f.text), link);
        return f.end;
    }
    add_link(l, p, f.alias, link);
    enter(l);
    r->in_link  = true;
    l->link_end = f.end;
    l->to       = f.alias_end;
    l->from     = f.alias;
    return f.alias;
}

/* At the end of a link's words: back in the line. */
static uint32_t bracket_shut(line *l, uint32_t line_from)
{
    uint32_t end = l->link_end;
    add_link(l, l->to, end, 0);
    leave(l);
    l->r->in_link = false;
    l->link_end   = 0;
    l->to         = l->line_to;
    l->from       = line_from;
    return end;
}

static uint32_t image(line *l, uint32_t p)
{
    wk_reader *r = l->r;
    wk_found   f;
    if ((p > l->from && r->s[p - 1] == '\\') || wk_word_before(r, p, l->outside) ||
        !wk_image(r, p, l->to, &f))
        return p + 1;
    add_leaf(l, p, f.end, JD_MK_IMAGE, f.text, jd_mk_more(r->d, JD_NOSTR, f.dest));
    return f.end;
}

/* What stands in a monospaced run, without its escapes' backslashes and its colours. */
jd_str wk_verbatim(wk_reader *r, const wk_tag *t)
{
    jd_str s = wk_str(r, t->from + 2, t->to - 2);
    if (wk_next_stop(r, t->from + 2, t->to - 2) == t->to - 2)
        return s;
    char  *out = jd_arena_bytes(r->d->arena, s.n);
    size_t n   = 0;
    for (size_t i = 0; i < s.n; i++) {
        jd_str rest = jd_str_cut(s, i, s.n);
        size_t end  = 0;
        if (rest.n > 6 && jd_str_ieq(jd_str_cut(rest, 0, 6), JD_STR("{color")) &&
            (rest.p[6] == '}' || rest.p[6] == ':'))
            end = jd_str_find(rest, '}');
        r->d->steps += end + 1;
        if (end && end < rest.n) {
            i += end;
            continue;
        }
        if (rest.n > 1 && rest.p[0] == '\\' && wk_escapable(rest.p[1]) &&
            (i == 0 || s.p[i - 1] != '\\'))
            i++;
        out[n++] = s.p[i];
    }
    return (jd_str){out, n};
}

static uint32_t tag(line *l, const wk_tag *t)
{
    wk_reader *r = l->r;
    if (t->role == WK_RUN) {
        add(l, t->from, t->to, WK_VERBATIM)->text = wk_verbatim(r, t);
        return l->past;
    }
    if (t->role == WK_INSIDE && t->shut <= l->to) {
        add(l, t->from, t->shut, WK_ISLAND)->text = wk_str(r, t->to, t->body_to);
        r->ti                                     = t->next;
        return l->past;
    }
    if (t->role == WK_COLOURS)
        enter(l);
    else if (t->role == WK_COLOURED)
        leave(l);
    (void)add(l, t->from, t->to, WK_SKIP);
    return l->past;
}

static uint32_t brace(line *l, uint32_t p)
{
    wk_reader *r = l->r;
    while (r->tags[r->ti].from < p)
        r->ti++;
    if (r->tags[r->ti].from == p && r->tags[r->ti].to <= l->to)
        return tag(l, &r->tags[r->ti]);
    if (p + 2 < l->to && r->s[p + 2] == '}' && mark_of(r->s[p + 1]) < WK_CITE)
        return long_delimiter(l, p, 3, mark_of(r->s[p + 1]), true);
    if (p + 3 < l->to && memcmp(r->s + p, "{??}", 4) == 0)
        return long_delimiter(l, p, 4, WK_CITE, true);
    return p + 1;
}

static uint32_t one(line *l, uint32_t p)
{
    wk_reader *r = l->r;
    uint32_t   end;
    jd_str     text;
    switch (r->s[p]) {
    case '-':
        if (p + 1 < l->to && r->s[p + 1] == '-')
            return dashes(l, p);
        break;
    case '?':
        /* of "???" the first two may close, the last two may open */
        if (p + 1 >= l->to || r->s[p + 1] != '?' ||
            (!l->open[WK_CITE] && p + 2 < l->to && r->s[p + 2] == '?'))
            return p + 1;
        return long_delimiter(l, p, 2, WK_CITE, false);
    case '{':
        return brace(l, p);
    case '[':
        return bracket(l, p);
    case '!':
        return image(l, p);
    case '\\':
        return backslash(l, p);
    case '&':
        end = p + (uint32_t)wk_entity(r->d->arena, wk_str(r, p, l->to), &text);
        return end > p ? words(l, p, end, text) : p + 1;
    case ':':
    case ';':
    case '(':
        end = r->s[p] == ':' ? bare_url(l, p) : p;
        end = end > p ? end : face(l, p);
        return end > p ? end : p + 1;
    default:
        break;
    }
    return delimiter(l, p, 1, mark_of(r->s[p]), false);
}

static void tell(wk_reader *r, uint32_t p, uint32_t to)
{
    unsigned depth[JD_MK_MARKS] = {0}, marks = 0, mark;
    uint32_t link = 0;
    for (uint32_t i = 0; i < r->ntokens; i++) {
        const wk_token *t = &r->tokens[i];
        if (t->kind == WK_DELIM && !t->on && !t->off)
            continue;
        if (t->from > p)
            jd_mkd_text(r->d, wk_str(r, p, t->from), marks, link);
        p = t->to;
        switch ((wk_kind)t->kind) {
        case WK_SKIP:
            break;
        case WK_DELIM:
            if (t->mark == WK_CITE && t->on)
                jd_mkd_text(r->d, JD_STR("\xe2\x80\x94 "), marks, link);
            mark = t->mark < JD_MK_MARKS ? t->mark : mark_of('_'); /* a citation's */
            depth[mark] += t->on ? 1 : -1U;
            marks = (marks & ~(1U << mark)) | (unsigned)(depth[mark] > 0) << mark;
            break;
        case WK_WORDS:
            jd_mkd_text(r->d, t->text, marks, link);
            break;
        case WK_VERBATIM:
            jd_mkd_text(r->d, t->text, marks | JD_MK_MONO, link);
            break;
        case WK_HARD_BREAK:
            jd_mk_leaf(r->d, JD_MK_BREAK, JD_NOSTR, 0, 0, 0);
            break;
        case WK_LEAF:
            if (t->leaf == JD_MK_INLINE_CARD)
                jd_mk_leaf(r->d, JD_MK_INLINE_CARD, JD_NOSTR, marks, t->more, 0);
            else
                jd_mk_leaf(r->d, t->leaf, t->text, marks, link, t->more);
            break;
        case WK_LINK:
            link = t->more;
            break;
        case WK_ISLAND:
            jd_mk_read_adf_into(r->d, t->text, true);
            break;
        }
    }
    if (to > p)
        jd_mkd_text(r->d, wk_str(r, p, to), marks, link);
}

/* A line in which p is the first place at which something may begin. */
__attribute__((noinline)) static void unusual(wk_reader *r, uint32_t from, uint32_t to, uint32_t p)
{
    line l; /* not all of it set: `saved` is large */
    memset(&l, 0, offsetof(line, saved));
    l.r  = r;
    l.to = l.line_to = to;
    l.from = l.past = l.outside = from;
    r->ntokens                  = 0;
    r->bangs[0] = r->bangs[1] = (wk_bangs){0};
    while (p < l.to || l.link_end) {
        p = p < l.to ? one(&l, p) : bracket_shut(&l, from);
        p = wk_next_odd(r, p, l.to);
    }
    r->in_link = false;
    tell(r, from, to);
}

void wk_inline(wk_reader *r, uint32_t from, uint32_t to)
{
    while (from < to && wk_blank(r->s[from]))
        from++;
    while (to > from && wk_blank(r->s[to - 1]))
        to--;
    r->d->steps += to - from;
    uint32_t p = wk_next_odd(r, from, to);
    if (p == to)
        jd_mkd_text(r->d, wk_str(r, from, to), 0, 0);
    else if (!wk_usual(r, from, to, p))
        unusual(r, from, to, p);
}
