#include "markup/markup.h"
#include "markup/wiki_writer.h"

#include <stdlib.h>
#include <string.h>

enum {
    COLUMNS = 256 /* covered cells are written out for this many columns */
};

static bool block(ww_writer *w, uint32_t i);
static bool blocks(ww_writer *w, uint32_t from, uint32_t to);

static uint32_t next_of(const ww_writer *w, uint32_t i)
{
    return w->ev[i].edge == JD_MK_OPEN ? w->ev[i].more + 1 : i + 1;
}

/* Between blocks there is an empty line, but for where it would end a list or a row. */
static void gap(ww_writer *w)
{
    jd_buf_addz(w->out, w->depth || w->in_cell ? "\n" : "\n\n");
}

/* Whether something was written since `from`; what was written before it in vain is taken back. */
static bool kept(ww_writer *w, size_t start, size_t from)
{
    bool some = w->out->n > from;
    if (!some && jd_buf_ok(w->out))
        w->out->n = start;
    return some;
}

/* Words in bold on a line of their own. */
static bool title(ww_writer *w, jd_str words)
{
    size_t before = w->out->n;
    ww_words(w, words, JD_MK_STRONG);
    return w->out->n > before;
}

static bool heading(ww_writer *w, uint32_t i)
{
    const jd_mk_event *e     = &w->ev[i];
    size_t             start = w->out->n;
    if (w->depth) {
        unsigned before = w->add;
        w->add |= JD_MK_STRONG;
        ww_leaves(w, i + 1, e->more, true);
        w->add = before;
        return w->out->n > start;
    }
    jd_buf_addf(w->out, "h%u. ", e->num);
    size_t from = w->out->n;
    ww_leaves(w, i + 1, e->more, true);
    return kept(w, start, from);
}

static bool holds(jd_str s, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= s.n; i++)
        if (s.p[i] == word[0] && jd_str_ieq((jd_str){s.p + i, n}, (jd_str){word, n}))
            return true;
    return false;
}

static bool is_language(jd_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char low = (char)(s.p[i] | 0x20);
        if (!((low >= 'a' && low <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
              strchr("+#_-", s.p[i])))
            return false;
    }
    return s.n > 0 && s.n <= 32;
}

/* A blank keeps apart what would end the block, when there is no other block to put it in. */
static void put_verbatim(ww_writer *w, jd_str s, const char *ends)
{
    size_t n = strlen(ends);
    for (size_t i = 0; i < s.n; i++) {
        jd_buf_addc(w->out, s.p[i]);
        if (s.p[i] == '{' && jd_str_ieq(jd_str_cut(s, i, n), (jd_str){ends, n}))
            jd_buf_addc(w->out, ' ');
    }
}

static bool code(ww_writer *w, uint32_t i)
{
    const jd_mk_event *e    = &w->ev[i];
    jd_buf             text = JD_BUF_INIT(SIZE_MAX - 1);
    for (uint32_t k = i + 1; k < e->more; k++)
        jd_buf_adds(&text, w->ev[k].text);
    jd_str s = jd_buf_view(&text);
    w->d->steps += s.n;
    bool empty = jd_str_trim(s).n == 0, named = is_language(e->text);
    if (!empty) {
        bool plain = !named || holds(s, "{code");
        if (plain && holds(s, "{noformat"))
            plain = false;
        if (!plain && named)
            jd_buf_addf(w->out, "{code:%.*s}\n", JD_FMT(e->text));
        else
            jd_buf_addz(w->out, plain ? "{noformat}\n" : "{code}\n");
        if (plain)
            jd_buf_adds(w->out, s);
        else
            put_verbatim(w, s, "{code");
        jd_buf_addz(w->out, plain ? "\n{noformat}" : "\n{code}");
    }
    jd_buf_release(&text);
    return !empty;
}

/* What stands in a macro is a text of its own. */
static bool macro(ww_writer *w, uint32_t i, const char *begin, const char *end)
{
    size_t   start = w->out->n;
    unsigned depth = w->depth;
    bool     cell  = w->in_cell;
    jd_buf_addz(w->out, begin);
    jd_buf_addc(w->out, '\n');
    size_t from = w->out->n;
    w->depth    = 0;
    w->in_cell  = false;
    (void)blocks(w, i + 1, w->ev[i].more);
    w->depth   = depth;
    w->in_cell = cell;
    if (!kept(w, start, from))
        return false;
    jd_buf_addc(w->out, '\n');
    jd_buf_addz(w->out, end);
    return true;
}

