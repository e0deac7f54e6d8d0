/* fetch.h: the network side: a few fetchers (threads, each with an HTTP client of its own) that run
 * errands and hand over parcels, which one thread takes in the order of arrival.
 *
 * - An errand runs on one fetcher from its beginning to its end, so its parcels stay in order; the
 *   last one says so. Errands are taken up in the order they were sent.
 * - The bodies that are in flight or wait to be taken are bounded (JD_FETCH_BYTES): a fetcher
 *   reserves what it expects before it asks, and waits while there is no room. What is alone may be
 *   of any size.
 * - Errands and parcels are the caller's; a parcel's memory is its arena's. */
#ifndef JD_FLOW_FETCH_H
#define JD_FLOW_FETCH_H

#include "jira/api.h"
#include "sink/sink.h"

enum { JD_FETCH_BYTES = 8 << 20, JD_FETCHERS_MAX = 64 };

typedef struct jd_fetch   jd_fetch;
typedef struct jd_fetcher jd_fetcher;
typedef struct jd_errand  jd_errand;
typedef struct jd_parcel  jd_parcel;

/* The head of every errand; what it needs beside stands behind it in the caller's own struct. */
struct jd_errand {
    /* On a fetcher; the code that it returns goes into the last parcel. */
    jd_code (*run)(jd_fetcher *f, jd_errand *self, jd_err *e);
    jd_errand *next; /* internal */
};

/* The head of every parcel. */
struct jd_parcel {
    jd_errand *errand;
    jd_arena  *mem;   /* holds the parcel itself and all it speaks of */
    size_t     bytes; /* counted against JD_FETCH_BYTES until it is dropped */
    bool       last;  /* the errand has ended, with `code` */
    jd_code    code;
    jd_err     err;
    jd_parcel *next; /* internal */
};

struct jd_fetcher { /* what an errand works with */
    jd_jira         jira;
    jd_reader       reader; /* what the sink holds */
    const jd_clock *clock;
    const jd_log   *log;
    jd_stop        *halt; /* wanted: end soon */
    jd_fetch       *fetch;
    size_t          reserved;
};

typedef struct jd_fetch_conf {
    unsigned fetchers;
    jd_str   base;
    bool     cloud, signed_in; /* as in jd_jira */
    /* A client for one more thread; owned by the fetch from now on. */
    jd_code (*client)(void *self, jd_stop *stop, jd_http **out, jd_err *e);
    void           *client_self;
    jd_sink        *sink;
    jd_stop        *stop; /* the user's: take returns at once when it is wanted */
    const jd_clock *clock;
    const jd_log   *log;
} jd_fetch_conf;

jd_code jd_fetch_start(const jd_fetch_conf *conf, jd_fetch **out, jd_err *e) JD_NODISCARD;
/* Halts, waits for the fetchers to end, drops what is left. stats gets the sum of all clients. */
void jd_fetch_stop(jd_fetch *f, jd_http_stats *stats);
/* Asks the running errands to end; those not begun end at once. All still hand over a last parcel.
 */
void jd_fetch_halt(jd_fetch *f);

void jd_fetch_send(jd_fetch *f, jd_errand *errand);
/* The next parcel, waiting at most wait_ms, or until the user wants a stop; NULL then. */
jd_parcel *jd_fetch_take(jd_fetch *f, int64_t wait_ms);
void       jd_fetch_drop(jd_fetch *f, jd_parcel *p); /* frees it and gives its room back */

/* -- on a fetcher ---------------------------------------------------------------------------- */

/* Room for what a request may bring; JD_E_INTERRUPTED when halted meanwhile. */
jd_code jd_fetcher_reserve(jd_fetcher *f, size_t bytes, jd_err *e) JD_NODISCARD;
/* An arena for one page: one that a delivered page was in, where there is one. */
jd_arena *jd_fetcher_arena(jd_fetcher *f);
/* A parcel of `size` bytes (a struct that begins with jd_parcel), zeroed, with an arena of its own.
 */
jd_parcel *jd_fetcher_parcel(jd_fetcher *f, jd_errand *errand, size_t size, jd_arena *mem);
/* Hands it over; p->bytes takes the place of what was reserved. */
void     jd_fetcher_hand(jd_fetcher *f, jd_parcel *p);
bool     jd_fetcher_halted(const jd_fetcher *f);
unsigned jd_fetch_size(const jd_fetch *f); /* how many fetchers */

#endif
