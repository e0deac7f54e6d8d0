/* httpd.h: a small HTTP server (libmicrohttpd behind this facade) on one address.
 * Handlers run on the server's threads and must be thread-safe. Bodies over the limit are answered
 * 413 by the server itself, and headers over 32 KiB 431. */
#ifndef JD_NET_HTTPD_H
#define JD_NET_HTTPD_H

#include "base/arena.h"
#include "base/buf.h"

typedef struct jd_httpd jd_httpd;

typedef struct jd_httpd_request {
    jd_str method, path; /* path percent-decoded, without the query */
    jd_str query;        /* raw, as sent, without '?' */
    jd_str body;
    void  *internal;
} jd_httpd_request;
/* First value of a header (any case) or of a query parameter (decoded, into the arena); p NULL when
 * absent. */
jd_str jd_httpd_header(const jd_httpd_request *q, const char *name);
jd_str jd_httpd_param(const jd_httpd_request *q, jd_arena *a, const char *name);

/* Walks the parameters of a query or of a form's body, decoded into the arena; what is wrongly
 * escaped comes as it was sent, "a" without '=' has an empty value.
 *   for (jd_httpd_params it = jd_httpd_walk(q->query); jd_httpd_next(&it, a);) it.name, it.value */
typedef struct jd_httpd_params {
    jd_str name, value;
    jd_str rest; /* internal */
} jd_httpd_params;
jd_httpd_params jd_httpd_walk(jd_str query);
bool            jd_httpd_next(jd_httpd_params *it, jd_arena *a);

/* A server that breaks off on purpose, for tests of clients. */
typedef enum jd_httpd_fault {
    JD_HTTPD_SOUND,
    JD_HTTPD_DROP,     /* the connection ends without a reply */
    JD_HTTPD_RESET,    /* it is reset without a reply */
    JD_HTTPD_CUT,      /* it ends after cut_after bytes of the body that the head promised */
    JD_HTTPD_CUT_RESET /* it is reset there */
} jd_httpd_fault;

/* How a reply goes out when not whole and at once. No thread waits for it. All zero: at once. */
typedef struct jd_httpd_way {
    jd_httpd_fault fault;
    uint64_t       cut_after;
    uint64_t       missing;  /* so many bytes more are announced than come; then it ends */
    bool           chunked;  /* no Content-Length (nor `missing`) */
    uint64_t       wait_ms;  /* before the first byte, and before a drop or reset */
    uint64_t       pause_ms; /* in the body, before byte number pause_at */
    uint64_t       pause_at;
    uint64_t       per_second; /* bytes of the body; 0: as fast as it goes */
} jd_httpd_way;

/* What to answer; all zero when the handler gets it, and a status left 0 is answered 500. The body
 * is the concatenation of the pieces, which must live until `release` is called (after the last
 * byte went out or the connection broke); release may be NULL for bytes that are static or lie in
 * the request's arena, which lives as long. Nothing is copied (beyond 1,024 pieces: nothing but a
 * block at a time), so a page of prepared issues costs no memory of its own. `Date` is the system
 * clock's unless the head has one; Content-Length is the server's business. */
typedef struct jd_httpd_reply {
    int         status;
    const char *content_type;
    const struct jd_httpd_head {
        const char *name, *value;
    } * head; /* copied at once */
    size_t        nhead;
    const jd_str *piece;
    size_t        npiece;
    void (*release)(void *own);
    void        *own;
    jd_httpd_way way;
} jd_httpd_reply;

typedef struct jd_httpd_conf {
    const char *address; /* "127.0.0.1" */
    uint16_t    port;    /* 0: any free one */
    unsigned    threads;
    size_t      max_body;
    void (*handle)(void *self, const jd_httpd_request *q, jd_arena *a, jd_httpd_reply *out);
    void *self;
} jd_httpd_conf;

/* JD_E_NET when the address cannot be listened on. The server's threads take no signals. */
jd_code  jd_httpd_start(const jd_httpd_conf *conf, jd_httpd **out, jd_err *e) JD_NODISCARD;
uint16_t jd_httpd_port(const jd_httpd *h);
/* Answers no more requests (503), lets running ones end (10 s at most) and frees the server. NULL
 * is fine. */
void jd_httpd_stop(jd_httpd *h);

#endif
