#include "text/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void jd_base64(jd_buf *out, jd_str s)
{
    for (size_t i = 0; i < s.n; i += 3) {
        size_t   left = s.n - i;
        uint32_t v    = (uint32_t)(unsigned char)s.p[i] << 16;
        if (left > 1)
            v |= (uint32_t)(unsigned char)s.p[i + 1] << 8;
        if (left > 2)
            v |= (unsigned char)s.p[i + 2];
        char four[4] = {digits[v >> 18], digits[v >> 12 & 63], digits[v >> 6 & 63], digits[v & 63]};
        if (left < 3)
            four[3] = '=';
        if (left < 2)
            four[2] = '=';
        jd_buf_add(out, four, 4);
    }
}

static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool decode64(jd_buf *out, jd_str s)
{
    if (s.n % 4)
        return false;
    for (size_t i = 0; i < s.n; i += 4) {
        size_t   keep = 3;
        uint32_t v    = 0;
        if (i + 4 == s.n && s.p[i + 3] == '=')
            keep = s.p[i + 2] == '=' ? 1 : 2;
        for (size_t k = 0; k < 4; k++) {
            int d = k > keep ? 0 : digit_value(s.p[i + k]);
            if (d < 0)
                return false;
            v = v << 6 | (uint32_t)d;
        }
        /* bits that stand for nothing must be zero: one spelling for each value */
        if (v & ((1u << 8 * (3 - keep)) - 1))
            return false;
        char three[3] = {(char)(v >> 16), (char)(v >> 8), (char)v};
        jd_buf_add(out, three, keep);
    }
    return true;
}

bool jd_unbase64(jd_buf *out, jd_str s)
{
    size_t before = out->n;
    bool   ok     = decode64(out, s);
    if (!ok)
        out->n = before;
    return ok;
}

void jd_hex(jd_buf *out, jd_str s)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        jd_buf_addc(out, hex[c >> 4]);
        jd_buf_addc(out, hex[c & 15]);
    }
}

bool jd_unhex(jd_buf *out, jd_str s)
{
    size_t before = out->n;
    if (s.n % 2)
        return false;
    for (size_t i = 0; i < s.n; i += 2) {
        int high = jd_hex_value(s.p[i]), low = jd_hex_value(s.p[i + 1]);
        if (high < 0 || low < 0) {
            out->n = before;
            return false;
        }
        jd_buf_addc(out, (char)(high << 4 | low));
    }
    return true;
}
