#include "model/change.h"

#include "base/hash.h"
#include "base/map.h"
#include "model/issue.h"
#include "model/meaning.h"
#include "text/date.h"
#include "text/jsonw.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *const jd_change_silent[] = {"comment",
                                        "worklog", /* have changes of their own */
                                        "updated",
                                        "lastViewed",
                                        "votes",
                                        "watches",
                                        "thumbnail",
                                        "workratio",
                                        "progress",
                                        "aggregateprogress",
                                        "aggregatetimespent",
                                        "aggregatetimeestimate",
                                        "aggregatetimeoriginalestimate",
                                        "timetracking",
                                        "statuscategorychangedate",
                                        "statusCategory",
                                        NULL};

#define NAME_OF(name, text) text,
static const char *const kind_names[JD_NCHANGE] = {JD_CHANGE_KINDS(NAME_OF)};
#undef NAME_OF

const char *jd_change_name(jd_change_kind kind)
{
    return kind_names[kind];
}

/* Fields whose changelog name is not their id. `set`: of entities, one item for each that came or
 * went. */
static const struct known {
    const char *name, *id;
    bool        set;
} known[] = {
    {"Fix Version", "fixVersions", true},
    {"Version", "versions", true},
    {"Component", "components", true},
    {"Link", "issuelinks", true},
    {"Attachment", "attachment", true},
    {"Sub-Task", "subtasks", true},
    {"Parent", "parent", false},
    {"Parent Issue", "parent", false},
    {"IssueParentAssociation", "parent", false},
    {"Security", "security", false},
    {"Key", "issuekey", false},
    {"Comment", "comment", false},
    {"WorklogId", "worklog", false},
};
enum { NKNOWN = sizeof known / sizeof *known };

typedef struct diff {
    jd_arena             *a;
    const jd_change_conf *conf;
    const jd_json        *was, *is;
    jd_changes           *out;
    size_t                first;      /* of this diff's changes in out */
    int64_t               was_ms;     /* `updated` of the older copy, JD_NO_TIME when it has none */
    int64_t               noticed_ms; /* for what says nothing of its time */
    jd_change             base;
} diff;

/* -- small things ---------------------------------------------------------------------------- */

static jd_change *add(jd_arena *a, jd_changes *out, const jd_change *c)
{
    if (out->n == out->cap) {
        size_t     cap = out->cap ? out->cap * 2 : 8;
        jd_change *v   = JD_NEW_ARRAY(a, jd_change, cap);
        if (out->n)
            memcpy(v, out->v, out->n * sizeof *v);
        out->v   = v;
        out->cap = cap;
    }
    out->v[out->n] = *c;
    return &out->v[out->n++];
}

static jd_str id_text(jd_arena *a, const jd_json *v)
{
    return jd_meaning_id(a, v);
}

static void set_who(jd_change *c, const jd_json *person)
{
    c->who      = jd_meaning_person(person);
    c->who_name = jd_json_get(person, "displayName")
                      ? jd_json_str(jd_json_get(person, "displayName"))
                      : JD_NOSTR;
}

/* A date as text, or as a number of milliseconds (bulk changelogs). */
static int64_t time_of(const jd_json *v)
{
    int64_t ms;
    if (jd_json_i64(v, &ms) || jd_time_parse(jd_json_str(v), &ms, NULL))
        return ms;
    return JD_NO_TIME;
}

static int64_t time_or(const jd_json *v, int64_t otherwise)
{
    int64_t ms = time_of(v);
    return ms == JD_NO_TIME ? otherwise : ms;
}

/* A string that is told from null. */
static jd_str text_or_null(const jd_json *v)
{
    if (!jd_json_is_str(v))
        return JD_NOSTR;
    return jd_json_str(v).p ? jd_json_str(v) : JD_STR("");
}

static bool listed(const char *const *list, jd_str name)
{
    for (; *list; list++)
        if (jd_str_is(name, *list))
            return true;
    return false;
}

static const struct known *known_field(jd_str id)
{
    for (size_t i = 0; i < NKNOWN; i++)
        if (jd_str_is(id, known[i].id))
            return &known[i];
    return NULL;
}

/* The members of GET /field's entry of that id or, with `by_name`, that name; the only one. */
static const jd_json *entry_of(const jd_json *names, jd_str text, bool by_name)
{
    const jd_json *found = NULL;
    for (jd_json_iter it = jd_json_walk(names); jd_json_next(&it);) {
        if (!jd_str_eq(jd_json_str(jd_json_get(it.value, by_name ? "name" : "id")), text))
            continue;
        if (found)
            return NULL; /* two fields of one name: not known which */
        found = it.value;
    }
    return found;
}

