#include "base/str.h"

#include <string.h>

jd_str jd_str_of(const char *c)
{
    return c ? (jd_str){c, strlen(c)} : JD_NOSTR;
}

bool jd_str_eq(jd_str a, jd_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool jd_str_is(jd_str a, const char *b)
{
    return jd_str_eq(a, jd_str_of(b));
}

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

bool jd_str_ieq(jd_str a, jd_str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower((unsigned char)a.p[i]) != lower((unsigned char)b.p[i]))
            return false;
    return true;
}

int jd_str_cmp(jd_str a, jd_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int    c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool jd_str_starts(jd_str s, jd_str prefix)
{
    return s.n >= prefix.n && jd_str_eq((jd_str){s.p, prefix.n}, prefix);
}

bool jd_str_ends(jd_str s, jd_str suffix)
{
    return s.n >= suffix.n && jd_str_eq(jd_str_cut(s, s.n - suffix.n, suffix.n), suffix);
}

jd_str jd_str_cut(jd_str s, size_t from, size_t n)
{
    if (from >= s.n)
        return JD_NOSTR;
    size_t left = s.n - from;
    return (jd_str){s.p + from, n < left ? n : left};
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

jd_str jd_str_trim(jd_str s)
{
    while (s.n && is_space(s.p[0]))
        s = (jd_str){s.p + 1, s.n - 1};
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

size_t jd_str_find(jd_str s, char c)
{
    const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
    return at ? (size_t)(at - s.p) : s.n;
}

size_t jd_str_search(jd_str s, jd_str needle)
{
    if (needle.n == 0)
        return 0;
    const char *at = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
    return at ? (size_t)(at - s.p) : s.n;
}

bool jd_str_split(jd_str *rest, char sep, jd_str *piece)
{
    if (!rest->p)
        return false;
    size_t at = jd_str_find(*rest, sep);
    *piece    = (jd_str){rest->p, at};
    *rest     = at < rest->n ? (jd_str){rest->p + at + 1, rest->n - at - 1} : JD_NOSTR;
    return true;
}

bool jd_str_u64(jd_str s, uint64_t *out)
{
    uint64_t v = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned d = (unsigned)(unsigned char)s.p[i] - '0';
        if (d > 9 || __builtin_mul_overflow(v, 10u, &v) || __builtin_add_overflow(v, d, &v))
            return false;
    }
    *out = v;
    return true;
}

bool jd_str_i64(jd_str s, int64_t *out)
{
    bool     neg = s.n && s.p[0] == '-';
    uint64_t v;
    if (!jd_str_u64(neg ? jd_str_cut(s, 1, s.n) : s, &v))
        return false;
    if (v > (uint64_t)INT64_MAX + neg)
        return false;
    *out = neg ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

bool jd_is_project_key(jd_str s)
{
    if (s.n == 0 || s.n > 255 || s.p[0] < 'A' || s.p[0] > 'Z')
        return false;
    for (size_t i = 1; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return true;
}

jd_str jd_key_project(jd_str s)
{
    size_t   dash    = jd_str_find(s, '-');
    jd_str   project = jd_str_cut(s, 0, dash);
    uint64_t number;
    /* room for "PROJECT-number.extra.json" within a file name of 255 bytes */
    if (s.n > 230 || !jd_is_project_key(project) ||
        !jd_str_u64(jd_str_cut(s, dash + 1, s.n), &number))
        return JD_NOSTR;
    return project;
}

bool jd_is_issue_key(jd_str s)
{
    return jd_key_project(s).n > 0;
}

uint64_t jd_key_number(jd_str s)
{
    uint64_t number = 0;
    jd_str   rest   = jd_key_project(s);
    if (rest.n)
        (void)jd_str_u64(jd_str_cut(s, rest.n + 1, s.n), &number);
    return number;
}

const char *jd_s(uint64_t n)
{
    return n == 1 ? "" : "s";
}
