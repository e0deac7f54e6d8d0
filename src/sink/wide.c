#include "sink/wide.h"

#include "sink/wh_own.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SQL_MAX = 4 << 20, IDS_MAX = 64 << 20 };

typedef struct known { /* a row of wide_column */
    jd_str       name, field;
    jd_wide_kind kind;
} known;

typedef struct columns {
    jd_arena *arena;
    JD_VEC(known) of;
} columns;

/* -- SQL ------------------------------------------------------------------------------------- */

/* 'text', whatever is in it. */
static void literal(jd_buf *b, jd_str s)
{
    jd_buf_addc(b, '\'');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '\'')
            jd_buf_addc(b, '\'');
        if (c >= 0x20 && c != '\\')
            jd_buf_addc(b, s.p[i]);
    }
    jd_buf_addc(b, '\'');
}

static const char *type_name(jd_dialect d, jd_wide_kind k)
{
    static const char *const names[2][JD_COL_DATE + 1] = {
        [JD_SQL_POSTGRESQL] = {[JD_COL_NUM]  = "double precision",
                               [JD_COL_TEXT] = "text",
                               [JD_COL_TIME] = "timestamptz",
                               [JD_COL_DATE] = "date"},
        [JD_SQL_SQLITE]     = {[JD_COL_NUM]  = "REAL",
                               [JD_COL_TEXT] = "TEXT",
                               [JD_COL_TIME] = "TEXT",
                               [JD_COL_DATE] = "TEXT"}};
    return names[d][jd_wide_type(k)];
}

/* A value as text; a number has none. */
static const char *text_of(jd_dialect d)
{
    return d == JD_SQL_SQLITE ? "coalesce(v.text_value, printf('%.15g', v.number_value))"
                              : "coalesce(v.text_value, v.number_value::text)";
}

static const char *value_of(jd_dialect d, jd_wide_kind k)
{
    switch (k) {
    case JD_WIDE_NUMBER:
        return "v.number_value";
    case JD_WIDE_DATE:
        return d == JD_SQL_SQLITE ? "substr(v.time_value, 1, 10)"
                                  : "(v.time_value AT TIME ZONE 'UTC')::date";
    case JD_WIDE_TIME:
        return "v.time_value";
    case JD_WIDE_USER:
        return "v.value_id";
    default:
        return text_of(d);
    }
}

/* What the column of one issue `i` holds. */
static void add_value(jd_buf *b, jd_dialect d, const known *c)
{
    static const char of[] = " FROM field_value AS v WHERE v.site_id = i.site_id AND v.issue_id ="
                             " i.id AND v.field_id = ";
    if (c->kind != JD_WIDE_LIST) {
        jd_buf_addf(b, "(SELECT %s%s", value_of(d, c->kind), of);
        literal(b, c->field);
        jd_buf_addz(b, " AND v.position = 0)");
    } else if (d == JD_SQL_SQLITE) {
        jd_buf_addf(b, "(SELECT group_concat(one, ', ') FROM (SELECT %s AS one%s", text_of(d), of);
        literal(b, c->field);
        jd_buf_addz(b, " ORDER BY v.position))");
    } else {
        jd_buf_addf(b, "(SELECT string_agg(%s, ', ' ORDER BY v.position)%s", text_of(d), of);
        literal(b, c->field);
        jd_buf_addz(b, ")");
    }
}

static void add_names(jd_buf *b, const columns *all, const char *before)
{
    for (size_t i = 0; i < all->of.n; i++)
        jd_buf_addf(b, "%s%s\"%.*s\"", i ? ", " : "", before, JD_FMT(all->of.v[i].name));
}

