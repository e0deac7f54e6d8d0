#include "sink/packindex.h"

#include "base/vec.h"

#include <inttypes.h>
#include <stdio.h>

enum stmt { SEGMENTS, LIVE, NEXT, PUT_SEGMENT, DROP_SEGMENT, PUT, NUMBERS, FIND, EACH, NSTMT };
static const char *const sql[NSTMT] = {
    [SEGMENTS]     = "SELECT id, project, number, size, bytes, 0 FROM segment"
                     " ORDER BY project, number",
    [LIVE]         = "SELECT id, project, number, size, bytes, coalesce(live, 0) FROM segment"
                     " LEFT JOIN (SELECT segment, sum(length + 1) AS live FROM pack GROUP BY segment)"
                     " ON segment = id ORDER BY project, number",
    [NEXT]         = "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'segment'",
    [PUT_SEGMENT]  = "INSERT INTO segment (id, project, number, size, bytes)"
                     " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET"
                     " size = excluded.size, bytes = excluded.bytes",
    [DROP_SEGMENT] = "DELETE FROM segment WHERE id = ?1",
    [PUT]          = "INSERT INTO pack (id, segment, frame, packed, at, length)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET"
                     " segment = excluded.segment, frame = excluded.frame, packed = excluded.packed,"
                     " at = excluded.at, length = excluded.length",
    /* up to the character behind the dash */
    [NUMBERS] = "SELECT key FROM issue WHERE key >= ?1 || '-' AND key < ?1 || '.'",
    [FIND]    = "SELECT segment, frame, packed, at, length, project, number, size FROM issue"
                " JOIN pack USING (id) JOIN segment ON segment.id = pack.segment WHERE key = ?1",
    [EACH]    = "SELECT id, segment, frame, packed, at, length, key FROM pack JOIN issue USING (id)"
                " WHERE segment = ?1 ORDER BY frame, at",
};

struct jd_packindex {
    jd_sqlite *db;
    jd_stmt   *stmt[NSTMT]; /* prepared at first use: a reader needs one of them */
    jd_buf     project;     /* of the segment found last */
};

void jd_segment_name(jd_str project, uint64_t number, char out[JD_PACK_NAME_MAX])
{
    (void)snprintf(out, JD_PACK_NAME_MAX, "%.*s/seg-%06" PRIu64 ".pack", JD_FMT(project), number);
}

uint64_t jd_segment_number(jd_str name)
{
    static const jd_str head = JD_STR_INIT("seg-"), tail = JD_STR_INIT(".pack");
    uint64_t            number;
    if (!jd_str_starts(name, head) || !jd_str_ends(name, tail) || name.n < head.n + tail.n + 6)
        return 0;
    jd_str digits = jd_str_cut(name, head.n, name.n - head.n - tail.n);
    return jd_str_u64(digits, &number) ? number : 0;
}

static jd_code statement(jd_packindex *x, enum stmt which, jd_stmt **out, jd_err *e)
{
    jd_code rc = x->stmt[which] ? JD_OK : jd_stmt_prepare(x->db, sql[which], &x->stmt[which], e);
    *out       = x->stmt[which];
    return rc;
}

jd_code jd_packindex_open(jd_state *s, jd_packindex **out, jd_err *e)
{
    (void)e;
    *out  = jd_xcalloc(1, sizeof **out);
    **out = (jd_packindex){.db = jd_state_db(s), .project = JD_BUF_INIT(JD_PACK_NAME_MAX)};
    return JD_OK;
}

/* The connection finalizes the statements. */
void jd_packindex_close(jd_packindex *x)
{
    if (x)
        jd_buf_release(&x->project);
    free(x);
}

jd_code jd_packindex_segments(jd_packindex *x, jd_arena *a, bool with_live, jd_segment **out,
                              size_t *n, jd_err *e)
{
    JD_VEC(jd_segment) all = {0};
    jd_stmt *q;
    bool     row = true;
    *out         = NULL;
    *n           = 0;
    jd_code rc   = statement(x, with_live ? LIVE : SEGMENTS, &q, e);
    while (!rc) {
        rc = jd_stmt_step(q, &row, e);
        if (rc || !row)
            break;
        *jd_vec_add(&all) = (jd_segment){.id      = (uint64_t)jd_stmt_get_int(q, 0),
                                         .project = jd_arena_dup(a, jd_stmt_get_text(q, 1)),
                                         .number  = (uint64_t)jd_stmt_get_int(q, 2),
                                         .size    = (uint64_t)jd_stmt_get_int(q, 3),
                                         .bytes   = (uint64_t)jd_stmt_get_int(q, 4),
                                         .live    = (uint64_t)jd_stmt_get_int(q, 5)};
    }
    if (!rc) {
        *out = JD_NEW_ARRAY(a, jd_segment, all.n);
        *n   = all.n;
        for (size_t i = 0; i < all.n; i++)
            (*out)[i] = all.v[i];
    }
    jd_vec_release(&all);
    return rc;
}

