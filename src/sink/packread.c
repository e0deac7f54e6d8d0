#include "sink/packread.h"

#include "sys/zip.h"
#include "text/json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FILES     = 16,
    FRAMES    = 2, /* neighbours by number change over from one frame to the next more than once */
    KEPT      = 16 << 20,                                     /* larger buffers are given back */
    PACKED    = JD_PACK_FRAME_MAX + (JD_PACK_FRAME_MAX >> 6), /* zstd adds 1/256 at most */
    SCAN_STEP = 1 << 20
};

typedef struct open_file {
    uint64_t id; /* of the segment; 0: none */
    int      fd;
} open_file;

typedef struct decoded {     /* a frame's text */
    uint64_t segment, frame; /* segment 0: none */
    jd_buf   text;
} decoded;

struct jd_packreader {
    char        *dir;
    jd_unframer *unframer;
    open_file    file[FILES];
    unsigned     next; /* place to be used again */
    jd_buf       packed;
    decoded      frame[FRAMES];
    unsigned     last; /* the frame used last */
};

jd_packreader *jd_packreader_new(const char *raw_dir)
{
    jd_packreader *r = jd_xcalloc(1, sizeof *r);
    *r               = (jd_packreader){
                      .dir = jd_xstrdup(raw_dir), .unframer = jd_unframer_new(), .packed = JD_BUF_INIT(PACKED)};
    for (unsigned i = 0; i < FRAMES; i++)
        r->frame[i].text = (jd_buf)JD_BUF_INIT(JD_PACK_FRAME_MAX);
    return r;
}

void jd_packreader_free(jd_packreader *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < FILES; i++)
        if (r->file[i].id)
            (void)close(r->file[i].fd);
    jd_unframer_free(r->unframer);
    jd_buf_release(&r->packed);
    for (unsigned i = 0; i < FRAMES; i++)
        jd_buf_release(&r->frame[i].text);
    free(r->dir);
    free(r);
}

static void shrink(jd_buf *b)
{
    jd_buf_reset(b);
    if (b->cap > KEPT)
        jd_buf_release(b);
}

static jd_code file_of(jd_packreader *r, const jd_segment *s, const char *path, int *fd, jd_err *e)
{
    for (size_t i = 0; i < FILES; i++)
        if (r->file[i].id == s->id) {
            *fd = r->file[i].fd;
            return JD_OK;
        }
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 && errno == ENOENT) {
        e->sys = ENOENT;
        return jd_fail_sys(e, JD_E_IO, ENOENT, "%s: a part of the store is missing", path);
    }
    if (*fd < 0)
        return jd_file_fail(e, errno, "read", path);
    open_file *f = &r->file[r->next++ % FILES];
    if (f->id)
        (void)close(f->fd);
    *f = (open_file){s->id, *fd};
    return JD_OK;
}

