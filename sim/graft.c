#include "sim/graft.h"

#include "base/hash.h"
#include "base/rng.h"
#include "sim/zone.h"
#include "text/jsonw.h"

#include <inttypes.h>

enum { CHANGES_MAX = 12, ITEMS_MAX = 3, GRAFTS_AN_ISSUE = 100 };

/* One item of a history; p NULL is null. Ids and names are as the fields give them. */
typedef struct item {
    const char *field;
    jd_str      from, from_text, to, to_text;
} item;

typedef struct change {
    int64_t        at;
    const jd_json *author; /* NULL: none */
    item           items[ITEMS_MAX];
    size_t         n;
} change;

typedef struct graft {
    jd_arena      *arena;
    const jd_json *fields;
    const jd_json *assignee, *reporter, *resolver; /* NULL when there is none */
    jd_rng         rng;
    int64_t        created, updated, resolved; /* resolved: INT64_MIN when it is not */
    change         changes[CHANGES_MAX];
    size_t         n;
} graft;

/* Empty becomes null: an id or name that is not there. */
static jd_str text_of(const jd_json *object, const char *name)
{
    jd_str s = jd_json_str(jd_json_get(object, name));
    return s.n ? s : JD_NOSTR;
}

static const jd_json *object_at(const jd_json *fields, const char *name)
{
    const jd_json *v = jd_json_get(fields, name);
    return jd_json_kind(v) == JD_JSON_OBJECT && jd_json_len(v) > 0 ? v : NULL;
}

static bool date_at(const jd_json *fields, const char *name, int64_t *ms)
{
    return sim_date_read(jd_json_str(jd_json_get(fields, name)), ms);
}

static bool chance(graft *g, uint64_t percent)
{
    return jd_rng_below(&g->rng, 100) < percent;
}

static int64_t between(graft *g, int64_t from, int64_t to)
{
    return to > from ? from + (int64_t)jd_rng_below(&g->rng, (uint64_t)(to - from)) : from;
}

static change *add(graft *g, int64_t at, const jd_json *author)
{
    change *c = &g->changes[g->n < CHANGES_MAX ? g->n++ : CHANGES_MAX - 1];
    *c        = (change){.at = at, .author = author};
    return c;
}

static void put(change *c, item i)
{
    if (c->n < ITEMS_MAX)
        c->items[c->n++] = i;
}

/* ---- what may have happened */

static void put_status(change *c, jd_str from, jd_str from_name, jd_str to, jd_str to_name)
{
    put(c, (item){"status", from, from_name, to, to_name});
}

static void put_resolution(graft *g, change *c)
{
    const jd_json *r = object_at(g->fields, "resolution");
    put(c, (item){"resolution", JD_NOSTR, JD_NOSTR, text_of(r, "id"), text_of(r, "name")});
}

/* Issues start as Open. One that is closed was resolved before; work may have been in progress. */
static void walk_status(graft *g)
{
    const jd_json *status = object_at(g->fields, "status");
    jd_str         id = text_of(status, "id"), name = text_of(status, "name");
    jd_str         at = JD_STR("1"), at_name = JD_STR("Open");
    bool           resolved = g->resolved != INT64_MIN;
    int64_t        until = resolved ? g->resolved : g->updated, began = g->created;
    const jd_json *worker = g->assignee ? g->assignee : g->reporter;
    bool           moved  = name.n > 0 && !jd_str_is(name, "Open");
    bool           closed = resolved && jd_str_is(name, "Closed") && chance(g, 60);
    if (moved && !jd_str_is(name, "In Progress") && chance(g, 40)) {
        began = between(g, g->created, until);
        put_status(add(g, began, worker), at, at_name, JD_STR("3"), JD_STR("In Progress"));
        at      = JD_STR("3");
        at_name = JD_STR("In Progress");
    }
    if (closed) {
        change *c = add(g, g->resolved, g->resolver);
        put_status(c, at, at_name, JD_STR("5"), JD_STR("Resolved"));
        put_resolution(g, c);
        put_status(add(g, between(g, g->resolved, g->updated), g->reporter), JD_STR("5"),
                   JD_STR("Resolved"), id, name);
    } else if (moved || resolved) {
        change *c = add(g, resolved ? g->resolved : between(g, began, g->updated),
                        resolved ? g->resolver : worker);
        if (moved)
            put_status(c, at, at_name, id, name);
        if (resolved)
            put_resolution(g, c);
    }
}

