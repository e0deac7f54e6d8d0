/* wiki.h: the rooms of the wiki markup reader. Private to src/markup/wiki*.c.
 *
 * The text is mapped once (wiki_map.c). One scan for braces (wiki_tags.c) finds macros and
 * monospaced runs and pairs them. The block loop (wiki.c) goes over the lines, and calls itself for
 * what stands inside a macro or a table cell (wiki_table.c). A usual line's phrases are told as
 * they are met (wiki_usual.c), any other's in one pass that pairs and one that tells
 * (wiki_inline.c); both know links from wiki_link.c. Offsets count from the start of the text, and
 * every pass moves forward only. */
#ifndef JD_MARKUP_WIKI_H
#define JD_MARKUP_WIKI_H

#include "markup/doc.h"

#include <string.h>

typedef enum wk_name {
    WK_CODE,
    WK_NOFORMAT,
    WK_HTML,
    WK_ADF, /* so far: bodies that are not wiki markup */
    WK_QUOTE,
    WK_PANEL,
    WK_INFO,
    WK_NOTE,
    WK_TIP,
    WK_WARNING, /* so far: blocks with a body */
    WK_COLOR,
    WK_ANCHOR,
    WK_TOC,
    WK_MONO, /* {{so}} */
    WK_NAMES
} wk_name;

/* What a tag is for those who meet it. */
typedef enum wk_role {
    WK_BLOCK,   /* begins a block; the end tag is found through `shut` */
    WK_INSIDE,  /* begins {adf:display=inline} */
    WK_RUN,     /* a monospaced run, from its first brace to its last */
    WK_COLOURS, /* a start of {color:…} */
    WK_COLOURED,
    WK_NOTHING /* shows nothing */
} wk_role;

typedef struct wk_tag {
    uint32_t from, to; /* the braces and what is between them */
    uint32_t body_to;  /* WK_BLOCK, WK_INSIDE: where the end tag begins */
    uint32_t shut;     /* and where it ends */
    uint32_t next;     /* index of the first tag past that */
    uint32_t far;      /* index of the first tag from this one on that has an end tag */
    uint8_t  name, role;
} wk_tag;

/* Marks with a delimiter of their own; a citation is an em with a dash before it. */
enum { WK_CITE = JD_MK_MARKS, WK_DELIMS };

typedef enum wk_kind {
    WK_SKIP,  /* shows nothing */
    WK_DELIM, /* a mark's delimiter: `on`, `off`, or text */
    WK_WORDS, /* shown as `text` */
    WK_VERBATIM,
    WK_HARD_BREAK,
    WK_LEAF, /* mention, emoji, image: `leaf`, `text`, `more` */
    WK_LINK, /* what follows belongs to link `more`, 0 for none */
    WK_ISLAND
} wk_kind;

typedef struct wk_token {
    uint32_t from, to;
    uint8_t  kind, mark, leaf;
    bool     on, off;
    uint32_t more;
    jd_str   text;
} wk_token;

enum { WK_NEAR = 64, WK_SCOPES = 32, WK_DEPTH = 40 };

/* Sixty-four bytes of the text, a bit for each. */
enum { WK_BLOCK_BYTES = 64 };
typedef struct wk_map {
    uint64_t odd;  /* at which something may begin in a line: * _ - + ^ ~ ? { [ ! ( & : ; \ */
    uint64_t line; /* newlines */
    uint64_t brace, shut; /* { and } */
    uint64_t stop; /* at which a table's cell may end, or something that holds bars: | \ [ ! { */
} wk_map;

/* The next "!" before `to` that may end an image: a memo of wiki_link.c. */
typedef struct wk_bangs {
    uint32_t to, at;
} wk_bangs;

typedef struct wk_reader {
    jd_mk_doc  *d;
    const char *s;
    uint32_t    n;
    wk_map     *map;
    wk_tag     *tags, *near_tags;  /* near: a few on the stack, enough for most texts; behind the
                                      last one stands one that begins nowhere */
    uint32_t  ntags, tags_cap, ti; /* ti: the first tag that does not begin before here */
    wk_token *tokens, *near_tokens;
    uint32_t  ntokens, tokens_cap;
    wk_bangs  bangs[2]; /* in a line, in a link's words */
    bool      in_link;
    uint32_t  line_from, line_to; /* wiki.c: a newline and from where on it is the next */
    unsigned  depth;
} wk_reader;

/* wiki.c */
void wk_blocks(wk_reader *r, uint32_t from, uint32_t to, bool cell);
/* Where the line of p ends: at its newline or at `to`, but never inside a macro's body. Tags from
 * index *ti on are looked at. */
uint32_t wk_line_end(wk_reader *r, uint32_t p, uint32_t to, uint32_t *ti);
/* First place from p on that holds neither a blank nor a tag without a face; *tags says whether
 * there was such a tag. */
uint32_t wk_past_blanks(wk_reader *r, uint32_t p, uint32_t to, bool *tags);
/* Length of a list marker at p with the blanks behind it, or 0; *marks is without the blanks. */
uint32_t wk_list_marker(const wk_reader *r, uint32_t p, uint32_t to, uint32_t *marks);

/* wiki_map.c: maps s, for itself and for Markdown's writer; in both maps there are wk_map_blocks()
 * places. Whether there are bytes in s that are no printable ASCII, tab or newline. */
bool wk_map_text(wk_map *m, jd_mk_sight *sight, jd_str s);

/* wiki_tags.c */
void wk_find_tags(wk_reader *r);
/* A parameter of a tag: named, or with name NULL the first that has none. Empty when absent. */
jd_str wk_param(const wk_reader *r, const wk_tag *t, const char *name);

