#include "sink/state.h"

#include "cli/commands.h"
#include "cli/paths.h"
#include "sink/raw.h"
#include "sink/tomb.h"
#include "text/date.h"
#include "text/jsonw.h"

#include <inttypes.h>
#include <stddef.h>

enum { OUT_MAX = 64 << 20 };

typedef struct state_args {
    const char *raw_dir, *state_dir;
    bool        json;
} state_args;

#define AT(member) .at = offsetof(state_args, member)

static const jd_opt state_opts[] = {
    JD_OPT_STATE_DIR(state_args, "The folder with the state."),
    JD_OPT_RAW_DIR(state_args, "The folder with the issues."),
    {.name = "json", .kind = JD_OPT_FLAG, AT(json), .help = "Print JSON, also on a terminal."},
    {0},
};

static const jd_opt *const state_tables[] = {state_opts, NULL};

/* -- show ------------------------------------------------------------------------------------ */

static const char *phase(const jd_cursor *c)
{
    if (c->nwindow == 0)
        return "not begun";
    return jd_cursor_backfilled(c) ? "following updates" : "backfill";
}

static const char *when(int64_t ms, char out[JD_TIME_MAX])
{
    return ms == JD_PAST || ms == JD_FUTURE ? "-" : jd_time_utc(ms, out);
}

static uint64_t all_of(const uint64_t removed[JD_CAUSES_N])
{
    uint64_t n = 0;
    for (int i = 0; i < JD_CAUSES_N; i++)
        n += removed[i];
    return n;
}

static void show_removed(jd_buf *out, const uint64_t removed[JD_CAUSES_N])
{
    if (!all_of(removed))
        return;
    jd_buf_addz(out, "removed:");
    for (int i = 0; i < JD_CAUSES_N; i++)
        if (removed[i])
            jd_buf_addf(out, " %" PRIu64 " %s", removed[i], jd_cause_name((jd_cause)i));
    jd_buf_addc(out, '\n');
}

static void show_table(jd_buf *out, const jd_state *state, const jd_state_scope *s, size_t n,
                       const uint64_t removed[JD_CAUSES_N])
{
    char updated[JD_TIME_MAX], at[JD_TIME_MAX];
    jd_buf_addf(out, "site %.*s%s\n%-12s %-18s %10s  %-20s  %-20s  %s\n",
                JD_FMT(jd_state_site(state)),
                jd_state_layout(state) == JD_LAYOUT_PACK ? ", packed" : "", "scope", "phase",
                "issues", "updated up to", "backfill at", "query");
    for (size_t i = 0; i < n; i++) {
        const jd_cursor *c   = &s[i].cursor;
        int64_t          pos = c->nwindow && !jd_cursor_backfilled(c) ? c->window[0].at : JD_PAST;
        jd_buf_addf(out, "%-12.*s %-18s %10" PRIu64 "  %-20s  %-20s  %.*s\n", JD_FMT(s[i].label),
                    phase(c), s[i].members, when(c->updated, updated), when(pos, at),
                    JD_FMT(s[i].selection));
    }
    show_removed(out, removed);
}

static void show_json(jd_buf *out, const jd_state *state, const jd_state_scope *s, size_t n,
                      const uint64_t removed[JD_CAUSES_N])
{
    jd_jsonw w = jd_jsonw_pretty(out);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "site", jd_state_site(state));
    jd_jsonw_kstr(&w, "layout", jd_str_of(jd_layout_name(jd_state_layout(state))));
    jd_jsonw_name(&w, "scopes");
    jd_jsonw_array(&w);
    for (size_t i = 0; i < n; i++) {
        jd_buf line = JD_BUF_INIT(JD_CURSOR_MAX);
        jd_cursor_write(&s[i].cursor, &line);
        jd_jsonw_object(&w);
        jd_jsonw_kstr(&w, "scope", s[i].name);
        jd_jsonw_kstr(&w, "label", s[i].label);
        jd_jsonw_kstr(&w, "jql", s[i].selection);
        jd_jsonw_kstr(&w, "phase", jd_str_of(phase(&s[i].cursor)));
        jd_jsonw_kint(&w, "issues", (int64_t)s[i].members);
        jd_jsonw_name(&w, "cursor");
        jd_jsonw_raw(&w, jd_buf_view(&line));
        jd_jsonw_end(&w);
        jd_buf_release(&line);
    }
    jd_jsonw_end(&w);
    jd_jsonw_name(&w, "removed");
    jd_jsonw_object(&w);
    for (int i = 0; i < JD_CAUSES_N; i++)
        jd_jsonw_kint(&w, jd_cause_name((jd_cause)i), (int64_t)removed[i]);
    jd_jsonw_end(&w);
    jd_jsonw_end(&w);
    jd_buf_addc(out, '\n');
}

static int show_run(void *ctx, const void *args, const jd_list *positional)
{
    jd_cli                           *c = ctx;
    const state_args                 *a = args;
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(OUT_MAX);
    jd_err                            e;
    jd_state                         *state;
    jd_state_scope                   *scope;
    size_t                            n;
    uint64_t                          removed[JD_CAUSES_N];
    (void)positional;
    if (jd_state_open_read(a->state_dir, &state, &e))
        return jd_cli_fail(c, &e);
    jd_code rc = jd_state_scopes(state, c->arena, true, &scope, &n, &e);
    if (!rc)
        rc = jd_tomb_count(state, removed, &e);
    if (!rc)
        (a->json || !c->out_tty ? show_json : show_table)(&b, state, scope, n, removed);
    int status = rc ? jd_cli_fail(c, &e) : jd_cli_print(c, jd_buf_view(&b));
    jd_state_close(state);
    return status;
}

