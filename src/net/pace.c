#include "net/http.h"

#include <math.h>

#define HOUR_MS 3600000.0

/* What flowed into the bucket since it was last looked at. */
static void fill(jd_pace *p, int64_t tick_ms)
{
    if (tick_ms > p->filled_ms)
        p->tokens += (double)(tick_ms - p->filled_ms) * p->per_ms;
    if (p->tokens > p->cap)
        p->tokens = p->cap;
    p->filled_ms = tick_ms;
}

int64_t jd_pace_take(jd_pace *p, int64_t tick_ms)
{
    int64_t due = p->next_ms > p->closed_until ? p->next_ms : p->closed_until;
    if (tick_ms < due)
        return due - tick_ms;
    if (p->metered) {
        fill(p, tick_ms);
        if (p->tokens < 1) {
            double ms = ceil((1 - p->tokens) / p->per_ms);
            return ms < 1 ? 1 : ms > HOUR_MS ? (int64_t)HOUR_MS : (int64_t)ms;
        }
        p->tokens -= 1;
    }
    p->next_ms = tick_ms + p->gap_ms;
    return 0;
}

static bool number(const jd_reply *r, const char *name, double *out)
{
    uint64_t n;
    if (!jd_str_u64(jd_str_trim(jd_reply_header(r, name)), &n))
        return false;
    *out = (double)n;
    return true;
}

void jd_pace_learn(jd_pace *p, const jd_reply *r, unsigned running, int64_t tick_ms)
{
    double left, rate, seconds, limit;
    if ((r->status == 429 || r->status == 503) && r->retry_after_ms > 0 &&
        tick_ms + r->retry_after_ms > p->closed_until)
        p->closed_until = tick_ms + r->retry_after_ms;
    if (!number(r, "x-ratelimit-remaining", &left) || !number(r, "x-ratelimit-fillrate", &rate) ||
        !number(r, "x-ratelimit-interval-seconds", &seconds) || rate < 1 || seconds < 1)
        return;
    if (!number(r, "x-ratelimit-limit", &limit) || limit < 1)
        limit = rate;
    p->metered = true;
    p->per_ms  = rate / (seconds * 1000);
    /* New tokens may come all at once at the end of an interval: what one interval gives is kept in
     * hand where the bucket has room for it, so that the wait for them is never a refusal. */
    double room  = limit > rate ? limit - rate : 0;
    double spare = room < rate ? room : rate;
    p->cap       = (limit > left ? limit : left) - spare;
    p->tokens    = left - running - spare;
    p->filled_ms = tick_ms;
}