/* A macro does not nest in its like. */
static bool quote(ww_writer *w, uint32_t i)
{
    if (w->in_quote)
        return blocks(w, i + 1, w->ev[i].more);
    w->in_quote = true;
    bool some   = macro(w, i, "{quote}", "{quote}");
    w->in_quote = false;
    return some;
}

static bool panel(ww_writer *w, uint32_t i)
{
    static const char *const begins[] = {
        [JD_MK_PANEL_PLAIN]   = "{panel}",
        [JD_MK_PANEL_INFO]    = "{panel:bgColor=#deebff}",
        [JD_MK_PANEL_NOTE]    = "{panel:bgColor=#eae6ff}",
        [JD_MK_PANEL_TIP]     = "{panel:bgColor=#e3fcef}",
        [JD_MK_PANEL_SUCCESS] = "{panel:bgColor=#e3fcef}",
        [JD_MK_PANEL_WARNING] = "{panel:bgColor=#fffae6}",
        [JD_MK_PANEL_ERROR]   = "{panel:bgColor=#ffebe6}",
        [JD_MK_PANEL_CUSTOM]  = "{panel}",
    };
    if (w->in_panel)
        return blocks(w, i + 1, w->ev[i].more);
    w->in_panel = true;
    bool some   = macro(w, i, begins[w->ev[i].num], "{panel}");
    w->in_panel = false;
    return some;
}

/* Lists */

static bool is_list(const jd_mk_event *e)
{
    return e->edge == JD_MK_OPEN && (e->kind == JD_MK_BULLETS || e->kind == JD_MK_ORDERED ||
                                     e->kind == JD_MK_TASKS || e->kind == JD_MK_DECISIONS);
}

static void put_markers(ww_writer *w)
{
    jd_buf_add(w->out, w->markers, w->depth);
    jd_buf_addc(w->out, ' ');
}

/* A done task's words are struck out. */
static bool item(ww_writer *w, uint32_t i)
{
    const jd_mk_event *e     = &w->ev[i];
    size_t             start = w->out->n;
    if (is_list(&w->ev[i + 1])) /* its items tell their depth */
        return blocks(w, i + 1, e->more);
    put_markers(w);
    if (e->kind == JD_MK_DECISION)
        jd_buf_addz(w->out, "<> ");
    size_t   from   = w->out->n;
    unsigned before = w->add;
    uint32_t words  = i + 1;
    while (words < e->more && !is_list(&w->ev[words]))
        words = next_of(w, words);
    if (e->kind == JD_MK_TASK && e->num)
        w->add |= JD_MK_STRIKE;
    bool some = blocks(w, i + 1, words);
    w->add    = before;
    if (!some)
        (void)kept(w, start, from);
    start = w->out->n;
    if (some && words < e->more)
        gap(w);
    from = w->out->n;
    (void)blocks(w, words, e->more);
    return kept(w, start, from) || some;
}

static bool list(ww_writer *w, uint32_t i)
{
    const jd_mk_event *e    = &w->ev[i];
    bool               some = false, deeper = w->depth < WW_LEVELS;
    if (deeper)
        w->markers[w->depth++] = e->kind == JD_MK_ORDERED ? '#' : '*';
    for (uint32_t k = i + 1; k < e->more; k = w->ev[k].more + 1) {
        size_t start = w->out->n;
        if (some)
            jd_buf_addc(w->out, '\n');
        size_t from = w->out->n;
        if (w->ev[k].kind == JD_MK_TASKS)
            (void)list(w, k);
        else
            (void)item(w, k);
        some |= kept(w, start, from);
    }
    w->depth -= deeper;
    return some;
}

/* Tables */

static void cell(ww_writer *w, uint32_t i)
{
    unsigned depth = w->depth;
    bool     outer = w->in_cell;
    w->depth       = 0;
    w->in_cell     = true;
    jd_buf_addz(w->out, jd_mk_cell_header(w->ev[i].num) ? "||" : "|");
    size_t from = w->out->n;
    if (!blocks(w, i + 1, w->ev[i].more) || w->out->n == from)
        jd_buf_addc(w->out, ' ');
    w->depth   = depth;
    w->in_cell = outer;
}

static void covered(ww_writer *w, uint16_t *rows, uint32_t *column)
{
    for (; *column < COLUMNS && rows[*column]; ++*column) {
        rows[*column]--;
        jd_buf_addz(w->out, "| ");
    }
}

