/* change.h: changes to issues as Jira would make them: `updated` rises, the changelog tells. */
#ifndef SIM_CHANGE_H
#define SIM_CHANGE_H

#include "sim/raw.h"
#include "sim/serve.h"
#include "text/jsonw.h"

typedef struct sim_changed {
    jd_str   key; /* in the arena given */
    uint64_t id;
    int64_t  updated_ms;
    jd_str   child; /* raw: the comment that was made; p NULL for other changes */
} sim_changed;

/* JD_E_NOTFOUND for an unknown issue or project, JD_E_USAGE for a change that makes no sense. */
jd_code sim_change_touch(sim_server *s, jd_arena *a, jd_str id_or_key, sim_changed *out,
                         jd_err *e) JD_NODISCARD;
/* The same at a moment of the caller's, when that is later than the last change. */
jd_code sim_change_touch_at(sim_server *s, jd_arena *a, jd_str id_or_key, int64_t at_ms,
                            sim_changed *out, jd_err *e) JD_NODISCARD;
jd_code sim_change_comment(sim_server *s, jd_arena *a, jd_str id_or_key, jd_str body,
                           sim_changed *out, jd_err *e) JD_NODISCARD;
/* By somebody: a user as raw JSON. */
jd_code sim_change_comment_by(sim_server *s, jd_arena *a, jd_str author, jd_str id_or_key,
                              jd_str body, sim_changed *out, jd_err *e) JD_NODISCARD;
/* To another project, under that project's next number; the old key goes on leading here. */
jd_code sim_change_move(sim_server *s, jd_arena *a, jd_str id_or_key, jd_str project,
                        sim_changed *out, jd_err *e) JD_NODISCARD;
jd_code sim_change_delete(sim_server *s, jd_arena *a, jd_str id_or_key, sim_changed *out,
                          jd_err *e) JD_NODISCARD;
/* A comment's, or a worklog's, new text; seconds: of a worklog, negative for as they were. `quiet`
 * leaves the issue's `updated` as it was. */
typedef struct sim_child_edit {
    bool     worklog, quiet;
    uint64_t child;
    jd_str   body;
    int64_t  seconds;
} sim_child_edit;
jd_code sim_change_child(sim_server *s, jd_arena *a, jd_str id_or_key, const sim_child_edit *edit,
                         sim_changed *out, jd_err *e) JD_NODISCARD;
jd_code sim_change_worklog(sim_server *s, jd_arena *a, jd_str id_or_key, uint64_t seconds,
                           sim_changed *out, jd_err *e) JD_NODISCARD;
/* A comment or a worklog goes; `quiet` leaves the issue's `updated` as it was. */
jd_code sim_change_drop(sim_server *s, jd_arena *a, jd_str id_or_key, bool worklog, uint64_t child,
                        bool quiet, sim_changed *out, jd_err *e) JD_NODISCARD;
/* Any value of any field, raw JSON. */
jd_code sim_change_field(sim_server *s, jd_arena *a, jd_str id_or_key, jd_str field, jd_str value,
                         sim_changed *out, jd_err *e) JD_NODISCARD;
/* Several fields at a time, by somebody (p NULL: the stand-in itself): fn looks at the issue that
 * is there, raw, and collects; what it collects none of leaves the issue as it is. */
enum { SIM_EDITS = 24 };
typedef struct sim_edits {
    jd_arena   *a;
    jd_str      issue, at; /* at: the moment of the change, as dates are written */
    sim_edit    field[SIM_EDITS];
    size_t      n;
    jd_jsonw    items; /* of the history: sim_change_item */
    const char *what;  /* what happened to a child, for webhooks: "issuelink_created", and it: */
    jd_str      child;
} sim_edits;
jd_code sim_change_edit(sim_server *s, jd_arena *a, jd_str author, jd_str id_or_key,
                        jd_code (*fn)(void *self, sim_edits *edits, jd_err *e), void *self,
                        sim_changed *out, jd_err *e) JD_NODISCARD;
/* One item of a history; texts with p NULL are null. */
void sim_change_item(jd_jsonw *w, bool custom, jd_str field, jd_str from, jd_str from_text,
                     jd_str to, jd_str to_text);
/* The project and all its issues under a new key; `updated` stays. *n: how many issues. */
jd_code sim_change_rename_project(sim_server *s, jd_arena *a, jd_str project, jd_str key,
                                  bool forget, uint64_t *n, jd_err *e) JD_NODISCARD;
/* Generated issues, created, and last updated, at at_ms, as an import makes them; out has room for
 * count. */
jd_code sim_change_create(sim_server *s, jd_arena *a, jd_str project, uint64_t count, int64_t at_ms,
                          sim_changed *out, jd_err *e) JD_NODISCARD;
/* A touch whose failure does not matter: the issue may be gone. */
void sim_change_touch_quietly(sim_server *s, uint64_t id);

#endif
