/* parent.h: an issue's parent, wherever its site keeps it: `parent` (sub-tasks; on Cloud epics and
 * all above), the epic link (Data Center, older Cloud) or the parent link of Advanced Roadmaps. */
#ifndef JD_MODEL_PARENT_H
#define JD_MODEL_PARENT_H

#include "model/field.h"

typedef struct jd_parent { /* borrowed */
    uint64_t id;           /* 0: not said */
    jd_str   key;
    bool     epic; /* it is one, as far as that can be told */
} jd_parent;

/* `fields` is the member of that name; `known` the site's fields, without which only
 * `parent` is found (may be NULL). False, and *out zeroed, when it has none. */
bool jd_parent_of(const jd_json *fields, const jd_fields *known, jd_parent *out);

#endif
