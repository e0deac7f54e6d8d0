#include "markup/write.h"

#include <string.h>

/* Cells that cover other rows or columns leave empty places there. How many empty places a table
 * may get in all is bounded by its own size, so that a wide row above many short ones, or cells
 * that claim to span thousands, cannot make the output grow faster than the document; beyond that,
 * rows stay short (which Markdown allows) and spans count as one. */
enum { SPARE_FACTOR = 16, SPARE_LEAST = 1024 };

typedef struct grid {
    uint16_t *left;        /* per column: rows that a cell above still covers */
    uint32_t  cap, active; /* columns at and past `active` are not covered */
    uint64_t  spare, padding;
    uint32_t  width;
    size_t    row_start; /* in the output */
} grid;

static void grow(jd_mkw *w, grid *g, uint32_t columns)
{
    if (columns <= g->cap)
        return;
    uint32_t  cap  = columns < 32 ? 32 : columns * 2;
    uint16_t *left = jd_arena_zarray(w->d->arena, cap, sizeof *left);
    if (g->cap)
        memcpy(left, g->left, g->cap * sizeof *left);
    g->left = left;
    g->cap  = cap;
}

/* How many columns from `column` on are covered from above. */
static uint32_t covered(grid *g, uint32_t column)
{
    uint32_t n = 0;
    while (column + n < g->active && g->left[column + n]) {
        if (g->spare == 0) {
            g->active = 0;
            break;
        }
        g->spare--;
        g->left[column + n]--;
        n++;
    }
    return n;
}

static uint32_t place(jd_mkw *w, grid *g, uint32_t column, uint32_t num)
{
    uint32_t columns = jd_mk_cell_columns(num), rows = jd_mk_cell_rows(num);
    columns = columns ? columns : 1;
    if (columns > 1) {
        columns = columns - 1 <= g->spare ? columns : 1;
        g->spare -= columns - 1;
    }
    if (rows > 1 || column < g->active) {
        grow(w, g, column + columns);
        for (uint32_t i = 0; i < columns; i++)
            g->left[column + i] = (uint16_t)(rows ? rows - 1 : 0);
        if (rows > 1 && column + columns > g->active)
            g->active = column + columns;
    }
    return columns;
}

static bool is_open(const jd_mkw *w, uint32_t i, jd_mk_kind kind)
{
    return w->ev[i].edge == JD_MK_OPEN && w->ev[i].kind == kind;
}

/* Markdown's rows begin with a bar, those of text only when their first place is empty. */
static void put_place(jd_mkw *w, const grid *g, uint32_t column)
{
    if (column && w->out->n > g->row_start)
        jd_mkw_puts(w, JD_STR(" | "));
    else if (column || w->markdown)
        jd_mkw_puts(w, JD_STR("| "));
}

static void put_empty(jd_mkw *w, const grid *g, uint32_t *column, uint32_t n)
{
    for (; n; n--)
        put_place(w, g, (*column)++);
}

static void end_row(jd_mkw *w, const grid *g)
{
    if (w->markdown)
        jd_mkw_puts(w, JD_STR(" |"));
    else
        while (w->out->n > g->row_start && w->out->p[w->out->n - 1] == ' ')
            w->out->n--;
}

/* Whether every word of the cell is bold already. */
static bool all_bold(jd_mkw *w, uint32_t from, uint32_t to)
{
    unsigned headings = 0;
    for (uint32_t i = from; i < to; i++) {
        const jd_mk_event *e = &w->ev[i];
        w->d->steps++;
        if (e->kind == JD_MK_HEADING)
            headings += e->edge == JD_MK_OPEN ? 1u : e->edge == JD_MK_CLOSE ? -1u : 0u;
        else if (e->edge == JD_MK_OPEN && e->kind == JD_MK_CODE)
            return false;
        else if (e->edge == JD_MK_LEAF && e->kind != JD_MK_BREAK && e->kind != JD_MK_STATUS &&
                 !headings && !(e->marks & JD_MK_STRONG) && !jd_mkw_white(e->text))
            return false;
    }
    return true;
}

static void cell(jd_mkw *w, uint32_t open, uint32_t close, bool in_header)
{
    jd_mkw_seq s  = {.last = -1, .where = JD_MKW_CELL};
    unsigned   on = w->on, off = w->off;
    if (!jd_mkw_shows(w, open + 1, close))
        return;
    if (w->markdown && in_header)
        w->off |= all_bold(w, open + 1, close) ? (unsigned)JD_MK_STRONG : 0u;
    else if (w->markdown && jd_mk_cell_header(w->ev[open].num))
        w->on |= JD_MK_STRONG;
    w->in_cell = true;
    jd_mkw_blocks(w, open + 1, close, &s);
    w->in_cell = false;
    w->on      = on;
    w->off     = off;
}

