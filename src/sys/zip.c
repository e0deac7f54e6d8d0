#include "sys/zip.h"

#include "base/arena.h"
#include "sys/seal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { GZIP_LEVEL = 6, ZSTD_LEVEL = 3, GZIP_WINDOW = 15 + 16, ROOM = 64 << 10 };

struct jd_zipper {
    jd_zip     kind;
    int        level;
    z_stream   gzip;
    ZSTD_CCtx *zstd;
};

jd_zip jd_zip_detect(jd_str head)
{
    if (jd_str_starts(head, JD_STR("\x1f\x8b")))
        return JD_ZIP_GZIP;
    if (jd_str_starts(head, JD_STR("\x28\xb5\x2f\xfd")))
        return JD_ZIP_ZSTD;
    /* a skippable zstd frame: 0x184d2a50 to 5f, little-endian */
    if (head.n >= 4 && ((unsigned char)head.p[0] & 0xf0) == 0x50 &&
        jd_str_starts(jd_str_cut(head, 1, 3), JD_STR("\x2a\x4d\x18")))
        return JD_ZIP_ZSTD;
    return JD_ZIP_NONE;
}

jd_zipper *jd_zipper_new(jd_zip kind, int level)
{
    jd_zipper *z = jd_xcalloc(1, sizeof *z);
    z->kind      = kind;
    if (kind == JD_ZIP_GZIP) {
        z->level = level > 0 && level <= 9 ? level : GZIP_LEVEL;
        if (deflateInit2(&z->gzip, z->level, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) !=
            Z_OK)
            abort(); /* out of memory */
    } else if (kind == JD_ZIP_ZSTD) {
        z->level = level > 0 && level <= ZSTD_maxCLevel() ? level : ZSTD_LEVEL;
        z->zstd  = ZSTD_createCCtx();
        if (!z->zstd)
            abort();
        (void)ZSTD_CCtx_setParameter(z->zstd, ZSTD_c_compressionLevel, z->level);
        (void)ZSTD_CCtx_setParameter(z->zstd, ZSTD_c_checksumFlag, 1);
    }
    return z;
}

void jd_zipper_free(jd_zipper *z)
{
    if (!z)
        return;
    if (z->kind == JD_ZIP_GZIP)
        (void)deflateEnd(&z->gzip);
    (void)ZSTD_freeCCtx(z->zstd);
    free(z);
}

static jd_code too_big(const jd_buf *out, jd_err *e)
{
    return jd_fail(e, JD_E_TOOBIG, "compressed output is over its limit of %zu bytes", out->max);
}

/* Room for the next piece of output, as much as the ceiling still allows. */
static char *room(jd_buf *out, size_t *n)
{
    size_t left = out->over ? 0 : out->max - out->n;
    *n          = left < ROOM ? left : ROOM;
    return *n ? jd_buf_room(out, *n) : NULL;
}

/* zlib takes pieces of at most UINT_MAX bytes and does not write to them. */
static jd_code gzip_run(jd_zipper *z, jd_str in, int flush, jd_buf *out, jd_err *e)
{
    z_stream *s = &z->gzip;
    int       rc;
    do {
        size_t piece = in.n < UINT_MAX ? in.n : UINT_MAX;
        s->next_in   = (Bytef *)(uintptr_t)in.p;
        s->avail_in  = (uInt)piece;
        size_t n;
        char  *to = room(out, &n);
        if (!to)
            return too_big(out, e);
        s->next_out  = (Bytef *)to;
        s->avail_out = (uInt)n;
        rc           = deflate(s, flush);
        jd_buf_wrote(out, n - s->avail_out);
        size_t used = piece - s->avail_in;
        in          = jd_str_cut(in, used, in.n);
        if (rc == Z_STREAM_ERROR)
            return jd_fail(e, JD_E_INTERNAL, "gzip failed");
    } while (in.n || s->avail_out == 0 || (flush == Z_FINISH && rc != Z_STREAM_END));
    return JD_OK;
}

static jd_code zstd_run(jd_zipper *z, jd_str in, ZSTD_EndDirective how, jd_buf *out, jd_err *e)
{
    ZSTD_inBuffer from = {in.p, in.n, 0};
    size_t        left;
    do {
        size_t n;
        char  *at = room(out, &n);
        if (!at)
            return too_big(out, e);
        ZSTD_outBuffer to = {at, n, 0};
        left              = ZSTD_compressStream2(z->zstd, &to, &from, how);
        if (ZSTD_isError(left))
            return jd_fail(e, JD_E_INTERNAL, "zstd failed: %s", ZSTD_getErrorName(left));
        jd_buf_wrote(out, to.pos);
    } while (from.pos < from.size || (how == ZSTD_e_end && left));
    return JD_OK;
}

jd_code jd_zipper_add(jd_zipper *z, jd_str in, jd_buf *out, jd_err *e)
{
    if (!in.n)
        return JD_OK;
    switch (z->kind) {
    case JD_ZIP_GZIP:
        return gzip_run(z, in, Z_NO_FLUSH, out, e);
    case JD_ZIP_ZSTD:
        return zstd_run(z, in, ZSTD_e_continue, out, e);
    case JD_ZIP_NONE:
        break;
    }
    jd_buf_adds(out, in);
    return jd_buf_ok(out) ? JD_OK : too_big(out, e);
}

jd_code jd_zipper_end(jd_zipper *z, jd_buf *out, jd_err *e)
{
    jd_code rc = JD_OK;
    if (z->kind == JD_ZIP_GZIP) {
        rc = gzip_run(z, JD_NOSTR, Z_FINISH, out, e);
        (void)deflateReset(&z->gzip);
    } else if (z->kind == JD_ZIP_ZSTD) {
        rc = zstd_run(z, JD_NOSTR, ZSTD_e_end, out, e);
        (void)ZSTD_CCtx_reset(z->zstd, ZSTD_reset_session_only);
    }
    return rc;
}

/* Frames of the quickest level get a table that the processor's first cache holds: a tenth of the
 * time for some hundredths of the size. */
static void set_for_frames(jd_zipper *z, bool on)
{
    enum { CACHED = 13, AS_LEVEL = 0 };
    (void)ZSTD_CCtx_setParameter(z->zstd, ZSTD_c_checksumFlag, !on);
    (void)ZSTD_CCtx_setParameter(z->zstd, ZSTD_c_hashLog, on && z->level == 1 ? CACHED : AS_LEVEL);
}

jd_code jd_zipper_frame(jd_zipper *z, jd_str in, jd_buf *out, jd_err *e)
{
    if (z->kind != JD_ZIP_ZSTD)
        return jd_fail(e, JD_E_INTERNAL, "frames are zstd's");
    size_t room = ZSTD_compressBound(in.n);
    char  *to   = ZSTD_isError(room) ? NULL : jd_buf_room(out, room + JD_SEAL_BYTES);
    if (!to)
        return too_big(out, e);
    set_for_frames(z, true);
    size_t n = ZSTD_compress2(z->zstd, to, room, in.p, in.n);
    set_for_frames(z, false);
    if (ZSTD_isError(n))
        return jd_fail(e, JD_E_INTERNAL, "zstd failed: %s", ZSTD_getErrorName(n));
    jd_seal_write((jd_str){to, n}, to + n);
    jd_buf_wrote(out, n + JD_SEAL_BYTES);
    return JD_OK;
}
