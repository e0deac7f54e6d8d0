#include "sink/pack.h"

#include "sink/batch.h"
#include "sink/packer.h"
#include "sink/packread.h"
#include "sink/store.h"

#include <stdlib.h>
#include <unistd.h>

#define NO_TICKET SIZE_MAX

typedef struct pack_sink {
    jd_batch       b; /* first: sink/batch.h */
    jd_packindex  *index;
    jd_packer     *packer;
    jd_packreader *reader;
    JD_VEC(size_t) ticket; /* of each row of the batch */
    int  lock;             /* the raw folder's */
    bool stale;            /* the packer has to learn again where the segments end */
} pack_sink;

static const jd_sink_ops pack_ops;

static void pack_close(void *self);

/* -- start ----------------------------------------------------------------------------------- */

/* The mark comes first: a rebuild that is cut short is done again under the same name. */
static jd_code found_store(pack_sink *p, const jd_raw_conf *conf, jd_str mark, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a  = jd_arena_new(0);
    jd_code                              rc = JD_OK;
    if (!mark.n) {
        rc = jd_state_new_store(p->b.state, a, &mark, e);
        if (!rc)
            rc = jd_store_set_mark(conf->raw_dir, mark, e);
    }
    return rc ? rc : jd_pack_rebuild(p->b.state, p->index, conf->raw_dir, mark, conf->log, e);
}

static jd_code start(pack_sink *p, const jd_raw_conf *conf, bool fresh, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_str                               mark;
    jd_code rc = jd_store_fits(p->b.state, conf->raw_dir, JD_LAYOUT_PACK, e);
    if (!rc)
        rc = jd_dir_make(conf->raw_dir, e);
    if (!rc)
        rc = jd_packindex_open(p->b.state, &p->index, e);
    if (!rc)
        rc = jd_store_mark(a, conf->raw_dir, &mark, e);
    if (!rc && fresh)
        rc = found_store(p, conf, mark, e);
    if (!rc)
        rc = jd_packer_open(conf->raw_dir, p->index, conf->segment, &p->packer, e);
    /* Every segment is there; without the mark, though, other files may be another store's. */
    if (!rc && !fresh && !mark.n)
        return jd_store_set_mark(conf->raw_dir, jd_state_store(p->b.state), e);
    return rc ? rc : jd_packer_load(p->packer, true, e);
}

static bool is_there(void *self, jd_str key)
{
    pack_sink    *p = self;
    jd_pack_place at;
    jd_segment    segment;
    jd_str        raw;
    bool          found;
    jd_err        ignored;
    return !jd_packindex_find(p->index, key, &at, &segment, &found, &ignored) && found &&
           !jd_packreader_get(p->reader, &segment, &at, &raw, &ignored);
}

jd_code jd_pack_open(const jd_raw_conf *conf, jd_sink *out, jd_err *e)
{
    bool       fresh = false;
    pack_sink *p     = jd_xcalloc(1, sizeof *p);
    jd_batch_init(&p->b, is_there);
    p->b.tell  = conf->changes;
    p->reader  = jd_packreader_new(conf->raw_dir);
    p->lock    = -1;
    jd_code rc = jd_state_open(conf->state_dir, conf->site, &p->b.state, &fresh, e);
    if (!rc)
        rc = jd_store_lock(conf->raw_dir, &p->lock, e);
    if (!rc)
        rc = start(p, conf, fresh, e);
    if (rc)
        pack_close(p);
    else
        *out = (jd_sink){&pack_ops, p};
    return rc;
}

/* -- a batch --------------------------------------------------------------------------------- */

static jd_code pack_write(void *self, const jd_scope *scope, const jd_issue *issue, jd_written *out,
                          jd_err *e)
{
    pack_sink *p = self;
    bool       store;
    size_t     place;
    jd_code    rc = jd_batch_add(&p->b, scope, issue, out, &store, &place, e);
    if (rc || *out == JD_WROTE_OLDER)
        return rc;
    if (p->ticket.n < p->b.row.n)
        *jd_vec_add(&p->ticket) = NO_TICKET;
    /* what was added before for the same issue is dead from the start */
    return store ? jd_packer_add(p->packer, issue->key, issue->raw, &p->ticket.v[place], e) : JD_OK;
}

static jd_code put_place(void *self, size_t place, jd_err *e)
{
    pack_sink *p = self;
    if (place == JD_BATCH_END)
        return jd_packer_put_segments(p->packer, e);
    if (p->ticket.v[place] == NO_TICKET)
        return JD_OK;
    return jd_packer_put(p->packer, p->b.row.v[place].row.id, p->ticket.v[place], e);
}

static void clear(pack_sink *p)
{
    p->ticket.n = 0;
    jd_batch_clear(&p->b);
}

static jd_code pack_commit(void *self, const jd_commit *upto, size_t n, jd_err *e)
{
    pack_sink *p = self;
    jd_crash_point("pack.written");
    jd_code rc = jd_packer_sync(p->packer, e);
    jd_crash_point("pack.synced");
    if (!rc)
        rc = jd_batch_commit(&p->b, upto, n, "pack.state", put_place, p, e);
    if (rc)
        return rc;
    jd_crash_point("pack.committed");
    jd_packer_committed(p->packer);
    clear(p);
    return JD_OK;
}

static jd_code pack_begin(void *self, jd_err *e)
{
    pack_sink *p  = self;
    jd_code    rc = p->stale ? jd_packer_load(p->packer, true, e) : JD_OK;
    if (rc)
        return rc;
    p->stale    = false;
    p->ticket.n = 0;
    return jd_batch_begin(&p->b, e);
}

/* Also behind a commit that failed: the state knows whether it took place. */
static void pack_abort(void *self)
{
    pack_sink *p = self;
    jd_err     ignored;
    p->stale = jd_packer_load(p->packer, true, &ignored) != JD_OK;
    clear(p);
}

static void pack_close(void *self)
{
    pack_sink *p = self;
    if (p->b.open)
        pack_abort(p);
    jd_packreader_free(p->reader);
    jd_packer_close(p->packer);
    jd_packindex_close(p->index);
    jd_vec_release(&p->ticket);
    jd_batch_release(&p->b);
    if (p->lock >= 0)
        (void)close(p->lock);
    free(p);
}

static const jd_sink_ops pack_ops = {
    .name   = "pack",
    .caps   = JD_SINK_UPSERT | JD_SINK_DELETE,
    .where  = jd_batch_where,
    .begin  = pack_begin,
    .write  = pack_write,
    .member = jd_batch_member,
    .remove = jd_batch_remove,
    .change = jd_batch_change,
    .commit = pack_commit,
    .abort  = pack_abort,
    .close  = pack_close,
    .count  = jd_batch_count,
    .reader = jd_batch_reader,
};
