#include "flow/report.h"

#include "chart/scale.h"
#include "sink/wh_migrate.h"
#include "sink/wh_part.h"
#include "text/date.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAYS = 364, PARAMS = 4, KEY_MAX = 256, DAYS_MOST = 40000, NAMED = 12 };
#define DAY_MS 86400000
#define WEEK   (7 * (int64_t)DAY_MS)

typedef struct job {
    const jd_report_ask *ask;
    jd_arena            *arena;
    jd_report           *out;
    jd_wh_db             db;
    bool                 project;                   /* one is meant, not all */
    char                 text[PARAMS][JD_TIME_MAX]; /* what the questions get: */
    jd_str               param[PARAMS];             /* period, site, project */
    jd_report_week      *week;                      /* the report's */
    JD_VEC(jd_report_day) day;                      /* what becomes the report's: */
    JD_VEC(jd_report_cycle) cycle;
    JD_VEC(jd_report_open) open;
    JD_VEC(double) lead;
} job;

/* A question, and the same about one project. */
typedef const char *const question[2];
/* About the period: */
#define IN_PERIOD(select, rest)                                              \
    {                                                                        \
        select rest, select " AND o.site_id = $3 AND o.project_id = $4" rest \
    }
/* About now: */
#define AS_OF_NOW(select, rest)                                                \
    {                                                                          \
        select rest, select " WHERE o.site_id = $1 AND o.project_id = $2" rest \
    }

static jd_code in_period(job *j, question q, jd_wh_row_fn *row, void *self, jd_err *e)
{
    return j->db.ops->each(j->db.self, q[j->project], j->param, j->project ? 4 : 2, row, self, e);
}

static jd_code as_of_now(job *j, question q, jd_wh_row_fn *row, void *self, jd_err *e)
{
    return j->db.ops->each(j->db.self, q[j->project], j->param + 2, j->project ? 2 : 0, row, self,
                           e);
}

static int64_t number(jd_str s)
{
    int64_t n;
    return jd_str_i64(s, &n) ? n : 0;
}

static int64_t day_of(int64_t ms)
{
    return jd_floor_ms(ms, DAY_MS);
}

/* -- which project --------------------------------------------------------------------------- */

typedef struct found {
    job   *j;
    size_t n;
    jd_buf names; /* of what is there, when it is not found; of its sites, when there are several */
} found;

static bool take_project(void *self, const jd_str *col)
{
    found *f = self;
    if (f->n++ == 0) {
        (void)snprintf(f->j->text[2], JD_TIME_MAX, "%.*s", JD_FMT(col[0]));
        (void)snprintf(f->j->text[3], JD_TIME_MAX, "%.*s", JD_FMT(col[1]));
        f->j->out->title = jd_str_eq(col[2], col[3]) ? jd_arena_dup(f->j->arena, col[2])
                                                     : jd_arena_fmt(f->j->arena, "%.*s (%.*s)",
                                                                    JD_FMT(col[3]), JD_FMT(col[2]));
        f->j->out->site  = jd_arena_dup(f->j->arena, col[4]);
    }
    if (f->names.n)
        jd_buf_addz(&f->names, ", ");
    jd_buf_adds(&f->names, col[4]);
    return f->n < NAMED;
}

static bool take_name(void *self, const jd_str *col)
{
    found *f = self;
    if (f->n == NAMED) {
        jd_buf_addz(&f->names, ", …");
        return false;
    }
    if (f->n++)
        jd_buf_addz(&f->names, ", ");
    jd_buf_adds(&f->names, col[0]);
    return true;
}

static jd_code no_project(job *j, jd_str key, found *f, jd_err *e)
{
    static const char sql[] =
        "SELECT DISTINCT p.key FROM project AS p JOIN issue AS i ON i.site_id = p.site_id AND"
        " i.project_id = p.id WHERE p.key IS NOT NULL ORDER BY p.key";
    f->n       = 0;
    jd_code rc = j->db.ops->each(j->db.self, sql, NULL, 0, take_name, f, e);
    if (rc)
        return rc;
    return jd_fail(e, JD_E_NOTFOUND, "the warehouse has no project '%.*s'%s%s%s%.*s", JD_FMT(key),
                   j->ask->site ? " of " : "", j->ask->site ? j->ask->site : "",
                   f->names.n ? "; it has " : "", JD_FMT(jd_buf_view(&f->names)));
}

