/* Catalogues of any bytes, as the files below _site hold them: the rows that they give are ones
 * that both databases take, and the same each time. The first byte says whose list it is. */
#include "fuzz/cells.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct taken {
    uint64_t hash;
    size_t   rows;
} taken;

static jd_code take(void *self, jd_table_id id, const jd_cell *cell, jd_err *e)
{
    taken *t = self;
    (void)e;
    must(jd_tables[id].kind == JD_TAB_NAMED);
    check_row(id, cell);
    t->hash = jd_cells_hash(cell, 0, jd_tables[id].ncol, t->hash + id);
    t->rows++;
    return JD_OK;
}

static taken rows_of(jd_table_id id, const jd_json *list, const jd_json *names, uint64_t project)
{
    taken     t = {0};
    jd_rows   r = {.site_id = 1, .row = take, .self = &t};
    jd_arena *a = jd_arena_new(0);
    jd_err    e;
    must(!jd_rows_listed(&r, a, id, list, names, project, 1700000000000, &e));
    jd_rows_release(&r);
    jd_arena_free(a);
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const jd_table_id lists[] = {JD_T_field,     JD_T_project,    JD_T_status,
                                        JD_T_priority,  JD_T_resolution, JD_T_issue_type,
                                        JD_T_link_type, JD_T_version,    JD_T_component,
                                        JD_T_board,     JD_T_sprint};
    enum { LISTS = sizeof lists / sizeof *lists };
    jd_arena      *a = jd_arena_new(0);
    const jd_json *v;
    jd_err         e;
    if (size && !jd_json_read(a, (jd_str){(const char *)data + 1, size - 1}, &v, &e)) {
        jd_table_id    id      = lists[data[0] % LISTS];
        const jd_json *names   = jd_json_get(v, "names");
        uint64_t       project = jd_json_id(jd_json_get(v, "project"));
        const jd_json *list    = jd_json_kind(v) == JD_JSON_OBJECT ? jd_json_get(v, "list") : v;
        taken one = rows_of(id, list, names, project), two = rows_of(id, list, names, project);
        must(one.hash == two.hash && one.rows == two.rows);
    }
    jd_arena_free(a);
    return 0;
}