/* n bytes at an offset, appended; fewer at the end of the file. */
static jd_code read_at(int fd, uint64_t at, size_t n, jd_buf *out, const char *path, jd_err *e)
{
    while (n) {
        char *to = jd_buf_room(out, n);
        if (!to)
            return jd_fail(e, JD_E_TOOBIG, "%s: a frame is larger than %zu bytes", path, out->max);
        ssize_t got = pread(fd, to, n, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return jd_file_fail(e, errno, "read", path);
        if (got == 0)
            break;
        jd_buf_wrote(out, (size_t)got);
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    return JD_OK;
}

static jd_code load_frame(jd_packreader *r, const jd_segment *s, const jd_pack_place *at,
                          decoded *to, const char *path, jd_err *e)
{
    int     fd  = -1;
    jd_code rc  = file_of(r, s, path, &fd, e);
    to->segment = 0;
    shrink(&r->packed);
    shrink(&to->text);
    if (!rc && at->packed > PACKED)
        rc = jd_fail(e, JD_E_DATA, "%s: a frame of %" PRIu64 " bytes is none", path, at->packed);
    if (!rc)
        rc = read_at(fd, at->frame, (size_t)at->packed, &r->packed, path, e);
    if (rc)
        return rc;
    rc = jd_unframe(r->unframer, jd_buf_view(&r->packed), &to->text, e);
    if (rc)
        return jd_wrap(e, "%s at byte %" PRIu64, path, at->frame);
    to->segment = s->id;
    to->frame   = at->frame;
    return JD_OK;
}

static bool is_of(const decoded *d, const jd_segment *s, const jd_pack_place *at)
{
    return d->segment == s->id && d->frame == at->frame;
}

jd_code jd_packreader_get(jd_packreader *r, const jd_segment *segment, const jd_pack_place *at,
                          jd_str *out, jd_err *e)
{
    char path[4096], name[JD_PACK_NAME_MAX];
    *out = JD_NOSTR;
    if (!is_of(&r->frame[r->last], segment, at))
        r->last = (r->last + 1) % FRAMES;
    decoded *d = &r->frame[r->last];
    if (!is_of(d, segment, at)) {
        jd_segment_name(segment->project, segment->number, name);
        (void)snprintf(path, sizeof path, "%s/%s", r->dir, name);
        jd_code rc = load_frame(r, segment, at, d, path, e);
        if (rc)
            return rc;
    }
    if (at->at > d->text.n || at->length > d->text.n - at->at) {
        jd_segment_name(segment->project, segment->number, name);
        return jd_fail(e, JD_E_DATA,
                       "%s/%s at byte %" PRIu64 ": the frame ends before the issue does", r->dir,
                       name, at->frame);
    }
    *out = (jd_str){d->text.p + at->at, (size_t)at->length};
    return JD_OK;
}

/* -- a whole segment ------------------------------------------------------------------------- */

struct jd_packscan {
    char        *path;
    int          fd;
    jd_unframer *unframer;
    jd_buf       window, text; /* the window's bytes stand at `base` in the file */
    uint64_t     base, at, lost;
    bool         whole; /* the window reaches to the end of the file */
};

jd_code jd_packscan_open(const char *path, jd_packscan **out, jd_err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return jd_file_fail(e, errno, "read", path);
    *out  = jd_xcalloc(1, sizeof **out);
    **out = (jd_packscan){.path     = jd_xstrdup(path),
                          .fd       = fd,
                          .unframer = jd_unframer_new(),
                          .window   = JD_BUF_INIT(PACKED),
                          .text     = JD_BUF_INIT(JD_PACK_FRAME_MAX)};
    return JD_OK;
}

void jd_packscan_close(jd_packscan *s)
{
    if (!s)
        return;
    (void)close(s->fd);
    jd_unframer_free(s->unframer);
    jd_buf_release(&s->window);
    jd_buf_release(&s->text);
    free(s->path);
    free(s);
}

uint64_t jd_packscan_lost(const jd_packscan *s)
{
    return s->lost;
}

static jd_str ahead(const jd_packscan *s)
{
    size_t used = (size_t)(s->at - s->base);
    return jd_str_cut(jd_buf_view(&s->window), used, s->window.n);
}

/* At least n bytes ahead, unless the file ends before. */
static jd_code look_ahead(jd_packscan *s, size_t n, jd_err *e)
{
    size_t used = (size_t)(s->at - s->base), have = s->window.n - used;
    if (have >= n || s->whole)
        return JD_OK;
    if (used) {
        memmove(s->window.p, s->window.p + used, have);
        s->window.n = have;
        s->base     = s->at;
    }
    jd_code rc = read_at(s->fd, s->base + have, n - have, &s->window, s->path, e);
    s->whole   = !rc && s->window.n < n;
    return rc;
}

static void pass_over(jd_packscan *s, size_t n)
{
    s->at += n;
    s->lost += n;
}

/* To the next bytes that a frame could begin with. */
static void find_magic(jd_packscan *s)
{
    static const jd_str magic = JD_STR_INIT("\x28\xb5\x2f\xfd");
    jd_str              rest  = jd_str_cut(ahead(s), 1, SIZE_MAX);
    size_t              found = jd_str_search(rest, magic);
    if (found == rest.n && !s->whole) /* the first bytes of one may end the window */
        found = rest.n > magic.n ? rest.n - magic.n : 0;
    pass_over(s, found + 1);
}

/* The frame at hand, with as much of the file as it takes; JD_E_DATA when there is none. */
static jd_code measure(jd_packscan *s, jd_frame *f, jd_err *e)
{
    for (size_t want = SCAN_STEP;; want *= 2) {
        bool    cut;
        jd_code rc = look_ahead(s, want < PACKED ? want : PACKED, e);
        if (rc)
            return rc;
        rc = jd_frame_measure(ahead(s), f, &cut, e);
        if (!cut || s->whole || want >= PACKED)
            return rc;
    }
}

jd_code jd_packscan_next(jd_packscan *s, jd_packscan_frame *out, bool *more, jd_err *e)
{
    *more = false;
    for (;;) {
        jd_frame f = {0};
        jd_err   why;
        shrink(&s->text);
        jd_code rc = measure(s, &f, &why);
        if (rc && rc != JD_E_DATA) {
            *e = why;
            return rc;
        }
        if (!ahead(s).n && s->whole)
            return JD_OK;
        if (rc) {
            find_magic(s);
        } else if (jd_unframe(s->unframer, ahead(s), &s->text, &why)) {
            pass_over(s, f.packed);
        } else {
            *out = (jd_packscan_frame){s->at, f.packed, jd_buf_view(&s->text)};
            s->at += f.packed;
            *more = true;
            return JD_OK;
        }
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool jd_pack_cut(jd_str *rest, jd_str *issue)
{
    if (!rest->n)
        return false;
    jd_skim it = jd_skim_open(*rest);
    while (jd_skim_next(&it))
        ;
    /* Behind the closing brace the walk passes over blanks and stops at the next issue. */
    size_t n = it.at;
    while (n && is_blank(rest->p[n - 1]))
        n--;
    if (rest->p[0] == '{' && n > 1 && rest->p[n - 1] == '}') {
        *issue = (jd_str){rest->p, n};
        *rest  = jd_str_cut(*rest, it.at, rest->n);
    } else {
        *issue = JD_NOSTR;
        *rest  = JD_NOSTR;
    }
    return true;
}
