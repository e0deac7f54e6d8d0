/* house.h: a server with seven issues, and a client that talks to it over a socket. */
#ifndef TEST_SIM_HOUSE_H
#define TEST_SIM_HOUSE_H

#include "made.h"
#include "sim/change.h"
#include "sim/serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static const int64_t NOON = 1780315200000; /* 2026-06-01T12:00:00Z */

static jd_arena   *arena;
static sim_zone   *new_york;
static sim_account accounts[3];
static sim_conf    conf;
static sim_server  server;
static jd_httpd   *httpd;

static int set_up(void **state)
{
    static const sim_cuts cuts = {3, 20, 2};
    jd_err                e    = JD_ERR_NONE;
    (void)state;
    arena       = jd_arena_new(0);
    accounts[0] = (sim_account){.name = JD_STR("ann"), .secret = JD_STR("pw")};
    accounts[1] = (sim_account){.name = JD_STR("bot"), .secret = JD_STR("token"), .pat = true};
    accounts[2] = (sim_account){.name = JD_STR("yorker"), .secret = JD_STR("pw"), .zone = new_york};
    conf        = (sim_conf){.context  = JD_STR("/jira"),
                             .base_url = JD_STR("https://jira.example.org/jira"),
                             .page_cap = 4,
                             .account  = accounts,
                             .naccount = 3,
                             .control  = true,
                             .seed     = 7};
    server      = (sim_server){.conf = &conf, .clock_stands = true};
    atomic_init(&server.clock_ms, NOON);
    atomic_init(&server.next_id, 5000);
    server.store  = sim_store_new(&cuts, conf.base_url);
    server.stop   = jd_stop_new();
    server.faults = sim_faults_new();
    server.rate   = sim_rate_new(4);
    assert_int_equal(sim_log_open(NULL, &server.log, &e), JD_OK);
    for (unsigned i = 1; i <= 6; i++) {
        char key[16], created[40];
        snprintf(key, sizeof key, "AB-%u", i);
        snprintf(created, sizeof created, "2024-01-15T10:3%u:00.000+0000", i);
        made_put(server.store, &(made){.id        = i,
                                       .key       = key,
                                       .created   = created,
                                       .comments  = i,
                                       .worklogs  = i == 1 ? 25 : 0,
                                       .histories = i});
    }
    made_put(server.store,
             &(made){.id = 20, .key = "CD-7", .created = "2024-03-01T00:00:00.000+0000"});
    sim_store_settle(server.store);
    sim_server_furnish(&server);
    atomic_store(&server.ready, true);
    const jd_httpd_conf http = {.address  = "127.0.0.1",
                                .threads  = 1,
                                .max_body = 1 << 20,
                                .handle   = sim_serve,
                                .self     = &server};
    if (jd_httpd_start(&http, &httpd, &e) != JD_OK)
        fail_msg("%s", e.msg);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    jd_httpd_stop(httpd);
    jd_err e = JD_ERR_NONE;
    assert_int_equal(sim_log_close(server.log, &e), JD_OK);
    sim_server_strip(&server);
    sim_store_free(server.store);
    jd_stop_free(server.stop);
    sim_faults_free(server.faults);
    sim_rate_free(server.rate);
    jd_arena_free(arena);
    return 0;
}

/* -- a client -----------------------------------------------------------------------------------
 */

typedef struct got {
    int    status;     /* 0: no answer */
    bool   reset;      /* the connection ended by one */
    jd_str head, body; /* the head with the last line's end */
} got;

static inline got talk(const char *method, const char *path, const char *heads, const char *body)
{
    struct sockaddr_in at = {.sin_family      = AF_INET,
                             .sin_port        = htons(jd_httpd_port(httpd)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int                fd = socket(AF_INET, SOCK_STREAM, 0);
    jd_buf             b  = JD_BUF_INIT(64 << 20);
    ssize_t            n  = 0;
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
    jd_buf_addf(&b, "%s %s HTTP/1.1\r\nHost: here\r\nConnection: close\r\n", method, path);
    jd_buf_addf(&b, "%sContent-Length: %zu\r\n\r\n%s", heads, strlen(body), body);
    assert_int_equal(send(fd, b.p, b.n, 0), (ssize_t)b.n);
    jd_buf_reset(&b);
    char *room;
    while ((room = jd_buf_room(&b, 65536)) && (n = recv(fd, room, 65536, 0)) > 0)
        jd_buf_wrote(&b, (size_t)n);
    bool reset = n < 0 && errno == ECONNRESET;
    close(fd);
    jd_str all = jd_arena_dup(arena, jd_buf_view(&b));
    jd_buf_release(&b);
    size_t   end    = jd_str_search(all, JD_STR("\r\n\r\n"));
    uint64_t status = 0;
    if (all.n > 0)
        assert_true(jd_str_u64(jd_str_cut(all, 9, 3), &status));
    return (got){(int)status, reset, jd_str_cut(all, 0, end + 2),
                 jd_str_cut(all, end + 4, SIZE_MAX)};
}

static inline got get(const char *path)
{
    return talk("GET", path, "", "");
}

static inline got post(const char *path, const char *body)
{
    return talk("POST", path, "Content-Type: application/json\r\n", body);
}

static inline bool has(jd_str text, const char *part)
{
    return jd_str_search(text, jd_str_of(part)) < text.n;
}

static inline void expect(got g, int status, const char *body)
{
    if (g.status != status || !jd_str_is(g.body, body))
        fail_msg("got %d %.*s", g.status, JD_FMT(g.body));
}

/* A member of the answer, "fields.updated". */
static inline const jd_json *at(got g, const char *path)
{
    const jd_json *root = NULL;
    jd_err         e    = JD_ERR_NONE;
    if (jd_json_read(arena, g.body, &root, &e) != JD_OK)
        fail_msg("%s in %d %.*s", e.msg, g.status, JD_FMT(g.body));
    return jd_json_path(root, path);
}

static inline int64_t number(got g, const char *path)
{
    int64_t v = -1;
    if (!jd_json_i64(at(g, path), &v))
        fail_msg("no number %s in %.*s", path, JD_FMT(g.body));
    return v;
}

static inline const jd_json *row(got g, size_t i, const char *path)
{
    return jd_json_path(jd_json_at(at(g, "issues"), i), path);
}

#define SEARCH "/jira/rest/api/2/search"
#define ISSUE  "/jira/rest/api/2/issue/"

#endif
