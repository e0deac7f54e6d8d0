#include "flow/show.h"

#include "corpus/body.h"
#include "corpus/person.h"
#include "flow/show_value.h"
#include "model/issue.h"
#include "model/parent.h"
#include "text/date.h"
#include "text/url.h"

#include <inttypes.h>
#include <string.h>

enum { LABEL_WIDTH = 12, TEXT_MAX = 1 << 30 };

typedef struct sheet { /* what the sections of one issue share */
    jd_buf        *out;
    const jd_show *how;
    jd_arena      *arena;
    const jd_json *issue, *fields;
    jd_buf         scratch, text;
    jd_bodies      bodies;
} sheet;

/* ---- words ---- */

static void put_line(sheet *s, jd_str text)
{
    s->how->line(s->out, text);
}

static jd_str string(const jd_json *object, const char *path)
{
    return jd_json_str(jd_json_path(object, path));
}

static void put_time(sheet *s, const jd_json *v)
{
    int64_t ms;
    char    utc[JD_TIME_MAX];
    if (jd_time_parse(jd_json_str(v), &ms, NULL))
        jd_buf_addz(s->out, jd_time_utc(ms, utc));
    else
        put_line(s, jd_json_str(v));
}

static int64_t time_of(const jd_json *object, const char *name)
{
    int64_t ms;
    return jd_time_parse(jd_json_str(jd_json_get(object, name)), &ms, NULL) ? ms : JD_NO_TIME;
}

static void put_person(sheet *s, const jd_json *user, bool login)
{
    jd_person p     = jd_person_of(user);
    jd_str    shown = p.display.n ? p.display : jd_person_shown(&p);
    if (!shown.n)
        shown = p.account.n ? p.account : JD_STR("somebody");
    put_line(s, shown);
    if (login && p.name.n && !jd_str_eq(p.name, shown)) {
        jd_buf_addz(s->out, " (");
        put_line(s, p.name);
        jd_buf_addc(s->out, ')');
    }
}

/* A value in one line; most 0: all of it. */
static void put_value(sheet *s, const jd_json *v, size_t most)
{
    jd_str all;
    jd_buf_reset(&s->text);
    jd_show_value(&s->text, &s->bodies, v);
    all         = jd_buf_view(&s->text);
    jd_buf line = JD_BUF_INIT(TEXT_MAX);
    jd_show_squeeze(&line, all, most ? most : all.n);
    put_line(s, jd_buf_view(&line));
    jd_buf_release(&line);
}

/* "KAFKA-3 [Open] Summary" */
static void put_reference(sheet *s, const jd_json *issue)
{
    jd_str status = string(issue, "fields.status.name"), summary = string(issue, "fields.summary");
    put_line(s, jd_json_str(jd_json_get(issue, "key")));
    if (status.n) {
        jd_buf_addz(s->out, " [");
        put_line(s, status);
        jd_buf_addc(s->out, ']');
    }
    if (summary.n) {
        jd_buf_addc(s->out, ' ');
        put_line(s, summary);
    }
}

static void put_duration(sheet *s, int64_t seconds)
{
    char text[JD_TIME_MAX];
    jd_buf_addz(s->out, jd_duration(seconds * 1000, text));
}

/* ---- the head ---- */

typedef enum shape { VALUE, PERSON, TIME, REFERENCE, DURATION } shape;

static const struct row {
    const char *label, *path;
    shape       shape;
    const char *none; /* NULL: no row when it is not set */
} rows[] = {
    {"Type", "issuetype", VALUE, NULL},
    {"Status", "status", VALUE, NULL},
    {"Priority", "priority", VALUE, NULL},
    {"Resolution", "resolution", VALUE, "Unresolved"},
    {"Security", "security", VALUE, NULL},
    {"Reporter", "reporter", PERSON, NULL},
    {"Creator", "creator", PERSON, NULL},
    {"Assignee", "assignee", PERSON, "Unassigned"},
    {"Created", "created", TIME, NULL},
    {"Updated", "updated", TIME, NULL},
    {"Resolved", "resolutiondate", TIME, NULL},
    {"Due", "duedate", VALUE, NULL},
    {"Labels", "labels", VALUE, NULL},
    {"Components", "components", VALUE, NULL},
    {"Affects", "versions", VALUE, NULL},
    {"Fixed in", "fixVersions", VALUE, NULL},
    {"Parent", "parent", REFERENCE, NULL},
    {"Estimate", "timeoriginalestimate", DURATION, NULL},
    {"Remaining", "timeestimate", DURATION, NULL},
    {"Votes", "votes.votes", VALUE, NULL},
    {"Watchers", "watches.watchCount", VALUE, NULL},
};

