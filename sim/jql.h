/* jql.h: Jira's query language as Data Center understands it, parsed once and asked per issue.
 *
 * - The query and its messages live in the caller's arena and copy what they need from the text.
 * - Fields: project; key, issuekey, issue and id (one clause: all four compare and sort by project
 *   and number, and take keys or numeric ids); created(Date), updated(Date),
 *   resolutiondate/resolved; status, statusCategory, issuetype/type, priority, resolution,
 * assignee, reporter; labels, component, fixVersion, affectedVersion, parent; duedate/due; summary,
 *   description, environment, comment, text; custom fields by name or cf[10020].
 * - Texts are searched by whole words as they are spelled: all that are asked for, "some words" in
 *   a row, wor* as a beginning. `text` means the four before it.
 * - Dates are second-grained, as in Jira's index: the issue's date and the literal are both floored
 *   to the second before they are compared or sorted. Quoted literals are whole minutes in the
 *   account's zone, unquoted integers are epoch milliseconds.
 * - `!=`, `!~` and `not in` never match an issue whose field is empty. NOT
 *   turns its clauses round, as Jira does: NOT (a = b) is a != b, so empty fields drop out too.
 * - Text longer than SIM_JQL_BYTES or nested deeper than SIM_JQL_DEPTH is refused. */
#ifndef SIM_JQL_H
#define SIM_JQL_H

#include "base/arena.h"
#include "sim/store.h"
#include "sim/zone.h"

enum { SIM_JQL_BYTES = 65536, SIM_JQL_DEPTH = 200 };

typedef enum sim_jql_what {
    SIM_JQL_PROJECT, /* value: key, numeric id or name */
    SIM_JQL_ISSUE,   /* value: key (any letter case, moved keys too) or numeric id */
    SIM_JQL_STATUS,  /* value: name or id, for this and the next three */
    SIM_JQL_TYPE,
    SIM_JQL_PRIORITY,
    SIM_JQL_RESOLUTION,
    SIM_JQL_USER,      /* value: login name */
    SIM_JQL_COMPONENT, /* value: name or id, of any project */
    SIM_JQL_VERSION,
    SIM_JQL_WORD /* any word will do: never asked */
} sim_jql_what;

/* How the values of a custom field are compared. */
typedef enum sim_jql_kind {
    SIM_JQL_VALUES, /* by the name, value, key or id of any of them */
    SIM_JQL_TEXT,
    SIM_JQL_NUMBER,
    SIM_JQL_DATE
} sim_jql_kind;

/* What a value stands for. Projects fill id; issues all three; priorities their id, by which they
 * rank (the smaller the higher; 0 and `priority > x` matches nothing); the others need not. */
typedef struct sim_jql_ref {
    uint64_t id, project_id, number;
} sim_jql_ref;

typedef struct sim_jql_env {
    int64_t         now_ms;
    const sim_zone *zone;        /* the account's; NULL is UTC; outlives the query */
    jd_str          user;        /* currentUser(); p NULL when anonymous */
    bool            no_epoch;    /* refuse epoch numbers as dates, with Jira's message */
    bool            floor_epoch; /* floor them to the minute */
    /* Does that exist (letter case folded)? Fills *ref. A NULL function knows every name, and no
     * project or issue. Called during the parse only. */
    bool (*find)(void *self, sim_jql_what what, jd_str value, sim_jql_ref *ref);
    /* The id of the custom field called so ("Story Points", "cf[10020]"), p NULL when there is
     * none. A NULL function knows none. */
    jd_str (*custom)(void *self, jd_str name, sim_jql_kind *kind);
    void *self;
} sim_jql_env;

/* Messages in Jira's words, for "errorMessages" or "warningMessages". */
typedef struct sim_jql_errors {
    jd_str *v;
    size_t  n;
} sim_jql_errors;

typedef struct sim_jql sim_jql;

/* NULL when the text is no query (one message, always a 400). Otherwise a query that can be asked;
 * when *errs is not empty some clause or sort means nothing here (unknown field, value, function):
 * with validateQuery that is a 400, without it those clauses match no issue, those sorts are
 * dropped, and the messages are warnings. *errs is overwritten. */
sim_jql *sim_jql_parse(jd_arena *a, jd_str text, const sim_jql_env *env, sim_jql_errors *errs);
bool     sim_jql_match(const sim_jql *q, const sim_issue *issue);
bool     sim_jql_bounded(const sim_jql *q); /* it restricts what is found */

/* What the clauses at the top (joined by AND) demand, for the choice of an index. Bounds: lo
 * inclusive, hi exclusive, on the issue's exact milliseconds; INT64_MIN and INT64_MAX are open. */
typedef enum sim_index { SIM_BY_CREATED, SIM_BY_UPDATED } sim_index;

typedef struct sim_jql_shape {
    /* An issue matches exactly when its project is among these and its dates are in both ranges:
     * sim_jql_match need not be asked. */
    bool            pure;
    bool            all_projects; /* nothing is demanded of the project */
    const uint64_t *projects;     /* ids, ascending, at least one of them; none: nothing matches */
    size_t          nprojects;
    int64_t         lo[2], hi[2]; /* by sim_index */
} sim_jql_shape;

const sim_jql_shape *sim_jql_shape_of(const sim_jql *q);
/* The range of one index; false when it is open on both sides. */
bool sim_jql_range(const sim_jql *q, sim_index which, int64_t *lo_ms, int64_t *hi_ms);

typedef enum sim_order_by {
    SIM_ORDER_KEY, /* by the project's key, then by number: key, issuekey, issue, id */
    SIM_ORDER_PROJECT,
    SIM_ORDER_CREATED,
    SIM_ORDER_UPDATED,
    SIM_ORDER_RESOLVED,
    SIM_ORDER_STATUS, /* by id as a number, as the others that have one */
    SIM_ORDER_TYPE,
    SIM_ORDER_PRIORITY,
    SIM_ORDER_RESOLUTION,
    SIM_ORDER_ASSIGNEE, /* users by name; empty comes last either way */
    SIM_ORDER_REPORTER,
    SIM_ORDER_CATEGORY,
    SIM_ORDER_NONE /* of a field that does not sort */
} sim_order_by;

typedef struct sim_order {
    sim_order_by by;
    bool         desc;
} sim_order;

/* Never empty: without ORDER BY it is created DESC. */
const sim_order *sim_jql_order(const sim_jql *q, size_t *n);
/* < 0 when a comes first. Equal issues stand in the order of sim_jql_tie, turned round when the
 * first sort is DESC, so that DESC is ASC backwards. */
int sim_jql_compare(const sim_jql *q, const sim_issue *a, const sim_issue *b);
/* The place of an issue among its equals: stable, and no order of ids. */
uint64_t sim_jql_tie(uint64_t issue_id);
/* The place of a status category, by its key, name or id, among the four that Jira has; 0: it is
 * none. */
unsigned sim_jql_category(jd_str name);

#endif
