/* text.h: what a corpus does to text: cleaning, lines, and comparing two texts by their words. */
#ifndef JD_CORPUS_TEXT_H
#define JD_CORPUS_TEXT_H

#include "base/arena.h"
#include "base/buf.h"

/* s without control characters and carriage returns (text/utf8.h): s itself when there is nothing
 * to do, else a copy in the arena. scratch is overwritten. Never NULL-pointered unless s is. */
jd_str jd_text_clean(jd_arena *a, jd_buf *scratch, jd_str s);

/* Takes the next line, without its end, off the front of *rest; false when *rest is used up. */
bool jd_text_line(jd_str *rest, jd_str *line);

/* Appends the words of s (letters, digits and bytes beyond ASCII) in lower case, one blank between
 * two: texts with the same words become the same bytes. */
void jd_text_words(jd_buf *out, jd_str s);

/* s begins with the word or phrase (ASCII case folded), and the word ends there. */
bool jd_text_begins(jd_str s, jd_str phrase);

bool jd_text_blank(jd_str s);

/* Letters in lower case, digits and bytes beyond ASCII as they are, 0 for what stands between
 * words. */
extern const unsigned char jd_text_folded[256];

static inline char jd_text_fold(char c)
{
    return (char)jd_text_folded[(unsigned char)c];
}

static inline bool jd_text_in_word(char c)
{
    return jd_text_folded[(unsigned char)c] != 0;
}

#endif
