/* transform.h: from the raw store to a corpus: one line of JSON for each issue (corpus/record.h).
 *
 * - Projects in order of their names, issues of each by number; the same store gives the same
 *   bytes, whatever the threads. Compressed output is one frame for each batch of files.
 * - The output is replaced at the end, whole (flow/outfile.h). Memory does not grow with the store.
 * - A file that is no issue goes to quarantine ({dir}/{PROJECT}/{KEY}.transform.json: what, where,
 *   why) and the run goes on; an entry whose file now reads is removed. Under `strict` the first
 *   such file ends the run, and nothing is written. */
#ifndef JD_FLOW_TRANSFORM_H
#define JD_FLOW_TRANSFORM_H

#include "base/event.h"
#include "corpus/stats.h"
#include "markup/markup.h"
#include "sys/signal.h"
#include "sys/zip.h"

typedef struct jd_transform {
    const char        *input_dir, *output, *quarantine_dir;
    const char        *state_dir;  /* asked only when the raw store is packed */
    const char        *stats_path; /* statistics as JSON; may be NULL */
    const char *const *project;
    size_t             n_projects; /* 0: all there are */
    unsigned           threads;    /* 0: one a core */
    jd_zip             zip;
    jd_mk_form         text; /* of descriptions and comments: PLAIN, MARKDOWN or WIKI */
    bool               include_restricted, strict;
    bool               environment; /* a member of each record, too */
    const jd_stop     *stop;        /* may be NULL */
    const jd_log      *log;
    /* How far it is; may be NULL. Called on the caller's thread. */
    void (*scope)(void *self, const char *project, uint64_t issues);
    void (*step)(void *self, uint64_t issues);
    void *self;
} jd_transform;

/* stats is the caller's, made for a run. JD_OK and JD_E_QUARANTINED (something new went there, e
 * says how many) leave a new output; after anything else the old one stands untouched. JD_E_DATA:
 * strict; JD_E_NOTFOUND: nothing to read; JD_E_IO; JD_E_LOCKED; JD_E_INTERRUPTED. */
jd_code jd_transform_run(const jd_transform *in, jd_stats *stats, jd_err *e) JD_NODISCARD;

#endif
