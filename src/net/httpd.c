#include "net/httpd.h"

#include "base/clock.h"
#include "net/delay.h"
#include "text/date.h"
#include "text/url.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    HEAD_MAX        = 32 * 1024,
    POOL            = 96 * 1024, /* a connection's memory in mhd: the head and what mhd adds */
    POOL_STEP       = 8 * 1024,
    CONNECTIONS     = 1000,
    IDLE_S          = 60,
    BACKLOG         = 511,
    DRAIN_MAX       = 8 << 20, /* read this much more of a refused body, so that the 413 is seen */
    STOP_PATIENCE_S = 10,
    IOV_MOST        = 1024, /* mhd 0.9.75 stalls when one sendmsg does not take all vectors */
    READ_BLOCK      = 128 * 1024,
    DRIP_STEP_MS    = 20 /* a paced body goes out in so many steps, or a byte at a time */
};

struct jd_httpd {
    struct MHD_Daemon *daemon;
    jd_httpd_conf      conf;
    uint16_t           port;
    pthread_mutex_t    lock; /* of what follows */
    pthread_cond_t     ended;
    size_t             running;
    bool               stopping;
    jd_delay          *delay;
};

/* Lives until both mhd's request and its response are done with it, in either order; the two ends
 * run on the same thread. */
typedef struct request {
    jd_httpd              *server;
    struct MHD_Connection *connection;
    jd_arena              *arena;
    jd_httpd_request       q;
    jd_buf                 body;
    uint64_t               drained;
    bool                   begun, handled, bad_target;
    int                    refs;
    jd_httpd_reply         reply;
    size_t                 piece_at, piece_off; /* what read_pieces has given */
    jd_alarm               alarm;
    bool                   waited, paused;
    int64_t                drip_ms; /* when the paced body began */
} request;

static void request_drop(request *r)
{
    if (--r->refs > 0)
        return;
    jd_buf_release(&r->body);
    jd_arena_free(r->arena);
    free(r);
}

/* -- what was asked -------------------------------------------------------------------------- */

/* Escapes resolved into the arena; the same bytes when they are wrongly escaped. */
static jd_str decoded(jd_arena *a, jd_str s, bool plus_is_space, bool *good)
{
    jd_buf b   = JD_BUF_INIT(s.n);
    jd_str out = s;
    *good      = jd_url_unescape(&b, s, plus_is_space) && jd_buf_ok(&b);
    if (*good)
        out = jd_arena_dup(a, jd_buf_view(&b));
    jd_buf_release(&b);
    return out;
}

jd_httpd_params jd_httpd_walk(jd_str query)
{
    return (jd_httpd_params){.rest = query};
}

bool jd_httpd_next(jd_httpd_params *it, jd_arena *a)
{
    while (it->rest.n > 0) {
        size_t end  = jd_str_find(it->rest, '&');
        jd_str pair = jd_str_cut(it->rest, 0, end);
        it->rest    = jd_str_cut(it->rest, end + 1, SIZE_MAX);
        if (pair.n == 0)
            continue;
        size_t eq = jd_str_find(pair, '=');
        bool   good;
        it->name  = decoded(a, jd_str_cut(pair, 0, eq), true, &good);
        it->value = decoded(a, jd_str_cut(pair, eq + 1, SIZE_MAX), true, &good);
        if (!it->value.p)
            it->value = JD_STR("");
        return true;
    }
    return false;
}

jd_str jd_httpd_param(const jd_httpd_request *q, jd_arena *a, const char *name)
{
    for (jd_httpd_params it = jd_httpd_walk(q->query); jd_httpd_next(&it, a);)
        if (jd_str_is(it.name, name))
            return it.value;
    return JD_NOSTR;
}

jd_str jd_httpd_header(const jd_httpd_request *q, const char *name)
{
    const request *r     = q->internal;
    const char    *value = NULL;
    size_t         n     = 0;
    if (MHD_lookup_connection_value_n(r->connection, MHD_HEADER_KIND, name, strlen(name), &value,
                                      &n) != MHD_YES)
        return JD_NOSTR;
    return value ? (jd_str){value, n} : JD_STR("");
}