static void put_row(sheet *s, const struct row *r)
{
    const jd_json *v       = jd_json_path(s->fields, r->path);
    int64_t        seconds = 0;
    bool           set     = jd_show_is_set(v);
    if (r->shape == DURATION)
        set = jd_json_i64(v, &seconds) && seconds > 0 && seconds <= INT64_MAX / 1000;
    jd_parent link; /* where `parent` is not set, an epic may be */
    bool linked = r->shape == REFERENCE && !set && jd_parent_of(s->fields, s->how->fields, &link);
    set         = set || linked;
    if (!set && !r->none)
        return;
    size_t used = strlen(r->label) + 1;
    jd_buf_addz(s->out, r->label);
    jd_buf_addf(s->out, ":%*s", (int)(LABEL_WIDTH - used), "");
    if (!set)
        jd_buf_addz(s->out, r->none);
    else if (linked)
        put_line(s, link.key);
    else if (r->shape == PERSON)
        put_person(s, v, true);
    else if (r->shape == TIME)
        put_time(s, v);
    else if (r->shape == REFERENCE)
        put_reference(s, v);
    else if (r->shape == DURATION)
        put_duration(s, seconds);
    else
        put_value(s, v, 0);
    jd_buf_addc(s->out, '\n');
}

/* The issue's own address tells the scheme when it is of the site; behind a gateway it is not. */
static void put_address(sheet *s, jd_str key)
{
    jd_str own = jd_json_str(jd_json_get(s->issue, "self")), site = s->how->site;
    size_t api  = jd_str_search(own, JD_STR("/rest/api/"));
    jd_str base = api < own.n ? jd_str_cut(own, 0, api) : JD_NOSTR;
    jd_url parts;
    jd_err ignored;
    if (!site.n && !base.n)
        return;
    if (site.n && !jd_str_ieq(jd_url_site(base), site)) {
        base = jd_arena_fmt(s->arena, "https://%.*s", JD_FMT(site));
        if (!jd_url_parse(base, &parts, &ignored) && jd_url_is_loopback(parts.host))
            base = jd_arena_fmt(s->arena, "http://%.*s", JD_FMT(site));
    }
    put_line(s, base);
    jd_buf_addz(s->out, "/browse/");
    put_line(s, key);
    jd_buf_addc(s->out, '\n');
}

static void put_head(sheet *s)
{
    jd_str key = jd_json_str(jd_json_get(s->issue, "key"));
    jd_buf_addz(s->out, "# ");
    put_line(s, key);
    jd_buf_addc(s->out, ' ');
    put_line(s, jd_json_str(jd_json_get(s->fields, "summary")));
    jd_buf_addc(s->out, '\n');
    put_address(s, key);
    if (s->how->asked.n) {
        jd_buf_addz(s->out, "(it was ");
        put_line(s, s->how->asked);
        jd_buf_addz(s->out, " before it moved)\n");
    }
    jd_buf_addc(s->out, '\n');
    bool same = jd_json_same(jd_json_get(s->fields, "reporter"), jd_json_get(s->fields, "creator"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!same || strcmp(rows[i].path, "creator") != 0)
            put_row(s, &rows[i]);
}

/* ---- lists ---- */

static void put_title(sheet *s, const char *title)
{
    jd_buf_addf(s->out, "\n## %s\n", title);
}

/* "Comments (3)", or "(3 of 40 held)" where Jira gave no more. */
static void put_counted(sheet *s, const char *title, size_t have, int64_t total)
{
    jd_buf_addf(s->out, "\n## %s (%zu", title, have);
    if (total > 0 && (uint64_t)total > have)
        jd_buf_addf(s->out, " of %" PRId64 " held", total);
    jd_buf_addz(s->out, ")\n");
}

static void put_links(sheet *s)
{
    const jd_json *list = jd_json_get(s->fields, "issuelinks");
    if (jd_json_len(list))
        put_title(s, "Links");
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);) {
        const jd_json *other = jd_json_get(it.value, "outwardIssue");
        bool           out   = other != NULL;
        if (!other)
            other = jd_json_get(it.value, "inwardIssue");
        jd_buf_addz(s->out, "- ");
        put_line(s, string(it.value, out ? "type.outward" : "type.inward"));
        jd_buf_addc(s->out, ' ');
        put_reference(s, other);
        jd_buf_addc(s->out, '\n');
    }
}

static void put_subtasks(sheet *s)
{
    const jd_json *list = jd_json_get(s->fields, "subtasks");
    if (jd_json_len(list))
        put_title(s, "Sub-tasks");
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);) {
        jd_buf_addz(s->out, "- ");
        put_reference(s, it.value);
        jd_buf_addc(s->out, '\n');
    }
}

