/* scrape.h: the scrape command's options and work, for the commands that scrape and do more. */
#ifndef JD_CLI_SCRAPE_H
#define JD_CLI_SCRAPE_H

#include "cli/connect.h"

typedef struct jd_scrape_args {
    jd_connect  connect;
    jd_list     projects, issues;
    const char *jql;
    int64_t     start_date;
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

/* Scrapes what `a` says; the exit status. Everything was told. */
int jd_scrape_command(jd_cli *c, const jd_scrape_args *a, bool census_only);

#endif
