/* The body of {html}: tags out, what reads as text, lists and emphasis in. No parser of pages: what
 * is not closed, closes with the block around it. */
#include "markup/wiki.h"

enum { NESTED = 16 };

typedef enum role { MARK, LINE, PARA, HEAD, LIST, ENTRY, QUOTED, PRE, DROP, HOLE } role;

static const struct element {
    const char *name;
    uint8_t     role, what;
} elements[] = {{"b", MARK, JD_MK_STRONG},
                {"strong", MARK, JD_MK_STRONG},
                {"i", MARK, JD_MK_EM},
                {"em", MARK, JD_MK_EM},
                {"cite", MARK, JD_MK_EM},
                {"u", MARK, JD_MK_UNDERLINE},
                {"ins", MARK, JD_MK_UNDERLINE},
                {"s", MARK, JD_MK_STRIKE},
                {"del", MARK, JD_MK_STRIKE},
                {"strike", MARK, JD_MK_STRIKE},
                {"sub", MARK, JD_MK_SUB},
                {"sup", MARK, JD_MK_SUP},
                {"code", MARK, JD_MK_MONO},
                {"tt", MARK, JD_MK_MONO},
                {"kbd", MARK, JD_MK_MONO},
                {"br", LINE, 0},
                {"tr", LINE, 0},
                {"p", PARA, 0},
                {"div", PARA, 0},
                {"table", PARA, 0},
                {"section", PARA, 0},
                {"dl", PARA, 0},
                {"dt", LINE, 0},
                {"dd", LINE, 0},
                {"h1", HEAD, 1},
                {"h2", HEAD, 2},
                {"h3", HEAD, 3},
                {"h4", HEAD, 4},
                {"h5", HEAD, 5},
                {"h6", HEAD, 6},
                {"ul", LIST, JD_MK_BULLETS},
                {"ol", LIST, JD_MK_ORDERED},
                {"li", ENTRY, 0},
                {"blockquote", QUOTED, 0},
                {"pre", PRE, 0},
                {"script", DROP, 0},
                {"style", DROP, 0},
                {"head", DROP, 0},
                {"title", DROP, 0},
                {"hr", HOLE, 0},
                {"img", HOLE, 1},
                {"td", HOLE, 2},
                {"th", HOLE, 2},
                {"a", HOLE, 3}};

typedef struct page {
    jd_mk_doc *d;
    jd_str     s;
    size_t     p;
    unsigned   marks[16]; /* how many of each are open, by bit */
    uint32_t   link;
    uint8_t    nested[NESTED]; /* jd_mk_kind of open lists, items and quotes */
    unsigned   depth, beyond, cells;
    bool       para, some, space; /* a paragraph is open; has text; a blank is due */
    uint8_t    head;
    size_t     no_end[sizeof elements / sizeof *elements]; /* no end tag from here on */
} page;

static unsigned marks(const page *h)
{
    unsigned m = 0;
    for (unsigned i = 0; i < JD_MK_MARKS; i++)
        m |= h->marks[i] ? 1U << i : 0;
    return m;
}

static void end_text(page *h)
{
    if (h->para)
        jd_mk_close(h->d);
    h->para = h->some = h->space = false;
    h->head                      = 0;
    h->cells                     = 0;
}

static void begin_text(page *h)
{
    if (!h->para)
        jd_mk_open(h->d, h->head ? JD_MK_HEADING : JD_MK_PARAGRAPH, h->head, JD_NOSTR);
    if (h->space && h->some)
        jd_mk_text(h->d, JD_STR(" "), marks(h) & ~(unsigned)JD_MK_MONO, h->link);
    h->para = h->some = true;
    h->space          = false;
}

/* Words, with white space between them as one blank. */
static void words(page *h, jd_str s)
{
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        while (i < s.n && !wk_blank(s.p[i]) && s.p[i] != '\n' && s.p[i] != '&')
            i++;
        if (i > from) {
            begin_text(h);
            jd_mk_text(h->d, jd_str_cut(s, from, i - from), marks(h), h->link);
        }
        if (i < s.n && s.p[i] == '&') {
            jd_str text = jd_str_cut(s, i, 1);
            size_t n    = wk_entity(h->d->arena, jd_str_cut(s, i, s.n), &text);
            begin_text(h);
            jd_mk_text(h->d, text, marks(h), h->link);
            i += n ? n : 1;
        }
        for (; i < s.n && (wk_blank(s.p[i]) || s.p[i] == '\n'); i++)
            h->space = true;
    }
}

static void line_break(page *h)
{
    if (h->para && h->some && !h->head)
        jd_mk_leaf(h->d, JD_MK_BREAK, JD_NOSTR, 0, 0, 0);
    h->some = h->space = false;
    h->cells           = 0;
}

static void nest(page *h, jd_mk_kind kind)
{
    end_text(h);
    if (h->depth == NESTED) {
        h->beyond++;
        return;
    }
    h->nested[h->depth++] = (uint8_t)kind;
    jd_mk_open(h->d, kind, kind == JD_MK_ORDERED ? 1 : 0, JD_NOSTR);
}

