#include "corpus/view.h"

#include "corpus/text.h"

#include <stdlib.h>

typedef struct reader {
    jd_arena  *arena;
    jd_buf    *scratch;
    jd_view   *view;
    jd_bodies *bodies;
} reader;

static jd_str text_of(reader *r, const jd_json *v)
{
    jd_str s = jd_json_str(v);
    if (!jd_json_is_str(v))
        return JD_NOSTR;
    return s.n ? jd_text_clean(r->arena, r->scratch, s) : JD_STR("");
}

/* A label such as a status: the name of the object, none when empty. */
static jd_str name_of(reader *r, const jd_json *v, const char *member)
{
    jd_str s = text_of(r, jd_json_get(v, member));
    return s.n ? s : JD_NOSTR;
}

static jd_person person_of(reader *r, const jd_json *v)
{
    jd_person p = jd_person_of(v);
    p.name      = jd_text_clean(r->arena, r->scratch, p.name);
    p.display   = jd_text_clean(r->arena, r->scratch, p.display);
    return p;
}

static int64_t date_of(reader *r, const jd_json *v)
{
    int64_t ms = JD_NO_TIME;
    if (!jd_json_is_null(v) && !jd_time_parse(jd_json_str(v), &ms, NULL)) {
        r->view->bad_dates++;
        return JD_NO_TIME;
    }
    return ms;
}

static void read_remark(reader *r, const jd_json *comment)
{
    const jd_json *author = NULL, *body = NULL, *created = NULL, *visibility = NULL, *jsd = NULL;
    for (jd_json_iter it = jd_json_walk(comment); jd_json_next(&it);) {
        if (jd_str_eq(it.name, JD_STR("author")))
            author = it.value;
        else if (jd_str_eq(it.name, JD_STR("body")))
            body = it.value;
        else if (jd_str_eq(it.name, JD_STR("created")))
            created = it.value;
        else if (jd_str_eq(it.name, JD_STR("visibility")))
            visibility = it.value;
        else if (jd_str_eq(it.name, JD_STR("jsdPublic")))
            jsd = it.value;
    }
    if (!r->bodies->include_restricted && jd_is_restricted(visibility, jsd)) {
        r->view->restricted++;
        return;
    }
    jd_remark *m  = &r->view->remark[r->view->n_remarks++];
    m->author     = person_of(r, author);
    m->body       = jd_body(r->bodies, body, &m->wiki);
    m->created_ms = date_of(r, created);
    m->bot        = jd_person_is_bot(&m->author);
    m->human      = !m->bot && !jd_text_blank(m->body);
    r->view->bots += m->bot;
}

typedef struct dated {
    int64_t   at; /* its date, or that of the one before when it has none */
    size_t    place;
    jd_remark remark;
} dated;

static int by_date(const void *a, const void *b)
{
    const dated *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

static void sort_remarks(reader *r)
{
    jd_view *v       = r->view;
    int64_t  last    = INT64_MIN;
    bool     ordered = true;
    for (size_t i = 0; i < v->n_remarks && ordered; i++) {
        int64_t at = v->remark[i].created_ms;
        ordered    = at == JD_NO_TIME || at >= last;
        last       = at == JD_NO_TIME ? last : at;
    }
    if (ordered)
        return;
    dated *all = JD_NEW_ARRAY(r->arena, dated, v->n_remarks);
    last       = INT64_MIN;
    for (size_t i = 0; i < v->n_remarks; i++) {
        if (v->remark[i].created_ms != JD_NO_TIME)
            last = v->remark[i].created_ms;
        all[i] = (dated){last, i, v->remark[i]};
    }
    qsort(all, v->n_remarks, sizeof *all, by_date);
    for (size_t i = 0; i < v->n_remarks; i++)
        v->remark[i] = all[i].remark;
}

static void read_remarks(reader *r, const jd_json *comment)
{
    const jd_json *list = jd_json_get(comment, "comments");
    if (jd_json_kind(list) != JD_JSON_ARRAY || jd_json_len(list) == 0)
        return;
    r->view->remark = JD_NEW_ARRAY(r->arena, jd_remark, jd_json_len(list));
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);)
        if (jd_json_kind(it.value) == JD_JSON_OBJECT)
            read_remark(r, it.value);
    sort_remarks(r);
}

typedef enum field {
    F_ASSIGNEE,
    F_COMMENT,
    F_CREATED,
    F_DESCRIPTION,
    F_ENVIRONMENT,
    F_PRIORITY,
    F_PROJECT,
    F_REPORTER,
    F_RESOLUTION,
    F_RESOLUTIONDATE,
    F_SECURITY,
    F_STATUS,
    F_SUMMARY,
    F_TYPE,
    F_UPDATED,
    N_FIELDS
} field;

