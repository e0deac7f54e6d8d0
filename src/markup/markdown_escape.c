#include "markup/markdown_scan.h"
#include "text/utf8.h"

#include <string.h>

/* What each byte may need, so that whole runs of others are copied at once. */
enum { ALWAYS = 1, IN_LINK = 2, IN_CELL = 4, IN_DEST = 8, IN_CODE = 16 };
static const unsigned char special[256] = {
    ['\\'] = ALWAYS | IN_DEST,
    ['&']  = ALWAYS | IN_DEST,
    ['<']  = ALWAYS | IN_DEST,
    ['\n'] = ALWAYS | IN_DEST | IN_CODE,
    ['`']  = ALWAYS | IN_CODE,
    ['*']  = ALWAYS,
    ['~']  = ALWAYS,
    ['_']  = ALWAYS,
    [']']  = ALWAYS,
    [':']  = ALWAYS,
    ['!']  = ALWAYS,
    ['[']  = IN_LINK,
    ['|']  = IN_CELL | IN_DEST | IN_CODE,
    ['>']  = IN_DEST,
    ['"']  = IN_DEST,
    ['(']  = IN_DEST,
    [')']  = IN_DEST,
    [' ']  = IN_DEST,
    ['\t'] = IN_DEST,
};

/* The first byte from i on that may need any of this. */
static size_t next_special(jd_str s, size_t i, unsigned ask)
{
    const unsigned char *p = (const unsigned char *)s.p;
    while (i + 4 <= s.n &&
           !((special[p[i]] | special[p[i + 1]] | special[p[i + 2]] | special[p[i + 3]]) & ask))
        i += 4;
    while (i < s.n && !(special[p[i]] & ask))
        i++;
    return i;
}

/* The same among words: not for IN_DEST and IN_CODE. */
static inline size_t next_in_words(jd_str s, size_t i, unsigned ask)
{
#ifdef __SSE2__
    if (s.n < 16)
        return next_special(s, i, ask);
    for (; i < s.n; i += 16) {
        size_t  from = i < s.n - 16 ? i : s.n - 16; /* the last sixteen reach back */
        __m128i c    = _mm_loadu_si128((const __m128i *)(const void *)(s.p + from));
        for (unsigned odd = jd_mks_odd_words(c) >> (i - from); odd; odd &= odd - 1) {
            size_t at = i + (unsigned)__builtin_ctz(odd);
            if (special[(unsigned char)s.p[at]] & ask)
                return at;
        }
    }
    return s.n;
#else
    return next_special(s, i, ask);
#endif
}

#ifndef __SSE2__
size_t jd_mks_plain(jd_str s, jd_mks_kind kind)
{
    static const unsigned ask[] = {[JD_MKS_WORDS] = ALWAYS | IN_LINK | IN_CELL,
                                   [JD_MKS_CODE]  = IN_CODE,
                                   [JD_MKS_DEST]  = IN_DEST};
    return next_special(s, 0, ask[kind]);
}
#endif

char *jd_mks_more_room(jd_buf *b, size_t n)
{
    n += JD_MKS_SPARE;
    return b->over || n > b->max || b->n > b->max - n ? NULL : jd_buf_room(b, n);
}

static bool is_alpha(char c)
{
    return (unsigned char)((c | 0x20) - 'a') < 26;
}

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

