#include "net/reply.h"

#include <stdio.h>

static bool is_2xx(int status)
{
    return status >= 200 && status <= 299;
}

static bool is_json(const jd_reply *r)
{
    jd_str type = jd_str_trim(jd_reply_header(r, "content-type"));
    type        = jd_str_trim(jd_str_cut(type, 0, jd_str_find(type, ';')));
    if (!jd_str_ieq(type, JD_STR("application/json")) && !jd_str_ends(type, JD_STR("+json")))
        return false;
    jd_str body = r->body;
    if (jd_str_starts(body, JD_STR("\xef\xbb\xbf")))
        body = jd_str_cut(body, 3, SIZE_MAX);
    body = jd_str_trim(body);
    return body.n > 0 && (body.p[0] == '{' || body.p[0] == '[');
}

static jd_code code_of(int status)
{
    switch (status) {
    case 400:
        return JD_E_DATA;
    case 401:
    case 403:
        return JD_E_AUTH;
    case 404:
    case 410:
        return JD_E_NOTFOUND;
    case 429:
        return JD_E_BUSY;
    default:
        return JD_E_REMOTE;
    }
}

static void fail_2xx(const char *method, const char *url, const jd_reply *r, jd_err *e)
{
    if (r->body.n == 0)
        jd_fail(e, JD_E_REMOTE, "%s %s: answered with nothing, not JSON: is the address right?",
                method, url);
    else
        jd_fail(e, JD_E_REMOTE,
                "%s %s: answered with a web page, not JSON: is the address right, or a login page "
                "in the way?",
                method, url);
}

static void fail_redirect(const char *method, const char *url, const jd_reply *r, jd_err *e)
{
    char   to[JD_SHOWN_URL];
    jd_str where = jd_reply_header(r, "location");
    jd_fail(e, JD_E_REMOTE,
            "%s %s: %d %s to %s: redirects are not followed; is the address right (https, context "
            "path), or a login page in the way?",
            method, url, r->status, jd_status_words(r->status),
            where.n > 0 ? jd_url_shown(where, to) : "nowhere");
}

jd_code jd_http_expect_json(const jd_request *q, const jd_reply *r, jd_err *e)
{
    char        url[JD_SHOWN_URL], words[JD_SHOWN_WORDS];
    const char *login = jd_login_words(r);
    (void)jd_url_shown(q->url, url);
    if (is_2xx(r->status) && login[0]) {
        jd_fail(e, JD_E_AUTH, "%s %s: %s; the server answered as if to nobody", q->method, url,
                login);
    } else if (is_2xx(r->status)) {
        if (is_json(r))
            return JD_OK;
        fail_2xx(q->method, url, r, e);
    } else if (r->status >= 300 && r->status <= 399) {
        fail_redirect(q->method, url, r, e);
    } else {
        (void)jd_reply_words(r, words);
        bool told = login[0] && (r->status == 401 || r->status == 403);
        jd_fail(e, code_of(r->status), "%s %s: %d %s%s%s%s%s", q->method, url, r->status,
                jd_status_words(r->status), told ? ": " : "", told ? login : "",
                words[0] ? ": " : "", words);
    }
    e->http = r->status;
    return e->code;
}
