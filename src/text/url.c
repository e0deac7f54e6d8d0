#include "text/url.h"

#include "text/base64.h"

#include <string.h>

enum { SHOWN_MAX = 80 };

/* What of s a message may show: no user, password, query or fragment, and not too much. */
static jd_str shown(jd_str s)
{
    size_t at = s.n;
    while (at && s.p[at - 1] != '@')
        at--;
    s = jd_str_cut(s, at, s.n);
    s = jd_str_cut(s, 0, jd_str_find(s, '?'));
    return jd_str_cut(jd_str_cut(s, 0, jd_str_find(s, '#')), 0, SHOWN_MAX);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Cuts s at the first of the characters in `stops`; the rest begins with it. */
static jd_str cut_before(jd_str *s, const char *stops)
{
    size_t n = 0;
    while (n < s->n && !strchr(stops, s->p[n]))
        n++;
    jd_str head = {s->p, n};
    *s          = (jd_str){s->p + n, s->n - n};
    return head;
}

static jd_code check_host(const jd_url *u, jd_str all, jd_err *e)
{
    if (u->host.n == 0)
        return jd_fail(e, JD_E_DATA, "address \"%.*s\": the host is missing", JD_FMT(shown(all)));
    for (size_t i = 0; i < u->host.n; i++) {
        char c  = u->host.p[i];
        bool ok = u->ipv6 ? jd_hex_value(c) >= 0 || c == ':' || c == '.'
                          : is_alnum(c) || c == '-' || c == '.' || c == '_';
        if (!ok)
            return jd_fail(e, JD_E_DATA, "address \"%.*s\": the host holds %s", JD_FMT(shown(all)),
                           (unsigned char)c >= 0x80
                               ? "letters beyond ASCII; write it in its xn-- form"
                               : "a character that no host name has");
    }
    return JD_OK;
}

static jd_code parse_authority(jd_str authority, jd_str all, jd_url *u, jd_err *e)
{
    jd_str rest = authority;
    for (size_t i = authority.n; i-- > 0;)
        if (authority.p[i] == '@') {
            u->userinfo = (jd_str){authority.p, i};
            rest        = (jd_str){authority.p + i + 1, authority.n - i - 1};
            break;
        }
    if (rest.n && rest.p[0] == '[') {
        size_t end = jd_str_find(rest, ']');
        if (end == rest.n)
            return jd_fail(e, JD_E_DATA, "address \"%.*s\": the IPv6 host has no closing ]",
                           JD_FMT(shown(all)));
        u->ipv6 = true;
        u->host = (jd_str){rest.p + 1, end - 1};
        rest    = (jd_str){rest.p + end + 1, rest.n - end - 1};
    } else {
        u->host = cut_before(&rest, ":");
    }
    u->port = jd_str_ieq(u->scheme, JD_STR("https")) ? 443 : 80;
    if (rest.n && rest.p[0] != ':')
        return jd_fail(e, JD_E_DATA, "address \"%.*s\": something follows the host's ]",
                       JD_FMT(shown(all)));
    if (rest.n > 1) { /* RFC 3986 allows a colon without a port */
        uint64_t port;
        if (!jd_str_u64(jd_str_cut(rest, 1, rest.n), &port) || port == 0 || port > UINT16_MAX)
            return jd_fail(e, JD_E_DATA, "address \"%.*s\": the port is no number from 1 to 65535",
                           JD_FMT(shown(all)));
        u->port = (uint16_t)port;
    }
    return check_host(u, all, e);
}

jd_code jd_url_parse(jd_str s, jd_url *out, jd_err *e)
{
    jd_url u = {0};
    if (s.n == 0)
        return jd_fail(e, JD_E_DATA, "the address is empty");
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
            return jd_fail(e, JD_E_DATA,
                           "the address holds a blank or control character at byte %zu", i);
    size_t colon = jd_str_search(s, JD_STR("://"));
    u.scheme     = jd_str_cut(s, 0, colon);
    if (colon == s.n || jd_str_find(u.scheme, '/') < u.scheme.n)
        return jd_fail(e, JD_E_DATA, "address \"%.*s\" has no scheme: begin it with https://",
                       JD_FMT(shown(s)));
    if (!jd_str_ieq(u.scheme, JD_STR("http")) && !jd_str_ieq(u.scheme, JD_STR("https")))
        return jd_fail(e, JD_E_DATA, "address \"%.*s\": only http and https are spoken here",
                       JD_FMT(shown(s)));
    jd_str  rest      = {s.p + colon + 3, s.n - colon - 3};
    jd_str  authority = cut_before(&rest, "/?#\\");
    jd_code code      = parse_authority(authority, s, &u, e);
    if (code != JD_OK)
        return code;
    if (rest.n && rest.p[0] == '\\')
        return jd_fail(e, JD_E_DATA, "address \"%.*s\" holds a backslash: write /",
                       JD_FMT(shown(s)));
    u.path = cut_before(&rest, "?#");
    if (rest.n && rest.p[0] == '?') {
        rest    = (jd_str){rest.p + 1, rest.n - 1};
        u.query = cut_before(&rest, "#");
    }
    if (rest.n)
        u.fragment = (jd_str){rest.p + 1, rest.n - 1};
    *out = u;
    return JD_OK;
}

/* A path without the tails that a browser's address line has behind Jira's own base. */
static jd_str context_path(jd_str path)
{
    static const char *const tails[] = {"/rest/api", "/rest/agile", "/rest/auth", "/browse",
                                        "/projects", "/secure",     "/issues",    "/login.jsp"};
    size_t                   end     = path.n;
    for (size_t at = 0; at < end; at++) {
        jd_str rest = jd_str_cut(path, at, path.n);
        for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
            jd_str tail = jd_str_of(tails[i]);
            if (jd_str_starts(rest, tail) && (rest.n == tail.n || rest.p[tail.n] == '/'))
                end = at;
        }
    }
    while (end && path.p[end - 1] == '/')
        end--;
    return jd_str_cut(path, 0, end);
}

