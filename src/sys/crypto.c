#include "sys/crypto.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

jd_code jd_hmac_sha256(jd_str key, jd_str data, unsigned char out[JD_SHA256_BYTES], jd_err *e)
{
    unsigned n = 0;
    if (key.n > INT_MAX ||
        !HMAC(EVP_sha256(), key.n ? key.p : "", (int)key.n,
              (const unsigned char *)(data.n ? data.p : ""), data.n, out, &n) ||
        n != JD_SHA256_BYTES)
        return jd_fail(e, JD_E_INTERNAL, "libcrypto refuses HMAC-SHA256");
    return JD_OK;
}
