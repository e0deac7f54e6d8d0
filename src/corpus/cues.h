/* cues.h: what the words of a comment say about it: evidence for or against its being the answer.
 * Reads prose only: code, preformatted text, quotes, stack frames and bare addresses do not speak.
 * English phrases; a comment in another language is judged by who wrote it and when. */
#ifndef JD_CORPUS_CUES_H
#define JD_CORPUS_CUES_H

#include "base/str.h"

typedef enum jd_cue {
    JD_CUE_CAUSE   = 1 << 0, /* names a cause or a fix: "root cause", "fixed by", "workaround" */
    JD_CUE_CONFIRM = 1 << 1, /* "works now", "verified" */
    JD_CUE_COMMIT  = 1 << 2, /* a commit or merge notice */
    JD_CUE_CHATTER = 1 << 3, /* review and planning talk: LGTM, +1, thanks, any update */
    JD_CUE_BULK    = 1 << 4, /* phrases of mass edits: "due to time passed", "bulk update" */
    JD_CUE_ASK     = 1 << 5, /* asks something of somebody */
    JD_CUE_REPORT  = 1 << 6, /* reports the problem again: "still reproducible", "tested with" */
    JD_CUE_LINK    = 1 << 7  /* an address of a commit, a pull request or a review */
} jd_cue;

typedef struct jd_cues {
    unsigned found; /* jd_cue bits */
    unsigned words; /* of prose */
} jd_cues;

/* body is wiki markup, cleaned. */
jd_cues jd_cues_of(jd_str body);

#endif
