/* skeleton.h: what a document is made of, as lines of text, so that two documents can be compared
 * by structure and words: headings, lists, code, tables, quotes, links, pictures, rules, and the
 * letters and digits between them.
 *
 * Left out or made alike, because Markdown has no other way to say it:
 * - marks, alt texts, what a table's cell is (header or not), empty blocks, items and rows;
 * - a cell's blocks: of them the words, links and pictures count, and an item's number or tick; a
 * spanning cell stands at its first place, the others are empty; empty cells at a row's end;
 * - where one list ends and the next begins: items have depth, kind and number;
 * - a wiki panel is a quote, panels come in the five kinds of GitHub's alerts, an expand is its
 * title and its content, a figure its picture, a list of files a list of links;
 * - a link whose words are its address counts as its words: Markdown makes links of bare addresses;
 * - blank lines at the front of code, white space at its end, the case of its language. */
#ifndef JD_MARKUP_SKELETON_H
#define JD_MARKUP_SKELETON_H

#include "base/buf.h"
#include "markup/doc.h"

void skeleton_of(jd_buf *out, const jd_mk_doc *d);

#endif
