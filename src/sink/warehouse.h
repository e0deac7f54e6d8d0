/* warehouse.h: the reporting warehouse as a sink: issues as rows of tables (derive/schema.h) in
 * SQLite or PostgreSQL. Data and cursors are one transaction, a batch each.
 *
 * - The address: sqlite:///path (four slashes: from the root), or postgresql://user@host/database.
 * - One run at a time writes to a scope (in SQLite: to the file); another one is told who does.
 * - Times are kept to the millisecond, texts as they are but for U+0000, which becomes U+FFFD. */
#ifndef JD_SINK_WAREHOUSE_H
#define JD_SINK_WAREHOUSE_H

#include "base/event.h"
#include "sink/sink.h"

typedef struct jd_warehouse_conf {
    const char *url;
    const char *site;    /* "issues.apache.org/jira" */
    const char *program; /* who holds its locks, for others: "jiraduct sync" */
    bool        create;  /* makes database file and tables where there are none */
} jd_warehouse_conf;

/* JD_E_CONFIG: a bad address, or an older schema; JD_E_STATE: a newer one; JD_E_NOTFOUND: no
 * tables; JD_E_LOCKED. */
jd_code jd_warehouse_open(const jd_warehouse_conf *conf, jd_sink *out, jd_err *e) JD_NODISCARD;

/* The same content, fetched later and for the plan at hand, need not be asked for again. */
enum { JD_WAREHOUSE_SETTLED_MS = 60000 };

/* -- of the warehouse as a whole ------------------------------------------------------------- */

/* Brings the schema up to the program's version; creates what is missing when `create`. *from: the
 * version it had, 0 for none. */
jd_code jd_warehouse_migrate(const char *url, const char *program, bool create, int64_t *from,
                             jd_err *e) JD_NODISCARD;

/* The name of an address without what is secret: for messages. */
jd_str jd_warehouse_name(jd_arena *a, const char *url);

#endif
