/* tables.h: the same as the charts, as tables. */
#ifndef JD_CHART_TABLES_H
#define JD_CHART_TABLES_H

#include "chart/report.h"

void jd_table_throughput(jd_buf *out, const jd_report *r);
void jd_table_flow(jd_buf *out, const jd_report *r);  /* at the end of each week */
void jd_table_cycle(jd_buf *out, const jd_report *r); /* those that took longest */
void jd_table_age(jd_buf *out, const jd_report *r);
void jd_table_open(jd_buf *out, const jd_report *r); /* the oldest */

#endif
