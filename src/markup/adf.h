/* adf.h: reading a piece of Atlassian's document format inside another form's document. Private to
 * src/markup. */
#ifndef JD_MARKUP_ADF_H
#define JD_MARKUP_ADF_H

#include "markup/doc.h"

/* Adds what json says at the document's current place: blocks, or, when inline_ is true, leaves
 * only. What is no JSON becomes a code block (inline: a code span) and is counted. json must
 * outlive the document's use. */
void jd_mk_read_adf_into(jd_mk_doc *d, jd_str json, bool inline_);

#endif
