/* users.h: the people that the issues of a mirror speak of, as Jira's own objects give them: who
 * reported, wrote, changed and is assigned. Kept in state.db, one row a person; of several states
 * of one, that of the issue updated last.
 *
 * - A batch's users are taken from the issues' bytes as they come, and put into state.db within the
 *   transaction that brings the issues' rows, so that none is lost however a run ends.
 * - Belongs to one thread. */
#ifndef JD_SINK_USERS_H
#define JD_SINK_USERS_H

#include "base/map.h"
#include "base/vec.h"
#include "sink/state.h"

typedef struct jd_user_seen {
    jd_str  id, json; /* account id, key or name; what is kept of the object */
    int64_t at;       /* the issue's `updated` */
} jd_user_seen;

typedef struct jd_user_known {
    int64_t  newest; /* `updated` of the issue that told of them last, in this run */
    uint64_t text;   /* hash of the object there */
    uint64_t batch;  /* they wait in this batch, */
    size_t   place;  /* here */
} jd_user_known;

typedef struct jd_users {
    jd_idmap *by_name; /* hash of how issues name somebody -> place in known */
    JD_VEC(jd_user_known) known;
    jd_arena *arena; /* of what waits */
    JD_VEC(jd_user_seen) waiting;
    uint64_t batch; /* number of the one in hand */
    jd_stmt *put;   /* of the state that jd_users_put was given first */
} jd_users;

void jd_users_init(jd_users *u);
void jd_users_release(jd_users *u);
/* Finds the people in the issue's bytes; what is new of them waits for jd_users_put. */
void jd_users_take(jd_users *u, const jd_issue *issue);
/* What waits goes to `to`, where nothing waits. */
void jd_users_move(jd_users *from, jd_users *to);
/* What waits, into the state, always the same one; within the caller's transaction. */
jd_code jd_users_put(jd_users *u, jd_state *s, jd_err *e) JD_NODISCARD;
/* Forgets what was taken since the last commit, and all it knows of this run. */
void jd_users_forget(jd_users *u);
/* They are in state.db, and need not wait any more. */
void jd_users_settled(jd_users *u);

/* All of them, as {raw}/_site/users.json, when they changed. Who stands there and is not in a new
 * state is taken into it first. */
jd_code jd_users_publish(jd_state *s, const char *raw_dir, jd_err *e) JD_NODISCARD;

#endif
