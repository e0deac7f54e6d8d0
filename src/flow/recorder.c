#include "flow/recorder.h"

#include "base/map.h"
#include "model/change.h"
#include "sink/outbox.h"
#include "sink/store.h"

#include <stdlib.h>

enum { HELD_MAX = 256 << 20 };

struct jd_recorder {
    jd_recorder_conf conf;
    jd_outbox       *outbox;
    jd_store        *store; /* opened when the first copy is read */
    jd_store_reader *reader;
    jd_arena        *arena; /* of one issue */
    jd_idmap        *met;
};

jd_code jd_recorder_open(const jd_recorder_conf *conf, jd_recorder **out, jd_err *e)
{
    jd_recorder *r = jd_xcalloc(1, sizeof *r);
    r->conf        = *conf;
    r->arena       = jd_arena_new(0);
    r->met         = jd_idmap_new();
    jd_code rc     = jd_outbox_open(conf->state, conf->file, &r->outbox, e);
    if (rc)
        jd_recorder_close(r);
    else
        *out = r;
    return rc;
}

void jd_recorder_close(jd_recorder *r)
{
    if (!r)
        return;
    jd_store_reader_close(r->reader);
    jd_store_close(r->store);
    jd_outbox_close(r->outbox);
    jd_idmap_free(r->met);
    jd_arena_free(r->arena);
    free(r);
}

bool jd_recorder_met(const jd_recorder *r, uint64_t id)
{
    return jd_idmap_get(r->met, id) != NULL;
}

void jd_recorder_forget(jd_recorder *r)
{
    jd_idmap_clear(r->met);
}

static jd_code open_store(jd_recorder *r, jd_err *e)
{
    if (r->reader)
        return JD_OK;
    jd_code rc = jd_store_open(r->conf.raw_dir, r->conf.state_dir, &r->store, e);
    return rc ? rc : jd_store_reader_open(r->store, HELD_MAX, &r->reader, e);
}

/* The copy that is committed; *out is NULL when it cannot be read any more. */
static jd_code read_held(jd_recorder *r, uint64_t id, const jd_json **out, uint64_t *plan,
                         jd_err *e)
{
    jd_state_issue row;
    jd_str         raw;
    jd_err         why;
    bool           found;
    *out       = NULL;
    jd_code rc = jd_state_get(r->conf.state, id, &row, &found, e);
    if (rc || !found)
        return rc;
    jd_str key = jd_arena_dup(r->arena, row.key);
    *plan      = row.held.plan;
    jd_state_done(r->conf.state);
    rc = open_store(r, e);
    if (rc)
        return rc;
    rc = jd_store_read(r->reader, key, &raw, &why);
    if (!rc)
        rc = jd_json_read(r->arena, raw, out, &why);
    if (rc == JD_E_NOTFOUND || rc == JD_E_DATA || rc == JD_E_TOOBIG) {
        jd_event(r->conf.log, JD_WARN, "note", "%.*s: what changed is not known: %s", JD_FMT(key),
                 why.msg);
        *out = NULL;
        return JD_OK;
    }
    if (rc)
        *e = why;
    return rc;
}

jd_code jd_recorder_note(jd_recorder *r, const jd_scope *scope, const jd_issue *issue,
                         jd_written how, bool appeared, jd_err *e)
{
    const jd_json *was  = NULL, *is;
    uint64_t       plan = scope->plan;
    jd_changes     all  = {0};
    jd_change_conf conf = {.names = r->conf.names, .noticed_ms = issue->fetched_ms};
    jd_code        rc   = JD_OK;
    if (how != JD_WROTE_OLDER)
        *jd_idmap_put(r->met, issue->id, NULL) = 1;
    if (!(how == JD_WROTE_CHANGED || (how == JD_WROTE_NEW && appeared)))
        return JD_OK;
    jd_arena_recycle(r->arena);
    if (how == JD_WROTE_CHANGED)
        rc = read_held(r, issue->id, &was, &plan, e);
    if (rc || (how == JD_WROTE_CHANGED && !was))
        return rc;
    rc = jd_json_read(r->arena, issue->raw, &is, e);
    if (rc)
        return rc;
    conf.common = plan != scope->plan;
    if (was)
        jd_change_diff(r->arena, was, is, &conf, &all);
    else
        jd_change_created(r->arena, is, &conf, &all);
    for (size_t i = 0; i < all.n && !rc; i++)
        rc = r->conf.sink->ops->change(r->conf.sink->self, scope, &all.v[i], e);
    return rc;
}

jd_code jd_recorder_flush(jd_recorder *r, jd_err *e)
{
    jd_idmap_clear(r->met);
    return jd_outbox_flush(r->outbox, e);
}
