/* write.h: what the Markdown writer and the plain-text writer share: blocks are walked once, in
 * blocks_write.c and table_write.c; inline_markdown.c and inline_text.c write the leaves of one
 * block. Private to src/markup.
 *
 * - A block that would show nothing is passed over (jd_mkw_shows), so separators and markers can be
 * written straight away.
 * - What stands before each line (indents and "> ") is one prepared string. */
#ifndef JD_MARKUP_WRITE_H
#define JD_MARKUP_WRITE_H

#include "base/buf.h"
#include "markup/doc.h"

#include <string.h>

enum {
    JD_MKW_PREFIX = 1024 /* more than JD_MK_DEPTH of the widest marker */
};

/* Where leaves stand. */
enum jd_mkw_where {
    JD_MKW_LINES   = 1 << 0, /* a paragraph: its lines begin lines of Markdown */
    JD_MKW_LATER   = 1 << 1, /* a paragraph whose first line follows a marker's words */
    JD_MKW_ITEM    = 1 << 2, /* begins an item of a list */
    JD_MKW_QUOTE   = 1 << 3, /* begins a quote */
    JD_MKW_UNDER   = 1 << 4, /* right below a line of words */
    JD_MKW_HEADING = 1 << 5, /* one line */
    JD_MKW_CELL    = 1 << 6  /* one line of a table's cell */
};

typedef struct jd_mkw_piece jd_mkw_piece;

typedef struct jd_mkw {
    jd_buf            *out;
    jd_mk_doc         *d;
    const jd_mk_event *ev;
    size_t   wide; /* texts that end before here in the source are copied by sixty-four bytes */
    bool     markdown, in_cell;
    unsigned on, off;          /* marks that all leaves have, and those that none has */
    uint32_t scanned, shown;   /* nothing shows in [scanned, shown) */
    uint32_t prefix_n, bare_n; /* bare: without blanks at its end */
    char     prefix[JD_MKW_PREFIX];
    jd_mkw_piece *pieces; /* owned */
    uint32_t      npieces, pieces_cap;
    jd_buf        joined; /* owned */
} jd_mkw;

/* What was written before in the same sequence of blocks. */
typedef struct jd_mkw_seq {
    bool     item;  /* the blocks of one item */
    unsigned where; /* of its first paragraph */
    int      last;  /* jd_mk_kind of the block before; -1 for none yet */
} jd_mkw_seq;

/* Appends; most pieces are a few bytes and find room. */
static inline void jd_mkw_put(jd_mkw *w, const char *p, size_t n)
{
    jd_buf *b = w->out;
    if (!b->over && n < b->cap - b->n) {
        if (n)
            memcpy(b->p + b->n, p, n);
        b->n += n;
    } else {
        jd_buf_add(b, p, n);
    }
}
static inline void jd_mkw_puts(jd_mkw *w, jd_str s)
{
    jd_mkw_put(w, s.p, s.n);
}

/* Writes the whole document. */
void jd_mkw_document(jd_mkw *w);
/* Writes what stands in [from, to) as blocks. */
void jd_mkw_blocks(jd_mkw *w, uint32_t from, uint32_t to, jd_mkw_seq *s);
/* Separates a block of this kind from the one before. */
void jd_mkw_separate(jd_mkw *w, jd_mkw_seq *s, jd_mk_kind kind);
/* Finds what shows first from here on. */
void jd_mkw_look(jd_mkw *w, uint32_t from);
/* Most texts that show begin with a letter or a sign of ASCII. */
static inline bool jd_mkw_plainly(const jd_mk_event *e)
{
    return e->kind == JD_MK_TEXT && e->text.n && e->text.p[0] > ' ';
}
/* Whether anything in [from, to) shows. Asked for places that mostly move forward, so each event is
 * looked at about once. */
