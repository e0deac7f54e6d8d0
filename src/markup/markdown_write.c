#include "markup/markdown_inline.h"
#include "markup/markup.h"

#include <stdlib.h>
#include <string.h>

/* The leaves of one block, taken apart: words, the blanks around them, breaks, and what is written
 * as a thing of its own. */
typedef enum piece_kind { WORDS, MONO, THING, BLANK, BREAK } piece_kind;

enum { LINK = JD_MKI_LINK, SPANS_MAX = JD_MK_MARKS + 1 };

struct jd_mkw_piece {
    jd_str   s;
    uint32_t link, leaf;
    uint16_t marks;
    uint8_t  kind;
};

typedef struct span {
    unsigned mark;
    uint32_t end;
    bool     html, autolink;
} span;

typedef struct spans {
    span     at[SPANS_MAX];
    unsigned n;
} spans;

/* Taking apart */

static jd_mkw_piece *add(jd_mkw *w, piece_kind kind, jd_str s, unsigned marks, uint32_t link,
                         uint32_t leaf)
{
    if (w->npieces == w->pieces_cap) {
        w->pieces_cap = w->pieces_cap ? w->pieces_cap * 2 : 64;
        w->pieces     = jd_xrealloc(w->pieces, w->pieces_cap * sizeof *w->pieces);
    }
    jd_mkw_piece *p = &w->pieces[w->npieces++];
    *p              = (jd_mkw_piece){
                     .s = s, .link = link, .leaf = leaf, .marks = (uint16_t)marks, .kind = (uint8_t)kind};
    return p;
}

static size_t white_ahead(jd_str s)
{
    size_t at = 0;
    while (at < s.n && s.p[at] == ' ')
        at++;
    if (at == s.n || s.p[at] > ' ')
        return at;
    jd_str   rest = {s.p + at, s.n - at};
    uint32_t cp;
    for (;; at = s.n - rest.n) {
        if (!jd_utf8_next(&rest, &cp) || jd_utf8_class(cp) != JD_CP_SPACE)
            return at;
    }
}

static size_t white_behind(jd_str s)
{
    size_t n = s.n;
    while (n > 0 && s.p[n - 1] == ' ')
        n--;
    while (n > 0 && s.p[n - 1] <= ' ') {
        size_t from = n - 1;
        while (from > 0 && n - from < 4 && ((unsigned char)s.p[from] & 0xc0) == 0x80)
            from--;
        jd_str   rest = {s.p + from, n - from};
        uint32_t cp   = 0;
        if (!jd_utf8_next(&rest, &cp) || jd_utf8_class(cp) != JD_CP_SPACE)
            break;
        n = from;
    }
    return s.n - n;
}

static void add_words(jd_mkw *w, jd_str s, unsigned marks, uint32_t link)
{
    size_t ahead = white_ahead(s);
    if (ahead == s.n) {
        if (s.n)
            add(w, BLANK, s, marks & ~(unsigned)JD_MK_MONO, link, 0);
        return;
    }
    if (marks & JD_MK_MONO) {
        add(w, MONO, s, marks & ~(unsigned)JD_MK_MONO, link, 0);
        return;
    }
    size_t behind = white_behind(s);
    if (ahead)
        add(w, BLANK, jd_str_cut(s, 0, ahead), marks, link, 0);
    add(w, WORDS, jd_str_cut(s, ahead, s.n - ahead - behind), marks, link, 0);
    if (behind)
        add(w, BLANK, jd_str_cut(s, s.n - behind, behind), marks, link, 0);
}

jd_str jd_mki_joined(jd_mkw *w, uint32_t from, uint32_t to)
{
    jd_buf_reset(&w->joined);
    for (uint32_t i = from; i < to; i++)
        jd_buf_adds(&w->joined, jd_mkw_words(w, &w->ev[i]));
    w->d->steps += w->joined.n;
    return jd_arena_dup(w->d->arena, jd_buf_view(&w->joined));
}

