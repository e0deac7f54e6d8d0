/* reply.h: an answer under way: own bytes and borrowed issue texts in turn, sent without copying.
 *
 * - The reply holds a reference on every text it shows until the last byte went out.
 * - Own bytes go to sim_reply_own(); a text or view added in between keeps the order. */
#ifndef SIM_REPLY_H
#define SIM_REPLY_H

#include "net/httpd.h"
#include "sim/store.h"

typedef struct sim_reply sim_reply;

sim_reply *sim_reply_new(void);
void       sim_reply_free(void *r); /* NULL is fine */

jd_buf *sim_reply_own(sim_reply *r);
void    sim_reply_view(sim_reply *r, jd_str bytes); /* of a text that is held */
void    sim_reply_hold(sim_reply *r, sim_text *t);  /* takes the caller's reference */
/* Takes back everything that was written, for an error in its place. */
void     sim_reply_clear(sim_reply *r);
void     sim_reply_status(sim_reply *r, int status);
int      sim_reply_status_of(const sim_reply *r);
void     sim_reply_type(sim_reply *r, const char *content_type); /* static text; NULL: none */
void     sim_reply_rows(sim_reply *r, uint64_t rows);
size_t   sim_reply_bytes(const sim_reply *r);
uint64_t sim_reply_rows_of(const sim_reply *r);

/* {"errorMessages":[…],"errors":{}} */
void sim_reply_errors(sim_reply *r, int status, const jd_str *message, size_t n);
void sim_reply_error(sim_reply *r, int status, jd_str message);
/* {"message":…,"status-code":…}, as Jira's plumbing answers */
void sim_reply_plumbing(sim_reply *r, int status, jd_str message);
/* A page as Tomcat makes it. */
void sim_reply_html(sim_reply *r, int status);
/* 429 in JSON. */
void sim_reply_limited(sim_reply *r);

/* The body so far, appended; and another one in its place (its memory is taken over, and status,
 * type and rows stay). */
void sim_reply_copy(const sim_reply *r, jd_buf *out);
void sim_reply_put(sim_reply *r, jd_buf *body);

/* Hands the reply over: out frees it through its release. Heads are the caller's. */
void sim_reply_send(sim_reply *r, jd_httpd_reply *out);

#endif
