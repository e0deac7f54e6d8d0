#include "base/buf.h"
#include "base/vec.h"
#include "net/http.h"
#include "net/reply.h"
#include "text/url.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONNECTIONS    = 8,
    BODY_MAX       = 64 << 20,
    HEAD_MAX       = 256 << 10,
    KEEP_MAX       = 8 << 20, /* a buffer grown beyond this is not kept for the next body */
    SLOW_BYTES     = 16,      /* fewer a second, for SLOW_S seconds, count as an end */
    SLOW_S         = 90,
    RECEIVE_BUFFER = 64 << 10
};

typedef struct curl_transport curl_transport;

/* One slot of the transport, used again and again: handle and buffers stay. */
struct jd_transfer {
    curl_transport    *owner;
    jd_transfer       *next;
    CURL              *easy;
    struct curl_slist *lines;
    char               error[CURL_ERROR_SIZE];
    jd_str             url;
    jd_arena          *arena;
    jd_transfer_done   done;
    void              *user;
    bool               running; /* in the multi handle, not just queued */

    JD_VEC(jd_header) head;
    size_t head_bytes, max, got;
    char  *straight; /* the body's place in the arena when its length is known, else NULL */
    size_t straight_n;
    jd_buf grown;
    bool   body_begun, over, head_over;

    const jd_body_sink *into;
    bool                elsewhere; /* the body goes there */
};

