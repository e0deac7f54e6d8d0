/* extras.h: what is kept beside an issue when it is asked for: {PROJECT}/{KEY}.extra.json, in
 * either layout, so that the issue itself stays Jira's own JSON. The file is one object:
 *   {"id":"10002","key":"APP-2","remotelinks":[…],"watchers":{…},"votes":{…}}
 * with the members that were asked for, each Jira's own answer, null where Jira gave none. Which
 * issue has which, and for which content of it, stands in state.db. */
#ifndef JD_SINK_EXTRAS_H
#define JD_SINK_EXTRAS_H

#include "sink/state.h"
#include "text/json.h"

/* name: the word of --with and the member; path below /issue/{id} */
#define JD_EXTRAS(X)                              \
    X(REMOTE_LINKS, "remotelinks", "/remotelink") \
    X(WATCHERS, "watchers", "/watchers")          \
    X(VOTES, "votes", "/votes")

typedef enum jd_extra {
#define X(id, name, path) JD_EXTRA_##id,
    JD_EXTRAS(X)
#undef X
        JD_NEXTRA
} jd_extra;
typedef unsigned jd_extra_set; /* 1 << JD_EXTRA_… */

const char *jd_extra_name(jd_extra which);
const char *jd_extra_path(jd_extra which);
/* JD_NEXTRA when it is none. */
jd_extra jd_extra_of(jd_str name);

typedef struct jd_extras { /* the state's for its time */
    jd_state   *s;
    const char *raw_dir;
    jd_stmt    *next, *set, *key;
} jd_extras;
jd_code jd_extras_open(jd_state *s, const char *raw_dir, jd_extras *out, jd_err *e) JD_NODISCARD;

typedef struct jd_extra_due { /* an issue of which something is lacking, or of before it changed */
    uint64_t id, hash;
    jd_str   key;
} jd_extra_due;
/* The one with the lowest id above `after`; in the arena. *found is false at the end. */
jd_code jd_extras_next(jd_extras *x, jd_arena *a, uint64_t after, jd_extra_set want,
                       jd_extra_due *out, bool *found, jd_err *e) JD_NODISCARD;
/* The file, durable, then the state; what lies under an old key goes. */
jd_code jd_extras_put(jd_extras *x, const jd_extra_due *of, jd_extra_set have, jd_str json,
                      jd_err *e) JD_NODISCARD;
/* Files of issues that are no longer held go. */
jd_code jd_extras_prune(jd_extras *x, jd_err *e) JD_NODISCARD;
/* What lies beside the issue, in the arena; *out is NULL when there is nothing. */
jd_code jd_extras_get(const char *raw_dir, jd_arena *a, jd_str key, const jd_json **out,
                      jd_err *e) JD_NODISCARD;
/* One issue's file into another raw folder, if it has one. */
jd_code jd_extras_copy(const char *raw_dir, const char *to, jd_str key, jd_err *e) JD_NODISCARD;

#endif
