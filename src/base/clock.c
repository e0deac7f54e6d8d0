#include "base/clock.h"

#include <stddef.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
    struct timespec t;
    (void)clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t system_now(void *self)
{
    (void)self;
    return read_ms(CLOCK_REALTIME);
}

static int64_t system_tick(void *self)
{
    (void)self;
    return read_ms(CLOCK_MONOTONIC);
}

const jd_clock jd_clock_system = {system_now, system_tick, NULL};
