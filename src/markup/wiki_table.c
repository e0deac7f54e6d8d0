/* Tables: a row is one line, or several up to one that ends with a bar; macros, links and images
 * keep their bars. */
#include "markup/doc_put.h"
#include "markup/wiki.h"

#include <stdlib.h>

typedef struct cell {
    uint32_t from, to;
    bool     header;
} cell;

typedef struct row {
    wk_reader *r;
    cell      *cells;
    uint32_t   n, cap;
} row;

static bool ends_with_bar(const wk_reader *r, uint32_t from, uint32_t to)
{
    while (to > from && wk_blank(r->s[to - 1]))
        to--;
    return to > from + 1 && r->s[to - 1] == '|';
}

/* Past what begins at p and may hold bars of its own. */
static uint32_t step(wk_reader *r, uint32_t p, uint32_t row_from, uint32_t to, uint32_t *ti)
{
    wk_found f;
    switch (r->s[p]) {
    case '\\':
        return p + 2 <= to ? p + 2 : to;
    case '[':
        return wk_link(r, p, to, &f) ? f.end : p + 1;
    case '!':
        return !wk_word_before(r, p, row_from) && wk_image(r, p, to, &f) ? f.end : p + 1;
    case '{':
        while (r->tags[*ti].from < p)
            ++*ti;
        if (r->tags[*ti].from == p && r->tags[*ti].role != WK_RUN) {
            const wk_tag *t   = &r->tags[*ti];
            bool          far = t->role == WK_BLOCK || t->role == WK_INSIDE;
            uint32_t      end = far ? t->shut : t->to;
            *ti               = far ? t->next : *ti + 1;
            return end < to ? end : to;
        }
        return p + 1;
    default:
        return p + 1;
    }
}

static uint32_t next_bar(wk_reader *r, uint32_t p, uint32_t row_from, uint32_t to, uint32_t *ti)
{
    uint32_t begin = p;
    while (p < to) {
        p = wk_next_stop(r, p, to);
        if (p < to && r->s[p] == '|')
            break;
        if (p < to)
            p = step(r, p, row_from, to, ti);
    }
    r->d->steps += p - begin;
    return p;
}

static void add(row *w, cell c)
{
    if (w->n == w->cap) {
        w->cap   = w->cap ? w->cap * 2 : 16;
        w->cells = jd_xrealloc(w->cells, w->cap * sizeof c);
    }
    w->cells[w->n++] = c;
}

/* Two bars before a cell make it a header. */
static void split(row *w, uint32_t from, uint32_t to)
{
    wk_reader *r  = w->r;
    uint32_t   ti = r->ti;
    while (to > from && wk_blank(r->s[to - 1]))
        to--;
    r->bangs[0] = (wk_bangs){0};
    w->n        = 0;
    for (uint32_t p = from; p < to;) {
        uint32_t bars = p;
        while (p < to && r->s[p] == '|')
            p++;
        if (p == to)
            break;
        uint32_t end = next_bar(r, p, from, to, &ti);
        add(w, (cell){p, end, p - bars > 1});
        p = end;
    }
}

static void tell(row *w)
{
    jd_mk_doc *d = w->r->d;
    if (w->n == 0)
        return;
    jd_mkd_open(d, JD_MK_ROW, 0, JD_NOSTR);
    for (uint32_t i = 0; i < w->n; i++) {
        cell c = w->cells[i];
        jd_mkd_open(d, JD_MK_CELL, jd_mk_cell(c.header, 1, 1), JD_NOSTR);
        wk_blocks(w->r, c.from, c.to, true);
        jd_mkd_close(d);
    }
    jd_mkd_close(d);
}

/* Where the row that begins at p ends. */
static uint32_t row_end(wk_reader *r, uint32_t p, uint32_t to, bool list)
{
    uint32_t ti = r->ti, marks, end = wk_line_end(r, p, to, &ti);
    while (end < to && !ends_with_bar(r, p, end)) {
        bool     tags = false;
        uint32_t next = wk_past_blanks(r, end + 1, to, &tags);
        if (next >= to || r->s[next] == '\n' || r->s[next] == '|' ||
            (list && wk_list_marker(r, next, to, &marks)))
            break;
        end = wk_line_end(r, next, to, &ti);
    }
    return end;
}

uint32_t wk_table(wk_reader *r, uint32_t p, uint32_t to, bool list)
{
    row w = {.r = r};
    jd_mkd_open(r->d, JD_MK_TABLE, 0, JD_NOSTR);
    for (;;) {
        uint32_t end  = row_end(r, p, to, list);
        bool     tags = false;
        split(&w, p, end);
        tell(&w);
        p             = end < to ? end + 1 : to;
        uint32_t next = wk_past_blanks(r, p, to, &tags);
        if (next >= to || r->s[next] != '|')
            break;
        p = next;
        while (r->tags[r->ti].from < p)
            r->ti++;
    }
    jd_mkd_close(r->d);
    free(w.cells);
    return p;
}