/* "http://host/path" is allowed where "/path" is usual. */
static jd_str without_authority(jd_str target)
{
    if (target.n == 0 || target.p[0] == '/')
        return target;
    size_t at = jd_str_search(target, JD_STR("://"));
    if (at == target.n)
        return target;
    jd_str rest = jd_str_cut(target, at + 3, SIZE_MAX);
    return jd_str_cut(rest, jd_str_find(rest, '/'), SIZE_MAX);
}

/* Requests count from the moment that they are whole: a client that stops half-way holds up
 * nobody. False when the server is stopping and takes no more. */
static bool enter(jd_httpd *h)
{
    (void)pthread_mutex_lock(&h->lock);
    bool welcome = !h->stopping;
    h->running += welcome;
    (void)pthread_mutex_unlock(&h->lock);
    return welcome;
}

static void leave(jd_httpd *h)
{
    (void)pthread_mutex_lock(&h->lock);
    h->running--;
    (void)pthread_cond_signal(&h->ended);
    (void)pthread_mutex_unlock(&h->lock);
}

static void *request_begins(void *self, const char *uri, struct MHD_Connection *connection)
{
    jd_httpd *h   = self;
    request  *r   = jd_xcalloc(1, sizeof *r);
    r->server     = h;
    r->connection = connection;
    r->arena      = jd_arena_new(0);
    r->body.max   = h->conf.max_body;
    r->refs       = 1;
    jd_str target = jd_arena_dup(r->arena, without_authority(jd_str_of(uri)));
    size_t mark   = jd_str_find(target, '?');
    bool   good;
    r->q.path     = decoded(r->arena, jd_str_cut(target, 0, mark), false, &good);
    r->q.query    = jd_str_cut(target, mark + 1, SIZE_MAX);
    r->q.internal = r;
    r->bad_target = !good || jd_str_find(r->q.path, '\0') != r->q.path.n;
    return r;
}

static void request_ends(void *self, struct MHD_Connection *connection, void **own,
                         enum MHD_RequestTerminationCode why)
{
    jd_httpd *h = self;
    request  *r = *own;
    (void)connection;
    (void)why;
    if (!r)
        return;
    bool handled = r->handled;
    *own         = NULL;
    request_drop(r);
    if (handled)
        leave(h);
}

/* mhd's own decoding is not used: leave its copies as they are. */
static size_t keep_escapes(void *self, struct MHD_Connection *connection, char *s)
{
    (void)self;
    (void)connection;
    return strlen(s);
}

/* -- the answer ------------------------------------------------------------------------------- */

static void response_ends(void *own)
{
    request *r = own;
    if (r->reply.release)
        r->reply.release(r->reply.own);
    request_drop(r);
}

static void resume(void *self)
{
    MHD_resume_connection(self);
}

/* The connection sleeps until then, and no thread with it; mhd calls again what it called last.
 * False once the server is stopping: then nothing waits any more. */
static bool sleep_until(request *r, int64_t due_ms)
{
    jd_httpd *h = r->server;
    (void)pthread_mutex_lock(&h->lock);
    bool good = !h->stopping;
    if (good) {
        MHD_suspend_connection(r->connection);
        r->alarm = (jd_alarm){.due_ms = due_ms, .wake = resume, .self = r->connection};
        jd_delay_set(h->delay, &r->alarm);
    }
    (void)pthread_mutex_unlock(&h->lock);
    return good;
}

/* The peer sees a reset, and what it did not get so far is lost. */
static void reset_connection(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    if (info)
        (void)connect(info->connect_fd, &nobody, sizeof nobody);
}

static bool breaks_body(const jd_httpd_way *w)
{
    return w->fault == JD_HTTPD_CUT || w->fault == JD_HTTPD_CUT_RESET;
}

