/* zone.h: time zones from the system's zone files' bytes (TZif, RFC 8536, with the footer's POSIX
 * rule for what lies after the last transition). The caller reads the file (sys/), so this is pure.
 */
#ifndef JD_TEXT_ZONE_H
#define JD_TEXT_ZONE_H

#include "base/arena.h"

typedef struct jd_zone jd_zone;

/* NULL bytes are not a zone: JD_E_DATA. The zone lives in the arena and borrows nothing. */
jd_code jd_zone_read(jd_arena *a, jd_str tzif, const jd_zone **out, jd_err *e) JD_NODISCARD;
/* An IANA name that is safe as a path below the zone folder ("Europe/Berlin", "Etc/GMT+5"). */
bool jd_zone_name_ok(jd_str name);
/* Offset from UTC in seconds at an instant. */
int jd_zone_offset(const jd_zone *z, int64_t ms);
/* By how many ms the local time at an instant may be mistaken for another one's: the size of the
 * largest change of the clocks that is no further away than twice its size; mostly an hour, or 0.
 * Local times near it come twice, or not at all. */
int64_t jd_zone_doubt(const jd_zone *z, int64_t ms);

#endif
