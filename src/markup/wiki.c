/* Jira's wiki markup: the text made clean, and the block loop. */
#include "markup/wiki.h"

#include "markup/doc_put.h"
#include "markup/markup.h"
#include "text/utf8.h"

#include <stdlib.h>

enum { LEVELS = 24 };

typedef struct level {
    uint32_t marks; /* length of its items' markers */
    bool     ordered;
} level;

typedef struct blocks {
    wk_reader *r;
    uint32_t   to;
    bool       cell, para;
    unsigned   depth;
    level      levels[LEVELS];
} blocks;

static void end_paragraph(blocks *b)
{
    if (b->para)
        jd_mkd_close(b->r->d);
    b->para = false;
}

static void end_level(blocks *b)
{
    end_paragraph(b);
    jd_mkd_close(b->r->d);
    jd_mkd_close(b->r->d);
    b->depth--;
}

static inline void end_list(blocks *b)
{
    end_paragraph(b);
    while (b->depth)
        end_level(b);
}

static inline void seek(const wk_reader *r, uint32_t *ti, uint32_t p)
{
    while (r->tags[*ti].from < p)
        ++*ti;
}

/* The newline from p on, or `to`. Many blocks may stand in one line: it is looked for once. */
static inline uint32_t newline(wk_reader *r, uint32_t p, uint32_t to)
{
    if (p < r->line_from || p > r->line_to || r->line_to == 0) {
        r->line_from = p;
        r->line_to   = wk_next_line(r, p, r->n);
        r->d->steps += r->line_to - p;
    }
    return r->line_to < to ? r->line_to : to;
}

uint32_t wk_line_end(wk_reader *r, uint32_t p, uint32_t to, uint32_t *ti)
{
    uint32_t end = newline(r, p, to);
    seek(r, ti, p);
    for (const wk_tag *t; (t = &r->tags[r->tags[*ti].far])->from < end;) {
        *ti = t->next;
        if (t->shut > end)
            end = newline(r, t->shut < to ? t->shut : to, to);
    }
    return end;
}

uint32_t wk_past_blanks(wk_reader *r, uint32_t p, uint32_t to, bool *tags)
{
    uint32_t ti = r->ti;
    for (;;) {
        while (p < to && wk_blank(r->s[p]))
            p++;
        if (p >= to || r->s[p] != '{')
            return p;
        seek(r, &ti, p);
        const wk_tag *t = &r->tags[ti];
        if (t->from != p || t->to > to || t->role == WK_RUN || t->role == WK_INSIDE ||
            wk_is_block(r, t))
            return p;
        r->d->steps += t->to - p;
        p     = t->to;
        *tags = true;
    }
}

uint32_t wk_list_marker(const wk_reader *r, uint32_t p, uint32_t to, uint32_t *marks)
{
    uint32_t q = p;
    while (q < to && (r->s[q] == '*' || r->s[q] == '#' || r->s[q] == '-'))
        q++;
    *marks = q - p;
    if (q == p || q >= to || !wk_blank(r->s[q]))
        return 0;
    while (q < to && wk_blank(r->s[q]))
        q++;
    r->d->steps += q - p;
    return q - p;
}

/* Text up to the line's end or the next block within it. */
static uint32_t text(blocks *b, uint32_t p)
{
    wk_reader *r   = b->r;
    uint32_t   end = newline(r, p, b->to), ti = r->ti;
    seek(r, &ti, p);
    for (const wk_tag *t; (t = &r->tags[r->tags[ti].far])->from < end;) {
        if (wk_is_block(r, t)) {
            end = t->from;
            break;
        }
        if (t->role == WK_INSIDE && t->shut > end)
            end = newline(r, t->shut < b->to ? t->shut : b->to, b->to);
        ti = t->role == WK_INSIDE ? t->next : (uint32_t)(t - r->tags) + 1;
    }
    wk_inline(r, p, end);
    return end;
}

