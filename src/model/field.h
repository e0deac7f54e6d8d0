/* field.h: a site's fields as we name them. Jira's names are not unique and may change, its ids say
 * nothing; so each field gets a name that can be read and stays: a column, a member, a heading.
 *
 * - A system field is called by its id ("fixVersions"). A custom field is called by its name in
 *   small letters with '_' between the words ("story_points"), and by its number behind that where
 *   another has the name ("team_10050").
 * - A name once given stays, whatever becomes of the field; it is never given to another one.
 * - The type says what values look like; it follows what the site says today.
 * - Pure; what is read lives in the arena. */
#ifndef JD_MODEL_FIELD_H
#define JD_MODEL_FIELD_H

#include "base/buf.h"
#include "text/json.h"

/* What a value is: in C, in our files */
#define JD_FIELD_TYPES(X)         \
    X(ANY, "any")                 \
    X(TEXT, "text")               \
    X(RICH_TEXT, "rich_text")     \
    X(NUMBER, "number")           \
    X(DATE, "date")               \
    X(DATETIME, "datetime")       \
    X(TEXTS, "texts")             \
    X(OPTION, "option")           \
    X(OPTIONS, "options")         \
    X(CASCADE, "cascade")         \
    X(USER, "user")               \
    X(USERS, "users")             \
    X(GROUP, "group")             \
    X(GROUPS, "groups")           \
    X(VERSION, "version")         \
    X(VERSIONS, "versions")       \
    X(PROJECT, "project")         \
    X(SPRINTS, "sprints")         \
    X(EPIC_LINK, "epic_link")     \
    X(PARENT_LINK, "parent_link") \
    X(RANK, "rank")

typedef enum jd_field_type {
#define X(id, text) JD_FIELD_##id,
    JD_FIELD_TYPES(X)
#undef X
        JD_NFIELD_TYPE
} jd_field_type;

const char   *jd_field_type_name(jd_field_type t);
jd_field_type jd_field_type_of(jd_str name); /* JD_FIELD_ANY for what is none */

typedef struct jd_field {
    jd_str         id;    /* "customfield_10020" */
    jd_str         title; /* Jira's name */
    jd_str         name;  /* ours */
    jd_field_type  type;
    bool           custom, gone; /* gone: the site lists it no more */
    const jd_json *clauses;      /* names in JQL; may be NULL */
} jd_field;

typedef struct jd_fields { /* in order of id */
    jd_field *v;
    size_t    n;
} jd_fields;

enum { JD_FIELD_NAME_MAX = 48 }; /* bytes of what comes from Jira's name */
/* Small letters and digits, '_' for everything else, never at the ends; accents go, other scripts
 * stay. May be empty. */
void jd_field_slug(jd_buf *out, jd_str title);

typedef enum jd_drift_kind {
    JD_DRIFT_ADDED,
    JD_DRIFT_RENAMED,
    JD_DRIFT_RETYPED,
    JD_DRIFT_REMOVED,
    JD_DRIFT_RETURNED
} jd_drift_kind;
typedef struct jd_drift {
    jd_drift_kind   kind;
    const jd_field *field;
    jd_str          was; /* the title or type before */
} jd_drift;

typedef struct jd_drifts {
    jd_drift *v;
    size_t    n;
} jd_drifts;

/* The fields as the site lists them now (Jira's entries), with the names they have from before, or
 * new ones; those that the site lists no more stay, as gone. Nothing is a drift when there were
 * none before. */
void jd_fields_name(jd_arena *a, const jd_fields *before, const jd_json *const *entry, size_t n,
                    jd_fields *out, jd_drifts *drift);
/* "customfield_10050 (team): renamed from 'Team' to 'Crew'" */
void jd_drift_text(jd_buf *out, const jd_drift *d);

/* NULL when there is none of that id. */
const jd_field *jd_field_find(const jd_fields *f, jd_str id);
/* What a person may mean by a word: the field of that id, or whose name is ours for it; else those
 * that Jira or JQL call so (case folded). How many there are; `out` gets the first two. */
size_t jd_field_mean(const jd_fields *f, jd_str text, const jd_field *out[2]);
/* One field as an object; a list of such is what jd_fields_read takes. */
void jd_field_write(jd_buf *out, const jd_field *f);
void jd_fields_read(jd_arena *a, const jd_json *list, jd_fields *out);

#endif
