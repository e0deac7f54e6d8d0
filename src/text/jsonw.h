/* jsonw.h: the one JSON writer. Appends to a jd_buf; commas and colons are its business, order is
 * the caller's. Strings must be valid UTF-8 or they are written with U+FFFD in place of the bad
 * bytes. Depth is limited to 64 levels (asserted: our own documents are shallow).
 *   jd_jsonw w = jd_jsonw_to(&buf);  jd_jsonw_object(&w);  jd_jsonw_name(&w, "n");
 *   jd_jsonw_int(&w, 3);  jd_jsonw_end(&w);            gives {"n":3} */
#ifndef JD_TEXT_JSONW_H
#define JD_TEXT_JSONW_H

#include "base/buf.h"
#include "text/json.h"

typedef struct jd_jsonw {
    jd_buf  *out;
    unsigned depth;
    uint64_t object, filled; /* one bit a level: an object? something written? */
    bool     named, pretty;
} jd_jsonw;

jd_jsonw jd_jsonw_to(jd_buf *out);
jd_jsonw jd_jsonw_pretty(jd_buf *out); /* two-space indentation */
void     jd_jsonw_object(jd_jsonw *w);
void     jd_jsonw_array(jd_jsonw *w);
void     jd_jsonw_end(jd_jsonw *w); /* closes the innermost object or array */
void     jd_jsonw_name(jd_jsonw *w, const char *name);
void     jd_jsonw_names(jd_jsonw *w, jd_str name);
void     jd_jsonw_str(jd_jsonw *w, jd_str s);
void     jd_jsonw_str_or_null(jd_jsonw *w, jd_str s); /* null when s.p is NULL */
void     jd_jsonw_int(jd_jsonw *w, int64_t v);
void     jd_jsonw_num(jd_jsonw *w, double v); /* null when not finite */
void     jd_jsonw_bool(jd_jsonw *w, bool v);
void     jd_jsonw_null(jd_jsonw *w);
void     jd_jsonw_raw(jd_jsonw *w, jd_str json); /* already JSON */
void     jd_jsonw_value(jd_jsonw *w, const jd_json *v);
/* A string in pieces: opened, given any number of them, closed. A piece is whole characters, or `n`
 * bytes that stand in a string in the buffer already, from `at`, and need not be escaped again. */
void jd_jsonw_open_str(jd_jsonw *w);
void jd_jsonw_more_str(jd_jsonw *w, jd_str s);
void jd_jsonw_again(jd_jsonw *w, size_t at, size_t n);
void jd_jsonw_close_str(jd_jsonw *w);
/* name and value in one call */
void jd_jsonw_kstr(jd_jsonw *w, const char *name, jd_str s);
void jd_jsonw_kint(jd_jsonw *w, const char *name, int64_t v);
void jd_jsonw_kbool(jd_jsonw *w, const char *name, bool v);
/* A JSON string literal, quotes included, without a writer. */
void jd_json_quote(jd_buf *out, jd_str s);

#endif