/* People write keys in small letters, as Jira lets them. */
static jd_str upper(jd_arena *a, const char *word)
{
    char *key = jd_arena_cstr(a, jd_str_of(word));
    for (char *p = key; *p; p++)
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    return jd_str_of(key);
}

static jd_code find_project(job *j, jd_err *e)
{
    static const char sql[] =
        "SELECT p.site_id, p.id, p.key, coalesce(p.name, p.key), w.name FROM project AS p JOIN"
        " site AS w ON w.id = p.site_id WHERE p.key = $1 ORDER BY w.name";
    static const char at_site[] =
        "SELECT p.site_id, p.id, p.key, coalesce(p.name, p.key), w.name FROM project AS p JOIN"
        " site AS w ON w.id = p.site_id WHERE p.key = $1 AND w.name = $2";
    found   f     = {.j = j, .names = JD_BUF_INIT(1 << 16)};
    jd_str  key   = upper(j->arena, j->ask->project);
    jd_str  par[] = {key, jd_str_of(j->ask->site)};
    bool    site  = j->ask->site;
    jd_code rc =
        j->db.ops->each(j->db.self, site ? at_site : sql, par, site ? 2 : 1, take_project, &f, e);
    if (!rc && f.n == 0)
        rc = no_project(j, key, &f, e);
    else if (!rc && f.n > 1)
        rc = jd_fail(e, JD_E_USAGE, "project %.*s is on several sites: say --site with one of %.*s",
                     JD_FMT(key), JD_FMT(jd_buf_view(&f.names)));
    jd_buf_release(&f.names);
    j->project  = !rc;
    j->param[2] = jd_str_of(j->text[2]);
    j->param[3] = jd_str_of(j->text[3]);
    return rc;
}

static jd_code all_projects(job *j, jd_err *e)
{
    static const char sql[] = "SELECT name FROM site ORDER BY name";
    found             f     = {.j = j, .names = JD_BUF_INIT(1 << 16)};
    jd_code           rc    = j->db.ops->each(j->db.self, sql, NULL, 0, take_name, &f, e);
    j->out->title           = JD_STR("All projects");
    j->out->site            = jd_arena_dup(j->arena, jd_buf_view(&f.names));
    jd_buf_release(&f.names);
    return rc;
}

/* -- which period ---------------------------------------------------------------------------- */

typedef struct held {
    int64_t issues, updated;
} held;

static bool take_held(void *self, const jd_str *col)
{
    held *h    = self;
    h->issues  = number(col[0]);
    h->updated = col[1].p ? jd_wh_time_of(col[1]) : JD_NO_TIME;
    return false;
}

static jd_code set_period(job *j, jd_err *e)
{
    static question sql   = AS_OF_NOW("SELECT count(*), max(o.updated) FROM issue AS o", "");
    held            h     = {0, JD_NO_TIME};
    int64_t         today = day_of(j->ask->now_ms);
    jd_code         rc    = as_of_now(j, sql, take_held, &h, e);
    if (rc)
        return rc;
    int64_t last =
        h.updated == JD_NO_TIME || h.updated > j->ask->now_ms ? today : day_of(h.updated);
    j->out->issues = (uint64_t)h.issues;
    j->out->to     = (j->ask->to == JD_NO_TIME ? last : day_of(j->ask->to)) + DAY_MS;
    j->out->from =
        j->ask->from == JD_NO_TIME ? j->out->to - DAYS * (int64_t)DAY_MS : day_of(j->ask->from);
    if (j->out->from >= j->out->to)
        return jd_fail(e, JD_E_USAGE, "the period begins after its end: check --from and --to");
    if (j->out->to - j->out->from > DAYS_MOST * (int64_t)DAY_MS)
        return jd_fail(e, JD_E_USAGE, "the period is longer than a century: check --from and --to");
    j->param[0] = jd_str_of(jd_time_day(j->out->from, j->text[0]));
    j->param[1] = jd_str_of(jd_time_day(j->out->to, j->text[1]));
    return JD_OK;
}

