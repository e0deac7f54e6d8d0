/* http.h: HTTP requests that come back. Four parts know nothing of each other:
 *   transport  moves bytes              (libcurl, or a scripted fake in tests)
 *   policy     decides                  (pure: accept, retry, reauthenticate, give up)
 *   pace       says when                (learns from rate-limit headers)
 *   auth       signs                    (anonymous, Basic, Bearer)
 * and a client asks policy and pace, drives the transport and waits, until a stop is wanted.
 *
 * No redirect is ever followed. Credentials go to the host they were given for and no other.
 * Replies over their ceiling are JD_E_TOOBIG, counted on decoded bytes. One client belongs to one
 * thread. */
#ifndef JD_NET_HTTP_H
#define JD_NET_HTTP_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/event.h"
#include "base/rng.h"
#include "sys/signal.h"

typedef struct jd_header {
    jd_str name, value;
} jd_header;

struct jd_reply;
/* Where the body of a request goes, instead of into the reply, as it comes. */
typedef struct jd_body_sink {
    /* The head is in (status and headers), at every attempt anew; false: into the reply, as ever.
     */
    bool (*begin)(void *self, const struct jd_reply *head);
    bool (*more)(void *self, const char *p, size_t n); /* false ends the transfer: JD_E_TOOBIG */
    void *self;
} jd_body_sink;

typedef struct jd_request {
    const char         *method; /* "GET", "POST" */
    jd_str              url;
    const jd_header    *head;
    size_t              nhead;
    jd_str              body;
    size_t              max_body;   /* ceiling of the decoded reply, bytes; 0: 64 MiB */
    bool                idempotent; /* safe to send twice: every GET, and POST search */
    const jd_body_sink *into; /* NULL: into the reply; with it the attempt has no time limit as long
                               * as bytes come, and max_body holds for what still goes there */
    unsigned tries;           /* attempts at most, where fewer than the policy's; 0: the policy's */
} jd_request;

typedef struct jd_reply { /* all memory in the arena of the call */
    int        status;
    jd_str     body; /* decoded; NUL follows */
    jd_header *head; /* names in lower case */
    size_t     nhead;
    int64_t  retry_after_ms; /* from Retry-After, seconds or date; -1 when the peer said nothing */
    int64_t  date_ms;        /* the server's clock; JD_NO_TIME when it did not say */
    int64_t  took_ms;
    uint64_t wire_bytes;
    bool     reached; /* the request left this machine: false means sending again is safe */
} jd_reply;

/* Value of a header (name in lower case), p NULL when absent. */
jd_str jd_reply_header(const jd_reply *r, const char *name);
/* For transports, once the head is in: fills date_ms and retry_after_ms from it. A date counts
 * against the server's own clock if it told it, else against now_ms; what is no number of seconds
 * and no date counts as nothing said, more than 30 days as 30 days. */
void jd_reply_read_head(jd_reply *r, int64_t now_ms);

/* -- transport ------------------------------------------------------------------------------- */
typedef struct jd_transfer jd_transfer;
/* Called from poll. err is NULL when a reply came (whatever its status); else r holds only
 * `reached`, `took_ms` and `wire_bytes`. May start further transfers. */
typedef void (*jd_transfer_done)(void *user, const jd_reply *r, const jd_err *err);
typedef struct jd_transport_ops {
    const char *name;
    /* The request's body and the arena are borrowed until done or cancel; nothing else may rewind
     * the arena meanwhile. */
    jd_code (*start)(void *self, const jd_request *q, jd_arena *a, jd_transfer_done done,
                     void *user, jd_transfer **out, jd_err *e);
    /* Moves what can be moved, waiting at most wait_ms (or until stop, NULL for none). */
    jd_code (*poll)(void *self, int64_t wait_ms, jd_stop *stop, jd_err *e);
    void (*cancel)(void *self, jd_transfer *t); /* done is not called */
    void (*close)(void *self);
} jd_transport_ops;
typedef struct jd_transport {
    const jd_transport_ops *ops;
    void                   *self;
} jd_transport;

