#include "flow/scopes.h"

#include "flow/named.h"

#include <inttypes.h>

jd_code jd_scopes_check(const jd_scrape_conf *conf, jd_err *e)
{
    jd_code rc = jd_named_check(conf->issue, conf->nissue, e);
    if (rc)
        return rc;
    if (conf->nissue && (conf->start_over || conf->census || conf->since != JD_PAST))
        return jd_fail(e, JD_E_USAGE,
                       "--issue fetches these issues and no more: it does not go together with "
                       "--start-over, --census or --start-date");
    if (conf->jql)
        return JD_OK;
    if (conf->nproject == 0)
        return jd_fail(e, JD_E_USAGE, "no project: name one with --projects, or give --jql");
    for (size_t i = 0; i < conf->nproject; i++)
        if (!jd_is_project_key(jd_str_of(conf->project[i])))
            return jd_fail(
                e, JD_E_USAGE,
                "--projects: '%s' is no project key: capital letters, digits and _ only, "
                "beginning with a letter, as in HADOOP",
                conf->project[i]);
    return JD_OK;
}

static bool scope_known(const jd_scope *scope, size_t n, uint64_t project_id)
{
    for (size_t i = 0; i < n; i++)
        if (scope[i].project_id == project_id)
            return true;
    return false;
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

/* The project of a key, or whom the mirror knows by it: keys change, and may become another's. */
static jd_code look_up(jd_jira *j, const jd_known *known, jd_arena *a, jd_str key,
                       jd_notes *warning, jd_project *out, jd_err *e)
{
    jd_err             why = JD_ERR_NONE;
    jd_project         now;
    jd_code            rc  = jd_jira_project(j, a, key, out, e);
    const jd_followed *was = followed_as(known, key, rc ? 0 : out->id);
    if (rc == JD_E_NOTFOUND && was && !by_id(j, a, was->id, out, &why))
        return JD_OK;
    if (!rc && was && was->id != out->id && !by_id(j, a, was->id, &now, &why))
        jd_note(warning,
                jd_arena_fmt(a,
                             "%.*s is another project's key now (%.*s): the one that was mirrored "
                             "under it is %.*s; name that, too, to go on with it",
                             JD_FMT(key), JD_FMT(out->name), JD_FMT(now.key))
                    .p);
    return rc;
}

jd_code jd_scopes_resolve(const jd_scrape_conf *conf, jd_jira *j, jd_str site,
                          const jd_known *known, jd_arena *a, jd_notes *warning, jd_scope **out,
                          size_t *n, jd_err *e)
{
    *n   = 0;
    *out = JD_NEW_ARRAY(a, jd_scope, conf->nproject + 1);
    if (conf->jql) {
        *n = 1;
        return jd_scope_jql(a, site, jd_str_of(conf->jql), &(*out)[0], e);
    }
    for (size_t i = 0; i < conf->nproject; i++) {
        jd_project project;
        jd_code    rc = look_up(j, known, a, jd_str_of(conf->project[i]), warning, &project, e);
        if (rc)
            return rc;
        if (scope_known(*out, *n, project.id))
            continue;
        (*out)[*n]       = jd_scope_project(a, site, project.key, project.id);
        (*out)[*n].about = project.doc;
        (*n)++;
    }
    return JD_OK;
}
