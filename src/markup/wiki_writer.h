/* wiki_writer.h: what the two halves of the wiki writer share: wiki_line.c writes what stands in a
 * line and knows what to escape, wiki_write.c the blocks. Private to src/markup. */
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

/* Leaves [from, to), what stands between those of two blocks is a break; one_line: breaks are
 * blanks. */
void ww_leaves(ww_writer *w, uint32_t from, uint32_t to, bool one_line);
/* Words without marks, a line of them. */
void ww_words(ww_writer *w, jd_str s, unsigned marks);

#endif