/* Of the site's issues ($1), or some of them: `only`. Rows that are as they should be stay. */
static jd_code fill_sql(jd_buf *b, jd_dialect d, const columns *all, const char *only, jd_err *e)
{
    jd_buf_addz(b, "INSERT INTO issue_wide AS t (site_id, issue_id, ");
    add_names(b, all, "");
    jd_buf_addz(b, ") SELECT i.site_id, i.id");
    for (size_t i = 0; i < all->of.n; i++) {
        jd_buf_addz(b, ", ");
        add_value(b, d, &all->of.v[i]);
    }
    jd_buf_addf(b,
                " FROM issue AS i WHERE i.site_id = $1%s ON CONFLICT (site_id, issue_id) DO UPDATE"
                " SET ",
                only);
    for (size_t i = 0; i < all->of.n; i++)
        jd_buf_addf(b, "%s\"%.*s\" = excluded.\"%.*s\"", i ? ", " : "", JD_FMT(all->of.v[i].name),
                    JD_FMT(all->of.v[i].name));
    jd_buf_addz(b, " WHERE (");
    add_names(b, all, "t.");
    jd_buf_addz(b, ") IS DISTINCT FROM (");
    add_names(b, all, "excluded.");
    jd_buf_addz(b, ")");
    return jd_buf_ok(b) ? JD_OK : jd_fail(e, JD_E_TOOBIG, "too many columns");
}

/* -- what there is --------------------------------------------------------------------------- */

static bool take_known(void *self, const jd_str *col)
{
    columns     *all = self;
    jd_wide_kind k   = jd_wide_kind_of(col[2]);
    if (k != JD_NWIDE && jd_wide_name_ok(col[0]))
        *jd_vec_add(&all->of) = (known){.name  = jd_arena_dup(all->arena, col[0]),
                                        .field = jd_arena_dup(all->arena, col[1]),
                                        .kind  = k};
    return true;
}

static jd_str number(jd_arena *a, int64_t v)
{
    return jd_arena_fmt(a, "%" PRId64, v);
}

/* Of the site, or (`others`) of all others. */
static jd_code read_known(const jd_wh_db *db, int64_t site, bool others, columns *out, jd_err *e)
{
    static const char mine[] =
        "SELECT name, field_id, kind FROM wide_column WHERE site_id = $1 ORDER BY name";
    static const char theirs[] =
        "SELECT name, field_id, kind FROM wide_column WHERE site_id <> $1 ORDER BY name";
    return db->ops->each(db->self, others ? theirs : mine, (jd_str[]){number(out->arena, site)}, 1,
                         take_known, out, e);
}

static const known *find(const columns *all, jd_str name)
{
    for (size_t i = 0; i < all->of.n; i++)
        if (jd_str_eq(all->of.v[i].name, name))
            return &all->of.v[i];
    return NULL;
}

jd_code jd_wh_wide_sql(const jd_wh_db *db, int64_t site, jd_arena *a, const char **out, jd_err *e)
{
    static const char *const some[]       = {[JD_SQL_POSTGRESQL] = " AND i.id = ANY($2::bigint[])",
                                             [JD_SQL_SQLITE] =
                                                 " AND i.id IN (SELECT value FROM json_each($2))"};
    JD_CLEANUP(jd_buf_release) jd_buf b   = JD_BUF_INIT(SQL_MAX);
    columns                           all = {.arena = a};
    jd_code                           rc  = read_known(db, site, false, &all, e);
    *out                                  = NULL;
    if (!rc && all.of.n)
        rc = fill_sql(&b, db->ops->dialect, &all, some[db->ops->dialect], e);
    if (!rc && all.of.n)
        *out = jd_arena_cstr(a, jd_buf_view(&b));
    jd_vec_release(&all.of);
    return rc;
}

