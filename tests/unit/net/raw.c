#include "raw.h"

#include "base/arena.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct raw {
    int       fd;
    uint16_t  port;
    jd_str    answer;
    pthread_t thread;
};

static int bound(uint16_t *port)
{
    int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t          n  = sizeof at;
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &n) != 0)
        abort();
    *port = ntohs(at.sin_port);
    return fd;
}

static void send_all(int fd, jd_str s)
{
    while (s.n > 0) {
        ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        s = jd_str_cut(s, (size_t)n, SIZE_MAX);
    }
}

static void *serve(void *own)
{
    raw *r = own;
    char head[4096];
    int  fd = accept(r->fd, NULL, NULL);
    if (fd < 0)
        return NULL;
    size_t n = 0;
    while (n < sizeof head) {
        ssize_t got = recv(fd, head + n, sizeof head - n, 0);
        if (got <= 0)
            break;
        n += (size_t)got;
        if (jd_str_ends((jd_str){head, n}, JD_STR("\r\n\r\n")))
            break;
    }
    send_all(fd, r->answer);
    (void)close(fd);
    return NULL;
}

raw *raw_start(jd_str answer)
{
    raw *r    = jd_xcalloc(1, sizeof *r);
    r->answer = answer;
    r->fd     = bound(&r->port);
    if (listen(r->fd, 4) != 0 || pthread_create(&r->thread, NULL, serve, r) != 0)
        abort();
    return r;
}

uint16_t raw_port(const raw *r)
{
    return r->port;
}

void raw_stop(raw *r)
{
    (void)shutdown(r->fd, SHUT_RDWR); /* ends an accept that nobody came for */
    (void)pthread_join(r->thread, NULL);
    (void)close(r->fd);
    free(r);
}

uint16_t raw_dead_port(void)
{
    uint16_t port;
    (void)close(bound(&port));
    return port;
}

size_t raw_ask(uint16_t port, jd_str bytes, char *out, size_t size)
{
    int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    size_t n = 0;
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        abort();
    send_all(fd, bytes);
    for (ssize_t got; out && n < size - 1 && (got = recv(fd, out + n, size - 1 - n, 0)) > 0;)
        n += (size_t)got;
    if (out)
        out[n] = '\0';
    (void)close(fd);
    return n;
}
