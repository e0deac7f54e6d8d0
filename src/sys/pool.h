/* pool.h: work on all cores with the results in order.
 * `make` gives the next job (NULL at the end) on the caller's thread, `work` runs on the workers,
 * `take` gets the jobs back on the caller's thread in the order they were made. At most `ahead`
 * jobs exist at a time. The first failure of any of the three stops the rest and is returned; jobs
 * that were made are handed to `drop` in every case. threads <= 1 runs all on the caller's thread.
 */
#ifndef JD_SYS_POOL_H
#define JD_SYS_POOL_H

#include "base/err.h"

typedef struct jd_pool_job {
    jd_code (*make)(void *self, void **job, jd_err *e);
    jd_code (*work)(void *self, void *job, unsigned worker, jd_err *e); /* worker: 0..threads-1 */
    jd_code (*take)(void *self, void *job, jd_err *e);
    void (*drop)(void *self, void *job);
} jd_pool_job;

jd_code  jd_pool_run(const jd_pool_job *ops, void *self, unsigned threads, unsigned ahead,
                     jd_err *e) JD_NODISCARD;
unsigned jd_cores(void); /* at least 1 */

#endif
