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
