/* csv.h: rows as RFC 4180 writes them: cells between commas, rows end with CR LF, a cell with a
 * comma, a quote or a line's end stands in quotes.
 *
 * - Control characters but tab and line feed are left out, bad UTF-8 becomes U+FFFD.
 * - A spreadsheet takes a cell that begins with = + - @ (or a tab or line's end before one) for a
 *   formula and runs it, quotes or not. `guard` puts an apostrophe in front of such a text; numbers
 * need none. */
#ifndef JD_TEXT_CSV_H
#define JD_TEXT_CSV_H

#include "base/buf.h"

/* One cell; first: of its row. */
void jd_csv_cell(jd_buf *out, jd_str text, bool first, bool guard);
void jd_csv_end(jd_buf *out); /* of the row */

#endif