jd_code jd_wh_wide_put(const jd_wh_db *db, const char *sql, const jd_wh_batch *batch, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b    = JD_BUF_INIT(IDS_MAX);
    bool                              lite = db->ops->dialect == JD_SQL_SQLITE;
    char                              site[24];
    for (size_t i = 0; i < batch->member.n && sql; i++)
        if (batch->member.v[i].how != JD_WH_JOINED)
            jd_buf_addf(&b, "%s%" PRIu64, b.n ? "," : lite ? "[" : "{", batch->member.v[i].id);
    if (!b.n)
        return JD_OK;
    jd_buf_addc(&b, lite ? ']' : '}');
    if (!jd_buf_ok(&b))
        return jd_fail(e, JD_E_TOOBIG, "a batch of too many issues");
    (void)snprintf(site, sizeof site, "%" PRId64, batch->site);
    return db->ops->run(db->self, sql, (jd_str[]){jd_str_of(site), jd_buf_view(&b)}, 2, e);
}

/* -- another choice of columns --------------------------------------------------------------- */

typedef struct setting {
    const jd_wh_db       *db;
    jd_str                site;
    jd_arena             *a;
    const jd_wide_column *column;
    size_t                n;
    columns               mine, theirs;
    jd_wide_done         *done;
} setting;

static const jd_wide_column *wanted(const setting *s, jd_str name)
{
    for (size_t i = 0; i < s->n; i++)
        if (jd_str_eq(s->column[i].name, name))
            return &s->column[i];
    return NULL;
}

static bool same(const known *is, const jd_wide_column *want)
{
    return is && want && is->kind == want->kind && jd_str_eq(is->field, want->field);
}

static bool differs(const setting *s)
{
    bool any = s->mine.of.n != s->n;
    for (size_t i = 0; i < s->n && !any; i++)
        any = !same(find(&s->mine, s->column[i].name), &s->column[i]);
    return any;
}

static jd_code run_text(const setting *s, jd_buf *b, jd_err *e)
{
    jd_code rc = s->db->ops->script(s->db->self, jd_buf_cstr(b), e);
    jd_buf_reset(b);
    return rc;
}

static jd_code check_types(const setting *s, jd_err *e)
{
    for (size_t i = 0; i < s->n; i++) {
        const jd_wide_column *c     = &s->column[i];
        const known          *other = find(&s->theirs, c->name);
        if (other && jd_wide_type(other->kind) != jd_wide_type(c->kind))
            return jd_fail(e, JD_E_CONFIG,
                           "%s: another site's %.*s is of kind %s, and this one's of kind %s: say "
                           "the kind, or give it another name",
                           c->where ? c->where : "columns", JD_FMT(c->name),
                           jd_wide_kind_name(other->kind), jd_wide_kind_name(c->kind));
    }
    return JD_OK;
}

/* A column that is none any more, or is one of another type, goes, unless another site has it. */
static jd_code drop_column(const setting *s, jd_buf *b, const known *is, jd_err *e)
{
    static const char     gone[] = "DELETE FROM wide_column WHERE site_id = $1 AND name = $2";
    const jd_wide_column *want   = wanted(s, is->name);
    if (same(is, want))
        return JD_OK;
    if (want)
        s->done->changed++;
    else
        s->done->dropped++;
    jd_code rc = s->db->ops->run(s->db->self, gone, (jd_str[]){s->site, is->name}, 2, e);
    if (rc)
        return rc;
    if (find(&s->theirs, is->name))
        jd_buf_addf(b, "UPDATE issue_wide SET \"%.*s\" = NULL WHERE site_id = %.*s",
                    JD_FMT(is->name), JD_FMT(s->site));
    else if (!want || jd_wide_type(is->kind) != jd_wide_type(want->kind))
        jd_buf_addf(b, "ALTER TABLE issue_wide DROP COLUMN \"%.*s\"", JD_FMT(is->name));
    else
        return JD_OK;
    rc = run_text(s, b, e);
    return rc ? jd_wrap(e, "columns: %.*s cannot be dropped", JD_FMT(is->name)) : JD_OK;
}

