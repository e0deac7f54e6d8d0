/* made.h: small issues for the tests of jirasim's store and server. */
#ifndef TEST_SIM_MADE_H
#define TEST_SIM_MADE_H

#include "sim/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those first */
#include <cmocka.h>

typedef struct made {
    unsigned    id;
    const char *key, *created, *updated;
    unsigned    comments, worklogs, histories; /* how many of each */
    const char *status;                        /* "Open" when NULL */
} made;

static inline void made_list(jd_buf *b, const char *items, unsigned n)
{
    jd_buf_addf(b, "{\"%s\":[", items);
    for (unsigned i = 0; i < n; i++)
        jd_buf_addf(b, "%s{\"id\":\"%u\",\"created\":\"2024-01-15T10:30:00.000+0000\"}",
                    i ? "," : "", i + 1);
    jd_buf_addf(b, "],\"maxResults\":%u,\"total\":%u,\"startAt\":0}", n, n);
}

static inline void made_write(jd_buf *b, const made *m)
{
    const char *dash   = strchr(m->key, '-');
    const char *status = m->status ? m->status : "Open";
    int         n      = (int)(dash - m->key);
    jd_buf_addf(b, "{\"expand\":\"changelog\",\"id\":\"%u\",\"self\":\"https://x/%u\",", m->id,
                m->id);
    jd_buf_addf(b, "\"key\":\"%s\",\"fields\":{\"summary\":\"about %s\",", m->key, m->key);
    jd_buf_addf(b, "\"project\":{\"id\":\"%u\",\"key\":\"%.*s\",\"name\":\"The %.*s\"},",
                (unsigned)(m->key[0] * 10), n, m->key, n, m->key);
    jd_buf_addf(b, "\"status\":{\"id\":\"%u\",\"name\":\"%s\"},\"labels\":[\"a\",\"b\"],",
                (unsigned)status[0], status);
    jd_buf_addf(b, "\"created\":\"%s\",\"updated\":\"%s\",", m->created,
                m->updated ? m->updated : m->created);
    jd_buf_addz(b, "\"attachment\":[],\"customfield_10001\":2.50,\"comment\":");
    made_list(b, "comments", m->comments);
    jd_buf_addz(b, ",\"worklog\":");
    made_list(b, "worklogs", m->worklogs);
    jd_buf_addz(b, "},\"changelog\":");
    made_list(b, "histories", m->histories);
    jd_buf_addc(b, '}');
}

static inline void made_put(sim_store *s, const made *m)
{
    jd_buf b = JD_BUF_INIT(1 << 24);
    jd_err e = JD_ERR_NONE;
    made_write(&b, m);
    jd_code rc = sim_store_put(s, jd_buf_view(&b), &e);
    if (rc != JD_OK)
        fail_msg("%s: %s", m->key, e.msg);
    jd_buf_release(&b);
}

static inline void assert_str(jd_str got, const char *want)
{
    if (!jd_str_is(got, want))
        fail_msg("got  %.*s\nwant %s", JD_FMT(got), want);
}

#endif