/* Closes the innermost of a kind and what is open inside it. */
static void unnest(page *h, jd_mk_kind kind, jd_mk_kind or_kind)
{
    unsigned i = h->depth;
    end_text(h);
    if (h->beyond) {
        h->beyond--;
        return;
    }
    while (i && h->nested[i - 1] != kind && h->nested[i - 1] != or_kind)
        i--;
    while (i && h->depth >= i) {
        jd_mk_close(h->d);
        h->depth--;
    }
}

static void entry(page *h)
{
    unsigned i = h->depth;
    end_text(h);
    if (h->beyond)
        return;
    while (i && h->nested[i - 1] != JD_MK_ITEM && h->nested[i - 1] != JD_MK_BULLETS &&
           h->nested[i - 1] != JD_MK_ORDERED)
        i--;
    if (i && h->nested[i - 1] == JD_MK_ITEM)
        unnest(h, JD_MK_ITEM, JD_MK_ITEM);
    else if (i == 0)
        nest(h, JD_MK_BULLETS);
    nest(h, JD_MK_ITEM);
}

/* Value of an attribute in the inside of a tag. */
static jd_str attribute(const page *h, jd_str tag, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 1; i + n + 1 < tag.n; i++) {
        if (!wk_blank(tag.p[i - 1]) && tag.p[i - 1] != '\n' && tag.p[i - 1] != '"')
            continue;
        if (tag.p[i + n] != '=' || !jd_str_ieq(jd_str_cut(tag, i, n), jd_str_of(name)))
            continue;
        jd_str value = jd_str_trim(jd_str_cut(tag, i + n + 1, tag.n));
        char   q     = value.n ? value.p[0] : ' ';
        if (q == '"' || q == '\'')
            return jd_str_cut(value, 1, jd_str_find(jd_str_cut(value, 1, value.n), q));
        size_t end = 0;
        while (end < value.n && (unsigned char)value.p[end] > ' ')
            end++;
        return jd_str_cut(value, 0, end);
    }
    h->d->steps += tag.n;
    return JD_NOSTR;
}

/* Addresses are text of one line, with their ampersands decoded. */
static jd_str address(page *h, jd_str s)
{
    char  *out = jd_arena_bytes(h->d->arena, s.n * 4 + 4);
    size_t n   = 0;
    for (size_t i = 0; i < s.n; i++) {
        jd_str text;
        size_t len = s.p[i] == '&' ? wk_entity(h->d->arena, jd_str_cut(s, i, s.n), &text) : 0;
        if (len && text.n <= 4) {
            memcpy(out + n, text.p, text.n);
            n += text.n;
            i += len - 1;
        } else if ((unsigned char)s.p[i] >= ' ') {
            out[n++] = s.p[i];
        }
    }
    return jd_str_trim((jd_str){out, n});
}

static void hole(page *h, uint8_t what, bool closing, jd_str tag)
{
    if (what == 0 && !closing) {
        end_text(h);
        jd_mk_leaf(h->d, JD_MK_RULE, JD_NOSTR, 0, 0, 0);
    } else if (what == 1 && !closing) {
        jd_str src = address(h, attribute(h, tag, "src"));
        jd_str alt = address(h, attribute(h, tag, "alt"));
        if (src.n == 0 || !jd_mk_safe(src))
            return;
        begin_text(h);
        jd_mk_leaf(h->d, JD_MK_IMAGE, alt, 0, h->link, jd_mk_more(h->d, JD_NOSTR, src));
    } else if (what == 2 && !closing) {
        if (h->cells++ && h->some) {
            h->space = true;
            begin_text(h);
            jd_mk_text(h->d, JD_STR("| "), 0, 0);
        }
        h->space = false;
    } else if (what == 3) {
        jd_str to = closing ? JD_NOSTR : address(h, attribute(h, tag, "href"));
        if (h->space)
            begin_text(h);
        h->link = jd_mk_link(h->d, to, JD_NOSTR);
    }
}

/* Past the end tag of e at or after h->p; *body_end is where it begins. */
static bool end_tag(page *h, const struct element *e, size_t *body_end)
{
    jd_str  name = jd_str_of(e->name);
    size_t *none = &h->no_end[e - elements];
    if (*none && h->p >= *none)
        return false;
    for (size_t i = h->p; i < h->s.n; i++) {
        const char *at = memchr(h->s.p + i, '<', h->s.n - i);
        h->d->steps += (at ? (size_t)(at - h->s.p) : h->s.n) - i + 1;
        if (!at)
            break;
        i = (size_t)(at - h->s.p);
        if (i + 1 < h->s.n && at[1] == '/' && jd_str_ieq(jd_str_cut(h->s, i + 2, name.n), name)) {
            size_t end = i + jd_str_find(jd_str_cut(h->s, i, h->s.n), '>');
            *body_end  = i;
            h->p       = end < h->s.n ? end + 1 : h->s.n;
            return true;
        }
    }
    *none = h->p ? h->p : 1;
    return false;
}

