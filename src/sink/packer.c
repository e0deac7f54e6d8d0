#include "sink/packer.h"

#include "base/map.h"
#include "base/vec.h"
#include "sink/squeeze.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SEGMENT_FULL = 256 << 20,
    FRAME_FULL   = 1 << 20,
    FRAME_LEAST  = 512 << 10, /* cut from here on where the next issue is no neighbour */
    NEAR         = 50,
    KEPT         = 4 << 20, /* a larger buffer is not kept for the next frame */
    LEVEL        = 1, /* the disk is waited for anyway; higher ones cost more than they save */
    SYNC_EACH    = 4  /* with more files than these one syncfs is cheaper */
};

#define NONE SIZE_MAX

typedef struct touched { /* a segment that the batch writes to */
    jd_segment seg;      /* with what the batch wrote; project borrowed of the stream */
    int        fd;
    bool       fresh; /* the batch made it */
} touched;

typedef struct frame {
    size_t   file; /* in touched */
    uint64_t at, packed;
} frame;

typedef struct squeezed { /* a frame in the squeezer */
    size_t frame, text;
} squeezed;

typedef struct ticket {
    size_t   frame;
    uint64_t at, length;
} ticket;

typedef struct stream { /* where a project's issues go */
    char      *project;
    jd_segment last;   /* its newest segment as it is committed; id 0: none */
    bool       roll;   /* do not append to that one */
    size_t     file;   /* in touched, NONE: not written to in this batch */
    jd_buf     text;   /* the frame in hand */
    size_t     frame;  /* its place in frames */
    uint64_t   number; /* of the issue added last */
} stream;

struct jd_packed {
    const char *dir; /* the packer's */
    JD_VEC(touched) files;
    JD_VEC(frame) frames;
    JD_VEC(ticket) tickets;
};

struct jd_packer {
    char         *dir;
    jd_packindex *index;
    jd_squeezer  *squeezer;
    squeezed      ahead[JD_SQUEEZE_AHEAD]; /* what it has in hand, the oldest at `oldest` */
    unsigned      oldest;
    uint64_t      next_id, full;
    jd_map       *by_project; /* project -> place in streams + 1 */
    JD_VEC(stream) streams;
    jd_buf     spare; /* for the next frame: fresh memory costs more than the bytes in it */
    jd_packed *batch; /* in hand */
};

/* -- what the state says --------------------------------------------------------------------- */

static jd_packed *new_batch(const jd_packer *p)
{
    jd_packed *d = jd_xcalloc(1, sizeof *d);
    d->dir       = p->dir;
    return d;
}

void jd_packed_free(jd_packed *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->files.n; i++)
        (void)close(d->files.v[i].fd);
    jd_vec_release(&d->files);
    jd_vec_release(&d->frames);
    jd_vec_release(&d->tickets);
    free(d);
}

/* The larger of the two is kept, empty. */
static void spare(jd_packer *p, jd_buf *text)
{
    jd_buf was = p->spare;
    jd_buf_reset(text);
    if (text->cap > was.cap && text->cap <= KEPT) {
        p->spare = *text;
        *text    = was;
    }
    jd_buf_release(text);
}

static void drop_batch(jd_packer *p)
{
    jd_str unused;
    jd_err ignored;
    while (jd_squeezer_ahead(p->squeezer)) {
        (void)!jd_squeezer_take(p->squeezer, &unused, &ignored);
        p->oldest = (p->oldest + 1) % JD_SQUEEZE_AHEAD;
    }
    jd_packed_free(p->batch);
    p->batch = new_batch(p);
    for (size_t i = 0; i < p->streams.n; i++) {
        p->streams.v[i].file = NONE;
        spare(p, &p->streams.v[i].text);
    }
}

static void forget_streams(jd_packer *p)
{
    drop_batch(p);
    for (size_t i = 0; i < p->streams.n; i++)
        free(p->streams.v[i].project);
    p->streams.n = 0;
    jd_map_free(p->by_project);
    p->by_project = jd_map_new();
}

static stream *stream_of(jd_packer *p, jd_str project)
{
    uint64_t *at = jd_map_put(p->by_project, project, NULL);
    if (!*at) {
        stream s = {.project = jd_xcalloc(project.n + 1, 1),
                    .file    = NONE,
                    .text    = JD_BUF_INIT(JD_PACK_FRAME_MAX)};
        memcpy(s.project, project.p, project.n);
        *jd_vec_add(&p->streams) = s;
        *at                      = p->streams.n;
    }
    return &p->streams.v[*at - 1];
}

