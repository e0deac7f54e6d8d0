/* serve.h: jirasim's requests: who asks, which route, what is answered. The REST API of Data Center
 * or of Cloud, and the control calls below /_sim/.
 *
 * - A route is a row of a table (serve.c); its function gets the call and the path's free part.
 * - The server borrows its configuration and store; handlers run on several threads.
 * - sim_server_furnish makes what a server has of its own; without it the server knows Data
 * Center's search, issues and catalogues only. */
#ifndef SIM_SERVE_H
#define SIM_SERVE_H

#include "net/httpd.h"
#include "sim/fault.h"
#include "sim/log.h"
#include "sim/paging.h"
#include "sim/rate.h"
#include "sim/reply.h"
#include "sim/select.h"
#include "sim/store.h"
#include "sim/tune.h"
#include "sim/zone.h"
#include "sys/signal.h"

typedef struct sim_account {
    jd_str          name, secret; /* the password, or the token when pat */
    bool            pat;
    const sim_zone *zone;
    bool            scoped;     /* an API token with scopes: good at the gateway only */
    jd_str          scopes;     /* its scopes, p NULL for all */
    int64_t         expires_ms; /* 0: never */
} sim_account;

typedef struct sim_conf {
    jd_str             context;  /* "/jira", or empty */
    jd_str             base_url; /* what Jira believes its address is: links, serverInfo */
    uint64_t           page_cap;
    const sim_zone    *zone; /* of the anonymous and of accounts without one */
    const sim_account *account;
    size_t             naccount;
    bool               require_auth, forbid, no_epoch, floor_epoch;
    bool               control; /* answer below /_sim/ */
    uint64_t           seed;    /* of the issues that are made up */
    unsigned           calm;    /* sim_gen_conf's, for all of these */
    bool               cloud;
    jd_str             cloud_id, client_id, client_secret; /* OAuth; client_id empty: none */
    jd_str             media_url; /* where attachments of Cloud come from, without a slash */
} sim_conf;

enum { SIM_HTTP_DATE = 40, SIM_EXTRA_HEADS = 12 };

typedef struct sim_auth  sim_auth;  /* auth.c */
typedef struct sim_oauth sim_oauth; /* oauth.h */
typedef struct sim_limit sim_limit; /* limit.h */
typedef struct sim_feed  sim_feed;  /* feed.h */
typedef struct sim_hooks sim_hooks; /* hook.h */

typedef struct sim_server {
    const sim_conf      *conf;
    sim_store           *store;
    sim_log             *log;
    jd_stop             *stop;
    bool                 clock_stands;
    atomic_int_fast64_t  clock_ms;   /* when it stands */
    atomic_int_fast64_t  latency_ms; /* before every REST answer */
    atomic_uint_fast64_t every;      /* id of the issue touched before every search; 0: none */
    atomic_uint_fast64_t next_id;    /* of comments and histories made on request */
    sim_faults          *faults;     /* NULL: none ever */
    sim_rate            *rate;       /* NULL: none ever */
    atomic_bool          ready;      /* until then every answer is 503 */
    /* -- from here on: by sim_server_furnish */
    sim_tuning           tuning;
    sim_tokens          *tokens;
    atomic_uint_fast64_t pages; /* of Cloud's searches, for those that come short */
    sim_auth            *auth;
    sim_oauth           *oauth;
    sim_limit           *limit;
    sim_feed            *feed;
    sim_hooks           *hooks; /* NULL: none */
} sim_server;

void sim_server_furnish(sim_server *s);
void sim_server_strip(sim_server *s);
/* After a change of the tuning: what hangs on it elsewhere. */
void sim_server_tuned(sim_server *s);

