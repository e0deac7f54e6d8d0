#include "text/date.h"

#include <stdio.h>
#include <string.h>

enum { DAY_MS = 86400000, HOUR_MS = 3600000, MINUTE_MS = 60000, OFFSET_MAX = 18 * 60 };
static const int64_t first_ms = -62135596800000; /* 0001-01-01T00:00:00Z */
static const int64_t last_ms  = 253402300799999; /* 9999-12-31T23:59:59.999Z */

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char day_names[]   = "SunMonTueWedThuFriSat";

int64_t jd_floor_ms(int64_t ms, int64_t unit)
{
    int64_t rest = ms % unit;
    if (rest < 0)
        rest += unit;
    return ms < INT64_MIN + rest ? INT64_MIN : ms - rest;
}

/* Days since 1970-01-01; March starts the counting year, so that leap days come last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y   = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

jd_civil jd_civil_of(int64_t ms)
{
    int64_t rest = ms % DAY_MS, days = ms / DAY_MS;
    if (rest < 0) {
        rest += DAY_MS;
        days--;
    }
    int64_t z   = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
    int64_t y       = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t m       = (5 * of_year + 2) / 153;
    int64_t month   = m < 10 ? m + 3 : m - 9;
    return (jd_civil){.year   = (int)(y + era * 400 + (month <= 2)),
                      .month  = (int)month,
                      .day    = (int)(of_year - (153 * m + 2) / 5 + 1),
                      .hour   = (int)(rest / HOUR_MS),
                      .minute = (int)(rest / MINUTE_MS % 60),
                      .second = (int)(rest / 1000 % 60),
                      .ms     = (int)(rest % 1000)};
}

int64_t jd_civil_ms(jd_civil c)
{
    int64_t months = (int64_t)c.year * 12 + c.month - 1;
    int64_t year = (months >= 0 ? months : months - 11) / 12, month = months - year * 12 + 1;
    int64_t days = days_of(year, month, 1) + c.day - 1;
    return days * DAY_MS + (int64_t)c.hour * HOUR_MS + (int64_t)c.minute * MINUTE_MS +
           (int64_t)c.second * 1000 + c.ms;
}

/* Takes exactly n digits off the front of *s. */
static bool take_digits(jd_str *s, size_t n, int *out)
{
    int v = 0;
    if (s->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        v = v * 10 + (s->p[i] - '0');
    }
    *s   = (jd_str){s->p + n, s->n - n};
    *out = v;
    return true;
}

static bool take_char(jd_str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = (jd_str){s->p + 1, s->n - 1};
    return true;
}

static bool day_exists(int year, int month, int day)
{
    static const signed char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool                     leap   = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return year >= 1 && month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month - 1] + (month == 2 && leap);
}

static bool take_day(jd_str *s, jd_civil *c)
{
    return take_digits(s, 4, &c->year) && take_char(s, '-') && take_digits(s, 2, &c->month) &&
           take_char(s, '-') && take_digits(s, 2, &c->day) && day_exists(c->year, c->month, c->day);
}

/* HH:MM, then :SS if there; a leap second counts as the one before it. */
static bool take_clock(jd_str *s, jd_civil *c)
{
    if (!take_digits(s, 2, &c->hour) || !take_char(s, ':') || !take_digits(s, 2, &c->minute))
        return false;
    if (take_char(s, ':') && !take_digits(s, 2, &c->second))
        return false;
    if (c->hour > 23 || c->minute > 59 || c->second > 60)
        return false;
    if (c->second == 60)
        c->second = 59;
    return true;
}

/* ".5", ".123", ".123456789": what is finer than a millisecond is cut off. */
static bool take_fraction(jd_str *s, jd_civil *c)
{
    int digit, unit = 100;
    if (!take_char(s, '.'))
        return true;
    if (!take_digits(s, 1, &digit))
        return false;
    do {
        c->ms += digit * unit;
        unit /= 10;
    } while (take_digits(s, 1, &digit));
    return true;
}

