#include "sim/zone.h"

#include "base/arena.h"
#include "base/vec.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

typedef struct span { /* from this second on, this offset holds */
    int64_t from;
    int32_t offset;
} span;

struct sim_zone {
    char *name;
    JD_VEC(span) spans; /* ascending, the first one from the beginning of time */
};

enum { DAY = 86400 };

static const int64_t first_second = -2177452800; /* 1901-01-01 */
static const int64_t last_second  = 4133980800;  /* 2101-01-01 */

/* ---- civil dates: the year's months counted from March, so that the leap day comes last */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t days_of(int64_t year, int month, int day)
{
    int64_t y   = month <= 2 ? year - 1 : year;
    int     m   = month <= 2 ? month + 9 : month - 3;
    int64_t era = y * 365 + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400);
    return era + (153 * m + 2) / 5 + day - 1 - 719468; /* 0000-03-01 to 1970-01-01 */
}

static bool leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap(year) ? 29 : days[month - 1];
}

bool sim_civil_ok(const sim_civil *c)
{
    return c->year >= 0 && c->year <= 9999 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= month_days(c->year, c->month) && c->hour >= 0 && c->hour <= 23 &&
           c->minute >= 0 && c->minute <= 59 && c->second >= 0 && c->second <= 59 && c->ms >= 0 &&
           c->ms <= 999;
}

int64_t sim_civil_utc(const sim_civil *c)
{
    int64_t seconds =
        days_of(c->year, c->month, c->day) * DAY + c->hour * 3600 + c->minute * 60 + c->second;
    return seconds * 1000 + c->ms;
}

sim_civil sim_civil_of(const sim_zone *z, int64_t ms)
{
    int64_t   local  = ms + (int64_t)sim_zone_offset(z, ms) * 1000;
    int64_t   day    = floor_div(local, (int64_t)DAY * 1000);
    int64_t   in_day = local - day * DAY * 1000;
    sim_civil c      = {.hour   = (int)(in_day / 3600000),
                        .minute = (int)(in_day / 60000 % 60),
                        .second = (int)(in_day / 1000 % 60),
                        .ms     = (int)(in_day % 1000)};
    /* The average year gives a guess that is off by one at most. */
    c.year = floor_div((day + 719528) * 400, 146097);
    while (days_of(c.year, 1, 1) > day)
        c.year--;
    while (days_of(c.year + 1, 1, 1) <= day)
        c.year++;
    int64_t left = day - days_of(c.year, 1, 1);
    for (c.month = 1; left >= month_days(c.year, c.month); c.month++)
        left -= month_days(c.year, c.month);
    c.day = (int)left + 1;
    return c;
}

/* ---- zones */

static int32_t libc_offset(int64_t second)
{
    time_t    t = (time_t)second;
    struct tm tm;
    return localtime_r(&t, &tm) ? (int32_t)tm.tm_gmtoff : 0;
}

/* The first second of (a, b] whose offset is not that of a. */
static int64_t change_in(int64_t a, int64_t b, int32_t offset_a)
{
    while (b - a > 1) {
        int64_t middle = a + (b - a) / 2;
        if (libc_offset(middle) == offset_a)
            a = middle;
        else
            b = middle;
    }
    return b;
}

static void read_spans(sim_zone *z)
{
    int32_t offset         = libc_offset(first_second);
    *jd_vec_add(&z->spans) = (span){INT64_MIN, offset};
    const int64_t step     = 4 * DAY; /* no zone changed and changed back within so few days */
    for (int64_t at = first_second; at < last_second; at += step) {
        int64_t from = at;
        for (int32_t now = libc_offset(at + step); now != offset;) {
            from                   = change_in(from, at + step, offset);
            offset                 = libc_offset(from);
            *jd_vec_add(&z->spans) = (span){from, offset};
        }
    }
}

static bool name_is_safe(jd_str name)
{
    if (name.n == 0 || name.n > 64 || name.p[0] == '/')
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c  = name.p[i];
        bool ok = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '/' || c == '_' || c == '-' || c == '+';
        if (!ok)
            return false;
    }
    return true;
}

static bool zone_exists(const char *name)
{
    if (strcmp(name, "UTC") == 0 || strcmp(name, "Etc/UTC") == 0 || strcmp(name, "GMT") == 0)
        return true;
    char        path[128] = "/usr/share/zoneinfo/";
    struct stat st;
    memcpy(path + strlen(path), name, strlen(name) + 1);
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

sim_zone *sim_zone_open(jd_str name)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    char                   plain[65], tz[80];
    if (!name_is_safe(name))
        return NULL;
    memcpy(plain, name.p, name.n);
    plain[name.n] = 0;
    if (!zone_exists(plain))
        return NULL;
    sim_zone *z = jd_xcalloc(1, sizeof *z);
    z->name     = jd_xstrdup(plain);
    tz[0]       = ':';
    memcpy(tz + 1, plain, name.n + 1);
    pthread_mutex_lock(&one_at_a_time);
    const char *was  = secure_getenv("TZ");
    char       *kept = was ? jd_xstrdup(was) : NULL;
    setenv("TZ", tz, 1);
    tzset();
    read_spans(z);
    if (kept)
        setenv("TZ", kept, 1);
    else
        unsetenv("TZ");
    tzset();
    pthread_mutex_unlock(&one_at_a_time);
    free(kept);
    return z;
}

