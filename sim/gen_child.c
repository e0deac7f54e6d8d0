/* What hangs on an issue: comments, worklogs, histories. All of them, oldest first. */
#include "sim/gen.h"

static void self_link(jd_buf *b, const gen_issue *g, const char *kind, uint64_t id)
{
    GEN_LIT(b, "{\"self\":\"");
    gen_puts(b, g->ctx->conf->base_url);
    GEN_LIT(b, "/rest/api/2/issue/");
    gen_number(b, g->head.id);
    gen_puts(b, jd_str_of(kind));
    gen_number(b, id);
    GEN_LIT(b, "\"");
}

/* ---- comments */

static void comment(gen_issue *g, jd_buf *b, const gen_event *e, uint64_t id)
{
    bool signed_off = e->from == GEN_C_ANSWER || !gen_chance(g, 8); /* else: anonymous */
    self_link(b, g, "/comment/", id);
    GEN_LIT(b, ",\"id\":\"");
    gen_number(b, id);
    GEN_LIT(b, "\"");
    if (signed_off) {
        GEN_LIT(b, ",\"author\":");
        gen_puts(b, g->ctx->people[e->who]);
    }
    jd_buf_reset(&g->text);
    gen_comment_body(g, &g->text, (gen_comment)e->from);
    GEN_LIT(b, ",\"body\":");
    gen_quote(b, jd_buf_view(&g->text));
    if (signed_off) {
        GEN_LIT(b, ",\"updateAuthor\":");
        gen_puts(b, g->ctx->people[e->who]);
    }
    GEN_LIT(b, ",\"created\":");
    gen_date(b, e->at);
    GEN_LIT(b, ",\"updated\":");
    gen_date(b, e->at + e->to);
    if (e->from == GEN_C_TALK && gen_chance(g, 20))
        GEN_LIT(b, ",\"visibility\":{\"type\":\"role\",\"value\":\"Administrators\"}");
    GEN_LIT(b, "}");
}

void gen_write_comments(gen_issue *g, jd_buf *b)
{
    uint64_t n = 0;
    GEN_LIT(b, "\"comment\":{\"comments\":[");
    for (size_t i = 0; i < g->nevents; i++)
        if (g->events[i].kind == GEN_COMMENT) {
            if (n > 0)
                GEN_LIT(b, ",");
            comment(g, b, &g->events[i], g->head.id * 200 + n++);
        }
    GEN_LIT(b, "],\"maxResults\":");
    gen_number(b, n);
    GEN_LIT(b, ",\"total\":");
    gen_number(b, n);
    GEN_LIT(b, ",\"startAt\":0}");
}

/* ---- worklogs */

static void duration(jd_buf *b, uint64_t seconds)
{
    uint64_t hours = seconds / 3600, minutes = seconds / 60 % 60;
    GEN_LIT(b, "\"");
    if (hours) {
        gen_number(b, hours);
        GEN_LIT(b, "h");
    }
    if (hours && minutes)
        GEN_LIT(b, " ");
    if (minutes || !hours) {
        gen_number(b, minutes);
        GEN_LIT(b, "m");
    }
    GEN_LIT(b, "\"");
}

static void worklog(gen_issue *g, jd_buf *b, const gen_event *e, uint64_t id)
{
    int64_t started = e->at - (int64_t)gen_below(g, 4) * 3600000;
    self_link(b, g, "/worklog/", id);
    GEN_LIT(b, ",\"author\":");
    gen_puts(b, g->ctx->people[e->who]);
    GEN_LIT(b, ",\"updateAuthor\":");
    gen_puts(b, g->ctx->people[e->who]);
    jd_buf_reset(&g->text);
    gen_say(g, &g->text, JD_STR("$M of {{$C}}, see PR #$N"));
    GEN_LIT(b, ",\"comment\":");
    gen_quote(b, jd_buf_view(&g->text));
    GEN_LIT(b, ",\"created\":");
    gen_date(b, e->at);
    GEN_LIT(b, ",\"updated\":");
    gen_date(b, e->at);
    GEN_LIT(b, ",\"started\":");
    gen_date(b, started);
    GEN_LIT(b, ",\"timeSpent\":");
    duration(b, (uint64_t)e->to);
    GEN_LIT(b, ",\"timeSpentSeconds\":");
    gen_number(b, (uint64_t)e->to);
    GEN_LIT(b, ",\"id\":\"");
    gen_number(b, id);
    GEN_LIT(b, "\",\"issueId\":\"");
    gen_number(b, g->head.id);
    GEN_LIT(b, "\"}");
}

