/* scrape.h: the main job: mirror projects (or a JQL) of a Jira Data Center into the raw store.
 * Each scope is backfilled once, then followed by `updated`; a run goes on where the last one
 * stopped. Scopes, and the windows of each, are walked side by side. The outcome is filled in
 * whatever happens. */
#ifndef JD_FLOW_SCRAPE_H
#define JD_FLOW_SCRAPE_H

#include "flow/outcome.h"
#include "model/cursor.h"
#include "sink/extras.h"

/* One scope to be mirrored, with all that is its own. */
typedef struct jd_wanted {
    const char *project;    /* key */
    const char *type;       /* of its issues those of this type alone; NULL: all */
    const char *jql;        /* instead of a project */
    const char *label;      /* of a query, for people; NULL: "jql" */
    jd_str      fields;     /* as in jd_scope */
    int64_t     since;      /* start date, JD_PAST for none */
    int64_t     window_ms;  /* a start date that moves: so long before the backfill; 0 for none */
    int64_t     overlap_ms; /* how far behind its cursor the incremental starts */
    uint64_t    page_size;
    /* Where it was written, in front of messages: "etl.yml:7: jql"; and its type. NULL: nowhere */
    const char *where, *type_where;
    bool        in_file; /* what is wrong there is JD_E_CONFIG, not JD_E_USAGE */
} jd_wanted;

typedef struct jd_scrape_conf {
    const char      *base_url; /* where the API is asked */
    const char      *site_url; /* the Jira as people know it, and as the state names it */
    const jd_wanted *want;
    size_t           nwant;
    uint64_t         max_issues;  /* per scope; 0: no limit */
    unsigned         concurrency; /* requests in flight at most */
    int64_t          gap_ms;      /* between requests: for the estimate */
    const char      *raw_dir, *state_dir, *quarantine_dir, *zone_dir;
    const char      *changes; /* where what changed is told, line by line; NULL: nowhere */
    jd_layout        layout;  /* JD_LAYOUT_ANY: what is there */
    bool             strict, start_over, signed_in;
    bool             refresh_catalogues; /* though they were read today */
    const char      *attachments_dir;    /* where bodies go; NULL: they are not asked for */
    uint64_t         attachment_limit;   /* bytes of one; 0: any */
    jd_extra_set     extras;             /* to be kept beside each issue */
    bool             census;             /* after the updates, or: */
    bool             census_only;        /* of what was scraped whole, instead of a scrape */
    bool             accept_deletions;   /* a person says that many may go */
    /* These alone, by key or id, instead of a scrape: fetched as they are, removed when gone. The
     * cursors stay. */
    const char *const *issue;
    size_t             nissue;
} jd_scrape_conf;

/* Who looks on: the progress display, or nobody (NULL functions). */
typedef struct jd_watch {
    void (*begin)(void *self, const char *label, uint64_t total);
    void (*moved)(void *self, uint64_t n); /* n more issues dealt with */
    void *self;
} jd_watch;

typedef struct jd_scrape_env { /* borrowed */
    /* One more HTTP client, of its own thread, that ends its waits when `stop` is wanted. */
    jd_code (*client)(void *self, jd_stop *stop, jd_http **out, jd_err *e);
    void           *client_self;
    jd_stop        *stop;
    const jd_clock *clock;
    const jd_log   *log;
    const jd_watch *watch;
    /* Found out by the run: */
    bool          cloud;
    jd_str        account;   /* who asks, and built the mirror; empty: nobody signs in */
    const jd_err *no_census; /* why this run may not remove anything; NULL: it may */
    uint64_t     *named;     /* ids of conf's issues */
    size_t        nnamed;
} jd_scrape_env;

/* The outcome lives in the arena. The code is also in out->code (or in a scope's). */
void jd_scrape(const jd_scrape_conf *conf, const jd_scrape_env *env, jd_arena *a, jd_outcome *out);

/* What a run would ask: writes the queries, counts, estimated pages and time for people. */
jd_code jd_scrape_plan(const jd_scrape_conf *conf, const jd_scrape_env *env, jd_buf *out,
                       jd_err *e) JD_NODISCARD;

#endif
