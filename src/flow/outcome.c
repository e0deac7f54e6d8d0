#include "flow/outcome.h"

#include "text/date.h"
#include "text/jsonw.h"
#include "text/utf8.h"

#include <inttypes.h>
#include <string.h>

enum { LABEL_LEAST = 12, LABEL_MAX = 40 };

bool jd_outcome_sound(jd_code rc)
{
    return rc != JD_E_IO && rc != JD_E_DB && rc != JD_E_LOCKED && rc != JD_E_STALE &&
           rc != JD_E_STATE && rc != JD_E_INTERNAL;
}

bool jd_outcome_partly(const jd_outcome *o)
{
    if (!jd_outcome_sound(o->code) || o->code == JD_E_INTERRUPTED)
        return false;
    for (size_t i = 0; i < o->n; i++)
        if (!o->scope[i].code)
            return true;
    return false;
}

jd_code jd_outcome_code(const jd_outcome *o)
{
    jd_code code = o->code;
    for (size_t i = 0; i < o->n && !code; i++)
        code = o->scope[i].code;
    for (size_t i = 0; i < o->n && !code; i++)
        if (o->scope[i].missing)
            code = JD_E_INCOMPLETE;
    if (!code && (o->attachments.failed || o->extras.failed))
        code = JD_E_INCOMPLETE;
    for (size_t i = 0; i < o->n && !code; i++)
        if (o->scope[i].quarantined_new)
            code = JD_E_QUARANTINED;
    return code;
}

const char *jd_outcome_error(const jd_outcome *o)
{
    const char *error = o->error;
    for (size_t i = 0; i < o->n && !*error; i++)
        error = o->scope[i].error;
    return *error ? error : NULL;
}

static double seconds(const jd_outcome *o)
{
    int64_t ms = o->ended_ms - o->began_ms;
    return ms > 0 ? (double)ms / 1000 : 0.001;
}

static uint64_t delivered(const jd_scope_outcome *s)
{
    return s->fresh + s->changed;
}

static const char *state_of(const jd_scope_outcome *s)
{
    if (s->code == JD_E_INTERRUPTED)
        return "interrupted";
    if (s->code == JD_E_REFUSED)
        return "refused";
    if (s->code)
        return "failed";
    if (s->missing)
        return "INCOMPLETE";
    return s->limited ? "limit reached" : s->complete ? "complete" : "not begun";
}

static void server_cell(jd_buf *out, int64_t n)
{
    if (n < 0)
        jd_buf_addf(out, " %10s", "-");
    else
        jd_buf_addf(out, " %10" PRId64, n);
}

static void add_bytes(jd_buf *out, uint64_t n)
{
    if (n < 10u << 20)
        jd_buf_addf(out, "%.1f KiB", (double)n / 1024);
    else
        jd_buf_addf(out, "%.1f MiB", (double)n / (1 << 20));
}

static void census_note(jd_buf *out, const jd_scope_outcome *s)
{
    bool any = false;
    jd_buf_addf(out, "%.*s: census of %" PRIu64 ": %" PRIu64 " fetched, removed", JD_FMT(s->label),
                s->census.listed, s->census.fetched);
    for (int i = 0; i < JD_CAUSES_N; i++)
        if (s->census.removed[i]) {
            jd_buf_addf(out, "%s %" PRIu64 " %s", any ? "," : "", s->census.removed[i],
                        jd_cause_name((jd_cause)i));
            any = true;
        }
    jd_buf_addz(out, any ? "\n" : " none\n");
    if (s->census.kept)
        jd_buf_addf(out,
                    "%.*s: %" PRIu64
                    " that the server's list lacks are kept: it cannot be told that "
                    "they are gone\n",
                    JD_FMT(s->label), s->census.kept);
}

static void scope_notes(jd_buf *out, const jd_outcome *o, const jd_scope_outcome *s)
{
    if (s->census.asked)
        census_note(out, s);
    if (s->extra)
        jd_buf_addf(out,
                    "%.*s: %" PRIu64
                    " held that the server no longer counts (deleted or moved out)%s\n",
                    JD_FMT(s->label), s->extra, s->census.asked ? "" : "; a census removes them");
    if (s->missing)
        jd_buf_addf(out, "%.*s: the server counts %" PRIu64 " more than could be fetched%s%s\n",
                    JD_FMT(s->label), s->missing, s->lacking[0] ? ", such as id " : "", s->lacking);
    if (s->short_lists)
        jd_buf_addf(out, "%.*s: %" PRIu64 " list%s short at the server: all it has is here\n",
                    JD_FMT(s->label), s->short_lists, s->short_lists == 1 ? " is" : "s are");
    if (s->error[0] && strcmp(s->error, o->error) != 0) /* what ended the run is told as that */
        jd_buf_addf(out, "%.*s: %s\n", JD_FMT(s->label), s->error);
}

