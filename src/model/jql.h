/* jql.h: the queries that the product sends.
 *
 * Bounds are unquoted epoch milliseconds, absolute on every server that takes them. Where one does
 * not, they are quoted minutes in the account's zone. Either way a bound only ever moves outward:
 * lower ones are floored, upper ones raised; around a change of the clocks by as much more as they
 * change, mostly an hour; by three hours while only an offset is known, by 24 while nothing is
 * known of the zone. */
#ifndef JD_MODEL_JQL_H
#define JD_MODEL_JQL_H

#include "base/buf.h"
#include "text/zone.h"

typedef enum jd_axis { JD_BY_CREATED, JD_BY_UPDATED } jd_axis;

typedef struct jd_bounds {
    bool           quoted;       /* false: epoch milliseconds */
    const jd_zone *zone;         /* of the account; NULL when unknown */
    bool           offset_known; /* from a row's date, near the bounds */
    int            offset_min;
} jd_bounds;

/* A row's date shows the account's offset at that time; used where the zone is not known. */
void jd_bounds_learn(jd_bounds *b, int offset_min);

/* `selection AND axis >= from AND axis < to ORDER BY axis ASC`; open edges (JD_PAST, JD_FUTURE, and
 * a lower edge before 1970, which no server takes) say nothing. since (JD_PAST for none) adds `AND
 * updated >= since`. */
void jd_jql_walk(jd_buf *out, jd_str selection, jd_axis axis, int64_t from, int64_t to,
                 int64_t since, const jd_bounds *b);
/* `selection AND created < before`, with the start date: to see how a scope grew. */
void jd_jql_created_before(jd_buf *out, jd_str selection, int64_t before, int64_t since,
                           const jd_bounds *b);
/* `selection AND created >= 0`: must count what the selection counts, or epoch bounds do not work.
 */
void jd_jql_probe(jd_buf *out, jd_str selection);
/* The selection alone, or with the start date: what the server counts. */
void jd_jql_count(jd_buf *out, jd_str selection, int64_t since, const jd_bounds *b);

#endif
