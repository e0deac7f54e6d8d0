/* The server and the libcurl transport against each other, on the loopback. */
#include "base/clock.h"
#include "check.h"
#include "net/http.h"
#include "net/httpd.h"
#include "raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

enum { MAX_BODY = 64 * 1024, PIECES = 3000, PIECE = 500 };

/* What the server knows; one for each test. */
typedef struct house {
    jd_httpd                     *server;
    jd_stop                      *stop; /* asked when "/stop" is */
    int                           gate[2];
    atomic_int                    released, handled;
    char                          bomb[8192]; /* a gzip of a million zeros */
    size_t                        bomb_n;
    char                          page[PIECE + 1];
    jd_str                        pieces[PIECES];
    _Atomic(const jd_httpd_way *) way; /* of "/way" */
} house;

static void count_release(void *own)
{
    house *h = own;
    atomic_fetch_add(&h->released, 1);
}

static void answer(jd_httpd_reply *out, jd_arena *a, jd_str body)
{
    jd_str *piece     = JD_NEW(a, jd_str);
    *piece            = body;
    out->status       = 200;
    out->content_type = "text/plain";
    out->piece        = piece;
    out->npiece       = 1;
}

static void echo(const jd_httpd_request *q, jd_arena *a, jd_httpd_reply *out)
{
    jd_str mark = jd_httpd_header(q, "X-MARK"), who = jd_httpd_param(q, a, "who");
    answer(out, a,
           jd_arena_fmt(a, "%.*s %.*s [%.*s] mark=%s%.*s who=%s%.*s body=%.*s", JD_FMT(q->method),
                        JD_FMT(q->path), JD_FMT(q->query), mark.p ? "" : "NULL", JD_FMT(mark),
                        who.p ? "" : "NULL", JD_FMT(who), JD_FMT(q->body)));
}

/* Until the test lets it go. */
static void wait_at_gate(house *h)
{
    char byte;
    if (read(h->gate[0], &byte, 1) != 1)
        abort();
}

static void handle(void *self, const jd_httpd_request *q, jd_arena *a, jd_httpd_reply *out)
{
    static const struct jd_httpd_head zipped[] = {{"Content-Encoding", "gzip"}};
    static const struct jd_httpd_head dated[]  = {{"Date", "Sat, 20 Jan 2024 12:44:05 GMT"},
                                                  {"Retry-After", "7"}};
    house                            *h        = self;
    atomic_fetch_add(&h->handled, 1);
    out->release = count_release;
    out->own     = h;
    if (jd_str_starts(q->path, JD_STR("/echo"))) {
        echo(q, a, out);
    } else if (jd_str_is(q->path, "/pieces")) {
        out->status = 200;
        out->piece  = h->pieces;
        out->npiece = PIECES;
    } else if (jd_str_is(q->path, "/zip")) {
        answer(out, a, (jd_str){h->bomb, h->bomb_n});
        out->head  = zipped;
        out->nhead = 1;
    } else if (jd_str_is(q->path, "/dated")) {
        answer(out, a, JD_STR(""));
        out->status = 503;
        out->head   = dated;
        out->nhead  = 2;
    } else if (jd_str_is(q->path, "/stop")) {
        jd_stop_ask(h->stop);
        wait_at_gate(h);
        answer(out, a, JD_STR("late"));
    } else if (jd_str_is(q->path, "/wait")) {
        wait_at_gate(h);
        answer(out, a, JD_STR("late"));
    } else if (jd_str_is(q->path, "/drop")) {
        out->way.fault = JD_HTTPD_DROP;
    } else if (jd_str_is(q->path, "/cut")) {
        out->status = 200;
        out->piece  = h->pieces;
        out->npiece = PIECES;
        out->way    = (jd_httpd_way){.fault = JD_HTTPD_CUT, .cut_after = PIECE * 2 + 7};
    } else if (jd_str_is(q->path, "/way")) {
        answer(out, a, JD_STR("0123456789"));
        out->way = *atomic_load(&h->way);
    } /* else no answer at all */
}