struct curl_transport {
    CURLM       *multi;
    jd_curl_conf conf;
    char        *user_agent, *ca_file;
    jd_transfer *active, *queue, *spare; /* queue in order of arrival */
    unsigned     running;
    uint64_t     finished;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode       global;

static void init_once(void)
{
    global = curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* -- what comes in ---------------------------------------------------------------------------- */

static jd_str lower(jd_arena *a, jd_str s)
{
    char *p = jd_arena_cstr(a, s);
    for (size_t i = 0; i < s.n; i++)
        if (p[i] >= 'A' && p[i] <= 'Z')
            p[i] = (char)(p[i] + 32);
    return (jd_str){p, s.n};
}

static size_t on_head(char *p, size_t size, size_t n, void *own)
{
    jd_transfer *t    = own;
    jd_str       line = {p, size * n};
    t->head_bytes += line.n;
    if (t->head_bytes > HEAD_MAX) {
        t->head_over = true;
        return 0;
    }
    if (t->body_begun) /* trailers */
        return line.n;
    if (jd_str_starts(line, JD_STR("HTTP/"))) { /* after an interim reply comes another */
        t->head.n = 0;
        return line.n;
    }
    size_t colon = jd_str_find(line, ':');
    if (colon == line.n || colon == 0 || p[0] == ' ' || p[0] == '\t')
        return line.n;
    *jd_vec_add(&t->head) =
        (jd_header){lower(t->arena, jd_str_trim(jd_str_cut(line, 0, colon))),
                    jd_arena_dup(t->arena, jd_str_trim(jd_str_cut(line, colon + 1, SIZE_MAX)))};
    return line.n;
}

static jd_str head_value(const jd_transfer *t, const char *name)
{
    const jd_reply r = {.head = t->head.v, .nhead = t->head.n};
    return jd_reply_header(&r, name);
}

/* A body whose length is known, and not compressed, goes to its last place at once. */
static void begin_body(jd_transfer *t)
{
    uint64_t n;
    long     status = 0;
    t->body_begun   = true;
    if (t->into) {
        (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
        const jd_reply head = {.status = (int)status, .head = t->head.v, .nhead = t->head.n};
        t->elsewhere        = t->into->begin(t->into->self, &head);
    }
    if (t->elsewhere)
        return;
    if (head_value(t, "content-encoding").p || head_value(t, "transfer-encoding").p ||
        !jd_str_u64(head_value(t, "content-length"), &n) || n > t->max)
        return;
    t->straight   = jd_arena_bytes(t->arena, (size_t)n + 1);
    t->straight_n = (size_t)n;
}

static size_t on_body(char *p, size_t size, size_t count, void *own)
{
    jd_transfer *t = own;
    size_t       n = size * count;
    if (!t->body_begun)
        begin_body(t);
    if (t->elsewhere)
        return t->into->more(t->into->self, p, n) ? n : 0;
    if (n > t->max - t->got) {
        t->over = true;
        return 0;
    }
    if (!t->straight) {
        jd_buf_add(&t->grown, p, n);
    } else {
        if (n > t->straight_n - t->got)
            return 0;
        memcpy(t->straight + t->got, p, n);
    }
    t->got += n;
    return n;
}

/* -- what went wrong -------------------------------------------------------------------------- */

typedef struct curl_meaning {
    CURLcode    result;
    jd_code     code;
    bool        site; /* concerns the site rather than the one address */
    const char *text; /* NULL: curl's own words */
} curl_meaning;

static const curl_meaning meanings[] = {
    {CURLE_COULDNT_RESOLVE_HOST, JD_E_NET, true,
     "cannot resolve the host name; check the address (--base-url) and the network"},
    {CURLE_COULDNT_RESOLVE_PROXY, JD_E_NET, true,
     "cannot resolve the proxy's host name; check https_proxy and http_proxy"},
    {CURLE_COULDNT_CONNECT, JD_E_NET, true,
     "cannot connect; check the address and the port (--base-url), and that the service runs"},
    {CURLE_SSL_CONNECT_ERROR, JD_E_NET, true,
     "the TLS handshake failed; is this an https address, and is the port right?"},
    {CURLE_PEER_FAILED_VERIFICATION, JD_E_CONFIG, true,
     "the server's certificate is not trusted; check the host name and the clock, or name the "
     "authority that signed it (--ca-file)"},
    {CURLE_SSL_CACERT_BADFILE, JD_E_CONFIG, true,
     "the file of trusted authorities (--ca-file) cannot be read"},
    {CURLE_URL_MALFORMAT, JD_E_CONFIG, false, "this is no address; check --base-url"},
    {CURLE_GOT_NOTHING, JD_E_NET, false, "the server ended the connection without an answer"},
    {CURLE_PARTIAL_FILE, JD_E_NET, false, "the answer was cut off"},
    {CURLE_RECV_ERROR, JD_E_NET, false, "the connection broke while the answer came"},
    {CURLE_SEND_ERROR, JD_E_NET, false, "the connection broke while the request was sent"},
    {CURLE_BAD_CONTENT_ENCODING, JD_E_REMOTE, false,
     "the answer's compression is damaged or of an unknown kind"},
    {CURLE_WEIRD_SERVER_REPLY, JD_E_REMOTE, true,
     "answers with something that is not HTTP; check the address and the port"},
    {CURLE_UNSUPPORTED_PROTOCOL, JD_E_REMOTE, true,
     "answers with something that is not HTTP; check the address and the port"},
};

static const char *site_of(jd_str shown, char out[JD_SHOWN_URL])
{
    size_t scheme = jd_str_search(shown, JD_STR("://"));
    size_t from   = scheme < shown.n ? scheme + 3 : 0;
    size_t host   = jd_str_find(jd_str_cut(shown, from, SIZE_MAX), '/');
    return jd_url_shown(jd_str_cut(shown, 0, from + host), out);
}

static jd_code fail_timeout(const jd_transfer *t, const char *url, bool reached, jd_err *e)
{
    curl_off_t us = 0;
    char       site[JD_SHOWN_URL];
    (void)curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &us);
    double s = (double)us / 1e6;
    if (!reached)
        return jd_fail(e, JD_E_NET,
                       "%s: no connection within %.1f s; check the address and the network, or "
                       "raise --connect-timeout",
                       site_of(jd_str_of(url), site), s);
    return jd_fail(e, JD_E_NET, "%s: no whole answer within %.1f s; the server is slow (--timeout)",
                   url, s);
}

static jd_code fail_curl(const jd_transfer *t, CURLcode result, bool reached, jd_err *e)
{
    char        shown[JD_SHOWN_URL], site[JD_SHOWN_URL];
    const char *url = jd_url_shown(t->url, shown);
    if (t->elsewhere && result == CURLE_WRITE_ERROR)
        jd_fail(e, JD_E_TOOBIG, "%s: the rest of the answer was not taken", url);
    else if (t->over)
        jd_fail(e, JD_E_TOOBIG, "%s: the answer is over the limit of %zu bytes", url, t->max);
    else if (t->head_over)
        jd_fail(e, JD_E_TOOBIG, "%s: the answer's headers are over the limit of %d bytes", url,
                HEAD_MAX);
    else if (result == CURLE_OPERATION_TIMEDOUT)
        (void)fail_timeout(t, url, reached, e);
    else {
        curl_meaning m = {result, JD_E_NET, false, NULL};
        for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
            if (meanings[i].result == result)
                m = meanings[i];
        const char *said = t->error[0] ? t->error : curl_easy_strerror(result);
        const char *what = m.site ? site_of(jd_str_of(url), site) : url;
        if (m.text)
            jd_fail(e, m.code, "%s: %s (%s)", what, m.text, said);
        else
            jd_fail(e, m.code, "%s: %s", what, said);
    }
    e->sys = (int)result;
    return e->code;
}

#define SET(option, value) good = good && curl_easy_setopt(easy, option, value) == CURLE_OK

/* -- the life of a transfer -------------------------------------------------------------------- */

static void unlink_transfer(jd_transfer **list, const jd_transfer *t)
{
    while (*list && *list != t)
        list = &(*list)->next;
    if (*list)
        *list = t->next;
}

static void recycle(curl_transport *c, jd_transfer *t)
{
    curl_slist_free_all(t->lines);
    t->lines = NULL;
    t->arena = NULL;
    if (t->grown.cap > KEEP_MAX)
        jd_buf_release(&t->grown);
    t->next  = c->spare;
    c->spare = t;
}

/* What all transfers of a slot share, set once. Cookies and netrc are off because they are never
 * turned on. */
static bool set_common(const curl_transport *c, jd_transfer *t)
{
    CURL *easy = t->easy;
    bool  good = true;
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    SET(CURLOPT_QUICK_EXIT, 1L); /* a stop does not wait for a name lookup */
#endif
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_ACCEPT_ENCODING, "");
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)c->conf.connect_timeout_ms);
    SET(CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
    SET(CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER);
    SET(CURLOPT_ERRORBUFFER, t->error);
    SET(CURLOPT_HEADERFUNCTION, on_head);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_PRIVATE, t);
    if (c->user_agent)
        SET(CURLOPT_USERAGENT, c->user_agent);
    if (c->ca_file)
        SET(CURLOPT_CAINFO, c->ca_file);
    return good;
}

