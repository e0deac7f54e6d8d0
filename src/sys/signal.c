#include "sys/signal.h"

#include "base/arena.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_AT_ONCE = 75 }; /* as JD_E_INTERRUPTED */

struct jd_stop {
    int         fd; /* an eventfd that nobody reads: once written, readable for ever */
    atomic_bool wanted;
    atomic_int  signal, signals;
    bool        installed;
};

static const int caught[] = {SIGINT, SIGTERM, SIGHUP};

static _Atomic(jd_stop *) installed_stop;

static void raise_flag(jd_stop *s)
{
    atomic_store(&s->wanted, true);
    uint64_t one = 1;
    ssize_t  n   = write(s->fd, &one, sizeof one);
    (void)n; /* a full counter is readable as well */
}

static void on_signal(int sig)
{
    int      saved = errno;
    jd_stop *s     = atomic_load(&installed_stop);
    if (s) {
        if (atomic_fetch_add(&s->signals, 1) > 0)
            _exit(EXIT_AT_ONCE);
        atomic_store(&s->signal, sig);
        raise_flag(s);
    }
    errno = saved;
}

jd_stop *jd_stop_new(void)
{
    jd_stop *s = jd_xcalloc(1, sizeof *s);
    s->fd      = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->fd < 0)
        abort(); /* no descriptor left at the start of a process: nothing could work */
    return s;
}

static void handle(int sig, void (*handler)(int))
{
    struct sigaction act = {.sa_handler = handler, .sa_flags = SA_RESTART};
    (void)sigemptyset(&act.sa_mask);
    (void)sigaction(sig, &act, NULL);
}

static bool is_ignored(int sig)
{
    struct sigaction act;
    return sigaction(sig, NULL, &act) == 0 && act.sa_handler == SIG_IGN;
}

jd_stop *jd_stop_install(void)
{
    jd_stop *s   = jd_stop_new();
    s->installed = true;
    atomic_store(&installed_stop, s);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
        if (caught[i] != SIGHUP || !is_ignored(SIGHUP)) /* nohup is respected */
            handle(caught[i], on_signal);
    handle(SIGPIPE, SIG_IGN);
    return s;
}

void jd_stop_free(jd_stop *s)
{
    if (!s)
        return;
    if (s->installed) {
        for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
            if (!is_ignored(caught[i]))
                handle(caught[i], SIG_DFL);
        atomic_store(&installed_stop, NULL);
    }
    (void)close(s->fd);
    free(s);
}

bool jd_stop_wanted(const jd_stop *s)
{
    return atomic_load(&s->wanted);
}

int jd_stop_signal(const jd_stop *s)
{
    return atomic_load(&s->signal);
}

void jd_stop_ask(jd_stop *s)
{
    raise_flag(s);
}

int jd_stop_fd(const jd_stop *s)
{
    return s->fd;
}

static int64_t tick_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool jd_stop_sleep(jd_stop *s, int64_t ms)
{
    int64_t now = tick_ms();
    int64_t end;
    if (__builtin_add_overflow(now, ms, &end))
        end = INT64_MAX;
    while (!jd_stop_wanted(s) && (now = tick_ms()) < end) {
        int64_t       left = end - now;
        struct pollfd p    = {.fd = s->fd, .events = POLLIN};
        (void)poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left);
    }
    return !jd_stop_wanted(s);
}