/* The sums that stand beside the worklogs; they are the issue's own, there are no estimates. */
static void time_tracking(jd_buf *b, uint64_t spent)
{
    if (spent == 0) {
        GEN_LIT(b,
                "\"aggregatetimeoriginalestimate\":null,\"timeestimate\":null,"
                "\"aggregatetimeestimate\":null,\"aggregateprogress\":{\"progress\":0,\"total\":"
                "0},\"progress\":{\"progress\":0,\"total\":0},\"timespent\":null,"
                "\"aggregatetimespent\":null,\"timeoriginalestimate\":null,\"timetracking\":{},");
        return;
    }
    GEN_LIT(b, "\"aggregatetimeoriginalestimate\":null,\"timeestimate\":0,"
               "\"aggregatetimeestimate\":0,\"aggregateprogress\":{\"progress\":");
    gen_number(b, spent);
    GEN_LIT(b, ",\"total\":");
    gen_number(b, spent);
    GEN_LIT(b, ",\"percent\":100},\"progress\":{\"progress\":");
    gen_number(b, spent);
    GEN_LIT(b, ",\"total\":");
    gen_number(b, spent);
    GEN_LIT(b, ",\"percent\":100},\"timespent\":");
    gen_number(b, spent);
    GEN_LIT(b, ",\"aggregatetimespent\":");
    gen_number(b, spent);
    GEN_LIT(b, ",\"timeoriginalestimate\":null,\"timetracking\":{\"remainingEstimate\":\"0m\","
               "\"timeSpent\":");
    duration(b, spent);
    GEN_LIT(b, ",\"remainingEstimateSeconds\":0,\"timeSpentSeconds\":");
    gen_number(b, spent);
    GEN_LIT(b, "},");
}

void gen_write_worklogs(gen_issue *g, jd_buf *b)
{
    uint64_t n = 0, spent = 0;
    GEN_LIT(b, "\"worklog\":{\"startAt\":0,\"maxResults\":");
    uint64_t total = gen_count(g, GEN_WORKLOG);
    gen_number(b, total > 20 ? total : 20);
    GEN_LIT(b, ",\"total\":");
    gen_number(b, total);
    GEN_LIT(b, ",\"worklogs\":[");
    for (size_t i = 0; i < g->nevents; i++)
        if (g->events[i].kind == GEN_WORKLOG) {
            if (n > 0)
                GEN_LIT(b, ",");
            worklog(g, b, &g->events[i], g->head.id * 50 + n++);
            spent += (uint64_t)g->events[i].to;
        }
    GEN_LIT(b, "]},");
    time_tracking(b, spent);
}

/* ---- histories */

typedef struct side { /* one side of a change: NULL is null */
    jd_str id, text;
} side;

static void member(jd_buf *b, jd_str s)
{
    if (s.p)
        gen_quote(b, s);
    else
        GEN_LIT(b, "null");
}

static void item(jd_buf *b, const char *field, side from, side to)
{
    GEN_LIT(b, "{\"field\":\"");
    gen_puts(b, jd_str_of(field));
    GEN_LIT(b, "\",\"fieldtype\":\"jira\",\"from\":");
    member(b, from.id);
    GEN_LIT(b, ",\"fromString\":");
    member(b, from.text);
    GEN_LIT(b, ",\"to\":");
    member(b, to.id);
    GEN_LIT(b, ",\"toString\":");
    member(b, to.text);
    GEN_LIT(b, "}");
}

