/* The stays of an issue in its statuses: in what it was created with, in what each change brought
 * and, where the last one that is known leads to another status than the issue has, in that one: it
 * came into it when its category changed, else when it was last changed, at the latest. */
#include "base/vec.h"
#include "derive/rows_part.h"

#include <stdlib.h>

typedef struct change {
    int64_t at, id, position;
    jd_cell from_id, from_name, to_id, to_name; /* ids as text; empty ones are null */
} change;

struct jd_status_part {
    JD_VEC(change) change;
    int64_t rows; /* of the issue, so far */
};

void jd_rows_status_begin(jd_rows *r)
{
    if (!r->statuses)
        r->statuses = jd_xcalloc(1, sizeof *r->statuses);
    r->statuses->change.n = 0;
    r->statuses->rows     = 0;
}

void jd_rows_status_release(jd_rows *r)
{
    if (r->statuses)
        jd_vec_release(&r->statuses->change);
    free(r->statuses);
    r->statuses = NULL;
}

/* -- changes --------------------------------------------------------------------------------- */

static jd_cell filled(jd_cell text)
{
    return text.kind && text.s.n ? text : (jd_cell){0};
}

void jd_rows_status_item(jd_rows *r, const jd_cell *item)
{
    const jd_cell *field = &item[JD_changelog_item__field];
    if (!item[JD_changelog_item__created].kind || !field->kind || !jd_str_is(field->s, "status"))
        return;
    *jd_vec_add(&r->statuses->change) =
        (change){.at        = item[JD_changelog_item__created].i,
                 .id        = item[JD_changelog_item__changelog_id].i,
                 .position  = item[JD_changelog_item__position].i,
                 .from_id   = filled(item[JD_changelog_item__from_value]),
                 .from_name = filled(item[JD_changelog_item__from_text]),
                 .to_id     = filled(item[JD_changelog_item__to_value]),
                 .to_name   = filled(item[JD_changelog_item__to_text])};
}

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_time(const void *a, const void *b)
{
    const change *x = a, *y = b;
    int           by = compare(x->at, y->at);
    if (!by)
        by = compare(x->id, y->id);
    return by ? by : compare(x->position, y->position);
}

/* In order of time; a change that is listed twice counts once. */
static size_t put_in_order(jd_status_part *p)
{
    size_t n = 0;
    if (p->change.n)
        qsort(p->change.v, p->change.n, sizeof *p->change.v, by_time);
    for (size_t i = 0; i < p->change.n; i++)
        if (n == 0 || by_time(&p->change.v[n - 1], &p->change.v[i]) != 0)
            p->change.v[n++] = p->change.v[i];
    return n;
}

/* -- stays ----------------------------------------------------------------------------------- */

static jd_cell id_of(jd_cell text)
{
    enum { DIGITS_MAX = 18 }; /* any number of so many fits */
    uint64_t id;
    if (!text.kind || text.s.n > DIGITS_MAX || !jd_str_u64(text.s, &id))
        return (jd_cell){0};
    return jd_cell_int((int64_t)id);
}

static void stay(jd_rows *r, jd_cell status, jd_cell name, int64_t began, int64_t ended,
                 const change *brought)
{
    jd_cell c[JD_issue_status__N];
    jd_row_begin(r, JD_T_issue_status, c);
    c[JD_issue_status__position]  = jd_cell_int(r->statuses->rows++);
    c[JD_issue_status__status_id] = status;
    c[JD_issue_status__status]    = name;
    c[JD_issue_status__began]     = jd_cell_time(began);
    c[JD_issue_status__ended]     = jd_cell_time(ended);
    if (brought)
        c[JD_issue_status__changelog_id] = jd_cell_int(brought->id);
    jd_row_end(r, JD_T_issue_status, c);
}

static bool leads_to(const change *last, jd_cell status, jd_cell name)
{
    if (last->to_id.kind) {
        jd_cell id = id_of(last->to_id);
        return id.kind && id.i == status.i;
    }
    return last->to_name.kind && name.kind && jd_str_eq(last->to_name.s, name.s);
}

/* Since when it has a status that its last change does not lead to. */
static int64_t since(const jd_rows *r, const change *last)
{
    jd_cell category = r->cell[JD_issue__status_category_changed];
    if (category.kind && category.i > last->at)
        return category.i;
    return r->issue->updated_ms > last->at ? r->issue->updated_ms : last->at;
}

void jd_rows_status_end(jd_rows *r)
{
    const change *all    = r->statuses->change.v;
    size_t        n      = put_in_order(r->statuses);
    jd_cell       status = r->cell[JD_issue__status_id];
    jd_cell name = filled(jd_cell_of_text(r, jd_json_path(r->issue->doc, "fields.status.name")));
    int64_t made = r->issue->created_ms, last = JD_NO_TIME;
    if (!n && status.kind)
        stay(r, status, name, made, JD_NO_TIME, NULL);
    if (!n)
        return;
    if (status.kind && !leads_to(&all[n - 1], status, name))
        last = since(r, &all[n - 1]);
    stay(r, id_of(all->from_id), all->from_name, made < all->at ? made : all->at, all->at, NULL);
    for (size_t i = 0; i < n; i++)
        stay(r, id_of(all[i].to_id), all[i].to_name, all[i].at, i + 1 < n ? all[i + 1].at : last,
             &all[i]);
    if (last != JD_NO_TIME)
        stay(r, status, name, last, JD_NO_TIME, NULL);
}
