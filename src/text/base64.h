/* base64.h: RFC 4648 base64 and hex. A decoder that refuses leaves out as it was. */
#ifndef JD_TEXT_BASE64_H
#define JD_TEXT_BASE64_H

#include "base/buf.h"

void jd_base64(jd_buf *out, jd_str s);
bool jd_unbase64(jd_buf *out, jd_str s); /* padding required; false on any other byte */
void jd_hex(jd_buf *out, jd_str s);      /* lower case */
bool jd_unhex(jd_buf *out, jd_str s);    /* either case */

/* A hex digit's value in either case; -1 for any other byte. */
static inline int jd_hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The value of four hex digits at p, which holds that many bytes; -1 when one is none. */
static inline int jd_hex4(const char *p)
{
    int v = 0;
    for (int i = 0; i < 4; i++) {
        int d = jd_hex_value(p[i]);
        if (d < 0)
            return -1;
        v = v << 4 | d;
    }
    return v;
}

#endif
