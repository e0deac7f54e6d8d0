/* axes.h: axes of charts, drawn, and the scales that go with them. */
#ifndef JD_CHART_AXES_H
#define JD_CHART_AXES_H

#include "chart/scale.h"
#include "chart/svg.h"

/* From 0 up, with lines across. */
void jd_axis_count(jd_buf *out, jd_scale *y, double most);
/* Durations, logarithmic, with lines across. */
void jd_axis_duration(jd_buf *out, jd_scale *y, double least, double most);
/* Along the bottom. */
void jd_axis_time(jd_buf *out, jd_scale *x, int64_t from, int64_t to);
/* The bottom's own line, over what stands on it. */
void jd_axis_base(jd_buf *out);

#endif
