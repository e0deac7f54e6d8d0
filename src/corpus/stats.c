#include "corpus/stats.h"

#include <stdlib.h>

jd_stats *jd_stats_new(bool of_run)
{
    jd_stats *s = jd_xcalloc(1, sizeof *s);
    s->of_run   = of_run;
    return s;
}

void jd_stats_free(jd_stats *s)
{
    if (!s)
        return;
    for (size_t t = 0; t < JD_STATS_NTABLES; t++)
        jd_tally_release(&s->table[t]);
    free(s);
}

void jd_stats_merge(jd_stats *into, const jd_stats *from)
{
    into->records += from->records;
    into->comments += from->comments;
    for (size_t i = 0; i < JD_NCOUNTS; i++)
        into->count[i] += from->count[i];
    for (size_t i = 0; i < JD_STATS_NTABLES; i++)
        jd_tally_merge(&into->table[i], &from->table[i]);
    for (size_t i = 0; i < JD_NSIZES; i++)
        jd_sizes_merge(&into->size[i], &from->size[i]);
    for (size_t t = 0; t < JD_NTASKS; t++) {
        into->absent[t] += from->absent[t];
        for (size_t r = 0; r < JD_NSKIPS; r++)
            into->skip[t][r] += from->skip[t][r];
    }
}

static void add_year(jd_stats *s, int64_t created_ms)
{
    char text[JD_TIME_MAX];
    bool known = created_ms != JD_NO_TIME;
    jd_tally_add(&s->table[JD_STATS_YEARS],
                 known ? (jd_str){jd_time_day(created_ms, text), 4} : JD_NOSTR, 1);
}

void jd_stats_issue(jd_stats *s, const jd_view *v, const jd_skip made[JD_NTASKS],
                    size_t record_bytes)
{
    s->records++;
    s->comments += v->n_remarks;
    s->count[JD_COUNT_BAD_DATES] += v->bad_dates;
    s->count[JD_COUNT_RESTRICTED] += v->restricted;
    s->count[JD_COUNT_BOTS] += v->bots;
    jd_tally_add(&s->table[JD_STATS_PROJECTS], v->project, 1);
    jd_tally_add(&s->table[JD_STATS_STATUSES], v->status, 1);
    jd_tally_add(&s->table[JD_STATS_TYPES], v->type, 1);
    jd_tally_add(&s->table[JD_STATS_PRIORITIES], v->priority, 1);
    jd_tally_add(&s->table[JD_STATS_RESOLUTIONS], v->resolution, 1);
    add_year(s, v->created_ms);
    if (v->description.p)
        jd_sizes_add(&s->size[JD_SIZE_DESCRIPTION], v->description.n);
    for (size_t i = 0; i < v->n_remarks; i++)
        if (v->remark[i].body.p)
            jd_sizes_add(&s->size[JD_SIZE_COMMENT], v->remark[i].body.n);
    jd_sizes_add(&s->size[JD_SIZE_RECORD], record_bytes);
    for (size_t t = 0; t < JD_NTASKS; t++)
        s->skip[t][made[t]]++;
}

/* "Type: Bug | Priority: Major | …": the type, which ends where the next part begins. */
static jd_str type_of(jd_str output)
{
    static const jd_str next[] = {JD_STR_INIT(" | Priority: "), JD_STR_INIT(" | Status: "),
                                  JD_STR_INIT(" | Resolution: ")};
    if (!jd_str_starts(output, JD_STR("Type: ")))
        return JD_NOSTR;
    jd_str type = jd_str_cut(output, 6, output.n);
    for (size_t i = 0; i < sizeof next / sizeof *next; i++)
        type.n = jd_str_search(type, next[i]);
    return type;
}

jd_code jd_stats_line(jd_stats *s, jd_arena *a, jd_str line, jd_err *e)
{
    const jd_json *doc;
    jd_code        c = jd_json_read(a, line, &doc, e);
    if (c)
        return c;
    const jd_json *meta = jd_json_get(doc, "metadata"), *tasks = jd_json_get(doc, "tasks");
    if (jd_json_kind(meta) != JD_JSON_OBJECT || jd_json_kind(tasks) != JD_JSON_OBJECT)
        return jd_fail(e, JD_E_DATA, "no record: \"metadata\" or \"tasks\" is missing");
    jd_view v    = {.created_ms = JD_NO_TIME};
    v.project    = jd_json_str(jd_json_get(meta, "project"));
    v.status     = jd_json_str(jd_json_get(meta, "status"));
    v.priority   = jd_json_str(jd_json_get(meta, "priority"));
    v.resolution = jd_json_str(jd_json_get(meta, "resolution"));
    v.type       = type_of(jd_json_str(jd_json_path(tasks, "classification.output")));
    (void)jd_time_parse(jd_json_str(jd_json_get(meta, "created")), &v.created_ms, NULL);
    const jd_json *description = jd_json_get(doc, "description");
    if (jd_json_is_str(description))
        v.description = jd_json_str(description);
    const jd_json *comments = jd_json_get(doc, "comments");
    v.remark                = JD_NEW_ARRAY(a, jd_remark, jd_json_len(comments) + 1);
    for (jd_json_iter it = jd_json_walk(comments); jd_json_next(&it);) {
        const jd_json *body = jd_json_get(it.value, "body");
        jd_remark     *m    = &v.remark[v.n_remarks++];
        m->body             = jd_json_is_str(body) ? jd_json_str(body) : JD_NOSTR;
    }
    jd_skip made[JD_NTASKS] = {JD_MADE};
    jd_stats_issue(s, &v, made, line.n + 1);
    for (size_t t = 0; t < JD_NTASKS; t++)
        if (jd_json_is_null(jd_json_get(tasks, jd_tasks[t].name))) {
            s->skip[t][JD_MADE]--;
            s->absent[t]++;
        }
    return JD_OK;
}
