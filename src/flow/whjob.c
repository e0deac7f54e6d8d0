#include "flow/whjob.h"

#include "base/hash.h"
#include "flow/rawlist.h"
#include "sink/extras.h"
#include "sink/tomb.h"
#include "text/url.h"

#include <inttypes.h>
#include <stdlib.h>

enum { BATCH_ISSUES = 2000, BATCH_BYTES = 16 << 20, ISSUE_MAX = 128 << 20, WAIT_MS = 15000 };

/* -- the store ------------------------------------------------------------------------------- */

/* "https://host/jira/rest/api/2/issue/7" says which site it is of. */
static const char *site_of_self(jd_whjob *j, const jd_json *doc)
{
    jd_str self = jd_json_str(jd_json_get(doc, "self"));
    size_t at   = jd_str_search(self, JD_STR("/rest/"));
    jd_str base;
    jd_err ignored;
    if (at == self.n || jd_url_base(j->arena, jd_str_cut(self, 0, at), &base, &ignored))
        return NULL;
    return jd_arena_cstr(j->arena, jd_url_site(base));
}

/* Only a store that has something beside its issues is asked for each of them. */
static jd_code ask_beside(jd_whjob *j, jd_err *e)
{
    jd_stmt *any;
    bool     row = false;
    jd_code  rc  = jd_stmt_prepare(jd_state_db(j->state),
                                   "SELECT id FROM extra WHERE (kinds & ?1) <> 0 LIMIT 1", &any, e);
    if (!rc) {
        jd_stmt_int(any, 1, 1 << JD_EXTRA_REMOTE_LINKS);
        rc = jd_stmt_step(any, &row, e);
        jd_stmt_reset(any);
    }
    if (!rc && row)
        rc = jd_stmt_prepare(jd_state_db(j->state), "SELECT hash, kinds FROM extra WHERE id = ?1",
                             &j->beside, e);
    return rc;
}

jd_code jd_whjob_hash(jd_whjob *j, uint64_t id, uint64_t *hash, jd_err *e)
{
    bool row = false;
    if (!j->beside)
        return JD_OK;
    jd_stmt_int(j->beside, 1, (int64_t)id);
    jd_code rc = jd_stmt_step(j->beside, &row, e);
    if (!rc && row && (jd_stmt_get_int(j->beside, 1) >> JD_EXTRA_REMOTE_LINKS & 1))
        *hash = jd_mix64(*hash ^ jd_mix64((uint64_t)jd_stmt_get_int(j->beside, 0)));
    jd_stmt_reset(j->beside);
    return rc;
}

/* What state.db knows of the issue; without it, the issue itself. */
jd_code jd_whjob_held(jd_whjob *j, jd_issue *issue, uint64_t *plan, jd_err *e)
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
    return jd_whjob_hash(j, issue->id, &issue->hash, e);
}

/* What lies beside an issue is told of where it is no JSON, and passed over. */
static jd_code read_beside(jd_whjob *j, jd_str key, jd_issue *out, jd_err *e)
{
    jd_err  why;
    jd_code rc = j->beside || !j->state
                     ? jd_extras_get(j->in->raw_dir, j->page, key, &out->beside, &why)
                     : JD_OK;
    if (rc == JD_E_DATA || rc == JD_E_TOOBIG) {
        jd_event(j->in->log, JD_WARN, "warehouse", "%s", why.msg);
        out->beside = NULL;
        return JD_OK;
    }
    if (rc)
        *e = why;
    return rc;
}

/* A file that is no issue is told of, and passed over. */
jd_code jd_whjob_read(jd_whjob *j, jd_str key, jd_issue *out, bool *good, jd_err *e)
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
    if (!rc) {
        *good = true;
        return read_beside(j, key, out, e);
    }
    if (rc == JD_E_DATA || rc == JD_E_TOOBIG) {
        j->sum->bad++;
        jd_event(j->in->log, JD_WARN, "warehouse", "%.*s: %s", JD_FMT(key), why.msg);
    } else {
        *e = why;
        return rc;
    }
    return JD_OK;
}

static jd_code open_sink(jd_whjob *j, const char *site, jd_err *e)
{
    jd_warehouse_conf conf = {.url     = j->in->url,
                              .site    = site,
                              .program = j->in->program,
                              .create  = j->in->create,
                              .wait_ms = WAIT_MS,
                              .anew    = j->anew,
                              .dbt     = j->in->dbt};
    j->site                = site;
    jd_wide_done done;
    jd_code      rc = jd_warehouse_open(&conf, &j->sink, e);
    if (rc || !j->in->set_columns)
        return rc;
    rc = jd_wide_set(&j->sink, j->in->column, j->in->ncolumn, &done, e);
    if (!rc && done.added + done.dropped + done.changed)
        jd_event(j->in->log, JD_INFO, "warehouse",
                 "issue_wide: %zu column%s added, %zu dropped, %zu changed", done.added,
                 jd_s(done.added), done.dropped, done.changed);
    return rc;
}

/* The site is known at the first issue at the latest. */
jd_code jd_whjob_need_sink(jd_whjob *j, const jd_json *doc, jd_err *e)
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

