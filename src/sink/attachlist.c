#include "sink/attachlist.h"

#include "base/vec.h"
#include "sink/facts.h"

#include <inttypes.h>

enum { BATCH = 500 };
static const int64_t OVERLAP_MS = 300000;

typedef struct place { /* an issue to look at */
    uint64_t id;
    int64_t  fetched;
    jd_str   key;
} place;

typedef struct update {
    jd_attachlist *l;
    jd_arena      *a;             /* of one batch */
    int64_t        since, newest; /* listed up to; seen */
} update;

#define COLUMNS                                                                          \
    "SELECT attachment.id, attachment.issue, name, size, coalesce(issue.key, ''), state" \
    " FROM attachment LEFT JOIN issue ON issue.id = attachment.issue"

jd_code jd_attachlist_open(jd_state *s, jd_attachlist *l, jd_err *e)
{
    *l            = (jd_attachlist){.s = s};
    jd_sqlite *db = jd_state_db(s);
    jd_code    rc = jd_stmt_prepare(db,
                                    "SELECT id, fetched, key FROM issue WHERE id > ?1 AND"
                                       " fetched >= ?2 ORDER BY id LIMIT 500",
                                    &l->pick, e);
    if (!rc)
        rc = jd_stmt_prepare(
            db,
            "INSERT INTO attachment (id, issue, name, size, state) VALUES"
            " (?1, ?2, ?3, ?4, 0) ON CONFLICT (id) DO UPDATE SET"
            " issue = excluded.issue, name = excluded.name, size = CASE state WHEN"
            " 1 THEN size ELSE excluded.size END, state = CASE WHEN state > 1 AND ?5"
            " THEN 0 ELSE state END",
            &l->put, e);
    if (!rc)
        rc = jd_stmt_prepare(db, "DELETE FROM attachment WHERE issue = ?1 AND state <> 1", &l->drop,
                             e);
    if (!rc)
        rc = jd_stmt_prepare(db,
                             COLUMNS " WHERE state = 0 AND attachment.id > ?1 AND (?2 = 0 OR"
                                     " size <= ?2) ORDER BY attachment.id LIMIT 1",
                             &l->next, e);
    if (!rc)
        rc = jd_stmt_prepare(
            db, "UPDATE attachment SET state = ?2, size = ?3, sha256 = ?4 WHERE id = ?1", &l->set,
            e);
    return rc;
}

/* What a new state of the issue no longer has is no longer wanted; a body that is held stays. */
static jd_code take(update *u, uint64_t issue, const jd_json *doc, bool is_new, jd_err *e)
{
    jd_code rc = JD_OK;
    if (is_new) {
        jd_stmt_int(u->l->drop, 1, (int64_t)issue);
        rc = jd_stmt_run(u->l->drop, e);
    }
    for (jd_json_iter it = jd_json_walk(jd_json_path(doc, "fields.attachment"));
         !rc && jd_json_next(&it);) {
        uint64_t id   = jd_json_id(jd_json_get(it.value, "id"));
        int64_t  size = 0;
        if (!id)
            continue;
        if (!jd_json_i64(jd_json_get(it.value, "size"), &size) || size < 0)
            size = 0;
        jd_str name = jd_json_str(jd_json_get(it.value, "filename"));
        jd_stmt_int(u->l->put, 1, (int64_t)id);
        jd_stmt_int(u->l->put, 2, (int64_t)issue);
        jd_stmt_text(u->l->put, 3, name.n ? name : JD_STR("file"));
        jd_stmt_int(u->l->put, 4, size);
        jd_stmt_int(u->l->put, 5, is_new);
        rc = jd_stmt_run(u->l->put, e);
    }
    return rc;
}

static jd_code pick(update *u, uint64_t after, int64_t since, place *out, size_t *n, jd_err *e)
{
    bool    row = true;
    jd_code rc  = JD_OK;
    jd_stmt_int(u->l->pick, 1, (int64_t)after);
    jd_stmt_int(u->l->pick, 2, since);
    for (*n = 0; !rc && *n < BATCH; ++*n) {
        rc = jd_stmt_step(u->l->pick, &row, e);
        if (rc || !row)
            return rc;
        out[*n] = (place){(uint64_t)jd_stmt_get_int(u->l->pick, 0), jd_stmt_get_int(u->l->pick, 1),
                          jd_arena_dup(u->a, jd_stmt_get_text(u->l->pick, 2))};
    }
    jd_stmt_reset(u->l->pick);
    return rc;
}

/* One transaction. */
static jd_code take_batch(update *u, const place *at, size_t n,
                          const jd_json *(*read)(void *self, jd_arena *a, jd_str key), void *self,
                          jd_err *e)
{
    jd_arena *one = jd_arena_new(0);
    jd_code   rc  = jd_state_begin(u->l->s, e);
    for (size_t i = 0; i < n && !rc; i++) {
        jd_arena_reset(one);
        const jd_json *doc = read(self, one, at[i].key);
        if (doc)
            rc = take(u, at[i].id, doc, at[i].fetched > u->since, e);
        if (at[i].fetched > u->newest)
            u->newest = at[i].fetched;
    }
    if (!rc)
        rc = jd_state_commit(u->l->s, e);
    if (rc)
        jd_state_rollback(u->l->s);
    jd_arena_free(one);
    return rc;
}

