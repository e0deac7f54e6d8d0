/* An issue's fields as Data Center writes them. */
#include "sim/gen.h"
#include "sim/zone.h"

/* ---- pieces */

void gen_number(jd_buf *b, uint64_t v)
{
    char   text[20];
    size_t n = sizeof text;
    do {
        text[--n] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    gen_put(b, text + n, sizeof text - n);
}

void gen_date(jd_buf *b, int64_t ms)
{
    char text[SIM_DATE_LEN + 2];
    text[0] = text[SIM_DATE_LEN + 1] = '"';
    sim_date_put(text + 1, NULL, ms);
    gen_put(b, text, sizeof text);
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\';
}

void gen_escape(jd_buf *b, jd_str text)
{
    static const char hex[] = "0123456789abcdef";
    const char       *p = text.p, *end = p + text.n;
    while (p < end) {
        const char *run = p;
        while (p < end && is_plain((unsigned char)*p))
            p++;
        gen_put(b, run, (size_t)(p - run));
        if (p == end)
            break;
        switch (*p) {
        case '\n':
            GEN_LIT(b, "\\n");
            break;
        case '\r':
            GEN_LIT(b, "\\r");
            break;
        case '\t':
            GEN_LIT(b, "\\t");
            break;
        case '"':
            GEN_LIT(b, "\\\"");
            break;
        case '\\':
            GEN_LIT(b, "\\\\");
            break;
        default:
            GEN_LIT(b, "\\u00");
            gen_put(b, &hex[*p >> 4 & 15], 1);
            gen_put(b, &hex[*p & 15], 1);
        }
        p++;
    }
}

void gen_quote(jd_buf *b, jd_str text)
{
    GEN_LIT(b, "\"");
    gen_escape(b, text);
    GEN_LIT(b, "\"");
}

void gen_key(jd_buf *b, const gen_ctx *c, uint64_t index)
{
    gen_puts(b, c->conf->key);
    GEN_LIT(b, "-");
    gen_number(b, c->conf->first_number + index);
}

static void api(jd_buf *b, const gen_ctx *c)
{
    gen_puts(b, c->conf->base_url);
    GEN_LIT(b, "/rest/api/2/");
}

static void person_or_null(jd_buf *b, const gen_issue *g, int who)
{
    if (who < 0)
        GEN_LIT(b, "null");
    else
        gen_puts(b, g->ctx->people[who]);
}

/* ---- custom fields */

static const jd_str options[] = {JD_STR_INIT("Reviewed"), JD_STR_INIT("Incompatible change"),
                                 JD_STR_INIT("Low"),      JD_STR_INIT("Normal"),
                                 JD_STR_INIT("High"),     JD_STR_INIT("Correctness – Größe")};

static void option(gen_issue *g, jd_buf *b)
{
    uint64_t at = gen_below(g, sizeof options / sizeof *options);
    GEN_LIT(b, "{\"self\":\"");
    api(b, g->ctx);
    GEN_LIT(b, "customFieldOption/103");
    gen_number(b, 40 + at);
    GEN_LIT(b, "\",\"value\":");
    gen_quote(b, options[at]);
    GEN_LIT(b, ",\"id\":\"103");
    gen_number(b, 40 + at);
    GEN_LIT(b, "\",\"disabled\":false}");
}

static void sprint(gen_issue *g, jd_buf *b)
{
    uint64_t n = 1 + gen_below(g, 30);
    GEN_LIT(b, "[\"com.atlassian.greenhopper.service.sprint.Sprint@1fdd4");
    gen_number(b, 100 + n);
    GEN_LIT(b, "[id=");
    gen_number(b, 5800 + n);
    GEN_LIT(b, ",rapidViewId=350,state=CLOSED,name=IR");
    gen_number(b, n);
    GEN_LIT(b,
            " - Sprint, the \\\"long\\\" one,startDate=2017-03-10T11:17:23.728-05:00,endDate="
            "2017-03-24T10:17:00.000-04:00,completeDate=2017-03-24T12:15:14.526-04:00,sequence=");
    gen_number(b, 5800 + n);
    GEN_LIT(b, ",goal=<null>]\"]");
}

static void rank(gen_issue *g, jd_buf *b)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    char              text[]   = "\"0|i00000:\"";
    uint64_t          v        = g->head.id;
    for (int i = 8; i > 3; i--, v /= 36)
        text[i] = digits[v % 36];
    gen_put(b, text, sizeof text - 1);
}

