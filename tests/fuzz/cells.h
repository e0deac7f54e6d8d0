/* cells.h: what both databases ask of a row, for the targets that make rows of any bytes. */
#ifndef JD_FUZZ_CELLS_H
#define JD_FUZZ_CELLS_H

#include "derive/rows.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

static inline void must(bool holds)
{
    if (!holds)
        abort();
}

static inline void check_cell(const jd_column *col, const jd_cell *c)
{
    bool number = col->type == JD_COL_NUM || col->type == JD_COL_INT || col->type == JD_COL_BOOL;
    switch (c->kind) {
    case JD_CELL_NULL:
        must(!(col->flags & (JD_C_KEY | JD_C_REQ)));
        break;
    case JD_CELL_TEXT:
        must(col->type == JD_COL_TEXT || col->type == JD_COL_NAME);
        must(jd_utf8_valid(c->s) == c->s.n && !memchr(c->s.p, '\0', c->s.n));
        must(col->type != JD_COL_NAME || (c->s.n > 0 && c->s.n <= JD_NAME_MAX));
        break;
    case JD_CELL_TIME:
        must(col->type == JD_COL_TIME || col->type == JD_COL_DATE);
        break;
    default:
        must(number);
        must(col->type != JD_COL_BOOL || c->i == 0 || c->i == 1);
    }
}

static inline void check_row(jd_table_id id, const jd_cell *cell)
{
    const jd_table *table = &jd_tables[id];
    for (unsigned i = 0; i < table->ncol; i++)
        check_cell(&table->col[i], &cell[i]);
}

#endif
