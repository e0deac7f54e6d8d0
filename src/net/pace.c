#include "net/http.h"

#define HOUR_MS ((int64_t)3600000)

int64_t jd_pace_take(jd_pace *p, int64_t tick_ms)
{
    int64_t due = p->next_ms > p->closed_until ? p->next_ms : p->closed_until;
    if (tick_ms < due)
        return due - tick_ms;
    p->next_ms = tick_ms + p->gap_ms;
    return 0;
}

static void close_for(jd_pace *p, int64_t ms, int64_t tick_ms)
{
    if (tick_ms + ms > p->closed_until)
        p->closed_until = tick_ms + ms;
}

static bool number(const jd_reply *r, const char *name, uint64_t *out)
{
    return jd_str_u64(jd_str_trim(jd_reply_header(r, name)), out);
}

void jd_pace_learn(jd_pace *p, const jd_reply *r, int64_t tick_ms)
{
    uint64_t left, fill, interval_s;
    if ((r->status == 429 || r->status == 503) && r->retry_after_ms > 0)
        close_for(p, r->retry_after_ms, tick_ms);
    if (!number(r, "x-ratelimit-remaining", &left) || left > 1 ||
        !number(r, "x-ratelimit-fillrate", &fill) || fill == 0 ||
        !number(r, "x-ratelimit-interval-seconds", &interval_s))
        return;
    if (interval_s > (uint64_t)HOUR_MS / 1000)
        interval_s = (uint64_t)HOUR_MS / 1000;
    close_for(p, (int64_t)((interval_s * 1000 - (interval_s > 0)) / fill + (interval_s > 0)),
              tick_ms);
}