static void development(gen_issue *g, jd_buf *b)
{
    if (gen_chance(g, 850))
        GEN_LIT(b, "\"{}\"");
    else
        GEN_LIT(b,
                "\"{summaryBean=com.atlassian.jira.plugin.devstatus.rest.SummaryBean@66a0944a["
                "summary={pullrequest=com.atlassian.jira.plugin.devstatus.rest.SummaryItemBean@"
                "3874df02[overall=PullRequestOverallBean{stateCount=0, state='OPEN'}]},errors=[],"
                "configErrors=[]], devSummaryJson={\\\"cachedValue\\\":{\\\"errors\\\":[]},"
                "\\\"isStale\\\":false}}\"");
}

static void date_only(gen_issue *g, jd_buf *b)
{
    GEN_LIT(b, "\"2019-1");
    gen_number(b, gen_below(g, 3));
    GEN_LIT(b, "-1");
    gen_number(b, gen_below(g, 10));
    GEN_LIT(b, "\"");
}

static void text_value(gen_issue *g, jd_buf *b, bool area)
{
    jd_buf_reset(&g->text);
    if (area)
        gen_lines(g, &g->text, 2);
    else
        gen_say(g, &g->text, JD_STR("$S-$N"));
    gen_quote(b, jd_buf_view(&g->text));
}

static void first_response(gen_issue *g, jd_buf *b)
{
    for (size_t i = 0; i < g->nevents; i++)
        if (g->events[i].kind == GEN_COMMENT) {
            gen_date(b, g->events[i].at);
            return;
        }
    GEN_LIT(b, "null");
}

static void custom_value(gen_issue *g, jd_buf *b, sim_custom_kind kind)
{
    switch (kind) {
    case SIM_CF_TEXT:
    case SIM_CF_AREA:
        text_value(g, b, kind == SIM_CF_AREA);
        break;
    case SIM_CF_ATTACHMENTS:
        GEN_LIT(b, "\"");
        gen_number(b, gen_count(g, GEN_ATTACHMENT));
        GEN_LIT(b, ".0\"");
        break;
    case SIM_CF_RANK:
        rank(g, b);
        break;
    case SIM_CF_GLOBAL_RANK:
        GEN_LIT(b, "\"9223372036854775807\"");
        break;
    case SIM_CF_FLAG:
        GEN_LIT(b, "\"false\"");
        break;
    case SIM_CF_SELECT:
        option(g, b);
        break;
    case SIM_CF_SELECTS:
        GEN_LIT(b, "[");
        option(g, b);
        GEN_LIT(b, "]");
        break;
    case SIM_CF_USER:
        gen_puts(b, g->ctx->people[gen_below(g, SIM_PEOPLE)]);
        break;
    case SIM_CF_USERS:
        GEN_LIT(b, "[");
        gen_puts(b, g->ctx->people[gen_below(g, SIM_PEOPLE)]);
        GEN_LIT(b, "]");
        break;
    case SIM_CF_SPRINT:
        sprint(g, b);
        break;
    case SIM_CF_EPIC:
        GEN_LIT(b, "\"");
        gen_key(b, g->ctx, g->head.index - g->head.index % 64);
        GEN_LIT(b, "\"");
        break;
    case SIM_CF_SUMMARY:
        development(g, b);
        break;
    case SIM_CF_DATE:
        date_only(g, b);
        break;
    case SIM_CF_DATETIME:
        first_response(g, b);
        break;
    case SIM_CF_FLOAT:
        gen_number(b, 1 + gen_below(g, 13));
        GEN_LIT(b, ".0");
        break;
    case SIM_CF_LABELS:
        GEN_LIT(b, "[\"triaged\",\"größe\"]");
        break;
    case SIM_CF_VERSIONS:
        GEN_LIT(b, "[");
        gen_puts(b, g->ctx->versions[gen_below(g, GEN_VERSIONS)]);
        GEN_LIT(b, "]");
        break;
    }
}

/* Fields from..to of the table, each followed by a comma. */
static void customs(gen_issue *g, jd_buf *b, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const sim_custom *f = &sim_customs[i];
        GEN_LIT(b, "\"customfield_");
        gen_number(b, f->id);
        if (f->permille == 1000 || (f->permille > 0 && gen_chance(g, f->permille))) {
            GEN_LIT(b, "\":");
            custom_value(g, b, f->kind);
            GEN_LIT(b, ",");
        } else {
            GEN_LIT(b, "\":null,");
        }
    }
}

