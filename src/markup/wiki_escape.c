#include "markup/wiki_writer.h"
#include "text/utf8.h"

#include <string.h>

const ww_sign ww_signs[WW_SIGNS] = {{JD_MK_UNDERLINE, '+'}, {JD_MK_STRIKE, '-'},
                                    {JD_MK_STRONG, '*'},    {JD_MK_EM, '_'},
                                    {JD_MK_SUB, '~'},       {JD_MK_SUP, '^'}};

const char ww_escapable[] = "-#*_+?^~|%{}[]()!@\\";

bool ww_word_first(jd_str s)
{
    uint32_t cp;
    return jd_utf8_next(&s, &cp) && jd_utf8_is_alnum(cp);
}

static bool word_last(jd_str s)
{
    size_t n = 1;
    while (n < s.n && n < 4 && ((unsigned char)s.p[s.n - n] & 0xc0) == 0x80)
        n++;
    return s.n && ww_word_first((jd_str){s.p + s.n - n, n});
}

bool ww_after_word(const ww_writer *w)
{
    return word_last((jd_str){w->out->p, w->out->n});
}

char ww_last_byte(const ww_writer *w)
{
    return w->out->n ? w->out->p[w->out->n - 1] : '\n';
}

static unsigned bit_of(char c)
{
    for (unsigned i = 0; i < WW_SIGNS; i++)
        if (ww_signs[i].sign == c)
            return ww_signs[i].bit;
    return 0;
}

static char at(const ww_text *t, size_t i)
{
    return i < t->s.n ? t->s.p[i] : t->after;
}

static bool word_before(const ww_text *t, size_t i)
{
    return i ? word_last((jd_str){t->s.p, i}) : ww_after_word(t->w);
}

static bool word_at(const ww_text *t, size_t i)
{
    return i < t->s.n ? ww_word_first((jd_str){t->s.p + i, t->s.n - i}) : t->after == 'a';
}

static bool blank_before(const ww_text *t, size_t i)
{
    char c = i ? t->s.p[i - 1] : ww_last_byte(t->w);
    return ww_blank(c) || c == '\n';
}

static bool blank_at(const ww_text *t, size_t i)
{
    char c = at(t, i);
    return ww_blank(c) || c == '\n';
}

/* Whether c at i or later could end what begins at i. */
static bool ends_later(ww_text *t, size_t i, char c)
{
    unsigned kind = 0;
    while (kind < WW_SIGNS && ww_signs[kind].sign != c)
        kind++;
    if (t->more)
        return true;
    if (!t->looked[kind]) {
        t->looked[kind] = true;
        t->w->d->steps += t->s.n;
        for (size_t k = t->s.n; k-- > 1;)
            if (t->s.p[k] == c && !ww_blank(t->s.p[k - 1]) && !word_at(t, k + 1)) {
                t->last[kind] = k;
                break;
            }
    }
    return t->last[kind] > i + 1;
}

static bool may_open(ww_text *t, size_t i, char c)
{
    return !word_before(t, i) && !blank_at(t, i + 1) && ends_later(t, i, c);
}

static bool may_shut(const ww_text *t, size_t i)
{
    return !blank_before(t, i) && !word_at(t, i + 1);
}

/* Bytes of an address that needs no brackets, or 0. */
static size_t address(const ww_text *t, size_t i)
{
    static const char *const schemes[] = {"https://", "http://", "ftp://",  "ftps://", "mailto:",
                                          "file:/",   "irc://",  "nntp://", "news://"};
    jd_str                   rest      = {t->s.p + i, t->s.n - i};
    size_t                   n         = 0;
    if (word_before(t, i))
        return 0;
    for (size_t k = 0; k < sizeof schemes / sizeof *schemes && n == 0; k++)
        if (jd_str_ieq(jd_str_cut(rest, 0, strlen(schemes[k])), jd_str_of(schemes[k])))
            n = strlen(schemes[k]);
    size_t first = n;
    while (n && n < rest.n &&
           (strchr("-_.~*';/?:@#&=%+$,()", rest.p[n]) ||
            ww_word_first((jd_str){rest.p + n, (unsigned char)rest.p[n] < 0x80 ? 1 : 0})))
        n++;
    while (n > first && strchr(".,>)];}\"'!*_+^~-", rest.p[n - 1]))
        n--;
    return n > first ? n : 0;
}