static void make_bomb(house *h)
{
    static char zeros[1000000];
    z_stream    z = {0};
    assert_int_equal(
        deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in   = (Bytef *)zeros;
    z.avail_in  = sizeof zeros;
    z.next_out  = (Bytef *)h->bomb;
    z.avail_out = sizeof h->bomb;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    h->bomb_n = z.total_out;
    (void)deflateEnd(&z);
}

static house *open_house(unsigned threads)
{
    jd_err e = JD_ERR_NONE;
    house *h = jd_xcalloc(1, sizeof *h);
    memset(h->page, 'j', PIECE);
    for (size_t i = 0; i < PIECES; i++) /* some of them empty */
        h->pieces[i] = (jd_str){h->page, i % 7 == 0 ? 0 : PIECE};
    make_bomb(h);
    h->stop = jd_stop_new();
    assert_int_equal(pipe(h->gate), 0);
    jd_httpd_conf conf = {.address  = "127.0.0.1",
                          .threads  = threads,
                          .max_body = MAX_BODY,
                          .handle   = handle,
                          .self     = h};
    must(jd_httpd_start(&conf, &h->server, &e), &e);
    assert_int_not_equal(jd_httpd_port(h->server), 0);
    return h;
}

static void open_gate(const house *h)
{
    assert_int_equal(write(h->gate[1], "x", 1), 1);
}

/* Everything that was handled was also released. */
static void close_house(house *h)
{
    jd_httpd_stop(h->server);
    assert_int_equal(atomic_load(&h->released), atomic_load(&h->handled));
    (void)close(h->gate[0]);
    (void)close(h->gate[1]);
    jd_stop_free(h->stop);
    free(h);
}

static jd_transport client(unsigned connections, int64_t timeout_ms)
{
    jd_err       e    = JD_ERR_NONE;
    jd_curl_conf conf = {.user_agent         = "jiraduct-test",
                         .connect_timeout_ms = 20000,
                         .timeout_ms         = timeout_ms,
                         .connections        = connections};
    jd_transport t;
    must(jd_transport_curl(&conf, &t, &e), &e);
    return t;
}

typedef struct result {
    bool     done;
    jd_reply r;
    jd_err   e;
} result;

static void on_done(void *user, const jd_reply *r, const jd_err *err)
{
    result *res = user;
    assert_false(res->done);
    res->done = true;
    res->r    = *r;
    if (err)
        res->e = *err;
}

/* The address of a path on a port, in the arena. */
static jd_str at(jd_arena *a, uint16_t port, const char *path)
{
    return jd_arena_fmt(a, "http://127.0.0.1:%u%s", (unsigned)port, path);
}

static result ask(jd_transport t, const jd_request *q, jd_arena *a)
{
    jd_err       e        = JD_ERR_NONE;
    result       res      = {0};
    jd_transfer *transfer = NULL;
    must(t.ops->start(t.self, q, a, on_done, &res, &transfer, &e), &e);
    while (!res.done)
        must(t.ops->poll(t.self, 1000, NULL, &e), &e);
    return res;
}

static result get(jd_transport t, jd_arena *a, uint16_t port, const char *path, size_t max)
{
    jd_request q = {.method = "GET", .url = at(a, port, path), .max_body = max};
    return ask(t, &q, a);
}

static void test_there_and_back(void **state)
{
    (void)state;
    house          *h      = open_house(2);
    jd_transport    t      = client(2, 0);
    jd_arena       *a      = jd_arena_new(0);
    uint16_t        port   = jd_httpd_port(h->server);
    const jd_header head[] = {{JD_STR("X-Mark"), JD_STR("7")}};
    jd_request      q      = {.method = "GET",
                              .url    = at(a, port, "/echo/a%20b%2Fc?who=J%C3%BCrgen+X&who=2&empty"),
                              .head   = head,
                              .nhead  = 1};
    result          res    = ask(t, &q, a);
    assert_int_equal(res.r.status, 200);
    assert_true(res.r.reached);
    assert_str(res.r.body, "GET /echo/a b/c [who=J%C3%BCrgen+X&who=2&empty] mark=7 "
                           "who=J\xc3\xbcrgen X body=");
    assert_str(jd_reply_header(&res.r, "content-type"), "text/plain");
    assert_true(res.r.date_ms > (int64_t)1700000000000);
    assert_int_equal(res.r.retry_after_ms, -1);
    assert_true(res.r.wire_bytes > res.r.body.n);

    jd_request post = {
        .method = "POST", .url = at(a, port, "/echo"), .body = JD_STR("{\"jql\":\"a\"}")};
    res = ask(t, &post, a);
    assert_str(res.r.body, "POST /echo [] mark=NULL who=NULL body={\"jql\":\"a\"}");
    post.body = JD_STR("");
    assert_str(ask(t, &post, a).r.body, "POST /echo [] mark=NULL who=NULL body=");
    post.method = "DELETE";
    assert_str(ask(t, &post, a).r.body, "DELETE /echo [] mark=NULL who=NULL body=");
    post.method = "HEAD";
    res         = ask(t, &post, a);
    assert_int_equal(res.r.status, 200);
    assert_int_equal(res.r.body.n, 0);

    res = get(t, a, port, "/dated", 0);
    assert_int_equal(res.r.status, 503);
    assert_true(res.r.date_ms == (int64_t)1705754645000);
    assert_int_equal(res.r.retry_after_ms, 7000);
    assert_int_equal(res.r.body.n, 0);
    assert_int_equal(get(t, a, port, "/nothing", 0).r.status, 500);
    t.ops->close(t.self);
    jd_arena_free(a);
    close_house(h);
}

static void test_many_pieces(void **state)
{
    (void)state;
    house       *h    = open_house(1);
    jd_transport t    = client(1, 0);
    jd_arena    *a    = jd_arena_new(0);
    uint16_t     port = jd_httpd_port(h->server);
    size_t       want = 0;
    for (size_t i = 0; i < PIECES; i++)
        want += h->pieces[i].n;
    for (int k = 0; k < 3; k++) {
        result res = get(t, a, port, "/pieces", 0);
        assert_int_equal(res.r.status, 200);
        assert_int_equal(res.r.body.n, want);
        for (size_t i = 0; i < want; i++)
            if (res.r.body.p[i] != 'j')
                fail_msg("byte %zu", i);
        assert_int_equal(res.r.body.p[want], 0);
    }
    assert_int_equal(get(t, a, port, "/pieces", want).r.body.n, want);
    assert_int_equal(get(t, a, port, "/pieces", want - 1).e.code, JD_E_TOOBIG);
    t.ops->close(t.self);
    jd_arena_free(a);
    close_house(h);
}

static void test_ceiling_counts_decoded_bytes(void **state)
{
    (void)state;
    house       *h    = open_house(1);
    jd_transport t    = client(1, 0);
    jd_arena    *a    = jd_arena_new(0);
    uint16_t     port = jd_httpd_port(h->server);
    result       res  = get(t, a, port, "/zip", 1000000);
    assert_int_equal(res.r.status, 200);
    assert_int_equal(res.r.body.n, 1000000);
    assert_int_equal(res.r.body.p[999999], 0);
    assert_true(res.r.wire_bytes < 10000);
    res = get(t, a, port, "/zip", 999999);
    assert_int_equal(res.e.code, JD_E_TOOBIG);
    assert_says(res.e.msg, "/zip: the answer is over the limit of 999999 bytes");
    assert_int_equal(get(t, a, port, "/zip", 1000000).r.body.n,
                     1000000); /* and all is well again */
    t.ops->close(t.self);
    jd_arena_free(a);
    close_house(h);
}

static void test_limits_of_the_server(void **state)
{
    (void)state;
    house       *h    = open_house(1);
    jd_transport t    = client(1, 0);
    jd_arena    *a    = jd_arena_new(0);
    uint16_t     port = jd_httpd_port(h->server);
    static char  big[MAX_BODY + 1];
    memset(big, 'b', sizeof big);
    jd_request q = {.method = "POST", .url = at(a, port, "/echo"), .body = {big, MAX_BODY}};
    result     r = ask(t, &q, a);
    assert_int_equal(r.r.status, 200);
    assert_true(r.r.body.n > MAX_BODY);
    q.body.n = MAX_BODY + 1;
    assert_int_equal(ask(t, &q, a).r.status, 413);
    static char huge[9 << 20]; /* so much that the server does not even read it */
    q.body = (jd_str){huge, sizeof huge};
    r      = ask(t, &q, a);
    assert_true(r.r.status == 413 || r.e.code == JD_E_NET);

    jd_header head = {JD_STR("X-Mark"), {big, 30000}};
    q = (jd_request){.method = "GET", .url = at(a, port, "/echo"), .head = &head, .nhead = 1};
    assert_int_equal(ask(t, &q, a).r.status, 200);
    head.value.n = 40000;
    assert_int_equal(ask(t, &q, a).r.status, 431);

    static const struct {
        const char *target, *says;
    } targets[] = {
        {"/echo%zz", "HTTP/1.1 400 "},
        {"/echo%00", "HTTP/1.1 400 "},
        {"http://other:1/echo?who=%zz", "GET /echo [who=%zz] mark=NULL who=%zz body="},
    };
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        char   out[1024];
        jd_str all = jd_arena_fmt(a, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                                  targets[i].target);
        (void)raw_ask(port, all, out, sizeof out);
        assert_says(out, targets[i].says);
    }
    /* clients that leave in the middle */
    (void)raw_ask(port, JD_STR("\x16\x03\x01\x02\x00 nonsense\r\n\r\n"), NULL, 0);
    (void)raw_ask(port, JD_STR("GET /echo HTTP/1.1\r\nHos"), NULL, 0);
    (void)raw_ask(port, JD_STR("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"),
                  NULL, 0);
    assert_int_equal(get(t, a, port, "/echo", 0).r.status, 200);
    t.ops->close(t.self);
    jd_arena_free(a);
    close_house(h);
}

