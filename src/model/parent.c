#include "model/parent.h"

/* A key, or an object that has one, perhaps in its `data`. */
static bool read_link(const jd_json *v, jd_parent *out)
{
    if (jd_json_get(v, "data"))
        v = jd_json_get(v, "data");
    *out =
        (jd_parent){.id  = jd_json_id(jd_json_get(v, "id")),
                    .key = jd_json_is_str(v) ? jd_json_str(v) : jd_json_str(jd_json_get(v, "key"))};
    if (jd_is_issue_key(out->key))
        return true;
    *out = (jd_parent){0};
    return false;
}

/* An epic stands one level above what is planned. */
static bool is_epic(const jd_json *parent)
{
    int64_t level;
    return jd_json_i64(jd_json_path(parent, "fields.issuetype.hierarchyLevel"), &level) &&
           level == 1;
}

static bool by_type(const jd_json *fields, const jd_fields *known, jd_field_type type,
                    jd_parent *out)
{
    for (size_t i = 0; i < known->n; i++)
        if (known->v[i].type == type && read_link(jd_json_getn(fields, known->v[i].id), out))
            return true;
    return false;
}

bool jd_parent_of(const jd_json *fields, const jd_fields *known, jd_parent *out)
{
    const jd_json *parent = jd_json_get(fields, "parent");
    if (read_link(parent, out)) {
        out->epic = is_epic(parent);
        return true;
    }
    if (!known)
        return false;
    if (by_type(fields, known, JD_FIELD_EPIC_LINK, out)) {
        out->epic = true;
        return true;
    }
    return by_type(fields, known, JD_FIELD_PARENT_LINK, out);
}
