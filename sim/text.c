#include "sim/text.h"

#include "base/map.h"
#include "base/vec.h"
#include "sim/adf.h"
#include "sim/jql.h"
#include "sim/raw.h"
#include "sim/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- names ------------------------------------------------------------------------------------- */

struct sim_names {
    jd_map   *at;
    jd_arena *arena;
    JD_VEC(jd_str) list;
};

sim_names *sim_names_new(void)
{
    sim_names *n = jd_xcalloc(1, sizeof *n);
    n->at        = jd_map_new();
    n->arena     = jd_arena_new(0);
    return n;
}

void sim_names_free(sim_names *n)
{
    if (!n)
        return;
    jd_map_free(n->at);
    jd_arena_free(n->arena);
    jd_vec_release(&n->list);
    free(n);
}

jd_str sim_names_keep(sim_names *n, jd_str s)
{
    if (!s.p)
        return JD_NOSTR;
    bool      fresh = false;
    uint64_t *at    = jd_map_put(n->at, s, &fresh);
    if (fresh) {
        *at                   = n->list.n;
        *jd_vec_add(&n->list) = jd_arena_dup(n->arena, s);
    }
    return n->list.v[*at];
}

/* -- counting ---------------------------------------------------------------------------------- */

sim_text *sim_text_ref(sim_text *t)
{
    atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
    return t;
}

void sim_text_drop(sim_text *t)
{
    if (t && atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) == 1)
        free(t);
}

/* -- columns ----------------------------------------------------------------------------------- */

static jd_str text_or_none(const jd_json *v)
{
    return jd_json_is_str(v) ? jd_json_str(v) : JD_NOSTR;
}

static sim_named named(sim_names *names, const jd_json *v)
{
    return (sim_named){sim_names_keep(names, text_or_none(jd_json_get(v, "id"))),
                       sim_names_keep(names, text_or_none(jd_json_get(v, "name")))};
}

static jd_str user(sim_names *names, bool cloud, const jd_json *v)
{
    char   id[SIM_ACCOUNT_ID];
    jd_str name = text_or_none(jd_json_get(v, "name")), key = jd_json_str(jd_json_get(v, "key"));
    if (!name.p || !cloud)
        return sim_names_keep(names, name);
    return sim_names_keep(names, sim_account_id(id, key.n > 0 ? key : name));
}

static bool instant(const jd_json *v, int64_t *ms)
{
    return jd_json_is_str(v) && sim_date_read(jd_json_str(v), ms);
}

static void status(sim_issue *i, sim_names *names, const jd_json *v)
{
    i->status   = named(names, v);
    i->category = sim_jql_category(jd_json_str(jd_json_path(v, "statusCategory.key")));
}

static void columns(sim_issue *i, sim_names *names, bool cloud, const jd_json *fields)
{
    bool created = false, updated = false;
    i->resolved_ms = INT64_MIN;
    for (jd_json_iter it = jd_json_walk(fields); jd_json_next(&it);) {
        if (jd_str_is(it.name, "created"))
            created = instant(it.value, &i->created_ms);
        else if (jd_str_is(it.name, "updated"))
            updated = instant(it.value, &i->updated_ms);
        else if (jd_str_is(it.name, "resolutiondate"))
            (void)instant(it.value, &i->resolved_ms);
        else if (jd_str_is(it.name, "status"))
            status(i, names, it.value);
        else if (jd_str_is(it.name, "issuetype"))
            i->type = named(names, it.value);
        else if (jd_str_is(it.name, "priority"))
            i->priority = named(names, it.value);
        else if (jd_str_is(it.name, "resolution"))
            i->resolution = named(names, it.value);
        else if (jd_str_is(it.name, "assignee"))
            i->assignee = user(names, cloud, it.value);
        else if (jd_str_is(it.name, "reporter"))
            i->reporter = user(names, cloud, it.value);
    }
    if (!created)
        i->created_ms = updated ? i->updated_ms : 0;
    if (!updated)
        i->updated_ms = i->created_ms;
}