jd_code jd_attachlist_update(jd_attachlist *l,
                             const jd_json *(*read)(void *self, jd_arena *a, jd_str key),
                             void *self, jd_err *e)
{
    place    batch[BATCH];
    size_t   n;
    uint64_t after = 0;
    jd_str   mark;
    int64_t  since;
    update   u  = {.l = l, .a = jd_arena_new(0)};
    jd_code  rc = jd_fact_get(l->s, u.a, JD_FACT_ATTACHMENTS, &mark, e);
    if (!jd_str_i64(mark, &since))
        since = INT64_MIN + OVERLAP_MS;
    u.since = u.newest = since;
    do {
        jd_arena_reset(u.a);
        rc = rc ? rc : pick(&u, after, since - OVERLAP_MS, batch, &n, e);
        rc = rc ? rc : take_batch(&u, batch, n, read, self, e);
        if (!rc && n)
            after = batch[n - 1].id;
    } while (!rc && n == BATCH);
    if (!rc && u.newest != since)
        rc = jd_fact_set(l->s, JD_FACT_ATTACHMENTS, jd_arena_fmt(u.a, "%" PRId64, u.newest), e);
    jd_arena_free(u.a);
    return rc;
}

static jd_attachment read_row(jd_stmt *q)
{
    return (jd_attachment){.id    = (uint64_t)jd_stmt_get_int(q, 0),
                           .issue = (uint64_t)jd_stmt_get_int(q, 1),
                           .name  = jd_stmt_get_text(q, 2),
                           .size  = (uint64_t)jd_stmt_get_int(q, 3),
                           .key   = jd_stmt_get_text(q, 4)};
}

jd_code jd_attachlist_next(jd_attachlist *l, jd_arena *a, uint64_t after, uint64_t limit,
                           jd_attachment *out, bool *found, jd_err *e)
{
    jd_stmt_int(l->next, 1, (int64_t)after);
    jd_stmt_int(l->next, 2, (int64_t)limit);
    *found     = false;
    jd_code rc = jd_stmt_step(l->next, found, e);
    if (!rc && *found) {
        *out      = read_row(l->next);
        out->name = jd_arena_dup(a, out->name);
        out->key  = jd_arena_dup(a, out->key);
    }
    jd_stmt_reset(l->next);
    return rc;
}

jd_code jd_attachlist_set(jd_attachlist *l, uint64_t id, jd_attached state, uint64_t size,
                          jd_str sha256, jd_err *e)
{
    jd_stmt_int(l->set, 1, (int64_t)id);
    jd_stmt_int(l->set, 2, state);
    jd_stmt_int(l->set, 3, (int64_t)size);
    jd_stmt_text(l->set, 4, sha256.n ? sha256 : JD_NOSTR);
    return jd_stmt_run(l->set, e);
}

jd_code jd_attachlist_sum(jd_state *s, uint64_t limit, jd_attach_sum *out, jd_err *e)
{
    jd_stmt *q;
    bool     row = true;
    *out         = (jd_attach_sum){0};
    jd_code rc   = jd_stmt_prepare(jd_state_db(s),
                                   "SELECT state, count(*), total(size), sum(size > ?1) FROM"
                                     " attachment GROUP BY state",
                                   &q, e);
    if (rc)
        return rc;
    jd_stmt_int(q, 1, (int64_t)limit);
    while (!(rc = jd_stmt_step(q, &row, e)) && row) {
        int64_t state = jd_stmt_get_int(q, 0);
        if (state < 0 || state > JD_ATTACHED_FORBIDDEN)
            continue;
        out->n[state] = (uint64_t)jd_stmt_get_int(q, 1);
        if (state == JD_ATTACHED_HELD)
            out->bytes = (uint64_t)jd_stmt_get_int(q, 2);
        if (state == JD_ATTACHED_WANTED && limit)
            out->over = (uint64_t)jd_stmt_get_int(q, 3);
    }
    return rc;
}

jd_code jd_attachlist_lost(jd_state *s,
                           bool (*each)(void *self, const jd_attachment *at, jd_attached state),
                           void *self, jd_err *e)
{
    jd_stmt *q;
    bool     row = true;
    jd_code  rc =
        jd_stmt_prepare(jd_state_db(s), COLUMNS " WHERE state > 1 ORDER BY attachment.id", &q, e);
    while (!rc && !(rc = jd_stmt_step(q, &row, e)) && row) {
        jd_attachment at = read_row(q);
        if (!each(self, &at, (jd_attached)jd_stmt_get_int(q, 5)))
            break;
    }
    if (!rc)
        jd_stmt_reset(q);
    return rc;
}