static void put_size(sheet *s, const jd_json *v)
{
    int64_t bytes;
    if (!jd_json_i64(v, &bytes) || bytes < 0)
        return;
    if (bytes < 1024)
        jd_buf_addf(s->out, ", %" PRId64 " bytes", bytes);
    else if (bytes < 1 << 20)
        jd_buf_addf(s->out, ", %.1f KiB", (double)bytes / 1024);
    else
        jd_buf_addf(s->out, ", %.1f MiB", (double)bytes / (1 << 20));
}

static void put_attachments(sheet *s)
{
    const jd_json *list = jd_json_get(s->fields, "attachment");
    if (jd_json_len(list))
        put_counted(s, "Attachments", jd_json_len(list), 0);
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);) {
        jd_buf_addz(s->out, "- ");
        put_line(s, jd_json_str(jd_json_get(it.value, "filename")));
        put_size(s, jd_json_get(it.value, "size"));
        jd_buf_addz(s->out, ", ");
        put_time(s, jd_json_get(it.value, "created"));
        jd_buf_addz(s->out, ", ");
        put_person(s, jd_json_get(it.value, "author"), false);
        jd_buf_addc(s->out, '\n');
    }
}

static void put_custom(sheet *s)
{
    const jd_json *names = jd_json_get(s->issue, "names");
    bool           any   = false;
    for (jd_json_iter it = jd_json_walk(s->fields); jd_json_next(&it);) {
        if (!jd_str_starts(it.name, JD_STR("customfield_")) || !jd_show_is_set(it.value))
            continue;
        if (!any)
            put_title(s, "Custom fields");
        any                   = true;
        jd_str          name  = jd_json_str(jd_json_getn(names, it.name));
        const jd_field *field = jd_field_find(s->how->fields, it.name);
        if (!name.n && field)
            name = field->title;
        jd_buf_addz(s->out, "- ");
        put_line(s, name.n ? name : it.name);
        if (name.n) {
            jd_buf_addz(s->out, " (");
            put_line(s, it.name);
            jd_buf_addc(s->out, ')');
        }
        jd_buf_addz(s->out, ": ");
        put_value(s, it.value, JD_SHOW_VALUE_MAX);
        jd_buf_addc(s->out, '\n');
    }
}

/* ---- texts ---- */

static void put_body(sheet *s, const jd_json *body)
{
    jd_str text = jd_body(&s->bodies, body, NULL);
    if (text.n) {
        jd_buf_addc(s->out, '\n');
        jd_buf_adds(s->out, text);
        jd_buf_addc(s->out, '\n');
    }
}

static void put_text(sheet *s, const char *title, const char *field)
{
    const jd_json *body = jd_json_get(s->fields, field);
    if (jd_show_is_set(body)) {
        put_title(s, title);
        put_body(s, body);
    }
}

typedef struct dated { /* an item of a list, to be told in the order of time */
    int64_t        ms;
    uint64_t       id;
    size_t         at;
    const jd_json *v;
} dated;

static int by_time(const void *a, const void *b)
{
    const dated *x = a, *y = b;
    if (x->ms != y->ms)
        return x->ms < y->ms ? -1 : 1;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

static dated *in_order(sheet *s, const jd_json *list)
{
    size_t n = 0;
    dated *v = JD_NEW_ARRAY(s->arena, dated, jd_json_len(list));
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it); n++)
        v[n] = (dated){time_of(it.value, "created"), jd_json_id(jd_json_get(it.value, "id")), n,
                       it.value};
    if (n)
        qsort(v, n, sizeof *v, by_time);
    return v;
}

static void put_comments(sheet *s)
{
    jd_child_state has  = jd_issue_children(s->issue, JD_COMMENTS);
    const jd_json *list = jd_json_path(s->fields, "comment.comments");
    size_t         n    = jd_json_len(list);
    if (!n && has.total <= 0)
        return;
    put_counted(s, "Comments", n, has.total);
    const dated *c = in_order(s, list);
    for (size_t i = 0; i < n; i++) {
        const jd_json *visibility = jd_json_get(c[i].v, "visibility");
        jd_buf_addz(s->out, "\n### ");
        put_time(s, jd_json_get(c[i].v, "created"));
        jd_buf_addc(s->out, ' ');
        put_person(s, jd_json_get(c[i].v, "author"), true);
        if (time_of(c[i].v, "updated") > c[i].ms) {
            jd_buf_addz(s->out, ", edited ");
            put_time(s, jd_json_get(c[i].v, "updated"));
        }
        if (!jd_json_is_null(visibility)) {
            jd_buf_addz(s->out, ", restricted to ");
            put_line(s, jd_json_str(jd_json_get(visibility, "value")));
        } else if (jd_is_restricted(NULL, jd_json_get(c[i].v, "jsdPublic"))) {
            jd_buf_addz(s->out, ", internal");
        }
        jd_buf_addc(s->out, '\n');
        put_body(s, jd_json_get(c[i].v, "body"));
    }
}

/* ---- work ---- */

