#include "markup/markup.h"

/* A document of Atlassian's says so in its first object; wiki text that begins with a brace is a
 * macro. */
static bool looks_like_adf(jd_str s)
{
    s = jd_str_trim(s);
    return s.n > 2 && s.p[0] == '{' &&
           jd_str_search(jd_str_cut(s, 0, 4096), JD_STR("\"type\"")) < s.n && s.p[s.n - 1] == '}' &&
           jd_str_search(s, JD_STR("\"doc\"")) < s.n;
}

void jd_mk_read(jd_mk_doc *d, jd_mk_form from, jd_str source)
{
    switch (from) {
    case JD_MK_ADF:
        jd_read_adf_bytes(d, source);
        return;
    case JD_MK_WIKI:
        jd_read_wiki(d, source);
        return;
    case JD_MK_MARKDOWN:
        jd_read_markdown(d, source);
        return;
    case JD_MK_PLAIN:
        jd_read_text(d, source);
        return;
    case JD_MK_AUTO:
        break;
    }
    if (looks_like_adf(source))
        jd_read_adf_bytes(d, source);
    else
        jd_read_wiki(d, source);
}

void jd_mk_write(jd_buf *out, jd_mk_form to, jd_mk_doc *d)
{
    switch (to) {
    case JD_MK_ADF:
        jd_write_adf(out, d);
        return;
    case JD_MK_WIKI:
        jd_write_wiki(out, d);
        return;
    case JD_MK_MARKDOWN:
        jd_write_markdown(out, d);
        return;
    case JD_MK_AUTO:
    case JD_MK_PLAIN:
        jd_write_text(out, d);
        return;
    }
}
