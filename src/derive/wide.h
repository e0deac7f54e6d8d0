/* wide.h: columns of the table issue_wide, which a configuration names: one row an issue, one
 * column a custom field. Their values are those of field_value; the kind says which of them, and
 * the column's type.
 *
 * - number: its number; date, time: its moment; text, option: its text (of an option its name);
 *   user: jira_user.id; list: the texts of all values, with ", " between them. */
#ifndef JD_DERIVE_WIDE_H
#define JD_DERIVE_WIDE_H

#include "derive/schema.h"
#include "model/field.h"

#define JD_WIDE_KINDS(X) \
    X(NUMBER, "number")  \
    X(TEXT, "text")      \
    X(DATE, "date")      \
    X(TIME, "time")      \
    X(OPTION, "option")  \
    X(USER, "user")      \
    X(LIST, "list")

typedef enum jd_wide_kind {
#define X(id, text) JD_WIDE_##id,
    JD_WIDE_KINDS(X)
#undef X
        JD_NWIDE
} jd_wide_kind;

const char  *jd_wide_kind_name(jd_wide_kind k);
jd_wide_kind jd_wide_kind_of(jd_str name); /* JD_NWIDE for what is none */
/* What suits a field as the site describes it. */
jd_wide_kind jd_wide_kind_for(jd_field_type t);
jd_col_type  jd_wide_type(jd_wide_kind k);

/* Whether it may name a column: [a-z_][a-z0-9_]*, at most 48 bytes, and no name that the table or
 * a database has taken. */
bool jd_wide_name_ok(jd_str name);

#endif
