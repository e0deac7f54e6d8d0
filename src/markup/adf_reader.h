/* adf_reader.h: what the two halves of the ADF reader share: adf_leaf.c knows what stands in a
 * line, adf_read.c the blocks and what to do with nodes that stand where they do not belong.
 * Private to src/markup. */
#ifndef JD_MARKUP_ADF_READER_H
#define JD_MARKUP_ADF_READER_H

#include "markup/doc.h"
#include "text/json.h"

/* Where a node stands, as this reader sees it: it decides what is done with a node that does not
 * belong there. */
typedef enum ar_place {
    AR_BLOCKS,
    AR_LINE, /* leaves only: blocks become lines */
    AR_LIST,
    AR_TASKS,
    AR_DECISIONS,
    AR_TABLE,
    AR_ROW
} ar_place;

typedef enum ar_class {
    AR_IS_UNKNOWN,
    AR_IS_INLINE,
    AR_IS_BLOCK,
    AR_IS_THROUGH, /* no frame of its own */
    AR_IS_ITEM,
    AR_IS_TASK,
    AR_IS_DECISION,
    AR_IS_TABLE_ROW,
    AR_IS_CELL
} ar_class;

typedef struct ar_reader {
    jd_mk_doc *d;
    jd_buf     scratch;
    bool newline; /* a block among leaves began or ended: the next leaf stands on a new line */
} ar_reader;

typedef struct ar_type ar_type;

typedef struct ar_node {
    const ar_type *type;
    const jd_json *attrs, *content, *marks, *text;
} ar_node;

typedef void ar_maker(ar_reader *r, const ar_node *n, ar_place where);

struct ar_type {
    jd_str name;
    uint8_t class, kind, inner; /* class, jd_mk_kind, place of the content */
    ar_maker   *make;
    const char *words; /* the attribute that the OPEN's text is taken from */
    uint32_t (*num)(const ar_node *n);
};

/* What is in the scratch buffer, copied to the arena; the buffer is empty again. */
jd_str ar_kept(ar_reader *r);
/* A string, or a number's spelling, without control characters, lines ended by newlines. */
jd_str ar_text_of(ar_reader *r, const jd_json *v);
/* An attribute as one line of text; or as a number between low and high. */
jd_str   ar_attr_line(ar_reader *r, const ar_node *n, const char *name);
uint32_t ar_attr_number(const ar_node *n, const char *name, int64_t otherwise, int64_t low,
                        int64_t high);
/* Text in which a newline is a break. */
void     ar_words(ar_reader *r, jd_str s, unsigned marks, uint32_t link);
unsigned ar_marks_of(ar_reader *r, const ar_node *n, uint32_t *link);
/* Adds an IMAGE or a FILE, if the node says anything of it. */
void ar_media_leaf(ar_reader *r, const ar_node *n, jd_mk_kind kind, unsigned marks, uint32_t link);
/* Content, which ought to be an array of nodes but may be anything. */
void ar_content_of(ar_reader *r, const jd_json *content, ar_place where);

/* Makers of the nodes that stand in a line, and of those that are written alike in both places. */
ar_maker ar_make_text, ar_make_break, ar_make_mention, ar_make_emoji, ar_make_date, ar_make_status,
    ar_make_nothing, ar_make_extension, ar_make_inline_extension, ar_make_card,
    ar_make_media_inline, ar_make_media;

#endif
