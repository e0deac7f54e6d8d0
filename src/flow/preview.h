/* preview.h: what a query selects, page by page, without keeping any of it.
 *
 * - The query goes to the server as it is, its order too; an issue that comes twice, because
 *   others changed meanwhile, is given once. What moves between two pages may be passed over: this
 *   is a look, and no load.
 * - One page lives at a time. */
#ifndef JD_FLOW_PREVIEW_H
#define JD_FLOW_PREVIEW_H

#include "base/event.h"
#include "jira/api.h"
#include "model/field.h"
#include "sys/signal.h"

/* The fields that were asked for, as the server knows them. */
typedef struct jd_picked {
    jd_str *id;   /* "customfield_10001"; "key" and "id" are the issue's own */
    jd_str *name; /* as asked */
    size_t  n;
} jd_picked;

/* Fields by id, by Jira's name or by ours; only names that are no system field's cost a question.
 * JD_E_USAGE: there is no such field, or several. */
jd_code jd_preview_pick(jd_jira *j, jd_arena *a, const char *const *word, size_t n, jd_picked *out,
                        jd_err *e) JD_NODISCARD;
/* The site's fields, in order of id, as we name them. */
jd_code jd_preview_fields(jd_jira *j, jd_arena *a, jd_fields *out, jd_err *e) JD_NODISCARD;

typedef struct jd_preview {
    jd_jira         *jira;
    jd_str           jql;
    const jd_picked *fields;
    uint64_t         limit; /* 0: all */
    jd_stop         *stop;
    const jd_log    *log;
    /* The issues of one page, of which there is at least one; anything else than JD_OK ends it. */
    jd_code (*page)(void *self, const jd_json *const *issue, size_t n, jd_err *e);
    void *self;
} jd_preview;

typedef struct jd_preview_sum {
    uint64_t given, bad; /* bad: no readable JSON */
    uint64_t total;      /* as the server counts; Cloud does not, then 0 */
    bool     more;       /* the limit was reached before the end */
} jd_preview_sum;

jd_code jd_preview_run(const jd_preview *p, jd_preview_sum *sum, jd_err *e) JD_NODISCARD;

#endif