/* ---- other issues */

static void stub(gen_issue *g, jd_buf *b, uint64_t index)
{
    const gen_ctx *c = g->ctx;
    gen_head       h = gen_head_of(c, index);
    jd_buf_reset(&g->text);
    gen_summary(c, &h, &g->text);
    GEN_LIT(b, "{\"id\":\"");
    gen_number(b, h.id);
    GEN_LIT(b, "\",\"key\":\"");
    gen_key(b, c, index);
    GEN_LIT(b, "\",\"self\":\"");
    api(b, c);
    GEN_LIT(b, "issue/");
    gen_number(b, h.id);
    GEN_LIT(b, "\",\"fields\":{\"summary\":");
    gen_quote(b, jd_buf_view(&g->text));
    GEN_LIT(b, ",\"status\":");
    gen_puts(b, c->statuses[h.status]);
    GEN_LIT(b, ",\"priority\":");
    gen_puts(b, c->priorities[h.priority]);
    GEN_LIT(b, ",\"issuetype\":");
    gen_puts(b, c->types[h.type]);
    GEN_LIT(b, "}}");
}

/* Two neighbours are linked with each other, the even one outwards; the link has one id. */
static void links(gen_issue *g, jd_buf *b)
{
    GEN_LIT(b, "\"issuelinks\":[");
    if (g->head.linked) {
        uint64_t             pair = g->head.id - g->head.index % 2;
        const sim_link_type *t    = &sim_link_types[g->head.index / 2 % SIM_LINKS_N];
        GEN_LIT(b, "{\"id\":\"");
        gen_number(b, pair);
        GEN_LIT(b, "\",\"self\":\"");
        api(b, g->ctx);
        GEN_LIT(b, "issueLink/");
        gen_number(b, pair);
        GEN_LIT(b, "\",\"type\":{\"id\":\"");
        gen_puts(b, t->id);
        GEN_LIT(b, "\",\"name\":\"");
        gen_puts(b, t->name);
        GEN_LIT(b, "\",\"inward\":\"");
        gen_puts(b, t->inward);
        GEN_LIT(b, "\",\"outward\":\"");
        gen_puts(b, t->outward);
        GEN_LIT(b, "\",\"self\":\"");
        api(b, g->ctx);
        GEN_LIT(b, "issueLinkType/");
        gen_puts(b, t->id);
        if (g->head.index % 2 == 0)
            GEN_LIT(b, "\"},\"outwardIssue\":");
        else
            GEN_LIT(b, "\"},\"inwardIssue\":");
        stub(g, b, g->head.index ^ 1);
        GEN_LIT(b, "}");
    }
    GEN_LIT(b, "],");
}

static void family(gen_issue *g, jd_buf *b)
{
    if (g->head.parent >= 0) {
        GEN_LIT(b, "\"parent\":");
        stub(g, b, (uint64_t)g->head.parent);
        GEN_LIT(b, ",");
    }
    GEN_LIT(b, "\"subtasks\":[");
    if (g->head.is_parent) {
        stub(g, b, g->head.index + 1);
        GEN_LIT(b, ",");
        stub(g, b, g->head.index + 2);
    }
    GEN_LIT(b, "],");
}

/* ---- attachments */

static bool url_safe(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '.' || c == '_';
}

static void url_encode(jd_buf *b, jd_str s)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        if (url_safe(s.p[i])) {
            gen_put(b, s.p + i, 1);
        } else {
            GEN_LIT(b, "%");
            gen_put(b, &hex[s.p[i] >> 4 & 15], 1);
            gen_put(b, &hex[s.p[i] & 15], 1);
        }
    }
}

