/* Addresses of any bytes: parts lie inside the text, a base is a fixed point of itself, messages
 * show nothing of a user or password, and escaping undoes itself. */
#include "text/url.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void inside(jd_str part, jd_str whole)
{
    must(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void bases(jd_arena *a, jd_str s)
{
    jd_str  base, again;
    jd_url  u;
    jd_err  e    = JD_ERR_NONE;
    jd_code code = jd_url_base(a, s, &base, &e);
    if (code != JD_OK) {
        must(code == JD_E_CONFIG && e.code == JD_E_CONFIG && e.msg[0]);
        return;
    }
    must(jd_url_parse(base, &u, &e) == JD_OK && !u.userinfo.p && !u.query.p && !u.fragment.p);
    must(jd_url_base(a, base, &again, &e) == JD_OK && jd_str_eq(base, again));
    must(jd_str_search(jd_url_site(base), JD_STR("://")) == jd_url_site(base).n ||
         jd_str_search(u.path, JD_STR("://")) < u.path.n);
}

static void escapes(jd_str s)
{
    jd_buf b = JD_BUF_INIT(1 << 20), back = JD_BUF_INIT(1 << 20);
    jd_url_escape(&b, s);
    must(jd_url_unescape(&back, jd_buf_view(&b), true));
    must(jd_str_eq(jd_buf_view(&back), s));
    jd_buf_reset(&back);
    (void)jd_url_unescape(&back, s, false);
    jd_buf_release(&b);
    jd_buf_release(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jd_arena *a = jd_arena_new(0);
    jd_str    s = {(const char *)data, size};
    jd_url    u;
    jd_err    e = JD_ERR_NONE;
    if (jd_url_parse(s, &u, &e) == JD_OK) {
        must(u.host.n > 0 && u.port > 0);
        jd_str parts[] = {u.scheme, u.userinfo, u.host, u.path, u.query, u.fragment};
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            inside(parts[i], s);
        (void)jd_url_is_loopback(u.host);
    } else {
        must(e.code == JD_E_DATA && e.msg[0]);
    }
    bases(a, s);
    if (size < 1 << 16)
        escapes(s);
    jd_arena_free(a);
    return 0;
}