/* What the field of an item is called in `fields`; p NULL when that is not known. */
static jd_str field_id_of(const diff *d, const jd_json *item)
{
    jd_str name = jd_json_str(jd_json_get(item, "field"));
    jd_str id   = jd_json_str(jd_json_get(item, "fieldId"));
    if (id.n)
        return id;
    if (!jd_str_is(jd_json_str(jd_json_get(item, "fieldtype")), "custom")) {
        for (size_t i = 0; i < NKNOWN; i++)
            if (jd_str_is(name, known[i].name))
                return jd_str_of(known[i].id);
        if (jd_json_getn(jd_json_get(d->is, "fields"), name) ||
            jd_json_getn(jd_json_get(d->was, "fields"), name))
            return name;
    }
    id = jd_json_str(jd_json_get(entry_of(d->conf->names, name, true), "id"));
    return id.n ? id : JD_NOSTR;
}

/* -- the changelog --------------------------------------------------------------------------- */

static const jd_json *children_of(const jd_json *issue, jd_child kind)
{
    return jd_json_get(jd_json_path(issue, jd_children[kind].holder), jd_children[kind].list);
}

static bool is_whole(const jd_json *issue, jd_child kind)
{
    jd_child_state s = jd_issue_children(issue, kind);
    return s.present && s.total <= (int64_t)s.have;
}

/* id -> place */
static jd_idmap *index_of(const jd_json *list)
{
    jd_idmap *m  = jd_idmap_new();
    int64_t   at = 0;
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it); at++) {
        uint64_t id = jd_json_id(jd_json_get(it.value, "id"));
        if (id)
            *jd_idmap_put(m, id, NULL) = at;
    }
    return m;
}

static bool has_child(const diff *d, jd_child kind, jd_str id)
{
    uint64_t number;
    if (!jd_str_u64(id, &number))
        return false;
    for (jd_json_iter it = jd_json_walk(children_of(d->is, kind)); jd_json_next(&it);)
        if (jd_json_id(jd_json_get(it.value, "id")) == number)
            return true;
    return false;
}

/* What a new item is a change of; the lists may know better (told_already). */
static jd_change_kind kind_of(const diff *d, jd_str field_id, jd_str from, jd_str to,
                              jd_str to_string)
{
    bool gone = !to.n && !to_string.n;
    if (jd_str_is(field_id, "issuekey"))
        return JD_CHANGE_MOVED;
    if (jd_str_is(field_id, "comment"))
        return gone ? JD_CHANGE_COMMENT_DELETED : JD_CHANGE_COMMENT_EDITED;
    if (jd_str_is(field_id, "worklog"))
        return gone && !has_child(d, JD_WORKLOGS, from) ? JD_CHANGE_WORKLOG_DELETED
                                                        : JD_CHANGE_WORKLOG_EDITED;
    return JD_CHANGE_FIELD;
}

static void take_history(diff *d, const jd_json *history, int64_t at)
{
    for (jd_json_iter it = jd_json_walk(jd_json_get(history, "items")); jd_json_next(&it);) {
        jd_change c   = d->base;
        c.changelog   = true;
        c.at_ms       = at;
        c.field       = jd_json_str(jd_json_get(it.value, "field"));
        c.field_id    = field_id_of(d, it.value);
        c.from        = text_or_null(jd_json_get(it.value, "from"));
        c.to          = text_or_null(jd_json_get(it.value, "to"));
        c.from_string = text_or_null(jd_json_get(it.value, "fromString"));
        c.to_string   = text_or_null(jd_json_get(it.value, "toString"));
        c.kind        = kind_of(d, c.field_id, c.from, c.to, c.to_string);
        set_who(&c, jd_json_get(history, "author"));
        (void)add(d->a, d->out, &c);
    }
}