const jd_cmd jd_cmd_state_show = {
    .name   = "state show",
    .brief  = "where each project stands",
    .detail = "Shows, for every scope that was ever scraped, what it selects, how many issues are "
              "held and how far its cursor is, and how many issues a census removed, by cause. A "
              "table on a terminal, JSON otherwise.",
    .opts   = state_tables,
    .args_size = sizeof(state_args),
    .run       = show_run,
};

/* -- reset ----------------------------------------------------------------------------------- */

static bool named(const jd_state_scope *s, const jd_list *names)
{
    for (size_t i = 0; i < names->n; i++)
        if (jd_str_is(s->name, names->v[i]) || jd_str_is(s->label, names->v[i]))
            return true;
    return names->n == 0;
}

/* A name that is no scope's is a mistake, and nothing is done. */
static jd_code all_known(const jd_state_scope *scope, size_t n, const jd_list *names, jd_err *e)
{
    for (size_t k = 0; k < names->n; k++) {
        jd_list one   = {.v = &names->v[k], .n = 1};
        bool    known = false;
        for (size_t i = 0; i < n && !known; i++)
            known = named(&scope[i], &one);
        if (!known)
            return jd_fail(e, JD_E_NOTFOUND, "no scope '%s'; `jiraduct state show` lists them",
                           names->v[k]);
    }
    return JD_OK;
}

static int reset_run(void *ctx, const void *args, const jd_list *positional)
{
    jd_cli           *c = ctx;
    const state_args *a = args;
    jd_err            e = JD_ERR_NONE;
    jd_state         *state;
    jd_state_scope   *scope;
    size_t            n, done = 0;
    bool              fresh;
    if (!jd_path_exists(jd_arena_fmt(c->arena, "%s/state.db", a->state_dir).p)) {
        (void)jd_fail(&e, JD_E_NOTFOUND, "there is no state in %s: nothing was scraped yet",
                      a->state_dir);
        return jd_cli_fail(c, &e);
    }
    if (jd_state_open(a->state_dir, NULL, &state, &fresh, &e))
        return jd_cli_fail(c, &e);
    jd_code rc = jd_state_scopes(state, c->arena, false, &scope, &n, &e);
    if (!rc)
        rc = all_known(scope, n, positional, &e);
    for (size_t i = 0; i < n && !rc; i++)
        if (named(&scope[i], positional)) {
            rc = jd_state_reset(state, scope[i].name, &e);
            done++;
        }
    if (!rc)
        rc = jd_state_write_updates(state, &e);
    jd_state_close(state);
    if (rc)
        return jd_cli_fail(c, &e);
    jd_event(c->log, JD_INFO, "state", "%zu scope%s will be walked again by the next run", done,
             jd_s(done));
    return 0;
}

const jd_cmd jd_cmd_state_reset = {
    .name  = "state reset",
    .brief = "walk a project, or all, again from the start",
    .usage = "[SCOPE...]",
    .detail =
        "Forgets how far the cursor of a scope is (by project key or full name; all when none is "
        "named). The issues held stay: the next run compares and writes only what differs.",
    .example   = "jiraduct state reset KAFKA",
    .opts      = state_tables,
    .args_size = sizeof(state_args),
    .pos_most  = 1000,
    .run       = reset_run,
};

/* -- verify ---------------------------------------------------------------------------------- */

static void found(void *self, const char *path, const char *what)
{
    jd_event(self, JD_WARN, "state", "%s: %s", path, what);
}

static int verify_run(void *ctx, const void *args, const jd_list *positional)
{
    jd_cli           *c = ctx;
    const state_args *a = args;
    jd_err            e;
    jd_state         *state;
    jd_raw_check      sum;
    (void)positional;
    if (jd_state_open_read(a->state_dir, &state, &e))
        return jd_cli_fail(c, &e);
    bool    packed = jd_state_layout(state) == JD_LAYOUT_PACK;
    jd_log  log    = *c->log;
    jd_code rc     = jd_raw_verify(state, a->raw_dir, found, &log, &sum, &e);
    jd_state_close(state);
    if (rc)
        return jd_cli_fail(c, &e);
    jd_str text   = jd_arena_fmt(c->arena,
                                 "%" PRIu64 " issues in the state, %" PRIu64 " %s: %" PRIu64
                                 " missing, %" PRIu64 " wrong, %" PRIu64 " strays, %" PRIu64
                                 " pending, %" PRIu64 " removed\n",
                                 sum.issues, sum.files, packed ? "segments" : "files", sum.missing,
                                 sum.wrong, sum.strays, sum.pending, sum.removed);
    int    status = jd_cli_print(c, text);
    if (status == 0 && (sum.missing || sum.wrong || sum.strays)) {
        (void)jd_fail(&e, JD_E_DATA,
                      "the raw folder is not what the state says; `jiraduct scrape --start-over` "
                      "fetches what differs");
        return jd_cli_fail(c, &e);
    }
    return status;
}

const jd_cmd jd_cmd_state_verify = {
    .name  = "state verify",
    .brief = "compare the raw files with the state",
    .detail =
        "Reads every raw file, or every issue of a packed store, and says which are missing, "
        "differ "
        "from what was delivered, or belong to no issue. A file newer than the state is pending: "
        "the next run settles it. What a census removed is counted, and is wrong where it is "
        "still there. "
        "Exit code 65 when something is wrong.",
    .opts      = state_tables,
    .args_size = sizeof(state_args),
    .run       = verify_run,
};
