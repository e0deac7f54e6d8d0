/* Date operands: quoted minutes, epoch milliseconds, relative times and functions. */
#include "sim/jql_ast.h"

#include <string.h>

typedef enum period { P_DAY, P_WEEK, P_MONTH, P_YEAR, P_NONE } period;

typedef struct date_function {
    const char *name;
    period      period;
    bool        end;
} date_function;

static const date_function functions[] = {
    {"now", P_NONE, false},        {"startOfDay", P_DAY, false},
    {"endOfDay", P_DAY, true},     {"startOfWeek", P_WEEK, false},
    {"endOfWeek", P_WEEK, true},   {"startOfMonth", P_MONTH, false},
    {"endOfMonth", P_MONTH, true}, {"startOfYear", P_YEAR, false},
    {"endOfYear", P_YEAR, true},
};

static const date_function *function_named(jd_str name)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (jd_str_ieq(name, jd_str_of(functions[i].name)))
            return &functions[i];
    return NULL;
}

bool sim_date_function(jd_str name)
{
    return function_named(name) != NULL;
}

static int64_t floor_to(int64_t v, int64_t unit)
{
    int64_t rest = v % unit;
    return v - (rest < 0 ? rest + unit : rest);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take_number(jd_str *s, size_t least, size_t most, int64_t *v)
{
    size_t n = 0;
    for (*v = 0; n < s->n && n < most && is_digit(s->p[n]); n++)
        *v = *v * 10 + (s->p[n] - '0');
    if (n < least)
        return false;
    *s = jd_str_cut(*s, n, s->n);
    return true;
}

static bool take(jd_str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = jd_str_cut(*s, 1, s->n);
    return true;
}

bool sim_date_literal(jd_str s, sim_civil *c)
{
    int64_t month, day, hour = 0, minute = 0;
    if (!take_number(&s, 4, 4, &c->year) || s.n == 0)
        return false;
    char dash = s.p[0] == '/' ? '/' : '-';
    if (!take(&s, dash) || !take_number(&s, 1, 2, &month) || !take(&s, dash) ||
        !take_number(&s, 1, 2, &day))
        return false;
    if (s.n > 0 && (!take(&s, ' ') || !take_number(&s, 1, 2, &hour) || !take(&s, ':') ||
                    !take_number(&s, 2, 2, &minute) || s.n > 0))
        return false;
    c->month  = (int)month;
    c->day    = (int)day;
    c->hour   = (int)hour;
    c->minute = (int)minute;
    return sim_civil_ok(c);
}

/* "-30d", "4w 2d", "+3h": one sign for all parts. Bounded, so that adding it never overflows. */
static bool read_relative(jd_str s, int64_t *seconds)
{
    bool    minus = take(&s, '-');
    int64_t total = 0;
    if (!minus)
        take(&s, '+');
    do {
        int64_t n, unit;
        s = jd_str_trim(s);
        if (!take_number(&s, 1, 9, &n) || s.n == 0)
            return false;
        switch (s.p[0] | 0x20) {
        case 'm':
            unit = 60;
            break;
        case 'h':
            unit = 3600;
            break;
        case 'd':
            unit = 86400;
            break;
        case 'w':
            unit = 7 * 86400;
            break;
        default:
            return false;
        }
        s = jd_str_cut(s, 1, s.n);
        total += n * unit;
        if (total > INT64_C(1000000000000))
            return false;
    } while (s.n > 0);
    *seconds = minus ? -total : total;
    return true;
}

/* ---- functions */

/* Whole units to move by, and which: "-1", "+2w". The unit given, or the function's own. */
static bool read_increment(jd_str s, int64_t *n, char *unit)
{
    bool minus = take(&s, '-');
    if (!minus)
        take(&s, '+');
    if (!take_number(&s, 1, 6, n))
        return false;
    if (s.n > 1 || (s.n == 1 && !strchr("yMwdhm", s.p[0])))
        return false;
    if (s.n == 1)
        *unit = s.p[0];
    *n = minus ? -*n : *n;
    return true;
}

static void add_months(sim_civil *c, int64_t n)
{
    int64_t months = c->year * 12 + c->month - 1 + n;
    c->month       = (int)(months - floor_to(months, 12)) + 1;
    c->year        = floor_to(months, 12) / 12;
    while (c->day > 28 && !sim_civil_ok(c))
        c->day--;
}

static int64_t moved(const sim_zone *z, int64_t ms, int64_t n, char unit)
{
    sim_civil c = sim_civil_of(z, ms);
    switch (unit) {
    case 'y':
    case 'M':
        add_months(&c, unit == 'y' ? n * 12 : n);
        return sim_civil_instant(z, &c);
    case 'h':
        return ms + n * 3600000;
    case 'm':
        return ms + n * 60000;
    default: { /* days by the wall clock, not by 24 hours */
        int64_t   days = unit == 'w' ? n * 7 : n;
        sim_civil day  = sim_civil_of(NULL, sim_civil_utc(&c) + days * 86400000);
        return sim_civil_instant(z, &day);
    }
    }
}

static int64_t start_of(const sim_zone *z, int64_t ms, period p)
{
    sim_civil c = sim_civil_of(z, ms);
    c.hour = c.minute = c.second = c.ms = 0;
    if (p == P_WEEK) { /* weeks start on Sunday: 1970-01-01 was a Thursday */
        int64_t day  = floor_to(sim_civil_utc(&c), 86400000) / 86400000;
        int64_t past = day + 4 - floor_to(day + 4, 7);
        c            = sim_civil_of(NULL, (day - past) * 86400000);
    }
    if (p == P_MONTH || p == P_YEAR)
        c.day = 1;
    if (p == P_YEAR)
        c.month = 1;
    return sim_civil_instant(z, &c);
}

static bool call(sim_binder *b, jd_str field, const sim_operand *v, int64_t *ms)
{
    static const char    units[] = {'d', 'w', 'M', 'y'};
    const date_function *f       = function_named(v->text);
    const sim_zone      *z       = b->env->zone;
    int64_t              n = 0, now = b->env->now_ms;
    if (!f) {
        sim_bind_complain(b,
                          "A value provided by the function '%.*s' is invalid for the field "
                          "'%.*s'.",
                          JD_FMT(v->text), JD_FMT(field));
        return false;
    }
    size_t most = f->period == P_NONE ? 0 : 1;
    if (v->children > most) {
        sim_bind_complain(b, "Function '%s' expected '%zu' arguments but received '%zu'.", f->name,
                          most, v->children);
        return false;
    }
    if (f->period == P_NONE) {
        *ms = now;
        return true;
    }
    char unit = units[f->period];
    if (v->child && !read_increment(jd_str_trim(v->child->text), &n, &unit)) {
        sim_bind_complain(b,
                          "Duration for function '%s' should have the format (+/-)n(yMwdm), e.g "
                          "-1M for 1 month earlier.",
                          f->name);
        return false;
    }
    int64_t at = moved(z, now, n, unit);
    *ms        = start_of(z, at, f->period);
    if (f->end) {
        int64_t next = moved(z, *ms, 1, units[f->period]);
        *ms          = next - 1;
    }
    return true;
}

static bool epoch(const sim_jql_env *env, int64_t number, int64_t *ms)
{
    const int64_t most = INT64_C(8640000000000000); /* what Java's dates hold in every calendar */
    if (env->no_epoch)
        return false;
    *ms = number < -most ? -most : number > most ? most : number;
    if (env->floor_epoch)
        *ms = floor_to(*ms, 60000);
    return true;
}

bool sim_bind_date(sim_binder *b, jd_str field, const sim_operand *v, int64_t *seconds)
{
    const sim_jql_env *env = b->env;
    sim_civil          c   = {0};
    int64_t            ms  = 0, delta;
    bool               ok  = true;
    if (v->kind == SIM_V_FUNCTION) {
        if (!call(b, field, v, &ms))
            return false;
    } else if (v->kind == SIM_V_NUMBER) {
        ok = epoch(env, v->number, &ms);
    } else if (sim_date_literal(jd_str_trim(v->text), &c)) {
        ms = sim_civil_instant(env->zone, &c);
    } else if (read_relative(jd_str_trim(v->text), &delta)) {
        ms = env->now_ms + delta * 1000;
    } else {
        ok = false;
    }
    if (!ok)
        sim_bind_complain(b,
                          "Date value '%.*s' for field '%.*s' is invalid. Valid formats include: "
                          "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or "
                          "a period format e.g. '-5d', '4w 2d'.",
                          JD_FMT(v->text), JD_FMT(field));
    *seconds = floor_to(ms, 1000) / 1000;
    return ok;
}
