#include "corpus/input.h"

#include <string.h>

/* How many bytes white space takes in a string of JSON. */
static size_t escaped_space(const char *from, const char *to)
{
    size_t n = 0;
    for (; from < to; from++)
        n += *from == ' ' ? 1 : *from == '\v' ? 6 : 2;
    return n;
}

/* Where in the record s stands, escaped; nothing when it is not the whole of its text. */
static jd_span said(const jd_input *in, jd_str s, int64_t text)
{
    if (text < 0 || (uint64_t)text >= in->room->said.n)
        return (jd_span){0};
    jd_str whole = text ? in->v->remark[text - 1].body : in->v->description;
    jd_str inner = jd_str_trim(whole);
    if (s.p != inner.p || s.n != inner.n)
        return (jd_span){0};
    jd_span span  = in->room->said.v[text];
    size_t  front = escaped_space(whole.p, inner.p);
    size_t  back  = escaped_space(inner.p + inner.n, whole.p + whole.n);
    return (jd_span){span.at + front, span.n - front - back};
}

jd_input jd_input_begin(jd_jsonw *w, const jd_view *v, const jd_task_room *room)
{
    jd_jsonw_open_str(w);
    return (jd_input){.w = w, .v = v, .room = room, .written = w->out->n};
}

void jd_input_add(jd_input *in, jd_str s, int64_t text)
{
    jd_str inner = jd_str_trim(s);
    if (inner.n == 0) {
        if (in->n)
            jd_jsonw_more_str(in->w, s);
        in->n += in->n ? s.n : 0;
        return;
    }
    jd_str front = {s.p, (size_t)(inner.p - s.p)};
    jd_str back  = {inner.p + inner.n, s.n - front.n - inner.n};
    if (in->n) {
        jd_jsonw_more_str(in->w, front);
        in->n += front.n;
    }
    jd_span span = said(in, inner, text);
    if (span.n)
        jd_jsonw_again(in->w, span.at, span.n);
    else
        jd_jsonw_more_str(in->w, inner);
    in->n += inner.n;
    in->kept    = in->n;
    in->written = in->w->out->n;
    jd_jsonw_more_str(in->w, back);
    in->n += back.n;
}

size_t jd_input_end(jd_input *in)
{
    in->w->out->n = in->written;
    jd_jsonw_close_str(in->w);
    return in->kept;
}
