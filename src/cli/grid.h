/* grid.h: rows as a table for people: columns as wide as they have to be, and no wider than the
 * terminal. Pure.
 *
 * - Cells are lines that are safe on a terminal (jd_grid_clean); widths are a terminal's columns,
 *   so that wide and combining characters stay in line.
 * - Rows may come for ever: those that were measured settle the widths, a longer cell that comes
 *   later is cut, with "…".
 * - The first column names the row: it is cut last.
 * - Where there are more columns than fit, each row becomes a block of lines, one a column. */
#ifndef JD_CLI_GRID_H
#define JD_CLI_GRID_H

#include "base/arena.h"
#include "base/buf.h"

typedef struct jd_grid {
    const jd_str *head;
    size_t        n, width; /* columns, and the room for all */
    size_t       *col;      /* how wide each is */
    bool          tall;     /* a block of lines each */
} jd_grid;

/* Appends s as one line for a cell: white space as single blanks, the rest escaped. */
void jd_grid_clean(jd_buf *out, jd_str s);

/* head, clean, is borrowed. */
void jd_grid_init(jd_grid *g, jd_arena *a, const jd_str *head, size_t n, size_t width);
void jd_grid_measure(jd_grid *g, const jd_str *cell); /* counts in n cells */
void jd_grid_settle(jd_grid *g);
void jd_grid_head(const jd_grid *g, jd_buf *out);
void jd_grid_row(const jd_grid *g, jd_buf *out, const jd_str *cell);

#endif
