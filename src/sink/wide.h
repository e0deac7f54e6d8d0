/* wide.h: the columns of issue_wide that a configuration names (derive/wide.h), in a warehouse.
 *
 * - Which columns a site has stands in the table wide_column; whoever writes issues of that site
 *   fills them in the same transaction, from field_value.
 * - A column is there while any site has it. */
#ifndef JD_SINK_WIDE_H
#define JD_SINK_WIDE_H

#include "derive/wide.h"
#include "sink/sink.h"

typedef struct jd_wide_column {
    jd_str       name;         /* checked: jd_wide_name_ok */
    jd_str       field, title; /* "customfield_10016", "Story Points" */
    jd_wide_kind kind;
    const char  *where; /* it was written, in front of messages: "etl.yml:5: columns" */
} jd_wide_column;

typedef struct jd_wide_done { /* how many came, went, or became another kind or field's */
    size_t added, dropped, changed;
} jd_wide_done;

/* Makes these the columns of the sink's site, filled from what is held, in one transaction; none of
 * it when nothing differs. `sink` is a warehouse's, outside of a batch. JD_E_CONFIG: another site
 * has a column of that name and of another type. */
jd_code jd_wide_set(const jd_sink *sink, const jd_wide_column *column, size_t n, jd_wide_done *done,
                    jd_err *e) JD_NODISCARD;

#endif