/* -- the views ------------------------------------------------------------------------------- */

static void lay_out_weeks(job *j)
{
    int64_t monday = day_of(j->out->from);
    monday -= ((monday / DAY_MS + 3) % 7 + 7) % 7 * DAY_MS; /* 1969-12-29 was one */
    j->out->nweek = (size_t)((j->out->to - monday + WEEK - 1) / WEEK);
    j->out->week = j->week = JD_NEW_ARRAY(j->arena, jd_report_week, j->out->nweek);
    for (size_t i = 0; i < j->out->nweek; i++)
        j->week[i].day = monday + (int64_t)i * WEEK;
}

static jd_stand stand_of(jd_str category)
{
    return jd_str_is(category, "done")            ? JD_STAND_DONE
           : jd_str_is(category, "indeterminate") ? JD_STAND_DOING
           : jd_str_is(category, "new")           ? JD_STAND_TODO
                                                  : JD_STAND_OTHER;
}

static bool take_created(void *self, const jd_str *col)
{
    job *j          = self;
    j->out->created = (uint64_t)number(col[0]);
    return false;
}

static bool take_reopened(void *self, const jd_str *col)
{
    job *j           = self;
    j->out->reopened = (uint64_t)number(col[0]);
    return false;
}

static bool take_week(void *self, const jd_str *col)
{
    job    *j = self;
    int64_t day;
    if (!jd_date_parse(col[0], &day) || day < j->week[0].day)
        return true;
    size_t i = (size_t)((day - j->week[0].day) / WEEK);
    if (i < j->out->nweek)
        j->week[i].n += (uint64_t)number(col[1]);
    j->out->resolved += (uint64_t)number(col[1]);
    return true;
}

static bool take_day(void *self, const jd_str *col)
{
    job    *j = self;
    int64_t day, n = number(col[2]);
    if (!jd_date_parse(col[0], &day))
        return true;
    if (!j->day.n || j->day.v[j->day.n - 1].day != day)
        *jd_vec_add(&j->day) = (jd_report_day){.day = day};
    j->day.v[j->day.n - 1].n[stand_of(col[1])] += n > 0 ? (uint64_t)n : 0;
    return true;
}

static bool take_cycle(void *self, const jd_str *col)
{
    job *j                 = self;
    *jd_vec_add(&j->cycle) = (jd_report_cycle){.finished = jd_wh_time_of(col[0]),
                                               .seconds  = (double)number(col[1]),
                                               .key      = jd_arena_dup(j->arena, col[2]),
                                               .type     = jd_arena_dup(j->arena, col[3])};
    return true;
}

/* Only the oldest are named. */
static bool take_open(void *self, const jd_str *col)
{
    job            *j = self;
    jd_report_open *r = jd_vec_add(&j->open);
    *r = (jd_report_open){.seconds = (double)number(col[0]), .stand = stand_of(col[1])};
    if (j->open.n > JD_REPORT_OLDEST)
        return true;
    r->key     = jd_arena_dup(j->arena, col[2]);
    r->summary = jd_arena_dup(j->arena, col[3]);
    r->status  = jd_arena_dup(j->arena, col[4]);
    return true;
}

static bool take_lead(void *self, const jd_str *col)
{
    job *j                = self;
    *jd_vec_add(&j->lead) = (double)number(col[0]);
    return true;
}

