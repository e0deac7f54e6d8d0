/* zone.h: jirasim's own dates and time zones, on glibc's zone database. Nothing here is shared with
 * the product's date code: one mistake must not pass on both sides.
 *
 * - Instants are Unix epoch milliseconds; civil dates are proleptic Gregorian.
 * - A zone is a table read once from glibc, immutable afterwards, safe to share between threads.
 * - A NULL zone is UTC everywhere. */
#ifndef SIM_ZONE_H
#define SIM_ZONE_H

#include "base/buf.h"

typedef struct sim_zone sim_zone;

/* NULL when the system knows no such zone ("Europe/Berlin", "Etc/UTC"). Sets TZ for a moment: open
 * zones before threads start. */
sim_zone *sim_zone_open(jd_str name);
void      sim_zone_free(sim_zone *z);       /* NULL is fine */
jd_str    sim_zone_name(const sim_zone *z); /* "UTC" for NULL */
/* Seconds east of UTC at that instant. Before 1901 and after 2100 the nearest known offset. */
int32_t sim_zone_offset(const sim_zone *z, int64_t ms);

typedef struct sim_civil {
    int64_t year;
    int     month, day, hour, minute, second, ms; /* month and day from 1 */
} sim_civil;

bool      sim_civil_ok(const sim_civil *c); /* a date that exists, year 0 to 9999 */
int64_t   sim_civil_utc(const sim_civil *c);
sim_civil sim_civil_of(const sim_zone *z, int64_t ms);
/* The instant of a wall-clock time. Twice there (clocks set back): the later one, as Java does; not
 * there (clocks set forward): moved on by the gap. */
int64_t sim_civil_instant(const sim_zone *z, const sim_civil *c);

/* Jira's form: 2024-01-15T10:30:00.000+0000, in the zone's offset. Always 28 bytes for the years 0
 * to 9999; other instants are clamped into them. */
enum { SIM_DATE_LEN = 28 };
void sim_date_put(char out[SIM_DATE_LEN], const sim_zone *z, int64_t ms);
void sim_date_write(jd_buf *out, const sim_zone *z, int64_t ms);
/* Reads that form, also with Z, +hh:mm, or without the fraction; false when it is another. */
bool sim_date_read(jd_str s, int64_t *ms);

#endif