/* Words of leaves with the same marks become one piece; copied only when they lie apart. */
static uint32_t take_words(jd_mkw *w, uint32_t i, uint32_t to)
{
    const jd_mk_event *e     = &w->ev[i];
    unsigned           marks = jd_mki_marks_of(w, e);
    jd_str             s     = e->kind == JD_MK_TEXT ? e->text : jd_mkw_words(w, e);
    uint32_t           end   = i + 1;
    while (end < to && jd_mki_is_words(&w->ev[end]) && w->ev[end].link == e->link &&
           jd_mki_marks_of(w, &w->ev[end]) == marks)
        end++;
    if (end == i + 1) {
        add_words(w, s, marks, e->link);
        return end;
    }
    add_words(w, jd_mki_joined(w, i, end), marks, e->link);
    return end;
}

static void take_apart(jd_mkw *w, uint32_t from, uint32_t to)
{
    w->npieces = 0;
    for (uint32_t i = from; i < to;) {
        const jd_mk_event *e = &w->ev[i];
        if (jd_mki_is_words(e)) {
            i = take_words(w, i, to);
            continue;
        }
        unsigned marks = jd_mki_marks_of(w, e) & ~(unsigned)JD_MK_MONO;
        bool     card  = e->kind == JD_MK_CARD || e->kind == JD_MK_INLINE_CARD;
        if (e->kind == JD_MK_BREAK)
            add(w, BREAK, JD_NOSTR, marks, e->link, i);
        else if (jd_mkw_shows(w, i, i + 1) || w->ev != w->d->ev)
            add(w, THING, JD_NOSTR, marks, card ? 0 : e->link, i);
        i++;
    }
    w->d->steps += to - from;
}

/* Blanks and breaks */

static void trim_ahead(jd_str *s)
{
    while (s->n && (s->p[0] == ' ' || s->p[0] == '\t' || s->p[0] == '\n'))
        *s = jd_str_cut(*s, 1, s->n);
}

static void trim_behind(jd_str *s)
{
    while (s->n && (s->p[s->n - 1] == ' ' || s->p[s->n - 1] == '\t' || s->p[s->n - 1] == '\n'))
        s->n--;
}

/* Blanks beside a break, or at either end, go. A heading's breaks are blanks. */
static void trim_gap(jd_mkw_piece *gap, uint32_t n, bool begins, bool ends, bool one_line)
{
    bool broken = false;
    for (uint32_t i = 0; i < n; i++)
        broken |= gap[i].kind == BREAK;
    if (!broken && !begins && !ends)
        return;
    bool edge = begins;
    for (uint32_t i = 0; i < n; i++) {
        if (gap[i].kind == BREAK) {
            edge = true;
        } else if (edge) {
            trim_ahead(&gap[i].s);
            edge = gap[i].s.n == 0;
        }
    }
    edge = ends;
    for (uint32_t i = n; i-- > 0;) {
        if (gap[i].kind == BREAK) {
            edge = true;
        } else if (edge) {
            trim_behind(&gap[i].s);
            edge = gap[i].s.n == 0;
        }
    }
    if (!one_line)
        return;
    for (uint32_t i = 0; i < n; i++)
        if (gap[i].kind == BREAK) {
            gap[i].kind = BLANK;
            gap[i].s    = broken && !begins && !ends ? JD_STR(" ") : JD_NOSTR;
            broken      = false;
        }
}

/* What lies between words has the marks that both sides and all of it share. */
static void settle_blanks(jd_mkw *w, bool one_line)
{
    jd_mkw_piece *p = w->pieces;
    uint32_t      n = w->npieces, out = 0, last = UINT32_MAX;
    for (uint32_t i = 0; i < n;) {
        if (p[i].kind < BLANK) {
            last = out;
            if (out != i)
                p[out] = p[i];
            out++;
            i++;
            continue;
        }
        uint32_t end = i;
        while (end < n && p[end].kind >= BLANK)
            end++;
        trim_gap(p + i, end - i, last == UINT32_MAX, end == n, one_line);
        unsigned marks = last == UINT32_MAX ? 0 : p[last].marks;
        uint32_t link  = last == UINT32_MAX ? 0 : p[last].link;
        for (uint32_t k = i; k < end; k++)
            if (p[k].kind == BLANK && p[k].s.n) {
                marks &= p[k].marks;
                link = p[k].link == link ? link : 0;
            }
        marks &= end < n ? p[end].marks : 0;
        link = end < n && p[end].link == link ? link : 0;
        for (; i < end; i++) {
            bool outer = p[i].kind == BREAK && (last == UINT32_MAX || end == n);
            if (outer || (p[i].kind == BLANK && p[i].s.n == 0))
                continue;
            p[i].marks = (uint16_t)marks;
            p[i].link  = link;
            p[out++]   = p[i];
        }
    }
    w->npieces = out;
}

