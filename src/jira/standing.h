/* standing.h: how issues stand that a list of the server's lacks: still there, under which key, and
 * whether a selection has them. Asked in bulk where the answer tells; what no answer tells of is
 * asked for one by one, for only Jira's own refusal says that an issue is gone: 404, or 401 and 403
 * where that is for the sake. The caller has to see that the account is still its own. */
#ifndef JD_JIRA_STANDING_H
#define JD_JIRA_STANDING_H

#include "jira/api.h"

enum { JD_STANDING_MOST = 100 };

typedef enum jd_stands {
    JD_STANDS_UNTOLD, /* the server fails at it */
    JD_STANDS_GONE,   /* deleted, or not visible */
    JD_STANDS_THERE
} jd_stands;

typedef struct jd_standing {
    uint64_t  id; /* in; all else out */
    jd_stands is;
    jd_str    key; /* in the arena */
    int64_t   updated_ms;
    bool      found;    /* by id, in a search or in bulk: not only by its own call */
    bool      archived; /* it says so */
    bool      asked;    /* whether the selection has it, and was told for certain: */
    bool      selected;
} jd_standing;

/* For at most JD_STANDING_MOST ids. `project` (may be empty) is the key of the one project that the
 * selection is of: then keys tell, and the selection is asked for only where they do not. Errors
 * are those that end a run; halt (may be NULL) is looked at between single calls, and leaves the
 * rest untold. */
jd_code jd_jira_standing(jd_jira *j, jd_arena *a, jd_str selection, jd_str project,
                         uint64_t control, jd_standing *s, size_t n, bool (*halt)(void *self),
                         void *self, jd_err *e) JD_NODISCARD;

/* "selection AND id in (1,2)", or without a selection "id in (1,2)"; in the arena. */
jd_str jd_jira_id_query(jd_arena *a, jd_str selection, const uint64_t *id, size_t n);

#endif
