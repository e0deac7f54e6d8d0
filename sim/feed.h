/* feed.h: the feeds of worklogs, and where worklogs and attachments are by their id. What is
 * known of the store is learnt when it is asked for, and again after a change. Thread-safe. */
#ifndef SIM_FEED_H
#define SIM_FEED_H

#include "sim/serve.h"

sim_feed *sim_feed_new(void);
void      sim_feed_free(sim_feed *f); /* NULL is fine */
/* A worklog is gone from that moment on. */
void sim_feed_deleted(sim_feed *f, uint64_t worklog, int64_t ms);
/* The issue that has an attachment of that id: a reference to drop, or NULL. */
sim_text *sim_feed_attachment(sim_call *c, uint64_t attachment);

void sim_get_worklogs_updated(sim_call *c, jd_str name);
void sim_get_worklogs_deleted(sim_call *c, jd_str name);
void sim_post_worklog_list(sim_call *c, jd_str name);

#endif