static void walk_assignee(graft *g, int64_t until)
{
    jd_str login = text_of(g->assignee, "key"), name = text_of(g->assignee, "displayName");
    if (!login.n)
        login = text_of(g->assignee, "name");
    if (g->assignee && login.n && chance(g, 60))
        put(add(g, between(g, g->created, until), g->assignee),
            (item){"assignee", JD_NOSTR, JD_NOSTR, login, name});
}

static void walk_priority(graft *g, int64_t until)
{
    const jd_json *p     = object_at(g->fields, "priority");
    bool           major = jd_str_is(text_of(p, "name"), "Major");
    if (p && chance(g, 25))
        put(add(g, between(g, g->created, until), g->reporter),
            (item){"priority", major ? JD_STR("4") : JD_STR("3"),
                   major ? JD_STR("Minor") : JD_STR("Major"), text_of(p, "id"),
                   text_of(p, "name")});
}

static void walk_version(graft *g, int64_t until)
{
    const jd_json *v = jd_json_at(jd_json_get(g->fields, "fixVersions"), 0);
    if (text_of(v, "name").n && chance(g, 70))
        put(add(g, between(g, g->created, until), g->assignee ? g->assignee : g->reporter),
            (item){"Fix Version", JD_NOSTR, JD_NOSTR, text_of(v, "id"), text_of(v, "name")});
}

static void walk_labels(graft *g)
{
    jd_buf all = JD_BUF_INIT(1 << 20);
    for (jd_json_iter it = jd_json_walk(jd_json_get(g->fields, "labels")); jd_json_next(&it);) {
        if (all.n)
            jd_buf_addc(&all, ' ');
        jd_buf_adds(&all, jd_json_str(it.value));
    }
    if (all.n && jd_buf_ok(&all) && chance(g, 40))
        put(add(g, between(g, g->created, g->updated), g->reporter),
            (item){"labels", JD_NOSTR, JD_STR(""), JD_NOSTR,
                   jd_arena_dup(g->arena, jd_buf_view(&all))});
    jd_buf_release(&all);
}

static void walk_summary(graft *g)
{
    jd_str now = text_of(g->fields, "summary");
    if (now.n && chance(g, 15))
        put(add(g, between(g, g->created, g->updated), g->reporter),
            (item){"summary", JD_NOSTR, jd_arena_fmt(g->arena, "Problem: %.*s", JD_FMT(now)),
                   JD_NOSTR, now});
}

static void invent(graft *g)
{
    int64_t until = g->resolved != INT64_MIN && g->resolved < g->updated ? g->resolved : g->updated;
    walk_status(g);
    walk_assignee(g, until);
    walk_priority(g, until);
    walk_version(g, until);
    walk_labels(g);
    walk_summary(g);
    /* By time; what came first stays first. */
    for (size_t i = 1; i < g->n; i++)
        for (size_t k = i; k > 0 && g->changes[k].at < g->changes[k - 1].at; k--) {
            change c          = g->changes[k];
            g->changes[k]     = g->changes[k - 1];
            g->changes[k - 1] = c;
        }
}

/* ---- as Jira writes it */

static void write_item(jd_jsonw *w, const item *i)
{
    jd_jsonw_object(w);
    jd_jsonw_kstr(w, "field", jd_str_of(i->field));
    jd_jsonw_kstr(w, "fieldtype", JD_STR("jira"));
    jd_jsonw_name(w, "from");
    jd_jsonw_str_or_null(w, i->from);
    jd_jsonw_name(w, "fromString");
    jd_jsonw_str_or_null(w, i->from_text);
    jd_jsonw_name(w, "to");
    jd_jsonw_str_or_null(w, i->to);
    jd_jsonw_name(w, "toString");
    jd_jsonw_str_or_null(w, i->to_text);
    jd_jsonw_end(w);
}