static void take_changelog(diff *d)
{
    const jd_json *before = children_of(d->was, JD_HISTORIES);
    bool           whole  = is_whole(d->was, JD_HISTORIES);
    jd_idmap      *old    = index_of(before);
    for (jd_json_iter it = jd_json_walk(children_of(d->is, JD_HISTORIES)); jd_json_next(&it);) {
        uint64_t id = jd_json_id(jd_json_get(it.value, "id"));
        int64_t  at = time_of(jd_json_get(it.value, "created"));
        if (!id || jd_idmap_get(old, id))
            continue;
        if (!whole && (at == JD_NO_TIME || at <= d->was_ms))
            continue; /* the older copy may have been cut short of it */
        take_history(d, it.value, at == JD_NO_TIME ? d->noticed_ms : at);
    }
    jd_idmap_free(old);
}

/* -- what the changelog covers --------------------------------------------------------------- */

static bool covers_field(const diff *d, jd_str field_id)
{
    for (size_t i = d->first; i < d->out->n; i++) {
        const jd_change *c = &d->out->v[i];
        if (c->changelog && c->field_id.p && jd_str_eq(c->field_id, field_id))
            return true;
    }
    return false;
}

static bool same_number(jd_str a, jd_str b)
{
    char   x[40], y[40], *end_x, *end_y;
    double u, v;
    if (!a.n || !b.n || a.n >= sizeof x || b.n >= sizeof y)
        return false;
    memcpy(x, a.p, a.n);
    memcpy(y, b.p, b.n);
    x[a.n] = y[b.n] = '\0';
    u               = strtod(x, &end_x);
    v               = strtod(y, &end_y);
    return *end_x == '\0' && *end_y == '\0' && u == v;
}

static bool same_text(jd_str a, jd_str b)
{
    return jd_str_eq(a, b) || same_number(a, b);
}

/* A custom field's item whose field is known by name only: the values tell, and then its id. */
static bool covers_nameless(const diff *d, jd_str field_id, jd_str from, jd_str to)
{
    for (size_t i = d->first; i < d->out->n; i++) {
        jd_change *c = &d->out->v[i];
        if (!c->changelog || c->field_id.p || c->kind != JD_CHANGE_FIELD ||
            !same_text(c->from_string, from) || !same_text(c->to_string, to))
            continue;
        c->field_id = field_id;
        return true;
    }
    return false;
}

/* An item that tells of one entity which came to, or went from, a set. */
static bool covers_entity(const diff *d, jd_str field_id, jd_str id, jd_str text, bool came)
{
    for (size_t i = d->first; i < d->out->n; i++) {
        const jd_change *c = &d->out->v[i];
        jd_str           x = came ? c->to : c->from, y = came ? c->to_string : c->from_string;
        if (c->changelog && jd_str_eq(c->field_id, field_id) &&
            ((id.n && jd_str_eq(x, id)) || (text.n && jd_str_eq(y, text))))
            return true;
    }
    return false;
}

/* -- fields ---------------------------------------------------------------------------------- */

/* A link as the changelog tells it: the other issue's key, "This issue blocks X-1". */
static void name_link(jd_arena *a, const jd_json *link, jd_str *id, jd_str *text)
{
    const jd_json *out  = jd_json_get(link, "outwardIssue");
    const jd_json *type = jd_json_get(link, "type");
    jd_str key  = jd_json_str(jd_json_get(out ? out : jd_json_get(link, "inwardIssue"), "key"));
    jd_str verb = jd_json_str(jd_json_get(type, out ? "outward" : "inward"));
    *id         = key.n ? key : id_text(a, link);
    *text       = jd_arena_fmt(a, "This issue %.*s %.*s", JD_FMT(verb), JD_FMT(key));
}

static void name_entity(const diff *d, const struct known *k, const jd_json *v, jd_str *id,
                        jd_str *text)
{
    if (jd_str_is(JD_STR("issuelinks"), k->id)) {
        name_link(d->a, v, id, text);
        return;
    }
    *id   = jd_str_is(JD_STR("subtasks"), k->id) ? jd_json_str(jd_json_get(v, "key"))
                                                 : id_text(d->a, v);
    *text = jd_meaning_text(d->a, v);
}

static jd_change compared(const diff *d, jd_change_kind kind, jd_str field, jd_str field_id)
{
    jd_change c = d->base;
    c.kind      = kind;
    c.at_ms     = d->noticed_ms;
    c.field     = field;
    c.field_id  = field_id;
    return c;
}

static uint64_t entity_key(const jd_json *v)
{
    const jd_json *id = jd_json_get(v, "id");
    if (jd_json_id(id))
        return jd_json_id(id);
    return (jd_json_str(id).n ? jd_hash64(jd_json_str(id)) : jd_meaning_of(v)) | 1ull << 63;
}