jd_code jd_whjob_open(jd_whjob *j, const jd_warehouse_job *in, jd_warehouse_sum *sum, bool anew,
                      jd_err *e)
{
    jd_err ignored;
    *sum = (jd_warehouse_sum){0};
    *j   = (jd_whjob){.in    = in,
                      .sum   = sum,
                      .anew  = anew,
                      .arena = jd_arena_new(0),
                      .page  = jd_arena_new(256 << 10),
                      .seen  = jd_idset_new(),
                      .keys  = jd_idmap_new()};
    if (!jd_path_is_dir(in->raw_dir))
        return jd_fail(e, JD_E_NOTFOUND,
                       "%s: there is no such folder: run `jiraduct scrape` first, or name the raw "
                       "store with --raw-dir, or the configuration that lists sites with --config",
                       in->raw_dir);
    if (jd_state_open_read(in->state_dir, &j->state, &ignored))
        j->state = NULL;
    jd_code rc = j->state ? ask_beside(j, e) : JD_OK;
    if (!rc)
        rc = jd_store_open(in->raw_dir, in->state_dir, &j->store, e);
    return rc ? rc : jd_store_reader_open(j->store, ISSUE_MAX, &j->reader, e);
}

void jd_whjob_close(jd_whjob *j)
{
    if (j->held.close)
        j->held.close(j->held.self);
    if (j->sink.ops)
        j->sink.ops->close(j->sink.self);
    jd_rows_release(&j->rows);
    jd_store_reader_close(j->reader);
    jd_store_close(j->store);
    jd_state_close(j->state);
    jd_vec_release(&j->left);
    jd_vec_release(&j->aside);
    jd_idset_free(j->seen);
    jd_idmap_free(j->keys);
    jd_arena_free(j->page);
    jd_arena_free(j->arena);
}

/* -- batches --------------------------------------------------------------------------------- */

jd_code jd_whjob_commit(jd_whjob *j, const jd_commit *upto, size_t n, jd_err *e)
{
    jd_code rc = j->open ? j->sink.ops->commit(j->sink.self, upto, n, e) : JD_OK;
    j->open    = j->open && rc;
    j->issues = j->bytes = 0;
    return rc;
}

jd_code jd_whjob_begin(jd_whjob *j, jd_err *e)
{
    jd_code rc = j->open ? JD_OK : j->sink.ops->begin(j->sink.self, e);
    j->open    = !rc;
    return rc;
}

jd_code jd_whjob_put(jd_whjob *j, const jd_scope *scope, const jd_issue *issue, jd_err *e)
{
    jd_written how;
    jd_code    rc = jd_whjob_begin(j, e);
    if (!rc)
        rc = j->sink.ops->write(j->sink.self, scope, issue, &how, e);
    j->issues++;
    j->bytes += issue->raw.n;
    if (!rc && (j->issues >= BATCH_ISSUES || j->bytes >= BATCH_BYTES))
        rc = jd_whjob_commit(j, NULL, 0, e);
    return rc;
}

/* -- what is left over --------------------------------------------------------------------------
 */

static bool is_left(void *self, const jd_warehouse_issue *issue)
{
    jd_whjob *j = self;
    if (!jd_idset_has(j->seen, issue->id))
        *jd_vec_add(&j->left) = (jd_tombstone){.id      = issue->id,
                                               .key     = jd_arena_dup(j->arena, issue->key),
                                               .cause   = JD_CAUSE_GONE,
                                               .made_ms = j->in->now_ms};
    return true;
}

/* state.db may know why it is not held any more. */
static jd_code learn_cause(jd_whjob *j, jd_tombstone *why, bool *learnt, jd_err *e)
{
    jd_tombstone known;
    bool         found = false;
    jd_code      rc    = JD_OK;
    if (j->state)
        rc = jd_tomb_find(j->state, j->arena, why->key, &known, &found, e);
    *learnt = !rc && found && known.id == why->id;
    if (*learnt)
        *why = known;
    return rc;
}

/* "HADOOP-7" is of the project HADOOP. */
static bool is_of(jd_str key, jd_str project)
{
    return jd_str_starts(key, project) && key.n > project.n && key.p[project.n] == '-';
}

/* Whether a scope that was not read to its end may have the issue, whatever the others say. */
static bool may_be_aside(const jd_whjob *j, const jd_tombstone *why, bool learnt)
{
    if (learnt && (why->cause == JD_CAUSE_GONE || why->cause == JD_CAUSE_DELETED))
        return false;
    for (size_t i = 0; i < j->aside.n; i++) {
        jd_str project = j->aside.v[i].project; /* a query may have any */
        if (!learnt || !project.n || is_of(why->key, project) || is_of(why->now, project))
            return true;
    }
    return false;
}

/* Those that stay are taken from the list. */
static jd_code judge_left(jd_whjob *j, jd_err *e)
{
    size_t  n  = 0;
    jd_code rc = JD_OK;
    for (size_t i = 0; i < j->left.n && !rc; i++) {
        jd_tombstone *why = &j->left.v[i];
        bool          learnt;
        rc = learn_cause(j, why, &learnt, e);
        if (!rc && !may_be_aside(j, why, learnt))
            j->left.v[n++] = *why;
    }
    j->spared += j->left.n - n;
    j->left.n = n;
    return rc;
}

jd_code jd_whjob_remove_left(jd_whjob *j, uint64_t here, jd_err *e)
{
    uint64_t held;
    jd_code  rc = jd_warehouse_rows(&j->sink, JD_T_issue, &held, e);
    if (rc || held == here)
        return rc;
    rc = jd_warehouse_each(&j->sink, is_left, j, e);
    if (!rc)
        rc = judge_left(j, e);
    if (!rc && j->left.n)
        rc = jd_warehouse_drop(&j->sink, j->left.v, j->left.n, e);
    j->sum->removed = rc ? 0 : j->left.n;
    return rc;
}