void sim_zone_free(sim_zone *z)
{
    if (!z)
        return;
    jd_vec_release(&z->spans);
    free(z->name);
    free(z);
}

jd_str sim_zone_name(const sim_zone *z)
{
    return z ? jd_str_of(z->name) : JD_STR("UTC");
}

int32_t sim_zone_offset(const sim_zone *z, int64_t ms)
{
    if (!z)
        return 0;
    int64_t second = floor_div(ms, 1000);
    size_t  lo = 0, hi = z->spans.n;
    while (hi - lo > 1) {
        size_t middle = lo + (hi - lo) / 2;
        if (z->spans.v[middle].from <= second)
            lo = middle;
        else
            hi = middle;
    }
    return z->spans.v[lo].offset;
}

int64_t sim_civil_instant(const sim_zone *z, const sim_civil *c)
{
    int64_t local = sim_civil_utc(c);
    if (!z)
        return local;
    int64_t around[2] = {sim_zone_offset(z, local - (int64_t)DAY * 1000),
                         sim_zone_offset(z, local + (int64_t)DAY * 1000)};
    /* Set back: both offsets give this wall clock, the smaller one later. Set forward: neither
     * does, and the offset before the change moves the time on by the gap. */
    int64_t after = local - around[1] * 1000, before = local - around[0] * 1000;
    if (sim_zone_offset(z, after) == around[1])
        return after;
    return before;
}

/* ---- Jira's dates */

static void digits(char *p, int n, int64_t v)
{
    for (int i = n; i-- > 0; v /= 10)
        p[i] = (char)('0' + v % 10);
}

void sim_date_put(char out[SIM_DATE_LEN], const sim_zone *z, int64_t ms)
{
    const int64_t least = -62167132800000 /* 0000-01-02 */, most = 253402214399999; /* 9999-12-30 */
    ms                = ms < least ? least : ms > most ? most : ms;
    sim_civil c       = sim_civil_of(z, ms);
    int32_t   east    = sim_zone_offset(z, ms) / 60;
    int32_t   minutes = east < 0 ? -east : east;
    memcpy(out, "yyyy-mm-ddThh:mm:ss.fff+zzzz", SIM_DATE_LEN);
    digits(out, 4, c.year);
    digits(out + 5, 2, c.month);
    digits(out + 8, 2, c.day);
    digits(out + 11, 2, c.hour);
    digits(out + 14, 2, c.minute);
    digits(out + 17, 2, c.second);
    digits(out + 20, 3, c.ms);
    out[23] = east < 0 ? '-' : '+';
    digits(out + 24, 2, minutes / 60);
    digits(out + 26, 2, minutes % 60);
}

void sim_date_write(jd_buf *out, const sim_zone *z, int64_t ms)
{
    char text[SIM_DATE_LEN];
    sim_date_put(text, z, ms);
    jd_buf_add(out, text, sizeof text);
}

/* Takes exactly n digits off the front of *s. */
static bool take_digits(jd_str *s, size_t n, int *out)
{
    if (s->n < n)
        return false;
    int v = 0;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        v = v * 10 + (s->p[i] - '0');
    }
    *s   = jd_str_cut(*s, n, s->n);
    *out = v;
    return true;
}

static bool take_char(jd_str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = jd_str_cut(*s, 1, s->n);
    return true;
}

static bool take_offset(jd_str *s, int64_t *seconds)
{
    *seconds = 0;
    if (take_char(s, 'Z'))
        return true;
    bool west  = s->n > 0 && s->p[0] == '-';
    int  hours = 0, minutes = 0;
    if (!take_char(s, west ? '-' : '+') || !take_digits(s, 2, &hours))
        return false;
    take_char(s, ':');
    if (!take_digits(s, 2, &minutes) || hours > 18 || minutes > 59)
        return false;
    *seconds = (west ? -1 : 1) * ((int64_t)hours * 3600 + minutes * 60);
    return true;
}

bool sim_date_read(jd_str s, int64_t *ms)
{
    sim_civil c = {0};
    int       year;
    int64_t   east;
    if (!take_digits(&s, 4, &year) || !take_char(&s, '-') || !take_digits(&s, 2, &c.month) ||
        !take_char(&s, '-') || !take_digits(&s, 2, &c.day) || !take_char(&s, 'T') ||
        !take_digits(&s, 2, &c.hour) || !take_char(&s, ':') || !take_digits(&s, 2, &c.minute) ||
        !take_char(&s, ':') || !take_digits(&s, 2, &c.second))
        return false;
    c.year = year;
    if (take_char(&s, '.') && !take_digits(&s, 3, &c.ms))
        return false;
    if (!take_offset(&s, &east) || s.n != 0 || !sim_civil_ok(&c))
        return false;
    *ms = sim_civil_utc(&c) - east * 1000;
    return true;
}