/* Of two lists of entities, those of `here` that are not in `there`. */
static void compare_side(diff *d, const struct known *k, const jd_json *here, const jd_json *there,
                         bool came)
{
    jd_idmap *other = jd_idmap_new();
    for (jd_json_iter it = jd_json_walk(there); jd_json_next(&it);)
        *jd_idmap_put(other, entity_key(it.value), NULL) = 1;
    for (jd_json_iter it = jd_json_walk(here); jd_json_next(&it);) {
        jd_str id, text, field_id = jd_str_of(k->id);
        if (jd_idmap_get(other, entity_key(it.value)))
            continue;
        name_entity(d, k, it.value, &id, &text);
        if (covers_entity(d, field_id, id, text, came))
            continue;
        jd_change c               = compared(d, JD_CHANGE_FIELD, jd_str_of(k->name), field_id);
        *(came ? &c.to : &c.from) = id;
        *(came ? &c.to_string : &c.from_string) = text;
        if (came && jd_json_get(it.value, "created")) { /* a file says who and when */
            c.at_ms = time_or(jd_json_get(it.value, "created"), c.at_ms);
            set_who(&c, jd_json_get(it.value, "author"));
        }
        (void)add(d->a, d->out, &c);
    }
    jd_idmap_free(other);
}

/* resolutiondate goes with what sets it. */
static bool follows(const diff *d, jd_str name)
{
    return jd_str_is(name, "resolutiondate") &&
           (covers_field(d, JD_STR("resolution")) || covers_field(d, JD_STR("status")));
}

static void compare_field(diff *d, jd_str name, const jd_json *was, const jd_json *is)
{
    const struct known *k = known_field(name);
    if (listed(jd_change_silent, name) || jd_meaning_of(was) == jd_meaning_of(is))
        return;
    if (k && k->set) {
        compare_side(d, k, was, is, false);
        compare_side(d, k, is, was, true);
        return;
    }
    jd_str from = jd_meaning_text(d->a, was), to = jd_meaning_text(d->a, is);
    bool   ranked = (jd_meaning_is_rank(was) || !was) && jd_meaning_is_rank(is);
    if (ranked || covers_field(d, name) || covers_nameless(d, name, from, to) || follows(d, name))
        return;
    jd_str shown = jd_json_str(jd_json_get(entry_of(d->conf->names, name, false), "name"));
    if (k || !shown.n || !jd_str_starts(name, JD_STR("customfield_")))
        shown = k ? jd_str_of(k->name) : name;
    jd_change c   = compared(d, JD_CHANGE_FIELD, shown, name);
    c.from        = jd_meaning_id(d->a, was);
    c.to          = jd_meaning_id(d->a, is);
    c.from_string = from;
    c.to_string   = to;
    (void)add(d->a, d->out, &c);
}

static void compare_fields(diff *d)
{
    const jd_json *was = jd_json_get(d->was, "fields"), *is = jd_json_get(d->is, "fields");
    for (jd_json_iter it = jd_json_walk(is); jd_json_next(&it);)
        if (jd_json_getn(is, it.name) == it.value && /* of two of one name the first counts */
            (!d->conf->common || jd_json_getn(was, it.name)))
            compare_field(d, it.name, jd_json_getn(was, it.name), it.value);
    for (jd_json_iter it = jd_json_walk(was); jd_json_next(&it) && !d->conf->common;)
        if (!jd_json_getn(is, it.name) && jd_json_getn(was, it.name) == it.value)
            compare_field(d, it.name, it.value, NULL);
}

static void compare_key(diff *d)
{
    jd_str was = jd_json_str(jd_json_get(d->was, "key"));
    if (jd_str_eq(was, d->base.key) || covers_field(d, JD_STR("issuekey")))
        return;
    jd_change c   = compared(d, JD_CHANGE_MOVED, JD_STR("Key"), JD_STR("issuekey"));
    c.from_string = was;
    c.to_string   = d->base.key;
    (void)add(d->a, d->out, &c);
}

/* -- comments and worklogs ------------------------------------------------------------------- */

typedef struct child_kind {
    jd_child       child;
    const char    *field, *field_id, *text;
    const char    *told[4]; /* what makes an edit */
    jd_change_kind added;   /* then edited, deleted */
} child_kind;

