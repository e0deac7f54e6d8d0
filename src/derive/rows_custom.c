#include "derive/rows_part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 40 };

static jd_cell literal(const char *s)
{
    return (jd_cell){.kind = JD_CELL_TEXT, .s = jd_str_of(s)};
}

/* A decimal number, whole; numbers come as texts from some sites. */
static jd_cell number_in(jd_str s)
{
    char    text[DIGITS_MAX + 1], *end;
    jd_cell c = {.kind = JD_CELL_NUM};
    if (s.n == 0 || s.n > DIGITS_MAX)
        return (jd_cell){0};
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    if (strspn(text, "0123456789+-.eE") < s.n)
        return (jd_cell){0};
    c.d = strtod(text, &end);
    if (*end || end == text || !isfinite(c.d))
        return (jd_cell){0};
    return c;
}

/* "2024-01-15", alone or with a time behind it. */
static bool looks_like_date(jd_str s)
{
    return s.n >= 10 && s.n < 40 && s.p[4] == '-' && s.p[7] == '-';
}

static void text_value(jd_rows *r, const jd_json *v, jd_cell *c)
{
    jd_str  s = jd_json_str(v);
    int64_t ms;
    c[JD_field_value__kind]       = literal("text");
    c[JD_field_value__text_value] = jd_cell_text(r, s);
    if (looks_like_date(s) && jd_time_parse(s, &ms, NULL)) {
        c[JD_field_value__kind]       = literal("date");
        c[JD_field_value__time_value] = (jd_cell){.kind = JD_CELL_TIME, .i = ms};
    } else {
        c[JD_field_value__number_value] = number_in(s);
    }
}

static bool is_user(const jd_json *v)
{
    return !jd_json_is_null(jd_json_get(v, "accountId")) ||
           (!jd_json_is_null(jd_json_get(v, "displayName")) &&
            !(jd_json_is_null(jd_json_get(v, "name")) && jd_json_is_null(jd_json_get(v, "key"))));
}

static jd_cell option_id(const jd_rows *r, const jd_json *v)
{
    const jd_json *id = jd_json_get(v, "id");
    int64_t        n;
    if (jd_json_is_str(id))
        return jd_cell_name(r, jd_json_str(id));
    return jd_json_i64(id, &n) ? jd_cell_name(r, jd_arena_fmt(r->arena, "%lld", (long long)n))
                               : (jd_cell){0};
}

static void object_value(jd_rows *r, const jd_json *v, jd_cell *c)
{
    const jd_json *value = jd_json_get(v, "value"), *name = jd_json_get(v, "name");
    if (is_user(v)) {
        c[JD_field_value__kind]       = literal("user");
        c[JD_field_value__value_id]   = jd_named_user(r, v);
        c[JD_field_value__text_value] = jd_cell_of_text(r, jd_json_get(v, "displayName"));
    } else if (jd_json_is_str(value) || jd_json_is_str(name)) {
        c[JD_field_value__kind]       = literal("option");
        c[JD_field_value__value_id]   = option_id(r, v);
        c[JD_field_value__text_value] = jd_cell_of_text(r, jd_json_is_str(value) ? value : name);
    } else if (jd_str_is(jd_json_str(jd_json_get(v, "type")), "doc")) {
        c[JD_field_value__kind] = literal("text");
        jd_cell_body(r, v, &c[JD_field_value__text_value], NULL);
    } else {
        c[JD_field_value__kind]       = literal("other");
        c[JD_field_value__text_value] = jd_cell_json(r, v);
    }
}

/* One value; false when it is none. */
static bool one_value(jd_rows *r, const jd_json *v, jd_cell *c)
{
    switch (jd_json_kind(v)) {
    case JD_JSON_STRING:
        text_value(r, v, c);
        return true;
    case JD_JSON_NUMBER:
        c[JD_field_value__kind]              = literal("number");
        c[JD_field_value__number_value].kind = JD_CELL_NUM;
        if (!jd_json_f64(v, &c[JD_field_value__number_value].d) ||
            !isfinite(c[JD_field_value__number_value].d)) {
            c[JD_field_value__number_value] = (jd_cell){0};
            c[JD_field_value__text_value]   = jd_cell_text(r, jd_json_text(v));
        }
        return true;
    case JD_JSON_BOOL:
        c[JD_field_value__kind]       = literal("text");
        c[JD_field_value__text_value] = literal(jd_json_bool(v) ? "true" : "false");
        return true;
    case JD_JSON_OBJECT:
        object_value(r, v, c);
        return true;
    case JD_JSON_ARRAY: /* within a list */
        c[JD_field_value__kind]       = literal("list");
        c[JD_field_value__text_value] = jd_cell_json(r, v);
        return true;
    default:
        return false;
    }
}

static void put_value(jd_rows *r, jd_str field, const jd_json *v, int64_t place, bool list)
{
    jd_cell c[JD_field_value__N];
    jd_row_begin(r, JD_T_field_value, c);
    c[JD_field_value__field_id] = jd_cell_name(r, field);
    c[JD_field_value__position] = jd_cell_int(place);
    c[JD_field_value__is_list]  = jd_cell_int(list);
    if (one_value(r, v, c))
        jd_row_end(r, JD_T_field_value, c);
}

void jd_rows_custom(jd_rows *r, jd_str field, const jd_json *v)
{
    int64_t place = 0;
    if (jd_json_kind(v) == JD_JSON_ARRAY) {
        jd_rows_sprint_field(r, field, v);
        for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);)
            put_value(r, field, it.value, place++, true);
        return;
    }
    put_value(r, field, v, 0, false);
    if (jd_json_kind(v) == JD_JSON_OBJECT && !jd_json_is_null(jd_json_get(v, "child")))
        put_value(r, field, jd_json_get(v, "child"), 1, false);
}
