#include "sim/select.h"

#include "sim/store.h"

#include <string.h>

void sim_select_field(sim_select *s, jd_str name)
{
    name = jd_str_trim(name);
    if (name.n == 0)
        return;
    if (jd_str_is(name, "*all"))
        s->all = true;
    else if (jd_str_is(name, "*navigable"))
        s->navigable = true;
    else if (name.p[0] == '-' && s->nout < SIM_SELECT_MAX)
        s->out[s->nout++] = jd_str_cut(name, 1, SIZE_MAX);
    else if (name.p[0] != '-' && s->nin < SIM_SELECT_MAX)
        s->in[s->nin++] = name;
}

void sim_select_expand(sim_select *s, jd_str name)
{
    name = jd_str_trim(name);
    s->changelog |= jd_str_is(name, "changelog");
    s->names |= jd_str_is(name, "names");
    s->schema |= jd_str_is(name, "schema");
}

void sim_select_fields(sim_select *s, jd_str list)
{
    jd_str name;
    while (jd_str_split(&list, ',', &name))
        sim_select_field(s, name);
}

void sim_select_expands(sim_select *s, jd_str list)
{
    jd_str name;
    while (jd_str_split(&list, ',', &name))
        sim_select_expand(s, name);
}

void sim_select_done(sim_select *s, bool default_all)
{
    if (s->all || s->navigable || s->nin > 0)
        return;
    s->all       = default_all;
    s->navigable = !default_all;
}

bool sim_select_whole(const sim_select *s)
{
    return s->all && s->nout == 0 && !s->zone;
}

static bool listed(const jd_str *list, size_t n, jd_str name)
{
    for (size_t i = 0; i < n; i++)
        if (jd_str_eq(list[i], name))
            return true;
    return false;
}

static bool shown(const sim_select *s, jd_str field)
{
    if (listed(s->out, s->nout, field))
        return false;
    if (s->all || listed(s->in, s->nin, field))
        return true;
    return s->navigable && !jd_str_is(field, "comment") && !jd_str_is(field, "attachment") &&
           !jd_str_is(field, "worklog");
}

static void member(jd_buf *out, bool first, jd_str name, jd_str value)
{
    if (!first)
        jd_buf_addc(out, ',');
    jd_buf_addc(out, '"');
    jd_buf_adds(out, name);
    jd_buf_addz(out, "\":");
    jd_buf_adds(out, value);
}

/* The fields that are shown; false when there is none. */
static bool fields_write(jd_buf *out, const sim_select *s, jd_str fields)
{
    bool first = true;
    jd_buf_addc(out, '{');
    for (jd_skim it = jd_skim_open(fields); jd_skim_next(&it);) {
        if (!it.object || !shown(s, it.name))
            continue;
        member(out, first, it.name, it.value);
        first = false;
    }
    jd_buf_addc(out, '}');
    return !first;
}

static void project(jd_buf *out, const sim_select *s, jd_str issue)
{
    jd_buf fields = JD_BUF_INIT(SIM_ISSUE_MAX);
    bool   first  = true;
    jd_buf_addc(out, '{');
    for (jd_skim it = jd_skim_open(issue); jd_skim_next(&it);) {
        jd_str value = it.value;
        if (jd_str_is(it.name, "changelog") && !s->changelog)
            continue;
        if (jd_str_is(it.name, "fields") && value.n > 0 && value.p[0] == '{' &&
            !(s->all && s->nout == 0)) {
            if (!fields_write(&fields, s, value))
                continue;
            value = jd_buf_view(&fields);
        }
        member(out, first, it.name, value);
        first = false;
    }
    jd_buf_addc(out, '}');
    jd_buf_release(&fields);
}

void sim_select_write(jd_buf *out, const sim_select *s, jd_str issue)
{
    if (!s->zone) {
        project(out, s, issue);
        return;
    }
    jd_buf flat = JD_BUF_INIT(SIM_ISSUE_MAX);
    project(&flat, s, issue);
    sim_select_turn(out, s->zone, jd_buf_view(&flat));
    jd_buf_release(&flat);
}

/* "2024-01-15T10:30:00.000+0000", between the quotes. */
static bool looks_like_date(const char *p)
{
    static const char FORM[] = "dddd-dd-ddTdd:dd:dd.dddsdddd";
    for (size_t i = 0; i < SIM_DATE_LEN; i++) {
        bool digit = p[i] >= '0' && p[i] <= '9';
        if (FORM[i] == 'd' ? !digit : FORM[i] == 's' ? p[i] != '+' && p[i] != '-' : p[i] != FORM[i])
            return false;
    }
    return true;
}

/* A date-time is a whole string value, so it stands between two quotes of which the first is not
 * escaped; inside a longer text the second one would be. */
void sim_select_turn(jd_buf *out, const sim_zone *zone, jd_str json)
{
    const char *p = json.p, *end = json.p + json.n, *kept = p;
    while (p < end && (p = memchr(p, '"', (size_t)(end - p)))) {
        const char *text = p + 1;
        int64_t     ms   = 0;
        if ((size_t)(end - text) > SIM_DATE_LEN && text[SIM_DATE_LEN] == '"' &&
            (p == json.p || p[-1] != '\\') && looks_like_date(text) &&
            sim_date_read((jd_str){text, SIM_DATE_LEN}, &ms)) {
            jd_buf_add(out, kept, (size_t)(text - kept));
            sim_date_write(out, zone, ms);
            kept = p = text + SIM_DATE_LEN;
        }
        p++;
    }
    jd_buf_add(out, kept, (size_t)(end - kept));
}
