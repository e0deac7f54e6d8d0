/* date.h: instants and dates as Jira and HTTP write them. An instant is Unix epoch milliseconds
 * (proleptic Gregorian, no leap seconds; years 0001..9999). Pure: no clock, no environment. */
#ifndef JD_TEXT_DATE_H
#define JD_TEXT_DATE_H

#include "base/err.h"
#include "base/str.h"

#define JD_NO_TIME INT64_MIN

/* Any form that Jira uses (jira-api 7.6): 2024-01-15T10:30:00.000+0000, colon offset, Z, seconds or
 * decimals absent, blank instead of T, date alone (midnight UTC). *offset_min (may be NULL) gets
 * the offset written, 0 when there was none. False, and nothing set, when s is no such date. */
bool jd_time_parse(jd_str s, int64_t *ms, int *offset_min);
/* "2024-01-15" only; midnight UTC. */
bool jd_date_parse(jd_str s, int64_t *ms);
/* RFC 9110 HTTP-date, all three forms. */
bool jd_httpdate_parse(jd_str s, int64_t *ms);

/* Writers return out. JD_TIME_MAX bytes hold any of them with the NUL. */
enum { JD_TIME_MAX = 40 };
char *jd_time_utc(int64_t ms, char out[JD_TIME_MAX]); /* 2024-01-15T10:30:00Z (ms cut off) */
char *jd_time_jira(int64_t ms, int offset_min, char out[JD_TIME_MAX]); /* …T10:30:00.123+0000 */
char *jd_time_http(int64_t ms, char out[JD_TIME_MAX]); /* Mon, 15 Jan 2024 10:30:00 GMT */
char *jd_time_minute(int64_t ms, int offset_min,
                     char out[JD_TIME_MAX]);          /* 2024-01-15 10:30 (JQL) */
char *jd_time_day(int64_t ms, char out[JD_TIME_MAX]); /* 2024-01-15 */
/* "4 s", "2 min 05 s", "3 h 20 min": for people. */
char *jd_duration(int64_t ms, char out[JD_TIME_MAX]);

typedef struct jd_civil {
    int year, month, day, hour, minute, second, ms;
} jd_civil;
jd_civil jd_civil_of(int64_t ms);
int64_t  jd_civil_ms(jd_civil c);

/* Floor to a whole second or minute, also before 1970. */
int64_t jd_floor_ms(int64_t ms, int64_t unit);

#endif
