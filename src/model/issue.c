#include "model/issue.h"

#include "text/date.h"
#include "text/jsonw.h"

const jd_child_kind jd_children[JD_NCHILD] = {
    [JD_COMMENTS]  = {"comments", "fields.comment", "comments", "/comment"},
    [JD_WORKLOGS]  = {"worklogs", "fields.worklog", "worklogs", "/worklog"},
    [JD_HISTORIES] = {"histories", "changelog", "histories", NULL},
};

/* Differ from reader to reader, so they are no change of the issue (jira-api 10.8). */
static const char *const personal[] = {"lastViewed", "isWatching", "hasVoted", NULL};

uint64_t jd_issue_hash(const jd_json *doc)
{
    return jd_json_hash(doc, personal);
}

static jd_code read_time(const jd_json *fields, const char *name, int64_t *ms, int *offset,
                         jd_err *e)
{
    jd_str text = jd_json_str(jd_json_get(fields, name));
    if (!jd_time_parse(text, ms, offset))
        return jd_fail(e, JD_E_DATA, "fields.%s is no date: '%.*s'", name,
                       JD_FMT(jd_str_cut(text, 0, 40)));
    return JD_OK;
}

jd_code jd_issue_view(const jd_json *doc, jd_str raw, jd_issue *out, jd_err *e)
{
    *out = (jd_issue){.raw = raw, .doc = doc};
    if (jd_json_kind(doc) != JD_JSON_OBJECT)
        return jd_fail(e, JD_E_DATA, "an issue is an object, and this is none");
    out->id    = jd_json_id(jd_json_get(doc, "id"));
    jd_str key = jd_json_str(jd_json_get(doc, "key"));
    if (!out->id || out->id > INT64_MAX)
        return jd_fail(e, JD_E_DATA, "the issue has no numeric id");
    out->project = jd_key_project(key);
    if (!out->project.n)
        return jd_fail(e, JD_E_DATA, "key '%.*s' is no issue key and cannot be a file name",
                       JD_FMT(jd_str_cut(key, 0, 60)));
    out->key              = key;
    const jd_json *fields = jd_json_get(doc, "fields");
    if (jd_json_kind(fields) != JD_JSON_OBJECT)
        return jd_fail(e, JD_E_DATA, "the issue has no fields");
    jd_code rc = read_time(fields, "created", &out->created_ms, &out->offset_min, e);
    if (!rc)
        rc = read_time(fields, "updated", &out->updated_ms, &out->updated_offset_min, e);
    return rc;
}

enum { ID, KEY, FIELDS, CREATED, UPDATED, LISTS, NPICKS = LISTS + 2 * JD_NCHILD };

static const jd_pick_path picks[NPICKS] = {
    [ID]      = {{JD_STR_INIT("id")}},
    [KEY]     = {{JD_STR_INIT("key")}},
    [FIELDS]  = {{JD_STR_INIT("fields")}},
    [CREATED] = {{JD_STR_INIT("fields"), JD_STR_INIT("created")}},
    [UPDATED] = {{JD_STR_INIT("fields"), JD_STR_INIT("updated")}},
    /* of each kind of child its list and its total, as in jd_children */
    [LISTS]     = {{JD_STR_INIT("fields"), JD_STR_INIT("comment"), JD_STR_INIT("comments")}},
    [LISTS + 1] = {{JD_STR_INIT("fields"), JD_STR_INIT("comment"), JD_STR_INIT("total")}},
    [LISTS + 2] = {{JD_STR_INIT("fields"), JD_STR_INIT("worklog"), JD_STR_INIT("worklogs")}},
    [LISTS + 3] = {{JD_STR_INIT("fields"), JD_STR_INIT("worklog"), JD_STR_INIT("total")}},
    [LISTS + 4] = {{JD_STR_INIT("changelog"), JD_STR_INIT("histories")}},
    [LISTS + 5] = {{JD_STR_INIT("changelog"), JD_STR_INIT("total")}},
};

/* False when that cannot be told without a closer look. */
static bool is_cut_short(const jd_pick *list, const jd_pick *total, bool *out)
{
    int64_t n;
    if (list->kind != JD_JSON_ARRAY || total->kind == JD_JSON_NONE)
        return true;
    if (total->kind != JD_JSON_NUMBER || !jd_str_i64(total->text, &n))
        return false;
    *out = *out || n > (int64_t)list->n;
    return true;
}

