#include "markup/markdown_guard.h"

/* A step is about a nanosecond; measured with libcmark-gfm 0.29.0.gfm.6. */
static const uint64_t steps_at_least = 200 * 1000 * 1000, steps_a_byte = 64;

typedef struct counts {
    uint64_t lines;
    uint64_t deepest;     /* containers that a line could stand in */
    uint64_t columns;     /* of the widest line of dashes */
    uint64_t brackets;    /* links that may be there */
    uint64_t definitions; /* bytes of the largest paragraph that may define one */
    uint64_t paragraph;   /* bytes since the last blank line */
    uint64_t unended;     /* "<?" and "<!" in them */
    bool     defines;     /* a line of them begins with a bracket */
    uint64_t steps;
    char     fence; /* of the code that is open, or 0 */
    size_t   fence_n;
    bool     html; /* there may be a block of it, so that fences may be none */
} counts;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Length of the list marker or quote mark at the front of s, or 0. */
static size_t marker(jd_str s)
{
    size_t i = 0;
    if (s.n && s.p[0] == '>')
        return 1;
    while (i < s.n && i < 9 && is_digit(s.p[i]))
        i++;
    bool ends = i < s.n && (i ? s.p[i] == '.' || s.p[i] == ')'
                              : s.p[i] == '-' || s.p[i] == '+' || s.p[i] == '*');
    if (!ends || (i + 1 < s.n && s.p[i + 1] != ' ' && s.p[i + 1] != '\t'))
        return 0;
    return i + 1;
}

/* Takes marks and blanks off the front of the line; how many containers they could mean. */
static uint64_t pass_marks(jd_str *line)
{
    uint64_t blanks = 0, marks = 0;
    for (;;) {
        size_t n = line->n && (line->p[0] == ' ' || line->p[0] == '\t') ? 1 : 0;
        if (n) {
            blanks += line->p[0] == '\t' ? 4 : 1;
        } else {
            n = marker(*line);
            if (n == 0)
                break;
            marks++;
        }
        *line = (jd_str){line->p + n, line->n - n};
    }
    return marks + blanks / 2;
}

/* Columns of a line of dashes between pipes; 0 when it is none. */
static uint64_t delimiter_columns(jd_str line)
{
    uint64_t pipes  = 0;
    bool     dashes = false;
    for (size_t i = 0; i < line.n; i++) {
        switch (line.p[i]) {
        case '|':
            pipes++;
            break;
        case '-':
            dashes = true;
            break;
        case ':':
        case ' ':
        case '\t':
            break;
        default:
            return 0;
        }
    }
    return dashes ? pipes + 1 : 0;
}

/* Words with many addresses in them, and what opens a link or a piece of HTML. */
static void count_bytes(counts *c, jd_str line)
{
    uint64_t word = 0, hits = 0;
    for (size_t i = 0; i <= line.n; i++) {
        char ch = i < line.n ? line.p[i] : ' ';
        switch (ch) {
        case ' ':
        case '\t':
            c->steps += word * hits / 2;
            word = hits = 0;
            continue;
        case ':':
        case '@':
        case ')':
            hits++;
            break;
        case 'w':
            hits += i + 2 < line.n && line.p[i + 1] == 'w' && line.p[i + 2] == 'w';
            break;
        case '[':
            c->brackets++;
            break;
        case '<':
            c->unended += i + 1 < line.n && (line.p[i + 1] == '?' || line.p[i + 1] == '!');
            break;
        default:
            break;
        }
        word++;
    }
}

static void end_paragraph(counts *c)
{
    c->steps += c->paragraph * c->unended / 4;
    if (c->defines && c->paragraph > c->definitions)
        c->definitions = c->paragraph;
    c->paragraph = c->unended = 0;
    c->defines                = false;
}

/* How many of the same ` or ~ the line begins with, after three blanks at most; 0 for fewer than
 * three, and for code within a line. */
static size_t fence_of(jd_str line, char *mark, jd_str *behind)
{
    size_t i = 0, n = 0;
    while (i < line.n && i < 3 && line.p[i] == ' ')
        i++;
    while (i + n < line.n && (line.p[i] == '`' || line.p[i] == '~') && line.p[i + n] == line.p[i])
        n++;
    *mark   = n ? line.p[i] : '\0';
    *behind = jd_str_cut(line, i + n, line.n);
    if (n < 3 || (*mark == '`' && jd_str_find(*behind, '`') < behind->n))
        return 0;
    return n;
}

/* Code between fences that stand in no other block is not parsed. Inside of HTML they are none. */
static bool in_code(counts *c, jd_str line)
{
    jd_str behind;
    char   mark;
    size_t n = fence_of(line, &mark, &behind);
    if (c->fence) {
        if (n >= c->fence_n && mark == c->fence && jd_str_trim(behind).n == 0)
            c->fence = '\0';
        return true;
    }
    c->fence   = n ? mark : '\0';
    c->fence_n = n;
    return n > 0;
}

/* The line may begin a block of HTML: not an address in angle brackets, a comment that ends, or a
 * mark with text behind it. */
static bool may_be_html(jd_str text)
{
    static const jd_str marks[] = {JD_STR_INIT("u"),   JD_STR_INIT("em"),  JD_STR_INIT("strong"),
                                   JD_STR_INIT("del"), JD_STR_INIT("sub"), JD_STR_INIT("sup")};
    if (text.n < 2 || text.p[0] != '<' || jd_str_is(text, "<!-- -->"))
        return false;
    size_t i = 1;
    while (i < text.n && ((text.p[i] | 0x20) >= 'a' && (text.p[i] | 0x20) <= 'z'))
        i++;
    if (i == 1)
        return text.p[1] == '!' || text.p[1] == '?' || text.p[1] == '/';
    if (i == text.n || text.p[i] == ':' || text.p[i] == '@' || text.p[i] == '.')
        return i == text.n;
    for (size_t m = 0; m < sizeof marks / sizeof *marks; m++)
        if (jd_str_eq(jd_str_cut(text, 1, i - 1), marks[m]) && text.p[i] == '>')
            return jd_str_trim(jd_str_cut(text, i + 1, text.n)).n == 0;
    return true;
}

static void count_line(counts *c, jd_str line)
{
    if (!c->html && in_code(c, line)) {
        end_paragraph(c);
        return;
    }
    jd_str   text  = line;
    uint64_t depth = pass_marks(&text);
    c->lines++;
    c->html    = c->html || may_be_html(text);
    c->deepest = depth > c->deepest ? depth : c->deepest;
    if (text.n == 0) {
        end_paragraph(c);
        return;
    }
    uint64_t columns = delimiter_columns(text);
    if (columns) {
        c->steps += columns * columns * 2 + c->paragraph * c->paragraph / 4;
        c->columns = columns > c->columns ? columns : c->columns;
    }
    c->defines = c->defines || text.p[0] == '[';
    c->paragraph += line.n + 1;
    count_bytes(c, text);
}

bool jd_markdown_fits(jd_str source)
{
    counts c    = {0};
    jd_str rest = source;
    while (rest.n) {
        size_t end  = jd_str_find(rest, '\n');
        size_t used = end < rest.n ? end + 1 : end;
        count_line(&c, (jd_str){rest.p, end});
        rest = (jd_str){rest.p + used, rest.n - used};
    }
    end_paragraph(&c);
    c.steps += c.lines * c.deepest + c.lines * c.columns + c.definitions * c.brackets;
    return c.steps <= steps_at_least + steps_a_byte * source.n;
}
