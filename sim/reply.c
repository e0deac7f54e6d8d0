#include "sim/reply.h"

#include "base/vec.h"
#include "text/jsonw.h"

#include <stdlib.h>

enum { OWN_MAX = 1 << 30 };

typedef struct part {
    const char *p; /* NULL: own bytes, from `at` */
    size_t      at, n;
} part;

struct sim_reply {
    int         status;
    const char *type;
    jd_buf      own;
    size_t      flushed; /* own bytes that stand in parts already */
    uint64_t    rows;
    JD_VEC(part) parts;
    JD_VEC(sim_text *) held;
    jd_str *piece;
};

sim_reply *sim_reply_new(void)
{
    sim_reply *r = jd_xcalloc(1, sizeof *r);
    r->status    = 200;
    r->type      = "application/json;charset=UTF-8";
    r->own       = (jd_buf)JD_BUF_INIT(OWN_MAX);
    return r;
}

static void let_go(sim_reply *r)
{
    for (size_t i = 0; i < r->held.n; i++)
        sim_text_drop(r->held.v[i]);
    r->held.n = 0;
}

void sim_reply_free(void *reply)
{
    sim_reply *r = reply;
    if (!r)
        return;
    let_go(r);
    jd_vec_release(&r->held);
    jd_vec_release(&r->parts);
    jd_buf_release(&r->own);
    free(r->piece);
    free(r);
}

jd_buf *sim_reply_own(sim_reply *r)
{
    return &r->own;
}

static void flush(sim_reply *r)
{
    if (r->own.n == r->flushed)
        return;
    *jd_vec_add(&r->parts) = (part){.at = r->flushed, .n = r->own.n - r->flushed};
    r->flushed             = r->own.n;
}

void sim_reply_view(sim_reply *r, jd_str bytes)
{
    if (bytes.n == 0)
        return;
    flush(r);
    *jd_vec_add(&r->parts) = (part){.p = bytes.p, .n = bytes.n};
}

void sim_reply_hold(sim_reply *r, sim_text *t)
{
    *jd_vec_add(&r->held) = t;
}

void sim_reply_clear(sim_reply *r)
{
    jd_buf_reset(&r->own);
    r->flushed = 0;
    r->parts.n = 0;
    r->rows    = 0;
    let_go(r);
}

void sim_reply_status(sim_reply *r, int status)
{
    r->status = status;
}

int sim_reply_status_of(const sim_reply *r)
{
    return r->status;
}

void sim_reply_type(sim_reply *r, const char *content_type)
{
    r->type = content_type;
}

void sim_reply_rows(sim_reply *r, uint64_t rows)
{
    r->rows = rows;
}

uint64_t sim_reply_rows_of(const sim_reply *r)
{
    return r->rows;
}

size_t sim_reply_bytes(const sim_reply *r)
{
    size_t n = r->own.n - r->flushed;
    for (size_t i = 0; i < r->parts.n; i++)
        n += r->parts.v[i].n;
    return n;
}

void sim_reply_errors(sim_reply *r, int status, const jd_str *message, size_t n)
{
    sim_reply_clear(r);
    r->status  = status;
    jd_jsonw w = jd_jsonw_to(&r->own);
    jd_jsonw_object(&w);
    jd_jsonw_name(&w, "errorMessages");
    jd_jsonw_array(&w);
    for (size_t i = 0; i < n; i++)
        jd_jsonw_str(&w, message[i]);
    jd_jsonw_end(&w);
    jd_jsonw_name(&w, "errors");
    jd_jsonw_object(&w);
    jd_jsonw_end(&w);
    jd_jsonw_end(&w);
}

void sim_reply_error(sim_reply *r, int status, jd_str message)
{
    sim_reply_errors(r, status, &message, 1);
}

void sim_reply_plumbing(sim_reply *r, int status, jd_str message)
{
    sim_reply_clear(r);
    r->status  = status;
    jd_jsonw w = jd_jsonw_to(&r->own);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "message", message);
    jd_jsonw_kint(&w, "status-code", status);
    jd_jsonw_end(&w);
}

static const char *const STATUS_TEXT[] = {[400 - 400] = "Bad Request",
                                          [401 - 400] = "Unauthorized",
                                          [403 - 400] = "Forbidden",
                                          [404 - 400] = "Not Found",
                                          [408 - 400] = "Request Timeout",
                                          [429 - 400] = "Too Many Requests",
                                          [500 - 400] = "Internal Server Error",
                                          [502 - 400] = "Bad Gateway",
                                          [503 - 400] = "Service Unavailable",
                                          [504 - 400] = "Gateway Timeout"};

/* As Tomcat does. */
void sim_reply_html(sim_reply *r, int status)
{
    enum { N = sizeof STATUS_TEXT / sizeof *STATUS_TEXT, FIRST = 400 };
    const char *text = status >= FIRST && status < FIRST + N ? STATUS_TEXT[status - FIRST] : NULL;
    sim_reply_clear(r);
    sim_reply_status(r, status);
    sim_reply_type(r, "text/html;charset=utf-8");
    jd_buf_addf(
        sim_reply_own(r),
        "<!doctype html><html lang=\"en\"><head><title>HTTP Status %d \xe2\x80\x93 %s</title>"
        "</head><body><h1>HTTP Status %d \xe2\x80\x93 %s</h1><hr class=\"line\" />"
        "<h3>Apache Tomcat</h3></body></html>",
        status, text ? text : "Error", status, text ? text : "Error");
}

void sim_reply_limited(sim_reply *r)
{
    enum { LIMITED = 429 };
    sim_reply_clear(r);
    r->status = LIMITED;
    jd_buf_addz(&r->own, "{\"message\":\"Rate limit exceeded.\"}");
}

static jd_str bytes_of(const sim_reply *r, const part *p)
{
    return (jd_str){p->p ? p->p : r->own.p + p->at, p->n};
}

void sim_reply_copy(const sim_reply *r, jd_buf *out)
{
    for (size_t i = 0; i < r->parts.n; i++)
        jd_buf_adds(out, bytes_of(r, &r->parts.v[i]));
    jd_buf_adds(out, jd_str_cut(jd_buf_view(&r->own), r->flushed, SIZE_MAX));
}

void sim_reply_put(sim_reply *r, jd_buf *body)
{
    uint64_t rows = r->rows;
    sim_reply_clear(r);
    jd_buf_release(&r->own);
    r->own  = *body;
    r->rows = rows;
    *body   = (jd_buf)JD_BUF_INIT(OWN_MAX);
}

void sim_reply_send(sim_reply *r, jd_httpd_reply *out)
{
    if (!jd_buf_ok(&r->own))
        sim_reply_error(r, 500, JD_STR("The answer would be over 1 GiB: ask for smaller pages."));
    flush(r);
    r->piece = jd_xcalloc(r->parts.n + 1, sizeof *r->piece);
    for (size_t i = 0; i < r->parts.n; i++)
        r->piece[i] = bytes_of(r, &r->parts.v[i]);
    out->status       = r->status;
    out->content_type = r->type;
    out->piece        = r->piece;
    out->npiece       = r->parts.n;
    out->release      = sim_reply_free;
    out->own          = r;
}