static const child_kind child_kinds[] = {
    {JD_COMMENTS,
     "Comment",
     "comment",
     "body",
     {"body", "visibility", "updated"},
     JD_CHANGE_COMMENT_ADDED},
    {JD_WORKLOGS,
     "Worklog",
     "worklog",
     "comment",
     {"comment", "timeSpentSeconds", "started", "updated"},
     JD_CHANGE_WORKLOG_ADDED},
};

static bool was_edited(const child_kind *k, const jd_json *was, const jd_json *is)
{
    for (size_t i = 0; i < 4 && k->told[i]; i++)
        if (jd_meaning_of(jd_json_get(was, k->told[i])) !=
            jd_meaning_of(jd_json_get(is, k->told[i])))
            return true;
    return jd_meaning_of(jd_json_get(was, "visibility")) !=
           jd_meaning_of(jd_json_get(is, "visibility"));
}

/* A worklog's text is the time, with what was said of it. */
static jd_str child_text(const diff *d, const child_kind *k, const jd_json *v)
{
    jd_str text = jd_meaning_text(d->a, jd_json_get(v, k->text));
    jd_str time = jd_json_str(jd_json_get(v, "timeSpent"));
    if (k->child != JD_WORKLOGS || !time.n)
        return text.p ? text : JD_STR("");
    return text.n ? jd_arena_fmt(d->a, "%.*s: %.*s", JD_FMT(time), JD_FMT(text)) : time;
}

/* Whether an item of the changelog tells of this change. Of a worklog it only says that something
 * was done to it ("WorklogId", from 5 to nothing, for an edit too): the lists know what. */
static bool told_already(diff *d, const child_kind *k, jd_str id, jd_change_kind kind)
{
    jd_change *last  = NULL;
    bool       added = kind == k->added, worklog = k->child == JD_WORKLOGS;
    for (size_t i = d->first; i < d->out->n; i++) {
        jd_change *c = &d->out->v[i];
        if (!c->changelog || !jd_str_is(c->field_id, k->field_id) || (!worklog && c->kind != kind))
            continue;
        if (!jd_str_eq(added ? c->to : c->from, id) || (added && c->from.n))
            continue;
        if (worklog) /* all but the last are edits */
            c->kind = JD_CHANGE_WORKLOG_EDITED;
        if (!last || c->at_ms >= last->at_ms)
            last = c;
    }
    if (last)
        last->kind = kind;
    return last != NULL;
}

static void child_change(diff *d, const child_kind *k, jd_change_kind kind, const jd_json *was,
                         const jd_json *is)
{
    jd_str id = id_text(d->a, is ? is : was);
    if (told_already(d, k, id, kind))
        return;
    jd_change c = compared(d, kind, jd_str_of(k->field), jd_str_of(k->field_id));
    if (was) {
        c.from        = id;
        c.from_string = child_text(d, k, was);
    }
    if (is) {
        c.to        = id;
        c.to_string = child_text(d, k, is);
        c.at_ms     = time_or(jd_json_get(is, was ? "updated" : "created"), c.at_ms);
        set_who(&c, jd_json_get(is, was ? "updateAuthor" : "author"));
    }
    (void)add(d->a, d->out, &c);
}

static void compare_children(diff *d, const child_kind *k)
{
    const jd_json  *was = children_of(d->was, k->child), *is = children_of(d->is, k->child);
    bool            whole_was = is_whole(d->was, k->child), whole_is = is_whole(d->is, k->child);
    jd_idmap       *old = index_of(was), *now = index_of(is);
    size_t          n  = jd_json_len(was);
    const jd_json **at = JD_NEW_ARRAY(d->a, const jd_json *, n);
    int64_t         i  = 0;
    if (!was || !is)
        goto out; /* one of the copies was made without them */
    for (jd_json_iter it = jd_json_walk(was); jd_json_next(&it); i++) {
        uint64_t id = jd_json_id(jd_json_get(it.value, "id"));
        at[i]       = it.value;
        if (id && whole_is && *jd_idmap_get(old, id) == i && !jd_idmap_get(now, id))
            child_change(d, k, k->added + 2, it.value, NULL);
    }
    i = 0;
    for (jd_json_iter it = jd_json_walk(is); jd_json_next(&it); i++) {
        uint64_t       id   = jd_json_id(jd_json_get(it.value, "id"));
        const int64_t *held = id ? jd_idmap_get(old, id) : NULL;
        if (!id || *jd_idmap_get(now, id) != i)
            continue; /* of two of one id the last counts */
        if (held && was_edited(k, at[*held], it.value))
            child_change(d, k, k->added + 1, at[*held], it.value);
        else if (!held && (whole_was || time_of(jd_json_get(it.value, "created")) > d->was_ms))
            child_change(d, k, k->added, NULL, it.value);
    }
out:
    jd_idmap_free(old);
    jd_idmap_free(now);
}

