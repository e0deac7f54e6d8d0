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

/* As write_text; where it stands is kept for the tasks. */
static void write_said(jd_jsonw *w, const char *name, jd_str s, jd_task_room *room)
{
    jd_jsonw_name(w, name);
    size_t before = w->out->n;
    jd_jsonw_str_or_null(w, s);
    size_t n                 = w->out->n - before; /* with the quotes */
    *jd_vec_add(&room->said) = s.p && n >= 2 ? (jd_span){before + 1, n - 2} : (jd_span){0};
}

static void write_remarks(jd_jsonw *w, const jd_view *v, jd_task_room *room)
{
    jd_jsonw_array(w);
    for (size_t i = 0; i < v->n_remarks; i++) {
        const jd_remark *m = &v->remark[i];
        jd_jsonw_object(w);
        write_text(w, "author", jd_person_shown(&m->author));
        write_said(w, "body", m->body, room);
        write_date(w, "created", m->created_ms);
        jd_jsonw_end(w);
    }
    jd_jsonw_end(w);
}

static jd_skip write_task(jd_jsonw *w, const jd_task *task, const jd_view *v, jd_task_room *room)
{
    jd_jsonw_name(w, task->name);
    jd_jsonw before = *w;
    size_t   at     = w->out->n;
    jd_skip  made   = task->build(v, room, w);
    if (made != JD_MADE) {
        *w        = before;
        w->out->n = at;
        jd_jsonw_null(w);
    }
    return made;
}

void jd_record_write(jd_buf *out, const jd_view *v, jd_task_room *room, jd_skip made[JD_NTASKS])
{
    jd_jsonw w   = jd_jsonw_to(out);
    room->said.n = 0;
    jd_jsonw_object(&w);
    jd_jsonw_name(&w, "metadata");
    write_metadata(&w, v);
    write_said(&w, "description", v->description, room);
    if (v->has_environment)
        write_text(&w, "environment", v->environment);
    jd_jsonw_name(&w, "comments");
    write_remarks(&w, v, room);
    jd_jsonw_name(&w, "tasks");
    jd_jsonw_object(&w);
    for (size_t t = 0; t < JD_NTASKS; t++)
        made[t] = write_task(&w, &jd_tasks[t], v, room);
    jd_jsonw_end(&w);
    jd_jsonw_end(&w);
    jd_buf_addc(out, '\n');
    room->said.n = 0;
}