/* -- what is cut ------------------------------------------------------------------------------- */

/* A list object with `items` members: how it is whole and how it is shown. */
typedef struct list {
    const char *field, *items;
    size_t      keep;
    jd_buf      whole, shown;
    bool        cut;
} list;

static void list_with(jd_buf *out, jd_str object, const char *items, jd_str array, size_t n,
                      uint64_t total)
{
    char max[24], sum[24];
    snprintf(max, sizeof max, "%zu", n);
    snprintf(sum, sizeof sum, "%llu", (unsigned long long)total);
    const sim_edit edit[] = {{"startAt", JD_STR("0")},
                             {"maxResults", jd_str_of(max)},
                             {"total", jd_str_of(sum)},
                             {items, array}};
    sim_raw_edit(out, object, edit, sizeof edit / sizeof *edit);
}

static void list_cut(list *l, jd_str object)
{
    jd_str array = sim_raw_get(object, l->items);
    size_t n     = array.n && array.p[0] == '[' ? sim_raw_count(array) : 0;
    if (n <= l->keep)
        return;
    uint64_t total = sim_raw_u64(sim_raw_get(object, "total"));
    if (total < n)
        total = n;
    jd_buf few = JD_BUF_INIT(SIM_ISSUE_MAX);
    sim_raw_slice(&few, array, 0, l->keep);
    list_with(&l->whole, object, l->items, array, n, total);
    list_with(&l->shown, object, l->items, jd_buf_view(&few), l->keep, total);
    jd_buf_release(&few);
    l->cut = true;
}

enum { COMMENTS, WORKLOGS, HISTORIES, LISTS };

/* The issue with its lists as `whole` or as shown. */
static void assemble(jd_buf *out, jd_str json, const list *l, bool whole)
{
    sim_edit inner[2], outer[2];
    size_t   ninner = 0, nouter = 0;
    jd_buf   fields = JD_BUF_INIT(SIM_ISSUE_MAX);
    for (int i = 0; i < LISTS; i++) {
        if (!l[i].cut)
            continue;
        jd_str text = jd_buf_view(whole ? &l[i].whole : &l[i].shown);
        if (i == HISTORIES)
            outer[nouter++] = (sim_edit){l[i].field, text};
        else
            inner[ninner++] = (sim_edit){l[i].field, text};
    }
    if (ninner > 0) {
        sim_raw_edit(&fields, sim_raw_get(json, "fields"), inner, ninner);
        outer[nouter++] = (sim_edit){"fields", jd_buf_view(&fields)};
    }
    sim_raw_edit(out, json, outer, nouter);
    jd_buf_release(&fields);
}

/* Where the changelog is in the text, so that it can be left out without copying. */
static void split_changelog(sim_text *t)
{
    jd_str      text = t->served;
    const char *end = text.p + text.n, *from = NULL, *to = NULL, *last = text.p + 1;
    for (jd_skim it = jd_skim_open(text); jd_skim_next(&it); last = it.value.p + it.value.n) {
        if (!jd_str_is(it.name, "changelog"))
            continue;
        from = last;
        to   = it.value.p + it.value.n;
        break;
    }
    if (!from) {
        t->bare[0] = text;
        return;
    }
    if (from == text.p + 1) { /* the first member: its comma goes with it */
        while (to < end && *to != ',' && *to != '}')
            to++;
        if (to < end && *to == ',')
            to++;
    }
    t->bare[0] = (jd_str){text.p, (size_t)(from - text.p)};
    t->bare[1] = (jd_str){to, (size_t)(end - to)};
}

