#include "cli/progress.h"

#include "cli/cli.h"
#include "text/date.h"
#include "text/jsonw.h"
#include "text/utf8.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    DRAW_MS   = 100,   /* between two drawings of the live line */
    PLAIN_MS  = 10000, /* between two plain lines */
    JSON_MS   = 1000,
    SAMPLE_MS = 10000, /* what the rate is measured over, and up to twice that */
    LINE_CEIL = 8192,
    BAR_CELLS = 20
};

struct jd_progress {
    pthread_mutex_t  lock;
    jd_progress_mode mode;
    const jd_clock  *clock;
    bool             tty, open, drawn;
    int              fd;
    size_t           columns;
    char            *name, *why;
    uint64_t         total, done;
    int64_t          wait_until; /* on the monotonic clock */
    int64_t          last;       /* when a line was last put out */
    int64_t          then[2];    /* two samples, the older one first, */
    uint64_t         had[2];     /* and what was done by then */
};

static const char *const level_names[] = {"debug", "info", "warn", "error"};

static size_t columns_of(int fd)
{
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

jd_progress *jd_progress_new_on(jd_progress_mode mode, const jd_clock *clock, bool tty, int fd,
                                int columns)
{
    jd_progress *p = jd_xcalloc(1, sizeof *p);
    (void)pthread_mutex_init(&p->lock, NULL);
    p->mode    = mode != JD_PROGRESS_AUTO ? mode : tty ? JD_PROGRESS_BAR : JD_PROGRESS_PLAIN;
    p->clock   = clock;
    p->tty     = tty;
    p->fd      = fd;
    p->columns = columns > 0 ? (size_t)columns : 80;
    return p;
}

jd_progress *jd_progress_new(jd_progress_mode mode, const jd_clock *clock, bool err_tty)
{
    return jd_progress_new_on(mode, clock, err_tty, STDERR_FILENO, (int)columns_of(STDERR_FILENO));
}

/* One write a line, so that lines of other processes do not mix in. Failures are ignored. */
static void put_out(const jd_progress *p, const jd_buf *b)
{
    for (size_t at = 0; at < b->n;) {
        ssize_t n = write(p->fd, b->p + at, b->n - at);
        if (n < 0 && errno != EINTR)
            return;
        at += n > 0 ? (size_t)n : 0;
    }
}

static void put_grouped(jd_buf *b, uint64_t v)
{
    if (v >= 1000)
        put_grouped(b, v / 1000);
    jd_buf_addf(b, v >= 1000 ? ",%03u" : "%u", (unsigned)(v % 1000));
}

static void sample(jd_progress *p, int64_t now)
{
    if (now - p->then[1] < SAMPLE_MS)
        return;
    p->then[0] = p->then[1];
    p->had[0]  = p->had[1];
    p->then[1] = now;
    p->had[1]  = p->done;
}

/* Issues a second, 0 when nothing can be said yet. */
static double rate(const jd_progress *p, int64_t now)
{
    int64_t ms = now - p->then[0];
    return ms > 0 ? (double)(p->done - p->had[0]) * 1000.0 / (double)ms : 0;
}

static void put_rate(const jd_progress *p, jd_buf *b, int64_t now)
{
    double r = rate(p, now);
    if (r <= 0)
        return;
    jd_buf_addf(b, r < 10 ? ", %.1f/s" : ", %.0f/s", r);
    if (p->total > p->done) {
        double left = (double)(p->total - p->done) / r * 1000;
        char   text[JD_TIME_MAX];
        if (left < 1e13)
            jd_buf_addf(b, ", %s left", jd_duration((int64_t)left, text));
    }
}

/* "HADOOP: 1,234 of 5,000 issues, 230/s, 16 s left, waiting 3 s: rate limited" */
static void put_state(const jd_progress *p, jd_buf *b, int64_t now)
{
    jd_escape_line(b, jd_str_of(p->name));
    jd_buf_addz(b, ": ");
    put_grouped(b, p->done);
    if (p->total) {
        jd_buf_addz(b, " of ");
        put_grouped(b, p->total);
    }
    jd_buf_addz(b, " issues");
    put_rate(p, b, now);
    if (p->why && p->wait_until > now) {
        char text[JD_TIME_MAX];
        jd_buf_addf(b, ", waiting %s: ", jd_duration(p->wait_until - now + 999, text));
        jd_escape_line(b, jd_str_of(p->why));
    }
}

static void put_erase(jd_progress *p, jd_buf *b)
{
    if (p->drawn)
        jd_buf_addz(b, "\r\033[K");
    p->drawn = false;
}

static void put_bar(jd_progress *p, jd_buf *b, int64_t now)
{
    jd_buf text = JD_BUF_INIT(LINE_CEIL);
    put_erase(p, b);
    if (p->total) {
        uint64_t done = p->done < p->total ? p->done : p->total;
        unsigned full = (unsigned)((double)done / (double)p->total * BAR_CELLS);
        jd_buf_addz(&text, "[");
        for (unsigned i = 0; i < BAR_CELLS; i++)
            jd_buf_addc(&text, i < full ? '#' : '-');
        jd_buf_addz(&text, "] ");
    }
    put_state(p, &text, now);
    jd_str line = jd_buf_view(&text);
    while (line.n && jd_utf8_width(line) + 1 > p->columns) /* a wrapped line cannot be erased */
        line = jd_utf8_head(line, line.n - 1);
    jd_buf_adds(b, line);
    p->drawn = true;
    jd_buf_release(&text);
}

static void begin_json(const jd_progress *p, jd_jsonw *w, jd_level level, const char *event,
                       jd_str text)
{
    char time[JD_TIME_MAX];
    jd_jsonw_object(w);
    jd_jsonw_kstr(w, "time", jd_str_of(jd_time_utc(jd_now_ms(p->clock), time)));
    jd_jsonw_kstr(w, "level", jd_str_of(level_names[level]));
    jd_jsonw_kstr(w, "event", jd_str_of(event));
    jd_jsonw_kstr(w, "text", text);
}

static void put_json_state(const jd_progress *p, jd_buf *b, int64_t now)
{
    jd_buf text = JD_BUF_INIT(LINE_CEIL);
    put_state(p, &text, now);
    jd_jsonw w = jd_jsonw_to(b);
    begin_json(p, &w, JD_INFO, "progress", jd_buf_view(&text));
    jd_jsonw_kstr(&w, "scope", jd_str_of(p->name));
    jd_jsonw_kint(&w, "done", (int64_t)p->done);
    jd_jsonw_name(&w, "total");
    if (p->total)
        jd_jsonw_int(&w, (int64_t)p->total);
    else
        jd_jsonw_null(&w);
    jd_jsonw_name(&w, "per_second");
    jd_jsonw_num(&w, rate(p, now));
    if (p->why && p->wait_until > now) {
        jd_jsonw_kint(&w, "wait_ms", p->wait_until - now);
        jd_jsonw_kstr(&w, "wait_for", jd_str_of(p->why));
    }
    jd_jsonw_end(&w);
    jd_buf_addc(b, '\n');
    jd_buf_release(&text);
}

/* Puts the state out in the mode's own form when it is time to, or when `now_please`. */
static void show(jd_progress *p, bool now_please)
{
    if (p->mode == JD_PROGRESS_NONE || !p->open)
        return;
    int64_t now  = jd_tick_ms(p->clock);
    int64_t wait = p->mode == JD_PROGRESS_BAR    ? DRAW_MS
                   : p->mode == JD_PROGRESS_JSON ? JSON_MS
                                                 : PLAIN_MS;
    sample(p, now);
    if (!now_please && now - p->last < wait)
        return;
    p->last  = now;
    jd_buf b = JD_BUF_INIT(2 * LINE_CEIL);
    if (p->mode == JD_PROGRESS_BAR) {
        put_bar(p, &b, now);
    } else if (p->mode == JD_PROGRESS_JSON) {
        put_json_state(p, &b, now);
    } else {
        put_state(p, &b, now);
        jd_buf_addc(&b, '\n');
    }
    put_out(p, &b);
    jd_buf_release(&b);
}

static void close_scope(jd_progress *p)
{
    if (!p->open)
        return;
    free(p->why);
    p->why = NULL;
    if (p->mode == JD_PROGRESS_BAR) {
        jd_buf b = JD_BUF_INIT(64);
        put_erase(p, &b);
        put_out(p, &b);
        jd_buf_release(&b);
    } else {
        show(p, true);
    }
    free(p->name);
    p->name = NULL;
    p->open = false;
}

static void lock(jd_progress *p)
{
    (void)pthread_mutex_lock(&p->lock);
}

static void unlock(jd_progress *p)
{
    (void)pthread_mutex_unlock(&p->lock);
}

void jd_progress_scope(jd_progress *p, const char *name, uint64_t total)
{
    lock(p);
    close_scope(p);
    int64_t now = jd_tick_ms(p->clock);
    p->name     = jd_xstrdup(name);
    p->open     = true;
    p->total    = total;
    p->done     = 0;
    for (int i = 0; i < 2; i++) {
        p->then[i] = now;
        p->had[i]  = 0;
    }
    p->last = now;
    if (p->mode == JD_PROGRESS_BAR)
        show(p, true);
    unlock(p);
}

void jd_progress_total(jd_progress *p, uint64_t total)
{
    lock(p);
    p->total = total;
    show(p, false);
    unlock(p);
}

void jd_progress_add(jd_progress *p, uint64_t n)
{
    lock(p);
    p->done += n;
    free(p->why);
    p->why = NULL;
    show(p, false);
    unlock(p);
}

void jd_progress_wait(jd_progress *p, const char *why, int64_t ms)
{
    lock(p);
    free(p->why);
    p->why        = jd_xstrdup(why);
    p->wait_until = jd_tick_ms(p->clock) + (ms > 0 ? ms : 0);
    show(p, p->mode == JD_PROGRESS_BAR || ms >= PLAIN_MS);
    unlock(p);
}

void jd_progress_end(jd_progress *p)
{
    lock(p);
    close_scope(p);
    unlock(p);
}

void jd_progress_free(jd_progress *p)
{
    if (!p)
        return;
    jd_progress_end(p);
    (void)pthread_mutex_destroy(&p->lock);
    free(p);
}

void jd_progress_say(jd_progress *p, jd_level level, const char *event, const char *human,
                     const char *text)
{
    jd_buf b = JD_BUF_INIT(2 * LINE_CEIL);
    lock(p);
    if (p->mode == JD_PROGRESS_JSON) {
        jd_jsonw w = jd_jsonw_to(&b);
        begin_json(p, &w, level, event, jd_str_of(text));
        jd_jsonw_end(&w);
        jd_buf_addc(&b, '\n');
    } else {
        bool again = p->drawn;
        put_erase(p, &b);
        jd_escape_line(&b, jd_str_of(human));
        jd_buf_addc(&b, '\n');
        if (again)
            put_bar(p, &b, jd_tick_ms(p->clock));
    }
    put_out(p, &b);
    unlock(p);
    jd_buf_release(&b);
}

/* On a terminal the reader knows what time it is; in a log file a line says so. */
static void emit(void *self, jd_level level, const char *event, const char *text)
{
    static const char *const marks[] = {"debug: ", "", "warning: ", "error: "};
    jd_progress             *p       = self;
    jd_buf                   line    = JD_BUF_INIT(LINE_CEIL);
    char                     time[JD_TIME_MAX];
    if (!p->tty)
        jd_buf_addf(&line, "%s ", jd_time_utc(jd_now_ms(p->clock), time));
    jd_buf_addz(&line, marks[level]);
    if (level == JD_DEBUG)
        jd_buf_addf(&line, "%s: ", event);
    jd_buf_addz(&line, text);
    jd_progress_say(p, level, event, jd_buf_cstr(&line), text);
    jd_buf_release(&line);
}

jd_log jd_progress_log(jd_progress *p, jd_level least)
{
    return (jd_log){.least = least, .emit = emit, .self = p};
}
