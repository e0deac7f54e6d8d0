/* scrape.h: the scrape command's options and work, for the commands that scrape and do more. */
#ifndef JD_CLI_SCRAPE_H
#define JD_CLI_SCRAPE_H

#include "cli/connect.h"
#include "flow/scrape.h"

typedef struct jd_scrape_args {
    jd_connect  connect;
    jd_list     projects, issues;
    const char *jql;
    int64_t     start_date;
    const char *initial_window;
    uint64_t    max_issues, page_size;
    uint64_t    concurrency;
    int64_t     overlap_ms;
    const char *raw_dir, *raw_layout, *state_dir, *quarantine_dir;
    const char *changes;
    bool        strict, dry_run, start_over, explain_pace, refresh_catalogues, attachments;
    const char *attachments_dir;
    jd_list     with;
    uint64_t    attachment_limit;
    bool        census, accept_deletions;
    const char *report, *metrics, *on_finish;
} jd_scrape_args; /* of scrape and census, and the beginning of others' */

extern const jd_opt jd_scrape_opts[];     /* how */
extern const jd_opt jd_scrape_run_opts[]; /* where to, and what is told */

/* What --start-date and --initial-window say, as in jd_wanted. */
jd_code jd_scrape_start(const jd_cli *c, const jd_scrape_args *a, int64_t *since,
                        int64_t *window_ms, jd_err *e) JD_NODISCARD;
/* Scrapes `want`, or (NULL) what `a` names; the exit status. Everything was told. *out: what the
 * run came to, with no scopes where there was none. */
int jd_scrape_command(jd_cli *c, const jd_scrape_args *a, const jd_wanted *want, size_t n,
                      bool census_only, jd_outcome *out);

#endif
