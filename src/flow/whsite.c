/* What the mirror knows beside issues (_site/) into the warehouse. */
#include "flow/whjob.h"
#include "jira/catalogue.h"
#include "sink/facts.h"
#include "sink/site.h"

#include <inttypes.h>

typedef struct site {
    jd_whjob *j;
    jd_arena *a; /* of one file, or of several that belong together */
} site;

/* What is wrong with a file is told of, and passed over. */
static jd_code pass_over(const site *s, jd_code rc, const jd_err *why, jd_err *e)
{
    if (rc == JD_E_DATA || rc == JD_E_TOOBIG) {
        jd_event(s->j->in->log, JD_WARN, "warehouse", "%s", why->msg);
        return JD_OK;
    }
    if (rc)
        *e = *why;
    return rc;
}

/* What is there of the file. */
static jd_code read_file(const site *s, const char *name, const jd_json **out, jd_err *e)
{
    jd_err  why = JD_ERR_NONE;
    jd_code rc  = jd_site_read(s->j->in->raw_dir, name, s->a, out, &why);
    if (rc)
        *out = NULL;
    return pass_over(s, rc, &why, e);
}

/* When it was read from Jira; what the state does not tell counts as read now. */
static jd_code read_when(const site *s, const char *fact, int64_t *out, jd_err *e)
{
    jd_str  text = JD_NOSTR;
    jd_code rc   = s->j->state ? jd_fact_get(s->j->state, s->a, fact, &text, e) : JD_OK;
    if (!jd_str_i64(text, out))
        *out = s->j->in->now_ms;
    return rc;
}

/* -- the site's ------------------------------------------------------------------------------ */

static jd_code one_list(void *self, jd_warehouse_take *take, void *to, jd_err *e)
{
    return take(to, self, e);
}

static jd_code put_catalogue(const site *s, jd_catalogue which, jd_table_id table, int64_t when,
                             jd_err *e)
{
    jd_warehouse_list list = {.table = table, .seen_ms = when};
    jd_arena_recycle(s->a);
    jd_code rc = read_file(s, jd_catalogue_name(which), &list.list, e);
    if (!rc && table == JD_T_field)
        rc = read_file(s, JD_SITE_NAMES, &list.names, e);
    return rc || !list.list ? rc : jd_warehouse_listed(&s->j->sink, one_list, &list, e);
}

static jd_code put_catalogues(const site *s, jd_err *e)
{
    static const jd_table_id table[JD_NCATALOGUE] = {
        [JD_CAT_FIELDS] = JD_T_field,           [JD_CAT_PROJECTS] = JD_T_project,
        [JD_CAT_STATUSES] = JD_T_status,        [JD_CAT_PRIORITIES] = JD_T_priority,
        [JD_CAT_RESOLUTIONS] = JD_T_resolution, [JD_CAT_ISSUE_TYPES] = JD_T_issue_type,
        [JD_CAT_LINK_TYPES] = JD_T_link_type};
    int64_t when;
    jd_code rc = read_when(s, JD_FACT_CATALOGUES, &when, e);
    for (int i = 0; i < JD_NCATALOGUE && !rc; i++)
        rc = put_catalogue(s, (jd_catalogue)i, table[i], when, e);
    return rc;
}

/* -- of projects ----------------------------------------------------------------------------- */

static const jd_json *part_of(const jd_json *all, uint64_t project, const char *part)
{
    for (jd_json_iter it = jd_json_walk(all); jd_json_next(&it);)
        if (jd_json_id(jd_json_get(it.value, "id")) == project)
            return jd_json_get(it.value, part);
    return NULL;
}

typedef struct parts {
    const site        *s;
    const char        *part, *fact;
    jd_table_id        table;
    const jd_json     *boards;
    jd_warehouse_take *take;
    void              *to;
    jd_code            taken;  /* how that ended */
    bool               broken; /* the file is */
} parts;

/* An entry of the file is a project's: {"id", "key", part: […]}. */
static jd_code one_entry(void *self, const jd_json *entry, jd_err *e)
{
    parts            *p       = self;
    uint64_t          project = jd_json_id(jd_json_get(entry, "id"));
    jd_warehouse_list one     = {.table   = p->table,
                                 .project = project,
                                 .list    = jd_json_get(entry, p->part),
                                 .boards  = part_of(p->boards, project, "boards")};
    if (!project || project > INT64_MAX || jd_json_kind(one.list) != JD_JSON_ARRAY)
        return JD_OK;
    const char *fact = jd_arena_fmt(p->s->a, "%s:%" PRIu64, p->fact, project).p;
    p->taken         = read_when(p->s, fact, &one.seen_ms, e);
    if (!p->taken)
        p->taken = p->take(p->to, &one, e);
    return p->taken;
}

static jd_code each_part(void *self, jd_warehouse_take *take, void *to, jd_err *e)
{
    parts *p   = self;
    p->take    = take;
    p->to      = to;
    p->taken   = JD_OK;
    jd_code rc = jd_site_each(p->s->j->in->raw_dir, p->part, one_entry, p, e);
    p->broken  = rc && !p->taken;
    return rc;
}

static jd_code put_part(const site *s, const char *part, jd_table_id table, const char *fact,
                        jd_err *e)
{
    parts   p   = {.s = s, .part = part, .fact = fact, .table = table};
    jd_err  why = JD_ERR_NONE;
    jd_code rc  = JD_OK;
    jd_arena_reset(s->a);
    if (table == JD_T_sprint)
        rc = read_file(s, "boards", &p.boards, e);
    if (rc)
        return rc;
    rc = jd_warehouse_listed(&s->j->sink, each_part, &p, &why);
    if (p.broken)
        return pass_over(s, rc, &why, e);
    if (rc)
        *e = why;
    return rc;
}

jd_code jd_whjob_site(jd_whjob *j, jd_err *e)
{
    site    s  = {.j = j, .a = jd_arena_new(0)};
    jd_code rc = put_catalogues(&s, e);
    if (!rc)
        rc = put_part(&s, "versions", JD_T_version, JD_FACT_PARTS, e);
    if (!rc)
        rc = put_part(&s, "components", JD_T_component, JD_FACT_PARTS, e);
    if (!rc)
        rc = put_part(&s, "boards", JD_T_board, JD_FACT_CATALOGUES, e);
    if (!rc)
        rc = put_part(&s, "sprints", JD_T_sprint, JD_FACT_CATALOGUES, e);
    jd_arena_free(s.a);
    return rc;
}