static const side nothing;

static side status_side(int at)
{
    return (side){sim_entry_statuses[at].id, sim_entry_statuses[at].name};
}

static side person_side(int who)
{
    return who < 0 ? nothing : (side){sim_people[who].key, sim_people[who].name};
}

static side text_side(jd_str text)
{
    return (side){JD_NOSTR, text};
}

static side plain_side(const sim_entry_plain *p)
{
    return (side){p->id, p->name};
}

/* A number as text, in storage of the caller's. */
static side number_side(char store[24], uint64_t v)
{
    jd_buf b = {.p = store, .cap = 24, .max = 24};
    gen_number(&b, v);
    return (side){{store, b.n}, {store, b.n}};
}

static void version_item(gen_issue *g, jd_buf *b)
{
    char store[24];
    side to = number_side(store, gen_version_id(g->ctx, g->fix_version));
    to.text = sim_words_version.v[g->fix_version];
    item(b, "Fix Version", nothing, to);
}

static void status_items(gen_issue *g, jd_buf *b, const gen_event *e, bool *versioned)
{
    side resolution = plain_side(&sim_entry_resolutions[g->head.resolution]);
    item(b, "status", status_side(e->from), status_side(e->to));
    if (e->to == SIM_RESOLVED) {
        GEN_LIT(b, ",");
        item(b, "resolution", nothing, resolution);
        if (g->version_with_resolve && !*versioned) {
            GEN_LIT(b, ",");
            version_item(g, b);
            *versioned = true;
        }
    } else if (e->from == SIM_RESOLVED && e->to == SIM_REOPENED) {
        GEN_LIT(b, ",");
        item(b, "resolution", resolution, nothing);
    }
}

static void time_items(jd_buf *b, uint64_t before, uint64_t after)
{
    char a[24], z[24];
    if (before == 0) {
        item(b, "timeestimate", nothing, (side){JD_STR("0"), JD_STR("0")});
        GEN_LIT(b, ",");
    }
    item(b, "timespent", before ? number_side(a, before) : nothing, number_side(z, after));
}

/* All labels but the last, then all. */
static void labels_item(gen_issue *g, jd_buf *b)
{
    jd_buf_reset(&g->text);
    size_t before = 0;
    for (int i = 0; i < g->nlabels; i++) {
        before = g->text.n;
        if (i > 0)
            GEN_LIT(&g->text, " ");
        gen_puts(&g->text, sim_words_label.v[g->labels[i]]);
    }
    jd_str all = jd_buf_view(&g->text);
    item(b, "labels", text_side(jd_str_cut(all, 0, before)), text_side(all));
}

static void link_item(gen_issue *g, jd_buf *b)
{
    const sim_link_type *t = &sim_link_types[g->head.index / 2 % SIM_LINKS_N];
    jd_buf_reset(&g->text);
    GEN_LIT(&g->text, "This issue ");
    gen_puts(&g->text, g->head.index % 2 == 0 ? t->outward : t->inward);
    GEN_LIT(&g->text, " ");
    size_t key = g->text.n;
    gen_key(&g->text, g->ctx, g->head.index ^ 1);
    jd_str all = jd_buf_view(&g->text);
    item(b, "Link", nothing, (side){jd_str_cut(all, key, all.n), all});
}

static void attachment_item(gen_issue *g, jd_buf *b, const gen_event *e, uint64_t n)
{
    char store[24];
    side to = number_side(store, g->head.id * 10 + n);
    jd_buf_reset(&g->text);
    gen_key(&g->text, g->ctx, g->head.index);
    GEN_LIT(&g->text, ".");
    gen_puts(&g->text, sim_words_file.v[(uint64_t)e->to % sim_words_file.n]);
    to.text = jd_buf_view(&g->text);
    item(b, "Attachment", nothing, to);
}