/* wiki_macro.c: the block that tag t begins, its end included. */
void wk_macro(wk_reader *r, const wk_tag *t);
/* A code block's language in small letters; empty when s cannot be one. */
jd_str wk_language(jd_mk_doc *d, jd_str s);

/* wiki_inline.c: text leaves of a line or a part of it. */
void wk_inline(wk_reader *r, uint32_t from, uint32_t to);
/* &amp; in an address is an ampersand. */
jd_str wk_address(wk_reader *r, jd_str s);
/* What stands in a monospaced run, without its escapes' backslashes and its colours. */
jd_str wk_verbatim(wk_reader *r, const wk_tag *t);

/* wiki_usual.c: tells [from, to), in which p is the first place at which something may begin;
 * false, with nothing told, when it is for wiki_inline.c. */
bool wk_usual(wk_reader *r, uint32_t from, uint32_t to, uint32_t p);

/* wiki_link.c */
typedef struct wk_found {
    uint32_t   end;              /* past the last byte */
    uint32_t   alias, alias_end; /* what is shown, when it is wiki markup (alias < alias_end) */
    jd_str     text, dest, title;
    jd_mk_kind leaf; /* TEXT, MENTION, INLINE_CARD; IMAGE */
} wk_found;
bool wk_link(wk_reader *r, uint32_t p, uint32_t to, wk_found *f);
bool wk_image(wk_reader *r, uint32_t p, uint32_t to, wk_found *f);
/* A bare URL whose colon stands at p: true, with its first byte at *from (not before `least`). */
bool wk_url(wk_reader *r, uint32_t least, uint32_t p, uint32_t to, uint32_t *from, uint32_t *end);
/* Whether what ends before p, or begins at p, beyond ASCII is a letter or a digit. */
bool wk_foreign_before(const wk_reader *r, uint32_t p, uint32_t least);
bool wk_foreign_at(const wk_reader *r, uint32_t p, uint32_t to);

/* wiki_table.c: rows from the "|" at p on; returns where the table ends. In a list the next item
 * ends it, too. */
uint32_t wk_table(wk_reader *r, uint32_t p, uint32_t to, bool list);

/* wiki_entity.c: length of the entity at the front of s ("&…;"), or 0; *text is what it stands for.
 */
size_t wk_entity(jd_arena *a, jd_str s, jd_str *text);
/* Whether s, to its end, could be the inside of an entity that lacks its ";". */
bool wk_in_entity(const wk_reader *r, uint32_t p, uint32_t least);

/* wiki_html.c */
void wk_html(wk_reader *r, jd_str body);

static inline size_t wk_map_blocks(size_t n)
{
    return n / WK_BLOCK_BYTES + 2;
}
/* By a map: sixty-four bytes from p (at most the end) on, and the first place from p on that has a
 * bit, or `to`. */
#define WK_LOOK(name, where, bits)                                                              \
    static inline uint64_t wk_##name##_from(const wk_reader *r, uint32_t p)                     \
    {                                                                                           \
        unsigned at = p % WK_BLOCK_BYTES;                                                       \
        p /= WK_BLOCK_BYTES;                                                                    \
        return r->where[p].bits >> at | r->where[p + 1].bits << 1 << (WK_BLOCK_BYTES - 1 - at); \
    }                                                                                           \
    static inline uint32_t wk_next_##name(const wk_reader *r, uint32_t p, uint32_t to)          \
    {                                                                                           \
        uint64_t found;                                                                         \
        while (!(found = wk_##name##_from(r, p)))                                               \
            if ((p += WK_BLOCK_BYTES) >= to)                                                    \
                return to;                                                                      \
        p += (uint32_t)__builtin_ctzll(found);                                                  \
        return p < to ? p : to;                                                                 \
    }
WK_LOOK(odd, map, odd)
WK_LOOK(line, map, line)
WK_LOOK(brace, map, brace)
WK_LOOK(shut, map, shut)
WK_LOOK(stop, map, stop)
WK_LOOK(sight, d->sight, odd[0])

static inline jd_str wk_str(const wk_reader *r, uint32_t from, uint32_t to)
{
    return (jd_str){r->s + from, to - from};
}
/* Code and the like are blocks anywhere; what holds blocks, only down to some depth. */
static inline bool wk_is_block(const wk_reader *r, const wk_tag *t)
{
    return t->role == WK_BLOCK && (t->name <= WK_ADF || r->depth < WK_DEPTH);
}
/* What a backslash takes its meaning from. */
static inline bool wk_escapable(char c)
{
    return c && strchr("-#*_+?^~|%{}[]()!@", c);
}
static inline bool wk_blank(char c)
{
    return c == ' ' || c == '\t';
}
/* A letter or a digit of ASCII. */
static inline bool wk_alnum(unsigned char c)
{
    return (c | 0x20U) - 'a' < 26 || c - (unsigned)'0' < 10;
}
/* Whether a word's letter or digit stands before p, or at p. */
static inline bool wk_word_before(const wk_reader *r, uint32_t p, uint32_t least)
{
    if (p <= least)
        return false;
    unsigned char c = (unsigned char)r->s[p - 1];
    return c < 0x80 ? wk_alnum(c) : wk_foreign_before(r, p, least);
}
static inline bool wk_word_at(const wk_reader *r, uint32_t p, uint32_t to)
{
    if (p >= to)
        return false;
    unsigned char c = (unsigned char)r->s[p];
    return c < 0x80 ? wk_alnum(c) : wk_foreign_at(r, p, to);
}

#endif
