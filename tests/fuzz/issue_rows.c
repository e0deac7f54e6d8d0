/* Issues of any bytes: the rows that they give are ones that both databases take, and the same each
 * time; the issue's own comes last, and it is in one status at any time, in one to this day. */
#include "fuzz/cells.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct taken {
    uint64_t hash;
    int64_t  issue, stays;
    jd_cell  ended; /* of the last stay */
    bool     done;  /* the issue's own row came */
} taken;

static void check_stay(taken *t, const jd_cell *cell)
{
    jd_cell began = cell[JD_issue_status__began], ended = cell[JD_issue_status__ended];
    must(cell[JD_issue_status__position].i == t->stays);
    must(!t->stays || (t->ended.kind && t->ended.i == began.i));
    must(!ended.kind || ended.i >= began.i);
    t->ended = ended;
    t->stays++;
}

static jd_code take(void *self, jd_table_id id, const jd_cell *cell, jd_err *e)
{
    taken          *t     = self;
    const jd_table *table = &jd_tables[id];
    (void)e;
    must(!t->done && table->kind != JD_TAB_OWN);
    check_row(id, cell);
    must(table->issue < 0 || cell[table->issue].i == t->issue);
    if (id == JD_T_issue_status)
        check_stay(t, cell);
    t->done = id == JD_T_issue;
    t->hash = jd_cells_hash(cell, 0, table->ncol, t->hash + id);
    return JD_OK;
}

/* With what was kept of the issue before, or without. */
static taken rows_of(jd_rows *r, const jd_issue *issue)
{
    taken     t = {.issue = (int64_t)issue->id};
    jd_arena *a = jd_arena_new(0);
    jd_err    e;
    r->self = &t;
    must(!jd_rows_issue(r, a, issue, 1, &e));
    must(t.done && (!t.stays || !t.ended.kind));
    jd_arena_free(a);
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jd_arena      *a     = jd_arena_new(0);
    jd_str         bytes = {(const char *)data, size};
    jd_rows        r     = {.site_id = 1, .row = take};
    const jd_json *doc;
    jd_issue       issue;
    jd_err         e;
    if (!jd_json_read(a, bytes, &doc, &e) && !jd_issue_view(doc, bytes, &issue, &e)) {
        taken one = rows_of(&r, &issue), two = rows_of(&r, &issue);
        must(one.hash == two.hash && one.stays == two.stays);
    }
    jd_rows_release(&r);
    jd_arena_free(a);
    return 0;
}
