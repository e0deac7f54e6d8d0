#include "flow/warehouse.h"

#include "flow/rawlist.h"
#include "flow/whjob.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEP = 100 };

typedef jd_code on_issue(jd_whjob *j, const jd_scope *scope, const jd_issue *issue, jd_err *e);

static jd_code one_issue(jd_whjob *j, const char *project, uint64_t number, jd_scope *scope,
                         on_issue *take, jd_err *e)
{
    char     key[JD_RAW_PATH_MAX];
    jd_issue issue;
    bool     good;
    int      n  = snprintf(key, sizeof key, "%s-%" PRIu64, project, number);
    jd_code  rc = jd_whjob_read(j, (jd_str){key, (size_t)n}, &issue, &good, e);
    if (rc || !good)
        return rc;
    rc = jd_whjob_need_sink(j, issue.doc, e);
    if (!rc && !scope->name.n)
        *scope =
            jd_scope_project(j->arena, jd_str_of(j->site), jd_arena_dup(j->arena, issue.project),
                             jd_json_id(jd_json_path(issue.doc, "fields.project.id")));
    if (!rc)
        rc = jd_whjob_held(j, &issue, &scope->plan, e);
    if (!rc && jd_idset_add(j->seen, issue.id))
        j->sum->issues++;
    return rc ? rc : take(j, scope, &issue, e);
}

static jd_code each_of_project(jd_whjob *j, const char *project, on_issue *take, jd_err *e)
{
    jd_store_list list;
    jd_scope     *scope = JD_NEW(j->arena, jd_scope); /* outlives its last batch */
    jd_code       rc    = jd_store_list_open(j->store, project, &list, e);
    if (rc)
        return rc;
    if (j->in->scope)
        j->in->scope(j->in->self, project, list.n);
    for (size_t i = 0; i < list.n && !rc; i++) {
        if (jd_stop_wanted(j->in->stop))
            rc = jd_fail(e, JD_E_INTERRUPTED, "interrupted: run again");
        else
            rc = one_issue(j, project, list.number[i], scope, take, e);
        jd_arena_recycle(j->page);
        if (j->in->step && (i + 1) % STEP == 0)
            j->in->step(j->in->self, STEP);
    }
    if (!rc && j->in->step)
        j->in->step(j->in->self, list.n % STEP);
    jd_store_list_close(&list);
    return rc;
}

static jd_code each_issue(jd_whjob *j, on_issue *take, jd_err *e)
{
    jd_names projects;
    jd_code  rc = jd_rawlist_projects(j->arena, j->store, j->in->raw_dir, NULL, 0, &projects, e);
    for (size_t i = 0; !rc && i < projects.n; i++)
        rc = each_of_project(j, projects.name[i], take, e);
    return rc;
}

/* -- rebuild --------------------------------------------------------------------------------- */

jd_code jd_warehouse_rebuild(const jd_warehouse_job *in, jd_warehouse_sum *sum, jd_err *e)
{
    jd_whjob j;
    jd_code  rc = jd_whjob_open(&j, in, sum, true, e);
    if (!rc)
        rc = each_issue(&j, jd_whjob_put, e);
    if (!rc)
        rc = jd_whjob_commit(&j, NULL, 0, e);
    if (!rc && j.sink.ops)
        rc = jd_warehouse_note_derived(&j.sink, e);
    if (!rc && j.sink.ops)
        rc = jd_whjob_remove_left(&j, sum->issues, e);
    if (!rc && j.sink.ops)
        rc = jd_whjob_site(&j, e);
    if (!rc && j.sink.ops)
        rc = jd_warehouse_analyze(&j.sink, e);
    jd_whjob_note(&j, rc, e);
    jd_whjob_close(&j);
    if (!rc && sum->bad)
        rc = jd_fail(e, JD_E_DATA,
                     "%" PRIu64 " files of %s are no issues; the rest is in the warehouse",
                     sum->bad, in->raw_dir);
    return rc;
}

/* -- verify ---------------------------------------------------------------------------------- */

static void tell(jd_whjob *j, const char *fmt, ...) JD_PRINTF(2, 3);
static void tell(jd_whjob *j, const char *fmt, ...)
{
    char    line[600];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    j->found(j->found_self, line);
}