static jd_transfer *take_slot(curl_transport *c)
{
    jd_transfer *t = c->spare;
    if (t) {
        c->spare = t->next;
    } else {
        t       = jd_xcalloc(1, sizeof *t);
        t->easy = curl_easy_init();
        if (!t->easy || !set_common(c, t)) {
            curl_easy_cleanup(t->easy);
            free(t);
            return NULL;
        }
    }
    t->owner  = c;
    t->next   = NULL;
    t->head.n = 0;
    jd_buf_reset(&t->grown);
    t->head_bytes = t->got = t->straight_n = 0;
    t->straight                            = NULL;
    t->error[0]                            = '\0';
    t->running = t->body_begun = t->over = t->head_over = t->elsewhere = false;
    t->into                                                            = NULL;
    return t;
}

static bool is_plain(jd_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
            return false;
    return true;
}

static bool add_line(jd_transfer *t, jd_arena *a, jd_str name, jd_str value)
{
    /* curl takes "Name:" as the wish to leave it out, "Name;" as an empty value */
    jd_str             line  = value.n ? jd_arena_fmt(a, "%.*s: %.*s", JD_FMT(name), JD_FMT(value))
                                       : jd_arena_fmt(a, "%.*s;", JD_FMT(name));
    struct curl_slist *lines = curl_slist_append(t->lines, line.p);
    if (lines)
        t->lines = lines;
    return lines != NULL;
}

static jd_code set_head(jd_transfer *t, const jd_request *q, jd_arena *a, jd_err *e)
{
    struct curl_slist *first = curl_slist_append(NULL, "Expect:"); /* never wait for a 100 */
    bool               good  = first != NULL;
    t->lines                 = first;
    for (size_t i = 0; i < q->nhead && good; i++) {
        jd_str name = q->head[i].name, value = q->head[i].value;
        if (!is_plain(name) || !is_plain(value)) /* the value may be a secret */
            return jd_fail(e, JD_E_CONFIG,
                           "the value of the header %.*s holds a line break or control character",
                           JD_FMT(name));
        good = add_line(t, a, name, value);
    }
    if (!good)
        return jd_fail(e, JD_E_INTERNAL, "out of memory for a request's headers");
    return JD_OK;
}