void jd_note(jd_notes *n, const char *line)
{
    if (n->n < JD_NOTES_MAX)
        n->line[n->n] = line;
    n->n++;
}

static size_t kept(const jd_notes *n)
{
    return n->n < JD_NOTES_MAX ? n->n : JD_NOTES_MAX;
}

static void put_notes(jd_buf *out, const jd_notes *n, const char *what)
{
    for (size_t i = 0; i < kept(n); i++)
        jd_buf_addf(out, "%s: %s\n", what, n->line[i]);
    if (n->n > JD_NOTES_MAX)
        jd_buf_addf(out, "%s: and %zu more\n", what, n->n - JD_NOTES_MAX);
}

static void put_extras(jd_buf *out, const jd_outcome *o)
{
    if (o->extras.asked)
        jd_buf_addf(out, "beside issues: %" PRIu64 " read, %" PRIu64 " failed\n", o->extras.read,
                    o->extras.failed);
}

static void put_attachments(jd_buf *out, const jd_outcome *o)
{
    if (!o->attachments.asked)
        return;
    jd_buf_addf(out,
                "attachments: %" PRIu64 " held (%" PRIu64 " new), %" PRIu64 " missing, %" PRIu64
                " forbidden, %" PRIu64 " over the limit, %" PRIu64 " failed, ",
                o->attachments.held, o->attachments.fetched, o->attachments.missing,
                o->attachments.forbidden, o->attachments.over, o->attachments.failed);
    add_bytes(out, o->attachments.bytes);
    jd_buf_addc(out, '\n');
}

static void json_attachments(jd_jsonw *w, const jd_outcome *o)
{
    if (!o->attachments.asked)
        return;
    jd_jsonw_name(w, "attachments");
    jd_jsonw_object(w);
    jd_jsonw_kint(w, "held", (int64_t)o->attachments.held);
    jd_jsonw_kint(w, "new", (int64_t)o->attachments.fetched);
    jd_jsonw_kint(w, "bytes", (int64_t)o->attachments.bytes);
    jd_jsonw_kint(w, "missing", (int64_t)o->attachments.missing);
    jd_jsonw_kint(w, "forbidden", (int64_t)o->attachments.forbidden);
    jd_jsonw_kint(w, "over_limit", (int64_t)o->attachments.over);
    jd_jsonw_kint(w, "failed", (int64_t)o->attachments.failed);
    jd_jsonw_end(w);
}

static void json_notes(jd_jsonw *w, const char *name, const jd_notes *n)
{
    jd_jsonw_name(w, name);
    jd_jsonw_array(w);
    for (size_t i = 0; i < kept(n); i++)
        jd_jsonw_str(w, jd_str_of(n->line[i]));
    jd_jsonw_end(w);
}

void jd_outcome_table(jd_buf *out, const jd_outcome *o)
{
    char     time[JD_TIME_MAX], waits[JD_TIME_MAX];
    uint64_t all  = 0;
    size_t   wide = LABEL_LEAST;
    for (size_t i = 0; i < o->n; i++)
        wide = jd_utf8_widest(o->scope[i].label, wide, LABEL_MAX);
    jd_utf8_pad(out, JD_STR("project"), wide);
    jd_buf_addf(out, " %10s %10s %10s %12s %10s  %s\n", "server", "delivered", "unchanged",
                "quarantined", "missing", "verdict");
    for (size_t i = 0; i < o->n; i++) {
        const jd_scope_outcome *s = &o->scope[i];
        jd_utf8_pad(out, s->label, wide);
        server_cell(out, s->server);
        jd_buf_addf(out, " %10" PRIu64 " %10" PRIu64 " %12" PRIu64 " %10" PRIu64 "  %s\n",
                    delivered(s), s->unchanged, s->quarantined, s->missing, state_of(s));
        all += delivered(s) + s->unchanged;
    }
    for (size_t i = 0; i < o->n; i++)
        scope_notes(out, o, &o->scope[i]);
    put_extras(out, o);
    put_attachments(out, o);
    put_notes(out, &o->drift, "field");
    put_notes(out, &o->warning, "warning");
    jd_buf_addf(out, "%" PRIu64 " request%s, %" PRIu64 " %s, waited %s, ", o->http.requests,
                jd_s(o->http.requests), o->http.retries, o->http.retries == 1 ? "retry" : "retries",
                jd_duration(o->http.waited_ms, waits));
    add_bytes(out, o->http.body_bytes);
    jd_buf_addf(out, ", %s, %.0f issues/s\n", jd_duration(o->ended_ms - o->began_ms, time),
                (double)all / seconds(o));
}