static sim_text *pack(jd_str key, jd_str whole, jd_str shown)
{
    size_t    size = sizeof(sim_text) + key.n + 1 + whole.n + (shown.n ? shown.n + 1 : 0);
    sim_text *t    = jd_xmalloc(size);
    char     *p    = (char *)(t + 1);
    memset(t, 0, sizeof *t);
    atomic_init(&t->refs, 1);
    memcpy(p, key.p, key.n);
    t->issue.key = (jd_str){p, key.n};
    p += key.n;
    *p++ = ',';
    memcpy(p, whole.p, whole.n);
    t->issue.json = t->served = (jd_str){p, whole.n};
    p += whole.n;
    if (shown.n > 0) {
        *p++ = ',';
        memcpy(p, shown.p, shown.n);
        t->served = (jd_str){p, shown.n};
    }
    split_changelog(t);
    return t;
}

static const jd_str NO_CHANGELOG =
    JD_STR_INIT("{\"startAt\":0,\"maxResults\":0,\"total\":0,\"histories\":[]}");

jd_code sim_text_make(const sim_cuts *cuts, sim_names *names, const sim_cloud *cloud, jd_str json,
                      const jd_json *tree, sim_text **out, jd_err *e)
{
    jd_code  rc  = JD_OK;
    uint64_t id  = jd_json_id(jd_json_get(tree, "id"));
    jd_str   key = jd_json_str(jd_json_get(tree, "key"));
    jd_buf   own = JD_BUF_INIT(SIM_ISSUE_MAX), whole = own, shown = own;
    list     l[LISTS] = {
            [COMMENTS]  = {"comment", "comments", cuts->comments, own, own, false},
            [WORKLOGS]  = {"worklog", "worklogs", cuts->worklogs, own, own, false},
            [HISTORIES] = {"changelog", "histories", cuts->histories, own, own, false},
    };
    if (id == 0)
        return jd_fail(e, JD_E_DATA, "the issue has no id (a positive number)");
    if (!jd_is_issue_key(key))
        return jd_fail(e, JD_E_DATA, "issue %llu has no key such as HADOOP-12",
                       (unsigned long long)id);
    json = jd_str_trim(json);
    if (jd_str_starts(json, JD_STR("\xEF\xBB\xBF")))
        json = jd_str_cut(json, 3, SIZE_MAX);
    if (!jd_json_get(tree, "changelog")) {
        const sim_edit add = {"changelog", NO_CHANGELOG};
        sim_raw_edit(&own, json, &add, 1);
        json = jd_buf_view(&own);
    }
    jd_str fields = sim_raw_get(json, "fields");
    list_cut(&l[COMMENTS], sim_raw_get(fields, "comment"));
    list_cut(&l[WORKLOGS], sim_raw_get(fields, "worklog"));
    list_cut(&l[HISTORIES], sim_raw_get(json, "changelog"));
    if (l[COMMENTS].cut || l[WORKLOGS].cut || l[HISTORIES].cut) {
        assemble(&whole, json, l, true);
        assemble(&shown, json, l, false);
        json = jd_buf_view(&whole);
    }
    if (cloud) {
        jd_buf_reset(&shown);
        jd_jsonw w = jd_jsonw_to(&shown);
        sim_cloud_issue(&w, cloud, tree, cuts);
    }
    if (!jd_buf_ok(&own) || !jd_buf_ok(&whole) || !jd_buf_ok(&shown)) {
        rc = jd_fail(e, JD_E_TOOBIG, "issue %.*s is over %d MiB", JD_FMT(key), SIM_ISSUE_MAX >> 20);
        goto out;
    }
    *out                 = pack(key, json, jd_buf_view(&shown));
    (*out)->issue.id     = id;
    (*out)->issue.number = jd_key_number(key);
    (*out)->tie          = sim_jql_tie(id);
    columns(&(*out)->issue, names, cloud != NULL, jd_json_get(tree, "fields"));
out:
    for (int i = 0; i < LISTS; i++) {
        jd_buf_release(&l[i].whole);
        jd_buf_release(&l[i].shown);
    }
    jd_buf_release(&own);
    jd_buf_release(&whole);
    jd_buf_release(&shown);
    return rc;
}
