/* markdown_inline.h: what the two ways of writing a block's leaves as Markdown share.
 * markdown_turn.c writes most blocks in one go; markdown_write.c takes the others apart. Private to
 * src/markup. */
#ifndef JD_MARKUP_MARKDOWN_INLINE_H
#define JD_MARKUP_MARKDOWN_INLINE_H

#include "markup/write.h"
#include "text/utf8.h"

/* A link counts as one more mark, the outermost. */
enum { JD_MKI_LINK = 1 << JD_MK_MARKS };

typedef struct jd_mki_spelling {
    jd_str open, close, html_open, html_close;
} jd_mki_spelling;
extern const jd_mki_spelling jd_mki_spellings[JD_MK_MARKS]; /* by the mark's bit */

/* Neighbours. Of what is no letter or blank, only that counts. */
typedef enum jd_mki_side { JD_MKI_SPACE, JD_MKI_PUNCT, JD_MKI_OTHER, JD_MKI_WORD } jd_mki_side;
jd_mki_side jd_mki_first_side(jd_str s);
jd_mki_side jd_mki_last_side(jd_str s);

/* A delimiter works when what it touches inside is a letter, or what is outside is none. */
static inline bool jd_mki_flanks(jd_mki_side in, jd_mki_side out)
{
    return in == JD_MKI_WORD || out == JD_MKI_SPACE || out == JD_MKI_PUNCT;
}
static inline bool jd_mki_delimited(unsigned mark)
{
    return (mark & (JD_MK_STRONG | JD_MK_EM | JD_MK_STRIKE)) != 0;
}
static inline unsigned jd_mki_marks_of(const jd_mkw *w, const jd_mk_event *e)
{
    unsigned marks = e->kind == JD_MK_STATUS ? e->marks | JD_MK_STRONG : e->marks;
    return (marks | w->on) & ~w->off & ((1u << JD_MK_MARKS) - 1);
}
/* Whether a leaf is written as words. */
static inline bool jd_mki_is_words(const jd_mk_event *e)
{
    return e->kind == JD_MK_TEXT || e->kind == JD_MK_MENTION || e->kind == JD_MK_EMOJI ||
           e->kind == JD_MK_DATE || e->kind == JD_MK_STATUS ||
           ((e->kind == JD_MK_CARD || e->kind == JD_MK_INLINE_CARD) && e->link == 0);
}
/* The words of leaves [from, to) as one text, in the document's arena. */
jd_str jd_mki_joined(jd_mkw *w, uint32_t from, uint32_t to);
/* A heading's last words. */
void jd_mki_put_last_of_heading(jd_mkw *w, jd_str s, char before);

#endif