static void verbatim(page *h, const struct element *e)
{
    size_t from = h->p, end = h->s.n;
    end_text(h);
    if (!end_tag(h, e, &end))
        return;
    jd_str first = jd_str_trim(jd_str_cut(h->s, from, end - from));
    jd_str inner = jd_str_cut(first, 0, jd_str_find(first, '>')), language = JD_NOSTR;
    if (jd_str_starts(inner, JD_STR("<code")))
        language = wk_language(h->d, attribute(h, inner, "class"));
    jd_mk_open(h->d, JD_MK_CODE, 0, language);
    for (size_t i = from; i < end;) {
        size_t run = i;
        while (i < end && h->s.p[i] != '<' && h->s.p[i] != '&')
            i++;
        jd_mk_text(h->d, jd_str_cut(h->s, run, i - run), 0, 0);
        if (i < end && h->s.p[i] == '&') {
            jd_str text = jd_str_cut(h->s, i, 1);
            size_t n    = wk_entity(h->d->arena, jd_str_cut(h->s, i, end - i), &text);
            jd_mk_text(h->d, text, 0, 0);
            i += n ? n : 1;
        } else if (i < end) {
            size_t n = jd_str_find(jd_str_cut(h->s, i, end - i), '>');
            h->d->steps += n;
            i = i + n < end ? i + n + 1 : end;
        }
    }
    jd_mk_close(h->d);
}

static void element(page *h, const struct element *e, bool closing, jd_str tag)
{
    switch ((role)e->role) {
    case MARK: {
        unsigned *open = &h->marks[__builtin_ctz(e->what)];
        if (!closing && h->space)
            begin_text(h);
        *open = closing ? (*open ? *open - 1 : 0) : *open + 1;
        break;
    }
    case LINE:
        line_break(h);
        break;
    case PARA:
        end_text(h);
        break;
    case HEAD:
        end_text(h);
        h->head = closing ? 0 : e->what;
        break;
    case LIST:
        if (closing)
            unnest(h, JD_MK_BULLETS, JD_MK_ORDERED);
        else
            nest(h, (jd_mk_kind)e->what);
        break;
    case ENTRY:
        if (closing)
            unnest(h, JD_MK_ITEM, JD_MK_ITEM);
        else
            entry(h);
        break;
    case QUOTED:
        if (closing)
            unnest(h, JD_MK_QUOTE, JD_MK_QUOTE);
        else
            nest(h, JD_MK_QUOTE);
        break;
    case PRE:
        if (!closing)
            verbatim(h, e);
        break;
    case DROP: {
        size_t end;
        if (!closing)
            (void)end_tag(h, e, &end);
        break;
    }
    case HOLE:
        hole(h, e->what, closing, tag);
        break;
    }
}

/* A tag or a comment at h->p: false when the "<" is text. */
static bool markup(page *h)
{
    jd_str rest = jd_str_cut(h->s, h->p, h->s.n);
    if (jd_str_starts(rest, JD_STR("<!--"))) {
        size_t end = jd_str_search(rest, JD_STR("-->"));
        h->d->steps += end;
        h->p = end < rest.n ? h->p + end + 3 : h->s.n;
        return true;
    }
    size_t i       = 1;
    bool   closing = rest.n > 1 && rest.p[1] == '/';
    i += closing;
    size_t name = i;
    while (i < rest.n && i - name < 12 &&
           (((rest.p[i] | 0x20) >= 'a' && (rest.p[i] | 0x20) <= 'z') ||
            (i > name && rest.p[i] >= '0' && rest.p[i] <= '9')))
        i++;
    if (i == name && !(rest.n > 1 && (rest.p[1] == '!' || rest.p[1] == '?')))
        return false;
    size_t end = i;
    while (end < rest.n && rest.p[end] != '>' && rest.p[end] != '<')
        end++;
    h->d->steps += end;
    if (end >= rest.n || rest.p[end] != '>')
        return false;
    h->p += end + 1;
    for (size_t k = 0; k < sizeof elements / sizeof *elements; k++)
        if (jd_str_ieq(jd_str_cut(rest, name, i - name), jd_str_of(elements[k].name))) {
            element(h, &elements[k], closing, jd_str_cut(rest, i, end - i));
            break;
        }
    return true;
}

void wk_html(wk_reader *r, jd_str body)
{
    page h = {.d = r->d, .s = body};
    r->d->steps += body.n;
    while (h.p < body.n) {
        const char *at  = memchr(body.p + h.p, '<', body.n - h.p);
        size_t      end = at ? (size_t)(at - body.p) : body.n;
        words(&h, jd_str_cut(body, h.p, end - h.p));
        h.p = end;
        if (at && !markup(&h)) {
            words(&h, jd_str_cut(body, end, 1));
            h.p = end + 1;
        }
    }
    end_text(&h);
    while (h.depth) {
        jd_mk_close(h.d);
        h.depth--;
    }
}
