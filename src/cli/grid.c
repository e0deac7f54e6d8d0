#include "cli/grid.h"

#include "cli/cli.h"
#include "flow/show_value.h"
#include "text/utf8.h"

enum {
    GAP      = 2,
    LEAST    = 6, /* narrower than that, a column says nothing */
    DATE     = 16,
    CELL_MAX = 4000 /* bytes of a cell that are looked at */
};

void jd_grid_clean(jd_buf *out, jd_str s)
{
    JD_CLEANUP(jd_buf_release) jd_buf line = JD_BUF_INIT(2 * CELL_MAX);
    jd_show_squeeze(&line, s, CELL_MAX);
    jd_escape_line(out, jd_buf_view(&line));
}

void jd_grid_init(jd_grid *g, jd_arena *a, const jd_str *head, size_t n, size_t width)
{
    *g = (jd_grid){.head = head, .n = n, .width = width, .col = JD_NEW_ARRAY(a, size_t, n + 1)};
    jd_grid_measure(g, head);
}

void jd_grid_measure(jd_grid *g, const jd_str *cell)
{
    for (size_t i = 0; i < g->n; i++) {
        size_t w  = jd_utf8_width(cell[i]);
        g->col[i] = w > g->col[i] ? w : g->col[i];
    }
}

/* How much room the columns take when none but the first, and those of `whole` or less, is wider
 * than `most`. */
static size_t room(const jd_grid *g, size_t most, size_t whole)
{
    size_t sum = g->n ? g->col[0] + GAP * (g->n - 1) : 0;
    for (size_t i = 1; i < g->n; i++)
        sum += g->col[i] <= most || g->col[i] <= whole ? g->col[i] : most;
    return sum;
}

static void go_tall(jd_grid *g)
{
    size_t name = 0;
    g->tall     = true;
    for (size_t i = 1; i < g->n; i++) {
        size_t w = jd_utf8_width(g->head[i]);
        name     = w > name ? w : name;
    }
    g->col[0] = name < g->width / 2 ? name : g->width / 2;
}

/* Cuts what is wider than `most`; what is left over goes to the first of them. */
static void cut(jd_grid *g, size_t most, size_t whole)
{
    size_t used = room(g, most, whole);
    for (size_t i = 1; i < g->n; i++) {
        if (g->col[i] <= most || g->col[i] <= whole)
            continue;
        g->col[i] = most + (used < g->width);
        used += used < g->width;
    }
}

/* The widest columns give way first, the first one, which names the row, last. Dates, names and the
 * like stay whole where the others can do with less. */
void jd_grid_settle(jd_grid *g)
{
    static const struct {
        size_t whole, least;
    } tries[] = {{DATE, 2 * LEAST}, {0, LEAST}};
    if (room(g, SIZE_MAX, 0) <= g->width)
        return;
    if (g->col[0] > g->width / 2)
        g->col[0] = g->width / 2;
    for (size_t k = 0; k < sizeof tries / sizeof *tries; k++) {
        size_t most = g->width;
        while (most > tries[k].least && room(g, most, tries[k].whole) > g->width)
            most--;
        if (room(g, most, tries[k].whole) <= g->width) {
            cut(g, most, tries[k].whole);
            return;
        }
    }
    go_tall(g);
}

/* s in `width` columns; padded unless it ends the line. */
static void put(jd_buf *out, jd_str s, size_t width, bool last)
{
    size_t w = jd_utf8_width(s);
    jd_utf8_pad(out, s, last && w < width ? w : width);
    for (size_t i = 0; !last && i < GAP; i++)
        jd_buf_addc(out, ' ');
}

static void put_line(const jd_grid *g, jd_buf *out, const jd_str *cell)
{
    size_t n = g->n;
    while (n > 1 && cell[n - 1].n == 0) /* no blanks at the end of a line */
        n--;
    for (size_t i = 0; i < n; i++)
        put(out, cell[i], g->col[i], i + 1 == n);
    jd_buf_addc(out, '\n');
}

void jd_grid_head(const jd_grid *g, jd_buf *out)
{
    if (g->tall)
        return;
    put_line(g, out, g->head);
    for (size_t i = 0; i < g->n; i++) {
        for (size_t k = 0; k < g->col[i]; k++)
            jd_buf_addc(out, '-');
        for (size_t k = 0; k < GAP && i + 1 < g->n; k++)
            jd_buf_addc(out, ' ');
    }
    jd_buf_addc(out, '\n');
}

void jd_grid_row(const jd_grid *g, jd_buf *out, const jd_str *cell)
{
    size_t name = g->col[0], indent = 2 * GAP + name;
    if (!g->tall) {
        put_line(g, out, cell);
        return;
    }
    put(out, cell[0], g->width, true);
    jd_buf_addc(out, '\n');
    for (size_t i = 1; i < g->n; i++) {
        if (!cell[i].n)
            continue;
        jd_buf_addz(out, "  ");
        put(out, g->head[i], name, false);
        put(out, cell[i], g->width > indent ? g->width - indent : 1, true);
        jd_buf_addc(out, '\n');
    }
}
