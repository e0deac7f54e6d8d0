#include "sys/file.h"
#include "sys/zip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { CHUNK = 64 << 10, GZIP_WINDOW = 15 + 16, ZSTD_WINDOW_LOG = 27 };

struct jd_lines {
    int           fd;
    char         *path;
    jd_zip        kind;
    size_t        max_line;
    bool          file_end, frame_open, ended;
    unsigned char raw[CHUNK]; /* bytes of the file, raw_at .. raw_n not yet used */
    size_t        raw_at, raw_n;
    z_stream      gzip;
    ZSTD_DCtx    *zstd;
    jd_buf        text; /* decoded bytes; the next line begins at `from` */
    size_t        from, searched;
    uint64_t      line;
};

static jd_code broken(const jd_lines *l, const char *what, jd_err *e)
{
    return jd_fail(e, JD_E_DATA,
                   "%s: %s data is damaged or cut short (%s) behind line %llu: fetch or make it "
                   "again",
                   l->path, l->kind == JD_ZIP_GZIP ? "gzip" : "zstd", what,
                   (unsigned long long)l->line);
}

static jd_code read_raw(jd_lines *l, jd_err *e)
{
    if (l->raw_at == l->raw_n)
        l->raw_at = l->raw_n = 0;
    while (l->raw_n < sizeof l->raw) {
        ssize_t n = read(l->fd, l->raw + l->raw_n, sizeof l->raw - l->raw_n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return jd_file_fail(e, errno, "read", l->path);
        l->raw_n += (size_t)n;
        l->file_end = n == 0;
        break;
    }
    return JD_OK;
}

static jd_code open_decoder(jd_lines *l, jd_err *e)
{
    /* a pipe may give the first bytes one by one */
    while (l->raw_n < 4 && !l->file_end) {
        jd_code rc = read_raw(l, e);
        if (rc)
            return rc;
    }
    l->kind = jd_zip_detect((jd_str){(const char *)l->raw, l->raw_n});
    if (l->kind == JD_ZIP_GZIP && inflateInit2(&l->gzip, GZIP_WINDOW) != Z_OK)
        abort(); /* out of memory */
    if (l->kind == JD_ZIP_ZSTD) {
        l->zstd = ZSTD_createDCtx();
        if (!l->zstd)
            abort();
        (void)ZSTD_DCtx_setParameter(l->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG);
    }
    return JD_OK;
}

jd_code jd_lines_open(const char *path, size_t max_line, jd_lines **out, jd_err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return jd_file_fail(e, errno, "read", path);
    return jd_lines_open_fd(fd, path, max_line, out, e);
}

jd_code jd_lines_open_fd(int fd, const char *path, size_t max_line, jd_lines **out, jd_err *e)
{
    jd_lines *l = jd_xcalloc(1, sizeof *l);
    l->fd       = fd;
    l->path     = jd_xstrdup(path);
    l->max_line = max_line;
    l->text.max = max_line > SIZE_MAX / 2 ? SIZE_MAX / 2 : max_line + CHUNK + 1;
    jd_code rc  = open_decoder(l, e);
    if (rc) {
        jd_lines_close(l);
        return rc;
    }
    *out = l;
    return JD_OK;
}

void jd_lines_close(jd_lines *l)
{
    if (!l)
        return;
    if (l->kind == JD_ZIP_GZIP)
        (void)inflateEnd(&l->gzip);
    (void)ZSTD_freeDCtx(l->zstd);
    (void)close(l->fd);
    jd_buf_release(&l->text);
    free(l->path);
    free(l);
}

static jd_code gunzip(jd_lines *l, char *to, size_t room, size_t *got, jd_err *e)
{
    z_stream *s  = &l->gzip;
    s->next_in   = l->raw + l->raw_at;
    s->avail_in  = (uInt)(l->raw_n - l->raw_at);
    s->next_out  = (Bytef *)to;
    s->avail_out = (uInt)room;
    if (!l->frame_open && l->raw[l->raw_at] == 0) { /* padding behind the last member (tapes) */
        l->raw_at++;
        return JD_OK;
    }
    l->frame_open = true;
    int rc        = inflate(s, Z_NO_FLUSH);
    l->raw_at     = l->raw_n - s->avail_in;
    *got          = room - s->avail_out;
    if (rc == Z_STREAM_END) {
        l->frame_open = false;
        (void)inflateReset(s);
    } else if (rc != Z_OK && rc != Z_BUF_ERROR) {
        return broken(l, s->msg ? s->msg : "bad stream", e);
    }
    return JD_OK;
}

static jd_code unzstd(jd_lines *l, char *to, size_t room, size_t *got, jd_err *e)
{
    ZSTD_inBuffer  in  = {l->raw, l->raw_n, l->raw_at};
    ZSTD_outBuffer out = {to, room, 0};
    size_t         rc  = ZSTD_decompressStream(l->zstd, &out, &in);
    if (ZSTD_isError(rc))
        return broken(l, ZSTD_getErrorName(rc), e);
    l->raw_at     = in.pos;
    l->frame_open = rc != 0;
    *got          = out.pos;
    return JD_OK;
}

/* Whether a decoder may hold more output although all input is used. */
static bool may_hold_more(const jd_lines *l)
{
    return l->kind != JD_ZIP_NONE && l->frame_open;
}

/* More decoded bytes behind text, or l->ended. */
static jd_code decode(jd_lines *l, jd_err *e)
{
    jd_code rc   = JD_OK;
    size_t  left = l->text.max - l->text.n, room = left < CHUNK ? left : CHUNK;
    char   *to  = room ? jd_buf_room(&l->text, room) : NULL;
    size_t  got = 0;
    if (!to)
        return jd_fail(e, JD_E_TOOBIG, "%s: line %llu is longer than %zu bytes", l->path,
                       (unsigned long long)l->line + 1, l->max_line);
    while (!got && !rc) {
        if (l->raw_at == l->raw_n && !l->file_end && (rc = read_raw(l, e)))
            break;
        size_t n = l->raw_n - l->raw_at;
        if (!n && !may_hold_more(l)) {
            l->ended = true;
            break;
        }
        size_t before = l->raw_at;
        if (l->kind == JD_ZIP_NONE) {
            got = n < room ? n : room;
            memcpy(to, l->raw + l->raw_at, got);
            l->raw_at += got;
        } else if (l->kind == JD_ZIP_GZIP) {
            rc = gunzip(l, to, room, &got, e);
        } else {
            rc = unzstd(l, to, room, &got, e);
        }
        if (!rc && !got && before == l->raw_at && l->file_end)
            rc = broken(l, "unexpected end", e);
    }
    jd_buf_wrote(&l->text, got);
    return rc;
}

/* Drops what was given out, so that the buffer holds one line and a chunk at most. */
static void shift(jd_lines *l)
{
    if (!l->from)
        return;
    memmove(l->text.p, l->text.p + l->from, l->text.n - l->from);
    l->text.n -= l->from;
    l->searched -= l->from;
    l->from = 0;
}

jd_code jd_lines_next(jd_lines *l, jd_str *line, jd_err *e)
{
    *line = JD_NOSTR;
    for (;;) {
        const char *start = l->text.p ? l->text.p + l->from : NULL;
        const char *end   = l->text.n > l->searched
                                ? memchr(l->text.p + l->searched, '\n', l->text.n - l->searched)
                                : NULL;
        size_t      n     = end ? (size_t)(end - start) : l->text.n - l->from;
        bool        cr    = start && n && start[n - 1] == '\r';
        if (n - cr > l->max_line)
            return jd_fail(e, JD_E_TOOBIG, "%s: line %llu is longer than %zu bytes", l->path,
                           (unsigned long long)l->line + 1, l->max_line);
        if (end || (l->ended && n)) {
            l->line++;
            l->from += n + (end != NULL);
            l->searched = l->from;
            *line       = (jd_str){start, n - (end && cr)};
            return JD_OK;
        }
        if (l->ended)
            return JD_OK;
        l->searched = l->text.n;
        shift(l);
        jd_code rc = decode(l, e);
        if (rc)
            return rc;
    }
}
