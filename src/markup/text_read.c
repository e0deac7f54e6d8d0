#include "markup/markup.h"
#include "text/utf8.h"

/* Lines end at LF, CRLF or CR; what is no text was replaced already. */
static bool next_line(jd_str *rest, jd_str *line)
{
    if (rest->n == 0)
        return false;
    *line = jd_str_cut(*rest, 0, jd_str_find(*rest, '\n'));
    *rest = jd_str_cut(*rest, line->n + 1, rest->n);
    return true;
}

void jd_read_text(jd_mk_doc *d, jd_str source)
{
    jd_mk_reset(d);
    d->steps += source.n;
    if (jd_utf8_clean_prefix(source) < source.n) {
        jd_buf clean = JD_BUF_INIT(SIZE_MAX / 4);
        if (jd_utf8_clean(&clean, source, JD_CLEAN_LINES))
            jd_mk_warn(d, JD_MK_W_BAD_TEXT);
        source = jd_arena_dup(d->arena, jd_buf_view(&clean));
        jd_buf_release(&clean);
    }
    bool   open = false;
    jd_str line;
    while (next_line(&source, &line)) {
        if (jd_str_trim(line).n == 0) {
            if (open)
                jd_mk_close(d);
            open = false;
            continue;
        }
        if (open)
            jd_mk_leaf(d, JD_MK_BREAK, JD_NOSTR, 0, 0, 0);
        else
            jd_mk_open(d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
        open = true;
        jd_mk_text(d, line, 0, 0);
    }
    jd_mk_finish(d);
}