static void path_of(const char *dir, jd_str project, uint64_t number, char *out, size_t size)
{
    char name[JD_PACK_NAME_MAX];
    jd_segment_name(project, number, name);
    (void)snprintf(out, size, "%s/%s", dir, name);
}

static jd_code cut_segment(const jd_packer *p, const jd_segment *s, jd_err *e)
{
    char        path[4096];
    struct stat st;
    path_of(p->dir, s->project, s->number, path, sizeof path);
    bool there = stat(path, &st) == 0;
    if (!there && errno != ENOENT)
        return jd_file_fail(e, errno, "read", path);
    if (!there || (uint64_t)st.st_size < s->size)
        return jd_fail(e, JD_E_STATE,
                       "%s %s, but state.db counts on %llu bytes of it: bring the file back, or "
                       "delete the state folder: the next scrape makes it anew from what is there "
                       "and fetches the rest",
                       path, there ? "is cut short" : "is missing", (unsigned long long)s->size);
    if ((uint64_t)st.st_size > s->size && truncate(path, (off_t)s->size))
        return jd_file_fail(e, errno, "cut", path);
    return JD_OK;
}

static jd_code remove_strays(const jd_packer *p, const jd_segment *s, size_t n, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a     = jd_arena_new(0);
    jd_map                              *known = jd_map_new();
    jd_names                             projects, files;
    char                                 name[JD_PACK_NAME_MAX];
    for (size_t i = 0; i < n; i++) {
        jd_segment_name(s[i].project, s[i].number, name);
        (void)jd_map_put(known, jd_str_of(name), NULL);
    }
    jd_code rc = jd_dir_list(a, p->dir, &projects, e);
    for (size_t i = 0; !rc && i < projects.n; i++) {
        jd_str folder = jd_arena_fmt(a, "%s/%s", p->dir, projects.name[i]);
        if (!jd_is_project_key(jd_str_of(projects.name[i])) || !jd_path_is_dir(folder.p))
            continue;
        rc = jd_dir_list(a, folder.p, &files, e);
        for (size_t k = 0; !rc && k < files.n; k++) {
            jd_str below = jd_arena_fmt(a, "%s/%s", projects.name[i], files.name[k]);
            jd_str path  = jd_arena_fmt(a, "%s/%s", folder.p, files.name[k]);
            if (jd_segment_number(jd_str_of(files.name[k])) && !jd_map_get(known, below) &&
                unlink(path.p) && errno != ENOENT)
                rc = jd_file_fail(e, errno, "remove", path.p);
        }
    }
    jd_map_free(known);
    return rc;
}

jd_code jd_packer_load(jd_packer *p, bool strays, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_segment                          *s;
    size_t                               n;
    forget_streams(p);
    jd_code rc = jd_packindex_segments(p->index, a, false, &s, &n, e);
    if (!rc)
        rc = jd_packindex_next(p->index, &p->next_id, e);
    for (size_t i = 0; !rc && i < n; i++) {
        stream *t       = stream_of(p, s[i].project);
        t->last         = s[i]; /* the last is the newest */
        t->last.project = jd_str_of(t->project);
        rc              = cut_segment(p, &s[i], e);
    }
    return !rc && strays ? remove_strays(p, s, n, e) : rc;
}

jd_code jd_packer_open(const char *raw_dir, jd_packindex *x, uint64_t full, jd_packer **out,
                       jd_err *e)
{
    jd_packer *p = jd_xcalloc(1, sizeof *p);
    *p           = (jd_packer){.dir        = jd_xstrdup(raw_dir),
                               .index      = x,
                               .squeezer   = jd_squeezer_new(LEVEL),
                               .by_project = jd_map_new(),
                               .spare      = JD_BUF_INIT(JD_PACK_FRAME_MAX),
                               .full       = full ? full : SEGMENT_FULL};
    jd_code rc   = jd_packer_load(p, false, e);
    if (rc)
        jd_packer_close(p);
    else
        *out = p;
    return rc;
}

void jd_packer_close(jd_packer *p)
{
    if (!p)
        return;
    forget_streams(p);
    jd_map_free(p->by_project);
    jd_squeezer_free(p->squeezer);
    jd_buf_release(&p->spare);
    jd_vec_release(&p->streams);
    jd_packed_free(p->batch);
    free(p->dir);
    free(p);
}

/* -- frames ---------------------------------------------------------------------------------- */

