/* Most blocks need not be taken apart: words without marks and words with some, or code, or a link,
 * in turn, on one line or several. What is beside a delimiter is then the next character. */
#include "markup/markdown_inline.h"
#include "markup/markdown_scan.h"

#include <string.h>

#define HOT  static inline __attribute__((always_inline))
#define COLD static __attribute__((noinline))

/* Words with the same marks and link, which are written as one. */
typedef struct words {
    jd_str             s, right; /* right: what follows */
    bool               broken;   /* a break follows */
    const jd_mk_event *end;      /* past the last leaf; NULL when this is for others to write */
} words;

/* Where the next words stand. */
typedef struct line {
    unsigned where;
    unsigned bits;   /* of the words before, 0 for none */
    uint32_t breaks; /* before the next words */
    bool     begins; /* nothing on this line yet */
    bool     first;  /* no line before it */
    jd_str   left;   /* the words before on this line, or what stands for its beginning */
} line;

HOT unsigned bits_of(const jd_mkw *w, const jd_mk_event *e)
{
    return jd_mki_marks_of(w, e) | (e->link ? (unsigned)JD_MKI_LINK : 0u);
}

COLD bool firm_ends(jd_str s)
{
    return jd_mki_first_side(s) != JD_MKI_SPACE && jd_mki_last_side(s) != JD_MKI_SPACE;
}

/* Text, of a byte at least, whose ends are words. */
HOT bool firm(jd_str s)
{
    return (s.p[0] > ' ' && s.p[s.n - 1] > ' ') || firm_ends(s);
}

COLD bool firm_within(jd_str s)
{
    while (s.n && s.p[0] == ' ')
        s = (jd_str){s.p + 1, s.n - 1};
    while (s.n && s.p[s.n - 1] == ' ')
        s.n--;
    return s.n == 0 || firm_ends(s);
}

/* Blanks, or text whose ends are words once its plain blanks are gone. */
HOT bool firm_or_blank(jd_str s)
{
    size_t ahead = s.p[0] == ' ', behind = s.p[s.n - 1] == ' ';
    return (s.n > ahead + behind && s.p[ahead] > ' ' && s.p[s.n - 1 - behind] > ' ') ||
           firm_within(s);
}

/* The breaks that were met, now that words follow; false when a span goes on behind them. */
COLD bool put_breaks(jd_mkw *w, line *l, unsigned bits)
{
    if (l->bits & bits)
        return false;
    for (; l->breaks; l->breaks--) {
        if (!w->in_cell)
            jd_buf_addc(w->out, '\\');
        jd_mkw_newline(w);
    }
    l->first = false;
    l->left  = w->in_cell ? JD_STR(">") : JD_STR(" ");
    return true;
}

/* Words without marks that need more care: what is beside them counts, they end a heading, or they
 * begin a line that could be taken for another block. */
COLD void put_careful(jd_mkw *w, const line *l, jd_str s, char after)
{
    char before = l->begins ? JD_MKW_EDGE : '*';
    if (l->begins && (l->where & JD_MKW_LINES || (l->where & JD_MKW_LATER && !l->first)))
        jd_mkw_escape_line(w, s, after, l->where, l->first);
    else if (l->where & JD_MKW_HEADING && after == JD_MKW_EDGE)
        jd_mki_put_last_of_heading(w, s, before);
    else
        jd_mkw_escape(w, s, before, after, false);
}

HOT bool alpha(char c)
{
    return (unsigned char)((c | 0x20) - 'a') < 26;
}

COLD char after_plain(jd_str s, const jd_mk_event *next, bool last, bool broken)
{
    if (last || broken)
        return last ? JD_MKW_EDGE : JD_MKW_BREAK;
    return s.p[s.n - 1] == ' ' ? '*' : next->link ? '[' : '`';
}

/* Words without marks; next is the leaf behind them. Where they stand is as good as random: no
 * branch of the usual way asks. */
