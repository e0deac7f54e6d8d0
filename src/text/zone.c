#include "text/zone.h"

#include "text/date.h"

#include <string.h>

enum { HOUR = 3600, DAY = 86400, OFFSET_MAX = 26 * HOUR, NAME_MAX_BYTES = 64 };

/* When summer time begins or ends, in one of the three ways of POSIX TZ (8.3). */
typedef struct rule {
    enum { RULE_JULIAN, RULE_DAY, RULE_WEEKDAY } kind;
    int     month, week, day; /* Mm.w.d; the other two have the day only */
    int64_t time;             /* seconds after local midnight; may be negative or past a day */
} rule;

typedef struct footer {
    bool there, summer; /* summer: two offsets and the rules between them */
    int  standard, daylight;
    rule begin, end;
} footer;

struct jd_zone {
    size_t         n; /* transitions */
    int64_t       *at;
    unsigned char *type; /* the offset that holds from at[i] on */
    int           *offset;
    int            first; /* before all transitions */
    footer         tail;  /* after the last one */
};

static jd_code no_zone(jd_err *e, const char *why)
{
    return jd_fail(e, JD_E_DATA, "not a time zone file: %s", why);
}

static int64_t big_endian(const char *p, size_t bytes)
{
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; i++)
        v = v << 8 | (unsigned char)p[i];
    if (bytes == 4)
        return (int32_t)(uint32_t)v;
    return (int64_t)v;
}

/* The POSIX TZ rule in the footer: "CET-1CEST,M3.5.0,M10.5.0/3". Each take_ moves *s forward. */

static bool take_char(jd_str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = (jd_str){s->p + 1, s->n - 1};
    return true;
}

static bool take_number(jd_str *s, int most, int *out)
{
    int    v = 0;
    size_t n = 0;
    for (; n < s->n && s->p[n] >= '0' && s->p[n] <= '9'; n++) {
        v = v * 10 + (s->p[n] - '0');
        if (v > most)
            return false;
    }
    *s   = (jd_str){s->p + n, s->n - n};
    *out = v;
    return n > 0;
}

/* Letters, or anything in <>; what it is called does not matter here. */
static bool take_abbreviation(jd_str *s)
{
    size_t n = 0;
    if (take_char(s, '<')) {
        n = jd_str_find(*s, '>');
        if (n == s->n || n == 0)
            return false;
        *s = (jd_str){s->p + n + 1, s->n - n - 1};
        return true;
    }
    while (n < s->n && ((s->p[n] >= 'A' && s->p[n] <= 'Z') || (s->p[n] >= 'a' && s->p[n] <= 'z')))
        n++;
    *s = (jd_str){s->p + n, s->n - n};
    return n >= 3;
}

/* [+-]h[h[h]][:mm[:ss]] in seconds */
static bool take_hms(jd_str *s, int most_hours, int64_t *out)
{
    int  h, m = 0, sec = 0;
    bool minus = take_char(s, '-');
    if (!minus)
        (void)take_char(s, '+');
    if (!take_number(s, most_hours, &h))
        return false;
    if (take_char(s, ':')) {
        if (!take_number(s, 59, &m))
            return false;
        if (take_char(s, ':') && !take_number(s, 59, &sec))
            return false;
    }
    int64_t all = (int64_t)h * HOUR + m * 60 + sec;
    *out        = minus ? -all : all;
    return true;
}

static bool take_rule(jd_str *s, rule *r)
{
    *r = (rule){.time = 2 * HOUR};
    if (!take_char(s, ','))
        return false;
    if (take_char(s, 'M')) {
        r->kind = RULE_WEEKDAY;
        if (!take_number(s, 12, &r->month) || !take_char(s, '.') || !take_number(s, 5, &r->week) ||
            !take_char(s, '.') || !take_number(s, 6, &r->day) || r->month < 1 || r->week < 1)
            return false;
    } else {
        r->kind = take_char(s, 'J') ? RULE_JULIAN : RULE_DAY;
        if (!take_number(s, 365, &r->day) || (r->kind == RULE_JULIAN && r->day < 1))
            return false;
    }
    return !take_char(s, '/') || take_hms(s, 167, &r->time);
}

static bool parse_footer(jd_str s, footer *f)
{
    int64_t west;
    if (s.n == 0)
        return true; /* no rule: the last offset holds for ever */
    f->there = true;
    if (!take_abbreviation(&s) || !take_hms(&s, 24, &west))
        return false;
    f->standard = (int)-west;
    if (s.n == 0)
        return true;
    f->summer   = true;
    f->daylight = f->standard + HOUR;
    if (!take_abbreviation(&s))
        return false;
    if (s.n && s.p[0] != ',') {
        if (!take_hms(&s, 24, &west))
            return false;
        f->daylight = (int)-west;
    }
    return take_rule(&s, &f->begin) && take_rule(&s, &f->end) && s.n == 0;
}

