#include "derive/schema.h"

#define COLUMN(t, name, type, flags, comment) {#name, JD_COL_##type, JD_C_##flags, comment},
#define X(name, kind, indexes, comment) \
    static const jd_column name##_columns[] = {JD_COLS_##name(COLUMN, name)};
JD_TABLES(X)
#undef X

/* The flags of the columns added up: how many are of the key. */
#define IS_KEY(t, name, type, flags, comment) +(((JD_C_##flags) & JD_C_KEY) ? 1 : 0)
/* One more than the place of issue_id, taken off below. */
#define IS_ISSUE(t, name, type, flags, comment) \
    +(((JD_C_##flags) & JD_C_ISSUE) ? JD_##t##__##name + 1 : 0)

/* One more than the place of `seen`, taken off below. */
#define IS_SEEN(t, name, type, flags, comment) \
    +(sizeof #name == sizeof "seen" && ((JD_C_##flags) & JD_C_WHEN) ? JD_##t##__##name + 1 : 0)

/* One more than the place of `gone`, taken off below. */
#define IS_GONE(t, name, type, flags, comment) \
    +(((JD_C_##flags) & JD_C_GONE) ? JD_##t##__##name + 1 : 0)

const jd_table jd_tables[JD_NTABLES] = {
#define X(name, kind, indexes, comment)                      \
    [JD_T_##name] = {JD_T_##name,                            \
                     #name,                                  \
                     JD_TAB_##kind,                          \
                     name##_columns,                         \
                     JD_##name##__N,                         \
                     0 JD_COLS_##name(IS_KEY, name),         \
                     (0 JD_COLS_##name(IS_ISSUE, name)) - 1, \
                     (0 JD_COLS_##name(IS_SEEN, name)) - 1,  \
                     (0 JD_COLS_##name(IS_GONE, name)) - 1,  \
                     indexes,                                \
                     comment},
    JD_TABLES(X)
#undef X
};
