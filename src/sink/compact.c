#include "base/vec.h"
#include "sink/pack.h"
#include "sink/packer.h"
#include "sink/packread.h"
#include "sink/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BATCH_BYTES = 64 << 20 };

typedef struct live { /* an issue that has to move */
    uint64_t      id, number;
    jd_pack_place at;
    size_t        ticket;
} live;

typedef struct compaction {
    jd_state      *state;
    const char    *dir;
    jd_packindex  *index;
    jd_packer     *packer;
    jd_packreader *reader;
    JD_VEC(live) live;
} compaction;

static bool note(void *self, uint64_t id, jd_str key, const jd_pack_place *at)
{
    compaction *c         = self;
    *jd_vec_add(&c->live) = (live){id, jd_key_number(key), *at, 0};
    return true;
}

/* Live issues [from, to) stand elsewhere, on disk and for every reader. */
static jd_code switch_places(compaction *c, size_t from, size_t to, uint64_t drop, jd_err *e)
{
    jd_packed *d  = NULL;
    jd_code    rc = jd_packer_end(c->packer, &d, e);
    if (!rc)
        rc = jd_packed_sync(d, e);
    jd_crash_point("compact.synced");
    if (!rc)
        rc = jd_state_begin(c->state, e);
    if (rc)
        goto out;
    for (size_t i = from; i < to && !rc; i++)
        rc = jd_packed_put(d, c->index, c->live.v[i].id, c->live.v[i].ticket, e);
    if (!rc)
        rc = jd_packed_put_segments(d, c->index, e);
    if (!rc && drop)
        rc = jd_packindex_drop_segment(c->index, drop, e);
    jd_crash_point("compact.state");
    if (!rc)
        rc = jd_state_commit(c->state, e);
    if (rc)
        jd_state_rollback(c->state);
    jd_crash_point("compact.committed");
out:
    jd_packed_free(d);
    return rc;
}

static jd_code rewrite(compaction *c, const jd_segment *s, jd_err *e)
{
    c->live.n      = 0;
    size_t   from  = 0;
    uint64_t bytes = 0;
    jd_code  rc    = jd_packindex_each(c->index, s->id, note, c, e);
    jd_packer_avoid(c->packer, s->project, s->id);
    for (size_t i = 0; i < c->live.n && !rc; i++) {
        jd_str raw;
        rc = jd_packreader_get(c->reader, s, &c->live.v[i].at, &raw, e);
        if (!rc) {
            char key[320];
            (void)snprintf(key, sizeof key, "%.*s-%llu", JD_FMT(s->project),
                           (unsigned long long)c->live.v[i].number);
            rc = jd_packer_add(c->packer, jd_str_of(key), raw, &c->live.v[i].ticket, e);
        }
        bytes += raw.n;
        if (!rc && bytes >= BATCH_BYTES) {
            rc    = switch_places(c, from, i + 1, 0, e);
            from  = i + 1;
            bytes = 0;
        }
    }
    return rc ? rc : switch_places(c, from, c->live.n, s->id, e);
}

static jd_code remove_file(const compaction *c, const jd_segment *s, jd_err *e)
{
    char path[4096], name[JD_PACK_NAME_MAX];
    jd_segment_name(s->project, s->number, name);
    (void)snprintf(path, sizeof path, "%s/%s", c->dir, name);
    if (unlink(path) && errno != ENOENT)
        return jd_file_fail(e, errno, "remove", path);
    jd_crash_point("compact.removed");
    return JD_OK;
}

static jd_code sum_sizes(compaction *c, jd_arena *a, uint64_t *out, jd_err *e)
{
    jd_segment *s;
    size_t      n;
    jd_code     rc = jd_packindex_segments(c->index, a, false, &s, &n, e);
    *out           = 0;
    for (size_t i = 0; !rc && i < n; i++)
        *out += s[i].size;
    return rc;
}

static jd_code compact(compaction *c, jd_compaction *out, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_segment                          *s;
    size_t                               n;
    jd_code                              rc = sum_sizes(c, a, &out->before, e);
    if (!rc)
        rc = jd_packindex_segments(c->index, a, true, &s, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        if (s[i].live >= s[i].bytes - s[i].live)
            continue;
        rc = rewrite(c, &s[i], e);
        if (!rc)
            rc = remove_file(c, &s[i], e);
        out->segments++;
        out->issues += c->live.n;
    }
    return rc ? rc : sum_sizes(c, a, &out->after, e);
}

jd_code jd_pack_compact(jd_state *state, const char *raw_dir, jd_compaction *out, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    compaction                           c = {.state = state, .dir = raw_dir};
    jd_str                               mark;
    *out       = (jd_compaction){0};
    jd_code rc = jd_store_mark(a, raw_dir, &mark, e);
    if (!rc &&
        (jd_state_layout(state) != JD_LAYOUT_PACK || !jd_str_eq(mark, jd_state_store(state))))
        rc = jd_fail(e, JD_E_STATE,
                     "%s and %s are no packed store and its index: nothing to compact", raw_dir,
                     jd_state_dir(state));
    if (!rc)
        rc = jd_packindex_open(state, &c.index, e);
    if (!rc)
        rc = jd_packer_open(raw_dir, c.index, 0, &c.packer, e);
    if (!rc)
        rc = jd_packer_load(c.packer, true, e);
    c.reader = jd_packreader_new(raw_dir);
    if (!rc)
        rc = compact(&c, out, e);
    jd_packreader_free(c.reader);
    jd_packer_close(c.packer);
    jd_packindex_close(c.index);
    jd_vec_release(&c.live);
    return rc;
}