typedef struct jd_curl_conf {
    const char *user_agent;
    int64_t     connect_timeout_ms, timeout_ms; /* whole attempt */
    const char *ca_file;                        /* NULL: the system's */
    unsigned    connections;                    /* at most; further transfers queue. 0: 8 */
} jd_curl_conf;
/* A body whose length the peer told, not compressed, is received straight into the arena; others
 * grow in a buffer of the transport's and are copied once. The proxy variables of the environment
 * hold. An address or a certificate that cannot work is JD_E_CONFIG, which is never retried. */
jd_code jd_transport_curl(const jd_curl_conf *conf, jd_transport *out, jd_err *e) JD_NODISCARD;

/* -- policy: no I/O, no clock ------------------------------------------------------------------ */
typedef struct jd_retry {
    unsigned retries;          /* after the first attempt: 5 */
    int64_t  start_ms, cap_ms; /* 1000, 300000: full jitter below start*2^n */
    int64_t  budget_ms;        /* give up past this much waiting in all: 1 h */
} jd_retry;
#define JD_RETRY_DEFAULT ((jd_retry){5, 1000, 300000, 3600000})

typedef enum jd_verdict { JD_ACCEPT, JD_RETRY, JD_REAUTH, JD_GIVE_UP } jd_verdict;
typedef struct jd_decision {
    jd_verdict what;
    int64_t    wait_ms;
    jd_code    why; /* JD_OK when accepted */
} jd_decision;
/* attempt counts from 1; err as in jd_transfer_done. A status that is none of 401, 408, 429, 5xx is
 * accepted: the caller maps it. Retry-After is the least wait and beats the cap; what would pass
 * the budget is given up at once. A request that is not idempotent is sent again only after 429 or
 * when it never left this machine. The first 401 is JD_REAUTH, for who can get new credentials; the
 * same ones are never sent again, since failed logins lock accounts. */
jd_decision jd_retry_decide(const jd_retry *p, const jd_request *q, unsigned attempt,
                            int64_t waited_ms, const jd_reply *r, const jd_err *err, jd_rng *rng);

/* -- pace: no I/O, no clock ------------------------------------------------------------------- */
typedef struct jd_pace {
    int64_t gap_ms;       /* least time between the starts of two requests; 0 for none */
    int64_t next_ms;      /* monotonic: not before this */
    int64_t closed_until; /* monotonic: the peer asked for silence until then */
    bool    metered;      /* the peer told of a token bucket: */
    double  per_ms;       /* how it fills */
    double  cap, tokens;
    int64_t filled_ms; /* monotonic: when tokens was right */
} jd_pace;
int64_t jd_pace_take(jd_pace *p, int64_t tick_ms); /* ms to wait, 0: go (and it is counted) */
/* Retry-After of 429 and 503, and Data Center's token bucket (X-RateLimit-Remaining, -FillRate,
 * -Interval-Seconds, -Limit), from which `running` more requests are about to take. */
void jd_pace_learn(jd_pace *p, const jd_reply *r, unsigned running, int64_t tick_ms);

/* -- auth -------------------------------------------------------------------------------------- */
/* Credentials that change while they are used (OAuth). Thread-safe. */
typedef struct jd_auth_source {
    /* The value of Authorization to send now, into the arena. */
    jd_code (*current)(void *self, jd_arena *a, jd_str *header, jd_err *e);
    /* The server refused this one (401): JD_OK when current() now has another. */
    jd_code (*another)(void *self, jd_str header, jd_err *e);
    void *self;
} jd_auth_source;

