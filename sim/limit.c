#include "sim/limit.h"

#include "base/hash.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUCKETS = 1024, HOUR_MS = 3600000, WRITES = 100, ISSUES = 256 };

typedef struct bucket {
    int64_t  second;
    uint64_t used;
} bucket;

/* When an issue was written to, the last hundred times. */
typedef struct writes {
    uint64_t issue;
    int64_t  at[WRITES];
    uint64_t n; /* ever */
} writes;

struct sim_limit {
    pthread_mutex_t lock;
    bucket          of[BUCKETS]; /* by endpoint and method */
    int64_t         hour;
    uint64_t        points;
    writes          to[ISSUES]; /* by issue; one in the place of another starts afresh */
};

sim_limit *sim_limit_new(void)
{
    sim_limit *l = jd_xcalloc(1, sizeof *l);
    pthread_mutex_init(&l->lock, NULL);
    return l;
}

void sim_limit_free(sim_limit *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static const char *number(sim_call *c, uint64_t v)
{
    return jd_arena_fmt(c->a, "%llu", (unsigned long long)v).p;
}

static const char *instant(sim_call *c, int64_t ms)
{
    sim_civil t = sim_civil_of(NULL, ms);
    return jd_arena_fmt(c->a, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)t.year, t.month, t.day, t.hour,
                        t.minute, t.second)
        .p;
}

static const char *reason(const sim_call *c, sim_limit_kind kind)
{
    if (kind == SIM_LIMIT_BURST)
        return "jira-burst-based";
    if (kind == SIM_LIMIT_WRITE)
        return "jira-per-issue-on-write";
    return sim_tuned(&c->s->tuning, SIM_QUOTA_GLOBAL) ? "jira-quota-global-based"
                                                      : "jira-quota-tenant-based";
}

void sim_limit_refuse(sim_call *c, sim_limit_kind kind, uint64_t limit, int64_t wait_ms)
{
    enum { LIMITED = 429, DATE = 1, NONE = 2 };
    int64_t  now = sim_now(c->s), seconds = (wait_ms + 999) / 1000;
    uint64_t form = sim_tuned(&c->s->tuning, SIM_RETRY_FORM);
    if (seconds < 1)
        seconds = 1;
    sim_reply_clear(c->r);
    sim_reply_status(c->r, LIMITED);
    jd_buf_addz(sim_reply_own(c->r), "{\"errorMessages\":[\"Rate limit exceeded\"],\"errors\":{}}");
    if (form == DATE)
        c->retry_after = sim_http_date(jd_arena_bytes(c->a, SIM_HTTP_DATE), now + seconds * 1000);
    else if (form != NONE)
        c->retry_after = number(c, (uint64_t)seconds);
    sim_call_head(c, "X-RateLimit-Limit", number(c, limit));
    sim_call_head(c, "X-RateLimit-Remaining", "0");
    sim_call_head(c, "X-RateLimit-Reset", instant(c, now + wait_ms));
    sim_call_head(c, "RateLimit-Reason", reason(c, kind));
    c->row.fault    = JD_STR("rate");
    c->row.retry_ms = form == NONE ? -1 : seconds * 1000;
}

static bool counted(const sim_call *c)
{
    return c->oauth || sim_tuned(&c->s->tuning, SIM_QUOTA_ALL) > 0;
}

/* Under the lock: the hour that it is. */
static void turn_hour(sim_limit *l, int64_t now)
{
    if (now / HOUR_MS != l->hour) {
        l->hour   = now / HOUR_MS;
        l->points = 0;
    }
}

static uint64_t take_burst(sim_limit *l, const sim_call *c, const char *endpoint, uint64_t burst,
                           int64_t now)
{
    uint64_t h = jd_hash64_seed(jd_str_of(endpoint), jd_hash64(c->q->method));
    bucket  *b = &l->of[h % BUCKETS];
    if (b->second != now / 1000)
        *b = (bucket){.second = now / 1000};
    if (b->used >= burst)
        return UINT64_MAX;
    b->used++;
    return burst - b->used;
}