HOT bool put_plain(jd_mkw *w, line *l, jd_str *text, const jd_mk_event *next, bool last,
                   bool broken)
{
    bool   ends = last | broken;
    jd_str s    = *text;
    while ((l->begins & (s.p[0] == ' ')) && --s.n)
        s.p++;
    while (s.n && (ends & (s.p[s.n - 1] == ' ')))
        s.n--;
    *text = s;
    if (s.n == 0) /* before the break that came last there may be words that took it for one */
        return !ends || (l->begins ? !last || !l->breaks : last);
    if (!firm_or_blank(s) || (l->breaks && !put_breaks(w, l, 0)))
        return false;
    char end = s.p[s.n - 1];
    bool care =
        (l->begins & !alpha(s.p[0])) | (last & (end == '#')) | (!ends & (end != ' ')) | broken;
    char *to = jd_mks_room(w, s.n);
    l->bits  = 0;
    if (!care && to && jd_mks_copy(w, to, s, JD_MKS_WORDS, false) == s.n) {
        w->out->n += s.n;
        w->d->steps += s.n;
    } else {
        put_careful(w, l, s, after_plain(s, next, last, broken));
    }
    return true;
}

HOT void put_link(jd_mkw *w, jd_str s, const jd_mk_href *l, char after)
{
    if (l->title.n == 0 && jd_mkw_autolink_ok(s, l->dest)) {
        jd_mkw_autolink(w, s);
        return;
    }
    jd_buf_addc(w->out, '[');
    jd_mks_put_words(w, s, '*', after, true);
    jd_mkw_href(w, l->dest, l->title);
}

/* Several marks, between blanks: all of them work. */
COLD void put_nest(jd_mkw *w, jd_str s, unsigned bits, uint32_t link, char after)
{
    unsigned marks = bits & (JD_MKI_LINK - 1u) & ~(unsigned)JD_MK_MONO;
    if (link)
        jd_buf_addc(w->out, '[');
    for (unsigned k = 0; k < JD_MK_MARKS; k++)
        if (marks >> k & 1)
            jd_mkw_puts(w, jd_mki_delimited(1u << k) ? jd_mki_spellings[k].open
                                                     : jd_mki_spellings[k].html_open);
    if (bits & JD_MK_MONO)
        jd_mkw_code_span(w, s);
    else
        jd_mkw_escape(w, s, '*', after, link != 0);
    for (unsigned k = JD_MK_MARKS; k-- > 0;)
        if (marks >> k & 1)
            jd_mkw_puts(w, jd_mki_delimited(1u << k) ? jd_mki_spellings[k].close
                                                     : jd_mki_spellings[k].html_close);
    if (link)
        jd_mkw_href(w, w->d->links[link].dest, w->d->links[link].title);
}

/* One mark, with its delimiter or as HTML, or code. */
COLD void put_spelled(jd_mkw *w, jd_str s, unsigned mark, bool html, char after)
{
    const jd_mki_spelling *sign = &jd_mki_spellings[__builtin_ctz(mark)];
    if (mark == JD_MK_MONO) {
        jd_mkw_code_span(w, s);
        return;
    }
    jd_mkw_puts(w, html ? sign->html_open : sign->open);
    jd_mkw_escape(w, s, '*', after, false);
    jd_mkw_puts(w, html ? sign->html_close : sign->close);
}

/* Words with a mark that has a delimiter and works, or code; false when they need more care. */
HOT bool put_delimited(jd_mkw *w, jd_str s, unsigned mark, char after)
{
    jd_str sign = jd_mki_spellings[__builtin_ctz(mark)].open;
    char  *to   = jd_mks_room(w, s.n);
    bool   code = mark == JD_MK_MONO;
    if (!to || (!code && jd_mks_runs_on(w, after)))
        return false;
    memcpy(to, sign.p, 2); /* of one that is shorter, the NUL: what follows covers it */
    if (jd_mks_copy(w, to + sign.n, s, JD_MKS_SPAN, code) < s.n)
        return false;
    memcpy(to + sign.n + s.n, sign.p, 2);
    w->out->n += s.n + 2 * sign.n;
    w->d->steps += s.n;
    return true;
}

COLD bool works_beside(jd_str left, jd_str s, jd_str right)
{
    return jd_mki_flanks(jd_mki_first_side(s), jd_mki_last_side(left)) &&
           jd_mki_flanks(jd_mki_last_side(s), jd_mki_first_side(right));
}

