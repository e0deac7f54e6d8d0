/* adf_writer.h: what the two halves of the ADF writer share: adf_inline.c writes what stands in a
 * line, adf_write.c the blocks. Private to src/markup. */
#ifndef JD_MARKUP_ADF_WRITER_H
#define JD_MARKUP_ADF_WRITER_H

#include "markup/doc.h"
#include "text/jsonw.h"

typedef struct aw_writer {
    jd_jsonw           j;
    jd_mk_doc         *d;
    const jd_mk_event *ev;
    jd_str             lead;     /* stands before the next paragraph's words */
    uint32_t           local_id; /* the last one given */
    unsigned           add;      /* marks for all text */
    bool               in_caption;
} aw_writer;

/* A node's or mark's object with its type; a list or the attributes within; n ends. */
void aw_begin(aw_writer *w, const char *type);
void aw_begin_list(aw_writer *w, const char *name);
void aw_begin_attrs(aw_writer *w);
void aw_end(aw_writer *w, int n);
/* A node or mark that has its type only. */
void aw_put_bare(aw_writer *w, const char *type);

jd_mk_href  aw_href_of(const aw_writer *w, const jd_mk_event *e);
jd_mk_extra aw_extra_of(const aw_writer *w, const jd_mk_event *e);
/* The member "marks", when there are any that may stand together. */
void aw_put_marks(aw_writer *w, unsigned marks, jd_mk_href href);
/* A text node; none when s is empty. */
void aw_put_text(aw_writer *w, jd_str s, unsigned marks, jd_mk_href href);
/* Verbatim text, which may hold several lines. */
void aw_put_lines(aw_writer *w, jd_str s, unsigned marks);
/* The leaves in [from, to); between those of two blocks a break, or `joint` when there is one. */
void aw_put_leaves(aw_writer *w, uint32_t from, uint32_t to, jd_str joint);
void aw_put_card(aw_writer *w, const jd_mk_event *e, const char *type);
/* ID of "media:ID", empty for any other. */
jd_str aw_media_id(jd_str dest);
void   aw_media_attrs(aw_writer *w, const char *type, jd_str id, jd_str alt);

#endif