static uint32_t paragraph(blocks *b, uint32_t p)
{
    if (b->para)
        jd_mk_leaf(b->r->d, JD_MK_BREAK, JD_NOSTR, 0, 0, 0);
    else
        jd_mkd_open(b->r->d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
    b->para = true;
    return text(b, p);
}

static uint32_t heading(blocks *b, uint32_t p, uint32_t rank)
{
    jd_mkd_open(b->r->d, JD_MK_HEADING, rank, JD_NOSTR);
    p = text(b, p + 3);
    jd_mkd_close(b->r->d);
    return p;
}

static uint32_t quote(blocks *b, uint32_t p)
{
    end_paragraph(b);
    jd_mkd_open(b->r->d, JD_MK_QUOTE, 0, JD_NOSTR);
    jd_mkd_open(b->r->d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
    p = text(b, p + 3);
    jd_mkd_close(b->r->d);
    jd_mkd_close(b->r->d);
    return p;
}

/* A marker's length is its depth; levels that are skipped do not exist. */
static void item(blocks *b, uint32_t marks, bool ordered)
{
    jd_mk_doc *d = b->r->d;
    end_paragraph(b);
    while (b->depth >= 2 && b->levels[b->depth - 2].marks >= marks)
        end_level(b);
    level *top = b->depth ? &b->levels[b->depth - 1] : NULL;
    if (top && (top->marks > marks || b->depth == LEVELS))
        top->marks = marks;
    if (top && top->marks == marks) {
        if (top->ordered == ordered) {
            jd_mkd_close(d);
            jd_mkd_open(d, JD_MK_ITEM, 0, JD_NOSTR);
            return;
        }
        end_level(b);
    }
    b->levels[b->depth++] = (level){marks, ordered};
    jd_mkd_open(d, ordered ? JD_MK_ORDERED : JD_MK_BULLETS, 1, JD_NOSTR);
    jd_mkd_open(d, JD_MK_ITEM, 0, JD_NOSTR);
}

static bool is_rule(const blocks *b, uint32_t p)
{
    const char *s   = b->r->s;
    uint32_t    end = p;
    while (end < b->to && end < p + 6 && s[end] == '-')
        end++;
    if (end < p + 4 || end > p + 5)
        return false;
    while (end < b->to && wk_blank(s[end]))
        end++;
    return end == b->to || s[end] == '\n';
}

static bool only_bars(const blocks *b, uint32_t p)
{
    while (p < b->to && (b->r->s[p] == '|' || wk_blank(b->r->s[p])))
        p++;
    return p == b->to || b->r->s[p] == '\n';
}

/* An item whose marker stands at p: where its text begins, or 0. */
static uint32_t marked_item(blocks *b, uint32_t p, bool *again)
{
    uint32_t marks, blanks = wk_list_marker(b->r, p, b->to, &marks);
    if (blanks == 0)
        return 0;
    item(b, marks, b->r->s[p + marks - 1] == '#');
    *again = true;
    return p + blanks;
}

/* What begins at the first byte of a line, or of a list item's text; 0 when it is plain text. */
static uint32_t begin(blocks *b, uint32_t p, bool in_item, bool *again)
{
    wk_reader  *r    = b->r;
    const char *s    = r->s + p;
    uint32_t    left = b->to - p;
    switch (*s) {
    case 'h':
        if (left < 3 || s[1] < '1' || s[1] > '6' || s[2] != '.')
            return 0;
        if (in_item)
            end_paragraph(b);
        else
            end_list(b);
        return heading(b, p, (uint32_t)(s[1] - '0'));
    case 'b':
        return left >= 3 && s[1] == 'q' && s[2] == '.' ? quote(b, p) : 0;
    case '|':
        if (b->cell || r->depth >= WK_DEPTH || only_bars(b, p))
            return 0;
        end_paragraph(b);
        return wk_table(r, p, b->to, b->depth > 0);
    case '-':
        if (!in_item && is_rule(b, p)) {
            end_list(b);
            jd_mk_leaf(r->d, JD_MK_RULE, JD_NOSTR, 0, 0, 0);
            return newline(r, p, b->to);
        }
        if (left > 1 && s[1] == '-' && !b->depth) /* a dash, not a list */
            return 0;
        return in_item ? 0 : marked_item(b, p, again);
    case '*':
    case '#':
        return in_item ? 0 : marked_item(b, p, again);
    default:
        return 0;
    }
}

/* fresh: at the first byte of a line; in_item: behind a list marker. */
void wk_blocks(wk_reader *r, uint32_t from, uint32_t to, bool cell)
{
    blocks b; /* not all of it set: `levels` is large */
    bool   fresh = true, in_item = false;
    b.r     = r;
    b.to    = to;
    b.cell  = cell;
    b.para  = false;
    b.depth = 0;
    r->depth++;
    for (uint32_t p = from; p < to;) {
        bool     tags = false, again = false;
        uint32_t end = 0;
        if (wk_blank(r->s[p]) || r->s[p] == '{')
            p = wk_past_blanks(r, p, to, &tags);
        if (p >= to)
            break;
        seek(r, &r->ti, p);
        if (r->s[p] == '\n') {
            if (fresh && !in_item && !tags)
                end_list(&b);
            fresh   = true;
            in_item = false;
            p++;
            continue;
        }
        if (r->tags[r->ti].from == p && wk_is_block(r, &r->tags[r->ti])) {
            wk_tag t = r->tags[r->ti];
            end_paragraph(&b);
            wk_macro(r, &t);
            r->ti = t.next;
            p     = t.shut;
            fresh = in_item = false;
            continue;
        }
        if (fresh)
            end = begin(&b, p, in_item, &again);
        if (end == 0)
            end = paragraph(&b, p);
        in_item = again;
        fresh   = again || (end > p && r->s[end - 1] == '\n') || (end < to && r->s[end] == '\n');
        p       = end + (!again && end < to && r->s[end] == '\n' && r->s[end - 1] != '\n');
    }
    end_list(&b);
    r->depth--;
}

/* Whether the text may have to be made clean. */
static bool map(wk_reader *r, jd_str source)
{
    size_t       n     = wk_map_blocks(source.n);
    wk_map      *map   = jd_mk_scratch(r->d, n * (sizeof *map + sizeof(jd_mk_sight)));
    jd_mk_sight *sight = (jd_mk_sight *)(void *)(map + n);
    r->map             = map;
    r->d->source       = source;
    r->d->sight        = sight;
    return wk_map_text(map, sight, source);
}

void jd_read_wiki(jd_mk_doc *d, jd_str source)
{
    enum { LONGEST = 1 << 30 };
    wk_tag    near_tags[WK_NEAR];
    wk_token  near_tokens[WK_NEAR];
    wk_reader r = {.d = d, .tags_cap = WK_NEAR, .tokens_cap = WK_NEAR};
    jd_mk_reset(d);
    if (source.n > LONGEST) {
        source = jd_utf8_head(source, LONGEST);
        jd_mk_warn(d, JD_MK_W_TOO_LONG);
    }
    d->steps += source.n;
    if (map(&r, source) && jd_utf8_clean_prefix(source) < source.n) {
        jd_buf clean = JD_BUF_INIT((size_t)LONGEST * 3);
        if (jd_utf8_valid(source) < source.n)
            jd_mk_warn(d, JD_MK_W_BAD_TEXT);
        (void)jd_utf8_clean(&clean, source, JD_CLEAN_LINES);
        source = jd_arena_dup(d->arena, jd_buf_view(&clean));
        jd_buf_release(&clean);
        (void)map(&r, source);
    }
    r.s    = source.p;
    r.n    = (uint32_t)source.n;
    r.tags = r.near_tags = near_tags;
    r.tokens = r.near_tokens = near_tokens;
    if (r.n) {
        wk_find_tags(&r);
        wk_blocks(&r, 0, r.n, false);
    }
    jd_mk_finish(d);
    if (r.tags != r.near_tags)
        free(r.tags);
    if (r.tokens != r.near_tokens)
        free(r.tokens);
}