static void attachment(gen_issue *g, jd_buf *b, const gen_event *e, uint64_t id)
{
    jd_str kind = sim_words_file.v[(uint64_t)e->to % sim_words_file.n];
    jd_buf_reset(&g->text);
    gen_key(&g->text, g->ctx, g->head.index);
    GEN_LIT(&g->text, ".");
    gen_puts(&g->text, kind);
    GEN_LIT(b, "{\"self\":\"");
    api(b, g->ctx);
    GEN_LIT(b, "attachment/");
    gen_number(b, id);
    GEN_LIT(b, "\",\"id\":\"");
    gen_number(b, id);
    GEN_LIT(b, "\",\"filename\":");
    gen_quote(b, jd_buf_view(&g->text));
    GEN_LIT(b, ",\"author\":");
    gen_puts(b, g->ctx->people[e->who]);
    GEN_LIT(b, ",\"created\":");
    gen_date(b, e->at);
    GEN_LIT(b, ",\"size\":");
    gen_number(b, 200 + gen_below(g, 300000));
    if (jd_str_is(kind, "png"))
        GEN_LIT(b, ",\"mimeType\":\"image/png\",\"content\":\"");
    else
        GEN_LIT(b, ",\"mimeType\":\"text/plain\",\"content\":\"");
    gen_puts(b, g->ctx->conf->base_url);
    GEN_LIT(b, "/secure/attachment/");
    gen_number(b, id);
    GEN_LIT(b, "/");
    url_encode(b, jd_buf_view(&g->text));
    GEN_LIT(b, "\"}");
}

static void attachments(gen_issue *g, jd_buf *b)
{
    uint64_t n = 0;
    GEN_LIT(b, "\"attachment\":[");
    for (size_t i = 0; i < g->nevents; i++)
        if (g->events[i].kind == GEN_ATTACHMENT) {
            if (n > 0)
                GEN_LIT(b, ",");
            attachment(g, b, &g->events[i], g->head.id * 10 + n++);
        }
    GEN_LIT(b, "],");
}

/* ---- the fields, group by group */

static void versions_and_lists(gen_issue *g, jd_buf *b)
{
    const gen_ctx *c    = g->ctx;
    bool           done = g->resolved != INT64_MIN;
    GEN_LIT(b, "\"fixVersions\":[");
    if (g->fix_version >= 0)
        gen_puts(b, c->versions[g->fix_version]);
    GEN_LIT(b, "],\"resolution\":");
    gen_puts(b, done ? c->resolutions[g->head.resolution] : JD_STR("null"));
    GEN_LIT(b, ",");
    customs(g, b, 0, 10);
    GEN_LIT(b, "\"lastViewed\":null,\"priority\":");
    gen_puts(b, c->priorities[g->head.priority]);
    if (g->nlabels > 0 || !gen_chance(g, 20)) { /* some projects hide the field */
        GEN_LIT(b, ",\"labels\":[");
        for (int i = 0; i < g->nlabels; i++) {
            if (i > 0)
                GEN_LIT(b, ",");
            gen_quote(b, sim_words_label.v[g->labels[i]]);
        }
        GEN_LIT(b, "]");
    }
    GEN_LIT(b, ",");
    customs(g, b, 10, 18);
    GEN_LIT(b, "\"versions\":[");
    if (gen_chance(g, 450))
        gen_puts(b, c->versions[gen_below(g, GEN_VERSIONS)]);
    GEN_LIT(b, "],");
    links(g, b);
    GEN_LIT(b, "\"assignee\":");
    person_or_null(b, g, g->assignee);
    GEN_LIT(b, ",\"status\":");
    gen_puts(b, c->statuses[g->head.status]);
    GEN_LIT(b, ",\"components\":[");
    for (int i = 0; i < g->ncomponents; i++) {
        if (i > 0)
            GEN_LIT(b, ",");
        gen_puts(b, c->components[g->components[i]]);
    }
    GEN_LIT(b, "],");
}