/* How much of `room` may go out now; 0: the connection sleeps until more may. */
static size_t paced(request *r, uint64_t pos, size_t room)
{
    const jd_httpd_way *w   = &r->reply.way;
    int64_t             now = jd_tick_ms(&jd_clock_system);
    if (w->pause_ms > 0 && !r->paused) {
        if (pos < w->pause_at)
            return room < w->pause_at - pos ? room : (size_t)(w->pause_at - pos);
        r->paused = true;
        if (sleep_until(r, now + (int64_t)w->pause_ms))
            return 0;
    }
    if (w->per_second == 0)
        return room;
    if (r->drip_ms == 0)
        r->drip_ms = now - DRIP_STEP_MS;
    uint64_t may = (uint64_t)(now - r->drip_ms) * w->per_second / 1000;
    if (may > pos)
        return room < may - pos ? room : (size_t)(may - pos);
    int64_t next = r->drip_ms + (int64_t)((pos + 1) * 1000 / w->per_second) + 1;
    return sleep_until(r, next > now + DRIP_STEP_MS ? next : now + DRIP_STEP_MS) ? 0 : room;
}

/* Gives the pieces one after the other, and breaks the connection where the cut is. mhd asks for
 * the bytes in order. */
static ssize_t read_pieces(void *own, uint64_t pos, char *out, size_t room)
{
    request            *r   = own;
    const jd_httpd_way *w   = &r->reply.way;
    size_t              got = 0;
    if (breaks_body(w)) {
        if (pos >= w->cut_after) {
            if (w->fault == JD_HTTPD_CUT_RESET)
                reset_connection(r->connection);
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
        if (room > w->cut_after - pos)
            room = (size_t)(w->cut_after - pos);
    }
    room = paced(r, pos, room);
    if (room == 0)
        return 0;
    while (got < room && r->piece_at < r->reply.npiece) {
        jd_str left = jd_str_cut(r->reply.piece[r->piece_at], r->piece_off, room - got);
        if (left.n == 0) {
            r->piece_at++;
            r->piece_off = 0;
            continue;
        }
        memcpy(out + got, left.p, left.n);
        got += left.n;
        r->piece_off += left.n;
    }
    if (got > 0)
        return (ssize_t)got;
    return w->chunked ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
}

static struct MHD_Response *make_response(request *r)
{
    const jd_httpd_reply *reply = &r->reply;
    const jd_httpd_way   *w     = &reply->way;
    uint64_t              total = 0;
    size_t                full  = 0;
    for (size_t i = 0; i < reply->npiece; i++) {
        total += reply->piece[i].n;
        full += reply->piece[i].n > 0;
    }
    uint64_t said    = w->chunked ? MHD_SIZE_UNKNOWN : total + w->missing;
    bool     special = breaks_body(w) || w->missing > 0 || w->pause_ms > 0 || w->per_second > 0;
    if (w->chunked || (special && said > 0) || full > IOV_MOST)
        return MHD_create_response_from_callback(said, READ_BLOCK, read_pieces, r, response_ends);
    struct MHD_IoVec *iov = JD_NEW_ARRAY(r->arena, struct MHD_IoVec, full + 1);
    unsigned          n   = 0;
    for (size_t i = 0; i < reply->npiece; i++)
        if (reply->piece[i].n > 0)
            iov[n++] = (struct MHD_IoVec){reply->piece[i].p, reply->piece[i].n};
    return MHD_create_response_from_iovec(iov, n, response_ends, r);
}

static bool add_head(struct MHD_Response *response, const char *name, const char *value)
{
    return MHD_add_response_header(response, name, value) == MHD_YES;
}

static bool add_heads(struct MHD_Response *response, const request *r)
{
    const jd_httpd_reply *reply = &r->reply;
    bool                  dated = false, good = true;
    for (size_t i = 0; i < reply->nhead; i++) {
        good = good && add_head(response, reply->head[i].name, reply->head[i].value);
        dated |= jd_str_ieq(jd_str_of(reply->head[i].name), JD_STR("Date"));
    }
    if (!dated) {
        char date[JD_TIME_MAX];
        good = good && add_head(response, "Date", jd_time_http(jd_now_ms(&jd_clock_system), date));
    }
    if (reply->content_type)
        good = good && add_head(response, "Content-Type", reply->content_type);
    (void)pthread_mutex_lock(&r->server->lock);
    bool stopping = r->server->stopping;
    (void)pthread_mutex_unlock(&r->server->lock);
    if (stopping)
        (void)add_head(response, "Connection", "close");
    return good;
}

static bool breaks_off(const request *r)
{
    return r->reply.way.fault == JD_HTTPD_DROP || r->reply.way.fault == JD_HTTPD_RESET;
}

/* MHD_NO, which ends the connection at once, when not even a plain error can be sent. */
static enum MHD_Result send_reply(request *r)
{
    if (breaks_off(r)) {
        if (r->reply.way.fault == JD_HTTPD_RESET)
            reset_connection(r->connection);
        if (r->reply.release)
            r->reply.release(r->reply.own);
        return MHD_NO;
    }
    r->refs++; /* the response's */
    struct MHD_Response *response = make_response(r);
    if (!response) {
        response_ends(r);
        return MHD_NO;
    }
    enum MHD_Result done = MHD_NO;
    if (add_heads(response, r))
        done = MHD_queue_response(r->connection, (unsigned)r->reply.status, response);
    MHD_destroy_response(response);
    return done;
}

static enum MHD_Result refuse(request *r, int status, const char *text)
{
    jd_str *piece = JD_NEW(r->arena, jd_str);
    *piece        = jd_str_of(text);
    r->reply      = (jd_httpd_reply){
             .status = status, .content_type = "text/plain", .piece = piece, .npiece = 1};
    return send_reply(r);
}

/* -- the way through --------------------------------------------------------------------------- */

static enum MHD_Result add_head_size(void *own, enum MHD_ValueKind kind, const char *name,
                                     size_t name_n, const char *value, size_t value_n)
{
    size_t *size = own;
    (void)kind;
    (void)name;
    (void)value;
    *size += name_n + value_n + 4; /* ": " and the line's end */
    return MHD_YES;
}

/* The head is there, nothing of the body yet: refuse what is refused anyway. */
static enum MHD_Result look_at_head(request *r)
{
    size_t   size = r->q.path.n + r->q.query.n;
    uint64_t announced;
    r->begun = true;
    (void)MHD_get_connection_values_n(r->connection, MHD_HEADER_KIND, add_head_size, &size);
    if (size > HEAD_MAX)
        return refuse(r, 431, "The request's headers are over 32 KiB.\n");
    if (r->bad_target)
        return refuse(r, 400, "The path is wrongly escaped.\n");
    if (jd_str_u64(jd_httpd_header(&r->q, "Content-Length"), &announced) &&
        announced > r->body.max && announced - r->body.max > DRAIN_MAX)
        return refuse(r, 413, "The request's body is over the limit.\n");
    return MHD_YES;
}

static enum MHD_Result take_body(request *r, const char *data, size_t *n)
{
    jd_buf_add(&r->body, data, *n);
    if (!jd_buf_ok(&r->body)) {
        r->drained += *n;
        if (r->drained > DRAIN_MAX)
            return MHD_NO;
    }
    *n = 0;
    return MHD_YES;
}

/* False when it comes too late. */
static bool handle(request *r, const char *method)
{
    jd_httpd *h = r->server;
    r->handled  = enter(h);
    if (!r->handled)
        return false;
    r->q.method = jd_str_of(method);
    r->q.body   = jd_buf_view(&r->body);
    h->conf.handle(h->conf.self, &r->q, r->arena, &r->reply);
    return true;
}

static enum MHD_Result on_access(void *self, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *data,
                                 size_t *data_n, void **own)
{
    request *r = *own;
    (void)self;
    (void)connection;
    (void)url;
    (void)version;
    if (!r)
        return MHD_NO;
    if (!r->begun)
        return look_at_head(r);
    if (*data_n > 0)
        return take_body(r, data, data_n);
    if (!jd_buf_ok(&r->body))
        return refuse(r, 413, "The request's body is over the limit.\n");
    if (!r->handled && !handle(r, method))
        return refuse(r, 503, "The server is stopping.\n");
    if (r->reply.way.wait_ms > 0 && !r->waited) {
        r->waited = true;
        if (sleep_until(r, jd_tick_ms(&jd_clock_system) + (int64_t)r->reply.way.wait_ms))
            return MHD_YES;
    }
    if (!breaks_off(r) && (r->reply.status < 200 || r->reply.status > 599)) {
        if (r->reply.release)
            r->reply.release(r->reply.own);
        return refuse(r, 500, "The handler gave no answer.\n");
    }
    return send_reply(r);
}

/* -- start and stop --------------------------------------------------------------------------- */

static int listen_at(const struct addrinfo *where)
{
    int fd = socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    int on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* accepted ones inherit it */
    if (bind(fd, where->ai_addr, where->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int sys = errno;
    (void)close(fd);
    errno = sys;
    return -1;
}

static jd_code open_socket(const jd_httpd_conf *conf, int *fd, uint16_t *port, jd_err *e)
{
    struct addrinfo want = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
    char            text[8];
    (void)snprintf(text, sizeof text, "%u", (unsigned)conf->port);
    int bad = getaddrinfo(conf->address, text, &want, &found);
    if (bad)
        return jd_fail(e, JD_E_NET, "%s: no address to listen on: %s", conf->address,
                       gai_strerror(bad));
    *fd = listen_at(found);
    freeaddrinfo(found);
    if (*fd < 0)
        return jd_fail_sys(e, JD_E_NET, errno, "%s:%u: cannot listen there, choose another port",
                           conf->address, (unsigned)conf->port);
    union {
        struct sockaddr     any;
        struct sockaddr_in  four;
        struct sockaddr_in6 six;
    } at        = {0};
    socklen_t n = sizeof at;
    if (getsockname(*fd, &at.any, &n) != 0) {
        jd_fail_sys(e, JD_E_NET, errno, "%s: cannot learn the port", conf->address);
        (void)close(*fd);
        return e->code;
    }
    *port = ntohs(at.any.sa_family == AF_INET6 ? at.six.sin6_port : at.four.sin_port);
    return JD_OK;
}

static struct MHD_Daemon *start_daemon(jd_httpd *h, int fd)
{
    unsigned threads = h->conf.threads > 1 ? h->conf.threads : 0;
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK,
        0, NULL, NULL, on_access, h, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK,
        request_begins, h, MHD_OPTION_NOTIFY_COMPLETED, request_ends, h,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL, MHD_OPTION_CONNECTION_MEMORY_INCREMENT,
        (size_t)POOL_STEP, threads ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, threads,
        MHD_OPTION_END);
}

static void destroy(jd_httpd *h)
{
    (void)pthread_cond_destroy(&h->ended);
    (void)pthread_mutex_destroy(&h->lock);
    jd_delay_free(h->delay);
    free(h);
}

jd_code jd_httpd_start(const jd_httpd_conf *conf, jd_httpd **out, jd_err *e)
{
    int      fd   = -1;
    uint16_t port = 0;
    jd_code  code = open_socket(conf, &fd, &port, e);
    if (code != JD_OK)
        return code;
    jd_httpd *h = jd_xcalloc(1, sizeof *h);
    h->conf     = *conf;
    h->port     = port;
    (void)pthread_mutex_init(&h->lock, NULL);
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&h->ended, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);

    static const int own_faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    sigset_t         all, before; /* other signals are for the program's own threads */
    (void)sigfillset(&all);
    for (size_t i = 0; i < sizeof own_faults / sizeof *own_faults; i++)
        (void)sigdelset(&all, own_faults[i]);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    h->delay = jd_delay_new();
    if (h->delay)
        h->daemon = start_daemon(h, fd);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!h->daemon) {
        destroy(h);
        (void)close(fd);
        return jd_fail(e, JD_E_NET,
                       "%s:%u: the HTTP server does not start: too many open files or threads?",
                       conf->address, (unsigned)port);
    }
    *out = h;
    return JD_OK;
}

uint16_t jd_httpd_port(const jd_httpd *h)
{
    return h->port;
}

void jd_httpd_stop(jd_httpd *h)
{
    if (!h)
        return;
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += STOP_PATIENCE_S;
    (void)pthread_mutex_lock(&h->lock);
    h->stopping = true;
    jd_delay_flush(h->delay);
    while (h->running > 0 && pthread_cond_timedwait(&h->ended, &h->lock, &until) == 0)
        ;
    (void)pthread_mutex_unlock(&h->lock);
    MHD_stop_daemon(h->daemon); /* closes the listening socket, too */
    destroy(h);
}
