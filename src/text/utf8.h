/* utf8.h: what to do with bytes that claim to be UTF-8. */
#ifndef JD_TEXT_UTF8_H
#define JD_TEXT_UTF8_H

#include "base/buf.h"

/* Length of the valid prefix of s (s.n when all is valid). */
size_t jd_utf8_valid(jd_str s);
/* Appends s with each maximal invalid piece replaced by U+FFFD. Returns how many were replaced. */
size_t jd_utf8_fix(jd_buf *out, jd_str s);
enum jd_clean_flags {
    JD_CLEAN_LINES = 1 << 0 /* CRLF and CR become LF */
};
/* jd_utf8_fix, and control characters out: C0 but tab and newline, DEL, C1, U+FEFF; ANSI colour
 * sequences (ESC [ … m) go whole. Non-characters stay. Returns how many places were changed. */
size_t jd_utf8_clean(jd_buf *out, jd_str s, unsigned flags);
/* Length of the prefix that jd_utf8_clean leaves as it is, whatever the flags. */
size_t jd_utf8_clean_prefix(jd_str s);
/* Next code point; advances *s. U+FFFD for a bad byte. False at the end. */
bool jd_utf8_next(jd_str *s, uint32_t *cp);
void jd_utf8_put(jd_buf *out, uint32_t cp);
/* Columns on a terminal (wide characters 2, combining 0). */
size_t jd_utf8_width(jd_str s);
/* The longest prefix that is at most so wide, with the combining characters behind it. */
jd_str jd_utf8_fit(jd_str s, size_t width);
/* A cell of a table: cut at `width` with an ellipsis, or filled up to it with blanks. */
void jd_utf8_pad(jd_buf *out, jd_str s, size_t width);
/* The greater of `width` and the width of s, which counts for `most` at most. */
size_t jd_utf8_widest(jd_str s, size_t width, size_t most);
/* What a code point is, as CommonMark's flanking rules and word boundaries ask: by Unicode's
 * general categories, except that all of ASCII's punctuation is PUNCT. */
typedef enum jd_cp_class {
    JD_CP_OTHER,
    JD_CP_SPACE,  /* Z*, tab, newline */
    JD_CP_PUNCT,  /* P* */
    JD_CP_SYMBOL, /* S* beyond ASCII */
    JD_CP_WORD    /* L*, M*, N* */
} jd_cp_class;
jd_cp_class jd_utf8_class(uint32_t cp);
/* A letter or a decimal digit (L*, Nd): what makes words in Jira's wiki markup. */
bool jd_utf8_is_alnum(uint32_t cp);
/* Appends s for comparing and naming: compatibility forms taken apart, marks dropped, case folded
 * ("Größe" gives "grosse"). U+FFFD for bad bytes. */
void jd_utf8_fold(jd_buf *out, jd_str s);
/* s cut to at most n bytes at a code point's edge. */
jd_str jd_utf8_head(jd_str s, size_t n);

#endif