/* The file: a header, 32-bit data, and from version 2 on again with 64 bits, then the footer. */

typedef struct header {
    char     version;
    uint32_t isut, isstd, leap, time, type, chars;
} header;

enum { HEADER_BYTES = 44 };

static bool read_header(jd_str s, header *h)
{
    if (s.n < HEADER_BYTES || memcmp(s.p, "TZif", 4) != 0)
        return false;
    uint32_t *field[] = {&h->isut, &h->isstd, &h->leap, &h->time, &h->type, &h->chars};
    h->version        = s.p[4];
    for (size_t i = 0; i < 6; i++)
        *field[i] = (uint32_t)big_endian(s.p + 20 + i * 4, 4);
    return true;
}

static uint64_t data_bytes(const header *h, uint64_t wide)
{
    return h->time * (wide + 1) + h->type * UINT64_C(6) + h->chars + h->leap * (wide + 4) +
           h->isstd + (uint64_t)h->isut;
}

static jd_code read_data(jd_arena *a, jd_str s, const header *h, size_t wide, jd_zone *z, jd_err *e)
{
    if (data_bytes(h, wide) > s.n)
        return no_zone(e, "it is cut short");
    if (h->type == 0 || h->type > 256)
        return no_zone(e, "it has no offset, or too many");
    const char *types = s.p + (size_t)h->time * wide, *infos = types + h->time;
    z->n      = h->time;
    z->at     = JD_NEW_ARRAY(a, int64_t, z->n);
    z->type   = JD_NEW_ARRAY(a, unsigned char, z->n);
    z->offset = JD_NEW_ARRAY(a, int, h->type);
    for (size_t i = 0; i < h->type; i++) {
        int64_t offset = big_endian(infos + i * 6, 4);
        if (offset < -OFFSET_MAX || offset > OFFSET_MAX)
            return no_zone(e, "an offset is more than 26 hours");
        z->offset[i] = (int)offset;
    }
    for (size_t i = 0; i < z->n; i++) {
        z->at[i]   = big_endian(s.p + i * wide, wide);
        z->type[i] = (unsigned char)types[i];
        if (z->type[i] >= h->type)
            return no_zone(e, "a transition names an offset that is not there");
        if (i && z->at[i] <= z->at[i - 1])
            return no_zone(e, "its transitions are out of order");
    }
    z->first = z->offset[0];
    return JD_OK;
}

jd_code jd_zone_read(jd_arena *a, jd_str tzif, const jd_zone **out, jd_err *e)
{
    header   h;
    jd_zone *z = JD_NEW(a, jd_zone);
    if (!read_header(tzif, &h))
        return no_zone(e, "it does not begin with TZif");
    jd_str rest = {tzif.p + HEADER_BYTES, tzif.n - HEADER_BYTES};
    if (h.version == '\0') {
        jd_code code = read_data(a, rest, &h, 4, z, e);
        if (code == JD_OK)
            *out = z;
        return code;
    }
    uint64_t skip = data_bytes(&h, 4);
    if (skip > rest.n)
        return no_zone(e, "it is cut short");
    rest = (jd_str){rest.p + skip, rest.n - (size_t)skip};
    if (!read_header(rest, &h))
        return no_zone(e, "its second part is missing");
    rest         = (jd_str){rest.p + HEADER_BYTES, rest.n - HEADER_BYTES};
    jd_code code = read_data(a, rest, &h, 8, z, e);
    if (code != JD_OK)
        return code;
    rest = jd_str_cut(rest, (size_t)data_bytes(&h, 8), rest.n);
    if (!take_char(&rest, '\n') || jd_str_find(rest, '\n') == rest.n)
        return no_zone(e, "its last line is missing");
    if (!parse_footer(jd_str_cut(rest, 0, jd_str_find(rest, '\n')), &z->tail))
        return no_zone(e, "the rule in its last line cannot be read");
    *out = z;
    return JD_OK;
}

bool jd_zone_name_ok(jd_str name)
{
    jd_str rest = name, piece;
    if (name.n == 0 || name.n > NAME_MAX_BYTES)
        return false;
    while (jd_str_split(&rest, '/', &piece)) {
        if (piece.n == 0 || piece.p[0] == '-' || piece.p[0] == '+')
            return false;
        for (size_t i = 0; i < piece.n; i++) {
            char c = piece.p[i];
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-' || c == '+'))
                return false;
        }
    }
    return true;
}