static void people_and_counts(gen_issue *g, jd_buf *b)
{
    customs(g, b, 18, 26);
    GEN_LIT(b, "\"archiveddate\":null,\"creator\":");
    person_or_null(b, g, g->creator);
    GEN_LIT(b, ",");
    family(g, b);
    GEN_LIT(b, "\"reporter\":");
    person_or_null(b, g, g->reporter);
    GEN_LIT(b, ",");
    customs(g, b, 26, 30);
    GEN_LIT(b, "\"votes\":{\"self\":\"");
    api(b, g->ctx);
    GEN_LIT(b, "issue/");
    gen_key(b, g->ctx, g->head.index);
    GEN_LIT(b, "/votes\",\"votes\":");
    gen_number(b, gen_chance(g, 150) ? gen_below(g, 20) : 0);
    GEN_LIT(b, ",\"hasVoted\":false},");
    gen_write_worklogs(g, b);
    GEN_LIT(b, "\"archivedby\":null,\"issuetype\":");
    gen_puts(b, g->ctx->types[g->head.type]);
    GEN_LIT(b, ",\"project\":");
    gen_puts(b, g->ctx->project);
    GEN_LIT(b, ",");
    customs(g, b, 30, 38);
    GEN_LIT(b, "\"resolutiondate\":");
    if (g->resolved != INT64_MIN)
        gen_date(b, g->resolved);
    else
        GEN_LIT(b, "null");
    GEN_LIT(b, ",\"workratio\":-1,\"watches\":{\"self\":\"");
    api(b, g->ctx);
    GEN_LIT(b, "issue/");
    gen_key(b, g->ctx, g->head.index);
    GEN_LIT(b, "/watchers\",\"watchCount\":");
    gen_number(b, 1 + gen_below(g, 12));
    GEN_LIT(b, ",\"isWatching\":false},\"created\":");
    gen_date(b, g->created);
    GEN_LIT(b, ",\"updated\":");
    gen_date(b, g->updated);
    GEN_LIT(b, ",");
}

static void security(gen_issue *g, jd_buf *b)
{
    GEN_LIT(b, "\"security\":{\"self\":\"");
    api(b, g->ctx);
    GEN_LIT(b, "securitylevel/10001\",\"id\":\"10001\",\"description\":\"Committers only\","
               "\"name\":\"Private\"},");
}

static void texts(gen_issue *g, jd_buf *b)
{
    bool nasty = g->head.special == SIM_GEN_NASTY;
    GEN_LIT(b, "\"description\":");
    if (g->description.n == 0 && !nasty) {
        GEN_LIT(b, "null");
    } else {
        GEN_LIT(b, "\"");
        gen_escape(b, jd_buf_view(&g->description));
        if (nasty)
            GEN_LIT(b, "\\r\\nA NUL \\u0000 and half an emoji \\ud83d end here.");
        GEN_LIT(b, "\"");
    }
    GEN_LIT(b, ",");
    customs(g, b, 38, SIM_CUSTOMS_N);
    if (gen_chance(g, 10))
        security(g, b);
    else if (gen_chance(g, 500))
        GEN_LIT(b, "\"security\":null,");
    attachments(g, b);
    GEN_LIT(b, "\"summary\":");
    gen_quote(b, jd_buf_view(&g->summary));
    if (gen_chance(g, 180)) {
        jd_buf_reset(&g->text);
        gen_say(g, &g->text, JD_STR("Linux $H 5.10, openjdk 11.0.$N, {{$K=$N}}"));
        GEN_LIT(b, ",\"environment\":");
        gen_quote(b, jd_buf_view(&g->text));
    } else if (!gen_chance(g, 30)) {
        GEN_LIT(b, ",\"environment\":null");
    }
    GEN_LIT(b, ",\"duedate\":");
    if (gen_chance(g, 15))
        date_only(g, b);
    else
        GEN_LIT(b, "null");
    GEN_LIT(b, ",");
}

void gen_write(gen_issue *g, jd_buf *b)
{
    jd_buf_reset(&g->summary);
    jd_buf_reset(&g->description);
    gen_summary(g->ctx, &g->head, &g->summary);
    bool described = gen_count(g, GEN_DESCRIPTION) || g->head.special != SIM_GEN_PLAIN;
    if (described || !gen_chance(g, 40))
        gen_description(g, &g->description);
    for (size_t i = 0; i < g->nevents; i++)
        if (g->events[i].kind == GEN_ATTACHMENT)
            g->events[i].to = (int)gen_below(g, sim_words_file.n);
    GEN_LIT(b, "{\"expand\":\"operations,versionedRepresentations,editmeta,changelog,"
               "renderedFields\",\"id\":\"");
    gen_number(b, g->head.id);
    GEN_LIT(b, "\",\"self\":\"");
    api(b, g->ctx);
    GEN_LIT(b, "issue/");
    gen_number(b, g->head.id);
    GEN_LIT(b, "\",\"key\":\"");
    gen_key(b, g->ctx, g->head.index);
    GEN_LIT(b, "\",\"fields\":{");
    versions_and_lists(g, b);
    people_and_counts(g, b);
    texts(g, b);
    gen_write_comments(g, b);
    GEN_LIT(b, "},");
    gen_write_changelog(g, b);
    GEN_LIT(b, "}");
}
