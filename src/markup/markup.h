/* markup.h: rich text from one form into another: Atlassian's document format (ADF), Jira's wiki
 * markup, GitHub's Markdown, plain text.
 *
 * - Pure: bytes in, bytes out. A reader fills a document (markup/doc.h), a writer appends it to a
 * buffer.
 * - Any input gives an output: what is not understood stays as text or as its content, and is
 * counted in the document's warnings. Work grows linearly with the input, depth is bounded.
 * - What comes out is valid UTF-8 without control characters but tab and newline, no newline at
 * either end; a buffer whose ceiling is reached says so (jd_buf_ok). */
#ifndef JD_MARKUP_MARKUP_H
#define JD_MARKUP_MARKUP_H

#include "base/buf.h"
#include "markup/doc.h"
#include "text/json.h"

/* Readers. The document is reset first, and finished. Source bytes must outlive its use. */
void jd_read_wiki(jd_mk_doc *d, jd_str source);
void jd_read_adf(jd_mk_doc *d, const jd_json *root);
void jd_read_adf_bytes(jd_mk_doc *d,
                       jd_str     json); /* what is no JSON reads as text, with a warning */
void jd_read_markdown(jd_mk_doc *d, jd_str source);
void jd_read_text(jd_mk_doc *d, jd_str source);

/* Writers. */
void jd_write_markdown(jd_buf *out, jd_mk_doc *d);
void jd_write_text(jd_buf *out, jd_mk_doc *d);
void jd_write_adf(jd_buf *out, jd_mk_doc *d); /* compact JSON */
void jd_write_wiki(jd_buf *out, jd_mk_doc *d);

/* By name, for options and tables. AUTO reads a JSON object whose type is "doc" as ADF; the rest as
 * wiki. */
typedef enum jd_mk_form {
    JD_MK_AUTO,
    JD_MK_ADF,
    JD_MK_WIKI,
    JD_MK_MARKDOWN,
    JD_MK_PLAIN
} jd_mk_form;
void jd_mk_read(jd_mk_doc *d, jd_mk_form from, jd_str source);
void jd_mk_write(jd_buf *out, jd_mk_form to, jd_mk_doc *d);

#endif