/* Spans */

static unsigned bits(const jd_mkw_piece *p)
{
    return p->marks | (p->link ? (unsigned)LINK : 0u);
}

static bool starry(unsigned mark)
{
    return mark == JD_MK_STRONG || mark == JD_MK_EM;
}

static unsigned held(const spans *s)
{
    unsigned all = 0;
    for (unsigned i = 0; i < s->n; i++)
        all |= s->at[i].mark;
    return all;
}

/* How far a mark of piece i goes on, at most to `to`. */
static uint32_t reach(jd_mkw *w, uint32_t i, unsigned mark, uint32_t to)
{
    const jd_mkw_piece *p = w->pieces;
    uint32_t            k = i + 1;
    while (k < to && (mark == LINK ? p[k].link == p[i].link : (p[k].marks & mark) != 0))
        k++;
    w->d->steps += k - i;
    return k;
}

/* The marks that begin with piece i: the one that goes furthest outermost; among equals, as they
 * are numbered. */
static unsigned begin_spans(jd_mkw *w, uint32_t i, const spans *open, span out[SPANS_MAX])
{
    unsigned need = bits(&w->pieces[i]) & ~held(open), n = 0;
    uint32_t to = open->n ? open->at[open->n - 1].end : w->npieces;
    for (unsigned k = 0; need && k < SPANS_MAX; k++) {
        unsigned mark = k == 0 ? LINK : 1u << (k - 1);
        if (!(need & mark))
            continue;
        span     s  = {.mark = mark, .end = reach(w, i, mark, to)};
        unsigned at = n++;
        for (; at > 0 && out[at - 1].end < s.end; at--)
            out[at] = out[at - 1];
        out[at] = s;
    }
    return n;
}

static jd_mki_side side_of(uint32_t cp)
{
    jd_cp_class c = jd_utf8_class(cp);
    return c == JD_CP_SPACE   ? JD_MKI_SPACE
           : c == JD_CP_PUNCT ? JD_MKI_PUNCT
           : c == JD_CP_WORD  ? JD_MKI_WORD
                              : JD_MKI_OTHER;
}

jd_mki_side jd_mki_first_side(jd_str s)
{
    if (s.n == 0 || s.p[0] == ' ')
        return JD_MKI_SPACE;
    if (s.p[0] > ' ' && s.p[0] < 0x7f) {
        unsigned char c = (unsigned char)s.p[0];
        return (unsigned char)((c | 0x20) - 'a') < 26 || (unsigned char)(c - '0') < 10
                   ? JD_MKI_WORD
                   : JD_MKI_PUNCT;
    }
    uint32_t cp = ' ';
    jd_utf8_next(&s, &cp);
    return side_of(cp);
}

jd_mki_side jd_mki_last_side(jd_str s)
{
    if (s.n == 0)
        return JD_MKI_SPACE;
    size_t from = s.n - 1;
    if (s.p[from] >= 0)
        return jd_mki_first_side((jd_str){s.p + from, 1});
    while (from > 0 && s.n - from < 4 && ((unsigned char)s.p[from] & 0xc0) == 0x80)
        from--;
    return jd_mki_first_side(jd_str_cut(s, from, s.n));
}

static jd_mki_side piece_side(const jd_mkw_piece *p, bool last)
{
    if (p->kind == BLANK)
        return JD_MKI_SPACE;
    if (p->kind != WORDS)
        return JD_MKI_PUNCT;
    return last ? jd_mki_last_side(p->s) : jd_mki_first_side(p->s);
}

