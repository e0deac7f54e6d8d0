#include "base/arena.h"
#include "sys/seal.h"
#include "sys/zip.h"

#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

struct jd_unframer {
    ZSTD_DCtx *zstd;
};

jd_unframer *jd_unframer_new(void)
{
    jd_unframer *u = jd_xcalloc(1, sizeof *u);
    u->zstd        = ZSTD_createDCtx();
    if (!u->zstd)
        abort(); /* out of memory */
    return u;
}

void jd_unframer_free(jd_unframer *u)
{
    if (!u)
        return;
    (void)ZSTD_freeDCtx(u->zstd);
    free(u);
}

/* Skippable frames hold nothing of ours, and magicless or legacy ones are none. */
static bool begins_frame(jd_str bytes)
{
    return jd_str_starts(bytes, JD_STR("\x28\xb5\x2f\xfd"));
}

/* Behind the magic number stands the header's descriptor. */
static bool checks_itself(jd_str frame)
{
    enum { DESCRIPTOR = 4, CHECKSUM = 1 << 2 };
    return frame.p[DESCRIPTOR] & CHECKSUM;
}

jd_code jd_frame_measure(jd_str bytes, jd_frame *out, bool *cut, jd_err *e)
{
    *cut = bytes.n < 4 && jd_str_starts(JD_STR("\x28\xb5\x2f\xfd"), bytes);
    if (!begins_frame(bytes))
        return jd_fail(e, JD_E_DATA, *cut ? "a zstd frame is cut short" : "no zstd frame");
    size_t packed = ZSTD_findFrameCompressedSize(bytes.p, bytes.n), seal = 0;
    if (ZSTD_isError(packed)) {
        *cut = ZSTD_getErrorCode(packed) == ZSTD_error_srcSize_wrong;
        return jd_fail(e, JD_E_DATA,
                       *cut ? "a zstd frame is cut short" : "a zstd frame is damaged");
    }
    if (!checks_itself(bytes)) {
        jd_str rest = jd_str_cut(bytes, packed, JD_SEAL_BYTES);
        *cut        = rest.n < JD_SEAL_BYTES && (!rest.n || jd_seal_begins(rest));
        if (rest.n < JD_SEAL_BYTES || !jd_seal_begins(rest))
            return jd_fail(e, JD_E_DATA,
                           *cut ? "a zstd frame is cut short" : "a zstd frame has lost its seal");
        seal = JD_SEAL_BYTES;
    }
    uint64_t content = ZSTD_getFrameContentSize(bytes.p, packed);
    if (content == ZSTD_CONTENTSIZE_UNKNOWN || content == ZSTD_CONTENTSIZE_ERROR)
        return jd_fail(e, JD_E_DATA, "a zstd frame does not tell its size");
    *out = (jd_frame){packed + seal, content};
    return JD_OK;
}

jd_code jd_unframe(jd_unframer *u, jd_str bytes, jd_buf *out, jd_err *e)
{
    jd_frame f = {0};
    bool     cut;
    jd_code  rc = jd_frame_measure(bytes, &f, &cut, e);
    if (rc)
        return rc;
    size_t packed = f.packed;
    if (!checks_itself(bytes)) {
        char seal[JD_SEAL_BYTES];
        packed -= JD_SEAL_BYTES;
        jd_seal_write(jd_str_cut(bytes, 0, packed), seal);
        if (memcmp(seal, bytes.p + packed, sizeof seal) != 0)
            return jd_fail(e, JD_E_DATA, "a zstd frame is damaged (its seal is another's)");
    }
    char *to = f.content <= out->max ? jd_buf_room(out, (size_t)f.content) : NULL;
    if (f.content && !to)
        return jd_fail(e, JD_E_TOOBIG, "a zstd frame holds %llu bytes, more than the %zu allowed",
                       (unsigned long long)f.content, out->max);
    size_t n = ZSTD_decompressDCtx(u->zstd, to, (size_t)f.content, bytes.p, packed);
    if (ZSTD_isError(n))
        return jd_fail(e, JD_E_DATA, "a zstd frame is damaged (%s)", ZSTD_getErrorName(n));
    if (n != f.content)
        return jd_fail(e, JD_E_DATA, "a zstd frame holds %zu bytes, not the %llu it says", n,
                       (unsigned long long)f.content);
    jd_buf_wrote(out, n);
    return JD_OK;
}