/* Z, +HH, +HHMM, +HH:MM or nothing. */
static bool take_offset(jd_str *s, int *minutes)
{
    int  hours, rest = 0;
    bool minus = s->n && s->p[0] == '-';
    *minutes   = 0;
    if (s->n == 0 || take_char(s, 'Z') || take_char(s, 'z'))
        return true;
    if (!(take_char(s, '+') || take_char(s, '-')) || !take_digits(s, 2, &hours))
        return false;
    if (s->n) {
        (void)take_char(s, ':');
        if (!take_digits(s, 2, &rest))
            return false;
    }
    int all  = hours * 60 + rest;
    *minutes = minus ? -all : all;
    return rest <= 59 && all <= OFFSET_MAX;
}

bool jd_time_parse(jd_str s, int64_t *ms, int *offset_min)
{
    jd_civil c      = {0};
    int      offset = 0;
    if (!take_day(&s, &c))
        return false;
    if (s.n) {
        if (!take_char(&s, 'T') && !take_char(&s, 't') && !take_char(&s, ' '))
            return false;
        size_t before = s.n;
        if (!take_clock(&s, &c))
            return false;
        /* decimals belong to seconds */
        if ((before - s.n == 8 && !take_fraction(&s, &c)) || !take_offset(&s, &offset) || s.n)
            return false;
    }
    int64_t at = jd_civil_ms(c) - (int64_t)offset * MINUTE_MS;
    if (at < first_ms || at > last_ms)
        return false;
    *ms = at;
    if (offset_min)
        *offset_min = offset;
    return true;
}

bool jd_date_parse(jd_str s, int64_t *ms)
{
    jd_civil c = {0};
    if (!take_day(&s, &c) || s.n)
        return false;
    *ms = jd_civil_ms(c);
    return true;
}

/* Takes one of the three-letter names off the front; *index from 0. */
static bool take_name(jd_str *s, const char *names, int *index)
{
    for (int i = 0; names[i * 3]; i++)
        if (s->n >= 3 && memcmp(s->p, names + i * 3, 3) == 0) {
            *s     = (jd_str){s->p + 3, s->n - 3};
            *index = i;
            return true;
        }
    return false;
}

static bool take_text(jd_str *s, const char *text)
{
    jd_str t = jd_str_of(text);
    if (!jd_str_starts(*s, t))
        return false;
    *s = (jd_str){s->p + t.n, s->n - t.n};
    return true;
}

/* " Nov  6 08:49:37 1994" (asctime) */
static bool take_asctime(jd_str *s, jd_civil *c)
{
    if (!take_char(s, ' ') || !take_name(s, month_names, &c->month) || !take_char(s, ' '))
        return false;
    bool one_digit = take_char(s, ' ');
    return take_digits(s, one_digit ? 1 : 2, &c->day) && take_char(s, ' ') && take_clock(s, c) &&
           take_char(s, ' ') && take_digits(s, 4, &c->year);
}

/* " 06 Nov 1994 08:49:37 GMT", or with '-' and two digits of the year (RFC 850) */
static bool take_rfc(jd_str *s, jd_civil *c, char sep)
{
    if (!take_char(s, ' ') || !take_digits(s, 2, &c->day) || !take_char(s, sep) ||
        !take_name(s, month_names, &c->month) || !take_char(s, sep))
        return false;
    if (!take_digits(s, sep == '-' ? 2 : 4, &c->year))
        return false;
    if (sep == '-')
        c->year += c->year < 70 ? 2000 : 1900;
    return take_char(s, ' ') && take_clock(s, c) && take_text(s, " GMT");
}

bool jd_httpdate_parse(jd_str s, int64_t *ms)
{
    static const char *const rest_of_day[] = {"day",   "day", "sday", "nesday",
                                              "rsday", "day", "urday"};
    jd_civil                 c             = {0};
    int                      weekday;
    bool                     ok;
    if (!take_name(&s, day_names, &weekday))
        return false;
    if (take_char(&s, ','))
        ok = take_rfc(&s, &c, ' ');
    else if (take_text(&s, rest_of_day[weekday]))
        ok = take_char(&s, ',') && take_rfc(&s, &c, '-');
    else
        ok = take_asctime(&s, &c);
    c.month++; /* names count from 0 */
    if (!ok || s.n || !day_exists(c.year, c.month, c.day))
        return false;
    *ms = jd_civil_ms(c);
    return true;
}