jd_code jd_packindex_next(jd_packindex *x, uint64_t *out, jd_err *e)
{
    jd_stmt *q;
    bool     row;
    jd_code  rc = statement(x, NEXT, &q, e);
    if (!rc)
        rc = jd_stmt_step(q, &row, e);
    if (rc)
        return rc;
    *out = row ? (uint64_t)jd_stmt_get_int(q, 0) : 1;
    jd_stmt_reset(q);
    return JD_OK;
}

jd_code jd_packindex_put_segment(jd_packindex *x, const jd_segment *s, jd_err *e)
{
    jd_stmt *q;
    jd_code  rc = statement(x, PUT_SEGMENT, &q, e);
    if (rc)
        return rc;
    jd_stmt_int(q, 1, (int64_t)s->id);
    jd_stmt_text(q, 2, s->project);
    jd_stmt_int(q, 3, (int64_t)s->number);
    jd_stmt_int(q, 4, (int64_t)s->size);
    jd_stmt_int(q, 5, (int64_t)s->bytes);
    return jd_stmt_run(q, e);
}

jd_code jd_packindex_drop_segment(jd_packindex *x, uint64_t id, jd_err *e)
{
    jd_stmt *q;
    jd_code  rc = statement(x, DROP_SEGMENT, &q, e);
    if (rc)
        return rc;
    jd_stmt_int(q, 1, (int64_t)id);
    return jd_stmt_run(q, e);
}

jd_code jd_packindex_put(jd_packindex *x, uint64_t id, const jd_pack_place *at, jd_err *e)
{
    jd_stmt *q;
    jd_code  rc = statement(x, PUT, &q, e);
    if (rc)
        return rc;
    jd_stmt_int(q, 1, (int64_t)id);
    jd_stmt_int(q, 2, (int64_t)at->segment);
    jd_stmt_int(q, 3, (int64_t)at->frame);
    jd_stmt_int(q, 4, (int64_t)at->packed);
    jd_stmt_int(q, 5, (int64_t)at->at);
    jd_stmt_int(q, 6, (int64_t)at->length);
    return jd_stmt_run(q, e);
}

jd_code jd_packindex_numbers(jd_packindex *x, jd_str project, uint64_t **out, size_t *n, jd_err *e)
{
    JD_VEC(uint64_t) all = {0};
    jd_stmt *q;
    bool     row = true;
    jd_code  rc  = statement(x, NUMBERS, &q, e);
    *out         = NULL;
    *n           = 0;
    if (!rc)
        jd_stmt_text(q, 1, project);
    while (!rc) {
        rc = jd_stmt_step(q, &row, e);
        if (rc || !row)
            break;
        *jd_vec_add(&all) = jd_key_number(jd_stmt_get_text(q, 0));
    }
    if (rc) {
        jd_vec_release(&all);
        return rc;
    }
    *out = all.v;
    *n   = all.n;
    return JD_OK;
}

static jd_pack_place place_of(jd_stmt *q, int col)
{
    return (jd_pack_place){.segment = (uint64_t)jd_stmt_get_int(q, col),
                           .frame   = (uint64_t)jd_stmt_get_int(q, col + 1),
                           .packed  = (uint64_t)jd_stmt_get_int(q, col + 2),
                           .at      = (uint64_t)jd_stmt_get_int(q, col + 3),
                           .length  = (uint64_t)jd_stmt_get_int(q, col + 4)};
}

jd_code jd_packindex_find(jd_packindex *x, jd_str key, jd_pack_place *out, jd_segment *segment,
                          bool *found, jd_err *e)
{
    jd_stmt *q;
    *found     = false;
    jd_code rc = statement(x, FIND, &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, key);
    rc = jd_stmt_step(q, found, e);
    if (rc || !*found)
        return rc;
    jd_buf_reset(&x->project);
    jd_buf_adds(&x->project, jd_stmt_get_text(q, 5));
    *out     = place_of(q, 0);
    *segment = (jd_segment){.id      = out->segment,
                            .project = jd_buf_view(&x->project),
                            .number  = (uint64_t)jd_stmt_get_int(q, 6),
                            .size    = (uint64_t)jd_stmt_get_int(q, 7)};
    jd_stmt_reset(q); /* pins no old state of the database */
    return JD_OK;
}

jd_code jd_packindex_each(jd_packindex *x, uint64_t segment,
                          bool (*each)(void *self, uint64_t id, jd_str key,
                                       const jd_pack_place *at),
                          void *self, jd_err *e)
{
    jd_stmt *q;
    bool     row = true;
    jd_code  rc  = statement(x, EACH, &q, e);
    if (rc)
        return rc;
    jd_stmt_int(q, 1, (int64_t)segment);
    while (!rc) {
        rc = jd_stmt_step(q, &row, e);
        if (rc || !row)
            break;
        jd_pack_place at = place_of(q, 1);
        if (!each(self, (uint64_t)jd_stmt_get_int(q, 0), jd_stmt_get_text(q, 6), &at)) {
            jd_stmt_reset(q);
            break;
        }
    }
    return rc;
}

jd_code jd_packindex_clear(jd_packindex *x, jd_err *e)
{
    return jd_sqlite_exec(x->db, "DELETE FROM pack; DELETE FROM segment", e);
}
