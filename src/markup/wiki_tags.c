/* Macros first: a scan for braces over the whole text, before anything else is looked at. */
#include "markup/wiki.h"

#include <stdlib.h>

static const struct {
    const char *word;
    uint8_t     name;
} words[] = {{"code", WK_CODE},     {"noformat", WK_NOFORMAT},
             {"html", WK_HTML},     {"adf", WK_ADF},
             {"quote", WK_QUOTE},   {"panel", WK_PANEL},
             {"info", WK_INFO},     {"note", WK_NOTE},
             {"tip", WK_TIP},       {"warning", WK_WARNING},
             {"color", WK_COLOR},   {"colour", WK_COLOR},
             {"anchor", WK_ANCHOR}, {"toc", WK_TOC}};

typedef struct scan {
    wk_reader *r;
    bool       no_end[WK_NAMES]; /* {name} does not come any more */
    uint32_t   open[WK_NAMES];   /* index of the open tag + 1 */
    uint32_t   outer;            /* innermost open block's index + 1; the next one is in `next` */
    uint32_t   line, no_mono;    /* end of the line; no "}}" before here */
} scan;

/* A name made of letters, at most eight of them. */
static bool name_at(const wk_reader *r, uint32_t p, uint32_t *end, uint8_t *name)
{
    char     word[8];
    uint32_t n = 0;
    for (; p + n < r->n && n <= sizeof word; n++) {
        char c = (char)(r->s[p + n] | 0x20);
        if (c < 'a' || c > 'z' || r->s[p + n] < 'A')
            break;
        if (n < sizeof word)
            word[n] = c;
    }
    *end = p + n;
    if (n < 3 || n > sizeof word)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == n && memcmp(words[i].word, word, n) == 0) {
            *name = words[i].name;
            return true;
        }
    return false;
}

static bool escaped(const wk_reader *r, uint32_t p)
{
    uint32_t n = 0;
    while (n < p && r->s[p - 1 - n] == '\\')
        n++;
    r->d->steps += n;
    return n & 1U;
}

/* The tag whose brace is at p; *bare says that it has no parameters. */
static bool tag_at(const wk_reader *r, uint32_t p, wk_tag *t, bool *bare)
{
    uint32_t end;
    uint8_t  name = 0;
    r->d->steps += 8;
    bool known = name_at(r, p + 1, &end, &name);
    if (end == p + 1 || end >= r->n || (r->s[end] != '}' && r->s[end] != ':'))
        return false;
    *bare = r->s[end] == '}';
    while (end < r->n && r->s[end] != '}' && r->s[end] != '\n' && (r->s[end] != '{'))
        end++;
    r->d->steps += end - p;
    if (end >= r->n || r->s[end] != '}' || escaped(r, p))
        return false;
    if (!known) {
        jd_mk_warn(r->d, JD_MK_W_UNKNOWN_MACRO);
        return false;
    }
    *t = (wk_tag){.from = p, .to = end + 1, .name = name, .role = WK_NOTHING};
    return true;
}

static wk_tag *add(wk_reader *r, wk_tag t)
{
    if (r->ntags == r->tags_cap) {
        wk_tag *old = r->tags == r->near_tags ? NULL : r->tags;
        r->tags_cap *= 2;
        r->tags = jd_xrealloc(old, r->tags_cap * sizeof t);
        if (!old)
            memcpy(r->tags, r->near_tags, WK_NEAR * sizeof t);
    }
    r->tags[r->ntags] = t;
    return &r->tags[r->ntags++];
}

static bool end_tag(const wk_reader *r, uint32_t from, uint8_t name, wk_tag *found)
{
    for (uint32_t p = from; p < r->n; p++) {
        uint32_t at = wk_next_brace(r, p, r->n), end;
        uint8_t  is;
        r->d->steps += at - p + 8;
        p = at;
        if (p < r->n && name_at(r, p + 1, &end, &is) && is == name && end < r->n &&
            r->s[end] == '}') {
            *found = (wk_tag){.from = p, .to = end + 1};
            return true;
        }
    }
    return false;
}

/* Code and the like: everything up to the first end tag is the body. */
static uint32_t take_raw(scan *c, wk_tag t)
{
    wk_tag end;
    if (c->no_end[t.name] || !end_tag(c->r, t.to, t.name, &end)) {
        c->no_end[t.name] = true;
        jd_mk_warn(c->r->d, JD_MK_W_UNCLOSED);
        (void)add(c->r, t);
        return t.to;
    }
    t.body_to = end.from;
    t.shut    = end.to;
    t.next    = c->r->ntags + 1;
    t.role    = WK_BLOCK;
    if (t.name == WK_ADF && jd_str_is(wk_param(c->r, &t, "display"), "inline"))
        t.role = WK_INSIDE;
    (void)add(c->r, t);
    return end.to;
}

/* The innermost open block is given up: it has no end. */
static void give_up(scan *c)
{
    wk_tag *t        = &c->r->tags[c->outer - 1];
    c->outer         = t->next;
    c->open[t->name] = t->shut;
    t->next = t->shut = 0;
    jd_mk_warn(c->r->d, JD_MK_W_UNCLOSED);
}