/* -- all of it ------------------------------------------------------------------------------- */

static jd_change base_of(const jd_json *issue)
{
    return (jd_change){.id  = jd_json_id(jd_json_get(issue, "id")),
                       .key = jd_json_str(jd_json_get(issue, "key"))};
}

/* Stable: what happened at the same time stays in the order it was found. */
static void sort(jd_arena *a, jd_change *v, size_t n)
{
    jd_change *other = JD_NEW_ARRAY(a, jd_change, n);
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t lo = 0; lo < n; lo += 2 * width) {
            size_t mid = lo + width < n ? lo + width : n, hi = mid + width < n ? mid + width : n;
            for (size_t i = lo, j = mid, k = lo; k < hi; k++)
                other[k] = i < mid && (j == hi || v[i].at_ms <= v[j].at_ms) ? v[i++] : v[j++];
        }
        memcpy(v, other, n * sizeof *v);
    }
}

void jd_change_diff(jd_arena *a, const jd_json *was, const jd_json *is, const jd_change_conf *conf,
                    jd_changes *out)
{
    diff    d       = {.a = a, .conf = conf, .was = was, .is = is, .out = out, .first = out->n};
    int64_t updated = time_of(jd_json_path(is, "fields.updated"));
    d.base          = base_of(is);
    d.was_ms        = time_of(jd_json_path(was, "fields.updated"));
    d.noticed_ms    = updated != JD_NO_TIME && updated > d.was_ms ? updated : conf->noticed_ms;
    take_changelog(&d);
    compare_key(&d);
    compare_fields(&d);
    for (size_t i = 0; i < sizeof child_kinds / sizeof *child_kinds; i++)
        if (!conf->common || (jd_issue_children(was, child_kinds[i].child).present &&
                              jd_issue_children(is, child_kinds[i].child).present))
            compare_children(&d, &child_kinds[i]);
    if (out->n > d.first)
        sort(a, out->v + d.first, out->n - d.first);
}

void jd_change_created(jd_arena *a, const jd_json *is, const jd_change_conf *conf, jd_changes *out)
{
    jd_change      c       = base_of(is);
    const jd_json *creator = jd_json_path(is, "fields.creator");
    c.kind                 = JD_CHANGE_CREATED;
    c.at_ms                = time_or(jd_json_path(is, "fields.created"), conf->noticed_ms);
    set_who(&c, jd_json_is_null(creator) ? jd_json_path(is, "fields.reporter") : creator);
    (void)add(a, out, &c);
}

jd_change jd_change_removed(uint64_t id, jd_str key, jd_str cause, int64_t at_ms)
{
    return (jd_change){
        .kind = JD_CHANGE_REMOVED, .id = id, .key = key, .at_ms = at_ms, .to_string = cause};
}

static void member(jd_jsonw *w, const char *name, jd_str s)
{
    jd_jsonw_name(w, name);
    jd_jsonw_str_or_null(w, s);
}

void jd_change_write(jd_buf *out, const jd_change *c)
{
    char     text[JD_TIME_MAX], id[24];
    jd_buf   number = {.p = id, .cap = sizeof id, .max = sizeof id - 1};
    jd_jsonw w      = jd_jsonw_to(out);
    jd_buf_addu(&number, c->id);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "id", jd_buf_view(&number));
    jd_jsonw_kstr(&w, "key", c->key);
    member(&w, "at",
           c->at_ms == JD_NO_TIME ? JD_NOSTR : jd_str_of(jd_time_jira(c->at_ms, 0, text)));
    jd_jsonw_kstr(&w, "kind", jd_str_of(kind_names[c->kind]));
    member(&w, "who", c->who);
    member(&w, "whoName", c->who_name);
    member(&w, "field", c->field);
    member(&w, "fieldId", c->field_id);
    member(&w, "from", c->from);
    member(&w, "fromString", c->from_string);
    member(&w, "to", c->to);
    member(&w, "toString", c->to_string);
    jd_jsonw_kstr(&w, "source", c->changelog ? JD_STR("changelog") : JD_STR("compare"));
    jd_jsonw_end(&w);
    jd_buf_addc(out, '\n');
}
