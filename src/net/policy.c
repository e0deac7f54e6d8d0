#include "net/http.h"

/* Below start*2^(attempt-1), and below the cap. */
static int64_t backoff(const jd_retry *p, unsigned attempt, jd_rng *rng)
{
    int64_t top = p->start_ms;
    for (unsigned i = 1; i < attempt && top < p->cap_ms; i++)
        top = top > p->cap_ms / 2 ? p->cap_ms : top * 2;
    if (top > p->cap_ms)
        top = p->cap_ms;
    return top > 0 ? (int64_t)jd_rng_below(rng, (uint64_t)top) : 0;
}

static jd_code what_happened(const jd_reply *r, const jd_err *err)
{
    if (err)
        return err->code;
    if (r->status == 401)
        return JD_E_AUTH;
    if (r->status == 429)
        return JD_E_BUSY;
    return r->status == 408 || r->status >= 500 ? JD_E_REMOTE : JD_OK;
}

jd_decision jd_retry_decide(const jd_retry *p, const jd_request *q, unsigned attempt,
                            int64_t waited_ms, const jd_reply *r, const jd_err *err, jd_rng *rng)
{
    jd_code why = what_happened(r, err);
    if (why == JD_OK)
        return (jd_decision){JD_ACCEPT, 0, JD_OK};
    if (!err && why == JD_E_AUTH)
        return (jd_decision){attempt == 1 ? JD_REAUTH : JD_GIVE_UP, 0, why};

    bool        safe    = q->idempotent || (err ? !r->reached : r->status == 429);
    jd_decision give_up = {JD_GIVE_UP, 0, why};
    if (!safe || !jd_code_retryable(why) || attempt > p->retries)
        return give_up;
    int64_t wait = backoff(p, attempt, rng);
    if (!err && r->retry_after_ms > 0) { /* and not all at once when the door opens */
        if (r->retry_after_ms > p->budget_ms)
            return give_up;
        wait = r->retry_after_ms + backoff(p, 1, rng);
    }
    if (wait > p->budget_ms - waited_ms)
        return give_up;
    return (jd_decision){JD_RETRY, wait, why};
}
