/* connect.h: how a command reaches Jira: the options that every such command takes, and the HTTP
 * client made from them. */
#ifndef JD_CLI_CONNECT_H
#define JD_CLI_CONNECT_H

#include "cli/cli.h"
#include "jira/oauth.h"
#include "net/http.h"

/* The first member of the arguments of every command that lists jd_connect_opts. */
typedef struct jd_connect {
    const char *base_url;
    const char *pat, *username, *api_token; /* secrets: never printed */
    const char *oauth_file;
    const char *ca_file;
    bool        given; /* the credentials were given for this very address */
    const char *from;  /* where: "etl.yml:7: sites: pat_env"; NULL: as their options say */
    int64_t     delay_ms, connect_timeout_ms, timeout_ms;
    uint64_t    retries;
    int64_t     retry_start_ms, retry_cap_ms, max_wait_ms;
} jd_connect;

extern const jd_opt jd_connect_opts[];

/* What clients are made from: shared by all of them, borrowed from the command's arena. */
typedef struct jd_connector {
    const jd_cli *cli;
    jd_curl_conf  curl;
    jd_auth       auth;
    jd_retry      retry;
    jd_gate      *gate;
    jd_oauth     *oauth;  /* NULL unless that is how one signs in */
    const char   *base;   /* where the API is asked */
    const char   *site;   /* the Jira as people know it; differs from base behind a gateway */
    int64_t       gap_ms; /* pause between requests that is in force */
    bool          signed_in;
    const char   *credential;  /* where what signs in came from; NULL: nothing does */
    unsigned      concurrency; /* requests in flight at most */
    unsigned      made;
} jd_connector;

/* For conf->base_url, with its credentials if there are any for that host: those from a file that
 * sets another base address are not used. concurrency 0: 4, or 1 where there is a pause between
 * requests. */
jd_code jd_connector_open(const jd_cli *c, const jd_connect *conf, unsigned concurrency,
                          jd_connector *out, jd_err *e) JD_NODISCARD;
void    jd_connector_close(jd_connector *k);
/* Of JD_E_AUTH: tells whose credentials were not taken. Returns the error's code. */
jd_code jd_connector_blame(const jd_connector *k, jd_err *e);
/* A client for one thread; self is the jd_connector. Not from several threads at once. */
jd_code jd_connector_client(void *self, jd_stop *stop, jd_http **out, jd_err *e) JD_NODISCARD;

#endif
