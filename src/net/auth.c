#include "net/http.h"
#include "text/base64.h"
#include "text/url.h"

/* "host:port" in lower case; empty when the address is none. */
static jd_str host_of(jd_arena *a, jd_str address)
{
    jd_url url;
    jd_err e = JD_ERR_NONE;
    if (jd_url_parse(address, &url, &e) != JD_OK)
        return JD_STR("");
    jd_str out  = jd_arena_fmt(a, "%.*s:%u", JD_FMT(url.host), (unsigned)url.port);
    char  *text = jd_arena_bytes(a, out.n + 1);
    for (size_t i = 0; i <= out.n; i++)
        text[i] = out.p[i] >= 'A' && out.p[i] <= 'Z' ? (char)(out.p[i] + 32) : out.p[i];
    return (jd_str){text, out.n};
}

jd_auth jd_auth_none(void)
{
    return (jd_auth){.name = "anonymous", .header = JD_STR(""), .host = JD_STR("")};
}

jd_auth jd_auth_basic(jd_arena *a, jd_str base_url, jd_str user, jd_str secret)
{
    jd_buf plain = JD_BUF_INIT(SIZE_MAX / 4), coded = JD_BUF_INIT(SIZE_MAX / 2);
    jd_buf_adds(&plain, user);
    jd_buf_addc(&plain, ':');
    jd_buf_adds(&plain, secret);
    jd_buf_addz(&coded, "Basic ");
    jd_base64(&coded, jd_buf_view(&plain));
    jd_auth out = {.name   = "basic",
                   .header = jd_arena_dup(a, jd_buf_view(&coded)),
                   .host   = host_of(a, base_url)};
    jd_buf_release(&plain);
    jd_buf_release(&coded);
    return out;
}

jd_auth jd_auth_bearer(jd_arena *a, jd_str base_url, jd_str token)
{
    return (jd_auth){.name   = "bearer",
                     .header = jd_arena_fmt(a, "Bearer %.*s", JD_FMT(token)),
                     .host   = host_of(a, base_url)};
}

jd_auth jd_auth_changing(jd_arena *a, jd_str base_url, jd_auth_source source)
{
    return (jd_auth){.name = "oauth", .host = host_of(a, base_url), .source = source};
}

bool jd_auth_covers(const jd_auth *auth, jd_str url)
{
    if ((auth->header.n == 0 && !auth->source.current) || auth->host.n == 0)
        return false;
    jd_arena *scratch = jd_arena_new(4096);
    bool      same    = jd_str_eq(host_of(scratch, url), auth->host);
    jd_arena_free(scratch);
    return same;
}