/* A run of stars counts as one, and cmark-gfm does not see tildes beside stars. */
static bool unseen(const span *s)
{
    return !s->html && (starry(s->mark) || s->mark == JD_MK_STRIKE);
}

/* What follows the delimiter that ends before piece `end`, inside the spans that enclose it. */
static jd_mki_side side_after(const jd_mkw *w, const spans *open, uint32_t end, bool star)
{
    unsigned k = open->n;
    for (; k > 0 && open->at[k - 1].end == end; k--)
        if (!star || !unseen(&open->at[k - 1]))
            return JD_MKI_PUNCT;
    if (end == w->npieces)
        return JD_MKI_SPACE;
    unsigned on = 0;
    for (unsigned i = 0; i < k; i++)
        on |= open->at[i].mark;
    unsigned more = bits(&w->pieces[end]) & ~on;
    bool     seen = more && !(star && more == JD_MK_STRIKE);
    return seen && w->pieces[end].kind < BLANK ? JD_MKI_PUNCT : piece_side(&w->pieces[end], false);
}

/* Nothing but stars lies between the place and the delimiter. */
static bool first_star(const span *begin, unsigned k)
{
    while (k > 0 && starry(begin[k - 1].mark))
        k--;
    return k == 0;
}

/* Decides which of the spans that begin with piece i are written as delimiters. */
static void choose(jd_mkw *w, uint32_t i, const spans *open, span *begin, unsigned n,
                   jd_mki_side before, bool touches)
{
    spans    all;
    unsigned rest = held(open);
    memcpy(all.at, open->at, open->n * sizeof *open->at);
    all.n = open->n;
    for (unsigned k = 0; k < n; k++) {
        begin[k].html     = !jd_mki_delimited(begin[k].mark);
        all.at[all.n + k] = begin[k];
        rest |= begin[k].mark;
    }
    for (unsigned k = n; k-- > 0;) {
        span *s = &begin[k];
        if (!jd_mki_delimited(s->mark))
            continue;
        bool star  = starry(s->mark),
             joins = k + 1 < n && star && starry(begin[k + 1].mark) && !begin[k + 1].html;
        /* what the opening delimiter touches: a run of stars counts as one */
        unsigned run = k;
        while (run + 1 < n && star && starry(begin[run + 1].mark) && !begin[run + 1].html)
            run++;
        jd_mki_side in = run + 1 < n ? JD_MKI_PUNCT : piece_side(&w->pieces[i], false);
        unsigned    up = k;
        while (up > 0 && star && jd_mki_delimited(begin[up - 1].mark))
            up--;
        jd_mki_side out = up > 0 ? JD_MKI_PUNCT : before;
        bool        ok  = jd_mki_flanks(in, out) && !(star && touches && first_star(begin, k));
        /* and the closing one */
        all.n = open->n + k;
        for (unsigned q = 0; q < k; q++)
            all.at[open->n + q].html = begin[q].html;
        bool inner = k + 1 < n && begin[k + 1].end == s->end;
        run        = k;
        while (inner && joins && run + 1 < n && begin[run + 1].end == s->end &&
               starry(begin[run + 1].mark) && !begin[run + 1].html)
            run++;
        const jd_mkw_piece *tail  = &w->pieces[s->end - 1];
        bool                later = (bits(tail) & ~rest) != 0;
        if (later || (inner && (!joins || (run + 1 < n && begin[run + 1].end == s->end))))
            in = JD_MKI_PUNCT;
        else
            in = piece_side(tail, true);
        ok      = ok && jd_mki_flanks(in, side_after(w, &all, s->end, star));
        s->html = !ok;
    }
}