/* Length of an emoticon at i, or 0; *paren is where a backslash undoes it. */
static size_t face(const ww_text *t, size_t i, size_t *paren)
{
    static const char *const faces[] = {
        ":)",  ":-)",  ":(",    ":-(", ":P",   ":p",   ":-P",  ":-p",  ":D",     ":-D",
        ";)",  ";-)",  "(y)",   "(n)", "(i)",  "(/)",  "(x)",  "(!)",  "(+)",    "(-)",
        "(?)", "(on)", "(off)", "(*)", "(*y)", "(*r)", "(*g)", "(*b)", "(flag)", "(flagoff)"};
    jd_str rest = {t->s.p + i, t->s.n - i};
    for (size_t k = 0; k < sizeof faces / sizeof *faces; k++) {
        jd_str f = jd_str_of(faces[k]);
        if (!jd_str_starts(rest, f))
            continue;
        *paren = f.p[0] == '(' ? 0 : strchr("()", f.p[f.n - 1]) ? f.n - 1 : f.n;
        return f.n;
    }
    return 0;
}

static bool like_entity(const ww_text *t, size_t i)
{
    size_t k = i + 1;
    while (k < t->s.n && k < i + 12 &&
           (t->s.p[k] == '#' ||
            (jd_utf8_is_alnum((unsigned char)t->s.p[k]) && (unsigned char)t->s.p[k] < 0x80)))
        k++;
    return k > i + 1 && at(t, k) == ';';
}

/* {name} and {name:…}, {{ and {*} */
static bool like_macro(const ww_text *t, size_t i)
{
    size_t k = i + 1;
    while (k < t->s.n && (t->s.p[k] | 0x20) >= 'a' && (t->s.p[k] | 0x20) <= 'z')
        k++;
    char c = at(t, k);
    t->w->d->steps += k - i;
    return k > i + 1 ? c == '}' || c == ':' || k == t->s.n : bit_of(c) || c == '{' || c == '?';
}

/* A bracket that could begin a link: what is up to the next one looks like a target or has a bar.
 */
static bool like_link(const ww_text *t, size_t i)
{
    bool   bar = false;
    size_t k   = i + 1;
    for (; k < t->s.n && t->s.p[k] != ']' && t->s.p[k] != '['; k++)
        bar |= strchr("|^:", t->s.p[k]) != NULL;
    t->w->d->steps += k - i;
    if (k == t->s.n)
        return t->more;
    return t->s.p[k] == ']' && (bar || strchr("~#^/", at(t, i + 1)) ||
                                jd_is_issue_key((jd_str){t->s.p + i + 1, k - i - 1}));
}

static void put_entity(ww_writer *w, char c)
{
    jd_buf_addf(w->out, "&#%u;", (unsigned)(unsigned char)c);
}

static void put_escaped(ww_writer *w, char c)
{
    jd_buf_addc(w->out, '\\');
    jd_buf_addc(w->out, c);
}

static size_t run_of(const ww_text *t, size_t i)
{
    size_t k = i;
    while (k < t->s.n && t->s.p[k] == t->s.p[i])
        k++;
    return k - i;
}

/* A letter that may be a mark's sign; next to the mark's own one there must be another. */
static void put_sign(ww_text *t, size_t i)
{
    char c      = t->s.p[i];
    bool marked = t->marks & bit_of(c);
    if (marked && i + 1 == t->s.n)
        put_entity(t->w, c);
    else if ((marked && (i == 0 || may_shut(t, i))) || may_open(t, i, c))
        put_escaped(t->w, c);
    else
        jd_buf_addc(t->w->out, c);
}

/* A run of dashes; of two or three between blanks there would be one. */
static size_t put_dashes(ww_text *t, size_t i)
{
    size_t n = run_of(t, i);
    if (n == 1) {
        put_sign(t, i);
        return 1;
    }
    if ((t->marks & JD_MK_STRIKE) && (i == 0 || i + n == t->s.n)) {
        for (size_t k = 0; k < n; k++)
            put_entity(t->w, '-');
        return n;
    }
    if (n <= 3 && blank_before(t, i) && blank_at(t, i + n))
        jd_buf_addc(t->w->out, '\\');
    jd_buf_add(t->w->out, t->s.p + i, n);
    return n;
}

static size_t put_backslashes(ww_text *t, size_t i)
{
    size_t n    = run_of(t, i);
    char   next = at(t, i + n);
    bool   safe = n == 1 && i + n < t->s.n && !strchr(ww_escapable, next) && next != '&';
    for (size_t k = 0; k < n; k++) {
        if (safe)
            jd_buf_addc(t->w->out, '\\');
        else
            put_entity(t->w, '\\');
    }
    return n;
}

