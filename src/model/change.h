/* change.h: what changed in an issue between two copies of it.
 *
 * - The changelog is believed: every item of a history that the older copy does not have is a
 *   change, whatever it says. Only what it does not tell is found by comparing `fields`, comments
 *   and worklogs.
 * - By comparison, these are no change: the order of members, and of lists of names or entities; a
 *   date under another offset; null for absent or empty; what an entity (an object with `self` and
 *   `id`, a person, a sprint) says beside its id; avatars, icons and links to the API; a rank; what
 *   a Java object calls itself ("@1f2e["); the fields in jd_change_silent, which follow others or
 *   are the reader's own.
 * - A child that the older list lacks is new only when that list was whole, or the child is younger
 *   than the copy; it is deleted only when the newer list is whole.
 * - Pure. Texts are borrowed from the two trees or live in the arena. */
#ifndef JD_MODEL_CHANGE_H
#define JD_MODEL_CHANGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "text/json.h"

#define JD_CHANGE_KINDS(X)                \
    X(FIELD, "field")                     \
    X(CREATED, "created")                 \
    X(MOVED, "moved")                     \
    X(REMOVED, "removed")                 \
    X(COMMENT_ADDED, "comment_added")     \
    X(COMMENT_EDITED, "comment_edited")   \
    X(COMMENT_DELETED, "comment_deleted") \
    X(WORKLOG_ADDED, "worklog_added")     \
    X(WORKLOG_EDITED, "worklog_edited")   \
    X(WORKLOG_DELETED, "worklog_deleted")

#define JD_CHANGE_ENUM(name, text) JD_CHANGE_##name,
typedef enum jd_change_kind { JD_CHANGE_KINDS(JD_CHANGE_ENUM) JD_NCHANGE } jd_change_kind;
#undef JD_CHANGE_ENUM

typedef struct jd_change {
    jd_change_kind kind;
    bool           changelog; /* it says so; else found by comparison */
    uint64_t       id;        /* the issue, and its key now */
    jd_str         key;
    int64_t        at_ms;         /* when it happened, or was noticed */
    jd_str         who, who_name; /* account id, or user key; p NULL: not known */
    jd_str         field;         /* as the changelog calls it: "Fix Version" */
    jd_str         field_id;      /* "fixVersions"; p NULL: not known */
    jd_str         from, to;      /* ids; of a child its id. p NULL: null */
    jd_str         from_string, to_string;
} jd_change;

typedef struct jd_changes { /* in the order of at_ms; in the arena */
    jd_change *v;
    size_t     n, cap;
} jd_changes;

typedef struct jd_change_conf {
    const jd_json *names;      /* GET /field: names of custom fields to their ids; NULL: unknown */
    int64_t        noticed_ms; /* for what says nothing of its time: when the newer copy was made */
    bool           common; /* they were asked for with other fields: what one lacks is no change */
} jd_change_conf;

/* Appends what happened between the copies `was` and `is` of one issue. */
void jd_change_diff(jd_arena *a, const jd_json *was, const jd_json *is, const jd_change_conf *conf,
                    jd_changes *out);
/* Appends that the issue is there now. */
void jd_change_created(jd_arena *a, const jd_json *is, const jd_change_conf *conf, jd_changes *out);
/* An issue that is held no more; cause: "gone", "moved", "archived", "left", "deleted". */
jd_change jd_change_removed(uint64_t id, jd_str key, jd_str cause, int64_t at_ms);

/* Fields that comparison passes over, NULL at the end. */
extern const char *const jd_change_silent[];

const char *jd_change_name(jd_change_kind kind);
/* One line of JSON, with its line feed:
 * {"id","key","at","kind","who","whoName","field","fieldId","from","fromString","to","toString",
 * "source":"changelog" or "compare"} */
void jd_change_write(jd_buf *out, const jd_change *c);

#endif
