#include "text/csv.h"

#include "text/utf8.h"

#include <string.h>

/* The signs of East Asian width count, too. */
static bool is_formula(jd_str s)
{
    static const char *const wide[] = {"＝", "＋", "－", "＠"};
    if (s.n && memchr("=+-@\t\n", s.p[0], 6))
        return true;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (jd_str_starts(s, jd_str_of(wide[i])))
            return true;
    return false;
}

static bool needs_quotes(jd_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n')
            return true;
    return s.n && (s.p[0] == ' ' || s.p[s.n - 1] == ' ');
}

/* `text` is what was appended to out from `at` on: it gets its quotes where it stands. */
static void quote(jd_buf *out, size_t at)
{
    size_t n = out->n - at, quotes = 0;
    for (size_t i = 0; i < n; i++)
        quotes += out->p[at + i] == '"';
    if (!jd_buf_room(out, quotes + 2))
        return;
    char *from = out->p + at + n, *to = from + quotes + 1;
    *to = '"';
    while (from > out->p + at) {
        char c = *--from;
        *--to  = c;
        if (c == '"')
            *--to = '"';
    }
    out->p[at] = '"';
    jd_buf_wrote(out, quotes + 2);
}

void jd_csv_cell(jd_buf *out, jd_str text, bool first, bool guard)
{
    if (!first)
        jd_buf_addc(out, ',');
    size_t at = out->n;
    jd_buf_addc(out, '\'');
    (void)jd_utf8_clean(out, text, JD_CLEAN_LINES);
    if (!jd_buf_ok(out))
        return;
    jd_str clean = jd_str_cut(jd_buf_view(out), at + 1, out->n - at - 1);
    if (!guard || !is_formula(clean)) {
        memmove(out->p + at, out->p + at + 1, clean.n);
        out->n--;
    }
    if (needs_quotes(jd_str_cut(jd_buf_view(out), at, out->n - at)))
        quote(out, at);
}

void jd_csv_end(jd_buf *out)
{
    jd_buf_addz(out, "\r\n");
}
