/* base64.h: RFC 4648 base64 and hex. A decoder that refuses leaves out as it was. */
#ifndef JD_TEXT_BASE64_H
#define JD_TEXT_BASE64_H

#include "base/buf.h"

void jd_base64(jd_buf *out, jd_str s);
bool jd_unbase64(jd_buf *out, jd_str s); /* padding required; false on any other byte */
void jd_hex(jd_buf *out, jd_str s);      /* lower case */
bool jd_unhex(jd_buf *out, jd_str s);    /* either case */

#endif