static bool set_request(jd_transfer *t, const jd_request *q)
{
    CURL *easy = t->easy;
    bool  get = strcmp(q->method, "GET") == 0, head = strcmp(q->method, "HEAD") == 0;
    bool  body = q->body.n > 0 || strcmp(q->method, "POST") == 0 || strcmp(q->method, "PUT") == 0;
    bool  good = true;
    SET(CURLOPT_HTTPGET, 1L); /* and forget what the slot did before */
    SET(CURLOPT_POSTFIELDS, NULL);
    SET(CURLOPT_TIMEOUT_MS, q->into ? 0L : (long)t->owner->conf.timeout_ms);
    SET(CURLOPT_URL, t->url.p);
    SET(CURLOPT_HTTPHEADER, t->lines);
    if (body) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDS, q->body.n ? q->body.p : "");
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.n);
    } else {
        SET(CURLOPT_HTTPGET, 1L);
        SET(CURLOPT_NOBODY, (long)head);
    }
    /* on a kept connection that has died libcurl would send a POST a second time */
    SET(CURLOPT_FRESH_CONNECT, (long)(body && !q->idempotent));
    SET(CURLOPT_CUSTOMREQUEST, get || head ? NULL : q->method);
    return good;
}

static jd_code run(curl_transport *c, jd_transfer *t, jd_err *e)
{
    CURLMcode bad = curl_multi_add_handle(c->multi, t->easy);
    if (bad != CURLM_OK)
        return jd_fail(e, JD_E_INTERNAL, "a transfer cannot start: %s", curl_multi_strerror(bad));
    t->running = true;
    t->next    = c->active;
    c->active  = t;
    c->running++;
    return JD_OK;
}

static jd_code start(void *self, const jd_request *q, jd_arena *a, jd_transfer_done done,
                     void *user, jd_transfer **out, jd_err *e)
{
    curl_transport *c = self;
    jd_transfer    *t = take_slot(c);
    jd_code         code;
    if (!t)
        return jd_fail(e, JD_E_INTERNAL, "this libcurl lacks something that is needed");
    t->arena     = a;
    t->done      = done;
    t->user      = user;
    t->into      = q->into;
    t->max       = q->max_body ? q->max_body : BODY_MAX;
    t->grown.max = t->max;
    t->url       = jd_arena_dup(a, q->url);
    code         = set_head(t, q, a, e);
    if (code == JD_OK && !set_request(t, q))
        code = jd_fail(e, JD_E_INTERNAL, "%s: libcurl refuses the request", q->method);
    if (code == JD_OK && c->running < c->conf.connections) {
        code = run(c, t, e);
    } else if (code == JD_OK) {
        jd_transfer **last = &c->queue;
        while (*last)
            last = &(*last)->next;
        *last = t;
    }
    if (code != JD_OK) {
        recycle(c, t);
        return code;
    }
    *out = t;
    return JD_OK;
}

static void stop_transfer(curl_transport *c, jd_transfer *t)
{
    if (t->running) {
        (void)curl_multi_remove_handle(c->multi, t->easy);
        unlink_transfer(&c->active, t);
        c->running--;
        t->running = false;
    } else {
        unlink_transfer(&c->queue, t);
    }
}

/* The request was on its way once there was a connection to send it on. */
static bool was_reached(CURL *easy)
{
    long       sent  = 0;
    curl_off_t ready = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
    (void)curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
    return sent > 0 || ready > 0;
}

static jd_str body_of(jd_transfer *t)
{
    if (!t->straight)
        return jd_arena_dup(t->arena, jd_buf_view(&t->grown));
    t->straight[t->got] = '\0';
    return (jd_str){t->straight, t->got};
}

static void fill_reply(jd_transfer *t, jd_reply *r)
{
    long status = 0;
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    r->status = (int)status;
    r->body   = body_of(t);
    r->nhead  = t->head.n;
    r->head   = JD_NEW_ARRAY(t->arena, jd_header, t->head.n + 1);
    if (t->head.n)
        memcpy(r->head, t->head.v, t->head.n * sizeof *t->head.v);
    jd_reply_read_head(r, jd_now_ms(&jd_clock_system));
}

