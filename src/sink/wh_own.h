/* wh_own.h: a warehouse sink's insides, for what belongs to it but is no sink. */
#ifndef JD_SINK_WH_OWN_H
#define JD_SINK_WH_OWN_H

#include "sink/wh_db.h"

jd_wh_db jd_warehouse_db(const jd_sink *sink); /* borrowed */
int64_t  jd_warehouse_site(const jd_sink *sink);
/* The site's columns of issue_wide are others now. */
jd_code jd_warehouse_wide(const jd_sink *sink, jd_err *e) JD_NODISCARD;

#endif