static jd_code count_row(void *self, jd_table_id table, const jd_cell *cell, jd_err *e)
{
    jd_whjob *j = self;
    bool      fresh;
    uint64_t  key = jd_cells_hash(cell, 0, jd_tables[table].nkey, (uint64_t)table);
    (void)e;
    (void)jd_idmap_put(j->keys, key, &fresh);
    j->count[table] += fresh; /* Jira may tell the same twice */
    return JD_OK;
}

static jd_code compare_issue(jd_whjob *j, const jd_scope *scope, const jd_issue *issue, jd_err *e)
{
    jd_held    held;
    jd_reader *r = &j->held;
    if (!r->holds) {
        jd_code rc = j->sink.ops->reader(j->sink.self, r, e);
        if (rc)
            return rc;
    }
    j->rows.row  = count_row;
    j->rows.self = j;
    if (!r->holds(r->self, issue->id, issue->key, &held)) {
        j->sum->missing++;
        tell(j, "%.*s: not held, or under another key", JD_FMT(issue->key));
    } else if (held.hash != issue->hash || held.updated_ms != issue->updated_ms) {
        j->sum->differ++;
        tell(j, "%.*s: held in another state", JD_FMT(issue->key));
    }
    jd_idmap_clear(j->keys);
    return jd_rows_issue(&j->rows, j->page, issue, scope->plan, e);
}

static bool is_stray(void *self, const jd_warehouse_issue *issue)
{
    jd_whjob *j = self;
    if (!jd_idset_has(j->seen, issue->id)) {
        j->sum->strays++;
        tell(j, "%.*s: held, and not in the store", JD_FMT(issue->key));
    }
    return true;
}

static jd_code compare_counts(jd_whjob *j, jd_err *e)
{
    jd_code rc = JD_OK;
    for (int t = 0; t < JD_NTABLES && !rc; t++) {
        uint64_t rows;
        if (jd_tables[t].kind != JD_TAB_CHILD)
            continue;
        rc = jd_warehouse_rows(&j->sink, (jd_table_id)t, &rows, e);
        if (!rc && rows != j->count[t]) {
            j->sum->counts++;
            tell(j, "table %s: %" PRIu64 " rows, the store gives %" PRIu64, jd_tables[t].name, rows,
                 j->count[t]);
        }
    }
    return rc;
}

/* What the last run of the site left as it was does not have what came: that is told of. */
static jd_code tell_left_out(jd_whjob *j, jd_err *e)
{
    enum { MOST = 400 };
    JD_CLEANUP(jd_buf_release) jd_buf names = JD_BUF_INIT(1 << 16);
    const jd_json                    *v;
    jd_warehouse_run                  run;
    bool                              found;
    jd_err                            ignored;
    jd_code                           rc = jd_warehouse_last(&j->sink, j->arena, &run, &found, e);
    if (rc || !found || jd_json_read(j->arena, run.verdict, &v, &ignored) ||
        !jd_str_is(jd_json_str(jd_json_get(v, "verdict")), "partial"))
        return rc;
    j->sum->partial = true;
    for (jd_json_iter it = jd_json_walk(jd_json_get(v, "left_out")); jd_json_next(&it);) {
        jd_str label = jd_json_str(it.value);
        if (names.n + label.n > MOST) {
            jd_buf_adds(&names, JD_STR(", …"));
            break;
        }
        jd_buf_addf(&names, "%s%.*s", names.n ? ", " : "", JD_FMT(label));
    }
    tell(j, "the last run (%.*s) was partial and left as it was what failed: %.*s",
         JD_FMT(run.command), JD_FMT(jd_buf_view(&names)));
    return JD_OK;
}

jd_code jd_warehouse_verify(const jd_warehouse_job *in, void (*found)(void *self, const char *line),
                            void *self, jd_warehouse_sum *sum, jd_err *e)
{
    jd_whjob j;
    jd_code  rc  = jd_whjob_open(&j, in, sum, true, e);
    j.found      = found;
    j.found_self = self;
    if (!rc)
        rc = each_issue(&j, compare_issue, e);
    if (!rc && j.sink.ops)
        rc = jd_warehouse_each(&j.sink, is_stray, &j, e);
    if (!rc && j.sink.ops)
        rc = compare_counts(&j, e);
    if (!rc && j.sink.ops && (sum->missing || sum->differ || sum->strays || sum->counts))
        rc = tell_left_out(&j, e);
    jd_whjob_close(&j);
    return rc;
}
