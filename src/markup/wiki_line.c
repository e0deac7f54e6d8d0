#include "markup/wiki_writer.h"
#include "text/utf8.h"

#include <string.h>

/* Pieces */

static void add_piece(ww_writer *w, ww_piece p)
{
    if (p.text.n == 0)
        return;
    if (w->npieces == w->pieces_cap) {
        w->pieces_cap = w->pieces_cap ? w->pieces_cap * 2 : 64;
        w->pieces     = jd_xrealloc(w->pieces, w->pieces_cap * sizeof *w->pieces);
    }
    w->pieces[w->npieces++] = p;
}

/* Words, the blanks at their ends apart. */
static void add_words(ww_writer *w, jd_str s, unsigned marks, uint32_t link)
{
    size_t from = 0, to = s.n;
    while (from < to && ww_blank(s.p[from]))
        from++;
    while (to > from && ww_blank(s.p[to - 1]))
        to--;
    ww_piece p = {.link = link, .marks = (uint16_t)(marks | w->add), .blank = true};
    p.text     = jd_str_cut(s, 0, from);
    add_piece(w, p);
    p.text  = jd_str_cut(s, from, to - from);
    p.blank = false;
    add_piece(w, p);
    p.text  = jd_str_cut(s, to, s.n);
    p.blank = true;
    add_piece(w, p);
}

/* Verbatim words in the middle; a brace at an end is no part of what {{ }} can hold. */
static void add_mono(ww_writer *w, jd_str s, unsigned marks, uint32_t link)
{
    size_t from = 0, to = s.n;
    bool   fits = true;
    while (from < to && (ww_blank(s.p[from]) || s.p[from] == '{'))
        from++;
    while (to > from && (ww_blank(s.p[to - 1]) || s.p[to - 1] == '}'))
        to--;
    for (size_t i = from; i < to && fits; i++)
        fits = s.p[i] != '\\' || (i + 1 < to && !strchr(ww_escapable, s.p[i + 1]));
    if (from == to || !fits) {
        add_words(w, s, marks & ~(unsigned)JD_MK_MONO, link);
        return;
    }
    unsigned outer = marks & ~(unsigned)JD_MK_MONO;
    add_words(w, jd_str_cut(s, 0, from), outer, link);
    add_words(w, jd_str_cut(s, from, to - from), marks, link);
    add_words(w, jd_str_cut(s, to, s.n), outer, link);
}

/* Names that stand in brackets: nothing that would end them. */
static bool plain_name(jd_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (strchr("[]|!{}\\^\n", s.p[i]))
            return false;
    return s.n > 0;
}

