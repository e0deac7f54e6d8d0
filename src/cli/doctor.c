#include "cli/commands.h"
#include "cli/connect.h"
#include "jira/api.h"
#include "text/date.h"
#include "text/url.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

enum { OUT_MAX = 1 << 20, SKEW_WARN_MS = 5000, CAP_ASK = 1000 };

typedef struct doctor_args {
    jd_connect connect;
} doctor_args;

static const jd_opt *const doctor_tables[] = {jd_connect_opts, NULL};

typedef struct check { /* what every line of the answer needs */
    jd_cli      *c;
    jd_jira      jira;
    jd_buf      *out;
    jd_connector made_from;
} check;

static jd_code check_server(check *k, jd_err *e)
{
    jd_server s;
    char      time[JD_TIME_MAX];
    jd_code   rc = jd_jira_server(&k->jira, k->c->arena, &s, e);
    if (rc)
        return rc;
    k->jira.cloud = s.cloud;
    int64_t skew  = s.date_ms == JD_NO_TIME ? 0 : s.date_ms - jd_now_ms(k->c->clock);
    jd_buf_addf(k->out, "server     %.*s\n", JD_FMT(k->jira.base));
    jd_buf_addf(k->out, "product    Jira %s %.*s%s%.*s\n",
                s.cloud ? "Cloud" : "Data Center or Server", JD_FMT(s.version),
                s.title.n ? ", " : "", JD_FMT(s.title));
    jd_buf_addf(k->out, "answer     in %" PRId64 " ms\n", s.took_ms);
    if (s.time_zone.n)
        jd_buf_addf(k->out, "its zone   %.*s\n", JD_FMT(s.time_zone));
    if (s.date_ms == JD_NO_TIME)
        jd_buf_addz(k->out, "clock      the server does not say; this machine's is used\n");
    else
        jd_buf_addf(k->out, "clock      %s %s this machine's%s\n", jd_duration(llabs(skew), time),
                    skew < 0 ? "behind" : "ahead of",
                    llabs(skew) > SKEW_WARN_MS ? " (the server's is used; set yours right)" : "");
    return JD_OK;
}

static jd_code check_account(check *k, jd_err *e)
{
    jd_account me;
    jd_code    rc = jd_jira_myself(&k->jira, k->c->arena, k->made_from.signed_in, &me, e);
    if (rc)
        return rc;
    if (me.anonymous)
        jd_buf_addz(k->out, "account    anonymous: sees what is public; set JIRA_PAT to sign in\n");
    else
        jd_buf_addf(k->out, "account    %.*s (%.*s)\ntime zone  %.*s\n", JD_FMT(me.name),
                    JD_FMT(me.display), JD_FMT(me.time_zone));
    return JD_OK;
}

/* The dates of an answer are written in the account's zone, also an anonymous reader's. */
static void tell_offset(check *k, const jd_page *page)
{
    const jd_json *doc;
    jd_err         e;
    int64_t        ms;
    int            offset;
    if (page->n == 0 || jd_json_read(k->c->arena, page->row[0].raw, &doc, &e) ||
        !jd_time_parse(jd_json_str(jd_json_path(doc, "fields.created")), &ms, &offset))
        return;
    jd_buf_addf(k->out, "dates      come at UTC%c%02d:%02d\n", offset < 0 ? '-' : '+',
                abs(offset) / 60, abs(offset) % 60);
}

static jd_code check_search(check *k, jd_err *e)
{
    static const jd_query newest = {
        .jql         = JD_STR_INIT("created >= \"1970-01-02\" ORDER BY created DESC"),
        .max_results = 1,
        .field       = "created"};
    /* a page of nothing that exists: the echo tells the cap and costs no issue */
    static const jd_query none = {.jql         = JD_STR_INIT("created < \"1980-01-01\""),
                                  .max_results = CAP_ASK};
    jd_page               page;
    jd_code               rc = jd_jira_search(&k->jira, k->c->arena, &newest, &page, e);
    if (rc)
        return rc;
    uint64_t visible = page.told.total;
    tell_offset(k, &page);
    if (k->jira.cloud) {
        jd_counted now;
        rc = jd_jira_count(&k->jira, k->c->arena, JD_STR("created >= \"1970-01-02\""), &now, e);
        if (!rc)
            jd_buf_addf(k->out, "search     about %" PRIu64 " issues visible, pages by token\n",
                        now.n);
        return rc;
    }
    rc = jd_jira_search(&k->jira, k->c->arena, &none, &page, e);
    if (rc)
        return rc;
    uint64_t most = page.told.max_results;
    jd_buf_addf(k->out, "search     %" PRIu64 " issues visible, pages of at most %" PRIu64 "%s\n",
                visible, most, most >= CAP_ASK ? " or more" : "");
    return JD_OK;
}

static int doctor_run(void *ctx, const void *args, const jd_list *positional)
{
    static jd_code (*const steps[])(check *, jd_err *) = {check_server, check_account,
                                                          check_search};
    jd_cli                           *c                = ctx;
    const doctor_args                *a                = args;
    JD_CLEANUP(jd_buf_release) jd_buf b                = JD_BUF_INIT(OUT_MAX);
    jd_err                            e                = JD_ERR_NONE;
    check                             k                = {.c = c, .out = &b};
    (void)positional;
    jd_code rc = jd_connector_open(c, &a->connect, 1, &k.made_from, &e);
    if (!rc)
        rc = jd_connector_client(&k.made_from, c->stop, &k.jira.http, &e);
    if (rc) {
        jd_connector_close(&k.made_from);
        return jd_cli_fail(c, &e);
    }
    k.jira.base = jd_str_of(k.made_from.base);
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !rc; i++)
        rc = steps[i](&k, &e);
    if (!rc)
        jd_buf_addf(&b, "pace       %.1f s between requests\n", (double)k.made_from.gap_ms / 1000);
    jd_http_free(k.jira.http);
    jd_connector_close(&k.made_from);
    int status = jd_cli_print(c, jd_buf_view(&b));
    return rc ? jd_cli_fail(c, &e) : status;
}

const jd_cmd jd_cmd_doctor = {
    .name  = "doctor",
    .brief = "check that Jira can be reached, and as whom",
    .detail =
        "Asks the server what it is, who we are to it, how it pages, and how far its clock is "
        "from this machine's. Changes nothing.",
    .example   = "jiraduct doctor --base-url https://jira.example.org",
    .opts      = doctor_tables,
    .args_size = sizeof(doctor_args),
    .run       = doctor_run,
};
