/* url.h: http and https addresses (RFC 3986), and Jira base addresses. */
#ifndef JD_TEXT_URL_H
#define JD_TEXT_URL_H

#include "base/arena.h"
#include "base/buf.h"

typedef struct jd_url { /* views into the text that was parsed */
    jd_str   scheme;    /* "http" or "https", any case as given */
    jd_str   userinfo;  /* "user:secret", p NULL if none */
    jd_str   host;      /* without brackets for an IPv6 literal */
    uint16_t port;      /* the scheme's default when not given */
    jd_str   path;      /* with its leading slash, or empty */
    jd_str   query;     /* without '?', p NULL if none */
    jd_str   fragment;  /* without '#', p NULL if none */
    bool     ipv6;
} jd_url;

/* JD_E_DATA with the reason. Spaces, control characters, other schemes, an empty host, a port that
 * is none: all refused. */
jd_code jd_url_parse(jd_str s, jd_url *out, jd_err *e) JD_NODISCARD;
/* A base address as people paste it, normalised: scheme and host in lower case, default port and
 * trailing slashes dropped, context path kept ("https://issues.apache.org/jira/" -> without the
 * last slash), "/rest/api/2…", "/browse/…", "/projects/…", "/secure/…" and such tails cut
 * off. A user or
 * password in it, a query or a fragment is refused (JD_E_CONFIG). */
jd_code jd_url_base(jd_arena *a, jd_str s, jd_str *out, jd_err *e) JD_NODISCARD;
/* What names a site: the base without its scheme ("issues.apache.org/jira"). */
jd_str jd_url_site(jd_str base);
/* Loopback by its literal form: localhost, 127.0.0.0/8, ::1. No lookup. */
bool jd_url_is_loopback(jd_str host);
/* Percent-encodes everything but unreserved characters; decode refuses broken triples. */
void jd_url_escape(jd_buf *out, jd_str s);
bool jd_url_unescape(jd_buf *out, jd_str s, bool plus_is_space);

#endif