static jd_code add_column(const setting *s, jd_buf *b, const jd_wide_column *c, jd_err *e)
{
    static const char row[] = "INSERT INTO wide_column (site_id, name, field_id, kind, title) "
                              "VALUES ($1, $2, $3, $4, $5)";
    const known      *was = find(&s->mine, c->name), *other = find(&s->theirs, c->name);
    jd_dialect        d = s->db->ops->dialect;
    if (same(was, c))
        return JD_OK;
    s->done->added += !was;
    jd_code rc = JD_OK;
    if (!other && (!was || jd_wide_type(was->kind) != jd_wide_type(c->kind))) {
        jd_buf_addf(b, "ALTER TABLE issue_wide ADD COLUMN \"%.*s\" %s", JD_FMT(c->name),
                    type_name(d, c->kind));
        rc = run_text(s, b, e);
    }
    if (!rc && d == JD_SQL_POSTGRESQL) {
        jd_buf_addf(b, "COMMENT ON COLUMN issue_wide.\"%.*s\" IS ", JD_FMT(c->name));
        literal(b, jd_arena_fmt(s->a, "%.*s (%.*s), as a %s.", JD_FMT(c->title), JD_FMT(c->field),
                                jd_wide_kind_name(c->kind)));
        rc = run_text(s, b, e);
    }
    jd_str param[] = {s->site, c->name, c->field, jd_str_of(jd_wide_kind_name(c->kind)), c->title};
    return rc ? rc : s->db->ops->run(s->db->self, row, param, 5, e);
}

/* Everything of the site anew, out of field_value. */
static jd_code fill(const setting *s, jd_buf *b, jd_err *e)
{
    static const char none[] = "DELETE FROM issue_wide WHERE site_id = $1";
    columns           all    = {0};
    if (!s->n)
        return s->db->ops->run(s->db->self, none, &s->site, 1, e);
    for (size_t i = 0; i < s->n; i++)
        *jd_vec_add(&all.of) = (known){s->column[i].name, s->column[i].field, s->column[i].kind};
    jd_code rc = fill_sql(b, s->db->ops->dialect, &all, "", e);
    jd_vec_release(&all.of);
    return rc ? rc
              : s->db->ops->run(s->db->self, jd_arena_cstr(s->a, jd_buf_view(b)), &s->site, 1, e);
}

static jd_code change(setting *s, int64_t site, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b = JD_BUF_INIT(SQL_MAX);
    s->mine.of.n                        = 0; /* somebody may have been here before the lock */
    jd_code rc                          = read_known(s->db, site, false, &s->mine, e);
    if (!rc)
        rc = read_known(s->db, site, true, &s->theirs, e);
    if (!rc)
        rc = check_types(s, e);
    for (size_t i = 0; i < s->mine.of.n && !rc; i++)
        rc = drop_column(s, &b, &s->mine.of.v[i], e);
    for (size_t i = 0; i < s->n && !rc; i++)
        rc = add_column(s, &b, &s->column[i], e);
    return rc ? rc : fill(s, &b, e);
}

jd_code jd_wide_set(const jd_sink *sink, const jd_wide_column *column, size_t n, jd_wide_done *done,
                    jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a    = jd_arena_new(0);
    jd_wh_db                             db   = jd_warehouse_db(sink);
    int64_t                              site = jd_warehouse_site(sink);
    setting                              s    = {.db     = &db,
                                                 .site   = number(a, site),
                                                 .a      = a,
                                                 .column = column,
                                                 .n      = n,
                                                 .mine   = {.arena = a},
                                                 .theirs = {.arena = a},
                                                 .done   = done};
    *done                                     = (jd_wide_done){0};
    jd_code rc                                = read_known(&db, site, false, &s.mine, e);
    if (!rc && differs(&s)) {
        rc = db.ops->script(db.self, db.ops->txn, e);
        if (!rc) {
            rc = change(&s, site, e);
            if (!rc)
                rc = db.ops->script(db.self, "COMMIT", e);
            if (rc)
                db.ops->rollback(db.self);
        }
        if (!rc)
            rc = jd_warehouse_wide(sink, e);
    }
    jd_vec_release(&s.mine.of);
    jd_vec_release(&s.theirs.of);
    return rc;
}
