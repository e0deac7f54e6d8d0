/* warehouse.h: the warehouse from the raw store, without Jira: filled again, and compared.
 *
 * - Both layouts of the store are read. When, and for which plan, an issue was fetched is what
 *   state.db says; without it, an issue counts as fetched when it was updated.
 * - A rebuild derives every issue anew, batch by batch, and in the end removes what the store does
 *   not hold: a run that was interrupted is done again from the start, and ends the same. */
#ifndef JD_FLOW_WAREHOUSE_H
#define JD_FLOW_WAREHOUSE_H

#include "base/clock.h"
#include "base/event.h"
#include "flow/outcome.h"
#include "sink/warehouse.h"
#include "sink/wide.h"
#include "sys/signal.h"

typedef struct jd_warehouse_job {
    const char           *url, *program;
    const char           *raw_dir, *state_dir;
    const char           *site; /* NULL: as state.db says, else as the issues say */
    bool                  create;
    jd_dbt_conf           dbt;
    bool                  set_columns; /* those of issue_wide are to be these */
    const jd_wide_column *column;
    size_t                ncolumn;
    /* load: of a run that failed. Of its scopes those that did are left alone: their cursors, and
     * what none of the others has. NULL: all is loaded. */
    const jd_outcome *partly;
    int64_t           now_ms; /* when removals were found out */
    /* The run is noted in the warehouse where there is a clock to say when it ended. */
    const jd_clock *clock;
    int64_t         began_ms; /* 0: now_ms */
    jd_stop        *stop;
    const jd_log   *log;
    void (*scope)(void *self, const char *project, uint64_t issues);
    void (*step)(void *self, uint64_t issues);
    void *self;
} jd_warehouse_job;

typedef struct jd_warehouse_sum {
    uint64_t issues;  /* in the store */
    uint64_t written; /* load: differed from what was held */
    uint64_t bad;     /* files of it that are no issues */
    uint64_t removed; /* rebuild: held, and not in the store */
    uint64_t missing; /* verify: not held */
    uint64_t differ;  /* verify: held in another state */
    uint64_t strays;  /* verify: held, and not in the store */
    uint64_t counts;  /* verify: tables with another number of rows than the store gives */
    bool     partial; /* verify: something differs, and the last run left scopes as they were */
} jd_warehouse_sum;

/* JD_E_NOTFOUND: no store, or no warehouse and not `create`; JD_E_DATA: sum->bad. */
jd_code jd_warehouse_rebuild(const jd_warehouse_job *in, jd_warehouse_sum *sum,
                             jd_err *e) JD_NODISCARD;
/* Brings the warehouse up to what state.db says: reads and writes only the issues that differ,
 * removes what is not held, and takes over the cursors. */
jd_code jd_warehouse_load(const jd_warehouse_job *in, jd_warehouse_sum *sum,
                          jd_err *e) JD_NODISCARD;
/* Notes a run that failed before there was anything to load; nothing where no site is known yet. */
void jd_warehouse_failed(const jd_warehouse_job *in, int status);
/* Each finding as one line. JD_OK whatever is found. */
jd_code jd_warehouse_verify(const jd_warehouse_job *in, void (*found)(void *self, const char *line),
                            void *self, jd_warehouse_sum *sum, jd_err *e) JD_NODISCARD;

#endif
