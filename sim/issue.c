#include "sim/meta.h"
#include "sim/raw.h"
#include "sim/serve.h"
#include "text/json.h"

#include <stdlib.h>

/* The issue as one call shows it: its own call has the whole changelog. */
static void with_whole_changelog(jd_buf *out, const sim_text *t)
{
    const sim_edit edit = {"changelog", sim_raw_get(t->issue.json, "changelog")};
    sim_raw_edit(out, t->served, &edit, 1);
}

/* An archived issue can be read, and says so in two fields. */
static void with_archived(sim_call *c, const sim_text *t, jd_buf *issue)
{
    char   now[SIM_DATE_LEN];
    jd_buf fields = JD_BUF_INIT(SIM_ISSUE_MAX), out = fields;
    sim_store_read_begin(c->s->store);
    bool archived = sim_store_archived(c->s->store, t);
    sim_store_read_end(c->s->store);
    if (!archived)
        return;
    sim_date_put(now, NULL, sim_now(c->s));
    const sim_edit how[] = {
        {"archiveddate", jd_arena_fmt(c->a, "\"%.*s\"", SIM_DATE_LEN, now)},
        {"archivedby", JD_STR("{\"name\":\"jirasim\",\"displayName\":\"Jira Stand-In\"}")}};
    sim_raw_edit(&fields, sim_raw_get(jd_buf_view(issue), "fields"), how, 2);
    const sim_edit edit = {"fields", jd_buf_view(&fields)};
    sim_raw_edit(&out, jd_buf_view(issue), &edit, 1);
    jd_buf_release(&fields);
    jd_buf_release(issue);
    *issue = out;
}

/* names and schema stand inside the issue here. */
static void with_meta(sim_call *c, const sim_select *s, jd_buf *issue)
{
    jd_buf   names = JD_BUF_INIT(64 << 20), schema = names, out = JD_BUF_INIT(SIM_ISSUE_MAX);
    sim_edit edit[2];
    size_t   n = 0;
    sim_store_read_begin(c->s->store);
    if (s->names) {
        sim_meta_names(sim_store_meta(c->s->store), &names);
        edit[n++] = (sim_edit){"names", jd_buf_view(&names)};
    }
    if (s->schema) {
        sim_meta_schema(sim_store_meta(c->s->store), &schema);
        edit[n++] = (sim_edit){"schema", jd_buf_view(&schema)};
    }
    sim_store_read_end(c->s->store);
    sim_raw_edit(&out, jd_buf_view(issue), edit, n);
    jd_buf_release(issue);
    jd_buf_release(&names);
    jd_buf_release(&schema);
    *issue = out;
}

void sim_get_issue(sim_call *c, jd_str name)
{
    sim_select s     = {.zone = sim_call_zone(c)};
    jd_buf     whole = JD_BUF_INIT(SIM_ISSUE_MAX), shown = whole;
    sim_text  *t = sim_call_issue(c, name);
    if (!t)
        return;
    for (jd_httpd_params it = jd_httpd_walk(c->q->query); jd_httpd_next(&it, c->a);) {
        if (jd_str_is(it.name, "fields"))
            sim_select_fields(&s, it.value);
        else if (jd_str_is(it.name, "expand"))
            sim_select_expands(&s, it.value);
    }
    sim_select_done(&s, true);
    with_whole_changelog(&whole, t);
    with_archived(c, t, &whole);
    sim_select_write(&shown, &s, jd_buf_view(&whole));
    if (s.names || s.schema)
        with_meta(c, &s, &shown);
    jd_buf_adds(sim_reply_own(c->r), jd_buf_view(&shown));
    sim_reply_rows(c->r, 1);
    jd_buf_release(&whole);
    jd_buf_release(&shown);
    sim_text_drop(t);
}

/* -- children -----------------------------------------------------------------------------------
 */

static uint64_t list_total(jd_str list, size_t n)
{
    uint64_t total = sim_raw_u64(sim_raw_get(list, "total"));
    return total > n ? total : n;
}

static void array_backwards(jd_buf *out, jd_str array, size_t n, size_t from, size_t count)
{
    jd_str *at = jd_xcalloc(n + 1, sizeof *at);
    size_t  i  = 0;
    if (array.n > 0)
        for (jd_skim it = jd_skim_open(array); i < n && jd_skim_next(&it);)
            at[i++] = it.value;
    jd_buf_addc(out, '[');
    for (i = from; i < n && i - from < count; i++) {
        if (i > from)
            jd_buf_addc(out, ',');
        jd_buf_adds(out, at[n - 1 - i]);
    }
    jd_buf_addc(out, ']');
    free(at);
}

void sim_get_comments(sim_call *c, jd_str name)
{
    enum { ALL = 1048576 };
    jd_buf    body  = JD_BUF_INIT(SIM_ISSUE_MAX);
    jd_str    order = jd_httpd_param(c->q, c->a, "orderBy");
    int64_t   start = sim_call_number(c, "startAt", 0), max = sim_call_number(c, "maxResults", ALL);
    sim_text *t = sim_call_issue(c, name);
    if (!t)
        return;
    jd_str list  = sim_raw_get(sim_raw_get(t->issue.json, "fields"), "comment");
    jd_str array = sim_raw_get(list, "comments");
    size_t n     = sim_raw_count(array);
    bool   back  = jd_str_is(order, "-created");
    if (order.n > 0 && !back && !jd_str_is(order, "created") && !jd_str_is(order, "+created")) {
        sim_reply_error(c->r, 400, JD_STR("Comments can be ordered by 'created' only."));
        sim_text_drop(t);
        return;
    }
    jd_buf_addf(&body, "{\"startAt\":%lld,\"maxResults\":%lld,\"total\":%llu,\"comments\":",
                (long long)start, (long long)max, (unsigned long long)list_total(list, n));
    if (back)
        array_backwards(&body, array, n, (size_t)start, (size_t)max);
    else
        sim_raw_slice(&body, array, (size_t)start, (size_t)max);
    jd_buf_addc(&body, '}');
    sim_call_say(c, &body);
    size_t left = (uint64_t)start < n ? n - (size_t)start : 0;
    sim_reply_rows(c->r, (uint64_t)max < left ? (uint64_t)max : left);
    sim_text_drop(t);
}

/* Data Center pages no worklogs: all of them, always. */
void sim_get_worklogs(sim_call *c, jd_str name)
{
    jd_buf    body = JD_BUF_INIT(SIM_ISSUE_MAX);
    sim_text *t    = sim_call_issue(c, name);
    if (!t)
        return;
    jd_str   list  = sim_raw_get(sim_raw_get(t->issue.json, "fields"), "worklog");
    jd_str   array = sim_raw_get(list, "worklogs");
    size_t   n     = sim_raw_count(array);
    uint64_t total = list_total(list, n);
    jd_buf_addf(&body, "{\"startAt\":0,\"maxResults\":%llu,\"total\":%llu,\"worklogs\":",
                (unsigned long long)n, (unsigned long long)total);
    sim_raw_slice(&body, array, 0, n);
    jd_buf_addc(&body, '}');
    sim_call_say(c, &body);
    sim_reply_rows(c->r, n);
    sim_text_drop(t);
}