static inline bool jd_mkw_shows(jd_mkw *w, uint32_t from, uint32_t to)
{
    uint32_t at = from;
    while (at < to && w->ev[at].edge == JD_MK_OPEN && w->ev[at].kind < JD_MK_PANEL)
        at++; /* opens that do not show by themselves, one in another */
    if (at < to && jd_mkw_plainly(&w->ev[at]))
        return true;
    if (from < w->scanned || from > w->shown)
        jd_mkw_look(w, from);
    return w->shown < to;
}
void jd_mkw_newline(jd_mkw *w); /* in a cell: what stands for one */
/* Nothing but white space, Unicode's included. */
bool jd_mkw_white(jd_str s);
/* End of the run of leaves that begins at `from`: the kinds that stand in a block of text. */
static inline uint32_t jd_mkw_leaves(const jd_mkw *w, uint32_t from, uint32_t to)
{
    while (from < to && w->ev[from].kind >= JD_MK_TEXT)
        from++;
    return from;
}
/* The CLOSE of an OPEN. */
static inline uint32_t jd_mkw_close(const jd_mkw *w, uint32_t open, uint32_t to)
{
    uint32_t close = w->ev[open].more;
    return close > open && close < to ? close : to;
}

/* The two ways of writing leaves as Markdown. The first gives up, with nothing written, on what is
 * tangled, and on anything but leaves. */
bool jd_mkw_in_turn(jd_mkw *w, uint32_t from, uint32_t to, unsigned where);
void jd_mkw_in_pieces(jd_mkw *w, uint32_t from, uint32_t to, unsigned where);
void jd_mkw_table(jd_mkw *w, uint32_t open, uint32_t close, jd_mkw_seq *s);
/* Leaves [from, to) of one block. */
void               jd_mkw_inline_markdown(jd_mkw *w, uint32_t from, uint32_t to, unsigned where);
void               jd_mkw_inline_text(jd_mkw *w, uint32_t from, uint32_t to, unsigned where);
static inline void jd_mkw_inline(jd_mkw *w, uint32_t from, uint32_t to, unsigned where)
{
    if (w->markdown)
        jd_mkw_inline_markdown(w, from, to, where);
    else
        jd_mkw_inline_text(w, from, to, where);
}

/* The words of a leaf that is written as text (mention, emoji, date, status, card); may be put
 * together in the document's arena. */
jd_str jd_mkw_words(jd_mkw *w, const jd_mk_event *e);
/* Where an image or a file is found, and what a file is called. */
jd_str jd_mkw_target(jd_mkw *w, const jd_mk_event *e);
jd_str jd_mkw_file_name(jd_mkw *w, const jd_mk_event *e);

/* Markdown's spelling of single things (markdown_escape.c). */
enum {
    JD_MKW_EDGE  = 0,   /* instead of a neighbour: here the block ends or begins */
    JD_MKW_BREAK = '\n' /* or the line does */
};
/* Neighbours: one of these, or an ASCII character that stands for what is there: '*' for a
 * delimiter, '[' for a link, '`' for anything else. */
void jd_mkw_escape(jd_mkw *w, jd_str s, char before, char after, bool in_link);
/* The same at a line's start; first: it is the paragraph's first line. */
void jd_mkw_escape_line(jd_mkw *w, jd_str s, char after, unsigned where, bool first);
void jd_mkw_code_span(jd_mkw *w, jd_str s);
void jd_mkw_href(jd_mkw *w, jd_str dest, jd_str title); /* "](dest "title")" */
/* "<url>" when words and destination are one and the same. */
bool               jd_mkw_autolink_same(jd_str words, jd_str dest);
static inline bool jd_mkw_autolink_ok(jd_str words, jd_str dest)
{
    return (words.n == dest.n || words.n + strlen("mailto:") == dest.n) &&
           jd_mkw_autolink_same(words, dest);
}
void jd_mkw_autolink(jd_mkw *w, jd_str words);
/* An image, a file or a card; linked: among a link's words. */
void jd_mkw_thing(jd_mkw *w, const jd_mk_event *e, bool linked);

#endif
