#include "flow/show_value.h"

#include "model/sprint.h"
#include "text/utf8.h"

enum { TEXT_MAX = 64 << 20 };

bool jd_show_is_set(const jd_json *v)
{
    switch (jd_json_kind(v)) {
    case JD_JSON_NONE:
    case JD_JSON_NULL:
        return false;
    case JD_JSON_STRING:
        return jd_str_trim(jd_json_str(v)).n > 0;
    case JD_JSON_ARRAY:
    case JD_JSON_OBJECT:
        return jd_json_len(v) > 0;
    default:
        return true;
    }
}

static jd_str object_name(const jd_json *v)
{
    static const char *const names[] = {"displayName", "name", "value", "title", "key"};
    if (jd_json_get(v, "fields"))
        return jd_json_str(jd_json_get(v, "key"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        jd_str s = jd_json_str(jd_json_get(v, names[i]));
        if (s.n)
            return s;
    }
    return JD_NOSTR;
}

static bool is_document(const jd_json *v)
{
    return jd_str_is(jd_json_str(jd_json_get(v, "type")), "doc") && jd_json_get(v, "content");
}

static void put_object(jd_buf *out, jd_bodies *bodies, const jd_json *v)
{
    if (is_document(v)) {
        jd_buf_adds(out, jd_body(bodies, v, NULL));
        return;
    }
    jd_str name = object_name(v), child = object_name(jd_json_get(v, "child"));
    if (name.n)
        jd_buf_adds(out, name);
    else
        jd_json_write(out, v);
    if (name.n && child.n) {
        jd_buf_addz(out, " > ");
        jd_buf_adds(out, child);
    }
}

static void put_one(jd_buf *out, jd_bodies *bodies, const jd_json *v)
{
    if (jd_json_kind(v) == JD_JSON_OBJECT) {
        put_object(out, bodies, v);
    } else if (jd_json_is_str(v)) {
        jd_sprint sprint;
        bool      is = jd_sprint_parse(jd_json_str(v), &sprint) && sprint.name.n;
        jd_buf_adds(out, is ? sprint.name : jd_json_str(v));
    } else {
        jd_json_write(out, v);
    }
}

void jd_show_value(jd_buf *out, jd_bodies *bodies, const jd_json *v)
{
    bool first = true;
    if (jd_json_kind(v) != JD_JSON_ARRAY) {
        put_one(out, bodies, v);
        return;
    }
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it); first = false) {
        if (!first)
            jd_buf_addz(out, ", ");
        put_one(out, bodies, it.value);
    }
}

void jd_show_json(jd_jsonw *w, jd_bodies *bodies, const jd_json *v)
{
    JD_CLEANUP(jd_buf_release) jd_buf text = JD_BUF_INIT(TEXT_MAX);
    switch (jd_json_kind(v)) {
    case JD_JSON_ARRAY:
        jd_jsonw_array(w);
        for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);)
            if (jd_json_kind(it.value) == JD_JSON_ARRAY) /* however deep */
                jd_jsonw_value(w, it.value);
            else
                jd_show_json(w, bodies, it.value);
        jd_jsonw_end(w);
        return;
    case JD_JSON_OBJECT:
        if (!is_document(v) && !object_name(v).n) {
            jd_jsonw_value(w, v);
            return;
        }
        put_object(&text, bodies, v);
        break;
    case JD_JSON_STRING:
        put_one(&text, bodies, v);
        break;
    case JD_JSON_NONE:
        jd_jsonw_null(w);
        return;
    default:
        jd_jsonw_value(w, v);
        return;
    }
    jd_jsonw_str(w, jd_buf_view(&text));
}

void jd_show_squeeze(jd_buf *out, jd_str s, size_t most)
{
    size_t from = out->n;
    s           = jd_str_trim(s);
    for (bool blank = false; s.n && out->n - from <= most && jd_buf_ok(out);) {
        jd_str   rest = s;
        uint32_t cp;
        (void)jd_utf8_next(&rest, &cp);
        size_t used  = s.n - rest.n;
        bool   space = cp == ' ' || (cp >= '\t' && cp <= '\r');
        if (space && !blank)
            jd_buf_addc(out, ' ');
        else if (!space && out->n - from + used <= most)
            jd_buf_add(out, s.p, used);
        else if (!space)
            break;
        blank = space;
        s     = rest;
    }
    if (s.n)
        jd_buf_addz(out, "…");
}