bool sim_limit_take(sim_call *c, const char *endpoint)
{
    sim_limit *l     = c->s->limit;
    uint64_t   burst = sim_tuned(&c->s->tuning, SIM_BURST);
    uint64_t   quota = counted(c) ? sim_tuned(&c->s->tuning, SIM_QUOTA) : 0, left = 0, used = 0;
    int64_t    now = sim_now(c->s);
    if (burst == 0 && quota == 0)
        return true;
    pthread_mutex_lock(&l->lock);
    turn_hour(l, now);
    used = l->points;
    if (burst > 0 && (quota == 0 || used < quota))
        left = take_burst(l, c, endpoint, burst, now);
    pthread_mutex_unlock(&l->lock);
    if (quota > 0 && used >= quota) {
        sim_limit_refuse(c, SIM_LIMIT_QUOTA, quota, HOUR_MS - now % HOUR_MS);
        return false;
    }
    if (burst > 0 && left == UINT64_MAX) {
        sim_limit_refuse(c, SIM_LIMIT_BURST, burst, 1000 - now % 1000);
        return false;
    }
    if (burst > 0 && quota == 0) {
        sim_call_head(c, "X-RateLimit-Limit", number(c, burst));
        sim_call_head(c, "X-RateLimit-Remaining", number(c, left));
    }
    return true;
}

void sim_limit_charge(sim_call *c)
{
    enum { NEAR = 5 }; /* less than a fifth is left */
    sim_limit *l     = c->s->limit;
    uint64_t   quota = counted(c) ? sim_tuned(&c->s->tuning, SIM_QUOTA) : 0;
    int64_t    now   = sim_now(c->s);
    if (quota == 0)
        return;
    pthread_mutex_lock(&l->lock);
    turn_hour(l, now);
    l->points += 1 + sim_reply_rows_of(c->r);
    uint64_t left = l->points < quota ? quota - l->points : 0;
    pthread_mutex_unlock(&l->lock);
    const char *policy =
        sim_tuned(&c->s->tuning, SIM_QUOTA_GLOBAL) ? "global-app-quota" : "tenant-app-quota";
    sim_call_head(c, "X-RateLimit-Limit", number(c, quota));
    sim_call_head(c, "X-RateLimit-Remaining", number(c, left));
    if (left * NEAR < quota)
        sim_call_head(c, "X-RateLimit-NearLimit", "true");
    sim_call_head(c, "Beta-RateLimit-Policy",
                  jd_arena_fmt(c->a, "\"%s\";q=%llu;w=3600", policy, (unsigned long long)quota).p);
    sim_call_head(c, "Beta-RateLimit",
                  jd_arena_fmt(c->a, "\"%s\";r=%llu;t=%lld", policy, (unsigned long long)left,
                               (long long)((HOUR_MS - now % HOUR_MS) / 1000))
                      .p);
}

/* Until one more is allowed, when so many were in that time; 0: now. */
static int64_t write_wait(const writes *w, uint64_t most, int64_t span_ms, int64_t now)
{
    if (most == 0 || w->n < most)
        return 0;
    int64_t oldest = w->at[(w->n - most) % WRITES];
    return oldest + span_ms > now ? oldest + span_ms - now : 0;
}

bool sim_limit_write(sim_call *c, uint64_t issue)
{
    enum { BURST_MS = 2000, RATE_MS = 30000 };
    sim_limit *l     = c->s->limit;
    int64_t    now   = sim_now(c->s);
    uint64_t   burst = sim_tuned(&c->s->tuning, SIM_WRITE_BURST);
    uint64_t   rate  = sim_tuned(&c->s->tuning, SIM_WRITE_RATE);
    pthread_mutex_lock(&l->lock);
    writes *w = &l->to[jd_mix64(issue) % ISSUES];
    if (w->issue != issue)
        *w = (writes){.issue = issue};
    int64_t soon = write_wait(w, burst, BURST_MS, now), late = write_wait(w, rate, RATE_MS, now);
    if (soon == 0 && late == 0)
        w->at[w->n++ % WRITES] = now;
    pthread_mutex_unlock(&l->lock);
    if (soon == 0 && late == 0)
        return true;
    sim_limit_refuse(c, SIM_LIMIT_WRITE, late > soon ? rate : burst, late > soon ? late : soon);
    return false;
}
