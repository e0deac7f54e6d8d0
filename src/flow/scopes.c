#include "flow/scopes.h"

#include "flow/named.h"

#include <inttypes.h>

jd_code jd_wanted_wrong(const jd_wanted *want, jd_err *e)
{
    if (want->in_file && e->code == JD_E_USAGE)
        e->code = JD_E_CONFIG;
    return want->where ? jd_wrap(e, "%s", want->where) : e->code;
}

/* A project was there when it was looked up; so it is the type that is not. */
jd_code jd_wanted_refused(const jd_wanted *want, jd_err *e)
{
    return want->type_where ? jd_wrap(e, "%s", want->type_where) : jd_wanted_wrong(want, e);
}

static jd_code check_key(const jd_wanted *want, jd_err *e)
{
    if (want->jql || jd_is_project_key(jd_str_of(want->project)))
        return JD_OK;
    (void)jd_fail(e, JD_E_USAGE,
                  "'%s' is no project key: capital letters, digits and _ only, beginning with a "
                  "letter, as in HADOOP",
                  want->project);
    return jd_wanted_wrong(want, e);
}

jd_code jd_scopes_check(const jd_scrape_conf *conf, jd_err *e)
{
    jd_code rc = jd_named_check(conf->issue, conf->nissue, e);
    if (rc)
        return rc;
    bool dated = false;
    for (size_t i = 0; i < conf->nwant; i++)
        dated = dated || conf->want[i].since != JD_PAST || conf->want[i].window_ms;
    if (conf->nissue && (conf->start_over || conf->census || dated))
        return jd_fail(e, JD_E_USAGE,
                       "--issue fetches these issues and no more: it does not go together with "
                       "--start-over, --census or --start-date");
    if (conf->nwant == 0)
        return jd_fail(e, JD_E_USAGE, "no project: name one with --projects, or give --jql");
    for (size_t i = 0; i < conf->nwant && !rc; i++)
        rc = check_key(&conf->want[i], e);
    return rc;
}

static bool is_there(const jd_resolved *r, const jd_scope *scope)
{
    for (size_t i = 0; i < r->n; i++)
        if (jd_str_eq(r->scope[i].name, scope->name))
            return true;
    return false;
}

static const jd_scope *project_of(const jd_resolved *r, uint64_t id)
{
    for (size_t i = 0; i < r->nproject; i++)
        if (r->project[i].project_id == id)
            return &r->project[i];
    return NULL;
}

/* Who was followed under this key: the project of that id (0: none) if it was, else another. */
static const jd_followed *followed_as(const jd_known *known, jd_str key, uint64_t id)
{
    const jd_followed *other = NULL;
    for (size_t i = 0; i < known->n; i++)
        if (jd_str_eq(known->v[i].key, key) && (!other || known->v[i].id == id))
            other = &known->v[i];
    return other;
}

static jd_code by_id(jd_jira *j, jd_arena *a, uint64_t id, jd_project *out, jd_err *e)
{
    return jd_jira_project(j, a, jd_arena_fmt(a, "%" PRIu64, id), out, e);
}

/* The project of a key, or whom the mirror knows by it: keys change, and may become another's.
 * JD_E_NOTFOUND with out->id: it was mirrored, and is not there any more. */
static jd_code look_up(jd_jira *j, const jd_known *known, jd_arena *a, jd_str key,
                       jd_notes *warning, jd_project *out, jd_err *e)
{
    jd_err             why = JD_ERR_NONE;
    jd_project         now;
    jd_code            rc  = jd_jira_project(j, a, key, out, e);
    const jd_followed *was = followed_as(known, key, rc ? 0 : out->id);
    if (rc == JD_E_NOTFOUND && was) {
        rc   = by_id(j, a, was->id, out, &why);
        *out = rc ? (jd_project){.id = was->id, .key = key} : *out;
        if (rc && rc != JD_E_NOTFOUND)
            *e = why;
        return rc;
    }
    if (!rc && was && was->id != out->id && !by_id(j, a, was->id, &now, &why))
        jd_note(warning,
                jd_arena_fmt(a,
                             "%.*s is another project's key now (%.*s): the one that was mirrored "
                             "under it is %.*s; name that, too, to go on with it",
                             JD_FMT(key), JD_FMT(out->name), JD_FMT(now.key))
                    .p);
    return rc;
}

static jd_code resolve(const jd_wanted *want, jd_jira *j, jd_str site, const jd_known *known,
                       jd_arena *a, jd_notes *warning, jd_resolved *r, jd_scope *out,
                       const jd_err **lost, jd_err *e)
{
    jd_project project = {0};
    jd_err     why     = JD_ERR_NONE;
    if (want->jql) {
        jd_code rc = jd_scope_jql(a, site, jd_str_of(want->jql), out, e);
        if (!rc && want->label)
            out->label = jd_str_of(want->label);
        return rc ? jd_wanted_wrong(want, e) : JD_OK;
    }
    jd_code rc = look_up(j, known, a, jd_str_of(want->project), warning, &project, &why);
    if (rc) {
        jd_err *kept = JD_NEW(a, jd_err);
        if (rc == JD_E_NOTFOUND)
            (void)jd_wanted_wrong(want, &why);
        *kept = *e = why;
        if (rc != JD_E_NOTFOUND || !project.id)
            return rc;
        *lost = kept;
    }
    *out       = jd_scope_project(a, site, project.key, project.id);
    out->about = project.doc;
    if (!*lost && !project_of(r, project.id))
        r->project[r->nproject++] = *out;
    if (want->type)
        *out = jd_scope_type(a, site, project.key, project.id, jd_str_of(want->type));
    return JD_OK;
}

jd_code jd_scopes_resolve(const jd_scrape_conf *conf, jd_jira *j, jd_str site,
                          const jd_known *known, jd_arena *a, jd_notes *warning, jd_resolved *out,
                          jd_err *e)
{
    *out = (jd_resolved){.scope   = JD_NEW_ARRAY(a, jd_scope, conf->nwant),
                         .want    = JD_NEW_ARRAY(a, const jd_wanted *, conf->nwant),
                         .lost    = JD_NEW_ARRAY(a, const jd_err *, conf->nwant),
                         .project = JD_NEW_ARRAY(a, jd_scope, conf->nwant)};
    for (size_t i = 0; i < conf->nwant; i++) {
        jd_scope      *scope = &out->scope[out->n];
        const jd_err **lost  = &out->lost[out->n];
        *lost                = NULL;
        jd_code rc = resolve(&conf->want[i], j, site, known, a, warning, out, scope, lost, e);
        if (rc)
            return rc;
        if (conf->want[i].fields.n)
            jd_scope_choose(a, scope, conf->want[i].fields);
        if (!is_there(out, scope))
            out->want[out->n++] = &conf->want[i];
    }
    return JD_OK;
}