static bool is_ascii(jd_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

static bool has_dot_segment(jd_str path)
{
    jd_str piece;
    while (jd_str_split(&path, '/', &piece))
        if (jd_str_is(piece, ".") || jd_str_is(piece, ".."))
            return true;
    return false;
}

static void add_lower(jd_buf *b, jd_str s)
{
    for (size_t i = 0; i < s.n; i++)
        jd_buf_addc(b, s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i]);
}

jd_code jd_url_base(jd_arena *a, jd_str s, jd_str *out, jd_err *e)
{
    jd_url u;
    s = jd_str_trim(s);
    if (jd_url_parse(s, &u, e) != JD_OK) {
        e->code = JD_E_CONFIG;
        return JD_E_CONFIG;
    }
    if (u.userinfo.p)
        return jd_fail(e, JD_E_CONFIG,
                       "base address \"%.*s\" holds a user or password: take it out and set the "
                       "credentials by themselves",
                       JD_FMT(shown(s)));
    if (u.query.p || u.fragment.p)
        return jd_fail(e, JD_E_CONFIG, "base address \"%.*s\": take out what follows the %s",
                       JD_FMT(shown(s)), u.query.p ? "?" : "#");
    if (!is_ascii(u.path))
        return jd_fail(e, JD_E_CONFIG,
                       "base address on host %.*s: write its path in ASCII, other letters as %%XX",
                       JD_FMT(jd_str_cut(u.host, 0, SHOWN_MAX)));
    if (has_dot_segment(u.path))
        return jd_fail(e, JD_E_CONFIG, "base address \"%.*s\": write its path without . and ..",
                       JD_FMT(shown(s)));
    bool   https = jd_str_ieq(u.scheme, JD_STR("https"));
    jd_buf b     = JD_BUF_INIT(s.n + sizeof "https://");
    jd_buf_addz(&b, https ? "https://" : "http://");
    jd_buf_addz(&b, u.ipv6 ? "[" : "");
    add_lower(&b, u.host);
    jd_buf_addz(&b, u.ipv6 ? "]" : "");
    if (u.port != (https ? 443 : 80))
        jd_buf_addf(&b, ":%u", (unsigned)u.port);
    jd_buf_adds(&b, context_path(u.path));
    *out = jd_arena_dup(a, jd_buf_view(&b));
    jd_buf_release(&b);
    return JD_OK;
}

jd_str jd_url_site(jd_str base)
{
    size_t at = jd_str_search(base, JD_STR("://"));
    return at < base.n ? jd_str_cut(base, at + 3, base.n) : base;
}

bool jd_url_is_loopback(jd_str host)
{
    if (jd_str_ieq(host, JD_STR("localhost")) || jd_str_is(host, "::1") ||
        jd_str_is(host, "0:0:0:0:0:0:0:1"))
        return true;
    uint64_t part;
    jd_str   piece;
    int      parts = 0;
    while (jd_str_split(&host, '.', &piece)) {
        if (piece.n > 3 || !jd_str_u64(piece, &part) || part > 255 || (parts == 0 && part != 127))
            return false;
        parts++;
    }
    return parts == 4;
}

void jd_url_escape(jd_buf *out, jd_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (is_alnum(c) || (c && strchr("-._~", c)))
            jd_buf_addc(out, c);
        else
            jd_buf_addf(out, "%%%02X", (unsigned)(unsigned char)c);
    }
}

bool jd_url_unescape(jd_buf *out, jd_str s, bool plus_is_space)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            int high = i + 1 < s.n ? jd_hex_value(s.p[i + 1]) : -1;
            int low  = i + 2 < s.n ? jd_hex_value(s.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        jd_buf_addc(out, c);
    }
    return true;
}