static void test_parameters(void **state)
{
    (void)state;
    static const char *const want[][2] = {{"a", "1"}, {"b b", "x&y=z"}, {"c", ""},
                                          {"", "v"},  {"d", "="},       {"%q", "%"}};
    jd_arena                *a         = jd_arena_new(0);
    size_t                   n         = 0;
    for (jd_httpd_params it = jd_httpd_walk(JD_STR("a=1&&b+b=x%26y%3dz&c&=v&d==&%q=%&"));
         jd_httpd_next(&it, a); n++) {
        assert_true(n < 6);
        assert_str(it.name, want[n][0]);
        assert_str(it.value, want[n][1]);
    }
    assert_int_equal(n, 6);
    jd_httpd_params none = jd_httpd_walk(JD_NOSTR);
    assert_false(jd_httpd_next(&none, a));
    jd_arena_free(a);
}

static void test_broken_connections(void **state)
{
    (void)state;
    house       *h    = open_house(1);
    jd_transport t    = client(1, 0);
    jd_arena    *a    = jd_arena_new(0);
    uint16_t     port = jd_httpd_port(h->server);
    result       res  = get(t, a, port, "/drop", 0);
    assert_int_equal(res.e.code, JD_E_NET);
    assert_true(res.r.reached);
    assert_says(res.e.msg, "/drop: ");
    res = get(t, a, port, "/cut", 0);
    assert_int_equal(res.e.code, JD_E_NET);
    assert_true(res.r.reached);
    assert_says(res.e.msg, "/cut: ");
    t.ops->close(t.self);
    jd_arena_free(a);
    close_house(h);
}

