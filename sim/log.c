#include "sim/log.h"

#include "base/arena.h"
#include "sim/zone.h"
#include "sys/file.h"
#include "text/jsonw.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { KEPT_MAX = 256 << 20, ROW_MAX = 4 << 20, TEXT_MAX = 64 << 10 };

struct sim_log {
    pthread_mutex_t      lock;
    jd_buf               kept;
    int                  fd;
    char                *path;
    jd_err               failure; /* the first; nothing is written after it */
    atomic_uint_fast64_t count;
};

jd_code sim_log_open(const char *path, sim_log **out, jd_err *e)
{
    int fd = -1;
    if (path) {
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
        if (fd < 0)
            return jd_fail_sys(e, JD_E_IO, errno, "cannot write the request log %s", path);
    }
    sim_log *l = jd_xcalloc(1, sizeof *l);
    pthread_mutex_init(&l->lock, NULL);
    l->kept = (jd_buf)JD_BUF_INIT(KEPT_MAX);
    l->fd   = fd;
    l->path = path ? jd_xstrdup(path) : NULL;
    *out    = l;
    return JD_OK;
}

jd_code sim_log_close(sim_log *l, jd_err *e)
{
    if (!l)
        return JD_OK;
    jd_code rc = l->failure.code;
    if (rc != JD_OK)
        *e = l->failure;
    if (l->fd >= 0)
        close(l->fd);
    jd_buf_release(&l->kept);
    pthread_mutex_destroy(&l->lock);
    free(l->path);
    free(l);
    return rc;
}

static void optional(jd_jsonw *w, const char *name, jd_str s)
{
    if (s.p)
        jd_jsonw_kstr(w, name, jd_str_cut(s, 0, TEXT_MAX));
}

static void row_write(jd_buf *out, const sim_log_row *r)
{
    char     time[SIM_DATE_LEN];
    jd_jsonw w = jd_jsonw_to(out);
    sim_date_put(time, NULL, r->time_ms);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "time", (jd_str){time, SIM_DATE_LEN});
    jd_jsonw_kint(&w, "tick", r->tick_ms);
    jd_jsonw_kint(&w, "sent", r->sent_ms);
    jd_jsonw_kstr(&w, "method", r->method);
    jd_jsonw_kstr(&w, "path", r->path);
    optional(&w, "query", r->query);
    optional(&w, "user", r->user);
    optional(&w, "jql", r->jql);
    if (r->start_at >= 0)
        jd_jsonw_kint(&w, "startAt", r->start_at);
    if (r->max_results >= 0)
        jd_jsonw_kint(&w, "maxResults", r->max_results);
    optional(&w, "fields", r->fields);
    optional(&w, "expand", r->expand);
    jd_jsonw_kint(&w, "status", r->status);
    jd_jsonw_kint(&w, "rows", (int64_t)r->rows);
    jd_jsonw_kint(&w, "bytes", (int64_t)r->bytes);
    jd_jsonw_kint(&w, "ms", r->took_ms);
    optional(&w, "fault", r->fault);
    optional(&w, "changed", r->changed);
    if (r->retry_ms >= 0)
        jd_jsonw_kint(&w, "retryAfterMs", r->retry_ms);
    jd_jsonw_end(&w);
}

void sim_log_add(sim_log *l, const sim_log_row *row)
{
    jd_buf line = JD_BUF_INIT(ROW_MAX);
    row_write(&line, row);
    pthread_mutex_lock(&l->lock);
    /* One row or none: a ceiling must not leave half a row. */
    if (l->kept.n + line.n + 1 <= KEPT_MAX) {
        if (l->kept.n > 0)
            jd_buf_addc(&l->kept, ',');
        jd_buf_adds(&l->kept, jd_buf_view(&line));
    }
    jd_buf_addc(&line, '\n');
    /* A full disk must not stop the server: main says so at the end. */
    if (l->fd >= 0 && l->failure.code == JD_OK)
        (void)!jd_file_write(l->fd, jd_buf_view(&line), l->path, &l->failure);
    pthread_mutex_unlock(&l->lock);
    jd_buf_release(&line);
}

void sim_log_write(sim_log *l, jd_buf *out)
{
    pthread_mutex_lock(&l->lock);
    jd_buf_addc(out, '[');
    jd_buf_adds(out, jd_buf_view(&l->kept));
    jd_buf_addc(out, ']');
    pthread_mutex_unlock(&l->lock);
}

void sim_log_forget(sim_log *l)
{
    pthread_mutex_lock(&l->lock);
    jd_buf_reset(&l->kept);
    pthread_mutex_unlock(&l->lock);
}

uint64_t sim_log_next(sim_log *l)
{
    return atomic_fetch_add(&l->count, 1) + 1;
}
