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

static void count_line(counts *c, jd_str line)
{
    jd_str   text  = line;
    uint64_t depth = pass_marks(&text);
    c->lines++;
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
