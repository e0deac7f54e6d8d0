/* json_put.h: what the JSON reader's and the JSON writer's halves of this folder share. Private to
 * src/text. */
#ifndef JD_TEXT_JSON_PUT_H
#define JD_TEXT_JSON_PUT_H

#include "text/json.h"

enum { JD_JSON_COMPACT = -1 };

/* Appends a string literal, quotes included; s must be valid UTF-8. */
void jd_json_put_str(jd_buf *out, jd_str s);
/* Appends a finite double with as few digits as read back the same. */
void jd_json_put_f64(jd_buf *out, double v);
/* Appends v compact (JD_JSON_COMPACT), or over several lines as if `level` containers were open. */
void jd_json_put_value(jd_buf *out, const jd_json *v, int level);
/* Appends a line break and two blanks for each level. */
void jd_json_put_line(jd_buf *out, unsigned level);

#endif