static jd_code open_segment(jd_packer *p, const jd_segment *s, bool fresh, jd_err *e)
{
    char path[4096];
    path_of(p->dir, s->project, s->number, path, sizeof path);
    if (fresh) {
        jd_str folder = jd_str_of(path);
        while (folder.p[folder.n - 1] != '/')
            folder.n--;
        char   *z  = strndup(path, folder.n - 1);
        jd_code rc = jd_dir_make(z, e);
        free(z);
        if (rc)
            return rc;
    }
    int fd = open(path, O_WRONLY | O_CLOEXEC | (fresh ? O_CREAT | O_TRUNC : 0), 0644);
    if (fd < 0)
        return jd_file_fail(e, errno, "write", path);
    touched *t = jd_vec_add(&p->batch->files);
    *t         = (touched){.seg = *s, .fd = fd, .fresh = fresh};
    return JD_OK;
}

static jd_code write_at(const char *dir, const touched *f, jd_str bytes, jd_err *e)
{
    char path[4096];
    path_of(dir, f->seg.project, f->seg.number, path, sizeof path);
    if (lseek(f->fd, (off_t)f->seg.size, SEEK_SET) < 0)
        return jd_file_fail(e, errno, "write", path);
    return jd_file_write(f->fd, bytes, path, e);
}

/* The oldest frame in the squeezer goes to its file. */
static jd_code take_frame(jd_packer *p, jd_err *e)
{
    jd_str   packed;
    squeezed q    = p->ahead[p->oldest];
    frame   *f    = &p->batch->frames.v[q.frame];
    touched *file = &p->batch->files.v[f->file];
    p->oldest     = (p->oldest + 1) % JD_SQUEEZE_AHEAD;
    jd_code rc    = jd_squeezer_take(p->squeezer, &packed, e);
    if (!rc)
        rc = write_at(p->dir, file, packed, e);
    if (rc)
        return rc;
    f->at     = file->seg.size;
    f->packed = packed.n;
    file->seg.size += packed.n;
    file->seg.bytes += q.text;
    jd_crash_point("pack.frame");
    return JD_OK;
}

static jd_code take_frames(jd_packer *p, unsigned left, jd_err *e)
{
    jd_code rc = JD_OK;
    while (!rc && jd_squeezer_ahead(p->squeezer) > left)
        rc = take_frame(p, e);
    return rc;
}

/* What may yet be written to a segment; zstd adds little to what it cannot squeeze. */
static uint64_t outstanding(const jd_packer *p, size_t file)
{
    uint64_t bytes = 0;
    unsigned n     = jd_squeezer_ahead(p->squeezer);
    for (unsigned i = 0; i < n; i++) {
        const squeezed *q = &p->ahead[(p->oldest + i) % JD_SQUEEZE_AHEAD];
        if (p->batch->frames.v[q->frame].file == file)
            bytes += q->text + (q->text >> 6) + 1024;
    }
    return bytes;
}

/* The segment that the stream's next frame goes into. Where it may be full with what is under way,
 * that is waited for, so that the same issues always make the same segments. */
static jd_code need_segment(jd_packer *p, stream *s, jd_err *e)
{
    if (s->file != NONE &&
        p->batch->files.v[s->file].seg.size + outstanding(p, s->file) >= p->full) {
        jd_code rc = take_frames(p, 0, e);
        if (rc)
            return rc;
    }
    if (s->file != NONE && p->batch->files.v[s->file].seg.size < p->full)
        return JD_OK;
    jd_segment seg   = s->file != NONE ? p->batch->files.v[s->file].seg : s->last;
    bool       fresh = s->file != NONE || !seg.id || s->roll || seg.size >= p->full;
    if (fresh) {
        uint64_t number = seg.number + 1 > p->next_id ? seg.number + 1 : p->next_id;
        seg = (jd_segment){.id = p->next_id, .number = number, .project = jd_str_of(s->project)};
    }
    jd_code rc = open_segment(p, &seg, fresh, e);
    if (rc)
        return rc;
    p->next_id += fresh;
    s->roll = false;
    s->file = p->batch->files.n - 1;
    return JD_OK;
}

static jd_code flush(jd_packer *p, stream *s, jd_err *e)
{
    if (!s->text.n)
        return JD_OK;
    jd_code rc = take_frames(p, JD_SQUEEZE_AHEAD - 1, e);
    while (!rc && jd_squeezer_ready(p->squeezer))
        rc = take_frame(p, e);
    if (rc)
        return rc;
    unsigned last  = (p->oldest + jd_squeezer_ahead(p->squeezer)) % JD_SQUEEZE_AHEAD;
    p->ahead[last] = (squeezed){s->frame, s->text.n};
    return jd_squeezer_give(p->squeezer, &s->text, e);
}

/* Windows that are walked side by side take turns; issues that are read one after another should
 * stand in one frame. */
static bool is_far(const stream *s, uint64_t number)
{
    uint64_t from = s->number > number ? number : s->number;
    uint64_t to   = s->number > number ? s->number : number;
    return to - from > NEAR;
}