static size_t put_face(ww_text *t, size_t i)
{
    size_t paren, n = face(t, i, &paren);
    char   c = t->s.p[i];
    if (n == 0) {
        jd_buf_addc(t->w->out, c);
        return 1;
    }
    if (paren == n) { /* no bracket to put it at */
        put_entity(t->w, c);
        return 1;
    }
    jd_buf_add(t->w->out, t->s.p + i, paren);
    put_escaped(t->w, t->s.p[i + paren]);
    return paren + 1;
}

static size_t put_special(ww_text *t, size_t i)
{
    ww_writer *w = t->w;
    char       c = t->s.p[i];
    switch (c) {
    case '-':
        return put_dashes(t, i);
    case '\\':
        return put_backslashes(t, i);
    case '(':
    case ':':
    case ';':
        return put_face(t, i);
    case '?':
        if (at(t, i + 1) == '?' && !word_before(t, i))
            jd_buf_addc(w->out, '\\');
        jd_buf_addc(w->out, c);
        return 1;
    case '{':
        if (like_macro(t, i))
            jd_buf_addc(w->out, '\\');
        jd_buf_addc(w->out, c);
        return 1;
    case '[':
        if (t->in_link || like_link(t, i))
            jd_buf_addc(w->out, '\\');
        jd_buf_addc(w->out, c);
        return 1;
    case ']':
        if (t->in_link)
            jd_buf_addc(w->out, '\\');
        jd_buf_addc(w->out, c);
        return 1;
    case '|':
        if (t->in_link || i + 1 == t->s.n)
            put_entity(w, c);
        else if (w->in_cell)
            put_escaped(w, c);
        else
            jd_buf_addc(w->out, c);
        return 1;
    case '!':
        if (t->in_link)
            put_entity(w, c);
        else if (may_open(t, i, c))
            put_escaped(w, c);
        else
            jd_buf_addc(w->out, c);
        return 1;
    case '&':
        jd_buf_addz(w->out, like_entity(t, i) ? "&amp;" : "&");
        return 1;
    default:
        put_sign(t, i);
        return 1;
    }
}

/* What would begin a block at the start of a line. Returns how much of s is written. */
static size_t put_line_start(ww_text *t)
{
    ww_writer *w = t->w;
    jd_str     s = t->s;
    size_t     n = 0;
    if (s.n == 0)
        return 0;
    if (jd_str_starts(s, JD_STR("bq.")) ||
        (s.n > 2 && s.p[0] == 'h' && s.p[1] >= '1' && s.p[1] <= '6' && s.p[2] == '.')) {
        jd_buf_add(w->out, s.p, 2);
        put_entity(w, '.');
        return 3;
    }
    if (s.p[0] == '|') {
        put_escaped(w, '|');
        return 1;
    }
    while (n < s.n && strchr("*#-", s.p[n]))
        n++;
    bool marker = n > 0 && blank_at(t, n), rule = n > 3 && t->after == '\n' && n == s.n;
    t->w->d->steps += n;
    if (!marker && !rule)
        return 0;
    put_escaped(w, s.p[0]);
    jd_buf_add(w->out, s.p + 1, n - 1);
    return n;
}

void ww_put_text(ww_text *t, bool line_start)
{
    static const uint8_t special[256] = {
        ['*'] = 1,  ['_'] = 1, ['-'] = 1, ['+'] = 1, ['^'] = 1, ['~'] = 1, ['?'] = 1,
        ['{'] = 1,  ['['] = 1, ['!'] = 1, ['('] = 1, ['&'] = 1, [':'] = 1, [';'] = 1,
        ['\\'] = 1, ['|'] = 1, [']'] = 1, ['h'] = 2, ['f'] = 2, ['m'] = 2, ['i'] = 2,
        ['n'] = 2,  ['H'] = 2, ['F'] = 2, ['M'] = 2, ['I'] = 2, ['N'] = 2};
    jd_buf *out = t->w->out;
    t->w->d->steps += t->s.n;
    for (size_t i = line_start ? put_line_start(t) : 0; i < t->s.n;) {
        size_t k = i;
        while (k < t->s.n && !special[(unsigned char)t->s.p[k]])
            k++;
        jd_buf_add(out, t->s.p + i, k - i);
        i = k;
        if (i == t->s.n)
            break;
        if (special[(unsigned char)t->s.p[i]] == 1) {
            i += put_special(t, i);
            continue;
        }
        size_t n = t->in_link ? 0 : address(t, i);
        n        = n ? n : 1;
        jd_buf_add(out, t->s.p + i, n);
        i += n;
    }
}