/* What is asked, of the period or of now, and who takes the rows (of the job). */
static const struct {
    jd_code (*ask)(job *j, question q, jd_wh_row_fn *row, void *self, jd_err *e);
    jd_wh_row_fn *take;
    question      sql;
} reads[] = {
    {in_period, take_created,
     IN_PERIOD("SELECT count(*) FROM issue AS o WHERE o.created >= $1 AND o.created < $2", "")},
    {in_period, take_reopened,
     IN_PERIOD("SELECT count(*) FROM reopened AS o WHERE o.reopened >= $1 AND o.reopened < $2",
               "")},
    {in_period, take_week,
     IN_PERIOD("SELECT o.week, sum(o.resolved) FROM throughput AS o WHERE o.day >= $1 AND o.day <"
               " $2",
               " GROUP BY o.week ORDER BY o.week")},
    {in_period, take_day,
     IN_PERIOD("SELECT o.day, coalesce(o.status_category, ''), sum(o.issues) FROM"
               " cumulative_flow AS o WHERE o.day >= $1 AND o.day < $2",
               " GROUP BY o.day, o.status_category ORDER BY o.day")},
    {in_period, take_cycle,
     IN_PERIOD("SELECT o.finished, CAST(o.seconds AS bigint), o.issue_key, coalesce(o.issue_type,"
               " '') FROM cycle_time AS o WHERE o.seconds IS NOT NULL AND o.finished >= $1 AND"
               " o.finished < $2",
               " ORDER BY o.finished, o.issue_key")},
    {as_of_now, take_open,
     AS_OF_NOW("SELECT CAST(o.seconds AS bigint), coalesce(o.status_category, ''), o.issue_key,"
               " coalesce(i.summary, ''), coalesce(o.status, '') FROM open_age AS o JOIN issue AS"
               " i ON i.site_id = o.site_id AND i.id = o.issue_id",
               " ORDER BY o.seconds DESC, o.issue_key")},
    {in_period, take_lead,
     IN_PERIOD("SELECT CAST(o.seconds AS bigint) FROM lead_time AS o WHERE o.resolved >= $1 AND"
               " o.resolved < $2",
               " ORDER BY o.seconds")},
};

static void *kept(jd_arena *a, const void *v, size_t n, size_t size)
{
    char *out = jd_arena_zarray(a, n + 1, size);
    if (n)
        memcpy(out, v, n * size);
    return out;
}

static void keep_all(job *j)
{
    j->out->nday   = j->day.n;
    j->out->day    = kept(j->arena, j->day.v, j->day.n, sizeof *j->day.v);
    j->out->ncycle = j->cycle.n;
    j->out->cycle  = kept(j->arena, j->cycle.v, j->cycle.n, sizeof *j->cycle.v);
    j->out->nopen  = j->open.n;
    j->out->open   = kept(j->arena, j->open.v, j->open.n, sizeof *j->open.v);
    j->out->lead   = j->lead.n ? jd_percentile(j->lead.v, j->lead.n, 0.5) : -1;
    jd_vec_release(&j->day);
    jd_vec_release(&j->cycle);
    jd_vec_release(&j->open);
    jd_vec_release(&j->lead);
}

static jd_code read_all(job *j, jd_err *e)
{
    jd_code rc = j->ask->project ? find_project(j, e) : all_projects(j, e);
    if (!rc)
        rc = set_period(j, e);
    if (!rc)
        lay_out_weeks(j);
    for (size_t i = 0; i < sizeof reads / sizeof *reads && !rc; i++)
        rc = reads[i].ask(j, reads[i].sql, reads[i].take, j, e);
    keep_all(j);
    return rc;
}

jd_code jd_report_read(const jd_report_ask *in, jd_arena *a, jd_report *out, jd_err *e)
{
    static const char *const begin[] = {[JD_SQL_POSTGRESQL] =
                                            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                                        [JD_SQL_SQLITE] = "BEGIN"};
    job                      j       = {.ask = in, .arena = a, .out = out};
    *out                             = (jd_report){.made = in->now_ms, .lead = -1};
    jd_code rc                       = jd_wh_open(in->url, in->program, false, false, &j.db, e);
    if (rc)
        return rc;
    rc = jd_wh_check(&j.db, e);
    if (!rc)
        rc = j.db.ops->script(j.db.self, begin[j.db.ops->dialect], e);
    if (!rc)
        rc = read_all(&j, e);
    if (!rc)
        rc = j.db.ops->script(j.db.self, "COMMIT", e);
    j.db.ops->close(j.db.self);
    return rc;
}
