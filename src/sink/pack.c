#include "sink/pack.h"

#include "sink/batch.h"
#include "sink/packer.h"
#include "sink/packread.h"
#include "sink/store.h"
#include "sys/aside.h"

#include <stdlib.h>
#include <unistd.h>

#define NO_TICKET SIZE_MAX

typedef JD_VEC(size_t) tickets; /* of each row of a batch */

/* A batch that was handed over: it is made durable aside, and by then the state is its. */
typedef struct late {
    jd_batch      b; /* the state is the sink's */
    jd_packed    *packed;
    tickets       ticket;
    jd_packindex *index; /* the sink's */
    JD_VEC(jd_cursor) cursor;
    JD_VEC(jd_commit) upto; /* of these cursors */
    jd_code code;           /* kept until abort */
    jd_err  why;
} late;

typedef struct pack_sink {
    jd_batch       b; /* first: sink/batch.h */
    jd_packindex  *index;
    jd_packer     *packer;
    jd_packreader *reader;
    tickets        ticket;
    late           late;
    jd_aside      *aside; /* what sees to it */
    int            lock;  /* the raw folder's */
    bool           stale; /* the packer has to learn again where the segments end */
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

static void wait_for_late(void *self)
{
    pack_sink *p = self;
    jd_aside_wait(p->aside);
}

jd_code jd_pack_open(const jd_raw_conf *conf, jd_sink *out, jd_err *e)
{
    bool       fresh = false;
    pack_sink *p     = jd_xcalloc(1, sizeof *p);
    jd_batch_init(&p->b, is_there);
    p->b.tell       = conf->changes;
    p->b.index_work = conf->worklogs;
    jd_batch_init(&p->late.b, NULL);
    p->b.ready = wait_for_late;
    p->aside   = jd_aside_new();
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
    late *l = self;
    if (place == JD_BATCH_END)
        return jd_packed_put_segments(l->packed, l->index, e);
    if (l->ticket.v[place] == NO_TICKET)
        return JD_OK;
    return jd_packed_put(l->packed, l->index, l->b.row.v[place].row.id, l->ticket.v[place], e);
}

static void clear(pack_sink *p)
{
    p->ticket.n = 0;
    jd_batch_clear(&p->b);
}

static void clear_late(late *l)
{
    jd_packed_free(l->packed);
    l->packed   = NULL;
    l->ticket.n = l->cursor.n = l->upto.n = 0;
    jd_batch_clear(&l->b);
}

/* What of a commit has to be waited for. */
static void see_to(void *self)
{
    late *l = self;
    l->code = jd_packed_sync(l->packed, &l->why);
    jd_crash_point("pack.synced");
    if (!l->code)
        l->code = jd_batch_commit(&l->b, l->upto.v, l->upto.n, "pack.state", put_place, l, &l->why);
    if (!l->code)
        jd_crash_point("pack.committed");
    clear_late(l);
}

static jd_code pack_settle(void *self, jd_err *e)
{
    pack_sink *p = self;
    jd_aside_wait(p->aside);
    if (p->late.code)
        *e = p->late.why;
    return p->late.code;
}

/* The batch in hand becomes the late one; the next begins behind it. */
static jd_code hand_over(pack_sink *p, const jd_commit *upto, size_t n, jd_err *e)
{
    late   *l  = &p->late;
    jd_code rc = pack_settle(p, e);
    if (rc)
        return rc;
    jd_crash_point("pack.written");
    rc = jd_packer_end(p->packer, &l->packed, e);
    if (rc)
        return rc;
    for (size_t i = 0; i < n; i++)
        *jd_vec_add(&l->cursor) = *upto[i].cursor;
    for (size_t i = 0; i < n; i++)
        *jd_vec_add(&l->upto) = (jd_commit){upto[i].scope, &l->cursor.v[i]};
    tickets spare = l->ticket;
    l->ticket     = p->ticket;
    l->index      = p->index;
    p->ticket     = spare;
    jd_batch_move(&p->b, &l->b);
    return JD_OK;
}

static void count_up(const jd_commit *upto, size_t n)
{
    for (size_t i = 0; i < n; i++)
        upto[i].cursor->seq++;
}

static jd_code pack_commit(void *self, const jd_commit *upto, size_t n, jd_err *e)
{
    pack_sink *p  = self;
    jd_code    rc = hand_over(p, upto, n, e);
    if (rc)
        return rc;
    see_to(&p->late);
    rc = pack_settle(p, e);
    if (!rc)
        count_up(upto, n);
    return rc;
}

static jd_code pack_hand(void *self, const jd_commit *upto, size_t n, jd_err *e)
{
    pack_sink *p  = self;
    jd_code    rc = hand_over(p, upto, n, e);
    if (rc)
        return rc;
    jd_aside_start(p->aside, see_to, &p->late);
    count_up(upto, n);
    return JD_OK;
}

static jd_code pack_begin(void *self, jd_err *e)
{
    pack_sink *p  = self;
    jd_code    rc = p->stale ? jd_packer_load(p->packer, true, e) : JD_OK; /* none is under way */
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
    jd_aside_wait(p->aside);
    if (p->late.code)
        jd_users_forget(&p->b.users);
    p->late.code = JD_OK;
    p->stale     = jd_packer_load(p->packer, true, &ignored) != JD_OK;
    clear(p);
}

static void pack_close(void *self)
{
    pack_sink *p = self;
    jd_aside_wait(p->aside);
    if (p->b.open)
        pack_abort(p);
    jd_aside_free(p->aside);
    jd_packreader_free(p->reader);
    jd_packer_close(p->packer);
    jd_packindex_close(p->index);
    jd_vec_release(&p->ticket);
    jd_vec_release(&p->late.ticket);
    jd_vec_release(&p->late.cursor);
    jd_vec_release(&p->late.upto);
    p->late.b.state = NULL;
    jd_batch_release(&p->late.b);
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
    .hand   = pack_hand,
    .settle = pack_settle,
    .abort  = pack_abort,
    .close  = pack_close,
    .count  = jd_batch_count,
    .reader = jd_batch_reader,
};
