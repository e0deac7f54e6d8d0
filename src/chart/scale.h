/* scale.h: from values to places on an axis, and where its ticks stand: round counts, human
 * durations (logarithmic), and the beginnings of days, weeks, months and years. Pure. */
#ifndef JD_CHART_SCALE_H
#define JD_CHART_SCALE_H

#include "base/buf.h"

typedef struct jd_scale {
    double lo, hi;   /* values */
    double from, to; /* where they stand */
    bool   log;
} jd_scale;

double jd_scale_at(const jd_scale *s, double v); /* clamped to its ends */

enum { JD_TICKS_MAX = 16, JD_TICK_TEXT = 24 };
typedef struct jd_ticks {
    double   at[JD_TICKS_MAX];
    char     text[JD_TICKS_MAX][JD_TICK_TEXT];
    unsigned n;
} jd_ticks;

/* Whole numbers from 0 to at least hi, at most `most` steps; the last one ends the axis. */
void jd_ticks_count(jd_ticks *t, double hi, unsigned most);
/* Durations in seconds; the first one is at most lo, the last one at least hi. */
void jd_ticks_duration(jd_ticks *t, double lo, double hi);
/* Instants (ms) within [from, to], at most `most`. */
void jd_ticks_time(jd_ticks *t, int64_t from, int64_t to, unsigned most);

/* "35 min", "4.5 h", "3.2 d", "120 d", "2.4 yr": for people. */
void jd_put_duration(jd_buf *out, double seconds);

/* The value below which `share` of the n sorted values lie, between two of them as
 * percentile_cont has it; 0 of none. */
double jd_percentile(const double *sorted, size_t n, double share);

#endif