/* What spans rows or columns is told once, the places it covers stay empty. */
static bool table(ww_writer *w, uint32_t i)
{
    uint16_t rows[COLUMNS] = {0};
    uint32_t close         = w->ev[i].more;
    for (uint32_t row = i + 1; row < close; row = w->ev[row].more + 1) {
        uint32_t column = 0;
        if (row > i + 1)
            jd_buf_addc(w->out, '\n');
        for (uint32_t k = row + 1; k < w->ev[row].more; k = w->ev[k].more + 1) {
            uint32_t columns = jd_mk_cell_columns(w->ev[k].num),
                     down    = jd_mk_cell_rows(w->ev[k].num);
            covered(w, rows, &column);
            cell(w, k);
            for (uint32_t c = 0; c < columns && column < COLUMNS; c++, column++) {
                rows[column] = (uint16_t)(down ? down - 1 : 0);
                if (c > 0)
                    jd_buf_addz(w->out, "| ");
            }
            w->d->steps++;
        }
        covered(w, rows, &column);
        jd_buf_addz(w->out, column ? "|" : "| |");
    }
    return close > i + 1;
}

/* A table inside a cell: a line for each row. */
static bool rows_as_lines(ww_writer *w, uint32_t i)
{
    bool some = false;
    for (uint32_t row = i + 1; row < w->ev[i].more; row = w->ev[row].more + 1) {
        size_t start = w->out->n;
        if (some)
            jd_buf_addc(w->out, '\n');
        size_t from = w->out->n;
        for (uint32_t k = row + 1; k < w->ev[row].more; k = w->ev[k].more + 1) {
            if (k > row + 1)
                jd_buf_addz(w->out, " \\| ");
            ww_leaves(w, k + 1, w->ev[k].more, true);
        }
        some |= kept(w, start, from);
    }
    return some;
}

/* Blocks */

static bool expand(ww_writer *w, uint32_t i)
{
    bool   some  = title(w, w->ev[i].text);
    size_t start = w->out->n;
    if (some)
        gap(w);
    size_t from = w->out->n;
    (void)blocks(w, i + 1, w->ev[i].more);
    return kept(w, start, from) || some;
}

static bool files(ww_writer *w, uint32_t i)
{
    bool some = false, deeper = w->depth < WW_LEVELS;
    if (deeper)
        w->markers[w->depth++] = '*';
    for (uint32_t k = i + 1; k < w->ev[i].more; k++) {
        if (some)
            jd_buf_addc(w->out, '\n');
        put_markers(w);
        ww_leaves(w, k, k + 1, true);
        some = true;
    }
    w->depth -= deeper;
    return some;
}

static bool leaves(ww_writer *w, uint32_t from, uint32_t to)
{
    size_t start = w->out->n;
    ww_leaves(w, from, to, false);
    return w->out->n > start;
}

static bool block(ww_writer *w, uint32_t i)
{
    const jd_mk_event *e = &w->ev[i];
    w->d->steps++;
    switch (e->kind) {
    case JD_MK_HEADING:
        return heading(w, i);
    case JD_MK_BULLETS:
    case JD_MK_ORDERED:
    case JD_MK_TASKS:
    case JD_MK_DECISIONS:
        return list(w, i);
    case JD_MK_CODE:
        return code(w, i);
    case JD_MK_QUOTE:
        return quote(w, i);
    case JD_MK_PANEL:
        return panel(w, i);
    case JD_MK_EXPAND:
        return expand(w, i);
    case JD_MK_TABLE:
        return w->in_cell ? rows_as_lines(w, i) : table(w, i);
    case JD_MK_FILES:
        return files(w, i);
    case JD_MK_FIGURE: /* an image and its caption */
        return blocks(w, i + 1, e->more);
    default:
        return leaves(w, i + 1, e->more);
    }
}

static bool is_line(const jd_mk_event *e)
{
    return e->edge == JD_MK_LEAF && e->kind != JD_MK_RULE && e->kind != JD_MK_CARD;
}

static bool blocks(ww_writer *w, uint32_t from, uint32_t to)
{
    bool some = false;
    for (uint32_t i = from, next; i < to; i = next) {
        size_t start = w->out->n;
        next         = next_of(w, i);
        if (is_line(&w->ev[i]))
            while (next < to && is_line(&w->ev[next]))
                next++;
        if (some)
            gap(w);
        size_t at = w->out->n;
        if (w->ev[i].edge == JD_MK_OPEN)
            (void)block(w, i);
        else if (w->ev[i].kind != JD_MK_RULE)
            (void)leaves(w, i, next);
        else if (w->depth == 0 && !w->in_cell) /* it would end the list */
            jd_buf_addz(w->out, "----");
        some |= kept(w, start, at);
    }
    return some;
}

void jd_write_wiki(jd_buf *out, jd_mk_doc *d)
{
    ww_writer w = {.out = out, .d = d, .ev = d->ev};
    (void)blocks(&w, 0, d->n);
    free(w.pieces);
}