static int64_t midnight(int year, int month, int day)
{
    return jd_civil_ms((jd_civil){.year = year, .month = month, .day = day}) / 1000;
}

/* The rule's instant in a year, as local seconds (without an offset taken off). */
static int64_t rule_seconds(const rule *r, int year)
{
    int64_t day = midnight(year, 1, 1);
    bool    leap;
    switch (r->kind) {
    case RULE_JULIAN: /* 1 to 365; 29 February is never counted */
        leap = midnight(year, 3, 1) - midnight(year, 2, 1) == 29 * DAY;
        day += (int64_t)(r->day - 1 + (leap && r->day > 59)) * DAY;
        break;
    case RULE_DAY:
        day += (int64_t)r->day * DAY;
        break;
    default: {
        int64_t first = midnight(year, r->month, 1), next = midnight(year, r->month + 1, 1);
        int     weekday = (int)(((first / DAY + 4) % 7 + 7) % 7); /* 1970-01-01: Thursday */
        day = first + ((int64_t)((r->day - weekday + 7) % 7) + (int64_t)(r->week - 1) * 7) * DAY;
        while (day >= next) /* week 5 is the last one */
            day -= 7 * DAY;
    }
    }
    return day + r->time;
}

static int year_of(int64_t seconds)
{
    return jd_civil_of(seconds * 1000).year;
}

/* The rule's two changes in a year, as instants: into daylight saving time, out of it. */
static void rule_changes(const footer *f, int year, int64_t at[2])
{
    at[0] = rule_seconds(&f->begin, year) - f->standard;
    at[1] = rule_seconds(&f->end, year) - f->daylight;
}

static int footer_offset(const footer *f, int64_t seconds)
{
    int     year = year_of(seconds), offset = f->standard;
    int64_t latest = INT64_MIN;
    if (!f->summer)
        return f->standard;
    /* the last change before this instant; of two at once, the later year's beginning holds */
    for (int y = year - 1; y <= year + 1; y++) {
        int64_t at[2];
        rule_changes(f, y, at);
        for (int i = 0; i < 2; i++)
            if (at[i] <= seconds && at[i] >= latest) {
                latest = at[i];
                offset = i == 0 ? f->daylight : f->standard;
            }
    }
    return offset;
}

/* Of the years that jd_civil_of can tell; beyond them nothing has an offset worth knowing. */
static int64_t to_seconds(int64_t ms)
{
    const int64_t most = 253402300799999; /* the end of the year 9999 */
    ms                 = ms < -most ? -most : ms > most ? most : ms;
    return jd_floor_ms(ms, 1000) / 1000;
}

static int offset_at(const jd_zone *z, int64_t seconds)
{
    size_t low = 0, high = z->n; /* transitions at or before the instant */
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (z->at[mid] <= seconds)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == z->n && z->tail.there)
        return footer_offset(&z->tail, seconds);
    return low ? z->offset[z->type[low - 1]] : z->first;
}

int jd_zone_offset(const jd_zone *z, int64_t ms)
{
    return offset_at(z, to_seconds(ms));
}

/* The size of a change, if it is near enough to matter. */
static int64_t doubt_of(const jd_zone *z, int64_t at, int64_t ms)
{
    int64_t size = ((int64_t)offset_at(z, at) - offset_at(z, at - 1)) * 1000, away;
    if (size < 0)
        size = -size;
    if (__builtin_sub_overflow(ms, at * 1000, &away))
        return 0;
    return away >= -2 * size && away <= 2 * size ? size : 0;
}

int64_t jd_zone_doubt(const jd_zone *z, int64_t ms)
{
    int64_t most = 0, reach = 4 * (int64_t)OFFSET_MAX, at = to_seconds(ms);
    for (size_t i = 0; i < z->n && z->at[i] <= at + reach; i++) {
        int64_t doubt = z->at[i] < at - reach ? 0 : doubt_of(z, z->at[i], ms);
        most          = doubt > most ? doubt : most;
    }
    for (int year = year_of(at) - 1; z->tail.summer && year <= year_of(at) + 1; year++) {
        int64_t change[2];
        rule_changes(&z->tail, year, change);
        for (int i = 0; i < 2; i++) {
            int64_t doubt = doubt_of(z, change[i], ms);
            most          = doubt > most ? doubt : most;
        }
    }
    return most;
}
