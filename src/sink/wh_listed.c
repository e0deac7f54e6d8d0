/* Catalogues of the site into the warehouse. */
#include "base/map.h"
#include "sink/warehouse.h"
#include "sink/wh_own.h"
#include "text/jsonw.h"

#include <inttypes.h>

enum { LIST_MAX = 64 << 20 };

typedef struct listing {
    jd_wh_batch batch;
    jd_arena   *arena, *page; /* of all rows; of one list */
    jd_idmap   *place;        /* hash of table and key -> place in batch.named */
    jd_rows     rows;
    size_t      n; /* lists */
} listing;

/* Two projects may list the same sprint: each thing once. */
static jd_code take_row(void *self, jd_table_id table, const jd_cell *cell, jd_err *e)
{
    listing        *l = self;
    const jd_table *t = &jd_tables[table];
    bool            fresh;
    (void)e;
    uint64_t key   = jd_cells_hash(cell, 0, t->nkey, (uint64_t)table + 1);
    int64_t *place = jd_idmap_put(l->place, key, &fresh);
    if (!fresh)
        return JD_OK;
    *place       = (int64_t)l->batch.named.n;
    jd_cell *own = jd_arena_zarray(l->arena, t->ncol, sizeof *own);
    for (unsigned i = 0; i < t->ncol; i++) {
        own[i] = cell[i];
        if (own[i].kind == JD_CELL_TEXT)
            own[i].s = jd_arena_dup(l->arena, own[i].s);
    }
    *jd_vec_add(&l->batch.named) = (jd_wh_named){table, own};
    return JD_OK;
}

/* -- what is gone ---------------------------------------------------------------------------- */

/* $1 when, $2 site, $3 ids that are listed, $4 ids of what they are of; $1 again as $5. */
#define GONE(table, of, type)                                                                      \
    {                                                                                              \
        [JD_SQL_POSTGRESQL] =                                                                      \
            "UPDATE " #table " SET gone = $1::timestamptz WHERE site_id = $2 AND gone IS NULL AND" \
            " seen <= $5::timestamptz AND id NOT IN (SELECT x::" type                              \
            " FROM json_array_elements_text($3::json) AS x) AND (" of                              \
            ") IN (SELECT x::bigint FROM json_array_elements_text($4::json) AS x)",                \
        [JD_SQL_SQLITE] = "UPDATE " #table                                                         \
                          " SET gone = $1 WHERE site_id = $2 AND gone IS NULL AND seen <= $5 AND"  \
                          " id NOT IN (SELECT value FROM json_each($3)) AND (" of                  \
                          ") IN (SELECT value FROM json_each($4))"                                 \
    }

static const char *const gone_sql[JD_NTABLES][2] = {
    [JD_T_project]    = GONE(project, "site_id", "bigint"),
    [JD_T_status]     = GONE(status, "site_id", "bigint"),
    [JD_T_issue_type] = GONE(issue_type, "site_id", "bigint"),
    [JD_T_priority]   = GONE(priority, "site_id", "bigint"),
    [JD_T_resolution] = GONE(resolution, "site_id", "bigint"),
    [JD_T_link_type]  = GONE(link_type, "site_id", "bigint"),
    [JD_T_field]      = GONE(field, "site_id", "text"),
    [JD_T_version]    = GONE(version, "project_id", "bigint"),
    [JD_T_component]  = GONE(component, "project_id", "bigint"),
    [JD_T_board]      = GONE(board, "project_id", "bigint"),
    [JD_T_sprint]     = GONE(sprint, "board_id", "bigint"),
};

static jd_str ids_of(jd_arena *a, const jd_json *list, bool text)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(LIST_MAX);
    jd_jsonw                          w = jd_jsonw_to(&b);
    jd_jsonw_array(&w);
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);) {
        const jd_json *id = jd_json_get(it.value, "id");
        jd_str         s  = jd_json_str(id);
        if (text && jd_str_find(s, '\0') == s.n) /* PostgreSQL's JSON knows no U+0000 */
            jd_jsonw_str(&w, s);
        else if (!text && jd_json_id(id) <= INT64_MAX)
            jd_jsonw_int(&w, (int64_t)jd_json_id(id));
    }
    jd_jsonw_end(&w);
    return jd_arena_dup(a, jd_buf_view(&b));
}

static jd_str one_number(jd_arena *a, int64_t v)
{
    return jd_arena_fmt(a, "[%" PRId64 "]", v);
}

static jd_code mark_gone(const jd_wh_db *db, int64_t site, const jd_warehouse_list *l, jd_err *e)
{
    char time[JD_WH_TIME_MAX];
    bool of_site = !l->project && l->table != JD_T_sprint;
    if (!gone_sql[l->table][0] || (of_site && !jd_json_len(l->list)))
        return JD_OK;
    jd_arena *a       = jd_arena_new(0);
    jd_str    when    = {time, jd_wh_time(l->seen_ms, false, time)};
    jd_str    of      = l->table == JD_T_sprint ? ids_of(a, l->boards, false)
                        : l->project            ? one_number(a, (int64_t)l->project)
                                                : one_number(a, site);
    jd_str    param[] = {when, jd_arena_fmt(a, "%" PRId64, site),
                         ids_of(a, l->list, l->table == JD_T_field), of, when};
    jd_code   rc      = db->ops->run(db->self, gone_sql[l->table][db->ops->dialect], param, 5, e);
    jd_arena_free(a);
    return rc;
}

/* -- into the database ------------------------------------------------------------------------ */

static jd_code take_list(void *to, const jd_warehouse_list *list, jd_err *e)
{
    listing *l = to;
    jd_arena_recycle(l->page);
    l->n++;
    return jd_rows_listed(&l->rows, l->page, list->table, list->list, list->names, list->project,
                          list->seen_ms, e);
}

typedef struct marking {
    const jd_wh_db *db;
    int64_t         site;
} marking;

static jd_code take_gone(void *to, const jd_warehouse_list *list, jd_err *e)
{
    const marking *m = to;
    return mark_gone(m->db, m->site, list, e);
}

static jd_code put_once(const jd_wh_db *db, const listing *l, jd_warehouse_lists *lists, void *self,
                        jd_err *e)
{
    marking m  = {db, l->batch.site};
    jd_code rc = db->ops->put(db->self, &l->batch, e);
    if (!rc)
        rc = lists(self, take_gone, &m, e);
    if (!rc)
        rc = db->ops->end(db->self, e);
    if (rc)
        db->ops->rollback(db->self);
    return rc;
}

jd_code jd_warehouse_listed(const jd_sink *sink, jd_warehouse_lists *lists, void *self, jd_err *e)
{
    jd_wh_db db = jd_warehouse_db(sink);
    listing  l  = {.batch = {.site = jd_warehouse_site(sink), .listed = true},
                   .arena = jd_arena_new(0),
                   .page  = jd_arena_new(0),
                   .place = jd_idmap_new()};
    l.rows      = (jd_rows){.site_id = l.batch.site, .row = take_row, .self = &l};
    jd_code rc  = lists(self, take_list, &l, e);
    if (!rc && l.n) {
        rc = db.ops->begin(db.self, e);
        if (!rc)
            rc = put_once(&db, &l, lists, self, e);
        for (int again = 1; rc && db.ops->again(db.self, again); again++)
            rc = put_once(&db, &l, lists, self, e);
    }
    jd_rows_release(&l.rows);
    jd_vec_release(&l.batch.named);
    jd_idmap_free(l.place);
    jd_arena_free(l.page);
    jd_arena_free(l.arena);
    return rc;
}
