/* wh_part.h: parts of the warehouse that are the same for both databases. */
#ifndef JD_SINK_WH_PART_H
#define JD_SINK_WH_PART_H

#include "sink/wh_db.h"

/* By address. create: makes the file of an SQLite; writer: takes its lock. */
jd_code jd_wh_open(const char *url, const char *program, bool create, bool writer, jd_wh_db *out,
                   jd_err *e) JD_NODISCARD;

/* Runs fn in a transaction that nobody else writes in, again after a deadlock or a lost connection:
 * fn may run several times. */
typedef jd_code jd_wh_txn_fn(const jd_wh_db *db, void *self, jd_err *e);
jd_code         jd_wh_txn(const jd_wh_db *db, jd_wh_txn_fn *fn, void *self, jd_err *e) JD_NODISCARD;

/* The site's number; it gets one when it is new. */
jd_code jd_wh_site(const jd_wh_db *db, jd_str name, int64_t *out, jd_err *e) JD_NODISCARD;

/* Within a transaction: the issue is no member of the scope any more. Where no other scope has it,
 * all that is held of it goes, its tombstone stays, and its key as an alias. */
jd_code jd_wh_bury(const jd_wh_db *db, int64_t site, int64_t scope, const jd_tombstone *why,
                   jd_err *e) JD_NODISCARD;

#endif