HOT bool put_marked(jd_mkw *w, line *l, jd_str s, unsigned bits, uint32_t link, jd_str right,
                    bool broken)
{
    if (!firm(s) || (!l->begins && l->bits) || (l->breaks && !put_breaks(w, l, bits)))
        return false;
    bool open  = l->begins || l->left.p[l->left.n - 1] == ' ';
    bool shut  = broken || right.p[0] == ' ';
    char after = !broken && shut ? '*' : '`';
    l->bits    = bits;
    if (bits == JD_MKI_LINK) {
        put_link(w, s, &w->d->links[link], after);
    } else if (bits & (bits - 1)) {
        if (!open || !shut)
            return false;
        put_nest(w, s, bits, link, after);
    } else {
        bool html = bits != JD_MK_MONO && (!jd_mki_delimited(bits) ||
                                           (!(open && shut) && !works_beside(l->left, s, right)));
        if (html || !put_delimited(w, s, bits, after))
            put_spelled(w, s, bits, html, after);
    }
    return true;
}

/* The words that begin with leaf e, which is no break. */
COLD words take_any(jd_mkw *w, const jd_mk_event *e, const jd_mk_event *end)
{
    const jd_mk_event *next = e + 1;
    words              x    = {.right = JD_STR(" ")};
    if (!jd_mki_is_words(e))
        return x;
    while (next < end && jd_mki_is_words(next) && next->link == e->link &&
           bits_of(w, next) == bits_of(w, e))
        next++;
    if (next < end && next->kind == JD_MK_BREAK) {
        x.broken = true;
        x.right  = JD_STR("\\");
    } else if (next < end) {
        if (!jd_mki_is_words(next))
            return x;
        x.right = jd_mkw_words(w, next);
    }
    x.s   = next == e + 1 ? jd_mkw_words(w, e)
                          : jd_mki_joined(w, (uint32_t)(e - w->ev), (uint32_t)(next - w->ev));
    x.end = next;
    return x;
}

static bool in_turn(jd_mkw *w, const jd_mk_event *e, const jd_mk_event *end, unsigned where)
{
    enum { ALL = (1 << JD_MK_MARKS) - 1 };
    const size_t       back = w->out->n;
    const unsigned     on = w->on, keep = ~w->off & ALL;
    line               l = {.where = where, .begins = true, .first = true, .left = JD_STR(" ")};
    const jd_mk_event *next;
    for (; e < end; e = next) {
        jd_str   s = e->text, right = JD_STR(" ");
        uint32_t link = e->link;
        unsigned bits = ((e->marks | on) & keep) | (link ? (unsigned)JD_MKI_LINK : 0u);
        bool     last, broken = false;
        next = e + 1;
        last = next == end;
        if (e->kind != JD_MK_TEXT ||
            (!last && (next->kind != JD_MK_TEXT ||
                       (((next->marks | on) & keep) == (bits & ALL) && next->link == link)))) {
            if (e->kind == JD_MK_BREAK && !(where & JD_MKW_HEADING)) {
                l.breaks += w->out->n > back;
                l.begins = true;
                continue;
            }
            words x = take_any(w, e, end);
            if (!x.end)
                return false;
            bits   = bits_of(w, e);
            s      = x.s;
            right  = x.right;
            broken = x.broken;
            next   = x.end;
            last   = next == end;
        } else if (!last) {
            right = next->text;
        }
        if (s.n == 0 || right.n == 0 ||
            !(bits ? put_marked(w, &l, s, bits, link, right, broken)
                   : put_plain(w, &l, &s, next, last, broken)))
            return false;
        if (s.n) {
            l.left   = s;
            l.begins = false;
        }
    }
    return true;
}

/* A text without marks at whose ends other than plain blanks stand. */
COLD void put_only(jd_mkw *w, jd_str s, unsigned where)
{
    const line l = {.where = where, .begins = true, .first = true};
    put_careful(w, &l, jd_str_trim(s), JD_MKW_EDGE);
}

bool jd_mkw_in_turn(jd_mkw *w, uint32_t from, uint32_t to, unsigned where)
{
    const jd_mk_event *e = w->ev + from, *end = w->ev + to;
    size_t             back = w->out->n;
    w->d->steps += to - from;
    while (end > e && end[-1].kind == JD_MK_BREAK)
        end--;
    if (in_turn(w, e, end, where))
        return true;
    w->out->n = back;
    if (to > from + 1 || e->kind != JD_MK_TEXT || bits_of(w, e))
        return false;
    put_only(w, e->text, where);
    return true;
}
