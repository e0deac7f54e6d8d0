#include "chart/scale.h"

#include "text/date.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DAY_MS  86400000.0
#define MINUTE  60.0
#define HOUR    3600.0
#define DAY     86400.0
#define MONTH   (365.25 / 12 * DAY)
#define YEAR    (365.25 * DAY)
#define CLEARLY 1e-9

double jd_scale_at(const jd_scale *s, double v)
{
    double lo = s->lo, hi = s->hi;
    v = v < lo ? lo : v > hi ? hi : v;
    if (s->log) {
        lo = log(lo);
        hi = log(hi);
        v  = log(v);
    }
    return hi - lo > CLEARLY ? s->from + (v - lo) / (hi - lo) * (s->to - s->from) : s->from;
}

static void add(jd_ticks *t, double at, const char *text)
{
    if (t->n == JD_TICKS_MAX)
        return;
    t->at[t->n] = at;
    (void)snprintf(t->text[t->n++], JD_TICK_TEXT, "%s", text);
}

/* -- counts ---------------------------------------------------------------------------------- */

static void add_count(jd_ticks *t, uint64_t n)
{
    if (t->n == JD_TICKS_MAX)
        return;
    char  *to = t->text[t->n];
    double v  = (double)n;
    if (n >= 1000000)
        (void)snprintf(to, JD_TICK_TEXT, "%gM", v / 1e6);
    else if (n >= 10000)
        (void)snprintf(to, JD_TICK_TEXT, "%gk", v / 1e3);
    else if (n >= 1000)
        (void)snprintf(to, JD_TICK_TEXT, "%d,%03d", (int)(n / 1000), (int)(n % 1000));
    else
        (void)snprintf(to, JD_TICK_TEXT, "%d", (int)n);
    t->at[t->n++] = v;
}

void jd_ticks_count(jd_ticks *t, double hi, unsigned most)
{
    static const unsigned rounds[] = {1, 2, 5};
    uint64_t              step = 1, power = 1;
    for (unsigned i = 0; hi > (double)step * most; i++) {
        if (i && i % 3 == 0)
            power *= 10;
        step = rounds[i % 3] * power;
    }
    t->n = 0;
    for (uint64_t v = 0;; v += step) {
        add_count(t, v);
        if ((double)v >= hi && v > 0)
            break;
    }
}

/* -- durations ------------------------------------------------------------------------------- */

void jd_ticks_duration(jd_ticks *t, double lo, double hi)
{
    static const struct {
        double      at;
        const char *text;
    } all[] = {
        {MINUTE, "1 min"},   {10 * MINUTE, "10 min"}, {HOUR, "1 h"},      {6 * HOUR, "6 h"},
        {DAY, "1 d"},        {3 * DAY, "3 d"},        {7 * DAY, "1 wk"},  {MONTH, "1 mo"},
        {3 * MONTH, "3 mo"}, {YEAR, "1 yr"},          {3 * YEAR, "3 yr"}, {10 * YEAR, "10 yr"},
        {30 * YEAR, "30 yr"}};
    size_t n = sizeof all / sizeof *all, from = 0, to = n - 1;
    while (from + 2 < n && all[from + 1].at <= lo)
        from++;
    while (to > from + 1 && all[to - 1].at >= hi)
        to--;
    t->n = 0;
    for (size_t i = from; i <= to; i++)
        add(t, all[i].at, all[i].text);
}

void jd_put_duration(jd_buf *out, double seconds)
{
    if (seconds < HOUR)
        jd_buf_addf(out, "%.0f min", seconds / MINUTE);
    else if (seconds < 2 * DAY)
        jd_buf_addf(out, "%.1f h", seconds / HOUR);
    else if (seconds < 9.95 * DAY)
        jd_buf_addf(out, "%.1f d", seconds / DAY);
    else if (seconds < 2 * YEAR)
        jd_buf_addf(out, "%.0f d", seconds / DAY);
    else
        jd_buf_addf(out, "%.1f yr", seconds / YEAR);
}

/* -- instants -------------------------------------------------------------------------------- */

typedef struct unit { /* a step of the calendar */
    int days, months; /* one of them */
} unit;

/* The first beginning of such a step that is not before `ms`. */
static jd_civil first(const unit *u, int64_t ms)
{
    int64_t  day = jd_floor_ms(ms, (int64_t)DAY_MS);
    jd_civil c;
    if (u->days) {
        int64_t n     = day / (int64_t)DAY_MS;
        int64_t since = n - (u->days % 7 == 0 ? 4 : 0); /* 1970-01-05 was a Monday */
        int64_t late  = ((since % u->days) + u->days) % u->days;
        return jd_civil_of((late       ? n + u->days - late
                            : day < ms ? n + u->days
                                       : n) *
                           (int64_t)DAY_MS);
    }
    c     = jd_civil_of(ms);
    int m = c.year * 12 + c.month - 1;
    if (jd_civil_ms((jd_civil){.year = c.year, .month = c.month, .day = 1}) < ms)
        m++;
    m += (u->months - m % u->months) % u->months;
    return (jd_civil){.year = m / 12, .month = m % 12 + 1, .day = 1};
}

static int64_t next(const unit *u, int64_t ms)
{
    jd_civil c = jd_civil_of(ms);
    int      m = c.year * 12 + c.month - 1 + u->months;
    if (u->days)
        return ms + u->days * (int64_t)DAY_MS;
    return jd_civil_ms((jd_civil){.year = m / 12, .month = m % 12 + 1, .day = 1});
}

static void name(const unit *u, int64_t ms, char out[JD_TICK_TEXT])
{
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    jd_civil          c           = jd_civil_of(ms);
    if (u->days)
        (void)snprintf(out, JD_TICK_TEXT, "%d %s", c.day, months[c.month - 1]);
    else if (u->months % 12)
        (void)snprintf(out, JD_TICK_TEXT, "%s %d", months[c.month - 1], c.year);
    else
        (void)snprintf(out, JD_TICK_TEXT, "%d", c.year);
}

static unsigned count(const unit *u, int64_t from, int64_t to, unsigned most)
{
    unsigned n = 0;
    for (int64_t at = jd_civil_ms(first(u, from)); at <= to && n <= most; at = next(u, at))
        n++;
    return n;
}

void jd_ticks_time(jd_ticks *t, int64_t from, int64_t to, unsigned most)
{
    static const unit units[] = {{1, 0}, {2, 0},  {7, 0},  {14, 0}, {0, 1},   {0, 2},  {0, 3},
                                 {0, 6}, {0, 12}, {0, 24}, {0, 60}, {0, 120}, {0, 240}};
    size_t            i       = 0;
    while (i + 1 < sizeof units / sizeof *units && count(&units[i], from, to, most) > most)
        i++;
    t->n = 0;
    for (int64_t at = jd_civil_ms(first(&units[i], from)); at <= to && t->n < JD_TICKS_MAX;
         at         = next(&units[i], at)) {
        char text[JD_TICK_TEXT];
        name(&units[i], at, text);
        add(t, (double)at, text);
    }
}

/* -- statistics ------------------------------------------------------------------------------ */

double jd_percentile(const double *sorted, size_t n, double share)
{
    if (n == 0)
        return 0;
    double at = share * (double)(n - 1);
    size_t k  = (size_t)at;
    return k + 1 < n ? sorted[k] + (at - (double)k) * (sorted[k + 1] - sorted[k]) : sorted[n - 1];
}