/* Writers: digits by hand, for these run once an issue's field. Instants outside the years 0001 to
 * 9999 are written as the nearest one inside. */

static char *put(char *at, const char *text, size_t n)
{
    memcpy(at, text, n);
    return at + n;
}

static char *put_number(char *at, int v, int digits)
{
    for (int i = digits - 1; i >= 0; i--, v /= 10)
        at[i] = (char)('0' + v % 10);
    return at + digits;
}

static int64_t clamp(int64_t ms)
{
    return ms < first_ms ? first_ms : ms > last_ms ? last_ms : ms;
}

static char *put_day(char *at, const jd_civil *c)
{
    at = put_number(at, c->year, 4);
    at = put(at, "-", 1);
    at = put_number(at, c->month, 2);
    at = put(at, "-", 1);
    return put_number(at, c->day, 2);
}

static char *put_minute(char *at, const jd_civil *c)
{
    at = put_number(at, c->hour, 2);
    at = put(at, ":", 1);
    return put_number(at, c->minute, 2);
}

static char *put_clock(char *at, const jd_civil *c)
{
    at = put_minute(at, c);
    at = put(at, ":", 1);
    return put_number(at, c->second, 2);
}

char *jd_time_utc(int64_t ms, char out[JD_TIME_MAX])
{
    jd_civil c  = jd_civil_of(clamp(ms));
    char    *at = put_day(out, &c);
    at          = put(at, "T", 1);
    at          = put_clock(at, &c);
    (void)put(at, "Z", 2);
    return out;
}

static jd_civil local(int64_t ms, int offset_min)
{
    return jd_civil_of(clamp(clamp(ms) + (int64_t)offset_min * MINUTE_MS));
}

char *jd_time_jira(int64_t ms, int offset_min, char out[JD_TIME_MAX])
{
    jd_civil c    = local(ms, offset_min);
    int      away = offset_min < 0 ? -offset_min : offset_min;
    char    *at   = put_day(out, &c);
    at            = put(at, "T", 1);
    at            = put_clock(at, &c);
    at            = put(at, ".", 1);
    at            = put_number(at, c.ms, 3);
    at            = put(at, offset_min < 0 ? "-" : "+", 1);
    at            = put_number(at, away / 60 % 100, 2);
    at            = put_number(at, away % 60, 2);
    *at           = '\0';
    return out;
}

char *jd_time_http(int64_t ms, char out[JD_TIME_MAX])
{
    jd_civil c       = jd_civil_of(clamp(ms));
    int64_t  days    = days_of(c.year, c.month, c.day);
    size_t   weekday = (size_t)(((days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
    char    *at      = put(out, day_names + weekday * 3, 3);
    at               = put(at, ", ", 2);
    at               = put_number(at, c.day, 2);
    at               = put(at, " ", 1);
    at               = put(at, month_names + (size_t)(c.month - 1) * 3, 3);
    at               = put(at, " ", 1);
    at               = put_number(at, c.year, 4);
    at               = put(at, " ", 1);
    at               = put_clock(at, &c);
    (void)put(at, " GMT", 5);
    return out;
}

char *jd_time_minute(int64_t ms, int offset_min, char out[JD_TIME_MAX])
{
    jd_civil c  = local(ms, offset_min);
    char    *at = put_day(out, &c);
    at          = put(at, " ", 1);
    at          = put_minute(at, &c);
    *at         = '\0';
    return out;
}

char *jd_time_day(int64_t ms, char out[JD_TIME_MAX])
{
    jd_civil c        = jd_civil_of(clamp(ms));
    *put_day(out, &c) = '\0';
    return out;
}

char *jd_duration(int64_t ms, char out[JD_TIME_MAX])
{
    int64_t s = ms < 0 ? 0 : ms / 1000;
    if (s < 60)
        (void)snprintf(out, JD_TIME_MAX, "%d s", (int)s);
    else if (s < 3600)
        (void)snprintf(out, JD_TIME_MAX, "%d min %02d s", (int)(s / 60), (int)(s % 60));
    else
        (void)snprintf(out, JD_TIME_MAX, "%lld h %02d min", (long long)(s / 3600),
                       (int)(s / 60 % 60));
    return out;
}