/* The last part of a path that is a file's name with a suffix. */
static bool has_suffix(jd_str s)
{
    size_t dot = s.n;
    while (dot > 0 && s.p[dot - 1] != '.' && s.n - dot < 6)
        dot--;
    if (dot < 2 || s.p[dot - 1] != '.' || dot == s.n || s.n - dot > 5)
        return false;
    for (size_t i = dot; i < s.n; i++)
        if (!jd_utf8_is_alnum((unsigned char)s.p[i]) || (unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

/* A file on the issue: any name, when its words say the same; else one with a suffix. */
static bool is_file(jd_str dest)
{
    return plain_name(dest) && jd_str_find(dest, ':') == dest.n &&
           jd_str_find(dest, '/') == dest.n && !ww_blank(dest.p[0]) && dest.p[0] != '~' &&
           dest.p[0] != '#';
}

static bool is_attached(jd_str dest)
{
    return is_file(dest) && has_suffix(dest);
}

/* Whether a link to this is one in wiki markup. */
static bool linkable(jd_str dest)
{
    size_t colon = jd_str_find(dest, ':');
    if (dest.n < 2 || jd_str_starts(dest, JD_STR("media:")))
        return false;
    if (dest.p[0] == '#' || dest.p[0] == '/' || is_attached(dest))
        return true;
    for (size_t i = 0; i < colon && colon < dest.n; i++)
        if (!((dest.p[i] | 0x20) >= 'a' && (dest.p[i] | 0x20) <= 'z'))
            return false;
    return colon > 1 && colon + 1 < dest.n;
}

static jd_mk_extra extra_of(const ww_writer *w, const jd_mk_event *e)
{
    return e->more ? w->d->extra[e->more] : (jd_mk_extra){0};
}

static jd_str ready(ww_writer *w, const char *before, jd_str s, const char *after)
{
    return jd_arena_fmt(w->d->arena, "%s%.*s%s", before, JD_FMT(s), after);
}

static void add_ready(ww_writer *w, jd_str s, unsigned marks, uint32_t link)
{
    add_piece(w, (ww_piece){.text  = s,
                            .link  = link,
                            .marks = (uint16_t)((marks | w->add) & ~(unsigned)JD_MK_MONO),
                            .ready = true});
}

static bool is_account(jd_str id)
{
    if (jd_str_find(id, ':') < id.n)
        return true;
    for (size_t i = 0; i < id.n; i++)
        if (!strchr("0123456789abcdef", id.p[i]))
            return false;
    return id.n == 24;
}

static void add_mention(ww_writer *w, const jd_mk_event *e)
{
    jd_str id = extra_of(w, e).id;
    if (plain_name(id)) {
        add_ready(w, ready(w, is_account(id) ? "[~accountid:" : "[~", id, "]"), e->marks, 0);
        return;
    }
    add_words(w, ready(w, "@", e->text.n ? e->text : id, ""), e->marks, e->link);
}

static bool is_web(jd_str s)
{
    return jd_str_starts(s, JD_STR("https://")) || jd_str_starts(s, JD_STR("http://"));
}

static jd_str base_name(jd_str s)
{
    size_t slash = s.n;
    while (is_web(s) && slash > 0 && s.p[slash - 1] != '/')
        slash--;
    return slash < s.n ? jd_str_cut(s, slash, s.n) : s;
}

/* What an attachment is called on the issue: its alt text, as a media's id means nothing there. */
static jd_str file_name(jd_str dest, jd_str words)
{
    return jd_str_starts(dest, JD_STR("media:")) || dest.n == 0 ? words : dest;
}

static void add_image(ww_writer *w, const jd_mk_event *e)
{
    jd_str name = file_name(extra_of(w, e).dest, e->text), alt = e->text;
    bool   web = is_web(name) && jd_str_find(name, ' ') == name.n;
    if (!plain_name(name) || ww_blank(name.p[0]) || !(web || has_suffix(name)) ||
        jd_str_find(alt, '!') < alt.n || jd_str_find(alt, '"') < alt.n) {
        add_words(w, alt.n ? alt : name.n ? name : extra_of(w, e).dest, e->marks, e->link);
        return;
    }
    jd_str s = alt.n && !jd_str_eq(alt, base_name(name))
                   ? jd_arena_fmt(w->d->arena, "!%.*s|alt=\"%.*s\"!", JD_FMT(name), JD_FMT(alt))
                   : ready(w, "!", name, "!");
    add_ready(w, s, e->marks, e->link);
}

static void add_file(ww_writer *w, const jd_mk_event *e)
{
    jd_str name = file_name(extra_of(w, e).dest, e->text);
    if (is_web(name) && e->text.n) {
        add_words(w, e->text, e->marks, jd_mk_link(w->d, name, JD_NOSTR));
        return;
    }
    if (plain_name(name))
        add_ready(w, ready(w, "[^", name, "]"), e->marks, 0);
    else
        add_words(w, e->text.n ? e->text : name, e->marks, e->link);
}

static void add_card(ww_writer *w, const jd_mk_event *e)
{
    jd_str      dest = e->link ? w->d->links[e->link].dest : JD_NOSTR, words = e->text;
    const char *kind = e->kind == JD_MK_CARD ? "|smart-card]" : "|smart-link]";
    if (words.n == 0 && is_web(dest) && plain_name(dest)) {
        add_ready(w, jd_arena_fmt(w->d->arena, "[%.*s|%.*s%s", JD_FMT(dest), JD_FMT(dest), kind),
                  e->marks, 0);
        return;
    }
    if (words.n == 0)
        words = jd_str_starts(dest, JD_STR("mailto:")) ? jd_str_cut(dest, 7, dest.n) : dest;
    add_words(w, words, e->marks, e->link);
}

/* Code that has to stand in a line. */
static jd_str on_one_line(ww_writer *w, jd_str s)
{
    if (!memchr(s.p, '\n', s.n))
        return s;
    char *line = jd_arena_bytes(w->d->arena, s.n);
    for (size_t i = 0; i < s.n; i++)
        line[i] = s.p[i] == '\n' ? ' ' : s.p[i];
    return (jd_str){line, s.n};
}

static void add_leaf(ww_writer *w, const jd_mk_event *e)
{
    switch (e->kind) {
    case JD_MK_TEXT:
        if (e->marks & JD_MK_MONO)
            add_mono(w, on_one_line(w, e->text), e->marks, e->link);
        else
            add_words(w, on_one_line(w, e->text), e->marks, e->link);
        break;
    case JD_MK_STATUS:
        add_words(w, e->text, e->marks | JD_MK_STRONG, e->link);
        break;
    case JD_MK_EMOJI:
    case JD_MK_DATE:
        add_words(w, e->text, e->marks, e->link);
        break;
    case JD_MK_MENTION:
        add_mention(w, e);
        break;
    case JD_MK_IMAGE:
        add_image(w, e);
        break;
    case JD_MK_FILE:
        add_file(w, e);
        break;
    case JD_MK_CARD:
    case JD_MK_INLINE_CARD:
        add_card(w, e);
        break;
    default:
        break;
    }
}

/* Lines */

/* Blanks belong to what is on both sides of them. */
static void settle_blanks(ww_writer *w)
{
    ww_piece *p = w->pieces;
    for (uint32_t i = 0, k; i < w->npieces; i = k) {
        k = i + 1;
        if (!p[i].blank)
            continue;
        while (k < w->npieces && p[k].blank)
            k++;
        bool     inside = i > 0 && k < w->npieces;
        uint16_t marks  = inside ? p[i - 1].marks & p[k].marks & (uint16_t)~JD_MK_MONO : 0;
        uint32_t link   = inside && p[i - 1].link == p[k].link ? p[k].link : 0;
        for (uint32_t q = i; q < k; q++) {
            p[q].marks &= marks;
            p[q].link = p[q].link == link ? link : 0;
        }
    }
}

/* The first piece from i on that is not within the outermost `level` marks of piece i. */
static uint32_t span_end(ww_writer *w, uint32_t i, unsigned within)
{
    const ww_piece *p = w->pieces;
    uint32_t        k = i + 1;
    while (k < w->npieces && p[k].link == p[i].link && (p[k].marks & within) == within)
        k++;
    w->d->steps += k - i;
    return k;
}

/* What stands behind the end of a mark: 'a' for a letter, else the byte itself, or '.'. */
static char behind(const ww_writer *w, uint32_t k, uint32_t link, unsigned outer)
{
    if (k >= w->npieces)
        return '\n';
    const ww_piece *p = &w->pieces[k];
    if (p->link != link || (p->marks & ~outer & (JD_MK_MONO | (JD_MK_MONO - 1))))
        return '.';
    if (ww_word_first(p->text))
        return 'a';
    return p->text.p[0];
}

typedef struct span {
    unsigned bit;
    char     sign;
    bool     wrapped;
} span;

typedef struct stack {
    span     open[WW_SIGNS];
    unsigned n, bits;
    uint32_t link;
} stack;

static void put_sign_mark(ww_writer *w, const span *s)
{
    if (s->wrapped)
        jd_buf_addc(w->out, '{');
    jd_buf_addc(w->out, s->sign);
    if (s->wrapped)
        jd_buf_addc(w->out, '}');
}

static void pop(ww_writer *w, stack *st)
{
    span s = st->open[--st->n];
    put_sign_mark(w, &s);
    st->bits &= ~s.bit;
}

static void push(ww_writer *w, stack *st, uint32_t i, unsigned mark)
{
    span     s     = {ww_signs[mark].bit, ww_signs[mark].sign, false};
    uint32_t end   = span_end(w, i, st->bits | s.bit);
    char     after = behind(w, end, w->pieces[i].link, st->bits);
    /* at the end of a link's words stands its bar */
    if (end < w->npieces && w->pieces[end].link != w->pieces[i].link && w->pieces[i].link)
        after = '.';
    s.wrapped = ww_after_word(w) || ww_last_byte(w) == s.sign || ww_last_byte(w) == '\\' ||
                after == 'a' || after == s.sign;
    put_sign_mark(w, &s);
    st->open[st->n++] = s;
    st->bits |= s.bit;
}

/* The address of a link as it may stand between bars and brackets. */
static void put_dest(ww_writer *w, jd_str s)
{
    if (is_attached(s)) {
        jd_buf_addc(w->out, '^');
        jd_buf_adds(w->out, s);
        return;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (strchr("[]|! {}\\\n\t", s.p[i]))
            jd_buf_addf(w->out, "%%%02X", (unsigned)(unsigned char)s.p[i]);
        else
            jd_buf_addc(w->out, s.p[i]);
    }
}

static bool says_itself(const ww_writer *w, uint32_t i, uint32_t end, jd_str dest)
{
    jd_str shown = jd_str_starts(dest, JD_STR("mailto:")) ? jd_str_cut(dest, 7, dest.n) : dest;
    return end == i + 1 && !w->pieces[i].ready && dest.n && dest.p[0] != '/' &&
           jd_str_eq(w->pieces[i].text, shown);
}

static void end_link(ww_writer *w, stack *st)
{
    jd_mk_href href = w->d->links[st->link];
    jd_buf_addc(w->out, '|');
    put_dest(w, href.dest);
    if (href.title.n && plain_name(href.title)) {
        jd_buf_addc(w->out, '|');
        jd_buf_adds(w->out, href.title);
    }
    jd_buf_addc(w->out, ']');
    st->link = 0;
}

/* Links that wiki markup has no form for are told after their words. */
static void untold_links(ww_writer *w)
{
    uint32_t n = w->npieces;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t link = w->pieces[i].link;
        if (link == 0 || linkable(w->d->links[link].dest))
            continue;
        jd_str   dest = w->d->links[link].dest;
        uint32_t end  = i;
        while (end < n && w->pieces[end].link == link)
            w->pieces[end++].link = 0;
        if (end == i + 1 && jd_str_eq(w->pieces[i].text, dest)) {
            if (is_file(dest)) {
                w->pieces[i].text  = ready(w, "[^", dest, "]");
                w->pieces[i].ready = true;
            }
            continue;
        }
        w->pieces[end - 1].text =
            jd_arena_fmt(w->d->arena, "%.*s (%.*s)", JD_FMT(w->pieces[end - 1].text), JD_FMT(dest));
        i = end - 1;
    }
}

static void put_piece(ww_writer *w, uint32_t i, const stack *st, bool line_start)
{
    const ww_piece *p     = &w->pieces[i];
    char            after = behind(w, i + 1, p->link, st->bits);
    bool            last  = i + 1 == w->npieces;
    if (p->ready || p->blank) {
        jd_buf_adds(w->out, p->text);
        return;
    }
    bool mono = p->marks & JD_MK_MONO;
    if (mono && (ww_after_word(w) || after == 'a' || ww_last_byte(w) == '\\'))
        mono = false;
    if (!mono) {
        ww_text t = {.w       = w,
                     .s       = p->text,
                     .marks   = st->bits,
                     .more    = !last,
                     .in_link = st->link != 0,
                     .after   = last ? '\n' : after};
        ww_put_text(&t, line_start);
        return;
    }
    jd_buf_addz(w->out, "{{");
    for (size_t k = 0; k < p->text.n; k++) {
        if (strchr("{}", p->text.p[k]) || (st->link && strchr("[]|", p->text.p[k])) ||
            (w->in_cell && p->text.p[k] == '|'))
            jd_buf_addc(w->out, '\\');
        jd_buf_addc(w->out, p->text.p[k]);
    }
    jd_buf_addz(w->out, "}}");
    w->d->steps += p->text.n;
}

static void put_line(ww_writer *w, bool line_start)
{
    stack st = {0};
    settle_blanks(w);
    untold_links(w);
    while (w->npieces && w->pieces[w->npieces - 1].blank)
        w->npieces--;
    for (uint32_t i = 0; i < w->npieces; i++) {
        const ww_piece *p = &w->pieces[i];
        if (p->blank && line_start)
            continue;
        while (st.n && ((st.bits & ~(unsigned)p->marks) || st.link != p->link))
            pop(w, &st);
        if (st.link && st.link != p->link)
            end_link(w, &st);
        if (p->link && st.link != p->link) {
            uint32_t end = span_end(w, i, 0);
            jd_buf_addc(w->out, '[');
            if (says_itself(w, i, end, w->d->links[p->link].dest)) {
                put_dest(w, w->d->links[p->link].dest);
                jd_buf_addc(w->out, ']');
                line_start = false;
                continue;
            }
            st.link    = p->link;
            line_start = false;
        }
        for (unsigned m = 0; m < WW_SIGNS && !p->blank; m++)
            if ((p->marks & ww_signs[m].bit) && !(st.bits & ww_signs[m].bit)) {
                push(w, &st, i, m);
                line_start = false;
            }
        put_piece(w, i, &st, line_start);
        line_start = false;
    }
    while (st.n)
        pop(w, &st);
    if (st.link)
        end_link(w, &st);
    w->npieces = 0;
}

/* Breaks between two lines of a block. */
static void put_breaks(ww_writer *w, unsigned n)
{
    jd_buf_addc(w->out, '\n');
    for (; n > 1; n--)
        jd_buf_addz(w->out, "\\\\ ");
}

void ww_leaves(ww_writer *w, uint32_t from, uint32_t to, bool one_line)
{
    unsigned breaks = 0;
    bool     any    = false;
    w->npieces      = 0;
    for (uint32_t i = from; i <= to; i++) {
        const jd_mk_event *e = &w->ev[i];
        bool               edge =
            i == to || e->edge != JD_MK_LEAF || e->kind == JD_MK_BREAK || e->kind == JD_MK_RULE;
        w->d->steps++;
        if (!edge) {
            add_leaf(w, e);
            continue;
        }
        if (w->npieces) {
            size_t start = w->out->n;
            if (any && one_line)
                jd_buf_addc(w->out, ' ');
            else if (any)
                put_breaks(w, breaks ? breaks : 1);
            size_t at = w->out->n;
            put_line(w, !any || (!one_line && breaks <= 1));
            if (w->out->n > at) {
                any    = true;
                breaks = 0;
            } else if (jd_buf_ok(w->out)) { /* blanks only */
                w->out->n = start;
            }
        }
        if (i < to && e->edge == JD_MK_LEAF && e->kind == JD_MK_BREAK)
            breaks++;
    }
}

void ww_words(ww_writer *w, jd_str s, unsigned marks)
{
    w->npieces = 0;
    add_words(w, s, marks, 0);
    put_line(w, true);
}