/* While a block is open, its `next` holds the one around it, and `shut` the one before it of the
 * same name. */
static void take_block(scan *c, wk_tag t, bool bare)
{
    if (!bare || c->open[t.name] == 0) {
        t.next = c->outer;
        t.shut = c->open[t.name];
        (void)add(c->r, t);
        c->outer = c->open[t.name] = c->r->ntags;
        return;
    }
    while (c->outer != c->open[t.name])
        give_up(c);
    wk_tag *begin        = &c->r->tags[c->outer - 1];
    c->outer             = begin->next;
    c->open[begin->name] = begin->shut;
    begin->role          = WK_BLOCK;
    begin->body_to       = t.from;
    begin->shut          = t.to;
    begin->next          = c->r->ntags + 1;
    (void)add(c->r, t);
}

/* {{{color:red}x{color}}}: colours may stand in a run. */
static bool colour_at(const wk_reader *r, uint32_t p)
{
    uint32_t end;
    uint8_t  name;
    return name_at(r, p + 1, &end, &name) && name == WK_COLOR;
}

static bool may_begin_mono(const scan *c, uint32_t p)
{
    const wk_reader *r  = c->r;
    uint32_t         at = p + 2;
    return at < r->n && at >= c->no_mono && (unsigned char)r->s[at] > ' ' &&
           (r->s[at] != '{' || colour_at(r, at)) && !(p > 0 && r->s[p - 1] == '\\') &&
           !wk_word_before(r, p, 0);
}

/* {{x}}: first and last byte no blank and no brace of its kind, no letter or digit around. */
static uint32_t take_mono(scan *c, uint32_t p)
{
    wk_reader *r = c->r;
    if (!may_begin_mono(c, p))
        return p + 1;
    if (c->line <= p) {
        c->line = wk_next_line(r, p, r->n);
        r->d->steps += c->line - p;
    }
    for (uint32_t q = p + 3; q + 1 < c->line; q++) {
        uint32_t here = wk_next_shut(r, q, c->line - 1);
        r->d->steps += here - q + 1;
        q = here;
        if (q >= c->line - 1)
            break;
        char before = r->s[q - 1];
        if (r->s[q + 1] != '}' || before == '\\' || wk_blank(before) ||
            (before == '}' && r->s[q - 2] != '\\'))
            continue;
        if (q + 2 < c->line && r->s[q + 2] == '}' && q >= p + 8 &&
            memcmp(r->s + q - 6, "{color", 6) == 0)
            q++;
        if (!wk_word_at(r, q + 2, c->line)) {
            (void)add(r, (wk_tag){.from = p, .to = q + 2, .name = WK_MONO, .role = WK_RUN});
            return q + 2;
        }
    }
    c->no_mono = c->line;
    return p + 1;
}

static uint32_t take_tag(scan *c, uint32_t p)
{
    wk_tag t;
    bool   bare;
    if (!tag_at(c->r, p, &t, &bare))
        return p + 1;
    if (t.name <= WK_ADF)
        return take_raw(c, t);
    if (t.name == WK_COLOR) {
        t.role = bare ? WK_COLOURED : WK_COLOURS;
        (void)add(c->r, t);
    } else if (t.name < WK_COLOR) {
        take_block(c, t, bare);
    } else {
        (void)add(c->r, t);
    }
    return t.to;
}

void wk_find_tags(wk_reader *r)
{
    scan c = {.r = r};
    r->d->steps += r->n;
    for (uint32_t p = 0; (p = wk_next_brace(r, p, r->n)) < r->n;) {
        bool twice = p + 1 < r->n && r->s[p + 1] == '{';
        if (twice)
            p = take_mono(&c, p);
        else
            p = take_tag(&c, p);
    }
    while (c.outer)
        give_up(&c);
    (void)add(r, (wk_tag){.from = UINT32_MAX, .role = WK_NOTHING, .far = r->ntags});
    for (uint32_t i = --r->ntags; i-- > 0;) {
        bool far       = r->tags[i].role == WK_BLOCK || r->tags[i].role == WK_INSIDE;
        r->tags[i].far = far ? i : r->tags[i + 1].far;
    }
}

/* Parameters are split at "|"; one without "=" has no name. */
jd_str wk_param(const wk_reader *r, const wk_tag *t, const char *name)
{
    jd_str rest = wk_str(r, t->from + 1, t->to - 1), piece;
    size_t at   = jd_str_find(rest, ':');
    rest        = jd_str_cut(rest, at + 1, rest.n);
    while (jd_str_split(&rest, '|', &piece)) {
        size_t eq = jd_str_find(piece, '=');
        r->d->steps += piece.n;
        if (!name && eq == piece.n && jd_str_trim(piece).n)
            return jd_str_trim(piece);
        if (name && eq < piece.n &&
            jd_str_ieq(jd_str_trim(jd_str_cut(piece, 0, eq)), jd_str_of(name)))
            return jd_str_trim(jd_str_cut(piece, eq + 1, piece.n));
    }
    return JD_NOSTR;
}
