/* show.h: one issue as text for a person. Pure: JSON in, text out.
 *
 * - Rich texts are Markdown; everything else is one line, and passes through `line`.
 * - Members that are absent or of another shape than Jira's are left out.
 * - What is restricted is shown, and marked as such: who can read the mirror may read all of it. */
#ifndef JD_FLOW_SHOW_H
#define JD_FLOW_SHOW_H

#include "base/buf.h"
#include "model/field.h"

typedef struct jd_show {
    jd_str site;  /* as the state names it: "jira.example.org"; empty: as the issue's address */
    jd_str asked; /* an old key that it was asked by; empty for none */
    void (*line)(jd_buf *out, jd_str s); /* appends s as one line that is safe on a terminal */
    const jd_fields *fields;             /* the site's, for their names; may be NULL */
} jd_show;

enum { JD_SHOW_VALUE_MAX = 160 }; /* bytes shown of a change's and of a custom field's value */

/* The buffer's ceiling applies (jd_buf_ok). */
void jd_show_issue(jd_buf *out, jd_arena *a, const jd_show *how, const jd_json *issue);

#endif