static void json_census(jd_jsonw *w, const jd_scope_outcome *s)
{
    jd_jsonw_name(w, "census");
    if (!s->census.asked) {
        jd_jsonw_null(w);
        return;
    }
    jd_jsonw_object(w);
    jd_jsonw_kint(w, "listed", (int64_t)s->census.listed);
    jd_jsonw_kint(w, "fetched", (int64_t)s->census.fetched);
    jd_jsonw_kint(w, "kept", (int64_t)s->census.kept);
    jd_jsonw_name(w, "removed");
    jd_jsonw_object(w);
    for (int i = 0; i < JD_CAUSES_N; i++)
        jd_jsonw_kint(w, jd_cause_name((jd_cause)i), (int64_t)s->census.removed[i]);
    jd_jsonw_end(w);
    jd_jsonw_end(w);
}

static void json_scope(jd_jsonw *w, const jd_scope_outcome *s)
{
    jd_jsonw_object(w);
    jd_jsonw_kstr(w, "project", s->label);
    jd_jsonw_kstr(w, "jql", s->jql);
    jd_jsonw_kstr(w, "verdict", jd_str_of(state_of(s)));
    jd_jsonw_name(w, "server");
    if (s->server < 0)
        jd_jsonw_null(w);
    else
        jd_jsonw_int(w, s->server);
    jd_jsonw_kint(w, "held", (int64_t)s->held);
    jd_jsonw_kint(w, "delivered", (int64_t)delivered(s));
    jd_jsonw_kint(w, "new", (int64_t)s->fresh);
    jd_jsonw_kint(w, "changed", (int64_t)s->changed);
    jd_jsonw_kint(w, "unchanged", (int64_t)s->unchanged);
    jd_jsonw_kint(w, "quarantined", (int64_t)s->quarantined);
    jd_jsonw_kint(w, "quarantined_new", (int64_t)s->quarantined_new);
    jd_jsonw_kint(w, "missing", (int64_t)s->missing);
    jd_jsonw_kint(w, "extra", (int64_t)s->extra);
    jd_jsonw_kint(w, "short_lists", (int64_t)s->short_lists);
    json_census(w, s);
    jd_jsonw_name(w, "lacking");
    jd_jsonw_str_or_null(w, s->lacking[0] ? jd_str_of(s->lacking) : JD_NOSTR);
    jd_jsonw_kbool(w, "complete", s->complete);
    jd_jsonw_kbool(w, "limited", s->limited);
    jd_jsonw_name(w, "error");
    jd_jsonw_str_or_null(w, s->error[0] ? jd_str_of(s->error) : JD_NOSTR);
    jd_jsonw_end(w);
}

void jd_outcome_json(jd_buf *out, const jd_outcome *o)
{
    char     text[JD_TIME_MAX];
    jd_code  code = jd_outcome_code(o);
    jd_jsonw w    = jd_jsonw_pretty(out);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "site", o->site);
    jd_jsonw_kstr(&w, "began", jd_str_of(jd_time_utc(o->began_ms, text)));
    jd_jsonw_kstr(&w, "ended", jd_str_of(jd_time_utc(o->ended_ms, text)));
    jd_jsonw_kint(&w, "exit", jd_code_exit(code));
    jd_jsonw_kstr(&w, "verdict", jd_str_of(jd_code_text(code)));
    jd_jsonw_name(&w, "error");
    jd_jsonw_str_or_null(&w, o->error[0] ? jd_str_of(o->error) : JD_NOSTR);
    jd_jsonw_name(&w, "projects");
    jd_jsonw_array(&w);
    for (size_t i = 0; i < o->n; i++)
        json_scope(&w, &o->scope[i]);
    jd_jsonw_end(&w);
    if (o->extras.asked) {
        jd_jsonw_name(&w, "extras");
        jd_jsonw_object(&w);
        jd_jsonw_kint(&w, "read", (int64_t)o->extras.read);
        jd_jsonw_kint(&w, "failed", (int64_t)o->extras.failed);
        jd_jsonw_end(&w);
    }
    json_attachments(&w, o);
    json_notes(&w, "fields", &o->drift);
    json_notes(&w, "warnings", &o->warning);
    jd_jsonw_name(&w, "http");
    jd_jsonw_object(&w);
    jd_jsonw_kint(&w, "requests", (int64_t)o->http.requests);
    jd_jsonw_kint(&w, "retries", (int64_t)o->http.retries);
    jd_jsonw_kint(&w, "waited_ms", o->http.waited_ms);
    jd_jsonw_kint(&w, "wire_bytes", (int64_t)o->http.wire_bytes);
    jd_jsonw_kint(&w, "body_bytes", (int64_t)o->http.body_bytes);
    jd_jsonw_end(&w);
    jd_jsonw_end(&w);
    jd_buf_addc(out, '\n');
}

