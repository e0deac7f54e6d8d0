#include "corpus/record.h"

static void write_date(jd_jsonw *w, const char *name, int64_t ms)
{
    char text[JD_TIME_MAX];
    jd_jsonw_name(w, name);
    jd_jsonw_str_or_null(w, ms == JD_NO_TIME ? JD_NOSTR : jd_str_of(jd_time_utc(ms, text)));
}

static void write_text(jd_jsonw *w, const char *name, jd_str s)
{
    jd_jsonw_name(w, name);
    jd_jsonw_str_or_null(w, s);
}

static void write_metadata(jd_jsonw *w, const jd_view *v)
{
    jd_jsonw_object(w);
    write_text(w, "issue_key", v->key);
    write_text(w, "project", v->project);
    write_text(w, "title", v->title);
    write_text(w, "status", v->status);
    write_text(w, "priority", v->priority);
    write_text(w, "reporter", jd_person_shown(&v->reporter));
    write_text(w, "assignee", jd_person_shown(&v->assignee));
    write_date(w, "created", v->created_ms);
    write_date(w, "updated", v->updated_ms);
    write_text(w, "resolution", v->resolution);
    jd_jsonw_end(w);
}

static void write_remarks(jd_jsonw *w, const jd_view *v)
{
    jd_jsonw_array(w);
    for (size_t i = 0; i < v->n_remarks; i++) {
        const jd_remark *m = &v->remark[i];
        jd_jsonw_object(w);
        write_text(w, "author", jd_person_shown(&m->author));
        write_text(w, "body", m->body);
        write_date(w, "created", m->created_ms);
        jd_jsonw_end(w);
    }
    jd_jsonw_end(w);
}

void jd_record_write(jd_buf *out, const jd_view *v, jd_task_room *room, jd_skip made[JD_NTASKS])
{
    jd_jsonw w = jd_jsonw_to(out);
    jd_jsonw_object(&w);
    jd_jsonw_name(&w, "metadata");
    write_metadata(&w, v);
    write_text(&w, "description", v->description);
    jd_jsonw_name(&w, "comments");
    write_remarks(&w, v);
    jd_jsonw_name(&w, "tasks");
    jd_jsonw_object(&w);
    for (size_t t = 0; t < JD_NTASKS; t++) {
        jd_jsonw_name(&w, jd_tasks[t].name);
        made[t] = jd_tasks[t].build(v, room, &w);
        if (made[t] != JD_MADE)
            jd_jsonw_null(&w);
    }
    jd_jsonw_end(&w);
    jd_jsonw_end(&w);
    jd_buf_addc(out, '\n');
}
