/* view.h: one issue as the corpus sees it, filled in one pass over Jira's JSON.
 *
 * - Texts are cleaned, rich ones rendered (corpus/body.h); they live in the arena or in the tree. p
 *   is NULL where Jira has none or a value of another type.
 * - Restricted comments are not in it unless asked for, so nothing behind this view can leak them.
 * - Comments stand in the order of their dates. */
#ifndef JD_CORPUS_VIEW_H
#define JD_CORPUS_VIEW_H

#include "corpus/body.h"
#include "corpus/person.h"
#include "text/date.h"

typedef struct jd_remark { /* a comment */
    jd_person author;
    jd_str    body;
    jd_str    wiki;       /* the same as wiki markup, for the cues (corpus/cues.h) */
    int64_t   created_ms; /* JD_NO_TIME when unknown */
    bool      human;      /* a person wrote it, and it says something */
    bool      bot;
} jd_remark;

typedef struct jd_view {
    jd_str     key, project, title, status, priority, type, resolution, description, environment;
    jd_person  reporter, assignee;
    int64_t    created_ms, updated_ms;
    int64_t    resolved_ms; /* when the resolution it has was set; JD_NO_TIME when unknown */
    jd_person  resolver;    /* who set it: from the changelog, else nobody */
    jd_remark *remark;
    size_t     n_remarks;
    bool       secured;         /* has a security level */
    bool       has_environment; /* it was asked for, and may be none */
    unsigned   bad_dates, restricted, bots;
} jd_view;

/* doc must be an issue: an object with a `key` that is an issue key and an object `fields`;
 * JD_E_DATA says what is missing. Everything else may be absent or of any type. scratch is
 * overwritten. `bodies` says how rich texts are shown, and whether what is restricted is taken in.
 */
jd_code jd_view_read(jd_arena *a, jd_buf *scratch, jd_bodies *bodies, const jd_json *doc,
                     jd_view *out, jd_err *e) JD_NODISCARD;

#endif
