/* rows.h: an issue as rows of the warehouse's tables (derive/schema.h).
 *
 * - Any field may be missing or of any type: what is not understood is left out, never an error.
 * - Cells borrow from the issue's tree and the arena; they are valid during the call of `row` only.
 *   U+0000, which no database keeps in a text, reads as U+FFFD; so does a lone surrogate.
 * - What an issue names (users, statuses, …) comes as rows too, each time it is named.
 * - Where Jira gives a child no id, it gets a negative one that is the same each time. */
#ifndef JD_DERIVE_ROWS_H
#define JD_DERIVE_ROWS_H

#include "corpus/body.h"
#include "derive/schema.h"
#include "model/issue.h"
#include "text/date.h"

typedef enum jd_cell_kind {
    JD_CELL_NULL,
    JD_CELL_INT, /* also bool */
    JD_CELL_NUM, /* finite */
    JD_CELL_TEXT,
    JD_CELL_TIME, /* epoch ms; of a JD_COL_DATE the day */
} jd_cell_kind;

typedef struct jd_cell {
    jd_cell_kind kind;
    union {
        int64_t i;
        double  d;
        jd_str  s;
    };
} jd_cell;

/* A hash of the cells from `from` to before `to`; of the key alone: 0 to nkey. */
uint64_t jd_cells_hash(const jd_cell *cell, unsigned from, unsigned to, uint64_t seed);

typedef jd_code jd_row_fn(void *self, jd_table_id table, const jd_cell *cell, jd_err *e);

typedef struct jd_sprint_part jd_sprint_part; /* what the issue tells of its sprints */
typedef struct jd_status_part jd_status_part; /* and of its statuses */

/* Kept from issue to issue; zeroed at first, `site_id`, `row` and `self` set. */
typedef struct jd_rows {
    int64_t    site_id;
    jd_row_fn *row;
    void      *self;
    /* private */
    jd_bodies       bodies;
    jd_buf          scratch;
    jd_arena       *arena;
    const jd_issue *issue;
    int64_t         project_id;
    jd_sprint_part *sprints;
    jd_status_part *statuses;
    jd_cell         cell[JD_issue__N];
    jd_code         rc; /* of `row`: the first failure ends it */
    jd_err         *err;
} jd_rows;

/* All rows of the issue, whose `doc` is there; its own row comes last. The error is that of `row`.
 */
jd_code jd_rows_issue(jd_rows *r, jd_arena *a, const jd_issue *issue, uint64_t plan,
                      jd_err *e) JD_NODISCARD;

/* Rows of what a catalogue of the site lists: Jira's entries of what the table has, read at
 * seen_ms; those of `project` where they are a project's, else 0. Of fields with the names we gave
 * them (model/field.h; may be NULL), of other tables NULL. */
jd_code jd_rows_listed(jd_rows *r, jd_arena *a, jd_table_id t, const jd_json *list,
                       const jd_json *names, uint64_t project, int64_t seen_ms,
                       jd_err *e) JD_NODISCARD;
void    jd_rows_release(jd_rows *r);

#endif
