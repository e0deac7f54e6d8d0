/* doc_put.h: jd_mk_open, jd_mk_close and jd_mk_text in place, for readers that call them for every
 * word. Private to src/markup. */
#ifndef JD_MARKUP_DOC_PUT_H
#define JD_MARKUP_DOC_PUT_H

#include "markup/doc.h"

/* How many levels below a block there must be room for: a list that stands has its items, a table
 * its cells, and there is always a place for an implied paragraph. */
static const uint8_t jd_mkd_levels[JD_MK_BLOCKS] = {
    [JD_MK_PARAGRAPH] = 0, [JD_MK_HEADING] = 0, [JD_MK_BULLETS] = 2, [JD_MK_ORDERED] = 2,
    [JD_MK_ITEM] = 1,      [JD_MK_TASKS] = 2,   [JD_MK_TASK] = 1,    [JD_MK_DECISIONS] = 2,
    [JD_MK_DECISION] = 1,  [JD_MK_CODE] = 0,    [JD_MK_QUOTE] = 1,   [JD_MK_PANEL] = 1,
    [JD_MK_EXPAND] = 1,    [JD_MK_TABLE] = 3,   [JD_MK_ROW] = 2,     [JD_MK_CELL] = 1,
    [JD_MK_FIGURE] = 1,    [JD_MK_FILES] = 1};

/* A block's last event, for which there is room. */
static inline void jd_mkd_end(jd_mk_doc *d)
{
    uint32_t     at    = d->open[--d->depth];
    jd_mk_event *begun = &d->ev[at];
    begun->more        = d->n;
    d->ev[d->n++] =
        (jd_mk_event){.kind = begun->kind, .edge = JD_MK_CLOSE, .num = begun->num, .more = at};
    d->implied = false;
}

/* A block's first event, for which there is room. */
static inline void jd_mkd_begin(jd_mk_doc *d, jd_mk_kind kind, uint32_t num, jd_str text)
{
    d->open[d->depth++] = d->n;
    d->holds[d->depth]  = jd_mk_holds_text(kind);
    d->ev[d->n++] =
        (jd_mk_event){.kind = (uint8_t)kind, .edge = JD_MK_OPEN, .num = num, .text = text};
}

static inline void jd_mkd_add(jd_mk_doc *d, jd_mk_kind kind, jd_str text, unsigned marks,
                              uint32_t link, uint32_t more)
{
    d->ev[d->n++] = (jd_mk_event){
        .kind = (uint8_t)kind, .marks = (uint16_t)marks, .link = link, .more = more, .text = text};
}

/* Whether the last event could be made longer by it; there is one. */
static inline bool jd_mkd_joined(jd_mk_doc *d, jd_str text, unsigned marks, uint32_t link)
{
    jd_mk_event *last = &d->ev[d->n - 1];
    if (last->kind != JD_MK_TEXT || last->text.p + last->text.n != text.p || last->marks != marks ||
        last->link != link)
        return false;
    last->text.n += text.n;
    return true;
}

/* What is out of the ordinary: no room, too deep, an implied paragraph. */
void jd_mkd_open_after(jd_mk_doc *d, jd_mk_kind kind, uint32_t num, jd_str text);
void jd_mkd_close_after(jd_mk_doc *d);
void jd_mkd_text_after(jd_mk_doc *d, jd_str text, unsigned marks, uint32_t link);

static inline void jd_mkd_open(jd_mk_doc *d, jd_mk_kind kind, uint32_t num, jd_str text)
{
    if (d->implied || d->beyond || d->depth + jd_mkd_levels[kind] >= JD_MK_DEPTH || d->n >= d->room)
        jd_mkd_open_after(d, kind, num, text);
    else
        jd_mkd_begin(d, kind, num, text);
}

static inline void jd_mkd_close(jd_mk_doc *d)
{
    if (d->implied || d->beyond || d->depth == 0 || d->n >= d->room)
        jd_mkd_close_after(d);
    else
        jd_mkd_end(d);
}

static inline void jd_mkd_text(jd_mk_doc *d, jd_str text, unsigned marks, uint32_t link)
{
    if (!d->holds[d->depth] || d->n >= d->room)
        jd_mkd_text_after(d, text, marks, link);
    else if (text.n && !jd_mkd_joined(d, text, marks, link))
        jd_mkd_add(d, JD_MK_TEXT, text, marks, link, 0);
}

/* Of text that adjoins nothing before it. */
static inline void jd_mkd_more_text(jd_mk_doc *d, jd_str text, unsigned marks, uint32_t link)
{
    if (!d->holds[d->depth] || d->n >= d->room)
        jd_mkd_text_after(d, text, marks, link);
    else if (text.n)
        jd_mkd_add(d, JD_MK_TEXT, text, marks, link, 0);
}

#endif
