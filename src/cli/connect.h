/* connect.h: how a command reaches Jira: the options that every such command takes, and the HTTP
 * client made from them. */
#ifndef JD_CLI_CONNECT_H
#define JD_CLI_CONNECT_H

#include "cli/cli.h"
#include "net/http.h"

/* The first member of the arguments of every command that lists jd_connect_opts. */
typedef struct jd_connect {
    const char *base_url;
    const char *pat, *username, *api_token; /* secrets: never printed */
    const char *ca_file;
    int64_t     delay_ms, connect_timeout_ms, timeout_ms;
    uint64_t    retries;
    int64_t     retry_start_ms, retry_cap_ms, max_wait_ms;
} jd_connect;

extern const jd_opt jd_connect_opts[];

/* A client for conf->base_url with its credentials, if there are any for that host (*signed_in).
 * Credentials from a file that sets another base address are not used. gap_ms gets the pause
 * between requests that is in force. */
jd_code jd_connect_open(const jd_cli *c, const jd_connect *conf, jd_http **out, bool *signed_in,
                        int64_t *gap_ms, jd_err *e) JD_NODISCARD;

#endif
