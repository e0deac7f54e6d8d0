/* Runs that ended, noted in the warehouse. */
#include "flow/whjob.h"
#include "text/jsonw.h"

#include <string.h>

enum { VERDICT_MAX = 1 << 16 };

static jd_str word_of(int status, const jd_outcome *partly)
{
    return partly                                     ? JD_STR("partial")
           : status == 0                              ? JD_STR("complete")
           : status == jd_code_exit(JD_E_INTERRUPTED) ? JD_STR("interrupted")
                                                      : JD_STR("failed");
}

/* The names of scopes that failed: some of them, if they are many. */
static void left_out(jd_jsonw *w, const jd_outcome *o)
{
    size_t room = VERDICT_MAX / 2;
    jd_jsonw_name(w, "left_out");
    jd_jsonw_array(w);
    for (size_t i = 0; i < o->n; i++) {
        jd_str label = o->scope[i].label;
        if (!o->scope[i].code || label.n > room / 8)
            continue;
        jd_jsonw_str(w, label);
        room -= label.n;
    }
    jd_jsonw_end(w);
}

static void verdict(jd_buf *b, const jd_warehouse_sum *sum, int status, const jd_outcome *partly,
                    const char *why)
{
    jd_jsonw w = jd_jsonw_to(b);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "verdict", word_of(status, partly));
    jd_jsonw_kint(&w, "exit", status);
    jd_jsonw_kint(&w, "issues", (int64_t)sum->issues);
    jd_jsonw_kint(&w, "written", (int64_t)sum->written);
    jd_jsonw_kint(&w, "removed", (int64_t)sum->removed);
    jd_jsonw_kint(&w, "bad", (int64_t)sum->bad);
    if (partly)
        left_out(&w, partly);
    if (why)
        jd_jsonw_kstr(&w, "error", jd_str_of(why));
    jd_jsonw_end(&w);
}

/* "jiraduct sync" is the command sync. */
static jd_str command_of(const char *program)
{
    const char *space = strchr(program, ' ');
    return jd_str_of(space ? space + 1 : program);
}

static void note(jd_whjob *j, int status, const jd_outcome *partly, const char *why)
{
    JD_CLEANUP(jd_buf_release) jd_buf b  = JD_BUF_INIT(VERDICT_MAX);
    const jd_warehouse_job           *in = j->in;
    jd_err                            e  = JD_ERR_NONE;
    if (!in->clock || !j->sink.ops)
        return;
    verdict(&b, j->sum, status, partly, why);
    jd_warehouse_run run = {.command  = command_of(in->program),
                            .verdict  = jd_buf_view(&b),
                            .began_ms = in->began_ms ? in->began_ms : in->now_ms,
                            .ended_ms = jd_now_ms(in->clock)};
    if (jd_warehouse_note(&j->sink, &run, &e))
        jd_event(in->log, JD_WARN, "warehouse", "the run is not noted: %s", e.msg);
}

void jd_whjob_note(jd_whjob *j, jd_code rc, const jd_err *why)
{
    if (j->sink.ops && j->open) {
        j->sink.ops->abort(j->sink.self);
        j->open = false;
    }
    const jd_outcome *partly = rc ? NULL : j->in->partly;
    if (partly)
        note(j, jd_code_exit(jd_outcome_code(partly)), partly, jd_outcome_error(partly));
    else
        note(j, jd_code_exit(!rc && j->sum->bad ? JD_E_DATA : rc), NULL, rc ? why->msg : NULL);
}

void jd_warehouse_failed(const jd_warehouse_job *in, int status)
{
    jd_whjob         j;
    jd_warehouse_sum sum;
    jd_err           e  = JD_ERR_NONE;
    jd_code          rc = jd_whjob_open(&j, in, &sum, false, &e);
    if (!rc && (in->site || j.state) && !jd_whjob_need_sink(&j, NULL, &e))
        note(&j, status, NULL, "Jira could not be read");
    jd_whjob_close(&j);
}
