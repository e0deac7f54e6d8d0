/* crypto.h: what needs a cryptographic library. */
#ifndef JD_SYS_CRYPTO_H
#define JD_SYS_CRYPTO_H

#include "base/buf.h"

enum { JD_SHA256_BYTES = 32 };

/* HMAC-SHA256 of data under key, of any length each. JD_E_INTERNAL when the library has none. */
jd_code jd_hmac_sha256(jd_str key, jd_str data, unsigned char out[JD_SHA256_BYTES],
                       jd_err *e) JD_NODISCARD;
/* SHA-256 of what a file holds, read in pieces. JD_E_IO, JD_E_NOTFOUND. */
jd_code jd_sha256_file(const char *path, unsigned char out[JD_SHA256_BYTES],
                       jd_err *e) JD_NODISCARD;
#endif