static void text_item(gen_issue *g, jd_buf *b, gen_kind kind)
{
    jd_buf_reset(&g->text);
    if (kind == GEN_SUMMARY) {
        gen_say(g, &g->text, gen_pick(g, sim_words_summary));
        item(b, "summary", text_side(jd_buf_view(&g->text)), text_side(jd_buf_view(&g->summary)));
    } else {
        gen_lines(g, &g->text, 2);
        item(b, "description", text_side(jd_buf_view(&g->text)),
             text_side(jd_buf_view(&g->description)));
    }
}

static void remote_item(gen_issue *g, jd_buf *b)
{
    char store[24];
    jd_buf_reset(&g->text);
    gen_say(g, &g->text, JD_STR("This issue links to \"GitHub Pull Request #$N (Web Link)\""));
    side to = number_side(store, 600000 + gen_below(g, 90000));
    to.text = jd_buf_view(&g->text);
    item(b, "RemoteIssueLink", nothing, to);
}

static void component_item(gen_issue *g, jd_buf *b)
{
    char store[24];
    int  last = g->components[g->ncomponents - 1];
    side to   = number_side(store, gen_component_id(g->ctx, last));
    to.text   = sim_words_component.v[last];
    item(b, "Component", nothing, to);
}

typedef struct so_far {
    uint64_t histories, spent, attachments;
    bool     versioned;
} so_far;

static void items(gen_issue *g, jd_buf *b, const gen_event *e, so_far *s)
{
    switch (e->kind) {
    case GEN_STATUS:
        status_items(g, b, e, &s->versioned);
        break;
    case GEN_ASSIGN:
        item(b, "assignee", person_side(e->from), person_side(e->to));
        break;
    case GEN_PRIORITY:
        item(b, "priority", plain_side(&sim_entry_priorities[e->from]),
             plain_side(&sim_entry_priorities[e->to]));
        break;
    case GEN_FIX_VERSION:
        version_item(g, b);
        break;
    case GEN_SUMMARY:
    case GEN_DESCRIPTION:
        text_item(g, b, e->kind);
        break;
    case GEN_LABELS:
        labels_item(g, b);
        break;
    case GEN_LINK:
        link_item(g, b);
        break;
    case GEN_ATTACHMENT:
        attachment_item(g, b, e, s->attachments++);
        break;
    case GEN_COMPONENT:
        component_item(g, b);
        break;
    case GEN_WORKLOG:
        time_items(b, s->spent, s->spent + (uint64_t)e->to);
        s->spent += (uint64_t)e->to;
        break;
    case GEN_REMOTE:
    case GEN_COMMENT:
        remote_item(g, b);
        break;
    }
}

void gen_write_changelog(gen_issue *g, jd_buf *b)
{
    so_far   s     = {0};
    uint64_t total = gen_count_histories(g);
    GEN_LIT(b, "\"changelog\":{\"startAt\":0,\"maxResults\":");
    gen_number(b, total);
    GEN_LIT(b, ",\"total\":");
    gen_number(b, total);
    GEN_LIT(b, ",\"histories\":[");
    for (size_t i = 0; i < g->nevents; i++) {
        const gen_event *e = &g->events[i];
        if (e->kind == GEN_COMMENT)
            continue;
        if (s.histories > 0)
            GEN_LIT(b, ",");
        GEN_LIT(b, "{\"id\":\"");
        gen_number(b, g->head.id * 200 + s.histories++);
        GEN_LIT(b, "\",");
        if (e->kind == GEN_STATUS || !gen_chance(g, 10)) {
            GEN_LIT(b, "\"author\":");
            gen_puts(b, g->ctx->people[e->who]);
            GEN_LIT(b, ",");
        }
        GEN_LIT(b, "\"created\":");
        gen_date(b, e->at);
        GEN_LIT(b, ",\"items\":[");
        items(g, b, e, &s);
        GEN_LIT(b, "]}");
    }
    GEN_LIT(b, "]}");
}
