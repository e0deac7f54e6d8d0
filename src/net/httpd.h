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

/* What to answer. The body is the concatenation of the pieces, which must live until `release` is
 * called (after the last byte went out or the connection broke); release may be NULL for static
 * bytes. Nothing is copied, so a page of prepared issues costs no memory of its own. */
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
    void *own;
} jd_httpd_reply;

typedef struct jd_httpd_conf {
    const char *address; /* "127.0.0.1" */
    uint16_t    port;    /* 0: any free one */
    unsigned    threads;
    size_t      max_body;
    void (*handle)(void *self, const jd_httpd_request *q, jd_arena *a, jd_httpd_reply *out);
    void *self;
} jd_httpd_conf;

jd_code  jd_httpd_start(const jd_httpd_conf *conf, jd_httpd **out, jd_err *e) JD_NODISCARD;
uint16_t jd_httpd_port(const jd_httpd *h);
void     jd_httpd_stop(jd_httpd *h); /* lets running requests end */

#endif
