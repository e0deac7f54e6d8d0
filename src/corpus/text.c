#include "corpus/text.h"

#include "text/utf8.h"

jd_str jd_text_clean(jd_arena *a, jd_buf *scratch, jd_str s)
{
    size_t good = jd_utf8_clean_prefix(s);
    if (good == s.n)
        return s;
    jd_buf_reset(scratch);
    jd_buf_add(scratch, s.p, good);
    (void)jd_utf8_clean(scratch, jd_str_cut(s, good, s.n), JD_CLEAN_LINES);
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

/* clang-format off */
#define EIGHT(c)       (c), (c) + 1, (c) + 2, (c) + 3, (c) + 4, (c) + 5, (c) + 6, (c) + 7
#define THIRTY_TWO(c)  EIGHT(c), EIGHT((c) + 8), EIGHT((c) + 16), EIGHT((c) + 24)
#define NONE_OF_8      0, 0, 0, 0, 0, 0, 0, 0
#define LETTERS        EIGHT('a'), EIGHT('i'), EIGHT('q'), 'y', 'z'
const unsigned char jd_text_folded[256] = {
    NONE_OF_8, NONE_OF_8, NONE_OF_8, NONE_OF_8, NONE_OF_8, NONE_OF_8,
    EIGHT('0'), '8', '9', 0, 0, 0, 0, 0, 0,
    0, LETTERS, 0, 0, 0, 0, 0,
    0, LETTERS, 0, 0, 0, 0, 0,
    THIRTY_TWO(0x80), THIRTY_TWO(0xa0), THIRTY_TWO(0xc0), THIRTY_TWO(0xe0),
};
/* clang-format on */

void jd_text_words(jd_buf *out, jd_str s)
{
    char *to = jd_buf_room(out, s.n);
    if (!to)
        return;
    size_t n    = 0;
    size_t last = 0; /* 1 behind a word's byte */
    for (size_t i = 0; i < s.n; i++) {
        char c = jd_text_fold(s.p[i]);
        to[n]  = c ? c : ' ';
        n += last | (c != 0); /* one blank behind a word */
        last = c != 0;
    }
    jd_buf_wrote(out, n > 0 && !last ? n - 1 : n);
}

bool jd_text_begins(jd_str s, jd_str phrase)
{
    if (s.n < phrase.n || (phrase.n && jd_text_fold(s.p[0]) != jd_text_fold(phrase.p[0])))
        return false;
    return jd_str_ieq(jd_str_cut(s, 0, phrase.n), phrase) &&
           (s.n == phrase.n || !jd_text_in_word(s.p[phrase.n]));
}

bool jd_text_blank(jd_str s)
{
    return jd_str_trim(s).n == 0;
}
