#include "sys/crypto.h"

#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <unistd.h>

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

static jd_code sum(int fd, const char *path, unsigned char out[JD_SHA256_BYTES], jd_err *e)
{
    enum { PIECE = 256 << 10 };
    EVP_MD_CTX *c    = EVP_MD_CTX_new();
    char       *b    = jd_xmalloc(PIECE);
    bool        good = c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1;
    ssize_t     n    = 1;
    while (good && n != 0) {
        n = read(fd, b, PIECE);
        if (n < 0 && errno != EINTR)
            break;
        good = n <= 0 || EVP_DigestUpdate(c, b, (size_t)n) == 1;
    }
    jd_code rc = n < 0 ? jd_file_fail(e, errno, "read", path) : JD_OK;
    if (!rc && (!good || EVP_DigestFinal_ex(c, out, NULL) != 1))
        rc = jd_fail(e, JD_E_INTERNAL, "libcrypto refuses SHA-256");
    EVP_MD_CTX_free(c);
    free(b);
    return rc;
}

jd_code jd_sha256_file(const char *path, unsigned char out[JD_SHA256_BYTES], jd_err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return jd_file_fail(e, errno, "read", path);
    jd_code rc = sum(fd, path, out, e);
    (void)close(fd);
    return rc;
}