jd_code jd_packer_add(jd_packer *p, jd_str key, jd_str raw, size_t *out, jd_err *e)
{
    uint64_t number = jd_key_number(key);
    stream  *s      = stream_of(p, jd_key_project(key));
    jd_code  rc     = JD_OK;
    if (raw.n >= JD_PACK_FRAME_MAX)
        return jd_fail(e, JD_E_TOOBIG, "an issue of %zu bytes is more than a packed store takes",
                       raw.n);
    if ((s->text.n && s->text.n + raw.n >= JD_PACK_FRAME_MAX) ||
        (s->text.n >= FRAME_LEAST && is_far(s, number)))
        rc = flush(p, s, e);
    if (!rc && !s->text.n) {
        rc = need_segment(p, s, e);
        if (rc)
            return rc;
        s->frame                       = p->batch->frames.n;
        *jd_vec_add(&p->batch->frames) = (frame){.file = s->file};
        if (!s->text.cap) {
            s->text  = p->spare;
            p->spare = (jd_buf)JD_BUF_INIT(JD_PACK_FRAME_MAX);
        }
        (void)jd_buf_room(&s->text, FRAME_FULL + (FRAME_FULL >> 3)); /* grown once, not often */
    }
    if (rc)
        return rc;
    s->number                       = number;
    *out                            = p->batch->tickets.n;
    *jd_vec_add(&p->batch->tickets) = (ticket){s->frame, s->text.n, raw.n};
    jd_buf_adds(&s->text, raw);
    jd_buf_addc(&s->text, '\n');
    return s->text.n >= FRAME_FULL ? flush(p, s, e) : JD_OK;
}

void jd_packer_avoid(jd_packer *p, jd_str project, uint64_t segment)
{
    stream *s = stream_of(p, project);
    s->roll   = s->roll || s->last.id == segment;
}

/* -- the end of a batch ---------------------------------------------------------------------- */

jd_code jd_packer_end(jd_packer *p, jd_packed **out, jd_err *e)
{
    jd_code rc = JD_OK;
    for (size_t i = 0; i < p->streams.n && !rc; i++)
        rc = flush(p, &p->streams.v[i], e);
    if (!rc)
        rc = take_frames(p, 0, e);
    jd_crash_point("pack.flushed");
    if (rc)
        return rc;
    for (size_t i = 0; i < p->streams.n; i++) {
        stream *s = &p->streams.v[i];
        if (s->file != NONE)
            s->last = p->batch->files.v[s->file].seg;
        s->file = NONE;
        spare(p, &s->text);
    }
    *out     = p->batch;
    p->batch = new_batch(p);
    return JD_OK;
}

/* A new file is there after a power cut when its folder was synced, too. */
static jd_code sync_folders(const jd_packed *d, jd_err *e)
{
    jd_code rc = JD_OK;
    for (size_t i = 0; i < d->files.n && !rc; i++) {
        const touched *t = &d->files.v[i];
        char           path[4096];
        if (!t->fresh)
            continue;
        (void)snprintf(path, sizeof path, "%s/%.*s", d->dir, JD_FMT(t->seg.project));
        rc = jd_dir_sync(path, e);
    }
    return rc;
}

jd_code jd_packed_sync(const jd_packed *d, jd_err *e)
{
    jd_code rc = JD_OK;
    if (d->files.n > SYNC_EACH && syncfs(d->files.v[0].fd))
        return jd_file_fail(e, errno, "write", d->dir);
    for (size_t i = 0; i < d->files.n && !rc && d->files.n <= SYNC_EACH; i++) {
        const jd_segment *s = &d->files.v[i].seg;
        char              path[4096];
        path_of(d->dir, s->project, s->number, path, sizeof path);
        if (fdatasync(d->files.v[i].fd))
            rc = jd_file_fail(e, errno, "write", path);
    }
    return rc ? rc : sync_folders(d, e);
}

jd_code jd_packed_put(const jd_packed *d, jd_packindex *x, uint64_t id, size_t n, jd_err *e)
{
    const ticket *t  = &d->tickets.v[n];
    const frame  *f  = &d->frames.v[t->frame];
    jd_pack_place at = {d->files.v[f->file].seg.id, f->at, f->packed, t->at, t->length};
    return jd_packindex_put(x, id, &at, e);
}

jd_code jd_packed_put_segments(const jd_packed *d, jd_packindex *x, jd_err *e)
{
    jd_code rc = JD_OK;
    for (size_t i = 0; i < d->files.n && !rc; i++)
        rc = jd_packindex_put_segment(x, &d->files.v[i].seg, e);
    return rc;
}
