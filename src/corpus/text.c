#include "corpus/text.h"

#include "text/utf8.h"

#include <string.h>

/* Could s hold something to clean? May say yes for nothing, never no for something. C2 begins the
 * C1 controls and EF begins U+FEFF. Written so that the compiler can vectorize it. */
static bool suspicious(jd_str s)
{
    enum { BLOCK = 64 };
    size_t at = 0;
    for (; at + BLOCK <= s.n; at += BLOCK) {
        unsigned char hit = 0;
        for (size_t i = 0; i < BLOCK; i++) {
            unsigned char c = (unsigned char)s.p[at + i];
            hit |= (unsigned char)(((c < 0x20) & (c != '\n') & (c != '\t')) | (c == 0x7f) |
                                   (c == 0xc2) | (c == 0xef));
        }
        if (hit)
            return true;
    }
    for (; at < s.n; at++) {
        unsigned char c = (unsigned char)s.p[at];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || c == 0xc2 || c == 0xef)
            return true;
    }
    return false;
}

jd_str jd_text_clean(jd_arena *a, jd_buf *scratch, jd_str s)
{
    if (!s.p || !suspicious(s))
        return s;
    jd_buf_reset(scratch);
    (void)jd_utf8_clean(scratch, s, JD_CLEAN_LINES);
    return jd_arena_dup(a, jd_buf_view(scratch));
}

static bool is_inline(jd_str type)
{
    static const jd_str kinds[] = {JD_STR_INIT("text"),       JD_STR_INIT("hardBreak"),
                                   JD_STR_INIT("mention"),    JD_STR_INIT("emoji"),
                                   JD_STR_INIT("inlineCard"), JD_STR_INIT("status"),
                                   JD_STR_INIT("date"),       JD_STR_INIT("placeholder")};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (jd_str_eq(type, kinds[i]))
            return true;
    return false;
}

static void adf_inline(jd_buf *out, jd_str type, const jd_json *node)
{
    if (jd_str_is(type, "hardBreak")) {
        jd_buf_addc(out, '\n');
        return;
    }
    if (jd_str_is(type, "text")) {
        jd_buf_adds(out, jd_json_str(jd_json_get(node, "text")));
        return;
    }
    const jd_json *attrs = jd_json_get(node, "attrs");
    jd_str         text  = jd_json_str(jd_json_get(attrs, "text"));
    jd_buf_adds(out, text.n ? text : jd_json_str(jd_json_get(attrs, "url")));
}

/* The reader of JSON bounds the depth. */
static void adf_node(jd_buf *out, const jd_json *node)
{
    jd_str type = jd_json_str(jd_json_get(node, "type"));
    if (is_inline(type)) {
        adf_inline(out, type, node);
        return;
    }
    size_t before = out->n;
    for (jd_json_iter it = jd_json_walk(jd_json_get(node, "content")); jd_json_next(&it);)
        adf_node(out, it.value);
    if (out->n > before && out->p[out->n - 1] != '\n')
        jd_buf_addc(out, '\n');
}

jd_str jd_text_body(jd_arena *a, jd_buf *scratch, const jd_json *body)
{
    if (jd_json_is_str(body)) {
        jd_str s = jd_json_str(body);
        return s.n ? jd_text_clean(a, scratch, s) : JD_STR("");
    }
    if (jd_json_kind(body) != JD_JSON_OBJECT)
        return JD_NOSTR;
    jd_buf_reset(scratch);
    adf_node(scratch, body);
    jd_str text = jd_arena_dup(a, jd_str_trim(jd_buf_view(scratch)));
    return jd_text_clean(a, scratch, text.p ? text : JD_STR(""));
}

bool jd_text_line(jd_str *rest, jd_str *line)
{
    if (rest->n == 0)
        return false;
    size_t end  = jd_str_find(*rest, '\n');
    *line       = (jd_str){rest->p, end};
    size_t used = end < rest->n ? end + 1 : end;
    *rest       = (jd_str){rest->p + used, rest->n - used};
    return true;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool in_word(char c)
{
    unsigned u = (unsigned char)c;
    return (u | 0x20) - 'a' < 26 || u - '0' < 10 || u >= 0x80;
}

void jd_text_words(jd_buf *out, jd_str s)
{
    char *to = jd_buf_room(out, s.n);
    if (!to)
        return;
    size_t n   = 0;
    bool   gap = false;
    for (size_t i = 0; i < s.n; i++) {
        if (!in_word(s.p[i])) {
            gap = n > 0;
            continue;
        }
        if (gap)
            to[n++] = ' ';
        to[n++] = lower(s.p[i]);
        gap     = false;
    }
    jd_buf_wrote(out, n);
}

bool jd_text_begins(jd_str s, jd_str phrase)
{
    return s.n >= phrase.n && jd_str_ieq(jd_str_cut(s, 0, phrase.n), phrase) &&
           (s.n == phrase.n || !in_word(s.p[phrase.n]));
}

bool jd_text_blank(jd_str s)
{
    return jd_str_trim(s).n == 0;
}
