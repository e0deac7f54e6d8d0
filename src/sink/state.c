#include "sink/state.h"

#include "text/date.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UPDATES_MAX = 1 << 20 };

static const char schema[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE scope (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, label TEXT NOT NULL,"
    " selection TEXT NOT NULL, project TEXT, cursor TEXT, quoted INTEGER);"
    "CREATE TABLE issue (id INTEGER PRIMARY KEY, key TEXT NOT NULL, updated INTEGER NOT NULL,"
    " fetched INTEGER NOT NULL, hash INTEGER NOT NULL, plan INTEGER NOT NULL);"
    "CREATE INDEX issue_key ON issue (key);"
    "CREATE TABLE member (scope INTEGER NOT NULL, id INTEGER NOT NULL,"
    " PRIMARY KEY (scope, id)) WITHOUT ROWID;"
    "CREATE TABLE alias (key TEXT PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE run (id INTEGER PRIMARY KEY, began INTEGER NOT NULL, ended INTEGER NOT NULL,"
    " command TEXT NOT NULL, verdict TEXT NOT NULL);";

/* Steps from each version to the next; the first makes version 1 an empty file's, the rest bring
 * an older database up, the new one with them. Where an issue's bytes stand in a packed store goes
 * with its row. */
static const char *const steps[JD_STATE_VERSION] = {
    schema,
    "CREATE TABLE segment (id INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, number "
    "INTEGER NOT NULL,"
    " size INTEGER NOT NULL, bytes INTEGER NOT NULL, UNIQUE (project, number));"
    "CREATE TABLE pack (id INTEGER PRIMARY KEY, segment INTEGER NOT NULL, frame INTEGER NOT NULL,"
    " packed INTEGER NOT NULL, at INTEGER NOT NULL, length INTEGER NOT NULL);"
    "CREATE TRIGGER pack_goes AFTER DELETE ON issue BEGIN DELETE FROM pack WHERE id = old.id; END;",
    "CREATE TABLE tombstone (id INTEGER PRIMARY KEY, key TEXT NOT NULL, cause TEXT NOT NULL,"
    " now TEXT, updated INTEGER NOT NULL, made INTEGER NOT NULL);"
    "CREATE INDEX tombstone_key ON tombstone (key);"
    "CREATE TRIGGER tombstone_lifted AFTER INSERT ON issue WHEN EXISTS (SELECT 1 FROM tombstone"
    " WHERE id = new.id) BEGIN DELETE FROM tombstone WHERE id = new.id; END;",
    "CREATE TABLE user (id TEXT PRIMARY KEY, seen INTEGER NOT NULL, json TEXT NOT NULL)"
    " WITHOUT ROWID;",
    "CREATE TABLE change (seq INTEGER PRIMARY KEY AUTOINCREMENT, line TEXT NOT NULL);"
    "CREATE TABLE worklog (id INTEGER PRIMARY KEY, issue INTEGER NOT NULL);",
    "CREATE TABLE attachment (id INTEGER PRIMARY KEY, issue INTEGER NOT NULL, name TEXT NOT NULL,"
    " size INTEGER NOT NULL, state INTEGER NOT NULL, sha256 TEXT);"
    "CREATE INDEX attachment_issue ON attachment (issue);",
    "CREATE TABLE extra (id INTEGER PRIMARY KEY, key TEXT NOT NULL, hash INTEGER NOT NULL,"
    " kinds INTEGER NOT NULL);",
    /* what nearly every new row would look for in vain is asked for only where it may be */
    "DELETE FROM issue WHERE EXISTS (SELECT 1 FROM issue AS later WHERE later.key = issue.key AND"
    " (later.fetched, later.id) > (issue.fetched, issue.id));"
    "DROP INDEX issue_key; CREATE UNIQUE INDEX issue_key ON issue (key);"
    "DROP TRIGGER tombstone_lifted;",
};

/* Statements that a batch repeats, prepared once. */
enum stmt {
    GET,
    BY_KEY,
    ADD,
    CHANGE,
    ALIAS,
    UNALIAS,
    DISPLACED,
    FORGET,
    LEAVE,
    JOIN,
    SCOPE_ID,
    NSTMT
};
static const char *const sql[NSTMT] = {
    [GET]     = "SELECT key, updated, fetched, hash, plan FROM issue WHERE id = ?1",
    [BY_KEY]  = "SELECT id FROM issue WHERE key = ?1",
    [ADD]     = "INSERT INTO issue (id, key, updated, fetched, hash, plan)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
    [CHANGE]  = "UPDATE issue SET key = ?2, updated = ?3, fetched = ?4, hash = ?5, plan = ?6"
                " WHERE id = ?1",
    [ALIAS]   = "INSERT INTO alias (key, id) SELECT key, id FROM issue WHERE id = ?1 AND key <> ?2"
                " ON CONFLICT (key) DO UPDATE SET id = excluded.id",
    [UNALIAS] = "DELETE FROM alias WHERE key = ?1",
    [DISPLACED] = "DELETE FROM issue WHERE key = ?1 AND id <> ?2",
    [FORGET]    = "DELETE FROM issue WHERE id = ?1",
    [LEAVE]     = "DELETE FROM member WHERE id = ?1 AND scope <> ?2 AND scope IN"
                  " (SELECT id FROM scope WHERE project IS NOT NULL)",
    [JOIN]      = "INSERT INTO member (scope, id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    [SCOPE_ID]  = "SELECT id FROM scope WHERE name = ?1",
};

enum { OTHER_MAX = 40 };

struct jd_state {
    jd_sqlite *db;
    jd_stmt   *stmt[NSTMT];
    struct {
        const char *sql;
        jd_stmt    *stmt;
    } other[OTHER_MAX]; /* the rarer ones, prepared at first use; told apart by their literal */
    jd_lock   lock;
    bool      aliases, tombstones; /* there may be some */
    int64_t   version;             /* as it was found */
    char     *dir, *site, *store;
    jd_layout layout;
    char      scope_name[256]; /* the scope whose row id is cached */
    int64_t   scope_id;
};

static jd_code prepare(jd_state *s, jd_err *e)
{
    for (int i = 0; i < NSTMT; i++) {
        jd_code rc = jd_stmt_prepare(s->db, sql[i], &s->stmt[i], e);
        if (rc)
            return rc;
    }
    return JD_OK;
}

jd_code jd_state_statement(jd_state *s, const char *literal, jd_stmt **out, jd_err *e)
{
    size_t i = 0;
    *out     = NULL;
    while (i < OTHER_MAX && s->other[i].sql && s->other[i].sql != literal)
        i++;
    if (i == OTHER_MAX)
        return jd_fail(e, JD_E_INTERNAL, "state.db: more statements than places for them");
    if (!s->other[i].sql) {
        jd_code rc = jd_stmt_prepare(s->db, literal, &s->other[i].stmt, e);
        if (rc)
            return rc;
        s->other[i].sql = literal;
    }
    *out = s->other[i].stmt;
    return JD_OK;
}

/* One statement, one text parameter, one text result (an owned copy, NULL when there is no row). */
static jd_code look_up(jd_state *s, const char *query, jd_str arg, char **out, jd_err *e)
{
    jd_stmt *q;
    bool     row = false;
    *out         = NULL;
    jd_code rc   = jd_state_statement(s, query, &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, arg);
    rc = jd_stmt_step(q, &row, e);
    if (!rc && row && !jd_stmt_is_null(q, 0)) {
        jd_str text = jd_stmt_get_text(q, 0);
        *out        = jd_xmalloc(text.n + 1);
        if (text.n)
            memcpy(*out, text.p, text.n);
        (*out)[text.n] = '\0';
    }
    jd_stmt_reset(q);
    return rc;
}

static jd_code set_meta(jd_state *s, const char *name, jd_str value, jd_err *e)
{
    jd_stmt *q;
    jd_code  rc = jd_state_statement(
         s,
         "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET"
          " value = excluded.value",
         &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, jd_str_of(name));
    jd_stmt_text(q, 2, value);
    return jd_stmt_run(q, e);
}

/* An older tool's last_updates.json beside a database that is new: adopted scope by scope, when a
 * run first asks for that project (jd_state_cursor). */
static jd_code import_updates(jd_state *s, jd_err *e)
{
    char *path;
    if (asprintf(&path, "%s/last_updates.json", s->dir) < 0)
        return jd_fail(e, JD_E_INTERNAL, "out of memory");
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    JD_CLEANUP(jd_buf_release) jd_buf    b = JD_BUF_INIT(UPDATES_MAX);
    const jd_json                       *v;
    jd_code rc = jd_path_exists(path) ? jd_file_read(path, &b, e) : JD_OK;
    if (!rc && b.n > 0) {
        rc = jd_json_read(a, jd_buf_view(&b), &v, e);
        if (rc)
            rc = jd_wrap(e, "%s (remove it to start fresh)", path);
        for (jd_json_iter it = jd_json_walk(rc ? NULL : v); !rc && jd_json_next(&it);) {
            int64_t ms;
            if (jd_time_parse(jd_json_str(it.value), &ms, NULL))
                rc = set_meta(s, jd_arena_fmt(a, "import:%.*s", JD_FMT(it.name)).p,
                              jd_json_str(it.value), e);
        }
    }
    free(path);
    return rc;
}

/* From `version` to ours, in one transaction. */
static jd_code bring_up(jd_state *s, int64_t version, const char *site, jd_err *e)
{
    char    now[40];
    jd_code rc = jd_sqlite_begin(s->db, e);
    for (int64_t v = version; v < JD_STATE_VERSION && !rc; v++)
        rc = jd_sqlite_exec(s->db, steps[v], e);
    (void)snprintf(now, sizeof now, "PRAGMA user_version = %d", JD_STATE_VERSION);
    if (!rc)
        rc = jd_sqlite_exec(s->db, now, e);
    if (!rc && version == 0) {
        rc = set_meta(s, "site", jd_str_of(site), e);
        if (!rc)
            rc = import_updates(s, e);
    } else if (!rc && version == 1) { /* before there was a choice */
        rc = set_meta(s, "layout", jd_str_of(jd_layout_name(JD_LAYOUT_FILES)), e);
    }
    if (!rc)
        rc = jd_sqlite_commit(s->db, e);
    if (rc)
        jd_sqlite_rollback(s->db);
    return rc;
}

static jd_code check_version(jd_state *s, int64_t *version, jd_err *e)
{
    jd_code rc = jd_sqlite_user_version(s->db, version, e);
    if (!rc && *version > JD_STATE_VERSION)
        rc = jd_fail(e, JD_E_STATE,
                     "%s/state.db is of version %lld, newer than this program knows (%d): update "
                     "jiraduct, or use another --state-dir",
                     s->dir, (long long)*version, JD_STATE_VERSION);
    return rc;
}

static jd_code check_site(jd_state *s, const char *site, jd_err *e)
{
    jd_code rc = look_up(s, "SELECT value FROM meta WHERE name = ?1", JD_STR("site"), &s->site, e);
    if (!rc && !s->site)
        rc = jd_fail(e, JD_E_STATE,
                     "%s/state.db names no site: it is damaged; delete %s to start fresh", s->dir,
                     s->dir);
    if (!rc && site && strcmp(site, s->site) != 0)
        rc = jd_fail(
            e, JD_E_STATE,
            "%s holds the state of %s, not of %s: use another --state-dir and --raw-dir for "
            "another site",
            s->dir, s->site, site);
    return rc;
}

static jd_code read_layout(jd_state *s, int64_t version, jd_err *e)
{
    static const char query[] = "SELECT value FROM meta WHERE name = ?1";
    char             *name;
    s->layout  = JD_LAYOUT_ANY;
    jd_code rc = look_up(s, query, JD_STR("store"), &s->store, e);
    if (!rc)
        rc = look_up(s, query, JD_STR("layout"), &name, e);
    if (rc)
        return rc;
    if (name)
        s->layout = jd_layout_of(jd_str_of(name));
    else if (version == 1) /* for looking only: not brought up */
        s->layout = JD_LAYOUT_FILES;
    if (name && s->layout == JD_LAYOUT_ANY)
        rc = jd_fail(e, JD_E_STATE, "%s/state.db is of a raw layout this program does not know: %s",
                     s->dir, name);
    free(name);
    return rc;
}

static jd_code has_rows(jd_state *s, const char *query, bool *out, jd_err *e)
{
    char   *one;
    jd_code rc = look_up(s, query, JD_STR(""), &one, e);
    *out       = one != NULL;
    free(one);
    return rc;
}

/* Only who writes needs to know. */
static jd_code learn_rare(jd_state *s, jd_err *e)
{
    jd_code rc = has_rows(s, "SELECT key FROM alias WHERE key > ?1 LIMIT 1", &s->aliases, e);
    if (rc)
        return rc;
    return has_rows(s, "SELECT key FROM tombstone WHERE key > ?1 LIMIT 1", &s->tombstones, e);
}

static jd_code open_db(const char *dir, const char *site, bool read_only, jd_state *s, bool *fresh,
                       jd_err *e)
{
    int64_t version = 0;
    char   *path;
    s->dir = jd_xstrdup(dir);
    if (asprintf(&path, "%s/state.db", dir) < 0)
        return jd_fail(e, JD_E_INTERNAL, "out of memory");
    jd_code rc = jd_sqlite_open(path, read_only, 5000, &s->db, e);
    free(path);
    if (!rc)
        rc = check_version(s, &version, e);
    if (rc)
        return rc;
    if (version == 0 && read_only)
        return jd_fail(e, JD_E_NOTFOUND, "%s/state.db is empty: nothing was scraped yet", dir);
    /* the site first: what is another's is not brought up either */
    if (version)
        rc = check_site(s, site, e);
    if (!rc && version < JD_STATE_VERSION && !read_only)
        rc = bring_up(s, version, site ? site : "", e);
    if (!rc && !version)
        rc = check_site(s, site, e);
    s->version = read_only ? version : JD_STATE_VERSION;
    if (!rc)
        rc = read_layout(s, version, e);
    if (!rc)
        rc = prepare(s, e);
    if (!rc && !read_only)
        rc = learn_rare(s, e);
    *fresh = !rc && s->layout == JD_LAYOUT_ANY;
    return rc;
}

jd_code jd_state_open(const char *dir, const char *site, jd_state **out, bool *fresh, jd_err *e)
{
    jd_state *s = jd_xcalloc(1, sizeof *s);
    char     *lock;
    s->lock    = JD_LOCK_NONE;
    jd_code rc = jd_dir_make(dir, e);
    if (!rc && asprintf(&lock, "%s/lock", dir) < 0)
        rc = jd_fail(e, JD_E_INTERNAL, "out of memory");
    if (!rc) {
        rc = jd_lock_take(&s->lock, lock, dir, e);
        free(lock);
    }
    if (!rc)
        rc = open_db(dir, site, false, s, fresh, e);
    if (rc)
        jd_state_close(s);
    else
        *out = s;
    return rc;
}

jd_code jd_state_open_read(const char *dir, jd_state **out, jd_err *e)
{
    jd_state *s = jd_xcalloc(1, sizeof *s);
    bool      fresh;
    s->lock    = JD_LOCK_NONE;
    jd_code rc = open_db(dir, NULL, true, s, &fresh, e);
    if (rc)
        jd_state_close(s);
    else
        *out = s;
    return rc;
}

void jd_state_close(jd_state *s)
{
    if (!s)
        return;
    jd_sqlite_close(s->db);
    jd_lock_drop(&s->lock);
    free(s->dir);
    free(s->site);
    free(s->store);
    free(s);
}

jd_str jd_state_site(const jd_state *s)
{
    return jd_str_of(s->site);
}

const char *jd_state_dir(const jd_state *s)
{
    return s->dir;
}

jd_sqlite *jd_state_db(jd_state *s)
{
    return s->db;
}

jd_layout jd_state_layout(const jd_state *s)
{
    return s->layout;
}

jd_str jd_state_store(const jd_state *s)
{
    return jd_str_of(s->store);
}

jd_code jd_state_set_layout(jd_state *s, jd_layout layout, jd_str store, jd_err *e)
{
    jd_code rc = set_meta(s, "layout", jd_str_of(jd_layout_name(layout)), e);
    if (!rc)
        rc = set_meta(s, "store", store.n ? store : JD_STR(""), e);
    if (rc)
        return rc;
    s->layout = layout;
    free(s->store);
    s->store = jd_xcalloc(store.n + 1, 1);
    if (store.n)
        memcpy(s->store, store.p, store.n);
    return JD_OK;
}

jd_code jd_state_new_store(jd_state *s, jd_arena *a, jd_str *out, jd_err *e)
{
    char   *name;
    jd_code rc =
        look_up(s, "SELECT lower(hex(randomblob(16))) WHERE ?1 = ''", JD_STR(""), &name, e);
    if (rc)
        return rc;
    *out = jd_arena_dup(a, jd_str_of(name));
    free(name);
    return JD_OK;
}

jd_code jd_state_copy(jd_state *s, const char *path, jd_err *e)
{
    jd_stmt *q;
    jd_code  rc = jd_state_statement(s, "VACUUM INTO ?1", &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, jd_str_of(path));
    return jd_stmt_run(q, e);
}

jd_code jd_state_begin(jd_state *s, jd_err *e)
{
    return jd_sqlite_begin(s->db, e);
}

jd_code jd_state_commit(jd_state *s, jd_err *e)
{
    return jd_sqlite_commit(s->db, e);
}

void jd_state_rollback(jd_state *s)
{
    jd_sqlite_rollback(s->db);
    s->scope_name[0] = '\0';
}

void jd_state_buried(jd_state *s)
{
    s->aliases = s->tombstones = true;
}

bool jd_state_before(const jd_state *s, int64_t version)
{
    return s->version < version;
}

jd_code jd_state_get(jd_state *s, uint64_t id, jd_state_issue *out, bool *found, jd_err *e)
{
    jd_stmt *q = s->stmt[GET];
    jd_stmt_reset(q);
    jd_stmt_int(q, 1, (int64_t)id);
    *found     = false;
    jd_code rc = jd_stmt_step(q, found, e);
    if (!rc && *found)
        *out = (jd_state_issue){.id   = id,
                                .key  = jd_stmt_get_text(q, 0),
                                .held = {.updated_ms = jd_stmt_get_int(q, 1),
                                         .fetched_ms = jd_stmt_get_int(q, 2),
                                         .hash       = (uint64_t)jd_stmt_get_int(q, 3),
                                         .plan       = (uint64_t)jd_stmt_get_int(q, 4)}};
    return rc;
}

void jd_state_done(jd_state *s)
{
    jd_stmt_reset(s->stmt[GET]);
}

jd_code jd_state_by_key(jd_state *s, jd_str key, uint64_t *id, bool *found, jd_err *e)
{
    jd_stmt *q = s->stmt[BY_KEY];
    jd_stmt_text(q, 1, key);
    *found     = false;
    jd_code rc = jd_stmt_step(q, found, e);
    if (!rc && *found)
        *id = (uint64_t)jd_stmt_get_int(q, 0);
    jd_stmt_reset(q);
    return rc;
}

static jd_code run_with_id(jd_stmt *q, uint64_t id, jd_err *e)
{
    jd_stmt_int(q, 1, (int64_t)id);
    return jd_stmt_run(q, e);
}

static jd_code run_with_row(jd_stmt *q, const jd_state_issue *row, jd_err *e)
{
    jd_stmt_int(q, 1, (int64_t)row->id);
    jd_stmt_text(q, 2, row->key);
    jd_stmt_int(q, 3, row->held.updated_ms);
    jd_stmt_int(q, 4, row->held.fetched_ms);
    jd_stmt_int(q, 5, (int64_t)row->held.hash);
    jd_stmt_int(q, 6, (int64_t)row->held.plan);
    return jd_stmt_run(q, e);
}

/* A new row; *added is false where one with its id is there. */
static jd_code add_row(jd_state *s, const jd_state_issue *row, bool *added, jd_err *e)
{
    jd_stmt *lift;
    jd_code  rc = run_with_row(s->stmt[ADD], row, e);
    *added      = !rc && jd_sqlite_changes(s->db);
    if (!*added || !s->tombstones)
        return rc;
    rc = jd_state_statement(s, "DELETE FROM tombstone WHERE id = ?1", &lift, e);
    return rc ? rc : run_with_id(lift, row->id, e);
}

/* Most issues are new, and so are their keys: what stands in the way of one is put away only when
 * it turns out to. */
jd_code jd_state_put(jd_state *s, const jd_state_issue *row, jd_err *e)
{
    jd_stmt *alias = s->stmt[ALIAS], *displaced = s->stmt[DISPLACED];
    bool     added;
    jd_code  rc = JD_OK;
    if (s->aliases) {
        jd_stmt_text(s->stmt[UNALIAS], 1, row->key);
        rc = jd_stmt_run(s->stmt[UNALIAS], e);
    }
    if (!rc)
        rc = add_row(s, row, &added, e);
    if (rc || added)
        return rc;
    jd_stmt_text(displaced, 1, row->key);
    jd_stmt_int(displaced, 2, (int64_t)row->id);
    rc = jd_stmt_run(displaced, e);
    if (!rc && jd_sqlite_changes(s->db))
        rc = add_row(s, row, &added, e);
    if (rc || added)
        return rc;
    jd_stmt_int(alias, 1, (int64_t)row->id);
    jd_stmt_text(alias, 2, row->key);
    rc         = jd_stmt_run(alias, e);
    s->aliases = s->aliases || jd_sqlite_changes(s->db);
    return rc ? rc : run_with_row(s->stmt[CHANGE], row, e);
}

jd_code jd_state_forget(jd_state *s, uint64_t id, jd_err *e)
{
    return run_with_id(s->stmt[FORGET], id, e);
}

/* The scope's row id; 0 when it has no row yet. */
static jd_code scope_id(jd_state *s, jd_str name, int64_t *id, jd_err *e)
{
    if (s->scope_name[0] && jd_str_is(name, s->scope_name)) {
        *id = s->scope_id;
        return JD_OK;
    }
    bool     row = false;
    jd_stmt *q   = s->stmt[SCOPE_ID];
    jd_stmt_text(q, 1, name);
    jd_code rc = jd_stmt_step(q, &row, e);
    *id        = !rc && row ? jd_stmt_get_int(q, 0) : 0;
    jd_stmt_reset(q);
    if (!rc && row && name.n < sizeof s->scope_name) {
        memcpy(s->scope_name, name.p, name.n);
        s->scope_name[name.n] = '\0';
        s->scope_id           = *id;
    }
    return rc;
}

/* The scope's row, made when missing. */
static jd_code need_scope(jd_state *s, const jd_scope *scope, int64_t *id, jd_err *e)
{
    jd_stmt *q;
    jd_code  rc = scope_id(s, scope->name, id, e);
    if (rc || *id)
        return rc;
    rc = jd_state_statement(
        s, "INSERT INTO scope (name, label, selection, project) VALUES (?1, ?2, ?3, ?4)", &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, scope->name);
    jd_stmt_text(q, 2, scope->label);
    jd_stmt_text(q, 3, scope->selection);
    jd_stmt_text(q, 4, scope->project.n ? scope->project : JD_NOSTR);
    rc = jd_stmt_run(q, e);
    return rc ? rc : scope_id(s, scope->name, id, e);
}

jd_code jd_state_member(jd_state *s, const jd_scope *scope, uint64_t id, bool moved, jd_err *e)
{
    int64_t row;
    jd_code rc = need_scope(s, scope, &row, e);
    if (!rc && moved) {
        jd_stmt_int(s->stmt[LEAVE], 1, (int64_t)id);
        jd_stmt_int(s->stmt[LEAVE], 2, row);
        rc = jd_stmt_run(s->stmt[LEAVE], e);
    }
    if (rc)
        return rc;
    jd_stmt_int(s->stmt[JOIN], 1, row);
    jd_stmt_int(s->stmt[JOIN], 2, (int64_t)id);
    return jd_stmt_run(s->stmt[JOIN], e);
}

jd_code jd_state_count(jd_state *s, const jd_scope *scope, int64_t since, uint64_t *out, jd_err *e)
{
    static const char all[]  = "SELECT count(*) FROM member JOIN issue USING (id)"
                               " WHERE scope = ?1";
    static const char late[] = "SELECT count(*) FROM member JOIN issue USING (id)"
                               " WHERE scope = ?1 AND updated >= ?2";
    jd_stmt          *q;
    bool              row = false;
    int64_t           id;
    jd_code           rc = scope_id(s, scope->name, &id, e);
    if (!rc)
        rc = jd_state_statement(s, since == JD_PAST ? all : late, &q, e);
    if (rc)
        return rc;
    jd_stmt_int(q, 1, id);
    if (since != JD_PAST)
        jd_stmt_int(q, 2, since);
    rc   = jd_stmt_step(q, &row, e);
    *out = !rc && row ? (uint64_t)jd_stmt_get_int(q, 0) : 0;
    jd_stmt_reset(q);
    return rc;
}

jd_code jd_state_each(jd_state *s, bool (*each)(void *self, const jd_state_issue *row), void *self,
                      jd_err *e)
{
    jd_stmt *q;
    bool     row = true;
    jd_code  rc  = jd_state_statement(
          s, "SELECT id, key, updated, fetched, hash, plan FROM issue ORDER BY id", &q, e);
    while (!rc) {
        rc = jd_stmt_step(q, &row, e);
        if (rc || !row)
            break;
        jd_state_issue is = {.id   = (uint64_t)jd_stmt_get_int(q, 0),
                             .key  = jd_stmt_get_text(q, 1),
                             .held = {.updated_ms = jd_stmt_get_int(q, 2),
                                      .fetched_ms = jd_stmt_get_int(q, 3),
                                      .hash       = (uint64_t)jd_stmt_get_int(q, 4),
                                      .plan       = (uint64_t)jd_stmt_get_int(q, 5)}};
        if (!each(self, &is))
            break;
    }
    if (!rc)
        jd_stmt_reset(q);
    return rc;
}

jd_code jd_state_add_scope(jd_state *s, const jd_scope *scope, jd_err *e)
{
    jd_stmt *q;
    int64_t  id;
    jd_code  rc = need_scope(s, scope, &id, e);
    if (rc || scope->project.n || jd_str_is(scope->label, "jql")) /* that is no name */
        return rc;
    rc = jd_state_statement(s, "UPDATE scope SET label = ?2 WHERE id = ?1 AND label <> ?2", &q, e);
    if (rc)
        return rc;
    jd_stmt_int(q, 1, id);
    jd_stmt_text(q, 2, scope->label);
    return jd_stmt_run(q, e);
}

/* Where an older tool left this project; its entry is used up. */
static jd_code adopt_import(jd_state *s, const jd_scope *scope, jd_cursor *out, jd_err *e)
{
    char    name[300], *text = NULL;
    int64_t ms;
    (void)snprintf(name, sizeof name, "import:%.*s", JD_FMT(scope->project));
    jd_code rc = look_up(s, "SELECT value FROM meta WHERE name = ?1", jd_str_of(name), &text, e);
    if (!rc && text && jd_time_parse(jd_str_of(text), &ms, NULL)) {
        jd_cursor_begin(out, ms, JD_PAST, NULL, 0);
        out->window[0].at = out->window[0].to;
        out->updated      = ms;
    }
    free(text);
    return rc;
}

jd_code jd_state_cursor(jd_state *s, const jd_scope *scope, jd_cursor *out, jd_err *e)
{
    char   *line;
    jd_code rc = look_up(s, "SELECT cursor FROM scope WHERE name = ?1", scope->name, &line, e);
    if (rc)
        return rc;
    if (line) {
        rc = jd_cursor_read(out, jd_str_of(line), e);
        free(line);
        return rc ? jd_wrap(e, "%s/state.db, scope %.*s", s->dir, JD_FMT(scope->label)) : JD_OK;
    }
    jd_cursor_init(out, scope->name, scope->plan);
    return scope->project.n ? adopt_import(s, scope, out, e) : JD_OK;
}

static jd_code set_column(jd_state *s, const jd_scope *scope, const char *update, jd_str text,
                          int64_t number, jd_err *e)
{
    int64_t  id;
    jd_stmt *q;
    jd_code  rc = need_scope(s, scope, &id, e);
    if (!rc)
        rc = jd_state_statement(s, update, &q, e);
    if (rc)
        return rc;
    jd_stmt_int(q, 1, id);
    if (text.p)
        jd_stmt_text(q, 2, text);
    else
        jd_stmt_int(q, 2, number);
    return jd_stmt_run(q, e);
}

jd_code jd_state_set_cursor(jd_state *s, const jd_scope *scope, const jd_cursor *c, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(JD_CURSOR_MAX);
    jd_cursor_write(c, &b);
    if (!jd_buf_ok(&b))
        return jd_fail(e, JD_E_INTERNAL, "the cursor is over %d bytes", JD_CURSOR_MAX);
    return set_column(s, scope, "UPDATE scope SET cursor = ?2 WHERE id = ?1", jd_buf_view(&b), 0,
                      e);
}

jd_code jd_state_quoted(jd_state *s, const jd_scope *scope, bool *known, bool *quoted, jd_err *e)
{
    char   *text;
    jd_code rc = look_up(s, "SELECT quoted FROM scope WHERE name = ?1", scope->name, &text, e);
    *known     = text != NULL;
    *quoted    = text && text[0] == '1';
    free(text);
    return rc;
}

jd_code jd_state_set_quoted(jd_state *s, const jd_scope *scope, bool quoted, jd_err *e)
{
    return set_column(s, scope, "UPDATE scope SET quoted = ?2 WHERE id = ?1", JD_NOSTR, quoted, e);
}

static jd_code run_with_name(jd_state *s, const char *literal, jd_str name, jd_err *e)
{
    jd_stmt *q;
    jd_code  rc = jd_state_statement(s, literal, &q, e);
    if (rc)
        return rc;
    jd_stmt_text(q, 1, name);
    return jd_stmt_run(q, e);
}

jd_code jd_state_reset(jd_state *s, jd_str name, jd_err *e)
{
    jd_code rc = jd_state_begin(s, e);
    if (!rc)
        rc = run_with_name(s, "UPDATE scope SET cursor = NULL, quoted = NULL WHERE name = ?1", name,
                           e);
    if (!rc)
        rc =
            run_with_name(s,
                          "UPDATE issue SET plan = 0 WHERE id IN (SELECT member.id FROM member JOIN"
                          " scope ON scope.id = member.scope WHERE scope.name = ?1)",
                          name, e);
    if (!rc)
        rc = run_with_name(s,
                           "DELETE FROM meta WHERE name = 'import:' ||"
                           " (SELECT project FROM scope WHERE name = ?1)",
                           name, e);
    if (!rc)
        rc = jd_state_commit(s, e);
    if (rc)
        jd_state_rollback(s);
    return rc;
}