size_t jd_issue_glance(jd_str bytes, jd_met *met, jd_issue *out, bool *cut_short)
{
    jd_pick  got[NPICKS];
    uint64_t hash = 0;
    size_t   n    = jd_glance(bytes, personal, picks, got, NPICKS, met, &hash);
    *out          = (jd_issue){.raw = jd_str_cut(bytes, 0, n), .hash = hash};
    *cut_short    = false;
    if (!n)
        return 0;
    out->key     = got[KEY].kind == JD_JSON_STRING ? got[KEY].text : JD_NOSTR;
    out->project = jd_key_project(out->key);
    if (got[ID].kind != JD_JSON_STRING || !jd_str_u64(got[ID].text, &out->id) || !out->id ||
        out->id > INT64_MAX || !out->project.n || got[FIELDS].kind != JD_JSON_OBJECT ||
        got[CREATED].kind != JD_JSON_STRING || got[UPDATED].kind != JD_JSON_STRING ||
        !jd_time_parse(got[CREATED].text, &out->created_ms, &out->offset_min) ||
        !jd_time_parse(got[UPDATED].text, &out->updated_ms, &out->updated_offset_min))
        return 0;
    for (int k = 0; k < JD_NCHILD; k++)
        if (!is_cut_short(&got[LISTS + 2 * k], &got[LISTS + 2 * k + 1], cut_short))
            return 0;
    return n;
}

jd_child_state jd_issue_children(const jd_json *doc, jd_child kind)
{
    const jd_child_kind *k      = &jd_children[kind];
    const jd_json       *holder = jd_json_path(doc, k->holder);
    const jd_json       *list   = jd_json_get(holder, k->list);
    jd_child_state       state  = {.present = jd_json_kind(list) == JD_JSON_ARRAY};
    if (!state.present)
        return state;
    state.have = jd_json_len(list);
    if (!jd_json_i64(jd_json_get(holder, "total"), &state.total))
        state.total = (int64_t)state.have;
    return state;
}

/* The holder object again, members in their order, with the list and its counters replaced. */
static void write_holder(jd_jsonw *w, const jd_json *holder, const char *list,
                         const jd_child_list *full)
{
    jd_jsonw_object(w);
    for (jd_json_iter it = jd_json_walk(holder); jd_json_next(&it);) {
        jd_jsonw_names(w, it.name);
        if (jd_str_is(it.name, list)) {
            jd_jsonw_array(w);
            for (size_t i = 0; i < full->n; i++)
                jd_jsonw_value(w, full->item[i]);
            jd_jsonw_end(w);
        } else if (jd_str_is(it.name, "startAt")) {
            jd_jsonw_int(w, 0);
        } else if (jd_str_is(it.name, "maxResults")) {
            jd_jsonw_int(w, (int64_t)full->n);
        } else if (jd_str_is(it.name, "total")) {
            jd_jsonw_int(w, full->total);
        } else {
            jd_jsonw_value(w, it.value);
        }
    }
    jd_jsonw_end(w);
}

static jd_child child_at(const jd_json *value, const jd_json *doc,
                         const jd_child_list lists[JD_NCHILD])
{
    for (int k = 0; k < JD_NCHILD; k++)
        if (lists[k].item && value == jd_json_path(doc, jd_children[k].holder))
            return (jd_child)k;
    return JD_NCHILD;
}

/* One level of the issue: the top, or its fields. */
static void write_level(jd_jsonw *w, const jd_json *level, const jd_json *doc,
                        const jd_child_list lists[JD_NCHILD])
{
    jd_jsonw_object(w);
    for (jd_json_iter it = jd_json_walk(level); jd_json_next(&it);) {
        jd_child k = child_at(it.value, doc, lists);
        jd_jsonw_names(w, it.name);
        if (k != JD_NCHILD)
            write_holder(w, it.value, jd_children[k].list, &lists[k]);
        else if (level == doc && jd_str_is(it.name, "fields"))
            write_level(w, it.value, doc, lists);
        else
            jd_jsonw_value(w, it.value);
    }
    jd_jsonw_end(w);
}

void jd_issue_complete(jd_buf *out, const jd_json *doc, const jd_child_list lists[JD_NCHILD])
{
    jd_jsonw w = jd_jsonw_to(out);
    write_level(&w, doc, doc, lists);
}