/* What comes over the line until the connection ends, into out; the number of bytes, or -1 - that
 * number when it ended by a reset. */
static int line_of(const house *h, const char *path, char *out, size_t size)
{
    struct sockaddr_in to = {.sin_family      = AF_INET,
                             .sin_port        = htons(jd_httpd_port(h->server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char               all[200];
    int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), n = 0;
    ssize_t            got;
    int                len =
        snprintf(all, sizeof all, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(send(fd, all, (size_t)len, 0), len);
    while ((got = recv(fd, out + n, size - 1 - (size_t)n, 0)) > 0)
        n += (int)got;
    int sys = errno;
    out[n]  = '\0';
    (void)close(fd);
    if (got < 0)
        assert_int_equal(sys, ECONNRESET);
    return got < 0 ? -1 - n : n;
}

static void test_ways_of_an_answer(void **state)
{
    (void)state;
    static const struct {
        jd_httpd_way way;
        const char  *has, *ends;
        bool         reset, nothing;
    } rows[] = {
        {{0}, "Content-Length: 10\r\n", "\r\n\r\n0123456789", false, false},
        {{.fault = JD_HTTPD_DROP}, NULL, "", false, true},
        {{.fault = JD_HTTPD_RESET}, NULL, "", true, true},
        {{.fault = JD_HTTPD_RESET, .wait_ms = 30}, NULL, "", true, true},
        {{.fault = JD_HTTPD_CUT, .cut_after = 4}, "Length: 10\r\n", "\r\n0123", false, false},
        {{.fault = JD_HTTPD_CUT}, "Length: 10\r\n", "\r\n\r\n", false, false},
        {{.fault = JD_HTTPD_CUT_RESET, .cut_after = 4}, "Length: 10\r\n", "\r\n0123", true, false},
        {{.missing = 7}, "Content-Length: 17\r\n", "\r\n0123456789", false, false},
        {{.chunked = true}, "Transfer-Encoding: chunked\r\n", "\r\n0\r\n\r\n", false, false},
        {{.pause_ms = 30, .pause_at = 5}, "Length: 10\r\n", "\r\n0123456789", false, false},
        {{.per_second = 200}, "Length: 10\r\n", "\r\n0123456789", false, false},
        {{.per_second = 200, .chunked = true, .wait_ms = 20},
         "chunked",
         "\r\n0\r\n\r\n",
         false,
         false},
    };
    house *h = open_house(1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[4096];
        atomic_store(&h->way, &rows[i].way);
        int n = line_of(h, "/way", out, sizeof out);
        if (rows[i].reset != (n < 0) || rows[i].nothing != (n == 0 || n == -1) ||
            !jd_str_ends(jd_str_of(out), jd_str_of(rows[i].ends)) ||
            (rows[i].has && !strstr(out, rows[i].has)))
            fail_msg("row %zu: %d bytes: %s", i, n, out);
    }
    close_house(h);
}

/* Many answers that wait do so side by side, on fewer threads. */
static void test_waiting_holds_no_thread(void **state)
{
    (void)state;
    enum { MANY = 50, WAIT_MS = 400 };
    house                    *h = open_house(2);
    jd_transport              t = client(MANY, 0);
    jd_arena                 *a = jd_arena_new(0);
    jd_err                    e = JD_ERR_NONE;
    static result             res[MANY];
    static const jd_httpd_way way = {.wait_ms = WAIT_MS};
    atomic_store(&h->way, &way);
    jd_request q     = {.method = "GET", .url = at(a, jd_httpd_port(h->server), "/way")};
    int64_t    begun = jd_tick_ms(&jd_clock_system);
    size_t     left  = MANY;
    for (size_t i = 0; i < MANY; i++) {
        jd_transfer *transfer = NULL;
        must(t.ops->start(t.self, &q, a, on_done, &res[i], &transfer, &e), &e);
    }
    while (left > 0) {
        must(t.ops->poll(t.self, 1000, NULL, &e), &e);
        left = 0;
        for (size_t i = 0; i < MANY; i++)
            left += !res[i].done;
    }
    int64_t took = jd_tick_ms(&jd_clock_system) - begun;
    for (size_t i = 0; i < MANY; i++)
        assert_str(res[i].r.body, "0123456789");
    assert_true(took >= WAIT_MS);
    assert_true(took < (int64_t)MANY * WAIT_MS / 2); /* what two sleeping threads would take */
    t.ops->close(t.self);
    jd_arena_free(a);
    close_house(h);
}

/* Who waits on purpose is answered at once when the server stops. */
static void test_stopping_ends_the_waiting(void **state)
{
    (void)state;
    house                    *h        = open_house(1);
    jd_transport              t        = client(1, 0);
    jd_arena                 *a        = jd_arena_new(0);
    jd_err                    e        = JD_ERR_NONE;
    jd_transfer              *transfer = NULL;
    result                    res      = {0};
    static const jd_httpd_way way      = {.wait_ms = 3600000, .pause_ms = 3600000, .per_second = 1};
    atomic_store(&h->way, &way);
    jd_request q = {.method = "GET", .url = at(a, jd_httpd_port(h->server), "/way")};
    must(t.ops->start(t.self, &q, a, on_done, &res, &transfer, &e), &e);
    while (atomic_load(&h->handled) == 0)
        must(t.ops->poll(t.self, 10, NULL, &e), &e);
    assert_false(res.done);
    close_house(h);
    while (!res.done)
        must(t.ops->poll(t.self, 1000, NULL, &e), &e);
    assert_str(res.r.body, "0123456789");
    t.ops->close(t.self);
    jd_arena_free(a);
}

static void test_not_what_was_hoped_for(void **state)
{
    (void)state;
    static char       heads[300 * 1024];
    static const char shorter[] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc";
    static const char interim[] =
        "HTTP/1.1 103 Early\r\nX-A: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-B: 2\r\n"
        "Content-Length: 2\r\n\r\nok";
    static const char chunked[]  = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                   "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Late: 1\r\n\r\n";
    static const char unended[]  = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab";
    static const char zipped[]   = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                                   "Content-Length: 8\r\n\r\nnot gzip";
    static const char promised[] = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nabc";
    size_t            n          = (size_t)snprintf(heads, sizeof heads, "HTTP/1.1 200 OK\r\n");
    while (n + 100 < sizeof heads)
        n += (size_t)snprintf(heads + n, sizeof heads - n, "X-Fill: %070d\r\n", 0);
    const struct {
        jd_str      answer;
        jd_code     code;
        const char *body;
    } rows[] = {
        {jd_str_of(interim), JD_OK, "ok"},
        {jd_str_of(chunked), JD_OK, "abcde"},
        {jd_str_of(shorter), JD_E_NET, NULL},
        {jd_str_of(unended), JD_E_NET, NULL},
        {jd_str_of(promised), JD_E_NET, NULL},
        {jd_str_of(zipped), JD_E_REMOTE, NULL},
        {JD_STR("SSH-2.0-OpenSSH_9.2\r\n"), JD_E_REMOTE, NULL},
        {JD_STR(""), JD_E_NET, NULL},
        {{heads, n}, JD_E_TOOBIG, NULL},
    };
    jd_transport t = client(1, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jd_arena *a   = jd_arena_new(0);
        raw      *r   = raw_start(rows[i].answer);
        result    res = get(t, a, raw_port(r), "/x?secret", 0);
        if (res.e.code != rows[i].code)
            fail_msg("row %zu: %s: %s", i, jd_code_name(res.e.code), res.e.msg);
        assert_true(res.r.reached);
        assert_null(strstr(res.e.msg, "secret"));
        if (rows[i].body)
            assert_str(res.r.body, rows[i].body);
        if (i == 0) {
            assert_null(jd_reply_header(&res.r, "x-a").p);
            assert_str(jd_reply_header(&res.r, "x-b"), "2");
        }
        if (i == 1)
            assert_null(jd_reply_header(&res.r, "x-late").p);
        raw_stop(r);
        jd_arena_free(a);
    }
    t.ops->close(t.self);
}

static void test_nobody_there(void **state)
{
    (void)state;
    jd_transport t    = client(1, 0);
    jd_arena    *a    = jd_arena_new(0);
    uint16_t     port = raw_dead_port();
    char         site[64];
    result       res = get(t, a, port, "/rest/x?secret", 0);
    (void)snprintf(site, sizeof site, "http://127.0.0.1:%u: cannot connect", (unsigned)port);
    assert_int_equal(res.e.code, JD_E_NET);
    assert_false(res.r.reached);
    assert_says(res.e.msg, site);
    assert_null(strstr(res.e.msg, "secret"));

    jd_request q = {.method = "GET", .url = JD_STR("http://no-such-host.invalid/x")};
    res          = ask(t, &q, a);
    assert_int_equal(res.e.code, JD_E_NET);
    assert_false(res.r.reached);
    assert_says(res.e.msg, "no-such-host.invalid: cannot resolve the host name");

    house *h = open_house(1); /* which speaks no TLS */
    q.url    = jd_arena_fmt(a, "https://127.0.0.1:%u/", (unsigned)jd_httpd_port(h->server));
    res      = ask(t, &q, a);
    assert_int_equal(res.e.code, JD_E_NET);
    assert_false(res.r.reached);
    assert_says(res.e.msg, "TLS");
    q.url = JD_STR("file:///etc/passwd");
    res   = ask(t, &q, a);
    assert_int_not_equal(res.e.code, JD_OK);
    close_house(h);
    t.ops->close(t.self);
    jd_arena_free(a);
}

static void test_a_server_that_is_silent(void **state)
{
    (void)state;
    house       *h   = open_house(1);
    jd_transport t   = client(1, 1000);
    jd_arena    *a   = jd_arena_new(0);
    result       res = get(t, a, jd_httpd_port(h->server), "/wait", 0);
    assert_int_equal(res.e.code, JD_E_NET);
    assert_true(res.r.reached);
    assert_says(res.e.msg, "/wait: no whole answer within 1.");
    open_gate(h);
    t.ops->close(t.self);
    jd_arena_free(a);
    close_house(h);
}

static void test_a_stop_ends_the_wait(void **state)
{
    (void)state;
    house       *h    = open_house(1);
    jd_err       e    = JD_ERR_NONE;
    jd_arena    *a    = jd_arena_new(0);
    jd_http_conf conf = {.transport = client(1, 0),
                         .auth      = jd_auth_none(),
                         .retry     = JD_RETRY_DEFAULT,
                         .clock     = &jd_clock_system,
                         .log       = &jd_log_none,
                         .stop      = h->stop};
    jd_http     *c    = jd_http_new(&conf);
    jd_request   q    = {
             .method = "GET", .url = at(a, jd_httpd_port(h->server), "/stop"), .idempotent = true};
    jd_reply r;
    assert_int_equal(jd_http_do(c, &q, a, &r, &e), JD_E_INTERRUPTED);
    open_gate(h);
    jd_http_free(c);
    jd_arena_free(a);
    close_house(h);
}

/* More transfers than connections: the rest queue, and some are given up meanwhile. */
static void test_side_by_side(void **state)
{
    (void)state;
    enum { N = 24 };
    house       *h    = open_house(2);
    jd_transport t    = client(3, 0);
    jd_arena    *a[N] = {0};
    result       res[N];
    jd_transfer *transfer[N];
    jd_err       e = JD_ERR_NONE;
    memset(res, 0, sizeof res);
    for (int i = 0; i < N; i++) {
        a[i]             = jd_arena_new(0);
        const char *path = i % 2 ? "/pieces" : "/echo";
        jd_request  q    = {.method = "GET", .url = at(a[i], jd_httpd_port(h->server), path)};
        must(t.ops->start(t.self, &q, a[i], on_done, &res[i], &transfer[i], &e), &e);
    }
    t.ops->cancel(t.self, transfer[1]);     /* running */
    t.ops->cancel(t.self, transfer[N - 1]); /* queued */
    for (int left = N - 2; left > 0;) {
        must(t.ops->poll(t.self, 1000, NULL, &e), &e);
        left = 0;
        for (int i = 0; i < N; i++)
            left += i != 1 && i != N - 1 && !res[i].done;
    }
    for (int i = 0; i < N; i++) {
        assert_int_equal(res[i].done, i != 1 && i != N - 1);
        assert_int_equal(res[i].e.code, JD_OK);
        if (res[i].done)
            assert_int_equal(res[i].r.status, 200);
        jd_arena_free(a[i]);
    }
    t.ops->close(t.self);
    close_house(h);
}

static void *stop_server(void *own)
{
    house *h = own;
    jd_httpd_stop(h->server);
    return NULL;
}

static void test_stop_lets_requests_end(void **state)
{
    (void)state;
    house       *h        = open_house(2);
    jd_transport t        = client(1, 0);
    jd_arena    *a        = jd_arena_new(0);
    jd_request   q        = {.method = "GET", .url = at(a, jd_httpd_port(h->server), "/stop")};
    result       res      = {0};
    jd_transfer *transfer = NULL;
    jd_err       e        = JD_ERR_NONE;
    pthread_t    thread;
    must(t.ops->start(t.self, &q, a, on_done, &res, &transfer, &e), &e);
    while (!jd_stop_wanted(h->stop)) /* until the handler runs */
        must(t.ops->poll(t.self, 1000, h->stop, &e), &e);
    assert_int_equal(pthread_create(&thread, NULL, stop_server, h), 0);
    open_gate(h);
    while (!res.done)
        must(t.ops->poll(t.self, 1000, NULL, &e), &e);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_str(res.r.body, "late");
    t.ops->close(t.self);
    h->server = NULL;
    jd_arena_free(a);
    close_house(h);
}

static void test_headers_that_would_break_out(void **state)
{
    (void)state;
    jd_transport    t        = client(1, 0);
    jd_arena       *a        = jd_arena_new(0);
    jd_err          e        = JD_ERR_NONE;
    result          res      = {0};
    jd_transfer    *transfer = NULL;
    const jd_header head[]   = {{JD_STR("Authorization"), JD_STR("Bearer s3cret\r\nX-Evil: 1")}};
    jd_request      q        = {
                    .method = "GET", .url = JD_STR("http://127.0.0.1:9/"), .head = head, .nhead = 1};
    assert_int_equal(t.ops->start(t.self, &q, a, on_done, &res, &transfer, &e), JD_E_CONFIG);
    assert_says(e.msg, "Authorization");
    assert_null(strstr(e.msg, "s3cret"));
    t.ops->close(t.self);
    jd_arena_free(a);
}

static void test_address_in_use(void **state)
{
    (void)state;
    house        *h    = open_house(1);
    jd_err        e    = JD_ERR_NONE;
    jd_httpd     *more = NULL;
    jd_httpd_conf conf = {.address = "127.0.0.1",
                          .port    = jd_httpd_port(h->server),
                          .threads = 1,
                          .handle  = handle,
                          .self    = h};
    assert_int_equal(jd_httpd_start(&conf, &more, &e), JD_E_NET);
    assert_says(e.msg, "choose another port");
    conf.address = "not an address";
    assert_int_equal(jd_httpd_start(&conf, &more, &e), JD_E_NET);
    close_house(h);
    conf.address = "127.0.0.1"; /* a stopped server leaves its port to the next */
    must(jd_httpd_start(&conf, &more, &e), &e);
    jd_httpd_stop(more);
    jd_httpd_stop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_many_pieces),
        cmocka_unit_test(test_ceiling_counts_decoded_bytes),
        cmocka_unit_test(test_limits_of_the_server),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_broken_connections),
        cmocka_unit_test(test_ways_of_an_answer),
        cmocka_unit_test(test_waiting_holds_no_thread),
        cmocka_unit_test(test_stopping_ends_the_waiting),
        cmocka_unit_test(test_not_what_was_hoped_for),
        cmocka_unit_test(test_nobody_there),
        cmocka_unit_test(test_a_server_that_is_silent),
        cmocka_unit_test(test_a_stop_ends_the_wait),
        cmocka_unit_test(test_side_by_side),
        cmocka_unit_test(test_stop_lets_requests_end),
        cmocka_unit_test(test_headers_that_would_break_out),
        cmocka_unit_test(test_address_in_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