static bool is_punct(char c)
{
    return c > ' ' && c < 0x7f && !is_alpha(c) && !is_digit(c);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* Whether a letter or a digit of any script ends at s.p + at, or begins there. */
static bool word_before(jd_str s, size_t at, char before)
{
    if (at == 0)
        return is_alpha(before) || is_digit(before);
    if (s.p[at - 1] >= 0)
        return is_alpha(s.p[at - 1]) || is_digit(s.p[at - 1]);
    size_t from = at - 1;
    while (from > 0 && at - from < 4 && ((unsigned char)s.p[from] & 0xc0) == 0x80)
        from--;
    jd_str   rest = {s.p + from, at - from};
    uint32_t cp   = 0;
    return jd_utf8_next(&rest, &cp) && jd_utf8_class(cp) == JD_CP_WORD;
}

static bool word_after(jd_str s, size_t at, char after)
{
    if (at >= s.n)
        return is_alpha(after) || is_digit(after);
    if (s.p[at] >= 0)
        return is_alpha(s.p[at]) || is_digit(s.p[at]);
    jd_str   rest = {s.p + at, s.n - at};
    uint32_t cp   = 0;
    return jd_utf8_next(&rest, &cp) && jd_utf8_class(cp) == JD_CP_WORD;
}

/* &name; &#1; &#x1; */
static bool entity_shaped(jd_str s)
{
    size_t i = 1, from, most;
    if (i < s.n && s.p[i] == '#') {
        i++;
        bool hex = i < s.n && (s.p[i] | 0x20) == 'x';
        i += hex;
        from = i;
        most = hex ? 6 : 7;
        while (i < s.n && i - from <= most &&
               (is_digit(s.p[i]) || (hex && is_alpha(s.p[i]) && (s.p[i] | 0x20) <= 'f')))
            i++;
    } else {
        from = i;
        most = 32;
        while (i < s.n && i - from <= most && (is_alpha(s.p[i]) || (i > from && is_digit(s.p[i]))))
            i++;
    }
    return i > from && i - from <= most && i < s.n && s.p[i] == ';';
}

/* The end of an address whose colon stands at `at`, and where it begins; `at` when there is none.
 */
static size_t address_end(jd_str s, size_t at, char before, size_t *begin)
{
    static const char *const schemes[] = {"https", "http"};
    if (at + 3 >= s.n || memcmp(s.p + at, "://", 3) != 0 || is_blank(s.p[at + 3]))
        return at;
    for (size_t k = 0; k < 2; k++) {
        size_t n = strlen(schemes[k]);
        if (at < n || !jd_str_ieq((jd_str){s.p + at - n, n}, jd_str_of(schemes[k])))
            continue;
        if (word_before(s, at - n, before) || !word_after(s, at + 3, JD_MKW_EDGE))
            return at;
        size_t end = at + 3;
        while (end < s.n && !is_blank(s.p[end]) && s.p[end] != '<')
            end++;
        *begin = at - n;
        return end;
    }
    return at;
}

typedef struct place {
    jd_str s;
    size_t i;
    char   before, after; /* of s.p[i] */
    bool   in_link, last;
} place;

static bool blank_or_edge(char c)
{
    return c == JD_MKW_EDGE || is_blank(c); /* a break counts as a blank */
}

/* Whether the special byte at x->i needs a backslash. */
static bool needs_escape(const place *x)
{
    switch (x->s.p[x->i]) {
    case '`':
    case '[':
    case '|':
        return true;
    case '\\':
        return x->after == JD_MKW_EDGE || x->after == JD_MKW_BREAK || is_punct(x->after);
    case '*':
    case '~':
        return !(blank_or_edge(x->before) && blank_or_edge(x->after));
    case '<':
        return is_alpha(x->after) || x->after == '/' || x->after == '!' || x->after == '?';
    case '&':
        return entity_shaped(jd_str_cut(x->s, x->i, 40));
    case ']':
        return x->in_link || x->after == '(' || x->after == ':';
    case '!':
        return x->last && x->after == '[';
    default:
        return false;
    }
}

/* In an address: nothing but what would end a cell. */
static void put_address(jd_mkw *w, jd_str s)
{
    for (size_t n; w->in_cell && (n = jd_str_find(s, '|')) < s.n; s = jd_str_cut(s, n + 1, s.n)) {
        jd_mkw_put(w, s.p, n);
        jd_mkw_puts(w, JD_STR("\\|"));
    }
    jd_mkw_puts(w, s);
}

/* Readers take for a part of an address whatever follows it without a blank: a hard break's
 * backslash, a link, a code span. There it says where it ends. */
static void put_bare_address(jd_mkw *w, jd_str s, char follows, char after)
{
    if (!jd_mks_runs_on(w, after)) {
        put_address(w, s);
    } else if (jd_str_find(s, '>') == s.n) {
        if (follows == '\\') /* alone so far, but not before an angle */
            jd_buf_addc(w->out, '\\');
        jd_mkw_autolink(w, s);
    } else {
        size_t colon = jd_str_find(s, ':');
        jd_mkw_put(w, s.p, colon);
        jd_buf_addc(w->out, '\\');
        put_address(w, jd_str_cut(s, colon, s.n));
    }
}

/* Writes s[from, to), of whose last word more than that is taken for an address when it is one of
 * another kind: a backslash in its beginning keeps it from being read so. */
static void put_unaddressed(jd_mkw *w, jd_str s, size_t from, size_t to)
{
    size_t word = to;
    bool   dots = false; /* of either kind */
    if (from == to)
        return;
    for (; word > from && !is_blank(s.p[word - 1]); word--)
        dots |= s.p[word - 1] == '.' || s.p[word - 1] == ':';
    jd_str last = {s.p + word, to - word};
    size_t at   = dots ? jd_str_search(last, JD_STR("www.")) : last.n;
    at          = at < last.n || !dots ? at : jd_str_search(last, JD_STR("ftp://"));
    if (at < last.n) {
        jd_mkw_put(w, s.p + from, word + at + 3 - from);
        jd_buf_addc(w->out, '\\');
        from = word + at + 3;
    }
    jd_mkw_put(w, s.p + from, to - from);
}

/* From i on, where the first byte is that may need something. */
static void escape_from(jd_mkw *w, jd_str s, size_t i, char before, char after, bool in_link,
                        unsigned ask)
{
    size_t run = 0;
    for (; i < s.n; i = next_in_words(s, i, ask)) {
        char c = s.p[i];
        if (c == ':') {
            size_t begin = run, end = in_link ? i : address_end(s, i, before, &begin);
            if (end > i && begin >= run) {
                jd_mkw_put(w, s.p + run, begin - run);
                put_bare_address(w, (jd_str){s.p + begin, end - begin},
                                 begin ? s.p[begin - 1] : before,
                                 end == s.n        ? after
                                 : s.p[end] == '<' ? '`'
                                                   : ' ');
                run = i = end;
            } else {
                i++;
            }
            continue;
        }
        bool escape;
        if (c == '_') {
            bool blanks =
                is_blank(i ? s.p[i - 1] : before) && is_blank(i + 1 < s.n ? s.p[i + 1] : after);
            escape = !blanks && !(word_before(s, i, before) && word_after(s, i + 1, after));
        } else {
            place x = {
                s,       i,           i ? s.p[i - 1] : before, i + 1 < s.n ? s.p[i + 1] : after,
                in_link, i + 1 == s.n};
            escape = needs_escape(&x);
        }
        if (escape || c == '\n') {
            if (in_link)
                jd_mkw_put(w, s.p + run, i - run);
            else
                put_unaddressed(w, s, run, i);
            jd_buf_addc(w->out, c == '\n' ? ' ' : '\\');
            run = c == '\n' ? i + 1 : i;
        }
        i++;
    }
    if (!in_link && jd_mks_runs_on(w, after))
        put_unaddressed(w, s, run, s.n);
    else if (run < s.n)
        jd_mkw_put(w, s.p + run, s.n - run);
}

void jd_mks_put_rest(jd_mkw *w, jd_str s, size_t at, char before, char after, bool in_link)
{
    unsigned ask = ALWAYS | (in_link ? IN_LINK : 0u) | (w->in_cell ? IN_CELL : 0u);
    size_t   i   = next_in_words(s, at, ask);
    if (i == s.n && (in_link || !jd_mks_runs_on(w, after)))
        jd_mkw_puts(w, s);
    else
        escape_from(w, s, i, before, after, in_link, ask);
}

void jd_mkw_escape(jd_mkw *w, jd_str s, char before, char after, bool in_link)
{
    jd_mks_put_words(w, s, before, after, in_link);
}

/* At a line's start */

static size_t run_of(jd_str s, char c)
{
    size_t n = 0;
    while (n < s.n && s.p[n] == c)
        n++;
    return n;
}

/* Under a line of words, these make a table of it. */
static bool delimiter_row(jd_str s)
{
    bool dash = false;
    for (size_t i = 0; i < s.n; i++) {
        dash |= s.p[i] == '-';
        if (s.p[i] != '-' && s.p[i] != '|' && s.p[i] != ':' && !is_blank(s.p[i]))
            return false;
    }
    return dash;
}

/* Where a backslash keeps the line from being read as a block; s.n when nowhere. whole: the line
 * ends with s. */
static size_t line_trap(jd_str s, char after, unsigned where, bool first)
{
    bool   whole = after == JD_MKW_EDGE || after == JD_MKW_BREAK;
    char   next  = s.n > 1 ? s.p[1] : after;
    size_t n;
    switch (s.p[0]) {
    case '>':
        return 0;
    case '#':
        n = run_of(s, '#');
        return n <= 6 && blank_or_edge(n < s.n ? s.p[n] : after) ? 0 : s.n;
    case '-':
        if (whole && run_of(s, '-') == s.n)
            return 0;
        if (blank_or_edge(next))
            return 0;
        return whole && !first && delimiter_row(s) ? 0 : s.n;
    case '|':
    case ':':
        return whole && !first && delimiter_row(s) ? 0 : s.n;
    case '+':
    case '*':
        return blank_or_edge(next) ? 0 : s.n;
    case '=':
        return whole && !first && run_of(s, '=') == s.n ? 0 : s.n;
    case '[':
        if ((where & JD_MKW_QUOTE) && first && next == '!')
            return 0;
        return (where & JD_MKW_ITEM) && first && s.n > 2 && s.p[2] == ']' &&
                       (s.p[1] == ' ' || (s.p[1] | 0x20) == 'x') &&
                       blank_or_edge(s.n > 3 ? s.p[3] : after)
                   ? 0
                   : s.n;
    default:
        break;
    }
    for (n = 0; n < s.n && n < 10 && is_digit(s.p[n]);)
        n++;
    if (n == 0 || n > 9 || n >= s.n || (s.p[n] != '.' && s.p[n] != ')'))
        return s.n;
    return blank_or_edge(n + 1 < s.n ? s.p[n + 1] : after) ? n : s.n;
}

void jd_mkw_escape_line(jd_mkw *w, jd_str s, char after, unsigned where, bool first)
{
    size_t at = s.n;
    if (s.n && !is_alpha(s.p[0]))
        at = line_trap(s, after, where, first && !(where & JD_MKW_UNDER));
    char before = JD_MKW_EDGE;
    if (at < s.n) {
        jd_mkw_put(w, s.p, at);
        jd_buf_addc(w->out, '\\');
        jd_buf_addc(w->out, s.p[at]);
        before = s.p[at];
        s      = jd_str_cut(s, at + 1, s.n);
    }
    jd_mkw_escape(w, s, before, after, false);
}

/* Code spans and links */

static void put_code(jd_mkw *w, jd_str s)
{
    uint64_t seen = 0; /* lengths of the runs of backticks */
    for (size_t i = jd_str_find(s, '`'); i < s.n;) {
        size_t n = run_of(jd_str_cut(s, i, s.n), '`');
        if (n <= 64)
            seen |= (uint64_t)1 << (n - 1);
        i += n;
        i += jd_str_find(jd_str_cut(s, i, s.n), '`');
    }
    size_t ticks = seen == UINT64_MAX ? 65 : 1 + (size_t)__builtin_ctzll(~seen);
    bool   pad   = s.n && (s.p[0] == '`' || s.p[s.n - 1] == '`' ||
                       (is_blank(s.p[0]) && is_blank(s.p[s.n - 1])));
    for (size_t i = 0; i < ticks; i++)
        jd_buf_addc(w->out, '`');
    if (pad)
        jd_buf_addc(w->out, ' ');
    size_t run = 0;
    for (size_t i = 0; (i = next_special(s, i, IN_CODE)) < s.n; i++)
        if (s.p[i] == '\n' || (w->in_cell && s.p[i] == '|')) {
            jd_mkw_put(w, s.p + run, i - run);
            jd_buf_addz(w->out, s.p[i] == '\n' ? " " : "\\|");
            run = i + 1;
        }
    jd_mkw_put(w, s.p + run, s.n - run);
    if (pad)
        jd_buf_addc(w->out, ' ');
    for (size_t i = 0; i < ticks; i++)
        jd_buf_addc(w->out, '`');
}

static bool needs_angles(jd_str dest)
{
    enum { NESTED_MAX = 32 };
    size_t open = 0;
    if (dest.n == 0)
        return false;
    if (dest.p[0] == '<')
        return true;
    for (size_t i = 0; (i = next_special(dest, i, IN_DEST)) < dest.n; i++) {
        char c = dest.p[i];
        if (is_blank(c) || (c == ')' && open == 0))
            return true;
        if (c == '(' && ++open > NESTED_MAX)
            return true;
        open -= c == ')';
    }
    return open > 0;
}

/* Bytes of a destination or a title: `begins` and `ends` would begin or end it. */
static void put_escaped(jd_mkw *w, jd_str s, char begins, char ends, const char *newline)
{
    size_t run = 0;
    if (s.n == 0)
        return;
    for (size_t i = 0; (i = next_special(s, i, IN_DEST)) < s.n; i++) {
        char c    = s.p[i];
        char next = i + 1 < s.n ? s.p[i + 1] : JD_MKW_EDGE;
        if (c == '\n') {
            jd_mkw_put(w, s.p + run, i - run);
            jd_buf_addz(w->out, newline);
            run = i + 1;
        } else if ((c == '\\' && (next == JD_MKW_EDGE || is_punct(next))) || c == begins ||
                   c == ends || (c == '|' && w->in_cell) ||
                   (c == '&' && entity_shaped(jd_str_cut(s, i, 40)))) {
            jd_mkw_put(w, s.p + run, i - run);
            jd_buf_addc(w->out, '\\');
            run = i;
        }
    }
    jd_mkw_put(w, s.p + run, s.n - run);
}

void jd_mkw_code_span(jd_mkw *w, jd_str s)
{
    bool  pad = s.n == 0 || (is_blank(s.p[0]) && is_blank(s.p[s.n - 1]));
    char *to  = pad ? NULL : jd_mks_room(w, s.n);
    w->d->steps += s.n;
    if (!to || jd_mks_copy(w, to + 1, s, JD_MKS_CODE, true) < s.n) {
        put_code(w, s);
        return;
    }
    to[0] = to[s.n + 1] = '`';
    w->out->n += s.n + 2;
}

void jd_mkw_href(jd_mkw *w, jd_str dest, jd_str title)
{
    char *to = title.n ? NULL : jd_mks_room(w, dest.n);
    w->d->steps += dest.n + title.n;
    if (to && jd_mks_copy(w, to + 2, dest, JD_MKS_DEST, false) == dest.n) {
        to[0]          = ']';
        to[1]          = '(';
        to[dest.n + 2] = ')';
        w->out->n += dest.n + 3;
        return;
    }
    jd_mkw_puts(w, JD_STR("]("));
    if (needs_angles(dest)) {
        jd_buf_addc(w->out, '<');
        put_escaped(w, dest, '<', '>', "%0A");
        jd_buf_addc(w->out, '>');
    } else {
        put_escaped(w, dest, '\n', '\n', "%0A");
    }
    if (title.n) {
        jd_mkw_puts(w, JD_STR(" \""));
        put_escaped(w, title, '"', '"', " ");
        jd_buf_addc(w->out, '"');
    }
    jd_buf_addc(w->out, ')');
}

/* CommonMark's scheme, and nothing that ends an autolink. */
static bool absolute(jd_str s)
{
    size_t n = 0;
    if (s.n == 0 || !is_alpha(s.p[0]))
        return false;
    while (n < s.n && (is_alpha(s.p[n]) || is_digit(s.p[n]) || s.p[n] == '+' || s.p[n] == '.' ||
                       s.p[n] == '-'))
        n++;
    if (n < 2 || n > 32 || n >= s.n || s.p[n] != ':')
        return false;
    for (size_t i = n; i < s.n; i++)
        if (is_blank(s.p[i]) || s.p[i] == '<' || s.p[i] == '>')
            return false;
    return true;
}

static bool mail_address(jd_str s)
{
    size_t at = jd_str_find(s, '@');
    if (at == 0 || at + 1 >= s.n)
        return false;
    for (size_t i = 0; i < at; i++) {
        char c = s.p[i];
        if (!is_alpha(c) && !is_digit(c) && !(c && strchr(".!#$%&'*+/=?^_`{|}~-", c)))
            return false;
    }
    char last = '.';
    for (size_t i = at + 1; i < s.n; i++) {
        char c     = s.p[i];
        bool alnum = is_alpha(c) || is_digit(c);
        if (!alnum && !((c == '.' || c == '-') && last != '.'))
            return false;
        if (c == '.' && last == '-')
            return false;
        last = c;
    }
    return last != '.' && last != '-';
}

bool jd_mkw_autolink_same(jd_str words, jd_str dest)
{
    if (jd_str_starts(dest, JD_STR("mailto:")) && jd_str_eq(words, jd_str_cut(dest, 7, dest.n)))
        return mail_address(words);
    return jd_str_eq(words, dest) && absolute(dest);
}

void jd_mkw_autolink(jd_mkw *w, jd_str words)
{
    w->d->steps += words.n;
    jd_buf_addc(w->out, '<');
    put_address(w, words);
    jd_buf_addc(w->out, '>');
}

/* Things */

static void put_image(jd_mkw *w, const jd_mk_event *e)
{
    jd_mkw_puts(w, JD_STR("!["));
    jd_mkw_escape(w, jd_str_trim(e->text), '*', '*', true);
    jd_mkw_href(w, jd_mkw_target(w, e), JD_NOSTR);
}

static void put_file(jd_mkw *w, const jd_mk_event *e, bool linked)
{
    jd_str dest = jd_mkw_target(w, e);
    bool   link = !linked && dest.n > 0;
    if (link)
        jd_buf_addc(w->out, '[');
    jd_mkw_escape(w, jd_str_trim(jd_mkw_file_name(w, e)), '*', '*', true);
    if (link)
        jd_mkw_href(w, dest, JD_NOSTR);
}

static void put_card(jd_mkw *w, const jd_mk_event *e, bool linked)
{
    jd_str dest  = w->d->links[e->link].dest;
    jd_str words = jd_mkw_white(e->text) ? dest : jd_str_trim(e->text);
    if (linked) {
        jd_mkw_escape(w, words, '*', '*', true);
    } else if (jd_mkw_autolink_ok(words, dest)) {
        jd_mkw_autolink(w, words);
    } else {
        jd_buf_addc(w->out, '[');
        jd_mkw_escape(w, words, '*', '*', true);
        jd_mkw_href(w, dest, w->d->links[e->link].title);
    }
}

void jd_mkw_thing(jd_mkw *w, const jd_mk_event *e, bool linked)
{
    if (e->kind == JD_MK_IMAGE)
        put_image(w, e);
    else if (e->kind == JD_MK_FILE)
        put_file(w, e, linked);
    else
        put_card(w, e, linked);
}
