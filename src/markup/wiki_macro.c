/* Blocks that macros make. */
#include "markup/adf.h"
#include "markup/wiki.h"

jd_str wk_language(jd_mk_doc *d, jd_str s)
{
    char *out = jd_arena_bytes(d->arena, s.n < 32 ? s.n : 32);
    if (s.n == 0 || s.n > 32)
        return JD_NOSTR;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i], low = (char)(c | 0x20);
        if (!((low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || (c && strchr("+#_-", c))))
            return JD_NOSTR;
        out[i] = c >= 'A' && c <= 'Z' ? low : c;
    }
    return (jd_str){out, s.n};
}

static void title(jd_mk_doc *d, jd_str words)
{
    if (words.n == 0)
        return;
    jd_mk_open(d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
    jd_mk_text(d, words, JD_MK_STRONG, 0);
    jd_mk_close(d);
}

/* Without the blank lines at its front and the white space at its end. */
static jd_str code_body(jd_str s)
{
    size_t line = 0;
    for (size_t i = 0; i < s.n && (wk_blank(s.p[i]) || s.p[i] == '\n'); i++)
        if (s.p[i] == '\n')
            line = i + 1;
    s = jd_str_cut(s, line, s.n);
    while (s.n && (wk_blank(s.p[s.n - 1]) || s.p[s.n - 1] == '\n'))
        s.n--;
    return s;
}

static void code(wk_reader *r, const wk_tag *t)
{
    jd_mk_doc *d    = r->d;
    jd_str     name = wk_param(r, t, "title"), language = JD_NOSTR;
    jd_str     body = code_body(wk_str(r, t->to, t->body_to));
    if (t->name == WK_CODE) {
        static const char *const names[] = {"language", "lang", NULL};
        for (size_t i = 0; i < 3 && language.n == 0; i++)
            language = wk_param(r, t, names[i]);
        if (name.n == 0 && jd_str_find(language, '.') < language.n) /* a file's name */
            name = language;
    }
    r->d->steps += t->body_to - t->to;
    title(d, name);
    if (body.n == 0)
        return;
    jd_mk_open(d, JD_MK_CODE, 0, wk_language(d, language));
    jd_mk_text(d, body, 0, 0);
    jd_mk_close(d);
}

void wk_macro(wk_reader *r, const wk_tag *t)
{
    static const uint8_t panels[WK_NAMES] = {[WK_PANEL]   = JD_MK_PANEL_PLAIN,
                                             [WK_INFO]    = JD_MK_PANEL_INFO,
                                             [WK_NOTE]    = JD_MK_PANEL_NOTE,
                                             [WK_TIP]     = JD_MK_PANEL_TIP,
                                             [WK_WARNING] = JD_MK_PANEL_WARNING};
    switch ((wk_name)t->name) {
    case WK_CODE:
    case WK_NOFORMAT:
        code(r, t);
        return;
    case WK_HTML:
        wk_html(r, wk_str(r, t->to, t->body_to));
        return;
    case WK_ADF:
        jd_mk_read_adf_into(r->d, wk_str(r, t->to, t->body_to), false);
        return;
    case WK_QUOTE:
        jd_mk_open(r->d, JD_MK_QUOTE, 0, JD_NOSTR);
        break;
    default:
        jd_mk_open(r->d, JD_MK_PANEL, panels[t->name], JD_NOSTR);
        title(r->d, wk_param(r, t, "title"));
        break;
    }
    wk_blocks(r, t->to, t->body_to, false);
    jd_mk_close(r->d);
}