/* Walks one row; writes it unless only its width is asked. */
static uint32_t row(jd_mkw *w, grid *g, uint32_t open, uint32_t close, bool write, bool in_header)
{
    uint32_t column = 0;
    for (uint32_t i = open + 1, end; i < close; i = end) {
        end = i + 1;
        if (!is_open(w, i, JD_MK_CELL)) {
            if (w->ev[i].edge == JD_MK_OPEN)
                end = jd_mkw_close(w, i, close) + 1;
            continue;
        }
        uint32_t last = jd_mkw_close(w, i, close), over = covered(g, column);
        end = last + 1;
        if (write)
            put_empty(w, g, &column, over);
        else
            column += over;
        uint32_t columns = place(w, g, column, w->ev[i].num);
        if (!write) {
            column += columns;
            continue;
        }
        put_place(w, g, column++);
        cell(w, i, last, in_header);
        put_empty(w, g, &column, columns - 1);
    }
    while (column < g->active && g->spare) {
        uint32_t over = covered(g, column);
        if (over == 0) { /* a hole before a covered place */
            g->spare--;
            over = 1;
        }
        if (write)
            put_empty(w, g, &column, over);
        else
            column += over;
    }
    while (g->active && g->left[g->active - 1] == 0)
        g->active--;
    return column;
}

static grid new_grid(uint32_t events)
{
    uint64_t spare = (uint64_t)events * SPARE_FACTOR + SPARE_LEAST;
    return (grid){.spare = spare, .padding = spare};
}

/* The next row in [from, to), or to. */
static uint32_t next_row(const jd_mkw *w, uint32_t from, uint32_t to)
{
    while (from < to && !is_open(w, from, JD_MK_ROW))
        from = w->ev[from].edge == JD_MK_OPEN ? jd_mkw_close(w, from, to) + 1 : from + 1;
    return from < to ? from : to;
}

/* All cells of the first row are headers. */
static bool has_header(const jd_mkw *w, uint32_t open, uint32_t close)
{
    bool any = false;
    for (uint32_t i = open + 1; i < close; i++) {
        if (!is_open(w, i, JD_MK_CELL))
            continue;
        if (!jd_mk_cell_header(w->ev[i].num))
            return false;
        any = true;
        i   = jd_mkw_close(w, i, close);
    }
    return any;
}

static void put_row(jd_mkw *w, grid *g, uint32_t open, uint32_t close, bool in_header)
{
    g->row_start = w->out->n;
    uint32_t n   = open == close ? 0 : row(w, g, open, close, true, in_header);
    bool     pad = n < g->width && (open == close || in_header || g->width - n <= g->padding);
    if (pad) {
        g->padding -= open == close || in_header ? 0 : g->width - n;
        put_empty(w, g, &n, g->width - n);
    }
    end_row(w, g);
}

static void put_delimiters(jd_mkw *w, const grid *g)
{
    jd_mkw_newline(w);
    for (uint32_t i = 0; i < g->width; i++)
        jd_mkw_puts(w, i ? JD_STR(" --- |") : JD_STR("| --- |"));
}

void jd_mkw_table(jd_mkw *w, uint32_t open, uint32_t close, jd_mkw_seq *s)
{
    grid     g     = new_grid(close - open);
    uint32_t first = next_row(w, open + 1, close);
    for (uint32_t i = first; i < close;) {
        uint32_t end = jd_mkw_close(w, i, close), n = row(w, &g, i, end, false, false);
        g.width = n > g.width ? n : g.width;
        i       = next_row(w, end + 1, close);
    }
    if (g.width == 0)
        return;
    w->d->steps += close - open + g.width;
    uint32_t width = g.width;
    g              = new_grid(close - open);
    g.width        = width;
    jd_mkw_separate(w, s, JD_MK_TABLE);
    bool header = has_header(w, first, jd_mkw_close(w, first, close)), any = false;
    if (w->markdown && !header) {
        put_row(w, &g, close, close, false);
        put_delimiters(w, &g);
        any = true;
    }
    for (uint32_t i = first; i < close;) {
        uint32_t end = jd_mkw_close(w, i, close);
        if (w->markdown || jd_mkw_shows(w, i, end)) {
            if (any)
                jd_mkw_newline(w);
            put_row(w, &g, i, end, header && i == first);
            any = true;
            if (w->markdown && header && i == first)
                put_delimiters(w, &g);
        } else {
            row(w, &g, i, end, false, false);
        }
        i = next_row(w, end + 1, close);
    }
}
