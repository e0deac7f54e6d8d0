#include "flow/warehouse.h"

#include "base/idset.h"
#include "base/map.h"
#include "derive/rows.h"
#include "flow/rawlist.h"
#include "sink/warehouse.h"
#include "text/url.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH_ISSUES = 2000,
    BATCH_BYTES  = 16 << 20,
    ISSUE_MAX    = 128 << 20,
    STEP         = 100,
    WAIT_MS      = 15000
};

typedef struct job {
    const jd_warehouse_job *in;
    jd_warehouse_sum       *sum;
    jd_arena               *arena, *page;
    jd_store               *store;
    jd_store_reader        *reader;
    jd_state               *state; /* NULL: there is none */
    jd_sink                 sink;
    jd_idset               *seen; /* ids of the store */
    const char             *site;
    bool                    open;
    uint64_t                issues, bytes; /* of the batch in hand */
    /* verify */
    jd_reader held;
    void (*found)(void *self, const char *line);
    void     *found_self;
    jd_rows   rows;
    jd_idmap *keys; /* of the issue's rows */
    uint64_t  count[JD_NTABLES];
} job;

typedef jd_code on_issue(job *j, const jd_scope *scope, const jd_issue *issue, jd_err *e);

/* -- the store ------------------------------------------------------------------------------- */

/* "https://host/jira/rest/api/2/issue/7" says which site it is of. */
static const char *site_of_self(job *j, const jd_json *doc)
{
    jd_str self = jd_json_str(jd_json_get(doc, "self"));
    size_t at   = jd_str_search(self, JD_STR("/rest/"));
    jd_str base;
    jd_err ignored;
    if (at == self.n || jd_url_base(j->arena, jd_str_cut(self, 0, at), &base, &ignored))
        return NULL;
    return jd_arena_cstr(j->arena, jd_url_site(base));
}

/* What state.db knows of the issue; without it, the issue itself. */
static jd_code add_held(job *j, jd_issue *issue, uint64_t *plan, jd_err *e)
{
    jd_state_issue row;
    bool           found = false;
    jd_code        rc    = JD_OK;
    if (j->state)
        rc = jd_state_get(j->state, issue->id, &row, &found, e);
    if (rc)
        return rc;
    if (found && row.held.updated_ms == issue->updated_ms) {
        issue->fetched_ms = row.held.fetched_ms;
        issue->hash       = row.held.hash;
        *plan             = row.held.plan;
    } else {
        issue->fetched_ms = issue->updated_ms;
        issue->hash       = jd_issue_hash(issue->doc);
    }
    if (j->state)
        jd_state_done(j->state);
    return JD_OK;
}

/* A file that is no issue is told of, and passed over. */
static jd_code read_issue(job *j, jd_str key, jd_issue *out, bool *good, jd_err *e)
{
    jd_str         raw;
    const jd_json *doc;
    jd_err         why;
    *good      = false;
    jd_code rc = jd_store_read(j->reader, key, &raw, &why);
    if (rc == JD_E_NOTFOUND) /* removed meanwhile */
        return JD_OK;
    if (!rc)
        rc = jd_json_read(j->page, raw, &doc, &why);
    if (!rc)
        rc = jd_issue_view(doc, raw, out, &why);
    if (!rc)
        *good = true;
    else if (rc == JD_E_DATA || rc == JD_E_TOOBIG) {
        j->sum->bad++;
        jd_event(j->in->log, JD_WARN, "warehouse", "%.*s: %s", JD_FMT(key), why.msg);
    } else {
        *e = why;
        return rc;
    }
    return JD_OK;
}

static jd_code open_sink(job *j, const char *site, jd_err *e)
{
    jd_warehouse_conf conf = {.url     = j->in->url,
                              .site    = site,
                              .program = j->in->program,
                              .create  = j->in->create,
                              .wait_ms = WAIT_MS,
                              .anew    = true};
    j->site                = site;
    return jd_warehouse_open(&conf, &j->sink, e);
}

/* The site is known at the first issue at the latest. */
static jd_code need_sink(job *j, const jd_json *doc, jd_err *e)
{
    if (j->sink.ops)
        return JD_OK;
    const char *site = j->in->site;
    if (!site && j->state)
        site = jd_arena_cstr(j->arena, jd_state_site(j->state));
    if (!site)
        site = site_of_self(j, doc);
    return open_sink(j, site ? site : "local", e);
}

static jd_code one_issue(job *j, const char *project, uint64_t number, jd_scope *scope,
                         on_issue *take, jd_err *e)
{
    char     key[JD_RAW_PATH_MAX];
    jd_issue issue;
    bool     good;
    int      n  = snprintf(key, sizeof key, "%s-%" PRIu64, project, number);
    jd_code  rc = read_issue(j, (jd_str){key, (size_t)n}, &issue, &good, e);
    if (rc || !good)
        return rc;
    rc = need_sink(j, issue.doc, e);
    if (!rc && !scope->name.n)
        *scope =
            jd_scope_project(j->arena, jd_str_of(j->site), jd_arena_dup(j->arena, issue.project),
                             jd_json_id(jd_json_path(issue.doc, "fields.project.id")));
    if (!rc)
        rc = add_held(j, &issue, &scope->plan, e);
    if (!rc && jd_idset_add(j->seen, issue.id))
        j->sum->issues++;
    return rc ? rc : take(j, scope, &issue, e);
}

static jd_code each_of_project(job *j, const char *project, on_issue *take, jd_err *e)
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

static jd_code each_issue(job *j, on_issue *take, jd_err *e)
{
    jd_names projects;
    jd_code  rc = jd_rawlist_projects(j->arena, j->store, j->in->raw_dir, NULL, 0, &projects, e);
    for (size_t i = 0; !rc && i < projects.n; i++)
        rc = each_of_project(j, projects.name[i], take, e);
    return rc;
}