static void write_changelog(const graft *g, uint64_t first_id, jd_buf *out)
{
    jd_jsonw w = jd_jsonw_to(out);
    char     date[SIM_DATE_LEN];
    jd_jsonw_object(&w);
    jd_jsonw_kint(&w, "startAt", 0);
    jd_jsonw_kint(&w, "maxResults", (int64_t)g->n);
    jd_jsonw_kint(&w, "total", (int64_t)g->n);
    jd_jsonw_name(&w, "histories");
    jd_jsonw_array(&w);
    for (size_t i = 0; i < g->n; i++) {
        const change *c = &g->changes[i];
        jd_jsonw_object(&w);
        jd_jsonw_kstr(&w, "id", jd_arena_fmt(g->arena, "%" PRIu64, first_id + i));
        if (c->author) {
            jd_jsonw_name(&w, "author");
            jd_jsonw_value(&w, c->author);
        }
        sim_date_put(date, NULL, c->at);
        jd_jsonw_kstr(&w, "created", (jd_str){date, sizeof date});
        jd_jsonw_name(&w, "items");
        jd_jsonw_array(&w);
        for (size_t k = 0; k < c->n; k++)
            write_item(&w, &c->items[k]);
        jd_jsonw_end(&w);
        jd_jsonw_end(&w);
    }
    jd_jsonw_end(&w);
    jd_jsonw_end(&w);
}

/* Without a creation date nothing can be placed in time: an empty changelog then. */
static void fill(graft *g, const jd_json *issue, uint64_t seed)
{
    uint64_t id  = jd_json_id(jd_json_get(issue, "id"));
    jd_str   key = jd_json_str(jd_json_get(issue, "key"));
    g->rng       = jd_rng_seed(seed ^ jd_mix64(id) ^ jd_hash64(key));
    g->fields    = jd_json_get(issue, "fields");
    g->assignee  = object_at(g->fields, "assignee");
    g->reporter  = object_at(g->fields, "reporter");
    if (!g->reporter)
        g->reporter = object_at(g->fields, "creator");
    g->resolver = g->assignee ? g->assignee : g->reporter;
    g->resolved = INT64_MIN;
    if (!date_at(g->fields, "created", &g->created))
        return;
    bool resolved = object_at(g->fields, "resolution") != NULL;
    bool dated    = resolved && date_at(g->fields, "resolutiondate", &g->resolved);
    if (!date_at(g->fields, "updated", &g->updated))
        g->updated = g->resolved;
    if (g->updated < g->created)
        g->updated = g->created;
    if (resolved && !dated)
        g->resolved = g->updated;
    if (resolved && g->resolved < g->created)
        g->resolved = g->created;
    invent(g);
}

/* The offset after "fields", or before the closing brace; 0 when there is nothing to graft on. */
static size_t place(jd_str bytes, bool *empty)
{
    jd_skim it    = jd_skim_open(bytes);
    size_t  after = 0;
    *empty        = true;
    if (!it.object)
        return 0;
    while (jd_skim_next(&it)) {
        *empty = false;
        if (jd_str_is(it.name, "changelog"))
            return 0;
        if (jd_str_is(it.name, "fields"))
            after = (size_t)(it.value.p - bytes.p) + it.value.n;
    }
    if (it.bad)
        return 0;
    for (size_t i = bytes.n; after == 0 && i-- > 0;)
        if (bytes.p[i] == '}')
            after = i;
    return after;
}

void sim_graft(jd_buf *out, jd_str issue_json, uint64_t seed)
{
    bool           empty;
    const jd_json *issue;
    size_t         at = place(issue_json, &empty);
    jd_err         e  = JD_ERR_NONE;
    graft          g  = {.arena = jd_arena_new(issue_json.n + 4096)};
    if (at == 0 || jd_json_read(g.arena, issue_json, &issue, &e) != JD_OK) {
        jd_buf_adds(out, issue_json);
    } else {
        fill(&g, issue, seed);
        uint64_t id    = jd_json_id(jd_json_get(issue, "id"));
        uint64_t first = (id % UINT64_C(1000000000000) + 1) * GRAFTS_AN_ISSUE;
        jd_buf_add(out, issue_json.p, at);
        jd_buf_addz(out, empty ? "\"changelog\":" : ",\"changelog\":");
        write_changelog(&g, first, out);
        jd_buf_add(out, issue_json.p + at, issue_json.n - at);
    }
    jd_arena_free(g.arena);
}