static const jd_str field_names[N_FIELDS] = {
    [F_ASSIGNEE]       = JD_STR_INIT("assignee"),
    [F_COMMENT]        = JD_STR_INIT("comment"),
    [F_CREATED]        = JD_STR_INIT("created"),
    [F_DESCRIPTION]    = JD_STR_INIT("description"),
    [F_ENVIRONMENT]    = JD_STR_INIT("environment"),
    [F_PRIORITY]       = JD_STR_INIT("priority"),
    [F_PROJECT]        = JD_STR_INIT("project"),
    [F_REPORTER]       = JD_STR_INIT("reporter"),
    [F_RESOLUTION]     = JD_STR_INIT("resolution"),
    [F_RESOLUTIONDATE] = JD_STR_INIT("resolutiondate"),
    [F_SECURITY]       = JD_STR_INIT("security"),
    [F_STATUS]         = JD_STR_INIT("status"),
    [F_SUMMARY]        = JD_STR_INIT("summary"),
    [F_TYPE]           = JD_STR_INIT("issuetype"),
    [F_UPDATED]        = JD_STR_INIT("updated"),
};

static void read_fields(reader *r, const jd_json *fields)
{
    enum { LONGEST = 14 }; /* most members are customfield_12345, longer than any of ours */
    const jd_json *at[N_FIELDS] = {NULL};
    for (jd_json_iter it = jd_json_walk(fields); jd_json_next(&it);) {
        if (it.name.n > LONGEST)
            continue;
        for (size_t f = 0; f < N_FIELDS; f++)
            if (it.name.n == field_names[f].n && jd_str_eq(it.name, field_names[f])) {
                at[f] = it.value;
                break;
            }
    }
    jd_view *v         = r->view;
    v->project         = name_of(r, at[F_PROJECT], "key");
    v->title           = text_of(r, at[F_SUMMARY]);
    v->status          = name_of(r, at[F_STATUS], "name");
    v->priority        = name_of(r, at[F_PRIORITY], "name");
    v->type            = name_of(r, at[F_TYPE], "name");
    v->resolution      = name_of(r, at[F_RESOLUTION], "name");
    v->description     = jd_body(r->bodies, at[F_DESCRIPTION], NULL);
    v->has_environment = r->bodies->environment;
    if (v->has_environment)
        v->environment = jd_body(r->bodies, at[F_ENVIRONMENT], NULL);
    v->reporter    = person_of(r, at[F_REPORTER]);
    v->assignee    = person_of(r, at[F_ASSIGNEE]);
    v->created_ms  = date_of(r, at[F_CREATED]);
    v->updated_ms  = date_of(r, at[F_UPDATED]);
    v->resolved_ms = date_of(r, at[F_RESOLUTIONDATE]);
    v->secured     = !jd_json_is_null(at[F_SECURITY]);
    read_remarks(r, at[F_COMMENT]);
}

static bool sets_resolution(const jd_json *history)
{
    for (jd_json_iter it = jd_json_walk(jd_json_get(history, "items")); jd_json_next(&it);) {
        if (!jd_str_is(jd_json_str(jd_json_get(it.value, "field")), "resolution"))
            continue;
        if (jd_json_str(jd_json_get(it.value, "to")).n ||
            jd_json_str(jd_json_get(it.value, "toString")).n)
            return true;
    }
    return false;
}

/* The latest history that set a resolution: Data Center lists the oldest first, Cloud the newest,
 * and one list may mix offsets, so instants are compared. */
static void read_histories(reader *r, const jd_json *changelog)
{
    jd_view *v    = r->view;
    int64_t  last = JD_NO_TIME;
    if (!v->resolution.n)
        return;
    for (jd_json_iter it = jd_json_walk(jd_json_get(changelog, "histories")); jd_json_next(&it);) {
        int64_t at;
        if (!sets_resolution(it.value) ||
            !jd_time_parse(jd_json_str(jd_json_get(it.value, "created")), &at, NULL) || at < last)
            continue;
        last           = at;
        v->resolved_ms = at;
        v->resolver    = person_of(r, jd_json_get(it.value, "author"));
    }
}

jd_code jd_view_read(jd_arena *a, jd_buf *scratch, jd_bodies *bodies, const jd_json *doc,
                     jd_view *out, jd_err *e)
{
    reader         r   = {a, scratch, out, bodies};
    const jd_json *key = NULL, *fields = NULL, *changelog = NULL;
    *out = (jd_view){0};
    if (jd_json_kind(doc) != JD_JSON_OBJECT)
        return jd_fail(e, JD_E_DATA, "not an issue: no JSON object");
    for (jd_json_iter it = jd_json_walk(doc); jd_json_next(&it);) {
        if (jd_str_eq(it.name, JD_STR("key")))
            key = it.value;
        else if (jd_str_eq(it.name, JD_STR("fields")))
            fields = it.value;
        else if (jd_str_eq(it.name, JD_STR("changelog")))
            changelog = it.value;
    }
    if (!jd_is_issue_key(jd_json_str(key)))
        return jd_fail(e, JD_E_DATA, "not an issue: no readable \"key\"");
    if (jd_json_kind(fields) != JD_JSON_OBJECT)
        return jd_fail(e, JD_E_DATA, "not an issue: no \"fields\" object");
    out->key = jd_json_str(key);
    jd_bodies_of(bodies, a, scratch, doc);
    read_fields(&r, fields);
    if (!out->project.n)
        out->project = jd_key_project(out->key);
    read_histories(&r, changelog);
    return JD_OK;
}