/* One request on its way. */
struct sim_call {
    sim_server             *s;
    const jd_httpd_request *q;
    jd_arena               *a;
    sim_reply              *r;
    const sim_account      *who;    /* NULL: anonymous */
    unsigned                viewer; /* as of veils: 0 anonymous, else the account's place + 1 */
    const char             *reason; /* X-Seraph-LoginReason, NULL for none */
    bool                    gateway, oauth; /* how it came in */
    jd_str                  scopes;         /* what the token allows; p NULL: everything */
    struct jd_httpd_head    extra[SIM_EXTRA_HEADS];
    size_t                  nextra;
    sim_log_row             row;
    sim_lane                lane;
    bool                    watched; /* faults are on: `shown` is wanted */
    uint64_t               *shown;   /* ids of the issues in the answer */
    size_t                  nshown;
    sim_rate_state          rate;        /* conf.limit 0: not counted */
    const char             *retry_after; /* the header; NULL for none */
    bool                    retry_is_date;
    const char             *encoding; /* Content-Encoding; NULL for none */
    jd_httpd_way            way;
};

int64_t         sim_now(const sim_server *s);
const sim_zone *sim_call_zone(const sim_call *c);
bool            sim_call_wants_json(const sim_call *c); /* Accept says so */
/* Remembers which issues the answer shows. */
void sim_call_shows(sim_call *c, sim_text *const *text, size_t n);
/* One more header; both texts live as long as the call. */
void sim_call_head(sim_call *c, const char *name, const char *value);
/* The issue of a path for this caller, or NULL after a 404. A reference to drop. */
sim_text *sim_call_issue(sim_call *c, jd_str name);
/* The body as a JSON object; false after a 400. */
bool sim_call_body(sim_call *c, const jd_json **body);
/* A number of the query, `otherwise` when there is none. */
int64_t sim_call_number(sim_call *c, const char *name, int64_t otherwise);
/* True, and a 401 is answered, when nobody is signed in. */
bool sim_call_anonymous(sim_call *c);
/* A body that was written as Data Center or Cloud has it, dates turned to the caller's zone. */
void sim_call_say(sim_call *c, jd_buf *body);
/* The date of a header. */
char *sim_http_date(char out[SIM_HTTP_DATE], int64_t ms);
/* The jd_httpd handler; self is the sim_server. */
void sim_serve(void *self, const jd_httpd_request *q, jd_arena *a, jd_httpd_reply *out);

/* -- routes ------------------------------------------------------------------------------------ */
/* `name` is the free part of the path. */
void sim_get_search(sim_call *c, jd_str name);
void sim_post_search(sim_call *c, jd_str name);
void sim_get_issue(sim_call *c, jd_str name);
void sim_get_comments(sim_call *c, jd_str name);
void sim_get_worklogs(sim_call *c, jd_str name);
void sim_get_myself(sim_call *c, jd_str name);
void sim_get_server_info(sim_call *c, jd_str name);
void sim_get_projects(sim_call *c, jd_str name);
void sim_get_project(sim_call *c, jd_str name);
void sim_get_fields(sim_call *c, jd_str name);
void sim_get_statuses(sim_call *c, jd_str name);
void sim_get_priorities(sim_call *c, jd_str name);
void sim_get_resolutions(sim_call *c, jd_str name);
void sim_get_types(sim_call *c, jd_str name);
void sim_get_link_types(sim_call *c, jd_str name);

void sim_post_touch(sim_call *c, jd_str name);
void sim_post_comment(sim_call *c, jd_str name);
void sim_post_move(sim_call *c, jd_str name);
void sim_post_delete(sim_call *c, jd_str name);
void sim_post_create(sim_call *c, jd_str name);
void sim_post_clock(sim_call *c, jd_str name);
void sim_post_every_request(sim_call *c, jd_str name);
void sim_post_latency(sim_call *c, jd_str name);
void sim_post_faults(sim_call *c, jd_str name);
void sim_get_faults(sim_call *c, jd_str name);
void sim_post_rate(sim_call *c, jd_str name);
void sim_post_quit(sim_call *c, jd_str name);
void sim_get_dump(sim_call *c, jd_str name);
void sim_post_log(sim_call *c, jd_str name); /* forgets what is kept */
void sim_get_log(sim_call *c, jd_str name);
void sim_get_count(sim_call *c, jd_str name);

#endif
