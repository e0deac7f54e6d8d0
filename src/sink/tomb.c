#include "sink/tomb.h"

#include <string.h>

enum stmt { LEAVE, OTHERS, KEEP, OLD_KEY, FORGET, NSTMT };

static const char *const sql[NSTMT] = {
    [LEAVE] = "DELETE FROM member WHERE id = ?1 AND scope = (SELECT id FROM scope WHERE name = ?2)",
    /* few scopes, and each is asked by its key */
    [OTHERS]  = "SELECT 1 FROM scope CROSS JOIN member ON member.scope = scope.id AND"
                " member.id = ?1 LIMIT 1",
    [KEEP]    = "INSERT OR REPLACE INTO tombstone (id, key, cause, now, updated, made)"
                " SELECT id, key, ?2, ?3, updated, ?4 FROM issue WHERE id = ?1",
    [OLD_KEY] = "INSERT INTO alias (key, id) SELECT key, id FROM issue WHERE id = ?1"
                " ON CONFLICT (key) DO UPDATE SET id = excluded.id",
    [FORGET]  = "DELETE FROM issue WHERE id = ?1",
};

static jd_code statement(jd_tombs *t, jd_state *s, enum stmt which, jd_stmt **out, jd_err *e)
{
    jd_code rc = JD_OK;
    if (!t->stmt[which])
        rc = jd_stmt_prepare(jd_state_db(s), sql[which], &t->stmt[which], e);
    *out = t->stmt[which];
    return rc;
}

static jd_code run_with_id(jd_tombs *t, jd_state *s, enum stmt which, uint64_t id, jd_err *e)
{
    jd_stmt *q;
    jd_code  rc = statement(t, s, which, &q, e);
    if (rc)
        return rc;
    jd_stmt_int(q, 1, (int64_t)id);
    return jd_stmt_run(q, e);
}

static jd_code leave(jd_tombs *t, jd_state *s, const jd_scope *scope, uint64_t id, jd_err *e)
{
    jd_stmt *q;
    jd_code  rc = statement(t, s, LEAVE, &q, e);
    if (rc)
        return rc;
    jd_stmt_int(q, 1, (int64_t)id);
    jd_stmt_text(q, 2, scope->name);
    return jd_stmt_run(q, e);
}

static jd_code has_others(jd_tombs *t, jd_state *s, uint64_t id, bool *out, jd_err *e)
{
    jd_stmt *q;
    jd_code  rc = statement(t, s, OTHERS, &q, e);
    if (rc)
        return rc;
    jd_stmt_int(q, 1, (int64_t)id);
    rc = jd_stmt_step(q, out, e);
    jd_stmt_reset(q);
    return rc;
}

static jd_code keep(jd_tombs *t, jd_state *s, const jd_tombstone *why, bool *held, jd_err *e)
{
    jd_stmt *q;
    jd_code  rc = statement(t, s, KEEP, &q, e);
    if (rc)
        return rc;
    jd_stmt_int(q, 1, (int64_t)why->id);
    jd_stmt_text(q, 2, jd_str_of(jd_cause_name(why->cause)));
    jd_stmt_text(q, 3, why->now.n ? why->now : JD_NOSTR);
    jd_stmt_int(q, 4, why->made_ms);
    rc    = jd_stmt_run(q, e);
    *held = !rc && jd_sqlite_changes(jd_state_db(s)) > 0;
    return rc;
}

jd_code jd_tomb_bury(jd_tombs *t, jd_state *s, const jd_scope *scope, const jd_tombstone *why,
                     bool *removed, jd_err *e)
{
    bool others = false, held = false;
    *removed   = false;
    jd_code rc = leave(t, s, scope, why->id, e);
    if (!rc)
        rc = has_others(t, s, why->id, &others, e);
    if (rc || others)
        return rc;
    rc = keep(t, s, why, &held, e);
    if (rc || !held)
        return rc;
    rc = run_with_id(t, s, OLD_KEY, why->id, e);
    if (!rc)
        rc = run_with_id(t, s, FORGET, why->id, e);
    jd_state_buried(s);
    *removed = !rc;
    return rc;
}

/* -- reading --------------------------------------------------------------------------------- */

static const char *const causes[JD_CAUSES_N] = {
#define X(name, word, text) [JD_CAUSE_##name] = word,
    JD_CAUSES(X)
#undef X
};
static const char *const cause_texts[JD_CAUSES_N] = {
#define X(name, word, text) [JD_CAUSE_##name] = text,
    JD_CAUSES(X)
#undef X
};

const char *jd_cause_name(jd_cause c)
{
    return causes[c];
}

const char *jd_cause_text(jd_cause c)
{
    return cause_texts[c];
}

static jd_cause cause_of(jd_str name)
{
    for (int i = 0; i < JD_CAUSES_N; i++)
        if (jd_str_is(name, causes[i]))
            return (jd_cause)i;
    return JD_CAUSE_GONE; /* of a later version */
}

static void read_row(jd_stmt *q, jd_tombstone *out)
{
    *out = (jd_tombstone){.id         = (uint64_t)jd_stmt_get_int(q, 0),
                          .key        = jd_stmt_get_text(q, 1),
                          .cause      = cause_of(jd_stmt_get_text(q, 2)),
                          .now        = jd_stmt_get_text(q, 3),
                          .updated_ms = jd_stmt_get_int(q, 4),
                          .made_ms    = jd_stmt_get_int(q, 5)};
}

jd_code jd_tomb_find(jd_state *s, jd_arena *a, jd_str key, jd_tombstone *out, bool *found,
                     jd_err *e)
{
    jd_stmt *q;
    *found = false;
    if (jd_state_before(s, 3)) /* for looking only: not brought up */
        return JD_OK;
    jd_code rc = jd_stmt_prepare(
        jd_state_db(s),
        "SELECT id, key, cause, now, updated, made FROM tombstone WHERE key = ?1 OR id ="
        " (SELECT id FROM alias WHERE key = ?1) ORDER BY key = ?1 DESC, made DESC LIMIT 1",
        &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, key);
    rc = jd_stmt_step(q, found, e);
    if (!rc && *found) {
        read_row(q, out);
        out->key = jd_arena_dup(a, out->key);
        out->now = jd_arena_dup(a, out->now);
    }
    jd_stmt_reset(q);
    return rc;
}

jd_code jd_tomb_each(jd_state *s, bool (*each)(void *self, const jd_tombstone *t), void *self,
                     jd_err *e)
{
    jd_stmt *q;
    bool     row = true;
    if (jd_state_before(s, 3))
        return JD_OK;
    jd_code rc = jd_stmt_prepare(
        jd_state_db(s), "SELECT id, key, cause, now, updated, made FROM tombstone ORDER BY id", &q,
        e);
    while (!rc) {
        jd_tombstone t;
        rc = jd_stmt_step(q, &row, e);
        if (rc || !row)
            break;
        read_row(q, &t);
        if (!each(self, &t))
            break;
    }
    if (!rc)
        jd_stmt_reset(q);
    return rc;
}

static bool count_one(void *self, const jd_tombstone *t)
{
    ((uint64_t *)self)[t->cause]++;
    return true;
}

jd_code jd_tomb_count(jd_state *s, uint64_t out[JD_CAUSES_N], jd_err *e)
{
    memset(out, 0, JD_CAUSES_N * sizeof *out);
    return jd_tomb_each(s, count_one, out, e);
}