const jd_mki_spelling jd_mki_spellings[JD_MK_MARKS] = {
    {JD_STR_INIT("<u>"), JD_STR_INIT("</u>"), JD_STR_INIT("<u>"), JD_STR_INIT("</u>")},
    {JD_STR_INIT("~~"), JD_STR_INIT("~~"), JD_STR_INIT("<del>"), JD_STR_INIT("</del>")},
    {JD_STR_INIT("**"), JD_STR_INIT("**"), JD_STR_INIT("<strong>"), JD_STR_INIT("</strong>")},
    {JD_STR_INIT("*"), JD_STR_INIT("*"), JD_STR_INIT("<em>"), JD_STR_INIT("</em>")},
    {JD_STR_INIT("<sub>"), JD_STR_INIT("</sub>"), JD_STR_INIT("<sub>"), JD_STR_INIT("</sub>")},
    {JD_STR_INIT("<sup>"), JD_STR_INIT("</sup>"), JD_STR_INIT("<sup>"), JD_STR_INIT("</sup>")},
    {JD_STR_INIT("`"), JD_STR_INIT("`"), JD_STR_INIT("`"), JD_STR_INIT("`")},
};

static unsigned mark_index(unsigned mark)
{
    return (unsigned)__builtin_ctz(mark);
}

static bool in_link(const spans *open)
{
    for (unsigned i = 0; i < open->n; i++)
        if (open->at[i].mark == LINK)
            return true;
    return false;
}

static void end_span(jd_mkw *w, const span *s, uint32_t link)
{
    if (s->mark == LINK) {
        if (!s->autolink)
            jd_mkw_href(w, w->d->links[link].dest, w->d->links[link].title);
        return;
    }
    unsigned k = mark_index(s->mark);
    jd_mkw_puts(w, s->html ? jd_mki_spellings[k].html_close : jd_mki_spellings[k].close);
}

/* A link whose only words are its destination. */
static bool only_address(const jd_mkw *w, uint32_t i, const span *s)
{
    const jd_mkw_piece *p = &w->pieces[i];
    const jd_mk_href   *l = &w->d->links[p->link];
    return s->end == i + 1 && p->kind == WORDS && l->title.n == 0 &&
           jd_mkw_autolink_ok(p->s, l->dest);
}

/* Opens what begins with piece i; true when anything does. */
static bool open_spans(jd_mkw *w, uint32_t i, spans *open, jd_mki_side before, bool touches)
{
    span begin[SPANS_MAX];
    if (!(bits(&w->pieces[i]) & ~held(open)))
        return false;
    unsigned n = begin_spans(w, i, open, begin);
    choose(w, i, open, begin, n, before, touches);
    for (unsigned k = 0; k < n; k++) {
        span *s = &begin[k];
        if (s->mark == LINK) {
            s->autolink = k + 1 == n && only_address(w, i, s);
            if (!s->autolink)
                jd_buf_addc(w->out, '[');
        } else {
            unsigned m = mark_index(s->mark);
            jd_mkw_puts(w, s->html ? jd_mki_spellings[m].html_open : jd_mki_spellings[m].open);
        }
        open->at[open->n++] = *s;
    }
    return n > 0;
}

/* Pieces */

/* What a word's last character sees. */
static char char_after(const jd_mkw *w, uint32_t i, const spans *open)
{
    if (i + 1 >= w->npieces)
        return open->n ? '*' : JD_MKW_EDGE;
    const jd_mkw_piece *next = &w->pieces[i + 1];
    if (open->n && open->at[open->n - 1].end == i + 1)
        return next->kind == BLANK && next->s.p[0] > 0 ? '*' : '`';
    if (next->kind == BREAK)
        return JD_MKW_BREAK;
    if (next->kind == BLANK)
        return next->s.p[0] > 0 ? ' ' : '`'; /* addresses end at ASCII's blanks only */
    bool link = next->link && !in_link(open);
    if (next->kind == THING && w->ev[next->leaf].kind == JD_MK_FILE)
        link = true;
    return link ? '[' : '`';
}

/* Without the run of # that would be taken for a heading's closing one. */
void jd_mki_put_last_of_heading(jd_mkw *w, jd_str s, char before)
{
    size_t n = s.n;
    while (n > 0 && s.p[n - 1] == '#')
        n--;
    char edge = n ? s.p[n - 1] : before;
    if (n == s.n || !(edge == JD_MKW_EDGE || edge == ' ' || edge == '\t')) {
        jd_mkw_escape(w, s, before, JD_MKW_EDGE, false);
        return;
    }
    jd_mkw_escape(w, jd_str_cut(s, 0, n), before, '*', false);
    jd_buf_addc(w->out, '\\');
    jd_mkw_put(w, s.p + n, s.n - n);
}

