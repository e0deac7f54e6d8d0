/* spoil.h: what is done to the bytes of an answer on purpose. Pure.
 *
 * - Each appends the spoilt body to out and says whether it found what to spoil; when it did not,
 *   out is to be thrown away.
 * - `page` bodies are a search's answer. Where an issue is named by id, the body is either a page
 *   or, with page false, that issue itself. */
#ifndef SIM_SPOIL_H
#define SIM_SPOIL_H

#include "base/buf.h"

typedef struct sim_target {
    bool     page;
    uint64_t id;
} sim_target;

/* Text at the front of a string of the issue: its summary, or its description when it has none (the
 * other way round for long ones). text is raw JSON, right or wrong. */
bool sim_spoil_text(jd_buf *out, jd_str body, sim_target t, jd_str text, bool is_long);
/* One of sim_shapes. */
bool sim_spoil_shape(jd_buf *out, jd_str body, sim_target t, size_t shape);
/* Of a list; a count of Cloud's is one too. */
bool sim_spoil_total(jd_buf *out, jd_str body, int64_t delta);
bool sim_spoil_empty(jd_buf *out, jd_str body);
/* n issues stand twice, from number `from` on. */
bool sim_spoil_duplicate(jd_buf *out, jd_str body, size_t from, size_t n);

extern const char *const sim_shapes[]; /* NULL ends the list */
size_t                   sim_shape_count(void);

#endif
