/* wiki_writer.h: what the parts of the wiki writer share: wiki_escape.c writes words and knows what
 * to escape in them, wiki_line.c what stands in a line, wiki_write.c the blocks. Private to
 * src/markup. */
#ifndef JD_MARKUP_WIKI_WRITER_H
#define JD_MARKUP_WIKI_WRITER_H

#include "base/buf.h"
#include "markup/doc.h"

/* A part of a line: words, or what is written as it is. */
typedef struct ww_piece {
    jd_str   text;
    uint32_t link;
    uint16_t marks;
    bool     ready; /* wiki markup already */
    bool     blank;
} ww_piece;

enum { WW_LEVELS = 24 };

typedef struct ww_writer {
    jd_buf            *out;
    jd_mk_doc         *d;
    const jd_mk_event *ev;
    ww_piece          *pieces; /* owned */
    uint32_t           npieces, pieces_cap;
    unsigned           add; /* marks for all text */
    char               markers[WW_LEVELS];
    unsigned           depth; /* of lists */
    bool               in_cell, in_quote, in_panel;
} ww_writer;

/* Marks of one letter, outermost first. */
typedef struct ww_sign {
    unsigned bit;
    char     sign;
} ww_sign;
enum { WW_SIGNS = 6 };
extern const ww_sign ww_signs[WW_SIGNS];
/* What may stand behind a backslash. */
extern const char ww_escapable[];

/* Words to be written, and what is around them; the rest is ww_put_text's own, 0 at first. */
typedef struct ww_text {
    ww_writer *w;
    jd_str     s;
    unsigned   marks;   /* around it */
    bool       more;    /* another piece follows in the line */
    bool       in_link; /* in a link's words */
    char       after;   /* what follows s: 'a' for a letter, '.' for anything else, '\n' */
    bool       looked[WW_SIGNS + 1]; /* for the last end of a sign's, or of an image's */
    size_t     last[WW_SIGNS + 1];
} ww_text;
void ww_put_text(ww_text *t, bool line_start);

static inline bool ww_blank(char c)
{
    return c == ' ' || c == '\t';
}
/* Whether a word begins s. */
bool ww_word_first(jd_str s);
/* What the output ends with, of this line. */
bool ww_after_word(const ww_writer *w);
char ww_last_byte(const ww_writer *w);

/* Leaves [from, to), what stands between those of two blocks is a break; one_line: breaks are
 * blanks. */
void ww_leaves(ww_writer *w, uint32_t from, uint32_t to, bool one_line);
/* Words without marks, a line of them. */
void ww_words(ww_writer *w, jd_str s, unsigned marks);

#endif
