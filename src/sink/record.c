/* What a run leaves in the state for people and other tools. */
#include "sink/state.h"
#include "text/date.h"
#include "text/jsonw.h"

enum { UPDATES_MAX = 1 << 20 };

jd_code jd_state_add_run(jd_state *s, int64_t began_ms, int64_t ended_ms, const char *command,
                         jd_str verdict, jd_err *e)
{
    jd_stmt *q;
    jd_code  rc = jd_stmt_prepare(
         jd_state_db(s), "INSERT INTO run (began, ended, command, verdict) VALUES (?1, ?2, ?3, ?4)",
         &q, e);
    if (rc)
        return rc;
    jd_stmt_int(q, 1, began_ms);
    jd_stmt_int(q, 2, ended_ms);
    jd_stmt_text(q, 3, jd_str_of(command));
    jd_stmt_text(q, 4, verdict);
    return jd_stmt_run(q, e);
}

static jd_code count_scopes(jd_state *s, int64_t *out, jd_err *e)
{
    jd_stmt *q;
    bool     row = false;
    jd_code  rc  = jd_state_statement(s, "SELECT count(*) FROM scope", &q, e);
    if (rc)
        return rc;
    rc   = jd_stmt_step(q, &row, e);
    *out = !rc && row ? jd_stmt_get_int(q, 0) : 0;
    jd_stmt_reset(q);
    return rc;
}

jd_code jd_state_scopes(jd_state *s, jd_arena *a, bool count, jd_state_scope **out, size_t *n,
                        jd_err *e)
{
    jd_stmt *q;
    int64_t  all = 0;
    bool     row = true;
    *n           = 0;
    jd_code rc   = count_scopes(s, &all, e);
    if (rc)
        return rc;
    *out = JD_NEW_ARRAY(a, jd_state_scope, (size_t)all);
    rc   = jd_state_statement(
          s,
          "SELECT name, label, selection, cursor, CASE WHEN ?1 THEN (SELECT count(*) FROM member"
            " WHERE scope = scope.id) END FROM scope ORDER BY name",
          &q, e);
    if (!rc)
        jd_stmt_int(q, 1, count);
    while (!rc && *n < (size_t)all) {
        rc = jd_stmt_step(q, &row, e);
        if (rc || !row)
            break;
        jd_state_scope *sc = &(*out)[*n];
        *sc                = (jd_state_scope){.name      = jd_arena_dup(a, jd_stmt_get_text(q, 0)),
                                              .label     = jd_arena_dup(a, jd_stmt_get_text(q, 1)),
                                              .selection = jd_arena_dup(a, jd_stmt_get_text(q, 2)),
                                              .members   = (uint64_t)jd_stmt_get_int(q, 4)};
        jd_cursor_init(&sc->cursor, sc->name, 0);
        if (!jd_stmt_is_null(q, 3))
            rc = jd_cursor_read(&sc->cursor, jd_stmt_get_text(q, 3), e);
        (*n)++;
    }
    if (!rc)
        jd_stmt_reset(q);
    return rc;
}

jd_code jd_state_write_updates(jd_state *s, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    JD_CLEANUP(jd_buf_release) jd_buf    b = JD_BUF_INIT(UPDATES_MAX);
    jd_state_scope                      *scope;
    size_t                               n;
    jd_code                              rc = jd_state_scopes(s, a, false, &scope, &n, e);
    if (rc)
        return rc;
    jd_jsonw w = jd_jsonw_pretty(&b);
    jd_jsonw_object(&w);
    for (size_t i = 0; i < n; i++) {
        char text[JD_TIME_MAX];
        if (scope[i].cursor.updated != JD_PAST && jd_is_project_key(scope[i].label)) {
            jd_jsonw_names(&w, scope[i].label);
            jd_jsonw_str(&w, jd_str_of(jd_time_utc(scope[i].cursor.updated, text)));
        }
    }
    jd_jsonw_end(&w);
    jd_buf_addc(&b, '\n');
    jd_str path = jd_arena_fmt(a, "%s/last_updates.json", jd_state_dir(s));
    return jd_file_replace(path.p, jd_buf_view(&b), e);
}
