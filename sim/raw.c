#include "sim/raw.h"

#include "text/json.h"

jd_str sim_raw_get(jd_str object, const char *name)
{
    if (object.n == 0)
        return JD_NOSTR;
    for (jd_skim it = jd_skim_open(object); jd_skim_next(&it);)
        if (it.object && jd_str_is(it.name, name))
            return it.value;
    return JD_NOSTR;
}

size_t sim_raw_count(jd_str value)
{
    size_t n = 0;
    if (value.n > 0)
        for (jd_skim it = jd_skim_open(value); jd_skim_next(&it);)
            n++;
    return n;
}

static const sim_edit *edit_for(jd_str name, const sim_edit *edit, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (jd_str_is(name, edit[i].name))
            return &edit[i];
    return NULL;
}

static void member(jd_buf *out, bool *first, jd_str name, jd_str value)
{
    if (!*first)
        jd_buf_addc(out, ',');
    *first = false;
    jd_buf_addc(out, '"');
    jd_buf_adds(out, name);
    jd_buf_addz(out, "\":");
    jd_buf_adds(out, value);
}

void sim_raw_edit(jd_buf *out, jd_str object, const sim_edit *edit, size_t n)
{
    bool     first = true;
    uint64_t done  = 0; /* one bit an edit */
    jd_buf_addc(out, '{');
    if (object.n > 0) {
        for (jd_skim it = jd_skim_open(object); jd_skim_next(&it);) {
            const sim_edit *hit = it.object ? edit_for(it.name, edit, n) : NULL;
            if (hit)
                done |= UINT64_C(1) << (hit - edit);
            if (!hit)
                member(out, &first, it.name, it.value);
            else if (hit->value.p)
                member(out, &first, it.name, hit->value);
        }
    }
    for (size_t i = 0; i < n; i++)
        if (!(done >> i & 1) && edit[i].value.p)
            member(out, &first, jd_str_of(edit[i].name), edit[i].value);
    jd_buf_addc(out, '}');
}

void sim_raw_slice(jd_buf *out, jd_str array, size_t from, size_t n)
{
    size_t i = 0;
    jd_buf_addc(out, '[');
    if (array.n > 0) {
        for (jd_skim it = jd_skim_open(array); n > 0 && jd_skim_next(&it); i++) {
            if (i < from)
                continue;
            if (i > from)
                jd_buf_addc(out, ',');
            jd_buf_adds(out, it.value);
            n--;
        }
    }
    jd_buf_addc(out, ']');
}

void sim_raw_append(jd_buf *out, jd_str array, jd_str element)
{
    bool first = true;
    jd_buf_addc(out, '[');
    if (array.n > 0 && array.p[0] == '[') {
        for (jd_skim it = jd_skim_open(array); jd_skim_next(&it); first = false) {
            if (!first)
                jd_buf_addc(out, ',');
            jd_buf_adds(out, it.value);
        }
    }
    if (!first)
        jd_buf_addc(out, ',');
    jd_buf_adds(out, element);
    jd_buf_addc(out, ']');
}

uint64_t sim_raw_u64(jd_str value)
{
    uint64_t v = 0;
    return jd_str_u64(value, &v) ? v : 0;
}