static jd_code open_job(job *j, const jd_warehouse_job *in, jd_warehouse_sum *sum, jd_err *e)
{
    jd_err ignored;
    *sum = (jd_warehouse_sum){0};
    *j   = (job){.in    = in,
                 .sum   = sum,
                 .arena = jd_arena_new(0),
                 .page  = jd_arena_new(256 << 10),
                 .seen  = jd_idset_new(),
                 .keys  = jd_idmap_new()};
    if (!jd_path_is_dir(in->raw_dir))
        return jd_fail(e, JD_E_NOTFOUND, "%s: there is no such folder: run `jiraduct scrape` first",
                       in->raw_dir);
    if (jd_state_open_read(in->state_dir, &j->state, &ignored))
        j->state = NULL;
    jd_code rc = jd_store_open(in->raw_dir, in->state_dir, &j->store, e);
    return rc ? rc : jd_store_reader_open(j->store, ISSUE_MAX, &j->reader, e);
}

static void close_job(job *j)
{
    if (j->sink.ops)
        j->sink.ops->close(j->sink.self);
    jd_rows_release(&j->rows);
    jd_store_reader_close(j->reader);
    jd_store_close(j->store);
    jd_state_close(j->state);
    jd_idset_free(j->seen);
    jd_idmap_free(j->keys);
    jd_arena_free(j->page);
    jd_arena_free(j->arena);
}

/* -- rebuild --------------------------------------------------------------------------------- */

static jd_code commit(job *j, const jd_commit *upto, size_t n, jd_err *e)
{
    jd_code rc = j->open ? j->sink.ops->commit(j->sink.self, upto, n, e) : JD_OK;
    j->open    = j->open && rc;
    j->issues = j->bytes = 0;
    return rc;
}

static jd_code begin(job *j, jd_err *e)
{
    jd_code rc = j->open ? JD_OK : j->sink.ops->begin(j->sink.self, e);
    j->open    = !rc;
    return rc;
}

static jd_code put_issue(job *j, const jd_scope *scope, const jd_issue *issue, jd_err *e)
{
    jd_written how;
    jd_code    rc = begin(j, e);
    if (!rc)
        rc = j->sink.ops->write(j->sink.self, scope, issue, &how, e);
    j->issues++;
    j->bytes += issue->raw.n;
    if (!rc && (j->issues >= BATCH_ISSUES || j->bytes >= BATCH_BYTES))
        rc = commit(j, NULL, 0, e);
    return rc;
}

typedef struct leftovers {
    job *j;
    JD_VEC(uint64_t) id;
} leftovers;

static bool is_left(void *self, const jd_warehouse_issue *issue)
{
    leftovers *l = self;
    if (!jd_idset_has(l->j->seen, issue->id))
        *jd_vec_add(&l->id) = issue->id;
    return true;
}

/* Of every scope: the last one takes what is held. */
static jd_code remove_left(job *j, int64_t now_ms, jd_err *e)
{
    leftovers left = {.j = j};
    jd_code   rc   = jd_warehouse_each(&j->sink, is_left, &left, e);
    if (!rc && left.id.n)
        rc = jd_warehouse_drop(&j->sink, left.id.v, left.id.n, now_ms, e);
    j->sum->removed = rc ? 0 : left.id.n;
    jd_vec_release(&left.id);
    return rc;
}

jd_code jd_warehouse_rebuild(const jd_warehouse_job *in, jd_warehouse_sum *sum, jd_err *e)
{
    job     j;
    jd_code rc = open_job(&j, in, sum, e);
    if (!rc)
        rc = each_issue(&j, put_issue, e);
    if (!rc)
        rc = commit(&j, NULL, 0, e);
    if (!rc && j.sink.ops)
        rc = remove_left(&j, in->now_ms, e);
    close_job(&j);
    if (!rc && sum->bad)
        rc = jd_fail(e, JD_E_DATA,
                     "%" PRIu64 " files of %s are no issues; the rest is in the warehouse",
                     sum->bad, in->raw_dir);
    return rc;
}

/* -- verify ---------------------------------------------------------------------------------- */

static void tell(job *j, const char *fmt, ...) JD_PRINTF(2, 3);
static void tell(job *j, const char *fmt, ...)
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
    job     *j = self;
    bool     fresh;
    uint64_t key = jd_cells_hash(cell, 0, jd_tables[table].nkey, (uint64_t)table);
    (void)e;
    (void)jd_idmap_put(j->keys, key, &fresh);
    j->count[table] += fresh; /* Jira may tell the same twice */
    return JD_OK;
}

static jd_code compare_issue(job *j, const jd_scope *scope, const jd_issue *issue, jd_err *e)
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
    job *j = self;
    if (!jd_idset_has(j->seen, issue->id)) {
        j->sum->strays++;
        tell(j, "%.*s: held, and not in the store", JD_FMT(issue->key));
    }
    return true;
}

static jd_code compare_counts(job *j, jd_err *e)
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

jd_code jd_warehouse_verify(const jd_warehouse_job *in, void (*found)(void *self, const char *line),
                            void *self, jd_warehouse_sum *sum, jd_err *e)
{
    job     j;
    jd_code rc   = open_job(&j, in, sum, e);
    j.found      = found;
    j.found_self = self;
    if (!rc)
        rc = each_issue(&j, compare_issue, e);
    if (!rc && j.sink.ops)
        rc = jd_warehouse_each(&j.sink, is_stray, &j, e);
    if (!rc && j.sink.ops)
        rc = compare_counts(&j, e);
    if (j.held.close)
        j.held.close(j.held.self);
    close_job(&j);
    return rc;
}
