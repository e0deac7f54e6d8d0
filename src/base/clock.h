/* clock.h: time is passed in, so that a test owns it. Wall time is Unix epoch milliseconds. */
#ifndef JD_BASE_CLOCK_H
#define JD_BASE_CLOCK_H

#include <stdint.h>

typedef struct jd_clock {
    int64_t (*now_ms)(void *self);  /* wall clock, epoch ms */
    int64_t (*tick_ms)(void *self); /* monotonic, for durations */
    void *self;
} jd_clock;

extern const jd_clock jd_clock_system;

static inline int64_t jd_now_ms(const jd_clock *c)
{
    return c->now_ms(c->self);
}

static inline int64_t jd_tick_ms(const jd_clock *c)
{
    return c->tick_ms(c->self);
}

#endif