static void finish(curl_transport *c, jd_transfer *t, CURLcode result)
{
    jd_reply   r   = {.retry_after_ms = -1, .date_ms = INT64_MIN};
    jd_err     err = JD_ERR_NONE;
    curl_off_t us = 0, bytes = 0;
    long       head = 0;
    (void)curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &us);
    (void)curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
    (void)curl_easy_getinfo(t->easy, CURLINFO_HEADER_SIZE, &head);
    r.took_ms    = us / 1000;
    r.wire_bytes = (uint64_t)bytes + (uint64_t)head;
    r.reached    = was_reached(t->easy);
    if (result == CURLE_OK)
        fill_reply(t, &r);
    else
        (void)fail_curl(t, result, r.reached, &err);
    jd_transfer_done done = t->done;
    void            *user = t->user;
    stop_transfer(c, t);
    recycle(c, t);
    c->finished++;
    done(user, &r, result == CURLE_OK ? NULL : &err);
}

/* One round: bytes move, what is complete is told, what waited starts. */
static jd_code move(curl_transport *c, jd_err *e)
{
    int       still = 0, left = 0;
    CURLMcode bad = curl_multi_perform(c->multi, &still);
    if (bad != CURLM_OK)
        return jd_fail(e, JD_E_INTERNAL, "transfers cannot move: %s", curl_multi_strerror(bad));
    for (CURLMsg *m; (m = curl_multi_info_read(c->multi, &left)) != NULL;) {
        jd_transfer *t      = NULL;
        CURLcode     result = m->data.result;
        if (m->msg != CURLMSG_DONE)
            continue;
        (void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        finish(c, t, result);
    }
    while (c->queue && c->running < c->conf.connections) {
        jd_transfer *t = c->queue;
        c->queue       = t->next;
        jd_code code   = run(c, t, e);
        if (code != JD_OK) {
            t->next  = c->queue;
            c->queue = t;
            return code;
        }
    }
    return JD_OK;
}

static jd_code poll_transfers(void *self, int64_t wait_ms, jd_stop *stop, jd_err *e)
{
    curl_transport *c        = self;
    uint64_t        finished = c->finished;
    jd_code         code     = move(c, e);
    if (code != JD_OK || c->finished != finished || wait_ms <= 0 || (stop && jd_stop_wanted(stop)))
        return code;
    struct curl_waitfd extra = {.events = CURL_WAIT_POLLIN};
    if (stop)
        extra.fd = jd_stop_fd(stop);
    CURLMcode bad = curl_multi_poll(c->multi, &extra, stop ? 1 : 0,
                                    wait_ms < INT32_MAX ? (int)wait_ms : INT32_MAX, NULL);
    if (bad != CURLM_OK)
        return jd_fail(e, JD_E_INTERNAL, "cannot wait for transfers: %s", curl_multi_strerror(bad));
    return move(c, e);
}

static void cancel(void *self, jd_transfer *t)
{
    stop_transfer(self, t);
    recycle(self, t);
}

static void free_all(curl_transport *c, jd_transfer *list)
{
    while (list) {
        jd_transfer *t = list;
        list           = t->next;
        if (t->running)
            (void)curl_multi_remove_handle(c->multi, t->easy);
        curl_easy_cleanup(t->easy);
        curl_slist_free_all(t->lines);
        jd_vec_release(&t->head);
        jd_buf_release(&t->grown);
        free(t);
    }
}

static void close_transport(void *self)
{
    curl_transport *c = self;
    free_all(c, c->active);
    free_all(c, c->queue);
    free_all(c, c->spare);
    (void)curl_multi_cleanup(c->multi);
    free(c->user_agent);
    free(c->ca_file);
    free(c);
}

static const jd_transport_ops ops = {.name   = "curl",
                                     .start  = start,
                                     .poll   = poll_transfers,
                                     .cancel = cancel,
                                     .close  = close_transport};

jd_code jd_transport_curl(const jd_curl_conf *conf, jd_transport *out, jd_err *e)
{
    (void)pthread_once(&once, init_once);
    if (global != CURLE_OK)
        return jd_fail(e, JD_E_INTERNAL, "libcurl does not start: %s", curl_easy_strerror(global));
    CURLM *multi = curl_multi_init();
    if (!multi)
        return jd_fail(e, JD_E_INTERNAL, "libcurl does not start: out of memory");
    curl_transport *c = jd_xcalloc(1, sizeof *c);
    c->multi          = multi;
    c->conf           = *conf;
    c->user_agent     = conf->user_agent ? jd_xstrdup(conf->user_agent) : NULL;
    c->ca_file        = conf->ca_file ? jd_xstrdup(conf->ca_file) : NULL;
    if (c->conf.connections == 0)
        c->conf.connections = CONNECTIONS;
    (void)curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)c->conf.connections);
    *out = (jd_transport){&ops, c};
    return JD_OK;
}
