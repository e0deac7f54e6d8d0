#include "derive/wide.h"

enum { NAME_LEN_MAX = 48 };

static const char *const names[JD_NWIDE] = {
#define X(id, text) [JD_WIDE_##id] = text,
    JD_WIDE_KINDS(X)
#undef X
};

const char *jd_wide_kind_name(jd_wide_kind k)
{
    return names[k];
}

jd_wide_kind jd_wide_kind_of(jd_str name)
{
    for (int k = 0; k < JD_NWIDE; k++)
        if (jd_str_is(name, names[k]))
            return (jd_wide_kind)k;
    return JD_NWIDE;
}

jd_wide_kind jd_wide_kind_for(jd_field_type t)
{
    switch (t) {
    case JD_FIELD_NUMBER:
        return JD_WIDE_NUMBER;
    case JD_FIELD_DATE:
        return JD_WIDE_DATE;
    case JD_FIELD_DATETIME:
        return JD_WIDE_TIME;
    case JD_FIELD_OPTION:
    case JD_FIELD_GROUP:
    case JD_FIELD_VERSION:
    case JD_FIELD_PROJECT:
        return JD_WIDE_OPTION;
    case JD_FIELD_USER:
        return JD_WIDE_USER;
    case JD_FIELD_TEXTS:
    case JD_FIELD_OPTIONS:
    case JD_FIELD_CASCADE:
    case JD_FIELD_USERS:
    case JD_FIELD_GROUPS:
    case JD_FIELD_VERSIONS:
    case JD_FIELD_SPRINTS:
        return JD_WIDE_LIST;
    default:
        return JD_WIDE_TEXT;
    }
}

jd_col_type jd_wide_type(jd_wide_kind k)
{
    switch (k) {
    case JD_WIDE_NUMBER:
        return JD_COL_NUM;
    case JD_WIDE_DATE:
        return JD_COL_DATE;
    case JD_WIDE_TIME:
        return JD_COL_TIME;
    default:
        return JD_COL_TEXT;
    }
}

bool jd_wide_name_ok(jd_str name)
{
    static const char *const taken[] = {"site_id", "issue_id", "ctid", "xmin",
                                        "xmax",    "cmin",     "cmax", "tableoid"};
    if (!name.n || name.n > NAME_LEN_MAX || (name.p[0] >= '0' && name.p[0] <= '9'))
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (!((name.p[i] >= 'a' && name.p[i] <= 'z') || (name.p[i] >= '0' && name.p[i] <= '9') ||
              name.p[i] == '_'))
            return false;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (jd_str_is(name, taken[i]))
            return false;
    return true;
}