typedef struct line {
    unsigned    where;
    bool        begins, first;   /* nothing on this line yet; no line before it */
    bool        closed, touches; /* the last thing written was a delimiter, of stars */
    jd_mki_side before;
    char        last; /* as words see it */
} line;

static void put_words(jd_mkw *w, uint32_t i, const spans *open, const line *l)
{
    jd_str s      = w->pieces[i].s;
    char   after  = char_after(w, i, open);
    bool   linked = in_link(open);
    if (open->n && open->at[open->n - 1].autolink) {
        jd_mkw_autolink(w, s);
        return;
    }
    bool traps = l->where & JD_MKW_LINES || (l->where & JD_MKW_LATER && !l->first);
    if (l->begins && traps)
        jd_mkw_escape_line(w, s, after, l->where, l->first);
    else if (l->where & JD_MKW_HEADING && after == JD_MKW_EDGE && !linked)
        jd_mki_put_last_of_heading(w, s, l->last);
    else
        jd_mkw_escape(w, s, l->last, after, linked);
}

static void put_break(jd_mkw *w, line *l)
{
    if (!w->in_cell)
        jd_buf_addc(w->out, '\\');
    jd_mkw_newline(w);
    l->begins = true;
    l->first  = false;
    l->before = w->in_cell ? JD_MKI_PUNCT : JD_MKI_SPACE;
    l->last   = JD_MKW_EDGE;
}

static void put_piece(jd_mkw *w, uint32_t i, const spans *open, line *l)
{
    const jd_mkw_piece *p = &w->pieces[i];
    switch ((piece_kind)p->kind) {
    case WORDS:
        put_words(w, i, open, l);
        break;
    case MONO:
        jd_mkw_code_span(w, p->s);
        break;
    case THING:
        jd_mkw_thing(w, &w->ev[p->leaf], in_link(open));
        break;
    case BLANK:
        if (p->s.n == 1 && p->s.p[0] == ' ')
            jd_buf_addc(w->out, ' ');
        else
            jd_mkw_escape(w, p->s, '*', '*', false);
        break;
    case BREAK:
        put_break(w, l);
        l->touches = false;
        return;
    }
    l->before  = piece_side(p, true);
    l->last    = p->kind == BLANK ? ' ' : '*';
    l->begins  = false;
    l->touches = false;
}

static void put_pieces(jd_mkw *w, unsigned where)
{
    spans open = {.n = 0};
    line  l    = {
            .where = where, .begins = true, .first = true, .before = JD_MKI_SPACE, .last = JD_MKW_EDGE};
    for (uint32_t i = 0; i <= w->npieces; i++) {
        while (open.n && open.at[open.n - 1].end == i) {
            const span *s = &open.at[--open.n];
            end_span(w, s, w->pieces[i - 1].link);
            l.touches = starry(s->mark) && !s->html;
            if (s->html || s->mark != JD_MK_STRIKE)
                l.before = JD_MKI_PUNCT;
            l.last = '*';
        }
        if (i == w->npieces)
            return;
        if (w->pieces[i].kind < BLANK && open_spans(w, i, &open, l.before, l.touches)) {
            l.begins = false;
            l.last   = '*';
        }
        put_piece(w, i, &open, &l);
    }
}

void jd_mkw_in_pieces(jd_mkw *w, uint32_t from, uint32_t to, unsigned where)
{
    take_apart(w, from, to);
    settle_blanks(w, (where & JD_MKW_HEADING) != 0);
    put_pieces(w, where);
}

void jd_mkw_inline_markdown(jd_mkw *w, uint32_t from, uint32_t to, unsigned where)
{
    if (!jd_mkw_in_turn(w, from, to, where))
        jd_mkw_in_pieces(w, from, to, where);
}

void jd_write_markdown(jd_buf *out, jd_mk_doc *d)
{
    jd_mkw w = {.out = out, .d = d, .markdown = true, .joined = JD_BUF_INIT(SIZE_MAX / 4)};
    jd_mkw_document(&w);
    free(w.pieces);
    jd_buf_release(&w.joined);
}
