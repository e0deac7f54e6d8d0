/* fault.h: a fault script at work: which rules fire on a request, and what they do to it.
 *
 * - One script at a time, changed at any moment; counts start again with it. Thread-safe: requests
 *   ask it one after the other, in the order in which they came (changes) or were answered.
 * - What fired stands in the request's log row. */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include "sim/script.h"

typedef struct sim_call sim_call;

typedef struct sim_faults sim_faults;

sim_faults *sim_faults_new(void);
void        sim_faults_free(sim_faults *f); /* NULL is fine */
/* A text without rules ends all faults; a bad one (JD_E_DATA) leaves the script that was. */
jd_code sim_faults_set(sim_faults *f, jd_str text, jd_err *e) JD_NODISCARD;
bool    sim_faults_on(const sim_faults *f); /* NULL is fine */
/* {"seed":…,"rules":[{"rule":…,"met":…,"fired":…}]} */
void sim_faults_write(sim_faults *f, jd_buf *out);

/* Only while sim_faults_on. Before the request is answered: changes. */
void sim_fault_before(sim_call *c);
/* Once it is answered: everything else. */
void sim_fault_after(sim_call *c);

/* -- changes (fault_change.c) --------------------------------------------------------------------
 */
typedef struct sim_seen sim_seen; /* ids of issues that searches have shown */

sim_seen *sim_seen_new(void);
void      sim_seen_free(sim_seen *s); /* NULL is fine */
void      sim_seen_add(sim_seen *s, uint64_t id);
/* False when nothing was changed. What was goes to the end of `said`: "touch HADOOP-12". */
bool sim_fault_change(sim_call *c, const sim_fault *f, const sim_seen *seen, uint64_t chance,
                      jd_buf *said);

#endif