typedef struct jd_auth {
    const char    *name;   /* "anonymous", "basic", "bearer", "oauth" */
    jd_str         header; /* value of Authorization; empty for anonymous. Never printed. */
    jd_str         host;   /* "host:port" it was given for */
    jd_auth_source source; /* instead of the header, when current is not NULL */
} jd_auth;
jd_auth jd_auth_none(void);
jd_auth jd_auth_basic(jd_arena *a, jd_str base_url, jd_str user, jd_str secret);
jd_auth jd_auth_bearer(jd_arena *a, jd_str base_url, jd_str token);
jd_auth jd_auth_changing(jd_arena *a, jd_str base_url, jd_auth_source source);
/* Whether the credentials may go to this address: same host and port, and there are any. */
bool jd_auth_covers(const jd_auth *auth, jd_str url);

/* -- client ------------------------------------------------------------------------------------ */
typedef struct jd_http_stats {
    uint64_t requests, retries, wire_bytes, body_bytes;
    int64_t  waited_ms; /* in retries and pace */
} jd_http_stats;

void jd_http_stats_add(jd_http_stats *sum, const jd_http_stats *s);

/* The gate: pace and concurrency of all clients of one host and credential. Thread-safe.
 * Concurrency halves on 429 and 503 (at most once a second) and grows back by one a round of good
 * answers. */
typedef struct jd_gate jd_gate;
jd_gate               *jd_gate_new(int64_t gap_ms, unsigned most);
void                   jd_gate_free(jd_gate *g);
/* What Cloud's burst limits count apart: the method, and the path without ids and keys. */
uint64_t jd_gate_endpoint(const jd_request *q);
/* 0: go, and jd_gate_leave follows; else ms to wait before asking again. */
int64_t jd_gate_enter(jd_gate *g, uint64_t endpoint, int64_t tick_ms);
/* r NULL: nothing came. A refusal for a burst (Cloud's RateLimit-Reason) closes its endpoint alone,
 * any other all of them. */
void jd_gate_leave(jd_gate *g, uint64_t endpoint, const jd_reply *r, int64_t tick_ms);
/* What it learned, for people: one line, into out (cut to n bytes). */
void jd_gate_explain(jd_gate *g, char *out, size_t n);

typedef struct jd_http jd_http;
typedef struct jd_http_conf {
    jd_transport    transport; /* owned by the client from now on */
    jd_auth         auth;      /* its text must outlive the client */
    jd_retry        retry;
    jd_gate        *gate; /* shared by all clients of one host and credential; borrowed */
    const jd_clock *clock;
    const jd_log   *log;  /* events request, wait */
    jd_stop        *stop; /* NULL: none */
    uint64_t        seed;
    /* How to wait: false when a stop cut it short. NULL: jd_stop_sleep on `stop`, really. */
    bool (*sleep)(void *self, int64_t ms);
    void *sleep_self;
} jd_http_conf;

jd_http *jd_http_new(const jd_http_conf *conf);
void     jd_http_free(jd_http *h);
/* One request with everything: pace, auth, retries. JD_OK with any accepted status; a reply that
 * the policy gave up on is its code (JD_E_AUTH for 401, JD_E_BUSY for 429, JD_E_REMOTE for 5xx,
 * with e->http set and the URL without its query in the message), and *out all the same;
 * JD_E_INTERRUPTED when a stop was wanted. */
jd_code       jd_http_do(jd_http *h, const jd_request *q, jd_arena *a, jd_reply *out,
                         jd_err *e) JD_NODISCARD;
jd_http_stats jd_http_statistics(const jd_http *h);

/* JD_OK when the reply is what a JSON call hopes for: 2xx and JSON (not that it parses). Else the
 * error, with the server's own words: JD_E_DATA for 400, JD_E_AUTH for 401, 403 and for a 2xx whose
 * X-Seraph-LoginReason says that the credentials failed, JD_E_NOTFOUND for 404 and 410, JD_E_REMOTE
 * for the rest, web pages and redirects among them. e->http is the status. */
jd_code jd_http_expect_json(const jd_request *q, const jd_reply *r, jd_err *e) JD_NODISCARD;

#endif