typedef struct metric {
    const char *name, *kind, *help;
    uint64_t (*value)(const jd_scope_outcome *s);
} metric;

static uint64_t m_server(const jd_scope_outcome *s)
{
    return s->server < 0 ? 0 : (uint64_t)s->server;
}
static uint64_t m_held(const jd_scope_outcome *s)
{
    return s->held;
}
static uint64_t m_unchanged(const jd_scope_outcome *s)
{
    return s->unchanged;
}
static uint64_t m_quarantined(const jd_scope_outcome *s)
{
    return s->quarantined;
}
static uint64_t m_missing(const jd_scope_outcome *s)
{
    return s->missing;
}

static uint64_t m_removed(const jd_scope_outcome *s)
{
    uint64_t n = 0;
    for (int i = 0; i < JD_CAUSES_N; i++)
        n += s->census.removed[i];
    return n;
}

static const metric metrics[] = {
    {"jiraduct_server_issues", "gauge", "Issues that the server counts.", m_server},
    {"jiraduct_held_issues", "gauge", "Issues that the mirror holds.", m_held},
    {"jiraduct_delivered_issues", "gauge", "Issues delivered by the last run.", delivered},
    {"jiraduct_unchanged_issues", "gauge", "Issues that came unchanged in the last run.",
     m_unchanged},
    {"jiraduct_quarantined_issues", "gauge", "Issues in quarantine.", m_quarantined},
    {"jiraduct_missing_issues", "gauge", "Issues that the server has and the mirror lacks.",
     m_missing},
    {"jiraduct_removed_issues", "gauge", "Issues that the last run's census removed.", m_removed},
};

/* A label's value as the text format wants it: backslash, quote and newline escaped. */
static void add_label(jd_buf *out, jd_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\' || s.p[i] == '"')
            jd_buf_addc(out, '\\');
        if (s.p[i] == '\n')
            jd_buf_addz(out, "\\n");
        else
            jd_buf_addc(out, s.p[i]);
    }
}

static void plain_metric(jd_buf *out, const char *name, const char *help, double value)
{
    jd_buf_addf(out, "# HELP %s %s\n# TYPE %s gauge\n%s %.3f\n", name, help, name, name, value);
}

void jd_outcome_metrics(jd_buf *out, const jd_outcome *o)
{
    for (size_t m = 0; m < sizeof metrics / sizeof *metrics; m++) {
        jd_buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", metrics[m].name, metrics[m].help,
                    metrics[m].name, metrics[m].kind);
        for (size_t i = 0; i < o->n; i++) {
            jd_buf_addf(out, "%s{site=\"", metrics[m].name);
            add_label(out, o->site);
            jd_buf_addz(out, "\",project=\"");
            add_label(out, o->scope[i].label);
            jd_buf_addf(out, "\"} %" PRIu64 "\n", metrics[m].value(&o->scope[i]));
        }
    }
    plain_metric(out, "jiraduct_last_run_timestamp_seconds", "When the last run ended.",
                 (double)o->ended_ms / 1000);
    plain_metric(out, "jiraduct_last_run_duration_seconds", "How long the last run took.",
                 seconds(o));
    plain_metric(out, "jiraduct_last_run_exit_code", "Exit code of the last run.",
                 jd_code_exit(jd_outcome_code(o)));
    plain_metric(out, "jiraduct_http_requests", "Requests of the last run.",
                 (double)o->http.requests);
    plain_metric(out, "jiraduct_http_retries", "Requests that were sent again.",
                 (double)o->http.retries);
    plain_metric(out, "jiraduct_http_wait_seconds", "Time spent waiting for the server's leave.",
                 (double)o->http.waited_ms / 1000);
}
