/* convert_field.h: one field of a line of JSON replaced, every other byte kept. */
#ifndef JD_CLI_CONVERT_FIELD_H
#define JD_CLI_CONVERT_FIELD_H

#include "base/arena.h"
#include "base/buf.h"

typedef struct jd_field_edit {
    const char
         *path; /* member names with dots between; a list on the way stands for its elements */
    void *self;
    /* Appends the JSON that stands in place of value (JSON, too), and says whether it did; value
     * is kept when not. */
    jd_code (*edit)(void *self, jd_buf *out, jd_str value, bool *done, jd_err *e);
} jd_field_edit;

/* Appends the line with each value at the path edited; *found gets how many were. JD_E_DATA when
 * the line is no JSON object. */
jd_code jd_field_replace(const jd_field_edit *f, jd_buf *out, jd_str line, uint64_t *found,
                         jd_err *e) JD_NODISCARD;

#endif
