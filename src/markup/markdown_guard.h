/* markdown_guard.h: whether Markdown can be given to libcmark-gfm without fear for the clock.
 * Private to src/markup.
 *
 * The library takes time that grows with the square of some inputs (0.29.0.gfm.6): depth of nesting
 * by lines; columns of a table, and rows that lack them; a long paragraph before a table's line of
 * dashes; "<?" or "<!" that never end; what looks like many addresses in one word; a long link
 * definition used often. What such an input could cost is counted in one pass over it, and must
 * stay within a fixed sum and a number of steps for each byte. */
#ifndef JD_MARKUP_MARKDOWN_GUARD_H
#define JD_MARKUP_MARKDOWN_GUARD_H

#include "base/str.h"

bool jd_markdown_fits(jd_str source);

#endif