typedef struct work {
    const jd_json *author;
    jd_str         who;
    int64_t        seconds;
    size_t         entries;
} work;

static int by_who(const void *a, const void *b)
{
    const work *x = a, *y = b;
    return jd_str_cmp(x->who, y->who);
}

static int64_t sum(int64_t a, int64_t b)
{
    const int64_t most = INT64_MAX / 1000;
    return a > most - b ? most : a + b;
}

static void put_work(sheet *s)
{
    jd_child_state has  = jd_issue_children(s->issue, JD_WORKLOGS);
    const jd_json *list = jd_json_path(s->fields, "worklog.worklogs");
    size_t         n = jd_json_len(list), i = 0, people = 0;
    int64_t        all = 0;
    if (!n && has.total <= 0)
        return;
    work *w = JD_NEW_ARRAY(s->arena, work, n);
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it); i++) {
        int64_t seconds = 0;
        if (!jd_json_i64(jd_json_get(it.value, "timeSpentSeconds"), &seconds) || seconds < 0)
            seconds = 0;
        const jd_json *author = jd_json_get(it.value, "author");
        jd_person      p      = jd_person_of(author);
        jd_str         who    = p.account.n ? p.account : p.name.n ? p.name : p.display;
        w[i]                  = (work){author, who, sum(0, seconds), 1};
        all                   = sum(all, w[i].seconds);
    }
    if (n)
        qsort(w, n, sizeof *w, by_who);
    for (i = 0; i < n; i++) {
        if (people && jd_str_eq(w[people - 1].who, w[i].who)) {
            w[people - 1].seconds = sum(w[people - 1].seconds, w[i].seconds);
            w[people - 1].entries++;
        } else {
            w[people++] = w[i];
        }
    }
    put_counted(s, "Work logged", n, has.total);
    jd_buf_addz(s->out, "Total: ");
    put_duration(s, all);
    jd_buf_addc(s->out, '\n');
    for (i = 0; i < people; i++) {
        jd_buf_addz(s->out, "- ");
        put_person(s, w[i].author, false);
        jd_buf_addz(s->out, ": ");
        put_duration(s, w[i].seconds);
        jd_buf_addf(s->out, " (%zu)\n", w[i].entries);
    }
}

/* ---- history ---- */

/* Jira gives the words, the id behind them, or neither. */
static void put_side(sheet *s, const jd_json *item, const char *words, const char *id)
{
    const jd_json *v = jd_json_get(item, words);
    if (!jd_show_is_set(v))
        v = jd_json_get(item, id);
    if (jd_show_is_set(v))
        put_value(s, v, JD_SHOW_VALUE_MAX);
    else
        jd_buf_addz(s->out, "(none)");
}

static void put_history(sheet *s)
{
    jd_child_state has  = jd_issue_children(s->issue, JD_HISTORIES);
    const jd_json *list = jd_json_path(s->issue, "changelog.histories");
    size_t         n    = jd_json_len(list);
    if (!n && has.total <= 0)
        return;
    put_counted(s, "History", n, has.total);
    const dated *h = in_order(s, list);
    for (size_t i = 0; i < n; i++) {
        jd_json_iter it = jd_json_walk(jd_json_get(h[i].v, "items"));
        while (jd_json_next(&it)) {
            put_time(s, jd_json_get(h[i].v, "created"));
            jd_buf_addz(s->out, "  ");
            put_person(s, jd_json_get(h[i].v, "author"), false);
            jd_buf_addz(s->out, "  ");
            put_line(s, jd_json_str(jd_json_get(it.value, "field")));
            jd_buf_addz(s->out, ": ");
            put_side(s, it.value, "fromString", "from");
            jd_buf_addz(s->out, " -> ");
            put_side(s, it.value, "toString", "to");
            jd_buf_addc(s->out, '\n');
        }
    }
}

void jd_show_issue(jd_buf *out, jd_arena *a, const jd_show *how, const jd_json *issue)
{
    sheet s = {.out     = out,
               .how     = how,
               .arena   = a,
               .issue   = issue,
               .fields  = jd_json_get(issue, "fields"),
               .scratch = JD_BUF_INIT(TEXT_MAX),
               .text    = JD_BUF_INIT(TEXT_MAX),
               .bodies  = {.form = JD_MK_MARKDOWN, .include_restricted = true}};
    jd_bodies_of(&s.bodies, a, &s.scratch, issue);
    put_head(&s);
    put_custom(&s);
    put_links(&s);
    put_subtasks(&s);
    put_text(&s, "Description", "description");
    put_text(&s, "Environment", "environment");
    put_comments(&s);
    put_work(&s);
    put_attachments(&s);
    put_history(&s);
    jd_bodies_release(&s.bodies);
    jd_buf_release(&s.scratch);
    jd_buf_release(&s.text);
}
